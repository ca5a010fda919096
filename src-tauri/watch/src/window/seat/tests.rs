//! What a window is told: all at first, and then what differs.

use herald_core::feed::{Found, IssueSeen, PostSeen, Update};
use herald_core::state::{Change, Mode, Session, State};
use herald_core::tray::tray;
use herald_core::view::Gallery;
use herald_core::{Draft, Incident, Phase, Severity};
use herald_engine::playbook;

use super::*;

/// Most that a change of one incident among a hundred may take.
const TOLD_BYTES_MAX: usize = 20_000;

fn now() -> Time {
    "2026-05-06T09:47:32Z".parse().expect("an instant")
}

/// An incident as tracker and status page tell of it.
fn incident(iid: u64) -> Incident {
    let update = |phase| Update {
        at: now(),
        phase: Some(phase),
        impact: None,
        text: format!("We look into problem {iid}, which many customers in Europe see. More in 60 minutes."),
        mine: false,
    };
    let issue = IssueSeen {
        iid,
        url: format!("https://tracker.example/ops/production/-/issues/{iid}"),
        title: format!("Something {iid} is broken"),
        severity: Some(Severity::S2),
        open: true,
        active: true,
        labels: vec![],
        says: None,
        confidential: iid.is_multiple_of(10),
        found: Found::default(),
        created_at: now(),
        updated_at: now(),
    };
    let post = PostSeen {
        id: iid.to_string(),
        title: issue.title.clone(),
        url: None,
        open: true,
        updates: vec![update(Phase::Investigating), update(Phase::Identified)],
        components: vec![],
    };
    Incident { issue: Some(issue), post: Some(post), decided_at: Some(now()), ..Incident::new(now()) }
}

struct Story {
    state: State,
    gallery: Gallery,
    drawn: Drawn,
}

impl Story {
    fn of(incidents: i64) -> Self {
        let mut state = State::new(Arc::new(playbook::default()), Session::new(Mode::Real, chrono_tz::Tz::UTC, now()));
        for id in 1..=incidents {
            state.apply(&Change::Incident(id, Box::new(incident(id.unsigned_abs()))));
        }
        Self { gallery: Gallery::new(&state, now()), state, drawn: Drawn::default() }
    }

    /// What is told of it now.
    fn told(&mut self) -> serde_json::Value {
        let shown = Shown { view: self.gallery.view().clone(), tray: tray(&self.state, now()), now: now() };
        let frame = self.drawn.next(Arc::new(shown)).expect("JSON");
        serde_json::from_str(frame.body.expect("a body").get()).expect("JSON")
    }

    fn change(&mut self, change: Change) -> serde_json::Value {
        self.gallery.touch(&self.state, &change);
        self.state.apply(&change);
        assert!(self.gallery.renew(&self.state, now()), "it shows");
        self.told()
    }
}

fn bytes(told: &serde_json::Value) -> usize {
    told.to_string().len()
}

#[test]
fn of_a_hundred_incidents_a_window_is_told_the_one_that_changed() {
    let mut story = Story::of(100);
    let whole = story.told();
    assert_eq!((&whole["is"], &whole["nth"]), (&"whole".into(), &1.into()));
    assert!(bytes(&whole) > 20 * TOLD_BYTES_MAX, "{}", bytes(&whole));
    let text =
        story.gallery.view().incidents[41].compose.text.clone().saying("Herald sends what is typed, not the rest.");
    let draft = Draft { text, saved_at: now(), review: None, unsent: None };
    let typed = story.change(Change::Draft(42, Box::new(draft)));
    let moved = story.change(Change::Incident(7, Box::new(Incident { declined_at: Some(now()), ..incident(7) })));
    for (told, nth, id) in [(typed, 2, 42), (moved, 3, 7)] {
        assert_eq!((&told["is"], &told["nth"]), (&"since".into(), &nth.into()));
        let cards = told["delta"]["incidents"]["cards"].as_array().expect("cards");
        assert_eq!(cards.iter().map(|card| &card["id"]).collect::<Vec<_>>(), [id], "one card, of {}", told["delta"]);
        assert_eq!(
            (&told["delta"]["parts"], &told["delta"]["pages"]),
            (&serde_json::json!({}), &serde_json::Value::Null)
        );
        assert!(bytes(&told) <= TOLD_BYTES_MAX, "{} bytes", bytes(&told));
    }
}

#[test]
fn whoever_greets_is_told_what_follows_by_what_differs() {
    let mut story = Story::of(1);
    let shown = Shown { view: story.gallery.view().clone(), tray: tray(&story.state, now()), now: now() };
    let Reply::Hello { nth, view, .. } = story.drawn.first(&Arc::new(shown)) else { panic!("a welcome") };
    assert_eq!((nth, &*view), (1, story.gallery.view()));
    let told = story.change(Change::Incident(1, Box::new(Incident { declined_at: Some(now()), ..incident(1) })));
    assert_eq!((&told["is"], &told["nth"]), (&"since".into(), &2.into()));
}
