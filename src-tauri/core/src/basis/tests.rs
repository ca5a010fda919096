//! What a last look finds, and what becomes of an update that a colleague has overtaken.

use super::*;
use crate::draft::{PublishResult, ReadBackPost};
use crate::feed::PageKind;
use crate::state::tests::at;
use crate::step::tests::{after, by_hand, post, text, update, watching, wish};
use crate::{Command, Draft, IncidentWish, Input, Refusal};

fn seen(updates: Vec<Update>) -> PostSeen {
    PostSeen { components: vec!["A".into()], ..post("p", updates) }
}

/// What the user saw: two updates, of which one was sent from here and is not on the public feed yet.
fn basis() -> Basis {
    Basis {
        post: Some("p".into()),
        title: "Post p".into(),
        open: true,
        components: ["A".to_owned()].into(),
        updates: vec![update(1, Phase::Investigating, "Looking."), update(5, Phase::Identified, "Found it.")],
        posts: ["p".to_owned(), "q".to_owned()].into(),
    }
}

fn look(posts: Vec<PostSeen>) -> Look {
    Look { read_at: at(20), posts }
}

/// Every way in which a colleague can be faster, and what is no difference at all.
#[test]
fn what_is_not_as_the_user_saw_it() {
    let known = || vec![update(1, Phase::Investigating, "Looking."), update(5, Phase::Identified, "Found it.")];
    let with = |more: Update| [known(), vec![more]].concat();
    let resolved = update(10, Phase::Resolved, "All is well.");
    let again = update(6, Phase::Identified, "Found it.");
    let corrected = vec![known().remove(0), update(5, Phase::Identified, "Found two of it.")];
    let over = || PostSeen { open: false, ..seen(known()) };
    for (name, post, expected) in [
        ("nothing happened", seen(known()), vec![]),
        (
            "the page squeezes spaces",
            seen(vec![known().remove(0), update(5, Phase::Identified, "Found  it.\n")]),
            vec![],
        ),
        (
            "the page dates it a moment later",
            seen(vec![known().remove(0), update(6, Phase::Identified, "Found it.")]),
            vec![],
        ),
        (
            "older ones that no feed showed",
            seen([vec![update(-90, Phase::Investigating, "Hm.")], known()].concat()),
            vec![],
        ),
        ("resolved", PostSeen { open: false, ..seen(with(resolved.clone())) }, vec![Differs::Posted(resolved)]),
        ("the same words once more", seen(with(again.clone())), vec![Differs::Posted(again)]),
        (
            "between two known ones",
            seen(with(update(3, Phase::Investigating, "Still."))),
            vec![Differs::Posted(update(3, Phase::Investigating, "Still."))],
        ),
        ("corrected", seen(corrected.clone()), vec![Differs::Posted(corrected[1].clone())]),
        ("closed without a word", over(), vec![Differs::Closed]),
        ("renamed", PostSeen { title: "Worse".into(), ..seen(known()) }, vec![Differs::Renamed("Worse".into())]),
        ("rescoped", PostSeen { components: vec!["A".into(), "B".into()], ..seen(known()) }, vec![Differs::Components]),
    ] {
        assert_eq!(basis().differs(&look(vec![post])), expected, "{name}");
    }
    assert_eq!(basis().differs(&look(vec![])), [Differs::Closed], "it is not there any more");
    let closed = Basis { open: false, ..basis() };
    assert_eq!(closed.differs(&look(vec![seen(known())])), [Differs::Reopened]);
}

#[test]
fn what_is_opened_meanwhile_is_told_before_another_is() {
    let basis = Basis { posts: ["q".to_owned()].into(), ..Basis::default() };
    assert_eq!(basis.differs(&look(vec![post("q", vec![])])), [], "it was known");
    let two = look(vec![post("q", vec![]), post("p", vec![])]);
    assert_eq!(basis.differs(&two), [Differs::Opened("Post p".into())]);
    assert_eq!(Overtaken::of(&basis, &two).headline, "somebody opened an incident");
}

/// A Herald that watches a post, and has an update of it on its way.
fn sending(phase: Phase) -> (State, IncidentId) {
    let mut state = watching();
    let id = by_hand(&mut state);
    state.incidents.get_mut(&id).expect("entered").post = Some(seen(vec![update(1, Phase::Identified, "Found it.")]));
    let text = crate::Text { components: ["A".to_owned()].into(), ..text(phase, "A fix is out.") };
    wish(&mut state, IncidentWish::Publish { incident: id, text, seen: None }, 2);
    after(&mut state, Input::PublishStarted(1), 2);
    (state, id)
}

#[test]
fn what_a_colleague_resolved_is_not_reopened() {
    let (mut state, id) = sending(Phase::Monitoring);
    let theirs = Update { impact: Some(Impact::Operational), ..update(2, Phase::Resolved, "All is well.") };
    let now = PostSeen { open: false, ..seen(vec![update(1, Phase::Identified, "Found it."), theirs.clone()]) };
    after(&mut state, Input::PublishEnded(1, PublishResult::Overtaken(look(vec![now]))), 3);
    let incident = &state.incidents[&id];
    assert!(state.publications.is_empty() && !incident.open(), "it is over");
    assert_eq!(incident.last_update(), Some(theirs.clone()), "what they wrote is known");
    let Draft { text, unsent: Some(unsent), .. } = &state.drafts[&id] else { panic!("nothing typed is lost") };
    assert_eq!(text.body, "A fix is out.");
    let overtaken = unsent.overtaken.as_ref().expect("somebody was faster");
    assert!(overtaken.resolved && overtaken.headline == "somebody resolved it", "{overtaken:?}");
    assert_eq!(overtaken.update, Some(theirs));
    assert!(incident.log.iter().any(|it| it.what.contains("Not published: Herald looked first: somebody resolved it")));
    let text = text.clone();
    let again =
        Command::Incident { wish: Box::new(IncidentWish::Publish { incident: id, text: text.clone(), seen: None }) };
    assert_eq!(crate::allowed(&state, &again, at(4)), Err(Refusal::NoSuchIncident), "not by another Enter");

    // A public feed that lags behind takes nothing of it back.
    let mut lagging = state.clone();
    let old = crate::feed::PageTold {
        posts: vec![seen(vec![update(1, Phase::Identified, "Found it.")])],
        ..Default::default()
    };
    for minutes in 4..8 {
        let answer = crate::feed::FeedAnswer {
            asked_at: at(minutes),
            told: old.clone(),
            skipped: 0,
            complete: true,
            pause_until: None,
        };
        after(&mut lagging, Input::PostsRead { result: Ok(answer), jitter: 0.5 }, minutes);
    }
    assert!(!lagging.incidents[&id].open(), "it stays over");

    // Taking it up again is the user's own decision, and then what they saw is how it is.
    wish(&mut state, IncidentWish::End { incident: id, yes: false }, 5);
    wish(&mut state, IncidentWish::Publish { incident: id, text, seen: None }, 6);
    let known = state.publications[&2].basis.clone().expect("kept");
    let theirs = update(2, Phase::Resolved, "All is well.");
    let now = PostSeen { open: false, ..seen(vec![update(1, Phase::Identified, "Found it."), theirs]) };
    assert_eq!(known.differs(&look(vec![now])), [], "decided with open eyes");
}

/// A confirmation is of what was shown; what came in while it was read is shown first.
#[test]
fn a_confirmation_names_what_it_saw() {
    let (mut state, id) = sending(Phase::Monitoring);
    let stamp = |state: &State| Basis::of(state, id, &state.incidents[&id]).stamp();
    let before = stamp(&state);
    after(&mut state, Input::PublishEnded(1, PublishResult::Accepted { post: "p".into() }), 3);
    let text = text(Phase::Monitoring, "Still fine.");
    let publish = |seen: Option<String>| {
        let wish = IncidentWish::Publish { incident: id, text: text.clone(), seen };
        Command::Incident { wish: Box::new(wish) }
    };
    assert_eq!(crate::allowed(&state, &publish(Some(before)), at(4)), Err(Refusal::MovedOn));
    let now = stamp(&state);
    assert_eq!(crate::allowed(&state, &publish(Some(now.clone())), at(4)), Ok(()));
    let post = seen(vec![update(1, Phase::Identified, "Found it."), update(3, Phase::Monitoring, "A fix is\nout.")]);
    let told = crate::feed::PageTold { posts: vec![post], ..Default::default() };
    let answer = crate::feed::FeedAnswer { asked_at: at(4), told, skipped: 0, complete: true, pause_until: None };
    after(&mut state, Input::PostsRead { result: Ok(answer), jitter: 0.5 }, 4);
    assert_eq!(stamp(&state), now, "that it is live now is no news");
}

/// The same text twice within a minute: the second is not there because the first is.
#[test]
fn the_same_words_twice_are_two_updates() {
    let (mut state, id) = sending(Phase::Monitoring);
    state.status_page.as_mut().expect("connected").kind = PageKind::StatusIo;
    after(&mut state, Input::PublishEnded(1, PublishResult::Accepted { post: "p".into() }), 3);
    let feed = |updates: Vec<Update>| {
        let told = crate::feed::PageTold { posts: vec![seen(updates)], ..Default::default() };
        let answer = crate::feed::FeedAnswer { asked_at: at(4), told, skipped: 0, complete: true, pause_until: None };
        Input::PostsRead { result: Ok(answer), jitter: 0.5 }
    };
    let first = vec![update(1, Phase::Identified, "Found it."), update(3, Phase::Monitoring, "A fix is out.")];
    after(&mut state, feed(first.clone()), 3);
    assert!(state.publications.is_empty(), "the first is live");
    let text = crate::Text { components: ["A".to_owned()].into(), ..text(Phase::Monitoring, "A fix is out.") };
    wish(&mut state, IncidentWish::Publish { incident: id, text, seen: None }, 3);
    after(&mut state, Input::PublishStarted(2), 3);
    let basis = state.publications[&2].basis.clone().expect("kept");
    assert_eq!(basis.news(&seen(first.clone())), [], "what was there before is not the second");
    after(&mut state, Input::PublishEnded(2, PublishResult::Accepted { post: "p".into() }), 4);
    after(&mut state, feed(first.clone()), 4);
    assert_eq!(state.publications.len(), 1, "the second is not seen yet");
    after(&mut state, feed([first, vec![update(4, Phase::Monitoring, "A fix is out.")]].concat()), 5);
    assert!(state.publications.is_empty(), "now it is");
}

/// A colleague wrote the very words a moment before: mine is not there because theirs is.
#[test]
fn a_colleagues_words_are_not_mine() {
    let (mut state, id) = sending(Phase::Monitoring);
    state.status_page.as_mut().expect("connected").kind = PageKind::StatusIo;
    let no = crate::Fault::new(crate::FaultKind::Rejected, "no");
    after(&mut state, Input::PublishEnded(1, PublishResult::Refused(no)), 3);
    let feed = |updates: Vec<Update>| {
        let told = crate::feed::PageTold { posts: vec![seen(updates)], ..Default::default() };
        let answer = crate::feed::FeedAnswer { asked_at: at(4), told, skipped: 0, complete: true, pause_until: None };
        Input::PostsRead { result: Ok(answer), jitter: 0.5 }
    };
    let theirs = vec![update(1, Phase::Identified, "Found it."), update(3, Phase::Monitoring, "A fix is out.")];
    after(&mut state, feed(theirs.clone()), 3);
    let text = crate::Text { components: ["A".to_owned()].into(), ..text(Phase::Monitoring, "A fix is out.") };
    wish(&mut state, IncidentWish::Publish { incident: id, text, seen: None }, 3);
    after(&mut state, Input::PublishStarted(2), 3);
    after(&mut state, Input::PublishEnded(2, PublishResult::Accepted { post: "p".into() }), 4);
    after(&mut state, feed(theirs.clone()), 4);
    assert_eq!(state.publications.len(), 1, "mine is not seen yet");
    after(&mut state, feed([theirs, vec![update(4, Phase::Monitoring, "A fix is out.")]].concat()), 5);
    assert!(state.publications.is_empty(), "now it is");
}

#[test]
fn the_same_words_without_our_mark_are_asked_about() {
    let (mut state, id) = sending(Phase::Monitoring);
    let lost = crate::Fault::new(crate::FaultKind::Timeout, "none");
    after(&mut state, Input::PublishEnded(1, PublishResult::Unknown(lost)), 3);
    after(&mut state, Input::PostReadBack(1, Ok(ReadBackPost::Alike)), 3);
    assert!(state.incidents[&id].phase() == Some(Phase::Identified), "nobody says that it is published");
    let asks = matches!(state.publications[&1].stage, crate::draft::PublishStage::Unsure { refused: true, .. });
    assert!(asks, "the user is asked");
}

/// Between the look and the send nothing can be held back; it is told as soon as it is seen.
#[test]
fn what_crossed_mine_on_its_way_is_told() {
    let (mut state, id) = sending(Phase::Monitoring);
    after(&mut state, Input::PublishEnded(1, PublishResult::Accepted { post: "p".into() }), 3);
    let updates = vec![
        update(1, Phase::Identified, "Found it."),
        update(2, Phase::Resolved, "All is well."),
        update(3, Phase::Monitoring, "A fix is out."),
    ];
    let told = crate::feed::PageTold { posts: vec![seen(updates)], ..Default::default() };
    let answer = crate::feed::FeedAnswer { asked_at: at(4), told, skipped: 0, complete: true, pause_until: None };
    after(&mut state, Input::PostsRead { result: Ok(answer), jitter: 0.5 }, 4);
    let says = |it: &str| it.contains("and yours reopened it");
    assert!(state.incidents[&id].log.iter().any(|it| says(&it.what)), "{:#?}", state.incidents[&id].log);
    assert!(state.session.notices.iter().any(|it| says(it)), "wherever the user looks");
}
