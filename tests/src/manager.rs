//! A window manager that lets no window come to the front by itself, for the private screen of one test.
//!
//! Its rule is that of KWin (`src/activation.cpp`, `allowClientActivation`): a window is activated if the time that it
//! names is not older than the last act of the user in the active window; one that names none only asks for attention.
//! Mutter compares the same way (`src/core/window.c`, `meta_window_activate_full`). What a time is, and where a window
//! names it, is the Extended Window Manager Hints' (`_NET_WM_USER_TIME`, `_NET_ACTIVE_WINDOW`).

use std::sync::{Arc, Mutex};

use anyhow::{Context as _, Result};
use x11rb::connection::Connection as _;
use x11rb::protocol::Event;
use x11rb::protocol::xproto::{
    Atom, AtomEnum, ChangeWindowAttributesAux, ConfigureWindowAux, ConnectionExt as _, CreateWindowAux, EventMask,
    InputFocus, PropMode, StackMode, Window, WindowClass,
};
use x11rb::rust_connection::RustConnection;
use x11rb::wrapper::ConnectionExt as _;

use crate::desktop::{Desktop, lock};

x11rb::atom_manager! {
    Atoms: AtomsCookie {
        _NET_ACTIVE_WINDOW,
        _NET_SUPPORTED,
        _NET_SUPPORTING_WM_CHECK,
        _NET_WM_NAME,
        _NET_WM_USER_TIME,
        _NET_WM_USER_TIME_WINDOW,
        UTF8_STRING,
        WM_STATE,
    }
}

/// The window manager, which ends with the screen.
pub struct Manager {
    server: RustConnection,
    root: Window,
    atoms: Atoms,
    seen: Arc<Mutex<Seen>>,
}

#[derive(Default)]
struct Seen {
    /// The window in front; none while the user works in another program.
    front: Option<Window>,
    /// When the user last did something in the active window.
    acted_at: u32,
    /// How often a window was refused.
    refused: usize,
}

impl Manager {
    /// Takes over a screen that has no window manager.
    ///
    /// # Errors
    /// When there is no screen, or another manages it.
    pub fn start(desktop: &Desktop) -> Result<Self> {
        let connect = || -> Result<_> {
            let display = desktop.env().remove("DISPLAY").context("the desktop has no screen")?;
            let (server, screen) = RustConnection::connect(Some(&display))?;
            let root = server.setup().roots.get(screen).context("no root window")?.root;
            Ok((server, root))
        };
        let (server, root) = connect()?;
        let atoms = Atoms::new(&server)?.reply()?;
        let mask = EventMask::SUBSTRUCTURE_REDIRECT | EventMask::SUBSTRUCTURE_NOTIFY;
        let managing = ChangeWindowAttributesAux::new().event_mask(mask);
        server.change_window_attributes(root, &managing)?.check().context("the screen has a window manager")?;
        let check = server.generate_id()?;
        server.create_window(0, check, root, 0, 0, 1, 1, 0, WindowClass::INPUT_ONLY, 0, &CreateWindowAux::new())?;
        for window in [root, check] {
            let id = &[check];
            server.change_property32(
                PropMode::REPLACE,
                window,
                atoms._NET_SUPPORTING_WM_CHECK,
                AtomEnum::WINDOW,
                id,
            )?;
        }
        server.change_property8(PropMode::REPLACE, check, atoms._NET_WM_NAME, atoms.UTF8_STRING, b"strict")?;
        let supported = [atoms._NET_ACTIVE_WINDOW, atoms._NET_WM_USER_TIME, atoms._NET_WM_USER_TIME_WINDOW];
        server.change_property32(PropMode::REPLACE, root, atoms._NET_SUPPORTED, AtomEnum::ATOM, &supported)?;
        server.flush()?;
        let seen: Arc<Mutex<Seen>> = Arc::default();
        let managing = Managing { server, root, atoms, seen: Arc::clone(&seen) };
        std::thread::spawn(move || {
            // It ends in an error: the screen goes.
            while managing.next().is_ok() {}
        });
        let (server, root) = connect()?;
        Ok(Self { server, root, atoms, seen })
    }

    /// The user does something in another program, which is in front from then on.
    ///
    /// # Errors
    /// When the screen is gone.
    pub fn somebody_works(&self) -> Result<()> {
        let now = time_now(&self.server, self.root)?;
        let mut seen = lock(&self.seen);
        (seen.front, seen.acted_at) = (None, now);
        let active = self.atoms._NET_ACTIVE_WINDOW;
        self.server.change_property32(PropMode::REPLACE, self.root, active, AtomEnum::WINDOW, &[0])?;
        self.server.set_input_focus(InputFocus::POINTER_ROOT, self.root, now)?;
        Ok(self.server.flush()?)
    }

    /// The title of the window that came to the front since the user last worked elsewhere.
    #[must_use]
    pub fn in_front(&self) -> Option<String> {
        let window = lock(&self.seen).front?;
        let name = self.server.get_property(false, window, self.atoms._NET_WM_NAME, AtomEnum::ANY, 0, 64).ok()?;
        Some(String::from_utf8_lossy(&name.reply().ok()?.value).into_owned())
    }

    /// How often a window wanted to the front without leave.
    #[must_use]
    pub fn refused(&self) -> usize {
        lock(&self.seen).refused
    }
}

/// The screen's clock now.
///
/// # Errors
/// When the screen is gone.
pub fn time_now(server: &RustConnection, root: Window) -> Result<u32> {
    let window = server.generate_id()?;
    let aux = CreateWindowAux::new().event_mask(EventMask::PROPERTY_CHANGE);
    server.create_window(0, window, root, 0, 0, 1, 1, 0, WindowClass::INPUT_ONLY, 0, &aux)?;
    server.change_property8(PropMode::APPEND, window, AtomEnum::WM_NAME, AtomEnum::STRING, &[])?;
    server.flush()?;
    loop {
        // What an earlier one's end told may still be in the queue.
        if let Event::PropertyNotify(told) = server.wait_for_event()?
            && told.window == window
        {
            server.destroy_window(window)?;
            return Ok(told.time);
        }
    }
}

/// A startup id as desktops make them on X11: the time of the user's act stands at its end (the startup notification
/// protocol of freedesktop.org).
///
/// # Errors
/// When the desktop has a screen that does not answer.
pub fn startup_id(env: &std::collections::BTreeMap<String, String>) -> Result<String> {
    let Some(display) = env.get("DISPLAY") else { return Ok("test-host-1".into()) };
    let (server, screen) = RustConnection::connect(Some(display))?;
    let root = server.setup().roots.get(screen).context("no root window")?.root;
    Ok(format!("test-host-1_TIME{}", time_now(&server, root)?))
}

struct Managing {
    server: RustConnection,
    root: Window,
    atoms: Atoms,
    seen: Arc<Mutex<Seen>>,
}

impl Managing {
    fn next(&self) -> Result<()> {
        let event = self.server.wait_for_event()?;
        if let Event::MapRequest(asked) = event {
            self.server.map_window(asked.window)?;
            let (state, normal) = (self.atoms.WM_STATE, [1, 0]);
            self.server.change_property32(PropMode::REPLACE, asked.window, state, state, &normal)?;
            let time = self.user_time(asked.window)?;
            self.wants_to_the_front(asked.window, time)?;
        } else if let Event::ConfigureRequest(asked) = event {
            let asked_for = ConfigureWindowAux::from_configure_request(&asked).sibling(None).stack_mode(None);
            self.server.configure_window(asked.window, &asked_for)?;
        } else if let Event::ClientMessage(asked) = event
            && asked.type_ == self.atoms._NET_ACTIVE_WINDOW
        {
            self.wants_to_the_front(asked.window, Some(asked.data.as_data32()[1]))?;
        } else if let Event::UnmapNotify(gone) = event {
            let mut seen = lock(&self.seen);
            seen.front = seen.front.filter(|front| *front != gone.window);
        }
        Ok(self.server.flush()?)
    }

    fn wants_to_the_front(&self, window: Window, time: Option<u32>) -> Result<()> {
        let mut seen = lock(&self.seen);
        // Times go round; half of the circle is past.
        let fresh = |time: u32| time != 0 && time.wrapping_sub(seen.acted_at) < u32::MAX / 2;
        if seen.front != Some(window) && !time.is_some_and(fresh) {
            seen.refused += 1;
            self.server.configure_window(window, &ConfigureWindowAux::new().stack_mode(StackMode::BELOW))?;
            return Ok(());
        }
        seen.front = Some(window);
        self.server.configure_window(window, &ConfigureWindowAux::new().stack_mode(StackMode::ABOVE))?;
        self.server.set_input_focus(InputFocus::POINTER_ROOT, window, x11rb::CURRENT_TIME)?;
        let active = self.atoms._NET_ACTIVE_WINDOW;
        self.server.change_property32(PropMode::REPLACE, self.root, active, AtomEnum::WINDOW, &[window])?;
        Ok(())
    }

    /// The time that a window names for itself; it may keep it on a window of its own.
    fn user_time(&self, window: Window) -> Result<Option<u32>> {
        let of = |window: Window, name: Atom| -> Result<Option<u32>> {
            let found = self.server.get_property(false, window, name, AtomEnum::ANY, 0, 1)?.reply()?;
            Ok(found.value32().and_then(|mut values| values.next()))
        };
        let keeper = of(window, self.atoms._NET_WM_USER_TIME_WINDOW)?.unwrap_or(window);
        of(keeper, self.atoms._NET_WM_USER_TIME)
    }
}
