//! A desktop portal that offers global shortcuts, in the ways in which real ones answer.
//!
//! | manner | whose, and where it is written |
//! |---|---|
//! | requests, responses, sessions, `session_handle` as a string | flatpak/xdg-desktop-portal, `data/org.freedesktop.portal.GlobalShortcuts.xml`, `desktop-portal/global-shortcuts.c` |
//! | a program without an id gets no session: "An app id is required" | the same file, `handle_create_session` |
//! | a program says its id once, before any other call | `data/org.freedesktop.host.portal.Registry.xml`, `desktop-portal/registry.c` |
//! | binding is answered with an empty list | xdg-desktop-portal-kde 5.27, `src/globalshortcuts.cpp`, `BindShortcuts`, which opens its settings and reads no shortcuts |
//! | binding is answered when the user has decided, or with a refusal | xdg-desktop-portal-kde 6, the same function (`delayReply`, `PortalResponse::Cancelled`) |
//! | shortcuts are given without saying which keys | the specification leaves `trigger_description` to the desktop |
//! | a press carries an activation token | `data/org.freedesktop.portal.GlobalShortcuts.xml`, `Activated` |
//! | does not answer at all | any process that is stopped: its messages wait in its socket (`signal(7)`, SIGSTOP) |

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use anyhow::{Context as _, Result};
use zbus::message::Header;
use zbus::zvariant::{OwnedObjectPath, OwnedValue, Value};

use crate::desktop::{Desktop, lock};

const NAME: &str = "org.freedesktop.portal.Desktop";
const PATH: &str = "/org/freedesktop/portal/desktop";
const SHORTCUTS: &str = "org.freedesktop.portal.GlobalShortcuts";

/// How the portal answers when keys are to be bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Binding {
    /// With keys, in the desktop's words.
    Granted(&'static str),
    /// With an empty list.
    Empty,
    /// The user said no.
    Denied,
    /// The user has not decided yet.
    Undecided,
    /// Not even the call is answered.
    Hung,
    /// It wants to know the program's id first, and takes none that it is told.
    Nameless,
}

/// What a program asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// The id it gave.
    pub app_id: String,
    /// The session's name.
    pub session_token: String,
    /// Keys it would like.
    pub trigger: String,
}

/// The portal.
pub struct Portal {
    connection: zbus::Connection,
    state: Arc<Mutex<State>>,
}

struct State {
    binding: Binding,
    app_ids: HashMap<String, String>,
    asked: Vec<Asked>,
    session: Option<(String, OwnedObjectPath)>,
    /// The request that waits for its user.
    waiting: Option<(String, OwnedObjectPath)>,
}

impl Portal {
    /// Starts the portal.
    ///
    /// # Errors
    /// When the bus cannot be reached or the name is taken.
    pub async fn start(desktop: &Desktop, binding: Binding) -> Result<Self> {
        let (app_ids, asked) = (HashMap::new(), vec![]);
        let state = Arc::new(Mutex::new(State { binding, app_ids, asked, session: None, waiting: None }));
        let (registry, shortcuts) = (Registry { state: Arc::clone(&state) }, Shortcuts { state: Arc::clone(&state) });
        let serving = desktop.session_bus()?.serve_at(PATH, registry)?.serve_at(PATH, shortcuts)?;
        Ok(Self { connection: serving.name(NAME)?.build().await?, state })
    }

    /// Answers so from here on.
    pub fn answer(&self, binding: Binding) {
        lock(&self.state).binding = binding;
    }

    /// What was asked for so far, session by session.
    #[must_use]
    pub fn asked(&self) -> Vec<Asked> {
        lock(&self.state).asked.clone()
    }

    /// The user decides at last.
    ///
    /// # Errors
    /// When nothing waits for it.
    pub async fn decide(&self, keys: &'static str) -> Result<()> {
        let (to, request) = lock(&self.state).waiting.take().context("nobody waits")?;
        respond(&self.connection, &to, &request, 0, bound(Some(keys))).await
    }

    /// The user presses the keys.
    ///
    /// # Errors
    /// When nobody has a session.
    pub async fn press(&self, at_ms: u64, token: Option<&str>) -> Result<()> {
        let (to, session) = lock(&self.state).session.clone().context("there is no session")?;
        let options: HashMap<&str, Value<'_>> =
            token.into_iter().map(|token| ("activation_token", Value::from(token))).collect();
        let to = Some(to.as_str());
        let body = (&session, "draft", at_ms, options);
        self.connection.emit_signal(to, PATH, SHORTCUTS, "Activated", &body).await?;
        let released = (&session, "draft", at_ms + 50, HashMap::<&str, Value<'_>>::new());
        Ok(self.connection.emit_signal(to, PATH, SHORTCUTS, "Deactivated", &released).await?)
    }
}

/// What a request ends with.
fn bound(keys: Option<&str>) -> HashMap<String, Value<'static>> {
    let list: Vec<(String, HashMap<String, Value<'static>>)> = keys
        .map(|keys| {
            let about = [("description", "Write the next update".to_owned()), ("trigger_description", keys.to_owned())];
            ("draft".to_owned(), about.map(|(name, text)| (name.to_owned(), Value::from(text))).into())
        })
        .into_iter()
        .collect();
    HashMap::from([("shortcuts".to_owned(), Value::from(list))])
}

async fn respond(
    bus: &zbus::Connection,
    to: &str,
    request: &OwnedObjectPath,
    code: u32,
    results: HashMap<String, Value<'static>>,
) -> Result<()> {
    let interface = "org.freedesktop.portal.Request";
    Ok(bus.emit_signal(Some(to), request, interface, "Response", &(code, results)).await?)
}

struct Registry {
    state: Arc<Mutex<State>>,
}

#[zbus::interface(name = "org.freedesktop.host.portal.Registry")]
impl Registry {
    fn register(
        &self,
        #[zbus(header)] header: Header<'_>,
        app_id: String,
        _options: HashMap<String, OwnedValue>,
    ) -> zbus::fdo::Result<()> {
        let mut state = lock(&self.state);
        if state.binding == Binding::Nameless {
            return Err(zbus::fdo::Error::Failed("Can't create registered app".into()));
        }
        state.app_ids.insert(header.sender().map(ToString::to_string).unwrap_or_default(), app_id);
        Ok(())
    }
}

struct Shortcuts {
    state: Arc<Mutex<State>>,
}

#[derive(Debug, zbus::DBusError)]
#[zbus(prefix = "org.freedesktop.portal.Error")]
enum Refused {
    #[zbus(error)]
    ZBus(zbus::Error),
    NotAllowed(String),
}

#[zbus::interface(name = "org.freedesktop.portal.GlobalShortcuts")]
impl Shortcuts {
    async fn create_session(
        &self,
        #[zbus(header)] header: Header<'_>,
        #[zbus(connection)] bus: &zbus::Connection,
        options: HashMap<String, OwnedValue>,
    ) -> Result<OwnedObjectPath, Refused> {
        let (to, handle) = request(&header, &options)?;
        let token = word(&options, "session_handle_token");
        let session = path("session", &to, &token)?;
        let (binding, known) = {
            let state = lock(&self.state);
            (state.binding, state.app_ids.get(&to).cloned())
        };
        if binding == Binding::Hung {
            std::future::pending::<()>().await;
        }
        let Some(app_id) = known else { return Err(Refused::NotAllowed("An app id is required".into())) };
        {
            let mut state = lock(&self.state);
            state.session = Some((to.clone(), session.clone()));
            state.asked.push(Asked { app_id, session_token: token, ..Asked::default() });
        }
        let results = HashMap::from([("session_handle".to_owned(), Value::from(session.to_string()))]);
        answer_soon(bus, to, handle.clone(), 0, results);
        Ok(handle)
    }

    async fn bind_shortcuts(
        &self,
        #[zbus(header)] header: Header<'_>,
        #[zbus(connection)] bus: &zbus::Connection,
        _session: OwnedObjectPath,
        shortcuts: Vec<(String, HashMap<String, OwnedValue>)>,
        _parent: String,
        options: HashMap<String, OwnedValue>,
    ) -> Result<OwnedObjectPath, Refused> {
        let (to, handle) = request(&header, &options)?;
        let mut state = lock(&self.state);
        if let (Some(asked), Some((_, about))) = (state.asked.last_mut(), shortcuts.first()) {
            asked.trigger = word(about, "preferred_trigger");
        }
        match state.binding {
            Binding::Granted(keys) => answer_soon(bus, to, handle.clone(), 0, bound(Some(keys))),
            Binding::Empty => answer_soon(bus, to, handle.clone(), 0, bound(None)),
            Binding::Denied => answer_soon(bus, to, handle.clone(), 1, HashMap::new()),
            Binding::Undecided | Binding::Hung | Binding::Nameless => state.waiting = Some((to, handle.clone())),
        }
        Ok(handle)
    }

    #[zbus(property, name = "version")]
    fn version(&self) -> u32 {
        2
    }
}

/// Answers a request after the call itself was answered.
fn answer_soon(
    bus: &zbus::Connection,
    to: String,
    request: OwnedObjectPath,
    code: u32,
    results: HashMap<String, Value<'static>>,
) {
    let bus = bus.clone();
    tokio::spawn(async move { respond(&bus, &to, &request, code, results).await });
}

fn request(header: &Header<'_>, options: &HashMap<String, OwnedValue>) -> zbus::Result<(String, OwnedObjectPath)> {
    let to = header.sender().map(ToString::to_string).unwrap_or_default();
    let handle = path("request", &to, &word(options, "handle_token"))?;
    Ok((to, handle))
}

fn path(kind: &str, sender: &str, token: &str) -> zbus::Result<OwnedObjectPath> {
    let sender = sender.trim_start_matches(':').replace('.', "_");
    Ok(format!("{PATH}/{kind}/{sender}/{token}").try_into()?)
}

fn word(options: &HashMap<String, OwnedValue>, name: &str) -> String {
    options.get(name).and_then(|value| <&str>::try_from(&**value).ok()).unwrap_or_default().to_owned()
}
