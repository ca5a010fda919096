//! What a request to PagerDuty or a status page meets on its way in and out: the journal, the faults, the answer between them.

use std::sync::Arc;

use axum::Extension;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::State;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Request as HttpRequest, StatusCode, header};
use axum::response::Response;
use chrono::{DateTime, Utc};

use crate::fault::{Fault, FaultKind};
use crate::journal::Request;
use crate::line::Cut;
use crate::pagerduty::query::Query;
use crate::pagerduty::recognize;
use crate::pagerduty::rest::{self, Answer, Call, Quirks};
use crate::public::{self, Busy, Content, Site};
use crate::shared::Shared;
use crate::span::Span;
use crate::spoil;

/// More than any request of ours needs.
const REQUEST_BYTES_MAX: usize = 1 << 20;

/// Answers a request, faults and all.
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
    let site = Site::of(parts.uri.path());
    let _busy = Busy::enter(&shared, parts.uri.path());
    let response = match spoil::instead(&faults, &cut, site).await {
        Some(response) => response,
        None => {
            let (response, bytes) = match site {
                None => write(carry_out(&shared, &parts, &body, seq, &faults), &faults),
                Some(site) => write_public(carry_out_public(&shared, site, &parts, &body, seq, &faults), &faults),
            };
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
            carried_out: false,
            token: match Site::of(parts.uri.path()) {
                None => recognize(stage.cast(), text(&parts.headers, "authorization")).kind,
                Some(site) => public::token(stage, site, &parts.headers),
            },
            from: text(&parts.headers, "from").map(str::to_owned),
            body: String::from_utf8_lossy(body).into_owned(),
            faults: faults.iter().map(Fault::called).collect(),
        };
        (stage.journal.write(request), faults)
    })
}

fn carry_out(shared: &Shared, parts: &Parts, body: &Bytes, seq: u64, faults: &[Fault]) -> Answer {
    shared.with(|stage, now| {
        let caller = recognize(stage.cast(), text(&parts.headers, "authorization"));
        let call = Call {
            method: parts.method.as_str(),
            path: parts.uri.path(),
            query: Query::read(parts.uri.query().unwrap_or("")),
            from: text(&parts.headers, "from"),
            body,
            caller,
            now,
            quirks: quirks(faults),
        };
        let answer = rest::answer(stage, &call);
        stage.journal.change(seq, |request| request.carried_out = answer.status < 300);
        answer
    })
}

fn carry_out_public(
    shared: &Shared,
    site: Site,
    parts: &Parts,
    body: &Bytes,
    seq: u64,
    faults: &[Fault],
) -> public::Answer {
    shared.with(|stage, now| {
        let call = public::Call {
            method: parts.method.as_str(),
            path: parts.uri.path().split('/').filter(|segment| !segment.is_empty()).skip(1).collect(),
            query: Query::read(parts.uri.query().unwrap_or("")),
            headers: &parts.headers,
            body,
            now,
            quirks: quirks(faults),
        };
        let answer = public::answer(stage, site, &call);
        stage.journal.change(seq, |request| request.carried_out = answer.carried_out);
        answer
    })
}

fn quirks(faults: &[Fault]) -> Quirks {
    let drift = faults.iter().find(|fault| fault.kind == FaultKind::PaginationDrift);
    Quirks {
        drift: drift.map_or(0, |fault| fault.shift.unwrap_or(1)),
        stale: faults.iter().any(|fault| fault.kind == FaultKind::Reorder),
    }
}

fn write(mut answer: Answer, faults: &[Fault]) -> (Response, Bytes) {
    spoil::body(faults, &mut answer.body);
    let mut response = plain(StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    if let Some(allowance) = answer.allowance {
        let headers = response.headers_mut();
        headers.insert("ratelimit-limit", HeaderValue::from(allowance.limit));
        headers.insert("ratelimit-remaining", HeaderValue::from(allowance.remaining));
        headers.insert("ratelimit-reset", HeaderValue::from(allowance.reset_s));
    }
    (response, spoil::bytes(&answer.body))
}

fn write_public(answer: public::Answer, faults: &[Fault]) -> (Response, Bytes) {
    let mut response = plain(StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR));
    for (name, value) in &answer.headers {
        spoil::set(&mut response, name, Some(value));
    }
    match answer.content {
        Content::Json(mut body) => {
            spoil::body(faults, &mut body);
            spoil::set(&mut response, "content-type", Some("application/json; charset=utf-8"));
            (response, spoil::bytes(&body))
        }
        Content::Text { kind, mut text } => {
            spoil::feed(faults, &mut text);
            spoil::set(&mut response, "content-type", Some(kind));
            (response, Bytes::from(text))
        }
    }
}

/// Writes down what was answered, and puts on the world's date.
fn leave(shared: &Shared, seq: u64, mut response: Response, answered: bool, faults: &[Fault]) -> Response {
    let skew = faults.iter().find_map(|fault| fault.skew.filter(|_| fault.kind == FaultKind::SkewedDate));
    shared.with(|stage, now| {
        if answered {
            let status = response.status().as_u16();
            stage.journal.change(seq, |request| request.status = Some(status));
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
        FaultKind::Hang | FaultKind::LostRequest | FaultKind::LostAnswer | FaultKind::SilentAnswer | FaultKind::Reset
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
