//! What becomes true on the way of an errand: sent at most once by itself, read back when in doubt.

use super::Draft;
use super::feeds::note;
use crate::errand::{
    Errand, ErrandDone, ErrandId, ErrandInput, ErrandResult, ErrandStage, ErrandTask, FRESH_FOR, READ_BACK_FOR,
};
use crate::feed::IssueSeen;
use crate::incident::{By, IncidentId};
use crate::poll;
use crate::state::Change;
use crate::{Fault, FaultKind, Time};

impl Draft<'_> {
    /// Writes down what is to be done.
    pub(super) fn send_errand(&mut self, task: ErrandTask, now: Time) {
        let errand = Errand { task, stage: ErrandStage::Ready, asked_at: now };
        self.put(Change::Errand(self.state.next_errand, Box::new(errand)));
    }

    fn errand(&mut self, id: ErrandId, stage: ErrandStage) {
        if let Some(errand) = self.state.errands.get(&id).cloned() {
            self.put(Change::Errand(id, Box::new(Errand { stage, ..errand })));
        }
    }

    /// What was only ready never left, and is too old to leave unasked; what was started may have arrived.
    pub(super) fn errands_after_start(&mut self, now: Time) {
        for (id, errand) in self.state.errands.clone() {
            match errand.stage {
                ErrandStage::Ready => self.errand_failed(id, &errand, now, "Herald stopped before it could"),
                ErrandStage::Running | ErrandStage::Unsure { .. } => {
                    self.errand(id, ErrandStage::unsure(now));
                }
            }
        }
    }

    /// What waited for its turn too long does not leave unasked.
    pub(super) fn drop_stale_errands(&mut self, now: Time) {
        for (id, errand) in self.state.errands.clone() {
            if errand.stage == ErrandStage::Ready && crate::reached(errand.asked_at + FRESH_FOR, now, FRESH_FOR) {
                self.errand_failed(id, &errand, now, "it had to wait too long");
            }
        }
    }

    pub(super) fn errand_input(&mut self, id: ErrandId, input: ErrandInput, now: Time) {
        let Some(errand) = self.state.errands.get(&id).cloned() else { return };
        match input {
            ErrandInput::Started => self.errand(id, ErrandStage::Running),
            ErrandInput::Ended(ErrandResult::Done(done)) => self.errand_done(id, &errand, done, now),
            ErrandInput::Ended(ErrandResult::Refused(fault)) => {
                self.heed(errand.task.service(), &fault, now);
                self.errand_failed(id, &errand, now, &words(&fault));
            }
            ErrandInput::Ended(ErrandResult::Unknown(fault)) => {
                self.heed(errand.task.service(), &fault, now);
                self.errand(id, ErrandStage::unsure(now));
                let what = format!("The answer was lost ({}). Reading it back", fault.reason());
                self.tell_errand(&errand.task, now, what);
            }
            ErrandInput::ReadBack(Ok(Some(done))) => self.errand_done(id, &errand, done, now),
            ErrandInput::ReadBack(Ok(None)) => self.errand_lacks(id, &errand, now),
            ErrandInput::ReadBack(Err(fault)) => self.errand_unread(id, &errand, &fault, now),
        }
    }

    /// What is not there is looked for once more: it may land late.
    fn errand_lacks(&mut self, id: ErrandId, errand: &Errand, now: Time) {
        let ErrandStage::Unsure { lacking, .. } = errand.stage else { return };
        if lacking {
            return self.errand_failed(id, errand, now, "the request did not arrive");
        }
        let not_before = now + self.state.playbook.late_write();
        self.errand(id, ErrandStage::Unsure { not_before, failures: 0, lacking: true });
    }

    /// The service did not tell whether an errand was done. It is asked again for a while, but not with a key that it
    /// refuses.
    fn errand_unread(&mut self, id: ErrandId, errand: &Errand, fault: &Fault, now: Time) {
        let ErrandStage::Unsure { failures, lacking, .. } = errand.stage else { return };
        let service = errand.task.service();
        self.heed(service, fault, now);
        if matches!(fault.kind, FaultKind::Unauthorized | FaultKind::Forbidden) {
            return self.errand_in_doubt(id, errand, now, &format!(". It refused the key: {}", words(fault)));
        }
        if crate::reached(errand.asked_at + READ_BACK_FOR, now, READ_BACK_FOR) {
            return self.errand_in_doubt(id, errand, now, "");
        }
        let wait = poll::backoff(failures + 2, poll::interval(&self.state, service, now), 0.5);
        self.errand(id, ErrandStage::Unsure { not_before: now + wait, failures: failures + 1, lacking });
    }

    /// Two cards became one: what was asked for on either is told on the one that stays.
    pub(super) fn errands_joined(&mut self, id: IncidentId, with: IncidentId) {
        for (errand, it) in self.state.errands.clone() {
            if it.task.incident() == Some(with) {
                self.put(Change::Errand(errand, Box::new(Errand { task: it.task.about(id), ..it })));
            }
        }
    }

    fn errand_failed(&mut self, id: ErrandId, errand: &Errand, now: Time, why: &str) {
        self.put(Change::ErrandGone(id));
        let what = match &errand.task {
            ErrandTask::LabelIssue { label, .. } => format!("Label {label} not set: {why}"),
            ErrandTask::FileHandover { shift, .. } => return self.handover_not_filed(*shift, why, now),
            ErrandTask::ScheduleMaintenance { .. } => format!("Not scheduled on the status page: {why}"),
            ErrandTask::TellMaintenance { tell, .. } => format!("{} not posted: {why}", tell.label()),
        };
        self.tell_errand(&errand.task, now, what);
    }

    /// It may or may not have been done, and nobody who could be asked answers.
    fn errand_in_doubt(&mut self, id: ErrandId, errand: &Errand, now: Time, why: &str) {
        self.put(Change::ErrandGone(id));
        let doubt = format!("Herald could not find out whether it arrived. Look there before you try again{why}");
        let what = match &errand.task {
            ErrandTask::LabelIssue { label, .. } => format!("Label {label}: {doubt}"),
            ErrandTask::FileHandover { shift, .. } => return self.handover_not_filed(*shift, &doubt, now),
            ErrandTask::ScheduleMaintenance { .. } => format!("Scheduling on the status page: {doubt}"),
            ErrandTask::TellMaintenance { tell, .. } => format!("{}: {doubt}", tell.label()),
        };
        self.tell_errand(&errand.task, now, what);
    }

    fn errand_done(&mut self, id: ErrandId, errand: &Errand, done: ErrandDone, now: Time) {
        self.put(Change::ErrandGone(id));
        match (&errand.task, done) {
            (ErrandTask::LabelIssue { incident, iid, label }, ErrandDone::Labelled) => {
                self.incident(*incident, |it| {
                    let lacks = |issue: &&mut IssueSeen| issue.iid == *iid && !issue.labels.contains(label);
                    if let Some(issue) = it.issue.as_mut().filter(lacks) {
                        issue.labels.push(label.clone());
                    }
                    note(it, now, By::Herald, format!("Label {label} set"));
                });
            }
            (ErrandTask::FileHandover { shift, .. }, ErrandDone::Filed { url, confidential }) => {
                self.handover_filed(*shift, url, confidential, now);
            }
            (ErrandTask::ScheduleMaintenance { maintenance, .. }, ErrandDone::Scheduled { post }) => {
                self.maintenance_scheduled(*maintenance, post, now);
            }
            (ErrandTask::TellMaintenance { maintenance, tell, text, .. }, ErrandDone::Told) => {
                self.maintenance_told(*maintenance, *tell, text, now);
            }
            // No service answers one errand with what another was for.
            (
                ErrandTask::LabelIssue { .. }
                | ErrandTask::FileHandover { .. }
                | ErrandTask::ScheduleMaintenance { .. }
                | ErrandTask::TellMaintenance { .. },
                ErrandDone::Labelled | ErrandDone::Filed { .. } | ErrandDone::Scheduled { .. } | ErrandDone::Told,
            ) => {}
        }
    }

    fn tell_errand(&mut self, task: &ErrandTask, now: Time, what: String) {
        match task {
            ErrandTask::LabelIssue { incident, .. } => {
                self.incident(*incident, |it| note(it, now, By::Herald, what));
            }
            // Its own state tells it.
            ErrandTask::FileHandover { .. } => {}
            ErrandTask::ScheduleMaintenance { maintenance, .. } | ErrandTask::TellMaintenance { maintenance, .. } => {
                self.maintenance(*maintenance, |it| it.note(now, By::Herald, what));
            }
        }
    }
}

fn words(fault: &Fault) -> String {
    format!("{}. {}", fault.reason(), fault.next_step())
}

#[cfg(test)]
mod tests;
