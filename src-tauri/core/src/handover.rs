//! The handover of a shift: from what is true to the text that the next person gets (H80).

pub mod parcel;
pub mod words;

use std::collections::BTreeSet;

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::Time;
use crate::cadence::{self, Counts};
use crate::incident::{Incident, IncidentId};
use crate::ledger::{Contact, ContactState, Maintenance};
use crate::markdown::{inert, link, number, outgoing};
use crate::phase::{Phase, Severity};
use crate::playbook::handover::SectionName;
use crate::shift::{Shift, ShiftPage};
use crate::stage::{self, Doing, Reading, TaskRules, TickSays};
use crate::state::State;

use self::words::{dated, face, moment};

/// Longest text that is saved, filed or taken over, in bytes; the tracker takes a million characters.
pub const BYTES_MAX: usize = 200_000;

/// One thing to tell, as the fields of its template.
pub type Item = Vec<(&'static str, String)>;

/// Everything that a handover tells.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[ts(rename = "HandoverFacts")]
pub struct Facts {
    /// Incidents that go on.
    pub running: Vec<Running>,
    /// Incidents that ended: number, title, from, to.
    pub ended: Vec<Ended>,
    /// How many pages called.
    pub pages: u32,
    /// What is left to do.
    pub tasks: Vec<String>,
    /// What is ahead.
    pub ahead: Vec<String>,
    /// How the shift stands against its targets, in words.
    pub kpis: Vec<String>,
    #[serde(skip)]
    #[ts(skip)]
    items: Vec<(SectionName, Vec<Item>)>,
}

/// An incident that goes on, as the next person meets it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[ts(rename = "HandoverRunning")]
pub struct Running {
    /// Herald's number of it.
    #[ts(type = "number")]
    pub incident: IncidentId,
    /// Its title.
    pub title: String,
    /// Its severity.
    pub severity: Option<Severity>,
    /// What the public was told last.
    pub phase: Option<Phase>,
    /// When that was, and in which words.
    pub last: Option<(Time, String)>,
    /// When the next update is due.
    pub due_at: Option<Time>,
    /// Whether that was promised to the public.
    pub promised: bool,
    /// The incident manager.
    pub im: Option<String>,
    /// The engineer on call.
    pub eoc: Option<String>,
}

/// An incident that ended in the shift.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[ts(rename = "HandoverEnded")]
pub struct Ended {
    /// The number of its issue.
    #[ts(type = "number | null")]
    pub iid: Option<u64>,
    /// Its title.
    pub title: String,
    /// When it began.
    pub since: Time,
    /// When it was over.
    pub ended_at: Time,
}

impl Facts {
    /// Whether nothing happened, and nothing is left.
    #[must_use]
    pub fn nothing(&self) -> bool {
        let told = |(name, items): &(SectionName, Vec<Item>)| match name {
            SectionName::Kpis | SectionName::Notes => false,
            SectionName::Running
            | SectionName::Ended
            | SectionName::Pages
            | SectionName::Tasks
            | SectionName::Contacts
            | SectionName::Maintenance => !items.is_empty(),
        };
        !self.items.iter().any(told)
    }

    fn items(&self, name: SectionName) -> &[Item] {
        self.items.iter().find(|(known, _)| *known == name).map_or(&[], |(_, items)| items)
    }
}

/// Collects what is to be told of a shift, or of now when there is none. `kpis` are lines that others have worked out.
#[must_use]
pub fn facts(state: &State, shift: Option<&Shift>, kpis: &[String]) -> Facts {
    let day = shift.map_or(Time::MIN_UTC, |it| it.started_at);
    let running: Vec<(IncidentId, &Incident)> =
        state.incidents.iter().filter(|(_, it)| it.open()).map(|(id, it)| (*id, it)).collect();
    let in_shift = |at: Time| shift.is_some_and(|it| at >= it.started_at);
    let told = |it: &&Contact| it.state == ContactState::Open || in_shift(it.state_at);
    let contacts: Vec<&Contact> = state.contacts.values().filter(told).collect();
    let ahead: Vec<&Maintenance> = state.maintenances.values().filter(|it| it.ended_at.is_none()).collect();
    let tasks: Vec<String> = running.iter().flat_map(|(id, it)| named_tasks(state, *id, it)).collect();
    let ended = shift.map(|it| it.ended.as_slice()).unwrap_or_default();
    let pages = shift.map(|it| it.pages.as_slice()).unwrap_or_default();
    let text = |it: &String| vec![("text", it.clone())];
    let notes: Vec<String> = shift.map(|it| it.handover.notes.trim().to_owned()).into_iter().collect();
    let items = vec![
        (SectionName::Running, running.iter().map(|(_, it)| running_item(state, it, day)).collect()),
        (SectionName::Ended, ended.iter().map(|it| ended_item(it, day)).collect()),
        (SectionName::Pages, page_items(shift, pages, day)),
        (SectionName::Tasks, tasks.iter().map(|it| vec![("text", inert(it))]).collect()),
        (SectionName::Contacts, contacts.iter().map(|it| contact_item(it)).collect()),
        (SectionName::Maintenance, ahead.iter().map(|it| maintenance_item(it)).collect()),
        (SectionName::Kpis, kpis.iter().map(text).collect()),
        (SectionName::Notes, notes.iter().filter(|it| !it.is_empty()).map(text).collect()),
    ];
    let asked = contacts.iter().filter(|it| it.state == ContactState::Open);
    let asked =
        asked.map(|it| format!("Contact request from {}: {}, owner: {}", it.asked_by, it.what, it.owner_words()));
    Facts {
        running: running.iter().map(|(id, it)| running_fact(state, *id, it)).collect(),
        ended: ended
            .iter()
            .map(|it| Ended { iid: it.iid, title: it.title.clone(), since: it.since, ended_at: it.ended_at })
            .collect(),
        pages: shift.map_or(0, |it| it.pages_more + u32::try_from(it.pages.len()).unwrap_or(u32::MAX)),
        tasks: tasks.iter().cloned().chain(asked).collect(),
        ahead: ahead.iter().map(|it| format!("{}, {}", it.plan.title, dated(it.plan.starts_at))).collect(),
        kpis: kpis.to_vec(),
        items,
    }
}

/// The handover as Herald itself writes it now.
#[must_use]
pub fn written(state: &State, shift: &Shift) -> String {
    let facts = facts(state, Some(shift), &kpis_at_hand(state, shift));
    words::text(&state.playbook.handover, &facts, Some(shift))
}

/// What leaves: what people read, and behind it what the next person's Herald reads.
#[must_use]
pub fn markdown(state: &State, shift: Option<&Shift>, text: &str) -> String {
    format!("{}\n\n{}\n", outgoing(text), parcel::write(&parcel::pack(state, shift)))
}

/// How the shift stands against its targets, as far as what is held in memory tells (H90). History counts exactly.
#[must_use]
pub fn kpis_at_hand(state: &State, shift: &Shift) -> Vec<String> {
    [pages_at_hand(state, shift), updates_at_hand(state, shift), threads_at_hand(state, shift)]
        .into_iter()
        .flatten()
        .collect()
}

fn pages_at_hand(state: &State, shift: &Shift) -> Option<String> {
    let target = state.playbook.target();
    let calls: Vec<Option<TimeDelta>> =
        shift.pages.iter().map(|it| it.taken.as_ref().map(|(at, _)| *at - it.triggered_at)).collect();
    if calls.is_empty() {
        return None;
    }
    let in_time = calls.iter().flatten().filter(|took| **took <= target).count();
    let within = format!("{in_time} of {} pages acknowledged within {} min", calls.len(), target.num_minutes());
    let slowest =
        calls.iter().flatten().max().map_or_else(String::new, |it| format!(", the slowest after {}", face(*it)));
    Some(format!("{within}{slowest}"))
}

fn updates_at_hand(state: &State, shift: &Shift) -> Option<String> {
    let kept = state.incidents.values().flat_map(|it| &it.kept).filter(|it| shift.holds(it.update_at));
    let late: Vec<TimeDelta> = kept.map(|it| it.update_at - it.due_at).collect();
    let worst = late.iter().max()?;
    let in_time = late.iter().filter(|late| **late <= TimeDelta::zero()).count();
    let worst = if *worst > TimeDelta::zero() { format!(", the latest by {}", face(*worst)) } else { String::new() };
    Some(format!("{in_time} of {} updates in time{worst}", late.len()))
}

fn threads_at_hand(state: &State, shift: &Shift) -> Option<String> {
    let task = &state.playbook.kpi.stakeholder_task;
    let public: Vec<&Incident> =
        state.incidents.values().filter(|it| it.told().iter().any(|update| shift.holds(update.at))).collect();
    let told = public.iter().filter(|it| it.ticks.get(task).is_some_and(|tick| tick.says == TickSays::Done)).count();
    (!public.is_empty()).then(|| format!("{told} of {} stakeholder threads opened", public.len()))
}

/// The open tasks of an incident, each with its number or title.
fn named_tasks(state: &State, id: IncidentId, incident: &Incident) -> Vec<String> {
    let named = incident.issue_iid().map_or_else(|| incident.title().to_owned(), |iid| format!("#{iid}"));
    open_tasks(state, id, incident).into_iter().map(|task| format!("{named}: {task}")).collect()
}

/// What is left to do about an incident, in words: the tasks of its stage, and a label that is missing (H52).
#[must_use]
pub fn open_tasks(state: &State, id: IncidentId, incident: &Incident) -> Vec<String> {
    let reading = Reading::new(state, id, incident, incident.since);
    let left: Vec<&TaskRules> = reading.left().collect();
    let told = left.iter().any(|task| task.does == Some(Doing::LabelIssue));
    let label = stage::lacking_label(state, incident).filter(|_| !told);
    let label = label.map(|label| format!("Put the label {label} on its issue"));
    left.iter().map(|task| task.text.clone()).chain(label).collect()
}

/// What differs from what Herald had written before.
#[must_use]
pub fn news(basis: &str, written: &str) -> Vec<String> {
    let known: BTreeSet<&str> = basis.lines().map(str::trim).collect();
    let new = written.lines().map(str::trim).filter(|line| !line.is_empty() && !known.contains(line));
    new.map(|line| line.trim_start_matches(['-', '#', '*', ' ']).to_owned()).collect()
}

fn running_fact(state: &State, id: IncidentId, it: &Incident) -> Running {
    let clock = cadence::clock(it, &state.playbook.updates);
    Running {
        incident: id,
        title: it.title().to_owned(),
        severity: it.severity(),
        phase: it.phase(),
        last: it.last_update().map(|update| (update.at, update.text)),
        due_at: clock.as_ref().map(|clock| clock.due_at),
        promised: clock.is_some_and(|clock| clock.counts == Counts::Promise),
        im: im(it),
        eoc: eoc(it),
    }
}

fn running_item(state: &State, it: &Incident, day: Time) -> Item {
    let clock = cadence::clock(it, &state.playbook.updates);
    let last = it.last_update();
    let promised = clock.as_ref().is_some_and(|clock| clock.counts == Counts::Promise);
    let own = |text: Option<String>| text.map_or_else(String::new, |text| inert(&text));
    vec![
        ("title", inert(it.title())),
        ("severity", it.severity().map_or("S?", Severity::label).into()),
        ("phase", it.standing_words().into()),
        ("since", moment(it.since, day)),
        ("last", last.as_ref().map_or_else(String::new, |update| inert(&update.text))),
        ("last_at", last.as_ref().map_or_else(String::new, |update| moment(update.at, day))),
        ("due", clock.map_or_else(String::new, |clock| moment(clock.due_at, day))),
        ("promised", if promised { ", as promised to the public".into() } else { " ".into() }),
        ("im", own(im(it))),
        ("eoc", own(eoc(it))),
        ("issue", it.issue_url().map_or_else(String::new, link)),
        ("post", it.post.as_ref().and_then(|post| post.url.as_deref()).map_or_else(String::new, link)),
        ("call", call(it).as_deref().map_or_else(String::new, link)),
        ("channel", own(channel(it))),
    ]
}

fn ended_item(it: &crate::shift::ShiftEnded, day: Time) -> Item {
    vec![
        ("number", it.iid.map_or_else(|| "No issue".into(), |iid| number(iid, it.url.as_deref()))),
        ("title", inert(&it.title)),
        ("from", moment(it.since, day)),
        ("to", moment(it.ended_at, day)),
        ("issue", it.url.as_deref().map_or_else(String::new, link)),
    ]
}

fn page_items(shift: Option<&Shift>, pages: &[ShiftPage], day: Time) -> Vec<Item> {
    let taken = |it: &ShiftPage| match &it.taken {
        Some((at, by)) => format!("acknowledged after {} by {}", face(*at - it.triggered_at), inert(by)),
        None => "not acknowledged".into(),
    };
    let item = |it: &ShiftPage| {
        vec![
            ("number", number(it.number.into(), None)),
            ("title", inert(&it.title)),
            ("triggered", moment(it.triggered_at, day)),
            ("taken", taken(it)),
        ]
    };
    let more = shift.map_or(0, |it| it.pages_more);
    let rest = (more > 0).then(|| {
        let title = ("title", format!("{more} more pages"));
        vec![("number", "…".into()), title, ("triggered", "in the same shift".into()), ("taken", "not listed".into())]
    });
    pages.iter().map(item).chain(rest).collect()
}

fn contact_item(it: &Contact) -> Item {
    vec![
        ("what", inert(&it.what)),
        ("by", inert(&it.asked_by)),
        ("owner", inert(it.owner_words())),
        ("state", it.state.label().into()),
        ("ticket", it.ticket.as_deref().map_or_else(String::new, link)),
        ("asked", dated(it.asked_at)),
    ]
}

fn maintenance_item(it: &Maintenance) -> Item {
    let state = match (it.started_at, it.plan.automation) {
        (Some(_), _) => "going on",
        (None, true) => "starts by automation",
        (None, false) => "to be started by hand",
    };
    vec![
        ("title", inert(&it.plan.title)),
        ("starts", dated(it.plan.starts_at)),
        ("ends", dated(it.plan.ends_at)),
        ("state", state.into()),
        ("issue", it.plan.issue_url.as_deref().map_or_else(String::new, link)),
    ]
}

fn im(it: &Incident) -> Option<String> {
    it.own.im.clone().or_else(|| it.issue.as_ref().and_then(|issue| issue.found.im.clone()))
}

fn eoc(it: &Incident) -> Option<String> {
    it.own.eoc.clone().or_else(|| it.issue.as_ref().and_then(|issue| issue.found.eoc.clone()))
}

fn call(it: &Incident) -> Option<String> {
    it.own.call_url.clone().or_else(|| it.issue.as_ref().and_then(|issue| issue.found.call_url.clone()))
}

fn channel(it: &Incident) -> Option<String> {
    it.own.channel.clone().or_else(|| it.issue.as_ref().and_then(|issue| issue.found.channel.clone()))
}

#[cfg(test)]
pub(crate) mod tests;
