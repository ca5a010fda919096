//! Whatever is in trouble, a page is announced within ten seconds: from the moment at which PagerDuty has it to a
//! notification on the screen, or to a sound where there can be no notification. Each test is one trouble.

use std::time::Duration;

use anyhow::{Context as _, Result};
use herald_practice::Scenario;
use herald_tests::Desktop;
use herald_tests::disk::{Freezer, Full};
use herald_tests::keyring::Keyring;
use herald_tests::logind::Logind;
use herald_tests::notifications::{Note, Notifications};
use herald_tests::wait::{self, SOON};
use rustix::process::Signal;

use crate::desk::{CALLS, Desk, Duty, PAGE_NOTES, TITLE, assert_heard};

/// How soon a page is announced.
const ANNOUNCED_WITHIN: Duration = Duration::from_secs(10);
/// How soon after its start the Herald of the next login watches.
const WATCHES_WITHIN: Duration = Duration::from_secs(2);

#[tokio::test]
async fn frozen_data_folder() -> Result<()> {
    let mut desk = Desk::unconnected(Scenario::quiet()).await?;
    std::fs::create_dir(desk.app.data_dir())?;
    let Some(disk) = Freezer::at(desk.app.data_dir()) else { return Ok(()) };
    assert_eq!(desk.connect().await?.code, Some(0));
    desk.start().await?;
    disk.freeze()?;
    announced(&desk.duty, &desk.notifications).await?;
    disk.thaw()?;
    desk.until_view("the disk", |view| view["store_fault"].is_null()).await.map(drop)
}

#[tokio::test]
async fn full_folder_for_temporary_files() -> Result<()> {
    let mut desk = Desk::quiet().await?;
    let folder = desk.desktop.dir().join("tmp");
    let Some(_full) = Full::at(&folder) else { return Ok(()) };
    desk.start().await?;
    let (id, note) = announced(&desk.duty, &desk.notifications).await?;
    desk.notifications.press(note.id, "acknowledge").await?;
    desk.until_view("the page taken", |view| view["pages"][0]["taken_by_me"] == true).await?;
    desk.assert_taken_once(&id)
}

/// Nobody may make a file there (proc(5)).
#[tokio::test]
async fn no_folder_for_temporary_files() -> Result<()> {
    let mut desk = Desk::quiet().await?;
    desk.desktop.set_env("TMPDIR", "/proc");
    desk.start().await?;
    announced(&desk.duty, &desk.notifications).await.map(drop)
}

#[tokio::test]
async fn killed_window() -> Result<()> {
    let desk = Desk::with_window().await?;
    desk.signal_window(Signal::KILL)?;
    announced(&desk.duty, &desk.notifications).await.map(drop)
}

#[tokio::test]
async fn hung_window() -> Result<()> {
    let desk = Desk::with_window().await?;
    desk.signal_window(Signal::STOP)?;
    announced(&desk.duty, &desk.notifications).await.map(drop)
}

#[tokio::test]
async fn no_display() -> Result<()> {
    let desktop = Desktop::without_display().await?;
    let notifications = Notifications::start(&desktop).await?;
    let _keyring = Keyring::start(&desktop).await?;
    let mut duty = Duty::on(desktop, Scenario::quiet()).await?;
    assert_eq!(duty.connect().await?.code, Some(0));
    duty.start().await?;
    announced(&duty, &notifications).await.map(drop)
}

#[tokio::test]
async fn dead_bus() -> Result<()> {
    let mut desk = Desk::quiet().await?;
    desk.start().await?;
    desk.until_polled(1).await?;
    let mark = desk.sound.mark();
    desk.desktop.end_bus();
    desk.page(TITLE)?;
    assert_heard(&desk.sound.until_heard(mark, ANNOUNCED_WITHIN).await?, PAGE_NOTES);
    Ok(())
}

#[tokio::test]
async fn dead_bus_that_comes_back() -> Result<()> {
    let mut desk = Desk::quiet().await?;
    desk.start().await?;
    desk.until_tray_says("All quiet").await?;
    desk.leave_bus().await?;
    desk.desktop.end_bus();
    desk.until_view("the dead channels", |view| {
        crate::desk::dead(view, "notifications") && crate::desk::dead(view, "tray")
    })
    .await?;
    desk.desktop.start_session_bus().await?;
    desk.come_back_to_bus().await?;
    let (_, note) = announced(&desk.duty, &desk.notifications).await?;
    // The tray has its icon again, which is the same one as ever.
    desk.until_tray_says(CALLS).await?;
    assert_eq!(desk.tray.items().await?.len(), 1, "one Herald, one icon");
    desk.tray.until_clicked("Acknowledge", SOON).await?;
    desk.notifications.until_gone("the alarm", SOON, |one| one.id == note.id).await?;
    // And all of it once more: what came back can go again.
    desk.leave_bus().await?;
    desk.desktop.end_bus();
    desk.desktop.start_session_bus().await?;
    desk.come_back_to_bus().await?;
    announced(&desk.duty, &desk.notifications).await?;
    desk.until_tray_says(CALLS).await.map(drop)
}

/// systemd's login manager tells that the session is over (org.freedesktop.login1(5), `SessionRemoved`).
#[tokio::test]
async fn logout_and_login() -> Result<()> {
    let mut desk = Desk::quiet().await?;
    let logind = Logind::start(&desk.desktop).await?;
    desk.desktop.set_env("XDG_SESSION_ID", "c1");
    desk.start().await?;
    desk.until_polled(1).await?;
    logind.close_session("other").await?;
    logind.close_session("c1").await?;
    assert_eq!(desk.app.until_ended(SOON).await?, Some(0), "it ends with its session: {}", desk.app.log());
    logs_in(&mut desk, false).await?;
    desk.desktop.set_env("XDG_SESSION_ID", "c2");
    let polls = desk.polls();
    desk.launch()?;
    wait::until_true("the next to watch", WATCHES_WITHIN, || desk.polls() > polls).await?;
    desk.ask_often().await?;
    announced(&desk.duty, &desk.notifications).await.map(drop)
}

/// Where nobody tells that a session is over, and the next one is at the same places.
#[tokio::test]
async fn logout_and_login_without_a_login_manager() -> Result<()> {
    let mut desk = Desk::quiet().await?;
    desk.start().await?;
    desk.until_polled(1).await?;
    logs_in(&mut desk, true).await?;
    let data_dir = desk.app.data_dir().to_string_lossy().into_owned();
    let next = desk.desktop.spawn("next", desk.app.binary(), &["--hidden", "--data-dir", &data_dir])?;
    assert_eq!(desk.app.until_ended(SOON).await?, Some(0), "the first makes way: {}", desk.app.log());
    let polls = desk.polls();
    wait::until_true("the next to watch", WATCHES_WITHIN, || desk.polls() > polls).await?;
    announced(&desk.duty, &desk.notifications).await.with_context(|| next.log()).map(drop)
}

/// Everything of a session ends, and another begins: at the same places, or elsewhere.
async fn logs_in(desk: &mut Desk, same_places: bool) -> Result<()> {
    desk.leave_bus().await?;
    if same_places {
        desk.desktop.log_in_again().await?;
    } else {
        desk.desktop.end_bus();
        desk.desktop.start_session_bus().await?;
        desk.desktop.next_screen().await?;
    }
    desk.come_back_to_bus().await
}

/// A page comes, and is announced in time.
async fn announced(duty: &Duty, notifications: &Notifications) -> Result<(String, Note)> {
    // The next of its name is another page.
    let title = format!("{TITLE}, {}", duty.world.incidents().len());
    let id = duty.page(&title)?;
    let fits = |note: &Note| note.summary.contains(&title);
    let note = notifications.until_visible("the page", ANNOUNCED_WITHIN, fits).await;
    Ok((id, note.with_context(|| duty.app.log())?))
}
