//! Single threads of a program, held while its others run. A signal cannot do that: SIGSTOP always stops all of them
//! (signal(7)). A tracer can.

use anyhow::{Context as _, Result};

use crate::desktop::{Desktop, text};
use crate::process::Process;
use crate::skip::skipped;
use crate::wait::{self, SOON};

/// Who traces, in C: a process of its own, as no thread can trace from within Rust's runtime without unsafe code.
const HOLD: &str = include_str!("threads/hold.c");

/// A thread that stands still as long as this lives.
pub struct Held(Vec<Process>);

impl Desktop {
    /// Holds every thread of a process that has this name; none where this user may not trace (ptrace(2), Yama).
    ///
    /// # Errors
    /// When there is no such thread, or it cannot be held for another reason.
    pub async fn hold_threads(&self, pid: u32, name: &str) -> Result<Option<Held>> {
        let (source, program) = (self.dir().join("hold.c"), self.dir().join("hold"));
        if !program.exists() {
            std::fs::write(&source, HOLD)?;
            // Rust links with it, so that it is there wherever the tests are built.
            self.run("cc", &["-O1", "-o", &text(&program), &text(&source)]).await?;
        }
        let mut held = Held(vec![]);
        for thread in threads(pid, name).with_context(|| format!("no thread {name:?}"))? {
            let holder = self.spawn(&format!("hold-{thread}"), &program, &[&thread])?;
            held.0.push(holder.clone());
            wait::until_true("the thread to be held", SOON, || !holder.log().is_empty()).await?;
            if holder.log().contains("not allowed") {
                skipped("no thread can be held here");
                return Ok(None);
            }
            wait::until_true("the thread to stand still", SOON, || holder.log().contains("held")).await?;
        }
        Ok(Some(held))
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.0.iter().for_each(Process::kill);
    }
}

/// Ids of the threads of a process that have this name (proc(5), `/proc/pid/task/tid/comm`); nothing where none has.
fn threads(pid: u32, name: &str) -> Option<Vec<String>> {
    let is = |thread: &String| {
        std::fs::read_to_string(format!("/proc/{pid}/task/{thread}/comm")).is_ok_and(|it| it.trim_end() == name)
    };
    let all = std::fs::read_dir(format!("/proc/{pid}/task")).ok()?;
    let found: Vec<String> = all.flatten().map(|it| it.file_name().to_string_lossy().into_owned()).filter(is).collect();
    (!found.is_empty()).then_some(found)
}
