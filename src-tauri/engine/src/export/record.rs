//! One thing that is exported, whatever it is: the same few facts for all kinds.

use herald_core::incident::Event;
use herald_core::ledger::{Contact, ContactState, Maintenance};
use herald_core::page::{Gone, Page};
use herald_core::shift::{Role, Shift};
use herald_core::training::{Training, TrainingKind};
use herald_core::{Incident, Phase, Severity, Time};
use serde::Serialize;

/// What it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum RecordKind {
    /// A production incident.
    Incident,
    /// One published update.
    Update,
    /// One trigger of a page.
    Page,
    /// A time on duty.
    Shift,
    /// A contact request.
    Contact,
    /// A maintenance.
    Maintenance,
    /// A training event.
    Training,
}

impl RecordKind {
    /// All of them, in the order of an export.
    pub const ALL: [Self; 7] =
        [Self::Incident, Self::Update, Self::Page, Self::Shift, Self::Contact, Self::Maintenance, Self::Training];

    /// Its name in an export.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Incident => "incident",
            Self::Update => "update",
            Self::Page => "page",
            Self::Shift => "shift",
            Self::Contact => "contact",
            Self::Maintenance => "maintenance",
            Self::Training => "training",
        }
    }
}

/// One thing that is exported. What does not apply is absent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Record {
    /// What it is.
    pub kind: RecordKind,
    /// Herald's number, or PagerDuty's id; of an update the number of its incident.
    pub id: String,
    /// When it began, was published, triggered, asked or held.
    pub at: Time,
    /// When it was due, of an update.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub due_at: Option<Time>,
    /// When it was over; of a page, acknowledged.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<Time>,
    /// Its title.
    pub title: String,
    /// Its text, in full.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub text: String,
    /// How grave.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub severity: Option<Severity>,
    /// Its phase, or where it stands.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub state: String,
    /// Who: took it, asked for it.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub who: String,
    /// Its link.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
    /// Whether it was mine.
    pub mine: bool,
    /// What happened, oldest first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub events: Vec<Event>,
}

impl Record {
    fn new(kind: RecordKind, id: &str, at: Time, title: &str) -> Self {
        let (due_at, ended_at, severity, link, events) = (None, None, None, None, vec![]);
        let (id, title, mine) = (id.into(), title.into(), true);
        let (text, state, who) = (String::new(), String::new(), String::new());
        Self { kind, id, at, due_at, ended_at, title, text, severity, state, who, link, mine, events }
    }

    /// An incident, and each of its updates.
    #[must_use]
    pub fn of_incident(id: &str, it: &Incident) -> Vec<Self> {
        let published = it.published();
        let whole = Self {
            ended_at: it.ended_at,
            severity: it.severity(),
            state: it.phase().map_or("", Phase::key).into(),
            link: it.issue_url().map(Into::into),
            mine: published.iter().any(|update| update.mine),
            events: it.log.clone(),
            ..Self::new(RecordKind::Incident, id, it.since, it.title())
        };
        let updates = published.into_iter().map(|update| Self {
            due_at: it.kept.iter().find(|kept| kept.update_at == update.at).map(|kept| kept.due_at),
            text: update.text,
            severity: it.severity(),
            state: update.phase.map_or("", Phase::key).into(),
            mine: update.mine,
            ..Self::new(RecordKind::Update, id, update.at, it.title())
        });
        std::iter::once(whole).chain(updates).collect()
    }

    /// A page.
    #[must_use]
    pub fn of_page(it: &Page) -> Self {
        let seen = &it.seen;
        let state = match (&it.gone, it.answered_at) {
            (Some((Gone::Closed, _)), _) => "closed",
            (Some((Gone::MovedOn { .. }, _)), _) => "moved_on",
            (Some((Gone::Merged { .. }, _)), _) => "merged",
            (Some((Gone::Answered { .. }, _)), _) => "request_answered",
            (Some((Gone::Missing, _)), _) => "missing",
            (None, Some(_)) => "acknowledged",
            (None, None) => "triggered",
        };
        Self {
            ended_at: it.answered_at,
            state: state.into(),
            who: seen.taken_by.as_ref().map(|by| by.name.clone()).unwrap_or_default(),
            link: seen.url.clone(),
            mine: !it.shadowed,
            ..Self::new(RecordKind::Page, seen.id.as_str(), seen.triggered_at, &seen.title)
        }
    }

    /// A shift.
    #[must_use]
    pub fn of_shift(id: &str, it: &Shift) -> Self {
        let handed_over = it.handover.done_at.is_some() || it.handover.issue_url.is_some();
        Self {
            ended_at: it.ended_at,
            text: it.handover.text.clone().unwrap_or_else(|| it.handover.notes.clone()),
            state: if handed_over { "handed_over" } else { "not_handed_over" }.into(),
            link: it.handover.issue_url.clone(),
            mine: it.role == Role::OnCall,
            ..Self::new(RecordKind::Shift, id, it.started_at, "Shift")
        }
    }

    /// A contact request.
    #[must_use]
    pub fn of_contact(id: &str, it: &Contact) -> Self {
        let (state, ended_at) = match it.state {
            ContactState::Open => ("open", None),
            ContactState::Done => ("done", Some(it.state_at)),
            ContactState::HandedOver => ("handed_over", Some(it.state_at)),
            ContactState::Planned => ("planned", Some(it.state_at)),
        };
        let who = it.asked_by.clone();
        let (state, link) = (state.into(), it.ticket.clone());
        Self { ended_at, state, who, link, ..Self::new(RecordKind::Contact, id, it.asked_at, &it.what) }
    }

    /// A maintenance.
    #[must_use]
    pub fn of_maintenance(id: &str, it: &Maintenance) -> Self {
        Self {
            due_at: Some(it.plan.ends_at),
            ended_at: it.ended_at,
            text: it.plan.details.clone(),
            state: if it.ended_at.is_some() { "over" } else { "planned" }.into(),
            link: it.plan.issue_url.clone(),
            events: it.log.clone(),
            ..Self::new(RecordKind::Maintenance, id, it.plan.starts_at, &it.plan.title)
        }
    }

    /// A training event.
    #[must_use]
    pub fn of_training(id: &str, it: &Training) -> Self {
        let state = match it.kind {
            TrainingKind::Tabletop => "tabletop",
            TrainingKind::Squawk => "squawk",
            TrainingKind::Incident => "incident",
            TrainingKind::Practice => "practice",
        };
        Self { text: it.notes.clone(), state: state.into(), ..Self::new(RecordKind::Training, id, it.at, &it.title) }
    }
}
