//! PagerDuty's error answers.
//!
//! Source: PagerDuty/developer-docs, `docs/REST-API/14-Errors.md`: the form of an error, and the table of codes and
//! messages. The texts in `errors` are PagerDuty's where a public report has them, and say so; the others are ours, and
//! nothing reads them.

use serde_json::{Value, json};

/// An error answer: status and body.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Refusal {
    pub(crate) status: u16,
    pub(crate) body: Value,
}

impl Refusal {
    fn new(status: u16, code: u32, message: &str) -> Self {
        Refusal { status, body: json!({"error": {"message": message, "code": code}}) }
    }

    /// 400 with a list of what is wrong.
    pub(crate) fn invalid(errors: &[&str]) -> Self {
        let error = json!({"message": "Invalid Input Provided", "code": 2001, "errors": errors});
        Refusal { status: 400, body: json!({ "error": error }) }
    }

    /// 400 of arguments that are well-formed and cannot be.
    ///
    /// Source: public reports of the answer to a second incident with the same key quote code, message and text.
    pub(crate) fn arguments(error: &str) -> Self {
        let error = json!({"message": "Arguments Caused Error", "code": 2002, "errors": [error]});
        Refusal { status: 400, body: json!({ "error": error }) }
    }

    pub(crate) fn already_resolved() -> Self {
        Refusal::new(400, 1001, "Incident Already Resolved")
    }

    pub(crate) fn requester_unknown() -> Self {
        Refusal::new(400, 1008, "Requester User Not Found")
    }

    /// Source: an Elixir client's recorded test of `POST /incidents` ("bad request") has this code and message.
    pub(crate) fn requester_missing() -> Self {
        let message = "You must specify a user's email address in the \"From\" header to perform this action";
        Refusal::new(400, 2016, message)
    }

    /// The one whose `error` is a text.
    ///
    /// Source: the `pagerduty` client for Python, `RestApiV2Client.api_key_access`, tells the kind of a key by these words.
    pub(crate) fn no_user_behind_key() -> Self {
        let text = "Cannot get the current user with an account-level access token; use a user-level token instead";
        Refusal { status: 400, body: json!({ "error": text }) }
    }

    pub(crate) fn unauthorized() -> Self {
        Refusal::new(401, 2006, "Authentication failed")
    }

    pub(crate) fn lacks_ability() -> Self {
        Refusal::new(402, 2014, "Missing Account Ability")
    }

    pub(crate) fn forbidden() -> Self {
        Refusal::new(403, 2010, "Access Denied")
    }

    pub(crate) fn not_found() -> Self {
        Refusal::new(404, 2100, "Not Found")
    }

    /// Source: the table of codes: 4004 "Invalid Override".
    pub(crate) fn invalid_override() -> Self {
        Refusal::new(400, 4004, "Invalid Override")
    }

    pub(crate) fn too_large() -> Self {
        Refusal::new(413, 2001, "Cannot update more than 250 incidents at a time")
    }

    /// Source: PagerDuty/developer-docs, `docs/REST-API/04-Rate-Limits.md`, its example of a 429.
    pub(crate) fn rate_limited() -> Self {
        Refusal::new(429, 2020, "Rate Limit Exceeded")
    }

    /// Gives the body that goes with a status, as a fault has it: the JSON, or None for a proxy's page.
    pub(crate) fn of_status(status: u16) -> Option<Self> {
        match status {
            400 => Some(Refusal::invalid(&["Something is not as it should be."])),
            401 => Some(Refusal::unauthorized()),
            402 => Some(Refusal::lacks_ability()),
            403 => Some(Refusal::forbidden()),
            404 => Some(Refusal::not_found()),
            429 => Some(Refusal::rate_limited()),
            500 => Some(Refusal::new(500, 2000, "An internal error has occurred. PagerDuty team has been notified.")),
            _ => None,
        }
    }
}
