//! Handing over, as a property: whatever a shift holds, the next Herald takes over the same, once; and no file that
//! somebody made up or broke changes anything or makes it stumble.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta};
use chrono_tz::Tz;
use herald_core::feed::Update;
use herald_core::handover::{self, parcel};
use herald_core::incident::{Incident, Own};
use herald_core::ledger::{Contact, ContactState};
use herald_core::shift::{Role, Shift, ShiftWish};
use herald_core::state::Mode;
use herald_core::{Change, Command, Input, Phase, Session, Severity, State, Time, allowed, step};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

fn at(minute: i64) -> Time {
    DateTime::from_timestamp(1_800_000_000, 0).expect("in range") + TimeDelta::minutes(minute)
}

fn empty() -> State {
    State::new(Arc::new(herald_engine::playbook::default()), Session::new(Mode::Real, Tz::UTC, at(0)))
}

/// Words as people, feeds and foes write them.
fn words() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-zA-Z0-9 ]{1,40}",
        any::<String>(),
        Just("--> <!-- herald-handover {} -->".to_owned()),
        Just("@all /close `x` <b>".to_owned()),
        Just("שלום \u{202E} עולם".to_owned()),
    ]
}

prop_compose! {
    fn incident()(
        title in words(),
        iid in option::of(1_u64..50),
        im in option::of(words()),
        s1 in any::<bool>(),
        told in option::of((1_i64..400, words(), option::of(1_i64..120))),
        decided in option::of(1_i64..400),
    ) -> Incident {
        let last = told.clone().map(|(minute, text, _)| {
            Update { at: at(minute), phase: Some(Phase::Identified), impact: None, text, mine: true }
        });
        let promised = told.and_then(|(minute, _, promised)| Some(at(minute + promised?)));
        let promise = promised.zip(last.clone()).map(|(due_at, last)| {
            herald_core::incident::Promise { due_at, made_at: last.at, made_by: Some(last), confirmed_at: None }
        });
        Incident {
            own: Own {
                title: Some(title),
                severity: s1.then_some(Severity::S1),
                issue_url: iid.map(|iid| format!("https://gl.example/ops/-/issues/{iid}")),
                im,
                ..Own::default()
            },
            decided_at: decided.map(at),
            promise,
            updates: last.into_iter().collect(),
            ..Incident::new(at(0))
        }
    }
}

prop_compose! {
    fn shift()(incidents in vec(incident(), 0..4), asked in vec((0_i64..400, words(), words()), 0..4), notes in words()) -> State {
        let mut state = empty();
        let mut shift = Shift::new(at(0), Some(at(480)), Role::OnCall, false);
        shift.handover.notes = notes;
        state.apply(&Change::Shift(1, Box::new(shift)));
        for (id, incident) in (1..).zip(incidents) {
            state.apply(&Change::Incident(id, Box::new(incident)));
        }
        for (id, (minute, asked_by, what)) in (1..).zip(asked) {
            let contact = Contact { asked_at: at(minute), asked_by, what, ticket: None, owner: None, state: ContactState::Open, earlier: vec![], state_at: at(minute) };
            state.apply(&Change::Contact(id, Box::new(contact)));
        }
        state
    }
}

/// What this Herald would hand over itself.
fn parcel_of(state: &State) -> parcel::Parcel {
    parcel::pack(state, state.shifts.get(&1))
}

fn import(state: &mut State, markdown: &str) -> Vec<Change> {
    let wish = Box::new(ShiftWish::Import { markdown: markdown.to_owned() });
    let changes = step(state, Input::User(Command::Shift { wish }), at(490));
    changes.iter().for_each(|change| state.apply(change));
    changes
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, rng_seed: RngSeed::Fixed(1), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_handed_over_is_taken_over_once(state in shift()) {
        let text = handover::written(&state, &state.shifts[&1]);
        let markdown = handover::markdown(&state, state.shifts.get(&1), &text);
        let packed = parcel_of(&state);
        let read = parcel::read(&markdown, at(490));
        prop_assert_eq!(read.as_ref(), Ok(&packed), "what is read is what was packed");

        let mut next = empty();
        import(&mut next, &markdown);
        let again = import(&mut next, &markdown);
        prop_assert_eq!(again, vec![], "twice changes nothing");

        let taken = parcel_of(&next);
        prop_assert!(taken.contacts.len() <= packed.contacts.len());
        for passed in &packed.incidents {
            let same = taken.incidents.iter().any(|it| it.title == passed.title || (it.iid().is_some() && it.iid() == passed.iid()));
            prop_assert!(same, "{:?} is missing in {:?}", passed, taken.incidents);
        }
        if let [passed] = packed.incidents.as_slice() {
            let it = &taken.incidents[0];
            prop_assert_eq!((&it.last, it.promised, it.decided_at), (&passed.last, passed.promised, passed.decided_at));
            prop_assert_eq!((&it.im, it.severity, &it.issue_url), (&passed.im, passed.severity, &passed.issue_url));
        }
    }

    #[test]
    fn broken_files_are_refused_or_read_but_never_half_taken(state in shift(), cut in 0_usize..4000, put in any::<String>()) {
        let text = handover::written(&state, &state.shifts[&1]);
        let mut markdown = handover::markdown(&state, state.shifts.get(&1), &text);
        let place = markdown.floor_char_boundary(cut.min(markdown.len()));
        markdown.insert_str(place, &put);
        for damaged in [markdown.clone(), markdown[..place].to_owned(), put] {
            let wish = Box::new(ShiftWish::Import { markdown: damaged.clone() });
            let refused = allowed(&empty(), &Command::Shift { wish }, at(490)).is_err();
            let mut next = empty();
            let changes = import(&mut next, &damaged);
            prop_assert!(!refused || changes.is_empty(), "{:?}", changes);
        }
    }
}
