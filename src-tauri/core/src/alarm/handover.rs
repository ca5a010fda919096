//! The calm alarm of a handover: missing after the shift, waiting for the tracker, or public by mistake (H80).

use super::Button;
use crate::errand::ErrandTask;
use crate::poll::{self, SourceName};
use crate::shift::{Shift, ShiftId};
use crate::state::State;
use crate::{AlarmKey, Time};

/// The handovers that want their user now.
pub(super) fn wanted(state: &State, now: Time) -> impl Iterator<Item = AlarmKey> {
    let rules = &state.playbook.handover;
    let wants = move |(id, shift): &(&ShiftId, &Shift)| {
        let missing = shift.handover_missing(rules) && !being_filed(state, **id);
        missing || shift.handover.public || may_be_filed_again(state, shift, now)
    };
    state.shifts.iter().filter(wants).map(|(id, _)| AlarmKey::Handover { shift: *id })
}

/// When shifts may begin or end by the passing of time alone.
pub(super) fn changes_at(state: &State) -> impl Iterator<Item = Time> {
    let open = state.shifts.values().filter(|shift| shift.open()).filter_map(|shift| shift.ends_at);
    open.chain(state.oncall.entries.iter().flat_map(|entry| [entry.start, entry.end]).flatten())
}

/// Whether the handover is on its way to the tracker, or being read back.
#[must_use]
pub fn being_filed(state: &State, id: ShiftId) -> bool {
    let about = |task: &ErrandTask| matches!(task, ErrandTask::FileHandover { shift, .. } if *shift == id);
    state.errands.values().any(|errand| about(&errand.task))
}

/// Whether a handover that could not be filed could be filed now, if the user says so: the tracker has answered since.
#[must_use]
pub fn may_be_filed_again(state: &State, shift: &Shift, now: Time) -> bool {
    let Some(waits) = &shift.handover.to_file else { return false };
    let answered = state.last_good_at(SourceName::Tracker).is_some_and(|at| at > waits.since);
    answered && !poll::stale(state, SourceName::Tracker, now)
}

pub(super) fn words(state: &State, id: ShiftId, now: Time) -> (String, String, Vec<(Button, String)>) {
    let Some(shift) = state.shifts.get(&id) else { return ("Handover".into(), String::new(), vec![]) };
    let ended = shift
        .ended_at
        .map_or_else(|| "Your shift goes on.".into(), |at| format!("Your shift ended at {} UTC.", at.format("%H:%M")));
    let handover = &shift.handover;
    let (title, body) = if handover.public {
        let url = handover.issue_url.as_deref().unwrap_or("the tracker");
        (
            "The handover is public",
            format!("Everybody can read {url}. Make it confidential there, then say so in Herald."),
        )
    } else if may_be_filed_again(state, shift, now) {
        let why = handover.to_file.as_ref().map_or("", |waits| waits.why.as_str());
        ("File the handover now?", format!("The tracker answers. {ended} It could not be filed before: {why}"))
    } else {
        ("Handover missing", format!("{ended} Hand it over, or say that there is nothing to hand over."))
    };
    (title.into(), body, vec![])
}
