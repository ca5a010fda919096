//! Status.io's JSON of maintenance.

use serde_json::{Value, json};

use super::super::board::Time;
use super::super::wire::{Wire, stamp};
use super::{Upkeep, UpkeepMessage, UpkeepState};

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
        let components: Vec<Value> =
            places.into_iter().map(|place| self.component(place, &self.board.components[place])).collect();
        let containers: Vec<Value> = it
            .places
            .iter()
            .map(|pair| {
                let container = self.container(*pair);
                json!({"_id": container.id, "name": container.name, "location": null})
            })
            .collect();
        let messages: Vec<Value> = it.messages.iter().map(|told| self.upkeep_message(it, told)).collect();
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
            "containers_affected": containers,
            "messages": messages,
        })
    }

    /// Source: statusio-go, `MaintenanceResponse.Messages` and `MaintenanceMessageResponse`.
    pub(in crate::statusio) fn upkeep_message(&self, it: &Upkeep, told: &UpkeepMessage) -> Value {
        let mut components: Vec<&str> =
            it.places.iter().map(|pair| self.board.components[pair.0].id.as_str()).collect();
        components.dedup();
        let containers: Vec<&str> = it.places.iter().map(|pair| self.container(*pair).id.as_str()).collect();
        json!({
            "__v": 0,
            "_id": told.id,
            "details": told.details,
            "state": told.state.code(),
            "status": 200,
            "datetime": stamp(told.at),
            "ip": "192.0.2.17",
            "components": components,
            "containers": containers,
            "maintenance": it.id,
            "statuspage": self.page.id,
        })
    }
}
