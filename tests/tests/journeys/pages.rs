//! A page, from its trigger to its end.

use std::time::Duration;

use herald_core::alarm::Button;
use herald_core::page::Gone;
use herald_core::tray::Sign;
use herald_core::view::Acting;
use herald_core::{AlarmKey, Command, PageStatus, Refusal, Sound};
use herald_practice::{Act, AskResponders, Edit, Fault, FaultKind, Merge, Note, Retrigger, Status, Trigger};

use crate::rig::{Rig, Setup, alarm_of, quiet};

stories! {
    a_page_lives_and_ends:
    a_page_is_announced_taken_and_closed,
    the_same_wish_twice_is_one_request,
    an_acknowledgement_that_times_out_calls_again,
    a_flap_between_two_looks_is_announced_again,
    a_reopened_page_is_announced_again,
    a_swap_with_the_same_count_announces_the_new_one,
    a_storm_is_told_in_few_words,
    a_page_keeps_calling_louder_until_it_is_taken,
    a_page_that_is_touched_while_it_calls_is_the_same_page,
    a_call_with_only_a_number_is_shown_and_stays,
    a_page_merged_into_another_says_so,
}

async fn a_page_is_announced_taken_and_closed() {
    let rig = Rig::quiet().await;
    assert_eq!(rig.sign(), Sign::Quiet, "nothing is open, and that is known");
    let id = rig.trigger("Checkout fails");
    rig.until_announced(&id).await;
    let card = rig.card(&id).expect("shown");
    let said = rig.rounds(&id).remove(0);
    assert!(said.title.starts_with("Page: ") && said.title.contains("Checkout fails"), "{}", said.title);
    let target = format!("acknowledge by {}", card.target_at.format("%H:%M:%S"));
    assert!(said.body.contains(&target), "the target is told: {}", said.body);
    let buttons: Vec<Button> = said.buttons.iter().map(|(button, _)| *button).collect();
    assert_eq!(buttons, [Button::Acknowledge, Button::Open, Button::Quiet], "every way to answer");
    assert_eq!((said.sound.map(|(sound, _)| sound), said.critical), (Some(Sound::Page), true), "heard, come what may");
    assert_eq!((rig.sign(), card.status), (Sign::Page, PageStatus::Triggered), "the icon calls");
    assert!(card.escalates_at.is_some_and(|at| at < card.target_at), "when it escalates is shown too");

    rig.acknowledge(&id).await.expect("it is mine");
    rig.until("the withdrawal", |rig| rig.screen.look().withdrawn.contains(&alarm_of(&card))).await;
    assert_eq!(rig.incident(&id).acknowledged_by, ["elena"], "PagerDuty has it");
    rig.until("the icon to change", |rig| rig.sign() == Sign::Open).await;
    let card = rig.card(&id).expect("still open");
    assert!(card.taken_by_me && card.ack_expires_at.is_some() && card.alarm.is_none(), "{card:?}");
    let acting =
        |shown: &herald_engine::Shown| shown.view.pages.iter().any(|it| it.acting == Some(Acting::Acknowledging));
    assert!(rig.screen.look().shown.iter().any(acting), "it said \"acknowledging…\" in between");
    assert_eq!(rig.writes().len(), 1, "one request was enough");

    rig.close(&id).await.expect("it is mine");
    rig.until("the end", |rig| rig.sign() == Sign::Quiet).await;
    assert_eq!(rig.incident(&id).status, Status::Resolved, "PagerDuty closed it");
    assert_eq!(rig.herald.shown().view.left[0].why, Gone::Closed, "and it stays readable for a while");
    assert_eq!((rig.rounds(&id).len(), rig.writes().len()), (1, 2), "announced once, written twice");
}

async fn the_same_wish_twice_is_one_request() {
    let rig = Rig::quiet().await;
    let id = rig.trigger("down");
    rig.until_announced(&id).await;
    rig.fault(Fault { latency_ms: Some(400), ..Fault::of(FaultKind::Latency) }.on("/incidents/*"));
    rig.acknowledge(&id).await.expect("the first wish");
    assert_eq!(rig.acknowledge(&id).await, Err(Refusal::UnderWay), "the second waits");
    rig.until("the acknowledgement", |rig| rig.card(&id).is_some_and(|card| card.taken_by_me)).await;
    assert_eq!(rig.acknowledge(&id).await, Err(Refusal::Over), "the third comes late");
    assert_eq!(rig.writes().len(), 1, "one request");
}

async fn an_acknowledgement_that_times_out_calls_again() {
    let cast = "[[services]]\nkey = \"comms\"\nacknowledgement_timeout = \"3s\"\n";
    let rig = Rig::of(Setup::cast(cast)).await;
    let id = rig.trigger("down");
    rig.until_announced(&id).await;
    let first = rig.card(&id).expect("shown");
    rig.acknowledge(&id).await.expect("it is mine");
    rig.until("the acknowledgement", |rig| rig.card(&id).is_some_and(|card| card.taken_by_me)).await;
    rig.until_calls(&id, 2).await;
    let second = rig.card(&id).expect("shown");
    assert!(second.triggered_at > first.triggered_at, "another trigger is another page");
    assert_eq!(
        rig.command(Command::Acknowledge { page: first.id, triggered_at: first.triggered_at }).await,
        Err(Refusal::Over),
        "an old notification does not act on the new trigger"
    );
    rig.acknowledge(&id).await.expect("the new one");
    rig.until("the acknowledgement", |rig| rig.card(&id).is_some_and(|card| card.taken_by_me)).await;
    assert_eq!((rig.writes().len(), rig.rounds(&id).len()), (2, 2), "each trigger was announced and taken once");
}

async fn a_flap_between_two_looks_is_announced_again() {
    let rig = Rig::of(Setup { world: quiet(1.01), ..Setup::default() }).await;
    let id = rig.trigger("flaps");
    rig.until_announced(&id).await;
    rig.until_polled(1).await;
    rig.resolved(&id);
    rig.retriggered(&id);
    rig.until_calls(&id, 2).await;
    let ended = rig.trigger("gone before it was seen");
    rig.resolved(&ended);
    rig.until_polled(2).await;
    assert_eq!((rig.rounds(&id).len(), rig.rounds(&ended).len()), (2, 0), "only what is open now");
}

async fn a_reopened_page_is_announced_again() {
    let rig = Rig::of(Setup { world: quiet(1.01), ..Setup::default() }).await;
    let id = rig.trigger("comes back");
    rig.until_announced(&id).await;
    rig.resolved(&id);
    rig.until("its end", |rig| rig.card(&id).is_none()).await;
    rig.retriggered(&id);
    rig.until_calls(&id, 2).await;
}

async fn a_swap_with_the_same_count_announces_the_new_one() {
    let rig = Rig::quiet().await;
    for n in 0..3 {
        let old = rig.trigger(&format!("old {n}"));
        rig.until_announced(&old).await;
        rig.resolved(&old);
        let new = rig.trigger(&format!("new {n}"));
        rig.until_announced(&new).await;
        rig.until("the old one's end", |rig| rig.card(&old).is_none()).await;
        assert_eq!((rig.rounds(&old).len(), rig.rounds(&new).len()), (1, 1), "each once, round {n}");
        rig.resolved(&new);
        rig.until("the new one's end", |rig| rig.sign() == Sign::Quiet).await;
    }
}

async fn a_storm_is_told_in_few_words() {
    let rig = Rig::quiet().await;
    let storm = Trigger { title: "Service {n} is down".into(), count: Some(1_000), ..Trigger::default() };
    rig.act(Act::Trigger(storm));
    rig.until("the storm", |rig| rig.herald.shown().view.pages_more == 900).await;
    rig.until("the summary", |rig| !rig.rounds_of(&AlarmKey::MorePages).is_empty()).await;
    rig.until_polled(2).await;
    let view = rig.herald.shown().view.clone();
    assert_eq!((view.sign, view.pages.len()), (Sign::Page, 100), "the window gets no more than it can show");
    let mut titles: Vec<String> = rig.screen.look().announced.iter().map(|it| it.title.clone()).collect();
    titles.sort();
    assert_eq!(titles.len(), 4, "three in detail, one for the rest: {titles:?}");
    assert_eq!(titles[0], "997 more pages call");
    rig.resolved("all");
    rig.until("the end of the storm", |rig| rig.sign() == Sign::Quiet).await;
    rig.until("the withdrawals", |rig| rig.screen.look().withdrawn.len() == 4).await;
}

async fn a_page_keeps_calling_louder_until_it_is_taken() {
    let rig = Rig::of(Setup { playbook: "alarm.page.repeat_s = 5\n".into(), ..Setup::default() }).await;
    let id = rig.trigger("down");
    rig.until("three rounds", |rig| rig.rounds(&id).len() == 3).await;
    let loudness: Vec<Option<u8>> = rig.rounds(&id).iter().map(|it| it.sound.map(|(_, loud)| loud)).collect();
    assert_eq!(loudness, [Some(48), Some(56), Some(64)], "of the user's 80 per cent: 60, 70, 80");
    rig.acknowledge(&id).await.expect("it is mine");
    rig.until("the acknowledgement", |rig| rig.card(&id).is_some_and(|card| card.taken_by_me)).await;
    let rounds = rig.rounds(&id).len();
    rig.stays("silence", Duration::from_secs(6), |rig| rig.rounds(&id).len() == rounds).await;
}

async fn a_page_that_is_touched_while_it_calls_is_the_same_page() {
    let rig = Rig::of(Setup { world: quiet(1.01), ..Setup::default() }).await;
    let id = rig.trigger("down");
    rig.until_announced(&id).await;
    let first = rig.card(&id).expect("shown");
    let page = || id.clone();
    for touch in [
        Act::Note(Note { page: page(), by: "dana".into(), text: "looking".into() }),
        Act::Edit(Edit { page: page(), priority: Some("p1".into()), ..Edit::default() }),
        Act::Retrigger(Retrigger { page: page() }),
        Act::AskResponders(AskResponders {
            page: page(),
            to: vec!["dana".into()],
            by: "priya".into(),
            text: "".into(),
        }),
    ] {
        rig.act(touch);
        rig.until_polled(1).await;
    }
    rig.until("the priority", |rig| rig.card(&id).is_some_and(|card| card.priority.as_deref() == Some("P1"))).await;
    let card = rig.card(&id).expect("shown");
    assert_eq!(
        (card.triggered_at, rig.rounds(&id).len()),
        (first.triggered_at, 1),
        "announced once, its clock goes on"
    );
    let first = Command::Acknowledge { page: first.id, triggered_at: first.triggered_at };
    rig.command(first).await.expect("the notification of the first moment still acts");
    rig.until("the acknowledgement", |rig| rig.card(&id).is_some_and(|card| card.taken_by_me)).await;
    assert_eq!((rig.writes().len(), rig.incident(&id).acknowledged_count), (1, 1));
}

/// PagerDuty REST OpenAPI, schema ConferenceBridge: either of its two fields may be all there is; and a PUT does not say it.
async fn a_call_with_only_a_number_is_shown_and_stays() {
    let rig = Rig::quiet().await;
    let number = "+1 555-0100,,,12#";
    let page = Trigger { title: "down".into(), conference_number: Some(number.into()), ..Trigger::default() };
    let id = rig.act(Act::Trigger(page)).remove(0);
    rig.until_announced(&id).await;
    let told = |rig: &Rig| rig.card(&id).and_then(|card| card.call_number);
    assert_eq!(told(&rig).as_deref(), Some(number));
    assert!(rig.rounds(&id)[0].body.contains(number), "{}", rig.rounds(&id)[0].body);
    rig.acknowledge(&id).await.expect("mine");
    rig.until("the acknowledgement", |rig| rig.card(&id).is_some_and(|card| card.taken_by_me)).await;
    let lost = rig.screen.look().shown.iter().any(|shown| shown.view.pages.iter().any(|it| it.call_number.is_none()));
    assert!(!lost, "not for a moment is it gone");
}

async fn a_page_merged_into_another_says_so() {
    let rig = Rig::quiet().await;
    let (source, target) = (rig.trigger("Mail is slow"), rig.trigger("Mail is down"));
    rig.until_announced(&source).await;
    rig.until_announced(&target).await;
    let card = rig.card(&source).expect("shown");
    rig.act(Act::Merge(Merge { page: source.clone(), into: target.clone(), by: "dana".into() }));
    rig.until("the withdrawal", |rig| rig.screen.look().withdrawn.contains(&alarm_of(&card))).await;
    let left = rig.herald.shown().view.left[0].why.clone();
    assert!(matches!(&left, Gone::Merged { into } if into.contains("Mail is down")), "{left:?}");
    assert!(rig.card(&target).is_some_and(|card| card.status == PageStatus::Triggered), "the other goes on");
}
