//! What a request to one of the services meets on its way in and out: the journal, the faults, the answer between them.

use std::sync::Arc;
use std::time::Duration;

use axum::Extension;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::State;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Request as HttpRequest, StatusCode, header};
use axum::response::Response;
use chrono::{DateTime, Utc};

use crate::cast::Cast;
use crate::fault::{Fault, FaultKind};
use crate::gitlab;
use crate::journal::Request;
use crate::line::Cut;
use crate::pagerduty::query::Query;
use crate::pagerduty::rest::{self, Call, Quirks};
use crate::pagerduty::{TokenKind, recognize};
use crate::public::{self, Busy};
use crate::reply::{Content, Reply};
use crate::shared::Shared;
use crate::site::Site;
use crate::slack;
use crate::span::Span;
use crate::spoil;
use crate::stage::Stage;
use crate::zendesk;

/// More than any request of ours needs, and room for GitLab's longest description.
const REQUEST_BYTES_MAX: usize = 5 << 20;

/// Answers a request to one of the services, faults and all.
pub(crate) async fn pass(
    State(shared): State<Arc<Shared>>,
    Extension(cut): Extension<Cut>,
    request: HttpRequest<Body>,
) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, REQUEST_BYTES_MAX).await else {
        return plain(StatusCode::PAYLOAD_TOO_LARGE);
    };
    let (seq, faults) = arrive(&shared, &parts, &body);
    let _busy = Busy::enter(&shared, parts.uri.path());
    if let Some(late) = faults.iter().find(|fault| fault.kind == FaultKind::LateWrite) {
        carry_out_later(&shared, (parts.clone(), body.clone()), seq, late);
    }
    let response = match spoil::instead(&faults, &cut, Site::of(parts.uri.path())).await {
        Some(response) => response,
        None => {
            let mut reply = carry_out(&shared, &parts, &body, seq, &faults);
            spoil::content(&faults, &mut reply.content);
            let (response, bytes) = reply.write();
            spoil::send(&faults, response, bytes, &cut).await
        }
    };
    let answered = !faults.iter().any(|fault| loses_answer(fault.kind));
    leave(&shared, seq, response, answered, &faults)
}

/// Writes the request down and finds the faults it meets.
fn arrive(shared: &Shared, parts: &Parts, body: &Bytes) -> (u64, Vec<Fault>) {
    shared.with(|stage, now| {
        let faults = stage.faults.meet(parts.method.as_str(), parts.uri.path(), now);
        let request = Request {
            seq: 0,
            at: now,
            method: parts.method.to_string(),
            path: parts.uri.path_and_query().map_or_else(String::new, ToString::to_string),
            status: None,
            answered_at: None,
            carried_out: false,
            token: key_of(stage, parts),
            from: text(&parts.headers, "from").map(str::to_owned),
            body: String::from_utf8_lossy(body).into_owned(),
            faults: faults.iter().map(Fault::called).collect(),
        };
        (stage.journal.write(request), faults)
    })
}

/// Does what was asked for after whoever asked has given up.
fn carry_out_later(shared: &Arc<Shared>, (parts, body): (Parts, Bytes), seq: u64, late: &Fault) {
    let (shared, wait) = (Arc::clone(shared), Duration::from_millis(late.latency_ms.unwrap_or(0)));
    tokio::spawn(async move {
        tokio::time::sleep(wait).await;
        carry_out(&shared, &parts, &body, seq, &[]);
    });
}

fn carry_out(shared: &Shared, parts: &Parts, body: &Bytes, seq: u64, faults: &[Fault]) -> Reply {
    shared.with(|stage, now| {
        let reply = match Site::of(parts.uri.path()) {
            Site::PagerDuty => ask_pagerduty(stage, parts, body, now, quirks(faults)),
            Site::GitLab => ask_gitlab(stage, parts, body, now, quirks(faults)),
            Site::Slack => {
                let (method, path) = (parts.method.as_str(), parts.uri.path());
                slack::answer(stage, method, path, text(&parts.headers, "content-type"), body, now)
            }
            Site::Zendesk => {
                let query_text = parts.uri.query().unwrap_or("");
                let call = zendesk::Call {
                    method: parts.method.as_str(),
                    path: parts.uri.path(),
                    query_text,
                    query: Query::read(query_text),
                    headers: &parts.headers,
                    body,
                    now,
                };
                zendesk::answer(stage, &call)
            }
            Site::Public(page) => ask_public(stage, page, parts, body, now, quirks(faults)),
        };
        stage.journal.change(seq, |request| request.carried_out = reply.carried_out);
        reply
    })
}

fn ask_pagerduty(stage: &mut Stage, parts: &Parts, body: &Bytes, now: DateTime<Utc>, quirks: Quirks) -> Reply {
    let call = Call {
        method: parts.method.as_str(),
        path: parts.uri.path(),
        query: Query::read(parts.uri.query().unwrap_or("")),
        from: text(&parts.headers, "from"),
        body,
        caller: recognize(stage.cast(), text(&parts.headers, "authorization")),
        now,
        quirks,
    };
    let answer = rest::answer(stage, &call);
    let content = if answer.body.is_null() { Content::Nothing } else { Content::Json(answer.body) };
    let reply = Reply::of(answer.status, content);
    match answer.allowance {
        None => reply,
        Some(allowance) => reply
            .with("ratelimit-limit", allowance.limit)
            .with("ratelimit-remaining", allowance.remaining)
            .with("ratelimit-reset", allowance.reset_s),
    }
}

fn ask_gitlab(stage: &mut Stage, parts: &Parts, body: &Bytes, now: DateTime<Utc>, quirks: Quirks) -> Reply {
    let call = gitlab::Call {
        method: parts.method.as_str(),
        path: parts.uri.path(),
        query_text: parts.uri.query().unwrap_or(""),
        query: Query::read(parts.uri.query().unwrap_or("")),
        content_type: text(&parts.headers, "content-type"),
        if_none_match: text(&parts.headers, "if-none-match"),
        body,
        caller: gitlab_caller(stage.cast(), parts),
        now,
        quirks,
    };
    gitlab::answer(stage, &call)
}

fn ask_public(
    stage: &mut Stage,
    page: public::Site,
    parts: &Parts,
    body: &Bytes,
    now: DateTime<Utc>,
    quirks: Quirks,
) -> Reply {
    let call = public::Call {
        method: parts.method.as_str(),
        path: parts.uri.path().split('/').filter(|segment| !segment.is_empty()).skip(1).collect(),
        query: Query::read(parts.uri.query().unwrap_or("")),
        headers: &parts.headers,
        body,
        now,
        quirks,
    };
    public::answer(stage, page, &call)
}

fn gitlab_caller(cast: &Cast, parts: &Parts) -> gitlab::Caller {
    let private = text(&parts.headers, "private-token");
    gitlab::recognize(cast, private, text(&parts.headers, "authorization"))
}

/// Tells whose key a request carries; that of a Slack webhook is its path.
fn key_of(stage: &Stage, parts: &Parts) -> TokenKind {
    match Site::of(parts.uri.path()) {
        Site::PagerDuty => recognize(stage.cast(), text(&parts.headers, "authorization")).kind,
        Site::GitLab => gitlab_caller(stage.cast(), parts).kind,
        Site::Slack => TokenKind::Missing,
        Site::Zendesk => zendesk::token(stage.cast(), &parts.headers),
        Site::Public(page) => public::token(stage, page, &parts.headers),
    }
}

fn quirks(faults: &[Fault]) -> Quirks {
    let drift = faults.iter().find(|fault| fault.kind == FaultKind::PaginationDrift);
    Quirks {
        drift: drift.map_or(0, |fault| fault.shift.unwrap_or(1)),
        stale: faults.iter().any(|fault| fault.kind == FaultKind::Reorder),
    }
}

/// Writes down what was answered, and puts on the world's date.
fn leave(shared: &Shared, seq: u64, mut response: Response, answered: bool, faults: &[Fault]) -> Response {
    let skew = faults.iter().find_map(|fault| fault.skew.filter(|_| fault.kind == FaultKind::SkewedDate));
    shared.with(|stage, now| {
        if answered {
            let status = response.status().as_u16();
            stage.journal.change(seq, |request| (request.status, request.answered_at) = (Some(status), Some(now)));
        }
        if !response.headers().contains_key(header::DATE) {
            spoil::set(&mut response, "date", Some(&http_date(now, skew.unwrap_or_default())));
        }
    });
    response
}

fn loses_answer(kind: FaultKind) -> bool {
    matches!(
        kind,
        FaultKind::Hang
            | FaultKind::LostRequest
            | FaultKind::LateWrite
            | FaultKind::LostAnswer
            | FaultKind::SilentAnswer
            | FaultKind::Reset
    )
}

fn http_date(now: DateTime<Utc>, skew: Span) -> String {
    (now + skew.delta()).format("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

fn plain(status: StatusCode) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response
}
