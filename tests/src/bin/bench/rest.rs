//! What Herald costs while nothing happens, beside a bare tray item and Nagstamon, all at the same time.

use std::time::{Duration, Instant};

use anyhow::Result;
use herald_tests::usage::{self, Usage};
use herald_tests::wait;

use crate::desk::{Desk, settle};
use crate::nagstamon::Nagstamon;
use crate::peers::{self, Started};
use crate::table::{Beside, Taken};

/// Time over which processor and wake-ups are counted: twelve polls and more.
const COUNTED: Duration = Duration::from_secs(180);

pub async fn take(taken: &mut Taken) -> Result<()> {
    let desk = Desk::start().await?;
    let bare = peers::bare().and_then(|program| Started::on(&desk.desktop, &program, &["tray"]));
    let nagstamon = Nagstamon::start(&desk.desktop, &desk.tray).await;
    settle().await;
    settle().await;
    let pids = [
        Ok(desk.app.pid()?),
        bare.as_ref().map(Started::pid).map_err(|error| format!("{error:#}")),
        nagstamon.as_ref().map(Nagstamon::pid).map_err(|error| format!("{error:#}")),
    ];
    let before = pids.clone().map(usage_of);
    let from = Instant::now();
    wait::until_age(from, COUNTED).await;
    let seconds = from.elapsed().as_secs_f64();
    let each = pids.into_iter().zip(before).zip([None, Some(Beside::Floor), Some(Beside::Peer)]);
    for ((pid, before), beside) in each {
        let both = before.and_then(|before| Ok((before, usage_of(pid)?)));
        let mut put = |key, figure: fn(&Usage, &Usage, f64) -> f64| {
            let outcome = match &both {
                Ok((before, after)) => Ok(figure(before, after, seconds)),
                Err(error) => Err(anyhow::anyhow!("{error:#}")),
            };
            match beside {
                None => taken.put(key, outcome),
                Some(beside) => taken.put_beside(key, beside, outcome),
            }
        };
        put("rest-memory", |_, after, _| after.resident_kb as f64 / 1e3);
        put("rest-cpu", |before, after, seconds| after.cpu_since(before).as_secs_f64() * 3600.0 / seconds);
        put("rest-wakeups", |before, after, seconds| after.wakeups_since(before) as f64 / seconds);
    }
    Ok(())
}

fn usage_of(pid: Result<u32, String>) -> Result<Usage> {
    usage::of_tree(pid.map_err(anyhow::Error::msg)?)
}
