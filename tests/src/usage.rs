//! What a program and everything it has started cost: memory, processor time, wake-ups.

use std::fs::read_to_string;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, Result};

use crate::process::children;

/// Cost of a tree of processes: memory at this moment, the rest since each of them started.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// How many processes there are.
    pub processes: usize,
    /// Proportional share of memory (PSS). Run alone: a second instance shares pages and makes both look small.
    pub memory_kb: u64,
    /// Processor time, user and system.
    pub cpu: Duration,
    /// How often a thread went to sleep, which is how often it was woken.
    pub wakeups: u64,
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
        usage.memory_kb += child.memory_kb;
        usage.cpu += child.cpu;
        usage.wakeups += child.wakeups;
    }
    Ok(usage)
}

fn of(pid: u32) -> Result<Usage> {
    let folder = Path::new("/proc").join(pid.to_string());
    let memory_kb = number_after(&read_to_string(folder.join("smaps_rollup"))?, "Pss:")?;
    let mut wakeups = 0;
    for thread in std::fs::read_dir(folder.join("task"))?.flatten() {
        // Threads end, too.
        let status = read_to_string(thread.path().join("status")).unwrap_or_default();
        wakeups += number_after(&status, "voluntary_ctxt_switches:").unwrap_or(0);
    }
    // Fields 14 and 15, counted after the name, which stands in brackets and may hold spaces.
    let stat = read_to_string(folder.join("stat"))?;
    let fields = stat.rsplit_once(") ").context("no name in stat")?.1.split(' ');
    let ticks: u64 = fields.skip(11).take(2).filter_map(|field| field.parse::<u64>().ok()).sum();
    let cpu = Duration::from_secs_f64(ticks as f64 / rustix::param::clock_ticks_per_second() as f64);
    Ok(Usage { processes: 1, memory_kb, cpu, wakeups })
}

fn number_after(text: &str, name: &str) -> Result<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix(name)).with_context(|| format!("no {name}"))?;
    Ok(line.trim().trim_end_matches(" kB").parse()?)
}
