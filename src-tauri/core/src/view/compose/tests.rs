//! What the composer says of the way out: the channels, and what reaches the page.

use super::*;
use crate::feed::PageKind;
use crate::state::tests::at;
use crate::step::tests::{by_hand, text, watching, wish};

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
