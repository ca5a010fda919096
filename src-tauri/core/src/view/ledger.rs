//! What the window shows of contact requests and maintenance.

use std::collections::BTreeMap;

use chrono::{Datelike as _, Days, NaiveDate, Weekday};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{AlarmView, alarm_view};
use crate::Time;
use crate::alarm::AlarmKey;
use crate::command::Refusal;
use crate::errand::{self, ErrandStage, ErrandTask};
use crate::feed::{MaintenanceSeen, PageKind};
use crate::ledger::offer;
use crate::ledger::remind::{self, Reminder};
use crate::ledger::wish::{allowed, dashboard, flexible, service, tells};
use crate::ledger::{Contact, ContactId, ContactState, LedgerWish, Maintenance, MaintenanceId, MaintenanceStage, Tell};
use crate::places;
use crate::poll::SourceName;
use crate::shadow::DutyOf;
use crate::state::State;

/// The ledger as the window draws it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct LedgerView {
    /// Contact requests: the open ones first, then by age.
    pub contacts: Vec<ContactCard>,
    /// Maintenance: under way, to come, over.
    pub maintenances: Vec<MaintenanceCard>,
    /// What the status page lists and the ledger does not know, the next one first.
    pub offers: Vec<Offer>,
    /// What was typed into sheets and not saved yet, by sheet.
    pub kept: BTreeMap<String, String>,
    /// The user's time zone, by its IANA name.
    pub zone: String,
    /// Why Herald may write nothing to the status page; absent when it may.
    pub shut: Option<Refused>,
    /// The service behind the status page, for instructions.
    pub page: PageKind,
    /// Whether that lets a maintenance be changed once it is scheduled.
    pub flexible: bool,
    /// The status page's dashboard.
    pub dashboard: Option<String>,
    /// Where it is told how users are contacted.
    pub contact_help: Option<String>,
    /// Where a maintenance is linked for amplification.
    pub amplify_channel: String,
    /// Minutes before the start at which the user is reminded, the earliest first.
    pub remind_min: Vec<u32>,
    /// Minutes between two updates by hand.
    pub update_every_min: u32,
}

/// A contact request.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct ContactCard {
    /// Herald's number of it.
    #[ts(type = "number")]
    pub id: ContactId,
    /// What is known of it.
    pub contact: Contact,
    /// Where it stood before, oldest first, each with its time.
    pub past: Vec<(ContactState, Time)>,
    /// Whether the last change can be taken back.
    pub undo: bool,
}

/// A maintenance.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct MaintenanceCard {
    /// Herald's number of it.
    #[ts(type = "number")]
    pub id: MaintenanceId,
    /// What is known of it.
    pub it: Maintenance,
    /// Where it stands.
    pub stage: MaintenanceStage,
    /// The reminder that is up.
    pub reminder: Option<Reminder>,
    /// Its alarm.
    pub alarm: Option<AlarmView>,
    /// When the next reminder comes.
    pub next_reminder_at: Option<Time>,
    /// From when to when the page says that it is, where that is not what was planned.
    pub moved_to: Option<(Time, Time)>,
    /// What is on its way to the status page.
    pub sending: Option<Sending>,
    /// Why Herald may not put it on the status page; absent when it may.
    pub schedule: Option<Refused>,
    /// Why something may not be told through Herald now; absent when it may.
    pub tell: BTreeMap<Tell, Option<Refused>>,
    /// The day in the middle of a week before the start that suits amplification best.
    #[ts(type = "string")]
    pub amplify_on: NaiveDate,
}

/// A maintenance that the status page lists and the ledger does not know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Offer {
    /// The page's id of it.
    pub post: String,
    /// Its title.
    pub title: String,
    /// When it is to begin.
    pub starts_at: Time,
    /// When it is to end.
    pub ends_at: Time,
    /// Whether it has begun.
    pub active: bool,
}

/// Why something cannot be done, with the next step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Refused {
    /// What stands in the way.
    pub refusal: Refusal,
    /// The same in words.
    pub why: String,
}

impl Refused {
    fn of(result: Result<(), Refusal>) -> Option<Self> {
        result.err().map(|refusal| Self { refusal, why: refusal.message().to_owned() })
    }
}

/// Something on its way to the status page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Sending {
    /// What is told; absent while it is being scheduled.
    pub tell: Option<Tell>,
    /// The answer was lost; the page is being read.
    pub reading_back: bool,
}

/// The ledger at `now`.
#[must_use]
pub fn ledger(state: &State, now: Time) -> LedgerView {
    let mut contacts: Vec<ContactCard> = state.contacts.iter().map(|(id, it)| contact(*id, it)).collect();
    contacts.sort_by_key(|card| (card.contact.handled(), card.contact.asked_at, card.id));
    let mut maintenances: Vec<MaintenanceCard> =
        state.maintenances.iter().map(|(id, it)| maintenance(state, *id, it, now)).collect();
    maintenances.sort_by_key(|card| (card.stage, card.it.plan.starts_at, card.id));
    let rules = &state.playbook.maintenance;
    LedgerView {
        contacts,
        maintenances,
        offers: offers(state),
        kept: state.kept.clone(),
        zone: named(state.session.zone),
        shut: Refused::of(errand::may_run(state, SourceName::StatusPage, DutyOf::Ledger, now)),
        page: service(state),
        flexible: flexible(state),
        dashboard: dashboard(state),
        contact_help: places::place(state, "contact_request"),
        amplify_channel: rules.amplify_channel.clone(),
        remind_min: rules.remind_min.iter().rev().copied().collect(),
        update_every_min: rules.update_every_min,
    }
}

fn contact(id: ContactId, it: &Contact) -> ContactCard {
    let mut past: Vec<(ContactState, Time)> = it.earlier.iter().map(|was| (was.state, was.state_at)).collect();
    past.dedup();
    past.retain(|step| *step != (it.state, it.state_at));
    ContactCard { id, past, undo: !it.earlier.is_empty(), contact: Contact { earlier: vec![], ..it.clone() } }
}

fn maintenance(state: &State, id: MaintenanceId, it: &Maintenance, now: Time) -> MaintenanceCard {
    let reminder = remind::current(it, &state.playbook.maintenance, now);
    let key = |one: &Reminder| AlarmKey::Maintenance { maintenance: id, at: one.at };
    let told = [Tell::Start, Tell::Update, Tell::Finish];
    MaintenanceCard {
        id,
        it: it.clone(),
        stage: it.stage(),
        alarm: reminder.and_then(|one| alarm_view(state, &key(&one), now)),
        reminder,
        next_reminder_at: remind::next_at(it, &state.playbook.maintenance, now),
        moved_to: offer::moved_to(state, it),
        sending: sending(state, id),
        schedule: Refused::of(allowed(state, &LedgerWish::Schedule { id }, now)),
        tell: told.into_iter().map(|tell| (tell, Refused::of(tells(state, id, tell, now)))).collect(),
        amplify_on: mid_week_before(it.plan.starts_at.date_naive()),
    }
}

fn offers(state: &State) -> Vec<Offer> {
    let offer = |seen: &MaintenanceSeen| {
        let (starts_at, ends_at) = (seen.starts_at?, seen.ends_at?);
        Some(Offer { post: seen.id.clone(), title: seen.title.clone(), starts_at, ends_at, active: seen.active })
    };
    let mut offers: Vec<Offer> = offer::offered(state).filter_map(offer).collect();
    offers.sort_by(|one, other| (one.starts_at, &one.post).cmp(&(other.starts_at, &other.post)));
    offers
}

fn sending(state: &State, id: MaintenanceId) -> Option<Sending> {
    let errand = state.errands.values().find(|it| it.task.maintenance() == Some(id))?;
    let tell = match &errand.task {
        ErrandTask::TellMaintenance { tell, .. } => Some(*tell),
        ErrandTask::ScheduleMaintenance { .. } | ErrandTask::LabelIssue { .. } | ErrandTask::FileHandover { .. } => {
            None
        }
    };
    Some(Sending { tell, reading_back: matches!(errand.stage, ErrandStage::Unsure { .. }) })
}

/// The zone's name; UTC has several, and the window shows no second clock beside any of them.
fn named(zone: chrono_tz::Tz) -> String {
    let name = zone.name();
    let utc = ["UTC", "UCT", "Universal", "Zulu"].iter().any(|it| name.ends_with(it));
    if utc { "UTC".to_owned() } else { name.to_owned() }
}

/// The last Wednesday before a day (H64).
fn mid_week_before(day: NaiveDate) -> NaiveDate {
    let back = (day.weekday().num_days_from_monday() + 7 - Weekday::Wed.num_days_from_monday()) % 7;
    day.checked_sub_days(Days::new(if back == 0 { 7 } else { back.into() })).unwrap_or(day)
}

#[cfg(test)]
mod tests;
