//! Shifts and handovers, as the window shows them.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::AlarmView;
use crate::Time;
use crate::alarm::{AlarmKey, may_be_filed_again};
use crate::cadence;
use crate::command::{Command, Refusal, allowed};
use crate::errand::{ErrandStage, ErrandTask};
use crate::handover::{self, Facts, words};
use crate::incident::IncidentId;
use crate::shift::{HandedBy, Role, Shift, ShiftId, ShiftWish};
use crate::state::State;

/// A shift: the one that goes on, or one that ended lately.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct ShiftView {
    /// Herald's number of it.
    #[ts(type = "number")]
    pub id: ShiftId,
    /// When it began.
    pub started_at: Time,
    /// When it is to end.
    pub ends_at: Option<Time>,
    /// When it ended.
    pub ended_at: Option<Time>,
    /// As what I was on duty.
    pub role: Role,
    /// Whether the user began it.
    pub by_hand: bool,
    /// Whether no alarm was tested in it yet.
    pub test_due: bool,
    /// Incidents that have taken long, until that was seen (H82).
    pub long: Vec<LongIncident>,
    /// What is handed over.
    pub handover: HandoverView,
}

/// An incident that has taken long without a break (H82).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct LongIncident {
    /// Which.
    #[ts(type = "number")]
    pub incident: IncidentId,
    /// Its title.
    pub title: String,
    /// Since when it has taken my time.
    pub since: Time,
}

/// The handover of a shift.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct HandoverView {
    /// What it tells, for the window to draw.
    pub facts: Facts,
    /// Whether nothing happened, and nothing is left.
    pub nothing: bool,
    /// The text: the user's, or what Herald writes.
    pub text: String,
    /// Whether it is the user's.
    pub edited: bool,
    /// Whether the user's text was put away and can be taken back.
    pub may_undo: bool,
    /// What became true since the user took over, or since it was handed over.
    pub news: Vec<String>,
    /// The user's own words below what Herald writes.
    pub notes: String,
    /// The title.
    pub title: String,
    /// The project that it is filed in.
    pub project: Option<String>,
    /// Where it stands.
    pub stage: HandoverStage,
    /// When it was handed over, and how.
    pub done: Option<(Time, HandedBy)>,
    /// Whether the shift ended without it.
    pub missing: bool,
    /// Why it cannot be filed now, in words; absent when it can.
    pub why_not: Option<String>,
    /// Whether it would be filed, if something in the way were put right: without any of it the button is absent.
    pub may_file: bool,
    /// Its alarm.
    pub alarm: Option<AlarmView>,
}

/// Where the filing of a handover stands.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum HandoverStage {
    /// Not filed.
    NotFiled,
    /// On its way.
    Sending,
    /// The answer was lost; the tracker is being read.
    ReadingBack,
    /// It could not be filed and waits for the user.
    ToBeFiled {
        /// Since when.
        since: Time,
        /// Why not.
        why: String,
        /// Whether the tracker answers again.
        now: bool,
    },
    /// It is an issue.
    Filed {
        /// Link of it.
        url: String,
        /// It turned out to be public.
        public: bool,
    },
}

/// Shifts that the window shows, the newest first.
#[must_use]
pub fn shifts(state: &State, now: Time) -> Vec<ShiftView> {
    state.shifts.iter().rev().map(|(id, shift)| view(state, *id, shift, now)).collect()
}

/// All that leaves with a handover. Long where much goes on, so that it is made for whoever asks and is no part of the
/// view.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct HandoverText {
    /// What people read.
    pub text: String,
    /// The same, with what the next person's Herald reads.
    pub markdown: String,
}

/// What leaves with the handover of a shift: of the newest, where none is named, or of now, where none is known.
#[must_use]
pub fn handover_text(state: &State, shift: Option<ShiftId>) -> Option<HandoverText> {
    let rules = &state.playbook.handover;
    let shift = match shift {
        Some(id) => Some(state.shifts.get(&id)?),
        None => state.shifts.values().next_back(),
    };
    let text = match shift {
        Some(shift) => shift.handover.text.clone().unwrap_or_else(|| handover::written(state, shift)),
        None => words::text(rules, &handover::facts(state, None, &[]), None),
    };
    Some(HandoverText { markdown: handover::markdown(state, shift, &text), text })
}

fn view(state: &State, id: ShiftId, shift: &Shift, now: Time) -> ShiftView {
    let tested = state.settings.self_test.as_ref().is_some_and(|test| test.at >= shift.started_at);
    ShiftView {
        id,
        started_at: shift.started_at,
        ends_at: shift.ends_at,
        ended_at: shift.ended_at,
        role: shift.role,
        by_hand: shift.by_hand,
        test_due: shift.open() && !tested,
        long: if shift.open() { long(state, shift, now) } else { vec![] },
        handover: handover_view(state, id, shift, now),
    }
}

/// Incidents that I have told the public about for so long that somebody fresh should (H82).
fn long(state: &State, shift: &Shift, now: Time) -> Vec<LongIncident> {
    let rules = &state.playbook;
    let mine = state
        .incidents
        .iter()
        .filter(|(id, it)| !shift.hinted.contains(id) && cadence::clock(it, &rules.updates).is_some());
    mine.filter_map(|(id, it)| {
        let first = it.told().first().map(|update| update.at);
        let since = [first, it.decided_at].into_iter().flatten().min()?.max(shift.started_at);
        let long = since + rules.handover.long() <= now;
        long.then(|| LongIncident { incident: *id, title: it.title().to_owned(), since })
    })
    .collect()
}

fn handover_view(state: &State, id: ShiftId, shift: &Shift, now: Time) -> HandoverView {
    let rules = &state.playbook.handover;
    let facts = handover::facts(state, Some(shift), &handover::kpis_at_hand(state, shift));
    let written = words::text(rules, &facts, Some(shift));
    let it = &shift.handover;
    let text = it.text.clone().unwrap_or_else(|| written.clone());
    let title = words::title(rules, Some(shift));
    let file = ShiftWish::File { shift: id, title: title.clone(), text: String::new() };
    let refusal = allowed(state, &Command::Shift { wish: Box::new(file) }, now).err();
    HandoverView {
        nothing: facts.nothing(),
        news: it.basis.as_deref().map_or_else(Vec::new, |basis| handover::news(basis, &written)),
        edited: it.text.is_some(),
        may_undo: it.before.is_some(),
        notes: it.notes.clone(),
        project: Some(rules.project.clone()).filter(|project| !project.is_empty()),
        stage: stage(state, id, shift, now),
        done: it.done_at.zip(it.how),
        missing: shift.handover_missing(rules),
        may_file: !matches!(refusal, Some(Refusal::ShadowPublish | Refusal::NoHandoverProject)),
        why_not: refusal.map(|refusal| refusal.message().to_owned()),
        alarm: super::alarm_view(state, &AlarmKey::Handover { shift: id }, now),
        facts,
        text,
        title,
    }
}

fn stage(state: &State, id: ShiftId, shift: &Shift, now: Time) -> HandoverStage {
    let about = |task: &ErrandTask| matches!(task, ErrandTask::FileHandover { shift, .. } if *shift == id);
    let errand = state.errands.values().find(|errand| about(&errand.task));
    let it = &shift.handover;
    match (errand.map(|errand| errand.stage), shift.filed(&state.playbook.handover), &it.to_file) {
        (Some(ErrandStage::Ready | ErrandStage::Running), _, _) => HandoverStage::Sending,
        (Some(ErrandStage::Unsure { .. }), _, _) => HandoverStage::ReadingBack,
        (None, Some(url), _) => HandoverStage::Filed { url: url.to_owned(), public: it.public },
        (None, None, Some(waits)) => HandoverStage::ToBeFiled {
            since: waits.since,
            why: waits.why.clone(),
            now: may_be_filed_again(state, shift, now),
        },
        (None, None, None) => HandoverStage::NotFiled,
    }
}
