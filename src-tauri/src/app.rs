//! The running app: engine, channels and window, wired together.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::Context as _;
use herald_core::alarm::Button;
use herald_core::feed::{PageKind, PastUpdate, StatusPage};
use herald_core::ledger::LedgerWish;
use herald_core::page::PageStatus;
use herald_core::state::Mode;
use herald_core::tray::MenuAct;
use herald_core::{Account, AlarmKey, Command, IncidentId, PageId, SettingsPatch, Sound, TokenPlace};
use herald_engine::pagerduty::ConnectRequest;
use herald_engine::{
    ConnectSlack, ConnectStatusPage, ConnectTracker, ConnectZendesk, Connecting, Herald, IssueWords, Options, Teller,
    status_page_key,
};
use serde::Serialize;
use tauri::{AppHandle, Manager as _, RunEvent, WindowEvent};

use crate::control::{Answers, Ask, Reply};
use crate::desktop::Channels;
use crate::folder::Locked;
use crate::front::{Front, Token};
use crate::hotkey::Hotkey;
use crate::mishap::UiError;
use crate::notify::{self, Notifier};
use crate::playing::Playing;
use crate::sound::Speaker;
use crate::tray::TrayIcon;
use crate::window::{Goto, Told, Window};
use crate::{clipboard, control, handover, training};

/// How often is looked whether others still find the lock of the data folder.
const FOLDER_LOOK_EVERY: Duration = Duration::from_secs(2);

/// How the app is started.
pub(crate) struct Start {
    pub folder: Locked,
    pub mode: Mode,
    /// What is connected at once and kept nowhere: the services of the practice world.
    pub connect: Vec<Connecting>,
    /// Whether to show the window at once.
    pub show: bool,
    /// The practice event that this is.
    pub playing: Option<Playing>,
}

/// What the window and other processes may ask of the running app.
#[derive(Clone)]
pub(crate) struct Running {
    pub herald: Arc<Herald>,
    pub channels: Channels,
    /// The data folder.
    pub folder: PathBuf,
    /// The practice event that this is.
    pub playing: Option<Arc<Playing>>,
}

/// Runs the app until the user quits.
pub(crate) fn run(start: Start, tokio: &tokio::runtime::Runtime) -> anyhow::Result<()> {
    crate::restart::on_panic();
    let _entered = tokio.enter();
    tauri::async_runtime::set(tokio.handle().clone());
    let teller: Arc<Mutex<Option<Teller>>> = Arc::default();
    let (notifier, inbox) = Notifier::new(&start.folder.path);
    let channels = Channels {
        notifier: notifier.clone(),
        speaker: Speaker::start(Arc::clone(&teller)),
        tray: TrayIcon::default(),
        window: Window::default(),
        hotkey: Hotkey::default(),
    };
    let path = start.folder.path.clone();
    tracing::info!(version = env!("CARGO_PKG_VERSION"), practice = start.mode.is_practice(), "started");
    let world = start.playing.as_ref().map(Playing::address);
    let options = Options { folder: path.clone(), mode: start.mode, world };
    let herald = Arc::new(Herald::start(options, Box::new(channels.clone()), tokio.handle().clone()));
    *teller.lock().unwrap_or_else(PoisonError::into_inner) = Some(herald.teller());
    let (folder, playing) = (path.clone(), start.playing.map(Arc::new));
    let running = Running { herald, channels, folder, playing };
    running.start_channels(inbox);
    // Nobody can call this Herald then, but it can call.
    if let Err(error) = control::serve(&path, running.clone()) {
        tracing::error!(%error, "other processes cannot reach this one");
    }
    start.folder.notice().into_iter().for_each(|notice| running.herald.notice(notice));
    tokio.spawn(keep_folder(start.folder));
    let first_run = running.herald.shown().view.account.is_none();
    let herald = Arc::clone(&running.herald);
    tokio.spawn(async move {
        for service in start.connect {
            if let Err(error) = herald.connect_any(service, false).await {
                tracing::error!(%error, "the practice world was not connected");
            }
        }
    });
    if let Some(playing) = running.playing.clone() {
        let herald = Arc::clone(&running.herald);
        tokio.spawn(async move { playing.keep_on(&herald).await });
    }
    if start.show || first_run {
        let front = if start.show { Token::from_env().into() } else { Front::Unasked };
        running.channels.window.open(None, front);
    }
    #[cfg(target_os = "linux")]
    if !running.channels.window.until_needed() {
        return Ok(());
    }
    build(&running, tokio.handle())
}

/// Sees to it that the data folder stays this Herald's own.
async fn keep_folder(folder: Locked) {
    loop {
        tokio::time::sleep(FOLDER_LOOK_EVERY).await;
        if let Err(error) = folder.keep() {
            tracing::warn!(%error, "the data folder is not locked");
        }
    }
}

impl Running {
    fn start_channels(&self, inbox: notify::Inbox) {
        let teller = self.herald.teller();
        let (window, chooser) = (self.channels.window.clone(), teller.clone());
        let chosen: notify::Chosen = Box::new(move |key, button, token| choose(&chooser, &window, key, button, token));
        let window = self.channels.window.clone();
        // Without notifications the window is the next best thing to be seen.
        let instead = Box::new(move |key| window.open(Goto::about(key).map(Goto::by_itself), Front::Unasked));
        tokio::spawn(notify::run(inbox, notify::Told { teller: teller.clone(), chosen, instead }));
        let (window, herald) = (self.channels.window.clone(), Arc::clone(&self.herald));
        let compose = move |token: Option<Token>| {
            window.open(Some(Goto::next_update(&herald.shown().view)), token.into());
        };
        self.channels.hotkey.start(teller.clone(), compose);
        #[cfg(target_os = "linux")]
        {
            let (tray, running, tray_teller) = (self.channels.tray.clone(), self.clone(), teller.clone());
            let (shown, act) = (self.herald.shown(), Arc::new(move |act, token| running.act(act, token)));
            tokio::spawn(tray.run(shown, tray_teller, act));
            tokio::spawn(crate::power::watch(teller));
            tokio::spawn(crate::restart::bury_children());
        }
    }

    /// Gives back the memory that the window's libraries took, if nothing would be lost by it: nothing calls, nothing
    /// is under way, everything is saved, and the key can be fetched again.
    fn rest(&self) {
        let view = &self.herald.shown().view;
        let calm = view.pages.iter().all(|page| page.status != PageStatus::Triggered && page.acting.is_none())
            && view.incidents.iter().all(|incident| incident.publishing.is_empty());
        let keys = [
            view.account.as_ref().map(|account| account.token),
            view.tracker.as_ref().and_then(|tracker| tracker.token),
            view.status_page.as_ref().and_then(|page| page.token),
            view.slack.as_ref().map(|slack| slack.token),
            view.zendesk.as_ref().map(|zendesk| zendesk.token),
        ];
        let kept = view.account.is_some() && keys.into_iter().flatten().all(|place| place == TokenPlace::Keychain);
        if calm && kept && !view.source.stale && view.store_fault.is_none() && !view.mode.is_practice() {
            #[cfg(target_os = "linux")]
            crate::restart::to_rest();
        }
    }

    /// Does what was chosen in the tray.
    fn act(&self, act: MenuAct, token: Option<Token>) {
        let show = |goto| self.channels.window.open(goto, token.clone().into());
        match act {
            MenuAct::None => {}
            MenuAct::Command(command) => self.herald.teller().command(command),
            MenuAct::Show => show(None),
            MenuAct::ShowPage { page, close } => show(Some(Goto::page(page, close))),
            MenuAct::ShowIncident { incident, compose } => show(Some(Goto::incident(incident, compose))),
            MenuAct::Browse(url) => {
                if let Err(error) = open_link(&self.herald.shown().view, &url) {
                    tracing::warn!(error = error.message, "a link was not opened");
                }
            }
            MenuAct::Quit => self.channels.window.quit(),
        }
    }
}

/// Does what was chosen in a notification.
fn choose(teller: &Teller, window: &Window, key: AlarmKey, button: Button, token: Option<Token>) {
    match (button, key) {
        (Button::Acknowledge, AlarmKey::Page { page, triggered_at }) => {
            teller.command(Command::Acknowledge { page, triggered_at });
        }
        (Button::Acknowledge, AlarmKey::Maintenance { maintenance, at }) => {
            teller.command(Command::Ledger { wish: Box::new(LedgerWish::Seen { id: maintenance, at }) });
        }
        (Button::Quiet, alarm) => teller.command(Command::Quiet { alarm }),
        (Button::Open | Button::Acknowledge, key) => window.open(Goto::about(key), token.into()),
    }
}

impl Answers for Running {
    async fn answer(&self, ask: Ask) -> Reply {
        match ask {
            Ask::Show { token } => {
                self.channels.window.open(None, token.into());
                Reply::Done
            }
            Ask::ShowPage { page, token } => {
                self.channels.window.open(Some(Goto::page(page, false)), token.into());
                Reply::Done
            }
            Ask::Compose { incident, token } => {
                let next = || Goto::next_update(&self.herald.shown().view);
                let goto = incident.map_or_else(next, |id| Goto::incident(id, true));
                self.channels.window.open(Some(goto), token.into());
                Reply::Done
            }
            Ask::Check => {
                self.channels.notifier.check().await;
                Reply::Done
            }
            ask @ (Ask::Status | Ask::Command { .. } | Ask::Connect { .. } | Ask::Test) => {
                let chosen = if let Ask::Command { command } = &ask { chooses_keys(command) } else { false };
                let reply = control::answer_without_screen(&self.herald, ask).await;
                if chosen {
                    self.channels.hotkey.try_again();
                }
                reply
            }
        }
    }
}

fn build(running: &Running, tokio: &tokio::runtime::Handle) -> anyhow::Result<()> {
    let (state, ending, tokio) = (running.clone(), running.clone(), tokio.clone());
    let builder = tauri::Builder::default();
    #[cfg(not(target_os = "linux"))]
    let builder = builder.plugin(tauri_plugin_global_shortcut::Builder::new().build());
    let app = builder
        .plugin(tauri_plugin_opener::init())
        .plugin(tauri_plugin_dialog::init())
        .manage(running.clone())
        .invoke_handler(tauri::generate_handler![
            hello,
            command,
            connect,
            connect_tracker,
            connect_status_page,
            search_updates,
            connect_slack,
            connect_zendesk,
            intend,
            copy_text,
            handover::save_handover,
            handover::import_handover,
            test_account,
            play,
            choose_sound,
            autostart,
            set_autostart,
            browse,
            crate::history::search_history,
            crate::history::past_incident,
            crate::history::past_page,
            crate::history::kpis,
            crate::history::export_history,
            training::scenarios,
            training::practise,
            training::practice_event,
            training::end_practice,
            training::leave_practice,
            training::schedules,
            issue_words,
            training::choose_playbook
        ])
        .setup(move |app| {
            state.channels.window.attach(app.handle().clone());
            #[cfg(not(target_os = "linux"))]
            {
                let acting = state.clone();
                let act = Arc::new(move |act, token| acting.act(act, token));
                state.channels.tray.attach(app.handle(), &state.herald.teller(), act)?;
                state.channels.hotkey.attach(app.handle().clone());
            }
            Ok(())
        })
        .on_window_event(|window, event| {
            if let WindowEvent::CloseRequested { api, .. } = event {
                api.prevent_close();
                let running = window.state::<Running>().inner().clone();
                running.channels.window.clone().hide(window, move || running.rest());
            }
        })
        .build(tauri::generate_context!())
        .context("the desktop cannot be used")?;
    app.run(move |_, event| {
        if let RunEvent::ExitRequested { code: None, api, .. } = &event {
            // Closing the last window is not the end: Herald keeps watch from the tray.
            api.prevent_exit();
        } else if let (RunEvent::Exit, Some(playing)) = (event, &ending.playing) {
            playing.leave(&ending.herald, &tokio);
        }
    });
    Ok(())
}

// ---- what the window may ask ----

#[derive(Serialize)]
struct Hello {
    #[serde(flatten)]
    told: Told,
    version: &'static str,
}

#[derive(Serialize)]
struct Tested {
    ms: u64,
}

#[tauri::command]
fn hello(app: AppHandle, running: tauri::State<'_, Running>) -> Hello {
    running.channels.window.greeted(&app);
    Hello { told: Told::from(&*running.herald.shown()), version: env!("CARGO_PKG_VERSION") }
}

#[tauri::command]
async fn command(running: tauri::State<'_, Running>, command: Command) -> Result<(), UiError> {
    let chosen = chooses_keys(&command);
    running.herald.command(command).await.map_err(|refusal| UiError::failed(refusal.message()))?;
    if chosen {
        running.channels.hotkey.try_again();
    }
    Ok(())
}

/// Whether the hotkey is chosen by this; who chooses the same keys once more wants another try.
fn chooses_keys(command: &Command) -> bool {
    matches!(command, Command::Set { patch: SettingsPatch::Hotkey { keys: Some(_) } })
}

#[tauri::command]
async fn connect(
    running: tauri::State<'_, Running>,
    token: String,
    base_url: String,
    email: Option<String>,
) -> Result<Account, UiError> {
    let request = ConnectRequest { token: token.into(), base_url, email };
    Ok(running.herald.connect(request, true).await?)
}

#[tauri::command]
async fn connect_tracker(
    running: tauri::State<'_, Running>,
    base_url: String,
    project: String,
    token: Option<String>,
) -> Result<(), UiError> {
    let to = ConnectTracker { base_url, project, token: token.map(Into::into) };
    Ok(running.herald.connect_any(Connecting::Tracker(to), true).await.map(drop)?)
}

/// Where a status page is and what opens it, as the window asks for it.
#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase")]
struct StatusPageForm {
    kind: PageKind,
    api_url: String,
    feed_url: String,
    public_url: String,
    page_id: String,
    api_id: Option<String>,
    api_key: Option<String>,
}

#[tauri::command]
async fn connect_status_page(running: tauri::State<'_, Running>, to: StatusPageForm) -> Result<(), UiError> {
    let key = to.api_key.map(|key| match to.kind {
        PageKind::StatusIo => status_page_key(to.api_id.as_deref().unwrap_or_default(), &key),
        PageKind::Statuspage | PageKind::Rss => key,
    });
    let StatusPageForm { kind, api_url, feed_url, public_url, page_id, .. } = to;
    let page = StatusPage { kind, api_url, feed_url, public_url, page_id, token: None };
    let to = ConnectStatusPage { page, key: key.map(Into::into) };
    Ok(running.herald.connect_any(Connecting::StatusPage(to), true).await.map(drop)?)
}

/// The words of an issue, for a maintenance.
#[tauri::command]
async fn issue_words(running: tauri::State<'_, Running>, link: String) -> Result<IssueWords, UiError> {
    running.herald.issue_words(&link).await.map_err(|error| UiError::failed(error.to_string()))
}

#[tauri::command]
async fn search_updates(running: tauri::State<'_, Running>, query: String) -> Result<Vec<PastUpdate>, UiError> {
    let found = running.herald.search_updates(query).await;
    found.map_err(|error| UiError::failed(format!("Past updates cannot be read: {error}.")))
}

#[tauri::command]
async fn connect_slack(running: tauri::State<'_, Running>, webhook: String, channel: String) -> Result<(), UiError> {
    let to = ConnectSlack { webhook: webhook.into(), channel };
    Ok(running.herald.connect_any(Connecting::Slack(to), true).await.map(drop)?)
}

/// Tries a Zendesk's key, keeps it in the keychain, and counts tickets from then on.
#[tauri::command]
async fn connect_zendesk(
    running: tauri::State<'_, Running>,
    base_url: String,
    email: String,
    token: String,
) -> Result<(), UiError> {
    let to = ConnectZendesk { base_url, email, token: token.into() };
    Ok(running.herald.connect_any(Connecting::Zendesk(to), true).await.map(drop)?)
}

/// Sends "I intend to…" to Slack, as the composer shows it.
#[tauri::command]
async fn intend(running: tauri::State<'_, Running>, incident: IncidentId) -> Result<(), UiError> {
    Ok(running.herald.intend(incident).await.map(drop)?)
}

#[tauri::command(async)]
fn copy_text(text: String) -> Result<(), UiError> {
    let failed = |_| UiError::failed("The text could not be copied. Select it and copy it by hand.");
    clipboard::copy(&text).map_err(failed)
}

#[tauri::command]
async fn test_account(running: tauri::State<'_, Running>) -> Result<Tested, UiError> {
    let tested = running.herald.test_account().await;
    let took = tested.map_err(|fault| UiError::failed(format!("{}. {}", fault.reason(), fault.next_step())))?;
    Ok(Tested { ms: u64::try_from(took.as_millis()).unwrap_or(u64::MAX) })
}

#[tauri::command]
async fn play(running: tauri::State<'_, Running>, sound: Sound) -> Result<(), UiError> {
    let volume = running.herald.shown().view.settings.sound(sound).volume;
    running.channels.speaker.trial(sound, volume).await.map_err(UiError::failed)
}

#[tauri::command]
async fn choose_sound(app: AppHandle) -> Option<String> {
    use tauri_plugin_dialog::DialogExt as _;
    let (reply, answer) = tokio::sync::oneshot::channel();
    app.dialog().file().add_filter("WAV sounds", &["wav"]).pick_file(move |file| {
        let _ = reply.send(file);
    });
    answer.await.ok().flatten().map(|file| file.to_string())
}

/// Whether Herald starts with the desktop; nothing where that cannot be told.
#[tauri::command(async)]
fn autostart() -> Option<bool> {
    crate::autostart::is_on()
}

#[tauri::command(async)]
fn set_autostart(running: tauri::State<'_, Running>, on: bool) -> Result<(), UiError> {
    crate::autostart::set(on, &running.folder).map_err(UiError::failed)
}

#[tauri::command]
fn browse(running: tauri::State<'_, Running>, url: String) -> Result<(), UiError> {
    open_link(&running.herald.shown().view, &url)
}

/// Opens a link in the browser: web links only (H111), and in practice none that leads to a real service, whoever wrote
/// it.
fn open_link(view: &herald_core::View, url: &str) -> Result<(), UiError> {
    let web = url.starts_with("https://") || url.starts_with("http://");
    if !web {
        return Err(UiError::failed("Only web links are opened."));
    }
    if view.mode.is_practice() && !herald_core::places::leads_nowhere(url) {
        return Err(UiError::failed("This leads to a real service. In practice no link does."));
    }
    tauri_plugin_opener::open_url(url, None::<&str>).map_err(|_| UiError::failed("No browser could be started."))
}

/// The page and trigger that somebody means by PagerDuty's id or by its number.
pub(crate) fn find_page(view: &herald_core::View, named: &str) -> Option<(PageId, herald_core::Time)> {
    let named = named.trim().trim_start_matches('#');
    let page = view.pages.iter().find(|page| page.id.as_str() == named || page.number.to_string() == named)?;
    Some((page.id.clone(), page.triggered_at))
}
