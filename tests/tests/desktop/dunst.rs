//! A notification daemon that people use, to see that the fake one is no fairy tale.

use anyhow::Result;
use herald_practice::Scenario;
use herald_tests::Desktop;
use herald_tests::keyring::Keyring;
use herald_tests::process::Process;
use herald_tests::wait::{self, SOON};
use rustix::process::Signal;

use crate::desk::{Duty, TITLE, dead};

#[tokio::test]
async fn dunst_shows_the_page_and_lets_it_be_taken() -> Result<()> {
    let (duty, dunst, _keyring) = under_dunst().await?;
    let id = duty.page(TITLE)?;
    until_displayed(&duty, "1").await?;
    // The first action of a notification is what a click on it does; dunst also offers the others in its menu.
    let listed = duty.desktop.run("dunstctl", &["history"]).await?;
    assert!(!listed.contains(TITLE), "it is on the screen, not in the history: {listed}");
    let acked = duty.app.cli(&duty.desktop, &["ack", &id]).await?;
    assert_eq!(acked.code, Some(0), "{acked:?}\n{}", dunst.log());
    until_displayed(&duty, "0").await?;
    let history = duty.desktop.run("dunstctl", &["history"]).await?;
    assert!(history.contains("Checkout fails"), "dunst remembers it: {history}");
    duty.assert_taken_once(&id)
}

#[tokio::test]
async fn daemon_that_hangs_holds_up_no_alarm() -> Result<()> {
    let (duty, dunst, _keyring) = under_dunst().await?;
    dunst.signal(Signal::STOP)?;
    duty.page(TITLE)?;
    duty.until_windows(1).await?;
    duty.until_view("the dead channel", |view| dead(view, "notifications")).await?;
    dunst.signal(Signal::CONT)?;
    until_displayed(&duty, "1").await
}

/// A connected Herald on a desktop whose notifications dunst shows.
async fn under_dunst() -> Result<(Duty, Process, Keyring)> {
    let desktop = Desktop::start().await?;
    let keyring = Keyring::start(&desktop).await?;
    let dunst = desktop.spawn("dunst", "dunst", &[])?;
    let mut duty = Duty::on(desktop, Scenario::quiet()).await?;
    wait::until("dunst", SOON, async || duty.desktop.run("dunstctl", &["count"]).await.map(Some)).await?;
    assert_eq!(duty.connect().await?.code, Some(0));
    duty.start().await?;
    Ok((duty, dunst, keyring))
}

async fn until_displayed(duty: &Duty, count: &str) -> Result<()> {
    wait::until(&format!("{count} notifications on the screen"), SOON, async || {
        let shown = duty.desktop.run("dunstctl", &["count", "displayed"]).await?;
        Ok((shown.trim() == count).then_some(()))
    })
    .await
}
