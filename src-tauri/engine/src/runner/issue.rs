//! Asking the tracker for one issue, because the user wants its words.

use herald_core::feed::Tracker;
use herald_core::{Fault, FaultKind};

use super::Runner;
use crate::gitlab::{Reader, issue_at, site};
use crate::issue::{IssueError, IssueWords};
use crate::keys::KeyName;

impl Runner {
    pub async fn issue_words(&self, tracker: &Tracker, link: &str) -> Result<IssueWords, IssueError> {
        let (project, iid) = issue_at(&tracker.base_url, link)
            .ok_or_else(|| IssueError::NotAnIssue { site: site(&tracker.base_url).to_owned() })?;
        let told = |fault: Fault| match fault.kind {
            FaultKind::NotFound => IssueError::NotFound,
            FaultKind::Unauthorized
            | FaultKind::Forbidden
            | FaultKind::PageNotShown
            | FaultKind::RateLimited
            | FaultKind::Rejected
            | FaultKind::Server
            | FaultKind::Timeout
            | FaultKind::Unreachable
            | FaultKind::Tls
            | FaultKind::Local
            | FaultKind::NotTheService
            | FaultKind::Broken
            | FaultKind::TooLarge
            | FaultKind::NoToken => IssueError::Failed(fault),
        };
        let token = self.key_of(KeyName::Tracker, tracker.token).await.map_err(IssueError::Failed)?;
        let http = self.http().map_err(IssueError::Failed)?;
        let reader = Reader::new(http, tracker, token.as_ref()).map_err(IssueError::Failed)?;
        reader.words(&project, iid).await.map_err(told)
    }
}
