//! The training log: one event a quarter at least (H90, H100).

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::Time;

/// Herald's own number of a training event; never used twice.
pub type TrainingId = i64;

/// Something that counts as training.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct Training {
    /// When it took place.
    pub at: Time,
    /// What kind it was.
    pub kind: TrainingKind,
    /// What it was about.
    pub title: String,
    /// What was learned.
    pub notes: String,
}

/// Kinds of training (H100).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum TrainingKind {
    /// An exercise at the table.
    Tabletop,
    /// A regional talk about the process.
    Squawk,
    /// Being or shadowing the communications manager in a real incident.
    Incident,
    /// A practice event (H101).
    Practice,
}
