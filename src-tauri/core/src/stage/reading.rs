//! Reads from the state where an incident stands in its stages: the current one, each task, and what Herald saw done.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{Doing, Field, Fields, Stage, StageRules, TaskRules, Tick, TickSays, When, fill, fill_link, task};
use crate::Time;
use crate::cadence::{self, MonitoringClock};
use crate::calling;
use crate::feed::{IssueState, Update};
use crate::incident::{By, Incident, IncidentId, IssueStanding, Part, standing_words};
use crate::page::{Gone, Page, PageId, PageStatus};
use crate::phase::Phase;
use crate::places;
use crate::poll::SourceName;
use crate::state::State;

/// Pages that nobody joined to an incident and that count as its while it is the only one; a storm is not one incident's.
const LOOSE_PAGES_MAX: usize = 10;

/// Where a task stands, as people see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "mark", rename_all = "snake_case")]
pub enum Mark {
    /// To be done.
    Open {
        /// Whether it is the one to do now.
        now: bool,
        /// Until when it lasts by itself, for a watch.
        until: Option<Time>,
    },
    /// Something must be done first.
    Locked {
        /// What, in the words of those tasks.
        needs: Vec<String>,
        /// When it opens by itself, if it does.
        opens_at: Option<Time>,
    },
    /// Done.
    Done {
        /// When.
        at: Time,
        /// Who said so.
        by: By,
        /// What Herald saw; empty where somebody says so.
        saw: String,
    },
    /// Left out.
    Skipped {
        /// When.
        at: Time,
        /// Why.
        reason: String,
    },
    /// Not needed here.
    NotNeeded {
        /// Why.
        why: String,
    },
}

impl Mark {
    /// Whether nothing is left to do.
    #[must_use]
    pub fn closed(&self) -> bool {
        match self {
            Self::Done { .. } | Self::Skipped { .. } | Self::NotNeeded { .. } => true,
            Self::Open { .. } | Self::Locked { .. } => false,
        }
    }
}

/// What Herald saw that shows a task done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sighting {
    /// When it was done, as far as that can be seen; else when it was seen.
    pub at: Time,
    /// What was seen, in words for people.
    pub saw: String,
}

impl Sighting {
    fn new(at: Time, saw: impl Into<String>) -> Self {
        Self { at, saw: saw.into() }
    }
}

/// One incident, read once for all its tasks.
pub struct Reading<'a> {
    state: &'a State,
    id: IncidentId,
    incident: &'a Incident,
    now: Time,
    published: Vec<Cow<'a, Update>>,
    /// When it began anew: what was ticked in Monitor and Resolve before no longer counts (H55).
    round: Option<Time>,
    monitoring: Option<MonitoringClock>,
    pages: Vec<PageId>,
}

impl<'a> Reading<'a> {
    /// Reads an incident of the state.
    #[must_use]
    pub fn new(state: &'a State, id: IncidentId, incident: &'a Incident, now: Time) -> Self {
        let published = incident.told();
        let told: Vec<(Phase, Time)> = published.iter().filter_map(|it| Some((it.phase?, it.at))).collect();
        let again = told.windows(2).filter(|two| two[0].0 >= Phase::Monitoring);
        let again = again.filter(|two| two[1].0 < Phase::Monitoring).map(|two| two[1].1).max();
        let monitoring = cadence::monitoring(incident, &state.playbook.updates);
        let pages = pages_of(state, id, incident);
        Self { state, id, incident, now, round: again.max(incident.recurred_at), published, monitoring, pages }
    }

    fn stages(&self) -> &'a [StageRules] {
        &self.state.playbook.stages
    }

    /// The stage it is in: by what the public was told, what was ticked off, and the monitoring clock.
    #[must_use]
    pub fn current(&self) -> Stage {
        let phase = self.incident.phase();
        if phase == Some(Phase::Resolved) || self.watched() {
            Stage::Resolve
        } else if phase == Some(Phase::Monitoring) && self.monitoring.is_some() {
            Stage::Monitor
        } else if self.open_in(Stage::Engage) > 0 {
            Stage::Engage
        } else {
            Stage::Manage
        }
    }

    /// How many tasks of a stage are not dealt with.
    #[must_use]
    pub fn open_in(&self, stage: Stage) -> usize {
        let tasks = self.stages().iter().filter(|it| it.id == stage).flat_map(|it| &it.tasks);
        tasks.filter(|task| !self.closed(stage, task)).count()
    }

    /// What is left to do in the stage it is in, what waits for it included. The same at any time.
    pub fn left(&self) -> impl Iterator<Item = &'a TaskRules> {
        let current = self.current();
        self.tasks().filter(move |(stage, task)| *stage == current && !self.closed(*stage, task)).map(|(_, task)| task)
    }

    /// Whether the fix was watched for long enough, or watching was left out.
    fn watched(&self) -> bool {
        let watches = |(stage, task): (Stage, &TaskRules)| {
            task.does == Some(Doing::Watch) && self.tick(stage, task).is_some_and(Tick::closes)
        };
        self.tasks().any(watches)
    }

    fn watch_skipped(&self) -> bool {
        let skipped = |tick: &Tick| matches!(tick.says, TickSays::Skipped { .. });
        self.tasks().any(|(stage, task)| task.does == Some(Doing::Watch) && self.tick(stage, task).is_some_and(skipped))
    }

    /// Every task with its stage.
    pub(super) fn tasks(&self) -> impl Iterator<Item = (Stage, &'a TaskRules)> {
        self.stages().iter().flat_map(|stage| stage.tasks.iter().map(|task| (stage.id, task)))
    }

    /// What was said of a task, as far as it counts in this round.
    fn tick(&self, stage: Stage, task: &TaskRules) -> Option<&'a Tick> {
        let repeats = stage >= Stage::Monitor;
        self.incident.ticks.get(&task.id).filter(|tick| !repeats || self.round.is_none_or(|began| tick.at >= began))
    }

    /// What was said of each task that is dealt with, as far as it counts in this round.
    #[must_use]
    pub fn counting(&self) -> BTreeMap<String, Tick> {
        let said = self.tasks().filter_map(|(stage, task)| Some((task.id.clone(), self.tick(stage, task)?.clone())));
        said.filter(|(_, tick)| tick.closes()).collect()
    }

    /// Whether nothing is left to do about a task.
    #[must_use]
    pub fn closed(&self, stage: Stage, task: &TaskRules) -> bool {
        self.tick(stage, task).is_some_and(Tick::closes) || self.not_needed(stage, task).is_some()
    }

    fn not_needed(&self, stage: Stage, task: &TaskRules) -> Option<&'static str> {
        let incident = self.incident;
        let declined = incident.declined_at.is_some() && incident.decided_at.is_none() && self.published.is_empty();
        if task.when == Some(When::Paged) && self.pages.is_empty() && !calling::may_be_called(self.state, self.id) {
            Some("no page called for it")
        } else if task.when == Some(When::Public) && declined {
            Some("the public is not told")
        } else if stage == Stage::Monitor && self.watch_skipped() {
            Some("monitoring is left out")
        } else {
            None
        }
    }

    /// The tasks that a task waits for.
    pub(super) fn waits_for(&self, stage: Stage, waiting: &TaskRules) -> Vec<&'a TaskRules> {
        let stages = self.stages();
        let named = waiting.needs.iter().filter_map(|need| task(stages, need));
        let before = self.tasks().filter(|(of, it)| waiting.last && *of == stage && it.id != waiting.id);
        named.chain(before).filter(|(stage, it)| !self.closed(*stage, it)).map(|(_, it)| it).collect()
    }

    /// What must be done before the public may read that it is over, in the words of those tasks (H56).
    #[must_use]
    pub fn before_resolved(&self) -> Vec<&'a str> {
        let says = |(stage, task): &(Stage, &TaskRules)| {
            *stage == Stage::Resolve && task.does == Some(Doing::PublishUpdate) && !self.closed(*stage, task)
        };
        let waits = self.tasks().filter(says).flat_map(|(stage, task)| self.waits_for(stage, task));
        waits.map(|task| task.text.as_str()).collect()
    }

    /// Whether something must be done before this task.
    #[must_use]
    pub fn locked(&self, stage: Stage, task: &TaskRules) -> bool {
        !self.closed(stage, task) && !self.waits_for(stage, task).is_empty()
    }

    /// Where a task stands.
    #[must_use]
    pub fn mark(&self, stage: Stage, task: &TaskRules) -> Mark {
        if let Some(tick) = self.tick(stage, task).filter(|tick| tick.closes()) {
            return match &tick.says {
                TickSays::Skipped { reason } => Mark::Skipped { at: tick.at, reason: reason.clone() },
                TickSays::Done | TickSays::Open => Mark::Done { at: tick.at, by: tick.by, saw: tick.saw.clone() },
            };
        }
        if let Some(why) = self.not_needed(stage, task) {
            return Mark::NotNeeded { why: why.into() };
        }
        let ends_at = self.monitoring.as_ref().map(|clock| clock.ends_at);
        let waits = self.waits_for(stage, task);
        if waits.is_empty() {
            let until = ends_at.filter(|_| task.does == Some(Doing::Watch));
            return Mark::Open { now: false, until };
        }
        let only_watch = waits.iter().all(|it| it.does == Some(Doing::Watch));
        let needs = waits.iter().map(|it| it.text.clone()).collect();
        Mark::Locked { needs, opens_at: ends_at.filter(|_| only_watch) }
    }

    /// What Herald saw done that nobody has ticked: each task and what it saw. `unjoined` is what [`unjoined`] says.
    #[must_use]
    pub fn seen(&self, unjoined: &BTreeSet<IncidentId>) -> Vec<(String, Sighting)> {
        let unsaid = self.tasks().filter(|(stage, task)| self.tick(*stage, task).is_none_or(Tick::unfounded));
        let seen = unsaid.filter_map(|(stage, task)| Some((task, stage, self.sighting(stage, task.does?, unjoined)?)));
        let fresh =
            seen.filter(|(_, stage, it)| *stage < Stage::Monitor || self.round.is_none_or(|began| it.at >= began));
        let now = self.now;
        fresh.map(|(task, _, it)| (task.id.clone(), Sighting { at: it.at.min(now), ..it })).collect()
    }

    /// What Herald ticked and did not see: the watch, when the fix is to be watched for longer after all (H36), and what
    /// it cannot account for.
    #[must_use]
    pub fn not_seen(&self) -> Vec<String> {
        let goes_on = self.monitoring.as_ref().is_some_and(|clock| clock.ends_at > self.now);
        let by_herald = |tick: &Tick| tick.by == By::Herald && tick.says == TickSays::Done;
        let watches = self.tasks().filter(|(_, task)| goes_on && task.does == Some(Doing::Watch));
        let early = watches.filter(|(stage, task)| self.tick(*stage, task).is_some_and(by_herald));
        let unfounded = self.incident.ticks.iter().filter(|(_, tick)| tick.unfounded()).map(|(task, _)| task);
        early.map(|(_, task)| &task.id).chain(unfounded).cloned().collect()
    }

    /// What Herald saw of something that is done; absent when it did not, or could not. What only somebody can know
    /// waits for them: a form, an import or a publication is no answer that they gave.
    fn sighting(&self, stage: Stage, does: Doing, unjoined: &BTreeSet<IncidentId>) -> Option<Sighting> {
        let incident = self.incident;
        match does {
            Doing::Acknowledge => {
                let taken = |page: &Page| page.seen.status != PageStatus::Triggered;
                self.all_pages(taken).map(|(at, pages)| Sighting::new(at, acknowledged(&pages)))
            }
            Doing::ClosePage => {
                let closed = |page: &Page| {
                    page.seen.status == PageStatus::Closed
                        || matches!(page.gone, Some((Gone::Closed | Gone::Merged { .. }, _)))
                };
                self.all_pages(closed)
                    .map(|(at, pages)| Sighting::new(at, format!("PagerDuty shows {} closed", them(&pages))))
            }
            Doing::Decide => incident.answered_at.map(|at| {
                let yes = incident.decided_at.is_some();
                Sighting::new(at, if yes { "You noted the answer: yes" } else { "You noted the answer: not public" })
            }),
            Doing::NoteUpdates => self.noted_updates(unjoined),
            Doing::CreatePost => self.published.first().map(|update| self.published_as(update)),
            Doing::PublishUpdate => self.told(stage).map(|update| self.published_as(update)),
            Doing::VerifyLive => self.live(stage),
            Doing::LabelIssue => {
                let label = &self.state.playbook.tracker.page_label;
                let issue = incident.issue.as_ref().filter(|issue| issue.labels.contains(label))?;
                Some(Sighting::new(self.now, format!("Issue #{} carries {label}", issue.iid)))
            }
            Doing::Watch => {
                let over = self.monitoring.as_ref().filter(|clock| clock.ends_at <= self.now)?;
                Some(Sighting::new(over.ends_at, format!("The {} minutes of watching are over", over.minutes)))
            }
            Doing::ConfirmResolved => {
                let closed = incident.issue_standing() == Some(IssueStanding::Closed);
                let issue = incident.issue.as_ref().filter(|it| closed || it.says == Some(IssueState::Resolved))?;
                let how = if closed { "is closed" } else { "says that it is resolved" };
                Some(Sighting::new(self.now, format!("Issue #{} {how}", issue.iid)))
            }
            Doing::JoinCall
            | Doing::OpenChannel
            | Doing::ConfirmSeverity
            | Doing::NotifyStakeholders
            | Doing::ZendeskTag
            | Doing::ZendeskSearch
            | Doing::AskPeriod
            | Doing::PostMortem => None,
        }
    }

    /// The status page was read whole since the incident began, and what stands there of this incident is here. While a
    /// post there may be this incident's and nobody has joined it, somebody has to look.
    fn noted_updates(&self, unjoined: &BTreeSet<IncidentId>) -> Option<Sighting> {
        let read_at = self.state.session.watch[SourceName::StatusPage].last_good_at?;
        if self.state.status_page.is_none() || read_at < self.incident.since {
            return None;
        }
        let saw = match &self.incident.post {
            Some(post) => format!("Read {} of it on the status page", many(post.updates.len(), "update")),
            None if unjoined.iter().any(|id| *id != self.id) => return None,
            None => "The status page lists nothing that could be it".into(),
        };
        Some(Sighting::new(read_at, saw))
    }

    /// How Herald knows that an update is published.
    fn published_as(&self, update: &Update) -> Sighting {
        let shown = self.incident.post.as_ref().is_some_and(|post| post.updates.iter().any(|it| it.at == update.at));
        let phase = standing_words(update.phase, true);
        let saw = if shown {
            format!("The status page shows {phase}")
        } else if self.incident.sent.contains(&update.at) {
            format!("The status page took {phase}")
        } else if update.mine {
            format!("You noted {phase} as posted")
        } else {
            format!("{phase} came with the handover")
        };
        Sighting::new(update.at, saw)
    }

    /// The update that a stage asks for: in Manage the one that ends it.
    fn told(&self, stage: Stage) -> Option<&Update> {
        let counts =
            |update: &&Cow<'_, Update>| stage < Stage::Monitor || self.round.is_none_or(|began| update.at >= began);
        let least = match stage {
            Stage::Engage => Phase::Investigating,
            Stage::Manage | Stage::Monitor => Phase::Monitoring,
            Stage::Resolve => Phase::Resolved,
        };
        let mut told = self.published.iter().filter(counts);
        told.find(|update| update.phase.unwrap_or(Phase::Investigating) >= least).map(|update| &**update)
    }

    /// When that update was on the public page. Pages drop what is resolved: not being listed any more confirms it.
    fn live(&self, stage: Stage) -> Option<Sighting> {
        let told = self.told(stage)?;
        let post = self.incident.post.as_ref()?;
        let waits = self.state.publications.values().any(|it| it.incident == self.id);
        let listed = post.updates.iter().any(|seen| seen.at == told.at && crate::incident::same_update(seen, told));
        let saw = if listed {
            format!("The status page shows {}, word for word", standing_words(told.phase, true))
        } else if stage == Stage::Resolve && !post.open {
            "The status page no longer lists it among what goes on".into()
        } else {
            return None;
        };
        (!waits).then(|| Sighting::new(self.now, saw))
    }

    /// When all its pages were done with, and which they are.
    fn all_pages(&self, done: impl Fn(&Page) -> bool) -> Option<(Time, Vec<&'a Page>)> {
        let pages: Option<Vec<&Page>> = self.pages.iter().map(|id| self.state.pages.get(id)).collect();
        // What others have, and I am only asked to help with, is not mine to take or close.
        let mine = pages.map(|pages| pages.into_iter().filter(|page| !page.requested).collect::<Vec<_>>());
        let pages = mine.filter(|pages| !pages.is_empty() && pages.iter().all(|page| done(page)))?;
        let at = |page: &&Page| page.gone.as_ref().map(|(_, at)| *at).or(page.seen.taken_at).unwrap_or(self.now);
        Some((pages.iter().map(at).max()?, pages))
    }

    /// What can be filled into texts and links of its tasks.
    #[must_use]
    pub fn fields(&self) -> Fields {
        let (incident, playbook) = (self.incident, &self.state.playbook);
        let rules = &playbook.zendesk;
        let iid = incident.issue_iid().map(|iid| iid.to_string()).unwrap_or_default();
        let post = incident.post.as_ref().and_then(|post| post.url.clone());
        let page = post.or_else(|| self.state.status_page.as_ref().map(|page| page.public_url.clone()));
        let found = incident.issue.as_ref().and_then(|issue| issue.found.channel.clone());
        let summary = self.published.last().map_or_else(|| incident.title(), |last| &last.text);
        let fields = Fields::default()
            .with(Field::Iid, iid)
            .with(Field::Title, incident.title())
            .with(Field::Link, incident.issue_url().unwrap_or_default())
            .with(Field::PageLink, page.unwrap_or_default())
            .with(Field::Severity, incident.severity().map_or("", crate::phase::Severity::label))
            .with(Field::Channel, incident.own.channel.clone().or(found).unwrap_or_default())
            .with(Field::Hours, self.hours().to_string())
            .with(Field::Summary, summary);
        let tag = fill(&rules.tag, &fields).unwrap_or_default();
        let fields = fields.with(Field::Tag, tag);
        let found_by = |search: &str| fields.clone().with(Field::Tickets, fill(search, &fields).unwrap_or_default());
        let search = places::tickets(self.state);
        let untagged = search.and_then(|link| fill_link(&link, &found_by(&rules.untagged))).unwrap_or_default();
        found_by(&rules.search).with(Field::UntaggedLink, untagged)
    }

    /// Hours that a search of tickets must reach back: the playbook's, or since the incident began (H54).
    fn hours(&self) -> i64 {
        let since = self.now - self.incident.since;
        let begun = since.num_hours() + i64::from(since > TimeDelta::hours(since.num_hours()));
        begun.max(self.state.playbook.zendesk.hours.into())
    }
}

/// Who took the pages, as PagerDuty shows it.
fn acknowledged(pages: &[&Page]) -> String {
    let by = match pages {
        [page] => page.seen.taken_by.as_ref().map(|by| format!(" by {}", by.name)),
        _ => None,
    };
    format!("PagerDuty shows {} acknowledged{}", them(pages), by.unwrap_or_default())
}

fn them(pages: &[&Page]) -> String {
    match pages {
        [page] => format!("page #{}", page.seen.number),
        _ => many(pages.len(), "page"),
    }
}

fn many(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

/// Incidents that are nothing but a post on the status page, which may be that of any other.
#[must_use]
pub fn unjoined(state: &State) -> BTreeSet<IncidentId> {
    let alone = |it: &Incident| it.open() && it.post.is_some() && it.issue.is_none() && it.pages.is_empty();
    state.incidents.iter().filter(|(_, it)| alone(it)).map(|(id, _)| *id).collect()
}

/// The pages of an incident: those that were joined to it. While it is the only one and has none, the pages that belong
/// to no other are its, unless they are many.
#[must_use]
pub fn pages_of(state: &State, id: IncidentId, incident: &Incident) -> Vec<PageId> {
    if !incident.pages.is_empty() {
        return incident.pages.iter().cloned().collect();
    }
    let open = |(other, it): (&IncidentId, &Incident)| *other != id && it.open();
    if !incident.open() || state.incidents.iter().any(open) {
        return vec![];
    }
    let free = |page: &&Page| {
        let page = &page.seen.id;
        let apart = incident.apart.contains(&Part::Page { id: page.clone() });
        !apart && !state.incidents.values().any(|it| it.pages.contains(page))
    };
    let during = |page: &&Page| page.open() || page.gone.as_ref().is_some_and(|(_, at)| *at >= incident.since);
    let mine = |page: &&Page| !page.requested;
    let loose = state.pages.values().filter(free).filter(during).filter(mine).take(LOOSE_PAGES_MAX + 1);
    let loose: Vec<PageId> = loose.map(|page| page.seen.id.clone()).collect();
    if loose.len() > LOOSE_PAGES_MAX { vec![] } else { loose }
}

/// The label that the issue lacks although something was published (H52).
#[must_use]
pub fn lacking_label<'a>(state: &'a State, incident: &Incident) -> Option<&'a str> {
    let label = state.playbook.tracker.page_label.as_str();
    let issue = incident.issue.as_ref()?;
    let lacks = !label.is_empty() && !issue.labels.iter().any(|it| it == label);
    (lacks && incident.public()).then_some(label)
}
