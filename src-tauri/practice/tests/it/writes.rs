//! Changing incidents over REST: what PagerDuty takes, refuses, and does to you.

use herald_practice::Status;
use reqwest::Method;
use serde_json::{Value, json};

use crate::{Desk, code};

#[tokio::test]
async fn acknowledging_and_resolving() {
    let desk = Desk::quiet().await;
    let id = desk.trigger("down");
    let (status, body) = desk.put(&id, json!({"status": "acknowledged"})).await;
    assert_eq!((status, &body["incident"]["status"]), (200, &json!("acknowledged")));
    assert_eq!(body["incident"]["acknowledgements"][0]["acknowledger"]["summary"], "Elena Marek");
    assert_eq!(body["incident"]["last_status_change_by"]["type"], "user_reference");
    assert_eq!(body["incident"]["pending_actions"][0]["type"], "unacknowledge");

    let (status, body) = desk.put(&id, json!({"status": "resolved", "resolution": "all good"})).await;
    assert_eq!((status, &body["incident"]["status"]), (200, &json!("resolved")));
    assert_eq!((&body["incident"]["assignments"], &body["incident"]["acknowledgements"]), (&json!([]), &json!([])));
    assert_eq!(code(&desk.put(&id, json!({"status": "resolved"})).await), (400, 1001), "it is resolved already");
    let state = desk.state(&id);
    assert_eq!((state.api_writes, state.acknowledged_count, state.epoch), (2, 1, 1));
}

#[tokio::test]
async fn acknowledging_a_resolved_incident_reopens_it_for_the_caller() {
    let desk = Desk::quiet().await;
    let id = desk.trigger("down");
    desk.resolve(&id);
    let (status, body) = desk.put(&id, json!({"status": "acknowledged"})).await;
    assert_eq!((status, &body["incident"]["status"]), (200, &json!("acknowledged")));
    assert_eq!(body["incident"]["resolved_at"], Value::Null);
    let state = desk.state(&id);
    assert_eq!((state.status, state.assigned_to), (Status::Acknowledged, vec!["elena".to_owned()]));
}

#[tokio::test]
async fn triggering_over_rest_opens_again() {
    let desk = Desk::quiet().await;
    let id = desk.trigger("down");
    desk.put(&id, json!({"status": "acknowledged"})).await;
    desk.put(&id, json!({"status": "triggered"})).await;
    assert_eq!((desk.state(&id).status, desk.state(&id).epoch), (Status::Triggered, 2));
    desk.resolve(&id);
    desk.put(&id, json!({"status": "triggered"})).await;
    let state = desk.state(&id);
    assert_eq!((state.status, state.epoch, state.assigned_to.len()), (Status::Triggered, 3, 2));
}

#[tokio::test]
async fn what_is_not_understood_is_refused_and_changes_nothing() {
    let desk = Desk::quiet().await;
    let id = desk.trigger("down");
    let path = format!("/incidents/{id}");
    let bodies = [
        json!({"incident": {"status": "acknowledged"}}),
        json!({"incident": {"type": "page", "status": "acknowledged"}}),
        json!({"incident": {"type": "incident", "status": "open"}}),
        json!({"incident": {"type": "incident", "status": 5}}),
        json!({"incident": {"type": "incident", "status": "acknowledged", "resolution": "x"}}),
        json!({"incident": {"type": "incident", "resolution": "x"}}),
        json!({"incident": {"type": "incident", "escalation_level": 9}}),
        json!({"incident": {"type": "incident", "urgency": "extreme"}}),
        json!({"incident": {"type": "incident", "assignments": [{"assignee": {"id": "PNOBODY"}}]}}),
        json!({"status": "acknowledged"}),
        json!([]),
    ];
    for body in bodies {
        let answer = desk.ask(Method::PUT, &path, Some(body.clone())).await;
        assert_eq!(code(&answer), (400, 2001), "{body}");
        assert!(answer.1["error"]["errors"][0].is_string(), "{body}");
    }
    assert_eq!(desk.ask(Method::PUT, &path, None).await.0, 400, "no body");
    assert_eq!(desk.state(&id).api_writes, 0);
}

#[tokio::test]
async fn other_fields_can_be_changed() {
    let desk = Desk::quiet().await;
    let id = desk.trigger("down");
    let dana = desk.id_of("dana");
    let (_, body) = desk.put(&id, json!({"title": "worse", "urgency": "low", "escalation_level": 2})).await;
    let incident = &body["incident"];
    assert_eq!((&incident["title"], &incident["urgency"]), (&json!("worse"), &json!("low")));
    assert_eq!((desk.state(&id).level, desk.state(&id).assigned_to), (2, vec!["tomas".to_owned()]));
    desk.put(&id, json!({"assignments": [{"assignee": {"id": dana, "type": "user_reference"}}]})).await;
    assert_eq!(desk.state(&id).assigned_to, ["dana"]);
    let platform = desk.world.cast().policies[1].id.clone();
    desk.put(&id, json!({"escalation_policy": {"id": platform, "type": "escalation_policy_reference"}})).await;
    assert_eq!(desk.state(&id).assigned_to, ["aiko"]);
}

#[tokio::test]
async fn many_are_changed_all_or_none() {
    let desk = Desk::quiet().await;
    let ids = [desk.trigger("one"), desk.trigger("two")];
    let change = |id: &str| json!({"id": id, "type": "incident_reference", "status": "acknowledged"});
    let put = async |items: Vec<Value>| desk.ask(Method::PUT, "/incidents", Some(json!({"incidents": items}))).await;
    assert_eq!(put(vec![change(&ids[0]), change("QNOBODY")]).await.0, 404);
    assert_eq!(put(vec![change(&ids[0]), json!({"id": ids[1], "status": "acknowledged"})]).await.0, 400);
    assert_eq!(desk.state(&ids[0]).status, Status::Triggered);
    assert_eq!(put(vec![change(&ids[0]); 251]).await.0, 413);
    let (status, body) = put(vec![change(&ids[0]), change(&ids[1])]).await;
    assert_eq!((status, &body["incidents"][1]["status"], &body["more"]), (200, &json!("acknowledged"), &json!(false)));
}

#[tokio::test]
async fn notes_are_kept() {
    let desk = Desk::quiet().await;
    let id = desk.trigger("down");
    let path = format!("/incidents/{id}/notes");
    let (status, body) = desk.post(&path, json!({"note": {"content": "posted"}})).await;
    assert_eq!((status, &body["note"]["content"]), (200, &json!("posted")));
    assert_eq!(body["note"]["user"]["summary"], "Elena Marek");
    assert_eq!(body["note"]["channel"]["summary"], "The PagerDuty website or APIs");
    assert_eq!(desk.post(&path, json!({"note": {"content": "  "}})).await.0, 400);
    assert_eq!(desk.state(&id).notes, ["posted"]);
    assert_eq!(desk.get(&path).await.1["notes"][0]["content"], "posted");
}
