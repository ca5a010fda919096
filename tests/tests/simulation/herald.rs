//! A simulated Herald: the real core and the real store in a loop that mirrors `engine/src/run.rs`, with a hand-moved
//! clock, and able to die at every step.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use chrono_tz::Tz;
use herald_core::draft::PublicationId;
use herald_core::due::SLEEP_MAX;
use herald_core::state::Mode;
use herald_core::{
    Action, Command, Input, Session, SourceName, State, Task, Time, Write, allowed, due, feed::followed, step, wake_at,
};
use herald_engine::store::Store;
use tempfile::TempDir;

use crate::disk::{Disk, Order, is_row};
use crate::net::{Air, Errand, Flight, Leg, Listing};
use crate::pictures::Pictures;
use crate::setup::{account, flight_of, folder, playbook};
use crate::sky::EXCHANGE_MAX;
use crate::witness::{Tidings, Wish, Witness};
use crate::world::{World, WorldMove};

/// As in the engine: the longest sleep while an alarm is on.
const SLEEP_ALARMED_MAX: TimeDelta = TimeDelta::seconds(1);
/// As in the engine: how often the chores are looked at.
const CHORES_EVERY: TimeDelta = TimeDelta::seconds(5);
/// As in the engine: rounds of starting what is due.
const ACT_ROUNDS_MAX: usize = 8;

/// Herald has died.
#[derive(Debug)]
pub struct Crash;

/// What may be cut short by a crash.
pub type Alive<T = ()> = Result<T, Crash>;

/// A crash that will come.
#[derive(Clone, Debug)]
pub struct Fuse {
    /// How many points of possible crashes are still passed.
    pub points: u32,
    /// Whether requests on their way still reach PagerDuty.
    pub reaches: bool,
    /// How long Herald is off afterwards.
    pub off_s: i64,
    /// What happens in the meantime.
    pub away: Vec<WorldMove>,
}

/// What arrives at the loop.
pub enum Message {
    /// Something happened.
    Input(Input),
    /// The user wants something.
    User(Command),
    /// An action has ended.
    Landed(Flight, Input, Tidings),
    /// The disk did as much, and does no more by itself.
    Saved(usize),
}

/// The simulated Herald and its world.
pub struct Herald {
    pub world: World,
    pub state: State,
    pub witness: Witness,
    pub flights: Vec<Air>,
    /// How far Herald's clock is ahead of the true time.
    pub skew: TimeDelta,
    pub disk: Disk,
    pub pictures: Pictures,
    /// The next crash.
    pub fuse: Option<Fuse>,
    /// When the loop looks again by itself, in true time.
    pub wake: Time,
    /// As `Loop::looks_at`, by Herald's clock.
    looks_at: Time,
    /// Whether the store is compared with the state after every commit.
    pub compares: bool,
    /// How often Herald was started.
    pub boot: u32,
    /// The writes that may leave.
    pub gate: BTreeSet<Write>,
    chores_at: Time,
    draws: u32,
    folder: TempDir,
}

impl Herald {
    /// A connected Herald that was never used.
    pub fn new() -> Self {
        let world = World::new();
        let now = world.now;
        let state = State::new(playbook(), Session::new(Mode::Real, Tz::UTC, now));
        let mut it = Self {
            pictures: Pictures::new(&state, now),
            state,
            witness: Witness::new(now),
            flights: vec![],
            skew: TimeDelta::zero(),
            disk: Disk::default(),
            fuse: None,
            wake: now,
            looks_at: now,
            compares: true,
            boot: 0,
            gate: BTreeSet::new(),
            chores_at: now,
            draws: 0,
            folder: folder(),
            world,
        };
        it.start();
        it.tell(Message::Input(Input::Connected(account())));
        it
    }

    /// The time by Herald's clock.
    pub fn now(&self) -> Time {
        self.world.now + self.skew
    }

    /// Moves Herald's clock away from the true time.
    pub fn jump(&mut self, by: TimeDelta) {
        self.skew += by;
        self.witness.clock_moved(by, self.world.now);
        self.wake = self.world.now;
    }

    /// As the engine's clock: follows the `Date` of an answer when the difference matters.
    pub fn hear_date(&mut self) {
        let server = self.world.now - TimeDelta::milliseconds(i64::from(self.world.now.timestamp_subsec_millis()));
        let off = server + TimeDelta::milliseconds(500) - self.now();
        if off.abs() > TimeDelta::seconds(2) {
            self.jump(off);
        }
    }

    /// One turn of the loop; if Herald dies in it, it is started again.
    pub fn tell(&mut self, message: Message) {
        if self.turn(message).is_err() {
            self.die();
            self.start();
        }
    }

    /// Ends Herald without warning and lets time pass.
    pub fn die(&mut self) {
        let fuse = self.fuse.take().unwrap_or(Fuse { points: 0, reaches: false, off_s: 0, away: vec![] });
        self.witness.note(self.now(), format!("dies {fuse:?}"));
        let unsaved = self.disk.lags();
        self.disk.ends();
        for mut air in std::mem::take(&mut self.flights) {
            // What left before the computer slept arrived then or never.
            let fresh = self.world.now - air.leg_since <= EXCHANGE_MAX;
            if fuse.reaches && fresh && matches!(air.leg, Leg::Going) {
                self.serve(&mut air);
            }
        }
        self.world.now += TimeDelta::seconds(fuse.off_s);
        for it in fuse.away {
            self.world.happen(it);
        }
        self.witness.died(unsaved);
    }

    /// As `Loop::open` and the beginning of `Loop::run`. No crash is due here: a fuse is lit later.
    pub fn start(&mut self) {
        self.boot += 1;
        let now = self.now();
        self.witness.started(self.world.now);
        let session = Session::new(Mode::Real, Tz::UTC, now);
        let opened = Store::open(self.folder.path(), now);
        assert_eq!(opened.notices, Vec::<String>::new(), "a sound database is opened without a word");
        let store = opened.store.unwrap_or_else(|error| panic!("the database opens: {error}"));
        self.state = State::new(playbook(), session.clone());
        store.load(&mut self.state).expect("the database can be read");
        (self.disk.store, self.chores_at) = (Some(store), now);
        self.pictures = Pictures::new(&self.state, now);
        if self.state.sources[SourceName::PagerDuty].key_refused {
            // Refused often enough, as it was kept.
            self.witness.refusals = self.witness.refusals.max(2);
        }
        let input = Message::Input(Input::Started(Box::new(session)));
        self.turn(input).expect("no fuse is lit while Herald starts");
    }

    fn turn(&mut self, message: Message) -> Alive {
        match message {
            Message::Input(input) => self.input(input, &Tidings::default())?,
            Message::User(command) => self.user(command)?,
            Message::Landed(flight, input, tidings) => {
                self.flights.retain(|air| air.flight != flight);
                self.input(input, &tidings)?;
            }
            Message::Saved(most) => self.disk_turns(most)?,
        }
        self.chores();
        self.act()?;
        // The loop does not sleep.
        if self.now() >= self.looks_at {
            self.input(Input::Ticked, &Tidings::default())?;
            self.act()?;
        }
        if !self.disk.stalls {
            self.disk_turns(usize::MAX)?;
        }
        self.set_gate();
        let now = self.now();
        self.pictures_are_true(now);
        let wake = self.looks_at.min(now + SLEEP_MAX);
        let sleep = self.disk.saving.wake_at(now).map_or(wake, |at| at.min(wake)) - now;
        let sleep = if self.state.alarms.is_empty() { sleep } else { sleep.min(SLEEP_ALARMED_MAX) };
        self.wake = self.world.now + sleep.max(TimeDelta::milliseconds(1));
        self.at_rest();
        self.incidents_at_rest();
        self.no_errand_lingers();
        self.no_false_saving();
        Ok(())
    }

    fn user(&mut self, command: Command) -> Alive {
        if allowed(&self.state, &command, self.now()).is_err() {
            self.witness.note(self.now(), format!("refused {command:?}"));
            return Ok(());
        }
        let wish = match &command {
            Command::Acknowledge { page, triggered_at } => {
                Some(Task::Acknowledge { page: page.clone(), triggered_at: *triggered_at })
            }
            Command::ClosePage { page, triggered_at, note } => {
                Some(Task::Close { page: page.clone(), triggered_at: *triggered_at, note: note.clone() })
            }
            Command::AnswerHere { .. }
            | Command::Quiet { .. }
            | Command::Unquiet { .. }
            | Command::PollNow
            | Command::Set { .. }
            | Command::TestAlarm
            | Command::TestAnswered { .. }
            | Command::Disconnect
            | Command::DisconnectFeed { .. }
            | Command::DisconnectSlack
            | Command::DisconnectZendesk
            | Command::Shift { .. }
            | Command::Ledger { .. }
            | Command::Training { .. }
            | Command::Incident { .. } => None,
        };
        if let Command::Incident { wish } = &command {
            self.asks_for_write(wish);
        }
        if let Some(task) = wish {
            self.may_wish(&task);
            let wish = Wish { task, at: self.world.now, writes: 0 };
            self.witness.wishes.insert((self.boot, self.state.next_job), wish);
        }
        let before = self.disk.saving.last();
        self.input(Input::User(command), &Tidings::default())?;
        if self.disk.saving.last() == before {
            self.order(Order::Commit(vec![]));
        }
        Ok(())
    }

    /// As `Loop::input`, with a crash before and after the decision is handed to the store.
    pub fn input(&mut self, input: Input, tidings: &Tidings) -> Alive {
        let now = self.now();
        if input != Input::Ticked {
            self.witness.note(now, format!("{input:?}"));
        }
        if input.begins_era() {
            self.flights.retain(|air| matches!(air.flight, Flight::Job(_) | Flight::Publish(_) | Flight::Errand(_)));
        }
        let changes = step(&self.state, input.clone(), now);
        self.point()?;
        let before = self.state.clone();
        for change in &changes {
            self.pictures.touch(&self.state, change);
            self.state.apply(change);
        }
        self.learn(&before, &input, tidings);
        self.learn_incidents(&before, &input);
        self.errands_end_visibly(&before, &input);
        self.looks_at = wake_at(&self.state, now);
        if changes.iter().any(is_row) {
            self.order(Order::Commit(changes));
        }
        self.point()
    }

    /// As `Loop::chores`.
    fn chores(&mut self) {
        let now = self.now();
        if herald_core::reached(self.chores_at, now, CHORES_EVERY) {
            self.chores_at = now + CHORES_EVERY;
            self.save_anew();
            if self.disk.saving.idle() {
                self.order(Order::Commit(vec![]));
            }
        }
    }

    /// As `Loop::act`.
    pub fn act(&mut self) -> Alive {
        self.settle()?;
        for _ in 0..ACT_ROUNDS_MAX {
            let actions = self.due_at(self.now());
            if actions.is_empty() {
                return Ok(());
            }
            for action in actions {
                self.start_action(action)?;
            }
            self.settle()?;
        }
        Ok(())
    }

    /// What is due and not under way.
    pub fn due_at(&self, at: Time) -> Vec<Action> {
        let mut actions = due(&self.state, at);
        let in_the_air = |flight: &Flight| self.flights.iter().any(|air| air.flight == *flight);
        actions.retain(|action| !flight_of(action).is_some_and(|flight| in_the_air(&flight)));
        actions
    }

    fn start_action(&mut self, action: Action) -> Alive {
        match action {
            Action::Announce(round) => {
                let keys: Vec<_> = round.iter().map(|it| it.key.clone()).collect();
                self.input(Input::RoundStarted(keys), &Tidings::default())?;
                self.announced(&round);
                self.announced_updates(&round);
                self.point()
            }
            Action::Withdraw(key) => {
                self.witness.shown.remove(&key);
                self.point()?;
                self.input(Input::Withdrawn(key), &Tidings::default())
            }
            Action::Run(id, _) => self.start_job(id),
            Action::Poll(source) => {
                self.poll(source);
                Ok(())
            }
            Action::Publish(id) => self.start_publication(id),
            Action::ReadBackPost(id) => {
                self.read_back_post(id);
                Ok(())
            }
            Action::RunErrand(id) => self.start_errand(id),
            Action::ReadBackErrand(id) => self.read_back_errand(id),
            Action::ReadOnCall => {
                self.send(Flight::OnCall, Errand::OnCall);
                Ok(())
            }
            Action::Look(page) => {
                self.send(Flight::Look(page.clone()), Errand::Look(page));
                Ok(())
            }
            Action::ReadWords(page) => {
                self.send(Flight::Words(page.clone()), Errand::Words(page));
                Ok(())
            }
            Action::CountTickets(incident) => self.count_tickets(incident),
            Action::ReadBack(id, task) => {
                self.send(Flight::Job(id), Errand::ReadBack(id, task));
                Ok(())
            }
        }
    }

    /// As `Loop::poll`.
    fn poll(&mut self, source: SourceName) {
        match source {
            SourceName::PagerDuty => {
                let listing = Listing::new(self.now(), self.world.seq);
                self.send(Flight::Poll(source), Errand::Poll(listing));
            }
            SourceName::Tracker => self.send(Flight::Poll(source), Errand::Issues(followed(&self.state))),
            SourceName::StatusPage => self.send(Flight::Poll(source), Errand::Posts),
        }
    }

    /// As `Loop::read_back_post`.
    fn read_back_post(&mut self, id: PublicationId) {
        let it = self.state.publications.get(&id).cloned();
        self.must(self.state.status_page.is_some() && it.is_some(), || format!("attempt {id} cannot be read back"));
        self.send(Flight::Publish(id), Errand::FindUpdate(id, Box::new(it.expect("was just looked at"))));
    }

    /// A number from 0 to 1 that looks random and is the same in every run of the same moves.
    pub fn jitter(&mut self) -> f64 {
        self.draws += 1;
        f64::from(self.draws * 37 % 101) / 100.0
    }

    /// A place where Herald may die.
    pub fn point(&mut self) -> Alive {
        if self.blows() { Err(Crash) } else { Ok(()) }
    }

    pub fn blows(&mut self) -> bool {
        match &mut self.fuse {
            Some(fuse) if fuse.points == 0 => true,
            Some(fuse) => {
                fuse.points -= 1;
                false
            }
            None => false,
        }
    }
}
