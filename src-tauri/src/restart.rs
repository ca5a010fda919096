//! Starts Herald anew in its own place: a restart runs the same code as running does, so it is the cure for a bug that
//! would otherwise end the watch in silence.

use std::process::Command;
use std::time::Duration;

/// How many restarts in a row are tried; told from one life to the next through the environment.
const RESTARTS_MAX: u32 = 3;
const COUNT: &str = "HERALD_RESTARTS";

/// Restarts if the engine panicked. Any other thread may end alone: its channel is missed, and tells so.
pub(crate) fn after_panic() {
    if std::thread::current().name() != Some("engine") {
        return;
    }
    let count = std::env::var(COUNT).ok().and_then(|it| it.parse::<u32>().ok()).unwrap_or(0);
    if count < RESTARTS_MAX {
        // The log is written by another thread, and a fault that comes back at once must not spin.
        std::thread::sleep(Duration::from_secs(1 + u64::from(count)));
        in_place(count + 1);
    }
    std::process::exit(101);
}

fn in_place(count: u32) {
    let Ok(program) = std::env::current_exe() else { return };
    let mut command = Command::new(program);
    command.args(std::env::args_os().skip(1)).env(COUNT, count.to_string());
    #[cfg(unix)]
    {
        use std::os::unix::process::CommandExt as _;
        let _failed = command.exec();
    }
    #[cfg(not(unix))]
    {
        let _ = command.spawn();
    }
}
