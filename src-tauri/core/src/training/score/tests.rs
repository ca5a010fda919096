//! Scores as tables: what happened, and what each promise then came to.

use std::collections::BTreeSet;

use super::super::facts::{Deed, UpdateFacts};
use super::*;
use crate::phase::Phase;
use crate::state::tests::at;

/// An hour of practice in which nothing happened.
fn hour() -> Facts {
    Facts {
        began_at: at(0),
        ended_at: at(60),
        target: TimeDelta::minutes(15),
        pages: vec![],
        incidents: vec![],
        declined: BTreeSet::new(),
        handover: Expected::Unseen,
        heard: vec![],
    }
}

fn deed(minutes: i64, by_me: bool) -> Option<Deed> {
    Some(Deed { at: at(minutes), by_me })
}

fn page(taken: Option<Deed>, closed: Option<Deed>) -> PageFacts {
    PageFacts { id: "P".into(), title: "Sign-in fails".into(), triggered_at: at(1), taken, closed, left_at: None }
}

/// Updates at these minutes, every ten minutes due; the last one resolves if it is negative.
fn incident(first_due: i64, minutes: &[i64]) -> IncidentFacts {
    let updates = minutes.iter().map(|minute| UpdateFacts {
        at: at(minute.abs()),
        phase: Some(if *minute < 0 { Phase::Resolved } else { Phase::Identified }),
        mine: true,
        next_due: (*minute >= 0).then(|| at(minute + 10)),
    });
    IncidentFacts {
        title: "Sign-in".into(),
        pages: vec!["P".into()],
        public: true,
        first_due: Some(at(first_due)),
        updates: updates.collect(),
        ended_at: None,
        stakeholders: Expected::Unseen,
    }
}

fn kpi(facts: &Facts, kind: KpiKind) -> (u32, u32, Option<i64>, Option<bool>) {
    let it = score(facts).kpis.into_iter().find(|kpi| kpi.kind == kind).expect("every kind is there");
    (it.kept, it.of, it.worst_s.map(|seconds| seconds / 60), it.met)
}

#[test]
fn pages_are_to_be_taken_in_time() {
    let gone = PageFacts { left_at: Some(at(9)), ..page(None, None) };
    for (name, pages, expected) in [
        ("no page", vec![], (0, 0, None, None)),
        ("at once", vec![page(deed(2, true), None)], (1, 1, Some(1), Some(true))),
        ("at the last moment", vec![page(deed(16, true), None)], (1, 1, Some(15), Some(true))),
        ("too late", vec![page(deed(17, true), None)], (0, 1, Some(16), Some(false))),
        ("never", vec![page(None, None)], (0, 1, Some(59), Some(false))),
        ("by somebody else", vec![page(deed(2, false), None)], (0, 0, None, None)),
        ("it went away", vec![gone], (0, 0, None, None)),
        ("one of two", vec![page(deed(4, true), None), page(deed(31, true), None)], (1, 2, Some(30), Some(false))),
    ] {
        assert_eq!(kpi(&Facts { pages, ..hour() }, KpiKind::Acknowledged), expected, "{name}");
    }
}

#[test]
fn updates_are_to_come_within_their_interval() {
    for (name, incidents, expected) in [
        ("nothing to tell", vec![], (0, 0, None, None)),
        ("all in time", vec![incident(12, &[5, 15, 24, -30])], (4, 4, Some(0), Some(true))),
        ("one late", vec![incident(12, &[5, 18, -20])], (2, 3, Some(3), Some(false))),
        ("the first late", vec![incident(12, &[14, -20])], (1, 2, Some(2), Some(false))),
        ("nothing said at all", vec![incident(12, &[])], (0, 1, Some(48), Some(false))),
        ("fell silent", vec![incident(12, &[5])], (1, 2, Some(45), Some(false))),
        ("ended before the next was due", vec![incident(12, &[5, 14, 55])], (2, 3, Some(31), Some(false))),
        (
            "set aside before it was due",
            vec![IncidentFacts { ended_at: Some(at(8)), ..incident(12, &[]) }],
            (0, 0, None, None),
        ),
        ("two at once", vec![incident(12, &[5, -9]), incident(30, &[28, 37, -46])], (5, 5, Some(0), Some(true))),
    ] {
        assert_eq!(kpi(&Facts { incidents, ..hour() }, KpiKind::Updates), expected, "{name}");
    }
}

#[test]
fn the_page_is_closed_last() {
    let told = |at_minute| IncidentFacts { stakeholders: Expected::Done(at(at_minute)), ..incident(12, &[5]) };
    let untold = IncidentFacts { stakeholders: Expected::Missing, ..incident(12, &[5]) };
    let private = IncidentFacts { public: false, first_due: None, ..incident(12, &[]) };
    let unjoined = |minutes: &[i64]| IncidentFacts { pages: vec![], ..incident(12, minutes) };
    let closed = |minute| vec![page(deed(2, true), deed(minute, true))];
    for (name, pages, incidents, expected) in [
        ("not mine", vec![page(deed(2, false), deed(9, false))], vec![incident(12, &[5])], (0, 0, None)),
        ("after the update", closed(9), vec![incident(12, &[5])], (1, 1, Some(true))),
        ("before the update", closed(4), vec![incident(12, &[5])], (0, 1, Some(false))),
        ("after the stakeholders", closed(9), vec![told(8)], (1, 1, Some(true))),
        ("before the stakeholders", closed(9), vec![told(10)], (0, 1, Some(false))),
        ("stakeholders never told", closed(9), vec![untold], (0, 1, Some(false))),
        ("nobody decided whether to tell", closed(9), vec![private], (0, 1, Some(false))),
        ("at once, and nothing told", closed(3), vec![incident(12, &[])], (0, 1, Some(false))),
        ("at once, joined with nothing", closed(3), vec![unjoined(&[])], (0, 1, Some(false))),
        ("after the update, joined with nothing", closed(9), vec![unjoined(&[5])], (1, 1, Some(true))),
        ("about nothing that is known", closed(9), vec![], (0, 0, None)),
        ("left open", vec![page(deed(2, true), None)], vec![incident(12, &[5])], (0, 1, Some(false))),
        ("closed by others", vec![page(deed(2, true), deed(9, false))], vec![], (0, 0, None)),
    ] {
        let (kept, of, _, met) = kpi(&Facts { pages, incidents, ..hour() }, KpiKind::ClosedLast);
        assert_eq!((kept, of, met), expected, "{name}");
    }
    let declined = Facts { pages: closed(3), declined: BTreeSet::from(["P".into()]), ..hour() };
    assert_eq!(kpi(&declined, KpiKind::ClosedLast).3, Some(true), "the public is not told, as was decided");
}

#[test]
fn what_cannot_be_seen_is_not_held_against_anybody() {
    let (unseen, missing, done) = (Expected::Unseen, Expected::Missing, Expected::Done(at(20)));
    for (expected, met) in [(unseen, None), (missing, Some(false)), (done, Some(true))] {
        let told = IncidentFacts { stakeholders: expected, ..incident(12, &[5, -9]) };
        let facts = Facts { handover: expected, incidents: vec![told], ..hour() };
        assert_eq!(kpi(&facts, KpiKind::Handover).3, met, "{expected:?}");
        assert_eq!(kpi(&facts, KpiKind::Stakeholders).3, met, "{expected:?}");
    }
    let unsaid = IncidentFacts { stakeholders: Expected::Missing, ..incident(12, &[]) };
    let facts = Facts { incidents: vec![unsaid], ..hour() };
    assert_eq!(kpi(&facts, KpiKind::Stakeholders).3, None, "nothing was public yet");
}

#[test]
fn the_timeline_tells_what_was_expected_when() {
    let facts = Facts {
        pages: vec![page(deed(17, true), deed(30, true))],
        incidents: vec![incident(12, &[18, 26])],
        heard: vec![(at(20), "Mateo: Go ahead.".into())],
        ..hour()
    };
    let score = score(&facts);
    let told: Vec<(String, Option<bool>)> =
        score.timeline.iter().map(|it| (format!("{} {}", (it.at - at(0)).num_minutes(), it.what), it.good)).collect();
    let line = |text: &str, good| (text.to_owned(), good);
    assert_eq!(
        told,
        [
            line("1 Page: Sign-in fails", None),
            line("17 You took the page: Sign-in fails", Some(false)),
            line("18 You published Identified: Sign-in", Some(false)),
            line("20 Mateo: Go ahead.", None),
            line("26 You published Identified: Sign-in", Some(true)),
            line("30 You closed the page: Sign-in fails", Some(true)),
            line("36 An update was due and did not come: Sign-in", Some(false)),
        ]
    );
    assert_eq!(score.timeline[1].due_at, Some(at(16)));
    assert_eq!(score.met(), (1, 3));
}
