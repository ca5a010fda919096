//! `kill -9` at the worst moments: nothing is lost, nothing is sent twice, and the next start is quick (faults.md 31).

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use herald_practice::{Fault, FaultKind, Status, World};
use herald_tests::wait::SOON;

use crate::desk::{CALLS, Desk, TAKEN, TITLE};

/// A start takes well under a second; the rest is for a machine that does much else, and for a debug build.
const START_MAX: Duration = Duration::from_secs(10);

#[tokio::test]
async fn page_calls_again_after_a_crash() -> Result<()> {
    let mut desk = Desk::quiet().await?;
    desk.start().await?;
    let (id, first) = desk.paged().await?;
    // Killed in the very moment of its showing, it could not have noted what it left on the screen.
    desk.until_polled(1).await?;
    desk.app.kill9();
    assert!(!desk.app.runs(), "it is dead");
    // The panel has lost the icon; the notification stays, as notification daemons do not watch their clients.
    assert!(desk.tray.items().await?.is_empty(), "the icon died with it");

    let mark = desk.sound.mark();
    let before = Instant::now();
    desk.start().await?;
    desk.tray.until_item().await?;
    let took = before.elapsed();
    assert!(took < START_MAX, "the start took {took:?}");
    desk.until_tray_says(CALLS).await?;
    let again = |note: &herald_tests::notifications::Note| note.summary.contains(TITLE) && note.at > first.at;
    let note = desk.notifications.until_visible("the page to call again", SOON, again).await?;
    assert!(!desk.sound.until_heard(mark, SOON).await?.is_silent(), "and it is heard");
    // What the dead one left on the screen is taken away: nobody would answer its buttons.
    desk.notifications.until_gone("the old notification to go", SOON, |it| it.id == first.id).await?;
    assert_eq!(desk.notifications.visible().len(), 1, "one page, one notification");

    desk.notifications.press(note.id, "acknowledge").await?;
    desk.until_tray_says(TAKEN).await?;
    desk.assert_taken_once(&id)?;
    assert_sound_database(&mut desk)
}

#[tokio::test]
async fn acknowledgement_whose_answer_died_is_not_sent_twice() -> Result<()> {
    let mut desk = Desk::quiet().await?;
    desk.start().await?;
    let (id, note) = desk.paged().await?;
    // PagerDuty acknowledges, but Herald is killed before it could hear so.
    desk.world.fault(Fault::of(FaultKind::SilentAnswer).method("PUT"))?;
    desk.notifications.press(note.id, "acknowledge").await?;
    desk.until("the acknowledgement", |world| acknowledged(world, &id)).await?;
    desk.crash_and_restart().await?;
    desk.world.clear_fault(None);

    desk.until_tray_says(TAKEN).await?;
    desk.until_polled(2).await?;
    desk.assert_taken_once(&id)?;
    desk.notifications.until_gone("the old notification to go", SOON, |_| true).await?;
    let calling = desk.notifications.history().into_iter().filter(|one| one.at > note.at && one.urgency == 2).count();
    assert_eq!(calling, 0, "a page that I have taken does not call me: {:#?}", desk.notifications.history());
    assert_sound_database(&mut desk)
}

#[tokio::test]
async fn acknowledgement_that_never_arrived_calls_again_and_can_be_repeated() -> Result<()> {
    let mut desk = Desk::quiet().await?;
    desk.start().await?;
    let (id, note) = desk.paged().await?;
    // PagerDuty never sees it, and Herald, which is killed while it waits, cannot know that.
    desk.world.fault(Fault::of(FaultKind::Hang).method("PUT"))?;
    desk.notifications.press(note.id, "acknowledge").await?;
    desk.until("the request", |world| world.requests().iter().any(|request| request.method == "PUT")).await?;
    desk.crash_and_restart().await?;
    desk.world.clear_fault(None);

    let again = |one: &herald_tests::notifications::Note| one.summary.contains(TITLE) && one.at > note.at;
    let second = desk.notifications.until_visible("the page to call again", SOON, again).await;
    let second = second.with_context(|| format!("{:#?}", desk.world.requests()))?;
    assert_eq!(desk.incident(&id)?.status, Status::Triggered, "nobody has taken it");
    assert_eq!(desk.writes().len(), 1, "Herald does not repeat by itself what it is not sure of");
    desk.notifications.press(second.id, "acknowledge").await?;
    desk.until_tray_says(TAKEN).await?;
    let incident = desk.incident(&id)?;
    assert_eq!((incident.acknowledged_count, incident.api_writes), (1, 1), "acknowledged once: {:#?}", incident.log);
    assert_eq!(desk.writes().len(), 2, "one request for each press");
    assert_sound_database(&mut desk)
}

fn acknowledged(world: &World, id: &str) -> bool {
    world.incident(id).is_some_and(|incident| incident.status == Status::Acknowledged)
}

/// Ends Herald and asks SQLite whether the database is whole.
pub fn assert_sound_database(desk: &mut Desk) -> Result<()> {
    desk.app.end();
    let database = rusqlite::Connection::open(desk.app.data_dir().join("herald.db"))?;
    let verdict: String = database.query_row("PRAGMA integrity_check", [], |row| row.get(0))?;
    assert_eq!(verdict, "ok", "the database is whole");
    Ok(())
}
