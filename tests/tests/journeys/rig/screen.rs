//! The screen of a story: a desktop that writes down what it is told, and can hold up whoever tells it.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use herald_core::{AlarmKey, Announcement};
use herald_engine::{Desktop, Shown};

/// A desktop that writes down what it is told.
#[derive(Clone, Default)]
pub struct Screen(Arc<Mutex<Seen>>, Hold);

/// What holds up whoever shows something, while it is set.
#[derive(Clone, Default)]
struct Hold(Arc<(Mutex<bool>, Condvar)>);

impl Hold {
    fn set(&self, held: bool) {
        *self.0.0.lock().unwrap_or_else(PoisonError::into_inner) = held;
        self.0.1.notify_all();
    }
}

/// The screen holds up whoever shows something while this is kept.
pub struct Held(Hold);

impl Drop for Held {
    fn drop(&mut self) {
        self.0.set(false);
    }
}

/// What a desktop was told.
#[derive(Default)]
pub struct Seen {
    pub announced: Vec<Announcement>,
    pub withdrawn: Vec<AlarmKey>,
    pub shown: Vec<Shown>,
    /// Since when whoever shows something is held up.
    pub held_up: Option<Instant>,
}

impl Screen {
    pub fn look(&self) -> MutexGuard<'_, Seen> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whoever shows something is held up while this is kept.
    pub fn hold_up(&self) -> Held {
        self.1.set(true);
        Held(self.1.clone())
    }
}

impl Desktop for Screen {
    fn announce(&mut self, round: Vec<Announcement>) {
        self.look().announced.extend(round);
    }

    fn withdraw(&mut self, key: &AlarmKey) {
        self.look().withdrawn.push(key.clone());
    }

    fn show(&mut self, shown: &Shown) {
        let (held, changed) = &*self.1.0;
        let held = held.lock().unwrap_or_else(PoisonError::into_inner);
        if *held {
            self.look().held_up.get_or_insert_with(Instant::now);
        }
        drop(changed.wait_while(held, |held| *held));
        self.look().shown.push(shown.clone());
    }

    fn twin(&self) -> Option<Box<dyn Desktop>> {
        Some(Box::new(Self(Arc::clone(&self.0), Hold::default())))
    }
}
