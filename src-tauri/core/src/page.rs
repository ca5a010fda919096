//! A page: what PagerDuty calls an incident, assigned to me, and one occurrence of its being triggered.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::Time;

/// PagerDuty's id of an incident.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[ts(export, type = "string")]
pub struct PageId(Arc<str>);

impl PageId {
    /// Takes PagerDuty's id as it came.
    #[must_use]
    pub fn new(id: &str) -> Self {
        Self(id.into())
    }

    /// The id as PagerDuty writes it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for PageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Where a page stands (H20). Never shown as the bare word "resolved".
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum PageStatus {
    /// It wants somebody now. A status that Herald does not know counts as this (FAULTS 11).
    Triggered,
    /// Somebody has taken it.
    Acknowledged,
    /// PagerDuty's "resolved": the page is closed, the incident may well go on.
    Closed,
}

/// Something in PagerDuty with an id and a name: a service, a policy, a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct Named {
    /// PagerDuty's id.
    pub id: String,
    /// Its name, cleaned for display.
    pub name: String,
}

/// One page as one answer of PagerDuty described it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeenPage {
    /// PagerDuty's id.
    pub id: PageId,
    /// The number people say aloud.
    pub number: u32,
    /// Cleaned title.
    pub title: String,
    /// Link to PagerDuty; http(s) only.
    pub url: Option<String>,
    /// Link of the call, when the page carries one; http(s) only.
    pub call_url: Option<String>,
    /// The service that raised it.
    pub service: Option<Named>,
    /// Whether PagerDuty calls it high urgency.
    pub urgent: bool,
    /// The escalation policy it runs through.
    pub policy: Option<Named>,
    /// Whether it came through an escalation policy rather than by a direct assignment (APIS.md 1.6).
    pub via_policy: bool,
    /// When it was assigned to me; absent when it is not, or no longer.
    pub assigned_at: Option<Time>,
    /// Everybody else it is assigned to.
    pub others: Vec<String>,
    /// Where it stands.
    pub status: PageStatus,
    /// When it was triggered last: together with the id, what makes it this page (H21). PagerDuty says it only of a
    /// page that is triggered; of another one it is a guess that what is known already overrides.
    pub triggered_at: Time,
    /// When it was opened first.
    pub created_at: Time,
    /// Grows with every change at PagerDuty; tells a new answer from one that was overtaken (FAULTS 20).
    pub version: Time,
    /// Who took it, when acknowledged.
    pub taken_by: Option<Named>,
    /// When it was acknowledged.
    pub taken_at: Option<Time>,
    /// When it escalates to the next level, if untaken.
    pub escalates_at: Option<Time>,
    /// When the acknowledgement expires and the page comes back.
    pub ack_expires_at: Option<Time>,
}

/// Why a page is no longer among mine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[ts(export)]
pub enum Gone {
    /// Closed in PagerDuty, here or elsewhere.
    Closed,
    /// Escalated or reassigned: it is somebody else's by now.
    MovedOn {
        /// To whom, as far as PagerDuty says.
        to: Vec<String>,
    },
    /// Two full answers in a row lacked it; PagerDuty was not asked why.
    Missing,
}

/// A page and what Herald knows of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Page {
    /// The last description that counted; shared, because the state is copied often and this is most of it.
    pub seen: Arc<SeenPage>,
    /// When Herald asked for the answer it came from.
    pub asked_at: Time,
    /// How many full answers in a row lacked it.
    pub missing: u8,
    /// Why and when it left, kept for a while so that a late answer does not announce it again.
    pub gone: Option<(Gone, Time)>,
    /// Whether it is told in the common notification for many pages rather than in one of its own (FAULTS 23).
    pub grouped: bool,
    /// The user said "I answer this page" though Herald could not tell (APIS.md 1.6).
    pub answered_here: bool,
    /// What the last attempt to take or close it came to, when that needs saying.
    pub note: Option<String>,
    /// When it was acknowledged; PagerDuty no longer says so of a page that is closed.
    #[serde(default)]
    pub answered_at: Option<Time>,
    /// Whether I only watched it, as it stood when it was last seen open (H24).
    #[serde(default)]
    pub shadowed: bool,
}

impl Page {
    /// A page seen for the first time.
    #[must_use]
    pub fn new(seen: SeenPage, asked_at: Time) -> Self {
        Self {
            seen: Arc::new(seen),
            asked_at,
            missing: 0,
            gone: None,
            grouped: false,
            answered_here: false,
            note: None,
            answered_at: None,
            shadowed: false,
        }
    }

    /// Whether it wants somebody, and is mine.
    #[must_use]
    pub fn calls(&self) -> bool {
        self.gone.is_none() && self.seen.status == PageStatus::Triggered
    }

    /// Whether it is open and mine, taken or not.
    #[must_use]
    pub fn open(&self) -> bool {
        self.gone.is_none() && self.seen.status != PageStatus::Closed
    }

    /// Whether `seen`, asked for at `asked_at`, is older than what is known (FAULTS 20). What is known from the future
    /// was noted under a wrong clock and outweighs nothing (FAULTS 24).
    #[must_use]
    pub fn overtakes(&self, seen: &SeenPage, asked_at: Time, now: Time) -> bool {
        let asked_before = asked_at < self.asked_at && self.asked_at <= now;
        seen.version < self.seen.version || (seen.version == self.seen.version && asked_before)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::tests::{at, page, seen};

    #[test]
    fn only_a_newer_answer_replaces_an_older_one() {
        // Known: version 0, asked for at minute 5; now it is minute 10.
        for (version, asked_at, overtaken) in [(0, 5, false), (0, 4, true), (0, 6, false), (-1, 6, true), (1, 4, false)]
        {
            let known = Page { asked_at: at(5), ..page("P", 0) };
            let answer = SeenPage { version: at(version), ..seen("P", 0) };
            assert_eq!(known.overtakes(&answer, at(asked_at), at(10)), overtaken, "{version}, asked for at {asked_at}");
        }
    }

    #[test]
    fn what_was_noted_under_a_clock_that_ran_ahead_outweighs_nothing() {
        let known = Page { asked_at: at(60), ..page("P", 0) };
        assert!(!known.overtakes(&seen("P", 0), at(10), at(10)));
    }
}
