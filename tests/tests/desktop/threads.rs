//! Single threads of Herald that stand still: the loop, whatever writes, whatever plays, whatever asks. The others go on,
//! and what cannot be done any more is told by those.

use std::time::Duration;

use anyhow::{Context as _, Result};
use herald_practice::{Act, Resolve};
use herald_tests::notifications::Note;
use herald_tests::wait::SOON;
use serde_json::json;

use crate::desk::{BLIND_NOTES, CALLS, Desk, PAGE_NOTES, assert_heard};

/// How soon it is told that the loop stands still: five seconds, and what a loaded machine adds.
const TOLD_WITHIN: Duration = Duration::from_secs(8);
/// How soon a page is announced.
const ANNOUNCED_WITHIN: Duration = Duration::from_secs(10);

#[tokio::test]
async fn loop_that_is_held_is_told_seen_and_heard_and_told_again_when_it_turns() -> Result<()> {
    let mut desk = Desk::quiet().await?;
    desk.start().await?;
    desk.until_tray_says("All quiet").await?;
    let mark = desk.sound.mark();
    let Some(held) = desk.desktop.hold_threads(desk.app.pid()?, "engine").await? else { return Ok(()) };
    desk.page("Page meanwhile")?;
    let told = desk.notifications.until_visible("the word", TOLD_WITHIN, |it| it.summary == "Herald stands still");
    let told = told.await?;
    assert!(told.urgency == 2 && told.body.contains("it was stopped"), "{told:#?}");
    let item = desk.until_tray_says("stands still").await?;
    assert_eq!(item.status, "NeedsAttention");
    desk.assert_icon(&item, "blind").await?;
    assert_heard(&desk.sound.until_heard(mark, TOLD_WITHIN).await?, BLIND_NOTES);
    drop(held);
    desk.until_notified("Herald watches again").await?;
    desk.notifications.until_gone("the word", SOON, |one| one.id == told.id).await?;
    desk.until_notified("Page meanwhile").await?;
    desk.until_tray_says(CALLS).await.map(drop)
}

#[tokio::test]
async fn store_that_is_held_costs_no_alarm_and_nothing_that_was_decided() -> Result<()> {
    let mut desk = Desk::quiet().await?;
    desk.start().await?;
    desk.until_tray_says("All quiet").await?;
    let Some(held) = desk.desktop.hold_threads(desk.app.pid()?, "store").await? else { return Ok(()) };
    let mark = desk.sound.mark();
    announced(&desk, "Page meanwhile").await?;
    assert_heard(&desk.sound.until_heard(mark, ANNOUNCED_WITHIN).await?, PAGE_NOTES);
    let set = json!({"ask": "command", "command": {"do": "set", "patch": {"set": "poll_interval", "seconds": 3}}});
    let answer = desk.app.ask(&set, SOON).await?;
    assert_eq!(answer["answer"], "refused", "it holds, and is not said to be done: {answer}");
    drop(held);
    desk.until_view("the disk", |view| view["store_fault"].is_null()).await?;
    desk.app.kill9();
    let kept = desk.app.status(&desk.desktop).await?;
    assert_eq!(kept["view"]["settings"]["poll_interval_s"], 3, "it was kept once it could be");
    Ok(())
}

#[tokio::test]
async fn what_is_beside_the_loop_may_stand_still_and_pages_are_announced() -> Result<()> {
    let desk = Desk::with_window().await?;
    for name in ["shelf", "folder", "watchdog", "window", "hotkey", "sound"] {
        let Some(_held) = desk.desktop.hold_threads(desk.app.pid()?, name).await? else { return Ok(()) };
        let page =
            announced(&desk, &format!("Page without {name}")).await.with_context(|| format!("{name} is held"))?;
        desk.until_tray_says("call").await?;
        // More than three at a time are told as one.
        desk.act(Act::Resolve(Resolve { page, by: None }))?;
        desk.notifications.until_gone("the page", SOON, |_| true).await?;
    }
    // All of them go on by themselves.
    let mark = desk.sound.mark();
    announced(&desk, "Page after them").await?;
    assert_heard(&desk.sound.until_heard(mark, SOON).await?, PAGE_NOTES);
    Ok(())
}

/// Whatever waits for the network or the desktop: nothing is known any more then, and nothing can be shown. It is heard.
#[tokio::test]
async fn runtime_that_is_held_is_blindness_that_is_heard() -> Result<()> {
    let mut desk = Desk::quiet().await?;
    desk.playbook("name = \"Soon blind\"\n[pagerduty]\nblind_after_s = 20\n")?;
    desk.start().await?;
    desk.until_polled(1).await?;
    let mark = desk.sound.mark();
    let Some(held) = desk.desktop.hold_threads(desk.app.pid()?, "outward").await? else { return Ok(()) };
    let shows = desk.desktop.hold_threads(desk.app.pid()?, "desktop").await?;
    assert_heard(&desk.sound.until_heard(mark, SOON * 2).await?, BLIND_NOTES);
    drop((held, shows));
    desk.until_tray_says("All quiet").await?;
    announced(&desk, "Page after it").await.map(drop)
}

/// A page is triggered and told in time; says its id.
async fn announced(desk: &Desk, title: &str) -> Result<String> {
    let page = desk.page(title)?;
    let fits = |note: &Note| note.summary.contains(title);
    desk.notifications.until_visible("the page", ANNOUNCED_WITHIN, fits).await?;
    Ok(page)
}
