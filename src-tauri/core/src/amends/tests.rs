//! What an update changes, and what a page does not take, case by case.

use super::*;
use crate::feed::{Component, Update};
use crate::state::tests::at;
use crate::step::tests::{by_hand, text, watching};

/// An incident whose post names A and B; the last update said this status of them.
fn public(last: Option<Impact>) -> (State, Incident) {
    let mut state = watching();
    let id = by_hand(&mut state);
    let component = |id: &str, impact| Component { id: id.into(), name: format!("Part {id}"), impact: Some(impact) };
    state.session.components = vec![component("A", Impact::Disruption), component("B", Impact::Degraded)];
    let update = |minutes, impact| Update {
        at: at(minutes),
        phase: Some(Phase::Identified),
        impact,
        text: "So".into(),
        mine: false,
    };
    let mut incident = state.incidents[&id].clone();
    incident.post = Some(PostSeen {
        id: "p".into(),
        title: "Sign-in fails".into(),
        url: None,
        open: true,
        updates: vec![update(1, Some(Impact::Degraded)), update(2, last)],
        components: vec!["A".into(), "B".into()],
    });
    (state, incident)
}

fn set(ids: &str) -> BTreeSet<String> {
    ids.chars().map(|id| id.to_string()).collect()
}

fn saying(title: &str, phase: Phase, impact: Impact, components: &str) -> Text {
    Text { title: title.into(), impact: Some(impact), components: set(components), ..text(phase, "Words") }
}

#[test]
fn only_what_was_changed_is_changed() {
    use Impact::{Degraded, Disruption, Operational};
    use Phase::{Identified, Resolved};
    let title = "Sign-in fails";
    for (why, text, expected) in [
        ("no news", saying(title, Identified, Disruption, "AB"), (false, false, "")),
        ("another status", saying(title, Identified, Degraded, "AB"), (false, false, "AB")),
        ("one more", saying(title, Identified, Disruption, "ABC"), (false, true, "C")),
        ("one more, all of them better", saying(title, Identified, Degraded, "ABC"), (false, true, "ABC")),
        ("one less", saying(title, Identified, Disruption, "A"), (false, true, "")),
        ("over", saying(title, Resolved, Operational, "AB"), (false, false, "AB")),
        ("another title", saying("Nobody can sign in", Identified, Disruption, "AB"), (true, false, "")),
        ("the same title", saying(" Sign-in  fails ", Identified, Disruption, "AB"), (false, false, "")),
    ] {
        let (state, incident) = public(Some(Disruption));
        let (title, components, sets) = expected;
        let expected = Amends { title, components, sets: set(sets) };
        assert_eq!(Amends::of(&state, &incident, &text), Some(expected), "{why}");
    }
    let (state, mut incident) = public(Some(Disruption));
    incident.post = None;
    assert_eq!(Amends::of(&state, &incident, &saying(title, Identified, Degraded, "A")), None, "it opens the post");
}

#[test]
fn the_status_so_far_is_the_last_one_that_is_known() {
    let (state, incident) = public(Some(Impact::Partial));
    assert_eq!(standing(&state, &incident), Some(Impact::Partial), "the last update's");
    let (mut state, incident) = public(None);
    assert_eq!(standing(&state, &incident), Some(Impact::Disruption), "the gravest that the page shows");
    state.session.components.clear();
    assert_eq!(standing(&state, &incident), Some(Impact::Degraded), "an earlier update's");
}

#[test]
fn what_a_page_does_not_take_is_withheld_and_named() {
    let (state, incident) = public(Some(Impact::Disruption));
    let wider = saying("Nobody can sign in", Phase::Identified, Impact::Disruption, "AC");
    let same = saying("Sign-in fails", Phase::Identified, Impact::Disruption, "AB");
    let none = saying("Sign-in fails", Phase::Identified, Impact::Disruption, "");
    let withheld = ["the title “Nobody can sign in”", "C as added", "Part B as left out"];
    for (kind, text, title, components, sets, expected) in [
        (PageKind::StatusIo, &wider, "Sign-in fails", "AB", "AB", &withheld[..]),
        (PageKind::StatusIo, &same, "Sign-in fails", "AB", "AB", &[]),
        (PageKind::Statuspage, &wider, "Nobody can sign in", "AC", "C", &[]),
        (PageKind::Statuspage, &same, "Sign-in fails", "AB", "", &[]),
        (PageKind::Statuspage, &none, "Sign-in fails", "AB", "", &["Part A, Part B as left out"]),
    ] {
        let withheld = expected.iter().map(|&it| it.to_owned()).collect();
        let expected = GoesOut { title: title.into(), components: set(components), sets: set(sets), withheld };
        assert_eq!(goes_out(&state, &incident, text, kind), expected, "{kind:?} {text:?}");
    }
}
