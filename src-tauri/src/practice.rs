//! `herald practice`: the whole app against a make-believe PagerDuty on this computer.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, bail};
use herald_core::feed::{PageKind, StatusPage};
use herald_core::state::Mode;
use herald_engine::pagerduty::ConnectRequest;
use herald_engine::{ConnectSlack, ConnectStatusPage, ConnectTracker, Connecting, playbook, status_page_key};
use herald_practice::{Options, Scenario, World, builtin_scenarios};

use crate::app::{self, Start};
use crate::cli::{Outcome, Practice, complain, has_display, runtime, say};
use crate::{folder, logs};

pub(crate) fn run(practice: Practice, data_dir: Option<PathBuf>) -> anyhow::Result<Outcome> {
    if practice.list {
        for it in builtin_scenarios() {
            say(&format!("{:<16} {}: {}", it.name, it.title, it.description));
        }
        return Ok(Outcome::Done);
    }
    if !practice.serve && !has_display() {
        complain("herald: practising needs a display. `herald practice --serve` serves the practice world alone.");
        return Ok(Outcome::NotHere);
    }
    let scenario = scenario(practice.scenario.as_deref())?;
    let title = scenario.title.clone();
    let tokio = runtime()?;
    let options = Options { scenario, speed: practice.speed, port: practice.port };
    let world = tokio.block_on(World::start(options)).context("the practice world did not start")?;
    if practice.serve {
        say(&serde_json::to_string_pretty(&world.announcement())?);
        tokio.block_on(tokio::signal::ctrl_c())?;
        return Ok(Outcome::Done);
    }
    let place = Place::make(data_dir)?;
    let locked = folder::lock(&place.path)?.context("a Herald runs in this data folder already")?;
    write_playbook(&place.path, &world)?;
    let _logging = logs::start(&place.path);
    let connect = services(&world);
    let start = Start { folder: locked, mode: Mode::Practice { scenario: title }, connect, show: true };
    app::run(start, &tokio)?;
    Ok(Outcome::Done)
}

/// Starts practice as another process, so that it and the real Herald cannot touch each other.
pub(crate) fn spawn() -> std::io::Result<()> {
    let mut child = Command::new(std::env::current_exe()?)
        .arg("practice")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()?;
    // Somebody has to ask how it ended, or it stays in the process table.
    std::thread::spawn(move || child.wait());
    Ok(())
}

fn scenario(named: Option<&str>) -> anyhow::Result<Scenario> {
    let Some(named) = named else { return Ok(Scenario::default()) };
    if Path::new(named).extension().is_some_and(|it| it == "toml") {
        let text = std::fs::read_to_string(named).with_context(|| format!("{named} cannot be read"))?;
        return Scenario::parse(&text).map_err(|error| anyhow::anyhow!("{named}:{error}"));
    }
    match Scenario::builtin(named) {
        Some(scenario) => Ok(scenario),
        None => {
            let names: Vec<String> = builtin_scenarios().into_iter().map(|it| it.name).collect();
            bail!("there is no scenario \"{named}\"; choose one of {}", names.join(", "))
        }
    }
}

/// Everything of the practice world that Herald connects to.
fn services(world: &World) -> Vec<Connecting> {
    let told = world.announcement();
    let pagerduty =
        ConnectRequest { token: told.pagerduty.tokens.user.into(), base_url: told.pagerduty.url, email: None };
    let tracker = ConnectTracker {
        base_url: told.gitlab.url,
        project: told.gitlab.project,
        token: Some(told.gitlab.tokens.api.into()),
    };
    let page = StatusPage {
        kind: PageKind::StatusIo,
        api_url: told.statusio.url,
        feed_url: before(&told.statusio.public_url, &format!("/{}", told.statusio.page_id)),
        public_url: before(&told.statusio.incident_url, "/pages/"),
        page_id: told.statusio.page_id,
        token: None,
    };
    let key = status_page_key(&told.statusio.api_id, &told.statusio.api_key);
    let page = ConnectStatusPage { page, key: Some(key.into()) };
    let slack = ConnectSlack { webhook: told.slack.webhook_url.into(), channel: told.slack.channel };
    vec![
        Connecting::PagerDuty(pagerduty),
        Connecting::Tracker(tracker),
        Connecting::StatusPage(page),
        Connecting::Slack(slack),
    ]
}

/// The part of an address before `end`.
fn before(url: &str, end: &str) -> String {
    url.split_once(end).map_or(url, |(before, _)| before).to_owned()
}

/// A data folder for the length of the practice, unless one was named.
struct Place {
    path: PathBuf,
    throw_away: bool,
}

impl Place {
    fn make(named: Option<PathBuf>) -> anyhow::Result<Self> {
        let throw_away = named.is_none();
        let own = || std::env::temp_dir().join(format!("herald-practice-{}", std::process::id()));
        Ok(Self { path: folder::resolve(Some(named.unwrap_or_else(own)))?, throw_away })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if self.throw_away {
            let _ = std::fs::remove_dir_all(&self.path);
        }
    }
}

/// Tells this Herald which of the make-believe schedules are for shadowing.
fn write_playbook(folder: &Path, world: &World) -> anyhow::Result<()> {
    let schedules = world.announcement().pagerduty.shadow_schedules;
    let ids = schedules.iter().map(|id| format!("{id:?}")).collect::<Vec<_>>().join(", ");
    let handover = world.announcement().gitlab.projects.get("handover").copied();
    let project = handover.map_or_else(String::new, |id| id.to_string());
    let text = format!(
        "name = \"Practice\"\n\n[pagerduty]\nshadow_schedules = [{ids}]\n\n[handover]\nproject = {project:?}\n"
    );
    std::fs::write(folder.join(playbook::FILE), text).context("the practice playbook cannot be written")
}
