//! What the window shows of incidents: a card each.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::compose::{Around, Compose, compose_among};
use super::live::{Live, live};
use super::stages::{StagesView, left_to_wrap_up, stages, unsent};
use super::{AlarmView, alarm_view};
use crate::Time;
use crate::alarm::AlarmKey;
use crate::cadence::{self, Clock, MonitoringClock, PromiseDoubt, StillRunning, Urgency};
use crate::draft::{PublicationId, PublishStage, Text};
use crate::due::may_look;
use crate::feed::{Component, IssueState, Update};
use crate::incident::{Event, Incident, IncidentId, IssueStanding, Moved, Own, Promise};
use crate::leftover;
use crate::page::PageId;
use crate::phase::{Phase, Severity};
use crate::post::promise;
use crate::state::State;

/// Events and updates of one incident that a window gets.
const LINES_MAX: usize = 60;

/// An incident that is going on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct IncidentCard {
    /// Herald's own number of it.
    #[ts(type = "number")]
    pub id: IncidentId,
    /// Its title, cleaned but still untrusted: shown as text only.
    pub title: String,
    /// How grave it is, if anybody knows.
    pub severity: Option<Severity>,
    /// What its issue says of it, or was set by hand.
    pub state: Option<IssueState>,
    /// What the public was told last; absent before the first update, and while no update tells a phase.
    pub phase: Option<Phase>,
    /// When Herald first knew of it, or its issue was opened.
    pub since: Time,
    /// Its issue.
    pub issue: Option<IssueLink>,
    /// Its post on the status page.
    pub post: Option<PostLink>,
    /// Link of the call.
    pub call_url: Option<String>,
    /// Telephone number of the call.
    pub call_number: Option<String>,
    /// The Slack channel.
    pub channel: Option<String>,
    /// The incident manager.
    pub im: Option<String>,
    /// The engineer on call.
    pub eoc: Option<String>,
    /// What was set by hand.
    pub own: Own,
    /// Pages that called for it.
    pub pages: Vec<PageId>,
    /// When the next update is due; absent when none is.
    pub clock: Option<ClockView>,
    /// The monitoring period, while it is in it.
    pub monitoring: Option<MonitoringClock>,
    /// The promise that holds.
    pub promise: Option<Promise>,
    /// The promise that holds was made under a lesser severity: the user is asked whether it stands.
    pub promise_doubt: Option<PromiseDoubt>,
    /// A promise in the last update that nobody has made the due time yet.
    pub promise_offer: Option<promise::Found>,
    /// Words of the last update that speak of the next one, where nobody can be sure of the time: it is set by hand.
    pub promise_unsure: Option<String>,
    /// Why the due time moved.
    pub moved: Option<Moved>,
    /// Whether somebody should be asked if it is still going on.
    pub still_running: Option<StillRunning>,
    /// When it was decided to tell the public.
    pub decided_at: Option<Time>,
    /// When it was decided not to.
    pub declined_at: Option<Time>,
    /// What was published, newest first.
    pub updates: Vec<Update>,
    /// What is being published, or was and is not seen yet.
    pub publishing: Vec<PublishingView>,
    /// Its alarm.
    pub alarm: Option<AlarmView>,
    /// Whether the last update can be seen on the public page.
    pub live: Option<Live>,
    /// When it was over; absent while it goes on.
    pub ended_at: Option<Time>,
    /// Where it stands in the stages of the duty.
    pub stages: StagesView,
    /// What happened, newest first.
    pub log: Vec<Event>,
    /// Its next update.
    pub compose: Compose,
}

/// The issue of an incident.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct IssueLink {
    /// Its number.
    #[ts(type = "number | null")]
    pub iid: Option<u64>,
    /// Link.
    pub url: String,
    /// Whether the public must not see it.
    pub confidential: bool,
    /// How it stands in the tracker; unknown when it was entered by hand.
    pub standing: Option<IssueStanding>,
}

/// The post of an incident on the status page.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct PostLink {
    /// The page's id of it.
    pub id: String,
    /// Link.
    pub url: Option<String>,
}

/// When the next update is due, and from when on it is said to be near.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct ClockView {
    /// The clock.
    #[serde(flatten)]
    pub clock: Clock,
    /// From when on it is due soon.
    pub soon_at: Time,
    /// How near it is.
    pub urgency: Urgency,
}

/// An attempt to publish.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct PublishingView {
    /// Which.
    #[ts(type = "number")]
    pub id: PublicationId,
    /// Where it stands.
    pub stage: PublishingStage,
    /// When the user asked for it.
    pub asked_at: Time,
    /// What it says.
    pub text: Text,
}

/// Where an attempt to publish stands, as people see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum PublishingStage {
    /// On its way.
    Sending,
    /// The answer was lost; the page is being read.
    ReadingBack {
        /// How often reading failed.
        failures: u32,
        /// A first look did not find it; another follows, as it may land late.
        lacking: bool,
        /// Herald cannot look, so the user is asked.
        asks: bool,
    },
    /// The page accepted it; it is not seen on the public page yet (H46).
    NotSeenYet {
        /// When the page accepted it.
        accepted_at: Time,
    },
}

/// An incident that is over.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct EndedIncident {
    /// Herald's own number of it.
    #[ts(type = "number")]
    pub id: IncidentId,
    /// Its title.
    pub title: String,
    /// When it was over.
    pub ended_at: Time,
    /// What the public was told last.
    pub phase: Option<Phase>,
    /// Its components that the page still shows as not well.
    pub leftover: Vec<Component>,
    /// Whether the last update can be seen on the public page.
    pub live: Option<Live>,
    /// How many of its tasks are left.
    pub left_to_do: usize,
    /// Whether a text of it is kept that did not go out.
    pub unsent: bool,
}

/// Everything that is going on, in a stable order.
pub(super) fn ongoing(state: &State) -> impl Iterator<Item = (IncidentId, &Incident)> {
    let open = state.incidents.iter().filter(|(_, incident)| incident.open());
    open.map(|(id, incident)| (*id, incident)).take(super::CARDS_MAX)
}

/// What was over lately, newest first.
pub(super) fn ended(state: &State, now: Time) -> Vec<EndedIncident> {
    let ended = |(id, incident): (&IncidentId, &Incident)| {
        Some(EndedIncident {
            id: *id,
            title: incident.title().to_owned(),
            ended_at: incident.ended_at?,
            phase: incident.phase(),
            leftover: leftover::leftover(state, *id),
            live: live(state, *id, incident),
            left_to_do: left_to_wrap_up(state, *id, incident, now),
            unsent: unsent(state, *id),
        })
    };
    let mut all: Vec<EndedIncident> = state.incidents.iter().filter_map(ended).collect();
    all.sort_by_key(|it| (std::cmp::Reverse(it.ended_at), it.id));
    all.truncate(super::CARDS_MAX);
    all
}

pub(super) fn card(state: &State, around: &Around, id: IncidentId, incident: &Incident, now: Time) -> IncidentCard {
    let rules = &state.playbook.updates;
    let clock = cadence::clock(incident, rules);
    let mut updates = incident.published();
    updates.reverse();
    let last = updates.first();
    // A promise was kept by whatever was published after it.
    let held = incident.promise.as_ref().filter(|promise| incident.promised_last(promise));
    let free = last.filter(|update| held.is_none() && update.phase != Some(Phase::Resolved));
    let (offer, unsure) = match free.and_then(|update| promise::heard(&update.text, update.at)) {
        Some(promise::Heard::Sure(found)) => (Some(found), None),
        Some(promise::Heard::Unsure { words }) => (None, Some(words)),
        None => (None, None),
    };
    updates.truncate(LINES_MAX);
    let found = incident.issue.as_ref().map(|issue| issue.found.clone()).unwrap_or_default();
    let own = &incident.own;
    let key = clock.as_ref().map(|clock| AlarmKey::Update { incident: id, due_at: clock.due_at });
    IncidentCard {
        id,
        title: incident.title().to_owned(),
        severity: incident.severity(),
        state: incident.state(),
        phase: incident.phase(),
        since: incident.since,
        issue: issue_link(incident),
        post: incident.post.as_ref().map(|post| PostLink { id: post.id.clone(), url: post.url.clone() }),
        call_url: own.call_url.clone().or(found.call_url).or_else(|| call_of_page(state, incident)),
        call_number: found.call_number.or_else(|| number_of_page(state, incident)),
        channel: own.channel.clone().or(found.channel),
        im: own.im.clone().or(found.im),
        eoc: own.eoc.clone().or(found.eoc),
        own: own.clone(),
        pages: incident.pages.iter().cloned().collect(),
        monitoring: cadence::monitoring(incident, rules),
        promise: clock.as_ref().and(held.cloned()),
        promise_doubt: cadence::promise_doubt(incident, rules),
        promise_offer: offer.filter(|offer| offer.due > now),
        promise_unsure: unsure,
        clock: clock.map(|clock| ClockView {
            soon_at: clock.soon_at(rules),
            urgency: clock.urgency(rules, now),
            clock,
        }),
        moved: incident.moved.clone(),
        still_running: cadence::still_running(incident, rules, now),
        decided_at: incident.decided_at,
        declined_at: incident.declined_at,
        publishing: publishing(state, id),
        live: live(state, id, incident),
        alarm: key.and_then(|key| alarm_view(state, &key, now)),
        ended_at: incident.ended_at,
        stages: stages(state, id, incident, now),
        log: incident.log.iter().rev().take(LINES_MAX).cloned().collect(),
        compose: compose_among(around, state, id, incident, now),
        updates,
    }
}

fn issue_link(incident: &Incident) -> Option<IssueLink> {
    let url = incident.issue_url()?.to_owned();
    let known = incident.issue.as_ref().filter(|issue| issue.url == url);
    Some(IssueLink {
        iid: incident.issue_iid(),
        url,
        confidential: known.is_some_and(|issue| issue.confidential),
        standing: known.and_then(|_| incident.issue_standing()),
    })
}

fn call_of_page(state: &State, incident: &Incident) -> Option<String> {
    incident.pages.iter().filter_map(|id| state.pages.get(id)).find_map(|page| page.seen.call_url.clone())
}

fn number_of_page(state: &State, incident: &Incident) -> Option<String> {
    incident.pages.iter().filter_map(|id| state.pages.get(id)).find_map(|page| page.seen.call_number.clone())
}

fn publishing(state: &State, id: IncidentId) -> Vec<PublishingView> {
    let mine = state.publications.iter().filter(|(_, it)| it.incident == id);
    mine.map(|(publication, it)| PublishingView {
        id: *publication,
        stage: match it.stage {
            PublishStage::Ready | PublishStage::Running => PublishingStage::Sending,
            PublishStage::Unsure { failures, lacking, refused, .. } => {
                PublishingStage::ReadingBack { failures, lacking, asks: refused || !may_look(state) }
            }
            PublishStage::Accepted { at } => PublishingStage::NotSeenYet { accepted_at: at },
        },
        asked_at: it.asked_at,
        text: it.text.clone(),
    })
    .collect()
}

impl super::View {
    /// The incident whose update is due next; without any clock the newest, so that there is something to write.
    #[must_use]
    pub fn next_due(&self) -> Option<IncidentId> {
        let due = self.incidents.iter().filter_map(|it| it.clock.as_ref().map(|clock| (clock.clock.due_at, it.id)));
        due.min().map(|(_, id)| id).or_else(|| self.incidents.iter().map(|it| it.id).max())
    }
}
