//! Quiet, test alarms, and channels that die and come back.

use std::time::Duration;

use chrono::TimeDelta;
use herald_core::state::{Channel, Health};
use herald_core::tray::Sign;
use herald_core::{AlarmKey, Command, Refusal};
use herald_practice::{Act, Fault, FaultKind, Span, Trigger};

use crate::rig::{Rig, alarm_of};

stories! {
    alarms_reach_the_user:
    quiet_ends_by_wish_and_with_the_target,
    quiet_is_quiet,
    a_test_alarm_is_seen_heard_and_answered,
    a_notification_service_that_comes_back_gets_what_is_still_wanted,
    waking_from_suspend_asks_at_once,
}

async fn quiet_ends_by_wish_and_with_the_target() {
    let rig = Rig::quiet().await;
    let late = Trigger { title: "late".into(), ago: Some(Span::seconds(15 * 60 - 12)), ..Trigger::default() };
    let id = rig.act(Act::Trigger(late)).remove(0);
    rig.until_announced(&id).await;
    let card = rig.card(&id).expect("shown");
    let alarm = alarm_of(&card);
    rig.command(Command::Quiet { alarm: alarm.clone() }).await.expect("the target is ahead");
    let quiet_until = rig.card(&id).and_then(|card| card.alarm).and_then(|alarm| alarm.quiet_until);
    assert_eq!(quiet_until, Some(card.target_at), "quiet has a visible end and never outlives the target");
    assert_eq!(rig.sign(), Sign::Page, "quiet is for the ears only");

    rig.command(Command::Unquiet { alarm: alarm.clone() }).await.expect("it is quiet");
    rig.until("the round after", |rig| rig.rounds(&id).len() == 2).await;
    rig.command(Command::Quiet { alarm: alarm.clone() }).await.expect("the target is ahead still");
    rig.until("the round at the target", |rig| rig.rounds(&id).len() == 3).await;
    assert!(rig.world.now() >= card.target_at - TimeDelta::seconds(1), "not before its time");
    assert_eq!(rig.command(Command::Quiet { alarm }).await, Err(Refusal::TargetOver), "no quiet beyond the target");
}

async fn quiet_is_quiet() {
    let rig = Rig::quiet().await;
    let id = rig.trigger("down");
    rig.until_announced(&id).await;
    let alarm = alarm_of(&rig.card(&id).expect("shown"));
    rig.command(Command::Quiet { alarm: alarm.clone() }).await.expect("on");
    let other = rig.trigger("another");
    rig.until_announced(&other).await;
    assert_eq!(rig.rounds(&id).len(), 1, "another page does not wake the quiet one");
    rig.resolved(&id);
    rig.until("its end", |rig| rig.screen.look().withdrawn.contains(&alarm)).await;
    assert_eq!(rig.command(Command::Unquiet { alarm }).await, Err(Refusal::NoSuchAlarm), "it is over");
}

async fn a_test_alarm_is_seen_heard_and_answered() {
    let rig = Rig::quiet().await;
    rig.command(Command::TestAlarm).await.expect("always");
    rig.until("the test", |rig| !rig.rounds_of(&AlarmKey::Test).is_empty()).await;
    let test = rig.rounds_of(&AlarmKey::Test).remove(0);
    assert!(test.sound.is_some() && test.title.contains("test"), "{test:?}");
    assert!(rig.herald.shown().view.testing, "the window asks");
    rig.command(Command::TestAnswered { seen: true, heard: false }).await.expect("always");
    let answer = rig.herald.shown().view.settings.self_test;
    assert_eq!(answer.map(|it| (it.seen, it.heard)), Some((true, false)), "and remembers the answer");
    rig.stays("one test", Duration::from_secs(2), |rig| rig.rounds_of(&AlarmKey::Test).len() == 1).await;
}

async fn a_notification_service_that_comes_back_gets_what_is_still_wanted() {
    let rig = Rig::quiet().await;
    let dead = Health::Dead { reason: "no notification service is running".into() };
    rig.herald.channel_seen(Channel::Notifications, dead.clone());
    let id = rig.trigger("down");
    rig.until_announced(&id).await;
    let told = rig.herald.shown().view.channels.iter().any(|it| it.health == dead);
    assert!(told, "the dead channel is shown");
    rig.herald.channel_seen(Channel::Notifications, Health::Works { by: "dunst".into() });
    rig.until("the page again", |rig| rig.rounds(&id).len() == 2).await;
}

async fn waking_from_suspend_asks_at_once() {
    let rig = Rig::quiet().await;
    rig.set(herald_core::SettingsPatch::PollInterval { seconds: 60 }).await;
    // The answer to a question from before the suspend comes after it, and tells of another time.
    rig.fault(Fault { latency_ms: Some(1_000), ..Fault::of(FaultKind::Latency) }.on("/incidents$").times(1));
    rig.poll_now().await;
    rig.until("a question under way", |rig| rig.requests_to("/incidents?").iter().any(|it| it.status.is_none())).await;
    let id = rig.trigger("came while asleep");
    rig.herald.woke();
    rig.until_announced(&id).await;
    let asked = rig.polls();
    rig.stays("no burst after it", Duration::from_secs(2), |rig| rig.polls() <= asked + 1).await;
}
