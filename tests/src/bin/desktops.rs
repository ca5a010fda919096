//! Drives Herald through one path on each real desktop and says what held. Run by `make desktops`.

#![expect(clippy::print_stdout, reason = "the table is the output")]

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context as _, Result, ensure};
use herald_tests::real::report::{self, Outcome, Report, Row};
use herald_tests::real::{Kind, Real, path, two};

/// What two of them at once are called on the command line.
const TWO: &str = "two";

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
    let both = words.is_empty() || words.iter().any(|word| TWO.starts_with(word.as_str()));
    ensure!(both || !chosen.is_empty(), "there is no such desktop; there are {names}, and {TWO} at once");
    std::fs::create_dir_all(&folder)?;
    let mut reports = Vec::new();
    for kind in chosen {
        println!("\n== {}", kind.title());
        let walked = async { path::Path::start(Real::start(kind).await?, folder.clone()).await?.walk(tell).await };
        reports.push(whole(kind.title(), walked.await));
    }
    if both {
        println!("\n== {}", two::NAME);
        reports.push(whole(two::NAME, two::walk(&folder, tell).await));
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
fn whole(desktop: &str, walked: Result<Report>) -> Report {
    walked.unwrap_or_else(|error| {
        let row = Row { what: "the desktop comes up", how: Outcome::Broke(format!("{error:#}")) };
        tell(&row);
        Report { desktop: desktop.into(), rows: vec![row] }
    })
}

fn tell(row: &Row) {
    match &row.how {
        Outcome::Held(said) => println!("held         {}: {said}", row.what),
        Outcome::NotOffered(said) => println!("not offered  {}: {said}", row.what),
        Outcome::Broke(said) => println!("BROKE        {}: {said}", row.what),
    }
}
