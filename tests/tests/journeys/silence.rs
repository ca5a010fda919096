//! When PagerDuty says nothing, asks for a pause, or refuses the key: how Herald asks, and what it says.

use std::time::Duration;

use chrono::TimeDelta;
use herald_core::account::Account;
use herald_core::tray::Sign;
use herald_core::{Command, Sound};
use herald_practice::{Fault, FaultKind, Request};
use herald_tests::wait;

use crate::rig::{BLIND, RECOVERED, Rig};

stories! {
    silence_is_told_and_pauses_are_kept:
    being_blind_is_an_alarm_of_its_own_and_recovery_is_said_once,
    a_short_silence_is_no_alarm,
    a_first_failure_is_tried_again_at_once_and_then_ever_slower,
    a_revoked_key_is_given_up_slowly_and_tried_again_when_something_changes,
    one_odd_refusal_is_forgiven,
    without_an_account_nothing_is_calm,
    pauses_are_kept_whatever_the_user_clicks,
    absurd_pauses_are_cut,
}

async fn being_blind_is_an_alarm_of_its_own_and_recovery_is_said_once() {
    let rig = Rig::quiet().await;
    rig.fault(Fault::of(FaultKind::LostRequest));
    let silent_since = rig.world.now();
    rig.until("the icon", |rig| rig.sign() == Sign::Blind).await;
    assert_eq!(rig.rounds_of(&BLIND).len(), 0, "the icon says it before the alarm does");
    rig.until("the alarm", |rig| !rig.rounds_of(&BLIND).is_empty()).await;
    let after = rig.world.now() - silent_since;
    assert!(after > TimeDelta::seconds(15), "not for every hiccup: {after}");
    let said = rig.rounds_of(&BLIND).remove(0);
    assert_eq!((said.sound.map(|(sound, _)| sound), said.critical), (Some(Sound::Blind), true), "its own sound");
    assert!(said.title.contains("PagerDuty") && said.body.contains("connection broke"), "names what and why: {said:?}");
    assert!(rig.herald.shown().view.source.blind, "the window says it too");
    let asked = rig.polls();
    rig.stays("no storm of questions", Duration::from_secs(2), |rig| rig.polls() <= asked + 3).await;
    rig.clear_faults();
    rig.until("the recovery", |rig| !rig.rounds_of(&RECOVERED).is_empty()).await;
    rig.until("the withdrawal", |rig| rig.screen.look().withdrawn.contains(&BLIND)).await;
    let said = rig.rounds_of(&RECOVERED).remove(0);
    assert_eq!((said.body.as_str(), said.sound), ("No page calls.", None), "a word is enough");
    rig.until_polled(2).await;
    assert_eq!((rig.rounds_of(&BLIND).len(), rig.rounds_of(&RECOVERED).len()), (1, 1), "each said once");
    assert_eq!(rig.sign(), Sign::Quiet);
}

async fn a_short_silence_is_no_alarm() {
    let rig = Rig::quiet().await;
    rig.fault(Fault::status(503).times(3));
    rig.until_polled(5).await;
    rig.until("calm", |rig| rig.sign() == Sign::Quiet).await;
    assert_eq!(rig.screen.look().announced, [], "nobody was woken");
}

async fn a_first_failure_is_tried_again_at_once_and_then_ever_slower() {
    let rig = Rig::quiet().await;
    rig.fault(Fault::of(FaultKind::LostRequest).on("/incidents$"));
    let failed = |rig: &Rig| {
        let polls = rig.requests_to("/incidents?").into_iter();
        polls.filter(|it| it.faults == ["lost_request"]).collect::<Vec<Request>>()
    };
    rig.until("four failures", |rig| failed(rig).len() >= 4).await;
    let gaps_ms: Vec<i64> = failed(&rig).windows(2).map(|pair| (pair[1].at - pair[0].at).num_milliseconds()).collect();
    assert!(gaps_ms[0] < 900, "the first one may be a dead connection: {gaps_ms:?}");
    assert!(gaps_ms[1] >= 900 && gaps_ms[2] >= 1_500, "then it backs off: {gaps_ms:?}");
}

async fn pauses_are_kept_whatever_the_user_clicks() {
    let retry_after = Fault { retry_after: Some("6".into()), ..Fault::status(429) };
    let reset_only = Fault { ratelimit_reset: Some("6".into()), ..Fault::status(429) };
    let unavailable = Fault { retry_after: Some("6".into()), ..Fault::status(503) };
    tokio::join!(
        keeps_the_pause("429 with Retry-After", retry_after),
        keeps_the_pause("429 with ratelimit-reset", reset_only),
        keeps_the_pause("503 with Retry-After", unavailable),
    );
}

async fn absurd_pauses_are_cut() {
    let text = |text: &str| Some(text.to_owned());
    tokio::join!(
        pauses("for ages", Fault { retry_after: text("1000000000"), ..Fault::status(429) }, 290..=301),
        pauses("until the past", Fault { retry_after: text("-5"), ..Fault::status(429) }, 0..=3),
        pauses("reset for ages", Fault { ratelimit_reset: text("1e9"), ..Fault::status(429) }, 290..=301),
        pauses("without a word", Fault::status(429), 25..=32),
        pauses("nonsense", Fault { retry_after: text("soon"), ..Fault::status(429) }, 25..=32),
    );
}

async fn a_revoked_key_is_given_up_slowly_and_tried_again_when_something_changes() {
    let rig = Rig::quiet().await;
    let id = rig.trigger("known");
    rig.until_announced(&id).await;
    rig.fault(Fault::status(401));
    let refused = |rig: &Rig| rig.world.requests().iter().filter(|it| it.status == Some(401)).count();
    rig.until("refusals", |rig| refused(rig) >= 2).await;
    assert!(!rig.herald.shown().view.source.key_refused, "a moment of refusals says little");
    let given_up = || rig.herald.shown().view.source.key_refused;
    wait::until_true("the key to be given up", Duration::from_secs(60), given_up).await.expect("it comes");
    rig.until("the alarm", |rig| !rig.rounds_of(&BLIND).is_empty()).await;
    let tried = refused(&rig);
    assert!(tried <= 20, "no storm: {tried}");
    let said = rig.rounds_of(&BLIND).remove(0);
    assert!(said.body.contains("key is not accepted") && said.body.contains("connect again"), "{}", said.body);
    let view = &rig.herald.shown().view;
    assert!(view.source.key_refused && view.source.stale, "{:?}", view.source);
    assert!(rig.card(&id).is_some(), "the list is kept");
    rig.stays("no further question", Duration::from_secs(4), |rig| refused(rig) == tried).await;
    rig.poll_now().await;
    rig.until("a try for the user", |rig| refused(rig) == tried + 1).await;
    rig.herald.woke();
    rig.until("a try after waking", |rig| refused(rig) == tried + 2).await;
    rig.stays("no further question", Duration::from_secs(2), |rig| refused(rig) == tried + 2).await;
    assert_eq!(rig.rounds_of(&BLIND).len(), 1, "one alarm that stays");

    rig.clear_faults();
    rig.connect().await.expect("a new key");
    rig.until("the recovery", |rig| rig.sign() == Sign::Page && rig.fault_told().is_none()).await;
    rig.until("the withdrawal", |rig| rig.screen.look().withdrawn.contains(&BLIND)).await;
    assert_eq!(rig.rounds(&id).len(), 1, "the known page is not announced again");
}

async fn one_odd_refusal_is_forgiven() {
    let rig = Rig::quiet().await;
    rig.fault(Fault::status(401).on("/incidents$").times(1));
    rig.until_polled(3).await;
    rig.until("calm", |rig| rig.sign() == Sign::Quiet && rig.fault_told().is_none()).await;
    assert_eq!(rig.screen.look().announced, [], "nobody was woken");
}

async fn without_an_account_nothing_is_calm() {
    let rig = Rig::quiet().await;
    rig.trigger("known");
    rig.until("the page", |rig| rig.sign() == Sign::Page).await;
    rig.command(Command::Disconnect).await.expect("always");
    rig.until("the end", |rig| rig.herald.shown().view.pages.is_empty()).await;
    assert_eq!(rig.sign(), Sign::Blind, "not connected is not calm");
    let asked = rig.world.requests().len();
    rig.stays("no question", Duration::from_secs(3), |rig| rig.world.requests().len() <= asked + 1).await;
    let account: Option<Account> = rig.herald.shown().view.account.clone();
    assert_eq!(account, None);
}

async fn keeps_the_pause(name: &str, fault: Fault) {
    let rig = Rig::quiet().await;
    rig.fault(fault.on("/incidents$").times(1));
    rig.until("the refusal", |rig| rig.fault_told().is_some()).await;
    let asked_at = rig.requests_to("/incidents?").last().expect("asked").at;
    for _ in 0..3 {
        rig.poll_now().await;
    }
    let missed = rig.trigger("meanwhile");
    rig.until(&format!("{name}: the icon"), |rig| rig.sign() == Sign::Blind).await;
    rig.until_announced(&missed).await;
    let all = rig.world.requests();
    let next = all.iter().find(|it| it.at > asked_at).expect("asked again");
    let waited = next.at - asked_at;
    assert!(waited >= TimeDelta::milliseconds(5_900), "{name}: {} after {waited}", next.path);
    assert!(waited < TimeDelta::seconds(10), "{name}: and not much later: {waited}");
}

async fn pauses(name: &str, fault: Fault, expected_s: std::ops::RangeInclusive<i64>) {
    let rig = Rig::quiet().await;
    rig.fault(fault.on("/incidents$").times(1));
    let told = |rig: &Rig| {
        let seen = rig.screen.look();
        seen.shown.iter().find(|it| it.view.source.fault.is_some()).and_then(|it| it.view.source.next_try_at)
    };
    rig.until("the refusal", |rig| told(rig).is_some()).await;
    let refused = rig.requests_to("/incidents?").into_iter().find(|it| it.status == Some(429)).expect("refused");
    let (refused_at, next) = (refused.at, told(&rig).expect("shown"));
    let pause_s = (next - refused_at).num_seconds();
    assert!(expected_s.contains(&pause_s), "{name}: {pause_s} s");
}
