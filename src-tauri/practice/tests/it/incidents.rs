//! Reading incidents: shape, filters, pages.

use chrono::{DateTime, Utc};
use herald_practice::{
    Act, AnswerRequest, AskResponders, Edit, Link, Merge, Note, Reassign, ResponderState, Span, Trigger,
};
use serde_json::{Value, json};

use crate::{Desk, code, trigger};

#[tokio::test]
async fn an_incident_has_pagerdutys_shape() {
    let desk = Desk::quiet().await;
    let act = Trigger {
        title: "Login down".to_owned(),
        priority: Some("p1".to_owned()),
        details: Some("see the tracker".to_owned()),
        links: vec![Link { href: "https://tracker.example/1".to_owned(), text: "issue".to_owned() }],
        conference_url: Some("https://calls.example/1".to_owned()),
        ..Trigger::default()
    };
    let id = desk.act(Act::Trigger(act)).remove(0);
    let (_, body) = desk.get(&format!("/incidents/{id}?include[]=conference_bridge")).await;
    let incident = &body["incident"];
    assert_eq!(incident["type"], "incident");
    assert_eq!(incident["summary"], "[#4001] Login down");
    assert_eq!((&incident["status"], &incident["urgency"]), (&json!("triggered"), &json!("high")));
    assert_eq!(incident["assigned_via"], "escalation_policy");
    assert_eq!(incident["acknowledgements"], json!([]));
    assert_eq!(incident["resolved_at"], Value::Null);
    assert_eq!(incident["priority"]["summary"], "P1");
    assert_eq!(incident["priority"]["html_url"], Value::Null);
    assert_eq!(incident["service"]["type"], "service_reference");
    assert_eq!(incident["escalation_policy"]["type"], "escalation_policy_reference");
    assert_eq!(incident["first_trigger_log_entry"]["type"], "trigger_log_entry_reference");
    assert_eq!(incident["alert_counts"], json!({"all": 1, "triggered": 1, "resolved": 0}));
    assert_eq!(incident["conference_bridge"]["conference_url"], "https://calls.example/1");
    let created = incident["created_at"].as_str().expect("time");
    assert!(created.ends_with('Z') && created.len() == 20, "UTC, whole seconds: {created}");
    let actions: Vec<&str> = list(&incident["pending_actions"]).map(|action| word(action, "type")).collect();
    assert_eq!(actions, ["escalate", "resolve"]);

    let (_, by_number) = desk.get("/incidents/4001").await;
    assert_eq!(by_number["incident"]["id"], json!(id));
    assert!(by_number["incident"].get("conference_bridge").is_none(), "only when asked for");

    let path = format!("/incidents/{id}/alerts");
    let alert = desk.get(&path).await.1["alerts"][0].clone();
    assert_eq!(alert["body"]["details"]["description"], "see the tracker");
    assert_eq!(alert["body"]["contexts"][0]["href"], "https://tracker.example/1");
}

#[tokio::test]
async fn references_become_objects_when_included() {
    let desk = Desk::quiet().await;
    let id = desk.trigger("down");
    let includes =
        "include[]=assignees&include[]=services&include[]=escalation_policies&include[]=first_trigger_log_entries";
    let (_, body) = desk.get(&format!("/incidents/{id}?{includes}")).await;
    let incident = &body["incident"];
    let assignee = &incident["assignments"][0]["assignee"];
    assert_eq!((word(assignee, "type"), word(assignee, "email")), ("user", "elena@quillbrook.example"));
    assert_eq!(incident["service"]["acknowledgement_timeout"], 1800);
    assert_eq!(incident["escalation_policy"]["num_loops"], 1);
    assert_eq!(incident["first_trigger_log_entry"]["channel"]["type"], "api");
}

#[tokio::test]
async fn real_and_shadow_are_assigned_alike() {
    let desk = Desk::quiet().await;
    let id = desk.trigger("down");
    let (_, body) = desk.get(&format!("/incidents/{id}")).await;
    let names: Vec<&str> =
        list(&body["incident"]["assignments"]).map(|each| word(&each["assignee"], "summary")).collect();
    assert_eq!(names, ["Elena Marek", "Priya Nair"]);
}

#[tokio::test]
async fn lists_are_filtered() {
    let desk = Desk::quiet().await;
    let with = |title: &str, service: &str, urgency: &str| {
        let (service, urgency) = (Some(service.to_owned()), Some(urgency.to_owned()));
        desk.act(Act::Trigger(Trigger { title: title.to_owned(), service, urgency, ..Trigger::default() }));
    };
    with("mine", "comms", "high");
    with("mine low", "comms", "low");
    with("others", "platform", "high");
    with("mine taken", "comms", "high");
    with("mine closed", "comms", "high");
    desk.acknowledge("4004", "elena");
    desk.resolve("4005");
    let me = desk.id_of("elena");
    let platform = desk.world.cast().services[1].id.clone();
    let cases = [
        (String::new(), vec!["mine", "mine low", "others", "mine taken", "mine closed"]),
        ("statuses[]=triggered".to_owned(), vec!["mine", "mine low", "others"]),
        (
            "statuses%5B%5D=triggered&statuses%5B%5D=acknowledged".to_owned(),
            vec!["mine", "mine low", "others", "mine taken"],
        ),
        ("statuses[]=resolved".to_owned(), vec!["mine closed"]),
        (format!("user_ids[]={me}"), vec!["mine", "mine low", "mine taken"]),
        (format!("user_ids[]={me}&statuses[]=resolved"), vec![]),
        ("user_ids[]=PNOBODY".to_owned(), vec![]),
        (format!("service_ids[]={platform}"), vec!["others"]),
        ("urgencies[]=low".to_owned(), vec!["mine low"]),
        ("sort_by=incident_number:desc&limit=2".to_owned(), vec!["mine closed", "mine taken"]),
        ("sort_by=urgency:asc,created_at:asc&limit=1".to_owned(), vec!["mine low"]),
    ];
    for (query, titles) in cases {
        assert_eq!(desk.titles(&format!("/incidents?{query}")).await, titles, "{query}");
    }
    for query in [
        "statuses[]=open",
        "urgencies[]=5",
        "sort_by=title",
        "sort_by=a,b,c",
        "time_zone=Mars",
        "limit=x",
        "since=never",
    ] {
        assert_eq!(code(&desk.get(&format!("/incidents?{query}")).await), (400, 2001), "{query}");
    }
}

#[tokio::test]
async fn open_incidents_older_than_a_month_vanish_without_date_range() {
    let desk = Desk::quiet().await;
    desk.act(Act::Trigger(Trigger { title: "old".to_owned(), ago: Some(Span::hours(24 * 40)), ..Trigger::default() }));
    desk.trigger("new");
    assert_eq!(desk.titles("/incidents").await, ["new"]);
    assert_eq!(desk.titles("/incidents?date_range=all").await, ["old", "new"]);
    let since = (desk.world.now() - chrono::TimeDelta::days(60)).format("%Y-%m-%dT%H:%M:%SZ");
    assert_eq!(desk.titles(&format!("/incidents?since={since}")).await, ["old", "new"]);
    let since = (desk.world.now() - chrono::TimeDelta::days(200)).format("%Y-%m-%d");
    assert_eq!(desk.get(&format!("/incidents?since={since}")).await.0, 400, "more than six months");
    assert_eq!(desk.state("4001").assigned_to, ["elena", "priya"], "its time-outs begin now");
}

#[tokio::test]
async fn lists_come_in_pages() {
    let desk = Desk::quiet().await;
    desk.act(Act::Trigger(Trigger { count: Some(30), title: "page {n}".to_owned(), ..Trigger::default() }));
    let (_, first) = desk.get("/incidents").await;
    assert_eq!(list(&first["incidents"]).count(), 25);
    assert_eq!(
        (&first["limit"], &first["offset"], &first["more"], &first["total"]),
        (&json!(25), &json!(0), &json!(true), &Value::Null)
    );
    let (_, second) = desk.get("/incidents?offset=25&total=true").await;
    assert_eq!((&second["more"], &second["total"]), (&json!(false), &json!(30)));
    assert_eq!(second["incidents"][0]["title"], "page 26");
    assert_eq!(code(&desk.get("/incidents?limit=100&offset=9901").await), (400, 2001));
}

#[tokio::test]
async fn who_takes_an_incident_has_it() {
    let desk = Desk::quiet().await;
    let id = desk.trigger("down");
    let poll = desk.poll_of("elena");
    desk.acknowledge(&id, "priya");
    assert_eq!(desk.titles(&poll).await, ["down"], "Priya is one of the two who have it");
    desk.acknowledge(&id, "elena");
    let (_, body) = desk.get(&format!("/incidents/{id}")).await;
    assert_eq!(list(&body["incident"]["acknowledgements"]).count(), 2);
    desk.acknowledge(&id, "dana");
    assert_eq!(desk.titles(&poll).await, Vec::<String>::new(), "Dana had it not and takes it over");
    desk.act(Act::Reassign(Reassign { page: id.clone(), to: vec!["elena".to_owned()], by: None }));
    assert_eq!(desk.titles(&poll).await, ["down"]);
    let (_, body) = desk.get(&format!("/incidents/{id}")).await;
    assert_eq!(body["incident"]["assigned_via"], "direct_assignment");
}

#[tokio::test]
async fn a_retrigger_is_a_new_epoch() {
    let desk = Desk::at_speed(2.0).await;
    let id = desk.trigger("flapping");
    let read = async || desk.get(&format!("/incidents/{id}")).await.1["incident"].clone();
    let first = read().await;
    desk.retrigger(&id);
    let again = read().await;
    // PagerDuty REST OpenAPI, schema Incident: while neither acknowledged nor resolved, it is `updated_at`.
    assert_eq!(again["last_status_change_at"], again["updated_at"], "it is triggered already");
    assert!(time(&again["last_status_change_at"]) > time(&first["last_status_change_at"]));
    assert_eq!(again["alert_counts"]["all"], 2);
    assert_eq!(desk.state(&id).epoch, 1);
    desk.resolve(&id);
    let resolved = read().await;
    assert_eq!((&resolved["assignments"], &resolved["pending_actions"]), (&json!([]), &json!([])));
    assert!(resolved["resolved_at"].is_string());
    assert_eq!(resolved["last_status_change_by"]["type"], "service_reference");
    desk.retrigger(&id);
    let reopened = read().await;
    assert_eq!((&reopened["status"], &reopened["resolved_at"]), (&json!("triggered"), &Value::Null));
    assert!(time(&reopened["last_status_change_at"]) > time(&first["last_status_change_at"]));
    assert_eq!(desk.state(&id).epoch, 2);
    assert_eq!(desk.titles(&desk.poll_of("elena")).await, ["flapping"]);
}

#[tokio::test]
async fn whatever_touches_a_triggered_incident_moves_its_last_change_of_status() {
    let desk = Desk::at_speed(2.0).await;
    let id = desk.trigger("down");
    let read = async || desk.get(&format!("/incidents/{id}")).await.1["incident"].clone();
    let page = || id.clone();
    let touches: [Act; 5] = [
        Act::Note(Note { page: page(), by: "dana".to_owned(), text: "looking".to_owned() }),
        Act::Edit(Edit { page: page(), title: Some("still down".to_owned()), ..Edit::default() }),
        Act::Edit(Edit { page: page(), conference_number: Some("+1 555 0100,,12#".to_owned()), ..Edit::default() }),
        Act::Reassign(Reassign { page: page(), to: vec!["elena".to_owned()], by: None }),
        Act::AskResponders(AskResponders {
            page: page(),
            to: vec!["priya".to_owned()],
            by: "dana".to_owned(),
            text: String::new(),
        }),
    ];
    let mut before = time(&read().await["last_status_change_at"]);
    for touch in touches {
        while desk.world.now().timestamp_millis() <= before.timestamp_millis() {
            tokio::task::yield_now().await;
        }
        desk.act(touch.clone());
        let incident = read().await;
        assert_eq!(incident["last_status_change_at"], incident["updated_at"], "{touch:?}");
        assert!(time(&incident["updated_at"]) > before, "{touch:?}");
        before = time(&incident["updated_at"]);
    }
    let (_, taken) = desk.put(&id, json!({"status": "acknowledged"})).await;
    desk.act(Act::Note(Note { page: page(), by: "dana".to_owned(), text: "thanks".to_owned() }));
    assert_eq!(read().await["last_status_change_at"], taken["incident"]["last_status_change_at"], "a taken one stays");
}

#[tokio::test]
async fn responders_are_asked_without_being_assigned() {
    let desk = Desk::quiet().await;
    let act = Trigger { title: "down".to_owned(), assign_to: vec!["dana".to_owned()], ..Trigger::default() };
    let id = desk.act(Act::Trigger(act)).remove(0);
    let ask =
        AskResponders { page: id.clone(), to: vec!["elena".to_owned()], by: "dana".to_owned(), text: "Help".into() };
    desk.act(Act::AskResponders(ask));
    assert_eq!(desk.titles(&desk.poll_of("elena")).await, Vec::<String>::new(), "it is not hers");
    let read = async || desk.get(&format!("/incidents/{id}")).await.1["incident"].clone();
    let incident = read().await;
    let responder = &incident["incidents_responders"][0];
    assert_eq!((&responder["state"], &responder["message"]), (&json!("pending"), &json!("Help")));
    assert_eq!(responder["user"]["id"], json!(desk.id_of("elena")));
    let target = &incident["responder_requests"][0]["responder_request_targets"][0]["responder_request_target"];
    assert_eq!(target["incidents_responders"][0], *responder);
    desk.act(Act::AnswerRequest(AnswerRequest {
        page: id.clone(),
        by: "elena".to_owned(),
        answer: ResponderState::Joined,
    }));
    assert_eq!(read().await["incidents_responders"][0]["state"], "joined");
}

#[tokio::test]
async fn a_merged_incident_says_into_which() {
    let desk = Desk::quiet().await;
    let (source, target) = (desk.trigger("one"), desk.trigger("other"));
    desk.act(Act::Merge(Merge { page: source.clone(), into: target.clone(), by: "dana".to_owned() }));
    let (_, body) = desk.get(&format!("/incidents/{source}")).await;
    let reason = &body["incident"]["resolve_reason"];
    assert_eq!((&reason["type"], &reason["incident"]["id"]), (&json!("merge_resolve_reason"), &json!(target)));
    assert_eq!(body["incident"]["status"], "resolved");
    let (_, body) = desk.get(&format!("/incidents/{target}")).await;
    assert_eq!(body["incident"]["alert_counts"]["all"], 2);
}

#[tokio::test]
async fn the_log_tells_all_in_the_accounts_zone() {
    let desk = Desk::quiet().await;
    let id = desk.trigger("down");
    desk.put(&id, json!({"status": "acknowledged"})).await;
    desk.post(&format!("/incidents/{id}/notes"), json!({"note": {"content": "on it"}})).await;
    desk.put(&id, json!({"status": "resolved", "resolution": "rolled back"})).await;
    let types = async |query: &str| {
        let (_, body) = desk.get(&format!("/incidents/{id}/log_entries?{query}")).await;
        list(&body["log_entries"]).map(|entry| word(entry, "type").to_owned()).collect::<Vec<_>>()
    };
    let overview = types("is_overview=true").await;
    let expected = ["resolve", "annotate", "acknowledge", "assign", "trigger"].map(|word| format!("{word}_log_entry"));
    assert_eq!(overview, expected);
    assert!(types("").await.contains(&"notify_log_entry".to_owned()));
    let (_, body) = desk.get(&format!("/incidents/{id}/log_entries")).await;
    let entry = &body["log_entries"][0];
    assert!(!word(entry, "created_at").ends_with('Z'), "an offset: {entry}");
    assert_eq!(entry["channel"]["summary"], "rolled back");
    let (_, body) = desk.get(&format!("/incidents/{id}/log_entries?time_zone=UTC")).await;
    assert!(word(&body["log_entries"][0], "created_at").ends_with('Z'));
}

#[tokio::test]
async fn a_page_can_be_for_somebody_directly() {
    let desk = Desk::quiet().await;
    let act = Trigger { title: "for you".to_owned(), assign_to: vec!["dana".to_owned()], ..Trigger::default() };
    let id = desk.act(Act::Trigger(act)).remove(0);
    let (_, body) = desk.get(&format!("/incidents/{id}")).await;
    assert_eq!(body["incident"]["assigned_via"], "direct_assignment");
    let actions: Vec<&str> = list(&body["incident"]["pending_actions"]).map(|action| word(action, "type")).collect();
    assert_eq!(actions, ["resolve"], "direct does not escalate");
    assert!(desk.world.do_now(trigger("")).is_err(), "a title is needed");
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().expect("a list").iter()
}

fn word<'a>(value: &'a Value, field: &str) -> &'a str {
    value[field].as_str().expect("a text")
}

fn time(value: &Value) -> DateTime<Utc> {
    value.as_str().expect("a time").parse().expect("RFC 3339")
}
