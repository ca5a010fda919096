//! What tests and the control endpoints see of an issue.
//!
//! Ours: no manner of GitLab's.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::cast::Cast;
use crate::stage::Stage;

use super::issue::Issue;
use super::token::Person;
use super::wire;

/// An issue as the practice world knows it; users are keys of the cast, or `outsider`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IssueState {
    /// Its number within the project, the one that paths have.
    pub iid: u64,
    /// Its id within the whole of GitLab.
    pub id: u64,
    /// Key of its project.
    pub project: String,
    /// Its name within the scenario.
    pub name: Option<String>,
    /// Its title.
    pub title: String,
    /// Its description.
    pub description: String,
    /// `opened` or `closed`.
    pub state: String,
    /// Its labels, by name.
    pub labels: Vec<String>,
    /// Whether only members of the project see it.
    pub confidential: bool,
    /// Who wrote it.
    pub author: String,
    /// Who leads the incident.
    pub im: String,
    /// Where the incident is talked about; empty if it is none.
    pub channel: String,
    /// Its web address.
    pub web_url: String,
    /// When it was created.
    pub created_at: DateTime<Utc>,
    /// When it changed last.
    pub updated_at: DateTime<Utc>,
    /// Its notes, oldest first.
    pub notes: Vec<IssueNote>,
    /// What happened to its labels, oldest first.
    pub label_changes: Vec<LabelChange>,
    /// How often a request to the REST API changed it.
    pub api_writes: usize,
}

/// A note on an issue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IssueNote {
    /// When.
    pub at: DateTime<Utc>,
    /// By whom.
    pub by: String,
    /// What it says.
    pub text: String,
    /// Whether only members of the project see it.
    pub internal: bool,
    /// Whether GitLab wrote it by itself.
    pub system: bool,
}

/// A label that was put on or taken off.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LabelChange {
    /// When.
    pub at: DateTime<Utc>,
    /// By whom.
    pub by: String,
    /// Its name.
    pub label: String,
    /// Put on, not taken off.
    pub added: bool,
}

/// Lists all issues, oldest first.
pub(crate) fn issues(stage: &Stage) -> Vec<IssueState> {
    stage.gitlab.issues.iter().map(|issue| IssueState::of(issue, stage.cast(), &stage.base)).collect()
}

impl IssueState {
    fn of(issue: &Issue, cast: &Cast, base: &str) -> Self {
        let who = |place: usize| Person::of(cast, place).username;
        let notes = issue.notes.iter().map(|note| IssueNote {
            at: note.at,
            by: who(note.author),
            text: note.body.clone(),
            internal: note.internal,
            system: note.system,
        });
        let changes = issue.label_events.iter().map(|event| LabelChange {
            at: event.at,
            by: who(event.by),
            label: event.label.clone(),
            added: event.added,
        });
        IssueState {
            iid: issue.iid,
            id: issue.id,
            project: cast.projects[issue.project].key.clone(),
            name: issue.name.clone(),
            title: issue.title.clone(),
            description: issue.description.clone(),
            state: wire::state_word(issue).to_owned(),
            labels: issue.labels.clone(),
            confidential: issue.confidential,
            author: who(issue.author),
            im: who(issue.im),
            channel: issue.channel.clone(),
            web_url: wire::web_url(cast, base, issue),
            created_at: issue.created_at,
            updated_at: issue.updated_at,
            notes: notes.collect(),
            label_changes: changes.collect(),
            api_writes: issue.api_writes,
        }
    }
}
