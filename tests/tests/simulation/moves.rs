//! What can happen in a history, and how likely it is.

use std::fmt;

use chrono::TimeDelta;
use herald_core::{AlarmKey, Command, Input, PageId, SettingsPatch, Time};
use proptest::prelude::*;

use crate::disk::DiskMove;
use crate::herald::{Fuse, Herald, Message};
use crate::incident_moves::{Deed, deed, public_move};
use crate::net::Fate;
use crate::public_model::FEEDS;
use crate::setup::{account, notifications};
use crate::sky::Weather;
use crate::world::{Duty, WorldMove};

/// Pages of a history: enough for a group beside those with notifications of their own.
const PAGES: u8 = 5;

/// One thing that happens.
#[derive(Clone, Debug)]
pub enum Move {
    /// In the world.
    World(WorldMove),
    /// Time passes.
    Pass { ms: i64, weather: Weather },
    /// A request takes one step.
    Step { nth: usize, fate: Fate },
    /// The user wants something.
    User(Wanted),
    /// The computer sleeps; Herald is told of the waking, or is not.
    Suspend { seconds: i64, away: Vec<WorldMove>, told: bool },
    /// Herald will die, a few steps from now.
    Crash(Fuse),
    /// The disk is another than before.
    Disk(DiskMove),
    /// Herald's clock jumps.
    Clock { seconds: i64 },
    /// The user connects anew.
    Connect,
    /// The user does something about incidents.
    Deed(Deed),
    /// The notification daemon goes, or comes back.
    Notifications(bool),
}

/// What the user wants; pages and alarms are chosen among all that were ever seen.
#[derive(Clone, Copy, Debug)]
pub enum Wanted {
    Acknowledge(usize),
    Close(usize),
    AnswerHere(usize),
    Quiet(usize),
    Unquiet(usize),
    PollNow,
    Interval(u32),
    Shadow(bool),
    TestAlarm,
    Disconnect,
}

impl Herald {
    /// Makes it happen.
    pub fn make(&mut self, it: Move) {
        if !matches!(it, Move::Pass { .. } | Move::Step { .. }) {
            self.witness.note(self.now(), format!("-- {it:?}"));
        }
        match it {
            Move::World(it) => self.world.happen(it),
            Move::Pass { ms, weather } => self.pass(TimeDelta::milliseconds(ms), weather),
            Move::Step { nth, fate } => {
                if !self.flights.is_empty() {
                    let nth = nth % self.flights.len();
                    self.witness.note(self.now(), format!("-- {fate:?} for {:?}", self.flights[nth].flight));
                    self.half(nth, fate);
                }
            }
            Move::User(wanted) => {
                if let Some(command) = self.command(wanted) {
                    self.tell(Message::User(command));
                }
            }
            Move::Suspend { seconds, away, told } => {
                self.world.now += TimeDelta::seconds(seconds);
                away.into_iter().for_each(|it| self.world.happen(it));
                self.witness.slept(self.world.now);
                if told {
                    self.tell(Message::Input(Input::Woke));
                    self.looks_at_once();
                }
                self.all_break();
            }
            Move::Crash(fuse) => self.fuse = Some(fuse),
            Move::Disk(DiskMove::Full(full)) => self.disk.full = full,
            Move::Disk(DiskMove::Stalls(stalls)) => {
                self.disk.stalls = stalls;
                self.tell(Message::Saved(if stalls { 0 } else { usize::MAX }));
            }
            Move::Disk(DiskMove::Answers(most)) => {
                self.disk.stalls = true;
                self.tell(Message::Saved(most));
            }
            Move::Clock { seconds } => {
                self.jump(TimeDelta::seconds(seconds));
                self.tell(Message::Input(Input::Ticked));
            }
            Move::Deed(deed) => self.deed(deed),
            Move::Connect => self.tell(Message::Input(Input::Connected(account()))),
            Move::Notifications(works) => self.tell(Message::Input(notifications(works))),
        }
    }

    /// The world heals; Herald comes to rest, and then knows and shows what is true.
    pub fn heal(&mut self) {
        self.fuse = None;
        (self.disk.full, self.disk.stalls) = (false, false);
        self.jump(-self.skew);
        self.make(Move::Connect);
        if self.state.tracker.is_some() || self.state.status_page.is_some() || !self.state.incidents.is_empty() {
            FEEDS.into_iter().for_each(|source| self.connect_feed(source));
            let shown_at = self.world.public.all_shown_at().unwrap_or(self.world.now);
            self.pass((shown_at - self.world.now).max(TimeDelta::zero()), Weather::Fine);
        }
        let passes = self.witness.passes;
        for _ in 0..200 {
            self.tell(Message::User(Command::PollNow));
            self.pass(TimeDelta::seconds(4), Weather::Fine);
            let ended = self.state.jobs.is_empty() && self.all_published() && self.all_errands_done();
            if self.witness.passes >= passes + 5 && ended && !self.disk.lags() {
                break;
            }
        }
        self.all_is_well();
    }

    fn command(&self, wanted: Wanted) -> Option<Command> {
        let page = |nth: usize| {
            let triggers: Vec<(PageId, Time)> = self.triggers();
            let at = nth.checked_rem(triggers.len())?;
            triggers.get(at).cloned()
        };
        let alarm = |nth: usize| {
            let alarms: Vec<&AlarmKey> = self.state.alarms.keys().collect();
            let at = nth.checked_rem(alarms.len())?;
            alarms.get(at).copied().cloned()
        };
        Some(match wanted {
            Wanted::Acknowledge(nth) => {
                let (page, triggered_at) = page(nth)?;
                Command::Acknowledge { page, triggered_at }
            }
            Wanted::Close(nth) => {
                let (page, triggered_at) = page(nth)?;
                Command::ClosePage { page, triggered_at, note: None }
            }
            Wanted::AnswerHere(nth) => {
                let (page, triggered_at) = page(nth)?;
                Command::AnswerHere { page, triggered_at }
            }
            Wanted::Quiet(nth) => Command::Quiet { alarm: alarm(nth)? },
            Wanted::Unquiet(nth) => Command::Unquiet { alarm: alarm(nth)? },
            Wanted::PollNow => Command::PollNow,
            Wanted::Interval(seconds) => Command::Set { patch: SettingsPatch::PollInterval { seconds } },
            Wanted::Shadow(on) => Command::Set { patch: SettingsPatch::Shadow { on } },
            Wanted::TestAlarm => Command::TestAlarm,
            Wanted::Disconnect => Command::Disconnect,
        })
    }

    /// What the user can click on: the triggers that are known, and then the old ones of forgotten notifications.
    fn triggers(&self) -> Vec<(PageId, Time)> {
        let known = self.state.pages.values().map(|page| (page.seen.id.clone(), page.seen.triggered_at));
        let mut triggers: Vec<_> = known.collect();
        triggers.sort_by_key(|(_, triggered_at)| std::cmp::Reverse(*triggered_at));
        let old = self.witness.announced.keys().filter(|key| !triggers.contains(key)).cloned().collect::<Vec<_>>();
        triggers.extend(old);
        triggers
    }
}

/// What happens, in order.
#[derive(Clone)]
pub struct History(pub Vec<Move>);

impl fmt::Debug for History {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|it| writeln!(f, "  {it:?},"))
    }
}

/// Any history of up to `length` moves.
pub fn history(length: usize) -> impl Strategy<Value = History> {
    prop::collection::vec(one_move(), 0..=length).prop_map(History)
}

/// Any history of up to `length` moves about incidents.
pub fn public_history(length: usize) -> impl Strategy<Value = History> {
    let one = prop_oneof![
        10 => public_move().prop_map(|it| Move::World(WorldMove::Public(it))),
        18 => deed().prop_map(Move::Deed),
        30 => one_move(),
    ];
    prop::collection::vec(one, 0..=length).prop_map(History)
}

fn one_move() -> impl Strategy<Value = Move> {
    prop_oneof![
        12 => world_move().prop_map(Move::World),
        10 => (span_ms(), weather()).prop_map(|(ms, weather)| Move::Pass { ms, weather }),
        16 => (0..4_usize, fate()).prop_map(|(nth, fate)| Move::Step { nth, fate }),
        14 => wanted().prop_map(Move::User),
        2 => (prop_oneof![1..30_i64, 600..30_000_i64], away(), any::<bool>())
            .prop_map(|(seconds, away, told)| Move::Suspend { seconds, away, told }),
        4 => fuse().prop_map(Move::Crash),
        5 => disk_move().prop_map(Move::Disk),
        2 => prop_oneof![-3600..=3600_i64, -300..=300_i64, -20..=20_i64].prop_map(|seconds| Move::Clock { seconds }),
        1 => Just(Move::Connect),
        1 => any::<bool>().prop_map(Move::Notifications),
    ]
}

fn disk_move() -> impl Strategy<Value = DiskMove> {
    prop_oneof![
        2 => any::<bool>().prop_map(DiskMove::Full),
        2 => prop::bool::weighted(0.4).prop_map(DiskMove::Stalls),
        1 => (1..4_usize).prop_map(DiskMove::Answers),
    ]
}

fn world_move() -> impl Strategy<Value = WorldMove> {
    let page = || 0..PAGES;
    prop_oneof![
        10 => page().prop_map(WorldMove::Trigger),
        3 => page().prop_map(WorldMove::Take),
        1 => page().prop_map(WorldMove::TakeByPhone),
        4 => page().prop_map(WorldMove::Close),
        2 => page().prop_map(WorldMove::MoveAway),
        2 => page().prop_map(WorldMove::MoveBack),
        3 => page().prop_map(WorldMove::Touch),
        2 => page().prop_map(WorldMove::Ask),
        1 => page().prop_map(WorldMove::AnswerAsk),
        2 => prop_oneof![
            3 => Just(Duty::Primary),
            1 => Just(Duty::Shadow),
            1 => Just(Duty::Both),
            1 => Just(Duty::Nothing)
        ]
        .prop_map(WorldMove::Duty),
    ]
}

/// Mostly moments, sometimes minutes, seldom longer than the time to acknowledge.
fn span_ms() -> impl Strategy<Value = i64> {
    prop_oneof![4 => 20..900_i64, 6 => 900..25_000_i64, 2 => 25_000..120_000_i64, 1 => 120_000..1_000_000_i64]
}

fn weather() -> impl Strategy<Value = Weather> {
    prop_oneof![
        6 => Just(Weather::Fine),
        1 => Just(Weather::Hanging),
        2 => fate().prop_map(Weather::Failing),
    ]
}

fn fate() -> impl Strategy<Value = Fate> {
    let pause = || prop_oneof![1..20_i64, 20..=300_i64];
    prop_oneof![
        30 => Just(Fate::Fine),
        1 => pause().prop_map(Fate::Tight),
        1 => Just(Fate::OneGarbled),
        1 => Just(Fate::Endless),
        1 => Just(Fate::Unreachable),
        2 => Just(Fate::LostRequest),
        3 => Just(Fate::LostAnswer),
        1 => Just(Fate::Portal),
        1 => Just(Fate::TroubleBefore),
        1 => pause().prop_map(Fate::TroubleAfter),
        1 => Just(Fate::Unauthorized),
        1 => Just(Fate::Forbidden),
        1 => Just(Fate::NotFound),
        2 => pause().prop_map(Fate::Limited),
        1 => Just(Fate::Rejected),
    ]
}

fn wanted() -> impl Strategy<Value = Wanted> {
    let nth = || prop_oneof![3 => Just(0_usize), 2 => 0..6_usize];
    prop_oneof![
        10 => nth().prop_map(Wanted::Acknowledge),
        3 => nth().prop_map(Wanted::Close),
        3 => nth().prop_map(Wanted::AnswerHere),
        4 => nth().prop_map(Wanted::Quiet),
        1 => nth().prop_map(Wanted::Unquiet),
        2 => Just(Wanted::PollNow),
        1 => (2..=60_u32).prop_map(Wanted::Interval),
        2 => prop::bool::weighted(0.4).prop_map(Wanted::Shadow),
        1 => Just(Wanted::TestAlarm),
        1 => prop::bool::weighted(0.2).prop_map(|yes| if yes { Wanted::Disconnect } else { Wanted::PollNow }),
    ]
}

fn fuse() -> impl Strategy<Value = Fuse> {
    (0..20_u32, any::<bool>(), prop_oneof![3 => Just(0_i64), 2 => 1..60_i64, 1 => 60..4000_i64], away())
        .prop_map(|(points, reaches, off_s, away)| Fuse { points, reaches, off_s, away })
}

fn away() -> impl Strategy<Value = Vec<WorldMove>> {
    let public = public_move().prop_map(WorldMove::Public);
    prop::collection::vec(prop_oneof![3 => world_move(), 1 => public], 0..3)
}
