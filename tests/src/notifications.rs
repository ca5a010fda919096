//! A notification daemon that records what it is told and does what a test's user would do.
//!
//! It has the manners of the daemons that people use, the strictest of each at once ([`Manners::default`]), and those
//! that exclude each other one by one:
//!
//! | manner | whose, and where it is written |
//! |---|---|
//! | replaces and closes a notification only for the connection that sent it, as long as that lives: "Invalid notification ID" | GNOME Shell, `js/dbusServices/notifications/notificationDaemon.js`, `_checkNotificationId`, `_untrackSender` |
//! | tells of buttons and of closing to the sender alone | the same file, `_emitSignal`; dunst, `src/dbus.c`, `signal_action_invoked` |
//! | tells of them to everybody | mako, `dbus/xdg.c`, `notify_action_invoked` (`sd_bus_emit_signal`); Plasma and xfce4-notifyd emit without a destination, too |
//! | gives an activation token before the action, by a signal of its own | the Desktop Notifications Specification 1.2, `ActivationToken`; GNOME Shell, `js/ui/notificationDaemon.js`, `_emitActivationToken`; mako as above |
//! | an id to replace that is not on the screen makes a new notification with an id of the daemon's own | mako, `handle_notify`; mate-notification-daemon, `src/daemon/daemon.c`, `notify_daemon_notify_handler`; GNOME Shell, `NotifyAsync` |
//! | such an id is taken as it is | Plasma, `libnotificationmanager/server_p.cpp`, `ServerPrivate::Notify` |
//! | refuses one like the last within a second | Plasma, the same function, `ExcessNotificationGeneration` |
//! | shows the default action as a button; a click on the rest only closes | xfce4-notifyd 0.7.3, `xfce4-notifyd/xfce-notify-window.c`, `xfce_notify_window_set_actions` |
//! | shows no button for the default action; a click does it | the specification, "Actions"; GNOME Shell, `NotifyAsync`; mate-notification-daemon |
//! | a notification goes when one of its buttons was pressed | GNOME Shell, `js/ui/messageTray.js` (all but resident ones); Plasma; xfce4-notifyd, `xfce_notify_window_button_clicked` |
//! | a notification that is replaced has no buttons any more | GNOME Shell before 46, `js/ui/notificationDaemon.js`, `_notifyForSource` (updates first, adds actions after), and `js/ui/messageTray.js`, `NotificationBanner._onUpdated`; seen on 43.9 |
//! | closing what is not there is answered without an error | GNOME Shell, `CloseNotification`; mako, `handle_close_notification` |
//! | ids count from 1 after a restart, and the screen is empty | GNOME Shell (`_nextNotificationId = 1`), Plasma (`m_highestNotificationId`) |
//! | hangs, and carries out afterwards what was asked meanwhile, in order | any process that is stopped: its messages wait in its socket (`signal(7)`, SIGSTOP) |

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use zbus::message::Header;
use zbus::zvariant::OwnedValue;

use crate::desktop::{Desktop, lock};
use crate::wait::{self, HUMAN};

const NAME: &str = "org.freedesktop.Notifications";
const PATH: &str = "/org/freedesktop/Notifications";

/// What GNOME Shell offers but for its sound (`js/ui/notificationDaemon.js`, `GetCapabilities`).
pub const USUAL: &[&str] = &["actions", "body", "body-markup", "persistence"];

/// No more than the specification asks of every server: none of its capabilities is required but this.
pub const PLAIN: &[&str] = &["body"];

/// One call of `Notify`.
#[derive(Clone, Debug, PartialEq)]
pub struct Note {
    /// The id it got, or kept.
    pub id: u32,
    /// The id that it asked to replace; 0 for a new one.
    pub replaces: u32,
    /// Name of the application as it gave it.
    pub app: String,
    /// Icon name or path.
    pub icon: String,
    /// Title.
    pub summary: String,
    /// Text.
    pub body: String,
    /// Buttons as (key, label).
    pub actions: Vec<(String, String)>,
    /// 0 low, 1 normal, 2 critical.
    pub urgency: u8,
    /// All hints in text form, `urgency` included.
    pub hints: BTreeMap<String, String>,
    /// Asked time on the screen in ms: 0 never ends by itself, -1 as the daemon likes.
    pub timeout_ms: i32,
    /// Bus name of the connection that sent it.
    pub sender: String,
    /// When it arrived.
    pub at: Instant,
}

impl Note {
    /// Keys of the buttons, in order.
    #[must_use]
    pub fn keys(&self) -> Vec<&str> {
        self.actions.iter().map(|(key, _)| key.as_str()).collect()
    }
}

/// Why a notification left the screen, with the numbers of the specification.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum Closed {
    /// Its time was over.
    Expired = 1,
    /// The user waved it away, or pressed a button.
    Dismissed = 2,
    /// The application withdrew it.
    Withdrawn = 3,
}

/// To whom a daemon tells that a button was pressed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Telling {
    /// Only to the connection that sent the notification last, as dunst does.
    #[default]
    LastSender,
    /// To everybody on the bus, as older daemons do.
    Everybody,
}

/// How a daemon behaves where real ones differ.
#[derive(Clone, Copy, Debug)]
pub struct Manners {
    /// What it says it can do.
    pub capabilities: &'static [&'static str],
    /// To whom it tells of buttons and closing.
    pub telling: Telling,
    /// Whether only the connection that sent a notification may replace or close it.
    pub owners_only: bool,
    /// Whether an id to replace that is not on the screen is taken as it is, rather than answered with another.
    pub honours_unknown_ids: bool,
    /// Whether one like the last is refused within a second.
    pub refuses_alike: bool,
    /// Whether it gives an activation token with each action.
    pub gives_tokens: bool,
    /// Whether it shows the default action as a button, and closes on a click elsewhere.
    pub default_is_a_button: bool,
    /// Whether a notification that is replaced keeps buttons; the one that does not calls itself GNOME Shell.
    pub keeps_buttons: bool,
}

impl Default for Manners {
    /// All that can be joined, the strictest of each.
    fn default() -> Self {
        Self {
            capabilities: USUAL,
            telling: Telling::LastSender,
            owners_only: true,
            honours_unknown_ids: false,
            refuses_alike: true,
            gives_tokens: true,
            default_is_a_button: false,
            keeps_buttons: true,
        }
    }
}

/// The daemon. Nobody is called back before a test says so.
pub struct Notifications {
    connection: Option<zbus::Connection>,
    manners: Manners,
    /// What tokens hold the time of: the desktop's screen.
    env: std::collections::BTreeMap<String, String>,
    record: Arc<Mutex<Record>>,
    hung: Arc<tokio::sync::watch::Sender<bool>>,
}

#[derive(Default)]
struct Record {
    history: Vec<Note>,
    closed: Vec<(u32, Closed)>,
    /// What is on the screen, by id.
    visible: BTreeMap<u32, Note>,
    last_id: u32,
}

impl Notifications {
    /// Starts a daemon with the usual capabilities.
    ///
    /// # Errors
    /// When the bus cannot be reached or the name is taken.
    pub async fn start(desktop: &Desktop) -> Result<Self> {
        Self::start_with(desktop, Manners::default()).await
    }

    /// Starts a daemon with these manners.
    ///
    /// # Errors
    /// When the bus cannot be reached or the name is taken.
    pub async fn start_with(desktop: &Desktop, manners: Manners) -> Result<Self> {
        let (record, hung) = (Arc::default(), Arc::new(tokio::sync::watch::Sender::new(false)));
        let mut daemon = Self { connection: None, manners, env: desktop.env(), record, hung };
        daemon.come_back(desktop).await?;
        Ok(daemon)
    }

    /// Hangs: what is asked from here on waits until it goes on.
    pub fn hang(&self) {
        self.hung.send_replace(true);
    }

    /// Goes on, and does what was asked meanwhile.
    pub fn go_on(&self) {
        self.hung.send_replace(false);
    }

    /// Leaves the bus as a crashed daemon does: nothing is on the screen any more and nobody is told.
    ///
    /// # Errors
    /// When the connection cannot be closed.
    pub async fn vanish(&mut self) -> Result<()> {
        if let Some(connection) = self.connection.take() {
            connection.close().await?;
        }
        let mut record = lock(&self.record);
        record.visible.clear();
        record.last_id = 0;
        Ok(())
    }

    /// Takes the name again, as a new daemon: ids start from 1 once more. The history stays for the test to read.
    ///
    /// # Errors
    /// When the bus cannot be reached or the name is taken.
    pub async fn come_back(&mut self, desktop: &Desktop) -> Result<()> {
        ensure!(self.connection.is_none(), "the notification daemon is there already");
        self.env = desktop.env();
        let (record, hung) = (Arc::clone(&self.record), self.hung.subscribe());
        let served = Served { manners: self.manners, record, hung, turn: tokio::sync::Mutex::default() };
        self.connection = Some(desktop.session_bus()?.serve_at(PATH, served)?.name(NAME)?.build().await?);
        Ok(())
    }

    /// Every call of `Notify` so far.
    #[must_use]
    pub fn history(&self) -> Vec<Note> {
        lock(&self.record).history.clone()
    }

    /// Everything that left the screen so far, and why.
    #[must_use]
    pub fn closed(&self) -> Vec<(u32, Closed)> {
        lock(&self.record).closed.clone()
    }

    /// What is on the screen now, oldest id first.
    #[must_use]
    pub fn visible(&self) -> Vec<Note> {
        lock(&self.record).visible.values().cloned().collect()
    }

    /// Waits for a notification on the screen that fits.
    ///
    /// # Errors
    /// When none comes in time; the message lists those that did.
    pub async fn until_visible(
        &self,
        what: &str,
        deadline: Duration,
        mut fits: impl FnMut(&Note) -> bool,
    ) -> Result<Note> {
        wait::until(what, deadline, async || Ok(self.visible().into_iter().find(|note| fits(note))))
            .await
            .with_context(|| format!("notified so far: {:#?}", self.history()))
    }

    /// Waits until no notification on the screen fits.
    ///
    /// # Errors
    /// When one is still there at the deadline.
    pub async fn until_gone(&self, what: &str, deadline: Duration, mut fits: impl FnMut(&Note) -> bool) -> Result<()> {
        wait::until_true(what, deadline, || !self.visible().iter().any(&mut fits))
            .await
            .with_context(|| format!("on the screen: {:#?}", self.visible()))
    }

    /// Presses a button as a person would: not sooner than a hand can, and the notification closes after it.
    ///
    /// # Errors
    /// When the notification is not on the screen, has no such button, or the bus fails.
    pub async fn press(&self, id: u32, key: &str) -> Result<()> {
        let note = self.on_screen(id)?;
        wait::until_age(note.at, HUMAN).await;
        self.press_at_once(id, key).await?;
        self.dismiss(id, Closed::Dismissed).await
    }

    /// Tells of a button press in this very moment and leaves the notification on the screen.
    ///
    /// # Errors
    /// When the notification is not on the screen, has no such button, or the bus fails.
    pub async fn press_at_once(&self, id: u32, key: &str) -> Result<()> {
        let note = self.on_screen(id)?;
        ensure!(note.keys().contains(&key), "notification {id} has no button {key:?}: {:?}", note.actions);
        if self.manners.gives_tokens {
            self.tell("ActivationToken", &note, &(id, crate::manager::startup_id(&self.env)?)).await?;
        }
        self.tell("ActionInvoked", &note, &(id, key)).await
    }

    /// The buttons that its user sees.
    #[must_use]
    pub fn buttons<'a>(&self, note: &'a Note) -> Vec<&'a str> {
        let shown = |(key, _): &&(String, String)| key != "default" || self.manners.default_is_a_button;
        note.actions.iter().filter(shown).map(|(_, label)| label.as_str()).collect()
    }

    /// Takes a notification off the screen and tells why.
    ///
    /// # Errors
    /// When it is not on the screen or the bus fails.
    pub async fn dismiss(&self, id: u32, why: Closed) -> Result<()> {
        let note = self.on_screen(id)?;
        {
            let mut record = lock(&self.record);
            record.visible.remove(&id);
            record.closed.push((id, why));
        }
        self.tell("NotificationClosed", &note, &(id, why as u32)).await
    }

    fn on_screen(&self, id: u32) -> Result<Note> {
        let note = lock(&self.record).visible.get(&id).cloned();
        note.with_context(|| format!("notification {id} is not on the screen: {:#?}", self.visible()))
    }

    async fn tell<B>(&self, signal: &str, note: &Note, body: &B) -> Result<()>
    where
        B: serde::Serialize + zbus::zvariant::DynamicType + Sync,
    {
        let connection = self.connection.as_ref().context("the notification daemon has vanished")?;
        let to = match self.manners.telling {
            Telling::LastSender => Some(note.sender.as_str()),
            Telling::Everybody => None,
        };
        Ok(connection.emit_signal(to, PATH, NAME, signal, body).await?)
    }
}

/// The D-Bus face.
struct Served {
    manners: Manners,
    record: Arc<Mutex<Record>>,
    hung: tokio::sync::watch::Receiver<bool>,
    /// Who came first is served first.
    turn: tokio::sync::Mutex<()>,
}

impl Served {
    /// Waits for its turn, and until the daemon does not hang.
    async fn turn(&self) -> tokio::sync::MutexGuard<'_, ()> {
        let turn = self.turn.lock().await;
        // It fails when the daemon ends, and then nobody waits for the answer.
        let _ = self.hung.clone().wait_for(|hung| !hung).await;
        turn
    }

    /// Whether this connection may touch this notification.
    async fn allowed(&self, bus: &zbus::Connection, id: u32, sender: &str) -> zbus::fdo::Result<()> {
        let owner = lock(&self.record).visible.get(&id).map(|note| note.sender.clone());
        let Some(owner) = owner.filter(|owner| self.manners.owners_only && owner != sender) else { return Ok(()) };
        let name = zbus::names::BusName::try_from(owner).map_err(zbus::Error::from)?;
        let lives = zbus::fdo::DBusProxy::new(bus).await?.name_has_owner(name).await?;
        if lives { Err(zbus::fdo::Error::InvalidArgs("Invalid notification ID".into())) } else { Ok(()) }
    }
}

#[derive(Debug, zbus::DBusError)]
#[zbus(prefix = "org.freedesktop.Notifications.Error")]
enum Refused {
    #[zbus(error)]
    ZBus(zbus::Error),
    ExcessNotificationGeneration(String),
}

impl From<zbus::fdo::Error> for Refused {
    fn from(error: zbus::fdo::Error) -> Self {
        Self::ZBus(error.into())
    }
}

#[zbus::interface(name = "org.freedesktop.Notifications")]
impl Served {
    #[expect(clippy::too_many_arguments, reason = "the specification's signature")]
    async fn notify(
        &self,
        #[zbus(header)] header: Header<'_>,
        #[zbus(connection)] bus: &zbus::Connection,
        app: String,
        replaces: u32,
        icon: String,
        summary: String,
        body: String,
        actions: Vec<String>,
        hints: HashMap<String, OwnedValue>,
        timeout_ms: i32,
    ) -> Result<u32, Refused> {
        let _turn = self.turn().await;
        let sender = header.sender().map(ToString::to_string).unwrap_or_default();
        self.allowed(bus, replaces, &sender).await?;
        let mut record = lock(&self.record);
        let alike = |last: &Note| {
            (&last.app, &last.summary, &last.body) == (&app, &summary, &body) && last.at.elapsed() < ALIKE_FOR
        };
        if self.manners.refuses_alike && record.history.last().is_some_and(alike) {
            let words = "Created too many similar notifications in quick succession";
            return Err(Refused::ExcessNotificationGeneration(words.into()));
        }
        let id = if replaces != 0 && (record.visible.contains_key(&replaces) || self.manners.honours_unknown_ids) {
            replaces
        } else {
            record.last_id + 1
        };
        record.last_id = record.last_id.max(id);
        let buttons = self.manners.keeps_buttons || !record.visible.contains_key(&id);
        let actions = if buttons { actions } else { vec![] };
        let note = Note {
            id,
            replaces,
            app,
            icon,
            summary,
            body,
            actions: actions.chunks(2).filter_map(pair).collect(),
            urgency: hints.get("urgency").and_then(|value| u8::try_from(value).ok()).unwrap_or(1),
            hints: hints.into_iter().map(|(key, value)| (key, value.to_string())).collect(),
            timeout_ms,
            sender,
            at: Instant::now(),
        };
        record.history.push(note.clone());
        record.visible.insert(id, note);
        Ok(id)
    }

    async fn close_notification(
        &self,
        #[zbus(header)] header: Header<'_>,
        #[zbus(connection)] bus: &zbus::Connection,
        id: u32,
    ) -> zbus::fdo::Result<()> {
        let _turn = self.turn().await;
        self.allowed(bus, id, header.sender().map(|it| it.as_str()).unwrap_or_default()).await?;
        let closed = {
            let mut record = lock(&self.record);
            let closed = record.visible.remove(&id);
            record.closed.extend(closed.as_ref().map(|_| (id, Closed::Withdrawn)));
            closed
        };
        let Some(note) = closed else { return Ok(()) };
        let to = matches!(self.manners.telling, Telling::LastSender).then_some(note.sender.as_str());
        Ok(bus.emit_signal(to, PATH, NAME, "NotificationClosed", &(id, Closed::Withdrawn as u32)).await?)
    }

    async fn get_capabilities(&self) -> Vec<&'static str> {
        let _turn = self.turn().await;
        self.manners.capabilities.to_vec()
    }

    fn get_server_information(&self) -> (&'static str, &'static str, &'static str, &'static str) {
        if self.manners.keeps_buttons { ("fake", "herald-tests", "1", "1.2") } else { GNOME }
    }
}

/// The last GNOME Shell whose banners lose their buttons when they are replaced is 45.
const GNOME: (&str, &str, &str, &str) = ("gnome-shell", "GNOME", "43.9", "1.2");

/// How long Plasma takes no second notification like the one before.
const ALIKE_FOR: Duration = Duration::from_secs(1);

fn pair(chunk: &[String]) -> Option<(String, String)> {
    match chunk {
        [key, label] => Some((key.clone(), label.clone())),
        _ => None,
    }
}
