//! Finds emoji: each weighs the same, of however many signs it is built (H40).

/// Signs of the longest emoji: two people with skin tones and a kiss between them.
const CHARS_MAX: usize = 12;

const STYLE: char = '\u{FE0F}';
const JOINER: char = '\u{200D}';
const KEYCAP: char = '\u{20E3}';

/// How many bytes the emoji takes that a text begins with. Signs that no emoji is made of follow each other as they are.
pub(super) fn at_start(text: &str) -> Option<usize> {
    let first = text.chars().next()?;
    let may_begin = !first.is_ascii() || first.is_ascii_digit() || matches!(first, '#' | '*');
    if !may_begin {
        return None;
    }
    ends(text).into_iter().rev().find(|end| is_emoji(&text[..*end]))
}

/// Where an emoji could end that begins with the text.
fn ends(text: &str) -> Vec<usize> {
    let mut ends = vec![];
    let mut before = None;
    for (at, c) in text.char_indices().take(CHARS_MAX) {
        let goes_on = match (before, c) {
            (None | Some(JOINER), _) | (_, STYLE | JOINER | KEYCAP) => true,
            (Some(before), '\u{1F1E6}'..='\u{1F1FF}') => matches!(before, '\u{1F1E6}'..='\u{1F1FF}') && ends.len() == 1,
            // Skin tones, and the letters of regional flags.
            (_, '\u{1F3FB}'..='\u{1F3FF}' | '\u{E0020}'..='\u{E007F}') => true,
            _ => false,
        };
        if !goes_on {
            break;
        }
        ends.push(at + c.len_utf8());
        before = Some(c);
    }
    ends
}

fn is_emoji(text: &str) -> bool {
    let known = |text: &str| emojis::get(text).is_some_and(|emoji| emoji.as_str() == text);
    let keycap = || text.strip_suffix(KEYCAP).is_some_and(|key| matches!(key.as_bytes(), [b'0'..=b'9' | b'#' | b'*']));
    let styled = || text.strip_suffix(STYLE).is_some_and(|plain| plain.chars().all(styles) && known(plain));
    match text {
        // Two that the reference knows in one spelling only, and not in the usual one.
        "\u{1F441}\u{200D}\u{1F5E8}" => true,
        "\u{1F441}\u{FE0F}\u{200D}\u{1F5E8}\u{FE0F}" | "\u{267E}\u{FE0F}" => false,
        _ => known(text) || keycap() || styled() || toned(text),
    }
}

/// A skin tone on one of those that are text by default, with or without the sign for emoji style between.
fn toned(text: &str) -> bool {
    let base = text.strip_suffix(|c: char| matches!(c, '\u{1F3FB}'..='\u{1F3FF}'));
    let base = base.map(|base| base.strip_suffix(STYLE).unwrap_or(base));
    base.is_some_and(|base| {
        matches!(
            base,
            "\u{261D}"
                | "\u{26F7}"
                | "\u{26F9}"
                | "\u{270C}"
                | "\u{270D}"
                | "\u{1F3CB}"
                | "\u{1F3CC}"
                | "\u{1F574}"
                | "\u{1F575}"
                | "\u{1F590}"
        )
    })
}

/// Emoji that the reference takes with the sign for emoji style, too, although they need none.
fn styles(c: char) -> bool {
    matches!(
        c,
        '\u{231A}' | '\u{231B}' | '\u{25FD}' | '\u{25FE}' | '\u{2614}' | '\u{2615}' | '\u{2648}'
            ..='\u{2653}'
                | '\u{267F}'
                | '\u{2693}'
                | '\u{26A1}'
                | '\u{26AA}'
                | '\u{26AB}'
                | '\u{26BD}'
                | '\u{26BE}'
                | '\u{26C4}'
                | '\u{26C5}'
                | '\u{26D4}'
                | '\u{26EA}'
                | '\u{26F2}'
                | '\u{26F3}'
                | '\u{26F5}'
                | '\u{26FA}'
                | '\u{26FD}'
                | '\u{2757}'
                | '\u{2B1B}'
                | '\u{2B1C}'
                | '\u{2B50}'
                | '\u{2B55}'
                | '\u{1F004}'
                | '\u{1F21A}'
                | '\u{1F22F}'
    )
}
