//! The loop: the only writer. One input, one transaction; then what is due is started, and what changed is shown.

mod chores;
mod log;
mod saved;
mod writes;

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use herald_core::draft::PublicationId;
use herald_core::due::SLEEP_MAX;
use herald_core::errand::ErrandId;
use herald_core::saving::{SILENT, Saving};
use herald_core::state::Session;
use herald_core::training::Facts;
use herald_core::tray::tray;
use herald_core::view::Gallery;
use herald_core::{
    Account, Action, Command, IncidentId, Input, JobId, PageId, Refusal, Sound, SourceName, State, alarm, allowed, due,
    feed, step, wake_at, zendesk,
};
use tokio::sync::oneshot;

use self::saved::{IntentionReply, Waits};
use crate::Options;
use crate::clock::Clock;
use crate::desktop::{Desktop, Shown};
use crate::keychain;
use crate::keys::KeyName;
use crate::playbook;
use crate::runner::Runner;
use crate::shelf::{self, Shelf};
use crate::store::{self, Keeper, Opening, Order, is_row};
use crate::watchdog::{Inbox, Pulse};

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
    Intend(IncidentId, IntentionReply),
    /// What happened since then is to be measured.
    Facts(herald_core::Time, oneshot::Sender<Facts>),
    /// Somebody reads at leisure what takes long to say.
    Copy(oneshot::Sender<Box<State>>),
    /// Something was connected.
    Connected(Box<Input>, oneshot::Sender<()>),
    /// An action has ended, and this came of it. Says in which era it began.
    Landed(Flight, Era, Input),
    /// What became of what the store was told.
    Store(store::News),
    /// What the small files of the data folder say.
    Shelf(shelf::News),
    /// Something may have changed in the data folder.
    Stirred,
    /// Somebody else drew something.
    Redraw,
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
    store: Keeper,
    saving: Saving,
    /// Who waits for what they asked for to be on disk, by the number of the decision.
    waits: Vec<(u64, Waits)>,
    /// "I intend to…" that wait for the same.
    intends: Vec<(IncidentId, IntentionReply)>,
    shelf: Shelf,
    /// Since when the small files are looked at.
    looks_since: Option<herald_core::Time>,
    /// What practice events came to, as decided by that number, and their files.
    practised: Vec<(u64, PathBuf)>,
    clock: Arc<Clock>,
    messages: Receiver<Message>,
    pulse: Arc<Pulse>,
    runner: Runner,
    desktop: Box<dyn Desktop>,
    flights: BTreeSet<Flight>,
    /// When the state wants to be looked at again, as of the last step.
    looks_at: herald_core::Time,
    gallery: Gallery,
    shown: Arc<Mutex<Arc<Shown>>>,
    chores_at: herald_core::Time,
    /// When somebody told last that something may have changed in the data folder; nothing where nobody does.
    stirred_at: Option<herald_core::Time>,
}

impl Loop {
    /// Has the data folder opened beside the loop, and takes in what it holds.
    pub fn open(
        options: Options,
        desktop: Box<dyn Desktop>,
        (inbox, messages): (Inbox, Receiver<Message>),
        runner: Runner,
        clock: Arc<Clock>,
    ) -> (Self, Arc<Mutex<Arc<Shown>>>) {
        let now = clock.now();
        let mut session = Session::new(options.mode, zone(), now);
        let empty = State::new(Arc::new(playbook::default()), session.clone());
        let (pulse, tell) = (Arc::clone(inbox.pulse()), inbox.clone());
        let store = Keeper::start(options.folder.clone(), empty.clone(), Arc::clone(&clock), move |news| {
            tell.send(Message::Store(news)).is_ok()
        });
        let shelf = Shelf::start(options.folder, move |news| inbox.send(Message::Shelf(news)).is_ok());
        let Begun { opening, small, later } = begin(&messages, &pulse, options.waits);
        let opening = opening.unwrap_or_else(|| Opening { held: None, fault: Some(SILENT.into()), notices: vec![] });
        let mut state = opening.held.map_or(empty, |held| *held);
        session.notices = opening.notices;
        // The first step already decides about shifts, ticks and writing, so it needs the team's rules.
        match small.as_ref().and_then(|small| small.rules.as_ref()) {
            Some(rules) => {
                state.playbook = Arc::clone(&rules.playbook);
                session.no_rules = rules.unknown;
            }
            None => session.no_rules = true,
        }
        let mut saving = Saving::default();
        if opening.fault.is_some() {
            saving.lost(opening.fault.clone());
        }
        session.store_fault = opening.fault;
        let gallery = Gallery::new(&state, now);
        let first = Shown { view: gallery.view().clone(), tray: tray(&state, now), now };
        let shown = Arc::new(Mutex::new(Arc::new(first)));
        let mut it = Self {
            state,
            store,
            saving,
            waits: vec![],
            intends: vec![],
            shelf,
            looks_since: Some(now).filter(|_| small.is_none()),
            practised: vec![],
            clock,
            messages,
            pulse,
            runner,
            desktop,
            flights: BTreeSet::new(),
            looks_at: now,
            gallery,
            shown: Arc::clone(&shown),
            chores_at: now,
            stirred_at: None,
        };
        it.input(Input::Started(Box::new(session)));
        match small {
            Some(news) => it.shelf(news),
            None => it.notice(format!("The playbook cannot be read: {SILENT}. {}", shelf::NO_RULES)),
        }
        for message in later {
            // Whatever became due by it is started when the loop begins.
            let _ = it.hear(message);
        }
        it.publish();
        (it, shown)
    }

    pub fn run(mut self) {
        self.draw();
        loop {
            self.act();
            self.show();
            self.answer();
            loop {
                let sleep = self.sleep();
                self.pulse.rests(sleep);
                let arrived = self.messages.recv_timeout(sleep);
                self.pulse.wakes(arrived.is_ok());
                let heard = match arrived {
                    Ok(Message::Stop) | Err(RecvTimeoutError::Disconnected) => return self.end(),
                    Ok(message) => self.hear(message),
                    Err(RecvTimeoutError::Timeout) => self.hear(Message::Input(Input::Ticked)),
                };
                if heard {
                    break;
                }
            }
            self.chores();
        }
    }

    /// Takes in what arrives. Says whether anything may have become due.
    fn hear(&mut self, message: Message) -> bool {
        match message {
            Message::Input(input) => self.input(input),
            Message::User(command, reply) => self.user(command, reply),
            Message::Intend(incident, reply) => self.intend(incident, reply),
            Message::Facts(began_at, reply) => {
                let _ = reply.send(Facts::of(&self.state, began_at, self.clock.now()));
            }
            Message::Copy(reply) => drop(reply.send(Box::new(self.state.clone()))),
            Message::Connected(input, reply) => {
                self.input(*input);
                self.waits.push((self.saving.last(), Waits::Connected(reply)));
            }
            Message::Landed(flight, era, input) => self.landed(&flight, era, input),
            Message::Store(news) => return self.stored(news),
            Message::Shelf(news) => self.shelf(news),
            Message::Stirred => self.stirred_at = Some(self.clock.now()),
            Message::Redraw => self.draw(),
            Message::Stop => {}
        }
        true
    }

    /// Answers to what was asked for in an earlier era are dropped; what came of a job counts always.
    fn landed(&mut self, flight: &Flight, era: Era, input: Input) {
        if era == self.runner.era() || !flight.asks() {
            self.flights.remove(flight);
            self.input(input);
        }
    }

    /// Counts from the last step: what decides nothing, a refusal or a question, must not swallow the moment waited for.
    fn sleep(&self) -> Duration {
        let now = self.clock.now();
        // The clock may have been set back since.
        let wake = self.looks_at.min(now + SLEEP_MAX);
        let wake = self.saving.wake_at(now).map_or(wake, |at| at.min(wake));
        let sleep = (wake - now).to_std().unwrap_or_default();
        if self.state.alarms.is_empty() { sleep } else { sleep.min(SLEEP_ALARMED_MAX) }
    }

    /// Decides and applies, and hands what changed to the store. What was decided is true in memory whatever the disk
    /// does: alarms must work without one.
    fn input(&mut self, input: Input) {
        if input.begins_era() {
            self.runner.begin_era();
            self.flights.retain(|flight| !flight.asks());
        }
        let now = self.clock.now();
        let changes = step(&self.state, input, now);
        for change in &changes {
            self.gallery.touch(&self.state, change);
            self.state.apply(change);
            log::log(change);
        }
        self.looks_at = wake_at(&self.state, now);
        if changes.iter().any(is_row) {
            self.order(|number| Order::Commit(number, changes));
        }
    }

    fn user(&mut self, command: Command, reply: oneshot::Sender<Result<(), Refusal>>) {
        if let Err(refusal) = allowed(&self.state, &command, self.clock.now()) {
            let _ = reply.send(Err(refusal));
            return;
        }
        let forgotten = key_forgotten_by(&command);
        if command == Command::PollNow {
            keychain::ask_again();
        }
        let before = self.saving.last();
        self.input(Input::User(command));
        // What is wished for may be as it was, and then nothing is written that would notice files that are not the ones.
        if self.saving.last() == before {
            self.order(|number| Order::Commit(number, vec![]));
        }
        if let Some(name) = forgotten {
            self.runner.forget_key(name);
        }
        self.waits.push((self.saving.last(), Waits::User(reply)));
    }

    /// Starts what is due and not under way.
    fn act(&mut self) {
        self.settle();
        for _ in 0..ACT_ROUNDS_MAX {
            let mut actions = due(&self.state, self.clock.now());
            actions.retain(|action| !self.under_way(action));
            if actions.is_empty() {
                return;
            }
            for action in actions {
                self.start(action);
            }
            self.settle();
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
                self.desktop.announce(round);
                // Whoever is called and looks finds the reason. The call itself waits for no picture.
                self.show();
            }
            Action::Withdraw(key) => {
                self.desktop.withdraw(&key);
                self.input(Input::Withdrawn(key));
            }
            Action::Run(id, _) => self.start_job(id),
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

    // ---- showing ----

    fn show(&mut self) {
        self.set_gate();
        if self.publish() {
            self.draw();
        }
    }

    /// Takes a new picture; says whether it differs from the last.
    fn publish(&mut self) -> bool {
        let now = self.clock.now();
        let volume = self.state.settings.sound(Sound::Blind).volume;
        self.pulse.heard_at((!alarm::hushed(&self.state, now)).then_some(volume));
        let (differs, tray) = (self.gallery.renew(&self.state, now), tray(&self.state, now));
        let mut shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        let differs = differs || shown.tray != tray;
        if differs {
            *shown = Arc::new(Shown { view: self.gallery.view().clone(), tray, now });
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

/// With what the loop begins.
#[derive(Default)]
struct Begun {
    opening: Option<Opening>,
    small: Option<shelf::News>,
    /// What came meanwhile, such as what was found wrong with the database right after it was opened.
    later: Vec<Message>,
}

/// What the data folder holds, and what its small files say, as far as they answer in time.
fn begin(messages: &Receiver<Message>, pulse: &Pulse, waits: Duration) -> Begun {
    let until = Instant::now() + waits;
    let mut begun = Begun::default();
    while begun.opening.is_none() || begun.small.is_none() {
        let arrived = messages.recv_timeout(until.saturating_duration_since(Instant::now()));
        pulse.wakes(arrived.is_ok());
        match arrived {
            Ok(Message::Store(store::News::Opened(it))) => begun.opening = Some(it),
            Ok(Message::Shelf(it)) => begun.small = Some(it),
            Ok(other) => begun.later.push(other),
            Err(_) => break,
        }
    }
    begun
}

/// The desktop's time zone; UTC where it cannot be told.
fn zone() -> chrono_tz::Tz {
    iana_time_zone::get_timezone().ok().and_then(|name| name.parse().ok()).unwrap_or(chrono_tz::Tz::UTC)
}
