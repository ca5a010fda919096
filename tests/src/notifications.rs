//! A notification daemon that records what it is told and does what a test's user would do.

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

/// What most daemons offer.
pub const USUAL: &[&str] = &["actions", "body", "body-markup", "persistence"];

/// A daemon without buttons and without markup.
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

/// The daemon. Nobody is called back before a test says so.
pub struct Notifications {
    connection: Option<zbus::Connection>,
    capabilities: &'static [&'static str],
    telling: Telling,
    record: Arc<Mutex<Record>>,
}

#[derive(Default)]
struct Record {
    history: Vec<Note>,
    closed: Vec<(u32, Closed)>,
    /// What is on the screen, by id.
    visible: BTreeMap<u32, Note>,
    last_id: u32,
    /// How long `Notify` waits before it answers.
    slowness: Duration,
}

impl Notifications {
    /// Starts a daemon with the usual capabilities.
    ///
    /// # Errors
    /// When the bus cannot be reached or the name is taken.
    pub async fn start(desktop: &Desktop) -> Result<Self> {
        Self::start_with(desktop, USUAL, Telling::default()).await
    }

    /// Starts a daemon with these capabilities.
    ///
    /// # Errors
    /// When the bus cannot be reached or the name is taken.
    pub async fn start_with(
        desktop: &Desktop,
        capabilities: &'static [&'static str],
        telling: Telling,
    ) -> Result<Self> {
        let mut daemon = Self { connection: None, capabilities, telling, record: Arc::default() };
        daemon.come_back(desktop).await?;
        Ok(daemon)
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
        let served = Served { capabilities: self.capabilities, record: Arc::clone(&self.record) };
        self.connection = Some(desktop.session_bus()?.serve_at(PATH, served)?.name(NAME)?.build().await?);
        Ok(())
    }

    /// Makes `Notify` take this long to answer.
    pub fn be_slow(&self, by: Duration) {
        lock(&self.record).slowness = by;
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
        self.tell("ActionInvoked", &note, &(id, key)).await
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
        let to = match self.telling {
            Telling::LastSender => Some(note.sender.as_str()),
            Telling::Everybody => None,
        };
        Ok(connection.emit_signal(to, PATH, NAME, signal, body).await?)
    }
}

/// The D-Bus face.
struct Served {
    capabilities: &'static [&'static str],
    record: Arc<Mutex<Record>>,
}

#[zbus::interface(name = "org.freedesktop.Notifications")]
impl Served {
    #[expect(clippy::too_many_arguments, reason = "the specification's signature")]
    async fn notify(
        &self,
        #[zbus(header)] header: Header<'_>,
        app: String,
        replaces: u32,
        icon: String,
        summary: String,
        body: String,
        actions: Vec<String>,
        hints: HashMap<String, OwnedValue>,
        timeout_ms: i32,
    ) -> u32 {
        let slowness = lock(&self.record).slowness;
        wait::until_age(Instant::now(), slowness).await;
        let mut record = lock(&self.record);
        if replaces == 0 {
            record.last_id += 1;
        }
        // A daemon that has started anew honours an id it never gave out, too; its own numbering then goes on above it.
        let id = if replaces == 0 { record.last_id } else { replaces };
        record.last_id = record.last_id.max(id);
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
            sender: header.sender().map(ToString::to_string).unwrap_or_default(),
            at: Instant::now(),
        };
        record.history.push(note.clone());
        record.visible.insert(id, note);
        id
    }

    async fn close_notification(
        &self,
        id: u32,
        #[zbus(signal_emitter)] emitter: zbus::object_server::SignalEmitter<'_>,
    ) -> zbus::fdo::Result<()> {
        {
            let mut record = lock(&self.record);
            // The specification asks for an empty error when there is nothing to close.
            if record.visible.remove(&id).is_none() {
                return Err(zbus::fdo::Error::Failed(String::new()));
            }
            record.closed.push((id, Closed::Withdrawn));
        }
        Ok(emitter.emit(NAME, "NotificationClosed", &(id, Closed::Withdrawn as u32)).await?)
    }

    fn get_capabilities(&self) -> Vec<&'static str> {
        self.capabilities.to_vec()
    }

    fn get_server_information(&self) -> (&'static str, &'static str, &'static str, &'static str) {
        ("fake", "herald-tests", "1", "1.2")
    }
}

fn pair(chunk: &[String]) -> Option<(String, String)> {
    match chunk {
        [key, label] => Some((key.clone(), label.clone())),
        _ => None,
    }
}
