//! The team's rules of handing over: where it is filed, in which words, and when Herald reminds (H80–H82).

use std::collections::BTreeMap;

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

/// How a shift is handed over.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HandoverRules {
    /// The project that handovers are filed in, as id or path; empty where they are not filed.
    pub project: String,
    /// Labels of the issue; each must exist.
    pub labels: Vec<String>,
    /// The title. Fields: `{date}`, `{from}`, `{to}`, `{role}`.
    pub title: String,
    /// The whole text. Fields: those of the title, and every section by its name.
    pub text: String,
    /// What stands in place of all sections when nothing happened.
    pub nothing: String,
    /// How each section is written.
    pub sections: BTreeMap<SectionName, SectionRules>,
    /// Minutes between two reminders of a missing handover.
    pub remind_min: u32,
    /// Minutes between two on-call entries that still are one shift.
    pub gap_min: u32,
    /// Minutes before the end from which on a handover counts as that of the whole shift.
    pub early_min: u32,
    /// Hours on one incident after which a handover is suggested (H82).
    pub long_h: u32,
    /// Hours that a shift is kept at hand after it was handed over.
    pub keep_h: u32,
    /// What is typed in the support channel to call a briefing when an incident needs more than a note (H81).
    #[serde(default)]
    pub briefing: String,
}

/// The parts of a handover.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SectionName {
    /// Incidents that go on.
    Running,
    /// Incidents that ended in the shift.
    Ended,
    /// Pages of the shift.
    Pages,
    /// What is left to do.
    Tasks,
    /// Contact requests (H70).
    Contacts,
    /// Maintenance ahead or going on (H60).
    Maintenance,
    /// How the shift stands against its targets (H90).
    Kpis,
    /// The user's own words.
    Notes,
}

impl SectionName {
    /// All of them, in their usual order.
    pub const ALL: [Self; 8] = [
        Self::Running,
        Self::Ended,
        Self::Pages,
        Self::Tasks,
        Self::Contacts,
        Self::Maintenance,
        Self::Kpis,
        Self::Notes,
    ];

    /// Its name in the playbook.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Ended => "ended",
            Self::Pages => "pages",
            Self::Tasks => "tasks",
            Self::Contacts => "contacts",
            Self::Maintenance => "maintenance",
            Self::Kpis => "kpis",
            Self::Notes => "notes",
        }
    }

    /// The fields that each of its items has.
    #[must_use]
    pub fn fields(self) -> &'static [&'static str] {
        match self {
            Self::Running => &[
                "title", "severity", "phase", "since", "last", "last_at", "due", "promised", "im", "eoc", "issue",
                "post", "call", "channel",
            ],
            Self::Ended => &["number", "title", "from", "to", "issue"],
            Self::Pages => &["number", "title", "triggered", "taken"],
            Self::Tasks | Self::Kpis | Self::Notes => &["text"],
            Self::Contacts => &["what", "by", "owner", "state", "ticket", "asked"],
            Self::Maintenance => &["title", "starts", "ends", "state", "issue"],
        }
    }
}

/// How one section is written. A line of an item that has an empty field is left out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SectionRules {
    /// Its heading; `{count}` is the number of its items.
    pub heading: String,
    /// One item.
    pub item: String,
    /// What it says when it has no item; left out when empty.
    #[serde(default)]
    pub none: String,
}

/// The fields of title and text beside the sections.
pub const FIELDS: [&str; 4] = ["date", "from", "to", "role"];

impl HandoverRules {
    /// How far two on-call entries may be apart.
    #[must_use]
    pub fn gap(&self) -> TimeDelta {
        TimeDelta::minutes(self.gap_min.into())
    }

    /// The time between two reminders.
    #[must_use]
    pub fn remind(&self) -> TimeDelta {
        TimeDelta::minutes(self.remind_min.into())
    }

    /// How long one incident may take before a handover is suggested (H82).
    #[must_use]
    pub fn long(&self) -> TimeDelta {
        TimeDelta::hours(self.long_h.into())
    }

    /// Every breach of a rule that the types cannot express, as `(key, what is allowed)`.
    #[must_use]
    pub fn faults(&self) -> Vec<(String, String)> {
        let mut faults = vec![];
        for (key, value, low, high) in [
            ("remind_min", self.remind_min, 1, 1440),
            ("gap_min", self.gap_min, 0, 120),
            ("early_min", self.early_min, 0, 1440),
            ("long_h", self.long_h, 1, 24),
            ("keep_h", self.keep_h, 1, 720),
        ] {
            if !(low..=high).contains(&value) {
                faults.push((format!("handover.{key}"), format!("is {value}; allowed is {low} to {high}")));
            }
        }
        let mut check = |key: String, text: &str, known: &[&str]| {
            for field in fields_of(text).into_iter().filter(|field| !known.contains(field)) {
                let known = known.join("}, {");
                faults.push((key.clone(), format!("has no field {{{field}}}; there are {{{known}}}")));
            }
        };
        check("handover.title".into(), &self.title, &FIELDS);
        let sections: Vec<&str> = SectionName::ALL.iter().map(|name| name.key()).chain(FIELDS).collect();
        check("handover.text".into(), &self.text, &sections);
        for (name, rules) in &self.sections {
            check(format!("handover.sections.{}.heading", name.key()), &rules.heading, &["count"]);
            check(format!("handover.sections.{}.item", name.key()), &rules.item, name.fields());
        }
        for name in SectionName::ALL.into_iter().filter(|name| !self.sections.contains_key(name)) {
            faults.push((format!("handover.sections.{}", name.key()), "is missing".into()));
        }
        faults
    }
}

/// The names between braces.
fn fields_of(text: &str) -> Vec<&str> {
    let after = text.split('{').skip(1);
    after.filter_map(|rest| rest.split_once('}')).map(|(name, _)| name).collect()
}
