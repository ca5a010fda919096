//! The whole way of an update, by keyboard alone: from the tracker's issue to the public page, phase by phase, on both
//! kinds of status page; and what was typed survives the end of the process at any moment.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use fantoccini::key::Key;
use herald_practice::{Act, Declare, Site};
use herald_tests::Window;
use herald_tests::keyboard::Keyboard;
use herald_tests::wait::{self, SOON};
use serde_json::{Value, json};

use crate::desk::Desk;
use crate::pictures::{keep, keep_dark};
use crate::settings::{chord, press, tab_to};

const WRITTEN: &str = "Some people cannot sign in and we are looking into it.";
/// What was typed in so short a time before the end may be lost.
const MAY_BE_LOST: Duration = Duration::from_millis(300);
/// What a save may take longer than that on a computer that does much else.
const SLOW: Duration = Duration::from_millis(300);

#[tokio::test]
async fn incident_is_told_by_keyboard_alone_on_statusio() -> Result<()> {
    told_by_keyboard(Site::StatusIo).await
}

#[tokio::test]
async fn incident_is_told_by_keyboard_alone_on_statuspage() -> Result<()> {
    told_by_keyboard(Site::Statuspage).await
}

#[tokio::test]
async fn what_was_typed_survives_a_crash() -> Result<()> {
    let mut desk = Desk::quiet().await?;
    connect_feeds(&desk, Site::StatusIo).await?;
    let window = desk.open().await?;
    declare(&desk, &window).await?;
    window.keys("u").await?;
    window.find("textbox", "Update").await?;
    // No pause anywhere, and the end comes amid a word: a save that waits for a pause never comes.
    let (began, mut typed, mut at) = (Instant::now(), String::new(), Vec::new());
    for letter in WRITTEN.chars().cycle() {
        window.keys(&letter.to_string()).await?;
        typed.push(letter);
        at.push(Instant::now());
        if began.elapsed() > 3 * (MAY_BE_LOST + SLOW) {
            break;
        }
    }
    let killed = Instant::now();
    desk.app.kill9();
    desk.start().await?;
    let view = desk.view().await?;
    let kept = view["incidents"][0]["compose"]["text"]["body"].as_str().unwrap_or_default();
    let safe = at.iter().filter(|at| killed - **at > MAY_BE_LOST + SLOW).count();
    ensure!(typed.starts_with(kept), "other words came back than were typed: {kept:?}, not {typed:?}");
    ensure!(kept.len() >= safe, "{safe} of {} letters were to be kept, and these were: {kept:?}", typed.len());
    Ok(())
}

#[tokio::test]
async fn hotkey_opens_the_composer_of_what_is_due_next() -> Result<()> {
    let mut desk = Desk::quiet().await?;
    connect_feeds(&desk, Site::StatusIo).await?;
    let keyboard = Keyboard::open(&desk.desktop)?;
    let window = desk.open().await?;
    declare(&desk, &window).await?;
    keyboard.press("Ctrl+Alt+U")?;
    window.find("textbox", "Update").await?;
    wait::until("the caret in the text", SOON, async || {
        Ok(window.focus().await?.starts_with("textbox \"Update").then_some(()))
    })
    .await?;
    window.close().await
}

async fn told_by_keyboard(site: Site) -> Result<()> {
    let mut desk = Desk::quiet().await?;
    connect_feeds(&desk, site).await?;
    let window = desk.open().await?;
    declare(&desk, &window).await?;
    if site == Site::StatusIo {
        keep(&desk, &window, "incident-card").await?;
    }
    let steps = [
        ("1", "Investigating", WRITTEN),
        ("2", "Identified", "We know the cause: a full queue. Next update in 25 minutes."),
        (
            "3",
            "Monitoring",
            "A fix is out and systems are back to normal. We watch for recurrence and resolve in 30 minutes.",
        ),
        ("4", "Resolved", "This is resolved and everything is back to normal."),
    ];
    for (nth, (key, phase, body)) in steps.into_iter().enumerate() {
        window.keys("u").await?;
        window.find("textbox", "Update").await?;
        window.keys(&chord(Key::Alt, key.chars().next().context("a digit")?)).await?;
        if nth == 0 {
            choose_components(&window).await?;
        }
        tab_to(&window, "textbox \"Update\"").await?;
        window.keys(body).await?;
        window.keys(&chord(Key::Control, 'l')).await?;
        if nth == 1 && site == Site::StatusIo {
            saved(&desk, body).await?;
            keep(&desk, &window, "compose").await?;
            keep_dark(&desk, &window, "compose-dark").await?;
        }
        publish(&desk, &window, site, nth).await.with_context(|| format!("{phase} on {site:?}"))?;
        window.keys(&char::from(Key::Escape).to_string()).await?;
    }
    let told = published(&desk, site);
    ensure!(told.len() == 4 && told.iter().zip(steps).all(|(told, (_, _, body))| told.starts_with(body)), "{told:#?}");
    desk.until_view("nothing to be due", |view| view["incidents"] == json!([])).await?;
    window.close().await
}

/// Status and components, each by its keys.
pub async fn choose_components(window: &Window) -> Result<()> {
    back_to(window, "combobox \"Status\"").await?;
    window.keys("D").await?;
    choose_first_component(window, "button \"Components: none. Change…\"").await
}

/// Opens the list of components by its button, and chooses the first.
pub async fn choose_first_component(window: &Window, button: &str) -> Result<()> {
    tab_to(window, button).await?;
    press(window, Key::Enter).await?;
    window.find("dialog", "Affected components").await?;
    let first =
        "return document.querySelector('[role=dialog] [type=checkbox]')?.closest('label')?.textContent.trim() ?? ''";
    let name = window.script(first, vec![]).await?;
    tab_to(window, &format!("checkbox {name}")).await?;
    press(window, Key::Space).await?;
    press(window, Key::Escape).await
}

async fn back_to(window: &Window, element: &str) -> Result<()> {
    crate::settings::back_to(window, element).await
}

/// Confirms and waits until the public page shows it.
pub async fn publish(desk: &Desk, window: &Window, site: Site, before: usize) -> Result<()> {
    window.keys(&chord(Key::Control, Key::Enter.into())).await?;
    window.find("dialog", "Publish this update?").await?;
    if before == 3 {
        confirm_too_early(window).await?;
    }
    let ready = "return document.querySelector('[data-testid=publish]') !== null \
        && document.querySelector('[data-testid=stop]') === null";
    wait::until("the last look", SOON, async || Ok((window.script(ready, vec![]).await? == true).then_some(())))
        .await
        .with_context(|| "nothing may stop it")?;
    if before == 1 && site == Site::StatusIo {
        keep(desk, window, "publish").await?;
    }
    tab_to(window, "button \"Publish now\"").await?;
    press(window, Key::Enter).await?;
    desk.until("it on the page", |world| count(world, site) > before).await?;
    desk.command(json!({"do": "poll_now"})).await?;
    desk.until_view("it to be live", |view| {
        let all = view["incidents"].as_array().cloned().unwrap_or_default();
        let told: usize = all.iter().filter_map(|card| card["updates"].as_array()).map(Vec::len).sum();
        (all.is_empty() || told > before) && all.iter().all(|card| card["publishing"] == json!([]))
    })
    .await?;
    Ok(())
}

/// Nobody ticked the all-clear: the sheet stops that, until it is said that it is meant (H56).
async fn confirm_too_early(window: &Window) -> Result<()> {
    let stopped =
        "return document.querySelector('[data-testid=stop]')?.textContent.startsWith('Tick the finding') === true";
    wait::until("the gate", SOON, async || Ok((window.script(stopped, vec![]).await? == true).then_some(()))).await?;
    let finding = "Resolved, but still open: The issue is confirmed resolved · The IM gave the all-clear.";
    tab_to(window, &format!("checkbox \"{finding} Publish all the same.\"")).await?;
    press(window, Key::Space).await
}

fn published(desk: &Desk, site: Site) -> Vec<String> {
    match site {
        Site::StatusIo => {
            let messages = desk.world.statusio_incidents().into_iter().flat_map(|it| it.messages);
            messages.map(|message| message.details).collect()
        }
        Site::Statuspage => {
            let updates = desk.world.statuspage_incidents().into_iter().flat_map(|it| it.updates);
            updates.map(|update| update.body).collect()
        }
    }
}

fn count(world: &herald_practice::World, site: Site) -> usize {
    match site {
        Site::StatusIo => world.statusio_incidents().iter().map(|it| it.messages.len()).sum(),
        Site::Statuspage => world.statuspage_incidents().iter().map(|it| it.updates.len()).sum(),
    }
}

async fn declare(desk: &Desk, window: &Window) -> Result<()> {
    let it = Declare { title: "Sign-in fails".into(), severity: Some(2), ..Declare::default() };
    desk.act(Act::Declare(it))?;
    desk.command(json!({"do": "poll_now"})).await?;
    window.until_text("Sign-in fails", SOON).await
}

/// Connects tracker and status page on the command line.
pub async fn connect_feeds(desk: &Desk, site: Site) -> Result<()> {
    let told = desk.world.announcement();
    let gitlab = ["connect", "gitlab", "--url", &told.gitlab.url, "--project", &told.gitlab.project];
    let connected = desk.app.cli_with(&desk.desktop, &gitlab, &told.gitlab.tokens.api).await?;
    ensure!(connected.code == Some(0), "{connected:?}");
    let connected = match site {
        Site::StatusIo => {
            let it = &told.statusio;
            let root = it.url.trim_end_matches("/v2");
            let feed = format!("{root}/1.0/status");
            let keys = format!("{}\n{}\n", it.api_id, it.api_key);
            let args = page_args("statusio", &it.url, &feed, root, &it.page_id);
            desk.app.cli_with(&desk.desktop, &args, &keys).await?
        }
        Site::Statuspage => {
            let it = &told.statuspage;
            let root = it.url.trim_end_matches("/v1");
            desk.app
                .cli_with(&desk.desktop, &page_args("statuspage", &it.url, root, root, &it.page_id), &it.api_key)
                .await?
        }
    };
    ensure!(connected.code == Some(0), "{connected:?}");
    Ok(())
}

fn page_args<'a>(kind: &'a str, url: &'a str, feed: &'a str, public: &'a str, page: &'a str) -> [&'a str; 10] {
    ["connect", kind, "--url", url, "--feed-url", feed, "--public-url", public, "--page", page]
}

/// Waits until the draft on disk begins with this.
pub async fn saved(desk: &Desk, body: &str) -> Result<Value> {
    desk.until_view("the draft to be saved", |view| {
        let draft = &view["incidents"][0]["compose"];
        draft["text"]["body"].as_str().is_some_and(|it| it.starts_with(body)) && !draft["saved_at"].is_null()
    })
    .await
}
