//! Coming to the front, as far as the desktop lets a window.

#[cfg(target_os = "linux")]
pub(crate) use linux::bring;

#[cfg(target_os = "linux")]
mod linux {
    use gtk::gdk::prelude::DisplayExtManual as _;
    use gtk::prelude::{GtkWindowExt as _, WidgetExt as _};
    use herald_door::Front;
    use tauri::WebviewWindow;
    use x11rb::connection::Connection as _;
    use x11rb::protocol::Event;
    use x11rb::protocol::xproto::{AtomEnum, ConnectionExt as _, CreateWindowAux, EventMask, PropMode, WindowClass};
    use x11rb::wrapper::ConnectionExt as _;

    /// Shows the window and brings it to the front, as far as the desktop lets it.
    pub(crate) fn bring(window: &WebviewWindow, front: &Front) -> tauri::Result<()> {
        let gtk = window.gtk_window()?;
        let wayland = gtk.display().backend().is_wayland();
        let id = match front {
            Front::Token(token) => Some(token.as_str().to_owned()),
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
}

/// Shows the window and brings it to the front.
#[cfg(not(target_os = "linux"))]
pub(crate) fn bring(window: &tauri::WebviewWindow, _: &herald_door::Front) -> tauri::Result<()> {
    window.show()?;
    window.unminimize()?;
    window.set_focus()
}
