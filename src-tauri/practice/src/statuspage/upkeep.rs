//! Maintenance on a Statuspage: an incident with a plan, which may be changed at any time and takes a hand also while it
//! runs by itself.
//!
//! Source: Statuspage API reference, `scheduled_auto_in_progress` and `scheduled_auto_completed`.

use crate::public::PublicMaintenance;
use crate::public::upkeep::{self, MaintenanceState, UpkeepMessage, UpkeepState};
use crate::stage::ActError;

use super::board::{Board, StatuspageSite, Time};

pub(super) mod wire;
pub(super) mod writing;

/// A maintenance at places of components.
pub(super) type Upkeep = upkeep::Upkeep<usize>;

/// The switches that mail subscribers: of the plan before its start, and of each thing that is told.
const REMINDS: &str = "scheduled_remind_prior";
const DELIVERS: &str = "deliver_notifications";

impl StatuspageSite {
    /// Lists the maintenance, oldest first.
    pub(crate) fn maintenances(&self, now: Time) -> Vec<MaintenanceState> {
        let key = |place: &usize| self.board.components[*place].key.clone();
        self.board.upkeeps.iter().map(|it| it.shown(it.places.iter().map(key).collect(), now)).collect()
    }

    /// Somebody schedules a maintenance on the dashboard.
    pub(crate) fn act_plan(&mut self, act: &PublicMaintenance, speed: f64, now: Time) -> String {
        let all = self.board.components.iter().enumerate().filter(|(_, it)| act.components.contains(&it.key));
        let places = all.map(|(place, _)| place).collect();
        let (starts_at, ends_at) = act.times(speed, now);
        let message = UpkeepMessage {
            id: self.next_id(),
            at: now,
            details: act.text.clone(),
            state: UpkeepState::Pending,
            flags: [(DELIVERS.to_owned(), true)].into(),
        };
        let upkeep = Upkeep {
            id: self.next_id(),
            title: act.title.clone(),
            scheduled_at: now,
            starts_at,
            ends_at,
            automation: act.automation,
            reminders: [(REMINDS.to_owned(), true)].into(),
            places,
            by_hand: UpkeepState::Pending,
            messages: vec![message],
        };
        let id = upkeep.id.clone();
        self.board.upkeeps.push(upkeep);
        self.publish(now);
        id
    }

    /// Somebody turns the automation of a maintenance off, on the dashboard.
    pub(crate) fn automation_off(&mut self, wanted: &str, now: Time) -> Result<String, ActError> {
        let done = upkeep::automation_off(&mut self.board.upkeeps, wanted, now);
        self.publish(now);
        done
    }

    /// Takes a maintenance away for good, as the dashboard and the API can.
    pub(crate) fn delete_maintenance(&mut self, wanted: &str, now: Time) -> Result<String, ActError> {
        let done = upkeep::delete(&mut self.board.upkeeps, wanted);
        self.publish(now);
        done
    }
}

impl Board {
    /// Finds a maintenance by its id.
    pub(super) fn upkeep(&self, id: &str) -> Option<usize> {
        self.upkeeps.iter().position(|it| it.id == id)
    }
}
