//! Status.io, trap by trap.

use std::collections::BTreeMap;

use herald_practice::{
    Announcement, Fault, FaultKind, Options, PublicState, PublicStatus, Request, Scenario, Site, StatusIoIncident,
    TokenKind, Via, World,
};
use reqwest::{Method, Response};
use serde_json::{Value, json};

use crate::{Answer, http};

const HASTY: &str = "title = \"hasty\"\n[statusio]\nrequest_gap = \"0s\"\n";

/// A world and somebody who asks its Status.io.
pub(crate) struct StatusIo {
    pub(crate) world: World,
    http: reqwest::Client,
    about: Announcement,
    keys: Vec<(&'static str, String)>,
}

impl StatusIo {
    /// A world whose Status.io takes requests as fast as they come.
    pub(crate) async fn hasty() -> Self {
        StatusIo::of(HASTY, 1.0).await
    }

    pub(crate) async fn of(text: &str, speed: f64) -> Self {
        let scenario = Scenario::parse(text).expect("the scenario reads");
        let world = World::start(Options { speed, ..Options::of(scenario) }).await.expect("the world starts");
        let about = world.announcement();
        let keys = vec![("x-api-id", about.statusio.api_id.clone()), ("x-api-key", about.statusio.api_key.clone())];
        StatusIo { world, http: http(), about, keys }
    }

    pub(crate) async fn send(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Response, reqwest::Error> {
        let mut request = self.http.request(method, format!("{}{path}", self.about.statusio.url));
        for (name, value) in &self.keys {
            request = request.header(*name, value);
        }
        match body {
            Some(body) => request.json(body).send().await,
            None => request.send().await,
        }
    }

    /// Gives something by its path; PAGE stands for the page's id.
    pub(crate) async fn get(&self, path: &str) -> Answer {
        let path = path.replace("PAGE", &self.about.statusio.page_id);
        answer(self.send(Method::GET, &path, None).await.expect("an answer")).await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        answer(self.send(Method::POST, path, Some(body)).await.expect("an answer")).await
    }

    /// Creates an incident on components given by their keys.
    pub(crate) async fn create(&self, components: &[&str]) -> String {
        let (status, body) = self.post("/incident/create", &self.creation(components)).await;
        assert_eq!((status, &body["status"]["error"]), (200, &json!("no")), "{body}");
        body["result"].as_str().expect("an id").to_owned()
    }

    pub(crate) fn creation(&self, components: &[&str]) -> Value {
        let pairs: Vec<String> = components.iter().map(|key| self.pair(key)).collect();
        let mut body = self.message(json!({"current_status": 300, "current_state": 100}));
        body["incident_name"] = json!("Jobs are delayed");
        body["infrastructure_affected"] = json!(pairs);
        body["all_infrastructure_affected"] = json!("0");
        body
    }

    /// What every post needs, and more fields.
    fn message(&self, fields: Value) -> Value {
        let mut body = json!({
            "statuspage_id": self.about.statusio.page_id, "incident_details": "We are looking into it.",
            "notify_email": "1", "notify_sms": "1", "notify_webhook": "1", "social": "0",
            "irc": "1", "msteams": "1", "slack": "1",
        });
        for (name, value) in fields.as_object().expect("fields") {
            body[name] = value.clone();
        }
        body
    }

    fn pair(&self, key: &str) -> String {
        let cast = self.world.cast();
        let component = cast.statusio.components.iter().find(|component| component.key == key).expect("known");
        format!("{}-{}", component.id, component.containers[0].id)
    }

    pub(crate) async fn public(&self) -> Value {
        answer(self.http.get(&self.about.statusio.public_url).send().await.expect("an answer")).await.1["result"].take()
    }

    pub(crate) async fn text(&self, url: &str) -> (u16, String) {
        let response = self.http.get(url).send().await.expect("an answer");
        (response.status().as_u16(), response.text().await.expect("a text"))
    }

    fn only(&self) -> StatusIoIncident {
        let mut incidents = self.world.statusio_incidents();
        assert_eq!(incidents.len(), 1);
        incidents.remove(0)
    }

    fn status(&self, key: &str) -> PublicStatus {
        let components = self.world.public_components(Site::StatusIo);
        components.iter().find(|component| component.key == key).expect("known").status
    }

    fn last_request(&self) -> Request {
        self.world.requests().pop().expect("written down")
    }
}

async fn answer(response: Response) -> Answer {
    (response.status().as_u16(), response.json().await.unwrap_or(Value::Null))
}

fn refused(answer: &Answer) -> (u16, &str) {
    assert_eq!(answer.1["status"]["error"], "yes", "{}", answer.1);
    assert_eq!(answer.1.get("result"), None);
    (answer.0, answer.1["status"]["message"].as_str().expect("a message"))
}

#[tokio::test]
async fn a_wrong_key_is_told_with_200() {
    let mut desk = StatusIo::hasty().await;
    desk.keys[1].1 = "guessed".to_owned();
    let answer = desk.post("/incident/create", &desk.creation(&["jobs"])).await;
    assert_eq!(refused(&answer), (200, "Authentication failed"));
    let last = desk.last_request();
    assert_eq!((last.status, last.carried_out, last.token), (Some(200), false, TokenKind::Unknown));
    desk.keys.clear();
    assert_eq!(refused(&desk.get("/component/list/PAGE").await), (200, "Authentication failed"));
    assert!(desk.world.statusio_incidents().is_empty());
}

#[tokio::test]
async fn an_incident_is_created_and_read_back() {
    let desk = StatusIo::hasty().await;
    let id = desk.create(&["jobs", "api"]).await;
    assert_eq!((id.len(), id.chars().all(|c| c.is_ascii_hexdigit())), (24, true));
    let incident = desk.only();
    assert_eq!((incident.title.as_str(), incident.active), ("Jobs are delayed", true));
    assert_eq!(incident.components, ["jobs", "api"]);
    let message = &incident.messages[0];
    assert_eq!((message.state, message.status), (PublicState::Investigating, PublicStatus::Degraded));
    assert_eq!((message.by.as_str(), message.via), ("elena", Via::Api));
    let told: BTreeMap<&str, bool> = message.flags.iter().map(|(name, on)| (name.as_str(), *on)).collect();
    assert_eq!((told.len(), told["slack"], told["social"]), (7, true, false));
    assert_eq!([desk.status("jobs"), desk.status("mail")], [PublicStatus::Degraded, PublicStatus::Operational]);

    let (_, body) = desk.get(&format!("/incident/PAGE/{id}")).await;
    assert_eq!(body["result"].as_array().map(Vec::len), Some(1), "a list with the one");
    assert_eq!(body["result"][0]["_id"], json!(id));
    assert_eq!(body["result"][0]["messages"][0]["status"], 300);
    assert_eq!(body["result"][0]["infrastructure_affected"], json!([desk.pair("jobs"), desk.pair("api")]));
    let message = body["result"][0]["messages"][0]["_id"].as_str().expect("an id");
    let (_, body) = desk.get(&format!("/incident/message/PAGE/{message}")).await;
    assert_eq!(body["result"]["user_full_name"], "Elena Marek");
    let (_, body) = desk.get("/incidents/PAGE").await;
    assert_eq!(body["result"], json!({"active_incidents": [id], "resolved_incidents": []}));
}

#[tokio::test]
async fn every_parameter_is_needed_and_of_its_type() {
    let desk = StatusIo::hasty().await;
    let good = desk.creation(&["jobs"]);
    let optional = ["irc", "msteams", "slack"];
    for name in good.as_object().expect("fields").keys().filter(|name| !optional.contains(&name.as_str())) {
        let mut body = good.clone();
        body.as_object_mut().expect("fields").remove(name);
        assert_eq!(refused(&desk.post("/incident/create", &body).await).0, 400, "without {name}");
    }
    for (name, value) in [
        ("notify_webhook", json!(true)),
        ("social", json!(1)),
        ("slack", json!("yes")),
        ("all_infrastructure_affected", json!(false)),
        ("current_status", json!("300")),
        ("current_status", json!(200)),
        ("current_status", json!(350)),
        ("current_state", json!(400)),
        ("infrastructure_affected", json!("all")),
        ("infrastructure_affected", json!([desk.pair("jobs").replace('-', "_")])),
        ("statuspage_id", json!("5b36dc6502d06804c08349f7")),
    ] {
        let mut body = good.clone();
        body[name] = value.clone();
        assert_eq!(refused(&desk.post("/incident/create", &body).await).0, 400, "{name} = {value}");
    }
    assert!(desk.world.statusio_incidents().is_empty(), "nothing was created");
}

#[tokio::test]
async fn an_unknown_url_is_forbidden() {
    let desk = StatusIo::hasty().await;
    assert_eq!(refused(&desk.get("/incident/everything/PAGE/really").await).0, 403);
    assert_eq!(refused(&desk.post("/incident/creat", &json!({})).await).0, 403);
    let response = desk.send(Method::DELETE, "/incident/create", None).await.expect("an answer");
    assert_eq!(response.status(), 403, "a wrong method too");
}

#[tokio::test]
async fn requests_too_close_together_are_throttled() {
    let desk = StatusIo::of("title = \"slow\"\n[statusio]\nrequest_gap = \"10m\"\n", 1.0).await;
    assert_eq!(desk.get("/component/list/PAGE").await.0, 200);
    assert_eq!(refused(&desk.get("/component/list/PAGE").await), (429, "Too many requests"));
    assert_eq!(desk.public().await["status_overall"]["status_code"], 100, "the public side is not throttled");

    let desk = StatusIo::of("title = \"usual\"\n", 10_000.0).await;
    for _ in 0..5 {
        assert_eq!(desk.get("/component/list/PAGE").await.0, 200);
        let later = desk.world.now() + chrono::TimeDelta::microseconds(200);
        while desk.world.now() < later {
            tokio::task::yield_now().await;
        }
    }
}

#[tokio::test]
async fn two_requests_at_once_are_throttled() {
    let desk = StatusIo::of("title = \"near\"\n[statusio]\nrequest_gap = \"1ms\"\n", 1000.0).await;
    desk.world.fault(Fault::of(FaultKind::SilentAnswer).times(1)).expect("possible");
    tokio::select! {
        answer = desk.get("/component/list/PAGE") => panic!("no answer is given, not {answer:?}"),
        () = async {
            desk.world.until(|world| world.requests().first().is_some_and(|request| request.carried_out)).await;
            assert_eq!(refused(&desk.get("/component/list/PAGE").await).0, 429);
        } => {}
    }
    while desk.get("/component/list/PAGE").await.0 != 200 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn an_update_changes_neither_name_nor_infrastructure() {
    let desk = StatusIo::hasty().await;
    let id = desk.create(&["jobs", "api"]).await;
    let update = desk.message(json!({
        "incident_id": id, "current_status": 500, "current_state": 200, "incident_details": "Found it.",
        "message_subject": "Found", "incident_name": "Another", "infrastructure_affected": [desk.pair("mail")],
    }));
    let (_, body) = desk.post("/incident/update", &update).await;
    assert_eq!(body["result"], true);
    let incident = desk.only();
    assert_eq!((incident.title.as_str(), incident.components.len()), ("Jobs are delayed", 2));
    assert_eq!(incident.messages[1].subject.as_deref(), Some("Found"));
    let statuses = [desk.status("jobs"), desk.status("api"), desk.status("mail")];
    assert_eq!(statuses, [PublicStatus::Disruption, PublicStatus::Disruption, PublicStatus::Operational]);
    let unknown = desk.message(json!({"incident_id": "0", "current_status": 300, "current_state": 100}));
    assert_eq!(refused(&desk.post("/incident/update", &unknown).await).0, 400);
}

#[tokio::test]
async fn resolving_leaves_components_unless_told() {
    let desk = StatusIo::hasty().await;
    let id = desk.create(&["jobs"]).await;
    let (_, body) = desk.post("/incident/resolve", &desk.message(json!({"incident_id": id}))).await;
    assert_eq!(body["result"], true);
    assert_eq!((desk.only().active, desk.status("jobs")), (false, PublicStatus::Degraded), "a leftover");
    let again = desk.message(json!({"incident_id": id, "current_status": 300, "current_state": 100}));
    assert_eq!(refused(&desk.post("/incident/update", &again).await).0, 400, "it is not active");

    let id = desk.create(&["jobs"]).await;
    let body = desk.message(json!({"incident_id": id, "current_status": 100, "current_state": 400}));
    assert_eq!(desk.post("/incident/resolve", &body).await.1["result"], true);
    assert_eq!(desk.status("jobs"), PublicStatus::Operational);
    let (_, body) = desk.get("/incident/list/resolved/PAGE?page=1").await;
    assert_eq!(body["result"].as_array().map(Vec::len), Some(2));
    assert_eq!(desk.get("/incident/list/resolved/PAGE?page=2").await.1["result"], json!([]), "an empty page ends it");
    assert_eq!(desk.get("/incident/list/active/PAGE?page=1").await.1["result"], json!([]));

    let delete = json!({"statuspage_id": desk.about.statusio.page_id, "incident_id": id});
    let (_, body) = desk.post("/incident/delete", &delete).await;
    assert_eq!((&body["result"], &body["status"]["message"]), (&json!(true), &json!("Successfully deleted incident")));
    desk.only();
}

#[tokio::test]
async fn all_infrastructure_ignores_the_list() {
    let desk = StatusIo::hasty().await;
    let mut body = desk.creation(&["jobs"]);
    body["all_infrastructure_affected"] = json!("1");
    desk.post("/incident/create", &body).await;
    assert_eq!((desk.only().all_infrastructure_affected, desk.only().components.len()), (true, 8));
    assert_eq!(desk.status("mail"), PublicStatus::Degraded);
}

#[tokio::test]
async fn a_component_update_is_true_even_when_wrong() {
    let desk = StatusIo::hasty().await;
    let pair = desk.pair("mail");
    let (component, container) = pair.split_once('-').expect("a pair");
    let body = |component: &str, status: u16| {
        json!({
            "statuspage_id": desk.about.statusio.page_id, "component": component, "container": container,
            "details": "by hand", "current_status": status,
        })
    };
    let before = desk.world.public_components(Site::StatusIo);
    assert_eq!(desk.post("/component/status/update", &body("nothing", 500)).await.1["result"], true);
    assert_eq!(desk.world.public_components(Site::StatusIo), before);
    assert_eq!(desk.post("/component/status/update", &body(component, 200)).await.1["result"], true);
    assert_eq!(desk.status("mail"), PublicStatus::Maintenance, "200 is fine here");
    let (_, body) = desk.get("/status/summary/PAGE").await;
    assert_eq!(body["result"]["status_overall"]["status_code"], 200);
    let (_, body) = desk.get("/component/list/PAGE").await;
    assert_eq!(body["result"][7]["containers"][0]["_id"], json!(container));
}

#[tokio::test]
async fn the_public_json_has_active_incidents_and_no_envelope() {
    let desk = StatusIo::hasty().await;
    let id = desk.create(&["jobs"]).await;
    let update = desk.message(json!({"incident_id": id, "current_status": 400, "current_state": 300}));
    desk.post("/incident/update", &update).await;
    let response = desk.http.get(&desk.about.statusio.public_url).send().await.expect("an answer");
    assert_eq!(response.headers()["x-status-page-id"], desk.about.statusio.page_id.as_str());
    assert_eq!(response.headers()["access-control-allow-origin"], "*");
    let body: Value = response.json().await.expect("JSON");
    assert_eq!(body.get("status"), None);
    let incident = &body["result"]["incidents"][0];
    assert_eq!(incident["messages"][0]["state"], 100, "oldest first");
    assert_eq!((&incident["messages"][1]["state"], &incident["messages"][1]["status"]), (&json!(300), &json!(400)));
    assert_eq!(body["result"]["status"][5]["status"], "Partial Service Disruption");
    desk.post("/incident/resolve", &desk.message(json!({"incident_id": id, "current_status": 100}))).await;
    assert_eq!(desk.public().await["incidents"], json!([]));
}

#[tokio::test]
async fn the_rss_keeps_the_guid_of_an_incident() {
    let desk = StatusIo::hasty().await;
    let mut body = desk.creation(&["jobs"]);
    body["incident_name"] = json!("Jobs ]]> & <b>more</b>");
    body["incident_details"] = json!("<script>alert(1)</script>");
    desk.post("/incident/create", &body).await;
    let id = desk.only().id;
    let guid = format!("<guid isPermaLink=\"false\">{id}</guid>");
    let (_, first) = desk.text(&desk.about.statusio.rss_url).await;
    assert!(first.contains(&guid) && first.contains("<b>Investigating</b>"), "{first}");
    assert!(first.contains("Jobs ]]]]><![CDATA[> & <b>more</b>") && first.contains("&lt;script&gt;"), "{first}");
    desk.post("/incident/resolve", &desk.message(json!({"incident_id": id}))).await;
    let (_, second) = desk.text(&desk.about.statusio.rss_url).await;
    assert_eq!((second.matches(&guid).count(), second.matches("<item>").count()), (1, 1));
    let place = |text: &str| second.find(text).expect("said");
    assert!(place("Investigating") < place("Resolved"), "oldest first");
    assert!(second.contains("PST</small>") || second.contains("PDT</small>"), "{second}");

    let url = format!("{}{id}", desk.about.statusio.incident_url);
    assert!(second.contains(&format!("<link>{url}</link>")));
    let (status, page) = desk.text(&url).await;
    assert_eq!(status, 200);
    assert!(page.contains("&lt;script&gt;") && !page.contains("<script>"), "{page}");
    assert_eq!(desk.text(&format!("{}nothing", desk.about.statusio.incident_url)).await.0, 404);
}

#[tokio::test]
async fn subscribers_come_and_go() {
    let desk = StatusIo::hasty().await;
    let page = desk.about.statusio.page_id.clone();
    let add =
        json!({"statuspage_id": page, "method": "email", "address": "kim@example.com", "silent": "1", "granular": ""});
    let (_, body) = desk.post("/subscriber/add", &add).await;
    let id = body["subscriber_id"].as_str().expect("the id beside the result");
    assert_eq!(body["result"], json!(true));
    let list = desk.get("/subscriber/list/PAGE").await.1["result"].clone();
    assert_eq!((&list["email"][0]["_id"], &list["sms"]), (&json!(id), &json!([])));
    let change = json!({"statuspage_id": page, "subscriber_id": id, "address": "kim@example.org", "granular": "a_b"});
    let changed = desk.send(Method::PATCH, "/subscriber/update", Some(&change)).await.expect("an answer");
    assert_eq!(answer(changed).await.1["result"]["granular"], json!(["a_b"]));
    let path = format!("/subscriber/remove/{page}/{id}");
    let gone = desk.send(Method::DELETE, &path, None).await.expect("an answer");
    assert_eq!(answer(gone).await.1["result"], json!(true));
    assert_eq!(desk.get("/subscriber/list/PAGE").await.1["result"]["email"], json!([]));
}
