//! What the user may do with shifts and handovers.

use super::Refusal;
use crate::Time;
use crate::alarm::being_filed;
use crate::errand;
use crate::handover::parcel;
use crate::poll::SourceName;
use crate::shift::{Role, Shift, ShiftId, ShiftWish};
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
        ShiftWish::File { shift, .. } => files(state, *shift),
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

/// Whether the handover may be filed now. A trainee files nothing, except in the practice world.
fn files(state: &State, id: ShiftId) -> Result<(), Refusal> {
    let shift = state.shifts.get(&id).ok_or(Refusal::NoSuchShift)?;
    if shift.role == Role::Shadow && !state.session.mode.is_practice() {
        Err(Refusal::ShadowPublish)
    } else if state.playbook.handover.project.is_empty() {
        Err(Refusal::NoHandoverProject)
    } else if shift.filed(&state.playbook.handover).is_some() {
        Err(Refusal::AlreadyFiled)
    } else if being_filed(state, id) {
        Err(Refusal::UnderWay)
    } else {
        errand::may_run(state, SourceName::Tracker)
    }
}
