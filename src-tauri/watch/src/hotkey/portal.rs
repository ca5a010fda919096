//! The hotkey on Wayland: the desktop portal offers it, the user decides in the desktop's own settings.
//!
//! Spoken here rather than through a library: Plasma keeps the user's keys under the program's id and the session's
//! token together (xdg-desktop-portal-kde, `GlobalShortcutsSession::componentName`), so both must be the same for ever.

mod wire;

use std::time::Duration;

use herald_core::hotkey::{Hotkey as Keys, Key};

use self::wire::{News, Portal};
use super::{Held, Holder, RETRY};
use crate::which::Which;

/// How long the desktop may take, as it may be asking its user, before that is told.
const PATIENCE: Duration = Duration::from_secs(5);

/// Holds the keys until Herald ends.
pub(super) async fn hold(holder: Holder) {
    let mut wanted = holder.wanted.clone();
    loop {
        let keys = *wanted.borrow_and_update();
        let serving = async {
            let Some(keys) = keys else { return std::future::pending().await };
            let fault = serve(&holder, keys).await;
            tracing::info!(?fault, "the portal does not hold the hotkey");
            holder.dead(fault.words());
            match fault.retry() {
                Some(after) => tokio::time::sleep(after).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            // Other keys, or the same once more: the user asks for another try.
            changed = wanted.changed() => if changed.is_err() { return },
            () = serving => {}
        }
    }
}

/// Why the portal does not hold the keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    /// There is no portal, or it knows no shortcuts.
    NoPortal,
    /// The portal took the question and does not answer.
    Silent,
    /// The portal gives shortcuts only to programs that it knows by their desktop file.
    Nameless,
    /// The user said no.
    Denied,
    /// The portal tried and failed.
    Failed,
    /// The portal ended.
    Closed,
}

impl Fault {
    fn words(self) -> String {
        let why = match self {
            Self::NoPortal => "This desktop has no global hotkeys.",
            Self::Silent => {
                return "The desktop's portal does not answer. Herald tries again by itself.".into();
            }
            Self::Nameless => "The desktop gives hotkeys only to installed programs, and finds no Herald.desktop.",
            Self::Denied => {
                return "The desktop did not allow the hotkey. Allow it in the desktop's settings, then try again here."
                    .into();
            }
            Self::Failed => "The desktop could not set the hotkey up.",
            Self::Closed => return "The desktop has let go of the hotkey. Herald tries again by itself.".into(),
        };
        format!("{why} {}", Which::here().keys_by_hand())
    }

    /// When to try again. Who was asked and said no is not asked again before the user says so.
    fn retry(self) -> Option<Duration> {
        match self {
            Self::NoPortal | Self::Silent | Self::Closed => Some(RETRY),
            Self::Denied | Self::Failed | Self::Nameless => None,
        }
    }
}

/// What it means that the desktop took the shortcut and gave it no key.
fn keyless() -> String {
    format!(
        "The desktop knows the hotkey but has given it no key. Give it one in the desktop's settings. Or: {}",
        Which::here().keys_by_hand()
    )
}

/// Binds the keys and listens to them until the portal lets go of them. The connection is its own: when it goes, the
/// portal ends the session that belongs to it.
async fn serve(holder: &Holder, keys: Keys) -> Fault {
    match try_serve(holder, keys).await {
        Ok(fault) | Err(fault) => fault,
    }
}

async fn try_serve(holder: &Holder, keys: Keys) -> Result<Fault, Fault> {
    let mut portal = Portal::reach().await?;
    let trigger = trigger(keys);
    let granted = {
        let mut asked = std::pin::pin!(portal.bind(&trigger));
        match tokio::time::timeout(PATIENCE, &mut asked).await {
            Ok(granted) => granted?,
            Err(_) => {
                holder.dead("The desktop has not answered yet; it may be asking you about the hotkey.".into());
                asked.await?
            }
        }
    };
    tell(holder, granted.as_deref());
    let mut held = Held::default();
    loop {
        match portal.news().await {
            News::Pressed { at_ms, token } => {
                if held.pressed(at_ms) {
                    holder.pressed(token);
                }
            }
            News::Released => held.released(),
            News::Changed(granted) => tell(holder, granted.as_deref()),
            News::Gone => return Ok(Fault::Closed),
        }
    }
}

/// Tells what the desktop granted: keys in its own words, which may be other ones than were offered.
fn tell(holder: &Holder, granted: Option<&str>) {
    match granted.map(str::trim) {
        None => holder.dead(keyless()),
        // Plasma says which keys it gave; others leave that to their own settings.
        Some("") if Which::here() == Which::Plasma => holder.dead(keyless()),
        Some(keys) => holder.works(&by(keys)),
    }
}

/// What does the work.
fn by(granted: &str) -> String {
    if granted.is_empty() { "desktop portal".into() } else { format!("desktop portal: {granted}") }
}

/// The keys as the shortcuts specification of freedesktop.org writes them.
fn trigger(keys: Keys) -> String {
    let modifiers = [(keys.ctrl, "CTRL+"), (keys.alt, "ALT+"), (keys.shift, "SHIFT+"), (keys.meta, "LOGO+")];
    let held: String = modifiers.into_iter().filter(|(down, _)| *down).map(|(_, name)| name).collect();
    let key = match keys.key {
        Key::Letter(sign) => sign.to_ascii_lowercase().to_string(),
        Key::Space => "space".into(),
        Key::Enter => "Return".into(),
        Key::PageUp => "Page_Up".into(),
        Key::PageDown => "Page_Down".into(),
        key @ (Key::Digit(_)
        | Key::Function(_)
        | Key::Insert
        | Key::Delete
        | Key::Home
        | Key::End
        | Key::Up
        | Key::Down
        | Key::Left
        | Key::Right) => key.to_string(),
    };
    format!("{held}{key}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_offered_as_the_specification_writes_them() {
        for (keys, expected) in [
            ("Ctrl+Alt+U", "CTRL+ALT+u"),
            ("Shift+Super+F12", "SHIFT+LOGO+F12"),
            ("Ctrl+9", "CTRL+9"),
            ("Ctrl+Enter", "CTRL+Return"),
            ("Alt+PageUp", "ALT+Page_Up"),
        ] {
            assert_eq!(trigger(keys.parse().expect("keys")), expected);
        }
    }

    #[test]
    fn what_the_desktop_granted_is_said() {
        assert_eq!(by("Press <Super>u"), "desktop portal: Press <Super>u");
        assert_eq!(by(""), "desktop portal");
    }

    #[test]
    fn only_who_said_no_is_left_alone() {
        for fault in [Fault::NoPortal, Fault::Silent, Fault::Closed] {
            assert!(fault.retry().is_some(), "{fault:?}");
        }
        for fault in [Fault::Denied, Fault::Failed, Fault::Nameless] {
            assert!(fault.retry().is_none(), "{fault:?}");
        }
    }
}
