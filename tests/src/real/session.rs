//! A login to one real desktop: its buses, its screen, its own programs, in folders of its own.

use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};

use crate::audio::Sound;
use crate::desktop::{Desktop, text};
use crate::keyring::Keyring;
use crate::real::access::{Access, Place, Thing};
use crate::real::calls::Calls;
use crate::real::kind::Kind;
use crate::wait::{self, SOON};

/// The size of the screen, in pixels.
pub const SCREEN: (i32, i32) = (1280, 800);
/// Where the distribution describes its bus services.
const SERVICES: &str = "/usr/share/dbus-1/services";
/// A desktop of this size starts within this on a loaded machine.
const START: Duration = Duration::from_secs(90);
/// The title of the window of somebody else's program, which the user is in when something happens.
pub const ELSEWHERE: &str = "Elsewhere";

/// A window with a line to write in, and no more.
const OTHER_PROGRAM: &str = "
import gi
gi.require_version('Gtk', '3.0')
from gi.repository import Gtk
window = Gtk.Window(title='Elsewhere', default_width=420, default_height=120)
window.add(Gtk.Entry())
window.show_all()
Gtk.main()
";

/// What the tests of Herald set, and a real desktop must not have.
const NOT_HERE: [&str; 4] = ["NO_AT_BRIDGE", "GDK_BACKEND", "GSETTINGS_BACKEND", "RUST_BACKTRACE"];

/// What one login sets, and the next must not have.
const OF_A_LOGIN: [&str; 3] = ["WAYLAND_DISPLAY", "SWAYSOCK", "QT_QPA_PLATFORM"];

/// A running desktop.
pub struct Real {
    /// Which one.
    pub kind: Kind,
    /// Its folders, buses and processes.
    pub desktop: Desktop,
    /// What stands on its screen; GNOME's shell answers for itself instead.
    pub access: Option<Access>,
    /// What stood there before Herald came: its icon is among what is new.
    pub(super) before: Vec<Thing>,
    /// Where its icon was found in the panel's picture, where the panel does not tell.
    pub(super) icon: Mutex<Option<Place>>,
    /// What is said about notifications.
    pub calls: Calls,
    /// A connection of our own to the session bus.
    pub bus: zbus::Connection,
    /// The X server that everything is drawn on.
    pub(super) screen: String,
    _keyring: Keyring,
    _sound: Sound,
}

impl Real {
    /// Logs in for the first time.
    ///
    /// # Errors
    /// When a part does not start; the message holds its log.
    pub async fn start(kind: Kind) -> Result<Self> {
        Self::log_in(kind, Desktop::bare()?).await
    }

    /// Logs in, with what is in these folders.
    ///
    /// # Errors
    /// When a part does not start; the message holds its log.
    pub async fn log_in(kind: Kind, desktop: Desktop) -> Result<Self> {
        NOT_HERE.iter().chain(&OF_A_LOGIN).for_each(|name| desktop.unset_env(name));
        desktop.set_env("XDG_DATA_DIRS", "/usr/local/share:/usr/share");
        let services = services(&desktop, kind)?;
        desktop.start_buses(Some(&services)).await?;
        desktop.start_screen(&format!("{}x{}x24", SCREEN.0, SCREEN.1)).await?;
        let screen = desktop.env().remove("DISPLAY").context("the screen has no name")?;
        kind.environment().iter().for_each(|(name, value)| desktop.set_env(name, value));
        tell_bus(&desktop).await?;
        logind(&desktop).await?;
        let keyring = Keyring::start(&desktop).await?;
        let sound = Sound::start(&desktop).await?;
        let calls = Calls::listen(&desktop).await?;
        let bus = desktop.session_bus()?.build().await?;
        let mut real = Self {
            kind,
            desktop,
            access: None,
            before: Vec::new(),
            icon: Mutex::default(),
            calls,
            bus,
            screen,
            _keyring: keyring,
            _sound: sound,
        };
        real.start_programs().await.with_context(|| real.logs())?;
        if !kind.is_gnome() {
            let access = Access::open(&real.desktop).await?;
            real.before = access.showing().await?;
            real.access = Some(access);
        }
        Ok(real)
    }

    /// What the desktop's own programs said last, for looking into a failure.
    #[must_use]
    pub fn logs(&self) -> String {
        ["shell", "kwin", "panel", "notifier", "sway", "elsewhere"]
            .map(|name| last_lines(name, &self.desktop.log(name)))
            .concat()
    }

    async fn start_programs(&self) -> Result<()> {
        match self.kind {
            Kind::GnomeX11 | Kind::GnomeWayland => self.start_gnome().await?,
            Kind::KdeX11 => {
                self.spawn("kwin", "kwin_x11", &[])?;
                self.until_managed().await?;
                self.spawn("kded", "kded5", &[])?;
                self.start_panel().await?;
            }
            Kind::KdeWayland => {
                let (width, height) = (SCREEN.0.to_string(), SCREEN.1.to_string());
                let args = ["--x11-display", &self.screen, "--no-lockscreen", "--width", &width, "--height", &height];
                // The packaged one may take a higher priority, and the kernel refuses to start it where nobody may. A
                // copy has no such right.
                let kwin = self.desktop.dir().join("kwin_wayland");
                std::fs::copy("/usr/bin/kwin_wayland", &kwin).context("kwin_wayland is not installed")?;
                self.spawn("kwin", &text(&kwin), &args)?;
                self.until_compositor().await?;
                self.desktop.set_env("QT_QPA_PLATFORM", "wayland");
                self.spawn("kded", "kded5", &[])?;
                self.start_panel().await?;
            }
            Kind::Xfce => {
                self.spawn("shell", "xfwm4", &[])?;
                self.until_managed().await?;
                self.start_panel().await?;
            }
            Kind::Mate => {
                self.spawn("shell", "marco", &[])?;
                self.until_managed().await?;
                self.start_panel().await?;
            }
            Kind::Sway => self.start_sway().await?,
        }
        self.until_name("org.kde.StatusNotifierWatcher").await
    }

    /// Starts what the icon stands in; GNOME's is part of its shell.
    async fn start_panel(&self) -> Result<()> {
        match self.kind {
            Kind::GnomeX11 | Kind::GnomeWayland => {}
            Kind::KdeX11 | Kind::KdeWayland => {
                self.spawn("panel", "plasmashell", &["--no-respawn"])?;
                self.until_name("org.freedesktop.Notifications").await?;
            }
            Kind::Xfce => drop(self.spawn("panel", "xfce4-panel", &[])?),
            Kind::Mate => drop(self.spawn("panel", "mate-panel", &[])?),
            Kind::Sway => {
                let (bar, style) = self.waybar();
                self.spawn("panel", "waybar", &["--config", &text(&bar), "--style", &text(&style)])?;
            }
        }
        Ok(())
    }

    /// How waybar looks: what stands in it, and its colours.
    fn waybar(&self) -> (PathBuf, PathBuf) {
        (self.desktop.dir().join("waybar.json"), self.desktop.dir().join("waybar.css"))
    }

    /// The panel is killed, as by a crash, and comes back.
    ///
    /// # Errors
    /// When it does not.
    pub async fn restart_panel(&self) -> Result<()> {
        self.desktop.kill(&["panel"]);
        self.start_panel().await
    }

    /// What places the windows is killed, as by a crash, and comes back. On Wayland all that is drawn goes with it.
    ///
    /// # Errors
    /// When it does not come back.
    pub async fn restart_compositor(&self) -> Result<()> {
        match self.kind {
            Kind::GnomeX11 => {
                self.desktop.kill(&["shell"]);
                self.start_gnome().await
            }
            Kind::KdeX11 => self.restart_manager("kwin", "kwin_x11").await,
            Kind::Xfce => self.restart_manager("shell", "xfwm4").await,
            Kind::Mate => self.restart_manager("shell", "marco").await,
            Kind::GnomeWayland | Kind::KdeWayland | Kind::Sway => {
                self.desktop.kill(&["shell", "kwin", "sway", "kded", "panel", "notifier", "elsewhere"]);
                for left in std::fs::read_dir(self.desktop.dir().join("run"))?.flatten() {
                    let name = left.file_name().to_string_lossy().into_owned();
                    if name.starts_with("wayland-") || name.starts_with("sway-ipc") {
                        std::fs::remove_file(left.path())?;
                    }
                }
                OF_A_LOGIN.iter().for_each(|name| self.desktop.unset_env(name));
                self.desktop.set_env("DISPLAY", &self.screen);
                self.start_programs().await
            }
        }
    }

    async fn restart_manager(&self, name: &str, program: &str) -> Result<()> {
        self.desktop.kill(&[name]);
        self.spawn(name, program, &[])?;
        self.until_managed().await
    }

    /// Logs out: everything of the session ends, but Herald, which nobody ends.
    #[must_use]
    pub fn log_out(self) -> Desktop {
        self.desktop.end_all_but("herald");
        self.desktop
    }

    async fn start_sway(&self) -> Result<()> {
        let config = self.desktop.dir().join("sway.conf");
        let (bar, style) = self.waybar();
        std::fs::write(
            &config,
            format!("output * resolution {}x{}\nfocus_on_window_activation smart\n", SCREEN.0, SCREEN.1),
        )?;
        std::fs::write(
            &bar,
            r#"{"layer":"top","height":30,"modules-left":["sway/workspaces"],"modules-right":["tray","clock"]}"#,
        )?;
        std::fs::write(&style, waybar_style(true))?;
        self.spawn("sway", "sway", &["--config", &text(&config)])?;
        self.until_compositor().await?;
        self.spawn("notifier", "mako", &[])?;
        self.start_panel().await
    }

    pub(super) fn spawn(&self, name: &str, program: &str, args: &[&str]) -> Result<crate::process::Process> {
        self.desktop.spawn(name, program, args)
    }

    /// Waits for the compositor's socket, and lets every program from here on draw through it.
    pub(super) async fn until_compositor(&self) -> Result<()> {
        let run = self.desktop.dir().join("run");
        let socket = wait::until("a Wayland socket", START, async || {
            let names = std::fs::read_dir(&run)?.flatten().filter_map(|it| it.file_name().into_string().ok());
            Ok(names.into_iter().find(|it| it.starts_with("wayland-") && !it.ends_with(".lock")))
        })
        .await?;
        self.desktop.set_env("WAYLAND_DISPLAY", &socket);
        self.desktop.unset_env("DISPLAY");
        if self.kind == Kind::Sway {
            let ipc = wait::until("sway's socket", START, async || {
                let names = std::fs::read_dir(&run)?.flatten().map(|it| it.path());
                Ok(names.into_iter().find(|it| text(it).contains("sway-ipc")))
            })
            .await?;
            self.desktop.set_env("SWAYSOCK", &text(&ipc));
        }
        tell_bus(&self.desktop).await
    }

    /// Waits until a window manager runs.
    pub(super) async fn until_managed(&self) -> Result<()> {
        wait::until("a window manager", START, async || {
            let said = self.desktop.run("xprop", &["-root", "_NET_SUPPORTING_WM_CHECK"]).await?;
            Ok(said.contains("window id").then_some(()))
        })
        .await
    }

    /// Waits until somebody has this name on the session bus.
    pub(super) async fn until_name(&self, name: &str) -> Result<()> {
        let bus = zbus::fdo::DBusProxy::new(&self.bus).await?;
        let name: zbus::names::OwnedBusName = name.try_into()?;
        let what = format!("{name} on the bus");
        wait::until(&what, START, async || Ok(bus.name_has_owner(name.clone().into()).await?.then_some(()))).await
    }

    /// Runs a program on the X server that everything is drawn on.
    pub(super) async fn on_screen(&self, program: &str, args: &[&str]) -> Result<String> {
        let display = format!("DISPLAY={}", self.screen);
        self.desktop.run("env", &[&[display.as_str(), program][..], args].concat()).await
    }

    /// Takes a picture of the whole screen.
    ///
    /// # Errors
    /// When it cannot be taken.
    pub async fn picture(&self, path: &Path) -> Result<()> {
        self.on_screen("import", &["-silent", "-window", "root", &text(path)]).await.map(drop)
    }

    /// The version of the desktop, as its package has it.
    ///
    /// # Errors
    /// When it is not installed.
    pub async fn version(&self) -> Result<String> {
        let said = self.desktop.run("dpkg-query", &["-W", "-f=${Version}", self.kind.package()]).await?;
        // Epoch and the distribution's own count say nothing to a user.
        let upstream = said.split_once(':').map_or(said.as_str(), |(_, rest)| rest);
        Ok(upstream.split(['-', '+']).next().unwrap_or(upstream).to_owned())
    }

    /// Opens the other program that the user is in, and waits until it is in front.
    ///
    /// # Errors
    /// When it does not come.
    pub async fn open_elsewhere(&self) -> Result<()> {
        self.spawn("elsewhere", "python3", &["-c", OTHER_PROGRAM])?;
        let mut last = String::new();
        wait::until("the other window", SOON, async || {
            self.go_elsewhere().await?;
            last = self.front().await?;
            Ok(last.contains(ELSEWHERE).then_some(()))
        })
        .await
        .with_context(|| format!("in front is {last:?}"))
    }
}

/// The style of sway's bar, on either ground.
pub(super) fn waybar_style(dark: bool) -> String {
    let (ground, text) = if dark { ("#202225", "#e8e8e8") } else { ("#f2f2f2", "#202020") };
    format!("window#waybar {{ background: {ground}; color: {text}; font-size: 13px; }}\n")
}

fn last_lines(name: &str, log: &str) -> String {
    let lines: Vec<&str> = log.lines().collect();
    let last = lines[lines.len().saturating_sub(12)..].join("\n");
    if last.is_empty() { String::new() } else { format!("\n== {name}\n{last}\n") }
}

/// The distribution's bus services, without the notification daemons of other desktops: the bus would start any of them.
fn services(desktop: &Desktop, kind: Kind) -> Result<PathBuf> {
    let folder = desktop.dir().join("services");
    std::fs::create_dir_all(&folder)?;
    for entry in std::fs::read_dir(SERVICES).context("no bus services are installed")?.flatten() {
        let (path, name) = (entry.path(), entry.file_name());
        let Ok(said) = std::fs::read_to_string(&path) else { continue };
        let offers = |service: &str| said.lines().any(|line| line.trim().strip_prefix("Name=") == Some(service));
        let notifies = offers("org.freedesktop.Notifications");
        // The keychain is ours, open and started before: asking for it must not start a second one.
        if (!notifies || name == kind.notifier()) && !offers("org.freedesktop.secrets") && !offers("org.gnome.keyring")
        {
            std::fs::copy(&path, folder.join(&name))?;
        }
    }
    ensure!(folder.join(kind.notifier()).exists(), "{} is not installed: it has no {}", kind.title(), kind.notifier());
    Ok(folder)
}

/// Gives what the bus starts the environment of this login.
async fn tell_bus(desktop: &Desktop) -> Result<()> {
    let bus = zbus::fdo::DBusProxy::new(&desktop.session_bus()?.build().await?).await?.into_inner();
    let env = desktop.env();
    Ok(bus.call_method("UpdateActivationEnvironment", &env).await.map(drop)?)
}

/// A login manager that knows one session of ours. python-dbusmock's template is made after systemd's own interface.
async fn logind(desktop: &Desktop) -> Result<()> {
    desktop.spawn("logind", "python3", &["-m", "dbusmock", "--system", "--template", "logind"])?;
    let bus = desktop.system_bus()?.build().await?;
    let me = rustix::process::getuid().as_raw();
    let (mock, path) = (Some("org.freedesktop.DBus.Mock"), "/org/freedesktop/login1");
    let session = ("c1", "seat0", me, "me", true);
    wait::until("a login manager", SOON, async || {
        Ok(Some(bus.call_method(Some("org.freedesktop.login1"), path, mock, "AddSession", &session).await?))
    })
    .await
    .map(drop)
    .with_context(|| desktop.log("logind"))
}
