//! On macOS and Windows the window lives in this process: its main thread is also that of tray and hotkey. It attaches
//! itself at the start, and stays.

use std::path::Path;

/// Nothing is made here.
///
/// # Errors
/// Always: whoever has no window by now gets none.
pub(super) fn make(_: &Path, _: impl FnOnce(u32), _: impl FnOnce(u32, String) + Send + 'static) -> Result<(), String> {
    Err("Herald’s own desktop part has not started. Quit Herald and start it again.".into())
}

/// It ends with this process.
pub(super) fn adopt(_: u32, _: impl FnOnce(u32, String) + Send + 'static) {}

/// It ends with this process.
pub(super) fn kill(_: u32) {}
