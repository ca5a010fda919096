//! What the loop looks after now and then: practice results, the store and its backup.

use std::sync::Arc;

use chrono::TimeDelta;
use herald_core::{Change, Input, Settings, State};

use super::Loop;
use crate::store::{Store, StoreError};
use crate::{files, practised};

/// How often the chores are looked at.
const CHORES_EVERY: TimeDelta = TimeDelta::seconds(5);
/// How often is looked whether there is a backup of today: one that could not be made, or was removed, is made anew.
const BACKUP_EVERY: TimeDelta = TimeDelta::minutes(10);

impl Loop {
    pub(super) fn chores(&mut self) {
        let now = self.clock.now();
        if !herald_core::reached(self.chores_at, now, CHORES_EVERY) {
            return;
        }
        self.chores_at = now + CHORES_EVERY;
        self.read_playbook();
        self.clock.take_words().into_iter().for_each(|words| self.input(Input::Noticed(words)));
        self.mend_store();
        self.take_practised();
        if let Ok(store) = &mut self.store {
            store.settle();
            if self.backup_at.is_none_or(|at| herald_core::reached(at, now, BACKUP_EVERY)) {
                self.backup_at = Some(now + BACKUP_EVERY);
                store.backup_daily(now);
            }
        }
    }

    /// Takes in what practice events came to; their files stay until the database has them.
    pub(super) fn take_practised(&mut self) {
        for (path, training) in practised::waiting(&self.folder) {
            self.input(Input::Practised(Box::new(training)));
            if !self.unsaved && self.store.is_ok() {
                practised::taken_in(&path);
            }
        }
    }

    /// Tries to save again after failures, opening the database anew where its files are not the ones that others find,
    /// or are damaged.
    pub(super) fn mend_store(&mut self) {
        let outside = self.store.as_mut().ok().and_then(Store::outside);
        if matches!(self.store, Err(StoreError::Newer)) || !(self.unsaved || outside.is_some()) {
            return;
        }
        self.unsaved = true;
        let saved = match &mut self.store {
            Ok(store) if outside.is_none() => store.replace(&self.state),
            Ok(_) | Err(_) => Err(StoreError::Damaged),
        };
        let saved = match saved {
            Ok(()) => Ok(()),
            Err(error @ (StoreError::Busy | StoreError::Full)) => Err(error.to_string()),
            Err(_) => self.reopen_store(),
        };
        match saved {
            Ok(()) => {
                self.unsaved = false;
                self.input(Input::StoreSeen(None));
            }
            Err(why) => self.store_failed(why),
        }
    }

    /// Opens the database anew and saves everything into it, or says why it could not.
    fn reopen_store(&mut self) -> Result<(), String> {
        let _ = files::private_folder(&self.folder);
        let left = self.leave_store()?;
        let mut held = State::new(Arc::clone(&self.state.playbook), self.state.session.clone());
        let opened = Store::open_and_load(&self.folder, self.clock.now(), &mut held);
        // What was left is told about in full; what else was found there is part of it.
        let notices = left.map_or(opened.notices, |said| vec![said]);
        notices.into_iter().for_each(|notice| self.notice(notice));
        self.store = opened.store;
        if self.store.is_ok() && !std::mem::replace(&mut self.loaded, true) {
            self.take_in(held);
        }
        match &mut self.store {
            Ok(store) => store.replace(&self.state).map_err(|error| error.to_string()),
            Err(error) => Err(error.to_string()),
        }
    }

    /// Lets go of a store whose files are not the ones that others find; says what the user is told. It is closed before
    /// another is opened: SQLite would take away what the new one has beside it.
    fn leave_store(&mut self) -> Result<Option<String>, String> {
        let left = match std::mem::replace(&mut self.store, Err(StoreError::Damaged)) {
            Ok(mut store) => match store.outside() {
                Some(outside) => Some(store.leave(outside, self.clock.now())),
                None => None,
            },
            Err(_) => None,
        };
        match left.transpose() {
            Ok(said) => Ok(said),
            Err(kept) => {
                let (store, error) = *kept;
                self.store = Ok(store);
                Err(error.to_string())
            }
        }
    }

    /// Tells the user something, once.
    pub(super) fn notice(&mut self, notice: String) {
        if !self.state.session.notices.contains(&notice) {
            self.input(Input::Noticed(notice));
        }
    }

    /// Takes in what could not be read at the start, so that it is not overwritten with nothing. What the user chose
    /// and entered in the meantime is laid over it.
    fn take_in(&mut self, held: State) {
        let known = std::mem::replace(&mut self.state, held);
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
}
