//! Stories of what travels from one Herald to the next, and back.

use crate::Time;
use crate::command::{Command, Refusal, allowed};
use crate::handover::parcel::{self, Parcel, Passed};
use crate::incident::{By, Incident, IncidentWish, Own};
use crate::ledger::{ContactState, ContactText, Deed, LedgerWish, Maintenance, Plan};
use crate::shift::ShiftWish;
use crate::stage::{Tick, TickSays};
use crate::state::State;
use crate::state::tests::{at, connected};
use crate::step::{Input, step};

const ISSUE: &str = "https://tracker.quillbrook.example/ops/-/issues/7";

fn put(state: &mut State, command: Command, minute: i64) {
    for change in step(state, Input::User(command), at(minute)) {
        state.apply(&change);
    }
}

fn ledger(state: &mut State, wish: LedgerWish, minute: i64) {
    put(state, Command::Ledger { wish: Box::new(wish) }, minute);
}

/// Hands over everything that `from` has to `to`, as the comment at the end of a handover.
fn hand_over(from: &State, to: &mut State, minute: i64) {
    take(to, &parcel::pack(from, None), minute);
}

fn take(to: &mut State, parcel: &Parcel, minute: i64) {
    put(to, Command::Shift { wish: Box::new(ShiftWish::Import { markdown: parcel::write(parcel) }) }, minute);
}

fn plan() -> Plan {
    Plan {
        title: "Database upgrade".into(),
        details: "Reads only.".into(),
        issue_url: None,
        starts_at: at(100),
        ends_at: at(200),
        components: std::collections::BTreeSet::new(),
        automation: true,
        reminds: true,
    }
}

/// The id of a task of this stage that Herald does not tick by itself.
fn task_of(state: &State, stage: crate::stage::Stage) -> String {
    let tasks = state.playbook.stages.iter().filter(|it| it.id == stage).flat_map(|it| &it.tasks);
    tasks.map(|it| it.id.clone()).next().expect("a task")
}

#[test]
fn ticks_of_an_earlier_round_stay_behind() {
    let mut before = connected();
    let (old, new) = (task_of(&before, crate::stage::Stage::Monitor), task_of(&before, crate::stage::Stage::Engage));
    let own = Own { title: Some("Pushes time out".into()), issue_url: Some(ISSUE.into()), ..Own::default() };
    let mut incident = Incident { own, ..Incident::new(at(0)) };
    let says = TickSays::Skipped { reason: "nobody is there".into() };
    incident.ticks.insert(old.clone(), Tick { at: at(10), by: By::Me, saw: String::new(), says: TickSays::Done });
    incident.ticks.insert(new.clone(), Tick { at: at(11), by: By::Me, saw: String::new(), says: says.clone() });
    before.incidents.insert(1, incident);
    put(&mut before, Command::Incident { wish: Box::new(IncidentWish::Recurred { incident: 1, yes: true }) }, 20);
    let mut after = connected();
    hand_over(&before, &mut after, 30);
    let it = &after.incidents[&1];
    assert_eq!(it.recurred_at, Some(at(20)));
    assert!(!it.ticks.contains_key(&old), "of the round before: {:?}", it.ticks);
    assert_eq!(
        it.ticks[&new],
        Tick { at: at(11), by: By::Others, saw: String::new(), says },
        "with its own time and words"
    );
}

#[test]
fn a_parcel_that_tells_no_times_is_read_all_the_same() {
    let mut after = connected();
    let incident = Passed { title: "Pushes time out".into(), ticked: vec!["join".into()], ..Passed::default() };
    take(&mut after, &Parcel { version: 1, incidents: vec![incident], ..Parcel::default() }, 30);
    assert_eq!(
        after.incidents[&1].ticks["join"],
        Tick { at: at(30), by: By::Others, saw: String::new(), says: TickSays::Done }
    );
}

#[test]
fn what_went_round_is_open_again() {
    let (mut a, mut b) = (connected(), connected());
    let contact = ContactText { asked_by: "Priya".into(), what: "Tell the users".into(), ticket: None, owner: None };
    ledger(&mut a, LedgerWish::AddContact { contact }, 0);
    hand_over(&a, &mut b, 10);
    ledger(&mut a, LedgerWish::MoveContact { id: 1, to: ContactState::HandedOver }, 11);
    hand_over(&b, &mut a, 20);
    assert_eq!(a.contacts.values().map(|it| it.state).collect::<Vec<_>>(), [ContactState::Open]);
    ledger(&mut a, LedgerWish::MoveContact { id: 1, to: ContactState::Done }, 21);
    hand_over(&b, &mut a, 22);
    assert_eq!(a.contacts[&1].state, ContactState::Done, "what was done stays done");
}

#[test]
fn maintenance_that_both_know_is_one_with_what_both_did() {
    let (mut a, mut b) = (connected(), connected());
    for state in [&mut a, &mut b] {
        ledger(state, LedgerWish::AddMaintenance { plan: plan() }, 0);
    }
    ledger(&mut a, LedgerWish::ByHand { id: 1, deed: Deed::AutomationOff }, 110);
    ledger(&mut a, LedgerWish::ByHand { id: 1, deed: Deed::Started }, 111);
    ledger(&mut a, LedgerWish::Amplified { id: 1, by: None }, 112);
    hand_over(&a, &mut b, 120);
    let told = |it: &Maintenance| (it.plan.automation, it.started_at, it.amplified_at);
    assert_eq!(b.maintenances.len(), 1);
    assert_eq!(told(&b.maintenances[&1]), (false, Some(at(111)), Some(at(112))));
    let held = b.clone();
    hand_over(&a, &mut b, 121);
    assert_eq!(b.maintenances, held.maintenances, "twice changes nothing");
}

#[test]
fn times_of_other_ages_do_not_come_in() {
    let mut state = connected();
    for (starts_at, ends_at) in
        [(Time::MIN_UTC, at(0)), (at(0), Time::MAX_UTC), (Time::MAX_UTC, Time::MIN_UTC), (at(10), at(0))]
    {
        let plan = Plan { starts_at, ends_at, ..plan() };
        let wish = LedgerWish::AddMaintenance { plan: plan.clone() };
        let refused = allowed(&state, &Command::Ledger { wish: Box::new(wish) }, at(0));
        assert!(matches!(refused, Err(Refusal::FarOff | Refusal::EndsFirst)), "{starts_at} to {ends_at}");
        let parcel = Parcel { version: 1, maintenances: vec![Maintenance::new(plan, at(0))], ..Parcel::default() };
        take(&mut state, &parcel, 0);
    }
    assert_eq!(state.maintenances.len(), 0);
    let incident = Passed { title: "x".into(), since: Some(Time::MIN_UTC), ..Passed::default() };
    take(&mut state, &Parcel { version: 1, incidents: vec![incident], ..Parcel::default() }, 5);
    assert_eq!(state.incidents[&1].since, at(5));
    let _ = crate::view(&state, at(6));
}

#[test]
fn words_that_are_not_dealt_with_stay_beside_the_next_ones() {
    let mut state = connected();
    for (minute, notes) in [(1, "Watch the queue."), (2, "Call Mateo."), (3, "Watch the queue.")] {
        take(&mut state, &Parcel { version: 1, notes: notes.into(), ..Parcel::default() }, minute);
    }
    assert_eq!(state.taken_over.as_ref().expect("words").notes, "Watch the queue.\n\nCall Mateo.");
}
