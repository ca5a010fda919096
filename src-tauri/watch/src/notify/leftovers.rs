//! Takes away what an earlier Herald, which was killed, left on the screen: nobody would answer its buttons, and it
//! would stay there after its page was taken.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use tokio::sync::watch;
use zbus::fdo::DBusProxy;

use super::bus::{Bus, NAME, PATH};

/// The file inside the data folder.
const FILE: &str = "notifications.json";

/// What is on the screen, and by whose hand: ids mean nothing to another daemon, nor names on another bus.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
struct Shown {
    bus: String,
    daemon: String,
    ids: Vec<u32>,
}

/// Keeps note of what is on the screen.
pub(crate) struct Leftovers {
    file: PathBuf,
    left: Option<Shown>,
    noted: watch::Sender<Shown>,
    writer: Option<tokio::task::JoinHandle<()>>,
}

impl Leftovers {
    /// Reads what was noted in this data folder.
    pub fn of(folder: &Path) -> Self {
        let file = folder.join(FILE);
        let left = std::fs::read(&file).ok().and_then(|text| serde_json::from_slice::<Shown>(&text).ok());
        let left = left.filter(|left| !left.ids.is_empty());
        Self { file, left, noted: watch::Sender::default(), writer: None }
    }

    /// Takes away what was noted before, and notes through this connection from here on. Nobody waits for it: a daemon
    /// that hangs must not delay an alarm.
    pub fn begin(&mut self, bus: &Bus) {
        if let Some(left) = self.left.take() {
            let connection = bus.connection.clone();
            tokio::spawn(async move {
                if let Err(error) = close(&connection, &left).await {
                    tracing::debug!(%error, "what was left on the screen stays there");
                }
            });
        }
        let writing = write(bus.connection.clone(), self.noted.subscribe(), self.file.clone());
        if let Some(before) = self.writer.replace(tokio::spawn(writing)) {
            before.abort();
        }
    }

    /// Notes what is on the screen.
    pub fn note(&self, daemon: Option<&str>, ids: Vec<u32>) {
        let daemon = daemon.filter(|_| !ids.is_empty()).unwrap_or_default().to_owned();
        let shown = Shown { daemon, ids, ..Shown::default() };
        self.noted.send_if_modified(|noted| std::mem::replace(noted, shown.clone()) != shown);
    }
}

/// Writes each note. Failing to do so costs no more than what this is to prevent.
async fn write(connection: zbus::Connection, mut noted: watch::Receiver<Shown>, file: PathBuf) {
    let Ok(bus) = id_of(&connection).await else { return };
    while noted.changed().await.is_ok() {
        let shown = Shown { bus: bus.clone(), ..noted.borrow_and_update().clone() };
        let Ok(text) = serde_json::to_string(&shown) else { continue };
        let file = file.clone();
        let _ = tokio::task::spawn_blocking(move || herald_engine::files::save_private(&file, &text)).await;
    }
}

async fn close(connection: &zbus::Connection, left: &Shown) -> zbus::Result<()> {
    let daemon = DBusProxy::new(connection).await?.get_name_owner(NAME.try_into()?).await?.to_string();
    if (&left.bus, &left.daemon) != (&id_of(connection).await?, &daemon) {
        return Ok(());
    }
    for id in &left.ids {
        // One that its user has waved away is answered with an error.
        let _ = connection.call_method(Some(NAME), PATH, Some(NAME), "CloseNotification", id).await;
    }
    Ok(())
}

/// The bus that this is; its name is never used twice, nor are those of the programs on it.
async fn id_of(connection: &zbus::Connection) -> zbus::Result<String> {
    Ok(DBusProxy::new(connection).await?.get_id().await?.to_string())
}
