//! What a kept sheet is about, told by its name, so that nothing is kept for what is gone.

use crate::page::PageId;
use crate::state::State;

/// Whether what this sheet is about is gone for good. Sheets of another kind, and those of something new, stay.
pub(crate) fn gone(state: &State, sheet: &str) -> bool {
    let mut parts = sheet.split('/');
    let (Some(kind), Some(about)) = (parts.next(), parts.next()) else { return false };
    let is_gone = |known: &dyn Fn(&i64) -> bool| about.parse().is_ok_and(|id| !known(&id));
    match kind {
        "contact" => is_gone(&|id| state.contacts.contains_key(id)),
        "plan" | "tell" => is_gone(&|id| state.maintenances.contains_key(id)),
        "own" | "skip" => is_gone(&|id| state.incidents.contains_key(id)),
        "close" => !state.pages.contains_key(&PageId::new(about)),
        _ => false,
    }
}
