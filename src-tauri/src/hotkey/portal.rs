//! The hotkey on Wayland: the desktop portal offers it, the user decides in the desktop's own settings.

use std::pin::pin;
use std::time::Duration;

use ashpd::desktop::CreateSessionOptions;
use ashpd::desktop::ResponseError;
use ashpd::desktop::global_shortcuts::{BindShortcutsOptions, GlobalShortcuts, NewShortcut};
use herald_core::hotkey::{Hotkey as Keys, Key};
use zbus::export::futures_core::Stream;

use super::{Held, Holder, RETRY};

/// The name of the shortcut, under which the desktop remembers what the user decided.
const DRAFT: &str = "draft";

/// What the desktop shows the user.
const DESCRIPTION: &str = "Write the next update";

/// Holds the keys until Herald ends.
pub(super) async fn hold(holder: Holder) {
    let mut wanted = holder.wanted.clone();
    loop {
        let keys = *wanted.borrow_and_update();
        let serving = async {
            let Some(keys) = keys else { return std::future::pending().await };
            let fault = serve(&holder, keys).await;
            tracing::info!(?fault, "the portal does not hold the hotkey");
            holder.dead(fault.words().into());
            match fault.retry() {
                Some(after) => tokio::time::sleep(after).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            changed = wanted.changed() => if changed.is_err() { return },
            () = serving => {}
        }
    }
}

/// Why the portal does not hold the keys.
#[derive(Clone, Copy, Debug)]
enum Fault {
    /// There is no portal, or it knows no shortcuts.
    NoPortal,
    /// The user, or the desktop for them, said no.
    Denied,
    /// The portal ended.
    Closed,
}

impl Fault {
    fn words(self) -> &'static str {
        match self {
            Self::NoPortal => "This desktop has no global hotkeys. Bind `herald draft` to a key in its settings.",
            Self::Denied => {
                "The desktop did not allow the hotkey. Allow it in the desktop's settings, then choose it again in Herald's."
            }
            Self::Closed => "The desktop has let go of the hotkey. Herald tries again by itself.",
        }
    }

    /// When to try again. Who was asked and said no is not asked again.
    fn retry(self) -> Option<Duration> {
        match self {
            Self::NoPortal | Self::Closed => Some(RETRY),
            Self::Denied => None,
        }
    }
}

impl From<ashpd::Error> for Fault {
    fn from(error: ashpd::Error) -> Self {
        tracing::debug!(%error, "the portal failed");
        if let ashpd::Error::Response(ResponseError::Cancelled | ResponseError::Other) = error {
            Self::Denied
        } else {
            Self::NoPortal
        }
    }
}

/// Binds the keys and listens to them until the portal lets go of them. The connection is its own: when it goes, the
/// portal ends the session that belongs to it.
async fn serve(holder: &Holder, keys: Keys) -> Fault {
    match try_serve(holder, keys).await {
        Ok(fault) | Err(fault) => fault,
    }
}

async fn try_serve(holder: &Holder, keys: Keys) -> Result<Fault, Fault> {
    let bus = zbus::Connection::session().await.map_err(|_| Fault::NoPortal)?;
    let portal = GlobalShortcuts::with_connection(bus).await?;
    let session = portal.create_session(CreateSessionOptions::default()).await?;
    // Listened to before the keys are bound, so that no press is missed.
    let mut pressed = pin!(portal.receive_activated().await?);
    let mut released = pin!(portal.receive_deactivated().await?);
    let mut closed = pin!(session.receive_closed().await?);
    let mut owner = pin!(portal.receive_owner_changed().await.map_err(|_| Fault::Closed)?);
    let shortcut = NewShortcut::new(DRAFT, DESCRIPTION).preferred_trigger(trigger(keys).as_str());
    let asked = portal.bind_shortcuts(&session, &[shortcut], None, BindShortcutsOptions::default()).await?;
    let bound = asked.response()?;
    let Some(granted) = bound.shortcuts().iter().find(|one| one.id() == DRAFT) else { return Ok(Fault::Denied) };
    holder.works(&by(granted.trigger_description()));
    let mut held = Held::default();
    loop {
        tokio::select! {
            press = next(&mut pressed) => match press {
                Some(press) if press.shortcut_id() == DRAFT => {
                    let at_ms = u32::try_from(press.timestamp().as_millis() & u128::from(u32::MAX)).unwrap_or_default();
                    if held.pressed(at_ms) {
                        (holder.on_press)();
                    }
                }
                Some(_) => {}
                None => return Ok(Fault::Closed),
            },
            release = next(&mut released) => match release {
                Some(_) => held.released(),
                None => return Ok(Fault::Closed),
            },
            _ = next(&mut closed) => return Ok(Fault::Closed),
            _ = next(&mut owner) => return Ok(Fault::Closed),
        }
    }
}

async fn next<S: Stream + Unpin>(stream: &mut S) -> Option<S::Item> {
    std::future::poll_fn(|context| std::pin::Pin::new(&mut *stream).poll_next(context)).await
}

/// What does the work; the desktop may have given other keys than were offered.
fn by(granted: &str) -> String {
    let granted = granted.trim();
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
        assert_eq!(by(" "), "desktop portal");
    }
}
