//! What the composer says of the way out: the channels, and what reaches the page.

mod drawn;
mod templates;

use super::*;
use crate::feed::{PageKind, PostSeen};
use crate::state::tests::at;
use crate::step::tests::{by_hand, post, text, update, watching, wish};

#[test]
fn a_page_offers_the_channels_that_it_has() {
    let (told, left_out) = (true, false);
    for (kind, muted, expected) in [
        (PageKind::Statuspage, vec![], vec![("all subscribers", told)]),
        // As drafts hold that were made for another page.
        (PageKind::Statuspage, vec![Broadcast::Sms, Broadcast::Slack], vec![("all subscribers", told)]),
        (PageKind::Statuspage, vec![Broadcast::Email], vec![("all subscribers", left_out)]),
        (PageKind::Statuspage, Broadcast::ALL.to_vec(), vec![("all subscribers", left_out)]),
        (
            PageKind::StatusIo,
            vec![Broadcast::Email, Broadcast::Irc],
            vec![
                ("e-mail", left_out),
                ("SMS", told),
                ("webhook", told),
                ("social", told),
                ("IRC", left_out),
                ("Teams", told),
                ("Slack", told),
            ],
        ),
    ] {
        let mut state = watching();
        state.status_page.as_mut().expect("connected").kind = kind;
        let id = by_hand(&mut state);
        let text = Text { muted: muted.iter().copied().collect(), ..text(Phase::Investigating, "Trouble") };
        wish(&mut state, IncidentWish::Write { incident: id, text }, 1);
        let channels = compose(&state, id, &state.incidents[&id], at(1)).outlet.channels;
        let said: Vec<_> = channels.iter().map(|it| (it.name.as_str(), it.tells)).collect();
        assert_eq!(said, expected, "{kind:?} without {muted:?}");
    }
}

/// A card whose post is public, and its composer with a wider scope.
fn widened(kind: PageKind) -> Compose {
    let mut state = watching();
    state.status_page.as_mut().expect("connected").kind = kind;
    let playbook = std::sync::Arc::make_mut(&mut state.playbook);
    playbook.links.insert("status_page_admin".into(), "https://pages.example/dashboard".into());
    let id = by_hand(&mut state);
    let public =
        PostSeen { components: vec!["A".into()], ..post("p", vec![update(1, Phase::Identified, "Sign-in fails")]) };
    state.incidents.get_mut(&id).expect("entered").post = Some(public);
    let components = ["A", "B"].map(str::to_owned).into_iter().collect();
    let text = Text { title: "Worse".into(), components, ..text(Phase::Identified, "More words") };
    wish(&mut state, IncidentWish::Write { incident: id, text }, 2);
    compose(&state, id, &state.incidents[&id], at(2))
}

#[test]
fn what_is_not_sent_is_to_be_confirmed() {
    let compose = widened(PageKind::StatusIo);
    let lint = compose.lints.iter().find(|it| it.lint.rule == LintRule::NotSent).expect("it is found");
    assert_eq!(lint.lint.weight, Weight::Confirm);
    assert!(lint.lint.says.contains("Not sent: the title “Worse”; B as added."), "{}", lint.lint.says);
    let out = compose.outlet;
    assert_eq!((out.title.as_str(), out.components.len(), out.sets.len()), ("Post p", 1, 1), "as it goes out");
    assert!(out.dashboard.is_some(), "the way there");
    let compose = widened(PageKind::Statuspage);
    assert!(!compose.lints.iter().any(|it| it.lint.rule == LintRule::NotSent), "it takes all of it");
    let out = compose.outlet;
    assert_eq!((out.title.as_str(), out.components.len(), out.sets.len()), ("Worse", 2, 1), "only B gets the status");
}

#[test]
fn an_update_starts_from_the_public_title() {
    let mut state = watching();
    let id = by_hand(&mut state);
    let start = |state: &State| compose(state, id, &state.incidents[&id], at(2)).text.title;
    assert_eq!(start(&state), "Sign-in fails", "the card's");
    state.incidents.get_mut(&id).expect("entered").post = Some(post("p", vec![update(1, Phase::Identified, "So")]));
    assert_eq!(start(&state), "Post p", "what customers read");
}

/// S1 with a promise of 25 minutes: said while it is written, and to be confirmed.
#[test]
fn a_promise_later_than_the_severity_allows_is_to_be_confirmed() {
    use crate::incident::Own;
    use crate::phase::Severity::{self, S1, S2, S3};
    let mut state = watching();
    let id = by_hand(&mut state);
    let mut found = |severity: Option<Severity>, phase, body: &str, promise| {
        let own = Own { severity, title: Some("Sign-in fails".into()), ..Own::default() };
        wish(&mut state, IncidentWish::Correct { incident: id, own }, 1);
        let text = Text { promise, ..text(phase, body) };
        wish(&mut state, IncidentWish::Write { incident: id, text }, 1);
        let lints = compose(&state, id, &state.incidents[&id], at(1)).lints;
        lints.into_iter().find(|it| it.lint.rule == LintRule::PromiseLate).map(|it| it.lint.weight)
    };
    let in_25 = "Trouble. Next update in 25 minutes.";
    assert_eq!(found(Some(S1), Phase::Investigating, in_25, true), Some(Weight::Confirm), "S1 wants one in 10");
    assert_eq!(found(Some(S2), Phase::Investigating, in_25, true), Some(Weight::Confirm), "S2 wants one in 15");
    assert_eq!(found(Some(S2), Phase::Identified, in_25, true), None, "within 30");
    assert_eq!(found(Some(S3), Phase::Monitoring, "Next update in 60 minutes.", true), None, "exactly");
    assert_eq!(found(Some(S1), Phase::Investigating, in_25, false), None, "the clock does not count to it");
    assert_eq!(found(None, Phase::Investigating, in_25, true), Some(Weight::Advice), "nobody knows how grave it is");
    assert_eq!(found(Some(S1), Phase::Resolved, in_25, true), None, "nothing is due");
}
