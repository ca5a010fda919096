//! What people and their scripts do over PagerDuty's API beside taking pages: each route against its document.

use herald_practice::{EntryKind, Status};
use reqwest::Method;
use serde_json::{Value, json};

use crate::{Desk, code};

fn incident(desk: &Desk, fields: Value) -> Value {
    let service = desk.world.cast().services[0].id.clone();
    let mut incident = json!({
        "type": "incident", "title": "Search is slow", "service": {"id": service, "type": "service_reference"},
    });
    for (name, value) in fields.as_object().expect("fields") {
        incident[name] = value.clone();
    }
    json!({ "incident": incident })
}

async fn create(desk: &Desk, fields: Value) -> Value {
    let (status, body) = desk.post("/incidents", incident(desk, fields)).await;
    assert_eq!(status, 201, "{body}");
    body["incident"].clone()
}

#[tokio::test]
async fn an_incident_is_made_by_hand() {
    let desk = Desk::quiet().await;
    let details = json!({"type": "incident_body", "details": "Since ten."});
    let made = create(&desk, json!({"urgency": "low", "incident_key": "search-1", "body": details})).await;
    assert_eq!((&made["status"], &made["urgency"]), (&json!("triggered"), &json!("low")));
    assert_eq!(made["incident_key"], "search-1");
    assert_eq!(made["last_status_change_by"]["id"], json!(desk.id_of("elena")), "it was made by the key's user");
    let state = desk.state("last");
    assert_eq!((state.api_writes, state.log[0].what), (1, EntryKind::Trigger));

    let again = desk.post("/incidents", incident(&desk, json!({"incident_key": "search-1"}))).await;
    assert_eq!(code(&again), (400, 2002), "the same key while the first is open");
    desk.resolve("last");
    create(&desk, json!({"incident_key": "search-1"})).await;
}

#[tokio::test]
async fn what_lacks_something_is_not_made() {
    let desk = Desk::quiet().await;
    let policy = desk.world.cast().policies[0].id.clone();
    let me = json!([{"assignee": {"id": desk.id_of("elena"), "type": "user_reference"}}]);
    for (what, fields) in [
        ("a title", json!({"title": ""})),
        ("a type", json!({"type": "incident_reference"})),
        ("a service", json!({"service": {"id": "PNOTHING"}})),
        ("one way of assigning", json!({"escalation_policy": {"id": policy}, "assignments": me})),
    ] {
        assert_eq!(code(&desk.post("/incidents", incident(&desk, fields)).await), (400, 2001), "{what} is needed");
    }
    assert!(desk.world.incidents().is_empty());
}

#[tokio::test]
async fn who_assigns_to_themselves_has_it() {
    let desk = Desk::quiet().await;
    let to = |user: &str| json!({"assignments": [{"assignee": {"id": desk.id_of(user), "type": "user_reference"}}]});
    assert_eq!(create(&desk, to("elena")).await["status"], "acknowledged");
    let other = create(&desk, to("dana")).await;
    assert_eq!((&other["status"], &other["assigned_via"]), (&json!("triggered"), &json!("direct_assignment")));
}

#[tokio::test]
async fn some_are_merged_into_one() {
    let desk = Desk::quiet().await;
    let (kept, gone) = (desk.trigger("One"), desk.trigger("The same"));
    let merge = |into: &str, from: &str| {
        let path = format!("/incidents/{into}/merge");
        (path, json!({"source_incidents": [{"id": from, "type": "incident_reference"}]}))
    };
    let (path, body) = merge(&kept, &gone);
    let (status, answer) = desk.ask(Method::PUT, &path, Some(body)).await;
    assert_eq!((status, &answer["incident"]["type"]), (200, &json!("incident_reference")));
    assert_eq!(desk.state(&gone).status, Status::Resolved);
    let source = desk.get(&format!("/incidents/{gone}")).await.1["incident"].clone();
    assert_eq!(source["resolve_reason"]["type"], "merge_resolve_reason");
    assert_eq!(source["resolve_reason"]["incident"]["id"], json!(kept));
    let alerts = desk.get(&format!("/incidents/{kept}/alerts")).await.1;
    assert_eq!(alerts["alerts"].as_array().map(Vec::len), Some(2), "its alert came along");
    let alert = alerts["alerts"][0]["id"].as_str().expect("an id");
    assert_eq!(desk.get(&format!("/incidents/{kept}/alerts/{alert}")).await.1["alert"]["id"], json!(alert));

    desk.resolve(&kept);
    let (path, body) = merge(&kept, &desk.trigger("Late"));
    assert_eq!(desk.ask(Method::PUT, &path, Some(body)).await.0, 400, "the target must be open");
}

#[tokio::test]
async fn the_log_of_all_is_one_list() {
    let desk = Desk::quiet().await;
    let (first, second) = (desk.trigger("One"), desk.trigger("Two"));
    desk.acknowledge(&first, "elena");
    let entries = desk.get("/log_entries?is_overview=true&limit=2").await.1;
    assert_eq!((&entries["more"], entries["log_entries"].as_array().map(Vec::len)), (&json!(true), Some(2)));
    assert_eq!(entries["log_entries"][0]["type"], "acknowledge_log_entry", "the newest first");
    let all = desk.get("/log_entries?limit=100").await.1["log_entries"].as_array().expect("a list").clone();
    let of = |id: &str| all.iter().filter(|entry| entry["incident"]["id"] == id).count();
    assert!(of(&first) > 1 && of(&second) > 1);
    let id = all[0]["id"].as_str().expect("an id");
    assert_eq!(desk.get(&format!("/log_entries/{id}")).await.1["log_entry"]["id"], json!(id));
    assert_eq!(code(&desk.get("/log_entries/RNOTHING").await), (404, 2100));
}

#[tokio::test]
async fn teams_and_abilities_are_told() {
    let desk = Desk::quiet().await;
    let team = desk.get("/teams").await.1["teams"][0].clone();
    let id = team["id"].as_str().expect("an id");
    assert_eq!(
        (&team["type"], desk.get(&format!("/teams/{id}")).await.1["team"].clone()),
        (&json!("team"), team.clone())
    );
    let members = desk.get(&format!("/teams/{id}/members?limit=100")).await.1;
    assert_eq!(members["members"][0]["user"]["type"], "user_reference");
    assert!(desk.get("/abilities").await.1["abilities"].as_array().is_some_and(|all| all.contains(&json!("teams"))));
    assert_eq!(desk.get("/abilities/teams").await, (204, Value::Null));
    assert_eq!(code(&desk.get("/abilities/sso").await), (402, 2014));
    assert_eq!(code(&desk.get("/abilities/flying").await), (404, 2100));
}

#[tokio::test]
async fn an_override_is_laid_over_and_taken_back() {
    let desk = Desk::quiet().await;
    let schedule = desk.world.cast().schedules[0].id.clone();
    let path = format!("/schedules/{schedule}/overrides");
    let window = "?since=2032-05-01T00:00:00Z&until=2032-06-01T00:00:00Z";
    let user = json!({"id": desk.id_of("dana"), "type": "user_reference"});
    let from_to = |start: &str, end: &str| json!({"start": start, "end": end, "user": user});
    let list = json!({"overrides": [
        from_to("2032-05-16T08:00:00Z", "2032-05-16T16:00:00Z"), from_to("2032-05-17T08:00:00Z", "2032-05-17T08:00:00Z"),
    ]});
    let (status, made) = desk.post(&path, list).await;
    assert_eq!((status, &made[0]["status"], &made[1]["status"]), (201, &json!(201), &json!(400)));
    assert_eq!(made[1]["errors"], json!(["Override must end after its start"]));
    let id = made[0]["override"]["id"].as_str().expect("an id");
    assert_eq!(desk.get(&format!("{path}{window}")).await.1["overrides"][0]["id"], json!(id));
    assert_eq!(desk.get(&path).await.0, 400, "the window is needed");
    let records = desk.get("/audit/records").await.1;
    assert_eq!((&records["records"][0]["action"], &records["next_cursor"]), (&json!("create"), &Value::Null));

    assert_eq!(desk.ask(Method::DELETE, &format!("{path}/{id}"), None).await.0, 204);
    assert_eq!(desk.get(&format!("{path}{window}")).await.1, json!({"overrides": []}));
    assert_eq!(desk.ask(Method::DELETE, &format!("{path}/{id}"), None).await.0, 404);
}

#[tokio::test]
async fn audit_records_come_by_cursor() {
    let desk = Desk::quiet().await;
    let schedule = desk.world.cast().schedules[0].id.clone();
    let user = json!({"id": desk.id_of("dana"), "type": "user_reference"});
    let days = (10..15).map(|day| {
        json!({"start": format!("2032-05-{day}T08:00:00Z"), "end": format!("2032-05-{day}T16:00:00Z"), "user": user})
    });
    desk.post(&format!("/schedules/{schedule}/overrides"), json!({"overrides": days.collect::<Vec<Value>>()})).await;
    let (mut seen, mut cursor) = (0, String::new());
    loop {
        let page = desk.get(&format!("/schedules/{schedule}/audit/records?limit=2{cursor}")).await.1;
        seen += page["records"].as_array().expect("records").len();
        let Some(next) = page["next_cursor"].as_str() else { break };
        cursor = format!("&cursor={}", next.replace('=', "%3D"));
    }
    assert_eq!(seen, 5);
    assert_eq!(desk.get("/audit/records?cursor=nonsense").await.0, 400);
}

#[tokio::test]
async fn people_are_asked_to_help_and_no_longer() {
    let desk = Desk::quiet().await;
    let page = desk.trigger("Search is slow");
    let (me, other) = (desk.id_of("elena"), desk.id_of("dana"));
    let target = json!({"id": other, "type": "user_reference"});
    let ask = json!({
        "requester_id": me, "message": "Please join.",
        "responder_request_targets": [{"responder_request_target": target}],
    });
    let path = format!("/incidents/{page}/responder_requests");
    let (status, body) = desk.post(&path, ask.clone()).await;
    assert_eq!((status, &body["responder_request"]["message"]), (200, &json!("Please join.")), "{body}");
    let targets = &body["responder_request"]["responder_request_targets"];
    assert_eq!(targets[0]["responder_request_target"]["incidents_responders"][0]["state"], "pending");
    let shown = desk.get(&format!("/incidents/{page}")).await.1["incident"].clone();
    assert_eq!(shown["incidents_responders"][0]["user"]["id"], json!(other));
    assert!(
        shown["assignments"].as_array().is_some_and(|all| all.iter().all(|it| it["assignee"]["id"] != json!(other)))
    );

    let mut nobody = ask.clone();
    nobody["requester_id"] = json!("PNOBODY");
    assert_eq!(code(&desk.post(&path, nobody).await), (400, 1008));
    let cancel =
        json!({"requester_id": me, "responder_request_targets": [target, {"id": me, "type": "user_reference"}]});
    let (_, body) = desk.ask(Method::PUT, &format!("{path}/cancel"), Some(cancel)).await;
    let results: Vec<&Value> =
        body["responder_request_targets"].as_array().expect("results").iter().map(|it| &it["result"]).collect();
    assert_eq!(results, ["cancelled", "not_found"]);
}
