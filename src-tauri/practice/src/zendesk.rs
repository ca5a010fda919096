//! Zendesk's search: how many tickets of an incident nobody has tagged yet, and nothing else.

use std::collections::BTreeMap;

use axum::http::HeaderMap;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::act::Tickets;
use crate::cast::Cast;
use crate::pagerduty::TokenKind;
use crate::pagerduty::query::Query;
use crate::reply::{Content, Reply};
use crate::stage::{ActError, Stage};

/// The API token of the app's user.
pub(crate) const TOKEN: &str = "practice_zendesk_token_of_an_agent";

/// Tickets that nobody has tagged, by the number of their incident's issue.
#[derive(Debug, Default)]
pub(crate) struct Zendesk {
    untagged: BTreeMap<u64, u64>,
}

/// Carries out an act; gives the number of the issue it is about.
pub(crate) fn tickets(stage: &mut Stage, act: &Tickets) -> Result<Vec<String>, ActError> {
    let index = stage.gitlab.named(&act.incident).ok_or_else(|| ActError::NoIssue(act.incident.clone()))?;
    let iid = stage.gitlab.issues[index].iid;
    stage.zendesk.untagged.insert(iid, act.count);
    Ok(vec![iid.to_string()])
}

/// The agent whose token it is: the app's user.
pub(crate) fn email(cast: &Cast) -> String {
    cast.me().email.clone()
}

/// Tells whose key a request carries.
pub(crate) fn token(cast: &Cast, headers: &HeaderMap) -> TokenKind {
    let Some(header) = headers.get("authorization").and_then(|value| value.to_str().ok()) else {
        return TokenKind::Missing;
    };
    let who = header.strip_prefix("Basic ").and_then(|text| STANDARD.decode(text).ok());
    match who.and_then(|who| String::from_utf8(who).ok()) {
        None => TokenKind::Malformed,
        Some(who) if who == format!("{}/token:{TOKEN}", email(cast)) => TokenKind::User,
        Some(_) => TokenKind::Unknown,
    }
}

/// Gives what Zendesk says with a status, as a fault has it.
pub(crate) fn words_of(status: u16) -> Option<Value> {
    match status {
        401 => Some(json!({"error": "Couldn't authenticate you"})),
        403 => Some(json!({"error": {"title": "Forbidden", "message": "You do not have access to this page."}})),
        404 => Some(json!({"error": "RecordNotFound", "description": "Not found"})),
        422 => Some(json!({"error": "unavailable", "description": "Sorry, we could not complete your search query."})),
        429 => Some(json!({"error": "APIRateLimitExceeded", "description": "Number of allowed requests exceeded"})),
        500 => Some(json!({"error": {"title": "Internal Server Error", "message": "Something went wrong."}})),
        _ => None,
    }
}

/// Answers a request to `/zendesk/…`.
pub(crate) fn answer(stage: &Stage, method: &str, path: &str, query: &Query, headers: &HeaderMap) -> Reply {
    let refused = |status| Reply::of(status, Content::Json(words_of(status).unwrap_or_default()));
    if token(stage.cast(), headers) != TokenKind::User {
        return refused(401);
    }
    if method != "GET" || path.trim_end_matches('/') != "/zendesk/api/v2/search/count" {
        return refused(404);
    }
    match query.one("query").filter(|text| !text.trim().is_empty()) {
        None => refused(422),
        Some(text) => Reply::of(200, Content::Json(json!({"count": count(stage, text)}))),
    }
}

/// The tickets of the incident whose tag they lack: the number at the end of a `-tags:` in the search.
fn count(stage: &Stage, search: &str) -> u64 {
    let lacks = |word: &str| {
        let tag = word.strip_prefix("-tags:")?;
        tag.rsplit(|sign: char| !sign.is_ascii_digit()).next()?.parse::<u64>().ok()
    };
    let iid = search.split_whitespace().find_map(lacks);
    iid.and_then(|iid| stage.zendesk.untagged.get(&iid)).copied().unwrap_or_default()
}
