//! The table as it is read: in a terminal, and in `PERFORMANCE.md`.

use std::fmt::Write as _;

use crate::last::{self, Last};
use crate::table::{Beside, Outcome, Row, Taken};

/// Says what is being measured, which takes minutes.
#[expect(clippy::print_stderr, reason = "the table alone goes to standard output")]
pub fn progress(what: &str) {
    eprintln!("  {what}");
}

/// One line for each row, and why figures are missing.
pub fn table(rows: &[&Row], taken: &Taken, last: &Last) -> String {
    let mut text = String::from(
        "| what | unit | floor | peer | target | measured | of target | of floor | last run |\n|---|---|--:|--:|--:|--:|--:|--:|--:|\n",
    );
    let mut missing = String::new();
    for row in rows {
        let beside = |which| taken.beside(row, which);
        let (outcome, floor, peer, target) =
            (taken.of(row), beside(Beside::Floor), beside(Beside::Peer), taken.target(row));
        let (figure, least) = (outcome.figure(), floor.as_ref().and_then(Outcome::figure));
        let cells = [
            row.what.to_owned(),
            row.unit.to_owned(),
            cell(floor.as_ref()),
            cell(peer.as_ref()),
            target.map_or_else(|| "–".into(), short),
            cell(Some(&outcome)),
            times(figure, target),
            times(figure, least),
            change(figure, last::figure(last, row)),
        ];
        let _ = writeln!(text, "| {} |", cells.join(" | "));
        let named = [(Some(outcome), ""), (floor, ", floor"), (peer, ", peer")];
        for (outcome, which) in named {
            if let Some(Outcome::Missing(why)) = outcome {
                let _ = writeln!(missing, "missing: {}{which}: {}", row.what, why.replace('\n', " "));
            }
        }
    }
    format!("{text}\n{missing}")
}

fn cell(outcome: Option<&Outcome>) -> String {
    match outcome {
        None => String::new(),
        Some(Outcome::Measured(figure)) => short(*figure),
        Some(Outcome::Missing(_)) => "missing".into(),
    }
}

fn times(figure: Option<f64>, of: Option<f64>) -> String {
    match (figure, of) {
        (Some(figure), Some(of)) if of > 0.0 => format!("{}×", short(figure / of)),
        _ => String::new(),
    }
}

fn change(figure: Option<f64>, last: Option<f64>) -> String {
    match (figure, last) {
        (Some(figure), Some(last)) if last > 0.0 => format!("{:+.0} %", (figure / last - 1.0) * 100.0),
        _ => String::new(),
    }
}

/// Three digits that count.
fn short(figure: f64) -> String {
    let digits = match figure.abs() {
        size if size >= 100.0 => 0,
        size if size >= 10.0 => 1,
        size if size >= 1.0 => 2,
        _ => 3,
    };
    format!("{figure:.digits$}")
}
