//! Status.io's JSON.

use chrono::{DateTime, SecondsFormat};
use chrono_tz::Tz;
use serde_json::{Value, json};

use crate::public::{PublicStatus, UpkeepState};

use super::board::{Board, Component, Incident, Message, Time};
use super::cast::StatusIoPage;

/// Writes a page.
pub(super) struct Wire<'a> {
    pub(super) page: &'a StatusIoPage,
    pub(super) board: &'a Board,
    pub(super) base: &'a str,
}

impl Wire<'_> {
    pub(super) fn components(&self) -> Value {
        let components = self.board.components.iter().enumerate();
        components
            .map(|(place, component)| {
                let containers = component.containers.iter();
                let containers: Vec<Value> =
                    containers.map(|each| json!({"_id": each.id, "name": each.name, "location": null})).collect();
                let mut body = self.component(place, component);
                body["containers"] = json!(containers);
                body["description"] = json!(component.description);
                body["hook_key"] = json!("practice-hook-key");
                body
            })
            .collect()
    }

    /// Gives the incidents that are active, or those that are resolved; newest first.
    pub(super) fn incidents(&self, active: bool) -> Vec<Value> {
        self.which(active).map(|incident| self.incident(incident)).collect()
    }

    pub(super) fn ids(&self, active: bool) -> Vec<&str> {
        self.which(active).map(|incident| incident.id.as_str()).collect()
    }

    pub(super) fn incident(&self, incident: &Incident) -> Value {
        let components = self.affected(incident);
        let components: Vec<Value> =
            components.iter().map(|place| self.component(*place, &self.board.components[*place])).collect();
        let messages: Vec<Value> = incident.messages.iter().map(|message| self.message(incident, message)).collect();
        json!({
            "__v": incident.messages.len() - 1,
            "_id": incident.id,
            "name": incident.title,
            "kind": "incident",
            "datetime_open": stamp(incident.opened_at),
            "statuspage": self.page.id,
            "post_mortem_url": null,
            "components_affected": components,
            "containers_affected": self.containers_affected(incident),
            "infrastructure_affected": self.pairs(incident),
            "messages": messages,
        })
    }

    pub(super) fn message(&self, incident: &Incident, message: &Message) -> Value {
        let components = self.affected(incident);
        let components: Vec<&str> = components.iter().map(|place| self.board.components[*place].id.as_str()).collect();
        let containers: Vec<&str> = incident.pairs.iter().map(|pair| self.container(*pair).id.as_str()).collect();
        // Source: statusio-go, `IncidentMessageResponse`. Its `source` is a text whose values nobody published.
        json!({
            "__v": 0,
            "_id": message.id,
            "details": message.details,
            "state": message.state.code(),
            "status": message.status.code(),
            "datetime": stamp(message.at),
            "ip": "192.0.2.17",
            "components": components,
            "containers": containers,
            "incident": incident.id,
            "statuspage": self.page.id,
        })
    }

    /// Gives the summary: the public one has short incidents, the other whole ones.
    pub(super) fn summary(&self, public: bool, now: Time) -> Value {
        let worst = self.board.components.iter().map(Component::status).max().unwrap_or_default();
        let all = self.board.components.iter().flat_map(|component| &component.containers);
        let updated = all.map(|container| container.updated_at).max().unwrap_or_default();
        let components: Vec<Value> = self.board.components.iter().map(component_status).collect();
        let incidents: Vec<Value> = match public {
            true => self.which(true).map(|incident| self.public_incident(incident)).collect(),
            false => self.incidents(true),
        };
        json!({
            "status_overall": status(worst, updated),
            "status": components,
            "incidents": incidents,
            "maintenance": {
                "active": self.upkeeps(UpkeepState::Active, now),
                "upcoming": self.upkeeps(UpkeepState::Pending, now),
            },
        })
    }

    pub(super) fn incident_url(&self, id: &str) -> String {
        format!("{}/statusio/pages/incident/{}/{id}", self.base, self.page.id)
    }

    /// Gives a time on the page's own clock.
    pub(super) fn zoned(&self, time: Time) -> DateTime<Tz> {
        // Checked when the scenario was read.
        time.with_timezone(&self.page.time_zone.parse().unwrap_or(Tz::UTC))
    }

    fn public_incident(&self, incident: &Incident) -> Value {
        let components: Vec<Value> = self
            .affected(incident)
            .iter()
            .map(|place| {
                let component = &self.board.components[*place];
                json!({"_id": component.id, "name": component.name})
            })
            .collect();
        let messages: Vec<Value> = incident
            .messages
            .iter()
            .map(|message| {
                json!({
                    "details": message.details,
                    "state": message.state.code(),
                    "status": message.status.code(),
                    "datetime": stamp(message.at),
                })
            })
            .collect();
        json!({
            "_id": incident.id,
            "name": incident.title,
            "datetime_open": stamp(incident.opened_at),
            "current_active": true,
            "messages": messages,
            "components_affected": components,
            "containers_affected": self.containers_affected(incident),
        })
    }

    pub(super) fn component(&self, place: usize, component: &Component) -> Value {
        let containers: Vec<&str> = component.containers.iter().map(|container| container.id.as_str()).collect();
        json!({
            "_id": component.id,
            "name": component.name,
            "position": place + 1,
            "containers": containers,
            "statuspage": self.page.id,
        })
    }

    fn containers_affected(&self, incident: &Incident) -> Vec<Value> {
        let containers = incident.pairs.iter().map(|pair| self.container(*pair));
        containers.map(|each| json!({"_id": each.id, "name": each.name, "location": null})).collect()
    }

    fn pairs(&self, incident: &Incident) -> Vec<String> {
        let pairs = incident.pairs.iter();
        pairs.map(|pair| format!("{}-{}", self.board.components[pair.0].id, self.container(*pair).id)).collect()
    }

    fn affected(&self, incident: &Incident) -> Vec<usize> {
        let mut places: Vec<usize> = incident.pairs.iter().map(|pair| pair.0).collect();
        places.sort_unstable();
        places.dedup();
        places
    }

    pub(super) fn container(&self, pair: (usize, usize)) -> &super::board::Container {
        &self.board.components[pair.0].containers[pair.1]
    }

    fn which(&self, active: bool) -> impl Iterator<Item = &Incident> {
        self.board.incidents.iter().rev().filter(move |incident| incident.is_active() == active)
    }
}

fn component_status(component: &Component) -> Value {
    let updated = component.containers.iter().map(|container| container.updated_at).max().unwrap_or_default();
    let containers: Vec<Value> = component
        .containers
        .iter()
        .map(|container| {
            let mut body = status(container.status, container.updated_at);
            body["id"] = json!(container.id);
            body["name"] = json!(container.name);
            body
        })
        .collect();
    let mut body = status(component.status(), updated);
    body["id"] = json!(component.id);
    body["name"] = json!(component.name);
    body["containers"] = json!(containers);
    body
}

fn status(status: PublicStatus, updated: Time) -> Value {
    json!({"updated": stamp(updated), "status": status.title(), "status_code": status.code()})
}

pub(super) fn stamp(time: Time) -> String {
    time.to_rfc3339_opts(SecondsFormat::Millis, true)
}
