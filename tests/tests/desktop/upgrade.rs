//! An upgrade under a running Herald: both programs are replaced on the disk by those of another build. The watch takes it
//! up by itself once a window is wanted, and loses nothing by it.

use anyhow::{Context as _, Result};
use herald_core::incident::Own;
use herald_core::{Command, IncidentWish, Text};
use herald_tests::notifications::Note;
use herald_tests::wait::{self, SOON};

use crate::desk::{Desk, TAKEN, TITLE};

const TYPED: &str = "Some people cannot sign in and we are looking into it.";

#[tokio::test]
async fn upgraded_herald_starts_itself_anew_when_a_window_is_wanted_and_loses_nothing() -> Result<()> {
    let mut desk = Desk::quiet().await?;
    let folder = desk.desktop.dir().join("installed");
    desk.app.install(&folder)?;
    desk.start().await?;
    let own = Own { title: Some("Sign-in fails".into()), ..Own::default() };
    wish(&desk, IncidentWish::Open { own, page: None }).await?;
    let view = desk.view().await?;
    let card = &view["incidents"][0];
    let text: Text = serde_json::from_value(card["compose"]["text"].clone())?;
    let incident = card["id"].as_i64().context("an incident")?;
    wish(&desk, IncidentWish::Write { incident, text: text.saying(TYPED) }).await?;
    let (id, first) = desk.paged().await?;
    let (pid, program) = (desk.app.pid()?, folder.join("herald"));
    let runs = || std::fs::read_link(format!("/proc/{pid}/exe"));

    let build: String = herald_door::BUILD.to_owned();
    let (rest, last) = build.split_at(build.len() - 1);
    desk.app.upgrade(&build, &format!("{rest}{}", if last == "0" { "1" } else { "0" }))?;
    assert_ne!(runs()?, program, "the old one runs, whose file is gone");
    desk.tray.activate().await?;
    wait::until("the new one to run", SOON, async || Ok((runs()? == program).then_some(()))).await?;
    desk.until_windows(1).await?;

    let again = |note: &Note| note.summary.contains(TITLE) && note.at > first.at;
    let note = desk.notifications.until_visible("the page to call again", SOON, again).await?;
    let kept = |view: &serde_json::Value| view["incidents"][0]["compose"]["text"]["body"] == TYPED;
    desk.until_view("what was typed", kept).await?;
    desk.notifications.press(note.id, "acknowledge").await?;
    desk.until_tray_says(TAKEN).await?;
    desk.assert_taken_once(&id)?;
    assert_eq!(desk.app.pid()?, pid, "in its own place");
    assert!(desk.app.runs(), "{}", desk.app.log());
    Ok(())
}

async fn wish(desk: &Desk, wish: IncidentWish) -> Result<()> {
    desk.command(serde_json::to_value(Command::Incident { wish: Box::new(wish) })?).await
}
