//! Who may write: every kind of write against every way of only watching, of not being known, and of being on duty.

use super::*;
use crate::account::TokenPlace;
use crate::draft::{Publication, PublishStage, Text};
use crate::errand::{Errand, ErrandStage};
use crate::feed::{PageKind, SlackHook, StatusPage, Tracker};
use crate::incident::{Incident, IncidentWish, Own};
use crate::job::{Job, JobStage, Task};
use crate::ledger::Tell;
use crate::oncall::OnCallEntry;
use crate::phase::{Impact, Phase};
use crate::shift::{Role, Shift};
use crate::state::Mode;
use crate::state::tests::{at, connected, entry, page};
use crate::step::{Input, step};
use crate::{Command, Fault, FaultKind, Settings};

/// When it is now.
const NOW: i64 = 11;

/// A Herald with everything connected, and one of every kind of write on its way.
fn writing(entries: Vec<OnCallEntry>) -> State {
    let mut state = connected();
    (state.oncall.known_at, state.oncall.entries) = (Some(at(0)), entries);
    let (kind, keychain) = (PageKind::Statuspage, Some(TokenPlace::Keychain));
    let [api_url, feed_url, public_url, page_id] = ["https://a", "https://f", "https://p", "id"].map(str::to_owned);
    state.status_page = Some(StatusPage { kind, api_url, feed_url, public_url, page_id, token: keychain });
    let (base_url, project) = ("https://t".to_owned(), "ops".to_owned());
    state.tracker = Some(Tracker { base_url, project, user: None, token: keychain, can_write: true });
    state.slack = Some(SlackHook { channel: "#incident".into(), token: TokenPlace::Keychain });
    let called = page("P1", 10);
    let task = Task::Acknowledge { page: called.seen.id.clone(), triggered_at: at(10) };
    state.jobs.insert(1, Job { task, stage: JobStage::Running, asked_at: at(NOW) });
    state.pages.insert(called.seen.id.clone(), called);
    let own = Own { title: Some("Sign-in fails".into()), ..Own::default() };
    state.incidents.insert(1, Incident { own, ..Incident::new(at(10)) });
    state.shifts.insert(1, Shift { ended_at: Some(at(10)), ended_by_hand: true, ..shift(Role::OnCall) });
    let text = text("We are looking into it.");
    wish(&mut state, IncidentWish::Write { incident: 1, text: text.clone() });
    let (amends, basis, stage, asked_at) = (None, None, PublishStage::Running, at(NOW));
    state.publications.insert(1, Publication { incident: 1, text, post: None, amends, basis, stage, asked_at });
    let texts = || ("Handover".to_owned(), "Nothing.".to_owned());
    let (title, text) = texts();
    for (id, task) in [
        (1, ErrandTask::LabelIssue { incident: 1, iid: 7, label: "told".into() }),
        (2, ErrandTask::FileHandover { shift: 1, project: "ops".into(), title, text, labels: vec![] }),
        (
            3,
            ErrandTask::TellMaintenance {
                maintenance: 1,
                post: "m".into(),
                tell: Tell::Update,
                text: "On time.".into(),
                muted: [].into(),
                components: [].into(),
            },
        ),
    ] {
        state.errands.insert(id, Errand { task, stage: ErrandStage::Running, asked_at: at(NOW) });
    }
    state
}

fn text(body: &str) -> Text {
    Text {
        title: "Sign-in fails".into(),
        body: body.into(),
        phase: Phase::Investigating,
        impact: Some(Impact::Degraded),
        components: [].into(),
        promise: true,
        muted: [].into(),
    }
}

fn shift(role: Role) -> Shift {
    Shift::new(at(0), None, role, true)
}

fn wish(state: &mut State, wish: IncidentWish) {
    for change in step(state, Input::User(Command::Incident { wish: Box::new(wish) }), at(NOW)) {
        state.apply(&change);
    }
}

const ALL: [(&str, Write); 6] = [
    ("acknowledge", Write::Job(1)),
    ("update", Write::Update(1)),
    ("label", Write::Errand(1)),
    ("handover", Write::Errand(2)),
    ("maintenance", Write::Errand(3)),
    ("I intend to", Write::Intention(1)),
];

/// What may leave.
fn leaves(state: &State) -> Vec<&'static str> {
    ALL.into_iter().filter(|(_, write)| permit(state, *write, at(NOW)).is_ok()).map(|(name, _)| name).collect()
}

const NOTHING: [&str; 0] = [];
const WITHOUT_PAGE: [&str; 5] = ["update", "label", "handover", "maintenance", "I intend to"];

#[test]
fn whoever_only_watches_writes_nothing_of_any_kind_to_anybody() {
    let shadow = || vec![entry("SHADOW", "POLICY", 0, 60)];
    let primary = || vec![entry("PRIMARY", "POLICY", 0, 60)];
    let change = |mut state: State, edit: fn(&mut State)| {
        edit(&mut state);
        state
    };
    for (name, state) in [
        ("schedule", writing(shadow())),
        ("several schedules", writing([shadow(), vec![entry("SHADOW", "OTHER", 0, 60)]].concat())),
        ("switch", change(writing(primary()), |it| it.settings = Settings { shadow: true, ..it.settings.clone() })),
        ("read-only key", change(writing(primary()), |it| it.account.as_mut().expect("connected").read_only = true)),
        ("no rules", change(writing(primary()), |it| it.session.no_rules = true)),
        ("own shift", change(writing(primary()), |it| it.shifts.insert(2, shift(Role::Shadow)))),
        (
            "schedule, with a shift begun by hand as on call",
            change(writing(shadow()), |it| it.shifts.insert(2, shift(Role::OnCall))),
        ),
        (
            "schedule, and PagerDuty not heard for long",
            change(writing(shadow()), |it| {
                it.session.oncall_fault = Some(Fault::new(FaultKind::Timeout, "none"));
                it.oncall.known_at = Some(at(-600));
            }),
        ),
    ] {
        assert_eq!(leaves(&state), NOTHING, "{name}");
        assert!(crate::view::shadowing(&state, at(NOW)).is_some(), "{name}: the banner says so");
        for (kind, write) in ALL {
            let refused = permit(&state, write, at(NOW)).expect_err(kind);
            // Whose a page is must be fresh.
            let unheard = name.ends_with("long") && refused == Refusal::UnknownStanding;
            assert!(
                unheard || matches!(refused, Refusal::Shadow | Refusal::ShadowPublish),
                "{name}, {kind}: {refused:?}"
            );
        }
    }
}

#[test]
fn whoever_cannot_be_told_says_a_word_first() {
    let unknown = || {
        let mut state = writing(vec![]);
        state.oncall.known_at = None;
        state
    };
    assert_eq!(leaves(&unknown()), ["handover"], "nothing is known, but what I was on a shift that I began myself");
    assert_eq!(permit(&unknown(), Write::Update(1), at(NOW)), Err(Refusal::UnknownDuty));
    let nowhere = writing(vec![entry("PRIMARY", "POLICY", 30, 60)]);
    assert_eq!(leaves(&nowhere), ["handover"], "on call nowhere now: only what is left of my shift");
    let two_hats = || writing(vec![entry("SHADOW", "POLICY", 0, 60), entry("PRIMARY", "OTHER", 0, 60)]);
    assert_eq!(leaves(&two_hats()), ["handover"], "a shadow here and on call there");
    let later = OnCallEntry { level: 2, ..entry("MANAGERS", "POLICY", 0, 60) };
    let later = writing(vec![entry("SHADOW", "POLICY", 0, 60), later]);
    assert_eq!(leaves(&later), ["handover"], "a shadow of what is paged first");
    for (name, mut state) in [("nothing known", unknown()), ("nowhere", nowhere.clone()), ("two hats", two_hats())] {
        state.shifts.insert(2, shift(Role::OnCall));
        assert_eq!(leaves(&state), WITHOUT_PAGE, "{name}: a shift begun by hand is my word, but not on a page");
    }
    let mut answered = nowhere.clone();
    let id = answered.jobs[&1].task.page().0.clone();
    answered.pages.get_mut(&id).expect("there").answered_here = true;
    answered.incidents.get_mut(&1).expect("there").pages.insert(id);
    assert_eq!(
        leaves(&answered),
        ["acknowledge", "update", "label", "handover", "I intend to"],
        "I answer a page of that incident; the maintenance has nothing to do with it"
    );
}

#[test]
fn whoever_is_on_call_writes() {
    for (name, entries) in [
        ("on call", vec![entry("PRIMARY", "POLICY", 0, 60)]),
        ("both", vec![entry("SHADOW", "POLICY", 0, 60), entry("PRIMARY", "POLICY", 0, 60)]),
    ] {
        assert_eq!(leaves(&writing(entries)).len(), ALL.len(), "{name}");
    }
    let mut unheard = writing(vec![entry("PRIMARY", "POLICY", 0, 60)]);
    unheard.session.oncall_fault = Some(Fault::new(FaultKind::Timeout, "none"));
    unheard.oncall.known_at = Some(at(-600));
    assert_eq!(
        leaves(&unheard),
        WITHOUT_PAGE,
        "updates go on while PagerDuty is silent; whose a page is must be fresh"
    );
}

/// Without PagerDuty no schedule can make a trainee of me: my own switch and shift say what I am.
#[test]
fn without_pagerduty_my_own_word_counts() {
    let mut state = writing(vec![]);
    (state.account, state.oncall.known_at) = (None, None);
    assert_eq!(leaves(&state), WITHOUT_PAGE);
    state.shifts.insert(2, shift(Role::Shadow));
    assert_eq!(leaves(&state), NOTHING);
}

/// What was begun in a shift is finished for a while after the schedule ended it, and not after I ended it myself.
#[test]
fn a_shift_that_just_ended_overlaps() {
    let ended = |minutes_ago: i64, by_hand: bool| {
        let mut state = writing(vec![]);
        let (ended_at, ended_by_hand) = (Some(at(NOW - minutes_ago)), by_hand);
        let by_schedule =
            Shift { by_hand: false, started_at: at(-600), ended_at, ended_by_hand, ..shift(Role::OnCall) };
        state.shifts.insert(1, by_schedule);
        permit(&state, Write::Update(1), at(NOW)).is_ok()
    };
    for (minutes_ago, by_hand, expected) in
        [(0, false, true), (59, false, true), (60, false, false), (0, true, false), (-30, false, true)]
    {
        assert_eq!(ended(minutes_ago, by_hand), expected, "{minutes_ago} min ago, by hand: {by_hand}");
    }
}

#[test]
fn practice_writes_to_its_own_world_but_takes_no_page_as_a_shadow() {
    let mut state = writing(vec![entry("SHADOW", "POLICY", 0, 60)]);
    state.session.mode = Mode::Practice { scenario: "Shadowing".into() };
    assert_eq!(leaves(&state), WITHOUT_PAGE);
}

#[test]
fn only_what_is_written_down_and_still_stands_gets_a_permit() {
    let primary = || vec![entry("PRIMARY", "POLICY", 0, 60)];
    let state = writing(primary());
    for write in [Write::Job(9), Write::Update(9), Write::Errand(9), Write::Intention(9)] {
        assert!(permit(&state, write, at(NOW)).is_err(), "{write:?}: nobody asked for it");
    }
    let mut anew = writing(primary());
    let id = anew.jobs[&1].task.page().0.clone();
    anew.pages.insert(id, page("P1", 11));
    assert_eq!(permit(&anew, Write::Job(1), at(NOW)), Err(Refusal::Over), "another trigger of the same page");
    let mut full = writing(primary());
    full.session.store_fault = Some("full".into());
    assert_eq!(leaves(&full), NOTHING, "nothing can be saved");
    let given = permit(&state, Write::Update(1), at(NOW)).expect("on call");
    assert_eq!((given.write(), given.from().is_some()), (Write::Update(1), true));
}

/// PagerDuty's silence makes a page nobody's, in the time that three readings take.
#[test]
fn a_page_needs_a_fresh_word() {
    let state = writing(vec![entry("PRIMARY", "POLICY", 0, 60)]);
    for (now, failing, slept, expected, name) in [
        (14, true, false, true, "two readings were missed"),
        (15, true, false, false, "nobody knows whose it is by now"),
        (70, false, false, true, "the clock jumped ahead, and the next reading is on its way"),
        (70, false, true, false, "it was read before the computer slept"),
    ] {
        let mut state = state.clone();
        state.session.oncall_fault = failing.then(|| Fault::new(FaultKind::Timeout, "none"));
        state.session.awake_since = if slept { at(60) } else { state.session.awake_since };
        assert_eq!(permit(&state, Write::Job(1), at(now)).is_ok(), expected, "{name}");
    }
    let mut direct = state;
    let id = direct.jobs[&1].task.page().0.clone();
    std::sync::Arc::make_mut(&mut direct.pages.get_mut(&id).expect("there").seen).via_policy = false;
    assert_eq!(permit(&direct, Write::Job(1), at(NOW)), Err(Refusal::UnknownStanding), "direct assignment");
}
