//! What is started when, and when the loop looks again.

use super::*;
use crate::oncall::OnCall;
use crate::page::Page;
use crate::poll::Snapshot;
use crate::poll::Watch;
use crate::state::tests::{at, connected, entry, page, seen};
use crate::{Change, Fault, FaultKind, Input, step};

fn with(pages: &[Page]) -> State {
    let mut state = connected();
    state.session.watch[SourceName::PagerDuty] = Watch { last_good_at: Some(at(10)), ..Watch::new(at(11)) };
    state.session.look_first_until = None;
    state.session.oncall_at = at(20);
    state.oncall.known_at = Some(at(0));
    state.oncall.entries = vec![entry("PRIMARY", "POLICY", 0, 60)];
    for page in pages {
        state.pages.insert(page.seen.id.clone(), page.clone());
    }
    after(state, Input::Ticked, at(10))
}

fn after(mut state: State, input: Input, now: Time) -> State {
    for change in step(&state, input, now) {
        state.apply(&change);
    }
    state
}

fn announced(state: &State, now: Time) -> Vec<(AlarmKey, bool)> {
    let rounds = due(state, now)
        .into_iter()
        .filter_map(|action| if let Action::Announce(round) = action { Some(round) } else { None });
    rounds.flatten().map(|it| (it.key, it.sound.is_some())).collect()
}

fn key(id: &str, minutes: i64) -> AlarmKey {
    AlarmKey::Page { page: PageId::new(id), triggered_at: at(minutes) }
}

#[test]
fn several_pages_sound_once_and_keep_one_rhythm() {
    let state = with(&[page("P1", 10), page("P2", 10)]);
    let first = announced(&state, at(10));
    assert_eq!(first, [(key("P1", 10), true), (key("P2", 10), false)], "both are shown, one sound plays");
    let mut state = after(state, Input::RoundStarted(vec![key("P1", 10), key("P2", 10)]), at(10));
    assert_eq!(announced(&state, at(10)), [], "a round is started once");
    let late = at(10) + TimeDelta::seconds(20);
    state.apply(&Change::Page(Box::new(page("P3", 10))));
    let state = after(state, Input::Ticked, late);
    let keys: Vec<_> = announced(&state, late).into_iter().map(|(key, _)| key).collect();
    assert_eq!(keys, [key("P1", 10), key("P2", 10), key("P3", 10)], "the others join a new page rather than follow it");
}

#[test]
fn nothing_is_nagged_before_the_first_look_after_waking() {
    let state = after(with(&[page("P1", 9)]), Input::RoundStarted(vec![key("P1", 9)]), at(10));
    let woken = after(state, Input::Woke, at(500));
    assert_eq!(due(&woken, at(500)), [Action::Poll(SourceName::PagerDuty), Action::ReadOnCall], "first it is asked");
    assert_eq!(wake_at(&woken, at(500)), at(500) + TimeDelta::seconds(3), "but not waited for without end");
    let unheard = at(500) + TimeDelta::seconds(3);
    let keys: Vec<_> = announced(&woken, unheard).into_iter().map(|(key, _)| key).collect();
    let handover = AlarmKey::Handover { shift: 1 };
    assert_eq!(keys, [key("P1", 9), handover], "then what is known is alarmed for, and that the shift is over");
}

#[test]
fn the_first_alarm_waits_until_it_is_known_whose_the_page_is() {
    let polled = |asked_at| Input::Polled { result: Ok(Snapshot::of(asked_at, vec![seen("P1", 9)])), jitter: 0.0 };
    let state = after(connected(), polled(at(0)), at(0));
    assert_eq!(announced(&state, at(0)), [], "the button to acknowledge would be missing");
    let known =
        after(state.clone(), Input::OnCallRead(Ok(OnCall::read(vec![entry("PRIMARY", "POLICY", 0, 60)], 0))), at(0));
    assert_eq!(announced(&known, at(0)).len(), 1, "whose it is, is known");
    let fault = Fault::new(FaultKind::Forbidden, "");
    let unknown = after(state.clone(), Input::OnCallRead(Err(fault)), at(0));
    assert_eq!(announced(&unknown, at(0)).len(), 1, "or cannot be known");
    assert_eq!(announced(&state, at(0) + TimeDelta::seconds(3)).len(), 1, "and no answer is not waited for for long");
}

#[test]
fn buttons_follow_whose_page_it_is() {
    let state = after(with(&[page("P1", 10)]), Input::RoundStarted(vec![key("P1", 10)]), at(10));
    assert_eq!(announced(&state, at(10)), [], "told");
    let patch = crate::SettingsPatch::Shadow { on: true };
    let shadowing = after(state, Input::User(crate::Command::Set { patch }), at(10));
    assert_eq!(announced(&shadowing, at(10)).len(), 1, "told again, without the button that writes");
}

#[test]
fn a_pause_that_pagerduty_asked_for_is_kept() {
    let mut state = with(&[]);
    state.sources[SourceName::PagerDuty].not_before = Some(at(14));
    state.session.watch[SourceName::PagerDuty].poll_at = at(10);
    state.session.oncall_at = at(10);
    assert_eq!(due(&state, at(13)), [], "whatever else is due");
    assert_eq!(due(&state, at(14)), [Action::Poll(SourceName::PagerDuty), Action::ReadOnCall], "until it is over");
    state.sources[SourceName::PagerDuty].not_before = Some(at(10_000));
    assert_eq!(due(&state, at(13)).len(), 2, "a pause beyond all reason was written under a wrong clock");
}

#[test]
fn a_clock_that_jumps_back_silences_nothing() {
    let state = after(with(&[page("P1", 9)]), Input::RoundStarted(vec![key("P1", 9)]), at(10));
    assert_eq!(announced(&state, at(-600)).len(), 1, "a next round ten hours ahead counts as come");
}

/// Whether quiet hours hush and how often is polled depend on my duty: it must not change in Herald's sleep.
#[test]
fn herald_wakes_when_its_on_call_times_say_something_else() {
    let mut state = with(&[]);
    state.session.oncall_at = at(10_000);
    state.session.oncall_fault = Some(Fault::new(FaultKind::Timeout, "none"));
    let second = chrono::TimeDelta::seconds(1);
    for (name, start, end, known, changes) in [
        ("one begins", 20, 90, 10, 20),
        ("one ends", -60, 20, 10, 20),
        ("what was read has become old", -60, 90, 5, 20),
    ] {
        state.oncall.entries = vec![entry("PRIMARY", "POLICY", start, end)];
        state.oncall.known_at = Some(at(known));
        let before = at(changes) - second;
        assert_eq!(wake_at(&state, before), at(changes), "{name}");
        let duty = |now| (state.oncall_known(now), state.oncall.at(now).count());
        assert_ne!(duty(before), duty(at(changes)), "{name}: it does change then");
    }
}
