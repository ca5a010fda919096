//! The store on a thread of its own, beside the loop: takes what was decided, in order, and tells when it is on disk.
//! However long the disk takes, nobody but this thread waits for it.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, TryRecvError, channel};
use std::time::Duration;

use chrono::TimeDelta;
use herald_core::{Change, State, Time};

use super::{Outside, Store, StoreError, rows};
use crate::clock::Clock;
use crate::files;

/// How often is looked whether there is a backup of today: one that could not be made, or was removed, is made anew.
const BACKUP_EVERY: TimeDelta = TimeDelta::minutes(10);

/// What the store is to do, in the order in which it was asked for.
pub(crate) enum Order {
    /// Make this decision durable, and look whether the files are still the ones.
    Commit(u64, Vec<Change>),
    /// Hold exactly this state: something of it was not saved.
    All(u64, Box<State>),
    /// Look after the files.
    Look(u64),
    /// Hear what became of the look at the whole file.
    Checked(Result<(), StoreError>),
    /// Close them.
    End(Sender<()>),
}

/// What became of it.
pub(crate) enum News {
    /// The folder was opened, or could not be.
    Opened(Opening),
    /// Everything up to this order is on disk.
    Kept(u64),
    /// From some order on, nothing is kept until everything comes anew; with the reason where the disk took nothing.
    Behind(Option<String>),
    /// What could not be read at the start.
    Found(Box<State>),
    /// The user is to be told.
    Noticed(String),
}

/// What was found at the start.
pub(crate) struct Opening {
    /// What is true, if it could be read.
    pub held: Option<Box<State>>,
    /// Why nothing can be saved.
    pub fault: Option<String>,
    /// What the user is told.
    pub notices: Vec<String>,
}

/// The way to the store's thread. Sending never waits.
pub(crate) struct Keeper {
    orders: Sender<Order>,
}

impl Keeper {
    /// Opens the store in `folder` on a thread of its own; `empty` is what holds where there is none. What becomes of it is
    /// told until nobody listens any more.
    pub fn start(
        folder: PathBuf,
        empty: State,
        clock: Arc<Clock>,
        tell: impl Fn(News) -> bool + Send + 'static,
    ) -> Self {
        let (orders, inbox) = channel();
        let own = orders.clone();
        let work = move || Work::open(folder, empty, clock, own, Box::new(tell)).run(&inbox);
        if let Err(error) = std::thread::Builder::new().name("store".into()).spawn(work) {
            tracing::error!(%error, "nothing can be saved");
        }
        Self { orders }
    }

    pub fn send(&self, order: Order) {
        let _ = self.orders.send(order);
    }

    /// Closes the store once everything is done that it was asked for; says whether that came to an end in time.
    pub fn end(&self, within: Duration) -> bool {
        let (ended, end) = channel();
        self.send(Order::End(ended));
        end.recv_timeout(within).is_ok()
    }
}

struct Work {
    store: Result<Store, StoreError>,
    folder: PathBuf,
    empty: State,
    clock: Arc<Clock>,
    /// The way to itself, for what goes on beside it.
    own: Sender<Order>,
    tell: Box<dyn Fn(News) -> bool + Send>,
    /// The whole file was looked at.
    checked: bool,
    /// Some of the past may be missing, and the disk takes it.
    takes_in: bool,
    /// What the store held at the start was told.
    read: bool,
    /// Something was not kept, so that nothing that follows may be.
    behind: bool,
    backup_at: Option<Time>,
}

/// Why everything must come anew.
enum Lost {
    /// The disk took nothing.
    Failed(String),
    /// What was found is to be taken in first.
    Found(Box<State>),
}

impl Work {
    fn open(
        folder: PathBuf,
        empty: State,
        clock: Arc<Clock>,
        own: Sender<Order>,
        tell: Box<dyn Fn(News) -> bool + Send>,
    ) -> Self {
        let mut held = empty.clone();
        let opened = Store::open_and_load(&folder, clock.now(), &mut held);
        // Where nothing can be written, what can be read is read, so that alarms work all the same.
        let mut reads = || Store::read_only(&folder).and_then(|old| old.load(&mut held)).is_ok();
        let read = opened.store.is_ok() || reads();
        let fault = opened.store.as_ref().err().map(ToString::to_string);
        let behind = fault.is_some();
        let held = read.then(|| Box::new(held));
        let _ = tell(News::Opened(Opening { held, fault, notices: opened.notices }));
        let (store, backup_at) = (opened.store, None);
        let mut it =
            Self { store, folder, empty, clock, own, tell, checked: false, takes_in: false, read, behind, backup_at };
        it.check();
        it
    }

    /// Has the whole file looked at, beside all that is done with it. That takes long, and nobody waits for it.
    fn check(&mut self) {
        let own = self.own.clone();
        self.checked = false;
        if let Ok(store) = &mut self.store {
            store.check(move |found| drop(own.send(Order::Checked(found))));
        }
    }

    /// The next order. While there is none, what is missing of the past is taken in.
    fn next(&mut self, orders: &Receiver<Order>) -> Option<Order> {
        while self.takes_in && !self.behind {
            match orders.try_recv() {
                Ok(order) => return Some(order),
                Err(TryRecvError::Disconnected) => return None,
                Err(TryRecvError::Empty) => self.take_in(),
            }
        }
        orders.recv().ok()
    }

    /// Takes in a piece of the past. What the disk does not take now is tried again with the next look.
    fn take_in(&mut self) {
        self.takes_in = false;
        let Ok(store) = &mut self.store else { return };
        let more = store.take_in();
        store.settle();
        self.takes_in = more.unwrap_or_else(|error| {
            tracing::warn!(%error, "the past is not taken in now");
            false
        });
    }

    fn run(mut self, orders: &Receiver<Order>) {
        while let Some(order) = self.next(orders) {
            let news = match order {
                Order::End(ended) => {
                    drop(self);
                    let _ = ended.send(());
                    return;
                }
                Order::Checked(found) if !self.checked(&found) => continue,
                Order::Checked(_) => Err(None),
                Order::Commit(_, _) | Order::Look(_) if self.behind => continue,
                Order::Commit(number, changes) => self.commit(&changes).map(|()| number),
                Order::Look(number) => self.look().map(|()| number),
                Order::All(number, state) => self.all(&state).map(|()| number),
            };
            self.behind = news.is_err();
            let news = match news {
                Ok(number) => News::Kept(number),
                Err(why) => News::Behind(why),
            };
            if !(self.tell)(news) {
                return;
            }
        }
    }

    /// Hears of the look at the whole file. Says whether it is damaged, so that everything must come anew.
    fn checked(&mut self, found: &Result<(), StoreError>) -> bool {
        (self.checked, self.takes_in) = (true, true);
        match found {
            Ok(()) => {
                tracing::info!("the database is sound");
                false
            }
            Err(StoreError::Damaged) => self.store.as_mut().is_ok_and(Store::doubt),
            Err(error) => {
                tracing::warn!(%error, "the database was not checked to its end");
                false
            }
        }
    }

    /// What was answered "done" must be there after a restart, also where nothing is written that would notice files that
    /// are not the ones: those are written anew.
    fn commit(&mut self, changes: &[Change]) -> Result<(), Option<String>> {
        let Ok(store) = &mut self.store else { return Err(None) };
        let kept = match changes.iter().any(rows::is_row) {
            true => store.commit(changes),
            false => store.outside().map_or(Ok(()), |outside| Err(StoreError::Outside(outside))),
        };
        let anew = |error: &StoreError| matches!(error, StoreError::Outside(_) | StoreError::Damaged);
        kept.map_err(|error| Some(error).filter(|error| !anew(error)).map(|error| error.to_string()))
    }

    fn look(&mut self) -> Result<(), Option<String>> {
        self.commit(&[])?;
        let now = self.clock.now();
        if let Ok(store) = &mut self.store {
            store.settle();
            self.takes_in = self.checked;
            if self.checked && self.backup_at.is_none_or(|at| herald_core::reached(at, now, BACKUP_EVERY)) {
                self.backup_at = Some(now + BACKUP_EVERY);
                store.backup_daily(now);
            }
        }
        Ok(())
    }

    /// Saves everything again, opening the database anew where its files are not the ones that others find, or are
    /// damaged.
    fn all(&mut self, state: &State) -> Result<(), Option<String>> {
        if let Err(newer @ StoreError::Newer) = &self.store {
            return Err(Some(newer.to_string()));
        }
        let outside = match self.store.as_mut().map(|store| store.replace(state)) {
            Ok(Ok(())) => return Ok(()),
            Ok(Err(error @ (StoreError::Busy | StoreError::Full))) => return Err(Some(error.to_string())),
            Ok(Err(StoreError::Outside(outside))) => Some(outside),
            Ok(Err(StoreError::Damaged)) => Some(Outside::Damaged),
            // One that fails otherwise, or was never opened, has no files that others could have changed.
            Ok(Err(_)) | Err(_) => None,
        };
        self.reopen(outside, state).map_err(|lost| match lost {
            Lost::Failed(why) => Some(why),
            Lost::Found(held) => {
                let _ = (self.tell)(News::Found(held));
                None
            }
        })
    }

    /// Opens the database anew and saves everything into it, or says why it could not.
    fn reopen(&mut self, outside: Option<Outside>, state: &State) -> Result<(), Lost> {
        let _ = files::private_folder(&self.folder);
        let left = self.leave(outside)?;
        let mut held = self.empty.clone();
        let opened = Store::open_and_load(&self.folder, self.clock.now(), &mut held);
        // What was left is told about in full; what else was found there is part of it.
        let notices = left.map_or(opened.notices, |said| vec![said]);
        for notice in notices {
            let _ = (self.tell)(News::Noticed(notice));
        }
        self.store = opened.store;
        self.check();
        let failed = |error: &StoreError| Lost::Failed(error.to_string());
        let store = self.store.as_mut().map_err(|error| failed(error))?;
        // What could not be read at the start must not be overwritten with nothing.
        if !std::mem::replace(&mut self.read, true) {
            return Err(Lost::Found(Box::new(held)));
        }
        store.replace(state).map_err(|error| failed(&error))
    }

    /// Lets go of a store whose files are not the ones that others find; says what the user is told. It is closed before
    /// another is opened: SQLite would take away what the new one has beside it.
    fn leave(&mut self, outside: Option<Outside>) -> Result<Option<String>, Lost> {
        let store = std::mem::replace(&mut self.store, Err(StoreError::Damaged));
        let (Ok(store), Some(outside)) = (store, outside) else { return Ok(None) };
        match store.leave(outside, self.clock.now()) {
            Ok(said) => Ok(Some(said)),
            Err(kept) => {
                let (store, error) = *kept;
                self.store = Ok(store);
                Err(Lost::Failed(error.to_string()))
            }
        }
    }
}
