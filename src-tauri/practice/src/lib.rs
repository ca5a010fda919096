//! The practice world: PagerDuty's REST API v2, GitLab's issues, Slack's incoming webhook, Zendesk's ticket count and status pages on loopback,
//! driven by scenarios, failing on demand.
//!
//! It is the app's demo, the training tool, and the server that tests run against: one fake, three uses.
//! [`World`] is a running one, [`Scenario`] what happens in it, [`Act`] what anybody can make happen,
//! [`Fault`] what can go wrong on purpose. Other processes steer it over `/practice/…`:
//!
//! | Request | Gives |
//! |---|---|
//! | `GET /practice` | the [`Announcement`] |
//! | `GET /practice/state` | the [`WorldState`] |
//! | `GET /practice/requests?since=N` | `{"requests": [Request…], "next": N}` |
//! | `POST /practice/act` with an [`Act`] | `{"incidents": ["id"…]}`, or 400/422 `{"error": "…"}` |

mod act;
mod cast;
mod clock;
mod control;
mod drip;
mod fault;
mod gate;
mod gitlab;
mod hostile;
mod journal;
mod line;
mod markup;
mod pagerduty;
mod public;
mod reply;
mod scenario;
mod serve;
mod shared;
mod site;
mod slack;
mod span;
mod spoil;
mod stage;
mod statusio;
mod statuspage;
mod when;
mod world;
mod zendesk;

pub use act::{
    Act, AnswerRequest, AskResponders, ByUser, ClearFault, Comment, Declare, Edit, EditIssue, Escalate, ImSays,
    IssueBy, Link, Merge, Note, OnCall, Reassign, Resolve, Retrigger, Say, SetConfidential, SetSeverity, SetState,
    Snooze, Tickets, Trigger,
};
pub use cast::{
    Account, Cast, GitLabLimits, Level, Limits, Named, Policy, Project, Schedule, Service, SlackHook, User,
};
pub use control::WorldState;
pub use fault::{ActiveFault, Fault, FaultKind, Garbage};
pub use gitlab::{GitLabTokens, IssueNote, IssueState, LabelChange};
pub use hostile::titles as hostile_titles;
pub use journal::Request;
pub use pagerduty::{EntryKind, Happening, IncidentState, Occurrence, ResponderState, Status, TokenKind, Tokens, Via};
pub use public::{
    MaintenanceState, MaintenanceWas, PublicComponent, PublicIncident, PublicLag, PublicMaintenance, PublicResolve,
    PublicState, PublicStatus, PublicUpdate, Site, UpkeepState,
};
pub use scenario::{DEFAULT_SCENARIO, Difficulty, Scenario, ScenarioError, Step, Summary, builtin_scenarios};
pub use slack::SlackMessage;
pub use span::Span;
pub use stage::{ActError, Progress, Said};
pub use statusio::{StatusIoComponent, StatusIoIncident, StatusIoMessage, StatusIoPage};
pub use statuspage::{Statuspage, StatuspageComponent, StatuspageIncident, StatuspageUpdate};
pub use when::{Rule, When};
pub use world::{
    Announcement, ControlAccess, GitLabAccess, Options, PagerDutyAccess, SlackAccess, StartError, StatusIoAccess,
    StatuspageAccess, World, ZendeskAccess,
};
