//! Shifts by the schedule and by hand, as tables of what somebody on duty meets.

use chrono::{DateTime, TimeDelta};

use super::*;
use crate::command::{Command, Refusal, allowed};
use crate::fault::{Fault, FaultKind};
use crate::incident::{Incident, IncidentId};
use crate::page::{Named, PageStatus, SeenPage};
use crate::state::State;
use crate::state::tests::{at, connected, entry, seen};
use crate::step::{Input, step};
use crate::{AlarmKey, Change, Snapshot};

fn instant(text: &str) -> Time {
    DateTime::parse_from_rfc3339(text).expect("an instant").to_utc()
}

/// My time on duty by entries `(schedule, from, to)` in minutes, as `(role, from, to)`.
#[track_caller]
fn check(name: &str, entries: &[(&str, i64, i64)], now: i64, expected: Option<(Role, i64, i64)>) {
    let entries: Vec<OnCallEntry> = entries.iter().map(|(id, from, to)| entry(id, "POLICY", *from, *to)).collect();
    let shadows = BTreeSet::from(["SHADOW".to_owned()]);
    let found = scheduled(&entries, |id| shadows.contains(id), TimeDelta::minutes(10), at(now));
    let expected = expected.map(|(role, from, to)| Span { role, start: at(from), end: at(to) });
    assert_eq!(found, expected, "{name}");
}

#[test]
fn time_on_duty_by_the_schedule() {
    use Role::{OnCall, Shadow};
    check("none", &[], 10, None);
    check("one", &[("A", 0, 60)], 10, Some((OnCall, 0, 60)));
    check("the end itself is no longer on call", &[("A", 0, 60)], 60, None);
    check("not yet", &[("A", 20, 60)], 10, None);
    check("shadow", &[("SHADOW", 0, 60)], 10, Some((Shadow, 0, 60)));
    check("who answers does not shadow", &[("SHADOW", 0, 60), ("A", 5, 30)], 10, Some((OnCall, 5, 30)));
    check("shadow again when that is over", &[("SHADOW", 0, 60), ("A", 5, 30)], 40, Some((Shadow, 0, 60)));
    check("one after the other", &[("A", 0, 60), ("B", 60, 120)], 10, Some((OnCall, 0, 120)));
    check("a short gap", &[("A", 0, 60), ("B", 65, 120)], 10, Some((OnCall, 0, 120)));
    check("inside the short gap", &[("A", 0, 60), ("B", 65, 120)], 62, Some((OnCall, 0, 120)));
    check("a long gap", &[("A", 0, 60), ("B", 90, 120)], 10, Some((OnCall, 0, 60)));
    check("inside the long gap", &[("A", 0, 60), ("B", 90, 120)], 75, None);
    check("after the long gap", &[("A", 0, 60), ("B", 90, 120)], 100, Some((OnCall, 90, 120)));
    check("two schedules at once", &[("A", 0, 60), ("B", 0, 90)], 10, Some((OnCall, 0, 90)));
    check("one inside the other", &[("A", 0, 90), ("B", 20, 40)], 50, Some((OnCall, 0, 90)));
    check("in any order", &[("B", 60, 120), ("A", 0, 60)], 70, Some((OnCall, 0, 120)));
    check("beyond any calendar", &[("A", -1_000_000_000, 60), ("A", 0, 1_000_000_000)], 30, None);
    check("the wrong way round", &[("A", 60, 0)], 30, None);
    check("other roles do not join", &[("A", 0, 60), ("SHADOW", 60, 120)], 10, Some((OnCall, 0, 60)));
}

#[test]
fn what_has_no_end_is_no_shift() {
    let open = |start, end| OnCallEntry { start, end, ..entry("A", "POLICY", 0, 0) };
    for (start, end) in [(None, None), (Some(at(0)), None), (None, Some(at(60)))] {
        assert_eq!(scheduled(&[open(start, end)], |_| false, TimeDelta::minutes(10), at(10)), None);
    }
}

#[test]
fn nights_and_clock_changes_are_hours_like_others() {
    for (start, end, now) in [
        ("2026-05-06T22:00:00Z", "2026-05-07T06:00:00Z", "2026-05-07T00:00:00Z"),
        // Clocks are turned while the shift goes on: it is nine and seven hours long where people live.
        ("2026-03-28T23:00:00+01:00", "2026-03-29T08:00:00+02:00", "2026-03-29T03:30:00+02:00"),
        ("2026-10-24T23:00:00+02:00", "2026-10-25T06:00:00+01:00", "2026-10-25T02:30:00+01:00"),
    ] {
        let (start, end, now) = (instant(start), instant(end), instant(now));
        let entries = [OnCallEntry { start: Some(start), end: Some(end), ..entry("A", "POLICY", 0, 0) }];
        let found = scheduled(&entries, |_| false, TimeDelta::minutes(10), now);
        assert_eq!(found, Some(Span { role: Role::OnCall, start, end }), "{now}");
    }
}

// ---- stories ----

/// A Herald to which things happen.
struct Story {
    state: State,
    now: i64,
}

impl Story {
    fn new() -> Self {
        Self { state: connected(), now: 0 }
    }

    fn at(&mut self, minute: i64) -> &mut Self {
        self.now = minute;
        self.input(Input::Ticked)
    }

    fn input(&mut self, input: Input) -> &mut Self {
        for change in step(&self.state, input, at(self.now)) {
            self.state.apply(&change);
        }
        self
    }

    /// PagerDuty says that I am on call so.
    fn oncall(&mut self, entries: &[(&str, i64, i64)]) -> &mut Self {
        let entries = entries.iter().map(|(id, from, to)| entry(id, "POLICY", *from, *to)).collect();
        self.input(Input::OnCallRead(Ok(crate::oncall::OnCall::read(entries, 0))))
    }

    fn wish(&mut self, wish: ShiftWish) -> &mut Self {
        let command = Command::Shift { wish: Box::new(wish) };
        assert_eq!(allowed(&self.state, &command, at(self.now)), Ok(()), "{command:?}");
        self.input(Input::User(command))
    }

    /// Every shift as `(role, from, until, ended)`.
    fn shifts(&self) -> Vec<(Role, i64, Option<i64>, Option<i64>)> {
        let minute = |at_: Time| (at_ - at(0)).num_minutes();
        let told = |it: &Shift| (it.role, minute(it.started_at), it.ends_at.map(minute), it.ended_at.map(minute));
        self.state.shifts.values().map(told).collect()
    }

    fn only(&self) -> &Shift {
        assert_eq!(self.state.shifts.len(), 1, "{:?}", self.shifts());
        self.state.shifts.values().next().expect("one")
    }

    fn reminds(&self) -> bool {
        self.state.alarms.iter().any(|(key, alarm)| matches!(key, AlarmKey::Handover { .. }) && !alarm.ending)
    }
}

use Role::{OnCall, Shadow};

#[test]
fn a_shift_begins_and_ends_by_the_schedule() {
    let mut it = Story::new();
    it.at(5).oncall(&[("A", 0, 60)]);
    assert_eq!(it.shifts(), [(OnCall, 0, Some(60), None)], "since its beginning, not since it was heard of");
    it.at(59);
    assert!(!it.reminds());
    it.at(61);
    assert_eq!(it.shifts(), [(OnCall, 0, Some(60), Some(60))], "its end, not when that was noticed");
    assert!(it.reminds(), "a handover is missing (H80)");
}

#[test]
fn looking_up_that_fails_ends_nothing() {
    let mut it = Story::new();
    it.at(5).oncall(&[("A", 0, 600)]);
    for minute in [30, 60, 120, 500] {
        let fault = Fault::new(FaultKind::Unreachable, "no network");
        it.at(minute).input(Input::OnCallRead(Err(fault)));
        assert_eq!(it.shifts(), [(OnCall, 0, Some(600), None)], "at {minute}");
    }
    it.at(510).input(Input::OnCallRead(Ok(crate::oncall::OnCall::read(vec![], 1))));
    assert_eq!(it.shifts(), [(OnCall, 0, Some(600), None)], "the entry that could not be read may be this one");
    it.input(Input::User(Command::Disconnect)).at(520);
    assert_eq!(it.shifts(), [(OnCall, 0, Some(600), None)], "not asked at all is no answer either");
    it.at(601);
    assert_eq!(it.shifts(), [(OnCall, 0, Some(600), Some(600))]);
}

#[test]
fn overrides_move_the_end() {
    let mut it = Story::new();
    it.at(5).oncall(&[("A", 0, 60)]).at(20).oncall(&[("A", 0, 90)]);
    assert_eq!(it.shifts(), [(OnCall, 0, Some(90), None)], "longer");
    it.at(30).oncall(&[]);
    assert_eq!(it.shifts(), [(OnCall, 0, Some(90), Some(30))], "somebody took it over");
    it.at(35).oncall(&[("A", 0, 90)]);
    assert_eq!(it.shifts(), [(OnCall, 0, Some(90), None)], "PagerDuty said so by mistake: the same shift goes on");
    it.at(40).oncall(&[("SHADOW", 40, 90)]);
    assert_eq!(it.shifts(), [(OnCall, 0, Some(90), Some(40)), (Shadow, 40, Some(90), None)], "another role");
    it.at(70).oncall(&[("A", 70, 90)]);
    let last = it.shifts().pop();
    assert_eq!(last, Some((OnCall, 70, Some(90), None)), "back after half an hour: a shift of its own");
}

#[test]
fn the_next_entry_may_be_heard_of_late() {
    let mut it = Story::new();
    it.at(5).oncall(&[("A", 0, 60)]).at(61);
    assert!(it.reminds());
    it.at(63).oncall(&[("B", 62, 120)]);
    assert_eq!(it.shifts(), [(OnCall, 0, Some(120), None)], "one shift");
    assert!(!it.reminds(), "which goes on");
}

#[test]
fn the_users_word_wins() {
    let mut it = Story::new();
    it.at(5).oncall(&[("A", 0, 60)]).at(20).wish(ShiftWish::End);
    it.at(21).oncall(&[("A", 0, 60)]);
    assert_eq!(it.shifts(), [(OnCall, 0, Some(60), Some(20))], "ended is ended");
    it.wish(ShiftWish::Start { role: Shadow, ends_at: Some(at(40)) }).at(30).oncall(&[("A", 0, 60)]);
    assert_eq!(it.shifts()[1], (Shadow, 21, Some(40), None), "whatever the schedule says");
    let again = Command::Shift { wish: Box::new(ShiftWish::Start { role: OnCall, ends_at: None }) };
    assert_eq!(allowed(&it.state, &again, at(30)), Err(Refusal::OnShift));
    it.at(41).at(42);
    assert_eq!(it.shifts()[1], (Shadow, 21, Some(40), Some(40)));
    assert_eq!(it.shifts().len(), 2, "the schedule does not take up what the user ended: {:?}", it.shifts());
    it.at(100).oncall(&[("A", 90, 150)]);
    assert_eq!(it.shifts()[2], (OnCall, 90, Some(150), None), "the next one is another");
}

#[test]
fn a_reminder_ends_when_the_shift_is_handed_over() {
    let done = |how| ShiftWish::Done { shift: 1, how };
    for (name, when, wish, reminds) in [
        ("not at all", 50, None, true),
        ("long before the end", 100, Some(done(HandedBy::Copied)), true),
        ("shortly before the end", 200, Some(done(HandedBy::Copied)), false),
        ("after the end", 250, Some(done(HandedBy::Saved)), false),
        ("nothing to hand over", 250, Some(done(HandedBy::Nothing)), false),
    ] {
        let mut it = Story::new();
        it.at(5).oncall(&[("A", 0, 240)]).at(when);
        if let Some(wish) = wish {
            it.wish(wish);
        }
        it.at(260);
        assert_eq!(it.reminds(), reminds, "{name}");
    }
    let mut it = Story::new();
    it.at(5).oncall(&[("SHADOW", 0, 60)]).at(70);
    assert!(!it.reminds(), "a trainee hands nothing over");
}

#[test]
fn what_is_handed_over_is_forgotten_a_day_later() {
    let mut it = Story::new();
    it.at(5).oncall(&[("A", 0, 60)]).at(70);
    it.at(60 + 25 * 60).oncall(&[]);
    assert_eq!(it.state.shifts.len(), 1, "not while the handover is missing");
    it.wish(ShiftWish::Done { shift: 1, how: HandedBy::Nothing }).at(60 + 25 * 60 + 1);
    assert!(it.state.shifts.is_empty(), "{:?}", it.shifts());
    it.wish(ShiftWish::Start { role: OnCall, ends_at: None });
    assert_eq!(it.state.shifts.keys().collect::<Vec<_>>(), [&2], "a number is never used twice");
}

#[test]
fn a_shift_remembers_its_pages_longer_than_herald_does() {
    let mut it = Story::new();
    let taken = SeenPage {
        status: PageStatus::Acknowledged,
        taken_at: Some(at(12)),
        taken_by: Some(Named { id: "ME".into(), name: "Elena".into() }),
        version: at(12),
        ..seen("P1", 10)
    };
    let polled = |pages: Vec<SeenPage>, minute: i64| {
        let snapshot = Snapshot::of(at(minute), pages);
        Input::Polled { result: Ok(snapshot), jitter: 0.5 }
    };
    it.at(5).oncall(&[("A", 0, 600)]);
    it.at(10).input(polled(vec![seen("P1", 10), seen("OLD", -30)], 10));
    it.at(12).input(polled(vec![taken], 12));
    for minute in 13..100 {
        it.at(minute).input(polled(vec![], minute));
    }
    assert!(it.state.pages.is_empty(), "Herald has forgotten it");
    let told: Vec<_> = it.only().pages.iter().map(|page| (page.id.as_str(), page.taken.clone())).collect();
    assert_eq!(told, [("P1", Some((at(12), "Elena".to_owned())))], "the shift has not; what called before is no part");
}

#[test]
fn a_shift_remembers_what_ended_in_it() {
    let mut it = Story::new();
    let old: IncidentId = 7;
    it.state.apply(&Change::Incident(old, Box::new(Incident { ended_at: Some(at(-10)), ..Incident::new(at(-90)) })));
    it.at(5).oncall(&[("A", 0, 600)]);
    let own = crate::incident::Own { title: Some("Mail is late".into()), ..crate::incident::Own::default() };
    let wish = |wish| Input::User(Command::Incident { wish: Box::new(wish) });
    it.at(10).input(wish(crate::IncidentWish::Open { own, page: None }));
    it.at(20).input(wish(crate::IncidentWish::End { incident: 8, yes: true }));
    let ended = |it: &Story| it.only().ended.iter().map(|it| (it.title.clone(), it.ended_at)).collect::<Vec<_>>();
    assert_eq!(ended(&it), [("Mail is late".to_owned(), at(20))]);
    it.at(21).input(wish(crate::IncidentWish::End { incident: 8, yes: false }));
    assert_eq!(ended(&it), [], "it was taken up again");
}

#[test]
fn on_call_times_of_long_ago_begin_no_shift() {
    let mut it = Story::new();
    it.at(5).oncall(&[("A", 10_000, 10_060)]).at(9_990).input(Input::Woke);
    it.at(10_010);
    assert_eq!(it.shifts(), [], "they may have changed since");
    it.oncall(&[("A", 10_000, 10_060)]);
    assert_eq!(it.shifts(), [(OnCall, 10_000, Some(10_060), None)]);
}

#[test]
fn what_was_filed_long_before_the_end_may_be_filed_again() {
    let rules = crate::handover::tests::rules();
    for (done, ended, filed) in [(210, None, true), (210, Some(300), false), (290, Some(300), true)] {
        let mut shift = Shift::new(at(0), None, OnCall, false);
        shift.ended_at = ended.map(at);
        (shift.handover.done_at, shift.handover.issue_url) = (Some(at(done)), Some("https://x.example/1".into()));
        assert_eq!(shift.filed(&rules).is_some(), filed, "handed over at {done}, ended at {ended:?}");
    }
}
