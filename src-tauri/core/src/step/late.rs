//! What was entered while the store could not be read joins what it held: nothing typed is lost (faults.md 29).

use super::Draft;
use crate::Time;
use crate::incident::{Incident, IncidentId, Own};
use crate::ledger::kept::{self, Numbers};
use crate::shift::Shift;
use crate::state::{Change, State};

impl Draft<'_> {
    /// Takes in what `other` has by the user's own hand, under numbers of its own. What feeds told, they tell again.
    pub(super) fn entered_meanwhile(&mut self, other: State, now: Time) {
        let mut numbers = Numbers::default();
        for (id, incident) in &other.incidents {
            if let Some(new) = self.incident_meanwhile(&other, *id, incident, now) {
                numbers.incidents.insert(*id, new);
            }
        }
        for (id, contact) in other.contacts {
            numbers.contacts.insert(id, self.state.next_contact);
            self.put(Change::Contact(self.state.next_contact, Box::new(contact)));
        }
        for (id, maintenance) in other.maintenances {
            numbers.maintenances.insert(id, self.state.next_maintenance);
            self.put(Change::Maintenance(self.state.next_maintenance, Box::new(maintenance)));
        }
        for training in other.trainings.values().cloned() {
            self.put(Change::Training(self.state.next_training, Box::new(training)));
        }
        for shift in other.shifts.values().cloned() {
            self.shift_meanwhile(shift);
        }
        if !other.kept.is_empty() {
            let mut kept = self.state.kept.clone();
            for (sheet, typed) in other.kept {
                kept.entry(kept::renamed(&sheet, &numbers)).or_insert(typed);
            }
            self.put(Change::Kept(kept));
        }
        if other.taken_over.is_some() {
            self.put(Change::TakenOver(other.taken_over.map(Box::new)));
        }
    }

    /// Says under which number it goes on.
    fn incident_meanwhile(
        &mut self,
        other: &State,
        id: IncidentId,
        incident: &Incident,
        now: Time,
    ) -> Option<IncidentId> {
        let known = self.state.incidents.iter().find(|(_, it)| same(it, incident)).map(|(id, _)| *id);
        let draft = other.drafts.get(&id).filter(|draft| !draft.text.body.trim().is_empty());
        let touched = incident.own != Own::default()
            || incident.decided_at.is_some()
            || incident.declined_at.is_some()
            || !incident.updates.is_empty()
            || !incident.ticks.is_empty()
            || other.kept.keys().any(|sheet| kept::about_incident(sheet) == Some(id));
        if draft.is_none() && !touched {
            return known;
        }
        let new = self.state.next_incident;
        self.put(Change::Incident(new, Box::new(incident.clone())));
        if let Some(draft) = draft {
            self.put(Change::Draft(new, Box::new(draft.clone())));
        }
        if let Some(known) = known {
            self.join(known, new, now);
        }
        known.or(Some(new))
    }

    /// One shift at a time: what was written about it goes to the one that is known to go on.
    fn shift_meanwhile(&mut self, shift: Shift) {
        let Some((id, known)) = self.state.shifts.iter().find(|(_, it)| it.open() && shift.open()) else {
            self.put(Change::Shift(self.state.next_shift, Box::new(shift)));
            return;
        };
        let (id, mut known) = (*id, known.clone());
        let written =
            [known.handover.notes.as_str(), &shift.handover.notes, shift.handover.text.as_deref().unwrap_or("")];
        let written: Vec<&str> = written.into_iter().map(str::trim).filter(|text| !text.is_empty()).collect();
        known.handover.notes = written.join("\n\n");
        self.put(Change::Shift(id, Box::new(known)));
    }
}

/// Whether both are about the same issue or the same incident of the status page.
fn same(known: &Incident, other: &Incident) -> bool {
    let post = |it: &Incident| it.post.as_ref().map(|post| post.id.clone());
    let issue = known.issue_iid().is_some() && known.issue_iid() == other.issue_iid();
    issue || (post(known).is_some() && post(known) == post(other))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::Command;
    use crate::incident::IncidentWish;
    use crate::ledger::LedgerWish;
    use crate::shift::Role;
    use crate::state::tests::{at, connected};
    use crate::step::{Input, step};

    const ISSUE: &str = "https://tracker.quillbrook.example/issues/7";

    fn put(state: &mut State, input: Input) {
        for change in step(state, input, at(1)) {
            state.apply(&change);
        }
    }

    fn written(title: &str, issue: Option<&str>, body: &str) -> State {
        let mut state = connected();
        let own = Own { title: Some(title.into()), issue_url: issue.map(Into::into), ..Own::default() };
        let mut wish = |wish| put(&mut state, Input::User(Command::Incident { wish: Box::new(wish) }));
        wish(IncidentWish::Open { own, page: None });
        let text = crate::draft::Text {
            title: title.into(),
            body: body.into(),
            phase: crate::phase::Phase::Investigating,
            impact: None,
            components: std::collections::BTreeSet::new(),
            promise: true,
            muted: std::collections::BTreeSet::new(),
        };
        wish(IncidentWish::Write { incident: 1, text });
        state
    }

    fn bodies(state: &State) -> Vec<(&str, &str)> {
        let body = |id: &IncidentId| state.drafts.get(id).map_or("", |draft| draft.text.body.as_str());
        state.incidents.iter().map(|(id, it)| (it.title(), body(id))).collect()
    }

    #[test]
    fn two_texts_of_one_number_are_both_there() {
        let mut held = written("Sign-in fails", None, "Before.");
        put(&mut held, Input::ReadLate(Box::new(written("Pipelines wait", None, "Meanwhile."))));
        assert_eq!(bodies(&held), [("Sign-in fails", "Before."), ("Pipelines wait", "Meanwhile.")]);
    }

    #[test]
    fn two_texts_about_one_issue_become_one() {
        let mut held = written("Sign-in fails", Some(ISSUE), "Before.");
        put(&mut held, Input::ReadLate(Box::new(written("Sign-in fails", Some(ISSUE), "Meanwhile."))));
        assert_eq!(bodies(&held), [("Sign-in fails", "Before.\n\nMeanwhile.")]);
    }

    #[test]
    fn a_card_that_only_feeds_made_is_not_doubled() {
        let mut held = written("Sign-in fails", None, "Before.");
        let mut other = connected();
        other.incidents.insert(1, Incident::new(at(0)));
        put(&mut held, Input::ReadLate(Box::new(other)));
        assert_eq!(bodies(&held).len(), 1);
    }

    #[test]
    fn sheets_follow_what_they_are_about() {
        let contact =
            || crate::ledger::ContactText { asked_by: "Ana".into(), what: "x".into(), ticket: None, owner: None };
        let keep = |state: &mut State, sheet: &str, typed: &str| {
            let keep = LedgerWish::Keep { sheet: sheet.into(), typed: Some(typed.into()) };
            put(state, Input::User(Command::Ledger { wish: Box::new(keep) }));
        };
        let mut held = written("Sign-in fails", None, "Before.");
        let mut other = written("Pipelines wait", None, "Meanwhile.");
        for state in [&mut held, &mut other] {
            let add = LedgerWish::AddContact { contact: contact() };
            put(state, Input::User(Command::Ledger { wish: Box::new(add) }));
        }
        for (state, typed) in [(&mut held, "before"), (&mut other, "meanwhile")] {
            for sheet in ["contact/1", "own/1", "skip/1/join", "contact/new"] {
                keep(state, sheet, typed);
            }
        }
        put(&mut held, Input::ReadLate(Box::new(other)));
        let kept: Vec<_> = held.kept.iter().map(|(sheet, typed)| (sheet.as_str(), typed.as_str())).collect();
        let expected = [
            ("contact/1", "before"),
            ("contact/2", "meanwhile"),
            ("contact/new", "before"),
            ("own/1", "before"),
            ("own/2", "meanwhile"),
            ("skip/1/join", "before"),
            ("skip/2/join", "meanwhile"),
        ];
        assert_eq!(kept, expected);
    }

    #[test]
    fn ledger_and_shift_come_along() {
        let mut held = connected();
        held.shifts.insert(4, Shift::new(at(0), None, Role::OnCall, true));
        held.next_shift = 5;
        let mut other = connected();
        let keep = LedgerWish::Keep { sheet: "contact/new".into(), typed: Some("half a request".into()) };
        put(&mut other, Input::User(Command::Ledger { wish: Box::new(keep) }));
        let mut shift = Shift::new(at(0), None, Role::OnCall, true);
        shift.handover.notes = "Watch the queue.".into();
        other.shifts.insert(1, shift);
        put(&mut held, Input::ReadLate(Box::new(other)));
        assert_eq!(held.kept.get("contact/new").map(String::as_str), Some("half a request"));
        let notes: Vec<_> = held.shifts.values().map(|it| it.handover.notes.as_str()).collect();
        assert_eq!(notes, ["Watch the queue."], "one shift, with what was written about it");
    }
}
