//! PagerDuty's error answers.

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

    pub(crate) fn already_resolved() -> Self {
        Refusal::new(400, 1001, "Incident Already Resolved")
    }

    pub(crate) fn requester_unknown() -> Self {
        Refusal::new(400, 1008, "Requester User Not Found")
    }

    pub(crate) fn requester_missing() -> Self {
        let message = "You must specify a user's email address in the \"From\" header to perform this action";
        Refusal::new(400, 2016, message)
    }

    /// The one whose `error` is a text.
    pub(crate) fn no_user_behind_key() -> Self {
        let text = "Cannot get the current user with an account-level access token; use a user-level token instead";
        Refusal { status: 400, body: json!({ "error": text }) }
    }

    pub(crate) fn unauthorized() -> Self {
        Refusal::new(401, 2006, "Authentication Failed")
    }

    pub(crate) fn forbidden() -> Self {
        Refusal::new(403, 2010, "Access Denied")
    }

    pub(crate) fn not_found() -> Self {
        Refusal::new(404, 2100, "Not Found")
    }

    pub(crate) fn too_large() -> Self {
        Refusal::new(413, 2001, "Cannot update more than 250 incidents at a time")
    }

    pub(crate) fn rate_limited() -> Self {
        Refusal::new(429, 2020, "Rate Limit Exceeded")
    }

    /// Gives the body that goes with a status, as a fault has it: the JSON, or None for a proxy's page.
    pub(crate) fn of_status(status: u16) -> Option<Self> {
        match status {
            400 => Some(Refusal::invalid(&["Something is not as it should be."])),
            401 => Some(Refusal::unauthorized()),
            402 => Some(Refusal::new(402, 2012, "Account does not have the abilities to perform the action")),
            403 => Some(Refusal::forbidden()),
            404 => Some(Refusal::not_found()),
            429 => Some(Refusal::rate_limited()),
            500 => Some(Refusal::new(500, 2000, "Internal Server Error")),
            _ => None,
        }
    }
}
