//! Answers that are none, or that mislead: none of them is "nothing is open", and none hides a page.

use std::time::Duration;

use chrono::TimeDelta;
use herald_core::page::PageStatus;
use herald_core::tray::Sign;
use herald_practice::{Act, Fault, FaultKind, Garbage, Span, Trigger};

use crate::rig::{Rig, Setup, quiet};

stories! {
    answers_that_are_none:
    errors_keep_the_list_and_end_with_the_fault,
    broken_answers_keep_the_list_and_end_with_the_fault,
    endless_answers_end_by_size_and_deadline,
}

stories! {
    answers_that_mislead:
    deep_nesting_costs_nothing_but_certainty,
    garbage_of_any_kind_still_is_a_page,
    an_item_that_is_none_is_counted_and_the_other_99_are_read,
    known_pages_are_not_changed_by_garbage,
    hostile_titles_arrive_cleaned,
    a_list_that_moves_while_it_is_read_loses_nobody,
    a_page_twice_in_a_list_is_one_alarm,
    old_news_does_not_undo_an_acknowledgement,
    a_date_that_jumps_neither_floods_nor_silences,
    a_date_that_is_hours_off_is_told_and_not_followed,
}

/// The list of pages, and nothing else.
const LIST: &str = "/incidents$";

async fn errors_keep_the_list_and_end_with_the_fault() {
    tokio::join!(
        survives("500", Fault::status(500), "in trouble itself"),
        survives("502", Fault::status(502), "in trouble itself"),
        survives("503", Fault { retry_after: Some("1".into()), ..Fault::status(503) }, "in trouble itself"),
        survives("403", Fault::status(403), "may not read this"),
        survives("404", Fault::status(404), "no such service at this address"),
        survives("402", Fault::status(402), "refused the request"),
        survives("redirect", Fault::of(FaultKind::Redirect), "not from the service"),
    );
}

async fn broken_answers_keep_the_list_and_end_with_the_fault() {
    let html = Fault { body: Some("<html>room number?</html>".into()), ..Fault::of(FaultKind::CaptivePortal) };
    tokio::join!(
        survives("captive portal", html, "a web page"),
        survives("empty", Fault::of(FaultKind::Empty), "an empty answer"),
        survives("truncated", Fault::of(FaultKind::Truncated), "incomplete or garbled"),
        survives("reset in the body", Fault::of(FaultKind::Reset), "the connection broke"),
        survives("lost request", Fault::of(FaultKind::LostRequest), "the connection broke"),
    );
}

async fn endless_answers_end_by_size_and_deadline() {
    let huge = Fault { size_bytes: Some(20_000_000), ..Fault::of(FaultKind::Huge) };
    tokio::join!(
        survives("huge", huge, "larger than Herald reads"),
        survives("slow", Fault::of(FaultKind::SlowBody), "no answer in time"),
        survives("hang", Fault::of(FaultKind::Hang), "no answer in time"),
    );
}

/// Brackets within brackets are one item that cannot be read, in an answer that can.
async fn deep_nesting_costs_nothing_but_certainty() {
    let rig = Rig::quiet().await;
    let id = rig.trigger("down");
    rig.until_announced(&id).await;
    rig.fault(Fault::of(FaultKind::Deep).on(LIST));
    rig.until("the count", |rig| rig.herald.shown().view.source.skipped == 1).await;
    rig.until_polled(2).await;
    assert!(rig.card(&id).is_some(), "absence means nothing in an answer with holes");
}

async fn garbage_of_any_kind_still_is_a_page() {
    tokio::join!(
        still_calls("wrong types", Garbage::WrongTypes, "(no title)"),
        still_calls("nulls", Garbage::Nulls, "(no title)"),
        still_calls("unknown words", Garbage::UnknownWords, "unknown words"),
        still_calls("half a surrogate", Garbage::LoneSurrogate, "half a pair"),
    );
}

async fn an_item_that_is_none_is_counted_and_the_other_99_are_read() {
    let rig = Rig::quiet().await;
    let item = Fault { garbage: Some(Garbage::NotAnObject), items: Some(vec![40]), ..Fault::of(FaultKind::Garbage) };
    rig.fault(item.on(LIST));
    let ids = rig.act(Act::Trigger(Trigger { title: "{n}".into(), count: Some(100), ..Trigger::default() }));
    rig.until("the others", |rig| rig.herald.shown().view.pages.len() == 99).await;
    assert_eq!(rig.herald.shown().view.source.skipped, 1, "and counted");
    rig.clear_faults();
    rig.until("the last one", |rig| rig.card(&ids[40]).is_some()).await;
    rig.resolved("all");
    rig.until("all to end", |rig| rig.herald.shown().view.pages.is_empty()).await;
    rig.fault(Fault { items: Some(vec![0]), garbage: Some(Garbage::NotAnObject), ..Fault::of(FaultKind::Garbage) });
    rig.trigger("cannot be read");
    rig.until("the count", |rig| rig.herald.shown().view.source.skipped == 1).await;
    assert_eq!(rig.sign(), Sign::Blind, "a page that cannot be read is no calm icon");
}

async fn known_pages_are_not_changed_by_garbage() {
    let rig = Rig::quiet().await;
    let id = rig.trigger("down");
    rig.until_announced(&id).await;
    for garbage in [Garbage::WrongTypes, Garbage::Nulls, Garbage::NotAnObject] {
        rig.fault(Fault { garbage: Some(garbage), items: Some(vec![0]), ..Fault::of(FaultKind::Garbage) }.on(LIST));
        rig.until_polled(2).await;
        assert_eq!(rig.card(&id).map(|card| card.title), Some("down".into()), "{garbage:?}");
    }
    assert_eq!(rig.rounds(&id).len(), 1, "announced once");
}

async fn hostile_titles_arrive_cleaned() {
    let rig = Rig::quiet().await;
    let ids = rig.act(Act::Trigger(Trigger { hostile: true, ..Trigger::default() }));
    rig.until("all of them", |rig| rig.herald.shown().view.pages.len() == ids.len()).await;
    rig.until("the announcements", |rig| rig.screen.look().announced.len() >= 4).await;
    let mut texts: Vec<String> = rig.herald.shown().view.pages.iter().map(|card| card.title.clone()).collect();
    assert!(texts.iter().all(|title| title.chars().count() <= 3_200 && !title.trim().is_empty()), "{texts:?}");
    texts.extend(rig.screen.look().announced.iter().flat_map(|it| [it.title.clone(), it.body.clone()]));
    let isolates = ['\u{2068}', '\u{2069}'];
    for text in &texts {
        let bad =
            |c: char| c.is_control() && c != '\n' || matches!(c, '\u{202A}'..='\u{202E}' | '\u{200B}' | '\u{2028}');
        assert!(!text.contains(bad), "{text:?}");
        let opened = text.matches(isolates[0]).count();
        assert_eq!(opened, text.matches(isolates[1]).count(), "directions do not leak: {text:?}");
    }
    let id = &ids[0];
    rig.acknowledge(id).await.expect("it can be taken like any other");
    rig.until("the acknowledgement", |rig| rig.card(id).is_some_and(|card| card.taken_by_me)).await;
}

async fn a_list_that_moves_while_it_is_read_loses_nobody() {
    let rig = Rig::quiet().await;
    rig.act(Act::Trigger(Trigger { title: "{n}".into(), count: Some(150), ..Trigger::default() }));
    let all = |rig: &Rig| rig.herald.shown().view.pages.len() + rig.herald.shown().view.pages_more as usize == 150;
    rig.until("all of them", all).await;
    let calls = |rig: &Rig| rig.screen.look().announced.len();
    rig.until("the announcements", |rig| calls(rig) == 4).await;
    for shift in [-3, 1] {
        rig.fault(Fault { shift: Some(shift), ..Fault::of(FaultKind::PaginationDrift) }.on(LIST).times(2));
        rig.until_polled(4).await;
        assert!(all(&rig), "shift {shift}: nobody left by drifting out of one answer");
    }
    assert_eq!(calls(&rig), 4, "and nobody was announced anew");
}

async fn a_page_twice_in_a_list_is_one_alarm() {
    let rig = Rig::quiet().await;
    rig.fault(Fault::of(FaultKind::Duplicate).on(LIST));
    let id = rig.trigger("twice");
    rig.until_announced(&id).await;
    rig.until_polled(2).await;
    assert_eq!((rig.rounds(&id).len(), rig.herald.shown().view.pages.len()), (1, 1));
    rig.resolved(&id);
    rig.until("its end", |rig| rig.card(&id).is_none()).await;
}

async fn old_news_does_not_undo_an_acknowledgement() {
    let rig = Rig::of(Setup { world: quiet(1.01), ..Setup::default() }).await;
    let id = rig.trigger("down");
    rig.until_announced(&id).await;
    rig.acknowledge(&id).await.expect("it is mine");
    rig.until("the acknowledgement", |rig| rig.card(&id).is_some_and(|card| card.taken_by_me)).await;
    rig.fault(Fault::of(FaultKind::Reorder).on("/incidents"));
    rig.until_polled(3).await;
    let card = rig.card(&id).expect("still there");
    assert_eq!((card.status, rig.rounds(&id).len()), (PageStatus::Acknowledged, 1), "state never goes backwards");
}

async fn a_date_that_jumps_neither_floods_nor_silences() {
    let rig = Rig::quiet().await;
    for (hours, name) in [(1, "ahead"), (-1, "behind")] {
        rig.fault(Fault { skew: Some(Span::hours(hours)), ..Fault::of(FaultKind::SkewedDate) });
        rig.until_polled(1).await;
        let id = rig.trigger(name);
        rig.until_announced(&id).await;
        let before = rig.polls();
        rig.stays("no burst of questions", Duration::from_secs(3), |rig| rig.polls() <= before + 3).await;
        rig.clear_faults();
        rig.trigger("later");
        let on_time = |rig: &Rig| (rig.herald.shown().now - rig.world.now()).abs() < TimeDelta::seconds(20);
        rig.until(&format!("{name}: Herald's clock to follow back"), on_time).await;
        rig.resolved("all");
        rig.until(&format!("{name}: its end"), |rig| rig.card(&id).is_none()).await;
        assert!(rig.rounds(&id).len() <= 2, "{name}: at the most said once more, never lost");
        assert!(!rig.herald.shown().view.source.stale, "{name}: nothing is stale");
    }
}

async fn a_date_that_is_hours_off_is_told_and_not_followed() {
    for (hours, told) in [(-2, "2 h behind"), (3, "3 h ahead of")] {
        let rig = Rig::quiet().await;
        rig.fault(Fault { skew: Some(Span::hours(hours)), ..Fault::of(FaultKind::SkewedDate) });
        let said = |rig: &Rig| rig.herald.shown().view.notices.iter().any(|it| it.contains(told));
        rig.until(told, said).await;
        rig.until_polled(2).await;
        assert!((rig.herald.shown().now - rig.world.now()).abs() < TimeDelta::seconds(20), "{told}");
    }
}

/// A page is known and taken, another one comes while the fault is on. The list is kept, the icon says that it is
/// old, and the end of the fault shows what was missed.
async fn survives(name: &str, fault: Fault, told: &str) {
    let rig = Rig::quiet().await;
    let known = rig.trigger("known");
    rig.until_announced(&known).await;
    rig.taken_by(&known, "elena");
    rig.until("the known one to be taken", |rig| rig.sign() == Sign::Open).await;
    let before = rig.screen.look().shown.len();
    rig.fault(fault.on(LIST));
    let hidden = rig.trigger("hidden");
    rig.until(&format!("{name}: {told}"), |rig| rig.fault_told().is_some_and(|it| it.contains(told))).await;
    rig.until(&format!("{name}: the icon to say so"), |rig| rig.sign() == Sign::Blind).await;
    let view = &rig.herald.shown().view;
    assert!(view.source.stale && view.source.last_good_at.is_some() && view.source.next_try_at.is_some(), "{name}");
    assert_eq!(rig.rounds(&hidden).len(), 0, "{name}: it cannot be known");
    rig.clear_faults();
    let cleared_at = rig.world.now();
    rig.until_announced(&hidden).await;
    let asked: Vec<_> = rig.requests_to("/incidents?").into_iter().filter(|it| it.at > cleared_at).collect();
    // A question that hangs is given up after ten seconds; all others are asked again within an interval.
    let patience = if told == "no answer in time" { 13 } else { 4 };
    let waited = asked.first().expect("it asked").at - cleared_at;
    assert!(waited < TimeDelta::seconds(patience), "{name}: recovered after {waited}");
    rig.until("calm", |rig| rig.fault_told().is_none() && rig.sign() == Sign::Page).await;
    let seen = rig.screen.look();
    for shown in &seen.shown[before..] {
        assert_ne!(shown.view.sign, Sign::Quiet, "{name}: never calm");
        assert!(shown.view.pages.iter().any(|card| card.id.as_str() == known), "{name}: the list is kept");
    }
    drop(seen);
    assert_eq!((rig.rounds(&known).len(), rig.rounds(&hidden).len()), (1, 1), "{name}: each announced once");
}

async fn still_calls(name: &str, garbage: Garbage, title: &str) {
    let rig = Rig::quiet().await;
    rig.fault(Fault { garbage: Some(garbage), items: Some(vec![0]), ..Fault::of(FaultKind::Garbage) }.on(LIST));
    let id = rig.trigger(name);
    let sound = rig.trigger("sound as ever");
    rig.until_announced(&sound).await;
    rig.until_announced(&id).await;
    let card = rig.card(&id).expect("shown");
    assert!(card.title.contains(title), "{name}: {}", card.title);
    assert_eq!(card.status, PageStatus::Triggered, "{name}: what is not understood counts as open");
    rig.until_polled(2).await;
    assert_eq!(rig.rounds(&id).len(), 1, "{name}: once");
}
