//! Searches and key figures, by the number of updates that were ever published.

use std::path::{Path, PathBuf};

use chrono::{DateTime, TimeDelta};
use criterion::{BenchmarkId, Criterion};
use herald_core::feed::Update;
use herald_core::history::{HistoryQuery, PastKind};
use herald_core::incident::{Kept, Own};
use herald_core::kpi::KpiAsk;
use herald_core::{Change, Incident, Phase, Severity, Time};
use herald_engine::Archive;
use herald_engine::store::{Store, StoreError};

use crate::unhurried;

const SIZES: [i64; 4] = [1_000, 10_000, 100_000, 1_000_000];
/// A word that stands in the title of this incident alone.
const RARE: (i64, &str) = (42, "quokka");
/// Updates of each incident.
const UPDATES: i64 = 10;
/// Minutes from one incident to the next at the usual size: two years hold a hundred thousand updates.
const APART: i64 = 105;
/// Changes that are committed together.
const BATCH: usize = 500;
const WORDS: [&str; 12] = [
    "pipelines",
    "registry",
    "sign-in",
    "delays",
    "errors",
    "certificate",
    "customers",
    "database",
    "network",
    "mail",
    "search",
    "pages",
];

pub fn searches(criterion: &mut Criterion) {
    let said = |words: &str| HistoryQuery { words: words.into(), ..HistoryQuery::default() };
    let nothing = HistoryQuery {
        kind: Some(PastKind::Update),
        mine: true,
        severity: Some(Severity::S4),
        ..said("investigating")
    };
    let cases = [
        ("the newest", HistoryQuery::default()),
        ("a rare word", said(RARE.1)),
        ("a word that all have", said("investigating")),
        ("the same, best first", HistoryQuery { best_first: true, ..said("investigating") }),
        ("two words, half typed", said("registry certif")),
        ("what nothing fits", nothing),
    ];
    for (what, query) in cases {
        unhurried(criterion, &format!("search: {what}"), |group| {
            for size in SIZES {
                let archive = Archive::of(&past(size));
                group.bench_with_input(BenchmarkId::from_parameter(size), &query, |bencher, query| {
                    bencher.iter(|| archive.search(query).expect("the past is there"));
                });
            }
        });
    }
}

pub fn figures(criterion: &mut Criterion) {
    let now = start() + TimeDelta::days(730);
    let asks = [
        ("a quarter", KpiAsk::Quarter { year: 2026, quarter: 3 }),
        ("two years", KpiAsk::Between { from: start(), to: now }),
    ];
    for (what, ask) in asks {
        unhurried(criterion, &format!("key figures of {what}"), |group| {
            for size in SIZES {
                let archive = Archive::of(&past(size));
                group.bench_with_input(BenchmarkId::from_parameter(size), &ask, |bencher, ask| {
                    bencher.iter(|| archive.kpis(*ask, now).expect("the past is there"));
                });
            }
        });
    }
}

/// When the first incident began.
fn start() -> Time {
    DateTime::from_timestamp(1_735_689_600, 0).expect("in range")
}

/// A data folder with so many updates, made once.
fn past(updates: i64) -> PathBuf {
    let root = std::env::var_os("HERALD_BENCH_DIR")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/bench"), PathBuf::from);
    let folder = root.join("past").join(updates.to_string());
    let whole = folder.join("whole");
    if !whole.exists() {
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).expect("a folder");
        fill(&folder, updates / UPDATES).expect("the store takes the past");
        std::fs::write(&whole, "").expect("a mark");
    }
    folder
}

fn fill(folder: &Path, incidents: i64) -> Result<(), StoreError> {
    let mut store = Store::open(folder, start()).store?;
    let apart = (APART * 10_000 / incidents.max(1)).max(1);
    let changes: Vec<i64> = (1..=incidents).collect();
    for batch in changes.chunks(BATCH) {
        let batch: Vec<Change> = batch.iter().flat_map(|id| incident(*id, apart)).collect();
        store.commit(&batch)?;
    }
    Ok(())
}

/// Ten updates within a few hours, and what remains of the incident.
fn incident(id: i64, apart: i64) -> [Change; 2] {
    let since = start() + TimeDelta::minutes(id * apart);
    let word = |nth: i64| WORDS[usize::try_from((id * 7 + nth * 5) % 12).unwrap_or_default()];
    let mut it = Incident::new(since);
    it.own = Own {
        title: Some(format!("{} {} {id} {}", word(1), word(2), if id == RARE.0 { RARE.1 } else { "" })),
        severity: Some(Severity::ALL[usize::try_from(id % 3).unwrap_or_default()]),
        ..Own::default()
    };
    for nth in 0..UPDATES {
        let at = since + TimeDelta::minutes(nth * 15);
        let text = format!(
            "We are investigating {} with {} for some {}. Next update in 15 minutes.",
            word(nth),
            word(nth + 1),
            word(nth + 2)
        );
        let phase = if nth + 1 == UPDATES { Phase::Resolved } else { Phase::Identified };
        it.updates.push(Update { at, phase: Some(phase), impact: None, text, mine: nth % 2 == 0 });
        it.kept.push(Kept { update_at: at, due_at: at + TimeDelta::seconds(30 - nth * 5) });
    }
    it.ended_at = Some(since + TimeDelta::hours(3));
    [Change::Incident(id, Box::new(it)), Change::IncidentForgotten(id)]
}
