//! The same words again and again: each update counts once, and each own one is at most one of the page's.

use super::*;
use crate::state::tests::at;

const SAME: &str = "Nothing new, we go on.";

fn update(minutes: i64, text: &str) -> Update {
    Update { at: at(minutes), phase: Some(Phase::Investigating), impact: None, text: text.into(), mine: false }
}

/// What went out from here, noted by hand or sent, and what the page shows.
fn incident(own: &[(i64, &str)], sent: &[i64], shown: &[(i64, &str)]) -> Incident {
    let mut it = Incident::new(at(0));
    it.updates = own.iter().map(|(minutes, text)| Update { mine: true, ..update(*minutes, text) }).collect();
    it.sent = sent.iter().map(|minutes| at(*minutes)).collect();
    let updates = shown.iter().map(|(minutes, text)| update(*minutes, text)).collect();
    let (id, title) = ("p".into(), "Trouble".into());
    it.post = Some(PostSeen { id, title, url: None, open: true, updates, components: vec![] });
    it
}

#[test]
fn each_update_counts_once() {
    const OTHER: &str = "A decision is pending.";
    let escaped = "\u{200F}אנחנו בודקים &amp; מתקנים.<br />It&#39;s 🇩🇪";
    let typed = "אנחנו בודקים & מתקנים.\nIt's 🇩🇪";
    for (name, own, sent, shown, expected) in [
        ("by hand, without a feed", &[(0, SAME), (10, SAME)][..], &[][..], &[][..], &[(0, true), (10, true)][..]),
        (
            "the third lags",
            &[(0, SAME), (10, OTHER), (20, SAME)],
            &[0, 10, 20],
            &[(0, SAME), (10, OTHER)],
            &[(0, true), (10, true), (20, true)],
        ),
        ("all are shown", &[(0, SAME), (20, SAME)], &[0, 20], &[(1, SAME), (21, SAME)], &[(1, true), (21, true)]),
        ("one of mine, one of others", &[(20, SAME)], &[20], &[(0, SAME), (20, SAME)], &[(0, false), (20, true)]),
        ("dated before it was sent", &[(20, SAME)], &[20], &[(17, SAME)], &[(17, false), (20, true)]),
        ("clocks differ", &[(20, SAME)], &[20], &[(18, SAME)], &[(18, true)]),
        ("remembered roughly", &[(20, SAME)], &[], &[(5, SAME)], &[(5, true)]),
        ("remembered roughly, twice", &[(20, SAME), (22, SAME)], &[], &[(5, SAME)], &[(5, true), (22, true)]),
        (
            "the nearest",
            &[(12, SAME)],
            &[],
            &[(0, SAME), (10, SAME), (25, SAME)],
            &[(0, false), (10, true), (25, false)],
        ),
        ("another day", &[(31, SAME)], &[], &[(0, SAME)], &[(0, false), (31, true)]),
        ("as pages write it", &[(0, typed)], &[0], &[(0, escaped)], &[(0, true)]),
    ] {
        let it = incident(own, sent, shown);
        let published: Vec<_> =
            it.published().iter().map(|update| ((update.at - at(0)).num_minutes(), update.mine)).collect();
        let kept: Vec<_> = expected.to_vec();
        assert_eq!(published, kept, "{name}");
    }
}

#[test]
fn a_promise_is_kept_by_the_next_update_even_in_the_same_words() {
    for (name, own, sent, shown, made_at, holds) in [
        ("the only one", &[(0, SAME)][..], &[0][..], &[][..], 0, true),
        ("dated otherwise by the page", &[(0, SAME)], &[0], &[(1, SAME)], 0, true),
        ("said again from here", &[(0, SAME), (20, SAME)], &[0, 20], &[(1, SAME)], 0, false),
        ("said again by others", &[], &[], &[(0, SAME), (20, SAME)], 0, false),
        ("made by the second", &[(0, SAME), (20, SAME)], &[0, 20], &[(1, SAME)], 20, true),
        ("of a post whose time was corrected", &[], &[], &[(3, SAME)], 0, true),
    ] {
        let it = incident(own, sent, shown);
        let made_by = Some(update(made_at, SAME));
        let promise = Promise { due_at: at(60), made_at: at(made_at), made_by, confirmed_at: None };
        assert_eq!(it.promised_last(&promise), holds, "{name}");
    }
}

#[test]
fn what_the_page_shows_of_an_earlier_one_does_not_make_the_next_live() {
    let it = incident(&[(0, SAME), (20, SAME)], &[0, 20], &[(0, SAME)]);
    let post = it.post.clone().expect("is there");
    let live = |minutes| it.seen_live(Phase::Investigating, SAME, at(minutes), &post).map(|seen| seen.at);
    assert_eq!((live(0), live(20)), (Some(at(0)), None));
}

/// A feed that tells no phase shows the words that went out from here: that is one update, and its phase is known.
#[test]
fn what_a_feed_leaves_out_is_known_from_here() {
    let mut it = incident(&[(0, SAME)], &[0], &[(1, SAME)]);
    it.post.iter_mut().flat_map(|post| &mut post.updates).for_each(|update| update.phase = None);
    let published = it.published();
    assert_eq!((published.len(), published[0].phase, published[0].mine), (1, Some(Phase::Investigating), true));
    assert_eq!((it.phase(), it.standing_words()), (Some(Phase::Investigating), "Investigating"));
    it.updates.clear();
    assert_eq!((it.phase(), it.standing_words()), (None, "State not told"));
    it.post = None;
    assert_eq!((it.phase(), it.standing_words()), (None, "Not public yet"));
}
