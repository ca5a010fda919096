//! The rules about errands that hold for every history: each is done at most once for each wish, only where it may be,
//! and its end is told.

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;
use herald_core::errand::{ErrandDone, ErrandId, ErrandInput, ErrandResult, ErrandStage, ErrandTask, READ_BACK_FOR};
use herald_core::{Fault, FaultKind, IncidentId, IncidentWish, Input, State, Time, Write, permit, poll};

use crate::herald::{Alive, Herald};
use crate::net::{Errand, Flight};
use crate::witness::Tidings;

/// How long after the wish an errand may arrive: the longest wait for its turn, and one exchange.
const FRESH: TimeDelta = TimeDelta::seconds(40);
/// The longest pause between two readings back.
const READ_BACK_PAUSE: TimeDelta = TimeDelta::seconds(62);
/// How long an errand may stand at the most: what leads to the last reading back, and that, after the longest pause.
const ENDS_WITHIN: TimeDelta = TimeDelta::seconds(420);

/// What the user asked for.
#[derive(Clone, Debug)]
struct Asked {
    iid: u64,
    at: Time,
    arrived: u32,
}

/// What is remembered about errands.
#[derive(Default)]
pub struct ErrandWitness {
    /// Wishes, by run of Herald and errand.
    asked: BTreeMap<(u32, ErrandId), Asked>,
}

impl Herald {
    /// The user asks for something that is written once to tracker or status page.
    pub fn asks_for_write(&mut self, wish: &IncidentWish) {
        match wish {
            IncidentWish::Publish { incident, text, .. } => self.confirms(*incident, text),
            IncidentWish::Label { incident } => self.asks_for_label(*incident),
            _ => {}
        }
    }

    fn asks_for_label(&mut self, incident: IncidentId) {
        let saves = self.state.session.store_fault.is_none();
        self.must(saves && !self.only_watches(), || "a label is promised that cannot be set".into());
        let issue = self.state.incidents.get(&incident).and_then(|it| it.issue.as_ref());
        let iid = issue.map(|issue| issue.iid).expect("only an issue that is known is labelled");
        let asked = Asked { iid, at: self.world.now, arrived: 0 };
        self.witness.errands.asked.insert((self.boot, self.state.next_errand), asked);
    }

    /// As the loop and its runner do: without a tracker there is nothing to read.
    pub fn read_back_errand(&mut self, id: ErrandId) -> Alive {
        let task = self.state.errands[&id].task.clone();
        if self.state.tracker.is_some() {
            self.send(Flight::Errand(id), Errand::FindWrite(id, task));
            return Ok(());
        }
        let failed = Err(Fault::new(FaultKind::Rejected, "no tracker is connected"));
        self.input(Input::Errand(id, ErrandInput::ReadBack(failed)), &Tidings::default())
    }

    /// An errand is done at most once for each wish, soon after it, and never in shadow mode.
    pub fn errand_arrives(&mut self, id: ErrandId, task: &ErrandTask) {
        let (now, boot) = (self.world.now, self.boot);
        let ErrandTask::LabelIssue { iid, .. } = task else { unreachable!("only labels are asked for") };
        let asked = self.witness.errands.asked.get_mut(&(boot, id)).map(|asked| {
            asked.arrived += 1;
            asked.clone()
        });
        let fine = asked.as_ref().is_some_and(|asked| asked.arrived == 1 && asked.iid == *iid);
        self.must(fine, || format!("errand {id} arrives again, or is not what was asked for: {task:?}, {asked:?}"));
        // Herald tells by its own clock how long something waited.
        let fresh = asked.is_some_and(|asked| now - asked.at <= FRESH || self.witness.moved_at >= asked.at);
        self.must(fresh, || format!("errand {id} arrives long after it was asked for"));
        self.must(!self.only_watches(), || format!("errand {id} arrives in shadow mode"));
    }

    /// An errand never just vanishes: how it ended stands on its incident, and is true.
    pub fn errands_end_visibly(&self, before: &State, input: &Input) {
        for (id, it) in before.errands.iter().filter(|(id, _)| !self.state.errands.contains_key(id)) {
            let ErrandTask::LabelIssue { label, .. } = &it.task else { unreachable!("only labels are asked for") };
            let told = |state: &State, how: &str| {
                let events = state.incidents.values().flat_map(|incident| &incident.log);
                events.filter(|it| it.what.starts_with(&format!("Label {label}{how}"))).count()
            };
            let says = |how: &str| told(&self.state, how) > told(before, how);
            let (done, how) = match input {
                Input::Errand(_, ErrandInput::Ended(ErrandResult::Done(ErrandDone::Labelled))) => (Some(true), " set"),
                Input::Errand(_, ErrandInput::ReadBack(Ok(Some(ErrandDone::Labelled)))) => (Some(true), " set"),
                Input::Errand(_, ErrandInput::ReadBack(Err(_))) => (None, ": Herald could not find out"),
                _ => (None, " not set: "),
            };
            self.must(says(how), || format!("errand {id} ends without a word: {it:?}"));
            let is = self.world.public.is_done(&it.task);
            self.must(done.is_none_or(|done| done == is), || format!("errand {id} is told as done: {done:?}, is {is}"));
            let read = matches!(input, Input::Errand(..) | Input::Started(_)) || it.stage == ErrandStage::Ready;
            self.must(read, || format!("errand {id} is given up, though it may have been done: {it:?}"));
        }
    }

    /// An errand is on its way, waits for its turn, or for being read back; never for ever.
    pub fn no_errand_lingers(&self) {
        let running = self.state.errands.values().any(|it| it.stage == ErrandStage::Running);
        let mut issues = BTreeSet::new();
        for (id, it) in &self.state.errands {
            let ErrandTask::LabelIssue { iid, .. } = it.task else { unreachable!("only labels are asked for") };
            self.must(issues.insert(iid), || format!("issue {iid} is labelled twice at once"));
            let flies = self.flights.iter().any(|air| air.flight == Flight::Errand(*id));
            let fine = match it.stage {
                ErrandStage::Ready => running,
                ErrandStage::Running => flies || self.disk.saving.holds(Write::Errand(*id)),
                ErrandStage::Unsure { not_before, .. } => {
                    let paused = poll::paused(&self.state, it.task.service(), self.now());
                    flies || running || paused || not_before - self.now() <= READ_BACK_PAUSE
                }
            };
            self.must(fine, || format!("errand {id} lingers: {it:?}"));
            let old = self.now() - it.asked_at > READ_BACK_FOR + ENDS_WITHIN;
            let awake = self.world.now - self.witness.awake_at > ENDS_WITHIN;
            let jumped = self.witness.moved_at + READ_BACK_FOR + ENDS_WITHIN >= self.world.now;
            self.must(!old || !awake || jumped, || format!("errand {id} never ends: {it:?}"));
        }
    }

    /// Whether every errand has ended.
    pub fn all_errands_done(&self) -> bool {
        self.state.errands.is_empty()
    }

    /// An errand leaves only where it may be done now.
    pub fn writes(&self, errand: &Errand) {
        if let Errand::Write(id, _) = errand {
            let may = permit(&self.state, Write::Errand(*id), self.now()).is_ok();
            self.must(may, || format!("it must not be written there, but {errand:?}"));
        }
    }
}
