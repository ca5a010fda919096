//! Status.io's JSON of maintenance: dates month first and in UTC, flags as strings, components one by one
//! (services.md 3.4).

use chrono::TimeDelta;
use herald_core::draft::Broadcast;
use herald_core::feed::MaintenanceSeen;
use herald_core::ledger::{MaintenanceStage, Plan};
use herald_core::text::same_text;
use herald_core::{Time, text};
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use crate::lenient::{clean_text, code, id, item, lenient, lenient_list, time};
use crate::status_page::Told;
use crate::statusio::wire::{Pairs, Part, affected, flag};

/// Most maintenance that is kept.
const SEEN_MAX: usize = 100;

/// What reading a list saw.
pub(super) struct Looked {
    /// The one that was looked for.
    pub found: Option<String>,
    /// All that were there.
    pub ids: Vec<String>,
}

#[derive(Deserialize)]
struct Lists {
    active: Vec<Box<RawValue>>,
    upcoming: Vec<Box<RawValue>>,
}

#[derive(Deserialize)]
struct One {
    #[serde(rename = "_id")]
    id: String,
    #[serde(default, deserialize_with = "lenient")]
    name: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    datetime_planned_start: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    datetime_planned_end: Option<String>,
    #[serde(default, deserialize_with = "lenient_list")]
    components_affected: Vec<Part>,
    #[serde(default, deserialize_with = "lenient_list")]
    containers_affected: Vec<Part>,
    #[serde(default, deserialize_with = "lenient_list")]
    messages: Vec<Box<RawValue>>,
}

#[derive(Deserialize)]
struct Message {
    #[serde(default, deserialize_with = "lenient")]
    state: Option<Value>,
    #[serde(default, deserialize_with = "lenient")]
    details: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    datetime: Option<String>,
}

/// The body that schedules a maintenance. The page e-mails its reminders at all of its times, or not at all.
pub(super) fn schedule(page_id: &str, plan: &Plan) -> Value {
    let mut body = json!({
        "statuspage_id": page_id,
        "maintenance_name": plan.title,
        "maintenance_details": plan.details,
        "infrastructure_affected": plan.components,
        "all_infrastructure_affected": "0",
        "date_planned_start": date(plan.starts_at),
        "time_planned_start": minute(plan.starts_at),
        "date_planned_end": date(plan.ends_at),
        "time_planned_end": minute(plan.ends_at),
        "automation": flagged(plan.automation),
    });
    for when in ["now", "1_hr", "24_hr", "72_hr"] {
        body[format!("maintenance_notify_{when}")] = json!(flagged(plan.reminds));
    }
    body
}

/// The call that tells something, and its body. The subject is left to the page's default.
pub(super) fn tell(page_id: &str, told: &Told<'_>) -> (String, Value) {
    let mut body = json!({"statuspage_id": page_id, "maintenance_id": told.post, "maintenance_details": told.text});
    for channel in Broadcast::ALL {
        body[flag(channel)] = json!(flagged(!told.muted.contains(&channel)));
    }
    (format!("/maintenance/{}", told.tell.key()), body)
}

fn flagged(on: bool) -> &'static str {
    if on { "1" } else { "0" }
}

fn date(at: Time) -> String {
    at.format("%m/%d/%Y").to_string()
}

fn minute(at: Time) -> String {
    at.format("%H:%M").to_string()
}

/// What the public feed says of maintenance, and whether all of it could be read.
pub(in crate::statusio) fn seen(raw: &RawValue, pairs: &Pairs) -> Option<(Vec<MaintenanceSeen>, bool)> {
    let lists: Lists = item(raw)?;
    let (active, upcoming) =
        (lists.active.iter().map(|raw| (raw, true)), lists.upcoming.iter().map(|raw| (raw, false)));
    let all: Vec<Option<MaintenanceSeen>> =
        active.chain(upcoming).map(|(raw, active)| one(raw, active, pairs)).collect();
    let complete = all.iter().all(Option::is_some) && all.len() <= SEEN_MAX;
    Some((all.into_iter().flatten().take(SEEN_MAX).collect(), complete))
}

fn one(raw: &RawValue, active: bool, pairs: &Pairs) -> Option<MaintenanceSeen> {
    let it: One = item(raw)?;
    let messages = it.messages.iter().filter_map(|raw| item::<Message>(raw));
    let first = messages.min_by_key(|message| time(message.datetime.as_deref()));
    Some(MaintenanceSeen {
        id: id(&it.id)?,
        title: text::title(it.name.as_deref().unwrap_or_default()),
        starts_at: time(it.datetime_planned_start.as_deref()),
        ends_at: time(it.datetime_planned_end.as_deref()),
        text: clean_text(first.and_then(|it| it.details).as_deref().unwrap_or_default()),
        components: affected(&it.components_affected, &it.containers_affected, pairs),
        active,
    })
}

/// Looks for a plan in a list. `None` when something there cannot be read, so that nothing is certain.
pub(super) fn look(raw: &RawValue, plan: &Plan) -> Option<Looked> {
    let mut looked = Looked { found: None, ids: vec![] };
    let mut unclear = false;
    for raw in item::<Vec<Box<RawValue>>>(raw)? {
        let it: One = item(&raw)?;
        let id = id(&it.id)?;
        if same_text(it.name.as_deref().unwrap_or_default(), &plan.title) {
            match time(it.datetime_planned_start.as_deref()) {
                Some(at) if (at - plan.starts_at).abs() < TimeDelta::minutes(1) => looked.found = Some(id.clone()),
                Some(_) => {}
                None => unclear = true,
            }
        }
        looked.ids.push(id);
    }
    (looked.found.is_some() || !unclear).then_some(looked)
}

/// Where a maintenance stands now by its newest message, if its number is known (services.md 3.1).
pub(super) fn stage(raw: &RawValue) -> Option<MaintenanceStage> {
    let it: One = item::<One>(raw).or_else(|| item::<Vec<One>>(raw)?.pop())?;
    let messages = it.messages.iter().filter_map(|raw| item::<Message>(raw));
    let newest = messages.max_by_key(|message| time(message.datetime.as_deref()))?;
    match code(newest.state.as_ref())? {
        100 => Some(MaintenanceStage::Upcoming),
        200 => Some(MaintenanceStage::Active),
        300 => Some(MaintenanceStage::Over),
        _ => None,
    }
}

/// Whether a maintenance has this message, from then on. It comes alone, or as a list of one.
pub(super) fn was_told(raw: &RawValue, text: &str, earliest: Time) -> Option<bool> {
    let it: One = item::<One>(raw).or_else(|| item::<Vec<One>>(raw)?.pop())?;
    let messages: Vec<Message> = it.messages.iter().map(|raw| item(raw)).collect::<Option<_>>()?;
    let is_it = |message: &Message| {
        let same = same_text(message.details.as_deref().unwrap_or_default(), text);
        same && time(message.datetime.as_deref()).is_none_or(|at| at >= earliest)
    };
    Some(messages.iter().any(is_it))
}

#[cfg(test)]
mod tests;
