//! Zendesk as the practice world plays it: an agent's search, and the tickets that are found.

mod rest;
mod search;
mod tickets;
mod wire;

use axum::http::HeaderMap;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::act::Tickets;
use crate::cast::Cast;
use crate::pagerduty::TokenKind;
use crate::stage::{ActError, Stage};

pub(crate) use rest::{Call, answer};
use tickets::{Desk, Time};

/// The API token of the app's user.
pub(crate) const TOKEN: &str = "practice_zendesk_token_of_an_agent";

/// The tickets, and how many there were.
#[derive(Debug, Default)]
pub(crate) struct Zendesk {
    desk: Desk,
}

/// Carries out an act; gives the number of the issue it is about.
///
/// Customers write as many tickets as are missing; where there are more, other agents tag the oldest.
pub(crate) fn tickets(stage: &mut Stage, act: &Tickets, now: Time) -> Result<Vec<String>, ActError> {
    let index = stage.gitlab.named(&act.incident).ok_or_else(|| ActError::NoIssue(act.incident.clone()))?;
    let issue = &stage.gitlab.issues[index];
    let (iid, title) = (issue.iid, issue.title.clone());
    stage.zendesk.desk.keep_untagged(iid, &title, act.count, now);
    Ok(vec![iid.to_string()])
}

/// The agent whose token it is: the app's user.
pub(crate) fn email(cast: &Cast) -> String {
    cast.me().email.clone()
}

/// Tells whose key a request carries.
///
/// Source: developer.zendesk.com, "Security and authentication": Basic, `EMAIL/token:TOKEN`; zenpy, `_init_session`.
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
///
/// Source: zenpy's recorded answers (`RecordNotFound`, `TooManyValues`); Zendesk's OpenAPI of the Support API 2.0.0 for
/// the search that is unavailable and for the object with a title. The texts of 403, 429 and 500 are guesses, and nothing
/// reads them.
pub(crate) fn words_of(status: u16) -> Option<Value> {
    match status {
        400 => Some(json!({"error": "TooManyValues", "description": "Parameter  cannot specify more than 100 values"})),
        401 => Some(json!({"error": "Couldn't authenticate you"})),
        403 => Some(json!({"error": {"title": "Forbidden", "message": "You do not have access to this page."}})),
        404 => Some(json!({"error": "RecordNotFound", "description": "Not found"})),
        422 => Some(json!({"error": "unavailable", "description": "Sorry, we could not complete your search query."})),
        429 => Some(json!({"error": "APIRateLimitExceeded", "description": "Number of allowed requests exceeded"})),
        500 => Some(json!({"error": {"title": "Internal Server Error", "message": "Something went wrong."}})),
        _ => None,
    }
}
