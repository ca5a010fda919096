//! What PagerDuty does by itself as time passes. The world runs fast, so that minutes take milliseconds.

use chrono::{DateTime, TimeDelta, Utc};
use herald_practice::{Act, EntryKind, OnCall, Span, Status, Via};
use serde_json::{Value, json};

use crate::Desk;

#[tokio::test]
async fn an_acknowledgement_times_out() {
    let desk = Desk::at_speed(3600.0).await; // 30 minutes take half a second
    let id = desk.trigger("down");
    let (_, body) = desk.put(&id, json!({"status": "acknowledged"})).await;
    let back = pending(&body["incident"], "unacknowledge").expect("the page will come back");
    assert!(pending(&body["incident"], "escalate").is_none(), "an acknowledged one does not escalate");
    desk.world.until(|world| world.incident(&id).is_some_and(|incident| incident.epoch == 2)).await;
    let (_, body) = desk.get(&format!("/incidents/{id}")).await;
    let incident = &body["incident"];
    let change: DateTime<Utc> = time(&incident["last_status_change_at"]);
    assert_eq!(change, back, "when it was announced");
    assert!((desk.world.now() - change).abs() < TimeDelta::minutes(1), "wall clock, whatever the speed");
    let undone = desk.state(&id).log.into_iter().find(|line| line.what == EntryKind::Unacknowledge);
    assert_eq!(undone.map(|line| line.via), Some(Via::Clock));
}

#[tokio::test]
async fn acknowledging_again_restarts_the_time_out() {
    let desk = Desk::at_speed(60.0).await; // 30 minutes take 30 seconds
    let id = desk.trigger("down");
    let acknowledge = async || desk.put(&id, json!({"status": "acknowledged"})).await.1["incident"].clone();
    let first = acknowledge().await;
    let second = acknowledge().await;
    assert!(pending(&second, "unacknowledge") > pending(&first, "unacknowledge"));
    assert_eq!(second["last_status_change_at"], first["last_status_change_at"], "the status did not change");
    assert_eq!(second["acknowledgements"].as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn nobody_answers_and_it_escalates_and_starts_over() {
    let desk = Desk::at_speed(3000.0).await; // 5 minutes take 100 ms
    let id = desk.trigger("down");
    use EntryKind::{Assign, Escalate, Notify, RepeatEscalationPath, Trigger};
    let told = || -> Vec<EntryKind> {
        desk.state(&id).log.iter().map(|line| line.what).filter(|what| *what != Notify).collect()
    };
    let expected = [Trigger, Assign, Escalate, Escalate, RepeatEscalationPath, Escalate, Escalate, Escalate];
    desk.world.until(|_| told().len() >= expected.len()).await;
    assert_eq!(told(), expected);
    let state = desk.state(&id);
    assert_eq!((state.level, &state.assigned_to, state.epoch), (3, &vec!["ruth".to_owned()], 1));
    let (_, body) = desk.get(&format!("/incidents/{id}")).await;
    assert!(pending(&body["incident"], "escalate").is_none(), "nobody is left to ask");
    let gaps: Vec<i64> = state
        .log
        .windows(2)
        .filter(|pair| pair[1].what == Escalate && pair[0].what == Notify)
        .map(|pair| (pair[1].at - pair[0].at).num_milliseconds())
        .collect();
    assert_eq!(gaps, [100, 100, 100, 100], "each at its own time");
}

#[tokio::test]
async fn an_open_incident_is_resolved_by_itself_in_the_end() {
    let desk = Desk::at_speed(10_000.0).await;
    let id = desk.trigger("forgotten");
    desk.world.until(|world| world.incident(&id).is_some_and(|incident| incident.status == Status::Resolved)).await;
    let (_, body) = desk.get(&format!("/incidents/{id}")).await;
    assert_eq!(body["incident"]["pending_actions"], json!([]));
    assert_eq!(body["incident"]["last_status_change_by"]["type"], "service_reference");
}

#[tokio::test]
async fn a_snooze_ends() {
    let desk = Desk::at_speed(1000.0).await;
    let id = desk.trigger("later");
    let snooze = async |seconds: i64| desk.post(&format!("/incidents/{id}/snooze"), json!({"duration": seconds})).await;
    assert_eq!(snooze(0).await.0, 400);
    assert_eq!(snooze(604_801).await.0, 400);
    let (status, body) = snooze(300).await;
    assert_eq!((status, &body["incident"]["status"]), (201, &json!("acknowledged")));
    desk.world.until(|world| world.incident(&id).is_some_and(|incident| incident.epoch == 2)).await;
}

#[tokio::test]
async fn levels_where_nobody_is_on_call_are_passed_over() {
    let desk = Desk::quiet().await;
    let nobody = |schedule: &str| {
        desk.act(Act::OnCall(OnCall { schedule: schedule.to_owned(), user: None, length: Some(Span::hours(1)) }));
    };
    nobody("comms");
    assert_eq!(desk.state(&desk.trigger("one")).assigned_to, ["priya"]);
    nobody("comms-shadow");
    let state = desk.state(&desk.trigger("two"));
    assert_eq!((state.assigned_to, state.level), (vec!["tomas".to_owned()], 2));
}

fn pending(incident: &Value, kind: &str) -> Option<DateTime<Utc>> {
    let actions = incident["pending_actions"].as_array().expect("a list");
    actions.iter().find(|action| action["type"] == kind).map(|action| time(&action["at"]))
}

fn time(value: &Value) -> DateTime<Utc> {
    value.as_str().expect("a time").parse().expect("RFC 3339")
}
