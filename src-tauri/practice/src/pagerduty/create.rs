//! Making and joining incidents over REST: what people and their scripts do by hand.

use chrono_tz::Tz;
use serde_json::{Map, Value, json};

use crate::act::Trigger;
use crate::stage::Stage;

use super::change::{doing, object, read_json, read_policy, read_urgency, read_users, requester, text};
use super::incident::Status;
use super::refusal::Refusal;
use super::rest::{Call, Outcome, wire};

/// Source: PagerDuty REST OpenAPI, operation mergeIncidents: "An incident cannot have more than 1000 alerts."
const ALERTS_MAX: usize = 1000;

/// `POST /incidents`. Answers 201 with the incident.
///
/// Source: PagerDuty REST OpenAPI, operation createIncident: required fields; a second one with the same `incident_key`
/// is rejected while the first is open.
pub(super) fn one(stage: &mut Stage, call: &Call) -> Outcome {
    let user = requester(stage, call)?;
    let item = object(call, "incident")?;
    if item.get("type").and_then(Value::as_str) != Some("incident") {
        return Err(Refusal::invalid(&["Type must be incident."]));
    }
    let trigger = read(stage, &item)?;
    let key = text(&item, "incident_key");
    let service = trigger.service.as_deref().and_then(|key| stage.cast().service_index(key));
    let same = |key: &String| {
        let mut all = stage.pagerduty.incidents.iter();
        all.any(|it| it.is_open() && it.key.as_ref() == Some(key) && Some(it.service) == service)
    };
    if key.as_ref().is_some_and(same) {
        return Err(Refusal::arguments("Open incident with matching dedup key already exists on this service"));
    }
    let doing = doing(call, user);
    let index = stage.pagerduty.create(&trigger, key, doing);
    // Source: PagerDuty/developer-docs, `docs/REST-API/15-Incident-Creation-API.md`: "When a user creates an incident
    // assigned to themselves, the incident will be created in the Acknowledged state".
    if trigger.assign_to == [stage.cast().users[user].key.clone()] {
        stage.pagerduty.acknowledge(index, user, doing);
    }
    Ok((201, json!({"incident": wire(stage, call, Tz::UTC)?.incident(&stage.pagerduty.incidents[index])})))
}

fn read(stage: &Stage, item: &Map<String, Value>) -> Result<Trigger, Refusal> {
    let cast = stage.cast();
    let title = text(item, "title").filter(|title| !title.trim().is_empty());
    let id_of = |name: &str| item.get(name).and_then(|it| it["id"].as_str());
    let service = id_of("service").and_then(|id| cast.services.iter().find(|service| service.id == id));
    let priority = id_of("priority").and_then(|id| cast.priorities.iter().find(|priority| priority.id == id));
    let users = read_users(stage, item)?;
    if !users.is_empty() && id_of("escalation_policy").is_some() {
        // Source: the same page: assignees cannot be provided if the policy is, nor the other way round.
        return Err(Refusal::invalid(&["Assignments and escalation policy cannot be given together."]));
    }
    let bridge = |name: &str| item.get("conference_bridge").and_then(|it| text(it.as_object()?, name));
    Ok(Trigger {
        title: title.ok_or_else(|| Refusal::invalid(&["Title cannot be empty."]))?,
        service: Some(service.ok_or_else(|| Refusal::invalid(&["Service cannot be empty."]))?.key.clone()),
        policy: read_policy(stage, item)?.map(|policy| cast.policies[policy].key.clone()),
        priority: priority.map(|priority| priority.key.clone()),
        urgency: read_urgency(item)?,
        details: item.get("body").and_then(|body| text(body.as_object()?, "details")),
        assign_to: users.into_iter().map(|user| cast.users[user].key.clone()).collect(),
        conference_url: bridge("conference_url"),
        conference_number: bridge("conference_number"),
        ..Trigger::default()
    })
}

/// `PUT /incidents/{id}/merge`: the alerts of some go over to one, and those are resolved.
///
/// Source: PagerDuty REST OpenAPI, operation mergeIncidents: "The target incident must be open", the limit of alerts, a
/// reference as the answer; schema ResolveReason for what the merged ones say.
pub(super) fn merge(stage: &mut Stage, call: &Call, id: &str) -> Outcome {
    let user = requester(stage, call)?;
    let body = read_json(call)?;
    let target = stage.pagerduty.find(id).ok_or_else(Refusal::not_found)?;
    let list = body.get("source_incidents").and_then(Value::as_array);
    let list = list.ok_or_else(|| Refusal::invalid(&["Source incidents must be a list."]))?;
    let find = |item: &Value| {
        let found = item["id"].as_str().and_then(|id| stage.pagerduty.find(id)).filter(|index| *index != target);
        found.ok_or_else(|| Refusal::invalid(&["Source incident was not found."]))
    };
    let sources: Vec<usize> = list.iter().map(find).collect::<Result<_, _>>()?;
    let incidents = &stage.pagerduty.incidents;
    if incidents[target].status == Status::Resolved {
        return Err(Refusal::invalid(&["The target incident must be open."]));
    }
    let alerts: usize = sources.iter().chain([&target]).map(|index| incidents[*index].alerts.len()).sum();
    if alerts > ALERTS_MAX {
        return Err(Refusal::invalid(&["An incident cannot have more than 1000 alerts."]));
    }
    for source in sources {
        stage.pagerduty.merge(source, target, doing(call, user));
    }
    let wire = wire(stage, call, Tz::UTC)?;
    Ok((200, json!({"incident": wire.incident_ref(&stage.pagerduty.incidents[target])})))
}
