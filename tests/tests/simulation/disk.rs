//! The disk of the simulated Herald: what was decided waits its turn to be saved, and the disk may take nothing, take it
//! late, or never. Herald may die between a decision and its commit, within the commit, and between that and its word.

use std::sync::Arc;

use chrono::TimeDelta;
use herald_core::draft::PublishStage;
use herald_core::errand::ErrandStage;
use herald_core::job::JobStage;
use herald_core::saving::{SAVED_WITHIN, Saving};
use herald_core::{Change, Input, State, Time, Write};
use herald_engine::store::Store;

use crate::herald::{Alive, Crash, Herald};
use crate::public_model::Model;
use crate::witness::Tidings;

/// How the disk is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DiskMove {
    /// It takes nothing more, or has room again.
    Full(bool),
    /// It does not answer, or answers again.
    Stalls(bool),
    /// It does as much of what it was asked for, and then does not answer again.
    Answers(usize),
}

/// What the store is to do.
pub enum Order {
    Commit(Vec<Change>),
    All,
}

/// An order on its way to the disk, with all that was true when it was given.
struct Sent {
    number: u64,
    order: Order,
    at: Time,
    state: Option<State>,
    model: Model,
}

/// The store and what waits for it.
#[derive(Default)]
pub struct Disk {
    pub full: bool,
    pub stalls: bool,
    pub saving: Saving,
    pub store: Option<Store>,
    sent: std::collections::VecDeque<Sent>,
    /// As in the store's thread: nothing is kept until everything comes anew.
    behind: bool,
    /// The store was replaced in this run.
    replaced: bool,
}

impl Disk {
    /// Herald ends: what was not committed is gone.
    pub fn ends(&mut self) {
        *self = Self { full: self.full, stalls: self.stalls, ..Self::default() };
    }

    /// Whether something is true that is not on disk.
    pub fn lags(&self) -> bool {
        self.behind || !self.sent.is_empty()
    }
}

impl Herald {
    /// As `Loop::order`.
    pub fn order(&mut self, order: Order) {
        if let Some(number) = self.disk.saving.decided(self.now()) {
            self.hand_over(number, order);
        }
    }

    /// As `Loop::save_anew`.
    pub fn save_anew(&mut self) {
        if let Some(number) = self.disk.saving.anew(self.now()) {
            self.hand_over(number, Order::All);
        }
    }

    fn hand_over(&mut self, number: u64, order: Order) {
        let state = (self.compares || matches!(order, Order::All)).then(|| self.state.clone());
        let model = self.witness.updates.model.clone();
        self.disk.sent.push_back(Sent { number, order, at: self.world.now, state, model });
    }

    /// The disk does what it was asked for, in order, and the loop hears of each.
    pub fn disk_turns(&mut self, most: usize) -> Alive {
        for _ in 0..most {
            let Some(sent) = self.disk.sent.pop_front() else { return Ok(()) };
            if self.cut_short(&sent) {
                self.disk.sent.push_front(sent);
                return Err(Crash);
            }
            self.save(sent)?;
            self.act()?;
        }
        Ok(())
    }

    /// A crash before the commit, or within it.
    fn cut_short(&mut self, sent: &Sent) -> bool {
        if self.blows() {
            return true;
        }
        let Order::Commit(changes) = &sent.order else { return false };
        let cut = !self.disk.behind && changes.iter().any(is_row) && self.blows();
        if cut {
            self.store().commit_cut_short(changes).expect("is cut short");
        }
        cut
    }

    /// As the store's thread and `Loop::stored`.
    fn save(&mut self, Sent { number, order, state, model, .. }: Sent) -> Alive {
        let full = self.disk.full;
        match &order {
            Order::Commit(_) if self.disk.behind => return Ok(()),
            Order::Commit(changes) if full && !changes.iter().any(is_row) => {}
            Order::Commit(_) | Order::All if full => {
                self.disk.behind = true;
                self.disk.saving.lost(Some("the disk is full".into()));
                return Ok(());
            }
            Order::Commit(changes) => self.store().commit(changes).expect("commits"),
            Order::All => {
                self.store().replace(state.as_ref().expect("it goes with the order")).expect("replaces");
                (self.disk.behind, self.disk.replaced) = (false, true);
            }
        }
        self.witness.updates.saved = model;
        if let Some(state) = state {
            self.compare(&state);
        }
        self.point()?;
        self.disk.saving.kept(number);
        Ok(())
    }

    /// As `Loop::settle`.
    pub fn settle(&mut self) -> Alive {
        let now = self.now();
        let fault = self.disk.saving.fault(now).map(str::to_owned);
        if fault != self.state.session.store_fault {
            self.input(Input::StoreSeen(fault), &Tidings::default())?;
        }
        for (write, saved) in self.disk.saving.starts(now) {
            self.leave(write, saved)?;
        }
        Ok(())
    }

    /// What somebody finds who opens the database now.
    fn on_disk(&self) -> State {
        let mut loaded = State::new(Arc::clone(&self.state.playbook), self.state.session.clone());
        self.disk.store.as_ref().expect("open while Herald runs").load(&mut loaded).expect("the database can be read");
        loaded
    }

    /// The store is what was true when its last order was given.
    pub fn compare(&self, state: &State) {
        if !self.compares {
            return;
        }
        let mut loaded = self.on_disk();
        loaded.session.clone_from(&state.session);
        loaded.playbook.clone_from(&state.playbook);
        if self.disk.replaced {
            // The ids of jobs that came and went while nothing could be saved were never written anywhere.
            loaded.next_job = state.next_job.max(loaded.next_job);
            loaded.next_incident = state.next_incident.max(loaded.next_incident);
            loaded.next_publication = state.next_publication.max(loaded.next_publication);
            loaded.next_errand = state.next_errand.max(loaded.next_errand);
        }
        self.must(loaded == *state, || {
            let (loaded, state) = (format!("{loaded:#?}"), format!("{state:#?}"));
            let lines = loaded.lines().zip(state.lines()).filter(|(loaded, state)| loaded != state);
            format!("the store is the state; first stored, then true:\n{:#?}", lines.take(10).collect::<Vec<_>>())
        });
    }

    /// A write leaves only after its start is on disk, where whoever starts Herald after a crash finds it.
    pub fn start_is_on_disk(&self, write: Write) {
        let held = self.on_disk();
        let started = match write {
            Write::Job(id) => held.jobs.get(&id).is_some_and(|it| it.stage == JobStage::Running),
            Write::Update(id) => held.publications.get(&id).is_some_and(|it| it.stage == PublishStage::Running),
            Write::Errand(id) => held.errands.get(&id).is_some_and(|it| it.stage == ErrandStage::Running),
            Write::Intention(_) => true,
        };
        self.must(started, || format!("{write:?} leaves before its start is on disk"));
    }

    /// What is not on disk is told, unless the disk was only asked a moment ago.
    pub fn no_false_saving(&self) {
        let asked_at = self.disk.sent.front().map(|sent| sent.at);
        let late = asked_at.is_some_and(|at| self.world.now - at > SAVED_WITHIN + TimeDelta::milliseconds(1));
        let jumped = asked_at.is_some_and(|at| self.witness.moved_at >= at);
        let told = self.state.session.store_fault.is_some();
        self.must(told || jumped || !(late || self.disk.behind), || "nothing is saved, and nobody is told".into());
    }

    fn store(&mut self) -> &mut Store {
        self.disk.store.as_mut().expect("open while Herald runs")
    }
}

/// Whether it is kept on disk.
pub fn is_row(change: &Change) -> bool {
    !matches!(change, Change::Session(_) | Change::Playbook(_))
}
