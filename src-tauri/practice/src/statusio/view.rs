//! What tests and the control endpoints see of an incident on Status.io.
//!
//! Ours: no manner of Status.io's.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::cast::Cast;
use crate::pagerduty::Via;
use crate::public::{PublicState, PublicStatus};

use super::board::{Board, Incident};

/// An incident on the Status.io page, whether the public sees it already or not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatusIoIncident {
    /// Its id.
    pub id: String,
    /// Its name within the scenario.
    pub name: Option<String>,
    /// Its title.
    pub title: String,
    /// Whether it is not resolved.
    pub active: bool,
    /// When it was opened.
    pub opened_at: DateTime<Utc>,
    /// When it was resolved.
    pub resolved_at: Option<DateTime<Utc>>,
    /// Whether everything was ticked.
    pub all_infrastructure_affected: bool,
    /// Keys of the components it is about.
    pub components: Vec<String>,
    /// Its messages, oldest first.
    pub messages: Vec<StatusIoMessage>,
}

/// A message of an incident.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatusIoMessage {
    /// Its id.
    pub id: String,
    /// When it was posted.
    pub at: DateTime<Utc>,
    /// What it says.
    pub details: String,
    /// Where the incident stood with it.
    pub state: PublicState,
    /// How the components did with it.
    pub status: PublicStatus,
    /// Its subject, if one was given.
    pub subject: Option<String>,
    /// Who was told: `notify_email`, `social`, …; empty for other people's.
    pub flags: BTreeMap<String, bool>,
    /// Key of the user who posted it.
    pub by: String,
    /// Through what.
    pub via: Via,
}

impl StatusIoIncident {
    pub(super) fn of(incident: &Incident, board: &Board, cast: &Cast) -> Self {
        let mut components: Vec<String> =
            incident.pairs.iter().map(|(component, _)| board.components[*component].key.clone()).collect();
        components.dedup();
        let messages = incident.messages.iter().map(|message| StatusIoMessage {
            id: message.id.clone(),
            at: message.at,
            details: message.details.clone(),
            state: message.state,
            status: message.status,
            subject: message.subject.clone(),
            flags: message.flags.clone(),
            by: cast.users[message.by].key.clone(),
            via: message.via,
        });
        StatusIoIncident {
            id: incident.id.clone(),
            name: incident.name.clone(),
            title: incident.title.clone(),
            active: incident.is_active(),
            opened_at: incident.opened_at,
            resolved_at: incident.resolved_at,
            all_infrastructure_affected: incident.all_infrastructure,
            components,
            messages: messages.collect(),
        }
    }
}
