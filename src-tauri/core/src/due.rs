//! What should be under way now, and when to look again.

use chrono::TimeDelta;

use crate::Time;
use crate::alarm::{self, Alarm, AlarmKey, Announcement, Sound};
use crate::job::{JobId, JobStage, Task};
use crate::page::PageId;
use crate::poll::{self, BACKOFF_MAX, PAUSE_MAX};
use crate::state::State;

/// Longest sleep of the loop while something runs, so that a laptop that slept is noticed.
pub const SLEEP_MAX: TimeDelta = TimeDelta::seconds(15);

/// Something that should be under way. The engine leaves out what it already runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Ask for my open pages.
    Poll,
    /// Ask for my on-call times.
    ReadOnCall,
    /// Ask for one page.
    Look(PageId),
    /// Carry out a job, after its start is committed.
    Run(JobId, Task),
    /// Read back the page of a job whose answer is unknown.
    ReadBack(JobId, Task),
    /// Show and play a round of alarms, after its start is committed.
    Announce(Vec<Announcement>),
    /// Take away the notification of an ended alarm.
    Withdraw(AlarmKey),
}

/// What should be under way at `now`.
#[must_use]
pub fn due(state: &State, now: Time) -> Vec<Action> {
    let mut actions = vec![];
    // Alarms first: nothing may delay them.
    actions.extend(state.alarms.iter().filter(|(_, alarm)| alarm.ending).map(|(key, _)| Action::Withdraw(key.clone())));
    let round = round(state, now);
    if !round.is_empty() {
        actions.push(Action::Announce(round));
    }
    let paused = paused(state, now);
    for (id, job) in &state.jobs {
        match job.stage {
            JobStage::Ready => actions.push(Action::Run(*id, job.task.clone())),
            JobStage::Unsure { not_before, .. } if !paused && crate::reached(not_before, now, BACKOFF_MAX) => {
                actions.push(Action::ReadBack(*id, job.task.clone()));
            }
            JobStage::Unsure { .. } | JobStage::Running => {}
        }
    }
    if state.account.is_some() && !state.source.key_refused && !paused {
        if crate::reached(state.session.watch.poll_at, now, PAUSE_MAX) {
            actions.push(Action::Poll);
        }
        let oncall_interval = TimeDelta::seconds(state.playbook.pagerduty.oncall_interval_s.into());
        if crate::reached(state.session.oncall_at, now, oncall_interval.max(PAUSE_MAX)) {
            actions.push(Action::ReadOnCall);
        }
        actions.extend(state.session.looks.iter().cloned().map(Action::Look));
    }
    actions
}

/// When something may be due that is not due at `now`; at most [`SLEEP_MAX`] ahead.
#[must_use]
pub fn wake_at(state: &State, now: Time) -> Time {
    let latest = now + SLEEP_MAX;
    let mut wake = latest;
    let mut consider = |at: Time| {
        if at > now {
            wake = wake.min(at);
        }
    };
    let paused_until = state.source.not_before.unwrap_or(now);
    consider(paused_until);
    if state.account.is_some() && !state.source.key_refused {
        consider(state.session.watch.poll_at.max(paused_until));
        consider(state.session.oncall_at.max(paused_until));
        poll::stale_at(state, now).into_iter().for_each(&mut consider);
    }
    alarm::wanted_changes_at(state, now).into_iter().for_each(&mut consider);
    state.session.look_first_until.into_iter().for_each(&mut consider);
    for alarm in state.alarms.values().filter(|alarm| !alarm.ending) {
        consider(alarm.next_at);
        alarm.quiet_until.into_iter().for_each(&mut consider);
    }
    for job in state.jobs.values() {
        consider(job.asked_at + crate::job::HOLDS_ALARM_FOR);
        if let JobStage::Unsure { not_before, .. } = job.stage {
            consider(not_before.max(paused_until));
        }
    }
    wake
}

/// Whether PagerDuty asked for a pause. What the user wishes is tried all the same: once, and told if refused.
fn paused(state: &State, now: Time) -> bool {
    state.source.not_before.is_some_and(|at| !crate::reached(at, now, PAUSE_MAX))
}

/// The alarms that sound now. When one page calls, the others that would soon do so join it, so that several pages
/// keep one rhythm; of each sound, only the loudest plays.
fn round(state: &State, now: Time) -> Vec<Announcement> {
    let pages_due = state
        .alarms
        .iter()
        .any(|(key, alarm)| key.sound() == Some(Sound::Page) && alarm::round_due(state, key, alarm, now));
    let early = now + TimeDelta::seconds(i64::from(state.playbook.alarm(Sound::Page).repeat_s) / 2);
    let joins = |key: &AlarmKey, alarm: &Alarm| {
        let at = if pages_due && !key.once() && key.sound() == Some(Sound::Page) { early } else { now };
        alarm::round_due(state, key, alarm, now)
            || (alarm.quiet_until.is_none() && alarm::round_due(state, key, alarm, at) && !alarm::held(state, key, now))
    };
    let mut round: Vec<Announcement> = state
        .alarms
        .iter()
        .filter(|(key, alarm)| joins(key, alarm))
        .map(|(key, alarm)| alarm::announcement(state, key, alarm, now))
        .collect();
    for sound in Sound::ALL {
        let loudest = round.iter().filter_map(|it| it.sound).filter(|(it, _)| *it == sound).map(|(_, loud)| loud).max();
        let mut played = false;
        for it in round.iter_mut().filter(|it| it.sound.is_some_and(|(it, _)| it == sound)) {
            it.sound = if it.sound.map(|(_, loud)| loud) == loudest && !played { it.sound } else { None };
            played |= it.sound.is_some();
        }
    }
    round
}

#[cfg(test)]
mod tests;
