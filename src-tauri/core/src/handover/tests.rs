//! Tests of the handover.

use std::collections::BTreeMap;

use crate::playbook::handover::{HandoverRules, SectionName, SectionRules};

/// Rules in the shape of the default.
pub(crate) fn rules() -> HandoverRules {
    let section = |name: SectionName| {
        let item = match name {
            SectionName::Running => {
                "- **{severity} {title}**\n  - {phase}, told at {last_at}: “{last}”\n  - Next due {due}{promised}\n  - IM: {im}\n  - Issue: {issue}"
            }
            SectionName::Ended => "- {number} {title}, {from} to {to}",
            SectionName::Pages => "- {number} {title}: {triggered}, {taken}",
            SectionName::Contacts => "- {what}, {by}: {state}\n  - Owner: {owner}",
            SectionName::Maintenance => "- {title}: {starts} to {ends}, {state}",
            SectionName::Tasks => "- [ ] {text}",
            SectionName::Kpis | SectionName::Notes => "{text}",
        };
        let none = if name == SectionName::Running { "Nothing runs." } else { "" };
        (name, SectionRules { heading: format!("### {}: {{count}}", name.key()), item: item.into(), none: none.into() })
    };
    let sections: BTreeMap<SectionName, SectionRules> = SectionName::ALL.into_iter().map(section).collect();
    let all: Vec<String> = SectionName::ALL.iter().map(|name| format!("{{{}}}", name.key())).collect();
    HandoverRules {
        project: "support/handover".into(),
        labels: vec![],
        title: "Handover {date}, {from} to {to} UTC".into(),
        text: format!("**{{role}}, {{date}}, {{from}} to {{to}}**\n\n{}", all.join("\n\n")),
        nothing: "A quiet shift.".into(),
        sections,
        remind_min: 15,
        gap_min: 10,
        early_min: 60,
        long_h: 3,
        keep_h: 24,
    }
}
