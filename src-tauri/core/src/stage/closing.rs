//! What Herald knows of the work that closing a page says is done: what was seen or said, what lacks, and whose it is
//! (H20, H23).

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{Doing, Mark, Reading, pages_of};
use crate::Time;
use crate::incident::{Incident, IncidentId, Part};
use crate::page::{Page, PageId};
use crate::state::State;

/// Which incident a page is for, as far as Herald can tell.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "whose", rename_all = "snake_case")]
pub enum Whose {
    /// This one.
    Known {
        /// Herald's number of it.
        #[ts(type = "number")]
        incident: IncidentId,
        /// What it is called.
        title: String,
        /// When it was over, if it is: its page may well be open still.
        over_at: Option<Time>,
    },
    /// It may be for one of several, and nobody has said which.
    Several {
        /// How many.
        incidents: usize,
    },
    /// None that Herald knows.
    Nobody,
}

/// A task that is dealt with, and how that is known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Fact {
    /// The task, in the playbook's words.
    pub task: String,
    /// Done, left out, or not needed; by whom, when, and what Herald saw.
    pub mark: Mark,
}

/// What closing a page rests on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Closing {
    /// Whose page it is.
    pub of: Whose,
    /// What is dealt with of what comes before.
    pub facts: Vec<Fact>,
}

/// What Herald knows of the work that closing this page says is done.
#[must_use]
pub fn closing(state: &State, page: &PageId, now: Time) -> Closing {
    let of = whose(state, page);
    let Whose::Known { incident: id, .. } = of else { return Closing { of, facts: vec![] } };
    let reading = Reading::new(state, id, &state.incidents[&id], now);
    let stage = reading.tasks().find(|(_, task)| task.does == Some(Doing::ClosePage)).map(|(stage, _)| stage);
    let before = reading.tasks().filter(|(of, task)| Some(*of) == stage && task.does != Some(Doing::ClosePage));
    let marked = before.map(|(of, task)| Fact { task: task.text.clone(), mark: reading.mark(of, task) });
    // That a page called is known of the page that is closed.
    let says = |fact: &Fact| fact.mark.closed() && !matches!(fact.mark, Mark::NotNeeded { .. });
    Closing { of, facts: marked.filter(says).collect() }
}

/// What the incident of a page still lacks before the page is to be closed, in the words of the tasks (H23).
#[must_use]
pub fn lacks_before_closing(state: &State, page: &PageId, now: Time) -> Vec<String> {
    match whose(state, page) {
        Whose::Known { incident: id, .. } => {
            let reading = Reading::new(state, id, &state.incidents[&id], now);
            let closing = reading.tasks().find(|(_, task)| task.does == Some(Doing::ClosePage));
            let waits = closing.map(|(stage, task)| reading.waits_for(stage, task)).unwrap_or_default();
            waits.into_iter().map(|it| it.text.clone()).collect()
        }
        // Which tasks those are, nobody knows before it is known for which incident it calls.
        Whose::Several { .. } => vec!["Say which incident this page is for".to_owned()],
        Whose::Nobody => vec![],
    }
}

/// Which incident a page is for: the one that it was joined to, though that is over; else the only one that it can be.
fn whose(state: &State, id: &PageId) -> Whose {
    let joined = |(_, it): &(&IncidentId, &Incident)| it.pages.contains(id);
    let lately = |(_, it): &(&IncidentId, &Incident)| (it.open(), it.ended_at);
    if let Some(it) = state.incidents.iter().filter(joined).max_by_key(lately) {
        return known(it);
    }
    if let Some(of) = state.session.asked.get(id) {
        return Whose::Several { incidents: of.len() };
    }
    let may_be =
        |(_, it): &(&IncidentId, &Incident)| it.pages.is_empty() && !it.apart.contains(&Part::Page { id: id.clone() });
    let open = state.incidents.values().filter(|it| it.open()).count();
    if open > 0 {
        let free = state.incidents.iter().filter(|(_, it)| it.open()).filter(may_be);
        let only = free.clone().find(|(of, it)| pages_of(state, **of, it).contains(id));
        return match only {
            Some(it) => known(it),
            None if open > 1 && free.count() > 0 => Whose::Several { incidents: open },
            None => Whose::Nobody,
        };
    }
    // A page outlives its incident: what ended while it was open is what it called for.
    let Some(page) = state.pages.get(id) else { return Whose::Nobody };
    let called = |(_, it): &(&IncidentId, &Incident)| during(page, it);
    let mut ended = state.incidents.iter().filter(may_be).filter(called);
    match (ended.next(), ended.next()) {
        (Some(it), None) => known(it),
        (Some(_), Some(_)) => Whose::Several { incidents: 2 + ended.count() },
        (None, _) => Whose::Nobody,
    }
}

fn known((id, it): (&IncidentId, &Incident)) -> Whose {
    Whose::Known { incident: *id, title: it.title().to_owned(), over_at: it.ended_at }
}

/// Whether a page was open while an incident went on.
fn during(page: &Page, incident: &Incident) -> bool {
    let began = page.seen.created_at.min(page.seen.triggered_at);
    let left = page.gone.as_ref().map(|(_, at)| *at);
    incident.ended_at.is_none_or(|ended| began <= ended) && left.is_none_or(|left| left >= incident.since)
}
