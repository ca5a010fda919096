//! Tracker and status page as they truly are.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{TimeDelta, Timelike as _};
use herald_core::basis::Look;
use herald_core::draft::{Publication, ReadBackPost};
use herald_core::errand::ErrandTask;
use herald_core::feed::{Found, IssueSeen, IssuesTold, PageTold, PostSeen, Update};
use herald_core::{Impact, Phase, Severity, Text, Time};

/// Incidents of a history.
pub const TROUBLES: u8 = 3;

/// What happens at tracker and status page, whatever Herald does.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum PublicMove {
    /// An issue is opened, or opened again.
    Declare(u8, Option<Severity>),
    /// Its severity is set.
    Rate(u8, Option<Severity>),
    /// It is closed.
    CloseIssue(u8),
    /// Its labels say that the incident is not active any more.
    Relabel(u8),
    /// It is made confidential, so that Herald does not see it; or it is not, after all.
    Hide(u8, bool),
    /// Somebody else posts an update.
    Post(u8, Phase),
    /// Somebody else says the same again.
    PostSame(u8),
    /// The public feed shows what is posted from now on only so many seconds later.
    Lag(i64),
    /// For so many seconds a cache answers with the feed as it was so many seconds before.
    Stale { for_s: i64, by_s: i64 },
}

/// An update on the page, and from when on the public feed shows it.
#[derive(Clone, Debug)]
struct Posted {
    update: Update,
    shown_at: Time,
    /// When the attempt that made it was asked for, by the clock of its Herald.
    of: Option<Time>,
}

/// Tracker and status page.
#[derive(Default)]
pub struct PublicWorld {
    issues: BTreeMap<u64, IssueSeen>,
    hidden: BTreeSet<u64>,
    posts: BTreeMap<String, (u8, Vec<Posted>)>,
    lag_s: i64,
    /// Until when a cache answers, and how old its copy is.
    stale: Option<(Time, TimeDelta)>,
    texts: u32,
}

impl PublicWorld {
    /// Makes something happen; what cannot happen now does not.
    pub fn happen(&mut self, it: PublicMove, now: Time) {
        let now = now.with_nanosecond(0).expect("a full second exists");
        match it {
            PublicMove::Declare(n, severity) => {
                let known = self.issues.get(&iid(n));
                if known.is_none_or(|issue| !issue.open || !issue.active) {
                    let created_at = known.map_or(now, |issue| issue.created_at);
                    self.issues.insert(iid(n), issue(n, severity, created_at, now));
                }
            }
            PublicMove::Rate(n, severity) => {
                if let Some(issue) = self.issues.get_mut(&iid(n)).filter(|issue| issue.open) {
                    (issue.severity, issue.updated_at) = (severity, now);
                }
            }
            PublicMove::CloseIssue(n) => {
                if let Some(issue) = self.issues.get_mut(&iid(n)) {
                    (issue.open, issue.updated_at) = (false, now);
                }
            }
            PublicMove::Relabel(n) => {
                if let Some(issue) = self.issues.get_mut(&iid(n)) {
                    (issue.active, issue.updated_at) = (false, now);
                }
            }
            PublicMove::Hide(n, true) => drop(self.hidden.insert(iid(n))),
            PublicMove::Hide(n, false) => drop(self.hidden.remove(&iid(n))),
            PublicMove::Post(n, phase) => {
                self.texts += 1;
                let text = format!("Somebody tells number {}. {}", self.texts, link(n));
                self.add(n, None, Update { at: now, phase: Some(phase), impact: None, text, mine: false }, None);
            }
            PublicMove::PostSame(n) => {
                let (phase, text) = (Phase::Identified, format!("Nothing new here either. {}", link(n)));
                self.add(n, None, Update { at: now, phase: Some(phase), impact: None, text, mine: false }, None);
            }
            PublicMove::Lag(seconds) => self.lag_s = seconds,
            PublicMove::Stale { for_s, by_s } => {
                self.stale = Some((now + TimeDelta::seconds(for_s), TimeDelta::seconds(by_s)));
            }
        }
    }

    /// I post this myself, on the website.
    pub fn post_by_hand(&mut self, n: u8, text: &Text, now: Time) {
        let at = now.with_nanosecond(0).expect("a full second exists");
        let update = Update { at, phase: Some(text.phase), impact: text.impact, text: text.body.clone(), mine: false };
        self.add(n, None, update, None);
    }

    /// Takes a publication in, as the write API does, and says under which id.
    pub fn publish(&mut self, publication: &Publication, now: Time) -> String {
        let at = now.with_nanosecond(0).expect("a full second exists");
        let text = &publication.text;
        let n = trouble_in(&text.body).expect("every text of a history links its issue");
        // The page squeezes spaces, as pages do.
        let body = text.body.split_whitespace().collect::<Vec<_>>().join(" ");
        let update = Update { at, phase: Some(text.phase), impact: text.impact, text: body, mine: false };
        self.add(n, Some(publication.post.clone()), update, Some(publication.asked_at))
    }

    /// The post of an incident as the write API tells it at once, or all that go on when a new one would be opened.
    pub fn look(&self, it: &Publication, now: Time) -> Look {
        let posts = self.posts.iter().map(|(id, (n, posted))| {
            let updates: Vec<Update> = posted.iter().map(|it| it.update.clone()).collect();
            let open = updates.last().is_some_and(|last| last.phase != Some(Phase::Resolved));
            PostSeen { id: id.clone(), title: title(*n), url: None, open, updates, components: vec![] }
        });
        let asked = |post: &PostSeen| it.post.as_ref().map_or(post.open, |id| *id == post.id);
        Look { read_at: now, posts: posts.filter(asked).collect() }
    }

    /// How often each update of others stands on a post, up to a moment.
    pub fn of_others(&self, post: &str, until: Time) -> BTreeMap<(&'static str, String), usize> {
        let mut counted = BTreeMap::new();
        let posted = self.posts.get(post).map(|(_, posted)| posted.as_slice()).unwrap_or_default();
        for it in posted.iter().filter(|it| it.of.is_none() && it.update.at <= until) {
            *counted.entry((it.update.phase.map_or("", Phase::key), it.update.text.clone())).or_default() += 1;
        }
        counted
    }

    /// Does an errand, as the write API does.
    pub fn run(&mut self, task: &ErrandTask, now: Time) {
        let ErrandTask::LabelIssue { iid, label, .. } = task else { unreachable!("only labels are asked for") };
        let issue = self.issues.get_mut(iid).expect("only issues that the tracker told of are labelled");
        if !issue.labels.contains(label) {
            issue.labels.push(label.clone());
            issue.updated_at = now.with_nanosecond(0).expect("a full second exists");
        }
    }

    /// Whether an errand is done.
    pub fn is_done(&self, task: &ErrandTask) -> bool {
        let ErrandTask::LabelIssue { iid, label, .. } = task else { unreachable!("only labels are asked for") };
        self.issues.get(iid).is_some_and(|issue| issue.labels.contains(label))
    }

    /// Whether a publication is on the page, as the write API tells at once.
    pub fn find(&self, it: &Publication) -> ReadBackPost {
        let is = |posted: &Posted| posted.of == Some(it.asked_at) && posted.update.text == it.text.body;
        let there = self.posts.iter().find(|(_, (_, updates))| updates.iter().any(is));
        there.map_or(ReadBackPost::Absent, |(post, _)| ReadBackPost::There { post: post.clone() })
    }

    /// When the page has an update of mine: one that was sent when it was asked for, or one that I posted there myself.
    pub fn time_of(&self, text: &Text, asked_at: Option<Time>) -> Option<Time> {
        let is = |posted: &&Posted| posted.of == asked_at && posted.update.text == text.body;
        self.posts.values().flat_map(|(_, updates)| updates).find(is).map(|posted| posted.update.at)
    }

    /// The issues of active incidents.
    pub fn active_issues(&self) -> Vec<IssueSeen> {
        let listed = |issue: &&IssueSeen| issue.open && issue.active && !self.hidden.contains(&issue.iid);
        self.issues.values().filter(listed).cloned().collect()
    }

    /// What the tracker tells who asks for active incidents, and then for each of these issues that was not among them.
    pub fn issues(&self, followed: &[u64]) -> IssuesTold {
        let mut told = IssuesTold { issues: self.active_issues(), hidden: BTreeSet::new() };
        let listed: BTreeSet<u64> = told.issues.iter().map(|issue| issue.iid).collect();
        for iid in followed.iter().filter(|iid| !listed.contains(iid)) {
            match self.issues.get(iid).filter(|_| !self.hidden.contains(iid)) {
                Some(issue) => told.issues.push(issue.clone()),
                None => drop(told.hidden.insert(*iid)),
            }
        }
        told
    }

    /// What the public feed shows.
    pub fn feed(&self, now: Time) -> PageTold {
        let as_of = self.stale.filter(|(until, _)| now < *until).map_or(now, |(_, by)| now - by);
        let shown = |updates: &[Posted]| {
            updates.iter().filter(|it| it.shown_at <= as_of).map(|it| it.update.clone()).collect::<Vec<_>>()
        };
        let posts = self.posts.iter().filter_map(|(id, (n, updates))| {
            let updates = shown(updates);
            let open = updates.last()?.phase != Some(Phase::Resolved);
            let url = Some(format!("https://status.example/{id}"));
            Some(PostSeen { id: id.clone(), title: title(*n), url, open, updates, components: vec![] })
        });
        // One half of the pages keep what is resolved in their feed, the other half do not.
        let listed = |post: &PostSeen| post.open || trouble_in(&post.updates[0].text).is_some_and(|n| n % 2 == 0);
        PageTold { posts: posts.filter(listed).collect(), ..PageTold::default() }
    }

    /// When everything is shown.
    pub fn all_shown_at(&self) -> Option<Time> {
        let shown = self.posts.values().flat_map(|(_, updates)| updates).map(|it| it.shown_at);
        shown.chain(self.stale.map(|(until, _)| until)).max()
    }

    /// Adds an update to a post: to that one, to the newest open one of the incident, or to a new one.
    fn add(&mut self, n: u8, to: Option<Option<String>>, update: Update, of: Option<Time>) -> String {
        let open = |updates: &[Posted]| updates.last().is_some_and(|it| it.update.phase != Some(Phase::Resolved));
        let newest =
            || self.posts.iter().rfind(|(_, (of, updates))| *of == n && open(updates)).map(|(id, _)| id.clone());
        let id = to.unwrap_or_else(newest).unwrap_or_else(|| format!("post-{n}-{}", self.posts.len()));
        let (_, updates) = self.posts.entry(id.clone()).or_insert((n, vec![]));
        // The page orders updates by the second.
        let at = updates.last().map_or(update.at, |last| update.at.max(last.update.at + TimeDelta::seconds(1)));
        let before = updates.last().map_or(at, |last| last.shown_at);
        let shown_at = (at + TimeDelta::seconds(self.lag_s)).max(before);
        updates.push(Posted { update: Update { at, ..update }, shown_at, of });
        id
    }
}

/// The number of an incident's issue.
pub fn iid(n: u8) -> u64 {
    100 + u64::from(n)
}

/// The link of an incident's issue.
pub fn link(n: u8) -> String {
    format!("https://tracker.example/ops/-/issues/{}", iid(n))
}

/// The title of an incident.
pub fn title(n: u8) -> String {
    format!("Trouble {n}")
}

/// The incident that a text links.
pub fn trouble_in(text: &str) -> Option<u8> {
    (0..TROUBLES).find(|n| text.contains(&link(*n)))
}

fn issue(n: u8, severity: Option<Severity>, created_at: Time, updated_at: Time) -> IssueSeen {
    IssueSeen {
        iid: iid(n),
        url: link(n),
        title: title(n),
        severity,
        open: true,
        active: true,
        says: None,
        labels: vec![],
        confidential: false,
        found: Found::default(),
        created_at,
        updated_at,
    }
}

/// The status that goes with a phase.
pub fn impact(phase: Phase) -> Impact {
    if phase == Phase::Resolved { Impact::Operational } else { Impact::Degraded }
}
