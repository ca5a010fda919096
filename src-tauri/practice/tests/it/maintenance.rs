//! Maintenance on Status.io and Statuspage, trap by trap.

use herald_practice::{
    Act, ActError, MaintenanceState, MaintenanceWas, PublicMaintenance, PublicStatus, Site, Span, UpkeepState,
};
use serde_json::{Value, json};

use crate::statusio::StatusIo;
use crate::statuspage::Statuspage;

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
    assert_eq!(it.world.maintenances(Site::StatusIo), []);
}

#[tokio::test]
async fn a_maintenance_goes_its_way_by_hand() {
    let it = StatusIo::hasty().await;
    let id = schedule(&it, json!({})).await;
    let list = it.get("/maintenance/list/pending/PAGE?page=1").await.1["result"].clone();
    assert_eq!(list[0]["_id"], json!(id));
    assert_eq!(list[0]["datetime_planned_start"], json!("2032-05-16T09:00:00.000Z"));
    assert_eq!(it.get("/maintenances/PAGE").await.1["result"]["upcoming_maintenances"], json!([id]));
    assert_eq!(it.public().await["maintenance"]["upcoming"][0]["_id"], json!(id));

    let update = it.post("/maintenance/update", &told(&it, &id, json!({}))).await;
    assert_eq!(update.1["result"], json!(true), "an update before the start");
    assert_eq!(it.world.maintenances(Site::StatusIo)[0].state, UpkeepState::Pending, "does not start it");
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
    let flags = &it.world.maintenances(Site::StatusIo)[0].messages[3].1;
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
    let off = Act::AutomationOff(MaintenanceWas { site: Site::StatusIo, maintenance: id.clone() });
    assert_eq!(it.world.do_now(off), Ok(vec![id.clone()]));
    let there = it.world.maintenances(Site::StatusIo).remove(0);
    assert!(!there.automation, "and there is no call that turns it on again");
    assert_eq!(there.state, UpkeepState::Active, "what has begun stays begun");
    let finish = it.post("/maintenance/finish", &told(&it, &id, json!({}))).await;
    assert_eq!(finish.1["result"], json!(true));
    let deleted = it.post("/maintenance/delete", &told(&it, &id, json!({}))).await;
    assert_eq!((deleted.1["result"].clone(), it.world.maintenances(Site::StatusIo)), (json!(true), vec![]));
}

/// Fields of a scheduled maintenance, with others in their place.
fn scheduled(it: &Statuspage, change: &Value) -> Value {
    let mut body = json!({
        "name": "Database move", "status": "scheduled", "body": "Sign-in is slow.",
        "component_ids": [it.id_of("servers")],
        "scheduled_for": "2032-05-16T09:00:00Z", "scheduled_until": "2032-05-16T11:30:00Z",
        "scheduled_auto_in_progress": false, "scheduled_auto_completed": false,
        "scheduled_remind_prior": true, "deliver_notifications": false,
    });
    for (name, value) in change.as_object().expect("fields") {
        body[name] = value.clone();
    }
    body
}

fn only(it: &Statuspage) -> MaintenanceState {
    let mut all = it.world.maintenances(Site::Statuspage);
    assert_eq!(all.len(), 1);
    all.remove(0)
}

fn ids(list: &Value) -> Vec<&str> {
    list.as_array().expect("a list").iter().filter_map(|it| it["id"].as_str()).collect()
}

#[tokio::test]
async fn a_statuspage_checks_what_is_scheduled() {
    let it = Statuspage::quiet().await;
    for (change, expected) in [
        (json!({"name": ""}), "Name can't be blank"),
        (json!({"scheduled_for": null}), "Scheduled for can't be blank"),
        (json!({"scheduled_until": null}), "Scheduled until can't be blank"),
        (json!({"scheduled_for": "05/16/2032"}), "scheduled_for is invalid"),
        (json!({"scheduled_until": "2032-05-16T09:00:00Z"}), "Scheduled until must be after scheduled for"),
        (json!({"status": "investigating"}), "Status is invalid"),
        (json!({"component_ids": ["odd"]}), "component_ids is invalid"),
        (json!({"scheduled_auto_in_progress": "1"}), "scheduled_auto_in_progress is invalid"),
    ] {
        let (status, body) = it.create(scheduled(&it, &change)).await;
        assert_eq!((status, body.to_string().contains(expected)), (422, true), "{change}: {body}");
    }
    assert_eq!((it.world.maintenances(Site::Statuspage), it.world.statuspage_incidents()), (vec![], vec![]));
}

#[tokio::test]
async fn a_maintenance_of_a_statuspage_goes_its_way_by_hand() {
    let it = Statuspage::quiet().await;
    let (status, made) = it.create(scheduled(&it, &json!({}))).await;
    assert_eq!((status, &made["status"], &made["impact"]), (201, &json!("scheduled"), &json!("maintenance")));
    let id = made["id"].as_str().expect("an id").to_owned();
    assert_eq!(it.get(&format!("/incidents/{id}")).await, (200, made));
    let listed = async |which: &str| ids(&it.get(&format!("/incidents/{which}")).await.1).len();
    let shown = async |file: &str| ids(&it.public(file).await["scheduled_maintenances"]).len();
    assert_eq!([listed("scheduled").await, listed("upcoming").await, listed("active_maintenance").await], [1, 1, 0]);
    assert_eq!(ids(&it.get("/incidents/unresolved").await.1).len(), 0, "it is no incident");
    let (upcoming, active) = ("scheduled-maintenances/upcoming", "scheduled-maintenances/active");
    assert_eq!([shown("summary").await, shown(upcoming).await, shown(active).await], [1, 1, 0]);

    it.patch(&id, json!({"body": "It begins as planned."})).await;
    assert_eq!(only(&it).state, UpkeepState::Pending, "a word alone does not begin it");
    let web = it.id_of("servers");
    it.patch(&id, json!({"status": "in_progress", "body": "We begin.", "components": {&web: "under_maintenance"}}))
        .await;
    assert_eq!((only(&it).state, it.status("servers")), (UpkeepState::Active, PublicStatus::Maintenance));
    it.patch(&id, json!({"status": "verifying", "deliver_notifications": false, "body": "We look."})).await;
    assert_eq!([listed("scheduled").await, listed("active_maintenance").await, shown(active).await], [0, 1, 1]);
    it.patch(&id, json!({"status": "completed", "body": "Done.", "components": {&web: "operational"}})).await;
    assert_eq!((only(&it).state, it.status("servers")), (UpkeepState::Closed, PublicStatus::Operational));
    assert_eq!([shown("summary").await, shown("scheduled-maintenances").await], [0, 1]);
    let told: Vec<(String, bool)> =
        only(&it).messages.into_iter().map(|(text, flags)| (text, flags["deliver_notifications"])).collect();
    let expected = [
        ("Sign-in is slow.", false),
        ("It begins as planned.", true),
        ("We begin.", true),
        ("We look.", false),
        ("Done.", true),
    ];
    assert_eq!(told, expected.map(|(text, told)| (text.to_owned(), told)));
    assert_eq!(it.patch(&id, json!({"status": "resolved"})).await.0, 422, "a word of incidents");
}

#[tokio::test]
async fn a_statuspage_lets_automation_be_helped_and_turned() {
    let it = Statuspage::quiet().await;
    let both = |on: bool| json!({"scheduled_auto_in_progress": on, "scheduled_auto_completed": on});
    let mut change = both(true);
    change["scheduled_for"] = json!("2020-01-01T00:00:00Z");
    let id = it.create(scheduled(&it, &change)).await.1["id"].as_str().expect("an id").to_owned();
    assert_eq!(only(&it).state, UpkeepState::Active, "it begins by itself");
    assert_eq!(it.patch(&id, json!({"body": "Half of it is done."})).await.0, 200, "and takes a word");
    let off = MaintenanceWas { site: Site::Statuspage, maintenance: "last".into() };
    assert_eq!(it.world.do_now(Act::AutomationOff(off)), Ok(vec![id.clone()]));
    assert_eq!((only(&it).automation, only(&it).state), (false, UpkeepState::Active));
    it.patch(&id, both(true)).await;
    assert!(only(&it).automation, "on again");
    assert_eq!(it.patch(&id, json!({"scheduled_auto_completed": false})).await.0, 422);
}

#[tokio::test]
async fn others_schedule_and_delete_on_either_page() {
    for site in [Site::StatusIo, Site::Statuspage] {
        let it = Statuspage::quiet().await;
        let key = it.world.public_components(site)[0].key.clone();
        let plan = PublicMaintenance {
            site,
            title: "Database move".into(),
            text: "Sign-in is slow.".into(),
            components: vec![key.clone()],
            starts_in: Span::hours(1),
            lasts: Span::hours(2),
            automation: true,
        };
        let id = it.world.do_now(Act::PublicMaintenance(plan.clone())).expect("planned").remove(0);
        let there = it.world.maintenances(site).remove(0);
        assert_eq!((there.id.as_str(), there.components, there.automation), (id.as_str(), vec![key], true));
        assert_eq!(there.ends_at - there.starts_at, Span::hours(2).delta());
        let was = |maintenance: &str| MaintenanceWas { site, maintenance: maintenance.into() };
        assert_eq!(it.world.do_now(Act::DeleteMaintenance(was("Database move"))), Ok(vec![id]));
        let none = Err(ActError::NoMaintenance("last".into()));
        assert_eq!(it.world.do_now(Act::AutomationOff(was("last"))), none);
        for odd in [
            PublicMaintenance { title: String::new(), ..plan.clone() },
            PublicMaintenance { lasts: Span::default(), ..plan.clone() },
            PublicMaintenance { components: vec!["odd".into()], ..plan },
        ] {
            assert!(it.world.do_now(Act::PublicMaintenance(odd)).is_err());
        }
    }
}

#[tokio::test]
async fn the_lists_of_maintenance_have_the_vendors_words() {
    let it = StatusIo::hasty().await;
    let id = schedule(&it, json!({})).await;
    let whole = it.get("/maintenance/list/PAGE").await.1["result"].clone();
    assert_eq!(whole["upcoming_maintenances"][0]["_id"], json!(id));
    assert_eq!((&whole["active_maintenances"], &whole["resolved_maintenances"]), (&json!([]), &json!([])));
    let message = whole["upcoming_maintenances"][0]["messages"][0]["_id"].as_str().expect("an id");
    let told = it.get(&format!("/maintenance/message/PAGE/{message}")).await.1["result"].clone();
    assert_eq!(told["maintenance"], json!(id));
}
