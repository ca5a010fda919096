//! Native notifications: shown, replaced and taken away by what they are about, with their buttons' answers.

#[cfg(target_os = "linux")]
mod bus;
#[cfg(target_os = "linux")]
mod leftovers;
#[cfg(not(target_os = "linux"))]
mod other;
#[cfg(target_os = "linux")]
mod screen;

use std::path::Path;

use herald_core::alarm::Button;
use herald_core::state::{Channel, Health};
use herald_core::{AlarmKey, Announcement};
use herald_engine::Teller;
#[cfg(not(target_os = "linux"))]
use other as daemon;
#[cfg(target_os = "linux")]
use screen as daemon;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::oneshot;

use herald_door::Token;

/// Longest wait for the notification of Herald's own end.
const LAST_WORDS_MAX: std::time::Duration = std::time::Duration::from_secs(3);

/// What the user chose in a notification, and the leave to come to the front that the desktop gave with it.
pub(crate) type Chosen = Box<dyn Fn(AlarmKey, Button, Option<Token>) + Send + Sync>;

/// A request to the task that keeps the notifications.
enum Request {
    Show(Box<Announcement>),
    Withdraw(AlarmKey),
    /// Look whether notifications can be shown, tell so, and answer when it is told.
    Check(oneshot::Sender<()>),
}

/// Handle to the task that keeps the notifications.
#[derive(Clone)]
pub(crate) struct Notifier {
    requests: UnboundedSender<Request>,
}

/// The receiving end of a [`Notifier`], before it is put to work.
pub(crate) struct Inbox {
    requests: UnboundedReceiver<Request>,
    leftovers: daemon::Leftovers,
}

impl Notifier {
    /// A notifier for the Herald in `folder`, which keeps requests until its inbox is put to work.
    pub fn new(folder: &Path) -> (Self, Inbox) {
        let (requests, inbox) = unbounded_channel();
        (Self { requests }, Inbox { requests: inbox, leftovers: daemon::Leftovers::of(folder) })
    }

    /// Shows a notification, in the place of an earlier one about the same.
    pub fn show(&self, it: Announcement) {
        let _ = self.requests.send(Request::Show(Box::new(it)));
    }

    /// Takes a notification away.
    pub fn withdraw(&self, key: AlarmKey) {
        let _ = self.requests.send(Request::Withdraw(key));
    }

    /// Looks, on the way that notifications take, whether they can be shown now; what was found is told when this ends.
    pub async fn check(&self) {
        let (told, done) = oneshot::channel();
        let _ = self.requests.send(Request::Check(told));
        let _ = done.await;
    }
}

/// Who is told what becomes of notifications.
pub(crate) struct Told {
    pub teller: Teller,
    /// Called with what the user chose.
    pub chosen: Chosen,
    /// Called once for each alarm that cannot be shown.
    pub instead: Box<dyn Fn(AlarmKey) + Send + Sync>,
}

impl Told {
    fn health(&self, health: Health) {
        self.teller.channel_seen(Channel::Notifications, health);
    }
}

/// Keeps the notifications until the process ends.
pub(crate) async fn run(inbox: Inbox, told: Told) {
    daemon::keep(inbox, told).await;
}

/// Tells that Herald ends by a fault of its own: nobody watches then, and nothing else would say so.
pub(crate) fn last_words() {
    let (told, done) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let shown = daemon::say(
            "Herald has ended by a fault of its own",
            "Nobody watches for pages. Start Herald again, and keep your phone in reach.",
        );
        let _ = told.send(shown);
    });
    // A daemon that hangs must not keep what has ended.
    let _ = done.recv_timeout(LAST_WORDS_MAX);
}

/// Tells the user something that is no alarm, and that Herald waits for no answer to.
pub(crate) fn aside(title: &'static str, body: String) {
    let _ = std::thread::Builder::new().name("aside".into()).spawn(move || daemon::say(title, &body));
}

/// Whether notifications can be shown now, for a `herald doctor` beside which no Herald runs.
pub(crate) async fn probe() -> Health {
    daemon::probe().await
}
