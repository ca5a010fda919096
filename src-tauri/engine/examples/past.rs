//! Measures searches and key figures over a long past: 10,000 incidents with 100,000 updates. Part of `make bench`.

#![expect(clippy::print_stdout, reason = "the figures are the output")]

use std::error::Error;
use std::time::Instant;

use chrono::{DateTime, TimeDelta};
use herald_core::feed::Update;
use herald_core::history::{HistoryQuery, PastKind};
use herald_core::incident::{Kept, Own};
use herald_core::kpi::KpiAsk;
use herald_core::{Change, Incident, Phase, Severity, Time};
use herald_engine::Archive;
use herald_engine::store::{Store, StoreError};

const INCIDENTS: i64 = 10_000;
const UPDATES: i64 = 10;
/// Times that each thing is asked; the middle counts.
const TIMES: usize = 11;
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

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::temp_dir().join(format!("herald-bench-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let measured = measure(&folder);
    std::fs::remove_dir_all(&folder)?;
    measured
}

fn measure(folder: &std::path::Path) -> Result<(), Box<dyn Error>> {
    let start = DateTime::from_timestamp(1_735_689_600, 0).ok_or("no time")?;
    let mut store = Store::open(folder, start).store?;
    let changes: Vec<Change> = (1..=INCIDENTS).flat_map(|id| incident(id, start)).collect();
    for batch in changes.chunks(BATCH) {
        store.commit(batch)?;
    }
    let archive = Archive::of(folder);
    let said = |words: &str| HistoryQuery { words: words.into(), ..HistoryQuery::default() };
    let cases = [
        ("the newest", HistoryQuery::default()),
        ("one rare word", said("7321")),
        ("a word that all have, newest first", said("investigating")),
        ("the same, best first", HistoryQuery { best_first: true, ..said("investigating") }),
        ("two words, half typed", said("registry certif")),
        (
            "incidents of one severity",
            HistoryQuery { kind: Some(PastKind::Incident), severity: Some(Severity::S1), ..said("") },
        ),
        (
            "what nothing fits",
            HistoryQuery {
                kind: Some(PastKind::Update),
                mine: true,
                severity: Some(Severity::S4),
                ..said("investigating")
            },
        ),
    ];
    for (what, query) in cases {
        row(&format!("search: {what}"), || archive.search(&query))?;
    }
    let now = start + TimeDelta::days(730);
    let all = KpiAsk::Between { from: start, to: now };
    row("key figures of a quarter", || archive.kpis(KpiAsk::Quarter { year: 2026, quarter: 3 }, now))?;
    row("key figures of two years", || archive.kpis(all, now))?;
    row("opening an incident", || archive.incident(INCIDENTS / 2))
}

/// Ten updates within a few hours, one incident after the other over two years.
fn incident(id: i64, start: Time) -> [Change; 2] {
    let since = start + TimeDelta::minutes(id * 105);
    let word = |nth: i64| WORDS[usize::try_from((id * 7 + nth * 5) % 12).unwrap_or_default()];
    let mut it = Incident::new(since);
    it.own = Own {
        title: Some(format!("{} {} {id}", word(1), word(2))),
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

fn row<T>(what: &str, mut ask: impl FnMut() -> Result<T, StoreError>) -> Result<(), Box<dyn Error>> {
    let mut took = vec![];
    for _ in 0..TIMES {
        let from = Instant::now();
        ask()?;
        took.push(from.elapsed().as_secs_f64() * 1e3);
    }
    took.sort_by(f64::total_cmp);
    println!("{what:<44} {:>9.1} ms", took[TIMES / 2]);
    Ok(())
}
