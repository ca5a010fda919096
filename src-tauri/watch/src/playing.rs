//! A practice event that is under way: its world, put into the words in which it is measured, and its result while it is
//! played, ended and left. Herald's core knows nothing of the world.

use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use herald_core::training::facts::{Deed, PageFacts, Witness};
use herald_core::training::{Facts, PracticeEvent, Score};
use herald_core::{Mode, Time};
use herald_engine::Herald;
use herald_engine::practised::Record;
use herald_practice::{Happening, IncidentState, Said, Summary, Via, World};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Words that the window shows; what was said earlier is in the channel's past.
const SAID_MAX: usize = 100;
/// How often the result is kept that it would have if it were left: all that a crash can take.
const KEEP_EVERY: Duration = Duration::from_secs(3);
/// Longest that quitting waits for a last look.
const LAST_LOOK_MAX: Duration = Duration::from_secs(2);

/// A practice event, its world, and its result.
pub(crate) struct Playing {
    world: World,
    scenario: Summary,
    began_at: Time,
    record: Mutex<Record>,
    /// Why the result could not be kept lately.
    unkept: Mutex<Option<String>>,
    /// A data folder that is for this event alone.
    throw_away: Option<PathBuf>,
}

/// What the window shows of a practice event.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[ts(rename = "UnderWay")]
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
    /// Why leaving it now would lose the result.
    unkept: Option<String>,
}

impl Playing {
    /// An event whose result belongs into the log of the Herald with the data folder `log`.
    pub fn new(world: World, scenario: Summary, log: Option<PathBuf>, throw_away: Option<PathBuf>) -> Self {
        let began_at = world.now();
        let event = PracticeEvent::new(&scenario.name, &scenario.title, began_at, std::process::id());
        let record = Mutex::new(Record::new(event, log));
        Self { world, scenario, began_at, record, unkept: Mutex::default(), throw_away }
    }

    /// What the app is told that it runs in.
    pub fn mode(&self) -> Mode {
        Mode::Practice { scenario: self.scenario.title.clone() }
    }

    /// Where its world is.
    pub fn address(&self) -> String {
        self.world.url()
    }

    pub fn told(&self) -> Told {
        let mut said = self.world.said();
        said.drain(..said.len().saturating_sub(SAID_MAX));
        let (score, saved) = {
            let record = lock(&self.record);
            (record.score().cloned(), record.saved())
        };
        Told {
            scenario: self.scenario.clone(),
            began_at: self.began_at,
            finished: self.world.progress().is_finished(),
            said,
            unkept: lock(&self.unkept).clone().filter(|_| score.is_none()),
            score,
            saved,
        }
    }

    /// Ends the event: its result is handed over until that has worked.
    pub async fn end(&self, herald: &Herald) -> Result<Told, String> {
        let facts = self.facts(herald).await.ok_or("Herald is about to end.")?;
        let ended = lock(&self.record).end(&facts);
        ended.map_err(|error| format!("The result could not be saved into your training log: {error}. Try again."))?;
        Ok(self.told())
    }

    /// Keeps again and again what the event comes to if it is left.
    pub async fn keep_on(&self, herald: &Herald) {
        loop {
            tokio::time::sleep(KEEP_EVERY).await;
            self.keep(herald).await;
        }
    }

    /// Herald ends: what was done until now is kept, and what was for this event alone goes.
    pub fn leave(&self, herald: &Herald, tokio: &tokio::runtime::Handle) {
        tokio.block_on(async {
            let _ = tokio::time::timeout(LAST_LOOK_MAX, self.keep(herald)).await;
        });
        if let Some(folder) = &self.throw_away {
            let _ = std::fs::remove_dir_all(folder);
        }
    }

    async fn keep(&self, herald: &Herald) {
        let Some(facts) = self.facts(herald).await else { return };
        let kept = lock(&self.record).keep(&facts);
        *lock(&self.unkept) = kept.err().map(|error| error.to_string());
    }

    /// What Herald knows of the event, with what its world knows better.
    async fn facts(&self, herald: &Herald) -> Option<Facts> {
        let facts = herald.facts(self.began_at).await?;
        let (me, incidents) = (self.world.cast().me, self.world.incidents());
        let said = self.world.said().into_iter().map(|it| (it.at, format!("{}: {}", it.who, it.text)));
        let asked = self.world.slack_messages().into_iter().map(|it| (it.at, format!("You asked: {}", it.text)));
        let pages = incidents.iter().flat_map(|it| pages(it, &me)).collect();
        Some(facts.seen_by(Witness { pages, heard: said.chain(asked).collect() }))
    }
}

fn pages(incident: &IncidentState, me: &str) -> Vec<PageFacts> {
    let deed = |it: Happening| Deed { at: it.at, by_me: it.by == me && it.via == Via::Api };
    let (id, title) = (&incident.id, &incident.title);
    let occurrences = incident.occurrences().into_iter();
    occurrences.map(|it| PageFacts::of(id, title, it.triggered_at, it.taken.map(deed), it.closed.map(deed))).collect()
}

fn lock<T>(of: &Mutex<T>) -> MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}
