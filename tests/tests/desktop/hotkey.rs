//! The hotkey: keys that reach Herald from anywhere, taken by others, changed, or not to be had at all.

use std::fs::File;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Result;
use herald_tests::keyboard::Keyboard;
use herald_tests::wait::{self, SOON};
use serde_json::{Value, json};

use crate::desk::Desk;

/// Longer than it takes a window that was hidden to be shown.
const LONG_PRESS: Duration = Duration::from_millis(700);

const TAKEN: &str = "Ctrl+Alt+U is taken by another program. Choose another in Settings.";

#[tokio::test]
async fn hotkey_shows_the_window_whatever_the_locks_and_the_layout_say() -> Result<()> {
    let mut desk = Desk::quiet().await?;
    let keyboard = Keyboard::open(&desk.desktop)?;
    desk.start().await?;
    until_hotkey(&desk, &works()).await?;
    assert_eq!(desk.windows().await?, 0, "it works before the first window is made");
    keyboard.press("Ctrl+Alt+U")?;
    desk.until_windows(1).await?;

    close(&desk, &keyboard).await?;
    for lock in ["NumLock", "CapsLock"] {
        keyboard.press(lock)?;
        keyboard.press("Ctrl+Alt+U")?;
        desk.until_windows(1).await?;
        close(&desk, &keyboard).await?;
    }

    keyboard.swap('U', 'Q')?;
    wait::until("the key in its new place", SOON, async || {
        keyboard.press("Ctrl+Alt+U")?;
        Ok((desk.windows().await? == 1).then_some(()))
    })
    .await?;
    assert!(keyboard.take('Q')?, "the old place is free");
    assert!(desk.app.runs());
    Ok(())
}

#[tokio::test]
async fn held_keys_count_once() -> Result<()> {
    let mut desk = Desk::quiet().await?;
    let keyboard = Keyboard::open(&desk.desktop)?;
    desk.start().await?;
    until_hotkey(&desk, &works()).await?;
    keyboard.hold("Ctrl+Alt+U")?;
    desk.until_windows(1).await?;
    // Closed by other means than keys, the window stays closed however long the hand rests on them.
    close(&desk, &keyboard).await?;
    let since = Instant::now();
    while since.elapsed() < LONG_PRESS {
        keyboard.hold("U")?;
        assert_eq!(desk.windows().await?, 0, "a held key is one press");
    }
    keyboard.release("Ctrl+Alt+U")?;
    keyboard.press("Ctrl+Alt+U")?;
    desk.until_windows(1).await
}

#[tokio::test]
async fn taken_hotkey_is_told_and_another_one_works_at_once() -> Result<()> {
    let mut desk = Desk::quiet().await?;
    let keyboard = Keyboard::open(&desk.desktop)?;
    assert!(keyboard.take('U')?, "another program was first");
    desk.start().await?;
    until_hotkey(&desk, &json!({"kind": "dead", "reason": TAKEN})).await?;
    let item = desk.until_tray_says("⚠ Hotkey").await?;
    assert!(item.says().contains("All quiet"), "no alarm depends on it: {:?}", item.says());
    let doctor = desk.app.cli(&desk.desktop, &["doctor"]).await?;
    assert!(doctor.stdout.contains(TAKEN), "{doctor:?}");

    let refused = desk.app.cli(&desk.desktop, &["set", "hotkey", "J"]).await?;
    assert_eq!(refused.code, Some(4), "{refused:?}");
    assert!(refused.stderr.contains("Add Ctrl, Alt or Super"), "with the next step: {refused:?}");
    assert_eq!(desk.view().await?["settings"]["hotkey"], "Ctrl+Alt+U", "and nothing changed");

    set(&desk, "ctrl+alt+j").await?;
    until_hotkey(&desk, &works()).await?;
    assert_eq!(desk.view().await?["settings"]["hotkey"], "Ctrl+Alt+J");
    keyboard.press("Ctrl+Alt+J")?;
    desk.until_windows(1).await?;
    close(&desk, &keyboard).await?;

    // The old keys are free for whoever wants them, so they lead nowhere.
    keyboard.give_back('U')?;
    set(&desk, "Ctrl+Alt+U").await?;
    until_hotkey(&desk, &works()).await?;
    assert!(!keyboard.take('U')?, "held by Herald");
    assert!(keyboard.take('J')?, "given up by Herald");
    keyboard.press("Ctrl+Alt+U")?;
    desk.until_windows(1).await?;

    set(&desk, "off").await?;
    until_hotkey(&desk, &Value::Null).await?;
    wait::until("the keys to be free", SOON, async || Ok(keyboard.take('U')?.then_some(()))).await?;
    let doctor = desk.app.cli(&desk.desktop, &["doctor"]).await?;
    assert!(doctor.stdout.lines().any(|line| line.starts_with("ok   Hotkey")), "{doctor:?}");
    desk.start().await?;
    assert_eq!(desk.view().await?["settings"]["hotkey"], Value::Null, "off stays off");
    Ok(())
}

#[tokio::test]
async fn desktop_without_global_hotkeys_is_told_with_the_way_around() -> Result<()> {
    let mut desk = Desk::quiet().await?;
    // A Wayland session without a portal; the window itself still goes to the X screen.
    desk.desktop.set_env("WAYLAND_DISPLAY", "wayland-none");
    desk.start().await?;
    let reason = "This desktop has no global hotkeys. Bind “herald draft” to a key in its settings.";
    until_hotkey(&desk, &json!({"kind": "dead", "reason": reason})).await?;
    desk.until_tray_says("Bind “herald draft”").await.map(drop)
}

#[tokio::test]
async fn screen_that_goes_takes_the_hotkey_only() -> Result<()> {
    let mut desk = Desk::quiet().await?;
    let number = desk.desktop.dir().join("second-screen");
    let args = ["-displayfd", "1", "-nolisten", "tcp", "-noreset"];
    let screen = desk.desktop.spawn_with("screen", Path::new("Xvfb"), &args, None, Some(File::create(&number)?))?;
    let number = wait::until("a second screen", SOON, async || {
        let text = std::fs::read_to_string(&number)?;
        Ok(text.strip_suffix('\n').map(|number| format!(":{number}")))
    });
    desk.desktop.set_env("DISPLAY", &number.await?);
    desk.start().await?;
    until_hotkey(&desk, &works()).await?;
    screen.kill();
    let reason = "The screen's X server does not answer. Herald tries again by itself.";
    until_hotkey(&desk, &json!({"kind": "dead", "reason": reason})).await?;
    desk.until_polled(1).await?;
    desk.until_tray_says("⚠ Hotkey").await.map(drop)
}

fn works() -> Value {
    json!({"kind": "works", "by": "X11"})
}

/// Waits until the channel's health is this; nothing known of it is null.
async fn until_hotkey(desk: &Desk, health: &Value) -> Result<()> {
    let of = |view: &Value| {
        let channels = view["channels"].as_array().into_iter().flatten();
        channels.filter(|one| one["channel"] == "hotkey").map(|one| one["health"].clone()).next().unwrap_or_default()
    };
    desk.until_view(&format!("the hotkey to be {health}"), |view| of(view) == *health).await.map(drop)
}

async fn set(desk: &Desk, keys: &str) -> Result<()> {
    let set = desk.app.cli(&desk.desktop, &["set", "hotkey", keys]).await?;
    assert_eq!(set.code, Some(0), "{set:?}");
    Ok(())
}

/// Closes the window, as a click on its cross does.
async fn close(desk: &Desk, keyboard: &Keyboard) -> Result<()> {
    // The search fails when some other window goes while it looks.
    let window = wait::until("the window's id", SOON, async || {
        let found = desk.desktop.run("xdotool", &["search", "--onlyvisible", "--name", "^Herald$"]).await?;
        Ok(Some(found.trim().parse()?))
    });
    keyboard.close_window(window.await?)?;
    desk.until_windows(0).await
}
