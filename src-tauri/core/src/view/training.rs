//! What the window shows of training: the log, the quarter, the way into the rotation.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::Time;
use crate::state::State;
use crate::training::{Training, TrainingId, quarter};

/// Events that a window gets, newest first: years of them.
const LOG_MAX: usize = 200;

/// Training, as the window shows it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct TrainingView {
    /// The log, newest first.
    pub log: Vec<TrainingCard>,
    /// What the quarter is called.
    pub quarter: String,
    /// Events in it so far.
    pub in_quarter: u32,
    /// Events that it should have; none while practising.
    pub wanted: u32,
    /// The steps to join the rotation (H103).
    pub path: Vec<PathStepView>,
}

/// An entry of the log.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct TrainingCard {
    /// What wishes about it name.
    #[ts(type = "number")]
    pub id: TrainingId,
    /// The entry.
    pub training: Training,
}

/// A step to join the rotation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct PathStepView {
    /// What wishes about it name.
    pub key: String,
    /// What is to be done.
    pub text: String,
    /// Where it is done.
    pub link: Option<String>,
    /// When it was ticked off.
    pub done_at: Option<Time>,
}

pub(super) fn training(state: &State, now: Time) -> TrainingView {
    let (year, number) = quarter(now);
    let mut log: Vec<TrainingCard> =
        state.trainings.iter().map(|(id, it)| TrainingCard { id: *id, training: it.clone() }).collect();
    log.sort_by_key(|card| std::cmp::Reverse((card.training.at, card.id)));
    let in_quarter =
        log.iter().filter(|card| card.training.counts() && quarter(card.training.at) == (year, number)).count();
    log.truncate(LOG_MAX);
    let rules = &state.playbook.training;
    let link = |slot: &String| crate::places::place(state, slot);
    let steps = rules.path.iter().map(|step| PathStepView {
        key: step.key.clone(),
        text: step.text.clone(),
        link: step.link.as_ref().and_then(link),
        done_at: state.settings.path_done.get(&step.key).copied(),
    });
    TrainingView {
        log,
        quarter: format!("Q{number} {year}"),
        in_quarter: u32::try_from(in_quarter).unwrap_or(u32::MAX),
        wanted: if state.session.mode.is_practice() { 0 } else { rules.per_quarter },
        path: steps.collect(),
    }
}
