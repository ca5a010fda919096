//! The screen as tables: what is done when daemons refuse, restart, are late, or answer in another order.

use herald_core::Time;

use super::*;

const DAEMON: &str = ":1.7";

/// A notification about the `nth` page.
fn about(nth: u32, body: &str) -> Box<Announcement> {
    Box::new(Announcement {
        key: key(nth),
        title: "Page".into(),
        body: body.into(),
        critical: true,
        buttons: vec![(Button::Acknowledge, "Acknowledge".into()), (Button::Open, "Open".into())],
        sound: None,
    })
}

fn key(nth: u32) -> AlarmKey {
    AlarmKey::Page { page: herald_core::PageId::new(&format!("P{nth}")), triggered_at: Time::default() }
}

/// A screen on which a daemon is.
fn connected() -> Screen {
    let mut screen = Screen::new();
    assert_eq!(screen.on(Event::Connected(Some(DAEMON.into()))), [Deed::Look]);
    screen
}

fn posted(id: u32) -> Result<Posted, Refusal> {
    Ok(Posted { id, by: DAEMON.into() })
}

fn told(signal: Signal) -> Event {
    Event::Told(DAEMON.into(), signal)
}

/// Number and replaced id of the one call that is made.
fn call(deeds: &[Deed]) -> (u64, u32) {
    let calls: Vec<_> = deeds
        .iter()
        .filter_map(|deed| match deed {
            Deed::Post { number, before, .. } => Some((*number, *before)),
            Deed::Close(_) | Deed::Look | Deed::PostSoon(_) | Deed::Health(_) | Deed::Instead(_) | Deed::Chosen(..) => {
                None
            }
        })
        .collect();
    assert_eq!(calls.len(), 1, "one call: {deeds:?}");
    calls[0]
}

/// A screen on which the first page stands under this id.
fn standing(id: u32) -> Screen {
    let mut screen = connected();
    let (number, replaces) = call(&screen.on(Event::Show(about(1, "first"))));
    assert_eq!(replaces, 0);
    assert_eq!(screen.on(Event::Answered(key(1), number, posted(id))), [Deed::Health(works(""))]);
    screen
}

#[test]
fn every_round_replaces_the_one_before_and_its_buttons_live() {
    let mut screen = standing(4);
    for _ in 0..3 {
        let (number, replaces) = call(&screen.on(Event::Show(about(1, "again"))));
        assert_eq!(replaces, 4);
        screen.on(Event::Answered(key(1), number, posted(4)));
        assert!(screen.on(told(Signal::Token(4, "token".into()))).is_empty());
        let chosen = screen.on(told(Signal::Action(4, "acknowledge".into())));
        assert_eq!(chosen, [Deed::Chosen(key(1), Button::Acknowledge, Token::new("token"))]);
        let chosen = screen.on(told(Signal::Action(4, "default".into())));
        assert_eq!(chosen, [Deed::Chosen(key(1), Button::Open, None)], "a token is good once");
    }
    assert_eq!(screen.on(Event::Withdraw(key(1))), [Deed::Close(4)]);
    assert!(screen.on(told(Signal::Closed(4))).is_empty());
}

#[test]
fn where_replacing_takes_the_buttons_every_round_is_a_new_one() {
    let mut screen = standing(4);
    let skills = Skills { markup: true, keeps_buttons: false, name: "gnome-shell 43.9".into() };
    screen.on(Event::Looked(Ok(skills.clone())));
    for id in 5..8 {
        let [Deed::Post { number, before, skills: with, .. }] = &screen.on(Event::Show(about(1, "again")))[..] else {
            panic!("no round")
        };
        assert_eq!((*before, with), (id - 1, &skills));
        let pressed = screen.on(told(Signal::Action(id - 1, "acknowledge".into())));
        assert_eq!(pressed, [Deed::Chosen(key(1), Button::Acknowledge, None)], "the one before lives until then");
        assert!(screen.on(told(Signal::Closed(id - 1))).is_empty());
        let deeds = screen.on(Event::Answered(key(1), *number, posted(id)));
        assert_eq!(deeds, [Deed::Health(works("gnome-shell 43.9"))]);
        assert_eq!(screen.ids(), [id]);
    }
    assert_eq!(screen.on(Event::Withdraw(key(1))), [Deed::Close(7)]);
}

#[test]
fn signals_of_others_are_nobodys() {
    let mut screen = standing(4);
    assert!(screen.on(Event::Told(":1.99".into(), Signal::Action(4, "acknowledge".into()))).is_empty());
    assert!(screen.on(told(Signal::Action(5, "acknowledge".into()))).is_empty());
}

#[test]
fn press_before_the_answer_is_not_lost() {
    let mut screen = connected();
    let (number, _) = call(&screen.on(Event::Show(about(1, "first"))));
    assert!(screen.on(told(Signal::Action(4, "acknowledge".into()))).is_empty());
    let deeds = screen.on(Event::Answered(key(1), number, posted(4)));
    assert!(deeds.contains(&Deed::Chosen(key(1), Button::Acknowledge, None)), "{deeds:?}");
}

#[test]
fn what_comes_late_is_taken_away_or_kept_but_never_twice() {
    // Taken meanwhile: the orphan goes when its id is known.
    let mut screen = connected();
    let (number, _) = call(&screen.on(Event::Show(about(1, "first"))));
    let slow = screen.on(Event::Slow(key(1), number));
    assert_eq!(slow, [Deed::Health(dead(&Refusal::Silent.words())), Deed::Instead(key(1))]);
    assert!(screen.on(Event::Withdraw(key(1))).is_empty(), "its id is not known yet");
    assert_eq!(screen.on(Event::Answered(key(1), number, posted(9))), [Deed::Close(9)]);
    assert!(screen.ids().is_empty());

    // Still calling, and said anew meanwhile: no second call beside the first, then its newest words.
    let mut screen = connected();
    let (number, _) = call(&screen.on(Event::Show(about(1, "first"))));
    screen.on(Event::Slow(key(1), number));
    assert!(screen.on(Event::Show(about(1, "second"))).is_empty());
    assert!(screen.on(Event::Show(about(1, "third"))).is_empty());
    let deeds = screen.on(Event::Answered(key(1), number, posted(9)));
    assert!(deeds.contains(&Deed::Health(works(""))), "{deeds:?}");
    let Some(Deed::Post { it, before: 9, .. }) = deeds.last() else { panic!("{deeds:?}") };
    assert_eq!(it.body, "third");

    // Taken while a round replaces it: gone at once, and what the round may bring back goes, too.
    let mut screen = standing(4);
    let (number, _) = call(&screen.on(Event::Show(about(1, "again"))));
    assert_eq!(screen.on(Event::Withdraw(key(1))), [Deed::Close(4)]);
    assert_eq!(screen.on(Event::Answered(key(1), number, posted(5))), [Deed::Close(5)]);

    // Wanted again before the late answer: it stays.
    let mut screen = connected();
    let (number, _) = call(&screen.on(Event::Show(about(1, "first"))));
    screen.on(Event::Withdraw(key(1)));
    screen.on(Event::Show(about(1, "second")));
    let deeds = screen.on(Event::Answered(key(1), number, posted(9)));
    assert_eq!(call(&deeds).1, 9, "in its place: {deeds:?}");
}

#[test]
fn new_daemon_gets_what_stood_on_the_old_screen_and_nothing_else() {
    let mut screen = standing(4);
    let (number, _) = call(&screen.on(Event::Show(about(2, "waved away"))));
    screen.on(Event::Answered(key(2), number, posted(5)));
    screen.on(told(Signal::Closed(5)));
    assert_eq!(screen.on(Event::Owner(None)), [Deed::Look]);
    assert!(screen.ids().is_empty(), "its ids mean nothing any more");
    let deeds = screen.on(Event::Owner(Some(":1.20".into())));
    let (number, replaces) = call(&deeds);
    assert_eq!(replaces, 0, "not in the place of somebody else's");
    // Its answer, and the signal that it has come, may arrive in either order.
    let answer = Ok(Posted { id: 1, by: ":1.20".into() });
    screen.on(Event::Answered(key(1), number, answer));
    assert_eq!(screen.ids(), [1]);
    assert!(screen.on(Event::Told(DAEMON.into(), Signal::Closed(1))).is_empty(), "the old one has no say");
    assert_eq!(screen.ids(), [1]);
    assert_eq!(screen.on(Event::Owner(Some(":1.20".into()))), []);
}

#[test]
fn answer_of_a_daemon_that_has_left_is_not_taken_for_the_new_ones() {
    let mut screen = connected();
    let (number, _) = call(&screen.on(Event::Show(about(1, "first"))));
    screen.on(Event::Owner(Some(":1.20".into())));
    let deeds = screen.on(Event::Answered(key(1), number, posted(4)));
    assert_eq!(call(&deeds).1, 0, "shown anew: {deeds:?}");
}

#[test]
fn daemon_that_is_started_by_the_call_keeps_what_it_showed() {
    let mut screen = Screen::new();
    screen.on(Event::Connected(None));
    let (number, _) = call(&screen.on(Event::Show(about(1, "first"))));
    screen.on(Event::Answered(key(1), number, posted(1)));
    assert_eq!(screen.on(Event::Owner(Some(DAEMON.into()))), []);
    assert_eq!(screen.ids(), [1]);
}

#[test]
fn refusals_lead_to_the_window_once_and_are_told_until_one_is_shown() {
    for refusal in [Refusal::NoDaemon, Refusal::Said("full".into())] {
        let mut screen = connected();
        let (number, _) = call(&screen.on(Event::Show(about(1, "first"))));
        let deeds = screen.on(Event::Answered(key(1), number, Err(refusal.clone())));
        assert_eq!(deeds, [Deed::Health(dead(&refusal.words())), Deed::Instead(key(1))]);
        let looked = screen.on(Event::Looked(Ok(Skills::default())));
        assert_eq!(looked, [Deed::Health(dead(&refusal.words()))], "a daemon that answers is not one that shows");
        let (number, _) = call(&screen.on(Event::Show(about(1, "second"))));
        let deeds = screen.on(Event::Answered(key(1), number, Err(refusal.clone())));
        assert_eq!(deeds, [Deed::Health(dead(&refusal.words()))], "the window is not pushed up twice");
        let (number, _) = call(&screen.on(Event::Show(about(1, "third"))));
        assert_eq!(screen.on(Event::Answered(key(1), number, posted(3))), [Deed::Health(works(""))]);
    }
    // The one that stands may not be replaced: a new one, and the old one goes.
    let mut screen = standing(4);
    let (number, _) = call(&screen.on(Event::Show(about(1, "again"))));
    let refused = Err(Refusal::Said("Invalid notification ID".into()));
    let deeds = screen.on(Event::Answered(key(1), number, refused));
    assert_eq!((deeds.first(), call(&deeds).1), (Some(&Deed::Close(4)), 0));
}

#[test]
fn two_alike_within_a_second_are_both_shown() {
    let mut screen = connected();
    let (number, _) = call(&screen.on(Event::Show(about(1, "same"))));
    let deeds = screen.on(Event::Answered(key(1), number, Err(Refusal::Crowded)));
    assert_eq!(deeds, [Deed::PostSoon(key(1))], "nobody is told that nothing works");
    let (number, _) = call(&screen.on(Event::Again(key(1))));
    screen.on(Event::Answered(key(1), number, posted(2)));
    assert_eq!(screen.ids(), [2]);
    // And not for ever.
    let (mut number, _) = call(&screen.on(Event::Show(about(1, "same"))));
    for _ in 0..CROWDED_MAX {
        screen.on(Event::Answered(key(1), number, Err(Refusal::Crowded)));
        number = call(&screen.on(Event::Again(key(1)))).0;
    }
    let deeds = screen.on(Event::Answered(key(1), number, Err(Refusal::Crowded)));
    assert!(deeds.contains(&Deed::Instead(key(1))), "{deeds:?}");
}

#[test]
fn without_a_bus_the_window_is_opened_and_with_one_again_it_is_shown() {
    let mut screen = standing(4);
    assert_eq!(screen.on(Event::Lost), [Deed::Health(dead(&Refusal::NoBus.words()))]);
    let deeds = screen.on(Event::Show(about(2, "first")));
    assert_eq!(deeds, [Deed::Health(dead(&Refusal::NoBus.words())), Deed::Instead(key(2))]);
    let deeds = screen.on(Event::Connected(Some(":1.3".into())));
    let shown = deeds.iter().filter(|deed| matches!(deed, Deed::Post { before: 0, .. })).count();
    assert_eq!(shown, 2, "what stood there is shown anew, and what came meanwhile: {deeds:?}");
}

#[test]
fn what_came_while_there_was_no_bus_or_no_daemon_is_shown_as_soon_as_there_is() {
    let mut screen = Screen::new();
    screen.on(Event::Lost);
    screen.on(Event::Show(about(1, "first")));
    let (number, replaces) = call(&screen.on(Event::Connected(None)));
    assert_eq!(replaces, 0, "the bus is back");
    screen.on(Event::Answered(key(1), number, Err(Refusal::NoDaemon)));
    call(&screen.on(Event::Owner(Some(DAEMON.into()))));
}
