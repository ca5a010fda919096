//! When a source is asked, and what its silence means.

use std::fmt;

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::page::SeenPage;
use crate::state::State;
use crate::{Fault, FaultKind, Time};

/// Longest pause a server may ask for; absurd values are cut to this (faults.md 2).
pub const PAUSE_MAX: TimeDelta = TimeDelta::seconds(300);
/// Longest back-off after failures (faults.md 3).
pub const BACKOFF_MAX: TimeDelta = TimeDelta::seconds(60);
/// A pass that lacks known pages is repeated this soon, so that "gone" is known quickly.
pub const RECHECK: TimeDelta = TimeDelta::seconds(2);
/// A key counts as refused when it still is this long after the first refusal: a service that restarts refuses good
/// keys for a moment (faults.md 4).
pub const REFUSED_FOR: TimeDelta = TimeDelta::seconds(30);
/// How often a refused key is tried again by itself, as refusals may end without a new key.
pub const REFUSED_RETRY: TimeDelta = TimeDelta::seconds(240);

/// Good answers in a row after which it is told that not all requests to help can be seen: one may have been a moment's.
pub const UNLOOKED_TOLD_AT: u32 = 3;

/// Where Herald learns things from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum SourceName {
    /// PagerDuty.
    PagerDuty,
    /// The issue tracker.
    Tracker,
    /// The public feed of the status page.
    StatusPage,
}

impl SourceName {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::PagerDuty, Self::Tracker, Self::StatusPage];

    /// What it is called within a sentence.
    #[must_use]
    pub fn the(self) -> &'static str {
        match self {
            Self::PagerDuty => "PagerDuty",
            Self::Tracker => "the issue tracker",
            Self::StatusPage => "the status page",
        }
    }

    /// Its name in the database.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::PagerDuty => "pagerduty",
            Self::Tracker => "tracker",
            Self::StatusPage => "status_page",
        }
    }
}

/// One of something for each source.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PerSource<T>([T; SourceName::ALL.len()]);

impl<T: Clone> PerSource<T> {
    /// The same for each.
    #[must_use]
    pub fn all(each: &T) -> Self {
        Self(std::array::from_fn(|_| each.clone()))
    }
}

impl<T> std::ops::Index<SourceName> for PerSource<T> {
    type Output = T;

    fn index(&self, source: SourceName) -> &T {
        &self.0[source as usize]
    }
}

impl<T> std::ops::IndexMut<SourceName> for PerSource<T> {
    fn index_mut(&mut self, source: SourceName) -> &mut T {
        &mut self.0[source as usize]
    }
}

impl fmt::Display for SourceName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::PagerDuty => "PagerDuty",
            Self::Tracker => "issue tracker",
            Self::StatusPage => "status page",
        })
    }
}

/// One complete answer: all my open pages, never a window of time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// When it was asked for.
    pub asked_at: Time,
    /// My open pages.
    pub pages: Vec<SeenPage>,
    /// Items that could not be read and were left out (faults.md 11).
    pub skipped: u32,
    /// Whether every page of the answer was read; only then does absence mean something.
    pub complete: bool,
    /// Whether all requests to help were looked for; only then does their absence mean something.
    pub requests_complete: bool,
    /// Why the reading ended before the list did, or that it contradicts itself: what was read counts, calm does not.
    pub fault: Option<Fault>,
    /// PagerDuty's word on when to ask next, when its budget is nearly used up.
    pub pause_until: Option<Time>,
}

impl Snapshot {
    /// A whole answer with these pages.
    #[must_use]
    pub fn of(asked_at: Time, pages: Vec<SeenPage>) -> Self {
        Self { asked_at, pages, skipped: 0, complete: true, requests_complete: true, fault: None, pause_until: None }
    }
}

/// What is kept about a source over a restart.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// Not to be asked before, on its own word (`Retry-After`, `ratelimit-reset`).
    pub not_before: Option<Time>,
    /// The last good answer before it fell silent.
    pub last_good_at: Option<Time>,
    /// The key is refused, and not for a moment: it is only tried now and then, until it is taken or the user connects
    /// again (faults.md 4).
    pub key_refused: bool,
}

impl Source {
    /// The pause that holds from now on: the one asked for now, or an earlier one that lasts longer.
    #[must_use]
    pub fn pause(&self, asked: Option<Time>, now: Time) -> Option<Time> {
        self.not_before.filter(|at| !crate::reached(*at, now, PAUSE_MAX)).max(asked)
    }
}

/// What is known of a source while Herald runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Watch {
    /// When to ask next.
    pub poll_at: Time,
    /// Failures in a row.
    pub failures: u32,
    /// The first of the refusals of the key in a row.
    pub refused_since: Option<Time>,
    /// The last failure, until an answer comes.
    pub fault: Option<Fault>,
    /// The last good answer of this run.
    pub last_good_at: Option<Time>,
    /// Items left out of the last good answer.
    pub skipped: u32,
    /// Good answers in a row in which not all requests to help could be looked for.
    pub unlooked: u32,
}

impl Watch {
    /// A source that has not been asked yet and should be at once.
    #[must_use]
    pub fn new(now: Time) -> Self {
        Self {
            poll_at: now,
            failures: 0,
            refused_since: None,
            fault: None,
            last_good_at: None,
            skipped: 0,
            unlooked: 0,
        }
    }
}

/// The pause between two polls now; long while the key is refused. Pages: the user's choice on shift or with an open
/// page, slower otherwise; unknown on-call times count as on shift. Feeds: the playbook's.
#[must_use]
pub fn interval(state: &State, source: SourceName, now: Time) -> TimeDelta {
    let seconds = |s: u32| TimeDelta::seconds(s.into());
    let rules = &state.playbook;
    if state.sources[source].key_refused {
        return REFUSED_RETRY;
    }
    match source {
        SourceName::PagerDuty => {
            let on_shift = seconds(state.settings.poll_interval_s);
            let needed = state.on_shift(now) || state.pages.values().any(crate::Page::open);
            if needed { on_shift } else { on_shift.max(seconds(rules.pagerduty.poll_off_shift_s)) }
        }
        SourceName::Tracker => seconds(rules.tracker.poll_s),
        SourceName::StatusPage => seconds(rules.status_page.poll_s),
    }
}

/// Whether it is connected, so that it is asked at all.
#[must_use]
pub fn connected(state: &State, source: SourceName) -> bool {
    match source {
        SourceName::PagerDuty => state.account.is_some(),
        SourceName::Tracker => state.tracker.is_some(),
        SourceName::StatusPage => state.status_page.is_some(),
    }
}

/// Whether it is asked with a key, so that a refusal can be the key's.
#[must_use]
pub fn has_key(state: &State, source: SourceName) -> bool {
    match source {
        SourceName::PagerDuty => true,
        SourceName::Tracker => state.tracker.as_ref().is_some_and(|it| it.token.is_some()),
        // Its public feed is read without one.
        SourceName::StatusPage => false,
    }
}

/// Whether it is asked as often as it should be: connected, and its key was not refused.
#[must_use]
pub fn asked(state: &State, source: SourceName) -> bool {
    connected(state, source) && !state.sources[source].key_refused
}

/// Whether it asked for a pause. What the user wishes is tried all the same: once, and told if refused.
#[must_use]
pub fn paused(state: &State, source: SourceName, now: Time) -> bool {
    state.sources[source].not_before.is_some_and(|at| !crate::reached(at, now, PAUSE_MAX))
}

/// The pause after `failures` in a row: doubling from one second, spread by `jitter` (0 to 1), never longer than
/// the normal interval on shift or a minute, so that the end of a fault is noticed within one interval (faults.md 3).
#[must_use]
pub fn backoff(failures: u32, interval: TimeDelta, jitter: f64) -> TimeDelta {
    let full_ms = 1000.0 * f64::from(1u32 << failures.saturating_sub(1).min(6));
    let cap = interval.min(BACKOFF_MAX);
    let wait = TimeDelta::milliseconds((full_ms * (0.5 + 0.5 * jitter)) as i64);
    if failures == 1 { TimeDelta::milliseconds(200) } else { wait.min(cap) }
}

/// Spreads an interval by up to a tenth, so that many Heralds do not ask in step.
#[must_use]
pub fn spread(interval: TimeDelta, jitter: f64) -> TimeDelta {
    interval + TimeDelta::milliseconds((interval.num_milliseconds() as f64 * 0.1 * jitter) as i64)
}

/// When to ask next at the latest. A question that is put off for longer was so under a wrong clock, or before pages
/// had to be watched more closely.
#[must_use]
pub fn poll_latest(state: &State, source: SourceName, now: Time) -> Time {
    let paused_until = state.sources[source].pause(None, now).map_or(now, |at| at + TimeDelta::seconds(2));
    paused_until.max(now + spread(interval(state, source, now), 1.0))
}

/// When the screen must say that what it shows is old: the promise that an unknown page or due update and a calm icon
/// do not coexist for longer than two intervals (faults.md I1). Absent before the first question.
#[must_use]
pub fn stale_at(state: &State, source: SourceName, now: Time) -> Option<Time> {
    let good = state.last_good_at(source)?;
    Some(good + interval(state, source, now) * 2 + TimeDelta::seconds(1))
}

/// When silence becomes an alarm: a minute, or three missed polls if they are slower, counted from the last good
/// answer, from the start or from waking up, whichever came last.
#[must_use]
pub fn blind_at(state: &State, source: SourceName, now: Time) -> Time {
    let last = state.last_good_at(source).unwrap_or(state.session.awake_since);
    let from = last.max(state.session.awake_since).min(now);
    from + state.playbook.blind_after().max(interval(state, source, now) * 3)
}

/// Whether a source cannot be seen now, for the icon and the window.
#[must_use]
pub fn stale(state: &State, source: SourceName, now: Time) -> bool {
    !asked(state, source) || stale_at(state, source, now).is_none_or(|at| at <= now)
}

/// Whether anything that is connected cannot be seen now. Without PagerDuty nothing is seen at all.
#[must_use]
pub fn any_stale(state: &State, now: Time) -> bool {
    let needed = |source: &SourceName| *source == SourceName::PagerDuty || connected(state, *source);
    SourceName::ALL.into_iter().filter(needed).any(|source| stale(state, source, now))
}

/// Whether its silence is an alarm now.
#[must_use]
pub fn blind(state: &State, source: SourceName, now: Time) -> bool {
    let watch = &state.session.watch[source];
    let refused = state.sources[source].key_refused;
    let missing_key = watch.fault.as_ref().is_some_and(|fault| fault.kind == FaultKind::NoToken) && watch.failures >= 3;
    let silent = stale(state, source, now) && blind_at(state, source, now) <= now;
    connected(state, source) && (refused || missing_key || silent)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn back_off_doubles_within_its_limits() {
        let on_shift = TimeDelta::seconds(10);
        let ms = |failures, jitter| backoff(failures, on_shift, jitter).num_milliseconds();
        let expected =
            [(1, 200, 200), (2, 1000, 2000), (3, 2000, 4000), (4, 4000, 8000), (5, 8000, 10_000), (99, 10_000, 10_000)];
        for (failures, low, high) in expected {
            assert_eq!((ms(failures, 0.0), ms(failures, 1.0)), (low, high), "after {failures} failures");
        }
        assert_eq!(backoff(99, TimeDelta::seconds(300), 1.0), TimeDelta::seconds(60), "a minute at the most");
    }
}
