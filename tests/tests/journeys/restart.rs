//! Herald ends in the middle of something and is started again: no page is missed, nothing is written twice.

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use herald_core::tray::Sign;
use herald_core::{PageStatus, TokenPlace};
use herald_engine::keychain::Keychain;
use herald_practice::{Act, ByUser, Fault, FaultKind, Note, Retrigger};
use herald_tests::wait;
use tokio::sync::OnceCell;

use crate::rig::{BLIND, Rig, Setup, alarm_of};

stories! {
    restarts_miss_and_repeat_nothing:
    a_page_is_announced_again_after_a_restart,
    a_page_that_was_taken_meanwhile_does_not_call,
    what_happened_to_a_page_meanwhile_says_whether_it_is_the_same,
    an_acknowledgement_whose_answer_never_came_is_read_back,
    an_acknowledgement_that_did_not_arrive_is_said_and_not_repeated,
    a_pause_outlives_a_restart,
    a_refused_key_stays_refused_after_a_restart,
    a_key_for_one_session_is_asked_for_again,
}

async fn a_page_is_announced_again_after_a_restart() {
    let rig = kept().await;
    let id = rig.trigger("down");
    rig.until_announced(&id).await;
    let rig = rig.stopped().started();
    assert!(rig.card(&id).is_some(), "known before the first answer");
    rig.until_calls(&id, 2).await;
    assert_eq!(rig.rounds(&id)[0].key, rig.rounds(&id)[1].key, "under the same id, so that it replaces the first");
    rig.acknowledge(&id).await.expect("it is mine");
    rig.until("the acknowledgement", |rig| rig.card(&id).is_some_and(|card| card.taken_by_me)).await;
    let rig = rig.stopped().started();
    rig.until_polled(2).await;
    assert_eq!(rig.writes().len(), 1, "nothing is acknowledged twice");
    assert_eq!(rig.rounds(&id).len(), 2, "what was taken does not call");
}

async fn a_page_that_was_taken_meanwhile_does_not_call() {
    let rig = kept().await;
    let (taken, closed) = (rig.trigger("taken"), rig.trigger("closed"));
    rig.until_announced(&taken).await;
    rig.until_announced(&closed).await;
    let keys = [&taken, &closed].map(|id| alarm_of(&rig.card(id).expect("shown")));
    let stopped = rig.stopped();
    let by = |page: &str| herald_practice::ByUser { page: page.into(), by: "priya".into() };
    stopped.world.do_now(herald_practice::Act::Acknowledge(by(&taken))).expect("possible");
    let resolve = herald_practice::Resolve { page: closed.clone(), by: None };
    stopped.world.do_now(herald_practice::Act::Resolve(resolve)).expect("possible");
    let rig = stopped.started();
    rig.until("the withdrawals", |rig| keys.iter().all(|key| rig.screen.look().withdrawn.contains(key))).await;
    assert_eq!(rig.rounds(&taken).len(), 1, "Herald looks before it calls");
    rig.until("the icon", |rig| rig.sign() == Sign::Open).await;
}

/// Herald was off while one page was only touched, and another taken and triggered again: both call as before.
async fn what_happened_to_a_page_meanwhile_says_whether_it_is_the_same() {
    let rig = kept().await;
    let (touched, anew) = (rig.trigger("touched"), rig.trigger("anew"));
    rig.until_announced(&touched).await;
    rig.until_announced(&anew).await;
    let before = [&touched, &anew].map(|id| rig.card(id).expect("shown").triggered_at);
    // PagerDuty's times are full seconds.
    let seconds = |rig: &Rig| rig.world.now().timestamp();
    rig.until("the next second", |rig| seconds(rig) > before[1].timestamp()).await;
    let stopped = rig.stopped();
    let page = |id: &String| id.clone();
    for act in [
        Act::Note(Note { page: page(&touched), by: "dana".into(), text: "looking".into() }),
        Act::Acknowledge(ByUser { page: page(&anew), by: "priya".into() }),
        Act::Retrigger(Retrigger { page: page(&anew) }),
    ] {
        stopped.world.do_now(act).expect("possible");
    }
    let rig = stopped.started();
    rig.until_calls(&touched, 2).await;
    rig.until_calls(&anew, 2).await;
    let after = [&touched, &anew].map(|id| rig.card(id).expect("shown").triggered_at);
    assert_eq!(after[0], before[0], "touched: the same page, whose clock goes on");
    assert!(after[1] > before[1], "taken and triggered again: another page");
}

async fn an_acknowledgement_whose_answer_never_came_is_read_back() {
    let rig = kept().await;
    let id = rig.trigger("down");
    rig.until_announced(&id).await;
    rig.fault(Fault::of(FaultKind::SilentAnswer).method("PUT"));
    rig.acknowledge(&id).await.expect("it is mine");
    rig.until("PagerDuty to have it", |rig| rig.incident(&id).acknowledged_by == ["elena"]).await;
    let rig = rig.stopped().started();
    rig.until("the truth", |rig| rig.card(&id).is_some_and(|card| card.taken_by_me && card.acting.is_none())).await;
    assert_eq!(rig.writes().len(), 1, "one request, before the restart");
    rig.stays("no second one", Duration::from_secs(3), |rig| rig.writes().len() == 1).await;
}

async fn an_acknowledgement_that_did_not_arrive_is_said_and_not_repeated() {
    let rig = kept().await;
    let id = rig.trigger("down");
    rig.until_announced(&id).await;
    rig.fault(Fault::of(FaultKind::Hang).method("PUT"));
    rig.acknowledge(&id).await.expect("it is mine");
    rig.until("the request", |rig| rig.writes().len() == 1).await;
    let rig = rig.stopped().started();
    rig.until("the note", |rig| rig.note(&id).contains("did not arrive")).await;
    rig.until("the page to call again", |rig| rig.rounds(&id).len() >= 2).await;
    assert_eq!(rig.card(&id).map(|card| card.status), Some(PageStatus::Triggered));
    assert_eq!(rig.writes().len(), 1, "the user decides whether to try again");
    rig.clear_faults();
    rig.acknowledge(&id).await.expect("again");
    rig.until("the acknowledgement", |rig| rig.card(&id).is_some_and(|card| card.taken_by_me)).await;
}

async fn a_pause_outlives_a_restart() {
    let rig = kept().await;
    rig.fault(Fault { retry_after: Some("7".into()), ..Fault::status(429) }.on("/incidents$").times(1));
    rig.until("the refusal", |rig| rig.fault_told().is_some()).await;
    let asked = rig.world.requests();
    let refused = asked.iter().find(|it| it.status == Some(429)).expect("refused");
    let rig = rig.stopped().started();
    rig.until("the next question", |rig| rig.world.requests().len() > asked.len()).await;
    let next = &rig.world.requests()[asked.len()];
    assert!(next.at - refused.at >= TimeDelta::milliseconds(6_900), "{} after {}", next.path, next.at - refused.at);
}

async fn a_refused_key_stays_refused_after_a_restart() {
    let rig = kept().await;
    rig.fault(Fault::status(401));
    let given_up = || rig.herald.shown().view.source.key_refused;
    wait::until_true("the key to be given up", Duration::from_secs(60), given_up).await.expect("it comes");
    rig.until("the alarm", |rig| !rig.rounds_of(&BLIND).is_empty()).await;
    let refused = |rig: &Rig| rig.world.requests().iter().filter(|it| it.status == Some(401)).count();
    let before = refused(&rig);
    let rig = rig.stopped().started();
    rig.until("the alarm again", |rig| rig.rounds_of(&BLIND).len() == 2).await;
    rig.until("the one try of a start", |rig| refused(rig) > before).await;
    let tried = refused(&rig);
    rig.stays("no further question", Duration::from_secs(3), |rig| refused(rig) == tried).await;
    assert_eq!((rig.sign(), rig.herald.shown().view.source.key_refused), (Sign::Blind, true));
    rig.clear_faults();
    rig.poll_now().await;
    rig.until("the recovery of a key that was never bad", |rig| rig.sign() == Sign::Quiet).await;
}

async fn a_key_for_one_session_is_asked_for_again() {
    let rig = Rig::quiet().await;
    let id = rig.trigger("down");
    rig.until_announced(&id).await;
    let rig = rig.stopped().started();
    rig.until("the alarm", |rig| !rig.rounds_of(&BLIND).is_empty()).await;
    let said = rig.rounds_of(&BLIND).remove(0);
    assert!(said.body.contains("one session only") && said.body.contains("connect again"), "{}", said.body);
    rig.until("the page, from memory", |rig| rig.rounds(&id).len() == 2).await;
    rig.connect().await.expect("the key is good");
    rig.until("the recovery", |rig| rig.fault_told().is_none() && rig.sign() == Sign::Page).await;
    assert_eq!(rig.rounds(&id).len(), 2, "connecting announces nothing anew");
}

/// A rig whose key rests in a keychain that lives in memory.
async fn kept() -> Rig {
    static KEYCHAIN: OnceCell<()> = OnceCell::const_new();
    KEYCHAIN
        .get_or_init(async || {
            // The desktop's own keychain, if there is one, is tried first and then left alone.
            let _ = Keychain::entry("nothing", std::path::Path::new("nowhere")).get().await;
            let store: Arc<keyring_core::mock::Store> = keyring_core::mock::Store::new().expect("memory");
            keyring_core::set_default_store(store);
        })
        .await;
    let rig = Rig::unconnected(Setup::default()).await;
    let account = rig.connect_with(&rig.world.tokens().user, true).await.expect("the key is good");
    assert_eq!(account.token, TokenPlace::Keychain, "kept");
    rig.until("the first answers", |rig| rig.herald.shown().view.duty.known_at.is_some()).await;
    rig
}
