//! Copies of the status page's feed that are older than what is known already.

use std::sync::Arc;

use super::*;
use crate::incident::IncidentWish;
use crate::state::State;
use crate::state::tests::at;
use crate::step::tests::*;

fn told(minutes: &[i64], last: Phase) -> PostSeen {
    let phase = |at: &i64| if Some(at) == minutes.last() { last } else { Phase::Identified };
    let updates = minutes.iter().map(|at| update(*at, phase(at), &format!("Said at {at}"))).collect();
    PostSeen { open: last != Phase::Resolved, ..post("p", updates) }
}

/// Until when updates are known, in minutes, and whether the incident goes on, after each of these answers.
fn after_each(answers: &[PostSeen]) -> Vec<(i64, bool)> {
    let mut state: State = watching();
    let mut seen = vec![];
    for (nth, answer) in answers.iter().enumerate() {
        let minutes = 30 + i64::try_from(nth).expect("few");
        posts(&mut state, vec![answer.clone()], minutes);
        let last = only(&state).last_update().expect("one is known");
        seen.push(((last.at - at(0)).num_minutes(), only(&state).open()));
    }
    seen
}

#[test]
fn an_older_copy_takes_nothing_back() {
    let (first, both) = (|| told(&[1], Phase::Identified), || told(&[1, 9], Phase::Identified));
    let over = || told(&[1, 9], Phase::Resolved);
    let newer = || told(&[1, 12], Phase::Identified);
    let edited = || PostSeen { updates: vec![update(1, Phase::Identified, "Said otherwise")], ..first() };
    for (name, answers, expected) in [
        ("one old copy", vec![both(), first(), both()], vec![(9, true), (9, true), (9, true)]),
        ("now and then", vec![both(), first(), both(), first()], vec![(9, true); 4]),
        ("two in a row: it was deleted", vec![both(), first(), first()], vec![(9, true), (9, true), (1, true)]),
        ("deleted and said anew", vec![both(), newer()], vec![(9, true), (12, true)]),
        ("resolved, and an old copy", vec![first(), over(), both()], vec![(1, true), (9, false), (9, false)]),
        ("resolved, and a newer update", vec![first(), over(), newer()], vec![(1, true), (9, false), (12, true)]),
        ("an edited text", vec![first(), edited()], vec![(1, true), (1, true)]),
    ] {
        assert_eq!(after_each(&answers), expected, "{name}");
    }
}

#[test]
fn what_was_gone_is_back_when_two_answers_say_so() {
    let mut state = watching();
    let shown = || told(&[1], Phase::Identified);
    posts(&mut state, vec![shown()], 2);
    posts(&mut state, vec![], 3);
    posts(&mut state, vec![], 4);
    assert!(!only(&state).open());
    posts(&mut state, vec![shown()], 5);
    assert!(!only(&state).open(), "an old copy may say so");
    posts(&mut state, vec![shown()], 6);
    assert!(only(&state).open());
}

#[test]
fn a_promise_of_somebody_else_is_offered_once_mine_is_kept() {
    let mut state = watching();
    let id = by_hand(&mut state);
    let card = |state: &State| Arc::unwrap_or_clone(crate::view::view(state, at(12)).incidents.remove(0));
    let body = "We look into it. Next update in 20 minutes.";
    wish(&mut state, IncidentWish::PostedByHand { incident: id, text: text(Phase::Identified, body), at: at(1) }, 1);
    assert_eq!(card(&state).promise.map(|it| it.due_at), Some(at(21)));
    assert_eq!(card(&state).promise_offer, None, "it holds already");
    let theirs = update(10, Phase::Identified, "Still at it. Next update in 60 minutes.");
    posts(&mut state, vec![post("p", vec![update(1, Phase::Identified, body), theirs])], 11);
    assert_eq!(card(&state).promise, None, "what I promised is kept");
    assert_eq!(card(&state).promise_offer.map(|offer| offer.due), Some(at(70)));
    wish(&mut state, IncidentWish::Promise { incident: id, due_at: Some(at(70)) }, 12);
    assert_eq!((card(&state).promise.map(|it| it.due_at), card(&state).promise_offer), (Some(at(70)), None));
    assert_eq!(due_min(&state, id), Some(70));
}

/// An entry of a feed in no form that Herald knows makes a card that alarms nobody, however long it stands there.
#[test]
fn what_says_no_phase_is_never_late() {
    let mut state = watching();
    let untold = |minutes| Update { phase: None, ..update(minutes, Phase::Investigating, "Mail is late.") };
    posts(&mut state, vec![post("p", vec![untold(1)])], 2);
    let card = Arc::unwrap_or_clone(crate::view::view(&state, at(600)).incidents.remove(0));
    assert_eq!((card.phase, card.clock, card.updates.len()), (None, None, 1));
    let late = |state: &State| {
        let wanted = crate::alarm::wanted(state, at(600));
        wanted.into_iter().filter(|key| matches!(key, crate::AlarmKey::Update { .. })).count()
    };
    assert_eq!(late(&state), 0);
    let told = update(5, Phase::Identified, "Mail is late since a disk is full.");
    posts(&mut state, vec![post("p", vec![untold(1), told])], 6);
    assert!(due_min(&state, 1).is_some(), "from then on it can be late");
    assert_eq!(late(&state), 1);
}
