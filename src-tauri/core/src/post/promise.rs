//! Finds what a text promises about the next update: that time, not the table, is then when it is due (H32).

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::READ_MAX;
use super::moment::{Said, moment};
use super::words::{Word, sentences, text_at};
use crate::Time;

/// Most words between "update" and the time; what stands further apart does not belong together.
const BETWEEN_MAX: usize = 8;

/// Words that lead to the time.
const LEADS: &[&str] = &[
    "in", "within", "by", "at", "on", "before", "after", "around", "about", "until", "till", "for", "every", "from",
    "between",
];

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
    "least",
    "most",
    "latest",
    "or",
    "less",
    "than",
    "no",
    "not",
    "later",
    "earlier",
    "sooner",
    "maximum",
    "under",
    "ca",
    "coming",
    "following",
    "max",
    "just",
    "exactly",
    "up",
    "to",
];

/// Words that may stand between "update" and the time. Any other belongs to another thought: "update the database".
const BETWEEN: &[&str] = &[
    "a",
    "all",
    "back",
    "and",
    "again",
    "announced",
    "are",
    "as",
    "at",
    "available",
    "be",
    "come",
    "comes",
    "coming",
    "customers",
    "details",
    "due",
    "earlier",
    "eta",
    "everyone",
    "expected",
    "follow",
    "following",
    "follows",
    "for",
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
    "least",
    "made",
    "more",
    "news",
    "next",
    "no",
    "not",
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
    "time",
    "to",
    "up",
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
    "next",
    "another",
    "further",
    "more",
    "again",
    "will",
    "we'll",
    "we’ll",
    "i'll",
    "i’ll",
    "shall",
    "expect",
    "intend",
    "going",
    "plan",
    "follow",
    "follows",
    "promise",
    "keep",
    "due",
    "expected",
    "scheduled",
    "planned",
];

/// Verbs that announce word of ours, with "again" or the like after them: "we'll post again".
const ANNOUNCES: &[&str] = &[
    "post",
    "report",
    "write",
    "communicate",
    "share",
    "check",
    "follow",
    "speak",
    "inform",
    "provide",
    "send",
    "publish",
    "reach",
    "advise",
    "notify",
    "know",
    "have",
];

/// Nouns that are an update by another name, after "next" or "more".
const NEWS: &[&str] = &[
    "post",
    "message",
    "report",
    "status",
    "communication",
    "announcement",
    "bulletin",
    "notice",
    "information",
    "info",
    "details",
    "news",
    "comms",
];

/// What the text says about the next update (H32).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(rename = "UpdatePromise")]
pub struct Found {
    /// When the update is then due; in the past when a time of day has gone by.
    pub due: Time,
    /// The words that say so, as they are written.
    pub words: String,
}

/// How a text speaks of the next update (H32).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Heard {
    /// It promises it for a time that is sure.
    Sure(Found),
    /// It speaks of a time, and nobody can be sure which: the user has to set it by hand.
    Unsure {
        /// The words that do, as they are written.
        words: String,
    },
}

/// The last promise in a text that is published `now`, where its time is sure (H32); none in one of more than
/// [`READ_MAX`].
#[must_use]
pub fn found(text: &str, now: Time) -> Option<Found> {
    match heard(text, now)? {
        Heard::Sure(found) => Some(found),
        Heard::Unsure { .. } => None,
    }
}

/// The words of the last promise in a text, where nobody can be sure of its time (H32).
#[must_use]
pub fn unsure(text: &str, now: Time) -> Option<String> {
    match heard(text, now)? {
        Heard::Sure(_) => None,
        Heard::Unsure { words } => Some(words),
    }
}

/// The last promise in a text that is published `now` (H32); none in one of more than [`READ_MAX`]. A day without a time
/// counts only where nothing else is said.
#[must_use]
pub fn heard(text: &str, now: Time) -> Option<Heard> {
    if text.len() > READ_MAX {
        return None;
    }
    let mut vague = None;
    for sentence in sentences(text).iter().rev() {
        for (said, words) in in_sentence(sentence, now) {
            let (first, last) = (words.first()?, words.last()?);
            let words = text[first.start..last.end].to_owned();
            match said {
                Said::At(due) => return Some(Heard::Sure(Found { due, words })),
                Said::Unsure => return Some(Heard::Unsure { words }),
                Said::Vague => vague = vague.or(Some(Heard::Unsure { words })),
            }
        }
    }
    vague
}

/// A moment that a sentence names.
#[derive(Clone, Copy)]
struct Named {
    said: Said,
    start: usize,
    end: usize,
}

/// The promises of a sentence, the last one first, each with its words from the one that makes it a promise.
fn in_sentence(words: &[Word], now: Time) -> Vec<(Said, &[Word])> {
    let moments = moments(words, now);
    let promise = |at: usize| {
        let it = moments[at];
        if words.get(it.end).is_some_and(|word| word.is(&["ago", "earlier", "old", "delay"])) {
            return None;
        }
        let lead = lead(words, it.start);
        let (start, end, clear) = after_update(words, &lead)
            .map(|(start, clear)| (start, it.end, clear))
            .or_else(|| before_update(words, it.end, &lead).map(|end| (lead.start, end, true)))
            .or_else(|| regular(words, it).map(|(start, end)| (start, end, true)))?;
        let said = if !clear || is_floor(words, &lead, it) || negated(words, start, it.start) {
            Said::Unsure
        } else {
            agreed(words, &moments[at..])
        };
        Some((said, &words[start..end]))
    };
    (0..moments.len()).rev().filter_map(promise).collect()
}

/// Every moment in a sentence, read from its beginning, so that no part of one is taken for another.
fn moments(words: &[Word], now: Time) -> Vec<Named> {
    let mut found = vec![];
    let mut at = 0;
    while at < words.len() {
        let (said, taken) = match moment(words, at, now).or_else(|| unit_missing(words, at)) {
            Some(found) => found,
            None => {
                at += 1;
                continue;
            }
        };
        found.push(Named { said, start: at, end: at + taken });
        at += taken.max(1);
    }
    found
}

/// "Next update in 60", "by 5": a number where a time should stand, at the end of a thought.
fn unit_missing(words: &[Word], at: usize) -> Option<(Said, usize)> {
    let number = words[at].number().is_some_and(|number| number < 10_000);
    let led = at > 0 && words[at - 1].is(&["in", "within", "by", "at", "before", "about", "around"]);
    let last = words.get(at + 1).is_none_or(|next| next.after_pause);
    (number && led && last).then_some((Said::Unsure, 1))
}

/// What a moment says together with those that only say it again: "15:00 UTC (16:00 CET)". Two that differ are unsure.
fn agreed(words: &[Word], moments: &[Named]) -> Said {
    let mut said = moments[0].said;
    for pair in moments.windows(2) {
        let (one, next) = (pair[0], pair[1]);
        let between = &words[one.end..next.start];
        let gap = &words[next.start].gap;
        let joined = match between {
            [] => gap.contains(['(', '/', '=', ',', '[', '|', '–', '—', '-']),
            [word] => word.is(&["or", "i.e", "ie", "equals", "aka", "at", "by", "and"]),
            [first, second] => {
                first.is(&["or", "and"]) && second.is(&["at", "by", "in"]) || first.is(&["i"]) && second.is(&["e"])
            }
            _ => false,
        };
        if !joined {
            break;
        }
        said = match (said, next.said) {
            (Said::At(one), Said::At(other)) if (one - other).abs() <= SAME => Said::At(one.min(other)),
            (Said::At(_), Said::At(_)) => return Said::Unsure,
            (Said::At(at), Said::Unsure | Said::Vague) | (Said::Unsure | Said::Vague, Said::At(at)) => Said::At(at),
            (Said::Unsure, _) | (_, Said::Unsure) => Said::Unsure,
            (Said::Vague, Said::Vague) => Said::Vague,
        };
    }
    said
}

/// Two times so near each other are meant to be the same: "in 30 minutes, at 14:30".
const SAME: chrono::TimeDelta = chrono::TimeDelta::minutes(5);

/// Whether a time is the earliest at which an update comes, and no promise when it does.
fn is_floor(words: &[Word], lead: &Lead, it: Named) -> bool {
    let from = lead.start.saturating_sub(3);
    let before = &words[from..it.start];
    let later = lead.word.is_some_and(|word| matches!(word, "after" | "until" | "till" | "from"));
    let least = words[lead.start..it.start].iter().any(|word| word.is(&["least"]));
    let earliest = before.iter().any(|word| word.is(&["earlier", "sooner", "earliest"]));
    let after = &words[it.end..];
    let onwards = text_at(after, 0) == "onwards"
        || text_at(after, 0) == "or" && matches!(text_at(after, 1), "later" | "after")
        || after.iter().take(3).any(|word| word.is(&["earliest"]));
    later || least || earliest || onwards
}

/// Whether the thought says that there is none: "no update before", "we will not post".
fn negated(words: &[Word], start: usize, time_at: usize) -> bool {
    let denies = |at: usize| {
        let word = &words[at];
        let bound = matches!(text_at(words, at + 1), "later" | "longer" | "more") && text_at(words, at + 2) == "than";
        (word.is(&["no", "not", "never", "without", "cannot"]) || word.text.ends_with("n't")) && !bound
    };
    let update = (start..time_at).find(|at| is_update(words, *at)).unwrap_or(start);
    let before = (update.saturating_sub(5)..update).rev();
    let paused = |at: &usize| !words[*at + 1].after_pause;
    let in_thought = before.take_while(paused).any(denies) || (update..time_at).any(denies);
    in_thought && !words[start..time_at].iter().any(|word| word.is(&["next"]) && update > start)
        || (update..time_at).any(denies)
}

/// "Hourly updates", "updates will be posted hourly".
fn regular(words: &[Word], it: Named) -> Option<(usize, usize)> {
    if !words[it.start].is(&["hourly", "half-hourly"]) {
        return None;
    }
    let near = it.start.saturating_sub(BETWEEN_MAX)..(it.end + 2).min(words.len());
    let update = near.into_iter().find(|at| is_update(words, *at))?;
    (!told_as_past(&words[..update])).then(|| (update.min(it.start), (update + 1).max(it.end)))
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

/// "Next update in 60 minutes": where the promise begins, when "update" stands before the time, and whether all that
/// stands between them is understood.
fn after_update(words: &[Word], lead: &Lead) -> Option<(usize, bool)> {
    let earliest = lead.start.saturating_sub(BETWEEN_MAX + 1);
    let update = (earliest..lead.start).rev().find(|at| is_update(words, *at))?;
    let between = &words[update + 1..lead.start];
    let mut strange = between.iter().filter(|word| !BETWEEN.contains(&word.text.as_str())).peekable();
    // Numbers between the two belong to the time, in a form that is not known: "on 11/21 at 9am".
    let clear = strange.peek().is_none();
    if !strange.all(|word| word.text.starts_with(|c: char| c.is_ascii_digit())) {
        return None;
    }
    let start = words[..=update].iter().rposition(|word| TO_COME.contains(&word.text.as_str()));
    let to_come = start.is_some() || between.iter().any(|word| TO_COME.contains(&word.text.as_str()));
    let denied = words[update.saturating_sub(3)..update].iter().any(|word| word.is(&["no", "not"]));
    let promised = match lead.word {
        _ if !words[update].is(&["update", "updates"]) && !to_come => false,
        Some("in" | "within" | "by" | "every") => to_come || !told_as_past(&words[..update]),
        Some("before" | "until" | "till") => to_come || denied && !told_as_past(&words[..update]),
        Some(_) => to_come,
        None => to_come && between.iter().all(|word| FILLERS.contains(&word.text.as_str()) || word.is(DUE)),
    };
    promised.then(|| (start.filter(|start| update - start <= BETWEEN_MAX).unwrap_or(update), clear))
}

/// "In 30 minutes we will post an update": where the promise ends, when the time opens the thought.
fn before_update(words: &[Word], time_end: usize, lead: &Lead) -> Option<usize> {
    let rest = &words[time_end..];
    let opens = lead.start == 0 || words[lead.start].after_pause;
    let with = rest.first().is_some_and(|word| matches!(word.text.as_str(), "with" | "for"));
    if !(lead.word.is_some() && (opens || with)) {
        return None;
    }
    let update = (0..rest.len().min(BETWEEN_MAX)).find(|at| is_update(rest, *at))?;
    let to_come = with || rest[..update].iter().any(|word| TO_COME.contains(&word.text.as_str()));
    let object = rest.get(update + 1).is_none_or(|word| BETWEEN.contains(&word.text.as_str()));
    (to_come && object).then_some(time_end + update + 1)
}

/// Whether a word speaks of an update, by whatever name.
fn is_update(words: &[Word], at: usize) -> bool {
    let before = text_at(words, at.wrapping_sub(1));
    match text_at(words, at) {
        "update" | "updates" | "updating" => true,
        "updated" => words[at.saturating_sub(4)..at].iter().any(|word| word.is(&["keep", "keeping"])),
        word if NEWS.contains(&word) && matches!(before, "next" | "more" | "further" | "additional") => true,
        word if ANNOUNCES.contains(&word) => {
            matches!(text_at(words, at + 1), "again" | "back" | "up" | "more" | "further")
        }
        _ => false,
    }
}

/// Words that say that an update is to come, right before its time.
const DUE: &[&str] = &["due", "expected", "scheduled", "planned", "eta", "time", "is", "will", "be", "come", "comes"];

/// Whether the words before "update" speak of one that was: "we posted an update in 20 minutes".
fn told_as_past(before: &[Word]) -> bool {
    before.iter().any(|word| {
        let text = word.text.as_str();
        text.len() > 3 && text.ends_with("ed")
            || matches!(text, "sent" | "made" | "gave" | "last" | "was" | "were" | "had")
    })
}

#[cfg(test)]
mod tests;
