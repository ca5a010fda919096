//! Herald's clock: runs on through suspend, does not jump with the desktop's clock, and is set by PagerDuty's.

use std::sync::{Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use herald_core::Time;

/// A difference to the server's clock below this is left alone: its `Date` knows only full seconds.
const SLACK_MS: i64 = 2_000;

/// A clock that counts from its start and follows the server's `Date` (FAULTS 24).
pub struct Clock {
    started_at: Time,
    started: boot_time::Instant,
    correction_ms: Mutex<i64>,
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
        Self { started_at: wall_now(), started: boot_time::Instant::now(), correction_ms: Mutex::new(0) }
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
            *correction_ms = correction_ms.saturating_add(off_ms);
            tracing::info!(off_ms, "the clock follows PagerDuty's");
        }
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
