//! What becomes true when the user does something with an incident.

use std::sync::Arc;

use super::Draft as Next;
use super::feeds::{note, told};
use crate::Time;
use crate::amends::Amends;
use crate::basis::Basis;
use crate::draft::{Draft, Publication, PublishStage, Review, Text};
use crate::errand::ErrandTask;
use crate::feed::Update;
use crate::incident::{By, Incident, IncidentId, IncidentWish, Own, Part, Promise};
use crate::page::PageId;
use crate::phase::Phase;
use crate::post::promise;
use crate::stage::{TickSays, join_ticks};
use crate::state::Change;

impl Next<'_> {
    pub(super) fn incident_wish(&mut self, wish: IncidentWish, now: Time) {
        let moves_pages = matches!(
            wish,
            IncidentWish::Open { .. }
                | IncidentWish::Correct { .. }
                | IncidentWish::Join { .. }
                | IncidentWish::JoinPage { .. }
                | IncidentWish::Separate { .. }
                | IncidentWish::End { .. }
        );
        match wish {
            IncidentWish::Open { own, page } => self.open_by_hand(own, page, now),
            IncidentWish::Correct { incident, own } => self.incident(incident, |it| correct(it, own, now)),
            IncidentWish::Decide { incident, yes } => self.incident(incident, |it| {
                (it.decided_at, it.declined_at) = if yes { (Some(now), None) } else { (None, Some(now)) };
                let what = if yes { "Decided to tell the public" } else { "Decided not to tell the public" };
                note(it, now, By::Me, what.into());
            }),
            IncidentWish::Join { incident, with } => self.join(incident, with, now),
            IncidentWish::JoinPage { incident, page } => self.join_page(incident, page),
            IncidentWish::Separate { incident, part } => self.separate(incident, part, now),
            IncidentWish::Label { incident } => self.label_issue(incident, now),
            IncidentWish::Tick { incident, task } => self.tick(incident, task, TickSays::Done, now),
            IncidentWish::Untick { incident, task } => self.tick(incident, task, TickSays::Open, now),
            IncidentWish::Skip { incident, task, reason } => self.skip(incident, task, &reason, now),
            IncidentWish::Recurred { incident, yes } => self.recurred(incident, yes, now),
            IncidentWish::StillRunning { incident } => {
                self.incident(incident, |it| note(it, now, By::Me, "Still going on".into()));
            }
            IncidentWish::End { incident, yes } => self.incident(incident, |it| {
                it.ended_at = yes.then_some(now);
                note(it, now, By::Me, if yes { "Set aside: it is over" } else { "Taken up again" }.into());
            }),
            IncidentWish::Promise { incident, due_at } => self.incident(incident, |it| {
                let made_at = it.last_update().map(|update| update.at).or(it.decided_at).unwrap_or(now);
                let (made_by, confirmed_at) = (it.last_update(), Some(now));
                it.promise = due_at.map(|due_at| Promise { due_at, made_at, made_by, confirmed_at });
            }),
            IncidentWish::Write { incident, text } => self.write(incident, text, now),
            IncidentWish::Discard { incident } => self.put(Change::DraftGone(incident)),
            IncidentWish::Asked { incident } => self.asked(incident, now),
            IncidentWish::Agreed { incident } => self.agreed(incident, now),
            IncidentWish::Publish { incident, text, .. } => self.publish(incident, text, now),
            IncidentWish::PostedByHand { incident, text, at } => self.noted(incident, &text, at, now),
            IncidentWish::WasPublished { publication, yes } => self.was_published(publication, yes, now),
        }
        if moves_pages {
            self.join_named_pages(now);
        }
    }

    fn open_by_hand(&mut self, own: Own, page: Option<PageId>, now: Time) {
        let called = page.as_ref().and_then(|page| self.state.pages.get(page)).map(|page| page.seen.triggered_at);
        let id = self.new_incident(called.unwrap_or(now));
        self.incident(id, |it| {
            it.own = own;
            it.pages.extend(page);
            note(it, now, By::Me, "Entered by hand".into());
        });
    }

    /// A page calls for one incident: it leaves the card where it was.
    fn join_page(&mut self, incident: IncidentId, page: PageId) {
        let holds = |(id, it): (&IncidentId, &Incident)| (*id != incident && it.pages.contains(&page)).then_some(*id);
        for former in self.state.incidents.iter().filter_map(holds).collect::<Vec<_>>() {
            self.incident(former, |it| it.pages.retain(|known| *known != page));
        }
        self.incident(incident, |it| {
            it.apart.remove(&Part::Page { id: page.clone() });
            it.pages.insert(page);
        });
    }

    fn label_issue(&mut self, incident: IncidentId, now: Time) {
        let label = self.state.playbook.tracker.page_label.clone();
        if let Some(issue) = self.state.incidents.get(&incident).and_then(|it| it.issue.as_ref()) {
            self.send_errand(ErrandTask::LabelIssue { incident, iid: issue.iid, label }, now);
        }
    }

    /// Everything of `with` moves into `id`; the other card goes.
    pub(super) fn join(&mut self, id: IncidentId, with: IncidentId, now: Time) {
        let Some(other) = self.state.incidents.get(&with).cloned() else { return };
        self.incident(id, |it| {
            it.since = it.since.min(other.since);
            it.issue = it.issue.take().or(other.issue);
            it.post = it.post.take().or(other.post);
            it.pages.extend(other.pages);
            it.updates.extend(other.updates);
            it.updates.sort_by_key(|update| update.at);
            it.sent.extend(other.sent);
            it.decided_at = it.decided_at.or(other.decided_at);
            it.promise = it.promise.take().or(other.promise);
            it.own = it.own.clone().or(other.own.clone());
            it.apart.clear();
            join_ticks(&mut it.ticks, other.ticks);
            it.recurred_at = it.recurred_at.max(other.recurred_at);
            for event in other.log {
                note(it, event.at, event.by, event.what);
            }
            note(it, now, By::Me, format!("Joined with “{}”", other.own.title.as_deref().unwrap_or("another card")));
        });
        for (publication, mut it) in self.state.publications.clone() {
            if it.incident == with {
                it.incident = id;
                self.put(Change::Publication(publication, Box::new(it)));
            }
        }
        self.errands_joined(id, with);
        if let Some(draft) = self.state.drafts.get(&with).cloned() {
            self.put(Change::DraftGone(with));
            let kept = match self.state.drafts.get(&id) {
                None => draft,
                // Nothing typed is lost: two texts become one.
                Some(known) => {
                    let body = [known.text.body.trim(), draft.text.body.trim()].join("\n\n");
                    Draft { text: known.text.clone().saying(body.trim()), ..known.clone() }
                }
            };
            self.put(Change::Draft(id, Box::new(kept)));
        }
        self.put(Change::IncidentForgotten(with));
    }

    /// The part becomes a card of its own; the feeds do not put it back.
    fn separate(&mut self, id: IncidentId, part: Part, now: Time) {
        let mut parted = Incident::new(now);
        self.incident(id, |it| {
            match &part {
                Part::Issue { iid } if it.issue.as_ref().is_some_and(|issue| issue.iid == *iid) => {
                    parted.issue = it.issue.take();
                }
                Part::Post { id } if it.post.as_ref().is_some_and(|post| post.id == *id) => {
                    parted.post = it.post.take()
                }
                Part::Page { id } => {
                    it.pages.remove(id);
                }
                Part::Issue { .. } | Part::Post { .. } => {}
            }
            it.apart.insert(part);
            note(it, now, By::Me, "Taken apart".into());
        });
        if parted.issue.is_some() || parted.post.is_some() {
            let new = self.new_incident(now);
            self.put(Change::Incident(new, Box::new(parted)));
        }
    }

    // ---- drafts ----

    fn write(&mut self, id: IncidentId, text: Text, now: Time) {
        let known = self.state.drafts.get(&id);
        if known.is_some_and(|known| known.text == text) {
            return;
        }
        let review = known.and_then(|known| known.review.clone());
        let unsent = known.and_then(|known| known.unsent.clone());
        self.put(Change::Draft(id, Box::new(Draft { text, saved_at: now, review, unsent })));
    }

    fn asked(&mut self, id: IncidentId, now: Time) {
        let Some(mut draft) = self.state.drafts.get(&id).cloned() else { return };
        draft.review = Some(Review { asked_at: now, body: draft.text.body.clone(), agreed_at: None });
        self.put(Change::Draft(id, Box::new(draft)));
        self.incident(id, |it| note(it, now, By::Me, "Asked: “I intend to post…”".into()));
    }

    fn agreed(&mut self, id: IncidentId, now: Time) {
        let Some(mut draft) = self.state.drafts.get(&id).cloned() else { return };
        let Some(review) = &mut draft.review else { return };
        review.agreed_at = Some(now);
        self.put(Change::Draft(id, Box::new(draft)));
        self.incident(id, |it| note(it, now, By::Me, "The text was agreed to".into()));
    }

    // ---- publishing ----

    fn publish(&mut self, id: IncidentId, text: Text, now: Time) {
        self.write(id, text.clone(), now);
        self.no_longer_unsent(id);
        let post = self.state.incidents.get(&id).and_then(|it| it.post.as_ref()).map(|post| post.id.clone());
        let amends = self.state.incidents.get(&id).and_then(|it| Amends::of(&self.state, it, &text));
        let basis = self.state.incidents.get(&id).map(|it| Basis::of(&self.state, id, it));
        let stage = PublishStage::Ready;
        let publication = Publication { incident: id, text, post, amends, basis, stage, asked_at: now };
        self.put(Change::Publication(self.state.next_publication, Box::new(publication)));
    }

    /// An update from here is out. Only what the page accepted just now has an exact time.
    pub(super) fn published(&mut self, id: IncidentId, text: &Text, at: Time, now: Time) {
        if at == now {
            self.incident(id, |it| it.sent.extend([at]));
        }
        self.noted(id, text, at, now);
    }

    /// The update is out: it resets the clock, its promise holds, and its draft is done with.
    fn noted(&mut self, id: IncidentId, text: &Text, at: Time, now: Time) {
        let update =
            Update { at, phase: Some(text.phase), impact: text.impact, text: text.body.trim().to_owned(), mine: true };
        let due_at = text.promise.then(|| promise::found(&text.body, at)).flatten().map(|found| found.due);
        self.incident(id, |it| {
            note(it, at, By::Me, told(&update));
            it.updates.push(update.clone());
            it.updates.sort_by_key(|update| update.at);
            // What is only noted later changes nothing about what was said since.
            if it.is_last(&update) {
                it.promise =
                    due_at.map(|due_at| Promise { due_at, made_at: at, made_by: Some(update), confirmed_at: None });
            }
            it.decided_at = it.decided_at.or(Some(at));
            it.own.title = it.own.title.take().or(Some(text.title.clone()).filter(|title| !title.trim().is_empty()));
            let over = it.last_update().is_some_and(|last| last.phase == Some(Phase::Resolved));
            it.ended_at = over.then(|| it.ended_at.unwrap_or(now));
        });
        if self.state.drafts.get(&id).is_some_and(|draft| draft.text == *text) {
            self.put(Change::DraftGone(id));
        }
        self.no_longer_unsent(id);
    }
}

/// Takes over what was set by hand, and says what changed.
fn correct(incident: &mut Incident, own: Own, now: Time) {
    let before = Arc::new(incident.clone());
    incident.own = own;
    if before.severity() != incident.severity() {
        let label = |it: &Incident| it.severity().map_or("unknown", crate::phase::Severity::label);
        note(incident, now, By::Me, format!("Severity {} → {}", label(&before), label(incident)));
    }
    if let Some(state) = incident.state().filter(|_| before.state() != incident.state()) {
        note(incident, now, By::Me, format!("State: {}", state.label()));
    }
    if before.title() != incident.title() {
        let title = incident.title().to_owned();
        note(incident, now, By::Me, format!("Title: {title}"));
    }
}
