//! Records as CSV: one line for each, and no cell that a spreadsheet would take for a formula.

use herald_core::{Severity, Time};

use super::Record;

const HEADER: [&str; 12] =
    ["kind", "id", "at", "due_at", "ended_at", "title", "text", "severity", "state", "who", "link", "mine"];

pub(super) fn write(records: &[Record]) -> String {
    let mut text = line(HEADER.map(Into::into));
    for record in records {
        text.push_str(&line(cells(record)));
    }
    text
}

fn cells(it: &Record) -> [String; 12] {
    let time = |at: Option<Time>| at.map(|at| at.to_rfc3339()).unwrap_or_default();
    [
        it.kind.key().into(),
        it.id.clone(),
        time(Some(it.at)),
        time(it.due_at),
        time(it.ended_at),
        it.title.clone(),
        it.text.clone(),
        it.severity.map_or("", Severity::key).into(),
        it.state.clone(),
        it.who.clone(),
        it.link.clone().unwrap_or_default(),
        if it.mine { "yes" } else { "no" }.into(),
    ]
}

fn line(cells: [String; 12]) -> String {
    cells.map(|text| cell(&text)).join(",") + "\r\n"
}

/// A cell in quotes. What a spreadsheet would calculate begins with an apostrophe, which it hides; others' text could
/// otherwise run there. Spaces before it do not help.
fn cell(text: &str) -> String {
    let first = text.trim_start_matches(|c: char| c.is_whitespace() && !matches!(c, '\t' | '\r' | '\n')).chars().next();
    let formula = first
        .is_some_and(|first| matches!(first, '=' | '+' | '-' | '@' | '\t' | '\r' | '\n' | '＝' | '＋' | '－' | '＠'));
    let safe = if formula { "'" } else { "" };
    format!("\"{safe}{}\"", text.replace('"', "\"\"").replace('\0', ""))
}
