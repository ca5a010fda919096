//! Days as people write them: "2026-11-20", "Friday, November 20", "tomorrow".

use chrono::{Datelike as _, Days, NaiveDate, Weekday};

use super::MONTHS;
use super::clock::{Clock, glued};
use super::words::{Word, text_at};

/// A day.
#[derive(Clone, Copy, Debug)]
pub(super) enum Day {
    Date(NaiveDate),
    /// Day and month; the year that is nearest.
    Yearly(u32, u32),
    /// Days after today.
    FromToday(u64),
    Unclear,
}

impl Day {
    pub(super) fn date(self, today: NaiveDate) -> Option<NaiveDate> {
        match self {
            Self::Date(date) => Some(date),
            Self::Yearly(day, month) => {
                let years = [today.year() - 1, today.year(), today.year() + 1];
                let dates = years.into_iter().filter_map(|year| NaiveDate::from_ymd_opt(year, month, day));
                dates.min_by_key(|date| (*date - today).abs())
            }
            Self::FromToday(days) => today.checked_add_days(Days::new(days)),
            Self::Unclear => None,
        }
    }
}

/// A date, the time that is glued to it (`2026-11-20T15:30Z`), and how many words it takes.
pub(super) fn date(words: &[Word]) -> Option<(Day, Option<Clock>, usize)> {
    let first = text_at(words, 0);
    let day = |days| Some((Day::FromToday(days), None, 1));
    match first {
        "today" | "tonight" => return day(0),
        "tomorrow" => return day(1),
        "yesterday" => return Some((Day::Unclear, None, 1)),
        _ => {}
    }
    numeric(words).or_else(|| by_month(words).map(|(day, taken)| (day, None, taken)))
}

/// `2026-11-20`, `20-11-2026`, `20.11.2026`, `11/20/2026`. With dashes and dots it is the page's own order (H61); with
/// slashes both orders are usual, so that what fits both is unclear.
fn numeric(words: &[Word]) -> Option<(Day, Option<Clock>, usize)> {
    let first = text_at(words, 0);
    if first.matches('.').count() == 2 {
        let mut parts = first.split('.').filter_map(|part| part.parse::<u32>().ok());
        let (day, month, year) = (parts.next()?, parts.next()?, parts.next().filter(|year| *year >= 2000)?);
        return Some((of(year, month, day), None, 1));
    }
    let sign = words.get(1)?.gap.as_str();
    if !matches!(sign, "-" | "/") || words.get(2)?.gap != sign {
        return None;
    }
    let (last, clock) = match text_at(words, 2).split_once('t') {
        Some((last, clock)) => (last, Some(glued(clock))),
        None => (text_at(words, 2), None),
    };
    let number = |text: &str| text.parse::<u32>().ok().filter(|_| text.len() <= 4);
    let (one, two, three) = (number(first)?, number(text_at(words, 1))?, number(last)?);
    let day = if one >= 2000 {
        of(one, two, three)
    } else if three < 2000 {
        return None;
    } else if sign == "-" {
        of(three, two, one)
    } else {
        match (one <= 12, two <= 12) {
            (true, true) if one != two => Day::Unclear,
            (_, true) => of(three, two, one),
            (_, false) => of(three, one, two),
        }
    };
    Some((day, clock, 3))
}

fn of(year: u32, month: u32, day: u32) -> Day {
    let year = i32::try_from(year).unwrap_or_default();
    NaiveDate::from_ymd_opt(year, month, day).map_or(Day::Unclear, Day::Date)
}

/// `November 20, 2026`, `Nov 20th`, `20 November`, `20th of Nov.`.
fn by_month(words: &[Word]) -> Option<(Day, usize)> {
    let month = |at: usize| {
        let word = text_at(words, at);
        let is = |month: &&str| word == *month || month.get(..3) == Some(word);
        let nth = MONTHS.iter().position(|month| is(month) || (word == "sept" && month.starts_with(word)))?;
        u32::try_from(nth + 1).ok()
    };
    let day = |at: usize| {
        let word = text_at(words, at);
        let digits = word.trim_end_matches(|c: char| c.is_ascii_alphabetic());
        let ending = &word[digits.len()..];
        let fits = digits.len() <= 2 && matches!(ending, "" | "st" | "nd" | "rd" | "th");
        digits.parse::<u32>().ok().filter(|day| fits && (1..=31).contains(day))
    };
    let of = usize::from(text_at(words, 1) == "of");
    let (day, month, taken) = match (month(0), month(1 + of)) {
        (Some(month), _) => (day(1)?, month, 2),
        (None, Some(month)) => (day(0)?, month, 2 + of),
        (None, None) => return None,
    };
    let year = words.get(taken).and_then(Word::number).filter(|year| (2000..2100).contains(year));
    match year {
        Some(year) => Some((self::of(year, month, day), taken + 1)),
        None => Some((Day::Yearly(day, month), taken)),
    }
}

pub(super) fn weekday(word: &str) -> Option<Weekday> {
    let known = [
        "mon",
        "tue",
        "tues",
        "wed",
        "thu",
        "thur",
        "thurs",
        "fri",
        "sat",
        "sun",
        "monday",
        "tuesday",
        "wednesday",
        "thursday",
        "friday",
        "saturday",
        "sunday",
    ];
    known.contains(&word).then(|| word[..3].parse().ok()).flatten()
}
