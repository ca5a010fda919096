//! Zendesk's search: an agent's key, a count for each incident, and refusals in Zendesk's words.

use herald_practice::{Act, ActError, Declare, Fault, Tickets};
use reqwest::Method;
use serde_json::{Value, json};

use crate::Desk;

async fn ask(desk: &Desk, token: &str, query: &str) -> (u16, Value) {
    let zendesk = desk.world.announcement().zendesk;
    let query: String = form_urlencoded::byte_serialize(query.as_bytes()).collect();
    let request = desk.http.get(format!("{}/api/v2/search/count?query={query}", zendesk.url));
    let response = request.basic_auth(format!("{}/token", zendesk.email), Some(token)).send().await.expect("an answer");
    (response.status().as_u16(), response.json().await.expect("JSON"))
}

#[tokio::test]
async fn untagged_tickets_are_counted_for_each_incident() {
    let desk = Desk::quiet().await;
    let token = desk.world.announcement().zendesk.token;
    let declare = |title: &str| Act::Declare(Declare { title: title.to_owned(), ..Declare::default() });
    let first = desk.world.do_now(declare("one")).expect("possible").remove(0);
    let second = desk.world.do_now(declare("two")).expect("possible").remove(0);
    let tickets = |incident: &str, count| Act::Tickets(Tickets { incident: incident.to_owned(), count });
    assert_eq!(desk.world.do_now(tickets(&first, 7)), Ok(vec![first.clone()]));
    assert_eq!(desk.world.do_now(tickets("none", 1)), Err(ActError::NoIssue("none".to_owned())));
    for (query, expected) in [
        (format!("type:ticket created>4hours -form:billing -tags:com_incident_{first}"), 7),
        (format!("type:ticket -tags:com_incident_{second}"), 0),
        (format!("type:ticket tags:com_incident_{first}"), 0),
        ("type:ticket".to_owned(), 7),
        ("type:user".to_owned(), 0),
    ] {
        assert_eq!(ask(&desk, &token, &query).await, (200, json!({"count": expected})), "{query}");
    }
    assert_eq!(ask(&desk, &token, " ").await.0, 422);
}

#[tokio::test]
async fn refusals_are_zendesks() {
    let desk = Desk::quiet().await;
    let zendesk = desk.world.announcement().zendesk;
    let wrong = json!({"error": "Couldn't authenticate you"});
    assert_eq!(ask(&desk, "wrong", "type:ticket").await, (401, wrong));
    let post = desk.http.post(format!("{}/api/v2/search/count", zendesk.url));
    let post = post.basic_auth(format!("{}/token", zendesk.email), Some(&zendesk.token)).send().await;
    assert_eq!(post.expect("an answer").status().as_u16(), 404, "nothing is written here");
    desk.fault(Fault { retry_after: Some("9".to_owned()), ..Fault::status(429).on("/zendesk") });
    assert_eq!(ask(&desk, &zendesk.token, "type:ticket").await.0, 429);
    assert_eq!(desk.get("/incidents").await.0, 200, "a fault of Zendesk's is Zendesk's alone");
}

/// Asks for anything, as the agent.
async fn call(desk: &Desk, method: Method, path: &str, body: Option<Value>) -> (u16, Value) {
    let zendesk = desk.world.announcement().zendesk;
    let request = desk.http.request(method, format!("{}/api/v2{path}", zendesk.url));
    let request = request.basic_auth(format!("{}/token", zendesk.email), Some(&zendesk.token));
    let request = if let Some(body) = body { request.json(&body) } else { request };
    let response = request.send().await.expect("an answer");
    (response.status().as_u16(), response.json().await.unwrap_or(Value::Null))
}

#[tokio::test]
async fn a_ticket_is_made_tagged_answered_and_deleted() {
    let desk = Desk::quiet().await;
    let make = json!({"ticket": {"subject": "A question", "comment": {"body": "Does it work?"}, "tags": ["Practice"]}});
    let (status, made) = call(&desk, Method::POST, "/tickets.json", Some(make)).await;
    assert_eq!((status, &made["ticket"]["tags"]), (201, &json!(["practice"])), "{made}");
    assert_eq!(made["audit"]["ticket_id"], made["ticket"]["id"]);
    let path = format!("/tickets/{}", made["ticket"]["id"]);
    let tags = format!("{path}/tags.json");
    let many = json!({"tags": ["a", "b"]});
    assert_eq!(call(&desk, Method::PUT, &tags, Some(many.clone())).await.1["tags"], json!(["a", "b", "practice"]));
    assert_eq!(call(&desk, Method::POST, &tags, Some(many)).await, (201, json!({"tags": ["a", "b"]})));
    assert_eq!(call(&desk, Method::DELETE, &tags, Some(json!({"tags": ["a"]}))).await.1["tags"], json!(["b"]));
    let stale = json!({"tags": ["c"], "safe_update": "true", "updated_stamp": "2009-07-20T22:55:29Z"});
    assert_eq!(call(&desk, Method::PUT, &tags, Some(stale)).await.0, 409, "somebody was there in between");
    let answer = json!({"ticket": {"status": "open", "comment": {"body": "We look.", "public": false}}});
    assert_eq!(call(&desk, Method::PUT, &path, Some(answer)).await.1["ticket"]["status"], "open");
    assert_eq!(call(&desk, Method::GET, &format!("{path}/comments"), None).await.1["count"], 2);
    assert_eq!(call(&desk, Method::DELETE, &path, None).await, (204, Value::Null));
    let gone = json!({"error": "RecordNotFound", "description": "Not found"});
    assert_eq!(call(&desk, Method::GET, &path, None).await, (404, gone.clone()));
    assert_eq!(call(&desk, Method::GET, "/organizations", None).await, (404, gone), "the rest is not there");
    assert_eq!(call(&desk, Method::POST, "/tickets", Some(json!({"ticket": {"subject": "x"}}))).await.0, 422);
}

#[tokio::test]
async fn lists_go_by_number_and_by_cursor() {
    let desk = Desk::quiet().await;
    let declare = Act::Declare(Declare { title: "one".to_owned(), ..Declare::default() });
    let issue = desk.act(declare).remove(0);
    let tickets = |count| Act::Tickets(Tickets { incident: issue.clone(), count });
    desk.act(tickets(5));
    let mut paths =
        vec!["/search.json?query=type:ticket&per_page=2".to_owned(), "/tickets.json?page[size]=2".to_owned()];
    for path in &mut paths {
        let mut seen = Vec::new();
        loop {
            let (status, page) = call(&desk, Method::GET, path, None).await;
            assert_eq!(status, 200, "{path}: {page}");
            let items = page.get("results").or(page.get("tickets")).and_then(Value::as_array).expect("a list").clone();
            seen.extend(items.into_iter().map(|it| it["id"].as_u64()));
            let next = page["next_page"].as_str().or(page["links"]["next"].as_str());
            let Some(next) = next else { break };
            *path = next.split("/api/v2").last().expect("a path").to_owned();
        }
        seen.sort_unstable();
        seen.dedup();
        assert_eq!(seen.len(), 5);
    }
    assert_eq!(call(&desk, Method::GET, "/search?query=type:ticket&page=11&per_page=100", None).await.0, 422);
    desk.act(tickets(2));
    let untagged = format!("/search/count?query=-tags:com_incident_{issue}");
    assert_eq!(call(&desk, Method::GET, &untagged, None).await.1, json!({"count": 2}), "others tagged three of them");
}
