//! What the open window costs while nobody touches it.

use std::time::{Duration, Instant};

use anyhow::Result;
use herald_tests::wait;
use serde_json::json;

use crate::desk::Desk;
use crate::table::Taken;

/// Whatever moves for a moment after something has happened has come to rest by then.
const REST_AFTER: Duration = Duration::from_secs(30);
/// Time over which is counted.
const COUNTED: Duration = Duration::from_secs(60);

pub async fn take(taken: &mut Taken) -> Result<()> {
    let desk = Desk::start().await?;
    desk.wish(json!({"wish": "open", "own": {"title": "Sign-in fails", "severity": "s2"}, "page": null})).await?;
    desk.open_window().await?;
    desk.until_shown(0, 1).await?;
    let (cpu, wakeups) = counted(&desk).await?;
    taken.put("window-incident-cpu", Ok(cpu));
    taken.put("window-incident-wakeups", Ok(wakeups));
    desk.trigger("calling", "Sign-in is down", 1)?;
    desk.poll().await?;
    desk.until_shown(1, 1).await?;
    let (cpu, wakeups) = counted(&desk).await?;
    taken.put("window-page-cpu", Ok(cpu));
    taken.put("window-page-wakeups", Ok(wakeups));
    Ok(())
}

/// Seconds of processor an hour, and wake-ups a second, of all processes.
async fn counted(desk: &Desk) -> Result<(f64, f64)> {
    wait::until_age(Instant::now(), REST_AFTER).await;
    let (from, before) = (Instant::now(), desk.app.usage()?);
    wait::until_age(from, COUNTED).await;
    let (seconds, after) = (from.elapsed().as_secs_f64(), desk.app.usage()?);
    anyhow::ensure!(after.processes == before.processes, "processes came or went meanwhile");
    let cpu = after.cpu_since(&before).as_secs_f64() * 3600.0 / seconds;
    Ok((cpu, after.wakeups_since(&before) as f64 / seconds))
}
