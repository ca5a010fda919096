//! `herald status`: what is true now, from the Herald that runs or from what the last one saved.

use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;

use herald_core::alarm::span;
use herald_core::page::PageStatus;
use herald_core::state::{Health, Mode, Session};
use herald_core::view::{PageCard, View};
use herald_core::{State, Time};
use herald_engine::clock::wall_now;
use herald_engine::playbook;
use herald_engine::store::Store;
use serde::Serialize;

use crate::cli::{Outcome, runtime, say};
use crate::control;
use crate::door::{Ask, Reply};
use crate::incidents;

/// The answer for scripts: `view` as the window gets it, and the facts that scripts ask for most.
#[derive(Serialize)]
struct Status {
    running: bool,
    connected: bool,
    sign: herald_core::tray::Sign,
    now: Time,
    view: View,
}

pub(crate) fn run(folder: &Path, json: bool) -> anyhow::Result<Outcome> {
    let status = read(folder)?;
    if json {
        say(&serde_json::to_string_pretty(&status)?);
    } else {
        say(words(&status).trim_end());
    }
    Ok(Outcome::Done)
}

/// What is true: whether a Herald runs, what it shows or the last one saved, and the time.
pub(crate) fn seen(folder: &Path) -> anyhow::Result<(bool, View, Time)> {
    Ok(match runtime()?.block_on(control::ask(folder, &Ask::Status))? {
        Some(Reply::Status { view, now, .. }) => (true, *view, now),
        Some(_) => anyhow::bail!("the running Herald did not say what is true"),
        None => {
            let now = wall_now();
            (false, herald_core::view(&saved(folder, now), now), now)
        }
    })
}

fn read(folder: &Path) -> anyhow::Result<Status> {
    let (running, view, now) = seen(folder)?;
    Ok(Status { running, connected: view.account.is_some(), sign: view.sign, now, view })
}

/// What the last Herald saved; nothing is known to be true now.
pub(crate) fn saved(folder: &Path, now: Time) -> State {
    let session = Session::new(Mode::Real, chrono_tz::Tz::UTC, now);
    let mut state = State::new(Arc::new(playbook::held(folder).playbook), session);
    // A folder without a database is that of a Herald which never ran.
    let _ = Store::read_only(folder).and_then(|store| store.load(&mut state));
    state
}

fn words(status: &Status) -> String {
    let (view, now) = (&status.view, status.now);
    let mut text = String::new();
    let mut line = |it: String| {
        let _ = writeln!(text, "{it}");
    };
    if !status.running {
        line("Herald is not running. This is what the last one saved; start it with `herald`.".into());
    }
    match &view.account {
        Some(account) => line(format!("PagerDuty: {} at {}", account.name, account.base_url)),
        None => line("PagerDuty is not connected. Connect it with `herald connect pagerduty < token`.".into()),
    }
    if let Mode::Practice { scenario } = &view.mode {
        line(format!("Practice: {scenario}. Nothing here is real."));
    }
    if view.shadow.is_some() {
        line("Shadow mode: Herald writes nothing to anybody.".into());
    }
    line(health(view, now));
    if let Some(fault) = &view.store_fault {
        line(format!("Cannot save: {fault}"));
    }
    for channel in &view.channels {
        if let Health::Dead { reason } = &channel.health {
            line(format!("{}: {reason}", channel.channel.label()));
        }
    }
    match view.duty.now.first() {
        Some(entry) => {
            let through = entry.schedule.as_ref().map_or("the policy itself", |schedule| schedule.name.as_str());
            let until =
                entry.end.map_or("for good".into(), |end| format!("until {} UTC", end.format("%Y-%m-%d %H:%M")));
            line(format!("On call {until}, through {through}"));
        }
        None if view.duty.known_at.is_some() => line("Not on call".into()),
        None => line("On-call times are not known yet".into()),
    }
    if view.pages.is_empty() {
        line("No open page".into());
    }
    for page in &view.pages {
        line(page_words(page, now));
    }
    for incident in &view.incidents {
        line(incidents::words(incident, now).trim_end().into());
    }
    for feed in view.feeds.iter().filter(|feed| feed.stale) {
        let reason = feed.fault.as_ref().map_or("no answer", |fault| fault.reason.as_str());
        line(format!("Cannot see {}: {reason}", feed.source.the()));
    }
    if view.pages_more > 0 {
        line(format!("… and {} more", view.pages_more));
    }
    text
}

fn health(view: &View, now: Time) -> String {
    let source = &view.source;
    match (source.last_good_at, source.stale, &source.fault) {
        (Some(at), false, _) => format!("Last answer {} ago", span(now - at)),
        (Some(at), true, fault) => {
            let reason = fault.as_ref().map_or("no answer", |fault| fault.reason.as_str());
            format!("Cannot see PagerDuty: {reason}. Last answer {} ago", span(now - at))
        }
        (None, _, Some(fault)) => format!("Cannot see PagerDuty: {}. {}", fault.reason, fault.next_step),
        (None, _, None) => "PagerDuty has not answered yet".into(),
    }
}

fn page_words(page: &PageCard, now: Time) -> String {
    let stands = match (page.status, &page.taken_by) {
        (PageStatus::Triggered, _) if page.target_at > now => format!("CALLS, {} left", span(page.target_at - now)),
        (PageStatus::Triggered, _) => format!("CALLS, {} over the target", span(now - page.target_at)),
        (PageStatus::Acknowledged, Some(by)) => format!("acknowledged by {}", by.name),
        (PageStatus::Acknowledged, None) => "acknowledged".into(),
        (PageStatus::Closed, _) => "page closed".into(),
    };
    let stands = match &page.asked {
        Some(asked) => {
            format!("{stands}, {} asks you to help (answer in PagerDuty)", asked.by.as_deref().unwrap_or("somebody"))
        }
        None => stands,
    };
    let ranks = [&page.priority, &page.kind].into_iter().flatten().map(|it| format!("  {it}")).collect::<String>();
    let dial = page.call_number.as_ref().map_or(String::new(), |number| format!("\n    Dial in: {number}"));
    let note = page.note.as_ref().map_or(String::new(), |note| format!("\n    {note}"));
    format!("{}  #{}{ranks}  {stands}  {}{dial}{note}", page.id, page.number, page.title)
}
