//! PagerDuty's JSON, read leniently: one odd field or item must not cost a page (APIS.md 1.5, FAULTS 11).

use chrono::DateTime;
use herald_core::oncall::OnCall;
use herald_core::page::{Named, PageStatus};
use herald_core::text::{self, clean_line};
use herald_core::{OnCallEntry, PageId, SeenPage};
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::lenient::{is_web, lenient, lenient_list, mended, time};

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

/// What an error is about (APIS.md 1.3).
#[derive(Deserialize)]
struct Refused {
    error: RefusedFor,
}

#[derive(Deserialize)]
struct RefusedFor {
    code: i64,
}

#[derive(Deserialize)]
struct Incident {
    id: String,
    #[serde(default, deserialize_with = "lenient")]
    incident_number: Option<u32>,
    #[serde(default, deserialize_with = "lenient")]
    title: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    summary: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    html_url: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    status: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    urgency: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    created_at: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    updated_at: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    last_status_change_at: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    service: Option<Reference>,
    #[serde(default, deserialize_with = "lenient")]
    escalation_policy: Option<Reference>,
    #[serde(default, deserialize_with = "lenient")]
    assigned_via: Option<String>,
    #[serde(default, deserialize_with = "lenient_list")]
    assignments: Vec<Assignment>,
    #[serde(default, deserialize_with = "lenient_list")]
    acknowledgements: Vec<Acknowledgement>,
    #[serde(default, deserialize_with = "lenient_list")]
    pending_actions: Vec<PendingAction>,
    #[serde(default, deserialize_with = "lenient")]
    conference_bridge: Option<ConferenceBridge>,
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

/// The schedules that a policy asks, in its order. There is more than one kind of them (APIS.md 1.5).
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
pub(super) fn page(raw: &RawValue, me: &str) -> Option<SeenPage> {
    let it = incident(raw.get())?;
    let status = match it.status.as_deref() {
        Some("acknowledged") => PageStatus::Acknowledged,
        Some("resolved") => PageStatus::Closed,
        _ => PageStatus::Triggered,
    };
    let created = time(it.created_at.as_deref());
    let changed = time(it.last_status_change_at.as_deref());
    let updated = time(it.updated_at.as_deref());
    // A page without any time still is one. The start of the epoch is as good as any and the same at each poll.
    let somewhen = created.or(changed).or(updated).unwrap_or(DateTime::UNIX_EPOCH);
    let triggered_at = if status == PageStatus::Triggered { changed.unwrap_or(somewhen) } else { somewhen };
    let mine = it.assignments.iter().find(|assignment| assignment.assignee.id == me);
    let others = it.assignments.iter().filter(|assignment| assignment.assignee.id != me);
    let taken = it.acknowledgements.last();
    let pending = |kind: &str| {
        it.pending_actions.iter().find(|action| action.r#type == kind).and_then(|action| time(Some(&action.at)))
    };
    Some(SeenPage {
        id: PageId::new(&it.id),
        number: it.incident_number.unwrap_or(0),
        title: text::title(it.title.as_deref().or(it.summary.as_deref()).unwrap_or_default()),
        url: it.html_url.filter(|url| is_web(url)),
        call_url: it.conference_bridge.and_then(|it| it.conference_url).filter(|url| is_web(url)),
        service: it.service.as_ref().map(named),
        urgent: it.urgency.as_deref() != Some("low"),
        policy: it.escalation_policy.as_ref().map(named),
        via_policy: it.assigned_via.as_deref() == Some("escalation_policy"),
        assigned_at: mine.map(|assignment| time(assignment.at.as_deref()).unwrap_or(triggered_at)),
        others: others.map(|assignment| named(&assignment.assignee).name).collect(),
        status,
        triggered_at,
        created_at: created.unwrap_or(somewhen),
        version: updated.into_iter().chain(changed).max().unwrap_or(somewhen),
        taken_by: taken.map(|it| named(&it.acknowledger)),
        taken_at: taken.and_then(|it| time(it.at.as_deref())),
        escalates_at: pending("escalate"),
        ack_expires_at: pending("unacknowledge"),
    })
}

/// Reads an incident; of one that no reader takes as a whole, at least the id, so that it is not missed.
fn incident(json: &str) -> Option<Incident> {
    #[derive(Deserialize)]
    struct Bare {
        id: String,
    }
    let json = mended(json);
    serde_json::from_str(&json).ok().or_else(|| {
        let bare: Bare = serde_json::from_str(&json).ok()?;
        serde_json::from_value(serde_json::json!({ "id": bare.id })).ok()
    })
}

/// The body that changes the status of an incident, and nothing else of it. What is said with it goes only with
/// closing (APIS.md 1.5).
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
mod tests {
    use super::*;

    #[test]
    fn schedules_of_a_policy_are_told_from_people_and_odd_items() {
        let json = r#"{"escalation_policy": {"id": "P1", "escalation_rules": [
            {"targets": [{"id": "S1", "type": "schedule_reference", "summary": "Primary"}, {"id": "U1", "type": "user_reference"}]},
            {"targets": [4, {"id": "S2", "type": "schedule_v3_reference", "summary": 7}, {"type": "schedule_reference"}, {"id": "S3", "type": "schedule", "name": "Shadow"}]},
            "odd"
        ]}}"#;
        let policy = serde_json::from_str(json).expect("a policy");
        let told: Vec<(String, String)> = schedules(policy).into_iter().map(|it| (it.id, it.name)).collect();
        let named = |id: &str, name: &str| (id.to_owned(), name.to_owned());
        assert_eq!(told, [named("S1", "Primary"), named("S2", "S2"), named("S3", "Shadow")]);
    }

    fn read(json: &str) -> Option<SeenPage> {
        page(&RawValue::from_string(json.to_owned()).expect("valid JSON"), "ME")
    }

    #[test]
    fn odd_items_still_are_pages() {
        for (name, json, title, status) in [
            ("nothing but an id", r#"{"id":"P1"}"#, "(no title)", PageStatus::Triggered),
            ("an unknown status", r#"{"id":"P1","title":"x","status":"exploding"}"#, "x", PageStatus::Triggered),
            ("a number for a title", r#"{"id":"P1","title":42,"summary":"y"}"#, "y", PageStatus::Triggered),
            (
                "null everywhere",
                r#"{"id":"P1","title":null,"status":null,"assignments":null,"acknowledgements":null,"service":null}"#,
                "(no title)",
                PageStatus::Triggered,
            ),
            (
                "wrong types",
                r#"{"id":"P1","title":"z","status":"acknowledged","assignments":"none","created_at":5,"urgency":{}}"#,
                "z",
                PageStatus::Acknowledged,
            ),
            (
                "html in the title",
                r#"{"id":"P1","title":"<img src=x>","status":"resolved"}"#,
                "<img src=x>",
                PageStatus::Closed,
            ),
        ] {
            let seen = read(json).unwrap_or_else(|| panic!("{name} is a page"));
            assert_eq!((seen.title.as_str(), seen.status), (title, status), "{name}");
        }
        assert_eq!(read(r#"{"title":"no id"}"#), None, "without an id there is nothing to act on");
        let deep = format!(r#"{{"id":"P1","title":{}{}}}"#, "[".repeat(500), "]".repeat(500));
        assert_eq!(read(&deep).map(|seen| seen.title), Some("(no title)".into()), "brackets within brackets");
    }

    #[test]
    fn half_an_emoji_costs_no_page() {
        for (title, expected) in [
            (r"half \ud83d here", "half \u{FFFD} here"),
            (r"\udd25 and \ud83d", "\u{FFFD} and \u{FFFD}"),
            (r"\ud83d\ud83d\udd25 whole", "\u{FFFD}🔥 whole"),
            (r#"\ud83d \"quoted\" \\ud83d \u00e9"#, "\u{FFFD} \"quoted\" \\ud83d é"),
        ] {
            let seen = read(&format!(r#"{{"id":"P1","title":"{title}"}}"#)).expect("a page");
            assert_eq!(seen.title, expected, "{title}");
        }
    }

    #[test]
    fn what_my_list_holds_is_mine() {
        let mine = |json: &str| {
            let raw = RawValue::from_string(json.to_owned()).expect("valid JSON");
            my_page(&raw, "ME").expect("a page").assigned_at.is_some()
        };
        for (json, expected) in [
            (r#"{"id":"P1","assignments":null}"#, true),
            (r#"{"id":"P1","assignments":[{"assignee":{"id":"ME"}}]}"#, true),
            (r#"{"id":"P1","assignments":[{"assignee":{"id":"YOU"}}]}"#, false),
            (r#"{"id":"P1","status":"resolved","assignments":[]}"#, false),
        ] {
            assert_eq!(mine(json), expected, "{json}");
        }
    }

    #[test]
    fn only_web_links_are_kept() {
        for (url, kept) in [
            ("https://quillbrook.pagerduty.example/incidents/P1", true),
            ("http://127.0.0.1:4000/incidents/P1", true),
            ("javascript:alert(1)", false),
            ("file:///etc/passwd", false),
            ("slack://channel", false),
            ("not a link", false),
        ] {
            let seen = read(&format!(r#"{{"id":"P1","html_url":"{url}"}}"#)).expect("a page");
            assert_eq!(seen.url.is_some(), kept, "{url}");
        }
    }

    #[test]
    fn the_trigger_is_the_last_change_to_triggered() {
        let times = r#""created_at":"2026-01-01T10:00:00Z","last_status_change_at":"2026-01-01T12:30:00+02:00","updated_at":"2026-01-01T11:00:00Z""#;
        let seen = read(&format!(r#"{{"id":"P1","status":"triggered",{times}}}"#)).expect("a page");
        assert_eq!(seen.triggered_at.to_rfc3339(), "2026-01-01T10:30:00+00:00", "offsets are honoured");
        assert_eq!(seen.version.to_rfc3339(), "2026-01-01T11:00:00+00:00");
        let seen = read(&format!(r#"{{"id":"P1","status":"acknowledged",{times}}}"#)).expect("a page");
        assert_eq!(seen.triggered_at, seen.created_at, "of a taken page only the creation is known");
    }

    #[test]
    fn only_a_lost_page_is_told_from_the_key() {
        for (body, expected) in [
            (r#"{"error":{"message":"You may have lost access to this incident","code":2018}}"#, true),
            (r#"{"error":{"message":"Access Denied","code":2010}}"#, false),
            (r#"{"error":{"message":"Not authorized","code":"2018"}}"#, false),
            ("Forbidden", false),
            ("", false),
        ] {
            assert_eq!(lost_this_page(body.as_bytes()), expected, "{body}");
        }
    }
}
