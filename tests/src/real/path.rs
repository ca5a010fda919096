//! The path that Herald is driven along on each desktop, from its icon to its window coming back.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use herald_practice::{Act, ByUser, Options, Scenario, Status, Trigger, World};
use serde_json::{Value, json};

use crate::App;
use crate::desktop::text;
use crate::real::report::{Outcome, Report, Row};
use crate::real::session::{ELSEWHERE, Real};
use crate::wait::{self, SOON};

/// The page that calls.
pub(super) const TITLE: &str = "[S2] Checkout fails for some customers";
/// The rules of the team: rounds come as fast as they may, so that three of them pass while somebody watches.
const PLAYBOOK: &str = "[alarm.page]\nrepeat_s = 5\nloudness_start = 10\nloudness_step = 0\n";
/// How many rounds a page calls before its button is pressed.
const ROUNDS: usize = 3;

/// Herald on one desktop, and where its pictures go.
pub struct Path {
    pub(super) real: Real,
    pub(super) app: App,
    pub(super) world: World,
    pub(super) pictures: PathBuf,
}

impl Path {
    /// Brings Herald up on a desktop, connected to a quiet practice world.
    ///
    /// # Errors
    /// When it does not start.
    pub async fn start(real: Real, pictures: PathBuf) -> Result<Self> {
        let world = World::start(Options::of(Scenario::quiet())).await?;
        let mut app = App::prepare(&real.desktop, &["--hidden"]).await?;
        std::fs::create_dir_all(app.data_dir())?;
        std::fs::write(app.data_dir().join("playbook.toml"), PLAYBOOK)?;
        let url = world.url();
        let answer =
            app.cli_with(&real.desktop, &["connect", "pagerduty", "--url", &url], &world.tokens().user).await?;
        ensure!(answer.code == Some(0), "not connected: {}", answer.stderr);
        app.restart(&real.desktop)?;
        let path = Self { real, app, world, pictures };
        path.command(json!({"do": "set", "patch": {"set": "poll_interval", "seconds": 2}})).await?;
        path.until_view("the first answers", |view| !view["duty"]["known_at"].is_null()).await?;
        Ok(path)
    }

    /// Walks the whole path; what breaks is noted, and the next thing is tried.
    ///
    /// # Errors
    /// When not even the version of the desktop can be read.
    pub async fn walk(self, tell: impl Fn(&Row)) -> Result<Report> {
        let mut rows = Vec::new();
        let mut note = |what, how: Result<Outcome>| {
            let row = Row { what, how: how.unwrap_or_else(|error| Outcome::Broke(format!("{error:#}"))) };
            tell(&row);
            rows.push(row);
        };
        note("icon, tooltip and menu", self.icon().await);
        note("icon on a dark panel", self.ground(true).await);
        note("icon on a light panel", self.ground(false).await);
        if let Err(error) = self.real.open_elsewhere().await {
            note("another program in front", Err(error));
        }
        note("a page calls for three rounds, its button works", self.three_rounds().await);
        note("taken elsewhere: its notification goes", self.taken_elsewhere().await);
        note("opening a notification brings the window to the front", self.open_in_note().await);
        note("a click on the icon brings it to the front", self.icon_click().await);
        note("a second start brings it to the front", self.second_start().await);
        note("the caret is where it belongs (herald draft)", self.draft().await);
        note("hotkey", self.hotkey().await);
        note("closing leaves Herald in the tray", self.close_to_tray().await);
        if !self.real.kind.is_gnome() {
            note("a panel that crashes and comes back has the icon", self.panel_comes_back().await);
        }
        note("a compositor that crashes and comes back: icon, page, window", self.compositor_comes_back().await);
        std::fs::write(self.pictures.join(format!("{}.log", self.real.kind.id())), self.app.log() + &self.real.logs())?;
        let desktop = format!("{} {}", self.real.kind.title(), self.real.version().await?);
        note("Herald ends with its session; the next login's start watches", self.next_login().await);
        Ok(Report { desktop, rows })
    }

    async fn icon(&self) -> Result<Outcome> {
        let item = wait::until("the icon", SOON, async || self.real.item().await.map(Some)).await?;
        let says = item.says();
        ensure!(says.contains("All quiet"), "the tooltip says {says:?}");
        let menu = self.real.menu().await?;
        ensure!(menu.contains("Open Herald"), "the menu is {menu:?}");
        self.find_icon().await?;
        Ok(Outcome::Held(format!("the tooltip says {:?}", says.replace('\n', ", "))))
    }

    /// Where the icon is: what changes in the panel when it turns from calm to calling.
    async fn find_icon(&self) -> Result<()> {
        if self.real.tells_places() {
            return wait::until("the icon in the panel", SOON, async || self.real.icon_place().await.map(Some))
                .await
                .map(drop);
        }
        match self.find_icon_between().await {
            // The panel's clock has turned between the two pictures.
            Err(_) => self.find_icon_between().await,
            found => found,
        }
    }

    async fn find_icon_between(&self) -> Result<()> {
        let (calm, calling) = (self.picture("calm"), self.picture("calling"));
        let found = async |_: &str| {
            self.until_view("a calling Herald", calls).await?;
            wait::until("the icon in the panel", SOON, async || {
                self.real.picture(&calling).await?;
                self.real.find_icon(&calm, &calling).await.map(Some)
            })
            .await?;
            Ok(Outcome::Held(String::new()))
        };
        self.real.picture(&calm).await?;
        self.with_page(found).await.map(drop)
    }

    async fn ground(&self, dark: bool) -> Result<Outcome> {
        self.real.paint_panel(dark).await?;
        let name = if dark { "dark" } else { "light" };
        let contrast = self.real.icon_contrast(&self.picture(name)).await?;
        Ok(Outcome::Held(format!("contrast {contrast:.2}")))
    }

    /// Lets a page call while something is tried, and takes it away again however that ended.
    async fn with_page(&self, tried: impl AsyncFnOnce(&str) -> Result<Outcome>) -> Result<Outcome> {
        let id = self.page()?;
        let how = tried(&id).await;
        self.world.do_now(Act::Resolve(herald_practice::Resolve { page: id.clone(), by: None }))?;
        let calm = self.until_view("a quiet Herald", |view| !calls(view)).await;
        let gone = self.until_withdrawn().await;
        let how = how?;
        calm?;
        gone?;
        Ok(how)
    }

    async fn three_rounds(&self) -> Result<Outcome> {
        self.with_page(async |id| self.call_three_times(id).await).await
    }

    async fn call_three_times(&self, id: &str) -> Result<Outcome> {
        let before = self.real.calls.sent(TITLE);
        let rounds = || self.real.calls.sent(TITLE) - before;
        wait::until_true("three rounds", SOON * 2, || rounds() >= ROUNDS).await?;
        wait::until("one notification", SOON, async || Ok((self.real.notes(TITLE).await? == 1).then_some(())))
            .await
            .with_context(|| "it is not up exactly once")?;
        let buttons = self.real.note_buttons().await?;
        ensure!(buttons.iter().filter(|it| *it == "Open").count() <= 1, "two buttons say Open: {buttons:?}");
        self.real.picture(&self.picture("page")).await?;
        self.real.press_note("Acknowledge").await?;
        self.until_taken(id).await?;
        self.until_withdrawn().await?;
        let refusals = self.real.calls.refusals();
        ensure!(refusals.is_empty(), "the daemon refused: {refusals:?}");
        Ok(Outcome::Held(format!("{} rounds, then taken by its button", rounds())))
    }

    async fn taken_elsewhere(&self) -> Result<Outcome> {
        self.with_page(async |id| {
            self.until_notified().await?;
            self.take_elsewhere(id)?;
            self.until_withdrawn().await?;
            Ok(Outcome::Held("gone by itself".into()))
        })
        .await
    }

    async fn open_in_note(&self) -> Result<Outcome> {
        self.with_page(async |_| {
            self.until_notified().await?;
            self.go_elsewhere().await?;
            self.real.open_note(TITLE).await?;
            let came = self.until_front().await;
            self.real.picture(&self.picture("opened")).await?;
            came
        })
        .await
    }

    async fn icon_click(&self) -> Result<Outcome> {
        self.go_elsewhere().await?;
        self.real.click_icon().await?;
        self.until_front().await
    }

    async fn second_start(&self) -> Result<Outcome> {
        self.go_elsewhere().await?;
        self.launch(&[]).await?;
        self.until_front().await
    }

    async fn draft(&self) -> Result<Outcome> {
        self.incident().await?;
        self.go_elsewhere().await?;
        self.launch(&["draft"]).await?;
        let front = self.until_front().await?;
        self.until_typed("Caret").await?;
        self.real.picture(&self.picture("composer")).await?;
        Ok(front)
    }

    async fn hotkey(&self) -> Result<Outcome> {
        let health = async || {
            let view = self.view().await?;
            let channels = view["channels"].as_array().cloned().unwrap_or_default();
            let hotkey = channels.into_iter().find(|it| it["channel"] == "hotkey");
            Ok(hotkey.map(|it| it["health"].clone()))
        };
        let health = wait::until("what the hotkey says", SOON, health).await?;
        if health["kind"] != "works" {
            let doctor = self.app.cli(&self.real.desktop, &["doctor"]).await?.stdout;
            let said = doctor.lines().find(|it| it.contains("Hotkey")).context("doctor is silent about it")?;
            return Ok(Outcome::NotOffered(said.trim().to_owned()));
        }
        self.real.close_window().await?;
        self.go_elsewhere().await?;
        let typed = self.typed().await?.len();
        self.real.press_keys("ctrl+alt+u").await?;
        self.until_front().await?;
        self.until_typed("Hotkey").await?;
        ensure!(self.typed().await?.len() > typed, "nothing was added");
        Ok(Outcome::Held("the caret is in the text".into()))
    }

    async fn close_to_tray(&self) -> Result<Outcome> {
        self.real.close_window().await?;
        self.with_page(async |id| {
            self.until_notified().await?;
            self.take_elsewhere(id)?;
            self.until_withdrawn().await?;
            ensure!(self.app.runs(), "Herald has ended");
            Ok(Outcome::Held("it still watches".into()))
        })
        .await
    }

    async fn panel_comes_back(&self) -> Result<Outcome> {
        self.real.restart_panel().await?;
        self.icon().await
    }

    async fn compositor_comes_back(&self) -> Result<Outcome> {
        self.real.restart_compositor().await?;
        self.icon().await?;
        self.with_page(async |id| {
            self.until_notified().await?;
            self.real.press_note("Acknowledge").await?;
            self.until_taken(id).await?;
            self.launch(&[]).await?;
            self.until_front().await
        })
        .await
    }

    /// A page that calls while nobody is logged in is announced at the next login.
    async fn next_login(self) -> Result<Outcome> {
        let Self { real, mut app, world, pictures } = self;
        let kind = real.kind;
        let (start, desktop) = (Instant::now(), real.log_out());
        wait::until_true("Herald to end with its session", SOON * 2, || !app.runs()).await?;
        let ended = start.elapsed();
        let real = Real::log_in(kind, desktop).await?;
        app.restart(&real.desktop)?;
        let path = Self { real, app, world, pictures };
        let start = Instant::now();
        path.with_page(async |_| {
            path.until_notified().await?;
            let (ended, announced) = (ended.as_secs_f32(), start.elapsed().as_secs_f32());
            Ok(Outcome::Held(format!("ended within {ended:.1} s, announced {announced:.1} s after the next start")))
        })
        .await
    }

    /// Starts another Herald: as the desktop's own launcher does where it can be asked, else as a shell does.
    async fn launch(&self, args: &[&str]) -> Result<()> {
        let (binary, data_dir) = (text(self.app.binary()), text(self.app.data_dir()));
        let command = [&[binary.as_str()][..], args, &["--data-dir", &data_dir]].concat();
        if self.real.launch(&command).await? {
            return Ok(());
        }
        let answer = self.app.cli(&self.real.desktop, args).await?;
        ensure!(answer.code == Some(0), "{answer:?}");
        Ok(())
    }

    async fn go_elsewhere(&self) -> Result<()> {
        wait::until("the user to be elsewhere", SOON, async || {
            self.real.go_elsewhere().await?;
            Ok(self.real.front().await?.contains(ELSEWHERE).then_some(()))
        })
        .await?;
        // Whoever types there has a newer claim to the screen than a window that only wants to be seen.
        self.real.type_text("notes of somebody else ").await
    }

    pub(super) async fn until_front(&self) -> Result<Outcome> {
        let start = Instant::now();
        let mut last = String::new();
        wait::until("Herald's window in front", Duration::from_secs(20), async || {
            last = self.real.front().await?;
            Ok((last == "Herald").then_some(()))
        })
        .await
        .with_context(|| format!("in front is {last:?}"))?;
        Ok(Outcome::Held(format!("in front within {:.1} s", start.elapsed().as_secs_f32())))
    }

    /// Waits until what is typed stands in the draft: only a window that has the keyboard takes it.
    async fn until_typed(&self, word: &str) -> Result<()> {
        wait::until(&format!("{word:?} in the draft"), SOON, async || {
            self.real.type_text(word).await?;
            Ok(self.typed().await?.contains(word).then_some(()))
        })
        .await
    }

    async fn typed(&self) -> Result<String> {
        let view = self.view().await?;
        Ok(view["incidents"][0]["compose"]["text"]["body"].as_str().unwrap_or_default().to_owned())
    }

    fn page(&self) -> Result<String> {
        let page = Act::Trigger(Trigger { title: TITLE.into(), ..Trigger::default() });
        self.world.do_now(page)?.pop().context("nothing was triggered")
    }

    async fn incident(&self) -> Result<()> {
        let wish = json!({"wish": "open", "own": {"title": "Sign-in fails"}, "page": null});
        self.command(json!({"do": "incident", "wish": wish})).await?;
        self.until_view("an incident", |view| view["incidents"].as_array().is_some_and(|it| !it.is_empty()))
            .await
            .map(drop)
    }

    fn take_elsewhere(&self, id: &str) -> Result<()> {
        self.world.do_now(Act::Acknowledge(ByUser { page: id.into(), by: "dana".into() })).map(drop)?;
        Ok(())
    }

    async fn until_taken(&self, id: &str) -> Result<()> {
        let taken = |world: &World| world.incident(id).is_some_and(|it| it.status == Status::Acknowledged);
        match tokio::time::timeout(SOON, self.world.until(taken)).await {
            Ok(()) => Ok(()),
            Err(_) => bail!("its button reached nobody; heard: {:?}", self.real.calls.heard().last()),
        }
    }

    async fn until_notified(&self) -> Result<()> {
        wait::until("the notification", SOON, async || Ok((self.real.notes(TITLE).await? >= 1).then_some(()))).await
    }

    async fn until_withdrawn(&self) -> Result<()> {
        wait::until("the notification to go", SOON, async || Ok((self.real.notes(TITLE).await? == 0).then_some(())))
            .await
    }

    async fn command(&self, command: Value) -> Result<()> {
        let reply = self.app.ask(&json!({"ask": "command", "command": command}), SOON).await?;
        ensure!(reply["answer"] == "done", "{command} was answered with {reply}");
        Ok(())
    }

    async fn view(&self) -> Result<Value> {
        Ok(self.app.ask(&json!({"ask": "status"}), SOON).await?["view"].take())
    }

    async fn until_view(&self, what: &str, mut fits: impl FnMut(&Value) -> bool) -> Result<Value> {
        wait::until(what, SOON, async || {
            let view = self.view().await?;
            Ok(fits(&view).then_some(view))
        })
        .await
    }

    fn picture(&self, name: &str) -> PathBuf {
        self.pictures.join(format!("{}-{name}.png", self.real.kind.id()))
    }
}

/// Whether a page of this view still calls.
fn calls(view: &Value) -> bool {
    view["pages"].as_array().into_iter().flatten().any(|it| it["status"] == "triggered")
}
