//! What the window shows of incidents: cards, and the composer of each one's next update.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::stages::{StagesView, stages};
use super::{AlarmView, alarm_view};
use crate::Time;
use crate::alarm::AlarmKey;
use crate::cadence::{self, Clock, MonitoringClock, Urgency};
use crate::command::{Command, Refusal, allowed};
use crate::draft::{Broadcast, PublicationId, PublishStage, Review, Text};
use crate::feed::{Component, Update};
use crate::incident::{Event, Incident, IncidentId, IncidentWish, Moved, Own, Promise};
use crate::leftover;
use crate::page::PageId;
use crate::phase::{Phase, Severity};
use crate::post::lint::{self, Lint};
use crate::post::template::{self, Fields};
use crate::post::transition::{self, Prefilled, Step};
use crate::post::weigh::{self, Cut, Meters};
use crate::post::{Published, promise};
use crate::state::State;

/// Events and updates of one incident that a window gets.
const LINES_MAX: usize = 60;

/// An incident that is going on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct IncidentCard {
    /// Herald's own number of it.
    #[ts(type = "number")]
    pub id: IncidentId,
    /// Its title, cleaned but still untrusted: shown as text only.
    pub title: String,
    /// How grave it is, if anybody knows.
    pub severity: Option<Severity>,
    /// What the public was told last; absent before the first update.
    pub phase: Option<Phase>,
    /// When Herald first knew of it, or its issue was opened.
    pub since: Time,
    /// Its issue.
    pub issue: Option<IssueLink>,
    /// Its post on the status page.
    pub post: Option<PostLink>,
    /// Link of the call.
    pub call_url: Option<String>,
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
    /// A promise in the last update that nobody has made the due time yet.
    pub promise_offer: Option<promise::Found>,
    /// Why the due time moved.
    pub moved: Option<Moved>,
    /// Since when nothing has changed, when that is so long that somebody should be asked.
    pub still_running: Option<Time>,
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
#[ts(export)]
pub struct IssueLink {
    /// Its number.
    #[ts(type = "number | null")]
    pub iid: Option<u64>,
    /// Link.
    pub url: String,
    /// Whether the public must not see it.
    pub confidential: bool,
    /// Whether it is open; unknown when it was entered by hand.
    pub open: Option<bool>,
}

/// The post of an incident on the status page.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct PostLink {
    /// The page's id of it.
    pub id: String,
    /// Link.
    pub url: Option<String>,
}

/// When the next update is due, and from when on it is said to be near.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[ts(export)]
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
#[ts(export)]
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
#[ts(export)]
pub enum PublishingStage {
    /// On its way.
    Sending,
    /// The answer was lost; the page is being read.
    ReadingBack {
        /// How often reading failed.
        failures: u32,
    },
    /// The page accepted it; it is not seen on the public page yet (H46).
    NotSeenYet {
        /// When the page accepted it.
        accepted_at: Time,
    },
}

/// The composer of one incident's next update.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct Compose {
    /// The draft, or what it starts from.
    pub text: Text,
    /// When it was saved last; absent before anything was typed.
    pub saved_at: Option<Time>,
    /// The review that was asked for (H43).
    pub review: Option<Review>,
    /// What it does to the incident.
    pub step: Step,
    /// The three lengths.
    pub meters: Meters,
    /// What readers see where posts are cut.
    pub cut: Cut,
    /// What is wrong with it, the gravest first.
    pub lints: Vec<LintView>,
    /// What each phase would start from, in the order of the phases.
    pub phases: Vec<Prefilled>,
    /// The promise that its words make.
    pub promise: Option<promise::Found>,
    /// The templates, filled.
    pub templates: Vec<TemplateView>,
    /// What is said to the incident manager before publishing (H43).
    pub intend: String,
    /// How it goes out.
    pub outlet: Outlet,
}

/// One finding, and the text as it would be put right.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct LintView {
    /// What was found.
    #[serde(flatten)]
    pub lint: Lint,
    /// The text with the fix applied.
    pub fixed: Option<Text>,
}

/// A template, filled for one incident.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct TemplateView {
    /// Its id in the playbook.
    pub id: String,
    /// What it is called.
    pub name: String,
    /// Templates of one family are told apart by it.
    pub family: Option<String>,
    /// The phase it is for; for any when absent.
    pub phase: Option<Phase>,
    /// What goes into the composer.
    pub text: String,
}

/// How an update goes out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct Outlet {
    /// Why Herald does not publish it itself; absent when it may.
    pub refusal: Option<Refusal>,
    /// The refusal in words.
    pub why_not: Option<String>,
    /// The status page: its address for people.
    pub public_url: Option<String>,
    /// What runs it: "Status.io".
    pub service: Option<String>,
    /// The channels that would tell subscribers.
    pub channels: Vec<Broadcast>,
    /// Minutes until the update after it, by promise or cadence; absent after Resolved.
    pub next_due_min: Option<u32>,
}

/// An incident that is over.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[ts(export)]
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
}

/// The cards of everything that is going on, in a stable order.
pub(super) fn cards(state: &State, now: Time) -> Vec<IncidentCard> {
    let open = state.incidents.iter().filter(|(_, incident)| incident.open());
    open.map(|(id, incident)| card(state, *id, incident, now)).take(super::CARDS_MAX).collect()
}

/// What was over lately, newest first.
pub(super) fn ended(state: &State) -> Vec<EndedIncident> {
    let ended = |(id, incident): (&IncidentId, &Incident)| {
        let (title, phase) = (incident.title().to_owned(), incident.phase());
        let leftover = leftover::leftover(state, *id);
        Some(EndedIncident { id: *id, title, ended_at: incident.ended_at?, phase, leftover })
    };
    let mut all: Vec<EndedIncident> = state.incidents.iter().filter_map(ended).collect();
    all.sort_by_key(|it| (std::cmp::Reverse(it.ended_at), it.id));
    all.truncate(super::CARDS_MAX);
    all
}

pub(super) fn card(state: &State, id: IncidentId, incident: &Incident, now: Time) -> IncidentCard {
    let rules = &state.playbook.updates;
    let clock = cadence::clock(incident, rules);
    let mut updates = incident.published();
    updates.reverse();
    let last = updates.first();
    let offer = last.filter(|_| incident.promise.is_none()).and_then(|update| promise::found(&update.text, update.at));
    updates.truncate(LINES_MAX);
    let found = incident.issue.as_ref().map(|issue| issue.found.clone()).unwrap_or_default();
    let own = &incident.own;
    let key = clock.as_ref().map(|clock| AlarmKey::Update { incident: id, due_at: clock.due_at });
    IncidentCard {
        id,
        title: incident.title().to_owned(),
        severity: incident.severity(),
        phase: incident.phase(),
        since: incident.since,
        issue: issue_link(incident),
        post: incident.post.as_ref().map(|post| PostLink { id: post.id.clone(), url: post.url.clone() }),
        call_url: own.call_url.clone().or(found.call_url).or_else(|| call_of_page(state, incident)),
        channel: own.channel.clone().or(found.channel),
        im: own.im.clone().or(found.im),
        eoc: own.eoc.clone().or(found.eoc),
        own: own.clone(),
        pages: incident.pages.iter().cloned().collect(),
        monitoring: cadence::monitoring(incident, rules),
        promise: clock.as_ref().and_then(|_| incident.promise.clone()),
        promise_offer: offer.filter(|offer| offer.due > now),
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
        alarm: key.and_then(|key| alarm_view(state, &key, now)),
        ended_at: incident.ended_at,
        stages: stages(state, id, incident, now),
        log: incident.log.iter().rev().take(LINES_MAX).cloned().collect(),
        compose: compose(state, id, incident, now),
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
        open: known.map(|issue| issue.open),
    })
}

fn call_of_page(state: &State, incident: &Incident) -> Option<String> {
    incident.pages.iter().filter_map(|id| state.pages.get(id)).find_map(|page| page.seen.call_url.clone())
}

fn publishing(state: &State, id: IncidentId) -> Vec<PublishingView> {
    let mine = state.publications.iter().filter(|(_, it)| it.incident == id);
    mine.map(|(publication, it)| PublishingView {
        id: *publication,
        stage: match it.stage {
            PublishStage::Ready | PublishStage::Running => PublishingStage::Sending,
            PublishStage::Unsure { failures, .. } => PublishingStage::ReadingBack { failures },
            PublishStage::Accepted { at } => PublishingStage::NotSeenYet { accepted_at: at },
        },
        asked_at: it.asked_at,
        text: it.text.clone(),
    })
    .collect()
}

/// The composer of an incident's next update.
#[must_use]
pub fn compose(state: &State, id: IncidentId, incident: &Incident, now: Time) -> Compose {
    let rules = &state.playbook.updates;
    let draft = state.drafts.get(&id);
    let previous = incident.last_update().map(|update| published(state, incident, update));
    let text = draft.map_or_else(|| start(incident, previous.as_ref()), |draft| draft.text.clone());
    let spoken = spoken(state, &text);
    let confidential: Vec<String> = confidential(incident);
    let issue = incident.issue_url().filter(|url| !confidential.iter().any(|it| it == url));
    let facts = lint::Facts {
        previous: previous.as_ref(),
        issue,
        confidential: &confidential,
        limits: &rules.limits,
        wordings: &rules.wordings,
    };
    let lints = lint::lint(&spoken, &facts, now);
    let fixed = |lint: &Lint| lint.fix.as_ref().map(|fix| fixed(&text, fix.apply(spoken.clone())));
    Compose {
        saved_at: draft.map(|draft| draft.saved_at),
        review: draft.and_then(|draft| draft.review.clone()),
        step: transition::step(previous.as_ref().map(|it| it.text.phase), text.phase),
        meters: weigh::meters(&text.body, &rules.limits),
        cut: weigh::cut(&text.body, &rules.limits),
        lints: lints.iter().map(|lint| LintView { fixed: fixed(lint), lint: lint.clone() }).collect(),
        phases: Phase::ALL.into_iter().map(|to| transition::prefill(previous.as_ref(), to)).collect(),
        promise: promise::found(&text.body, now),
        templates: templates(state, incident, &spoken),
        intend: intend(state, &text, previous.as_ref().map(|it| it.text.phase)),
        outlet: outlet(state, id, incident, &text, now),
        text,
    }
}

/// What a new draft starts from: the phase as it is, and what the last update said of title, status and components.
fn start(incident: &Incident, previous: Option<&Published>) -> Text {
    let phase = previous.map_or(Phase::Investigating, |it| it.text.phase);
    let phase = if phase == Phase::Resolved { Phase::Investigating } else { phase };
    let prefilled = transition::prefill(previous, phase);
    let components = incident.post.as_ref().map(|post| post.components.iter().cloned().collect()).unwrap_or_default();
    Text {
        title: if prefilled.title.is_empty() { undated(incident.title()).to_owned() } else { prefilled.title },
        body: String::new(),
        phase,
        impact: prefilled.impact,
        components,
        promise: true,
        muted: BTreeSet::new(),
    }
}

/// A title without the date that trackers put before it: customers need no "2025-06-03: ".
fn undated(title: &str) -> &str {
    let dated = |(date, _): &(&str, &str)| chrono::NaiveDate::parse_from_str(date, "%Y-%m-%d").is_ok();
    title.split_once(": ").filter(dated).map_or(title, |(_, rest)| rest)
}

/// A draft as people read it: components by name.
fn spoken(state: &State, text: &Text) -> crate::post::Text {
    let name = |id: &String| {
        let known = state.session.components.iter().find(|component| component.id == *id);
        known.map_or_else(|| id.clone(), |component| component.name.clone())
    };
    crate::post::Text {
        title: text.title.clone(),
        text: text.body.clone(),
        phase: text.phase,
        impact: text.impact,
        components: text.components.iter().map(name).collect(),
    }
}

fn published(state: &State, incident: &Incident, update: Update) -> Published {
    let ids = incident.post.as_ref().map(|post| post.components.clone()).unwrap_or_default();
    let components = ids.into_iter().collect();
    let text = Text {
        title: incident.title().to_owned(),
        body: update.text,
        phase: update.phase,
        impact: update.impact,
        components,
        promise: false,
        muted: BTreeSet::new(),
    };
    Published { text: spoken(state, &text), at: update.at }
}

/// The draft with what a fix changed.
fn fixed(text: &Text, fixed: crate::post::Text) -> Text {
    let promise = text.promise && promise::found(&fixed.text, Time::MIN_UTC).is_some();
    Text { title: fixed.title, body: fixed.text, impact: fixed.impact, promise, ..text.clone() }
}

/// Links that must not be public.
fn confidential(incident: &Incident) -> Vec<String> {
    incident.issue.iter().filter(|issue| issue.confidential).map(|issue| issue.url.clone()).collect()
}

fn templates(state: &State, incident: &Incident, spoken: &crate::post::Text) -> Vec<TemplateView> {
    let rules = &state.playbook.updates;
    let interval = cadence::interval_min(rules, spoken.phase, incident.severity());
    let minutes = |minutes: u32| format!("{minutes} minutes");
    let fields = Fields {
        incident: spoken.title.clone(),
        link: incident.issue_url().filter(|_| confidential(incident).is_empty()).unwrap_or_default().to_owned(),
        components: spoken.components.join(", "),
        period: minutes(incident.own.monitoring_min.unwrap_or(rules.monitoring_min)),
        interval: interval.map_or_else(String::new, minutes),
    };
    let view = |it: &template::Template| TemplateView {
        id: it.id.clone(),
        name: it.name.clone(),
        family: it.family.clone(),
        phase: it.phase,
        text: template::fill(it, &fields).text,
    };
    state.playbook.templates.iter().map(view).collect()
}

/// "I intend to…", with the change of phase named (H43).
fn intend(state: &State, text: &Text, previous: Option<Phase>) -> String {
    let moves = previous.is_some_and(|previous| previous != text.phase);
    let rules = &state.playbook.updates;
    let said = if moves { &rules.intend_move } else { &rules.intend };
    said.replace("{phase}", text.phase.label()).replace("{text}", text.body.trim())
}

fn outlet(state: &State, id: IncidentId, incident: &Incident, text: &Text, now: Time) -> Outlet {
    let wish = Box::new(IncidentWish::Publish { incident: id, text: text.clone() });
    let refusal = allowed(state, &Command::Incident { wish }, now).err();
    let page = state.status_page.as_ref();
    let by_cadence = cadence::interval_min(&state.playbook.updates, text.phase, incident.severity());
    let promised = promise::found(&text.body, now).filter(|_| text.promise && text.phase != Phase::Resolved);
    let promised = promised.and_then(|found| u32::try_from((found.due - now).num_minutes()).ok());
    Outlet {
        refusal,
        why_not: refusal.map(|refusal| refusal.message().to_owned()),
        public_url: page.map(|page| page.public_url.clone()),
        service: page.map(|page| page.kind.label().to_owned()),
        channels: Broadcast::ALL.into_iter().filter(|channel| !text.muted.contains(channel)).collect(),
        next_due_min: promised.or(by_cadence),
    }
}
