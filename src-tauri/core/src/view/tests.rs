//! The view: what a page's card says, and that a view changes only when a fact does.

use chrono::TimeDelta;

use super::*;
use crate::poll::Watch;
use crate::state::tests::{at, connected, entry, page};

fn calling() -> State {
    let mut state = connected();
    state.session.watch[SourceName::PagerDuty] = Watch { last_good_at: Some(at(10)), ..Watch::new(at(11)) };
    state.oncall.known_at = Some(at(0));
    state.oncall.entries = vec![entry("PRIMARY", "POLICY", 0, 60)];
    state.pages.insert(PageId::new("P1"), page("P1", 9));
    state
}

#[test]
fn a_card_says_all_that_its_page_needs() {
    let card = view(&calling(), at(10)).pages.remove(0);
    let may = May { acknowledge: true, close: true, answer_here: false, quiet: false };
    assert_eq!((card.may, card.standing), (may, Standing::Mine), "it is mine, and no alarm is there to be quiet");
    assert_eq!(card.target_at, at(24), "15 minutes after the trigger (H21)");
    assert_eq!((card.title.as_str(), card.service.as_deref()), ("P1 is down", Some("Communications")));
}

#[test]
fn time_alone_does_not_change_a_view() {
    let state = calling();
    let later = at(10) + TimeDelta::seconds(9);
    assert_eq!(view(&state, at(10)), view(&state, later), "ages are for the window to count");
}

#[test]
fn a_storm_is_cut_to_what_a_window_can_show() {
    let mut state = calling();
    for n in 0..10_000 {
        let page = Page { grouped: n > 2, ..page(&format!("S{n:05}"), n % 50) };
        state.pages.insert(page.seen.id.clone(), page);
    }
    let view = view(&state, at(60));
    assert_eq!((view.pages.len(), view.pages_more), (CARDS_MAX, 10_001 - 100), "the rest is a number");
    assert!(view.pages.is_sorted_by(|a, b| a.triggered_at <= b.triggered_at), "the least time left first");
    assert!(view.pages.iter().any(|page| page.id.as_str() == "S00000"), "those with a notification are among them");
}
