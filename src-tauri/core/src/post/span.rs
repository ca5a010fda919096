//! Reads spans of time: "30 minutes", "an hour and a half", "30–45 min".

use super::words::{Word, begins_with, text_at};

/// The longest span that is read, in minutes; what is longer is no promise about the next update.
const SPAN_MIN_MAX: u32 = 7 * 24 * 60;

/// Numbers that people write out, each at its place; what no clock and no span needs is empty.
const NUMBERS: [&str; 21] = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
    "twenty",
];
const TENS: [(&str, u32); 8] = [
    ("twenty", 20),
    ("thirty", 30),
    ("forty", 40),
    ("fifty", 50),
    ("sixty", 60),
    ("seventy", 70),
    ("eighty", 80),
    ("ninety", 90),
];

/// A span of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Span {
    /// That many minutes.
    Minutes(u32),
    /// A span, but nobody can say how long: "a few minutes", "a month".
    Unsure,
}

/// The span that begins with the first word, and how many words it takes.
pub(super) fn span(words: &[Word]) -> Option<(Span, usize)> {
    if let Some(taken) = vague(words) {
        return Some((Span::Unsure, taken));
    }
    let (minutes, taken) = range(words).or_else(|| fraction(words)).or_else(|| sum(words))?;
    // "An hour or two", "30 minutes to an hour".
    let rest = &words[taken..];
    let more =
        rest.first().filter(|word| word.is(&["or", "to"]) || word.dashed()).map(|word| usize::from(!word.dashed()));
    let (minutes, taken) = match more.map(|skip| (skip, amount(&rest[skip..]))) {
        Some((skip, Some((later, more)))) if later > minutes => (later, taken + skip + more),
        Some((skip, None)) if number(text_at(rest, skip)).is_some() => return Some((Span::Unsure, taken + skip + 1)),
        _ => (minutes, taken),
    };
    let known = if minutes <= SPAN_MIN_MAX { Span::Minutes(minutes) } else { Span::Unsure };
    Some((known, taken))
}

/// A number in digits or in words.
pub(super) fn number(word: &str) -> Option<u32> {
    let small = |word: &str| NUMBERS.iter().position(|it| *it == word).and_then(|at| u32::try_from(at).ok());
    let tens = |word: &str| TENS.iter().find(|(ten, _)| *ten == word).map(|(_, number)| *number);
    let digits = || word.parse().ok().filter(|_| word.len() <= 5 && word.bytes().all(|b| b.is_ascii_digit()));
    let joined = || {
        let (ten, one) = word.split_once('-')?;
        Some(tens(ten)? + small(one).filter(|one| (1..=9).contains(one))?)
    };
    digits().or_else(|| small(word)).or_else(|| tens(word)).or_else(joined)
}

/// "A few minutes", "several hours", "a couple of hours", "two weeks": words of time that say no time.
fn vague(words: &[Word]) -> Option<usize> {
    let skip = usize::from(matches!(text_at(words, 0), "a" | "the"));
    let many = text_at(words, skip);
    let unit_at = |at: usize| {
        let word = text_at(words, at);
        (unit(word).is_some() || matches!(word, "week" | "weeks" | "month" | "months")).then_some(at + 1)
    };
    match many {
        "few" | "several" | "couple" | "many" => unit_at(skip + 1 + usize::from(text_at(words, skip + 1) == "of")),
        _ if matches!(text_at(words, 1), "week" | "weeks" | "month" | "months") => {
            (number(text_at(words, 0)).is_some() || matches!(text_at(words, 0), "a" | "next")).then_some(2)
        }
        _ => None,
    }
}

/// `30 to 60 minutes`, `30-60 min`: the later end, because only then is the promise broken.
fn range(words: &[Word]) -> Option<(u32, usize)> {
    number(text_at(words, 0))?;
    let to = words.get(1)?;
    let to_at = match to {
        _ if to.is(&["to", "or", "and"]) => 2,
        _ if to.dashed() || to.gap.trim() == "/" => 1,
        _ => return None,
    };
    let (minutes, taken) = half_numbers(&words[to_at..]).or_else(|| amount(&words[to_at..]))?;
    number(text_at(words, to_at)).or_else(|| digits(text_at(words, to_at)))?;
    Some((minutes, to_at + taken))
}

fn digits(word: &str) -> Option<u32> {
    split_number(word).0.parse().ok()
}

/// `half an hour`, `a quarter of an hour`, `an hour and a half`, `two and a half hours`, `1½ hours`.
fn fraction(words: &[Word]) -> Option<(u32, usize)> {
    const FRACTIONS: &[(&[&str], u32)] = &[
        (&["an", "hour", "and", "a", "half"], 90),
        (&["one", "hour", "and", "a", "half"], 90),
        (&["1", "hour", "and", "a", "half"], 90),
        (&["hour", "and", "a", "half"], 90),
        (&["an", "hour", "and", "a", "quarter"], 75),
        (&["three", "quarters", "of", "an", "hour"], 45),
        (&["a", "quarter", "of", "an", "hour"], 15),
        (&["quarter", "of", "an", "hour"], 15),
        (&["a", "quarter", "hour"], 15),
        (&["quarter", "hour"], 15),
        (&["half", "of", "an", "hour"], 30),
        (&["half", "an", "hour"], 30),
        (&["a", "half", "an", "hour"], 30),
        (&["a", "half", "hour"], 30),
        (&["a", "half-hour"], 30),
        (&["half", "hour"], 30),
        (&["half-hour"], 30),
        (&["half", "a", "day"], 720),
    ];
    let found = FRACTIONS.iter().find(|(phrase, _)| begins_with(words, phrase));
    found.map(|(phrase, minutes)| (*minutes, phrase.len())).or_else(|| half_numbers(words))
}

/// `two and a half hours`, `1 1/2 hours`, `1½ hours`, `½ hour`.
fn half_numbers(words: &[Word]) -> Option<(u32, usize)> {
    let first = text_at(words, 0);
    let halves = |at: usize, whole: u32| {
        let skip = if text_at(words, at) == "an" { at + 1 } else { at };
        let unit = unit(text_at(words, skip))?;
        Some((whole.checked_mul(unit)? + unit / 2, skip + 1))
    };
    if let Some(whole) = first.strip_suffix('½') {
        return halves(1, if whole.is_empty() { 0 } else { number(whole)? });
    }
    if begins_with(words.get(1..)?, &["and", "a", "half"]) {
        return halves(4, number(first)?);
    }
    let slashed = |at: usize| text_at(words, at) == "1" && text_at(words, at + 1) == "2" && words[at + 1].gap == "/";
    if slashed(0) {
        return halves(2, 0);
    }
    if number(first).is_some() && slashed(1) { halves(3, number(first)?) } else { None }
}

/// `1 hour and 30 minutes`, `1h 30`, or one amount alone.
fn sum(words: &[Word]) -> Option<(u32, usize)> {
    let (hours, taken) = amount(words)?;
    let rest = &words[taken..];
    let and = usize::from(text_at(rest, 0) == "and");
    let whole = hours >= 60 && hours % 60 == 0;
    if let Some((minutes, more)) = amount(&rest[and..]).filter(|(minutes, _)| whole && *minutes < 60) {
        return Some((hours + minutes, taken + and + more));
    }
    let bare = rest.first().filter(|word| whole && word.gap == " " && word.text.len() == 2);
    let last = rest.get(1).is_none_or(|next| next.after_pause);
    match bare.and_then(|word| word.number()).filter(|minutes| *minutes < 60 && last) {
        Some(minutes) => Some((hours + minutes, taken + 1)),
        None => Some((hours, taken)),
    }
}

/// A number with its unit: `60 minutes`, `1.5 hours`, `30min`, `1h30`, `thirty minutes`, `an hour`, `hour`.
fn amount(words: &[Word]) -> Option<(u32, usize)> {
    let first = text_at(words, 0);
    let (digits, glued) = split_number(first);
    if digits.is_empty() {
        let (number, taken) = match (number(first), first) {
            (Some(number), _) => (number, 1),
            (None, "a" | "an") => (1, 1),
            (None, "hour") => (1, 0),
            (None, _) => return None,
        };
        return Some((number.checked_mul(unit(text_at(words, taken))?)?, taken + 1));
    }
    let (unit_word, taken) = if glued.is_empty() { (text_at(words, 1), 2) } else { (glued, 1) };
    let (unit_word, minutes) = match unit_word.split_once('h') {
        Some(("", minutes)) if minutes.starts_with(|c: char| c.is_ascii_digit()) => {
            let (minutes, unit) = split_number(minutes);
            matches!(unit, "" | "m" | "min" | "mins").then_some(())?;
            ("h", minutes)
        }
        _ => (unit_word, "0"),
    };
    Some((scaled(digits, unit(unit_word)?)? + minutes.parse::<u32>().ok().filter(|minutes| *minutes < 60)?, taken))
}

fn unit(word: &str) -> Option<u32> {
    match word {
        "m" | "min" | "mins" | "minute" | "minutes" => Some(1),
        "h" | "hr" | "hrs" | "hour" | "hours" => Some(60),
        "day" | "days" => Some(24 * 60),
        _ => None,
    }
}

/// The number times the unit, in whole minutes. More digits than a span can have are no number.
fn scaled(digits: &str, unit: u32) -> Option<u32> {
    let (whole, part) = digits.split_once('.').unwrap_or((digits, "0"));
    if whole.len() > 5 || !(1..=2).contains(&part.len()) {
        return None;
    }
    let scale = 10_u32.pow(u32::try_from(part.len()).ok()?);
    Some(whole.parse::<u32>().ok()?.checked_mul(unit)? + part.parse::<u32>().ok()? * unit / scale)
}

/// The digits, with `.` and `:`, that a word begins with, and the rest of it.
pub(super) fn split_number(word: &str) -> (&str, &str) {
    let end = word.find(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | ':'))).unwrap_or(word.len());
    word.split_at(end)
}

#[cfg(test)]
mod tests {
    use super::super::words::sentences;
    use super::*;

    #[test]
    fn spans() {
        for (text, expected) in [
            ("60 minutes", Some((60, 2))),
            ("30 min. from now", Some((30, 2))),
            ("30min", Some((30, 1))),
            ("1h", Some((60, 1))),
            ("1h30", Some((90, 1))),
            ("1h30m", Some((90, 1))),
            ("1h 30", Some((90, 2))),
            ("1 h 15 min", Some((75, 4))),
            ("1 hour 15 users", Some((60, 2))),
            ("2 hours and 30 minutes", Some((150, 5))),
            ("1.5 hours", Some((90, 2))),
            ("1.25 hours", Some((75, 2))),
            ("1½ hours", Some((90, 2))),
            ("1 1/2 hours", Some((90, 4))),
            ("½ hour", Some((30, 2))),
            ("two and a half hours", Some((150, 5))),
            ("an hour", Some((60, 2))),
            ("hour", Some((60, 1))),
            ("half an hour", Some((30, 3))),
            ("a half hour", Some((30, 3))),
            ("an hour and a half", Some((90, 5))),
            ("a quarter of an hour", Some((15, 5))),
            ("forty-five minutes", Some((45, 2))),
            ("twenty-five minutes", Some((25, 2))),
            ("seven minutes", Some((7, 2))),
            ("30-60 minutes", Some((60, 3))),
            ("30–45 min", Some((45, 3))),
            ("30 to 60 minutes", Some((60, 4))),
            ("2-3 hours", Some((180, 3))),
            ("30 minutes to an hour", Some((60, 5))),
            ("7 days", Some((10_080, 2))),
            ("60", None),
            ("60 users", None),
            ("99999999999 minutes", None),
            ("1h99", None),
            ("minutes", None),
            ("", None),
        ] {
            let words = sentences(text).concat();
            let found = span(&words);
            assert_eq!(found, expected.map(|(minutes, taken)| (Span::Minutes(minutes), taken)), "{text:?}");
        }
        for text in ["20000 minutes", "30 days", "a few minutes", "a couple of hours", "an hour or two", "two weeks"] {
            let words = sentences(text).concat();
            assert_eq!(span(&words).map(|(span, _)| span), Some(Span::Unsure), "{text:?}");
        }
    }
}
