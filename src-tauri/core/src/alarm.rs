//! What alarms, how, and how often: one place decides it for every kind of alarm.

mod handover;
mod words;

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::cadence::Urgency;
use crate::incident::IncidentId;
use crate::ledger::{MaintenanceId, remind};
use crate::page::{Page, PageId};
use crate::poll::SourceName;
use crate::shadow::{Standing, standing};
use crate::shift::ShiftId;
use crate::state::State;
use crate::{Time, cadence, poll};

pub use self::handover::{being_filed, may_be_filed_again};
pub use self::words::{announcement, counts_words, span};

/// Time between two rounds of what makes no sound.
const REPEAT_SOUNDLESS: TimeDelta = TimeDelta::hours(1);
/// How long a notice that needs no answer stays up.
const NOTICE_FOR: TimeDelta = TimeDelta::seconds(60);

/// Herald's sounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Sound {
    /// A page calls.
    Page,
    /// An update is due soon.
    DueSoon,
    /// An update is overdue.
    Overdue,
    /// A source cannot be seen.
    Blind,
}

impl Sound {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Page, Self::DueSoon, Self::Overdue, Self::Blind];

    /// Its name in settings, playbook and file names.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Page => "page",
            Self::DueSoon => "due_soon",
            Self::Overdue => "overdue",
            Self::Blind => "blind",
        }
    }
}

/// What an alarm is about. It is also the notification's own id: a repeat replaces, it never stacks.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(tag = "about", rename_all = "snake_case")]
pub enum AlarmKey {
    /// One trigger of one page.
    Page {
        /// Which page.
        page: PageId,
        /// Which trigger.
        triggered_at: Time,
    },
    /// The pages beyond those that get a notification of their own.
    MorePages,
    /// A source cannot be seen.
    Blind {
        /// Which.
        source: SourceName,
    },
    /// A source can be seen again; said once.
    Recovered {
        /// Which.
        source: SourceName,
    },
    /// An update of an incident is due soon, or overdue.
    Update {
        /// Which incident.
        #[ts(type = "number")]
        incident: IncidentId,
        /// Which due time of it.
        due_at: Time,
    },
    /// A shift ended and is not handed over, or its handover turned out to be public (H80).
    Handover {
        /// Which shift.
        #[ts(type = "number")]
        shift: ShiftId,
    },
    /// A maintenance is ahead, or waits to be told by hand.
    Maintenance {
        /// Which.
        #[ts(type = "number")]
        maintenance: MaintenanceId,
        /// Which reminder of it.
        at: Time,
    },
    /// The self-test.
    Test,
}

impl AlarmKey {
    /// The sound it makes at `now`; a notice makes none.
    #[must_use]
    pub fn sound(&self, now: Time) -> Option<Sound> {
        match self {
            Self::Page { .. } | Self::MorePages | Self::Test => Some(Sound::Page),
            Self::Blind { .. } => Some(Sound::Blind),
            Self::Update { due_at, .. } if *due_at <= now => Some(Sound::Overdue),
            Self::Update { .. } | Self::Handover { .. } | Self::Maintenance { .. } => Some(Sound::DueSoon),
            Self::Recovered { .. } => None,
        }
    }

    /// Whether it is told once and then left alone.
    #[must_use]
    pub fn once(&self) -> bool {
        matches!(self, Self::Recovered { .. } | Self::Test)
    }

    fn is_page(&self) -> bool {
        matches!(self, Self::Page { .. } | Self::MorePages)
    }
}

/// How far an alarm has come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alarm {
    /// Since when it is wanted.
    pub since: Time,
    /// How many rounds were started.
    pub rounds: u32,
    /// When the next round is due.
    pub next_at: Time,
    /// Quiet until then, by the user's wish.
    pub quiet_until: Option<Time>,
    /// It is no longer wanted; its notification is to be taken away.
    pub ending: bool,
}

impl Alarm {
    /// An alarm that has not sounded yet.
    #[must_use]
    pub fn new(now: Time) -> Self {
        Self { since: now, rounds: 0, next_at: now, quiet_until: None, ending: false }
    }

    /// Whether the user's quiet holds; one that ends implausibly late was made under a wrong clock.
    #[must_use]
    pub fn quiet(&self, now: Time, longest: TimeDelta) -> bool {
        self.quiet_until.is_some_and(|until| !crate::reached(until, now, longest))
    }
}

/// A button of a notification.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Button {
    /// Take the page.
    Acknowledge,
    /// Show it in the window.
    Open,
    /// Quiet for a while.
    Quiet,
}

impl Button {
    /// Its id on the wire to the notification daemon.
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            Self::Acknowledge => "acknowledge",
            Self::Open => "open",
            Self::Quiet => "quiet",
        }
    }

    /// The button with this id; clicking the notification itself opens.
    #[must_use]
    pub fn from_id(id: &str) -> Option<Self> {
        match id {
            "acknowledge" => Some(Self::Acknowledge),
            "open" | "default" => Some(Self::Open),
            "quiet" => Some(Self::Quiet),
            _ => None,
        }
    }
}

/// One round of one alarm, ready to be shown and played.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Announcement {
    /// What it is about, and the notification's own id.
    pub key: AlarmKey,
    /// The notification's first line.
    pub title: String,
    /// The rest, plain text.
    pub body: String,
    /// Whether it may break through "do not disturb".
    pub critical: bool,
    /// Its buttons, with their labels.
    pub buttons: Vec<(Button, String)>,
    /// What to play, and how loud in per cent.
    pub sound: Option<(Sound, u8)>,
}

/// Whether `key` is to be alarmed for now. Everything about starting and ending alarms follows from this.
#[must_use]
pub fn wanted(state: &State, now: Time) -> Vec<AlarmKey> {
    let mut keys = vec![];
    let mut more = false;
    for page in state.pages.values().filter(|page| page.calls()) {
        if page.grouped {
            more = true;
        } else {
            keys.push(AlarmKey::Page { page: page.seen.id.clone(), triggered_at: page.seen.triggered_at });
        }
    }
    if more {
        keys.push(AlarmKey::MorePages);
    }
    let blind = SourceName::ALL.into_iter().filter(|source| poll::blind(state, *source, now));
    keys.extend(blind.map(|source| AlarmKey::Blind { source }));
    keys.extend(updates_wanted(state, now));
    keys.extend(handover::wanted(state, now));
    keys.extend(remind::wanted(state, now));
    for (key, alarm) in state.alarms.iter().filter(|(key, alarm)| key.once() && !alarm.ending) {
        let over = alarm.rounds > 0 && crate::reached(alarm.since + NOTICE_FOR, now, NOTICE_FOR);
        let overtaken = matches!(key, AlarmKey::Recovered { source } if poll::stale(state, *source, now));
        if !over && !overtaken {
            keys.push(key.clone());
        }
    }
    keys
}

/// When `wanted` may change by the passing of time alone.
#[must_use]
pub fn wanted_changes_at(state: &State, now: Time) -> Option<Time> {
    let notices = state
        .alarms
        .iter()
        .filter(|(key, alarm)| key.once() && !alarm.ending)
        .map(|(_, alarm)| alarm.since + NOTICE_FOR);
    let connected = SourceName::ALL.into_iter().filter(|source| poll::connected(state, *source));
    let blind = connected.map(|source| poll::blind_at(state, source, now));
    let rules = &state.playbook.updates;
    let updates = state.incidents.values().filter_map(|incident| cadence::changes_at(incident, rules, now));
    let calm = handover::changes_at(state).chain(remind::changes_at(state, now));
    notices.chain(blind).chain(updates).chain(calm).filter(|at| *at > now).min()
}

/// Whether a round of this alarm is due.
#[must_use]
pub fn round_due(state: &State, key: &AlarmKey, alarm: &Alarm, now: Time) -> bool {
    let over = alarm.ending || (key.once() && alarm.rounds > 0);
    let waits = alarm.quiet(now, state.playbook.quiet()) || held(state, key, now);
    !over && !waits && crate::reached(alarm.next_at, now, repeat(state, key, now))
}

/// Whether the alarm waits: a job for its page is under way, or Herald has just woken and looks first whether the
/// page still calls (faults.md 25).
#[must_use]
pub fn held(state: &State, key: &AlarmKey, now: Time) -> bool {
    let AlarmKey::Page { page, triggered_at } = key else {
        let looks_first = key.is_page() || matches!(key, AlarmKey::Handover { .. });
        return looks_first && state.looking_first(now);
    };
    state.looking_first(now)
        || state.job_for(page, *triggered_at).is_some_and(|(_, job)| state.job_holds_alarm(job, now))
}

/// The next round: when, if the alarm is not ended or taken before. What is due soon sounds anew when it is due.
#[must_use]
pub fn next_round_at(state: &State, key: &AlarmKey, now: Time) -> Time {
    let next = now + repeat(state, key, now);
    match key {
        AlarmKey::Update { due_at, .. } if *due_at > now => next.min(*due_at),
        AlarmKey::Page { .. }
        | AlarmKey::MorePages
        | AlarmKey::Update { .. }
        | AlarmKey::Maintenance { .. }
        | AlarmKey::Blind { .. }
        | AlarmKey::Recovered { .. }
        | AlarmKey::Handover { .. }
        | AlarmKey::Test => next,
    }
}

/// The time between two rounds: a round further ahead was set under a wrong clock.
fn repeat(state: &State, key: &AlarmKey, now: Time) -> TimeDelta {
    let of = |sound| TimeDelta::seconds(state.playbook.alarm(sound).repeat_s.into());
    let usual = key.sound(now).map_or(REPEAT_SOUNDLESS, of);
    match key {
        AlarmKey::Handover { .. } => state.playbook.handover.remind(),
        AlarmKey::Maintenance { maintenance, .. } => remind::repeat(state, *maintenance, usual, now),
        AlarmKey::Page { .. }
        | AlarmKey::MorePages
        | AlarmKey::Update { .. }
        | AlarmKey::Blind { .. }
        | AlarmKey::Recovered { .. }
        | AlarmKey::Test => usual,
    }
}

/// The updates that are due soon or overdue, whatever the feeds say (H31, I1).
fn updates_wanted(state: &State, now: Time) -> Vec<AlarmKey> {
    let rules = &state.playbook.updates;
    let near = |(id, incident): (&IncidentId, &crate::incident::Incident)| {
        let clock = cadence::clock(incident, rules).filter(|clock| clock.urgency(rules, now) != Urgency::Later)?;
        Some(AlarmKey::Update { incident: *id, due_at: clock.due_at })
    };
    state.incidents.iter().filter_map(near).collect()
}

/// How loud a round is, in per cent: grows from round to round, scaled by the user's volume.
#[must_use]
pub fn loudness(state: &State, sound: Sound, round: u32) -> u8 {
    let rules = state.playbook.alarm(sound);
    let grown = u32::from(rules.loudness_start) + u32::from(rules.loudness_step) * round.saturating_sub(1);
    let volume = u32::from(state.settings.sound(sound).volume);
    u8::try_from(grown.min(100) * volume / 100).unwrap_or(100)
}

/// Whether sounds stay off: quiet hours, I am surely not on shift, and no page of an earlier one is still mine to take.
#[must_use]
pub fn hushed(state: &State, now: Time) -> bool {
    let local = now.with_timezone(&state.session.zone).time();
    let mine = |page: &Page| page.calls() && standing(state, page, now) == Standing::Mine;
    state.settings.quiet_hours.contains(local) && !state.on_shift(now) && !state.pages.values().any(mine)
}

/// The end of a quiet asked for now, or `None` when the page's target time is over: quiet never outlives it. A
/// shadow may still be quiet then, as it is not the shadow's to take.
#[must_use]
pub fn quiet_end(state: &State, key: &AlarmKey, now: Time) -> Option<Time> {
    let wish = now + state.playbook.quiet();
    match quiet_latest(state, key, now) {
        Some(target) if target <= now => None,
        Some(target) => Some(wish.min(target)),
        None => Some(wish),
    }
}

/// The target time beyond which nothing about `key` may be quiet, if a page that is not only watched has one.
#[must_use]
pub fn quiet_latest(state: &State, key: &AlarmKey, now: Time) -> Option<Time> {
    let calling: Vec<&Page> = match key {
        AlarmKey::Page { page, .. } => state.pages.get(page).into_iter().collect(),
        AlarmKey::MorePages => state.pages.values().filter(|page| page.grouped && page.calls()).collect(),
        // What is only due soon may be quiet until it is due.
        AlarmKey::Update { due_at, .. } if *due_at > now => return Some(*due_at),
        AlarmKey::Update { .. }
        | AlarmKey::Handover { .. }
        | AlarmKey::Maintenance { .. }
        | AlarmKey::Blind { .. }
        | AlarmKey::Recovered { .. }
        | AlarmKey::Test => vec![],
    };
    // Whose a page is takes long to say, and a storm is asked about often: so only of what may be the earliest.
    let mut earliest: Option<Time> = None;
    for page in calling {
        let earlier = earliest.is_none_or(|found| page.seen.triggered_at < found);
        if earlier && !matches!(standing(state, page, now), Standing::Shadow { .. }) {
            earliest = Some(page.seen.triggered_at);
        }
    }
    earliest.map(|triggered_at| triggered_at + state.playbook.target())
}

#[cfg(test)]
mod tests;
