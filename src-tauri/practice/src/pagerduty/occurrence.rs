//! The times at which an incident called, each with who took and who closed it: what a practice event is measured by.
//!
//! Ours: no manner of PagerDuty's.

use chrono::{DateTime, Utc};

use super::incident::EntryKind;
use super::view::{Happening, IncidentState};

/// One time at which an incident called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Occurrence {
    /// When it was triggered.
    pub triggered_at: DateTime<Utc>,
    /// Who took it first.
    pub taken: Option<Happening>,
    /// Who or what closed it.
    pub closed: Option<Happening>,
}

impl IncidentState {
    /// Lists the times at which it called, oldest first.
    pub fn occurrences(&self) -> Vec<Occurrence> {
        let mut found: Vec<Occurrence> = Vec::new();
        for entry in &self.log {
            let calling = found.last().is_some_and(|it| it.taken.is_none() && it.closed.is_none());
            let calls = matches!(entry.what, EntryKind::Trigger | EntryKind::Reopen | EntryKind::Unacknowledge);
            // Another alert on one that calls already changes nothing.
            if calls && !calling {
                found.push(Occurrence { triggered_at: entry.at, taken: None, closed: None });
            }
            let Some(last) = found.last_mut().filter(|it| it.closed.is_none()) else { continue };
            if entry.what == EntryKind::Acknowledge {
                last.taken.get_or_insert_with(|| entry.clone());
            } else if entry.what == EntryKind::Resolve {
                last.closed = Some(entry.clone());
            }
        }
        found
    }
}
