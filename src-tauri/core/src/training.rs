//! The training log: one event a quarter at least (H90), the way to join the rotation (H103), and what a practice
//! event came to (H101).

pub mod event;
pub mod facts;
pub mod score;

use chrono::Datelike as _;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

pub use self::event::PracticeEvent;
pub use self::facts::Facts;
pub use self::score::{Score, score};
use crate::Time;

/// Herald's own number of a training event; never used twice.
pub type TrainingId = i64;

/// Something that counts as training.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Training {
    /// When it took place.
    pub at: Time,
    /// What kind it was.
    pub kind: TrainingKind,
    /// What it was about; may be empty while it is being written.
    pub title: String,
    /// What was learned.
    pub notes: String,
    /// What Herald measured, if it was a practice event in Herald.
    #[serde(default)]
    pub practised: Option<Practised>,
}

/// A practice event that took place in Herald's practice world.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Practised {
    /// Names this one event, so that its result is taken in once however often it is handed over.
    pub event: String,
    /// The scenario's short name.
    pub scenario: String,
    /// What it came to.
    pub score: Score,
    /// Whether it was left without an end; the score is of what was done until then.
    #[serde(default)]
    pub left_early: bool,
}

impl Training {
    /// Whether it counts towards the events of a quarter (H90); what was left early does not.
    #[must_use]
    pub fn counts(&self) -> bool {
        !self.practised.as_ref().is_some_and(|it| it.left_early)
    }
}

/// Kinds of training (H100).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
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

/// What the user wants with the training log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "wish", rename_all = "snake_case")]
pub enum TrainingWish {
    /// Note an event, or bring back one that was removed.
    Add {
        /// What is noted.
        entry: Box<Training>,
    },
    /// Save what was typed about an event.
    Change {
        /// Which.
        #[ts(type = "number")]
        training: TrainingId,
        /// All that is known of it from now on.
        entry: Box<Training>,
    },
    /// Take an event out of the log.
    Remove {
        /// Which.
        #[ts(type = "number")]
        training: TrainingId,
    },
    /// A step on the way into the rotation is done, or is not (H103).
    Step {
        /// Which, by its key in the playbook.
        key: String,
        /// Whether it is done.
        done: bool,
    },
}

/// What a team asks of its trainees.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TrainingRules {
    /// Training events that everybody has in a quarter (H90).
    pub per_quarter: u32,
    /// The steps to join the rotation, in order (H103).
    pub path: Vec<PathStep>,
}

impl Default for TrainingRules {
    fn default() -> Self {
        Self { per_quarter: 1, path: vec![] }
    }
}

/// One step to join the rotation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PathStep {
    /// The name under which Herald remembers that it is done.
    pub key: String,
    /// What is to be done.
    pub text: String,
    /// The slot of the link that leads there.
    #[serde(default)]
    pub link: Option<String>,
}

impl TrainingRules {
    /// Every breach of a rule that the types cannot express, as `(key, what is allowed)`.
    #[must_use]
    pub fn faults(&self, slots: &[&str]) -> Vec<(String, String)> {
        let mut faults = vec![];
        if !(1..=20).contains(&self.per_quarter) {
            faults.push(("training.per_quarter".into(), format!("is {}; allowed is 1 to 20", self.per_quarter)));
        }
        for (nth, step) in self.path.iter().enumerate() {
            let at = |field: &str| format!("training.path.{nth}.{field}");
            if step.key.trim().is_empty() || self.path[..nth].iter().any(|other| other.key == step.key) {
                faults.push((at("key"), "must be there and differ from every other".into()));
            }
            if step.text.trim().is_empty() {
                faults.push((at("text"), "says nothing".into()));
            }
            if let Some(link) = step.link.as_deref().filter(|link| !slots.contains(link)) {
                faults.push((at("link"), format!("`{link}` is no link slot; there are: {}", slots.join(", "))));
            }
        }
        faults
    }
}

/// The quarter that an instant falls into: year, and 1 to 4.
#[must_use]
pub fn quarter(at: Time) -> (i32, u32) {
    (at.year(), at.month0() / 3 + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quarters_are_of_utc() {
        for (text, expected) in [
            ("2026-01-01T00:00:00Z", (2026, 1)),
            ("2026-03-31T23:59:59Z", (2026, 1)),
            ("2026-04-01T00:30:00+02:00", (2026, 1)),
            ("2026-04-01T00:00:00Z", (2026, 2)),
            ("2026-12-31T23:59:59Z", (2026, 4)),
        ] {
            assert_eq!(quarter(text.parse().expect("a time")), expected, "{text}");
        }
    }

    #[test]
    fn rules_are_checked() {
        let step = |key: &str, text: &str, link: Option<&str>| PathStep {
            key: key.into(),
            text: text.into(),
            link: link.map(Into::into),
        };
        let rules = TrainingRules {
            per_quarter: 0,
            path: vec![step("a", "do", Some("board")), step("a", " ", Some("nowhere"))],
        };
        let keys: Vec<String> = rules.faults(&["board"]).into_iter().map(|(key, _)| key).collect();
        assert_eq!(
            keys,
            ["training.per_quarter", "training.path.1.key", "training.path.1.text", "training.path.1.link"]
        );
        assert_eq!(TrainingRules::default().faults(&[]), []);
    }

    #[test]
    fn entries_from_before_there_were_scores_are_read() {
        let old = r#"{"at":"2026-01-01T00:00:00Z","kind":"squawk","title":"t","notes":""}"#;
        assert_eq!(serde_json::from_str::<Training>(old).expect("reads").practised, None);
        let scored = r#"{"at":"2026-01-01T00:00:00Z","kind":"practice","title":"t","notes":"","practised":{"event":"e",
            "scenario":"s","score":{"began_at":"2026-01-01T00:00:00Z","ended_at":"2026-01-01T00:00:00Z","kpis":[],
            "timeline":[]}}}"#;
        assert!(serde_json::from_str::<Training>(scored).expect("reads").counts(), "nothing was left early then");
    }
}
