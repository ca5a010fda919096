//! How a failure reaches the window.

use herald_engine::IntendError;
use herald_engine::pagerduty::ConnectError;
use serde::Serialize;

/// A failure for the window: a code only where the window itself offers the next step.
#[derive(Debug, Serialize)]
pub(crate) struct UiError {
    code: &'static str,
    pub message: String,
}

impl UiError {
    /// One that the window can only show.
    pub fn failed(message: impl Into<String>) -> Self {
        Self { code: "failed", message: message.into() }
    }
}

impl From<ConnectError> for UiError {
    fn from(error: ConnectError) -> Self {
        Self { code: error.code, message: error.message }
    }
}

impl From<IntendError> for UiError {
    fn from(error: IntendError) -> Self {
        let code = if matches!(error, IntendError::Unknown { .. }) { "unknown" } else { "failed" };
        Self { code, message: error.to_string() }
    }
}
