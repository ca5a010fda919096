//! When the user is reminded of a maintenance: a reading of what was planned, so that no restart, sleep or changed plan
//! can lose a reminder (H62, H65).

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{Maintenance, MaintenanceId, when};
use crate::Time;
use crate::alarm::AlarmKey;
use crate::playbook::MaintenanceRules;
use crate::state::State;
use crate::text::isolate;

/// What a reminder is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ReminderKind {
    /// It begins in a while.
    Ahead,
    /// It is to be started by hand now.
    Start,
    /// An update is due.
    Update,
    /// It is to be finished by hand now.
    Finish,
    /// The page was to begin it by itself, and was not seen to.
    NotBegun,
    /// The page was to end it by itself, and was not seen to.
    NotOver,
}

/// A reminder.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Reminder {
    /// When it comes.
    pub at: Time,
    /// What it is about.
    pub kind: ReminderKind,
    /// The time that it is about.
    pub target: Time,
}

/// Every reminder that the plan calls for from where it stands. With automation the page does its part alone, so nothing
/// is told but the time ahead, and what it should have done and was not seen to.
fn all(it: &Maintenance, rules: &MaintenanceRules, now: Time) -> Vec<Reminder> {
    let due = |kind, at| Reminder { at, kind, target: at };
    // Nothing was due by hand before it was in the user's hands; a time from a wrong clock says nothing (faults.md 24).
    let in_hand = |at: Time| it.by_hand_since.filter(|since| *since <= now).map_or(at, |since| at.max(since));
    let unseen = |kind, target| Reminder { at: target + rules.unseen_after(), kind, target };
    match (it.open(), it.started_at) {
        (false, _) => vec![],
        (true, None) => {
            let ahead = rules.remind_min.iter().map(|minutes| TimeDelta::minutes((*minutes).into()));
            let ahead = ahead.map(|lead| Reminder {
                at: it.plan.starts_at - lead,
                kind: ReminderKind::Ahead,
                target: it.plan.starts_at,
            });
            let then = if it.plan.automation {
                vec![unseen(ReminderKind::NotBegun, it.plan.starts_at), unseen(ReminderKind::NotOver, it.plan.ends_at)]
            } else {
                vec![due(ReminderKind::Start, in_hand(it.plan.starts_at))]
            };
            ahead.chain(then).collect()
        }
        (true, Some(_)) if it.plan.automation => vec![unseen(ReminderKind::NotOver, it.plan.ends_at)],
        (true, Some(started_at)) => {
            let told_at = it.updated_at.map_or(started_at, |at| at.max(started_at));
            // What was noted under a clock that ran ahead would put off the next one (faults.md 24).
            let from = if told_at > now { it.plan.starts_at } else { told_at };
            let update_at = in_hand(from) + TimeDelta::minutes(rules.update_every_min.into());
            vec![due(ReminderKind::Update, update_at), due(ReminderKind::Finish, in_hand(it.plan.ends_at))]
        }
    }
}

/// The reminder that is up: the newest that has come and was not seen.
#[must_use]
pub fn current(it: &Maintenance, rules: &MaintenanceRules, now: Time) -> Option<Reminder> {
    // What lies ahead of now cannot have been seen: it was noted under a wrong clock.
    let seen = |at: Time| it.seen_until.is_some_and(|until| until <= now && at <= until);
    let overtaken = |one: &Reminder| one.kind == ReminderKind::Ahead && one.target <= now;
    let come = all(it, rules, now).into_iter().filter(|one| one.at <= now && !seen(one.at) && !overtaken(one));
    come.max_by_key(|one| one.at)
}

/// When the next reminder comes.
#[must_use]
pub fn next_at(it: &Maintenance, rules: &MaintenanceRules, now: Time) -> Option<Time> {
    all(it, rules, now).into_iter().map(|one| one.at).filter(|at| *at > now).min()
}

/// The alarms for reminders that are up.
#[must_use]
pub fn wanted(state: &State, now: Time) -> Vec<AlarmKey> {
    let up = state.maintenances.iter().filter_map(|(id, it)| {
        let one = current(it, &state.playbook.maintenance, now)?;
        Some(AlarmKey::Maintenance { maintenance: *id, at: one.at })
    });
    up.collect()
}

/// When `wanted` may change by the passing of time alone: a reminder comes, or the start overtakes one.
#[must_use]
pub fn changes_at(state: &State, now: Time) -> Option<Time> {
    let rules = &state.playbook.maintenance;
    let moments = state.maintenances.values().flat_map(|it| {
        let start = Some(it.plan.starts_at).filter(|at| it.open() && *at > now);
        next_at(it, rules, now).into_iter().chain(start)
    });
    moments.min()
}

/// The time between two rounds: half of what is left until the start, and never less than the sound's own.
#[must_use]
pub fn repeat(state: &State, id: MaintenanceId, shortest: TimeDelta, now: Time) -> TimeDelta {
    match state.maintenances.get(&id).and_then(|it| current(it, &state.playbook.maintenance, now)) {
        Some(one) if one.kind == ReminderKind::Ahead => ((one.target - now) / 2).max(shortest),
        Some(_) | None => shortest,
    }
}

/// A reminder in words: title and text.
#[must_use]
pub fn words(state: &State, id: MaintenanceId, now: Time) -> (String, String) {
    let Some(it) = state.maintenances.get(&id) else { return ("Maintenance".into(), String::new()) };
    let one = current(it, &state.playbook.maintenance, now);
    let (name, zone) = (isolate(&it.plan.title), state.session.zone);
    let title = match one {
        Some(Reminder { kind: ReminderKind::Ahead, target, .. }) => {
            format!("Maintenance at {}: {name}", when::both(target, zone))
        }
        Some(Reminder { kind: ReminderKind::Start, .. }) => format!("Start the maintenance by hand: {name}"),
        Some(Reminder { kind: ReminderKind::Update, .. }) => format!("Maintenance update due: {name}"),
        Some(Reminder { kind: ReminderKind::Finish, .. }) => format!("Finish the maintenance by hand: {name}"),
        Some(Reminder { kind: ReminderKind::NotBegun, .. }) => format!("Has the maintenance begun? {name}"),
        Some(Reminder { kind: ReminderKind::NotOver, .. }) => format!("Is the maintenance over? {name}"),
        None => format!("Maintenance: {name}"),
    };
    let unseen = one.is_some_and(|one| matches!(one.kind, ReminderKind::NotBegun | ReminderKind::NotOver));
    let who = if unseen {
        "Herald did not see the status page do its part. Look there."
    } else if it.plan.automation {
        "The status page starts and ends it."
    } else {
        "Automation is off."
    };
    let times = format!("From {} to {}.", when::both(it.plan.starts_at, zone), when::both(it.plan.ends_at, zone));
    (title, format!("{times}\n{who}"))
}

#[cfg(test)]
mod tests;
