//! From PagerDuty's answer with a new page to its notification on the bus, its commit included.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use herald_practice::{Act, Resolve};
use herald_tests::wait::SOON;

use crate::desk::{Desk, at, median, ms, settle};
use crate::peers;
use crate::table::{Beside, Taken};

/// Pages, one after the other.
const PAGES: usize = 500;

pub async fn take(taken: &mut Taken) -> Result<()> {
    let desk = Desk::start().await?;
    settle().await;
    let floors = match peers::bare() {
        Ok(bare) => floor(&desk, &bare).await,
        Err(error) => Err(error),
    };
    let spans = of_pages(&desk, PAGES).await?;
    taken.put("answer-median", median(spans.clone()));
    taken.put("answer-p99", at(0.99, spans));
    let each = |share| match &floors {
        Ok(spans) => at(share, spans.clone()),
        Err(error) => Err(anyhow::anyhow!("{error:#}")),
    };
    taken.put_beside("answer-median", Beside::Floor, each(0.5));
    taken.put_beside("answer-p99", Beside::Floor, each(0.99));
    Ok(())
}

/// Triggers so many pages, one after the other, and says how long each took, in milliseconds.
pub async fn of_pages(desk: &Desk, count: usize) -> Result<Vec<f64>> {
    let mut spans = vec![];
    let mut seen = 0;
    for number in 0..count {
        let title = format!("Bench {number} down");
        desk.trigger(&title, &title, 1)?;
        desk.poll().await?;
        let told = desk.notifications.until_there(&title, SOON).await?;
        let requests = desk.world.requests_since(seen);
        let lists = requests.iter().filter(|it| it.path.starts_with("/incidents?"));
        let (now, told) = (desk.world.now(), told.elapsed());
        let answered = lists.filter_map(|it| (now - it.answered_at?).to_std().ok()?.checked_sub(told));
        // The last list that was answered before the notification came.
        spans.push(ms(answered.min().context("the page came without a list")?));
        seen = requests.last().map_or(seen, |it| it.seq);
        desk.world.do_now(Act::Resolve(Resolve { page: title.clone(), by: None }))?;
        desk.poll().await?;
        desk.notifications.until_gone(&title, 2 * SOON).await?;
    }
    Ok(spans)
}

/// The same number of bare calls of `Notify`, from the call to its arrival.
async fn floor(desk: &Desk, bare: &Path) -> Result<Vec<f64>> {
    let pages = PAGES.to_string();
    desk.desktop.run(bare, &["notify", &pages]).await?;
    let span = |(arrived, called): (Instant, String)| {
        // Both clocks are the computer's.
        let now = Duration::from_nanos(desk.world.now().timestamp_nanos_opt()?.try_into().ok()?);
        Some(ms(now.checked_sub(Duration::from_nanos(called.parse().ok()?))?.checked_sub(arrived.elapsed())?))
    };
    let spans: Vec<f64> = desk.notifications.marked("called ").into_iter().filter_map(span).collect();
    ensure!(spans.len() == PAGES, "only {} of {PAGES} notifications came", spans.len());
    Ok(spans)
}
