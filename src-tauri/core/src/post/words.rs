//! Splits a text into words and reads spans of time and times of day from them.

use chrono::{NaiveTime, TimeDelta};

/// The longest span that is read; what is longer is no promise about the next update.
const SPAN_MIN_MAX: u32 = 7 * 24 * 60;

/// Numbers that people write out.
const NUMBERS: &[(&str, u32)] = &[
    ("one", 1),
    ("two", 2),
    ("three", 3),
    ("four", 4),
    ("five", 5),
    ("six", 6),
    ("eight", 8),
    ("ten", 10),
    ("twelve", 12),
    ("fifteen", 15),
    ("twenty", 20),
    ("thirty", 30),
    ("forty", 40),
    ("forty-five", 45),
    ("sixty", 60),
    ("ninety", 90),
];

/// A word of a text, in lower case, with where it stands in bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Word {
    pub(super) text: String,
    pub(super) start: usize,
    pub(super) end: usize,
    /// Whether a comma or the like stands before it.
    pub(super) after_pause: bool,
}

/// The words of each sentence, without marks.
pub(super) fn sentences(text: &str) -> Vec<Vec<Word>> {
    let mut sentences = vec![vec![]];
    let mut after_pause = false;
    let mut start = 0;
    for (at, c) in text.char_indices().chain([(text.len(), '\n')]) {
        let rest = &text[at..];
        if belongs_to_word(&text[start..at], rest) {
            continue;
        }
        if start < at {
            let word = Word { text: text[start..at].to_lowercase(), start, end: at, after_pause };
            sentences.last_mut().expect("there is always a sentence").push(word);
            after_pause = false;
        }
        after_pause |= matches!(c, ',' | ';' | '(' | ')');
        if matches!(c, '.' | '!' | '?' | '\n') && !(c == '.' && abbreviated(&text[start..at])) {
            sentences.push(vec![]);
        }
        start = at + c.len_utf8();
    }
    sentences.retain(|sentence| !sentence.is_empty());
    sentences
}

/// A span of time that begins with the first word, in minutes, and how many words it takes.
pub(super) fn span(words: &[Word]) -> Option<(TimeDelta, usize)> {
    let (minutes, taken) = range(words).or_else(|| fraction(words)).or_else(|| sum(words))?;
    (minutes <= SPAN_MIN_MAX).then(|| (TimeDelta::minutes(minutes.into()), taken))
}

/// A time of day in UTC that begins with the first word, and how many words it takes. Other zones are none (H61).
pub(super) fn time_of_day(words: &[Word]) -> Option<(NaiveTime, usize)> {
    let first = words.first()?.text.as_str();
    let (first, zoned) = match first.strip_suffix('z') {
        Some(rest) => (rest, true),
        None => (first, false),
    };
    let next = |taken: usize| words.get(taken).map_or("", |word| word.text.as_str());
    let (digits, half) = split_number(first);
    let (half, taken) = if half.is_empty() { (next(1), 1) } else { (half, 0) };
    let half = match half {
        "am" => Some(false),
        "pm" => Some(true),
        _ if taken == 0 => return None,
        _ => None,
    };
    let taken = if half.is_some() { taken + 1 } else { 1 };
    let utc = zoned || matches!(next(taken), "utc" | "gmt" | "z");
    if !utc && is_zone(next(taken)) {
        return None;
    }
    let (hour, minute) = hour_and_minute(digits, half.is_some(), utc)?;
    let hour = match half {
        Some(_) if !(1..=12).contains(&hour) => return None,
        Some(afternoon) => hour % 12 + if afternoon { 12 } else { 0 },
        None => hour,
    };
    let time = NaiveTime::from_hms_opt(hour, minute, 0)?;
    Some((time, taken + usize::from(utc && !zoned)))
}

/// Whether the next character belongs to the word so far: `14:30`, `1.5`, `forty-five`, `we'll`.
fn belongs_to_word(word: &str, rest: &str) -> bool {
    let mut rest = rest.chars();
    let Some(c) = rest.next() else { return false };
    let (before, after) = (word.chars().next_back(), rest.next());
    let digit = |c: Option<char>| c.is_some_and(|c| c.is_ascii_digit());
    let letter = |c: Option<char>| c.is_some_and(char::is_alphabetic);
    match c {
        ':' | '.' => digit(before) && digit(after),
        '-' | '\'' | '’' => letter(before) && letter(after),
        _ => c.is_alphanumeric(),
    }
}

fn abbreviated(word: &str) -> bool {
    ["min", "mins", "hr", "hrs", "approx", "ca"].contains(&word.to_lowercase().as_str())
}

/// `30 to 60 minutes`, `30-60 min`: the later end, because only then is the promise broken.
fn range(words: &[Word]) -> Option<(u32, usize)> {
    let from = words.first()?;
    if !from.text.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let to_at = if matches!(words.get(1)?.text.as_str(), "to" | "or") { 2 } else { 1 };
    if !words.get(to_at)?.text.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let (minutes, taken) = amount(&words[to_at..])?;
    Some((minutes, to_at + taken))
}

/// `half an hour`, `a quarter of an hour`, `an hour and a half`.
fn fraction(words: &[Word]) -> Option<(u32, usize)> {
    const FRACTIONS: &[(&[&str], u32)] = &[
        (&["an", "hour", "and", "a", "half"], 90),
        (&["one", "hour", "and", "a", "half"], 90),
        (&["one", "and", "a", "half", "hours"], 90),
        (&["three", "quarters", "of", "an", "hour"], 45),
        (&["a", "quarter", "of", "an", "hour"], 15),
        (&["quarter", "of", "an", "hour"], 15),
        (&["half", "an", "hour"], 30),
        (&["a", "half", "hour"], 30),
        (&["half", "hour"], 30),
        (&["half-hour"], 30),
    ];
    let found = FRACTIONS.iter().find(|(phrase, _)| begins_with(words, phrase));
    found.map(|(phrase, minutes)| (*minutes, phrase.len()))
}

/// `1 hour and 30 minutes`, `1h 30`, or one amount alone.
fn sum(words: &[Word]) -> Option<(u32, usize)> {
    let (hours, taken) = amount(words)?;
    let rest = &words[taken..];
    let and = usize::from(rest.first().is_some_and(|word| word.text == "and"));
    match amount(&rest[and..]) {
        Some((minutes, more)) if hours >= 60 && minutes < 60 => Some((hours + minutes, taken + and + more)),
        _ => Some((hours, taken)),
    }
}

/// A number with its unit: `60 minutes`, `1.5 hours`, `30min`, `1h30`, `thirty minutes`, `an hour`, `hour`.
fn amount(words: &[Word]) -> Option<(u32, usize)> {
    let first = words.first()?.text.as_str();
    let (digits, glued) = split_number(first);
    if digits.is_empty() {
        let number = NUMBERS.iter().find(|(word, _)| *word == first).map(|(_, number)| *number);
        let (number, taken) = match (number, first) {
            (Some(number), _) => (number, 1),
            (None, "a" | "an") => (1, 1),
            (None, "hour") => (1, 0),
            (None, _) => return None,
        };
        let unit = unit(&words.get(taken)?.text)?;
        return Some((number * unit, taken + 1));
    }
    let (unit_word, taken) = if glued.is_empty() { (words.get(1)?.text.as_str(), 2) } else { (glued, 1) };
    let (unit_word, minutes) = match unit_word.split_once('h') {
        Some(("", minutes)) if minutes.starts_with(|c: char| c.is_ascii_digit()) => ("h", split_number(minutes).0),
        _ => (unit_word, "0"),
    };
    Some((scaled(digits, unit(unit_word)?)? + minutes.parse::<u32>().ok().filter(|minutes| *minutes < 60)?, taken))
}

fn unit(word: &str) -> Option<u32> {
    match word {
        "m" | "min" | "mins" | "minute" | "minutes" => Some(1),
        "h" | "hr" | "hrs" | "hour" | "hours" => Some(60),
        _ => None,
    }
}

/// The number times the unit, in whole minutes. More digits than a span can have are no number.
fn scaled(digits: &str, unit: u32) -> Option<u32> {
    let (whole, tenths) = digits.split_once('.').unwrap_or((digits, "0"));
    if whole.len() > 5 || tenths.len() != 1 {
        return None;
    }
    Some(whole.parse::<u32>().ok()? * unit + tenths.parse::<u32>().ok()? * unit / 10)
}

/// The digits, with `.` and `:`, that a word begins with, and the rest of it.
fn split_number(word: &str) -> (&str, &str) {
    let end = word.find(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | ':'))).unwrap_or(word.len());
    word.split_at(end)
}

/// `14:30` anywhere, `14.30` and `1430` before a zone, `3` before am and pm.
fn hour_and_minute(digits: &str, halved: bool, zoned: bool) -> Option<(u32, u32)> {
    let (hour, minute) = match digits.split_once(':') {
        Some(parts) => parts,
        None if halved && digits.len() <= 2 => (digits, "00"),
        None if zoned && digits.len() == 4 && digits.is_ascii() && !digits.contains('.') => digits.split_at(2),
        None if zoned => digits.split_once('.')?,
        None => return None,
    };
    if hour.is_empty() || hour.len() > 2 || minute.len() != 2 {
        return None;
    }
    Some((hour.parse().ok()?, minute.parse().ok()?))
}

fn is_zone(word: &str) -> bool {
    const ZONES: &[&str] = &[
        "cet", "cest", "bst", "ist", "est", "edt", "cst", "cdt", "mst", "mdt", "pst", "pdt", "et", "ct", "mt", "pt",
        "eet", "eest", "jst", "kst", "sgt", "aest", "aedt", "nzst", "nzdt", "msk", "brt", "local",
    ];
    ZONES.contains(&word)
}

fn begins_with(words: &[Word], phrase: &[&str]) -> bool {
    words.len() >= phrase.len() && words.iter().zip(phrase).all(|(word, expected)| word.text == *expected)
}

#[cfg(test)]
mod tests {
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
            ("1 h 15 min", Some((75, 4))),
            ("2 hours and 30 minutes", Some((150, 5))),
            ("1.5 hours", Some((90, 2))),
            ("an hour", Some((60, 2))),
            ("hour", Some((60, 1))),
            ("half an hour", Some((30, 3))),
            ("a half hour", Some((30, 3))),
            ("an hour and a half", Some((90, 5))),
            ("a quarter of an hour", Some((15, 5))),
            ("forty-five minutes", Some((45, 2))),
            ("30-60 minutes", Some((60, 3))),
            ("30 to 60 minutes", Some((60, 4))),
            ("7 days", None),
            ("60", None),
            ("60 users", None),
            ("99999999999 minutes", None),
            ("20000 minutes", None),
            ("1h99", None),
            ("minutes", None),
            ("", None),
        ] {
            let words = sentences(text).concat();
            let found = span(&words).map(|(span, taken)| (span.num_minutes(), taken));
            assert_eq!(found, expected, "{text:?}");
        }
    }

    #[test]
    fn times_of_day() {
        for (text, expected) in [
            ("14:30 UTC", Some(("14:30", 2))),
            ("14:30", Some(("14:30", 1))),
            ("14:30Z", Some(("14:30", 1))),
            ("1430 UTC", Some(("14:30", 2))),
            ("14.30 GMT", Some(("14:30", 2))),
            ("2:30 pm UTC", Some(("14:30", 3))),
            ("3pm UTC", Some(("15:00", 2))),
            ("12 am UTC", Some(("00:00", 3))),
            ("12:05pm", Some(("12:05", 1))),
            ("14:30 and more", Some(("14:30", 1))),
            ("14:30 CET", None),
            ("2 pm local time", None),
            ("24:30 UTC", None),
            ("14:3 UTC", None),
            ("13 pm", None),
            ("14", None),
            ("1430", None),
            ("3 UTC", None),
            ("14:30x", None),
            ("soon", None),
        ] {
            let words = sentences(text).concat();
            let found = time_of_day(&words).map(|(time, taken)| (time.format("%H:%M").to_string(), taken));
            assert_eq!(found, expected.map(|(time, taken)| (time.to_owned(), taken)), "{text:?}");
        }
    }

    #[test]
    fn sentences_end_where_people_end_them() {
        let words = |text| {
            let plain = |sentence: Vec<Word>| sentence.into_iter().map(|word| word.text).collect::<Vec<_>>().join(" ");
            sentences(text).into_iter().map(plain).collect::<Vec<_>>()
        };
        assert_eq!(words("It's up. We'll watch, 1.5 h!\nBye"), ["it's up", "we'll watch 1.5 h", "bye"]);
        assert_eq!(words("in 30 min. or at 14:30 UTC."), ["in 30 min or at 14:30 utc"]);
        assert_eq!(words("…—"), Vec::<String>::new());
    }
}
