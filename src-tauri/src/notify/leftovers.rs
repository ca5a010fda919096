//! Takes away what an earlier Herald, which was killed, left on the screen: nobody would answer its buttons, and it
//! would stay there after its page was taken.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use zbus::fdo::DBusProxy;

use super::daemon::NAME;

/// The file inside the data folder.
const FILE: &str = "notifications.json";

/// What is on the screen, and by whose hand: ids mean nothing to another daemon, nor names on another bus.
#[derive(Default, PartialEq, Serialize, Deserialize)]
struct Shown {
    bus: String,
    daemon: String,
    ids: Vec<u32>,
}

/// Keeps note of what is on the screen.
pub(crate) struct Leftovers {
    file: PathBuf,
    ids: Vec<u32>,
}

impl Leftovers {
    /// Takes away what was noted in this data folder, and starts anew. Nobody waits for it: a daemon that hangs must
    /// not delay an alarm.
    pub fn take_away(folder: &Path) -> Self {
        let file = folder.join(FILE);
        let left = std::fs::read(&file).ok().and_then(|text| serde_json::from_slice::<Shown>(&text).ok());
        if let Some(left) = left.filter(|left| !left.ids.is_empty()) {
            tokio::spawn(async move {
                if let Err(error) = close(&left).await {
                    tracing::debug!(%error, "what was left on the screen stays there");
                }
            });
        }
        Self { file, ids: vec![] }
    }

    /// Notes what is on the screen. Failing to do so costs no more than what this is to prevent.
    pub async fn note(&mut self, ids: impl Iterator<Item = u32>) {
        let ids: Vec<u32> = ids.collect();
        if ids == self.ids {
            return;
        }
        self.ids.clone_from(&ids);
        let Ok((_, bus, daemon)) = here().await else { return };
        if let Ok(text) = serde_json::to_vec(&Shown { bus, daemon, ids }) {
            let _ = std::fs::write(&self.file, text);
        }
    }
}

async fn close(left: &Shown) -> zbus::Result<()> {
    let (connection, bus, daemon) = here().await?;
    if (&left.bus, &left.daemon) != (&bus, &daemon) {
        return Ok(());
    }
    for id in &left.ids {
        // One that its user has waved away is answered with an error.
        let path = "/org/freedesktop/Notifications";
        let _ = connection.call_method(Some(NAME), path, Some(NAME), "CloseNotification", id).await;
    }
    Ok(())
}

/// The bus and the daemon that there are now; both names are never used twice.
async fn here() -> zbus::Result<(zbus::Connection, String, String)> {
    let connection = zbus::Connection::session().await?;
    let dbus = DBusProxy::new(&connection).await?;
    let bus = dbus.get_id().await?.to_string();
    let daemon = dbus.get_name_owner(NAME.try_into()?).await?.to_string();
    Ok((connection, bus, daemon))
}
