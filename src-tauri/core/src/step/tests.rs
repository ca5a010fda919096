//! Incidents from feeds and by hand: how cards are made, joined, moved and ended, and how an update goes out once.

use std::collections::BTreeSet;

use super::*;
use crate::cadence::{self, Counts};
use crate::draft::{Publication, Text};
use crate::feed::{Component, Found, IssueSeen, PageKind, PostSeen, Update};
use crate::incident::{Incident, IncidentId, IncidentWish, Own, Part};
use crate::phase::{Impact, Phase, Severity};
use crate::state::tests::{at, connected, on_duty};

pub(super) const LINK: &str = "https://tracker.example/ops/-/issues/7";

/// A Herald with all three sources.
pub(crate) fn watching() -> State {
    let page = StatusPage {
        kind: PageKind::StatusIo,
        api_url: "https://status.example/v2".into(),
        feed_url: "https://status.example/1.0".into(),
        public_url: "https://status.example".into(),
        page_id: "page".into(),
        token: Some(crate::TokenPlace::Keychain),
    };
    let tracker = Tracker {
        base_url: "https://tracker.example/api/v4".into(),
        project: "ops".into(),
        user: None,
        token: None,
        can_write: false,
    };
    let mut state = on_duty();
    for input in [Input::TrackerConnected(tracker), Input::StatusPageConnected(page)] {
        after(&mut state, input, 0);
    }
    state
}

pub(crate) fn after(state: &mut State, input: Input, minutes: i64) {
    for change in step(state, input, at(minutes)) {
        state.apply(&change);
    }
}

pub(crate) fn wish(state: &mut State, wish: IncidentWish, minutes: i64) {
    let command = Command::Incident { wish: Box::new(wish) };
    crate::allowed(state, &command, at(minutes)).expect("is allowed");
    after(state, Input::User(command), minutes);
}

pub(super) fn issue(iid: u64, severity: Option<Severity>, updated: i64) -> IssueSeen {
    IssueSeen {
        iid,
        url: format!("https://tracker.example/ops/-/issues/{iid}"),
        title: format!("Issue {iid}"),
        severity,
        open: true,
        active: true,
        says: None,
        labels: vec![],
        confidential: false,
        found: Found::default(),
        created_at: at(0),
        updated_at: at(updated),
    }
}

pub(crate) fn update(minutes: i64, phase: Phase, text: &str) -> Update {
    Update { at: at(minutes), phase: Some(phase), impact: Some(Impact::Degraded), text: text.into(), mine: false }
}

pub(crate) fn post(id: &str, updates: Vec<Update>) -> PostSeen {
    PostSeen { id: id.into(), title: format!("Post {id}"), url: None, open: true, updates, components: vec![] }
}

pub(super) fn issues(state: &mut State, issues: Vec<IssueSeen>, minutes: i64) {
    tracker(state, IssuesTold { issues, ..IssuesTold::default() }, minutes);
}

pub(super) fn tracker(state: &mut State, told: IssuesTold, minutes: i64) {
    let answer = FeedAnswer { asked_at: at(minutes), told, skipped: 0, complete: true, pause_until: None };
    after(state, Input::IssuesRead { result: Ok(answer), jitter: 0.0 }, minutes);
}

pub(crate) fn posts(state: &mut State, posts: Vec<PostSeen>, minutes: i64) {
    let told = PageTold { posts, ..PageTold::default() };
    let answer = FeedAnswer { asked_at: at(minutes), told, skipped: 0, complete: true, pause_until: None };
    after(state, Input::PostsRead { result: Ok(answer), jitter: 0.0 }, minutes);
}

pub(super) fn only(state: &State) -> &Incident {
    assert_eq!(state.incidents.len(), 1, "one card: {:#?}", state.incidents);
    state.incidents.values().next().expect("counted")
}

pub(crate) fn text(phase: Phase, body: &str) -> Text {
    Text {
        title: "Sign-in fails".into(),
        body: body.into(),
        phase,
        impact: Some(Impact::Degraded),
        components: BTreeSet::new(),
        promise: true,
        muted: BTreeSet::new(),
    }
}

/// A card entered by hand.
pub(crate) fn by_hand(state: &mut State) -> IncidentId {
    let own = Own { title: Some("Sign-in fails".into()), severity: Some(Severity::S1), ..Own::default() };
    wish(state, IncidentWish::Open { own, page: None }, 0);
    *state.incidents.keys().next_back().expect("opened")
}

pub(super) fn due_min(state: &State, id: IncidentId) -> Option<i64> {
    let clock = cadence::clock(&state.incidents[&id], &state.playbook.updates)?;
    Some((clock.due_at - at(0)).num_minutes())
}

#[test]
fn issue_and_post_become_one_card_by_their_link_whichever_comes_first() {
    let linked = || post("p", vec![update(1, Phase::Investigating, &format!("Trouble. {LINK}"))]);
    let mut state = watching();
    issues(&mut state, vec![issue(7, Some(Severity::S2), 0)], 1);
    posts(&mut state, vec![linked()], 2);
    assert_eq!(only(&state).post.as_ref().map(|post| post.id.as_str()), Some("p"));

    let mut state = watching();
    posts(&mut state, vec![linked()], 1);
    issues(&mut state, vec![issue(7, Some(Severity::S2), 0)], 2);
    assert_eq!(only(&state).issue_iid(), Some(7));
    assert_eq!(due_min(&state, 1), Some(16), "15 minutes after the update of minute 1");
}

#[test]
fn what_was_taken_apart_stays_apart() {
    let mut state = watching();
    issues(&mut state, vec![issue(7, None, 0)], 1);
    posts(&mut state, vec![post("p", vec![update(1, Phase::Investigating, LINK)])], 2);
    wish(&mut state, IncidentWish::Separate { incident: 1, part: Part::Post { id: "p".into() } }, 3);
    assert_eq!(state.incidents.len(), 2);
    posts(&mut state, vec![post("p", vec![update(1, Phase::Investigating, LINK)])], 4);
    assert_eq!(state.incidents.len(), 2, "no feed joins them again");
    wish(&mut state, IncidentWish::Join { incident: 1, with: 2 }, 5);
    assert!(only(&state).post.is_some() && only(&state).issue.is_some(), "joined by hand");
}

#[test]
fn what_is_set_by_hand_wins_over_later_answers() {
    let mut state = watching();
    issues(&mut state, vec![issue(7, Some(Severity::S3), 0)], 1);
    let own = Own { severity: Some(Severity::S1), ..Own::default() };
    wish(&mut state, IncidentWish::Correct { incident: 1, own }, 2);
    issues(&mut state, vec![issue(7, Some(Severity::S4), 3)], 4);
    assert_eq!(only(&state).severity(), Some(Severity::S1));
}

#[test]
fn a_new_severity_moves_the_due_time_at_once_and_says_why() {
    let mut state = watching();
    issues(&mut state, vec![issue(7, Some(Severity::S2), 0)], 1);
    posts(&mut state, vec![post("p", vec![update(1, Phase::Identified, LINK)])], 2);
    assert_eq!(due_min(&state, 1), Some(31));
    issues(&mut state, vec![issue(7, Some(Severity::S1), 14)], 15);
    assert_eq!(due_min(&state, 1), Some(11), "overdue at once (H33)");
    let moved = only(&state).moved.as_ref().expect("it moved");
    assert_eq!((moved.from, moved.why.as_str()), (at(31), "Due time moved: severity S2 → S1"));
    let overdue = AlarmKey::Update { incident: 1, due_at: at(11) };
    assert!(state.alarms.contains_key(&overdue), "and alarms: {:?}", state.alarms);
}

#[test]
fn a_post_that_was_resolved_elsewhere_ends_the_incident() {
    let mut state = watching();
    posts(&mut state, vec![post("p", vec![update(1, Phase::Investigating, "Trouble")])], 2);
    let resolved = vec![update(1, Phase::Investigating, "Trouble"), update(9, Phase::Resolved, "Over")];
    posts(&mut state, vec![PostSeen { open: false, ..post("p", resolved) }], 10);
    assert_eq!(only(&state).ended_at, Some(at(9)));
    assert_eq!(due_min(&state, 1), None);
}

#[test]
fn somebody_elses_update_resets_the_clock_and_ends_the_alarm() {
    let mut state = watching();
    let first = update(0, Phase::Investigating, "Trouble");
    posts(&mut state, vec![post("p", vec![first.clone()])], 1);
    after(&mut state, Input::Ticked, 8);
    let soon = AlarmKey::Update { incident: 1, due_at: at(10) };
    assert!(state.alarms.contains_key(&soon), "due soon");
    posts(&mut state, vec![post("p", vec![first, update(8, Phase::Identified, "Found")])], 9);
    assert!(!state.alarms.contains_key(&soon), "it is no longer wanted");
    assert_eq!(due_min(&state, 1), Some(18));
}

#[test]
fn an_update_goes_out_once_and_is_looked_for_on_the_page() {
    let mut state = watching();
    let id = by_hand(&mut state);
    let body = "We are looking into it. Next update in 20 minutes.";
    wish(&mut state, IncidentWish::Publish { incident: id, text: text(Phase::Investigating, body), seen: None }, 1);
    assert!(crate::due(&state, at(1)).contains(&crate::Action::Publish(1)));
    after(&mut state, Input::PublishStarted(1), 1);
    after(&mut state, Input::PublishEnded(1, PublishResult::Accepted { post: "p".into() }), 2);
    assert_eq!(due_min(&state, id), Some(22), "the text promised it (H32)");
    assert!(state.drafts.is_empty(), "the draft is done with");
    assert_eq!(state.publications.len(), 1, "not seen on the page yet");
    posts(&mut state, vec![post("p", vec![Update { at: at(2), ..update(2, Phase::Investigating, body) }])], 3);
    assert!(state.publications.is_empty(), "live");
    let incident = &state.incidents[&id];
    assert_eq!(incident.published().len(), 1, "what was sent and what is seen is one update");
    assert!(incident.published()[0].mine);
}

#[test]
fn an_unknown_answer_is_read_back_and_never_sent_again_by_itself() {
    let mut state = watching();
    let id = by_hand(&mut state);
    wish(
        &mut state,
        IncidentWish::Publish { incident: id, text: text(Phase::Investigating, "Trouble"), seen: None },
        1,
    );
    after(&mut state, Input::PublishStarted(1), 1);
    after(&mut state, Input::PublishEnded(1, PublishResult::Unknown(Fault::new(crate::FaultKind::Timeout, ""))), 2);
    assert!(crate::due(&state, at(2)).contains(&crate::Action::ReadBackPost(1)));
    after(&mut state, Input::PostReadBack(1, Ok(ReadBackPost::Absent)), 2);
    assert_eq!(state.publications.len(), 1, "it may land late");
    after(&mut state, Input::PostReadBack(1, Ok(ReadBackPost::Absent)), 3);
    assert!(state.publications.is_empty(), "it is not sent again by itself");
    assert_eq!(state.drafts[&id].text.body, "Trouble", "nothing typed is lost");
    assert!(!crate::due(&state, at(3)).iter().any(|action| matches!(action, crate::Action::Publish(_))));
}

#[test]
fn after_a_restart_what_was_started_is_read_back_and_what_was_not_is_dropped() {
    let publication = |stage| {
        let (text, post) = (text(Phase::Investigating, "Trouble"), None);
        Publication { incident: 1, text, post, amends: None, basis: None, stage, asked_at: at(1) }
    };
    for (stage, expected) in [
        (PublishStage::Ready, None),
        (PublishStage::Running, Some(PublishStage::unsure(at(5)))),
        (PublishStage::Accepted { at: at(2) }, Some(PublishStage::Accepted { at: at(2) })),
    ] {
        let mut state = watching();
        by_hand(&mut state);
        state.apply(&Change::Publication(1, Box::new(publication(stage))));
        let session = state.session.clone();
        after(&mut state, Input::Started(Box::new(session)), 5);
        assert_eq!(state.publications.get(&1).map(|it| it.stage.clone()), expected);
    }
}

#[test]
fn nothing_is_published_in_shadow_mode_but_into_the_practice_world() {
    let mut state = watching();
    let id = by_hand(&mut state);
    state.settings.shadow = true;
    let text = text(Phase::Investigating, "Trouble");
    let command = Command::Incident { wish: Box::new(IncidentWish::Publish { incident: id, text, seen: None }) };
    assert_eq!(crate::allowed(&state, &command, at(1)), Err(crate::Refusal::ShadowPublish));
    state.session.mode = crate::Mode::Practice { scenario: "one".into() };
    assert_eq!(crate::allowed(&state, &command, at(1)), Ok(()));
}

#[test]
fn what_i_posted_myself_resets_the_clock_from_its_own_time() {
    let mut state = watching();
    let id = by_hand(&mut state);
    wish(&mut state, IncidentWish::Decide { incident: id, yes: true }, 1);
    assert_eq!(due_min(&state, id), Some(11));
    let text = text(Phase::Investigating, "Trouble");
    wish(&mut state, IncidentWish::PostedByHand { incident: id, text, at: at(4) }, 6);
    assert_eq!(due_min(&state, id), Some(14));
    let clock = cadence::clock(&state.incidents[&id], &state.playbook.updates).expect("runs");
    assert_eq!((clock.from, clock.counts), (at(4), Counts::Update));
}

#[test]
fn drafts_of_two_incidents_never_mix() {
    let mut state = watching();
    let (one, two) = (by_hand(&mut state), by_hand(&mut state));
    wish(&mut state, IncidentWish::Write { incident: one, text: text(Phase::Identified, "first") }, 1);
    wish(&mut state, IncidentWish::Write { incident: two, text: text(Phase::Monitoring, "second") }, 2);
    wish(&mut state, IncidentWish::Discard { incident: one }, 3);
    assert_eq!(state.drafts.keys().copied().collect::<Vec<_>>(), [two]);
    assert_eq!(state.drafts[&two].text.body, "second");
}

#[test]
fn history_in_a_feed_joins_only_what_it_is_about() {
    let trouble = format!("Over. {LINK}");
    for (why, opened, open, joins) in [
        ("a post that goes on", -90, true, true),
        ("one that came and went between two answers", 1, false, true),
        ("one that was over before", -90, false, false),
    ] {
        let mut state = watching();
        issues(&mut state, vec![issue(7, Some(Severity::S2), 0)], 0);
        let phase = if open { Phase::Monitoring } else { Phase::Resolved };
        let told = PostSeen { open, ..post("p", vec![update(opened, phase, &trouble)]) };
        posts(&mut state, vec![told], 2);
        let card = only(&state);
        assert_eq!((card.post.is_some(), card.open()), (joins, open || !joins), "{why}");
    }
}

#[test]
fn when_an_update_was_due_is_noted_as_it_is_seen() {
    let mut state = watching();
    issues(&mut state, vec![issue(7, Some(Severity::S2), 0)], 0);
    let id = *state.incidents.keys().next().expect("a card");
    wish(&mut state, IncidentWish::Decide { incident: id, yes: true }, 5);
    let first = || update(12, Phase::Investigating, LINK);
    posts(&mut state, vec![post("A", vec![first()])], 13);
    let second = || update(40, Phase::Identified, "The cause is known.");
    posts(&mut state, vec![post("A", vec![first(), second()])], 41);
    issues(&mut state, vec![issue(7, Some(Severity::S1), 50)], 50);
    let kept: Vec<_> = only(&state).kept.iter().map(|kept| (kept.update_at, kept.due_at)).collect();
    assert_eq!(kept, [(at(12), at(20)), (at(40), at(27))], "from the decision, and from the first");
    let held: Vec<_> = only(&state).held.iter().map(|held| (held.since, held.severity)).collect();
    assert_eq!(held, [(at(0), Some(Severity::S2)), (at(50), Some(Severity::S1))], "and which severity held");
}

#[test]
fn a_late_answer_hides_no_page_that_was_seen_since() {
    let mut state = connected();
    let all =
        |pages: Vec<SeenPage>, minutes| Input::Polled { result: Ok(Snapshot::of(at(minutes), pages)), jitter: 0.0 };
    let gone = |asked_at| Input::Looked {
        page: crate::PageId::new("P1"),
        asked_at: at(asked_at),
        result: Err(crate::Fault::new(crate::FaultKind::PageNotShown, "HTTP 404")),
    };
    let calls = |state: &State| state.pages.values().filter(|page| page.calls()).count();
    let seen = || crate::state::tests::seen("P1", 0);
    after(&mut state, all(vec![seen()], 1), 1);
    after(&mut state, all(vec![], 2), 2);
    after(&mut state, all(vec![SeenPage { version: at(3), ..seen() }], 3), 3);
    after(&mut state, gone(2), 4);
    assert_eq!(calls(&state), 1, "it was there after that was asked");
    after(&mut state, all(vec![], 5), 5);
    after(&mut state, gone(5), 6);
    assert_eq!(calls(&state), 0, "nothing was seen of it since");
}

#[test]
fn a_page_remembers_who_watched_it_and_when_it_was_taken() {
    let mut state = connected();
    state.oncall.known_at = Some(at(0));
    state.oncall.entries = vec![crate::state::tests::entry("PRIMARY", "POLICY", 0, 60)];
    let snapshot =
        |page: SeenPage, minutes| Input::Polled { result: Ok(Snapshot::of(at(minutes), vec![page])), jitter: 0.0 };
    let seen = |minutes| crate::state::tests::seen("P1", minutes);
    let known = |state: &State| state.pages.values().map(|it| (it.answered_at, it.shadowed)).collect::<Vec<_>>();
    after(&mut state, snapshot(seen(0), 1), 1);
    assert_eq!(known(&state), [(None, false)]);
    state.settings.shadow = true;
    after(&mut state, snapshot(seen(0), 2), 2);
    assert_eq!(known(&state), [(None, true)], "only watched");
    state.settings.shadow = false;
    let taken = SeenPage { status: crate::PageStatus::Acknowledged, taken_at: Some(at(3)), version: at(3), ..seen(0) };
    after(&mut state, snapshot(taken, 4), 4);
    let closed = SeenPage { status: crate::PageStatus::Closed, version: at(5), ..seen(0) };
    state.settings.shadow = true;
    after(&mut state, snapshot(closed, 6), 6);
    assert_eq!(known(&state), [(Some(at(3)), false)], "what is closed no longer says so itself");
    state.settings.shadow = false;
    let mut watched = state.clone();
    watched.oncall.entries = vec![crate::state::tests::entry("SHADOW", "POLICY", 0, 60)];
    after(&mut watched, snapshot(seen(7), 8), 8);
    watched.oncall.known_at = Some(at(-60));
    after(&mut watched, snapshot(SeenPage { version: at(9), ..seen(7) }, 9), 9);
    assert_eq!(known(&watched), [(None, true)], "that on-call times grew old makes it nobody else's");
}

#[test]
fn a_later_update_keeps_a_promise_however_the_page_dates_the_one_that_made_it() {
    let mut state = watching();
    let id = by_hand(&mut state);
    for (minutes, body) in [(1, "Trouble. Next update in 20 minutes."), (2, "The trouble goes on.")] {
        let text = text(Phase::Investigating, body);
        wish(&mut state, IncidentWish::PostedByHand { incident: id, text, at: at(minutes) }, 2);
    }
    posts(&mut state, vec![post("p", vec![update(3, Phase::Investigating, "Trouble. Next update in 20 minutes.")])], 3);
    assert_eq!(due_min(&state, id), Some(13), "by the table, from the newest");
}

#[test]
fn what_a_resolution_leaves_behind_is_told_once_it_is_seen() {
    let answer = |posts: Vec<PostSeen>, impact: Option<Impact>| {
        let component = |id: &str, impact| Component { id: id.into(), name: format!("Part {id}"), impact };
        let components = vec![component("a", impact), component("b", Some(Impact::Disruption))];
        let told = PageTold { posts, components, maintenances: vec![], maintenances_complete: false };
        let answer = FeedAnswer { asked_at: at(3), told, skipped: 0, complete: true, pause_until: None };
        Input::PostsRead { result: Ok(answer), jitter: 0.0 }
    };
    let named = |id: &str, updates| PostSeen { components: vec!["a".into()], ..post(id, updates) };
    let over = || PostSeen { open: false, ..named("p", vec![update(2, Phase::Resolved, "All is well.")]) };
    let other = || named("q", vec![update(2, Phase::Investigating, "Another one.")]);
    for (why, posts, impact, told) in [
        ("it is well", vec![], Some(Impact::Operational), false),
        ("it is in a state that Herald does not know", vec![], None, false),
        ("it is not, and the post is gone", vec![], Some(Impact::Degraded), true),
        ("it is not, and the post is listed as resolved", vec![over()], Some(Impact::Degraded), true),
        ("another incident names it", vec![other()], Some(Impact::Degraded), false),
        ("the end is not shown yet", vec![named("p", vec![])], Some(Impact::Degraded), false),
    ] {
        let mut state = watching();
        let id = by_hand(&mut state);
        let first = update(1, Phase::Investigating, "Trouble");
        wish(
            &mut state,
            IncidentWish::PostedByHand {
                incident: id,
                text: text(first.phase.expect("it tells one"), &first.text),
                at: at(1),
            },
            1,
        );
        after(&mut state, answer(vec![named("p", vec![first])], Some(Impact::Degraded)), 1);
        wish(
            &mut state,
            IncidentWish::Publish { incident: id, text: text(Phase::Resolved, "All is well."), seen: None },
            2,
        );
        let publication = *state.publications.keys().next().expect("asked for");
        after(&mut state, Input::PublishStarted(publication), 2);
        after(&mut state, Input::PublishEnded(publication, PublishResult::Accepted { post: "p".into() }), 2);
        for _ in 0..3 {
            after(&mut state, answer(posts.clone(), impact), 3);
        }
        let said: Vec<&str> = state.incidents[&id].log.iter().map(|it| it.what.as_str()).collect();
        let said: Vec<&&str> = said.iter().filter(|what| what.contains("still")).collect();
        assert_eq!(said.len(), usize::from(told), "{why}: {said:?}");
        assert!(said.iter().all(|what| what.contains("Part a is still “Degraded Performance”")), "{said:?}");
        let left: Vec<String> = crate::leftover::leftover(&state, id).into_iter().map(|it| it.id).collect();
        assert_eq!(left == ["a"], told, "{why}: {left:?}");
    }
}

// ---- errands ----
