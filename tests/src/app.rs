//! Herald itself: built once, started on a private desktop, killed, restarted, asked from the command line.

use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use tokio::sync::OnceCell;

use crate::desktop::{Desktop, root, text};
use crate::process::{self, Process};
use crate::usage::{self, Usage};
use crate::wait::{self, SOON};

/// A cold debug build of everything takes five minutes on two cores.
const BUILD_TIME: Duration = Duration::from_secs(1800);

/// Watch and window, as they lie beside each other.
const PROGRAMS: [&str; 2] = ["herald", "herald-window"];

/// The program to test: `HERALD_BIN` when it is set, else a debug build made once for each test process.
///
/// # Errors
/// When it does not build; the message holds the compiler's.
pub async fn herald_binary() -> Result<PathBuf> {
    static BINARY: OnceCell<PathBuf> = OnceCell::const_new();
    BINARY.get_or_try_init(build).await.cloned()
}

async fn build() -> Result<PathBuf> {
    if let Some(path) = std::env::var_os("HERALD_BIN") {
        let path = std::path::absolute(&path)?;
        ensure!(path.is_file(), "HERALD_BIN names no file: {}", path.display());
        return Ok(path);
    }
    let window = root().join("ui/dist/index.html");
    ensure!(window.is_file(), "the window is not built ({} is missing): run `npm run build` in ui/", window.display());
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    // Both in one call: alone, each would be built with other features of what they share.
    command.args(["build", "--package", "herald-watch", "--package", "herald"]);
    command.arg("--message-format=json-render-diagnostics");
    command.current_dir(root());
    let output = process::output(command, BUILD_TIME).await?;
    ensure!(output.status.success(), "building herald:\n{}", String::from_utf8_lossy(&output.stderr));
    // Cargo says itself where the program is, whatever target folder and profile are in force.
    let messages = String::from_utf8_lossy(&output.stdout);
    let built = messages.lines().filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok());
    let mut programs = built.filter_map(|message| message["executable"].as_str().map(PathBuf::from));
    let path = programs.find(|program| program.file_name().is_some_and(|name| name == "herald"));
    path.context("cargo built herald without naming the program")
}

/// What a run of the command line printed and how it ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Exit code; nothing when a signal ended it.
    pub code: Option<i32>,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

impl Answer {
    /// The output as JSON.
    ///
    /// # Errors
    /// When the run failed or printed something else.
    pub fn json(&self) -> Result<serde_json::Value> {
        ensure!(self.code == Some(0), "exit code {:?}: {}", self.code, self.stderr);
        serde_json::from_str(&self.stdout).with_context(|| format!("not JSON: {}", self.stdout))
    }
}

/// One Herald: a program, a data folder, and the running process if there is one.
pub struct App {
    binary: PathBuf,
    data_dir: PathBuf,
    args: Vec<String>,
    process: Option<Process>,
    /// Set instead of `process` when the WebDriver started it.
    driven_pid: Option<u32>,
}

impl App {
    /// Prepares a Herald with its own data folder under the desktop's, without starting it.
    ///
    /// # Errors
    /// When the program does not build.
    pub async fn prepare(desktop: &Desktop, args: &[&str]) -> Result<Self> {
        let data_dir = desktop.dir().join("herald");
        let args = args.iter().map(ToString::to_string).collect();
        Ok(Self { binary: herald_binary().await?, data_dir, args, process: None, driven_pid: None })
    }

    /// Starts Herald with these arguments and `--data-dir`.
    ///
    /// # Errors
    /// When it does not build or start.
    pub async fn start(desktop: &Desktop, args: &[&str]) -> Result<Self> {
        let mut app = Self::prepare(desktop, args).await?;
        app.restart(desktop)?;
        Ok(app)
    }

    /// Puts the programs into this folder, where they lie as if they were installed, and starts them from there.
    ///
    /// # Errors
    /// When they cannot be copied.
    pub fn install(&mut self, folder: &Path) -> Result<()> {
        std::fs::create_dir_all(folder)?;
        for program in PROGRAMS {
            std::fs::copy(self.binary.with_file_name(program), folder.join(program))?;
        }
        self.binary = folder.join(PROGRAMS[0]);
        Ok(())
    }

    /// Puts the programs of another build in the place of the installed ones, which may run: the same ones under another
    /// name of the build, which is all that watch and window know each other by. Each takes its place as a whole, as a
    /// package manager does it (dpkg, `src/main/archives.c`, `tarobject`: unpacks beside, renames over).
    ///
    /// # Errors
    /// When they cannot be written, or know themselves by another name.
    pub fn upgrade(&self, from: &str, to: &str) -> Result<()> {
        ensure!(from.len() == to.len(), "{from} and {to} have not the same length");
        for program in PROGRAMS {
            let (old, new) =
                (self.binary.with_file_name(program), self.binary.with_file_name(format!("{program}.new")));
            let mut bytes = std::fs::read(&old)?;
            let places: Vec<usize> = memmem(&bytes, from.as_bytes());
            ensure!(!places.is_empty(), "{program} is not of build {from}");
            for at in places {
                bytes[at..at + from.len()].copy_from_slice(to.as_bytes());
            }
            std::fs::copy(&old, &new)?;
            std::fs::write(&new, bytes)?;
            std::fs::rename(&new, &old)?;
        }
        Ok(())
    }

    /// Gives it other arguments for the next start; `--data-dir` is added to them.
    pub fn set_args(&mut self, args: &[&str]) {
        self.args = args.iter().map(ToString::to_string).collect();
    }

    /// Starts it again with the same arguments and data; the log goes on. What still runs is ended first.
    ///
    /// # Errors
    /// When it does not start.
    pub fn restart(&mut self, desktop: &Desktop) -> Result<()> {
        self.end();
        let args = self.full_args();
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        self.process = Some(desktop.spawn("herald", &self.binary, &args)?);
        Ok(())
    }

    /// Runs Herald's command line against the same data folder.
    ///
    /// # Errors
    /// When it cannot be started or does not end.
    pub async fn cli(&self, desktop: &Desktop, args: &[&str]) -> Result<Answer> {
        self.cli_with(desktop, args, "").await
    }

    /// Like [`App::cli`], with text on its standard input.
    ///
    /// # Errors
    /// When it cannot be started or does not end.
    pub async fn cli_with(&self, desktop: &Desktop, args: &[&str], stdin: &str) -> Result<Answer> {
        let folder = tempfile::tempdir_in(desktop.dir())?;
        let (input, data_dir) = (folder.path().join("stdin"), text(&self.data_dir));
        std::fs::write(&input, stdin)?;
        let mut command = Command::new(&self.binary);
        command.args(args).args(["--data-dir", &data_dir]).env_clear().envs(desktop.env()).current_dir(desktop.dir());
        command.stdin(std::fs::File::open(&input)?);
        let output = process::output(command, SOON * 2).await?;
        Ok(Answer {
            code: output.status.code(),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        })
    }

    /// Says something to the running Herald the way its own processes do, once it listens, and returns the answer.
    ///
    /// # Errors
    /// When nobody answers in time.
    pub async fn ask(&self, ask: &serde_json::Value, deadline: Duration) -> Result<serde_json::Value> {
        wait::until("an answer from herald", deadline, async || Ok(Some(self.ask_once(ask).await?)))
            .await
            .with_context(|| self.log())
    }

    /// Says something to the running Herald once, and returns the answer.
    ///
    /// # Errors
    /// When nobody listens, or nobody answers.
    pub async fn ask_once(&self, ask: &serde_json::Value) -> Result<serde_json::Value> {
        let (socket, line) = (self.data_dir.join("herald.sock"), format!("{ask}\n"));
        let answer = tokio::task::spawn_blocking(move || converse(&socket, &line)).await??;
        serde_json::from_str(&answer).with_context(|| format!("not JSON: {answer:?}"))
    }

    /// `herald status --json`.
    ///
    /// # Errors
    /// When the command fails or prints no JSON.
    pub async fn status(&self, desktop: &Desktop) -> Result<serde_json::Value> {
        self.cli(desktop, &["status", "--json"]).await?.json()
    }

    /// Waits until `herald status --json` fits.
    ///
    /// # Errors
    /// When it does not in time; the message holds the last status and the log.
    pub async fn until_status(
        &self,
        desktop: &Desktop,
        what: &str,
        deadline: Duration,
        mut fits: impl FnMut(&serde_json::Value) -> bool,
    ) -> Result<serde_json::Value> {
        let mut last = serde_json::Value::Null;
        let found = wait::until(what, deadline, async || {
            last = self.status(desktop).await?;
            Ok(fits(&last).then(|| last.clone()))
        });
        found.await.with_context(|| format!("log: {}", self.log()))
    }

    /// The program.
    #[must_use]
    pub fn binary(&self) -> &Path {
        &self.binary
    }

    /// The data folder.
    #[must_use]
    pub fn data_dir(&self) -> &Path {
        &self.data_dir
    }

    /// The arguments it is started with, `--data-dir` included.
    #[must_use]
    pub fn full_args(&self) -> Vec<String> {
        let mut args = self.args.clone();
        args.extend(["--data-dir".into(), text(&self.data_dir)]);
        args
    }

    /// The running process's id.
    ///
    /// # Errors
    /// When it was never started.
    pub fn pid(&self) -> Result<u32> {
        self.process.as_ref().map(Process::pid).or(self.driven_pid).context("herald was not started")
    }

    /// Whether it runs.
    #[must_use]
    pub fn runs(&self) -> bool {
        match &self.process {
            Some(process) => process.ended().is_none(),
            None => self.driven_pid.is_some_and(is_running),
        }
    }

    /// Waits until it has ended by itself and returns its exit code.
    ///
    /// # Errors
    /// When it still runs at the deadline, or was not started by this handle.
    pub async fn until_ended(&self, deadline: Duration) -> Result<Option<i32>> {
        let process = self.process.as_ref().context("herald was not started by this handle")?;
        Ok(process.until_ended(deadline).await?.code())
    }

    /// Waits until its log contains `text`.
    ///
    /// # Errors
    /// When the deadline passes or it ends first.
    pub async fn until_logged(&self, text: &str, deadline: Duration) -> Result<()> {
        self.process.as_ref().context("herald was not started by this handle")?.until_logged(text, deadline).await
    }

    /// Everything it has printed, over all its starts.
    #[must_use]
    pub fn log(&self) -> String {
        self.process.as_ref().map(Process::log).unwrap_or_default()
    }

    /// Kills it with no chance to tidy up, as a power cut would.
    pub fn kill9(&self) {
        match (&self.process, self.driven_pid) {
            (Some(process), _) => process.kill(),
            (None, Some(pid)) => kill_driven(pid),
            (None, None) => {}
        }
    }

    /// Ends it as a session's end does.
    pub fn end(&self) {
        match &self.process {
            Some(process) => process.end(),
            None => self.kill9(),
        }
    }

    /// How many files and sockets it has open.
    ///
    /// # Errors
    /// When it does not run.
    pub fn open_files(&self) -> Result<usize> {
        Ok(std::fs::read_dir(format!("/proc/{}/fd", self.pid()?))?.count())
    }

    /// How many threads it has.
    ///
    /// # Errors
    /// When it does not run.
    pub fn threads(&self) -> Result<usize> {
        Ok(std::fs::read_dir(format!("/proc/{}/task", self.pid()?))?.count())
    }

    /// What it costs, with its web processes.
    ///
    /// # Errors
    /// When it does not run.
    pub fn usage(&self) -> Result<Usage> {
        usage::of_tree(self.pid()?)
    }

    pub(crate) fn driven_by(&mut self, pid: u32) {
        self.process = None;
        self.driven_pid = Some(pid);
    }
}

/// Where these words stand.
fn memmem(bytes: &[u8], words: &[u8]) -> Vec<usize> {
    let (mut found, mut from) = (vec![], 0);
    while let Some(at) = bytes[from..].iter().position(|byte| *byte == words[0]) {
        from += at + 1;
        if bytes[from - 1..].starts_with(words) {
            found.push(from - 1);
        }
    }
    found
}

/// Sends one line to a socket and reads one back.
fn converse(socket: &Path, line: &str) -> std::io::Result<String> {
    let mut stream = UnixStream::connect(socket)?;
    stream.set_read_timeout(Some(SOON))?;
    stream.write_all(line.as_bytes())?;
    let mut answer = String::new();
    BufReader::new(stream).read_line(&mut answer)?;
    Ok(answer)
}

/// Whether a process with this id exists and is more than the memory of an ended one.
fn is_running(pid: u32) -> bool {
    // The state stands after the name, which is in brackets and may itself hold any character.
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit_once(") ").is_some_and(|(_, rest)| !rest.starts_with(['Z', 'X']))
}

fn kill_driven(pid: u32) {
    if let Some(pid) = i32::try_from(pid).ok().and_then(rustix::process::Pid::from_raw) {
        // It may have ended already.
        let _ = rustix::process::kill_process(pid, rustix::process::Signal::KILL);
    }
    wait::blocking(Duration::from_secs(2), || !is_running(pid));
}
