//! Texts with fields of which nothing is known: what only led up to such a field goes with it, so that no text ends in
//! "Details", and no sentence has a hole.

use std::ops::Range;

/// Longest phrase that only introduces what follows its colon, in words: "What happened", "More information".
const LABEL_WORDS_MAX: usize = 3;
/// Words that point to something: a phrase with one of them says nothing without it.
const POINTERS: [&str; 24] = [
    "detail",
    "details",
    "more",
    "here",
    "see",
    "read",
    "follow",
    "link",
    "info",
    "information",
    "happened",
    "issue",
    "updates",
    "progress",
    "via",
    "find",
    "visit",
    "track",
    "learn",
    "check",
    "source",
    "status",
    "at",
    "under",
];
/// Words that begin half a sentence.
const SUBORDINATES: [&str; 8] = ["if", "when", "once", "as", "while", "after", "before", "until"];

/// A field of a text, and whether nothing is known for it.
struct Field {
    at: Range<usize>,
    empty: bool,
}

/// The text without the phrases that would have a hole. `empty` tells whether nothing is known for a field; it knows no
/// name that is none. A phrase that also holds something known, or that is all of the text and still says something,
/// stays as it is.
#[must_use]
pub fn without_holes(text: &str, empty: impl Fn(&str) -> Option<bool>) -> String {
    let mut left = text.to_owned();
    let (mut from, mut pointed) = (0, false);
    while let Some((hole, fields)) = next_hole(&left, from, &empty) {
        match phrase(&left, &hole, &fields) {
            Some(range) => {
                pointed |= points(&unbraced(&left[range.clone()]));
                from = cut(&mut left, range);
            }
            None => from = hole.end,
        }
    }
    let says = |text: &str| text.chars().any(char::is_alphanumeric);
    if !says(&left) && !pointed && says(&unbraced(text)) { text.to_owned() } else { left }
}

fn next_hole(text: &str, from: usize, empty: &impl Fn(&str) -> Option<bool>) -> Option<(Range<usize>, Vec<Field>)> {
    let fields = fields(text, empty);
    let hole = fields.iter().find(|field| field.empty && field.at.start >= from)?.at.clone();
    Some((hole, fields))
}

fn fields(text: &str, empty: &impl Fn(&str) -> Option<bool>) -> Vec<Field> {
    let opened = text.match_indices('{');
    let field = |(at, _): (usize, &str)| {
        let end = at + text[at..].find('}')?;
        Some(Field { at: at..end + 1, empty: empty(&text[at + 1..end])? })
    };
    opened.filter_map(field).collect()
}

/// The text without what stands in braces.
fn unbraced(text: &str) -> String {
    let mut plain = String::new();
    for (nth, part) in text.split('{').enumerate() {
        plain.push_str(if nth == 0 { part } else { part.split_once('}').map_or("", |(_, after)| after) });
    }
    plain
}

/// What has to go with the hole; nothing where the hole alone goes.
fn phrase(text: &str, hole: &Range<usize>, fields: &[Field]) -> Option<Range<usize>> {
    let sentence = sentence(text, hole);
    let before = &text[sentence.start..hole.start];
    let end = sentence.start + text[sentence.clone()].trim_end_matches(is_closing).len();
    let after = text[hole.end..end.max(hole.end)].trim();
    let free = |range: &Range<usize>| {
        !fields.iter().any(|field| !field.empty && field.at.start < range.end && range.start < field.at.end)
    };
    if let Some(brackets) = brackets(text, &sentence, hole) {
        return Some(brackets).filter(free);
    }
    // "{period}: we watch" says what it says without its label.
    if before.trim().is_empty() && !after.is_empty() && after.starts_with([':', '-', '–', '—']) {
        return None;
    }
    let clause = clause(text, &sentence, hole, end);
    let introduces = before.trim_end().ends_with([':', '-', '–', '—', '|']);
    if introduces && after.is_empty() {
        let label = clause.clone().unwrap_or(sentence.clone());
        let words = text[label.start..hole.start].split_whitespace().filter(|it| it.contains(char::is_alphanumeric));
        let short = words.count() <= LABEL_WORDS_MAX || points(&unbraced(&text[label.start..hole.start]));
        return Some(label).filter(|_| short).filter(free);
    }
    clause.filter(free).or(Some(sentence).filter(free))
}

/// The sentence around a field, with its full stop: fields hold none.
fn sentence(text: &str, hole: &Range<usize>) -> Range<usize> {
    let ends = |at: usize, c: char| {
        let next = text[at + c.len_utf8()..].chars().next();
        c == '\n' || matches!(c, '.' | '!' | '?' | '…') && next.is_none_or(char::is_whitespace)
    };
    let start = text[..hole.start].char_indices().rev().find(|&(at, c)| ends(at, c));
    let start = start.map_or(0, |(at, c)| at + c.len_utf8());
    let start = start + (text[start..hole.start].len() - text[start..hole.start].trim_start_matches(' ').len());
    let end = text[hole.end..].char_indices().find(|&(at, c)| ends(hole.end + at, c));
    let end = end.map_or(text.len(), |(at, c)| hole.end + at + if c == '\n' { 0 } else { c.len_utf8() });
    start..end
}

/// What closes a sentence and does not go with its last part.
fn is_closing(c: char) -> bool {
    c.is_whitespace() || matches!(c, '.' | '!' | '?' | '…' | '*')
}

fn brackets(text: &str, sentence: &Range<usize>, hole: &Range<usize>) -> Option<Range<usize>> {
    [('(', ')'), ('[', ']')].into_iter().find_map(|(open, close)| {
        let start = sentence.start + text[sentence.start..hole.start].rfind(open)?;
        let end = hole.end + text[hole.end..sentence.end].find(close)?;
        let closed = text[start..hole.start].contains(close);
        (!closed).then_some(start..end + 1)
    })
}

/// The part of a sentence behind a comma, where what stands before it is a sentence without it.
fn clause(text: &str, sentence: &Range<usize>, hole: &Range<usize>, end: usize) -> Option<Range<usize>> {
    let before = &text[sentence.start..hole.start];
    let start = [", ", "; ", " – ", " — "].into_iter().filter_map(|mark| before.rfind(mark)).max()?;
    let whole =
        before.split_whitespace().next().is_some_and(|first| !SUBORDINATES.contains(&first.to_lowercase().as_str()));
    let next = text[hole.end..end.max(hole.end)].find([',', ';']).map_or(end.max(hole.end), |at| hole.end + at);
    whole.then_some(sentence.start + start..next)
}

fn points(text: &str) -> bool {
    let words = text.split(|c: char| !c.is_alphanumeric());
    words.into_iter().any(|word| POINTERS.contains(&word.to_lowercase().as_str()))
}

/// Takes a part out, with one space left between what it stood between; answers where that is.
fn cut(text: &mut String, range: Range<usize>) -> usize {
    let before = text[..range.start].trim_end_matches(' ');
    let after = text[range.end..].trim_start_matches(' ');
    let closes = after.is_empty() || after.starts_with(['\n', '.', ',', ';', ':', '!', '?', ')', ']', '*']);
    let apart = !(before.is_empty() || before.ends_with('\n') || closes);
    let joined = format!("{before}{}{after}", if apart { " " } else { "" });
    let at = before.len();
    *text = joined;
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_led_up_to_a_hole_goes_with_it() {
        let empty = |name: &str| match name {
            "link" | "to" | "from" => Some(true),
            "title" | "date" | "role" => Some(false),
            _ => None,
        };
        for (text, expected) in [
            ("We look into it. Details: {link}", "We look into it."),
            ("We look into it. Details: {link}.", "We look into it."),
            ("All is well. What happened: {link}", "All is well."),
            ("We look into it. More information here: {link}\nThank you.", "We look into it.\nThank you."),
            ("We look into it. You can follow our progress here: {link}", "We look into it."),
            ("We look into it, see {link}.", "We look into it."),
            ("We look into it (details: {link}).", "We look into it."),
            ("We look into it [{link}] and tell more.", "We look into it and tell more."),
            ("We look into it. See {link} for details. Thank you.", "We look into it. Thank you."),
            ("We look into it – more at {link}", "We look into it"),
            ("We look into it. {link}", "We look into it."),
            ("See {link}", ""),
            ("Details: {link}", ""),
            ("{title} is slow. Details: {link}", "{title} is slow."),
            ("{link}: we look into it.", "{link}: we look into it."),
            ("We are seeing errors in all of it: {link}", "We are seeing errors in all of it: {link}"),
            ("{title} and {link} are one", "{title} and {link} are one"),
            ("{link} is slow", "{link} is slow"),
            ("If it stays so, we end this at {link}. Thanks.", "Thanks."),
            ("**{role}, {date}, {from} to {to} UTC**", "**{role}, {date}**"),
            ("Handover {date}, {from} to {to} UTC", "Handover {date}"),
            ("Nothing {unknown} here. {", "Nothing {unknown} here. {"),
            ("é {link} ü. Ö: {link}", "é {link} ü. Ö: {link}"),
        ] {
            assert_eq!(without_holes(text, empty), expected, "{text}");
        }
    }
}
