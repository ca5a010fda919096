//! The hotkey on X11: a grab of the key on the root window, and a thread that sleeps until it is pressed.
//!
//! It has a connection of its own and needs no toolkit, so it works before the first window is made, and it is woken by
//! nothing but the keys, a change of the setting, or a change of the keyboard.

use std::io::{ErrorKind, Read as _, Write as _};
use std::os::fd::{AsFd as _, BorrowedFd};
use std::os::unix::net::UnixStream;
use std::time::Duration;

use herald_core::hotkey::{Hotkey as Keys, Key};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use x11rb::connection::{Connection as _, RequestConnection as _};
use x11rb::errors::{ConnectError, ConnectionError, ReplyError};
use x11rb::protocol::xkb::{self, ConnectionExt as _};
use x11rb::protocol::xproto::{self, ConnectionExt as _, GrabMode, Keycode, Mapping, ModMask, Window};
use x11rb::protocol::{ErrorKind as XErrorKind, Event};
use x11rb::rust_connection::RustConnection;

use super::{Held, Holder, RETRY, taken};

/// Starts the thread that holds the keys.
pub(super) fn hold(holder: Holder) {
    let (mut waker, woken) = match pair() {
        Ok(pair) => pair,
        Err(error) => return holder.dead(format!("{error}. Restart Herald.")),
    };
    let mut wanted = holder.wanted.clone();
    tokio::spawn(async move {
        // A full pipe wakes as well as one more byte in it; a closed one belongs to a thread that has ended.
        while wanted.changed().await.is_ok() {
            if waker.write(&[0]).is_err_and(|error| error.kind() != ErrorKind::WouldBlock) {
                return;
            }
        }
    });
    let thread = HotkeyThread { holder, woken };
    if let Err(error) = std::thread::Builder::new().name("hotkey".into()).spawn(move || thread.run()) {
        tracing::error!(%error, "no hotkey thread");
    }
}

fn pair() -> std::io::Result<(UnixStream, UnixStream)> {
    let (waker, woken) = UnixStream::pair()?;
    waker.set_nonblocking(true)?;
    woken.set_nonblocking(true)?;
    Ok((waker, woken))
}

/// Why keys are not held.
enum Fault {
    /// Somebody else holds them.
    Taken,
    /// The X server cannot be reached, or went away.
    NoServer,
}

impl Fault {
    fn words(&self, keys: Keys) -> String {
        match self {
            Self::Taken => taken(keys),
            Self::NoServer => "The screen's X server does not answer. Herald tries again by itself.".into(),
        }
    }
}

impl From<ConnectError> for Fault {
    fn from(_: ConnectError) -> Self {
        Self::NoServer
    }
}

impl From<ConnectionError> for Fault {
    fn from(_: ConnectionError) -> Self {
        Self::NoServer
    }
}

impl From<ReplyError> for Fault {
    fn from(error: ReplyError) -> Self {
        match error {
            ReplyError::X11Error(error) if error.error_kind == XErrorKind::Access => Self::Taken,
            ReplyError::X11Error(_) | ReplyError::ConnectionError(_) => Self::NoServer,
        }
    }
}

/// Why a wait ended.
enum Woken {
    /// There is something to look at.
    Look,
    /// Other keys are wanted.
    Changed,
    /// Herald ends.
    Ended,
}

struct HotkeyThread {
    holder: Holder,
    woken: UnixStream,
}

impl HotkeyThread {
    fn run(mut self) {
        loop {
            let wanted = *self.holder.wanted.borrow_and_update();
            let woken = match wanted.map(|keys| (keys, self.hold(keys))) {
                None => self.wait(None, None),
                Some((_, Ok(woken))) => woken,
                Some((keys, Err(fault))) => {
                    self.holder.dead(fault.words(keys));
                    self.wait(None, Some(RETRY))
                }
            };
            match woken {
                Woken::Look | Woken::Changed => {}
                Woken::Ended => return,
            }
        }
    }

    /// Holds these keys until others are wanted.
    fn hold(&mut self, keys: Keys) -> Result<Woken, Fault> {
        let (server, screen) = RustConnection::connect(None)?;
        let root = server.setup().roots.get(screen).ok_or(Fault::NoServer)?.root;
        watch_the_keyboard(&server);
        let (mut grab, mut held) = (Grab::default(), Held::default());
        let mut moved = true;
        loop {
            if std::mem::take(&mut moved) {
                let now = Grab::of(keys, &Keyboard::read(&server)?);
                if now != grab || now == Grab::default() {
                    let_go(&server, root)?;
                    now.take(&server, root)?;
                    self.told(keys, &now);
                    (grab, held) = (now, Held::default());
                }
            }
            while let Some(event) = server.poll_for_event()? {
                if let Event::KeyPress(press) = &event {
                    if grab.codes.contains(&press.detail) && held.pressed(press.time) {
                        self.holder.pressed(None);
                    }
                } else if let Event::KeyRelease(release) = &event {
                    if grab.codes.contains(&release.detail) {
                        held.released();
                    }
                } else {
                    moved |= changes_keys(&event);
                }
            }
            if moved {
                continue;
            }
            match self.wait(Some(server.stream().as_fd()), None) {
                Woken::Look => {}
                other @ (Woken::Changed | Woken::Ended) => {
                    // Whoever takes these keys next must not meet what is left of this grab.
                    let_go(&server, root)?;
                    return Ok(other);
                }
            }
        }
    }

    /// Tells what a grab came to. A keyboard without the key is no end: the user may change back to another layout.
    fn told(&self, keys: Keys, grab: &Grab) {
        if grab.codes.is_empty() {
            self.holder.dead(format!("{keys} cannot be typed on this keyboard. Choose another in Settings."));
        } else {
            self.holder.works("X11");
        }
    }

    /// Sleeps until the server has something to say, other keys are wanted, or the time is over.
    fn wait(&mut self, server: Option<BorrowedFd<'_>>, at_most: Option<Duration>) -> Woken {
        let mut fds = vec![PollFd::new(&self.woken, PollFlags::IN)];
        fds.extend(server.map(|server| PollFd::from_borrowed_fd(server, PollFlags::IN)));
        let at_most = at_most.and_then(|it| Timespec::try_from(it).ok());
        if poll(&mut fds, at_most.as_ref()).is_err() || fds[0].revents().is_empty() {
            return Woken::Look;
        }
        drop(fds);
        match self.woken.read(&mut [0; 64]) {
            Ok(0) => Woken::Ended,
            Ok(_) => Woken::Changed,
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted) => Woken::Look,
            Err(_) => Woken::Ended,
        }
    }
}

/// Asks for repeats of a held key without releases in between, and to be told of other layouts. Without the extension
/// each repeat counts as a press, which shows the window once more, and the layout is told by the core protocol.
fn watch_the_keyboard(server: &RustConnection) {
    let asked = || -> Result<(), ReplyError> {
        if server.extension_information(xkb::X11_EXTENSION_NAME)?.is_none() {
            return Ok(());
        }
        server.xkb_use_extension(1, 0)?.reply()?;
        let (flag, none) = (xkb::PerClientFlag::DETECTABLE_AUTO_REPEAT, xkb::BoolCtrl::from(0u8));
        let device = xkb::ID::USE_CORE_KBD.into();
        server.xkb_per_client_flags(device, flag, flag, none, none, none)?.reply()?;
        let (events, nothing) =
            (xkb::EventType::NEW_KEYBOARD_NOTIFY | xkb::EventType::MAP_NOTIFY, xkb::EventType::default());
        let parts = xkb::MapPart::KEY_SYMS | xkb::MapPart::MODIFIER_MAP;
        server.xkb_select_events(device, nothing, events, parts, parts, &xkb::SelectEventsAux::new())?.check()?;
        Ok(())
    };
    if let Err(error) = asked() {
        tracing::debug!(%error, "repeats of a held key look like presses here");
    }
}

/// Whether keys may mean something else from here on.
fn changes_keys(event: &Event) -> bool {
    if let Event::MappingNotify(change) = event {
        return change.request != Mapping::POINTER;
    }
    matches!(event, Event::XkbMapNotify(_) | Event::XkbNewKeyboardNotify(_))
}

/// What has to be grabbed to hear some keys.
#[derive(Debug, Default, PartialEq)]
struct Grab {
    codes: Vec<Keycode>,
    /// The modifiers, with every state of the locks.
    held: Vec<ModMask>,
}

impl Grab {
    /// Nothing, where no key of the keyboard can be meant.
    fn of(keys: Keys, board: &Keyboard) -> Self {
        let (codes, modifiers) = (board.keys(keys.key), board.modifiers(keys));
        if codes.is_empty() {
            return Self::default();
        }
        Self { codes, held: board.locks().into_iter().map(|locks| modifiers | locks).collect() }
    }

    /// Takes all of it or nothing.
    fn take(&self, server: &RustConnection, root: Window) -> Result<(), Fault> {
        for code in &self.codes {
            for held in &self.held {
                let asked = server.grab_key(false, root, *held, *code, GrabMode::ASYNC, GrabMode::ASYNC)?.check();
                if let Err(error) = asked {
                    let_go(server, root)?;
                    return Err(error.into());
                }
            }
        }
        Ok(())
    }
}

/// Gives up every key that this connection holds, and waits until that is true.
fn let_go(server: &RustConnection, root: Window) -> Result<(), Fault> {
    Ok(server.ungrab_key(xproto::Grab::ANY, root, ModMask::ANY)?.check()?)
}

/// What the keys of the keyboard mean.
struct Keyboard {
    first: Keycode,
    /// The signs of each key: alone, with Shift, and so on.
    signs: Vec<Vec<u32>>,
    /// The keys of each modifier, in the order of their bits.
    modifiers: Vec<Vec<Keycode>>,
}

const ALT: [u32; 4] = [0xffe9, 0xffea, 0xffe7, 0xffe8];
const SUPER: [u32; 2] = [0xffeb, 0xffec];
const NUM_LOCK: [u32; 1] = [0xff7f];

impl Keyboard {
    fn read(server: &RustConnection) -> Result<Self, Fault> {
        let (first, last) = (server.setup().min_keycode, server.setup().max_keycode);
        let keys = server.get_keyboard_mapping(first, last - first + 1)?.reply()?;
        let modifiers = server.get_modifier_mapping()?.reply()?;
        let chunks = |of: usize| of.max(1);
        Ok(Self {
            first,
            signs: keys.keysyms.chunks(chunks(keys.keysyms_per_keycode.into())).map(<[u32]>::to_vec).collect(),
            modifiers: modifiers
                .keycodes
                .chunks(chunks(modifiers.keycodes_per_modifier().into()))
                .map(<[u8]>::to_vec)
                .collect(),
        })
    }

    /// The keys that are meant: those that give the sign, in whichever layout that is chosen, or its capital, as Hebrew
    /// keyboards do with Shift; where none does, as on a Greek or Cyrillic keyboard alone, the one on which the Latin letter
    /// is printed beside the other.
    fn keys(&self, key: Key) -> Vec<Keycode> {
        let mut codes = self.codes(sign(key));
        if let (true, Key::Letter(letter)) = (codes.is_empty(), key) {
            codes = self.codes(letter.to_ascii_uppercase().into());
        }
        let foreign = |code: &Keycode| {
            let signs = code.checked_sub(self.first).and_then(|nth| self.signs.get(usize::from(nth)));
            signs.is_some_and(|signs| signs.iter().any(|it| *it != 0) && !signs.iter().copied().any(is_latin))
        };
        if codes.is_empty() { place(key).filter(foreign).into_iter().collect() } else { codes }
    }

    /// The keys that give this sign, with as few other keys as possible: digits need Shift on some keyboards.
    fn codes(&self, sign: u32) -> Vec<Keycode> {
        let levels = self.signs.iter().map(Vec::len).max().unwrap_or_default();
        let at = |level: usize| {
            let keys = (self.first..=Keycode::MAX).zip(&self.signs);
            keys.filter(|(_, signs)| signs.get(level) == Some(&sign)).map(|(code, _)| code).collect::<Vec<_>>()
        };
        (0..levels).map(at).find(|codes| !codes.is_empty()).unwrap_or_default()
    }

    /// The modifiers that are to be down.
    fn modifiers(&self, keys: Keys) -> ModMask {
        let alt = self.modifier(&ALT).unwrap_or(ModMask::M1);
        let meta = self.modifier(&SUPER).unwrap_or(ModMask::M4);
        let all = [(keys.ctrl, ModMask::CONTROL), (keys.alt, alt), (keys.shift, ModMask::SHIFT), (keys.meta, meta)];
        all.into_iter().filter(|(down, _)| *down).fold(ModMask::default(), |sum, (_, mask)| sum | mask)
    }

    /// Every state of the locks, which are modifiers too but must not matter.
    fn locks(&self) -> Vec<ModMask> {
        let none = ModMask::default();
        match self.modifier(&NUM_LOCK) {
            Some(num) => vec![none, ModMask::LOCK, num, ModMask::LOCK | num],
            None => vec![none, ModMask::LOCK],
        }
    }

    /// The modifier that a key with one of these signs makes.
    fn modifier(&self, signs: &[u32]) -> Option<ModMask> {
        let codes: Vec<Keycode> = signs.iter().flat_map(|sign| self.codes(*sign)).collect();
        let place = self.modifiers.iter().position(|keys| keys.iter().any(|key| codes.contains(key)))?;
        Some(ModMask::from(1u16 << place))
    }
}

/// Whether a sign is a plain Latin letter (keysymdef.h: their ASCII).
fn is_latin(sign: u32) -> bool {
    u8::try_from(sign).is_ok_and(|sign| sign.is_ascii_alphabetic())
}

/// Where letters and digits are printed on most keyboards. The numbers are those of every Linux keyboard (xkeyboard-config,
/// keycodes/evdev: `<AE01>` = 10, `<AD01>` = 24, `<AC01>` = 38, `<AB01>` = 52).
fn place(key: Key) -> Option<Keycode> {
    let (Key::Letter(sign) | Key::Digit(sign)) = key else { return None };
    let rows: [(Keycode, &str); 4] = [(10, "1234567890"), (24, "QWERTYUIOP"), (38, "ASDFGHJKL"), (52, "ZXCVBNM")];
    rows.into_iter().find_map(|(first, row)| {
        let nth = row.find(sign.to_ascii_uppercase())?;
        Some(first + Keycode::try_from(nth).ok()?)
    })
}

/// The X11 name of a sign (keysymdef.h): Latin letters are their ASCII, the rest is a table.
fn sign(key: Key) -> u32 {
    match key {
        Key::Letter(sign) => sign.to_ascii_lowercase().into(),
        Key::Digit(sign) => sign.into(),
        Key::Function(number) => 0xffbd + u32::from(number),
        Key::Space => 0x20,
        Key::Enter => 0xff0d,
        Key::Insert => 0xff63,
        Key::Delete => 0xffff,
        Key::Home => 0xff50,
        Key::Left => 0xff51,
        Key::Up => 0xff52,
        Key::Right => 0xff53,
        Key::Down => 0xff54,
        Key::PageUp => 0xff55,
        Key::PageDown => 0xff56,
        Key::End => 0xff57,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_found_wherever_the_keyboard_has_them() {
        let board = Keyboard {
            first: 8,
            // 8: u U, 9: a French 1, 10: Alt_L, 11: Num_Lock, 12: another u, 13: Super_L
            signs: vec![vec![0x75, 0x55], vec![0x26, 0x31], vec![0xffe9], vec![0xff7f], vec![0x75, 0x55], vec![0xffeb]],
            modifiers: vec![vec![0], vec![0], vec![0], vec![10, 0], vec![11, 0], vec![0], vec![13, 0], vec![0]],
        };
        assert_eq!(board.codes(sign(Key::Letter('U'))), [8, 12]);
        assert_eq!(board.codes(sign(Key::Digit('1'))), [9], "where digits need Shift");
        assert_eq!(board.codes(sign(Key::Letter('Q'))), [0u8; 0]);
        let keys = |text: &str| text.parse::<Keys>().expect("keys");
        assert_eq!(board.modifiers(keys("Ctrl+Alt+U")), ModMask::CONTROL | ModMask::M1);
        assert_eq!(board.modifiers(keys("Super+Shift+U")), ModMask::SHIFT | ModMask::M4);
        let (alt, num) = (ModMask::M1, ModMask::M2);
        let grab = Grab::of(keys("Alt+U"), &board);
        let held = vec![alt, alt | ModMask::LOCK, alt | num, alt | ModMask::LOCK | num];
        assert_eq!(grab, Grab { codes: vec![8, 12], held });
        assert_eq!(Grab::of(keys("Alt+Q"), &board), Grab::default());
    }

    #[test]
    fn a_keyboard_of_another_script_has_the_key_where_the_latin_letter_is_printed() {
        let greek = 0x7e1;
        let mut signs = vec![vec![greek, greek]; 60];
        // 30: the place of U. 38: the place of A, where this keyboard has a Latin O. 10: 1 and !
        (signs[30 - 8], signs[38 - 8], signs[10 - 8]) = (vec![0x7f5, 0x7d5], vec![0x6f, 0x4f], vec![0x31, 0x21]);
        let board = Keyboard { first: 8, signs, modifiers: vec![vec![0]; 8] };
        assert_eq!(board.keys(Key::Letter('U')), [30]);
        assert_eq!(board.keys(Key::Letter('A')), [0u8; 0], "a place with another Latin letter is not meant");
        assert_eq!(board.keys(Key::Letter('O')), [38], "the sign goes before the place");
        let mut hebrew = board.signs.clone();
        hebrew[40 - 8] = vec![0xce5, 0x55];
        let hebrew = Keyboard { first: 8, signs: hebrew, modifiers: vec![vec![0]; 8] };
        assert_eq!(hebrew.keys(Key::Letter('U')), [40], "a capital with Shift is printed on its key, too");
        assert_eq!((board.keys(Key::Digit('1')), board.keys(Key::Function(1))), (vec![10], vec![]));
        assert_eq!(Keyboard { signs: vec![], ..board }.keys(Key::Letter('U')), [0u8; 0], "no such key");
    }

    #[test]
    fn function_keys_have_names_in_a_row() {
        assert_eq!((sign(Key::Function(1)), sign(Key::Function(24))), (0xffbe, 0xffd5));
    }
}
