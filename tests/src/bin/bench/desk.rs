//! What every topic needs: a desktop with its services, a practice world, and a Herald that watches it.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use herald_practice::{Act, Options, Scenario, Trigger, World};
use herald_tests::audio::Sound;
use herald_tests::keyring::Keyring;
use herald_tests::tray::Tray;
use herald_tests::wait::{self, SOON};
use herald_tests::{App, Desktop};
use serde_json::{Value, json};

use crate::arrivals::Arrivals;

/// Time after a start, or after what a hand has done, in which things settle.
pub const SETTLE: Duration = Duration::from_secs(10);

/// A desktop on which a Herald watches the practice world.
pub struct Desk {
    // Ends before the desktop that it runs on.
    pub app: App,
    pub world: World,
    pub tray: Tray,
    pub notifications: Arrivals,
    _sound: Sound,
    _keyring: Keyring,
    pub desktop: Desktop,
}

impl Desk {
    /// A desktop on which Herald is connected and does not run yet.
    pub async fn prepared() -> Result<Self> {
        let desktop = Desktop::start().await?;
        let sound = Sound::start(&desktop).await?;
        let notifications = Arrivals::start(&desktop).await?;
        let keyring = Keyring::start(&desktop).await?;
        let tray = Tray::start(&desktop).await?;
        let world = World::start(Options::of(Scenario::quiet())).await?;
        let app = App::prepare(&desktop, &["--hidden"]).await?;
        let url = world.url();
        let connect = ["connect", "pagerduty", "--url", &url];
        let answer = app.cli_with(&desktop, &connect, &world.tokens().user).await?;
        ensure!(answer.code == Some(0), "not connected: {}", answer.stderr);
        Ok(Self { app, world, tray, notifications, _sound: sound, _keyring: keyring, desktop })
    }

    /// The same, and Herald watches from the tray.
    pub async fn start() -> Result<Self> {
        let mut desk = Self::prepared().await?;
        desk.restart().await?;
        Ok(desk)
    }

    /// Starts Herald anew and waits until PagerDuty has answered it.
    pub async fn restart(&mut self) -> Result<()> {
        let before = self.world.requests_since(0).len();
        self.app.restart(&self.desktop)?;
        self.tray.until_item().await?;
        let answered = |world: &World| {
            world
                .requests_since(0)
                .iter()
                .skip(before)
                .any(|it| it.path.starts_with("/incidents?") && it.status.is_some())
        };
        let answered = tokio::time::timeout(SOON, self.world.until(answered)).await;
        answered.with_context(|| format!("PagerDuty was not asked: {}", self.app.log()))
    }

    /// Asks Herald for something, and waits until it is saved.
    pub async fn command(&self, command: Value) -> Result<()> {
        let reply = self.app.ask(&json!({"ask": "command", "command": command}), SOON).await?;
        ensure!(reply["answer"] == "done", "{command} was answered with {reply}");
        Ok(())
    }

    /// A wish about incidents.
    pub async fn wish(&self, wish: Value) -> Result<()> {
        self.command(json!({"do": "incident", "wish": wish})).await
    }

    /// Has it ask PagerDuty now.
    pub async fn poll(&self) -> Result<()> {
        self.command(json!({"do": "poll_now"})).await
    }

    /// What it shows.
    pub async fn view(&self) -> Result<Value> {
        Ok(self.app.ask(&json!({"ask": "status"}), SOON).await?["view"].take())
    }

    /// Waits until it shows so many pages and incidents: what is measured must be there.
    pub async fn until_shown(&self, pages: usize, incidents: usize) -> Result<()> {
        let counts = |view: &Value| {
            let length = |name: &str| view[name].as_array().map_or(0, Vec::len);
            (length("pages"), length("incidents"))
        };
        let what = format!("{pages} pages and {incidents} incidents");
        wait::until(&what, SOON, async || {
            let shown = counts(&self.view().await?);
            ensure!(shown == (pages, incidents), "shown are {shown:?}");
            Ok(Some(()))
        })
        .await
    }

    /// Waits until it knows of so many pages, more than it shows.
    pub async fn until_known(&self, pages: u64) -> Result<()> {
        wait::until(&format!("{pages} pages"), SOON, async || {
            let view = self.view().await?;
            let shown = view["pages"].as_array().map_or(0, Vec::len) as u64;
            let known = shown + view["pages_more"].as_u64().unwrap_or(0);
            ensure!(known == pages, "known are {known}");
            Ok(Some(()))
        })
        .await
    }

    /// Pages of this number, all at once.
    pub fn trigger(&self, name: &str, title: &str, count: u32) -> Result<()> {
        let trigger = Trigger {
            page: Some(name.into()),
            title: title.into(),
            count: (count > 1).then_some(count),
            ..Trigger::default()
        };
        Ok(self.world.do_now(Act::Trigger(trigger)).map(drop)?)
    }

    /// Opens the window and waits until it is on the screen.
    pub async fn open_window(&self) -> Result<()> {
        self.tray.activate().await?;
        wait::until("the window", SOON, async || Ok(self.window_visible().await?.then_some(()))).await
    }

    /// Closes the window as its user does, and waits until it has gone from the screen.
    pub async fn close_window(&self) -> Result<()> {
        // The window manager takes the key only once the window has the focus.
        wait::until("the window to go", SOON, async || {
            self.desktop.run("xdotool", &["search", "--onlyvisible", "--name", "^Herald$", "windowfocus"]).await.ok();
            self.desktop.run("xdotool", &["key", "--clearmodifiers", "alt+F4"]).await?;
            Ok((!self.window_visible().await?).then_some(()))
        })
        .await
    }

    /// Waits until none of the window's processes is left.
    pub async fn until_window_gone(&self) -> Result<()> {
        let what = "the window's processes to go";
        wait::until(what, 4 * SOON, async || Ok((self.app.usage()?.processes == 1).then_some(()))).await
    }

    async fn window_visible(&self) -> Result<bool> {
        Ok(self.desktop.window_titles().await?.iter().any(|title| title == "Herald"))
    }

    /// Gives what is started from here on copies of its own of all libraries that are named, as on a machine on which
    /// nobody else uses them.
    pub async fn own_libraries(&self) -> Result<()> {
        let folder = self.desktop.dir().join("lib");
        std::fs::create_dir(&folder)?;
        let web = "/usr/lib/x86_64-linux-gnu/webkit2gtk-4.1";
        let programs = [
            self.app.binary().to_owned(),
            self.app.binary().with_file_name("herald-window"),
            format!("{web}/WebKitWebProcess").into(),
            format!("{web}/WebKitNetworkProcess").into(),
        ];
        for program in programs.iter().filter(|it| it.exists()) {
            let listed = self.desktop.run("ldd", &[&program.to_string_lossy()]).await?;
            let libraries = listed.lines().filter_map(|line| line.split("=> ").nth(1)?.split(' ').next());
            for library in libraries.map(PathBuf::from).filter(|it| it.is_absolute()) {
                let copy = folder.join(library.file_name().context("a name")?);
                if !copy.exists() {
                    std::fs::copy(&library, &copy)?;
                }
            }
        }
        self.desktop.set_env("LD_LIBRARY_PATH", &folder.to_string_lossy());
        Ok(())
    }
}

/// Lets things settle.
pub async fn settle() {
    wait::until_age(Instant::now(), SETTLE).await;
}

/// The figure at this share of all of them, from 0 to 1.
pub fn at(share: f64, mut figures: Vec<f64>) -> Result<f64> {
    figures.sort_by(f64::total_cmp);
    let place = (figures.len() as f64 * share).ceil() as usize;
    figures.get(place.saturating_sub(1)).copied().context("nothing was measured")
}

/// The one in the middle.
pub fn median(figures: Vec<f64>) -> Result<f64> {
    at(0.5, figures)
}

/// A span in milliseconds.
pub fn ms(span: Duration) -> f64 {
    span.as_secs_f64() * 1e3
}
