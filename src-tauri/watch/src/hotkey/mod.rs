//! The hotkey: keys that open Herald from whatever program has the keyboard, held through what the desktop offers.

#[cfg(target_os = "linux")]
mod portal;
#[cfg(target_os = "linux")]
mod x11;

use std::sync::Arc;

use herald_core::hotkey::Hotkey as Keys;
#[cfg(target_os = "linux")]
use herald_core::state::{Channel, Health};
use herald_engine::Teller;
use tokio::sync::watch;

use herald_door::Token;

/// How often keys that could not be had are tried again: another program may have ended meanwhile.
#[cfg(target_os = "linux")]
const RETRY: std::time::Duration = std::time::Duration::from_secs(30);

/// A key that is held repeats several times in a second; a longer silence means that its release was missed.
#[cfg(target_os = "linux")]
const REPEAT_MS_MAX: u32 = 2000;

/// Handle to whatever holds the hotkey.
#[derive(Clone)]
pub(crate) struct Hotkey {
    wanted: Arc<watch::Sender<Option<Keys>>>,
    #[cfg(not(target_os = "linux"))]
    holder: Arc<std::sync::OnceLock<Holder>>,
}

impl Default for Hotkey {
    fn default() -> Self {
        Self {
            wanted: Arc::new(watch::Sender::new(None)),
            #[cfg(not(target_os = "linux"))]
            holder: Arc::default(),
        }
    }
}

impl Hotkey {
    /// Holds the wanted keys from here on, calls `on_press` once for each press of them, with the
    /// leave to come to the front that the desktop gave along, and tells whether they work.
    pub fn start(&self, teller: Teller, on_press: impl Fn(Option<Token>) + Send + Sync + 'static) {
        let holder = Holder { wanted: self.wanted.subscribe(), teller, on_press: Arc::new(on_press) };
        #[cfg(target_os = "linux")]
        if on_wayland() {
            tokio::spawn(portal::hold(holder));
        } else {
            x11::hold(holder);
        }
        // There the app that owns the main thread holds them.
        #[cfg(not(target_os = "linux"))]
        let _ = self.holder.set(holder);
    }

    /// Which keys are wanted.
    #[cfg(not(target_os = "linux"))]
    pub fn wanted(&self) -> watch::Receiver<Option<Keys>> {
        self.wanted.subscribe()
    }

    /// They were pressed.
    #[cfg(not(target_os = "linux"))]
    pub fn pressed(&self) {
        if let Some(holder) = self.holder.get() {
            holder.pressed(None);
        }
    }

    /// Takes other keys, or none, at once.
    pub fn set(&self, keys: Option<Keys>) {
        self.wanted.send_if_modified(|wanted| std::mem::replace(wanted, keys) != keys);
    }

    /// Tries anew to have the keys: the user has seen to what was in the way.
    pub fn try_again(&self) {
        self.wanted.send_modify(|_| {});
    }
}

/// What a way of holding keys is given.
struct Holder {
    wanted: watch::Receiver<Option<Keys>>,
    teller: Teller,
    on_press: Arc<dyn Fn(Option<Token>) + Send + Sync>,
}

impl Holder {
    fn pressed(&self, token: Option<Token>) {
        (self.on_press)(token);
    }

    #[cfg(target_os = "linux")]
    fn works(&self, by: &str) {
        self.teller.channel_seen(Channel::Hotkey, Health::Works { by: by.into() });
    }

    #[cfg(target_os = "linux")]
    fn dead(&self, reason: String) {
        tracing::info!(reason, "the hotkey does not work");
        self.teller.channel_seen(Channel::Hotkey, Health::Dead { reason });
    }
}

/// Why keys cannot be had when somebody else has them.
#[cfg(target_os = "linux")]
fn taken(keys: Keys) -> String {
    format!("{keys} is taken by another program. Choose another in Settings.")
}

/// Whether the keyboard belongs to a Wayland compositor; X11 there hears only what is meant for X11's own windows.
#[cfg(target_os = "linux")]
fn on_wayland() -> bool {
    std::env::var_os("WAYLAND_DISPLAY").is_some_and(|it| !it.is_empty())
}

/// Whether the keys are down, so that holding them counts once.
#[cfg(target_os = "linux")]
#[derive(Debug, Default)]
struct Held {
    last_ms: Option<u32>,
}

#[cfg(target_os = "linux")]
impl Held {
    /// Takes note that the keys went down or repeat, by a clock in milliseconds; says whether this is a new press.
    fn pressed(&mut self, at_ms: u32) -> bool {
        let last = self.last_ms.replace(at_ms);
        last.is_none_or(|last| at_ms.wrapping_sub(last) > REPEAT_MS_MAX)
    }

    /// Takes note that they went up.
    fn released(&mut self) {
        self.last_ms = None;
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn held_keys_count_once() {
        let mut held = Held::default();
        assert!(held.pressed(u32::MAX - 100), "the first");
        assert!(!held.pressed(u32::MAX), "repeats");
        assert!(!held.pressed(30), "also when the clock begins anew");
        held.released();
        assert!(held.pressed(60), "the next");
        assert!(held.pressed(61 + REPEAT_MS_MAX), "and the next, though nobody saw the release");
    }
}
