//! Status.io's writes of maintenance, with what it refuses: dates of other lands, and a hand where automation rules.
//!
//! Source: statusio-go, its test of `MaintenanceSchedule`: month, day and year, hours and minutes; `Maintenance` and
//! `MaintenanceControl` for what is sent. Guess: the texts of refusals.

use std::collections::BTreeMap;

use chrono::{NaiveDate, NaiveTime};
use serde_json::json;

use crate::public::Call;
use crate::stage::Stage;

use super::super::board::Time;
use super::super::refusal::Refusal;
use super::super::rest::Outcome;
use super::super::writing::Fields;
use super::{REMINDERS, Upkeep, UpkeepMessage, UpkeepState};

pub(in crate::statusio) fn schedule(stage: &mut Stage, call: &Call) -> Outcome {
    let fields = Fields::read(stage, call)?;
    let all = fields.flag("all_infrastructure_affected")?;
    let listed = fields.pairs(stage)?;
    let (starts_at, ends_at) = (moment(&fields, "start")?, moment(&fields, "end")?);
    if ends_at <= starts_at {
        return Err(Refusal::invalid("The planned end must be after the planned start"));
    }
    // None may be left out.
    let reminders: Result<BTreeMap<String, bool>, Refusal> = REMINDERS
        .iter()
        .map(|name| Ok(((*name).to_owned(), fields.flag(&format!("maintenance_notify_{name}"))?)))
        .collect();
    let message = UpkeepMessage {
        id: stage.statusio.next_id(),
        at: call.now,
        details: fields.text("maintenance_details")?,
        state: UpkeepState::Pending,
        flags: BTreeMap::new(),
    };
    let upkeep = Upkeep {
        id: stage.statusio.next_id(),
        title: fields.text("maintenance_name")?,
        scheduled_at: call.now,
        starts_at,
        ends_at,
        automation: fields.flag("automation")?,
        reminders: reminders?,
        places: if all { stage.statusio.board.all_pairs() } else { listed },
        by_hand: UpkeepState::Pending,
        messages: vec![message],
    };
    let id = stage.statusio.plan(upkeep, call.now);
    Ok(("OK", json!(id)))
}

/// Starts, updates or finishes one. What runs by itself is refused until its automation is off.
pub(in crate::statusio) fn tell(stage: &mut Stage, call: &Call, what: &str) -> Outcome {
    let fields = Fields::read(stage, call)?;
    let id = fields.text("maintenance_id")?;
    let place = stage.statusio.board.upkeeps.iter().position(|it| it.id == id);
    let place = place.ok_or_else(|| Refusal::invalid("Maintenance not found"))?;
    let it = &stage.statusio.board.upkeeps[place];
    if it.automation {
        return Err(Refusal::invalid("Maintenance automation is enabled"));
    }
    let state = match (what, it.state(call.now)) {
        ("start", UpkeepState::Pending) => UpkeepState::Active,
        ("update", state @ (UpkeepState::Pending | UpkeepState::Active)) => state,
        ("finish", UpkeepState::Active) => UpkeepState::Closed,
        (_, UpkeepState::Pending | UpkeepState::Active | UpkeepState::Verifying | UpkeepState::Closed) => {
            return Err(Refusal::invalid("Maintenance is not in a state for this"));
        }
    };
    let flags = fields.flags();
    let details = fields.text("maintenance_details")?;
    let message = UpkeepMessage { id: stage.statusio.next_id(), at: call.now, details, state, flags: flags? };
    stage.statusio.tell(place, message);
    Ok(("OK", json!(true)))
}

pub(in crate::statusio) fn delete(stage: &mut Stage, call: &Call) -> Outcome {
    let fields = Fields::read(stage, call)?;
    let id = fields.text("maintenance_id")?;
    match stage.statusio.delete_maintenance(&id, call.now) {
        Ok(_) => Ok(("Successfully deleted maintenance", json!(true))),
        Err(_) => Err(Refusal::invalid("Maintenance not found")),
    }
}

/// Reads a date with its month first and a time of 24 hours, both in full.
fn moment(fields: &Fields, which: &str) -> Result<Time, Refusal> {
    let read = |kind: &str, length: usize| -> Result<String, Refusal> {
        let name = format!("{kind}_planned_{which}");
        let text = fields.text(&name)?;
        if text.len() == length { Ok(text) } else { Err(Refusal::invalid(&format!("{name} is not valid"))) }
    };
    let (date, time) = (read("date", 10)?, read("time", 5)?);
    let invalid = |kind: &str| Refusal::invalid(&format!("{kind}_planned_{which} is not valid"));
    let date = NaiveDate::parse_from_str(&date, "%m/%d/%Y").map_err(|_| invalid("date"))?;
    let time = NaiveTime::parse_from_str(&time, "%H:%M").map_err(|_| invalid("time"))?;
    Ok(date.and_time(time).and_utc())
}
