//! Measures what Herald costs and how fast it is, on release programs and a private desktop: `make bench`.
//!
//! Each row is held against its target and, where there is one, against a floor or a peer of the same run. A figure that
//! could not be taken is a failure; a target that is missed is only shown.

#![expect(clippy::print_stdout, reason = "the figures are the output")]

mod answers;
mod arrivals;
mod crowd;
mod curves;
mod desk;
mod keys;
mod last;
mod nagstamon;
mod peers;
mod polls;
mod print;
mod rest;
mod rows;
mod screen;
mod sizes;
mod start;
mod status;
mod still;
mod table;
mod topic;
mod window;

use std::process::ExitCode;

use anyhow::{Result, ensure};

use crate::rows::ROWS;
use crate::table::{Outcome, Row, Taken};
use crate::topic::Topic;

#[tokio::main]
async fn main() -> Result<ExitCode> {
    let only = std::env::args().nth(1).unwrap_or_default().to_lowercase();
    let wanted: Vec<&Row> = ROWS.iter().filter(|row| row.key.contains(&only) || row.what.contains(&only)).collect();
    ensure!(!wanted.is_empty(), "no row is called {only:?}; there are: {}", keys_of(ROWS.iter()));
    let mut taken = Taken::default();
    for topic in Topic::ALL {
        let rows: Vec<&Row> = wanted.iter().copied().filter(|row| row.topic == topic).collect();
        if rows.is_empty() {
            continue;
        }
        print::progress(&format!("{topic:?}: {}", keys_of(rows.iter().copied())));
        if let Err(error) = topic.take(&mut taken).await {
            taken.missing(&rows, &format!("{error:#}"));
        }
    }
    let last = last::read();
    println!("{}", print::table(&wanted, &taken, &last));
    last::write(&wanted, &taken, last)?;
    let whole = wanted.iter().all(|row| matches!(taken.of(row), Outcome::Measured(_)) && taken.target(row).is_some());
    Ok(if whole { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn keys_of<'a>(rows: impl Iterator<Item = &'a Row>) -> String {
    rows.map(|row| row.key).collect::<Vec<_>>().join(", ")
}
