//! The tickets that an incident brings: how they are tagged and found (H53, H54).

use std::cmp::Reverse;
use std::collections::BTreeMap;

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use crate::account::TokenPlace;
use crate::incident::{Incident, IncidentId};
use crate::poll::PAUSE_MAX;
use crate::stage::{Reading, fill, unknown_fields};
use crate::state::State;
use crate::{Fault, Time};

/// Refusals of the key in a row after which tickets are no longer counted (faults.md 4).
const REFUSALS_MAX: u32 = 2;
/// Incidents whose tickets are counted at the most: what may be asked is shared with the whole company.
const COUNTED_MAX: usize = 5;
/// What makes a search one of tickets: people and organizations would be found, too.
const TICKETS_ONLY: &str = "type:ticket";

/// How tickets of an incident are tagged and found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ZendeskRules {
    /// Where agents work, while no Zendesk is connected; empty where that is not said.
    pub base_url: String,
    /// What is opened there to search, with `{tickets}` for the search.
    pub search_path: String,
    /// The tag of an incident's tickets.
    pub tag: String,
    /// The search for tickets that may belong to it.
    pub search: String,
    /// The search for those that nobody has tagged yet.
    pub untagged: String,
    /// Hours that both reach back at least; further when the incident is older.
    pub hours: u32,
    /// Seconds between two counts of one incident's untagged tickets, where Zendesk is connected.
    #[serde(default = "usual_poll_s")]
    pub poll_s: u32,
}

fn usual_poll_s() -> u32 {
    180
}

impl ZendeskRules {
    /// Everything that is wrong, as `(key, what is wrong)`.
    #[must_use]
    pub fn faults(&self) -> Vec<(String, String)> {
        let texts = [
            ("tag", &self.tag),
            ("search_path", &self.search_path),
            ("search", &self.search),
            ("untagged", &self.untagged),
        ];
        let of = |(key, text): (&str, &String)| {
            unknown_fields(text).into_iter().map(|why| (format!("zendesk.{key}"), why)).collect::<Vec<_>>()
        };
        let mut faults: Vec<_> = texts.into_iter().flat_map(of).collect();
        if !(self.base_url.is_empty() || self.base_url.starts_with("https://") || self.base_url.starts_with("http://"))
        {
            faults.push(("zendesk.base_url".into(), "must start with https:// or http://".into()));
        }
        faults
    }
}

/// The Zendesk whose tickets are counted. It is only read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Zendesk {
    /// Its address, without a slash at its end.
    pub base_url: String,
    /// The agent whose key it is.
    pub email: String,
    /// Where the key rests.
    pub token: TokenPlace,
}

/// How many tickets nobody had tagged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TicketCount {
    /// How many.
    pub count: u64,
    /// When that was told.
    pub at: Time,
}

/// What is known of tickets while Herald runs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tickets {
    /// The last count of each incident.
    pub counts: BTreeMap<IncidentId, TicketCount>,
    /// When each is counted next; at once when it is missing.
    pub next_at: BTreeMap<IncidentId, Time>,
    /// The last failure, until an answer comes. It alarms nobody.
    pub fault: Option<Fault>,
    /// Not to be asked before, on Zendesk's own word.
    pub not_before: Option<Time>,
    /// Refusals of the key in a row.
    pub refusals: u32,
}

impl Tickets {
    /// The key was refused for good: nothing is asked until the user connects again (faults.md 4).
    #[must_use]
    pub fn key_refused(&self) -> bool {
        self.refusals >= REFUSALS_MAX
    }
}

/// The pause between two counts of one incident.
#[must_use]
pub fn interval(state: &State) -> TimeDelta {
    TimeDelta::seconds(state.playbook.zendesk.poll_s.into())
}

/// What Zendesk is asked to count for an incident; absent where something in it is not known, such as its number.
#[must_use]
pub fn query(state: &State, id: IncidentId, incident: &Incident, now: Time) -> Option<String> {
    let fields = Reading::new(state, id, incident, now).fields();
    let untagged = &state.playbook.zendesk.untagged;
    let search = fill(untagged, &fields).filter(|search| !search.trim().is_empty())?;
    Some(if untagged.contains(TICKETS_ONLY) { search } else { format!("{TICKETS_ONLY} {search}") })
}

/// The incidents whose tickets are to be counted now.
#[must_use]
pub fn due(state: &State, now: Time) -> Vec<IncidentId> {
    let tickets = &state.session.tickets;
    if tickets.not_before.is_some_and(|at| !crate::reached(at, now, PAUSE_MAX)) {
        return vec![];
    }
    let come = |id: &IncidentId| tickets.next_at.get(id).is_none_or(|at| crate::reached(*at, now, interval(state)));
    counted(state, now).into_iter().filter(come).collect()
}

/// When tickets are counted next, each incident's: the first of them may be on its way already, and must not hide
/// when the others are due.
#[must_use]
pub fn due_at(state: &State, now: Time) -> Vec<Time> {
    let tickets = &state.session.tickets;
    let earliest = tickets.not_before.unwrap_or(now);
    counted(state, now).iter().map(|id| tickets.next_at.get(id).map_or(earliest, |at| earliest.max(*at))).collect()
}

/// The newest open incidents, as far as they can be counted. Without any, nothing is asked.
fn counted(state: &State, now: Time) -> Vec<IncidentId> {
    if state.zendesk.is_none() || state.session.tickets.key_refused() {
        return vec![];
    }
    let known = |(id, it): &(&IncidentId, &Incident)| it.open() && query(state, **id, it, now).is_some();
    let mut open: Vec<(&IncidentId, &Incident)> = state.incidents.iter().filter(known).collect();
    open.sort_by_key(|(id, it)| Reverse((it.since, **id)));
    open.into_iter().map(|(id, _)| *id).take(COUNTED_MAX).collect()
}
