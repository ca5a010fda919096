//! The store against real files: what was committed is there, and damage is survived.

use std::sync::Arc;

use chrono::DateTime;
use herald_core::alarm::Alarm;
use herald_core::feed::{PastUpdate, Update};
use herald_core::incident::Own;
use herald_core::page::{Gone, PageStatus};
use herald_core::state::{Mode, Session};
use herald_core::{Incident, Page, Phase, SeenPage, Settings};

use super::*;

pub(super) fn at(minutes: i64) -> Time {
    DateTime::from_timestamp(1_800_000_000 + 60 * minutes, 0).expect("in range")
}

pub(super) fn empty() -> State {
    State::new(Arc::new(crate::playbook::default()), Session::new(Mode::Real, chrono_tz::Tz::UTC, at(0)))
}

pub(super) fn page(id: &str, minutes: i64) -> Page {
    let seen = SeenPage {
        id: herald_core::PageId::new(id),
        number: 1,
        title: "Sign-in fails".into(),
        url: None,
        call_url: None,
        call_number: None,
        priority: None,
        kind: None,
        asked: None,
        merged_into: None,
        told: herald_core::page::Told::default(),
        service: None,
        urgent: true,
        policy: None,
        via_policy: true,
        assigned_at: Some(at(minutes)),
        others: vec![],
        status: PageStatus::Triggered,
        triggered_at: at(minutes),
        created_at: at(minutes),
        version: at(minutes),
        taken_by: None,
        taken_at: None,
        escalates_at: None,
        ack_expires_at: None,
    };
    Page::new(seen, at(minutes))
}

pub(super) fn open(folder: &Path) -> (Store, Vec<String>) {
    let opened = Store::open(folder, at(0));
    (opened.store.unwrap_or_else(|error| panic!("opens: {error}")), opened.notices)
}

fn loaded(store: &Store) -> State {
    let mut state = empty();
    store.load(&mut state).expect("loads");
    state
}

fn some_changes() -> Vec<Change> {
    let key = herald_core::AlarmKey::Page { page: herald_core::PageId::new("P1"), triggered_at: at(1) };
    let gone = Page { gone: Some((Gone::Closed, at(3))), ..page("P2", 2) };
    vec![
        Change::Page(Box::new(page("P1", 1))),
        Change::Page(Box::new(gone)),
        Change::Alarm(key, Alarm::new(at(1))),
        Change::Settings(Settings { poll_interval_s: 5, ..Settings::default() }),
        Change::Job(
            7,
            herald_core::job::Job {
                task: herald_core::Task::Acknowledge { page: herald_core::PageId::new("P1"), triggered_at: at(1) },
                stage: herald_core::job::JobStage::Running,
                asked_at: at(2),
            },
        ),
    ]
}

#[test]
fn the_migrations_are_sound() {
    assert!(MIGRATIONS.validate().is_ok(), "they apply one after the other");
}

/// SQLite's own folder for them may be full while the disk has room (SQLite, "Temporary Files Used By SQLite", 3).
#[test]
fn nothing_temporary_is_written_elsewhere() {
    let folder = tempfile::tempdir().expect("a folder");
    let (store, _) = open(folder.path());
    let read = Store::read_only(folder.path()).expect("opens to read");
    for db in [&store.db, &read.db] {
        let kept: i64 = db.query_row("PRAGMA temp_store", [], |row| row.get(0)).expect("tells");
        assert_eq!(kept, 2, "in memory");
    }
}

#[test]
fn what_is_committed_is_loaded_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let (mut store, _) = open(folder.path());
    let mut state = empty();
    for change in some_changes() {
        state.apply(&change);
    }
    store.commit(&some_changes()).expect("commits");
    store.commit_cut_short(&[Change::PageForgotten(herald_core::PageId::new("P1"))]).expect("is cut short");
    drop(store);
    let (store, notices) = open(folder.path());
    assert_eq!((loaded(&store), notices), (state, vec![]), "the store is the state");
}

#[test]
fn a_new_trigger_leaves_the_old_one_as_history() {
    let folder = tempfile::tempdir().expect("a folder");
    let (mut store, _) = open(folder.path());
    let again = page("P1", 30);
    store.commit(&[Change::Page(Box::new(page("P1", 1))), Change::Page(Box::new(again.clone()))]).expect("commits");
    assert_eq!(loaded(&store).pages.values().cloned().collect::<Vec<_>>(), [again], "one page is live");
    let kept: i64 = store.db.query_row("SELECT count(*) FROM page", [], |row| row.get(0)).expect("counts");
    assert_eq!(kept, 2, "both triggers are kept");
}

#[test]
fn job_ids_are_never_used_twice() {
    let folder = tempfile::tempdir().expect("a folder");
    let (mut store, _) = open(folder.path());
    store.commit(&some_changes()).expect("commits");
    store.commit(&[Change::JobGone(7)]).expect("commits");
    drop(store);
    assert_eq!(loaded(&open(folder.path()).0).next_job, 8, "after a restart too");
}

#[test]
fn a_damaged_database_is_set_aside_and_the_backup_takes_its_place() {
    let folder = tempfile::tempdir().expect("a folder");
    let (mut store, _) = open(folder.path());
    store.commit(&some_changes()).expect("commits");
    let before = loaded(&store);
    drop(store);
    let backups = folder.path().join("backups");
    fs::create_dir(&backups).expect("a folder");
    fs::copy(folder.path().join(FILE), backups.join("herald-2027-01-15.db")).expect("copies");
    for damage in [b"this is not a database, not at all, but long enough to be one".repeat(200), vec![]] {
        fs::write(folder.path().join(FILE), damage).expect("writes");
        let (store, notices) = open(folder.path());
        assert_eq!(loaded(&store), before, "the backup is in place");
        assert!(notices[0].contains("kept as herald.db.damaged-2027-01-15T08-00-00Z"), "{notices:?}");
    }
    fs::remove_file(folder.path().join(FILE)).expect("removes");
    fs::write(folder.path().join(format!("{FILE}-wal")), b"of another database").expect("writes");
    let (store, notices) = open(folder.path());
    assert_eq!(loaded(&store), before, "a database that is missing is brought back, too");
    assert!(notices[0].contains("was missing. The backup herald-2027-01-15"), "{notices:?}");
    drop(store);
    fs::remove_dir_all(&backups).expect("removes");
    fs::write(folder.path().join(FILE), b"noise".repeat(4000)).expect("writes");
    let (store, notices) = open(folder.path());
    assert_eq!(loaded(&store), empty(), "without a backup Herald starts afresh");
    assert!(notices[0].contains("Connect PagerDuty again"), "and says what to do: {notices:?}");
}

#[test]
fn maintenance_that_no_calendar_holds_does_not_end_every_start() {
    let folder = tempfile::tempdir().expect("a folder");
    let (mut store, _) = open(folder.path());
    let plan = |starts_at: Time, ends_at: Time| herald_core::ledger::Plan {
        title: "Upgrade".into(),
        details: String::new(),
        issue_url: None,
        starts_at,
        ends_at,
        components: std::collections::BTreeSet::new(),
        automation: false,
        reminds: false,
    };
    let times = [(Time::MIN_UTC, at(9)), (at(0), Time::MAX_UTC), (at(0), at(9))];
    let rows = times.iter().zip(1..).map(|((from, to), id)| {
        Change::Maintenance(id, Box::new(herald_core::ledger::Maintenance::new(plan(*from, *to), at(0))))
    });
    store.commit(&rows.collect::<Vec<_>>()).expect("commits");
    let read = loaded(&store);
    assert_eq!(read.maintenances.keys().collect::<Vec<_>>(), [&3]);
    assert_eq!(read.next_maintenance, 4, "their numbers stay theirs");
    let _ = herald_core::view(&read, at(1));
    let _ = herald_core::wake_at(&read, at(1));
}

#[test]
fn a_newer_database_is_refused_and_left_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    let (mut store, _) = open(folder.path());
    store.commit(&some_changes()).expect("commits");
    store.db.pragma_update(None, "user_version", 99).expect("sets");
    drop(store);
    let opened = Store::open(folder.path(), at(0));
    assert!(matches!(opened.store, Err(StoreError::Newer)), "it is refused");
    let old = Store::read_only(folder.path()).expect("opens to read");
    assert_eq!(loaded(&old).pages.len(), 2, "and what can be read is read");
}

#[test]
fn a_folder_that_cannot_be_used_is_a_clear_fault() {
    let opened = Store::open(Path::new("/nonexistent/herald"), at(0));
    assert!(matches!(opened.store, Err(StoreError::ReadOnly)), "no panic, a reason");
}

#[test]
fn a_locked_database_holds_nobody_up() {
    let folder = tempfile::tempdir().expect("a folder");
    let (mut store, _) = open(folder.path());
    let other = Connection::open(folder.path().join(FILE)).expect("opens");
    other.execute_batch("BEGIN EXCLUSIVE").expect("locks");
    assert!(matches!(store.commit(&some_changes()), Err(StoreError::Busy)), "it fails soon");
    other.execute_batch("ROLLBACK").expect("unlocks");
    assert!(store.commit(&some_changes()).is_ok(), "and works again");
}

fn update(minutes: i64, text: &str) -> Update {
    Update { at: at(minutes), phase: Some(Phase::Identified), impact: None, text: text.into(), mine: true }
}

fn incident(id: i64, title: &str, updates: &[Update]) -> Change {
    let own = Own { title: Some(title.into()), ..Own::default() };
    let ended_at = Some(at(60));
    Change::Incident(id, Box::new(Incident { own, updates: updates.to_vec(), ended_at, ..Incident::new(at(0)) }))
}

/// A store with past updates of two incidents.
fn told(folder: &Path) -> Store {
    let (mut store, _) = open(folder);
    let git = [update(1, "Git over SSH times out."), update(9, "Git is back: “naïve” retries were the cause.")];
    let jobs = [update(5, "Jobs wait, git is not affected. Error 502-504.")];
    store.commit(&[incident(1, "Git is slow", &git), incident(2, "Pipelines wait", &jobs)]).expect("commits");
    store
}

fn found(store: &Store, query: &str) -> Vec<i64> {
    let minute = |it: PastUpdate| (it.at - at(0)).num_minutes();
    store.search(query, 10).unwrap_or_else(|error| panic!("{query:.40}: {error}")).into_iter().map(minute).collect()
}

#[test]
fn past_updates_are_found_by_their_words() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = told(folder.path());
    let cases: [(&str, &[i64]); 12] = [
        ("", &[9, 5, 1]),
        (" \t\n ", &[9, 5, 1]),
        ("pipelines", &[5]),
        ("pipe", &[5]),
        ("GIT ssh", &[1]),
        ("ssh gi", &[1]),
        ("gi ssh", &[]),
        ("naive", &[9]),
        ("502", &[5]),
        ("502-504", &[5]),
        ("504-502", &[]),
        ("nothing like it", &[]),
    ];
    for (query, expected) in cases {
        assert_eq!(found(&store, query), expected, "{query:?}");
    }
    let one = store.search("jobs", 10).expect("reads");
    let text = "Jobs wait, git is not affected. Error 502-504.".into();
    let (phase, title) = (Phase::Identified, "Pipelines wait".into());
    assert_eq!(one, [PastUpdate { incident: 2, at: at(5), phase, title, text, mine: true }], "the whole of it");
    assert_eq!(store.search("", 2).expect("reads").len(), 2, "never more than asked for");
    let best = found(&store, "git");
    assert_eq!((best.len(), best.last()), (3, Some(&5)), "git in the title too is better: {best:?}");
}

#[test]
fn any_text_is_a_query() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = told(folder.path());
    let (long, many) = ("a".repeat(10_000), "\"a* ".repeat(2_500));
    let nothing = ["\"", "\"\"", "*", "**", "(", "^", "-", "🔥", "👨‍👩‍👧‍👦 🔥", "'; DROP TABLE history; --", &long, &many];
    for query in nothing {
        assert_eq!(found(&store, query), [0; 0], "{query:.40}");
    }
    let words = ["NEAR", "NEAR(git ssh, 5)", "git AND ssh", "git OR jobs", "NOT ssh", "title:git", "{text}: git"];
    for query in words {
        assert_eq!(found(&store, query), [0; 0], "{query}: a word like any other");
    }
    for query in ["\"ssh\"", "ssh*", "^ssh", "(ssh)", "ssh\0git", "+ssh -git", "🔥 ssh", "ssh 🔥", "\"git over ssh\""]
    {
        assert_eq!(found(&store, query), [1], "{query:?}: signs are no words");
    }
}

#[test]
fn past_updates_follow_their_incident_until_it_is_forgotten() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut store = told(folder.path());
    let again = || incident(1, "Git fails", &[update(1, "Fetching times out.")]);
    store.commit(&[again()]).expect("commits");
    assert_eq!((found(&store, "ssh"), found(&store, "slow"), found(&store, "fetching")), (vec![], vec![], vec![1]));
    let rows = "SELECT group_concat(id) FROM history";
    let ids = |store: &Store| store.db.query_row(rows, [], |row| row.get::<_, String>(0)).expect("counts");
    let before = ids(&store);
    store.commit(&[again()]).expect("commits");
    assert_eq!(ids(&store), before, "what is as it was is not written again");

    store.commit(&[Change::IncidentForgotten(1)]).expect("commits");
    store.replace(&empty()).expect("replaces");
    store.commit_cut_short(&[incident(2, "Pipelines wait", &[])]).expect("is cut short");
    drop(store);
    let (mut store, notices) = open(folder.path());
    assert_eq!((found(&store, ""), notices), (vec![5, 1], vec![]), "they outlive it, and the database is sound");
    assert_eq!(loaded(&store).incidents.len(), 0, "and are no part of the state");
    let read = Store::read_only(folder.path()).expect("opens to read");
    assert_eq!(found(&read, "fetch"), [1], "searched beside the one who writes");

    store.commit(&[incident(2, "Joined", &[update(1, "Fetching times out.")])]).expect("commits");
    assert_eq!(found(&store, ""), [1], "cards that were joined do not say it twice");
    history::prune(&store.db, at(2)).expect("prunes");
    assert_eq!((found(&store, ""), found(&store, "fetching")), (vec![], vec![]), "what is too old is let go");
}

#[cfg(unix)]
mod outside;
