//! What can happen to an incident: the issue that is declared, changed, talked about and closed.

use serde::{Deserialize, Serialize};

use crate::cast::Cast;
use crate::span::Span;

use super::user;

/// An incident is declared: it gets an issue in the first project.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Declare {
    /// The name by which later acts speak of it.
    pub incident: Option<String>,
    /// Its title, without a severity.
    pub title: String,
    /// 1 to 4; 2 if left out.
    pub severity: Option<u8>,
    /// `active`, `mitigated` or `resolved`; active if left out.
    pub state: Option<String>,
    /// What stands under "Customer Impact".
    pub impact: Option<String>,
    /// What stands under "Current Status".
    pub status: Option<String>,
    /// Key of the incident manager; the cast's if left out.
    pub im: Option<String>,
    /// Key of the engineer on call; the cast's if left out.
    pub eoc: Option<String>,
    /// More labels.
    pub labels: Vec<String>,
    /// Only members of the project see it.
    pub confidential: bool,
    /// How long ago it was declared.
    pub ago: Option<Span>,
    /// Pages too, with the issue linked: the name by which later acts speak of the page.
    pub page: Option<String>,
    /// Such a page has the issue's address in the details of its alert alone: no link, and no call.
    pub in_details: bool,
}

/// The severity label changes.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SetSeverity {
    /// Name of the incident, its issue's number, or `last`.
    pub incident: String,
    /// 1 to 4.
    pub severity: u8,
    /// Key of the user; the incident manager if left out.
    #[serde(default)]
    pub by: Option<String>,
}

/// The label of the incident's state changes.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SetState {
    /// Name of the incident, its issue's number, or `last`.
    pub incident: String,
    /// `active`, `mitigated` or `resolved`.
    pub state: String,
    /// Key of the user; the incident manager if left out.
    #[serde(default)]
    pub by: Option<String>,
}

/// New values for an issue; what is left out stays.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct EditIssue {
    /// Name of the incident, its issue's number, or `last`.
    pub incident: String,
    /// New title.
    pub title: Option<String>,
    /// The whole description anew.
    pub description: Option<String>,
    /// New text under "Customer Impact".
    pub impact: Option<String>,
    /// New text under "Current Status".
    pub status: Option<String>,
    /// Labels that are put on.
    pub add_labels: Vec<String>,
    /// Labels that are taken off.
    pub remove_labels: Vec<String>,
    /// Key of the user; the incident manager if left out.
    pub by: Option<String>,
}

/// An issue is hidden from all but the members, or shown again.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SetConfidential {
    /// Name of the incident, its issue's number, or `last`.
    pub incident: String,
    /// Whether it is confidential from now on; true if left out.
    #[serde(default)]
    pub confidential: Option<bool>,
    /// Key of the user; the incident manager if left out.
    #[serde(default)]
    pub by: Option<String>,
}

/// Which issue, and who does it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IssueBy {
    /// Name of the incident, its issue's number, or `last`.
    pub incident: String,
    /// Key of the user; the incident manager if left out.
    #[serde(default)]
    pub by: Option<String>,
}

/// Somebody comments on an issue.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Comment {
    /// Name of the incident, its issue's number, or `last`.
    pub incident: String,
    /// Key of the user.
    pub by: String,
    /// What it says.
    pub text: String,
    /// Only members of the project see it.
    #[serde(default)]
    pub internal: bool,
}

/// The incident manager says something in the incident's channel, and notes it on the issue.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ImSays {
    /// Name of the incident, its issue's number, or `last`.
    pub incident: String,
    /// What is said.
    pub text: String,
}

/// So many of an incident's tickets are not tagged yet.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tickets {
    /// Name of the incident, its issue's number, or `last`.
    pub incident: String,
    /// How many.
    pub count: u64,
}

/// What is wrong: the field, and why.
type Wrong = (&'static str, String);

/// GitLab's documented number.
const TITLE_CHARS_MAX: usize = 255;

impl Declare {
    pub(super) fn check(&self, cast: &Cast) -> Result<(), Wrong> {
        if cast.projects.is_empty() {
            return Err(("incident", "there is no project".to_owned()));
        }
        title(&self.title)?;
        severity(self.severity.unwrap_or(2))?;
        state(self.state.as_deref().unwrap_or("active"))?;
        self.im.iter().try_for_each(|key| user(cast, "im", key))?;
        self.eoc.iter().try_for_each(|key| user(cast, "eoc", key))
    }
}

impl SetSeverity {
    pub(super) fn check(&self, cast: &Cast) -> Result<(), Wrong> {
        severity(self.severity)?;
        by(cast, &self.by)
    }
}

impl SetState {
    pub(super) fn check(&self, cast: &Cast) -> Result<(), Wrong> {
        state(&self.state)?;
        by(cast, &self.by)
    }
}

impl EditIssue {
    pub(super) fn check(&self, cast: &Cast) -> Result<(), Wrong> {
        self.title.iter().try_for_each(|text| title(text))?;
        by(cast, &self.by)
    }
}

pub(super) fn by(cast: &Cast, key: &Option<String>) -> Result<(), Wrong> {
    key.iter().try_for_each(|key| user(cast, "by", key))
}

fn title(text: &str) -> Result<(), Wrong> {
    match text.chars().count() {
        0 => Err(("title", "a title is needed".to_owned())),
        1..=TITLE_CHARS_MAX => Ok(()),
        _ => Err(("title", format!("a title has at most {TITLE_CHARS_MAX} characters"))),
    }
}

fn severity(number: u8) -> Result<(), Wrong> {
    match number {
        1..=4 => Ok(()),
        _ => Err(("severity", format!("a severity is from 1 to 4, not {number}"))),
    }
}

fn state(word: &str) -> Result<(), Wrong> {
    match state_label(word) {
        Some(_) => Ok(()),
        None => Err(("state", format!("`{word}` is not `active`, `mitigated` or `resolved`"))),
    }
}

/// Gives the label that goes with a state.
pub(crate) fn state_label(word: &str) -> Option<&'static str> {
    match word {
        "active" => Some("Incident::Active"),
        "mitigated" => Some("Incident::Mitigated"),
        "resolved" => Some("Incident::Resolved"),
        _ => None,
    }
}
