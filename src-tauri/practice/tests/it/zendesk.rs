//! Zendesk's search: an agent's key, a count for each incident, and refusals in Zendesk's words.

use herald_practice::{Act, ActError, Declare, Fault, Tickets};
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
        ("type:ticket".to_owned(), 0),
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
