//! What a page said, and from when on the public sees it.
//!
//! Source: public reports of status pages whose cached public side lags behind (the age that their `Cache-Control`
//! allows). Ours: by how much.

use std::collections::VecDeque;

use chrono::{DateTime, TimeDelta, Utc};

use crate::span::Span;

/// The last states of something that is published, each with the time from which the public sees it.
#[derive(Debug)]
pub(crate) struct History<T> {
    kept: VecDeque<(DateTime<Utc>, T)>,
    lag: TimeDelta,
}

/// Each is a whole page. With more on the way, the oldest is shown early.
const KEPT_MAX: usize = 100;

impl<T: Clone> History<T> {
    /// Begins with a state that everybody sees.
    pub(crate) fn new(first: &T, now: DateTime<Utc>, lag: Span, speed: f64) -> Self {
        History { kept: VecDeque::from([(now, first.clone())]), lag: lag.at_speed(speed) }
    }

    /// Publishes a state.
    pub(crate) fn publish(&mut self, state: &T, now: DateTime<Utc>) {
        self.kept.push_back((now + self.lag, state.clone()));
        // The last but one stays for `before`.
        while self.kept.len() > 2 && (self.kept[1].0 <= now || self.kept.len() > KEPT_MAX) {
            self.kept.pop_front();
        }
    }

    /// Changes the lag, also for what is on its way.
    pub(crate) fn set_lag(&mut self, lag: Span, speed: f64, now: DateTime<Utc>) {
        self.lag = lag.at_speed(speed);
        for (at, _) in &mut self.kept {
            *at = (*at).min(now + self.lag);
        }
    }

    /// Gives what the public sees now.
    pub(crate) fn seen(&self, now: DateTime<Utc>) -> &T {
        let seen = self.kept.iter().rev().find(|(at, _)| *at <= now);
        &seen.unwrap_or(&self.kept[0]).1
    }

    /// Gives what was there before the last change.
    pub(crate) fn before(&self) -> &T {
        &self.kept[self.kept.len().saturating_sub(2)].1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_public_sees_it_later() {
        let at = |seconds: i64| DateTime::from_timestamp(1_750_000_000 + seconds, 0).expect("in range");
        let mut history = History::new(&0, at(0), Span::seconds(20), 2.0);
        history.publish(&1, at(5));
        history.publish(&2, at(10));
        let seen = |history: &History<i32>, seconds: i64| *history.seen(at(seconds));
        assert_eq!([seen(&history, 14), seen(&history, 15), seen(&history, 20)], [0, 1, 2], "20 s at speed two");
        assert_eq!(*history.before(), 1);
        history.publish(&3, at(30));
        history.set_lag(Span::seconds(2), 2.0, at(31));
        assert_eq!([seen(&history, 31), seen(&history, 32)], [2, 3], "a shorter lag hurries what is on its way");
    }
}
