//! Statuspage's traps, and its requests word for word.

use chrono::TimeDelta;
use herald_core::amends::Amends;
use herald_core::basis::Basis;

use super::*;
use crate::status_page::tests::publication;

const MARKER: &str = "7-1800000000000";

fn read(json: &str) -> Option<(PageTold, u32, bool)> {
    Some(told(&serde_json::from_str(json).ok()?))
}

#[test]
fn a_summary() {
    let (told, skipped, complete) = read(
        r#"{"page":{"id":"p1"},"components":[
        {"id":"g1","name":"Git","status":"operational","group":true},
        {"id":"c1","name":"SSH","status":"partial_outage","group":false,"group_id":"g1"},
        {"id":"c2","name":"API","status":"under_maintenance","group_id":null}],
        "incidents":[{"id":"i1","name":"Slow","status":"identified","shortlink":"https://stspg.example/i1",
          "components":[{"id":"c1","name":"SSH","status":"partial_outage"}],
          "incident_updates":[
          {"status":"identified","body":"Found it.","created_at":"2026-01-01T11:10:00+01:00","display_at":null,
           "affected_components":[{"code":"c1","new_status":"partial_outage"},{"code":"c2","new_status":"odd"}]},
          {"status":"investigating","body":"We look.","display_at":"2026-01-01T10:00:00Z",
           "affected_components":[{"code":"c1","new_status":"major_outage"},{"new_status":"operational"}]}]}]}"#,
    )
    .expect("a summary");
    let names: Vec<_> = told.components.iter().map(|it| (it.id.as_str(), it.name.as_str(), it.impact)).collect();
    assert_eq!(names, [("c1", "SSH (Git)", Some(Impact::Partial)), ("c2", "API", None)]);
    let post = &told.posts[0];
    assert_eq!((post.id.as_str(), post.open, post.url.as_deref()), ("i1", true, Some("https://stspg.example/i1")));
    assert_eq!(post.components, ["c1"]);
    let updates: Vec<_> = post.updates.iter().map(|it| (it.text.as_str(), it.phase, it.impact)).collect();
    assert_eq!(
        updates,
        [
            ("We look.", Some(Phase::Investigating), Some(Impact::Disruption)),
            ("Found it.", Some(Phase::Identified), None)
        ]
    );
    assert_eq!((skipped, complete), (0, true));
}

#[test]
fn planned_maintenance_is_told() {
    for (planned, expected, complete) in [
        (
            r#"[{"id":"m1","name":"Move","status":"scheduled","scheduled_for":"2026-05-16T11:00:00+02:00"},
                {"id":"m2","name":"Swap","status":"verifying"},{"id":"m3","name":"Old","status":"completed"}]"#,
            vec![("m1", Some("2026-05-16T09:00:00Z"), false), ("m2", None, true)],
            true,
        ),
        (r#"[{"id":"m1","status":"exploding"},null]"#, vec![], false),
        (r#"{"odd":1}"#, vec![], false),
        ("[]", vec![], true),
    ] {
        let json = format!(r#"{{"components":[],"incidents":[],"scheduled_maintenances":{planned}}}"#);
        let (told, ..) = read(&json).expect("a summary");
        let seen: Vec<_> = told.maintenances.iter().map(|it| (it.id.as_str(), it.starts_at, it.active)).collect();
        let expected: Vec<_> =
            expected.into_iter().map(|(id, at, on)| (id, at.map(|at| at.parse().expect("a time")), on)).collect();
        assert_eq!((seen, told.maintenances_complete), (expected, complete), "{planned}");
    }
}

#[test]
fn odd_items_cost_only_themselves() {
    let (told, skipped, complete) = read(
        r#"{"components":[null,{"name":"no id"},{"id":"a/b"},{"id":"c1","name":7,"status":null}],
        "incidents":[{"id":7},{"id":"i1","name":null,"status":"exploding","shortlink":"javascript:alert(1)",
          "components":null,"incident_updates":[null,{"status":"monitoring"},
          {"status":"exploding","body":null,"display_at":"2026-01-01T10:00:00Z","affected_components":null}]}]}"#,
    )
    .expect("a summary");
    let names: Vec<_> = told.components.iter().map(|it| (it.name.as_str(), it.impact)).collect();
    assert_eq!(names, [("c1", None)]);
    let post = &told.posts[0];
    assert_eq!((post.title.as_str(), post.open, post.url.as_deref()), ("(no title)", true, None));
    let updates: Vec<_> = post.updates.iter().map(|it| (it.phase, it.impact)).collect();
    assert_eq!(updates, [(None, None)], "nobody can tell");
    assert_eq!((skipped, complete), (6, false), "an incident that cannot be read makes absence mean nothing");
    for json in ["{}", "[]", r#"{"components":[]}"#, r#"{"components":[],"incidents":null}"#] {
        assert_eq!(read(json), None, "{json}");
    }
}

#[test]
fn creating() {
    let expected = json!({ "incident": {
        "name": "Delayed jobs", "status": "investigating", "body": "We're seeing delays. https://gl.example/1",
        "components": { "c1-d1": "degraded_performance" }, "component_ids": ["c1-d1"],
        "deliver_notifications": true, "metadata": { "herald": { "publication": MARKER } },
    }});
    assert_eq!(request(&publication(None, Phase::Investigating, &[Broadcast::Sms])), expected);
}

#[test]
fn updating_and_resolving() {
    for (phase, muted, status, component, deliver) in [
        (Phase::Monitoring, &[][..], "monitoring", "degraded_performance", true),
        (Phase::Monitoring, &[Broadcast::Sms, Broadcast::Slack], "monitoring", "degraded_performance", true),
        (Phase::Monitoring, &[Broadcast::Email], "monitoring", "degraded_performance", false),
        (Phase::Resolved, &Broadcast::ALL[..], "resolved", "operational", false),
    ] {
        let expected = json!({ "incident": {
            "status": status, "body": "We're seeing delays. https://gl.example/1",
            "components": { "c1-d1": component }, "component_ids": ["c1-d1"],
            "deliver_notifications": deliver, "metadata": { "herald": { "publication": MARKER } },
        }});
        assert_eq!(request(&publication(Some("i1"), phase, muted)), expected, "{phase:?}");
    }
    for (why, amends, name, components, ids) in [
        ("nothing but words", Amends::default(), Value::Null, Value::Null, Value::Null),
        (
            "one more component",
            Amends { components: true, sets: BTreeSet::from(["c2-d2".into()]), ..Amends::default() },
            Value::Null,
            json!({ "c2-d2": "degraded_performance" }),
            json!(["c1-d1", "c2-d2"]),
        ),
        (
            "one less",
            Amends { components: true, ..Amends::default() },
            Value::Null,
            Value::Null,
            json!(["c1-d1", "c2-d2"]),
        ),
        ("another title", Amends { title: true, ..Amends::default() }, json!("Delayed jobs"), Value::Null, Value::Null),
    ] {
        let mut update = publication(Some("i1"), Phase::Monitoring, &[]);
        update.text.components.insert("c2-d2".into());
        update.amends = Some(amends);
        let sent = &request(&update)["incident"];
        assert_eq!([&sent["name"], &sent["components"], &sent["component_ids"]], [&name, &components, &ids], "{why}");
    }
    let mut bare = publication(Some("i1"), Phase::Monitoring, &[]);
    bare.text.components.clear();
    let request = request(&bare);
    assert_eq!(request["incident"].get("component_ids"), None, "an empty list would detach all");
}

#[test]
fn reading_back() {
    let create = publication(None, Phase::Investigating, &[]);
    let update = publication(Some("i1"), Phase::Monitoring, &[]);
    let at = |minutes: i64| (create.asked_at + TimeDelta::minutes(minutes)).to_rfc3339();
    let earliest = create.asked_at - TimeDelta::minutes(1);
    let one = |name: &str, status: &str, minutes: i64| {
        json!({"id":"i1","name":name,"incident_updates":[
            {"body":create.text.body,"status":status,"created_at":at(minutes)}]})
    };
    let there = Some(ReadBackPost::There { post: "i1".into() });
    let absent = || Some(ReadBackPost::Absent);
    let marked = |mut incident: Value, mark: &str| {
        incident["metadata"] = json!({"herald": {"publication": mark}});
        incident
    };
    for (name, publication, incident, expected) in [
        ("marked", &create, json!({"id":"i1","metadata":{"herald":{"publication":MARKER}}}), there.clone()),
        ("marked by another", &create, json!({"id":"i1","metadata":{"herald":{"publication":"7-1"}}}), absent()),
        ("by its words", &create, one("Delayed jobs", "investigating", 0), there.clone()),
        (
            "its words under another mark",
            &create,
            marked(one("Delayed jobs", "investigating", 0), "7-1"),
            Some(ReadBackPost::Alike),
        ),
        ("an older one like it", &create, one("Delayed jobs", "investigating", -30), absent()),
        ("another name", &create, one("Other", "investigating", 0), absent()),
        ("updates left out", &create, json!({"id":"i1","name":"Delayed jobs"}), None),
        ("an incident without an id", &create, json!({"name":"Delayed jobs"}), None),
        ("updated", &update, one("any", "monitoring", 1), there),
        ("another status", &update, one("any", "identified", 1), absent()),
    ] {
        let list = [RawValue::from_string(incident.to_string()).expect("valid JSON")];
        assert_eq!(look(&list, publication, earliest), expected, "{name}");
    }
    // The same text twice within a minute: what was there when it was sent is the earlier attempt.
    let incident = |times: usize| {
        let update = json!({"body": update.text.body, "status": "monitoring", "created_at": at(0)});
        let list = json!({"id": "i1", "name": "any", "incident_updates": vec![update; times]});
        [RawValue::from_string(list.to_string()).expect("valid JSON")]
    };
    let known = posts(&incident(1)).expect("readable").remove(0).updates;
    let basis = Basis { post: Some("i1".into()), updates: known, ..Basis::default() };
    let again = Publication { basis: Some(basis), ..update.clone() };
    assert_eq!(look(&incident(1), &again, earliest), absent(), "only the earlier one");
    assert_eq!(look(&incident(2), &again, earliest), Some(ReadBackPost::There { post: "i1".into() }));
    let opened = Basis { posts: ["i1".to_owned()].into(), ..Basis::default() };
    let again = Publication { basis: Some(opened), ..create.clone() };
    let same = [RawValue::from_string(one("Delayed jobs", "investigating", 0).to_string()).expect("valid JSON")];
    assert_eq!(look(&same, &again, earliest), absent(), "an incident that was there before");
}

/// The last look reads what the API says: nothing is certain when a part of it cannot be read.
#[test]
fn looking_before_sending() {
    let read = |incident: Value| posts(&[RawValue::from_string(incident.to_string()).expect("valid JSON")]);
    let update = json!({"body": "All is well.", "status": "resolved", "created_at": "2027-01-15T08:00:00Z"});
    let over = json!({
        "id": "i1", "name": "Delayed jobs", "status": "resolved", "components": [{"id": "c1"}],
        "incident_updates": [update],
    });
    let post = read(over.clone()).expect("readable").remove(0);
    assert_eq!((post.id.as_str(), post.open, post.components.as_slice()), ("i1", false, ["c1".to_owned()].as_slice()));
    assert_eq!(post.updates.len(), 1);
    let mut without = over.clone();
    without["incident_updates"] = Value::Null;
    assert_eq!(read(without), None, "its updates are left out");
    let mut garbled = over;
    garbled["incident_updates"] = json!([{"body": "All is well."}]);
    assert_eq!(read(garbled), None, "an update without a time");
}

/// Written anew after the shape of answers that the real service gave; source: faros-ai/airbyte-connectors,
/// `destinations/airbyte-faros-destination/test/resources/statuspage/all-streams.log`, stream incidents.
const RECORDED: &str = include_str!("recorded.json");

#[test]
fn what_the_real_service_answered() {
    let (told, skipped, complete) =
        read(&format!(r#"{{"components":[],"incidents":{RECORDED}}}"#)).expect("a list of incidents");
    assert_eq!((skipped, complete), (0, true));
    let seen: Vec<_> = told.posts.iter().map(|it| (it.title.as_str(), it.open, it.updates.len())).collect();
    assert_eq!(seen, [("Uploads fail for some", true, 2), ("Everything was down", false, 2)]);
    let first = &told.posts[0];
    assert_eq!(first.components, ["c0api", "c2up"]);
    assert_eq!(first.url.as_deref(), Some("https://stspg.example/k2v0"));
    let updates: Vec<_> = first.updates.iter().map(|it| (it.text.as_str(), it.impact)).collect();
    let expected = [
        ("Uploads fail for some of you.", Some(Impact::Disruption)),
        ("We go on looking into it.", Some(Impact::Degraded)),
    ];
    assert_eq!(updates, expected, "the oldest first, each with the gravest of what it left");
    let last = told.posts[1].updates.last().map(|it| (it.phase, it.impact));
    assert_eq!(last, Some((Some(Phase::Resolved), Some(Impact::Operational))));
}

/// What an incident says of itself is true of its newest update, and dates it where nothing else does. Shapes: the
/// summary of Cloudflare's page as public test suites hold it (updates that are only a body), Statuspage's OpenAPI
/// document, schema Incident (`status`, `created_at`, `updated_at`).
#[test]
fn what_the_incident_says_holds_where_its_updates_say_less() {
    let own = r#""id":"i1","name":"Slow","updated_at":"2026-05-13T15:30:38.869Z","started_at":"2026-05-13T14:39:12Z""#;
    let at = |text: &str| text.parse::<Time>().expect("a time");
    for (status, updates, expected, skipped) in [
        ("identified", r#"[{"body":"<p>We have a fix.</p>"}]"#, vec![("15:30:38", Some(Phase::Identified))], 0),
        ("resolved", r#"[{"body":"newest"},{"body":"older"}]"#, vec![("15:30:38", Some(Phase::Resolved))], 1),
        (
            "monitoring",
            r#"[{"body":"b","created_at":"2026-05-13T15:00:00Z"},{"body":"a","status":"identified","created_at":"2026-05-13T14:50:00Z"}]"#,
            vec![("14:50:00", Some(Phase::Identified)), ("15:00:00", Some(Phase::Monitoring))],
            0,
        ),
        ("exploding", r#"[{"body":"a"}]"#, vec![("15:30:38", None)], 0),
        ("monitoring", "[]", vec![], 0),
        ("monitoring", "null", vec![], 0),
    ] {
        let json =
            format!(r#"{{"components":[],"incidents":[{{{own},"status":"{status}","incident_updates":{updates}}}]}}"#);
        let (told, left_out, complete) = read(&json).expect("a summary");
        let post = &told.posts[0];
        let seen: Vec<_> = post.updates.iter().map(|it| (it.at.format("%H:%M:%S").to_string(), it.phase)).collect();
        let expected: Vec<_> = expected.into_iter().map(|(at, phase)| (at.to_owned(), phase)).collect();
        assert_eq!((seen, left_out, complete), (expected, skipped, true), "{status} {updates}");
        assert_eq!(post.open, status != "resolved", "{status}");
        assert!(post.updates.iter().all(|it| !it.text.contains('<') && it.at <= at("2026-05-13T15:30:39Z")));
    }
}

/// The API's list holds planned work beside incidents (Statuspage's OpenAPI document, `status` of Incident).
#[test]
fn planned_work_among_the_incidents_is_none() {
    let json = r#"{"components":[],"incidents":[{"id":"m1","name":"Move","status":"in_progress","impact":"maintenance"},
        {"id":"m2","name":"Move","status":"scheduled"},{"id":"i1","name":"Slow","status":"investigating","impact":"minor"}]}"#;
    let (told, skipped, complete) = read(json).expect("a summary");
    assert_eq!((told.posts.len(), skipped, complete), (1, 0, true));
}
