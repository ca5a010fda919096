//! Maintenance on a Status.io page. What runs by itself takes no hand, and automation that is off stays off.
//!
//! Source: Status.io's knowledge base, "Maintenance automation": what is automated takes no hand until its automation
//! is off.

use crate::public::upkeep::{self, MaintenanceState, UpkeepMessage, UpkeepState};
use crate::public::{PublicMaintenance, PublicStatus};
use crate::stage::ActError;

use super::board::{StatusIo, Time};

pub(super) mod wire;
pub(super) mod writing;

/// A maintenance at places of components and of their containers.
pub(super) type Upkeep = upkeep::Upkeep<(usize, usize)>;

/// When subscribers may be e-mailed.
const REMINDERS: [&str; 4] = ["now", "1_hr", "24_hr", "72_hr"];

impl StatusIo {
    /// Lists the maintenance, oldest first.
    pub(crate) fn maintenances(&self, now: Time) -> Vec<MaintenanceState> {
        let keys = |it: &Upkeep| {
            let mut keys: Vec<String> =
                it.places.iter().map(|pair| self.board.components[pair.0].key.clone()).collect();
            keys.dedup();
            keys
        };
        self.board.upkeeps.iter().map(|it| it.shown(keys(it), now)).collect()
    }

    /// Somebody schedules a maintenance on the dashboard.
    pub(crate) fn act_plan(&mut self, act: &PublicMaintenance, speed: f64, now: Time) -> String {
        let components = &self.board.components;
        let all = components.iter().enumerate().filter(|(_, it)| act.components.contains(&it.key));
        let places = all.flat_map(|(place, it)| (0..it.containers.len()).map(move |container| (place, container)));
        let places = places.collect();
        let (starts_at, ends_at) = act.times(speed, now);
        let message = UpkeepMessage {
            id: self.next_id(),
            at: now,
            details: act.text.clone(),
            state: UpkeepState::Pending,
            flags: [].into(),
        };
        let upkeep = Upkeep {
            id: self.next_id(),
            title: act.title.clone(),
            scheduled_at: now,
            starts_at,
            ends_at,
            automation: act.automation,
            reminders: REMINDERS.iter().map(|name| ((*name).to_owned(), true)).collect(),
            places,
            by_hand: UpkeepState::Pending,
            messages: vec![message],
        };
        self.plan(upkeep, now)
    }

    /// Somebody turns the automation of a maintenance off, on the dashboard: for good.
    pub(crate) fn automation_off(&mut self, wanted: &str, now: Time) -> Result<String, ActError> {
        let done = upkeep::automation_off(&mut self.board.upkeeps, wanted, now);
        self.history.publish(&self.board, now);
        done
    }

    /// Takes a maintenance away for good, as the dashboard and the API can.
    pub(crate) fn delete_maintenance(&mut self, wanted: &str, now: Time) -> Result<String, ActError> {
        let done = upkeep::delete(&mut self.board.upkeeps, wanted);
        self.history.publish(&self.board, now);
        done
    }

    fn plan(&mut self, upkeep: Upkeep, now: Time) -> String {
        let id = upkeep.id.clone();
        self.board.upkeeps.push(upkeep);
        self.history.publish(&self.board, now);
        id
    }

    /// Tells something of a maintenance; starting and finishing set its components.
    fn tell(&mut self, place: usize, message: UpkeepMessage) {
        let (state, at) = (message.state, message.at);
        let it = &mut self.board.upkeeps[place];
        let before = it.state(at);
        it.by_hand = before.max(state);
        it.messages.push(message);
        let status = if state.is_active() { PublicStatus::Maintenance } else { PublicStatus::Operational };
        if before != state {
            for (component, container) in it.places.clone() {
                self.board.components[component].containers[container].set(status, at);
            }
        }
        self.history.publish(&self.board, at);
    }
}
