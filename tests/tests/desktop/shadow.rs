//! Shadow mode: the same alarms, and nothing that could write, neither on the screen nor on the wire (H24).

use std::time::{Duration, Instant};

use anyhow::Result;
use herald_practice::{Act, ByUser, Scenario, Status};
use herald_tests::Window;
use herald_tests::wait::{self, SOON};

use crate::desk::{CALLS, Desk, QUIET, TITLE};

/// Said in menu and tooltip.
const WATCHES: &str = "Shadow: Herald writes to nobody";

#[tokio::test]
async fn shadow_switch_lets_everything_alarm_and_nothing_write() -> Result<()> {
    let mut desk = Desk::quiet().await?;
    let window = desk.open().await?;
    window.until_text(QUIET, SOON).await?;
    desk.tray.click("Shadow mode").await?;
    window.until_text("Shadow: you watch", SOON).await?;
    let calm = desk.until_tray_says(WATCHES).await?;
    desk.assert_icon(&calm, "shadow").await?;
    assert!(desk.tray.menu_text().await?.contains("[x] Shadow mode"), "the switch is on in the menu");

    let mark = desk.sound.mark();
    let id = desk.page(TITLE)?;
    assert_only_watches(&desk, &window, &id, 0).await?;
    assert!(!desk.sound.until_heard(mark, SOON).await?.is_silent(), "a shadow hears the alarm, too");

    // The switch back gives everything back, and the page can be taken after all.
    desk.tray.click("Shadow mode").await?;
    desk.tray.until_clicked("Acknowledge", SOON).await?;
    desk.until("the acknowledgement", |world| world.incidents()[0].status == Status::Acknowledged).await?;
    desk.assert_taken_once(&id)?;
    window.close().await
}

#[tokio::test]
async fn shadow_schedule_turns_shadow_mode_on_by_itself() -> Result<()> {
    let mut desk = Desk::unconnected(Scenario::builtin("shadow").unwrap_or_default()).await?;
    // The playbook of the team names the schedule; the key can write, so only the rules stand in the way.
    let schedules = desk.world.announcement().pagerduty.shadow_schedules;
    desk.playbook(&format!("name = \"Shadow\"\n[pagerduty]\nshadow_schedules = {schedules:?}\n"))?;
    assert_eq!(desk.connect().await?.code, Some(0));
    desk.until("the scenario's page", |world| !world.incidents().is_empty()).await?;
    let id = desk.world.incidents()[0].id.clone();

    let window = desk.open().await?;
    window.until_text("Not on call, shadowing", SOON).await?;
    assert_only_watches(&desk, &window, &id, 0).await?;
    window.until_text("Dana Okafor is paged for it too", SOON).await?;

    // Somebody else takes it: the alarm ends here as well.
    desk.act(Act::Acknowledge(ByUser { page: id.clone(), by: "dana".into() }))?;
    desk.notifications.until_gone("the alarm to end", SOON, |_| true).await?;
    window.until_text("Dana Okafor acknowledged at", SOON).await?;
    let open = desk.until_tray_says(WATCHES).await?;
    assert_eq!(open.status, "Active", "the page is taken");
    desk.assert_icon(&open, "shadow").await?;
    assert!(desk.writes().is_empty(), "still nothing was written: {:#?}", desk.writes());
    window.close().await
}

#[tokio::test]
async fn key_that_cannot_write_is_found_out_and_only_watches() -> Result<()> {
    let mut desk = Desk::unconnected(Scenario::quiet()).await?;
    assert_eq!(desk.connect_with(&desk.world.tokens().user_read_only).await?.code, Some(0), "it can watch");
    let window = desk.open().await?;
    let (id, note) = desk.paged().await?;
    // Nobody can tell before it is tried: PagerDuty only says so when something is to be written.
    desk.notifications.press(note.id, "acknowledge").await?;
    window.until_text("Shadow: you watch", SOON).await?;
    window.until_text("read-only key", SOON).await?;
    let refused: Vec<_> = desk.writes().into_iter().map(|request| request.status).collect();
    assert_eq!(refused, [Some(403)], "one attempt, refused");
    assert_only_watches(&desk, &window, &id, 1).await?;
    window.close().await
}

/// Waits for the page's alarm on every channel and asserts that none of them offers to write, that the ways around
/// them are closed, and that PagerDuty has received nothing but questions, save what was `written` before.
async fn assert_only_watches(desk: &Desk, window: &Window, id: &str, written: usize) -> Result<()> {
    let note = desk.until_notified("Shadow: page").await?;
    assert_eq!(note.urgency, 2, "a shadow is called like everybody");
    assert_eq!(note.keys(), ["default", "quiet"], "no button writes");
    let calling = desk.until_tray_says(CALLS).await?;
    assert!(calling.says().contains(WATCHES), "the tooltip says so: {:?}", calling.says());
    desk.assert_icon(&calling, "page-shadow").await?;
    let menu = desk.tray.menu_text().await?;
    assert!(menu.contains("Quiet 5 min") && menu.contains(WATCHES), "{menu}");
    assert!(!menu.contains("Acknowledge") && !menu.contains("Close page"), "no entry writes:\n{menu}");

    window.find("article", "/./").await?;
    window.until_text("Shadow: you watch", SOON).await?;
    let page = window.page().await?;
    assert!(!page.contains("button \"Acknowledge") && !page.contains("Close page"), "no button writes:\n{page}");
    // Each alone, as letters that follow each other are a sentence and do nothing anyway.
    for key in ["a", "c"] {
        window.keys(key).await?;
        wait::until_age(Instant::now(), Duration::from_secs(1)).await;
    }
    let acked = desk.app.cli(&desk.desktop, &["ack", id]).await?;
    assert_eq!(acked.code, Some(4), "refused, and nothing written: {acked:?}");
    assert!(acked.stderr.contains("Shadow mode"), "it says why: {acked:?}");

    desk.until_polled(2).await?;
    assert_eq!(desk.incident(id)?.status, Status::Triggered, "the page still calls");
    assert_eq!(desk.writes().len(), written, "only questions: {:#?}", desk.writes());
    Ok(())
}
