//! The window is a program of its own: whatever becomes of it, the watch goes on, says so, and starts another; and a
//! window whose watch has ended looks like nothing else.

use std::io::Write as _;
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use herald_practice::Scenario;
use herald_tests::Desktop;
use herald_tests::keyring::Keyring;
use herald_tests::notifications::{Note, Notifications};
use herald_tests::tray::Tray;
use herald_tests::wait::{self, SOON};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::json;

use crate::desk::{Desk, Duty, TITLE, dead};

/// Libraries that draw, by the beginnings of their names.
const DRAWS: [&str; 6] = ["libgtk", "libgdk", "libwebkit", "libjavascriptcore", "libX11", "libwayland"];

#[tokio::test]
async fn watch_carries_nothing_that_draws() -> Result<()> {
    let desktop = Desktop::bare()?;
    let watch = herald_tests::app::herald_binary().await?;
    let libraries = desktop.run("ldd", &[&watch.to_string_lossy()]).await?;
    let drawing = |text: &str| text.lines().any(|line| DRAWS.iter().any(|name| line.trim().starts_with(name)));
    ensure!(libraries.contains("libc.so"), "ldd says nothing: {libraries}");
    assert!(!drawing(&libraries), "{libraries}");
    let window = watch.with_file_name("herald-window");
    assert!(
        drawing(&desktop.run("ldd", &[&window.to_string_lossy()]).await?),
        "the window does, or this proves nothing"
    );
    Ok(())
}

#[tokio::test]
async fn window_that_is_killed_while_a_page_comes_is_told_and_another_comes() -> Result<()> {
    let desk = Desk::with_window().await?;
    let first = desk.window_process()?;
    // It has to have lived for a while: what dies at once is not brought back by itself.
    wait::until_age(Instant::now(), Duration::from_secs(11)).await;
    desk.signal_window(Signal::KILL)?;
    let (id, note) = desk.paged().await?;
    desk.until_notified("window has ended").await?;
    let second =
        wait::until("another window", SOON, async || Ok(desk.window_process().ok().filter(|second| *second != first)));
    second.await?;
    desk.until_windows(1).await?;
    desk.notifications.press(note.id, "acknowledge").await?;
    desk.until_tray_says(crate::desk::TAKEN).await?;
    desk.assert_taken_once(&id)?;
    assert!(!is_zombie(first), "it was asked how it ended");
    Ok(())
}

#[tokio::test]
async fn window_that_hangs_does_not_swallow_the_wish_to_see_it() -> Result<()> {
    let desk = Desk::with_window().await?;
    desk.until_view("the window to work", |view| works(view, "window")).await?;
    let first = desk.window_process()?;
    desk.signal_window(Signal::STOP)?;
    desk.paged().await?;
    another_comes(&desk, first).await
}

#[tokio::test]
async fn page_inside_the_window_that_hangs_is_no_window_either() -> Result<()> {
    let desk = Desk::with_window().await?;
    desk.until_view("the window to work", |view| works(view, "window")).await?;
    signal(desk.process_called("WebKitWebProces")?, Signal::STOP)?;
    let first = desk.window_process()?;
    another_comes(&desk, first).await
}

/// Asks for the window, which hangs, and waits for the next one.
async fn another_comes(desk: &Desk, first: u32) -> Result<()> {
    desk.tray.activate().await?;
    desk.until_notified("did not answer").await?;
    let second = async || Ok(desk.window_process().ok().filter(|second| *second != first));
    wait::until("another window", SOON, second).await?;
    desk.until_windows(1).await
}

#[tokio::test]
async fn without_a_display_there_is_a_watch_all_the_same() -> Result<()> {
    let desktop = Desktop::without_display().await?;
    let notifications = Notifications::start(&desktop).await?;
    let tray = Tray::start(&desktop).await?;
    let _keyring = Keyring::start(&desktop).await?;
    let mut duty = Duty::on(desktop, Scenario::quiet()).await?;
    assert_eq!(duty.connect().await?.code, Some(0));
    duty.start().await?;
    tray.until_item().await?;
    let shown = duty.app.cli(&duty.desktop, &[]).await?;
    assert_eq!(shown.code, Some(3), "{shown:?}");
    assert!(shown.stderr.contains("there is no display"), "it says what is missing: {shown:?}");
    duty.page(TITLE)?;
    let calls = notifications.until_visible("the page", SOON, |note| note.summary.contains(TITLE)).await?;
    assert!(calls.keys().contains(&"acknowledge"), "{calls:#?}");
    let doctor = duty.app.cli(&duty.desktop, &["doctor"]).await?;
    assert!(doctor.stdout.contains("does not come: there is no display"), "{doctor:?}");
    Ok(())
}

#[tokio::test]
async fn toolkit_that_cannot_start_ends_nothing_and_is_told() -> Result<()> {
    let mut desk = Desk::quiet().await?;
    // A display that nobody serves: the toolkit ends its process.
    let display = desk.desktop.env().remove("DISPLAY").context("there is a display")?;
    desk.desktop.set_env("DISPLAY", ":4242");
    desk.start().await?;
    let shown = desk.app.cli(&desk.desktop, &[]).await?;
    desk.desktop.set_env("DISPLAY", &display);
    assert_eq!(shown.code, Some(3), "{shown:?}");
    assert!(shown.stderr.contains("cannot open the display (DISPLAY is :4242)"), "{shown:?}");
    let says = |note: &Note| note.summary.contains("window does not come");
    desk.notifications.until_visible("what became of the window", SOON, says).await?;
    desk.until_view("the dead window", |view| dead(view, "window")).await?;
    let status = desk.app.cli(&desk.desktop, &["status"]).await?;
    assert!(status.stdout.contains("Window: it cannot open the display"), "{status:?}");
    assert!(desk.app.runs(), "the watch goes on: {}", desk.app.log());
    desk.paged().await.map(drop)
}

#[tokio::test]
async fn window_whose_watch_was_killed_says_so_and_finds_the_next_one() -> Result<()> {
    let mut desk = Desk::with_window().await?;
    let window = desk.window_process()?;
    desk.app.kill9();
    let titled = async |title: &str| {
        let what = format!("the window to be called {title:?}");
        let titles = async || Ok(desk.desktop.window_titles().await?.iter().any(|it| it == title).then_some(()));
        wait::until(&what, SOON, titles).await
    };
    titled("Herald: nobody watches").await?;
    desk.start().await?;
    desk.until_windows(1).await?;
    assert_eq!(desk.window_process()?, window, "the same one");
    // And it belongs to the new watch: quitting takes it along.
    desk.tray.until_item().await?;
    desk.tray.click("Quit Herald").await.ok();
    assert_eq!(desk.app.until_ended(SOON).await?, Some(0));
    desk.until_windows(0).await
}

#[tokio::test]
async fn window_of_another_build_is_refused_and_another_takes_its_place() -> Result<()> {
    let mut desk = Desk::quiet().await?;
    desk.start().await?;
    let attach =
        |build: &str, visible| json!({"ask": "attach", "build": build, "pid": std::process::id(), "visible": visible});
    for (visible, windows) in [(false, 0), (true, 1)] {
        let refused = desk.app.ask(&attach("0.0.1-old", visible), SOON).await?;
        assert_eq!((&refused["answer"], &refused["code"]), (&json!("refused"), &json!("other_build")), "{refused}");
        desk.until_polled(1).await?;
        desk.until_windows(windows).await?;
    }
    Ok(())
}

#[tokio::test]
async fn thousand_silent_guests_at_the_door_keep_no_page_from_calling() -> Result<()> {
    let mut desk = Desk::quiet().await?;
    desk.start().await?;
    let socket = desk.app.data_dir().join("herald.sock");
    let idle = desk.app.open_files()?;
    let mut guests = vec![];
    for _ in 0..1000 {
        guests.push(UnixStream::connect(&socket).context("a seat at the door")?);
    }
    let files = desk.app.open_files()?;
    assert!(files < idle + 100, "{idle} descriptors before, {files} now");
    desk.paged().await?;
    // Who asks is answered all the same, and who says too much is not listened to.
    let status = desk.app.status(&desk.desktop).await?;
    assert_eq!(status["running"], true, "{status:#}");
    let mut loud = UnixStream::connect(&socket)?;
    loud.set_write_timeout(Some(SOON))?;
    let said = std::iter::repeat_with(|| loud.write(&[b'x'; 64 * 1024])).take(200).find_map(Result::err);
    assert!(said.is_some(), "a line without an end is cut off");
    Ok(())
}

fn works(view: &serde_json::Value, channel: &str) -> bool {
    let channels = view["channels"].as_array().into_iter().flatten();
    channels.into_iter().any(|one| one["channel"] == channel && one["health"]["kind"] == "works")
}

fn signal(pid: u32, signal: Signal) -> Result<()> {
    let pid = Pid::from_raw(i32::try_from(pid)?).context("no id")?;
    Ok(kill_process(pid, signal)?)
}

fn is_zombie(pid: u32) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit_once(") ").is_some_and(|(_, rest)| rest.starts_with('Z'))
}
