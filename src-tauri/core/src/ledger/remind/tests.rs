//! Reminders of maintenance, moment by moment.

use std::sync::Arc;

use super::*;
use crate::alarm::{self, Alarm, Sound};
use crate::ledger::Plan;
use crate::state::tests::{at, connected};

/// Planned at minute 0 for the minutes 3000 to 3120.
fn planned(automation: bool) -> Maintenance {
    let plan = Plan {
        title: "Database move".into(),
        details: "Sign-in is slow for a while.".into(),
        issue_url: None,
        starts_at: at(3000),
        ends_at: at(3120),
        components: ["c-d".to_owned()].into(),
        automation,
        reminds: false,
    };
    Maintenance::new(plan, at(0))
}

fn rules() -> MaintenanceRules {
    connected().playbook.maintenance.clone()
}

#[test]
fn a_reminder_is_the_newest_moment_that_has_come_and_was_not_seen() {
    use ReminderKind::{Ahead, Finish, NotBegun, NotOver, Start, Update};
    let by_hand = planned(false);
    let begun = Maintenance { started_at: Some(at(3005)), ..planned(false) };
    let told = Maintenance { updated_at: Some(at(3050)), ..begun.clone() };
    let seen = Maintenance { seen_until: Some(at(2940)), ..by_hand.clone() };
    let ahead_of_time = Maintenance { seen_until: Some(at(9000)), ..by_hand.clone() };
    let told_ahead = Maintenance { updated_at: Some(at(90_000)), ..begun.clone() };
    let over = Maintenance { ended_at: Some(at(2000)), ..by_hand.clone() };
    let automated = Maintenance { started_at: Some(at(3005)), ..planned(true) };
    let late = Maintenance { seen_until: Some(at(2945)), ..planned(true) };
    for (case, it, now, expected) in [
        ("too early", &by_hand, 1559, None),
        ("a day ahead", &by_hand, 1560, Some((1560, Ahead))),
        ("an hour ahead replaces it", &by_hand, 2940, Some((2940, Ahead))),
        ("half an hour (H65)", &by_hand, 2975, Some((2970, Ahead))),
        ("to be started by hand", &by_hand, 3000, Some((3000, Start))),
        ("and still so later", &by_hand, 9000, Some((3000, Start))),
        ("automation starts it alone", &planned(true), 3000, None),
        ("but is told ahead", &planned(true), 2999, Some((2990, Ahead))),
        ("what was seen is over", &seen, 2969, None),
        ("until the next", &seen, 2970, Some((2970, Ahead))),
        ("what is seen in the future was seen under a wrong clock", &ahead_of_time, 2975, Some((2970, Ahead))),
        ("what was over when it was entered is not made up for", &late, 2969, None),
        ("begun: an update an hour later", &begun, 3064, None),
        ("begun: due now", &begun, 3065, Some((3065, Update))),
        ("told: counts from there", &told, 3109, None),
        ("told: due again", &told, 3110, Some((3110, Update))),
        ("the planned end", &told, 3120, Some((3120, Finish))),
        ("told under a clock that ran ahead", &told_ahead, 3070, Some((3060, Update))),
        ("automation: the page may take a moment", &planned(true), 3004, None),
        ("automation: not seen to begin", &planned(true), 3005, Some((3005, NotBegun))),
        ("automation: begun, nothing by hand", &automated, 3124, None),
        ("automation: not seen to end", &automated, 3125, Some((3125, NotOver))),
        ("automation: nothing was seen of it", &planned(true), 3125, Some((3125, NotOver))),
        ("over", &over, 2990, None),
    ] {
        let one = current(it, &rules(), at(now)).map(|one| (one.at, one.kind));
        assert_eq!(one, expected.map(|(minute, kind)| (at(minute), kind)), "{case}");
    }
}

#[test]
fn the_alarm_is_calm_and_grows_more_frequent_towards_the_start() {
    let mut state = connected();
    state.maintenances.insert(7, planned(false));
    let key = AlarmKey::Maintenance { maintenance: 7, at: at(1560) };
    assert!(alarm::wanted(&state, at(1600)).contains(&key));
    assert_eq!(key.sound(at(1600)), Some(Sound::DueSoon));
    for (now, next) in [(1560, 2280), (2800, 2900), (2920, 2960)] {
        assert_eq!(alarm::next_round_at(&state, &key, at(now)), at(next), "from {now}: half of what is left");
    }
    let start = AlarmKey::Maintenance { maintenance: 7, at: at(3000) };
    let next = alarm::next_round_at(&state, &start, at(3000));
    assert_eq!(next, at(3000) + TimeDelta::seconds(30), "what is due by hand sounds at the sound's own pace");
    let said = alarm::announcement(&state, &key, &Alarm::new(at(1560)), at(1560));
    assert_eq!(said.title, "Maintenance at 17-01-2027 10:00 UTC: \u{2068}Database move\u{2069}");
    assert!(said.buttons.iter().any(|(button, label)| *button == alarm::Button::Acknowledge && label == "Got it"));
}

#[test]
fn what_automation_was_not_seen_to_do_is_asked_about() {
    let mut state = connected();
    state.maintenances.insert(7, planned(true));
    let said = |minute| words(&state, 7, at(minute));
    assert_eq!(said(3005).0, "Has the maintenance begun? \u{2068}Database move\u{2069}");
    assert_eq!(said(3125).0, "Is the maintenance over? \u{2068}Database move\u{2069}");
    assert!(said(3125).1.ends_with("Look there."), "{}", said(3125).1);
    let key = AlarmKey::Maintenance { maintenance: 7, at: at(3005) };
    assert!(alarm::wanted(&state, at(3010)).contains(&key), "it alarms");
}

#[test]
fn herald_looks_again_when_a_reminder_comes_or_the_start_overtakes_one() {
    let mut state = connected();
    state.maintenances.insert(1, planned(true));
    for (now, expected) in [(0, Some(1560)), (1560, Some(2940)), (2990, Some(3000)), (3000, Some(3005)), (3125, None)] {
        assert_eq!(changes_at(&state, at(now)), expected.map(at), "at {now}");
    }
    let mut rules = connected().playbook.as_ref().clone();
    rules.maintenance.remind_min.clear();
    state.playbook = Arc::new(rules);
    assert_eq!(changes_at(&state, at(0)), Some(at(3000)), "no reminders, but the start");
}

#[test]
fn what_is_due_by_hand_counts_from_when_it_came_into_hand() {
    let off = Maintenance { by_hand_since: Some(at(3030)), seen_until: Some(at(2940)), ..planned(false) };
    let begun = Maintenance { started_at: Some(at(3000)), ..off.clone() };
    let every = i64::from(rules().update_every_min);
    for (case, it, now, expected) in [
        ("the start that the page missed", &off, 3030, Some((3030, ReminderKind::Start))),
        ("no update is late at once", &begun, 3030, None),
        ("the first update by hand", &begun, 3030 + every, Some((3030 + every, ReminderKind::Update))),
    ] {
        let current = current(it, &rules(), at(now)).map(|one| (one.at, one.kind));
        assert_eq!(current, expected.map(|(minute, kind)| (at(minute), kind)), "{case}");
    }
}
