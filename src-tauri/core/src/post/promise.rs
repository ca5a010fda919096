//! Finds what a text promises about the next update: that time, not the table, is then when it is due (H32).

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::READ_MAX;
use super::words::{Word, sentences, span, time_of_day};
use crate::Time;

/// A time of day is taken as the one within this span before or after now.
const HALF_A_DAY: TimeDelta = TimeDelta::hours(12);

/// Most words between "update" and the time; what stands further apart does not belong together.
const BETWEEN_MAX: usize = 8;

/// Words that lead to the time.
const LEADS: &[&str] = &["in", "within", "by", "at", "before", "after", "around", "about", "until", "for", "every"];

/// Words that say nothing about the time, before it.
const FILLERS: &[&str] = &[
    "the",
    "next",
    "about",
    "around",
    "approximately",
    "approx",
    "roughly",
    "another",
    "at",
    "most",
    "latest",
    "or",
    "less",
    "than",
    "no",
    "later",
    "maximum",
    "under",
    "ca",
    "coming",
    "following",
];

/// Words that may stand between "update" and the time. Any other belongs to another thought: "update the database".
const BETWEEN: &[&str] = &[
    "a",
    "all",
    "and",
    "again",
    "announced",
    "are",
    "as",
    "available",
    "be",
    "come",
    "comes",
    "coming",
    "customers",
    "details",
    "due",
    "everyone",
    "expected",
    "follow",
    "following",
    "follows",
    "from",
    "further",
    "given",
    "here",
    "incident",
    "information",
    "is",
    "issue",
    "later",
    "latest",
    "made",
    "more",
    "news",
    "next",
    "no",
    "on",
    "or",
    "our",
    "page",
    "planned",
    "post",
    "posted",
    "progress",
    "provided",
    "published",
    "scheduled",
    "sent",
    "share",
    "shared",
    "sooner",
    "status",
    "than",
    "the",
    "this",
    "thread",
    "to",
    "us",
    "users",
    "we",
    "will",
    "with",
    "you",
    "your",
];

/// Words that make an update one to come.
const TO_COME: &[&str] = &[
    "next", "another", "further", "more", "again", "will", "we'll", "we’ll", "i'll", "i’ll", "shall", "expect",
    "intend", "going", "plan", "follow", "follows", "promise",
];

/// What the text says about the next update (H32).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export, rename = "UpdatePromise")]
pub struct Found {
    /// When the update is then due; in the past when a time of day has gone by.
    pub due: Time,
    /// The words that say so, as they are written.
    pub words: String,
}

/// The last promise in a text that is published `now` (H32); none in one of more than [`READ_MAX`].
#[must_use]
pub fn found(text: &str, now: Time) -> Option<Found> {
    if text.len() > READ_MAX {
        return None;
    }
    let places = sentences(text);
    let (due, words) = places.iter().rev().find_map(|sentence| in_sentence(sentence, now))?;
    let (first, last) = (words.first()?, words.last()?);
    Some(Found { due, words: text[first.start..last.end].to_owned() })
}

/// The last promise in a sentence, with its words from the one that makes it a promise.
fn in_sentence(words: &[Word], now: Time) -> Option<(Time, &[Word])> {
    (0..words.len()).rev().find_map(|at| {
        let (due, taken) = when(&words[at..], now)?;
        if words.get(at + taken).is_some_and(|word| matches!(word.text.as_str(), "ago" | "earlier" | "old")) {
            return None;
        }
        let lead = lead(words, at);
        let (start, end) = after_update(words, &lead)
            .map(|start| (start, at + taken))
            .or_else(|| before_update(words, at + taken, &lead).map(|end| (lead.start, end)))?;
        Some((due, &words[start..end]))
    })
}

/// The instant that begins with the first word, and how many words it takes.
fn when(words: &[Word], now: Time) -> Option<(Time, usize)> {
    match time_of_day(words) {
        Some((time, taken)) => {
            let today = now.date_naive().and_time(time).and_utc();
            let days = [TimeDelta::days(-1), TimeDelta::zero(), TimeDelta::days(1)];
            let earliest = now.checked_sub_signed(HALF_A_DAY)?;
            let near = days.into_iter().filter_map(|day| today.checked_add_signed(day)).find(|at| *at > earliest)?;
            Some((near, taken))
        }
        None => {
            let (span, taken) = span(words)?;
            Some((now.checked_add_signed(span)?, taken))
        }
    }
}

/// The words that lead to a time.
struct Lead<'a> {
    /// Where they begin; where the time begins when there are none.
    start: usize,
    /// The word that leads, such as "in".
    word: Option<&'a str>,
}

fn lead(words: &[Word], time_at: usize) -> Lead<'_> {
    let is_filler = |word: &&Word| FILLERS.contains(&word.text.as_str());
    let fillers = words[..time_at].iter().rev().take_while(is_filler).count();
    // A filler may lead as well: "at", "around". The first word that leads is the one.
    let from = (time_at - fillers).saturating_sub(1);
    let lead = (from..time_at).find(|at| LEADS.contains(&words[*at].text.as_str()));
    match lead {
        Some(start) => Lead { start, word: Some(&words[start].text) },
        None => Lead { start: time_at, word: None },
    }
}

/// "Next update in 60 minutes": where the promise begins, when "update" stands before the time.
fn after_update(words: &[Word], lead: &Lead) -> Option<usize> {
    let earliest = lead.start.saturating_sub(BETWEEN_MAX + 1);
    let update = (earliest..lead.start).rev().find(|at| is_update(&words[*at]))?;
    let between = &words[update + 1..lead.start];
    if between.iter().any(|word| !BETWEEN.contains(&word.text.as_str())) {
        return None;
    }
    let start = words[..=update].iter().rposition(|word| TO_COME.contains(&word.text.as_str()));
    let to_come = start.is_some() || between.iter().any(|word| TO_COME.contains(&word.text.as_str()));
    let promised = match lead.word {
        Some("in" | "within" | "by" | "every") => to_come || !told_as_past(&words[..update]),
        Some(_) => to_come,
        None => to_come && between.iter().all(|word| FILLERS.contains(&word.text.as_str())),
    };
    promised.then(|| start.filter(|start| update - start <= BETWEEN_MAX).unwrap_or(update))
}

/// "In 30 minutes we will post an update": where the promise ends, when the time opens the thought.
fn before_update(words: &[Word], time_end: usize, lead: &Lead) -> Option<usize> {
    let rest = &words[time_end..];
    let opens = lead.start == 0 || words[lead.start].after_pause;
    let with = rest.first().is_some_and(|word| matches!(word.text.as_str(), "with" | "for"));
    if !(lead.word.is_some() && (opens || with)) {
        return None;
    }
    let update = rest.iter().take(BETWEEN_MAX).position(is_update)?;
    let to_come = with || rest[..update].iter().any(|word| TO_COME.contains(&word.text.as_str()));
    let object = rest.get(update + 1).is_none_or(|word| BETWEEN.contains(&word.text.as_str()));
    (to_come && object).then_some(time_end + update + 1)
}

fn is_update(word: &Word) -> bool {
    matches!(word.text.as_str(), "update" | "updates")
}

/// Whether the words before "update" speak of one that was: "we posted an update in 20 minutes".
fn told_as_past(before: &[Word]) -> bool {
    before.iter().any(|word| {
        let text = word.text.as_str();
        text.len() > 3 && text.ends_with("ed")
            || matches!(text, "sent" | "made" | "gave" | "last" | "was" | "were" | "had")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: &str = "2026-11-20T14:00:00Z";

    #[test]
    fn promises() {
        for (text, due, words) in [
            ("Next update in 60 minutes.", "15:00", "Next update in 60 minutes"),
            ("We will update in an hour", "15:00", "will update in an hour"),
            ("Expect another update within 30 min.", "14:30", "another update within 30 min"),
            ("Update by 14:30 UTC", "14:30", "Update by 14:30 UTC"),
            ("We'll post an update in half an hour.", "14:30", "We'll post an update in half an hour"),
            ("We’ll update you in 1h", "15:00", "We’ll update you in 1h"),
            ("The next update will follow at 15:15 UTC.", "15:15", "next update will follow at 15:15 UTC"),
            ("Next update: 14:45 UTC", "14:45", "Next update: 14:45 UTC"),
            ("Next update ~30 minutes", "14:30", "Next update ~30 minutes"),
            ("Next update in about 20 minutes", "14:20", "Next update in about 20 minutes"),
            ("Next update in the next 30 minutes", "14:30", "next update in the next 30 minutes"),
            ("More updates within the hour.", "15:00", "More updates within the hour"),
            ("Next update no later than 15:00 UTC", "15:00", "Next update no later than 15:00 UTC"),
            ("In 30 minutes we will post another update.", "14:30", "In 30 minutes we will post another update"),
            ("We will be back in 45 minutes with an update", "14:45", "in 45 minutes with an update"),
            ("Fixed for most, next update in 30-60 minutes", "15:00", "next update in 30-60 minutes"),
            ("Next update in 90 min. Thank you.", "15:30", "Next update in 90 min"),
            ("Updates every 15 minutes.", "14:15", "Updates every 15 minutes"),
            ("Next update in 60 minutes. Sorry: next update in 2 hours!", "16:00", "next update in 2 hours"),
            ("Next update at 2:30pm", "14:30", "Next update at 2:30pm"),
            ("Next update by 13:30 UTC", "13:30", "Next update by 13:30 UTC"),
            ("We'll share an update at 15:00 UTC (16:00 CET).", "15:00", "We'll share an update at 15:00 UTC"),
            ("Will update again in 15 mins or when we know more", "14:15", "Will update again in 15 mins"),
            ("Updates to follow in 30 min", "14:30", "Updates to follow in 30 min"),
            ("Fix out in 10 minutes. Next update in 60 minutes https://a.com/1", "15:00", "Next update in 60 minutes"),
        ] {
            let found = found(text, at(NOW)).unwrap_or_else(|| panic!("no promise in {text:?}"));
            let clock = found.due.format("%H:%M").to_string();
            let expected = (due, words.to_lowercase());
            assert_eq!((clock.as_str(), found.words.to_lowercase()), expected, "{text:?}");
        }
    }

    #[test]
    fn no_promises() {
        for text in [
            "Resolved after 60 minutes.",
            "Updated 10 minutes ago",
            "Last update 10 minutes ago",
            "The last update in 30 minutes was wrong",
            "We posted an update in 20 minutes",
            "Pipelines will start in 60 minutes",
            "We will update the database in 30 minutes",
            "We will update once the migration finishes in 30 minutes",
            "The fix will be live in 30 minutes, the update follows when it is out",
            "In 30 minutes the fix will be out. We will update then.",
            "Update at 13:30 UTC: the fix is out",
            "Next update by 14:30 CET",
            "New update 13:05 UTC: the fix is out",
            "Next update tomorrow at 09:00 UTC",
            "We rolled the update back in 20 minutes",
            "Next update soon",
            "Next update in 60",
            "Next update in 30 days",
            "We expect normal waiting times within the hour",
            "",
        ] {
            assert_eq!(found(text, at(NOW)), None, "{text:?}");
        }
    }

    #[test]
    fn a_time_of_day_is_the_nearest() {
        for (now, said, due) in [
            ("2026-11-20T23:50:00Z", "00:20", "2026-11-21T00:20:00Z"),
            ("2026-11-20T00:10:00Z", "23:50", "2026-11-19T23:50:00Z"),
            ("2026-11-20T14:00:00Z", "13:30", "2026-11-20T13:30:00Z"),
            ("2026-11-20T14:00:00Z", "02:00", "2026-11-21T02:00:00Z"),
        ] {
            let found = found(&format!("Next update by {said} UTC"), at(now)).map(|found| found.due);
            assert_eq!(found, Some(at(due)), "{said} said at {now}");
        }
    }

    #[test]
    fn no_clock_makes_it_stumble() {
        for now in [Time::MIN_UTC, Time::MAX_UTC] {
            for text in ["Next update at 00:30 UTC", "Next update by 23:59", "Next update in 60 minutes"] {
                let found = found(text, now);
                assert!(found.is_none_or(|found| found.due > Time::MIN_UTC), "{text:?} at {now}");
            }
        }
    }

    fn at(text: &str) -> Time {
        text.parse().expect("an instant")
    }
}
