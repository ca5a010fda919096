//! Makes text from outside safe to show: no controls, no direction tricks, never longer than a screen can bear.

use unicode_segmentation::UnicodeSegmentation as _;

/// Longest title that is kept, in graphemes (faults.md 39).
pub const TITLE_GRAPHEMES_MAX: usize = 200;

/// Longest grapheme that is kept, in characters: a family of emoji needs 11, marks can be stacked without end.
const GRAPHEME_CHARS_MAX: usize = 16;

/// Bytes looked at before anything else is done with a text; a 10 MB title must not cost 10 MB of work.
const BYTES_MAX: usize = 16 * 1024;

/// Cleans one line of untrusted text and cuts it at `graphemes_max` with an ellipsis (H111, faults.md 39).
#[must_use]
pub fn clean_line(text: &str, graphemes_max: usize) -> String {
    let head = &text[..text.floor_char_boundary(BYTES_MAX)];
    let mut line = String::with_capacity(head.len().min(256));
    for c in head.chars() {
        match c {
            '\n' | '\r' | '\t' | '\u{2028}' | '\u{2029}' => line.push(' '),
            _ if is_hidden(c) => {}
            _ => line.push(c),
        }
    }
    let line = line.split_whitespace().collect::<Vec<_>>().join(" ");
    let line = if line.is_ascii() { line } else { unstack(&line) };
    cut(&line, graphemes_max, head.len() < text.len())
}

/// Cleans a title; an empty one gets words, so that nothing is ever announced as a blank line.
#[must_use]
pub fn title(text: &str) -> String {
    let title = clean_line(text, TITLE_GRAPHEMES_MAX);
    if title.is_empty() { "(no title)".into() } else { title }
}

/// Wraps text in a first-strong isolate, so that right-to-left words cannot rearrange the sentence around them.
#[must_use]
pub fn isolate(text: &str) -> String {
    format!("\u{2068}{text}\u{2069}")
}

/// Whether two texts are the same but for what pages do to them: spaces, line breaks, escaped signs, invisible
/// characters. Taking one for another would cost an update; taking the same for different would publish or count it twice.
#[must_use]
pub fn same_text(one: &str, other: &str) -> bool {
    one == other || essence(one) == essence(other)
}

/// Letters and digits; of a text without any, every sign that can be seen.
pub(crate) fn essence(text: &str) -> String {
    // Twice: some pages escape what is escaped already.
    let text = unescaped(&unescaped(&without_breaks(text)));
    let text = without_breaks(&text);
    let letters: String = text.chars().filter(|c| c.is_alphanumeric()).collect();
    let seen = |c: &char| !c.is_whitespace() && !is_hidden(*c);
    if letters.is_empty() { text.chars().filter(seen).collect() } else { letters }
}

/// `<br>` in its spellings as a space.
fn without_breaks(text: &str) -> String {
    let mut parts = text.split('<');
    let mut kept = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let tag = part.split_once('>').filter(|(tag, _)| tag.trim_end_matches('/').trim().eq_ignore_ascii_case("br"));
        match tag {
            Some((_, rest)) => kept.extend([" ", rest]),
            None => kept.extend(["<", part]),
        }
    }
    kept
}

/// Signs that HTML escapes, as themselves.
fn unescaped(text: &str) -> String {
    let mut parts = text.split('&');
    let mut kept = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let entity = part.split_once(';').and_then(|(name, rest)| Some((sign_of(name)?, rest)));
        match entity {
            Some((sign, rest)) => {
                kept.push(sign);
                kept.push_str(rest);
            }
            None => kept.extend(["&", part]),
        }
    }
    kept
}

fn sign_of(entity: &str) -> Option<char> {
    let number = entity.strip_prefix('#');
    let hex = number.and_then(|number| number.strip_prefix(['x', 'X']));
    match (number, hex) {
        (_, Some(hex)) => char::from_u32(u32::from_str_radix(hex, 16).ok()?),
        (Some(number), None) => char::from_u32(number.parse().ok()?),
        (None, None) => [("nbsp", ' '), ("lt", '<'), ("gt", '>'), ("quot", '"'), ("apos", '\''), ("amp", '&')]
            .into_iter()
            .find_map(|(name, sign)| (name == entity).then_some(sign)),
    }
}

/// Shortens graphemes that would reach over the lines above and below.
fn unstack(line: &str) -> String {
    line.graphemes(true).flat_map(|grapheme| grapheme.chars().take(GRAPHEME_CHARS_MAX)).collect()
}

fn cut(line: &str, graphemes_max: usize, already_cut: bool) -> String {
    match line.grapheme_indices(true).nth(graphemes_max) {
        Some((_, _)) => {
            let kept: String = line.graphemes(true).take(graphemes_max.saturating_sub(1)).collect();
            format!("{}…", kept.trim_end())
        }
        None if already_cut => format!("{line}…"),
        None => line.to_owned(),
    }
}

/// Controls, direction overrides and invisible characters. The zero-width joiner stays: emoji are built with it.
fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{061C}' | '\u{200B}' | '\u{200E}' | '\u{200F}' | '\u{2060}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}'
            | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{E0000}'..='\u{E007F}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cleaning() {
        for (given, expected) in [
            ("Sign-in fails", "Sign-in fails"),
            ("  two\n lines\t", "two lines"),
            ("a\u{0}b\u{7}c\u{1b}[31m", "abc[31m"),
            ("evil\u{202E}gpj.exe", "evilgpj.exe"),
            ("zero\u{200B}width", "zerowidth"),
            ("<img src=x onerror=alert(1)>", "<img src=x onerror=alert(1)>"),
            ("👩‍🚒 down", "👩‍🚒 down"),
            ("", "(no title)"),
            ("\u{200B}\n", "(no title)"),
        ] {
            assert_eq!(title(given), expected, "{given:?}");
        }
    }

    #[test]
    fn the_same_text_is_known_again() {
        for (one, other, expected) in [
            ("We're on it.", "We&#39;re  on it.\n", true),
            ("We're on it.", "We&amp;#39;re on it.", true),
            ("We're on it.", "We&#x27;re on it.", true),
            ("a & b", "a &amp; b", true),
            ("two\nlines", "two<br />lines", true),
            ("two\nlines", "two<BR>lines", true),
            ("two\nlines", "two&lt;br/&gt;lines", true),
            ("breaks", "breaks<br", false),
            ("\u{200F}אנחנו בודקים.", "אנחנו בודקים.", true),
            ("Down in 🇩🇪 and 🏴\u{E0067}\u{E0062}\u{E007F}", "Down in 🇩🇪 and 🏴", true),
            ("👍\u{200B}", "👍", true),
            ("👍", "👎", false),
            ("We're on it.", "We're still on it.", false),
            ("fixed in 5 min", "fixed in 15 min", false),
            ("&#xD800; &#99999999999; & &;", "&#xD800; &#99999999999; & &;", true),
        ] {
            assert_eq!(same_text(one, other), expected, "{one:?} and {other:?}");
        }
    }

    #[test]
    fn long_titles_end_at_a_grapheme() {
        let family = "👨‍👩‍👧‍👦".repeat(300);
        let cut = title(&family);
        assert_eq!(cut.graphemes(true).count(), TITLE_GRAPHEMES_MAX, "cut to the limit, ellipsis included");
        assert!(cut.ends_with("👦…"), "no grapheme is broken");
        let stacked = title(&format!("e{} down", "\u{301}".repeat(5000)));
        assert_eq!(stacked.chars().count(), GRAPHEME_CHARS_MAX + " down".len(), "marks do not reach into other lines");
        let huge = title(&"x".repeat(10_000_000));
        assert_eq!(huge.len(), TITLE_GRAPHEMES_MAX - 1 + '…'.len_utf8(), "a huge title costs no more than its head");
    }
}
