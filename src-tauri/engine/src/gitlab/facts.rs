//! Finds facts in the text of an issue by the playbook's words: whom to ask, where to talk (H2, H10).

mod table;

use std::collections::BTreeMap;

use herald_core::feed::Found;
use herald_core::playbook::IssueFact;
use herald_core::text::clean_line;

use crate::lenient::is_web;

/// How much of an issue's text is looked at, in bytes.
const TEXT_BYTES_MAX: usize = 64 * 1024;
/// Longest name or channel that is kept, in graphemes.
const VALUE_MAX: usize = 80;
/// Where calls are held; a link to one of them is known for a call even without `https://` before it.
const CALL_HOSTS: [&str; 4] = ["zoom.us", "meet.google.com", "teams.microsoft.com", "webex.com"];
/// Digits that a telephone number has at least.
const DIGITS_MIN: usize = 7;
/// What people write where they do not know yet.
const NOTHING: [&str; 8] = ["-", "–", "—", "?", "n/a", "none", "tbd", "unknown"];

/// Looks for every fact; the first that is found counts.
pub(super) fn find(text: &str, words: &BTreeMap<IssueFact, Vec<String>>) -> Found {
    let text = without_comments(&text[..text.floor_char_boundary(TEXT_BYTES_MAX)]);
    let all: Vec<&str> = words.values().flatten().map(|word| bare(word)).filter(|word| !word.is_empty()).collect();
    let told = table::told(&text, &all);
    let lines: Vec<&str> = told.iter().map(String::as_str).collect();
    let first = |fact: IssueFact, read: fn(&str, &[&str]) -> Option<String>| {
        let wanted: Vec<&str> = words.get(&fact)?.iter().map(|word| bare(word)).filter(|it| !it.is_empty()).collect();
        (0..lines.len()).find_map(|at| {
            wanted.iter().find_map(|word| {
                let rest = after(lines[at], word)?;
                let below = || lines[at + 1..].iter().find(|line| !line.trim().is_empty());
                let rest = if decoration(rest).is_empty() { below().filter(|it| !is_heading(it))? } else { rest };
                read(rest, &all)
            })
        })
    };
    Found {
        call_url: first(IssueFact::Call, |rest, _| call(rest)),
        call_number: first(IssueFact::Call, |rest, all| number(&value(rest, all)?)),
        channel: first(IssueFact::Channel, |rest, all| value(rest, all).map(|value| channel(&value))),
        im: first(IssueFact::Im, value),
        eoc: first(IssueFact::Eoc, value),
    }
}

/// What readers of the issue do not see does not count.
pub(super) fn without_comments(text: &str) -> String {
    let (mut kept, mut rest) = (String::with_capacity(text.len()), text);
    while let Some((before, comment)) = rest.split_once("<!--") {
        kept.push_str(before);
        rest = comment.split_once("-->").map_or("", |(_, after)| after);
    }
    kept + rest
}

fn bare(word: &str) -> &str {
    word.trim().trim_end_matches(':').trim()
}

fn is_heading(line: &str) -> bool {
    line.trim_start().starts_with('#')
}

/// Without the marks that make text bold, a list or a table.
fn decoration(text: &str) -> &str {
    text.trim_matches(|c: char| c.is_whitespace() || "*_`|>:".contains(c))
}

/// What stands behind the word, where the word is a label: something ends it, or nothing else is on the line.
fn after<'a>(line: &'a str, word: &str) -> Option<&'a str> {
    let mut from = 0;
    while let Some(at) = find_ignoring_case(line, word, from) {
        let (before, rest) = (&line[..at], &line[at + word.len()..]);
        let apart = !before.chars().next_back().is_some_and(|c| c.is_alphanumeric() || c == '/' || c == '@');
        let marks = rest.trim_start_matches(|c: char| c.is_whitespace() || "*_`".contains(c));
        let alone = marks.is_empty() && decoration(before.trim_start_matches(['#', '-', ' '])).is_empty();
        if apart && alone {
            return Some("");
        }
        if apart && let Some(rest) = marks.strip_prefix([':', '|', '：']) {
            return Some(rest);
        }
        from = at + 1;
        while !line.is_char_boundary(from) {
            from += 1;
        }
    }
    None
}

fn find_ignoring_case(line: &str, word: &str, from: usize) -> Option<usize> {
    let last = line.len().checked_sub(word.len())?;
    (from..=last).find(|&at| line.get(at..at + word.len()).is_some_and(|part| part.eq_ignore_ascii_case(word)))
}

/// The name behind a label, up to whatever begins next on its line.
fn value(rest: &str, all: &[&str]) -> Option<String> {
    let rest = rest.trim_start_matches(|c: char| c.is_whitespace() || "*_`|>-".contains(c));
    let ends = ["**", "|", ";", "<br"].iter().filter_map(|mark| rest.find(mark));
    let labels = all.iter().filter_map(|word| {
        let at = find_ignoring_case(rest, word, 0)?;
        after(&rest[at..], word).map(|_| at)
    });
    let end = ends.chain(labels).min().unwrap_or(rest.len());
    let text = unlinked(&rest[..end]);
    let text = clean_line(text.trim_matches(|c: char| c.is_whitespace() || "*_`,;|-–—".contains(c)), VALUE_MAX);
    let known = !text.is_empty()
        && text.chars().any(char::is_alphanumeric)
        && !NOTHING.iter().chain(all).any(|nothing| text.eq_ignore_ascii_case(nothing));
    known.then_some(text)
}

/// `[words](link)` as its words.
fn unlinked(text: &str) -> String {
    let Some((before, rest)) = text.split_once('[') else { return text.to_owned() };
    match rest.split_once("](") {
        Some((words, rest)) => {
            let after = rest.split_once(')').map_or("", |(_, after)| after);
            format!("{before}{words}{after}")
        }
        None => text.to_owned(),
    }
}

/// The channel's name, where one is among the words.
fn channel(value: &str) -> String {
    let name = value.split_whitespace().find(|word| word.starts_with('#') && word.len() > 1);
    name.map_or(value, |name| name.trim_end_matches([',', '.', ')', ';'])).to_owned()
}

/// A telephone number, with what is dialled after it; nothing where there is a link, or too few digits.
fn number(value: &str) -> Option<String> {
    let digits = value.chars().filter(char::is_ascii_digit).count();
    let dials = |c: char| c.is_ascii_digit() || c.is_whitespace() || "+-().,;#*/x".contains(c);
    let number = value.trim();
    (digits >= DIGITS_MIN && number.chars().all(dials)).then(|| number.to_owned())
}

/// The first link to a web page, or to a known host of calls.
fn call(rest: &str) -> Option<String> {
    let part = |at: usize| {
        let end = rest[at..].find(|c: char| c.is_whitespace() || "()<>[]\"'`|\\".contains(c));
        rest[at..end.map_or(rest.len(), |end| at + end)].trim_end_matches(['.', ',', ';', ':', '!', '*'])
    };
    let starts = ["https://", "http://"].iter().filter_map(|scheme| find_ignoring_case(rest, scheme, 0));
    if let Some(at) = starts.min() {
        return Some(part(at).to_owned()).filter(|url| is_web(url));
    }
    let words = rest.split(|c: char| c.is_whitespace() || "()<>[]\"'`|*,".contains(c));
    let is_call = |word: &&str| {
        let host = word.split(['/', '?']).next().unwrap_or_default();
        CALL_HOSTS.iter().any(|known| host == *known || host.strip_suffix(known).is_some_and(|sub| sub.ends_with('.')))
    };
    words.into_iter().find(is_call).map(|word| format!("https://{word}")).filter(|url| is_web(url))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Found {
        let words = |words: &[&str]| words.iter().map(|&word| word.to_owned()).collect();
        let words = BTreeMap::from([
            (IssueFact::Im, words(&["IM:", "Incident Manager"])),
            (IssueFact::Eoc, words(&["EOC", "Engineer on call:"])),
            (IssueFact::Channel, words(&["Slack channel:"])),
            (IssueFact::Call, words(&["Zoom", "Call:"])),
        ]);
        find(text, &words)
    }

    #[test]
    fn people() {
        for (text, im, eoc) in [
            ("IM: @ann\nEOC: @bob", Some("@ann"), Some("@bob")),
            ("**IM:** Ann Lee **EOC:** Bob", Some("Ann Lee"), Some("Bob")),
            ("IM: Ann-Marie — EOC: Bob", Some("Ann-Marie"), Some("Bob")),
            ("- im : `@ann`, eoc: @bob", Some("@ann"), Some("@bob")),
            (
                "| Incident Manager | @ann |\n|---|---|\n| EOC | [Bob](https://x.example/bob) |",
                Some("@ann"),
                Some("Bob"),
            ),
            ("## Incident Manager\n\n@ann\n\n## EOC\n## Impact", Some("@ann"), None),
            ("IM: TBD\nEOC: -", None, None),
            ("IM: <!-- name -->\nIM: @ann", Some("@ann"), None),
            ("<!-- IM: @nobody -->", None, None),
            ("CLAIM: it fails\nHIM: no\nThe IM asked the EOC to wait", None, None),
            ("| IM | EOC |\n|---|---|", None, None),
            ("IM: ann\u{202E}gpj\u{0}", Some("anngpj"), None),
            ("", None, None),
        ] {
            let it = found(text);
            assert_eq!((it.im.as_deref(), it.eoc.as_deref()), (im, eoc), "{text:?}");
        }
    }

    #[test]
    fn tables() {
        for (text, im, eoc) in [
            ("| IM | EOC |\n|---|---|\n| @ann | @bob |", Some("@ann"), Some("@bob")),
            (
                "| Severity | **IM:** | Zone |\n|:-|:-:|-:|\n| S1 | [Ann](https://x.example/ann) | UTC |",
                Some("Ann"),
                None,
            ),
            ("| Incident Manager | Severity |\n|---|---|\n| TBD | S1 |\n| @ann | S1 |", Some("@ann"), None),
            ("| im | Severity |\n|---|---|", None, None),
            ("| Role | Person |\n|---|---|\n| IM | @ann |\n| EOC | `@bob` |", Some("@ann"), Some("@bob")),
            ("Role | Person | Since\n-|-|-\n**Engineer on call** | Bob | 9:00\nIM | | 9:00", None, Some("Bob")),
            ("| IM |\n|---|\n\nAll is well.", None, None),
            ("| IM | EOC |\n|---|---|\n| | @bob |\n\nIM: @ann", Some("@ann"), Some("@bob")),
            ("| IM | EOC |\n|---|---|\n| <!-- who --> | - |", None, None),
            ("| IM | Note |\n|---|---|\n| Ann\u{202E}gpj | \\| EOC: @bob |", Some("Anngpj"), Some("@bob")),
            ("| IMAGE | TIM |\n|---|---|\n| a.png | tom |", None, None),
        ] {
            let it = found(text);
            assert_eq!((it.im.as_deref(), it.eoc.as_deref()), (im, eoc), "{text:?}");
        }
        let all = found("| Zoom | Slack channel |\n|---|---|\n| [join](https://meet.example/x?a=1) | #inc-7, now |");
        assert_eq!(all.call_url.as_deref(), Some("https://meet.example/x?a=1"));
        assert_eq!(all.channel.as_deref(), Some("#inc-7"));
        let all = found("| Zoom | Channel |\n|---|---|\n| javascript:alert(1) | x |");
        assert_eq!(all.call_url, None);
    }

    #[test]
    fn channels() {
        for (text, expected) in [
            ("Slack channel: #incident-12345", Some("#incident-12345")),
            ("**Slack channel:** [#inc-7](https://chat.example/archives/C1)", Some("#inc-7")),
            ("Slack Channel: join #inc-7, please", Some("#inc-7")),
            ("Slack channel: incident room", Some("incident room")),
            ("Slack channel:", None),
        ] {
            assert_eq!(found(text).channel.as_deref(), expected, "{text:?}");
        }
    }

    #[test]
    fn calls() {
        for (text, expected) in [
            ("Zoom: https://example.zoom.us/j/123?pwd=a.b", Some("https://example.zoom.us/j/123?pwd=a.b")),
            ("**Call:** [join](https://meet.example/x-y).", Some("https://meet.example/x-y")),
            ("Call: <https://meet.example/x>, dial 1", Some("https://meet.example/x")),
            ("Zoom: example.zoom.us/j/9", Some("https://example.zoom.us/j/9")),
            ("Zoom: evilzoom.us/j/9", None),
            ("Zoom: javascript:alert(1)", None),
            ("Zoom: file:///etc/passwd", None),
            ("Zoom: ask in the channel", None),
            ("see https://meet.example/x", None),
        ] {
            assert_eq!(found(text).call_url.as_deref(), expected, "{text:?}");
        }
        for (text, expected) in [
            ("Call: +1 (415) 555-1212,,1234#", Some("+1 (415) 555-1212,,1234#")),
            ("Zoom: https://example.zoom.us/j/123456789", None),
            ("Call: 12 people", None),
            ("Call: 2026-11-30", Some("2026-11-30")),
        ] {
            assert_eq!(found(text).call_number.as_deref(), expected, "{text:?}");
        }
    }

    #[test]
    fn huge_texts_end() {
        let text = format!("{}\nIM: @late", "é*|IM ".repeat(200_000));
        assert_eq!(found(&text).im, None, "only the head is looked at");
        for row in ["|", "| IM ", "|-", "\\|", "IM|IM\n-|-\n", "|IM|\n|-|\n"] {
            found(&row.repeat(200_000));
            found(&format!("| IM | EOC |\n|---|---|\n{}", row.repeat(200_000)));
        }
        assert_eq!(found(&format!("IM: {}", "x".repeat(10_000))).im.map(|it| it.chars().count()), Some(VALUE_MAX));
    }
}
