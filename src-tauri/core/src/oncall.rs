//! When I am on call, and through which schedule.

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::Time;
use crate::page::Named;

/// One entry of PagerDuty's `/oncalls` for me (services.md 1.5).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct OnCallEntry {
    /// The schedule; absent for people put on a policy directly.
    pub schedule: Option<Named>,
    /// The escalation policy.
    pub policy: Named,
    /// The level in the policy, from 1.
    pub level: u32,
    /// Since when; absent for a permanent entry.
    pub start: Option<Time>,
    /// Until when; absent for a permanent entry.
    pub end: Option<Time>,
}

impl OnCallEntry {
    /// Whether the entry holds at `at`; the end itself is no longer on call.
    #[must_use]
    pub fn holds_at(&self, at: Time) -> bool {
        self.start.is_none_or(|start| start <= at) && self.end.is_none_or(|end| at < end)
    }
}

/// What is known of my on-call times.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OnCall {
    /// My entries, now and in the days ahead.
    pub entries: Vec<OnCallEntry>,
    /// When PagerDuty said so; absent before the first answer.
    pub known_at: Option<Time>,
    /// How many of its entries could not be read. Any of them could be the one that holds now.
    #[serde(default)]
    pub unread: usize,
}

impl OnCall {
    /// What was read just now: when that was, the step says.
    #[must_use]
    pub fn read(entries: Vec<OnCallEntry>, unread: usize) -> Self {
        Self { entries, known_at: None, unread }
    }

    /// The entries that hold at `at`.
    pub fn at(&self, at: Time) -> impl Iterator<Item = &OnCallEntry> {
        self.entries.iter().filter(move |entry| entry.holds_at(at))
    }

    /// When they may say something else by the passing of time alone: one begins or ends, or what was read becomes old.
    pub(crate) fn changes_at(&self, holds_for: TimeDelta) -> impl Iterator<Item = Time> {
        let entries = self.entries.iter().flat_map(|entry| [entry.start, entry.end]).flatten();
        entries.chain(self.known_at.map(|at| at + holds_for))
    }

    /// Whether every entry is known, so that there are no others.
    #[must_use]
    pub fn complete(&self) -> bool {
        self.known_at.is_some() && self.unread == 0
    }
}
