//! The running Herald: engine, channels and door, wired together.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use herald_core::alarm::Button;
use herald_core::ledger::LedgerWish;
use herald_core::state::Mode;
use herald_core::tray::MenuAct;
use herald_core::{AlarmKey, Command, TokenPlace};
use herald_door::{Front, Token};
use herald_engine::{Connecting, Herald, Options, Teller};

use crate::cli::outward;
use crate::control::Entrance;
use crate::desktop::Channels;
#[cfg(target_os = "linux")]
use crate::door::Reply;
use crate::folder::Locked;
use crate::hotkey::Hotkey;
use crate::notify::{self, Notifier};
use crate::playing::Playing;
#[cfg(target_os = "linux")]
use crate::session::Session;
use crate::sound::Speaker;
use crate::tray::TrayIcon;
use crate::window::{self, Goto, Keeping, Window};
use crate::{answers, control, stirring};

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
    /// What the user is told beside what is found.
    pub notice: Option<&'static str>,
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
    /// The desktop session that it was started in.
    #[cfg(target_os = "linux")]
    pub session: Session,
}

/// Runs the app until the user quits, or its session ends.
pub(crate) fn run(start: Start, tokio: &tokio::runtime::Runtime) -> anyhow::Result<()> {
    crate::restart::on_panic();
    let _entered = tokio.enter();
    let running = begin(start)?;
    #[cfg(not(target_os = "linux"))]
    crate::native::run(running.clone())?;
    #[cfg(target_os = "linux")]
    tokio.block_on(running.channels.window.ended());
    if let Some(playing) = &running.playing {
        playing.leave(&running.herald, tokio.handle());
    }
    Ok(())
}

fn begin(start: Start) -> anyhow::Result<Running> {
    let teller: Arc<Mutex<Option<Teller>>> = Arc::default();
    let (notifier, inbox) = Notifier::new(&start.folder.path);
    let (window, wishes) = Window::new();
    let channels = Channels {
        notifier: notifier.clone(),
        speaker: Speaker::start(Arc::clone(&teller)),
        tray: TrayIcon::default(),
        window,
        hotkey: Hotkey::default(),
    };
    let path = start.folder.path.clone();
    tracing::info!(build = herald_door::BUILD, practice = start.mode.is_practice(), "started");
    let world = start.playing.as_ref().map(Playing::address);
    let options = Options { folder: path.clone(), mode: start.mode, world, waits: Options::WATCH_WAITS };
    let herald = Arc::new(Herald::start(options, Box::new(channels.clone()), outward()?.handle().clone()));
    *teller.lock().unwrap_or_else(PoisonError::into_inner) = Some(herald.teller());
    let (folder, playing) = (path.clone(), start.playing.map(Arc::new));
    let running = Running {
        herald,
        channels,
        folder,
        playing,
        #[cfg(target_os = "linux")]
        session: Session::here(),
    };
    running.start_channels(inbox, wishes);
    // Nobody can call this Herald then, but it can call.
    let (entrance, fault) = control::serve(&path, running.clone());
    if let Err(error) = fault {
        tracing::error!(%error, "other processes cannot reach this one");
    }
    let own = start.notice.map(ToOwned::to_owned);
    start.folder.notice().into_iter().chain(own).for_each(|notice| running.herald.notice(notice));
    keep_folder(start.folder, entrance, running.herald.teller());
    let first_run = running.herald.shown().view.account.is_none();
    let herald = Arc::clone(&running.herald);
    tokio::spawn(async move {
        for service in start.connect {
            if let Err(error) = herald.connect_any(service, false).await {
                tracing::error!(%error, "the practice world was not connected");
            }
        }
    });
    if let Some(playing) = running.playing.clone() {
        let herald = Arc::clone(&running.herald);
        tokio::spawn(async move { playing.keep_on(&herald).await });
    }
    if start.show || first_run {
        let front = if start.show { Token::from_env().into() } else { Front::Unasked };
        running.channels.window.open(None, front);
    }
    Ok(running)
}

/// Ends Herald when its session asks it to.
#[cfg(unix)]
async fn until_dismissed(window: Window) {
    use tokio::signal::unix::{SignalKind, signal};
    let (Ok(mut ends), Ok(mut interrupt)) = (signal(SignalKind::terminate()), signal(SignalKind::interrupt())) else {
        return;
    };
    tokio::select! {
        _ = ends.recv() => {}
        _ = interrupt.recv() => {}
    }
    window.quit();
}

/// Sees to it that the data folder stays this Herald's own, and that what changes in it is known.
fn keep_folder(folder: Locked, entrance: Entrance, teller: Teller) {
    stirring::watch(folder.places(), move |stirred| {
        let kept = folder.keep();
        if let Err(error) = &kept {
            tracing::warn!(%error, "the data folder is not locked");
        }
        entrance.look();
        if stirred {
            teller.stirred();
        }
        kept.is_ok()
    });
}

impl Running {
    fn start_channels(&self, inbox: notify::Inbox, wishes: window::Inbox) {
        let teller = self.herald.teller();
        let restarter = self.clone();
        let renew = Box::new(move || restarter.renew());
        let keeping = Keeping { folder: self.folder.clone(), teller: teller.clone(), renew };
        tokio::spawn(window::keep(self.channels.window.clone(), wishes, keeping));
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
        #[cfg(unix)]
        tokio::spawn(until_dismissed(self.channels.window.clone()));
        #[cfg(target_os = "linux")]
        {
            let (tray, running, tray_teller) = (self.channels.tray.clone(), self.clone(), teller.clone());
            let (shown, act) = (self.herald.shown(), Arc::new(move |act, token| running.act(act, token)));
            let bus = crate::bus::presence();
            tokio::spawn(tray.run(shown, tray_teller, act, bus.clone()));
            tokio::spawn(crate::power::watch(teller));
            let (window, session) = (self.channels.window.clone(), self.session.clone());
            tokio::spawn(async move {
                session.over(bus).await;
                window.quit();
            });
        }
    }

    /// Ends this Herald if one that was just started in another session is of more use.
    #[cfg(target_os = "linux")]
    pub(crate) async fn give_way_to(&self, session: &Session) -> Reply {
        if !self.session.gives_way_to(session).await {
            return Reply::failed("It is still of use where it was started.");
        }
        tracing::warn!("nothing can be shown here any more: another Herald takes over");
        self.channels.window.quit();
        Reply::Done
    }

    /// Starts Herald anew from what lies on the disk, if nothing would be lost by it: nothing is under way, everything is
    /// saved, and the key can be fetched again. Comes back with the reason where that is not so.
    fn renew(&self) -> String {
        let shown = self.herald.shown();
        let view = &shown.view;
        let calm = view.pages.iter().all(|page| page.acting.is_none())
            && view.incidents.iter().all(|incident| incident.publishing.is_empty());
        let keys = [
            view.account.as_ref().map(|account| account.token),
            view.tracker.as_ref().and_then(|tracker| tracker.token),
            view.status_page.as_ref().and_then(|page| page.token),
            view.slack.as_ref().map(|slack| slack.token),
            view.zendesk.as_ref().map(|zendesk| zendesk.token),
        ];
        let kept = keys.into_iter().flatten().all(|place| place == TokenPlace::Keychain);
        if calm && kept && view.store_fault.is_none() && !view.mode.is_practice() {
            crate::restart::renew();
        }
        "another Herald was installed in the place of this one. Alarms do not depend on it. Quit Herald and start it again."
            .into()
    }

    /// Does what was chosen in the tray.
    pub(crate) fn act(&self, act: MenuAct, token: Option<Token>) {
        let show = |goto| self.channels.window.open(goto, token.clone().into());
        match act {
            MenuAct::None => {}
            MenuAct::Command(command) => self.herald.teller().command(command),
            MenuAct::Show => show(None),
            MenuAct::ShowPage { page, close } => show(Some(Goto::page(page, close))),
            MenuAct::ShowIncident { incident, compose } => show(Some(Goto::incident(incident, compose))),
            MenuAct::Browse(url) => {
                let shown = self.herald.shown();
                tokio::task::spawn_blocking(move || {
                    if let Err(error) = answers::open_link(&shown.view, &url) {
                        tracing::warn!(error, "a link was not opened");
                    }
                });
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
