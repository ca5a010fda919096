//! What becomes true on the way of an update to the status page: sent at most once, read back when in doubt (H46).

use chrono::TimeDelta;

use super::Draft;
use super::feeds::{note, told};
use crate::basis::{Basis, Look, Overtaken};
use crate::draft::{Publication, PublicationId, PublishResult, PublishStage, ReadBackPost, Unsent};
use crate::ended::{EndedHow, EndedWrite, WriteOf, remember};
use crate::feed::PostSeen;
use crate::incident::{By, Incident, IncidentId, paired};
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
                    self.not_published(id, &publication, "Herald stopped before it could", now);
                }
                PublishStage::Running | PublishStage::Unsure { .. } => {
                    self.publication(id, |it| it.stage = PublishStage::unsure(now));
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
                self.not_published(id, &publication, "it had to wait too long", now);
            }
        }
    }

    pub(super) fn publish_ended(&mut self, id: PublicationId, result: PublishResult, now: Time) {
        let Some(publication) = self.state.publications.get(&id).cloned() else { return };
        match result {
            PublishResult::Accepted { post } => self.accepted(id, &publication, post, now, now),
            PublishResult::Overtaken(look) => self.overtaken(id, &publication, look, now),
            PublishResult::Refused(fault) => {
                self.heed(SourceName::StatusPage, &fault, now);
                self.learn_from_page(&fault);
                self.not_published(id, &publication, &refused(&fault), now);
            }
            PublishResult::Unknown(fault) => {
                self.heed(SourceName::StatusPage, &fault, now);
                self.publication(id, |it| it.stage = PublishStage::unsure(now));
                let what = format!("The status page's answer was lost ({}). Reading it back", fault.reason());
                self.tell(publication.incident, now, &what);
            }
        }
    }

    pub(super) fn post_read_back(&mut self, id: PublicationId, result: Result<ReadBackPost, Fault>, now: Time) {
        let Some(publication) = self.state.publications.get(&id).cloned() else { return };
        let PublishStage::Unsure { failures, lacking, .. } = publication.stage else { return };
        match result {
            Ok(ReadBackPost::There { post }) => self.accepted(id, &publication, post, publication.sent_at(now), now),
            Ok(ReadBackPost::Alike) => {
                let stage = PublishStage::Unsure { not_before: now, failures: 0, lacking, refused: true };
                self.publication(id, |it| it.stage = stage);
                let what = "The page has these words, but Herald cannot tell whether they are yours. Look at the page, \
                            and tell Herald on the card";
                self.tell(publication.incident, now, what);
            }
            Ok(ReadBackPost::Absent) if lacking => {
                self.not_published(id, &publication, "the request did not arrive", now);
            }
            Ok(ReadBackPost::Absent) => {
                let not_before = now + self.state.playbook.late_write();
                let stage = PublishStage::Unsure { not_before, failures: 0, lacking: true, refused: false };
                self.publication(id, |it| it.stage = stage);
            }
            Err(fault) => {
                self.heed(SourceName::StatusPage, &fault, now);
                self.learn_from_page(&fault);
                let wait = poll::backoff(failures + 2, poll::interval(&self.state, SourceName::StatusPage, now), 0.5);
                let refused = matches!(fault.kind, FaultKind::Unauthorized | FaultKind::Forbidden);
                let (not_before, failures) = (now + wait, failures + 1);
                let stage = PublishStage::Unsure { not_before, failures, lacking, refused };
                self.publication(id, |it| it.stage = stage);
                if refused {
                    let what = format!("Was it published? {}", cannot_look(&fault));
                    self.tell(publication.incident, now, &what);
                }
            }
        }
    }

    /// With a new key Herald can look again for what it does not know of.
    pub(super) fn look_again(&mut self, now: Time) {
        for (id, publication) in self.state.publications.clone() {
            if matches!(publication.stage, PublishStage::Unsure { refused: true, .. }) {
                self.publication(id, |it| it.stage = PublishStage::unsure(now));
            }
        }
    }

    /// The user looked where Herald could not.
    pub(super) fn was_published(&mut self, id: PublicationId, yes: bool, now: Time) {
        let Some(publication) = self.state.publications.get(&id).cloned() else { return };
        match publication.stage {
            PublishStage::Accepted { .. } => self.publication_gone(id, EndedHow::ByWord, "You saw it there"),
            PublishStage::Ready | PublishStage::Running | PublishStage::Unsure { .. } if yes => {
                self.publication_gone(id, EndedHow::ByWord, "You saw it there");
                self.published(publication.incident, &publication.text, publication.sent_at(now), now);
            }
            PublishStage::Ready | PublishStage::Running | PublishStage::Unsure { .. } => {
                self.not_published(id, &publication, "it is not on the page, as you saw", now);
            }
        }
    }

    /// Somebody was faster, so nothing was sent. What they did is known from now on, and the user decides anew.
    fn overtaken(&mut self, id: PublicationId, publication: &Publication, look: Look, now: Time) {
        let basis = publication.basis.clone().unwrap_or_default();
        let overtaken = Overtaken::of(&basis, &look);
        for post in look.posts {
            match &basis.post {
                Some(known) if *known == post.id => self.looked_at(publication.incident, &basis, &post, now),
                Some(_) => {}
                None if basis.posts.contains(&post.id) => {}
                None => self.see_post(post, now),
            }
        }
        self.unsent(id, publication, &overtaken.why(), Some(overtaken.clone()), now);
    }

    /// The page itself was read, so that no public feed that lags behind takes back what it said.
    fn looked_at(&mut self, id: IncidentId, basis: &Basis, post: &PostSeen, now: Time) {
        self.incident(id, |it| {
            for update in basis.news(post) {
                let known = paired(std::slice::from_ref(&update), &it.published(), |_, _| true)[0].is_some();
                if !known {
                    note(it, update.at.min(now), By::Others, told(&update));
                    it.updates.push(update);
                    it.updates.sort_by_key(|update| update.at);
                }
            }
            let resolved = it.last_update().filter(|_| it.phase() == Some(Phase::Resolved));
            if let Some(known) = it.post.as_mut().filter(|known| known.id == post.id) {
                known.title.clone_from(&post.title);
                known.components.clone_from(&post.components);
                known.open = post.open && resolved.is_none();
            }
            let over = resolved.map(|last| last.at.min(now)).or((!post.open).then_some(now));
            it.ended_at = it.ended_at.or(over);
        });
    }

    /// An attempt came to nothing. Nothing of it is lost, and it is told until something is published instead.
    fn not_published(&mut self, id: PublicationId, publication: &Publication, why: &str, now: Time) {
        self.unsent(id, publication, why, None, now);
    }

    fn unsent(
        &mut self,
        id: PublicationId,
        publication: &Publication,
        why: &str,
        overtaken: Option<Overtaken>,
        now: Time,
    ) {
        let incident = publication.incident;
        let why = why.trim_end_matches('.').to_owned();
        let how = if overtaken.is_some() { EndedHow::Overtaken } else { EndedHow::Refused };
        self.publication_gone(id, how, &why);
        let text = || publication.text.clone();
        let known = self.state.drafts.get(&incident).cloned();
        let draft = known.unwrap_or_else(|| crate::Draft { text: text(), saved_at: now, review: None, unsent: None });
        let what = format!("Not published: {why}. The draft is kept");
        let draft = crate::Draft { unsent: Some(Unsent { at: now, why, overtaken }), ..draft };
        self.put(Change::Draft(incident, Box::new(draft)));
        self.tell(incident, now, &what);
    }

    /// An attempt has ended, and whoever waits for it learns how.
    pub(super) fn publication_gone(&mut self, id: PublicationId, how: EndedHow, says: &str) {
        let Some(incident) = self.state.publications.get(&id).map(|it| it.incident) else { return };
        self.put(Change::PublicationGone(id));
        let of = WriteOf::Update { incident, publication: id };
        self.session(|session| remember(&mut session.ended, EndedWrite { of, how, says: says.to_owned() }));
    }

    /// What is not yet, or no longer, to be told as not published.
    pub(super) fn no_longer_unsent(&mut self, incident: IncidentId) {
        if let Some(draft) = self.state.drafts.get(&incident).filter(|it| it.unsent.is_some()).cloned() {
            self.put(Change::Draft(incident, Box::new(crate::Draft { unsent: None, ..draft })));
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
        self.publication(id, |it| (it.stage, it.post) = (PublishStage::Accepted { at }, Some(post.clone())));
        let open = publication.text.phase != Phase::Resolved;
        let takes = self.state.status_page.as_ref().is_some_and(|page| page.kind.amends());
        let retitled = takes && publication.amends.as_ref().is_some_and(|it| it.title);
        let rescoped = takes && publication.amends.as_ref().is_some_and(|it| it.components);
        self.incident(incident, |it| match (&mut it.post, seen) {
            (Some(known), _) if known.id == post => {
                known.open = open;
                // The page itself has just taken an update of it: that a feed lacked it before says nothing.
                it.post_missing = 0;
                if rescoped {
                    known.components = publication.text.components.iter().cloned().collect();
                }
                if retitled {
                    let title = publication.text.title.clone();
                    it.own.title = it.own.title.take().map(|own| if own == known.title { title.clone() } else { own });
                    known.title = title;
                }
            }
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

    /// A key is given up only when it was tried by itself and refused, too: one refusal may come from a firewall, or be
    /// about one request alone.
    fn learn_from_page(&mut self, fault: &Fault) {
        if fault.kind == FaultKind::Unauthorized
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

/// Why the page refused to publish, and what to do about it.
fn refused(fault: &Fault) -> String {
    if fault.kind != FaultKind::Forbidden {
        return format!("{}. {}", fault.reason(), fault.next_step());
    }
    let detail = &fault.detail;
    format!(
        "the page refused this request ({detail}), and the key may be fine. Try again; if it is refused again, post it by \
         hand"
    )
}

/// Why only the user can tell whether something is on the page.
fn cannot_look(fault: &Fault) -> String {
    let why = if fault.kind == FaultKind::Unauthorized {
        "The key is not accepted any more: connect the page again in Settings"
    } else {
        "The page does not let Herald look"
    };
    format!("{why} ({}). Look at the page, and tell Herald on the card", fault.detail)
}

#[cfg(test)]
mod tests;
