//! GitLab's REST API v4: from a request to an answer. No I/O, no clock.

use std::hash::{DefaultHasher, Hash, Hasher};

use serde_json::{Value, json};

use crate::pagerduty::TokenKind;
use crate::pagerduty::query::Query;
use crate::pagerduty::rest::Quirks;
use crate::reply::{Content, Reply};
use crate::stage::Stage;

use super::issue::{Issue, Time};
use super::limits::{Allowance, Bucket};
use super::refusal::Refusal;
use super::token::Caller;
use super::wire::{Wire, stamp};
use super::{change, labels, links, list, talk};

/// A request.
pub(crate) struct Call<'a> {
    pub(crate) method: &'a str,
    pub(crate) path: &'a str,
    pub(crate) query_text: &'a str,
    pub(crate) query: Query,
    pub(crate) content_type: Option<&'a str>,
    pub(crate) if_none_match: Option<&'a str>,
    pub(crate) body: &'a [u8],
    pub(crate) caller: Caller,
    pub(crate) now: Time,
    pub(crate) quirks: Quirks,
}

/// What a handler gives.
pub(super) type Outcome = Result<Reply, Refusal>;

/// Answers a request to `/gitlab/…`.
pub(crate) fn answer(stage: &mut Stage, call: &Call) -> Reply {
    let path = call.path.trim_start_matches('/').strip_prefix("gitlab").unwrap_or_default();
    let segments: Vec<String> = path.split('/').filter(|it| !it.is_empty()).map(decode).collect();
    let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
    let Some(segments) = segments.strip_prefix(&["api", "v4"]) else {
        return web_page(stage, call, &segments);
    };
    let allowance = count(stage, call, None);
    if allowance.is_exceeded() {
        return allowance.refuse();
    }
    let outcome = admit(call).and_then(|()| route(stage, call, segments));
    allowance.onto(conditional(call, outcome.unwrap_or_else(Refusal::reply)))
}

/// A doing that is limited more strictly than others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Doing {
    Project,
    Search,
    CreateIssue,
    CreateNote,
}

/// Counts a doing; refuses one too many.
pub(super) fn limited(stage: &mut Stage, call: &Call, doing: Doing) -> Result<(), Refusal> {
    match count(stage, call, Some(doing)).is_exceeded() {
        true => Err(Refusal::too_often()),
        false => Ok(()),
    }
}

fn count(stage: &mut Stage, call: &Call, doing: Option<Doing>) -> Allowance {
    let limits = &stage.cast().gitlab_limits;
    let (name, limit) = match doing {
        None if call.caller.person.is_none() => ("throttle_unauthenticated_api", limits.anonymous_per_minute),
        None => ("throttle_authenticated_api", limits.per_minute),
        Some(Doing::Project) => ("project_api", limits.project_per_minute),
        Some(Doing::Search) => ("search_rate_limit", limits.search_per_minute),
        Some(Doing::CreateIssue) => ("issues_create", limits.issues_per_minute),
        Some(Doing::CreateNote) => ("notes_create", limits.notes_per_minute),
    };
    let bucket = Bucket { person: call.caller.person, name };
    stage.gitlab.meter.count(bucket, limit, stage.speed, call.now)
}

/// Refuses tokens that open nothing, and writing with those that only read.
fn admit(call: &Call) -> Result<(), Refusal> {
    let writes = call.method != "GET" && call.method != "HEAD";
    if call.caller.kind == TokenKind::Expired {
        return Err(Refusal::expired());
    }
    if call.caller.kind == TokenKind::Unknown || (writes && call.caller.person.is_none()) {
        return Err(Refusal::unauthorized());
    }
    if writes && !call.caller.may_write() {
        return Err(Refusal::scope());
    }
    Ok(())
}

fn route(stage: &mut Stage, call: &Call, segments: &[&str]) -> Outcome {
    match (call.method, segments) {
        ("GET", ["user"]) => user(stage, call),
        ("GET", ["issues"]) if call.caller.person.is_some() => list::all_issues(stage, call),
        ("GET", ["issues"]) => Err(Refusal::unauthorized()),
        ("GET", ["personal_access_tokens", "self"]) => token(stage, call),
        (_, ["projects", id, rest @ ..]) => {
            let project = find_project(stage, call, id)?;
            in_project(stage, call, project, rest)
        }
        _ => Err(Refusal::no_route()),
    }
}

fn in_project(stage: &mut Stage, call: &Call, project: usize, rest: &[&str]) -> Outcome {
    match (call.method, rest) {
        ("GET", []) => {
            limited(stage, call, Doing::Project)?;
            let wire = wire(stage, call);
            ok(wire.project(&stage.cast().projects[project]))
        }
        ("GET", ["issues"]) => list::issues(stage, call, project),
        ("POST", ["issues"]) => change::create(stage, call, project),
        ("GET", ["issues", iid]) => {
            let issue = find_issue(stage, call, project, iid)?;
            ok(wire(stage, call).issue(list::shown(&stage.gitlab.issues[issue], call)))
        }
        ("PUT", ["issues", iid]) => {
            let issue = find_issue(stage, call, project, iid)?;
            change::update(stage, call, issue)
        }
        // Unlike the issue itself, its history is for those who have signed in.
        ("GET", ["issues", _, "resource_label_events" | "resource_state_events"]) if call.caller.person.is_none() => {
            Err(Refusal::unauthorized())
        }
        (_, ["issues", iid, more @ ..]) if !more.is_empty() => {
            let issue = find_issue(stage, call, project, iid)?;
            on_issue(stage, call, issue, more)
        }
        // Source: docs.gitlab.com, "Issues API": only administrators and owners delete an issue.
        ("DELETE", ["issues", _]) => Err(Refusal::forbidden()),
        ("GET", ["labels"]) => labels::list(stage, call, project),
        ("POST", ["labels"]) => labels::create(stage, call, project),
        ("PUT", ["labels"]) => labels::update(stage, call, project, None),
        ("GET", ["labels", name]) => labels::one(stage, call, project, name),
        ("PUT", ["labels", name]) => labels::update(stage, call, project, Some(name)),
        ("DELETE", ["labels", name]) => labels::delete(stage, call, project, name),
        ("GET", ["templates", "issues"]) => {
            let names = stage.cast().projects[project].templates.keys();
            ok(names.map(|name| json!({"key": name, "name": name})).collect())
        }
        ("GET", ["templates", "issues", name]) => match stage.cast().projects[project].templates.get(*name) {
            Some(content) => ok(json!({"name": name, "content": content})),
            None => Err(Refusal::not_found("Template")),
        },
        _ => Err(Refusal::no_route()),
    }
}

fn on_issue(stage: &mut Stage, call: &Call, issue: usize, rest: &[&str]) -> Outcome {
    match (call.method, rest) {
        ("GET", ["notes"]) => list::notes(stage, call, issue),
        ("POST", ["notes"]) => change::note(stage, call, issue),
        ("GET", ["notes", id]) => talk::note(stage, call, issue, id),
        ("PUT", ["notes", id]) => talk::change(stage, call, issue, id),
        ("DELETE", ["notes", id]) => talk::delete(stage, call, issue, id),
        ("GET", ["discussions"]) => talk::discussions(stage, call, issue),
        ("POST", ["discussions"]) => talk::begin(stage, call, issue),
        ("GET", ["discussions", id]) => talk::discussion(stage, call, issue, id),
        ("POST", ["discussions", id, "notes"]) => talk::answer(stage, call, issue, id),
        ("GET", ["links"]) => links::list(stage, call, issue),
        ("POST", ["links"]) => links::create(stage, call, issue),
        ("GET" | "DELETE", ["links", id]) => links::one(stage, call, id),
        ("GET", ["resource_label_events"]) => list::label_events(stage, call, issue),
        ("GET", ["resource_state_events"]) => list::state_events(stage, call, issue),
        // What this world has no part of is not there, in GitLab's own words.
        _ => Err(Refusal::no_route()),
    }
}

fn user(stage: &Stage, call: &Call) -> Outcome {
    let person = call.caller.person.ok_or_else(Refusal::unauthorized)?;
    let mut shown = wire(stage, call).person(person);
    if let Some(user) = stage.cast().users.get(person) {
        shown["email"] = json!(user.email);
        shown["job_title"] = json!(user.job_title);
    }
    shown["bot"] = json!(false);
    ok(shown)
}

fn token(stage: &Stage, call: &Call) -> Outcome {
    let person = call.caller.person.ok_or_else(Refusal::unauthorized)?;
    let start = stage.gitlab.start;
    ok(json!({
        "id": 9_001,
        "name": "Herald",
        "revoked": false,
        "created_at": stamp(start - chrono::TimeDelta::days(100)),
        "description": null,
        "scopes": [if call.caller.may_write() { "api" } else { "read_api" }],
        "user_id": wire(stage, call).person(person)["id"],
        "last_used_at": stamp(call.now),
        "active": true,
        "expires_at": call.caller.expires_on(start).to_string(),
    }))
}

/// Finds a project by id or path; one that the caller cannot see is not there.
pub(super) fn find_project(stage: &Stage, call: &Call, wanted: &str) -> Result<usize, Refusal> {
    let projects = &stage.cast().projects;
    let visible = |place: &usize| projects[*place].public || call.caller.member;
    let is_it = |place: &usize| projects[*place].path == wanted || projects[*place].id.to_string() == wanted;
    if let Some(place) = (0..projects.len()).filter(visible).find(is_it) {
        return Ok(place);
    }
    let was_it = |place: &usize| projects[*place].moved_from.iter().any(|path| path == wanted);
    match (0..projects.len()).filter(visible).find(was_it) {
        None => Err(Refusal::not_found("Project")),
        Some(_) if call.method != "GET" => {
            Err(Refusal::message(405, "405 Non GET methods are not allowed for moved projects"))
        }
        Some(place) => Err(Refusal::moved(new_address(stage, call, projects[place].id))),
    }
}

fn new_address(stage: &Stage, call: &Call, id: u64) -> String {
    let rest: Vec<&str> = call.path.split('/').filter(|it| !it.is_empty()).skip(5).collect();
    let rest: String = rest.iter().map(|segment| format!("/{segment}")).collect();
    let query = if call.query_text.is_empty() { String::new() } else { format!("?{}", call.query_text) };
    format!("{}/gitlab/api/v4/projects/{id}{rest}{query}", stage.base)
}

pub(super) fn find_issue(stage: &Stage, call: &Call, project: usize, iid: &str) -> Result<usize, Refusal> {
    if iid.parse::<u64>().is_err() {
        return Err(Refusal::error("issue_iid is invalid"));
    }
    let found = stage.gitlab.find(project, iid);
    found.filter(|index| may_see(call.caller, &stage.gitlab.issues[*index])).ok_or_else(Refusal::no_issue)
}

/// Tells whether a caller sees an issue of a project that they see.
pub(super) fn may_see(caller: Caller, issue: &Issue) -> bool {
    !issue.confidential || caller.member || caller.person == Some(issue.author)
}

pub(super) fn wire<'a>(stage: &'a Stage, call: &Call) -> Wire<'a> {
    let with_labels_details = call.query.one("with_labels_details") == Some("true");
    Wire { cast: stage.cast(), base: &stage.base, styles: &stage.gitlab.styles, with_labels_details }
}

pub(super) fn ok(body: Value) -> Outcome {
    Ok(Reply::of(200, Content::Json(body)))
}

/// Puts a weak tag on what was read, and leaves the body out if the caller has it already.
fn conditional(call: &Call, reply: Reply) -> Reply {
    let Content::Json(body) = &reply.content else {
        return reply;
    };
    if call.method != "GET" || reply.status != 200 {
        return reply;
    }
    let mut hasher = DefaultHasher::new();
    body.to_string().hash(&mut hasher);
    let tag = format!("W/\"{:016x}\"", hasher.finish());
    let known = call.if_none_match.unwrap_or_default().split(',').map(str::trim);
    let reply = match known.into_iter().any(|known| known == tag || known == "*") {
        true => Reply { status: 304, content: Content::Nothing, ..reply },
        false => reply,
    };
    reply.with("etag", tag).with("cache-control", "max-age=0, private, must-revalidate")
}

fn decode(segment: &str) -> String {
    // A plus is a plus in a path.
    let pair = format!("x={}", segment.replace('+', "%2B").replace('&', "%26"));
    form_urlencoded::parse(pair.as_bytes()).next().map(|(_, value)| value.into_owned()).unwrap_or_default()
}

/// Stands in for GitLab's web pages, so that links lead somewhere.
fn web_page(stage: &Stage, call: &Call, segments: &[&str]) -> Reply {
    if call.method != "GET" {
        return Refusal::no_route().reply();
    }
    let found = segments.iter().position(|segment| *segment == "-").and_then(|dash| {
        let path = segments[..dash].join("/");
        let project = stage.cast().projects.iter().position(|project| project.path == path)?;
        let index = stage.gitlab.find(project, segments.get(dash + 2)?)?;
        Some(&stage.gitlab.issues[index])
    });
    let title = found.map_or_else(|| segments.join("/"), |issue| format!("#{}: {}", issue.iid, issue.title));
    let paragraphs = ["Here GitLab's own page would open.".to_owned()];
    let paragraphs: Vec<String> = paragraphs.into_iter().chain(found.map(|issue| issue.description.clone())).collect();
    Reply::web(200, &title, &paragraphs)
}
