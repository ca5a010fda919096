//! The ledger's view: the order of its lists, and the day for amplification.

use super::*;
use crate::feed::StatusPage;
use crate::ledger::Plan;
use crate::state::tests::{at, on_duty};

#[test]
fn the_middle_of_the_week_before_the_start() {
    for (start, expected) in [
        ("2026-05-16", "2026-05-13"),
        ("2026-05-13", "2026-05-06"),
        ("2026-05-12", "2026-05-06"),
        ("2026-05-14", "2026-05-13"),
        ("2028-03-01", "2028-02-23"),
        ("2027-01-02", "2026-12-30"),
    ] {
        let day = |text: &str| text.parse::<NaiveDate>().expect("a day");
        assert_eq!(mid_week_before(day(start)), day(expected), "before {start}");
    }
}

#[test]
fn a_dashboard_of_another_kind_of_page_is_not_offered() {
    let mut state = on_duty();
    let mut playbook = (*state.playbook).clone();
    playbook.links.insert("status_page_admin".into(), "https://dashboard.example".into());
    playbook.status_page.kind = PageKind::StatusIo;
    state.playbook = playbook.into();
    let view = ledger(&state, at(0));
    assert_eq!((view.dashboard.is_some(), view.page), (true, PageKind::StatusIo), "as the team has it");
    for (kind, offered) in [(PageKind::StatusIo, true), (PageKind::Statuspage, false), (PageKind::Rss, true)] {
        state.status_page = Some(StatusPage {
            kind,
            api_url: String::new(),
            feed_url: String::new(),
            public_url: state.playbook.status_page.public_url.clone(),
            page_id: state.playbook.status_page.page_id.clone(),
            token: None,
        });
        let view = ledger(&state, at(0));
        assert_eq!((view.dashboard.is_some(), view.flexible), (offered, kind == PageKind::Statuspage), "{kind:?}");
        assert_eq!(view.page, if kind == PageKind::Rss { PageKind::StatusIo } else { kind }, "{kind:?}");
    }
}

#[test]
fn what_the_page_lists_is_offered_the_next_one_first() {
    let mut state = on_duty();
    let seen = |id: &str, starts: i64| MaintenanceSeen {
        id: id.into(),
        title: "Move".into(),
        starts_at: Some(at(starts)),
        ends_at: Some(at(starts + 60)),
        text: String::new(),
        components: vec![],
        active: false,
    };
    state.session.maintenances =
        vec![seen("m1", 900), seen("m2", 600), MaintenanceSeen { ends_at: None, ..seen("m3", 1) }];
    let offers: Vec<String> = ledger(&state, at(0)).offers.into_iter().map(|offer| offer.post).collect();
    assert_eq!(offers, ["m2", "m1"]);
}

#[test]
fn what_needs_somebody_comes_first() {
    let mut state = on_duty();
    let contact = |minute, state| Contact {
        asked_at: at(minute),
        asked_by: "Dana".into(),
        what: "Tell users".into(),
        ticket: None,
        owner: None,
        state,
        state_at: at(minute),
        earlier: vec![],
    };
    state.contacts.insert(1, contact(1, ContactState::Done));
    state.contacts.insert(2, contact(3, ContactState::Open));
    state.contacts.insert(3, contact(2, ContactState::Open));
    let plan = |starts_at| Plan {
        title: "Move".into(),
        details: String::new(),
        issue_url: None,
        starts_at,
        ends_at: starts_at + chrono::TimeDelta::hours(1),
        components: [].into(),
        automation: false,
        reminds: false,
    };
    state.maintenances.insert(1, Maintenance { ended_at: Some(at(9)), ..Maintenance::new(plan(at(1)), at(0)) });
    state.maintenances.insert(2, Maintenance::new(plan(at(500)), at(0)));
    state.maintenances.insert(3, Maintenance { started_at: Some(at(9)), ..Maintenance::new(plan(at(600)), at(0)) });
    let view = ledger(&state, at(10));
    assert_eq!(view.contacts.iter().map(|card| card.id).collect::<Vec<_>>(), [3, 2, 1]);
    assert_eq!(view.maintenances.iter().map(|card| card.id).collect::<Vec<_>>(), [3, 2, 1]);
    assert_eq!(view.shut.map(|it| it.refusal), Some(Refusal::NoStatusPage), "no page is connected");
}
