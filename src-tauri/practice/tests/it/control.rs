//! Steering the world from another process.

use herald_practice::{Announcement, Request, WorldState};
use reqwest::Method;
use serde_json::{Value, json};

use crate::Desk;

#[tokio::test]
async fn another_process_can_see_and_act() {
    let mut desk = Desk::quiet().await;
    desk.authorization.clear();
    let (_, body) = desk.get("/practice").await;
    let announcement: Announcement = serde_json::from_value(body).expect("an announcement");
    assert_eq!(announcement, desk.world.announcement());
    assert_eq!(announcement.control.url, format!("{}/practice", announcement.pagerduty.url));

    let act = json!({"do": "trigger", "page": "login", "title": "Login down", "urgency": "low"});
    let (status, body) = desk.post("/practice/act", act).await;
    assert_eq!((status, &body["incidents"][0]), (200, &json!(desk.state("login").id)));
    for act in [
        json!({"do": "acknowledge", "page": "login", "by": "dana"}),
        json!({"do": "retrigger", "page": "login"}),
        json!({"do": "reassign", "page": "login", "to": ["elena"]}),
        json!({"do": "escalate", "page": "login"}),
        json!({"do": "escalate", "page": "login", "level": 1}),
        json!({"do": "snooze", "page": "login", "by": "elena", "for": "5m"}),
        json!({"do": "note", "page": "login", "by": "dana", "text": "looking"}),
        json!({"do": "edit", "page": "login", "title": "Login down for all", "urgency": "high"}),
        json!({"do": "on_call", "schedule": "comms", "user": "dana", "for": "1h"}),
        json!({"do": "say", "who": "mateo", "text": "hello"}),
        json!({"do": "fault", "kind": "status", "status": 503, "path": "/incidents", "for": "1h"}),
        json!({"do": "resolve", "page": "login"}),
    ] {
        let (status, body) = desk.post("/practice/act", act.clone()).await;
        assert_eq!(status, 200, "{act}: {body}");
    }
    let (_, body) = desk.get("/practice/state").await;
    let state: WorldState = serde_json::from_value(body).expect("a state");
    assert_eq!(state.incidents, desk.world.incidents());
    assert_eq!((state.faults.len(), state.said.len(), state.progress.is_finished()), (1, 1, true));
    assert_eq!(state.incidents[0].title, "Login down for all");
    assert_eq!(desk.get("/incidents").await.0, 503);
    assert_eq!(desk.post("/practice/act", json!({"do": "clear_fault"})).await.0, 200);
    assert_eq!(desk.get("/incidents").await.0, 401);
}

#[tokio::test]
async fn what_is_not_possible_is_said() {
    let desk = Desk::quiet().await;
    for (act, status) in [
        (json!({"do": "acknowledge", "page": "nothing", "by": "dana"}), 400),
        (json!({"do": "trigger", "title": ""}), 400),
        (json!({"do": "trigger", "title": "x", "service": "nothing"}), 400),
        (json!({"do": "fault", "kind": "latency"}), 400),
        (json!({"do": "explode"}), 422),
        (json!({"do": "trigger", "titel": "x"}), 422),
    ] {
        let (got, body) = desk.post("/practice/act", act.clone()).await;
        assert_eq!(got, status, "{act}");
        assert!(body["error"].is_string(), "{act}: {body}");
    }
    assert_eq!(desk.get("/practice/nothing").await.0, 404);
}

#[tokio::test]
async fn requests_are_written_down() {
    let mut desk = Desk::quiet().await;
    desk.from = Some("elena@quillbrook.example".to_owned());
    let id = desk.trigger("down");
    desk.get("/incidents?limit=5").await;
    desk.put(&id, json!({"status": "acknowledged"})).await;
    let (_, body) = desk.get("/practice/requests?since=1").await;
    assert_eq!(body["next"], 2);
    let requests: Vec<Request> = serde_json::from_value(body["requests"].clone()).expect("requests");
    assert_eq!(requests.len(), 1, "steering is not written down");
    let request = &requests[0];
    assert_eq!((request.method.as_str(), request.path.as_str()), ("PUT", format!("/incidents/{id}").as_str()));
    assert_eq!((request.status, request.carried_out), (Some(200), true));
    assert_eq!(request.from.as_deref(), Some("elena@quillbrook.example"));
    let sent: Value = serde_json::from_str(&request.body).expect("its body");
    assert_eq!(sent["incident"]["status"], "acknowledged");
    assert_eq!(desk.world.requests()[0].path, "/incidents?limit=5");
}

#[tokio::test]
async fn web_pages_cannot_steer() {
    let desk = Desk::quiet().await;
    let url = format!("{}/practice/act", desk.world.url());
    let act = json!({"do": "trigger", "title": "from a web page"});
    let post = || desk.http.request(Method::POST, &url).json(&act);
    for request in [post().header("origin", "https://evil.example"), post().header("host", "evil.example")] {
        assert_eq!(request.send().await.expect("answer").status(), 403);
    }
    assert!(desk.world.incidents().is_empty());
}

#[tokio::test]
async fn links_lead_to_a_harmless_page() {
    let desk = Desk::quiet().await;
    let id = desk.trigger("<script>alert(1)</script>");
    let (_, body) = desk.get(&format!("/incidents/{id}")).await;
    let url = body["incident"]["html_url"].as_str().expect("a link");
    let page = desk.http.get(url).send().await.expect("answer").text().await.expect("text");
    assert!(page.contains("&lt;script&gt;") && page.contains("#4001 triggered"), "{page}");
}
