//! A production incident, as Herald joins it from page, issue, status page and the user's own word.

mod published;
mod wish;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::Time;
use crate::feed::{IssueSeen, IssueState, PostSeen, Update};
use crate::page::PageId;
use crate::phase::Severity;
use crate::post::link::issue_of;
use crate::stage::Tick;

pub use self::published::{paired, same_update, standing_words};
pub use self::wish::IncidentWish;

/// Herald's own number of an incident; never used twice.
pub type IncidentId = i64;

/// Answers in a row that must not show an issue before it counts as hidden (faults.md 18).
const MISSING_TO_BE_HIDDEN: u8 = 2;
/// Changes of severity that are kept of one incident.
const HELD_MAX: usize = 50;

/// An incident and everything that is known of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Incident {
    /// When Herald first knew of it, or when its issue was opened.
    pub since: Time,
    /// What the tracker said last.
    pub issue: Option<IssueSeen>,
    /// How many answers in a row did not show the issue, although it was asked for by itself.
    pub issue_missing: u8,
    /// Since when the issue is no longer that of an active incident, as far as can be seen.
    #[serde(default)]
    pub issue_left_at: Option<Time>,
    /// What the status page said last.
    pub post: Option<PostSeen>,
    /// How many full answers in a row lacked the post.
    pub post_missing: u8,
    /// How many answers in a row looked as if they were older than what is known of the post.
    #[serde(default)]
    pub post_older: u8,
    /// Pages that called for it.
    pub pages: BTreeSet<PageId>,
    /// What the user took out of it, so that no feed puts it back.
    pub apart: BTreeSet<Part>,
    /// What the user set by hand; wins over every feed.
    pub own: Own,
    /// Updates published through this Herald or noted in it by hand, oldest first.
    pub updates: Vec<Update>,
    /// When those of them were published whose time is no matter of memory: the page accepted them just then.
    #[serde(default)]
    pub sent: BTreeSet<Time>,
    /// When it was decided to tell the public (H3, H35).
    pub decided_at: Option<Time>,
    /// When it was decided not to.
    pub declined_at: Option<Time>,
    /// When the user noted here what the IM answered, whatever it was (H3). A publication answers nothing.
    #[serde(default)]
    pub answered_at: Option<Time>,
    /// A promise to the public that overrides the cadence (H32).
    pub promise: Option<Promise>,
    /// Why the due time moved last (H33).
    pub moved: Option<Moved>,
    /// When each update was due that had a time, oldest first: what the cadence or a promise said just before it.
    #[serde(default)]
    pub kept: Vec<Kept>,
    /// Which severity held from when on, oldest first; nothing while it never changed.
    #[serde(default)]
    pub held: Vec<Held>,
    /// When it was over: resolved on the page, or set aside by the user.
    pub ended_at: Option<Time>,
    /// What happened, oldest first.
    pub log: Vec<Event>,
    /// What was ticked off, by the id of the task in the playbook.
    #[serde(default)]
    pub ticks: BTreeMap<String, Tick>,
    /// When the user saw it come back after a fix (H55).
    #[serde(default)]
    pub recurred_at: Option<Time>,
}

/// A part that an incident is joined from.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(tag = "part", rename_all = "snake_case")]
pub enum Part {
    /// The tracker's issue.
    Issue {
        /// Its number.
        #[ts(type = "number")]
        iid: u64,
    },
    /// The status page's incident.
    Post {
        /// The page's id of it.
        id: String,
    },
    /// A page.
    Page {
        /// PagerDuty's id.
        id: PageId,
    },
}

/// How the issue of an incident stands in the tracker.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum IssueStanding {
    /// It is that of an active incident.
    Active,
    /// It is open, and its labels are no longer those of an active incident.
    Inactive,
    /// It is closed.
    Closed,
    /// It may not be seen any more: confidential now, moved or deleted. That says nothing about the incident.
    Hidden,
}

impl IssueStanding {
    /// Whether the tracker says that the incident needs nobody any more.
    #[must_use]
    pub fn over(self) -> bool {
        match self {
            Self::Inactive | Self::Closed => true,
            Self::Active | Self::Hidden => false,
        }
    }
}

/// What the user set by hand.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(default)]
pub struct Own {
    /// The title.
    pub title: Option<String>,
    /// The severity.
    pub severity: Option<Severity>,
    /// What the issue is to say of it.
    pub state: Option<IssueState>,
    /// Link of the issue.
    pub issue_url: Option<String>,
    /// Link of the call.
    pub call_url: Option<String>,
    /// The Slack channel.
    pub channel: Option<String>,
    /// The incident manager.
    pub im: Option<String>,
    /// The engineer on call.
    pub eoc: Option<String>,
    /// Minutes of the monitoring period (H36).
    pub monitoring_min: Option<u32>,
}

impl Own {
    /// The same, with what only `other` has.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self {
            title: self.title.or(other.title),
            severity: self.severity.or(other.severity),
            state: self.state.or(other.state),
            issue_url: self.issue_url.or(other.issue_url),
            call_url: self.call_url.or(other.call_url),
            channel: self.channel.or(other.channel),
            im: self.im.or(other.im),
            eoc: self.eoc.or(other.eoc),
            monitoring_min: self.monitoring_min.or(other.monitoring_min),
        }
    }
}

/// A promise that was made to the public (H32).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Promise {
    /// Until when the next update was promised.
    pub due_at: Time,
    /// When the update that made it was published.
    pub made_at: Time,
    /// That update, if it was published from here: the page's own time of it may be another.
    pub made_by: Option<Update>,
    /// When the user said that it holds, whatever the severity is by now.
    #[serde(default)]
    pub confirmed_at: Option<Time>,
}

/// Why a due time moved without a new update (H33).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Moved {
    /// When it moved.
    pub at: Time,
    /// From where.
    pub from: Time,
    /// Why, in words.
    pub why: String,
}

/// When an update was due, noted when it was seen: severity and promise may be others by the time somebody asks (H90).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// When the update was published.
    pub update_at: Time,
    /// When it was due.
    pub due_at: Time,
}

/// A severity, and from when on it held.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    /// From when on.
    pub since: Time,
    /// The severity, if anybody knew it.
    pub severity: Option<Severity>,
}

/// Something that happened, for the timeline.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Event {
    /// When.
    pub at: Time,
    /// Who did it.
    pub by: By,
    /// What, in words.
    pub what: String,
}

/// Who did something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum By {
    /// The user.
    Me,
    /// Herald, of itself.
    Herald,
    /// Somebody else, seen in a feed.
    Others,
}

impl Incident {
    /// An incident of which nothing is known yet.
    #[must_use]
    pub fn new(since: Time) -> Self {
        Self {
            since,
            issue: None,
            issue_missing: 0,
            issue_left_at: None,
            post: None,
            post_missing: 0,
            post_older: 0,
            pages: BTreeSet::new(),
            apart: BTreeSet::new(),
            own: Own::default(),
            updates: vec![],
            sent: BTreeSet::new(),
            decided_at: None,
            answered_at: None,
            declined_at: None,
            promise: None,
            moved: None,
            kept: vec![],
            held: vec![],
            ended_at: None,
            log: vec![],
            ticks: BTreeMap::new(),
            recurred_at: None,
        }
    }

    /// Its title: the user's, the page's, the issue's.
    #[must_use]
    pub fn title(&self) -> &str {
        let of_post = self.post.as_ref().map(|post| post.title.as_str());
        let of_issue = self.issue.as_ref().map(|issue| issue.title.as_str());
        self.own.title.as_deref().or(of_post).or(of_issue).unwrap_or("(no title yet)")
    }

    /// Its severity, if anybody knows it.
    #[must_use]
    pub fn severity(&self) -> Option<Severity> {
        self.own.severity.or(self.issue.as_ref().and_then(|issue| issue.severity))
    }

    /// What its issue says of it.
    #[must_use]
    pub fn state(&self) -> Option<IssueState> {
        self.own.state.or(self.issue.as_ref().and_then(|issue| issue.says))
    }

    /// Every severity that it had, oldest first, each with the moment it held from; the first held from the beginning.
    #[must_use]
    pub fn severities(&self) -> Vec<Held> {
        let never_changed = || vec![Held { since: self.since, severity: self.severity() }];
        if self.held.is_empty() { never_changed() } else { self.held.clone() }
    }

    /// Notes that its severity is another than it was.
    pub(crate) fn note_severity(&mut self, before: Option<Severity>, now: Time) {
        let severity = self.severity();
        if severity == before {
            return;
        }
        if self.held.is_empty() {
            self.held.push(Held { since: self.since, severity: before });
        }
        self.held.push(Held { since: now, severity });
        let too_many = self.held.len().saturating_sub(HELD_MAX);
        self.held.drain(..too_many);
    }

    /// Link of its issue.
    #[must_use]
    pub fn issue_url(&self) -> Option<&str> {
        self.own.issue_url.as_deref().or(self.issue.as_ref().map(|issue| issue.url.as_str()))
    }

    /// The number of its issue, from the issue or from its link.
    #[must_use]
    pub fn issue_iid(&self) -> Option<u64> {
        match &self.own.issue_url {
            Some(url) => iid_of(url),
            None => self.issue.as_ref().map(|issue| issue.iid),
        }
    }

    /// How its issue stands in the tracker, if it is known from there.
    #[must_use]
    pub fn issue_standing(&self) -> Option<IssueStanding> {
        let issue = self.issue.as_ref()?;
        Some(if !issue.open {
            IssueStanding::Closed
        } else if self.issue_missing >= MISSING_TO_BE_HIDDEN {
            IssueStanding::Hidden
        } else if issue.active {
            IssueStanding::Active
        } else {
            IssueStanding::Inactive
        })
    }

    /// Whether it still needs somebody.
    #[must_use]
    pub fn open(&self) -> bool {
        self.ended_at.is_none()
    }
}

/// The number at the end of an issue's link.
#[must_use]
pub fn iid_of(url: &str) -> Option<u64> {
    issue_of(url).map(|(_, iid)| iid)
}

/// Whether two links lead to issues of one project: of the same site, in the same place.
#[must_use]
pub fn same_project(one: &str, other: &str) -> bool {
    let project = |url: &str| Some(issue_of(url)?.0.split_once("://")?.1.to_lowercase());
    project(one).is_some_and(|project_of_one| project(other) == Some(project_of_one))
}
