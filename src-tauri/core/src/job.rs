//! A job: a durable intention towards PagerDuty, and where it stands. Written down before anything is sent.

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use crate::page::{PageId, PageStatus, SeenPage, triggered_anew};
use crate::state::State;
use crate::{Fault, Time};

/// The row id of a job; never used twice.
pub type JobId = i64;

/// How long reading back is tried before the user is told that Herald does not know.
pub const READ_BACK_FOR: TimeDelta = TimeDelta::minutes(10);

/// How long a job may hold the alarm of its page; after that the page calls again (no page is missed).
pub const HOLDS_ALARM_FOR: TimeDelta = TimeDelta::seconds(30);

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "task", rename_all = "snake_case")]
pub enum Task {
    /// Take a page.
    Acknowledge {
        /// Which page.
        page: PageId,
        /// Which trigger of it.
        triggered_at: Time,
    },
    /// Close a page in PagerDuty; the incident itself may go on (H20).
    Close {
        /// Which page.
        page: PageId,
        /// Which trigger of it.
        triggered_at: Time,
        /// What is said with it.
        #[serde(default)]
        note: Option<String>,
    },
}

impl Task {
    /// The page and the trigger it is about.
    #[must_use]
    pub fn page(&self) -> (&PageId, Time) {
        match self {
            Self::Acknowledge { page, triggered_at } | Self::Close { page, triggered_at, .. } => (page, *triggered_at),
        }
    }
}

/// Whether `seen` shows the page as it was `known` when the task was asked for, so that carrying it out is what the user
/// meant. Decides before anything is sent: acknowledging a closed page would reopen it, and one that is somebody else's
/// by now would be taken from them (services.md 0.1).
#[must_use]
pub fn still_stands(task: &Task, known: &SeenPage, seen: &SeenPage) -> bool {
    let mine = seen.assigned_at.is_some() && came_alike(known, seen);
    mine && match (task, seen.status) {
        (_, PageStatus::Triggered) => !triggered_anew(known, seen),
        (Task::Close { .. }, PageStatus::Acknowledged) => true,
        (Task::Acknowledge { .. }, PageStatus::Acknowledged) | (_, PageStatus::Closed) => false,
    }
}

/// Whether it reached me in the way that was known: whose it is follows from that (H24).
#[must_use]
pub fn came_alike(known: &SeenPage, seen: &SeenPage) -> bool {
    let policy = |page: &SeenPage| page.policy.as_ref().map(|it| it.id.clone());
    known.via_policy == seen.via_policy && policy(known) == policy(seen)
}

/// Whether `seen` shows that the task was carried out by `me`.
#[must_use]
pub fn carried_out(task: &Task, seen: &SeenPage, me: &str) -> bool {
    match task {
        Task::Acknowledge { .. } => {
            seen.status == PageStatus::Acknowledged && seen.taken_by.as_ref().is_some_and(|by| by.id == me)
        }
        Task::Close { .. } => seen.status == PageStatus::Closed,
    }
}

/// Where a job stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "stage", rename_all = "snake_case")]
pub enum JobStage {
    /// To be started.
    Ready,
    /// Its start is committed; it may or may not have reached PagerDuty.
    Running,
    /// The answer is unknown: PagerDuty is to be read before anything else is said.
    Unsure {
        /// When to read next.
        not_before: Time,
        /// How often reading failed.
        failures: u32,
    },
}

/// A durable intention.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Job {
    /// What is to be done.
    pub task: Task,
    /// Where it stands.
    pub stage: JobStage,
    /// When the user asked for it.
    pub asked_at: Time,
}

/// What came of a job. Refused never happened; unknown may have happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum JobResult {
    /// PagerDuty's answer says that it is done; this is the page as it then was.
    Done(SeenPage),
    /// The trigger no longer stands, so nothing was written; this is the page as it was found.
    Obsolete(SeenPage),
    /// Nothing was written, for this reason.
    Refused(Fault),
    /// It was sent and no answer was understood.
    Unknown(Fault),
}

impl State {
    /// The job about this trigger of a page.
    #[must_use]
    pub fn job_for(&self, page: &PageId, triggered_at: Time) -> Option<(JobId, &Job)> {
        self.jobs.iter().find(|(_, job)| job.task.page() == (page, triggered_at)).map(|(id, job)| (*id, job))
    }

    /// Whether a job still holds back the alarm of its page.
    #[must_use]
    pub fn job_holds_alarm(&self, job: &Job, now: Time) -> bool {
        let fresh = !crate::reached(job.asked_at + HOLDS_ALARM_FOR, now, HOLDS_ALARM_FOR);
        fresh && !matches!(job.stage, JobStage::Unsure { .. })
    }
}
