//! Reads the moment that words name: "at 4:30 PM UTC on Friday", "in half an hour", "by noon PT", or that nobody can tell.

use chrono::{Datelike as _, Days, NaiveDate, NaiveTime, TimeDelta, Timelike as _, Weekday};

use super::clock::{Clock, clock, hours_glued};
use super::day::{Day, date, weekday};
use super::span::{Span, span};
use super::words::{Word, begins_with, text_at};
use super::zone::{Zone, ahead, zone};
use crate::Time;

/// A time of day is taken as the one within this span before or after now.
const HALF_A_DAY: TimeDelta = TimeDelta::hours(12);

/// Farther off than this, a date is taken for a slip.
const FAR: TimeDelta = TimeDelta::days(7);

/// What words say about a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Said {
    /// That it is this one.
    At(Time),
    /// A moment, but not which one: the user has to say.
    Unsure,
    /// A day, or a part of one, without a time.
    Vague,
}

/// The moment that begins at a word, and how many words it takes.
pub(super) fn moment(words: &[Word], at: usize, now: Time) -> Option<(Said, usize)> {
    let here = &words[at..];
    if let Some(found) = landmark(here, now) {
        return Some(found);
    }
    let clock_or_span = hours_glued(here.first()?.text.as_str()).is_some();
    let military = here[0].text.len() == 4 && here[0].number().is_some();
    if !clock_or_span
        && !military
        && let Some((span, taken)) = span(here)
    {
        return Some((after(span, now), taken));
    }
    if let Some((said, taken)) = calendar(words, at, now) {
        return Some((said, taken));
    }
    span(here).map(|(span, taken)| (after(span, now), taken))
}

/// Whether words name a time at all, whichever it is.
pub(super) fn timed(words: &[Word], at: usize) -> bool {
    moment(words, at, chrono::DateTime::UNIX_EPOCH).is_some_and(|(said, _)| said != Said::Vague)
}

fn after(span: Span, now: Time) -> Said {
    match span {
        Span::Minutes(minutes) => {
            now.checked_add_signed(TimeDelta::minutes(minutes.into())).map_or(Said::Unsure, Said::At)
        }
        Span::Unsure => Said::Unsure,
    }
}

/// Moments with names of their own.
fn landmark(words: &[Word], now: Time) -> Option<(Said, usize)> {
    const HOURS: &[&[&str]] = &[
        &["top", "of", "the", "hour"],
        &["top", "of", "the", "next", "hour"],
        &["end", "of", "the", "hour"],
        &["full", "hour"],
    ];
    const DAYS: &[&[&str]] = &[
        &["end", "of", "the", "business", "day"],
        &["end", "of", "business", "day"],
        &["end", "of", "business"],
        &["close", "of", "business"],
        &["end", "of", "the", "working", "day"],
        &["end", "of", "the", "shift"],
        &["end", "of", "the", "week"],
        &["end", "of", "week"],
        &["cob"],
        &["this", "hour"],
    ];
    const ENDS: &[&[&str]] = &[&["end", "of", "the", "day"], &["end", "of", "day"], &["eod"]];
    let of = |phrases: &[&[&str]]| phrases.iter().find(|phrase| begins_with(words, phrase)).map(|phrase| phrase.len());
    let next = |minute: i64| {
        let begun = now - TimeDelta::minutes(now.minute().into()) - TimeDelta::seconds(now.second().into());
        let begun = begun - TimeDelta::nanoseconds(now.nanosecond().into());
        let at = begun + TimeDelta::minutes(minute);
        if at > now { at } else { at + TimeDelta::hours(1) }
    };
    let hour = TimeDelta::hours(1);
    if now.checked_add_signed(hour + hour).is_none() || now.checked_sub_signed(hour).is_none() {
        return None;
    }
    if let Some(taken) = of(HOURS) {
        return Some((Said::At(next(60)), taken));
    }
    if begins_with(words, &["bottom", "of", "the", "hour"]) {
        return Some((Said::At(next(30)), 4));
    }
    if let Some(taken) = of(DAYS) {
        return Some((Said::Unsure, taken));
    }
    if let Some(taken) = of(ENDS) {
        // Whose day? Only with a zone is that said.
        let (zone, more) = zone(&words[taken..]).unwrap_or((Zone::Unknown, 0));
        let end = || zone.instant(zone.local(now)?.date().checked_add_days(Days::new(1))?.and_time(NaiveTime::MIN));
        return Some((end().map_or(Said::Unsure, Said::At), taken + more));
    }
    let each = |minutes| after(Span::Minutes(minutes), now);
    match text_at(words, 0) {
        "hourly" => Some((each(60), 1)),
        "half-hourly" => Some((each(30), 1)),
        _ => None,
    }
}

/// What was read of date, time and zone so far.
#[derive(Default)]
struct Parts {
    day: Option<Day>,
    weekday: Option<Weekday>,
    clock: Option<Clock>,
    zone: Option<Zone>,
    /// In the morning, or later in the day.
    later: Option<bool>,
    wrong: bool,
}

/// Date, time and zone in whatever order people write them.
fn calendar(words: &[Word], at: usize, now: Time) -> Option<(Said, usize)> {
    const GLUE: &[&str] =
        &["at", "on", "of", "the", "by", "around", "about", "before", "in", "this", "hrs", "hours", "h"];
    let mut parts = Parts::default();
    let mut end = at;
    loop {
        let glued = |from: usize| (from..(from + 3).min(words.len())).take_while(|at| words[*at].is(GLUE)).count();
        let glue = if end == at { usize::from(text_at(words, at) == "this") } else { glued(end) };
        let taken = (0..=glue).find_map(|skip| Some(skip + parts.take(words, end + skip, end == at)?));
        match taken {
            Some(taken) => end += taken,
            None => break,
        }
    }
    (end > at).then(|| parts.said(now).map(|said| (said, end - at))).flatten()
}

impl Parts {
    /// Reads one more part; gives how many words it takes.
    fn take(&mut self, words: &[Word], at: usize, first: bool) -> Option<usize> {
        let here = words.get(at..).filter(|here| !here.is_empty())?;
        if self.clock.is_some() && self.zone.is_none() {
            let offset = ahead(here).filter(|_| here[0].gap.contains('+') || matches!(self.day, Some(Day::Date(_))));
            let offset = offset.filter(|_| here[0].text.contains(':') || here[0].text.len() == 4);
            if let Some((zone, taken)) = zone(here).or(offset) {
                self.zone = Some(zone);
                return Some(taken);
            }
        }
        if let Some((clock, taken)) = clock(words, at) {
            // "14:30–15:00": the later end, because only then is the promise broken.
            let ranged = here[0].dashed() || at > 0 && words[at - 1].is(&["to", "and"]);
            if self.clock.is_some() && !ranged {
                return None;
            }
            self.zone = self.zone.filter(|_| self.clock.is_none());
            self.clock = Some(clock);
            return Some(taken);
        }
        if self.clock.is_some()
            && at + 1 < words.len()
            && (here[0].is(&["to"]) || here[0].is(&["and"]) && ranges(words, at))
        {
            return clock(words, at + 1).and_then(|_| self.take(words, at + 1, false)).map(|taken| taken + 1);
        }
        if self.day.is_none()
            && let Some((day, clock, taken)) = date(here)
        {
            self.day = Some(day);
            self.clock = self.clock.or(clock);
            self.zone = self.zone.or(clock.filter(|_| here[taken - 1].text.ends_with('z')).map(|_| Zone::Fixed(0)));
            return Some(taken);
        }
        if let Some(weekday) = weekday(&here[0].text).filter(|_| self.weekday.is_none()) {
            self.weekday = Some(weekday);
            self.wrong |= at > 0 && words[at - 1].is(&["next"]);
            return Some(1);
        }
        let part = match here[0].text.as_str() {
            "morning" => Some(false),
            "afternoon" | "evening" | "night" => Some(true),
            _ => None,
        };
        if self.later.is_none()
            && let Some(later) = part.filter(|_| !first || at > 0 && words[at - 1].is(&["this"]))
        {
            self.later = Some(later);
            return Some(1);
        }
        // "This afternoon", "later today", "next Friday" begin with a word of their own.
        (first && here[0].is(&["this"]) && part_of_day(words, at + 1)).then(|| {
            self.later = Some(!words[at + 1].is(&["morning"]));
            2
        })
    }

    /// The moment that the parts make.
    fn said(&self, now: Time) -> Option<Said> {
        let Some(clock) = self.clock else {
            let dated = self.day.is_some() || self.weekday.is_some() || self.later.is_some();
            return dated.then_some(if self.zone.is_some() { Said::Unsure } else { Said::Vague });
        };
        Some(self.instant(clock, now).map_or(Said::Unsure, Said::At))
    }

    fn instant(&self, mut clock: Clock, now: Time) -> Option<Time> {
        let zone = self.zone.unwrap_or(Zone::Fixed(0));
        if clock.open {
            clock.hour = clock.hour % 12 + if self.later? { 12 } else { 0 };
        }
        let dated = self.day.is_some() || self.weekday.is_some();
        if self.wrong || clock.hour > 24 || clock.minute > 59 || clock.second > 59 || clock.coming && dated {
            return None;
        }
        if clock.hour == 24 && (clock.minute, clock.second) != (0, 0) {
            return None;
        }
        let on = |date: NaiveDate| {
            let date = date.checked_add_days(Days::new((clock.hour / 24).into()))?;
            zone.instant(date.and_hms_opt(clock.hour % 24, clock.minute, clock.second)?)
        };
        let today = zone.local(now)?.date();
        let found = match (self.day, self.weekday) {
            (None, None) => {
                let days = [today.pred_opt()?, today, today.succ_opt()?];
                let earliest = if clock.coming { now } else { now.checked_sub_signed(HALF_A_DAY)? };
                // A day on which clocks show it twice or never is not passed over.
                days.into_iter().map(on).find(|at| at.is_none_or(|at| at > earliest))??
            }
            (None, Some(weekday)) => {
                let ahead = (7 + weekday.num_days_from_monday() - today.weekday().num_days_from_monday()) % 7;
                on(today.checked_add_days(Days::new(ahead.into()))?).filter(|at| ahead > 0 || *at > now)?
            }
            (Some(day), weekday) => {
                let date = day.date(today)?;
                on(date).filter(|_| weekday.is_none_or(|weekday| weekday == date.weekday()))?
            }
        };
        ((found - now).abs() <= FAR).then_some(found)
    }
}

fn part_of_day(words: &[Word], at: usize) -> bool {
    matches!(text_at(words, at), "morning" | "afternoon" | "evening")
}

/// "Between 14:30 and 15:00".
fn ranges(words: &[Word], and: usize) -> bool {
    words[..and].iter().rev().take(3).any(|word| word.is(&["between", "from"]))
}
