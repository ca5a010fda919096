//! Fills the team's ready-made texts with what is known of the incident (H42).

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::phrases::without_holes;
use super::weigh::{Limits, weight};
use crate::phase::Phase;

/// What may stand before an empty field only to introduce it.
const INTRODUCES: &[char] = &[':', '-', '–', '—', '(', '[', '|', '/', ' ', '\t'];

/// A ready-made text of the playbook (H42).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct Template {
    /// Its own name for good.
    pub id: String,
    /// What its button says.
    pub name: String,
    /// Templates for one situation, such as "no material updates".
    #[serde(default)]
    pub family: Option<String>,
    /// Where the incident stands when it fits; anywhere when it is missing.
    #[serde(default)]
    pub phase: Option<Phase>,
    /// The text, with fields in braces: `{link}`.
    pub text: String,
}

/// A place in a template for something known of the incident (H42).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(rename = "TemplateField")]
pub enum Field {
    /// What the incident is called.
    Incident,
    /// The link of its issue.
    Link,
    /// The affected components.
    Components,
    /// How long it is watched after the fix.
    Period,
    /// How long until the next update.
    Interval,
}

impl Field {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Incident, Self::Link, Self::Components, Self::Period, Self::Interval];

    /// Its name between the braces (H42).
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Incident => "incident",
            Self::Link => "link",
            Self::Components => "components",
            Self::Period => "period",
            Self::Interval => "interval",
        }
    }
}

/// What is known of the incident; what is not is empty (H42).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fields {
    /// What the incident is called.
    pub incident: String,
    /// The link of its issue.
    pub link: String,
    /// The affected components.
    pub components: String,
    /// How long it is watched after the fix.
    pub period: String,
    /// How long until the next update.
    pub interval: String,
}

impl Fields {
    fn get(&self, field: Field) -> &str {
        let value = match field {
            Field::Incident => &self.incident,
            Field::Link => &self.link,
            Field::Components => &self.components,
            Field::Period => &self.period,
            Field::Interval => &self.interval,
        };
        value.trim()
    }
}

/// A template with its fields filled (H42).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Filled {
    /// What goes into the composer.
    pub text: String,
    /// Fields that nothing is known for; each is left out.
    pub empty: Vec<Field>,
}

/// Fills a template. Braces around anything but a field stay as typed, and so do braces in what is filled in (H42).
#[must_use]
pub fn fill(template: &Template, fields: &Fields) -> Filled {
    let mut filled = Filled { text: String::new(), empty: unknown(&template.text, fields) };
    let text = without_holes(&template.text, |name| Some(fields.get(field(name)?).is_empty()));
    let mut rest = text.as_str();
    while let Some((before, name, after)) = next_braces(rest) {
        filled.text.push_str(before);
        rest = after;
        match field(name) {
            Some(field) if fields.get(field).is_empty() => rest = close_gap(&mut filled.text, rest),
            Some(field) => filled.text.push_str(fields.get(field)),
            None => filled.text.push_str(&format!("{{{name}}}")),
        }
    }
    filled.text.push_str(rest);
    filled.text.truncate(filled.text.trim_end().len());
    filled
}

/// A text that may begin with the name of whom it is for, `{im}, …`. Without a name it begins behind it.
#[must_use]
pub fn addressed(text: &str, im: &str) -> String {
    if !im.is_empty() {
        // A name is no field, and has none in it.
        return text.replace("{im}", &im.replace(['{', '}'], ""));
    }
    let mut said = String::new();
    for (nth, part) in text.split("{im}").enumerate() {
        let part = if nth == 0 { part } else { part.trim_start_matches([',', ':', ' ']) };
        said.push_str(part);
    }
    said
}

/// The fields of a text that nothing is known for, each once.
fn unknown(text: &str, fields: &Fields) -> Vec<Field> {
    let (mut unknown, mut rest) = (vec![], text);
    while let Some((_, name, after)) = next_braces(rest) {
        rest = after;
        let empty = field(name).filter(|field| fields.get(*field).is_empty());
        unknown.extend(empty.filter(|field| !unknown.contains(field)));
    }
    unknown
}

/// The fields that a text still has in braces: it came from a template and was not filled (H42).
#[must_use]
pub fn unfilled(text: &str) -> Vec<Field> {
    Field::ALL.into_iter().filter(|field| text.contains(&format!("{{{}}}", field.key()))).collect()
}

/// What is wrong with a template, for the check of the playbook (H40, H42).
#[must_use]
pub fn problems(template: &Template, limits: &Limits) -> Vec<String> {
    let mut problems = vec![];
    for (key, value) in [("id", &template.id), ("name", &template.name), ("text", &template.text)] {
        if value.trim().is_empty() {
            problems.push(format!("{key} is empty"));
        }
    }
    let mut rest = template.text.as_str();
    while let Some((_, name, after)) = next_braces(rest) {
        if field(name).is_none() {
            let known = Field::ALL.map(|field| format!("{{{}}}", field.key())).join(", ");
            problems.push(format!("text has the field {{{name}}}, which is not among {known}"));
        }
        rest = after;
    }
    let used = weight(&fill(template, &example()).text, limits);
    if used > limits.total {
        problems.push(format!("text weighs {used} with its fields filled; allowed is {}", limits.total));
    }
    problems
}

fn example() -> Fields {
    Fields {
        incident: "Pipelines start late".into(),
        link: "https://tracker.example.com/issues/18342".into(),
        components: "Pipelines, Registry".into(),
        period: "30 minutes".into(),
        interval: "60 minutes".into(),
    }
}

fn field(name: &str) -> Option<Field> {
    Field::ALL.into_iter().find(|field| field.key() == name)
}

/// The text before the next name in braces, the name, and the text behind it.
fn next_braces(text: &str) -> Option<(&str, &str, &str)> {
    let mut from = 0;
    loop {
        let open = from + text[from..].find('{')?;
        let inside = &text[open + 1..];
        let end = inside.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(inside.len());
        if end > 0 && inside[end..].starts_with('}') {
            return Some((&text[..open], &inside[..end], &inside[end + 1..]));
        }
        from = open + 1;
    }
}

/// Takes away what only introduced an empty field, and answers with what is left behind it.
fn close_gap<'a>(before: &mut String, after: &'a str) -> &'a str {
    let kept = before.trim_end_matches(INTRODUCES).len();
    let opened = before[kept..].contains(['(', '[']);
    before.truncate(kept);
    let mut after = after.trim_start_matches([' ', '\t']);
    if opened {
        after = after.trim_start_matches([')', ']']).trim_start_matches([' ', '\t']);
    }
    if before.is_empty() || before.ends_with('\n') {
        return after.trim_start_matches(|c| INTRODUCES.contains(&c) || matches!(c, ',' | '.' | ';'));
    }
    if before.ends_with(['.', '!', '?', ',', ';']) {
        after = after.trim_start_matches(['.', ',', ';']).trim_start_matches([' ', '\t']);
    }
    if !(after.is_empty() || after.starts_with(['.', ',', ';', ':', '!', '?', ')', ']', '\n'])) {
        before.push(' ');
    }
    after
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filling() {
        for (text, expected, empty) in [
            ("{incident}: we look into it. {link}", "Slow: we look into it. https://a.com/1", vec![]),
            ("{components} are slow", "are slow", vec![Field::Components]),
            ("Slow : {components}", "Slow", vec![Field::Components]),
            ("Slow: {components}. Wait.", "Wait.", vec![Field::Components]),
            ("We look. Details: {period}", "We look.", vec![Field::Period]),
            ("We look. Details: {link}", "We look. Details: https://a.com/1", vec![]),
            ("Watched for {period}. {link}", "https://a.com/1", vec![Field::Period]),
            ("Slow ({components}) now", "Slow now", vec![Field::Components]),
            ("All of {components}  wait", "All of wait", vec![Field::Components]),
            ("{period}: we watch", "we watch", vec![Field::Period]),
            ("Slow. {period}. {link}", "Slow. https://a.com/1", vec![Field::Period]),
            ("Slow\n{period} - {link}", "Slow\nhttps://a.com/1", vec![Field::Period]),
            ("{period} {components} {period}", "", vec![Field::Period, Field::Components]),
            ("{other} { link } {} {link", "{other} { link } {} {link", vec![]),
            ("{{link}}", "{https://a.com/1}", vec![]),
            ("Two  spaces stay", "Two  spaces stay", vec![]),
            ("{interval}", "{link}", vec![]),
        ] {
            assert_eq!(fill(&template(text), &fields()), Filled { text: expected.into(), empty }, "{text:?}");
        }
    }

    #[test]
    fn who_is_asked_is_named_where_somebody_knows() {
        for (text, im, expected) in [
            ("{im}, I intend to post: {text}", "@ann", "@ann, I intend to post: {text}"),
            ("{im}, I intend to post: {text}", "", "I intend to post: {text}"),
            ("{im}: I intend to post", "{text}", "text: I intend to post"),
            ("I intend to post: {text}", "@ann", "I intend to post: {text}"),
            ("Dear {im}, so it is", "", "Dear so it is"),
        ] {
            assert_eq!(addressed(text, im), expected, "{text}");
        }
    }

    #[test]
    fn fields_left_over() {
        for (text, expected) in [
            ("see {link}", vec![Field::Link]),
            ("{interval}{incident}", vec![Field::Incident, Field::Interval]),
            ("{id} link } {Link}", vec![]),
        ] {
            assert_eq!(unfilled(text), expected, "{text:?}");
        }
    }

    #[test]
    fn checking_the_playbook() {
        let long = "x".repeat(257);
        for (text, expected) in [
            ("{incident} {link} {components} {period} {interval}", vec![]),
            ("{x", vec![]),
            (" ", vec!["text is empty".to_owned()]),
            (&format!("{} {{link}}", &long[1..]), vec![]),
            (&format!("{long} {{link}}"), vec!["text weighs 281 with its fields filled; allowed is 280".to_owned()]),
            (
                "{lnik}",
                vec![
                    "text has the field {lnik}, which is not among {incident}, {link}, {components}, {period}, {interval}"
                        .to_owned(),
                ],
            ),
        ] {
            assert_eq!(problems(&template(text), &Limits::default()), expected, "{text:?}");
        }
        let nameless = Template { id: String::new(), name: String::new(), ..template("x") };
        assert_eq!(problems(&nameless, &Limits::default()), ["id is empty", "name is empty"]);
    }

    fn fields() -> Fields {
        let (link, incident) = ("https://a.com/1".into(), "Slow".into());
        // What is filled in may look like a field and is none.
        Fields { incident, link, interval: "{link}".into(), ..Fields::default() }
    }

    fn template(text: &str) -> Template {
        Template { id: "a".into(), name: "A".into(), family: None, phase: None, text: text.into() }
    }
}
