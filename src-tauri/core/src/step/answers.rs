//! What becomes true when PagerDuty answers, or does not.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::TimeDelta;

use super::Draft;
use crate::alarm::{Alarm, AlarmKey};
use crate::oncall::OnCall;
use crate::page::{AskedState, Gone, Page, PageId, PageStatus, SeenPage, Told, trigger_in_doubt, triggered_anew};
use crate::poll::{self, RECHECK, REFUSED_FOR, Snapshot, Source, SourceName, Watch};
use crate::shadow::{Standing, standing};
use crate::state::Change;
use crate::{Fault, FaultKind, Time};

/// Said when requests to help may wait that Herald cannot see.
const UNLOOKED: &str = "Herald cannot look through all open incidents for requests to help you, as more are open than it \
                        reads. PagerDuty rings you for them all the same: keep your phone in reach.";
/// How long a page that left is remembered in memory.
const REMEMBERED_FOR: TimeDelta = TimeDelta::hours(1);
/// How many missing pages are asked for one by one; beyond that, two full answers decide.
const LOOKS_MAX: usize = 5;
/// Pause before on-call times are asked for again after a failure.
const ONCALL_RETRY: TimeDelta = TimeDelta::seconds(30);
/// On-call times younger than this are not asked for again because of a new page (tight rate limit, services.md 1.2).
const ONCALL_FRESH_FOR: TimeDelta = TimeDelta::seconds(30);

impl Draft<'_> {
    pub(super) fn polled(&mut self, snapshot: Snapshot, jitter: f64, now: Time) {
        let present: BTreeSet<PageId> = snapshot.pages.iter().map(|seen| seen.id.clone()).collect();
        for seen in snapshot.pages {
            self.see(seen, snapshot.asked_at, now);
        }
        self.join_named_pages(now);
        let told = (snapshot.complete, snapshot.requests_complete);
        let lacking = self.lacking(&present, told, snapshot.asked_at, now);
        self.forget_old_pages(now);
        if let Some(fault) = snapshot.fault {
            let retry_at = fault.retry_at.max(snapshot.pause_until);
            return self.poll_failed(SourceName::PagerDuty, Fault { retry_at, ..fault }, jitter, now);
        }
        let before = self.state.session.watch[SourceName::PagerDuty].unlooked;
        let unlooked = if snapshot.requests_complete { 0 } else { before.saturating_add(1) };
        self.heard(SourceName::PagerDuty, snapshot.skipped, snapshot.pause_until, jitter, now);
        self.watch(SourceName::PagerDuty, |watch| watch.unlooked = unlooked);
        if unlooked == poll::UNLOOKED_TOLD_AT {
            self.session(|session| session.notice(UNLOOKED.into()));
        }
        if lacking {
            self.watch(SourceName::PagerDuty, |watch| watch.poll_at = now + RECHECK);
        }
        self.looked_first(now);
    }

    /// A source gave a good answer: what it asked for is kept, and that it is seen again is said once.
    pub(super) fn heard(&mut self, name: SourceName, skipped: u32, pause: Option<Time>, jitter: f64, now: Time) {
        let blind = AlarmKey::Blind { source: name };
        let was_blind = self.state.alarms.get(&blind).is_some_and(|alarm| alarm.rounds > 0 && !alarm.ending);
        let not_before = self.state.sources[name].pause(pause, now);
        self.source(name, Source { not_before, last_good_at: None, key_refused: false });
        let interval = poll::spread(poll::interval(&self.state, name, now), jitter);
        self.watch(name, |watch| {
            *watch = Watch { last_good_at: Some(now), skipped, ..Watch::new(now + interval) };
        });
        if was_blind {
            self.put(Change::Alarm(AlarmKey::Recovered { source: name }, Alarm::new(now)));
        }
    }

    /// Takes in what PagerDuty says of one page, unless it was overtaken by a newer answer.
    pub(super) fn see(&mut self, seen: SeenPage, asked_at: Time, now: Time) {
        // Under a clock that was set back since, this was asked for in the future; it counts as of now (faults.md 24).
        let (id, asked_at) = (seen.id.clone(), asked_at.min(now));
        let known = self.state.pages.get(&id);
        let mut seen = match known {
            Some(known) => seen.completed(&known.seen),
            None => seen,
        };
        if known.is_some_and(|known| known.overtakes(&seen, asked_at, now)) {
            return;
        }
        let gone = gone(&seen, known);
        let unsure = trigger_in_doubt(known, &seen);
        let anew = known.is_some_and(|known| triggered_anew(&known.seen, &seen));
        seen.triggered_at = trigger(&seen, known, anew);
        seen.told = Told::default();
        let mut page = match known {
            None if gone.is_some() => return,
            None => Page::new(seen, asked_at),
            Some(_) if anew => Page::new(seen, asked_at),
            Some(known) if *known.seen != seen => Page { seen: Arc::new(seen), asked_at, missing: 0, ..known.clone() },
            Some(known) => Page { missing: 0, ..known.clone() },
        };
        page.trigger_unsure = unsure;
        page.gone = match (gone, page.gone.take()) {
            (Some(gone), Some((_, since))) => Some((gone, since)),
            (Some(gone), None) => Some((gone, now)),
            (None, _) => None,
        };
        page.answered_at = page.answered_at.or(answered(&page));
        if page.gone.is_none() {
            page.requested = page.seen.only_asks_me();
            page.shadowed = match standing(&self.state, &page, now) {
                Standing::Shadow { .. } => true,
                Standing::Mine => false,
                Standing::Unknown { .. } | Standing::Asked => page.shadowed,
            };
        }
        if known == Some(&page) {
            return;
        }
        let called = known.is_some_and(Page::calls);
        let calls_anew =
            page.calls() && !(called && known.is_some_and(|known| known.seen.triggered_at == page.seen.triggered_at));
        if calls_anew {
            let keeps_own = called && known.is_some_and(|known| !known.grouped);
            page.grouped = !keeps_own && !self.takes_own_notification();
        }
        let grouped = page.grouped;
        self.put(Change::Page(Box::new(page)));
        if calls_anew {
            self.new_call(grouped, now);
        }
    }

    /// A page calls that did not before: its group sounds at once, and whose it is must be known.
    pub(super) fn new_call(&mut self, grouped: bool, now: Time) {
        if grouped {
            self.alarm(&AlarmKey::MorePages, |alarm| (alarm.next_at, alarm.quiet_until) = (now, None));
        }
        if self.state.oncall.known_at.is_none_or(|known| now - known > ONCALL_FRESH_FOR) {
            self.session(|session| session.oncall_at = session.oncall_at.min(now));
        }
    }

    /// Whether one more page gets a notification of its own. Those in use are counted once per step: a storm must not
    /// cost the square of its size.
    fn takes_own_notification(&mut self) -> bool {
        let pages = &self.state.pages;
        let used = self
            .own_notifications
            .get_or_insert_with(|| pages.values().filter(|page| page.calls() && !page.grouped).count());
        let free = *used < self.state.playbook.page.notifications_max as usize;
        *used += usize::from(free);
        free
    }

    /// Pages that a full answer lacked: asked for one by one, or gone when two answers in a row lacked them
    /// (faults.md 18). A list that was not read to its end lacks nothing. Says whether any is in doubt.
    pub(super) fn lacking(
        &mut self,
        present: &BTreeSet<PageId>,
        (complete, requests_complete): (bool, bool),
        asked_at: Time,
        now: Time,
    ) -> bool {
        // An answer from the future was noted under a wrong clock; it does not outweigh this one (faults.md 24).
        let outdated = |page: &Page| page.asked_at < asked_at || page.asked_at > now;
        let listed = |page: &Page| if page.seen.only_asks_me() { requests_complete } else { complete };
        let lacks =
            |page: &&Page| listed(page) && page.gone.is_none() && !present.contains(&page.seen.id) && outdated(page);
        let lacking: Vec<PageId> = self.state.pages.values().filter(lacks).map(|page| page.seen.id.clone()).collect();
        let mut doubt = false;
        for id in lacking {
            let first = self.state.pages.get(&id).is_some_and(|page| page.missing == 0);
            doubt |= first;
            self.page(&id, |page| {
                page.missing = page.missing.saturating_add(1);
                if !first {
                    page.gone = Some((Gone::Missing, now));
                }
            });
            self.session(|session| {
                if first && session.looks.len() < LOOKS_MAX {
                    session.looks.insert(id.clone());
                } else {
                    session.looks.remove(&id);
                }
            });
        }
        doubt
    }

    pub(super) fn forget_old_pages(&mut self, now: Time) {
        let old = |page: &&Page| page.gone.as_ref().is_some_and(|(_, at)| now - *at >= REMEMBERED_FOR);
        let old: Vec<PageId> = self.state.pages.values().filter(old).map(|page| page.seen.id.clone()).collect();
        for id in old {
            self.put(Change::PageForgotten(id));
        }
    }

    pub(super) fn poll_failed(&mut self, name: SourceName, fault: Fault, jitter: f64, now: Time) {
        let watch = self.state.session.watch[name].clone();
        let failures = watch.failures.saturating_add(1);
        let refused = fault.kind == FaultKind::Unauthorized && poll::has_key(&self.state, name);
        let refused_since = refused.then(|| watch.refused_since.unwrap_or(now));
        let confirmed = refused_since.is_some_and(|since| now - since >= REFUSED_FOR);
        let known = &self.state.sources[name];
        let source = Source {
            not_before: known.pause(fault.retry_at, now),
            last_good_at: self.state.last_good_at(name),
            // What failed for another reason says nothing of the key.
            key_refused: known.key_refused || confirmed,
        };
        let rarely = refused && source.key_refused;
        self.source(name, source);
        let interval = poll::interval(&self.state, name, now);
        let wait = if rarely { interval } else { poll::backoff(failures, interval, jitter) };
        // A short pause that is asked for again and again must not undo the back-off.
        let told = fault.retry_at.map(|at| at + poll::spread(TimeDelta::seconds(1), jitter));
        let poll_at = (now + wait).max(told.unwrap_or(now));
        self.watch(name, |it| *it = Watch { poll_at, failures, refused_since, fault: Some(fault), ..watch });
    }

    pub(super) fn oncall_read(&mut self, result: Result<OnCall, Fault>, now: Time) {
        let interval = self.state.playbook.pagerduty.oncall_interval();
        match result {
            Ok(oncall) => {
                self.put(Change::OnCall(OnCall { known_at: Some(now), ..oncall }));
                self.session(|session| (session.oncall_at, session.oncall_fault) = (now + interval, None));
            }
            Err(fault) => self.session(|session| {
                let retry = if fault.kind == FaultKind::Forbidden { interval } else { ONCALL_RETRY };
                session.oncall_at = (now + retry).max(fault.retry_at.unwrap_or(now));
                session.oncall_fault = Some(fault);
            }),
        }
        self.looked_first(now);
    }

    /// The first look is over when pages are known and whose they are, or that cannot be known: a notification that
    /// came before would lack the button to acknowledge.
    fn looked_first(&mut self, now: Time) {
        let whose_known = self.state.oncall_known(now) || self.state.session.oncall_fault.is_some();
        let session = &self.state.session;
        let pages_known = session.watch[SourceName::PagerDuty].last_good_at.is_some_and(|at| at >= session.awake_since);
        if whose_known && pages_known {
            self.session(|session| session.look_first_until = None);
        }
    }

    pub(super) fn looked(&mut self, id: &PageId, asked_at: Time, result: Result<SeenPage, Fault>, now: Time) {
        self.session(|session| {
            session.looks.remove(id);
        });
        match result {
            Ok(seen) => self.see(seen, asked_at, now),
            Err(fault) if fault.kind == FaultKind::PageNotShown => self.page(id, |page| {
                // An answer in which it was there again may have overtaken this one.
                if page.missing > 0 && page.asked_at <= asked_at {
                    page.gone = Some((Gone::Missing, now));
                }
            }),
            Err(fault) => self.heed(SourceName::PagerDuty, &fault, now),
        }
    }

    /// A pause that a service asks for holds for every question to it, whichever answer said so (faults.md 1).
    pub(super) fn heed(&mut self, name: SourceName, fault: &Fault, now: Time) {
        let source = &self.state.sources[name];
        let not_before = source.pause(fault.retry_at, now);
        if not_before > source.not_before {
            self.source(name, Source { not_before, ..source.clone() });
        }
    }
}

/// Why the page is not among mine, if it is not.
fn gone(seen: &SeenPage, known: Option<&Page>) -> Option<Gone> {
    match (seen.status, seen.assigned_at, &seen.merged_into) {
        (PageStatus::Closed, _, Some(into)) => Some(Gone::Merged { into: into.clone() }),
        (PageStatus::Closed, _, None) => Some(Gone::Closed),
        (PageStatus::Triggered | PageStatus::Acknowledged, Some(_), _) => None,
        (PageStatus::Triggered | PageStatus::Acknowledged, None, _) if seen.asks_me() => None,
        (PageStatus::Triggered | PageStatus::Acknowledged, None, _) => {
            let asked =
                known.is_some_and(|it| it.seen.only_asks_me() || matches!(it.gone, Some((Gone::Answered { .. }, _))));
            let how = seen.asked.as_ref().map_or(AskedState::Withdrawn, |asked| asked.state);
            Some(if asked { Gone::Answered { how } } else { Gone::MovedOn { to: seen.others.clone() } })
        }
    }
}

/// When the page was triggered, or I was asked.
fn trigger(seen: &SeenPage, known: Option<&Page>, anew: bool) -> Time {
    match (known, &seen.asked) {
        (_, Some(asked)) if seen.calls_for_help() => asked.at,
        (Some(known), _) if !anew => known.seen.triggered_at,
        // Without its log, its last change is the latest that it can have been.
        (Some(known), _) if !seen.told.by_log && known.seen.status != PageStatus::Triggered => seen.version,
        (Some(_) | None, _) => seen.triggered_at,
    }
}

/// When it was answered, as far as what is known of it says so. PagerDuty does not say when a request was.
fn answered(page: &Page) -> Option<Time> {
    match &page.gone {
        Some((Gone::Answered { how: AskedState::Joined | AskedState::Declined }, at)) => Some(*at),
        Some((Gone::Answered { how: AskedState::Pending | AskedState::Withdrawn }, _)) => None,
        Some(_) | None if page.seen.only_asks_me() => None,
        Some(_) | None => page.seen.taken_at,
    }
}

#[cfg(test)]
mod tests;
