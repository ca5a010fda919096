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
/// otherwise run there (OWASP, "CSV Injection"). Spaces before it do not help, nor does anything that may not be seen.
fn cell(text: &str) -> String {
    let first = text.chars().find(|c| begins_formula(*c) || is_seen(*c));
    let safe = if first.is_some_and(begins_formula) { "'" } else { "" };
    format!("\"{safe}{}\"", text.replace('"', "\"\"").replace('\0', ""))
}

fn begins_formula(sign: char) -> bool {
    matches!(sign, '=' | '+' | '-' | '@' | '\t' | '\r' | '\n' | '＝' | '＋' | '－' | '＠' | '﹢' | '﹣' | '﹦' | '﹫')
}

/// Whether a sign is surely seen by whoever opens the file, and by the program. What is not (spaces, marks of byte order,
/// joiners, selectors, fillers that count as letters) is passed over.
fn is_seen(sign: char) -> bool {
    let filler = matches!(sign, '\u{115F}' | '\u{1160}' | '\u{3164}' | '\u{FFA0}');
    sign.is_ascii_graphic() || (sign.is_alphanumeric() && !filler)
}
