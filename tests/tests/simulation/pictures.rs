//! Pictures that are made from the last one, held against those that are made anew: whatever a change touches is made again.

use std::collections::VecDeque;

use chrono::TimeDelta;
use herald_core::view::Gallery;
use herald_core::{Change, State, Time, view};
use serde_json::Value;

use crate::herald::Herald;

/// As in the core: the longest that a part of a picture may be older than the rest by the passing of time.
const OLDER_MAX: TimeDelta = TimeDelta::seconds(15);
/// Turns of the loop between two pictures that are made anew, as this takes long. Prime, so that it falls on all kinds.
const ANEW_EVERY: u32 = 13;

/// The pictures of a run.
pub struct Pictures {
    gallery: Gallery,
    /// When pictures were made lately.
    made_at: VecDeque<Time>,
    turns: u32,
}

impl Pictures {
    pub fn new(state: &State, now: Time) -> Self {
        Self { gallery: Gallery::new(state, now), made_at: VecDeque::from([now]), turns: 0 }
    }

    pub fn touch(&mut self, before: &State, change: &Change) {
        self.gallery.touch(before, change);
    }
}

impl Herald {
    /// The kept picture is the one that would be made anew. A part that nothing touched may have been made a little
    /// earlier, and be as it would have been then.
    pub fn pictures_are_true(&mut self, now: Time) {
        let it = &mut self.pictures;
        it.gallery.renew(&self.state, now);
        it.made_at.push_front(now);
        it.made_at.retain(|at| (now - *at).abs() <= OLDER_MAX);
        it.turns += 1;
        if !self.compares || !it.turns.is_multiple_of(ANEW_EVERY) || *it.gallery.view() == view(&self.state, now) {
            return;
        }
        let kept = parts(it.gallery.view());
        let at_their_time: Vec<_> = it.made_at.iter().map(|at| parts(&view(&self.state, *at))).collect();
        for (name, part) in kept {
            let ever = at_their_time.iter().flatten().any(|(other, it)| *other == name && *it == part);
            self.must(ever, || format!("{name} of the picture is as it never was: {part}"));
        }
    }
}

/// Every part of a picture by its name, cards one by one.
fn parts(view: &herald_core::View) -> Vec<(String, Value)> {
    let Ok(Value::Object(parts)) = serde_json::to_value(view) else { panic!("a view is an object") };
    let cards = ["pages", "incidents", "wrapping"];
    let one_by_one = |(name, part): (String, Value)| {
        let Some(all) = part.as_array().filter(|_| cards.contains(&name.as_str())) else { return vec![(name, part)] };
        let count = (format!("number of {name}"), all.len().into());
        let card = |(nth, card): (usize, &Value)| (format!("{name} {nth}"), card.clone());
        all.iter().enumerate().map(card).chain([count]).collect()
    };
    parts.into_iter().flat_map(one_by_one).collect()
}
