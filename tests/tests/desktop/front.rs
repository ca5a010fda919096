//! The window comes to the front whenever its user asks for it, under a window manager that lets nothing else come, and
//! stays behind when nobody asked.

use anyhow::{Context as _, Result};
use herald_practice::Scenario;
use herald_tests::Desktop;
use herald_tests::keyboard::Keyboard;
use herald_tests::keyring::Keyring;
use herald_tests::manager::Manager;
use herald_tests::notifications::Notifications;
use herald_tests::portal::{Asked, Binding, Portal};
use herald_tests::tray::Tray;
use herald_tests::wait::{self, SOON};
use serde_json::{Value, json};

use crate::desk::{Desk, Duty, TITLE};

#[tokio::test]
async fn window_comes_to_the_front_when_asked_for_and_only_then() -> Result<()> {
    let desktop = Desktop::without_window_manager().await?;
    let manager = Manager::start(&desktop)?;
    let mut notifications = Notifications::start(&desktop).await?;
    let tray = Tray::start(&desktop).await?;
    let _keyring = Keyring::start(&desktop).await?;
    let keyboard = Keyboard::open(&desktop)?;
    let mut duty = Duty::on(desktop, Scenario::quiet()).await?;
    assert_eq!(duty.connect().await?.code, Some(0));
    duty.start().await?;
    tray.until_item().await?;
    let in_front = async |what: &str| {
        wait::until_true(what, SOON, || manager.in_front().as_deref() == Some("Herald"))
            .await
            .with_context(|| format!("refused {} times, in front: {:?}", manager.refused(), manager.in_front()))
    };

    manager.somebody_works()?;
    tray.activate().await?;
    in_front("the new window, by a click on the tray icon").await?;
    manager.somebody_works()?;
    tray.activate().await?;
    in_front("the window that lay behind, by a click on the tray icon").await?;
    manager.somebody_works()?;
    tray.click("Open Herald").await?;
    in_front("the window, by the tray's menu").await?;
    manager.somebody_works()?;
    keyboard.press("Ctrl+Alt+U")?;
    in_front("the window, by the hotkey").await?;
    manager.somebody_works()?;
    assert_eq!(duty.app.cli(&duty.desktop, &[]).await?.code, Some(0));
    in_front("the window, by a second start").await?;
    manager.somebody_works()?;
    let draft = duty.app.cli(&duty.desktop, &["draft"]).await?;
    assert_eq!(draft.code, Some(0), "{draft:?}");
    in_front("the window, by `herald draft`").await?;
    manager.somebody_works()?;
    duty.page(TITLE)?;
    let note = notifications.until_visible("the page", SOON, |note| note.summary.contains(TITLE)).await?;
    assert_eq!(manager.in_front(), None, "a page that calls pushes itself before nothing");
    notifications.press(note.id, "default").await?;
    in_front("the window, by its notification").await?;

    // Nobody asked: what cannot be notified is shown, but does not take the keyboard from anybody.
    manager.somebody_works()?;
    notifications.vanish().await?;
    let refused = manager.refused();
    duty.page("Another one")?;
    wait::until_true("the window to ask for attention", SOON, || manager.refused() > refused)
        .await
        .with_context(|| format!("in front: {:?}", manager.in_front()))?;
    assert_eq!(manager.in_front(), None);
    Ok(())
}

#[tokio::test]
async fn portal_says_what_it_means_and_is_asked_again_only_by_the_user() -> Result<()> {
    let mut desk = Desk::quiet().await?;
    desk.desktop.set_env("WAYLAND_DISPLAY", "wayland-none");
    desk.desktop.set_env("XDG_CURRENT_DESKTOP", "KDE");
    let portal = Portal::start(&desk.desktop, Binding::Empty).await?;
    desk.start().await?;
    let until = async |what: &str, kind: &str, part: &str| {
        let fits = |view: &Value| {
            let hotkey = view["channels"].as_array()?.iter().find(|one| one["channel"] == "hotkey")?["health"].clone();
            let says = hotkey["by"].as_str().or(hotkey["reason"].as_str())?.to_owned();
            Some(hotkey["kind"] == kind && says.contains(part))
        };
        desk.until_view(what, |view| fits(view).unwrap_or_default()).await
    };
    until("the empty answer", "dead", "has given it no key").await?;
    let doctor = desk.app.cli(&desk.desktop, &["doctor"]).await?;
    assert!(doctor.stdout.contains("System Settings"), "in the desktop's own words: {doctor:?}");

    // The user has seen to it, and chooses the same keys once more.
    let again = async |binding| {
        portal.answer(binding);
        desk.command(json!({"do": "set", "patch": {"set": "hotkey", "keys": "Ctrl+Alt+U"}})).await
    };
    again(Binding::Granted("Meta+U")).await?;
    until("the granted keys", "works", "Meta+U").await?;
    portal.press(1_000, None).await?;
    desk.until_windows(1).await?;
    again(Binding::Denied).await?;
    until("the refusal", "dead", "did not allow").await?;
    again(Binding::Nameless).await?;
    until("the missing desktop file", "dead", "Herald.desktop").await?;
    again(Binding::Undecided).await?;
    until("the wait", "dead", "has not answered yet").await?;
    portal.decide("Ctrl+Alt+U").await?;
    until("the late answer", "works", "Ctrl+Alt+U").await?;
    again(Binding::Hung).await?;
    until("the silence", "dead", "does not answer").await?;
    let asked = portal.asked();
    let same = Asked { app_id: "Herald".into(), session_token: "herald".into(), trigger: "CTRL+ALT+u".into() };
    assert_eq!(asked, vec![same; asked.len()], "one id and one session name for ever");
    assert_eq!(asked.len(), 4, "and never asked by itself once more");
    Ok(())
}
