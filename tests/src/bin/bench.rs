//! Measures what Herald costs at rest and how fast it starts. Run alone, on the release program: `make bench`.

#![expect(clippy::print_stdout, reason = "the figures are the output")]

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use herald_tests::keyring::Keyring;
use herald_tests::notifications::Notifications;
use herald_tests::tray::Tray;
use herald_tests::wait::{self, SOON};
use herald_tests::{App, Desktop};

/// Starts to take the middle of; the first one warms the caches up and does not count.
const STARTS: usize = 11;

/// Time after a start in which things settle.
const SETTLE: Duration = Duration::from_secs(10);

/// Time over which processor and wake-ups are counted.
const REST: Duration = Duration::from_secs(60);

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let desktop = Desktop::start().await?;
    let _notifications = Notifications::start(&desktop).await?;
    let _keyring = Keyring::start(&desktop).await?;
    let tray = Tray::start(&desktop).await?;
    let mut app = App::prepare(&desktop, &[]).await?;
    let size = std::fs::metadata(app.binary())?.len() as f64 / 1e6;
    println!("program                         {size:8.1} MB   {}", app.binary().display());

    let mut starts = Vec::new();
    for _ in 0..STARTS {
        app.end();
        let before = tray.registrations();
        let start = Instant::now();
        app.restart(&desktop)?;
        // Closer together than the usual look, which is a tenth of what is measured.
        let mut looks = tokio::time::interval(Duration::from_millis(1));
        while tray.registrations() == before {
            ensure!(start.elapsed() < SOON, "no tray icon came: {}", app.log());
            looks.tick().await;
        }
        starts.push(start.elapsed());
    }
    starts.remove(0);
    starts.sort_unstable();
    let middle = starts.get(starts.len() / 2).context("no start was measured")?;
    println!("exec to tray icon, median       {:8.0} ms", middle.as_secs_f64() * 1e3);

    wait::until_age(Instant::now(), SETTLE).await;
    let (from, before) = (Instant::now(), app.usage()?);
    wait::until_age(from, REST).await;
    let (seconds, after) = (from.elapsed().as_secs_f64(), app.usage()?);
    println!("memory at rest (PSS of {} proc.) {:8.1} MB", after.processes, after.memory_kb as f64 / 1e3);
    let cpu = after.cpu.saturating_sub(before.cpu).as_secs_f64() * 3600.0 / seconds;
    println!("processor at rest               {cpu:8.2} s/h");
    let wakeups = after.wakeups.saturating_sub(before.wakeups) as f64 / seconds;
    println!("wake-ups at rest                {wakeups:8.2} /s");
    Ok(())
}
