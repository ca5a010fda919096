//! The window: opened from everywhere, hidden and not ended when it is closed, made anew when it has died.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use herald_practice::{EntryKind, Status, Via};
use herald_tests::process;
use herald_tests::wait::{self, SOON};
use serde_json::json;

use crate::desk::{Desk, Duty, ME, QUIET, YOURS};

/// A hidden window is back at once; the rest is for a loaded machine.
const REOPEN_MAX: Duration = Duration::from_secs(5);

#[tokio::test]
async fn window_opens_from_everywhere_and_closing_it_ends_nothing() -> Result<()> {
    let mut desk = Desk::quiet().await?;
    desk.start().await?;
    assert_eq!(desk.windows().await?, 0, "started in the tray");
    desk.tray.activate().await?;
    desk.until_windows(1).await?;
    close(&desk).await?;
    let before = Instant::now();
    desk.tray.click("Open Herald").await?;
    desk.until_windows(1).await?;
    assert!(before.elapsed() < REOPEN_MAX, "it took {:?}", before.elapsed());
    close(&desk).await?;
    let (_, note) = desk.paged().await?;
    assert_eq!(desk.windows().await?, 0, "a page does not push the window into what I am doing");
    desk.notifications.press(note.id, "default").await?;
    desk.until_windows(1).await?;
    close(&desk).await?;
    // And the watch goes on behind it.
    desk.until_polled(1).await?;
    // It may be gone before it has answered the panel.
    desk.tray.click("Quit Herald").await.ok();
    assert_eq!(desk.app.until_ended(SOON).await?, Some(0), "quitting is the end");
    Ok(())
}

#[tokio::test]
async fn notification_leads_to_its_page() -> Result<()> {
    let mut desk = Desk::quiet().await?;
    let window = desk.open().await?;
    for title in ["[S2] Uploads fail", "[S3] Search is slow"] {
        desk.page(title)?;
        desk.until_notified(title).await?;
        window.until_text(title, SOON).await?;
    }
    close(&desk).await?;
    let first = desk.until_notified("Uploads fail").await?;
    desk.notifications.press(first.id, "default").await?;
    desk.until_windows(1).await?;
    wait::until("the focus on the page", SOON, async || {
        Ok((window.focus().await? == "article \"[S2] Uploads fail\"").then_some(()))
    })
    .await?;
    // What the keys mean is the page that was asked for, not the newest, once a hand can have meant it.
    window.until_text("Acknowledge A", SOON).await?;
    wait::until_age(Instant::now(), Duration::from_secs(1)).await;
    window.keys("a").await?;
    window.until_text(YOURS, SOON).await?;
    let taken: Vec<_> = desk.world.incidents().into_iter().map(|it| (it.title, it.acknowledged_count)).collect();
    assert_eq!(taken, [("[S2] Uploads fail".into(), 1), ("[S3] Search is slow".into(), 0)]);
    window.close().await
}

#[tokio::test]
async fn page_is_closed_only_after_the_question_what_that_means() -> Result<()> {
    let mut desk = Desk::quiet().await?;
    let window = desk.open().await?;
    let (id, _) = desk.paged().await?;
    window.click("button", "/^Acknowledge/").await?;
    window.until_text(YOURS, SOON).await?;
    window.click("button", "/^Close page…/").await?;
    window.until_text("It does not mean that the incident is over.", SOON).await?;
    assert_eq!(window.focus().await?, "button \"Close page\"", "the answer has the focus");
    window.keys("\u{e00c}").await?;
    window.until_no_text("Close this page?", SOON).await?;
    assert_eq!(desk.incident(&id)?.status, Status::Acknowledged, "Escape closes the sheet and not the page");

    window.keys("c").await?;
    window.until_text("Close this page?", SOON).await?;
    window.keys("\u{e007}").await?;
    window.until_text("Page closed at", SOON).await?;
    let incident = desk.incident(&id)?;
    assert_eq!(incident.status, Status::Resolved, "closed in PagerDuty");
    let resolved: Vec<_> = incident.log.iter().filter(|entry| entry.what == EntryKind::Resolve).collect();
    assert!(resolved.len() == 1 && resolved[0].by == ME && resolved[0].via == Via::Api, "once, by me: {resolved:#?}");
    window.until_text(QUIET, SOON).await?;
    desk.until_tray_says("All quiet").await?;
    window.close().await
}

#[tokio::test]
async fn window_whose_process_was_killed_comes_back() -> Result<()> {
    let mut desk = Desk::quiet().await?;
    desk.start().await?;
    desk.tray.activate().await?;
    desk.until_windows(1).await?;
    let whole = until_painted(&desk, 0).await?;
    let pid = web_process(&desk)?;
    // It has to have lived for a while: what dies at once is not brought back by itself.
    wait::until_age(Instant::now(), Duration::from_secs(10)).await;
    kill9(pid)?;
    wait::until("another web process", SOON, async || Ok(Some(web_process(&desk)?).filter(|it| *it != pid))).await?;
    until_painted(&desk, whole / 2).await?;

    // Once more, at once: the window goes, Herald does not, and the next wish to see it makes another.
    kill9(web_process(&desk)?)?;
    desk.until_windows(0).await?;
    let (_, note) = desk.paged().await?;
    assert!(desk.app.runs(), "the core is not affected: {}", desk.app.log());
    desk.notifications.press(note.id, "default").await?;
    desk.until_windows(1).await?;
    until_painted(&desk, whole / 2).await.map(drop)
}

#[tokio::test]
async fn window_hidden_for_a_while_is_let_go_and_made_anew() -> Result<()> {
    let mut desk = Desk::quiet().await?;
    desk.desktop.set_env("HERALD_WINDOW_KEPT_S", "1");
    desk.start().await?;
    desk.tray.activate().await?;
    desk.until_windows(1).await?;
    let whole = until_painted(&desk, 0).await?;
    close(&desk).await?;
    let gone = async || Ok(web_process(&desk).is_err().then_some(()));
    wait::until("the web process to end", SOON, gone).await?;
    // Still on watch, and the tray still opens it.
    let (id, _) = desk.paged().await?;
    desk.tray.until_item().await?;
    desk.tray.activate().await?;
    desk.until_windows(1).await?;
    until_painted(&desk, whole / 2).await?;
    desk.tray.until_clicked("Acknowledge", SOON).await?;
    desk.until("the acknowledgement", |world| world.incidents()[0].status == Status::Acknowledged).await?;
    desk.assert_taken_once(&id)
}

#[tokio::test]
async fn look_follows_the_setting_at_once() -> Result<()> {
    let mut desk = Desk::quiet().await?;
    let window = desk.open().await?;
    window.until_text(QUIET, SOON).await?;
    let picture = desk.desktop.dir().join("look.png");
    for (theme, bright) in [("dark", 0.0..0.4), ("light", 0.7..1.0), ("dark", 0.0..0.4)] {
        desk.set(json!({"set": "theme", "theme": theme})).await?;
        wait::until(&format!("the {theme} look"), SOON, async || {
            window.picture(&picture).await?;
            Ok(bright.contains(&desk.desktop.look_at(&picture).await?.0).then_some(()))
        })
        .await?;
    }
    window.close().await
}

/// Closes the window that has the focus as its user does.
async fn close(duty: &Duty) -> Result<()> {
    // The window manager takes the key only once the window has the focus.
    wait::until("the window to go", SOON, async || {
        duty.desktop.run("xdotool", &["search", "--onlyvisible", "--name", "^Herald$", "windowfocus"]).await.ok();
        duty.desktop.run("xdotool", &["key", "--clearmodifiers", "alt+F4"]).await?;
        Ok((duty.windows().await? == 0).then_some(()))
    })
    .await?;
    assert!(duty.app.runs(), "Herald lives on without a window: {}", duty.app.log());
    Ok(())
}

/// Waits until more than so many colours are on the screen, and gives their number once it stands still.
async fn until_painted(duty: &Duty, colours: u32) -> Result<u32> {
    let picture = duty.desktop.dir().join("screen.png");
    let mut before = 0;
    wait::until("a painted window", SOON, async || {
        duty.desktop.picture(Path::new(&picture)).await?;
        let (_, now) = duty.desktop.look_at(&picture).await?;
        let stands = now == std::mem::replace(&mut before, now) && now > colours.max(100);
        Ok(stands.then_some(now))
    })
    .await
}

/// The process that draws Herald's window.
fn web_process(duty: &Duty) -> Result<u32> {
    let of_desktop = process::with_environment(&format!("HERALD_TEST_DESKTOP={}", duty.desktop.dir().display()));
    let draws = |pid: &u32| {
        std::fs::read_to_string(format!("/proc/{pid}/comm")).is_ok_and(|name| name.starts_with("WebKitWebProces"))
    };
    of_desktop.into_iter().find(draws).context("no web process")
}

fn kill9(pid: u32) -> Result<()> {
    let pid = rustix::process::Pid::from_raw(i32::try_from(pid)?).context("no id")?;
    Ok(rustix::process::kill_process(pid, rustix::process::Signal::KILL)?)
}
