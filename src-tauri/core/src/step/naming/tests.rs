//! Which pages join which card by themselves, and what the user may change about it.

use super::*;
use crate::feed::IssuesTold;
use crate::incident::{IncidentWish, Own, Part};
use crate::page::SeenPage;
use crate::poll::Snapshot;
use crate::state::State;
use crate::state::tests::{at, seen};
use crate::step::Input;
use crate::step::tests::*;

fn polled(state: &mut State, titles: &[&str], minutes: i64) {
    let page = |(nth, title): (usize, &&str)| SeenPage { title: (*title).into(), ..seen(&format!("P{nth}"), 1) };
    let pages = titles.iter().enumerate().map(page).collect();
    let snapshot = Snapshot::of(at(minutes), pages);
    after(state, Input::Polled { result: Ok(snapshot), jitter: 0.0 }, minutes);
}

fn pages(state: &State, id: IncidentId) -> Vec<&str> {
    state.incidents[&id].pages.iter().map(PageId::as_str).collect()
}

fn declared() -> State {
    let mut state = watching();
    let issues = vec![issue(7, None, 0), issue(8, None, 0)];
    tracker(&mut state, IssuesTold { issues, ..IssuesTold::default() }, 1);
    state
}

#[test]
fn a_page_that_names_an_issue_joins_its_card() {
    for (title, joins) in [
        (LINK, true),
        ("Sign-in fails (https://tracker.example/ops/issues/7).", true),
        ("Please speak for #7: sign-in fails", true),
        ("CMOC wanted in #incident-7", true),
        ("incident-7 needs you", true),
        ("https://app.incident.example/x/incidents/7", false),
        ("https://tracker.example/other/-/issues/7", false),
        ("#77 and #x7, 7 nodes", false),
        ("Sign-in fails", false),
    ] {
        let mut state = declared();
        polled(&mut state, &[title], 2);
        assert_eq!((pages(&state, 1).len(), pages(&state, 2).len()), (usize::from(joins), 0), "{title}");
        let mut state = watching();
        polled(&mut state, &[title], 2);
        tracker(&mut state, IssuesTold { issues: vec![issue(7, None, 0)], ..IssuesTold::default() }, 3);
        assert_eq!(pages(&state, 1).len(), usize::from(joins), "{title}, before its issue was known");
    }
}

#[test]
fn a_page_calls_for_one_incident_and_stays_where_the_user_puts_it() {
    let mut state = declared();
    polled(&mut state, &["#7"], 2);
    let page = || PageId::new("P0");
    wish(&mut state, IncidentWish::JoinPage { incident: 2, page: page() }, 3);
    polled(&mut state, &["#7"], 4);
    assert_eq!((pages(&state, 1), pages(&state, 2)), (vec![], vec!["P0"]), "it moved");
    wish(&mut state, IncidentWish::JoinPage { incident: 1, page: page() }, 5);
    wish(&mut state, IncidentWish::Separate { incident: 1, part: Part::Page { id: page() } }, 6);
    polled(&mut state, &["#7"], 7);
    assert_eq!((pages(&state, 1).len(), pages(&state, 2).len()), (0, 0), "it stays apart");
}

#[test]
fn a_link_to_another_place_is_no_link_to_this_tracker() {
    for (url, cards) in [
        ("https://app.incident.example/x/incidents/7", 2),
        ("https://tracker.example/other/-/issues/7", 2),
        ("https://tracker.example/ops/-/issues/7#note_1", 1),
        ("https://TRACKER.example/ops/-/incidents/7/", 1),
    ] {
        let mut state = watching();
        let own = Own { title: Some("Sign-in fails".into()), issue_url: Some(url.into()), ..Own::default() };
        wish(&mut state, IncidentWish::Open { own, page: None }, 0);
        tracker(&mut state, IssuesTold { issues: vec![issue(7, None, 0)], ..IssuesTold::default() }, 1);
        assert_eq!(state.incidents.len(), cards, "{url}");
    }
}

/// Two incidents, each with the channel and the call that their declaration gave.
fn with_calls(calls: [&str; 2]) -> State {
    let mut state = watching();
    let found = |nth: usize| crate::feed::Found {
        channel: Some(format!("#inc-{}", nth + 7)),
        call_url: Some(calls[nth].into()),
        ..crate::feed::Found::default()
    };
    let issues =
        (0..2).map(|nth| crate::feed::IssueSeen { found: found(nth), ..issue(nth as u64 + 7, None, 0) }).collect();
    tracker(&mut state, IssuesTold { issues, ..IssuesTold::default() }, 1);
    state
}

fn joined(state: &State) -> (usize, usize) {
    (pages(state, 1).len(), pages(state, 2).len())
}

fn asked(state: &State) -> Vec<IncidentId> {
    state.session.asked.get(&PageId::new("P0")).into_iter().flatten().copied().collect()
}

#[test]
fn a_page_joins_by_what_its_alerts_say() {
    let calls = ["https://call.example/j/111111111?pwd=a", "https://call.example/j/222222222"];
    for (alert, expected) in [
        (LINK, (1, 0)),
        ("Issue: <https://tracker.example/ops/-/issues/8>, come", (0, 1)),
        ("Please come to #inc-8.", (0, 1)),
        ("Bridge: https://call.example/j/111111111", (1, 0)),
        ("Nothing of it", (0, 0)),
        // The issue says more than a call that perhaps everybody uses.
        ("https://call.example/j/111111111 https://tracker.example/ops/-/issues/8", (0, 1)),
        ("#inc-7 and #inc-8", (0, 0)),
    ] {
        let mut state = with_calls(calls);
        polled(&mut state, &["You are wanted"], 2);
        let due = crate::due(&state, at(3));
        assert!(due.contains(&crate::Action::ReadWords(PageId::new("P0"))), "its alerts are asked for: {due:?}");
        assert_eq!(asked(&state), [1, 2], "until then nobody knows");
        let read = Input::WordsRead(PageId::new("P0"), Ok(vec![alert.to_owned()]));
        after(&mut state, read, 3);
        assert_eq!(joined(&state), expected, "{alert}");
        let asks: &[IncidentId] = if expected == (0, 0) { &[1, 2] } else { &[] };
        assert_eq!(asked(&state), asks, "{alert}");
        let again = crate::due(&state, at(4)).contains(&crate::Action::ReadWords(PageId::new("P0")));
        assert!(!again, "{alert}: not at once again");
    }
}

#[test]
fn where_two_fit_the_user_is_asked_and_nothing_is_claimed() {
    let one_for_all = ["https://call.example/room", "https://call.example/room"];
    let mut state = with_calls(one_for_all);
    let page = SeenPage { call_url: Some(one_for_all[0].into()), ..seen("P0", 1) };
    let snapshot = Snapshot::of(at(2), vec![page]);
    after(&mut state, Input::Polled { result: Ok(snapshot), jitter: 0.0 }, 2);
    assert_eq!((joined(&state), asked(&state)), ((0, 0), vec![1, 2]));
    let claims = |state: &State, id: IncidentId| {
        let card = crate::view::view(state, at(3)).incidents.into_iter().find(|card| card.id == id).expect("shown");
        let none = |task: &crate::view::stages::TaskView| matches!(&task.mark, crate::stage::Mark::NotNeeded { why } if why.contains("no page"));
        card.stages.tasks.iter().any(none)
    };
    assert!(!claims(&state, 1) && !claims(&state, 2), "a page may have called for either");
    let lacks = crate::stage::lacks_before_closing(&state, &PageId::new("P0"), at(3));
    assert_eq!(lacks, ["Say which incident this page is for"]);
    let part = Part::Page { id: PageId::new("P0") };
    wish(&mut state, IncidentWish::Separate { incident: 1, part }, 3);
    assert_eq!((joined(&state), asked(&state)), ((0, 1), vec![]), "then it is the other's");
    assert!(claims(&state, 1) || state.playbook.stages.is_empty(), "and no page called for the first");
}

#[test]
fn a_call_with_only_a_number_is_enough() {
    for (number, issue_call, joins) in [
        ("+1 415-555-0132,,,,222222222#", None, (0, 1)),
        ("+1 (415) 555-0132,,77#", Some("+1 415 555 0132,,77#"), (1, 0)),
        ("+1 415-555-0199", Some("+1 415 555 0132"), (0, 0)),
    ] {
        let mut state = with_calls(["https://call.example/j/111111111", "https://call.example/j/222222222"]);
        if let Some(number) = issue_call {
            let mut incident = state.incidents[&1].clone();
            let found = incident.issue.as_mut().map(|issue| &mut issue.found).expect("it has an issue");
            (found.call_url, found.call_number) = (None, Some(number.into()));
            state.incidents.insert(1, incident);
        }
        let page = SeenPage { call_number: Some(number.into()), ..seen("P0", 1) };
        after(&mut state, Input::Polled { result: Ok(Snapshot::of(at(2), vec![page])), jitter: 0.0 }, 2);
        assert_eq!(joined(&state), joins, "{number}");
    }
}

#[test]
fn a_failure_says_nothing_about_alerts() {
    let mut state = with_calls(["https://call.example/j/111111111", "https://call.example/j/222222222"]);
    polled(&mut state, &["You are wanted"], 2);
    let read = |result| Input::WordsRead(PageId::new("P0"), result);
    after(&mut state, read(Err(crate::Fault::new(crate::FaultKind::Timeout, "none"))), 3);
    let due =
        |state: &State, minutes| crate::due(state, at(minutes)).contains(&crate::Action::ReadWords(PageId::new("P0")));
    assert!(!due(&state, 3) && due(&state, 4), "asked again after a minute");
    assert_eq!(asked(&state), [1, 2]);
}

#[test]
fn a_page_whose_alerts_are_on_their_way_hides_no_other() {
    let mut state = with_calls(["https://call.example/j/111111111", "https://call.example/j/222222222"]);
    polled(&mut state, &["You are wanted", "You, too"], 1);
    for (page, minute) in [("P0", 2), ("P1", 3)] {
        let failed = Err(crate::Fault::new(crate::FaultKind::Timeout, "none"));
        after(&mut state, Input::WordsRead(PageId::new(page), failed), minute);
    }
    assert_eq!(crate::calling::due_at(&state, at(3)), Some(at(4)), "the first is due, the second a minute later");
}
