//! What the loop has looked after now and then, beside itself: the small files of the data folder, and the store.

use chrono::TimeDelta;
use herald_core::Input;

use super::Loop;
use crate::shelf;
use crate::store::Order;

/// How often the data folder is looked at where nobody tells what changes in it, and after somebody has told.
const LOOK_EVERY: TimeDelta = TimeDelta::seconds(5);
/// The same while nothing is told: what is missed then is a backup of today, or a log that is full.
const LOOK_SELDOM: TimeDelta = TimeDelta::seconds(60);
/// How long it is looked at often after something was told: what goes for a moment is not gone.
const STIRS_FOR: TimeDelta = TimeDelta::seconds(20);
/// How long a look at the small files may take before the user is told.
const SHELF_WITHIN: TimeDelta = TimeDelta::seconds(20);

/// What is said while the small files cannot be read.
const SHELF_SILENT: &str =
    "The disk with Herald's data folder does not answer, so a changed playbook is not followed. Pages are watched.";

impl Loop {
    pub(super) fn chores(&mut self) {
        let now = self.clock.now();
        self.clock.take_words().into_iter().for_each(|words| self.input(Input::Noticed(words)));
        let silent = |since| herald_core::reached(since + SHELF_WITHIN, now, SHELF_WITHIN);
        if self.looks_since.is_some_and(silent) {
            self.notice(SHELF_SILENT.into());
        }
        let pause = self.pause(now);
        if !herald_core::reached(self.chores_at, now, pause) {
            return;
        }
        self.chores_at = now + pause;
        if self.looks_since.is_none() {
            self.looks_since = Some(now);
            self.shelf.look();
        }
        self.save_anew();
        if self.saving.idle() {
            self.order(Order::Look);
        }
    }

    /// How long after a look at the data folder the next one is due, as things stand now.
    fn pause(&self, now: herald_core::Time) -> TimeDelta {
        let stirs = self.stirred_at.is_none_or(|at| !herald_core::reached(at + STIRS_FOR, now, STIRS_FOR));
        if stirs || self.saving.behind() { LOOK_EVERY } else { LOOK_SELDOM }
    }

    /// Takes in what the small files say.
    pub(super) fn shelf(&mut self, news: shelf::News) {
        self.looks_since = None;
        if let Some(rules) = news.rules {
            let known = (self.state.session.no_rules, &*self.state.playbook);
            if known != (rules.unknown, &*rules.playbook) {
                self.input(if rules.unknown { Input::NoRules } else { Input::PlaybookRead(rules.playbook) });
            }
        }
        news.notices.into_iter().for_each(|notice| self.notice(notice));
        for (path, training) in news.practised {
            if !self.practised.iter().any(|(_, known)| *known == path) {
                self.input(Input::Practised(Box::new(training)));
                self.practised.push((self.saving.last(), path));
            }
        }
    }

    /// Lets go of the files of practice events that the database has.
    pub(super) fn let_go_of_practised(&mut self) {
        let now = self.clock.now();
        for (number, path) in std::mem::take(&mut self.practised) {
            match self.saving.settled(number, now) {
                Some(true) => self.shelf.taken_in(path),
                // Its file is found again.
                Some(false) => {}
                None => self.practised.push((number, path)),
            }
        }
    }

    /// Tells the user something, once.
    pub(super) fn notice(&mut self, notice: String) {
        if !self.state.session.notices.contains(&notice) {
            self.input(Input::Noticed(notice));
        }
    }
}
