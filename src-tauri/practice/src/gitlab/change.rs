//! Changing issues over REST: create, label, edit, note.
//!
//! Source: docs.gitlab.com, "Issues API" and "Notes API"; "GitLab application limits" for the lengths.

use serde_json::{Map, Value, json};

use crate::reply::{Content, Reply};
use crate::stage::Stage;
use crate::when::When;

use super::refusal::Refusal;
use super::rest::{Call, Doing, Outcome, limited, ok, wire};
use super::token::Person;
use super::tracker::{Draft, Hand};

/// GitLab's documented numbers.
const TITLE_CHARS_MAX: usize = 255;
const DESCRIPTION_CHARS_MAX: usize = 1_048_576;

/// `POST /projects/:id/issues`. A second one like the first is a second issue.
///
/// Quick actions in the description stay text: whether the real API carries them out is not known, and who counts on
/// it would publish what was meant to be confidential.
pub(super) fn create(stage: &mut Stage, call: &Call, project: usize) -> Outcome {
    let hand = hand(call)?;
    limited(stage, call, Doing::CreateIssue)?;
    let params = Params::read(call)?;
    let title = params.text("title")?.ok_or_else(|| Refusal::error("title is missing"))?;
    check_title(&title)?;
    let description = params.text("description")?.unwrap_or_default();
    check_description(&description)?;
    let kind = params.text("issue_type")?.unwrap_or_else(|| "issue".to_owned());
    if !matches!(kind.as_str(), "issue" | "incident" | "test_case" | "task") {
        return Err(Refusal::error("issue_type does not have a valid value"));
    }
    // Who is no member may write an issue, but labels and assignees are dropped without a word.
    let member = call.caller.member;
    let may_be_confidential = !stage.cast().projects[project].drops_confidential;
    let draft = Draft {
        title,
        description,
        kind,
        confidential: params.truth("confidential")?.unwrap_or(false) && may_be_confidential,
        labels: params.names("labels")?.filter(|_| member).unwrap_or_default(),
        assignees: params.people(stage, "assignee_ids")?.filter(|_| member).unwrap_or_default(),
        ..Draft::default()
    };
    let index = stage.gitlab.create(project, draft, hand);
    Ok(Reply::of(201, Content::Json(wire(stage, call).issue(&stage.gitlab.issues[index]))))
}

/// `PUT /projects/:id/issues/:iid`.
pub(super) fn update(stage: &mut Stage, call: &Call, index: usize) -> Outcome {
    let hand = hand(call)?;
    let params = Params::read(call)?;
    if !call.caller.member && Some(stage.gitlab.issues[index].author) != call.caller.person {
        return Err(Refusal::forbidden());
    }
    if params.is_empty() {
        let names = FIELDS.join(", ");
        return Err(Refusal::error(&format!("{names} are missing, at least one parameter must be provided")));
    }
    let title = params.text("title")?;
    title.iter().try_for_each(|title| check_title(title))?;
    let description = params.text("description")?;
    description.iter().try_for_each(|text| check_description(text))?;
    let confidential = params.truth("confidential")?;
    let assignees = params.people(stage, "assignee_ids")?;
    let labels = params.names("labels")?;
    let mut add = params.names("add_labels")?.unwrap_or_default();
    let mut remove = params.names("remove_labels")?.unwrap_or_default();
    let open = match params.text("state_event")?.as_deref() {
        None => None,
        Some("close") => Some(false),
        Some("reopen") => Some(true),
        Some(_) => return Err(Refusal::error("state_event does not have a valid value")),
    };
    // `labels` replaces all there are.
    if let Some(labels) = labels {
        let old = stage.gitlab.issues[index].labels.iter();
        remove.extend(old.filter(|label| !labels.contains(label)).cloned());
        add.extend(labels);
    }
    let gitlab = &mut stage.gitlab;
    if let Some(title) = title {
        gitlab.set_title(index, &title, hand);
    }
    if let Some(description) = description {
        gitlab.set_description(index, &description, hand);
    }
    if let Some(confidential) = confidential {
        gitlab.set_confidential(index, confidential, hand);
    }
    if let Some(assignees) = assignees {
        gitlab.assign(index, assignees, hand);
    }
    let before = gitlab.issues[index].labels.clone();
    gitlab.relabel(index, &add, &remove, hand);
    let put: Vec<String> = gitlab.issues[index].labels.iter().filter(|it| !before.contains(it)).cloned().collect();
    if let Some(open) = open {
        gitlab.set_open(index, open, hand);
    }
    gitlab.issues[index].api_writes += 1;
    if !put.is_empty() {
        stage.happened(When::LabelSet, &put.join("\n"), call.now);
    }
    ok(wire(stage, call).issue(&stage.gitlab.issues[index]))
}

/// `POST /projects/:id/issues/:iid/notes`.
pub(super) fn note(stage: &mut Stage, call: &Call, index: usize) -> Outcome {
    let hand = hand(call)?;
    limited(stage, call, Doing::CreateNote)?;
    let params = Params::read(call)?;
    let body = note_body(&params)?;
    let internal = params.truth("internal")?.unwrap_or(false);
    if internal && !call.caller.member {
        return Err(Refusal::forbidden());
    }
    stage.gitlab.note(index, &body, internal, hand);
    stage.gitlab.issues[index].api_writes += 1;
    let issue = &stage.gitlab.issues[index];
    let note = issue.notes.last().map(|note| wire(stage, call).note(issue, note));
    Ok(Reply::of(201, Content::Json(note.unwrap_or(Value::Null))))
}

/// Reads what a note is to say.
pub(super) fn note_body(params: &Params) -> Result<String, Refusal> {
    let body = params.text("body")?;
    let body = body.ok_or_else(|| Refusal::message(400, "400 (Bad request) \"body\" not given"))?;
    if body.trim().is_empty() {
        return Err(Refusal::message(400, "400 Bad request - Note {:note=>[\"can't be blank\"]}"));
    }
    Ok(body)
}

/// What an issue's `PUT` takes.
const FIELDS: [&str; 8] =
    ["assignee_ids", "confidential", "description", "labels", "add_labels", "remove_labels", "state_event", "title"];

pub(super) fn hand(call: &Call) -> Result<Hand, Refusal> {
    let by = call.caller.person.ok_or_else(Refusal::unauthorized)?;
    Ok(Hand { by, at: call.now, api: true })
}

fn check_title(title: &str) -> Result<(), Refusal> {
    if title.trim().is_empty() {
        return Err(Refusal::field("title", "can't be blank"));
    }
    match title.chars().count() > TITLE_CHARS_MAX {
        true => Err(Refusal::field("title", "is too long (maximum is 255 characters)")),
        false => Ok(()),
    }
}

fn check_description(text: &str) -> Result<(), Refusal> {
    match text.chars().count() > DESCRIPTION_CHARS_MAX {
        true => Err(Refusal::field("description", "is too long (maximum is 1048576 characters)")),
        false => Ok(()),
    }
}

/// The parameters of a change: those of the query, and over them those of the body.
pub(super) struct Params(Map<String, Value>);

impl Params {
    pub(super) fn read(call: &Call) -> Result<Self, Refusal> {
        let mut params = Map::new();
        form(call.query_text.as_bytes(), &mut params);
        let kind = call.content_type.unwrap_or("").split(';').next().unwrap_or("").trim();
        match kind {
            _ if call.body.is_empty() => {}
            "application/json" => {
                let body: Value = serde_json::from_slice(call.body)
                    .map_err(|_| Refusal::message(400, "400 Bad request - the body is not valid JSON"))?;
                params.extend(body.as_object().cloned().unwrap_or_default());
            }
            "application/x-www-form-urlencoded" => form(call.body, &mut params),
            other => {
                let message = format!("The provided content-type '{other}' is not supported.");
                return Err(Refusal::message(415, &message));
            }
        }
        Ok(Params(params))
    }

    fn is_empty(&self) -> bool {
        !FIELDS.iter().any(|name| self.0.contains_key(*name))
    }

    pub(super) fn text(&self, name: &str) -> Result<Option<String>, Refusal> {
        match self.0.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.clone())),
            Some(_) => Err(Refusal::error(&format!("{name} is invalid"))),
        }
    }

    /// Reads a text or a number.
    pub(super) fn word(&self, name: &str) -> Option<String> {
        match self.0.get(name)? {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
        }
    }

    fn truth(&self, name: &str) -> Result<Option<bool>, Refusal> {
        match self.0.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::Bool(truth)) => Ok(Some(*truth)),
            Some(Value::String(text)) if text == "true" => Ok(Some(true)),
            Some(Value::String(text)) if text == "false" => Ok(Some(false)),
            Some(_) => Err(Refusal::error(&format!("{name} is invalid"))),
        }
    }

    /// Reads labels: a text with commas, or a list.
    fn names(&self, name: &str) -> Result<Option<Vec<String>>, Refusal> {
        let split = |text: &str| {
            let names = text.split(',').map(str::trim).filter(|label| !label.is_empty());
            names.map(str::to_owned).collect::<Vec<_>>()
        };
        let wrong = || Refusal::error(&format!("{name} is invalid"));
        match self.0.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(split(text))),
            Some(Value::Array(items)) => {
                let texts: Option<Vec<&str>> = items.iter().map(Value::as_str).collect();
                Ok(Some(texts.ok_or_else(wrong)?.into_iter().flat_map(split).collect()))
            }
            Some(_) => Err(wrong()),
        }
    }

    /// Reads ids of users; unknown ones are dropped without a word.
    fn people(&self, stage: &Stage, name: &str) -> Result<Option<Vec<usize>>, Refusal> {
        match self.0.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::Array(items)) => {
                let ids: Option<Vec<u64>> = items.iter().map(Value::as_u64).collect();
                let ids = ids.ok_or_else(|| Refusal::error(&format!("{name} is invalid")))?;
                Ok(Some(ids.into_iter().filter_map(|id| Person::find(stage.cast(), id)).collect()))
            }
            Some(_) => Err(Refusal::error(&format!("{name} is invalid"))),
        }
    }
}

fn form(text: &[u8], params: &mut Map<String, Value>) {
    for (name, value) in form_urlencoded::parse(text) {
        params.insert(name.into_owned(), json!(value));
    }
}
