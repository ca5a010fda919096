//! Status.io's traps, and its requests word for word.

use chrono::TimeDelta;
use herald_core::feed::PageKind;

use super::*;
use crate::status_page::tests::publication;

fn read(json: &str) -> Option<(PageTold, u32, bool)> {
    let page = StatusPage {
        kind: PageKind::StatusIo,
        api_url: "https://api.status.example/v2".into(),
        feed_url: "https://status.example/1.0/status".into(),
        public_url: "https://status.example".into(),
        page_id: "p1".into(),
        token: None,
    };
    Some(told(&serde_json::from_str(json).ok()?, &page))
}

#[test]
fn a_feed() {
    let (told, skipped, complete) = read(
        r#"{"result":{"status_overall":{"status_code":300},"status":[
        {"id":"c1","name":"Website","status_code":300,"containers":[
          {"id":"d1","name":"US-West","status_code":300},{"id":"d2","name":"EU","status_code":"100"}]},
        {"id":"c2","name":"API","status_code":100,"containers":[{"id":"d1","name":"US-West","status_code":777}]}],
        "incidents":[{"_id":"i1","name":"Slow","current_active":true,"messages":[
          {"details":"Found it.","state":200,"status":300,"datetime":"2026-01-01T10:10:00.000Z"},
          {"details":"We look.","state":100,"status":400,"datetime":"2026-01-01T10:00:00.000Z"}],
          "components_affected":[{"_id":"c1","name":"Website"}],"containers_affected":[{"_id":"d1"}]}],
        "maintenance":{"active":[],"upcoming":[]}}}"#,
    )
    .expect("a feed");
    let names: Vec<_> = told.components.iter().map(|it| (it.id.as_str(), it.name.as_str(), it.impact)).collect();
    assert_eq!(
        names,
        [
            ("c1-d1", "Website (US-West)", Some(Impact::Degraded)),
            ("c1-d2", "Website (EU)", Some(Impact::Operational)),
            ("c2-d1", "API", None),
        ]
    );
    let post = &told.posts[0];
    assert_eq!((post.id.as_str(), post.open, post.components.as_slice()), ("i1", true, &["c1-d1".to_owned()][..]));
    assert_eq!(post.url.as_deref(), Some("https://status.example/pages/incident/p1/i1"));
    let updates: Vec<_> = post.updates.iter().map(|it| (it.text.as_str(), it.phase, it.impact)).collect();
    assert_eq!(
        updates,
        [
            ("We look.", Some(Phase::Investigating), Some(Impact::Partial)),
            ("Found it.", Some(Phase::Identified), Some(Impact::Degraded)),
        ]
    );
    assert_eq!((skipped, complete), (0, true));
}

#[test]
fn odd_items_cost_only_themselves() {
    let (told, skipped, complete) = read(
        r#"{"result":{"status":[null,7,{"id":"c0"},{"id":"../x","containers":[{"id":"d1"}]},
        {"id":"c1","name":null,"containers":[{"id":"d1","status_code":null},{"name":"no id"}]}],
        "incidents":["x",{"name":"no id"},
        {"_id":"i1","name":"a \ud83d b","messages":[{"state":100},null,
          {"details":7,"state":900,"status":900,"datetime":"2026-01-01T10:05:00Z"},
          {"details":"x","state":200,"datetime":"2026-01-01T10:00:00Z"}]},
        {"_id":"i2","name":null,"messages":null,"components_affected":"all"}]}}"#,
    )
    .expect("a feed");
    let names: Vec<_> = told.components.iter().map(|it| (it.id.as_str(), it.name.as_str(), it.impact)).collect();
    assert_eq!(names, [("c1-d1", "c1", None)]);
    let phases: Vec<_> = told.posts[0].updates.iter().map(|it| (it.phase, it.impact)).collect();
    assert_eq!(
        phases,
        [(Some(Phase::Identified), None), (Some(Phase::Identified), None)],
        "an unknown state changes no phase"
    );
    let posts: Vec<_> = told.posts.iter().map(|it| (it.title.as_str(), it.open)).collect();
    assert_eq!(posts, [("a \u{FFFD} b", true), ("(no title)", true)]);
    assert_eq!((skipped, complete), (8, false), "an incident that cannot be read makes absence mean nothing");
}

#[test]
fn what_is_no_feed_is_none() {
    for json in ["{}", "[]", r#"{"result":{}}"#, r#"{"result":{"status":[],"incidents":null}}"#, r#"{"result":[]}"#] {
        assert_eq!(read(json), None, "{json}");
    }
}

#[test]
fn creating() {
    let (path, body) = request("p1", &publication(None, Phase::Investigating, &[Broadcast::Sms, Broadcast::Irc]));
    assert_eq!(path, "/incident/create");
    let expected = json!({
        "statuspage_id": "p1", "incident_name": "Delayed jobs",
        "incident_details": "We're seeing delays. https://gl.example/1",
        "infrastructure_affected": ["c1-d1"], "all_infrastructure_affected": "0",
        "current_status": 300, "current_state": 100,
        "notify_email": "1", "notify_sms": "0", "notify_webhook": "1", "social": "1", "irc": "0", "msteams": "1",
        "slack": "1",
    });
    assert_eq!(body, expected);
}

#[test]
fn updating_and_resolving() {
    let flags = json!({
        "statuspage_id": "p1", "incident_id": "i1",
        "incident_details": "We're seeing delays. https://gl.example/1",
        "notify_email": "1", "notify_sms": "1", "notify_webhook": "1", "social": "1", "irc": "1", "msteams": "1",
        "slack": "1",
    });
    for (phase, expected_path, status, state) in [
        (Phase::Identified, "/incident/update", 300, 200),
        (Phase::Monitoring, "/incident/update", 300, 300),
        (Phase::Resolved, "/incident/resolve", 100, 300),
    ] {
        let mut expected = flags.clone();
        expected["current_status"] = json!(status);
        expected["current_state"] = json!(state);
        let (path, body) = request("p1", &publication(Some("i1"), phase, &[]));
        assert_eq!((path, body), (expected_path, expected), "{phase:?}");
    }
}

#[test]
fn the_body_says_whether_it_was_done() {
    let read = |json: &str| {
        let envelope = serde_json::from_str(json).ok()?;
        Some(result(envelope).map(|it| it.map(|it| it.get().to_owned())).map_err(|fault| fault.kind))
    };
    for (json, expected) in [
        (r#"{"status":{"error":"no","message":"OK"},"result":"i1"}"#, Some(Ok(Some("\"i1\"".into())))),
        (r#"{"status":{"error":"no"}}"#, Some(Ok(None))),
        (r#"{"status":{"error":"yes","message":"Authentication failed"}}"#, Some(Err(FaultKind::Rejected))),
        (r#"{"status":{"error":"maybe"},"result":true}"#, Some(Err(FaultKind::Broken))),
        (r#"{"result":true}"#, None),
    ] {
        assert_eq!(read(json), expected, "{json}");
    }
}

#[test]
fn reading_back() {
    let create = publication(None, Phase::Investigating, &[]);
    let update = publication(Some("i1"), Phase::Monitoring, &[]);
    let resolve = publication(Some("i1"), Phase::Resolved, &[]);
    let at = |minutes: i64| (create.asked_at + TimeDelta::minutes(minutes)).to_rfc3339();
    let earliest = create.asked_at - TimeDelta::minutes(1);
    let one = |name: &str, details: &str, state: u16, minutes: i64| json!([{"_id":"i1","name":name,"messages":[{"details":details,"state":state,"datetime":at(minutes)}]}]);
    let body = "We&#39;re seeing delays. https://gl.example/1";
    for (name, publication, result, expected) in [
        ("created", &create, one("Delayed jobs", body, 100, 0), Some(true)),
        ("an older one like it", &create, one("Delayed jobs", body, 100, -30), Some(false)),
        ("another name", &create, one("Other", body, 100, 0), Some(false)),
        ("none", &create, json!([]), Some(false)),
        ("messages left out", &create, json!([{"_id":"i1","name":"Delayed jobs"}]), None),
        ("an incident without an id", &create, json!([{"name":"Delayed jobs"}]), None),
        ("no list", &create, json!(true), None),
        ("updated", &update, one("any", body, 300, 1), Some(true)),
        ("another state", &update, one("any", body, 200, 1), Some(false)),
        ("one object", &update, one("any", body, 300, 1)[0].clone(), Some(true)),
        ("resolved", &resolve, one("any", body, 400, 1), Some(true)),
    ] {
        let result = RawValue::from_string(result.to_string()).expect("valid JSON");
        let found = look(&result, publication, earliest).map(|looked| looked.found.is_some());
        assert_eq!(found, expected, "{name}");
    }
}
