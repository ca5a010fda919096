//! What the window shows of the composer of an incident's next update: the text, what is wrong with it, and where it goes.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::Time;
use crate::cadence;
use crate::command::{Command, Refusal, allowed};
use crate::draft::{Broadcast, Review, Text};
use crate::feed::Update;
use crate::incident::{Incident, IncidentId, IncidentWish};
use crate::phase::Phase;
use crate::post::lint::{self, Lint};
use crate::post::template::{self, Fields};
use crate::post::transition::{self, Prefilled, Step};
use crate::post::weigh::{self, Cut, Meters};
use crate::post::{Published, promise};
use crate::stage::Reading;
use crate::state::State;

/// The composer of one incident's next update.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct Compose {
    /// The draft, or what it starts from.
    pub text: Text,
    /// When it was saved last; absent before anything was typed.
    pub saved_at: Option<Time>,
    /// The review that was asked for (H43).
    pub review: Option<Review>,
    /// What it does to the incident.
    pub step: Step,
    /// The three lengths.
    pub meters: Meters,
    /// What readers see where posts are cut.
    pub cut: Cut,
    /// What is wrong with it, the gravest first.
    pub lints: Vec<LintView>,
    /// What each phase would start from, in the order of the phases.
    pub phases: Vec<Prefilled>,
    /// The promise that its words make.
    pub promise: Option<promise::Found>,
    /// The templates, filled.
    pub templates: Vec<TemplateView>,
    /// What is said to the incident manager before publishing (H43).
    pub intend: String,
    /// How it goes out.
    pub outlet: Outlet,
}

/// One finding, and the text as it would be put right.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct LintView {
    /// What was found.
    #[serde(flatten)]
    pub lint: Lint,
    /// The text with the fix applied.
    pub fixed: Option<Text>,
}

/// A template, filled for one incident.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct TemplateView {
    /// Its id in the playbook.
    pub id: String,
    /// What it is called.
    pub name: String,
    /// Templates of one family are told apart by it.
    pub family: Option<String>,
    /// The phase it is for; for any when absent.
    pub phase: Option<Phase>,
    /// What goes into the composer.
    pub text: String,
    /// Whether the user saved it.
    pub own: bool,
}

/// How an update goes out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct Outlet {
    /// Why Herald does not publish it itself; absent when it may.
    pub refusal: Option<Refusal>,
    /// The refusal in words.
    pub why_not: Option<String>,
    /// The status page: its address for people.
    pub public_url: Option<String>,
    /// What runs it: "Status.io".
    pub service: Option<String>,
    /// The channels that would tell subscribers.
    pub channels: Vec<Broadcast>,
    /// Minutes until the update after it, by promise or cadence; absent after Resolved.
    pub next_due_min: Option<u32>,
}

/// The composer of an incident's next update.
#[must_use]
pub fn compose(state: &State, id: IncidentId, incident: &Incident, now: Time) -> Compose {
    let rules = &state.playbook.updates;
    let draft = state.drafts.get(&id);
    let previous = incident.last_update().map(|update| published(state, incident, update));
    let text = draft.map_or_else(|| start(incident, previous.as_ref()), |draft| draft.text.clone());
    let spoken = spoken(state, &text);
    let confidential: Vec<String> = confidential(incident);
    let issue = incident.issue_url().filter(|url| !confidential.iter().any(|it| it == url));
    let unfinished = Reading::new(state, id, incident, now).before_resolved();
    let facts = lint::Facts {
        previous: previous.as_ref(),
        issue,
        confidential: &confidential,
        unfinished: &unfinished,
        limits: &rules.limits,
        wordings: &rules.wordings,
    };
    let lints = lint::lint(&spoken, &facts, now);
    let fixed = |lint: &Lint| lint.fix.as_ref().map(|fix| fixed(&text, fix.apply(spoken.clone())));
    Compose {
        saved_at: draft.map(|draft| draft.saved_at),
        review: draft.and_then(|draft| draft.review.clone()),
        step: transition::step(previous.as_ref().map(|it| it.text.phase), text.phase),
        meters: weigh::meters(&text.body, &rules.limits),
        cut: weigh::cut(&text.body, &rules.limits),
        lints: lints.iter().map(|lint| LintView { fixed: fixed(lint), lint: lint.clone() }).collect(),
        phases: Phase::ALL.into_iter().map(|to| transition::prefill(previous.as_ref(), to)).collect(),
        promise: promise::found(&text.body, now),
        templates: templates(state, incident, &spoken),
        intend: intend(state, &text, previous.as_ref().map(|it| it.text.phase)),
        outlet: outlet(state, id, incident, &text, now),
        text,
    }
}

/// What a new draft starts from: the phase as it is, and what the last update said of title, status and components.
fn start(incident: &Incident, previous: Option<&Published>) -> Text {
    let phase = previous.map_or(Phase::Investigating, |it| it.text.phase);
    let phase = if phase == Phase::Resolved { Phase::Investigating } else { phase };
    let prefilled = transition::prefill(previous, phase);
    let components = incident.post.as_ref().map(|post| post.components.iter().cloned().collect()).unwrap_or_default();
    Text {
        title: if prefilled.title.is_empty() { undated(incident.title()).to_owned() } else { prefilled.title },
        body: String::new(),
        phase,
        impact: prefilled.impact,
        components,
        promise: true,
        muted: BTreeSet::new(),
    }
}

/// A title without the date that trackers put before it: customers need no "2025-06-03: ".
fn undated(title: &str) -> &str {
    let dated = |(date, _): &(&str, &str)| chrono::NaiveDate::parse_from_str(date, "%Y-%m-%d").is_ok();
    title.split_once(": ").filter(dated).map_or(title, |(_, rest)| rest)
}

/// A draft as people read it: components by name.
fn spoken(state: &State, text: &Text) -> crate::post::Text {
    let name = |id: &String| {
        let known = state.session.components.iter().find(|component| component.id == *id);
        known.map_or_else(|| id.clone(), |component| component.name.clone())
    };
    crate::post::Text {
        title: text.title.clone(),
        text: text.body.clone(),
        phase: text.phase,
        impact: text.impact,
        components: text.components.iter().map(name).collect(),
    }
}

fn published(state: &State, incident: &Incident, update: Update) -> Published {
    let ids = incident.post.as_ref().map(|post| post.components.clone()).unwrap_or_default();
    let components = ids.into_iter().collect();
    let text = Text {
        title: incident.title().to_owned(),
        body: update.text,
        phase: update.phase,
        impact: update.impact,
        components,
        promise: false,
        muted: BTreeSet::new(),
    };
    Published { text: spoken(state, &text), at: update.at }
}

/// The draft with what a fix changed.
fn fixed(text: &Text, fixed: crate::post::Text) -> Text {
    let promise = text.promise && promise::found(&fixed.text, Time::MIN_UTC).is_some();
    Text { title: fixed.title, body: fixed.text, impact: fixed.impact, promise, ..text.clone() }
}

/// Links that must not be public.
fn confidential(incident: &Incident) -> Vec<String> {
    incident.issue.iter().filter(|issue| issue.confidential).map(|issue| issue.url.clone()).collect()
}

fn templates(state: &State, incident: &Incident, spoken: &crate::post::Text) -> Vec<TemplateView> {
    let rules = &state.playbook.updates;
    let interval = cadence::interval_min(rules, spoken.phase, incident.severity());
    let minutes = |minutes: u32| format!("{minutes} minutes");
    let fields = Fields {
        incident: spoken.title.clone(),
        link: incident.issue_url().filter(|_| confidential(incident).is_empty()).unwrap_or_default().to_owned(),
        components: spoken.components.join(", "),
        period: minutes(incident.own.monitoring_min.unwrap_or(rules.monitoring_min)),
        interval: interval.map_or_else(String::new, minutes),
    };
    let view = |it: &template::Template, own| TemplateView {
        id: it.id.clone(),
        name: it.name.clone(),
        family: it.family.clone(),
        phase: it.phase,
        text: template::fill(it, &fields).text,
        own,
    };
    let own = state.settings.templates.iter().enumerate().map(|(nth, it)| template::Template {
        id: format!("own/{nth}"),
        name: it.name.clone(),
        family: None,
        phase: it.phase,
        text: it.text.clone(),
    });
    own.map(|it| view(&it, true)).chain(state.playbook.templates.iter().map(|it| view(it, false))).collect()
}

/// "I intend to…", with the change of phase named (H43).
fn intend(state: &State, text: &Text, previous: Option<Phase>) -> String {
    let moves = previous.is_some_and(|previous| previous != text.phase);
    let rules = &state.playbook.updates;
    let said = if moves { &rules.intend_move } else { &rules.intend };
    said.replace("{phase}", text.phase.label()).replace("{text}", text.body.trim())
}

fn outlet(state: &State, id: IncidentId, incident: &Incident, text: &Text, now: Time) -> Outlet {
    let wish = Box::new(IncidentWish::Publish { incident: id, text: text.clone() });
    let refusal = allowed(state, &Command::Incident { wish }, now).err();
    let page = state.status_page.as_ref();
    let by_cadence = cadence::interval_min(&state.playbook.updates, text.phase, incident.severity());
    let promised = promise::found(&text.body, now).filter(|_| text.promise && text.phase != Phase::Resolved);
    let promised = promised.and_then(|found| u32::try_from((found.due - now).num_minutes()).ok());
    Outlet {
        refusal,
        why_not: refusal.map(|refusal| refusal.message().to_owned()),
        public_url: page.map(|page| page.public_url.clone()),
        service: page.map(|page| page.kind.label().to_owned()),
        channels: Broadcast::ALL.into_iter().filter(|channel| !text.muted.contains(channel)).collect(),
        next_due_min: promised.or(by_cadence),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::allowed;
    use crate::incident::Own;
    use crate::settings::{OwnTemplate, SettingsPatch};
    use crate::state::tests::{at, connected};

    #[test]
    fn own_templates_come_first_with_their_fields_filled() {
        let own =
            |name: &str| OwnTemplate { name: name.into(), phase: None, text: "{incident}: we know. {link}".into() };
        let templates = vec![own("One"), own("Two")];
        let mut state = connected();
        state.settings = state.settings.with(SettingsPatch::Templates { templates: templates.clone() });
        let mut incident = Incident::new(at(0));
        incident.own = Own { title: Some("Mail is late".into()), ..Own::default() };
        let listed = compose(&state, 1, &incident, at(1)).templates;
        let first: Vec<_> = listed.iter().take(2).map(|it| (it.name.as_str(), it.text.as_str(), it.own)).collect();
        assert_eq!(first, [("One", "Mail is late: we know.", true), ("Two", "Mail is late: we know.", true)]);
        assert!(listed.iter().skip(2).all(|it| !it.own) && listed[0].id != listed[1].id);
        let many = Command::Set { patch: SettingsPatch::Templates { templates: vec![own("x"); 41] } };
        assert_eq!(allowed(&state, &many, at(1)), Err(Refusal::TooMuch));
        let few = Command::Set { patch: SettingsPatch::Templates { templates } };
        assert_eq!(allowed(&state, &few, at(1)), Ok(()));
    }
}
