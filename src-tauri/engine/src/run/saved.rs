//! What the loop hands to the store, and what waits for it: nothing that leaves Herald leaves before it is on disk, and
//! "done" is said when it is.

use std::time::Duration;

use herald_core::{Change, IncidentId, Input, Permit, Refusal, Settings, State, Write};
use tokio::sync::oneshot;

use super::Loop;
use crate::store::{News, Opening, Order};

/// How long the end of Herald waits for the store.
const END_WITHIN: Duration = Duration::from_secs(10);

/// The answer to "I intend to…": what it says, with leave to say it.
pub(crate) type IntentionReply = oneshot::Sender<Result<(herald_core::intend::Intention, Permit), Refusal>>;

/// Whoever waits until what they asked for is on disk.
pub(super) enum Waits {
    User(oneshot::Sender<Result<(), Refusal>>),
    Connected(oneshot::Sender<()>),
}

impl Waits {
    fn answer(self, saved: bool) {
        match self {
            Self::User(reply) => drop(reply.send(if saved { Ok(()) } else { Err(Refusal::NotSavedYet) })),
            Self::Connected(reply) => drop(reply.send(())),
        }
    }
}

impl Loop {
    /// Hands an order to the store, unless that first needs everything anew.
    pub(super) fn order(&mut self, order: impl FnOnce(u64) -> Order) {
        if let Some(number) = self.saving.decided(self.clock.now()) {
            self.store.send(order(number));
        }
    }

    /// Hands everything to the store, if it lacks something.
    pub(super) fn save_anew(&mut self) {
        if let Some(number) = self.saving.anew(self.clock.now()) {
            self.store.send(Order::All(number, Box::new(self.state.clone())));
        }
    }

    /// Hears of the store. Says whether anything may have become due.
    pub(super) fn stored(&mut self, news: News) -> bool {
        match news {
            News::Kept(number) => {
                self.saving.kept(number);
                let news = self.settle();
                if !news {
                    self.answer();
                }
                return news;
            }
            News::Behind(why) => {
                let asks = why.is_none();
                self.saving.lost(why);
                if asks {
                    self.save_anew();
                }
            }
            News::Opened(opening) => self.opened_late(opening),
            News::Found(held) => self.take_in(*held),
            News::Noticed(notice) => self.notice(notice),
        }
        true
    }

    /// What could be read of the folder comes after Herald has begun to watch.
    fn opened_late(&mut self, opening: Opening) {
        opening.notices.into_iter().for_each(|notice| self.notice(notice));
        self.saving.lost(opening.fault);
        if let Some(held) = opening.held {
            self.take_in(*held);
        }
        self.save_anew();
    }

    /// Acts on how saving stands: says it, and lets leave what may. Says whether anything came of it.
    pub(super) fn settle(&mut self) -> bool {
        let now = self.clock.now();
        let fault = self.saving.fault(now).map(str::to_owned);
        let news = fault != self.state.session.store_fault;
        if news {
            tracing::warn!(?fault, "saving");
            self.input(Input::StoreSeen(fault));
        }
        let starts = self.saving.starts(now);
        let anything = news || !starts.is_empty();
        starts.into_iter().for_each(|(write, saved)| self.leave(write, saved));
        self.let_go_of_practised();
        anything
    }

    /// Answers whoever waited for the disk and no longer does. What came of it is shown by now.
    pub(super) fn answer(&mut self) {
        let now = self.clock.now();
        for (number, waits) in std::mem::take(&mut self.waits) {
            match self.saving.settled(number, now) {
                Some(saved) => waits.answer(saved),
                None => self.waits.push((number, waits)),
            }
        }
    }

    /// Ends with everything on disk, if the disk takes it.
    pub(super) fn end(mut self) {
        self.pulse.ends();
        self.save_anew();
        let saved = self.store.end(END_WITHIN);
        if !saved {
            tracing::warn!("the disk does not answer; what was decided last is not saved");
        }
        self.waits.into_iter().for_each(|(_, waits)| waits.answer(saved));
    }

    /// Takes in what could not be read at the start, so that it is not overwritten with nothing. What the user chose
    /// and entered in the meantime is laid over it.
    fn take_in(&mut self, mut held: State) {
        held.playbook = std::sync::Arc::clone(&self.state.playbook);
        held.session = self.state.session.clone();
        let known = std::mem::replace(&mut self.state, held);
        self.gallery.touch_everything();
        if known.settings != Settings::default() {
            self.state.apply(&Change::Settings(known.settings.clone()));
        }
        self.input(Input::Started(Box::new(known.session.clone())));
        self.input(Input::ReadLate(Box::new(known.clone())));
        let account = known.account.map(Input::Connected);
        let tracker = known.tracker.map(Input::TrackerConnected);
        let page = known.status_page.map(Input::StatusPageConnected);
        let slack = known.slack.map(Input::SlackConnected);
        let zendesk = known.zendesk.map(Input::ZendeskConnected);
        for connected in [account, tracker, page, slack, zendesk].into_iter().flatten() {
            self.input(connected);
        }
    }

    /// "I intend to…" may be said once everything that led to it is on disk.
    pub(super) fn intend(&mut self, id: IncidentId, reply: IntentionReply) {
        self.intends.push((id, reply));
        self.saving.start(Write::Intention(id), self.clock.now());
    }
}
