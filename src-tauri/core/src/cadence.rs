//! When the next public update of an incident is due, and what the time counts from (H30–H37).

use std::borrow::Cow;

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::Time;
use crate::feed::Update;
use crate::incident::{Incident, IssueStanding, Kept, paired};
use crate::phase::{Phase, Severity};
use crate::playbook::UpdateRules;

/// When an update is due.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Clock {
    /// When it is due.
    pub due_at: Time,
    /// The moment that it counts from (H35).
    pub from: Time,
    /// What that moment is.
    pub counts: Counts,
    /// Minutes of the cadence that holds; with a promise, of the table it overrides.
    pub every_min: u32,
}

/// What a due time counts from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Counts {
    /// The last published update, whoever posted it (H31).
    Update,
    /// The decision to tell the public (H35).
    Decision,
    /// It was promised to the public (H32).
    Promise,
}

/// When the monitoring period is over (H36).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct MonitoringClock {
    /// When it is over.
    pub ends_at: Time,
    /// The first update of this Monitoring.
    pub from: Time,
    /// How long it lasts.
    pub minutes: u32,
}

/// That an incident may be over although nobody said so.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct StillRunning {
    /// Since when nothing has changed, or its issue stands so.
    pub since: Time,
    /// How its issue stands, if that is why.
    pub issue: Option<IssueStanding>,
}

/// How near the due time is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Urgency {
    /// There is time.
    Later,
    /// It is due within the lead time of the playbook.
    Soon,
    /// It is due, or was.
    Over,
}

impl Clock {
    /// How near it is at `now`.
    #[must_use]
    pub fn urgency(&self, rules: &UpdateRules, now: Time) -> Urgency {
        if self.due_at <= now {
            Urgency::Over
        } else if self.soon_at(rules) <= now {
            Urgency::Soon
        } else {
            Urgency::Later
        }
    }

    /// When it becomes due soon.
    #[must_use]
    pub fn soon_at(&self, rules: &UpdateRules) -> Time {
        self.due_at - TimeDelta::minutes(rules.lead_min.into())
    }
}

/// When the next update of an incident is due; never after it is resolved or over (H37), and not before somebody
/// decided to tell the public (H35).
#[must_use]
pub fn clock(incident: &Incident, rules: &UpdateRules) -> Option<Clock> {
    if incident.open() { clock_by(incident, &incident.told(), rules) } else { None }
}

fn clock_by(incident: &Incident, told: &[Cow<'_, Update>], rules: &UpdateRules) -> Option<Clock> {
    let (from, phase, counts) = match told.last() {
        // Of what does not say where it stands, nobody can tell when more is due: that is no lateness.
        Some(update) => (update.at, told.iter().rev().find_map(|update| update.phase)?, Counts::Update),
        None => (incident.decided_at?, Phase::Investigating, Counts::Decision),
    };
    let every_min = interval_min(rules, phase, incident.severity())?;
    let by_table = Clock { due_at: from + TimeDelta::minutes(every_min.into()), from, counts, every_min };
    // A promise is kept by the update that follows it.
    Some(match incident.promise.as_ref().filter(|promise| incident.promised_last(promise)) {
        Some(promise) => Clock { due_at: promise.due_at, from, counts: Counts::Promise, every_min },
        None => by_table,
    })
}

/// When the next update of an incident is late: as [`clock`] says, but what a change of severity makes due at once has the
/// lead time. The key figures and the practice score judge by it alike.
#[must_use]
pub fn late_at(incident: &Incident, rules: &UpdateRules) -> Option<Time> {
    let clock = clock(incident, rules)?;
    match clock.counts {
        Counts::Promise => Some(clock.due_at),
        Counts::Update | Counts::Decision => {
            let phase = incident.phase().unwrap_or(Phase::Investigating);
            due_as_held(incident, rules, phase, clock.from).or(Some(clock.due_at))
        }
    }
}

/// That a promise to the public stands on a severity that is graver by now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PromiseDoubt {
    /// When the next update is due by the promise.
    pub promised_at: Time,
    /// When it would be due by the table.
    pub due_at: Time,
    /// Minutes between two updates by the table.
    pub every_min: u32,
}

/// Whether the promise that holds was made under a lesser severity, and is later than what holds now (H32, H33). The
/// promise goes on to count until the user says otherwise; that they were asked is what this is for.
#[must_use]
pub fn promise_doubt(incident: &Incident, rules: &UpdateRules) -> Option<PromiseDoubt> {
    let clock = clock(incident, rules).filter(|clock| clock.counts == Counts::Promise)?;
    let promise = incident.promise.as_ref()?;
    let due_at = clock.from + TimeDelta::minutes(clock.every_min.into());
    let settled_at = promise.confirmed_at.map_or(promise.made_at, |at| at.max(promise.made_at));
    let held = incident.severities();
    let then = held.iter().rev().find(|held| held.since <= settled_at).or(held.first())?.severity;
    let phase = incident.phase().unwrap_or(Phase::Investigating);
    let graver = clock.every_min < interval_min(rules, phase, then)?;
    let doubt = PromiseDoubt { promised_at: clock.due_at, due_at, every_min: clock.every_min };
    (graver && due_at < clock.due_at).then_some(doubt)
}

/// When each update of `after` was due. What was seen before keeps its time, even where the feed corrects its own. What
/// is new, or follows on something new, was due when [`late_at`] says so of the incident as it stood before, with no update
/// but the earlier ones.
#[must_use]
pub fn kept(before: Option<&Incident>, after: &Incident, rules: &UpdateRules) -> Vec<Kept> {
    let seen = before.map(Incident::published).unwrap_or_default();
    let stood = before.unwrap_or(after);
    let ended_at = before.and_then(|before| before.ended_at);
    let (mut kept, mut earlier, mut follows_known) = (vec![], vec![], true);
    let published = after.published();
    let same = paired(&published, &seen, |_, _| true);
    for (update, same) in published.into_iter().zip(same) {
        // The page may correct words as well as times, but not both at once.
        let known = same.map(|same| &seen[same]).or_else(|| seen.iter().find(|known| known.at == update.at));
        let due_at = match known.filter(|_| follows_known) {
            Some(known) => stood.kept.iter().find(|kept| kept.update_at == known.at).map(|kept| kept.due_at),
            None => {
                let stood = Incident { post: None, updates: earlier.clone(), ended_at, ..stood.clone() };
                late_at(&stood, rules)
            }
        };
        kept.extend(due_at.map(|due_at| Kept { update_at: update.at, due_at }));
        follows_known = known.is_some();
        earlier.push(update);
    }
    kept
}

/// Minutes between two updates; an unknown severity gets the shortest of its phase (H33). Nothing is due after
/// Resolved (H37).
#[must_use]
pub fn interval_min(rules: &UpdateRules, phase: Phase, severity: Option<Severity>) -> Option<u32> {
    let of_phase = rules.cadence_min.get(&phase)?;
    match severity {
        Some(severity) => of_phase.get(&severity).copied(),
        None => of_phase.values().min().copied(),
    }
}

/// When an update was due that counts from `from`, in this phase, by the severity that held at each moment since. What
/// a change of severity makes due at once (H33) has the lead time that everything else has.
#[must_use]
pub fn due_as_held(incident: &Incident, rules: &UpdateRules, phase: Phase, from: Time) -> Option<Time> {
    let held = incident.severities();
    let ends = held.iter().skip(1).map(|next| next.since).chain([Time::MAX_UTC]);
    let lead = TimeDelta::minutes(rules.lead_min.into());
    held.iter().zip(ends).filter(|(_, end)| *end > from).find_map(|(held, end)| {
        let by_table = from + TimeDelta::minutes(interval_min(rules, phase, held.severity)?.into());
        let changed_since = held.since > from && held.since > incident.since;
        let due_at = if changed_since { by_table.max(held.since + lead) } else { by_table };
        (due_at < end).then_some(due_at)
    })
}

/// The monitoring period of an incident that is in it (H36).
#[must_use]
pub fn monitoring(incident: &Incident, rules: &UpdateRules) -> Option<MonitoringClock> {
    if !incident.open() || incident.phase() != Some(Phase::Monitoring) {
        return None;
    }
    let from = incident.phase_since()?;
    let minutes = incident.own.monitoring_min.unwrap_or(rules.monitoring_min);
    Some(MonitoringClock { ends_at: from + TimeDelta::minutes(minutes.into()), from, minutes })
}

/// Whether somebody should be asked if it is still going on: nothing has changed for long, or its issue left while the
/// public was told nothing.
#[must_use]
pub fn still_running(incident: &Incident, rules: &UpdateRules, now: Time) -> Option<StillRunning> {
    still_running_by(incident, &incident.told(), rules, now)
}

fn still_running_by(
    incident: &Incident,
    told: &[Cow<'_, Update>],
    rules: &UpdateRules,
    now: Time,
) -> Option<StillRunning> {
    let last = told.last();
    let left_at = incident.issue_left_at.filter(|_| incident.open() && last.is_none());
    let changed = last.map(|update| update.at);
    let seen = incident.issue.as_ref().map(|issue| issue.updated_at);
    let confirmed = incident.log.iter().filter(|event| event.by == crate::incident::By::Me).map(|event| event.at).max();
    if let Some(since) = left_at.filter(|at| confirmed.is_none_or(|confirmed| confirmed < *at)) {
        return Some(StillRunning { since, issue: incident.issue_standing() });
    }
    let since = [changed, seen, confirmed].into_iter().flatten().max().unwrap_or(incident.since);
    let long = TimeDelta::hours(rules.ask_after_h.into());
    (incident.open() && since + long <= now).then_some(StillRunning { since, issue: None })
}

/// When any of this may look different by the passing of time alone.
#[must_use]
pub fn changes_at(incident: &Incident, rules: &UpdateRules, now: Time) -> Option<Time> {
    if !incident.open() {
        return None;
    }
    let told = incident.told();
    let clock = clock_by(incident, &told, rules);
    let since = still_running_by(incident, &told, rules, Time::MAX_UTC).map_or(incident.since, |it| it.since);
    let asks_at = Some(since + TimeDelta::hours(rules.ask_after_h.into()));
    let ends_at = monitoring(incident, rules).map(|monitoring| monitoring.ends_at);
    let soon = clock.as_ref().map(|clock| clock.soon_at(rules));
    [soon, clock.map(|clock| clock.due_at), ends_at, asks_at].into_iter().flatten().filter(|at| *at > now).min()
}

#[cfg(test)]
pub(crate) mod tests;
