//! What tests and the control endpoints see of an incident.
//!
//! Ours: no manner of PagerDuty's.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::cast::Cast;

use super::incident::{Actor, EntryKind, Incident, Status, Via};

/// An incident as the practice world knows it; users are keys of the cast.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IncidentState {
    /// Its PagerDuty id.
    pub id: String,
    /// Its number.
    pub number: u32,
    /// Its name within the scenario.
    pub name: Option<String>,
    /// Its title.
    pub title: String,
    /// Where it stands.
    pub status: Status,
    /// `high` or `low`.
    pub urgency: String,
    /// Who has it.
    pub assigned_to: Vec<String>,
    /// Who has acknowledged it.
    pub acknowledged_by: Vec<String>,
    /// The level it is at, from 1.
    pub level: usize,
    /// How often it became triggered.
    pub epoch: u32,
    /// How often it was acknowledged.
    pub acknowledged_count: usize,
    /// How often a request to the REST API changed it.
    pub api_writes: usize,
    /// When it was triggered first.
    pub created_at: DateTime<Utc>,
    /// When its status changed last, as PagerDuty says it: of a triggered one, when anything of it did.
    pub last_status_change_at: DateTime<Utc>,
    /// Texts of its notes.
    pub notes: Vec<String>,
    /// What happened to it, oldest first.
    pub log: Vec<Happening>,
}

/// Something that happened to an incident.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Happening {
    /// When.
    pub at: DateTime<Utc>,
    /// What.
    pub what: EntryKind,
    /// By whom: the key of a user or of a service.
    pub by: String,
    /// Through what.
    pub via: Via,
}

impl IncidentState {
    pub(crate) fn of(incident: &Incident, cast: &Cast) -> Self {
        let key = |user: usize| cast.users[user].key.clone();
        let log: Vec<Happening> = incident
            .log
            .iter()
            .map(|entry| Happening {
                at: entry.at,
                what: entry.kind,
                by: match entry.actor {
                    Actor::User(user) => key(user),
                    Actor::Service(service) => cast.services[service].key.clone(),
                },
                via: entry.via,
            })
            .collect();
        IncidentState {
            id: incident.id.clone(),
            number: incident.number,
            name: incident.name.clone(),
            title: incident.title.clone(),
            status: incident.status,
            urgency: if incident.high { "high" } else { "low" }.to_owned(),
            assigned_to: incident.assignments.iter().map(|(user, _)| key(*user)).collect(),
            acknowledged_by: incident.acknowledgements.iter().map(|(user, _)| key(*user)).collect(),
            level: incident.level + 1,
            epoch: incident.epoch,
            acknowledged_count: log.iter().filter(|line| line.what == EntryKind::Acknowledge).count(),
            api_writes: log.iter().filter(|line| line.via == Via::Api).count(),
            created_at: incident.created_at,
            last_status_change_at: incident.status_changed_at(),
            notes: incident.notes.iter().map(|note| note.content.clone()).collect(),
            log,
        }
    }
}
