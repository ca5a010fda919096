//! Leave to write: the permit and the gate of the simulated Herald, and the rule that a shadow writes nothing.

use herald_core::draft::{PublicationId, PublishResult, PublishStage};
use herald_core::errand::{ErrandId, ErrandInput, ErrandResult, ErrandStage};
use herald_core::job::JobStage;
use herald_core::{Fault, FaultKind, Input, JobId, JobResult, Write, permit};

use crate::herald::{Alive, Herald};
use crate::net::{Errand, Flight};
use crate::witness::Tidings;
use crate::world::SHADOW;

impl Herald {
    /// As `Loop::permit`.
    pub fn permitted(&mut self, write: Write) -> Result<(), Fault> {
        let refused = |why: &str| Fault::new(FaultKind::Rejected, why);
        let permit = permit(&self.state, write, self.now()).map_err(|why| refused(why.message()))?;
        self.set_gate();
        self.must(permit.write() == write, || format!("a permit for {write:?} is for another write"));
        Ok(())
    }

    /// As `Loop::start_job`.
    pub fn start_job(&mut self, id: JobId) -> Alive {
        self.input(Input::JobStarted(id), &Tidings::default())?;
        self.starts(Write::Job(id))
    }

    /// As `Loop::start_publication`.
    pub fn start_publication(&mut self, id: PublicationId) -> Alive {
        self.input(Input::PublishStarted(id), &Tidings::default())?;
        self.starts(Write::Update(id))
    }

    /// As `Loop::start_errand`.
    pub fn start_errand(&mut self, id: ErrandId) -> Alive {
        self.input(Input::Errand(id, ErrandInput::Started), &Tidings::default())?;
        self.starts(Write::Errand(id))
    }

    fn starts(&mut self, write: Write) -> Alive {
        self.disk.saving.start(write, self.now());
        Ok(())
    }

    /// As `Loop::leave`.
    pub fn leave(&mut self, write: Write, saved: bool) -> Alive {
        let refused = || Fault::new(FaultKind::Rejected, "nothing can be saved");
        let permit = if saved { self.permitted(write) } else { Err(refused()) };
        match (write, permit) {
            (_, Ok(())) => self.leaves(write),
            (Write::Job(id), Err(fault)) => self.ends(Input::JobEnded(id, JobResult::Refused(fault)))?,
            (Write::Update(id), Err(fault)) => self.ends(Input::PublishEnded(id, PublishResult::Refused(fault)))?,
            (Write::Errand(id), Err(fault)) => {
                self.ends(Input::Errand(id, ErrandInput::Ended(ErrandResult::Refused(fault))))?;
            }
            (Write::Intention(_), Err(_)) => {}
        }
        Ok(())
    }

    fn ends(&mut self, input: Input) -> Alive {
        self.input(input, &Tidings::default())
    }

    fn leaves(&mut self, write: Write) {
        self.start_is_on_disk(write);
        match write {
            Write::Job(job) => {
                let task = self.state.jobs[&job].task.clone();
                self.job_leaves(job, &task);
                let known = Box::new(self.state.pages[task.page().0].clone());
                self.send(Flight::Job(job), Errand::Run { job, task, known, read: None });
            }
            Write::Update(id) => {
                self.publication_leaves(id);
                let it = Box::new(self.state.publications[&id].clone());
                self.send(Flight::Publish(id), Errand::Publish { id, it, looked: false });
            }
            Write::Errand(id) => self.send(Flight::Errand(id), Errand::Write(id, self.state.errands[&id].task.clone())),
            Write::Intention(_) => {}
        }
    }

    /// As `Loop::set_gate`: the last check before the wire.
    pub fn set_gate(&mut self) {
        let now = self.now();
        let jobs = self.state.jobs.iter().filter(|(_, it)| it.stage == JobStage::Running);
        let updates = self.state.publications.iter().filter(|(_, it)| it.stage == PublishStage::Running);
        let errands = self.state.errands.iter().filter(|(_, it)| it.stage == ErrandStage::Running);
        let all = jobs.map(|(id, _)| Write::Job(*id)).chain(updates.map(|(id, _)| Write::Update(*id)));
        let all = all.chain(errands.map(|(id, _)| Write::Errand(*id)));
        self.gate = all.filter(|write| permit(&self.state, *write, now).is_ok()).collect();
    }

    /// Whether a write may leave; one that does is no shadow's.
    pub fn passes(&self, write: Write) -> bool {
        let passes = self.gate.contains(&write);
        // Whose a page is, was decided when it came; the rules about pages hold that.
        let about_page = matches!(write, Write::Job(_));
        self.must(!passes || about_page || !self.only_watches(), || format!("a shadow writes: {write:?}"));
        passes
    }

    /// Whether the user only watches, as far as Herald was told: by their switch, or on no schedule but the shadows'.
    /// What holds of single pages, the rules about pages say.
    pub fn only_watches(&self) -> bool {
        let mut schedules = self.state.oncall.at(self.now()).map(|entry| &entry.schedule).peekable();
        let on_call = schedules.peek().is_some();
        let by_schedule = on_call && schedules.all(|it| it.as_ref().is_some_and(|it| it.id == SHADOW));
        self.state.settings.shadow || by_schedule
    }
}
