//! Whether the last update can be seen on the public page (H46): a reading of what the page was seen to say.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::Time;
use crate::draft::PublishStage;
use crate::incident::{Incident, IncidentId, same_update};
use crate::phase::Phase;
use crate::poll::{self, SourceName};
use crate::state::State;

/// What is known of the last update on the public page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Live {
    /// It was seen there.
    Since {
        /// When it was published, as the page has it.
        at: Time,
    },
    /// The page no longer lists the incident, as it does when it is resolved.
    Unlisted,
    /// It was not seen there yet.
    NotSeen,
}

/// Whether the last update can be seen on the public page; nothing where there is none, or nobody looks at the page.
pub(super) fn live(state: &State, id: IncidentId, incident: &Incident) -> Option<Live> {
    let last = incident.last_told()?;
    let post = incident.post.as_ref();
    if let Some(seen) = post.and_then(|post| post.updates.iter().find(|seen| same_update(seen, &last))) {
        return Some(Live::Since { at: seen.at });
    }
    let waits = state.publications.values().any(|it| {
        it.incident == id && matches!(it.stage, PublishStage::Accepted { .. }) && Some(it.text.phase) == last.phase
    });
    if !waits && last.phase == Some(Phase::Resolved) && post.is_some_and(|post| !post.open) {
        return Some(Live::Unlisted);
    }
    (waits || poll::connected(state, SourceName::StatusPage)).then_some(Live::NotSeen)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draft::{Publication, Text};
    use crate::feed::{PageKind, PostSeen, StatusPage, Update};
    use crate::state::Change;
    use crate::state::tests::{at, connected};

    const AT: i64 = 60;

    fn update(phase: Phase, minutes: i64) -> Update {
        Update { at: at(minutes), phase: Some(phase), impact: None, text: "All is  well.".into(), mine: true }
    }

    fn page() -> StatusPage {
        StatusPage {
            kind: PageKind::Rss,
            api_url: String::new(),
            feed_url: "https://status.example/feed".into(),
            public_url: "https://status.example".into(),
            page_id: "p".into(),
            token: None,
        }
    }

    /// An incident whose last update is this, with what its post says, whether the page is watched, and what waits.
    fn says(phase: Phase, seen: Option<(Vec<Update>, bool)>, watched: bool, waits: bool) -> Option<Live> {
        let mut state = connected();
        if watched {
            state.apply(&Change::StatusPage(Some(page())));
        }
        let mut incident = Incident::new(at(0));
        incident.updates = vec![update(phase, AT)];
        incident.post = seen.map(|(updates, open)| PostSeen {
            id: "7".into(),
            title: "Trouble".into(),
            url: None,
            open,
            updates,
            components: vec![],
        });
        state.apply(&Change::Incident(1, Box::new(incident.clone())));
        if waits {
            let text = crate::view::compose::compose(&state, 1, &incident, at(AT)).text;
            let text = Text { phase, ..text };
            let stage = PublishStage::Accepted { at: at(AT) };
            let it = Publication { incident: 1, text, post: None, amends: None, basis: None, stage, asked_at: at(AT) };
            state.apply(&Change::Publication(1, Box::new(it)));
        }
        live(&state, 1, &state.incidents[&1])
    }

    #[test]
    fn the_last_update_is_live_once_it_was_seen_and_not_before() {
        let seen =
            |minutes| Some((vec![Update { text: "All is well.".into(), ..update(Phase::Resolved, minutes) }], false));
        let other = || Some((vec![update(Phase::Monitoring, 30)], false));
        let open = || Some((vec![update(Phase::Monitoring, 30)], true));
        let resolved = Phase::Resolved;
        for (name, phase, post, watched, waits, expected) in [
            ("seen, by the page's own time", resolved, seen(61), true, false, Some(Live::Since { at: at(61) })),
            ("accepted, not seen", resolved, other(), true, true, Some(Live::NotSeen)),
            ("dropped from the page, as what is resolved", resolved, other(), true, false, Some(Live::Unlisted)),
            ("still listed as before", resolved, open(), true, false, Some(Live::NotSeen)),
            ("not resolved, and not listed", Phase::Identified, other(), true, false, Some(Live::NotSeen)),
            ("posted by hand, page watched", resolved, None, true, false, Some(Live::NotSeen)),
            ("posted by hand, nobody looks", resolved, None, false, false, None),
        ] {
            assert_eq!(says(phase, post, watched, waits), expected, "{name}");
        }
        assert_eq!(live(&connected(), 1, &Incident::new(at(0))), None, "nothing is public");
    }
}
