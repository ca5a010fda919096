//! Records as Markdown: a section for each kind, and others' text as text only.

use std::fmt::Write as _;

use herald_core::markdown::{inert_line, link};
use herald_core::{Severity, Time};

use super::{Record, RecordKind, Span};

pub(super) fn write(records: &[Record], span: Span, now: Time) -> String {
    let day = |at: Option<Time>, open: &str| at.map_or(open.into(), |at| at.format("%Y-%m-%d %H:%M UTC").to_string());
    let mut text = format!(
        "# Herald: what was kept\n\nFrom {} until {}. Made {}.\n",
        day(span.from, "the beginning"),
        day(span.to, "now"),
        day(Some(now), "")
    );
    for kind in RecordKind::ALL {
        let of_kind: Vec<&Record> = records.iter().filter(|record| record.kind == kind).collect();
        let _ = write!(text, "\n## {} ({})\n\n", heading(kind), of_kind.len());
        if of_kind.is_empty() {
            text.push_str("None.\n");
        }
        for record in of_kind {
            text.push_str(&item(record));
        }
    }
    text
}

fn heading(kind: RecordKind) -> &'static str {
    match kind {
        RecordKind::Incident => "Incidents",
        RecordKind::Update => "Updates",
        RecordKind::Page => "Pages",
        RecordKind::Shift => "Shifts",
        RecordKind::Contact => "Contact requests",
        RecordKind::Maintenance => "Maintenance",
        RecordKind::Training => "Training",
    }
}

fn item(it: &Record) -> String {
    let at = it.at.format("%Y-%m-%d %H:%M UTC");
    let mut facts: Vec<String> = vec![];
    facts.extend(it.severity.map(|severity| Severity::label(severity).into()));
    facts.extend((!it.state.is_empty()).then(|| it.state.replace('_', " ")));
    facts.extend(it.due_at.map(|due| format!("due {}", due.format("%H:%M"))));
    facts.extend(it.ended_at.map(|ended| format!("until {}", ended.format("%Y-%m-%d %H:%M"))));
    facts.extend((!it.who.is_empty()).then(|| plain(&it.who)));
    facts.extend(it.link.as_deref().map(link).filter(|link| !link.is_empty()));
    let facts = if facts.is_empty() { String::new() } else { format!(" ({})", facts.join(", ")) };
    let mut text = format!("- {at} **{}**{facts}\n", plain(&it.title));
    for line in it.text.lines().filter(|line| !line.trim().is_empty()) {
        let _ = writeln!(text, "  {}", plain(line));
    }
    for event in &it.events {
        let _ = writeln!(text, "  - {} {}", event.at.format("%H:%M"), plain(&event.what));
    }
    text
}

/// Others' words, which stay words wherever the file is pasted.
fn plain(text: &str) -> String {
    inert_line(&text.split_whitespace().collect::<Vec<_>>().join(" "))
}
