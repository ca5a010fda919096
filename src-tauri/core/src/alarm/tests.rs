//! What alarms, how loud and in which words, as tables over every setting that matters.

use super::*;
use crate::page::{Gone, PageStatus};
use crate::poll::Watch;
use crate::settings::{QuietHours, SettingsPatch, SoundChoice};
use crate::shift::{Role, Shift};
use crate::state::tests::{at, connected, entry, page};
use crate::{Fault, FaultKind, Page, PageId, Settings};

fn key(id: &str, minutes: i64) -> AlarmKey {
    AlarmKey::Page { page: PageId::new(id), triggered_at: at(minutes) }
}

/// Connected, heard a moment ago, on call until minute 60.
fn watching() -> State {
    let mut state = connected();
    state.session.watch[SourceName::PagerDuty] = Watch { last_good_at: Some(at(10)), ..Watch::new(at(11)) };
    state.session.look_first_until = None;
    state.oncall.known_at = Some(at(0));
    state.oncall.entries = vec![entry("PRIMARY", "POLICY", 0, 60)];
    state
}

fn with(page: Page) -> State {
    let mut state = watching();
    state.pages.insert(page.seen.id.clone(), page);
    state
}

#[test]
fn what_alarms() {
    let seen = |status| {
        let mut page = page("P1", 10);
        std::sync::Arc::make_mut(&mut page.seen).status = status;
        page
    };
    let gone = Page { gone: Some((Gone::Closed, at(10))), ..page("P1", 10) };
    let grouped = Page { grouped: true, ..page("P1", 10) };
    let blind = AlarmKey::Blind { source: SourceName::PagerDuty };
    let silent = |minutes: i64| {
        let mut state = watching();
        state.session.watch[SourceName::PagerDuty].last_good_at = Some(at(10 - minutes));
        state.session.watch[SourceName::PagerDuty].fault = Some(Fault::new(FaultKind::Timeout, ""));
        state
    };
    let refused = {
        let mut state = watching();
        state.sources[SourceName::PagerDuty].key_refused = true;
        state
    };
    let unconnected = State { account: None, ..silent(9) };
    for (name, state, expected) in [
        ("nothing", watching(), vec![]),
        ("a triggered page", with(page("P1", 10)), vec![key("P1", 10)]),
        ("an acknowledged page", with(seen(PageStatus::Acknowledged)), vec![]),
        ("a page that left", with(gone), vec![]),
        ("a page among many", with(grouped), vec![AlarmKey::MorePages]),
        ("silence for a minute", silent(1), vec![blind.clone()]),
        ("silence for less", silent(0), vec![]),
        ("the key refused", refused, vec![blind]),
        ("not connected", unconnected, vec![]),
    ] {
        assert_eq!(wanted(&state, at(10)), expected, "{name}");
    }
}

#[test]
fn rounds_grow_louder_up_to_the_users_volume() {
    let mut state = watching();
    let heard = |state: &State| [1, 2, 3, 5, 50].map(|round| loudness(state, Sound::Page, round));
    assert_eq!(heard(&state), [48, 56, 64, 80, 80], "60 % and 10 % more each time, of a volume of 80 %");
    let choice = SoundChoice { volume: 100, file: None };
    state.settings = Settings::default().with(SettingsPatch::Sound { sound: Sound::Page, choice });
    assert_eq!(heard(&state), [60, 70, 80, 100, 100], "of full volume");
}

#[test]
fn quiet_hours_never_mute_a_page_on_shift() {
    // The start of the tests' time is 08:00 UTC.
    let hours = |from: &str, to: &str| QuietHours {
        on: true,
        from: from.parse().expect("a time"),
        to: to.parse().expect("a time"),
    };
    for (name, hours, on_call, expected) in [
        ("off shift, within", hours("07:00", "09:00"), vec![], true),
        ("off shift, outside", hours("10:00", "12:00"), vec![], false),
        ("on shift, within", hours("07:00", "09:00"), vec![entry("PRIMARY", "POLICY", 0, 60)], false),
        ("shadowing, within", hours("07:00", "09:00"), vec![entry("SHADOW", "POLICY", 0, 60)], false),
    ] {
        let mut state = with(page("P1", 10));
        state.settings.quiet_hours = hours;
        state.oncall.entries = on_call;
        assert_eq!(hushed(&state, at(10)), expected, "{name}");
        let sound = announcement(&state, &key("P1", 10), &Alarm::new(at(10)), at(10)).sound;
        assert_eq!(sound.is_none(), expected, "{name}: the notification comes in any case, the sound not");
    }
    let mut half_read = with(page("P1", 10));
    half_read.settings.quiet_hours = hours("07:00", "09:00");
    half_read.oncall.unread = 1;
    assert!(!hushed(&half_read, at(10)), "the entry that could not be read may hold now");
    let mut outdated = with(page("P1", 10));
    outdated.settings.quiet_hours = hours("07:00", "09:00");
    outdated.oncall.known_at = Some(at(-30));
    assert!(!hushed(&outdated, at(10)), "what was read long ago may have changed");
    let mut by_hand = with(page("P1", 10));
    by_hand.settings.quiet_hours = hours("07:00", "09:00");
    by_hand.shifts.insert(1, Shift::new(at(0), None, Role::OnCall, true));
    assert!(!hushed(&by_hand, at(10)), "a shift that PagerDuty knows nothing of");
    let mut left_over = with(page("P1", 9));
    left_over.settings.quiet_hours = hours("07:00", "09:00");
    left_over.oncall.entries = vec![entry("PRIMARY", "POLICY", 0, 10)];
    assert!(!hushed(&left_over, at(10)), "the shift is over, its page is not");
    let mut unknown = with(page("P1", 10));
    unknown.settings.quiet_hours = hours("07:00", "09:00");
    unknown.oncall.known_at = None;
    assert!(!hushed(&unknown, at(10)), "not knowing counts as on shift");
}

#[test]
fn quiet_never_outlives_the_target() {
    let mine = with(page("P1", 10));
    let mut shadow = mine.clone();
    shadow.settings.shadow = true;
    for (name, state, now, expected) in [
        ("just triggered", &mine, at(10), Some(at(15))),
        ("near the target", &mine, at(22), Some(at(25))),
        ("at the target", &mine, at(25), None),
        ("long over", &mine, at(60), None),
        ("long over, but not mine to take", &shadow, at(60), Some(at(65))),
    ] {
        assert_eq!(quiet_end(state, &key("P1", 10), now), expected, "{name}");
    }
}

#[test]
fn words_of_a_page() {
    let state = with(page("P1", 10));
    let told = announcement(&state, &key("P1", 10), &Alarm::new(at(10)), at(12));
    insta::assert_debug_snapshot!(told, @r#"
    Announcement {
        key: Page {
            page: PageId(
                "P1",
            ),
            triggered_at: 2027-01-15T08:10:00Z,
        },
        title: "Page: \u{2068}P1 is down\u{2069}",
        body: "Service \u{2068}Communications\u{2069}\nTriggered 08:10:00 UTC, acknowledge by 08:25:00 UTC",
        critical: true,
        buttons: [
            (
                Acknowledge,
                "Acknowledge",
            ),
            (
                Open,
                "Open",
            ),
            (
                Quiet,
                "Quiet 5 min",
            ),
        ],
        sound: Some(
            (
                Page,
                48,
            ),
        ),
    }
    "#);
}

#[test]
fn buttons_that_would_write_are_absent() {
    let buttons = |state: &State, now| {
        let told = announcement(state, &key("P1", 10), &Alarm::new(at(10)), now);
        told.buttons.into_iter().map(|(button, _)| button).collect::<Vec<_>>()
    };
    let mine = with(page("P1", 10));
    let change = |edit: fn(&mut State)| {
        let mut state = mine.clone();
        edit(&mut state);
        state
    };
    use Button::{Acknowledge, Open, Quiet};
    for (name, state, now, expected) in [
        ("mine", mine.clone(), at(11), vec![Acknowledge, Open, Quiet]),
        ("over the target", change(|state| state.oncall.known_at = Some(at(30))), at(30), vec![Acknowledge, Open]),
        (
            "nobody knows whose any more",
            change(|state| state.oncall.known_at = Some(at(-30))),
            at(16),
            vec![Open, Quiet],
        ),
        ("shadow", change(|state| state.settings.shadow = true), at(11), vec![Open, Quiet]),
        ("nobody knows whose", change(|state| state.oncall.entries.clear()), at(11), vec![Open, Quiet]),
        ("cannot save", change(|state| state.session.store_fault = Some("full".into())), at(11), vec![Open, Quiet]),
    ] {
        assert_eq!(buttons(&state, now), expected, "{name}");
    }
}

/// What stands on the screen is read minutes after it was said: no word of it may have become wrong by then, but for
/// what is past now and was ahead.
#[test]
fn words_do_not_age() {
    let blind = {
        let mut state = connected();
        state.session.watch[SourceName::PagerDuty].last_good_at = Some(at(1));
        state
    };
    let keys = [key("P1", 10), AlarmKey::MorePages, AlarmKey::Blind { source: SourceName::PagerDuty }, AlarmKey::Test];
    for (state, key) in [with(page("P1", 10)), blind].iter().flat_map(|state| keys.iter().map(move |key| (state, key)))
    {
        let said = |now| {
            let told = announcement(state, key, &Alarm::new(at(10)), now);
            (told.title, told.body)
        };
        assert_eq!(said(at(12)), said(at(20)), "{key:?}");
        for text in [said(at(12)).0, said(at(12)).1] {
            for part in [" ago", " left", " due in ", "overdue by", "Maintenance in"] {
                assert!(!text.contains(part), "{key:?}: {text:?}");
            }
        }
    }
    let (soon, late) = (announcement(&with(page("P1", 10)), &key("P1", 10), &Alarm::new(at(10)), at(12)), at(40));
    let over = announcement(&with(page("P1", 10)), &key("P1", 10), &Alarm::new(at(10)), late);
    assert!(
        soon.body.contains("acknowledge by 08:25:00 UTC") && over.body.contains("was to be acknowledged by 08:25:00")
    );
}
