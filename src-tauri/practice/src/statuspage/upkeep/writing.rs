//! Statuspage's writes of maintenance.
//!
//! Source: Statuspage API reference, operation postPagesPageIdIncidents, its `scheduled_…` fields. Ours: automation at
//! both ends or at neither.

use serde_json::Value;

use crate::public::Call;
use crate::stage::Stage;

use super::super::reading::wire;
use super::super::refusal::Refusal;
use super::super::rest::Outcome;
use super::super::writing::{BODY_CHARS_MAX, Fields, NAME_CHARS_MAX, invalid};
use super::{DELIVERS, REMINDS, Upkeep, UpkeepMessage, UpkeepState};

/// Tells whether this plans a maintenance: only then it has times, or such a word for its status.
pub(in crate::statuspage) fn is_planned(fields: &Fields) -> bool {
    let word = fields.0.get("status").and_then(Value::as_str);
    fields.0.contains_key("scheduled_for") || word.is_some_and(|word| UpkeepState::of_word(word).is_some())
}

pub(in crate::statuspage) fn schedule(stage: &mut Stage, call: &Call, fields: &Fields) -> Outcome {
    let missing = |name: &str| Refusal::invalid(&[format!("{name} can't be blank")]);
    let title = fields.text("name", NAME_CHARS_MAX)?.filter(|name| !name.is_empty()).ok_or_else(|| missing("Name"))?;
    let upkeep = Upkeep {
        id: stage.statuspage.next_id(),
        title,
        scheduled_at: call.now,
        starts_at: fields.time("scheduled_for")?.ok_or_else(|| missing("Scheduled for"))?,
        ends_at: fields.time("scheduled_until")?.ok_or_else(|| missing("Scheduled until"))?,
        automation: false,
        reminders: [(REMINDS.to_owned(), false)].into(),
        places: Vec::new(),
        by_hand: UpkeepState::Pending,
        messages: Vec::new(),
    };
    let changed = changed(stage, call, upkeep, fields)?;
    let id = changed.id.clone();
    stage.statuspage.board.upkeeps.push(changed);
    stage.statuspage.publish(call.now);
    Ok((201, written(stage, call, &id)?))
}

pub(in crate::statuspage) fn change(stage: &mut Stage, call: &Call, id: &str, fields: &Fields) -> Outcome {
    let place = stage.statuspage.board.upkeep(id).ok_or_else(Refusal::not_found)?;
    let before = stage.statuspage.board.upkeeps[place].clone();
    stage.statuspage.board.upkeeps[place] = changed(stage, call, before, fields)?;
    stage.statuspage.publish(call.now);
    Ok((200, written(stage, call, id)?))
}

pub(in crate::statuspage) fn delete(stage: &mut Stage, call: &Call, id: &str) -> Outcome {
    let body = written(stage, call, id)?;
    stage.statuspage.delete_maintenance(id, call.now).map_err(|_| Refusal::not_found())?;
    Ok((200, body))
}

/// Reads everything before anything is changed; what is left out stays.
fn changed(stage: &mut Stage, call: &Call, mut it: Upkeep, fields: &Fields) -> Result<Upkeep, Refusal> {
    let state = match fields.text("status", NAME_CHARS_MAX)? {
        None => it.state(call.now),
        Some(word) => UpkeepState::of_word(&word).ok_or_else(|| invalid("Status"))?,
    };
    let body = fields.text("body", BODY_CHARS_MAX)?.filter(|body| !body.is_empty());
    let delivers = fields.flag(DELIVERS)?.unwrap_or(true);
    let ends = [fields.flag("scheduled_auto_in_progress")?, fields.flag("scheduled_auto_completed")?];
    if ends[0] != ends[1] {
        return Err(Refusal::invalid(&["This world plays automation at both ends, or at neither".to_owned()]));
    }
    it.title = fields.text("name", NAME_CHARS_MAX)?.unwrap_or(it.title);
    it.starts_at = fields.time("scheduled_for")?.unwrap_or(it.starts_at);
    it.ends_at = fields.time("scheduled_until")?.unwrap_or(it.ends_at);
    if it.ends_at <= it.starts_at {
        return Err(Refusal::invalid(&["Scheduled until must be after scheduled for".to_owned()]));
    }
    it.places = fields.attached(&stage.statuspage.board)?.unwrap_or(it.places);
    it.automation = ends[0].unwrap_or(it.automation);
    if let Some(reminds) = fields.flag(REMINDS)? {
        it.reminders.insert(REMINDS.to_owned(), reminds);
    }
    for (place, status) in fields.statuses(&stage.statuspage.board)? {
        let component = &mut stage.statuspage.board.components[place];
        (component.status, component.updated_at) = (status, call.now);
    }
    if body.is_some() || state != it.state(call.now) || it.messages.is_empty() {
        it.messages.push(UpkeepMessage {
            id: stage.statuspage.next_id(),
            at: call.now,
            details: body.unwrap_or_default(),
            state,
            flags: [(DELIVERS.to_owned(), delivers)].into(),
        });
    }
    it.by_hand = state;
    Ok(it)
}

fn written(stage: &Stage, call: &Call, id: &str) -> Result<Value, Refusal> {
    let board = &stage.statuspage.board;
    let place = board.upkeep(id).ok_or_else(Refusal::not_found)?;
    Ok(wire(stage, board).upkeep(&board.upkeeps[place], call.now))
}
