//! Status.io's API v2, public JSON 1.0, RSS and web pages: from a request to an answer. No I/O, no clock.
//!
//! Source: statusio-go and statusio-python for every path; the OpenAPI document of Status.io's API v2, as
//! callumbnz/outage-manager sums it up: one request at a time and a second between them, 403 for what is not there.

use axum::http::HeaderMap;
use serde_json::{Value, json};

use crate::cast::Cast;
use crate::pagerduty::TokenKind;
use crate::public::{self, Call};
use crate::reply::Reply;
use crate::stage::Stage;
use crate::when::When;

use super::refusal::Refusal;
use super::{reading, subscribers, upkeep, writing};

/// What a handler gives: the message and the result, or a refusal.
pub(super) type Outcome = Result<(&'static str, Value), Refusal>;

/// Answers a request.
pub(crate) fn answer(stage: &mut Stage, call: &Call) -> Reply {
    let page = stage.cast().statusio.id.as_str();
    match (call.method, call.path.as_slice()) {
        (_, ["v2", path @ ..]) => api(stage, call, path),
        ("GET", ["1.0", "status", id]) if *id == page => reading::public(stage, call),
        ("GET", ["1.0", ..]) => {
            let reply = public::json(404, json!({"error": "Statuspage not found"}));
            reply.with("access-control-allow-origin", "*")
        }
        ("GET", ["pages", id, "rss"]) if *id == page => reading::rss(stage, call),
        ("GET", ["pages", "incident", id, incident]) if *id == page => reading::incident_page(stage, call, incident),
        _ => Reply::no_such_page(),
    }
}

/// Tells whose key a request carried.
pub(crate) fn token(cast: &Cast, headers: &HeaderMap) -> TokenKind {
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let page = &cast.statusio;
    match (header("x-api-id"), header("x-api-key")) {
        (None, None) => TokenKind::Missing,
        (Some(id), Some(key)) if id == page.api_id && key == page.api_key => TokenKind::User,
        (Some(_), Some(_)) => TokenKind::Unknown,
        (Some(_), None) | (None, Some(_)) => TokenKind::Malformed,
    }
}

fn api(stage: &mut Stage, call: &Call, path: &[&str]) -> Reply {
    match admit(stage, call).and_then(|()| route(stage, call, path)) {
        Ok((message, result)) => {
            let status = json!({"error": "no", "message": message});
            public::json(
                200,
                match result.get("subscriber_id") {
                    Some(id) => json!({"status": status, "result": true, "subscriber_id": id}),
                    None => json!({"status": status, "result": result}),
                },
            )
        }
        Err(refusal) => public::json(refusal.status, refusal.body()).refusing(),
    }
}

/// Lets a request in: with the right keys, alone, and not too soon after the one before.
fn admit(stage: &mut Stage, call: &Call) -> Result<(), Refusal> {
    if token(stage.cast(), call.headers) != TokenKind::User {
        return Err(Refusal::unauthenticated());
    }
    let gap = stage.cast().statusio.request_gap;
    if gap.is_zero() {
        return Ok(());
    }
    let soon = stage.statusio.last_request.is_some_and(|last| call.now - last < gap.at_speed(stage.speed));
    if soon || stage.statusio.under_way > 1 {
        return Err(Refusal::throttled());
    }
    stage.statusio.last_request = Some(call.now);
    Ok(())
}

fn route(stage: &mut Stage, call: &Call, path: &[&str]) -> Outcome {
    match (call.method, path) {
        ("POST", ["incident", "create"]) => writing::create(stage, call),
        ("POST", ["incident", "update"]) => writing::update(stage, call),
        ("POST", ["incident", "resolve"]) => writing::resolve(stage, call),
        ("POST", ["incident", "delete"]) => writing::delete(stage, call),
        ("POST", ["component", "status", "update"]) => writing::component(stage, call),
        ("POST", ["maintenance", "schedule"]) => upkeep::writing::schedule(stage, call),
        ("POST", ["maintenance", what @ ("start" | "update" | "finish")]) => upkeep::writing::tell(stage, call, what),
        ("POST", ["maintenance", "delete"]) => upkeep::writing::delete(stage, call),
        ("GET", ["subscriber", "list", page]) => {
            known(stage, page)?;
            subscribers::list(stage)
        }
        ("POST", ["subscriber", "add"]) => subscribers::add(stage, call),
        ("PATCH", ["subscriber", "update"]) => subscribers::update(stage, call),
        ("DELETE", ["subscriber", "remove", page, id]) => {
            known(stage, page)?;
            subscribers::remove(stage, id)
        }
        ("GET", [path @ .., page]) if is_list(path) => {
            known(stage, page)?;
            reading::list(stage, call, path)
        }
        ("GET", ["incident", "message", page, id]) => {
            known(stage, page)?;
            reading::message(stage, call, id)
        }
        ("GET", ["maintenance", "message", page, id]) => {
            known(stage, page)?;
            reading::maintenance_message(stage, call, id)
        }
        ("GET", ["maintenance", page, id]) => {
            known(stage, page)?;
            reading::maintenance(stage, call, id)
        }
        ("GET", ["incident", page, id]) => {
            known(stage, page)?;
            let seen = reading::incident(stage, call, id)?;
            stage.happened(When::Looked, id, call.now);
            Ok(seen)
        }
        // What this world has no part of (metrics) is unknown, in Status.io's own words.
        _ => Err(Refusal::unknown_url()),
    }
}

fn is_list(path: &[&str]) -> bool {
    matches!(
        path,
        ["incident", "list"]
            | ["incident", "list", "active" | "resolved"]
            | ["incidents" | "maintenances"]
            | ["component", "list"]
            | ["status", "summary"]
            | ["maintenance", "list"]
            | ["maintenance", "list", "active" | "pending" | "closed"]
    )
}

/// Checks the page that a request is about.
pub(super) fn known(stage: &Stage, page: &str) -> Result<(), Refusal> {
    if page == stage.cast().statusio.id { Ok(()) } else { Err(Refusal::invalid("statuspage_id is not valid")) }
}
