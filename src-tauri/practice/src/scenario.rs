//! Scenarios: what happens in the practice world, and when. The format is told in docs/scenarios.md.

mod file;
mod rehearsal;

use std::io::{self, Read as _};
use std::path::Path;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::act::Act;
use crate::cast::Cast;
use crate::span::Span;
use crate::when::Rule;

/// A scenario, read and checked.
#[derive(Debug, Clone, PartialEq)]
pub struct Scenario {
    /// Its short name: that of the built-in, or `custom`.
    pub name: String,
    /// Its title.
    pub title: String,
    /// What it is about.
    pub description: String,
    /// How hard it is.
    pub difficulty: Difficulty,
    /// What the trainee is to bring about.
    pub objective: String,
    /// What it trains, each in a few words.
    pub trains: Vec<String>,
    /// Who and what is in it.
    pub cast: Cast,
    /// What happens, in order of time.
    pub steps: Vec<Step>,
    /// How the world answers what the trainee does.
    pub rules: Vec<Rule>,
}

/// How hard a scenario is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Difficulty {
    /// One thing at a time.
    #[default]
    Easy,
    /// Things overlap.
    Medium,
    /// Things fail.
    Hard,
}

impl Difficulty {
    /// Gives its word, as scenario files have it.
    pub fn word(self) -> &'static str {
        match self {
            Difficulty::Easy => "easy",
            Difficulty::Medium => "medium",
            Difficulty::Hard => "hard",
        }
    }
}

/// Something that happens at a time.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// How long after the start.
    pub after: Span,
    /// What happens.
    pub act: Act,
    /// Where it stands in its file.
    pub line: usize,
}

/// A scenario that comes with the app.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(rename = "Scenario")]
pub struct Summary {
    /// Its short name, for `Scenario::builtin`.
    pub name: String,
    /// Its title.
    pub title: String,
    /// What it is about.
    pub description: String,
    /// How hard it is.
    pub difficulty: Difficulty,
    /// What the trainee is to bring about.
    pub objective: String,
    /// What it trains, each in a few words.
    pub trains: Vec<String>,
    /// How long it takes.
    pub minutes: u32,
}

/// Why a scenario's text is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {key}: {message}")]
pub struct ScenarioError {
    /// The line, from 1.
    pub line: usize,
    /// The key, or the culprit's text.
    pub key: String,
    /// What is wrong, and what is allowed.
    pub message: String,
}

const BUILTIN: [(&str, &str); 17] = [
    ("single-page", include_str!("../scenarios/single-page.toml")),
    ("taken-elsewhere", include_str!("../scenarios/taken-elsewhere.toml")),
    ("shadow", include_str!("../scenarios/shadow.toml")),
    ("incident", include_str!("../scenarios/incident.toml")),
    ("severity-change", include_str!("../scenarios/severity-change.toml")),
    ("shy-im", include_str!("../scenarios/shy-im.toml")),
    ("busy-shift", include_str!("../scenarios/busy-shift.toml")),
    ("someone-else-posts", include_str!("../scenarios/someone-else-posts.toml")),
    ("in-between", include_str!("../scenarios/in-between.toml")),
    ("crossed", include_str!("../scenarios/crossed.toml")),
    ("two-incidents", include_str!("../scenarios/two-incidents.toml")),
    ("storm", include_str!("../scenarios/storm.toml")),
    ("outage", include_str!("../scenarios/outage.toml")),
    ("feed-dies", include_str!("../scenarios/feed-dies.toml")),
    ("page-refuses", include_str!("../scenarios/page-refuses.toml")),
    ("tools-fail", include_str!("../scenarios/tools-fail.toml")),
    ("quiet", include_str!("../scenarios/quiet.toml")),
];

/// Largest file that is read, in bytes: a long scenario has a tenth of it.
const BYTES_MAX: u64 = 256 * 1024;

/// The scenario that runs when none is named.
pub const DEFAULT_SCENARIO: &str = "single-page";

/// Lists the scenarios that come with the app, easiest first.
pub fn builtin_scenarios() -> Vec<Summary> {
    let scenarios = BUILTIN.iter().filter_map(|(name, _)| Scenario::builtin(name));
    scenarios.map(Summary::from).collect()
}

impl From<Scenario> for Summary {
    fn from(it: Scenario) -> Self {
        let minutes = it.minutes();
        Summary {
            name: it.name,
            title: it.title,
            description: it.description,
            difficulty: it.difficulty,
            objective: it.objective,
            trains: it.trains,
            minutes,
        }
    }
}

impl Scenario {
    /// Gives a scenario that comes with the app.
    pub fn builtin(name: &str) -> Option<Self> {
        let (name, text) = BUILTIN.iter().find(|(known, _)| *known == name)?;
        let scenario = Scenario::parse(text).expect("built-in scenarios are read by a test");
        Some(Scenario { name: (*name).to_owned(), ..scenario })
    }

    /// Reads the text of a scenario file, whatever the file is: no more of it than a scenario has.
    pub fn text_of(file: &Path) -> io::Result<String> {
        let mut bytes = vec![];
        std::fs::File::open(file)?.take(BYTES_MAX + 1).read_to_end(&mut bytes)?;
        let odd = |why: String| io::Error::new(io::ErrorKind::InvalidData, why);
        if bytes.len() as u64 > BYTES_MAX {
            return Err(odd(format!("it is larger than {} KiB, and no scenario is", BYTES_MAX / 1024)));
        }
        let text = String::from_utf8(bytes).map_err(|_| odd("it is no text in UTF-8".to_owned()))?;
        // Some editors begin a file with a mark of its byte order (Unicode Standard 23.8).
        Ok(text.strip_prefix('\u{feff}').map_or_else(|| text.clone(), str::to_owned))
    }

    /// Reads a scenario from TOML.
    pub fn parse(text: &str) -> Result<Self, ScenarioError> {
        file::read(text)
    }

    /// Tells how long it takes until the last step, in minutes.
    pub fn minutes(&self) -> u32 {
        let last = self.steps.last().map_or(0, |step| step.after.delta().num_seconds());
        u32::try_from((last + 59) / 60).unwrap_or(u32::MAX)
    }

    /// Reads a scenario and plays it through without a clock: also what only shows when it runs is told, with its line.
    pub fn check(text: &str) -> Result<Self, Vec<ScenarioError>> {
        let scenario = Scenario::parse(text).map_err(|error| vec![error])?;
        let faults = rehearsal::faults(&scenario);
        if faults.is_empty() { Ok(scenario) } else { Err(faults) }
    }

    /// Makes the scenario in which nothing happens.
    pub fn quiet() -> Self {
        Scenario::builtin("quiet").expect("quiet is built in")
    }
}

impl Default for Scenario {
    fn default() -> Self {
        Scenario::builtin(DEFAULT_SCENARIO).expect("the default is built in")
    }
}
