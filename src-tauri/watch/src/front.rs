//! The leave to come to the front that a tray gives with a click.

use herald_door::Token;

/// Longest wait for a token that was sent with a click: later ones are no longer taken for it.
const TRAY_TOKEN_MAX: std::time::Duration = std::time::Duration::from_millis(20);
/// Pause between two looks.
const TRAY_LOOK_EVERY: std::time::Duration = std::time::Duration::from_millis(2);

/// What the host gave with the click that is being answered. It may come a little after it, or never.
pub(crate) fn of_tray() -> Option<Token> {
    let end = std::time::Instant::now() + TRAY_TOKEN_MAX;
    tokio::task::block_in_place(|| {
        loop {
            match ksni::current_xdg_activation_token() {
                Some(token) => return Token::new(token),
                None if std::time::Instant::now() >= end => return None,
                None => std::thread::sleep(TRAY_LOOK_EVERY),
            }
        }
    })
}
