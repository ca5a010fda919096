//! Takes the practice app through one page, from the alarm to the acknowledgement, on a screen of its own.
//!
//! This is what `make run` does where no display exists. Pictures go to `target/tour/`.

#![expect(clippy::print_stdout, reason = "the tour's output is for the person who ran it")]

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use herald_tests::audio::Sound;
use herald_tests::desktop::root;
use herald_tests::keyring::Keyring;
use herald_tests::notifications::Notifications;
use herald_tests::tray::Tray;
use herald_tests::wait::SOON;
use herald_tests::{App, Desktop, Window};

/// The scenario: one page that waits for somebody.
const SCENARIO: &[&str] = &["practice", "single-page"];

/// Name of the button that takes the page.
const TAKE: &str = "/^Acknowledge/";

/// What the window says once PagerDuty's answer was seen.
const TAKEN: &str = "You acknowledged at";

/// The scenario's page arrives some seconds after the start, and a first start is slow.
const PAGE_TIME: Duration = Duration::from_secs(60);

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let pictures = root().join("target/tour");
    // Pictures of an earlier tour must not pass for those of this one.
    if pictures.exists() {
        std::fs::remove_dir_all(&pictures)?;
    }
    std::fs::create_dir_all(&pictures)?;
    let taken = tour(&pictures).await?;
    println!("\nPictures:");
    for picture in taken {
        println!("  {}", picture.display());
    }
    Ok(())
}

async fn tour(pictures: &Path) -> Result<Vec<PathBuf>> {
    println!("No display here: Herald runs on a virtual one, in the practice world. Nothing leaves this machine.");
    let desktop = Desktop::start().await?;
    let notifications = Notifications::start(&desktop).await?;
    let tray = Tray::start(&desktop).await?;
    let sound = Sound::start(&desktop).await?;
    let _keyring = Keyring::start(&desktop).await?;
    let mark = sound.mark();

    let mut app = App::prepare(&desktop, SCENARIO).await?;
    let window = Window::open(&desktop, &mut app).await?;
    println!("started    herald {}, its window is open", SCENARIO.join(" "));
    let mut taken = vec![pictures.join("1-window.png")];
    window.picture(&taken[0]).await?;

    let note = notifications
        .until_visible("the page's notification", PAGE_TIME, |note| note.urgency == 2)
        .await
        .with_context(|| window.log())?;
    println!("notified   {:?}, buttons {:?}", note.summary, note.keys());
    let heard = sound.until_heard(mark, SOON).await?;
    println!("heard      {:.1} s, mostly {} Hz", heard.length().as_secs_f32(), heard.frequency_hz());
    let alarmed = tray.item().await?;
    println!("in tray    {:?}", alarmed.says());
    let button = window.find("button", TAKE).await?;
    for (name, whole_screen) in [("2-page.png", false), ("3-page-on-the-screen.png", true)] {
        let path = pictures.join(name);
        if whole_screen {
            desktop.picture(&path).await?
        } else {
            window.picture(&path).await?
        }
        taken.push(path);
    }

    button.click().await?;
    window.until_text(TAKEN, SOON).await?;
    notifications.until_gone("the notification to be withdrawn", SOON, |one| one.id == note.id).await?;
    let calm = tray.until("the tray to calm down", SOON, |item| item.icon_pixmaps != alarmed.icon_pixmaps).await?;
    println!("taken      the page is acknowledged, the tray says {:?}", calm.says());
    let path = pictures.join("4-acknowledged.png");
    window.picture(&path).await?;
    let (_, colours) = desktop.look_at(&path).await?;
    ensure!(colours > 10, "the last picture is empty");
    taken.push(path);
    window.close().await?;
    Ok(taken)
}
