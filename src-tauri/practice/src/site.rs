//! Which of the services that the practice world plays a request is for.

use crate::public;

/// A service, told by the path alone, because all share one port.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Site {
    /// Whatever has no prefix of its own.
    PagerDuty,
    /// `/gitlab/…`
    GitLab,
    /// `/slack/…`
    Slack,
    /// `/zendesk/…`
    Zendesk,
    /// `/statusio/…`, `/statuspage/…`
    Public(public::Site),
}

impl Site {
    pub(crate) fn of(path: &str) -> Self {
        match path.split('/').find(|segment| !segment.is_empty()) {
            Some("gitlab") => Site::GitLab,
            Some("slack") => Site::Slack,
            Some("zendesk") => Site::Zendesk,
            Some("statusio") => Site::Public(public::Site::StatusIo),
            Some("statuspage") => Site::Public(public::Site::Statuspage),
            Some(_) | None => Site::PagerDuty,
        }
    }
}
