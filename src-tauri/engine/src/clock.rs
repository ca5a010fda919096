//! Herald's clock: runs on through suspend, does not jump with the desktop's clock, and is set by PagerDuty's.

use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, TimeDelta, Utc};
use herald_core::Time;

/// A difference to the server's clock below this is left alone: its `Date` knows only full seconds.
const SLACK_MS: i64 = 2_000;

/// A clock that counts from its start and follows the server's `Date` (FAULTS 24).
pub struct Clock {
    started_at: Time,
    started: boot_time::Instant,
    correction_ms: AtomicI64,
}

impl Default for Clock {
    fn default() -> Self {
        Self::start()
    }
}

impl Clock {
    /// Starts from what the desktop's clock says.
    #[must_use]
    pub fn start() -> Self {
        Self { started_at: wall_now(), started: boot_time::Instant::now(), correction_ms: AtomicI64::new(0) }
    }

    /// The time now, to the millisecond.
    #[must_use]
    pub fn now(&self) -> Time {
        let run = TimeDelta::from_std(self.started.elapsed()).unwrap_or(TimeDelta::MAX);
        let now = self.started_at + run + TimeDelta::milliseconds(self.correction_ms.load(Ordering::Relaxed));
        DateTime::from_timestamp_millis(now.timestamp_millis()).unwrap_or(now)
    }

    /// Hears what the server's clock says; takes it over when the difference matters.
    pub fn hear(&self, server: Time) {
        let off_ms = (server + TimeDelta::milliseconds(500) - self.now()).num_milliseconds();
        if off_ms.abs() > SLACK_MS {
            self.correction_ms.fetch_add(off_ms, Ordering::Relaxed);
            tracing::info!(off_ms, "the clock follows PagerDuty's");
        }
    }

    /// How far the desktop's clock is from this one, in milliseconds; positive when the desktop's is ahead.
    #[must_use]
    pub fn desktop_off_ms(&self) -> i64 {
        (wall_now() - self.now()).num_milliseconds()
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
        clock.hear(before + TimeDelta::milliseconds(900));
        assert!(clock.now() - before < TimeDelta::milliseconds(500), "a second is not known well enough to follow");
        clock.hear(before + TimeDelta::hours(1));
        let after = clock.now() - before;
        assert!(after > TimeDelta::minutes(59) && after < TimeDelta::minutes(61), "an hour is followed: {after}");
        assert!(clock.desktop_off_ms() < -3_500_000, "and the desktop's clock is known to be behind");
    }
}
