//! The composer's view: whatever is in a draft, it can be drawn, because a draft outlives every restart.

use super::*;
use crate::draft::BYTES_MAX;
use crate::feed::{Found, IssueSeen, Tracker};
use crate::incident::Own;
use crate::post::READ_MAX;
use crate::post::lint::{LintRule, Weight};
use crate::state::tests::{at, on_duty};
use crate::step::{Input, step};

const ISSUE: &str = "https://tracker.quillbrook.example/issues/7";

fn writing(body: &str) -> State {
    let mut state = on_duty();
    let own = Own { title: Some("Sign-in fails".into()), issue_url: Some(ISSUE.into()), ..Own::default() };
    wish(&mut state, IncidentWish::Open { own, page: None });
    wish(&mut state, IncidentWish::Write { incident: 1, text: text(body) });
    state
}

fn text(body: &str) -> Text {
    Text {
        title: "Sign-in fails".into(),
        body: body.into(),
        phase: Phase::Investigating,
        impact: None,
        components: BTreeSet::new(),
        promise: true,
        muted: BTreeSet::new(),
    }
}

fn wish(state: &mut State, wish: IncidentWish) {
    for change in step(state, Input::User(Command::Incident { wish: Box::new(wish) }), at(0)) {
        state.apply(&change);
    }
}

fn composed(body: &str) -> Compose {
    let state = writing(body);
    compose(&state, 1, &state.incidents[&1], at(0))
}

#[test]
fn a_time_of_day_beside_a_fix_does_not_end_herald() {
    for body in ["Since 13:05 UTC sign-in fails.", "Next update at 14:30 UTC", "We look again at 3pm", "Since 00:01"] {
        let composed = composed(body);
        let fixed: Vec<_> = composed.lints.iter().filter_map(|lint| lint.fixed.as_ref()).collect();
        assert!(fixed.iter().any(|fixed| fixed.body == format!("{body} {ISSUE}")), "{body:?}: {fixed:?}");
    }
}

#[test]
fn a_fix_keeps_the_promise_that_the_text_still_makes() {
    for (body, promises) in [("We look. Next update at 00:30 UTC.", true), ("We look.", false)] {
        let composed = composed(body);
        let fixed = composed.lints.iter().find_map(|lint| lint.fixed.as_ref()).expect("the link is missing");
        assert_eq!(fixed.promise, promises, "{body:?}");
    }
}

#[test]
fn whatever_is_half_typed_can_be_drawn() {
    let nasty = "İn 1h30m99 … next update — in 99999999999999 min, by 23:59 UTC or 0 pm, at 25:99 :: 👨‍👩‍👧‍👦 {link} {{x \u{0}\u{202E} \
                 http:// https://ß.de/ẞ。次 é.com 14:30Z half an hour and a now just very 12am update at 00:00";
    let state = writing("");
    let mut incident = state.incidents[&1].clone();
    for phase in Phase::ALL {
        incident.own.issue_url = (phase != Phase::Monitoring).then(|| ISSUE.to_owned());
        for (at_byte, _) in nasty.char_indices() {
            for body in [&nasty[..at_byte], &nasty[at_byte..]] {
                let mut state = writing("");
                let text = Text { phase, title: body.into(), ..text(body) };
                wish(&mut state, IncidentWish::Write { incident: 1, text });
                let composed = compose(&state, 1, &incident, at(0));
                assert!(composed.meters.total.used > 0 || body.is_empty(), "{body:?} weighs nothing");
            }
        }
    }
}

#[test]
fn a_log_that_was_pasted_is_kept_but_not_read() {
    let log = "now 13:05 https://a.example/1 next update in just 30 minutes ".repeat(BYTES_MAX / 70);
    let composed = composed(&log);
    assert_eq!(composed.text.body, log, "every word of it is there");
    let blocks: Vec<_> = composed.lints.iter().map(|it| (it.lint.rule, it.lint.weight, it.fixed.is_some())).collect();
    let expected = [(LintRule::ImpactMissing, Weight::Block, false), (LintRule::TooLong, Weight::Block, false)];
    assert_eq!((blocks.as_slice(), composed.promise), (expected.as_slice(), None));
}

#[test]
fn what_is_read_ends_at_its_limit() {
    let promise = "Next update in 30 minutes.";
    let filled = |length: usize| format!("{}{promise}", "- ".repeat((length - promise.len()) / 2));
    assert!(composed(&filled(READ_MAX)).promise.is_some());
    assert!(composed(&filled(READ_MAX + 2)).promise.is_none());
}

#[test]
fn more_than_is_kept_is_refused() {
    let state = writing("");
    let may = |wish| allowed(&state, &Command::Incident { wish: Box::new(wish) }, at(0));
    let title = text("").title.len();
    for (length, expected) in [(BYTES_MAX - title, Ok(())), (BYTES_MAX - title + 1, Err(Refusal::TooMuch))] {
        let text = text(&"x".repeat(length));
        assert_eq!(may(IncidentWish::Write { incident: 1, text: text.clone() }), expected);
        assert_eq!(may(IncidentWish::PostedByHand { incident: 1, text, at: at(0) }), expected);
    }
}

#[test]
fn no_confidential_issue_is_linked_whoever_s_it_is() {
    for (linked, expected) in [
        ("https://tracker.quillbrook.example/g/p/-/issues/9", Some(LintRule::Confidential)),
        ("https://tracker.quillbrook.example/g/p/-/incidents/9", Some(LintRule::Confidential)),
        ("https://tracker.quillbrook.example/g/p/-/issues/90", None),
    ] {
        let mut state = writing(&format!("We look. {linked}"));
        let mut other = Incident::new(at(0));
        other.issue = Some(issue(true));
        state.incidents.insert(2, other);
        let composed = compose(&state, 1, &state.incidents[&1], at(0));
        let found = composed.lints.iter().map(|it| it.lint.rule).find(|rule| *rule == LintRule::Confidential);
        assert_eq!(found, expected, "{linked}");
    }
}

#[test]
fn an_issue_that_nobody_has_seen_is_looked_at_first() {
    for (watched, shown, expected) in [(false, false, false), (true, false, true), (true, true, false)] {
        let mut state = writing(&format!("We look. {SEEN}"));
        state.incidents.get_mut(&1).expect("there").own.issue_url = Some(SEEN.into());
        state.incidents.get_mut(&1).expect("there").issue = shown.then(|| issue(false));
        state.tracker = watched.then(tracker);
        let composed = compose(&state, 1, &state.incidents[&1], at(0));
        let found = composed.lints.iter().any(|it| it.lint.rule == LintRule::IssueUnseen);
        assert_eq!(found, expected, "watched: {watched}, shown: {shown}");
    }
}

const SEEN: &str = "https://tracker.quillbrook.example/g/p/-/issues/9";

fn issue(confidential: bool) -> IssueSeen {
    IssueSeen {
        iid: 9,
        url: SEEN.into(),
        title: "Another".into(),
        severity: None,
        open: true,
        active: true,
        says: None,
        labels: vec![],
        confidential,
        found: Found::default(),
        created_at: at(0),
        updated_at: at(0),
    }
}

fn tracker() -> Tracker {
    Tracker { base_url: String::new(), project: "g/p".into(), user: None, token: None, can_write: false }
}
