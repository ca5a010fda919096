//! What the window needs of the team's rules.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::stages;
use crate::feed::StatusPage;
use crate::places;
use crate::state::State;

/// What the window needs of the team's rules.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct PlaybookView {
    /// Its name.
    pub name: String,
    /// Minutes to acknowledge (H21).
    pub target_min: u32,
    /// Minutes that quiet lasts.
    pub quiet_min: u32,
    /// Regions to choose from: name and base URL.
    pub regions: Vec<(String, String)>,
    /// The region offered first.
    pub default_region: String,
    /// Where it is told how to make a key.
    pub keys_help: Option<String>,
    /// Places to open: what each is called, and its address (H110).
    pub places: Vec<(String, String)>,
    /// What is typed to call a briefing when a note is not enough (H81); absent where there is none.
    pub briefing: Option<String>,
    /// The tracker that is offered first: base URL and project.
    pub tracker: (String, String),
    /// The status page that is offered first.
    pub status_page: StatusPage,
    /// The address of Zendesk that is offered first.
    pub zendesk_url: String,
    /// Minutes before an update is due at which the first alarm comes.
    pub lead_min: u32,
    /// Minutes of the monitoring period.
    pub monitoring_min: u32,
    /// The stages of the duty, and texts to look things up in.
    pub guide: stages::Guide,
    /// Ids of the schedules on which people only shadow, before the user's own word.
    pub shadow_schedules: Vec<String>,
}

pub(super) fn playbook(state: &State) -> PlaybookView {
    let rules = &state.playbook;
    PlaybookView {
        name: rules.name.clone(),
        target_min: rules.page.target_min,
        quiet_min: rules.page.quiet_min,
        regions: rules.pagerduty.regions.iter().map(|(name, url)| (name.clone(), url.clone())).collect(),
        default_region: rules.pagerduty.default_region.clone(),
        tracker: (rules.tracker.base_url.clone(), rules.tracker.project.clone()),
        status_page: rules.status_page.offer(),
        zendesk_url: rules.zendesk.base_url.clone(),
        lead_min: rules.updates.lead_min,
        monitoring_min: rules.updates.monitoring_min,
        shadow_schedules: rules.pagerduty.shadow_schedules.iter().cloned().collect(),
        guide: stages::Guide { stages: rules.stages.clone(), reference: rules.reference.clone() },
        places: places::all(state).into_iter().map(|(slot, url)| (named(&slot), url)).collect(),
        briefing: Some(rules.handover.briefing.clone()).filter(|it| !it.is_empty()),
        keys_help: places::place(state, "pagerduty_keys_help"),
    }
}

/// The name of a link slot, as people read it: `status_page_admin` is "Status page admin".
fn named(slot: &str) -> String {
    let words = slot.replace('_', " ");
    let mut letters = words.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}
