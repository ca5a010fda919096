//! What the window shows of the composer of an incident's next update: the text, what is wrong with it, and where it goes.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::Time;
use crate::amends::{GoesOut, goes_out, standing};
use crate::basis::Basis;
use crate::cadence;
use crate::command::{Command, Refusal, allowed};
use crate::draft::{Broadcast, Review, Text, Unsent};
use crate::errand;
use crate::feed::Update;
use crate::incident::{Incident, IncidentId, IncidentWish};
use crate::ledger::wish;
use crate::phase::Phase;
use crate::poll::SourceName;
use crate::post::link::Beginnings;
use crate::post::lint::{self, Lint, LintRule, Weight};
use crate::post::template::{self, Fields};
use crate::post::transition::{self, Prefilled, Step};
use crate::post::weigh::{self, Cut, Limits, Meters};
use crate::post::{Published, promise};
use crate::shadow::DutyOf;
use crate::stage::Reading;
use crate::state::State;

/// The composer of one incident's next update.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct Compose {
    /// The draft, or what it starts from.
    pub text: Text,
    /// When it was saved last; absent before anything was typed.
    pub saved_at: Option<Time>,
    /// The review that was asked for (H43).
    pub review: Option<Review>,
    /// The attempt to publish it that came to nothing.
    pub unsent: Option<Unsent>,
    /// The stamp of what is known of the incident on the page, which a confirmation names.
    pub basis: String,
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
    /// The phase that the issue's state suggests, if the public was not told so.
    pub suggests: Option<Phase>,
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
pub struct LintView {
    /// What was found.
    #[serde(flatten)]
    pub lint: Lint,
    /// The text with the fix applied.
    pub fixed: Option<Text>,
}

/// A template, filled for one incident.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
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
    /// Whether the user saved it.
    pub own: bool,
}

/// How an update goes out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct Outlet {
    /// Why Herald does not publish it itself; absent when it may.
    pub refusal: Option<Refusal>,
    /// The refusal in words.
    pub why_not: Option<String>,
    /// The status page: its address for people.
    pub public_url: Option<String>,
    /// What runs it: "Status.io".
    pub service: Option<String>,
    /// The channels that the page has to tell subscribers.
    pub channels: Vec<OutletChannel>,
    /// The title that customers will see.
    pub title: String,
    /// The ids of the components that the post will name.
    pub components: BTreeSet<String>,
    /// Those of them that get the status of the text; the others keep theirs.
    pub sets: BTreeSet<String>,
    /// The dashboard of the status page, where everything can be changed.
    pub dashboard: Option<String>,
    /// Minutes until the update after it, by promise or cadence; absent after Resolved.
    pub next_due_min: Option<u32>,
}

/// A channel of the status page.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct OutletChannel {
    /// Which.
    pub channel: Broadcast,
    /// What people call it there.
    pub name: String,
    /// Whether it would tell subscribers of this text.
    pub tells: bool,
}

/// What the composer of one incident must know of all others.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Around {
    /// Links that must not be public: of every issue that is known to be confidential.
    confidential: Beginnings,
    /// Links of the issues that the tracker has shown.
    seen: Beginnings,
}

impl Around {
    /// As the incidents stand now.
    #[must_use]
    pub fn of(state: &State) -> Self {
        let issues = || state.incidents.values().filter_map(|incident| incident.issue.as_ref());
        let confidential = issues().filter(|issue| issue.confidential);
        Self {
            confidential: Beginnings::of(confidential.map(|issue| issue.url.as_str())),
            seen: Beginnings::of(issues().map(|issue| issue.url.as_str())),
        }
    }

    /// The link of an incident's issue, unless it is known to be confidential.
    fn public_issue<'a>(&self, incident: &'a Incident) -> Option<&'a str> {
        incident.issue_url().filter(|url| !self.confidential.lead(url))
    }
}

/// The composer of an incident's next update.
#[must_use]
pub fn compose(state: &State, id: IncidentId, incident: &Incident, now: Time) -> Compose {
    compose_among(&Around::of(state), state, id, incident, now)
}

/// The same for one of many.
pub(super) fn compose_among(around: &Around, state: &State, id: IncidentId, incident: &Incident, now: Time) -> Compose {
    let rules = &state.playbook.updates;
    let limits = Limits { practice: state.session.mode.is_practice(), ..rules.limits };
    let draft = state.drafts.get(&id);
    let previous = incident.last_update().map(|update| published(state, incident, update));
    let text = draft.map_or_else(|| start(incident, previous.as_ref()), |draft| draft.text.clone());
    let spoken = spoken(state, &text);
    let issue = around.public_issue(incident);
    let unfinished = Reading::new(state, id, incident, now).before_resolved();
    let facts = lint::Facts {
        previous: previous.as_ref(),
        issue,
        confidential: &around.confidential,
        issue_unseen: state.tracker.is_some() && !issue.is_some_and(|url| around.seen.lead(url)),
        unfinished: &unfinished,
        limits: &limits,
        wordings: &rules.wordings,
    };
    let mut lints = lint::lint(&spoken, &facts, now);
    lints.extend(promise_late(state, incident, &text, now));
    lints.extend(not_sent(state, id, incident, &text, now));
    lints.sort_by_key(|lint| (std::cmp::Reverse(lint.weight), lint.rule));
    let fixed = |lint: &Lint| lint.fix.as_ref().map(|fix| fixed(&text, fix.apply(spoken.clone()), now));
    Compose {
        saved_at: draft.map(|draft| draft.saved_at),
        review: draft.and_then(|draft| draft.review.clone()),
        unsent: draft.and_then(|draft| draft.unsent.clone()),
        basis: Basis::stamp_of(state, id, incident),
        step: transition::step(previous.as_ref().map(|it| it.text.phase), text.phase),
        meters: weigh::meters(&text.body, &limits),
        cut: weigh::cut(&text.body, &limits),
        lints: lints.iter().map(|lint| LintView { fixed: fixed(lint), lint: lint.clone() }).collect(),
        phases: Phase::ALL.into_iter().map(|to| transition::prefill(previous.as_ref(), to)).collect(),
        suggests: incident.phase().and_then(|told| incident.state()?.suggests(told)),
        promise: promise::found(&text.body, now),
        templates: templates(state, incident, &spoken, issue),
        intend: intend(state, incident, &text, previous.as_ref().map(|it| it.text.phase)),
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
    let public = incident.post.as_ref().map_or_else(|| incident.title(), |post| post.title.as_str());
    let text = Text {
        title: public.to_owned(),
        body: update.text,
        phase: incident.phase().unwrap_or(Phase::Investigating),
        impact: standing(state, incident),
        components,
        promise: false,
        muted: BTreeSet::new(),
    };
    Published { text: spoken(state, &text), at: update.at }
}

/// The draft with what a fix changed.
fn fixed(text: &Text, fixed: crate::post::Text, now: Time) -> Text {
    let promise = text.promise && promise::found(&fixed.text, now).is_some();
    Text { title: fixed.title, body: fixed.text, impact: fixed.impact, promise, ..text.clone() }
}

fn templates(state: &State, incident: &Incident, spoken: &crate::post::Text, issue: Option<&str>) -> Vec<TemplateView> {
    let rules = &state.playbook.updates;
    let interval = cadence::interval_min(rules, spoken.phase, incident.severity());
    let minutes = |minutes: u32| format!("{minutes} minutes");
    let fields = Fields {
        incident: spoken.title.clone(),
        link: issue.unwrap_or_default().to_owned(),
        components: spoken.components.join(", "),
        period: minutes(incident.own.monitoring_min.unwrap_or(rules.monitoring_min)),
        interval: interval.map_or_else(String::new, minutes),
    };
    let view = |it: &template::Template, own| TemplateView {
        id: it.id.clone(),
        name: it.name.clone(),
        family: it.family.clone(),
        phase: it.phase,
        text: template::fill(it, &fields).text,
        own,
    };
    let own = state.settings.templates.iter().enumerate().map(|(nth, it)| template::Template {
        id: format!("own/{nth}"),
        name: it.name.clone(),
        family: None,
        phase: it.phase,
        text: it.text.clone(),
    });
    own.map(|it| view(&it, true)).chain(state.playbook.templates.iter().map(|it| view(it, false))).collect()
}

/// "I intend to…", with the change of phase named (H43).
fn intend(state: &State, incident: &Incident, text: &Text, previous: Option<Phase>) -> String {
    let moves = previous.is_some_and(|previous| previous != text.phase);
    let rules = &state.playbook.updates;
    let said = if moves { &rules.intend_move } else { &rules.intend };
    let found = incident.issue.as_ref().and_then(|issue| issue.found.im.as_deref());
    let im = incident.own.im.as_deref().or(found).unwrap_or_default().trim();
    template::addressed(said, im).replace("{phase}", text.phase.label()).replace("{text}", text.body.trim())
}

/// What of a text reaches customers: of what is posted by hand, all.
fn out(state: &State, id: IncidentId, incident: &Incident, text: &Text, now: Time) -> GoesOut {
    match &state.status_page {
        Some(page) if errand::may_run(state, SourceName::StatusPage, DutyOf::Incident(id), now).is_ok() => {
            goes_out(state, incident, text, page.kind)
        }
        Some(_) | None => GoesOut::whole(text),
    }
}

/// A promise that comes later than the severity allows: it would put off the next update beyond the table. Meant, it is
/// confirmed.
fn promise_late(state: &State, incident: &Incident, text: &Text, now: Time) -> Option<Lint> {
    let found = promise::found(&text.body, now).filter(|_| text.promise)?;
    let every_min = cadence::interval_min(&state.playbook.updates, text.phase, incident.severity())?;
    // Words count whole minutes, and reading them takes a moment.
    let late = found.due - now > TimeDelta::minutes(i64::from(every_min) + 1);
    let minutes = (found.due - now).num_minutes();
    let (known, phase) = (incident.severity(), text.phase.label());
    let severity = known.map_or("a severity that nobody knows", crate::phase::Severity::label);
    let says = format!(
        "“{}” promises the next update in {minutes} min. {phase} with {severity} wants one every {every_min} min.",
        found.words
    );
    // An unknown severity counts as the gravest until somebody says.
    let weight = if known.is_some() { Weight::Confirm } else { Weight::Advice };
    late.then_some(Lint { rule: LintRule::PromiseLate, weight, says, fix: None })
}

/// What is changed about the post but cannot be sent (H47).
fn not_sent(state: &State, id: IncidentId, incident: &Incident, text: &Text, now: Time) -> Option<Lint> {
    let withheld = out(state, id, incident, text, now).withheld;
    let service = state.status_page.as_ref().map_or("The status page", |page| page.kind.label());
    let says = format!(
        "{service} does not take all of this in an update. Not sent: {}. Change that in its dashboard.",
        withheld.join("; ")
    );
    let (rule, weight) = (LintRule::NotSent, Weight::Confirm);
    (!withheld.is_empty()).then_some(Lint { rule, weight, says, fix: None })
}

fn outlet(state: &State, id: IncidentId, incident: &Incident, text: &Text, now: Time) -> Outlet {
    let wish = Box::new(IncidentWish::Publish { incident: id, text: text.clone(), seen: None });
    let refusal = allowed(state, &Command::Incident { wish }, now).err();
    let page = state.status_page.as_ref();
    let by_cadence = cadence::interval_min(&state.playbook.updates, text.phase, incident.severity());
    let promised = promise::found(&text.body, now).filter(|_| text.promise && text.phase != Phase::Resolved);
    let promised = promised.and_then(|found| u32::try_from((found.due - now).num_minutes()).ok());
    let channels = wish::service(state).channels();
    let channel = |(channel, name): (Broadcast, &str)| OutletChannel {
        channel,
        name: name.to_owned(),
        tells: !text.muted.contains(&channel),
    };
    let out = out(state, id, incident, text, now);
    Outlet {
        refusal,
        why_not: refusal.map(|refusal| refusal.message().to_owned()),
        title: out.title,
        components: out.components,
        sets: out.sets,
        dashboard: wish::dashboard(state),
        public_url: page.map(|page| page.public_url.clone()),
        service: page.map(|page| page.kind.label().to_owned()),
        channels: channels.into_iter().map(channel).collect(),
        next_due_min: promised.or(by_cadence),
    }
}

#[cfg(test)]
mod tests;
