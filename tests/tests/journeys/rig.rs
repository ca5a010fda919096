//! The rig of every story: a practice world, a Herald that watches it, and a screen that writes down what it is told.

use std::path::{Path, PathBuf};
use std::time::Duration;

use herald_core::account::Account;
use herald_core::feed::{PageKind, StatusPage};
use herald_core::incident::Own;
use herald_core::settings::SettingsPatch;
use herald_core::state::Mode;
use herald_core::tray::Sign;
use herald_core::view::PageCard;
use herald_core::view::incidents::IncidentCard;
use herald_core::{AlarmKey, Announcement, Command, IncidentId, IncidentWish, PageId, Refusal, Severity, SourceName};
use herald_engine::pagerduty::{ConnectError, ConnectRequest};
use herald_engine::{ConnectStatusPage, ConnectTracker, Connecting, Herald, status_page_key};
use herald_practice::{
    Act, ByUser, Fault, IncidentState, Options, Reassign, Request, Resolve, Retrigger, Scenario, Site, Tokens, Trigger,
    World,
};
use herald_tests::wait;
use secrecy::SecretString;
use tempfile::TempDir;

#[path = "rig/screen.rs"]
mod screen;
use self::screen::Screen;

/// Makes one test of several stories, which run side by side: nearly all of their time is waiting. The message of a
/// failed one names its file and line.
macro_rules! stories {
    ($name:ident: $($story:ident),+ $(,)?) => {
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $name() {
            tokio::join!($(Box::pin($story())),+);
        }
    };
}

/// Far above what a loaded machine needs, so reaching it means a fault.
pub const SOON: Duration = Duration::from_secs(40);

/// The alarm of being blind.
pub const BLIND: AlarmKey = AlarmKey::Blind { source: SourceName::PagerDuty };

/// The word that PagerDuty answers again.
pub const RECOVERED: AlarmKey = AlarmKey::Recovered { source: SourceName::PagerDuty };

/// How a rig is set up.
pub struct Setup {
    /// What the practice world is.
    pub world: Options,
    /// Lines that follow the usual ones in the playbook.
    pub playbook: String,
    /// Which key Herald gets.
    pub key: fn(Tokens) -> String,
    /// The e-mail given with it.
    pub email: Option<&'static str>,
    /// Whether Herald starts with its own shadow switch on.
    pub shadow: bool,
    /// Where the data folder is made; in the usual place if left out.
    pub disk: Option<PathBuf>,
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            world: quiet(1.0),
            playbook: String::new(),
            key: |keys| keys.user,
            email: None,
            shadow: false,
            disk: None,
        }
    }
}

impl Setup {
    /// A world in which nothing happens by itself but what this adds to its cast.
    pub fn cast(cast: &str) -> Self {
        let text = format!("title = \"test\"\ndescription = \"test\"\ndifficulty = \"easy\"\n{cast}");
        let scenario = Scenario::parse(&text).expect("the scenario reads");
        Self { world: Options::of(scenario), ..Self::default() }
    }
}

/// A world in which nothing happens by itself. Above speed 1, PagerDuty's times have milliseconds.
pub fn quiet(speed: f64) -> Options {
    Options { speed, ..Options::of(Scenario::quiet()) }
}

/// A world, a Herald and its screen.
pub struct Rig {
    pub herald: Herald,
    pub world: World,
    pub screen: Screen,
    pub folder: TempDir,
    setup: Setup,
}

impl Rig {
    /// A Herald that watches a quiet world, connected and with its first answer.
    pub async fn quiet() -> Self {
        Self::of(Setup::default()).await
    }

    /// A Herald that is connected and has its first answers.
    pub async fn of(setup: Setup) -> Self {
        let rig = Self::unconnected(setup).await;
        rig.connect().await.expect("the key is good");
        rig.until("the first answers", |rig| {
            let shown = rig.herald.shown();
            shown.view.source.last_good_at.is_some() && shown.view.duty.known_at.is_some()
        })
        .await;
        rig
    }

    /// A Herald that watches the tracker and one of the status pages, too, and may write to it.
    pub async fn watching(site: Site) -> Self {
        Self::watching_with(Setup::default(), site).await
    }

    /// The same, set up otherwise.
    pub async fn watching_with(setup: Setup, site: Site) -> Self {
        let rig = Self::of(setup).await;
        let told = rig.world.announcement();
        let tracker = ConnectTracker {
            base_url: told.gitlab.url,
            project: told.gitlab.project,
            token: Some(told.gitlab.tokens.api.into()),
        };
        let (page, key) = match site {
            Site::StatusIo => {
                let it = told.statusio;
                let root = it.url.trim_end_matches("/v2").to_owned();
                let page = status_page(PageKind::StatusIo, &it.url, &format!("{root}/1.0/status"), &root, &it.page_id);
                (page, status_page_key(&it.api_id, &it.api_key))
            }
            Site::Statuspage => {
                let it = told.statuspage;
                let root = it.url.trim_end_matches("/v1").to_owned();
                (status_page(PageKind::Statuspage, &it.url, &root, &root, &it.page_id), it.api_key)
            }
        };
        let page = ConnectStatusPage { page, key: Some(key.into()) };
        for service in [Connecting::Tracker(tracker), Connecting::StatusPage(page)] {
            if let Err(error) = rig.herald.connect_any(service, false).await {
                panic!("{error}");
            }
        }
        rig.until("the feeds", |rig| {
            let view = &rig.herald.shown().view;
            view.feeds.len() == 2 && view.feeds.iter().all(|feed| !feed.stale) && !view.components.is_empty()
        })
        .await;
        rig
    }

    /// A Herald that has just been installed.
    pub async fn unconnected(setup: Setup) -> Self {
        let world = World::start(setup.world.clone()).await.expect("the world starts");
        let folder = match &setup.disk {
            Some(disk) => TempDir::new_in(disk),
            None => TempDir::new(),
        };
        let folder = folder.expect("a folder");
        write_playbook(folder.path(), &world, &setup.playbook);
        let screen = Screen::default();
        let herald = start(folder.path(), &screen);
        let rig = Self { herald, world, screen, folder, setup };
        rig.set(SettingsPatch::PollInterval { seconds: 2 }).await;
        rig.set(SettingsPatch::Shadow { on: rig.setup.shadow }).await;
        rig
    }

    pub async fn connect(&self) -> Result<Account, ConnectError> {
        let token = (self.setup.key)(self.world.tokens());
        self.connect_with(&token, false).await
    }

    pub async fn connect_with(&self, token: &str, keep: bool) -> Result<Account, ConnectError> {
        self.herald.connect(self.request(&self.world.url(), token), keep).await
    }

    fn request(&self, address: &str, token: &str) -> ConnectRequest {
        let email = self.setup.email.map(str::to_owned);
        ConnectRequest { token: SecretString::from(token), base_url: address.to_owned(), email }
    }

    /// Ends Herald, and gives what is left of the rig.
    pub fn stopped(self) -> Stopped {
        drop(self.herald);
        Stopped { world: self.world, screen: self.screen, folder: self.folder, setup: self.setup }
    }

    // ---- what the user does ----

    pub async fn command(&self, command: Command) -> Result<(), Refusal> {
        self.herald.command(command).await
    }

    /// Asks for something while nothing can be saved: it is true, and not said to be done.
    pub async fn unsaved(&self, command: Command) {
        let said = format!("{command:?}");
        assert_eq!(self.command(command).await, Err(Refusal::NotSavedYet), "{said}");
    }

    pub async fn set(&self, patch: SettingsPatch) {
        self.command(Command::Set { patch }).await.expect("settings are always allowed");
    }

    pub async fn acknowledge(&self, id: &str) -> Result<(), Refusal> {
        let card = self.card(id).expect("the page is shown");
        self.command(Command::Acknowledge { page: card.id, triggered_at: card.triggered_at }).await
    }

    pub async fn close(&self, id: &str) -> Result<(), Refusal> {
        let card = self.card(id).expect("the page is shown");
        self.command(Command::ClosePage { page: card.id, triggered_at: card.triggered_at, note: None }).await
    }

    pub async fn poll_now(&self) {
        self.command(Command::PollNow).await.expect("connected");
    }

    pub async fn wish(&self, wish: IncidentWish) {
        let said = format!("{wish:?}");
        if let Err(refusal) = self.command(Command::Incident { wish: Box::new(wish) }).await {
            panic!("{refusal:?}: {said}\n{}", self.told());
        }
    }

    // ---- what happens in the world ----

    pub fn act(&self, act: Act) -> Vec<String> {
        self.world.do_now(act).expect("the act is possible")
    }

    pub fn trigger(&self, title: &str) -> String {
        self.act(Act::Trigger(Trigger { title: title.to_owned(), ..Trigger::default() })).remove(0)
    }

    pub fn taken_by(&self, page: &str, by: &str) {
        self.act(Act::Acknowledge(ByUser { page: page.to_owned(), by: by.to_owned() }));
    }

    pub fn resolved(&self, page: &str) {
        self.act(Act::Resolve(Resolve { page: page.to_owned(), by: None }));
    }

    pub fn retriggered(&self, page: &str) {
        self.act(Act::Retrigger(Retrigger { page: page.to_owned() }));
    }

    pub fn reassigned(&self, page: &str, to: &str) {
        self.act(Act::Reassign(Reassign { page: page.to_owned(), to: vec![to.to_owned()], by: None }));
    }

    pub fn fault(&self, fault: Fault) {
        self.world.fault(fault).expect("the fault is possible");
    }

    pub fn clear_faults(&self) {
        self.world.clear_fault(None);
    }

    // ---- what can be seen ----

    pub fn incident(&self, page: &str) -> IncidentState {
        self.world.incident(page).expect("the incident exists")
    }

    pub fn card(&self, id: &str) -> Option<PageCard> {
        self.herald.shown().view.pages.iter().find(|card| card.id.as_str() == id).map(|card| PageCard::clone(card))
    }

    pub fn incidents(&self) -> Vec<IncidentCard> {
        self.herald.shown().view.incidents.iter().map(|card| IncidentCard::clone(card)).collect()
    }

    pub fn only_incident(&self) -> IncidentCard {
        let mut cards = self.incidents();
        assert_eq!(cards.len(), 1, "one card: {cards:#?}");
        cards.remove(0)
    }

    pub fn note(&self, id: &str) -> String {
        self.card(id).and_then(|card| card.note).unwrap_or_default()
    }

    pub fn sign(&self) -> Sign {
        self.herald.shown().view.sign
    }

    /// Why the last poll failed, if it did.
    pub fn fault_told(&self) -> Option<String> {
        self.herald.shown().view.source.fault.as_ref().map(|fault| fault.reason.clone())
    }

    /// Every request that was no reading.
    pub fn writes(&self) -> Vec<Request> {
        self.world.requests().into_iter().filter(|request| request.method != "GET").collect()
    }

    /// Every request to a path that begins so.
    pub fn requests_to(&self, path: &str) -> Vec<Request> {
        self.world.requests().into_iter().filter(|request| request.path.starts_with(path)).collect()
    }

    /// How often the list of pages was asked for.
    pub fn polls(&self) -> usize {
        self.requests_to("/incidents?").iter().filter(|asked| begins_poll(asked)).count()
    }

    /// Every round in which this page was announced, whatever its trigger.
    pub fn rounds(&self, id: &str) -> Vec<Announcement> {
        let about = |it: &Announcement| matches!(&it.key, AlarmKey::Page { page, .. } if page.as_str() == id);
        self.screen.look().announced.iter().filter(|it| about(it)).cloned().collect()
    }

    /// Every round of one alarm.
    pub fn rounds_of(&self, key: &AlarmKey) -> Vec<Announcement> {
        self.screen.look().announced.iter().filter(|it| it.key == *key).cloned().collect()
    }

    // ---- waiting ----

    /// Waits until something holds.
    pub async fn until(&self, what: &str, mut holds: impl FnMut(&Self) -> bool) {
        if let Err(error) = wait::until_true(what, SOON, || holds(self)).await {
            panic!("{error:#}\n{}", self.told());
        }
    }

    /// Waits until something holds, asking every source again and again: feeds are slow to be asked by themselves.
    pub async fn follow(&self, what: &str, mut holds: impl FnMut(&Self) -> bool) {
        let asking = wait::until(what, SOON, async || {
            self.poll_now().await;
            Ok(holds(self).then_some(()))
        });
        if let Err(error) = asking.await {
            panic!("{error:#}\n{}\n{:#?}", self.told(), self.incidents());
        }
    }

    /// Makes sure that something stays true for a while.
    pub async fn stays(&self, what: &str, period: Duration, mut holds: impl FnMut(&Self) -> bool) {
        if let Err(error) = wait::holds(what, period, || holds(self)).await {
            panic!("{error:#}\n{}", self.told());
        }
    }

    /// Waits until a page was announced, and until it is shown: an announcement waits for no picture.
    pub async fn until_announced(&self, id: &str) {
        self.until("the announcement", |rig| !rig.rounds(id).is_empty() && rig.card(id).is_some()).await;
    }

    /// Waits until this page was announced in so many rounds, and the picture shows it calling. An announcement waits for
    /// no picture.
    pub async fn until_calls(&self, id: &str, rounds: usize) {
        let shown = |rig: &Self, last: &Announcement| rig.card(id).is_some_and(|card| alarm_of(&card) == last.key);
        let calls = |rig: &Self| {
            let said = rig.rounds(id);
            said.len() == rounds && said.last().is_some_and(|last| shown(rig, last)) && rig.sign() == Sign::Page
        };
        self.until(&format!("announcement {rounds}"), calls).await;
    }

    /// Waits until as many more polls have been answered.
    pub async fn until_polled(&self, more: usize) {
        // A poll is over when what it asks last, or the next poll, was answered.
        let answered = |rig: &Self| {
            let lists = rig.requests_to("/incidents?");
            let last = lists.iter().rposition(|asked| asked.status.is_some()).unwrap_or(0);
            lists[..last].iter().filter(|asked| begins_poll(asked)).count()
        };
        let goal = answered(self) + more;
        self.until("further polls", |rig| answered(rig) >= goal).await;
    }

    /// What happened, for the message of a failed test.
    fn told(&self) -> String {
        let shown = self.herald.shown();
        let announced: Vec<String> =
            self.screen.look().announced.iter().map(|it| format!("{:?}: {:.60}", it.key, it.title)).collect();
        let requests = self.world.requests();
        let last = requests.iter().rev().take(8).rev();
        let last: Vec<String> = last
            .map(|it| format!("{} {} {:.70} {:?}", it.at.format("%T%.3f"), it.method, it.path, it.status))
            .collect();
        format!(
            "sign {:?}, source {:?}\npages {:?}\nstore {:?} notices {:?}\nannounced {announced:#?}\nrequests {last:#?}",
            shown.view.sign,
            shown.view.source,
            shown.view.pages.iter().take(4).map(|it| (&it.id, it.status, it.standing, &it.note)).collect::<Vec<_>>(),
            shown.view.store_fault,
            shown.view.notices,
        )
    }
}

/// Whether a request is the first of a poll: my pages, from the first on.
fn begins_poll(asked: &Request) -> bool {
    asked.path.contains("user_ids") && asked.path.contains("&offset=0&")
}

/// A rig whose Herald has ended.
pub struct Stopped {
    pub world: World,
    pub screen: Screen,
    pub folder: TempDir,
    setup: Setup,
}

impl Stopped {
    /// Starts Herald again on the same folder. A key that was kept for one session only is gone.
    pub fn started(self) -> Rig {
        let herald = start(self.folder.path(), &self.screen);
        Rig { herald, world: self.world, screen: self.screen, folder: self.folder, setup: self.setup }
    }
}

/// Connects to another address than the world's.
pub async fn connect_to(rig: &Rig, address: &str, token: &str) -> Result<Account, ConnectError> {
    rig.herald.connect(rig.request(address, token), false).await
}

fn start(folder: &Path, screen: &Screen) -> Herald {
    start_in(Mode::Real, None, folder, screen)
}

/// Starts a Herald, real or for practice in a world.
pub fn start_in(mode: Mode, world: Option<String>, folder: &Path, screen: &Screen) -> Herald {
    let waits = herald_engine::Options::WATCH_WAITS;
    let options = herald_engine::Options { folder: folder.to_owned(), mode, world, waits };
    Herald::start(options, Box::new(screen.clone()), tokio::runtime::Handle::current())
}

/// A playbook whose alarms do not repeat within a test, and that knows the world's shadow schedules.
pub fn write_playbook(folder: &Path, world: &World, more: &str) {
    let shadows = world.announcement().pagerduty.shadow_schedules;
    let usual = [
        format!("pagerduty.shadow_schedules = {shadows:?}\n"),
        "pagerduty.blind_after_s = 20\n".into(),
        "updates.late_write_s = 5\n".into(),
        "alarm.page.repeat_s = 1800\n".into(),
        "alarm.blind.repeat_s = 1800\n".into(),
    ];
    let named = |line: &String| line.split(" = ").next().is_some_and(|key| more.contains(key));
    let usual: String = usual.into_iter().filter(|line| !named(line)).collect();
    std::fs::write(folder.join("playbook.toml"), format!("{usual}{more}")).expect("the folder is ours");
}

/// The key of a page's alarm.
pub fn alarm_of(card: &PageCard) -> AlarmKey {
    AlarmKey::Page { page: card.id.clone(), triggered_at: card.triggered_at }
}

/// The id of a page as Herald writes it.
pub fn id(page: &str) -> PageId {
    PageId::new(page)
}

pub fn status_page(kind: PageKind, api_url: &str, feed_url: &str, public_url: &str, page_id: &str) -> StatusPage {
    let [api_url, feed_url, public_url, page_id] = [api_url, feed_url, public_url, page_id].map(str::to_owned);
    StatusPage { kind, api_url, feed_url, public_url, page_id, token: None }
}

/// Enters an S1 incident by hand.
pub async fn own_incident(rig: &Rig, title: &str) -> IncidentId {
    let own = Own { title: Some(title.to_owned()), severity: Some(Severity::S1), ..Own::default() };
    rig.wish(IncidentWish::Open { own, page: None }).await;
    rig.incidents().into_iter().map(|card| card.id).max().expect("opened")
}
