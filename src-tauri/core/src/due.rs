//! What should be under way now, and when to look again.

use chrono::TimeDelta;

use crate::Time;
use crate::alarm::{self, Alarm, AlarmKey, Announcement, Sound};
use crate::calling;
use crate::draft::{Publication, PublicationId, PublishStage};
use crate::errand::{ErrandId, ErrandStage};
use crate::incident::IncidentId;
use crate::job::{JobId, JobStage, Task};
use crate::page::PageId;
use crate::poll::{self, BACKOFF_MAX, PAUSE_MAX, SourceName};
use crate::state::State;
use crate::zendesk;

/// Longest sleep of the loop while something runs, so that a laptop that slept is noticed.
pub const SLEEP_MAX: TimeDelta = TimeDelta::seconds(15);

/// Something that should be under way. The engine leaves out what it already runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Ask a source for everything that is open.
    Poll(SourceName),
    /// Ask for my on-call times.
    ReadOnCall,
    /// Ask for one page.
    Look(PageId),
    /// Ask what the alerts of a page say.
    ReadWords(PageId),
    /// Ask how many tickets of an incident nobody has tagged.
    CountTickets(IncidentId),
    /// Carry out a job, after its start is committed.
    Run(JobId, Task),
    /// Read back the page of a job whose answer is unknown.
    ReadBack(JobId, Task),
    /// Publish, after its start is committed.
    Publish(PublicationId),
    /// Look whether an attempt to publish, whose answer is unknown, reached the status page.
    ReadBackPost(PublicationId),
    /// Carry out an errand, after its start is committed.
    RunErrand(ErrandId),
    /// Look whether an errand whose answer is unknown was done.
    ReadBackErrand(ErrandId),
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
    let paused = poll::paused(state, SourceName::PagerDuty, now);
    for (id, job) in &state.jobs {
        match job.stage {
            JobStage::Ready => actions.push(Action::Run(*id, job.task.clone())),
            JobStage::Unsure { not_before, .. } if !paused && crate::reached(not_before, now, BACKOFF_MAX) => {
                actions.push(Action::ReadBack(*id, job.task.clone()));
            }
            JobStage::Unsure { .. } | JobStage::Running => {}
        }
    }
    actions.extend(publishing(state, now));
    actions.extend(errands(state, now));
    // A refused key is tried by polls alone, now and then.
    let polled = |source: &SourceName| poll::connected(state, *source) && !poll::paused(state, *source, now);
    for source in SourceName::ALL.into_iter().filter(polled) {
        if crate::reached(state.session.watch[source].poll_at, now, PAUSE_MAX) {
            actions.push(Action::Poll(source));
        }
    }
    if poll::asked(state, SourceName::PagerDuty) && !paused {
        let oncall_interval = state.playbook.pagerduty.oncall_interval();
        if crate::reached(state.session.oncall_at, now, oncall_interval.max(PAUSE_MAX)) {
            actions.push(Action::ReadOnCall);
        }
        actions.extend(state.session.looks.iter().cloned().map(Action::Look));
    }
    actions.extend(calling::due(state, now).into_iter().map(Action::ReadWords));
    actions.extend(zendesk::due(state, now).into_iter().map(Action::CountTickets));
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
    for source in SourceName::ALL {
        let paused_until = state.sources[source].not_before.unwrap_or(now);
        consider(paused_until);
        if poll::connected(state, source) {
            consider(state.session.watch[source].poll_at.max(paused_until));
            poll::stale_at(state, source, now).into_iter().for_each(&mut consider);
        }
    }
    let paused_until = state.sources[SourceName::PagerDuty].not_before.unwrap_or(now);
    if poll::asked(state, SourceName::PagerDuty) {
        consider(state.session.oncall_at.max(paused_until));
    }
    for publication in state.publications.values() {
        if let PublishStage::Unsure { not_before, .. } = publication.stage {
            consider(not_before);
        }
    }
    for errand in state.errands.values() {
        if let ErrandStage::Unsure { not_before, .. } = errand.stage {
            consider(not_before);
        }
    }
    state.oncall.changes_at(state.oncall_holds_for()).for_each(&mut consider);
    calling::due_at(state, now).into_iter().for_each(&mut consider);
    zendesk::due_at(state, now).into_iter().for_each(&mut consider);
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

/// Attempts to publish, one at a time: the page takes one request a second (services.md 3).
fn publishing(state: &State, now: Time) -> Option<Action> {
    if state.publications.values().any(|it| it.stage == PublishStage::Running) {
        return None;
    }
    let ready = state.publications.iter().find(|(_, it)| it.stage == PublishStage::Ready);
    let reads = |(_, it): &(&PublicationId, &Publication)| match it.stage {
        PublishStage::Unsure { refused: true, .. } => false,
        PublishStage::Unsure { not_before, .. } => crate::reached(not_before, now, BACKOFF_MAX),
        PublishStage::Ready | PublishStage::Running | PublishStage::Accepted { .. } => false,
    };
    let readable = may_look(state) && !poll::paused(state, SourceName::StatusPage, now);
    let unsure = || state.publications.iter().filter(|_| readable).find(reads);
    ready.map(|(id, _)| Action::Publish(*id)).or_else(|| unsure().map(|(id, _)| Action::ReadBackPost(*id)))
}

/// Whether Herald can look at the status page for what it sent there.
#[must_use]
pub fn may_look(state: &State) -> bool {
    state.status_page.as_ref().is_some_and(|page| page.token.is_some())
}

/// Errands, one at a time; what was never sent goes first.
fn errands(state: &State, now: Time) -> Option<Action> {
    if state.errands.values().any(|it| it.stage == ErrandStage::Running) {
        return None;
    }
    let ready = state.errands.iter().find(|(_, it)| it.stage == ErrandStage::Ready);
    let unsure = state.errands.iter().find(|(_, it)| match it.stage {
        ErrandStage::Unsure { not_before, .. } => {
            crate::reached(not_before, now, BACKOFF_MAX) && !poll::paused(state, it.task.service(), now)
        }
        ErrandStage::Ready | ErrandStage::Running => false,
    });
    ready.map(|(id, _)| Action::RunErrand(*id)).or_else(|| unsure.map(|(id, _)| Action::ReadBackErrand(*id)))
}

/// The alarms that sound now. When one page calls, the others that would soon do so join it, so that several pages
/// keep one rhythm; of each sound, only the loudest plays.
fn round(state: &State, now: Time) -> Vec<Announcement> {
    let pages_due = state
        .alarms
        .iter()
        .any(|(key, alarm)| key.sound(now) == Some(Sound::Page) && alarm::round_due(state, key, alarm, now));
    let early = now + TimeDelta::seconds(i64::from(state.playbook.alarm(Sound::Page).repeat_s) / 2);
    let joins = |key: &AlarmKey, alarm: &Alarm| {
        let at = if pages_due && !key.once() && key.sound(now) == Some(Sound::Page) { early } else { now };
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
