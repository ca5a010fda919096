//! The window: made when it is needed, told what is true, and let go when it has been hidden for a while.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use herald_core::ledger::MaintenanceId;
use herald_core::{AlarmKey, IncidentId, PageId, View};
use herald_engine::Shown;
use serde::Serialize;
use tauri::{AppHandle, Emitter as _, Manager as _, WebviewUrl, WebviewWindowBuilder};

use crate::front::{self, Front};
use crate::revive;

/// The window's name inside Tauri.
pub(crate) const LABEL: &str = "main";
/// How long a hidden window is kept, so that opening it again is instant.
const KEPT_HIDDEN_FOR: Duration = Duration::from_secs(10 * 60);

/// Where the window should look.
#[derive(Clone, Debug, Default, Serialize)]
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

/// What the window is told.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Told {
    pub view: View,
    pub now: herald_core::Time,
}

impl From<&Shown> for Told {
    fn from(shown: &Shown) -> Self {
        Self { view: shown.view.clone(), now: shown.now }
    }
}

/// What the desktop's toolkit is needed for, before it was started.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Need {
    #[default]
    Nothing,
    Window,
    Quit,
}

/// Handle to the window, whether it exists or not.
#[derive(Clone, Default)]
pub(crate) struct Window {
    app: Arc<OnceLock<AppHandle>>,
    need: Arc<(Mutex<Need>, Condvar)>,
    goto: Arc<Mutex<Option<Goto>>>,
    /// By what right the window that was asked for comes to the front.
    front: Arc<Mutex<Front>>,
    /// Whether what runs in the window listens; until then, where it should look stays noted.
    listens: Arc<AtomicBool>,
    /// Counts showing and hiding, so that a window that was shown again is not let go.
    turns: Arc<AtomicU64>,
}

impl Window {
    /// Waits until a window is wanted: the toolkit and the webview library behind it cost more than all the rest of
    /// Herald. Says whether one is, rather than the end.
    #[cfg(target_os = "linux")]
    pub fn until_needed(&self) -> bool {
        let (need, changed) = &*self.need;
        let guard = need.lock().unwrap_or_else(PoisonError::into_inner);
        let guard = changed.wait_while(guard, |need| *need == Need::Nothing);
        *guard.unwrap_or_else(PoisonError::into_inner) == Need::Window
    }

    /// Takes the app that makes windows, and does what was asked for before.
    pub fn attach(&self, app: AppHandle) {
        let _ = self.app.set(app);
        match std::mem::take(&mut *self.need.0.lock().unwrap_or_else(PoisonError::into_inner)) {
            Need::Nothing => {}
            Need::Window => self.open_soon(),
            Need::Quit => self.quit(),
        }
    }

    /// The app, or, until there is one, a note of what it is needed for.
    fn app_for(&self, what: Need) -> Option<&AppHandle> {
        if self.app.get().is_none() {
            let (need, changed) = &*self.need;
            *need.lock().unwrap_or_else(PoisonError::into_inner) = what;
            changed.notify_all();
        }
        self.app.get()
    }

    /// Shows the window, at `goto` if that is given, and brings it to the front by the right that there is to it.
    pub fn open(&self, goto: Option<Goto>, front: Front) {
        if front != Front::Unasked {
            *self.front.lock().unwrap_or_else(PoisonError::into_inner) = front;
        }
        if let Some(goto) = goto {
            let mut pending = self.pending();
            // What the user asked for goes before what an alarm wants.
            if !goto.automatic || pending.as_ref().is_none_or(|it| it.automatic) {
                *pending = Some(goto);
            }
        }
        self.open_soon();
    }

    fn open_soon(&self) {
        let Some(app) = self.app_for(Need::Window) else { return };
        self.turns.fetch_add(1, Ordering::Relaxed);
        let (window, handle) = (self.clone(), app.clone());
        let opened = app.run_on_main_thread(move || {
            if let Err(error) = window.open_now(&handle) {
                tracing::error!(%error, "the window cannot be shown");
            }
        });
        if let Err(error) = opened {
            tracing::error!(%error, "the window cannot be shown");
        }
    }

    fn open_now(&self, app: &AppHandle) -> tauri::Result<()> {
        let front = std::mem::take(&mut *self.front.lock().unwrap_or_else(PoisonError::into_inner));
        if let Some(window) = app.get_webview_window(LABEL) {
            front::bring(&window, &front)?;
            self.lead(app);
            return Ok(());
        }
        self.listens.store(false, Ordering::Release);
        let window = WebviewWindowBuilder::new(app, LABEL, WebviewUrl::App("index.html".into()))
            .title("Herald")
            .inner_size(440.0, 680.0)
            .min_inner_size(360.0, 480.0)
            // Not before it is known by what right: desktops judge a window when it first appears.
            .visible(false)
            .build()?;
        front::bring(&window, &front)?;
        let listens = Arc::clone(&self.listens);
        revive::watch(&window, move || listens.store(false, Ordering::Release))
    }

    /// What runs in the window says that it listens.
    pub fn greeted(&self, app: &AppHandle) {
        self.listens.store(true, Ordering::Release);
        self.lead(app);
    }

    /// Tells the window where to look, if something waits to be looked at and somebody listens.
    fn lead(&self, app: &AppHandle) {
        if !self.listens.load(Ordering::Acquire) {
            return;
        }
        if let Some(goto) = self.pending().take() {
            let _ = app.emit("goto", goto);
        }
    }

    /// Hides the window instead of closing it, lets it go after a while, and then does `at_rest`.
    pub fn hide(&self, window: &tauri::Window, at_rest: impl FnOnce() + Send + 'static) {
        let _ = window.hide();
        let turn = self.turns.fetch_add(1, Ordering::Relaxed) + 1;
        let (turns, app) = (Arc::clone(&self.turns), window.app_handle().clone());
        tauri::async_runtime::spawn(async move {
            tokio::time::sleep(kept_hidden_for()).await;
            if turns.load(Ordering::Relaxed) == turn
                && let Some(window) = app.get_webview_window(LABEL)
            {
                let _ = window.destroy();
                at_rest();
            }
        });
    }

    /// Ends Herald.
    pub fn quit(&self) {
        if let Some(app) = self.app_for(Need::Quit) {
            app.exit(0);
        }
    }

    /// Tells the window what is true; without a window there is nobody to tell.
    pub fn draw(&self, shown: Arc<Shown>) {
        if let Some(app) = self.app.get()
            && app.get_webview_window(LABEL).is_some()
        {
            let _ = app.emit("shown", Told::from(&*shown));
        }
    }

    fn pending(&self) -> MutexGuard<'_, Option<Goto>> {
        self.goto.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How long a hidden window is kept; tests and measurements shorten it through the environment.
fn kept_hidden_for() -> Duration {
    let seconds = std::env::var("HERALD_WINDOW_KEPT_S").ok().and_then(|it| it.parse().ok());
    seconds.map_or(KEPT_HIDDEN_FOR, Duration::from_secs)
}
