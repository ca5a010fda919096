//! What a window needs of memory, and what it leaves behind.

use anyhow::{Context as _, Result};
use herald_tests::process::children;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::json;

use crate::desk::{Desk, settle};
use crate::table::{Beside, Taken};

pub async fn take(taken: &mut Taken) -> Result<()> {
    let mut desk = Desk::prepared().await?;
    desk.own_libraries().await?;
    // A hidden window is usually kept for a minute.
    desk.desktop.set_env("HERALD_WINDOW_KEPT_S", "1");
    desk.restart().await?;
    settle().await;
    let before = alone(&desk);
    desk.open_window().await?;
    settle().await;
    desk.close_window().await?;
    desk.until_window_gone().await?;
    settle().await;
    taken.put("memory-after-window", alone(&desk));
    calling(&desk, taken).await?;
    for key in ["memory-after-window", "memory-after-window-calling"] {
        let before = before.as_ref().map(|it| *it).map_err(|error| anyhow::anyhow!("{error:#}"));
        taken.put_beside(key, Beside::Floor, before);
    }
    full(&desk, taken).await
}

/// A window that was kept because a page called, and died.
async fn calling(desk: &Desk, taken: &mut Taken) -> Result<()> {
    desk.trigger("calling", "Sign-in is down", 1)?;
    desk.poll().await?;
    desk.until_shown(1, 0).await?;
    desk.open_window().await?;
    settle().await;
    desk.close_window().await?;
    let window = children(desk.app.pid()?).pop().context("the window was not kept")?;
    kill(Pid::from_raw(i32::try_from(window)?), Signal::SIGTERM)?;
    desk.until_window_gone().await?;
    settle().await;
    taken.put("memory-after-window-calling", alone(desk));
    Ok(())
}

/// The window with a hundred pages and three incidents in it, open and then kept hidden.
async fn full(desk: &Desk, taken: &mut Taken) -> Result<()> {
    desk.trigger("more", "Service {n} down", 99)?;
    for title in ["Sign-in fails", "Pipelines are slow", "Registry is down"] {
        desk.wish(json!({"wish": "open", "own": {"title": title, "severity": "s2"}, "page": null})).await?;
    }
    desk.poll().await?;
    desk.until_shown(100, 3).await?;
    desk.open_window().await?;
    settle().await;
    settle().await;
    desk.until_shown(100, 3).await?;
    taken.put("window-memory", together(desk));
    desk.close_window().await?;
    settle().await;
    settle().await;
    taken.put("window-hidden-memory", together(desk));
    Ok(())
}

/// Memory of the watch alone, in MB.
fn alone(desk: &Desk) -> Result<f64> {
    let usage = desk.app.usage()?;
    anyhow::ensure!(usage.processes == 1, "a window is there");
    Ok(usage.resident_kb as f64 / 1e3)
}

/// Memory of watch and window together, in MB.
fn together(desk: &Desk) -> Result<f64> {
    let usage = desk.app.usage()?;
    anyhow::ensure!(usage.processes > 1, "there is no window");
    Ok(usage.shared_kb as f64 / 1e3)
}
