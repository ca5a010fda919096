//! The whole path, from PagerDuty to the acknowledgement, in each of the ways in which a page can be taken.

use std::time::{Duration, Instant};

use anyhow::Result;
use herald_tests::Window;
use herald_tests::notifications::{Closed, Note};
use herald_tests::wait::{self, SOON};

use crate::desk::{CALLS, Desk, PAGE_NOTES, QUIET, TAKEN, TITLE, YOURS, assert_heard};

#[tokio::test]
async fn page_is_taken_by_the_button_of_its_notification() -> Result<()> {
    let called = Called::start().await?;
    called.desk.notifications.press(called.note.id, "acknowledge").await?;
    called.assert_taken(Closed::Dismissed).await
}

#[tokio::test]
async fn page_is_taken_in_the_tray_menu() -> Result<()> {
    let called = Called::start().await?;
    called.desk.tray.until_clicked("Acknowledge", SOON).await?;
    called.assert_taken(Closed::Withdrawn).await
}

#[tokio::test]
async fn page_is_taken_in_the_window_with_the_mouse() -> Result<()> {
    let called = Called::start().await?;
    called.window.click("button", "/^Acknowledge/").await?;
    called.assert_taken(Closed::Withdrawn).await
}

#[tokio::test]
async fn page_is_taken_in_the_window_with_a_key() -> Result<()> {
    let called = Called::start().await?;
    called.window.find("button", "/^Acknowledge/").await?;
    // A page that has just come to the screen is not taken by a key that was on its way.
    wait::until_age(Instant::now(), Duration::from_secs(1)).await;
    called.window.keys("a").await?;
    called.assert_taken(Closed::Withdrawn).await
}

#[tokio::test]
async fn page_is_taken_on_the_command_line() -> Result<()> {
    let called = Called::start().await?;
    let acked = called.desk.app.cli(&called.desk.desktop, &["ack", &called.id]).await?;
    assert_eq!(acked.code, Some(0), "{acked:?}");
    assert!(acked.stdout.contains(&called.id) && acked.stdout.contains(TITLE), "{acked:?}");
    called.assert_taken(Closed::Withdrawn).await
}

/// A page that calls on every channel, before anybody has done anything about it.
struct Called {
    window: Window,
    desk: Desk,
    id: String,
    note: Note,
}

impl Called {
    /// Starts Herald, triggers the page, and asserts that each channel alarms.
    async fn start() -> Result<Self> {
        let mut desk = Desk::quiet().await?;
        let window = desk.open().await?;
        window.until_text(QUIET, SOON).await?;
        let calm = desk.until_tray_says("All quiet").await?;
        let mark = desk.sound.mark();

        let (id, note) = desk.paged().await?;
        assert_eq!(note.urgency, 2, "critical: {note:#?}");
        assert_eq!(note.timeout_ms, 0, "it stays until it is answered");
        let labels: Vec<_> = note.actions.iter().map(|(key, label)| (key.as_str(), label.as_str())).collect();
        let buttons = [("acknowledge", "Acknowledge"), ("default", "Open"), ("quiet", "Quiet 5 min")];
        assert_eq!(labels, buttons, "a click on it opens, too");

        let heard = desk.sound.until_heard(mark, SOON).await?;
        assert_heard(&heard, PAGE_NOTES);

        let icon = desk.until_tray_says(CALLS).await?;
        assert_eq!(
            (calm.status.as_str(), icon.status.as_str()),
            ("Active", "NeedsAttention"),
            "the icon asks for help"
        );
        desk.assert_icon(&calm, "quiet").await?;
        desk.assert_icon(&icon, "page").await?;
        assert!(desk.tray.menu_text().await?.contains(TITLE), "the menu names the page");
        window.until_text(TITLE, SOON).await?;
        Ok(Self { window, desk, id, note })
    }

    /// Asserts that PagerDuty shows one acknowledgement by me, and that every channel has come to rest.
    async fn assert_taken(self, why_gone: Closed) -> Result<()> {
        let Self { window, desk, id, note } = self;
        window.until_text(YOURS, SOON).await?;
        desk.assert_taken_once(&id)?;
        desk.notifications.until_gone("the notification to go", SOON, |one| one.summary.contains(TITLE)).await?;
        let closed = desk.notifications.closed();
        assert_eq!(closed, [(note.id, why_gone)], "one notification, and it is gone");
        let taken = desk.until_tray_says(TAKEN).await?;
        assert_eq!(taken.status, "Active", "the icon calms down");
        desk.assert_icon(&taken, "open").await?;
        // It does not start again: not a second notification, not a second sound, not a second request.
        let mark = desk.sound.mark();
        desk.until_polled(2).await?;
        assert_eq!(desk.notifications.history().len(), 1, "one page, one notification");
        assert!(desk.sound.since(mark)?.is_silent(), "it is heard no more");
        desk.assert_taken_once(&id)?;
        window.close().await
    }
}
