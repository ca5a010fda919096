//! In which order pages need somebody: what must be done first stands first, in the window, in the tray, and where only
//! some fit.

use std::cmp::Reverse;

use super::{Page, PageId};
use crate::Time;
use crate::shadow::{Standing, standing};
use crate::state::State;

/// The place of a page among others: the smaller, the earlier. Calls before what somebody has taken, mine before what I
/// only watch, high urgency before low; then what has the least time left: of what calls that is what called first
/// (H21), of what was taken, what comes back first.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    taken: bool,
    watched: bool,
    urgent: Reverse<bool>,
    left: Time,
    id: PageId,
}

/// Where a page stands among others at `now`.
#[must_use]
pub fn place(state: &State, page: &Page, now: Time) -> Place {
    let seen = &page.seen;
    let taken = !page.calls();
    let others = state.account.as_ref().is_some_and(|me| seen.taken_by.as_ref().is_some_and(|by| by.id != me.user_id));
    let watched = matches!(standing(state, page, now), Standing::Shadow { .. }) || (taken && others);
    let left = if taken { seen.ack_expires_at.unwrap_or(Time::MAX_UTC) } else { seen.triggered_at };
    Place { taken, watched, urgent: Reverse(seen.urgent), left, id: seen.id.clone() }
}

/// The open pages that need somebody most, in order and so many at most, and how many more there are. Of many, those
/// with a notification of their own are among what is shown.
#[must_use]
pub fn most_pressing(state: &State, at_most: usize, now: Time) -> (Vec<&Page>, usize) {
    let mut open: Vec<&Page> = state.pages.values().filter(|page| page.open()).collect();
    let more = open.len().saturating_sub(at_most);
    open.sort_by_cached_key(|page| (!page.calls(), page.grouped, place(state, page, now)));
    open.truncate(at_most);
    open.sort_by_cached_key(|page| place(state, page, now));
    (open, more)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::page::{Named, PageStatus, SeenPage};
    use crate::state::tests::{at, connected, seen};

    /// A page by its name, when it called, and what else is said of it.
    fn page(name: &str, minute: i64, said: impl FnOnce(&mut SeenPage)) -> Page {
        let mut seen = seen(name, minute);
        said(&mut seen);
        Page::new(seen, at(minute))
    }

    fn low(it: &mut SeenPage) {
        it.urgent = false;
    }

    fn taken(by: &str, back: Option<i64>) -> impl FnOnce(&mut SeenPage) {
        let (id, name) = (by.to_owned(), by.to_owned());
        move |it| {
            it.status = PageStatus::Acknowledged;
            it.taken_by = Some(Named { id, name });
            it.ack_expires_at = back.map(at);
        }
    }

    #[test]
    fn what_must_be_done_first_stands_first() {
        let me = connected().account.expect("an account").user_id;
        let rows: Vec<(&str, Vec<Page>)> = vec![
            ("less time left, not the newest", vec![page("A", 1, |_| {}), page("B", 9, |_| {})]),
            ("high urgency before low, though it came later", vec![page("B", 9, |_| {}), page("A", 1, low)]),
            ("less time left and higher urgency", vec![page("B", 1, |_| {}), page("A", 9, low)]),
            ("of low ones too, less time left", vec![page("B", 1, low), page("A", 9, low)]),
            ("what calls before what was taken", vec![page("B", 9, low), page("A", 1, taken(&me, Some(10)))]),
            (
                "of what I took, what comes back first",
                vec![
                    page("C", 9, taken(&me, Some(20))),
                    page("B", 1, taken(&me, Some(40))),
                    page("A", 1, taken(&me, None)),
                ],
            ),
            (
                "mine before what somebody else took",
                vec![page("B", 9, taken(&me, None)), page("A", 1, taken("X", Some(9)))],
            ),
            ("the same in everything: by name, always alike", vec![page("A", 1, |_| {}), page("B", 1, |_| {})]),
        ];
        let state = connected();
        for (why, expected) in rows {
            let mut sorted = expected.clone();
            sorted.reverse();
            sorted.sort_by_cached_key(|page| place(&state, page, at(10)));
            assert_eq!(sorted, expected, "{why}");
        }
    }

    #[test]
    fn what_i_only_watch_waits_for_what_is_mine() {
        let mut state = connected();
        let (early, late) = (page("A", 1, |_| {}), page("B", 9, |_| {}));
        assert!(place(&state, &early, at(10)) < place(&state, &late, at(10)));
        state.settings.shadow = true;
        assert!(place(&state, &early, at(10)) < place(&state, &late, at(10)), "where all are watched it is the same");
        assert!(place(&state, &early, at(10)).watched);
    }
}
