//! Notifications under the manners of real daemons: who may touch what, what comes late, what a button is.

use std::time::{Duration, Instant};

use anyhow::Result;
use herald_tests::notifications::{Closed, Manners, Note, Notifications, Telling};
use herald_tests::wait::{self, SOON};

use crate::desk::{Desk, TAKEN, TITLE, dead};

/// Rounds so soon after each other that no test waits for the usual ones.
const RESTLESS: &str = "name = \"Restless\"\n[alarm.page]\nrepeat_s = 5\n";

#[tokio::test]
async fn page_is_one_notification_through_all_its_rounds_and_its_buttons_live() -> Result<()> {
    let mut desk = Desk::quiet().await?;
    desk.playbook(RESTLESS)?;
    desk.start().await?;
    let (id, first) = desk.paged().await?;
    let rounds = async || {
        let said = desk.notifications.history().into_iter().filter(|note| note.summary.contains(TITLE)).count();
        Ok((said >= 3).then_some(()))
    };
    wait::until("three rounds", SOON, rounds).await?;
    let visible = desk.notifications.visible();
    assert_eq!(visible.len(), 1, "a round replaces the one before: {visible:#?}");
    let senders: std::collections::BTreeSet<_> = desk.notifications.history().into_iter().map(|it| it.sender).collect();
    assert_eq!(senders.len(), 1, "all through one connection");
    assert!(!dead(&desk.view().await?, "notifications"));
    let doctor = desk.app.cli(&desk.desktop, &["doctor"]).await?;
    assert!(doctor.stdout.lines().any(|line| line.starts_with("ok   Notifications")), "{doctor:?}");
    assert_eq!(visible[0].id, first.id);
    desk.notifications.press(first.id, "acknowledge").await?;
    desk.until_tray_says(TAKEN).await?;
    desk.assert_taken_once(&id)?;

    // Taken elsewhere, the next one goes by itself.
    let (other, note) = desk.paged().await?;
    let acked = desk.app.cli(&desk.desktop, &["ack", &other]).await?;
    assert_eq!(acked.code, Some(0), "{acked:?}");
    desk.notifications.until_gone("the notification to go", SOON, |one| one.id == note.id).await?;
    assert!(desk.notifications.closed().contains(&(note.id, Closed::Withdrawn)));
    Ok(())
}

#[tokio::test]
async fn buttons_live_through_all_rounds_where_replacing_takes_them() -> Result<()> {
    let mut desk = Desk::quiet().await?;
    desk.playbook(RESTLESS)?;
    desk.notifications.vanish().await?;
    let gnome = Manners { keeps_buttons: false, ..Manners::default() };
    let daemon = Notifications::start_with(&desk.desktop, gnome).await?;
    desk.start().await?;
    let id = desk.page(TITLE)?;
    let rounds = async || Ok((daemon.history().len() >= 3).then_some(()));
    wait::until("three rounds", SOON, rounds).await?;
    let one = async || Ok(<[Note; 1]>::try_from(daemon.visible()).ok().filter(|[it]| it.id >= 3));
    let [note] = wait::until("the newest alone", SOON, one).await?;
    daemon.press(note.id, "acknowledge").await?;
    desk.until_tray_says(TAKEN).await?;
    desk.assert_taken_once(&id)
}

#[tokio::test]
async fn what_a_daemon_delivers_after_the_page_was_taken_is_taken_away() -> Result<()> {
    let mut desk = Desk::quiet().await?;
    desk.start().await?;
    desk.notifications.hang();
    let id = desk.page(TITLE)?;
    desk.until_view("the dead channel", |view| dead(view, "notifications")).await?;
    desk.until_windows(1).await?;
    let acked = desk.app.cli(&desk.desktop, &["ack", &id]).await?;
    assert_eq!(acked.code, Some(0), "{acked:?}");
    desk.until_tray_says(TAKEN).await?;
    desk.notifications.go_on();
    let came_and_went = || desk.notifications.closed().iter().any(|(_, why)| *why == Closed::Withdrawn);
    wait::until_true("the late notification to be taken away", SOON, came_and_went).await?;
    assert_eq!(desk.notifications.visible(), [], "no orphan stays");

    // While it still calls, what comes late stays, once.
    desk.notifications.hang();
    desk.page(TITLE)?;
    desk.until_view("the dead channel", |view| dead(view, "notifications")).await?;
    desk.notifications.go_on();
    desk.until_notified(TITLE).await?;
    desk.until_view("the channel to work", |view| !dead(view, "notifications")).await?;
    assert_eq!(desk.notifications.visible().len(), 1, "{:#?}", desk.notifications.visible());
    Ok(())
}

#[tokio::test]
async fn to_open_is_one_button_at_most_and_nothing_needs_an_icon_of_the_theme() -> Result<()> {
    let mut desk = Desk::quiet().await?;
    let xfce = Manners { default_is_a_button: true, telling: Telling::Everybody, ..Manners::default() };
    desk.notifications.vanish().await?;
    let daemon = Notifications::start_with(&desk.desktop, xfce).await?;
    desk.start().await?;
    desk.page(TITLE)?;
    let note = daemon.until_visible("the page", SOON, |note| note.summary.contains(TITLE)).await?;
    assert_eq!(daemon.buttons(&note), ["Acknowledge", "Open", "Quiet 5 min"]);
    assert!(note.icon.is_empty() && note.hints.contains_key("image-data"), "the picture comes along");
    daemon.press(note.id, "default").await?;
    desk.until_windows(1).await
}

#[tokio::test]
async fn two_pages_alike_within_a_second_are_both_on_the_screen() -> Result<()> {
    let mut desk = Desk::quiet().await?;
    desk.start().await?;
    for _ in 0..2 {
        desk.page(TITLE)?;
    }
    let both = || desk.notifications.visible().iter().filter(|note| note.summary.contains(TITLE)).count() == 2;
    wait::until_true("both pages", SOON, both).await?;
    desk.until_view("the channel to work", |view| !dead(view, "notifications")).await.map(drop)
}

#[tokio::test]
async fn daemon_that_takes_over_shows_what_stood_on_the_one_before() -> Result<()> {
    for manners in [Manners::default(), Manners { honours_unknown_ids: true, owners_only: false, ..Manners::default() }]
    {
        let mut desk = Desk::quiet().await?;
        desk.notifications.vanish().await?;
        let mut before = Notifications::start_with(&desk.desktop, manners).await?;
        desk.start().await?;
        desk.page(TITLE)?;
        let fits = |note: &Note| note.summary.contains(TITLE);
        before.until_visible("the page", SOON, fits).await?;
        before.vanish().await?;
        let since = Instant::now();
        let after = Notifications::start_with(&desk.desktop, manners).await?;
        after.until_visible("the page, again", SOON, fits).await?;
        assert!(since.elapsed() < Duration::from_secs(10), "at once, not with the next round: {:?}", since.elapsed());
        assert_eq!(after.visible().len(), 1, "{:#?}", after.visible());
    }
    Ok(())
}
