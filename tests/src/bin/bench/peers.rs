//! What Herald is held against: the least that anybody could need, and somebody else's program.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use herald_tests::Desktop;
use herald_tests::wait::{self, SOON};
use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::signal::{Signal, kill};
use nix::sys::time::TimeValLike as _;
use nix::unistd::Pid;

/// The release program that is measured.
pub fn program() -> Result<PathBuf> {
    let path = std::env::var_os("HERALD_BIN").context("HERALD_BIN does not say which program: run `make bench`")?;
    Ok(std::path::absolute(PathBuf::from(path))?)
}

/// A tray item and nothing else (`watch/examples/bare.rs`); asked for it, one `Notify` after the other, or polls.
pub fn bare() -> Result<PathBuf> {
    example("bare")
}

/// An empty WebKitGTK window (`src-tauri/examples/empty.rs`).
pub fn empty() -> Result<PathBuf> {
    example("empty")
}

fn example(name: &str) -> Result<PathBuf> {
    let path = program()?.with_file_name("examples").join(name);
    ensure!(path.is_file(), "{} is not built: run `make bench`", path.display());
    Ok(path)
}

/// A child that ends with this handle, started without any program between, as that would be measured, too.
pub struct Started {
    child: Child,
    pub at: Instant,
}

impl Started {
    pub fn on(desktop: &Desktop, program: &Path, args: &[&str]) -> Result<Self> {
        let mut command = Command::new(program);
        command.args(args).env_clear().envs(desktop.env()).current_dir(desktop.dir());
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let at = Instant::now();
        let child = command.spawn().with_context(|| format!("starting {}", program.display()))?;
        Ok(Self { child, at })
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Ends it as a session does, and waits until it has ended.
    pub async fn end(mut self) -> Result<()> {
        kill(Pid::from_raw(i32::try_from(self.pid())?), Signal::SIGTERM)?;
        wait::until("a program to end", SOON, async || Ok(self.child.try_wait()?)).await.map(drop)
    }
}

impl Drop for Started {
    fn drop(&mut self) {
        // Both fail only when it is gone already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Runs a program to its end: what it printed, how long it took, and its processor time. Nothing else may be started
/// meanwhile.
pub fn run(desktop: &Desktop, program: &Path, args: &[&str]) -> Result<(String, Duration, Duration)> {
    let mut command = Command::new(program);
    command.args(args).env_clear().envs(desktop.env()).current_dir(desktop.dir()).stdin(Stdio::null());
    let (before, start) = (children_cpu()?, Instant::now());
    let output = command.output().with_context(|| format!("starting {}", program.display()))?;
    let (took, cpu) = (start.elapsed(), children_cpu()?.saturating_sub(before));
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{} {args:?}: {said}", program.display());
    Ok((String::from_utf8_lossy(&output.stdout).into_owned(), took, cpu))
}

/// Processor time of all children that have ended, to the microsecond.
fn children_cpu() -> Result<Duration> {
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN)?;
    let micros = usage.user_time().num_microseconds() + usage.system_time().num_microseconds();
    Ok(Duration::from_micros(u64::try_from(micros)?))
}
