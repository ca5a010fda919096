//! The figures of the last run, to be held against those of this one: `target/bench/figures.json`.

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::Result;
use herald_tests::desktop::root;
use serde_json::{Value, json};

use crate::table::{Beside, Outcome, Row, Taken};

/// Figures of earlier runs, by the keys of their rows.
pub type Last = BTreeMap<String, Value>;

/// Where everything of the bench is kept.
pub fn folder() -> PathBuf {
    std::env::var_os("HERALD_BENCH_DIR").map_or_else(|| root().join("target/bench"), PathBuf::from)
}

/// What earlier runs came to; nothing where there was none.
pub fn read() -> Last {
    let text = std::fs::read_to_string(folder().join("figures.json")).unwrap_or_default();
    serde_json::from_str(&text).unwrap_or_default()
}

/// The figure of a row in the last run that took it.
pub fn figure(last: &Last, row: &Row) -> Option<f64> {
    last.get(row.key)?["measured"].as_f64()
}

/// Keeps this run's figures; those of rows that it did not take stay.
pub fn write(rows: &[&Row], taken: &Taken, mut last: Last) -> Result<()> {
    for row in rows {
        let beside = |which| taken.beside(row, which).and_then(|it| it.figure());
        if let Outcome::Measured(figure) = taken.of(row) {
            let (floor, peer) = (beside(Beside::Floor), beside(Beside::Peer));
            let kept = json!({
                "what": row.what, "unit": row.unit, "measured": figure, "target": taken.target(row),
                "floor": floor, "peer": peer,
            });
            last.insert(row.key.into(), kept);
        }
    }
    std::fs::create_dir_all(folder())?;
    Ok(std::fs::write(folder().join("figures.json"), serde_json::to_string_pretty(&last)? + "\n")?)
}
