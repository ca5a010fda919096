//! What can happen in the practice world, be it by a scenario, a test or another process.

pub(crate) mod issue;

use serde::{Deserialize, Serialize};

use crate::cast::Cast;
use crate::fault::Fault;
use crate::pagerduty::ResponderState;
use crate::public::{MaintenanceWas, PublicIncident, PublicLag, PublicMaintenance, PublicResolve, PublicUpdate};
use crate::span::Span;

pub use issue::{Comment, Declare, EditIssue, ImSays, IssueBy, SetConfidential, SetSeverity, SetState, Tickets};

/// Something that happens. In TOML and JSON the key `do` names it: `{"do":"trigger","title":"…"}`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum Act {
    /// An incident is triggered, or a storm of them.
    Trigger(Trigger),
    /// An acknowledged or resolved incident is triggered anew; an already triggered one gets another alert.
    Retrigger(Retrigger),
    /// Somebody acknowledges.
    Acknowledge(ByUser),
    /// Somebody, or the service itself, resolves.
    Resolve(Resolve),
    /// Somebody assigns it to others by hand.
    Reassign(Reassign),
    /// It goes to the next level, or a given one, at once.
    Escalate(Escalate),
    /// Somebody snoozes it.
    Snooze(Snooze),
    /// Somebody writes a note.
    Note(Note),
    /// Title, urgency, priority or conference bridge change.
    Edit(Edit),
    /// People are asked to help with it, without its being assigned to them.
    AskResponders(AskResponders),
    /// Somebody answers such a request.
    AnswerRequest(AnswerRequest),
    /// It is merged into another.
    Merge(Merge),
    /// Somebody is put on a schedule for a while.
    OnCall(OnCall),
    /// Somebody else opens an incident on a status page.
    PublicIncident(PublicIncident),
    /// Somebody else posts on an incident of a status page.
    PublicUpdate(PublicUpdate),
    /// Somebody else resolves an incident of a status page.
    PublicResolve(PublicResolve),
    /// Somebody else schedules a maintenance on a status page.
    PublicMaintenance(PublicMaintenance),
    /// Somebody turns the automation of a maintenance off on the dashboard; on Status.io for good.
    AutomationOff(MaintenanceWas),
    /// Somebody deletes a maintenance on the dashboard.
    DeleteMaintenance(MaintenanceWas),
    /// The public sees later what is published.
    PublicLag(PublicLag),
    /// A fault begins.
    Fault(Fault),
    /// A fault, or all of them, ends.
    ClearFault(ClearFault),
    /// Somebody says something; it is kept for whoever shows the conversation.
    Say(Say),
    /// An incident is declared: it gets an issue.
    Declare(Declare),
    /// The severity label changes.
    SetSeverity(SetSeverity),
    /// The label of the incident's state changes.
    SetState(SetState),
    /// Title, description or labels of an issue change.
    EditIssue(EditIssue),
    /// An issue is hidden from all but the members, or shown again.
    SetConfidential(SetConfidential),
    /// An issue is closed.
    CloseIssue(IssueBy),
    /// An issue is opened again.
    ReopenIssue(IssueBy),
    /// Somebody comments on an issue.
    Comment(Comment),
    /// The incident manager says something in the incident's channel, and notes it on the issue.
    ImSays(ImSays),
    /// So many of an incident's tickets are not tagged yet.
    Tickets(Tickets),
}

/// An incident is triggered, or a storm of them.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Trigger {
    /// The name by which later acts speak of it.
    pub page: Option<String>,
    /// Its title; `{n}` becomes the number within a storm.
    pub title: String,
    /// Key of the service; the first one if left out.
    pub service: Option<String>,
    /// Key of a policy instead of the service's.
    pub policy: Option<String>,
    /// `high` or `low`; high if left out.
    pub urgency: Option<String>,
    /// Key of a priority.
    pub priority: Option<String>,
    /// Keys of users to assign directly, without the policy.
    pub assign_to: Vec<String>,
    /// How many at once; one if left out.
    pub count: Option<u32>,
    /// How long ago it was triggered.
    pub ago: Option<Span>,
    /// Text of the first alert's body.
    pub details: Option<String>,
    /// Links that come with it.
    pub links: Vec<Link>,
    /// Web address of the call.
    pub conference_url: Option<String>,
    /// Telephone number of the call.
    pub conference_number: Option<String>,
    /// Titles are hostile: markup, control characters, text direction, a megabyte. `title` is not needed then.
    pub hostile: bool,
}

/// A link on an incident.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Link {
    /// Where it leads.
    pub href: String,
    /// What it says.
    #[serde(default)]
    pub text: String,
}

/// Which incidents are triggered anew.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Retrigger {
    /// Name, id or number of an incident, `last`, or `all` (all open ones).
    pub page: String,
}

/// Which incidents, and who does it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ByUser {
    /// Name, id or number of an incident, `last`, or `all` (all open ones).
    pub page: String,
    /// Key of the user. Somebody to whom it is not assigned takes it over.
    pub by: String,
}

/// Which incidents are resolved, and by whom.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Resolve {
    /// Name, id or number of an incident, `last`, or `all` (all open ones).
    pub page: String,
    /// Key of the user; the service itself if left out.
    #[serde(default)]
    pub by: Option<String>,
}

/// Who gets which incidents.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reassign {
    /// Name, id or number of an incident, `last`, or `all` (all open ones).
    pub page: String,
    /// Keys of the users who get it.
    pub to: Vec<String>,
    /// Key of the user who does it; the first of `to` if left out.
    #[serde(default)]
    pub by: Option<String>,
}

/// Which incidents go where.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Escalate {
    /// Name, id or number of an incident, `last`, or `all` (all open ones).
    pub page: String,
    /// Level, from 1; the next one if left out.
    #[serde(default)]
    pub level: Option<u32>,
}

/// Which incidents are snoozed.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Snooze {
    /// Name, id or number of an incident, `last`, or `all` (all open ones).
    pub page: String,
    /// Key of the user.
    pub by: String,
    /// For how long.
    #[serde(rename = "for")]
    pub length: Span,
}

/// A note on incidents.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Note {
    /// Name, id or number of an incident, `last`, or `all` (all open ones).
    pub page: String,
    /// Key of the user.
    pub by: String,
    /// What it says.
    pub text: String,
}

/// New values for incidents; what is left out stays.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Edit {
    /// Name, id or number of an incident, `last`, or `all` (all open ones).
    pub page: String,
    /// New title.
    pub title: Option<String>,
    /// New urgency.
    pub urgency: Option<String>,
    /// Key of the new priority.
    pub priority: Option<String>,
    /// New web address of the call.
    pub conference_url: Option<String>,
    /// New telephone number of the call.
    pub conference_number: Option<String>,
}

/// Who is asked to help with which incidents.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AskResponders {
    /// Name, id or number of an incident, `last`, or `all` (all open ones).
    pub page: String,
    /// Keys of the users who are asked.
    pub to: Vec<String>,
    /// Key of the user who asks.
    pub by: String,
    /// What they are told.
    #[serde(default)]
    pub text: String,
}

/// Who answers a request to help, and how.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AnswerRequest {
    /// Name, id or number of an incident, `last`, or `all` (all open ones).
    pub page: String,
    /// Key of the user who was asked.
    pub by: String,
    /// `joined`, `declined` or `user_cancelled`.
    pub answer: ResponderState,
}

/// Which incidents go into which.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Merge {
    /// Name, id or number of an incident, `last`, or `all` (all open ones).
    pub page: String,
    /// Name, id or number of the incident that goes on.
    pub into: String,
    /// Key of the user who does it.
    pub by: String,
}

/// Somebody is put on a schedule in place of those whose turn it is.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OnCall {
    /// Key of the schedule.
    pub schedule: String,
    /// Key of the user; nobody is on call if left out.
    #[serde(default)]
    pub user: Option<String>,
    /// For how long, at wall clock speed; 8 hours if left out.
    #[serde(default, rename = "for")]
    pub length: Option<Span>,
}

/// Which fault ends.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ClearFault {
    /// Its name; all of them if left out.
    pub name: Option<String>,
}

/// Something said.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Say {
    /// Who says it: a user's key, or any name.
    pub who: String,
    /// Where, such as a channel.
    #[serde(default)]
    pub channel: String,
    /// What is said.
    pub text: String,
}

/// Ten thousand is the longest list that PagerDuty hands out.
const STORM_MAX: u32 = 10_000;

impl Act {
    /// Checks the act against a cast: the field that is wrong, and why.
    pub(crate) fn check(&self, cast: &Cast) -> Result<(), (&'static str, String)> {
        match self {
            Act::Trigger(act) => act.check(cast),
            Act::Acknowledge(act) => user(cast, "by", &act.by),
            Act::Resolve(act) => act.by.iter().try_for_each(|by| user(cast, "by", by)),
            Act::Reassign(act) => act.check(cast),
            Act::Snooze(act) => user(cast, "by", &act.by),
            Act::Note(act) => user(cast, "by", &act.by),
            Act::AskResponders(act) => {
                act.to.iter().try_for_each(|key| user(cast, "to", key))?;
                user(cast, "by", &act.by)
            }
            Act::AnswerRequest(act) => user(cast, "by", &act.by),
            Act::Merge(act) => user(cast, "by", &act.by),
            Act::Edit(act) => {
                urgency(act.urgency.as_deref())?;
                priority(cast, act.priority.as_deref())
            }
            Act::OnCall(act) => {
                if cast.schedule_index(&act.schedule).is_none() {
                    return Err(("schedule", format!("no schedule has the key `{}`", act.schedule)));
                }
                act.user.iter().try_for_each(|key| user(cast, "user", key))
            }
            Act::Escalate(act) if act.level == Some(0) => Err(("level", "levels count from 1".to_owned())),
            Act::PublicIncident(act) => act.check(cast),
            Act::PublicUpdate(act) => act.check(cast),
            Act::PublicResolve(act) => act.check(cast),
            Act::PublicMaintenance(act) => act.check(cast),
            Act::PublicLag(act) => act.check(),
            Act::Fault(fault) => fault.check(),
            Act::Declare(act) => act.check(cast),
            Act::SetSeverity(act) => act.check(cast),
            Act::SetState(act) => act.check(cast),
            Act::EditIssue(act) => act.check(cast),
            Act::SetConfidential(act) => issue::by(cast, &act.by),
            Act::CloseIssue(act) | Act::ReopenIssue(act) => issue::by(cast, &act.by),
            Act::Comment(act) => user(cast, "by", &act.by),
            Act::Escalate(_)
            | Act::AutomationOff(_)
            | Act::DeleteMaintenance(_)
            | Act::Retrigger(_)
            | Act::ClearFault(_)
            | Act::Say(_)
            | Act::ImSays(_)
            | Act::Tickets(_) => Ok(()),
        }
    }
}

impl Trigger {
    fn check(&self, cast: &Cast) -> Result<(), (&'static str, String)> {
        if self.title.is_empty() && !self.hostile {
            return Err(("title", "a title is needed".to_owned()));
        }
        if self.count.is_some_and(|count| count == 0 || count > STORM_MAX) {
            return Err(("count", format!("a count is from 1 to {STORM_MAX}")));
        }
        if let Some(key) = self.service.as_deref().filter(|key| cast.service_index(key).is_none()) {
            return Err(("service", format!("no service has the key `{key}`")));
        }
        if let Some(key) = self.policy.as_deref().filter(|key| cast.policy_index(key).is_none()) {
            return Err(("policy", format!("no policy has the key `{key}`")));
        }
        urgency(self.urgency.as_deref())?;
        priority(cast, self.priority.as_deref())?;
        self.assign_to.iter().try_for_each(|key| user(cast, "assign_to", key))
    }
}

impl Reassign {
    fn check(&self, cast: &Cast) -> Result<(), (&'static str, String)> {
        if self.to.is_empty() {
            return Err(("to", "somebody has to get it".to_owned()));
        }
        self.to.iter().try_for_each(|key| user(cast, "to", key))?;
        self.by.iter().try_for_each(|key| user(cast, "by", key))
    }
}

fn user(cast: &Cast, field: &'static str, key: &str) -> Result<(), (&'static str, String)> {
    match cast.user_index(key) {
        Some(_) => Ok(()),
        None => Err((field, format!("no user has the key `{key}`"))),
    }
}

fn urgency(text: Option<&str>) -> Result<(), (&'static str, String)> {
    match text {
        None | Some("high" | "low") => Ok(()),
        Some(other) => Err(("urgency", format!("`{other}` is not `high` or `low`"))),
    }
}

fn priority(cast: &Cast, key: Option<&str>) -> Result<(), (&'static str, String)> {
    match key.filter(|key| cast.priority_index(key).is_none()) {
        None => Ok(()),
        Some(key) => Err(("priority", format!("no priority has the key `{key}`"))),
    }
}
