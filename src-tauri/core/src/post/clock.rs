//! Times of day as people write them: "14:30", "3 p.m.", "20h27", "half past three", "noon".

use super::span::{number, split_number};
use super::words::{Word, text_at};
use super::zone::zone;

/// A time of day.
#[derive(Clone, Copy, Debug)]
pub(super) struct Clock {
    pub(super) hour: u32,
    pub(super) minute: u32,
    pub(super) second: u32,
    /// Whether morning or afternoon is not said, and matters.
    pub(super) open: bool,
    /// Whether it is midnight by name: the coming one.
    pub(super) coming: bool,
}

impl Clock {
    pub(super) fn at(hour: u32, minute: u32) -> Self {
        Self { hour, minute, second: 0, open: false, coming: false }
    }
}

/// A time of day, and how many words it takes.
pub(super) fn clock(words: &[Word], at: usize) -> Option<(Clock, usize)> {
    let here = &words[at..];
    let first = here.first()?.text.as_str();
    if let Some(found) = named(here) {
        return Some(found);
    }
    if let Some((hour, minute)) = hours_glued(first) {
        return h_clock(words, at, hour, minute);
    }
    let (digits, glued) = split_number(first);
    let spoken = if digits.is_empty() { number(first).filter(|hour| *hour <= 12) } else { None };
    let glued = if spoken.is_some() { "" } else { glued };
    if digits.is_empty() && spoken.is_none() {
        return None;
    }
    let (half, mut taken) = match (half(glued), half(text_at(here, 1))) {
        (Some(half), _) => (Some(half), 1),
        (None, Some(half)) if glued.is_empty() => (Some(half), 2),
        _ => (None, 1),
    };
    let zulu = glued == "z";
    let junk = !(glued.is_empty() || half.is_some() || zulu || matches!(glued, "h" | "hrs"));
    let mut oclock = false;
    if half.is_none() && text_at(here, 1) == "o'clock" {
        oclock = true;
        taken = 2;
    }
    let half = half.or_else(|| half_at(here, taken).filter(|_| oclock).inspect(|_| taken += 1));
    if let Some(hour) = spoken {
        let fits = half.is_some() || oclock;
        return fits.then(|| (halved(Clock { open: true, ..Clock::at(hour, 0) }, half), taken));
    }
    let zoned = zulu || zone(here.get(taken..).unwrap_or_default()).is_some();
    let hours = matches!(text_at(here, taken), "hours" | "hrs" | "h") && digits.len() == 4 && glued.is_empty();
    let parts: Vec<&str> = digits.split([':', '.']).collect();
    let part = |at: usize| parts.get(at).and_then(|part| part.parse::<u32>().ok().filter(|_| part.len() <= 2));
    let colon = digits.contains(':');
    let clock = match parts.as_slice() {
        // "14:3", "14:30x", "25:00" look like a time and are none.
        [_, ..] if colon && (junk || parts.len() > 3 || parts[1].len() != 2 || digits.ends_with(':')) => {
            Clock { hour: 99, ..Clock::at(0, 0) }
        }
        [hour, _, ..] if colon => Clock {
            second: part(2).unwrap_or(0),
            open: half.is_none() && !zoned && hour.len() == 1,
            ..Clock::at(part(0)?, part(1)?)
        },
        [_, minute] if (zoned || half.is_some()) && minute.len() == 2 && !junk => Clock::at(part(0)?, part(1)?),
        [whole] if whole.len() == 4 && (zoned || hours) && !junk => {
            Clock::at(whole[..2].parse().ok()?, whole[2..].parse().ok()?)
        }
        [whole] if whole.len() <= 2 && (half.is_some() || zoned || oclock) && !junk => {
            Clock { open: half.is_none() && part(0)? <= 12, ..Clock::at(part(0)?, 0) }
        }
        [whole] if whole.len() <= 2 && glued.is_empty() => return twelve_range(words, at),
        _ => return None,
    };
    Some((halved(clock, half), taken))
}

/// "2-3pm": the later end.
fn twelve_range(words: &[Word], at: usize) -> Option<(Clock, usize)> {
    let next = words.get(at + 1).filter(|word| word.dashed() && half(split_number(&word.text).1).is_some())?;
    next.text
        .starts_with(|c: char| c.is_ascii_digit())
        .then(|| clock(words, at + 1))
        .flatten()
        .map(|(it, taken)| (it, taken + 1))
}

/// `20h27`, `15h`: a time of day after "at" or before a zone, a span after "in"; else nobody can tell.
fn h_clock(words: &[Word], at: usize, hour: u32, minute: Option<u32>) -> Option<(Clock, usize)> {
    let zoned = zone(&words[at + 1..]).is_some();
    let before = words[..at].iter().rev().find(|word| !word.is(&["about", "around", "the", "next", "approximately"]));
    let clocked =
        before.is_some_and(|word| word.is(&["at", "by", "before", "until", "from", "on", "today", "tomorrow"]));
    let spanned = before.is_some_and(|word| word.is(&["in", "within", "every", "for", "another", "after"]));
    let unclear = Clock { hour: 99, ..Clock::at(0, 0) };
    match (zoned, clocked, spanned) {
        (true, _, true) => Some((unclear, 1)),
        (true, ..) | (_, true, _) => Some((Clock::at(hour, minute.unwrap_or(0)), 1)),
        (false, false, true) => None,
        (false, false, false) => minute.map(|_| (unclear, 1)),
    }
}

/// The hour and minutes of `20h27` or `15h`.
pub(super) fn hours_glued(word: &str) -> Option<(u32, Option<u32>)> {
    let (hour, minute) = word.split_once('h')?;
    let digits = |text: &str| (1..=2).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    let minute = match minute {
        "" => None,
        _ => Some(minute.parse().ok().filter(|_| digits(minute) && minute.len() == 2)?),
    };
    Some((hour.parse().ok().filter(|_| digits(hour))?, minute))
}

/// Times with names, and those that are told by halves and quarters.
fn named(words: &[Word]) -> Option<(Clock, usize)> {
    let twelve = usize::from(text_at(words, 0) == "12");
    match text_at(words, twelve) {
        "noon" | "midday" => return Some((Clock::at(12, 0), twelve + 1)),
        "midnight" => return Some((Clock { coming: true, ..Clock::at(0, 0) }, twelve + 1)),
        _ => {}
    }
    let skip = usize::from(text_at(words, 0) == "a");
    let minutes = match text_at(words, skip) {
        "half" => 30,
        "quarter" => 15,
        word => number(word).filter(|minutes| (1..30).contains(minutes))?,
    };
    let minutes_said = usize::from(text_at(words, skip + 1) == "minutes");
    let to = match text_at(words, skip + 1 + minutes_said) {
        "past" => false,
        "to" if minutes != 30 => true,
        _ => return None,
    };
    let at = skip + 2 + minutes_said;
    let (digits, glued) = split_number(text_at(words, at));
    let hour = number(text_at(words, at)).or_else(|| digits.parse().ok().filter(|_| half(glued).is_some()))?;
    if hour > 23 || unit_follows(words, at + 1) {
        return None;
    }
    let said = half(glued).map(|half| (half, 0)).or_else(|| half_at(words, at + 1).map(|half| (half, 1)));
    let whole = halved(Clock { open: hour <= 12, ..Clock::at(hour, 0) }, said.map(|(half, _)| half));
    let minutes_of_day = 60 * (whole.hour % 24) + if to { 24 * 60 - minutes } else { minutes };
    let clock = Clock { hour: minutes_of_day / 60 % 24, minute: minutes_of_day % 60, ..whole };
    Some((clock, at + 1 + said.map_or(0, |(_, taken)| taken)))
}

fn unit_follows(words: &[Word], at: usize) -> bool {
    matches!(text_at(words, at), "minutes" | "minute" | "min" | "mins" | "hours" | "hour" | "hrs")
}

fn half(word: &str) -> Option<bool> {
    match word {
        "am" => Some(false),
        "pm" => Some(true),
        _ => None,
    }
}

fn half_at(words: &[Word], at: usize) -> Option<bool> {
    half(text_at(words, at))
}

/// The time of day with morning or afternoon said.
fn halved(clock: Clock, half: Option<bool>) -> Clock {
    match half {
        None => clock,
        Some(_) if clock.hour == 99 || clock.hour > 12 => Clock { hour: 99, open: false, ..clock },
        Some(later) => Clock { hour: clock.hour % 12 + if later { 12 } else { 0 }, open: false, ..clock },
    }
}

/// The time of day that is glued to a date: `2026-11-20T15:30Z`.
pub(super) fn glued(clock: &str) -> Clock {
    let mut parts = clock.trim_end_matches('z').split([':', '.']).map(|part| part.parse::<u32>().ok());
    let part = |it: Option<Option<u32>>| it.map_or(Some(0), |it| it);
    match (part(parts.next()), part(parts.next()), part(parts.next())) {
        (Some(hour), Some(minute), Some(second)) => Clock { second, ..Clock::at(hour, minute) },
        _ => Clock { hour: 99, ..Clock::at(0, 0) },
    }
}
