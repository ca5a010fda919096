//! The stage as several hands hold it: handlers, the clockwork, and whoever started the world.

use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, Utc};
use tokio::sync::{Notify, watch};

use crate::clock::Clock;
use crate::stage::Stage;

/// The stage, its clock, and the bell that rings when something changed.
#[derive(Debug)]
pub(crate) struct Shared {
    stage: Mutex<Stage>,
    clock: Clock,
    changes: watch::Sender<u64>,
    wake: Notify,
}

impl Shared {
    /// Builds the stage at the time the clock shows.
    pub(crate) fn new(build: impl FnOnce(DateTime<Utc>) -> Stage) -> Self {
        let clock = Clock::default();
        let stage = Mutex::new(build(clock.now()));
        Shared { stage, clock, changes: watch::Sender::new(0), wake: Notify::new() }
    }

    /// Looks at the stage as it is now, without telling anybody.
    pub(crate) fn look<T>(&self, look: impl FnOnce(&mut Stage, DateTime<Utc>) -> T) -> T {
        let mut stage = self.stage.lock().unwrap_or_else(PoisonError::into_inner);
        let now = self.clock.now();
        stage.advance(now);
        look(&mut stage, now)
    }

    /// Changes the stage, and tells everybody.
    pub(crate) fn with<T>(&self, change: impl FnOnce(&mut Stage, DateTime<Utc>) -> T) -> T {
        let outcome = self.look(change);
        self.ring();
        outcome
    }

    /// Gives a bell that rings after each change.
    pub(crate) fn changes(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }

    /// Lets time pass on the stage, for as long as it is polled.
    pub(crate) async fn run(&self) {
        loop {
            let (moved, due, now) = {
                let mut stage = self.stage.lock().unwrap_or_else(PoisonError::into_inner);
                let now = self.clock.now();
                (stage.advance(now), stage.next_due(), now)
            };
            if moved {
                self.changes.send_modify(|count| *count += 1);
            }
            // A laptop's sleep stops the timer but not the clock, so it is looked at again before long.
            let longest = std::time::Duration::from_secs(15);
            let wait = due.map_or(longest, |due| (due - now).to_std().unwrap_or_default().min(longest));
            tokio::select! {
                () = tokio::time::sleep(wait) => {}
                () = self.wake.notified() => {}
            }
        }
    }

    fn ring(&self) {
        self.changes.send_modify(|count| *count += 1);
        self.wake.notify_one();
    }
}
