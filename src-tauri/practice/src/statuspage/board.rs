//! The rules of an Atlassian Statuspage: how incidents begin, go on and end, and what that does to components.
//!
//! Source: Statuspage API reference, schemas Incident and IncidentUpdate (`impact` follows the components unless it is
//! overridden); recorded answers, faros-ai/airbyte-connectors, test resources of `statuspage`.

use std::collections::VecDeque;

use chrono::{DateTime, Utc};
use serde_json::{Map, Value};

use crate::cast::Cast;
use crate::pagerduty::Via;
use crate::public::{History, PublicComponent, PublicIncident, PublicResolve, PublicState, PublicStatus, PublicUpdate};
use crate::stage::ActError;

use super::cast::letters;
use super::postmortem::Postmortem;
use super::upkeep::Upkeep;
use super::view::StatuspageIncident;

pub(super) type Time = DateTime<Utc>;

/// A page, with what the public sees of it. It reads no clock.
#[derive(Debug)]
pub(crate) struct StatuspageSite {
    pub(super) board: Board,
    pub(crate) history: History<Board>,
    /// When requests of the last minute came.
    pub(super) requests: VecDeque<Time>,
    /// How many ids were given.
    ids: u32,
}

/// What a page says.
#[derive(Debug, Clone)]
pub(crate) struct Board {
    pub(super) components: Vec<Component>,
    /// Oldest first.
    pub(super) incidents: Vec<Incident>,
    /// Maintenance, oldest first.
    pub(super) upkeeps: Vec<Upkeep>,
    pub(super) updated_at: Time,
}

#[derive(Debug, Clone)]
pub(super) struct Component {
    pub(super) key: String,
    pub(super) id: String,
    pub(super) name: String,
    pub(super) description: String,
    /// Id of its group.
    pub(super) group: Option<String>,
    pub(super) status: PublicStatus,
    pub(super) updated_at: Time,
}

#[derive(Debug, Clone)]
pub(super) struct Incident {
    pub(super) id: String,
    /// Its name within the scenario.
    pub(super) name: Option<String>,
    pub(super) title: String,
    pub(super) state: PublicState,
    pub(super) impact: Impact,
    pub(super) impact_override: Option<Impact>,
    /// Places of the attached components.
    pub(super) attached: Vec<usize>,
    pub(super) metadata: Map<String, Value>,
    pub(super) created_at: Time,
    pub(super) updated_at: Time,
    pub(super) monitoring_at: Option<Time>,
    pub(super) resolved_at: Option<Time>,
    /// Oldest first; never empty.
    pub(super) updates: Vec<Update>,
    /// What was learned from it.
    pub(super) postmortem: Option<Postmortem>,
}

#[derive(Debug, Clone)]
pub(super) struct Update {
    pub(super) id: String,
    pub(super) state: PublicState,
    pub(super) body: String,
    pub(super) created_at: Time,
    pub(super) updated_at: Time,
    pub(super) display_at: Time,
    /// Places of attached components, what they were and what they became.
    pub(super) affected: Vec<(usize, PublicStatus, PublicStatus)>,
    pub(super) deliver_notifications: bool,
    pub(super) wants_twitter_update: bool,
    pub(super) by: usize,
    pub(super) via: Via,
}

/// How bad an incident is, from least to worst.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Impact {
    #[default]
    None,
    Maintenance,
    Minor,
    Major,
    Critical,
}

impl Impact {
    pub(super) fn word(self) -> &'static str {
        match self {
            Impact::None => "none",
            Impact::Maintenance => "maintenance",
            Impact::Minor => "minor",
            Impact::Major => "major",
            Impact::Critical => "critical",
        }
    }

    pub(super) fn of_word(word: &str) -> Option<Self> {
        let all = [Impact::None, Impact::Maintenance, Impact::Minor, Impact::Major, Impact::Critical];
        all.into_iter().find(|impact| impact.word() == word)
    }

    pub(super) fn of_status(status: PublicStatus) -> Self {
        match status {
            PublicStatus::Operational => Impact::None,
            PublicStatus::Maintenance => Impact::Maintenance,
            PublicStatus::Degraded => Impact::Minor,
            PublicStatus::Partial => Impact::Major,
            PublicStatus::Disruption | PublicStatus::Security => Impact::Critical,
        }
    }
}

/// What changes about an incident; what is left out stays.
#[derive(Debug, Clone, Default)]
pub(super) struct Change {
    pub(super) title: Option<String>,
    pub(super) state: Option<PublicState>,
    pub(super) body: Option<String>,
    pub(super) impact_override: Option<Option<Impact>>,
    /// Which components are attached from now on.
    pub(super) attached: Option<Vec<usize>>,
    /// New statuses of components, attached or not.
    pub(super) statuses: Vec<(usize, PublicStatus)>,
    pub(super) deliver_notifications: bool,
    pub(super) metadata: Option<Map<String, Value>>,
}

/// Who changes it, through what, and when.
#[derive(Debug, Clone, Copy)]
pub(super) struct Posting {
    pub(super) by: usize,
    pub(super) via: Via,
    pub(super) at: Time,
}

impl StatuspageSite {
    pub(crate) fn new(cast: &Cast, speed: f64, start: Time) -> Self {
        let page = &cast.statuspage;
        let group_id = |key: &str| page.groups.iter().find(|group| group.key == key).map(|group| group.id.clone());
        let components = page.components.iter().map(|component| Component {
            key: component.key.clone(),
            id: component.id.clone(),
            name: component.name.clone(),
            description: component.description.clone(),
            group: component.group.as_deref().and_then(group_id),
            status: PublicStatus::Operational,
            updated_at: start,
        });
        let board =
            Board { components: components.collect(), incidents: Vec::new(), upkeeps: Vec::new(), updated_at: start };
        let history = History::new(&board, start, page.public_lag, speed);
        StatuspageSite { board, history, requests: VecDeque::new(), ids: 0 }
    }

    /// Lists the incidents, oldest first.
    pub(crate) fn incidents(&self, cast: &Cast) -> Vec<StatuspageIncident> {
        self.board.incidents.iter().map(|incident| StatuspageIncident::of(incident, &self.board, cast)).collect()
    }

    /// Lists the components.
    pub(crate) fn components(&self) -> Vec<PublicComponent> {
        let components = self.board.components.iter();
        components
            .map(|component| PublicComponent {
                key: component.key.clone(),
                id: component.id.clone(),
                name: component.name.clone(),
                status: component.status,
            })
            .collect()
    }

    /// Somebody else opens an incident.
    pub(crate) fn act_open(&mut self, act: &PublicIncident, cast: &Cast, now: Time) -> String {
        let status = act.status.unwrap_or(PublicStatus::Degraded);
        let places = act.components.iter().filter_map(|key| self.board.place_of_key(key));
        let attached: Vec<usize> = places.collect();
        let change = Change {
            title: Some(act.title.clone()),
            state: Some(act.state),
            body: Some(act.text.clone()),
            statuses: attached.iter().map(|place| (*place, status)).collect(),
            attached: Some(attached),
            deliver_notifications: true,
            ..Change::default()
        };
        self.open(act.incident.clone(), change, by_act(cast, &act.by, now))
    }

    /// Somebody else posts on an incident.
    pub(crate) fn act_post(&mut self, act: &PublicUpdate, cast: &Cast, now: Time) -> Result<String, ActError> {
        let place = self.named(&act.incident)?;
        self.act_change(place, act.state, &act.text, act.status, by_act(cast, &act.by, now))
    }

    /// Somebody else resolves an incident.
    pub(crate) fn act_resolve(&mut self, act: &PublicResolve, cast: &Cast, now: Time) -> Result<String, ActError> {
        let place = self.named(&act.incident)?;
        let status = (!act.leave_components).then_some(PublicStatus::Operational);
        self.act_change(place, Some(PublicState::Resolved), &act.text, status, by_act(cast, &act.by, now))
    }

    fn act_change(
        &mut self,
        place: usize,
        state: Option<PublicState>,
        text: &str,
        status: Option<PublicStatus>,
        posting: Posting,
    ) -> Result<String, ActError> {
        let attached = self.board.incidents[place].attached.iter();
        let statuses = status.map(|status| attached.map(|place| (*place, status)).collect());
        let change = Change {
            state,
            body: Some(text.to_owned()),
            statuses: statuses.unwrap_or_default(),
            deliver_notifications: true,
            ..Change::default()
        };
        self.change(place, change, posting);
        Ok(self.board.incidents[place].id.clone())
    }

    /// Opens an incident and gives its id.
    pub(super) fn open(&mut self, name: Option<String>, change: Change, posting: Posting) -> String {
        let id = self.next_id();
        self.board.incidents.push(Incident {
            id: id.clone(),
            name,
            title: String::new(),
            state: PublicState::Investigating,
            impact: Impact::None,
            impact_override: None,
            attached: Vec::new(),
            metadata: Map::new(),
            created_at: posting.at,
            updated_at: posting.at,
            monitoring_at: None,
            resolved_at: None,
            updates: Vec::new(),
            postmortem: None,
        });
        let state = change.state.unwrap_or_default();
        self.change(self.board.incidents.len() - 1, Change { state: Some(state), ..change }, posting);
        id
    }

    /// Changes an incident. A body or another state make an update of it.
    pub(super) fn change(&mut self, place: usize, change: Change, posting: Posting) {
        let id = self.next_id();
        let at = posting.at;
        let incident = &mut self.board.incidents[place];
        if let Some(title) = change.title {
            incident.title = title;
        }
        if let Some(attached) = change.attached {
            incident.attached = attached;
        }
        if let Some(metadata) = change.metadata {
            incident.metadata = metadata;
        }
        if let Some(impact) = change.impact_override {
            incident.impact_override = impact;
        }
        let before: Vec<PublicStatus> = self.board.components.iter().map(|component| component.status).collect();
        for (component, status) in change.statuses {
            let component = &mut self.board.components[component];
            (component.status, component.updated_at) = (status, at);
        }
        let now_is = |place: &usize| self.board.components[*place].status;
        let worst = incident.attached.iter().map(now_is).max().unwrap_or_default();
        incident.impact = incident.impact.max(Impact::of_status(worst));
        let state = change.state.unwrap_or(incident.state);
        if change.body.is_some() || state != incident.state || incident.updates.is_empty() {
            let affected = incident.attached.iter().map(|place| (*place, before[*place], now_is(place)));
            incident.updates.push(Update {
                id,
                state,
                body: change.body.unwrap_or_default(),
                created_at: at,
                updated_at: at,
                display_at: at,
                affected: affected.collect(),
                deliver_notifications: change.deliver_notifications,
                wants_twitter_update: false,
                by: posting.by,
                via: posting.via,
            });
        }
        incident.state = state;
        match state {
            PublicState::Monitoring => incident.monitoring_at = incident.monitoring_at.or(Some(at)),
            PublicState::Resolved => incident.resolved_at = incident.resolved_at.or(Some(at)),
            PublicState::Investigating | PublicState::Identified => incident.resolved_at = None,
        }
        incident.updated_at = at;
        self.publish(at);
    }

    /// Publishes what was changed by hand.
    pub(super) fn publish(&mut self, now: Time) {
        self.board.updated_at = now;
        self.history.publish(&self.board, now);
    }

    fn named(&self, wanted: &str) -> Result<usize, ActError> {
        let incidents = &self.board.incidents;
        let found = match wanted {
            "last" => incidents.len().checked_sub(1),
            name => incidents.iter().rposition(|each| each.name.as_deref() == Some(name) || each.id == name),
        };
        found.ok_or_else(|| ActError::NoIncident(wanted.to_owned()))
    }

    pub(super) fn next_id(&mut self) -> String {
        self.ids += 1;
        letters(&format!("id/{}", self.ids))
    }
}

impl Board {
    /// Finds a component by its id.
    pub(super) fn component(&self, id: &str) -> Option<usize> {
        self.components.iter().position(|component| component.id == id)
    }

    /// Finds an incident by its id.
    pub(super) fn find(&self, id: &str) -> Option<usize> {
        self.incidents.iter().position(|incident| incident.id == id)
    }

    fn place_of_key(&self, key: &str) -> Option<usize> {
        self.components.iter().position(|component| component.key == key)
    }
}

impl Incident {
    pub(super) fn is_open(&self) -> bool {
        self.state != PublicState::Resolved
    }

    pub(super) fn impact(&self) -> Impact {
        self.impact_override.unwrap_or(self.impact)
    }
}

fn by_act(cast: &Cast, key: &str, at: Time) -> Posting {
    Posting { by: cast.user_index(key).unwrap_or_default(), via: Via::Act, at }
}
