//! What PagerDuty's JSON is read as.

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

/// PagerDuty REST OpenAPI, schema Incident, `last_status_change_at`: of a triggered incident it is `updated_at`.
#[test]
fn a_touch_is_no_trigger() {
    let times = r#""created_at":"2026-01-01T10:00:00Z","last_status_change_at":"2026-01-01T13:00:00+02:00","updated_at":"2026-01-01T11:00:00Z""#;
    for status in ["triggered", "acknowledged"] {
        let seen = read(&format!(r#"{{"id":"P1","status":"{status}",{times}}}"#)).expect("a page");
        assert_eq!(seen.triggered_at.to_rfc3339(), "2026-01-01T10:00:00+00:00", "{status}");
        assert_eq!(seen.version.to_rfc3339(), "2026-01-01T11:00:00+00:00", "{status}: offsets are honoured");
    }
}

#[test]
fn a_log_tells_the_last_trigger() {
    let created = "2026-01-01T10:00:01Z";
    let seen = read(&format!(r#"{{"id":"P1","status":"triggered","created_at":"{created}"}}"#)).expect("a page");
    let told = |entries: &[(&str, &str)]| {
        let mut entries: Vec<_> = entries
            .iter()
            .map(|(kind, at)| serde_json::json!({"type": format!("{kind}_log_entry"), "created_at": format!("2026-01-01T{at}Z")}))
            .collect();
        entries.reverse();
        entries.push(serde_json::json!({"type": "odd"}));
        let log = serde_json::from_value(serde_json::json!({ "log_entries": entries })).expect("a log");
        last_trigger(&log, &seen).map(|at| at.format("%H:%M:%S").to_string())
    };
    let first = ("trigger", "10:00:00");
    for (name, entries, expected) in [
        ("nothing can be read", vec![], None),
        ("a second before the incident", vec![first], Some("10:00:01")),
        (
            "touched",
            vec![first, ("annotate", "10:05:00"), ("assign", "10:06:00"), ("escalate", "10:07:00")],
            Some("10:00:01"),
        ),
        ("another alert", vec![first, ("trigger", "10:05:00")], Some("10:00:01")),
        (
            "its time was over",
            vec![first, ("acknowledge", "10:05:00"), ("unacknowledge", "10:35:00")],
            Some("10:35:00"),
        ),
        (
            "and touched since",
            vec![first, ("acknowledge", "10:05:00"), ("unacknowledge", "10:35:00"), ("trigger", "10:40:00")],
            Some("10:35:00"),
        ),
        ("opened again", vec![first, ("resolve", "10:05:00"), ("trigger", "10:35:00")], Some("10:35:00")),
        ("within a second", vec![first, ("acknowledge", "10:05:00"), ("unacknowledge", "10:05:00")], Some("10:05:00")),
        (
            "given to me while taken",
            vec![first, ("acknowledge", "10:05:00"), ("assign", "10:10:00"), ("unacknowledge", "10:35:00")],
            Some("10:35:00"),
        ),
        (
            "escalated after it was taken",
            vec![first, ("acknowledge", "10:05:00"), ("escalate", "10:09:00")],
            Some("10:09:00"),
        ),
        ("the log lags", vec![first, ("acknowledge", "10:05:00")], Some("10:05:00")),
        ("its beginning is not listed", vec![("annotate", "11:00:00")], Some("10:00:01")),
    ] {
        assert_eq!(told(&entries).as_deref(), expected, "{name}");
    }
}

/// After the shape of a recorded answer (faros-ai/airbyte-connectors, destinations/airbyte-faros-destination/test/
/// resources/pagerduty/all-streams.log, incidents): a request to help beside the assignment, fields that are `null`.
#[test]
fn what_the_service_really_answers_is_read_as_what_it_is() {
    let person =
        |id: &str| serde_json::json!({"id": id, "type": "user_reference", "summary": "Robin Ex", "job_title": null});
    let incident = |status: &str, responders: serde_json::Value, rest: serde_json::Value| {
        let mut it = serde_json::json!({
            "incident_number": 7, "title": "Mail stands still", "description": "Mail stands still",
            "created_at": "2026-02-03T08:05:59Z", "updated_at": "2026-02-03T08:05:59Z", "status": status,
            "incident_key": "k", "service": {"id": "PSVC", "type": "service_reference", "summary": "Mail"},
            "assigned_via": "escalation_policy", "last_status_change_at": "2026-02-03T08:05:59Z", "resolved_at": null,
            "alert_counts": {"all": 0, "triggered": 0, "resolved": 0}, "is_mergeable": true, "teams": [],
            "pending_actions": [], "acknowledgements": [], "basic_alert_grouping": null, "alert_grouping": null,
            "incidents_responders": responders, "responder_requests": [], "subscriber_requests": [],
            "urgency": "high", "id": "QIN", "type": "incident", "summary": "[#7] Mail stands still",
        });
        it.as_object_mut().expect("an object").extend(rest.as_object().expect("fields").clone());
        read(&it.to_string()).expect("a page")
    };
    let mine = serde_json::json!({"assignments": [{"at": "2026-02-03T08:05:59Z", "assignee": person("ME")}]});
    let others = serde_json::json!({"assignments": [{"at": "2026-02-03T08:05:59Z", "assignee": person("YOU")}]});
    let ask = |id: &str, state: &str| {
        serde_json::json!([{
            "state": state, "user": person(id), "requester": person("YOU"), "message": "Please help",
            "updated_at": "2026-02-03T08:06:10Z", "requested_at": "2026-02-03T08:06:09Z",
        }])
    };
    let none = || serde_json::json!([]);
    let seen = incident("triggered", ask("ME", "pending"), mine.clone());
    assert!(
        seen.asks_me()
            && !seen.only_asks_me()
            && seen.told.lacks
                == BTreeSet::from([Field::Url, Field::Call, Field::Priority, Field::Kind, Field::Policy]),
        "{seen:?}"
    );
    let asked = seen.asked.expect("asked");
    assert_eq!((asked.by.as_deref(), asked.message.as_deref()), (Some("Robin Ex"), Some("Please help")));
    for (name, seen, expected) in [
        ("another is asked", incident("triggered", ask("YOU", "pending"), others.clone()), false),
        ("I am asked", incident("triggered", ask("ME", "pending"), others.clone()), true),
        ("whoever has it", incident("acknowledged", ask("ME", "pending"), others.clone()), true),
        ("a state that nobody knows", incident("acknowledged", ask("ME", "ringing"), others.clone()), true),
        ("I joined", incident("triggered", ask("ME", "joined"), others.clone()), false),
        ("I declined", incident("triggered", ask("ME", "declined"), others.clone()), false),
        ("withdrawn", incident("triggered", ask("ME", "user_cancelled"), others.clone()), false),
        ("closed", incident("resolved", ask("ME", "pending"), serde_json::json!({"assignments": []})), false),
        ("nobody is asked", incident("triggered", none(), mine), false),
    ] {
        assert_eq!(seen.only_asks_me(), expected, "{name}");
    }
    let acknowledgements = serde_json::json!({"acknowledgements": [
        {"at": "2026-02-03T08:09:00Z", "acknowledger": person("LATE")},
        {"at": "2026-02-03T08:07:00Z", "acknowledger": person("EARLY")},
    ]});
    let taken = incident("acknowledged", none(), acknowledgements);
    assert_eq!(taken.taken_by.map(|by| by.id).as_deref(), Some("LATE"), "the latest, not the last listed");
    let merged = serde_json::json!({"assignments": [], "resolve_reason": {
        "type": "merge_resolve_reason", "incident": {"id": "QOTHER", "type": "incident_reference", "summary": "[#6] Mail"},
    }});
    assert_eq!(incident("resolved", none(), merged).merged_into.as_deref(), Some("[#6] Mail"));
    let more = serde_json::json!({"priority": {"id": "PP", "type": "priority", "summary": "P1", "name": "P1"},
        "incident_type": {"name": "major_incident"},
        "conference_bridge": {"conference_number": "+1 555 0100,,12#", "conference_url": null}});
    let seen = incident("triggered", none(), more);
    assert_eq!((seen.priority.as_deref(), seen.kind.as_deref()), (Some("P1"), Some("major_incident")));
    assert_eq!((seen.call_url, seen.call_number.as_deref()), (None, Some("+1 555 0100,,12#")));
}

/// PagerDuty REST OpenAPI, schema Incident, `conference_bridge`: "Only returned if the `include[]=conference_bridge`
/// query parameter is provided"; so neither by a single GET nor by a PUT.
#[test]
fn an_answer_that_lacks_a_field_says_nothing_about_it() {
    let whole = r#"{"id":"P1","incident_number":7,"title":"Mail","html_url":"https://a.example/P1","status":"acknowledged",
        "urgency":"low","created_at":"2026-01-01T10:00:00Z","updated_at":"2026-01-01T10:05:00Z",
        "service":{"id":"S"},"escalation_policy":{"id":"POL"},"assigned_via":"escalation_policy",
        "assignments":[{"at":"2026-01-01T10:00:00Z","assignee":{"id":"ME"}},{"assignee":{"id":"YOU"}}],
        "acknowledgements":[{"at":"2026-01-01T10:05:00Z","acknowledger":{"id":"ME"}}],
        "pending_actions":[{"type":"unacknowledge","at":"2026-01-01T10:35:00Z"}],
        "conference_bridge":{"conference_url":"https://call.example","conference_number":"+1"},
        "priority":{"id":"PP","summary":"P1"},"incident_type":{"name":"major"},
        "incidents_responders":[{"state":"joined","user":{"id":"ME"},"requested_at":"2026-01-01T10:01:00Z"}]}"#;
    let known = read(whole).expect("a page");
    assert_eq!(known.told, Told::default());
    let fields: serde_json::Map<String, serde_json::Value> = serde_json::from_str(whole).expect("an object");
    for lacking in fields.keys().filter(|name| *name != "id") {
        for instead in [None, Some(serde_json::json!(true))] {
            let mut answer = fields.clone();
            answer.remove(lacking);
            answer.extend(instead.clone().map(|odd| (lacking.clone(), odd)));
            let seen = read(&serde_json::Value::Object(answer).to_string()).expect("a page").completed(&known);
            assert_eq!(seen, known, "without {lacking}, {instead:?}");
        }
    }
    let none = whole.replace(
        r#""conference_bridge":{"conference_url":"https://call.example","conference_number":"+1"}"#,
        r#""conference_bridge":null"#,
    );
    assert_eq!(read(&none).expect("a page").completed(&known).call_url, None, "none is said");
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
