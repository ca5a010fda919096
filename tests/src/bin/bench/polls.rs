//! What a poll of very many open pages costs the processor, when nothing has changed and when all of them have.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use herald_practice::{Act, ByUser, Edit, World};
use herald_tests::{usage, wait};

use crate::desk::{Desk, median, ms, settle};
use crate::peers;
use crate::table::{Beside, Taken};

/// Open pages: the longest list that PagerDuty hands out.
const PAGES: u32 = 10_000;
/// Polls to take the middle of.
const POLLS: usize = 5;
/// Pages of a list that PagerDuty hands out at a time.
const LISTED: u32 = 100;
/// Longest that all lists together may take.
const POLL_MAX: Duration = Duration::from_secs(120);

pub async fn take(taken: &mut Taken) -> Result<()> {
    let desk = Desk::start().await?;
    desk.trigger("storm", "Service {n} down", PAGES)?;
    polled(&desk).await?;
    // Taken pages call nobody: what is measured is the poll and not the alarm.
    let me = desk.world.cast().me;
    desk.world.do_now(Act::Acknowledge(ByUser { page: "all".into(), by: me }))?;
    polled(&desk).await?;
    desk.until_known(PAGES.into()).await?;
    settle().await;
    let mut same = vec![];
    for _ in 0..POLLS {
        same.push(ms(polled(&desk).await?));
    }
    taken.put("poll-same", median(same));
    let mut changed = vec![];
    for number in 0..POLLS {
        let title = Some(format!("Service down, {number}"));
        desk.world.do_now(Act::Edit(Edit { page: "all".into(), title, ..Edit::default() }))?;
        changed.push(ms(polled(&desk).await?));
    }
    taken.put("poll-changed", median(changed));
    let floor = || peers::bare().and_then(|bare| floor(&desk, &bare));
    taken.put_beside("poll-same", Beside::Floor, floor());
    taken.put_beside("poll-changed", Beside::Floor, floor());
    Ok(())
}

/// One whole poll that was asked for, and the processor time that it took.
async fn polled(desk: &Desk) -> Result<Duration> {
    let pid = desk.app.pid()?;
    let before = (usage::cpu(pid)?, last_lists(&desk.world));
    desk.poll().await?;
    let passed = desk.world.until(|world| last_lists(world) > before.1);
    tokio::time::timeout(POLL_MAX, passed).await.context("the lists were not read to their end")?;
    // What was read is still to be decided about, and saved.
    wait::until_age(Instant::now(), Duration::from_secs(2)).await;
    Ok(usage::cpu(pid)?.saturating_sub(before.0))
}

/// How often the last page of the list was answered.
fn last_lists(world: &World) -> usize {
    let last = format!("offset={}", PAGES - LISTED);
    let answered = |it: &herald_practice::Request| it.path.contains(&last) && it.answered_at.is_some();
    world.requests_since(0).iter().filter(|it| answered(it)).count()
}

/// Reading the same lists and parsing them, and nothing else.
fn floor(desk: &Desk, bare: &std::path::Path) -> Result<f64> {
    let requests = desk.world.requests_since(0);
    let first = |it: &&herald_practice::Request| it.path.starts_with("/incidents?") && it.path.contains("offset=0");
    let path = requests.iter().rev().find(first).context("no list was asked for")?.path.clone();
    let (address, token) = (desk.world.url(), desk.world.tokens().user);
    let pages = (PAGES / LISTED).to_string();
    let args = ["lists", address.trim_start_matches("http://"), &path, &token, &pages];
    let (said, _, cpu) = peers::run(&desk.desktop, bare, &args)?;
    ensure!(said.trim() == PAGES.to_string(), "it read {said} pages");
    Ok(ms(cpu))
}
