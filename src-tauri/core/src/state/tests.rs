//! What the tests of the core begin with: a connected Herald, pages, and a playbook in the shape of the default.

use chrono::DateTime;

use super::*;
use crate::account::{KeyKind, TokenPlace};
use crate::oncall::OnCallEntry;
use crate::page::{Named, PageStatus, SeenPage, Told};

/// A moment `minutes` after an arbitrary start.
pub(crate) fn at(minutes: i64) -> Time {
    DateTime::from_timestamp(1_800_000_000 + 60 * minutes, 0).expect("in range")
}

/// A connected Herald that knows nothing yet.
pub(crate) fn connected() -> State {
    let account = Account {
        user_id: "ME".into(),
        name: "Elena Marek".into(),
        email: "elena@quillbrook.example".into(),
        base_url: "https://api.pagerduty.example".into(),
        key: KeyKind::Personal,
        read_only: false,
        token: TokenPlace::Keychain,
    };
    let state = State::new(Arc::new(playbook()), Session::new(Mode::Real, Tz::UTC, at(0)));
    State { account: Some(account), ..state }
}

/// One who is on call, so that what is written may leave; pages come through another policy.
pub(crate) fn on_duty() -> State {
    let mut state = connected();
    let always = OnCallEntry { start: None, end: None, ..entry("PRIMARY", "DUTY", 0, 0) };
    (state.oncall.known_at, state.oncall.entries) = (Some(at(0)), vec![always]);
    state
}

/// An entry of my on-call times at minutes of the tests' time.
pub(crate) fn entry(schedule: &str, policy: &str, start_min: i64, end_min: i64) -> OnCallEntry {
    let named = |id: &str| Named { id: id.into(), name: id.to_lowercase() };
    OnCallEntry {
        schedule: Some(named(schedule)),
        policy: named(policy),
        level: 1,
        start: Some(at(start_min)),
        end: Some(at(end_min)),
    }
}

/// A triggered page, assigned to me through `POLICY`.
pub(crate) fn page(id: &str, minutes: i64) -> Page {
    Page::new(seen(id, minutes), at(minutes))
}

/// What PagerDuty says of a page triggered at `minutes`.
pub(crate) fn seen(id: &str, minutes: i64) -> SeenPage {
    SeenPage {
        id: PageId::new(id),
        number: 42,
        title: format!("{id} is down"),
        url: Some(format!("https://quillbrook.pagerduty.example/incidents/{id}")),
        call_url: None,
        call_number: None,
        priority: None,
        kind: None,
        asked: None,
        merged_into: None,
        told: Told::default(),
        service: Some(Named { id: "S1".into(), name: "Communications".into() }),
        urgent: true,
        policy: Some(Named { id: "POLICY".into(), name: "Communications".into() }),
        via_policy: true,
        assigned_at: Some(at(minutes)),
        others: vec![],
        status: PageStatus::Triggered,
        triggered_at: at(minutes),
        created_at: at(minutes),
        version: at(minutes),
        taken_by: None,
        taken_at: None,
        escalates_at: None,
        ack_expires_at: None,
    }
}

/// A playbook in the shape of the default, with one shadow schedule.
pub(crate) fn playbook() -> Playbook {
    use crate::alarm::Sound;
    use crate::feed::PageKind;
    use crate::playbook::{AlarmRules, MaintenanceRules, PageRules, PagerDutyRules, StatusPageRules, TrackerRules};
    Playbook {
        name: "test".into(),
        pagerduty: PagerDutyRules {
            regions: BTreeMap::from([("us".into(), "https://api.pagerduty.example".into())]),
            default_region: "us".into(),
            shadow_schedules: BTreeSet::from(["SHADOW".into()]),
            poll_off_shift_s: 60,
            oncall_interval_s: 300,
            blind_after_s: 60,
        },
        page: PageRules { target_min: 15, quiet_min: 5, notifications_max: 3 },
        alarm: Sound::ALL
            .into_iter()
            .map(|sound| (sound, AlarmRules { repeat_s: 30, loudness_start: 60, loudness_step: 10 }))
            .collect(),
        updates: crate::cadence::tests::rules(),
        tracker: TrackerRules {
            base_url: "https://tracker.example/api/v4".into(),
            project: "1".into(),
            labels: vec!["incident".into()],
            severity_label: "severity::".into(),
            page_label: "On-Page".into(),
            states: BTreeMap::new(),
            facts: BTreeMap::new(),
            poll_s: 30,
        },
        status_page: StatusPageRules {
            kind: PageKind::StatusIo,
            api_url: "https://status.example/v2".into(),
            feed_url: "https://status.example/1.0/status".into(),
            public_url: "https://status.example".into(),
            page_id: "page".into(),
            poll_s: 30,
        },
        handover: crate::handover::tests::rules(),
        maintenance: MaintenanceRules {
            remind_min: BTreeSet::from([10, 30, 60, 1440]),
            update_every_min: 60,
            unseen_after_min: 5,
            amplify_channel: "#amplify".into(),
        },
        templates: vec![],
        stages: crate::stage::tests::stages(),
        reference: vec![],
        zendesk: crate::zendesk::ZendeskRules::default(),
        kpi: crate::playbook::KpiRules::default(),
        training: crate::training::TrainingRules::default(),
        links: BTreeMap::new(),
    }
}

#[test]
fn notices_are_told_once_and_of_many_the_newest() {
    let mut session = Session::new(Mode::Real, chrono_tz::UTC, at(0));
    (0..9).for_each(|nth| session.notice(format!("notice {nth}")));
    session.notice("notice 8".into());
    assert_eq!(session.notices, ["notice 4", "notice 5", "notice 6", "notice 7", "notice 8"]);
}
