//! Sound cards, trays and keychains come and go; what is left carries on, and says what is missing (faults.md 35–37).

use std::time::Instant;

use anyhow::Result;
use herald_tests::wait::{self, SOON};

use crate::desk::{CALLS, Desk, Duty, TAKEN, TITLE};

#[tokio::test]
async fn sound_card_is_missed_and_used_again_once_it_is_there() -> Result<()> {
    let mut desk = Desk::quiet().await?;
    desk.sound.unplug();
    let window = desk.open().await?;
    window.until_text("Alarms cannot be heard", SOON).await?;
    let (_, note) = desk.paged().await?;
    assert_eq!(note.urgency, 2, "seen, if not heard");
    let calling = desk.until_tray_says(CALLS).await?;
    assert!(calling.says().contains("⚠ Sound"), "the tooltip says so: {:?}", calling.says());
    let status = desk.app.cli(&desk.desktop, &["status"]).await?;
    assert!(status.stdout.contains("no sound device"), "{status:?}");

    desk.replug().await?;
    let mark = desk.sound.mark();
    // The next round finds the card; the page still calls.
    assert!(!desk.sound.until_heard(mark, SOON * 2).await?.is_silent(), "heard again");
    window.until_no_text("Alarms cannot be heard", SOON).await?;
    window.close().await
}

#[tokio::test]
async fn tray_icon_comes_back_with_its_panel() -> Result<()> {
    let mut duty = Duty::quiet().await?;
    let notifications = herald_tests::notifications::Notifications::start(&duty.desktop).await?;
    let _keyring = herald_tests::keyring::Keyring::start(&duty.desktop).await?;
    assert_eq!(duty.connect().await?.code, Some(0));
    // No panel at all: everything else works, and starting Herald again leads to the window.
    duty.start().await?;
    let status = duty.app.cli(&duty.desktop, &["status"]).await?;
    assert!(status.stdout.contains("this desktop shows no tray icons"), "{status:?}");
    duty.page(TITLE)?;
    notifications.until_visible("the page", SOON, |note| note.summary.contains(TITLE)).await?;
    assert_eq!(duty.app.cli(&duty.desktop, &[]).await?.code, Some(0));
    duty.until_windows(1).await?;

    let mut tray = herald_tests::tray::Tray::start(&duty.desktop).await?;
    let calls = |item: &herald_tests::tray::Item| item.says().contains(CALLS) && !item.says().contains("no tray icons");
    tray.until("the icon in the new panel", SOON, calls).await?;
    // The panel crashes and a new one takes its place.
    tray.vanish().await?;
    duty.until_view("the dead channel", |view| view["channels"].to_string().contains("no tray icons")).await?;
    tray.come_back(&duty.desktop).await?;
    tray.until("the icon in the panel after that", SOON, calls).await?;
    tray.until_clicked("Acknowledge", SOON).await?;
    tray.until("the tray to calm down", SOON, |item| item.says().contains(TAKEN)).await.map(drop)
}

#[tokio::test]
async fn key_without_a_keychain_is_kept_for_the_session_and_said_so() -> Result<()> {
    let mut duty = Duty::quiet().await?;
    // With no Herald to keep it, the key has nowhere to go.
    let connected = duty.connect().await?;
    assert_eq!(connected.code, Some(1), "{connected:?}");
    assert!(connected.stderr.contains("Start Herald first"), "it says what to do: {connected:?}");

    let window = duty.open().await?;
    let connected = duty.connect().await?;
    assert_eq!(connected.code, Some(0), "{connected:?}");
    assert!(connected.stderr.contains("until Herald ends"), "{connected:?}");
    assert_eq!(duty.view().await?["account"]["token"], "this_session");
    window.click("button", "/Settings$/").await?;
    window.until_text("Key kept for this session only", SOON).await?;
    duty.until_polled(1).await?;
    window.close().await?;

    // Nothing was written down that could let it in again.
    duty.start().await?;
    let view = duty.until_view("that the key is missing", |view| !view["source"]["fault"].is_null()).await?;
    let fault = view["source"]["fault"].to_string();
    assert!(fault.contains("key"), "it asks for the key: {fault}");
    assert_eq!(view["source"]["stale"], true, "and does not look calm");
    Ok(())
}

#[tokio::test]
async fn key_rests_in_the_keychain_and_survives_a_restart() -> Result<()> {
    let mut desk = Desk::quiet().await?;
    let found = desk.desktop.run("secret-tool", &["search", "--all", "service", "herald"]).await?;
    assert!(found.contains(&desk.world.tokens().user), "the key is in the keychain");
    for _ in 0..2 {
        desk.start().await?;
        desk.until_polled(1).await?;
        desk.until_tray_says("All quiet").await?;
        assert_eq!(desk.view().await?["account"]["token"], "keychain");
    }
    // Forgotten means forgotten.
    desk.command(serde_json::json!({"do": "disconnect"})).await?;
    wait::until("the key to be gone", SOON, async || {
        let found = desk.desktop.output("secret-tool", &["search", "--all", "service", "herald"]).await?;
        Ok((!String::from_utf8_lossy(&found.stdout).contains(&desk.world.tokens().user)).then_some(()))
    })
    .await
}

#[tokio::test]
async fn a_keychain_that_hangs_delays_no_page_and_no_start() -> Result<()> {
    let mut desk = Desk::quiet().await?;
    desk.start().await?;
    desk.keyring.hang(true)?;
    desk.paged().await?;
    desk.app.kill9();
    let before = Instant::now();
    desk.launch()?;
    let view = desk.until_view("the reason", |view| view["source"]["fault"].to_string().contains("keychain")).await?;
    assert!(before.elapsed() < SOON, "the start waits for no keychain: {:?}", before.elapsed());
    assert_eq!(view["pages"].as_array().map(Vec::len), Some(1), "the page goes on: {view:#}");
    desk.keyring.hang(false)?;
    desk.until_saved().await?;
    desk.until_polled(1).await
}

#[tokio::test]
async fn locked_keychain_hangs_nothing() -> Result<()> {
    let mut desk = Desk::quiet().await?;
    desk.keyring.lock().await?;
    let before = Instant::now();
    let window = desk.open().await?;
    window.find("main", "/./").await?;
    assert!(before.elapsed() < SOON, "the start waits for no keychain: {:?}", before.elapsed());
    let doctor = desk.app.cli(&desk.desktop, &["doctor"]).await?;
    assert!(doctor.stdout.contains("keychain is locked"), "{doctor:?}");
    let view = desk.until_view("the reason", |view| !view["source"]["fault"].is_null()).await?;
    assert!(view["source"]["fault"].to_string().contains("keychain"), "{:#}", view["source"]);
    // Connecting anew works all the same, for this session.
    assert_eq!(desk.connect().await?.code, Some(0));
    desk.until_polled(1).await?;
    assert_eq!(desk.view().await?["account"]["token"], "this_session");
    window.close().await
}
