//! The six figures that the duty is measured by (H90), and exactly what each of them counts.
//!
//! Every figure judges single things, each at one moment; a range counts the things whose moment lies in it, its end
//! excluded. All times are compared to the millisecond, and quarters are those of UTC. What was only watched in shadow
//! mode never counts, and practice keeps its own data folder, so that nothing of it is ever here.
//!
//! | Figure | Judges, at which moment | Kept when | Not counted |
//! |---|---|---|---|
//! | [`KpiName::Acknowledge`] | a page, when PagerDuty triggered it | it was acknowledged, by whom ever, within the target, and the bridge of its incident was joined | it was only watched; it left without acknowledgement while there was time; nobody knows what became of it |
//! | [`KpiName::Updates`] | an update that had a due time, when it was published or, if late, when it was due | it was published by then | it was not mine to give; it had no due time, as the first without a decision, or one after Resolved |
//! | [`KpiName::Threads`] | an incident that the public was told about, when it was told first | the stakeholder task is ticked | it was not mine; the task was set aside; it dates from before tasks were kept |
//! | [`KpiName::Handovers`] | a shift on call, when it began | it was handed over, not long before its end ([`Shift::handover_missing`](crate::shift::Shift::handover_missing)) | |
//! | [`KpiName::Contacts`] | a contact request, when it was asked | it is done, handed over or planned | |
//! | [`KpiName::Training`] | a quarter that the range touches and that has begun | it has as many trainings as it needs | |
//!
//! - **Mine** is an update that was published from here or fell into a shift on call, and an incident that has one or
//!   whose first update fell into one.
//! - **The bridge** is asked for with every page. Set aside, or of an incident that dates from before ticks were kept, it
//!   is not; not yet joined, the page waits while the incident goes on and is missed when it is over. A page that belongs
//!   to no incident waits to be joined with one, and is missed when it has left: nothing tells of its bridge.
//! - **An interval** runs from the update before, or from the decision to tell the public. Its due time is what cadence or
//!   promise said just before the update was seen ([`Incident::kept`](crate::Incident)), so that a later change of
//!   severity does not rewrite the past; what a raised severity makes due at once has the playbook's lead time
//!   ([`cadence::late_at`](crate::cadence::late_at)), as in the practice score. An update that is due now waits, and is missed from its due time on.
//! - **Waiting** things are neither kept nor missed: a page that still has time, a thread not yet made while the incident
//!   goes on, the handover of the shift that runs, a request of a shift that runs, the quarter that runs.
//! - A request that is still open is missed when its shift has ended, or the range.

use chrono::{Datelike, NaiveDate, TimeDelta};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::Time;
use crate::incident::IncidentId;
use crate::page::PageId;

/// Quarters that are judged at most, the newest: a range may begin anywhere.
const QUARTERS_MAX: usize = 40;

/// Which time the figures are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "range", rename_all = "snake_case")]
pub enum KpiAsk {
    /// The shift that runs, or the one that ran last.
    Shift,
    /// The quarter that runs.
    ThisQuarter,
    /// The one before.
    LastQuarter,
    /// Any quarter.
    Quarter {
        /// Its year.
        year: i32,
        /// 1 to 4.
        quarter: u32,
    },
    /// Any time, its end excluded.
    Between {
        /// From then on.
        from: Time,
        /// Until then.
        to: Time,
    },
}

impl KpiAsk {
    /// The range, unless it is a shift or no quarter at all.
    #[must_use]
    pub fn range(self, now: Time) -> Option<(Time, Time)> {
        let (year, quarter) = quarter_of(now);
        match self {
            Self::Shift => None,
            Self::ThisQuarter => quarter_range(year, quarter),
            Self::LastQuarter if quarter == 1 => quarter_range(year - 1, 4),
            Self::LastQuarter => quarter_range(year, quarter - 1),
            Self::Quarter { year, quarter } => quarter_range(year, quarter),
            Self::Between { from, to } => Some((from, to)),
        }
    }
}

/// All figures for one range.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Kpis {
    /// From then on.
    pub from: Time,
    /// Until then.
    pub to: Time,
    /// The six, in the order of the handbook.
    pub kpis: Vec<Kpi>,
}

/// One figure, and what is behind it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Kpi {
    /// Which.
    pub name: KpiName,
    /// How much of what counts was kept, in whole per cent, rounded down; absent when nothing counts.
    pub value: Option<u32>,
    /// How much it should be, in per cent.
    pub target: u32,
    /// Whether the target is met; absent when nothing counts.
    pub met: Option<bool>,
    /// The limit that single things are judged by, where it is one number: minutes, or trainings.
    pub limit: Option<u32>,
    /// How many were kept.
    pub kept: u32,
    /// How many were missed.
    pub missed: u32,
    /// How many still wait.
    pub waiting: u32,
    /// What is behind the number: missed ones first, then the newest.
    pub items: Vec<KpiItem>,
    /// How many more there are than `items`.
    pub more: u32,
}

/// The six figures (H90).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum KpiName {
    /// Pages acknowledged within the target, and the bridge joined (H21).
    Acknowledge,
    /// Updates within the documented or promised interval (H30–H32).
    Updates,
    /// One stakeholder thread for each incident (H51).
    Threads,
    /// A handover after each shift (H80).
    Handovers,
    /// Contact requests that are handled (H70).
    Contacts,
    /// Training in each quarter (H100).
    Training,
}

impl KpiName {
    /// All of them, in the order of the handbook.
    pub const ALL: [Self; 6] =
        [Self::Acknowledge, Self::Updates, Self::Threads, Self::Handovers, Self::Contacts, Self::Training];

    /// What people read.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Acknowledge => "Pages taken in time",
            Self::Updates => "Updates in time",
            Self::Threads => "Stakeholder threads",
            Self::Handovers => "Shifts handed over",
            Self::Contacts => "Contact requests handled",
            Self::Training => "Training in each quarter",
        }
    }
}

/// How one thing was judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// As it should be.
    Kept,
    /// Not as it should be.
    Missed,
    /// There is still time.
    Waiting,
}

impl Verdict {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Kept, Self::Missed, Self::Waiting];

    /// Its name in the database.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Kept => "kept",
            Self::Missed => "missed",
            Self::Waiting => "waiting",
        }
    }
}

/// One thing behind a figure.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct KpiItem {
    /// The moment at which it is judged.
    pub at: Time,
    /// How.
    pub verdict: Verdict,
    /// What it is.
    pub title: String,
    /// Why, where that needs saying.
    pub says: String,
    /// Seconds that it took, where something is measured.
    #[ts(type = "number | null")]
    pub took_s: Option<i64>,
    /// Seconds that it may take.
    #[ts(type = "number | null")]
    pub allowed_s: Option<i64>,
    /// The incident, to open it.
    #[ts(type = "number | null")]
    pub incident: Option<IncidentId>,
    /// The page, to open it.
    pub page: Option<PageId>,
}

impl Kpi {
    /// A figure from what was counted.
    #[must_use]
    pub fn new(name: KpiName, limit: Option<u32>, [kept, missed, waiting]: [u32; 3], items: Vec<KpiItem>) -> Self {
        let counted = u64::from(kept) + u64::from(missed);
        let value = (100 * u64::from(kept)).checked_div(counted).and_then(|value| u32::try_from(value).ok());
        let listed = u32::try_from(items.len()).unwrap_or(u32::MAX);
        let more = kept.saturating_add(missed).saturating_add(waiting).saturating_sub(listed);
        Self { name, value, target: 100, met: value.map(|_| missed == 0), limit, kept, missed, waiting, items, more }
    }
}

/// The year and quarter of an instant, in UTC.
#[must_use]
pub fn quarter_of(at: Time) -> (i32, u32) {
    (at.year(), at.month0() / 3 + 1)
}

/// When a quarter begins and ends, in UTC; absent when there is no such quarter.
#[must_use]
pub fn quarter_range(year: i32, quarter: u32) -> Option<(Time, Time)> {
    let first = |year, quarter: u32| {
        let day = NaiveDate::from_ymd_opt(year, quarter.checked_mul(3)?.checked_sub(2)?, 1)?;
        Some(day.and_hms_opt(0, 0, 0)?.and_utc())
    };
    let next = match quarter {
        1..=3 => (year, quarter + 1),
        4 => (year.checked_add(1)?, 1),
        _ => return None,
    };
    Some((first(year, quarter)?, first(next.0, next.1)?))
}

/// The first instant of a day such as 2026-10-01, in UTC.
#[must_use]
pub fn day(text: &str) -> Option<Time> {
    Some(text.parse::<NaiveDate>().ok()?.and_hms_opt(0, 0, 0)?.and_utc())
}

/// The day after, in UTC.
#[must_use]
pub fn day_after(at: Time) -> Time {
    at.checked_add_signed(TimeDelta::days(1)).unwrap_or(at)
}

/// The quarters that a range touches and that have begun at `now`, newest first, a limited number of them.
#[must_use]
pub fn quarters(from: Time, to: Time, now: Time) -> Vec<(i32, u32)> {
    let last = to.checked_sub_signed(TimeDelta::milliseconds(1)).unwrap_or(to).min(now);
    let mut next = quarter_of(last);
    let mut quarters = vec![];
    while from <= last && next >= quarter_of(from) && quarters.len() < QUARTERS_MAX {
        quarters.push(next);
        next = if next.1 == 1 { (next.0 - 1, 4) } else { (next.0, next.1 - 1) };
    }
    quarters
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Time {
        text.parse().expect("an instant")
    }

    #[test]
    fn quarters_begin_and_end_at_midnight_in_utc() {
        for (time, year, quarter) in [
            ("2026-01-01T00:00:00Z", 2026, 1),
            ("2026-03-31T23:59:59.999Z", 2026, 1),
            ("2026-04-01T00:00:00Z", 2026, 2),
            ("2026-12-31T23:59:59.999Z", 2026, 4),
            ("2027-01-01T01:00:00+02:00", 2026, 4),
        ] {
            assert_eq!(quarter_of(at(time)), (year, quarter), "{time}");
            let (from, to) = quarter_range(year, quarter).expect("a quarter");
            assert!(from <= at(time) && at(time) < to, "{time} is in {from} to {to}");
        }
        for (year, quarter) in [(2026, 0), (2026, 5), (i32::MAX, 4), (2026, u32::MAX)] {
            assert_eq!(quarter_range(year, quarter), None, "{year} {quarter}");
        }
        let last = KpiAsk::LastQuarter.range(at("2027-02-03T00:00:00Z"));
        assert_eq!(last, quarter_range(2026, 4), "the last quarter of the year before");
    }

    #[test]
    fn a_range_touches_quarters_that_have_begun() {
        let now = at("2026-11-21T10:00:00Z");
        for (from, to, expected) in [
            ("2026-10-01T00:00:00Z", "2027-01-01T00:00:00Z", vec![(2026, 4)]),
            ("2026-09-30T23:59:59Z", "2026-10-01T00:00:00Z", vec![(2026, 3)]),
            ("2026-09-30T23:59:59Z", "2028-10-01T00:00:00Z", vec![(2026, 4), (2026, 3)]),
            ("2027-02-01T00:00:00Z", "2027-03-01T00:00:00Z", vec![]),
            ("2026-03-01T00:00:00Z", "2026-03-01T00:00:00Z", vec![]),
        ] {
            assert_eq!(quarters(at(from), at(to), now), expected, "{from} to {to}");
        }
        assert_eq!(quarters(Time::MIN_UTC, now, now).len(), QUARTERS_MAX);
    }

    #[test]
    fn a_figure_is_met_only_when_nothing_was_missed() {
        for (counts, value, met) in [
            ([0, 0, 3], None, None),
            ([3, 0, 0], Some(100), Some(true)),
            ([999, 1, 0], Some(99), Some(false)),
            ([0, 2, 0], Some(0), Some(false)),
        ] {
            let kpi = Kpi::new(KpiName::Updates, None, counts, vec![]);
            assert_eq!((kpi.value, kpi.met), (value, met), "{counts:?}");
        }
    }
}
