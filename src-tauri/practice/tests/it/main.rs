//! The practice world as its users meet it: over HTTP on loopback.

mod answers;
mod auth;
mod byhand;
mod control;
mod declared;
mod faults;
mod gitlab;
mod incidents;
mod maintenance;
mod pages;
mod people;
mod scenarios;
mod slack;
mod statusio;
mod statuspage;
mod storm;
mod timeouts;
mod tracker;
mod writes;
mod zendesk;

use herald_practice::{
    Act, ByUser, Fault, IncidentState, Options, Resolve, Retrigger, Scenario, Tokens, Trigger, World,
};
use reqwest::{Method, Response};
use serde_json::{Value, json};

/// A world and somebody who asks it.
struct Desk {
    world: World,
    http: reqwest::Client,
    authorization: String,
    from: Option<String>,
}

/// A status and the body's JSON.
type Answer = (u16, Value);

impl Desk {
    async fn open(options: Options) -> Desk {
        let world = World::start(options).await.expect("the world starts");
        let authorization = format!("Token token={}", world.tokens().user);
        Desk { world, http: http(), authorization, from: None }
    }

    /// A world in which nothing happens by itself.
    async fn quiet() -> Desk {
        Desk::at_speed(1.0).await
    }

    async fn at_speed(speed: f64) -> Desk {
        Desk::open(Options { speed, ..Options::of(Scenario::quiet()) }).await
    }

    async fn scenario(text: &str) -> Desk {
        Desk::open(Options::of(Scenario::parse(text).expect("the scenario reads"))).await
    }

    /// The same world, asked with another key.
    fn with_key(mut self, key: impl FnOnce(Tokens) -> String) -> Desk {
        self.authorization = format!("Token token={}", key(self.world.tokens()));
        self
    }

    async fn send(&self, method: Method, path: &str, body: Option<Value>) -> Result<Response, reqwest::Error> {
        let mut request = self.http.request(method, format!("{}{path}", self.world.url()));
        if !self.authorization.is_empty() {
            request = request.header("authorization", &self.authorization);
        }
        if let Some(from) = &self.from {
            request = request.header("from", from);
        }
        match body {
            Some(body) => request.json(&body).send().await,
            None => request.send().await,
        }
    }

    async fn ask(&self, method: Method, path: &str, body: Option<Value>) -> Answer {
        let response = self.send(method, path, body).await.expect("an answer");
        let status = response.status().as_u16();
        (status, response.json().await.unwrap_or(Value::Null))
    }

    async fn get(&self, path: &str) -> Answer {
        self.ask(Method::GET, path, None).await
    }

    async fn put(&self, id: &str, fields: Value) -> Answer {
        let mut incident = json!({"type": "incident_reference"});
        for (name, value) in fields.as_object().expect("fields") {
            incident[name] = value.clone();
        }
        self.ask(Method::PUT, &format!("/incidents/{id}"), Some(json!({ "incident": incident }))).await
    }

    async fn post(&self, path: &str, body: Value) -> Answer {
        self.ask(Method::POST, path, Some(body)).await
    }

    /// Titles of the incidents in a list.
    async fn titles(&self, path: &str) -> Vec<String> {
        let (status, body) = self.get(path).await;
        assert_eq!(status, 200, "{path}: {body}");
        let incidents = body["incidents"].as_array().expect("a list").iter();
        incidents.map(|incident| incident["title"].as_str().expect("a title").to_owned()).collect()
    }

    fn act(&self, act: Act) -> Vec<String> {
        self.world.do_now(act).expect("the act is possible")
    }

    fn trigger(&self, title: &str) -> String {
        self.act(trigger(title)).remove(0)
    }

    fn acknowledge(&self, page: &str, by: &str) {
        self.act(Act::Acknowledge(ByUser { page: page.to_owned(), by: by.to_owned() }));
    }

    fn resolve(&self, page: &str) {
        self.act(Act::Resolve(Resolve { page: page.to_owned(), by: None }));
    }

    fn retrigger(&self, page: &str) {
        self.act(Act::Retrigger(Retrigger { page: page.to_owned() }));
    }

    fn fault(&self, fault: Fault) {
        self.world.fault(fault).expect("the fault is possible");
    }

    fn state(&self, page: &str) -> IncidentState {
        self.world.incident(page).expect("the incident exists")
    }

    fn id_of(&self, user: &str) -> String {
        self.world.cast().user(user).expect("the user exists").id.clone()
    }

    /// The list that the app polls.
    fn poll_of(&self, user: &str) -> String {
        format!(
            "/incidents?statuses[]=triggered&statuses[]=acknowledged&user_ids[]={}&date_range=all&limit=100&time_zone=UTC",
            self.id_of(user)
        )
    }
}

fn http() -> reqwest::Client {
    let _already = rustls::crypto::ring::default_provider().install_default();
    let builder = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none());
    builder.build().expect("a client")
}

fn trigger(title: &str) -> Act {
    Act::Trigger(Trigger { title: title.to_owned(), ..Trigger::default() })
}

fn code(answer: &Answer) -> (u16, u64) {
    (answer.0, answer.1["error"]["code"].as_u64().unwrap_or_default())
}
