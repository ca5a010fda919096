//! Asking people to help over REST, and taking it back.

use chrono_tz::Tz;
use serde_json::{Value, json};

use crate::stage::Stage;

use super::change::{doing, read_json};
use super::incident::{Responder, ResponderState, Time};
use super::refusal::Refusal;
use super::rest::{Call, Outcome, wire};

/// `POST /incidents/{id}/responder_requests`.
///
/// Source: PagerDuty REST OpenAPI, operation createIncidentResponderRequest: `requester_id`, `message` and the targets are
/// required, people or policies; its example has each target one level deeper than the schema.
pub(super) fn ask(stage: &mut Stage, call: &Call, id: &str) -> Outcome {
    let body = read_json(call)?;
    let index = stage.pagerduty.find(id).ok_or_else(Refusal::not_found)?;
    let requester = requester(stage, &body)?;
    let message = body.get("message").and_then(Value::as_str).filter(|text| !text.trim().is_empty());
    let message = message.ok_or_else(|| Refusal::invalid(&["Message cannot be empty."]))?.to_owned();
    let users = targets(stage, &body, call.now)?;
    let doing = doing(call, requester);
    for user in users.iter().flat_map(|(_, _, users)| users) {
        stage.pagerduty.ask_responder(index, *user, requester, &message, doing);
    }
    let wire = wire(stage, call, Tz::UTC)?;
    let incident = &stage.pagerduty.incidents[index];
    let asked = |user: &usize| incident.responders.iter().find(|it| it.user == *user);
    let shown = users.iter().map(|(kind, id, users)| {
        let responders: Vec<Value> = users.iter().filter_map(asked).map(|it| wire.responder(incident, it)).collect();
        json!({"responder_request_target": {"type": kind, "id": id, "incidents_responders": responders}})
    });
    Ok((
        200,
        json!({"responder_request": {
            "incident": wire.incident_ref(incident),
            "requester": wire.user_ref(requester, false),
            "requested_at": wire.at(call.now),
            "message": message,
            "responder_request_targets": shown.collect::<Vec<Value>>(),
        }}),
    ))
}

/// `PUT /incidents/{id}/responder_requests/cancel`: who has not answered is not asked any more.
///
/// Source: PagerDuty REST OpenAPI, operation cancelIncidentResponderRequests, with its example of mixed results.
pub(super) fn cancel(stage: &mut Stage, call: &Call, id: &str) -> Outcome {
    let body = read_json(call)?;
    let index = stage.pagerduty.find(id).ok_or_else(Refusal::not_found)?;
    let requester = requester(stage, &body)?;
    let list = body.get("responder_request_targets").and_then(Value::as_array).cloned().unwrap_or_default();
    let mut results = Vec::new();
    for target in list {
        let user = stage.cast().users.iter().position(|user| target["id"] == json!(user.id));
        let asked = |it: &&Responder| Some(it.user) == user;
        let state = stage.pagerduty.incidents[index].responders.iter().find(asked).map(|it| it.state);
        let result = match (state, user) {
            (Some(ResponderState::Pending), Some(user)) => {
                let doing = doing(call, requester);
                stage.pagerduty.answer_request(index, user, ResponderState::UserCancelled, doing);
                "cancelled"
            }
            (Some(ResponderState::Joined), _) => "joined",
            (Some(_) | None, _) => "not_found",
        };
        results.push(json!({"type": target["type"], "id": target["id"], "result": result}));
    }
    Ok((200, json!({ "responder_request_targets": results })))
}

fn requester(stage: &Stage, body: &Value) -> Result<usize, Refusal> {
    let id = body.get("requester_id").and_then(Value::as_str).unwrap_or_default();
    stage.cast().users.iter().position(|user| user.id == id).ok_or_else(Refusal::requester_unknown)
}

/// Whom a target stands for: one person, or all who are on call for the first level of a policy.
type Target = (&'static str, String, Vec<usize>);

fn targets(stage: &Stage, body: &Value, now: Time) -> Result<Vec<Target>, Refusal> {
    let list = body.get("responder_request_targets").and_then(Value::as_array);
    let list = list.filter(|list| !list.is_empty());
    let list = list.ok_or_else(|| Refusal::invalid(&["Responder request targets cannot be empty."]))?;
    list.iter().map(|item| target(stage, item, now)).collect()
}

fn target(stage: &Stage, item: &Value, now: Time) -> Result<Target, Refusal> {
    let item = item.get("responder_request_target").unwrap_or(item);
    let id = item["id"].as_str().unwrap_or_default();
    let cast = stage.cast();
    if item["type"].as_str().is_some_and(|kind| kind.starts_with("escalation_policy")) {
        let policy = cast.policies.iter().position(|policy| policy.id == id);
        let policy = policy.ok_or_else(|| Refusal::invalid(&["Escalation policy was not found."]))?;
        let users = stage.pagerduty.rota.on_call(cast, policy, 0, now);
        return Ok(("escalation_policy", id.to_owned(), users));
    }
    let user = cast.users.iter().position(|user| user.id == id);
    let user = user.ok_or_else(|| Refusal::invalid(&["Responder was not found."]))?;
    Ok(("user", id.to_owned(), vec![user]))
}
