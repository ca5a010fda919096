//! One PagerDuty incident: what is known of it and what has happened to it.
//!
//! Source: PagerDuty REST OpenAPI, schemas Incident and LogEntry. Guess: the word `reopen`, which that schema lacks.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::act::Link;

pub(crate) type Time = DateTime<Utc>;

/// Where an incident stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// It needs somebody.
    Triggered,
    /// Somebody has it.
    Acknowledged,
    /// It is closed.
    Resolved,
}

impl Status {
    /// Gives PagerDuty's word for it.
    pub fn word(self) -> &'static str {
        match self {
            Status::Triggered => "triggered",
            Status::Acknowledged => "acknowledged",
            Status::Resolved => "resolved",
        }
    }

    pub(crate) fn read(word: &str) -> Option<Self> {
        [Status::Triggered, Status::Acknowledged, Status::Resolved].into_iter().find(|status| status.word() == word)
    }
}

/// Through what something happened to an incident.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Via {
    /// A request to the REST API: the app under practice did it.
    Api,
    /// An act of the scenario or a test.
    Act,
    /// Time passed.
    Clock,
}

/// Who did it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Actor {
    User(usize),
    Service(usize),
}

/// How it came to those who have it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AssignedVia {
    EscalationPolicy,
    DirectAssignment,
}

/// An incident; users, services and policies are positions in the cast.
#[derive(Debug, Clone)]
pub(crate) struct Incident {
    pub(crate) id: String,
    pub(crate) number: u32,
    pub(crate) name: Option<String>,
    pub(crate) title: String,
    pub(crate) status: Status,
    pub(crate) high: bool,
    pub(crate) priority: Option<usize>,
    pub(crate) service: usize,
    pub(crate) policy: usize,
    pub(crate) level: usize,
    pub(crate) loops_left: u32,
    pub(crate) assigned_via: AssignedVia,
    pub(crate) assignments: Vec<(usize, Time)>,
    pub(crate) acknowledgements: Vec<(usize, Time)>,
    pub(crate) created_at: Time,
    pub(crate) updated_at: Time,
    pub(crate) changed_at: Time,
    pub(crate) changed_by: Actor,
    pub(crate) resolved_at: Option<Time>,
    /// How often it became triggered.
    pub(crate) epoch: u32,
    pub(crate) timers: Timers,
    pub(crate) details: Option<String>,
    pub(crate) links: Vec<Link>,
    pub(crate) alerts: Vec<Time>,
    pub(crate) conference_url: Option<String>,
    pub(crate) conference_number: Option<String>,
    pub(crate) responders: Vec<Responder>,
    pub(crate) log: Vec<Entry>,
    pub(crate) notes: Vec<NoteEntry>,
    /// The key that whoever made it gave it, to speak of it again.
    pub(crate) key: Option<String>,
    /// The place of the one that it was merged into.
    pub(crate) merged_into: Option<usize>,
    /// As it was before its last change of status, without its log.
    pub(crate) before: Option<Box<Incident>>,
}

/// Where a responder stands: PagerDuty REST OpenAPI, schema IncidentsRespondersReference, field `state`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ResponderState {
    /// Asked; PagerDuty rings them until they answer.
    Pending,
    /// They help.
    Joined,
    /// They do not.
    Declined,
    /// Nobody wants an answer of them any more.
    UserCancelled,
}

impl ResponderState {
    pub(crate) fn word(self) -> &'static str {
        match self {
            ResponderState::Pending => "pending",
            ResponderState::Joined => "joined",
            ResponderState::Declined => "declined",
            ResponderState::UserCancelled => "user_cancelled",
        }
    }
}

/// Somebody who was asked to help through "Add responders".
#[derive(Debug, Clone)]
pub(crate) struct Responder {
    pub(crate) user: usize,
    pub(crate) by: usize,
    pub(crate) message: String,
    pub(crate) requested_at: Time,
    pub(crate) updated_at: Time,
    pub(crate) state: ResponderState,
}

/// When the incident will change by itself.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Timers {
    pub(crate) escalate_at: Option<Time>,
    pub(crate) unacknowledge_at: Option<Time>,
    pub(crate) resolve_at: Option<Time>,
}

impl Timers {
    pub(crate) fn next(&self) -> Option<Time> {
        [self.escalate_at, self.unacknowledge_at, self.resolve_at].into_iter().flatten().min()
    }
}

/// A line of the incident's log.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub(crate) kind: EntryKind,
    pub(crate) at: Time,
    pub(crate) actor: Actor,
    pub(crate) via: Via,
    pub(crate) users: Vec<usize>,
    pub(crate) text: String,
}

/// A note.
#[derive(Debug, Clone)]
pub(crate) struct NoteEntry {
    pub(crate) user: usize,
    pub(crate) at: Time,
    pub(crate) content: String,
}

/// What a log entry tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EntryKind {
    /// It was triggered, the first time or anew.
    Trigger,
    /// It was assigned by hand.
    Assign,
    /// It went to a level of the policy.
    Escalate,
    /// Somebody was notified.
    Notify,
    /// Somebody acknowledged.
    Acknowledge,
    /// The acknowledgement ended: it is triggered again.
    Unacknowledge,
    /// It was resolved.
    Resolve,
    /// A resolved one was opened again.
    Reopen,
    /// A note was written.
    Annotate,
    /// It was snoozed.
    Snooze,
    /// The policy starts again from its first level.
    RepeatEscalationPath,
    /// The policy has nobody left to ask.
    ExhaustEscalationPath,
    /// The urgency changed.
    UrgencyChange,
    /// Another field changed.
    FieldValueChange,
}

impl EntryKind {
    /// Gives PagerDuty's word for it, without `_log_entry`.
    pub fn word(self) -> &'static str {
        match self {
            EntryKind::Trigger => "trigger",
            EntryKind::Assign => "assign",
            EntryKind::Escalate => "escalate",
            EntryKind::Notify => "notify",
            EntryKind::Acknowledge => "acknowledge",
            EntryKind::Unacknowledge => "unacknowledge",
            EntryKind::Resolve => "resolve",
            // PagerDuty REST OpenAPI, schema LogEntry, knows no kind of its own for it. That it is `trigger` is a guess;
            // Herald goes by the resolving before it.
            EntryKind::Reopen => "trigger",
            EntryKind::Annotate => "annotate",
            EntryKind::Snooze => "snooze",
            EntryKind::RepeatEscalationPath => "repeat_escalation_path",
            EntryKind::ExhaustEscalationPath => "exhaust_escalation_path",
            EntryKind::UrgencyChange => "urgency_change",
            EntryKind::FieldValueChange => "field_value_change",
        }
    }
}

impl Incident {
    /// Tells whether it is not resolved.
    pub(crate) fn is_open(&self) -> bool {
        self.status != Status::Resolved
    }

    pub(crate) fn is_assigned_to(&self, user: usize) -> bool {
        self.assignments.iter().any(|(assignee, _)| *assignee == user)
    }

    /// What it says of its last change of status. PagerDuty REST OpenAPI, schema Incident, `last_status_change_at`: "If the
    /// incident is not currently acknowledged or resolved, this will be the incident's `updated_at`."
    pub(crate) fn status_changed_at(&self) -> Time {
        if self.status == Status::Triggered { self.updated_at } else { self.changed_at }
    }

    /// Changes the status and keeps how it was before.
    pub(crate) fn set_status(&mut self, status: Status, by: Actor, now: Time) {
        if self.status == status {
            return;
        }
        self.remember();
        self.status = status;
        self.changed_at = now;
        self.changed_by = by;
        self.resolved_at = (status == Status::Resolved).then_some(now);
        if status == Status::Triggered {
            self.epoch += 1;
        }
    }

    fn remember(&mut self) {
        let (log, notes) = (std::mem::take(&mut self.log), std::mem::take(&mut self.notes));
        self.before = None;
        self.before = Some(Box::new(self.clone()));
        (self.log, self.notes) = (log, notes);
    }

    pub(crate) fn write(&mut self, kind: EntryKind, at: Time, actor: Actor, via: Via) -> &mut Entry {
        self.updated_at = at;
        let entry = Entry { kind, at, actor, via, users: Vec::new(), text: String::new() };
        self.log.push(entry);
        let last = self.log.len() - 1;
        &mut self.log[last]
    }
}
