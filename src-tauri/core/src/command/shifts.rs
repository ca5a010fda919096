//! What the user may do with shifts and handovers.

use super::Refusal;
use crate::Time;
use crate::alarm::being_filed;
use crate::errand;
use crate::handover::{BYTES_MAX, parcel};
use crate::permit::{About, may_write};
use crate::poll::SourceName;
use crate::shadow::DutyOf;
use crate::shift::{Shift, ShiftId, ShiftWish};
use crate::state::State;

/// Whether the user may have this done about a shift.
pub(super) fn allowed(state: &State, wish: &ShiftWish, now: Time) -> Result<(), Refusal> {
    let open = state.shifts.values().any(Shift::open);
    if wish.shift().is_some_and(|id| !state.shifts.contains_key(&id)) {
        return Err(Refusal::NoSuchShift);
    }
    match wish {
        ShiftWish::Start { .. } if open => Err(Refusal::OnShift),
        ShiftWish::End if !open => Err(Refusal::NoSuchShift),
        ShiftWish::Note { notes: typed, .. } | ShiftWish::Write { text: typed, .. } if typed.len() > BYTES_MAX => {
            Err(Refusal::HandoverTooLong)
        }
        ShiftWish::File { shift, text, .. } => files(state, *shift, text, now),
        ShiftWish::Import { markdown } => parcel::read(markdown, now).map(|_| ()),
        ShiftWish::Start { .. }
        | ShiftWish::End
        | ShiftWish::Note { .. }
        | ShiftWish::Write { .. }
        | ShiftWish::Anew { .. }
        | ShiftWish::Undo { .. }
        | ShiftWish::Noticed { .. }
        | ShiftWish::Done { .. }
        | ShiftWish::PassOn { .. }
        | ShiftWish::NotDone { .. }
        | ShiftWish::NotFile { .. }
        | ShiftWish::MadeConfidential { .. }
        | ShiftWish::Hinted { .. }
        | ShiftWish::TakenOverDone => Ok(()),
    }
}

/// Whether the handover may be filed now.
fn files(state: &State, id: ShiftId, text: &str, now: Time) -> Result<(), Refusal> {
    let shift = state.shifts.get(&id).ok_or(Refusal::NoSuchShift)?;
    may_write(state, About::Duty(DutyOf::Shift(id)), now)?;
    if state.playbook.handover.project.is_empty() {
        Err(Refusal::NoHandoverProject)
    } else if shift.filed(&state.playbook.handover).is_some() {
        Err(Refusal::AlreadyFiled)
    } else if text.len() > BYTES_MAX {
        Err(Refusal::HandoverTooLong)
    } else if being_filed(state, id) {
        Err(Refusal::UnderWay)
    } else {
        errand::may_run(state, SourceName::Tracker, DutyOf::Shift(id), now)
    }
}
