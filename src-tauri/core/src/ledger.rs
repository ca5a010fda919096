//! The ledger: contact requests and maintenance, which the user keeps beside incidents (H60–H71).

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::Time;
use crate::incident::Event;

/// Herald's own number of a contact request; never used twice.
pub type ContactId = i64;

/// Herald's own number of a maintenance; never used twice.
pub type MaintenanceId = i64;

/// Somebody asked the user to contact users (H70).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct Contact {
    /// When it was asked.
    pub asked_at: Time,
    /// Who asked.
    pub asked_by: String,
    /// What for.
    pub what: String,
    /// Link of the ticket.
    pub ticket: Option<String>,
    /// Whose it is: by default, whoever created the ticket.
    pub owner: Option<String>,
    /// Where it stands.
    pub state: ContactState,
    /// Since when it stands there.
    pub state_at: Time,
}

/// Where a contact request stands. All but `Open` count as handled (H90).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
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

/// A maintenance that the public is told about (H60–H65).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct Maintenance {
    /// The title that customers read.
    pub title: String,
    /// What customers read below it.
    pub details: String,
    /// Its issue in the tracker.
    pub issue_url: Option<String>,
    /// When it is to begin.
    pub starts_at: Time,
    /// When it is to end.
    pub ends_at: Time,
    /// The components it names.
    pub components: BTreeSet<String>,
    /// Whether the status page starts and ends it by itself. Once off, it cannot be turned on again (H62).
    pub automation: bool,
    /// Whether the status page e-mails reminders by itself (H63).
    pub reminds: bool,
    /// The page's id of it, once it is there.
    pub post: Option<String>,
    /// When it was begun by hand or seen to have begun.
    pub started_at: Option<Time>,
    /// When it was over, or called off.
    pub ended_at: Option<Time>,
    /// When it was linked for amplification, which is done once (H64).
    pub amplified_at: Option<Time>,
    /// What happened, oldest first.
    pub log: Vec<Event>,
}
