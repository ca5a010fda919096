//! A shift: when I was on duty, as what, and what of it is handed over (H80–H82).

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::Time;

/// Herald's own number of a shift; never used twice.
pub type ShiftId = i64;

/// A time on duty. There is at most one that has not ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct Shift {
    /// When it began.
    pub started_at: Time,
    /// When it is to end, as far as PagerDuty or the user says.
    pub ends_at: Option<Time>,
    /// When it ended.
    pub ended_at: Option<Time>,
    /// As what I was on duty.
    pub role: Role,
    /// Whether the user began it, and not PagerDuty's schedule.
    pub by_hand: bool,
    /// What is handed over.
    pub handover: Handover,
}

/// As what somebody is on duty.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum Role {
    /// The one who answers the pages.
    OnCall,
    /// A trainee who watches (H24).
    Shadow,
}

/// The handover of a shift (H80).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(default)]
#[ts(export)]
pub struct Handover {
    /// What the user adds in their own words.
    pub notes: String,
    /// The whole text, where the user has changed what Herald wrote.
    pub text: Option<String>,
    /// When it was handed over: saved, copied or filed.
    pub done_at: Option<Time>,
    /// The issue it was filed as.
    pub issue_url: Option<String>,
}

impl Shift {
    /// A shift that begins.
    #[must_use]
    pub fn new(started_at: Time, ends_at: Option<Time>, role: Role, by_hand: bool) -> Self {
        Self { started_at, ends_at, ended_at: None, role, by_hand, handover: Handover::default() }
    }

    /// Whether it is going on.
    #[must_use]
    pub fn open(&self) -> bool {
        self.ended_at.is_none()
    }
}
