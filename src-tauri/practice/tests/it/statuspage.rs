//! Atlassian Statuspage, trap by trap.

use herald_practice::{
    Announcement, Options, PublicState, PublicStatus, Scenario, Site, StatuspageIncident, TokenKind, Via, World,
};
use reqwest::{Method, Response};
use serde_json::{Value, json};

use crate::{Answer, http};

/// A world and somebody who asks its Statuspage.
pub(crate) struct Statuspage {
    pub(crate) world: World,
    http: reqwest::Client,
    about: Announcement,
    authorization: String,
}

impl Statuspage {
    pub(crate) async fn quiet() -> Self {
        Statuspage::of("title = \"quiet\"\n", 1.0).await
    }

    pub(crate) async fn of(text: &str, speed: f64) -> Self {
        let scenario = Scenario::parse(text).expect("the scenario reads");
        let world = World::start(Options { speed, ..Options::of(scenario) }).await.expect("the world starts");
        let about = world.announcement();
        let authorization = format!("OAuth {}", about.statuspage.api_key);
        Statuspage { world, http: http(), about, authorization }
    }

    /// Sends something to a path of the page.
    pub(crate) async fn send(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Response, reqwest::Error> {
        let url = format!("{}/pages/{}{path}", self.about.statuspage.url, self.about.statuspage.page_id);
        let request = self.http.request(method, url).header("authorization", &self.authorization);
        match body {
            Some(body) => request.json(body).send().await,
            None => request.send().await,
        }
    }

    async fn ask(&self, method: Method, path: &str, body: Option<Value>) -> Answer {
        let response = self.send(method, path, body.as_ref()).await.expect("an answer");
        (response.status().as_u16(), response.json().await.unwrap_or(Value::Null))
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.ask(Method::GET, path, None).await
    }

    pub(crate) async fn create(&self, fields: Value) -> Answer {
        self.ask(Method::POST, "/incidents", Some(json!({ "incident": fields }))).await
    }

    pub(crate) async fn patch(&self, id: &str, fields: Value) -> Answer {
        self.ask(Method::PATCH, &format!("/incidents/{id}"), Some(json!({ "incident": fields }))).await
    }

    pub(crate) async fn public(&self, file: &str) -> Value {
        let url = format!("{}/{file}.json", self.about.statuspage.public_url);
        self.http.get(url).send().await.expect("an answer").json().await.unwrap_or(Value::Null)
    }

    async fn text(&self, url: &str) -> String {
        self.http.get(url).send().await.expect("an answer").text().await.expect("a text")
    }

    pub(crate) fn id_of(&self, key: &str) -> String {
        let components = self.world.public_components(Site::Statuspage);
        components.into_iter().find(|component| component.key == key).expect("known").id
    }

    pub(crate) fn status(&self, key: &str) -> PublicStatus {
        let components = self.world.public_components(Site::Statuspage);
        components.into_iter().find(|component| component.key == key).expect("known").status
    }

    fn only(&self) -> StatuspageIncident {
        let mut incidents = self.world.statuspage_incidents();
        assert_eq!(incidents.len(), 1);
        incidents.remove(0)
    }
}

#[tokio::test]
async fn only_the_word_oauth_opens() {
    let mut desk = Statuspage::quiet().await;
    let key = desk.about.statuspage.api_key.clone();
    for (authorization, kind) in
        [(format!("Bearer {key}"), TokenKind::Malformed), ("OAuth guessed".to_owned(), TokenKind::Unknown)]
    {
        desk.authorization = authorization;
        let (status, body) = desk.get("").await;
        assert_eq!((status, body["error"].is_string()), (401, true));
        assert_eq!(desk.world.requests().pop().map(|request| request.token), Some(kind));
    }
    desk.authorization = format!("OAuth {key}");
    for path in ["", ".json", "/components", "/components.json", "/incidents/unresolved"] {
        assert_eq!(desk.get(path).await.0, 200, "{path}");
    }
    assert_eq!(desk.get("/incidents/nothing").await.0, 404);
    let url = format!("{}/pages/another", desk.about.statuspage.url);
    let response = desk.http.get(url).header("authorization", &desk.authorization).send().await.expect("an answer");
    assert_eq!(response.status(), 404);
}

#[tokio::test]
async fn components_have_groups_and_pages() {
    let desk = Statuspage::quiet().await;
    let (_, body) = desk.get("/components").await;
    assert_eq!(body.as_array().map(Vec::len), Some(8), "two groups, six components");
    assert_eq!((&body[0]["group"], &body[0]["name"]), (&json!(true), &json!("Hosting")));
    assert_eq!((&body[2]["group_id"], &body[7]["group_id"]), (&body[0]["id"], &Value::Null));
    assert_eq!(desk.get("/components?per_page=5&page=2").await.1.as_array().map(Vec::len), Some(3));
    assert_eq!(desk.get("/components?per_page=5&page=3").await.1, json!([]));
    let path = format!("/components/{}", desk.id_of("storage"));
    let (status, body) = desk.ask(Method::PATCH, &path, Some(json!({"component": {"status": "major_outage"}}))).await;
    assert_eq!((status, &body["status"]), (200, &json!("major_outage")));
    assert_eq!(desk.get("/components").await.1[0]["status"], "major_outage", "a group is as bad as its worst");
    let wrong = Some(json!({"component": {"status": "on_fire"}}));
    assert_eq!(desk.ask(Method::PATCH, &path, wrong).await.0, 422);
}

#[tokio::test]
async fn an_incident_is_created_updated_and_resolved() {
    let desk = Statuspage::quiet().await;
    let servers = desk.id_of("servers");
    let (status, body) = desk
        .create(json!({
            "name": "Servers are slow", "status": "identified", "body": "We know why.",
            "components": {&servers: "partial_outage"}, "component_ids": [servers],
            "metadata": {"cmoc": {"marker": "b9a1"}},
        }))
        .await;
    assert_eq!(status, 201, "{body}");
    assert_eq!((&body["impact"], &body["metadata"]["cmoc"]["marker"]), (&json!("major"), &json!("b9a1")));
    let id = body["id"].as_str().expect("an id").to_owned();
    let (_, open) = desk.get("/incidents/unresolved").await;
    assert_eq!(open[0]["metadata"]["cmoc"]["marker"], "b9a1", "the marker is found again");

    let (status, body) = desk.patch(&id, json!({"body": "A fix is out.", "deliver_notifications": false})).await;
    assert_eq!((status, body["incident_updates"].as_array().map(Vec::len)), (200, Some(2)));
    assert_eq!(body["incident_updates"][0]["body"], "A fix is out.", "newest first");
    desk.patch(&id, json!({"metadata": {"cmoc": {"marker": "c7"}}})).await;
    assert_eq!(desk.only().updates.len(), 2, "metadata alone is no update");
    desk.patch(&id, json!({"status": "resolved", "body": "All is well."})).await;
    let incident = desk.only();
    assert_eq!((incident.state, incident.updates.len()), (PublicState::Resolved, 3));
    let told: Vec<bool> = incident.updates.iter().map(|update| update.deliver_notifications).collect();
    assert_eq!(told, [true, false, true], "told unless switched off");
    assert_eq!(incident.updates[0].via, Via::Api);
    assert_eq!(desk.status("servers"), PublicStatus::Partial, "resolving leaves components");
    assert_eq!(desk.get("/incidents/unresolved").await.1, json!([]));
    assert_eq!(desk.get("/incidents?q=fix&limit=5").await.1[0]["id"], json!(id));
    assert_eq!(desk.get("/incidents?q=unheard").await.1, json!([]));
}

#[tokio::test]
async fn components_set_statuses_and_component_ids_attach() {
    let desk = Statuspage::quiet().await;
    let servers = desk.id_of("servers");
    desk.create(json!({"name": "Slow", "components": {&servers: "degraded_performance"}})).await;
    assert_eq!(desk.status("servers"), PublicStatus::Degraded);
    let incident = desk.only();
    assert_eq!((incident.components.len(), incident.impact.as_str()), (0, "none"), "set, yet not attached");
    desk.patch(&incident.id, json!({"component_ids": [servers]})).await;
    assert_eq!((desk.only().components, desk.only().impact.as_str()), (vec!["servers".to_owned()], "minor"));
}

#[tokio::test]
async fn an_update_that_is_out_can_be_edited() {
    let desk = Statuspage::quiet().await;
    desk.create(json!({"name": "Slow", "body": "We are lookng."})).await;
    let incident = desk.only();
    let path = format!("/incidents/{}/incident_updates/{}", incident.id, incident.updates[0].id);
    let body = json!({"incident_update": {"body": "We are looking.", "wants_twitter_update": true}});
    let (status, body) = desk.ask(Method::PATCH, &path, Some(body)).await;
    assert_eq!((status, &body["wants_twitter_update"]), (200, &json!(true)));
    assert_eq!(desk.only().updates.len(), 1);
    assert_eq!(desk.public("incidents").await["incidents"][0]["incident_updates"][0]["body"], "We are looking.");
    let path = format!("/incidents/{}/incident_updates/nothing", incident.id);
    assert_eq!(desk.ask(Method::PATCH, &path, Some(json!({"incident_update": {}}))).await.0, 404);
}

#[tokio::test]
async fn what_does_not_fit_is_422_with_a_list() {
    let desk = Statuspage::quiet().await;
    for fields in [
        json!({}),
        json!({"name": ""}),
        json!({"name": "é".repeat(256)}),
        json!({"name": "x", "body": "x".repeat(25_001)}),
        json!({"name": "x", "status": "simmering"}),
        json!({"name": "x", "impact_override": "huge"}),
        json!({"name": "x", "component_ids": ["nothing"]}),
        json!({"name": "x", "components": {"nothing": "operational"}}),
        json!({"name": "x", "metadata": {"cmoc": "not an object"}}),
        json!({"name": "x", "deliver_notifications": "1"}),
    ] {
        let (status, body) = desk.create(fields.clone()).await;
        assert_eq!((status, body["error"].is_array()), (422, true), "{fields}: {body}");
    }
    let (status, _) = desk.create(json!({"name": "é".repeat(255), "body": "x".repeat(25_000)})).await;
    assert_eq!(status, 201, "the longest that fits");
    desk.only();
}

#[tokio::test]
async fn more_than_the_minute_allows_is_420() {
    let desk = Statuspage::of("title = \"few\"\n[statuspage]\nper_minute = 3\n", 1.0).await;
    for _ in 0..3 {
        assert_eq!(desk.get("").await.0, 200);
    }
    let (status, body) = desk.create(json!({"name": "x"})).await;
    assert_eq!((status, body["message"].is_string()), (420, true));
    assert!(desk.world.statuspage_incidents().is_empty(), "nothing was done");
    assert_eq!(desk.public("status").await["status"]["indicator"], "none", "the public side is not limited");

    let desk = Statuspage::of("title = \"few\"\n[statuspage]\nper_minute = 1\n", 10_000.0).await;
    assert_eq!(desk.get("").await.0, 200);
    let later = desk.world.now() + chrono::TimeDelta::milliseconds(6);
    while desk.world.now() < later {
        tokio::task::yield_now().await;
    }
    assert_eq!(desk.get("").await.0, 200, "the window rolls at the world's speed");
}

#[tokio::test]
async fn the_public_side_has_the_pages_own_times() {
    let desk = Statuspage::quiet().await;
    let servers = desk.id_of("servers");
    let fields = json!({
        "name": "Servers are <b>slow</b>", "body": "Looking.", "component_ids": [servers],
        "components": {&servers: "major_outage"}, "metadata": {"cmoc": {"marker": "secret"}},
    });
    desk.create(fields).await;
    let summary = desk.public("summary").await;
    assert_eq!(summary["status"], json!({"indicator": "critical", "description": "Major Service Outage"}));
    let incident = &summary["incidents"][0];
    let created = incident["created_at"].as_str().expect("a time");
    assert!(created.ends_with("+01:00") || created.ends_with("+02:00"), "{created}");
    assert_eq!(incident.get("metadata"), None, "for those with a key only");
    assert_eq!(incident["incident_updates"][0]["affected_components"][0]["new_status"], "major_outage");
    assert_eq!(desk.public("components").await["components"].as_array().map(Vec::len), Some(8));
    assert_eq!(desk.public("nothing").await, Value::Null);

    let id = desk.only().id;
    for url in [&desk.about.statuspage.atom_url, &desk.about.statuspage.rss_url] {
        let feed = desk.text(url).await;
        assert!(feed.contains(&id) && feed.contains("Investigating"), "{feed}");
    }
    let atom = desk.text(&desk.about.statuspage.atom_url).await;
    assert!(atom.contains("<title>Servers are &lt;b&gt;slow&lt;/b&gt;</title>"), "{atom}");
    let page = desk.text(incident["shortlink"].as_str().expect("a link")).await;
    assert!(page.contains("Servers are &lt;b&gt;slow"), "{page}");

    desk.patch(&id, json!({"status": "resolved", "components": {&servers: "operational"}})).await;
    assert_eq!(desk.public("incidents/unresolved").await["incidents"], json!([]));
    assert_eq!(desk.public("incidents").await["incidents"][0]["status"], "resolved");
    assert_eq!(desk.public("status").await["status"]["indicator"], "none");
}

#[tokio::test]
async fn a_postmortem_is_a_draft_until_it_is_published() {
    let desk = Statuspage::quiet().await;
    let id = desk.create(json!({"name": "Jobs are delayed", "status": "resolved"})).await.1["id"].clone();
    let path = format!("/incidents/{}/postmortem", id.as_str().expect("an id"));
    assert_eq!(desk.get(&path).await.0, 404, "there is none yet");
    let draft = json!({"postmortem": {"body_draft": "What we learned."}});
    assert_eq!(desk.ask(Method::PUT, &path, Some(draft)).await.1["body_draft"], "What we learned.");
    assert_eq!(desk.get(&path).await.1["published_at"], Value::Null);
    let publish = json!({"postmortem": {"notify_subscribers": false}});
    let out = desk.ask(Method::PUT, &format!("{path}/publish"), Some(publish)).await.1;
    assert_eq!(out["body"], "What we learned.");
    let incident = path.trim_end_matches("/postmortem");
    assert_eq!(desk.get(incident).await.1["postmortem_body"], "What we learned.");
    desk.ask(Method::PUT, &format!("{path}/revert"), None).await;
    assert_eq!(desk.get(incident).await.1["postmortem_body"], Value::Null);
    assert_eq!(desk.ask(Method::DELETE, &path, None).await, (204, Value::Null));
    assert_eq!(desk.get(&path).await.0, 404);
}

#[tokio::test]
async fn put_is_patch_and_groups_have_lists_of_their_own() {
    let desk = Statuspage::quiet().await;
    let id = desk.create(json!({"name": "Jobs are delayed", "status": "investigating", "body": "We look."})).await.1;
    let path = format!("/incidents/{}", id["id"].as_str().expect("an id"));
    let put = json!({"incident": {"status": "monitoring", "body": "We watch."}});
    assert_eq!(desk.ask(Method::PUT, &path, Some(put)).await.1["status"], "monitoring");
    let groups = desk.get("/component-groups").await.1;
    let group = groups[0]["id"].as_str().expect("a group");
    assert!(groups[0]["components"].as_array().is_some_and(|ids| !ids.is_empty()));
    assert_eq!(desk.get(&format!("/component-groups/{group}")).await.1["name"], groups[0]["name"]);
    assert_eq!(desk.get("/component-groups/nosuch").await.0, 404);
    assert_eq!(desk.get("/metrics").await, (404, json!({"error": "Not found"})), "the rest is not there");
}
