//! PagerDuty's JSON, read leniently: one odd field or item must not cost a page (services.md 1.5, faults.md 11).

use std::collections::BTreeSet;

use chrono::DateTime;
use herald_core::oncall::OnCall;
use herald_core::page::{Asked, AskedState, Field, Named, PageStatus, Told};
use herald_core::text::{self, clean_line};
use herald_core::{OnCallEntry, PageId, SeenPage, Time};
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::lenient::{Items, Said, is_web, lenient, lenient_list, mended, time};

/// The type that every incident has unless somebody chose another: the example of PagerDuty REST OpenAPI, incident types.
const USUAL_TYPE: &str = "incident_default";
/// Longest message of a request to help, in graphemes.
const MESSAGE_MAX: usize = 200;

/// Longest name of a person, service or policy that is kept, in graphemes.
const NAME_MAX: usize = 80;

/// The code with which PagerDuty refuses a page that I can no longer see, such as one that was closed.
const PAGE_LOST: i64 = 2018;

/// `GET /incidents`; without the list itself it is not PagerDuty's answer.
#[derive(Deserialize)]
pub(super) struct IncidentList {
    pub incidents: Vec<Box<RawValue>>,
    #[serde(default, deserialize_with = "lenient")]
    pub more: Option<bool>,
    #[serde(default, deserialize_with = "lenient")]
    pub limit: Option<usize>,
    #[serde(default, deserialize_with = "lenient")]
    pub offset: Option<usize>,
}

/// `GET` and `PUT /incidents/{id}`.
#[derive(Deserialize)]
pub(super) struct OneIncident {
    pub incident: Box<RawValue>,
}

/// `GET /users/me`.
#[derive(Deserialize)]
pub(super) struct OneUser {
    pub user: User,
}

/// `GET /users`.
#[derive(Deserialize)]
pub(super) struct UserList {
    pub users: Vec<User>,
}

/// Of a person only this is read: the rest holds calendar links that are as good as keys.
#[derive(Clone, Deserialize)]
pub(super) struct User {
    pub id: String,
    #[serde(default, deserialize_with = "lenient")]
    pub name: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    pub email: Option<String>,
}

/// `GET /oncalls`.
#[derive(Deserialize)]
pub(super) struct OnCallList {
    oncalls: Vec<Box<RawValue>>,
    #[serde(default, deserialize_with = "lenient")]
    pub more: Option<bool>,
}

/// What an error is about (services.md 1.3).
#[derive(Deserialize)]
struct Refused {
    error: RefusedFor,
}

#[derive(Deserialize)]
struct RefusedFor {
    code: i64,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Incident {
    id: String,
    incident_number: Said<u32>,
    title: Said<String>,
    summary: Said<String>,
    html_url: Said<String>,
    status: Said<String>,
    urgency: Said<String>,
    created_at: Said<String>,
    updated_at: Said<String>,
    last_status_change_at: Said<String>,
    service: Said<Reference>,
    escalation_policy: Said<Reference>,
    assigned_via: Said<String>,
    assignments: Said<Items<Assignment>>,
    acknowledgements: Said<Items<Acknowledgement>>,
    pending_actions: Said<Items<PendingAction>>,
    conference_bridge: Said<ConferenceBridge>,
    priority: Said<Reference>,
    incident_type: Said<IncidentType>,
    incidents_responders: Said<Items<Responder>>,
    resolve_reason: Said<ResolveReason>,
}

/// PagerDuty REST OpenAPI, schema Incident, `incident_type`.
#[derive(Deserialize)]
struct IncidentType {
    #[serde(default, deserialize_with = "lenient")]
    name: Option<String>,
}

/// PagerDuty REST OpenAPI, schema IncidentsRespondersReference.
#[derive(Deserialize)]
struct Responder {
    #[serde(default, deserialize_with = "lenient")]
    state: Option<String>,
    user: Reference,
    #[serde(default, deserialize_with = "lenient")]
    requester: Option<Reference>,
    #[serde(default, deserialize_with = "lenient")]
    message: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    requested_at: Option<String>,
}

/// PagerDuty REST OpenAPI, schema ResolveReason: the only reason there is is a merge.
#[derive(Deserialize)]
struct ResolveReason {
    incident: Reference,
}

/// `GET /incidents/{id}/log_entries`.
#[derive(Deserialize)]
pub(super) struct LogEntries {
    log_entries: Vec<Box<RawValue>>,
}

#[derive(Deserialize)]
struct LogEntry {
    r#type: String,
    created_at: String,
}

#[derive(Deserialize)]
struct Reference {
    id: String,
    #[serde(default, deserialize_with = "lenient")]
    summary: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    name: Option<String>,
}

#[derive(Deserialize)]
struct Assignment {
    #[serde(default, deserialize_with = "lenient")]
    at: Option<String>,
    assignee: Reference,
}

#[derive(Deserialize)]
struct Acknowledgement {
    #[serde(default, deserialize_with = "lenient")]
    at: Option<String>,
    acknowledger: Reference,
}

#[derive(Deserialize)]
struct PendingAction {
    r#type: String,
    at: String,
}

#[derive(Deserialize)]
struct ConferenceBridge {
    #[serde(default, deserialize_with = "lenient")]
    conference_url: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    conference_number: Option<String>,
}

/// `GET /escalation_policies/{id}`.
#[derive(Deserialize)]
pub(super) struct OnePolicy {
    escalation_policy: Policy,
}

#[derive(Deserialize)]
struct Policy {
    #[serde(default, deserialize_with = "lenient_list")]
    escalation_rules: Vec<EscalationRule>,
}

#[derive(Deserialize)]
struct EscalationRule {
    #[serde(default, deserialize_with = "lenient_list")]
    targets: Vec<Target>,
}

#[derive(Deserialize)]
struct Target {
    #[serde(default, deserialize_with = "lenient")]
    r#type: Option<String>,
    id: String,
    #[serde(default, deserialize_with = "lenient")]
    summary: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    name: Option<String>,
}

/// The schedules that a policy asks, in its order. There is more than one kind of them (services.md 1.5).
pub(super) fn schedules(policy: OnePolicy) -> Vec<Named> {
    let targets = policy.escalation_policy.escalation_rules.into_iter().flat_map(|rule| rule.targets);
    let is_schedule = |target: &Target| target.r#type.as_deref().is_some_and(|kind| kind.starts_with("schedule"));
    let reference = |Target { id, summary, name, .. }| Reference { id, summary, name };
    targets.filter(is_schedule).map(|target| named(&reference(target))).collect()
}

#[derive(Deserialize)]
struct Duty {
    #[serde(default, deserialize_with = "lenient")]
    schedule: Option<Reference>,
    escalation_policy: Reference,
    #[serde(default, deserialize_with = "lenient")]
    escalation_level: Option<u32>,
    #[serde(default, deserialize_with = "lenient")]
    start: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    end: Option<String>,
}

/// Reads one incident of the list of my open pages: where it does not say whose it is, it is mine.
pub(super) fn my_page(raw: &RawValue, me: &str) -> Option<SeenPage> {
    let mut seen = page(raw, me)?;
    if seen.others.is_empty() && seen.status != PageStatus::Closed {
        seen.assigned_at = seen.assigned_at.or(Some(seen.triggered_at));
    }
    Some(seen)
}

/// Reads one incident as the page it is for `me`. `None` when it lacks what makes a page: an id.
///
/// When it was triggered last it does not say: `last_status_change_at` moves with every touch while it calls (PagerDuty
/// REST OpenAPI, schema Incident). It was so when it was opened, as long as its log says nothing else.
pub(super) fn page(raw: &RawValue, me: &str) -> Option<SeenPage> {
    let it = incident(raw.get())?;
    let lacks = lacks(&it);
    let status = match &it.status {
        Said::Is(word) if word == "acknowledged" => PageStatus::Acknowledged,
        Said::Is(word) if word == "resolved" => PageStatus::Closed,
        Said::Is(_) | Said::Nothing | Said::Unsaid => PageStatus::Triggered,
    };
    let told = |it: Said<String>| time(it.value().as_deref());
    let (created, changed, updated) = (told(it.created_at), told(it.last_status_change_at), told(it.updated_at));
    // A page without any time still is one. The start of the epoch is as good as any and the same at each poll.
    let somewhen = created.or(changed).or(updated).unwrap_or(DateTime::UNIX_EPOCH);
    let assignments = it.assignments.value().unwrap_or_default().0;
    let mine = assignments.iter().find(|assignment| assignment.assignee.id == me);
    let others = assignments.iter().filter(|assignment| assignment.assignee.id != me);
    let acknowledgements = it.acknowledgements.value().unwrap_or_default().0;
    // Listed in no order that anybody promises: the latest counts.
    let taken = acknowledgements.iter().max_by_key(|it| time(it.at.as_deref()));
    let by_me = acknowledgements.iter().any(|it| it.acknowledger.id == me);
    let pending_actions = it.pending_actions.value().unwrap_or_default().0;
    let pending = |kind: &str| {
        pending_actions.iter().find(|action| action.r#type == kind).and_then(|action| time(Some(&action.at)))
    };
    let bridge = it.conference_bridge.value();
    let (call_url, call_number) = bridge.map_or((None, None), |it| (it.conference_url, it.conference_number));
    let responders = it.incidents_responders.value().unwrap_or_default().0;
    let short = |text: String| Some(clean_line(&text, NAME_MAX)).filter(|text| !text.is_empty());
    Some(SeenPage {
        id: PageId::new(&it.id),
        number: it.incident_number.value().unwrap_or(0),
        title: text::title(it.title.value().or(it.summary.value()).as_deref().unwrap_or_default()),
        url: it.html_url.value().filter(|url| is_web(url)),
        call_url: call_url.filter(|url| is_web(url)),
        call_number: call_number.and_then(short),
        service: it.service.value().as_ref().map(named),
        urgent: it.urgency.value().as_deref() != Some("low"),
        priority: it.priority.value().and_then(|it| short(named(&it).name)),
        kind: it.incident_type.value().and_then(|it| it.name).filter(|name| name != USUAL_TYPE).and_then(short),
        policy: it.escalation_policy.value().as_ref().map(named),
        via_policy: it.assigned_via.value().as_deref() == Some("escalation_policy"),
        assigned_at: mine.map(|assignment| time(assignment.at.as_deref()).unwrap_or(somewhen)),
        others: others.map(|assignment| named(&assignment.assignee).name).collect(),
        asked: asked(&responders, me, by_me, somewhen),
        status,
        triggered_at: somewhen,
        created_at: created.unwrap_or(somewhen),
        version: updated.into_iter().chain(changed).max().unwrap_or(somewhen),
        taken_by: taken.map(|it| named(&it.acknowledger)),
        taken_at: taken.and_then(|it| time(it.at.as_deref())),
        escalates_at: pending("escalate"),
        ack_expires_at: pending("unacknowledge"),
        merged_into: it.resolve_reason.value().map(|it| named(&it.incident).name),
        told: Told { lacks, by_log: false },
    })
}

/// What the answer says nothing about. Where `null` is a value, as for a call that there is not, it says that.
fn lacks(it: &Incident) -> BTreeSet<Field> {
    let unsaid = |field, said: bool| (!said).then_some(field);
    let fields = [
        unsaid(Field::Number, it.incident_number.is()),
        unsaid(Field::Title, it.title.is() || it.summary.is()),
        unsaid(Field::Url, it.html_url.is()),
        unsaid(Field::Call, !matches!(it.conference_bridge, Said::Unsaid)),
        unsaid(Field::Service, it.service.is()),
        unsaid(Field::Urgency, it.urgency.is()),
        unsaid(Field::Priority, !matches!(it.priority, Said::Unsaid)),
        unsaid(Field::Kind, !matches!(it.incident_type, Said::Unsaid)),
        unsaid(Field::Policy, it.escalation_policy.is()),
        unsaid(Field::Via, it.assigned_via.is()),
        unsaid(Field::Assignments, it.assignments.is()),
        unsaid(Field::Asked, it.incidents_responders.is()),
        unsaid(Field::Status, it.status.is()),
        unsaid(Field::Created, it.created_at.is()),
        unsaid(Field::Version, it.updated_at.is() || it.last_status_change_at.is()),
        unsaid(Field::Acknowledgements, it.acknowledgements.is()),
        unsaid(Field::PendingActions, it.pending_actions.is()),
    ];
    fields.into_iter().flatten().collect()
}

/// The newest request to me to help. Who has acknowledged has joined (PagerDuty REST OpenAPI, analytics,
/// `joined_user_ids`: "either acknowledged the incident or accepted a responder request").
fn asked(responders: &[Responder], me: &str, by_me: bool, somewhen: Time) -> Option<Asked> {
    let mine = responders.iter().filter(|it| it.user.id == me);
    let newest = mine.max_by_key(|it| time(it.requested_at.as_deref()))?;
    let state = match newest.state.as_deref() {
        Some("joined") => AskedState::Joined,
        Some("declined") => AskedState::Declined,
        Some("user_cancelled") => AskedState::Withdrawn,
        Some("pending") if by_me => AskedState::Joined,
        // What nobody knows counts as open.
        Some(_) | None => AskedState::Pending,
    };
    Some(Asked {
        by: newest.requester.as_ref().map(|it| named(it).name),
        at: time(newest.requested_at.as_deref()).unwrap_or(somewhen),
        message: newest.message.as_deref().map(|it| clean_line(it, MESSAGE_MAX)).filter(|it| !it.is_empty()),
        state,
    })
}

/// When the page was triggered last, by its log: after it was taken or closed, the first entry that made it call again.
/// Another alert on one that calls makes no new page of it. `None` if the log does not say.
pub(super) fn last_trigger(log: &LogEntries, seen: &SeenPage) -> Option<Time> {
    let mut entries: Vec<(Time, String)> = log
        .log_entries
        .iter()
        .filter_map(|raw| serde_json::from_str::<LogEntry>(raw.get()).ok())
        .filter_map(|entry| Some((time(Some(&entry.created_at))?, entry.r#type)))
        .collect();
    if entries.is_empty() {
        return None;
    }
    // They come newest first; of one second, the later was listed before the earlier.
    entries.reverse();
    entries.sort_by_key(|(at, _)| *at);
    // When it was triggered last, since when it is taken or closed, and what may have made it call since then.
    let (mut triggered_at, mut over, mut again) = (seen.created_at, None, None);
    for (at, kind) in entries {
        match kind.trim_end_matches("_reference") {
            "acknowledge_log_entry" | "resolve_log_entry" => (over, again) = (Some(at), None),
            "unacknowledge_log_entry" if over.is_some() => (triggered_at, over, again) = (at, None, None),
            "trigger_log_entry" | "escalate_log_entry" | "assign_log_entry" if over.is_some() => {
                again = again.or(Some(at))
            }
            _ => {}
        }
    }
    // It calls, whatever made it so after it was over.
    Some(again.or(over).unwrap_or(triggered_at))
}

/// Reads an incident; of one that no reader takes as a whole, at least the id, so that it is not missed.
fn incident(json: &str) -> Option<Incident> {
    #[derive(Deserialize)]
    struct Bare {
        id: String,
    }
    let json = mended(json);
    let whole = serde_json::from_str::<Incident>(&json).ok().filter(|it| !it.id.is_empty());
    whole.or_else(|| {
        let bare: Bare = serde_json::from_str(&json).ok()?;
        Some(Incident { id: bare.id, ..Incident::default() })
    })
}

/// The body that changes the status of an incident, and nothing else of it. What is said with it goes only with
/// closing (services.md 1.5).
pub(super) fn new_status(status: &str, resolution: Option<&str>) -> serde_json::Value {
    let mut incident = serde_json::json!({ "type": "incident_reference", "status": status });
    if let Some(resolution) = resolution {
        incident["resolution"] = resolution.into();
    }
    serde_json::json!({ "incident": incident })
}

/// Whether a refusal is about the one page: it says nothing about the key then.
pub(super) fn lost_this_page(body: &[u8]) -> bool {
    serde_json::from_slice::<Refused>(body).is_ok_and(|it| it.error.code == PAGE_LOST)
}

/// Reads my on-call entries, and counts those that cannot be read.
pub(super) fn oncalls(list: &OnCallList) -> OnCall {
    let entry = |raw: &RawValue| {
        let it: Duty = serde_json::from_str(raw.get()).ok()?;
        Some(OnCallEntry {
            schedule: it.schedule.as_ref().map(named),
            policy: named(&it.escalation_policy),
            level: it.escalation_level.unwrap_or(1),
            start: time(it.start.as_deref()),
            end: time(it.end.as_deref()),
        })
    };
    let entries: Vec<OnCallEntry> = list.oncalls.iter().filter_map(|raw| entry(raw)).collect();
    let unread = list.oncalls.len() - entries.len();
    OnCall::read(entries, unread)
}

/// A person's name, cleaned.
pub(super) fn name(user: &User) -> String {
    clean_line(user.name.as_deref().or(user.email.as_deref()).unwrap_or("you"), NAME_MAX)
}

fn named(reference: &Reference) -> Named {
    let name = reference.summary.as_deref().or(reference.name.as_deref()).unwrap_or(&reference.id);
    Named { id: reference.id.clone(), name: clean_line(name, NAME_MAX) }
}

#[cfg(test)]
mod tests;
