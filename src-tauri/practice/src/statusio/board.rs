//! The rules of a Status.io page: how incidents begin, go on and end, and what that does to components.
//!
//! Source: statusio-go, `IncidentResponse`; statusio-ruby, whose test of component updates notes that wrong ids are
//! answered with true. Guess: that components stay as they are where a resolve has no status.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use crate::cast::Cast;
use crate::pagerduty::Via;
use crate::public::{History, PublicComponent, PublicIncident, PublicResolve, PublicState, PublicStatus, PublicUpdate};
use crate::stage::ActError;

use super::cast::hex;
use super::subscribers::Subscriber;
use super::upkeep::Upkeep;
use super::view::StatusIoIncident;

pub(super) type Time = DateTime<Utc>;

/// A Status.io page, with what the public sees of it. It reads no clock.
#[derive(Debug)]
pub(crate) struct StatusIo {
    pub(super) board: Board,
    pub(crate) history: History<Board>,
    /// How many requests to the API are being answered right now.
    pub(crate) under_way: u32,
    /// When the last request was let through.
    pub(super) last_request: Option<Time>,
    pub(super) subscribers: Vec<Subscriber>,
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
}

#[derive(Debug, Clone)]
pub(super) struct Component {
    pub(super) key: String,
    pub(super) id: String,
    pub(super) name: String,
    pub(super) description: String,
    pub(super) containers: Vec<Container>,
}

#[derive(Debug, Clone)]
pub(super) struct Container {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) status: PublicStatus,
    pub(super) updated_at: Time,
}

#[derive(Debug, Clone)]
pub(super) struct Incident {
    pub(super) id: String,
    /// Its name within the scenario.
    pub(super) name: Option<String>,
    pub(super) title: String,
    pub(super) opened_at: Time,
    pub(super) resolved_at: Option<Time>,
    pub(super) all_infrastructure: bool,
    /// Places of components and of their containers.
    pub(super) pairs: Vec<(usize, usize)>,
    /// Oldest first; never empty.
    pub(super) messages: Vec<Message>,
}

#[derive(Debug, Clone)]
pub(super) struct Message {
    pub(super) id: String,
    pub(super) at: Time,
    pub(super) details: String,
    pub(super) state: PublicState,
    pub(super) status: PublicStatus,
    pub(super) subject: Option<String>,
    pub(super) flags: BTreeMap<String, bool>,
    pub(super) by: usize,
    pub(super) via: Via,
}

/// A message to be posted.
#[derive(Debug, Clone, Default)]
pub(super) struct Post {
    pub(super) details: String,
    pub(super) state: PublicState,
    /// What becomes of the components; they stay as they are if left out.
    pub(super) status: Option<PublicStatus>,
    pub(super) subject: Option<String>,
    pub(super) flags: BTreeMap<String, bool>,
}

/// Who posts, through what, and when.
#[derive(Debug, Clone, Copy)]
pub(super) struct Posting {
    pub(super) by: usize,
    pub(super) via: Via,
    pub(super) at: Time,
}

impl StatusIo {
    pub(crate) fn new(cast: &Cast, speed: f64, start: Time) -> Self {
        let page = &cast.statusio;
        let components = page.components.iter().map(|component| Component {
            key: component.key.clone(),
            id: component.id.clone(),
            name: component.name.clone(),
            description: component.description.clone(),
            containers: component
                .containers
                .iter()
                .map(|container| Container {
                    id: container.id.clone(),
                    name: container.name.clone(),
                    status: PublicStatus::Operational,
                    updated_at: start,
                })
                .collect(),
        });
        let board = Board { components: components.collect(), incidents: Vec::new(), upkeeps: Vec::new() };
        let history = History::new(&board, start, page.public_lag, speed);
        StatusIo { board, history, under_way: 0, last_request: None, subscribers: Vec::new(), ids: 0 }
    }

    /// Lists the incidents, oldest first.
    pub(crate) fn incidents(&self, cast: &Cast) -> Vec<StatusIoIncident> {
        self.board.incidents.iter().map(|incident| StatusIoIncident::of(incident, &self.board, cast)).collect()
    }

    /// Lists the components.
    pub(crate) fn components(&self) -> Vec<PublicComponent> {
        let components = self.board.components.iter();
        components
            .map(|component| PublicComponent {
                key: component.key.clone(),
                id: component.id.clone(),
                name: component.name.clone(),
                status: component.status(),
            })
            .collect()
    }

    /// Somebody else opens an incident.
    pub(crate) fn act_open(&mut self, act: &PublicIncident, cast: &Cast, now: Time) -> String {
        let status = act.status.unwrap_or(PublicStatus::Degraded);
        let post = Post { details: act.text.clone(), state: act.state, status: Some(status), ..Post::default() };
        let places = act.components.iter().filter_map(|key| self.board.place_of_key(key));
        let pairs = places.flat_map(|place| self.board.pairs_of(place)).collect();
        let incident = Opening { name: act.incident.clone(), title: act.title.clone(), all: false, pairs };
        self.open(incident, post, by_act(cast, &act.by, now))
    }

    /// Somebody else posts on an incident.
    pub(crate) fn act_post(&mut self, act: &PublicUpdate, cast: &Cast, now: Time) -> Result<String, ActError> {
        let place = self.named(&act.incident)?;
        let state = act.state.unwrap_or(self.board.incidents[place].last().state);
        let post = Post { details: act.text.clone(), state, status: act.status, ..Post::default() };
        self.post(place, post, by_act(cast, &act.by, now));
        Ok(self.board.incidents[place].id.clone())
    }

    /// Somebody else resolves an incident.
    pub(crate) fn act_resolve(&mut self, act: &PublicResolve, cast: &Cast, now: Time) -> Result<String, ActError> {
        let place = self.named(&act.incident)?;
        let status = (!act.leave_components).then_some(PublicStatus::Operational);
        let post = Post { details: act.text.clone(), state: PublicState::Resolved, status, ..Post::default() };
        self.post(place, post, by_act(cast, &act.by, now));
        Ok(self.board.incidents[place].id.clone())
    }

    /// Opens an incident and gives its id.
    pub(super) fn open(&mut self, opening: Opening, post: Post, posting: Posting) -> String {
        let id = self.next_id();
        self.board.incidents.push(Incident {
            id: id.clone(),
            name: opening.name,
            title: opening.title,
            opened_at: posting.at,
            resolved_at: None,
            all_infrastructure: opening.all,
            pairs: opening.pairs,
            messages: Vec::new(),
        });
        self.post(self.board.incidents.len() - 1, post, posting);
        id
    }

    /// Posts a message: all components of the incident get the one status, if it gives one.
    pub(super) fn post(&mut self, place: usize, post: Post, posting: Posting) {
        let id = self.next_id();
        let incident = &mut self.board.incidents[place];
        let before = incident.messages.last().map_or(PublicStatus::Operational, |message| message.status);
        incident.messages.push(Message {
            id,
            at: posting.at,
            details: post.details,
            state: post.state,
            status: post.status.unwrap_or(before),
            subject: post.subject,
            flags: post.flags,
            by: posting.by,
            via: posting.via,
        });
        if post.state == PublicState::Resolved {
            incident.resolved_at = Some(posting.at);
        }
        if let Some(status) = post.status {
            for (component, container) in incident.pairs.clone() {
                self.board.components[component].containers[container].set(status, posting.at);
            }
        }
        self.history.publish(&self.board, posting.at);
    }

    /// Takes an incident away for good.
    pub(super) fn delete(&mut self, place: usize, now: Time) {
        self.board.incidents.remove(place);
        self.history.publish(&self.board, now);
    }

    /// Sets the status of one container; one that does not exist changes nothing.
    pub(super) fn set_status(&mut self, component: &str, container: &str, status: PublicStatus, now: Time) {
        let pair = self.board.pair_of(component, container);
        if let Some((component, container)) = pair {
            self.board.components[component].containers[container].set(status, now);
            self.history.publish(&self.board, now);
        }
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
        hex(&format!("id/{}", self.ids))
    }
}

/// An incident to be opened.
#[derive(Debug, Clone, Default)]
pub(super) struct Opening {
    pub(super) name: Option<String>,
    pub(super) title: String,
    pub(super) all: bool,
    pub(super) pairs: Vec<(usize, usize)>,
}

impl Board {
    /// Gives all pairs of components and containers.
    pub(super) fn all_pairs(&self) -> Vec<(usize, usize)> {
        (0..self.components.len()).flat_map(|place| self.pairs_of(place)).collect()
    }

    /// Finds a pair by its ids.
    pub(super) fn pair_of(&self, component: &str, container: &str) -> Option<(usize, usize)> {
        let place = self.components.iter().position(|each| each.id == component)?;
        let inner = self.components[place].containers.iter().position(|each| each.id == container)?;
        Some((place, inner))
    }

    /// Finds an incident by its id.
    pub(super) fn find(&self, id: &str) -> Option<usize> {
        self.incidents.iter().position(|incident| incident.id == id)
    }

    fn place_of_key(&self, key: &str) -> Option<usize> {
        self.components.iter().position(|component| component.key == key)
    }

    fn pairs_of(&self, place: usize) -> Vec<(usize, usize)> {
        (0..self.components[place].containers.len()).map(|container| (place, container)).collect()
    }
}

impl Component {
    /// Gives the worst of its containers.
    pub(super) fn status(&self) -> PublicStatus {
        self.containers.iter().map(|container| container.status).max().unwrap_or_default()
    }
}

impl Container {
    pub(super) fn set(&mut self, status: PublicStatus, now: Time) {
        (self.status, self.updated_at) = (status, now);
    }
}

impl Incident {
    pub(super) fn is_active(&self) -> bool {
        self.resolved_at.is_none()
    }

    pub(super) fn last(&self) -> &Message {
        self.messages.last().expect("an incident begins with a message")
    }
}

fn by_act(cast: &Cast, key: &str, at: Time) -> Posting {
    Posting { by: cast.user_index(key).unwrap_or_default(), via: Via::Act, at }
}
