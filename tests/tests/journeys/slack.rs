//! "I intend to…" in Slack: sent once, remembered when it arrived, told when it did not, never sent again by itself.

use herald_core::draft::Text;
use herald_core::{Command, FaultKind as Kind, IncidentId, IncidentWish, Refusal, SettingsPatch, TokenPlace};
use herald_engine::{ConnectSlack, Connecting, IntendError};
use herald_practice::{Fault, FaultKind};

use crate::rig::{Rig, own_incident};

stories! {
    intentions_are_sent:
    it_is_sent_once_and_remembered_as_asked,
    a_refusal_is_told_and_not_remembered,
    a_lost_answer_is_told_as_unknown_and_nothing_is_sent_again,
    two_presses_send_one_message,
    a_shadow_sends_nothing,
    nothing_is_sent_without_words_or_channel,
    it_is_forgotten_when_it_is_disconnected,
}

const BODY: &str = "Some people cannot sign in. We are looking into it.";
const CHANNEL: &str = "#support_incidents";

async fn it_is_sent_once_and_remembered_as_asked() {
    let (rig, id) = written().await;
    let sent = rig.herald.intend(id).await.expect("Slack takes it");
    assert_eq!(sent.channel, CHANNEL);
    let said: Vec<String> = rig.world.slack_messages().into_iter().map(|it| it.text).collect();
    let card = rig.only_incident();
    assert_eq!(said, [card.compose.intend.as_str()], "once, word for word");
    assert!(card.compose.intend.contains(BODY), "{}", card.compose.intend);
    let review = card.compose.review.expect("remembered");
    assert_eq!((review.body.as_str(), review.agreed_at), (BODY, None));
    assert!(rig.world.statusio_incidents().is_empty(), "nothing is public");
    let shown: Vec<String> =
        rig.screen.look().shown.iter().map(|it| serde_json::to_string(&it.view).expect("a view is JSON")).collect();
    assert!(!shown.iter().any(|view| view.contains(&secret(&rig))), "the webhook is in no view");
}

async fn a_refusal_is_told_and_not_remembered() {
    for (status, expected) in [(429, "Wait a moment"), (404, "connect Slack again"), (410, "channel_is_archived")] {
        let (rig, id) = written().await;
        rig.fault(Fault::status(status).on("/slack"));
        let error = rig.herald.intend(id).await.expect_err("refused");
        assert!(matches!(error, IntendError::NotSent { .. }), "{error:?}");
        let told = error.to_string();
        assert!(told.starts_with(&format!("Not sent to {CHANNEL}: ")) && told.contains(expected), "{status}: {told}");
        nothing_came_of_it(&rig, &error);
        assert_eq!(posts(&rig), 1, "{status}: not sent again");
    }
}

async fn a_lost_answer_is_told_as_unknown_and_nothing_is_sent_again() {
    let (rig, id) = written().await;
    rig.fault(Fault::of(FaultKind::LostAnswer).on("/slack").times(1));
    let error = rig.herald.intend(id).await.expect_err("nobody answered");
    assert!(matches!(error, IntendError::Unknown { .. }), "{error:?}");
    assert!(error.to_string().starts_with(&format!("It may have arrived: look into {CHANNEL}.")), "{error}");
    assert!(!format!("{error:?}").contains(&secret(&rig)), "no secret in {error:?}");
    rig.poll_now().await;
    rig.until_polled(2).await;
    assert_eq!((posts(&rig), rig.world.slack_messages().len()), (1, 1), "it did arrive, and was not sent again");
    assert_eq!(rig.only_incident().compose.review, None, "the user says whether it was asked");
}

async fn two_presses_send_one_message() {
    let (rig, id) = written().await;
    let (first, second) = tokio::join!(rig.herald.intend(id), rig.herald.intend(id));
    first.expect("Slack takes it");
    assert_eq!(second, Err(IntendError::UnderWay));
    assert_eq!(rig.world.slack_messages().len(), 1);
}

async fn a_shadow_sends_nothing() {
    let (rig, id) = written().await;
    rig.set(SettingsPatch::Shadow { on: true }).await;
    assert_eq!(rig.herald.intend(id).await, Err(IntendError::Refusal(Refusal::ShadowPublish)));
    assert_eq!(rig.writes(), [], "not one request that writes");
    rig.set(SettingsPatch::Shadow { on: false }).await;
    rig.herald.intend(id).await.expect("on duty it is sent");
}

async fn nothing_is_sent_without_words_or_channel() {
    let rig = Rig::quiet().await;
    let id = own_incident(&rig, "Sign-in fails").await;
    assert_eq!(rig.herald.intend(id).await, Err(IntendError::Refusal(Refusal::NoSlack)));
    let bad = "https://hooks.slack.com/services/T0/secret";
    let error = rig.herald.connect_any(slack(bad), false).await.err().expect("no webhook");
    assert!(!error.message.contains("secret") && error.message.contains("hooks.slack.com"), "{error}");
    connect(&rig).await;
    assert_eq!(rig.herald.intend(id).await, Err(IntendError::Refusal(Refusal::CannotGoOut)));
    assert_eq!(rig.herald.intend(id + 1).await, Err(IntendError::Refusal(Refusal::NoSuchIncident)));
    assert_eq!(rig.writes(), [], "not even to try the webhook");
}

async fn it_is_forgotten_when_it_is_disconnected() {
    let (rig, id) = written().await;
    let webhook = rig.world.announcement().slack.webhook_url;
    let stopped = rig.stopped();
    for (bytes, path) in std::fs::read_dir(stopped.folder.path()).expect("a folder").map(|entry| {
        let path = entry.expect("an entry").path();
        (std::fs::read(&path).unwrap_or_default(), path)
    }) {
        let found = bytes.windows(webhook.len()).any(|window| window == webhook.as_bytes());
        assert!(!found, "the webhook is in {}", path.display());
    }
    let rig = stopped.started();
    let kept = rig.herald.shown().view.slack.clone().expect("the channel is remembered");
    assert_eq!((kept.channel.as_str(), kept.token), (CHANNEL, TokenPlace::ThisSession));
    let error = rig.herald.intend(id).await.expect_err("its webhook was kept for one session only");
    assert!(matches!(&error, IntendError::NotSent { fault, .. } if fault.kind == Kind::NoToken), "{error:?}");
    rig.command(Command::DisconnectSlack).await.expect("always");
    assert_eq!(rig.herald.shown().view.slack, None);
    let rig = rig.stopped().started();
    assert_eq!(rig.herald.shown().view.slack, None, "for good");
}

/// A Herald with a Slack channel, and an incident about which something is written.
async fn written() -> (Rig, IncidentId) {
    let rig = Rig::quiet().await;
    connect(&rig).await;
    let id = own_incident(&rig, "Sign-in fails").await;
    let text = Text { body: BODY.into(), ..rig.only_incident().compose.text };
    rig.wish(IncidentWish::Write { incident: id, text }).await;
    (rig, id)
}

async fn connect(rig: &Rig) {
    let webhook = rig.world.announcement().slack.webhook_url;
    if let Err(error) = rig.herald.connect_any(slack(&webhook), false).await {
        panic!("{error}");
    }
}

fn slack(webhook: &str) -> Connecting {
    Connecting::Slack(ConnectSlack { webhook: webhook.to_owned().into(), channel: format!(" {CHANNEL} ") })
}

fn nothing_came_of_it(rig: &Rig, error: &IntendError) {
    assert!(rig.world.slack_messages().is_empty(), "{error}");
    assert_eq!(rig.only_incident().compose.review, None, "{error}");
    assert!(!format!("{error} {error:?}").contains(&secret(rig)), "no secret in {error:?}");
}

fn posts(rig: &Rig) -> usize {
    rig.requests_to("/slack").len()
}

/// What of the webhook nobody may see.
fn secret(rig: &Rig) -> String {
    let webhook = rig.world.announcement().slack.webhook_url;
    webhook.rsplit('/').next().expect("it has parts").to_owned()
}
