//! Status pages in a world where other people post, the public sees things late, and things fail.

use std::time::Duration;

use chrono::TimeDelta;
use herald_practice::{
    Act, Fault, FaultKind, Garbage, Options, PublicIncident, PublicLag, PublicState, PublicStatus, PublicUpdate,
    Scenario, Site, Span, Via,
};
use reqwest::Method;
use serde_json::{Value, json};

use crate::Desk;
use crate::statusio::StatusIo;
use crate::statuspage::Statuspage;

fn somebody_opens(site: Site, component: &str) -> Act {
    Act::PublicIncident(PublicIncident {
        site,
        incident: Some("theirs".to_owned()),
        by: "dana".to_owned(),
        title: "Theirs".to_owned(),
        text: "Dana is looking into it.".to_owned(),
        components: vec![component.to_owned()],
        ..PublicIncident::default()
    })
}

fn lag(site: Site, lag: Span) -> Act {
    Act::PublicLag(PublicLag { site, lag })
}

#[tokio::test]
async fn somebody_else_posts() {
    let desk = StatusIo::hasty().await;
    let touched = desk.world.do_now(somebody_opens(Site::StatusIo, "mail")).expect("possible");
    assert_eq!(desk.public().await["incidents"][0]["_id"], json!(touched[0]));
    let update = PublicUpdate {
        site: Site::StatusIo,
        incident: "theirs".to_owned(),
        by: "tomas".to_owned(),
        text: "Found.".to_owned(),
        state: Some(PublicState::Identified),
        ..PublicUpdate::default()
    };
    desk.world.do_now(Act::PublicUpdate(update.clone())).expect("possible");
    let incident = desk.world.statusio_incidents().remove(0);
    let last = incident.messages.last().expect("a message");
    assert_eq!((last.by.as_str(), last.via, last.status), ("tomas", Via::Act, PublicStatus::Degraded));
    let unknown = PublicUpdate { incident: "nothing".to_owned(), ..update };
    assert!(desk.world.do_now(Act::PublicUpdate(unknown)).is_err());
    assert!(desk.world.do_now(somebody_opens(Site::StatusIo, "servers")).is_err(), "a component of the other page");

    let desk = Statuspage::quiet().await;
    desk.world.do_now(somebody_opens(Site::Statuspage, "servers")).expect("possible");
    assert_eq!(desk.public("summary").await["incidents"][0]["impact"], "minor");
}

#[tokio::test]
async fn who_posts_opens_what_is_not_there() {
    for site in [Site::StatusIo, Site::Statuspage] {
        let desk = Desk::quiet().await;
        let post = |component: &str| {
            Act::PublicUpdate(PublicUpdate {
                site,
                incident: "last".to_owned(),
                by: "dana".to_owned(),
                text: "Found.".to_owned(),
                state: Some(PublicState::Identified),
                title: Some("Hers".to_owned()),
                components: vec![component.to_owned()],
                ..PublicUpdate::default()
            })
        };
        let component = if site == Site::StatusIo { "mail" } else { "servers" };
        let opened = desk.act(post(component));
        assert_eq!(desk.act(post(component)), opened, "{site:?}: the second goes on the first's");
        assert!(desk.world.do_now(post("nothing")).is_err(), "{site:?}");
        let states = match site {
            Site::StatusIo => {
                let incident = desk.world.statusio_incidents().remove(0);
                incident.messages.iter().map(|message| message.state).collect::<Vec<_>>()
            }
            Site::Statuspage => {
                let incident = desk.world.statuspage_incidents().remove(0);
                incident.updates.iter().map(|update| update.state).collect::<Vec<_>>()
            }
        };
        assert_eq!(states, [PublicState::Identified; 2], "{site:?}");
    }
}

#[tokio::test]
async fn the_public_sees_it_later() {
    let desk = StatusIo::hasty().await;
    desk.world.do_now(lag(Site::StatusIo, Span::hours(1))).expect("possible");
    let id = desk.create(&["jobs"]).await;
    let (_, body) = desk.get(&format!("/incident/PAGE/{id}")).await;
    assert_eq!(body["result"][0]["_id"], json!(id), "those with keys see it at once");
    assert_eq!(desk.public().await["incidents"], json!([]), "not seen yet");
    let about = desk.world.announcement().statusio;
    assert!(!desk.text(&about.rss_url).await.1.contains(&id));
    assert_eq!(desk.text(&format!("{}{id}", about.incident_url)).await.0, 404);
    desk.world.do_now(lag(Site::StatusIo, Span::default())).expect("possible");
    assert_eq!(desk.public().await["incidents"][0]["_id"], json!(id));

    let slow = "title = \"slow\"\n[statuspage]\npublic_lag = \"1h\"\n";
    let desk = Statuspage::of(slow, 10_000.0).await;
    let before = desk.world.now();
    desk.create(json!({"name": "Slow"})).await;
    assert_eq!(desk.world.statuspage_incidents().len(), 1);
    while desk.public("incidents").await["incidents"] == json!([]) {
        tokio::task::yield_now().await;
    }
    assert!(desk.world.now() - before >= TimeDelta::milliseconds(360), "an hour at speed ten thousand");
}

#[tokio::test]
async fn an_answer_is_lost_after_the_write() {
    let desk = StatusIo::hasty().await;
    desk.world.fault(Fault::of(FaultKind::LostAnswer).on("/statusio/v2/incident").times(1)).expect("possible");
    let lost = desk.send(Method::POST, "/incident/create", Some(&desk.creation(&["jobs"]))).await;
    assert!(lost.is_err());
    let last = desk.world.requests().pop().expect("written down");
    assert_eq!((last.status, last.carried_out, desk.world.statusio_incidents().len()), (None, true, 1));
    desk.world.fault(Fault::of(FaultKind::LostRequest).on("/statusio/v2/incident").times(1)).expect("possible");
    let lost = desk.send(Method::POST, "/incident/create", Some(&desk.creation(&["jobs"]))).await;
    assert!(lost.is_err());
    assert_eq!(desk.world.statusio_incidents().len(), 1, "it never arrived");

    let desk = Statuspage::quiet().await;
    desk.world.fault(Fault::of(FaultKind::SilentAnswer).on("/statuspage/v1").method("POST")).expect("possible");
    let body = json!({"incident": {"name": "Slow", "metadata": {"cmoc": {"marker": "m"}}}});
    tokio::select! {
        answer = desk.send(Method::POST, "/incidents", Some(&body)) => panic!("no answer is given, not {answer:?}"),
        () = desk.world.until(|world| !world.statuspage_incidents().is_empty()) => {}
    }
    let found = desk.send(Method::GET, "/incidents/unresolved", None).await.expect("an answer");
    let found: Value = found.json().await.expect("JSON");
    assert_eq!(found[0]["metadata"]["cmoc"]["marker"], "m");
}

#[tokio::test]
async fn pages_refuse_in_their_own_words() {
    let desk = StatusIo::hasty().await;
    for (status, is_theirs) in [(400, true), (403, true), (429, true), (500, true), (503, false)] {
        desk.world.fault(Fault::status(status).on("/statusio")).expect("possible");
        let (got, body) = desk.get("/component/list/PAGE").await;
        assert_eq!((got, body["status"]["error"] == "yes"), (status, is_theirs), "{body}");
    }
    let desk = Statuspage::quiet().await;
    for (status, key) in [(401, "error"), (403, "message"), (404, "error"), (420, "message"), (422, "error")] {
        desk.world.fault(Fault::status(status).on("/statuspage")).expect("possible");
        let (got, body) = desk.create(json!({"name": "x"})).await;
        assert_eq!((got, body.get(key).is_some()), (status, true), "{body}");
    }
    assert!(desk.world.statuspage_incidents().is_empty());
}

#[tokio::test]
async fn feeds_are_spoilt_too() {
    let desk = StatusIo::hasty().await;
    let id = desk.create(&["jobs"]).await;
    let rss = desk.world.announcement().statusio.rss_url;
    let spoil = |fault: Fault| desk.world.fault(fault.on("/statusio").times(1)).expect("possible");

    spoil(Fault::of(FaultKind::Duplicate));
    assert_eq!(desk.text(&rss).await.1.matches("<item>").count(), 2);
    spoil(Fault::of(FaultKind::Duplicate));
    assert_eq!(desk.public().await["incidents"].as_array().map(Vec::len), Some(2));
    spoil(Fault::of(FaultKind::Garbage));
    assert!(desk.text(&rss).await.1.contains("</titel>"), "not well-formed");
    spoil(Fault { garbage: Some(Garbage::UnknownWords), ..Fault::of(FaultKind::Garbage) });
    let incident = &desk.public().await["incidents"][0];
    assert_eq!((&incident["_id"], &incident["messages"][0]["status"]), (&json!(id), &json!(999)));
    spoil(Fault::of(FaultKind::Truncated));
    assert!(!desk.text(&rss).await.1.contains("</rss>"));
    spoil(Fault::of(FaultKind::Hostile));
    assert!(desk.public().await["incidents"][0]["name"].as_str().is_some_and(|name| name.contains("<script>")));
    spoil(Fault::of(FaultKind::Reorder));
    let (_, body) = desk.get("/incidents/PAGE").await;
    assert_eq!(body["result"]["active_incidents"], json!([]), "as before the last change");
    spoil(Fault::of(FaultKind::Hang));
    assert!(tokio::time::timeout(Duration::from_millis(300), desk.text(&rss)).await.is_err());
    assert_eq!(desk.text(&rss).await.0, 200, "all is well again");
}

#[tokio::test]
async fn lists_of_a_page_drift() {
    let desk = Statuspage::quiet().await;
    desk.world.fault(Fault::of(FaultKind::PaginationDrift)).expect("possible");
    let names = async |page: u32| -> Vec<String> {
        let path = format!("/components?per_page=3&page={page}");
        let answer = desk.send(Method::GET, &path, None).await.expect("an answer");
        let body: Vec<Value> = answer.json().await.expect("a list");
        body.iter().map(|item| item["name"].as_str().expect("a name").to_owned()).collect()
    };
    assert_eq!(names(1).await, ["Hosting", "Support", "Servers"]);
    assert_eq!(names(2).await, ["Network", "Tickets", "Chat"], "one slipped out");
}

#[tokio::test]
async fn another_process_can_post_and_look() {
    let mut desk = Desk::quiet().await;
    desk.authorization.clear();
    for act in [
        json!({"do": "public_lag", "site": "statusio", "lag": "20s"}),
        json!({"do": "public_incident", "site": "statusio", "by": "dana", "title": "Down", "text": "Looking.",
            "incident": "down", "status": "disruption", "components": ["api"]}),
        json!({"do": "public_update", "site": "statusio", "by": "dana", "incident": "down", "text": "Found."}),
        json!({"do": "public_resolve", "site": "statusio", "by": "dana", "incident": "last", "text": "Over."}),
        json!({"do": "public_incident", "site": "statuspage", "by": "dana", "title": "Down", "text": "Looking."}),
    ] {
        let (status, body) = desk.post("/practice/act", act.clone()).await;
        assert_eq!(status, 200, "{act}: {body}");
    }
    let state = desk.world.state();
    assert_eq!(state.statusio_incidents, desk.world.statusio_incidents());
    assert_eq!((state.statusio_incidents[0].messages.len(), state.statuspage_incidents.len()), (3, 1));
    for act in [
        json!({"do": "public_incident", "site": "statusio", "by": "nobody", "title": "x", "text": "y"}),
        json!({"do": "public_incident", "site": "statusio", "by": "dana", "title": "", "text": "y"}),
        json!({"do": "public_incident", "site": "statusio", "by": "dana", "title": "x", "text": "y", "status": "maintenance"}),
        json!({"do": "public_resolve", "site": "statuspage", "by": "dana", "incident": "nothing", "text": "y"}),
        json!({"do": "public_lag", "site": "statusio", "lag": "-1s"}),
    ] {
        assert_eq!(desk.post("/practice/act", act.clone()).await.0, 400, "{act}");
    }
}

#[tokio::test]
async fn someone_else_posts_and_leaves_the_components() {
    let scenario = Scenario::builtin("someone-else-posts").expect("built in");
    let desk = Desk::open(Options { speed: 1000.0, ..Options::of(scenario) }).await;
    desk.world.finished().await;
    let incident = desk.world.statusio_incidents().remove(0);
    assert_eq!((incident.active, incident.messages.len()), (false, 3));
    let components = desk.world.public_components(Site::StatusIo);
    let search = components.iter().find(|component| component.key == "search").expect("known");
    assert_eq!(search.status, PublicStatus::Partial, "a leftover");
    let other = desk.world.public_components(Site::Statuspage);
    assert!(other.iter().all(|component| component.status == PublicStatus::Operational));
}

#[tokio::test]
async fn the_feed_dies_and_comes_back() {
    let scenario = Scenario::builtin("feed-dies").expect("built in");
    let desk = Desk::open(Options { speed: 60.0, ..Options::of(scenario) }).await;
    let url = desk.world.announcement().statusio.public_url;
    desk.world.until(|world| !world.state().faults.is_empty()).await;
    assert_eq!(desk.http.get(&url).send().await.expect("an answer").status(), 503);
    desk.world.finished().await;
    let body: Value = desk.http.get(&url).send().await.expect("an answer").json().await.expect("JSON");
    assert_eq!(body["result"]["incidents"][0]["messages"][1]["state"], 300);
}

#[tokio::test]
async fn the_page_refuses_and_then_loses_the_answer() {
    let text = include_str!("../../scenarios/page-refuses.toml");
    let desk = StatusIo::of(&format!("{text}\n[statusio]\nrequest_gap = \"0s\"\n"), 30.0).await;
    desk.world.until(|world| !world.state().faults.is_empty()).await;
    let creation = desk.creation(&["payments"]);
    for _ in 0..2 {
        assert_eq!(desk.post("/incident/create", &creation).await.0, 429);
    }
    desk.world.until(|world| world.state().faults.iter().any(|active| active.fault.called() == "unsure")).await;
    assert!(desk.send(Method::POST, "/incident/create", Some(&creation)).await.is_err());
    assert_eq!(desk.world.statusio_incidents().len(), 1, "it was published all the same");
}
