//! The tray in each of its states, compared whole.

use super::*;
use crate::alarm::Alarm;
use crate::page::PageId;
use crate::poll::Watch;
use crate::state::tests::{at, connected, entry, page};
use crate::state::{Channel, Mode};
use crate::{Input, step};

fn watching() -> State {
    let mut state = connected();
    state.session.watch[SourceName::PagerDuty] = Watch { last_good_at: Some(at(10)), ..Watch::new(at(11)) };
    state.oncall.known_at = Some(at(0));
    state.oncall.entries = vec![entry("PRIMARY", "POLICY", 0, 60)];
    state
}

fn calling() -> State {
    let mut state = watching();
    let key = AlarmKey::Page { page: PageId::new("P1"), triggered_at: at(9) };
    state.alarms.insert(key, Alarm::new(at(9)));
    state.pages.insert(PageId::new("P1"), page("P1", 9));
    state
}

fn taken() -> State {
    let mut state = watching();
    let mut page = page("P1", 9);
    std::sync::Arc::make_mut(&mut page.seen).status = PageStatus::Acknowledged;
    state.pages.insert(PageId::new("P1"), page);
    state
}

/// The menu as text: a mark for switches, brackets for what only tells something.
fn menu(state: &State) -> String {
    let line = |item: &MenuItem| match item {
        MenuItem::Separator => "---".to_owned(),
        MenuItem::Entry { label, act: MenuAct::None, .. } => format!("[{label}]"),
        MenuItem::Entry { label, checked: None, .. } => label.clone(),
        MenuItem::Entry { label, checked: Some(on), .. } => format!("({}) {label}", if *on { 'x' } else { ' ' }),
    };
    tray(state, at(10)).menu.iter().map(line).collect::<Vec<_>>().join("\n")
}

#[test]
fn the_strongest_state_wins() {
    let practice = |state: State| {
        let mut state = state;
        state.session.mode = Mode::Practice { scenario: "x".into() };
        state
    };
    let shadow = |state: State| {
        let mut state = state;
        state.settings.shadow = true;
        state
    };
    let silent = |state: State| {
        let mut state = state;
        state.session.watch[SourceName::PagerDuty].last_good_at = Some(at(5));
        state
    };
    let never_heard = {
        let mut state = watching();
        state.session.watch[SourceName::PagerDuty].last_good_at = None;
        state
    };
    for (name, state, expected) in [
        ("quiet", watching(), (Sign::Quiet, false)),
        ("a page calls", calling(), (Sign::Page, false)),
        ("a page is taken", taken(), (Sign::Open, false)),
        ("old answers", silent(watching()), (Sign::Blind, false)),
        ("old answers, a page is taken", silent(taken()), (Sign::Blind, false)),
        ("old answers, a page calls", silent(calling()), (Sign::Page, false)),
        ("not one answer yet", never_heard, (Sign::Blind, false)),
        ("not connected", State { account: None, ..watching() }, (Sign::Blind, false)),
        ("shadow", shadow(watching()), (Sign::Shadow, true)),
        ("shadow, a page calls", shadow(calling()), (Sign::Page, true)),
        ("practice", practice(watching()), (Sign::Shadow, true)),
        ("practice, blind", practice(silent(watching())), (Sign::Blind, true)),
    ] {
        assert_eq!((sign(&state, at(10)), hollow(&state, at(10))), expected, "{name}");
    }
}

#[test]
fn menu_of_a_quiet_tray() {
    insta::assert_snapshot!(menu(&watching()), @r"
    [All quiet, on call until 09:00 UTC]
    ---
    Open Herald
    Ask PagerDuty now
    Test the alarm
    ( ) Shadow mode
    ---
    Quit Herald
    ");
}

#[test]
fn menu_of_a_page() {
    insta::assert_snapshot!(menu(&calling()), @r"
    [1 page calls]
    ---
    [P1 is down (calls)]
    Acknowledge
    Quiet 5 min
    Open in PagerDuty
    Close page…
    ---
    Open Herald
    Ask PagerDuty now
    Test the alarm
    ( ) Shadow mode
    ---
    Quit Herald
    ");
}

#[test]
fn tooltip_names_the_page_and_the_time() {
    assert_eq!(tray(&calling(), at(10)).tooltip, "1 page calls\nCalls since 08:09 UTC: P1 is down");
    assert_eq!(
        tray(&taken(), at(10)).tooltip,
        "Page acknowledged, still open, on call until 09:00 UTC\nCalled at 08:09 UTC: P1 is down"
    );
    let mut storm = calling();
    for n in 2..=6 {
        let id = format!("P{n}");
        storm.pages.insert(PageId::new(&id), page(&id, 9));
    }
    let tooltip = tray(&storm, at(10)).tooltip;
    assert_eq!(tooltip.lines().count(), 5, "a tooltip stays a tooltip: {tooltip}");
    assert!(tooltip.ends_with("and 3 more"), "{tooltip}");
}

#[test]
fn menu_in_shadow_has_nothing_that_writes() {
    let mut state = calling();
    state.settings.shadow = true;
    insta::assert_snapshot!(menu(&state), @r"
    [1 page calls]
    [Shadow: Herald writes to nobody]
    ---
    [P1 is down (calls)]
    Quiet 5 min
    Open in PagerDuty
    ---
    Open Herald
    Ask PagerDuty now
    Test the alarm
    (x) Shadow mode
    ---
    Quit Herald
    ");
}

#[test]
fn a_dead_hotkey_is_told_but_is_no_alarm() {
    let mut state = watching();
    let calm = tray(&state, at(10));
    let seen = |state: &mut State, health: Health| {
        for change in step(state, Input::ChannelSeen(Channel::Hotkey, health), at(10)) {
            state.apply(&change);
        }
    };
    seen(&mut state, Health::Dead { reason: "taken".into() });
    let told = tray(&state, at(10));
    assert_eq!((told.sign, told.hollow), (calm.sign, calm.hollow));
    assert_eq!(told.tooltip, format!("{}\n⚠ Hotkey: taken", calm.tooltip));
    assert_eq!(told.menu.len(), calm.menu.len() + 1, "one line more");

    // Whatever was known of it is about keys that are given up.
    let off = Command::Set { patch: SettingsPatch::Hotkey { keys: None } };
    for change in step(&state, Input::User(off), at(10)) {
        state.apply(&change);
    }
    assert_eq!(tray(&state, at(10)), calm);
    seen(&mut state, Health::Dead { reason: "said too late".into() });
    assert_eq!(tray(&state, at(10)), calm);
}

#[test]
fn the_whole_tray_of_trouble() {
    let mut state = State { account: None, ..watching() };
    state.session.store_fault = Some("the disk is full".into());
    state.session.channels.insert(Channel::Sound, Health::Dead { reason: "no sound device".into() });
    let told = |label: &str| MenuItem::Entry { label: label.into(), act: MenuAct::None, checked: None };
    let does = |label: &str, act: MenuAct| MenuItem::Entry { label: label.into(), act, checked: None };
    let expected = Tray {
        sign: Sign::Blind,
        hollow: false,
        tooltip: "PagerDuty is not connected\n⚠ Cannot save: the disk is full\n⚠ Sound: no sound device".into(),
        menu: vec![
            told("PagerDuty is not connected"),
            told("⚠ Cannot save: the disk is full"),
            told("⚠ Sound: no sound device"),
            MenuItem::Separator,
            does("Open Herald", MenuAct::Show),
            does("Test the alarm", MenuAct::Command(Command::TestAlarm)),
            MenuItem::Entry {
                label: "Shadow mode".into(),
                act: MenuAct::Command(Command::Set { patch: SettingsPatch::Shadow { on: true } }),
                checked: Some(false),
            },
            MenuItem::Separator,
            does("Quit Herald", MenuAct::Quit),
        ],
    };
    assert_eq!(tray(&state, at(10)), expected);
}
