//! Status.io's writes. What a parameter must be is checked as strictly as it is there, and not more.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::pagerduty::Via;
use crate::public::{Call, PublicState, PublicStatus};
use crate::stage::Stage;
use crate::when::When;

use super::board::{Opening, Post, Posting};
use super::refusal::Refusal;
use super::rest::{Outcome, known};

/// Who is told; of these none may be left out.
///
/// Source: statusio-node, its test of the API expects an error without `notify_webhook` and `social`; statusio-go,
/// `Incident` and `MaintenanceControl`, which send exactly these also when they are empty.
const FLAGS_NEEDED: [&str; 4] = ["notify_email", "notify_sms", "notify_webhook", "social"];
/// Those that statusio-go leaves out when they are empty.
const FLAGS_OTHER: [&str; 3] = ["irc", "msteams", "slack"];

pub(super) fn create(stage: &mut Stage, call: &Call) -> Outcome {
    let fields = Fields::read(stage, call)?;
    let all = fields.flag("all_infrastructure_affected")?;
    let listed = fields.pairs(stage)?;
    let state = fields.state("current_state")?;
    if state == PublicState::Resolved {
        return Err(Refusal::invalid("current_state is not valid"));
    }
    let opening = Opening {
        name: None,
        title: fields.text("incident_name")?,
        all,
        pairs: if all { stage.statusio.board.all_pairs() } else { listed },
    };
    let post = Post { status: Some(fields.status(STATUS_OF_INCIDENT)?), state, ..fields.post()? };
    noticed(stage, &opening.title, &post, call);
    let id = stage.statusio.open(opening, post, by_api(stage, call));
    Ok(("OK", json!(id)))
}

/// Neither name nor infrastructure change, whatever is sent.
pub(super) fn update(stage: &mut Stage, call: &Call) -> Outcome {
    let fields = Fields::read(stage, call)?;
    let place = fields.active_incident(stage)?;
    let post = Post {
        status: Some(fields.status(STATUS_OF_INCIDENT)?),
        state: fields.state("current_state")?,
        ..fields.post()?
    };
    noticed(stage, "", &post, call);
    stage.statusio.post(place, post, by_api(stage, call));
    Ok(("OK", json!(true)))
}

/// Components stay as they are unless a status is sent too.
pub(super) fn resolve(stage: &mut Stage, call: &Call) -> Outcome {
    let fields = Fields::read(stage, call)?;
    let place = fields.active_incident(stage)?;
    let status = match fields.0.contains_key("current_status") {
        true => Some(fields.status(STATUS_OF_INCIDENT)?),
        false => None,
    };
    if fields.0.contains_key("current_state") {
        fields.state("current_state")?;
    }
    let post = Post { status, state: PublicState::Resolved, ..fields.post()? };
    noticed(stage, "", &post, call);
    stage.statusio.post(place, post, by_api(stage, call));
    Ok(("OK", json!(true)))
}

pub(super) fn delete(stage: &mut Stage, call: &Call) -> Outcome {
    let fields = Fields::read(stage, call)?;
    let place = fields.incident(stage)?;
    stage.statusio.delete(place, call.now);
    Ok(("Successfully deleted incident", json!(true)))
}

/// True also for components that do not exist.
pub(super) fn component(stage: &mut Stage, call: &Call) -> Outcome {
    let fields = Fields::read(stage, call)?;
    let (component, container) = (fields.text("component")?, fields.text("container")?);
    fields.text("details")?;
    let status = fields.status(true)?;
    stage.statusio.set_status(&component, &container, status, call.now);
    Ok(("OK", json!(true)))
}

/// Planned maintenance is no status of an incident.
const STATUS_OF_INCIDENT: bool = false;

pub(super) struct Fields(Map<String, Value>);

impl Fields {
    /// Reads the body and checks its page.
    pub(super) fn read(stage: &Stage, call: &Call) -> Result<Self, Refusal> {
        let fields = serde_json::from_slice(call.body).map_err(|_| Refusal::invalid("The body is not JSON"))?;
        let fields = Fields(fields);
        known(stage, &fields.text("statuspage_id")?)?;
        Ok(fields)
    }

    fn value(&self, name: &str) -> Result<&Value, Refusal> {
        self.0.get(name).ok_or_else(|| Refusal::invalid(&format!("{name} is required")))
    }

    pub(super) fn text(&self, name: &str) -> Result<String, Refusal> {
        match self.value(name)?.as_str() {
            Some("") => Err(Refusal::invalid(&format!("{name} is required"))),
            Some(text) => Ok(text.to_owned()),
            None => Err(Refusal::invalid(&format!("{name} must be a string"))),
        }
    }

    pub(super) fn flag(&self, name: &str) -> Result<bool, Refusal> {
        match self.text(name)?.as_str() {
            "1" => Ok(true),
            "0" => Ok(false),
            _ => Err(Refusal::invalid(&format!("{name} must be \"0\" or \"1\""))),
        }
    }

    fn number(&self, name: &str) -> Result<i64, Refusal> {
        self.value(name)?.as_i64().ok_or_else(|| Refusal::invalid(&format!("{name} must be a number")))
    }

    fn status(&self, may_be_maintenance: bool) -> Result<PublicStatus, Refusal> {
        let status = PublicStatus::of_code(self.number("current_status")?);
        let fits = |status: &PublicStatus| may_be_maintenance || *status != PublicStatus::Maintenance;
        status.filter(fits).ok_or_else(|| Refusal::invalid("current_status is not valid"))
    }

    fn state(&self, name: &str) -> Result<PublicState, Refusal> {
        let state = PublicState::of_code(self.number(name)?);
        state.ok_or_else(|| Refusal::invalid(&format!("{name} is not valid")))
    }

    /// Reads who is told.
    pub(super) fn flags(&self) -> Result<BTreeMap<String, bool>, Refusal> {
        let needed = FLAGS_NEEDED.iter().map(|name| Ok(((*name).to_owned(), self.flag(name)?)));
        let other = FLAGS_OTHER.iter().map(|name| {
            let given = self.0.contains_key(*name);
            Ok(((*name).to_owned(), given && self.flag(name)?))
        });
        needed.chain(other).collect()
    }

    /// Reads what all posts have; state and status are for the caller to put in.
    fn post(&self) -> Result<Post, Refusal> {
        let flags = self.flags();
        let subject = match self.0.contains_key("message_subject") {
            true => Some(self.text("message_subject")?),
            false => None,
        };
        Ok(Post { details: self.text("incident_details")?, flags: flags?, subject, ..Post::default() })
    }

    pub(super) fn pairs(&self, stage: &Stage) -> Result<Vec<(usize, usize)>, Refusal> {
        let refusal = || Refusal::invalid("infrastructure_affected is not valid");
        let list = self.value("infrastructure_affected")?.as_array().ok_or_else(refusal)?;
        list.iter()
            .map(|item| {
                let (component, container) = item.as_str()?.split_once('-')?;
                stage.statusio.board.pair_of(component, container)
            })
            .collect::<Option<Vec<_>>>()
            .ok_or_else(refusal)
    }

    fn incident(&self, stage: &Stage) -> Result<usize, Refusal> {
        let found = stage.statusio.board.find(&self.text("incident_id")?);
        found.ok_or_else(|| Refusal::invalid("Incident not found"))
    }

    fn active_incident(&self, stage: &Stage) -> Result<usize, Refusal> {
        let place = self.incident(stage)?;
        if !stage.statusio.board.incidents[place].is_active() {
            return Err(Refusal::invalid("Incident is not active"));
        }
        Ok(place)
    }
}

fn noticed(stage: &mut Stage, title: &str, post: &Post, call: &Call) {
    let text = [title, post.state.title(), &post.details].join("\n");
    stage.happened(When::Published, &text, call.now);
}

fn by_api(stage: &Stage, call: &Call) -> Posting {
    let me = stage.cast().user_index(&stage.cast().me).unwrap_or_default();
    Posting { by: me, via: Via::Api, at: call.now }
}
