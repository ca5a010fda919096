//! From exec to the tray icon, and to the first poll: with nothing saved, and with a long past.

use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use herald_practice::{Request, World};
use herald_tests::wait::{self, SOON};

use crate::desk::{Desk, median, ms};
use crate::peers::{self, Started};
use crate::table::{Beside, Taken};
use crate::{last, nagstamon};

/// Starts to take the middle of; the first one warms the caches up and does not count.
const STARTS: usize = 21;
/// Nagstamon takes half a second each time.
const PEER_STARTS: usize = 6;

/// The past that the growth curves have made (`engine/benches/growth`).
const PAST: &str = "past/1000000";

pub async fn take(taken: &mut Taken) -> Result<()> {
    let desk = Desk::prepared().await?;
    let folder = desk.app.data_dir().to_string_lossy().into_owned();
    let (herald, args) = (desk.app.binary().to_owned(), ["--hidden", "--data-dir", &folder]);
    taken.put("start-empty", starts(&desk, &herald, &args, STARTS).await);
    let floor = match peers::bare() {
        Ok(bare) => starts(&desk, &bare, &["tray"], STARTS).await,
        Err(error) => Err(error),
    };
    let again = floor.as_ref().map(|it| *it).map_err(|error| anyhow::anyhow!("{error:#}"));
    taken.put_beside("start-empty", Beside::Floor, floor);
    taken.put_beside("start-past", Beside::Floor, again);
    taken.put_beside(
        "start-empty",
        Beside::Peer,
        match nagstamon::prepare(&desk.desktop) {
            Ok((program, folder)) => starts(&desk, &program, &[&folder], PEER_STARTS).await,
            Err(error) => Err(error),
        },
    );
    taken.put("poll-empty", polls(&desk, &herald, &args).await);
    give_past(&desk).await?;
    taken.put("start-past", starts(&desk, &herald, &args, STARTS).await);
    taken.put("poll-past", polls(&desk, &herald, &args).await);
    Ok(())
}

/// Lays a long past into the folder.
async fn give_past(desk: &Desk) -> Result<()> {
    let past = last::folder().join(PAST);
    let files = std::fs::read_dir(&past).with_context(|| format!("{} is missing: run `make bench`", past.display()))?;
    for file in files.flatten() {
        let name = file.file_name();
        if name.to_string_lossy().starts_with("herald.db") {
            std::fs::copy(file.path(), desk.app.data_dir().join(name))?;
        }
    }
    // What it connects to is in the database, too.
    let url = desk.world.url();
    let connect = ["connect", "pagerduty", "--url", &url];
    let answer = desk.app.cli_with(&desk.desktop, &connect, &desk.world.tokens().user).await?;
    ensure!(answer.code == Some(0), "not connected: {}", answer.stderr);
    Ok(())
}

/// The middle of many starts until PagerDuty is asked for pages, in milliseconds.
async fn polls(desk: &Desk, program: &Path, args: &[&str]) -> Result<f64> {
    let mut took = vec![];
    for _ in 0..STARTS {
        let before = desk.world.requests_since(0).len();
        let asked = |world: &World| {
            let first = |it: &Request| it.path.starts_with("/incidents?");
            world.requests_since(0).into_iter().skip(before).find(first)
        };
        let started = Started::on(&desk.desktop, program, args)?;
        let came = tokio::time::timeout(SOON, desk.world.until(|world| asked(world).is_some())).await;
        came.context("PagerDuty was not asked")?;
        let at = asked(&desk.world).context("no question")?.at;
        // Both clocks are the computer's.
        let ago = (desk.world.now() - at).to_std()?;
        took.push(ms(started.at.elapsed().saturating_sub(ago)));
        started.end().await?;
    }
    took.remove(0);
    median(took)
}

/// The middle of many starts, in milliseconds.
async fn starts(desk: &Desk, program: &Path, args: &[&str], count: usize) -> Result<f64> {
    let mut took = vec![];
    for _ in 0..count {
        let before = desk.tray.registrations();
        let started = Started::on(&desk.desktop, program, args)?;
        let came = wait::until_true("a tray icon", SOON, || desk.tray.registrations() > before).await;
        came.with_context(|| program.display().to_string())?;
        let at = desk.tray.registered_at().context("no time")?;
        took.push(ms(at.duration_since(started.at)));
        started.end().await?;
    }
    took.remove(0);
    median(took)
}
