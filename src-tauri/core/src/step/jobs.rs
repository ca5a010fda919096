//! What becomes true when a job ends, well or not.

use super::Draft;
use crate::Time;
use crate::account::Account;
use crate::alarm::AlarmKey;
use crate::job::{Job, JobId, JobResult, JobStage, READ_BACK_FOR, Task, carried_out, still_stands};
use crate::page::{PageStatus, SeenPage};
use crate::poll::{self, SourceName};
use crate::state::Change;
use crate::{Fault, FaultKind};

impl Draft<'_> {
    pub(super) fn job_ended(&mut self, id: JobId, result: JobResult, now: Time) {
        let Some(job) = self.state.jobs.get(&id).cloned() else { return };
        match result {
            JobResult::Done(seen) => self.finish(id, &job, seen, now, None),
            JobResult::Obsolete(seen) => {
                let note = obsolete(&job, &seen);
                self.finish(id, &job, seen, now, Some(note));
            }
            JobResult::Refused(fault) => {
                self.put(Change::JobGone(id));
                self.learn_from(&fault, now);
                self.say(&job, &format!("{}: {}. {}", undone(&job.task), fault.reason(), fault.next_step()));
                self.call_again(&job, now);
            }
            JobResult::Unknown(fault) => {
                self.heed(SourceName::PagerDuty, &fault, now);
                self.job(id, |job| job.stage = JobStage::Unsure { not_before: now, failures: 0 });
                self.say(&job, &format!("PagerDuty's answer was lost ({}). Reading the page back.", fault.reason()));
            }
        }
    }

    pub(super) fn read_back(&mut self, id: JobId, asked_at: Time, result: Result<SeenPage, Fault>, now: Time) {
        let Some(job) = self.state.jobs.get(&id).cloned() else { return };
        let JobStage::Unsure { failures, .. } = job.stage else { return };
        let me = self.state.account.as_ref().map_or(String::new(), |account| account.user_id.clone());
        match result {
            Ok(seen) if carried_out(&job.task, &seen, &me) => self.finish(id, &job, seen, now, None),
            Ok(seen) if still_stands(&job.task, &seen) => {
                self.see(seen, asked_at, now);
                self.put(Change::JobGone(id));
                self.say(&job, &format!("{}: the request did not arrive. Please try again.", undone(&job.task)));
                self.call_again(&job, now);
            }
            Ok(seen) => {
                let note = obsolete(&job, &seen);
                self.finish(id, &job, seen, now, Some(note));
            }
            Err(fault) if crate::reached(job.asked_at + READ_BACK_FOR, now, READ_BACK_FOR) => {
                self.heed(SourceName::PagerDuty, &fault, now);
                self.put(Change::JobGone(id));
                self.say(&job, "Herald could not find out whether PagerDuty did as asked. Look at the page there.");
                self.call_again(&job, now);
            }
            Err(fault) => {
                self.heed(SourceName::PagerDuty, &fault, now);
                let wait = poll::backoff(failures + 2, poll::interval(&self.state, SourceName::PagerDuty, now), 0.5);
                let stage = JobStage::Unsure { not_before: now + wait, failures: failures + 1 };
                self.job(id, |job| job.stage = stage);
            }
        }
    }

    pub(super) fn finish(&mut self, id: JobId, job: &Job, seen: SeenPage, now: Time, note: Option<String>) {
        self.see(seen, now, now);
        self.put(Change::JobGone(id));
        let (page, _) = job.task.page();
        self.page(&page.clone(), |page| page.note = note);
    }

    pub(super) fn say(&mut self, job: &Job, note: &str) {
        let (page, _) = job.task.page();
        self.page(&page.clone(), |page| page.note = Some(note.to_owned()));
    }

    /// The page calls again at once, so that a failed acknowledgement is heard even when no window is open.
    pub(super) fn call_again(&mut self, job: &Job, now: Time) {
        let (page, triggered_at) = job.task.page();
        let key = AlarmKey::Page { page: page.clone(), triggered_at };
        self.alarm(&key, |alarm| alarm.next_at = now);
    }

    /// What a refused write says about the key itself.
    pub(super) fn learn_from(&mut self, fault: &Fault, now: Time) {
        self.heed(SourceName::PagerDuty, fault, now);
        match (fault.kind, &self.state.account) {
            (FaultKind::Forbidden, Some(account)) => {
                let account = Account { read_only: true, ..account.clone() };
                self.put(Change::Account(Some(account)));
            }
            (FaultKind::Unauthorized, _) => self.watch(SourceName::PagerDuty, |watch| watch.poll_at = now),
            _ => {}
        }
    }
}

fn undone(task: &Task) -> &'static str {
    match task {
        Task::Acknowledge { .. } => "Not acknowledged",
        Task::Close { .. } => "Not closed",
    }
}

fn obsolete(job: &Job, seen: &SeenPage) -> String {
    let (_, triggered_at) = job.task.page();
    let who = seen.taken_by.as_ref().map_or("somebody else", |who| who.name.as_str());
    let found = match seen.status {
        PageStatus::Closed => "the page was closed in the meantime".into(),
        PageStatus::Acknowledged => format!("{who} had acknowledged it already"),
        PageStatus::Triggered if seen.triggered_at != triggered_at => {
            "the page was triggered anew in the meantime".into()
        }
        PageStatus::Triggered => "the page changed in the meantime".into(),
    };
    format!("Nothing was written: {found}.")
}
