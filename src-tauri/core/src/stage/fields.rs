//! Fills what is known of an incident into texts to copy and places to open.

use super::Snippet;

/// A place in a text for something known of the incident.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// The number of its issue.
    Iid,
    /// What it is called.
    Title,
    /// The link of its issue.
    Link,
    /// The link of its post, or of the status page.
    PageLink,
    /// How grave it is.
    Severity,
    /// Its channel.
    Channel,
    /// Hours that a search of tickets must reach back.
    Hours,
    /// What the public was told last.
    Summary,
    /// The tag of its tickets.
    Tag,
    /// The search of its tickets.
    Tickets,
    /// The link of the search of those that nobody has tagged.
    UntaggedLink,
}

impl Field {
    /// All of them.
    pub const ALL: [Self; 11] = [
        Self::Iid,
        Self::Title,
        Self::Link,
        Self::PageLink,
        Self::Severity,
        Self::Channel,
        Self::Hours,
        Self::Summary,
        Self::Tag,
        Self::Tickets,
        Self::UntaggedLink,
    ];

    /// Its name between the braces.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Iid => "iid",
            Self::Title => "title",
            Self::Link => "link",
            Self::PageLink => "page_link",
            Self::Severity => "severity",
            Self::Channel => "channel",
            Self::Hours => "hours",
            Self::Summary => "summary",
            Self::Tag => "tag",
            Self::Tickets => "tickets",
            Self::UntaggedLink => "untagged_link",
        }
    }

    fn of(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|field| field.key() == key)
    }
}

/// What is known; what is not is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fields([String; Field::ALL.len()]);

impl Fields {
    /// The same with one more thing known.
    #[must_use]
    pub fn with(mut self, field: Field, value: impl Into<String>) -> Self {
        self.0[field as usize] = value.into();
        self
    }

    fn get(&self, field: Field) -> &str {
        self.0[field as usize].trim()
    }
}

/// The text with its fields filled; absent when one of them is not known, as half a command helps nobody.
#[must_use]
pub fn fill(text: &str, fields: &Fields) -> Option<String> {
    filled(text, |field, _| fields.get(field).to_owned())
}

/// The link with its fields filled, each encoded but where it is the whole link.
#[must_use]
pub fn fill_link(text: &str, fields: &Fields) -> Option<String> {
    let link = filled(text, |field, first| {
        let value = fields.get(field);
        if first { value.to_owned() } else { encoded(value) }
    })?;
    (link.starts_with("https://") || link.starts_with("http://")).then_some(link)
}

fn filled(text: &str, value: impl Fn(Field, bool) -> String) -> Option<String> {
    let mut out = String::new();
    for piece in pieces(text) {
        match piece {
            Piece::Text(text) => out.push_str(text),
            Piece::Field(name) => {
                let value = value(Field::of(name)?, out.is_empty());
                if value.is_empty() {
                    return None;
                }
                out.push_str(&value);
            }
        }
    }
    Some(out)
}

/// What is wrong with a text of the playbook.
pub(super) fn problems(snippet: &Snippet, link: bool) -> Vec<String> {
    let mut problems = vec![];
    if snippet.name.trim().is_empty() || snippet.text.trim().is_empty() {
        problems.push("need a name and a text".into());
    }
    let known = || Field::ALL.map(Field::key).join(", ");
    for piece in pieces(&snippet.text) {
        match piece {
            Piece::Field(name) if Field::of(name).is_none() => {
                problems.push(format!("name the field {{{name}}}; known are: {}", known()));
            }
            Piece::Field(_) | Piece::Text(_) => {}
        }
    }
    let web = ["https://", "http://", "{"].iter().any(|start| snippet.text.starts_with(start));
    if link && !web {
        problems.push("must start with https://, http:// or a field".into());
    }
    problems
}

/// The text of a playbook, checked by itself: the tag of tickets and their searches.
pub(crate) fn unknown_fields(text: &str) -> Vec<String> {
    problems(&Snippet { name: "text".into(), text: text.to_owned() }, false)
}

enum Piece<'a> {
    Text(&'a str),
    Field(&'a str),
}

/// A text cut at its braces. A brace that opens nothing is text.
fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = vec![];
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        let Some((name, tail)) = after.split_once('}') else { break };
        pieces.push(Piece::Text(before));
        pieces.push(Piece::Field(name));
        rest = tail;
    }
    pieces.push(Piece::Text(rest));
    pieces
}

/// Percent-encodes everything that means something in a link.
fn encoded(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}
