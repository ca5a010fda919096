//! When I am on call, and through which schedule.

use herald_core::shadow::{Standing, UnknownWhy};
use herald_practice::{Act, Fault, FaultKind, Garbage, OnCall, Span, Trigger};
use serde_json::json;

use super::scribe::Scribe;
use crate::rig::{Rig, Setup, connect_to};

stories! {
    duty_is_read:
    entries_are_read_with_their_schedule_and_end,
    offsets_are_honoured_and_odd_entries_left_out,
    a_new_page_looks_up_duty_again_but_not_too_often,
    unreadable_on_call_times_fail_closed_and_recover,
}

async fn entries_are_read_with_their_schedule_and_end() {
    let rig = Rig::quiet().await;
    let (view, cast) = (&rig.herald.shown().view, rig.world.cast());
    assert_eq!(view.duty.now.len(), 1, "{:?}", view.duty.now);
    let (entry, schedule) = (&view.duty.now[0], &cast.schedules[0]);
    assert_eq!(entry.schedule.as_ref().map(|it| (&it.id, &it.name)), Some((&schedule.id, &schedule.name)));
    assert_eq!((&entry.policy.name, entry.level), (&cast.policies[0].name, 1));
    let left = entry.end.expect("a turn ends") - rig.world.now();
    assert!(left.num_hours() <= 4 && left.num_minutes() > 0, "the turn began four hours ago: {left}");
    let next = view.duty.next.as_ref().and_then(|it| it.start).expect("the week ahead is known");
    assert!(next > entry.end.expect("a turn ends"), "the next turn");
    let asked = rig.requests_to("/oncalls").remove(0).path;
    assert!(asked.contains(&format!("user_ids[]={}", cast.me().id)) && asked.contains("time_zone=UTC"), "{asked}");
}

async fn offsets_are_honoured_and_odd_entries_left_out() {
    let now = World::now().await;
    let at = |hours: i64| {
        let zone = chrono::FixedOffset::east_opt(-7 * 3600).expect("a zone");
        (now + chrono::TimeDelta::hours(hours)).with_timezone(&zone).to_rfc3339()
    };
    let policy = json!({"id": "PPOL", "summary": "Comms"});
    let list = json!({"oncalls": [
        {"escalation_policy": policy, "escalation_level": 2, "start": at(-1), "end": at(1),
         "schedule": {"id": "PSCH", "type": "schedule_v3_reference", "summary": "Primary"}},
        {"escalation_policy": policy, "schedule": null, "start": null, "end": null},
        {"escalation_policy": policy, "start": at(5), "end": at(6)},
        {"escalation_policy": null},
        "odd", 17, null,
    ]})
    .to_string();
    let scribe = Scribe::pagerduty(move |what| what.starts_with("GET /oncalls").then(|| list.clone())).await;
    let rig = Rig::unconnected(Setup::default()).await;
    connect_to(&rig, &scribe.url, "u+abcdefghijklmnop12").await.expect("the key is good");
    rig.until("the entries", |rig| rig.herald.shown().view.duty.known_at.is_some()).await;
    let duty = rig.herald.shown().view.duty.clone();
    let of = |entry: &herald_core::OnCallEntry| (entry.schedule.as_ref().map(|it| it.id.clone()), entry.level);
    assert_eq!(duty.now.iter().map(of).collect::<Vec<_>>(), [(Some("PSCH".into()), 2), (None, 1)]);
    assert!(duty.next.and_then(|it| it.start).is_some_and(|start| start > now), "later today");
}

async fn a_new_page_looks_up_duty_again_but_not_too_often() {
    let rig = Rig::quiet().await;
    rig.act(Act::OnCall(OnCall { schedule: "comms".into(), user: None, length: Some(Span::hours(1)) }));
    let direct = Trigger { title: "direct".into(), assign_to: vec!["elena".into()], ..Trigger::default() };
    let id = rig.act(Act::Trigger(direct)).remove(0);
    rig.until_announced(&id).await;
    for n in 0..3 {
        let more = rig.trigger(&format!("more {n}"));
        rig.reassigned(&more, "elena");
        rig.until("it", |rig| rig.card(&more).is_some()).await;
    }
    assert_eq!(rig.requests_to("/oncalls").len(), 1, "fresh enough: that endpoint has a tight limit");
    assert_eq!(rig.card(&id).map(|card| card.standing), Some(Standing::Unknown { why: UnknownWhy::Direct }));
}

async fn unreadable_on_call_times_fail_closed_and_recover() {
    let rig = Rig::unconnected(Setup::default()).await;
    rig.fault(Fault { garbage: Some(Garbage::NotAnObject), ..Fault::of(FaultKind::Garbage) }.on("/oncalls"));
    rig.connect().await.expect("the key is good");
    let id = rig.trigger("down");
    rig.until_announced(&id).await;
    rig.until("the standing", |rig| {
        rig.card(&id).is_some_and(|card| card.standing == Standing::Unknown { why: UnknownWhy::NoEntry })
    })
    .await;
    let view = &rig.herald.shown().view;
    assert!(view.duty.now.is_empty() && view.duty.unread > 0, "the entry of now could not be read, and that is told");
    assert_eq!(view.source.interval_s, 2, "so Herald keeps asking as if on call");
}

struct World;

impl World {
    /// The time, as a practice world tells it.
    async fn now() -> herald_core::Time {
        herald_practice::World::start(crate::rig::quiet(1.0)).await.expect("starts").now()
    }
}
