//! Coming to the front. A desktop lets a window come before what its user works in only for a reason: a token that it
//! gave with the click (`xdg_activation_v1`, or a startup id on X11), or, on X11, the time at which the user acted.

use serde::{Deserialize, Serialize};

/// Longest token that is taken: those of real desktops have fewer than a hundred bytes.
const TOKEN_BYTES_MAX: usize = 1024;

/// Leave to come to the front, as the desktop gave it with one click, key or command. It is good once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Token(String);

impl Token {
    /// What the desktop gave, if it is anything.
    pub fn new(text: impl Into<String>) -> Option<Self> {
        let text = text.into();
        let sound = !text.is_empty() && text.len() <= TOKEN_BYTES_MAX && !text.contains(char::is_control);
        sound.then_some(Self(text))
    }

    /// What the program that started this process gave to it.
    pub fn from_env() -> Option<Self> {
        let given = |name: &str| std::env::var(name).ok().and_then(Self::new);
        given("XDG_ACTIVATION_TOKEN").or_else(|| given("DESKTOP_STARTUP_ID"))
    }
}

/// By what right the window comes to the front.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Front {
    /// The user asked for it, and this is what the desktop gave along.
    Token(Token),
    /// The user asked for it; the desktop gave nothing along.
    Asked,
    /// Nobody asked: it may stay behind what the user works in.
    #[default]
    Unasked,
}

impl From<Option<Token>> for Front {
    fn from(token: Option<Token>) -> Self {
        token.map_or(Self::Asked, Self::Token)
    }
}

#[cfg(target_os = "linux")]
pub(crate) use linux::bring;

#[cfg(target_os = "linux")]
mod linux {
    use gtk::gdk::prelude::DisplayExtManual as _;
    use gtk::prelude::{GtkWindowExt as _, WidgetExt as _};
    use tauri::WebviewWindow;
    use x11rb::connection::Connection as _;
    use x11rb::protocol::Event;
    use x11rb::protocol::xproto::{AtomEnum, ConnectionExt as _, CreateWindowAux, EventMask, PropMode, WindowClass};
    use x11rb::wrapper::ConnectionExt as _;

    use super::{Front, Token};

    /// Shows the window and brings it to the front, as far as the desktop lets it.
    pub(crate) fn bring(window: &WebviewWindow, front: &Front) -> tauri::Result<()> {
        let gtk = window.gtk_window()?;
        let wayland = gtk.display().backend().is_wayland();
        let id = match front {
            Front::Token(token) => Some(token.0.clone()),
            Front::Asked if !wayland => server_time().map(|at| format!("_TIME{at}")),
            Front::Asked | Front::Unasked => None,
        };
        if wayland && *front == Front::Asked && gtk.is_visible() && !gtk.is_active() {
            // Compositors let no window come forward without a token, but they do show a window that is new.
            gtk.hide();
        }
        if let Some(id) = &id {
            // GTK makes of it what the display understands: `xdg_activation_v1.activate`, now or when the window is
            // mapped; on X11 the time of the user's act. A bare `_TIME…` is that time alone (gtkwindow.c,
            // `startup_id_is_fake`).
            gtk.set_startup_id(id);
        }
        window.show()?;
        window.unminimize()?;
        // On Wayland the token has done it; asking once more, without one, is a demand for attention.
        if !(wayland && id.is_some()) {
            window.set_focus()?;
        }
        Ok(())
    }

    /// The X server's time now: the user has just acted.
    fn server_time() -> Option<u32> {
        let (server, screen) = x11rb::connect(None).ok()?;
        let root = server.setup().roots.get(screen)?.root;
        let window = server.generate_id().ok()?;
        let aux = CreateWindowAux::new().event_mask(EventMask::PROPERTY_CHANGE);
        server.create_window(0, window, root, 0, 0, 1, 1, 0, WindowClass::INPUT_ONLY, 0, &aux).ok()?;
        server.change_property8(PropMode::APPEND, window, AtomEnum::WM_NAME, AtomEnum::STRING, &[]).ok()?;
        server.flush().ok()?;
        loop {
            if let Event::PropertyNotify(told) = server.wait_for_event().ok()? {
                return Some(told.time);
            }
        }
    }

    impl Token {
        /// What the host gave with the click that is being answered. It may come a little after it, or never.
        pub fn of_tray() -> Option<Self> {
            let end = std::time::Instant::now() + TRAY_TOKEN_MAX;
            tokio::task::block_in_place(|| {
                loop {
                    match ksni::current_xdg_activation_token() {
                        Some(token) => return Self::new(token),
                        None if std::time::Instant::now() >= end => return None,
                        None => std::thread::sleep(TRAY_LOOK_EVERY),
                    }
                }
            })
        }
    }

    /// Longest wait for a token that was sent with a click: later ones are no longer taken for it.
    const TRAY_TOKEN_MAX: std::time::Duration = std::time::Duration::from_millis(20);
    /// Pause between two looks.
    const TRAY_LOOK_EVERY: std::time::Duration = std::time::Duration::from_millis(2);
}

/// Shows the window and brings it to the front.
#[cfg(not(target_os = "linux"))]
pub(crate) fn bring(window: &tauri::WebviewWindow, _: &Front) -> tauri::Result<()> {
    window.show()?;
    window.unminimize()?;
    window.set_focus()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_may_be_a_token_is_taken_for_one() {
        for (text, taken) in [
            ("gnome-shell/Herald/2112-0-desk_TIME123456", true),
            ("a3f0c1d2-kwin-12", true),
            ("", false),
            ("two\nlines", false),
            (&"x".repeat(TOKEN_BYTES_MAX + 1), false),
        ] {
            assert_eq!(Token::new(text).is_some(), taken, "{text:?}");
        }
        assert_eq!(Front::from(None), Front::Asked, "who asks without a token still asked");
    }
}
