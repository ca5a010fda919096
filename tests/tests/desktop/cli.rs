//! The command line as scripts see it: what is printed, and what each exit code means.

use anyhow::{Context as _, Result};
use herald_practice::Announcement;
use herald_tests::wait::{self, SOON};
use herald_tests::{App, Desktop};
use serde_json::Value;

use crate::desk::{Desk, TITLE};

#[tokio::test]
async fn status_says_the_same_to_people_and_to_scripts() -> Result<()> {
    let mut desk = Desk::quiet().await?;
    desk.start().await?;
    let (id, _) = desk.paged().await?;
    let status = desk.app.status(&desk.desktop).await?;
    for (field, expected) in [("running", true), ("connected", true)] {
        assert_eq!(status[field], expected, "{status:#}");
    }
    assert_eq!(status["sign"], "page");
    let page = &status["view"]["pages"][0];
    assert_eq!((&page["id"], &page["title"]), (&id.clone().into(), &TITLE.into()), "{page:#}");
    let words = desk.app.cli(&desk.desktop, &["status"]).await?;
    assert_eq!(words.code, Some(0));
    for part in [&id, TITLE, "CALLS, ", "On call until", "Elena Marek"] {
        assert!(words.stdout.contains(part), "{part:?} is missing in {words:?}");
    }
    // Without a running one, what the last one saved is told as such.
    desk.app.end();
    let saved = desk.app.status(&desk.desktop).await?;
    assert_eq!((&saved["running"], &saved["sign"]), (&false.into(), &"page".into()), "{saved:#}");
    let words = desk.app.cli(&desk.desktop, &["status"]).await?;
    assert!(words.stdout.starts_with("Herald is not running."), "{words:?}");
    Ok(())
}

#[tokio::test]
async fn ack_tells_done_from_refused() -> Result<()> {
    let mut desk = Desk::quiet().await?;
    // It works without a running Herald, too.
    let id = desk.page(TITLE)?;
    let acked = desk.app.cli(&desk.desktop, &["ack", &id]).await?;
    assert_eq!(acked.code, Some(0), "{acked:?}");
    desk.assert_taken_once(&id)?;
    desk.start().await?;
    let (second, _) = desk.paged().await?;
    let number = desk.incident(&second)?.number.to_string();
    let acked = desk.app.cli(&desk.desktop, &["ack", &number]).await?;
    assert_eq!(acked.code, Some(0), "by its number: {acked:?}");
    for (named, why) in [(second.as_str(), "changed since"), ("Q0000000000000", "no open page")] {
        let again = desk.app.cli(&desk.desktop, &["ack", named]).await?;
        assert_eq!(again.code, Some(4), "nothing was written: {again:?}");
        assert!(again.stderr.contains(why), "{named}: {again:?}");
    }
    assert_eq!(desk.writes().len(), 2, "one request for each page");
    Ok(())
}

#[tokio::test]
async fn practice_world_is_served_without_a_display() -> Result<()> {
    let desktop = Desktop::without_display().await?;
    let app = App::prepare(&desktop, &[]).await?;
    let listed = app.cli(&desktop, &["practice", "--list"]).await?;
    for name in ["single-page", "storm", "taken-elsewhere", "outage"] {
        assert!(listed.code == Some(0) && listed.stdout.contains(name), "{name}: {listed:?}");
    }
    let unknown = app.cli(&desktop, &["practice", "--serve", "no-such"]).await?;
    assert!(unknown.code == Some(1) && unknown.stderr.contains("single-page"), "it names what there is: {unknown:?}");

    let served = desktop.spawn("served", app.binary(), &["practice", "--serve", "quiet"])?;
    let announced =
        wait::until("the announcement", SOON, async || Ok(Some(serde_json::from_str::<Announcement>(&served.log())?)));
    let announced = announced.await.with_context(|| served.log())?;
    assert_eq!(announced.scenario, "quiet");
    // Another program can be pointed at it: here, a Herald of the command line.
    let args = ["connect", "pagerduty", "--url", &announced.pagerduty.url];
    let keyring = herald_tests::keyring::Keyring::start(&desktop).await?;
    let connected = app.cli_with(&desktop, &args, &announced.pagerduty.tokens.user).await?;
    assert!(connected.code == Some(0) && connected.stdout.contains("Elena Marek"), "{connected:?}");
    served.signal(rustix::process::Signal::INT)?;
    assert_eq!(served.until_ended(SOON).await?.code(), Some(0), "Ctrl+C is the way to end it");
    drop(keyring);
    Ok(())
}

#[tokio::test]
async fn doctor_names_everything_that_is_missing() -> Result<()> {
    let desktop = Desktop::without_display().await?;
    let app = App::prepare(&desktop, &[]).await?;
    let doctor = app.cli(&desktop, &["doctor", "--json"]).await?;
    assert_eq!(doctor.code, Some(1), "{doctor:?}");
    let checks: Value = serde_json::from_str(&doctor.stdout)?;
    let found = checks.as_array().context("no list")?;
    let of = |ok: bool| -> Vec<&str> {
        found.iter().filter(|check| check["ok"] == ok).filter_map(|check| check["what"].as_str()).collect()
    };
    assert_eq!(of(false), ["Display", "Notifications", "Sound", "Tray icon", "Keychain", "PagerDuty"]);
    assert_eq!(of(true), ["Playbook", "Hotkey", "Data"]);
    assert!(found.iter().all(|check| check["says"].as_str().is_some_and(|says| says.len() > 3)), "{checks:#}");

    let mut desk = Desk::quiet().await?;
    desk.start().await?;
    let doctor = desk.app.cli(&desk.desktop, &["doctor"]).await?;
    assert_eq!(doctor.code, Some(0), "nothing is missing here: {doctor:?}");
    Ok(())
}

#[tokio::test]
async fn playbook_is_checked_with_file_line_and_key() -> Result<()> {
    let desktop = Desktop::without_display().await?;
    let app = App::prepare(&desktop, &[]).await?;
    let file = desktop.dir().join("bad.toml");
    let path = file.to_string_lossy();
    for (text, expected) in [
        ("name = \"Mine\"\n\n[page]\nquiet_min = 999\n", "bad.toml:4"),
        ("name = \"Mine\"\n[page]\nquite_min = 5\n", "bad.toml:3"),
        ("name = \n", "bad.toml:1"),
    ] {
        std::fs::write(&file, text)?;
        let checked = app.cli(&desktop, &["playbook", "check", &path]).await?;
        assert_eq!(checked.code, Some(1), "{checked:?}");
        assert!(checked.stderr.contains(expected), "{expected} is missing: {checked:?}");
    }
    std::fs::write(&file, "name = \"Mine\"\n[page]\nquiet_min = 4\n")?;
    let checked = app.cli(&desktop, &["playbook", "check", &path]).await?;
    assert!(checked.code == Some(0) && checked.stdout.contains("Mine"), "{checked:?}");
    let shown = app.cli(&desktop, &["playbook", "show"]).await?;
    assert!(shown.code == Some(0) && shown.stdout.contains("target_min = 15"), "{shown:?}");
    Ok(())
}

#[tokio::test]
async fn a_handover_is_written_without_display_or_network() -> Result<()> {
    let desktop = Desktop::without_display().await?;
    let app = App::prepare(&desktop, &[]).await?;
    let printed = app.cli(&desktop, &["handover"]).await?;
    assert_eq!(printed.code, Some(0), "{printed:?}");
    for part in ["nothing happened", "<!-- herald-handover {"] {
        assert!(printed.stdout.contains(part), "{part}: {printed:?}");
    }
    let file = desktop.dir().join("handover.md");
    let path = file.to_string_lossy();
    let saved = app.cli(&desktop, &["handover", "--out", &path]).await?;
    assert_eq!(saved.code, Some(0), "{saved:?}");
    assert_eq!(std::fs::read_to_string(&file)?.trim_end(), printed.stdout.trim_end());
    let taken = app.cli(&desktop, &["handover", "--import", &path]).await?;
    assert_eq!(taken.code, Some(0), "{taken:?}");
    std::fs::write(&file, "# Shopping")?;
    let refused = app.cli(&desktop, &["handover", "--import", &path]).await?;
    assert!(refused.code == Some(4) && refused.stderr.contains("no handover of Herald's"), "{refused:?}");
    Ok(())
}

#[tokio::test]
async fn help_and_version_and_wrong_words() -> Result<()> {
    let desktop = Desktop::bare()?;
    let app = App::prepare(&desktop, &[]).await?;
    let run = async |args: &[&str]| desktop.output(app.binary(), args).await;
    let version = run(&["--version"]).await?;
    assert_eq!(String::from_utf8_lossy(&version.stdout), format!("herald {}\n", env!("CARGO_PKG_VERSION")));
    let help = run(&["--help"]).await?;
    let help = String::from_utf8_lossy(&help.stdout).into_owned();
    for word in ["status", "ack", "practice", "doctor", "connect", "handover", "playbook", "--data-dir", "Exit codes"] {
        assert!(help.contains(word), "{word} is missing:\n{help}");
    }
    assert_eq!(run(&["dance"]).await?.status.code(), Some(2), "2 means wrong words");
    assert!(!desktop.dir().join("data/herald").exists(), "looking leaves no trace");
    Ok(())
}
