//! What tests and the control endpoints see of an incident on the Statuspage.
//!
//! Ours: no manner of Statuspage's.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::cast::Cast;
use crate::pagerduty::Via;
use crate::public::PublicState;

use super::board::{Board, Incident};

/// An incident on the Statuspage, whether the public sees it already or not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatuspageIncident {
    /// Its id.
    pub id: String,
    /// Its name within the scenario.
    pub name: Option<String>,
    /// Its title.
    pub title: String,
    /// Where it stands.
    pub state: PublicState,
    /// Its impact: none, maintenance, minor, major or critical.
    pub impact: String,
    /// Keys of the attached components.
    pub components: Vec<String>,
    /// What clients put with it.
    pub metadata: Map<String, Value>,
    /// When it was opened.
    pub created_at: DateTime<Utc>,
    /// When it was resolved.
    pub resolved_at: Option<DateTime<Utc>>,
    /// Its updates, oldest first.
    pub updates: Vec<StatuspageUpdate>,
}

/// An update of an incident.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatuspageUpdate {
    /// Its id.
    pub id: String,
    /// When it was posted.
    pub at: DateTime<Utc>,
    /// What it says.
    pub body: String,
    /// Where the incident stood with it.
    pub state: PublicState,
    /// Whether subscribers were told.
    pub deliver_notifications: bool,
    /// Key of the user who posted it.
    pub by: String,
    /// Through what.
    pub via: Via,
}

impl StatuspageIncident {
    pub(super) fn of(incident: &Incident, board: &Board, cast: &Cast) -> Self {
        let components = incident.attached.iter().map(|place| board.components[*place].key.clone());
        let updates = incident.updates.iter().map(|update| StatuspageUpdate {
            id: update.id.clone(),
            at: update.created_at,
            body: update.body.clone(),
            state: update.state,
            deliver_notifications: update.deliver_notifications,
            by: cast.users[update.by].key.clone(),
            via: update.via,
        });
        StatuspageIncident {
            id: incident.id.clone(),
            name: incident.name.clone(),
            title: incident.title.clone(),
            state: incident.state,
            impact: incident.impact().word().to_owned(),
            components: components.collect(),
            metadata: incident.metadata.clone(),
            created_at: incident.created_at,
            resolved_at: incident.resolved_at,
            updates: updates.collect(),
        }
    }
}
