//! The tray's sign, tooltip and menu, as data.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::Time;
use crate::alarm::{AlarmKey, quiet_end};
use crate::cadence::{self, Clock, Urgency};
use crate::command::{Command, allowed};
use crate::draft::Draft;
use crate::incident::{Incident, IncidentId};
use crate::ledger::remind;
use crate::page::{Page, PageStatus, place};
use crate::poll::{self, SourceName};
use crate::settings::SettingsPatch;
use crate::shadow::{Standing, standing};
use crate::stage::lacking_label;
use crate::state::{Health, State};
use crate::text::clean_line;
use crate::view::shadowing;

/// Pages that get menu entries of their own; the window lists the rest.
const MENU_PAGES_MAX: usize = 3;
/// Longest title in a menu, in graphemes.
const MENU_TITLE_MAX: usize = 40;

/// The state of the tray icon, strongest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum Sign {
    /// A page calls.
    Page,
    /// An update is overdue.
    Overdue,
    /// A source cannot be seen.
    Blind,
    /// An update is due soon.
    DueSoon,
    /// Something is open and taken.
    Open,
    /// Shadow or practice, and nothing else.
    Shadow,
    /// Nothing is open, and that is known.
    Quiet,
}

impl Sign {
    /// The state in words.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Page => "Page triggered",
            Self::Overdue => "Update overdue",
            Self::Blind => "Cannot see",
            Self::DueSoon => "Update due soon",
            Self::Open => "Page acknowledged, still open",
            Self::Shadow | Self::Quiet => "All quiet",
        }
    }
}

/// What a menu entry does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MenuAct {
    /// Nothing; the entry tells something.
    None,
    /// A wish like any other.
    Command(Command),
    /// Show the window.
    Show,
    /// Show the window at a page, to decide something about it there.
    ShowPage {
        /// Which page.
        page: crate::PageId,
        /// Whether to ask for the confirmation to close it.
        close: bool,
    },
    /// Show the window at an incident.
    ShowIncident {
        /// Which incident.
        incident: IncidentId,
        /// Whether to write its next update there.
        compose: bool,
    },
    /// Open a link in the browser.
    Browse(String),
    /// End Herald.
    Quit,
}

/// One line of the tray menu.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MenuItem {
    /// An entry.
    Entry {
        /// What it says.
        label: String,
        /// What it does; an entry that does nothing is drawn as text.
        act: MenuAct,
        /// For entries that are switches, whether they are on.
        checked: Option<bool>,
    },
    /// A line between groups.
    Separator,
}

/// The tray, as it should look.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tray {
    /// Which icon.
    pub sign: Sign,
    /// Drawn hollow, because this is shadow or practice.
    pub hollow: bool,
    /// Said when the pointer rests on the icon.
    pub tooltip: String,
    /// The menu from top to bottom.
    pub menu: Vec<MenuItem>,
}

/// The strongest state that holds at `now`.
#[must_use]
pub fn sign(state: &State, now: Time) -> Sign {
    sign_by(state, &clocks(state), now)
}

fn sign_by(state: &State, clocks: &[Running<'_>], now: Time) -> Sign {
    let urgency = most_urgent(state, clocks, now);
    if state.pages.values().any(Page::calls) {
        Sign::Page
    } else if urgency == Some(Urgency::Over) {
        Sign::Overdue
    } else if poll::any_stale(state, now) || SourceName::ALL.into_iter().any(|it| state.session.watch[it].skipped > 0) {
        // A page that cannot be read was never announced, so the icon is not calm (faults.md I1).
        Sign::Blind
    } else if urgency == Some(Urgency::Soon) || reminded(state, clocks, now).is_some() {
        Sign::DueSoon
    } else if urgency.is_some() || state.pages.values().any(Page::open) {
        Sign::Open
    } else if hollow(state, now) {
        Sign::Shadow
    } else {
        Sign::Quiet
    }
}

/// The first reminder of a maintenance that is up, in words, when no update is due soon.
fn reminded(state: &State, clocks: &[Running<'_>], now: Time) -> Option<String> {
    let soon = most_urgent(state, clocks, now).is_some_and(|urgency| urgency != Urgency::Later);
    let AlarmKey::Maintenance { maintenance, .. } = remind::wanted(state, now).into_iter().next().filter(|_| !soon)?
    else {
        return None;
    };
    let title = state.maintenances.get(&maintenance).map(|it| clean_line(&it.plan.title, MENU_TITLE_MAX))?;
    Some(format!("Maintenance needs you: {title}"))
}

/// An incident whose clock runs.
type Running<'a> = (IncidentId, &'a Incident, Clock);

fn most_urgent(state: &State, clocks: &[Running<'_>], now: Time) -> Option<Urgency> {
    // The next due is first.
    clocks.first().map(|(_, _, clock)| clock.urgency(&state.playbook.updates, now))
}

/// Every clock that runs, the next due first.
fn clocks(state: &State) -> Vec<Running<'_>> {
    let clock = |(id, incident): (&IncidentId, _)| {
        cadence::clock(incident, &state.playbook.updates).map(|clock| (*id, incident, clock))
    };
    let mut clocks: Vec<_> =
        state.incidents.iter().filter_map(|(id, incident): (&IncidentId, &Incident)| clock((id, incident))).collect();
    clocks.sort_by_key(|(id, _, clock)| (clock.due_at, *id));
    clocks
}

/// Whether icons are drawn hollow: what is seen is not mine to answer, or not real.
#[must_use]
pub fn hollow(state: &State, now: Time) -> bool {
    state.session.mode.is_practice() || shadowing(state, now).is_some()
}

/// The tray as it should look at `now`.
#[must_use]
pub fn tray(state: &State, now: Time) -> Tray {
    // Of many incidents it takes long to say when each is due.
    let clocks = clocks(state);
    let sign = sign_by(state, &clocks, now);
    let hollow = hollow(state, now);
    let pages = in_order(state, now);
    let headline = headline(state, sign, &clocks, now);
    let tooltip = tooltip(state, &headline, &pages, now);
    let mut menu = vec![told(headline)];
    menu.extend(modes(state, now).into_iter().map(told));
    menu.extend(troubles(state).into_iter().map(told));
    for page in pages.into_iter().take(MENU_PAGES_MAX) {
        menu.push(MenuItem::Separator);
        menu.extend(page_entries(state, page, now));
    }
    for (id, incident, clock) in clocks.into_iter().take(MENU_PAGES_MAX) {
        menu.push(MenuItem::Separator);
        menu.extend(incident_entries(state, id, incident, &clock, now));
    }
    menu.push(MenuItem::Separator);
    menu.push(entry("Open Herald", MenuAct::Show));
    if allowed(state, &Command::PollNow, now).is_ok() {
        menu.push(entry("Ask PagerDuty now", MenuAct::Command(Command::PollNow)));
    }
    for source in SourceName::ALL {
        let what = format!(
            "Cannot see{}",
            if source == SourceName::PagerDuty { String::new() } else { format!(" {}", source.the()) }
        );
        menu.extend(quiet_entry(state, &AlarmKey::Blind { source }, &what, now));
    }
    menu.extend(quiet_entry(state, &AlarmKey::MorePages, "more pages", now));
    menu.push(entry("Test the alarm", MenuAct::Command(Command::TestAlarm)));
    let on = state.settings.shadow;
    menu.push(MenuItem::Entry {
        label: "Shadow mode".into(),
        act: MenuAct::Command(Command::Set { patch: SettingsPatch::Shadow { on: !on } }),
        checked: Some(on),
    });
    menu.push(MenuItem::Separator);
    menu.push(entry("Quit Herald", MenuAct::Quit));
    Tray { sign, hollow, tooltip, menu }
}

fn entry(label: impl Into<String>, act: MenuAct) -> MenuItem {
    MenuItem::Entry { label: label.into(), act, checked: None }
}

fn told(label: String) -> MenuItem {
    entry(label, MenuAct::None)
}

/// What the tray says in one line.
fn headline(state: &State, sign: Sign, clocks: &[Running<'_>], now: Time) -> String {
    let calling = state.pages.values().filter(|page| page.calls()).count();
    if let Some(words) = reminded(state, clocks, now).filter(|_| sign == Sign::DueSoon) {
        return words;
    }
    match (sign, clocks.first()) {
        (Sign::Page, _) if calling == 1 => "1 page calls".into(),
        (Sign::Page, _) => format!("{calling} pages call"),
        (Sign::Blind, _) if state.account.is_none() => "PagerDuty is not connected".into(),
        (Sign::Blind, _) => {
            let unseen = SourceName::ALL
                .into_iter()
                .find(|source| poll::stale(state, *source, now) && poll::connected(state, *source));
            let source = unseen.unwrap_or(SourceName::PagerDuty);
            match state.last_good_at(source) {
                Some(at) => format!("Cannot see {} since {} UTC", source.the(), at.format("%H:%M")),
                None => format!("{source} has not answered yet"),
            }
        }
        (Sign::Overdue | Sign::DueSoon, Some((_, incident, clock))) => {
            let title = clean_line(incident.title(), MENU_TITLE_MAX);
            let verb = if sign == Sign::Overdue { "overdue since" } else { "due at" };
            format!("Update {verb} {} UTC: {title}", clock.due_at.format("%H:%M"))
        }
        (Sign::Open, Some((_, incident, clock))) => {
            let title = clean_line(incident.title(), MENU_TITLE_MAX);
            format!("Incident open, update due at {} UTC: {title}", clock.due_at.format("%H:%M"))
        }
        (Sign::Overdue | Sign::DueSoon | Sign::Open, None) | (Sign::Shadow | Sign::Quiet, _) => {
            let until = state.oncall.at(now).filter_map(|entry| entry.end).max();
            match until {
                Some(until) => format!("{}, on call until {} UTC", sign.label(), until.format("%H:%M")),
                None => sign.label().into(),
            }
        }
    }
}

fn tooltip(state: &State, headline: &str, pages: &[&Page], now: Time) -> String {
    let mut lines = vec![headline.to_owned()];
    let named = pages.iter().take(MENU_PAGES_MAX).map(|page| {
        let (title, at) = (clean_line(&page.seen.title, MENU_TITLE_MAX), page.seen.triggered_at.format("%H:%M"));
        if page.calls() { format!("Calls since {at} UTC: {title}") } else { format!("Called at {at} UTC: {title}") }
    });
    lines.extend(named);
    lines.extend(
        pages.len().checked_sub(MENU_PAGES_MAX).filter(|more| *more > 0).map(|more| format!("and {more} more")),
    );
    lines.extend(modes(state, now));
    lines.extend(troubles(state));
    lines.join("\n")
}

/// The open pages, in the order in which they need somebody.
fn in_order(state: &State, now: Time) -> Vec<&Page> {
    let mut pages: Vec<&Page> = state.pages.values().filter(|page| page.open()).collect();
    pages.sort_by_cached_key(|page| place(state, page, now));
    pages
}

fn modes(state: &State, now: Time) -> Vec<String> {
    let practice = state.session.mode.is_practice().then(|| "Practice: nothing here is real".to_owned());
    let shadow = shadowing(state, now).map(|_| "Shadow: Herald writes to nobody".to_owned());
    practice.into_iter().chain(shadow).collect()
}

/// Dead channels, a store that cannot save and updates that did not go out, which must not hide behind what works.
fn troubles(state: &State) -> Vec<String> {
    let store = state.session.store_fault.iter().map(|reason| format!("⚠ Cannot save: {reason}"));
    let channels = state.session.channels.iter().filter_map(|(channel, health)| match health {
        Health::Dead { reason } => Some(format!("⚠ {}: {reason}", channel.label())),
        Health::Works { .. } => None,
    });
    let lost = |(id, it): (&IncidentId, &Draft)| it.unsent.as_ref().and_then(|_| state.incidents.get(id));
    let unsent = state.drafts.iter().filter_map(lost).filter(|incident| incident.open());
    let unsent = unsent.map(|it| format!("⚠ Update not published: {}", clean_line(it.title(), MENU_TITLE_MAX)));
    store.chain(unsent).chain(channels).collect()
}

fn page_entries(state: &State, page: &Page, now: Time) -> Vec<MenuItem> {
    let title = clean_line(&page.seen.title, MENU_TITLE_MAX);
    let (id, triggered_at) = (page.seen.id.clone(), page.seen.triggered_at);
    let acknowledge = Command::Acknowledge { page: id.clone(), triggered_at };
    let close = Command::ClosePage { page: id.clone(), triggered_at, note: None };
    let mut entries = vec![told(match (page.seen.status, state.job_for(&id, triggered_at)) {
        (_, Some(_)) => format!("{title} (asking PagerDuty…)"),
        (_, None) if page.calls() => format!("{title} (calls)"),
        (PageStatus::Triggered, None) => format!("{title} (calls)"),
        (PageStatus::Acknowledged, None) => format!("{title} (acknowledged)"),
        (PageStatus::Closed, None) => format!("{title} (page closed)"),
    })];
    if allowed(state, &acknowledge, now).is_ok() {
        entries.push(entry("Acknowledge", MenuAct::Command(acknowledge)));
    } else if let Standing::Unknown { .. } = standing(state, page, now) {
        entries.push(entry("Decide whether it is yours…", MenuAct::ShowPage { page: id.clone(), close: false }));
    }
    if let Some(by) = seen_asked(page) {
        entries.push(told(format!("{by} asks you to help: answer in PagerDuty")));
    }
    if let Some(number) = &page.seen.call_number {
        entries.push(told(format!("Dial in: {number}")));
    }
    if page.calls() {
        let key = AlarmKey::Page { page: id.clone(), triggered_at };
        entries.extend(quiet_entry(state, &key, "", now));
    }
    if let Some(url) = &page.seen.url {
        entries.push(entry("Open in PagerDuty", MenuAct::Browse(url.clone())));
    }
    if allowed(state, &close, now).is_ok() {
        entries.push(entry("Close page…", MenuAct::ShowPage { page: id, close: true }));
    }
    entries
}

/// Who asks me to help, while that waits for my answer.
fn seen_asked(page: &Page) -> Option<String> {
    let asked = page.seen.asked.as_ref().filter(|_| page.seen.asks_me())?;
    Some(asked.by.as_deref().map_or("Somebody".into(), |by| clean_line(by, MENU_TITLE_MAX)))
}

fn incident_entries(state: &State, id: IncidentId, incident: &Incident, clock: &Clock, now: Time) -> Vec<MenuItem> {
    let title = clean_line(incident.title(), MENU_TITLE_MAX);
    let at = clock.due_at.format("%H:%M");
    let due = if clock.due_at <= now { format!("overdue since {at} UTC") } else { format!("due at {at} UTC") };
    let mut entries = vec![
        told(format!("{title} ({due})")),
        entry("Write update…", MenuAct::ShowIncident { incident: id, compose: true }),
    ];
    if let Some(label) = lacking_label(state, incident) {
        let told = format!("⚠ The issue lacks the label {label}…");
        entries.push(entry(told, MenuAct::ShowIncident { incident: id, compose: false }));
    }
    let key = AlarmKey::Update { incident: id, due_at: clock.due_at };
    entries.extend(quiet_entry(state, &key, "", now));
    entries
}

fn quiet_entry(state: &State, key: &AlarmKey, what: &str, now: Time) -> Option<MenuItem> {
    let alarm = state.alarms.get(key).filter(|alarm| !alarm.ending)?;
    let suffix = if what.is_empty() { String::new() } else { format!(": {what}") };
    match alarm.quiet_until.filter(|_| alarm.quiet(now, state.playbook.quiet())) {
        Some(until) => {
            let label = format!("End quiet (until {} UTC){suffix}", until.format("%H:%M"));
            Some(entry(label, MenuAct::Command(Command::Unquiet { alarm: key.clone() })))
        }
        None => {
            quiet_end(state, key, now)?;
            let label = format!("Quiet {} min{suffix}", state.playbook.page.quiet_min);
            Some(entry(label, MenuAct::Command(Command::Quiet { alarm: key.clone() })))
        }
    }
}

#[cfg(test)]
mod tests;
