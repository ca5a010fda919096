//! The keys that open Herald from anywhere, read from text and written as text.

use std::fmt;
use std::str::FromStr;

/// The keys that Herald offers at first.
pub const DEFAULT: &str = "Ctrl+Alt+U";

/// Longest text that is read as keys, in bytes: every modifier and the longest key are far below.
const TEXT_BYTES_MAX: usize = 64;

/// The last function key that keyboards and desktops know.
const FUNCTION_MAX: u8 = 24;

/// A combination of keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Hotkey {
    /// Control.
    pub ctrl: bool,
    /// Alt, or Option.
    pub alt: bool,
    /// Shift.
    pub shift: bool,
    /// Super, Windows or Command.
    pub meta: bool,
    /// The key itself.
    pub key: Key,
}

/// A key that is no modifier, by what is printed on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Key {
    /// A to Z, as a capital letter.
    Letter(char),
    /// 0 to 9.
    Digit(char),
    /// F1 to F24.
    Function(u8),
    /// The long one.
    Space,
    /// Enter, or Return.
    Enter,
    /// Insert.
    Insert,
    /// Delete, to the right.
    Delete,
    /// Home.
    Home,
    /// End.
    End,
    /// Page up.
    PageUp,
    /// Page down.
    PageDown,
    /// Arrow up.
    Up,
    /// Arrow down.
    Down,
    /// Arrow left.
    Left,
    /// Arrow right.
    Right,
}

/// The keys with a word of their own.
const NAMED: [(Key, &str); 12] = [
    (Key::Space, "Space"),
    (Key::Enter, "Enter"),
    (Key::Insert, "Insert"),
    (Key::Delete, "Delete"),
    (Key::Home, "Home"),
    (Key::End, "End"),
    (Key::PageUp, "PageUp"),
    (Key::PageDown, "PageDown"),
    (Key::Up, "Up"),
    (Key::Down, "Down"),
    (Key::Left, "Left"),
    (Key::Right, "Right"),
];

/// Why a text names no keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unfit {
    /// Every other program would lose the key.
    NoModifier,
    /// It holds no key, two of them, or one that Herald does not know.
    UnknownKey,
}

impl Unfit {
    /// The reason in words, with the next step.
    #[must_use]
    pub fn message(self) -> &'static str {
        match self {
            Self::NoModifier => {
                "Every other program would lose this key. Add Ctrl, Alt or Super to it, as in Ctrl+Alt+U."
            }
            Self::UnknownKey => {
                "These are no keys that Herald knows. Take a letter, a digit or F1 to F24 with Ctrl, Alt, Shift or Super, as in Ctrl+Alt+U."
            }
        }
    }
}

impl FromStr for Hotkey {
    type Err = Unfit;

    /// Reads keys as people write them: case and blanks do not matter, nor the order of the modifiers.
    fn from_str(text: &str) -> Result<Self, Unfit> {
        if text.len() > TEXT_BYTES_MAX {
            return Err(Unfit::UnknownKey);
        }
        let (mut ctrl, mut alt, mut shift, mut meta, mut key) = (false, false, false, false, None);
        for part in text.split('+').map(|part| part.trim().to_ascii_lowercase()) {
            match part.as_str() {
                "ctrl" | "control" => ctrl = true,
                "alt" | "option" => alt = true,
                "shift" => shift = true,
                "super" | "meta" | "cmd" | "command" | "win" => meta = true,
                _ if key.is_none() => key = Some(Key::named(&part).ok_or(Unfit::UnknownKey)?),
                _ => return Err(Unfit::UnknownKey),
            }
        }
        let key = key.ok_or(Unfit::UnknownKey)?;
        // Shift alone would take the capital letter from whoever is writing.
        if ctrl || alt || meta { Ok(Self { ctrl, alt, shift, meta, key }) } else { Err(Unfit::NoModifier) }
    }
}

impl fmt::Display for Hotkey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let modifiers = [(self.ctrl, "Ctrl"), (self.alt, "Alt"), (self.shift, "Shift"), (self.meta, "Super")];
        for (_, name) in modifiers.iter().filter(|(held, _)| *held) {
            write!(f, "{name}+")?;
        }
        self.key.fmt(f)
    }
}

impl Key {
    /// The key of this name, written in small letters.
    fn named(name: &str) -> Option<Self> {
        let mut letters = name.chars();
        match (letters.next()?, letters.as_str()) {
            (letter @ 'a'..='z', "") => return Some(Self::Letter(letter.to_ascii_uppercase())),
            (digit @ '0'..='9', "") => return Some(Self::Digit(digit)),
            ('f', number) => {
                if let Some(number) = number.parse().ok().filter(|it| (1..=FUNCTION_MAX).contains(it)) {
                    return Some(Self::Function(number));
                }
            }
            _ => {}
        }
        NAMED.iter().find(|(_, known)| known.eq_ignore_ascii_case(name)).map(|(key, _)| *key)
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Letter(sign) | Self::Digit(sign) => write!(f, "{sign}"),
            Self::Function(number) => write!(f, "F{number}"),
            Self::Space
            | Self::Enter
            | Self::Insert
            | Self::Delete
            | Self::Home
            | Self::End
            | Self::PageUp
            | Self::PageDown
            | Self::Up
            | Self::Down
            | Self::Left
            | Self::Right => {
                let name = NAMED.iter().find(|(key, _)| key == self).map(|(_, name)| *name);
                f.write_str(name.unwrap_or_default())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_read_as_people_write_them_and_written_in_one_way() {
        for (typed, expected) in [
            (DEFAULT, "Ctrl+Alt+U"),
            ("ctrl+alt+u", "Ctrl+Alt+U"),
            (" Alt + CONTROL + j ", "Ctrl+Alt+J"),
            ("super+shift+f12", "Shift+Super+F12"),
            ("Cmd+Option+9", "Alt+Super+9"),
            ("Ctrl+F24", "Ctrl+F24"),
            ("Ctrl+F", "Ctrl+F"),
            ("ctrl+pageup", "Ctrl+PageUp"),
            ("Alt+Space", "Alt+Space"),
            ("Ctrl+Ctrl+U", "Ctrl+U"),
        ] {
            assert_eq!(typed.parse::<Hotkey>().map(|keys| keys.to_string()), Ok(expected.to_owned()), "{typed:?}");
        }
    }

    #[test]
    fn what_is_no_hotkey_is_refused_with_the_reason() {
        for (typed, expected) in [
            ("U", Unfit::NoModifier),
            ("Shift+U", Unfit::NoModifier),
            ("F5", Unfit::NoModifier),
            ("", Unfit::UnknownKey),
            ("Ctrl+Alt", Unfit::UnknownKey),
            ("Ctrl+", Unfit::UnknownKey),
            ("Ctrl+U+J", Unfit::UnknownKey),
            ("Ctrl+F0", Unfit::UnknownKey),
            ("Ctrl+F25", Unfit::UnknownKey),
            ("Ctrl+F+1", Unfit::UnknownKey),
            ("Ctrl+Ü", Unfit::UnknownKey),
            ("Hyper+U", Unfit::UnknownKey),
            ("Ctrl+Escape", Unfit::UnknownKey),
        ] {
            assert_eq!(typed.parse::<Hotkey>(), Err(expected), "{typed:?}");
        }
        let long = format!("Ctrl+{}U", " ".repeat(TEXT_BYTES_MAX));
        assert_eq!(long.parse::<Hotkey>(), Err(Unfit::UnknownKey), "text has a limit");
    }

    #[test]
    fn every_named_key_is_read_back() {
        for (key, name) in NAMED {
            let keys = Hotkey { ctrl: true, alt: false, shift: false, meta: false, key };
            assert_eq!(keys.to_string(), format!("Ctrl+{name}"));
            assert_eq!(keys.to_string().parse(), Ok(keys), "{name}");
        }
    }
}
