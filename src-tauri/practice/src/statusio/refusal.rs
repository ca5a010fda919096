//! Status.io's error answers.
//!
//! Source: statusio-go, the envelope of each answer (`status.error` is `yes` or `no`); the OpenAPI document as
//! callumbnz/outage-manager sums it up: 400 and 403. Guess: the texts of what is missing or wrong.

use serde_json::{Value, json};

/// An error answer: status and message.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Refusal {
    pub(super) status: u16,
    pub(super) message: String,
}

impl Refusal {
    /// A wrong key is told with HTTP 200.
    pub(super) fn unauthenticated() -> Self {
        Refusal { status: 200, message: "Authentication failed".to_owned() }
    }

    pub(super) fn throttled() -> Self {
        Refusal { status: 429, message: "Too many requests".to_owned() }
    }

    pub(super) fn unknown_url() -> Self {
        Refusal { status: 403, message: "Forbidden".to_owned() }
    }

    pub(super) fn invalid(message: &str) -> Self {
        Refusal { status: 400, message: message.to_owned() }
    }

    pub(super) fn body(&self) -> Value {
        json!({"status": {"error": "yes", "message": self.message}})
    }
}

/// Gives the body that goes with a status, as a fault has it: the JSON, or None for a proxy's page.
pub(crate) fn of_status(status: u16) -> Option<Value> {
    let message = match status {
        200 | 401 => "Authentication failed",
        400 => "Invalid parameters",
        403 => "Forbidden",
        404 => "Not found",
        429 => "Too many requests",
        500 => "Internal server error",
        _ => return None,
    };
    Some(Refusal { status, message: message.to_owned() }.body())
}
