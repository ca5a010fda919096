//! What is believed of an attempt whose answer is lost, and what a refusal says about the key.

use super::*;
use crate::incident::IncidentWish;
use crate::state::State;
use crate::state::tests::at;
use crate::step::tests::{after, by_hand, text, watching, wish};
use crate::step::{Input, step};
use crate::tray::tray;
use crate::{Action, due, view};

/// A Herald that published and heard nothing, a minute after the start.
fn unsure() -> (State, IncidentId) {
    let (mut state, id) = sent();
    after(&mut state, Input::PublishEnded(1, PublishResult::Unknown(fault(FaultKind::Timeout))), 1);
    (state, id)
}

fn sent() -> (State, IncidentId) {
    let mut state = watching();
    let id = by_hand(&mut state);
    wish(
        &mut state,
        IncidentWish::Publish { incident: id, text: text(Phase::Investigating, "Trouble"), seen: None },
        1,
    );
    after(&mut state, Input::PublishStarted(1), 1);
    (state, id)
}

fn fault(kind: FaultKind) -> Fault {
    Fault::new(kind, "HTTP")
}

fn told(state: &State, id: IncidentId) -> &str {
    &state.incidents[&id].log.last().expect("something is told").what
}

/// Seconds after `minutes` at which Herald looks at the page again; absent when it does not within ten minutes.
fn looks_after(state: &State, minutes: i64) -> Option<i64> {
    let looks = |second: &i64| due(state, at(minutes) + TimeDelta::seconds(*second)).contains(&Action::ReadBackPost(1));
    (0..600).find(looks)
}

#[test]
fn what_lands_after_the_first_look_is_found_by_the_second() {
    let (mut state, id) = unsure();
    assert_eq!(looks_after(&state, 1), Some(0), "at once");
    after(&mut state, Input::PostReadBack(1, Ok(ReadBackPost::Absent)), 1);
    assert_eq!(looks_after(&state, 1), Some(30), "and once more");
    let publish = IncidentWish::Publish { incident: id, text: text(Phase::Investigating, "Trouble"), seen: None };
    let again = crate::Command::Incident { wish: Box::new(publish) };
    assert_eq!(crate::allowed(&state, &again, at(1)), Err(crate::Refusal::UnderWay), "no second attempt meanwhile");
    let mut late = state.clone();
    after(&mut late, Input::PostReadBack(1, Ok(ReadBackPost::There { post: "p".into() })), 2);
    assert_eq!(late.incidents[&id].phase(), Some(Phase::Investigating), "it landed late");
    after(&mut state, Input::PostReadBack(1, Err(fault(FaultKind::Timeout))), 2);
    after(&mut state, Input::PostReadBack(1, Ok(ReadBackPost::Absent)), 3);
    assert!(state.publications.is_empty() && told(&state, id).starts_with("Not published"), "a second look decides");
}

#[test]
fn what_was_sent_under_a_clock_that_was_ahead_is_not_of_the_future() {
    let (state, id) = unsure();
    let found = Input::PostReadBack(1, Ok(ReadBackPost::There { post: "p".into() }));
    let publication =
        crate::Command::Incident { wish: Box::new(IncidentWish::WasPublished { publication: 1, yes: true }) };
    for (name, input) in [("found", found), ("seen by the user", Input::User(publication))] {
        let mut back = state.clone();
        after(&mut back, input, -30);
        let sent_at = back.incidents[&id].last_update().expect("it was published").at;
        assert_eq!(sent_at, at(-30), "{name}: the next one would be due half an hour late");
    }
}

#[test]
fn a_pause_holds_for_reading_back() {
    let (mut state, _) = unsure();
    let busy = Fault { retry_at: Some(at(6)), ..fault(FaultKind::RateLimited) };
    after(&mut state, Input::PostReadBack(1, Err(busy)), 1);
    assert_eq!(looks_after(&state, 1), Some(300), "as told");
    assert!(!due(&state, at(5)).contains(&Action::Poll(SourceName::StatusPage)), "nothing else is asked there, too");
}

#[test]
fn a_refused_key_is_not_used_to_look_again_and_again() {
    for (kind, key_stays) in [(FaultKind::Unauthorized, false), (FaultKind::Forbidden, true)] {
        let (mut state, id) = unsure();
        after(&mut state, Input::PostReadBack(1, Err(fault(kind))), 1);
        assert_eq!(looks_after(&state, 1), None, "{kind:?}");
        assert!(told(&state, id).starts_with("Was it published?"), "{kind:?}: {}", told(&state, id));
        let page = state.status_page.clone().expect("connected");
        assert_eq!(page.token.is_some(), key_stays, "{kind:?}");
        let page = crate::feed::StatusPage { token: Some(crate::TokenPlace::Keychain), ..page };
        after(&mut state, Input::StatusPageConnected(page), 2);
        assert_eq!(looks_after(&state, 2), Some(0), "{kind:?}: with a new key");
    }
}

#[test]
fn what_did_not_go_out_is_told_until_something_does() {
    let failed = || {
        let (mut state, id) = sent();
        after(&mut state, Input::PublishEnded(1, PublishResult::Refused(fault(FaultKind::RateLimited))), 1);
        (state, id)
    };
    let unsent = |state: &State, id| view(state, at(3)).incidents.iter().find(|it| it.id == id)?.compose.unsent.clone();
    let text = |body: &str| text(Phase::Investigating, body);
    let (state, id) = failed();
    let told = unsent(&state, id).expect("it is told");
    assert!(told.at == at(1) && told.why.starts_with("it asks for a pause"), "{told:?}");
    assert!(tray(&state, at(2)).tooltip.contains("⚠ Update not published: Sign-in fails"), "in the tray, too");
    for (why, wishes, told) in [
        ("typing", vec![IncidentWish::Write { incident: id, text: text("Trouble again") }], true),
        ("another attempt", vec![IncidentWish::Publish { incident: id, text: text("Trouble"), seen: None }], false),
        ("posted by hand", vec![IncidentWish::PostedByHand { incident: id, text: text("Other"), at: at(2) }], false),
        ("discarded", vec![IncidentWish::Discard { incident: id }], false),
    ] {
        let (mut state, id) = failed();
        wishes.into_iter().for_each(|it| wish(&mut state, it, 2));
        assert_eq!(unsent(&state, id).is_some(), told, "{why}");
        assert_eq!(tray(&state, at(3)).tooltip.contains("not published"), told, "{why}");
    }
}

#[test]
fn what_was_discarded_while_it_was_sent_comes_back_when_it_did_not_go_out() {
    let (mut state, id) = sent();
    wish(&mut state, IncidentWish::Discard { incident: id }, 1);
    after(&mut state, Input::PublishEnded(1, PublishResult::Refused(fault(FaultKind::RateLimited))), 1);
    assert_eq!(state.drafts[&id].text.body, "Trouble");
}

#[test]
fn only_a_refusal_of_the_key_itself_gives_it_up() {
    for (kind, key_stays, says) in [
        (FaultKind::Forbidden, true, "(HTTP), and the key may be fine. Try again"),
        (FaultKind::Unauthorized, false, "connect again in Settings"),
        (FaultKind::Rejected, true, "refused the request"),
    ] {
        let (mut state, id) = sent();
        let changes = step(&state, Input::PublishEnded(1, PublishResult::Refused(fault(kind))), at(1));
        changes.iter().for_each(|change| state.apply(change));
        assert_eq!(state.status_page.as_ref().is_some_and(|page| page.token.is_some()), key_stays, "{kind:?}");
        assert!(told(&state, id).contains(says), "{kind:?}: {}", told(&state, id));
        assert_eq!(state.drafts[&id].text.body, "Trouble", "{kind:?}: nothing typed is lost");
    }
}

/// S3 → S1 under a promise of an hour: it is said and asked at once, and asked once.
#[test]
fn a_promise_does_not_outlive_the_severity_that_it_stood_on() {
    use crate::incident::Own;
    use crate::phase::Severity;
    let own = |severity| Own { severity: Some(severity), title: Some("Sign-in fails".into()), ..Own::default() };
    let mut state = watching();
    let id = by_hand(&mut state);
    wish(&mut state, IncidentWish::Correct { incident: id, own: own(Severity::S3) }, 0);
    let text = text(Phase::Investigating, "Trouble. Next update in 60 minutes.");
    wish(&mut state, IncidentWish::Publish { incident: id, text, seen: None }, 1);
    after(&mut state, Input::PublishStarted(1), 1);
    after(&mut state, Input::PublishEnded(1, PublishResult::Accepted { post: "p".into() }), 1);
    let asks = |state: &State, minutes| view(state, at(minutes)).incidents[0].promise_doubt.clone();
    assert_eq!(asks(&state, 2), None, "nothing changed");
    wish(&mut state, IncidentWish::Correct { incident: id, own: own(Severity::S4) }, 2);
    assert_eq!(asks(&state, 2), None, "lesser");
    wish(&mut state, IncidentWish::Correct { incident: id, own: own(Severity::S1) }, 3);
    let doubt = asks(&state, 3).expect("graver");
    assert_eq!((doubt.promised_at, doubt.due_at, doubt.every_min), (at(61), at(11), 10));
    assert!(told(&state, id).contains("Keep it, or count by the table?"), "{}", told(&state, id));
    let due = |state: &State| view(state, at(3)).incidents[0].clock.clone().map(|it| it.clock.due_at);
    assert_eq!(due(&state), Some(at(61)), "the promise counts until the user says otherwise (H32)");
    let mut by_table = state.clone();
    wish(&mut by_table, IncidentWish::Promise { incident: id, due_at: None }, 3);
    assert_eq!((asks(&by_table, 3), due(&by_table)), (None, Some(at(11))), "counted by the table");
    wish(&mut state, IncidentWish::Promise { incident: id, due_at: Some(at(61)) }, 3);
    assert_eq!((asks(&state, 4), due(&state)), (None, Some(at(61))), "it is kept, and not asked about again");
}
