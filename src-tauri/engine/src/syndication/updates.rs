//! The updates inside an entry: `<small>when</small> <b>phase</b> - text`, in either order, with times in the page's own
//! zone (services.md 3.5, 4).

use chrono::{Datelike as _, Days, NaiveDate, NaiveDateTime, TimeDelta};
use herald_core::feed::Update;
use herald_core::{Phase, Time};

use super::UPDATES_MAX;
use super::html::{Piece, pieces};
use super::stamp::{self, Stamp};
use super::words::{self, Says};
use super::xml::Entry;
use crate::lenient::clean_text;

/// How far from what an entry says of itself the newest of its updates may be and still tell the zone.
const SAME_MINUTE: TimeDelta = TimeDelta::seconds(60);
/// Zones are so far from UTC at the most, and differ from it by full quarters of an hour.
const ZONE_MAX_MIN: i64 = 14 * 60;
const ZONE_STEP_MIN: i64 = 15;

/// What was read of an entry.
pub(super) struct Read {
    /// The updates, oldest first.
    pub updates: Vec<Update>,
    /// Whether the incident goes on; absent where nothing says so.
    pub goes_on: Option<bool>,
    /// Updates that were left out.
    pub skipped: u32,
}

/// One update as it stands.
#[derive(Debug, Default, PartialEq)]
struct Block {
    stamp: Option<Stamp>,
    word: Option<String>,
    text: String,
}

/// Whether the entry is about planned work.
pub(super) fn plans(entry: &Entry) -> bool {
    if words::is_planned_link(entry) {
        return true;
    }
    let blocks = blocks(&entry.html);
    let said: Vec<Says> = blocks.iter().filter_map(|block| words::label(block.word.as_deref()?)).collect();
    let told = |says: &Says| matches!(says, Says::Phase(_));
    said.contains(&Says::Planned) || !said.iter().any(told) && words::said(entry).says == Some(Says::Planned)
}

/// The updates of an entry. One with an unknown phase leaves the incident in the phase it was in.
pub(super) fn read(entry: &Entry) -> Read {
    let mut blocks = blocks(&entry.html);
    if blocks.is_empty() {
        return undated(entry);
    }
    let local = |block: &Block| Some(block.stamp.as_ref()?.local(year_of(entry, block.stamp.as_ref()?)?));
    let newest = blocks.iter().filter_map(local).max();
    let derived = entry.at.zip(newest).and_then(|(at, newest)| zone_min(newest, at));
    let mut timed: Vec<(Time, Block)> = vec![];
    let mut skipped = 0;
    for block in blocks.drain(..) {
        let own = block.stamp.as_ref().map(|stamp| {
            let local = stamp.local(year_of(entry, stamp)?);
            let zone_min = stamp::zone(stamp.zone.as_deref(), derived)?;
            Some(local.and_utc() - TimeDelta::minutes(zone_min))
        });
        // Where the zone is a riddle, the entry's own word dates the update that it is about.
        let is_newest = local(&block) == newest;
        match own.flatten().or(entry.at.filter(|_| is_newest)) {
            Some(at) => timed.push((at, block)),
            None => skipped += 1,
        }
    }
    let mut updates = in_order(timed);
    let told = updates.last().and_then(|update| update.phase).map(Says::Phase);
    let says = told.or_else(|| words::beside(entry));
    if let (Some(last), Some(Says::Phase(phase))) = (updates.last_mut(), says) {
        last.phase = Some(phase);
    }
    Read { updates, goes_on: goes_on(says), skipped }
}

/// All of an entry without dated updates is one: the last word, at the entry's own time.
fn undated(entry: &Entry) -> Read {
    let said = words::said(entry);
    let phase = if let Some(Says::Phase(phase)) = said.says { Some(phase) } else { None };
    let update = |at| Update { at, phase, impact: None, text: clean_text(&said.text), mine: false };
    let updates: Vec<Update> = entry.at.map(update).into_iter().collect();
    let skipped = u32::from(updates.is_empty());
    Read { updates, goes_on: goes_on(said.says), skipped }
}

fn goes_on(says: Option<Says>) -> Option<bool> {
    match says? {
        Says::Phase(phase) => Some(phase != Phase::Resolved),
        Says::GoesOn => Some(true),
        Says::Planned | Says::News => None,
    }
}

fn in_order(mut timed: Vec<(Time, Block)>) -> Vec<Update> {
    let phase_of = |block: &Block| block.word.as_deref().and_then(phase);
    // Feeds have either end first; what happened within one minute is told apart by where it stands.
    if let [first, .., last] = timed.as_slice()
        && (last.0, phase_of(&last.1)) < (first.0, phase_of(&first.1))
    {
        timed.reverse();
    }
    timed.sort_by_key(|(at, _)| *at);
    timed.drain(..timed.len().saturating_sub(UPDATES_MAX));
    let mut last = None;
    let mut before: Option<Time> = None;
    let updates = timed.into_iter().map(|(at, block)| {
        last = phase_of(&block).or(last);
        let at = before.map_or(at, |before| at.max(before + TimeDelta::seconds(1)));
        before = Some(at);
        Update { at, phase: last, impact: None, text: clean_text(&block.text), mine: false }
    });
    updates.collect()
}

/// A block for each time that stands in `<small>`; without any, none is dated.
fn blocks(html: &str) -> Vec<Block> {
    let mut blocks: Vec<Block> = vec![];
    // What stands in <small>, or in the <b> that opens a block, until it ends.
    let (mut small, mut bold): (Option<String>, Option<String>) = (None, None);
    for piece in pieces(html) {
        let text = match &piece {
            Piece::Text(text) => text.as_ref(),
            Piece::Line => "\n",
            Piece::Begin(name) if name == "small" => {
                small = Some(String::new());
                continue;
            }
            Piece::Begin(name) if name == "b" || name == "strong" => {
                let opens = blocks.last().is_some_and(|it| it.word.is_none() && it.text.trim().is_empty());
                bold = opens.then(String::new);
                continue;
            }
            Piece::End(name) if name == "small" => {
                let told = small.take().unwrap_or_default();
                match (stamp::read(&told), blocks.last_mut()) {
                    (Some(stamp), _) => blocks.push(Block { stamp: Some(stamp), ..Block::default() }),
                    (None, Some(block)) => block.text.push_str(&told),
                    (None, None) => {}
                }
                continue;
            }
            Piece::End(name) if name == "b" || name == "strong" => {
                if let (Some(word), Some(block)) = (bold.take(), blocks.last_mut()) {
                    block.word = Some(word.trim().to_owned());
                }
                continue;
            }
            Piece::Begin(_) | Piece::End(_) => continue,
        };
        match (&mut small, &mut bold, blocks.last_mut()) {
            (Some(small), ..) => small.push_str(text),
            (None, Some(bold), _) => bold.push_str(text),
            (None, None, Some(block)) => block.text.push_str(text),
            (None, None, None) => {}
        }
    }
    for block in &mut blocks {
        settle(block);
    }
    blocks
}

/// Takes the dash between phase and text away, and finds a phase that is not in bold before it.
fn settle(block: &mut Block) {
    let text = block.text.trim();
    let plain = text.split_once(" - ").filter(|(word, _)| block.word.is_none() && phase(word).is_some());
    if let Some((word, text)) = plain {
        (block.word, block.text) = (Some(word.trim().to_owned()), text.trim().to_owned());
    } else if block.word.is_some() {
        block.text = text.trim_start_matches(['-', '–', '—', ':']).trim().to_owned();
    } else {
        block.text = text.to_owned();
    }
}

fn phase(word: &str) -> Option<Phase> {
    if let Some(Says::Phase(phase)) = words::label(word) { Some(phase) } else { None }
}

/// The year of a time that tells none: the last one in which it is not after the entry.
fn year_of(entry: &Entry, stamp: &Stamp) -> Option<i32> {
    let of = |at: Time| {
        let latest = at.date_naive().checked_add_days(Days::new(1)).unwrap_or(NaiveDate::MAX);
        let fits = |year: &i32| NaiveDate::from_ymd_opt(*year, stamp.month, stamp.day).is_some_and(|it| it <= latest);
        // Eight years hold a leap day, whatever the century.
        (at.year() - 8..=at.year() + 1).rev().find(fits)
    };
    stamp.year.or_else(|| of(entry.at?))
}

/// How many minutes the page's zone is ahead of UTC, where the newest update is what the entry dates itself by.
fn zone_min(newest: NaiveDateTime, at: Time) -> Option<i64> {
    let ahead = newest - (at.naive_utc() - TimeDelta::seconds(at.timestamp().rem_euclid(60)));
    let steps = (ahead.num_seconds() as f64 / (ZONE_STEP_MIN * 60) as f64).round() as i64;
    let zone_min = steps * ZONE_STEP_MIN;
    let near = (ahead - TimeDelta::minutes(zone_min)).abs() <= SAME_MINUTE;
    (near && zone_min.abs() <= ZONE_MAX_MIN).then_some(zone_min)
}
