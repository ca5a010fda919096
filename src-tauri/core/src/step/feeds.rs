//! What becomes true when the status page answers: cards are made, joined and ended. What the tracker answers is in
//! `tracker.rs`.

use std::collections::BTreeSet;

use chrono::TimeDelta;

use super::Draft;
use crate::basis::Basis;
use crate::calling::links_to;
use crate::draft::{Publication, PublishStage};
use crate::ended::EndedHow;
use crate::feed::{FeedAnswer, PageTold, PostSeen, Update};
use crate::incident::{By, Event, Incident, IncidentId, IssueStanding, Part, paired};
use crate::phase::Phase;
use crate::poll::{Source, SourceName, Watch};
use crate::state::Change;
use crate::text::{clean_line, same_text};
use crate::{Time, cadence};

/// Full answers in a row that must lack something before it counts as gone (faults.md 18).
const LACKS_TO_BE_GONE: u8 = 2;
/// How long an incident that is over is held in memory.
const REMEMBERED_FOR: TimeDelta = TimeDelta::hours(24);
/// Events that are kept of one incident.
const EVENTS_MAX: usize = 200;
/// Words of an update that the timeline repeats, in graphemes.
const QUOTE_MAX: usize = 80;

impl Draft<'_> {
    pub(super) fn posts_read(&mut self, answer: FeedAnswer<PageTold>, jitter: f64, now: Time) {
        let present: BTreeSet<String> = answer.told.posts.iter().map(|post| post.id.clone()).collect();
        self.see_maintenances(&answer.told, now);
        let resolved = self.resolved_here();
        for post in answer.told.posts {
            self.see_post(post, now);
        }
        if answer.complete {
            for id in self.incident_ids() {
                let lacks = |incident: &Incident| {
                    // A post that the feed has not shown yet is not missing: public feeds lag (H46).
                    let shown = |post: &PostSeen| post.open && !post.updates.is_empty();
                    incident.post.as_ref().is_some_and(|post| shown(post) && !present.contains(&post.id))
                };
                if self.state.incidents.get(&id).is_some_and(lacks) {
                    self.post_lacks(id, now);
                }
            }
            self.confirm_ended(&present, now);
            let components = answer.told.components;
            self.session(|session| session.components = components);
            self.tell_leftovers(&resolved, now);
        }
        self.join_named_pages(now);
        self.forget_old_incidents(now);
        self.heard(SourceName::StatusPage, answer.skipped, answer.pause_until, jitter, now);
    }

    pub(super) fn feed_connected(&mut self, name: SourceName, account: Change, now: Time) {
        self.put(account);
        self.source(name, Source::default());
        self.watch(name, |watch| *watch = Watch::new(now));
        self.session(|session| session.awake_since = now);
        self.forget_listed(name);
    }

    /// What another page lists is nothing to offer.
    fn forget_listed(&mut self, name: SourceName) {
        if name == SourceName::StatusPage {
            self.session(|session| session.maintenances.clear());
        }
    }

    pub(super) fn disconnect_feed(&mut self, name: SourceName) {
        match name {
            SourceName::PagerDuty => {}
            SourceName::Tracker => self.put(Change::Tracker(None)),
            SourceName::StatusPage => self.put(Change::StatusPage(None)),
        }
        self.source(name, Source::default());
        self.forget_listed(name);
    }

    // ---- one item ----

    pub(super) fn see_post(&mut self, post: PostSeen, now: Time) {
        let since = post.updates.first().map_or(now, |update| update.at.min(now));
        let id = match self.incident_of_post(&post) {
            Some(id) => id,
            None if post.open => self.new_incident(since),
            None => return,
        };
        if self.is_older(id, &post) {
            return;
        }
        self.confirm_live(id, &post, now);
        self.incident(id, |incident| {
            let before = incident.published();
            let was_gone = incident.post.as_ref().is_some_and(|known| !known.open);
            (incident.post_missing, incident.post_older) = (0, 0);
            incident.post = Some(post.clone());
            let published = incident.published();
            for (update, same) in published.iter().zip(paired(&published, &before, |_, _| true)) {
                if same.is_none() && !before.iter().any(|known| known.at == update.at) {
                    note(incident, update.at.min(now), By::Others, told(update));
                }
            }
            let resolved = incident.last_update().filter(|update| update.phase == Some(Phase::Resolved));
            match (resolved, post.open) {
                (Some(update), _) => incident.ended_at = incident.ended_at.or(Some(update.at.min(now))),
                (None, true) if was_gone || incident.ended_at.is_some_and(|ended| before_last(incident, ended)) => {
                    incident.ended_at = None;
                }
                _ => {}
            }
        });
    }

    /// Whether this is an older copy of the post than the one that is known, as caches serve them: it has nothing newer,
    /// and lacks an update or goes on although it was over. When two in a row say so, it is true (faults.md 18, 20).
    fn is_older(&mut self, id: IncidentId, post: &PostSeen) -> bool {
        let known = self.state.incidents.get(&id).and_then(|incident| incident.post.as_ref());
        let Some(known) = known.filter(|known| known.id == post.id) else { return false };
        let newer = post.updates.last().map(|last| last.at) > known.updates.last().map(|last| last.at);
        let same = paired(&known.updates, &post.updates, |_, _| true);
        let edited = |update: &Update| post.updates.iter().any(|it| it.at == update.at);
        let lacks = known.updates.iter().zip(same).any(|(update, same)| same.is_none() && !edited(update));
        let older = !newer && (lacks || (post.open && !known.open));
        let mut doubted = false;
        self.incident(id, |incident| {
            doubted = older && incident.post_older + 1 < LACKS_TO_BE_GONE;
            incident.post_older = u8::from(doubted);
            // Old or not, it is there.
            incident.post_missing = 0;
        });
        doubted
    }

    /// An update that was published here is on the public page (H46).
    fn confirm_live(&mut self, id: IncidentId, post: &PostSeen, now: Time) {
        let mine: Vec<_> = self
            .state
            .publications
            .iter()
            .filter(|(_, it)| it.incident == id)
            .filter_map(|(publication, it)| match it.stage {
                PublishStage::Accepted { at } => Some((*publication, it.clone(), at)),
                PublishStage::Ready | PublishStage::Running | PublishStage::Unsure { .. } => None,
            })
            .collect();
        for (publication, it, at) in mine {
            let text = &it.text;
            // Words that the page had before it was sent are an earlier update's.
            let fresh = |basis: &Basis| basis.news(post).iter().any(|update| same_text(&update.text, &text.body));
            let seen = |incident: &Incident| {
                let seen = incident.seen_live(text.phase, &text.body, at, post).cloned();
                seen.filter(|_| it.basis.as_ref().is_none_or(fresh))
            };
            if let Some(seen) = self.state.incidents.get(&id).and_then(seen) {
                let live = format!("{}, live since {} UTC", text.phase.label(), seen.at.format("%H:%M:%S"));
                self.publication_gone(publication, EndedHow::Done, &live);
                self.incident(id, |incident| note(incident, now, By::Herald, live));
                if let Some(what) = it.basis.as_ref().and_then(|basis| crossed(basis, post, &seen)) {
                    let title = self.state.incidents.get(&id).map(|it| it.title().to_owned()).unwrap_or_default();
                    self.session(|session| session.notice(format!("{title}: {what}")));
                    self.incident(id, |incident| note(incident, now, By::Herald, what));
                }
            }
        }
    }

    /// Pages drop what is resolved: that an incident that ended is no longer listed confirms its last update.
    fn confirm_ended(&mut self, present: &BTreeSet<String>, now: Time) {
        let gone = |it: &Publication| {
            let own_gone = it.text.phase == Phase::Resolved && it.post.as_ref().is_some_and(|id| !present.contains(id));
            let incident = self.state.incidents.get(&it.incident);
            let post = incident.and_then(|incident| incident.post.as_ref());
            let over = incident.is_some_and(|incident| incident.phase() == Some(Phase::Resolved));
            own_gone || post.is_none_or(|post| (over || !post.open) && !present.contains(&post.id))
        };
        let over = |it: &Publication| matches!(it.stage, PublishStage::Accepted { .. }) && gone(it);
        let confirmed: Vec<_> =
            self.state.publications.iter().filter(|(_, it)| over(it)).map(|(id, it)| (*id, it.incident)).collect();
        for (publication, incident) in confirmed {
            let what = "No longer among the active incidents of the status page: it is resolved there".to_owned();
            self.publication_gone(publication, EndedHow::Done, &what);
            self.incident(incident, |incident| note(incident, now, By::Herald, what));
        }
    }

    fn post_lacks(&mut self, id: IncidentId, now: Time) {
        self.incident(id, |incident| {
            incident.post_missing = incident.post_missing.saturating_add(1);
            if incident.post_missing < LACKS_TO_BE_GONE {
                return;
            }
            if let Some(post) = &mut incident.post {
                post.open = false;
            }
            note(incident, now, By::Others, "No longer among the active incidents of the status page".into());
            incident.ended_at = incident.ended_at.or(Some(now));
        });
    }

    // ---- whose it is ----

    fn incident_ids(&self) -> Vec<IncidentId> {
        self.state.incidents.keys().copied().collect()
    }

    fn incident_of_post(&self, post: &PostSeen) -> Option<IncidentId> {
        let part = Part::Post { id: post.id.clone() };
        let may = |incident: &Incident| !incident.apart.contains(&part);
        let same = |incident: &Incident| incident.post.as_ref().is_some_and(|known| known.id == post.id);
        // Feeds that tell history, too, must not end an incident with a post that was over before it began.
        let fresh =
            |incident: &Incident| post.open || post.updates.first().is_some_and(|first| first.at >= incident.since);
        let free = |incident: &Incident| incident.open() && may(incident) && incident.post.is_none() && fresh(incident);
        let linked = |incident: &Incident| {
            incident.issue_url().is_some_and(|url| post.updates.iter().any(|update| links_to(&update.text, url)))
        };
        let mine = |incident: &Incident| incident.own_among(&post.updates).iter().any(Option::is_some);
        self.find(|incident| may(incident) && same(incident))
            .or_else(|| self.find(|incident| free(incident) && linked(incident)))
            .or_else(|| self.find(|incident| free(incident) && mine(incident)))
            .or_else(|| self.find(|incident| free(incident) && incident.title() == post.title))
    }

    pub(super) fn find(&self, fits: impl Fn(&Incident) -> bool) -> Option<IncidentId> {
        self.state.incidents.iter().find(|(_, incident)| fits(incident)).map(|(id, _)| *id)
    }

    pub(super) fn new_incident(&mut self, since: Time) -> IncidentId {
        let id = self.state.next_incident;
        self.put(Change::Incident(id, Box::new(Incident::new(since))));
        id
    }

    pub(super) fn incident(&mut self, id: IncidentId, edit: impl FnOnce(&mut Incident)) {
        let Some(known) = self.state.incidents.get(&id) else { return };
        let mut incident = known.clone();
        edit(&mut incident);
        if incident != *known {
            self.put(Change::Incident(id, Box::new(incident)));
        }
    }

    /// What is over is forgotten after a while, unless a feed still lists it and would bring it back.
    pub(super) fn forget_old_incidents(&mut self, now: Time) {
        let listed = |incident: &Incident| {
            incident.issue_standing() == Some(IssueStanding::Active)
                || incident.post.as_ref().is_some_and(|post| post.open && incident.phase() != Some(Phase::Resolved))
        };
        let old = |incident: &Incident| {
            // Not `reached`: an end noted under a clock that ran ahead lies in the future, not long ago.
            let ended = incident.ended_at.is_some_and(|at| now - at >= REMEMBERED_FOR);
            ended && !listed(incident)
        };
        let needed = |id: &IncidentId| {
            self.state.drafts.contains_key(id)
                || self.state.publications.values().any(|it| it.incident == *id)
                || self.state.errands.values().any(|it| it.task.incident() == Some(*id))
        };
        let forgotten = self.state.incidents.iter().filter(|(id, incident)| old(incident) && !needed(id));
        let forgotten: Vec<IncidentId> = forgotten.map(|(id, _)| *id).collect();
        for id in forgotten {
            self.put(Change::IncidentForgotten(id));
        }
    }

    /// Notes why a due time moved without a new update (H33).
    pub(super) fn settle_clocks(&mut self, now: Time) {
        let rules = std::sync::Arc::clone(&self.state.playbook);
        for id in self.incident_ids() {
            if self.state.incidents.shares(&self.before.incidents, &id) {
                continue;
            }
            let (before, Some(after)) = (self.before.incidents.get(&id), self.state.incidents.get(&id)) else {
                continue;
            };
            if before == Some(after) {
                continue;
            }
            let kept = cadence::kept(before, after, &rules.updates);
            self.incident(id, |incident| {
                incident.kept = kept;
                if let Some(before) = before {
                    incident.note_severity(before.severity(), now);
                }
            });
            let (Some(before), Some(after)) = (before, self.state.incidents.get(&id)) else { continue };
            if cadence::promise_doubt(before, &rules.updates).is_none()
                && let Some(doubt) = cadence::promise_doubt(after, &rules.updates)
            {
                let severity = after.severity().map_or("unknown", crate::phase::Severity::label);
                let what = format!(
                    "The promise of {} UTC was made under another severity: {severity} wants an update every {} min. Keep \
                     it, or count by the table?",
                    doubt.promised_at.format("%H:%M:%S"),
                    doubt.every_min
                );
                self.incident(id, |incident| note(incident, now, By::Herald, what));
            }
            let (Some(before), Some(after)) = (self.before.incidents.get(&id), self.state.incidents.get(&id)) else {
                continue;
            };
            let clock_of = |incident| cadence::clock(incident, &rules.updates);
            let (Some(was), Some(is)) = (clock_of(before), clock_of(after)) else { continue };
            if was.from != is.from {
                self.incident(id, |incident| incident.moved = None);
            } else if was.due_at != is.due_at {
                let why = why_moved(before, after);
                self.incident(id, |incident| {
                    incident.moved = Some(crate::incident::Moved { at: now, from: was.due_at, why: why.clone() });
                    note(incident, now, By::Herald, why);
                });
            }
        }
    }
}

/// What a colleague published in the moment between Herald's look and its own update: no service holds a write back for
/// that, so it is told as soon as it is seen.
fn crossed(basis: &Basis, post: &PostSeen, mine: &Update) -> Option<String> {
    basis.post.as_ref()?;
    let news = basis.news(post);
    let theirs = news.iter().rfind(|update| update.at <= mine.at && !same_text(&update.text, &mine.text))?;
    let at = theirs.at.format("%H:%M:%S");
    Some(if theirs.phase == Some(Phase::Resolved) && mine.phase != Some(Phase::Resolved) {
        format!(
            "Somebody resolved it at {at} UTC while your update was on its way, and yours reopened it. If it is over, say \
             so again"
        )
    } else {
        format!("Somebody published at {at} UTC while your update was on its way. Read both")
    })
}

/// Adds a line to the timeline.
pub(super) fn note(incident: &mut Incident, at: Time, by: By, what: String) {
    incident.log.push(Event { at, by, what });
    incident.log.sort_by_key(|event| event.at);
    let too_many = incident.log.len().saturating_sub(EVENTS_MAX);
    incident.log.drain(..too_many);
}

/// An update in one line.
pub(super) fn told(update: &Update) -> String {
    format!("{}: “{}”", update.phase.map_or("Update", Phase::label), clean_line(&update.text, QUOTE_MAX))
}

/// Whether something was published after `ended`.
fn before_last(incident: &Incident, ended: Time) -> bool {
    incident.last_update().is_some_and(|update| update.at > ended)
}

/// Why the same update now has another due time.
fn why_moved(before: &Incident, after: &Incident) -> String {
    let label = |severity: Option<crate::phase::Severity>| severity.map_or("unknown", crate::phase::Severity::label);
    if before.severity() != after.severity() {
        format!("Due time moved: severity {} → {}", label(before.severity()), label(after.severity()))
    } else if before.promise != after.promise {
        match after.promise {
            Some(_) => "Due time moved to the promise".into(),
            None => "Due time moved: the promise was taken back".into(),
        }
    } else {
        "Due time moved".into()
    }
}

#[cfg(test)]
mod tests;
