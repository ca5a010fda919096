//! What the practice world has received, and what became of it.

use std::collections::VecDeque;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::pagerduty::TokenKind;

/// A request that the practice world received.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Request {
    /// Its number, from 0.
    pub seq: u64,
    /// When it came.
    pub at: DateTime<Utc>,
    /// Its method.
    pub method: String,
    /// Its path with the query.
    pub path: String,
    /// The status answered; None if no answer was given (yet, or at all).
    pub status: Option<u16>,
    /// When that was.
    pub answered_at: Option<DateTime<Utc>>,
    /// Whether it was carried out; false while it is not decided.
    pub carried_out: bool,
    /// Whose key it carried.
    pub token: TokenKind,
    /// Its `From` header.
    pub from: Option<String>,
    /// Its body, cut at 16 KiB.
    pub body: String,
    /// Names of the faults it met.
    pub faults: Vec<String>,
}

/// The last requests, oldest first.
#[derive(Debug, Default)]
pub(crate) struct Journal {
    requests: VecDeque<Request>,
    next: u64,
}

/// Enough for hours of polling every second, and little enough to hold.
const REQUESTS_MAX: usize = 20_000;
const BODY_BYTES_MAX: usize = 16 * 1024;

impl Journal {
    /// Writes a request down and gives its number.
    pub(crate) fn write(&mut self, mut request: Request) -> u64 {
        let seq = self.next;
        self.next += 1;
        request.seq = seq;
        request.body.truncate(request.body.floor_char_boundary(BODY_BYTES_MAX));
        if self.requests.len() == REQUESTS_MAX {
            self.requests.pop_front();
        }
        self.requests.push_back(request);
        seq
    }

    /// Changes a request if it is still held.
    pub(crate) fn change(&mut self, seq: u64, change: impl FnOnce(&mut Request)) {
        let first = self.requests.front().map_or(0, |request| request.seq);
        let place = seq.checked_sub(first).and_then(|place| usize::try_from(place).ok());
        if let Some(request) = place.and_then(|place| self.requests.get_mut(place)) {
            change(request);
        }
    }

    /// Lists the requests from a number on.
    pub(crate) fn since(&self, seq: u64) -> Vec<Request> {
        let place = self.requests.partition_point(|request| request.seq < seq);
        self.requests.iter().skip(place).cloned().collect()
    }

    /// Gives the number that the next request will have.
    pub(crate) fn next(&self) -> u64 {
        self.next
    }
}
