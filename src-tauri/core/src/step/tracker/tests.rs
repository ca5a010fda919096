//! Issues that leave the list of active incidents: what ends with them, and what goes on and asks.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::*;
use crate::cadence;
use crate::feed::{IssueState, followed};
use crate::incident::IncidentWish;
use crate::page::PageId;
use crate::playbook::Playbook;
use crate::state::State;
use crate::state::tests::{at, page};
use crate::step::tests::*;

/// What the tracker says of issue 7 when it is asked for by itself.
#[derive(Clone, Copy, Debug)]
enum Told {
    Closed,
    Relabelled,
    NotToBeSeen,
    Nothing,
}

fn look(state: &mut State, told: Told, minutes: i64) {
    let seen = issue(7, None, minutes);
    let (issues, hidden) = match told {
        Told::Closed => (vec![IssueSeen { open: false, active: false, ..seen }], None),
        Told::Relabelled => (vec![IssueSeen { active: false, ..seen }], None),
        Told::NotToBeSeen => (vec![], Some(7)),
        Told::Nothing => (vec![], None),
    };
    tracker(state, IssuesTold { issues, hidden: hidden.into_iter().collect() }, minutes);
}

/// Something that was done about the incident of issue 7.
fn done(what: &str, state: &mut State) {
    match what {
        "nothing" => {}
        "declined" => wish(state, IncidentWish::Decide { incident: 1, yes: false }, 2),
        "decided" => wish(state, IncidentWish::Decide { incident: 1, yes: true }, 2),
        "drafted" => {
            let text = text(Phase::Investigating, "We look into it.");
            wish(state, IncidentWish::Write { incident: 1, text }, 2);
        }
        "corrected" => {
            let own = Own { im: Some("@ann".into()), ..Own::default() };
            wish(state, IncidentWish::Correct { incident: 1, own }, 2);
        }
        "public" => posts(state, vec![post("p", vec![update(1, Phase::Investigating, LINK)])], 2),
        "paged" => {
            let page = page("P1", 0);
            state.pages.insert(page.seen.id.clone(), page);
            wish(state, IncidentWish::JoinPage { incident: 1, page: PageId::new("P1") }, 2);
        }
        other => unreachable!("{other}"),
    }
}

#[test]
fn an_incident_ends_with_its_issue_only_when_it_is_nothing_else() {
    for what in ["nothing", "declined", "decided", "drafted", "corrected", "public", "paged"] {
        for told in [Told::Closed, Told::Relabelled, Told::NotToBeSeen, Told::Nothing] {
            let mut state = watching();
            tracker(&mut state, IssuesTold { issues: vec![issue(7, None, 0)], ..IssuesTold::default() }, 1);
            done(what, &mut state);
            let due = |state: &State| cadence::clock(only(state), &state.playbook.updates);
            let before = due(&state);
            for minutes in 3..6 {
                look(&mut state, told, minutes);
            }
            let ends = matches!(told, Told::Closed | Told::Relabelled) && matches!(what, "nothing" | "declined");
            assert_eq!(only(&state).open(), !ends, "{what}, {told:?}");
            if !ends {
                assert_eq!(due(&state), before, "{what}, {told:?}: the clock runs on");
            }
            let asks = cadence::still_running(only(&state), &state.playbook.updates, at(6));
            let left = !matches!(told, Told::Nothing) && !ends && what != "public";
            assert_eq!(asks.and_then(|asks| asks.issue).is_some(), left, "{what}, {told:?}: it asks");
        }
    }
}

#[test]
fn who_says_that_it_goes_on_is_not_asked_again() {
    let mut state = watching();
    tracker(&mut state, IssuesTold { issues: vec![issue(7, None, 0)], ..IssuesTold::default() }, 1);
    done("decided", &mut state);
    look(&mut state, Told::Relabelled, 3);
    let asks = |state: &State| cadence::still_running(only(state), &state.playbook.updates, at(9)).is_some();
    assert!(asks(&state));
    wish(&mut state, IncidentWish::StillRunning { incident: 1 }, 4);
    look(&mut state, Told::Relabelled, 5);
    assert!(!asks(&state), "once is enough");
    look(&mut state, Told::Closed, 6);
    assert!(asks(&state), "this is news");
}

#[test]
fn an_issue_that_hides_once_is_not_hidden_and_one_that_does_is_no_link_for_customers() {
    let mut state = watching();
    let seen = || IssuesTold { issues: vec![issue(7, None, 0)], ..IssuesTold::default() };
    tracker(&mut state, seen(), 1);
    look(&mut state, Told::NotToBeSeen, 2);
    tracker(&mut state, seen(), 3);
    look(&mut state, Told::NotToBeSeen, 4);
    assert_eq!(only(&state).issue_standing(), Some(IssueStanding::Active), "never twice in a row");
    look(&mut state, Told::NotToBeSeen, 5);
    assert_eq!(only(&state).issue_standing(), Some(IssueStanding::Hidden));
    assert!(only(&state).issue.as_ref().is_some_and(|issue| issue.confidential));
    assert!(only(&state).open(), "that says nothing about the incident");
    tracker(&mut state, seen(), 6);
    assert_eq!(only(&state).issue_standing(), Some(IssueStanding::Active));
    assert!(only(&state).issue.as_ref().is_some_and(|issue| !issue.confidential));
}

#[test]
fn an_issue_that_is_active_again_opens_its_card_and_one_that_is_not_makes_none() {
    let mut state = watching();
    look(&mut state, Told::Relabelled, 1);
    look(&mut state, Told::Closed, 1);
    assert!(state.incidents.is_empty());
    tracker(&mut state, IssuesTold { issues: vec![issue(7, None, 2)], ..IssuesTold::default() }, 2);
    look(&mut state, Told::Relabelled, 3);
    assert!(!only(&state).open());
    tracker(&mut state, IssuesTold { issues: vec![issue(7, None, 4)], ..IssuesTold::default() }, 4);
    assert!(only(&state).open());
}

#[test]
fn issues_of_what_goes_on_are_followed_wherever_they_go() {
    let mut state = watching();
    let both = || BTreeSet::from([7, 8]);
    let issues = vec![issue(7, None, 0), issue(8, None, 0)];
    tracker(&mut state, IssuesTold { issues, ..IssuesTold::default() }, 1);
    wish(&mut state, IncidentWish::Decide { incident: 1, yes: true }, 2);
    look(&mut state, Told::Closed, 3);
    assert_eq!(followed(&state).into_iter().collect::<BTreeSet<_>>(), both(), "it may be opened again");
    wish(&mut state, IncidentWish::End { incident: 1, yes: true }, 4);
    wish(&mut state, IncidentWish::End { incident: 2, yes: true }, 4);
    assert_eq!(followed(&state), [8], "nobody saw it leave: it is asked for until somebody does");
    let gone = IssueSeen { open: false, ..issue(8, None, 5) };
    tracker(&mut state, IssuesTold { issues: vec![gone], ..IssuesTold::default() }, 5);
    assert_eq!(followed(&state), Vec::<u64>::new());
}

#[test]
fn what_the_issue_says_is_shown_suggests_a_phase_and_yields_to_the_users_word() {
    use IssueState::{Active, Mitigated, Resolved};
    use Phase::{Investigating, Monitoring};
    for (says, told, suggests) in [
        (Active, Some(Investigating), None),
        (Mitigated, Some(Investigating), Some(Monitoring)),
        (Mitigated, Some(Monitoring), None),
        (Mitigated, None, None),
        (Resolved, Some(Investigating), Some(Monitoring)),
        (Resolved, Some(Monitoring), Some(Phase::Resolved)),
    ] {
        let mut state = watching();
        let issue = IssueSeen { says: Some(says), ..issue(7, None, 0) };
        tracker(&mut state, IssuesTold { issues: vec![issue], ..IssuesTold::default() }, 1);
        if let Some(phase) = told {
            posts(&mut state, vec![post("p", vec![update(1, phase, LINK)])], 2);
        }
        let card = |state: &State| crate::view::view(state, at(3)).incidents.remove(0);
        assert_eq!((card(&state).state, card(&state).compose.suggests), (Some(says), suggests), "{says:?}, {told:?}");
        let own = Own { state: Some(Active), ..Own::default() };
        wish(&mut state, IncidentWish::Correct { incident: 1, own }, 3);
        assert_eq!((card(&state).state, card(&state).compose.suggests), (Some(Active), None), "the user's word wins");
    }
}

#[test]
fn a_change_of_what_the_labels_say_is_told() {
    let mut state = watching();
    for (says, minutes) in [(IssueState::Active, 0), (IssueState::Mitigated, 1), (IssueState::Mitigated, 2)] {
        let issue = IssueSeen { says: Some(says), ..issue(7, None, minutes) };
        tracker(&mut state, IssuesTold { issues: vec![issue], ..IssuesTold::default() }, minutes);
    }
    let told = only(&state).log.iter().filter(|event| event.what == "The issue says: Mitigated").count();
    assert_eq!(told, 1);
}

#[test]
fn only_an_issue_that_is_over_confirms_that_the_incident_is() {
    let is_confirmed = |issue: IssueSeen| {
        let mut state = watching();
        let stages = crate::stage::tests::stages();
        state.playbook = Arc::new(Playbook { stages, ..(*state.playbook).clone() });
        let seen = IssueSeen { updated_at: at(0), ..issue.clone() };
        let active = IssueSeen { open: true, active: true, says: None, ..seen };
        tracker(&mut state, IssuesTold { issues: vec![active], ..IssuesTold::default() }, 1);
        wish(&mut state, IncidentWish::Decide { incident: 1, yes: true }, 1);
        tracker(&mut state, IssuesTold { issues: vec![issue], ..IssuesTold::default() }, 2);
        only(&state).ticks.contains_key("confirmed")
    };
    let seen = || issue(7, None, 2);
    let says = |says| IssueSeen { active: false, says: Some(says), ..seen() };
    assert!(!is_confirmed(IssueSeen { active: false, ..seen() }), "only its labels are others (H56)");
    assert!(!is_confirmed(says(IssueState::Mitigated)));
    assert!(is_confirmed(says(IssueState::Resolved)));
    assert!(is_confirmed(IssueSeen { open: false, ..seen() }));
}
