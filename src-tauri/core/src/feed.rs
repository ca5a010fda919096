//! What the incident feeds say: issues of the tracker, and posts on the status page.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::Time;
use crate::account::TokenPlace;
use crate::draft::Broadcast;
use crate::incident::{Incident, IncidentId, IssueStanding};
use crate::phase::{Impact, Phase, Severity};
use crate::state::State;

/// The tracker that is watched for incident issues (H10).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Tracker {
    /// The API's base URL, without a slash at its end.
    pub base_url: String,
    /// The project, as id or path.
    pub project: String,
    /// Who the key belongs to; absent when it is read without one.
    pub user: Option<String>,
    /// Where the key rests; absent when it is read without one.
    pub token: Option<TokenPlace>,
    /// Whether the key may label and create issues.
    pub can_write: bool,
}

/// What kind of status page it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum PageKind {
    /// Status.io.
    StatusIo,
    /// Atlassian Statuspage.
    Statuspage,
    /// Whoever runs it: only its RSS or Atom feed can be read, and updates are published by hand.
    Rss,
}

impl PageKind {
    /// What people call it.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::StatusIo => "Status.io",
            Self::Statuspage => "Statuspage",
            Self::Rss => "RSS or Atom",
        }
    }

    /// Whether a maintenance there may still be changed once it is scheduled: moved, automated or not, and told by hand
    /// while automation is on. Status.io does none of that (H62), and of an unknown page nothing is assumed.
    #[must_use]
    pub fn flexible(self) -> bool {
        match self {
            Self::Statuspage => true,
            Self::StatusIo | Self::Rss => false,
        }
    }

    /// The channels that can be left out one by one, each with what people call it. Statuspage has one switch for all
    /// subscribers, whichever way each of them chose; the switch is kept as e-mail.
    #[must_use]
    pub fn channels(self) -> Vec<(Broadcast, &'static str)> {
        match self {
            Self::StatusIo | Self::Rss => Broadcast::ALL.into_iter().map(|it| (it, it.label())).collect(),
            Self::Statuspage => vec![(Broadcast::Email, "all subscribers")],
        }
    }

    /// Whether its API changes title and components of an incident that is public (services.md 0.6, 4).
    #[must_use]
    pub fn amends(self) -> bool {
        match self {
            Self::Statuspage => true,
            Self::StatusIo | Self::Rss => false,
        }
    }

    /// Whether Herald can publish there.
    #[must_use]
    pub fn has_api(self) -> bool {
        match self {
            Self::StatusIo | Self::Statuspage => true,
            Self::Rss => false,
        }
    }
}

/// The status page that customers read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct StatusPage {
    /// Who runs it.
    pub kind: PageKind,
    /// Where it is written to, without a slash at its end.
    pub api_url: String,
    /// Where its public feed is read, without a slash at its end.
    pub feed_url: String,
    /// Where customers read it.
    pub public_url: String,
    /// The page's id at its service.
    pub page_id: String,
    /// Where the key rests; absent when Herald only reads it.
    pub token: Option<TokenPlace>,
}

/// The Slack channel that "I intend to…" is sent to (H43). It is only written to, never asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SlackHook {
    /// What the user calls it.
    pub channel: String,
    /// Where the webhook's address rests, which is the key.
    pub token: TokenPlace,
}

/// One issue as one answer of the tracker described it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IssueSeen {
    /// Its number inside the project.
    pub iid: u64,
    /// Link; http(s) only.
    pub url: String,
    /// Cleaned title.
    pub title: String,
    /// Severity by its label; absent when it has none.
    pub severity: Option<Severity>,
    /// Whether it is open.
    pub open: bool,
    /// Whether it is among the active incidents, by its labels.
    #[serde(default = "yes")]
    pub active: bool,
    /// Its labels.
    pub labels: Vec<String>,
    /// What they say of the incident, by the playbook.
    #[serde(default)]
    pub says: Option<IssueState>,
    /// Whether the public must not see it.
    pub confidential: bool,
    /// What was found in its text.
    pub found: Found,
    /// When it was opened.
    pub created_at: Time,
    /// Grows with every change; tells a new answer from one that was overtaken (faults.md 20).
    pub updated_at: Time,
}

/// The issues that are asked for by themselves when the list of active incidents lacks them: those of incidents that go
/// on first, and those that nobody saw leave.
#[must_use]
pub fn followed(state: &State) -> Vec<u64> {
    let follows = |incident: &&Incident| incident.open() || incident.issue_standing() == Some(IssueStanding::Active);
    let mut followed: Vec<&Incident> = state.incidents.values().filter(follows).collect();
    followed.sort_by_key(|incident| !incident.open());
    let issues = followed.into_iter().filter_map(|incident| incident.issue.as_ref());
    issues.map(|issue| issue.iid).collect()
}

/// What the labels of an issue say of its incident (H56).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum IssueState {
    /// It goes on.
    Active,
    /// Customers feel it no more; it is watched.
    Mitigated,
    /// It is over.
    Resolved,
}

impl IssueState {
    /// What people call it.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Active => "Active",
            Self::Mitigated => "Mitigated",
            Self::Resolved => "Resolved",
        }
    }

    /// The phase that the public may be told of next, after this one.
    #[must_use]
    pub fn suggests(self, told: Phase) -> Option<Phase> {
        match self {
            Self::Active => None,
            Self::Mitigated => Some(Phase::Monitoring).filter(|phase| *phase > told),
            // What is over was watched first (H36).
            Self::Resolved if told < Phase::Monitoring => Some(Phase::Monitoring),
            Self::Resolved => Some(Phase::Resolved).filter(|phase| *phase > told),
        }
    }
}

/// What is stored by a Herald that knew no other issues.
fn yes() -> bool {
    true
}

/// What the tracker tells.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IssuesTold {
    /// The issues of active incidents, and those that were asked for by themselves because the list lacked them.
    pub issues: Vec<IssueSeen>,
    /// Those that were asked for and may not be seen: confidential now, moved or deleted.
    pub hidden: BTreeSet<u64>,
}

/// What the playbook's rules found in the text of an issue (H2, H10).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Found {
    /// Link of the call; http(s) only.
    pub call_url: Option<String>,
    /// Telephone number of the call, where it is one without a link.
    #[serde(default)]
    pub call_number: Option<String>,
    /// The incident's Slack channel.
    pub channel: Option<String>,
    /// The incident manager.
    pub im: Option<String>,
    /// The engineer on call.
    pub eoc: Option<String>,
}

/// One published update.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Update {
    /// When it was published: what the cadence counts from, whoever posted it (H31).
    pub at: Time,
    /// The phase it put the incident into; absent when the page does not say it in words that Herald knows, and nothing
    /// earlier did.
    pub phase: Option<Phase>,
    /// The status it gave its components; absent when the page uses a word that Herald does not know.
    pub impact: Option<Impact>,
    /// What customers read.
    pub text: String,
    /// Whether it was published through this Herald, or noted in it by hand.
    pub mine: bool,
}

/// A published update as it is found again later, as an example while writing (H44).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PastUpdate {
    /// The incident it was about.
    #[ts(type = "number")]
    pub incident: IncidentId,
    /// When it was published.
    pub at: Time,
    /// The phase it put the incident into.
    pub phase: Phase,
    /// The incident's title.
    pub title: String,
    /// What customers read.
    pub text: String,
    /// Whether it was published through this Herald, or noted in it by hand.
    pub mine: bool,
}

/// An incident on the status page as one answer of its public feed described it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PostSeen {
    /// The page's id of it.
    pub id: String,
    /// Cleaned title.
    pub title: String,
    /// Link to it; http(s) only.
    pub url: Option<String>,
    /// Whether it is still going on.
    pub open: bool,
    /// Its updates, oldest first.
    pub updates: Vec<Update>,
    /// The ids of the components it names.
    pub components: Vec<String>,
}

/// A part of the service that the status page lists.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Component {
    /// What is sent to choose it.
    pub id: String,
    /// What customers call it.
    pub name: String,
    /// How it is now, as the page shows it.
    pub impact: Option<Impact>,
}

/// One answer of a feed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeedAnswer<T> {
    /// When it was asked for.
    pub asked_at: Time,
    /// What it told.
    pub told: T,
    /// Items that could not be read and were left out (faults.md 11).
    pub skipped: u32,
    /// Whether it was read to its end; only then does absence mean something.
    pub complete: bool,
    /// The service's word on when to ask next.
    pub pause_until: Option<Time>,
}

/// What the public feed of the status page tells.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PageTold {
    /// Incidents that are going on.
    pub posts: Vec<PostSeen>,
    /// Everything that can be chosen in a post.
    pub components: Vec<Component>,
    /// Maintenance to come and going on.
    pub maintenances: Vec<MaintenanceSeen>,
    /// Whether all of that could be read; only then does absence mean something.
    pub maintenances_complete: bool,
}

/// A maintenance as one answer of the status page's public feed described it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MaintenanceSeen {
    /// The page's id of it.
    pub id: String,
    /// Cleaned title.
    pub title: String,
    /// When it is to begin, where the page says so.
    pub starts_at: Option<Time>,
    /// When it is to end, where the page says so.
    pub ends_at: Option<Time>,
    /// What customers were told first.
    pub text: String,
    /// The ids of the components it names.
    pub components: Vec<String>,
    /// Whether it has begun.
    pub active: bool,
}
