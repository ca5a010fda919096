//! One Herald for each data folder, whoever starts it and however the last one ended (faults.md 40); and suspend (25).

use std::time::{Duration, Instant};

use anyhow::Result;
use herald_practice::{Fault, FaultKind};
use herald_tests::logind::Logind;
use herald_tests::wait::{self, SOON};
use herald_tests::{App, Desktop};

use crate::desk::{Desk, Duty, TITLE};

/// A poll follows the waking within 2 s; the rest is for a loaded machine.
const AFTER_WAKING_MAX: Duration = Duration::from_secs(6);

#[tokio::test]
async fn second_herald_shows_the_first_and_another_folder_is_another_herald() -> Result<()> {
    let mut desk = Desk::quiet().await?;
    desk.start().await?;
    assert_eq!(desk.windows().await?, 0, "started in the tray");
    let second = desk.app.cli(&desk.desktop, &[]).await?;
    assert_eq!((second.code, second.stdout.as_str()), (Some(0), ""), "the second ends at once: {second:?}");
    desk.until_windows(1).await?;
    assert_eq!(desk.tray.items().await?.len(), 1, "one Herald, one icon");

    let other = desk.desktop.dir().join("other").to_string_lossy().into_owned();
    let another = desk.desktop.spawn("another", desk.app.binary(), &["--hidden", "--data-dir", &other])?;
    wait::until("a second icon", SOON, async || Ok((desk.tray.items().await?.len() == 2).then_some(()))).await?;
    assert!(desk.app.runs() && another.ended().is_none(), "both run");
    let status = desk.desktop.run(desk.app.binary(), &["status", "--json", "--data-dir", &other]).await?;
    let status: serde_json::Value = serde_json::from_str(&status)?;
    assert_eq!(
        (&status["running"], &status["connected"]),
        (&true.into(), &false.into()),
        "and know nothing of each other"
    );
    Ok(())
}

#[tokio::test]
async fn folder_is_free_after_a_crash_and_waited_for_while_a_command_has_it() -> Result<()> {
    let mut desk = Desk::quiet().await?;
    for _ in 0..3 {
        desk.start().await?;
        desk.tray.until_item().await?;
        desk.app.kill9();
        let status = desk.app.status(&desk.desktop).await?;
        assert_eq!((&status["running"], &status["connected"]), (&false.into(), &true.into()), "{status:#}");
    }
    // A command has the folder for as long as PagerDuty takes to answer it: who starts meanwhile waits for it.
    desk.world.fault(Fault { latency_ms: Some(2000), ..Fault::of(FaultKind::Latency) })?;
    let data_dir = desk.app.data_dir().to_string_lossy().into_owned();
    let args = ["ack", "Q0000000000000", "--data-dir", &data_dir];
    let command = desk.desktop.spawn("command", desk.app.binary(), &args)?;
    let polls = desk.polls();
    desk.until("the command's question", |_| desk.polls() > polls).await?;
    desk.start().await?;
    assert_eq!(command.until_ended(SOON).await?.code(), Some(4), "there is no such page: {}", command.log());
    assert!(desk.app.runs(), "somebody is on watch: {}", desk.app.log());
    Ok(())
}

#[tokio::test]
async fn without_a_display_it_says_what_works_instead() -> Result<()> {
    let desktop = Desktop::without_display().await?;
    let app = App::prepare(&desktop, &[]).await?;
    for args in [&[][..], &["practice"]] {
        let started = app.cli(&desktop, args).await?;
        assert_eq!(started.code, Some(3), "{args:?}: {started:?}");
        assert!(started.stderr.contains("display"), "it says what is missing: {started:?}");
    }
    let status = app.status(&desktop).await?;
    assert_eq!((&status["running"], &status["connected"]), (&false.into(), &false.into()));
    Ok(())
}

#[tokio::test]
async fn waking_from_suspend_is_followed_by_a_look_and_the_missed_page() -> Result<()> {
    let desktop = Desktop::start().await?;
    let logind = Logind::start(&desktop).await?;
    let notifications = herald_tests::notifications::Notifications::start(&desktop).await?;
    let _keyring = herald_tests::keyring::Keyring::start(&desktop).await?;
    let mut duty = Duty::on(desktop, herald_practice::Scenario::quiet()).await?;
    assert_eq!(duty.connect().await?.code, Some(0));
    duty.start().await?;
    // As slowly as it gets, so that only the waking can be the reason for a question.
    duty.set(serde_json::json!({"set": "poll_interval", "seconds": 60})).await?;
    duty.until_polled(1).await?;

    logind.suspend().await?;
    duty.page(TITLE)?;
    let (polls, before) = (duty.polls(), Instant::now());
    logind.resume().await?;
    duty.until("the look after waking", |_| duty.polls() > polls).await?;
    assert!(before.elapsed() < AFTER_WAKING_MAX, "it came after {:?}", before.elapsed());
    let note = notifications.until_visible("the missed page", SOON, |note| note.summary.contains(TITLE)).await?;
    assert!(note.keys().contains(&"acknowledge"), "{note:#?}");
    Ok(())
}
