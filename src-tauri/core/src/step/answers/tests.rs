//! When a refusal of the key is believed, and that it is never the end of the watch.

use chrono::TimeDelta;

use super::*;
use crate::state::State;
use crate::state::tests::at;
use crate::step::tests::watching;
use crate::step::{Input, step};
use crate::{Action, Command, due};

fn put(state: &mut State, input: Input, second: i64) {
    for change in step(state, input, at(0) + TimeDelta::seconds(second)) {
        state.apply(&change);
    }
}

fn fails(state: &mut State, kind: FaultKind, second: i64) {
    put(state, Input::Polled { result: Err(Fault::new(kind, "HTTP")), jitter: 0.0 }, second);
}

fn answers(state: &mut State, second: i64) {
    let asked_at = at(0) + TimeDelta::seconds(second);
    let snapshot = Snapshot { asked_at, pages: vec![], skipped: 0, complete: true, pause_until: None };
    put(state, Input::Polled { result: Ok(snapshot), jitter: 0.0 }, second);
}

fn polls(state: &State, second: i64) -> bool {
    due(state, at(0) + TimeDelta::seconds(second)).contains(&Action::Poll(SourceName::PagerDuty))
}

fn refused(state: &State) -> bool {
    state.sources[SourceName::PagerDuty].key_refused
}

/// A Herald whose key is refused, half a minute after the start.
fn locked_out() -> State {
    let mut state = watching();
    fails(&mut state, FaultKind::Unauthorized, 0);
    fails(&mut state, FaultKind::Unauthorized, 30);
    state
}

#[test]
fn a_refusal_is_believed_when_it_lasts() {
    use FaultKind::{Timeout, Unauthorized};
    for (name, failures, expected) in [
        ("once", vec![(Unauthorized, 0)], false),
        ("twice within a moment", vec![(Unauthorized, 0), (Unauthorized, 1), (Unauthorized, 29)], false),
        ("half a minute", vec![(Unauthorized, 0), (Unauthorized, 1), (Unauthorized, 30)], true),
        ("something else between", vec![(Unauthorized, 0), (Timeout, 10), (Unauthorized, 30)], false),
        ("something else later", vec![(Unauthorized, 0), (Unauthorized, 30), (Timeout, 300)], true),
    ] {
        let mut state = watching();
        failures.into_iter().for_each(|(kind, second)| fails(&mut state, kind, second));
        assert_eq!(refused(&state), expected, "{name}");
    }
}

#[test]
fn a_refused_key_is_tried_again_now_and_then_and_at_once_when_something_changes() {
    let retry = 30 + poll::REFUSED_RETRY.num_seconds();
    let state = locked_out();
    assert!((31..retry).all(|second| {
        due(&state, at(0) + TimeDelta::seconds(second))
            .iter()
            .all(|it| *it != Action::Poll(SourceName::PagerDuty) && *it != Action::ReadOnCall)
    }));
    assert!(polls(&state, retry), "tried again by itself");
    for (name, input) in [("waking", Input::Woke), ("the user", Input::User(Command::PollNow))] {
        let mut state = locked_out();
        put(&mut state, input, 60);
        assert!(polls(&state, 60) && refused(&state), "{name}");
        fails(&mut state, FaultKind::Unauthorized, 61);
        assert!(refused(&state) && !polls(&state, 120), "{name}: no storm");
    }
    let mut state = locked_out();
    answers(&mut state, retry);
    assert!(!refused(&state) && polls(&state, retry + 60), "a good answer clears it");
    let mut state = locked_out();
    put(&mut state, Input::Woke, 600);
    fails(&mut state, FaultKind::Unreachable, 601);
    assert!(polls(&state, 603), "a network that is not there yet is not waited for long");
}

#[test]
fn what_is_read_without_a_key_refuses_none() {
    let mut state = watching();
    for second in [0, 40, 80] {
        let refused = || Fault::new(FaultKind::Unauthorized, "HTTP 401");
        put(&mut state, Input::PostsRead { result: Err(refused()), jitter: 0.0 }, second);
        put(&mut state, Input::IssuesRead { result: Err(refused()), jitter: 0.0 }, second);
    }
    for source in [SourceName::StatusPage, SourceName::Tracker] {
        assert!(!state.sources[source].key_refused && state.session.watch[source].fault.is_some(), "{source}");
    }
}
