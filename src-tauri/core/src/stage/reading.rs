//! Reads from the state where an incident stands in its stages: the current one, each task, and what Herald saw done.

use std::borrow::Cow;
use std::collections::BTreeMap;

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{Doing, Field, Fields, Stage, StageRules, TaskRules, Tick, TickSays, When, fill, fill_link, task};
use crate::Time;
use crate::cadence::{self, MonitoringClock};
use crate::calling;
use crate::feed::{IssueState, Update};
use crate::incident::{By, Incident, IncidentId, IssueStanding, Part};
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
#[ts(export)]
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

/// One incident, read once for all its tasks.
pub struct Reading<'a> {
    state: &'a State,
    id: IncidentId,
    incident: &'a Incident,
    now: Time,
    published: Vec<Update>,
    /// When it began anew: what was ticked in Monitor and Resolve before no longer counts (H55).
    round: Option<Time>,
    monitoring: Option<MonitoringClock>,
    pages: Vec<PageId>,
}

impl<'a> Reading<'a> {
    /// Reads an incident of the state.
    #[must_use]
    pub fn new(state: &'a State, id: IncidentId, incident: &'a Incident, now: Time) -> Self {
        let published = incident.published();
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

    fn tasks(&self) -> impl Iterator<Item = (Stage, &'a TaskRules)> {
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
    fn waits_for(&self, stage: Stage, waiting: &TaskRules) -> Vec<&'a TaskRules> {
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
                TickSays::Done | TickSays::Open => Mark::Done { at: tick.at, by: tick.by },
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

    /// What Herald saw done that nobody has ticked: each task and when it was done.
    #[must_use]
    pub fn seen(&self) -> Vec<(String, Time)> {
        let unsaid = self.tasks().filter(|(stage, task)| self.tick(*stage, task).is_none());
        let seen = unsaid.filter_map(|(stage, task)| Some((task, stage, self.seen_at(stage, task.does?)?)));
        let fresh =
            seen.filter(|(_, stage, at)| *stage < Stage::Monitor || self.round.is_none_or(|began| *at >= began));
        fresh.map(|(task, _, at)| (task.id.clone(), at.min(self.now))).collect()
    }

    /// What Herald ticked too early: the watch, when the fix is to be watched for longer after all (H36).
    #[must_use]
    pub fn too_early(&self) -> Vec<String> {
        let goes_on = self.monitoring.as_ref().is_some_and(|clock| clock.ends_at > self.now);
        let by_herald = |tick: &Tick| tick.by == By::Herald && tick.says == TickSays::Done;
        let watches = self.tasks().filter(|(_, task)| goes_on && task.does == Some(Doing::Watch));
        let ticked = watches.filter(|(stage, task)| self.tick(*stage, task).is_some_and(by_herald));
        ticked.map(|(_, task)| task.id.clone()).collect()
    }

    /// When Herald saw something done; absent when it did not, or could not.
    fn seen_at(&self, stage: Stage, does: Doing) -> Option<Time> {
        let incident = self.incident;
        match does {
            Doing::Acknowledge => self.all_pages(|page| page.seen.status != PageStatus::Triggered),
            Doing::ClosePage => self.all_pages(|page| {
                page.seen.status == PageStatus::Closed
                    || matches!(page.gone, Some((Gone::Closed | Gone::Merged { .. }, _)))
            }),
            Doing::Decide => incident.decided_at.or(incident.declined_at),
            Doing::NoteUpdates => {
                let read_at = self.state.session.watch[SourceName::StatusPage].last_good_at;
                read_at.filter(|at| self.state.status_page.is_some() && *at >= incident.since)
            }
            Doing::CreatePost => self.published.first().map(|update| update.at),
            Doing::PublishUpdate => self.told(stage).map(|update| update.at),
            Doing::VerifyLive => self.live(stage),
            Doing::ConfirmSeverity => incident.own.severity.map(|_| self.now),
            Doing::LabelIssue => {
                let label = &self.state.playbook.tracker.page_label;
                incident.issue.as_ref().filter(|issue| issue.labels.contains(label)).map(|_| self.now)
            }
            Doing::AskPeriod => incident.own.monitoring_min.map(|_| self.now),
            Doing::Watch => self.monitoring.as_ref().map(|clock| clock.ends_at).filter(|at| *at <= self.now),
            Doing::ConfirmResolved => {
                let closed = incident.issue_standing() == Some(IssueStanding::Closed);
                (closed || incident.state() == Some(IssueState::Resolved)).then_some(self.now)
            }
            Doing::JoinCall
            | Doing::OpenChannel
            | Doing::NotifyStakeholders
            | Doing::ZendeskTag
            | Doing::ZendeskSearch
            | Doing::PostMortem => None,
        }
    }

    /// The update that a stage asks for: in Manage the one that ends it.
    fn told(&self, stage: Stage) -> Option<&Update> {
        let counts = |update: &&Update| stage < Stage::Monitor || self.round.is_none_or(|began| update.at >= began);
        let least = match stage {
            Stage::Engage => Phase::Investigating,
            Stage::Manage | Stage::Monitor => Phase::Monitoring,
            Stage::Resolve => Phase::Resolved,
        };
        self.published.iter().filter(counts).find(|update| update.phase.unwrap_or(Phase::Investigating) >= least)
    }

    /// When that update was on the public page. Pages drop what is resolved: not being listed any more confirms it.
    fn live(&self, stage: Stage) -> Option<Time> {
        let told = self.told(stage)?;
        let post = self.incident.post.as_ref()?;
        let waits = self.state.publications.values().any(|it| it.incident == self.id);
        let listed = post.updates.iter().any(|seen| seen.at == told.at && crate::incident::same_update(seen, told));
        (!waits && (listed || (stage == Stage::Resolve && !post.open))).then_some(self.now)
    }

    fn all_pages(&self, done: impl Fn(&Page) -> bool) -> Option<Time> {
        let pages: Option<Vec<&Page>> = self.pages.iter().map(|id| self.state.pages.get(id)).collect();
        // What others have, and I am only asked to help with, is not mine to take or close.
        let mine = pages.map(|pages| pages.into_iter().filter(|page| !page.requested).collect::<Vec<_>>());
        let pages = mine.filter(|pages| !pages.is_empty() && pages.iter().all(|page| done(page)))?;
        let at = |page: &&Page| page.gone.as_ref().map(|(_, at)| *at).or(page.seen.taken_at).unwrap_or(self.now);
        pages.iter().map(at).max()
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
        let summary = self.published.last().map_or_else(|| incident.title().into(), |last| Cow::from(&last.text));
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

/// What the incident of a page still lacks before the page is to be closed, in the words of the tasks (H23).
#[must_use]
pub fn lacks_before_closing(state: &State, page: &PageId, now: Time) -> Vec<String> {
    let of = |(id, incident): (&IncidentId, &Incident)| pages_of(state, *id, incident).contains(page).then_some(*id);
    let Some(id) = state.incidents.iter().filter(|(_, it)| it.open()).find_map(of) else {
        // Which tasks those are, nobody knows before it is known for which incident it calls.
        let asks = state.session.asked.contains_key(page);
        return if asks { vec!["Say which incident this page is for".to_owned()] } else { vec![] };
    };
    let reading = Reading::new(state, id, &state.incidents[&id], now);
    let closing = reading.tasks().find(|(_, task)| task.does == Some(Doing::ClosePage));
    let waits = closing.map(|(stage, task)| reading.waits_for(stage, task)).unwrap_or_default();
    waits.into_iter().map(|it| it.text.clone()).collect()
}

/// The label that the issue lacks although something was published (H52).
#[must_use]
pub fn lacking_label<'a>(state: &'a State, incident: &Incident) -> Option<&'a str> {
    let label = state.playbook.tracker.page_label.as_str();
    let issue = incident.issue.as_ref()?;
    let lacks = !label.is_empty() && !issue.labels.iter().any(|it| it == label);
    (lacks && !incident.published().is_empty()).then_some(label)
}
