//! Leave to write: the permit and the gate of the simulated Herald, and the rule that a shadow writes nothing.

use herald_core::draft::PublishStage;
use herald_core::errand::ErrandStage;
use herald_core::job::JobStage;
use herald_core::{Fault, FaultKind, Write, permit};

use crate::herald::Herald;
use crate::world::SHADOW;

impl Herald {
    /// As `Loop::permit`.
    pub fn permitted(&mut self, write: Write) -> Result<(), Fault> {
        let refused = |why: &str| Fault::new(FaultKind::Rejected, why);
        let permit = permit(&self.state, write, self.now()).map_err(|why| refused(why.message()))?;
        self.set_gate();
        self.must(permit.write() == write, || format!("a permit for {write:?} is for another write"));
        if self.unsaved { Err(refused("nothing can be saved")) } else { Ok(()) }
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
