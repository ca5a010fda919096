//! What the two kinds of status pages have in common: their words, their acts, their answers, what the public sees when.
//!
//! Source: statusio-go, its constants of status and state; Statuspage API reference, the words of `status` of components
//! and incidents. Security events are Status.io's alone.

mod act;
mod history;
mod http;
pub(crate) mod upkeep;

use serde::{Deserialize, Serialize};

pub use act::{MaintenanceWas, PublicIncident, PublicLag, PublicMaintenance, PublicResolve, PublicUpdate};
pub(crate) use history::History;
pub(crate) use http::{Busy, Call, answer, json, token, words_of};
pub use upkeep::{MaintenanceState, UpkeepState};

/// A kind of status page.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Site {
    /// Status.io.
    #[default]
    StatusIo,
    /// Atlassian Statuspage.
    Statuspage,
}

/// How a component does, from best to worst.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PublicStatus {
    /// All is well.
    #[default]
    Operational,
    /// It is being worked on, as planned.
    Maintenance,
    /// It is slow or flaky.
    Degraded,
    /// It works for some only.
    Partial,
    /// It does not work.
    Disruption,
    /// It is not safe. Statuspage has no such thing.
    Security,
}

impl PublicStatus {
    const ALL: [PublicStatus; 6] = [
        PublicStatus::Operational,
        PublicStatus::Maintenance,
        PublicStatus::Degraded,
        PublicStatus::Partial,
        PublicStatus::Disruption,
        PublicStatus::Security,
    ];

    /// Gives Status.io's number.
    pub fn code(self) -> u16 {
        match self {
            PublicStatus::Operational => 100,
            PublicStatus::Maintenance => 200,
            PublicStatus::Degraded => 300,
            PublicStatus::Partial => 400,
            PublicStatus::Disruption => 500,
            PublicStatus::Security => 600,
        }
    }

    /// Gives Status.io's words.
    pub fn title(self) -> &'static str {
        match self {
            PublicStatus::Operational => "Operational",
            PublicStatus::Maintenance => "Planned Maintenance",
            PublicStatus::Degraded => "Degraded Performance",
            PublicStatus::Partial => "Partial Service Disruption",
            PublicStatus::Disruption => "Service Disruption",
            PublicStatus::Security => "Security Event",
        }
    }

    /// Gives Statuspage's word.
    pub fn word(self) -> &'static str {
        match self {
            PublicStatus::Operational => "operational",
            PublicStatus::Maintenance => "under_maintenance",
            PublicStatus::Degraded => "degraded_performance",
            PublicStatus::Partial => "partial_outage",
            PublicStatus::Disruption | PublicStatus::Security => "major_outage",
        }
    }

    pub(crate) fn of_code(code: i64) -> Option<Self> {
        PublicStatus::ALL.into_iter().find(|status| i64::from(status.code()) == code)
    }

    pub(crate) fn of_word(word: &str) -> Option<Self> {
        PublicStatus::ALL.into_iter().find(|status| status.word() == word)
    }
}

/// Where a public incident stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PublicState {
    /// The cause is not known.
    #[default]
    Investigating,
    /// The cause is known.
    Identified,
    /// It seems over.
    Monitoring,
    /// It is over.
    Resolved,
}

impl PublicState {
    const ALL: [PublicState; 4] =
        [PublicState::Investigating, PublicState::Identified, PublicState::Monitoring, PublicState::Resolved];

    /// Gives Status.io's number.
    pub fn code(self) -> u16 {
        match self {
            PublicState::Investigating => 100,
            PublicState::Identified => 200,
            PublicState::Monitoring => 300,
            PublicState::Resolved => 400,
        }
    }

    /// Gives the word for people.
    pub fn title(self) -> &'static str {
        match self {
            PublicState::Investigating => "Investigating",
            PublicState::Identified => "Identified",
            PublicState::Monitoring => "Monitoring",
            PublicState::Resolved => "Resolved",
        }
    }

    /// Gives Statuspage's word.
    pub fn word(self) -> &'static str {
        match self {
            PublicState::Investigating => "investigating",
            PublicState::Identified => "identified",
            PublicState::Monitoring => "monitoring",
            PublicState::Resolved => "resolved",
        }
    }

    pub(crate) fn of_code(code: i64) -> Option<Self> {
        PublicState::ALL.into_iter().find(|state| i64::from(state.code()) == code)
    }

    pub(crate) fn of_word(word: &str) -> Option<Self> {
        PublicState::ALL.into_iter().find(|state| state.word() == word)
    }
}

/// A component of a status page, for tests and the control endpoints.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublicComponent {
    /// Its key within scenarios.
    pub key: String,
    /// Its id on the page.
    pub id: String,
    /// Its name on the page.
    pub name: String,
    /// How it does.
    pub status: PublicStatus,
}
