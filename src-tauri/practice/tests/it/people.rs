//! Who is on call, through which schedule.

use chrono::{DateTime, TimeDelta, Utc};
use herald_practice::{Act, OnCall, Span};
use serde_json::{Value, json};

use crate::{Desk, code};

#[tokio::test]
async fn only_on_calls_tell_who_shadows() {
    let desk = Desk::quiet().await;
    let read = async |user: &str| {
        let path = format!("/oncalls?user_ids[]={}&time_zone=UTC", desk.id_of(user));
        desk.get(&path).await.1["oncalls"].as_array().expect("a list").clone()
    };
    let mine = read("elena").await;
    assert_eq!(mine.len(), 1);
    assert_eq!(mine[0]["schedule"]["summary"], "Communications Manager");
    assert_eq!(mine[0]["escalation_policy"]["summary"], "Incident Communications");
    assert_eq!(mine[0]["escalation_level"], 1);
    let (start, end) = (time(&mine[0]["start"]), time(&mine[0]["end"]));
    let now = desk.world.now();
    assert!(now - start >= TimeDelta::hours(4) && end - now > TimeDelta::hours(2), "{start} {end}");
    assert_eq!(end - start, TimeDelta::hours(8));

    let shadow = read("priya").await;
    assert_eq!(shadow[0]["schedule"]["summary"], "Communications Manager Shadow");
    assert_eq!((&shadow[0]["start"], &shadow[0]["end"]), (&Value::Null, &Value::Null), "always");

    let direct = read("ruth").await;
    assert_eq!(direct.len(), 2, "on two policies");
    assert_eq!(direct[0]["schedule"], Value::Null, "directly on the policy");
}

#[tokio::test]
async fn on_call_times_are_of_the_account_unless_asked_for() {
    let desk = Desk::quiet().await;
    let path = format!("/oncalls?user_ids[]={}", desk.id_of("elena"));
    let entry = desk.get(&path).await.1["oncalls"][0].clone();
    let text = entry["start"].as_str().expect("a time");
    assert!(text.ends_with("-04:00") || text.ends_with("-05:00"), "New York: {text}");
    let utc = desk.get(&format!("{path}&time_zone=UTC")).await.1["oncalls"][0].clone();
    assert_eq!(time(&utc["start"]), time(&entry["start"]));
    let tokyo = desk.get(&format!("{path}&time_zone=Asia/Tokyo")).await.1["oncalls"][0].clone();
    assert!(tokyo["start"].as_str().is_some_and(|text| text.ends_with("+09:00")));
}

#[tokio::test]
async fn the_next_shift_is_found_ahead() {
    let desk = Desk::quiet().await;
    let now = desk.world.now();
    let path = |until: DateTime<Utc>, more: &str| {
        let format = "%Y-%m-%dT%H:%M:%SZ";
        format!(
            "/oncalls?user_ids[]={}&since={}&until={}{more}",
            desk.id_of("elena"),
            now.format(format),
            until.format(format)
        )
    };
    let count = async |path: String| desk.get(&path).await.1["oncalls"].as_array().map(Vec::len);
    assert_eq!(count(path(now + TimeDelta::days(2), "&limit=100")).await, Some(3), "8 of 24 hours");
    assert_eq!(count(path(now + TimeDelta::days(2), "&earliest=true")).await, Some(1));
    assert_eq!(code(&desk.get(&path(now + TimeDelta::days(91), "")).await), (400, 2001));
    assert_eq!(desk.get(&path(now - TimeDelta::days(1), "")).await.0, 400, "it ends before it begins");
}

#[tokio::test]
async fn on_calls_are_filtered_and_included() {
    let desk = Desk::quiet().await;
    let cast = desk.world.cast();
    let (schedule, policy) = (&cast.schedules[0].id, &cast.policies[0].id);
    let names = async |query: String| {
        let (_, body) = desk.get(&format!("/oncalls?{query}")).await;
        let list = body["oncalls"].as_array().expect("a list").clone();
        list.iter().map(|each| each["user"]["summary"].as_str().expect("a name").to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(names(format!("schedule_ids[]={schedule}")).await, ["Elena Marek"]);
    let all = ["Elena Marek", "Priya Nair", "Tomas Lindqvist", "Ruth Adeyemi"];
    assert_eq!(names(format!("escalation_policy_ids[]={policy}")).await, all);
    let (_, body) = desk.get(&format!("/oncalls?schedule_ids[]={schedule}&include[]=users&include[]=schedules")).await;
    let entry = &body["oncalls"][0];
    assert_eq!((&entry["user"]["type"], &entry["schedule"]["type"]), (&json!("user"), &json!("schedule")));
}

#[tokio::test]
async fn an_override_changes_who_is_on_call() {
    let desk = Desk::quiet().await;
    let on_call = |user: &str| {
        let act = OnCall { schedule: "comms".to_owned(), user: Some(user.to_owned()), length: Some(Span::hours(1)) };
        desk.act(Act::OnCall(act));
    };
    on_call("dana");
    let entries = async |user: &str| {
        let path = format!("/oncalls?user_ids[]={}", desk.id_of(user));
        desk.get(&path).await.1["oncalls"].as_array().expect("a list").clone()
    };
    assert_eq!(entries("elena").await, Vec::<Value>::new());
    assert_eq!(time(&entries("dana").await[0]["end"]) - time(&entries("dana").await[0]["start"]), TimeDelta::hours(1));
    assert_eq!(desk.state(&desk.trigger("down")).assigned_to, ["dana", "priya"]);
    on_call("elena");
    assert_eq!(entries("elena").await.len(), 1);
}

#[tokio::test]
async fn schedules_can_be_found_and_read() {
    let desk = Desk::quiet().await;
    let cast = desk.world.cast();
    let (_, body) = desk.get("/schedules?query=communications").await;
    let names: Vec<&str> =
        body["schedules"].as_array().expect("a list").iter().filter_map(|each| each["name"].as_str()).collect();
    assert_eq!(names, ["Communications Manager", "Communications Manager Shadow"]);
    assert_eq!(body["schedules"][0]["escalation_policies"][0]["summary"], "Incident Communications");

    let id = &cast.schedules[0].id;
    let format = "%Y-%m-%dT%H:%M:%SZ";
    let (since, until) = (desk.world.now().format(format), (desk.world.now() + TimeDelta::seconds(1)).format(format));
    let (_, body) = desk.get(&format!("/schedules/{id}/users?since={since}&until={until}")).await;
    assert_eq!(body["users"].as_array().map(Vec::len), Some(1));
    assert_eq!(body["users"][0]["name"], "Elena Marek");
    let (_, body) = desk.get(&format!("/schedules/{id}?since={since}&until={until}")).await;
    let entries = &body["schedule"]["final_schedule"]["rendered_schedule_entries"];
    assert_eq!(entries[0]["user"]["summary"], "Elena Marek");
    assert_eq!(desk.get(&format!("/v3/schedules/{id}")).await.0, 400, "not of that kind: use v2");
}

#[tokio::test]
async fn policies_and_services_say_what_set_up_needs() {
    let desk = Desk::quiet().await;
    let cast = desk.world.cast();
    let (_, body) = desk.get(&format!("/escalation_policies/{}", cast.policies[0].id)).await;
    let rules = body["escalation_policy"]["escalation_rules"].as_array().expect("a list").clone();
    assert_eq!(rules.len(), 3);
    assert_eq!(rules[0]["escalation_delay_in_minutes"], 5);
    let kinds: Vec<&str> =
        rules[0]["targets"].as_array().expect("a list").iter().filter_map(|each| each["type"].as_str()).collect();
    assert_eq!(kinds, ["schedule_reference", "schedule_reference"]);
    assert_eq!(rules[2]["targets"][0]["type"], "user_reference");
    assert_eq!(
        desk.get("/escalation_policies?query=platform").await.1["escalation_policies"].as_array().map(Vec::len),
        Some(1)
    );

    let (_, body) = desk.get(&format!("/services/{}", cast.services[0].id)).await;
    assert_eq!(
        (&body["service"]["acknowledgement_timeout"], &body["service"]["auto_resolve_timeout"]),
        (&json!(1800), &json!(14400))
    );
    let (_, body) = desk.get(&format!("/services/{}", cast.services[1].id)).await;
    assert_eq!(body["service"]["auto_resolve_timeout"], Value::Null);
    let (_, body) = desk.get(&format!("/users/{}", desk.id_of("dana"))).await;
    assert_eq!(body["user"]["email"], "dana@quillbrook.example");
    assert!(body["user"].get("http_cal_url").is_none(), "only one's own");
    assert_eq!(desk.get("/users?query=aiko").await.1["users"][0]["name"], "Aiko Tanaka");
    assert_eq!(desk.get("/priorities").await.1["priorities"].as_array().map(Vec::len), Some(3));
}

fn time(value: &Value) -> DateTime<Utc> {
    value.as_str().expect("a time").parse().expect("RFC 3339")
}
