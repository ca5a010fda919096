//! Drives Herald through one path on each real desktop and says what held. Run by `make desktops`.

#![expect(clippy::print_stdout, reason = "the table is the output")]

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, Result, ensure};
use herald_tests::real::report::{self, Outcome, Report, Row};
use herald_tests::real::{Kind, Real, path};

#[tokio::main]
async fn main() -> Result<ExitCode> {
    let mut args = std::env::args().skip(1);
    let folder = PathBuf::from(args.next().context("usage: desktops FOLDER [NAME …]")?);
    let words: Vec<String> = args.collect();
    let chosen: Vec<Kind> = Kind::ALL
        .into_iter()
        .filter(|it| words.is_empty() || words.iter().any(|word| it.id().starts_with(word)))
        .collect();
    let names = Kind::ALL.map(Kind::id).join(", ");
    ensure!(!chosen.is_empty(), "there is no such desktop; there are {names}");
    std::fs::create_dir_all(&folder)?;
    let mut reports = Vec::new();
    for kind in chosen {
        println!("\n== {}", kind.title());
        reports.push(walk(kind, &folder).await);
    }
    let table = report::table(&reports);
    std::fs::write(folder.join("table.md"), &table)?;
    println!("\n{table}");
    let all: usize = reports.iter().map(|it| it.rows.len()).sum();
    let broke: usize = reports.iter().map(Report::broke).sum();
    println!("{} passed, {broke} failed", all - broke);
    Ok(if broke == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// A desktop that does not come up breaks only its own report.
async fn walk(kind: Kind, folder: &Path) -> Report {
    let walked = async { path::Path::start(Real::start(kind).await?, folder.to_owned()).await?.walk(tell).await };
    walked.await.unwrap_or_else(|error: anyhow::Error| {
        let row = Row { what: "the desktop comes up", how: Outcome::Broke(format!("{error:#}")) };
        tell(&row);
        Report { kind, version: String::new(), rows: vec![row] }
    })
}

fn tell(row: &Row) {
    match &row.how {
        Outcome::Held(said) => println!("held         {}: {said}", row.what),
        Outcome::NotOffered(said) => println!("not offered  {}: {said}", row.what),
        Outcome::Broke(said) => println!("BROKE        {}: {said}", row.what),
    }
}
