//! The lives of windows, told as stories in which time passes.

use super::*;

/// A life, and the time in it.
struct Story {
    life: Life,
    now: Instant,
}

impl Story {
    fn new() -> Self {
        Self { life: Life::new(Duration::from_secs(60)), now: Instant::now() }
    }

    fn on(&mut self, event: Event) -> Vec<Deed> {
        self.life.on(event, self.now)
    }

    /// Lets time pass, and looks whenever it is due; what was done is told with the seconds at which.
    fn wait(&mut self, seconds: u64) -> Vec<(u64, Deed)> {
        let (from, until) = (self.now, self.now + Duration::from_secs(seconds));
        let mut done = vec![];
        while let Some(next) = self.life.next_at().filter(|next| *next <= until) {
            self.now = next.max(self.now);
            let at = (self.now - from).as_secs();
            done.extend(self.on(Event::Tick).into_iter().map(|deed| (at, deed)));
        }
        self.now = until;
        done
    }

    /// A window that was asked for and is seen.
    fn seen(pid: u32) -> Self {
        let mut story = Self::new();
        assert_eq!(story.on(asked()), [Deed::Make]);
        story.comes(pid, 1);
        story
    }

    fn comes(&mut self, pid: u32, seat: u64) {
        self.on(Event::Made { pid });
        let opened = self.on(Event::Attached { seat, pid, visible: false });
        assert!(matches!(opened[..], [Deed::Open(_)]), "it is told by what right it comes: {opened:?}");
        self.on(Event::Visible { seat });
        let there = self.on(Event::Listens { seat });
        assert!(there.contains(&Deed::Answer(Ok(()))), "it is there: {there:?}");
    }
}

fn asked() -> Event {
    Event::Open { goto: None, front: Front::Asked }
}

fn killed(deeds: &[Deed]) -> Option<u32> {
    deeds.iter().find_map(|deed| if let Deed::Kill(pid) = deed { Some(*pid) } else { None })
}

fn told(deeds: &[Deed]) -> bool {
    deeds.iter().any(|deed| matches!(deed, Deed::Tell { .. }))
}

fn ended(pid: u32) -> Event {
    Event::Ended { pid, how: "was ended by signal 9".into() }
}

#[test]
fn hidden_window_is_kept_while_it_may_be_needed_and_goes_a_minute_later() {
    let mut story = Story::seen(7);
    story.on(Event::Hidden { seat: 1 });
    assert_eq!(story.wait(59), []);
    assert_eq!(story.wait(2), [(1, Deed::Go)]);
    assert_eq!(story.on(ended(7)), [], "as it was asked to");

    let mut story = Story::seen(7);
    story.on(Event::Needed(true));
    story.on(Event::Hidden { seat: 1 });
    assert_eq!(story.wait(3600), []);
    story.on(Event::Needed(false));
    assert_eq!(story.wait(61), [(60, Deed::Go)], "a minute after the page was taken");
    assert_eq!(story.wait(3), [(1, Deed::Kill(7))], "one that does not go");

    let mut story = Story::seen(7);
    story.on(Event::Hidden { seat: 1 });
    story.wait(30);
    assert_eq!(story.on(asked()), [Deed::Open(Front::Asked)]);
    story.on(Event::Visible { seat: 1 });
    assert_eq!(story.on(Event::Drawn { seat: 1 }), [Deed::Answer(Ok(()))]);
    assert_eq!(story.wait(3600), [], "it is looked at");
}

#[test]
fn window_that_is_asked_for_while_it_goes_comes_anew() {
    for going in [vec![Event::Tick], vec![Event::Hung { seat: 1 }]] {
        let mut story = Story::seen(7);
        story.on(Event::Hidden { seat: 1 });
        story.wait(59);
        story.now += Duration::from_secs(1);
        let went: Vec<Deed> = going.into_iter().flat_map(|event| story.on(event)).collect();
        assert!(went == [Deed::Go] || went == [Deed::Kill(7)], "{went:?}");
        assert_eq!(story.on(asked()), [], "that one is on its way out");
        assert_eq!(story.on(ended(7)), [Deed::Make]);
        story.on(Event::Made { pid: 8 });
        assert_eq!(story.wait(9), [], "a new one has its time");
        story.comes(8, 2);
    }
}

#[test]
fn window_that_hangs_does_not_swallow_the_wish_to_see_it() {
    let mut story = Story::seen(7);
    story.on(Event::Hidden { seat: 1 });
    assert_eq!(story.on(asked()), [Deed::Open(Front::Asked)]);
    let done = story.wait(3);
    let deeds: Vec<Deed> = done.into_iter().map(|(_, deed)| deed).collect();
    assert_eq!((killed(&deeds), told(&deeds)), (Some(7), true));
    story.on(Event::Detached { seat: 1 });
    assert_eq!(story.on(ended(7)), [Deed::Make]);
    story.comes(8, 2);

    // What hangs again and again is not started for ever.
    story.wait(20);
    let again = story.on(Event::Hung { seat: 2 });
    assert_eq!(killed(&again), Some(8));
    assert!(again.iter().any(|deed| matches!(deed, Deed::Health(Health::Dead { .. }))), "{again:?}");
    assert_eq!(story.on(ended(8)), []);

    let mut blank = Story::new();
    blank.on(asked());
    blank.on(Event::Made { pid: 7 });
    blank.on(Event::Attached { seat: 1, pid: 7, visible: false });
    blank.on(Event::Visible { seat: 1 });
    let done = blank.wait(16);
    assert!(done.contains(&(15, Deed::Kill(7))), "what it should show never came: {done:?}");
    assert_eq!(blank.on(ended(7)), [Deed::Make]);

    // One that nobody sees goes in silence.
    let mut story = Story::seen(7);
    story.on(Event::Hidden { seat: 1 });
    assert_eq!(story.on(Event::Hung { seat: 1 }), [Deed::Kill(7)]);
    assert_eq!(story.on(ended(7)), []);
}

#[test]
fn window_that_crashes_comes_back_once() {
    let mut story = Story::seen(7);
    story.wait(10);
    story.on(Event::Detached { seat: 1 });
    let deeds = story.on(ended(7));
    assert!(told(&deeds) && deeds.contains(&Deed::Make), "{deeds:?}");
    story.comes(8, 2);
    story.wait(9);
    let deeds = story.on(ended(8));
    assert!(told(&deeds) && !deeds.contains(&Deed::Make), "what dies at once would die again: {deeds:?}");
    assert_eq!(story.on(asked()), [Deed::Make], "but the user may try");
    story.comes(9, 3);

    let mut story = Story::seen(7);
    story.on(Event::Hidden { seat: 1 });
    story.wait(20);
    assert_eq!(story.on(ended(7)), [], "nobody was looking");
}

#[test]
fn window_whose_end_is_met_by_a_click_is_followed_by_another() {
    for hangs_up_first in [true, false] {
        let mut story = Story::seen(7);
        story.on(Event::Hidden { seat: 1 });
        story.wait(5);
        if hangs_up_first {
            story.on(Event::Detached { seat: 1 });
        }
        assert!(!told(&story.on(asked())), "nothing is known of its end yet");
        assert_eq!(story.on(ended(7)), [Deed::Make], "and what was asked for is not answered with it");
        story.on(Event::Made { pid: 8 });
        let opened = story.on(Event::Attached { seat: 2, pid: 8, visible: false });
        assert_eq!(opened, [Deed::Open(Front::Asked)], "to the front, as it was asked for");
        assert!(told(&story.on(ended(8))), "one that was made for it and dies is told");
    }
}

#[test]
fn window_that_cannot_come_is_told_and_tried_again() {
    let mut story = Story::new();
    story.on(asked());
    let deeds = story.on(Event::NotMade("there is no display.".into()));
    assert!(told(&deeds), "{deeds:?}");
    assert!(deeds.contains(&Deed::Answer(Err("Herald’s window does not come: there is no display.".into()))));
    story.on(asked());
    story.on(Event::Made { pid: 7 });
    let deeds = story.on(ended(7));
    assert!(told(&deeds) && !deeds.contains(&Deed::Make), "{deeds:?}");
    story.on(asked());
    story.comes(8, 1);

    let mut slow = Story::new();
    slow.on(asked());
    slow.on(Event::Made { pid: 7 });
    let done = slow.wait(59);
    assert_eq!(done.iter().map(|(at, _)| *at).collect::<Vec<_>>(), [10, 10, 10], "told once: {done:?}");
    slow.on(Event::Attached { seat: 1, pid: 7, visible: false });
    slow.on(Event::Visible { seat: 1 });
    let there = slow.on(Event::Listens { seat: 1 });
    assert!(there.contains(&Deed::Health(Health::Works { by: String::new() })), "{there:?}");

    let mut never = Story::new();
    never.on(asked());
    never.on(Event::Made { pid: 7 });
    let deeds: Vec<Deed> = never.wait(60).into_iter().map(|(_, deed)| deed).collect();
    assert_eq!(killed(&deeds), Some(7));
    assert_eq!(never.on(ended(7)), []);
}

#[test]
fn goes_where_the_user_wants_before_where_an_alarm_wants() {
    let to = |incident: i64| Goto { incident: Some(incident), ..Goto::default() };
    let mut story = Story::new();
    story.on(Event::Open { goto: Some(to(1)), front: Front::Asked });
    story.on(Event::Open { goto: Some(to(2).by_itself()), front: Front::Unasked });
    story.on(Event::Made { pid: 7 });
    assert_eq!(story.on(Event::Attached { seat: 1, pid: 7, visible: false }), [Deed::Open(Front::Asked)]);
    let deeds = story.on(Event::Listens { seat: 1 });
    assert_eq!(deeds[0], Deed::Lead(to(1)));
    let deeds = story.on(Event::Open { goto: Some(to(3)), front: Front::Asked });
    assert_eq!(deeds, [Deed::Open(Front::Asked), Deed::Lead(to(3))], "one that is there is led at once");
}

#[test]
fn watch_that_was_started_anew_takes_over_the_window() {
    let mut story = Story::new();
    assert_eq!(story.on(Event::Attached { seat: 1, pid: 7, visible: true }), [Deed::Adopt(7)]);
    story.on(Event::Listens { seat: 1 });
    story.wait(20);
    assert!(story.on(ended(7)).contains(&Deed::Make), "as if it had made it itself");

    let mut story = Story::new();
    let stranger = Event::Stranger { pid: 7, visible: true };
    assert_eq!(story.on(stranger), [Deed::Adopt(7), Deed::Make], "one of another build is replaced");
    let mut story = Story::new();
    story.on(asked());
    story.on(Event::Made { pid: 8 });
    assert_eq!(story.on(Event::Stranger { pid: 8, visible: false }), [Deed::Renew], "the disk holds another Herald");
}

#[test]
fn quitting_takes_the_window_along() {
    assert_eq!(Story::new().on(Event::Quit), [Deed::Gone]);
    let mut story = Story::seen(7);
    assert_eq!(story.on(Event::Quit), [Deed::Go]);
    assert_eq!(story.wait(5), [(2, Deed::Kill(7))]);
    assert_eq!(story.on(ended(7)), [Deed::Gone]);
    let mut making = Story::new();
    making.on(asked());
    making.on(Event::Quit);
    assert_eq!(making.on(Event::Made { pid: 7 }), [Deed::Go]);
}
