//! What a program and everything it has started cost: memory, processor time, wake-ups.
//!
//! Processor time is the scheduler's own, in nanoseconds: the ticks of `/proc/PID/stat` are 10 ms long, which is what a
//! Herald at rest needs in minutes.

use std::collections::BTreeMap;
use std::fs::read_to_string;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, Result};
use nix::time::{clock_getcpuclockid, clock_gettime};

use crate::process::children;

/// Cost of a tree of processes: memory at this moment, the rest since each of them started.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// How many processes there are.
    pub processes: usize,
    /// Proportional share of memory (PSS): what others use, too, counts in part.
    pub shared_kb: u64,
    /// Resident memory (RSS): of a single process, what it would need if nobody else used the same libraries.
    pub resident_kb: u64,
    /// Processor time, user and system, of threads that have ended, too.
    pub cpu: Duration,
    /// How often each thread went to sleep, which is how often it was woken.
    wakeups: BTreeMap<u32, u64>,
}

impl Usage {
    /// How often a thread was woken since an earlier moment. What woke threads that have ended is not known.
    #[must_use]
    pub fn wakeups_since(&self, before: &Self) -> u64 {
        let since = |(thread, now): (&u32, &u64)| now - before.wakeups.get(thread).copied().unwrap_or(0).min(*now);
        self.wakeups.iter().map(since).sum()
    }

    /// Processor time since an earlier moment.
    #[must_use]
    pub fn cpu_since(&self, before: &Self) -> Duration {
        self.cpu.saturating_sub(before.cpu)
    }
}

/// Measures a process and all its descendants.
///
/// # Errors
/// When the process is gone.
pub fn of_tree(pid: u32) -> Result<Usage> {
    let mut usage = of(pid)?;
    for child in children(pid) {
        // A child may end at any moment; then it costs nothing.
        let child = of_tree(child).unwrap_or_default();
        usage.processes += child.processes;
        usage.shared_kb += child.shared_kb;
        usage.resident_kb += child.resident_kb;
        usage.cpu += child.cpu;
        usage.wakeups.extend(child.wakeups);
    }
    Ok(usage)
}

/// Processor time of one process alone.
///
/// # Errors
/// When it is gone.
pub fn cpu(pid: u32) -> Result<Duration> {
    let clock = clock_getcpuclockid(nix::unistd::Pid::from_raw(i32::try_from(pid)?))?;
    Ok(clock_gettime(clock)?.into())
}

fn of(pid: u32) -> Result<Usage> {
    let folder = Path::new("/proc").join(pid.to_string());
    let memory = read_to_string(folder.join("smaps_rollup"))?;
    let mut wakeups = BTreeMap::new();
    for thread in std::fs::read_dir(folder.join("task"))?.flatten() {
        // Threads end, too.
        let status = read_to_string(thread.path().join("status")).unwrap_or_default();
        let id = thread.file_name().to_string_lossy().parse::<u32>()?;
        wakeups.insert(id, number_after(&status, "voluntary_ctxt_switches:").unwrap_or(0));
    }
    let (shared_kb, resident_kb) = (number_after(&memory, "Pss:")?, number_after(&memory, "Rss:")?);
    Ok(Usage { processes: 1, shared_kb, resident_kb, cpu: cpu(pid)?, wakeups })
}

fn number_after(text: &str, name: &str) -> Result<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix(name)).with_context(|| format!("no {name}"))?;
    Ok(line.trim().trim_end_matches(" kB").parse()?)
}
