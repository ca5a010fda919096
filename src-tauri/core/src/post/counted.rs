//! Finds the links that weigh what a link weighs: those that twitter-text v3 finds, sign for sign (H40).
//!
//! It follows `extractUrlsWithIndices` of the npm package `twitter-text` 3.1.0, whose regular expression tries more than
//! one way; here each way is walked once. `tests/tests/weight.rs` holds the two against each other. What differs and
//! is meant to differ stands in [`MEANT`].

use std::collections::BTreeMap;
use std::ops::Range;

/// What is counted otherwise than by the reference's own tables, and why. The test against the reference allows this
/// and nothing else.
pub const MEANT: [(&str, &str); 3] = [
    (
        "domains newer than the reference's table",
        "its table ends in 2020; a domain that was opened since is a link wherever the post is shown",
    ),
    (
        "emoji newer than the reference's table",
        "its table ends at Unicode 11; an emoji made of several signs is one sign since",
    ),
    (
        "links of the practice world",
        "they lead to loopback or end in .example, which no real post does (RFC 2606); in practice they count, so that \
         the lengths are those of the real place",
    ),
];

/// Domains of the reference's table that were closed since. Its suite holds them to be links.
const CLOSED: &str = " abarth active adac afamilycompany aigo alfaromeo an avianca bananarepublic bentley bl blanco bnl \
    boots bq budapest bugatti cancerresearch cartier caseih cbs ceb chloe chrysler cityeats comcast cookingchannel csc dabur \
    dodge doha doosan duck dunlop duns eh epost esurance etisalat everbank fiat flsmidth foodnetwork frontdoor fujixerox \
    glade goo goodhands guardian helsinki hgtv honeywell hoteles htc iinet intel iselect iveco iwc jcp jlc juniper \
    kerrylogistics kinder ladbrokes lancaster lancia lancome liaison linde lipsy lixil loft lupin macys maserati mcd mcdonalds \
    meo metlife mf mobily montblanc mopar movistar mtpc mutual mutuelle nadex nationwide natura newholland \
    northwesternmutual off oldnavy onion onyourside orientexpress pamperedchef panerai passagens piaget pramerica qvc raid \
    redstone rightathome rmit rocher sapo sca scjohnson scor ses shaw showtime shriram spiegel spreadbetting srt starhub \
    statoil swiftcover symantec telecity telefonica tiffany tp travelchannel uconnect um vista vistaprint volkswagen vuelos \
    warman wolterskluwer xfinity xperia zippo 大众汽车 工行 手表 珠宝 诺基亚 اتصالات موبايلي ";

/// The top-level domain that the practice world lives under. No real post has it (RFC 2606).
const PRACTICE_DOMAIN: &str = "example";

/// Longest link, with its scheme; longest label of a domain; longest end of a short link; all in UTF-16.
const LINK_MAX: usize = 4_096;
const LABEL_MAX: usize = 63;
const SHORT_MAX: usize = 40;

/// Longest top-level domain that is not written in ASCII, in characters.
const TOP_CHARS_MAX: usize = 24;

/// Where the links that count stand, in bytes, in a text that is composed (NFC).
pub(super) fn counted(text: &str, practice: bool) -> Vec<Range<usize>> {
    let mut scan = Scan { text, practice, label: 0..0, ends: BTreeMap::new() };
    let mut links = vec![];
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        let next = at + c.len_utf8();
        // The reference reads UTF-16: the first half of a sign may stand before a link and its other half in it.
        let halved = (c.len_utf16() == 2).then(|| scan.found(at)).flatten().map(|found| (found, Some(c)));
        let after = halved.or_else(|| opens(c).then(|| scan.found(next)).flatten().map(|found| (found, Some(c))));
        let found = after.or_else(|| (at == 0).then(|| scan.found(0)).flatten().map(|found| (found, None)));
        match found {
            Some((found, before)) => {
                links.extend(found.counts(text, before, practice));
                at = found.end;
            }
            None => at = next,
        }
    }
    links
}

/// A text that is searched, with what was found out on the way: a link may begin at any of its signs, so that without
/// this a long word would be read once for each of them.
struct Scan<'a> {
    text: &'a str,
    practice: bool,
    /// The last label that was read.
    label: Range<usize>,
    /// Where the domain ends whose next label begins at a place.
    ends: BTreeMap<usize, Option<usize>>,
}

impl Scan<'_> {
    fn found(&mut self, start: usize) -> Option<Found> {
        let text = self.text;
        let scheme =
            ["https://", "http://"].into_iter().find(|scheme| begins(&text[start..], scheme)).map_or(0, str::len);
        let domain = start + scheme;
        let local = (self.practice && scheme > 0).then(|| loopback(text, domain)).flatten();
        let domain_end = self.domain_end(domain).or(local)?;
        let mut end = domain_end + port(&text[domain_end..]);
        let path = text[end..].starts_with('/');
        if path {
            end = path_end(text, end + 1);
        }
        Some(Found { start, domain, domain_end, path, end: query_end(text, end) })
    }

    /// Where the domain ends that begins here: after the last label that can be a top-level one.
    fn domain_end(&mut self, start: usize) -> Option<usize> {
        let mut labels = vec![];
        let mut at = start;
        let mut end = None;
        while let Some(next) = self.after_label(at) {
            labels.push((at, next));
            if let Some(known) = self.ends.get(&next) {
                end = *known;
                break;
            }
            at = next;
        }
        for (at, next) in labels.into_iter().rev() {
            // An underscore may stand in a name before the last, not in that.
            let last = !self.text[at..next].contains('_');
            end = end
                .or_else(|| last.then(|| top_level(&self.text[next..], self.practice).map(|top| next + top)).flatten());
            if at > start {
                self.ends.insert(at, end);
            }
        }
        end
    }

    /// What follows the full stop after the label that begins here, if it is one.
    fn after_label(&mut self, at: usize) -> Option<usize> {
        if !(self.label.start <= at && at < self.label.end) {
            self.label = at..at + run(&self.text[at..], |c| in_label(c) || matches!(c, '-' | '_'));
        }
        let label = &self.text[at..self.label.end];
        let bare = |c: Option<char>| c.is_some_and(in_label);
        let whole = bare(label.chars().next()) && bare(label.chars().next_back());
        (whole && self.text[self.label.end..].starts_with('.')).then_some(self.label.end + 1)
    }
}

/// Something that looks like a link.
struct Found {
    start: usize,
    /// Where the domain begins: after the scheme.
    domain: usize,
    domain_end: usize,
    /// Whether a path follows the domain.
    path: bool,
    end: usize,
}

impl Found {
    /// What of it counts. Without a scheme that is only what is written in Latin letters.
    fn counts(&self, text: &str, before: Option<char>, practice: bool) -> Vec<Range<usize>> {
        let domain = &text[self.domain..self.domain_end];
        let scheme = if self.domain > self.start { self.domain - self.start } else { "https://".len() };
        if !sound(domain) || scheme + units(&text[self.domain..self.end]) > LINK_MAX {
            return vec![];
        }
        if self.domain > self.start {
            return Vec::from_iter(self.shortened(text));
        }
        if before.is_some_and(|c| matches!(c, '-' | '_' | '.' | '/')) {
            return vec![];
        }
        let mut links = latin_domains(domain, practice);
        links.iter_mut().for_each(|link| *link = link.start + self.start..link.end + self.start);
        if let Some(last) = links.last_mut().filter(|_| self.path) {
            // The reference adds the path to the last domain, also where signs of another script stand between.
            last.end = advance(text, last.end, units(&text[self.domain_end..self.end]));
        }
        links
    }

    /// A link of t.co ends where its short name does, and one with a longer name is none.
    fn shortened(&self, text: &str) -> Option<Range<usize>> {
        let rest = &text[self.domain..self.end];
        if !begins(rest, "t.co/") {
            return Some(self.start..self.end);
        }
        let name = self.domain + "t.co/".len();
        let name_end = name + run(&text[name..self.end], |c| c.is_ascii_alphanumeric());
        match name_end - name {
            0 => Some(self.start..self.end),
            1..=SHORT_MAX => Some(self.start..query_end(text, name_end)),
            _ => None,
        }
    }
}

/// Whether a link may begin after this sign: `@name.com`, `#name.com` and `$name.com` are none.
fn opens(c: char) -> bool {
    !(c.is_ascii_alphanumeric() || matches!(c, '@' | '＠' | '$' | '#' | '＃' | '\u{FFFE}' | '\u{FEFF}' | '\u{FFFF}'))
}

/// A sign that a label of a domain may hold: every one that is no mark, no space and shows no direction.
fn in_label(c: char) -> bool {
    const MARKS: &str = "!'#%&()*+,\\-./:;<=>?@[]^_{|}~$";
    let space = matches!(c, '\t'..='\r' | ' ' | '\u{85}' | '\u{A0}' | '\u{1680}' | '\u{180E}' | '\u{2000}'..='\u{200A}'
        | '\u{2028}' | '\u{2029}' | '\u{202F}' | '\u{205F}' | '\u{3000}');
    let unseen = matches!(c, '\u{FFFE}' | '\u{FEFF}' | '\u{FFFF}' | '\u{202A}'..='\u{202E}' | '\u{61C}' | '\u{200E}'
        | '\u{200F}' | '\u{2066}'..='\u{2069}');
    !(space || unseen || MARKS.contains(c))
}

/// How long the top-level domain is that a text begins with.
fn top_level(text: &str, practice: bool) -> Option<usize> {
    let ends =
        |rest: &str| rest.chars().next().is_none_or(|c| !(c.is_ascii_alphanumeric() || matches!(c, '@' | '+' | '-')));
    let plain = run(text, |c| c.is_ascii_alphanumeric());
    if plain > 0 && ends(&text[plain..]) && exists(&text[..plain], practice) {
        return Some(plain);
    }
    if begins(text, "xn--") {
        let length = run(text, |c| c.is_ascii_alphanumeric() || c == '-');
        return (length > "xn--".len()).then_some(length);
    }
    let label = text.char_indices().take_while(|(_, c)| in_label(*c)).take(TOP_CHARS_MAX);
    let lengths: Vec<usize> = label.map(|(at, c)| at + c.len_utf8()).filter(|length| *length > plain).collect();
    lengths.into_iter().rev().find(|length| ends(&text[*length..]) && exists(&text[..*length], practice))
}

/// Whether there is, or was, such a top-level domain.
pub(super) fn exists(top: &str, practice: bool) -> bool {
    let top = top.to_lowercase();
    let closed = || CLOSED.contains(&format!(" {top} "));
    idna::domain_to_ascii(&top).is_ok_and(|top| tld::exist(&top)) || closed() || practice && top == PRACTICE_DOMAIN
}

/// The end of a host on this computer.
fn loopback(text: &str, start: usize) -> Option<usize> {
    let host = ["127.0.0.1", "localhost", "[::1]"].into_iter().find(|host| begins(&text[start..], host))?;
    let rest = &text[start + host.len()..];
    rest.chars()
        .next()
        .is_none_or(|c| !(in_label(c) || matches!(c, '-' | '_' | '.' | '@')))
        .then_some(start + host.len())
}

fn port(text: &str) -> usize {
    let digits = text.strip_prefix(':').map_or(0, |rest| run(rest, |c| c.is_ascii_digit()));
    if digits > 0 { digits + 1 } else { 0 }
}

/// Where a path ends that goes on here: at its last sign that is no mark, with parentheses in pairs.
fn path_end(text: &str, start: usize) -> usize {
    let (mut at, mut end) = (start, start);
    while let Some(c) = text[at..].chars().next() {
        if in_path(c) {
            at += c.len_utf8();
            if ends_path(c) {
                end = at;
            }
        } else if let Some(length) = (c == '(').then(|| pair(&text[at..])).flatten() {
            at += length;
            end = at;
        } else {
            break;
        }
    }
    end
}

fn in_path(c: char) -> bool {
    ends_path(c) || "!*';:,.$%[]–~@|&".contains(c)
}

fn ends_path(c: char) -> bool {
    c.is_ascii_alphanumeric() || "+-=_#/".contains(c) || cyrillic(c) || latin(c)
}

/// How long a pair of parentheses is, with something in it and at most one more pair.
fn pair(text: &str) -> Option<usize> {
    let words = |at: usize| at + run(&text[at..], in_path);
    let closed = |at: usize| text[at..].starts_with(')').then_some(at + 1);
    let first = words(1);
    if let Some(end) = closed(first) {
        return (first > 1).then_some(end);
    }
    let inner = text[first..].starts_with('(').then_some(first + 1)?;
    let inner_end = words(inner);
    let after = closed(inner_end).filter(|_| inner_end > inner)?;
    closed(words(after))
}

fn query_end(text: &str, start: usize) -> usize {
    let Some(query) = text[start..].strip_prefix('?') else { return start };
    let marks = |c: char| "!?*'@();:&=+$/%#[]-_.,~|".contains(c);
    let length = run(query, |c| c.is_ascii_alphanumeric() || marks(c));
    let last = query[..length].rfind(|c: char| c.is_ascii_alphanumeric() || "-_&=#/".contains(c));
    last.map_or(start, |last| start + 1 + last + 1)
}

/// The domains in Latin letters within one, in bytes of it.
fn latin_domains(domain: &str, practice: bool) -> Vec<Range<usize>> {
    let letter = |c: char| c.is_ascii_alphanumeric() || c == '-' || latin(c);
    let mut found = vec![];
    let mut at = 0;
    while let Some(c) = domain[at..].chars().next() {
        let (mut tops, mut label) = (vec![], at);
        loop {
            let length = run(&domain[label..], letter);
            if length == 0 || !domain[label + length..].starts_with('.') {
                break;
            }
            label += length + 1;
            tops.push(label);
        }
        let end = tops.into_iter().rev().find_map(|top| Some(top + top_level(&domain[top..], practice)?));
        found.extend(end.map(|end| at..end));
        at = end.unwrap_or(at + run(&domain[at..], letter).max(c.len_utf8()));
    }
    found
}

/// Whether no label is longer than a name server takes, written in ASCII.
fn sound(domain: &str) -> bool {
    if domain.starts_with("xn--") && !domain.is_ascii() && latin_domains(domain, false).is_empty() {
        return false;
    }
    let ascii = |part: &str| match part.is_ascii() {
        true => part.len(),
        false => idna::punycode::encode_str(part).map_or(usize::MAX, |code| "xn--".len() + code.len()),
    };
    domain.split('.').all(|label| {
        let parts = label.split(['。', '．', '｡']).map(ascii);
        let length = parts.fold(0, |sum: usize, part| sum.saturating_add(part).saturating_add(1));
        (2..=LABEL_MAX + 1).contains(&length)
    })
}

/// Cyrillic letters and marks, and what differs from one only by its case.
fn cyrillic(c: char) -> bool {
    matches!(c, '\u{400}'..='\u{4FF}') || matches!(upper(c), '\u{400}'..='\u{4FF}')
}

/// Latin letters beyond ASCII and the marks over letters, and what differs from one only by its case.
fn latin(c: char) -> bool {
    let latin = |c: char| {
        matches!(c, 'À'..='Ö' | 'Ø'..='ö' | 'ø'..='ɏ' | '\u{253}' | '\u{254}' | '\u{256}' | '\u{257}' | '\u{259}' | '\u{25B}'
            | '\u{263}' | '\u{268}' | '\u{26F}' | '\u{272}' | '\u{289}' | '\u{28B}' | '\u{2BB}' | '\u{300}'..='\u{36F}'
            | '\u{1E00}'..='\u{1EFF}')
    };
    // The upper case of three of them lies elsewhere.
    !c.is_ascii() && (latin(c) || latin(upper(c)) || matches!(upper(c), '\u{399}' | '\u{2C7E}' | '\u{2C7F}'))
}

/// The one upper-case letter of a letter.
fn upper(c: char) -> char {
    let mut upper = c.to_uppercase();
    match (upper.next(), upper.next()) {
        (Some(one), None) => one,
        _ => c,
    }
}

fn begins(text: &str, with: &str) -> bool {
    text.get(..with.len()).is_some_and(|head| head.eq_ignore_ascii_case(with))
}

/// How many bytes at the beginning fit.
fn run(text: &str, fits: impl Fn(char) -> bool) -> usize {
    text.find(|c| !fits(c)).unwrap_or(text.len())
}

fn units(text: &str) -> usize {
    text.chars().map(char::len_utf16).sum()
}

/// The place that many units of UTF-16 further on.
fn advance(text: &str, from: usize, units: usize) -> usize {
    let mut left = units;
    let mut at = from;
    for c in text[from..].chars() {
        if left == 0 {
            break;
        }
        left = left.saturating_sub(c.len_utf16());
        at += c.len_utf8();
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_domain_touches() {
        for (text, expected) in [
            ("GitLab.com’s", vec!["GitLab.com"]),
            ("“GitLab.com”", vec!["GitLab.com"]),
            ("«GitLab.com»", vec!["GitLab.com"]),
            ("GitLab.com—we look", vec!["GitLab.com"]),
            ("on\u{A0}GitLab.com\u{A0}now", vec!["GitLab.com"]),
            ("在GitLab.com上", vec!["GitLab.com"]),
            ("“gitlab.com/x/-/issues/1”", vec!["gitlab.com/x/-/issues/1"]),
            ("https://gitlab.com’s", vec!["https://gitlab.com"]),
            ("GitLab.com's", vec!["GitLab.com"]),
            ("(GitLab.com)", vec!["GitLab.com"]),
            ("-gitlab.com .gitlab.com _gitlab.com /gitlab.com", vec![]),
            ("@gitlab.com #gitlab.com $gitlab.com agitlab.co", vec!["agitlab.co"]),
            ("ann@gitlab.com", vec![]),
        ] {
            assert_eq!(found(text, false), expected, "{text:?}");
        }
    }

    #[test]
    fn hosts_ports_and_paths() {
        let long = format!("https://{}.com/x", "a".repeat(64));
        for (text, expected) in [
            ("https://a_b.gitlab.com/x", vec!["https://a_b.gitlab.com/x"]),
            ("a_b.gitlab.com/x", vec!["b.gitlab.com/x"]),
            ("https://git_lab.com/x", vec![]),
            ("https://gitlab.com:8443/x", vec!["https://gitlab.com:8443/x"]),
            ("gitlab.com:8443 and gitlab.com:8443/x", vec!["gitlab.com", "gitlab.com:8443/x"]),
            (long.as_str(), vec![]),
            ("https://gitlab.com/a–b|c|/x-", vec!["https://gitlab.com/a–b|c|/x-"]),
            ("https://gitlab.com/a—b", vec!["https://gitlab.com/a"]),
            ("https://gitlab.com/a_(b_(c))?q=1|2&.", vec!["https://gitlab.com/a_(b_(c))?q=1|2&"]),
            ("https://gitlab.com/a(b", vec!["https://gitlab.com/a"]),
            ("gitlab.com?a=1 https://gitlab.com?a=1", vec!["gitlab.com", "https://gitlab.com?a=1"]),
            ("https://t.co/abc-d", vec!["https://t.co/abc"]),
            ("https://wiki.internal/x http://otters", vec![]),
        ] {
            assert_eq!(found(text, false), expected, "{text:?}");
        }
    }

    #[test]
    fn practice_has_links_of_its_own() {
        let text = "http://127.0.0.1:4010/gitlab/-/issues/7, http://localhost/x https://tracker.quillbrook.example/7";
        assert_eq!(found(text, true).len(), 3, "a trainee meets the rule");
        assert_eq!(found(text, false), Vec::<&str>::new(), "a real place shows them as text");
        assert_eq!(found("http://localhosts/x http://127.0.0.12/ localhost", true), Vec::<&str>::new());
    }

    #[test]
    fn closed_domains_are_closed() {
        for top in CLOSED.split_whitespace() {
            let ascii = idna::domain_to_ascii(top).expect("a domain");
            assert!(!tld::exist(&ascii) && exists(top, false), "{top} is in the table of today");
        }
    }

    fn found(text: &str, practice: bool) -> Vec<&str> {
        counted(text, practice).into_iter().map(|link| &text[link]).collect()
    }
}
