//! A practice event that is under way: what the window may know of its world, and how it ends. Herald's core knows
//! nothing of it.

use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

use herald_core::training::facts::{Deed, PageFacts};
use herald_core::training::{Facts, Practised, Score, Training, TrainingKind, score};
use herald_core::{Mode, Time};
use herald_engine::{Herald, practised};
use herald_practice::{Happening, IncidentState, Said, Summary, Via, World};
use serde::Serialize;

/// Words that the window shows; what was said earlier is in the channel's past.
const SAID_MAX: usize = 100;

/// A practice event, its world, and where its result belongs.
pub(crate) struct Playing {
    world: World,
    scenario: Summary,
    began_at: Time,
    /// The data folder of the Herald whose training log gets the result.
    log: Option<PathBuf>,
    outcome: Mutex<Outcome>,
}

#[derive(Clone, Default)]
struct Outcome {
    score: Option<Score>,
    saved: bool,
}

/// What the window shows of a practice event.
#[derive(Serialize)]
pub(crate) struct Told {
    scenario: Summary,
    began_at: Time,
    /// Whether the scenario has nothing left to bring.
    finished: bool,
    /// What was said, oldest first.
    said: Vec<Said>,
    /// What it came to, once it is ended.
    score: Option<Score>,
    /// Whether the result is on its way into the training log; absent when no log is to get it.
    saved: Option<bool>,
}

impl Playing {
    pub fn new(world: World, scenario: Summary, log: Option<PathBuf>) -> Self {
        let began_at = world.now();
        Self { world, scenario, began_at, log, outcome: Mutex::default() }
    }

    /// What the app is told that it runs in.
    pub fn mode(&self) -> Mode {
        Mode::Practice { scenario: self.scenario.title.clone() }
    }

    pub fn told(&self) -> Told {
        let mut said = self.world.said();
        said.drain(..said.len().saturating_sub(SAID_MAX));
        let outcome = self.outcome().clone();
        Told {
            scenario: self.scenario.clone(),
            began_at: self.began_at,
            finished: self.world.progress().is_finished(),
            said,
            saved: self.log.is_some().then_some(outcome.saved),
            score: outcome.score,
        }
    }

    /// Ends the event: it is measured once, and its result handed over until that has worked.
    pub async fn end(&self, herald: &Herald) -> Result<Told, String> {
        let measured = self.outcome().score.clone();
        let score = match measured {
            Some(score) => score,
            None => {
                let facts = herald.facts(self.began_at).await.ok_or("Herald is about to end.")?;
                score(&self.with_world(facts))
            }
        };
        self.outcome().score = Some(score.clone());
        if let Some(folder) = self.log.as_ref().filter(|_| !self.outcome().saved) {
            let handed = practised::hand_over(folder, &self.entry(score));
            handed.map_err(|error| {
                format!("The result could not be saved into your training log: {error}. Try again.")
            })?;
            self.outcome().saved = true;
        }
        Ok(self.told())
    }

    /// Puts in what the world knows better: each occurrence of a page, and what was said.
    fn with_world(&self, facts: Facts) -> Facts {
        let me = self.world.cast().me;
        let incidents = self.world.incidents();
        let mine = incidents.iter().filter(|it| facts.pages.iter().any(|page| page.id == it.id));
        let pages = mine.flat_map(|it| pages(it, &me)).collect();
        let said = self.world.said().into_iter().map(|it| (it.at, format!("{}: {}", it.who, it.text)));
        let asked = self.world.slack_messages().into_iter().map(|it| (it.at, format!("You asked: {}", it.text)));
        let heard = facts.heard.iter().cloned().chain(said).chain(asked).collect();
        Facts { pages, heard, ..facts }
    }

    fn entry(&self, score: Score) -> Training {
        let event = format!("{}-{}-{}", self.scenario.name, self.began_at.timestamp_millis(), std::process::id());
        Training {
            at: self.began_at,
            kind: TrainingKind::Practice,
            title: self.scenario.title.clone(),
            notes: String::new(),
            practised: Some(Practised { event, scenario: self.scenario.name.clone(), score }),
        }
    }

    fn outcome(&self) -> MutexGuard<'_, Outcome> {
        self.outcome.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn pages(incident: &IncidentState, me: &str) -> Vec<PageFacts> {
    let deed = |it: &Happening| Deed { at: it.at, by_me: it.by == me && it.via == Via::Api };
    let occurrences = incident.occurrences().into_iter().map(|it| PageFacts {
        id: incident.id.clone(),
        title: incident.title.clone(),
        triggered_at: it.triggered_at,
        taken: it.taken.as_ref().map(deed),
        left_at: it.closed.as_ref().filter(|_| it.taken.is_none()).map(|closed| closed.at),
        closed: it.closed.as_ref().map(deed),
    });
    occurrences.collect()
}
