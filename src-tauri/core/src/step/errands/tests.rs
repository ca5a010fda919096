//! Errands: told once how they ended, also where cards become one.

use super::super::tests::{after, issue, issues, only, watching, wish};
use super::*;
use crate::State;
use crate::feed::Tracker;
use crate::incident::{Incident, IncidentWish, Own, Part};
use crate::phase::Severity;
use crate::step::Input;

/// A card whose issue can be labelled, with the label asked for in minute 1.
fn labelling() -> (State, IncidentId) {
    let mut state = watching();
    let tracker =
        Tracker { token: Some(crate::TokenPlace::Keychain), can_write: true, ..state.tracker.clone().expect("set") };
    after(&mut state, Input::TrackerConnected(tracker), 0);
    issues(&mut state, vec![issue(7, Some(Severity::S2), 0)], 1);
    let incident = *state.incidents.keys().next().expect("a card");
    wish(&mut state, IncidentWish::Label { incident }, 1);
    (state, incident)
}

fn errand(state: &mut State, input: ErrandInput, minutes: i64) {
    let id = *state.errands.keys().next().expect("an errand");
    after(state, Input::Errand(id, input), minutes);
}

fn lost() -> Fault {
    Fault::new(FaultKind::Timeout, "waited")
}

#[test]
fn an_errand_ends_once_and_its_end_is_told() {
    use ErrandInput::{Ended, ReadBack, Started};
    let done = || Ended(ErrandResult::Done(ErrandDone::Labelled));
    let unknown = || Ended(ErrandResult::Unknown(lost()));
    let revoked = || Fault::new(FaultKind::Unauthorized, "HTTP 401");
    let refused = || Ended(ErrandResult::Refused(Fault::new(FaultKind::Forbidden, "HTTP 403")));
    for (why, inputs, told) in [
        ("done", vec![(Started, 1), (done(), 1)], Some("Label")),
        ("refused", vec![(Started, 1), (refused(), 1)], Some("not set")),
        ("found", vec![(Started, 1), (unknown(), 1), (ReadBack(Ok(Some(ErrandDone::Labelled))), 2)], Some("set")),
        ("not there at first", vec![(Started, 1), (unknown(), 1), (ReadBack(Ok(None)), 2)], None),
        ("not there", [vec![(Started, 1), (unknown(), 1)], vec![(ReadBack(Ok(None)), 2); 2]].concat(), Some("did not")),
        ("key refused", vec![(Started, 1), (unknown(), 1), (ReadBack(Err(revoked())), 2)], Some("refused the key")),
        ("not read yet", vec![(Started, 1), (unknown(), 1), (ReadBack(Err(lost())), 2)], None),
        ("given up", vec![(Started, 1), (unknown(), 1), (ReadBack(Err(lost())), 12)], Some("could not find out")),
    ] {
        let (mut state, incident) = labelling();
        for (input, minutes) in inputs {
            errand(&mut state, input, minutes);
        }
        let log = &state.incidents[&incident].log;
        assert_eq!(state.errands.is_empty(), told.is_some(), "{why}: {log:#?}");
        let last = log.last().map(|event| event.what.as_str()).unwrap_or_default();
        assert!(told.is_none_or(|told| last.contains(told)), "{why}: {last}");
        let labelled = state.incidents[&incident].issue.as_ref().is_some_and(|issue| !issue.labels.is_empty());
        assert_eq!(labelled, matches!(why, "done" | "found"), "{why}: the card knows the label");
    }
}

#[test]
fn cards_that_become_one_keep_what_was_asked_for_on_either() {
    let (mut state, labelled) = labelling();
    let own = Own { title: Some("Sign-in fails".into()), ..Own::default() };
    wish(&mut state, IncidentWish::Open { own, page: None }, 1);
    let other = *state.incidents.keys().next_back().expect("opened");
    wish(&mut state, IncidentWish::Join { incident: other, with: labelled }, 1);
    errand(&mut state, ErrandInput::Started, 1);
    errand(&mut state, ErrandInput::Ended(ErrandResult::Done(ErrandDone::Labelled)), 1);
    assert!(only(&state).log.iter().any(|event| event.what.starts_with("Label ")), "{:#?}", only(&state).log);
}

#[test]
fn a_card_with_another_issue_is_not_taken_for_labelled() {
    let (mut state, incident) = labelling();
    wish(&mut state, IncidentWish::Separate { incident, part: Part::Issue { iid: 7 } }, 1);
    errand(&mut state, ErrandInput::Started, 1);
    issues(&mut state, vec![issue(7, None, 0), issue(8, None, 0)], 1);
    errand(&mut state, ErrandInput::Ended(ErrandResult::Done(ErrandDone::Labelled)), 1);
    let wrongly = |it: &&Incident| it.issue.as_ref().is_some_and(|issue| issue.iid == 8 && !issue.labels.is_empty());
    assert_eq!(state.incidents.values().find(wrongly), None);
}
