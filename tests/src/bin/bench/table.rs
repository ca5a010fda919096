//! What is measured, as data: one row for each figure, with its target and what it is held against.

use std::collections::BTreeMap;

use crate::topic::Topic;

/// A figure that is taken.
pub struct Row {
    /// Its name, in `ONLY=` and from one run to the next.
    pub key: &'static str,
    /// What it is, in words.
    pub what: &'static str,
    /// Its unit.
    pub unit: &'static str,
    /// What it should be.
    pub target: Target,
    /// What is measured beside it in the same run: the least that anybody could need, or somebody else's program.
    pub beside: &'static [Beside],
    /// Who takes it.
    pub topic: Topic,
}

/// What a figure should be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Target {
    /// At most this.
    Most(f64),
    /// At most so many times the floor of the same run.
    Floors(f64),
}

/// What a figure is held against.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Beside {
    /// The least that anybody could need.
    Floor,
    /// Somebody else's program.
    Peer,
}

/// What became of a measurement.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// The figure, in the row's unit.
    Measured(f64),
    /// Why there is none.
    Missing(String),
}

impl Outcome {
    pub fn figure(&self) -> Option<f64> {
        match self {
            Self::Measured(figure) => Some(*figure),
            Self::Missing(_) => None,
        }
    }
}

impl From<anyhow::Result<f64>> for Outcome {
    fn from(result: anyhow::Result<f64>) -> Self {
        match result {
            Ok(figure) if figure.is_finite() => Self::Measured(figure),
            Ok(figure) => Self::Missing(format!("{figure} is no figure")),
            Err(error) => Self::Missing(format!("{error:#}")),
        }
    }
}

/// Everything that was taken in this run.
#[derive(Default)]
pub struct Taken {
    herald: BTreeMap<&'static str, Outcome>,
    beside: BTreeMap<(&'static str, Beside), Outcome>,
}

impl Taken {
    /// Keeps a figure of Herald's.
    pub fn put(&mut self, key: &'static str, outcome: impl Into<Outcome>) {
        self.herald.insert(key, outcome.into());
    }

    /// Keeps a figure of what it is held against.
    pub fn put_beside(&mut self, key: &'static str, beside: Beside, outcome: impl Into<Outcome>) {
        self.beside.insert((key, beside), outcome.into());
    }

    /// What a row came to. One that nobody has taken is missing, too.
    pub fn of(&self, row: &Row) -> Outcome {
        self.herald.get(row.key).cloned().unwrap_or_else(|| Outcome::Missing("it was not taken".into()))
    }

    /// What stands beside it, where something should.
    pub fn beside(&self, row: &Row, beside: Beside) -> Option<Outcome> {
        let expected = row.beside.contains(&beside);
        let taken = self.beside.get(&(row.key, beside)).cloned();
        expected.then(|| taken.unwrap_or_else(|| Outcome::Missing("it was not taken".into())))
    }

    /// What the row should be at most in this run; nothing while its floor is missing.
    pub fn target(&self, row: &Row) -> Option<f64> {
        match row.target {
            Target::Most(most) => Some(most),
            Target::Floors(times) => Some(times * self.beside(row, Beside::Floor)?.figure()?),
        }
    }

    /// Says of all rows of a topic that were not taken why not.
    pub fn missing(&mut self, rows: &[&Row], why: &str) {
        for row in rows {
            self.herald.entry(row.key).or_insert_with(|| Outcome::Missing(why.into()));
        }
    }
}
