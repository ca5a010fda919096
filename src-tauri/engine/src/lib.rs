//! Makes it happen: the loop that commits what the core decides, the disk, the network and the keychain.
//!
//! [`Herald::start`] opens the store, starts the loop on a thread of its own and returns a handle. Nothing in here
//! knows a screen; the shell brings one as a [`Desktop`].

mod archive;
pub mod clock;
mod connecting;
mod desktop;
pub mod export;
pub mod files;
mod gate;
mod gitlab;
mod http;
mod intend;
mod issue;
pub mod keychain;
mod keys;
mod lenient;
mod outward;
pub mod pagerduty;
pub mod playbook;
pub mod practised;
mod routes;
mod run;
mod runner;
mod schedules;
mod shelf;
mod slack;
mod status_page;
mod statusio;
mod statuspage;
pub mod stirs;
pub mod store;
mod syndication;
mod watchdog;
mod zendesk;

use std::path::PathBuf;
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use herald_core::feed::PastUpdate;
use herald_core::shift::ShiftId;
use herald_core::state::{Channel, Health, Mode};
use herald_core::training::Facts;
use herald_core::view::shifts::{HandoverText, handover_text};
use herald_core::{Command, Fault, FaultKind, Input, Refusal, Time};
use tokio::sync::oneshot;
use url::{Origin, Url};

pub use crate::archive::Archive;
use crate::clock::Clock;
pub use crate::connecting::{
    ConnectSlack, ConnectStatusPage, ConnectTracker, ConnectZendesk, Connected, Connecting, status_page_key,
};
pub use crate::desktop::{Desktop, Shown};
pub use crate::gate::{Gate, Opening, Route};
pub use crate::intend::{IntendError, Intended};
pub use crate::issue::{IssueError, IssueWords};
use crate::keys::Keys;
use crate::run::Message;
use crate::runner::Runner;
pub use crate::schedules::ScheduleChoice;
use crate::store::StoreError;
use crate::watchdog::Inbox;

/// Past updates that a search answers with; more is not read while an update is due.
const PAST_UPDATES_MAX: usize = 30;

/// How Herald is started.
pub struct Options {
    /// The data folder; it exists and is locked by the caller.
    pub folder: PathBuf,
    /// Real or practice.
    pub mode: Mode,
    /// In practice, the address of its world: the only place that is connected, asked or written to.
    pub world: Option<String>,
    /// How long the start waits for the data folder to be read.
    pub waits: Duration,
}

impl Options {
    /// Who watches waits no longer: without an answer Herald watches with what it has, which is not calm.
    pub const WATCH_WAITS: Duration = Duration::from_secs(2);
    /// A single command is of no use without what lies on the disk.
    pub const COMMAND_WAITS: Duration = Duration::from_secs(20);

    /// The only place to reach, where there is but one. Practice without a world reaches nothing.
    fn only(&self) -> Option<Origin> {
        let world = || self.world.as_deref().and_then(|world| Url::parse(world).ok()).map(|world| world.origin());
        self.mode.is_practice().then(|| world().unwrap_or_else(Origin::new_opaque))
    }
}

/// A running Herald.
pub struct Herald {
    folder: PathBuf,
    inbox: Inbox,
    runner: Runner,
    shown: Arc<Mutex<Arc<Shown>>>,
    /// Held while "I intend to…" is being sent.
    intending: tokio::sync::Mutex<()>,
    thread: Option<JoinHandle<()>>,
}

impl Herald {
    /// Starts the loop. Works on `tokio` for everything that waits.
    #[must_use]
    pub fn start(options: Options, desktop: Box<dyn Desktop>, tokio: tokio::runtime::Handle) -> Self {
        let (sender, messages) = channel();
        let inbox = Inbox::new(sender);
        let clock = Arc::new(Clock::start());
        let folder = options.folder.clone();
        let keys = Keys::new(folder.clone());
        let gate = Gate::within(options.only());
        let runner = Runner::new(tokio, inbox.clone(), Arc::clone(&clock), keys, gate);
        let twin = desktop.twin();
        let (run, shown) = run::Loop::open(options, desktop, (inbox.clone(), messages), runner.clone(), clock);
        let (watched, picture) = (inbox.clone(), Arc::clone(&shown));
        let work = move || {
            if let Some(twin) = twin {
                watchdog::start(&watched, twin, picture, watchdog::this_task());
            }
            drop(watched);
            run.run();
        };
        let thread = std::thread::Builder::new().name("engine".into()).spawn(work);
        let thread = thread.map_err(|error| tracing::error!(%error, "no engine")).ok();
        Self { folder, inbox, runner, shown, intending: tokio::sync::Mutex::default(), thread }
    }

    /// What is shown now.
    #[must_use]
    pub fn shown(&self) -> Arc<Shown> {
        Arc::clone(&self.shown.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Asks for something; answers when it is written down.
    ///
    /// # Errors
    /// The refusal, in words for the user.
    pub async fn command(&self, command: Command) -> Result<(), Refusal> {
        let (reply, answer) = oneshot::channel();
        let sent = self.inbox.send(Message::User(command, reply));
        if sent.is_err() {
            return Err(Refusal::CannotSave);
        }
        answer.await.unwrap_or(Err(Refusal::CannotSave))
    }

    /// Asks PagerDuty something small, and says how long the answer took.
    ///
    /// # Errors
    /// Why there was no good answer.
    pub async fn test_account(&self) -> Result<Duration, Fault> {
        let account = self.shown().view.account.clone();
        let account = account.ok_or_else(|| Fault::new(FaultKind::NoToken, "PagerDuty is not connected"))?;
        self.runner.test(&account).await
    }

    /// Past updates that hold all words of `query`, best first; the newest for an empty query (H44).
    ///
    /// # Errors
    /// Why nothing could be read.
    pub async fn search_updates(&self, query: String) -> Result<Vec<PastUpdate>, StoreError> {
        self.past(move |archive| archive.updates(&query, PAST_UPDATES_MAX)).await
    }

    /// Reads the past beside the loop, which is not held up.
    ///
    /// # Errors
    /// Why nothing could be read.
    pub async fn past<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Archive) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let archive = Archive::of(&self.folder);
        let read = move || read(&archive);
        self.runner.beside(read).await.unwrap_or_else(|error| Err(StoreError::Other(error.to_string())))
    }

    /// What happened here since `began_at`, as far as a practice event is measured; absent when Herald is about to end.
    pub async fn facts(&self, began_at: Time) -> Option<Facts> {
        let (reply, answer) = oneshot::channel();
        let _ = self.inbox.send(Message::Facts(began_at, reply));
        answer.await.ok()
    }

    /// All that leaves with the handover of a shift, or without one of the newest, or of now; absent when that shift is not
    /// at hand any more, or Herald is about to end.
    pub async fn handover(&self, shift: Option<ShiftId>) -> Option<HandoverText> {
        let (reply, answer) = oneshot::channel();
        let _ = self.inbox.send(Message::Copy(reply));
        let state = answer.await.ok()?;
        handover_text(&state, shift)
    }

    /// Tells how a channel was when it was last used.
    pub fn channel_seen(&self, channel: Channel, health: Health) {
        self.tell(Input::ChannelSeen(channel, health));
    }

    /// Tells that the computer woke from suspend.
    pub fn woke(&self) {
        self.tell(Input::Woke);
    }

    /// Tells the user something, once.
    pub fn notice(&self, notice: String) {
        self.tell(Input::Noticed(notice));
    }

    /// A way to tell things from elsewhere.
    #[must_use]
    pub fn teller(&self) -> Teller {
        Teller { inbox: self.inbox.clone() }
    }

    fn tell(&self, input: Input) {
        let _ = self.inbox.send(Message::Input(input));
    }
}

/// Tells the loop what was seen, from any thread.
#[derive(Clone)]
pub struct Teller {
    inbox: Inbox,
}

impl Teller {
    /// Tells how a channel was when it was last used.
    pub fn channel_seen(&self, channel: Channel, health: Health) {
        let _ = self.inbox.send(Message::Input(Input::ChannelSeen(channel, health)));
    }

    /// Tells that the computer woke from suspend.
    pub fn woke(&self) {
        let _ = self.inbox.send(Message::Input(Input::Woke));
    }

    /// Tells that something may have changed in the data folder. Whoever has said so once says so whenever it is so: from
    /// then on the folder is looked at seldom.
    pub fn stirred(&self) {
        let _ = self.inbox.send(Message::Stirred);
    }

    /// Passes on what the user chose in a notification; a refusal is only logged, as the view says the same.
    pub fn command(&self, command: Command) {
        let (reply, _) = oneshot::channel();
        let _ = self.inbox.send(Message::User(command, reply));
    }
}

impl Drop for Herald {
    fn drop(&mut self) {
        let _ = self.inbox.send(Message::Stop);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
