//! A login manager on the private system bus, which can send the machine to sleep and wake it, and end sessions.
//!
//! Its manners are those of systemd's: `PrepareForSleep` with true before and false after, the property beside it,
//! `SessionRemoved` with the session's id and path (`src/login/logind-session-dbus.c`, `session_send_signal`), and
//! `Inhibit`, which gives a descriptor that holds until it is closed (org.freedesktop.login1(5), "The Manager Object";
//! `src/login/logind-dbus.c`, `method_inhibit`). It does not wait for what was inhibited, as logind does for at most
//! `InhibitDelayMaxSec`: no promise rests on how long.

use std::sync::{Arc, Mutex};

use anyhow::Result;
use zbus::zvariant::OwnedFd;

use crate::desktop::{Desktop, lock};

const NAME: &str = "org.freedesktop.login1";
const PATH: &str = "/org/freedesktop/login1";
const MANAGER: &str = "org.freedesktop.login1.Manager";

/// What somebody asked to hold up, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inhibitor {
    /// For example `sleep`.
    pub what: String,
    /// Who asks.
    pub who: String,
    /// The reason given.
    pub why: String,
    /// `delay` or `block`.
    pub mode: String,
}

/// The login manager.
pub struct Logind {
    connection: zbus::Connection,
    inhibitors: Arc<Mutex<Vec<Inhibitor>>>,
}

impl Logind {
    /// Starts it on the desktop's system bus.
    ///
    /// # Errors
    /// When the bus cannot be reached or the name is taken.
    pub async fn start(desktop: &Desktop) -> Result<Self> {
        let inhibitors: Arc<Mutex<Vec<Inhibitor>>> = Arc::default();
        let served = Served { inhibitors: Arc::clone(&inhibitors), held: Mutex::default(), asleep: false };
        let connection = desktop.system_bus()?.serve_at(PATH, served)?.name(NAME)?.build().await?;
        Ok(Self { connection, inhibitors })
    }

    /// Announces that the machine goes to sleep.
    ///
    /// # Errors
    /// When the bus fails.
    pub async fn suspend(&self) -> Result<()> {
        self.prepare(true).await
    }

    /// Announces that the machine has woken up.
    ///
    /// # Errors
    /// When the bus fails.
    pub async fn resume(&self) -> Result<()> {
        self.prepare(false).await
    }

    /// Tells that a session is over.
    ///
    /// # Errors
    /// When the bus fails.
    pub async fn close_session(&self, id: &str) -> Result<()> {
        let path = zbus::zvariant::ObjectPath::try_from(format!("{PATH}/session/{id}"))?;
        let body = (id, path);
        Ok(self.connection.emit_signal(None::<&str>, PATH, MANAGER, "SessionRemoved", &body).await?)
    }

    /// Every inhibitor that was ever asked for.
    #[must_use]
    pub fn inhibitors(&self) -> Vec<Inhibitor> {
        lock(&self.inhibitors).clone()
    }

    async fn prepare(&self, asleep: bool) -> Result<()> {
        let served = self.connection.object_server().interface::<_, Served>(PATH).await?;
        served.get_mut().await.asleep = asleep;
        Ok(served.signal_emitter().emit(MANAGER, "PrepareForSleep", &asleep).await?)
    }
}

/// The D-Bus face.
struct Served {
    inhibitors: Arc<Mutex<Vec<Inhibitor>>>,
    /// Our ends of the pipes: the other end closes when the asker lets go.
    held: Mutex<Vec<std::io::PipeReader>>,
    asleep: bool,
}

#[zbus::interface(name = "org.freedesktop.login1.Manager")]
impl Served {
    fn inhibit(&self, what: String, who: String, why: String, mode: String) -> zbus::fdo::Result<OwnedFd> {
        let (reader, writer) = std::io::pipe().map_err(|error| zbus::fdo::Error::Failed(error.to_string()))?;
        lock(&self.inhibitors).push(Inhibitor { what, who, why, mode });
        lock(&self.held).push(reader);
        Ok(std::os::fd::OwnedFd::from(writer).into())
    }

    #[zbus(property)]
    fn preparing_for_sleep(&self) -> bool {
        self.asleep
    }
}
