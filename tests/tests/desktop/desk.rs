//! What most tests start from: a private desktop, a practice PagerDuty in this process, and a Herald between them.

use std::ops::{Deref, DerefMut};
use std::path::Path;

use anyhow::{Context as _, Result, anyhow, ensure};
use herald_practice::{Act, IncidentState, Options, Request, Scenario, Status, Trigger, World};
use herald_tests::app::Answer;
use herald_tests::audio::{Heard, Sound};
use herald_tests::desktop::root;
use herald_tests::keyring::Keyring;
use herald_tests::notifications::{Note, Notifications};
use herald_tests::tray::{Item, Panel, Tray};
use herald_tests::wait::{self, SOON};
use herald_tests::{App, Desktop, Window, process};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

/// The practice world's key for the user whose Herald this is.
pub const ME: &str = "elena";

/// What the page of most tests is called.
pub const TITLE: &str = "[S2] Checkout fails for some customers";

/// What the tray says while one page calls.
pub const CALLS: &str = "1 page calls";

/// What the tray says once it is taken.
pub const TAKEN: &str = "Page acknowledged, still open";

/// What the window says once PagerDuty's answer was seen.
pub const YOURS: &str = "You acknowledged at";

/// What the window says when nothing is open.
pub const QUIET: &str = "All quiet, and listening";

/// The notes of the page sound and of the blind sound, in Hz (sounds.json); no two sounds share one.
pub const PAGE_NOTES: &[f32] = &[392.0, 523.0, 784.0];
pub const BLIND_NOTES: &[f32] = &[220.0, 311.0];

/// Asserts that something was heard, and that its strongest tone is one of these notes. Which of them depends on what
/// a loaded machine lost of the recording.
pub fn assert_heard(heard: &Heard, notes: &[f32]) {
    let (hz, rms) = (heard.frequency_hz(), heard.rms());
    assert!(rms > 0.02, "loud enough to be heard, but its RMS is {rms}");
    assert!(notes.iter().any(|note| (hz - note).abs() <= 15.0), "a sound of {notes:?} Hz, not {hz} Hz");
}

/// Herald and the PagerDuty that it watches, on a desktop on which nothing else runs yet.
pub struct Duty {
    // Ended before the desktop, whose folder it writes to.
    pub app: App,
    pub world: World,
    pub desktop: Desktop,
}

impl Duty {
    /// Prepares a Herald; nothing is connected or started.
    pub async fn on(desktop: Desktop, scenario: Scenario) -> Result<Self> {
        let world = World::start(Options::of(scenario)).await?;
        let app = App::prepare(&desktop, &["--hidden"]).await?;
        Ok(Self { app, world, desktop })
    }

    /// A quiet world on a full screen without any other program.
    pub async fn quiet() -> Result<Self> {
        Self::on(Desktop::start().await?, Scenario::quiet()).await
    }

    /// Connects the account on the command line, as me.
    pub async fn connect(&self) -> Result<Answer> {
        self.connect_with(&self.world.tokens().user).await
    }

    /// Connects the account with this key.
    pub async fn connect_with(&self, token: &str) -> Result<Answer> {
        let args = ["connect", "pagerduty", "--url", &self.world.url()];
        self.app.cli_with(&self.desktop, &args, token).await
    }

    /// Starts Herald in the tray, lets it ask often, and waits until it knows when I am on call.
    pub async fn start(&mut self) -> Result<()> {
        self.launch()?;
        self.until_settled().await
    }

    /// Starts Herald in the tray, and waits for nothing.
    pub fn launch(&mut self) -> Result<()> {
        self.app.set_args(&["--hidden"]);
        self.app.restart(&self.desktop)
    }

    /// Starts Herald with its window under a WebDriver; otherwise as [`Duty::start`].
    pub async fn open(&mut self) -> Result<Window> {
        self.app.set_args(&[]);
        let window = self.open_as_it_is().await?;
        self.until_settled().await.with_context(|| window.log())?;
        Ok(window)
    }

    /// Writes the user's own playbook, laid over the default.
    pub fn playbook(&self, text: &str) -> Result<()> {
        std::fs::create_dir_all(self.app.data_dir())?;
        Ok(std::fs::write(self.app.data_dir().join("playbook.toml"), text)?)
    }

    /// Starts Herald with its window and whatever arguments it has.
    pub async fn open_as_it_is(&mut self) -> Result<Window> {
        Window::open(&self.desktop, &mut self.app).await
    }

    /// Waits until everything that was decided is on disk: an answer to a command comes after what was before it.
    pub async fn until_saved(&self) -> Result<()> {
        self.command(json!({"do": "poll_now"})).await
    }

    /// Kills Herald and starts it anew with what it had kept.
    pub async fn crash_and_restart(&mut self) -> Result<()> {
        self.app.kill9();
        self.start().await
    }

    /// Sets the fastest polling, so that no test waits for ten seconds.
    pub async fn ask_often(&self) -> Result<()> {
        self.set(json!({"set": "poll_interval", "seconds": 2})).await
    }

    /// Waits until PagerDuty has said what there is to say, or cannot be asked.
    async fn until_settled(&self) -> Result<()> {
        self.ask_often().await?;
        let settled = async || {
            let view = self.view().await?;
            let known = !view["duty"]["known_at"].is_null() || !view["source"]["fault"].is_null();
            Ok((known || view["account"].is_null()).then_some(()))
        };
        wait::until("the first answers", SOON, settled).await
    }

    /// What the running Herald shows.
    pub async fn view(&self) -> Result<Value> {
        Ok(self.app.ask(&json!({"ask": "status"}), SOON).await?["view"].take())
    }

    /// Waits until what Herald shows fits.
    pub async fn until_view(&self, what: &str, mut fits: impl FnMut(&Value) -> bool) -> Result<Value> {
        let mut last = Value::Null;
        let found = wait::until(what, SOON, async || {
            last = self.view().await?;
            Ok(fits(&last).then(|| last.clone()))
        });
        found.await.with_context(|| format!("Herald shows {last:#}"))
    }

    /// Changes a setting as the window would.
    pub async fn set(&self, patch: Value) -> Result<()> {
        self.command(json!({"do": "set", "patch": patch})).await
    }

    /// Sends a command to the running Herald, as any of its processes would, once it listens.
    pub async fn command(&self, command: Value) -> Result<()> {
        let reply = self.app.ask(&json!({"ask": "command", "command": command}), SOON).await?;
        ensure!(reply["answer"] == "done", "{command} was answered with {reply}\n{}", self.app.log());
        Ok(())
    }

    /// How many windows of Herald are on the screen.
    pub async fn windows(&self) -> Result<usize> {
        Ok(self.desktop.window_titles().await?.iter().filter(|title| *title == "Herald").count())
    }

    /// Waits until so many windows of Herald are on the screen.
    pub async fn until_windows(&self, count: usize) -> Result<()> {
        let what = format!("{count} windows of Herald");
        wait::until(&what, SOON, async || Ok((self.windows().await? == count).then_some(()))).await
    }

    /// Triggers a page for me and gives its id.
    pub fn page(&self, title: &str) -> Result<String> {
        self.act(Act::Trigger(Trigger { title: title.into(), ..Trigger::default() }))
    }

    /// Makes something happen in the world and gives the id of the first incident it touched.
    pub fn act(&self, act: Act) -> Result<String> {
        self.world.do_now(act)?.pop().context("nothing was touched")
    }

    /// How an incident stands in PagerDuty.
    pub fn incident(&self, id: &str) -> Result<IncidentState> {
        self.world.incident(id).with_context(|| format!("there is no incident {id}"))
    }

    /// Waits until something holds in the practice world.
    pub async fn until(&self, what: &str, holds: impl FnMut(&World) -> bool) -> Result<()> {
        let waiting = tokio::time::timeout(SOON, self.world.until(holds)).await;
        waiting.map_err(|_| anyhow!("waited {SOON:?} for {what}; received: {:#?}", self.world.requests()))
    }

    /// Waits until PagerDuty was asked so many more times for my pages.
    pub async fn until_polled(&self, times: usize) -> Result<()> {
        let before = self.polls();
        self.until("polls", |world| polls(world) >= before + times).await
    }

    /// How often PagerDuty was asked for my pages.
    pub fn polls(&self) -> usize {
        polls(&self.world)
    }

    /// Every request that could have changed something.
    pub fn writes(&self) -> Vec<Request> {
        self.world.requests().into_iter().filter(|request| request.method != "GET").collect()
    }

    /// Asserts that PagerDuty shows the page as acknowledged, by me, through one single request.
    pub fn assert_taken_once(&self, id: &str) -> Result<()> {
        let incident = self.incident(id)?;
        let log = &incident.log;
        assert_eq!(incident.status, Status::Acknowledged, "the page is acknowledged in PagerDuty");
        assert_eq!(incident.acknowledged_by, [ME], "by me");
        assert_eq!((incident.acknowledged_count, incident.api_writes), (1, 1), "exactly once: {log:#?}");
        assert_eq!(self.writes().len(), 1, "one request wrote: {:#?}", self.writes());
        Ok(())
    }
}

fn polls(world: &World) -> usize {
    world.requests().iter().filter(|request| request.path.starts_with("/incidents?")).count()
}

/// A duty on a desktop that has everything: notifications, tray, a sound card and a keychain.
pub struct Desk {
    pub duty: Duty,
    pub notifications: Notifications,
    pub tray: Tray,
    pub sound: Sound,
    pub keyring: Keyring,
}

impl Desk {
    /// A quiet world; I am on call, and my account is connected.
    pub async fn quiet() -> Result<Self> {
        Self::in_world(Scenario::quiet()).await
    }

    /// My account is connected in this world.
    pub async fn in_world(scenario: Scenario) -> Result<Self> {
        let desk = Self::unconnected(scenario).await?;
        let connected = desk.connect().await?;
        ensure!(connected.code == Some(0), "connecting failed: {connected:?}");
        Ok(desk)
    }

    /// Nothing is connected yet.
    pub async fn unconnected(scenario: Scenario) -> Result<Self> {
        let desktop = Desktop::start().await?;
        let notifications = Notifications::start(&desktop).await?;
        let tray = Tray::start(&desktop).await?;
        let sound = Sound::start(&desktop).await?;
        let keyring = Keyring::start(&desktop).await?;
        let duty = Duty::on(desktop, scenario).await?;
        Ok(Self { duty, notifications, tray, sound, keyring })
    }

    /// Herald runs there, with its window open.
    pub async fn with_window() -> Result<Self> {
        let mut desk = Self::quiet().await?;
        desk.start().await?;
        desk.tray.activate().await?;
        desk.until_windows(1).await?;
        Ok(desk)
    }

    /// The process of the window of this Herald.
    pub fn window_process(&self) -> Result<u32> {
        self.process_called("herald-window")
    }

    /// The process of this desktop whose name begins so.
    pub fn process_called(&self, name: &str) -> Result<u32> {
        let of_desktop = process::with_environment(&format!("HERALD_TEST_DESKTOP={}", self.desktop.dir().display()));
        let is =
            |pid: &u32| std::fs::read_to_string(format!("/proc/{pid}/comm")).is_ok_and(|comm| comm.starts_with(name));
        of_desktop.into_iter().find(is).with_context(|| format!("no {name}"))
    }

    /// Sends the process of the window a signal.
    pub fn signal_window(&self, signal: Signal) -> Result<()> {
        let pid = Pid::from_raw(i32::try_from(self.window_process()?)?).context("no id")?;
        Ok(kill_process(pid, signal)?)
    }

    /// Whoever serves on the session bus leaves it.
    pub async fn leave_bus(&mut self) -> Result<()> {
        self.keyring.vanish();
        self.tray.vanish().await?;
        self.notifications.vanish().await
    }

    /// The same programs come to the session bus that there is now.
    pub async fn come_back_to_bus(&mut self) -> Result<()> {
        self.keyring = Keyring::start(&self.duty.desktop).await?;
        self.tray.come_back(&self.duty.desktop).await?;
        self.renotify().await
    }

    /// Plugs the sound card in again.
    pub async fn replug(&mut self) -> Result<()> {
        self.sound.plug(&self.duty.desktop).await
    }

    /// Puts another notification daemon in the place of the one that vanished.
    pub async fn renotify(&mut self) -> Result<()> {
        self.notifications.come_back(&self.duty.desktop).await
    }

    /// Triggers the usual page and waits for its notification.
    pub async fn paged(&self) -> Result<(String, Note)> {
        let id = self.page(TITLE)?;
        Ok((id, self.until_notified(TITLE).await?))
    }

    /// Waits for the notification with this in its title.
    pub async fn until_notified(&self, title: &str) -> Result<Note> {
        let fits = |note: &Note| note.summary.contains(title);
        self.notifications.until_visible("the notification", SOON, fits).await.with_context(|| self.app.log())
    }

    /// Waits until the tooltip contains this.
    pub async fn until_tray_says(&self, says: &str) -> Result<Item> {
        self.tray.until(&format!("the tray to say {says:?}"), SOON, |item| item.says().contains(says)).await?;
        // The first look may have met the icon in the middle of changing.
        self.tray.item().await
    }

    /// Asserts that the tray shows the picture of this name from `icons/tray`.
    pub async fn assert_icon(&self, item: &Item, name: &str) -> Result<()> {
        let file = root().join(format!("icons/tray/{name}-edged-22.png"));
        let raw = self.desktop.dir().join("icon.rgba");
        let path = |path: &Path| path.to_string_lossy().into_owned();
        let args = [path(&file), "-depth".into(), "8".into(), format!("RGBA:{}", path(&raw))];
        self.desktop.run("convert", &args.each_ref().map(String::as_str)).await?;
        let argb: Vec<u8> = std::fs::read(raw)?.chunks_exact(4).flat_map(|it| [it[3], it[0], it[1], it[2]]).collect();
        let (.., shown) = item.icon_pixmaps.iter().find(|it| it.0 == 22).context("the item has no picture of 22 px")?;
        assert!(*shown == argb, "the icon is not {name}; the tray says {:?}", item.says());
        for panel in [Panel::Dark, Panel::Light] {
            let share = item.seen_on(panel);
            assert!(share > 0.08, "{name} is lost on a {panel:?} panel: {share}");
        }
        Ok(())
    }
}

impl Deref for Desk {
    type Target = Duty;

    fn deref(&self) -> &Duty {
        &self.duty
    }
}

impl DerefMut for Desk {
    fn deref_mut(&mut self) -> &mut Duty {
        &mut self.duty
    }
}

/// Whether Herald's view says that this channel does not work.
pub fn dead(view: &Value, channel: &str) -> bool {
    let channels = view["channels"].as_array().into_iter().flatten();
    channels.into_iter().any(|one| one["channel"] == channel && one["health"]["kind"] == "dead")
}
