//! RSS 2.0 and Atom as entries. Nothing is fetched and no entity is expanded but the five of XML and characters by number.

use chrono::DateTime;
use herald_core::{Fault, FaultKind, Time};
use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

use crate::lenient::plausible;

/// Deepest nesting that is read (faults.md 13): feeds need five levels, XHTML inside an entry some more.
const DEPTH_MAX: usize = 100;
/// Most categories of an entry that are read.
const CATEGORIES_MAX: usize = 20;

/// One item or entry, as it stands.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Entry {
    /// What tells it from the others.
    pub id: String,
    pub title: String,
    pub link: String,
    /// What is in it: HTML.
    pub html: String,
    /// When it was last changed, else when it began.
    pub at: Option<Time>,
    /// What it is filed under; some pages say so where it stands.
    pub categories: Vec<String>,
}

/// What of an entry a text belongs to.
#[derive(Clone, Copy, PartialEq)]
enum Field {
    Id,
    Title,
    Link,
    Body,
    Category,
    Changed,
    Begun,
}

/// Where reading stands.
#[derive(Default)]
struct Place {
    entries: Vec<Entry>,
    /// The names of the open elements.
    path: Vec<String>,
    entry: Option<Entry>,
    field: Option<Field>,
    text: String,
    begun: Option<Time>,
    is_feed: bool,
}

/// The entries of a feed. What is well-formed to its end but no feed is another service's answer.
pub(super) fn entries(text: &str) -> Result<Vec<Entry>, Fault> {
    let mut reader = Reader::from_str(text.trim_start_matches('\u{feff}'));
    reader.config_mut().allow_dangling_amp = true;
    let mut place = Place::default();
    loop {
        match reader.read_event().map_err(|_| broken())? {
            Event::Start(tag) => place.open(&tag)?,
            Event::Empty(tag) => {
                place.open(&tag)?;
                place.close();
            }
            Event::End(_) => place.close(),
            Event::Text(text) => place.text.push_str(&text.xml10_content()),
            Event::CData(text) => place.text.push_str(&text.xml10_content()),
            Event::GeneralRef(name) => {
                let sign = name.resolve_char_ref().ok().flatten().map(String::from);
                let known = || quick_xml::escape::resolve_xml_entity(&name.xml10_content()).map(str::to_owned);
                place.text.push_str(&sign.or_else(known).unwrap_or_default());
            }
            Event::Eof => break,
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_) => {}
        }
    }
    match (place.is_feed, place.path.is_empty()) {
        (true, true) => Ok(place.entries),
        (true, false) => Err(broken()),
        (false, _) => Err(Fault::new(FaultKind::NotTheService, "it is no RSS or Atom feed")),
    }
}

fn broken() -> Fault {
    Fault::new(FaultKind::Broken, "an incomplete or garbled answer")
}

impl Place {
    fn open(&mut self, tag: &BytesStart) -> Result<(), Fault> {
        let name = tag.local_name().as_ref().to_owned();
        if self.path.is_empty() {
            // Anything else, a web page above all, is not read any further.
            if !matches!(name.as_str(), "rss" | "feed" | "RDF") {
                return Err(Fault::new(FaultKind::NotTheService, "it is no RSS or Atom feed"));
            }
            self.is_feed = true;
        }
        if self.path.len() >= DEPTH_MAX {
            return Err(Fault::new(FaultKind::TooLarge, "nested too deeply"));
        }
        let prefixed = tag.name().prefix().is_some();
        match &mut self.entry {
            None if matches!(name.as_str(), "item" | "entry") => {
                (self.entry, self.begun) = (Some(Entry::default()), None);
            }
            // A field's own markup: Atom may hold XHTML as it is.
            Some(_) if self.field.is_some() => {
                self.text.extend(["<", &name, tag.attributes_raw(), ">"]);
            }
            Some(entry) => {
                self.field = field(&name, prefixed);
                self.text.clear();
                let link = (self.field == Some(Field::Link)).then(|| href(tag)).flatten();
                if let Some(link) = link.filter(|_| entry.link.is_empty()) {
                    entry.link = link;
                }
                // Atom has them as attributes.
                let filed = (self.field == Some(Field::Category)).then(|| attribute(tag, "term")).flatten();
                filed.into_iter().for_each(|filed| file(entry, filed));
            }
            None => {}
        }
        self.path.push(name);
        Ok(())
    }

    fn close(&mut self) {
        let Some(name) = self.path.pop() else { return };
        let Some(entry) = &mut self.entry else { return };
        // The path is now that of the element around: rss, channel, item, or feed, entry.
        let within = self.path.iter().rposition(|it| matches!(it.as_str(), "item" | "entry"));
        match (within, self.field) {
            (None, _) => {
                entry.at = entry.at.or(self.begun);
                self.entries.extend(self.entry.take());
                self.field = None;
            }
            (Some(at), Some(field)) if at + 1 == self.path.len() => {
                put(entry, field, std::mem::take(&mut self.text), &mut self.begun);
                self.field = None;
            }
            (Some(_), Some(_)) => {
                self.text.extend(["</", &name, ">"]);
            }
            (Some(_), None) => {}
        }
    }
}

/// What an element of an entry tells. Extensions such as `media:title` tell nothing, but for the usual two.
fn field(name: &str, prefixed: bool) -> Option<Field> {
    match (name, prefixed) {
        ("encoded", true) | ("description" | "content" | "summary", false) => Some(Field::Body),
        ("date", true) | ("pubDate" | "updated", false) => Some(Field::Changed),
        ("published", false) => Some(Field::Begun),
        ("guid" | "id", false) => Some(Field::Id),
        ("title", false) => Some(Field::Title),
        ("link", false) => Some(Field::Link),
        ("category" | "status", false) => Some(Field::Category),
        _ => None,
    }
}

fn put(entry: &mut Entry, field: Field, text: String, begun: &mut Option<Time>) {
    let slot = match field {
        Field::Id => &mut entry.id,
        Field::Title => &mut entry.title,
        Field::Link => &mut entry.link,
        Field::Body => &mut entry.html,
        Field::Category => return file(entry, text),
        Field::Changed => return entry.at = entry.at.or(time(&text)),
        Field::Begun => return *begun = begun.or(time(&text)),
    };
    // Of a summary and the content, the longer one says more.
    let better = if field == Field::Body { text.len() > slot.len() } else { slot.is_empty() };
    if better {
        *slot = text;
    }
}

fn file(entry: &mut Entry, category: String) {
    if !category.trim().is_empty() && entry.categories.len() < CATEGORIES_MAX {
        entry.categories.push(category);
    }
}

/// Atom's link to the page itself.
fn href(tag: &BytesStart) -> Option<String> {
    let itself = attribute(tag, "rel").is_none_or(|rel| rel == "alternate");
    attribute(tag, "href").filter(|_| itself)
}

fn attribute(tag: &BytesStart, name: &str) -> Option<String> {
    let attribute = tag.try_get_attribute(name).ok().flatten()?;
    attribute.normalized_value(XmlVersion::Implicit1_0).ok().map(|it| it.into_owned())
}

/// A time as RSS or as Atom has it.
fn time(text: &str) -> Option<Time> {
    let text = text.trim();
    let read = DateTime::parse_from_rfc3339(text).or_else(|_| DateTime::parse_from_rfc2822(text));
    read.ok().map(|at| at.to_utc()).filter(|at| plausible(*at))
}
