//! The team's rules: read before anything is decided, followed as their file changes, and kept while it cannot be used.

use std::path::Path;
use std::sync::Arc;

use herald_core::state::Session;
use herald_core::{Input, Playbook};

use super::Loop;
use crate::files;
use crate::playbook::{self, Held, Seen};

/// What is said where the team's rules were never readable.
const NO_RULES: &str = "Herald does not know who only watches, so it writes nothing until the playbook is sound.";

/// What is said when the playbook went with the folder that it lay in.
const LOST: &str = "The playbook was removed with everything beside it. What it said holds: put its file back into Herald's data folder.";

/// What the loop knows of the playbook's file.
pub(super) struct Rules {
    /// How it looked last.
    seen: Seen,
    /// What it said, or last said when it was sound.
    held: Held,
    /// It went with all that lay beside it, and what it said holds until there is one again.
    lost: bool,
}

impl Rules {
    pub fn open(folder: &Path) -> Self {
        let seen = Seen::at(&folder.join(playbook::FILE));
        playbook::keep(folder);
        Self { seen, held: playbook::held(folder), lost: false }
    }

    /// The rules of the first step.
    pub fn first(&self) -> Arc<Playbook> {
        Arc::new(self.held.playbook.clone())
    }

    /// What the session begins with.
    pub fn tell(&self, session: &mut Session) {
        session.no_rules = self.held.unknown();
        session.notices.extend(self.notice());
    }

    fn notice(&self) -> Option<String> {
        let error = self.held.fault.as_ref()?;
        let then = if self.held.unknown() { NO_RULES } else { "Until it is put right, what it said before holds." };
        Some(format!("The playbook cannot be used. {error}\n{then}"))
    }
}

impl Loop {
    /// Reads the user's playbook when its file has changed. A bad one is told about, and the last good one stays. One
    /// that is away twice in a row was removed: many editors remove a file before they write it anew.
    pub(super) fn read_playbook(&mut self) {
        let seen = Seen::at(&self.folder.join(playbook::FILE));
        let before = std::mem::replace(&mut self.rules.seen, seen);
        if seen == Seen::Away {
            let known = !(self.rules.held.default && self.rules.held.fault.is_none());
            if before == Seen::Away && known && !self.rules.lost {
                self.playbook_removed();
            }
        } else if seen != before || self.rules.held.fault.is_some() {
            self.playbook_changed();
        }
    }

    fn playbook_removed(&mut self) {
        // Whoever takes back the rules removes the file, not what Herald keeps of it: that went with the whole folder.
        if let Some(text) = self.rules.held.text.clone().filter(|_| !playbook::is_kept(&self.folder)) {
            self.rules.lost = true;
            let _ = files::private_folder(&self.folder);
            playbook::keep_text(&self.folder, &text);
            self.notice(LOST.into());
            return;
        }
        playbook::forget(&self.folder);
        self.rules.held = Held { playbook: playbook::default(), fault: None, default: true, text: None };
        self.input(Input::PlaybookRead(self.rules.first()));
        self.input(Input::Noticed("The playbook was removed. The rules that come with Herald hold now.".into()));
    }

    fn playbook_changed(&mut self) {
        self.rules.lost = false;
        playbook::keep(&self.folder);
        let found = playbook::held(&self.folder);
        if found.unknown() && !self.rules.held.default {
            // Where nothing can be kept on disk, what was good stays in memory.
            self.rules.held.fault = found.fault;
        } else {
            self.rules.held = found;
        }
        let held = &self.rules.held;
        let news = (self.state.session.no_rules, &*self.state.playbook) != (held.unknown(), &held.playbook);
        if news {
            let input = if held.unknown() { Input::NoRules } else { Input::PlaybookRead(self.rules.first()) };
            self.input(input);
        }
        if let Some(notice) = self.rules.notice() {
            self.notice(notice);
        }
    }
}
