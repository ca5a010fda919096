//! Starting Herald, or showing the one that runs: there is one for each data folder.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use herald_core::state::Mode;
use herald_door::Token;

use crate::app::{self, Start};
use crate::cli::{Outcome, complain, obeyed, runtime};
use crate::door::{Ask, Reply};
use crate::{control, folder, logs};

/// Longest wait for a data folder that another process is about to leave: longer than any command has it.
const FOLDER_FREE_MAX: Duration = Duration::from_secs(60);
/// Pause between two looks at it.
const FOLDER_LOOK_EVERY: Duration = Duration::from_millis(100);

/// What is told by a Herald that took over.
const TOOK_OVER: &str = "A Herald of an earlier session was still running and could show nothing any more. It has saved and \
    ended; this one watches.";

/// Starts Herald, or shows the one that runs.
pub(crate) fn start(folder: PathBuf, show: bool) -> anyhow::Result<Outcome> {
    let tokio = runtime()?;
    let (locked, notice) = match take_or_show(&folder, tokio, show)? {
        Found::Free(locked, notice) => (locked, notice),
        Found::Running(reply) => return Ok(obeyed(*reply)),
    };
    if !has_display() && (show || !has_session_bus()) {
        complain(
            "herald: there is no display to show a window on (DISPLAY and WAYLAND_DISPLAY are not set).\n\
             Without one, `herald status`, `ack`, `handover`, `kpi`, `export`, `connect`, `doctor` and `practice --serve` work,\n\
             and with a session bus `herald --hidden` keeps watch.",
        );
        return Ok(Outcome::NotHere);
    }
    let _logging = logs::start(&folder);
    app::run(Start { folder: locked, mode: Mode::Real, connect: vec![], show, playing: None, notice }, tokio)?;
    Ok(Outcome::Done)
}

/// How a data folder was found.
enum Found {
    /// It is free, and this is what the user is told of how it came to be so.
    Free(folder::Locked, Option<&'static str>),
    /// A Herald runs there, and this is what it answered.
    Running(Box<Reply>),
}

/// Takes the folder, or shows the Herald that runs there. One that is just ending, or a command that has the folder
/// for a moment, is waited for: otherwise a quick restart would leave nobody on watch. One that can show nothing any more
/// makes way.
fn take_or_show(folder: &Path, tokio: &tokio::runtime::Runtime, show: bool) -> anyhow::Result<Found> {
    let since = Instant::now();
    let mut notice = None;
    if let Some(locked) = folder::lock(folder)? {
        return Ok(Found::Free(locked, notice));
    }
    if (has_display() || !show) && tokio.block_on(succeeds(folder)) {
        notice = Some(TOOK_OVER);
    }
    loop {
        if let Some(locked) = folder::lock(folder)? {
            return Ok(Found::Free(locked, notice));
        }
        match tokio.block_on(control::ask(folder, &Ask::Show { token: Token::from_env() })) {
            Ok(Some(reply)) => return Ok(Found::Running(Box::new(reply))),
            Ok(None) | Err(_) if since.elapsed() < FOLDER_FREE_MAX => std::thread::sleep(FOLDER_LOOK_EVERY),
            Ok(None) => {
                anyhow::bail!("a Herald runs in {} but does not answer; end it and try again", folder.display())
            }
            Err(error) => return Err(error),
        }
    }
}

/// Whether the Herald that runs there makes way for this one.
#[cfg(target_os = "linux")]
async fn succeeds(folder: &Path) -> bool {
    let session = crate::session::Session::here();
    session.stands().await && matches!(control::ask(folder, &Ask::Succeed { session }).await, Ok(Some(Reply::Done)))
}

/// Elsewhere a program ends with the session that it was started in.
#[cfg(not(target_os = "linux"))]
async fn succeeds(_: &Path) -> bool {
    false
}

/// Whether there is a display for a window.
pub(crate) fn has_display() -> bool {
    let set = |name: &str| std::env::var_os(name).is_some_and(|it| !it.is_empty());
    !cfg!(target_os = "linux") || set("DISPLAY") || set("WAYLAND_DISPLAY")
}

/// Whether there is a bus: tray and notifications need nothing else.
fn has_session_bus() -> bool {
    let given = std::env::var("DBUS_SESSION_BUS_ADDRESS").ok();
    let named = given.as_deref().map(|address| address.split([';', ',']).find_map(|it| it.strip_prefix("unix:path=")));
    let path = match named {
        Some(Some(path)) => Some(PathBuf::from(path)),
        // One that is no file is found out when it is used.
        Some(None) => return true,
        None => folder::folder_from("XDG_RUNTIME_DIR").map(|runtime| runtime.join("bus")),
    };
    path.is_some_and(|path| std::fs::exists(path).unwrap_or(false))
}
