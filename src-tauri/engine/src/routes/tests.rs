//! The one request of each write, on either kind of status page and in the tracker.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::DateTime;
use chrono_tz::Tz;
use herald_core::draft::Text;
use herald_core::errand::Errand;
use herald_core::feed::Tracker;
use herald_core::incident::{Incident, IncidentWish, Own};
use herald_core::ledger::{Plan, Tell};
use herald_core::shift::{Role, Shift};
use herald_core::state::{Mode, Session};
use herald_core::{Command, Impact, Input, Permit, SettingsPatch, TokenPlace, step};

use super::*;

pub(crate) fn now() -> Time {
    DateTime::from_timestamp(1_800_000_000, 0).expect("in range")
}

/// Somebody on duty by their own word, with tracker and status page.
fn on_duty(kind: PageKind) -> State {
    let session = Session::new(Mode::Real, Tz::UTC, now());
    let mut state = State::new(Arc::new(crate::playbook::default()), session);
    let keychain = Some(TokenPlace::Keychain);
    let [api_url, page_id] = ["https://api.status.example/v2", "page1"].map(str::to_owned);
    let (feed_url, public_url) = ("https://status.example".to_owned(), "https://status.example".to_owned());
    state.status_page = Some(StatusPage { kind, api_url, feed_url, public_url, page_id, token: keychain });
    let (base_url, project) = ("https://gl.example/api/v4".to_owned(), "group/ops".to_owned());
    state.tracker = Some(Tracker { base_url, project, user: None, token: keychain, can_write: true });
    state.shifts.insert(1, Shift::new(now(), None, Role::OnCall, true));
    state.incidents.insert(1, Incident { own: Own::default(), ..Incident::new(now()) });
    state
}

fn publication(post: Option<&str>, phase: Phase) -> Publication {
    let text = Text {
        title: "Delayed jobs".into(),
        body: "We're seeing delays.".into(),
        phase,
        impact: Some(Impact::Degraded),
        components: BTreeSet::new(),
        promise: true,
        muted: BTreeSet::new(),
    };
    let (post, stage) = (post.map(str::to_owned), PublishStage::Running);
    Publication { incident: 1, text, post, amends: None, basis: None, stage, asked_at: now() }
}

/// A permit for an update, and the state that gave it.
pub(crate) fn permitted() -> (State, Permit) {
    let mut state = on_duty(PageKind::StatusIo);
    state.publications.insert(1, publication(Some("p"), Phase::Identified));
    let permit = permit(&state, Write::Update(1), now()).expect("on duty");
    (state, permit)
}

fn only(state: &State) -> Option<Route> {
    let open = open(state, now());
    assert!(open.len() <= 1, "{open:?}");
    open.into_values().next()
}

#[test]
fn an_update_is_one_call_of_its_page() {
    for (kind, post, phase, method, url) in [
        (PageKind::StatusIo, None, Phase::Investigating, Method::POST, "https://api.status.example/v2/incident/create"),
        (
            PageKind::StatusIo,
            Some("p"),
            Phase::Monitoring,
            Method::POST,
            "https://api.status.example/v2/incident/update",
        ),
        (
            PageKind::StatusIo,
            Some("p"),
            Phase::Resolved,
            Method::POST,
            "https://api.status.example/v2/incident/resolve",
        ),
        (
            PageKind::Statuspage,
            None,
            Phase::Investigating,
            Method::POST,
            "https://api.status.example/v2/pages/page1/incidents",
        ),
        (
            PageKind::Statuspage,
            Some("p"),
            Phase::Resolved,
            Method::PATCH,
            "https://api.status.example/v2/pages/page1/incidents/p",
        ),
    ] {
        let mut state = on_duty(kind);
        state.publications.insert(1, publication(post, phase));
        assert_eq!(only(&state), Route::new(method, url), "{kind:?} {post:?} {phase:?}");
    }
}

#[test]
fn an_errand_is_one_call_of_its_service() {
    let label = || ErrandTask::LabelIssue { incident: 1, iid: 7, label: "told".into() };
    let file = || ErrandTask::FileHandover {
        shift: 1,
        project: "group/handovers".into(),
        title: "Handover".into(),
        text: "Nothing.".into(),
        labels: vec![],
    };
    let plan = Plan {
        title: "Failover".into(),
        details: "Short.".into(),
        issue_url: None,
        starts_at: now(),
        ends_at: now(),
        components: BTreeSet::new(),
        automation: false,
        reminds: false,
    };
    let schedule = || ErrandTask::ScheduleMaintenance { maintenance: 1, plan: plan.clone() };
    let tell = |tell| ErrandTask::TellMaintenance {
        maintenance: 1,
        post: "m".into(),
        tell,
        text: "On time.".into(),
        muted: BTreeSet::new(),
        components: BTreeSet::new(),
    };
    let (io, page) = (PageKind::StatusIo, PageKind::Statuspage);
    let issues = "https://gl.example/api/v4/projects";
    let api = "https://api.status.example/v2";
    for (kind, task, method, url) in [
        (io, label(), Method::PUT, format!("{issues}/group%2Fops/issues/7")),
        (io, file(), Method::POST, format!("{issues}/group%2Fhandovers/issues")),
        (io, schedule(), Method::POST, format!("{api}/maintenance/schedule")),
        (io, tell(Tell::Start), Method::POST, format!("{api}/maintenance/start")),
        (io, tell(Tell::Finish), Method::POST, format!("{api}/maintenance/finish")),
        (page, schedule(), Method::POST, format!("{api}/pages/page1/incidents")),
        (page, tell(Tell::Update), Method::PATCH, format!("{api}/pages/page1/incidents/m")),
    ] {
        let mut state = on_duty(kind);
        let said = format!("{kind:?} {task:?}");
        state.errands.insert(1, Errand { task, stage: ErrandStage::Running, asked_at: now() });
        assert_eq!(only(&state), Route::new(method, &url), "{said}");
        state.errands.get_mut(&1).expect("there").stage = ErrandStage::Ready;
        assert_eq!(only(&state), None, "{said}: its start is not on disk yet");
        state.errands.get_mut(&1).expect("there").stage = ErrandStage::unsure(now());
        assert_eq!(only(&state), None, "{said}: it is read back");
    }
}

#[test]
fn nothing_is_open_for_whoever_watches_or_when_nothing_is_on_its_way() {
    let (mut state, _) = permitted();
    assert!(only(&state).is_some());
    state.publications.get_mut(&1).expect("there").stage = PublishStage::Accepted { at: now() };
    assert_eq!(only(&state), None, "it is there");
    let (mut state, _) = permitted();
    for change in step(&state.clone(), Input::User(Command::Set { patch: SettingsPatch::Shadow { on: true } }), now()) {
        state.apply(&change);
    }
    assert_eq!(only(&state), None, "shadow");
    let wish = Box::new(IncidentWish::Decide { incident: 1, yes: true });
    assert!(!step(&state, Input::User(Command::Incident { wish }), now()).is_empty(), "but the rest goes on");
}
