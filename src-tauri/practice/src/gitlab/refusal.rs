//! GitLab's error answers: `message` is a text or an object, or the key is `error`.
//!
//! Source: docs.gitlab.com, "REST API", status codes and validation errors; "Troubleshooting the REST API" for tokens;
//! "Rate limits", whose general refusal is the plain text `Retry later`.

use serde_json::{Value, json};

use crate::reply::{Content, Reply};

/// An error answer.
#[derive(Debug)]
pub(super) struct Refusal {
    status: u16,
    body: Value,
    location: Option<String>,
}

impl Refusal {
    /// The form of most: `{"message": "404 Project Not Found"}`.
    pub(super) fn message(status: u16, message: &str) -> Self {
        Refusal { status, body: json!({ "message": message }), location: None }
    }

    /// The form of parameters that are refused before anything is looked at.
    pub(super) fn error(error: &str) -> Self {
        Refusal { status: 400, body: json!({ "error": error }), location: None }
    }

    /// The form of what does not hold about a field: `{"message": {"title": ["…"]}}`.
    pub(super) fn field(name: &str, wrong: &str) -> Self {
        Refusal { status: 400, body: json!({"message": {name: [wrong]}}), location: None }
    }

    pub(super) fn unauthorized() -> Self {
        Refusal::message(401, "401 Unauthorized")
    }

    pub(super) fn expired() -> Self {
        let description = "Token is expired. You can either do re-authorization or token refresh.";
        let body = json!({"error": "invalid_token", "error_description": description});
        Refusal { status: 401, body, location: None }
    }

    pub(super) fn scope() -> Self {
        let description = "The request requires higher privileges than provided by the access token.";
        let body = json!({"error": "insufficient_scope", "error_description": description, "scope": "api"});
        Refusal { status: 403, body, location: None }
    }

    pub(super) fn forbidden() -> Self {
        Refusal::message(403, "403 Forbidden")
    }

    pub(super) fn not_found(what: &str) -> Self {
        Refusal::message(404, &format!("404 {what} Not Found"))
    }

    /// The one of an issue, whose words differ.
    pub(super) fn no_issue() -> Self {
        Refusal::message(404, "404 Not found")
    }

    pub(super) fn no_route() -> Self {
        Refusal { status: 404, body: json!({"error": "404 Not Found"}), location: None }
    }

    pub(super) fn no_keyset() -> Self {
        let error = "Keyset pagination is not yet available for this type of request";
        Refusal { status: 405, body: json!({ "error": error }), location: None }
    }

    pub(super) fn moved(location: String) -> Self {
        let message = format!("This resource has been moved permanently to {location}");
        Refusal { location: Some(location), ..Refusal::message(301, &message) }
    }

    /// The one of doings that are limited more strictly; JSON, unlike the general limit.
    pub(super) fn too_often() -> Self {
        let error = "This endpoint has been requested too many times. Try again later.";
        Refusal { status: 429, body: json!({"message": {"error": error}}), location: None }
    }

    pub(super) fn reply(self) -> Reply {
        let reply = Reply::of(self.status, Content::Json(self.body));
        match self.location {
            Some(location) => reply.with("location", location),
            None => reply,
        }
    }
}

/// Gives what goes with a status, as a fault has it: type and text, or None for a proxy's page.
pub(crate) fn words_of(status: u16) -> Option<(&'static str, String)> {
    let json = |message: &str| Some(("application/json", json!({ "message": message }).to_string()));
    match status {
        400 => json("400 Bad request"),
        401 => json("401 Unauthorized"),
        403 => json("403 Forbidden"),
        404 => json("404 Not found"),
        409 => json("409 Conflict"),
        429 => Some(("text/plain", "Retry later\n".to_owned())),
        500 => json("500 Internal Server Error"),
        _ => None,
    }
}
