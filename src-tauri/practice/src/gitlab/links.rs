//! Links between issues, over the whole of GitLab.

use serde_json::{Value, json};

use crate::reply::{Content, Reply};
use crate::stage::Stage;

use super::change::{Params, hand};
use super::issue::Time;
use super::refusal::Refusal;
use super::rest::{Call, Outcome, find_issue, find_project, may_see, ok, wire};
use super::wire::stamp;

/// A link, by the places of its issues.
#[derive(Debug, Clone)]
pub(crate) struct IssueLink {
    id: u64,
    source: usize,
    target: usize,
    kind: String,
    at: Time,
}

/// `GET …/links`: the issues at the other end.
///
/// Source: docs.gitlab.com, "Issue links API": an issue with `issue_link_id`, `link_type` and times; no pages.
pub(super) fn list(stage: &Stage, call: &Call, issue: usize) -> Outcome {
    let wire = wire(stage, call);
    let links = stage.gitlab.links.iter().filter(|link| link.source == issue || link.target == issue);
    let shown: Vec<Value> = links
        .filter_map(|link| {
            let other = if link.source == issue { link.target } else { link.source };
            let other = &stage.gitlab.issues[other];
            may_see(call.caller, other).then(|| {
                let mut shown = wire.issue(other);
                shown["issue_link_id"] = json!(link.id);
                shown["link_type"] = json!(if link.source == issue { &link.kind } else { inverse(&link.kind) });
                shown["link_created_at"] = json!(stamp(link.at));
                shown["link_updated_at"] = json!(stamp(link.at));
                shown
            })
        })
        .collect();
    ok(Value::Array(shown))
}

/// `POST …/links`: 201, or 409 if they are linked.
///
/// Source: docs.gitlab.com, "Issue links API"; gitlab-org/gitlab, `IssuableLinks::CreateService`: "Issue(s) already
/// assigned".
pub(super) fn create(stage: &mut Stage, call: &Call, issue: usize) -> Outcome {
    hand(call)?;
    let params = Params::read(call)?;
    let needed = |name: &str| params.word(name).ok_or_else(|| Refusal::error(&format!("{name} is missing")));
    let project = find_project(stage, call, &needed("target_project_id")?)?;
    let target = find_issue(stage, call, project, &needed("target_issue_iid")?)?;
    let kind = params.text("link_type")?.unwrap_or_else(|| "relates_to".to_owned());
    if !matches!(kind.as_str(), "relates_to" | "blocks" | "is_blocked_by") {
        return Err(Refusal::error("link_type does not have a valid value"));
    }
    let joins = |link: &IssueLink| [(issue, target), (target, issue)].contains(&(link.source, link.target));
    if stage.gitlab.links.iter().any(joins) {
        return Err(Refusal::message(409, "Issue(s) already assigned"));
    }
    let link = IssueLink { id: stage.gitlab.id(), source: issue, target, kind, at: call.now };
    let body = shown(stage, call, &link);
    stage.gitlab.links.push(link);
    Ok(Reply::of(201, Content::Json(body)))
}

/// `GET` and `DELETE …/links/:id`; taken away it is shown a last time.
pub(super) fn one(stage: &mut Stage, call: &Call, id: &str) -> Outcome {
    let id: Option<u64> = id.parse().ok();
    let place = stage.gitlab.links.iter().position(|link| Some(link.id) == id);
    let place = place.ok_or_else(|| Refusal::message(404, "404 Not found"))?;
    let body = shown(stage, call, &stage.gitlab.links[place]);
    if call.method == "DELETE" {
        hand(call)?;
        stage.gitlab.links.remove(place);
    }
    ok(body)
}

fn shown(stage: &Stage, call: &Call, link: &IssueLink) -> Value {
    let wire = wire(stage, call);
    let issue = |place: usize| wire.issue(&stage.gitlab.issues[place]);
    json!({"id": link.id, "source_issue": issue(link.source), "target_issue": issue(link.target), "link_type": link.kind})
}

fn inverse(kind: &str) -> &str {
    match kind {
        "blocks" => "is_blocked_by",
        "is_blocked_by" => "blocks",
        other => other,
    }
}
