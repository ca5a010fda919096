//! The words in which an entry says where it stands: in its text (`Status: Resolved`, `<b>Resolved</b> - …`), in its
//! title (`[Resolved] …`, `Resolved: …`, `… (Resolved)`), in its categories, in its link. What says it in no such form
//! is not guessed at.

use herald_core::Phase;
use herald_core::text::clean_line;

use super::html::{self, Piece, pieces};
use super::xml::Entry;

/// Longest line that may be, or begin with, a word of state, in bytes.
const LABEL_MAX: usize = 60;
/// Lines of a text in which it may say where it stands.
const LINES_MAX: usize = 40;
/// Longest title that is looked at, in graphemes.
const TITLE_MAX: usize = 300;
/// Elements that set words apart.
const STRONG: [&str; 4] = ["b", "strong", "em", "th"];
/// Parts of links to planned work.
const PLANNED_LINKS: [&str; 5] =
    ["/maintenance/", "/maintenances/", "/scheduled_maintenances/", "/scheduled-maintenance/", "/planned/"];

/// What a word of state says.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Says {
    /// The phase of an incident.
    Phase(Phase),
    /// It is no incident but planned work.
    Planned,
    /// It goes on, in a phase that is not told.
    GoesOn,
    /// Nothing of where it stands: only that there is news.
    News,
}

/// The words that services write, in lower case with single spaces. Sources: Statuspage's and incident.io's API
/// documents (incident and maintenance statuses), Cachet's `enums` (`Watching`, `Fixed`), Instatus' API documentation
/// (`NOTSTARTEDYET`, `INPROGRESS`), the AWS and Google Cloud feeds' titles, Better Stack's and Kener's feed documents.
const WORDS: [(Says, &[&str]); 7] = [
    (
        Says::Phase(Phase::Investigating),
        &["investigating", "under investigation", "investigating issue", "issue investigating", "detected"],
    ),
    (
        Says::Phase(Phase::Identified),
        &["identified", "issue identified", "cause identified", "root cause identified", "fixing", "fix in progress"],
    ),
    (
        Says::Phase(Phase::Monitoring),
        &["monitoring", "watching", "observing", "mitigated", "recovering", "fix implemented", "monitoring recovery"],
    ),
    (
        Says::Phase(Phase::Resolved),
        &[
            "resolved",
            "fixed",
            "solved",
            "closed",
            "recovered",
            "postmortem",
            "post mortem",
            "all clear",
            "issue resolved",
            "incident resolved",
            "service is operating normally",
        ],
    ),
    (
        Says::Planned,
        &[
            "scheduled",
            "planned",
            "upcoming",
            "maintenance",
            "scheduled maintenance",
            "planned maintenance",
            "emergency maintenance",
            "maintenance scheduled",
            "maintenance in progress",
            "maintenance completed",
            "under maintenance",
            "in maintenance",
            "in progress",
            "inprogress",
            "verifying",
            "completed",
            "notstartedyet",
            "not started",
        ],
    ),
    (Says::GoesOn, &["active", "ongoing", "open", "unresolved"]),
    (
        Says::News,
        &[
            "update",
            "updated",
            "incident",
            "new",
            "informational message",
            "performance issues",
            "service disruption",
            "service degradation",
        ],
    ),
];

/// What a whole label says; nothing when it is none.
pub(super) fn label(text: &str) -> Option<Says> {
    if text.len() > LABEL_MAX {
        return None;
    }
    let plain: String = text.chars().map(|c| if c.is_alphanumeric() { c } else { ' ' }).collect();
    let word = plain.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
    WORDS.iter().find(|(_, words)| words.contains(&word.as_str())).map(|(says, _)| *says)
}

/// What an entry says of itself beside dated updates.
#[derive(Debug, PartialEq)]
pub(super) struct Said {
    /// Where it stands.
    pub says: Option<Says>,
    /// Its text without the words of state and the list of components.
    pub text: String,
}

/// Reads an entry whose text holds no dated updates: its text counts most, then its title, then its categories.
pub(super) fn said(entry: &Entry) -> Said {
    let (in_text, text) = of_text(&entry.html);
    Said { says: in_text.or_else(|| beside(entry)), text }
}

/// What title and categories say.
pub(super) fn beside(entry: &Entry) -> Option<Says> {
    let telling = |says: &Says| *says != Says::News;
    let in_title = || labels(&title_of(entry)).into_iter().map(|(says, _)| says).find(telling);
    in_title().or_else(|| entry.categories.iter().filter_map(|it| label(&html::text(it))).find(telling))
}

/// Whether the entry's link or name is that of planned work.
pub(super) fn is_planned_link(entry: &Entry) -> bool {
    let link = |text: &str| PLANNED_LINKS.iter().any(|part| text.to_ascii_lowercase().contains(part));
    link(&entry.link) || link(&entry.id) || entry.id.trim().to_ascii_lowercase().starts_with("maintenance-")
}

/// The title without its words of state, so that it stays the same from update to update.
pub(super) fn bare_title(entry: &Entry) -> String {
    let mut title = title_of(entry);
    while let Some((_, place)) = labels(&title).pop() {
        let rest = format!("{} {}", title[..place.start].trim_end(), title[place.end..].trim_start());
        if rest.trim().is_empty() {
            break;
        }
        rest.trim().clone_into(&mut title);
    }
    title
}

fn title_of(entry: &Entry) -> String {
    clean_line(&html::text(&entry.title), TITLE_MAX)
}

/// The labels of a title and where each stands with its marks: in brackets, or before or behind the first or last of
/// them.
fn labels(title: &str) -> Vec<(Says, std::ops::Range<usize>)> {
    let mut found = vec![];
    for (open, close) in [('[', ']'), ('(', ')'), ('【', '】')] {
        let mut from = 0;
        while let Some(start) = title[from..].find(open).map(|at| from + at) {
            let Some(end) = title[start..].find(close).map(|at| start + at) else { break };
            let says = label(&title[start + open.len_utf8()..end]);
            found.extend(says.map(|says| (says, start..end + close.len_utf8())));
            from = start + open.len_utf8();
        }
    }
    for mark in [": ", " - ", " – ", " — ", " | "] {
        if let Some(at) = title.find(mark)
            && let Some(says) = label(&title[..at])
        {
            found.push((says, 0..at + mark.len()));
        }
        if let Some(at) = title.rfind(mark)
            && let Some(says) = label(&title[at + mark.len()..])
        {
            found.push((says, at..title.len()));
        }
    }
    found
}

/// What a text says, and the text without that.
fn of_text(html: &str) -> (Option<Says>, String) {
    let lines = lines(html);
    let (mut found, mut kept): (Vec<Says>, Vec<String>) = (vec![], vec![]);
    for (nth, line) in lines.into_iter().enumerate() {
        if is_components(&line.text) {
            break;
        }
        let counts = nth < LINES_MAX;
        let first = counts && found.is_empty() && kept.iter().all(|line| line.trim().is_empty());
        let (says, rest) = match of_line(&line).filter(|it| counts && (first || it.holds_anywhere())) {
            Some(it) => (Some(it.says), it.rest),
            None => (None, line.text),
        };
        found.extend(says);
        // An empty line that a word of state leaves behind says nothing.
        if says.is_none() || !rest.is_empty() {
            kept.push(rest);
        }
    }
    (newest(&found), kept.join("\n").trim().to_owned())
}

/// The word of state that is the newest, where the order tells which end that is: phases only go on. Of a text that
/// goes back and forth nobody can tell.
fn newest(found: &[Says]) -> Option<Says> {
    let telling: Vec<Says> = found.iter().copied().filter(|says| *says != Says::News).collect();
    if let Some(planned) = telling.iter().find(|says| **says == Says::Planned) {
        return Some(*planned);
    }
    let phases: Vec<Phase> =
        telling.iter().filter_map(|says| if let Says::Phase(it) = says { Some(*it) } else { None }).collect();
    let one_way = phases.is_sorted() || phases.iter().rev().is_sorted();
    match phases.iter().max() {
        Some(furthest) if one_way => Some(Says::Phase(*furthest)),
        Some(_) => None,
        None => telling.first().copied(),
    }
}

/// A line of a text, and the words at its beginning that are set apart.
#[derive(Default)]
struct Line {
    text: String,
    lead: Option<String>,
}

/// What a line says of where the entry stands, and what else is on it.
struct Stated {
    says: Says,
    rest: String,
    /// Whether it says so as a field, `Status: …`.
    named: bool,
}

impl Stated {
    /// Whether that counts further down, too. "Maintenance: none" within a text announces none.
    fn holds_anywhere(&self) -> bool {
        self.named || matches!(self.says, Says::Phase(_) | Says::News)
    }
}

fn of_line(line: &Line) -> Option<Stated> {
    let stated = |says, rest: &str, named| Some(Stated { says, rest: rest.to_owned(), named });
    let text = line.text.trim();
    if text.to_lowercase().starts_with("this is a scheduled event") {
        return stated(Says::Planned, text, true);
    }
    for name in ["current status", "incident status", "status", "current state", "state"] {
        let named = text.get(..name.len()).filter(|head| head.eq_ignore_ascii_case(name));
        let value = named.and_then(|_| text[name.len()..].trim_start().strip_prefix([':', '：']));
        let value = value.map(|value| value.split(['|', ',', ';']).next().unwrap_or_default());
        if let Some(says) = value.and_then(label) {
            return stated(says, "", true);
        }
    }
    if let Some(says) = label(text) {
        return stated(says, "", false);
    }
    let lead = line.lead.as_deref().map(str::trim).filter(|lead| !lead.is_empty());
    let behind_lead = lead.and_then(|lead| Some((label(lead)?, text.strip_prefix(lead)?)));
    let behind_mark = || {
        [" - ", " – ", " — ", ": "].iter().find_map(|mark| {
            let (word, rest) = text.split_once(mark)?;
            Some((label(word)?, rest))
        })
    };
    let (says, rest) = behind_lead.or_else(behind_mark)?;
    stated(says, rest.trim_start_matches([' ', '-', '–', '—', ':']), false)
}

/// The heading of a list of components, which is no part of what was told.
fn is_components(line: &str) -> bool {
    let line = line.trim().trim_end_matches(':');
    ["affected components", "components affected", "affected services"].iter().any(|it| line.eq_ignore_ascii_case(it))
}

fn lines(html: &str) -> Vec<Line> {
    let (mut lines, mut line, mut lead) = (vec![], Line::default(), None::<String>);
    for piece in pieces(html) {
        match piece {
            Piece::Line => {
                line.lead = line.lead.or(lead.take());
                lines.push(std::mem::take(&mut line));
            }
            Piece::Begin(name) if STRONG.contains(&name.as_str()) => {
                lead = (line.text.trim().is_empty() && line.lead.is_none()).then(String::new);
            }
            Piece::End(name) if STRONG.contains(&name.as_str()) => line.lead = line.lead.or(lead.take()),
            Piece::Begin(_) | Piece::End(_) => {}
            Piece::Text(text) => {
                // What is no markup may still have lines.
                let mut parts = text.split('\n').peekable();
                while let Some(part) = parts.next() {
                    line.text.push_str(part);
                    if let Some(lead) = &mut lead {
                        lead.push_str(part);
                    }
                    if parts.peek().is_some() {
                        line.lead = line.lead.or(lead.take());
                        lines.push(std::mem::take(&mut line));
                    }
                }
            }
        }
    }
    lines.push(line);
    lines
}
