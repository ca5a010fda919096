//! What becomes true when a job ends, well or not.

use super::Draft;
use crate::Time;
use crate::account::Account;
use crate::alarm::AlarmKey;
use crate::ended::{EndedHow, EndedWrite, WriteOf, remember};
use crate::job::{Job, JobId, JobResult, JobStage, READ_BACK_FOR, Task, came_alike, carried_out, still_stands};
use crate::page::{PageStatus, SeenPage, triggered_anew};
use crate::poll::{self, SourceName};
use crate::state::Change;
use crate::{Fault, FaultKind};

impl Draft<'_> {
    pub(super) fn job_ended(&mut self, id: JobId, result: JobResult, now: Time) {
        let Some(job) = self.state.jobs.get(&id).cloned() else { return };
        match result {
            JobResult::Done(seen) => self.finish(id, &job, seen, now, None),
            JobResult::Obsolete(seen) => {
                let note = self.obsolete(&job, &seen);
                self.finish(id, &job, seen, now, Some(note));
            }
            JobResult::Refused(fault) => {
                self.learn_from(&fault, now);
                let said = format!("{}: {}. {}", undone(&job.task), fault.reason(), fault.next_step());
                self.job_gone(id, &job, EndedHow::Refused, &said);
                self.say(&job, &said);
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
            Ok(seen) if self.still_stands(&job.task, &seen) => {
                self.see(seen, asked_at, now);
                let said = format!("{}: the request did not arrive. Please try again.", undone(&job.task));
                self.job_gone(id, &job, EndedHow::Refused, &said);
                self.say(&job, &said);
                self.call_again(&job, now);
            }
            Ok(seen) => {
                let note = self.obsolete(&job, &seen);
                self.finish(id, &job, seen, now, Some(note));
            }
            Err(fault) if crate::reached(job.asked_at + READ_BACK_FOR, now, READ_BACK_FOR) => {
                self.heed(SourceName::PagerDuty, &fault, now);
                let said = "Herald could not find out whether PagerDuty did as asked. Look at the page there.";
                self.job_gone(id, &job, EndedHow::Unknown, said);
                self.say(&job, said);
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

    fn obsolete(&self, job: &Job, seen: &SeenPage) -> String {
        let known = self.state.pages.get(job.task.page().0).map(|page| &*page.seen);
        let seen = known.map_or_else(|| seen.clone(), |known| seen.clone().completed(known));
        format!("Nothing was written: {}.", found_instead(known, &seen))
    }

    fn still_stands(&self, task: &Task, seen: &SeenPage) -> bool {
        let known = self.state.pages.get(task.page().0).map(|page| &page.seen);
        known.is_some_and(|known| still_stands(task, known, &seen.clone().completed(known)))
    }

    pub(super) fn finish(&mut self, id: JobId, job: &Job, seen: SeenPage, now: Time, note: Option<String>) {
        self.see(seen, now, now);
        let how = if note.is_some() { EndedHow::Overtaken } else { EndedHow::Done };
        self.job_gone(id, job, how, note.as_deref().unwrap_or_default());
        let (page, _) = job.task.page();
        self.page(&page.clone(), |page| page.note = note);
    }

    /// An attempt has ended, and whoever waits for it learns how.
    pub(super) fn job_gone(&mut self, id: JobId, job: &Job, how: EndedHow, says: &str) {
        self.put(Change::JobGone(id));
        let of = WriteOf::Page { page: job.task.page().0.clone(), job: id };
        self.session(|session| remember(&mut session.ended, EndedWrite { of, how, says: says.to_owned() }));
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
            (FaultKind::Unauthorized | FaultKind::PageNotShown, _) => {
                self.watch(SourceName::PagerDuty, |watch| watch.poll_at = now)
            }
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

/// What was found instead of the page as the user saw it.
fn found_instead(known: Option<&SeenPage>, seen: &SeenPage) -> String {
    let who = seen.taken_by.as_ref().map_or("somebody else", |who| who.name.as_str());
    match (seen.status, &seen.merged_into) {
        (PageStatus::Closed, Some(into)) => format!("the page was merged into {into} in the meantime"),
        (PageStatus::Closed, None) => "the page was closed in the meantime".into(),
        (PageStatus::Acknowledged, _) if seen.taken_by.is_some() => format!("{who} had acknowledged it already"),
        (PageStatus::Triggered | PageStatus::Acknowledged, _) if seen.assigned_at.is_none() => {
            let whose = if seen.others.is_empty() { "nobody".into() } else { seen.others.join(", ") };
            format!("it is assigned to {whose} by now, not to you")
        }
        (PageStatus::Triggered, _) if known.is_some_and(|known| triggered_anew(known, seen)) => {
            "the page was triggered anew in the meantime".into()
        }
        (PageStatus::Triggered | PageStatus::Acknowledged, _)
            if known.is_some_and(|known| !came_alike(known, seen)) =>
        {
            "it reached you in another way by now; look whether it is yours".into()
        }
        (PageStatus::Acknowledged, _) => "somebody had acknowledged it already".into(),
        (PageStatus::Triggered, _) => "the page changed in the meantime".into(),
    }
}
