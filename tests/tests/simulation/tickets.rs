//! Zendesk in the simulated world: tickets are counted beside everything else, the count may fail at will, and whatever
//! comes of it alarms nobody and writes nothing.

use herald_core::incident::{Incident, IncidentId};
use herald_core::zendesk::Zendesk;
use herald_core::{Input, State, TokenPlace, step};

use crate::herald::{Alive, Herald};
use crate::net::{Errand, Flight};

/// How many tickets nobody has tagged, of whatever incident.
pub const UNTAGGED: u64 = 3;

/// The Zendesk that is connected.
pub fn zendesk() -> Zendesk {
    Zendesk {
        base_url: "https://quillbrook.example".into(),
        email: "elena@quillbrook.example".into(),
        token: TokenPlace::Keychain,
    }
}

impl Herald {
    /// As `Loop::count_tickets`.
    pub fn count_tickets(&mut self, incident: IncidentId) -> Alive {
        let open = self.state.incidents.get(&incident).is_some_and(Incident::open);
        self.must(open && self.state.zendesk.is_some(), || format!("tickets of {incident} are counted for nobody"));
        self.send(Flight::Tickets(incident), Errand::CountTickets(incident));
        Ok(())
    }

    /// A count changes the count: everything else is as it would be if only the time had passed.
    pub fn counting_moves_nothing(&self, before: &State, input: &Input) {
        let Input::TicketsCounted(incident, result) = input else { return };
        let mut ticked = before.clone();
        for change in step(before, Input::Ticked, self.now()) {
            ticked.apply(&change);
        }
        ticked.session.tickets = self.state.session.tickets.clone();
        self.must(ticked == self.state, || format!("the tickets of {incident} move something else: {result:?}"));
    }
}
