//! GitLab's REST API: who sees what, filters, pages, labels, and the forms of its errors.

use herald_practice::{
    Act, Comment, Declare, EditIssue, Fault, FaultKind, GitLabTokens, IssueBy, SetConfidential, SetState, Span,
    TokenKind,
};
use reqwest::{Method, Response};
use serde_json::{Value, json};

use crate::Desk;

const ISSUES: &str = "/gitlab/api/v4/projects/7100021/issues";

/// A quiet world, asked with one of GitLab's tokens.
async fn desk(token: impl FnOnce(GitLabTokens) -> String) -> Desk {
    let mut desk = Desk::quiet().await;
    sign_in(&mut desk, token);
    desk
}

fn sign_in(desk: &mut Desk, token: impl FnOnce(GitLabTokens) -> String) {
    let token = token(desk.world.announcement().gitlab.tokens);
    desk.authorization = if token.is_empty() { token } else { format!("Bearer {token}") };
}

fn declare(desk: &Desk, title: &str) -> u64 {
    declare_as(desk, Declare { title: title.to_owned(), ..Declare::default() })
}

fn declare_as(desk: &Desk, act: Declare) -> u64 {
    desk.act(Act::Declare(act)).remove(0).parse().expect("a number")
}

async fn iids(desk: &Desk, query: &str) -> Vec<u64> {
    let (status, body) = desk.get(&format!("{ISSUES}?{query}")).await;
    assert_eq!(status, 200, "{query}: {body}");
    let issues = body.as_array().expect("a list, without anything around it").iter();
    issues.map(|issue| issue["iid"].as_u64().expect("an iid")).collect()
}

async fn send(desk: &Desk, method: Method, path: &str, body: Option<Value>) -> Response {
    desk.send(method, path, body).await.expect("an answer")
}

fn header<'a>(response: &'a Response, name: &str) -> Option<&'a str> {
    response.headers().get(name).and_then(|value| value.to_str().ok())
}

#[tokio::test]
async fn tokens_say_who_they_are_and_until_when() {
    let mut desk = desk(|tokens| tokens.api).await;
    let (_, user) = desk.get("/gitlab/api/v4/user").await;
    assert_eq!((&user["username"], &user["name"]), (&json!("elena"), &json!("Elena Marek")));
    let scopes = async |desk: &Desk| desk.get("/gitlab/api/v4/personal_access_tokens/self").await.1;
    let mine = scopes(&desk).await;
    assert_eq!((&mine["scopes"], &mine["active"]), (&json!(["api"]), &json!(true)));
    sign_in(&mut desk, |tokens| tokens.read_api);
    let reading = scopes(&desk).await;
    assert_eq!(reading["scopes"], json!(["read_api"]));
    assert!(reading["expires_at"].as_str() < mine["expires_at"].as_str(), "the reading one ends sooner");
}

#[tokio::test]
async fn refusals_of_tokens_have_three_forms() {
    let mut desk = desk(|tokens| tokens.expired).await;
    let (status, body) = desk.get(ISSUES).await;
    assert_eq!((status, &body["error"]), (401, &json!("invalid_token")), "even where nobody needs a token");
    sign_in(&mut desk, |_| "glpat-nobodys".to_owned());
    assert_eq!(desk.get(ISSUES).await, (401, json!({"message": "401 Unauthorized"})));
    sign_in(&mut desk, |tokens| tokens.read_api);
    let (status, body) = desk.post(ISSUES, json!({"title": "x"})).await;
    assert_eq!((status, &body["error"], &body["scope"]), (403, &json!("insufficient_scope"), &json!("api")));
    sign_in(&mut desk, |_| String::new());
    assert_eq!(desk.get("/gitlab/api/v4/user").await.0, 401);
    assert_eq!(desk.post(ISSUES, json!({"title": "x"})).await.0, 401);
    let kinds: Vec<TokenKind> = desk.world.requests().iter().map(|request| request.token).collect();
    assert_eq!(
        kinds,
        [TokenKind::Expired, TokenKind::Unknown, TokenKind::UserReadOnly, TokenKind::Missing, TokenKind::Missing]
    );
    let private = desk.http.get(format!("{}/gitlab/api/v4/user", desk.world.url()));
    let private = private.header("private-token", desk.world.announcement().gitlab.tokens.api);
    assert_eq!(private.send().await.expect("an answer").status(), 200);
}

#[tokio::test]
async fn what_one_may_not_see_is_not_there() {
    let mut desk = desk(|tokens| tokens.api).await;
    let public = declare(&desk, "Seen by all");
    let act = Declare { title: "Hidden".to_owned(), confidential: true, ..Declare::default() };
    let hidden = declare_as(&desk, act);
    assert_eq!(iids(&desk, "").await, [hidden, public]);
    for token in ["outsider", ""] {
        sign_in(&mut desk, |tokens| if token.is_empty() { String::new() } else { tokens.outsider });
        assert_eq!(iids(&desk, "").await, [public], "{token}");
        let (status, body) = desk.get(&format!("{ISSUES}/{hidden}")).await;
        assert_eq!((status, body), (404, json!({"message": "404 Not found"})), "{token}");
        assert_eq!(desk.get(&format!("{ISSUES}/{hidden}/notes")).await.0, 404, "{token}");
        let (status, body) = desk.get("/gitlab/api/v4/projects/7100044").await;
        assert_eq!((status, body), (404, json!({"message": "404 Project Not Found"})), "{token}");
    }
    assert_eq!(desk.get(&format!("{ISSUES}/{public}/resource_label_events")).await.0, 401, "history needs a token");
    let open = SetConfidential { incident: hidden.to_string(), confidential: Some(false), by: None };
    desk.act(Act::SetConfidential(open));
    assert_eq!(iids(&desk, "").await, [hidden, public]);
}

#[tokio::test]
async fn projects_go_by_id_and_by_encoded_path_and_move() {
    let desk = desk(|tokens| tokens.api).await;
    let (_, body) = desk.get("/gitlab/api/v4/projects/quillbrook%2Finfra%2Fproduction").await;
    assert_eq!((&body["id"], &body["visibility"]), (&json!(7_100_021), &json!("public")));
    assert_eq!(desk.get("/gitlab/api/v4/projects/quillbrook/infra/production").await.0, 404, "not encoded");
    let moved = "/gitlab/api/v4/projects/quillbrook%2Finfrastructure/issues";
    let response = send(&desk, Method::GET, &format!("{moved}?state=opened"), None).await;
    assert_eq!(response.status(), 301);
    let expected = format!("{}{ISSUES}?state=opened", desk.world.url());
    assert_eq!(header(&response, "location"), Some(expected.as_str()));
    assert_eq!(desk.post(moved, json!({"title": "x"})).await.0, 405);
}

#[tokio::test]
async fn issues_are_filtered() {
    let desk = desk(|tokens| tokens.api).await;
    let first = declare(&desk, "Checkout fails");
    let act = Declare { title: "Login fails".to_owned(), severity: Some(1), ..Declare::default() };
    let second = declare_as(&desk, act);
    let act = Declare { title: "Mail is late".to_owned(), state: Some("resolved".to_owned()), ..Declare::default() };
    let third = declare_as(&desk, act);
    desk.act(Act::CloseIssue(IssueBy { incident: third.to_string(), by: None }));
    let cases = [
        ("labels=incident,Incident%3A%3AActive", vec![second, first]),
        ("labels=incident,severity%3A%3A1", vec![second]),
        ("labels=severity%3A%3A1,severity%3A%3A2", vec![]),
        ("labels=incident&not[labels]=severity%3A%3A1", vec![third, first]),
        ("labels=incident%3A%3Aactive", vec![]),
        ("labels=Nothing", vec![]),
        ("state=opened", vec![second, first]),
        ("state=closed", vec![third]),
        ("iids[]=20101&iids[]=20103", vec![third, first]),
        ("search=fails", vec![second, first]),
        ("search=customer+impact&in=title", vec![]),
        ("issue_type=issue", vec![]),
        ("order_by=created_at&sort=asc", vec![first, second, third]),
        ("confidential=true", vec![]),
    ];
    for (query, expected) in cases {
        assert_eq!(iids(&desk, query).await, expected, "{query}");
    }
    for (query, error) in [
        ("state=open", "state does not have a valid value"),
        ("order_by=mood", "order_by does not have a valid value"),
        ("per_page=0", "per_page has a value not allowed"),
        ("updated_after=2026-01-01T00:00:00+02:00", "updated_after is invalid"),
    ] {
        assert_eq!(desk.get(&format!("{ISSUES}?{query}")).await, (400, json!({ "error": error })), "{query}");
    }
}

#[tokio::test]
async fn what_changed_since_is_found_again_by_the_time_it_showed() {
    let desk = desk(|tokens| tokens.api).await;
    let act = Declare { title: "Old".to_owned(), ago: Some(Span::hours(3)), ..Declare::default() };
    let old = declare_as(&desk, act);
    let new = declare(&desk, "New");
    let (_, body) = desk.get(&format!("{ISSUES}/{new}")).await;
    let updated_at = body["updated_at"].as_str().expect("a time").to_owned();
    assert!(updated_at.len() == 24 && updated_at.ends_with('Z'), "milliseconds: {updated_at}");
    let query = format!("updated_after={updated_at}");
    assert_eq!(iids(&desk, &query).await, [new], "the moment itself counts");
    let words =
        Comment { incident: old.to_string(), by: "leila".to_owned(), text: "still".to_owned(), internal: false };
    desk.act(Act::Comment(words));
    assert_eq!(iids(&desk, &format!("{query}&order_by=updated_at")).await, [old, new], "a note is a change");
}

#[tokio::test]
async fn pages_are_told_by_headers_without_a_total() {
    let desk = desk(|tokens| tokens.api).await;
    for number in 0..5 {
        declare(&desk, &format!("Incident {number}"));
    }
    let first = send(&desk, Method::GET, &format!("{ISSUES}?per_page=2&labels=incident"), None).await;
    let told = |name: &str| header(&first, name);
    assert_eq!((told("x-page"), told("x-per-page"), told("x-next-page")), (Some("1"), Some("2"), Some("2")));
    assert_eq!((told("x-total"), told("x-total-pages")), (None, None));
    let link = told("link").expect("links").to_owned();
    assert!(!link.contains("last"), "{link}");
    let next = link.split(", ").find(|link| link.contains("rel=\"next\"")).expect("a next page");
    let next = next.trim_start_matches('<').split('>').next().expect("an address");
    let second = desk.http.get(next).bearer_auth(desk.world.announcement().gitlab.tokens.api);
    let second: Value = second.send().await.expect("an answer").json().await.expect("a list");
    assert_eq!(second[0]["iid"], 20103);
    let last = send(&desk, Method::GET, &format!("{ISSUES}?per_page=2&page=3"), None).await;
    assert_eq!(header(&last, "x-next-page"), Some(""), "empty on the last page");
    let much = send(&desk, Method::GET, &format!("{ISSUES}?per_page=1000"), None).await;
    assert_eq!(header(&much, "x-per-page"), Some("100"), "cut, not refused");
    assert_eq!(iids(&desk, "page=9").await, Vec::<u64>::new());
}

#[tokio::test]
async fn what_is_known_is_not_sent_again() {
    let desk = desk(|tokens| tokens.api).await;
    let iid = declare(&desk, "Down");
    let ask = async |tag: &str| {
        let request = desk.http.get(format!("{}{ISSUES}", desk.world.url()));
        let request = request.header("authorization", &desk.authorization).header("if-none-match", tag);
        request.send().await.expect("an answer")
    };
    let first = ask("").await;
    let tag = header(&first, "etag").expect("a tag").to_owned();
    assert!(tag.starts_with("W/\""), "{tag}");
    let again = ask(&tag).await;
    assert_eq!(
        (again.status().as_u16(), header(&again, "ratelimit-observed")),
        (304, Some("2")),
        "it counts all the same"
    );
    assert_eq!(again.bytes().await.expect("a body").len(), 0);
    desk.act(Act::SetState(SetState { incident: iid.to_string(), state: "mitigated".to_owned(), by: None }));
    assert_eq!(ask(&tag).await.status(), 200);
}

#[tokio::test]
async fn scoped_labels_exclude_each_other_and_unknown_ones_come_to_be() {
    let desk = desk(|tokens| tokens.api).await;
    let iid = declare(&desk, "Down");
    let label = "/gitlab/api/v4/projects/7100021/labels";
    assert_eq!(desk.get(&format!("{label}/Incident-Comms%3A%3AStatus-Page")).await.0, 200);
    assert_eq!(desk.get(&format!("{label}/Comms%3A%3APosted")).await, (404, json!({"message": "404 Label Not Found"})));
    let put = async |body: Value| desk.ask(Method::PUT, &format!("{ISSUES}/{iid}"), Some(body)).await;
    let (status, body) = put(json!({"add_labels": "Comms::Posted,Incident::Mitigated"})).await;
    assert_eq!(status, 200);
    assert_eq!(body["labels"], json!(["Comms::Posted", "Incident::Mitigated", "incident", "severity::2"]));
    assert_eq!(desk.get(&format!("{label}/Comms%3A%3APosted")).await.0, 200, "created without asking");
    let before = desk.world.issue(iid).expect("there").updated_at;
    put(json!({"add_labels": "Comms::Posted"})).await;
    assert_eq!(desk.world.issue(iid).expect("there").updated_at, before, "nothing changes twice");
    let (_, body) = put(json!({"remove_labels": ["Comms::Posted"]})).await;
    assert_eq!(body["labels"], json!(["Incident::Mitigated", "incident", "severity::2"]));
    let (_, body) = put(json!({"labels": "other"})).await;
    assert_eq!(body["labels"], json!(["other"]), "`labels` replaces all");

    let (_, events) = desk.get(&format!("{ISSUES}/{iid}/resource_label_events?per_page=100")).await;
    let events = events.as_array().expect("a list").iter();
    let told: Vec<String> = events
        .map(|event| {
            format!("{} {}", event["action"].as_str().unwrap_or(""), event["label"]["name"].as_str().unwrap_or(""))
        })
        .collect();
    assert!(
        told.contains(&"remove Incident::Active".to_owned()) && told.contains(&"add Incident::Mitigated".to_owned())
    );
    let (_, body) = desk.get(&format!("{ISSUES}/{iid}?with_labels_details=true")).await;
    assert_eq!(body["labels"][0]["name"], "other");
    assert_eq!(put(json!({})).await.0, 400);
}

#[tokio::test]
async fn creating_is_not_idempotent_and_public_unless_said() {
    let mut desk = desk(|tokens| tokens.api).await;
    let handover = desk.world.announcement().gitlab.projects["handover"];
    let path = format!("/gitlab/api/v4/projects/{handover}");
    let (_, template) = desk.get(&format!("{path}/templates/issues/Default")).await;
    let text = template["content"].as_str().expect("a text");
    assert!(text.contains("/confidential"));
    assert_eq!(desk.get(&format!("{path}/templates/issues/Handover")).await.0, 404);
    let create = async |body: Value| desk.post(&format!("{path}/issues"), body).await;
    let (status, body) = create(json!({"title": "Handover", "description": text})).await;
    assert_eq!((status, &body["confidential"], &body["iid"]), (201, &json!(false), &json!(301)));
    let again = json!({"title": "Handover", "description": text, "confidential": true, "labels": "handover"});
    let (status, body) = create(again).await;
    assert_eq!((status, &body["confidential"], &body["iid"]), (201, &json!(true), &json!(302)));
    assert_eq!((&body["labels"], &body["author"]["username"]), (&json!(["handover"]), &json!("elena")));
    for (fields, error) in [
        (json!({}), json!({"error": "title is missing"})),
        (json!({"title": " "}), json!({"message": {"title": ["can't be blank"]}})),
        (json!({"title": "x".repeat(256)}), json!({"message": {"title": ["is too long (maximum is 255 characters)"]}})),
        (json!({"title": "x", "labels": 3}), json!({"error": "labels is invalid"})),
    ] {
        assert_eq!(create(fields.clone()).await, (400, error), "{fields}");
    }
    sign_in(&mut desk, |tokens| tokens.outsider);
    let (status, body) = desk.post(ISSUES, json!({"title": "Mine", "labels": "incident"})).await;
    assert_eq!((status, &body["labels"]), (201, &json!([])), "labels of strangers are dropped without a word");
    let iid = declare(&desk, "Down");
    let (status, _) = desk.ask(Method::PUT, &format!("{ISSUES}/{iid}"), Some(json!({"add_labels": "x"}))).await;
    assert_eq!(status, 403);
}

#[tokio::test]
async fn a_wish_to_be_confidential_can_be_dropped() {
    let text = "title = \"x\"\n[[projects]]\nkey = \"handover\"\ndrops_confidential = true\n";
    let mut desk = Desk::scenario(text).await;
    sign_in(&mut desk, |tokens| tokens.api);
    let wish = json!({"title": "Handover", "confidential": true});
    let (status, body) = desk.post("/gitlab/api/v4/projects/7100044/issues", wish).await;
    assert_eq!((status, &body["confidential"]), (201, &json!(false)), "only the answer tells");
}

#[tokio::test]
async fn notes_come_newest_first_and_internal_ones_to_members() {
    let mut desk = desk(|tokens| tokens.api).await;
    let iid = declare(&desk, "Down");
    let path = format!("{ISSUES}/{iid}/notes");
    assert_eq!(desk.post(&path, json!({"body": "posted"})).await.0, 201);
    let (_, note) = desk.post(&path, json!({"body": "among us", "internal": true})).await;
    assert_eq!((&note["internal"], &note["noteable_iid"]), (&json!(true), &json!(iid)));
    desk.act(Act::EditIssue(EditIssue {
        incident: iid.to_string(),
        title: Some("Down for all".to_owned()),
        ..EditIssue::default()
    }));
    let bodies = async |desk: &Desk, query: &str| {
        let (_, body) = desk.get(&format!("{path}?{query}")).await;
        let notes = body.as_array().expect("a list").iter();
        notes.map(|note| note["body"].as_str().expect("a text").to_owned()).collect::<Vec<_>>()
    };
    let all = bodies(&desk, "").await;
    assert!(all[0].starts_with("changed title from"), "written by GitLab: {all:?}");
    assert_eq!(all[1..], ["among us", "posted"]);
    assert_eq!(bodies(&desk, "activity_filter=only_comments&sort=asc").await, ["posted", "among us"]);
    assert_eq!(desk.get(&format!("{ISSUES}/{iid}")).await.1["user_notes_count"], 2);
    let missing = json!({"message": "400 (Bad request) \"body\" not given"});
    assert_eq!(desk.post(&path, json!({})).await, (400, missing));
    sign_in(&mut desk, |_| String::new());
    assert_eq!(bodies(&desk, "activity_filter=only_comments").await, ["posted"]);
}

#[tokio::test]
async fn too_many_requests_are_refused_in_plain_text() {
    let text = "title = \"x\"\n[gitlab_limits]\nper_minute = 3\nanonymous_per_minute = 1\nnotes_per_minute = 1\n";
    let mut desk = Desk::scenario(text).await;
    sign_in(&mut desk, |tokens| tokens.api);
    let iid = declare(&desk, "Down");
    let note = || Some(json!({"body": "x"}));
    let path = format!("{ISSUES}/{iid}/notes");
    let first = send(&desk, Method::POST, &path, note()).await;
    assert_eq!((header(&first, "ratelimit-limit"), header(&first, "ratelimit-remaining")), (Some("3"), Some("2")));
    assert_eq!(header(&first, "ratelimit-name"), Some("throttle_authenticated_api"));
    let reset: i64 = header(&first, "ratelimit-reset").and_then(|text| text.parse().ok()).expect("a time");
    assert!(reset > desk.world.now().timestamp(), "a moment, not a length of time");
    let (status, body) = desk.ask(Method::POST, &path, note()).await;
    assert_eq!(status, 429);
    assert!(body["message"]["error"].is_string(), "this one is JSON: {body}");
    assert_eq!(desk.get(ISSUES).await.0, 200);
    let refused = send(&desk, Method::GET, ISSUES, None).await;
    assert_eq!((refused.status().as_u16(), header(&refused, "content-type")), (429, Some("text/plain")));
    assert!(header(&refused, "retry-after").is_some_and(|text| text.parse::<u32>().is_ok()));
    assert_eq!(refused.text().await.expect("a text").trim(), "Retry later");
    sign_in(&mut desk, |_| String::new());
    assert_eq!((desk.get(ISSUES).await.0, desk.get(ISSUES).await.0), (200, 429), "its own, smaller budget");
}

#[tokio::test]
async fn faults_spoil_it_in_its_own_words() {
    let desk = desk(|tokens| tokens.api).await;
    let iid = declare(&desk, "One");
    declare(&desk, "Two");
    let path = "/gitlab/api/v4/projects/*/issues";
    desk.fault(Fault::status(429).on(path).times(1));
    let response = send(&desk, Method::GET, ISSUES, None).await;
    assert_eq!(response.text().await.expect("a text").trim(), "Retry later");
    desk.fault(Fault::status(401).on(path).times(1));
    assert_eq!(desk.get(ISSUES).await, (401, json!({"message": "401 Unauthorized"})));
    desk.fault(Fault::status(502).on(path).times(1));
    assert_eq!(desk.get(ISSUES).await, (502, Value::Null), "a proxy's page");
    desk.fault(Fault::of(FaultKind::Garbage).on(path).times(1));
    let (_, body) = desk.get(ISSUES).await;
    assert_eq!((&body[0]["title"], body[1]["title"].is_string()), (&json!(17), true));
    desk.fault(Fault::of(FaultKind::Hostile).on(path).times(1));
    let (_, body) = desk.get(&format!("{ISSUES}/{iid}")).await;
    assert!(body["title"].as_str().is_some_and(|title| title.contains("<script>")), "{body}");
    desk.fault(Fault::of(FaultKind::Duplicate).on(path).times(1));
    assert_eq!(iids(&desk, "").await.len(), 3);
    desk.fault(Fault::of(FaultKind::PaginationDrift).on(path).times(1));
    assert_eq!(iids(&desk, "per_page=1&page=2").await, Vec::<u64>::new(), "it slipped out between the pages");
    let huge = Fault { size_bytes: Some(200_000), ..Fault::of(FaultKind::Huge) };
    desk.fault(huge.on(path).times(1));
    assert!(desk.get(ISSUES).await.1.as_array().is_some_and(|issues| issues.len() > 3));

    desk.act(Act::SetState(SetState { incident: iid.to_string(), state: "mitigated".to_owned(), by: None }));
    desk.fault(Fault::of(FaultKind::Reorder).on(path).times(1));
    let (_, body) = desk.get(&format!("{ISSUES}/{iid}")).await;
    assert!(body["labels"].as_array().is_some_and(|labels| labels.contains(&json!("Incident::Active"))), "as it was");

    desk.fault(Fault::of(FaultKind::LostAnswer).on(path).method("POST").times(1));
    let lost = desk.send(Method::POST, ISSUES, Some(json!({"title": "Written"}))).await;
    assert!(lost.is_err(), "the answer is lost");
    assert_eq!(desk.world.issues().len(), 3, "but it was carried out");
    assert_eq!(desk.get("/incidents").await.0, 401, "PagerDuty does not know the token, and has no fault");
}
