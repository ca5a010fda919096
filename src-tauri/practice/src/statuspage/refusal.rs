//! Statuspage's error answers: some have the key `error`, some `message`.
//!
//! Source: Statuspage API reference, schema ErrorEntity, and its introduction: 420 or 429 beyond a request a second; the
//! text of the 401 as the test of a Terraform provider for Statuspage has it. Guess: which of the two keys the other
//! refusals have; readers take both.

use serde_json::{Value, json};

/// An error answer: status and body.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Refusal {
    pub(super) status: u16,
    pub(super) body: Value,
}

impl Refusal {
    pub(super) fn unreadable() -> Self {
        Refusal { status: 400, body: json!({"message": "The body is not JSON"}) }
    }

    pub(super) fn unauthenticated() -> Self {
        Refusal { status: 401, body: json!({"error": "Could not authenticate"}) }
    }

    pub(super) fn not_found() -> Self {
        Refusal { status: 404, body: json!({"error": "Not found"}) }
    }

    pub(super) fn throttled() -> Self {
        Refusal { status: 420, body: json!({"message": "Enhance your calm: too many requests"}) }
    }

    /// The one whose `error` is a list.
    pub(super) fn invalid(errors: &[String]) -> Self {
        Refusal { status: 422, body: json!({ "error": errors }) }
    }
}

/// Gives the body that goes with a status, as a fault has it: the JSON, or None for a proxy's page.
pub(crate) fn of_status(status: u16) -> Option<Value> {
    let refusal = match status {
        400 => Refusal::unreadable(),
        401 => Refusal::unauthenticated(),
        403 => Refusal { status, body: json!({"message": "You are not allowed to do that"}) },
        404 => Refusal::not_found(),
        420 | 429 => Refusal::throttled(),
        422 => Refusal::invalid(&["Something is not as it should be".to_owned()]),
        500 => Refusal { status, body: json!({"error": "Internal server error"}) },
        _ => return None,
    };
    Some(refusal.body)
}
