//! Which of the services that the practice world plays a request is for.

/// A service, told by the path alone, because all share one port.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Site {
    /// Whatever has no prefix of its own.
    PagerDuty,
    /// `/gitlab/…`
    GitLab,
    /// `/slack/…`
    Slack,
}

impl Site {
    pub(crate) fn of(path: &str) -> Self {
        match path.split('/').nth(1) {
            Some("gitlab") => Site::GitLab,
            Some("slack") => Site::Slack,
            Some(_) | None => Site::PagerDuty,
        }
    }
}
