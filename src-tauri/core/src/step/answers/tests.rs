//! When a refusal of the key is believed, and that it is never the end of the watch.

use chrono::TimeDelta;

use super::*;
use crate::page::{Asked, Field, Named};
use crate::state::State;
use crate::state::tests::{at, seen as triggered};
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
    let snapshot = Snapshot::of(asked_at, vec![]);
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

// ---- which page it is ----

/// What an answer shows of `P1`, by minutes.
fn shown(status: PageStatus, version: i64) -> SeenPage {
    SeenPage { status, version: at(version), created_at: at(0), triggered_at: at(0), ..triggered("P1", 0) }
}

fn logged(trigger: i64, version: i64) -> SeenPage {
    let told = Told { by_log: true, ..Told::default() };
    SeenPage { triggered_at: at(trigger), told, ..shown(PageStatus::Triggered, version) }
}

fn poll(state: &mut State, seen: SeenPage, minute: i64) {
    let snapshot = Snapshot::of(at(minute), vec![seen]);
    for change in step(state, Input::Polled { result: Ok(snapshot), jitter: 0.0 }, at(minute)) {
        state.apply(&change);
    }
}

/// PagerDuty moves `last_status_change_at` with every touch while a page calls (PagerDuty REST OpenAPI, schema Incident).
#[test]
fn a_touched_page_is_the_same_page() {
    use PageStatus::{Acknowledged, Closed, Triggered};
    for (name, answers, expected) in [
        ("touched", vec![shown(Triggered, 0), shown(Triggered, 3), shown(Triggered, 5)], vec![0, 0, 0]),
        ("touched, as its log says, too", vec![shown(Triggered, 0), logged(0, 3)], vec![0, 0]),
        ("touched before Herald saw it", vec![logged(0, 4), shown(Triggered, 4)], vec![0, 0]),
        ("taken and triggered again, between two answers", vec![shown(Triggered, 0), logged(4, 5)], vec![0, 4]),
        (
            "the same, and its log cannot be read at first",
            vec![shown(Triggered, 0), shown(Triggered, 5), logged(4, 5)],
            vec![0, 0, 4],
        ),
        ("the same, before Herald saw it", vec![logged(4, 5)], vec![4]),
        (
            "taken, and its time was over",
            vec![shown(Triggered, 0), shown(Acknowledged, 2), logged(4, 5)],
            vec![0, 0, 4],
        ),
        (
            "the same without its log",
            vec![shown(Triggered, 0), shown(Acknowledged, 2), shown(Triggered, 5)],
            vec![0, 0, 5],
        ),
        (
            "closed and opened again",
            vec![shown(Triggered, 0), shown(Closed, 2), logged(4, 4), shown(Triggered, 9)],
            vec![0, 0, 4, 4],
        ),
        (
            "given to others and back",
            vec![shown(Triggered, 0), SeenPage { assigned_at: None, ..shown(Triggered, 2) }, logged(0, 4)],
            vec![0, 0, 0],
        ),
    ] {
        let mut state = watching();
        for (minute, (seen, expected)) in (1..).zip(answers.into_iter().zip(expected)) {
            let calls = seen.status == Triggered && seen.assigned_at.is_some();
            poll(&mut state, seen, minute);
            let page = state.pages.values().next().expect("known");
            assert_eq!(page.seen.triggered_at, at(expected), "{name}, answer {minute}");
            let key = AlarmKey::Page { page: page.seen.id.clone(), triggered_at: at(expected) };
            assert_eq!(state.alarms.get(&key).is_some_and(|alarm| !alarm.ending), calls, "{name}, answer {minute}");
        }
    }
}

#[test]
fn a_touch_starts_no_alarm_over_and_leaves_the_permit() {
    let mut state = watching();
    state.oncall.known_at = Some(at(0));
    state.oncall.entries = vec![crate::state::tests::entry("PRIMARY", "POLICY", 0, 60)];
    poll(&mut state, shown(PageStatus::Triggered, 0), 1);
    let key = AlarmKey::Page { page: PageId::new("P1"), triggered_at: at(0) };
    put(&mut state, Input::RoundStarted(vec![key.clone()]), 60);
    let before = state.alarms[&key].clone();
    assert_eq!(before.rounds, 1);
    poll(&mut state, shown(PageStatus::Triggered, 2), 2);
    assert_eq!(state.alarms[&key], before, "its clock and its alarm go on");
    assert!(may(&state, at(0), at(2)), "and it can be taken");
    poll(&mut state, logged(3, 3), 3);
    assert!(!may(&state, at(0), at(3)), "that trigger is over");
    assert!(may(&state, at(3), at(3)));
}

/// A Herald that took the last touch for the trigger wrote that down; the page that it knew stays the same.
#[test]
fn a_page_that_an_older_herald_knew_is_the_same() {
    let mut state = watching();
    let known = SeenPage { triggered_at: at(3), ..shown(PageStatus::Triggered, 3) };
    state.apply(&Change::Page(Box::new(Page::new(known, at(3)))));
    for (seen, expected) in [(logged(0, 6), 3), (shown(PageStatus::Triggered, 7), 3), (logged(8, 9), 8)] {
        poll(&mut state, seen, 10);
        assert_eq!(state.pages.values().next().expect("known").seen.triggered_at, at(expected));
    }
}

#[test]
fn an_answer_without_a_status_takes_and_triggers_nothing() {
    let lacking = |status, fields: &[Field]| {
        let told = Told { lacks: fields.iter().copied().collect(), ..Told::default() };
        SeenPage { told, ..shown(status, 0) }
    };
    let mut state = watching();
    let call = SeenPage { call_url: Some("https://call.example".into()), ..shown(PageStatus::Acknowledged, 4) };
    poll(&mut state, call, 1);
    let fields = [Field::Status, Field::Version, Field::Call, Field::Assignments];
    poll(&mut state, SeenPage { assigned_at: None, ..lacking(PageStatus::Triggered, &fields) }, 2);
    let page = state.pages.values().next().expect("known");
    assert_eq!((page.seen.status, page.open()), (PageStatus::Acknowledged, true));
    assert_eq!((page.seen.call_url.as_deref(), page.seen.version), (Some("https://call.example"), at(4)));
}

// ---- requests to help ----

fn asks(state: AskedState, asked: i64, version: i64) -> SeenPage {
    let asked = Asked { by: Some("Dana".into()), at: at(asked), message: Some("Please help".into()), state };
    let others = vec!["Dana".to_owned()];
    SeenPage { assigned_at: None, others, asked: Some(asked), ..shown(PageStatus::Acknowledged, version) }
}

#[test]
fn a_request_to_help_calls_until_it_is_answered() {
    for (how, expected) in
        [(AskedState::Joined, Some(at(3))), (AskedState::Declined, Some(at(3))), (AskedState::Withdrawn, None)]
    {
        let mut state = watching();
        state.oncall.known_at = Some(at(0));
        state.oncall.entries = vec![crate::state::tests::entry("PRIMARY", "POLICY", 0, 60)];
        poll(&mut state, asks(AskedState::Pending, 1, 1), 1);
        let key = AlarmKey::Page { page: PageId::new("P1"), triggered_at: at(1) };
        assert!(state.alarms.contains_key(&key), "whoever has it");
        assert_eq!(crate::tray::sign(&state, at(1)), crate::tray::Sign::Page);
        let words = crate::alarm::announcement(&state, &key, &state.alarms[&key], at(1));
        assert!(words.title.starts_with("Asked to help") && words.body.contains("Dana"), "{words:?}");
        let page = &state.pages[&PageId::new("P1")];
        assert_eq!(standing(&state, page, at(1)), Standing::Asked);
        for command in [
            Command::Acknowledge { page: PageId::new("P1"), triggered_at: at(1) },
            Command::ClosePage { page: PageId::new("P1"), triggered_at: at(1), note: None },
            Command::AnswerHere { page: PageId::new("P1"), triggered_at: at(1) },
        ] {
            assert_eq!(crate::allowed(&state, &command, at(1)), Err(crate::Refusal::AskedOnly), "{command:?}");
        }
        assert!(!may(&state, at(1), at(1)), "nothing is written");
        poll(&mut state, asks(how, 1, 3), 3);
        let page = &state.pages[&PageId::new("P1")];
        assert_eq!(page.gone, Some((Gone::Answered { how }, at(3))));
        assert_eq!(page.answered_at, expected, "{how:?}");
        assert!(state.alarms.get(&key).is_none_or(|alarm| alarm.ending), "and is taken away");
        poll(&mut state, asks(AskedState::Pending, 5, 5), 5);
        assert!(state.pages[&PageId::new("P1")].calls(), "another request is another call");
    }
}

#[test]
fn what_asks_me_and_then_is_mine_calls_anew() {
    let mut state = watching();
    poll(&mut state, asks(AskedState::Pending, 1, 1), 1);
    poll(&mut state, logged(2, 3), 3);
    let page = &state.pages[&PageId::new("P1")];
    assert_eq!((page.seen.triggered_at, page.calls()), (at(2), true), "given to me");
    let mine = SeenPage { assigned_at: Some(at(2)), ..asks(AskedState::Pending, 1, 4) };
    poll(&mut state, mine, 4);
    assert!(state.pages[&PageId::new("P1")].calls(), "taken by another, and I am still asked");
}

#[test]
fn requests_that_could_not_be_looked_for_are_not_gone() {
    let mut state = watching();
    poll(&mut state, asks(AskedState::Pending, 1, 1), 1);
    for second in [120, 180, 240] {
        let snapshot = Snapshot { requests_complete: false, ..Snapshot::of(at(second / 60), vec![]) };
        put(&mut state, Input::Polled { result: Ok(snapshot), jitter: 0.0 }, second);
    }
    assert!(state.pages[&PageId::new("P1")].calls());
}

// ---- lists that end badly ----

#[test]
fn what_was_read_before_a_list_failed_counts_and_calm_does_not() {
    let mut state = watching();
    answers(&mut state, 0);
    let good = state.last_good_at(SourceName::PagerDuty);
    let fault = Fault::new(FaultKind::Broken, "the list contradicts itself");
    let part = || Snapshot {
        complete: false,
        requests_complete: false,
        fault: Some(fault.clone()),
        ..Snapshot::of(at(1), vec![shown(PageStatus::Triggered, 1)])
    };
    put(&mut state, Input::Polled { result: Ok(part()), jitter: 0.0 }, 60);
    assert!(state.pages[&PageId::new("P1")].calls(), "the page is announced");
    assert_eq!(state.last_good_at(SourceName::PagerDuty), good, "and the answer is none");
    for second in 61..200 {
        put(&mut state, Input::Polled { result: Ok(Snapshot { pages: vec![], ..part() }), jitter: 0.0 }, second);
    }
    assert!(state.pages[&PageId::new("P1")].calls(), "absence in it means nothing");
    assert!(poll::stale(&state, SourceName::PagerDuty, at(0) + TimeDelta::seconds(200)), "and it never is calm");
}

#[test]
fn a_page_that_was_merged_away_says_so_and_is_withdrawn() {
    let mut state = watching();
    poll(&mut state, shown(PageStatus::Triggered, 0), 1);
    let merged = SeenPage { merged_into: Some("[#6] Mail".into()), ..shown(PageStatus::Closed, 2) };
    poll(&mut state, SeenPage { assigned_at: None, ..merged }, 2);
    let page = &state.pages[&PageId::new("P1")];
    assert_eq!(page.gone, Some((Gone::Merged { into: "[#6] Mail".into() }, at(2))));
    let key = AlarmKey::Page { page: PageId::new("P1"), triggered_at: at(0) };
    assert!(!page.calls() && state.alarms.get(&key).is_none_or(|alarm| alarm.ending));
}

/// Between the wish and the write the page is looked at once more: whatever matters has to be as it was.
#[test]
fn nothing_is_written_about_a_page_that_changed() {
    use crate::job::{Task, still_stands};
    let known = shown(PageStatus::Triggered, 1);
    let taken = shown(PageStatus::Acknowledged, 1);
    let acknowledge = Task::Acknowledge { page: PageId::new("P1"), triggered_at: at(0) };
    let close = Task::Close { page: PageId::new("P1"), triggered_at: at(0), note: None };
    let policy = Some(Named { id: "OTHER".into(), name: "Other".into() });
    for (name, task, known, seen, expected) in [
        ("as it was", &acknowledge, &known, known.clone(), true),
        ("touched", &acknowledge, &known, shown(PageStatus::Triggered, 3), true),
        ("touched, as its log says", &acknowledge, &known, logged(0, 3), true),
        (
            "given to somebody else",
            &acknowledge,
            &known,
            SeenPage { assigned_at: None, ..shown(PageStatus::Triggered, 3) },
            false,
        ),
        ("through another policy", &acknowledge, &known, SeenPage { policy, ..shown(PageStatus::Triggered, 3) }, false),
        ("by hand", &acknowledge, &known, SeenPage { via_policy: false, ..shown(PageStatus::Triggered, 3) }, false),
        ("triggered anew", &acknowledge, &known, logged(2, 3), false),
        ("taken", &acknowledge, &known, shown(PageStatus::Acknowledged, 3), false),
        ("closed", &acknowledge, &known, shown(PageStatus::Closed, 3), false),
        ("closing what is taken", &close, &taken, shown(PageStatus::Acknowledged, 3), true),
        (
            "closing what somebody else has",
            &close,
            &taken,
            SeenPage { assigned_at: None, ..shown(PageStatus::Acknowledged, 3) },
            false,
        ),
        ("closing what calls again", &close, &taken, shown(PageStatus::Triggered, 3), false),
        ("closing what is closed", &close, &taken, shown(PageStatus::Closed, 3), false),
    ] {
        assert_eq!(still_stands(task, known, &seen), expected, "{name}");
    }
}

/// Whether something may be written about this trigger of the page.
fn may(state: &State, triggered_at: crate::Time, now: crate::Time) -> bool {
    let page = &state.pages[&PageId::new("P1")];
    let about = crate::permit::About::Page(page);
    page.open() && page.seen.triggered_at == triggered_at && crate::permit::may_write(state, about, now).is_ok()
}
