//! Tickets that incidents bring: where they are counted, and what came of a count.

use super::*;
use crate::FaultKind;
use crate::zendesk::{self, TicketCount, Tickets};

impl Draft<'_> {
    /// Another Zendesk, or none: what an earlier one said no longer counts.
    pub(super) fn zendesk(&mut self, zendesk: Option<Zendesk>) {
        self.put(Change::Zendesk(zendesk));
        self.session(|session| session.tickets = Tickets::default());
    }

    /// A failure waits for its turn like an answer: nothing depends on the count, and many share what may be asked.
    pub(super) fn tickets_counted(&mut self, incident: IncidentId, result: Result<u64, Fault>, now: Time) {
        let next_at = now + zendesk::interval(&self.state);
        self.session(|session| {
            let tickets = &mut session.tickets;
            tickets.next_at.insert(incident, next_at);
            match result {
                Ok(count) => {
                    tickets.counts.insert(incident, TicketCount { count, at: now });
                    (tickets.fault, tickets.refusals) = (None, 0);
                }
                Err(fault) => {
                    let refused = fault.kind == FaultKind::Unauthorized;
                    tickets.refusals = if refused { tickets.refusals + 1 } else { 0 };
                    tickets.not_before = tickets.not_before.max(fault.retry_at);
                    tickets.fault = Some(fault);
                }
            }
        });
    }

    /// What is over is not counted any more, and what was noted under a clock that ran ahead is set right
    /// (faults.md 24).
    pub(super) fn settle_tickets(&mut self, now: Time) {
        if self.state.session.tickets == Tickets::default() {
            return;
        }
        let mut tickets = self.state.session.tickets.clone();
        let open = |id: &IncidentId| self.state.incidents.get(id).is_some_and(crate::Incident::open);
        tickets.counts.retain(|id, _| open(id));
        tickets.next_at.retain(|id, _| open(id));
        tickets.counts.values_mut().for_each(|count| count.at = count.at.min(now));
        tickets.not_before = tickets.not_before.filter(|at| !crate::reached(*at, now, poll::PAUSE_MAX));
        if tickets.next_at.is_empty() && !tickets.key_refused() {
            tickets.fault = None;
        }
        self.session(|session| session.tickets = tickets);
    }
}

#[cfg(test)]
mod tests;
