//! A keyboard for the private screen: presses keys as hands do, and takes them as another program would.
//!
//! The X server makes real events of it (XTEST, "X Test Extension Library"); keys are taken by `GrabKey` and windows are
//! closed by `_NET_CLOSE_WINDOW`, as pagers do (Extended Window Manager Hints).

use anyhow::{Context as _, Result, bail, ensure};
use x11rb::connection::Connection as _;
use x11rb::protocol::xproto::{
    ClientMessageEvent, ConnectionExt as _, EventMask, GrabMode, KEY_PRESS_EVENT, KEY_RELEASE_EVENT, Keycode, ModMask,
    Window,
};
use x11rb::protocol::xtest::ConnectionExt as _;
use x11rb::rust_connection::RustConnection;

use crate::Desktop;

/// Names of the keys that are no letter, with X11's number for each.
const NAMED: [(&str, u32); 5] =
    [("Ctrl", 0xffe3), ("Alt", 0xffe9), ("Shift", 0xffe1), ("NumLock", 0xff7f), ("CapsLock", 0xffe5)];

/// The number of the key at this place, named as by the W3C ("UI Events KeyboardEvent code Values"); the numbers are
/// those of xkeyboard-config, keycodes/evdev.
fn place(name: &str) -> Result<Keycode> {
    const SINGLE: [(&str, Keycode); 16] = [
        ("Tab", 23),
        ("Ctrl", 37),
        ("Alt", 64),
        ("Shift", 50),
        ("Escape", 9),
        ("Minus", 20),
        ("BracketLeft", 34),
        ("Semicolon", 47),
        ("Quote", 48),
        ("Backslash", 51),
        ("Comma", 59),
        ("Period", 60),
        ("Slash", 61),
        ("Space", 65),
        ("Enter", 36),
        ("F1", 67),
    ];
    const ROWS: [(&str, Keycode, &str); 4] =
        [("Digit", 10, "1234567890"), ("Key", 24, "QWERTYUIOP"), ("Key", 38, "ASDFGHJKL"), ("Key", 52, "ZXCVBNM")];
    let of_row = |(kind, first, row): (&str, Keycode, &str)| {
        let nth = row.find(name.strip_prefix(kind).filter(|sign| sign.len() == 1)?)?;
        Some(first + Keycode::try_from(nth).ok()?)
    };
    let single = SINGLE.iter().find(|(known, _)| *known == name).map(|(_, code)| *code);
    single.or_else(|| ROWS.into_iter().find_map(of_row)).with_context(|| format!("there is no place {name:?}"))
}

/// A client of the private screen with its hands on the keyboard.
pub struct Keyboard {
    server: RustConnection,
    root: Window,
}

impl Keyboard {
    /// Connects to the desktop's screen.
    ///
    /// # Errors
    /// When there is none.
    pub fn open(desktop: &Desktop) -> Result<Self> {
        let display = desktop.env().remove("DISPLAY").context("the desktop has no screen")?;
        let (server, screen) = RustConnection::connect(Some(&display))?;
        let root = server.setup().roots.get(screen).context("no root window")?.root;
        Ok(Self { server, root })
    }

    /// Presses keys such as `Ctrl+Alt+U`, one after the other, and lets go of them in reverse.
    ///
    /// # Errors
    /// When the keyboard has no such key.
    pub fn press(&self, keys: &str) -> Result<()> {
        self.hold(keys)?;
        self.release(keys)
    }

    /// Presses keys and keeps them down. Pressing a key that is down already is what a keyboard's repeating looks like.
    ///
    /// # Errors
    /// When the keyboard has no such key.
    pub fn hold(&self, keys: &str) -> Result<()> {
        keys.split('+').try_for_each(|key| self.fake(KEY_PRESS_EVENT, key))
    }

    /// Lets go of keys.
    ///
    /// # Errors
    /// When the keyboard has no such key.
    pub fn release(&self, keys: &str) -> Result<()> {
        keys.split('+').rev().try_for_each(|key| self.fake(KEY_RELEASE_EVENT, key))
    }

    /// Presses keys by their places, as `Ctrl+Digit1`, whatever signs the layout gives them, and lets go of them.
    ///
    /// # Errors
    /// When there is no such place.
    pub fn press_place(&self, keys: &str) -> Result<()> {
        let codes = keys.split('+').map(place).collect::<Result<Vec<_>>>()?;
        let fake = |what, code| -> Result<()> {
            Ok(self.server.xtest_fake_input(what, code, 0, self.root, 0, 0, 0)?.check()?)
        };
        codes.iter().try_for_each(|code| fake(KEY_PRESS_EVENT, *code))?;
        codes.iter().rev().try_for_each(|code| fake(KEY_RELEASE_EVENT, *code))
    }

    /// Takes `Ctrl+Alt+` and a letter for this client, as another program's hotkey; false when somebody has it.
    ///
    /// # Errors
    /// When the keyboard has no such key.
    pub fn take(&self, letter: char) -> Result<bool> {
        let (code, held) = (self.code(&letter.to_string())?, ModMask::CONTROL | ModMask::M1);
        let asked = self.server.grab_key(false, self.root, held, code, GrabMode::ASYNC, GrabMode::ASYNC)?;
        Ok(asked.check().is_ok())
    }

    /// Gives a taken letter back.
    ///
    /// # Errors
    /// When the keyboard has no such key.
    pub fn give_back(&self, letter: char) -> Result<()> {
        let code = self.code(&letter.to_string())?;
        Ok(self.server.ungrab_key(code, self.root, ModMask::CONTROL | ModMask::M1)?.check()?)
    }

    /// Swaps what two letters' keys mean, as another layout would.
    ///
    /// # Errors
    /// When the keyboard lacks one of them.
    pub fn swap(&self, one: char, other: char) -> Result<()> {
        let (first, second) = (self.code(&one.to_string())?, self.code(&other.to_string())?);
        for (code, letter) in [(first, other), (second, one)] {
            let signs = [u32::from(letter.to_ascii_lowercase()), u32::from(letter.to_ascii_uppercase())];
            self.server.change_keyboard_mapping(1, code, 2, &signs)?.check()?;
        }
        Ok(())
    }

    /// Asks the window manager to close a window, as a click on its cross does: without the keyboard.
    ///
    /// # Errors
    /// When the screen is gone.
    pub fn close_window(&self, window: Window) -> Result<()> {
        let close = self.server.intern_atom(false, b"_NET_CLOSE_WINDOW")?.reply()?.atom;
        let (event, mask) = (ClientMessageEvent::new(32, window, close, [0; 5]), EventMask::SUBSTRUCTURE_REDIRECT);
        Ok(self.server.send_event(false, self.root, mask | EventMask::SUBSTRUCTURE_NOTIFY, event)?.check()?)
    }

    fn fake(&self, what: u8, key: &str) -> Result<()> {
        self.server.xtest_fake_input(what, self.code(key)?, 0, self.root, 0, 0, 0)?.check()?;
        Ok(())
    }

    /// The key that this is printed on.
    fn code(&self, key: &str) -> Result<Keycode> {
        let mut letters = key.chars();
        let sign = match (NAMED.iter().find(|(name, _)| *name == key), letters.next(), letters.next()) {
            (Some((_, sign)), ..) => *sign,
            (None, Some(letter), None) if letter.is_ascii_alphanumeric() => letter.to_ascii_lowercase().into(),
            (None, ..) => bail!("there is no key {key:?}"),
        };
        let (first, last) = (self.server.setup().min_keycode, self.server.setup().max_keycode);
        let board = self.server.get_keyboard_mapping(first, last - first + 1)?.reply()?;
        ensure!(board.keysyms_per_keycode > 0, "the keyboard has no keys");
        let keys = board.keysyms.chunks(board.keysyms_per_keycode.into());
        let found = (first..=last).zip(keys).find(|(_, signs)| signs.first() == Some(&sign));
        found.map(|(code, _)| code).with_context(|| format!("the keyboard lacks {key:?}"))
    }
}
