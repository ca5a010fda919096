//! Zendesk's Support API v2: from a request to an answer. No I/O, no clock.

use axum::http::HeaderMap;
use serde_json::{Map, Value, json};

use crate::pagerduty::TokenKind;
use crate::pagerduty::query::Query;
use crate::reply::{Content, Reply};
use crate::span::Span;
use crate::stage::Stage;

use super::tickets::{Comment, Ticket, Time};
use super::wire::{Wire, agent_id, stamp};
use super::{search, token, words_of};

/// Source: zenpy's recorded answers, header `x-rate-limit`.
const PER_MINUTE: usize = 700;
/// Source: developer.zendesk.com, "Pagination": at most so many a page, by offset and by cursor.
const PER_PAGE_MAX: usize = 100;
/// Source: developer.zendesk.com, "Search", results limit.
const RESULTS_MAX: usize = 1000;
/// Source: zenpy's recorded `TooManyValues`.
const MANY_MAX: usize = 100;

/// A request.
pub(crate) struct Call<'a> {
    pub(crate) method: &'a str,
    pub(crate) path: &'a str,
    pub(crate) query_text: &'a str,
    pub(crate) query: Query,
    pub(crate) headers: &'a HeaderMap,
    pub(crate) body: &'a [u8],
    pub(crate) now: Time,
}

type Outcome = Result<(u16, Value), Refusal>;

/// A refusal: status and body.
struct Refusal(u16, Value);

impl Refusal {
    fn of(status: u16) -> Self {
        Refusal(status, words_of(status).unwrap_or_default())
    }

    /// Source: public reports of a search beyond its limit quote the text.
    fn search_too_far() -> Self {
        let text = "Invalid search: Requested response size was greater than Search Response Limits";
        Refusal(422, json!({"error": "invalid", "description": text}))
    }

    /// The form is Zendesk's for records that do not hold (developer.zendesk.com, "Response codes and headers").
    fn invalid(field: &str, wrong: &str) -> Self {
        let details = json!({field: [{"description": wrong}]});
        Refusal(422, json!({"error": "RecordInvalid", "description": "Record validation errors", "details": details}))
    }
}

/// Answers a request to `/zendesk/…`.
pub(crate) fn answer(stage: &mut Stage, call: &Call) -> Reply {
    if token(stage.cast(), call.headers) != TokenKind::User {
        return Reply::of(401, Content::Json(words_of(401).unwrap_or_default()));
    }
    let minute = Span::minutes(1).at_speed(stage.speed);
    let requests = &mut stage.zendesk.desk.requests;
    requests.retain(|at| call.now - *at < minute);
    requests.push_back(call.now);
    let used = requests.len();
    let outcome = if used > PER_MINUTE { Err(Refusal::of(429)) } else { route(stage, call) };
    let (status, body) = outcome.unwrap_or_else(|Refusal(status, body)| (status, body));
    let content = if status == 204 { Content::Nothing } else { Content::Json(body) };
    let reply = Reply::of(status, content)
        .with("x-rate-limit", PER_MINUTE)
        .with("x-rate-limit-remaining", PER_MINUTE.saturating_sub(used));
    if status == 429 { reply.with("retry-after", 60) } else { reply }
}

fn route(stage: &mut Stage, call: &Call) -> Outcome {
    let path = call.path.trim_matches('/');
    // Paths work with and without the ending.
    let path = path.strip_suffix(".json").unwrap_or(path);
    let segments: Vec<&str> = path.split('/').collect();
    let ["zendesk", "api", "v2", segments @ ..] = segments.as_slice() else {
        return Err(Refusal::of(404));
    };
    match (call.method, segments) {
        ("GET", ["search", "count"]) => Ok((200, json!({"count": found(stage, call)?.len()}))),
        ("GET", ["search"]) => searched(stage, call),
        ("GET", ["search", "export"]) => {
            let base = base(stage);
            let wire = wire(stage, &base);
            Ok((200, by_cursor(call, &base, "results", result_list(wire, &found(stage, call)?))?))
        }
        ("GET", ["users", "me"]) => {
            let me = stage.cast().user_index(&stage.cast().me).unwrap_or_default();
            user(stage, call, &agent_id(me).to_string())
        }
        ("GET", ["users", id]) => user(stage, call, id),
        ("GET", ["tickets"]) => listed(stage, call),
        ("GET", ["tickets", "recent"]) => listed(stage, call),
        ("GET", ["tickets", "count"]) => {
            let count = json!({"value": stage.zendesk.desk.tickets.len(), "refreshed_at": stamp(call.now)});
            Ok((200, json!({ "count": count })))
        }
        ("GET", ["tickets", "show_many"]) => shown_many(stage, call),
        ("POST", ["tickets"]) => create(stage, call),
        ("POST", ["tickets", "create_many"]) => create_many(stage, call),
        ("PUT", ["tickets", "update_many"]) => update_many(stage, call),
        ("GET", ["job_statuses", id]) => job(stage, call, id),
        ("GET", ["tickets", id]) => {
            let place = find(stage, id)?;
            let base = base(stage);
            Ok((200, json!({"ticket": wire(stage, &base).ticket(&stage.zendesk.desk.tickets[place])})))
        }
        ("PUT", ["tickets", id]) => update(stage, call, id),
        ("DELETE", ["tickets", id]) => {
            let place = find(stage, id)?;
            stage.zendesk.desk.tickets.remove(place);
            Ok((204, Value::Null))
        }
        ("GET", ["tickets", id, "comments"]) => comments(stage, call, id),
        (method, ["tickets", id, "tags"]) => tags(stage, call, method, id),
        // What this world has no part of is not there, in Zendesk's own words.
        _ => Err(Refusal::of(404)),
    }
}

fn base(stage: &Stage) -> String {
    format!("{}/zendesk/api/v2", stage.base)
}

fn wire<'a>(stage: &'a Stage, api: &'a str) -> Wire<'a> {
    Wire { cast: stage.cast(), api }
}

fn find(stage: &Stage, id: &str) -> Result<usize, Refusal> {
    stage.zendesk.desk.find(id).ok_or_else(|| Refusal::of(404))
}

fn me(stage: &Stage) -> u64 {
    agent_id(stage.cast().user_index(&stage.cast().me).unwrap_or_default())
}

/// Finds what a search asks for, newest first unless it is to be sorted otherwise.
fn found<'a>(stage: &'a Stage, call: &Call) -> Result<Vec<&'a Ticket>, Refusal> {
    let text = call.query.one("query").filter(|text| !text.trim().is_empty()).ok_or_else(|| Refusal::of(422))?;
    let mut found = search::find(&stage.zendesk.desk, text);
    if call.query.one("sort_order") != Some("asc") {
        found.reverse();
    }
    Ok(found)
}

fn result_list(wire: Wire, found: &[&Ticket]) -> Vec<Value> {
    let shown = found.iter().map(|ticket| {
        let mut shown = wire.ticket(ticket);
        shown["result_type"] = json!("ticket");
        shown
    });
    shown.collect()
}

fn searched(stage: &Stage, call: &Call) -> Outcome {
    let found = found(stage, call)?;
    let base = base(stage);
    let page = number(call, "page").unwrap_or(1).max(1);
    let size = number(call, "per_page").unwrap_or(PER_PAGE_MAX).clamp(1, PER_PAGE_MAX);
    if page.saturating_mul(size) > RESULTS_MAX {
        return Err(Refusal::search_too_far());
    }
    let mut body = by_offset(call, &base, "results", result_list(wire(stage, &base), &found));
    body["facets"] = Value::Null;
    Ok((200, body))
}

fn user(stage: &Stage, call: &Call, id: &str) -> Outcome {
    let base = base(stage);
    let shown = id.parse().ok().and_then(|id| wire(stage, &base).user(id, call.now));
    Ok((200, json!({"user": shown.ok_or_else(|| Refusal::of(404))?})))
}

fn listed(stage: &Stage, call: &Call) -> Outcome {
    let base = base(stage);
    let wire = wire(stage, &base);
    let all: Vec<Value> = stage.zendesk.desk.tickets.iter().map(|ticket| wire.ticket(ticket)).collect();
    match call.query.one("page[size]") {
        Some(_) => Ok((200, by_cursor(call, &base, "tickets", all)?)),
        None => Ok((200, by_offset(call, &base, "tickets", all))),
    }
}

fn shown_many(stage: &Stage, call: &Call) -> Outcome {
    let base = base(stage);
    let wire = wire(stage, &base);
    let places = ids(call)?.into_iter().filter_map(|id| stage.zendesk.desk.find(&id));
    let shown: Vec<Value> = places.map(|place| wire.ticket(&stage.zendesk.desk.tickets[place])).collect();
    let count = shown.len();
    Ok((200, json!({"tickets": shown, "next_page": null, "previous_page": null, "count": count})))
}

fn comments(stage: &Stage, call: &Call, id: &str) -> Outcome {
    let base = base(stage);
    let wire = wire(stage, &base);
    let all = &stage.zendesk.desk.tickets[find(stage, id)?].comments;
    Ok((200, by_offset(call, &base, "comments", all.iter().map(|comment| wire.comment(comment)).collect())))
}

fn create(stage: &mut Stage, call: &Call) -> Outcome {
    let fields = object(call, "ticket")?;
    let place = make(stage, &fields, call)?;
    let (by, base) = (me(stage), base(stage));
    let ticket = &stage.zendesk.desk.tickets[place];
    let wire = wire(stage, &base);
    Ok((201, json!({"ticket": wire.ticket(ticket), "audit": wire.audit(ticket, by, ticket.comments.last())})))
}

fn create_many(stage: &mut Stage, call: &Call) -> Outcome {
    let list = array(call, "tickets")?;
    let mut ids = Vec::new();
    for fields in &list {
        let place = make(stage, fields, call)?;
        ids.push(stage.zendesk.desk.tickets[place].id);
    }
    done(stage, call, ids)
}

/// Makes a ticket. Its first comment is its description, which cannot be blank.
fn make(stage: &mut Stage, fields: &Map<String, Value>, call: &Call) -> Result<usize, Refusal> {
    let text = |name: &str| fields.get(name).and_then(Value::as_str).unwrap_or_default();
    let comment = fields.get("comment").and_then(|it| it["body"].as_str());
    let description = comment.unwrap_or_else(|| text("description"));
    if description.trim().is_empty() {
        return Err(Refusal::invalid("base", "Description: cannot be blank"));
    }
    let by = me(stage);
    let subject = if text("subject").is_empty() { description } else { text("subject") };
    let place = stage.zendesk.desk.take(subject, description, by, call.now);
    change(&mut stage.zendesk.desk.tickets[place], fields, None, call)?;
    Ok(place)
}

fn update(stage: &mut Stage, call: &Call, id: &str) -> Outcome {
    let place = find(stage, id)?;
    let fields = object(call, "ticket")?;
    let by = me(stage);
    safe(&stage.zendesk.desk.tickets[place], &fields)?;
    let before = stage.zendesk.desk.tickets[place].comments.len();
    change(&mut stage.zendesk.desk.tickets[place], &fields, Some(by), call)?;
    let base = base(stage);
    let ticket = &stage.zendesk.desk.tickets[place];
    let wire = wire(stage, &base);
    Ok((200, json!({"ticket": wire.ticket(ticket), "audit": wire.audit(ticket, by, ticket.comments.get(before))})))
}

/// One change for all that are named, or a change for each.
fn update_many(stage: &mut Stage, call: &Call) -> Outcome {
    let by = me(stage);
    let list: Vec<(String, Map<String, Value>)> = match call.query.one("ids") {
        Some(_) => {
            let fields = object(call, "ticket")?;
            ids(call)?.into_iter().map(|id| (id, fields.clone())).collect()
        }
        None => {
            let id = |fields: &Map<String, Value>| fields.get("id").map(Value::to_string).unwrap_or_default();
            array(call, "tickets")?.into_iter().map(|fields| (id(&fields), fields)).collect()
        }
    };
    let mut changed = Vec::new();
    for (id, fields) in list {
        if let Some(place) = stage.zendesk.desk.find(&id) {
            let ticket = &mut stage.zendesk.desk.tickets[place];
            change(ticket, &fields, Some(by), call)?;
            changed.push(ticket.id);
        }
    }
    done(stage, call, changed)
}

fn done(stage: &mut Stage, call: &Call, ids: Vec<u64>) -> Outcome {
    stage.zendesk.desk.jobs.push(ids);
    let number = stage.zendesk.desk.jobs.len();
    job(stage, call, &format!("V3-{number:032x}"))
}

fn job(stage: &Stage, call: &Call, id: &str) -> Outcome {
    let number = id.strip_prefix("V3-").and_then(|hex| usize::from_str_radix(hex, 16).ok());
    let number = number.filter(|number| *number > 0).ok_or_else(|| Refusal::of(404))?;
    let ids = stage.zendesk.desk.jobs.get(number - 1).ok_or_else(|| Refusal::of(404))?;
    let base = base(stage);
    Ok((200, wire(stage, &base).job(number, ids, call.now)))
}

/// Changes fields; `by` also comments.
fn change(it: &mut Ticket, fields: &Map<String, Value>, by: Option<u64>, call: &Call) -> Result<(), Refusal> {
    let text = |name: &str| fields.get(name).and_then(Value::as_str).map(str::to_owned);
    const STATUSES: [&str; 6] = ["new", "open", "pending", "hold", "solved", "closed"];
    if let Some(status) = text("status") {
        if !STATUSES.contains(&status.as_str()) {
            return Err(Refusal::invalid("status", "Status: is not valid"));
        }
        it.status = status;
    }
    if let Some(subject) = text("subject").filter(|_| by.is_some()) {
        it.subject = subject;
    }
    it.priority = text("priority").or(it.priority.take());
    it.kind = text("type").or(it.kind.take());
    it.assignee = fields.get("assignee_id").and_then(Value::as_u64).or(it.assignee);
    let tags = |name: &str| fields.get(name).map(words);
    if let Some(tags) = tags("tags") {
        it.set_tags(&tags, call.now);
    }
    it.add_tags(&tags("additional_tags").unwrap_or_default(), call.now);
    it.remove_tags(&tags("remove_tags").unwrap_or_default(), call.now);
    let comment = |name: &str| fields.get("comment").map(|comment| &comment[name]);
    if let (Some(by), Some(body)) = (by, comment("body").and_then(Value::as_str)) {
        let id = it.id * 100 + it.comments.len() as u64;
        let public = comment("public").and_then(Value::as_bool).unwrap_or(true);
        it.comments.push(Comment { id, by, at: call.now, body: body.to_owned(), public });
    }
    it.updated_at = call.now;
    Ok(())
}

/// `PUT` adds, `POST` sets, `DELETE` removes; with `safe_update` only if nobody changed the ticket since the stamp.
///
/// Source: developer.zendesk.com, "Tags"; zenpy, `TaggableApi`; node-zendesk, `Tickets.addTags`, `updateTags`.
fn tags(stage: &mut Stage, call: &Call, method: &str, id: &str) -> Outcome {
    let place = find(stage, id)?;
    if method == "GET" {
        return Ok((200, json!({"tags": stage.zendesk.desk.tickets[place].tags})));
    }
    let body: Map<String, Value> = serde_json::from_slice(call.body).unwrap_or_default();
    let given = body.get("tags").map(words).unwrap_or_default();
    safe(&stage.zendesk.desk.tickets[place], &body)?;
    let ticket = &mut stage.zendesk.desk.tickets[place];
    let status = match method {
        "PUT" => {
            ticket.add_tags(&given, call.now);
            200
        }
        "POST" => {
            ticket.set_tags(&given, call.now);
            201
        }
        "DELETE" => {
            ticket.remove_tags(&given, call.now);
            200
        }
        _ => return Err(Refusal::of(404)),
    };
    Ok((status, json!({"tags": ticket.tags})))
}

/// Source: developer.zendesk.com, "Tickets", protecting against collisions: `safe_update` with `updated_stamp`, 409.
fn safe(it: &Ticket, fields: &Map<String, Value>) -> Result<(), Refusal> {
    let wants = fields.get("safe_update").is_some_and(|it| it == &json!(true) || it == "true");
    let stamped = fields.get("updated_stamp").and_then(Value::as_str);
    match wants && stamped.is_some_and(|stamped| stamped < stamp(it.updated_at).as_str()) {
        true => {
            Err(Refusal(409, json!({"error": "UpdateConflict", "description": "Safe Update prevented the update"})))
        }
        false => Ok(()),
    }
}

/// Reads tags: a list, or words with spaces between.
fn words(value: &Value) -> Vec<String> {
    match value {
        Value::Array(items) => items.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        Value::String(text) => text.split_whitespace().map(str::to_owned).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => Vec::new(),
    }
}

fn number(call: &Call, name: &str) -> Option<usize> {
    call.query.one(name).and_then(|text| text.parse().ok())
}

fn ids(call: &Call) -> Result<Vec<String>, Refusal> {
    let ids: Vec<String> = call.query.one("ids").unwrap_or("").split(',').map(|id| id.trim().to_owned()).collect();
    if ids.len() > MANY_MAX { Err(Refusal::of(400)) } else { Ok(ids) }
}

fn object(call: &Call, name: &str) -> Result<Map<String, Value>, Refusal> {
    let body: Value = serde_json::from_slice(call.body).unwrap_or_default();
    body[name].as_object().cloned().ok_or_else(|| Refusal::invalid("base", &format!("{name} is missing")))
}

fn array(call: &Call, name: &str) -> Result<Vec<Map<String, Value>>, Refusal> {
    let body: Value = serde_json::from_slice(call.body).unwrap_or_default();
    let list: Option<Vec<Map<String, Value>>> =
        body[name].as_array().and_then(|list| list.iter().map(|it| it.as_object().cloned()).collect());
    let list = list.ok_or_else(|| Refusal::invalid("base", &format!("{name} is missing")))?;
    if list.len() > MANY_MAX { Err(Refusal::of(400)) } else { Ok(list) }
}

/// A page by its number: `next_page`, `previous_page` and `count`.
fn by_offset(call: &Call, base: &str, name: &str, items: Vec<Value>) -> Value {
    let size = number(call, "per_page").unwrap_or(PER_PAGE_MAX).clamp(1, PER_PAGE_MAX);
    let page = number(call, "page").unwrap_or(1).max(1);
    let count = items.len();
    let to = |page: usize| link(call, base, &[("page", page.to_string()), ("per_page", size.to_string())]);
    let next = (page.saturating_mul(size) < count).then(|| to(page + 1));
    let previous = (page > 1).then(|| to(page - 1));
    let items: Vec<Value> = items.into_iter().skip((page - 1).saturating_mul(size)).take(size).collect();
    json!({name: items, "next_page": next, "previous_page": previous, "count": count})
}

/// A page by its cursor: `meta` and `links`.
fn by_cursor(call: &Call, base: &str, name: &str, items: Vec<Value>) -> Result<Value, Refusal> {
    let size = number(call, "page[size]").unwrap_or(PER_PAGE_MAX).clamp(1, PER_PAGE_MAX);
    let skip = match call.query.one("page[after]") {
        None => 0,
        Some(cursor) => cursor.strip_prefix("after").and_then(|it| it.parse().ok()).ok_or_else(|| Refusal::of(400))?,
    };
    let more = skip + size < items.len();
    let cursor = format!("after{}", skip + size);
    let next = link(call, base, &[("page[after]", cursor.clone()), ("page[size]", size.to_string())]);
    let items: Vec<Value> = items.into_iter().skip(skip).take(size).collect();
    Ok(json!({
        name: items,
        "meta": {"has_more": more, "after_cursor": cursor, "before_cursor": null},
        "links": {"prev": null, "next": more.then_some(next)},
    }))
}

/// The address of another page of the same list.
fn link(call: &Call, base: &str, with: &[(&str, String)]) -> String {
    let path = call.path.trim_matches('/').trim_start_matches("zendesk/api/v2");
    let mut query = form_urlencoded::Serializer::new(String::new());
    for (name, value) in form_urlencoded::parse(call.query_text.as_bytes()) {
        if !name.starts_with("page") && name != "per_page" {
            query.append_pair(&name, &value);
        }
    }
    for (name, value) in with {
        query.append_pair(name, value);
    }
    format!("{base}{path}?{}", query.finish())
}
