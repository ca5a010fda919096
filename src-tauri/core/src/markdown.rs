//! What others wrote, as text inside a Markdown that another service reads: a handover in the tracker, an export that is
//! pasted somewhere. Nothing in it links, mentions, names or commands anything there (H111): a number names the issue of
//! another project, a name calls somebody, a link tells that issue that it was mentioned. Only what is written here as a
//! link is one.
//!
//! References are those of GitLab's own list ("GitLab Flavored Markdown", GitLab-specific references, and "Quick
//! actions"), with the bare links of GitHub Flavored Markdown's extension.

use crate::text::clean_line;

/// Longest text that is written, in graphemes: a public text is 280.
const TEXT_MAX: usize = 400;
/// Joins what it stands between and cannot be seen: a name behind it is not told, a command is none.
pub const JOINER: char = '\u{2060}';
/// Length of what may name a commit, in signs.
const COMMIT: std::ops::RangeInclusive<usize> = 7..=40;

/// A line of others' words.
#[must_use]
pub fn inert(text: &str) -> String {
    inert_line(&clean_line(text, TEXT_MAX))
}

/// The same for a line that is cleaned and as long as it may be.
#[must_use]
pub fn inert_line(line: &str) -> String {
    let mut safe = String::with_capacity(line.len() + 8);
    let mut word_from = 0;
    let signs: Vec<(usize, char)> = line.char_indices().collect();
    for (nth, &(at, c)) in signs.iter().enumerate() {
        let before = nth.checked_sub(1).map(|nth| signs[nth].1);
        let next = signs.get(nth + 1).map(|(_, next)| *next);
        if !is_word(c) {
            word_from = at + c.len_utf8();
        } else if before.is_none_or(|before| !is_word(before)) {
            word_from = at;
        }
        let begins_line = nth == 0 && matches!((c, next), ('#', Some(' ' | '#')) | ('+' | '-', Some(' ')));
        let within = |it: Option<char>| it.is_some_and(char::is_alphanumeric);
        let slants = c == '_' && !(within(before) && within(next));
        if begins_line || slants || matches!(c, '\\' | '`' | '<' | '>' | '[' | ']' | '*' | '~' | '|') {
            safe.push('\\');
        }
        safe.push(c);
        if refers(c, next) || begins_link(line, word_from, at, c) || is_key(line, at, c, next) {
            safe.push(JOINER);
        }
        if is_word(c) && at == word_from && is_commit(line, at) {
            safe.push(JOINER);
        }
    }
    safe
}

/// Whether a sign would make a reference of what stands behind it: `#12`, `!3`, `&4`, `&#35;`, `@name`, `~label`,
/// `%milestone`, `$5`, `^alert`, `[vulnerability:1]`.
fn refers(c: char, next: Option<char>) -> bool {
    let named = next.is_some_and(|next| next.is_alphanumeric() || matches!(next, '_' | '"' | '#' | '.' | '-'));
    match c {
        '@' => true,
        '#' | '!' | '&' | '~' | '%' | '^' | '[' => named,
        '$' => next.is_some_and(|next| next.is_alphanumeric() || matches!(next, '$' | '{' | '\\')),
        _ => false,
    }
}

/// Whether the sign stands within the beginning of a bare link: `https://`, `www.`.
fn begins_link(line: &str, word_from: usize, at: usize, c: char) -> bool {
    match c {
        ':' => line[at..].starts_with("://"),
        'w' | 'W' => line[word_from..=at].eq_ignore_ascii_case("www") && line[at + 1..].starts_with('.'),
        _ => false,
    }
}

/// Whether the hyphen is that of a key of another tracker: `OPS-12`.
fn is_key(line: &str, at: usize, c: char, next: Option<char>) -> bool {
    if c != '-' || !next.is_some_and(|next| next.is_ascii_digit()) {
        return false;
    }
    let head = &line[..at];
    let from =
        head.rfind(|c: char| !is_word(c)).map_or(0, |at| at + head[at..].chars().next().map_or(1, char::len_utf8));
    let key = &head[from..];
    key.starts_with(|c: char| c.is_ascii_uppercase())
        && key.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
}

/// Whether the word that begins here could name a commit. Numbers alone name none.
fn is_commit(line: &str, from: usize) -> bool {
    let word: &str = line[from..].split(|c: char| !is_word(c)).next().unwrap_or_default();
    let hex = word.chars().all(|c| c.is_ascii_hexdigit());
    hex && COMMIT.contains(&word.len()) && word.contains(|c: char| c.is_ascii_alphabetic())
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// A link that is one; anything else is left out (H111).
#[must_use]
pub fn link(url: &str) -> String {
    if is_link(url) { format!("<{url}>") } else { String::new() }
}

/// The number of something that stands elsewhere: it leads there where its place is known, and is no reference here.
#[must_use]
pub fn number(number: u64, url: Option<&str>) -> String {
    match url.filter(|url| is_link(url) && !url.contains(['(', ')'])) {
        Some(url) => format!("[#{JOINER}{number}]({url})"),
        None => format!("#{JOINER}{number}"),
    }
}

fn is_link(url: &str) -> bool {
    let web = url.starts_with("https://") || url.starts_with("http://");
    web && !url.contains(|c: char| c.is_whitespace() || c.is_control() || matches!(c, '<' | '>' | '"'))
}

/// The user's own words as they leave: nothing in them is a command to the tracker, and none hides the rest.
#[must_use]
pub fn outgoing(text: &str) -> String {
    let plain = text.replace("<!--", "<\u{2060}!--");
    let tame = |line: &str| {
        let commands = line.trim_start().starts_with('/');
        if commands { format!("{JOINER}{line}") } else { line.to_owned() }
    };
    plain.lines().map(tame).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a service that reads this sees of a text: signs that are escaped are only signs.
    fn live(text: &str) -> Vec<&str> {
        let words = text.split(|c: char| c.is_whitespace() || matches!(c, '(' | ')' | ',' | ';' | '"'));
        let refers = |word: &&str| {
            let word = word.trim_end_matches(['.', '!', '?', ':']);
            let number = |sign: char| {
                word.rsplit_once(sign).is_some_and(|(_, it)| !it.is_empty() && it.chars().all(|c| c.is_ascii_digit()))
            };
            let name = |sign: char| {
                let at = word.find(sign);
                at.is_some_and(|at| word[at + 1..].starts_with(|c: char| c.is_ascii_alphanumeric() || c == '"'))
            };
            ['#', '!', '&', '$'].into_iter().any(number)
                || ['@', '~', '%'].into_iter().any(name)
                || word.contains("://")
                || word.starts_with("www.")
                || word.starts_with('/')
                || word.contains("&#")
                || word
                    .trim_start_matches('!')
                    .strip_prefix('[')
                    .is_some_and(|it| it.starts_with(char::is_alphanumeric))
                || is_commit(word, 0)
        };
        words.filter(refers).collect()
    }

    #[test]
    fn others_words_refer_to_nothing() {
        for text in [
            "Closes #12",
            "see !3 and &4",
            "group/project#12",
            "group&4",
            "ask @ann or @all",
            "ann@example.com",
            "~bug ~\"to do\"",
            "%17.0 %\"next one\"",
            "$45",
            "https://gl.example/a/-/issues/12",
            "www.example.com/x",
            "ftp://example.com",
            "&#64;all",
            "&#x23;12",
            "[vulnerability:1]",
            "[feature_flag:2]",
            "^alert#3",
            "b19a04f5 reverts 9ba12248c",
            "#12: !3: @ann.",
            "(#12)",
            "[text](https://a.example)",
            "![x](https://a.example)",
        ] {
            assert!(!live(text).is_empty(), "{text} refers to something");
            let safe = inert(text);
            assert_eq!(live(&safe.replace('\\', "")), Vec::<&str>::new(), "{safe}");
            let seen: String = safe.chars().filter(|c| *c != JOINER && *c != '\\').collect();
            assert_eq!(seen, text, "people read the same");
        }
    }

    #[test]
    fn signs_and_plain_words() {
        for (text, expected) in [
            ("Mail is late", "Mail is late"),
            ("100 % of R & D, 5 $, #", "100 % of R & D, 5 $, #"),
            ("1234567 people", "1234567 people"),
            ("OPS-12 and UTC-x", "OPS-\u{2060}12 and UTC-x"),
            ("# no heading", "\\# no heading"),
            ("- no list", "\\- no list"),
            ("a_b <b> `c` *d* [e] ~f |", "a_b \\<b\\> \\`c\\` \\*d\\* \\[\u{2060}e\\] \\~\u{2060}f \\|"),
            ("two\nlines", "two lines"),
        ] {
            assert_eq!(inert(text), expected, "{text}");
        }
    }

    #[test]
    fn what_is_meant_leads_where_it_is() {
        let url = "https://gl.example/ops/-/issues/7";
        assert_eq!(number(7, Some(url)), format!("[#\u{2060}7]({url})"));
        for bad in [None, Some("javascript:alert(1)"), Some("https://a.example/(x"), Some("https://a.example/ x")] {
            assert_eq!(number(7, bad), "#\u{2060}7", "{bad:?}");
        }
        assert_eq!(link(url), format!("<{url}>"));
        assert_eq!(link("https://a.example/<x>"), "");
    }
}
