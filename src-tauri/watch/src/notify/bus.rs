//! The wire to the notification daemon: one connection, calls whose answers are waited for however late they come, and
//! the daemon's signals in the order in which it sent them.

use std::sync::OnceLock;
use std::time::Duration;

use herald_core::alarm::Button;
use herald_core::state::Health;
use herald_core::{AlarmKey, Announcement};
use serde::{Serialize, Serializer};
use tokio::sync::mpsc::UnboundedSender;
use zbus::export::futures_core::Stream;
use zbus::message::Type as Kind;
use zbus::zvariant::{SerializeDict, Type};
use zbus::{Connection, MatchRule, Message, MessageStream};

use super::screen::Event;
use crate::tray::icons;
use crate::which::Which;

pub(super) const NAME: &str = "org.freedesktop.Notifications";
pub(super) const PATH: &str = "/org/freedesktop/Notifications";

/// The name of Herald's desktop file, by which desktops know the program.
const DESKTOP_ENTRY: &str = "Herald";
/// Longest wait for the daemon before its silence is told.
const ANSWER_MAX: Duration = Duration::from_secs(3);
/// Plasma takes no second notification like the one before within a second.
const CROWDED_FOR: Duration = Duration::from_millis(1200);

/// What a daemon says of itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Skills {
    /// Whether it reads markup in bodies.
    pub markup: bool,
    /// Whether a notification that is replaced keeps its buttons.
    pub keeps_buttons: bool,
    /// Its name and version.
    pub name: String,
}

/// A notification that is on the screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Posted {
    pub id: u32,
    /// The name on the bus of the daemon that shows it.
    pub by: String,
}

/// Why a notification is not on the screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// There is no bus.
    NoBus,
    /// There is no daemon, or it ended over the question.
    NoDaemon,
    /// The daemon wants more time between two.
    Crowded,
    /// The daemon said no, in these words.
    Said(String),
    /// The daemon has not answered in time.
    Silent,
}

impl Refusal {
    /// Why, and what to do.
    pub fn words(&self) -> String {
        match self {
            Self::NoBus => "the session's message bus cannot be reached. Herald tries again by itself.".into(),
            Self::NoDaemon => {
                let start = Which::here().start_notifications();
                format!("no notification daemon answers. {start}; Herald tries again by itself.")
            }
            Self::Crowded => "the notification daemon shows no more for now. Herald tries again by itself.".into(),
            Self::Said(words) if words.is_empty() => {
                "the notification daemon refused without a word. Herald tries again by itself.".into()
            }
            Self::Said(words) => {
                format!("the notification daemon refused (“{words}”). Herald tries again by itself.")
            }
            Self::Silent => "the notification daemon does not answer. Herald keeps waiting for it.".into(),
        }
    }
}

impl From<zbus::Error> for Refusal {
    fn from(error: zbus::Error) -> Self {
        tracing::debug!(%error, "the notification daemon");
        let zbus::Error::MethodError(name, words, _) = error else { return Self::NoBus };
        match name.as_str() {
            "org.freedesktop.Notifications.Error.ExcessNotificationGeneration" => Self::Crowded,
            // What the bus itself answers in place of a daemon that is not there, or has ended.
            "org.freedesktop.DBus.Error.ServiceUnknown"
            | "org.freedesktop.DBus.Error.NameHasNoOwner"
            | "org.freedesktop.DBus.Error.NoReply"
            | "org.freedesktop.DBus.Error.Disconnected"
            | "org.freedesktop.DBus.Error.TimedOut" => Self::NoDaemon,
            other if other.starts_with("org.freedesktop.DBus.Error.Spawn.") => Self::NoDaemon,
            _ => Self::Said(herald_core::text::clean_line(&words.unwrap_or_default(), 120)),
        }
    }
}

/// What a daemon tells about one notification.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Signal {
    /// Leave to come to the front, for the action that follows.
    Token(u32, String),
    /// An action was chosen.
    Action(u32, String),
    /// It is off the screen.
    Closed(u32),
}

impl Signal {
    pub fn id(&self) -> u32 {
        match self {
            Self::Token(id, _) | Self::Action(id, _) | Self::Closed(id) => *id,
        }
    }

    fn read(message: &Message) -> Option<Self> {
        let (header, body) = (message.header(), message.body());
        let worded = || body.deserialize::<(u32, String)>().ok();
        match header.member()?.as_str() {
            "ActivationToken" => worded().map(|(id, token)| Self::Token(id, token)),
            "ActionInvoked" => worded().map(|(id, action)| Self::Action(id, action)),
            "NotificationClosed" => body.deserialize::<(u32, u32)>().ok().map(|(id, _)| Self::Closed(id)),
            _ => None,
        }
    }
}

/// The lasting connection.
pub(super) struct Bus {
    pub connection: Connection,
    events: UnboundedSender<Event>,
}

impl Bus {
    /// Connects, listens from then on, and says who shows notifications now.
    pub async fn connect(events: UnboundedSender<Event>) -> Result<(Self, Option<String>), Refusal> {
        // A bus that hangs must not hold up the alarms.
        match tokio::time::timeout(ANSWER_MAX, Self::reach(events)).await {
            Ok(reached) => Ok(reached?),
            Err(_) => Err(Refusal::NoBus),
        }
    }

    async fn reach(events: UnboundedSender<Event>) -> zbus::Result<(Self, Option<String>)> {
        let connection = Connection::session().await?;
        let rule = MatchRule::builder().msg_type(Kind::Signal).interface(NAME)?.path(PATH)?.build();
        // Listening comes first: what happens between a question and this would be missed.
        let signals = MessageStream::for_match_rule(rule, &connection, None).await?;
        let dbus = zbus::fdo::DBusProxy::new(&connection).await?;
        let changes = dbus.receive_name_owner_changed_with_args(&[(0, NAME)]).await?;
        let owner = dbus.get_name_owner(NAME.try_into()?).await.ok().map(|owner| owner.to_string());
        tokio::spawn(listen(signals, changes, events.clone()));
        Ok((Self { connection, events }, owner))
    }

    /// Shows a notification. The answer is waited for however late it comes: what was asked may be done all the same.
    pub fn post(&self, it: Announcement, number: u64, before: u32, skills: Skills) {
        let (connection, events) = (self.connection.clone(), self.events.clone());
        tokio::spawn(async move {
            let mut call = std::pin::pin!(notify(&connection, &it, before, &skills));
            let answer = match tokio::time::timeout(ANSWER_MAX, &mut call).await {
                Ok(answer) => answer,
                Err(_) => {
                    let _ = events.send(Event::Slow(it.key.clone(), number));
                    call.await
                }
            };
            let _ = events.send(Event::Answered(it.key.clone(), number, answer));
        });
    }

    /// Takes a notification off the screen. One that its user has waved away may be answered with an error.
    pub fn close(&self, id: u32) {
        let connection = self.connection.clone();
        tokio::spawn(async move { close(&connection, id).await });
    }

    /// Shows it again in a moment.
    pub fn soon(&self, key: AlarmKey) {
        let events = self.events.clone();
        tokio::spawn(async move {
            tokio::time::sleep(CROWDED_FOR).await;
            let _ = events.send(Event::Again(key));
        });
    }

    /// Asks the daemon what it can do.
    pub fn look(&self) {
        let (connection, events) = (self.connection.clone(), self.events.clone());
        tokio::spawn(async move {
            let _ = events.send(Event::Looked(skills(&connection).await));
        });
    }
}

/// Passes on what the bus tells, until it goes away.
async fn listen(
    mut signals: MessageStream,
    mut changes: zbus::fdo::NameOwnerChangedStream,
    events: UnboundedSender<Event>,
) {
    loop {
        let event = tokio::select! {
            signal = next(&mut signals) => match signal {
                Some(Ok(message)) => {
                    let from = message.header().sender().map(ToString::to_string).unwrap_or_default();
                    let Some(signal) = Signal::read(&message) else { continue };
                    Event::Told(from, signal)
                }
                Some(Err(_)) | None => break,
            },
            change = next(&mut changes) => match change {
                Some(change) => {
                    let Ok(args) = change.args() else { continue };
                    Event::Owner(args.new_owner().as_ref().map(ToString::to_string))
                }
                None => break,
            },
        };
        if events.send(event).is_err() {
            return;
        }
    }
    let _ = events.send(Event::Lost);
}

async fn next<S: Stream + Unpin>(stream: &mut S) -> Option<S::Item> {
    std::future::poll_fn(|context| std::pin::Pin::new(&mut *stream).poll_next(context)).await
}

async fn close(bus: &Connection, id: u32) {
    if let Err(error) = bus.call_method(Some(NAME), PATH, Some(NAME), "CloseNotification", &id).await {
        tracing::debug!(%error, id, "a notification was not closed");
    }
}

async fn notify(bus: &Connection, it: &Announcement, before: u32, skills: &Skills) -> Result<Posted, Refusal> {
    let replaces = if skills.keeps_buttons || before == 0 {
        before
    } else {
        // Not after it: such a shell shows nothing of what waits behind a banner that is closed, until something happens.
        close(bus, before).await;
        0
    };
    let body = if skills.markup { escape(&it.body) } else { it.body.clone() };
    let actions: Vec<&str> = it.buttons.iter().flat_map(|(button, label)| [key(*button), label]).collect();
    // No icon by name: where the theme lacks it, xfce4-notifyd draws a broken image. The picture itself goes along.
    let call = (
        "Herald",
        replaces,
        "",
        it.title.as_str(),
        body.as_str(),
        actions,
        Hints::of(it.critical),
        timeout(it.critical),
    );
    let reply = bus.call_method(Some(NAME), PATH, Some(NAME), "Notify", &call).await?;
    let by = reply.header().sender().map(ToString::to_string).unwrap_or_default();
    Ok(Posted { id: reply.body().deserialize()?, by })
}

/// A button's id on the wire. To open is what a click on the notification itself does (`default`), which desktops that
/// show it show as a button of its own: given twice, xfce4-notifyd would show it twice.
fn key(button: Button) -> &'static str {
    if button == Button::Open { "default" } else { button.id() }
}

/// How long it stays up, in ms: until it is withdrawn, or as the daemon likes.
fn timeout(critical: bool) -> i32 {
    if critical { 0 } else { -1 }
}

/// What goes along with a notification's text (Desktop Notifications Specification 1.2, "Hints").
#[derive(SerializeDict, Type)]
#[zvariant(signature = "dict")]
struct Hints {
    urgency: u8,
    category: &'static str,
    #[zvariant(rename = "desktop-entry")]
    desktop_entry: Option<&'static str>,
    /// Herald plays its own sounds: two at once would blur both.
    #[zvariant(rename = "suppress-sound")]
    suppress_sound: bool,
    #[zvariant(rename = "image-data")]
    image_data: Option<Picture>,
}

impl Hints {
    fn of(critical: bool) -> Self {
        Self {
            urgency: if critical { 2 } else { 1 },
            category: "im.received",
            desktop_entry: Some(DESKTOP_ENTRY),
            suppress_sound: true,
            image_data: Picture::mark(),
        }
    }
}

/// A picture as the specification's `image-data`: width, height, bytes a row, alpha, bits, channels, RGBA.
#[derive(Clone, Copy, Serialize, Type)]
#[zvariant(signature = "(iiibiiay)")]
struct Picture(i32, i32, i32, bool, i32, i32, Pixels);

impl Picture {
    /// Herald's mark.
    fn mark() -> Option<Self> {
        static MARK: OnceLock<Option<(i32, i32, Vec<u8>)>> = OnceLock::new();
        let mark = MARK.get_or_init(|| icons::rgba(include_bytes!("../../../../icons/128x128.png")));
        let (width, height, rgba) = mark.as_ref()?;
        Some(Self(*width, *height, width * 4, true, 8, 4, Pixels(rgba)))
    }
}

/// Bytes that go onto the wire in one piece. As values of their own, byte for byte, they took longer than all that is
/// decided about a page.
#[derive(Clone, Copy)]
struct Pixels(&'static [u8]);

impl Serialize for Pixels {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(self.0)
    }
}

async fn skills(bus: &Connection) -> Result<Skills, Refusal> {
    let asked = async {
        let capabilities: Vec<String> =
            bus.call_method(Some(NAME), PATH, Some(NAME), "GetCapabilities", &()).await?.body().deserialize()?;
        let about = bus.call_method(Some(NAME), PATH, Some(NAME), "GetServerInformation", &()).await?;
        let (server, _, version, _): (String, String, String, String) = about.body().deserialize()?;
        let name = herald_core::text::clean_line(format!("{server} {version}").trim(), 60);
        let markup = capabilities.iter().any(|it| it == "body-markup");
        zbus::Result::Ok(Skills { markup, keeps_buttons: keeps_buttons(&server, &version), name })
    };
    match tokio::time::timeout(ANSWER_MAX, asked).await {
        Ok(found) => Ok(found?),
        Err(_) => Err(Refusal::Silent),
    }
}

/// GNOME Shell before 46 takes the buttons of a banner away when its notification is replaced, and adds the new ones where
/// nobody sees them (`js/ui/notificationDaemon.js`, `_notifyForSource`; `js/ui/messageTray.js`, `NotificationBanner._onUpdated`).
fn keeps_buttons(server: &str, version: &str) -> bool {
    let major = version.split('.').next().and_then(|it| it.parse::<u32>().ok());
    server != "gnome-shell" || major.is_some_and(|major| major >= 46)
}

/// Whether notifications can be shown, asked on a connection of its own.
pub(super) async fn probe() -> Health {
    let asked = async { skills(&Connection::session().await?).await };
    match asked.await {
        Ok(skills) => Health::Works { by: skills.name },
        Err(refusal) => Health::Dead { reason: refusal.words() },
    }
}

/// Shows a notification that nobody answers, from a thread of its own. It outlives its connection wherever the daemon
/// does not know the program.
pub(super) fn say(title: &str, body: &str) -> bool {
    let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else { return false };
    let said = runtime.block_on(async {
        let hints = Hints { desktop_entry: None, ..Hints::of(true) };
        let call = ("Herald", 0_u32, "", title, escape(body), Vec::<&str>::new(), hints, timeout(true));
        Connection::session().await?.call_method(Some(NAME), PATH, Some(NAME), "Notify", &call).await
    });
    said.is_ok()
}

/// Escapes text for daemons that read markup in bodies (H111).
fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use zbus::zvariant::{OwnedValue, Value};

    use super::*;

    #[test]
    fn hostile_titles_are_shown_as_text() {
        let body = "<img src=x> & <b>bold</b>";
        assert_eq!(escape(body), "&lt;img src=x&gt; &amp; &lt;b&gt;bold&lt;/b&gt;", "markup is escaped");
    }

    #[test]
    fn older_shells_of_gnome_lose_buttons() {
        for (server, version, keeps) in [
            ("gnome-shell", "43.9", false),
            ("gnome-shell", "45.alpha", false),
            ("gnome-shell", "46.0", true),
            ("gnome-shell", "?", false),
            ("Plasma", "5.27.5", true),
            ("mako", "1.7", true),
        ] {
            assert_eq!(keeps_buttons(server, version), keeps, "{server} {version}");
        }
    }

    #[test]
    fn what_goes_along_arrives_as_the_specification_has_it() {
        let context = zbus::zvariant::serialized::Context::new_dbus(zbus::zvariant::LE, 0);
        let sent = zbus::zvariant::to_bytes(context, &Hints::of(true)).expect("it can be sent");
        let (hints, _): (HashMap<String, OwnedValue>, usize) = sent.deserialize().expect("it can be read");
        assert_eq!(hints["urgency"], OwnedValue::from(2_u8));
        assert_eq!(hints["suppress-sound"], OwnedValue::from(true));
        let Value::Structure(picture) = &*hints["image-data"] else { panic!("a picture") };
        assert_eq!(picture.fields()[..3], [Value::from(128), Value::from(128), Value::from(512)]);
        assert_eq!(picture.signature().to_string(), "(iiibiiay)");
        let pixels = Vec::<u8>::try_from(picture.fields()[6].try_clone().expect("bytes")).expect("bytes");
        let mark = icons::rgba(include_bytes!("../../../../icons/128x128.png"));
        assert_eq!(mark.map(|(_, _, rgba)| rgba), Some(pixels));
        let aside = zbus::zvariant::to_bytes(context, &Hints { desktop_entry: None, ..Hints::of(false) });
        let aside = aside.expect("it can be sent");
        let (hints, _): (HashMap<String, OwnedValue>, usize) = aside.deserialize().expect("it can be read");
        assert!(!hints.contains_key("desktop-entry"), "{:?}", hints.keys());
    }

    #[test]
    fn refusals_are_told_apart() {
        for (refusal, part) in [
            (Refusal::NoDaemon, "no notification daemon answers"),
            (Refusal::Said("Invalid notification ID".into()), "“Invalid notification ID”"),
            (Refusal::Silent, "does not answer"),
        ] {
            assert!(refusal.words().contains(part), "{refusal:?}");
        }
    }
}
