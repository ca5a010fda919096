//! Whether I answer or only watch (H24): a page, by the schedule it came through; everything else, by my duty. What
//! follows for writing, `permit.rs` says.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::Time;
use crate::incident::IncidentId;
use crate::oncall::OnCallEntry;
use crate::page::Page;
use crate::shift::{Role, Shift, ShiftId};
use crate::state::State;

/// How long after the end of a shift what was begun in it may be finished: a handover takes its time.
const OVERLAP: TimeDelta = TimeDelta::hours(1);

/// How I stand to one page (services.md 1.6).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Standing {
    /// I am the one who answers it.
    Mine,
    /// I only watch.
    Shadow {
        /// Why.
        why: ShadowWhy,
    },
    /// Herald cannot tell, so it does not write unless I say that I answer the page.
    Unknown {
        /// Why not.
        why: UnknownWhy,
    },
    /// I am asked to help. The answer is given in PagerDuty: Herald cannot.
    Asked,
}

/// Why I only watch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ShadowWhy {
    /// My own switch.
    Switch,
    /// The page reached me only through a shadow schedule.
    Schedule,
    /// My key cannot write.
    ReadOnlyKey,
    /// The team's rules could never be read, so nobody knows who only watches.
    NoRules,
    /// My own word: I began a shift by hand as one who watches.
    Shift,
}

/// Why Herald cannot tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum UnknownWhy {
    /// PagerDuty has not said when I am on call, or not lately.
    NotLookedUp,
    /// None of my on-call entries explains the page.
    NoEntry,
    /// It was assigned to me directly, not through a schedule.
    Direct,
    /// I only watch the level that is paged first, and answer a later one: the page does not say which of them it reached.
    LaterLevel,
}

/// How I stand to `page` at `now`. Fails closed: everything doubtful is [`Standing::Unknown`].
#[must_use]
pub fn standing(state: &State, page: &Page, now: Time) -> Standing {
    if let Some(why) = watching_only(state) {
        return Standing::Shadow { why };
    }
    if page.seen.only_asks_me() {
        return Standing::Asked;
    }
    match by_schedule(state, page, now) {
        Standing::Unknown { .. } if page.answered_here => Standing::Mine,
        known @ (Standing::Mine | Standing::Shadow { .. } | Standing::Unknown { .. } | Standing::Asked) => known,
    }
}

/// Why every page is only watched, whatever its schedule.
#[must_use]
pub fn watching_only(state: &State) -> Option<ShadowWhy> {
    if state.settings.shadow {
        Some(ShadowWhy::Switch)
    } else if state.account.as_ref().is_some_and(|account| account.read_only) {
        Some(ShadowWhy::ReadOnlyKey)
    } else if state.session.no_rules {
        Some(ShadowWhy::NoRules)
    } else if state.shifts.values().any(|shift| shift.open() && shift.by_hand && shift.role == Role::Shadow) {
        Some(ShadowWhy::Shift)
    } else {
        None
    }
}

/// Whether people on this schedule only watch: by the user's own word, or else by the playbook (H24).
#[must_use]
pub fn is_shadow_schedule(state: &State, schedule: &str) -> bool {
    let own = state.settings.shadow_schedules.get(schedule).copied();
    own.unwrap_or_else(|| state.playbook.pagerduty.shadow_schedules.contains(schedule))
}

fn by_schedule(state: &State, page: &Page, now: Time) -> Standing {
    let unknown = |why| Standing::Unknown { why };
    if !state.oncall_known(now) {
        return unknown(UnknownWhy::NotLookedUp);
    }
    if !page.seen.via_policy {
        return unknown(UnknownWhy::Direct);
    }
    let Some(policy) = &page.seen.policy else { return unknown(UnknownWhy::NoEntry) };
    let reached_at = page.seen.assigned_at.unwrap_or(now);
    through(state, state.oncall.at(reached_at).filter(|entry| entry.policy.id == policy.id))
}

/// How these entries of one policy have me stand to what comes through it.
fn through<'a>(state: &State, entries: impl Iterator<Item = &'a OnCallEntry>) -> Standing {
    let (watched, answered): (Vec<_>, Vec<_>) = entries.partition(|entry| watches(state, entry));
    let from = |entries: Vec<&OnCallEntry>| entries.into_iter().map(|entry| entry.level).min();
    match (from(answered), from(watched)) {
        (None, None) => Standing::Unknown { why: UnknownWhy::NoEntry },
        (None, Some(_)) => Standing::Shadow { why: ShadowWhy::Schedule },
        (Some(answers), Some(watches)) if watches < answers => Standing::Unknown { why: UnknownWhy::LaterLevel },
        (Some(_), Some(_) | None) => Standing::Mine,
    }
}

fn watches(state: &State, entry: &OnCallEntry) -> bool {
    entry.schedule.as_ref().is_some_and(|schedule| is_shadow_schedule(state, &schedule.id))
}

/// Whether only shadow schedules have me on call at `now`.
#[must_use]
pub fn only_shadows(state: &State, now: Time) -> bool {
    let mut entries = state.oncall.at(now).peekable();
    entries.peek().is_some() && entries.all(|entry| watches(state, entry))
}

/// How my on-call times have me stand to everything that is no page. They hold until they end, even where PagerDuty has
/// not been heard for a while: an update is late whatever PagerDuty does. With one hat here and another there, nobody
/// but me can say which I wear.
fn by_oncall(state: &State, now: Time) -> Standing {
    if only_shadows(state, now) {
        return Standing::Shadow { why: ShadowWhy::Schedule };
    }
    let mut standings = vec![];
    for policy in state.oncall.at(now).map(|entry| &entry.policy.id).collect::<BTreeSet<_>>() {
        standings.push(through(state, state.oncall.at(now).filter(|entry| entry.policy.id == *policy)));
    }
    match standings.as_slice() {
        [] if state.oncall.complete() && state.oncall_known(now) => Standing::Unknown { why: UnknownWhy::NoEntry },
        [] => Standing::Unknown { why: UnknownWhy::NotLookedUp },
        all if all.iter().all(|it| *it == Standing::Mine) => Standing::Mine,
        _ => Standing::Unknown { why: UnknownWhy::LaterLevel },
    }
}

/// How I stand at `now` to what is written about an incident, a maintenance, or the handover of a shift. Fails closed.
#[must_use]
pub fn duty(state: &State, what: DutyOf, now: Time) -> Standing {
    use UnknownWhy::{NoEntry, NotLookedUp};

    if let Some(why) = watching_only(state) {
        return Standing::Shadow { why };
    }
    let standing = by_oncall(state, now);
    let by_own_word = match what {
        DutyOf::Incident(id) => own_word(state, now) || answers_page_of(state, id, now),
        DutyOf::Ledger => own_word(state, now),
        DutyOf::Shift(id) => match state.shifts.get(&id) {
            Some(shift) if shift.role == Role::Shadow => return Standing::Shadow { why: ShadowWhy::Shift },
            // Whoever was on call hands over, also when the schedule has let them go.
            Some(shift) => shift.by_hand || matches!(standing, Standing::Unknown { why: NoEntry | NotLookedUp }),
            None => false,
        },
    };
    match standing {
        Standing::Unknown { .. } if by_own_word => Standing::Mine,
        known @ (Standing::Mine | Standing::Shadow { .. } | Standing::Unknown { .. } | Standing::Asked) => known,
    }
}

/// What is written about, where it is no page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DutyOf {
    /// An incident: an update, a label, "I intend to…".
    Incident(IncidentId),
    /// Maintenance.
    Ledger,
    /// The handover of a shift.
    Shift(ShiftId),
}

/// Whether the user has said that they are on duty: a shift that was begun by hand, or no PagerDuty at all, whose
/// schedules could make a trainee of them. What the schedule began and ended is finished for a while after it.
fn own_word(state: &State, now: Time) -> bool {
    let answers = |shift: &Shift| shift.role == Role::OnCall;
    let by_hand = state.shifts.values().any(|shift| shift.open() && shift.by_hand && answers(shift));
    let nowhere = state.oncall.at(now).next().is_none();
    let last = state.shifts.values().filter_map(|shift| Some((shift.ended_at?, shift))).max_by_key(|(at, _)| *at);
    let just_ended = last.is_some_and(|(at, shift)| {
        answers(shift) && !shift.ended_by_hand && now - at < OVERLAP && now >= shift.started_at
    });
    by_hand || state.account.is_none() || (nowhere && just_ended)
}

/// Whether one of the pages that called for an incident is mine.
fn answers_page_of(state: &State, id: IncidentId, now: Time) -> bool {
    let pages = state.incidents.get(&id).map(|incident| &incident.pages).into_iter().flatten();
    pages.filter_map(|page| state.pages.get(page)).any(|page| standing(state, page, now) == Standing::Mine)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::tests::{at, connected, entry, page};

    /// Every way in which a page can have reached me, against what Herald then lets me do.
    #[test]
    fn standing_by_schedule() {
        use Standing::{Mine, Shadow, Unknown};
        let schedule = Shadow { why: ShadowWhy::Schedule };
        let no_entry = Unknown { why: UnknownWhy::NoEntry };
        let later = Unknown { why: UnknownWhy::LaterLevel };
        for (name, entries, expected) in [
            ("primary only", vec![entry("PRIMARY", "POLICY", 0, 60)], Mine),
            ("shadow only", vec![entry("SHADOW", "POLICY", 0, 60)], schedule),
            ("both", vec![entry("SHADOW", "POLICY", 0, 60), entry("PRIMARY", "POLICY", 0, 60)], Mine),
            (
                "shadow of what is paged first",
                vec![entry("SHADOW", "POLICY", 0, 60), OnCallEntry { level: 2, ..entry("MANAGERS", "POLICY", 0, 60) }],
                later,
            ),
            (
                "shadow of what is paged later",
                vec![OnCallEntry { level: 2, ..entry("SHADOW", "POLICY", 0, 60) }, entry("PRIMARY", "POLICY", 0, 60)],
                Mine,
            ),
            ("primary of another policy", vec![entry("PRIMARY", "OTHER", 0, 60)], no_entry),
            (
                "shadow here, primary elsewhere",
                vec![entry("SHADOW", "POLICY", 0, 60), entry("PRIMARY", "OTHER", 0, 60)],
                schedule,
            ),
            ("not at that time", vec![entry("PRIMARY", "POLICY", 30, 60)], no_entry),
            ("ended at that very moment", vec![entry("PRIMARY", "POLICY", 0, 10)], no_entry),
            ("no entries", vec![], no_entry),
            (
                "directly on the policy",
                vec![OnCallEntry { schedule: None, start: None, end: None, ..entry("", "POLICY", 0, 0) }],
                Mine,
            ),
        ] {
            let mut state = connected();
            state.oncall.known_at = Some(at(0));
            state.oncall.entries = entries;
            let page = page("P1", 10);
            assert_eq!(standing(&state, &page, at(11)), expected, "{name}");
            let answered = Page { answered_here: true, ..page };
            let expected = if matches!(expected, Unknown { .. }) { Mine } else { expected };
            assert_eq!(standing(&state, &answered, at(11)), expected, "{name}, \"I answer this page\"");
        }
    }

    /// The user's own word on a schedule lies over the playbook's.
    #[test]
    fn standing_by_own_choice() {
        use Standing::{Mine, Shadow};
        let schedule = Shadow { why: ShadowWhy::Schedule };
        for (on, own, expected) in [
            ("SHADOW", None, schedule),
            ("SHADOW", Some(false), Mine),
            ("PRIMARY", None, Mine),
            ("PRIMARY", Some(true), schedule),
        ] {
            let mut state = connected();
            state.oncall.known_at = Some(at(0));
            state.oncall.entries = vec![entry(on, "POLICY", 0, 60)];
            state.settings.shadow_schedules.extend(own.map(|own| (on.to_owned(), own)));
            let page = page("P1", 10);
            assert_eq!(standing(&state, &page, at(11)), expected, "{on}, own word {own:?}");
            let banner = crate::view::shadowing(&state, at(11)).is_some();
            assert_eq!(banner, expected == schedule, "{on}, own word {own:?}: the banner says the same");
        }
    }
}
