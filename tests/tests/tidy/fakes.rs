//! Whether the practice world says where its manners are from.

use super::Source;

/// What plays a service: a folder and the file of its name.
const FAKES: &[&str] = &["gitlab", "pagerduty", "public", "slack", "statusio", "statuspage", "zendesk"];

/// How a comment begins that names a source; `Ours` stands where nothing is a service's manner.
const MARKS: &[&str] = &["// Source: ", "/// Source: ", "//! Source: ", "//! Ours: "];

/// Every file that plays a service names a source, and every fault does.
pub fn names_no_source(source: &Source) -> Vec<String> {
    let Some(path) = source.path.strip_prefix("src-tauri/practice/src/") else { return Vec::new() };
    let plays = |name: &&str| path.starts_with(&format!("{name}/")) || path == format!("{name}.rs");
    // A file that only lists its modules has no manners.
    let plays = FAKES.iter().any(plays) && (path.contains('/') || source.text.contains("fn "));
    if plays && !source.text.lines().any(names) {
        return vec![format!("{} names no source", source.path)];
    }
    if path == "fault.rs" { unnamed_faults(&source.text) } else { Vec::new() }
}

fn unnamed_faults(text: &str) -> Vec<String> {
    let kinds = text.split("pub enum FaultKind {").nth(1).and_then(|rest| rest.split("\n}").next()).unwrap_or_default();
    let mut named = false;
    let mut wrong = Vec::new();
    for line in kinds.lines().map(str::trim) {
        named |= names(line);
        if line.ends_with(',') && !line.starts_with("//") {
            if !named {
                wrong.push(format!("the fault {line} names no source"));
            }
            named = false;
        }
    }
    wrong
}

fn names(line: &str) -> bool {
    MARKS.iter().any(|mark| line.trim_start().starts_with(mark))
}
