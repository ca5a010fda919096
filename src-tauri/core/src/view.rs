//! What tray and window show. It holds instants, never ages: a view changes only when a fact does.

pub mod compose;
mod delta;
mod gallery;
pub mod incidents;
pub mod ledger;
pub mod live;
pub mod playbook;
pub mod shifts;
pub mod stages;
pub mod tickets;
pub mod training;

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::account::Account;
use crate::alarm::{self, AlarmKey};
use crate::command::{Command, allowed};
use crate::feed::{Component, SlackHook, StatusPage, Tracker};
use crate::incident::IncidentId;
use crate::job::{Job, JobStage, Task};
use crate::oncall::OnCallEntry;
use crate::page::{Asked, Gone, Named, Page, PageId, PageStatus};
use crate::poll::{self, SourceName};
use crate::settings::Settings;
use crate::shadow::{ShadowWhy, Standing, only_shadows, standing, watching_only};
use crate::shift::TakenOver;
use crate::stage::{Closing, closing, lacks_before_closing};
use crate::state::{Channel, Health, Mode, State};
use crate::tray::Sign;
use crate::{Fault, FaultKind, Time};

pub use self::delta::{Cards, Delta};
pub use self::gallery::Gallery;
use self::incidents::{EndedIncident, IncidentCard};
use self::ledger::LedgerView;
pub use self::playbook::PlaybookView;
use self::tickets::ZendeskView;
use self::training::TrainingView;

/// Cards that a window gets; the rest is a number. More would help nobody and cost everybody.
pub const CARDS_MAX: usize = 100;

/// Everything that the window draws.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct View {
    /// Real or practice.
    pub mode: Mode,
    /// The sign of the tray, repeated in the window's bar.
    pub sign: Sign,
    /// Whether signs are drawn hollow (shadow, practice).
    pub hollow: bool,
    /// Why I only watch, when I do.
    pub shadow: Option<ShadowBanner>,
    /// The connected account.
    pub account: Option<Account>,
    /// My on-call times.
    pub duty: DutyView,
    /// The shift that goes on, and those that ended lately, newest first.
    pub shifts: Arc<Vec<shifts::ShiftView>>,
    /// What the shift before handed over.
    pub taken_over: Option<TakenOver>,
    /// Open pages, in the order in which they need somebody.
    pub pages: Vec<Arc<PageCard>>,
    /// Open pages beyond those in `pages`.
    pub pages_more: u32,
    /// Incidents that are going on, in a stable order.
    pub incidents: Vec<Arc<IncidentCard>>,
    /// Incidents that are over and leave something to do or an unsent text, in a stable order.
    pub wrapping: Vec<Arc<IncidentCard>>,
    /// Incidents that were over lately, newest first.
    pub ended: Arc<Vec<EndedIncident>>,
    /// How what was written ended.
    pub writes: crate::ended::Writes,
    /// Everything that can be chosen in an update.
    pub components: Vec<Component>,
    /// The tracker that is watched.
    pub tracker: Option<Tracker>,
    /// The status page that is watched, and written to.
    pub status_page: Option<StatusPage>,
    /// The Slack channel that "I intend to…" can be sent to.
    pub slack: Option<SlackHook>,
    /// The Zendesk whose tickets are counted.
    pub zendesk: Option<ZendeskView>,
    /// Contact requests and maintenance.
    pub ledger: Arc<LedgerView>,
    /// Pages that left in the last hour, newest first.
    pub left: Vec<LeftPage>,
    /// PagerDuty's health.
    pub source: SourceView,
    /// The health of each feed that is connected.
    pub feeds: Vec<SourceView>,
    /// The health of each channel that was used.
    pub channels: Vec<ChannelView>,
    /// Why nothing can be saved.
    pub store_fault: Option<String>,
    /// What the user must be told about this start.
    pub notices: Vec<String>,
    /// A test alarm is up.
    pub testing: bool,
    /// The user's choices.
    pub settings: Settings,
    /// The training log.
    pub training: Arc<TrainingView>,
    /// What the window needs of the team's rules.
    pub playbook: Arc<PlaybookView>,
}

/// Why I only watch.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct ShadowBanner {
    /// The reason.
    pub why: ShadowWhy,
    /// Who answers the pages, as far as a page names them.
    pub answers: Vec<String>,
}

/// My on-call times.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct DutyView {
    /// The entries that hold now.
    pub now: Vec<OnCallEntry>,
    /// The next one to come.
    pub next: Option<OnCallEntry>,
    /// When PagerDuty said so; absent when it has not.
    pub known_at: Option<Time>,
    /// How many entries could not be read; Herald then watches as if on call.
    pub unread: usize,
    /// Why it could not be asked.
    pub fault: Option<FaultView>,
}

/// A page that is open.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct PageCard {
    /// PagerDuty's id.
    pub id: PageId,
    /// When it was triggered: with the id, what commands are about.
    pub triggered_at: Time,
    /// The number people say aloud.
    pub number: u32,
    /// Its title, cleaned but still untrusted: shown as text only.
    pub title: String,
    /// Link to PagerDuty.
    pub url: Option<String>,
    /// Link of the call.
    pub call_url: Option<String>,
    /// Telephone number of the call.
    pub call_number: Option<String>,
    /// Its priority, as the team names it.
    pub priority: Option<String>,
    /// What type of incident it is, where that is not the usual one.
    pub kind: Option<String>,
    /// The request to me to help with it, while it waits for my answer.
    pub asked: Option<Asked>,
    /// The service that raised it.
    pub service: Option<String>,
    /// Whether it is of high urgency.
    pub urgent: bool,
    /// Triggered or acknowledged. What asks me to help calls, whoever has it.
    pub status: PageStatus,
    /// When the time to acknowledge is over (H21).
    pub target_at: Time,
    /// When it escalates.
    pub escalates_at: Option<Time>,
    /// When the acknowledgement expires.
    pub ack_expires_at: Option<Time>,
    /// Who took it.
    pub taken_by: Option<Named>,
    /// When.
    pub taken_at: Option<Time>,
    /// Whether it was me.
    pub taken_by_me: bool,
    /// Everybody else it is assigned to.
    pub others: Vec<String>,
    /// How I stand to it.
    pub standing: Standing,
    /// What is under way.
    pub acting: Option<Acting>,
    /// What the last attempt came to.
    pub note: Option<String>,
    /// What its incident still lacks before it is to be closed (H23).
    pub lacks: Vec<String>,
    /// What Herald knows of the work that closing it says is done (H20).
    pub closing: Closing,
    /// For which incidents it may call, where only the user can choose.
    #[ts(type = "Array<number>")]
    pub asks: Vec<IncidentId>,
    /// Its alarm.
    pub alarm: Option<AlarmView>,
    /// Which actions are open to me now; the others are absent, not greyed.
    pub may: May,
}

/// What is under way with a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Acting {
    /// Being acknowledged.
    Acknowledging,
    /// Being closed.
    Closing,
    /// The answer was lost; PagerDuty is being read.
    ReadingBack,
}

/// Which actions are open to me.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct May {
    /// Acknowledge.
    pub acknowledge: bool,
    /// Close.
    pub close: bool,
    /// Say "I answer this page".
    pub answer_here: bool,
    /// Make it quiet.
    pub quiet: bool,
}

/// An alarm that is on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct AlarmView {
    /// What commands about it are about.
    pub key: AlarmKey,
    /// Quiet until then.
    pub quiet_until: Option<Time>,
    /// When it sounds again.
    pub next_at: Option<Time>,
    /// Whether the next round is louder than the last.
    pub louder: bool,
}

/// A page that left.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct LeftPage {
    /// PagerDuty's id.
    pub id: PageId,
    /// Its title.
    pub title: String,
    /// Link to PagerDuty.
    pub url: Option<String>,
    /// Why it left.
    pub why: Gone,
    /// When.
    pub at: Time,
    /// Who took it, if anybody did.
    pub taken_by: Option<String>,
    /// What Herald's last attempt on it came to.
    pub note: Option<String>,
}

/// A failure in words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct FaultView {
    /// What kind of failure it is, for the button that leads to the next step.
    pub kind: FaultKind,
    /// What happened.
    pub reason: String,
    /// What to do.
    pub next_step: String,
}

impl From<&Fault> for FaultView {
    fn from(fault: &Fault) -> Self {
        Self { kind: fault.kind, reason: fault.reason(), next_step: fault.next_step().into() }
    }
}

/// The health of a source.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct SourceView {
    /// Which.
    pub source: SourceName,
    /// What the source is called.
    pub name: String,
    /// What is shown may be old.
    pub stale: bool,
    /// The silence is an alarm.
    pub blind: bool,
    /// The last good answer.
    pub last_good_at: Option<Time>,
    /// The last failure, until an answer comes.
    pub fault: Option<FaultView>,
    /// Failures in a row.
    pub failures: u32,
    /// When it is asked next, when something is wrong.
    pub next_try_at: Option<Time>,
    /// The key was refused: connect again.
    pub key_refused: bool,
    /// Items that could not be read.
    pub skipped: u32,
    /// Seconds between two questions.
    pub interval_s: u32,
    /// The alarm of being blind.
    pub alarm: Option<AlarmView>,
}

/// The health of a channel.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct ChannelView {
    /// Which.
    pub channel: Channel,
    /// How it is.
    pub health: Health,
}

/// What tray and window show at `now`, all of it made for this. Whoever asks again and again keeps a [`Gallery`].
#[must_use]
pub fn view(state: &State, now: Time) -> View {
    Gallery::new(state, now).into_view()
}

/// Why everything is only watched now: my switch, my key, or only shadow schedules have me on call.
#[must_use]
pub fn shadowing(state: &State, now: Time) -> Option<ShadowBanner> {
    let why = watching_only(state).or(only_shadows(state, now).then_some(ShadowWhy::Schedule))?;
    let newest = state.pages.values().filter(|page| page.open()).max_by_key(|page| page.seen.triggered_at);
    Some(ShadowBanner { why, answers: newest.map(|page| page.seen.others.clone()).unwrap_or_default() })
}

fn duty(state: &State, now: Time) -> DutyView {
    let mut ahead: Vec<&OnCallEntry> =
        state.oncall.entries.iter().filter(|entry| entry.start.is_some_and(|start| start > now)).collect();
    ahead.sort_by_key(|entry| entry.start);
    DutyView {
        now: state.oncall.at(now).cloned().collect(),
        next: ahead.first().map(|entry| (*entry).clone()),
        known_at: state.oncall.known_at,
        unread: state.oncall.unread,
        fault: state.session.oncall_fault.as_ref().map(FaultView::from),
    }
}

/// Pages that left in the last hour, newest first.
fn left(state: &State) -> Vec<LeftPage> {
    let mut left: Vec<LeftPage> = state.pages.values().filter_map(left_page).collect();
    left.sort_by(|a, b| (b.at, &b.id).cmp(&(a.at, &a.id)));
    left.truncate(CARDS_MAX);
    left
}

/// The health of each feed that is connected.
fn feeds(state: &State, now: Time) -> Vec<SourceView> {
    let feeds = [SourceName::Tracker, SourceName::StatusPage].into_iter();
    feeds.filter(|it| poll::connected(state, *it)).map(|it| source(state, it, now)).collect()
}

/// The health of each channel that was used.
fn channels(state: &State) -> Vec<ChannelView> {
    let channels = state.session.channels.iter();
    channels.map(|(channel, health)| ChannelView { channel: *channel, health: health.clone() }).collect()
}

/// Whether the alarm that many pages share may be made quiet.
fn may_quiet_more(state: &State, now: Time) -> bool {
    allowed(state, &Command::Quiet { alarm: AlarmKey::MorePages }, now).is_ok()
}

fn card(state: &State, page: &Page, quiet_more: impl Fn() -> bool, now: Time) -> PageCard {
    let seen = &page.seen;
    let (id, triggered_at) = (seen.id.clone(), seen.triggered_at);
    let key = if page.grouped { AlarmKey::MorePages } else { AlarmKey::Page { page: id.clone(), triggered_at } };
    let may = |command: Command| allowed(state, &command, now).is_ok();
    let standing = standing(state, page, now);
    let me = state.account.as_ref().map(|account| account.user_id.as_str());
    PageCard {
        may: May {
            acknowledge: may(Command::Acknowledge { page: id.clone(), triggered_at }),
            close: may(Command::ClosePage { page: id.clone(), triggered_at, note: None }),
            answer_here: matches!(standing, Standing::Unknown { .. }),
            quiet: page.calls() && if page.grouped { quiet_more() } else { may(Command::Quiet { alarm: key.clone() }) },
        },
        alarm: if page.calls() { alarm_view(state, &key, now) } else { None },
        acting: state.job_for(&id, triggered_at).map(|(_, job)| acting(job)),
        id,
        triggered_at,
        number: seen.number,
        title: seen.title.clone(),
        url: seen.url.clone(),
        call_url: seen.call_url.clone(),
        call_number: seen.call_number.clone(),
        priority: seen.priority.clone(),
        kind: seen.kind.clone(),
        asked: seen.asked.clone().filter(|_| seen.asks_me()),
        service: seen.service.as_ref().map(|service| service.name.clone()),
        urgent: seen.urgent,
        status: if page.calls() { PageStatus::Triggered } else { seen.status },
        target_at: triggered_at + state.playbook.target(),
        escalates_at: seen.escalates_at,
        ack_expires_at: seen.ack_expires_at,
        taken_by_me: seen.taken_by.as_ref().is_some_and(|by| Some(by.id.as_str()) == me),
        taken_by: seen.taken_by.clone(),
        taken_at: seen.taken_at,
        others: seen.others.clone(),
        standing,
        note: page.note.clone(),
        lacks: lacks_before_closing(state, &seen.id, now),
        closing: closing(state, &seen.id, now),
        asks: state.session.asked.get(&seen.id).into_iter().flatten().take(CARDS_MAX).copied().collect(),
    }
}

fn acting(job: &Job) -> Acting {
    match (&job.stage, &job.task) {
        (JobStage::Unsure { .. }, _) => Acting::ReadingBack,
        (JobStage::Ready | JobStage::Running, Task::Acknowledge { .. }) => Acting::Acknowledging,
        (JobStage::Ready | JobStage::Running, Task::Close { .. }) => Acting::Closing,
    }
}

fn alarm_view(state: &State, key: &AlarmKey, now: Time) -> Option<AlarmView> {
    let alarm = state.alarms.get(key).filter(|alarm| !alarm.ending)?;
    let quiet = alarm.quiet(now, state.playbook.quiet());
    let louder = key.sound(now).is_some_and(|sound| {
        alarm::loudness(state, sound, alarm.rounds + 1) > alarm::loudness(state, sound, alarm.rounds)
    });
    Some(AlarmView {
        key: key.clone(),
        quiet_until: alarm.quiet_until.filter(|_| quiet),
        next_at: (!quiet && alarm.rounds > 0).then_some(alarm.next_at),
        louder,
    })
}

fn left_page(page: &Page) -> Option<LeftPage> {
    let (why, at) = page.gone.clone()?;
    let seen = &page.seen;
    Some(LeftPage {
        id: seen.id.clone(),
        title: seen.title.clone(),
        url: seen.url.clone(),
        why,
        at,
        taken_by: seen.taken_by.as_ref().map(|by| by.name.clone()),
        note: page.note.clone(),
    })
}

fn source(state: &State, name: SourceName, now: Time) -> SourceView {
    let (watch, source) = (&state.session.watch[name], &state.sources[name]);
    let stale = poll::stale(state, name, now);
    let wrong = stale || watch.fault.is_some();
    let paused = source.not_before.map_or(watch.poll_at, |at| at.max(watch.poll_at));
    SourceView {
        source: name,
        name: name.to_string(),
        stale,
        blind: poll::blind(state, name, now),
        last_good_at: state.last_good_at(name),
        fault: watch.fault.as_ref().map(FaultView::from),
        failures: watch.failures,
        next_try_at: (wrong && poll::connected(state, name)).then_some(paused),
        key_refused: source.key_refused,
        skipped: watch.skipped,
        interval_s: u32::try_from(poll::interval(state, name, now).num_seconds()).unwrap_or(u32::MAX),
        alarm: alarm_view(state, &AlarmKey::Blind { source: name }, now),
    }
}

#[cfg(test)]
mod tests;
