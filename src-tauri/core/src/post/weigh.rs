//! Weighs a text as the strictest place that shows it does, twitter-text v3, and cuts it as that place does (H40).

use std::borrow::Cow;
use std::ops::Range;

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use unicode_normalization::{UnicodeNormalization as _, is_nfc};
use unicode_segmentation::UnicodeSegmentation as _;

use super::counted::counted;
use super::emoji;

/// What a heavy code point weighs, and an emoji however many code points it is built of.
const HEAVY: u32 = 2;

/// Longest text in which links are looked for, in bytes: the longest that a draft may be.
const LINKS_BYTES_MAX: usize = 64 * 1024;

/// What a cut post ends with.
const ELLIPSIS: char = '…';

/// How long an update may be. A place that counts otherwise changes it in the playbook (H40).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// All of it, including links.
    pub total: u32,
    /// What is seen where posts are cut.
    pub visible: u32,
    /// The text before the last link.
    pub body: u32,
    /// What any link weighs.
    pub link: u32,
    /// Whether links of the practice world weigh what others do.
    #[serde(skip)]
    pub practice: bool,
}

impl Default for Limits {
    fn default() -> Self {
        Self { total: 280, visible: 230, body: 220, link: 23, practice: false }
    }
}

/// How much of one limit is used (H40).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Meter {
    /// The weight.
    pub used: u32,
    /// The most it may be.
    pub limit: u32,
}

impl Meter {
    /// By how much it is too long; 0 when it fits (H40).
    #[must_use]
    pub fn over(self) -> u32 {
        self.used.saturating_sub(self.limit)
    }
}

/// The three lengths that the composer shows (H40).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Meters {
    /// The text before the last link; all of it without a link.
    pub body: Meter,
    /// All of it against what is seen where posts are cut.
    pub visible: Meter,
    /// All of it.
    pub total: Meter,
}

/// What readers see where posts are cut (H40).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Cut {
    /// What is seen, with its ellipsis; the whole text when it fits.
    pub shown: String,
    /// What nobody sees there.
    pub lost: String,
    /// Characters of the last link that fit before the limit, where a place cuts without regard for links.
    pub link_chars: u32,
}

/// The three lengths of a text (H40).
#[must_use]
pub fn meters(text: &str, limits: &Limits) -> Meters {
    let used = weight(text, limits);
    Meters {
        body: Meter { used: weight(body(text, limits), limits), limit: limits.body },
        visible: Meter { used, limit: limits.visible },
        total: Meter { used, limit: limits.total },
    }
}

/// The text before the last link; all of it without a link (H40).
#[must_use]
pub fn body<'a>(text: &'a str, limits: &Limits) -> &'a str {
    match links(text, limits).last() {
        Some(link) => text[..link.start].trim_end(),
        None => text,
    }
}

/// Where the links stand that weigh what a link weighs, in bytes; none are looked for in a text that no draft holds (H40).
#[must_use]
pub fn links(text: &str, limits: &Limits) -> Vec<Range<usize>> {
    let composed = Composed::of(text);
    composed.links(limits).into_iter().map(|link| composed.origin(&link)).collect()
}

/// The weighted length of a text (H40).
#[must_use]
pub fn weight(text: &str, limits: &Limits) -> u32 {
    pieces(text, limits).iter().fold(0, |sum, piece| sum.saturating_add(piece.weight))
}

/// What readers see where posts are cut at `limits.visible`: never half a link or half a character (H40).
#[must_use]
pub fn cut(text: &str, limits: &Limits) -> Cut {
    let link_chars = link_chars(text, limits);
    if weight(text, limits) <= limits.visible {
        return Cut { shown: text.to_owned(), lost: String::new(), link_chars };
    }
    let room = limits.visible.saturating_sub(code_point_weight(ELLIPSIS));
    let mut used = 0_u32;
    let mut end = 0;
    for piece in pieces(text, limits) {
        used = used.saturating_add(piece.weight);
        if used > room {
            break;
        }
        end = piece.end;
    }
    let (shown, lost) = text.split_at(end);
    Cut { shown: format!("{}{ELLIPSIS}", shown.trim_end()), lost: lost.to_owned(), link_chars }
}

fn link_chars(text: &str, limits: &Limits) -> u32 {
    let Some(link) = links(text, limits).pop() else { return 0 };
    let room = limits.visible.saturating_sub(weight(&text[..link.start], limits));
    room.min(u32::try_from(text[link].chars().count()).unwrap_or(u32::MAX))
}

/// A text as it is weighed: every letter one with its marks (NFC).
struct Composed<'a> {
    text: Cow<'a, str>,
    /// Where each character ends that readers see: here, and in the text as it was typed.
    ends: Vec<(usize, usize)>,
}

impl<'a> Composed<'a> {
    fn of(text: &'a str) -> Self {
        if is_nfc(text) {
            let ends = text.grapheme_indices(true).map(|(at, it)| (at + it.len(), at + it.len())).collect();
            return Self { text: text.into(), ends };
        }
        let mut composed = String::with_capacity(text.len());
        let mut ends = vec![];
        for (at, grapheme) in text.grapheme_indices(true) {
            composed.extend(grapheme.nfc());
            ends.push((composed.len(), at + grapheme.len()));
        }
        Self { text: composed.into(), ends }
    }

    fn links(&self, limits: &Limits) -> Vec<Range<usize>> {
        if self.text.len() > LINKS_BYTES_MAX { vec![] } else { counted(&self.text, limits.practice) }
    }

    /// Where something stands in the text as it was typed, with all of the characters that it touches.
    fn origin(&self, range: &Range<usize>) -> Range<usize> {
        let begun = self.ends.partition_point(|(here, _)| *here <= range.start);
        let ended = self.ends.partition_point(|(here, _)| *here < range.end);
        let start = begun.checked_sub(1).map_or(0, |before| self.ends[before].1);
        start..self.ends.get(ended).map_or(start, |(_, there)| *there).max(start)
    }
}

/// What is never cut in two: a character as readers see it, or a whole link.
struct Piece {
    weight: u32,
    /// Where it ends, in bytes of the text as it was typed.
    end: usize,
}

fn pieces(text: &str, limits: &Limits) -> Vec<Piece> {
    let composed = Composed::of(text);
    let mut links = composed.links(limits).into_iter().peekable();
    let mut ends = composed.ends.iter().copied().peekable();
    let mut pieces = vec![];
    let (mut at, mut weight) = (0, 0_u32);
    while at < composed.text.len() {
        if let Some(link) = links.next_if(|link| link.start == at) {
            at = link.end;
            weight = weight.saturating_add(limits.link);
        } else {
            let (length, more) = sign(&composed.text[at..]);
            at += length;
            weight = weight.saturating_add(more);
        }
        while ends.next_if(|(here, _)| *here < at).is_some() {}
        if let Some((_, end)) = ends.next_if(|(here, _)| *here == at) {
            pieces.push(Piece { weight: std::mem::take(&mut weight), end });
        }
    }
    pieces
}

/// The length in bytes and the weight of what a text begins with.
fn sign(text: &str) -> (usize, u32) {
    let code_point = || text.chars().next().map_or((1, 0), |c| (c.len_utf8(), code_point_weight(c)));
    emoji::at_start(text).map_or_else(code_point, |length| (length, HEAVY))
}

fn code_point_weight(c: char) -> u32 {
    match u32::from(c) {
        0..=4351 | 8192..=8205 | 8208..=8223 | 8242..=8247 => 1,
        _ => HEAVY,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINK: &str = "https://tracker.quillbrook.com/issues/18342";

    #[test]
    fn weights_of_the_public_conformance_suite() {
        let ten_links = "https://www.twitter.com/aloha ".repeat(10);
        for (text, expected) in [
            (String::new(), 0),
            ("Hi http://test.co".into(), 26),
            ("http://test.co".into(), 23),
            ("Test https://test.com test https://test.com test.com test".into(), 86),
            (ten_links, 240),
            ("x".repeat(280), 280),
            ("黄".repeat(140), 280),
            ("😷".repeat(160), 320),
            ("A\u{301}B".into(), 2),
            ("A\u{FB2C}".into(), 4),
            ("😷👾😡🔥💩".into(), 10),
            ("🙋🏽👨‍🎤".into(), 4),
            ("H🐱☺👨‍👩‍👧‍👦".into(), 7),
            ("\u{2000}\u{200A}\u{200D}‐―‖‘‟′‷".into(), 10),
            ("\u{200E}\u{202A}".into(), 4),
        ] {
            assert_eq!(weight(&text, &Limits::default()), expected, "{text:?}");
        }
    }

    #[test]
    fn an_emoji_is_one_however_it_is_built() {
        for (emoji, what) in [
            ("👨‍👩‍👧‍👦", "joined"),
            ("👍🏿", "skin tone"),
            ("🇺🇳", "flag"),
            ("🏴\u{E0067}\u{E0062}\u{E0073}\u{E0063}\u{E0074}\u{E007F}", "regional flag"),
            ("1️⃣", "keycap"),
            ("©️", "emoji style"),
            ("🏳️‍🌈", "joined flag"),
            ("🔥", "plain"),
        ] {
            assert_eq!(weight(emoji, &Limits::default()), 2, "{what}");
            assert_eq!(weight(&emoji.repeat(3), &Limits::default()), 6, "three of {what}");
        }
        for (text, expected) in [("1", 1), ("©", 1), ("🇺", 2), ("क्‍ष", 4), ("…", 2), ("—", 1), ("\n", 1)]
        {
            assert_eq!(weight(text, &Limits::default()), expected, "{text:?}");
        }
    }

    #[test]
    fn the_three_lengths() {
        for (text, body, all) in [
            (String::new(), 0, 0),
            ("no link".into(), 7, 7),
            (format!("{} {LINK}", "b".repeat(222)), 222, 246),
            (format!("{}\n{LINK}", "b".repeat(220)), 220, 244),
            (LINK.into(), 0, 23),
            (format!("see {LINK} and {LINK}."), 31, 56),
        ] {
            let limits = Limits::default();
            let expected = Meters {
                body: Meter { used: body, limit: 220 },
                visible: Meter { used: all, limit: 230 },
                total: Meter { used: all, limit: 280 },
            };
            assert_eq!(meters(&text, &limits), expected, "{text:?}");
        }
    }

    #[test]
    fn over_begins_past_the_limit() {
        let over = |used| Meter { used, limit: 220 }.over();
        assert_eq!([over(0), over(220), over(222)], [0, 0, 2]);
    }

    #[test]
    fn what_fits_is_not_cut() {
        let text = "x".repeat(230);
        assert_eq!(cut(&text, &Limits::default()), Cut { shown: text, lost: String::new(), link_chars: 0 });
    }

    #[test]
    fn cut_posts() {
        let limits = Limits { visible: 30, ..Limits::default() };
        for (text, shown, lost, link_chars) in [
            ("x".repeat(31), format!("{}…", "x".repeat(28)), "xxx".to_owned(), 0),
            (format!("four words stand here {LINK}"), "four words stand here…".into(), LINK.into(), 8),
            (format!("{LINK} is where we write"), format!("{LINK} is w…"), "here we write".into(), 30),
            ("👨‍👩‍👧‍👦".repeat(16), format!("{}…", "👨‍👩‍👧‍👦".repeat(14)), "👨‍👩‍👧‍👦".repeat(2), 0),
        ] {
            assert_eq!(cut(&text, &limits), Cut { shown, lost, link_chars }, "{text:?}");
        }
        let tiny = Limits { visible: 0, ..limits };
        assert_eq!(cut("x", &tiny).shown, "…", "no limit is too small to be cut at");
    }

    #[test]
    fn a_cut_post_fits() {
        let limits = Limits::default();
        for text in [
            format!("{}{LINK}", "é ".repeat(150)),
            "é".repeat(400),
            "🇺🇳".repeat(200),
            "https://gitlab.com ".repeat(20),
            format!("{}gitlab.com {}", "x ".repeat(102), "y".repeat(9)),
        ] {
            let cut = cut(&text, &limits);
            assert!(weight(&cut.shown, &limits) <= limits.visible, "{text:?}");
            assert!(text.ends_with(&cut.lost), "nothing is lost twice: {text:?}");
        }
    }
}
