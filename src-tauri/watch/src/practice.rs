//! `herald practice`: the whole app against a make-believe PagerDuty on this computer.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, bail};
use herald_core::feed::{PageKind, StatusPage};
use herald_engine::files::{self, Lock};
use herald_engine::pagerduty::ConnectRequest;
use herald_engine::{
    ConnectSlack, ConnectStatusPage, ConnectTracker, ConnectZendesk, Connecting, playbook, status_page_key,
};
use herald_practice::{Options, Scenario, Summary, World, builtin_scenarios};

use crate::app::{self, Start};
use crate::cli::{Outcome, Practice, complain, runtime, say};
use crate::playing::Playing;
use crate::start::has_display;
use crate::{folder, logs};

/// Own scenarios that are offered.
const OWN_MAX: usize = 100;

pub(crate) fn run(practice: Practice, data_dir: Option<PathBuf>) -> anyhow::Result<Outcome> {
    if practice.list {
        list();
        return Ok(Outcome::Done);
    }
    if let Some(file) = &practice.check {
        return check(file);
    }
    if let Some(folder) = data_dir.as_ref().filter(|folder| !practice.serve && !is_for_practice(folder)) {
        complain(&format!(
            "herald: {} holds something else than practice, and practising would write into it. Nothing was changed. Name \
             a new or empty folder, or leave --data-dir away.",
            folder.display()
        ));
        return Ok(Outcome::Refused);
    }
    if !practice.serve && !has_display() {
        complain("herald: practising needs a display. `herald practice --serve` serves the practice world alone.");
        return Ok(Outcome::NotHere);
    }
    let scenario = scenario(practice.scenario.as_deref())?;
    let tokio = runtime()?;
    let summary = Summary::from(scenario.clone());
    let options = Options { scenario, speed: practice.speed, port: practice.port };
    let world = tokio.block_on(World::start(options)).context("the practice world did not start")?;
    if practice.serve {
        say(&serde_json::to_string_pretty(&world.announcement())?);
        tokio.block_on(tokio::signal::ctrl_c())?;
        return Ok(Outcome::Done);
    }
    // Who names a data folder wants nothing outside of it touched.
    let usual = || if data_dir.is_some() { None } else { folder::resolve(None).ok() };
    let log = practice.log_to.or_else(usual);
    let place = Place::make(data_dir)?;
    let locked = folder::lock(&place.path)?.context("a Herald runs in this data folder already")?;
    mark(&place.path).and_then(|()| write_playbook(&place.path, &world))?;
    let _logging = logs::start(&place.path);
    let connect = services(&world);
    let playing = Playing::new(world, summary, log, place.throw_away.then(|| place.path.clone()));
    let start =
        Start { folder: locked, mode: playing.mode(), connect, show: true, playing: Some(playing), notice: None };
    app::run(start, tokio)?;
    Ok(Outcome::Done)
}

/// Starts practice as another process, so that it and the real Herald cannot touch each other.
pub(crate) fn spawn(log: &Path, scenario: Option<&str>) -> std::io::Result<()> {
    let own = scenario.map(|name| own_folder(log).join(format!("{name}.toml"))).filter(|path| path.is_file());
    let chosen = own.map(PathBuf::into_os_string).or_else(|| scenario.map(Into::into));
    let mut child = Command::new(std::env::current_exe()?)
        .arg("practice")
        .args(chosen)
        .arg("--log-to")
        .arg(log)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()?;
    // Somebody has to ask how it ended, or it stays in the process table.
    std::thread::spawn(move || child.wait());
    Ok(())
}

fn list() {
    for it in builtin_scenarios() {
        let hardness = it.difficulty.word();
        say(&format!("{:<18} {hardness:<6} {:>2} min  {}: {}", it.name, it.minutes, it.title, it.description));
        if !it.trains.is_empty() {
            say(&format!("{:<33} trains {}", "", it.trains.join(", ")));
        }
    }
}

fn check(file: &Path) -> anyhow::Result<Outcome> {
    let text = Scenario::text_of(file).with_context(|| format!("{} cannot be read", file.display()))?;
    match Scenario::check(&text) {
        Ok(it) => {
            let (steps, rules, minutes) = (it.steps.len(), it.rules.len(), it.minutes());
            say(&format!(
                "{}: a sound scenario, \"{}\": {steps} steps, {rules} answers, {minutes} min",
                file.display(),
                it.title
            ));
            Ok(Outcome::Done)
        }
        Err(faults) => {
            for fault in faults {
                complain(&format!("{}:{}: {}: {}", file.display(), fault.line, fault.key, fault.message));
            }
            Ok(Outcome::Failed)
        }
    }
}

/// Where a team's own scenarios lie in a data folder.
fn own_folder(folder: &Path) -> PathBuf {
    folder.join("scenarios")
}

/// A team's own scenarios; a file that is not sound is left out, and `--check` says why.
pub(crate) fn own_scenarios(folder: &Path) -> Vec<Summary> {
    let Ok(entries) = std::fs::read_dir(own_folder(folder)) else { return vec![] };
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    paths.retain(|path| path.extension().is_some_and(|it| it == "toml"));
    paths.sort();
    paths.truncate(OWN_MAX);
    let read = |path: &PathBuf| {
        let name = path.file_stem()?.to_str()?.to_owned();
        let scenario = Scenario::parse(&Scenario::text_of(path).ok()?).ok()?;
        Some(Summary::from(Scenario { name, ..scenario }))
    };
    paths.iter().filter_map(read).collect()
}

fn scenario(named: Option<&str>) -> anyhow::Result<Scenario> {
    let Some(named) = named else { return Ok(Scenario::default()) };
    if Path::new(named).extension().is_some_and(|it| it == "toml") {
        let text = Scenario::text_of(Path::new(named)).with_context(|| format!("{named} cannot be read"))?;
        let parsed = Scenario::parse(&text).map_err(|error| anyhow::anyhow!("{named}:{error}"))?;
        let name = Path::new(named).file_stem().map_or("custom".into(), |stem| stem.to_string_lossy().into_owned());
        return Ok(Scenario { name, ..parsed });
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
    let zendesk =
        ConnectZendesk { base_url: told.zendesk.url, email: told.zendesk.email, token: told.zendesk.token.into() };
    vec![
        Connecting::PagerDuty(pagerduty),
        Connecting::Tracker(tracker),
        Connecting::StatusPage(page),
        Connecting::Slack(slack),
        Connecting::Zendesk(zendesk),
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
        let path = match named {
            Some(path) => path,
            None => folder_to_throw_away()?,
        };
        Ok(Self { path: folder::resolve(Some(path))?, throw_away })
    }
}

/// How the folders of practice events begin that are thrown away.
const PASSING: &str = "herald-practice-";
/// What a practice event needs on disk to begin with, in bytes.
const ROOM_BYTES: usize = 1024 * 1024;

/// A folder for one practice event: where temporary files belong if there is room, else beside what Herald keeps. It is
/// new for certain: what an event that was killed left behind has another name.
fn folder_to_throw_away() -> anyhow::Result<PathBuf> {
    let usual = folder::default();
    if let Some(usual) = &usual {
        clear_away(usual);
    }
    let has_room = |path: &Path| {
        let trial = path.join("room");
        let written =
            std::fs::write(&trial, vec![0; ROOM_BYTES]).and_then(|()| std::fs::File::open(&trial)?.sync_all());
        let _ = std::fs::remove_file(&trial);
        written.is_ok()
    };
    let make = |within: &Path| tempfile::Builder::new().prefix(PASSING).tempdir_in(within);
    match make(&std::env::temp_dir()) {
        Ok(folder) if has_room(folder.path()) => Ok(folder.keep()),
        Ok(_) | Err(_) => {
            let usual = usual.context("there is no room for temporary files; name a folder with --data-dir")?;
            files::private_folder(&usual)?;
            Ok(make(&usual).context("there is no room on the disk")?.keep())
        }
    }
}

/// Takes away what practice events left behind in `folder` that were killed.
fn clear_away(folder: &Path) {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    for left in entries.filter(|entry| entry.file_name().to_string_lossy().starts_with(PASSING)) {
        if matches!(Lock::is_free(&left.path().join(folder::LOCK_FILE)), Ok(true)) {
            let _ = std::fs::remove_dir_all(left.path());
        }
    }
}

/// Says in every data folder of a practice event that it is one, so that no other is taken for it.
const MARK: &str = "practice-world";

fn mark(folder: &Path) -> anyhow::Result<()> {
    let text = "Herald practises in this folder; nothing in it is real.\n";
    files::save_private(&folder.join(MARK), text).context("the practice folder cannot be written")
}

/// Whether practising loses nothing here: a folder that is new, empty, or was practised in before.
fn is_for_practice(folder: &Path) -> bool {
    let Ok(entries) = std::fs::read_dir(folder) else { return !folder.exists() };
    let names: Vec<_> = entries.flatten().map(|entry| entry.file_name()).collect();
    names.iter().any(|name| name == MARK) || names.iter().all(|name| name == folder::LOCK_FILE)
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
    files::save_private(&folder.join(playbook::FILE), &text).context("the practice playbook cannot be written")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_for_practice_is_practised_in() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path();
        let missing = path.join("new");
        assert!(is_for_practice(&missing) && !missing.exists(), "looking makes nothing");
        for (name, is) in [(folder::LOCK_FILE, true), ("herald.db", false), (MARK, true), ("playbook.toml", true)] {
            std::fs::write(path.join(name), "").expect("written");
            assert_eq!(is_for_practice(path), is, "with {name}");
        }
        std::fs::remove_file(path.join(MARK)).expect("removed");
        assert!(!is_for_practice(path), "a Herald's folder");
        assert!(!is_for_practice(&path.join("herald.db")), "no folder at all");
    }
}
