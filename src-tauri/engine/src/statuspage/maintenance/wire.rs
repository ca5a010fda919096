//! Statuspage's JSON of maintenance: times by ISO 8601 and in UTC, one switch for automation at either end
//! (services.md 4).

use std::collections::{BTreeMap, BTreeSet};

use chrono::{SecondsFormat, TimeDelta};
use herald_core::draft::Broadcast;
use herald_core::feed::MaintenanceSeen;
use herald_core::ledger::{MaintenanceStage, Plan, Tell};
use herald_core::text::same_text;
use herald_core::{Time, text};
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::super::wire::{IncidentUpdate, Part};
use crate::lenient::{clean_text, id, item, lenient, lenient_list, time};
use crate::status_page::Told;
use crate::syndication::html;

/// Most maintenance that is kept.
const SEEN_MAX: usize = 100;

#[derive(Deserialize)]
struct Planned {
    id: String,
    #[serde(default, deserialize_with = "lenient")]
    name: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    status: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    scheduled_for: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    scheduled_until: Option<String>,
    #[serde(default, deserialize_with = "lenient_list")]
    components: Vec<Part>,
    #[serde(default, deserialize_with = "lenient")]
    incident_updates: Option<Vec<Box<RawValue>>>,
}

/// The body that schedules a maintenance. With automation the page also sets the components; its reminders and the word
/// that it is planned are mailed, or neither is.
pub(super) fn schedule(plan: &Plan) -> Value {
    json!({ "incident": {
        "name": plan.title,
        "status": "scheduled",
        "body": plan.details,
        "component_ids": plan.components,
        "scheduled_for": stamp(plan.starts_at),
        "scheduled_until": stamp(plan.ends_at),
        "scheduled_auto_in_progress": plan.automation,
        "scheduled_auto_completed": plan.automation,
        "auto_transition_to_maintenance_state": plan.automation,
        "auto_transition_to_operational_state": plan.automation,
        "scheduled_remind_prior": plan.reminds,
        "deliver_notifications": plan.reminds,
    }})
}

/// The body that tells something. Without a status, what is to come stays so; components begin and end with it. All
/// subscribers are told or none, and most are by e-mail, so that decides (H63).
pub(super) fn tell(told: &Told<'_>) -> Value {
    let mut incident = json!({
        "body": told.text,
        "deliver_notifications": !told.muted.contains(&Broadcast::Email),
    });
    if let Some((status, component)) = becomes(told.tell) {
        let components: BTreeMap<&str, &str> = told.components.iter().map(|id| (id.as_str(), component)).collect();
        incident["status"] = json!(status);
        incident["components"] = json!(components);
    }
    json!({ "incident": incident })
}

/// What a maintenance and its components become by this.
fn becomes(tell: Tell) -> Option<(&'static str, &'static str)> {
    match tell {
        Tell::Start => Some(("in_progress", "under_maintenance")),
        Tell::Update => None,
        Tell::Finish => Some(("completed", "operational")),
    }
}

fn stamp(at: Time) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// What the public feed says of maintenance, and whether all of it could be read.
pub(in crate::statuspage) fn seen(list: &[Box<RawValue>]) -> (Vec<MaintenanceSeen>, bool) {
    let all: Vec<_> = list.iter().map(|raw| item::<Planned>(raw).and_then(one)).collect();
    let complete = all.iter().all(Option::is_some) && all.len() <= SEEN_MAX;
    (all.into_iter().flatten().flatten().take(SEEN_MAX).collect(), complete)
}

/// One that is to come or under way; one that is over is nothing.
fn one(it: Planned) -> Option<Option<MaintenanceSeen>> {
    let active = match it.status.as_deref()? {
        "scheduled" => false,
        "in_progress" | "verifying" => true,
        "completed" => return Some(None),
        _ => return None,
    };
    let updates = it.incident_updates.iter().flatten().filter_map(|raw| item::<IncidentUpdate>(raw));
    let first = updates.min_by_key(|update| time(update.created_at.as_deref()));
    Some(Some(MaintenanceSeen {
        id: id(&it.id)?,
        title: text::title(it.name.as_deref().unwrap_or_default()),
        starts_at: time(it.scheduled_for.as_deref()),
        ends_at: time(it.scheduled_until.as_deref()),
        text: clean_text(&html::text(first.and_then(|it| it.body).as_deref().unwrap_or_default())),
        components: it.components.iter().filter_map(|it| id(&it.id)).collect::<BTreeSet<_>>().into_iter().collect(),
        active,
    }))
}

/// Looks for a plan in a list. `None` when something there cannot be read, so that nothing is certain.
pub(super) fn look(list: &[Box<RawValue>], plan: &Plan) -> Option<Option<String>> {
    let mut unclear = false;
    for raw in list {
        let it: Planned = item(raw)?;
        let id = id(&it.id)?;
        if !same_text(it.name.as_deref().unwrap_or_default(), &plan.title) {
            continue;
        }
        match time(it.scheduled_for.as_deref()) {
            Some(at) if (at - plan.starts_at).abs() < TimeDelta::minutes(1) => return Some(Some(id)),
            Some(_) => {}
            None => unclear = true,
        }
    }
    (!unclear).then_some(None)
}

/// Where a maintenance stands now, if its word is known.
pub(super) fn stage(raw: &RawValue) -> Option<MaintenanceStage> {
    match item::<Planned>(raw)?.status.as_deref()? {
        "scheduled" => Some(MaintenanceStage::Upcoming),
        "in_progress" | "verifying" => Some(MaintenanceStage::Active),
        "completed" => Some(MaintenanceStage::Over),
        _ => None,
    }
}

/// Whether a maintenance has this update, from then on.
pub(super) fn was_told(raw: &RawValue, told: &Told<'_>, earliest: Time) -> Option<bool> {
    let it: Planned = item(raw)?;
    let updates: Vec<IncidentUpdate> = it.incident_updates?.iter().map(|raw| item(raw)).collect::<Option<_>>()?;
    let is_it = |update: &IncidentUpdate| {
        let same = same_text(update.body.as_deref().unwrap_or_default(), told.text);
        let stands = becomes(told.tell).is_none_or(|(status, _)| update.status.as_deref() == Some(status));
        same && stands && time(update.created_at.as_deref()).is_none_or(|at| at >= earliest)
    };
    Some(updates.iter().any(is_it))
}

#[cfg(test)]
mod tests;
