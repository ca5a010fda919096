//! An issue: its labels, its notes, and what happened to it.
//!
//! Source: docs.gitlab.com, "Labels", scoped labels: all before the last `::` is the scope.

use chrono::{DateTime, Utc};

pub(crate) type Time = DateTime<Utc>;

/// An issue. Users are places in the cast; the one after the last is the outsider.
#[derive(Debug, Clone)]
pub(crate) struct Issue {
    pub(crate) id: u64,
    pub(crate) iid: u64,
    pub(crate) project: usize,
    /// Its name within the scenario.
    pub(crate) name: Option<String>,
    pub(crate) title: String,
    pub(crate) description: String,
    /// GitLab's word: `issue`, `incident`.
    pub(crate) kind: String,
    pub(crate) open: bool,
    pub(crate) confidential: bool,
    pub(crate) labels: Vec<String>,
    pub(crate) author: usize,
    pub(crate) assignees: Vec<usize>,
    pub(crate) created_at: Time,
    pub(crate) updated_at: Time,
    pub(crate) closed: Option<(Time, usize)>,
    pub(crate) notes: Vec<NoteEntry>,
    pub(crate) label_events: Vec<LabelEvent>,
    pub(crate) state_events: Vec<StateEvent>,
    /// Who leads the incident; whoever wrote the issue if nobody does.
    pub(crate) im: usize,
    /// Where the incident is talked about.
    pub(crate) channel: String,
    /// How often a request to the REST API changed it.
    pub(crate) api_writes: usize,
    /// As it was before its labels or state changed last.
    pub(crate) before: Option<Box<Issue>>,
}

#[derive(Debug, Clone)]
pub(crate) struct NoteEntry {
    pub(crate) id: u64,
    pub(crate) at: Time,
    pub(crate) author: usize,
    pub(crate) body: String,
    pub(crate) internal: bool,
    /// Written by GitLab itself.
    pub(crate) system: bool,
    /// The id of the note that began the thread; its own if it stands alone.
    pub(crate) thread: u64,
    /// Whether it can be answered in its thread.
    pub(crate) threaded: bool,
}

/// It was closed, or opened again.
#[derive(Debug, Clone)]
pub(crate) struct StateEvent {
    pub(crate) id: u64,
    pub(crate) at: Time,
    pub(crate) by: usize,
    pub(crate) open: bool,
}

#[derive(Debug, Clone)]
pub(crate) struct LabelEvent {
    pub(crate) id: u64,
    pub(crate) at: Time,
    pub(crate) by: usize,
    pub(crate) label: String,
    pub(crate) added: bool,
}

impl Issue {
    /// Keeps how it is, for answers that come from a replica that lags behind.
    pub(crate) fn remember(&mut self) {
        let now = Issue { before: None, ..self.clone() };
        self.before = Some(Box::new(now));
    }

    pub(crate) fn has_label(&self, name: &str) -> bool {
        self.labels.iter().any(|label| label == name)
    }
}

/// Gives the scope of a scoped label: `Incident` of `Incident::Active`, `a::b` of `a::b::c`.
pub(crate) fn scope(label: &str) -> Option<&str> {
    label.rsplit_once("::").map(|(scope, _)| scope).filter(|scope| !scope.is_empty())
}
