//! What the window shows of tickets: the Zendesk that is connected, and how many of an incident's nobody has tagged.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::FaultView;
use crate::Time;
use crate::account::TokenPlace;
use crate::incident::IncidentId;
use crate::state::State;
use crate::zendesk;

/// The Zendesk that is connected.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ZendeskView {
    /// Its address.
    pub base_url: String,
    /// The agent whose key it is.
    pub email: String,
    /// Where the key rests.
    pub token: TokenPlace,
    /// The last failure, until an answer comes.
    pub fault: Option<FaultView>,
    /// The key was refused: connect again.
    pub key_refused: bool,
}

/// The untagged tickets of an incident, as far as Zendesk told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct TicketsView {
    /// How many; absent before the first answer.
    #[ts(type = "number | null")]
    pub count: Option<u64>,
    /// When that was told.
    pub at: Option<Time>,
    /// When that is old: two counts were missed.
    pub old_at: Option<Time>,
    /// Why they are not counted now.
    pub fault: Option<String>,
}

pub(super) fn zendesk(state: &State) -> Option<ZendeskView> {
    let tickets = &state.session.tickets;
    state.zendesk.as_ref().map(|it| ZendeskView {
        base_url: it.base_url.clone(),
        email: it.email.clone(),
        token: it.token,
        fault: tickets.fault.as_ref().map(FaultView::from),
        key_refused: tickets.key_refused(),
    })
}

/// Absent where there is nothing to say: Zendesk is not connected, or was not asked about this incident.
pub(super) fn tickets(state: &State, id: IncidentId) -> Option<TicketsView> {
    let tickets = &state.session.tickets;
    let known = tickets.counts.get(&id);
    let asked = state.zendesk.is_some() && tickets.next_at.contains_key(&id);
    asked.then(|| TicketsView {
        count: known.map(|it| it.count),
        at: known.map(|it| it.at),
        old_at: known.map(|it| it.at + zendesk::interval(state) * 2),
        fault: tickets.fault.as_ref().map(crate::Fault::reason),
    })
}
