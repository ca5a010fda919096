//! Herald's clock: runs on through suspend, does not jump with the desktop's clock, and is set by PagerDuty's within
//! bounds.

use std::sync::{Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use herald_core::Time;
use herald_core::alarm::span;

/// A difference to the server's clock below this is left alone: its `Date` knows only full seconds.
const SLACK_MS: i64 = 2_000;

/// How far PagerDuty's `Date` moves it at the most, in milliseconds: as far as a mistake about summer time, and some. One
/// answer that is farther off is more likely wrong than this computer, unless its own clock agrees with it by now.
const FOLLOWED_MS_MAX: i64 = 90 * 60_000;
/// Clocks that differ by less agree, in milliseconds; and what is less is not worth a word.
const AGREE_MS: i64 = 60_000;

/// A clock that counts from its start and follows the server's `Date` (faults.md 24).
pub struct Clock {
    started_at: Time,
    started: boot_time::Instant,
    correction_ms: Mutex<i64>,
    /// What was last said about PagerDuty's clock, and what is still to be said.
    words: Mutex<(i64, Option<String>)>,
}

/// A moment as this computer counts it, whatever was corrected since.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tick(Time);

impl Default for Clock {
    fn default() -> Self {
        Self::start()
    }
}

impl Clock {
    /// Starts from what the desktop's clock says.
    #[must_use]
    pub fn start() -> Self {
        Self {
            started_at: wall_now(),
            started: boot_time::Instant::now(),
            correction_ms: Mutex::new(0),
            words: Mutex::default(),
        }
    }

    /// The time now, to the millisecond.
    #[must_use]
    pub fn now(&self) -> Time {
        let now = self.tick().0 + TimeDelta::milliseconds(*self.correction_ms());
        DateTime::from_timestamp_millis(now.timestamp_millis()).unwrap_or(now)
    }

    /// This moment, to be told to [`Self::hear`].
    pub(crate) fn tick(&self) -> Tick {
        Tick(self.started_at + TimeDelta::from_std(self.started.elapsed()).unwrap_or(TimeDelta::MAX))
    }

    /// Hears what the server's clock said between two moments; takes it over when it cannot have been so by this one.
    /// An answer that was long on its way says nothing against a clock that is right.
    pub(crate) fn hear(&self, server: Time, [left, came]: [Tick; 2]) {
        let server = server + TimeDelta::milliseconds(500);
        let mut correction_ms = self.correction_ms();
        let off_ms = |tick: Tick| (server - tick.0).num_milliseconds().saturating_sub(*correction_ms);
        let (since_left, since_came) = (off_ms(left), off_ms(came));
        // The smallest step that makes it possible.
        let off_ms = if since_left < -SLACK_MS { since_left } else { since_came };
        if since_left < -SLACK_MS || since_came > SLACK_MS {
            let wanted_ms = correction_ms.saturating_add(off_ms);
            let agrees = (wall_now() - server).num_milliseconds().abs() <= AGREE_MS;
            let followed = wanted_ms.abs() <= FOLLOWED_MS_MAX || agrees;
            if followed {
                *correction_ms = wanted_ms;
            }
            tracing::info!(off_ms, followed, "PagerDuty's clock differs");
            drop(correction_ms);
            self.say(wanted_ms, followed);
        }
    }

    /// Has it told how PagerDuty's clock differs from this computer's, once for each difference.
    fn say(&self, off_ms: i64, followed: bool) {
        let mut words = self.words.lock().unwrap_or_else(PoisonError::into_inner);
        if (off_ms - words.0).abs() < AGREE_MS {
            return;
        }
        let side = if off_ms < 0 { "behind" } else { "ahead of" };
        // A second either way is not meant: a rounded span reads "1 h", not "59 min".
        let length = span(TimeDelta::milliseconds(off_ms.abs() + SLACK_MS));
        let differs = format!("PagerDuty's clock is {length} {side} this computer's.");
        let then = match (off_ms.abs() < AGREE_MS, followed) {
            (true, _) => "PagerDuty's clock and this computer's agree again.".into(),
            (false, true) => format!("{differs} Herald goes by PagerDuty's; set the clock of this computer."),
            (false, false) => format!("{differs} Herald does not believe that and goes by this computer's: check it."),
        };
        *words = (off_ms, Some(then));
    }

    /// What is to be said about PagerDuty's clock; once.
    pub(crate) fn take_words(&self) -> Option<String> {
        self.words.lock().unwrap_or_else(PoisonError::into_inner).1.take()
    }

    /// How far the desktop's clock is from this one, in milliseconds; positive when the desktop's is ahead.
    #[must_use]
    pub fn desktop_off_ms(&self) -> i64 {
        (wall_now() - self.now()).num_milliseconds()
    }

    fn correction_ms(&self) -> MutexGuard<'_, i64> {
        self.correction_ms.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What the desktop's clock says: for file names and for programs that only read.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "the one place that asks the desktop's clock")]
pub fn wall_now() -> Time {
    Utc::now()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn follows_the_server_when_it_matters() {
        let clock = Clock::start();
        let before = clock.now();
        let at_once = |clock: &Clock| [clock.tick(), clock.tick()];
        clock.hear(before + TimeDelta::milliseconds(900), at_once(&clock));
        assert!(clock.now() - before < TimeDelta::milliseconds(500), "a second is not known well enough to follow");
        clock.hear(before + TimeDelta::hours(1), at_once(&clock));
        let after = clock.now() - before;
        assert!(after > TimeDelta::minutes(59) && after < TimeDelta::minutes(61), "an hour is followed: {after}");
        assert!(clock.desktop_off_ms() < -3_500_000, "and the desktop's clock is known to be behind");
    }

    #[test]
    fn what_is_hours_off_is_told_and_not_followed() {
        let at_once = |clock: &Clock| [clock.tick(), clock.tick()];
        for (minutes, followed, told) in [
            (-120, false, "2 h behind this computer's. Herald does not believe that"),
            (120, false, "2 h ahead of this computer's. Herald does not believe that"),
            (-60, true, "1 h behind this computer's. Herald goes by PagerDuty's"),
            (30, true, "30 min ahead of this computer's. Herald goes by PagerDuty's"),
        ] {
            let clock = Clock::start();
            let before = clock.now();
            for _ in 0..3 {
                // Again and again, it is no more believed, and step by step neither.
                clock.hear(before + TimeDelta::minutes(minutes), at_once(&clock));
            }
            let off = clock.now() - before - TimeDelta::minutes(if followed { minutes } else { 0 });
            assert!(off.abs() < TimeDelta::seconds(10), "{minutes} min: off by {off}");
            assert!(clock.take_words().is_some_and(|it| it.contains(told)), "{minutes} min");
            assert_eq!(clock.take_words(), None, "{minutes} min: once");
        }
        let clock = Clock::start();
        let before = clock.now();
        for step in 1..=5 {
            clock.hear(before + TimeDelta::hours(step), at_once(&clock));
        }
        assert!((clock.now() - before).num_minutes() <= 90, "not step by step either");
    }

    #[test]
    fn a_slow_answer_does_not_set_it_back() {
        let ahead = |tick: Tick, seconds: i64| Tick(tick.0 + TimeDelta::seconds(seconds));
        for (name, said_s, took_s, expected_s) in [
            ("said before a long way", 0, 9, 0),
            ("said after a long way", 9, 9, 0),
            ("said long before it was asked", -60, 9, -60),
            ("said long after it came", 69, 9, 60),
        ] {
            let clock = Clock::start();
            let (before, left) = (clock.now(), clock.tick());
            let between = [left, ahead(left, took_s)];
            // Two questions at once must not correct twice.
            clock.hear(before + TimeDelta::seconds(said_s), between);
            clock.hear(before + TimeDelta::seconds(said_s), between);
            let off = (clock.now() - before).num_milliseconds() - expected_s * 1000;
            assert!(off.abs() < 2_000, "{name}: off by {off} ms");
        }
    }
}
