//! Native notifications: shown, replaced and taken away by what they are about, with their buttons' answers.

#[cfg(target_os = "linux")]
mod leftovers;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use herald_core::alarm::Button;
use herald_core::state::{Channel, Health};
use herald_core::{AlarmKey, Announcement};
use herald_engine::Teller;
use notify_rust::{Hint, Notification, NotificationResponse, Timeout, Urgency};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::oneshot;

/// Longest wait for the notification of Herald's own end.
const LAST_WORDS_MAX: std::time::Duration = std::time::Duration::from_secs(3);

/// What the user chose in a notification.
pub(crate) type Chosen = Box<dyn Fn(AlarmKey, Button) + Send + Sync>;

/// A request to the task that keeps the notifications.
enum Request {
    Show(Box<Announcement>),
    Withdraw(AlarmKey),
    /// The notification daemon went away, and what it showed with it: its ids mean nothing to the next one.
    DaemonLeft,
    /// How the notification daemon is.
    DaemonSeen(Health),
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
        (Self { requests }, Inbox { requests: inbox, leftovers: daemon::Leftovers::take_away(folder) })
    }

    /// Shows a notification, in the place of an earlier one about the same.
    pub fn show(&self, it: Announcement) {
        let _ = self.requests.send(Request::Show(Box::new(it)));
    }

    /// Takes a notification away.
    pub fn withdraw(&self, key: AlarmKey) {
        let _ = self.requests.send(Request::Withdraw(key));
    }

    #[cfg_attr(not(target_os = "linux"), expect(dead_code, reason = "only on Linux is it a process of its own"))]
    fn daemon_left(&self) {
        let _ = self.requests.send(Request::DaemonLeft);
    }

    fn daemon_seen(&self, health: Health) {
        let _ = self.requests.send(Request::DaemonSeen(health));
    }
}

/// Keeps the notifications until the process ends. What cannot be shown is handed to `instead`, once each.
pub(crate) async fn run(
    notifier: Notifier,
    mut inbox: Inbox,
    teller: Teller,
    chosen: std::sync::Arc<Chosen>,
    instead: impl Fn(AlarmKey),
) {
    let mut told_otherwise: BTreeSet<AlarmKey> = BTreeSet::new();
    tokio::spawn(daemon::watch(notifier));
    let mut live: BTreeMap<AlarmKey, Live> = BTreeMap::new();
    while let Some(request) = inbox.requests.recv().await {
        match request {
            Request::Show(it) => {
                let key = it.key.clone();
                let replaced = live.remove(&key);
                match daemon::show(&it, replaced.as_ref().map(|live| live.id)).await {
                    Ok(handle) => {
                        teller.channel_seen(Channel::Notifications, Health::Works { by: String::new() });
                        live.insert(key.clone(), Live::wait(handle, key, std::sync::Arc::clone(&chosen)));
                    }
                    Err(error) => {
                        tracing::warn!(%error, "a notification was not shown");
                        teller.channel_seen(Channel::Notifications, Health::Dead { reason: daemon::no_daemon() });
                        if told_otherwise.insert(key.clone()) {
                            instead(key);
                        }
                    }
                }
            }
            Request::Withdraw(key) => {
                told_otherwise.remove(&key);
                if let Some(mut it) = live.remove(&key) {
                    it.close();
                }
            }
            Request::DaemonLeft => live.clear(),
            Request::DaemonSeen(health) => teller.channel_seen(Channel::Notifications, health),
        }
        inbox.leftovers.note(live.values().map(|it| it.id)).await;
    }
}

/// A notification that is up. Dropping it stops waiting for an answer but leaves it on the screen.
struct Live {
    id: u32,
    close: Option<oneshot::Sender<()>>,
    waiting: tokio::task::JoinHandle<()>,
}

impl Live {
    fn wait(handle: daemon::Handle, key: AlarmKey, chosen: std::sync::Arc<Chosen>) -> Self {
        let (close, closed) = oneshot::channel();
        let id = daemon::id(&handle);
        let answer = move |response: &NotificationResponse| {
            let button = match response {
                NotificationResponse::Default => Some(Button::Open),
                NotificationResponse::Action(id) => Button::from_id(id),
                NotificationResponse::Reply(_) | NotificationResponse::Closed(_) => None,
            };
            if let Some(button) = button {
                chosen(key, button);
            }
        };
        Self { id, close: Some(close), waiting: tokio::spawn(daemon::wait(handle, answer, closed)) }
    }

    /// Takes it away; its task ends by itself.
    fn close(&mut self) {
        if let Some(close) = self.close.take() {
            let _ = close.send(());
        }
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        // Still open: it was replaced or its daemon is gone. Without this, each replacement would leave a waiter and
        // its connection behind.
        if self.close.is_some() {
            self.waiting.abort();
        }
    }
}

fn build(it: &Announcement, markup: bool) -> Notification {
    let mut notification = Notification::new();
    let body = if markup { escape(&it.body) } else { it.body.clone() };
    notification.appname("Herald").summary(&it.title).body(&body);
    notification.timeout(if it.critical { Timeout::Never } else { Timeout::Default });
    #[cfg(all(unix, not(target_os = "macos")))]
    {
        notification.icon("herald").urgency(if it.critical { Urgency::Critical } else { Urgency::Normal });
        notification.hint(Hint::Category("im.received".into())).hint(Hint::DesktopEntry("herald".into()));
        // Herald plays its own sounds: two at once would blur both.
        notification.hint(Hint::SuppressSound(true));
    }
    if !it.buttons.is_empty() {
        notification.action("default", "Open");
    }
    for (button, label) in &it.buttons {
        notification.action(button.id(), label);
    }
    notification
}

/// Tells that Herald ends by a fault of its own: nobody watches then, and nothing else would say so.
pub(crate) fn last_words() {
    let mut notification = Notification::new();
    notification.appname("Herald").summary("Herald has ended by a fault of its own").timeout(Timeout::Never);
    notification.body("Nobody watches for pages. Start Herald again, and keep your phone in reach.");
    #[cfg(all(unix, not(target_os = "macos")))]
    notification.icon("herald").urgency(Urgency::Critical);
    let (told, done) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let _ = told.send(notification.show().is_ok());
    });
    // A daemon that hangs must not keep what has ended.
    let _ = done.recv_timeout(LAST_WORDS_MAX);
}

/// Escapes text for daemons that read markup in bodies (H111).
fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(target_os = "linux")]
mod daemon {
    //! Notifications over D-Bus.

    use std::sync::atomic::{AtomicBool, Ordering};
    use std::time::Duration;

    use herald_core::Announcement;
    use herald_core::state::Health;
    use notify_rust::{NotificationHandle, NotificationResponse};
    use tokio::sync::oneshot;
    use zbus::export::futures_core::Stream;

    use super::{Notifier, build};

    pub(super) use super::leftovers::Leftovers;

    pub(super) const NAME: &str = "org.freedesktop.Notifications";
    pub(super) type Handle = NotificationHandle;

    /// Longest wait for the daemon: one that hangs must not hold up the alarms after this one.
    const ANSWER_MAX: Duration = Duration::from_secs(3);

    /// Whether the daemon reads markup in bodies; until it has said so, it is taken to.
    static MARKUP: AtomicBool = AtomicBool::new(true);

    pub(super) fn id(handle: &Handle) -> u32 {
        handle.id()
    }

    pub(super) fn no_daemon() -> String {
        "no notification daemon answers. Start one (such as dunst); Herald tries again by itself.".into()
    }

    pub(super) async fn show(it: &Announcement, replaces: Option<u32>) -> Result<Handle, String> {
        let mut notification = build(it, MARKUP.load(Ordering::Relaxed));
        if let Some(id) = replaces {
            notification.id(id);
        }
        match tokio::time::timeout(ANSWER_MAX, notification.show_async()).await {
            Ok(shown) => shown.map_err(|error| error.to_string()),
            Err(_) => Err(format!("the notification daemon did not answer within {} s", ANSWER_MAX.as_secs())),
        }
    }

    /// Waits for an answer, or takes the notification away when told.
    pub(super) async fn wait(
        handle: Handle,
        answer: impl FnOnce(&NotificationResponse),
        closed: oneshot::Receiver<()>,
    ) {
        tokio::select! {
            () = handle.wait_for_action_async(answer) => {}
            Ok(()) = closed => handle.close_async().await,
        }
    }

    /// Tells how the daemon is, now and whenever it comes or goes.
    pub(super) async fn watch(notifier: Notifier) {
        if let Err(error) = follow(&notifier).await {
            tracing::warn!(%error, "the notification daemon is not watched");
            notifier.daemon_seen(health().await);
        }
    }

    async fn follow(notifier: &Notifier) -> zbus::Result<()> {
        let bus = zbus::Connection::session().await?;
        let dbus = zbus::fdo::DBusProxy::new(&bus).await?;
        // Listening comes first: one that starts between the question and this would be missed.
        let mut changes = Box::pin(dbus.receive_name_owner_changed_with_args(&[(0, NAME)]).await?);
        notifier.daemon_seen(health().await);
        while let Some(change) = std::future::poll_fn(|context| changes.as_mut().poll_next(context)).await {
            // One that only comes may have been started by a notification of ours, which it then shows.
            if change.args()?.old_owner().is_some() {
                notifier.daemon_left();
            }
            notifier.daemon_seen(health().await);
        }
        Ok(())
    }

    /// What the daemon can do. Asking also starts one that the bus starts on demand.
    async fn capabilities() -> zbus::Result<Vec<String>> {
        let bus = zbus::Connection::session().await?;
        let path = "/org/freedesktop/Notifications";
        bus.call_method(Some(NAME), path, Some(NAME), "GetCapabilities", &()).await?.body().deserialize()
    }

    /// How the daemon is now.
    pub(super) async fn health() -> Health {
        match tokio::time::timeout(ANSWER_MAX, capabilities()).await {
            Ok(Ok(capabilities)) => {
                MARKUP.store(capabilities.iter().any(|it| it == "body-markup"), Ordering::Relaxed);
                Health::Works { by: String::new() }
            }
            Ok(Err(_)) | Err(_) => Health::Dead { reason: no_daemon() },
        }
    }
}

#[cfg(not(target_os = "linux"))]
mod daemon {
    //! Notifications through the library alone.

    use herald_core::Announcement;
    use herald_core::state::Health;
    use notify_rust::{NotificationHandle, NotificationResponse};
    use tokio::sync::oneshot;

    use super::{Notifier, build};

    pub(super) type Handle = NotificationHandle;

    /// The systems that do not need this take away what a program leaves behind.
    pub(super) struct Leftovers;

    impl Leftovers {
        pub fn take_away(_: &std::path::Path) -> Self {
            Self
        }

        pub async fn note(&mut self, _: impl Iterator<Item = u32>) {}
    }

    pub(super) fn id(_: &Handle) -> u32 {
        0
    }

    pub(super) fn no_daemon() -> String {
        "the system does not show Herald's notifications. Allow them in the system settings.".into()
    }

    pub(super) async fn show(it: &Announcement, _replaces: Option<u32>) -> Result<Handle, String> {
        build(it, false).show().map_err(|error| error.to_string())
    }

    pub(super) async fn wait(
        handle: Handle,
        answer: impl FnOnce(&NotificationResponse) + Send + 'static,
        _closed: oneshot::Receiver<()>,
    ) {
        // The handle blocks here, so it waits on a thread of its own.
        let _ = tokio::task::spawn_blocking(move || handle.wait_for_response(answer)).await;
    }

    pub(super) async fn watch(notifier: Notifier) {
        notifier.daemon_seen(Health::Works { by: String::new() });
    }

    pub(super) async fn health() -> Health {
        Health::Works { by: String::new() }
    }
}

/// Whether notifications can be shown now, for `herald doctor`.
pub(crate) async fn probe() -> Health {
    daemon::health().await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_titles_are_shown_as_text() {
        let it = Announcement {
            key: AlarmKey::Test,
            title: "x".into(),
            body: "<img src=x> & <b>bold</b>".into(),
            critical: true,
            buttons: vec![],
            sound: None,
        };
        assert_eq!(build(&it, true).body, "&lt;img src=x&gt; &amp; &lt;b&gt;bold&lt;/b&gt;", "markup is escaped");
        assert_eq!(build(&it, false).body, "<img src=x> & <b>bold</b>", "plain text stays as it is");
    }
}
