//! A whole shift by keyboard alone: two incidents, a contact request, a maintenance, the handover, and the end.

use anyhow::{Context as _, Result, ensure};
use chrono::TimeDelta;
use fantoccini::key::Key;
use herald_practice::{Act, Declare, Site};
use herald_tests::Window;
use herald_tests::wait::{self, SOON};
use serde_json::json;

use crate::desk::Desk;
use crate::pictures::{keep, keep_dark};
use crate::settings::{chord, press, tab_to};
use crate::update::{choose_components, choose_first_component, connect_feeds, publish};

const PROJECT: &str = "quillbrook/support/comms-handover";
const INCIDENTS: [&str; 2] = ["Sign-in fails", "Uploads are slow"];

#[tokio::test]
async fn whole_shift_is_worked_by_keyboard_alone() -> Result<()> {
    let mut desk = Desk::quiet().await?;
    desk.playbook(&format!("name = \"Quillbrook\"\n[handover]\nproject = {PROJECT:?}\n"))?;
    connect_feeds(&desk, Site::StatusIo).await?;
    let window = desk.open().await?;
    desk.until_view("the shift to begin by itself", |view| view["shifts"][0]["ended_at"].is_null()).await?;
    two_incidents(&desk, &window).await.context("two_incidents")?;
    keep(&desk, &window, "duty").await?;
    stages(&desk, &window).await.context("stages")?;
    contact_request(&desk, &window).await.context("contact_request")?;
    maintenance(&desk, &window).await.context("maintenance")?;
    keep(&desk, &window, "ledger").await?;
    keep_dark(&desk, &window, "ledger-dark").await?;
    handover(&desk, &window).await.context("handover")?;
    figures(&desk, &window).await.context("figures")?;
    end(&desk, &window).await.context("end")?;
    window.close().await
}

/// Each is declared in the tracker, and the public is told of it.
async fn two_incidents(desk: &Desk, window: &Window) -> Result<()> {
    for (nth, title) in INCIDENTS.into_iter().enumerate() {
        let declared = Declare { title: title.into(), severity: Some(2), ..Declare::default() };
        desk.act(Act::Declare(declared))?;
        desk.command(json!({"do": "poll_now"})).await?;
        window.until_text(title, SOON).await?;
        for _ in 0..=nth {
            press(window, Key::Down).await?;
        }
        window.keys("u").await?;
        window.find("textbox", "Update").await?;
        choose_components(window).await?;
        tab_to(window, "textbox \"Update\"").await?;
        window.keys("Some people notice trouble and we are looking into it.").await?;
        window.keys(&chord(Key::Control, 'l')).await?;
        publish(desk, window, Site::StatusIo, nth).await.with_context(|| title)?;
        press(window, Key::Escape).await?;
    }
    Ok(())
}

/// On the screen of the first incident: a task is ticked, one is left out with a reason, the label is set.
async fn stages(desk: &Desk, window: &Window) -> Result<()> {
    press(window, Key::Down).await?;
    window.keys("o").await?;
    window.find("main", "Incident").await?;
    window.until_text("Engage", SOON).await?;
    keep(desk, window, "stages").await?;
    keep_dark(desk, window, "stages-dark").await?;
    let ticked = |task: &'static str| {
        move |view: &serde_json::Value| {
            let tasks =
                view["incidents"].as_array().into_iter().flatten().flat_map(|card| card["stages"]["tasks"].as_array());
            tasks.flatten().any(|it| it["id"] == task && it["mark"] == "done")
        }
    };
    desk.until_view("Herald's own tick", ticked("create-post")).await?;
    to_row(window, "join-channel").await?;
    window.keys(" ").await?;
    desk.until_view("the tick", ticked("join-channel")).await?;
    press(window, Key::Escape).await
}

/// Moves to the row of a task by the arrows.
async fn to_row(window: &Window, task: &str) -> Result<()> {
    let here = format!("return document.activeElement?.closest('[data-task]')?.dataset.task === {task:?}");
    wait::until("the row of the task", SOON, async || {
        if window.script(&here, vec![]).await? == true {
            return Ok(Some(()));
        }
        press(window, Key::Down).await?;
        Ok(None)
    })
    .await
}

async fn contact_request(desk: &Desk, window: &Window) -> Result<()> {
    window.keys(&chord(Key::Control, '2')).await?;
    window.keys("n").await?;
    window.find("textbox", "Who asks").await?;
    window.keys("Security").await?;
    press(window, Key::Tab).await?;
    window.keys("Tell the owners of twelve projects").await?;
    ctrl_enter(window).await?;
    desk.until_view("the request", |view| view["ledger"]["contacts"].as_array().is_some_and(|it| it.len() == 1))
        .await?;
    sheet_gone(window).await
}

async fn maintenance(desk: &Desk, window: &Window) -> Result<()> {
    let starts = desk.world.now() + TimeDelta::days(2);
    let typed = |at: chrono::DateTime<chrono::Utc>| at.format("%d-%m-%Y %H:%M").to_string();
    window.keys("m").await?;
    window.find("textbox", "Title").await?;
    window.keys("Registry upgrade").await?;
    tab_to(window, "textbox \"Starts\"").await?;
    window.keys(&typed(starts)).await?;
    tab_to(window, "textbox \"Ends\"").await?;
    window.keys(&typed(starts + TimeDelta::hours(1))).await?;
    tab_to(window, "textbox \"Text\"").await?;
    window.keys("Images cannot be pushed for some minutes.").await?;
    choose_first_component(window, "button \"Choose components…\"").await?;
    crate::settings::back_to(window, "textbox \"Text\"").await?;
    ctrl_enter(window).await?;
    desk.until_view("the maintenance", |view| {
        view["ledger"]["maintenances"].as_array().is_some_and(|it| it.len() == 1)
    })
    .await?;
    window.until_text("1 maintenance ahead", SOON).await?;
    sheet_gone(window).await
}

async fn sheet_gone(window: &Window) -> Result<()> {
    wait::until("the sheet to go", SOON, async || Ok((window.count("dialog", "/./").await? == 0).then_some(()))).await
}

/// Written by Herald, a note added, filed as a confidential issue.
async fn handover(desk: &Desk, window: &Window) -> Result<()> {
    window.keys(&chord(Key::Control, '3')).await?;
    window.until_text(INCIDENTS[1], SOON).await?;
    keep(desk, window, "handover").await?;
    keep_dark(desk, window, "handover-dark").await?;
    tab_to(window, "textbox \"Notes for the next person\"").await?;
    window.keys("Watch the queue.").await?;
    desk.until_view("the note", |view| view["shifts"][0]["handover"]["notes"] == "Watch the queue.").await?;
    tab_to(window, "button \"Create confidential issue…\"").await?;
    press(window, Key::Enter).await?;
    window.find("dialog", "Create this confidential issue?").await?;
    tab_to(window, "button \"Create confidential issue\"").await?;
    press(window, Key::Enter).await?;
    let filed = |world: &herald_practice::World| world.issues().into_iter().any(|it| it.project == "handover");
    desk.until("the handover in the tracker", filed).await?;
    let issue = desk.world.issues().into_iter().find(|it| it.project == "handover").context("filed")?;
    ensure!(issue.confidential && issue.description.contains("Watch the queue."), "{issue:#?}");
    ensure!(INCIDENTS.iter().all(|title| issue.description.contains(title)), "{issue:#?}");
    Ok(())
}

async fn figures(desk: &Desk, window: &Window) -> Result<()> {
    sheet_gone(window).await?;
    window.keys(&chord(Key::Control, '4')).await?;
    window.find("heading", "History").await?;
    window.until_text(INCIDENTS[0], SOON).await?;
    keep(desk, window, "history").await?;
    window.keys("/").await?;
    window.keys("uploads").await?;
    // Only then is the list what was searched for.
    window.until_no_text(INCIDENTS[0], SOON).await?;
    window.until_text(INCIDENTS[1], SOON).await?;
    press(window, Key::Escape).await
}

async fn end(desk: &Desk, window: &Window) -> Result<()> {
    let end = |view: &serde_json::Value| !view["shifts"][0]["ended_at"].is_null();
    window.keys(&chord(Key::Control, '3')).await?;
    tab_to(window, "button \"End shift\"").await?;
    press(window, Key::Enter).await?;
    let view = desk.until_view("the end of the shift", end).await?;
    ensure!(view["shifts"][0]["handover"]["missing"] == false, "it was handed over: {:#}", view["shifts"][0]);
    Ok(())
}

async fn ctrl_enter(window: &Window) -> Result<()> {
    window.keys(&chord(Key::Control, Key::Enter.into())).await
}
