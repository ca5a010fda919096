//! The window as a process: started, looked after, ended.

use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};

use herald_engine::files;
use rustix::event::{PollFd, PollFlags, poll};
use rustix::process::{Pid, PidfdFlags, Signal, WaitOptions, kill_process, pidfd_open, waitpid};

use crate::{control, restart, start};

/// What the window's process prints goes there. WebKit's processes inherit it, so that it is no pipe.
const LOG: &str = "window.log";
/// How much of its end is looked at, in bytes.
const TAIL_BYTES: i64 = 4096;

/// Starts the window of the Herald in `folder`; says so, and then when and how it ends.
///
/// # Errors
/// Why there is none, for the user.
pub(super) fn make(
    folder: &Path,
    made: impl FnOnce(u32),
    ended: impl FnOnce(u32, String) + Send + 'static,
) -> Result<(), String> {
    if !start::has_display() {
        return Err("there is no display (DISPLAY and WAYLAND_DISPLAY are not set). Alarms do not depend on it. \
                    Start Herald from within the desktop to see it."
            .into());
    }
    let watch = restart::program().ok_or("Herald does not know where its program lies.")?;
    let program = watch.with_file_name("herald-window");
    if !program.exists() {
        return Err(format!("{} is missing. Install Herald again.", program.display()));
    }
    let log = folder.join("logs").join(LOG);
    let mut command = Command::new(&program);
    command.arg("--watch").arg(watch).arg("--data-dir").arg(folder).args(control::socket_paths(folder));
    // Leave to come to the front is good once, and this one was used; where it is due it comes through the door.
    command.env_remove("XDG_ACTIVATION_TOKEN").env_remove("DESKTOP_STARTUP_ID");
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(printed(&log));
    let mut child = command.spawn().map_err(|error| format!("{} cannot be started: {error}", program.display()))?;
    let pid = child.id();
    made(pid);
    let waiting = std::thread::Builder::new().name("window".into()).spawn(move || {
        let how = child.wait().map_or_else(|error| error.to_string(), |status| words(status, &log));
        ended(pid, how);
    });
    waiting.map(drop).map_err(|error| format!("nobody can look after it: {error}"))
}

/// Looks after a window that an earlier life of this Herald has started, or another Herald.
pub(super) fn adopt(pid: u32, ended: impl FnOnce(u32, String) + Send + 'static) {
    let Some(id) = pid_of(pid) else { return };
    let _ = std::thread::Builder::new().name("window".into()).spawn(move || {
        if let Ok(process) = pidfd_open(id, PidfdFlags::empty()) {
            while poll(&mut [PollFd::new(&process, PollFlags::IN)], None).is_err() {}
        }
        // Only a child of ours has to be asked how it ended.
        let _ = waitpid(Some(id), WaitOptions::NOHANG);
        ended(pid, "ended".into());
    });
}

/// Ends it by force.
pub(super) fn kill(pid: u32) {
    if let Some(pid) = pid_of(pid)
        && let Err(error) = kill_process(pid, Signal::KILL)
    {
        tracing::debug!(%error, "the window was gone already");
    }
}

fn pid_of(pid: u32) -> Option<Pid> {
    i32::try_from(pid).ok().and_then(Pid::from_raw)
}

/// A new file for what it prints; nowhere, where none can be made.
fn printed(log: &PathBuf) -> Stdio {
    let made = log.parent().map_or(Ok(()), files::private_folder);
    let file = made.and_then(|()| files::private(File::options().create(true).truncate(true).write(true)).open(log));
    file.map_or_else(|_| Stdio::null(), Stdio::from)
}

/// How it ended, as the end of a sentence.
fn words(status: ExitStatus, log: &Path) -> String {
    use std::os::unix::process::ExitStatusExt as _;
    let printed = tail(log).unwrap_or_default();
    if printed.contains("Failed to initialize GTK") || printed.contains("cannot open display") {
        let display = ["WAYLAND_DISPLAY", "DISPLAY"].iter().find_map(|name| Some((name, std::env::var(name).ok()?)));
        let which = display.map(|(name, value)| format!(" ({name} is {value})")).unwrap_or_default();
        return format!("cannot open the display{which}");
    }
    match (status.code(), status.signal()) {
        (_, Some(signal)) => format!("was ended by signal {signal}"),
        (Some(code), None) => format!("ended with code {code}; what it said is in {}", log.display()),
        (None, None) => "ended".into(),
    }
}

fn tail(log: &Path) -> std::io::Result<String> {
    let mut file = File::open(log)?;
    let length = i64::try_from(file.metadata()?.len()).unwrap_or(i64::MAX);
    file.seek(SeekFrom::End(-length.min(TAIL_BYTES)))?;
    let mut bytes = vec![];
    file.take(TAIL_BYTES.unsigned_abs()).read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
