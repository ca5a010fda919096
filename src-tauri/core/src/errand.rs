//! An errand: a durable write to tracker or status page that is neither about a page nor an update. Sent at most once
//! by itself, read back when its answer is lost.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use crate::command::Refusal;
use crate::draft::Broadcast;
use crate::incident::IncidentId;
use crate::ledger::{MaintenanceId, Plan, Tell};
use crate::permit::{About, may_write};
use crate::poll::SourceName;
use crate::shadow::DutyOf;
use crate::shift::ShiftId;
use crate::state::State;
use crate::{Fault, Time};

/// Herald's own number of an errand; never used twice.
pub type ErrandId = i64;

/// How long an errand may wait for its turn before it is told as not done.
pub const FRESH_FOR: TimeDelta = TimeDelta::seconds(30);

/// How long reading back is tried before the user is told that Herald does not know.
pub const READ_BACK_FOR: TimeDelta = TimeDelta::minutes(10);

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "task", rename_all = "snake_case")]
pub enum ErrandTask {
    /// Put a label on the issue of an incident (H52). Other labels stay.
    LabelIssue {
        /// Which incident.
        incident: IncidentId,
        /// Number of its issue.
        iid: u64,
        /// The label, which must exist: the tracker would make a new one (services.md 0.10).
        label: String,
    },
    /// File the handover of a shift as a confidential issue (H80).
    FileHandover {
        /// Which shift.
        shift: ShiftId,
        /// The project, as id or path.
        project: String,
        /// The issue's title.
        title: String,
        /// Its text.
        text: String,
        /// Its labels, which must exist.
        labels: Vec<String>,
    },
    /// Put a maintenance on the status page; one that is there already is taken over.
    ScheduleMaintenance {
        /// Which.
        maintenance: MaintenanceId,
        /// What is scheduled, exactly as it was confirmed.
        plan: Plan,
    },
    /// Tell the public how a maintenance goes.
    TellMaintenance {
        /// Which.
        maintenance: MaintenanceId,
        /// The page's id of it.
        post: String,
        /// What of it.
        tell: Tell,
        /// What customers read.
        text: String,
        /// Channels that are left out.
        muted: BTreeSet<Broadcast>,
        /// The components it names, which begin and end with it.
        components: BTreeSet<String>,
    },
}

impl ErrandTask {
    /// Which service it is written to.
    #[must_use]
    pub fn service(&self) -> SourceName {
        match self {
            Self::LabelIssue { .. } | Self::FileHandover { .. } => SourceName::Tracker,
            Self::ScheduleMaintenance { .. } | Self::TellMaintenance { .. } => SourceName::StatusPage,
        }
    }

    /// The maintenance it is about.
    #[must_use]
    pub fn maintenance(&self) -> Option<MaintenanceId> {
        match self {
            Self::LabelIssue { .. } | Self::FileHandover { .. } => None,
            Self::ScheduleMaintenance { maintenance, .. } | Self::TellMaintenance { maintenance, .. } => {
                Some(*maintenance)
            }
        }
    }

    /// The incident that it is about, where it is about one.
    #[must_use]
    pub fn incident(&self) -> Option<IncidentId> {
        match self {
            Self::LabelIssue { incident, .. } => Some(*incident),
            Self::FileHandover { .. } | Self::ScheduleMaintenance { .. } | Self::TellMaintenance { .. } => None,
        }
    }

    /// The same about another incident, as when two cards become one.
    #[must_use]
    pub fn about(self, other: IncidentId) -> Self {
        match self {
            Self::LabelIssue { iid, label, .. } => Self::LabelIssue { incident: other, iid, label },
            Self::FileHandover { .. } | Self::ScheduleMaintenance { .. } | Self::TellMaintenance { .. } => self,
        }
    }
}

/// Where an errand stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "stage", rename_all = "snake_case")]
pub enum ErrandStage {
    /// To be started.
    Ready,
    /// Its start is committed; it may or may not have reached the service.
    Running,
    /// The answer is unknown: the service is to be read before anything else is said.
    Unsure {
        /// When to read next.
        not_before: Time,
        /// How often reading failed.
        failures: u32,
        /// A look did not find it. Only a later one decides: what was given up on may still land.
        #[serde(default)]
        lacking: bool,
    },
}

impl ErrandStage {
    /// The answer is unknown, and nothing was read yet.
    #[must_use]
    pub fn unsure(now: Time) -> Self {
        Self::Unsure { not_before: now, failures: 0, lacking: false }
    }
}

/// A durable intention.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Errand {
    /// What is to be done.
    pub task: ErrandTask,
    /// Where it stands.
    pub stage: ErrandStage,
    /// When the user asked for it.
    pub asked_at: Time,
}

/// What a service says of an errand that is done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ErrandDone {
    /// The issue carries the label.
    Labelled,
    /// The handover is an issue.
    Filed {
        /// Link of it.
        url: String,
        /// Whether the tracker says that it is confidential.
        confidential: bool,
    },
    /// The maintenance is on the status page.
    Scheduled {
        /// The page's id of it.
        post: String,
    },
    /// The public was told.
    Told,
}

/// What came of an errand. Refused never happened; unknown may have happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ErrandResult {
    /// It is done.
    Done(ErrandDone),
    /// Nothing was written, for this reason.
    Refused(Fault),
    /// It was sent and no answer was understood.
    Unknown(Fault),
}

/// Something that happened to an errand.
#[derive(Clone, Debug, PartialEq)]
pub enum ErrandInput {
    /// It is about to be carried out.
    Started,
    /// It was carried out.
    Ended(ErrandResult),
    /// The service was read to find out whether it was done; absent when it was not.
    ReadBack(Result<Option<ErrandDone>, Fault>),
}

/// Whether an errand about this may be done at this service now.
///
/// # Errors
/// The [`Refusal`] says why not.
pub fn may_run(state: &State, service: SourceName, of: DutyOf, now: Time) -> Result<(), Refusal> {
    let (key, missing) = match service {
        SourceName::PagerDuty => (None, Refusal::NotConnected),
        SourceName::Tracker => (state.tracker.as_ref().and_then(|it| it.token), Refusal::NoTracker),
        SourceName::StatusPage => (state.status_page.as_ref().and_then(|it| it.token), Refusal::NoStatusPage),
    };
    may_write(state, About::Duty(of), now)?;
    if key.is_none() || state.sources[service].key_refused {
        Err(missing)
    } else if state.session.store_fault.is_some() {
        Err(Refusal::CannotSave)
    } else {
        Ok(())
    }
}
