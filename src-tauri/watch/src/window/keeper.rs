//! The task that keeps the window: passes what happens to its [`Life`], and does what that says.

use std::path::PathBuf;
use std::time::Duration;

use herald_core::View;
use herald_core::page::PageStatus;
use herald_core::state::Channel;
use herald_door::{Frame, Says};
use herald_engine::Teller;
use serde::Serialize;
use tokio::sync::mpsc::UnboundedSender;
use tokio::sync::oneshot;
use tokio::time::Instant;

use super::life::{Deed, Event, Life};
use super::{Inbox, Window, Wish, child};
use crate::notify;

/// How long a hidden window is kept, so that opening it again is instant.
const KEPT_HIDDEN_FOR: Duration = Duration::from_secs(60);

/// What keeping the window takes.
pub(crate) struct Keeping {
    pub folder: PathBuf,
    pub teller: Teller,
    /// Starts Herald anew from what lies on the disk; comes back where that must not be, with the reason.
    pub renew: Box<dyn Fn() -> String + Send>,
}

/// Keeps the window until the process ends.
pub(crate) async fn keep(window: Window, inbox: Inbox, keeping: Keeping) {
    let Inbox(mut inbox) = inbox;
    let mut needed = window.needed.subscribe();
    needed.mark_changed();
    let mut keeper = Keeper { life: Life::new(kept_hidden_for()), window, keeping, pushes: None, asked: vec![] };
    loop {
        let next = keeper.life.next_at();
        let event = tokio::select! {
            wish = inbox.recv() => match wish {
                Some(wish) => keeper.take(wish),
                None => return,
            },
            changed = needed.changed() => {
                if changed.is_err() { return } else { Event::Needed(*needed.borrow_and_update()) }
            }
            () = tokio::time::sleep_until(next.unwrap_or_else(Instant::now)), if next.is_some() => Event::Tick,
        };
        let mut events = vec![event];
        while let Some(event) = events.pop() {
            for deed in keeper.life.on(event, Instant::now()) {
                events.extend(keeper.carry_out(deed));
            }
        }
    }
}

struct Keeper {
    life: Life,
    window: Window,
    keeping: Keeping,
    /// How the window is told things.
    pushes: Option<UnboundedSender<Frame>>,
    /// Who waits for it to be seen.
    asked: Vec<oneshot::Sender<Result<(), String>>>,
}

impl Keeper {
    fn take(&mut self, wish: Wish) -> Event {
        match wish {
            Wish::Event(event) => event,
            Wish::Show { goto, front, told } => {
                self.asked.push(told);
                Event::Open { goto, front }
            }
            Wish::Attached { seat, pid, visible, pushes } => {
                if let Some(earlier) = self.pushes.replace(pushes) {
                    let _ = earlier.send(Frame::word(Says::Go));
                }
                Event::Attached { seat, pid, visible }
            }
        }
    }

    fn carry_out(&mut self, deed: Deed) -> Option<Event> {
        match deed {
            Deed::Make => self.make(),
            Deed::Adopt(pid) => {
                let window = self.window.clone();
                child::adopt(pid, move |pid, how| window.tell(Event::Ended { pid, how }));
            }
            Deed::Kill(pid) => child::kill(pid),
            Deed::Open(front) => self.push(Says::Open, &front),
            Deed::Lead(goto) => self.push(Says::Goto, &goto),
            Deed::Go => self.push(Says::Go, &()),
            Deed::Tell { title, body } => notify::aside(title, body),
            Deed::Health(health) => self.keeping.teller.channel_seen(Channel::Window, health),
            Deed::Answer(how) => {
                for asked in self.asked.drain(..) {
                    let _ = asked.send(how.clone());
                }
            }
            Deed::Renew => return Some(Event::NotMade((self.keeping.renew)())),
            Deed::Gone => {
                self.window.ended.send_replace(true);
            }
        }
        None
    }

    /// Starts a process for it, beside the task: the disk may stand still.
    fn make(&self) {
        let (window, folder) = (self.window.clone(), self.keeping.folder.clone());
        tokio::task::spawn_blocking(move || {
            let told = window.clone();
            let ended = move |pid, how| told.tell(Event::Ended { pid, how });
            if let Err(why) = child::make(&folder, |pid| window.tell(Event::Made { pid }), ended) {
                window.tell(Event::NotMade(why));
            }
        });
    }

    fn push(&self, says: Says, body: &impl Serialize) {
        if let (Some(pushes), Ok(frame)) = (&self.pushes, Frame::told(says, body)) {
            let _ = pushes.send(frame);
        }
    }
}

/// Whether something goes on for which the window should be at hand.
pub(super) fn needs_it(view: &View) -> bool {
    !view.incidents.is_empty() || view.pages.iter().any(|page| page.status == PageStatus::Triggered)
}

/// How long a hidden window is kept, where it is a process of its own that can go; tests and measurements shorten it through the environment.
fn kept_hidden_for() -> Duration {
    if !cfg!(target_os = "linux") {
        return Duration::from_secs(365 * 24 * 3600);
    }
    let seconds = std::env::var("HERALD_WINDOW_KEPT_S").ok().and_then(|it| it.parse().ok());
    seconds.map_or(KEPT_HIDDEN_FOR, Duration::from_secs)
}
