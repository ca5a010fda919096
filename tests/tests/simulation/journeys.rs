//! Found bugs, each as the shortest history that shows it, and the storm. The rules of every history hold here too.

use chrono::TimeDelta;
use herald_core::{AlarmKey, PageStatus};

use crate::disk::DiskMove;
use crate::herald::{Fuse, Herald};
use crate::moves::Move::{self, User, World};
use crate::moves::Wanted;
use crate::net::Fate;
use crate::sky::Weather;
use crate::world::{Duty, WorldMove};

/// PagerDuty REST OpenAPI, schema Incident, `last_status_change_at`.
#[test]
fn a_touch_makes_no_other_page() {
    let touch = || [World(WorldMove::Touch(0)), fine(3_000)];
    let moves = [World(WorldMove::Trigger(0)), fine(3_000)].into_iter().chain(touch()).chain(touch());
    check(moves.chain([User(Wanted::Acknowledge(0)), fine(30_000)]));
}

#[test]
fn what_happened_while_herald_was_off_says_whether_a_page_is_the_same() {
    for away in
        [vec![WorldMove::Touch(0)], vec![WorldMove::Take(0), WorldMove::Trigger(0)], vec![WorldMove::Trigger(1)]]
    {
        let off = Move::Crash(Fuse { points: 0, reaches: false, off_s: 40, away });
        check([World(WorldMove::Trigger(0)), fine(3_000), off, fine(40_000)]);
    }
}

#[test]
fn a_request_to_help_calls_whoever_has_the_page() {
    check([
        World(WorldMove::Trigger(0)),
        World(WorldMove::MoveAway(0)),
        fine(5_000),
        World(WorldMove::Ask(0)),
        fine(20_000),
        User(Wanted::Acknowledge(0)),
        World(WorldMove::Take(0)),
        fine(40_000),
        World(WorldMove::AnswerAsk(0)),
        fine(30_000),
    ]);
}

#[test]
fn a_list_without_end_is_no_answer() {
    check([World(WorldMove::Trigger(0)), Move::Pass { ms: 90_000, weather: Weather::Failing(Fate::Endless) }]);
    check([Move::Pass { ms: 90_000, weather: Weather::Failing(Fate::Endless) }]);
}

#[test]
fn what_was_given_away_before_it_was_looked_at_is_not_written_about() {
    check([
        World(WorldMove::Trigger(0)),
        fine(3_000),
        User(Wanted::Acknowledge(0)),
        World(WorldMove::MoveAway(0)),
        fine(30_000),
    ]);
}

#[test]
fn a_pause_asked_of_a_write_holds_for_every_question() {
    check([
        World(WorldMove::Trigger(0)),
        fine(41),
        User(Wanted::Acknowledge(0)),
        step(Fate::Limited(40)),
        fine(60_000),
    ]);
}

#[test]
fn a_pause_asked_of_a_write_holds_after_a_crash() {
    check([
        World(WorldMove::Trigger(0)),
        fine(41),
        User(Wanted::Acknowledge(0)),
        step(Fate::Limited(40)),
        crash(0),
        fine(60_000),
    ]);
}

#[test]
fn reading_back_waits_for_the_end_of_a_pause() {
    check([
        World(WorldMove::Trigger(0)),
        fine(41),
        User(Wanted::Acknowledge(0)),
        step(Fate::Fine),
        step(Fate::Fine),
        step(Fate::TroubleAfter(30)),
        fine(60_000),
    ]);
}

#[test]
fn a_short_pause_told_again_and_again_does_not_undo_the_back_off() {
    check([Move::Pass { ms: 60_000, weather: Weather::Failing(Fate::TroubleAfter(1)) }]);
}

#[test]
fn a_clock_set_back_leaves_no_gap_in_the_questions() {
    for seconds in [-17, -240, -3600] {
        check([fine(30_000), Move::Clock { seconds }, Move::Pass { ms: 40_000, weather: Weather::Hanging }]);
    }
}

#[test]
fn a_clock_set_back_silences_no_page() {
    for seconds in [-40, -240, -3500] {
        check([
            World(WorldMove::Trigger(0)),
            fine(3_000),
            Move::Clock { seconds },
            Move::Pass { ms: 70_000, weather: Weather::Hanging },
        ]);
    }
}

#[test]
fn a_pause_from_a_wrong_clock_is_none() {
    check([step(Fate::Limited(1)), Move::Clock { seconds: -312 }, fine(40_000)]);
}

#[test]
fn a_page_noted_in_the_future_still_can_be_taken() {
    check([
        Move::Clock { seconds: 30 },
        Move::Pass { ms: 10_201, weather: Weather::Hanging },
        World(WorldMove::Trigger(3)),
        fine(40),
        World(WorldMove::Take(3)),
        World(WorldMove::Trigger(0)),
        fine(30_000),
    ]);
}

#[test]
fn a_late_answer_brings_back_nothing_of_a_forgotten_account() {
    check([World(WorldMove::Trigger(0)), User(Wanted::Disconnect), fine(41)]);
}

#[test]
fn a_quiet_of_the_shadow_ends_at_the_target_when_the_page_becomes_mine() {
    check([
        World(WorldMove::Trigger(0)),
        fine(1_000),
        User(Wanted::Shadow(true)),
        fine(14 * 60_000),
        User(Wanted::Quiet(0)),
        User(Wanted::Shadow(false)),
        fine(4 * 60_000),
    ]);
}

#[test]
fn a_shift_that_begins_is_watched_closely_at_once() {
    check([
        World(WorldMove::Duty(Duty::Nothing)),
        fine(41),
        World(WorldMove::Duty(Duty::Primary)),
        Move::Suspend { seconds: 1, away: vec![], told: false },
        fine(400_000),
    ]);
}

#[test]
fn the_shadow_switch_stops_a_write_on_its_way() {
    check([
        World(WorldMove::Trigger(0)),
        fine(41),
        User(Wanted::Acknowledge(0)),
        step(Fate::Fine),
        step(Fate::Fine),
        User(Wanted::Shadow(true)),
        step(Fate::Fine),
        fine(5_000),
    ]);
}

#[test]
fn a_job_that_cannot_be_read_back_is_given_up() {
    check([
        World(WorldMove::Trigger(0)),
        fine(41),
        User(Wanted::Acknowledge(0)),
        step(Fate::Fine),
        step(Fate::Fine),
        step(Fate::LostAnswer),
        Move::Pass { ms: 900_000, weather: Weather::Failing(Fate::Unreachable) },
    ]);
}

#[test]
fn an_older_answer_does_not_bring_back_a_page_that_was_closed() {
    let nth = |nth| Move::Step { nth, fate: Fate::Fine };
    let hanging = |ms| Move::Pass { ms, weather: Weather::Hanging };
    check([
        World(WorldMove::Trigger(0)),
        fine(1_500),
        // The next list lacks the page, so it is asked for; that answer is slow.
        World(WorldMove::MoveAway(0)),
        fine(8_960),
        World(WorldMove::MoveBack(0)),
        nth(0),
        // The list after that has it again.
        hanging(2_100),
        nth(1),
        nth(1),
        // It is closed: read, write, and the list that no longer has it.
        User(Wanted::Close(0)),
        nth(1),
        nth(1),
        nth(1),
        nth(1),
        User(Wanted::PollNow),
        nth(1),
        nth(1),
        // Now the slow answer comes.
        nth(0),
        fine(30_000),
    ]);
}

#[test]
fn a_question_from_before_the_computer_slept_is_asked_anew() {
    let asked = Move::Pass { ms: 41, weather: Weather::Hanging };
    check([fine(3_000), User(Wanted::PollNow), asked, Move::Suspend { seconds: 600, away: vec![], told: true }]);
}

#[test]
fn a_storm_shows_three_pages_and_a_summary() {
    let mut herald = Herald::new();
    herald.compares = false;
    herald.world.list_limit = 100;
    herald.pass(TimeDelta::seconds(2), Weather::Fine);
    herald.world.storm(10_000);
    herald.pass(TimeDelta::seconds(16), Weather::Fine);
    let shown = |herald: &Herald| {
        let more = usize::from(herald.witness.shown.contains(&AlarmKey::MorePages));
        (herald.witness.shown.len() - more, more)
    };
    assert_eq!(shown(&herald), (3, 1), "three in detail, and the rest together");
    assert_eq!(herald.witness.announced.len(), 10_000, "every page is in one of them");
    let before = herald.witness.sounded[&AlarmKey::MorePages];
    herald.world.storm(1);
    herald.pass(TimeDelta::seconds(16), Weather::Fine);
    assert_eq!((shown(&herald), herald.witness.announced.len()), ((3, 1), 10_001), "one more is told at once");
    assert!(herald.witness.sounded[&AlarmKey::MorePages] > before, "and is heard");
    herald.world.close_all();
    herald.pass(TimeDelta::seconds(40), Weather::Fine);
    assert_eq!(shown(&herald), (0, 0), "nothing of it stays");
    herald.compares = true;
    herald.compare(&herald.state);
}

#[test]
fn a_write_waits_for_the_disk_and_never_leaves_late() {
    let taken = |silence_ms: i64| {
        let mut herald = Herald::new();
        for it in [World(WorldMove::Trigger(0)), fine(3_000), Move::Disk(DiskMove::Stalls(true))] {
            herald.make(it);
        }
        herald.make(User(Wanted::Acknowledge(0)));
        herald.pass(TimeDelta::milliseconds(silence_ms), Weather::Fine);
        let meanwhile = herald.world.pages().any(|(_, page)| page.status == PageStatus::Acknowledged);
        assert!(!meanwhile, "nothing leaves while the disk is silent for {silence_ms} ms");
        let told = herald.state.session.store_fault.is_some();
        herald.make(Move::Disk(DiskMove::Stalls(false)));
        herald.pass(TimeDelta::seconds(2), Weather::Fine);
        let taken = herald.world.pages().any(|(_, page)| page.status == PageStatus::Acknowledged);
        herald.heal();
        (told, taken)
    };
    assert_eq!(taken(2_000), (false, true), "a disk that is slow");
    assert_eq!(taken(3_500), (true, false), "one that is silent");
    assert_eq!(taken(60_000), (true, false), "one that answers after a minute");
}

#[test]
fn herald_may_die_at_every_point_between_a_wish_and_its_answer() {
    for points in 0..40 {
        for reaches in [false, true] {
            check([
                World(WorldMove::Trigger(0)),
                fine(3_000),
                Move::Crash(Fuse { points, reaches, off_s: 0, away: vec![] }),
                User(Wanted::Acknowledge(0)),
                fine(30_000),
            ]);
            check([
                World(WorldMove::Trigger(0)),
                fine(3_000),
                Move::Disk(DiskMove::Answers(1)),
                User(Wanted::Acknowledge(0)),
                fine(1_000),
                Move::Crash(Fuse { points, reaches, off_s: 0, away: vec![] }),
                Move::Disk(DiskMove::Answers(1)),
                fine(1_000),
                Move::Disk(DiskMove::Stalls(false)),
                fine(30_000),
            ]);
        }
    }
}

fn check(moves: impl IntoIterator<Item = Move>) {
    let mut herald = Herald::new();
    moves.into_iter().for_each(|it| herald.make(it));
    herald.heal();
}

fn fine(ms: i64) -> Move {
    Move::Pass { ms, weather: Weather::Fine }
}

/// A step of the oldest request in the air.
fn step(fate: Fate) -> Move {
    Move::Step { nth: 0, fate }
}

fn crash(points: u32) -> Move {
    Move::Crash(Fuse { points, reaches: false, off_s: 0, away: vec![] })
}
