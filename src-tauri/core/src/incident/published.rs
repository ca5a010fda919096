//! What was published about an incident: what the page shows and what went out from here, matched one to one.

use std::borrow::{Borrow, Cow};

use chrono::TimeDelta;

use super::{Incident, Promise};
use crate::Time;
use crate::feed::{PostSeen, Update};
use crate::phase::Phase;
use crate::text::same_text;

/// Two updates can be one when their times differ by less than this: people remember a time roughly, and pages correct it.
const SAME_WITHIN: TimeDelta = TimeDelta::minutes(30);
/// How far the page's clock may be behind the one by which an update was sent.
const CLOCKS_DIFFER_BY: TimeDelta = TimeDelta::minutes(2);

impl Incident {
    /// What the page shows, oldest first.
    fn shown(&self) -> &[Update] {
        self.post.as_ref().map_or(&[], |post| &post.updates)
    }

    /// Which of the page's updates each own one is. What was sent from here is none that the page dated clearly before.
    pub(crate) fn own_among(&self, shown: &[Update]) -> Vec<Option<usize>> {
        let sent = |own: &Update| self.sent.contains(&own.at);
        paired(&self.updates, shown, |own, seen| !sent(own) || seen.at >= own.at - CLOCKS_DIFFER_BY)
    }

    /// Everything that was published about it, oldest first. What Herald published and the feed shows is one update,
    /// with the feed's time (H31).
    #[must_use]
    pub fn published(&self) -> Vec<Update> {
        self.told().into_iter().map(Cow::into_owned).collect()
    }

    /// The same without a copy of what is held as it is: every reading of every incident goes by it.
    #[must_use]
    pub fn told(&self) -> Vec<Cow<'_, Update>> {
        let mut all: Vec<Cow<'_, Update>> = self.shown().iter().map(Cow::Borrowed).collect();
        for (own, place) in self.updates.iter().zip(self.own_among(self.shown())) {
            match place {
                Some(place) if all[place].mine != own.mine || all[place].phase.is_none() => {
                    let seen = all[place].to_mut();
                    seen.mine |= own.mine;
                    seen.phase = seen.phase.or(own.phase);
                }
                Some(_) => {}
                None => all.push(Cow::Borrowed(own)),
            }
        }
        all.sort_by_key(|update| update.at);
        all
    }

    /// The newest published update.
    #[must_use]
    pub fn last_update(&self) -> Option<Update> {
        self.last_told().map(Cow::into_owned)
    }

    /// The same without a copy.
    #[must_use]
    pub fn last_told(&self) -> Option<Cow<'_, Update>> {
        self.told().pop()
    }

    /// The phase that the public was told last (H34): an update that tells none leaves it as it was. Nothing when none
    /// ever told it.
    #[must_use]
    pub fn phase(&self) -> Option<Phase> {
        self.told().iter().rev().find_map(|update| update.phase)
    }

    /// Whether anything was published about it.
    #[must_use]
    pub fn public(&self) -> bool {
        !self.shown().is_empty() || !self.updates.is_empty()
    }

    /// Where it stands for the public, in words.
    #[must_use]
    pub fn standing_words(&self) -> &'static str {
        standing_words(self.phase(), self.public())
    }

    /// The page's update that is the one of these words that was published here at `at`.
    pub(crate) fn seen_live<'a>(&self, phase: Phase, body: &str, at: Time, post: &'a PostSeen) -> Option<&'a Update> {
        let is = |own: &Update| own.at == at && own.phase == Some(phase) && same_text(&own.text, body);
        let own = self.updates.iter().position(is)?;
        post.updates.get(self.own_among(&post.updates)[own]?)
    }

    /// Whether nothing was published after this update, which was seen on the page or published here.
    #[must_use]
    pub fn is_last(&self, update: &Update) -> bool {
        let published = self.told();
        let Some(last) = published.last() else { return true };
        let own = self.updates.iter().position(|own| own.at == update.at && own.text == update.text);
        let shown = own.and_then(|own| self.shown().get(self.own_among(self.shown())[own]?));
        let it = shown.unwrap_or(update);
        let place = paired(&[it], &published, |_, _| true)[0];
        place.is_some_and(|place| published[place].at == last.at)
    }

    /// Whether nothing was published after the update that made this promise.
    #[must_use]
    pub fn promised_last(&self, promise: &Promise) -> bool {
        match &promise.made_by {
            Some(made_by) => self.is_last(made_by),
            None => self.last_told().is_none_or(|last| promise.made_at >= last.at),
        }
    }

    /// Since when it has been in its phase without a break, by its published updates. Coming back is a break (H55).
    #[must_use]
    pub fn phase_since(&self) -> Option<Time> {
        let published = self.told();
        let phase = published.iter().rev().find_map(|update| update.phase)?;
        let unbroken = |update: &&Cow<'_, Update>| {
            update.phase.is_none_or(|told| told == phase) && self.recurred_at.is_none_or(|at| update.at >= at)
        };
        published.iter().rev().take_while(unbroken).last().map(|update| update.at)
    }
}

/// Where an incident stands for the public, in words: told in a phase, told in none that can be read, or not at all.
#[must_use]
pub fn standing_words(phase: Option<Phase>, public: bool) -> &'static str {
    match phase {
        Some(phase) => phase.label(),
        None if public => "State not told",
        None => "Not public yet",
    }
}

/// Which of `others` each of `ones` is, if any: the same words at about the same time, one to one, the nearest first.
#[must_use]
pub fn paired<A: Borrow<Update>, B: Borrow<Update>>(
    ones: &[A],
    others: &[B],
    may: impl Fn(&Update, &Update) -> bool,
) -> Vec<Option<usize>> {
    let mut pairs = vec![];
    for (i, one) in ones.iter().map(Borrow::borrow).enumerate() {
        let others = others.iter().map(Borrow::borrow).enumerate();
        let same = others.filter(|(_, other)| same_update(other, one) && may(one, other));
        pairs.extend(same.map(|(j, other)| ((other.at - one.at).abs(), i, j)));
    }
    pairs.sort_unstable();
    let (mut found, mut taken) = (vec![None; ones.len()], vec![false; others.len()]);
    for (_, i, j) in pairs {
        if found[i].is_none() && !taken[j] {
            (found[i], taken[j]) = (Some(j), true);
        }
    }
    found
}

/// Whether two updates can be one: same phase and text, at about the same time.
#[must_use]
pub fn same_update(one: &Update, other: &Update) -> bool {
    let near = (one.at - other.at).abs() < SAME_WITHIN;
    // What does not say its phase may be in any.
    let phases = one.phase.is_none() || other.phase.is_none() || one.phase == other.phase;
    near && phases && same_text(&one.text, &other.text)
}

#[cfg(test)]
mod tests;
