//! Maintenance on a Status.io page: what is planned, what begins and ends by itself, and what takes a hand.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::public::PublicStatus;

use super::board::{StatusIo, Time};

pub(super) mod wire;
pub(super) mod writing;

/// A planned maintenance.
#[derive(Debug, Clone)]
pub(super) struct Upkeep {
    pub(super) id: String,
    pub(super) title: String,
    pub(super) scheduled_at: Time,
    pub(super) starts_at: Time,
    pub(super) ends_at: Time,
    pub(super) automation: bool,
    pub(super) all_infrastructure: bool,
    /// When subscribers are e-mailed: `now`, `1_hr`, …
    pub(super) reminders: BTreeMap<String, bool>,
    /// Places of components and of their containers.
    pub(super) pairs: Vec<(usize, usize)>,
    /// When it was started and finished by hand.
    pub(super) started_at: Option<Time>,
    pub(super) finished_at: Option<Time>,
    /// Oldest first; never empty.
    pub(super) messages: Vec<UpkeepMessage>,
}

/// Something that was told of a maintenance.
#[derive(Debug, Clone)]
pub(super) struct UpkeepMessage {
    pub(super) id: String,
    pub(super) at: Time,
    pub(super) details: String,
    pub(super) state: UpkeepState,
    pub(super) flags: BTreeMap<String, bool>,
}

/// Where a maintenance stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UpkeepState {
    /// To come.
    Pending,
    /// Under way.
    Active,
    /// Over.
    Closed,
}

impl UpkeepState {
    pub(super) fn code(self) -> u16 {
        match self {
            UpkeepState::Pending => 100,
            UpkeepState::Active => 200,
            UpkeepState::Closed => 300,
        }
    }
}

impl Upkeep {
    /// With automation the clock alone says where it stands; without, only what was done by hand.
    pub(super) fn state(&self, now: Time) -> UpkeepState {
        let begun = self.started_at.is_some() || (self.automation && self.starts_at <= now);
        let over = self.finished_at.is_some() || (self.automation && self.ends_at <= now);
        match (over, begun) {
            (true, _) => UpkeepState::Closed,
            (false, true) => UpkeepState::Active,
            (false, false) => UpkeepState::Pending,
        }
    }
}

/// A maintenance as tests see it, whether the public sees it already or not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatusIoMaintenance {
    /// Its id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// When it is to begin.
    pub starts_at: DateTime<Utc>,
    /// When it is to end.
    pub ends_at: DateTime<Utc>,
    /// Whether it begins and ends by itself.
    pub automation: bool,
    /// Where it stands.
    pub state: UpkeepState,
    /// Whether everything was ticked.
    pub all_infrastructure_affected: bool,
    /// Keys of the components it is about.
    pub components: Vec<String>,
    /// When subscribers are e-mailed by the page.
    pub reminders: BTreeMap<String, bool>,
    /// What was told, oldest first, each with who was told.
    pub messages: Vec<(String, BTreeMap<String, bool>)>,
}

impl StatusIo {
    /// Lists the maintenance, oldest first.
    pub(crate) fn maintenances(&self, now: Time) -> Vec<StatusIoMaintenance> {
        let keys = |it: &Upkeep| {
            let mut keys: Vec<String> = it.pairs.iter().map(|pair| self.board.components[pair.0].key.clone()).collect();
            keys.dedup();
            keys
        };
        let all = self.board.upkeeps.iter().map(|it| StatusIoMaintenance {
            id: it.id.clone(),
            title: it.title.clone(),
            starts_at: it.starts_at,
            ends_at: it.ends_at,
            automation: it.automation,
            state: it.state(now),
            all_infrastructure_affected: it.all_infrastructure,
            components: keys(it),
            reminders: it.reminders.clone(),
            messages: it.messages.iter().map(|message| (message.details.clone(), message.flags.clone())).collect(),
        });
        all.collect()
    }

    /// Somebody turns the automation of a maintenance off, on the dashboard; whether there is such a one. What has
    /// begun by itself stays begun.
    pub(crate) fn automation_off(&mut self, id: &str, now: Time) -> bool {
        let Some(it) = self.board.upkeeps.iter_mut().find(|it| it.id == id && it.automation) else { return false };
        let state = it.state(now);
        it.started_at = (state != UpkeepState::Pending).then_some(it.starts_at);
        it.finished_at = (state == UpkeepState::Closed).then_some(it.ends_at);
        it.automation = false;
        self.history.publish(&self.board, now);
        true
    }

    /// Takes a maintenance away for good, as the dashboard and the API can.
    pub(crate) fn delete_maintenance(&mut self, id: &str, now: Time) -> bool {
        let before = self.board.upkeeps.len();
        self.board.upkeeps.retain(|it| it.id != id);
        self.history.publish(&self.board, now);
        self.board.upkeeps.len() < before
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
        match state {
            UpkeepState::Pending => {}
            UpkeepState::Active => it.started_at = it.started_at.or(Some(at)),
            UpkeepState::Closed => it.finished_at = Some(at),
        }
        it.messages.push(message);
        let status = match state {
            UpkeepState::Active => PublicStatus::Maintenance,
            UpkeepState::Pending | UpkeepState::Closed => PublicStatus::Operational,
        };
        if before != state {
            for (component, container) in it.pairs.clone() {
                self.board.components[component].containers[container].set(status, at);
            }
        }
        self.history.publish(&self.board, at);
    }
}
