//! Statuspage's API v1, public JSON v2, feeds and web pages: from a request to an answer. No I/O, no clock.

use axum::http::HeaderMap;
use serde_json::{Value, json};

use crate::cast::Cast;
use crate::pagerduty::TokenKind;
use crate::public::{self, Call};
use crate::reply::{Content, Reply};
use crate::span::Span;
use crate::stage::Stage;
use crate::when::When;

use super::refusal::Refusal;
use super::{postmortem, reading, writing};

/// What a handler gives: status and body, or a refusal.
pub(super) type Outcome = Result<(u16, Value), Refusal>;

/// Answers a request.
pub(crate) fn answer(stage: &mut Stage, call: &Call) -> Reply {
    match (call.method, call.path.as_slice()) {
        (_, ["v1", path @ ..]) => api(stage, call, path),
        ("GET", ["api", "v2", path @ ..]) => reading::public(stage, call, &path.join("/")),
        ("GET", ["history.atom"]) => reading::atom(stage, call),
        ("GET", ["history.rss"]) => reading::rss(stage, call),
        ("GET", ["incidents", id]) => reading::incident_page(stage, call, id),
        _ => Reply::no_such_page(),
    }
}

/// Tells whose key a request carried.
pub(crate) fn token(cast: &Cast, headers: &HeaderMap) -> TokenKind {
    let Some(header) = headers.get("authorization").and_then(|value| value.to_str().ok()) else {
        return TokenKind::Missing;
    };
    match header.strip_prefix("OAuth ") {
        None => TokenKind::Malformed,
        Some(key) if key == cast.statuspage.api_key => TokenKind::User,
        Some(_) => TokenKind::Unknown,
    }
}

fn api(stage: &mut Stage, call: &Call, path: &[&str]) -> Reply {
    match admit(stage, call).and_then(|()| route(stage, call, path)) {
        Ok((204, _)) => Reply::of(204, Content::Nothing),
        Ok((status, body)) => public::json(status, body),
        Err(refusal) => public::json(refusal.status, refusal.body),
    }
}

/// Lets a request in: with the right key, and not too many within any minute.
fn admit(stage: &mut Stage, call: &Call) -> Result<(), Refusal> {
    if token(stage.cast(), call.headers) != TokenKind::User {
        return Err(Refusal::unauthenticated());
    }
    let limit = stage.cast().statuspage.per_minute as usize;
    let minute = Span::minutes(1).at_speed(stage.speed);
    let requests = &mut stage.statuspage.requests;
    requests.retain(|at| call.now - *at < minute);
    if requests.len() >= limit {
        return Err(Refusal::throttled());
    }
    requests.push_back(call.now);
    Ok(())
}

fn route(stage: &mut Stage, call: &Call, path: &[&str]) -> Outcome {
    let last = path.last().copied().unwrap_or_default();
    let mut path = path.to_vec();
    // Paths work with and without the ending.
    if let (Some(plain), Some(place)) = (last.strip_suffix(".json"), path.len().checked_sub(1)) {
        path[place] = plain;
    }
    let path = match path.as_slice() {
        ["pages"] => return reading::pages(stage),
        ["pages", page, path @ ..] if *page == stage.cast().statuspage.id => path,
        _ => return Err(Refusal::not_found()),
    };
    match (call.method, path) {
        ("GET", []) => reading::page(stage),
        ("GET", ["components"]) => reading::components(stage, call),
        ("GET", ["components", id]) => reading::component(stage, id),
        ("PATCH" | "PUT", ["components", id]) => writing::component(stage, call, id),
        ("GET", ["incidents"]) => reading::incidents(stage, call, false),
        ("GET", ["incidents", "unresolved"]) => reading::incidents(stage, call, true),
        ("GET", ["incidents", which @ ("scheduled" | "upcoming" | "active_maintenance")]) => {
            reading::maintenances(stage, call, which)
        }
        ("POST", ["incidents"]) => writing::create(stage, call),
        ("GET", ["incidents", id]) => {
            let seen = reading::incident(stage, call, id)?;
            stage.happened(When::Looked, id, call.now);
            Ok(seen)
        }
        // Source: Statuspage API reference: PUT and PATCH of incidents, updates and components are described alike.
        ("PATCH" | "PUT", ["incidents", id]) => writing::change(stage, call, id),
        ("DELETE", ["incidents", id]) => writing::delete(stage, call, id),
        ("PATCH" | "PUT", ["incidents", id, "incident_updates", update]) => writing::edit(stage, call, id, update),
        ("GET", ["incidents", id, "postmortem"]) => postmortem::get(stage, id),
        ("PUT", ["incidents", id, "postmortem"]) => postmortem::draft(stage, call, id),
        ("DELETE", ["incidents", id, "postmortem"]) => postmortem::delete(stage, call, id),
        ("PUT", ["incidents", id, "postmortem", "publish"]) => postmortem::publish(stage, call, id),
        ("PUT", ["incidents", id, "postmortem", "revert"]) => postmortem::revert(stage, call, id),
        ("GET", ["component-groups"]) => reading::groups(stage, call),
        ("GET", ["component-groups", id]) => reading::group(stage, id),
        ("GET", ["incident_templates"]) => Ok((200, json!([]))),
        // What this world has no part of is not there, in Statuspage's own words.
        _ => Err(Refusal::not_found()),
    }
}
