//! The ledger: contact requests and maintenance, which the user keeps beside incidents (H60–H71).

pub(crate) mod kept;
pub mod offer;
pub mod remind;
pub mod when;
pub mod wish;

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::Time;
use crate::incident::{By, Event};

pub use self::wish::{ContactText, Deed, LedgerWish, Plan, Tell};

/// Herald's own number of a contact request; never used twice.
pub type ContactId = i64;

/// Herald's own number of a maintenance; never used twice.
pub type MaintenanceId = i64;

/// Earlier versions of a contact request that are kept.
const EARLIER_MAX: usize = 20;
/// Lines that are kept of one maintenance.
const LOG_MAX: usize = 200;
/// How long what is handled or over stays in the list.
pub const STAYS_FOR: TimeDelta = TimeDelta::hours(24);

/// Somebody asked the user to contact users (H70).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Contact {
    /// When it was asked.
    pub asked_at: Time,
    /// Who asked.
    pub asked_by: String,
    /// What for.
    pub what: String,
    /// Link of the ticket.
    pub ticket: Option<String>,
    /// Whose it is; when it is left out, that of the Support Engineer who made the ticket (H70).
    pub owner: Option<String>,
    /// Where it stands.
    pub state: ContactState,
    /// Since when it stands there.
    pub state_at: Time,
    /// What it was before each change, oldest first, so that a change can be taken back.
    #[serde(default)]
    pub earlier: Vec<Contact>,
}

impl Contact {
    /// Whether nothing is left to do: done, or in good hands (H90).
    #[must_use]
    pub fn handled(&self) -> bool {
        self.state != ContactState::Open
    }

    /// Whose it is, in words.
    #[must_use]
    pub fn owner_words(&self) -> &str {
        self.owner.as_deref().unwrap_or("who made the ticket")
    }

    /// The same after a change, with what it was before.
    #[must_use]
    pub(crate) fn changed(&self, edit: impl FnOnce(&mut Self)) -> Self {
        let mut next = self.clone();
        edit(&mut next);
        let before = Self { earlier: vec![], ..self.clone() };
        next.earlier.push(before);
        let too_many = next.earlier.len().saturating_sub(EARLIER_MAX);
        next.earlier.drain(..too_many);
        next
    }
}

/// Where a contact request stands. All but `Open` count as handled (H90).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ContactState {
    /// To be done.
    Open,
    /// Done.
    Done,
    /// Somebody else has taken it over.
    HandedOver,
    /// Whoever asked knows when it will be done.
    Planned,
}

impl ContactState {
    /// What people call it.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Done => "done",
            Self::HandedOver => "handed over",
            Self::Planned => "plan communicated",
        }
    }
}

/// A maintenance that the public is told about (H60–H65).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Maintenance {
    /// What was planned.
    #[serde(flatten)]
    pub plan: Plan,
    /// Since when it is on the status page, whoever put it there.
    pub scheduled_at: Option<Time>,
    /// The page's id of it, once it is known.
    pub post: Option<String>,
    /// Whether the page's public feed has shown it.
    pub listed: bool,
    /// How many full answers in a row of that feed lacked it since.
    pub missing: u8,
    /// When it was begun by hand or seen to have begun.
    pub started_at: Option<Time>,
    /// When the public was last told how it goes.
    pub updated_at: Option<Time>,
    /// When it was over, or called off.
    pub ended_at: Option<Time>,
    /// Whether it was called off.
    pub called_off: bool,
    /// Since when its automation is off: what is due by hand counts from then on (H62).
    #[serde(default)]
    #[ts(skip)]
    pub by_hand_since: Option<Time>,
    /// When it was linked for amplification, which is done once (H64).
    pub amplified_at: Option<Time>,
    /// Who linked it; absent when it was the user.
    pub amplified_by: Option<String>,
    /// Reminders up to then were seen, or were over when it was entered.
    pub seen_until: Option<Time>,
    /// What happened, oldest first.
    pub log: Vec<Event>,
}

impl Maintenance {
    /// A maintenance that was planned just now. Reminders that would have come before are not made up for.
    #[must_use]
    pub fn new(plan: Plan, now: Time) -> Self {
        Self {
            plan,
            scheduled_at: None,
            post: None,
            listed: false,
            missing: 0,
            started_at: None,
            updated_at: None,
            ended_at: None,
            called_off: false,
            by_hand_since: None,
            amplified_at: None,
            amplified_by: None,
            seen_until: Some(now),
            log: vec![],
        }
    }

    /// Whether it still needs somebody.
    #[must_use]
    pub fn open(&self) -> bool {
        self.ended_at.is_none()
    }

    /// Where it stands.
    #[must_use]
    pub fn stage(&self) -> MaintenanceStage {
        match (self.ended_at, self.started_at) {
            (Some(_), _) => MaintenanceStage::Over,
            (None, Some(_)) => MaintenanceStage::Active,
            (None, None) => MaintenanceStage::Upcoming,
        }
    }

    /// The page no longer starts, updates and ends it.
    pub(crate) fn automation_off(&mut self, now: Time) {
        (self.plan.automation, self.by_hand_since) = (false, Some(now));
    }

    /// Adds a line to what happened.
    pub(crate) fn note(&mut self, at: Time, by: By, what: String) {
        self.log.push(Event { at, by, what });
        let too_many = self.log.len().saturating_sub(LOG_MAX);
        self.log.drain(..too_many);
    }
}

/// Where a maintenance stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum MaintenanceStage {
    /// Under way.
    Active,
    /// Still to come.
    Upcoming,
    /// Finished, or called off.
    Over,
}
