//! An issue whose words become the text of a maintenance (H60): read once, when the user asks for it.

use herald_core::Fault;
use serde::{Deserialize, Serialize};
use thiserror::Error;
use ts_rs::TS;

use crate::Herald;

/// What an issue says, as far as a maintenance needs it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct IssueWords {
    /// Its title.
    pub title: String,
    /// The first paragraphs of its text.
    pub text: String,
    /// Whether the public must not see it; so too when the tracker says nothing.
    pub confidential: bool,
}

/// Why an issue was not read, with the next step.
#[derive(Debug, Error)]
pub enum IssueError {
    /// There is nobody to ask.
    #[error("No tracker is connected. Connect it in Settings, or type the text.")]
    NoTracker,
    /// The link leads elsewhere; the key goes nowhere but to the tracker.
    #[error("This link is no issue of the connected tracker ({site}). Copy the address of the issue itself.")]
    NotAnIssue {
        /// Where the tracker's pages are.
        site: String,
    },
    /// The tracker knows none, or hides it: it answers both alike.
    #[error("The tracker shows no such issue. Check the link; a confidential one needs a key that may see it.")]
    NotFound,
    /// There was no good answer.
    #[error("{}. {}", .0.reason(), .0.next_step())]
    Failed(Fault),
}

impl Herald {
    /// Reads the issue that a link leads to. Nothing is written or kept.
    ///
    /// # Errors
    /// Why it could not be read, and what to do.
    pub async fn issue_words(&self, link: &str) -> Result<IssueWords, IssueError> {
        let tracker = self.shown().view.tracker.clone().ok_or(IssueError::NoTracker)?;
        self.runner.issue_words(&tracker, link).await
    }
}
