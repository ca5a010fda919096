//! Labels of a project: listed, made, changed, taken away.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::reply::{Content, Reply};
use crate::stage::Stage;

use super::change::{Params, hand};
use super::list::Page;
use super::refusal::Refusal;
use super::rest::{Call, Outcome, ok, wire};

/// How a label looks, by its name.
pub(crate) type Styles = BTreeMap<String, Style>;

/// How a label looks.
#[derive(Debug, Clone)]
pub(crate) struct Style {
    pub(super) color: String,
    pub(super) description: Option<String>,
}

/// `GET /projects/:id/labels`, by name.
///
/// Source: docs.gitlab.com, "Labels API": `search`; ordered by name.
pub(super) fn list(stage: &Stage, call: &Call, project: usize) -> Outcome {
    let page = Page::read(&call.query)?;
    let wanted = call.query.one("search").unwrap_or("").to_lowercase();
    let mut found: Vec<&String> =
        stage.gitlab.labels[project].iter().filter(|name| name.to_lowercase().contains(&wanted)).collect();
    found.sort_unstable();
    let wire = wire(stage, call);
    Ok(page.answer(stage, call, &found, |name| wire.label(name)))
}

pub(super) fn one(stage: &Stage, call: &Call, project: usize, name: &str) -> Outcome {
    let place = find(stage, call, project, name)?;
    ok(wire(stage, call).label(&stage.gitlab.labels[project][place]))
}

/// `POST /projects/:id/labels`: 201, or 409 if there is one of that name.
///
/// Source: docs.gitlab.com, "Labels API"; gitlab-org/gitlab, `lib/api/helpers/label_helpers.rb`: "Label already exists".
pub(super) fn create(stage: &mut Stage, call: &Call, project: usize) -> Outcome {
    hand(call)?;
    members_only(call)?;
    let params = Params::read(call)?;
    let name = params.text("name")?.ok_or_else(|| Refusal::error("name is missing"))?;
    let color = params.text("color")?.ok_or_else(|| Refusal::error("color is missing"))?;
    if stage.gitlab.labels[project].contains(&name) {
        return Err(Refusal::message(409, "Label already exists"));
    }
    let description = params.text("description")?;
    stage.gitlab.labels[project].push(name.clone());
    stage.gitlab.styles.insert(name.clone(), Style { color, description });
    Ok(Reply::of(201, Content::Json(wire(stage, call).label(&name))))
}

/// `PUT /projects/:id/labels/:name`, or without the name in the path, as the older form has it.
///
/// Source: python-gitlab, `ProjectLabelManager.update`: "Update without ID".
pub(super) fn update(stage: &mut Stage, call: &Call, project: usize, name: Option<&str>) -> Outcome {
    hand(call)?;
    members_only(call)?;
    let params = Params::read(call)?;
    let given = params.text("name")?;
    let name = name.map(str::to_owned).or(given).ok_or_else(|| Refusal::error("name is missing"))?;
    let place = find(stage, call, project, &name)?;
    let name = stage.gitlab.labels[project][place].clone();
    let before = stage.gitlab.styles.remove(&name);
    let new_name = params.text("new_name")?.unwrap_or_else(|| name.clone());
    let style = Style {
        color: params.text("color")?.or(before.as_ref().map(|it| it.color.clone())).unwrap_or_else(usual_color),
        description: params.text("description")?.or(before.and_then(|it| it.description)),
    };
    stage.gitlab.labels[project][place].clone_from(&new_name);
    stage.gitlab.styles.insert(new_name.clone(), style);
    for issue in stage.gitlab.issues.iter_mut().filter(|issue| issue.project == project) {
        for label in issue.labels.iter_mut().filter(|label| **label == name) {
            label.clone_from(&new_name);
        }
    }
    ok(wire(stage, call).label(&new_name))
}

/// `DELETE /projects/:id/labels/:name`: 204.
pub(super) fn delete(stage: &mut Stage, call: &Call, project: usize, name: &str) -> Outcome {
    hand(call)?;
    members_only(call)?;
    let place = find(stage, call, project, name)?;
    let name = stage.gitlab.labels[project].remove(place);
    for issue in stage.gitlab.issues.iter_mut().filter(|issue| issue.project == project) {
        issue.labels.retain(|label| *label != name);
    }
    Ok(Reply::of(204, Content::Nothing))
}

pub(super) fn usual_color() -> String {
    "#6699cc".to_owned()
}

/// Finds a label by its name or its id.
fn find(stage: &Stage, call: &Call, project: usize, wanted: &str) -> Result<usize, Refusal> {
    let wire = wire(stage, call);
    let is_it = |name: &String| name == wanted || wire.label(name)["id"] == Value::from(wanted.parse::<u64>().ok());
    stage.gitlab.labels[project].iter().position(is_it).ok_or_else(|| Refusal::not_found("Label"))
}

fn members_only(call: &Call) -> Result<(), Refusal> {
    if call.caller.member { Ok(()) } else { Err(Refusal::forbidden()) }
}
