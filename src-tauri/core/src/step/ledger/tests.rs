//! The ledger, story by story: contact requests and their undo, maintenance and its guards, what the page tells.

use super::*;
use crate::alarm::AlarmKey;
use crate::command::Refusal;
use crate::draft::Broadcast;
use crate::errand::{ErrandDone, ErrandInput, ErrandResult, ErrandStage};
use crate::feed::{FeedAnswer, PageKind, StatusPage};
use crate::shift::{Role, Shift};
use crate::state::State;
use crate::state::tests::{at, on_duty};
use crate::step::{Input, step};
use crate::{Command, Fault, FaultKind, allowed};

fn after(state: &mut State, input: Input, minutes: i64) {
    for change in step(state, input, at(minutes)) {
        state.apply(&change);
    }
}

fn may(state: &State, wish: LedgerWish, minutes: i64) -> Result<(), Refusal> {
    allowed(state, &Command::Ledger { wish: Box::new(wish) }, at(minutes))
}

fn wish(state: &mut State, wish: LedgerWish, minutes: i64) {
    assert_eq!(may(state, wish.clone(), minutes), Ok(()), "{wish:?}");
    after(state, Input::User(Command::Ledger { wish: Box::new(wish) }), minutes);
}

/// A Herald that may write to a Status.io page.
fn writing() -> State {
    let mut state = on_duty();
    state.status_page = Some(StatusPage {
        kind: PageKind::StatusIo,
        api_url: "https://status.example/v2".into(),
        feed_url: "https://status.example/1.0".into(),
        public_url: "https://status.example".into(),
        page_id: "page".into(),
        token: Some(crate::TokenPlace::Keychain),
    });
    state
}

fn contact(what: &str) -> ContactText {
    ContactText { asked_by: " Dana Okafor ".into(), what: what.into(), ticket: Some(" ".into()), owner: None }
}

/// For the minutes 3000 to 3120.
fn plan() -> Plan {
    Plan {
        title: "Database move".into(),
        details: "Sign-in is slow for a while.".into(),
        issue_url: None,
        starts_at: at(3000),
        ends_at: at(3120),
        components: ["c-d".to_owned()].into(),
        automation: true,
        reminds: true,
    }
}

fn tell(tell: Tell, mails_twice: bool, muted: &[Broadcast]) -> LedgerWish {
    let muted = muted.iter().copied().collect();
    LedgerWish::Tell { id: 1, tell, text: "Half of it is done.".into(), muted, mails_twice }
}

fn told(state: &mut State, seen: &[(&str, i64, bool)], minutes: i64) {
    let maintenances = seen.iter().map(|(id, starts, active)| MaintenanceSeen {
        id: (*id).into(),
        title: "Database move".into(),
        starts_at: Some(at(*starts)),
        ends_at: Some(at(*starts + 120)),
        text: "Sign-in is slow for a while.".into(),
        components: vec!["c-d".into()],
        active: *active,
    });
    list(state, maintenances.collect(), minutes);
}

fn list(state: &mut State, maintenances: Vec<MaintenanceSeen>, minutes: i64) {
    let told = PageTold { maintenances, maintenances_complete: true, ..PageTold::default() };
    let answer = FeedAnswer { asked_at: at(minutes), told, skipped: 0, complete: true, pause_until: None };
    after(state, Input::PostsRead { result: Ok(answer), jitter: 0.0 }, minutes);
}

fn last(state: &State) -> &str {
    &state.maintenances[&1].log.last().expect("something happened").what
}

#[test]
fn a_contact_request_goes_its_way_and_back() {
    let mut state = on_duty();
    assert_eq!(may(&state, LedgerWish::AddContact { contact: contact(" ") }, 0), Err(Refusal::Incomplete));
    wish(&mut state, LedgerWish::AddContact { contact: contact("Tell the owners of old runners") }, 0);
    let it = &state.contacts[&1];
    assert_eq!((it.asked_by.as_str(), it.owner.as_deref(), &it.ticket), ("Dana Okafor", None, &None));
    assert_eq!(it.owner_words(), "who made the ticket", "never who asked (H70)");
    assert_eq!(may(&state, LedgerWish::UndoContact { id: 1 }, 1), Err(Refusal::NoSuchEntry), "nothing to take back");
    wish(&mut state, LedgerWish::MoveContact { id: 1, to: ContactState::Planned }, 5);
    wish(&mut state, LedgerWish::MoveContact { id: 1, to: ContactState::Planned }, 6);
    wish(&mut state, LedgerWish::EditContact { id: 1, contact: contact("Tell everybody") }, 7);
    wish(&mut state, LedgerWish::MoveContact { id: 1, to: ContactState::Done }, 9);
    let it = &state.contacts[&1];
    assert_eq!(
        (it.state, it.state_at, it.earlier.len()),
        (ContactState::Done, at(9), 3),
        "the same again is no change"
    );
    wish(&mut state, LedgerWish::UndoContact { id: 1 }, 10);
    let it = &state.contacts[&1];
    assert_eq!((it.state, it.state_at, it.what.as_str()), (ContactState::Planned, at(5), "Tell everybody"));
    wish(&mut state, LedgerWish::UndoContact { id: 1 }, 10);
    wish(&mut state, LedgerWish::UndoContact { id: 1 }, 10);
    let it = &state.contacts[&1];
    assert_eq!((it.state, it.what.as_str()), (ContactState::Open, "Tell the owners of old runners"));
    assert!(it.earlier.is_empty(), "all is taken back");
}

#[test]
fn what_is_handled_stays_for_its_shift_and_a_day() {
    let day = 24 * 60;
    for (case, state_at, shift_from, now, stays) in [
        ("open", None, None, 9 * day, true),
        ("a moment short of a day", Some(0), None, day - 1, true),
        ("a day", Some(0), None, day, false),
        ("a day, but in the shift that goes on", Some(0), Some(-10), day + 60, true),
        ("handled before that shift", Some(0), Some(10), day + 60, false),
        ("handled under a clock that ran ahead", Some(5 * day), None, day, true),
    ] {
        let mut state = on_duty();
        wish(&mut state, LedgerWish::AddContact { contact: contact("Tell users") }, 0);
        if let Some(minute) = state_at {
            wish(&mut state, LedgerWish::MoveContact { id: 1, to: ContactState::HandedOver }, minute);
        }
        if let Some(from) = shift_from {
            state.shifts.insert(1, Shift::new(at(from), None, Role::OnCall, true));
        }
        after(&mut state, Input::Ticked, now);
        assert_eq!(state.contacts.contains_key(&1), stays, "{case}");
    }
}

#[test]
fn a_plan_has_to_make_sense() {
    let mut state = on_duty();
    for (plan, expected) in [
        (Plan { title: " ".into(), ..plan() }, Refusal::Incomplete),
        (Plan { ends_at: at(3000), ..plan() }, Refusal::EndsFirst),
    ] {
        assert_eq!(may(&state, LedgerWish::AddMaintenance { plan }, 0), Err(expected));
    }
    wish(&mut state, LedgerWish::AddMaintenance { plan: Plan { details: String::new(), ..plan() } }, 0);
    for (case, change, expected) in [
        ("no page", plan(), Refusal::NoStatusPage),
        ("no text", Plan { details: " ".into(), ..plan() }, Refusal::Incomplete),
        ("no component", Plan { components: [].into(), ..plan() }, Refusal::NoComponents),
    ] {
        let mut state = if case == "no page" {
            state.clone()
        } else {
            State { maintenances: state.maintenances.clone(), ..writing() }
        };
        wish(&mut state, LedgerWish::EditMaintenance { id: 1, plan: change }, 1);
        assert_eq!(may(&state, LedgerWish::Schedule { id: 1 }, 1), Err(expected), "{case}");
    }
    let mut state = State { maintenances: state.maintenances.clone(), ..writing() };
    wish(&mut state, LedgerWish::EditMaintenance { id: 1, plan: plan() }, 1);
    assert_eq!(may(&state, LedgerWish::Schedule { id: 1 }, 3000), Err(Refusal::BeginsInPast));
    state.settings.shadow = true;
    assert_eq!(may(&state, LedgerWish::Schedule { id: 1 }, 1), Err(Refusal::ShadowPublish));
    state.settings.shadow = false;
    for (kind, expected) in [(PageKind::Statuspage, Ok(())), (PageKind::Rss, Err(Refusal::ByHandOnly))] {
        state.status_page.as_mut().expect("connected").kind = kind;
        assert_eq!(may(&state, LedgerWish::Schedule { id: 1 }, 1), expected, "{kind:?}");
    }
}

#[test]
fn it_is_scheduled_once_and_told_by_hand_when_automation_is_off() {
    let mut state = writing();
    wish(&mut state, LedgerWish::AddMaintenance { plan: plan() }, 0);
    assert_eq!(may(&state, tell(Tell::Update, true, &[]), 0), Err(Refusal::NotOnPage));
    wish(&mut state, LedgerWish::Schedule { id: 1 }, 1);
    assert_eq!(may(&state, LedgerWish::Schedule { id: 1 }, 1), Err(Refusal::UnderWay), "one at a time");
    after(&mut state, Input::Errand(1, ErrandInput::Started), 1);
    let lost = ErrandInput::Ended(ErrandResult::Unknown(Fault::new(FaultKind::Timeout, "no answer")));
    after(&mut state, Input::Errand(1, lost), 1);
    assert!(matches!(state.errands[&1].stage, ErrandStage::Unsure { .. }) && last(&state).contains("Reading it back"));
    let found = ErrandInput::ReadBack(Ok(Some(ErrandDone::Scheduled { post: "m1".into() })));
    after(&mut state, Input::Errand(1, found), 2);
    assert_eq!(state.maintenances[&1].post.as_deref(), Some("m1"));
    assert_eq!(may(&state, LedgerWish::Schedule { id: 1 }, 2), Err(Refusal::OnPageAlready));

    for one in [Tell::Start, Tell::Update, Tell::Finish] {
        assert_eq!(may(&state, tell(one, true, &[]), 3), Err(Refusal::Automated), "automation takes no help (H62)");
    }
    wish(&mut state, LedgerWish::ByHand { id: 1, deed: Deed::AutomationOff }, 4);
    assert_eq!(may(&state, LedgerWish::ByHand { id: 1, deed: Deed::AutomationOff }, 4), Err(Refusal::AutomationOff));
    assert_eq!(may(&state, LedgerWish::EditMaintenance { id: 1, plan: plan() }, 4), Err(Refusal::AutomationOff));

    assert_eq!(may(&state, tell(Tell::Start, false, &[]), 3000), Err(Refusal::MailsTwice), "no duplicates (H63)");
    assert_eq!(may(&state, tell(Tell::Start, false, &[Broadcast::Email]), 3000), Ok(()));
    assert_eq!(may(&state, tell(Tell::Finish, true, &[]), 3000), Err(Refusal::NoSuchEntry), "not begun yet");
    let sheet = Tell::Start.sheet(1);
    wish(&mut state, LedgerWish::Keep { sheet: sheet.clone(), typed: Some("Half".into()) }, 3000);
    wish(&mut state, tell(Tell::Start, true, &[]), 3000);
    let refused = ErrandInput::Ended(ErrandResult::Refused(Fault::new(FaultKind::Server, "down")));
    after(&mut state, Input::Errand(2, refused), 3000);
    assert!(last(&state).starts_with("Start not posted") && state.kept.contains_key(&sheet), "the text is kept");
    wish(&mut state, tell(Tell::Start, true, &[]), 3001);
    after(&mut state, Input::Errand(3, ErrandInput::Ended(ErrandResult::Done(ErrandDone::Told))), 3001);
    let it = &state.maintenances[&1];
    assert_eq!((it.started_at, last(&state)), (Some(at(3001)), "Start: “Half of it is done.”"));
    assert!(!state.kept.contains_key(&sheet), "what was told is not kept in its sheet");
    wish(&mut state, tell(Tell::Finish, true, &[]), 3100);
    after(&mut state, Input::Errand(4, ErrandInput::Ended(ErrandResult::Done(ErrandDone::Told))), 3100);
    assert_eq!(state.maintenances[&1].ended_at, Some(at(3100)));
    after(&mut state, Input::Ticked, 3100 + 24 * 60);
    assert!(state.maintenances.is_empty(), "forgotten to history after a day");
}

#[test]
fn what_the_page_tells_is_noticed() {
    let mut state = writing();
    wish(&mut state, LedgerWish::AddMaintenance { plan: plan() }, 0);
    told(&mut state, &[("other", 2999, false)], 1);
    assert_eq!(state.maintenances[&1].post, None, "the same title at another time is another one");
    told(&mut state, &[("m1", 3000, false)], 2);
    assert_eq!(state.maintenances[&1].post.as_deref(), Some("m1"), "title and start say that it is ours");
    told(&mut state, &[("m1", 3000, true)], 3000);
    assert_eq!((state.maintenances[&1].started_at, last(&state)), (Some(at(3000)), "It has begun on the status page"));
    told(&mut state, &[], 3119);
    assert!(state.maintenances[&1].open(), "absence is believed slowly");
    told(&mut state, &[], 3120);
    assert_eq!((state.maintenances[&1].ended_at, last(&state)), (Some(at(3120)), "It is over on the status page"));
}

#[test]
fn what_was_taken_from_the_page_can_be_scheduled_again() {
    let mut state = writing();
    wish(&mut state, LedgerWish::AddMaintenance { plan: plan() }, 0);
    told(&mut state, &[("m1", 3000, false)], 1);
    told(&mut state, &[], 2);
    told(&mut state, &[], 3);
    assert_eq!(last(&state), "The status page no longer lists it");
    assert_eq!(may(&state, LedgerWish::Schedule { id: 1 }, 4), Ok(()));
}

#[test]
fn another_time_is_another_maintenance_on_the_page() {
    let mut state = writing();
    state.session.zone = chrono_tz::Europe::Prague;
    wish(&mut state, LedgerWish::AddMaintenance { plan: plan() }, 0);
    told(&mut state, &[("m1", 3000, false)], 1);
    let later = Plan { starts_at: at(4440), ends_at: at(4560), ..plan() };
    wish(&mut state, LedgerWish::EditMaintenance { id: 1, plan: later }, 2950);
    let it = &state.maintenances[&1];
    assert_eq!((it.post.as_deref(), it.scheduled_at), (None, None));
    let said: Vec<&str> = it.log.iter().rev().take(2).map(|event| event.what.as_str()).collect();
    assert_eq!(said[1], "Moved from 17-01-2027 10:00 UTC (11:00 CET) to 18-01-2027 10:00 UTC (11:00 CET)");
    assert!(said[0].contains("delete the old one on its dashboard"));
    told(&mut state, &[("m1", 3000, false)], 2951);
    assert_eq!(state.maintenances[&1].post, None, "the old one is not taken for the new");
    assert!(offer::offered(&state).next().is_none(), "nor offered, as it is to be deleted");
}

#[test]
fn automation_rules_out_a_hand_only_where_the_page_does() {
    for (kind, hand, again) in [
        (PageKind::StatusIo, Err(Refusal::Automated), Err(Refusal::AutomationOff)),
        (PageKind::Statuspage, Ok(()), Ok(())),
    ] {
        let mut state = writing();
        state.status_page.as_mut().expect("connected").kind = kind;
        wish(&mut state, LedgerWish::AddMaintenance { plan: plan() }, 0);
        told(&mut state, &[("m1", 3000, true)], 3000);
        assert_eq!(may(&state, tell(Tell::Update, true, &[]), 3001), hand, "{kind:?}");
        wish(&mut state, LedgerWish::ByHand { id: 1, deed: Deed::AutomationOff }, 3002);
        assert_eq!(last(&state).ends_with("for good"), again.is_err(), "{kind:?}");
        assert_eq!(may(&state, LedgerWish::EditMaintenance { id: 1, plan: plan() }, 3003), again, "{kind:?}");
        wish(&mut state, tell(Tell::Finish, true, &[]), 3004);
        let ErrandTask::TellMaintenance { components, .. } = &state.errands[&1].task else { panic!("told") };
        assert_eq!(components, &plan().components, "which begin and end with it");
    }
}

#[test]
fn a_page_that_can_move_it_keeps_it() {
    let mut state = writing();
    state.status_page.as_mut().expect("connected").kind = PageKind::Statuspage;
    wish(&mut state, LedgerWish::AddMaintenance { plan: plan() }, 0);
    told(&mut state, &[("m1", 3000, false)], 1);
    let later = Plan { starts_at: at(4440), ends_at: at(4560), ..plan() };
    wish(&mut state, LedgerWish::EditMaintenance { id: 1, plan: later }, 2950);
    assert_eq!(state.maintenances[&1].post.as_deref(), Some("m1"));
    assert_eq!(last(&state), "Change its time on the status page's dashboard, too");
    told(&mut state, &[("m1", 3000, false)], 2951);
    assert!(offer::offered(&state).next().is_none(), "it is known by its id");
}

#[test]
fn another_time_on_the_page_is_told_and_can_be_taken_over() {
    for kind in [PageKind::StatusIo, PageKind::Statuspage] {
        let mut state = writing();
        state.status_page.as_mut().expect("connected").kind = kind;
        wish(&mut state, LedgerWish::AddMaintenance { plan: plan() }, 0);
        told(&mut state, &[("m1", 3000, false)], 1);
        let moved_to = |state: &State| offer::moved_to(state, &state.maintenances[&1]);
        assert_eq!(moved_to(&state), None, "as it was planned");
        told(&mut state, &[("m1", 4000, false)], 2);
        assert_eq!(moved_to(&state), Some((at(4000), at(4120))), "{kind:?}");
        let as_listed = Plan { starts_at: at(4000), ends_at: at(4120), ..plan() };
        wish(&mut state, LedgerWish::EditMaintenance { id: 1, plan: as_listed }, 3);
        let it = &state.maintenances[&1];
        assert_eq!((it.post.as_deref(), moved_to(&state)), (Some("m1"), None), "it is the same one there");
        assert!(last(&state).starts_with("Moved from"), "nothing is left to do on the dashboard: {}", last(&state));
        told(&mut state, &[("m1", 5000, true)], 4);
        wish(&mut state, LedgerWish::ByHand { id: 1, deed: Deed::Finished }, 5);
        assert_eq!(moved_to(&state), None, "what is over is over");
    }
}

#[test]
fn what_only_the_page_knows_is_offered_until_it_is_added_or_put_aside() {
    let mut state = writing();
    wish(&mut state, LedgerWish::AddMaintenance { plan: plan() }, 0);
    let offered = |state: &State| offer::offered(state).map(|seen| seen.id.clone()).collect::<Vec<_>>();
    told(&mut state, &[("m1", 3000, false), ("m2", 4000, false), ("m3", 50, true)], 60);
    assert_eq!(offered(&state), ["m2", "m3"], "m1 is in the ledger");
    let adopt = |post: &str| LedgerWish::Adopt { post: post.into() };
    assert_eq!(may(&state, adopt("m1"), 60), Err(Refusal::NoSuchEntry));
    assert_eq!(may(&state, LedgerWish::NotMine { post: "m9".into() }, 60), Err(Refusal::NoSuchEntry));

    wish(&mut state, adopt("m2"), 60);
    let it = &state.maintenances[&2];
    assert_eq!(
        (it.plan.clone(), it.post.as_deref()),
        (Plan { starts_at: at(4000), ends_at: at(4120), ..plan() }, Some("m2"))
    );
    assert_eq!((it.scheduled_at, it.listed, it.started_at), (Some(at(60)), true, None));
    assert_eq!(
        may(&state, LedgerWish::Schedule { id: 2 }, 60),
        Err(Refusal::OnPageAlready),
        "nothing is scheduled twice"
    );
    assert_eq!(offered(&state), ["m3"]);
    let ahead = |state: &State| {
        state.alarms.keys().filter(|key| matches!(key, AlarmKey::Maintenance { maintenance: 2, .. })).count()
    };
    after(&mut state, Input::Ticked, 2560);
    assert_eq!(ahead(&state), 1, "its reminders run");

    wish(&mut state, LedgerWish::NotMine { post: "m3".into() }, 2561);
    assert_eq!(offered(&state), Vec::<String>::new());
    told(&mut state, &[("m3", 50, true), ("m4", 2500, true)], 2562);
    assert_eq!(offered(&state), ["m4"], "what was put aside stays so");
    wish(&mut state, adopt("m4"), 2563);
    assert_eq!(state.maintenances[&3].started_at, Some(at(2563)), "it has begun");
    after(&mut state, Input::User(Command::DisconnectFeed { source: crate::SourceName::StatusPage }), 2564);
    assert!(state.session.maintenances.is_empty(), "another page lists others");
}

#[test]
fn what_lacks_its_times_is_not_offered() {
    let mut state = writing();
    told(&mut state, &[("m1", 3000, false)], 1);
    let whole = state.session.maintenances[0].clone();
    for (starts_at, ends_at) in [(None, Some(at(3000))), (Some(at(3000)), None)] {
        list(&mut state, vec![MaintenanceSeen { starts_at, ends_at, ..whole.clone() }], 2);
        assert_eq!(offer::offered(&state).count(), 0);
        assert_eq!(may(&state, LedgerWish::Adopt { post: "m1".into() }, 2), Err(Refusal::NoSuchEntry));
    }
}

#[test]
fn what_is_put_aside_is_limited_and_the_oldest_goes_first() {
    let mut state = writing();
    for nth in 0..=NOT_MINE_MAX {
        let id = format!("m{nth}");
        told(&mut state, &[(&id, 3000, false)], 1);
        wish(&mut state, LedgerWish::NotMine { post: id }, 1);
    }
    assert_eq!((state.not_mine.len(), state.not_mine[0].as_str()), (NOT_MINE_MAX, "m1"));
}

#[test]
fn it_is_amplified_once() {
    let mut state = on_duty();
    wish(&mut state, LedgerWish::AddMaintenance { plan: plan() }, 0);
    wish(&mut state, LedgerWish::Amplified { id: 1, by: Some("Jonas".into()) }, 5);
    assert_eq!(may(&state, LedgerWish::Amplified { id: 1, by: None }, 6), Err(Refusal::Amplified));
    let it = &state.maintenances[&1];
    assert_eq!((it.amplified_at, it.amplified_by.as_deref()), (Some(at(5)), Some("Jonas")));
}

#[test]
fn a_reminder_ends_when_it_was_seen_and_comes_back_after_a_restart_if_not() {
    let mut state = on_duty();
    wish(&mut state, LedgerWish::AddMaintenance { plan: plan() }, 0);
    let up = |state: &State| -> Vec<AlarmKey> {
        let ours = |key: &&AlarmKey| matches!(key, AlarmKey::Maintenance { .. });
        state.alarms.iter().filter(|(_, it)| !it.ending).map(|(key, _)| key).filter(ours).cloned().collect()
    };
    after(&mut state, Input::Ticked, 1559);
    assert_eq!(up(&state), []);
    after(&mut state, Input::Ticked, 1600);
    let key = AlarmKey::Maintenance { maintenance: 1, at: at(1560) };
    assert_eq!(up(&state), std::slice::from_ref(&key), "also when the computer slept at the very moment");
    after(&mut state, Input::RoundStarted(vec![key.clone()]), 1600);
    let session = Box::new(state.session.clone());
    after(&mut state, Input::Started(session), 1601);
    assert_eq!((up(&state), state.alarms[&key].next_at), (vec![key], at(1601)), "a restart shows it again");
    wish(&mut state, LedgerWish::Seen { id: 1, at: at(1560) }, 1602);
    assert_eq!(up(&state), []);
    after(&mut state, Input::Ticked, 2945);
    assert_eq!(up(&state), [AlarmKey::Maintenance { maintenance: 1, at: at(2940) }], "the next one comes");
    wish(&mut state, LedgerWish::CallOff { id: 1, yes: true }, 2946);
    assert_eq!(up(&state), []);
    wish(&mut state, LedgerWish::CallOff { id: 1, yes: false }, 2947);
    assert_eq!(up(&state).len(), 1, "not called off after all");
}

#[test]
fn what_is_typed_is_kept_within_bounds() {
    let mut state = on_duty();
    let keep = |sheet: &str, typed: Option<usize>| {
        let typed = typed.map(|length| "x".repeat(length));
        LedgerWish::Keep { sheet: sheet.into(), typed }
    };
    assert_eq!(may(&state, keep("contact/new", Some(64 * 1024 + 1)), 0), Err(Refusal::TooMuch));
    assert_eq!(may(&state, keep(&"x".repeat(65), Some(1)), 0), Err(Refusal::TooMuch));
    for nth in 0..100 {
        wish(&mut state, keep(&format!("sheet/{nth}"), Some(3)), 0);
    }
    assert_eq!(may(&state, keep("sheet/100", Some(1)), 0), Err(Refusal::TooMuch));
    wish(&mut state, keep("sheet/7", None), 0);
    wish(&mut state, keep("sheet/100", Some(1)), 0);
    assert_eq!(state.kept.len(), 100);
}

#[test]
fn what_was_typed_about_something_that_is_gone_is_let_go() {
    let mut state = on_duty();
    let page = crate::state::tests::page("P1", 0);
    state.apply(&Change::Page(Box::new(page)));
    let stays = ["contact/new", "plan/new", "own/new", "close/P1", "plan", "later/7/x"];
    let goes = ["contact/7", "plan/7", "tell/7/update", "own/7", "skip/7/join", "close/P7"];
    for sheet in stays.iter().chain(&goes) {
        wish(&mut state, LedgerWish::Keep { sheet: (*sheet).into(), typed: Some("Half".into()) }, 1);
    }
    after(&mut state, Input::Ticked, 2);
    let mut expected = stays.map(str::to_owned);
    expected.sort();
    assert_eq!(state.kept.keys().collect::<Vec<_>>(), expected.iter().collect::<Vec<_>>());
}
