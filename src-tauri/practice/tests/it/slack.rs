//! Slack's incoming webhook: plain words, one channel, about a message a second.

use herald_practice::{Fault, FaultKind, WorldState};
use reqwest::Method;
use serde_json::{Value, json};

use crate::Desk;

async fn post(desk: &Desk, url: &str, body: String) -> (u16, String, Option<String>) {
    let request = desk.http.post(url).header("content-type", "application/json").body(body);
    let response = request.send().await.expect("an answer");
    let retry_after = response.headers().get("retry-after").and_then(|value| value.to_str().ok()).map(str::to_owned);
    (response.status().as_u16(), response.text().await.expect("a text"), retry_after)
}

async fn word(desk: &Desk, url: &str, body: Value) -> (u16, String) {
    let (status, word, _) = post(desk, url, body.to_string()).await;
    (status, word)
}

#[tokio::test]
async fn messages_are_taken_and_kept() {
    let desk = Desk::quiet().await;
    let url = desk.world.announcement().slack.webhook_url;
    assert_eq!(word(&desk, &url, json!({"text": "Login is down"})).await, (200, "ok".to_owned()));
    let blocks = json!({"text": "in short", "blocks": [{"type": "section"}]});
    assert_eq!(word(&desk, &url, blocks.clone()).await, (200, "ok".to_owned()));
    let kept = desk.world.slack_messages();
    assert_eq!((kept[0].text.as_str(), kept[0].channel.as_str()), ("Login is down", "#support_incidents"));
    assert_eq!(kept[1].payload, blocks);
    let (_, body) = desk.get("/practice/state").await;
    let state: WorldState = serde_json::from_value(body).expect("a state");
    assert_eq!(state.slack_messages, kept);
    assert_eq!(desk.world.requests()[0].method, "POST");
}

#[tokio::test]
async fn refusals_are_single_words() {
    let desk = Desk::scenario("title = \"x\"\n[slack]\nburst = 20\n").await;
    let slack = desk.world.announcement().slack;
    let url = slack.webhook_url.as_str();
    let text = json!({"text": "x"});
    let wrong = |from: &str, to: &str| url.replace(from, to);
    assert_eq!(word(&desk, &wrong("practicepractice", "guess"), text.clone()).await, (403, "invalid_token".to_owned()));
    assert_eq!(word(&desk, &wrong("B0PRACTICE", "B0GONE"), text.clone()).await, (404, "no_service".to_owned()));
    assert_eq!(word(&desk, &wrong("TPRACTICE1", "TOTHER"), text.clone()).await, (404, "no_team".to_owned()));
    let archived = word(&desk, &slack.archived_webhook_url, text).await;
    assert_eq!(archived, (410, "channel_is_archived".to_owned()));
    for (body, expected) in [
        ("{\"text\":", "invalid_payload"),
        ("[]", "invalid_payload"),
        ("{}", "no_text"),
        ("{\"text\":\"\"}", "no_text"),
        ("{\"text\":7}", "invalid_payload"),
        ("{\"text\":\"x\",\"blocks\":{}}", "invalid_blocks"),
    ] {
        let (status, word, _) = post(&desk, url, body.to_owned()).await;
        assert_eq!((status, word.as_str()), (400, expected), "{body}");
    }
    let many: Vec<Value> = (0..101).map(|_| json!({"text": "x"})).collect();
    let (status, word, _) = post(&desk, url, json!({"attachments": many}).to_string()).await;
    assert_eq!((status, word.as_str()), (400, "too_many_attachments"));
    assert!(desk.world.slack_messages().is_empty());
}

#[tokio::test]
async fn a_burst_is_taken_and_then_one_a_second() {
    // A second of this world takes 100, so that a slow machine makes no difference.
    let desk = Desk::at_speed(0.01).await;
    let url = desk.world.announcement().slack.webhook_url;
    let text = |number: u32| json!({"text": format!("{number}")}).to_string();
    for number in 0..4 {
        assert_eq!(post(&desk, &url, text(number)).await.0, 200, "{number}");
    }
    let (status, word, retry_after) = post(&desk, &url, text(4)).await;
    assert_eq!((status, word.as_str()), (429, "rate_limited"));
    let wait_s: u32 = retry_after.and_then(|text| text.parse().ok()).expect("whole seconds");
    assert!((1..=100).contains(&wait_s), "{wait_s}");
    assert_eq!(desk.world.slack_messages().len(), 4);

    let desk = Desk::at_speed(10_000.0).await;
    let url = desk.world.announcement().slack.webhook_url;
    for number in 0..8 {
        let before = desk.world.now();
        while desk.world.now() - before < chrono::TimeDelta::milliseconds(1) {
            tokio::task::yield_now().await;
        }
        assert_eq!(post(&desk, &url, text(number)).await.0, 200, "{number}: a second apart");
    }
}

#[tokio::test]
async fn faults_spoil_it_in_its_own_words() {
    let desk = Desk::quiet().await;
    let url = desk.world.announcement().slack.webhook_url;
    desk.fault(Fault::status(410).on("/slack").times(1));
    let text = json!({"text": "x"});
    assert_eq!(word(&desk, &url, text.clone()).await, (410, "channel_is_archived".to_owned()));
    desk.fault(Fault::of(FaultKind::LostAnswer).on("/slack").times(1));
    let path = url.strip_prefix(&desk.world.url()).expect("the same server");
    assert!(desk.send(Method::POST, path, Some(text)).await.is_err(), "the answer is lost");
    assert_eq!(desk.world.slack_messages().len(), 1, "but the message is there");
}
