//! `herald doctor`: what works, what is missing, and what to do about it.

use std::path::Path;

use herald_core::View;
use herald_core::state::{Channel, Health};
use herald_engine::keychain::{Keychain, KeychainError};
use herald_engine::playbook;
use serde::Serialize;

use crate::ack::Link;
use crate::cli::{Outcome, runtime, say};
use crate::control;
use crate::door::{Ask, Reply};
use crate::start::has_display;
use crate::{notify, sound, tray};

/// One thing that was checked.
#[derive(Serialize)]
struct Check {
    what: &'static str,
    ok: bool,
    /// What was found, and the next step where something is missing.
    says: String,
}

impl Check {
    fn new(what: &'static str, result: Result<String, String>) -> Self {
        let ok = result.is_ok();
        Self { what, ok, says: result.unwrap_or_else(|fault| fault) }
    }
}

pub(crate) fn run(folder: &Path, json: bool) -> anyhow::Result<Outcome> {
    let mut checks = vec![];
    // Each is said as soon as it is known: the next may take its time.
    let told = |check: Check| {
        if !json {
            say(&format!("{}  {:<14} {}", if check.ok { "ok " } else { "NO " }, check.what, check.says));
        }
        checks.push(check);
    };
    runtime()?.block_on(check_all(folder, told))?;
    if json {
        say(&serde_json::to_string_pretty(&checks)?);
    }
    Ok(if checks.iter().all(|check| check.ok) { Outcome::Done } else { Outcome::Failed })
}

async fn check_all(folder: &Path, mut told: impl FnMut(Check)) -> anyhow::Result<()> {
    let watch = Watch::look(folder).await;
    if watch.is_none() {
        let display =
            if has_display() { Ok("there is one".into()) } else { Err("none: tray and window cannot be shown".into()) };
        told(Check::new("Display", display));
    }
    let of = |channel| watch.as_ref().and_then(|it| it.health(channel));
    let notifications = match of(Channel::Notifications) {
        Some(health) => health,
        None => notify::probe().await,
    };
    told(Check::new("Notifications", words(notifications, "a daemon answers")));
    let sound = match of(Channel::Sound) {
        Some(health) => health,
        None => sound::look().await,
    };
    told(Check::new("Sound", words(sound, "a speaker opens; whether it is muted only you can hear")));
    let tray = match of(Channel::Tray) {
        Some(health) => health,
        None => tray::probe().await,
    };
    told(Check::new("Tray icon", words(tray, "a tray is there")));
    told(Check::new("Keychain", keychain(folder).await));
    told(Check::new("Playbook", own_playbook(folder)));
    account(folder).await?.into_iter().for_each(&mut told);
    if let Some(lost) = watch.map(|it| it.lines_lost).filter(|lost| *lost > 0) {
        told(Check::new("Log", Err(format!("{lost} lines were lost: the disk refused them, or was too slow"))));
    }
    Ok(())
}

/// What the running Herald finds on the ways that its alarms take: another process may be answered where it is not.
struct Watch {
    view: Box<View>,
    lines_lost: usize,
}

impl Watch {
    /// Lets the running Herald look, if there is one.
    async fn look(folder: &Path) -> Option<Self> {
        let looked = control::ask(folder, &Ask::Check).await;
        let (Ok(Some(Reply::Done)), Ok(Some(Reply::Status { view, lines_lost, .. }))) =
            (looked, control::ask(folder, &Ask::Status).await)
        else {
            return None;
        };
        Some(Self { view, lines_lost })
    }

    /// How a channel is; absent where it was not tried yet.
    fn health(&self, channel: Channel) -> Option<Health> {
        self.view.channels.iter().find(|one| one.channel == channel).map(|one| one.health.clone())
    }
}

fn words(health: Health, works: &str) -> Result<String, String> {
    match health {
        Health::Works { by } if !by.is_empty() => Ok(format!("{works}: {by}")),
        Health::Works { .. } => Ok(works.into()),
        Health::Dead { reason } => Err(reason),
    }
}

async fn keychain(folder: &Path) -> Result<String, String> {
    match Keychain::entry("doctor", folder).get().await {
        Ok(_) | Err(KeychainError::NoEntry) => Ok("unlocked".into()),
        Err(error) => Err(format!("{error}; keys are kept for one session only")),
    }
}

fn own_playbook(folder: &Path) -> Result<String, String> {
    let file = folder.join(playbook::FILE);
    if !file.exists() {
        return Ok("the default".into());
    }
    playbook::read(&file)
        .map(|playbook| format!("\"{}\" from {}", playbook.name, file.display()))
        .map_err(|error| error.to_string())
}

/// Whether data can be saved and PagerDuty answers, through the Herald that runs or one for the length of the check.
async fn account(folder: &Path) -> anyhow::Result<Vec<Check>> {
    let link = Link::open(folder, &tokio::runtime::Handle::current())?;
    let view = link.view().await?;
    let saved = match &view.store_fault {
        None => Ok(format!("saved in {}", folder.display())),
        Some(fault) => Err(format!("cannot be saved: {fault}")),
    };
    let reached = match &view.account {
        None => Err("not connected: `herald connect pagerduty < token`".into()),
        Some(account) => {
            let reply = link.ask(Ask::Test).await?;
            if let Reply::Tested { ms } = reply {
                Ok(format!("{} at {}, answered in {ms} ms", account.name, account.base_url))
            } else if let Reply::Refused { message, .. } = reply {
                Err(message)
            } else {
                Err(format!("answered {reply:?}"))
            }
        }
    };
    let checks = [
        window(&view).map(|window| Check::new("Window", window)),
        Some(Check::new("Hotkey", hotkey(&view))),
        Some(Check::new("Data", saved)),
        Some(Check::new("PagerDuty", reached)),
    ];
    Ok(checks.into_iter().flatten().collect())
}

/// Whether the window came when it was asked for last, which only the Herald that asked knows.
fn window(view: &View) -> Option<Result<String, String>> {
    match view.channels.iter().find(|one| one.channel == Channel::Window).map(|one| &one.health) {
        Some(Health::Works { .. }) => Some(Ok("came when it was asked for".into())),
        Some(Health::Dead { reason }) => Some(Err(format!("does not come: {reason}"))),
        None => None,
    }
}

/// Whether the hotkey works, which only the Herald that holds it knows.
fn hotkey(view: &View) -> Result<String, String> {
    let Some(keys) = &view.settings.hotkey else { return Ok("off".into()) };
    match view.channels.iter().find(|one| one.channel == Channel::Hotkey).map(|one| &one.health) {
        Some(Health::Works { by }) => Ok(format!("{keys}, by {by}")),
        Some(Health::Dead { reason }) => Err(reason.clone()),
        None => Ok(format!("{keys}, tried when Herald is started")),
    }
}
