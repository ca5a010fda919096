//! Where every place leads, by what is connected.

use super::*;
use crate::account::TokenPlace;
use crate::state::tests::connected;
use crate::state::{Mode, State};
use crate::zendesk::Zendesk;

fn playbook(state: &mut State) {
    let rules = std::sync::Arc::make_mut(&mut state.playbook);
    rules.status_page.kind = PageKind::StatusIo;
    rules.status_page.page_id = "theirs".into();
    rules.status_page.public_url = "https://status.gl.com".into();
    rules.tracker.base_url = "https://gl.com/api/v4".into();
    rules.handover.project = "team/handover".into();
    rules.zendesk.base_url = "https://gl.zendesk.com".into();
    rules.zendesk.search_path = "/search?q={tickets}".into();
    rules.links = [
        ("live_status_page", "https://status.gl.com"),
        ("status_page_admin", "https://app.status.io/dashboard/theirs"),
        ("production_tracker", "https://gl.com/infra/production/-/issues"),
        ("handover_tracker", "https://gl.com/support/handover/-/issues"),
        ("practice_event_template", "https://gl.com/support/meta/-/issues/new"),
        ("shadow_schedule", "https://gl.pagerduty.com/schedules#1"),
        ("dashboards", "https://dashboards.gl.com"),
        ("empty", ""),
    ]
    .map(|(slot, url)| (slot.to_owned(), url.to_owned()))
    .into();
}

fn tracker(base_url: &str, project: &str) -> Tracker {
    Tracker { base_url: base_url.into(), project: project.into(), user: None, token: None, can_write: false }
}

fn page(kind: PageKind, api_url: &str) -> StatusPage {
    let (feed_url, public_url) = ("https://feed.ours.com".into(), "https://status.ours.com".into());
    StatusPage { kind, api_url: api_url.into(), feed_url, public_url, page_id: "ours".into(), token: None }
}

#[test]
fn places_follow_what_is_connected() {
    let mut state = connected();
    playbook(&mut state);
    let at = |state: &State, slot: &str| place(state, slot).unwrap_or_default();
    assert_eq!(at(&state, "live_status_page"), "https://status.gl.com", "nothing is connected: the playbook's");
    assert_eq!(tickets(&state).as_deref(), Some("https://gl.zendesk.com/search?q={tickets}"));
    state.tracker = Some(tracker("https://git.ours.com/api/v4", "ops/incidents"));
    state.status_page = Some(page(PageKind::Statuspage, "https://api.statuspage.io/v1"));
    let (base_url, email) = ("https://ours.zendesk.com".into(), "a@ours.com".into());
    state.zendesk = Some(Zendesk { base_url, email, token: TokenPlace::Keychain });
    for (slot, expected) in [
        ("live_status_page", "https://status.ours.com"),
        ("status_page_admin", "https://manage.statuspage.io/pages/ours"),
        ("production_tracker", "https://git.ours.com/ops/incidents/-/issues"),
        ("handover_tracker", "https://git.ours.com/team/handover/-/issues"),
        ("practice_event_template", ""),
        ("dashboards", "https://dashboards.gl.com"),
        ("empty", ""),
        ("unknown", ""),
    ] {
        assert_eq!(at(&state, slot), expected, "{slot}");
    }
    assert_eq!(tickets(&state).as_deref(), Some("https://ours.zendesk.com/search?q={tickets}"));
    state.status_page = Some(page(PageKind::Rss, ""));
    assert_eq!(at(&state, "status_page_admin"), "", "nobody knows who runs it");
    state.tracker = Some(tracker("https://gl.com/api/v4", "123"));
    assert_eq!(at(&state, "production_tracker"), "https://gl.com/infra/production/-/issues", "the playbook's own");
    assert_eq!(at(&state, "practice_event_template"), "https://gl.com/support/meta/-/issues/new");
}

#[test]
fn schedules_are_those_of_the_account_that_pages() {
    let mut state = connected();
    playbook(&mut state);
    let page = crate::state::tests::page("P1", 1);
    let with = |url: &str| {
        let seen = crate::SeenPage { url: Some(url.into()), ..(*page.seen).clone() };
        crate::Page { seen: seen.into(), ..page.clone() }
    };
    for (url, shown) in [("https://gl.pagerduty.com/incidents/P1", true), ("https://ours.pagerduty.com/P1", false)] {
        state.pages.insert(page.seen.id.clone(), with(url));
        assert_eq!(place(&state, "shadow_schedule").is_some(), shown, "{url}");
    }
}

#[test]
fn in_practice_no_place_is_real() {
    let mut state = connected();
    playbook(&mut state);
    state.session.mode = Mode::Practice { scenario: "x".into() };
    assert_eq!((all(&state), tickets(&state)), (vec![], None));
    state.tracker = Some(tracker("http://127.0.0.1:4000/gitlab/api/v4", "quillbrook/production"));
    let expected = "http://127.0.0.1:4000/gitlab/quillbrook/production/-/issues";
    assert_eq!(place(&state, "production_tracker").as_deref(), Some(expected));
    for (url, may) in [
        ("http://127.0.0.1:4000/x", true),
        ("http://[::1]:4000/x", true),
        ("https://calls.quillbrook.example/1", true),
        ("https://example.com/", false),
        ("https://gl.zendesk.com/agent", false),
        ("https://127.0.0.1.evil.com/", false),
        ("https://localhost@evil.com/", false),
        ("https://evil.com\\@localhost/", false),
        ("https://evil.com/.example", false),
        ("javascript:alert(1)", false),
        ("", false),
    ] {
        assert_eq!(may_open(&state, url), may, "{url}");
    }
    state.session.mode = Mode::Real;
    assert!(may_open(&state, "https://gl.zendesk.com/agent"));
}
