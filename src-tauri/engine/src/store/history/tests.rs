//! The past against a real file: found by words and filters, opened again, and derived anew for an older database.

use std::collections::{BTreeMap, BTreeSet};

use herald_core::Change;
use herald_core::feed::Update;
use herald_core::history::{Happened, Moment};
use herald_core::incident::{By, Event, Kept, Own};
use herald_core::page::Gone;
use herald_core::stage::{Tick, TickSays};

use super::*;
use crate::store::Store;
use crate::store::tests::{at, empty, open, page as a_page};

fn update(minutes: i64, phase: Phase, text: &str, mine: bool) -> Update {
    Update { at: at(minutes), phase: Some(phase), impact: None, text: text.into(), mine }
}

/// Two incidents that are over, with four updates, and a page that was closed.
fn some() -> Vec<Change> {
    let own = |title: &str, severity| Own { title: Some(title.into()), severity: Some(severity), ..Own::default() };
    let git = Incident {
        own: Own { im: Some("Mateo Silva".into()), channel: Some("#inc-7".into()), ..own("Git is slow", Severity::S2) },
        updates: vec![
            update(5, Phase::Investigating, "Fetching times out.", true),
            update(30, Phase::Resolved, "Fetching is back.", true),
        ],
        kept: vec![Kept { update_at: at(30), due_at: at(20) }],
        pages: BTreeSet::from([PageId::new("P1")]),
        ticks: BTreeMap::from([
            ("join-call".into(), Tick { at: at(4), by: By::Me, saw: String::new(), says: TickSays::Done }),
            (
                "dropped".into(),
                Tick {
                    at: at(7),
                    by: By::Me,
                    saw: String::new(),
                    says: TickSays::Skipped { reason: "not needed".into() },
                },
            ),
            ("taken-back".into(), Tick { at: at(8), by: By::Me, saw: String::new(), says: TickSays::Open }),
        ]),
        log: vec![Event { at: at(6), by: By::Me, what: "Asked the engineer".into() }],
        ended_at: Some(at(30)),
        ..Incident::new(at(0))
    };
    let mail = Incident {
        own: own("Mail is late", Severity::S1),
        updates: vec![
            update(10, Phase::Identified, "Mail is late. Fetching works.", false),
            update(40, Phase::Resolved, "Mail is back.", false),
        ],
        ended_at: Some(at(40)),
        ..Incident::new(at(8))
    };
    let mut closed = a_page("P1", 1);
    (closed.answered_at, closed.gone) = (Some(at(3)), Some((Gone::Closed, at(4))));
    let watched = herald_core::Page { shadowed: true, gone: closed.gone.clone(), ..a_page("P2", 2) };
    vec![
        Change::Incident(1, Box::new(git)),
        Change::Incident(2, Box::new(mail)),
        Change::Page(Box::new(closed)),
        Change::Page(Box::new(watched)),
    ]
}

fn filled(folder: &std::path::Path) -> Store {
    let (mut store, _) = open(folder);
    store.commit(&some()).expect("commits");
    store
}

/// What a query finds, each as the first letter of its kind and its minute.
fn found(store: &Store, query: HistoryQuery) -> String {
    let found = store.history(&query).unwrap_or_else(|error| panic!("{query:?}: {error}"));
    let name = |row: &PastRow| format!("{}{}", &row.kind.key()[..1], (row.at - at(0)).num_minutes());
    found.rows.iter().map(name).collect::<Vec<_>>().join(" ")
}

#[test]
fn filters_narrow_and_the_newest_comes_first() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = filled(folder.path());
    let all = HistoryQuery::default;
    let said = |words: &str| HistoryQuery { words: words.into(), ..all() };
    let kind = |kind| HistoryQuery { kind: Some(kind), ..all() };
    for (query, expected) in [
        (all(), "u40 u30 u10 i8 u5 p2 p1 i0"),
        (kind(PastKind::Incident), "i8 i0"),
        (kind(PastKind::Update), "u40 u30 u10 u5"),
        (kind(PastKind::Page), "p2 p1"),
        (HistoryQuery { from: Some(at(5)), to: Some(at(30)), ..all() }, "u10 i8 u5"),
        (HistoryQuery { from: Some(at(30)), to: Some(at(5)), ..all() }, ""),
        (HistoryQuery { severity: Some(Severity::S1), ..all() }, "u40 u10 i8"),
        (HistoryQuery { phase: Some(Phase::Resolved), ..all() }, "u40 u30 i8 i0"),
        (HistoryQuery { mine: true, ..all() }, "u30 u5 p1 i0"),
        (said("fetching"), "u30 u10 u5"),
        (said("FETCHING tim"), "u5"),
        (said("mateo"), "i0"),
        (said("#inc-7"), "i0"),
        (said("sign-in"), "p2 p1"),
        (HistoryQuery { kind: Some(PastKind::Update), mine: true, ..said("fetching") }, "u30 u5"),
        (HistoryQuery { from: Some(at(6)), severity: Some(Severity::S2), ..said("fetching") }, "u30"),
        (HistoryQuery { best_first: true, ..said("mail") }, "u40 i8 u10"),
        (HistoryQuery { offset: 2, ..said("fetching") }, "u5"),
        (HistoryQuery { from: Some(Time::MIN_UTC), to: Some(Time::MAX_UTC), ..said("\"'; --") }, ""),
        (HistoryQuery { from: Some(Time::MIN_UTC), to: Some(Time::MAX_UTC), ..kind(PastKind::Page) }, "p2 p1"),
    ] {
        assert_eq!(found(&store, query.clone()), expected, "{query:?}");
    }
}

#[test]
fn a_long_list_comes_in_pages() {
    let folder = tempfile::tempdir().expect("a folder");
    let (mut store, _) = open(folder.path());
    // All at once, as they come in a storm.
    let pages =
        (0..120).map(|nth| herald_core::Page { gone: Some((Gone::Closed, at(9))), ..a_page(&format!("P{nth}"), 1) });
    store.commit(&pages.map(|page| Change::Page(Box::new(page))).collect::<Vec<_>>()).expect("commits");
    let mut seen = BTreeSet::new();
    for (offset, number, more) in [(0, 50, true), (50, 50, true), (100, 20, false), (150, 0, false)] {
        let query = HistoryQuery { words: "sign".into(), offset, ..HistoryQuery::default() };
        let found = store.history(&query).expect("reads");
        assert_eq!((found.rows.len(), found.more), (number, more), "from {offset}");
        seen.extend(found.rows.into_iter().filter_map(|row| row.page));
    }
    assert_eq!(seen.len(), 120, "each once");
}

#[test]
fn what_was_forgotten_is_opened_with_its_whole_timeline() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut store = filled(folder.path());
    store.commit(&[Change::IncidentForgotten(1), Change::PageForgotten(PageId::new("P1"))]).expect("commits");
    drop(store);
    let store = Store::read_only(folder.path()).expect("opens to read");
    let incident = store.past_incident(1).expect("reads").expect("is there");
    assert_eq!((incident.title.as_str(), incident.severity), ("Git is slow", Some(Severity::S2)));
    assert_eq!((incident.im.as_deref(), incident.ended_at), (Some("Mateo Silva"), Some(at(30))));
    let minute = |it: &Moment| (it.at - at(0)).num_minutes();
    let words = |it: &Moment| match &it.what {
        Happened::Noted { event } => format!("{} noted {}", minute(it), event.what),
        Happened::Told { text, due_at, .. } => format!("{} told {text} late {}", minute(it), due_at.is_some()),
        Happened::Paged { page, answered_at, .. } => format!("{} paged {page} {}", minute(it), answered_at.is_some()),
        Happened::Ticked { task, skipped } => format!("{} ticked {task} {skipped}", minute(it)),
    };
    assert_eq!(
        incident.line.iter().map(words).collect::<Vec<_>>(),
        [
            "1 paged P1 true",
            "4 ticked join-call false",
            "5 told Fetching times out. late false",
            "6 noted Asked the engineer",
            "7 ticked dropped true",
            "30 told Fetching is back. late true",
        ]
    );
    let page = store.past_page(&PageId::new("P1"), at(1)).expect("reads").expect("is there");
    assert_eq!((page.answered_at, page.incidents), (Some(at(3)), vec![(1, "Git is slow".into())]));
    assert_eq!(store.past_page(&PageId::new("P1"), at(2)).expect("reads"), None, "another trigger");
    assert_eq!(store.past_incident(99).expect("reads"), None);
}

#[test]
fn a_card_that_was_joined_leaves_no_second_history() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut store = filled(folder.path());
    let double = Incident { updates: vec![update(5, Phase::Identified, "Twice.", true)], ..Incident::new(at(3)) };
    store.commit(&[Change::Incident(3, Box::new(double))]).expect("commits");
    assert_eq!(found(&store, HistoryQuery { words: "twice".into(), ..HistoryQuery::default() }), "u5");
    store.commit(&[Change::IncidentForgotten(3), Change::IncidentForgotten(2)]).expect("commits");
    assert_eq!(found(&store, HistoryQuery { words: "twice".into(), ..HistoryQuery::default() }), "");
    let incidents = HistoryQuery { kind: Some(PastKind::Incident), ..HistoryQuery::default() };
    assert_eq!(found(&store, incidents), "i8 i0", "what is over stays");
}

#[test]
fn every_trigger_of_a_page_becomes_history() {
    let folder = tempfile::tempdir().expect("a folder");
    let (mut store, _) = open(folder.path());
    let pages = |store: &Store| found(store, HistoryQuery { kind: Some(PastKind::Page), ..HistoryQuery::default() });
    store.commit(&[Change::Page(Box::new(a_page("P1", 1)))]).expect("commits");
    assert_eq!(pages(&store), "", "it is still here");
    store.commit(&[Change::Page(Box::new(a_page("P1", 20)))]).expect("commits");
    assert_eq!(pages(&store), "p1", "called again");
    let gone = herald_core::Page { gone: Some((Gone::Closed, at(25))), ..a_page("P1", 20) };
    store.commit(&[Change::Page(Box::new(gone))]).expect("commits");
    assert_eq!(pages(&store), "p20 p1", "closed");
    store.commit(&[Change::PageForgotten(PageId::new("P1"))]).expect("commits");
    store.commit(&[Change::Page(Box::new(a_page("P2", 30)))]).expect("commits");
    store.replace(&empty()).expect("replaces");
    assert_eq!(pages(&store), "p30 p20 p1", "forgotten while nothing could be saved");
}

/// Makes the database what an older Herald left, which kept only updates.
fn aged(store: Store) {
    let back = "DROP TABLE history_words; DROP TABLE history; DROP TABLE history_page_of;
                INSERT INTO incident (id, live, body) VALUES (9000, 0, 'not JSON at all');
                PRAGMA user_version = 4;";
    store.db.execute_batch(back).expect("goes back");
    store.db.execute_batch(include_str!("../migrations/0003_past_updates.sql")).expect("goes back");
}

/// As many incidents as take several pieces, one of them joined to another, and as many pages, one of which called twice.
fn many() -> Vec<Change> {
    let count = 2 * PIECE + 7;
    let incident = |id: i64| Incident {
        updates: vec![update(id, Phase::Resolved, &format!("Fetching {id} is back."), true)],
        pages: BTreeSet::from([PageId::new(&format!("P{id}"))]),
        ended_at: Some(at(id)),
        ..Incident::new(at(id))
    };
    let page = |id: i64| {
        let gone = Some((Gone::Closed, at(id + 1)));
        Change::Page(Box::new(herald_core::Page { gone, ..a_page(&format!("P{id}"), id) }))
    };
    let joined = Incident { ended_at: None, ..incident(3) };
    (10..10 + count)
        .flat_map(|id| [Change::Incident(id, Box::new(incident(id))), page(id)])
        .chain([Change::Incident(3, Box::new(joined)), Change::IncidentForgotten(3)])
        .chain([Change::Page(Box::new(a_page("P0", 1))), Change::Page(Box::new(a_page("P0", 2)))])
        .collect()
}

/// Every row of the past, and which incidents each page called for.
fn past(store: &Store) -> (Vec<Past>, Vec<(String, i64)>) {
    let sql = format!("SELECT {COLUMNS} FROM history ORDER BY at, kind, incident, page");
    let mut rows = store.db.prepare(&sql).expect("reads");
    let mut calls = store.db.prepare("SELECT page, incident FROM history_page_of ORDER BY 1, 2").expect("reads");
    let calls = calls.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).expect("reads");
    let rows = rows.query_map([], read_past).expect("reads");
    (rows.collect::<Result<_, _>>().expect("reads"), calls.collect::<Result<_, _>>().expect("reads"))
}

#[test]
fn an_older_database_gets_its_history_from_what_it_holds() {
    let folder = tempfile::tempdir().expect("a folder");
    let (mut store, _) = open(folder.path());
    store.commit(&many()).expect("commits");
    let before = past(&store);
    aged(store);
    let (mut store, notices) = open(folder.path());
    assert_eq!(notices, [""; 0]);
    while store.take_in().expect("takes in") {}
    assert_eq!(past(&store), before, "and what cannot be read is left out");
    let left = "SELECT count(*) FROM sqlite_schema WHERE name LIKE 'past_update%'";
    assert_eq!(store.db.query_row(left, [], |row| row.get::<_, i64>(0)), Ok(0), "nothing is kept twice");
    assert!(!store.take_in().expect("is asked"), "once");
}

/// It may take minutes, in which incidents go on, and Herald may be killed.
#[test]
fn the_past_is_taken_in_piece_by_piece_while_all_goes_on() {
    let folder = tempfile::tempdir().expect("a folder");
    let (mut store, _) = open(folder.path());
    store.commit(&many()).expect("commits");
    let meanwhile = |piece: i64| {
        let updates = vec![update(300 + piece, Phase::Resolved, "Once more.", true)];
        let again = |id| Change::Incident(id, Box::new(Incident { updates: updates.clone(), ..Incident::new(at(id)) }));
        let called = Change::Page(Box::new(a_page(&format!("P{}", 12 + piece), 400)));
        // Of what is taken in already, and of what is not.
        [again(11 + piece), again(2 * PIECE - piece), Change::IncidentForgotten(2 * PIECE - piece), called]
    };
    aged(store);
    let mut pieces = 0;
    loop {
        let (mut store, notices) = open(folder.path());
        assert_eq!(notices, [""; 0]);
        let read = Store::read_only(folder.path()).expect("opens to read");
        let owed = |it: Result<_, StoreError>| matches!(it, Err(StoreError::PastOwed));
        assert!(owed(read.search("fetching", 9).map(drop)), "what is not seen is not claimed");
        assert!(owed(read.history(&HistoryQuery::default()).map(drop)));
        assert!(owed(read.past_page(&PageId::new("P12"), at(12)).map(drop)));
        assert!(owed(read.kpis(herald_core::kpi::KpiAsk::ThisQuarter, &crate::playbook::default(), at(0)).map(drop)));
        assert!(read.past_incident(12).expect("reads").is_some(), "what is whole is told");
        store.commit(&meanwhile(pieces)).expect("commits");
        let more = store.take_in().expect("takes in");
        pieces += 1;
        if !more {
            break;
        }
        // Killed within the next piece.
        let cut_short = store.db.transaction().expect("begins");
        pay(&cut_short).expect("derives");
        drop(cut_short);
    }
    assert!(pieces > 4, "{pieces}");
    let (store, _) = open(folder.path());
    let elsewhere = tempfile::tempdir().expect("a folder");
    let (mut always, _) = open(elsewhere.path());
    always.commit(&many()).expect("commits");
    (0..pieces).for_each(|piece| always.commit(&meanwhile(piece)).expect("commits"));
    assert_eq!(past(&store), past(&always), "as if it had always been kept");
    assert_eq!(store.search("once", 99).expect("reads").len(), usize::try_from(pieces).expect("few"));
}

#[test]
fn nasty_times_and_texts_keep_nothing_from_being_saved() {
    let folder = tempfile::tempdir().expect("a folder");
    let (mut store, _) = open(folder.path());
    for (id, since) in [(1, Time::MIN_UTC), (2, Time::MAX_UTC), (3, at(0))] {
        let own = Own { title: Some("x\0\u{202e}🔥".repeat(500)), ..Own::default() };
        let incident = Incident { own, updates: vec![update(0, Phase::Resolved, "\0", true)], ..Incident::new(since) };
        for _ in 0..2 {
            store.commit(&[Change::Incident(id, Box::new(incident.clone()))]).expect("commits");
        }
    }
    let sound: String = store.db.query_row("PRAGMA integrity_check", [], |row| row.get(0)).expect("checks");
    assert_eq!(sound, "ok");
    assert_eq!(store.history(&HistoryQuery::default()).expect("reads").rows.len(), 6);
}
