//! The tray icon: draws the core's [`Tray`](herald_core::tray::Tray) and passes on what was chosen in it.

pub(crate) mod icons;
#[cfg(target_os = "linux")]
mod linux;
#[cfg(not(target_os = "linux"))]
mod other;

use std::sync::Arc;

use herald_core::tray::MenuAct;
use herald_engine::Shown;
#[cfg(target_os = "linux")]
pub(crate) use linux::probe;
#[cfg(not(target_os = "linux"))]
pub(crate) use other::probe;

use herald_door::Token;
use tokio::sync::watch;

/// Carries out what was chosen in the tray, with the leave to come to the front that the desktop gave along.
pub(crate) type Act = Arc<dyn Fn(MenuAct, Option<Token>) + Send + Sync>;

/// Handle to the tray icon.
#[derive(Clone)]
pub(crate) struct TrayIcon {
    newest: Arc<watch::Sender<Option<Arc<Shown>>>>,
}

impl Default for TrayIcon {
    fn default() -> Self {
        Self { newest: Arc::new(watch::Sender::new(None)) }
    }
}

impl TrayIcon {
    /// Draws what is true now.
    pub fn draw(&self, shown: Arc<Shown>) {
        let differs = self.newest.borrow().as_ref().is_none_or(|drawn| drawn.tray != shown.tray);
        if differs {
            self.newest.send_replace(Some(shown));
        }
    }
}
