//! What can be read of a Statuspage: by those with a key at once, by the public when it is shown.
//!
//! Source: Statuspage API reference (pages of `limit` or `per_page`, at most 100; no count); the public API of every
//! Statuspage, its page `/api/v2`; feeds as GitHub's and Cloudflare's public pages serve them.

use serde_json::{Value, json};

use crate::markup::{cdata, markup};
use crate::public::{self, Call, UpkeepState};
use crate::reply::Reply;
use crate::stage::Stage;

use super::board::{Board, Incident};
use super::refusal::Refusal;
use super::rest::Outcome;
use super::upkeep::Upkeep;
use super::wire::Wire;

/// Statuspage's own number.
const PER_PAGE_MAX: usize = 100;
/// Feeds and the public list hold only the newest.
const FEED_INCIDENTS_MAX: usize = 50;

pub(super) fn pages(stage: &Stage) -> Outcome {
    Ok((200, json!([wire(stage, &stage.statuspage.board).page()])))
}

pub(super) fn page(stage: &Stage) -> Outcome {
    Ok((200, wire(stage, &stage.statuspage.board).page()))
}

pub(super) fn components(stage: &Stage, call: &Call) -> Outcome {
    Ok((200, cut(wire(stage, board(stage, call)).components(), call, "per_page")))
}

pub(super) fn component(stage: &Stage, id: &str) -> Outcome {
    let board = &stage.statuspage.board;
    let place = board.component(id).ok_or_else(Refusal::not_found)?;
    Ok((200, wire(stage, board).component(place)))
}

/// Lists the groups of components.
pub(super) fn groups(stage: &Stage, call: &Call) -> Outcome {
    let wire = wire(stage, board(stage, call));
    let groups = (0..wire.page.groups.len()).map(|place| wire.group(place)).collect();
    Ok((200, cut(groups, call, "per_page")))
}

pub(super) fn group(stage: &Stage, id: &str) -> Outcome {
    let place = stage.cast().statuspage.groups.iter().position(|group| group.id == id);
    let place = place.ok_or_else(Refusal::not_found)?;
    Ok((200, wire(stage, &stage.statuspage.board).group(place)))
}

/// Lists incidents, newest first.
pub(super) fn incidents(stage: &Stage, call: &Call, only_open: bool) -> Outcome {
    let board = board(stage, call);
    let wire = wire(stage, board);
    let search = call.query.one("q").unwrap_or("").to_lowercase();
    let fits = |incident: &&Incident| {
        let texts = incident.updates.iter().map(|update| &update.body);
        let found = || std::iter::once(&incident.title).chain(texts).any(|text| text.to_lowercase().contains(&search));
        (incident.is_open() || !only_open) && (search.is_empty() || found())
    };
    let incidents = board.incidents.iter().rev().filter(fits).map(|incident| wire.incident(incident)).collect();
    Ok((200, cut(incidents, call, if only_open { "per_page" } else { "limit" })))
}

pub(super) fn incident(stage: &Stage, call: &Call, id: &str) -> Outcome {
    let board = board(stage, call);
    if let Some(place) = board.upkeep(id) {
        return Ok((200, wire(stage, board).upkeep(&board.upkeeps[place], call.now)));
    }
    let place = board.find(id).ok_or_else(Refusal::not_found)?;
    Ok((200, wire(stage, board).incident(&board.incidents[place])))
}

/// Lists maintenance, newest first: what has not begun, what is still to begin by its plan, or what is under way.
pub(super) fn maintenances(stage: &Stage, call: &Call, which: &str) -> Outcome {
    let board = board(stage, call);
    let wire = wire(stage, board);
    let fits = |it: &&Upkeep| match (which, it.state(call.now)) {
        ("active_maintenance", state) => state.is_active(),
        ("upcoming", state) => state == UpkeepState::Pending && it.starts_at > call.now,
        (_, state) => state == UpkeepState::Pending,
    };
    let all = board.upkeeps.iter().rev().filter(fits).map(|it| wire.upkeep(it, call.now)).collect();
    Ok((200, cut(all, call, "per_page")))
}

/// Gives one of the public JSON files.
pub(super) fn public(stage: &Stage, call: &Call, file: &str) -> Reply {
    let board = stage.statuspage.history.seen(call.now);
    let wire = wire(stage, board);
    let newest = || board.incidents.iter().rev().take(FEED_INCIDENTS_MAX);
    let all = || -> Value { newest().map(|incident| wire.public_incident(incident)).collect() };
    let open = || -> Value {
        newest().filter(|incident| incident.is_open()).map(|incident| wire.public_incident(incident)).collect()
    };
    let planned = |fits: fn(UpkeepState) -> bool| json!({"scheduled_maintenances": wire.upkeeps(fits, call.now)});
    let mut body = match file {
        "status.json" => json!({"status": wire.status()}),
        "components.json" => json!({"components": wire.components()}),
        "incidents.json" => json!({"incidents": all()}),
        "incidents/unresolved.json" => json!({"incidents": open()}),
        "scheduled-maintenances.json" => planned(|_| true),
        "scheduled-maintenances/upcoming.json" => planned(|state| state == UpkeepState::Pending),
        "scheduled-maintenances/active.json" => planned(UpkeepState::is_active),
        "summary.json" => json!({
            "status": wire.status(),
            "components": wire.components(),
            "incidents": open(),
            "scheduled_maintenances": wire.upkeeps(|state| state != UpkeepState::Closed, call.now),
        }),
        _ => return Reply::no_such_page(),
    };
    body["page"] = wire.public_page();
    public::json(200, body).with("access-control-allow-origin", "*")
}

/// Gives the Atom feed: an incident is one entry, its updates are within.
pub(super) fn atom(stage: &Stage, call: &Call) -> Reply {
    let board = stage.statuspage.history.seen(call.now);
    let wire = wire(stage, board);
    let entries: String = board
        .incidents
        .iter()
        .rev()
        .take(FEED_INCIDENTS_MAX)
        .map(|incident| {
            format!(
                "<entry><id>tag:{},2005:Incident/{}</id><published>{}</published><updated>{}</updated>\
                 <link rel=\"alternate\" type=\"text/html\" href=\"{}\"/><title>{}</title>\
                 <content type=\"html\">{}</content></entry>\n",
                wire.host(),
                incident.id,
                wire.stamp(incident.created_at),
                wire.stamp(incident.updated_at),
                wire.incident_url(&incident.id),
                markup(&incident.title),
                markup(&updates(&wire, incident)),
            )
        })
        .collect();
    let text = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<feed xml:lang=\"en-US\" xmlns=\"http://www.w3.org/2005/Atom\">\
         <id>tag:{},2005:/history</id><title>{} Status - Incident History</title><updated>{}</updated>\n{entries}</feed>\n",
        wire.host(),
        markup(&wire.page.name),
        wire.stamp(board.updated_at),
    );
    Reply::feed("application/atom+xml; charset=utf-8", text)
}

/// Gives the RSS feed: an incident is one item, its updates are within.
pub(super) fn rss(stage: &Stage, call: &Call) -> Reply {
    let board = stage.statuspage.history.seen(call.now);
    let wire = wire(stage, board);
    let items: String = board
        .incidents
        .iter()
        .rev()
        .take(FEED_INCIDENTS_MAX)
        .map(|incident| {
            let url = wire.incident_url(&incident.id);
            format!(
                "<item><title>{}</title><description>{}</description><pubDate>{}</pubDate>\
                 <link>{url}</link><guid>{url}</guid></item>\n",
                cdata(&incident.title),
                cdata(&updates(&wire, incident)),
                incident.updated_at.to_rfc2822(),
            )
        })
        .collect();
    let text = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<rss version=\"2.0\"><channel>\
         <title>{} Status - Incident History</title><link>{}</link>\n{items}</channel></rss>\n",
        markup(&wire.page.name),
        wire.url(),
    );
    Reply::feed("application/rss+xml; charset=utf-8", text)
}

/// Gives the web page of an incident.
pub(super) fn incident_page(stage: &Stage, call: &Call, id: &str) -> Reply {
    let board = stage.statuspage.history.seen(call.now);
    let Some(place) = board.find(id) else {
        return Reply::no_such_page();
    };
    let incident = &board.incidents[place];
    let updates = incident.updates.iter().rev();
    let paragraphs: Vec<String> = updates.map(|update| format!("{}: {}", update.state.title(), update.body)).collect();
    Reply::web(200, &incident.title, &paragraphs)
}

/// Writes the updates of an incident as feeds have them: newest first.
fn updates(wire: &Wire, incident: &Incident) -> String {
    let updates = incident.updates.iter().rev();
    updates
        .map(|update| {
            let at = wire.zoned(update.display_at).format("%b %-d, %H:%M %Z");
            let (state, body) = (update.state.title(), markup(&update.body));
            format!("<p><small>{at}</small><br /><strong>{state}</strong> - {body}</p>")
        })
        .collect()
}

pub(super) fn wire<'a>(stage: &'a Stage, board: &'a Board) -> Wire<'a> {
    Wire { page: &stage.cast().statuspage, board, base: &stage.base }
}

fn board<'a>(stage: &'a Stage, call: &Call) -> &'a Board {
    if call.quirks.stale { stage.statuspage.history.before() } else { &stage.statuspage.board }
}

/// Cuts the wanted page out of a list; nothing tells how many pages there are.
fn cut(items: Vec<Value>, call: &Call, size: &str) -> Value {
    let limit = call.number(size).unwrap_or(PER_PAGE_MAX).clamp(1, PER_PAGE_MAX);
    let page = call.number("page").unwrap_or(1).max(1) - 1;
    let drift = if page == 0 { 0 } else { call.quirks.drift };
    let skip = (page.saturating_mul(limit) as i64).saturating_add(drift).max(0) as usize;
    items.into_iter().skip(skip).take(limit).collect()
}
