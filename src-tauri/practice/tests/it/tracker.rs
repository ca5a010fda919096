//! What scripts do over GitLab's API beside Herald's own calls: labels, threads, links, states, lists by keyset.

use herald_practice::{Act, Declare, GitLabTokens};
use reqwest::Method;
use serde_json::{Value, json};

use crate::Desk;

const PROJECT: &str = "/gitlab/api/v4/projects/7100021";

async fn desk(token: impl FnOnce(GitLabTokens) -> String) -> Desk {
    let mut desk = Desk::quiet().await;
    desk.authorization = format!("Bearer {}", token(desk.world.announcement().gitlab.tokens));
    desk
}

fn declare(desk: &Desk, title: &str) -> String {
    desk.act(Act::Declare(Declare { title: title.to_owned(), ..Declare::default() })).remove(0)
}

#[tokio::test]
async fn labels_are_made_renamed_and_taken_away() {
    let desk = desk(|tokens| tokens.api).await;
    let make = json!({"name": "by-hand", "color": "#dc143c"});
    let labels = format!("{PROJECT}/labels");
    let (status, made) = desk.post(&labels, make.clone()).await;
    assert_eq!((status, &made["color"]), (201, &json!("#dc143c")));
    assert_eq!(desk.post(&labels, make).await, (409, json!({"message": "Label already exists"})));
    let iid = declare(&desk, "one");
    desk.ask(Method::PUT, &format!("{PROJECT}/issues/{iid}"), Some(json!({"add_labels": "by-hand"}))).await;
    let rename = json!({"name": "by-hand", "new_name": "with-care"});
    let (_, renamed) = desk.ask(Method::PUT, &labels, Some(rename)).await;
    assert_eq!((&renamed["name"], &renamed["color"]), (&json!("with-care"), &json!("#dc143c")));
    let issue = desk.get(&format!("{PROJECT}/issues/{iid}")).await.1;
    assert!(issue["labels"].as_array().is_some_and(|all| all.contains(&json!("with-care"))), "the issue's too");
    let found = desk.get(&format!("{labels}?search=with-c")).await.1;
    assert_eq!(found.as_array().map(Vec::len), Some(1));
    assert_eq!(desk.ask(Method::DELETE, &format!("{labels}/with-care"), None).await, (204, Value::Null));
    assert_eq!(desk.get(&format!("{labels}/with-care")).await.0, 404);
}

#[tokio::test]
async fn a_thread_is_begun_and_gone_on_with() {
    let desk = desk(|tokens| tokens.api).await;
    let issue = format!("{PROJECT}/issues/{}", declare(&desk, "one"));
    let (status, note) = desk.post(&format!("{issue}/notes"), json!({"body": "We look."})).await;
    assert_eq!((status, &note["type"]), (201, &Value::Null));
    let (status, thread) = desk.post(&format!("{issue}/discussions"), json!({"body": "Whose is it?"})).await;
    assert_eq!((status, &thread["notes"][0]["type"]), (201, &json!("DiscussionNote")));
    let own = format!("{issue}/discussions/{}", thread["id"].as_str().expect("an id"));
    assert_eq!(desk.post(&format!("{own}/notes"), json!({"body": "Ours."})).await.0, 201);
    assert_eq!(desk.get(&own).await.1["notes"].as_array().map(Vec::len), Some(2));
    let all = desk.get(&format!("{issue}/discussions")).await.1;
    let alone: Vec<&Value> = all.as_array().expect("a list").iter().map(|it| &it["individual_note"]).collect();
    assert_eq!(alone, [&json!(true), &json!(false)]);

    let path = format!("{issue}/notes/{}", note["id"]);
    let changed = desk.ask(Method::PUT, &path, Some(json!({"body": "We look still."}))).await.1;
    assert_eq!(changed["body"], "We look still.");
    assert_eq!(desk.ask(Method::DELETE, &path, None).await.0, 204);
    assert_eq!(desk.get(&path).await, (404, json!({"message": "404 Note Not Found"})));
}

#[tokio::test]
async fn issues_are_linked_both_ways() {
    let desk = desk(|tokens| tokens.api).await;
    let (one, two) = (declare(&desk, "one"), declare(&desk, "two"));
    let links = format!("{PROJECT}/issues/{one}/links");
    let link = json!({"target_project_id": 7_100_021, "target_issue_iid": two, "link_type": "blocks"});
    let (status, made) = desk.post(&links, link.clone()).await;
    assert_eq!((status, made["target_issue"]["iid"].to_string()), (201, two.clone()), "{made}");
    assert_eq!(desk.post(&links, link).await.0, 409);
    let back = desk.get(&format!("{PROJECT}/issues/{two}/links")).await.1;
    assert_eq!((back[0]["iid"].to_string(), &back[0]["link_type"]), (one, &json!("is_blocked_by")));
    assert_eq!(desk.ask(Method::DELETE, &format!("{links}/{}", back[0]["issue_link_id"]), None).await.0, 200);
    assert_eq!(desk.get(&links).await.1, json!([]));
}

#[tokio::test]
async fn what_happened_to_the_state_is_told() {
    let desk = desk(|tokens| tokens.api).await;
    let issue = format!("{PROJECT}/issues/{}", declare(&desk, "one"));
    for event in ["close", "reopen"] {
        desk.ask(Method::PUT, &issue, Some(json!({"state_event": event}))).await;
    }
    let events = desk.get(&format!("{issue}/resource_state_events")).await.1;
    assert_eq!((&events[0]["state"], &events[1]["state"]), (&json!("closed"), &json!("reopened")));
    assert_eq!(desk.ask(Method::DELETE, &issue, None).await.0, 403, "only owners delete");
    assert_eq!(desk.get(&format!("{issue}/metric_images")).await, (404, json!({"error": "404 Not Found"})));
}

#[tokio::test]
async fn issues_go_by_keyset_and_other_lists_do_not() {
    let desk = desk(|tokens| tokens.api).await;
    for title in ["one", "two", "three"] {
        declare(&desk, title);
    }
    let mut path = format!("{PROJECT}/issues?pagination=keyset&order_by=created_at&per_page=2");
    let mut seen = Vec::new();
    loop {
        let response = desk.send(Method::GET, &path, None).await.expect("an answer");
        assert_eq!(response.headers().get("x-page"), None, "no number of a page");
        let link = response.headers().get("link").and_then(|it| it.to_str().ok()).map(str::to_owned);
        let issues: Value = response.json().await.expect("JSON");
        seen.extend(issues.as_array().expect("a list").iter().map(|it| it["iid"].as_u64()));
        let Some(link) = link else { break };
        assert!(link.ends_with("rel=\"next\""), "{link}");
        path = link.trim_start_matches('<').split('>').next().expect("an address").replace(&desk.world.url(), "");
    }
    seen.sort_unstable();
    seen.dedup();
    assert_eq!(seen.len(), 3);
    let labels = desk.get(&format!("{PROJECT}/labels?pagination=keyset")).await;
    assert_eq!(labels, (405, json!({"error": "Keyset pagination is not yet available for this type of request"})));
}
