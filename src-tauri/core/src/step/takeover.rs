//! What becomes true when another Herald's handover is taken over. Doing it twice changes nothing.

use super::Draft;
use super::feeds::note;
use crate::Time;
use crate::handover::parcel::{self, Parcel, Passed};
use crate::incident::{By, Incident, IncidentId, Own, Promise, same_update};
use crate::ledger::{Contact, ContactState, Maintenance};
use crate::shift::TakenOver;
use crate::stage::Tick;
use crate::state::Change;

/// What the log says of what came with a handover.
const TOLD: &str = "Taken over from the shift before";

impl Draft<'_> {
    pub(super) fn take_over(&mut self, markdown: &str, now: Time) {
        let Ok(parcel) = parcel::read(markdown, now) else { return };
        let Parcel { from, notes, incidents, contacts, maintenances, .. } = parcel;
        let mut tasks = vec![];
        for passed in incidents {
            let named = passed.iid().map_or_else(|| passed.title.clone(), |iid| format!("#{iid}"));
            tasks.extend(passed.tasks.iter().map(|task| format!("{named}: {task}")));
            self.take_incident(&passed, now);
        }
        for contact in contacts {
            self.take_contact(contact, now);
        }
        for maintenance in maintenances {
            self.take_maintenance(maintenance, now);
        }
        self.take_words(TakenOver { from, notes, tasks });
    }

    /// What was handed over from here and comes back is open here again.
    fn take_contact(&mut self, contact: Contact, now: Time) {
        let same = |it: &Contact| {
            (it.asked_at, &it.asked_by, &it.what) == (contact.asked_at, &contact.asked_by, &contact.what)
        };
        match self.state.contacts.iter().find(|(_, it)| same(it)).map(|(id, it)| (*id, it.state)) {
            Some((id, ContactState::HandedOver)) => {
                self.contact(id, |it| (it.state, it.state_at) = (ContactState::Open, now));
            }
            Some((_, ContactState::Open | ContactState::Done | ContactState::Planned)) => {}
            None => self.put(Change::Contact(self.state.next_contact, Box::new(contact))),
        }
    }

    fn take_maintenance(&mut self, taken: Maintenance, now: Time) {
        let same = |it: &Maintenance| {
            let by_post = it.post.is_some() && it.post == taken.post;
            let by_issue = it.plan.issue_url.is_some() && it.plan.issue_url == taken.plan.issue_url;
            by_post || by_issue || (&it.plan.title, it.plan.starts_at) == (&taken.plan.title, taken.plan.starts_at)
        };
        match self.state.maintenances.iter().find(|(_, it)| same(it)).map(|(id, it)| (*id, it.open())) {
            Some((id, true)) => self.maintenance(id, |it| merge_maintenance(it, &taken, now)),
            Some((_, false)) => {}
            None => self.put(Change::Maintenance(self.state.next_maintenance, Box::new(taken))),
        }
    }

    /// What was not dealt with yet of an earlier handover stays beside what comes now.
    fn take_words(&mut self, taken: TakenOver) {
        if taken.notes.is_empty() && taken.tasks.is_empty() {
            return;
        }
        let mut all = self.state.taken_over.clone().unwrap_or_default();
        if !all.notes.contains(&taken.notes) {
            let between = if all.notes.is_empty() { "" } else { "\n\n" };
            all.notes = format!("{}{between}{}", all.notes, taken.notes);
        }
        for task in taken.tasks {
            if !all.tasks.contains(&task) {
                all.tasks.push(task);
            }
        }
        all.from = taken.from.or(all.from);
        if self.state.taken_over.as_ref() != Some(&all) {
            self.put(Change::TakenOver(Some(Box::new(all))));
        }
    }

    /// What the feeds know already stays as they say; what only the person before knew is added.
    fn take_incident(&mut self, passed: &Passed, now: Time) {
        let id = match self.known_incident(passed) {
            Some(id) => id,
            None => self.new_incident(passed.since.unwrap_or(now).min(now)),
        };
        if self.state.incidents.get(&id).is_some_and(Incident::open) {
            self.incident(id, |it| merge(it, passed, now));
        }
    }

    /// The incident that is meant, among all that are remembered: by issue, by post, else by its name.
    fn known_incident(&self, passed: &Passed) -> Option<IncidentId> {
        let by_issue = |it: &Incident| passed.issue_url.is_some() && it.issue_url() == passed.issue_url.as_deref();
        let by_number = |it: &Incident| passed.iid().is_some() && it.issue_iid() == passed.iid();
        let by_post =
            |it: &Incident| passed.post.is_some() && it.post.as_ref().map(|post| &post.id) == passed.post.as_ref();
        let by_name = |it: &Incident| {
            let apart = passed.iid().is_some() && it.issue_iid().is_some();
            !apart && it.title() == passed.title
        };
        let find = |same: &dyn Fn(&Incident) -> bool| self.state.incidents.iter().find(|(_, it)| same(it));
        let found = find(&by_issue).or_else(|| find(&by_number)).or_else(|| find(&by_post)).or_else(|| find(&by_name));
        found.map(|(id, _)| *id)
    }
}

fn merge(it: &mut Incident, passed: &Passed, now: Time) {
    let found = it.issue.as_ref().map(|issue| issue.found.clone()).unwrap_or_default();
    let only = |known: bool, value: &Option<String>| if known { None } else { value.clone() };
    let nameless = it.own.title.is_none() && it.post.is_none() && it.issue.is_none();
    let added = Own {
        title: nameless.then(|| passed.title.clone()),
        severity: if it.severity().is_none() { passed.severity } else { None },
        issue_url: only(it.issue_url().is_some(), &passed.issue_url),
        call_url: only(found.call_url.is_some(), &passed.call_url),
        channel: only(found.channel.is_some(), &passed.channel),
        im: only(found.im.is_some(), &passed.im),
        eoc: only(found.eoc.is_some(), &passed.eoc),
        state: None,
        monitoring_min: None,
    };
    it.own = it.own.clone().or(added);
    if it.decided_at.is_none() && it.declined_at.is_none() {
        it.decided_at = passed.decided_at;
    }
    if let Some(last) = &passed.last {
        let published = it.published();
        let known = published.iter().any(|update| same_update(update, last));
        if !known && published.last().is_none_or(|update| update.at < last.at) {
            it.updates.push(last.clone());
        }
        let still_last = it.last_update().is_some_and(|update| same_update(&update, last));
        if let Some(due_at) = passed.promised.filter(|_| still_last && it.promise.is_none()) {
            it.promise = Some(Promise { due_at, made_at: last.at, made_by: Some(last.clone()), confirmed_at: None });
        }
    }
    it.recurred_at = it.recurred_at.max(passed.recurred_at);
    for (task, tick) in passed.said(now) {
        let stale = |known: &Tick| it.recurred_at.is_some_and(|again| known.at < again && again <= tick.at);
        if it.ticks.get(&task).is_none_or(stale) {
            it.ticks.insert(task, tick);
        }
    }
    if !it.log.iter().any(|event| event.what == TOLD) {
        note(it, now, By::Others, TOLD.to_owned());
    }
}

/// What is known here stays; what the person before did meanwhile is added. Automation that is off stays off (H62).
fn merge_maintenance(it: &mut Maintenance, taken: &Maintenance, now: Time) {
    let before = it.clone();
    if it.plan.automation && !taken.plan.automation {
        it.automation_off(now);
    }
    it.scheduled_at = it.scheduled_at.or(taken.scheduled_at);
    it.post = it.post.take().or_else(|| taken.post.clone());
    it.started_at = it.started_at.or(taken.started_at);
    it.updated_at = it.updated_at.max(taken.updated_at);
    if it.amplified_at.is_none() {
        (it.amplified_at, it.amplified_by) = (taken.amplified_at, taken.amplified_by.clone());
    }
    if *it != before {
        it.note(now, By::Others, TOLD.to_owned());
    }
}

#[cfg(test)]
mod tests;
