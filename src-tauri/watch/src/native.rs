//! macOS and Windows want tray, hotkey and window in the main thread of one process. The app that owns it is given this:
//! the same door, crossed inside the process, and what the watch itself cannot do there.

use std::sync::{Arc, OnceLock};

use herald_core::hotkey::Hotkey as Keys;
use herald_core::state::{Channel, Health};
use herald_core::tray::{MenuAct, Sign};
use herald_engine::Shown;
use tokio::io::{BufReader, DuplexStream};
use tokio::sync::watch;

use crate::app::Running;
use crate::{control, tray};

/// Runs the app until it is ended.
pub type App = fn(Native) -> Result<(), String>;

static APP: OnceLock<App> = OnceLock::new();

/// Bytes on their way inside the process: a view is not read in one piece anyway.
const DOOR_BYTES: usize = 256 * 1024;

/// The watch, as the app that owns the main thread is given it.
#[derive(Clone)]
pub struct Native {
    running: Running,
}

/// From now on Herald runs inside this app.
pub(crate) fn inside(app: App) {
    let _ = APP.set(app);
}

pub(crate) fn run(running: Running) -> anyhow::Result<()> {
    let app = APP.get().ok_or_else(|| anyhow::anyhow!("this program is the command line alone; start Herald's app"))?;
    app(Native { running }).map_err(anyhow::Error::msg)
}

impl Native {
    /// Attaches a window: the watch's end of the door listens from now on.
    #[must_use]
    pub fn door(&self) -> DuplexStream {
        let (window, watch) = tokio::io::duplex(DOOR_BYTES);
        let running = self.running.clone();
        tokio::spawn(async move {
            let (from, mut to) = tokio::io::split(watch);
            let mut from = BufReader::new(from);
            if let Ok(Some(line)) = herald_door::read_line(&mut from, herald_door::LINE_BYTES_MAX).await
                && let Err(error) = control::converse(&line, from, &mut to, &running).await
            {
                tracing::debug!(%error, "the window has left");
            }
        });
        window
    }

    /// What the tray is to show.
    #[must_use]
    pub fn tray(&self) -> watch::Receiver<Option<Arc<Shown>>> {
        self.running.channels.tray.newest()
    }

    /// The pictures of a sign, from small to large.
    #[must_use]
    pub fn pictures(sign: Sign, hollow: bool) -> &'static [&'static [u8]] {
        tray::icons::pictures(sign, hollow)
    }

    /// Something was chosen in the tray.
    pub fn chosen(&self, act: MenuAct) {
        self.running.act(act, None);
    }

    /// Which keys open Herald from anywhere.
    #[must_use]
    pub fn keys(&self) -> watch::Receiver<Option<Keys>> {
        self.running.channels.hotkey.wanted()
    }

    /// They were pressed.
    pub fn pressed(&self) {
        self.running.channels.hotkey.pressed();
    }

    /// How the tray or the hotkey was when it was last tried.
    pub fn seen(&self, channel: Channel, health: Health) {
        self.running.herald.channel_seen(channel, health);
    }

    /// Waits until Herald is to end.
    pub async fn ended(&self) {
        self.running.channels.window.ended().await;
    }

    /// Brings what is under way to its end; blocks.
    pub fn leave(&self) {
        if let Some(playing) = &self.running.playing {
            playing.leave(&self.running.herald, &self.tokio());
        }
    }

    /// The threads that everything waits on.
    #[must_use]
    pub fn tokio(&self) -> tokio::runtime::Handle {
        tokio::runtime::Handle::current()
    }
}
