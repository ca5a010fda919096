//! What the loop has written outward: first its start is decided, and once that is on disk it may leave.

use herald_core::draft::{PublicationId, PublishResult};
use herald_core::errand::{ErrandId, ErrandInput, ErrandResult};
use herald_core::intend::{Intention, intention};
use herald_core::{Fault, FaultKind, IncidentId, Input, JobId, JobResult, Permit, Refusal, Write, permit};

use super::{Flight, Loop};
use crate::routes;

impl Loop {
    pub(super) fn start_job(&mut self, id: JobId) {
        self.input(Input::JobStarted(id));
        self.saving.start(Write::Job(id), self.clock.now());
    }

    pub(super) fn start_publication(&mut self, id: PublicationId) {
        self.input(Input::PublishStarted(id));
        self.saving.start(Write::Update(id), self.clock.now());
    }

    pub(super) fn start_errand(&mut self, id: ErrandId) {
        self.input(Input::Errand(id, ErrandInput::Started));
        self.saving.start(Write::Errand(id), self.clock.now());
    }

    /// Lets leave what was started and is on disk, if it still may; what could not be saved never leaves.
    pub(super) fn leave(&mut self, write: Write, saved: bool) {
        let permit = if saved { self.permit(write) } else { Err(refused("nothing can be saved")) };
        match write {
            Write::Job(id) => self.job_leaves(id, permit),
            Write::Update(id) => self.publication_leaves(id, permit),
            Write::Errand(id) => self.errand_leaves(id, permit),
            Write::Intention(id) => self.intention_leaves(id, saved),
        }
    }

    /// Leave for a write, as things stand now, or why it does not leave (H24).
    fn permit(&self, write: Write) -> Result<Permit, Fault> {
        let permit = permit(&self.state, write, self.clock.now());
        self.set_gate();
        permit.map_err(|why| refused(why.message().trim_end_matches('.')))
    }

    fn job_leaves(&mut self, id: JobId, permit: Result<Permit, Fault>) {
        let task = self.state.jobs.get(&id).map(|job| job.task.clone());
        let known = task.as_ref().and_then(|task| self.state.pages.get(task.page().0)).cloned();
        match (permit, task, self.state.account.clone().zip(known)) {
            (Ok(permit), Some(task), Some((account, known))) => self.runner.run(account, id, task, permit, known),
            (permit, _, _) => {
                self.flights.remove(&Flight::Job(id));
                let fault = permit.err().unwrap_or_else(|| refused("PagerDuty is not connected"));
                self.input(Input::JobEnded(id, JobResult::Refused(fault)));
            }
        }
    }

    fn publication_leaves(&mut self, id: PublicationId, permit: Result<Permit, Fault>) {
        let publication = self.state.publications.get(&id).cloned();
        match (permit, self.state.status_page.clone(), publication) {
            (Ok(permit), Some(page), Some(publication)) => self.runner.publish(permit, page, id, publication),
            (permit, _, _) => {
                self.flights.remove(&Flight::Publish(id));
                let fault = permit.err().unwrap_or_else(|| refused("no status page is connected"));
                self.input(Input::PublishEnded(id, PublishResult::Refused(fault)));
            }
        }
    }

    fn errand_leaves(&mut self, id: ErrandId, permit: Result<Permit, Fault>) {
        let task = self.state.errands.get(&id).map(|it| it.task.clone());
        match (permit, task) {
            (Ok(permit), Some(task)) => self.runner.run_errand(permit, &self.state, id, task),
            (permit, _) => {
                self.flights.remove(&Flight::Errand(id));
                let fault = permit.err().unwrap_or_else(|| refused("it is no longer wanted"));
                self.input(Input::Errand(id, ErrandInput::Ended(ErrandResult::Refused(fault))));
            }
        }
    }

    fn intention_leaves(&mut self, id: IncidentId, saved: bool) {
        for (_, reply) in self.intends.extract_if(.., |(it, _)| *it == id).collect::<Vec<_>>() {
            let _ = reply.send(if saved { self.intention(id) } else { Err(Refusal::CannotSave) });
        }
    }

    /// What "I intend to…" says now, with leave to say it.
    fn intention(&self, id: IncidentId) -> Result<(Intention, Permit), Refusal> {
        let now = self.clock.now();
        Ok((intention(&self.state, id, now)?, permit(&self.state, Write::Intention(id), now)?))
    }

    /// Keeps the last check before the wire in step with the state: open only for what is on its way and may be.
    pub(super) fn set_gate(&self) {
        let now = self.clock.now();
        let still_may = |write| permit(&self.state, write, now).is_ok();
        self.runner.gate().keep(routes::open(&self.state, now), still_may);
    }
}

fn refused(why: &str) -> Fault {
    Fault::new(FaultKind::Rejected, why)
}
