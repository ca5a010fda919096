//! Copies text for another program to paste.

use std::sync::{Mutex, PoisonError};

use arboard::Clipboard;

/// What was copied is served by the program that copied it, so the connection is kept.
static CLIPBOARD: Mutex<Option<Clipboard>> = Mutex::new(None);

/// Copies `text`; blocks until the desktop has taken notice.
pub(crate) fn copy(text: &str) -> Result<(), arboard::Error> {
    let mut held = CLIPBOARD.lock().unwrap_or_else(PoisonError::into_inner);
    let clipboard = match &mut *held {
        Some(clipboard) => clipboard,
        none => none.insert(Clipboard::new()?),
    };
    let copied = clipboard.set_text(text);
    if copied.is_err() {
        *held = None;
    }
    copied
}
