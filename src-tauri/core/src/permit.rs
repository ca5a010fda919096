//! The one rule about writing outward (H24): whoever only watches, and whoever Herald cannot tell, writes nothing to
//! anybody. Every write needs a [`Permit`], and only [`permit`] makes one.

use crate::Time;
use crate::command::Refusal;
use crate::draft::PublicationId;
use crate::errand::{self, ErrandId, ErrandTask};
use crate::incident::IncidentId;
use crate::intend;
use crate::job::JobId;
use crate::page::Page;
use crate::shadow::{DutyOf, Standing, duty, standing};
use crate::state::State;

/// A write that is to leave, by Herald's own number of it. There is no other kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Write {
    /// A page is acknowledged or closed.
    Job(JobId),
    /// An update is published.
    Update(PublicationId),
    /// A label, a handover, something about a maintenance.
    Errand(ErrandId),
    /// "I intend to…" about an incident.
    Intention(IncidentId),
}

/// Leave to send one write, once: it is used up by sending. No client sends anything but questions without one, and in
/// shadow mode there is no value of this type.
#[derive(Debug, PartialEq, Eq)]
#[must_use = "nothing leaves without its permit"]
pub struct Permit {
    write: Write,
    from: Option<String>,
}

impl Permit {
    /// The write that it is for.
    #[must_use]
    pub fn write(&self) -> Write {
        self.write
    }

    /// The e-mail to name in PagerDuty's `From` header.
    #[must_use]
    pub fn from(&self) -> Option<&str> {
        self.from.as_deref()
    }
}

/// Gives leave for one write that Herald holds, if it may leave at `now`.
///
/// # Errors
/// The [`Refusal`] says why not.
pub fn permit(state: &State, write: Write, now: Time) -> Result<Permit, Refusal> {
    let account = state.account.as_ref();
    match write {
        Write::Job(id) => {
            let (id, triggered_at) = state.jobs.get(&id).ok_or(Refusal::NoSuchPage)?.task.page();
            let page = state.pages.get(id).ok_or(Refusal::NoSuchPage)?;
            if !page.open() || page.seen.triggered_at != triggered_at {
                return Err(Refusal::Over);
            }
            may_write(state, About::Page(page), now)?;
            account.ok_or(Refusal::NotConnected)?;
        }
        Write::Update(id) => {
            let publication = state.publications.get(&id).ok_or(Refusal::NoSuchIncident)?;
            may_write(state, About::Duty(DutyOf::Incident(publication.incident)), now)?;
            let writes = state.status_page.as_ref().is_some_and(|page| page.token.is_some());
            writes.then_some(()).ok_or(Refusal::NoStatusPage)?;
        }
        Write::Errand(id) => {
            let task = &state.errands.get(&id).ok_or(Refusal::NoSuchEntry)?.task;
            errand::may_run(state, task.service(), duty_of(task), now)?;
        }
        Write::Intention(id) => {
            intend::intention(state, id, now)?;
        }
    }
    if state.session.store_fault.is_some() {
        return Err(Refusal::CannotSave);
    }
    Ok(Permit { write, from: account.map(|account| account.email.clone()) })
}

/// What a write is about, which decides by what I stand to it.
#[derive(Clone, Copy, Debug)]
pub enum About<'a> {
    /// A page: by the schedule that it came through.
    Page(&'a Page),
    /// Everything else: by my duty.
    Duty(DutyOf),
}

/// Whether something may be written about this at all: the rule behind every permit, and behind every offer to write.
///
/// # Errors
/// The [`Refusal`] says why not.
pub fn may_write(state: &State, about: About, now: Time) -> Result<(), Refusal> {
    match about {
        About::Page(page) => match standing(state, page, now) {
            Standing::Mine => Ok(()),
            Standing::Shadow { .. } => Err(Refusal::Shadow),
            Standing::Unknown { .. } => Err(Refusal::UnknownStanding),
            Standing::Asked => Err(Refusal::AskedOnly),
        },
        // In practice nothing else is connected than the practice world, and nothing leaves for any other place. Its
        // pages are as real pages are: that a shadow takes none is what is practised.
        About::Duty(_) if state.session.mode.is_practice() => Ok(()),
        About::Duty(of) => match duty(state, of, now) {
            Standing::Mine => Ok(()),
            Standing::Shadow { .. } => Err(Refusal::ShadowPublish),
            Standing::Unknown { .. } | Standing::Asked => Err(Refusal::UnknownDuty),
        },
    }
}

/// What an errand is about.
#[must_use]
pub fn duty_of(task: &ErrandTask) -> DutyOf {
    match task {
        ErrandTask::LabelIssue { incident, .. } => DutyOf::Incident(*incident),
        ErrandTask::FileHandover { shift, .. } => DutyOf::Shift(*shift),
        ErrandTask::ScheduleMaintenance { .. } | ErrandTask::TellMaintenance { .. } => DutyOf::Ledger,
    }
}

#[cfg(test)]
mod tests;
