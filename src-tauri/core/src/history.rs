//! The past: incidents, updates and pages, as they are searched and opened again (H44).

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::Time;
use crate::incident::{Event, Incident, IncidentId};
use crate::page::{Gone, Page, PageId};
use crate::phase::{Phase, Severity};
use crate::stage::TickSays;

/// What is looked for. Everything that is set narrows the search.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(default)]
pub struct HistoryQuery {
    /// Words that must all be there; the last one may be unfinished. Empty for everything.
    pub words: String,
    /// Only this kind.
    pub kind: Option<PastKind>,
    /// Only what happened then or later.
    pub from: Option<Time>,
    /// Only what happened before.
    pub to: Option<Time>,
    /// Only incidents of this severity, and their updates.
    pub severity: Option<Severity>,
    /// Only this phase: of an update, and of an incident the last one.
    pub phase: Option<Phase>,
    /// Only what was mine.
    pub mine: bool,
    /// The best match first rather than the newest; means something only with words.
    pub best_first: bool,
    /// How many to pass over, for the next page of results.
    pub offset: u32,
}

/// What a search found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct HistoryFound {
    /// In the order that was asked for.
    pub rows: Vec<PastRow>,
    /// Whether there are more after these.
    pub more: bool,
}

/// Kinds of past things.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum PastKind {
    /// A production incident.
    Incident,
    /// One published update.
    Update,
    /// One trigger of a page that has left.
    Page,
}

impl PastKind {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Incident, Self::Update, Self::Page];

    /// Its name in the database.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Incident => "incident",
            Self::Update => "update",
            Self::Page => "page",
        }
    }
}

/// One past thing in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PastRow {
    /// What it is.
    pub kind: PastKind,
    /// The incident that it is, or is about.
    #[ts(type = "number | null")]
    pub incident: Option<IncidentId>,
    /// PagerDuty's id, of a page.
    pub page: Option<PageId>,
    /// When it began, was published or was triggered.
    pub at: Time,
    /// The incident's severity.
    pub severity: Option<Severity>,
    /// The phase: of an update, and of an incident the last one.
    pub phase: Option<Phase>,
    /// The title.
    pub title: String,
    /// An update's text; otherwise what else is known, in a line.
    pub text: String,
    /// Whether it was mine: an update from here, an incident with one, a page that was not only watched.
    pub mine: bool,
}

/// A past incident, opened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PastIncident {
    /// Which.
    #[ts(type = "number")]
    pub id: IncidentId,
    /// Its title.
    pub title: String,
    /// Its severity, as it was known last.
    pub severity: Option<Severity>,
    /// The phase that the public was told last.
    pub phase: Option<Phase>,
    /// Since when.
    pub since: Time,
    /// When it was over.
    pub ended_at: Option<Time>,
    /// Link of its issue.
    pub issue_url: Option<String>,
    /// Link of its post on the status page.
    pub post_url: Option<String>,
    /// The incident manager.
    pub im: Option<String>,
    /// The engineer on call.
    pub eoc: Option<String>,
    /// The Slack channel.
    pub channel: Option<String>,
    /// Everything that happened, oldest first.
    pub line: Vec<Moment>,
}

/// One point of a past incident's timeline.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Moment {
    /// When.
    pub at: Time,
    /// What it was.
    #[serde(flatten)]
    #[ts(flatten)]
    pub what: Happened,
}

/// What can stand in a timeline.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Happened {
    /// Noted by Herald or by the user.
    Noted {
        /// The note.
        event: Event,
    },
    /// The public was told.
    Told {
        /// The phase it put the incident into; absent where nobody could tell.
        phase: Option<Phase>,
        /// What customers read.
        text: String,
        /// Whether it was published from here.
        mine: bool,
        /// When it was due, if it was.
        due_at: Option<Time>,
    },
    /// It paged.
    Paged {
        /// Which page.
        page: PageId,
        /// Its title.
        title: String,
        /// When it was acknowledged.
        answered_at: Option<Time>,
    },
    /// A task of a stage was ticked off.
    Ticked {
        /// The task, as the playbook calls it.
        task: String,
        /// Whether it was set aside rather than done.
        skipped: bool,
    },
}

/// A past page, opened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PastPage {
    /// PagerDuty's id.
    pub id: PageId,
    /// The number people say aloud.
    pub number: u32,
    /// The title.
    pub title: String,
    /// Link to PagerDuty.
    pub url: Option<String>,
    /// The service that raised it.
    pub service: Option<String>,
    /// When it was triggered.
    pub triggered_at: Time,
    /// When it was acknowledged.
    pub answered_at: Option<Time>,
    /// Who acknowledged it, as far as PagerDuty still said.
    pub taken_by: Option<String>,
    /// Why and when it left.
    pub gone: Option<(Gone, Time)>,
    /// Whether I only watched it.
    pub shadowed: bool,
    /// Incidents that it called for, by number and title.
    #[ts(type = "[number, string][]")]
    pub incidents: Vec<(IncidentId, String)>,
}

impl PastIncident {
    /// An incident with its whole timeline, from what was kept of it and its pages.
    #[must_use]
    pub fn new(id: IncidentId, kept: &Incident, pages: &[Page]) -> Self {
        let found = kept.issue.as_ref().map(|issue| issue.found.clone()).unwrap_or_default();
        let noted =
            kept.log.iter().map(|event| Moment { at: event.at, what: Happened::Noted { event: event.clone() } });
        let told = kept.published().into_iter().map(|it| {
            let due_at = kept.kept.iter().find(|kept| kept.update_at == it.at).map(|kept| kept.due_at);
            let what = Happened::Told { phase: it.phase, text: it.text, mine: it.mine, due_at };
            Moment { at: it.at, what }
        });
        let paged = pages.iter().map(|it| {
            let (page, title, answered_at) = (it.seen.id.clone(), it.seen.title.clone(), it.answered_at);
            Moment { at: it.seen.triggered_at, what: Happened::Paged { page, title, answered_at } }
        });
        let ticked = kept.ticks.iter().filter(|(_, tick)| tick.closes()).map(|(task, tick)| {
            let (task, skipped) = (task.clone(), tick.says != TickSays::Done);
            Moment { at: tick.at, what: Happened::Ticked { task, skipped } }
        });
        let mut line: Vec<Moment> = noted.chain(told).chain(paged).chain(ticked).collect();
        line.sort_by_key(|moment| moment.at);
        Self {
            id,
            title: kept.title().into(),
            severity: kept.severity(),
            phase: kept.phase(),
            since: kept.since,
            ended_at: kept.ended_at,
            issue_url: kept.issue_url().map(Into::into),
            post_url: kept.post.as_ref().and_then(|post| post.url.clone()),
            im: kept.own.im.clone().or(found.im),
            eoc: kept.own.eoc.clone().or(found.eoc),
            channel: kept.own.channel.clone().or(found.channel),
            line,
        }
    }
}

impl PastPage {
    /// A page as it was kept, and the incidents that it called for.
    #[must_use]
    pub fn new(kept: &Page, incidents: Vec<(IncidentId, String)>) -> Self {
        let seen = &kept.seen;
        Self {
            id: seen.id.clone(),
            number: seen.number,
            title: seen.title.clone(),
            url: seen.url.clone(),
            service: seen.service.as_ref().map(|it| it.name.clone()),
            triggered_at: seen.triggered_at,
            answered_at: kept.answered_at,
            taken_by: seen.taken_by.as_ref().map(|it| it.name.clone()),
            gone: kept.gone.clone(),
            shadowed: kept.shadowed,
            incidents,
        }
    }
}
