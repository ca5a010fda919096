//! PagerDuty's rate limits: fixed windows, per user over all their keys.
//!
//! Source: PagerDuty/developer-docs, `docs/REST-API/04-Rate-Limits.md`: 960 a minute for each user over all keys; three
//! headers.

use std::collections::HashMap;

use chrono::TimeDelta;

use crate::cast::Limits;
use crate::span::Span;

use super::incident::Time;

/// Whose requests are counted together: a user, or all account keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Bucket {
    pub(crate) user: Option<usize>,
    pub(crate) on_calls: bool,
}

/// What the headers say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Allowance {
    pub(crate) limit: u32,
    pub(crate) remaining: u32,
    pub(crate) reset_s: i64,
    pub(crate) allowed: bool,
}

/// Counts requests.
#[derive(Debug, Default)]
pub(crate) struct Meter {
    windows: HashMap<Bucket, (Time, u32)>,
}

impl Meter {
    /// Counts a request and tells whether it is allowed.
    pub(crate) fn count(&mut self, bucket: Bucket, limits: &Limits, speed: f64, now: Time) -> Allowance {
        let limit = if bucket.on_calls { limits.oncalls_per_minute } else { limits.per_minute };
        let length = Span::minutes(1).at_speed(speed).max(TimeDelta::milliseconds(1));
        let (start, used) = self.windows.entry(bucket).or_insert((now, 0));
        if now - *start >= length {
            (*start, *used) = (now, 0);
        }
        let allowed = *used < limit;
        *used = used.saturating_add(1);
        let left_ms = (*start + length - now).num_milliseconds();
        Allowance { limit, remaining: limit.saturating_sub(*used), reset_s: (left_ms + 999) / 1000, allowed }
    }
}
