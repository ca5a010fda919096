//! The desktop session that this Herald belongs to. When that is over, Herald ends, saved. A start in another session takes
//! over from a Herald that can show nothing any more where it was started.

use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, UNIX_EPOCH};

use serde::{Deserialize, Serialize};
use tokio::net::UnixStream;
use tokio::sync::watch;
use ts_rs::TS;
use zbus::export::futures_core::Stream;

use crate::bus::Bus;
use crate::folder::folder_from;
use crate::power::LoginManagerProxy;

/// How long a display or a bus may take to answer.
const ANSWER_MAX: Duration = Duration::from_secs(1);
/// Pause between two looks at what has gone, as a bus and a display may come back.
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// What a process was started in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub(crate) struct Session {
    /// The login manager's name for it.
    id: Option<String>,
    /// Where its message bus is.
    bus: Option<String>,
    /// Where its windows are drawn, by Wayland's name or X11's.
    wayland: Option<String>,
    x11: Option<String>,
    /// Which file the display's socket is: that of the next login may well have the same name.
    display: Option<String>,
}

impl Session {
    /// The one of this process.
    pub fn here() -> Self {
        let set = |name: &str| std::env::var(name).ok().filter(|it| !it.is_empty());
        let mut here = Self {
            id: set("XDG_SESSION_ID"),
            bus: set("DBUS_SESSION_BUS_ADDRESS"),
            wayland: set("WAYLAND_DISPLAY"),
            x11: set("DISPLAY"),
            display: None,
        };
        here.display = here.display_now();
        here
    }

    /// Whether something is drawn in it.
    fn draws(&self) -> bool {
        self.wayland.is_some() || self.x11.is_some()
    }

    /// Whether a Herald in this session, which is the caller's own, makes way for one that was started in `other`: when
    /// that is another session, and here nothing can be shown any more.
    pub async fn gives_way_to(&self, other: &Self) -> bool {
        self != other
            && (!bus_answers().await || if self.draws() { !self.display_stands().await } else { other.draws() })
    }

    /// Whether a Herald that is started here can show anything: only such a one takes over.
    pub async fn stands(&self) -> bool {
        bus_answers().await && (!self.draws() || self.display_answers().await)
    }

    /// Whether what is drawn here is still seen where it was seen at the start.
    async fn display_stands(&self) -> bool {
        self.display == self.display_now() && self.display_answers().await
    }

    /// Which file the display's socket is, where it is one: every server makes its own.
    fn display_now(&self) -> Option<String> {
        let socket = match (&self.wayland, &self.x11) {
            (Some(name), _) => wayland_socket(name),
            (None, Some(name)) => x11_socket(name)?,
            (None, None) => return None,
        };
        let file = socket.metadata().ok()?;
        let made = file.created().ok().and_then(|it| it.duration_since(UNIX_EPOCH).ok()).unwrap_or_default();
        Some(format!("{}:{}:{}", file.dev(), file.ino(), made.as_nanos()))
    }

    async fn display_answers(&self) -> bool {
        let answer = async {
            match (&self.wayland, self.x11.clone()) {
                (Some(name), _) => UnixStream::connect(wayland_socket(name)).await.is_ok(),
                (None, Some(name)) => {
                    let connected = move || x11rb::connect(Some(&name)).is_ok();
                    tokio::task::spawn_blocking(connected).await.unwrap_or(false)
                }
                (None, None) => false,
            }
        };
        tokio::time::timeout(ANSWER_MAX, answer).await.unwrap_or(false)
    }

    /// Comes back when the session is over: its login manager says so, or bus and display are both gone and stay so.
    pub async fn over(self, bus: watch::Receiver<Bus>) {
        tokio::select! {
            () = self.removed() => tracing::info!("the session was closed"),
            () = self.gone(bus) => tracing::info!("bus and display of the session are gone"),
        }
    }

    async fn removed(&self) {
        let Some(own) = &self.id else { return std::future::pending().await };
        if let Err(error) = until_removed(own).await {
            tracing::info!(%error, "the end of the session is not announced here");
            std::future::pending().await
        }
    }

    async fn gone(&self, mut bus: watch::Receiver<Bus>) {
        // Without a display Herald was never seen there; without a bus it may still be heard.
        if !self.draws() {
            return std::future::pending().await;
        }
        let mut looks = 0;
        while bus.wait_for(|bus| *bus == Bus::Gone).await.is_ok() {
            looks = if self.display_answers().await { 0 } else { looks + 1 };
            if looks > 1 {
                return;
            }
            let back = tokio::time::timeout(LOOK_EVERY, bus.wait_for(|bus| *bus != Bus::Gone)).await.is_ok();
            looks = if back { 0 } else { looks };
        }
        std::future::pending().await
    }
}

async fn until_removed(own: &str) -> zbus::Result<()> {
    let bus = zbus::Connection::system().await?;
    let manager = LoginManagerProxy::new(&bus).await?;
    let mut signals = Box::pin(manager.receive_session_removed().await?);
    while let Some(signal) = std::future::poll_fn(|context| signals.as_mut().poll_next(context)).await {
        if signal.args()?.id == own {
            return Ok(());
        }
    }
    std::future::pending().await
}

async fn bus_answers() -> bool {
    matches!(tokio::time::timeout(ANSWER_MAX, zbus::Connection::session()).await, Ok(Ok(_)))
}

/// Where an X server of this computer listens (libxcb, `xcb_util.c`, `_xcb_open`): for `:7` and `:7.0`, not for
/// `elsewhere:7`.
fn x11_socket(name: &str) -> Option<PathBuf> {
    let number = name.strip_prefix("unix").unwrap_or(name).strip_prefix(':')?;
    let number: u16 = number.split('.').next()?.parse().ok()?;
    Some(PathBuf::from(format!("/tmp/.X11-unix/X{number}")))
}

/// Where a compositor listens (wl_display_connect(3)).
fn wayland_socket(name: &str) -> PathBuf {
    let runtime = folder_from("XDG_RUNTIME_DIR").unwrap_or_default();
    if Path::new(name).is_absolute() { name.into() } else { runtime.join(name) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_displays_of_this_computer_have_a_socket() {
        for (name, socket) in [
            (":7", Some("/tmp/.X11-unix/X7")),
            (":7.0", Some("/tmp/.X11-unix/X7")),
            ("unix:12.1", Some("/tmp/.X11-unix/X12")),
            ("localhost:10.0", None),
            ("elsewhere:7", None),
            ("wayland-0", None),
        ] {
            assert_eq!(x11_socket(name).as_deref(), socket.map(Path::new), "{name}");
        }
    }
}
