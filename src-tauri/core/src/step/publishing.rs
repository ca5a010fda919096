//! What becomes true on the way of an update to the status page: sent at most once, read back when in doubt (H46).

use chrono::TimeDelta;

use super::Draft;
use super::feeds::note;
use crate::draft::{Publication, PublicationId, PublishResult, PublishStage, ReadBackPost};
use crate::feed::PostSeen;
use crate::incident::{By, Incident, IncidentId};
use crate::leftover::leftover;
use crate::phase::{Impact, Phase};
use crate::poll::{self, SourceName};
use crate::state::Change;
use crate::{Fault, FaultKind, Time};

/// How long a confirmed update may wait for its turn.
const FRESH_FOR: TimeDelta = TimeDelta::seconds(30);

impl Draft<'_> {
    pub(super) fn publication(&mut self, id: PublicationId, edit: impl FnOnce(&mut Publication)) {
        let Some(known) = self.state.publications.get(&id) else { return };
        let mut publication = known.clone();
        edit(&mut publication);
        self.put(Change::Publication(id, Box::new(publication)));
    }

    /// What was only ready never left, and is too old to leave unasked; what was started may have arrived.
    pub(super) fn publications_after_start(&mut self, now: Time) {
        for (id, publication) in self.state.publications.clone() {
            match publication.stage {
                PublishStage::Ready => {
                    self.put(Change::PublicationGone(id));
                    self.tell(
                        publication.incident,
                        now,
                        "Not published: Herald stopped before it could. The draft is kept",
                    );
                }
                PublishStage::Running | PublishStage::Unsure { .. } => {
                    self.publication(id, |it| it.stage = PublishStage::Unsure { not_before: now, failures: 0 });
                }
                PublishStage::Accepted { .. } => {}
            }
        }
    }

    /// What waited for its turn for so long that its words may no longer be true does not leave.
    pub(super) fn drop_stale_publications(&mut self, now: Time) {
        for (id, publication) in self.state.publications.clone() {
            if publication.stage == PublishStage::Ready
                && crate::reached(publication.asked_at + FRESH_FOR, now, FRESH_FOR)
            {
                self.put(Change::PublicationGone(id));
                self.tell(publication.incident, now, "Not published: it had to wait too long. The draft is kept");
            }
        }
    }

    pub(super) fn publish_ended(&mut self, id: PublicationId, result: PublishResult, now: Time) {
        let Some(publication) = self.state.publications.get(&id).cloned() else { return };
        match result {
            PublishResult::Accepted { post } => self.accepted(id, &publication, post, now, now),
            PublishResult::Refused(fault) => {
                self.put(Change::PublicationGone(id));
                self.learn_from_page(&fault);
                let what = format!("Not published: {}. {}", fault.reason(), fault.next_step());
                self.tell(publication.incident, now, &what);
            }
            PublishResult::Unknown(fault) => {
                self.publication(id, |it| it.stage = PublishStage::Unsure { not_before: now, failures: 0 });
                let what = format!("The status page's answer was lost ({}). Reading it back", fault.reason());
                self.tell(publication.incident, now, &what);
            }
        }
    }

    pub(super) fn post_read_back(&mut self, id: PublicationId, result: Result<ReadBackPost, Fault>, now: Time) {
        let Some(publication) = self.state.publications.get(&id).cloned() else { return };
        let PublishStage::Unsure { failures, .. } = publication.stage else { return };
        match result {
            Ok(ReadBackPost::There { post }) => self.accepted(id, &publication, post, publication.asked_at, now),
            Ok(ReadBackPost::Absent) => {
                self.put(Change::PublicationGone(id));
                self.tell(publication.incident, now, "Not published: the request did not arrive. The draft is kept");
            }
            Err(_) => {
                let wait = poll::backoff(failures + 2, poll::interval(&self.state, SourceName::StatusPage, now), 0.5);
                let stage = PublishStage::Unsure { not_before: now + wait, failures: failures + 1 };
                self.publication(id, |it| it.stage = stage);
            }
        }
    }

    /// The user looked where Herald could not.
    pub(super) fn was_published(&mut self, id: PublicationId, yes: bool, now: Time) {
        let Some(publication) = self.state.publications.get(&id).cloned() else { return };
        self.put(Change::PublicationGone(id));
        match publication.stage {
            PublishStage::Accepted { .. } => {}
            PublishStage::Ready | PublishStage::Running | PublishStage::Unsure { .. } => {
                let (incident, text) = (publication.incident, &publication.text);
                match yes {
                    true => self.published(incident, text, publication.asked_at, now),
                    false => self.tell(incident, now, "Not published. The draft is kept"),
                }
            }
        }
    }

    /// The page has it since `at`.
    fn accepted(&mut self, id: PublicationId, publication: &Publication, post: String, at: Time, now: Time) {
        let incident = publication.incident;
        let holds = |other: &Incident| other.post.as_ref().is_some_and(|known| known.id == post);
        let other = self.state.incidents.iter().find(|(other, it)| **other != incident && holds(it));
        let (other, seen) = (other.map(|it| *it.0), other.and_then(|it| it.1.post.clone()));
        if let Some(other) = other {
            // The feed showed it first, and nobody could know whose it was.
            self.join(incident, other, now);
        }
        self.published(incident, &publication.text, at, now);
        self.publication(id, |it| it.stage = PublishStage::Accepted { at });
        let open = publication.text.phase != Phase::Resolved;
        self.incident(incident, |it| match (&mut it.post, seen) {
            (Some(known), _) if known.id == post => known.open = open,
            // What the feed told of it stays, also where the card was taken for that of another post.
            (place, Some(seen)) => *place = Some(PostSeen { open, ..seen }),
            // What goes on in another post is not over because this one is.
            (Some(known), None) if known.open && !open => {}
            (place, None) => {
                let (title, components) = (publication.text.title.clone(), publication.text.components.iter().cloned());
                let components = components.collect();
                *place = Some(PostSeen { id: post, title, url: None, open, updates: vec![], components });
            }
        });
        self.watch(SourceName::StatusPage, |watch| watch.poll_at = now);
    }

    fn tell(&mut self, incident: IncidentId, now: Time, what: &str) {
        self.incident(incident, |it| note(it, now, By::Herald, what.to_owned()));
    }

    /// What a refused write says about the key itself.
    fn learn_from_page(&mut self, fault: &Fault) {
        if fault.kind == FaultKind::Forbidden
            && let Some(page) = &self.state.status_page
        {
            let page = crate::feed::StatusPage { token: None, ..page.clone() };
            self.put(Change::StatusPage(Some(page)));
        }
    }

    // ---- what a resolution leaves behind ----

    /// The resolutions that went out here and were not seen on the public page yet.
    pub(super) fn resolved_here(&self) -> Vec<(PublicationId, IncidentId)> {
        let over =
            |it: &Publication| it.text.phase == Phase::Resolved && matches!(it.stage, PublishStage::Accepted { .. });
        self.state.publications.iter().filter(|(_, it)| over(it)).map(|(id, it)| (*id, it.incident)).collect()
    }

    /// What the resolutions that were just seen leave behind on the page.
    pub(super) fn tell_leftovers(&mut self, resolved: &[(PublicationId, IncidentId)], now: Time) {
        for (id, incident) in resolved {
            if self.state.publications.contains_key(id) {
                continue;
            }
            for it in leftover(&self.state, *incident) {
                let impact = it.impact.map_or("not well", Impact::label);
                let what = format!("{} is still “{impact}” on the page. Set it in its dashboard", it.name);
                self.tell(*incident, now, &what);
            }
        }
    }
}
