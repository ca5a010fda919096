//! Status.io's JSON of maintenance.

use serde_json::{Value, json};

use super::super::board::Time;
use super::super::wire::{Wire, stamp};
use super::{Upkeep, UpkeepState};

impl Wire<'_> {
    /// Gives the maintenance that stands there, newest first.
    pub(in crate::statusio) fn upkeeps(&self, state: UpkeepState, now: Time) -> Vec<Value> {
        self.board.upkeeps.iter().rev().filter(|it| it.state(now) == state).map(|it| self.upkeep(it)).collect()
    }

    pub(in crate::statusio) fn upkeep_ids(&self, state: UpkeepState, now: Time) -> Vec<&str> {
        self.board.upkeeps.iter().rev().filter(|it| it.state(now) == state).map(|it| it.id.as_str()).collect()
    }

    /// Gives one, whatever its state.
    pub(in crate::statusio) fn upkeep(&self, it: &Upkeep) -> Value {
        let mut places: Vec<usize> = it.places.iter().map(|pair| pair.0).collect();
        places.dedup();
        let components: Vec<Value> = places
            .into_iter()
            .map(|place| {
                let component = &self.board.components[place];
                json!({"_id": component.id, "name": component.name})
            })
            .collect();
        let messages: Vec<Value> = it
            .messages
            .iter()
            .map(|message| {
                json!({
                    "_id": message.id,
                    "details": message.details,
                    "state": message.state.code(),
                    "status": 200,
                    "datetime": stamp(message.at),
                    "ip": "192.0.2.17",
                    "maintenance": it.id,
                    "statuspage": self.page.id,
                })
            })
            .collect();
        json!({
            "__v": it.messages.len() - 1,
            "_id": it.id,
            "name": it.title,
            "kind": "maintenance",
            "datetime_open": stamp(it.scheduled_at),
            "datetime_planned_start": stamp(it.starts_at),
            "datetime_planned_end": stamp(it.ends_at),
            "automation": it.automation,
            "statuspage": self.page.id,
            "components_affected": components,
            "messages": messages,
        })
    }
}
