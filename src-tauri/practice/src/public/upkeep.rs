//! Planned maintenance on either kind of status page: what begins and ends by itself, and what takes a hand.
//!
//! Source: statusio-go (codes of states) and Statuspage API reference (their words).

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::stage::ActError;

/// A planned maintenance of components at such places.
#[derive(Debug, Clone)]
pub(crate) struct Upkeep<Place> {
    pub(crate) id: String,
    pub(crate) title: String,
    pub(crate) scheduled_at: DateTime<Utc>,
    pub(crate) starts_at: DateTime<Utc>,
    pub(crate) ends_at: DateTime<Utc>,
    pub(crate) automation: bool,
    /// When subscribers are e-mailed by the page, by the page's own names.
    pub(crate) reminders: BTreeMap<String, bool>,
    pub(crate) places: Vec<Place>,
    /// How far it was brought by hand.
    pub(crate) by_hand: UpkeepState,
    /// Oldest first; never empty.
    pub(crate) messages: Vec<UpkeepMessage>,
}

/// Something that was told of a maintenance.
#[derive(Debug, Clone)]
pub(crate) struct UpkeepMessage {
    pub(crate) id: String,
    pub(crate) at: DateTime<Utc>,
    pub(crate) details: String,
    pub(crate) state: UpkeepState,
    /// Who was told, by the page's own names.
    pub(crate) flags: BTreeMap<String, bool>,
}

/// Where a maintenance stands, from first to last.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UpkeepState {
    /// To come.
    #[default]
    Pending,
    /// Under way.
    Active,
    /// Done and being looked at. Status.io has no such thing.
    Verifying,
    /// Over.
    Closed,
}

impl UpkeepState {
    /// Gives Status.io's number.
    pub(crate) fn code(self) -> u16 {
        match self {
            UpkeepState::Pending => 100,
            UpkeepState::Active | UpkeepState::Verifying => 200,
            UpkeepState::Closed => 300,
        }
    }

    /// Gives Statuspage's word.
    pub(crate) fn word(self) -> &'static str {
        match self {
            UpkeepState::Pending => "scheduled",
            UpkeepState::Active => "in_progress",
            UpkeepState::Verifying => "verifying",
            UpkeepState::Closed => "completed",
        }
    }

    pub(crate) fn of_word(word: &str) -> Option<Self> {
        let all = [UpkeepState::Pending, UpkeepState::Active, UpkeepState::Verifying, UpkeepState::Closed];
        all.into_iter().find(|state| state.word() == word)
    }

    /// Tells whether it is under way.
    pub(crate) fn is_active(self) -> bool {
        matches!(self, UpkeepState::Active | UpkeepState::Verifying)
    }
}

/// A maintenance as tests see it, whether the public sees it already or not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MaintenanceState {
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
    /// Keys of the components it is about.
    pub components: Vec<String>,
    /// When subscribers are e-mailed by the page, by the page's own names.
    pub reminders: BTreeMap<String, bool>,
    /// What was told, oldest first, each with who was told.
    pub messages: Vec<(String, BTreeMap<String, bool>)>,
}

impl<Place> Upkeep<Place> {
    /// With automation it is at least where its plan says; what was done by hand stays done.
    pub(crate) fn state(&self, now: DateTime<Utc>) -> UpkeepState {
        let planned = match (self.automation, now) {
            (true, now) if self.ends_at <= now => UpkeepState::Closed,
            (true, now) if self.starts_at <= now => UpkeepState::Active,
            (true | false, _) => UpkeepState::Pending,
        };
        planned.max(self.by_hand)
    }

    /// What has begun by itself stays begun.
    fn automation_off(&mut self, now: DateTime<Utc>) {
        self.by_hand = self.state(now);
        self.automation = false;
    }

    pub(crate) fn shown(&self, components: Vec<String>, now: DateTime<Utc>) -> MaintenanceState {
        MaintenanceState {
            id: self.id.clone(),
            title: self.title.clone(),
            starts_at: self.starts_at,
            ends_at: self.ends_at,
            automation: self.automation,
            state: self.state(now),
            components,
            reminders: self.reminders.clone(),
            messages: self.messages.iter().map(|told| (told.details.clone(), told.flags.clone())).collect(),
        }
    }
}

/// Turns the automation of one off, as a dashboard can; gives its id.
pub(crate) fn automation_off<Place>(
    all: &mut [Upkeep<Place>],
    wanted: &str,
    now: DateTime<Utc>,
) -> Result<String, ActError> {
    let place = named(all, wanted)?;
    all[place].automation_off(now);
    Ok(all[place].id.clone())
}

/// Takes one away for good; gives its id.
pub(crate) fn delete<Place>(all: &mut Vec<Upkeep<Place>>, wanted: &str) -> Result<String, ActError> {
    let place = named(all, wanted)?;
    Ok(all.remove(place).id)
}

fn named<Place>(all: &[Upkeep<Place>], wanted: &str) -> Result<usize, ActError> {
    let found = match wanted {
        "last" => all.len().checked_sub(1),
        name => all.iter().rposition(|it| it.id == name || it.title == name),
    };
    found.ok_or_else(|| ActError::NoMaintenance(wanted.to_owned()))
}
