//! What becomes true when the user keeps the ledger, and when the status page tells of maintenance.

use super::Draft;
use crate::Time;
use crate::errand::ErrandTask;
use crate::feed::{MaintenanceSeen, PageTold};
use crate::incident::By;
use crate::ledger::{
    Contact, ContactId, ContactState, ContactText, Deed, LedgerWish, Maintenance, MaintenanceId, Plan, STAYS_FOR, Tell,
    kept, offer, when, wish,
};
use crate::state::Change;
use crate::text::clean_line;

/// Full answers in a row that must lack a maintenance before it counts as gone (faults.md 18).
const LACKS_TO_BE_GONE: u8 = 2;
/// Words of an update that the log repeats, in graphemes.
const QUOTE_MAX: usize = 200;
/// Maintenance of the page that is not the user's and stays unoffered; the oldest is forgotten first.
const NOT_MINE_MAX: usize = 200;

impl Draft<'_> {
    pub(super) fn ledger_wish(&mut self, wish: LedgerWish, now: Time) {
        match wish {
            LedgerWish::AddContact { contact } => self.add_contact(contact, now),
            LedgerWish::EditContact { id, contact } => self.contact(id, |it| rewrite(it, contact)),
            LedgerWish::MoveContact { id, to } => self.contact(id, |it| {
                if it.state != to {
                    (it.state, it.state_at) = (to, now);
                }
            }),
            LedgerWish::UndoContact { id } => self.undo_contact(id),
            LedgerWish::AddMaintenance { plan } => {
                let mut it = Maintenance::new(plan, now);
                it.note(now, By::Me, "Entered".into());
                self.put(Change::Maintenance(self.state.next_maintenance, Box::new(it)));
            }
            LedgerWish::EditMaintenance { id, plan } => self.plan_anew(id, plan, now),
            LedgerWish::Schedule { id } => {
                if let Some(plan) = self.state.maintenances.get(&id).map(|it| it.plan.clone()) {
                    self.send_errand(ErrandTask::ScheduleMaintenance { maintenance: id, plan }, now);
                }
            }
            LedgerWish::Tell { id, tell, text, muted, .. } => {
                let known = self.state.maintenances.get(&id);
                if let Some((post, components)) =
                    known.and_then(|it| Some((it.post.clone()?, it.plan.components.clone())))
                {
                    let task = ErrandTask::TellMaintenance { maintenance: id, post, tell, text, muted, components };
                    self.send_errand(task, now);
                }
            }
            LedgerWish::ByHand { id, deed } => self.done_by_hand(id, deed, now),
            LedgerWish::CallOff { id, yes } => self.maintenance(id, |it| {
                (it.ended_at, it.called_off) = (yes.then_some(now), yes);
                it.note(now, By::Me, if yes { "Called off" } else { "Not called off after all" }.into());
            }),
            LedgerWish::Amplified { id, by } => self.maintenance(id, |it| {
                let by = by.map(|by| clean_line(&by, QUOTE_MAX)).filter(|by| !by.is_empty());
                let who = by.as_ref().map_or(By::Me, |_| By::Others);
                let words = by.as_ref().map_or(String::new(), |by| format!(" by {by}"));
                it.note(now, who, format!("Linked for amplification{words}"));
                (it.amplified_at, it.amplified_by) = (Some(now), by);
            }),
            LedgerWish::Seen { id, at } => self.maintenance(id, |it| {
                // What lies ahead of now was noted under a wrong clock.
                it.seen_until = it.seen_until.filter(|until| *until <= now).max(Some(at.min(now)));
            }),
            LedgerWish::Adopt { post } => self.adopt(&post, now),
            LedgerWish::NotMine { post } => self.not_mine(post),
            LedgerWish::Keep { sheet, typed } => self.keep(sheet, typed),
        }
    }

    // ---- contact requests ----

    fn add_contact(&mut self, text: ContactText, now: Time) {
        let mut contact = Contact {
            asked_at: now,
            asked_by: String::new(),
            what: String::new(),
            ticket: None,
            owner: None,
            state: ContactState::Open,
            state_at: now,
            earlier: vec![],
        };
        rewrite(&mut contact, text);
        self.put(Change::Contact(self.state.next_contact, Box::new(contact)));
    }

    pub(super) fn contact(&mut self, id: ContactId, edit: impl FnOnce(&mut Contact)) {
        let Some(known) = self.state.contacts.get(&id) else { return };
        let changed = known.changed(edit);
        let same = Contact { earlier: known.earlier.clone(), ..changed.clone() } == *known;
        if !same {
            self.put(Change::Contact(id, Box::new(changed)));
        }
    }

    fn undo_contact(&mut self, id: ContactId) {
        let Some(mut known) = self.state.contacts.get(&id).cloned() else { return };
        if let Some(before) = known.earlier.pop() {
            self.put(Change::Contact(id, Box::new(Contact { earlier: known.earlier, ..before })));
        }
    }

    // ---- maintenance ----

    pub(super) fn maintenance(&mut self, id: MaintenanceId, edit: impl FnOnce(&mut Maintenance)) {
        let Some(known) = self.state.maintenances.get(&id) else { return };
        let mut next = known.clone();
        edit(&mut next);
        if next != *known {
            self.put(Change::Maintenance(id, Box::new(next)));
        }
    }

    /// Takes a plan over. Where the page cannot move what it has, at another time it is another maintenance there (H64).
    fn plan_anew(&mut self, id: MaintenanceId, plan: Plan, now: Time) {
        let (zone, flexible) = (self.state.session.zone, wish::flexible(&self.state));
        let listed_at = self.state.maintenances.get(&id).and_then(|it| offer::listed_at(&self.state, it));
        let mut left_behind = None;
        self.maintenance(id, |it| {
            let before = std::mem::replace(&mut it.plan, plan);
            if before.automation && !it.plan.automation {
                it.automation_off(now);
            }
            if (before.starts_at, before.ends_at) == (it.plan.starts_at, it.plan.ends_at) {
                if before != it.plan {
                    it.note(now, By::Me, "Corrected".into());
                }
                return;
            }
            // What was due before the start is of no use any more; what is due while it goes on is.
            if it.started_at.is_none() {
                it.seen_until = Some(now);
            }
            let (from, to) = (when::both(before.starts_at, zone), when::both(it.plan.starts_at, zone));
            it.note(now, By::Me, format!("Moved from {from} to {to}"));
            if it.scheduled_at.is_none() || listed_at == Some((it.plan.starts_at, it.plan.ends_at)) {
                return;
            }
            let what = if flexible {
                "Change its time on the status page's dashboard, too"
            } else {
                left_behind = it.post.take();
                (it.scheduled_at, it.listed, it.missing) = (None, false, 0);
                "The status page cannot move it: delete the old one on its dashboard"
            };
            it.note(now, By::Herald, what.into());
        });
        // What is left on the page is no news: its deletion was asked for.
        if let Some(post) = left_behind {
            self.not_mine(post);
        }
    }

    fn done_by_hand(&mut self, id: MaintenanceId, deed: Deed, now: Time) {
        let flexible = wish::flexible(&self.state);
        self.maintenance(id, |it| {
            let what = match deed {
                Deed::Scheduled => {
                    it.scheduled_at = Some(now);
                    "Scheduled on the dashboard"
                }
                Deed::AutomationOff => {
                    it.automation_off(now);
                    if flexible { "Automation turned off" } else { "Automation turned off, for good" }
                }
                Deed::Started => {
                    it.started_at = Some(now);
                    "Started on the dashboard"
                }
                Deed::Updated => {
                    it.updated_at = Some(now);
                    "Update posted on the dashboard"
                }
                Deed::Finished => {
                    it.ended_at = Some(now);
                    "Finished on the dashboard"
                }
            };
            it.note(now, By::Me, what.into());
        });
    }

    /// It is on the status page under this id.
    pub(super) fn maintenance_scheduled(&mut self, id: MaintenanceId, post: String, now: Time) {
        self.maintenance(id, |it| {
            it.note(now, By::Herald, "Scheduled on the status page".into());
            (it.scheduled_at, it.post) = (Some(now), Some(post));
        });
    }

    /// The public was told: its text is kept in the log, and no longer in its sheet.
    pub(super) fn maintenance_told(&mut self, id: MaintenanceId, tell: Tell, text: &str, now: Time) {
        self.maintenance(id, |it| {
            match tell {
                Tell::Start => it.started_at = it.started_at.or(Some(now)),
                Tell::Update => it.updated_at = Some(now),
                Tell::Finish => it.ended_at = Some(now),
            }
            it.note(now, By::Me, format!("{}: “{}”", tell.label(), clean_line(text, QUOTE_MAX)));
        });
        self.keep(tell.sheet(id), None);
    }

    // ---- what the status page tells ----

    /// Adds what the page lists, as the page lists it.
    fn adopt(&mut self, post: &str, now: Time) {
        let found = offer::offered(&self.state).find(|seen| seen.id == post).and_then(|seen| offer::adopted(seen, now));
        if let Some(it) = found {
            self.put(Change::Maintenance(self.state.next_maintenance, Box::new(it)));
        }
    }

    fn not_mine(&mut self, post: String) {
        let mut posts = self.state.not_mine.clone();
        posts.retain(|it| *it != post);
        posts.push(post);
        posts.drain(..posts.len().saturating_sub(NOT_MINE_MAX));
        self.put(Change::NotMine(posts));
    }

    pub(super) fn see_maintenances(&mut self, told: &PageTold, now: Time) {
        self.session(|session| session.maintenances = told.maintenances.clone());
        for id in self.state.maintenances.keys().copied().collect::<Vec<_>>() {
            let Some(it) = self.state.maintenances.get(&id).filter(|it| it.open()) else { continue };
            match told.maintenances.iter().find(|seen| offer::is_it(it, seen)) {
                Some(seen) => self.see_maintenance(id, &seen.clone(), now),
                None if it.listed && told.maintenances_complete => self.maintenance_lacks(id, now),
                None => {}
            }
        }
    }

    fn see_maintenance(&mut self, id: MaintenanceId, seen: &MaintenanceSeen, now: Time) {
        self.maintenance(id, |it| {
            if it.post.is_none() {
                it.note(now, By::Others, "It is on the status page".into());
                it.post = Some(seen.id.clone());
            }
            it.scheduled_at = it.scheduled_at.or(Some(now));
            (it.listed, it.missing) = (true, 0);
            if seen.active && it.started_at.is_none() {
                it.started_at = Some(now);
                it.note(now, By::Others, "It has begun on the status page".into());
            }
        });
    }

    /// What was begun and is no longer listed is over; what never began was taken away.
    fn maintenance_lacks(&mut self, id: MaintenanceId, now: Time) {
        self.maintenance(id, |it| {
            it.missing = it.missing.saturating_add(1);
            if it.missing < LACKS_TO_BE_GONE {
                return;
            }
            if it.started_at.is_some() || it.plan.ends_at <= now {
                it.ended_at = Some(now);
                it.note(now, By::Others, "It is over on the status page".into());
            } else {
                (it.scheduled_at, it.post, it.listed, it.missing) = (None, None, false, 0);
                it.note(now, By::Others, "The status page no longer lists it".into());
            }
        });
    }

    // ---- keeping and forgetting ----

    fn keep(&mut self, sheet: String, typed: Option<String>) {
        let mut kept = self.state.kept.clone();
        match typed {
            Some(typed) => kept.insert(sheet, typed),
            None => kept.remove(&sheet),
        };
        if kept != self.state.kept {
            self.put(Change::Kept(kept));
        }
    }

    /// What is handled or over stays for a day, and a contact request for as long as the shift in which it was handled.
    pub(super) fn forget_old_ledger(&mut self, now: Time) {
        let shift = self.state.shifts.values().find(|shift| shift.open()).map(|shift| shift.started_at);
        // Not `reached`: an end noted under a clock that ran ahead lies in the future, not long ago.
        let old = |at: Time| now - at >= STAYS_FOR;
        let done = |it: &Contact| it.handled() && old(it.state_at) && shift.is_none_or(|from| it.state_at < from);
        let contacts: Vec<_> = self.state.contacts.iter().filter(|(_, it)| done(it)).map(|(id, _)| *id).collect();
        for id in contacts {
            self.put(Change::ContactForgotten(id));
        }
        let over = |it: &Maintenance| it.ended_at.is_some_and(old);
        let over: Vec<_> = self.state.maintenances.iter().filter(|(_, it)| over(it)).map(|(id, _)| *id).collect();
        for id in over {
            self.put(Change::MaintenanceForgotten(id));
        }
        let gone: Vec<String> = self.state.kept.keys().filter(|it| kept::gone(&self.state, it)).cloned().collect();
        for sheet in gone {
            self.keep(sheet, None);
        }
    }
}

/// Takes over what is known of a contact request. Who asked is not who has it: that is whoever made the ticket, unless
/// somebody else is named.
fn rewrite(contact: &mut Contact, text: ContactText) {
    let given = |text: Option<String>| text.map(|it| it.trim().to_owned()).filter(|it| !it.is_empty());
    contact.asked_by = text.asked_by.trim().to_owned();
    contact.what = text.what.trim().to_owned();
    contact.ticket = given(text.ticket);
    contact.owner = given(text.owner);
}

#[cfg(test)]
mod tests;
