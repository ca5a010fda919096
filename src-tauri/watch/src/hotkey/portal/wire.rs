//! The wire to the portal's `GlobalShortcuts` (flatpak/xdg-desktop-portal, `data/org.freedesktop.portal.*.xml`).

use std::collections::HashMap;
use std::time::Duration;

use serde::Serialize;
use zbus::export::futures_core::Stream;
use zbus::message::Type;
use zbus::zvariant::{DynamicType, ObjectPath, OwnedObjectPath, OwnedValue, Value};
use zbus::{Connection, MatchRule, Message, MessageStream};

use super::Fault;
use herald_door::Token;

const NAME: &str = "org.freedesktop.portal.Desktop";
const PATH: &str = "/org/freedesktop/portal/desktop";
const SHORTCUTS: &str = "org.freedesktop.portal.GlobalShortcuts";
const REQUEST: &str = "org.freedesktop.portal.Request";
const SESSION: &str = "org.freedesktop.portal.Session";
const REGISTRY: &str = "org.freedesktop.host.portal.Registry";

/// Herald's desktop file without its ending: the id by which the portal is told who asks, however Herald was started.
const APP_ID: &str = "Herald";
/// The session's name, the same for ever: desktops remember the user's keys by it.
const SESSION_TOKEN: &str = "herald";
/// The shortcut's name, under which the desktop remembers what the user decided.
const DRAFT: &str = "draft";
/// What the desktop shows the user.
const DESCRIPTION: &str = "Write the next update";

/// Longest wait for the portal to take a question: what it answers may take as long as its user does.
const TAKEN_MAX: Duration = Duration::from_secs(10);

/// What a request's answer holds.
type Results = HashMap<String, OwnedValue>;

/// What the portal tells while it holds the keys.
pub(super) enum News {
    Pressed {
        at_ms: u32,
        token: Option<Token>,
    },
    Released,
    /// Other keys than before.
    Changed(Option<String>),
    /// The portal, or the session, has ended.
    Gone,
}

/// A connection to the portal of its own, and all that the portal tells there.
pub(super) struct Portal {
    bus: Connection,
    responses: MessageStream,
    signals: MessageStream,
    closed: MessageStream,
    owner: zbus::fdo::NameOwnerChangedStream,
    session: Option<OwnedObjectPath>,
}

impl Portal {
    /// Connects, listens, and says who asks.
    pub async fn reach() -> Result<Self, Fault> {
        in_time(async {
            let bus = Connection::session().await?;
            let listen = async |interface: &'static str| {
                let rule = MatchRule::builder().msg_type(Type::Signal).interface(interface)?.build();
                MessageStream::for_match_rule(rule, &bus, None).await
            };
            let (responses, signals, closed) =
                (listen(REQUEST).await?, listen(SHORTCUTS).await?, listen(SESSION).await?);
            let dbus = zbus::fdo::DBusProxy::new(&bus).await?;
            let owner = dbus.receive_name_owner_changed_with_args(&[(0, NAME)]).await?;
            let none: HashMap<&str, Value<'_>> = HashMap::new();
            // Portals before 1.19 have no registry; they go by the unit in which the program was started.
            if let Err(error) = bus.call_method(Some(NAME), PATH, Some(REGISTRY), "Register", &(APP_ID, none)).await {
                tracing::debug!(%error, "the portal was not told who asks");
            }
            Ok(Self { bus, responses, signals, closed, owner, session: None })
        })
        .await
    }

    /// Binds the shortcut; gives the keys that it got in the desktop's words, or nothing when it got none.
    pub async fn bind(&mut self, trigger: &str) -> Result<Option<String>, Fault> {
        let options = HashMap::from([
            ("handle_token", Value::from("create")),
            ("session_handle_token", Value::from(SESSION_TOKEN)),
        ]);
        let created = self.request("CreateSession", &(options,)).await?;
        let handle = created.get("session_handle").ok_or(Fault::Failed)?;
        // A string by an old mistake of the interface, which its documentation keeps.
        let handle = if let Value::ObjectPath(path) = &**handle {
            Some(path.to_owned())
        } else {
            <&str>::try_from(&**handle).ok().and_then(|path| ObjectPath::try_from(path.to_owned()).ok())
        };
        let handle = OwnedObjectPath::from(handle.ok_or(Fault::Failed)?);
        self.session = Some(handle.clone());
        let about =
            HashMap::from([("description", Value::from(DESCRIPTION)), ("preferred_trigger", Value::from(trigger))]);
        let options = HashMap::from([("handle_token", Value::from("bind"))]);
        let bound = self.request("BindShortcuts", &(handle, vec![(DRAFT, about)], "", options)).await?;
        Ok(bound.get("shortcuts").and_then(|list| granted(list)))
    }

    /// Waits for what the portal tells next.
    pub async fn news(&mut self) -> News {
        loop {
            tokio::select! {
                told = next(&mut self.signals) => match told {
                    Some(Ok(message)) => if let Some(news) = self.read(&message) { return news },
                    Some(Err(_)) | None => return News::Gone,
                },
                ended = next(&mut self.closed) => match ended {
                    Some(Ok(message)) if !self.about_us(&message) => {}
                    Some(_) | None => return News::Gone,
                },
                _ = next(&mut self.owner) => return News::Gone,
            }
        }
    }

    fn about_us(&self, message: &Message) -> bool {
        message
            .header()
            .path()
            .is_some_and(|path| self.session.as_ref().is_some_and(|session| session.as_ref() == *path))
    }

    fn read(&self, message: &Message) -> Option<News> {
        let (header, body) = (message.header(), message.body());
        let ours = |session: &OwnedObjectPath| self.session.as_ref() == Some(session);
        let pressed = || body.deserialize::<(OwnedObjectPath, String, u64, Results)>().ok();
        match header.member()?.as_str() {
            "Activated" => {
                pressed().filter(|(session, id, ..)| ours(session) && id == DRAFT).map(|(_, _, at, given)| {
                    let token =
                        given.get("activation_token").and_then(|it| String::try_from(it.try_clone().ok()?).ok());
                    let at_ms = u32::try_from(at & u64::from(u32::MAX)).unwrap_or_default();
                    News::Pressed { at_ms, token: token.and_then(Token::new) }
                })
            }
            "Deactivated" => pressed().filter(|(session, id, ..)| ours(session) && id == DRAFT).map(|_| News::Released),
            "ShortcutsChanged" => {
                let (session, list): (OwnedObjectPath, Vec<(String, Results)>) = body.deserialize().ok()?;
                ours(&session).then(|| News::Changed(find(list)))
            }
            _ => None,
        }
    }

    /// Asks, and waits for the answer for as long as the user takes to decide.
    async fn request<B: Serialize + DynamicType>(&mut self, method: &str, body: &B) -> Result<Results, Fault> {
        let bus = self.bus.clone();
        let taken = in_time(async {
            let reply = bus.call_method(Some(NAME), PATH, Some(SHORTCUTS), method, body).await?;
            reply.body().deserialize::<OwnedObjectPath>()
        });
        let handle = taken.await?;
        loop {
            let answer = tokio::select! {
                answer = next(&mut self.responses) => answer.ok_or(Fault::Closed)?.map_err(|_| Fault::Closed)?,
                _ = next(&mut self.owner) => return Err(Fault::Closed),
            };
            if answer.header().path().is_none_or(|path| *path != handle.as_ref()) {
                continue;
            }
            return match answer.body().deserialize::<(u32, Results)>() {
                Ok((0, results)) => Ok(results),
                Ok((1, _)) => Err(Fault::Denied),
                Ok(_) | Err(_) => Err(Fault::Failed),
            };
        }
    }
}

/// The keys of our shortcut in a list of the portal's.
fn granted(list: &Value<'_>) -> Option<String> {
    find(Vec::<(String, Results)>::try_from(list.try_clone().ok()?).ok()?)
}

fn find(list: Vec<(String, Results)>) -> Option<String> {
    let (_, about) = list.into_iter().find(|(id, _)| id == DRAFT)?;
    let keys = about.get("trigger_description").and_then(|it| String::try_from(it.try_clone().ok()?).ok());
    Some(keys.unwrap_or_default())
}

async fn in_time<T>(asked: impl Future<Output = zbus::Result<T>>) -> Result<T, Fault> {
    match tokio::time::timeout(TAKEN_MAX, asked).await {
        Ok(answer) => answer.map_err(Fault::from),
        Err(_) => Err(Fault::Silent),
    }
}

async fn next<S: Stream + Unpin>(stream: &mut S) -> Option<S::Item> {
    std::future::poll_fn(|context| std::pin::Pin::new(&mut *stream).poll_next(context)).await
}

impl From<zbus::Error> for Fault {
    fn from(error: zbus::Error) -> Self {
        tracing::debug!(%error, "the portal failed");
        let zbus::Error::MethodError(name, ..) = error else { return Self::NoPortal };
        match name.as_str() {
            "org.freedesktop.portal.Error.NotAllowed" => Self::Nameless,
            "org.freedesktop.DBus.Error.NoReply" => Self::Silent,
            _ => Self::NoPortal,
        }
    }
}
