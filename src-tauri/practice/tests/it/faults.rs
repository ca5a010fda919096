//! Faults, one by one.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use herald_practice::{Act, Fault, FaultKind, Garbage, Span, Status, Trigger, hostile_titles};
use reqwest::Method;
use serde_json::{Value, json};

use crate::{Desk, code};

/// Long enough for loopback, short enough to wait for in vain.
const PATIENCE: Duration = Duration::from_millis(400);

#[tokio::test]
async fn statuses_come_with_their_bodies_and_nothing_is_done() {
    let desk = Desk::quiet().await;
    let id = desk.trigger("down");
    for (status, expected) in [(401, 2006), (403, 2010), (404, 2100), (429, 2020), (500, 2000), (502, 0), (503, 0)] {
        desk.fault(Fault::status(status).on("/incidents"));
        let answer = desk.put(&id, json!({"status": "acknowledged"})).await;
        assert_eq!(code(&answer), (status, expected));
        assert_eq!(desk.get("/users/me").await.0, 200, "another path");
    }
    assert_eq!(desk.state(&id).api_writes, 0);
    desk.world.clear_fault(Some("status"));
    assert_eq!(desk.get("/incidents").await.0, 200);
}

#[tokio::test]
async fn too_many_requests_say_when_to_come_back_or_not() {
    let desk = Desk::quiet().await;
    let cases = [(Some("30"), None), (None, Some("12")), (None, None), (Some("-5"), Some("1000000000"))];
    for (retry_after, ratelimit_reset) in cases {
        let text = |value: Option<&str>| value.map(str::to_owned);
        let fault =
            Fault { retry_after: text(retry_after), ratelimit_reset: text(ratelimit_reset), ..Fault::status(429) };
        desk.fault(fault.times(1));
        let response = desk.send(Method::GET, "/incidents", None).await.expect("answer");
        assert_eq!(response.status(), 429);
        let header = |name: &str| response.headers().get(name).and_then(|value| value.to_str().ok());
        assert_eq!((header("retry-after"), header("ratelimit-reset")), (retry_after, ratelimit_reset));
        assert!(header("date").is_some());
        assert_eq!(desk.get("/incidents").await.0, 200, "once only");
    }
}

#[tokio::test]
async fn answers_that_are_none() {
    let desk = Desk::quiet().await;
    desk.trigger("down");
    desk.fault(Fault::of(FaultKind::CaptivePortal).times(1));
    let response = desk.send(Method::GET, "/incidents", None).await.expect("answer");
    assert_eq!(response.status(), 200);
    assert!(response.headers()["content-type"].to_str().is_ok_and(|kind| kind.starts_with("text/html")));
    assert!(response.text().await.expect("text").contains("guest network"));

    desk.fault(Fault::of(FaultKind::Empty).times(1));
    let response = desk.send(Method::GET, "/incidents", None).await.expect("answer");
    assert_eq!((response.status().as_u16(), response.text().await.expect("text").len()), (200, 0));

    desk.fault(Fault::of(FaultKind::Truncated).times(1));
    let response = desk.send(Method::GET, "/incidents", None).await.expect("answer");
    let length = response.content_length();
    let text = response.text().await.expect("the length fits");
    assert_eq!(length, Some(text.len() as u64));
    assert!(serde_json::from_str::<Value>(&text).is_err());

    desk.fault(Fault::of(FaultKind::Redirect).times(1));
    let response = desk.send(Method::GET, "/incidents", None).await.expect("answer");
    assert_eq!(
        (response.status().as_u16(), response.headers()["location"].to_str().expect("text")),
        (302, "http://elsewhere.invalid/login")
    );

    desk.fault(Fault { depth: Some(1000), ..Fault::of(FaultKind::Deep) }.times(1));
    let text = desk.send(Method::GET, "/incidents", None).await.expect("answer").text().await.expect("text");
    assert!(text.contains(&"[".repeat(1000)));
}

#[tokio::test]
async fn a_huge_body_is_made_on_the_way() {
    let desk = Desk::quiet().await;
    desk.fault(Fault { size_bytes: Some(3_000_000), ..Fault::of(FaultKind::Huge) });
    let bytes = desk.send(Method::GET, "/incidents", None).await.expect("answer").bytes().await.expect("body");
    assert!(bytes.len() > 3_000_000);
    let body: Value = serde_json::from_slice(&bytes).expect("well-formed");
    assert_eq!(body["more"], false);
}

#[tokio::test]
async fn some_items_are_garbage() {
    let desk = Desk::quiet().await;
    desk.act(Act::Trigger(Trigger { title: "page {n}".to_owned(), count: Some(8), ..Trigger::default() }));
    desk.fault(Fault::of(FaultKind::Garbage));
    let (_, body) = desk.get("/incidents").await;
    let titles: Vec<&Value> = (0..8).map(|place| &body["incidents"][place]["title"]).collect();
    assert_eq!(titles[0], &json!(17), "a wrong type");
    assert_eq!(titles[2], &Value::Null);
    assert_eq!(body["incidents"][4]["status"], "simmering");
    assert_eq!(body["incidents"][6], "incident", "not an object");
    assert_eq!(
        [titles[1], titles[3], titles[5], titles[7]],
        [&json!("page 2"), &json!("page 4"), &json!("page 6"), &json!("page 8")]
    );

    let only = Fault { garbage: Some(Garbage::LoneSurrogate), items: Some(vec![1]), ..Fault::of(FaultKind::Garbage) };
    desk.fault(only);
    let text = desk.send(Method::GET, "/incidents", None).await.expect("answer").text().await.expect("text");
    assert!(text.contains("\\ud83d here") && text.contains("page 1"));
}

#[tokio::test]
async fn lists_move_repeat_and_go_back() {
    let desk = Desk::quiet().await;
    desk.act(Act::Trigger(Trigger { title: "{n}".to_owned(), count: Some(6), ..Trigger::default() }));
    let pages = async || {
        let mut all = desk.titles("/incidents?limit=3").await;
        all.extend(desk.titles("/incidents?limit=3&offset=3").await);
        all.join("")
    };
    assert_eq!(pages().await, "123456");
    desk.fault(Fault::of(FaultKind::PaginationDrift));
    assert_eq!(pages().await, "12356", "4 slipped between the pages");
    desk.fault(Fault { shift: Some(-1), ..Fault::of(FaultKind::PaginationDrift) });
    assert_eq!(pages().await, "123345", "one came in before");
    desk.world.clear_fault(None);

    desk.fault(Fault::of(FaultKind::Duplicate));
    assert_eq!(desk.titles("/incidents?limit=2").await, ["1", "2", "1"]);
    desk.world.clear_fault(None);

    desk.put("4001", json!({"status": "acknowledged"})).await;
    desk.resolve("4002");
    desk.fault(Fault::of(FaultKind::Reorder));
    let (_, body) = desk.get("/incidents?limit=2&statuses[]=triggered").await;
    assert_eq!(
        (&body["incidents"][0]["incident_number"], &body["incidents"][1]["incident_number"]),
        (&json!(4001), &json!(4002))
    );
    assert_eq!(body["incidents"][0]["acknowledgements"], json!([]));
    desk.world.clear_fault(None);
    assert_eq!(desk.get("/incidents/4001").await.1["incident"]["status"], "acknowledged");
}

#[tokio::test]
async fn titles_can_be_hostile() {
    let desk = Desk::quiet().await;
    let ids = desk.act(Act::Trigger(Trigger { hostile: true, ..Trigger::default() }));
    let titles = desk.titles("/incidents?limit=100").await;
    assert_eq!((titles.len(), titles), (ids.len(), hostile_titles()));
    desk.resolve("all");
    desk.trigger("harmless");
    desk.fault(Fault::of(FaultKind::Hostile));
    assert_eq!(desk.titles("/incidents?statuses[]=triggered").await, hostile_titles()[..1]);
}

#[tokio::test]
async fn a_date_can_be_wrong() {
    let desk = Desk::quiet().await;
    let date = async || {
        let response = desk.send(Method::GET, "/incidents", None).await.expect("answer");
        let text = response.headers()["date"].to_str().expect("text").to_owned();
        DateTime::parse_from_rfc2822(&text).expect("a date").with_timezone(&Utc)
    };
    assert!((date().await - desk.world.now()).abs() < TimeDelta::seconds(60));
    desk.fault(Fault { skew: Some(Span::hours(-3)), ..Fault::of(FaultKind::SkewedDate) });
    assert!(date().await < desk.world.now() - TimeDelta::minutes(170));
}

#[tokio::test]
async fn answers_are_late_or_never_come() {
    let desk = Desk::quiet().await;
    let id = desk.trigger("down");
    desk.fault(Fault { latency_ms: Some(150), ..Fault::of(FaultKind::Latency) });
    let begun = std::time::Instant::now();
    assert_eq!(desk.get("/incidents").await.0, 200);
    assert!(begun.elapsed() >= Duration::from_millis(150));
    desk.world.clear_fault(None);

    let acknowledge = json!({"status": "acknowledged"});
    desk.fault(Fault::of(FaultKind::Hang));
    tokio::select! {
        answer = desk.put(&id, acknowledge.clone()) => panic!("no answer is given, not {answer:?}"),
        () = desk.world.until(|world| world.requests().len() == 2) => {}
    }
    assert_eq!(desk.state(&id).status, Status::Triggered, "nothing was done");
    desk.world.clear_fault(None);

    desk.fault(Fault::of(FaultKind::SilentAnswer));
    tokio::select! {
        answer = desk.put(&id, acknowledge) => panic!("no answer is given, not {answer:?}"),
        () = desk.world.until(|world| world.incidents()[0].status == Status::Acknowledged) => {}
    }
    let last = desk.world.requests().pop().expect("written down");
    assert_eq!((last.status, last.carried_out, last.faults), (None, true, vec!["silent_answer".to_owned()]));
}

#[tokio::test]
async fn a_body_can_trickle() {
    let desk = Desk::quiet().await;
    desk.fault(Fault::of(FaultKind::SlowBody));
    let mut response = desk.send(Method::GET, "/incidents", None).await.expect("the head comes at once");
    let length = response.content_length().expect("an honest length");
    let first = response.chunk().await.expect("a piece").expect("a piece");
    assert!(first.len() == 4 && length > 40, "{} of {length}", first.len());
    assert!(tokio::time::timeout(PATIENCE, response.bytes()).await.is_err(), "the rest takes its time");
    desk.fault(Fault { bytes_per_s: Some(1_000_000), ..Fault::of(FaultKind::SlowBody) });
    assert_eq!(desk.get("/incidents").await.1["more"], false, "whole in the end");
}

#[tokio::test]
async fn connections_are_reset_before_after_and_in_the_middle() {
    let desk = Desk::quiet().await;
    let id = desk.trigger("down");
    let put = async |status: &str| {
        let body = json!({"incident": {"type": "incident", "status": status}});
        desk.send(Method::PUT, &format!("/incidents/{id}"), Some(body)).await
    };
    desk.fault(Fault::of(FaultKind::LostRequest).method("PUT").times(1));
    let error = put("acknowledged").await.expect_err("reset");
    assert!(is_reset(&error), "{error:?}");
    assert_eq!(desk.state(&id).status, Status::Triggered, "it never arrived");

    desk.fault(Fault::of(FaultKind::LostAnswer).method("PUT").times(1));
    let error = put("acknowledged").await.expect_err("reset");
    assert!(is_reset(&error), "{error:?}");
    assert_eq!(desk.state(&id).status, Status::Acknowledged, "it was carried out");
    let last = desk.world.requests().pop().expect("written down");
    assert_eq!((last.status, last.carried_out), (None, true));

    desk.fault(Fault::of(FaultKind::Reset).times(1));
    let response = desk.send(Method::GET, "/incidents", None).await.expect("the head comes");
    let error = response.bytes().await.expect_err("and then it breaks");
    assert!(is_reset(&error), "{error:?}");
    assert_eq!(put("resolved").await.expect("answer").status(), 200, "all is well again");
}

#[tokio::test]
async fn a_world_stops_while_somebody_waits() {
    let desk = Desk::quiet().await;
    desk.fault(Fault::of(FaultKind::Hang));
    let request = desk.http.get(format!("{}/incidents", desk.world.url())).send();
    let waiting = tokio::spawn(request);
    desk.world.until(|world| !world.requests().is_empty()).await;
    drop(desk);
    let outcome = tokio::time::timeout(Duration::from_secs(5), waiting).await.expect("the connection ends");
    assert!(outcome.expect("no panic").is_err());
}

fn is_reset(error: &reqwest::Error) -> bool {
    let mut next: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(error) = next {
        let io = error.downcast_ref::<std::io::Error>();
        if io.is_some_and(|io| io.kind() == std::io::ErrorKind::ConnectionReset) {
            return true;
        }
        next = error.source();
    }
    false
}

#[tokio::test]
async fn each_service_fails_in_its_own_words_and_alone() {
    let desk = Desk::quiet().await;
    let about = desk.world.announcement();
    let services = [
        ("/pagerduty", format!("{}/users/me", about.pagerduty.url), "An internal error has occurred"),
        ("/gitlab", format!("{}/user", about.gitlab.url), "500 Internal Server Error"),
        ("/slack", about.slack.webhook_url, "rollup_error"),
        ("/statusio", about.statusio.public_url, "\"error\":\"yes\""),
        (
            "/statuspage",
            format!("{}/summary.json", about.statuspage.public_url),
            "{\"error\":\"Internal server error\"}",
        ),
    ];
    for (path, _, words) in &services {
        desk.fault(Fault::status(500).on(path));
        for (other, url, _) in &services {
            let answer = desk.http.get(url).send().await.expect("an answer");
            assert_eq!(answer.status().as_u16() == 500, other == path, "a fault on {path}, a request to {other}");
            let text = answer.text().await.expect("a text");
            assert!(other != path || text.contains(words), "{path}: {text}");
        }
    }
}
