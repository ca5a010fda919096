//! What stands on the screen, by what it is about. Every call goes through one lasting connection: GNOME Shell lets
//! nobody else replace or close a notification, and answers buttons to nobody else.

use std::collections::{BTreeMap, BTreeSet};

use herald_core::alarm::Button;
use herald_core::state::Health;
use herald_core::{AlarmKey, Announcement};
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use tokio::time::Instant;

use super::bus::{Bus, Posted, Refusal, Signal, Skills};
pub(super) use super::bus::{probe, say};
pub(super) use super::leftovers::Leftovers;
use super::{Inbox, Request, Told};
use herald_door::Token;

/// How often a session bus that cannot be reached is tried again.
const RECONNECT_EVERY: std::time::Duration = std::time::Duration::from_secs(5);
/// Signals that are kept while it is not known which call they belong to.
const EARLY_MAX: usize = 32;
/// How often in a row a daemon may ask for more time between two notifications.
const CROWDED_MAX: u8 = 3;

/// What happens to the screen.
#[derive(Clone, Debug)]
pub(super) enum Event {
    Show(Box<Announcement>),
    Withdraw(AlarmKey),
    /// The bus was reached; the daemon that there was, if any.
    Connected(Option<String>),
    /// The bus went away.
    Lost,
    /// Another daemon has the name, or none has.
    Owner(Option<String>),
    /// The program with this name on the bus told something.
    Told(String, Signal),
    /// A call was answered, however late.
    Answered(AlarmKey, u64, Result<Posted, Refusal>),
    /// A call is without its answer for long; it may still be carried out.
    Slow(AlarmKey, u64),
    /// The daemon wanted to be left alone for a moment, which is over.
    Again(AlarmKey),
    /// The daemon was asked what it can do.
    Looked(Result<Skills, Refusal>),
}

/// What is to be done about it.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Deed {
    /// Show it, in the place of the one before if that has an id other than 0.
    Post {
        it: Box<Announcement>,
        number: u64,
        before: u32,
        skills: Skills,
    },
    Close(u32),
    Look,
    PostSoon(AlarmKey),
    Health(Health),
    Instead(AlarmKey),
    Chosen(AlarmKey, Button, Option<Token>),
}

/// One notification.
struct Card {
    it: Box<Announcement>,
    /// Under which id it stands on the screen.
    id: Option<u32>,
    /// The call that is under way; there is never a second one, so that the last word stays the last.
    call: Option<u64>,
    /// What it should say has changed since that call.
    changed: bool,
    /// It is to go as soon as it is known under which id.
    withdrawn: bool,
    /// It is on no screen and should be: the daemon that showed it has left, or there was none to show it.
    lost: bool,
    crowded: u8,
}

/// The screen. Its methods say what is to be done; nothing here waits or does.
pub(super) struct Screen {
    connected: bool,
    owner: Option<String>,
    cards: BTreeMap<AlarmKey, Card>,
    calls: u64,
    /// Tokens by the notification that they were given for.
    tokens: BTreeMap<u32, Token>,
    early: Vec<Signal>,
    told_otherwise: BTreeSet<AlarmKey>,
    /// What the daemon can do; until it has said so, it is taken to be able.
    skills: Skills,
    /// Why the last notification was not shown.
    fault: Option<String>,
}

impl Screen {
    pub fn new() -> Self {
        Self {
            connected: false,
            owner: None,
            cards: BTreeMap::new(),
            calls: 0,
            tokens: BTreeMap::new(),
            early: vec![],
            told_otherwise: BTreeSet::new(),
            skills: Skills { markup: true, keeps_buttons: true, name: String::new() },
            fault: None,
        }
    }

    /// Takes note of what happened, and says what is to be done.
    pub fn on(&mut self, event: Event) -> Vec<Deed> {
        match event {
            Event::Show(it) => self.show(it),
            Event::Withdraw(key) => self.withdraw(&key),
            Event::Connected(owner) => {
                self.connected = true;
                self.owner = owner;
                [vec![Deed::Look], self.show_lost()].concat()
            }
            Event::Lost => {
                self.connected = false;
                self.forget();
                vec![Deed::Health(dead(&Refusal::NoBus.words()))]
            }
            Event::Owner(owner) => self.changed_hands(owner),
            Event::Told(from, signal) if self.owner.as_ref() == Some(&from) => self.told(signal),
            // Anybody can send a signal; only the daemon's counts.
            Event::Told(..) => vec![],
            Event::Answered(key, number, answer) => self.answered(key, number, answer),
            Event::Slow(key, number) => {
                let waits = self.cards.get(&key).is_some_and(|card| card.call == Some(number) && !card.withdrawn);
                if waits { self.failed(key, Refusal::Silent.words()) } else { vec![] }
            }
            Event::Again(key) => self.post(&key),
            Event::Looked(Ok(skills)) => {
                self.skills = skills;
                vec![Deed::Health(self.fault.as_deref().map_or_else(|| works(&self.skills.name), dead))]
            }
            Event::Looked(Err(refusal)) => vec![Deed::Health(dead(&refusal.words()))],
        }
    }

    /// The ids of what stands on the screen.
    pub fn ids(&self) -> Vec<u32> {
        self.cards.values().filter_map(|card| card.id).collect()
    }

    fn show(&mut self, it: Box<Announcement>) -> Vec<Deed> {
        let key = it.key.clone();
        let fresh =
            Card { it: it.clone(), id: None, call: None, changed: false, withdrawn: false, lost: false, crowded: 0 };
        let card = self.cards.entry(key.clone()).or_insert(fresh);
        card.it = it;
        card.withdrawn = false;
        card.crowded = 0;
        if card.call.is_some() {
            card.changed = true;
            return vec![];
        }
        self.post(&key)
    }

    fn post(&mut self, key: &AlarmKey) -> Vec<Deed> {
        if !self.connected {
            self.cards.get_mut(key).into_iter().for_each(|card| card.lost = true);
            return self.failed(key.clone(), Refusal::NoBus.words());
        }
        let Some(card) = self.cards.get_mut(key).filter(|card| card.call.is_none() && !card.withdrawn) else {
            return vec![];
        };
        self.calls += 1;
        card.call = Some(self.calls);
        (card.changed, card.lost) = (false, false);
        let (it, before) = (card.it.clone(), card.id.unwrap_or(0));
        vec![Deed::Post { it, number: self.calls, before, skills: self.skills.clone() }]
    }

    fn withdraw(&mut self, key: &AlarmKey) -> Vec<Deed> {
        self.told_otherwise.remove(key);
        let Some(card) = self.cards.get_mut(key) else { return vec![] };
        let close = card.id.take().map(Deed::Close);
        if card.call.is_some() {
            // What is under way may still be carried out: it is taken away when its id is known.
            card.withdrawn = true;
        } else {
            self.cards.remove(key);
        }
        close.into_iter().collect()
    }

    fn answered(&mut self, key: AlarmKey, number: u64, answer: Result<Posted, Refusal>) -> Vec<Deed> {
        let Some(card) = self.cards.get_mut(&key).filter(|card| card.call == Some(number)) else { return vec![] };
        card.call = None;
        let mut deeds = match answer {
            Ok(posted) => self.posted(&key, posted),
            Err(refusal) => self.refused(key, refusal),
        };
        if self.cards.values().all(|card| card.call.is_none()) {
            self.early.clear();
        }
        deeds.dedup();
        deeds
    }

    fn posted(&mut self, key: &AlarmKey, posted: Posted) -> Vec<Deed> {
        let known = self.owner.get_or_insert_with(|| posted.by.clone());
        let by_this = *known == posted.by;
        let Some(card) = self.cards.get_mut(key) else { return vec![] };
        if !by_this {
            // Answered by a daemon that has left since, and taken its screen with it.
            let again = !card.withdrawn;
            if !again {
                self.cards.remove(key);
            }
            return if again { self.post(key) } else { vec![] };
        }
        let moved = card.id.filter(|id| *id != posted.id).map(Deed::Close);
        if card.withdrawn {
            self.cards.remove(key);
            return moved.into_iter().chain([Deed::Close(posted.id)]).collect();
        }
        card.id = Some(posted.id);
        card.crowded = 0;
        self.fault = None;
        self.told_otherwise.remove(key);
        let mut deeds: Vec<Deed> = moved.into_iter().chain([Deed::Health(works(&self.skills.name))]).collect();
        let (early, later) = std::mem::take(&mut self.early).into_iter().partition(|one| one.id() == posted.id);
        self.early = later;
        let early: Vec<Signal> = early;
        deeds.extend(early.into_iter().flat_map(|signal| self.told(signal)));
        if self.cards.get(key).is_some_and(|card| card.changed) {
            deeds.extend(self.post(key));
        }
        deeds
    }

    fn refused(&mut self, key: AlarmKey, refusal: Refusal) -> Vec<Deed> {
        let Some(card) = self.cards.get_mut(&key) else { return vec![] };
        if card.withdrawn {
            self.cards.remove(&key);
            return vec![];
        }
        if refusal == Refusal::Crowded && card.crowded < CROWDED_MAX {
            card.crowded += 1;
            return vec![Deed::PostSoon(key)];
        }
        let stood = card.id.take();
        if matches!(refusal, Refusal::Said(_)) && stood.is_some() {
            // It does not let that one be replaced: then a new one, and the old one goes if it may.
            return stood.map(Deed::Close).into_iter().chain(self.post(&key)).collect();
        }
        card.lost = true;
        self.failed(key, refusal.words())
    }

    /// It is not shown, or not for now; the window is the next best thing to be seen, once.
    fn failed(&mut self, key: AlarmKey, why: String) -> Vec<Deed> {
        tracing::warn!(why, "a notification was not shown");
        self.fault = Some(why.clone());
        let first = self.told_otherwise.insert(key.clone());
        [Deed::Health(dead(&why))].into_iter().chain(first.then_some(Deed::Instead(key))).collect()
    }

    fn told(&mut self, signal: Signal) -> Vec<Deed> {
        let id = signal.id();
        let Some(key) = self.cards.iter().find(|(_, card)| card.id == Some(id)).map(|(key, _)| key.clone()) else {
            let awaited = self.cards.values().any(|card| card.call.is_some());
            if awaited && self.early.len() < EARLY_MAX {
                self.early.push(signal);
            }
            return vec![];
        };
        match signal {
            Signal::Token(_, token) => {
                self.tokens.extend(Token::new(token).map(|token| (id, token)));
                vec![]
            }
            Signal::Action(_, action) => {
                let token = self.tokens.remove(&id);
                Button::from_id(&action).map(|button| Deed::Chosen(key, button, token)).into_iter().collect()
            }
            Signal::Closed(_) => {
                self.tokens.remove(&id);
                if let Some(card) = self.cards.get_mut(&key) {
                    card.id = None;
                }
                vec![]
            }
        }
    }

    fn changed_hands(&mut self, owner: Option<String>) -> Vec<Deed> {
        if self.owner == owner {
            return vec![];
        }
        if self.owner.is_some() {
            self.forget();
        }
        self.owner = owner;
        self.fault = None;
        let again = if self.owner.is_some() { self.show_lost() } else { vec![] };
        // Asking also starts a daemon that the bus starts on demand.
        [vec![Deed::Look], again].concat()
    }

    /// Ids mean nothing to the next daemon, or name what belongs to others.
    fn forget(&mut self) {
        self.owner = None;
        self.tokens.clear();
        self.early.clear();
        for card in self.cards.values_mut() {
            card.lost |= card.id.take().is_some();
        }
        self.cards.retain(|_, card| !card.withdrawn || card.call.is_some());
    }

    fn show_lost(&mut self) -> Vec<Deed> {
        let lost: Vec<AlarmKey> =
            self.cards.iter().filter(|(_, card)| card.lost && !card.withdrawn).map(|(key, _)| key.clone()).collect();
        lost.iter().flat_map(|key| self.post(key)).collect()
    }
}

fn dead(reason: &str) -> Health {
    Health::Dead { reason: reason.into() }
}

fn works(by: &str) -> Health {
    Health::Works { by: by.into() }
}

/// Keeps the screen true until the process ends.
pub(super) async fn keep(mut inbox: Inbox, told: Told) {
    let (events, mut happened) = unbounded_channel();
    let (mut screen, mut bus, mut checks) = (Screen::new(), None::<Bus>, vec![]);
    let mut connect_at = Instant::now();
    loop {
        let event = tokio::select! {
            biased;
            Some(event) = happened.recv() => event,
            () = tokio::time::sleep_until(connect_at), if bus.is_none() => {
                connect_at = Instant::now() + RECONNECT_EVERY;
                match Bus::connect(events.clone()).await {
                    Ok((reached, owner)) => {
                        inbox.leftovers.begin(&reached);
                        bus = Some(reached);
                        Event::Connected(owner)
                    }
                    Err(_) => Event::Lost,
                }
            }
            request = inbox.requests.recv() => match request {
                Some(Request::Show(it)) => Event::Show(it),
                Some(Request::Withdraw(key)) => Event::Withdraw(key),
                Some(Request::Check(done)) => {
                    checks.push(done);
                    look(bus.as_ref(), &events);
                    continue;
                }
                None => return,
            },
        };
        let looked = matches!(event, Event::Looked(_));
        if matches!(event, Event::Lost) {
            bus = None;
        }
        for deed in screen.on(event) {
            carry_out(deed, bus.as_ref(), &events, &told);
        }
        if looked {
            for done in checks.drain(..) {
                let done: tokio::sync::oneshot::Sender<()> = done;
                let _ = done.send(());
            }
        }
        inbox.leftovers.note(screen.owner.as_deref(), screen.ids());
    }
}

fn look(bus: Option<&Bus>, events: &UnboundedSender<Event>) {
    match bus {
        Some(bus) => bus.look(),
        None => drop(events.send(Event::Looked(Err(Refusal::NoBus)))),
    }
}

fn carry_out(deed: Deed, bus: Option<&Bus>, events: &UnboundedSender<Event>, told: &Told) {
    match (deed, bus) {
        (Deed::Post { it, number, before, skills }, Some(bus)) => bus.post(*it, number, before, skills),
        (Deed::Post { it, number, .. }, None) => {
            let _ = events.send(Event::Answered(it.key, number, Err(Refusal::NoBus)));
        }
        (Deed::Close(id), Some(bus)) => bus.close(id),
        (Deed::PostSoon(key), Some(bus)) => bus.soon(key),
        // What stood on a screen that cannot be reached is gone with it.
        (Deed::Close(_) | Deed::PostSoon(_), None) => {}
        (Deed::Look, bus) => look(bus, events),
        (Deed::Health(health), _) => told.health(health),
        (Deed::Instead(key), _) => (told.instead)(key),
        (Deed::Chosen(key, button, token), _) => (told.chosen)(key, button, token),
    }
}

#[cfg(test)]
mod tests;
