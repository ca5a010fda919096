//! What was learned from an incident, as a Statuspage keeps it: a draft, and what of it is published.

use serde_json::{Value, json};

use crate::public::Call;
use crate::stage::Stage;

use super::board::{Incident, Time};
use super::refusal::Refusal;
use super::rest::Outcome;
use super::wire::Wire;
use super::writing::{BODY_CHARS_MAX, Fields};

/// A post-mortem.
#[derive(Debug, Clone)]
pub(super) struct Postmortem {
    draft: String,
    draft_at: Time,
    /// What the public reads, and since when.
    pub(super) published: Option<(String, Time)>,
    created_at: Time,
    notify_subscribers: bool,
}

/// `GET …/postmortem`; 404 as long as there is none.
///
/// Source: Statuspage API reference, operation getPagesPageIdIncidentsIncidentIdPostmortem.
pub(super) fn get(stage: &Stage, id: &str) -> Outcome {
    let board = &stage.statuspage.board;
    let incident = &board.incidents[board.find(id).ok_or_else(Refusal::not_found)?];
    let postmortem = incident.postmortem.as_ref().ok_or_else(Refusal::not_found)?;
    Ok((200, shown(&super::reading::wire(stage, board), incident, postmortem)))
}

/// `PUT …/postmortem`: writes the draft.
///
/// Source: Statuspage API reference, operation putPagesPageIdIncidentsIncidentIdPostmortem: `body_draft` is required.
pub(super) fn draft(stage: &mut Stage, call: &Call, id: &str) -> Outcome {
    let place = stage.statuspage.board.find(id).ok_or_else(Refusal::not_found)?;
    let draft = Fields::read(call, "postmortem")?.text("body_draft", BODY_CHARS_MAX)?;
    let draft = draft.ok_or_else(|| Refusal::invalid(&["body_draft is missing".to_owned()]))?;
    let incident = &mut stage.statuspage.board.incidents[place];
    let before = incident.postmortem.take();
    incident.postmortem = Some(Postmortem {
        draft,
        draft_at: call.now,
        published: before.as_ref().and_then(|it| it.published.clone()),
        created_at: before.as_ref().map_or(call.now, |it| it.created_at),
        notify_subscribers: before.is_some_and(|it| it.notify_subscribers),
    });
    get(stage, id)
}

/// `PUT …/postmortem/publish`: the draft becomes what the public reads.
pub(super) fn publish(stage: &mut Stage, call: &Call, id: &str) -> Outcome {
    let place = stage.statuspage.board.find(id).ok_or_else(Refusal::not_found)?;
    let notify = Fields::read(call, "postmortem")?.flag("notify_subscribers")?.unwrap_or(false);
    let postmortem = stage.statuspage.board.incidents[place].postmortem.as_mut().ok_or_else(Refusal::not_found)?;
    postmortem.published = Some((postmortem.draft.clone(), call.now));
    postmortem.notify_subscribers = notify;
    stage.statuspage.publish(call.now);
    get(stage, id)
}

/// `PUT …/postmortem/revert`: what was published is a draft again.
pub(super) fn revert(stage: &mut Stage, call: &Call, id: &str) -> Outcome {
    let place = stage.statuspage.board.find(id).ok_or_else(Refusal::not_found)?;
    let postmortem = stage.statuspage.board.incidents[place].postmortem.as_mut().ok_or_else(Refusal::not_found)?;
    postmortem.published = None;
    stage.statuspage.publish(call.now);
    get(stage, id)
}

/// `DELETE …/postmortem`: 204 without a body.
pub(super) fn delete(stage: &mut Stage, call: &Call, id: &str) -> Outcome {
    let place = stage.statuspage.board.find(id).ok_or_else(Refusal::not_found)?;
    stage.statuspage.board.incidents[place].postmortem.take().ok_or_else(Refusal::not_found)?;
    stage.statuspage.publish(call.now);
    Ok((204, Value::Null))
}

/// Source: Statuspage API reference, schema Postmortem.
fn shown(wire: &Wire, incident: &Incident, it: &Postmortem) -> Value {
    let mut shown = json!({
        "preview_key": incident.id,
        "body": "",
        "body_draft": it.draft,
        "body_draft_updated_at": wire.stamp(it.draft_at),
        "notify_subscribers": it.notify_subscribers,
        "notify_twitter": false,
        "custom_tweet": "",
        "created_at": wire.stamp(it.created_at),
        "updated_at": wire.stamp(it.draft_at),
    });
    // The schema has no null for what is not published yet.
    if let Some((body, at)) = &it.published {
        shown["body"] = json!(body);
        shown["body_updated_at"] = json!(wire.stamp(*at));
        shown["published_at"] = json!(wire.stamp(*at));
    }
    shown
}
