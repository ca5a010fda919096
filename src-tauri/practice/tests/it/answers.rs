//! Scenarios that answer what the trainee does, and their check.

use std::time::Duration;

use herald_practice::{Happening, Options, Scenario, Via};
use reqwest::Method;
use serde_json::json;

use crate::{Desk, trigger};

/// A manager who is asked twice before he answers, a colleague who reads the status page, a page that is looked after.
const RULES: &str = r#"
title = "answers"

[[at]]
after = "0s"
do = "declare"
incident = "checkout"
page = "checkout"
title = "Checkout fails"

[[when]]
when = "intend"
nth = 2
lacks = "monitoring"
do = "im_says"
incident = "checkout"
text = "Go ahead."

[[when]]
when = "intend"
contains = "monitoring"
do = "im_says"
incident = "checkout"
text = "Hold on, it is Identified, not Monitoring."

[[when]]
when = "acknowledged"
contains = "checkout"
times_over = 1
do = "say"
who = "mateo"
text = "You are here."

[[when]]
when = "closed"
do = "say"
who = "mateo"
text = "Closed."

[[when]]
when = "published"
contains = "identified"
do = "set_severity"
incident = "checkout"
severity = 1

[[when]]
when = "label_set"
contains = "status-page"
do = "close_issue"
incident = "checkout"
"#;

#[tokio::test]
async fn the_world_answers_what_the_trainee_does() {
    let desk = Desk::open(Options { speed: 100.0, ..Options::of(Scenario::parse(RULES).expect("reads")) }).await;
    desk.world.finished().await;
    let hook = desk.world.announcement().slack.webhook_url;
    let ask = async |text: &str| {
        let sent = desk.http.post(&hook).json(&json!({"text": text})).send().await.expect("an answer");
        assert_eq!(sent.status(), 200, "{text}");
        desk.world.said().into_iter().map(|said| said.text).collect::<Vec<_>>()
    };
    assert_eq!(ask("I intend to post: Checkout fails").await, Vec::<String>::new(), "shy");
    assert_eq!(ask("I intend to move to Monitoring").await, ["Hold on, it is Identified, not Monitoring."]);
    let said = ask("I intend to post: still failing").await;
    assert_eq!(said.last().map(String::as_str), Some("Go ahead."), "asked twice");
    let page = desk.state("checkout").id;
    for (status, expected) in [("acknowledged", "You are here."), ("resolved", "Closed.")] {
        desk.put(&page, json!({"status": status})).await;
        assert_eq!(desk.world.said().last().map(|said| said.text.clone()).as_deref(), Some(expected));
    }
    let access = desk.world.announcement().statuspage;
    let update = json!({"incident": {"name": "Checkout", "status": "identified", "body": "We know the cause."}});
    let posted = desk
        .http
        .request(Method::POST, format!("{}/pages/{}/incidents", access.url, access.page_id))
        .header("authorization", format!("OAuth {}", access.api_key))
        .json(&update);
    assert_eq!(posted.send().await.expect("an answer").status(), 201);
    assert!(desk.world.issues()[0].labels.contains(&"severity::1".to_owned()));
    let gitlab = desk.world.announcement().gitlab;
    let issue = desk.world.issues()[0].iid;
    let labelled = desk
        .http
        .request(Method::PUT, format!("{}/projects/{}/issues/{issue}", gitlab.url, gitlab.project_id))
        .header("private-token", gitlab.tokens.api)
        .json(&json!({"add_labels": "Incident-Comms::Status-Page"}));
    assert_eq!(labelled.send().await.expect("an answer").status(), 200);
    desk.world.until(|world| world.issues()[0].state == "closed").await;
    assert_eq!(desk.world.state().problems, Vec::<String>::new());
}

#[tokio::test]
async fn an_answer_takes_its_time_and_the_worlds_own_acts_set_off_nothing() {
    let text = "title = \"x\"\n[[when]]\nwhen = \"intend\"\nafter = \"20s\"\ndo = \"say\"\nwho = \"im\"\ntext = \"go\"\n\
        [[when]]\nwhen = \"acknowledged\"\ndo = \"say\"\nwho = \"im\"\ntext = \"seen\"\n";
    let desk = Desk::open(Options { speed: 100.0, ..Options::of(Scenario::parse(text).expect("reads")) }).await;
    desk.act(trigger("a page"));
    desk.acknowledge("last", "dana");
    let hook = desk.world.announcement().slack.webhook_url;
    let asked = desk.world.now();
    desk.http.post(&hook).json(&json!({"text": "I intend to…"})).send().await.expect("an answer");
    desk.world.until(|world| !world.said().is_empty()).await;
    let said = desk.world.said();
    assert_eq!(said.iter().map(|said| said.text.as_str()).collect::<Vec<_>>(), ["go"]);
    assert!((said[0].at - asked).to_std().expect("later") >= Duration::from_millis(200), "20 s at speed 100");
}

/// Each file with its first mistake, as `herald practice --check` tells it.
#[test]
fn a_check_tells_line_key_and_what_is_allowed() {
    let declared =
        "title = \"x\"\n\n[[at]]\nafter = \"1s\"\ndo = \"declare\"\nincident = \"a\"\npage = \"b\"\ntitle = \"y\"\n\n";
    for (more, expected) in [
        ("", None),
        ("[[at]]\nafter = \"2s\"\ndo = \"im_says\"\nincident = \"a\"\ntext = \"z\"\n", None),
        (
            "[[at]]\nafter = \"2s\"\ndo = \"im_says\"\nincident = \"c\"\ntext = \"z\"\n",
            Some("line 10: incident: there is no issue `c` by then; there are: a, last"),
        ),
        (
            "[[at]]\nafter = \"0s\"\ndo = \"close_issue\"\nincident = \"a\"\n",
            Some("line 10: incident: there is no issue `a` by then; there are: a, last"),
        ),
        (
            "[[when]]\nwhen = \"intend\"\ndo = \"resolve\"\npage = \"nope\"\n",
            Some("line 10: page: there is no incident `nope` by then; there are: b, last"),
        ),
        (
            "[[when]]\nwhen = \"shouted\"\ndo = \"resolve\"\npage = \"b\"\n",
            Some(
                "line 11: when: unknown variant `shouted`, expected one of `intend`, `published`, `acknowledged`, `closed`, `label_set`, `looked`",
            ),
        ),
        (
            "[[at]]\nafter = \"9s\"\ndo = \"public_update\"\nsite = \"statusio\"\nincident = \"last\"\nby = \"dana\"\ntext = \"z\"\n",
            None,
        ),
    ] {
        let found = Scenario::check(&format!("{declared}{more}"));
        let told = found.err().map(|faults| faults[0].to_string());
        assert_eq!(told.as_deref(), expected, "{more}");
    }
}

#[tokio::test]
async fn each_time_that_a_page_called_is_told_apart() {
    let desk = Desk::quiet().await;
    let id = desk.trigger("a page");
    desk.put(&id, json!({"status": "acknowledged"})).await;
    desk.retrigger("last");
    desk.act(trigger("another page"));
    desk.retrigger("last");
    desk.acknowledge(&id, "dana");
    desk.put(&id, json!({"status": "resolved"})).await;
    let deed = |it: &Option<Happening>| it.as_ref().map(|it| (it.by.clone(), it.via));
    let told = |page: &str| {
        let all = desk.state(page).occurrences();
        all.iter().map(|it| (deed(&it.taken), deed(&it.closed))).collect::<Vec<_>>()
    };
    let by = |who: &str, via| Some((who.to_owned(), via));
    assert_eq!(told(&id), [(by("elena", Via::Api), None), (by("dana", Via::Act), by("elena", Via::Api))]);
    assert_eq!(told("last"), [(None, None)], "another alert is no other page");
}
