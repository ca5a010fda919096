//! `kill -9` of watch or window at random moments, while somebody types, takes pages and publishes: what was answered is
//! there afterwards, nothing is written twice, and every page is announced.
//!
//! How often: `HERALD_KILLS`, else as often as every run of the tests can afford. The moments follow from a seed, which is
//! printed and may be given as `HERALD_KILLS_SEED`.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use herald_core::incident::Own;
use herald_core::{Command, Impact, IncidentId, IncidentWish, Phase, Text};
use herald_practice::{Act, Resolve, Site};
use herald_tests::notifications::Note;
use herald_tests::wait::{self, SOON};
use rustix::process::Signal;
use serde_json::{Value, json};

use crate::crash::assert_sound_database;
use crate::desk::Desk;
use crate::update::connect_feeds;

/// How often in every run of the tests.
const FEW: u64 = 10;
/// How soon after it was triggered, or after the next start, a page is announced.
const ANNOUNCED_WITHIN: Duration = Duration::from_secs(10);
/// The end comes within this time of a round.
const ROUND_MS: u64 = 1_500;
/// The pause between two versions of a draft; nobody types faster.
const TYPED_EVERY: Duration = Duration::from_millis(20);
/// Incidents that are published about in turn.
const PUBLISHED: usize = 6;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_kill_loses_a_draft_or_a_page_or_writes_twice() -> Result<()> {
    let number = |name: &str| std::env::var(name).ok().and_then(|it| it.parse::<u64>().ok());
    let kills = number("HERALD_KILLS").unwrap_or(FEW);
    // What everybody runs has to say the same to everybody.
    let seed = number("HERALD_KILLS_SEED").unwrap_or(1);
    println!("HERALD_KILLS={kills} HERALD_KILLS_SEED={seed}");
    let mut soak = Soak::begin(Dice(seed)).await?;
    for round in 1..=kills {
        let passed = soak.round(round).await;
        passed.with_context(|| format!("round {round} of seed {seed}: {:?}\n{}", soak.told, soak.desk.app.log()))?;
        if round.is_multiple_of(50) {
            println!("{round} kills: {:?}", soak.told);
        }
    }
    println!("{kills} kills: {:?}", soak.told);
    assert_sound_database(&mut soak.desk)
}

/// What happened.
#[derive(Debug, Default)]
struct Told {
    watches: u32,
    windows: u32,
    versions: u64,
    taken: u32,
    published: u32,
    arrived: usize,
    slowest: Duration,
}

/// Numbers that follow from a seed (Steele, Lea, Flood: "Fast Splittable Pseudorandom Number Generators", SplitMix64).
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut it = self.0;
        it = (it ^ (it >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        it = (it ^ (it >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (it ^ (it >> 31)) % limit.max(1)
    }

    fn within(&mut self, limit: Duration) -> Duration {
        Duration::from_millis(self.below(u64::try_from(limit.as_millis()).unwrap_or(u64::MAX)))
    }
}

struct Soak {
    desk: Desk,
    dice: Dice,
    told: Told,
    /// The incident that is written about, and those that are published about.
    drafted: IncidentId,
    published: Vec<IncidentId>,
    component: String,
    /// The last version of the draft that was answered, and the last that was sent.
    answered: Cell<u64>,
    sent: Cell<u64>,
    /// The page of the round before, which is taken in this one.
    before: Option<String>,
}

/// When what happens in a round, from its beginning.
struct Plan {
    began: Instant,
    page: Duration,
    take: Duration,
    publish: Duration,
    end: Duration,
}

impl Soak {
    async fn begin(dice: Dice) -> Result<Self> {
        let mut desk = Desk::quiet().await?;
        connect_feeds(&desk, Site::StatusIo).await?;
        desk.start().await?;
        for number in 0..=PUBLISHED {
            let own = Own { title: Some(format!("Incident {number}")), ..Own::default() };
            let wish = Box::new(IncidentWish::Open { own, page: None });
            desk.command(serde_json::to_value(Command::Incident { wish })?).await?;
        }
        let ready = |view: &Value| view["components"][0]["id"].is_string() && cards(view).count() > PUBLISHED;
        let view = desk.until_view("the incidents and the status page", ready).await?;
        let mut published: Vec<IncidentId> = cards(&view).filter_map(|card| card["id"].as_i64()).collect();
        Ok(Self {
            drafted: published.pop().context("no incident")?,
            component: view["components"][0]["id"].as_str().context("no component")?.to_owned(),
            desk,
            dice,
            told: Told::default(),
            published,
            answered: Cell::default(),
            sent: Cell::default(),
            before: None,
        })
    }

    async fn round(&mut self, round: u64) -> Result<()> {
        let watch = self.dice.below(2) == 0;
        if !watch {
            self.window_comes().await?;
        }
        let end = self.dice.within(Duration::from_millis(ROUND_MS));
        let [page, take, publish] = [(); 3].map(|()| self.dice.within(end));
        let plan = Plan { began: Instant::now(), page, take, publish, end };
        let title = format!("Page {round}.");
        let page = self.until_the_end(round, &title, &plan).await?;
        let since = if watch {
            self.desk.app.kill9();
            self.told.watches += 1;
            self.desk.launch()?;
            Instant::now()
        } else {
            // It may have gone by itself by then, when what it showed was over.
            self.told.windows += u32::from(self.desk.signal_window(Signal::KILL).is_ok());
            plan.began + plan.page
        };
        let calls = |note: &Note| note.summary.contains(&title) && note.at >= since;
        let note = self.desk.notifications.until_visible("the page", ANNOUNCED_WITHIN, calls).await?;
        self.told.slowest = self.told.slowest.max(note.at - since);
        self.draft_is_there().await?;
        self.nothing_was_written_twice()?;
        if let Some(before) = self.before.replace(page) {
            self.desk.world.do_now(Act::Resolve(Resolve { page: before, by: None }))?;
        }
        Ok(())
    }

    /// A window is on its way, or on the screen. A wish that meets one that has just died is told so instead: then its user
    /// clicks once more.
    async fn window_comes(&mut self) -> Result<()> {
        let seen = self.dice.below(2) == 0;
        let comes = async || {
            let there = self.desk.window_process().is_ok() && (!seen || self.desk.windows().await? == 1);
            Ok(there.then_some(()))
        };
        self.desk.tray.activate().await?;
        wait::until("the window that was asked for", SOON, comes).await
    }

    /// Somebody works with Herald until its end comes, in the middle of whatever that is.
    async fn until_the_end(&mut self, round: u64, title: &str, plan: &Plan) -> Result<String> {
        let (taken, published) = (Cell::new(0), Cell::new(0));
        let page = Cell::new(None);
        let at = async |moment| wait::until_age(plan.began, moment).await;
        let work = async {
            tokio::join!(
                self.types(),
                async {
                    at(plan.page).await;
                    page.set(self.desk.page(title).ok());
                },
                async {
                    at(plan.take).await;
                    taken.set(u32::from(self.takes().await.unwrap_or(false)));
                },
                async {
                    at(plan.publish).await;
                    published.set(u32::from(self.publishes(round).await.unwrap_or(false)));
                },
            )
        };
        tokio::select! {
            biased;
            () = at(plan.end) => {}
            _ = work => {}
        }
        at(plan.end).await;
        self.told.taken += taken.get();
        self.told.published += published.get();
        match page.take() {
            Some(page) => Ok(page),
            // The end was so soon that there was no page yet.
            None => self.desk.page(title),
        }
    }

    /// Types a draft, version by version, until nobody answers.
    async fn types(&self) {
        loop {
            let version = self.sent.get() + 1;
            self.sent.set(version);
            let text = Text { body: format!("Version {version}"), ..self.text() };
            let wish = IncidentWish::Write { incident: self.drafted, text };
            match self.asks(wish).await {
                Ok(true) => self.answered.set(version),
                Ok(false) | Err(_) => return,
            }
            wait::until_age(Instant::now(), TYPED_EVERY).await;
        }
    }

    /// Takes the page of the round before; says whether Herald took that in.
    async fn takes(&self) -> Result<bool> {
        let Some(before) = &self.before else { return Ok(false) };
        let status = self.desk.app.ask_once(&json!({"ask": "status"})).await?;
        let pages = status["view"]["pages"].as_array().cloned().unwrap_or_default();
        let page = pages.iter().find(|page| page["id"] == before.as_str()).context("no such page")?;
        let command = json!({"do": "acknowledge", "page": before, "triggered_at": page["triggered_at"]});
        self.commands(&command).await
    }

    /// Publishes an update; says whether Herald took that in.
    async fn publishes(&self, round: u64) -> Result<bool> {
        let turn = usize::try_from(round)? % self.published.len();
        let incident = self.published[turn];
        self.settles(incident).await?;
        let text = Text { body: format!("Update {round}. We keep working on it."), ..self.text() };
        self.asks(IncidentWish::Publish { incident, text, seen: None }).await
    }

    /// Says what became of earlier attempts, as somebody does who looks at the page: Herald wants to look twice, half a minute
    /// apart, and does not live that long.
    async fn settles(&self, incident: IncidentId) -> Result<()> {
        let status = self.desk.app.ask_once(&json!({"ask": "status"})).await?;
        let card = cards(&status["view"]).find(|card| card["id"] == incident).context("no such incident")?;
        for attempt in card["publishing"].as_array().into_iter().flatten() {
            let publication = attempt["id"].as_i64().context("an attempt")?;
            let body = attempt["text"]["body"].as_str().context("a text")?;
            let yes = self.public().any(|details| details.starts_with(body));
            self.asks(IncidentWish::WasPublished { publication, yes }).await?;
        }
        Ok(())
    }

    /// Every text on the public page.
    fn public(&self) -> impl Iterator<Item = String> {
        let messages = self.desk.world.statusio_incidents().into_iter().flat_map(|it| it.messages);
        messages.map(|message| message.details)
    }

    async fn asks(&self, wish: IncidentWish) -> Result<bool> {
        self.commands(&serde_json::to_value(Command::Incident { wish: Box::new(wish) })?).await
    }

    async fn commands(&self, command: &Value) -> Result<bool> {
        let reply = self.desk.app.ask_once(&json!({"ask": "command", "command": command})).await?;
        Ok(reply["answer"] == "done")
    }

    fn text(&self) -> Text {
        Text {
            title: "Something fails".into(),
            body: String::new(),
            phase: Phase::Investigating,
            impact: Some(Impact::Degraded),
            components: BTreeSet::from([self.component.clone()]),
            promise: false,
            muted: BTreeSet::new(),
        }
    }

    /// The draft is one that was sent, and not older than the last that was answered.
    async fn draft_is_there(&mut self) -> Result<()> {
        let (answered, sent) = (self.answered.get(), self.sent.get());
        let version = |view: &Value| {
            let card = cards(view).find(|card| card["id"] == self.drafted)?;
            card["compose"]["text"]["body"].as_str()?.strip_prefix("Version ")?.parse::<u64>().ok()
        };
        let is_there = |view: &Value| version(view).is_some_and(|version| (answered..=sent).contains(&version));
        if answered > 0 {
            self.desk.until_view(&format!("version {answered} to {sent} of the draft"), is_there).await?;
        }
        self.told.versions = answered;
        Ok(())
    }

    fn nothing_was_written_twice(&mut self) -> Result<()> {
        if let Some(before) = &self.before {
            let page = self.desk.incident(before)?;
            ensure!(page.acknowledged_count <= 1 && page.api_writes <= 1, "taken twice: {page:#?}");
        }
        let mut updates: BTreeMap<String, u32> = BTreeMap::new();
        for details in self.public() {
            *updates.entry(details).or_default() += 1;
        }
        let twice: Vec<_> = updates.iter().filter(|(_, times)| **times > 1).collect();
        ensure!(twice.is_empty(), "published twice: {twice:#?}");
        self.told.arrived = updates.len();
        Ok(())
    }
}

fn cards(view: &Value) -> impl Iterator<Item = &Value> {
    view["incidents"].as_array().into_iter().flatten()
}
