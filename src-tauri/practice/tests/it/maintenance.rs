//! Maintenance on Status.io, trap by trap.

use herald_practice::UpkeepState;
use serde_json::{Value, json};

use crate::statusio::StatusIo;

/// Fields of a schedule, with others in their place.
fn plan(it: &StatusIo, change: Value) -> Value {
    let cast = it.world.cast();
    let component = &cast.statusio.components[0];
    let mut body = json!({
        "statuspage_id": it.world.announcement().statusio.page_id,
        "maintenance_name": "Database move", "maintenance_details": "Sign-in is slow.",
        "infrastructure_affected": [format!("{}-{}", component.id, component.containers[0].id)],
        "all_infrastructure_affected": "0", "automation": "0",
        "date_planned_start": "05/16/2032", "time_planned_start": "09:00",
        "date_planned_end": "05/16/2032", "time_planned_end": "11:30",
        "maintenance_notify_now": "1", "maintenance_notify_1_hr": "0",
        "maintenance_notify_24_hr": "0", "maintenance_notify_72_hr": "0",
    });
    for (name, value) in change.as_object().expect("fields") {
        let fields = body.as_object_mut().expect("fields");
        if value.is_null() {
            fields.remove(name)
        } else {
            fields.insert(name.clone(), value.clone())
        };
    }
    body
}

async fn schedule(it: &StatusIo, change: Value) -> String {
    let (status, body) = it.post("/maintenance/schedule", &plan(it, change)).await;
    assert_eq!((status, &body["status"]["error"]), (200, &json!("no")), "{body}");
    body["result"].as_str().expect("an id").to_owned()
}

fn told(it: &StatusIo, id: &str, change: Value) -> Value {
    let mut body = json!({
        "statuspage_id": it.world.announcement().statusio.page_id, "maintenance_id": id,
        "maintenance_details": "Half of it is done.", "notify_email": "0", "notify_sms": "1", "notify_webhook": "1",
        "social": "1", "irc": "1", "msteams": "1", "slack": "1",
    });
    for (name, value) in change.as_object().expect("fields") {
        body[name] = value.clone();
    }
    body
}

fn refusal(answer: (u16, Value)) -> (u16, String) {
    assert_eq!(answer.1["status"]["error"], "yes", "{}", answer.1);
    (answer.0, answer.1["status"]["message"].as_str().unwrap_or_default().to_owned())
}

#[tokio::test]
async fn a_schedule_is_checked_strictly() {
    let it = StatusIo::hasty().await;
    for (change, expected) in [
        (json!({"date_planned_start": "16/05/2032"}), "date_planned_start is not valid"),
        (json!({"date_planned_start": "16-05-2032"}), "date_planned_start is not valid"),
        (json!({"date_planned_start": "5/16/2032"}), "date_planned_start is not valid"),
        (json!({"date_planned_start": "02/29/2031"}), "date_planned_start is not valid"),
        (json!({"time_planned_end": "9:30"}), "time_planned_end is not valid"),
        (json!({"time_planned_end": "24:00"}), "time_planned_end is not valid"),
        (json!({"time_planned_end": "08:00"}), "The planned end must be after the planned start"),
        (json!({"automation": true}), "automation must be a string"),
        (json!({"automation": "yes"}), "automation must be \"0\" or \"1\""),
        (json!({"maintenance_notify_72_hr": null}), "maintenance_notify_72_hr is required"),
        (json!({"infrastructure_affected": ["odd"]}), "infrastructure_affected is not valid"),
        (json!({"maintenance_name": ""}), "maintenance_name is required"),
    ] {
        let answer = it.post("/maintenance/schedule", &plan(&it, change.clone())).await;
        assert_eq!(refusal(answer), (400, expected.to_owned()), "{change}");
    }
    assert_eq!(it.world.statusio_maintenances(), []);
}

#[tokio::test]
async fn a_maintenance_goes_its_way_by_hand() {
    let it = StatusIo::hasty().await;
    let id = schedule(&it, json!({})).await;
    let list = it.get("/maintenance/list/pending/PAGE?page=1").await.1["result"].clone();
    assert_eq!(list[0]["_id"], json!(id));
    assert_eq!(list[0]["datetime_planned_start"], json!("2032-05-16T09:00:00.000Z"));
    assert_eq!(it.get("/maintenances/PAGE").await.1["result"]["pending_maintenances"], json!([id]));
    assert_eq!(it.public().await["maintenance"]["upcoming"][0]["_id"], json!(id));

    let update = it.post("/maintenance/update", &told(&it, &id, json!({}))).await;
    assert_eq!(update.1["result"], json!(true), "an update before the start");
    assert_eq!(it.world.statusio_maintenances()[0].state, UpkeepState::Pending, "does not start it");
    let early = it.post("/maintenance/finish", &told(&it, &id, json!({}))).await;
    assert_eq!(refusal(early).0, 400, "what has not begun is not finished");
    let missing = it.post("/maintenance/start", &told(&it, &id, json!({"slack": "on"}))).await;
    assert_eq!(refusal(missing).1, "slack must be \"0\" or \"1\"");
    it.post("/maintenance/start", &told(&it, &id, json!({}))).await;
    assert_eq!(it.public().await["maintenance"]["active"][0]["_id"], json!(id));
    let one = it.get(&format!("/maintenance/PAGE/{id}")).await.1["result"].clone();
    assert!(one.is_object(), "an object, where an incident is a list");
    assert_eq!(one["messages"].as_array().map(Vec::len), Some(3));
    it.post("/maintenance/finish", &told(&it, &id, json!({}))).await;
    assert_eq!(it.public().await["maintenance"], json!({"active": [], "upcoming": []}));
    assert_eq!(it.get("/maintenance/list/closed/PAGE?page=1").await.1["result"][0]["_id"], json!(id));
    let flags = &it.world.statusio_maintenances()[0].messages[3].1;
    assert!(!flags["notify_email"] && flags["social"], "who was told");
}

#[tokio::test]
async fn automation_takes_no_hand_until_it_is_off() {
    let it = StatusIo::hasty().await;
    let long_ago = json!({"automation": "1", "date_planned_start": "01/01/2020", "date_planned_end": "05/16/2050"});
    let id = schedule(&it, long_ago).await;
    assert_eq!(it.public().await["maintenance"]["active"][0]["_id"], json!(id), "it begins by itself");
    for what in ["start", "update", "finish"] {
        let answer = it.post(&format!("/maintenance/{what}"), &told(&it, &id, json!({}))).await;
        assert_eq!(refusal(answer), (400, "Maintenance automation is enabled".into()), "{what}");
    }
    assert!(it.world.statusio_automation_off(&id) && !it.world.statusio_automation_off(&id), "off, once and for all");
    assert_eq!(it.world.statusio_maintenances()[0].state, UpkeepState::Active, "what has begun stays begun");
    let finish = it.post("/maintenance/finish", &told(&it, &id, json!({}))).await;
    assert_eq!(finish.1["result"], json!(true));
    let deleted = it.post("/maintenance/delete", &told(&it, &id, json!({}))).await;
    assert_eq!((deleted.1["result"].clone(), it.world.statusio_maintenances()), (json!(true), vec![]));
}
