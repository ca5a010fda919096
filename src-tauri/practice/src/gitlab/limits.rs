//! GitLab's rate limits: fixed windows per user, and stricter ones for some doings.
//!
//! Source: docs.gitlab.com, "User and IP rate limits", response headers, and "Rate limits" for issues, notes, search
//! and projects.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta};

use crate::reply::Reply;
use crate::span::Span;

use super::issue::Time;

/// What is counted together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Bucket {
    /// The user; None = all who show no token.
    pub(super) person: Option<usize>,
    pub(super) name: &'static str,
}

/// What the headers say.
#[derive(Debug, Clone, Copy)]
pub(super) struct Allowance {
    name: &'static str,
    limit: u32,
    used: u32,
    reset_at: Time,
    wait_s: i64,
}

/// Counts requests.
#[derive(Debug, Default)]
pub(crate) struct Meter {
    windows: HashMap<Bucket, (Time, u32)>,
}

impl Meter {
    /// Counts a request.
    pub(super) fn count(&mut self, bucket: Bucket, limit: u32, speed: f64, now: Time) -> Allowance {
        let length = Span::minutes(1).at_speed(speed).max(TimeDelta::milliseconds(1));
        let (start, used) = self.windows.entry(bucket).or_insert((now, 0));
        if now - *start >= length {
            (*start, *used) = (now, 0);
        }
        *used = used.saturating_add(1);
        let reset_at = *start + length;
        let wait_s = ((reset_at - now).num_milliseconds() + 999) / 1000;
        Allowance { name: bucket.name, limit, used: *used, reset_at, wait_s: wait_s.max(1) }
    }
}

impl Allowance {
    pub(super) fn is_exceeded(self) -> bool {
        self.used > self.limit
    }

    /// Puts the headers on an answer.
    pub(super) fn onto(self, reply: Reply) -> Reply {
        // The reset is a whole second, and never before the window ends.
        let reset = self.reset_at.timestamp() + i64::from(self.reset_at.timestamp_subsec_nanos() > 0);
        let date = DateTime::from_timestamp(reset, 0).unwrap_or(self.reset_at);
        reply
            .with("ratelimit-limit", self.limit)
            .with("ratelimit-name", self.name)
            .with("ratelimit-observed", self.used)
            .with("ratelimit-remaining", self.limit.saturating_sub(self.used))
            .with("ratelimit-reset", reset)
            .with("ratelimit-resettime", date.format("%a, %d %b %Y %H:%M:%S GMT"))
    }

    /// Makes the answer of one too many: plain text, not JSON.
    pub(super) fn refuse(self) -> Reply {
        self.onto(Reply::text(429, "Retry later\n")).with("retry-after", self.wait_s)
    }
}
