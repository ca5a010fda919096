//! The loop: the only writer. One input, one transaction; then what is due is started, and what changed is shown.

mod chores;
mod log;
mod rules;

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use herald_core::draft::{PublicationId, PublishResult};
use herald_core::errand::{ErrandId, ErrandInput, ErrandResult};
use herald_core::intend::{Intention, intention};
use herald_core::state::Session;
use herald_core::training::Facts;
use herald_core::tray::tray;
use herald_core::{
    Account, Action, Command, Fault, FaultKind, IncidentId, Input, JobId, JobResult, PageId, Permit, Refusal,
    SourceName, State, Task, Write, allowed, due, feed, permit, step, view, wake_at, zendesk,
};
use tokio::sync::oneshot;

use self::rules::Rules;
use crate::Options;
use crate::clock::Clock;
use crate::desktop::{Desktop, Shown};
use crate::keychain;
use crate::keys::KeyName;
use crate::routes;
use crate::runner::Runner;
use crate::store::{Store, StoreError};

/// Longest sleep while an alarm is on: laptops sleep too, and the loop must notice.
const SLEEP_ALARMED_MAX: Duration = Duration::from_secs(1);
/// Rounds of starting what is due before the loop listens again.
const ACT_ROUNDS_MAX: usize = 8;

/// What arrives at the loop.
pub(crate) enum Message {
    /// Something happened.
    Input(Input),
    /// The user wants something.
    User(Command, oneshot::Sender<Result<(), Refusal>>),
    /// "I intend to…" is to be sent, if it may be.
    Intend(IncidentId, oneshot::Sender<Result<(Intention, Permit), Refusal>>),
    /// What happened since then is to be measured.
    Facts(herald_core::Time, oneshot::Sender<Facts>),
    /// Something was connected.
    Connected(Box<Input>, oneshot::Sender<()>),
    /// An action has ended, and this came of it. Says in which era it began.
    Landed(Flight, Era, Input),
    /// Herald is to end.
    Stop,
}

/// The time between two events that make answers to earlier questions worthless.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Era(pub(crate) u64);

/// An action that is under way; there is never a second of the same.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Flight {
    Poll(SourceName),
    OnCall,
    Look(PageId),
    Tickets(IncidentId),
    Words(PageId),
    Job(JobId),
    Publish(PublicationId),
    Errand(ErrandId),
}

impl Flight {
    /// Whether it is a question, whose answer is worthless in another era. What came of a write counts always.
    fn asks(&self) -> bool {
        matches!(self, Self::Poll(_) | Self::OnCall | Self::Look(_) | Self::Tickets(_) | Self::Words(_))
    }
}

pub(crate) struct Loop {
    state: State,
    store: Result<Store, StoreError>,
    folder: PathBuf,
    /// The store lacks something that is true in memory.
    unsaved: bool,
    /// What the store held at the start is in memory.
    loaded: bool,
    clock: Arc<Clock>,
    messages: Receiver<Message>,
    runner: Runner,
    desktop: Box<dyn Desktop>,
    flights: BTreeSet<Flight>,
    shown: Arc<Mutex<Arc<Shown>>>,
    chores_at: herald_core::Time,
    rules: Rules,
    backup_tried_on: Option<chrono::NaiveDate>,
}

impl Loop {
    /// Opens the store and takes in what it holds.
    pub fn open(
        options: Options,
        desktop: Box<dyn Desktop>,
        messages: Receiver<Message>,
        runner: Runner,
        clock: Arc<Clock>,
    ) -> (Self, Arc<Mutex<Arc<Shown>>>) {
        let now = clock.now();
        let mut session = Session::new(options.mode, zone(), now);
        // The first step already decides about shifts, ticks and writing, so it needs the team's rules.
        let rules = Rules::open(&options.folder);
        let mut state = State::new(rules.first(), session.clone());
        let opened = Store::open_and_load(&options.folder, now, &mut state);
        let store = opened.store;
        // Where nothing can be written, what can be read is read, so that alarms work all the same.
        let loaded = store.is_ok() || Store::read_only(&options.folder).and_then(|old| old.load(&mut state)).is_ok();
        session.notices = opened.notices;
        rules.tell(&mut session);
        session.store_fault = store.as_ref().err().map(ToString::to_string);
        let shown = Arc::new(Mutex::new(Arc::new(picture(&state, now))));
        let unsaved = store.is_err();
        let mut it = Self {
            state,
            store,
            folder: options.folder,
            unsaved,
            loaded,
            clock,
            messages,
            runner,
            desktop,
            flights: BTreeSet::new(),
            shown: Arc::clone(&shown),
            chores_at: now,
            rules,
            backup_tried_on: None,
        };
        it.input(Input::Started(Box::new(session)));
        it.take_practised();
        it.publish();
        (it, shown)
    }

    pub fn run(mut self) {
        self.draw();
        loop {
            self.act();
            self.show();
            match self.messages.recv_timeout(self.sleep()) {
                Ok(Message::Input(input)) => self.input(input),
                Ok(Message::User(command, reply)) => self.user(command, reply),
                Ok(Message::Intend(incident, reply)) => {
                    let _ = reply.send(self.intention(incident));
                }
                Ok(Message::Facts(began_at, reply)) => {
                    let _ = reply.send(Facts::of(&self.state, began_at, self.clock.now()));
                }
                Ok(Message::Connected(input, reply)) => {
                    self.input(*input);
                    self.show();
                    let _ = reply.send(());
                }
                Ok(Message::Landed(flight, era, input)) => self.landed(&flight, era, input),
                Err(RecvTimeoutError::Timeout) => self.input(Input::Ticked),
                Ok(Message::Stop) | Err(RecvTimeoutError::Disconnected) => return,
            }
            self.chores();
        }
    }

    /// Answers to what was asked for in an earlier era are dropped; what came of a job counts always.
    fn landed(&mut self, flight: &Flight, era: Era, input: Input) {
        if era == self.runner.era() || !flight.asks() {
            self.flights.remove(flight);
            self.input(input);
        }
    }

    fn sleep(&self) -> Duration {
        let now = self.clock.now();
        let sleep = (wake_at(&self.state, now) - now).to_std().unwrap_or_default();
        if self.state.alarms.is_empty() { sleep } else { sleep.min(SLEEP_ALARMED_MAX) }
    }

    /// Decides, commits, applies. When the disk fails, what was decided still is true in memory: alarms must work
    /// without a disk. Nothing is written outward then.
    fn input(&mut self, input: Input) {
        if input.begins_era() {
            self.runner.begin_era();
            self.flights.retain(|flight| !flight.asks());
        }
        let changes = step(&self.state, input, self.clock.now());
        let saved = match &mut self.store {
            Ok(store) if !self.unsaved => store.commit(&changes),
            Ok(_) | Err(_) => Ok(()),
        };
        for change in &changes {
            self.state.apply(change);
            log::log(change);
        }
        if let Err(error) = saved {
            self.store_failed(error.to_string());
        }
    }

    fn store_failed(&mut self, why: String) {
        tracing::warn!(why, "cannot save");
        self.unsaved = true;
        for change in step(&self.state, Input::StoreSeen(Some(why)), self.clock.now()) {
            self.state.apply(&change);
        }
    }

    fn user(&mut self, command: Command, reply: oneshot::Sender<Result<(), Refusal>>) {
        let answer = allowed(&self.state, &command, self.clock.now());
        if answer.is_ok() {
            let forgotten = key_forgotten_by(&command);
            if command == Command::PollNow {
                keychain::ask_again();
            }
            self.input(Input::User(command));
            if let Some(name) = forgotten {
                self.runner.forget_key(name);
            }
            // Whoever asked sees what came of it as soon as there is an answer.
            self.show();
        }
        let _ = reply.send(answer);
    }

    /// Starts what is due and not under way.
    fn act(&mut self) {
        for _ in 0..ACT_ROUNDS_MAX {
            let mut actions = due(&self.state, self.clock.now());
            actions.retain(|action| !self.under_way(action));
            if actions.is_empty() {
                return;
            }
            for action in actions {
                self.start(action);
            }
        }
    }

    fn under_way(&self, action: &Action) -> bool {
        flight_of(action).is_some_and(|flight| self.flights.contains(&flight))
    }

    fn start(&mut self, action: Action) {
        if let Some(flight) = flight_of(&action) {
            self.flights.insert(flight);
        }
        match action {
            Action::Announce(round) => {
                self.input(Input::RoundStarted(round.iter().map(|it| it.key.clone()).collect()));
                // Whoever is called and looks finds the reason.
                self.show();
                self.desktop.announce(round);
            }
            Action::Withdraw(key) => {
                self.desktop.withdraw(&key);
                self.input(Input::Withdrawn(key));
            }
            Action::Run(id, task) => self.start_job(id, task),
            Action::Poll(source) => self.poll(source),
            Action::Publish(id) => self.start_publication(id),
            Action::ReadBackPost(id) => self.read_back_post(id),
            Action::RunErrand(id) => self.start_errand(id),
            Action::ReadBackErrand(id) => {
                if let Some(errand) = self.state.errands.get(&id) {
                    self.runner.read_back_errand(&self.state, id, errand.task.clone());
                }
            }
            Action::ReadOnCall => self.ask(|runner, account| runner.read_oncall(account)),
            Action::Look(page) => {
                let known = self.state.pages.get(&page).cloned();
                self.ask(|runner, account| runner.look(account, page, known));
            }
            Action::ReadWords(page) => self.ask(|runner, account| runner.read_words(account, page)),
            Action::CountTickets(incident) => self.count_tickets(incident),
            Action::ReadBack(id, task) => {
                let known = self.state.pages.get(task.page().0).cloned();
                self.ask(|runner, account| runner.read_back(account, id, task, known));
            }
        }
    }

    fn poll(&self, source: SourceName) {
        let state = &self.state;
        match source {
            SourceName::PagerDuty => self.ask(|runner, account| runner.poll(account, state.pages.clone())),
            SourceName::Tracker => {
                if let Some(tracker) = state.tracker.clone() {
                    self.runner.poll_tracker(tracker, state.playbook.tracker.clone(), feed::followed(state));
                }
            }
            SourceName::StatusPage => {
                if let Some(page) = state.status_page.clone() {
                    self.runner.poll_page(page);
                }
            }
        }
    }

    fn count_tickets(&mut self, id: IncidentId) {
        let now = self.clock.now();
        let query = self.state.incidents.get(&id).and_then(|it| zendesk::query(&self.state, id, it, now));
        if let (Some(zendesk), Some(query)) = (self.state.zendesk.clone(), query) {
            self.runner.count_tickets(zendesk, id, query);
        } else {
            self.flights.remove(&Flight::Tickets(id));
        }
    }

    /// Leave for a write whose start is on disk, or why it does not leave (H24).
    fn permit(&self, write: Write) -> Result<Permit, Fault> {
        let refused = |why: &str| Fault::new(FaultKind::Rejected, why);
        let permit =
            permit(&self.state, write, self.clock.now()).map_err(|why| refused(why.message().trim_end_matches('.')))?;
        self.set_gate();
        if self.unsaved { Err(refused("nothing can be saved")) } else { Ok(permit) }
    }

    fn start_publication(&mut self, id: PublicationId) {
        self.input(Input::PublishStarted(id));
        let Some(publication) = self.state.publications.get(&id).cloned() else { return };
        match (self.permit(Write::Update(id)), self.state.status_page.clone()) {
            (Ok(permit), Some(page)) => self.runner.publish(permit, page, id, publication),
            (permit, _) => {
                self.flights.remove(&Flight::Publish(id));
                let none = || Fault::new(FaultKind::Rejected, "no status page is connected");
                let refused = PublishResult::Refused(permit.err().unwrap_or_else(none));
                self.input(Input::PublishEnded(id, refused));
            }
        }
    }

    fn start_errand(&mut self, id: ErrandId) {
        self.input(Input::Errand(id, ErrandInput::Started));
        let Some(task) = self.state.errands.get(&id).map(|it| it.task.clone()) else { return };
        match self.permit(Write::Errand(id)) {
            Ok(permit) => self.runner.run_errand(permit, &self.state, id, task),
            Err(fault) => {
                self.flights.remove(&Flight::Errand(id));
                self.input(Input::Errand(id, ErrandInput::Ended(ErrandResult::Refused(fault))));
            }
        }
    }

    /// What "I intend to…" says now, with leave to say it.
    fn intention(&self, id: IncidentId) -> Result<(Intention, Permit), Refusal> {
        let now = self.clock.now();
        Ok((intention(&self.state, id, now)?, permit(&self.state, Write::Intention(id), now)?))
    }

    fn read_back_post(&mut self, id: PublicationId) {
        let page = self.state.status_page.clone();
        if let (Some(page), Some(publication)) = (page, self.state.publications.get(&id).cloned()) {
            self.runner.read_back_post(page, id, publication);
        }
    }

    fn ask(&self, start: impl FnOnce(&Runner, Account)) {
        if let Some(account) = self.state.account.clone() {
            start(&self.runner, account);
        }
    }

    fn start_job(&mut self, id: JobId, task: Task) {
        let known = self.state.pages.get(task.page().0).cloned();
        self.input(Input::JobStarted(id));
        match (self.permit(Write::Job(id)), self.state.account.clone().zip(known)) {
            (Ok(permit), Some((account, known))) => self.runner.run(account, id, task, permit, known),
            (permit, _) => {
                self.flights.remove(&Flight::Job(id));
                let none = || Fault::new(FaultKind::Rejected, "PagerDuty is not connected");
                self.input(Input::JobEnded(id, JobResult::Refused(permit.err().unwrap_or_else(none))));
            }
        }
    }

    /// Keeps the last check before the wire in step with the state: open only for what is on its way and may be.
    fn set_gate(&self) {
        let now = self.clock.now();
        let still_may = |write| permit(&self.state, write, now).is_ok();
        self.runner.gate().keep(routes::open(&self.state, now), still_may);
    }

    // ---- showing ----

    fn show(&mut self) {
        self.set_gate();
        if self.publish() {
            self.draw();
        }
    }

    /// Takes a new picture; says whether it differs from the last.
    fn publish(&mut self) -> bool {
        let picture = picture(&self.state, self.clock.now());
        let mut shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        let differs = (&shown.view, &shown.tray) != (&picture.view, &picture.tray);
        if differs {
            *shown = Arc::new(picture);
        }
        differs
    }

    fn draw(&mut self) {
        let shown = Arc::clone(&self.shown.lock().unwrap_or_else(PoisonError::into_inner));
        self.desktop.show(&shown);
    }
}

/// Whose key goes with what the user disconnects.
fn key_forgotten_by(command: &Command) -> Option<KeyName> {
    match command {
        Command::Disconnect => Some(KeyName::PagerDuty),
        Command::DisconnectFeed { source } => Some(KeyName::from(*source)),
        Command::DisconnectSlack => Some(KeyName::Slack),
        Command::DisconnectZendesk => Some(KeyName::Zendesk),
        Command::Acknowledge { .. }
        | Command::ClosePage { .. }
        | Command::AnswerHere { .. }
        | Command::Quiet { .. }
        | Command::Unquiet { .. }
        | Command::PollNow
        | Command::Set { .. }
        | Command::TestAlarm
        | Command::TestAnswered { .. }
        | Command::Incident { .. }
        | Command::Shift { .. }
        | Command::Ledger { .. }
        | Command::Training { .. } => None,
    }
}

fn flight_of(action: &Action) -> Option<Flight> {
    match action {
        Action::Poll(source) => Some(Flight::Poll(*source)),
        Action::Publish(id) | Action::ReadBackPost(id) => Some(Flight::Publish(*id)),
        Action::RunErrand(id) | Action::ReadBackErrand(id) => Some(Flight::Errand(*id)),
        Action::ReadOnCall => Some(Flight::OnCall),
        Action::Look(page) => Some(Flight::Look(page.clone())),
        Action::ReadWords(page) => Some(Flight::Words(page.clone())),
        Action::CountTickets(incident) => Some(Flight::Tickets(*incident)),
        Action::Run(id, _) | Action::ReadBack(id, _) => Some(Flight::Job(*id)),
        Action::Announce(_) | Action::Withdraw(_) => None,
    }
}

fn picture(state: &State, now: herald_core::Time) -> Shown {
    Shown { view: view(state, now), tray: tray(state, now), now }
}

/// The desktop's time zone; UTC where it cannot be told.
fn zone() -> chrono_tz::Tz {
    iana_time_zone::get_timezone().ok().and_then(|name| name.parse().ok()).unwrap_or(chrono_tz::Tz::UTC)
}
