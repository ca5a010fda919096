//! Notification daemons come, go and differ: no page is lost with them, and what they are told is always plain text
//! (faults.md 33, 34, 38, 39).

use anyhow::Result;
use herald_practice::{Act, Fault, Scenario, Trigger};
use herald_tests::keyring::Keyring;
use herald_tests::notifications::{Manners, Note, Notifications, PLAIN, Telling, USUAL};
use herald_tests::tray::Tray;
use herald_tests::wait::SOON;
use herald_tests::{Desktop, audio::Sound};
use serde_json::Value;

use crate::desk::{BLIND_NOTES, CALLS, Desk, Duty, TAKEN, TITLE, assert_heard, dead};

#[tokio::test]
async fn page_without_a_notification_daemon_is_seen_heard_and_delivered_later() -> Result<()> {
    let mut duty = Duty::quiet().await?;
    let tray = Tray::start(&duty.desktop).await?;
    let sound = Sound::start(&duty.desktop).await?;
    let _keyring = Keyring::start(&duty.desktop).await?;
    assert_eq!(duty.connect().await?.code, Some(0));
    let window = duty.open().await?;
    window.until_text("Notifications do not work", SOON).await?;
    window.until_text("no notification daemon answers", SOON).await?;
    assert!(dead(&duty.view().await?, "notifications"), "it is known before a page comes");
    let doctor = duty.app.cli(&duty.desktop, &["doctor", "--json"]).await?;
    assert_eq!(doctor.code, Some(1), "{doctor:?}");
    let checks: Value = serde_json::from_str(&doctor.stdout)?;
    let broken: Vec<_> = checks.as_array().into_iter().flatten().filter(|check| check["ok"] == false).collect();
    assert!(broken.len() == 1 && broken[0]["what"] == "Notifications", "only that is missing: {broken:#?}");

    let mark = sound.mark();
    duty.page(TITLE)?;
    assert!(!sound.until_heard(mark, SOON).await?.is_silent(), "the sound carries on");
    let item = tray.until("the tray to call", SOON, |item| item.says().contains(CALLS)).await?;
    assert!(item.says().contains("⚠ Notifications"), "the tooltip names the dead channel: {:?}", item.says());
    assert!(tray.menu_text().await?.contains("⚠ Notifications"), "and so does the menu");
    window.find("button", "/^Acknowledge/").await?;

    // The page is pending: the first daemon that comes is told at once.
    let daemon = Notifications::start(&duty.desktop).await?;
    let note = daemon.until_visible("the page", SOON, |note| note.summary.contains(TITLE)).await?;
    window.until_no_text("Notifications do not work", SOON).await?;
    daemon.press(note.id, "acknowledge").await?;
    tray.until("the tray to calm down", SOON, |item| item.says().contains(TAKEN)).await?;
    window.close().await
}

#[tokio::test]
async fn page_opens_the_window_by_itself_where_no_notification_can_be_shown() -> Result<()> {
    let mut duty = Duty::quiet().await?;
    let _keyring = Keyring::start(&duty.desktop).await?;
    assert_eq!(duty.connect().await?.code, Some(0));
    duty.start().await?;
    assert_eq!(duty.windows().await?, 0, "nothing is open");
    duty.page(TITLE)?;
    duty.until_windows(1).await
}

#[tokio::test]
async fn page_survives_a_restart_of_the_notification_daemon() -> Result<()> {
    let mut desk = Desk::quiet().await?;
    desk.start().await?;
    let (id, first) = desk.paged().await?;
    desk.notifications.vanish().await?;
    desk.until_view("the dead channel", |view| dead(view, "notifications")).await?;
    // The new one counts from the same number on, so that the old id means nothing, or something else.
    desk.renotify().await?;
    desk.desktop.run("notify-send", &["somebody else's"]).await?;
    let again = |note: &Note| note.summary.contains(TITLE) && note.at > first.at;
    let second = desk.notifications.until_visible("the page, again", SOON, again).await?;
    desk.notifications.press(second.id, "acknowledge").await?;
    desk.until_tray_says(TAKEN).await?;
    desk.assert_taken_once(&id)?;
    let left: Vec<_> = desk.notifications.visible().into_iter().map(|note| note.summary).collect();
    assert_eq!(left, ["somebody else's"], "what belongs to others was not touched");
    Ok(())
}

/// Names and titles that mean something to those who read markup.
const MARKUP: &str = "
title = \"Markup\"
description = \"A service with a name in markup.\"
[[services]]
key = \"comms\"
name = \"<b>Pay</b> & co\"
";

#[tokio::test]
async fn daemon_gets_markup_escaped_only_if_it_reads_markup() -> Result<()> {
    for (capabilities, telling, expected) in [
        (USUAL, Telling::LastSender, "&lt;b&gt;Pay&lt;/b&gt; &amp; co"),
        (PLAIN, Telling::Everybody, "<b>Pay</b> & co"),
    ] {
        let desktop = Desktop::start().await?;
        let manners = Manners { capabilities, telling, ..Manners::default() };
        let daemon = Notifications::start_with(&desktop, manners).await?;
        let _keyring = Keyring::start(&desktop).await?;
        let mut duty = Duty::on(desktop, Scenario::parse(MARKUP)?).await?;
        assert_eq!(duty.connect().await?.code, Some(0));
        duty.start().await?;
        duty.page("<i>Slanted</i>")?;
        let note = daemon.until_visible("the page", SOON, |note| note.urgency == 2).await?;
        assert!(note.summary.contains("<i>Slanted</i>"), "titles are never markup: {:?}", note.summary);
        assert!(note.body.contains(expected), "{capabilities:?}: {:?}", note.body);
    }
    Ok(())
}

#[tokio::test]
async fn hostile_titles_break_no_channel() -> Result<()> {
    let mut desk = Desk::quiet().await?;
    let window = desk.open().await?;
    window.find("main", "Duty").await?;
    desk.act(Act::Trigger(Trigger { hostile: true, ..Trigger::default() }))?;
    let count = desk.world.incidents().len();
    desk.until_tray_says(&format!("{count} pages call")).await?;
    let summed = |note: &Note| note.summary.contains(&format!("{} more pages call", count - 3));
    desk.notifications.until_visible("the sum of the rest", SOON, summed).await?;
    assert_eq!(
        desk.notifications.visible().len(),
        4,
        "three in detail and one sum: {:#?}",
        desk.notifications.visible()
    );
    for note in desk.notifications.history() {
        for text in [&note.summary, &note.body] {
            assert!(text.chars().all(|it| it == '\n' || !it.is_control()), "no control characters: {text:?}");
            assert!(text.chars().count() < 1000, "no book: {} characters", text.chars().count());
        }
    }
    let menu = desk.tray.menu_text().await?;
    assert!(menu.lines().all(|line| line.chars().count() < 200), "the menu stays a menu:\n{menu}");

    // Whatever hides in them, every one of them can be taken, and the connections are still alive.
    for incident in desk.world.incidents() {
        let acked = desk.app.cli(&desk.desktop, &["ack", &incident.id]).await?;
        assert_eq!(acked.code, Some(0), "{:?}: {acked:?}", incident.title.get(..60).unwrap_or(&incident.title));
    }
    desk.until_tray_says(TAKEN).await?;
    desk.notifications.until_gone("every alarm to end", SOON, |_| true).await?;
    assert_eq!(window.script("return document.querySelectorAll('#app script, #app img').length", vec![]).await?, 0);
    window.close().await
}

#[tokio::test]
async fn blindness_is_an_alarm_of_its_own_and_recovery_is_said_once() -> Result<()> {
    let mut desk = Desk::quiet().await?;
    desk.playbook("name = \"Soon blind\"\n[pagerduty]\nblind_after_s = 20\n")?;
    desk.start().await?;
    let mark = desk.sound.mark();
    desk.world.fault(Fault::status(503))?;
    let blind = desk.until_tray_says("Cannot see PagerDuty since").await?;
    assert_eq!(blind.status, "NeedsAttention", "old news is never a calm icon");
    desk.assert_icon(&blind, "blind").await?;
    let note =
        desk.notifications.until_visible("the alarm", SOON * 2, |note| note.summary.contains("Cannot see")).await?;
    assert_eq!((note.urgency, note.keys()), (2, vec!["default", "quiet"]));
    assert!(note.summary.contains("PagerDuty") && note.body.contains("HTTP 503"), "source and reason: {note:#?}");
    assert_heard(&desk.sound.until_heard(mark, SOON).await?, BLIND_NOTES);

    desk.world.clear_fault(None);
    let said = desk.until_notified("PagerDuty answers again").await?;
    assert!(said.urgency < 2 && said.id != note.id, "good news does not shout: {said:#?}");
    desk.notifications.until_gone("the alarm to end", SOON, |one| one.id == note.id).await?;
    desk.until_tray_says("All quiet").await?;
    desk.until_polled(2).await?;
    let recoveries = desk.notifications.history().into_iter().filter(|one| one.summary.contains("again")).count();
    assert_eq!(recoveries, 1, "said once");
    Ok(())
}
