//! The small files of the data folder, on a thread of their own beside the loop: the team's rules, and what practice events
//! came to. The rules are read before anything is decided, followed as their file changes, and kept while it cannot be used.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};

use herald_core::{Playbook, Training};

use crate::playbook::{self, Held, Seen};
use crate::{files, practised};

/// What is said where the team's rules were never readable.
pub(crate) const NO_RULES: &str =
    "Herald does not know who only watches, so it writes nothing until the playbook is sound.";

/// What is said when the playbook went with the folder that it lay in.
const LOST: &str = "The playbook was removed with everything beside it. What it said holds: put its file back into Herald's data folder.";

/// What is said when somebody took back the team's rules.
const REMOVED: &str = "The playbook was removed. The rules that come with Herald hold now.";

/// What was found, or is new.
#[derive(Debug, Default)]
pub(crate) struct News {
    /// The rules that hold.
    pub rules: Option<Rules>,
    /// What the user is told.
    pub notices: Vec<String>,
    /// What practice events came to, each with its file, which stays until the database has it.
    pub practised: Vec<(PathBuf, Training)>,
}

/// The rules that hold.
#[derive(Clone, Debug)]
pub(crate) struct Rules {
    pub playbook: Arc<Playbook>,
    /// The team has rules of its own, but there were never any that could be read.
    pub unknown: bool,
}

enum Order {
    Look,
    TakenIn(PathBuf),
}

/// The way to the thread. Sending never waits; each look is answered with news, and the first needs no asking.
pub(crate) struct Shelf {
    orders: Sender<Order>,
}

impl Shelf {
    /// Reads the folder on a thread of its own, and tells what is there, until nobody listens any more.
    pub fn start(folder: PathBuf, tell: impl Fn(News) -> bool + Send + 'static) -> Self {
        let (orders, inbox) = channel();
        let work = move || Work::open(folder).run(&inbox, tell);
        if let Err(error) = std::thread::Builder::new().name("shelf".into()).spawn(work) {
            tracing::error!(%error, "the playbook cannot be read");
        }
        Self { orders }
    }

    /// Looks for what is new.
    pub fn look(&self) {
        let _ = self.orders.send(Order::Look);
    }

    /// What a practice event came to is in the database.
    pub fn taken_in(&self, path: PathBuf) {
        let _ = self.orders.send(Order::TakenIn(path));
    }
}

struct Work {
    folder: PathBuf,
    /// How the playbook's file looked last.
    seen: Seen,
    /// What it said, or last said when it was sound.
    held: Held,
    /// It went with all that lay beside it, and what it said holds until there is one again.
    lost: bool,
}

impl Work {
    fn open(folder: PathBuf) -> Self {
        let seen = Seen::at(&path(&folder));
        playbook::keep(&folder);
        let held = playbook::held(&folder);
        Self { folder, seen, held, lost: false }
    }

    fn run(mut self, orders: &Receiver<Order>, tell: impl Fn(News) -> bool) {
        let first = News { rules: Some(self.rules()), notices: self.notice().into_iter().collect(), practised: vec![] };
        let mut news = News { practised: practised::waiting(&self.folder), ..first };
        while tell(news) {
            news = loop {
                match orders.recv() {
                    Ok(Order::Look) => break self.look(),
                    Ok(Order::TakenIn(path)) => practised::taken_in(&path),
                    Err(_) => return,
                }
            };
        }
    }

    fn look(&mut self) -> News {
        News { practised: practised::waiting(&self.folder), ..self.read_playbook() }
    }

    fn rules(&self) -> Rules {
        Rules { playbook: Arc::new(self.held.playbook.clone()), unknown: self.held.unknown() }
    }

    fn notice(&self) -> Option<String> {
        let error = self.held.fault.as_ref()?;
        let then = if self.held.unknown() { NO_RULES } else { "Until it is put right, what it said before holds." };
        Some(format!("The playbook cannot be used. {error}\n{then}"))
    }

    /// Reads the user's playbook when its file has changed. A bad one is told about, and the last good one stays. One
    /// that is away twice in a row was removed: many editors remove a file before they write it anew.
    fn read_playbook(&mut self) -> News {
        let seen = Seen::at(&path(&self.folder));
        let before = std::mem::replace(&mut self.seen, seen);
        let known = !(self.held.default && self.held.fault.is_none());
        match seen {
            Seen::Away if before == Seen::Away && known && !self.lost => self.removed(),
            Seen::There(_) | Seen::Unclear if seen != before || self.held.fault.is_some() => self.changed(),
            Seen::Away | Seen::There(_) | Seen::Unclear => News::default(),
        }
    }

    fn removed(&mut self) -> News {
        // Whoever takes back the rules removes the file, not what Herald keeps of it: that went with the whole folder.
        if let Some(text) = self.held.text.clone().filter(|_| !playbook::is_kept(&self.folder)) {
            self.lost = true;
            let _ = files::private_folder(&self.folder);
            playbook::keep_text(&self.folder, &text);
            return News { notices: vec![LOST.into()], ..News::default() };
        }
        playbook::forget(&self.folder);
        self.held = Held { playbook: playbook::default(), fault: None, default: true, text: None };
        News { rules: Some(self.rules()), notices: vec![REMOVED.into()], ..News::default() }
    }

    fn changed(&mut self) -> News {
        self.lost = false;
        playbook::keep(&self.folder);
        let found = playbook::held(&self.folder);
        if found.unknown() && !self.held.default {
            // Where nothing can be kept on disk, what was good stays in memory.
            self.held.fault = found.fault;
        } else {
            self.held = found;
        }
        News { rules: Some(self.rules()), notices: self.notice().into_iter().collect(), ..News::default() }
    }
}

fn path(folder: &Path) -> PathBuf {
    folder.join(playbook::FILE)
}
