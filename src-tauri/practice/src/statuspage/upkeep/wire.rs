//! Statuspage's JSON of maintenance.
//!
//! Source: Statuspage API reference, schema Incident, its `scheduled_…` fields.

use serde_json::{Value, json};

use super::super::board::Time;
use super::super::wire::Wire;
use super::{DELIVERS, REMINDS, Upkeep, UpkeepState};

impl Wire<'_> {
    /// Gives the maintenance that stands like this, newest first, as the public sees it.
    pub(in crate::statuspage) fn upkeeps(&self, fits: fn(UpkeepState) -> bool, now: Time) -> Vec<Value> {
        let all = self.board.upkeeps.iter().rev().filter(|it| fits(it.state(now)));
        all.map(|it| self.public_upkeep(it, now)).collect()
    }

    /// Gives one as those with a key see it.
    pub(in crate::statuspage) fn upkeep(&self, it: &Upkeep, now: Time) -> Value {
        let mut body = self.public_upkeep(it, now);
        body["scheduled_auto_in_progress"] = json!(it.automation);
        body["scheduled_auto_completed"] = json!(it.automation);
        body[REMINDS] = json!(it.reminders.get(REMINDS));
        body["metadata"] = json!({});
        body
    }

    fn public_upkeep(&self, it: &Upkeep, now: Time) -> Value {
        let components: Vec<Value> = it.places.iter().map(|place| self.component(*place)).collect();
        let updates = it.messages.iter().rev().map(|told| {
            json!({
                "id": told.id,
                "incident_id": it.id,
                "status": told.state.word(),
                "body": told.details,
                "created_at": self.stamp(told.at),
                "updated_at": self.stamp(told.at),
                "display_at": self.stamp(told.at),
                DELIVERS: told.flags.get(DELIVERS),
            })
        });
        let updates: Vec<Value> = updates.collect();
        let state = it.state(now);
        json!({
            "id": it.id,
            "name": it.title,
            "status": state.word(),
            "impact": "maintenance",
            "shortlink": self.incident_url(&it.id),
            "created_at": self.stamp(it.scheduled_at),
            "updated_at": self.stamp(it.messages.last().map_or(it.scheduled_at, |told| told.at)),
            "monitoring_at": null,
            "resolved_at": (state == UpkeepState::Closed).then(|| self.stamp(it.ends_at.min(now))),
            "scheduled_for": self.stamp(it.starts_at),
            "scheduled_until": self.stamp(it.ends_at),
            "page_id": self.page.id,
            "components": components,
            "incident_updates": updates,
        })
    }
}
