//! Statuspage's JSON.

use chrono::{DateTime, SecondsFormat};
use chrono_tz::Tz;
use serde_json::{Value, json};

use crate::public::PublicStatus;

use super::board::{Board, Impact, Incident, Time, Update};
use super::cast::Statuspage;

/// Writes a page.
pub(super) struct Wire<'a> {
    pub(super) page: &'a Statuspage,
    pub(super) board: &'a Board,
    pub(super) base: &'a str,
}

impl Wire<'_> {
    pub(super) fn page(&self) -> Value {
        let mut body = self.public_page();
        body["subdomain"] = json!("practice");
        body["domain"] = Value::Null;
        body["created_at"] = body["updated_at"].clone();
        body
    }

    pub(super) fn public_page(&self) -> Value {
        json!({
            "id": self.page.id,
            "name": self.page.name,
            "url": self.url(),
            "time_zone": self.page.time_zone,
            "updated_at": self.stamp(self.board.updated_at),
        })
    }

    /// Gives the components and, before the first of theirs, the groups.
    pub(super) fn components(&self) -> Vec<Value> {
        let groups = self.page.groups.iter().enumerate().map(|(place, group)| {
            let members = || self.board.components.iter().filter(|each| each.group.as_ref() == Some(&group.id));
            let ids: Vec<&str> = members().map(|each| each.id.as_str()).collect();
            let status = members().map(|each| each.status).max().unwrap_or_default();
            let updated = members().map(|each| each.updated_at).max().unwrap_or(self.board.updated_at);
            let mut body = self.component_body(&group.id, &group.name, status, updated);
            body["position"] = json!(place + 1);
            body["group"] = json!(true);
            body["components"] = json!(ids);
            body
        });
        let components = (0..self.board.components.len()).map(|place| self.component(place));
        groups.chain(components).collect()
    }

    /// Gives a group as its own lists have it.
    ///
    /// Source: Statuspage API reference, schema GroupComponent: its `position` is a text. The reference has `components`
    /// as a text too; a list of ids is what clients against the real service read (terraform-provider-statuspage,
    /// documentation of `statuspage_component_group`: "Set of String"; SergiyE.StatusPageIoApi, `ComponentGroup`).
    pub(super) fn group(&self, place: usize) -> Value {
        let group = &self.page.groups[place];
        let members = || self.board.components.iter().filter(|each| each.group.as_ref() == Some(&group.id));
        let updated = members().map(|each| each.updated_at).max().unwrap_or(self.board.updated_at);
        json!({
            "id": group.id,
            "page_id": self.page.id,
            "name": group.name,
            "components": members().map(|each| each.id.as_str()).collect::<Vec<&str>>(),
            "position": (place + 1).to_string(),
            "created_at": self.stamp(updated),
            "updated_at": self.stamp(updated),
        })
    }

    pub(super) fn component(&self, place: usize) -> Value {
        let component = &self.board.components[place];
        let mut body = self.component_body(&component.id, &component.name, component.status, component.updated_at);
        body["position"] = json!(place + 1);
        body["description"] = json!(component.description);
        body["group_id"] = json!(component.group);
        body
    }

    /// Gives an incident as those with a key see it.
    pub(super) fn incident(&self, incident: &Incident) -> Value {
        let mut body = self.public_incident(incident);
        // Source: recorded answers of the real service, faros-ai/airbyte-connectors, test resources of `statuspage`.
        for never in ["scheduled_until", "scheduled_reminded_at", "postmortem_body_last_updated_at"] {
            body[never] = Value::Null;
        }
        for off in ["scheduled_remind_prior", "scheduled_auto_in_progress", "scheduled_auto_completed"] {
            body[off] = json!(false);
        }
        for off in ["postmortem_ignored", "postmortem_notified_subscribers", "postmortem_notified_twitter"] {
            body[off] = json!(false);
        }
        body["impact_override"] = json!(incident.impact_override.map(Impact::word));
        body["metadata"] = json!(incident.metadata);
        let published = incident.postmortem.as_ref().and_then(|it| it.published.as_ref());
        body["postmortem_body"] = json!(published.map(|(text, _)| text));
        body["scheduled_for"] = Value::Null;
        body
    }

    pub(super) fn public_incident(&self, incident: &Incident) -> Value {
        let components: Vec<Value> = incident.attached.iter().map(|place| self.component(*place)).collect();
        let updates: Vec<Value> = incident.updates.iter().rev().map(|update| self.update(incident, update)).collect();
        json!({
            "id": incident.id,
            "name": incident.title,
            "status": incident.state.word(),
            "impact": incident.impact().word(),
            "shortlink": self.incident_url(&incident.id),
            "created_at": self.stamp(incident.created_at),
            "started_at": self.stamp(incident.created_at),
            "updated_at": self.stamp(incident.updated_at),
            "monitoring_at": incident.monitoring_at.map(|at| self.stamp(at)),
            "resolved_at": incident.resolved_at.map(|at| self.stamp(at)),
            "page_id": self.page.id,
            "components": components,
            "incident_updates": updates,
        })
    }

    pub(super) fn update(&self, incident: &Incident, update: &Update) -> Value {
        let affected: Vec<Value> = update
            .affected
            .iter()
            .map(|(place, old, new)| {
                let component = &self.board.components[*place];
                // Source: the same recorded answers: the name of its group comes first.
                let name = match self.page.groups.iter().find(|group| component.group.as_ref() == Some(&group.id)) {
                    Some(group) => format!("{} - {}", group.name, component.name),
                    None => component.name.clone(),
                };
                json!({"code": component.id, "name": name, "old_status": old.word(), "new_status": new.word()})
            })
            .collect();
        json!({
            "id": update.id,
            "incident_id": incident.id,
            "status": update.state.word(),
            "body": update.body,
            "created_at": self.stamp(update.created_at),
            "updated_at": self.stamp(update.updated_at),
            "display_at": self.stamp(update.display_at),
            "affected_components": affected,
            "deliver_notifications": update.deliver_notifications,
            "wants_twitter_update": update.wants_twitter_update,
            "twitter_updated_at": null,
            "tweet_id": null,
            "custom_tweet": null,
        })
    }

    /// Gives the status of the page as a whole.
    pub(super) fn status(&self) -> Value {
        let components = self.board.components.iter().map(|component| Impact::of_status(component.status));
        let incidents = self.board.incidents.iter().filter(|incident| incident.is_open()).map(Incident::impact);
        let (indicator, description) = match components.chain(incidents).max().unwrap_or_default() {
            Impact::None => ("none", "All Systems Operational"),
            Impact::Maintenance => ("none", "Service Under Maintenance"),
            Impact::Minor => ("minor", "Partially Degraded Service"),
            Impact::Major => ("major", "Partial System Outage"),
            Impact::Critical => ("critical", "Major Service Outage"),
        };
        json!({"indicator": indicator, "description": description})
    }

    /// Writes a time on the page's own clock.
    pub(super) fn stamp(&self, time: Time) -> String {
        let zoned = self.zoned(time);
        zoned.to_rfc3339_opts(SecondsFormat::Millis, zoned.timezone() == Tz::UTC)
    }

    pub(super) fn zoned(&self, time: Time) -> DateTime<Tz> {
        // Checked when the scenario was read.
        time.with_timezone(&self.page.time_zone.parse().unwrap_or(Tz::UTC))
    }

    pub(super) fn url(&self) -> String {
        format!("{}/statuspage", self.base)
    }

    pub(super) fn host(&self) -> &str {
        self.base.trim_start_matches("http://").split(':').next().unwrap_or_default()
    }

    pub(super) fn incident_url(&self, id: &str) -> String {
        format!("{}/incidents/{id}", self.url())
    }

    fn component_body(&self, id: &str, name: &str, status: PublicStatus, updated_at: Time) -> Value {
        json!({
            "id": id,
            "page_id": self.page.id,
            "name": name,
            "description": null,
            "status": status.word(),
            "group": false,
            "group_id": null,
            "showcase": true,
            "only_show_if_degraded": false,
            "updated_at": self.stamp(updated_at),
        })
    }
}
