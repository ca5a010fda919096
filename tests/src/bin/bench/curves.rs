//! Figures of single parts, from the growth curves that criterion has just measured (`engine/benches/growth`).

use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use anyhow::{Context as _, Result, ensure};
use herald_tests::desktop::root;
use serde_json::Value;

use crate::table::Taken;

/// Rows, and the place of each on its curve.
const PLACES: [(&str, &str); 8] = [
    ("view-100", "view after one change/100"),
    ("view-1000", "view after one change/1000"),
    ("search-rare", "search_ a rare word/1000000"),
    ("search-common", "search_ a word that all have/1000000"),
    ("search-best", "search_ the same, best first/1000000"),
    ("search-nothing", "search_ what nothing fits/1000000"),
    ("figures-quarter", "key figures of a quarter/100000"),
    ("figures-years", "key figures of two years/100000"),
];

pub fn take(taken: &mut Taken) -> Result<()> {
    for (key, place) in PLACES {
        taken.put(key, measured(place));
    }
    Ok(())
}

/// The middle of a measurement of this run, in milliseconds.
fn measured(place: &str) -> Result<f64> {
    let file = target().join("criterion").join(place).join("new/estimates.json");
    let changed = std::fs::metadata(&file).and_then(|it| it.modified());
    let changed = changed.with_context(|| format!("{place} was not measured: run `make bench`"))?;
    ensure!(changed >= since()?, "{place} was not measured in this run");
    let estimates: Value = serde_json::from_str(&std::fs::read_to_string(&file)?)?;
    Ok(estimates["median"]["point_estimate"].as_f64().context("no estimate")? / 1e6)
}

fn target() -> PathBuf {
    std::env::var_os("HERALD_TARGET").map_or_else(|| root().join("target"), PathBuf::from)
}

/// When this run began, as `.ci/bench` says.
fn since() -> Result<SystemTime> {
    let seconds = std::env::var("HERALD_BENCH_SINCE").context("the growth curves are part of `make bench`")?;
    Ok(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds.parse()?))
}
