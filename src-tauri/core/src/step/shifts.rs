//! What becomes true of shifts: they begin and end by the schedule or by hand, remember what happened, and are handed
//! over (H80–H82).

use chrono::TimeDelta;

use super::Draft;
use crate::Time;
use crate::alarm::{AlarmKey, may_be_filed_again};
use crate::errand::ErrandTask;
use crate::handover;
use crate::incident::{Incident, IncidentId};
use crate::ledger::ContactState;
use crate::page::Page;
use crate::shadow::is_shadow_schedule;
use crate::shift::{
    ENDED_MAX, HandedBy, Handover, PAGES_MAX, Shift, ShiftEnded, ShiftId, ShiftPage, ShiftWish, ToFile, scheduled,
};
use crate::state::{Change, State};

/// Ended shifts that are held at the most: nobody hands over the one before.
const SHIFTS_MAX: usize = 10;

impl Draft<'_> {
    pub(super) fn shift_wish(&mut self, wish: ShiftWish, now: Time) {
        match wish {
            ShiftWish::Start { role, ends_at } => {
                let ends_at = ends_at.filter(|at| *at > now);
                let shift = Shift::new(now, ends_at, role, true);
                self.put(Change::Shift(self.state.next_shift, Box::new(shift)));
            }
            ShiftWish::End => {
                if let Some(id) = self.open_shift() {
                    self.shift(id, |it| (it.ended_at, it.ended_by_hand) = (Some(now.max(it.started_at)), true));
                }
            }
            ShiftWish::Note { shift, notes } => self.handover(shift, |it| it.notes = notes),
            ShiftWish::Write { shift, text } => self.write_handover(shift, text),
            ShiftWish::Anew { shift } => self.handover(shift, |it| {
                (it.before, it.text, it.basis) = (it.text.take().or(it.before.take()), None, None);
            }),
            ShiftWish::Undo { shift } => {
                let Some(text) = self.state.shifts.get(&shift).and_then(|it| it.handover.before.clone()) else {
                    return;
                };
                self.write_handover(shift, text);
            }
            ShiftWish::Noticed { shift } => {
                let basis = self.written(shift);
                self.handover(shift, |it| it.basis = basis);
            }
            ShiftWish::Done { shift, how } => self.handed_over(shift, how, now),
            ShiftWish::PassOn { shift } => self.pass_on(shift, now),
            ShiftWish::NotDone { shift } => self.handover(shift, |it| (it.done_at, it.how) = (None, None)),
            ShiftWish::File { shift, title, text } => self.file_handover(shift, title, text, now),
            ShiftWish::NotFile { shift } => self.handover(shift, |it| it.to_file = None),
            ShiftWish::MadeConfidential { shift } => self.handover(shift, |it| it.public = false),
            ShiftWish::Hinted { shift, incident } => self.shift(shift, |it| {
                it.hinted.insert(incident);
            }),
            ShiftWish::Import { markdown } => self.take_over(&markdown, now),
            ShiftWish::TakenOverDone => self.put(Change::TakenOver(None)),
        }
    }

    fn shift(&mut self, id: ShiftId, edit: impl FnOnce(&mut Shift)) {
        let Some(known) = self.state.shifts.get(&id) else { return };
        let mut shift = known.clone();
        edit(&mut shift);
        if shift != *known {
            self.put(Change::Shift(id, Box::new(shift)));
        }
    }

    fn handover(&mut self, id: ShiftId, edit: impl FnOnce(&mut Handover)) {
        self.shift(id, |it| edit(&mut it.handover));
    }

    fn open_shift(&self) -> Option<ShiftId> {
        self.state.shifts.iter().find(|(_, shift)| shift.open()).map(|(id, _)| *id)
    }

    // ---- the handover ----

    /// What Herald itself writes now.
    fn written(&self, id: ShiftId) -> Option<String> {
        self.state.shifts.get(&id).map(|shift| handover::written(&self.state, shift))
    }

    /// Keeps what was typed, and what Herald had written when that began: what differs later is news.
    fn write_handover(&mut self, id: ShiftId, text: String) {
        let written = self.written(id);
        self.handover(id, |it| {
            if it.text.is_none() {
                it.basis = written;
            }
            (it.text, it.before) = (Some(text), None);
        });
    }

    fn handed_over(&mut self, id: ShiftId, how: HandedBy, now: Time) {
        let basis = self.written(id);
        self.handover(id, |it| {
            (it.done_at, it.how, it.basis, it.to_file) = (Some(now), Some(how), basis, None);
        });
    }

    /// The handover told them already, so that they changed hands with it is no news.
    fn pass_on(&mut self, id: ShiftId, now: Time) {
        let without_news = self.state.shifts.get(&id).is_some_and(|it| it.handover.basis == self.written(id));
        let open = self.state.contacts.iter().filter(|(_, it)| it.state == ContactState::Open).map(|(id, _)| *id);
        for contact in open.collect::<Vec<_>>() {
            self.contact(contact, |it| (it.state, it.state_at) = (ContactState::HandedOver, now));
        }
        if without_news {
            let basis = self.written(id);
            self.handover(id, |it| it.basis = basis);
        }
    }

    fn file_handover(&mut self, shift: ShiftId, title: String, text: String, now: Time) {
        let rules = &self.state.playbook.handover;
        let (project, labels) = (rules.project.clone(), rules.labels.clone());
        self.handover(shift, |it| it.to_file = None);
        self.send_errand(ErrandTask::FileHandover { shift, project, title, text, labels }, now);
    }

    /// It is an issue now. One that is not confidential is told until somebody has made it so.
    pub(super) fn handover_filed(&mut self, id: ShiftId, url: String, confidential: bool, now: Time) {
        self.handed_over(id, HandedBy::Filed, now);
        self.handover(id, |it| (it.issue_url, it.public) = (Some(url), !confidential));
    }

    /// It is to be filed; only the user says when (H80).
    pub(super) fn handover_not_filed(&mut self, id: ShiftId, why: &str, now: Time) {
        self.handover(id, |it| it.to_file = Some(ToFile { since: now, why: why.to_owned() }));
    }

    // ---- by the schedule ----

    /// Makes the shifts what on-call times, clock and the rest of the state call for.
    pub(super) fn settle_shifts(&mut self, now: Time) {
        self.end_shift(now);
        self.begin_shift(now);
        self.remember_in_shift();
        self.forget_old_shifts(now);
        self.ask_to_file(now);
    }

    /// A look-up that failed says nothing: what was known before holds, and its end comes when it comes.
    fn end_shift(&mut self, now: Time) {
        let Some(id) = self.open_shift() else { return };
        let span = self.scheduled(now);
        let known = self.state.oncall.complete();
        self.shift(id, |it| {
            let over = it.ends_at.is_some_and(|at| at <= now);
            if it.by_hand {
                if over {
                    (it.ended_at, it.ended_by_hand) = (it.ends_at, true);
                }
            } else if let Some(span) = span.filter(|span| span.role == it.role) {
                it.ends_at = Some(span.end);
            } else if over || known {
                let end = it.ends_at.map_or(now, |at| at.min(now));
                it.ended_at = Some(end.max(it.started_at));
            }
        });
    }

    /// A shift that ended a moment ago, or because PagerDuty said something else for a moment, goes on; one that the
    /// user ended stays ended.
    fn begin_shift(&mut self, now: Time) {
        // On-call times of long ago end a shift, but begin none: they may have changed since.
        let may_begin = self.open_shift().is_none() && self.state.oncall_known(now);
        let Some(span) = self.scheduled(now).filter(|_| may_begin) else { return };
        let gap = self.state.playbook.handover.gap();
        let part = |it: &Shift| it.role == span.role && it.ended_at.is_some_and(|at| at + gap >= span.start);
        let last = self.state.shifts.iter().filter(|(_, it)| part(it)).max_by_key(|(id, _)| **id);
        match last.map(|(id, it)| (*id, it.ended_by_hand)) {
            Some((_, true)) => {}
            Some((id, false)) => self.shift(id, |it| (it.ended_at, it.ends_at) = (None, Some(span.end))),
            None => {
                let shift = Shift::new(span.start, Some(span.end), span.role, false);
                self.put(Change::Shift(self.state.next_shift, Box::new(shift)));
            }
        }
    }

    fn scheduled(&self, now: Time) -> Option<crate::shift::Span> {
        let state = &self.state;
        let shadows = |schedule: &str| is_shadow_schedule(state, schedule);
        scheduled(&state.oncall.entries, shadows, state.playbook.handover.gap(), now)
    }

    /// Pages and incidents are forgotten soon after they are over; the shift keeps what its handover tells of them.
    fn remember_in_shift(&mut self) {
        let Some((id, shift)) = self.state.shifts.iter().find(|(_, shift)| shift.open()) else { return };
        let new = self.before.shifts.get(id).is_none_or(|before| !before.open());
        let touched = self.changes.iter().any(|it| matches!(it, Change::Page(_) | Change::Incident(..)));
        if !new && !touched {
            return;
        }
        let (id, mut shift) = (*id, shift.clone());
        if new {
            self.state.pages.values().for_each(|page| remember_page(&mut shift, page, true));
            self.state.incidents.iter().for_each(|(id, incident)| remember_incident(&mut shift, *id, incident));
        } else {
            for change in &self.changes {
                if let Change::Page(page) = change {
                    let before = self.before.pages.get(&page.seen.id);
                    let first = before.is_none_or(|before| before.seen.triggered_at != page.seen.triggered_at);
                    remember_page(&mut shift, page, first);
                } else if let Change::Incident(id, incident) = change {
                    remember_incident(&mut shift, *id, incident);
                }
            }
        }
        self.shift(id, |it| *it = shift);
    }

    fn forget_old_shifts(&mut self, now: Time) {
        let rules = &self.state.playbook.handover;
        let keep = TimeDelta::hours(rules.keep_h.into());
        let ended = || self.state.shifts.iter().filter(|(_, shift)| !shift.open());
        let wanted = |shift: &Shift| {
            let handover = &shift.handover;
            shift.handover_missing(rules) || handover.public || handover.to_file.is_some()
        };
        let old = |shift: &Shift| shift.ended_at.is_some_and(|at| now - at >= keep) && !wanted(shift);
        let too_many = ended().count().saturating_sub(SHIFTS_MAX);
        let place = ended().enumerate();
        let forgotten = place.filter(|(nth, (_, shift))| *nth < too_many || old(shift)).map(|(_, (id, _))| *id);
        for id in forgotten.collect::<Vec<_>>() {
            self.put(Change::ShiftForgotten(id));
        }
    }

    /// The tracker answers again: a handover that waits for it asks at once, and is not sent by itself.
    fn ask_to_file(&mut self, now: Time) {
        let again = |state: &State, shift: &Shift| may_be_filed_again(state, shift, now);
        let newly = |(id, shift): &(&ShiftId, &Shift)| {
            again(&self.state, shift) && self.before.shifts.get(id).is_some_and(|before| !again(self.before, before))
        };
        let asking: Vec<ShiftId> = self.state.shifts.iter().filter(newly).map(|(id, _)| *id).collect();
        for shift in asking {
            self.alarm(&AlarmKey::Handover { shift }, |alarm| (alarm.next_at, alarm.quiet_until) = (now, None));
        }
    }
}

fn remember_page(shift: &mut Shift, page: &Page, first: bool) {
    let seen = &page.seen;
    let taken = seen.taken_at.filter(|at| *at >= shift.started_at);
    if seen.triggered_at < shift.started_at && taken.is_none() {
        return;
    }
    let by = seen.taken_by.as_ref().map_or_else(|| "somebody".to_owned(), |by| by.name.clone());
    let taken = taken.map(|at| (at, by));
    let same = |it: &&mut ShiftPage| it.id == seen.id && it.triggered_at == seen.triggered_at;
    if let Some(known) = shift.pages.iter_mut().find(same) {
        known.taken = known.taken.take().or(taken);
        known.title.clone_from(&seen.title);
    } else if shift.pages.len() < PAGES_MAX {
        let (id, title) = (seen.id.clone(), seen.title.clone());
        shift.pages.push(ShiftPage { id, number: seen.number, title, triggered_at: seen.triggered_at, taken });
        shift.pages.sort_by_key(|it| it.triggered_at);
    } else if first {
        shift.pages_more = shift.pages_more.saturating_add(1);
    }
}

fn remember_incident(shift: &mut Shift, id: IncidentId, incident: &Incident) {
    shift.ended.retain(|it| it.incident != id);
    let Some(ended_at) = incident.ended_at.filter(|at| *at >= shift.started_at) else { return };
    if shift.ended.len() >= ENDED_MAX {
        return;
    }
    shift.ended.push(ShiftEnded {
        incident: id,
        title: incident.title().to_owned(),
        iid: incident.issue_iid(),
        url: incident.issue_url().map(str::to_owned),
        since: incident.since,
        ended_at,
    });
    shift.ended.sort_by_key(|it| (it.ended_at, it.incident));
}
