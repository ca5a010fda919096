//! A real Secret Service (gnome-keyring) on the private bus, unlocked, with a password of its own.
//!
//! Nothing here is pretended: the daemon is Debian's, and it is locked and asked by the Secret Service API of
//! freedesktop.org (`Lock`, `ReadAlias`, `Collection.Locked`). What it lacks is the prompter, as in a session without
//! one.

use std::path::Path;

use anyhow::{Context as _, Result};
use rustix::process::Signal;
use zbus::zvariant::{ObjectPath, OwnedObjectPath};

use crate::desktop::Desktop;
use crate::process::Process;
use crate::wait::{self, SOON};

const NAME: &str = "org.freedesktop.secrets";
const PATH: &str = "/org/freedesktop/secrets";
const SERVICE: &str = "org.freedesktop.Secret.Service";

/// The running keychain. A desktop without one is a desktop on which this was not started.
pub struct Keyring {
    daemon: Process,
    connection: zbus::Connection,
}

impl Keyring {
    /// Starts the keychain and waits until its default collection is open.
    ///
    /// # Errors
    /// When it does not start; the message holds its log.
    pub async fn start(desktop: &Desktop) -> Result<Self> {
        let args = ["--foreground", "--unlock", "--components=secrets"];
        let program = Path::new("gnome-keyring-daemon");
        let daemon = desktop.spawn_with("keyring", program, &args, Some("practice"), None)?;
        let connection = desktop.session_bus()?.build().await?;
        let keyring = Self { daemon, connection };
        wait::until("an open keychain", SOON, async || Ok((!keyring.locked().await?).then_some(())))
            .await
            .with_context(|| keyring.daemon.log())?;
        Ok(keyring)
    }

    /// Locks the default collection. Nothing can open it again: the prompt that would ask is not installed.
    ///
    /// # Errors
    /// When the keychain does not answer.
    pub async fn lock(&self) -> Result<()> {
        let collection = self.collection().await?;
        self.connection.call_method(Some(NAME), PATH, Some(SERVICE), "Lock", &vec![collection]).await?;
        wait::until("a locked keychain", SOON, async || Ok(self.locked().await?.then_some(()))).await
    }

    /// Whether the default collection is locked.
    ///
    /// # Errors
    /// When the keychain does not answer or has no default collection.
    pub async fn locked(&self) -> Result<bool> {
        let path = self.collection().await?;
        let properties = zbus::fdo::PropertiesProxy::new(&self.connection, NAME, path).await?;
        let locked = properties.get("org.freedesktop.Secret.Collection".try_into()?, "Locked").await?;
        Ok(bool::try_from(locked)?)
    }

    /// Stops it, or lets it go on: it stays on the bus, and no call to it is answered meanwhile (signal(7); D-Bus
    /// Specification, "Method Calls": a call without a reply has no time limit but the caller's own).
    ///
    /// # Errors
    /// When the kernel refuses.
    pub fn hang(&self, hangs: bool) -> Result<()> {
        self.daemon.signal(if hangs { Signal::STOP } else { Signal::CONT })
    }

    /// Takes the keychain off the bus for good.
    pub fn vanish(&self) {
        self.daemon.end();
    }

    async fn collection(&self) -> Result<OwnedObjectPath> {
        let reply = self.connection.call_method(Some(NAME), PATH, Some(SERVICE), "ReadAlias", &"default").await?;
        let path: OwnedObjectPath = reply.body().deserialize()?;
        let none = ObjectPath::try_from("/")?;
        (path.as_ref() != none).then_some(path).context("the keychain has no default collection")
    }
}
