//! Which pages join which card by themselves, and what the user may change about it.

use super::*;
use crate::feed::IssuesTold;
use crate::incident::{IncidentWish, Own};
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
