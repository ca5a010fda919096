//! Requests on their way: each goes out, is answered and comes back, and can fail at every step.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use herald_core::basis::Look;
use herald_core::draft::{Publication, PublicationId, ReadBackPost};
use herald_core::errand::{ErrandId, ErrandTask};
use herald_core::feed::{IssuesTold, PageTold};
use herald_core::{
    Fault, FaultKind, IncidentId, JobId, OnCallEntry, Page, PageId, SeenPage, Snapshot, SourceName, Task, Time,
};

use crate::tickets::UNTAGGED;
use crate::world::{Seq, World};

/// What becomes of the next step of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It arrives.
    Fine,
    /// It arrives; the answer asks for a pause of so many seconds, as the budget is nearly used up.
    Tight(i64),
    /// It arrives; one item of the answer cannot be read.
    OneGarbled,
    /// It arrives; the list says that there is more, and nothing of it comes.
    Endless,
    /// No connection comes about.
    Unreachable,
    /// The request is lost on its way.
    LostRequest,
    /// The answer is lost on its way.
    LostAnswer,
    /// The answer is the log-in page of a hotel.
    Portal,
    /// 5xx before anything was done.
    TroubleBefore,
    /// 5xx after it was done, asking for a pause of so many seconds.
    TroubleAfter(i64),
    /// 401.
    Unauthorized,
    /// 403.
    Forbidden,
    /// 404.
    NotFound,
    /// 429, asking for a pause of so many seconds.
    Limited(i64),
    /// 400.
    Rejected,
}

impl Fate {
    /// Whether PagerDuty does what is asked.
    pub fn arrives(self) -> bool {
        match self {
            Self::Fine
            | Self::Tight(_)
            | Self::OneGarbled
            | Self::Endless
            | Self::LostAnswer
            | Self::Portal
            | Self::TroubleAfter(_) => true,
            Self::Unreachable
            | Self::LostRequest
            | Self::TroubleBefore
            | Self::Unauthorized
            | Self::Forbidden
            | Self::NotFound
            | Self::Limited(_)
            | Self::Rejected => false,
        }
    }

    /// What Herald sees of it, unless the answer is a good one.
    pub fn fault(self, now: Time) -> Option<Fault> {
        let (kind, pause_s) = match self {
            Self::Fine | Self::Tight(_) | Self::OneGarbled | Self::Endless => return None,
            Self::Unreachable => (FaultKind::Unreachable, None),
            Self::LostRequest | Self::LostAnswer => (FaultKind::Timeout, None),
            Self::Portal => (FaultKind::NotTheService, None),
            Self::TroubleBefore => (FaultKind::Server, None),
            Self::TroubleAfter(s) => (FaultKind::Server, Some(s)),
            Self::Unauthorized => (FaultKind::Unauthorized, None),
            Self::Forbidden => (FaultKind::Forbidden, None),
            Self::NotFound => (FaultKind::NotFound, None),
            Self::Limited(s) => (FaultKind::RateLimited, Some(s)),
            Self::Rejected => (FaultKind::Rejected, None),
        };
        let retry_at = pause_s.map(|s| now + TimeDelta::seconds(s));
        Some(Fault { retry_at, ..Fault::new(kind, format!("{self:?}")) })
    }
}

/// As the engine's HTTP client sorts failures of a write: whether it may have happened all the same.
pub fn may_have_arrived(fault: &Fault) -> bool {
    match fault.kind {
        FaultKind::Server | FaultKind::Timeout | FaultKind::Broken | FaultKind::NotTheService | FaultKind::TooLarge => {
            true
        }
        FaultKind::Unauthorized
        | FaultKind::Forbidden
        | FaultKind::NotFound
        | FaultKind::PageNotShown
        | FaultKind::RateLimited
        | FaultKind::Rejected
        | FaultKind::Unreachable
        | FaultKind::Tls
        | FaultKind::NoToken => false,
    }
}

/// The name of an action that is under way; there is never a second of the same.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Flight {
    /// A source is asked.
    Poll(SourceName),
    /// My on-call times are asked for.
    OnCall,
    /// One page is asked for.
    Look(PageId),
    /// What its alerts say is asked for.
    Words(PageId),
    /// A job is carried out, or read back.
    Job(JobId),
    /// An update is published, or read back.
    Publish(PublicationId),
    /// An errand is carried out, or read back.
    Errand(ErrandId),
    /// The tickets of an incident are counted.
    Tickets(IncidentId),
}

/// What is asked for.
#[derive(Clone, Debug)]
pub enum Errand {
    /// My pages, list page by list page.
    Poll(Listing),
    /// My on-call times.
    OnCall,
    /// The issues of active incidents, and those of these that are not among them.
    Issues(Vec<u64>),
    /// The public feed.
    Posts,
    /// An update is published: the page is read first, and then perhaps written to.
    Publish {
        /// Which attempt.
        id: PublicationId,
        /// What goes out.
        it: Box<Publication>,
        /// The page was read, and is as the user saw it.
        looked: bool,
    },
    /// Whether it is on the status page.
    FindUpdate(PublicationId, Box<Publication>),
    /// A durable write beside pages and updates.
    Write(ErrandId, ErrandTask),
    /// Whether it is done.
    FindWrite(ErrandId, ErrandTask),
    /// How many tickets of an incident nobody has tagged.
    CountTickets(IncidentId),
    /// What the alerts of a page say.
    Words(PageId),
    /// One page.
    Look(PageId),
    /// The page of an unsure job.
    ReadBack(JobId, Task),
    /// A job: the page is read first, and then perhaps written to.
    Run {
        /// Which job.
        job: JobId,
        /// What it is to do.
        task: Task,
        /// The page as the user saw it.
        known: Box<Page>,
        /// How the world was when the page was read, once it was.
        read: Option<Seq>,
    },
}

impl Errand {
    /// Whether it goes to another service than PagerDuty.
    pub fn goes_elsewhere(&self) -> bool {
        match self {
            Self::Issues(_)
            | Self::Posts
            | Self::Publish { .. }
            | Self::FindUpdate(..)
            | Self::Write(..)
            | Self::FindWrite(..)
            | Self::CountTickets(_) => true,
            Self::Poll(_) | Self::OnCall | Self::Words(_) | Self::Look(_) | Self::ReadBack(..) | Self::Run { .. } => {
                false
            }
        }
    }
}

/// A list in the reading.
#[derive(Clone, Debug)]
pub struct Listing {
    /// What was read so far.
    pub snapshot: Snapshot,
    /// As of when each page of it was told.
    pub told: Vec<(PageId, Seq)>,
    /// How the world was when the reading began.
    pub began: Seq,
    known: BTreeSet<PageId>,
    list_pages: usize,
}

impl Listing {
    /// A list that was not begun.
    pub fn new(asked_at: Time, began: Seq) -> Self {
        let snapshot = Snapshot::of(asked_at, vec![]);
        Self { snapshot, told: vec![], began, known: BTreeSet::new(), list_pages: 0 }
    }

    /// Takes in one page of the list as `Reader::read_list` does; says whether the list is at its end, or contradicts
    /// itself.
    pub fn take(
        &mut self,
        pages: Vec<(SeenPage, Seq)>,
        more: bool,
        garbled: bool,
        pause_until: Option<Time>,
    ) -> Result<bool, Fault> {
        self.snapshot.pause_until = pause_until.or(self.snapshot.pause_until);
        let (before, mut moved) = (self.known.clone(), false);
        for (i, (seen, seq)) in pages.into_iter().enumerate() {
            if garbled && i == 0 {
                self.snapshot.skipped += 1;
                continue;
            }
            moved |= before.contains(&seen.id);
            self.known.insert(seen.id.clone());
            self.told.push((seen.id.clone(), seq));
            self.snapshot.pages.push(seen);
        }
        self.list_pages += 1;
        if moved || more && self.known.len() == before.len() {
            return Err(Fault::new(FaultKind::Broken, "the list contradicts itself"));
        }
        self.snapshot.complete &= self.snapshot.skipped == 0;
        self.snapshot.requests_complete = self.snapshot.complete;
        Ok(!more)
    }

    /// What was read before it failed.
    pub fn cut(&mut self, fault: Fault) -> Result<Snapshot, Fault> {
        if self.snapshot.pages.is_empty() {
            return Err(fault);
        }
        let part = Snapshot { complete: false, requests_complete: false, fault: Some(fault), ..self.snapshot.clone() };
        Ok(part)
    }

    fn offset(&self, world: &World) -> usize {
        self.list_pages * world.list_limit
    }
}

/// What PagerDuty answers.
#[derive(Clone, Debug)]
pub enum Reply {
    /// One page of my list.
    List { pages: Vec<(SeenPage, Seq)>, more: bool },
    /// One page, as of then.
    Page(Box<SeenPage>, Seq),
    /// My on-call times.
    OnCalls(Vec<OnCallEntry>),
    /// Issues.
    Issues(IssuesTold),
    /// The public feed.
    Posts(PageTold),
    /// The page as it is, before an update goes out.
    Looked(Look),
    /// An update was accepted, under this id of its incident.
    Accepted(String),
    /// Whether an update is there.
    Found(ReadBackPost),
    /// Whether an errand is done.
    Done(bool),
    /// So many tickets.
    Tickets(u64),
    /// What alerts say: nothing of incidents.
    Words,
}

/// Where a request is.
#[derive(Clone, Debug)]
pub enum Leg {
    /// On its way to PagerDuty.
    Going,
    /// The answer, composed just so, is on its way back.
    Coming(Box<Reply>, Fate),
}

/// A request in the air.
#[derive(Clone, Debug)]
pub struct Air {
    /// Its name.
    pub flight: Flight,
    /// What it is for.
    pub errand: Errand,
    /// When Herald sent it, by Herald's clock.
    pub asked_at: Time,
    /// When it truly was sent.
    pub left_at: Time,
    /// When the present exchange truly began, for its deadline.
    pub leg_since: Time,
    /// Where it is.
    pub leg: Leg,
}

impl Air {
    /// What PagerDuty answers to a request that reads; nothing for one page that does not exist.
    pub fn read(&self, world: &World) -> Option<Reply> {
        match &self.errand {
            Errand::Poll(listing) => {
                let page = world.list(listing.offset(world));
                Some(Reply::List { pages: page.pages, more: page.more })
            }
            Errand::Issues(followed) => Some(Reply::Issues(world.public.issues(followed))),
            Errand::Posts => Some(Reply::Posts(world.public.feed(world.now))),
            Errand::FindUpdate(_, it) => Some(Reply::Found(world.public.find(it))),
            Errand::FindWrite(_, task) => Some(Reply::Done(world.public.is_done(task))),
            Errand::CountTickets(_) => Some(Reply::Tickets(UNTAGGED)),
            Errand::Publish { it, looked: false, .. } => Some(Reply::Looked(world.public.look(it, world.now))),
            Errand::Publish { .. } | Errand::Write(..) => unreachable!("it writes"),
            Errand::OnCall => Some(Reply::OnCalls(world.oncalls())),
            // Alerts here say nothing of incidents: what they may say is tried in tables and journeys.
            Errand::Words(id) => world.read(id).map(|_| Reply::Words),
            Errand::Look(id) => world.read(id).map(|(seen, seq)| Reply::Page(Box::new(seen), seq)),
            Errand::ReadBack(_, task) | Errand::Run { task, .. } => {
                world.read(task.page().0).map(|(seen, seq)| Reply::Page(Box::new(seen), seq))
            }
        }
    }
}
