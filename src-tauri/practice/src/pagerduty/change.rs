//! Changing incidents over REST: acknowledge, resolve, edit, note, snooze.
//!
//! Source: PagerDuty REST OpenAPI, operations updateIncident, updateIncidents ("A maximum of 250 incidents may be
//! updated at a time"), createIncidentNote (at most 2000 notes) and createIncidentSnooze (1 to 604800 seconds); in
//! whose name: PagerDuty/developer-docs, `docs/REST-API/15-Incident-Creation-API.md`, the `From` header. Guess:
//! acknowledging a resolved one opens it again.

use chrono_tz::Tz;
use serde_json::{Map, Value, json};

use crate::act::Edit;
use crate::span::Span;
use crate::stage::Stage;
use crate::when::When;

use super::account::Doing;
use super::incident::{Actor, Status, Via};
use super::refusal::Refusal;
use super::rest::{Call, Outcome, wire};

/// PagerDuty's documented numbers.
const BULK_MAX: usize = 250;
const NOTES_MAX: usize = 2000;
const SNOOZE_S_MAX: i64 = 604_800;

/// `PUT /incidents/{id}`.
pub(super) fn one(stage: &mut Stage, call: &Call, id: &str) -> Outcome {
    let user = requester(stage, call)?;
    let body = object(call, "incident")?;
    let index = stage.pagerduty.find(id).ok_or_else(Refusal::not_found)?;
    let change = Change::read(stage, index, &body)?;
    change.apply(stage, index, user, call);
    shown(stage, call, index)
}

/// `PUT /incidents`: all or nothing.
pub(super) fn many(stage: &mut Stage, call: &Call) -> Outcome {
    let user = requester(stage, call)?;
    let body = read_json(call)?;
    let list = body.get("incidents").and_then(Value::as_array);
    let list = list.ok_or_else(|| Refusal::invalid(&["Incidents must be a list."]))?;
    if list.len() > BULK_MAX {
        return Err(Refusal::too_large());
    }
    let mut changes = Vec::new();
    for item in list {
        let id = item.get("id").and_then(Value::as_str);
        let id = id.ok_or_else(|| Refusal::invalid(&["Each incident needs an id."]))?;
        let index = stage.pagerduty.find(id).ok_or_else(Refusal::not_found)?;
        let item = item.as_object().cloned().unwrap_or_default();
        changes.push((index, Change::read(stage, index, &item)?));
    }
    for (index, change) in &changes {
        change.apply(stage, *index, user, call);
    }
    let wire = wire(stage, call, Tz::UTC)?;
    let shown = changes.iter().map(|(index, _)| wire.incident(&stage.pagerduty.incidents[*index]));
    let shown: Vec<Value> = shown.collect();
    let limit = shown.len();
    Ok((200, json!({"incidents": shown, "limit": limit, "offset": 0, "more": false, "total": null})))
}

/// `POST /incidents/{id}/notes`.
pub(super) fn note(stage: &mut Stage, call: &Call, id: &str) -> Outcome {
    let user = requester(stage, call)?;
    let body = object(call, "note")?;
    let index = stage.pagerduty.find(id).ok_or_else(Refusal::not_found)?;
    let content = body.get("content").and_then(Value::as_str).filter(|content| !content.trim().is_empty());
    let content = content.ok_or_else(|| Refusal::invalid(&["Content cannot be empty."]))?;
    if stage.pagerduty.incidents[index].notes.len() >= NOTES_MAX {
        return Err(Refusal::invalid(&["An incident has at most 2000 notes."]));
    }
    stage.pagerduty.note(index, user, content, doing(call, user));
    let incident = &stage.pagerduty.incidents[index];
    let place = incident.notes.len() - 1;
    Ok((200, json!({"note": wire(stage, call, Tz::UTC)?.note(incident, place, &incident.notes[place])})))
}

/// `POST /incidents/{id}/snooze`.
pub(super) fn snooze(stage: &mut Stage, call: &Call, id: &str) -> Outcome {
    let user = requester(stage, call)?;
    let body = read_json(call)?;
    let index = stage.pagerduty.find(id).ok_or_else(Refusal::not_found)?;
    let duration_s = body.get("duration").and_then(Value::as_i64);
    let duration_s = duration_s.filter(|seconds| (1..=SNOOZE_S_MAX).contains(seconds));
    let duration_s = duration_s.ok_or_else(|| Refusal::invalid(&["Duration must be between 1 and 604800 seconds."]))?;
    if !stage.pagerduty.incidents[index].is_open() {
        return Err(Refusal::already_resolved());
    }
    stage.pagerduty.snooze(index, user, Span::seconds(duration_s), doing(call, user));
    let (_, body) = shown(stage, call, index)?;
    Ok((201, body))
}

fn shown(stage: &Stage, call: &Call, index: usize) -> Outcome {
    let incident = &stage.pagerduty.incidents[index];
    Ok((200, json!({"incident": wire(stage, call, Tz::UTC)?.incident(incident)})))
}

pub(super) fn doing(call: &Call, user: usize) -> Doing {
    Doing { by: Actor::User(user), via: Via::Api, at: call.now }
}

/// Finds in whose name it is done: the user of the key, else the one named in `From`.
pub(super) fn requester(stage: &Stage, call: &Call) -> Result<usize, Refusal> {
    match (call.caller.user, call.from) {
        (Some(user), _) => Ok(user),
        (None, None) => Err(Refusal::requester_missing()),
        (None, Some(email)) => stage
            .cast()
            .users
            .iter()
            .position(|user| user.email.eq_ignore_ascii_case(email.trim()))
            .ok_or_else(Refusal::requester_unknown),
    }
}

pub(super) fn read_json(call: &Call) -> Result<Value, Refusal> {
    serde_json::from_slice(call.body).map_err(|_| Refusal::invalid(&["The body is not valid JSON."]))
}

pub(super) fn object(call: &Call, name: &str) -> Result<Map<String, Value>, Refusal> {
    match read_json(call)?.get(name).and_then(Value::as_object) {
        Some(object) => Ok(object.clone()),
        None => Err(Refusal::invalid(&[&format!("{name} is missing or not an object.")])),
    }
}

/// What a `PUT` asks for, checked.
#[derive(Debug, Default)]
struct Change {
    status: Option<Status>,
    resolution: String,
    edit: Edit,
    level: Option<usize>,
    users: Vec<usize>,
    policy: Option<usize>,
}

impl Change {
    fn read(stage: &Stage, index: usize, item: &Map<String, Value>) -> Result<Self, Refusal> {
        let kind = item.get("type").and_then(Value::as_str);
        if !matches!(kind, Some("incident" | "incident_reference")) {
            return Err(Refusal::invalid(&["Type must be incident or incident_reference."]));
        }
        let incident = &stage.pagerduty.incidents[index];
        let status = read_status(item)?;
        if status == Some(Status::Resolved) && !incident.is_open() {
            return Err(Refusal::already_resolved());
        }
        let resolution = text(item, "resolution");
        if resolution.is_some() && status != Some(Status::Resolved) {
            return Err(Refusal::invalid(&["Resolution can only be given when the status is resolved."]));
        }
        let levels = stage.cast().policies[incident.policy].levels.len();
        Ok(Change {
            status,
            resolution: resolution.unwrap_or_default(),
            edit: Edit {
                title: text(item, "title"),
                urgency: read_urgency(item)?,
                priority: item.get("priority").and_then(|priority| text(priority.as_object()?, "id")),
                conference_url: item
                    .get("conference_bridge")
                    .and_then(|bridge| text(bridge.as_object()?, "conference_url")),
                ..Edit::default()
            },
            level: read_level(item, levels)?,
            users: read_users(stage, item)?,
            policy: read_policy(stage, item)?,
        })
    }

    fn apply(&self, stage: &mut Stage, index: usize, user: usize, call: &Call) {
        let doing = doing(call, user);
        let pagerduty = &mut stage.pagerduty;
        let was = pagerduty.incidents[index].status;
        match self.status {
            Some(Status::Acknowledged) => pagerduty.acknowledge(index, user, doing),
            Some(Status::Resolved) => pagerduty.resolve(index, &self.resolution, doing),
            Some(Status::Triggered) if was != Status::Triggered => pagerduty.retrigger(index, doing),
            Some(Status::Triggered) | None => {}
        }
        if let Some(policy) = self.policy {
            pagerduty.follow_policy(index, policy, doing);
        }
        if let Some(level) = self.level {
            pagerduty.put_at_level(index, level, doing);
        }
        if !self.users.is_empty() {
            pagerduty.assign(index, &self.users, doing);
        }
        pagerduty.edit(index, &self.edit, doing);
        let when = match self.status {
            Some(Status::Acknowledged) => When::Acknowledged,
            Some(Status::Resolved) => When::Closed,
            Some(Status::Triggered) | None => return,
        };
        let title = stage.pagerduty.incidents[index].title.clone();
        stage.happened(when, &title, call.now);
    }
}

pub(super) fn text(item: &Map<String, Value>, name: &str) -> Option<String> {
    item.get(name).and_then(Value::as_str).map(str::to_owned)
}

fn read_status(item: &Map<String, Value>) -> Result<Option<Status>, Refusal> {
    let wrong = || Refusal::invalid(&["Status must be a list of triggered, acknowledged, or resolved."]);
    match item.get("status") {
        None | Some(Value::Null) => Ok(None),
        Some(status) => status.as_str().and_then(Status::read).map(Some).ok_or_else(wrong),
    }
}

pub(super) fn read_urgency(item: &Map<String, Value>) -> Result<Option<String>, Refusal> {
    match text(item, "urgency") {
        Some(urgency) if urgency != "high" && urgency != "low" => {
            Err(Refusal::invalid(&["Urgency must be high or low."]))
        }
        urgency => Ok(urgency),
    }
}

fn read_level(item: &Map<String, Value>, levels: usize) -> Result<Option<usize>, Refusal> {
    match item.get("escalation_level") {
        None | Some(Value::Null) => Ok(None),
        Some(level) => match level.as_u64().and_then(|level| usize::try_from(level).ok()) {
            Some(level) if (1..=levels).contains(&level) => Ok(Some(level - 1)),
            _ => Err(Refusal::invalid(&["Escalation level is out of range."])),
        },
    }
}

pub(super) fn read_users(stage: &Stage, item: &Map<String, Value>) -> Result<Vec<usize>, Refusal> {
    let list = item.get("assignments").and_then(Value::as_array);
    let ids = list.into_iter().flatten().map(|assignment| assignment["assignee"]["id"].as_str());
    let find = |id: &str| stage.cast().users.iter().position(|user| user.id == id);
    ids.map(|id| id.and_then(find).ok_or_else(|| Refusal::invalid(&["Assignee was not found."]))).collect()
}

pub(super) fn read_policy(stage: &Stage, item: &Map<String, Value>) -> Result<Option<usize>, Refusal> {
    match item.get("escalation_policy").and_then(|policy| policy["id"].as_str()) {
        None => Ok(None),
        Some(id) => match stage.cast().policies.iter().position(|policy| policy.id == id) {
            Some(policy) => Ok(Some(policy)),
            None => Err(Refusal::invalid(&["Escalation policy was not found."])),
        },
    }
}
