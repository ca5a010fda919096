//! Starts Herald anew in its own place. A restart runs the same code as running does, so it cures a bug that would
//! otherwise end the watch in silence, and it takes up the program that an upgrade has put there.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

/// How many restarts in a row are tried; told from one life to the next through the environment.
const RESTARTS_MAX: u32 = 3;
/// Whoever lived so long before a panic may restart as often as at first.
const LONG: Duration = Duration::from_secs(600);
const COUNT: &str = "HERALD_RESTARTS";
/// The build that started itself anew because another one lay in its place.
const RENEWED: &str = "HERALD_RENEWED";

/// Where Herald's program lies. It is asked for at the start: once an upgrade has put another in its place, the system
/// tells of the old one.
static PROGRAM: OnceLock<PathBuf> = OnceLock::new();

/// From now on a panic is logged, and restarts Herald if it was the engine's. Any other thread may end alone: its channel
/// is missed, and tells so.
pub(crate) fn on_panic() {
    let began = Instant::now();
    if let Ok(program) = std::env::current_exe() {
        let _ = PROGRAM.set(in_its_place(&program));
    }
    std::panic::set_hook(Box::new(move |panic| {
        tracing::error!(%panic, "panic");
        if std::thread::current().name() == Some("engine") {
            after_panic(began.elapsed());
        }
    }));
}

/// Where Herald's program lies, or the one that has taken its place.
pub(crate) fn program() -> Option<PathBuf> {
    PROGRAM.get().cloned().or_else(|| std::env::current_exe().ok().map(|program| in_its_place(&program)))
}

fn after_panic(lived: Duration) {
    let count = std::env::var(COUNT).ok().and_then(|it| it.parse::<u32>().ok()).unwrap_or(0);
    let count = if lived < LONG { count } else { 0 };
    if count < RESTARTS_MAX {
        // The log is written by another thread, and a fault that comes back at once must not spin.
        std::thread::sleep(Duration::from_secs(1 + u64::from(count)));
        in_place(&[(COUNT, &(count + 1).to_string())]);
    }
    crate::notify::last_words();
    std::process::exit(101);
}

/// Starts Herald anew in its own place, with its window, from the program that lies there now; returns only where that
/// failed or was tried before by one of this very build: then what lies there does not fit together.
pub(crate) fn renew() {
    let tried = std::env::var(RENEWED).is_ok_and(|build| build == herald_door::BUILD);
    if tried {
        return;
    }
    tracing::info!("another Herald lies in the place of this one: starting it");
    in_place(&[(COUNT, "0"), (RENEWED, herald_door::BUILD)]);
}

fn in_place(told: &[(&str, &str)]) {
    let Some(program) = program() else { return };
    let mut command = Command::new(program);
    command.args(std::env::args_os().skip(1).filter(|arg| arg != "--hidden"));
    command.envs(told.iter().copied());
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

/// The program that lies where this one was started from; Linux says so when that was replaced.
fn in_its_place(program: &Path) -> PathBuf {
    let replaced = program.to_str().and_then(|it| it.strip_suffix(" (deleted)"));
    replaced.filter(|_| !program.exists()).map_or_else(|| program.to_owned(), PathBuf::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn after_an_upgrade_the_new_program_is_started() {
        for (told, expected) in [
            ("/usr/bin/herald", "/usr/bin/herald"),
            ("/usr/bin/herald (deleted)", "/usr/bin/herald"),
            ("/opt/herald (deleted)/herald", "/opt/herald (deleted)/herald"),
        ] {
            assert_eq!(in_its_place(Path::new(told)), Path::new(expected));
        }
    }
}
