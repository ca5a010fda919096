//! What a handover carries for the next person's Herald: a comment at its end that people do not see. Whatever comes
//! in is untrusted: cut, cleaned, and nothing of it is believed that could not be true (H111).

use std::collections::BTreeMap;

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use super::{BYTES_MAX, call, channel, eoc, im, open_tasks};
use crate::command::Refusal;
use crate::feed::Update;
use crate::incident::{By, Incident, IncidentId, iid_of};
use crate::ledger::{Contact, ContactState, Maintenance, Plan};
use crate::phase::Severity;
use crate::shift::Shift;
use crate::stage::{Reading, Tick, TickSays};
use crate::state::State;
use crate::text::{clean_line, title};
use crate::{Time, plausible};

/// The form of the parcel that this Herald writes, and the newest that it reads.
const VERSION: u32 = 1;
/// What stands before and behind it.
const OPEN: &str = "<!-- herald-handover ";
const CLOSE: &str = " -->";
/// Most incidents, contact requests, maintenance or tasks that are taken over.
const EACH_MAX: usize = 100;
/// Longest name, word or sentence that is taken over, in graphemes.
const LINE_MAX: usize = 400;
/// Longest public text that is taken over, in graphemes.
const TEXT_MAX: usize = 5000;
/// Most lines of notes.
const NOTES_LINES_MAX: usize = 200;
/// Longest link, in bytes.
const LINK_BYTES_MAX: usize = 2048;
/// No promise to the public reaches further.
const PROMISE_MAX: TimeDelta = TimeDelta::hours(24);
/// Clocks of two computers may differ by so much.
const CLOCKS_APART: TimeDelta = TimeDelta::minutes(5);

/// Everything that the next person's Herald takes over.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Parcel {
    /// Its form.
    pub version: u32,
    /// When the shift began.
    pub from: Option<Time>,
    /// What its person wrote.
    pub notes: String,
    /// Incidents that go on.
    pub incidents: Vec<Passed>,
    /// Contact requests that are open.
    pub contacts: Vec<Contact>,
    /// Maintenance ahead or going on.
    pub maintenances: Vec<Maintenance>,
}

/// An incident that is passed on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Passed {
    /// Its title.
    pub title: String,
    /// Its severity.
    pub severity: Option<Severity>,
    /// Link of its issue.
    pub issue_url: Option<String>,
    /// The status page's id of it.
    pub post: Option<String>,
    /// Link of the call.
    pub call_url: Option<String>,
    /// The Slack channel.
    pub channel: Option<String>,
    /// The incident manager.
    pub im: Option<String>,
    /// The engineer on call.
    pub eoc: Option<String>,
    /// Since when it goes on.
    pub since: Option<Time>,
    /// When it was decided to tell the public.
    pub decided_at: Option<Time>,
    /// The last public update.
    pub last: Option<Update>,
    /// Until when the public was promised the next one.
    pub promised: Option<Time>,
    /// What is left to do.
    pub tasks: Vec<String>,
    /// Tasks that are dealt with, by their ids in the playbook: all that Heralds know which cannot read `ticks`.
    pub ticked: Vec<String>,
    /// What was said of those tasks, and when; absent in parcels of such a Herald.
    pub ticks: Option<BTreeMap<String, Tick>>,
    /// When it was seen to come back after a fix (H55).
    pub recurred_at: Option<Time>,
}

impl Passed {
    /// The number of its issue.
    #[must_use]
    pub fn iid(&self) -> Option<u64> {
        self.issue_url.as_deref().and_then(iid_of)
    }

    /// What was said of its tasks. Where nobody wrote down when, it counts as of `now`.
    #[must_use]
    pub fn said(&self, now: Time) -> BTreeMap<String, Tick> {
        let done =
            |task: &String| (task.clone(), Tick { at: now, by: By::Others, saw: String::new(), says: TickSays::Done });
        self.ticks.clone().unwrap_or_else(|| self.ticked.iter().map(done).collect())
    }
}

/// Packs what the next person's Herald takes over.
#[must_use]
pub fn pack(state: &State, shift: Option<&Shift>) -> Parcel {
    let open = state.incidents.iter().filter(|(_, it)| it.open());
    // What was handed over in this shift is the next person's to do.
    let passes_on = |it: &&Contact| match it.state {
        ContactState::Open => true,
        ContactState::HandedOver => shift.is_some_and(|shift| it.state_at >= shift.started_at),
        ContactState::Done | ContactState::Planned => false,
    };
    let contacts = state.contacts.values().filter(passes_on);
    let ahead = state.maintenances.values().filter(|it| it.ended_at.is_none());
    let parcel = Parcel {
        version: VERSION,
        from: shift.map(|it| it.started_at),
        notes: shift.map_or_else(String::new, |it| it.handover.notes.clone()),
        incidents: open.map(|(id, it)| passed(state, *id, it)).collect(),
        contacts: contacts.cloned().collect(),
        maintenances: ahead.map(|it| Maintenance { log: vec![], ..it.clone() }).collect(),
    };
    // Packed as it will be unpacked: what the other side would drop does not even leave.
    clean(parcel, Time::MAX_UTC)
}

fn passed(state: &State, id: IncidentId, it: &Incident) -> Passed {
    let last = it.last_update().map(|update| Update { mine: false, ..update });
    // Which ticks count is the same at any time.
    let ticks = Reading::new(state, id, it, it.since).counting();
    Passed {
        title: it.title().to_owned(),
        severity: it.severity(),
        issue_url: it.issue_url().map(str::to_owned),
        post: it.post.as_ref().map(|post| post.id.clone()),
        call_url: call(it),
        channel: channel(it),
        im: im(it),
        eoc: eoc(it),
        since: Some(it.since),
        decided_at: it.decided_at,
        promised: it.promise.as_ref().filter(|promise| it.promised_last(promise)).map(|promise| promise.due_at),
        last,
        tasks: open_tasks(state, id, it),
        ticked: ticks.keys().cloned().collect(),
        ticks: Some(ticks),
        recurred_at: it.recurred_at,
    }
}

/// The parcel as a comment, to be put at the end of a handover. Signs that could end the comment are written as codes.
#[must_use]
pub fn write(parcel: &Parcel) -> String {
    let json = serde_json::to_string(parcel).unwrap_or_default();
    // What ends the comment, and what would refer to something where a reader takes comments for text.
    let marks = |c: char| matches!(c, '<' | '>' | '@' | '#' | '!' | '&' | '~' | '%' | '$');
    let mut safe = String::with_capacity(json.len());
    for c in json.chars() {
        if marks(c) {
            safe.push_str(&format!("\\u{:04x}", u32::from(c)));
        } else {
            safe.push(c);
        }
    }
    let safe = safe.replace("--", "-\\u002d");
    format!("{OPEN}{safe}{CLOSE}")
}

/// Reads the parcel of a handover.
///
/// # Errors
/// The [`Refusal`] says what is wrong with it.
pub fn read(markdown: &str, now: Time) -> Result<Parcel, Refusal> {
    if markdown.len() > BYTES_MAX {
        return Err(Refusal::HandoverTooLong);
    }
    let (_, rest) = markdown.rsplit_once(OPEN).ok_or(Refusal::NoHandover)?;
    let (json, _) = rest.split_once(CLOSE).ok_or(Refusal::HandoverDamaged)?;
    let parcel: Parcel = serde_json::from_str(json).map_err(|_| Refusal::HandoverDamaged)?;
    match parcel.version {
        0 => Err(Refusal::HandoverDamaged),
        VERSION => Ok(clean(parcel, now)),
        _ => Err(Refusal::HandoverNewer),
    }
}

fn clean(parcel: Parcel, now: Time) -> Parcel {
    let notes = parcel.notes.lines().take(NOTES_LINES_MAX).map(line).collect::<Vec<_>>().join("\n");
    let contacts = parcel.contacts.into_iter().filter(|it| past(it.asked_at, now) && past(it.state_at, now));
    let maintenances = parcel.maintenances.into_iter().filter(|it| it.plan.timed());
    Parcel {
        version: parcel.version,
        from: parcel.from.filter(|at| past(*at, now)),
        notes: notes.trim().to_owned(),
        incidents: parcel.incidents.into_iter().take(EACH_MAX).map(|it| clean_incident(it, now)).collect(),
        contacts: contacts.take(EACH_MAX).map(clean_contact).collect(),
        maintenances: maintenances.take(EACH_MAX).map(|it| clean_maintenance(it, now)).collect(),
    }
}

fn clean_incident(it: Passed, now: Time) -> Passed {
    let last = it.last.filter(|update| past(update.at, now));
    let last = last.map(|update| Update { text: clean_line(&update.text, TEXT_MAX), mine: false, ..update });
    let made_at = last.as_ref().map(|update| update.at);
    Passed {
        title: title(&it.title),
        severity: it.severity,
        issue_url: it.issue_url.filter(|url| web(url)),
        post: named(it.post),
        call_url: it.call_url.filter(|url| web(url)),
        channel: named(it.channel),
        im: named(it.im),
        eoc: named(it.eoc),
        since: it.since.filter(|at| past(*at, now)),
        decided_at: it.decided_at.filter(|at| past(*at, now)),
        promised: it.promised.filter(|at| made_at.is_some_and(|made| *at > made && *at - made <= PROMISE_MAX)),
        last,
        tasks: it.tasks.iter().map(|text| line(text)).filter(|it| !it.is_empty()).take(EACH_MAX).collect(),
        ticked: it.ticked.iter().map(|task| line(task)).filter(|it| !it.is_empty()).take(EACH_MAX).collect(),
        ticks: it.ticks.map(|ticks| ticks.into_iter().filter_map(|it| clean_tick(it, now)).take(EACH_MAX).collect()),
        recurred_at: it.recurred_at.filter(|at| past(*at, now)),
    }
}

fn clean_tick((task, tick): (String, Tick), now: Time) -> Option<(String, Tick)> {
    let says = match tick.says {
        TickSays::Skipped { reason } => TickSays::Skipped { reason: line(&reason) },
        says @ (TickSays::Done | TickSays::Open) => says,
    };
    let by = if tick.by == By::Me { By::Others } else { tick.by };
    let task = line(&task);
    (!task.is_empty() && past(tick.at, now)).then_some((task, Tick { at: tick.at, by, saw: line(&tick.saw), says }))
}

fn clean_contact(it: Contact) -> Contact {
    Contact {
        asked_by: line(&it.asked_by),
        what: line(&it.what),
        ticket: it.ticket.filter(|url| web(url)),
        owner: named(it.owner),
        state: ContactState::Open,
        earlier: vec![],
        ..it
    }
}

fn clean_maintenance(it: Maintenance, now: Time) -> Maintenance {
    let seen = |at: Option<Time>| at.filter(|at| past(*at, now));
    let components = it.plan.components.iter().take(EACH_MAX).map(|id| line(id)).filter(|id| !id.is_empty());
    Maintenance {
        plan: Plan {
            title: title(&it.plan.title),
            details: it.plan.details.lines().take(NOTES_LINES_MAX).map(line).collect::<Vec<_>>().join("\n"),
            issue_url: it.plan.issue_url.filter(|url| web(url)),
            components: components.collect(),
            ..it.plan
        },
        post: named(it.post),
        amplified_by: named(it.amplified_by),
        scheduled_at: seen(it.scheduled_at),
        started_at: seen(it.started_at),
        updated_at: seen(it.updated_at),
        by_hand_since: seen(it.by_hand_since),
        amplified_at: seen(it.amplified_at),
        seen_until: seen(it.seen_until),
        ended_at: None,
        log: vec![],
        ..it
    }
}

fn line(text: &str) -> String {
    clean_line(text, LINE_MAX)
}

fn named(text: Option<String>) -> Option<String> {
    text.map(|text| line(&text)).filter(|text| !text.is_empty())
}

fn web(url: &str) -> bool {
    let address = url.starts_with("https://") || url.starts_with("http://");
    address && url.len() <= LINK_BYTES_MAX && !url.contains(|c: char| c.is_whitespace() || c.is_control())
}

/// Whether an instant can have been seen by now.
fn past(at: Time, now: Time) -> bool {
    plausible(at) && at <= now.checked_add_signed(CLOCKS_APART).unwrap_or(Time::MAX_UTC)
}
