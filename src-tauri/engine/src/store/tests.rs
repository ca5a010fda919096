//! The store against real files: what was committed is there, and damage is survived.

use std::sync::Arc;

use chrono::DateTime;
use herald_core::alarm::Alarm;
use herald_core::page::{Gone, PageStatus};
use herald_core::state::{Mode, Session};
use herald_core::{Page, SeenPage, Settings};

use super::*;

fn at(minutes: i64) -> Time {
    DateTime::from_timestamp(1_800_000_000 + 60 * minutes, 0).expect("in range")
}

fn empty() -> State {
    State::new(Arc::new(crate::playbook::default()), Session::new(Mode::Real, chrono_tz::Tz::UTC, at(0)))
}

fn page(id: &str, minutes: i64) -> Page {
    let seen = SeenPage {
        id: herald_core::PageId::new(id),
        number: 1,
        title: "Sign-in fails".into(),
        url: None,
        call_url: None,
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

fn open(folder: &Path) -> (Store, Vec<String>) {
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
    assert_eq!(loaded(&store).pages.into_values().collect::<Vec<_>>(), [again], "one page is live");
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
    fs::remove_dir_all(&backups).expect("removes");
    fs::write(folder.path().join(FILE), b"noise".repeat(4000)).expect("writes");
    let (store, notices) = open(folder.path());
    assert_eq!(loaded(&store), empty(), "without a backup Herald starts afresh");
    assert!(notices[0].contains("Connect PagerDuty again"), "and says what to do: {notices:?}");
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
