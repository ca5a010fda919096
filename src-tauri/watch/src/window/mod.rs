//! The window, seen from the watch: a program of its own that is started when it is needed, told what is true, and sent
//! away when it has been hidden for a while. It may crash, hang or never come; that is told, and holds nothing up.

#[cfg(target_os = "linux")]
mod child;
#[cfg(not(target_os = "linux"))]
#[path = "inside.rs"]
mod child;
mod keeper;
mod life;
mod seat;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use herald_core::ledger::MaintenanceId;
use herald_core::{AlarmKey, IncidentId, PageId, View};
use herald_door::{BUILD, Front};
use herald_engine::Shown;
use serde::Serialize;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::{oneshot, watch};

pub(crate) use self::keeper::{Keeping, keep};
use self::life::Event;
pub(crate) use self::seat::Seat;
#[cfg(test)]
pub(crate) use self::seat::Told;
use crate::door::{NO_WINDOW, Reply};

/// Where the window should look.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub(crate) struct Goto {
    /// At this page, and whether to ask whether to close it.
    pub page: Option<PageId>,
    pub close: bool,
    /// At this incident, and whether to write its next update.
    pub incident: Option<IncidentId>,
    pub compose: bool,
    /// At the handover.
    pub handover: bool,
    /// At this maintenance of the ledger.
    pub maintenance: Option<MaintenanceId>,
    /// Nobody asked: whoever is typing in the window stays where they are.
    pub automatic: bool,
}

impl Goto {
    /// A page.
    pub fn page(page: PageId, close: bool) -> Self {
        Self { page: Some(page), close, ..Self::default() }
    }

    /// An incident.
    pub fn incident(incident: IncidentId, compose: bool) -> Self {
        Self { incident: Some(incident), compose, ..Self::default() }
    }

    /// A maintenance of the ledger.
    pub fn maintenance(maintenance: MaintenanceId) -> Self {
        Self { maintenance: Some(maintenance), ..Self::default() }
    }

    /// What an alarm is about, if that is one thing.
    pub fn about(key: AlarmKey) -> Option<Self> {
        match key {
            AlarmKey::Page { page, .. } => Some(Self::page(page, false)),
            AlarmKey::Update { incident, .. } => Some(Self::incident(incident, true)),
            AlarmKey::Handover { .. } => Some(Self { handover: true, ..Self::default() }),
            AlarmKey::Maintenance { maintenance, .. } => Some(Self::maintenance(maintenance)),
            AlarmKey::MorePages | AlarmKey::Blind { .. } | AlarmKey::Recovered { .. } | AlarmKey::Test => None,
        }
    }

    /// The same, by an alarm rather than by the user.
    pub fn by_itself(self) -> Self {
        Self { automatic: true, ..self }
    }

    /// The composer of the incident that is due next, if there is one.
    pub fn next_update(view: &View) -> Self {
        Self { incident: view.next_due(), compose: true, ..Self::default() }
    }
}

/// Handle to the window, whether it exists or not.
#[derive(Clone)]
pub(crate) struct Window {
    wishes: UnboundedSender<Wish>,
    newest: Arc<watch::Sender<Option<Arc<Shown>>>>,
    /// Whether something goes on for which it should be at hand.
    needed: Arc<watch::Sender<bool>>,
    seats: Arc<AtomicU64>,
    ended: Arc<watch::Sender<bool>>,
}

/// What the task that keeps the window is told.
enum Wish {
    /// Something happened to it.
    Event(Event),
    /// Show it, and say how that went.
    Show { goto: Option<Goto>, front: Front, told: oneshot::Sender<Result<(), String>> },
    /// One has come: it is told things this way.
    Attached { seat: u64, pid: u32, visible: bool, pushes: UnboundedSender<herald_door::Frame> },
}

/// The receiving end of a [`Window`], before it is put to work.
pub(crate) struct Inbox(UnboundedReceiver<Wish>);

impl Window {
    /// A window that keeps wishes until its inbox is put to work.
    pub fn new() -> (Self, Inbox) {
        let (wishes, inbox) = unbounded_channel();
        let window = Self {
            wishes,
            newest: Arc::new(watch::Sender::new(None)),
            needed: Arc::new(watch::Sender::new(false)),
            seats: Arc::default(),
            ended: Arc::new(watch::Sender::new(false)),
        };
        (window, Inbox(inbox))
    }

    /// Shows the window, at `goto` if that is given, and brings it to the front by the right that there is to it.
    pub fn open(&self, goto: Option<Goto>, front: Front) {
        self.tell(Event::Open { goto, front });
    }

    /// The same, and says whether it is there.
    pub async fn show(&self, goto: Option<Goto>, front: Front) -> Reply {
        let (told, answer) = oneshot::channel();
        let _ = self.wishes.send(Wish::Show { goto, front, told });
        match answer.await {
            Ok(Err(reason)) => Reply::coded(NO_WINDOW, reason),
            // Whoever ends meanwhile has nothing to show.
            Ok(Ok(())) | Err(_) => Reply::Done,
        }
    }

    /// Tells the window what is true; without a window there is nobody to tell.
    pub fn draw(&self, shown: Arc<Shown>) {
        let needed = keeper::needs_it(&shown.view);
        // Each poll draws: nobody is woken who has nothing to do.
        self.needed.send_if_modified(|before| std::mem::replace(before, needed) != needed);
        self.newest.send_replace(Some(shown));
    }

    /// Ends Herald.
    pub fn quit(&self) {
        #[cfg(not(target_os = "linux"))]
        self.ended.send_replace(true);
        self.tell(Event::Quit);
    }

    /// Waits until somebody has ended Herald, and the window is gone.
    pub async fn ended(&self) {
        let _ = self.ended.subscribe().wait_for(|ended| *ended).await;
    }

    /// A process says that it is a window. One of another build would not understand what it is told.
    pub fn receive(&self, build: &str, pid: u32, visible: bool) -> Result<Seat, Box<Reply>> {
        if build != BUILD {
            tracing::warn!(build, own = BUILD, "a window of another build");
            self.tell(Event::Stranger { pid, visible });
            let why = "This window belongs to another Herald than the one that runs.";
            return Err(Box::new(Reply::coded("other_build", why)));
        }
        let seat = self.seats.fetch_add(1, Ordering::Relaxed) + 1;
        let (pushes, pushed) = unbounded_channel();
        let _ = self.wishes.send(Wish::Attached { seat, pid, visible, pushes });
        Ok(Seat::new(seat, pushed, self.newest.subscribe(), self.wishes.clone()))
    }

    fn tell(&self, event: Event) {
        let _ = self.wishes.send(Wish::Event(event));
    }
}
