//! Statuspage's writes.
//!
//! Source: Statuspage API reference, operations postPagesPageIdIncidents, patchPagesPageIdIncidentsIncidentId,
//! patchPagesPageIdComponentsComponentId: names of fields and lengths. Guess: the texts of refusals.

use chrono::{DateTime, Utc};
use serde_json::{Map, Value};

use crate::pagerduty::Via;
use crate::public::{Call, PublicState, PublicStatus};
use crate::stage::Stage;
use crate::when::When;

use super::board::{Board, Change, Impact, Posting};
use super::reading::wire;
use super::refusal::Refusal;
use super::rest::Outcome;
use super::upkeep;

/// Statuspage's own numbers.
pub(super) const NAME_CHARS_MAX: usize = 255;
pub(super) const BODY_CHARS_MAX: usize = 25_000;

pub(super) fn create(stage: &mut Stage, call: &Call) -> Outcome {
    let fields = Fields::read(call, "incident")?;
    if upkeep::writing::is_planned(&fields) {
        return upkeep::writing::schedule(stage, call, &fields);
    }
    let change = fields.change(&stage.statuspage.board)?;
    if change.title.is_none() {
        return Err(Refusal::invalid(&["Name can't be blank".to_owned()]));
    }
    noticed(stage, &change, call);
    let posting = by_api(stage, call);
    let id = stage.statuspage.open(None, change, posting);
    Ok((201, written(stage, &id)?))
}

pub(super) fn change(stage: &mut Stage, call: &Call, id: &str) -> Outcome {
    let fields = Fields::read(call, "incident")?;
    if stage.statuspage.board.upkeep(id).is_some() {
        return upkeep::writing::change(stage, call, id, &fields);
    }
    let place = stage.statuspage.board.find(id).ok_or_else(Refusal::not_found)?;
    let change = fields.change(&stage.statuspage.board)?;
    noticed(stage, &change, call);
    let posting = by_api(stage, call);
    stage.statuspage.change(place, change, posting);
    Ok((200, written(stage, id)?))
}

pub(super) fn delete(stage: &mut Stage, call: &Call, id: &str) -> Outcome {
    if stage.statuspage.board.upkeep(id).is_some() {
        return upkeep::writing::delete(stage, call, id);
    }
    let body = written(stage, id)?;
    stage.statuspage.board.incidents.retain(|incident| incident.id != id);
    stage.statuspage.publish(call.now);
    Ok((200, body))
}

/// Changes an update that is already out.
pub(super) fn edit(stage: &mut Stage, call: &Call, id: &str, update: &str) -> Outcome {
    let place = stage.statuspage.board.find(id).ok_or_else(Refusal::not_found)?;
    let fields = Fields::read(call, "incident_update")?;
    let body = fields.text("body", BODY_CHARS_MAX)?;
    let tweet = fields.flag("wants_twitter_update")?;
    let display_at = fields.time("display_at")?;
    let incident = &mut stage.statuspage.board.incidents[place];
    let update = incident.updates.iter_mut().find(|each| each.id == update).ok_or_else(Refusal::not_found)?;
    update.body = body.unwrap_or_else(|| update.body.clone());
    update.wants_twitter_update = tweet.unwrap_or(update.wants_twitter_update);
    update.display_at = display_at.unwrap_or(update.display_at);
    update.updated_at = call.now;
    incident.updated_at = call.now;
    let update = update.clone();
    stage.statuspage.publish(call.now);
    let board = &stage.statuspage.board;
    Ok((200, wire(stage, board).update(&board.incidents[place], &update)))
}

pub(super) fn component(stage: &mut Stage, call: &Call, id: &str) -> Outcome {
    let place = stage.statuspage.board.component(id).ok_or_else(Refusal::not_found)?;
    let fields = Fields::read(call, "component")?;
    if let Some(word) = fields.0.get("status") {
        let component = &mut stage.statuspage.board.components[place];
        (component.status, component.updated_at) = (status(word)?, call.now);
        stage.statuspage.publish(call.now);
    }
    let board = &stage.statuspage.board;
    Ok((200, wire(stage, board).component(place)))
}

/// What a body holds.
pub(super) struct Fields(pub(super) Map<String, Value>);

impl Fields {
    /// Reads the object that a body holds.
    pub(super) fn read(call: &Call, name: &str) -> Result<Self, Refusal> {
        let mut body: Map<String, Value> = serde_json::from_slice(call.body).map_err(|_| Refusal::unreadable())?;
        match body.remove(name) {
            Some(Value::Object(fields)) => Ok(Fields(fields)),
            _ => Err(Refusal::invalid(&[format!("{name} is missing")])),
        }
    }

    fn change(&self, board: &Board) -> Result<Change, Refusal> {
        let state = match self.text("status", NAME_CHARS_MAX)? {
            None => None,
            Some(word) => Some(PublicState::of_word(&word).ok_or_else(|| invalid("Status"))?),
        };
        let impact_override = match self.0.get("impact_override") {
            None => None,
            Some(Value::Null) => Some(None),
            Some(word) => {
                Some(Some(word.as_str().and_then(Impact::of_word).ok_or_else(|| invalid("Impact override"))?))
            }
        };
        let title = self.text("name", NAME_CHARS_MAX)?;
        if title.as_deref() == Some("") {
            return Err(Refusal::invalid(&["Name can't be blank".to_owned()]));
        }
        Ok(Change {
            title,
            state,
            body: self.text("body", BODY_CHARS_MAX)?.filter(|body| !body.is_empty()),
            impact_override,
            attached: self.attached(board)?,
            statuses: self.statuses(board)?,
            deliver_notifications: self.flag("deliver_notifications")?.unwrap_or(true),
            metadata: self.metadata()?,
        })
    }

    /// Reads a text; its length counts characters.
    pub(super) fn text(&self, name: &str, chars_max: usize) -> Result<Option<String>, Refusal> {
        match self.0.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) if text.chars().count() > chars_max => {
                Err(Refusal::invalid(&[format!("{name} is too long (maximum is {chars_max} characters)")]))
            }
            Some(Value::String(text)) => Ok(Some(text.clone())),
            Some(_) => Err(invalid(name)),
        }
    }

    pub(super) fn flag(&self, name: &str) -> Result<Option<bool>, Refusal> {
        match self.0.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(value) => value.as_bool().map(Some).ok_or_else(|| invalid(name)),
        }
    }

    pub(super) fn time(&self, name: &str) -> Result<Option<DateTime<Utc>>, Refusal> {
        let Some(text) = self.text(name, NAME_CHARS_MAX)? else {
            return Ok(None);
        };
        let time = DateTime::parse_from_rfc3339(&text).map_err(|_| invalid(name))?;
        Ok(Some(time.with_timezone(&Utc)))
    }

    pub(super) fn attached(&self, board: &Board) -> Result<Option<Vec<usize>>, Refusal> {
        let Some(ids) = self.0.get("component_ids") else {
            return Ok(None);
        };
        let ids = ids.as_array().ok_or_else(|| invalid("component_ids"))?;
        let places = ids.iter().map(|id| board.component(id.as_str()?));
        places.collect::<Option<Vec<usize>>>().map(Some).ok_or_else(|| invalid("component_ids"))
    }

    pub(super) fn statuses(&self, board: &Board) -> Result<Vec<(usize, PublicStatus)>, Refusal> {
        let Some(components) = self.0.get("components") else {
            return Ok(Vec::new());
        };
        let components = components.as_object().ok_or_else(|| invalid("components"))?;
        components
            .iter()
            .map(|(id, word)| Ok((board.component(id).ok_or_else(|| invalid("components"))?, status(word)?)))
            .collect()
    }

    /// Reads the metadata: an object of objects.
    fn metadata(&self) -> Result<Option<Map<String, Value>>, Refusal> {
        match self.0.get("metadata") {
            None => Ok(None),
            Some(Value::Object(fields)) if fields.values().all(Value::is_object) => Ok(Some(fields.clone())),
            Some(_) => Err(invalid("Metadata")),
        }
    }
}

fn status(word: &Value) -> Result<PublicStatus, Refusal> {
    match word.as_str() {
        // The empty word is one of theirs.
        Some("") => Ok(PublicStatus::Operational),
        Some(word) => PublicStatus::of_word(word).ok_or_else(|| invalid("Status")),
        None => Err(invalid("Status")),
    }
}

pub(super) fn invalid(name: &str) -> Refusal {
    Refusal::invalid(&[format!("{name} is invalid")])
}

fn written(stage: &Stage, id: &str) -> Result<Value, Refusal> {
    let board = &stage.statuspage.board;
    let place = board.find(id).ok_or_else(Refusal::not_found)?;
    Ok(wire(stage, board).incident(&board.incidents[place]))
}

/// Only what customers read is published.
fn noticed(stage: &mut Stage, change: &Change, call: &Call) {
    if let Some(body) = &change.body {
        let state = change.state.map_or("", PublicState::title);
        let text = [change.title.as_deref().unwrap_or_default(), state, body].join("\n");
        stage.happened(When::Published, &text, call.now);
    }
}

fn by_api(stage: &Stage, call: &Call) -> Posting {
    let me = stage.cast().user_index(&stage.cast().me).unwrap_or_default();
    Posting { by: me, via: Via::Api, at: call.now }
}
