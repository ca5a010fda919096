//! PagerDuty as it truly is: what the simulated Herald is measured against.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Timelike as _};
use herald_core::page::{Asked, AskedState, Named, Told};
use herald_core::{OnCallEntry, PageId, PageStatus, SeenPage, Time};

use crate::page_world::{PublicMove, PublicWorld};

/// The user whose Herald is simulated.
/// As in the core: how long a page is being opened.
const OPENING: TimeDelta = TimeDelta::seconds(2);
pub const ME: &str = "ME";
/// The one escalation policy.
pub const POLICY: &str = "POLICY";
/// The schedule of those who answer.
pub const PRIMARY: &str = "PRIMARY";
/// The schedule of those who only watch.
pub const SHADOW: &str = "SHADOW";
/// Pages on one page of a list: few, so that lists have several.
const LIST_LIMIT: usize = 2;

/// Counts everything that happens in the world, so that answers can be put in order.
pub type Seq = u64;

/// What the world does, whatever Herald does.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum WorldMove {
    /// A page calls: for the first time, after its acknowledgement expired, or opened again.
    Trigger(u8),
    /// A colleague takes a page.
    Take(u8),
    /// I take it on my phone.
    TakeByPhone(u8),
    /// Somebody closes it.
    Close(u8),
    /// It goes to somebody else.
    MoveAway(u8),
    /// It comes back to me.
    MoveBack(u8),
    /// Somebody writes a note on it.
    Touch(u8),
    /// I am asked to help with a page, or asked anew.
    Ask(u8),
    /// I answer that on my phone.
    AnswerAsk(u8),
    /// My on-call times change.
    Duty(Duty),
    /// Something happens at tracker or status page.
    Public(PublicMove),
}

/// My on-call times.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Duty {
    /// I answer.
    Primary,
    /// I watch.
    Shadow,
    /// Both.
    Both,
    /// Neither.
    Nothing,
}

/// A page as it is from one change to the next.
#[derive(Clone, Debug, PartialEq)]
pub struct Moment {
    /// Its place in the order of everything.
    pub seq: Seq,
    /// Where the page stands.
    pub status: PageStatus,
    /// When it was triggered last.
    pub triggered_at: Time,
    /// When it was assigned to me, while it is.
    pub mine: Option<Time>,
    asked: Option<Asked>,
    created_at: Time,
    changed_at: Time,
    taken_by: Option<&'static str>,
    direct: bool,
}

impl Moment {
    /// Whether the page wants me.
    pub fn calls(&self) -> bool {
        self.status == PageStatus::Triggered && self.mine.is_some() || self.asks()
    }

    /// Whether I am asked to help, and have not answered; who takes it has.
    fn asks(&self) -> bool {
        let waits = self.asked.as_ref().is_some_and(|asked| asked.state == AskedState::Pending);
        waits && self.status != PageStatus::Closed && self.taken_by != Some(ME)
    }

    /// What makes this time of calling another than those before: its trigger, or when I was asked, where that is
    /// what calls.
    pub fn occurrence(&self) -> Time {
        let mine = self.mine.is_some() && self.status == PageStatus::Triggered;
        let asked = self.asked.as_ref().filter(|_| !mine && self.asks());
        asked.map_or(self.triggered_at, |asked| asked.at)
    }

    /// What PagerDuty shows of it as the order of its changes: only full seconds.
    pub fn version(&self) -> Time {
        self.changed_at
    }

    /// Whether PagerDuty would describe both alike.
    pub fn same(&self, other: &Self) -> bool {
        Self { seq: 0, ..self.clone() } == Self { seq: 0, ..other.clone() }
    }
}

/// What a write does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Write {
    /// `status: acknowledged`; opens a closed page again.
    Acknowledge,
    /// `status: resolved`.
    Close,
}

/// One page of the list of my open pages.
#[derive(Clone, Debug)]
pub struct ListPage {
    /// The pages on it.
    pub pages: Vec<(SeenPage, Seq)>,
    /// Whether there are more.
    pub more: bool,
}

/// PagerDuty.
pub struct World {
    /// The true time.
    pub now: Time,
    /// How much has happened.
    pub seq: Seq,
    /// How many pages a list shows at once.
    pub list_limit: usize,
    /// Tracker and status page.
    pub public: PublicWorld,
    duty: Duty,
    pages: BTreeMap<PageId, Vec<Moment>>,
}

impl World {
    pub fn new() -> Self {
        let now = DateTime::from_timestamp(1_800_000_000, 0).expect("in range");
        Self {
            now,
            seq: 0,
            list_limit: LIST_LIMIT,
            public: PublicWorld::default(),
            duty: Duty::Primary,
            pages: BTreeMap::new(),
        }
    }

    /// All pages that ever were, as they are now.
    pub fn pages(&self) -> impl Iterator<Item = (&PageId, &Moment)> {
        self.pages.iter().filter_map(|(id, moments)| Some((id, moments.last()?)))
    }

    /// The page as it is now.
    pub fn page(&self, id: &PageId) -> Option<&Moment> {
        self.pages.get(id)?.last()
    }

    /// The page as it was when `seq` things had happened.
    pub fn page_at(&self, id: &PageId, seq: Seq) -> Option<&Moment> {
        self.pages.get(id)?.iter().rfind(|moment| moment.seq <= seq)
    }

    /// Whether the page ever called with this trigger.
    pub fn ever_called(&self, id: &PageId, triggered_at: Time) -> bool {
        let called = |moment: &Moment| moment.calls() && moment.occurrence() == triggered_at;
        self.pages.get(id).is_some_and(|moments| moments.iter().any(called))
    }

    /// How often the page began to call with this trigger: more than once when it left me and came back.
    pub fn calls_of(&self, id: &PageId, triggered_at: Time) -> usize {
        let calls = |moment: &Moment| moment.calls() && moment.occurrence() == triggered_at;
        let moments = self.pages.get(id).map_or(&[][..], Vec::as_slice);
        (0..moments.len()).filter(|&i| calls(&moments[i]) && (i == 0 || !calls(&moments[i - 1]))).count()
    }

    /// Makes something happen; what cannot happen now does not.
    pub fn happen(&mut self, it: WorldMove) {
        match it {
            WorldMove::Trigger(n) => self.trigger_page(&id(n), n % 5 == 4),
            WorldMove::Take(n) => self.take(n, "COLLEAGUE"),
            WorldMove::TakeByPhone(n) => self.take(n, ME),
            WorldMove::Close(n) => self.close(&id(n)),
            WorldMove::MoveAway(n) => self.change(&id(n), |page| page.mine = None),
            WorldMove::MoveBack(n) => {
                let now = self.second();
                self.change(&id(n), |page| {
                    page.mine = page.mine.or((page.status != PageStatus::Closed).then_some(now));
                });
            }
            WorldMove::Touch(n) => {
                let now = self.second();
                self.change(&id(n), |page| page.changed_at = now);
            }
            WorldMove::Ask(n) => {
                let at = self.second();
                self.change(&id(n), |page| {
                    // PagerDuty tells requests apart by the second, and nobody is asked about what is closed.
                    let again = page.asked.as_ref().is_none_or(|asked| asked.at < at);
                    if again && page.status != PageStatus::Closed {
                        let by = Some("colleague".into());
                        page.asked = Some(Asked { by, at, message: None, state: AskedState::Pending });
                    }
                });
            }
            WorldMove::AnswerAsk(n) => self.change(&id(n), |page| {
                page.asked = page.asked.take().map(|asked| Asked { state: AskedState::Joined, ..asked });
            }),
            WorldMove::Duty(duty) => self.duty = duty,
            WorldMove::Public(it) => self.public.happen(it, self.now),
        }
    }

    /// So many pages call at once, after those that do already.
    pub fn storm(&mut self, pages: usize) {
        let first = self.pages.len();
        for n in first..first + pages {
            // Ids in no order, as PagerDuty gives them.
            self.trigger_page(&PageId::new(&format!("Q{:05}", n * 7919 % 100_003)), false);
        }
    }

    /// Every page is closed.
    pub fn close_all(&mut self) {
        for id in self.pages.keys().cloned().collect::<Vec<_>>() {
            self.close(&id);
        }
    }

    /// Carries out a write and says what the page then is.
    pub fn write(&mut self, id: &PageId, write: Write) -> Option<(SeenPage, Seq)> {
        match write {
            Write::Acknowledge => self.acknowledge(id, ME),
            Write::Close => self.close(id),
        }
        self.read(id)
    }

    /// One page, whoever it is assigned to.
    pub fn read(&self, id: &PageId) -> Option<(SeenPage, Seq)> {
        Some((seen(id, self.page(id)?), self.seq))
    }

    /// When a page was triggered last, as its log told when `seq` things had happened.
    pub fn log(&self, id: &PageId, seq: Seq) -> Option<Time> {
        self.page_at(id, seq).map(|moment| moment.triggered_at)
    }

    /// One page of the list of my open pages, and of those that ask me, oldest first.
    pub fn list(&self, offset: usize) -> ListPage {
        let open = |moment: &Moment| moment.status != PageStatus::Closed && (moment.mine.is_some() || moment.asks());
        let mut mine: Vec<(&PageId, &Moment)> = self.pages().filter(|(_, moment)| open(moment)).collect();
        mine.sort_by_key(|(id, moment)| (moment.created_at, (*id).clone()));
        let more = mine.len() > offset + self.list_limit;
        let pages = mine.iter().skip(offset).take(self.list_limit);
        ListPage { pages: pages.map(|(id, moment)| (seen(id, moment), self.seq)).collect(), more }
    }

    /// My on-call entries.
    pub fn oncalls(&self) -> Vec<OnCallEntry> {
        let entry = |schedule: &str| OnCallEntry {
            schedule: Some(named(schedule)),
            policy: named(POLICY),
            level: 1,
            start: Some(self.now - TimeDelta::days(30)),
            end: Some(self.now + TimeDelta::days(30)),
        };
        match self.duty {
            Duty::Primary => vec![entry(PRIMARY)],
            Duty::Shadow => vec![entry(SHADOW)],
            Duty::Both => vec![entry(SHADOW), entry(PRIMARY)],
            Duty::Nothing => vec![],
        }
    }

    fn trigger_page(&mut self, id: &PageId, direct: bool) {
        let now = self.second();
        match self.page(id).cloned() {
            // PagerDuty tells triggers of one page apart by the second; a second one within it is none.
            Some(known) if known.status == PageStatus::Triggered || known.triggered_at >= now => {}
            // Herald does not tell it from the first while the page is being opened (`page::trigger_in_doubt`).
            Some(known) if now - known.created_at <= OPENING => {}
            Some(known) => self.add(
                id,
                Moment {
                    status: PageStatus::Triggered,
                    triggered_at: now,
                    mine: Some(now),
                    changed_at: now,
                    taken_by: None,
                    ..known
                },
            ),
            None => self.add(
                id,
                Moment {
                    seq: 0,
                    status: PageStatus::Triggered,
                    triggered_at: now,
                    mine: Some(now),
                    asked: None,
                    created_at: now,
                    changed_at: now,
                    taken_by: None,
                    direct,
                },
            ),
        }
    }

    fn take(&mut self, n: u8, who: &'static str) {
        let id = id(n);
        if self.page(&id).is_some_and(|page| page.status == PageStatus::Triggered) {
            self.acknowledge(&id, who);
        }
    }

    /// The real PagerDuty opens a closed page again when it is acknowledged.
    fn acknowledge(&mut self, id: &PageId, who: &'static str) {
        let now = self.second();
        self.change(id, |page| {
            page.mine = page.mine.or((page.status == PageStatus::Closed).then_some(now));
            (page.status, page.taken_by) = (PageStatus::Acknowledged, Some(who));
        });
    }

    fn close(&mut self, id: &PageId) {
        self.change(id, |page| (page.status, page.mine, page.taken_by) = (PageStatus::Closed, None, None));
    }

    fn change(&mut self, id: &PageId, edit: impl FnOnce(&mut Moment)) {
        let Some(known) = self.page(id).cloned() else { return };
        let mut moment = known.clone();
        edit(&mut moment);
        if moment != known {
            moment.changed_at = self.second();
            self.add(id, moment);
        }
    }

    fn add(&mut self, id: &PageId, moment: Moment) {
        self.seq += 1;
        self.pages.entry(id.clone()).or_default().push(Moment { seq: self.seq, ..moment });
    }

    /// PagerDuty's times are full seconds.
    fn second(&self) -> Time {
        self.now.with_nanosecond(0).expect("a full second exists")
    }
}

/// The id of the n-th page.
pub fn id(n: u8) -> PageId {
    PageId::new(&format!("P{n}"))
}

fn named(id: &str) -> Named {
    Named { id: id.into(), name: id.to_lowercase() }
}

/// The page as `pagerduty/wire.rs` reads it.
fn seen(id: &PageId, moment: &Moment) -> SeenPage {
    SeenPage {
        id: id.clone(),
        number: 1,
        title: format!("{id} is down"),
        url: None,
        call_url: None,
        call_number: None,
        priority: None,
        kind: None,
        asked: moment.asked.clone().map(|asked| {
            let joined = asked.state == AskedState::Pending && !moment.asks();
            Asked { state: if joined { AskedState::Joined } else { asked.state }, ..asked }
        }),
        merged_into: None,
        told: Told::default(),
        service: None,
        urgent: true,
        policy: Some(named(POLICY)),
        via_policy: !moment.direct,
        assigned_at: moment.mine,
        others: if moment.mine.is_none() { vec!["colleague".into()] } else { vec![] },
        status: moment.status,
        // Only its log tells more.
        triggered_at: moment.created_at,
        created_at: moment.created_at,
        version: moment.changed_at,
        taken_by: moment.taken_by.map(named),
        taken_at: moment.taken_by.map(|_| moment.changed_at),
        escalates_at: None,
        ack_expires_at: None,
    }
}
