//! The practice world's clock: wall time that never runs backwards.

use std::sync::Mutex;

use chrono::{DateTime, TimeDelta, Utc};

/// Tells the time of the world.
///
/// It follows the wall clock, so that a laptop's sleep counts; when the wall clock is set back
/// it goes on from where it was, because a world whose past is its future makes no sense.
#[derive(Debug, Default)]
pub(crate) struct Clock {
    last: Mutex<Option<(DateTime<Utc>, TimeDelta)>>,
}

impl Clock {
    /// Tells the time now.
    // The practice world is a server of its own, with the one clock that a server has.
    #[allow(clippy::disallowed_methods)]
    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.at_wall(Utc::now())
    }

    fn at_wall(&self, wall: DateTime<Utc>) -> DateTime<Utc> {
        let mut last = self.last.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        let (before, ahead) = last.unwrap_or((wall, TimeDelta::zero()));
        let ahead = if wall + ahead < before { before - wall } else { ahead };
        *last = Some((wall + ahead, ahead));
        wall + ahead
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_set_back_goes_on() {
        let clock = Clock::default();
        let noon = DateTime::from_timestamp(1_750_000_000, 0).expect("in range");
        let hour = TimeDelta::hours(1);
        let second = TimeDelta::seconds(1);
        assert_eq!(clock.at_wall(noon), noon);
        assert_eq!(clock.at_wall(noon - hour), noon);
        assert_eq!(clock.at_wall(noon - hour + second), noon + second);
        assert_eq!(clock.at_wall(noon + hour), noon + hour + hour);
    }
}
