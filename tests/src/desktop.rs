//! A private desktop for one test: folders, two message buses, a screen, a window manager.
//!
//! All of them are the real programs: dbus-daemon (its configuration is that of dbus-daemon(1)'s session bus without
//! `servicedir`, so that no service is activated), Xvfb, openbox. Where programs differ, the fakes beside this say whose
//! manners they have. [`crate::manager`] is another window manager, stricter than openbox.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::os::fd::OwnedFd;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};

use crate::process::{self, Process, Start};
use crate::wait::{self, SOON};

/// Usually without service folders: nothing is started just because somebody asked for its name. Absence must be testable.
const BUS_CONFIG: &str = r#"<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <keep_umask/>
  <listen>unix:path=@SOCKET@</listen>
  <auth>EXTERNAL</auth>
  @SERVICES@
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
"#;

/// Folders of the desktop and the variables that lead to them.
const FOLDERS: [(&str, &str); 7] = [
    ("HOME", "home"),
    ("XDG_RUNTIME_DIR", "run"),
    ("XDG_CONFIG_HOME", "config"),
    ("XDG_DATA_HOME", "data"),
    ("XDG_CACHE_HOME", "cache"),
    ("XDG_STATE_HOME", "state"),
    ("TMPDIR", "tmp"),
];

/// What does not depend on the test.
const FIXED: [(&str, &str); 9] = [
    ("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"),
    ("LANG", "C.UTF-8"),
    ("TZ", "UTC"),
    ("NO_AT_BRIDGE", "1"),
    ("GDK_BACKEND", "x11"),
    ("GSETTINGS_BACKEND", "memory"),
    ("LIBGL_ALWAYS_SOFTWARE", "1"),
    ("NO_PROXY", "*"),
    ("RUST_BACKTRACE", "1"),
];

/// How large the screen is, and how deep.
const SCREEN: &str = "1280x800x24";

/// Numbers that screens of tests have. X servers that choose for themselves begin at 0.
const SCREEN_NUMBERS: std::ops::Range<u16> = 1000..3000;

/// One test's own desktop. Everything it started ends when it is dropped.
pub struct Desktop {
    // Ended in reverse order of starting, before the folder they write to goes.
    processes: Mutex<Vec<Process>>,
    env: Mutex<BTreeMap<String, String>>,
    /// The numbers of its screens, also of those that have ended: what was started on one must not meet another there.
    numbers: Mutex<Vec<Number>>,
    dir: tempfile::TempDir,
}

impl Desktop {
    /// Starts a full desktop: folders, session bus, system bus, a 1280 × 800 screen and a window manager.
    ///
    /// # Errors
    /// When a part does not start; the message holds that part's log.
    pub async fn start() -> Result<Self> {
        let desktop = Self::without_window_manager().await?;
        desktop.start_manager().await?;
        Ok(desktop)
    }

    /// As [`Desktop::start`], but nobody manages the windows yet: see [`crate::manager::Manager`].
    ///
    /// # Errors
    /// When a part does not start.
    pub async fn without_window_manager() -> Result<Self> {
        let desktop = Self::without_display().await?;
        desktop.start_screen(SCREEN).await?;
        Ok(desktop)
    }

    /// Starts the folders and the two buses, with no screen: as over ssh.
    ///
    /// # Errors
    /// When a bus does not start.
    pub async fn without_display() -> Result<Self> {
        let desktop = Self::bare()?;
        desktop.start_buses(None).await?;
        Ok(desktop)
    }

    /// Makes the folders only: no bus, no screen. Both bus addresses lead nowhere, so the machine's own are out of reach.
    ///
    /// # Errors
    /// When the folders cannot be made.
    pub fn bare() -> Result<Self> {
        let dir = tempfile::Builder::new().prefix("herald-").tempdir()?;
        let mut env: BTreeMap<String, String> = FIXED.map(|(name, value)| (name.into(), value.into())).into();
        for (name, folder) in FOLDERS {
            let path = dir.path().join(folder);
            std::fs::create_dir(&path)?;
            std::fs::set_permissions(&path, PermissionsExt::from_mode(0o700))?;
            env.insert(name.into(), text(&path));
        }
        let nowhere = format!("unix:path={}", text(&dir.path().join("run/nowhere")));
        env.insert("DBUS_SESSION_BUS_ADDRESS".into(), nowhere.clone());
        env.insert("DBUS_SYSTEM_BUS_ADDRESS".into(), nowhere);
        env.insert("HERALD_TEST_DESKTOP".into(), text(dir.path()));
        Ok(Self { processes: Mutex::default(), env: Mutex::new(env), numbers: Mutex::default(), dir })
    }

    /// The desktop's folder.
    #[must_use]
    pub fn dir(&self) -> &Path {
        self.dir.path()
    }

    /// The environment that the next program will get.
    #[must_use]
    pub fn env(&self) -> BTreeMap<String, String> {
        lock(&self.env).clone()
    }

    /// Sets a variable for the programs started from here on.
    pub fn set_env(&self, name: &str, value: &str) {
        lock(&self.env).insert(name.into(), value.into());
    }

    /// Takes a variable away from the programs started from here on.
    pub fn unset_env(&self, name: &str) {
        lock(&self.env).remove(name);
    }

    /// Starts a program in the background; what it prints goes to [`Desktop::log`] under `name`.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn spawn(&self, name: &str, program: impl AsRef<Path>, args: &[&str]) -> Result<Process> {
        self.spawn_with(name, program.as_ref(), args, None, None)
    }

    /// Like [`Desktop::spawn`], with text for its standard input and a file for its standard output.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn spawn_with(
        &self,
        name: &str,
        program: &Path,
        args: &[&str],
        stdin: Option<&str>,
        stdout: Option<File>,
    ) -> Result<Process> {
        let args = args.iter().map(ToString::to_string).collect();
        let dir = self.dir.path().to_owned();
        let process = Process::start(Start { name, program, args, env: self.env(), dir, stdin, stdout })?;
        lock(&self.processes).push(process.clone());
        Ok(process)
    }

    /// Runs a program to its end and returns whatever it printed and how it ended.
    ///
    /// # Errors
    /// When it cannot be started or does not end soon.
    pub async fn output(&self, program: impl AsRef<Path>, args: &[&str]) -> Result<Output> {
        let mut command = Command::new(program.as_ref());
        command.args(args).env_clear().envs(self.env()).current_dir(self.dir.path());
        command.stdin(std::process::Stdio::null());
        process::output(command, SOON * 2).await
    }

    /// Runs a program that must succeed and returns its standard output.
    ///
    /// # Errors
    /// When it fails; the message holds what it said.
    pub async fn run(&self, program: impl AsRef<Path>, args: &[&str]) -> Result<String> {
        let output = self.output(program.as_ref(), args).await?;
        let said = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "{} {args:?}: {said}", program.as_ref().display());
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }

    /// Everything the programs started under `name` have printed.
    #[must_use]
    pub fn log(&self, name: &str) -> String {
        let path = self.dir.path().join(format!("{name}.log"));
        std::fs::read(path).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default()
    }

    /// Starts a connection to this desktop's session bus.
    ///
    /// # Errors
    /// When the address cannot be read.
    pub fn session_bus(&self) -> Result<zbus::connection::Builder<'static>> {
        self.bus("DBUS_SESSION_BUS_ADDRESS")
    }

    /// Starts a connection to this desktop's own system bus.
    ///
    /// # Errors
    /// When the address cannot be read.
    pub fn system_bus(&self) -> Result<zbus::connection::Builder<'static>> {
        self.bus("DBUS_SYSTEM_BUS_ADDRESS")
    }

    /// Takes a picture of the whole screen.
    ///
    /// # Errors
    /// When there is no screen or the file cannot be written.
    pub async fn picture(&self, path: &Path) -> Result<()> {
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        self.run("import", &["-silent", "-window", "root", &text(path)]).await.map(drop)
    }

    /// Mean brightness (0 to 1) and number of colours of a picture: a black or empty one gives itself away.
    ///
    /// # Errors
    /// When the picture cannot be read.
    pub async fn look_at(&self, picture: &Path) -> Result<(f64, u32)> {
        let said = self.run("identify", &["-format", "%[fx:mean] %k", &text(picture)]).await?;
        let (mean, colours) = said.trim().split_once(' ').context("no two numbers")?;
        Ok((mean.parse()?, colours.parse()?))
    }

    /// Titles of the windows that are visible now.
    ///
    /// # Errors
    /// When there is no screen.
    pub async fn window_titles(&self) -> Result<Vec<String>> {
        // xdotool ends with 1 when it finds none.
        let found = self.output("xdotool", &["search", "--onlyvisible", "--name", "."]).await?;
        let mut titles = Vec::new();
        for id in String::from_utf8_lossy(&found.stdout).lines() {
            titles.push(self.run("xdotool", &["getwindowname", id]).await?.trim_end().to_owned());
        }
        Ok(titles)
    }

    fn bus(&self, variable: &str) -> Result<zbus::connection::Builder<'static>> {
        let address = self.env().remove(variable).with_context(|| format!("{variable} is not set"))?;
        Ok(zbus::connection::Builder::address(address.as_str())?)
    }

    /// Ends the screen, as when its user logs out or it crashes. What was started on it may live on.
    pub fn end_screen(&self) {
        self.started_as(&["openbox", "xvfb"]).iter().for_each(Process::end);
    }

    /// Ends the session's bus.
    pub fn end_bus(&self) {
        self.started_as(&["session-bus"]).iter().for_each(Process::end);
    }

    /// Kills what was started under these names, as a crash does.
    pub(crate) fn kill(&self, names: &[&str]) {
        self.started_as(names).iter().for_each(Process::kill);
    }

    /// Ends all that was started here but what has this name, the last first.
    pub(crate) fn end_all_but(&self, name: &str) {
        let (stays, ends): (Vec<Process>, Vec<Process>) =
            lock(&self.processes).drain(..).partition(|it| it.name() == name);
        ends.iter().rev().for_each(Process::end);
        lock(&self.processes).extend(stays);
    }

    fn started_as(&self, names: &[&str]) -> Vec<Process> {
        lock(&self.processes).iter().filter(|it| names.contains(&it.name())).cloned().collect()
    }

    /// The screen gives way to another, as that of the next login.
    ///
    /// # Errors
    /// When it does not start.
    pub async fn next_screen(&self) -> Result<()> {
        self.end_screen();
        self.start_screen(SCREEN).await?;
        self.start_manager().await
    }

    /// Its user logs out and in again where nobody minds what runs on: bus and screen are others, and at the same places.
    ///
    /// # Errors
    /// When they do not start.
    pub async fn log_in_again(&self) -> Result<()> {
        let number = lock(&self.numbers).last().context("it has no screen")?.number;
        self.end_bus();
        self.end_screen();
        self.start_session_bus().await?;
        self.start_screen_at(number, SCREEN).await?;
        self.start_manager().await
    }

    /// Starts another session bus where the one was that has ended.
    ///
    /// # Errors
    /// When it does not start.
    pub async fn start_session_bus(&self) -> Result<()> {
        self.start_bus("session-bus", "DBUS_SESSION_BUS_ADDRESS", "").await
    }

    /// Starts the two buses; the session's starts what `services` describes, or nothing.
    pub(crate) async fn start_buses(&self, services: Option<&Path>) -> Result<()> {
        let services = services.map(|it| format!("<servicedir>{}</servicedir>", text(it))).unwrap_or_default();
        self.start_bus("session-bus", "DBUS_SESSION_BUS_ADDRESS", &services).await?;
        self.start_bus("system-bus", "DBUS_SYSTEM_BUS_ADDRESS", "").await
    }

    async fn start_bus(&self, name: &str, variable: &str, services: &str) -> Result<()> {
        let socket = self.dir.path().join("run").join(name);
        let config = self.dir.path().join(format!("{name}.conf"));
        std::fs::write(&config, BUS_CONFIG.replace("@SOCKET@", &text(&socket)).replace("@SERVICES@", services))?;
        let bus = self.spawn(name, "dbus-daemon", &["--nofork", "--nosyslog", "--config-file", &text(&config)])?;
        wait::until_true(name, SOON, || socket.exists()).await.with_context(|| bus.log())?;
        self.set_env(variable, &format!("unix:path={}", text(&socket)));
        Ok(())
    }

    /// Starts a screen of this size (`WIDTHxHEIGHTxDEPTH`), with nothing on it.
    pub(crate) async fn start_screen(&self, size: &str) -> Result<()> {
        let it = Number::free()?;
        let number = it.number;
        lock(&self.numbers).push(it);
        self.start_screen_at(number, size).await
    }

    async fn start_screen_at(&self, number: u16, size: &str) -> Result<()> {
        // Xvfb says its number once it is ready. The pipe stays open until the line is complete, or Xvfb dies.
        let (reader, writer) = std::io::pipe()?;
        let name = format!(":{number}");
        let args = [&name, "-displayfd", "1", "-screen", "0", size, "-nolisten", "tcp", "-noreset"];
        let writer = File::from(OwnedFd::from(writer));
        let screen = self.spawn_with("xvfb", Path::new("Xvfb"), &args, None, Some(writer))?;
        let said = tokio::task::spawn_blocking(move || {
            let mut line = String::new();
            BufReader::new(reader).read_line(&mut line).map(|_| line)
        });
        let said = tokio::time::timeout(SOON, said).await.with_context(|| screen.log())???;
        ensure!(said.trim() == number.to_string(), "Xvfb is at {said:?}, not at {name}: {}", screen.log());
        self.set_env("DISPLAY", &name);
        self.set_env("XDG_SESSION_TYPE", "x11");
        Ok(())
    }

    async fn start_manager(&self) -> Result<()> {
        let manager = self.spawn("openbox", "openbox", &["--sm-disable"])?;
        wait::until("a window manager", SOON, async || {
            let said = self.run("xprop", &["-root", "_NET_SUPPORTING_WM_CHECK"]).await?;
            Ok(said.contains("window id").then_some(()))
        })
        .await
        .with_context(|| manager.log())
    }
}

impl Drop for Desktop {
    fn drop(&mut self) {
        for process in lock(&self.processes).iter().rev() {
            process.end();
        }
        // What the children themselves started (web processes, a Herald that started itself anew) carries our mark.
        let mark = format!("HERALD_TEST_DESKTOP={}", text(self.dir.path()));
        wait::blocking(Duration::from_secs(1), || process::with_environment(&mark).is_empty());
        for pid in process::with_environment(&mark) {
            if let Some(pid) = i32::try_from(pid).ok().and_then(rustix::process::Pid::from_raw) {
                // It may have ended since it was found.
                let _ = rustix::process::kill_process(pid, rustix::process::Signal::KILL);
            }
        }
        // For looking into a failure: the logs stay where they are.
        self.dir.disable_cleanup(std::env::var_os("HERALD_KEEP_DESKTOP").is_some());
    }
}

/// The number of a screen, which no other test has as long as this lives: an abstract socket is bound once, and let go of
/// however its process ends (unix(7)).
struct Number {
    number: u16,
    _held: OwnedFd,
}

impl Number {
    fn free() -> Result<Self> {
        SCREEN_NUMBERS.into_iter().find_map(Self::take).context("every number of a screen is taken")
    }

    fn take(number: u16) -> Option<Self> {
        use rustix::net::{AddressFamily, SocketAddrUnix, SocketFlags, SocketType, bind, socket_with};
        let held = socket_with(AddressFamily::UNIX, SocketType::STREAM, SocketFlags::CLOEXEC, None).ok()?;
        let name = SocketAddrUnix::new_abstract_name(format!("herald-tests-screen-{number}").as_bytes()).ok()?;
        bind(&held, &name).is_ok().then_some(Self { number, _held: held })
    }
}

/// A path as text; the harness makes all its paths itself, and they are plain.
pub(crate) fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

/// The checkout's root folder.
#[must_use]
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().map(Path::to_owned).unwrap_or_default()
}

/// Takes a lock; a test that panicked while holding it has failed already, so the value is as good as any.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
