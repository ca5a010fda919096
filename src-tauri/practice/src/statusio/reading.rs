//! What can be read of a Status.io page: by those with keys at once, by the public when it is shown.

use serde_json::{Value, json};

use crate::markup::{cdata, markup};
use crate::public::{self, Call, UpkeepState};
use crate::reply::Reply;
use crate::stage::Stage;

use super::board::Board;
use super::refusal::Refusal;
use super::rest::Outcome;
use super::wire::Wire;

/// The real number is not published: a reader goes on until a page is empty.
const INCIDENTS_PER_PAGE: usize = 20;

/// Lists something of the page.
pub(super) fn list(stage: &Stage, call: &Call, path: &[&str]) -> Outcome {
    let board = board(stage, call);
    let wire = wire(stage, board);
    let result = match path {
        ["component", "list"] => wire.components(),
        ["status", "summary"] => wire.summary(false, call.now),
        ["incidents"] => {
            json!({"active_incidents": wire.ids(true), "resolved_incidents": wire.ids(false)})
        }
        ["incident", "list"] => {
            json!({"active_incidents": wire.incidents(true), "resolved_incidents": wire.incidents(false)})
        }
        ["incident", "list", which] => page(wire.incidents(*which == "active"), call),
        // Source: statusio-go, `MaintenanceListResponse` and `MaintenanceListByIDResponse`: other words than in the paths.
        ["maintenances"] => json!({
            "active_maintenances": wire.upkeep_ids(UpkeepState::Active, call.now),
            "upcoming_maintenances": wire.upkeep_ids(UpkeepState::Pending, call.now),
            "resolved_maintenances": wire.upkeep_ids(UpkeepState::Closed, call.now),
        }),
        ["maintenance", "list"] => json!({
            "active_maintenances": wire.upkeeps(UpkeepState::Active, call.now),
            "upcoming_maintenances": wire.upkeeps(UpkeepState::Pending, call.now),
            "resolved_maintenances": wire.upkeeps(UpkeepState::Closed, call.now),
        }),
        ["maintenance", "list", "active"] => page(wire.upkeeps(UpkeepState::Active, call.now), call),
        ["maintenance", "list", "pending"] => page(wire.upkeeps(UpkeepState::Pending, call.now), call),
        ["maintenance", "list", "closed"] => page(wire.upkeeps(UpkeepState::Closed, call.now), call),
        _ => json!([]),
    };
    Ok(("OK", result))
}

/// Gives an incident: a list with the one.
pub(super) fn incident(stage: &Stage, call: &Call, id: &str) -> Outcome {
    let board = board(stage, call);
    let place = board.find(id).ok_or_else(|| Refusal::invalid("Incident not found"))?;
    Ok(("OK", json!([wire(stage, board).incident(&board.incidents[place])])))
}

/// Gives a maintenance: not a list, unlike an incident.
pub(super) fn maintenance(stage: &Stage, call: &Call, id: &str) -> Outcome {
    let board = board(stage, call);
    let it = board.upkeeps.iter().find(|it| it.id == id).ok_or_else(|| Refusal::invalid("Maintenance not found"))?;
    Ok(("OK", wire(stage, board).upkeep(it)))
}

/// Gives a message, with who wrote it.
pub(super) fn message(stage: &Stage, call: &Call, id: &str) -> Outcome {
    let board = board(stage, call);
    for incident in &board.incidents {
        if let Some(message) = incident.messages.iter().find(|message| message.id == id) {
            let mut body = wire(stage, board).message(incident, message);
            let user = &stage.cast().users[message.by];
            body["user_email"] = json!(user.email);
            body["user_full_name"] = json!(user.name);
            return Ok(("OK", body));
        }
    }
    Err(Refusal::invalid("Message not found"))
}

/// Gives something that was told of a maintenance.
pub(super) fn maintenance_message(stage: &Stage, call: &Call, id: &str) -> Outcome {
    let board = board(stage, call);
    let found = board.upkeeps.iter().find_map(|it| Some((it, it.messages.iter().find(|told| told.id == id)?)));
    let (it, told) = found.ok_or_else(|| Refusal::invalid("Message not found"))?;
    Ok(("OK", wire(stage, board).upkeep_message(it, told)))
}

/// Gives the public JSON: no envelope of a status, only active incidents.
pub(super) fn public(stage: &Stage, call: &Call) -> Reply {
    let board = stage.statusio.history.seen(call.now);
    let reply = public::json(200, json!({"result": wire(stage, board).summary(true, call.now)}));
    reply.with("access-control-allow-origin", "*").with("x-status-page-id", &stage.cast().statusio.id)
}

/// Gives the RSS: an incident is one item, its updates are within, its guid stays the same.
pub(super) fn rss(stage: &Stage, call: &Call) -> Reply {
    let page = &stage.cast().statusio;
    let board = stage.statusio.history.seen(call.now);
    let wire = wire(stage, board);
    let items: String = board
        .incidents
        .iter()
        .rev()
        .map(|incident| {
            let updates: String = incident
                .messages
                .iter()
                .map(|message| {
                    let at = wire.zoned(message.at).format("%B %-d, %Y %H:%M %Z");
                    let (state, details) = (message.state.title(), markup(&message.details));
                    format!("<small>{at}</small><br /><b>{state}</b> - {details}<br /><br />")
                })
                .collect();
            format!(
                "<item><title>{}</title><description>{}</description><link>{}</link>\
                 <guid isPermaLink=\"false\">{}</guid><pubDate>{}</pubDate></item>\n",
                cdata(&incident.title),
                cdata(&updates),
                wire.incident_url(&incident.id),
                incident.id,
                incident.last().at.to_rfc2822(),
            )
        })
        .collect();
    let text = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<rss version=\"2.0\"><channel><title>{}</title>\
         <link>{}/statusio/pages/{}</link><description>{}</description>\n{items}</channel></rss>\n",
        cdata(&format!("{} Status", page.name)),
        stage.base,
        page.id,
        cdata("Status updates"),
    );
    Reply::feed("text/xml; charset=utf-8", text)
}

/// Gives the web page of an incident.
pub(super) fn incident_page(stage: &Stage, call: &Call, id: &str) -> Reply {
    let board = stage.statusio.history.seen(call.now);
    let Some(place) = board.find(id) else {
        return Reply::no_such_page();
    };
    let incident = &board.incidents[place];
    let messages = incident.messages.iter().rev();
    let paragraphs: Vec<String> =
        messages.map(|message| format!("{}: {}", message.state.title(), message.details)).collect();
    Reply::web(200, &incident.title, &paragraphs)
}

fn board<'a>(stage: &'a Stage, call: &Call) -> &'a Board {
    if call.quirks.stale { stage.statusio.history.before() } else { &stage.statusio.board }
}

fn wire<'a>(stage: &'a Stage, board: &'a Board) -> Wire<'a> {
    Wire { page: &stage.cast().statusio, board, base: &stage.base }
}

fn page(incidents: Vec<Value>, call: &Call) -> Value {
    let number = call.number("page").unwrap_or(1).max(1) - 1;
    let drift = if number == 0 { 0 } else { call.quirks.drift };
    let skip = (number.saturating_mul(INCIDENTS_PER_PAGE) as i64).saturating_add(drift).max(0) as usize;
    incidents.into_iter().skip(skip).take(INCIDENTS_PER_PAGE).collect()
}
