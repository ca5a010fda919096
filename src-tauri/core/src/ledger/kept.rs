//! What a kept sheet is about, told by its name, so that nothing is kept for what is gone.

use std::collections::BTreeMap;

use crate::incident::IncidentId;
use crate::page::PageId;
use crate::state::State;

/// The new numbers of what was numbered anew.
#[derive(Default)]
pub(crate) struct Numbers {
    pub incidents: BTreeMap<i64, i64>,
    pub contacts: BTreeMap<i64, i64>,
    pub maintenances: BTreeMap<i64, i64>,
}

/// The incident that this sheet is about, if it is about one.
pub(crate) fn about_incident(sheet: &str) -> Option<IncidentId> {
    let (kind, rest) = sheet.split_once('/')?;
    let about = rest.split('/').next()?;
    if matches!(kind, "own" | "skip") { about.parse().ok() } else { None }
}

/// The name of this sheet once what it is about has another number.
pub(crate) fn renamed(sheet: &str, numbers: &Numbers) -> String {
    let mut parts: Vec<&str> = sheet.split('/').collect();
    let known = match parts[..] {
        ["contact", about, ..] => about.parse().ok().and_then(|id: i64| numbers.contacts.get(&id)),
        ["plan" | "tell", about, ..] => about.parse().ok().and_then(|id: i64| numbers.maintenances.get(&id)),
        ["own" | "skip", about, ..] => about.parse().ok().and_then(|id: i64| numbers.incidents.get(&id)),
        _ => None,
    };
    let number = known.map(ToString::to_string);
    if let Some(number) = &number {
        parts[1] = number;
    }
    parts.join("/")
}

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
