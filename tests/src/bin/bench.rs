//! Measures what Herald costs at rest and how fast it is. Run alone, on the release program: `make bench`.

#![expect(clippy::print_stdout, reason = "the figures are the output")]

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use herald_practice::{Act, Options, Resolve, Scenario, Trigger, World};
use herald_tests::keyboard::Keyboard;
use herald_tests::keyring::Keyring;
use herald_tests::notifications::Notifications;
use herald_tests::tray::Tray;
use herald_tests::wait::{self, SOON};
use herald_tests::{App, Desktop};
use serde_json::json;

/// Starts to take the middle of; the first one warms the caches up and does not count.
const STARTS: usize = 11;
/// Time after a start in which things settle.
const SETTLE: Duration = Duration::from_secs(10);
/// Time over which processor and wake-ups are counted.
const REST: Duration = Duration::from_secs(60);
/// Pages to take the middle of, from answer to notification.
const PAGES: usize = 20;
/// How long is typed after the hotkey: longer than the composer may take by far.
const TYPED_FOR: Duration = Duration::from_secs(2);
/// Open pages of the storm.
const STORM: u32 = 10_000;
/// Polls of the storm over which the processor is counted.
const STORM_POLLS: usize = 3;

#[tokio::main]
async fn main() -> Result<()> {
    let desktop = Desktop::start().await?;
    // A hidden window is usually kept for a minute.
    desktop.set_env("HERALD_WINDOW_KEPT_S", "1");
    let notifications = Notifications::start(&desktop).await?;
    let _keyring = Keyring::start(&desktop).await?;
    let tray = Tray::start(&desktop).await?;
    let world = World::start(Options::of(Scenario::quiet())).await?;
    let mut app = connected(&desktop, &world).await?;
    let size = |program: &Path| Ok::<_, std::io::Error>(std::fs::metadata(program)?.len() as f64 / 1e6);
    row("program of the watch", size(app.binary())?, "MB");
    row("program of the window", size(&app.binary().with_file_name("herald-window"))?, "MB");
    starts(&desktop, &tray, &mut app).await?;
    at_rest(&app).await?;
    window(&desktop, &tray, &app).await?;
    composer(&desktop, &app).await?;
    answers(&world, &notifications).await?;
    storm(&world, &app).await
}

fn row(what: &str, figure: f64, unit: &str) {
    println!("{what:<44} {figure:>9.1} {unit}");
}

/// A Herald in the tray that watches the practice world every two seconds.
async fn connected(desktop: &Desktop, world: &World) -> Result<App> {
    let app = App::prepare(desktop, &["--hidden"]).await?;
    let url = world.url();
    let connect = ["connect", "pagerduty", "--url", &url];
    let answer = app.cli_with(desktop, &connect, &world.tokens().user).await?;
    ensure!(answer.code == Some(0), "not connected: {}", answer.stderr);
    Ok(app)
}

async fn starts(desktop: &Desktop, tray: &Tray, app: &mut App) -> Result<()> {
    let mut starts = Vec::new();
    for _ in 0..STARTS {
        app.end();
        let before = tray.registrations();
        let start = Instant::now();
        app.restart(desktop)?;
        // Closer together than the usual look, which is a tenth of what is measured.
        let mut looks = tokio::time::interval(Duration::from_millis(1));
        while tray.registrations() == before {
            ensure!(start.elapsed() < SOON, "no tray icon came: {}", app.log());
            looks.tick().await;
        }
        starts.push(start.elapsed().as_secs_f64() * 1e3);
    }
    starts.remove(0);
    let (median, _) = middle_and_worst(starts)?;
    row("exec to tray icon, median", median, "ms");
    Ok(())
}

async fn at_rest(app: &App) -> Result<()> {
    wait::until_age(Instant::now(), SETTLE).await;
    let (from, before) = (Instant::now(), app.usage()?);
    wait::until_age(from, REST).await;
    let (seconds, after) = (from.elapsed().as_secs_f64(), app.usage()?);
    row("memory at rest, window never opened (PSS)", after.memory_kb as f64 / 1e3, "MB");
    row(
        "processor at rest, polling every 10 s",
        after.cpu.saturating_sub(before.cpu).as_secs_f64() * 3600.0 / seconds,
        "s/h",
    );
    row("wake-ups at rest", after.wakeups.saturating_sub(before.wakeups) as f64 / seconds, "/s");
    Ok(())
}

/// Memory with the window open, and a while after it was closed.
async fn window(desktop: &Desktop, tray: &Tray, app: &App) -> Result<()> {
    tray.activate().await?;
    wait::until("the window", SOON, async || Ok(titles(desktop).await?.then_some(()))).await?;
    wait::until_age(Instant::now(), SETTLE).await;
    row("memory with the window open", app.usage()?.memory_kb as f64 / 1e3, "MB");
    close(desktop, app).await?;
    wait::until_age(Instant::now(), SETTLE).await;
    row("memory a while after it was closed", app.usage()?.memory_kb as f64 / 1e3, "MB");
    Ok(())
}

/// Closes the window and waits until its processes have gone.
async fn close(desktop: &Desktop, app: &App) -> Result<()> {
    // The window manager takes the key only once the window has the focus.
    wait::until("the window to go", SOON, async || {
        desktop.run("xdotool", &["search", "--onlyvisible", "--name", "^Herald$", "windowfocus"]).await.ok();
        desktop.run("xdotool", &["key", "--clearmodifiers", "alt+F4"]).await?;
        Ok((!titles(desktop).await?).then_some(()))
    })
    .await?;
    wait::until("the window's processes to go", SOON, async || Ok((app.usage()?.processes == 1).then_some(()))).await
}

/// From the hotkey to the first sign that lands in the text, with the window made anew and with it open.
async fn composer(desktop: &Desktop, app: &App) -> Result<()> {
    let keyboard = Keyboard::open(desktop)?;
    wish(app, json!({"wish": "open", "own": {"title": "Sign-in fails"}, "page": null})).await?;
    row("hotkey to composer, window made anew", first_sign(&keyboard, app).await?, "ms");
    wish(app, json!({"wish": "discard", "incident": 1})).await?;
    keyboard.press("Ctrl+1")?;
    wait::until_age(Instant::now(), Duration::from_secs(1)).await;
    row("hotkey to composer, window open", first_sign(&keyboard, app).await?, "ms");
    wish(app, json!({"wish": "discard", "incident": 1})).await?;
    wish(app, json!({"wish": "end", "incident": 1, "yes": true})).await?;
    close(desktop, app).await
}

/// Presses the hotkey and types numbers without a pause; the first number that is in the draft says when the composer
/// was ready for it.
async fn first_sign(keyboard: &Keyboard, app: &App) -> Result<f64> {
    let start = Instant::now();
    keyboard.press("Ctrl+Alt+U")?;
    let mut typed = vec![];
    while start.elapsed() < TYPED_FOR {
        typed.push(start.elapsed());
        for sign in format!("x{:03}", typed.len() - 1).chars() {
            keyboard.press(&sign.to_string())?;
        }
    }
    let last = format!("x{:03}", typed.len() - 1);
    let body = wait::until("the draft", SOON, async || {
        let view = app.ask(&json!({"ask": "status"}), SOON).await?["view"].take();
        let body = view["incidents"][0]["compose"]["text"]["body"].as_str().unwrap_or_default().to_owned();
        Ok(body.ends_with(&last).then_some(body))
    })
    .await?;
    let number = body.split('x').nth(1).and_then(|it| it.parse::<usize>().ok()).context("no number was typed")?;
    Ok(typed.get(number).context("a number that was not typed")?.as_secs_f64() * 1e3)
}

async fn wish(app: &App, wish: serde_json::Value) -> Result<()> {
    let command = json!({"do": "incident", "wish": wish});
    let reply = app.ask(&json!({"ask": "command", "command": command}), SOON).await?;
    ensure!(reply["answer"] == "done", "answered with {reply}");
    Ok(())
}

async fn titles(desktop: &Desktop) -> Result<bool> {
    Ok(desktop.window_titles().await?.iter().any(|title| title == "Herald"))
}

/// From PagerDuty's answer with a new page to its notification on the bus, disk and all. The question's arrival is
/// what the practice world knows; it answers within a millisecond or two, which is counted in.
async fn answers(world: &World, notifications: &Notifications) -> Result<()> {
    let mut spans = Vec::new();
    for number in 0..PAGES {
        let title = format!("Bench {number}");
        world.do_now(Act::Trigger(Trigger {
            page: Some(title.clone()),
            title: title.clone(),
            ..Trigger::default()
        }))?;
        let told = notifications.until_visible("the page", 2 * SOON, |note| note.summary.contains(&title)).await?;
        let asked =
            world.requests().into_iter().rev().find(|it| it.path.starts_with("/incidents?")).context("no poll")?;
        let age = (world.now() - asked.at).to_std().unwrap_or_default();
        spans.push(age.saturating_sub(told.at.elapsed()).as_secs_f64() * 1e3);
        world.do_now(Act::Resolve(Resolve { page: title.clone(), by: None }))?;
        notifications.until_gone("the page", 4 * SOON, |note| note.summary.contains(&title)).await?;
    }
    let (median, worst) = middle_and_worst(spans)?;
    row("question to notification, median", median, "ms");
    row("question to notification, worst", worst, "ms");
    Ok(())
}

/// What a poll with very many open pages costs, when all are new and when nothing changed.
async fn storm(world: &World, app: &App) -> Result<()> {
    let memory = app.usage()?.memory_kb;
    let before = app.usage()?.cpu;
    world.do_now(Act::Trigger(Trigger {
        page: Some("storm".into()),
        title: "Service {n} down".into(),
        count: Some(STORM),
        ..Trigger::default()
    }))?;
    passes(world, 1).await;
    wait::until_age(Instant::now(), Duration::from_secs(2)).await;
    let after = app.usage()?;
    row("processor for a poll with 10,000 new pages", after.cpu.saturating_sub(before).as_secs_f64() * 1e3, "ms");
    row("memory that they take", after.memory_kb.saturating_sub(memory) as f64 / 1e3, "MB");
    let before = app.usage()?.cpu;
    passes(world, STORM_POLLS).await;
    let each = app.usage()?.cpu.saturating_sub(before).as_secs_f64() * 1e3 / STORM_POLLS as f64;
    row("processor for one with 10,000 old pages", each, "ms");
    Ok(())
}

/// Waits until the last list page of that many further polls was answered.
async fn passes(world: &World, count: usize) {
    let last = |world: &World| {
        world.requests().iter().filter(|it| it.path.contains(&format!("offset={}", STORM - 100))).count()
    };
    let before = last(world);
    world.until(|world| last(world) >= before + count).await;
}

fn middle_and_worst(mut values: Vec<f64>) -> Result<(f64, f64)> {
    values.sort_by(f64::total_cmp);
    let median = *values.get(values.len() / 2).context("nothing was measured")?;
    Ok((median, *values.last().context("nothing was measured")?))
}
