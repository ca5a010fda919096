//! Pictures of the real window in every state that matters, and that none of them is empty.
//!
//! They are taken on each run and thrown away. `HERALD_PICTURES=1` keeps them in `tests/pictures`, for the README and
//! to be looked at.

use std::path::PathBuf;

use anyhow::{Context as _, Result, ensure};
use fantoccini::key::Key;
use herald_practice::{Act, Fault, Scenario, Trigger};
use herald_tests::Window;
use herald_tests::desktop::root;
use herald_tests::wait::{self, SOON};
use serde_json::json;

use crate::desk::{Desk, Duty, QUIET, TITLE, YOURS};
use crate::settings::chord;

/// What a picture may take in the repository.
const BYTES_MAX: u64 = 150_000;

/// The size that the window is made with.
const SIZE: &str = "440x680";

/// A title as people write them when there is no time to write a short one.
const LONG: &str = "[S1] Sign-in, sign-up and password reset fail for everybody in Europe and Asia, the status page \
    of the identity provider is green, and every retry makes the queue longer: see the runbook \u{2068}שלום\u{2069}";

#[tokio::test]
async fn window_is_worth_a_picture_in_every_state() -> Result<()> {
    let mut desk = Desk::unconnected(Scenario::quiet()).await?;
    let window = desk.open().await?;
    // As everybody has it at first; the pages are asked for by hand instead.
    desk.set(json!({"set": "poll_interval", "seconds": 10})).await?;
    window.find("button", "/^Test and connect/").await?;
    keep(&desk, &window, "first-run").await?;
    ensure!(desk.connect().await?.code == Some(0), "connecting failed");
    window.until_text(QUIET, SOON).await?;
    keep(&desk, &window, "quiet").await?;
    window.keys(&chord(Key::Control, '5')).await?;
    window.find("switch", "Shadow mode").await?;
    keep(&desk, &window, "settings").await?;
    keep_dark(&desk, &window, "settings-dark").await?;
    window.keys(&chord(Key::Control, '1')).await?;

    let call = "https://calls.quillbrook.example/j/4711";
    let page = Trigger { title: TITLE.into(), conference_url: Some(call.into()), ..Trigger::default() };
    let id = desk.act(Act::Trigger(page))?;
    desk.command(json!({"do": "poll_now"})).await?;
    window.find("button", "/^Acknowledge/").await?;
    keep(&desk, &window, "page").await?;
    keep_dark(&desk, &window, "page-dark").await?;
    desk.set(json!({"set": "shadow", "on": true})).await?;
    window.until_text("Shadow: you watch", SOON).await?;
    keep(&desk, &window, "shadow").await?;
    keep_dark(&desk, &window, "shadow-dark").await?;
    desk.set(json!({"set": "shadow", "on": false})).await?;
    let acked = desk.app.cli(&desk.desktop, &["ack", &id]).await?;
    ensure!(acked.code == Some(0), "it was not acknowledged: {acked:?}");
    window.until_text(YOURS, SOON).await?;
    desk.until_polled(1).await?;
    keep(&desk, &window, "taken").await?;

    for (title, low) in [("[S3] Search is slow", true), ("[S2] Uploads fail", false), (LONG, false)] {
        let urgency = low.then(|| "low".to_owned());
        desk.act(Act::Trigger(Trigger { title: title.into(), urgency, ..Trigger::default() }))?;
        desk.command(json!({"do": "poll_now"})).await?;
        window.until_text(title.get(..20).unwrap_or(title), SOON).await?;
    }
    keep(&desk, &window, "pages").await?;
    window.close().await
}

#[tokio::test]
async fn blindness_is_worth_a_picture_with_and_without_pages() -> Result<()> {
    let mut desk = Desk::unconnected(Scenario::quiet()).await?;
    desk.playbook("name = \"Soon blind\"\n[pagerduty]\nblind_after_s = 20\n")?;
    ensure!(desk.connect().await?.code == Some(0), "connecting failed");
    let window = desk.open().await?;
    window.until_text(QUIET, SOON).await?;
    desk.world.fault(Fault::status(503))?;
    window.find("button", "/^Quiet 5 min/").await?;
    keep(&desk, &window, "blind").await?;
    keep_dark(&desk, &window, "blind-dark").await?;
    desk.world.clear_fault(None);
    desk.page(TITLE)?;
    window.until_text(TITLE, SOON).await?;
    desk.world.fault(Fault::status(503))?;
    window.until_text("it may be different now", SOON).await?;
    keep(&desk, &window, "blind-pages").await?;
    window.close().await
}

#[tokio::test]
async fn practice_cannot_be_taken_for_the_real_thing() -> Result<()> {
    let mut desk = Desk::unconnected(Scenario::quiet()).await?;
    desk.app.set_args(&["practice", "single-page"]);
    let window = desk.open_as_it_is().await?;
    window.until_text("Practice: nothing here is real", SOON).await?;
    window.find("button", "/^Acknowledge/").await?;
    keep(&desk, &window, "practice").await?;
    let item = desk.until_tray_says("Practice: nothing here is real").await?;
    desk.assert_icon(&item, "page-shadow").await?;
    desk.until_notified("Practice: Page").await?;
    window.click("button", "/^Acknowledge/").await?;
    window.until_text(YOURS, SOON).await?;
    assert_eq!(desk.polls(), 0, "practice has a world of its own");
    window.close().await
}

/// Like [`keep`], in dark colours.
pub async fn keep_dark(duty: &Duty, window: &Window, name: &str) -> Result<()> {
    duty.set(json!({"set": "theme", "theme": "dark"})).await?;
    let dark = "return document.documentElement.matches('[data-theme=dark]')";
    wait::until("the dark look", SOON, async || Ok((window.script(dark, vec![]).await? == true).then_some(()))).await?;
    keep(duty, window, name).await?;
    duty.set(json!({"set": "theme", "theme": "light"})).await
}

/// Takes a picture, asserts that it shows something at the size of the window, and keeps it if that is wanted.
pub async fn keep(duty: &Duty, window: &Window, name: &str) -> Result<()> {
    let kept = std::env::var_os("HERALD_PICTURES").is_some_and(|it| it == "1");
    let folder = if kept { root().join("tests/pictures") } else { duty.desktop.dir().join("pictures") };
    let path: PathBuf = folder.join(format!("{name}.png"));
    window.picture(&path).await?;
    let shown = path.to_string_lossy();
    let (brightness, colours) = duty.desktop.look_at(&path).await?;
    assert!(colours > 50 && (0.02..0.99).contains(&brightness), "{name} is empty: {colours} colours, {brightness}");
    let size = duty.desktop.run("identify", &["-format", "%wx%h", &shown]).await?;
    assert_eq!(size, SIZE, "{name} has the size of the window");
    if kept {
        // What the camera writes down but nobody sees: the pictures are a part of the repository.
        duty.desktop.run("mogrify", &["-strip", "-define", "png:compression-level=9", &shown]).await?;
        let bytes = path.metadata().context("the picture is gone")?.len();
        assert!(bytes < BYTES_MAX, "{name} takes {bytes} bytes");
    }
    Ok(())
}
