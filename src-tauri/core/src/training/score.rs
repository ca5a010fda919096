//! What a practice event came to: each promise of the duty with its number, and what happened when (H90, H101).

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::facts::{Expected, Facts, IncidentFacts, PageFacts};
use crate::Time;

/// Moments that a score keeps; more helps nobody to learn.
const MOMENTS_MAX: usize = 200;

/// What a practice event came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Score {
    /// When it began.
    pub began_at: Time,
    /// When it was ended.
    pub ended_at: Time,
    /// Each promise of the duty.
    pub kpis: Vec<Kpi>,
    /// What happened, and what should have, oldest first.
    pub timeline: Vec<Moment>,
}

impl Score {
    /// How many of the promises that came up were kept, and how many came up.
    #[must_use]
    pub fn met(&self) -> (usize, usize) {
        let counted: Vec<bool> = self.kpis.iter().filter_map(|kpi| kpi.met).collect();
        (counted.iter().filter(|met| **met).count(), counted.len())
    }
}

/// One promise of the duty, measured.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(rename = "ScoreKpi")]
pub struct Kpi {
    /// Which.
    pub kind: KpiKind,
    /// How often it was kept.
    pub kept: u32,
    /// How often it came up.
    pub of: u32,
    /// The longest that anything took, or was late, in seconds; what that is, is for its kind to say.
    #[ts(type = "number | null")]
    pub worst_s: Option<i64>,
    /// What is allowed, in seconds.
    #[ts(type = "number | null")]
    pub limit_s: Option<i64>,
    /// Whether it was met; absent when it did not come up, or could not be seen.
    pub met: Option<bool>,
}

/// The promises of the duty.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum KpiKind {
    /// Pages acknowledged within the target; the worst is the longest that one waited (H21).
    Acknowledged,
    /// Updates within the interval; the worst is the longest that one was late (H30).
    Updates,
    /// Stakeholders told of each incident that the public was told of (H50).
    Stakeholders,
    /// The handover written (H80).
    Handover,
    /// Pages closed after everything else of Engage (H23).
    ClosedLast,
}

/// Something that happened, or should have.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(rename = "ScoreMoment")]
pub struct Moment {
    /// When it happened, or was expected at the latest.
    pub at: Time,
    /// What, in words.
    pub what: String,
    /// When it was expected at the latest.
    pub due_at: Option<Time>,
    /// Whether it was in time; absent for what was not measured.
    pub good: Option<bool>,
}

impl Moment {
    fn new(at: Time, what: impl Into<String>) -> Self {
        Self { at, what: what.into(), due_at: None, good: None }
    }

    fn measured(at: Time, what: impl Into<String>, due_at: Time, good: bool) -> Self {
        Self { at, what: what.into(), due_at: Some(due_at), good: Some(good) }
    }
}

/// Measures what happened.
#[must_use]
pub fn score(facts: &Facts) -> Score {
    let mut timeline: Vec<Moment> = facts.heard.iter().map(|(at, what)| Moment::new(*at, what.clone())).collect();
    let kpis = vec![
        acknowledged(facts, &mut timeline),
        updates(facts, &mut timeline),
        stakeholders(facts, &mut timeline),
        handover(facts, &mut timeline),
        closed_last(facts, &mut timeline),
    ];
    timeline.sort_by_key(|moment| moment.at);
    timeline.truncate(MOMENTS_MAX);
    Score { began_at: facts.began_at, ended_at: facts.ended_at, kpis, timeline }
}

/// Counts what was kept of what came up.
#[derive(Default)]
struct Tally {
    kept: u32,
    of: u32,
    worst: Option<TimeDelta>,
}

impl Tally {
    fn count(&mut self, kept: bool) {
        self.of += 1;
        self.kept += u32::from(kept);
    }

    fn worst(&mut self, took: TimeDelta) {
        self.worst = self.worst.max(Some(took));
    }

    fn kpi(self, kind: KpiKind, limit: Option<TimeDelta>) -> Kpi {
        let seconds = |it: TimeDelta| it.num_seconds();
        let met = (self.of > 0).then_some(self.kept == self.of);
        Kpi { kind, kept: self.kept, of: self.of, worst_s: self.worst.map(seconds), limit_s: limit.map(seconds), met }
    }
}

/// Pages that somebody else took in time were not mine to take.
fn acknowledged(facts: &Facts, timeline: &mut Vec<Moment>) -> Kpi {
    let mut tally = Tally::default();
    for page in &facts.pages {
        let due_at = page.triggered_at + facts.target;
        timeline.push(Moment::new(page.triggered_at, format!("Page: {}", page.title)));
        match (&page.taken, page.left_at) {
            (Some(taken), _) if !taken.by_me => {
                timeline.push(Moment::new(taken.at, format!("Somebody else took the page: {}", page.title)));
            }
            (Some(taken), _) => {
                let good = taken.at <= due_at;
                tally.count(good);
                tally.worst(taken.at - page.triggered_at);
                timeline.push(Moment::measured(taken.at, format!("You took the page: {}", page.title), due_at, good));
            }
            (None, Some(left_at)) => {
                timeline.push(Moment::new(left_at, format!("The page left untaken: {}", page.title)));
            }
            (None, None) => {
                tally.count(false);
                tally.worst(facts.ended_at - page.triggered_at);
                let at = due_at.min(facts.ended_at);
                timeline.push(Moment::measured(at, format!("Nobody took the page: {}", page.title), due_at, false));
            }
        }
    }
    tally.kpi(KpiKind::Acknowledged, Some(facts.target))
}

/// Whoever posts resets the clock, so whoever posts keeps the promise (H31).
fn updates(facts: &Facts, timeline: &mut Vec<Moment>) -> Kpi {
    let mut tally = Tally::default();
    for incident in &facts.incidents {
        let mut due = incident.first_due;
        for update in &incident.updates {
            let who = if update.mine { "You published" } else { "Somebody else published" };
            let what =
                format!("{who} {}: {}", update.phase.map_or("an update", crate::phase::Phase::label), incident.title);
            match due {
                None => timeline.push(Moment::new(update.at, what)),
                Some(due_at) => {
                    let good = update.at <= due_at;
                    tally.count(good);
                    tally.worst((update.at - due_at).max(TimeDelta::zero()));
                    timeline.push(Moment::measured(update.at, what, due_at, good));
                }
            }
            due = update.next_due;
        }
        if let Some(due_at) = due.filter(|due_at| *due_at < incident.ended_at.unwrap_or(facts.ended_at)) {
            tally.count(false);
            tally.worst(incident.ended_at.unwrap_or(facts.ended_at) - due_at);
            let what = format!("An update was due and did not come: {}", incident.title);
            timeline.push(Moment::measured(due_at, what, due_at, false));
        }
    }
    tally.kpi(KpiKind::Updates, None)
}

fn stakeholders(facts: &Facts, timeline: &mut Vec<Moment>) -> Kpi {
    let mut tally = Tally::default();
    for incident in facts.incidents.iter().filter(|it| !it.updates.is_empty()) {
        match incident.stakeholders {
            Expected::Unseen => {}
            Expected::Missing => tally.count(false),
            Expected::Done(at) => {
                tally.count(true);
                timeline.push(Moment::new(at, format!("Stakeholders were told: {}", incident.title)));
            }
        }
    }
    tally.kpi(KpiKind::Stakeholders, None)
}

fn handover(facts: &Facts, timeline: &mut Vec<Moment>) -> Kpi {
    let mut tally = Tally::default();
    match facts.handover {
        Expected::Unseen => {}
        Expected::Missing => tally.count(false),
        Expected::Done(at) => {
            tally.count(true);
            timeline.push(Moment::new(at, "The handover was written"));
        }
    }
    tally.kpi(KpiKind::Handover, None)
}

/// A page that I took is closed by me, after the public and the stakeholders were told.
fn closed_last(facts: &Facts, timeline: &mut Vec<Moment>) -> Kpi {
    let mut tally = Tally::default();
    let taken_by_me = |page: &&PageFacts| page.taken.as_ref().is_some_and(|taken| taken.by_me);
    for page in facts.pages.iter().filter(taken_by_me) {
        let about = about(facts, page);
        match &page.closed {
            // It was taken out of my hands; no order of mine could have been kept.
            Some(closed) if !closed.by_me => {
                timeline.push(Moment::new(closed.at, format!("Somebody else closed the page: {}", page.title)));
            }
            Some(closed) => {
                let declined = facts.declined.contains(&page.id);
                let told = || about.iter().all(|incident| before_closing(incident, closed.at));
                // Where no incident is known, nobody can say what was to be told before.
                let good = (declined || !about.is_empty()).then(told);
                good.into_iter().for_each(|good| tally.count(good));
                let what = format!("You closed the page: {}", page.title);
                timeline.push(Moment { at: closed.at, what, due_at: None, good });
            }
            None => tally.count(false),
        }
    }
    tally.kpi(KpiKind::ClosedLast, None)
}

/// The incidents that a page called for; where nothing was joined with it, those that no page is known to have called for.
fn about<'a>(facts: &'a Facts, page: &PageFacts) -> Vec<&'a IncidentFacts> {
    let named: Vec<&IncidentFacts> = facts.incidents.iter().filter(|it| it.pages.contains(&page.id)).collect();
    if named.is_empty() && !facts.declined.contains(&page.id) {
        return facts.incidents.iter().filter(|it| it.pages.is_empty()).collect();
    }
    named
}

/// Whether everything else of Engage was done: whether the public is told was decided, and whoever was to be told was.
fn before_closing(incident: &IncidentFacts, closed_at: Time) -> bool {
    let told_public = incident.updates.first().is_some_and(|update| update.at <= closed_at);
    let told_stakeholders = match incident.stakeholders {
        Expected::Unseen => true,
        Expected::Missing => false,
        Expected::Done(at) => at <= closed_at,
    };
    told_public && told_stakeholders
}

#[cfg(test)]
mod tests;
