//! Spoils answers: what a fault makes of them.

use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::Response;
use serde_json::{Value, json};

use crate::drip::Drip;
use crate::fault::{Fault, FaultKind, Garbage};
use crate::gitlab;
use crate::hostile;
use crate::line::Cut;
use crate::pagerduty::Refusal;
use crate::public;
use crate::reply::Content;
use crate::site::Site;
use crate::slack;
use crate::zendesk;

/// Gives the answer that a fault puts in the place of the real one: then nothing is carried out.
pub(crate) async fn instead(faults: &[Fault], cut: &Cut, site: Site) -> Option<Response> {
    for fault in faults {
        let response = match fault.kind {
            FaultKind::Status => status(fault, site),
            FaultKind::CaptivePortal => {
                text("text/html; charset=utf-8", fault.body.clone().unwrap_or_else(|| PORTAL.to_owned()))
            }
            FaultKind::Empty => text("application/json", String::new()),
            FaultKind::Huge => huge(fault.size_bytes.unwrap_or(50_000_000), site),
            FaultKind::Deep => deep(fault.depth.unwrap_or(200_000), site),
            FaultKind::Redirect => redirect(fault),
            FaultKind::Hang => std::future::pending().await,
            FaultKind::LostRequest | FaultKind::LateWrite => {
                cut.now();
                text("application/json", String::new())
            }
            FaultKind::Latency
            | FaultKind::Truncated
            | FaultKind::Garbage
            | FaultKind::SlowBody
            | FaultKind::LostAnswer
            | FaultKind::SilentAnswer
            | FaultKind::Reset
            | FaultKind::SkewedDate
            | FaultKind::PaginationDrift
            | FaultKind::Duplicate
            | FaultKind::Reorder
            | FaultKind::Hostile => continue,
        };
        return Some(with_headers(response, fault));
    }
    None
}

/// Changes what an answer says.
pub(crate) fn content(faults: &[Fault], content: &mut Content) {
    match content {
        Content::Json(value) => body(faults, value),
        Content::Feed { text, .. } => feed(faults, text),
        Content::Text(_) | Content::Html(_) | Content::Nothing => {}
    }
}

fn body(faults: &[Fault], body: &mut Value) {
    for fault in faults {
        match fault.kind {
            FaultKind::Garbage => garbage(fault, body),
            FaultKind::Duplicate => duplicate(body),
            FaultKind::Hostile => hostile_titles(body),
            FaultKind::Latency
            | FaultKind::Status
            | FaultKind::CaptivePortal
            | FaultKind::Empty
            | FaultKind::Truncated
            | FaultKind::Huge
            | FaultKind::Deep
            | FaultKind::SlowBody
            | FaultKind::Hang
            | FaultKind::LostRequest
            | FaultKind::LateWrite
            | FaultKind::LostAnswer
            | FaultKind::SilentAnswer
            | FaultKind::Reset
            | FaultKind::Redirect
            | FaultKind::SkewedDate
            | FaultKind::PaginationDrift
            | FaultKind::Reorder => {}
        }
    }
}

/// Sends an answer as the faults let it through.
pub(crate) async fn send(faults: &[Fault], mut response: Response, bytes: Bytes, cut: &Cut) -> Response {
    *response.body_mut() = Body::from(bytes.clone());
    for fault in faults {
        response = with_headers(response, fault);
        match fault.kind {
            FaultKind::Latency => {
                tokio::time::sleep(Duration::from_millis(fault.latency_ms.unwrap_or(0))).await;
            }
            FaultKind::Truncated => *response.body_mut() = Body::from(bytes.slice(..bytes.len() / 2)),
            FaultKind::SlowBody => {
                *response.body_mut() = Drip::slow(bytes.clone(), fault.bytes_per_s.unwrap_or(16));
            }
            FaultKind::Reset => *response.body_mut() = Drip::broken(bytes.clone(), cut.clone()),
            FaultKind::LostAnswer => cut.now(),
            FaultKind::SilentAnswer => std::future::pending().await,
            FaultKind::Status
            | FaultKind::CaptivePortal
            | FaultKind::Empty
            | FaultKind::Garbage
            | FaultKind::Huge
            | FaultKind::Deep
            | FaultKind::Hang
            | FaultKind::LostRequest
            | FaultKind::LateWrite
            | FaultKind::Redirect
            | FaultKind::SkewedDate
            | FaultKind::PaginationDrift
            | FaultKind::Duplicate
            | FaultKind::Reorder
            | FaultKind::Hostile => {}
        }
    }
    response
}

const PORTAL: &str = "<!doctype html><html><head><title>Guest network</title></head><body>\
<h1>Welcome to the guest network</h1><form method=post action=/login><input name=room> \
<button>Sign in</button></form></body></html>";

fn text(kind: &'static str, body: String) -> Response {
    let mut response = Response::new(Body::from(body));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}

fn status(fault: &Fault, site: Site) -> Response {
    let code = fault.status.unwrap_or(500);
    let said = match site {
        Site::PagerDuty => Refusal::of_status(code).map(|refusal| ("application/json", refusal.body.to_string())),
        Site::GitLab => gitlab::words_of(code),
        Site::Slack => slack::word_of(code).map(|word| ("text/plain", word.to_owned())),
        Site::Zendesk => zendesk::words_of(code).map(|body| ("application/json", body.to_string())),
        Site::Public(page) => public::words_of(page, code),
    };
    let mut response = match said {
        Some((kind, said)) => text(kind, said),
        // What a proxy in front says, not the service.
        None => text("text/html", format!("<html><body><h1>{code}</h1></body></html>")),
    };
    *response.status_mut() = StatusCode::from_u16(code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    set(&mut response, "retry-after", fault.retry_after.as_deref());
    set(&mut response, "ratelimit-reset", fault.ratelimit_reset.as_deref());
    response
}

fn redirect(fault: &Fault) -> Response {
    let mut response = text("text/html", String::new());
    *response.status_mut() = StatusCode::FOUND;
    let elsewhere = fault.location.as_deref().unwrap_or("http://elsewhere.invalid/login");
    set(&mut response, "location", Some(elsewhere));
    response
}

fn huge(size_bytes: u64, site: Site) -> Response {
    let item = json!({"id": "QHUGE", "type": "incident", "status": "triggered", "title": "x".repeat(60_000)});
    let item = Bytes::from(format!("{item},"));
    let count = size_bytes / item.len() as u64 + 1;
    let middle = (0..count).map(move |_| item.clone());
    let (open, close) = around(site);
    let start = std::iter::once(Bytes::from_static(open.as_bytes()));
    let end = std::iter::once(Bytes::from(format!("{{\"id\":\"QLAST\"}}{close}")));
    let mut response = text("application/json", String::new());
    *response.body_mut() = Drip::fast(start.chain(middle).chain(end));
    response
}

fn deep(depth: u32, site: Site) -> Response {
    let ((start, end), within) = (around(site), depth.saturating_sub(1) as usize);
    text("application/json", format!("{start}{}{}{end}", "[".repeat(within), "]".repeat(within)))
}

/// What stands before and after the items of a list.
fn around(site: Site) -> (&'static str, &'static str) {
    match site {
        Site::PagerDuty | Site::Public(_) => ("{\"incidents\":[", "],\"more\":false}"),
        Site::GitLab | Site::Slack | Site::Zendesk => ("[", "]"),
    }
}

fn with_headers(mut response: Response, fault: &Fault) -> Response {
    for (name, value) in &fault.headers {
        set(&mut response, name, Some(value));
    }
    response
}

/// Sets a header; one that cannot be written is left out.
pub(crate) fn set(response: &mut Response, name: &str, value: Option<&str>) {
    let name = HeaderName::from_bytes(name.as_bytes());
    let value = value.map(|value| HeaderValue::from_bytes(value.as_bytes()));
    if let (Ok(name), Some(Ok(value))) = (name, value) {
        response.headers_mut().insert(name, value);
    }
}

/// Finds the items of an answer: those of its list, or the one object it is about.
fn items(body: &mut Value) -> Vec<&mut Value> {
    // An issue of GitLab is not wrapped.
    if body.get("iid").is_some() {
        return vec![body];
    }
    let fields = match body {
        Value::Array(items) => return items.iter_mut().collect(),
        Value::Object(fields) => fields,
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => return Vec::new(),
    };
    // A status page's summary holds many things; what clients are after is its incidents.
    if fields.get("result").is_some_and(Value::is_object) {
        return fields.get_mut("result").map(items).unwrap_or_default();
    }
    if fields.get("incidents").is_some_and(Value::is_array) {
        return fields.get_mut("incidents").map(items).unwrap_or_default();
    }
    let is_list = fields.values().any(|value| value.is_array());
    for value in fields.values_mut() {
        match value {
            Value::Array(items) => return items.iter_mut().collect(),
            Value::Object(_) if !is_list => return vec![value],
            Value::Object(_) | Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
    Vec::new()
}

fn duplicate(body: &mut Value) {
    let list = match body {
        Value::Array(list) => Some(list),
        Value::Object(fields) if fields.contains_key("iid") => None,
        Value::Object(fields) if fields.get("result").is_some_and(Value::is_object) => {
            return duplicate(&mut fields["result"]);
        }
        Value::Object(fields) if fields.get("incidents").is_some_and(Value::is_array) => {
            fields["incidents"].as_array_mut()
        }
        Value::Object(fields) => fields.values_mut().find_map(Value::as_array_mut),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => None,
    };
    if let Some(list) = list
        && let Some(first) = list.first().cloned()
    {
        list.push(first);
    }
}

fn feed(faults: &[Fault], text: &mut String) {
    for fault in faults {
        if fault.kind == FaultKind::Garbage {
            // As from a template that somebody broke: not well-formed.
            *text = text.replace("</title>", "</titel>");
        }
        if fault.kind == FaultKind::Duplicate {
            let ends = ["item", "entry"].iter().find_map(|tag| {
                let (open, close) = (format!("<{tag}>"), format!("</{tag}>"));
                Some((text.find(&open)?, text.find(&close)? + close.len()))
            });
            if let Some((start, end)) = ends {
                let first = text[start..end].to_owned();
                text.insert_str(end, &first);
            }
        }
    }
}

fn hostile_titles(body: &mut Value) {
    let titles = hostile::titles();
    for (place, item) in items(body).into_iter().enumerate() {
        let title = &titles[place % titles.len()];
        for field in ["title", "summary", "description", "name"] {
            if item.get(field).is_some() {
                item[field] = json!(title);
            }
        }
    }
}

/// Stands in for half a surrogate pair, which no Rust text can hold, until the bytes are written.
const LONE_SURROGATE: &str = "\u{F8FF}lone\u{F8FF}";

fn garbage(fault: &Fault, body: &mut Value) {
    const IN_TURN: [Garbage; 4] = [Garbage::WrongTypes, Garbage::Nulls, Garbage::UnknownWords, Garbage::NotAnObject];
    let mut turn = IN_TURN.iter().cycle();
    for (place, item) in items(body).into_iter().enumerate() {
        let chosen = fault.items.as_ref().map_or(place % 2 == 0, |items| items.contains(&place));
        if chosen {
            let way = fault.garbage.or_else(|| turn.next().copied());
            ruin(item, way.unwrap_or(Garbage::WrongTypes));
        }
    }
}

fn ruin(item: &mut Value, way: Garbage) {
    if way == Garbage::NotAnObject {
        *item = json!("incident");
        return;
    }
    let Some(fields) = item.as_object_mut() else {
        return;
    };
    for (name, value) in fields.iter_mut().filter(|(name, _)| !matches!(name.as_str(), "id" | "_id")) {
        match way {
            Garbage::WrongTypes => *value = wrong_type(value),
            Garbage::Nulls => *value = Value::Null,
            Garbage::UnknownWords if is_word(name) => *value = unknown(value),
            Garbage::UnknownWords if matches!(name.as_str(), "messages" | "incident_updates") => {
                value.as_array_mut().into_iter().flatten().for_each(|item| ruin(item, way));
            }
            Garbage::LoneSurrogate if matches!(name.as_str(), "title" | "name") => *value = json!(LONE_SURROGATE),
            Garbage::UnknownWords | Garbage::LoneSurrogate | Garbage::NotAnObject => {}
        }
    }
}

fn is_word(name: &str) -> bool {
    matches!(name, "status" | "state" | "status_code" | "impact" | "urgency" | "type" | "issue_type" | "assigned_via")
}

/// Gives a word or a number that nobody has heard of.
fn unknown(value: &Value) -> Value {
    if value.is_number() { json!(999) } else { json!("simmering") }
}

fn wrong_type(value: &Value) -> Value {
    match value {
        Value::String(_) => json!(17),
        Value::Number(_) => json!("seventeen"),
        Value::Array(_) => json!({"0": "a"}),
        Value::Object(_) => json!([]),
        Value::Bool(_) => json!("yes"),
        Value::Null => json!(false),
    }
}

/// Writes the JSON, with what no text can hold.
pub(crate) fn bytes(body: &Value) -> Bytes {
    let text = body.to_string();
    if text.contains(LONE_SURROGATE) {
        return Bytes::from(text.replace(LONE_SURROGATE, "half a pair \\ud83d here"));
    }
    Bytes::from(text)
}
