//! Child processes that never outlive their test.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc};
use std::time::Duration;

use anyhow::{Context as _, Result, anyhow, bail};
use rustix::process::{Pid, Signal, kill_process};

use crate::wait;

/// How long a child may take to end by itself before it is killed.
const PATIENCE: Duration = Duration::from_secs(2);

/// What to start, and what to give it.
pub struct Start<'a> {
    /// Names the log file.
    pub name: &'a str,
    /// Program, looked up in the test's own `PATH`.
    pub program: &'a Path,
    /// Arguments.
    pub args: Vec<String>,
    /// The whole environment; nothing is inherited.
    pub env: BTreeMap<String, String>,
    /// Folder to run in.
    pub dir: PathBuf,
    /// Text for its standard input; nothing when `None`.
    pub stdin: Option<&'a str>,
    /// File for its standard output; joined to the log when `None`.
    pub stdout: Option<File>,
}

/// A running program of one test. Cloning makes another handle to the same process.
#[derive(Clone)]
pub struct Process {
    name: String,
    log: PathBuf,
    pid: u32,
    child: Arc<Mutex<Child>>,
}

impl Process {
    /// Starts a program that the kernel kills should the test process die without cleaning up.
    ///
    /// # Errors
    /// When the program or its log file cannot be opened.
    pub fn start(start: Start<'_>) -> Result<Self> {
        let log = start.dir.join(format!("{}.log", start.name));
        // Appending, so that a restart under the same name keeps the story in one file.
        let out = File::options().create(true).append(true).open(&log)?;
        let mut command = Command::new("setpriv");
        command.args(["--pdeathsig", "KILL", "--"]).arg(start.program).args(&start.args);
        command.env_clear().envs(&start.env).current_dir(&start.dir);
        command.stdin(if start.stdin.is_some() { Stdio::piped() } else { Stdio::null() });
        command.stderr(out.try_clone()?);
        command.stdout(start.stdout.unwrap_or(out));
        let mut child = spawn(command).with_context(|| format!("starting {}", start.program.display()))?;
        if let (Some(text), Some(mut pipe)) = (start.stdin, child.stdin.take()) {
            pipe.write_all(text.as_bytes())?;
        }
        Ok(Self { name: start.name.into(), log, pid: child.id(), child: Arc::new(Mutex::new(child)) })
    }

    /// The name that it was started under.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Process id.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.pid
    }

    /// Everything it has printed so far.
    #[must_use]
    pub fn log(&self) -> String {
        std::fs::read(&self.log).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default()
    }

    /// How it ended, if it has.
    #[must_use]
    pub fn ended(&self) -> Option<ExitStatus> {
        self.child().try_wait().ok().flatten()
    }

    /// Waits until it has ended by itself.
    ///
    /// # Errors
    /// When it still runs at the deadline; the message holds its log.
    pub async fn until_ended(&self, deadline: Duration) -> Result<ExitStatus> {
        wait::until(&format!("{} to end", self.name), deadline, async || Ok(self.ended()))
            .await
            .with_context(|| self.log())
    }

    /// Waits until its log contains `text`.
    ///
    /// # Errors
    /// When the deadline passes or the process ends first; the message holds its log.
    pub async fn until_logged(&self, text: &str, deadline: Duration) -> Result<()> {
        let what = format!("{} to log {text:?}", self.name);
        let ended = wait::until(&what, deadline, async || {
            // Looked at in this order: what was printed just before the end still counts.
            let ended = self.ended();
            if self.log().contains(text) { Ok(Some(None)) } else { Ok(ended.map(Some)) }
        });
        match ended.await.with_context(|| self.log())? {
            None => Ok(()),
            Some(status) => bail!("{} ended ({status}) instead of logging {text:?}:\n{}", self.name, self.log()),
        }
    }

    /// Sends a signal; a process that has ended is left alone, because its id may belong to somebody else by then.
    ///
    /// # Errors
    /// When the kernel refuses.
    pub fn signal(&self, signal: Signal) -> Result<()> {
        let mut child = self.child();
        if child.try_wait()?.is_some() {
            return Ok(());
        }
        let pid = i32::try_from(child.id()).ok().and_then(Pid::from_raw).ok_or_else(|| anyhow!("no such id"))?;
        Ok(kill_process(pid, signal)?)
    }

    /// Ends it: politely, and after a while by force.
    pub fn end(&self) {
        // A refused signal leaves only the forceful way, which follows anyway.
        let _ = self.signal(Signal::TERM);
        if !wait::blocking(PATIENCE, || self.ended().is_some()) {
            self.kill();
        }
    }

    /// Ends it without giving it a chance to tidy up, and waits until it is gone.
    pub fn kill(&self) {
        let mut child = self.child();
        // Both fail only when it is gone, which is what was asked for.
        let _ = child.kill();
        let _ = child.wait();
    }

    fn child(&self) -> MutexGuard<'_, Child> {
        self.child.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Runs a program to its end and collects what it prints.
///
/// # Errors
/// When it cannot be started or runs longer than `deadline`.
pub async fn output(mut command: Command, deadline: Duration) -> Result<Output> {
    let shown = format!("{command:?}");
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let child = spawn(command).with_context(|| shown.clone())?;
    let pid = child.id();
    let reader = tokio::task::spawn_blocking(move || child.wait_with_output());
    match tokio::time::timeout(deadline, reader).await {
        Ok(output) => Ok(output??),
        Err(_) => {
            if let Some(pid) = i32::try_from(pid).ok().and_then(Pid::from_raw) {
                kill_process(pid, Signal::KILL)?;
            }
            bail!("{shown} ran longer than {deadline:?}")
        }
    }
}

/// Ids of the processes whose environment holds `entry` (`NAME=value`): what a desktop's children started themselves.
#[must_use]
pub fn with_environment(entry: &str) -> Vec<u32> {
    let holds = |pid: &u32| {
        std::fs::read(format!("/proc/{pid}/environ"))
            .is_ok_and(|environ| environ.split(|byte| *byte == 0).any(|one| one == entry.as_bytes()))
    };
    let Ok(entries) = std::fs::read_dir("/proc") else { return Vec::new() };
    entries.flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok()).filter(holds).collect()
}

/// Ids of the processes that a process has started.
#[must_use]
pub fn children(parent: u32) -> Vec<u32> {
    let Ok(threads) = std::fs::read_dir(format!("/proc/{parent}/task")) else { return Vec::new() };
    let of_thread = |thread: std::fs::DirEntry| std::fs::read_to_string(thread.path().join("children")).ok();
    let lists: Vec<String> = threads.flatten().filter_map(of_thread).collect();
    lists.iter().flat_map(|list| list.split_whitespace()).filter_map(|pid| pid.parse().ok()).collect()
}

/// Starts a command from a thread that lives as long as the test process.
///
/// The kernel sends the parent-death signal when the *thread* that started a child ends, and a test's threads come and go.
fn spawn(command: Command) -> Result<Child> {
    type Order = (Command, mpsc::Sender<std::io::Result<Child>>);
    static STARTER: Mutex<Option<mpsc::Sender<Order>>> = Mutex::new(None);

    let (reply, answer) = mpsc::channel();
    let mut starter = STARTER.lock().unwrap_or_else(PoisonError::into_inner);
    let orders = starter.get_or_insert_with(|| {
        let (orders, inbox) = mpsc::channel::<Order>();
        std::thread::spawn(move || {
            for (mut command, reply) in inbox {
                // Nobody waits for the answer only if the asking thread has panicked.
                let _ = reply.send(command.spawn());
            }
        });
        orders
    });
    orders.send((command, reply)).map_err(|_| anyhow!("the thread that starts children has ended"))?;
    drop(starter);
    Ok(answer.recv()??)
}
