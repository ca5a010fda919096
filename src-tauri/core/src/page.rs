//! A page: what PagerDuty calls an incident, assigned to me, and one occurrence of its being triggered.

mod order;

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::Time;

pub use order::{Place, most_pressing, place};

/// PagerDuty's id of an incident.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[ts(type = "string")]
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
pub enum PageStatus {
    /// It wants somebody now. A status that Herald does not know counts as this (faults.md 11).
    Triggered,
    /// Somebody has taken it.
    Acknowledged,
    /// PagerDuty's "resolved": the page is closed, the incident may well go on.
    Closed,
}

/// Something in PagerDuty with an id and a name: a service, a policy, a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
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
    /// Telephone number of the call, with the codes to dial after it.
    #[serde(default)]
    pub call_number: Option<String>,
    /// The service that raised it.
    pub service: Option<Named>,
    /// Whether PagerDuty calls it high urgency.
    pub urgent: bool,
    /// Its priority, as the team names it.
    #[serde(default)]
    pub priority: Option<String>,
    /// What type of incident it is, where that is not the usual one.
    #[serde(default)]
    pub kind: Option<String>,
    /// The escalation policy it runs through.
    pub policy: Option<Named>,
    /// Whether it came through an escalation policy rather than by a direct assignment (services.md 1.6).
    pub via_policy: bool,
    /// When it was assigned to me; absent when it is not, or no longer.
    pub assigned_at: Option<Time>,
    /// Everybody else it is assigned to.
    pub others: Vec<String>,
    /// Whether I was asked to help with it, and what became of that. It assigns nothing to me.
    #[serde(default)]
    pub asked: Option<Asked>,
    /// Where it stands.
    pub status: PageStatus,
    /// When it was triggered last: together with the id, what makes it this page (H21). Only the log of the page tells;
    /// what an answer says without it is a guess that what is known already overrides.
    pub triggered_at: Time,
    /// When it was opened first.
    pub created_at: Time,
    /// Grows with every change at PagerDuty; tells a new answer from one that was overtaken (faults.md 20).
    pub version: Time,
    /// Who took it, when acknowledged.
    pub taken_by: Option<Named>,
    /// When it was acknowledged.
    pub taken_at: Option<Time>,
    /// When it escalates to the next level, if untaken.
    pub escalates_at: Option<Time>,
    /// When the acknowledgement expires and the page comes back.
    pub ack_expires_at: Option<Time>,
    /// The page into which it was merged.
    #[serde(default)]
    pub merged_into: Option<String>,
    /// How far the answer goes. Of what is known it is nothing any more.
    #[serde(skip)]
    pub told: Told,
}

/// A request to help with a page ("Add responders"). PagerDuty rings until it is answered there: its REST API has
/// nothing to answer it with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Asked {
    /// Who asked.
    pub by: Option<String>,
    /// When.
    pub at: Time,
    /// What was said with it.
    pub message: Option<String>,
    /// What became of it.
    pub state: AskedState,
}

/// What became of a request to help.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum AskedState {
    /// It waits for my answer.
    Pending,
    /// I joined.
    Joined,
    /// I declined.
    Declined,
    /// It was withdrawn.
    Withdrawn,
}

/// How far an answer goes: what it does not say, and whether the log was read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Told {
    /// What it says nothing about: that stays as it was known.
    pub lacks: BTreeSet<Field>,
    /// Whether `triggered_at` is by the page's own log.
    pub by_log: bool,
}

/// What an answer may leave out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "each is the field of its name")]
pub enum Field {
    Number,
    Title,
    Url,
    Call,
    Service,
    Urgency,
    Priority,
    Kind,
    Policy,
    Via,
    Assignments,
    Asked,
    Status,
    Created,
    Version,
    Acknowledgements,
    PendingActions,
}

impl SeenPage {
    /// Whether I was asked to help and have not answered.
    #[must_use]
    pub fn asks_me(&self) -> bool {
        let waits = self.asked.as_ref().is_some_and(|asked| asked.state == AskedState::Pending);
        waits && self.status != PageStatus::Closed
    }

    /// Whether I am only asked to help: it is not assigned to me.
    #[must_use]
    pub fn only_asks_me(&self) -> bool {
        self.assigned_at.is_none() && self.asks_me()
    }

    /// Whether what calls is the request to help, and not a page of mine that nobody has.
    #[must_use]
    pub fn calls_for_help(&self) -> bool {
        self.asks_me() && !(self.assigned_at.is_some() && self.status == PageStatus::Triggered)
    }

    /// Completes what the answer does not say by what is known.
    #[must_use]
    pub fn completed(mut self, known: &Self) -> Self {
        for field in std::mem::take(&mut self.told.lacks) {
            match field {
                Field::Number => self.number = known.number,
                Field::Title => self.title.clone_from(&known.title),
                Field::Url => self.url.clone_from(&known.url),
                Field::Call => {
                    self.call_url.clone_from(&known.call_url);
                    self.call_number.clone_from(&known.call_number);
                }
                Field::Service => self.service.clone_from(&known.service),
                Field::Urgency => self.urgent = known.urgent,
                Field::Priority => self.priority.clone_from(&known.priority),
                Field::Kind => self.kind.clone_from(&known.kind),
                Field::Policy => self.policy.clone_from(&known.policy),
                Field::Via => self.via_policy = known.via_policy,
                // Nobody has a page that is closed.
                Field::Assignments if self.status != PageStatus::Closed => {
                    // A list of mine says at least that it is.
                    self.assigned_at = known.assigned_at.or(self.assigned_at);
                    self.others.clone_from(&known.others);
                }
                Field::Asked => self.asked.clone_from(&known.asked),
                Field::Status => self.status = known.status,
                Field::Created => {
                    self.created_at = known.created_at;
                    if !self.told.by_log {
                        self.triggered_at = known.triggered_at;
                    }
                }
                Field::Version => self.version = known.version,
                Field::Acknowledgements if self.status == PageStatus::Acknowledged => {
                    self.taken_by.clone_from(&known.taken_by);
                    self.taken_at = known.taken_at;
                }
                // What is to come belongs to the status that it was told with.
                Field::PendingActions if self.status == known.status => {
                    self.escalates_at = known.escalates_at;
                    self.ack_expires_at = known.ack_expires_at;
                }
                Field::Assignments | Field::Acknowledgements | Field::PendingActions => {}
            }
        }
        self
    }
}

/// An incident that was changed no later than this after it was opened was not changed: it takes a moment to be assigned.
const OPENING: TimeDelta = TimeDelta::seconds(2);

/// Whether `seen`, once completed, is another occurrence than `known`: the page was taken or closed in between, as
/// Herald saw itself or as the log says. Whatever else touches a page that calls leaves it the same (PagerDuty moves its
/// `last_status_change_at` with every touch).
#[must_use]
pub fn triggered_anew(known: &SeenPage, seen: &SeenPage) -> bool {
    if seen.calls_for_help() {
        let asked_at = |page: &SeenPage| page.asked.as_ref().map(|asked| asked.at);
        return !known.calls_for_help() || asked_at(seen) != asked_at(known);
    }
    if known.calls_for_help() {
        return seen.status == PageStatus::Triggered && seen.assigned_at.is_some();
    }
    // What was so garbled that it told no time is known now.
    let timeless = known.created_at == Time::UNIX_EPOCH && seen.created_at != Time::UNIX_EPOCH;
    let by_log = timeless || seen.told.by_log && seen.triggered_at > known.triggered_at;
    seen.status == PageStatus::Triggered && (by_log || known.status != PageStatus::Triggered)
}

/// Whether only the page's log can tell when it was triggered last: it calls, and was changed since that is known. `known`
/// is what Herald knew when it asked.
#[must_use]
pub fn trigger_in_doubt(known: Option<&Page>, seen: &SeenPage) -> bool {
    seen.status == PageStatus::Triggered
        && seen.assigned_at.is_some()
        && !seen.told.by_log
        && known.map_or(seen.version - seen.created_at > OPENING, |known| {
            known.trigger_unsure || known.seen.status != PageStatus::Triggered || known.seen.version < seen.version
        })
}

/// Why a page is no longer among mine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Gone {
    /// Closed in PagerDuty, here or elsewhere.
    Closed,
    /// Merged into another page, which goes on.
    Merged {
        /// Into which.
        into: String,
    },
    /// I was only asked to help, and the request is answered or withdrawn.
    Answered {
        /// How.
        how: AskedState,
    },
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
    /// Whether it is told in the common notification for many pages rather than in one of its own (faults.md 23).
    pub grouped: bool,
    /// The user said "I answer this page" though Herald could not tell (services.md 1.6).
    pub answered_here: bool,
    /// What the last attempt to take or close it came to, when that needs saying.
    pub note: Option<String>,
    /// When it was acknowledged; PagerDuty no longer says so of a page that is closed.
    #[serde(default)]
    pub answered_at: Option<Time>,
    /// Whether I only watched it, as it stood when it was last seen open (H24).
    #[serde(default)]
    pub shadowed: bool,
    /// I was only asked to help with it, as it stood when it was last seen open: no page of mine in any figure.
    #[serde(default)]
    pub requested: bool,
    /// It was changed while it called and its log could not be read: it may have been triggered anew.
    #[serde(default)]
    pub trigger_unsure: bool,
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
            requested: false,
            trigger_unsure: false,
        }
    }

    /// Whether it wants me: it is mine and nobody has it, or I am asked to help.
    #[must_use]
    pub fn calls(&self) -> bool {
        self.gone.is_none() && (self.seen.status == PageStatus::Triggered || self.seen.asks_me())
    }

    /// Whether it is open and mine, taken or not.
    #[must_use]
    pub fn open(&self) -> bool {
        self.gone.is_none() && self.seen.status != PageStatus::Closed
    }

    /// Whether `seen`, asked for at `asked_at`, is older than what is known (faults.md 20). What is known from the
    /// future was noted under a wrong clock and outweighs nothing (faults.md 24).
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
