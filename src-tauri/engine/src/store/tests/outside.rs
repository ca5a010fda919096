//! What others do to the files of the database, while Herald runs and while it does not.

use std::os::unix::fs::PermissionsExt as _;

use super::*;

/// A change that can be told from others.
fn poll_every(seconds: u32) -> Change {
    Change::Settings(Settings { poll_interval_s: seconds, ..Settings::default() })
}

/// A store with a past that is no part of the state, and a commit that still waits beside the database.
fn open_with_past(folder: &Path) -> (Store, State) {
    let mut store = told(folder);
    store.commit(&[Change::IncidentForgotten(1)]).expect("commits");
    settle(&mut store);
    store.commit(&[poll_every(7)]).expect("commits");
    let state = loaded(&store);
    (store, state)
}

fn settle(store: &mut Store) {
    store.settled_at = Instant::now().checked_sub(SETTLE_EVERY).expect("long enough up");
    store.settle();
}

/// What the loop does when a commit finds that the files are not the ones that others find.
fn written_anew(mut store: Store, state: &State, folder: &Path, expected: Outside) -> (Store, String) {
    let refused = store.commit(&[poll_every(8)]).expect_err("it would be gone at the restart");
    let StoreError::Outside(outside) = refused else { panic!("{expected:?}: {refused}") };
    assert_eq!(outside, expected);
    let said = store.leave(outside, at(5)).unwrap_or_else(|kept| panic!("{expected:?}: {}", kept.1));
    let (mut store, _) = open(folder);
    store.replace(state).expect("saves");
    (store, said)
}

fn wal(folder: &Path) -> PathBuf {
    folder.join(format!("{FILE}-wal"))
}

/// Manners from SQLite, "How To Corrupt An SQLite Database File": 1.3 and 4.1 (a file that is open is unlinked or
/// renamed), 1 (another program overwrites it), 4.4 (the log is deleted or parted from its database), 4.6 (the file
/// is cut).
#[test]
fn what_is_done_to_open_files_is_noticed_and_nothing_is_lost() {
    type Harm = fn(&Path);
    let cases: [(&str, Harm, Outside, bool); 9] = [
        ("removed", |it| fs::remove_file(it.join(FILE)).expect("ours"), Outside::Removed, true),
        ("renamed", |it| fs::rename(it.join(FILE), it.join("elsewhere")).expect("ours"), Outside::Removed, true),
        ("replaced", replace_by_another, Outside::Replaced, true),
        ("cut to nothing", |it| cut(&it.join(FILE), 0), Outside::Overwritten, false),
        ("cut", |it| cut(&it.join(FILE), 4096), Outside::Overwritten, false),
        (
            "overwritten",
            |it| fs::write(it.join(FILE), b"noise".repeat(4000)).expect("ours"),
            Outside::Overwritten,
            false,
        ),
        ("log removed", |it| fs::remove_file(wal(it)).expect("ours"), Outside::LogRemoved, true),
        ("log cut to nothing", |it| cut(&wal(it), 0), Outside::LogCut, false),
        ("index removed", |it| fs::remove_file(it.join("herald.db-shm")).expect("ours"), Outside::LogRemoved, true),
    ];
    for (name, harm, expected, whole) in cases {
        let folder = tempfile::tempdir().expect("a folder");
        let (store, state) = open_with_past(folder.path());
        harm(folder.path());
        let (mut store, said) = written_anew(store, &state, folder.path(), expected);
        assert!(said.contains("while Herald ran") && said.contains("written anew"), "{name}: {said}");
        store.commit(&[poll_every(9)]).unwrap_or_else(|error| panic!("{name}: {error}"));
        drop(store);
        let (store, notices) = open(folder.path());
        assert_eq!(notices, [""; 0], "{name}: it is sound, and lacks nothing");
        let now = loaded(&store);
        assert_eq!((now.settings.poll_interval_s, now.incidents), (9, state.incidents), "{name}");
        if whole {
            assert_eq!(found(&store, "ssh"), [1], "{name}: the past is there, too");
            assert!(said.contains("nothing is missing"), "{name}: {said}");
        }
        let kept =
            names(folder.path()).into_iter().filter(|it| it.contains("db.replaced-") || it.contains("db.damaged-"));
        let kept: Vec<String> = kept.filter(|it| !it.ends_with("-wal") && !it.ends_with("-shm")).collect();
        let in_its_place = matches!(expected, Outside::Replaced | Outside::Overwritten);
        assert!(!in_its_place || kept.iter().any(|it| said.contains(it.as_str())), "{name}: {said} {kept:?}");
    }
}

#[test]
fn a_whole_folder_that_is_removed_is_made_again_for_its_user_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    let (store, state) = open_with_past(folder.path());
    fs::remove_dir_all(folder.path()).expect("ours");
    files::private_folder(folder.path()).expect("made");
    let (mut store, said) = written_anew(store, &state, folder.path(), Outside::Removed);
    assert!(said.contains("nothing is missing"), "{said}");
    store.backup_daily(at(0));
    drop(store);
    for (path, mode) in modes(folder.path()) {
        assert_eq!(mode & 0o077, 0, "{}", path.display());
    }
}

#[test]
fn files_are_their_user_s_alone_also_those_of_an_earlier_herald() {
    let folder = tempfile::tempdir().expect("a folder");
    let (store, _) = open_with_past(folder.path());
    let open_to_all = |path: &Path| fs::set_permissions(path, fs::Permissions::from_mode(0o644)).expect("ours");
    names(folder.path()).iter().for_each(|name| open_to_all(&folder.path().join(name)));
    drop(store);
    let (mut store, _) = open(folder.path());
    store.commit(&[poll_every(3)]).expect("commits");
    let database: Vec<_> =
        modes(folder.path()).into_iter().filter(|(path, _)| path.to_string_lossy().contains(".db")).collect();
    assert!(database.len() >= 3, "{database:?}");
    for (path, mode) in database.iter().filter(|(path, _)| !path.ends_with("herald.db-commits")) {
        assert_eq!(mode & 0o777, 0o600, "{}", path.display());
    }
}

/// Another program that goes through SQLite does no harm, and neither do Herald's own readers.
#[test]
fn whoever_reads_or_settles_is_no_stranger() {
    let folder = tempfile::tempdir().expect("a folder");
    let (mut store, _) = open_with_past(folder.path());
    settle(&mut store);
    store.commit(&[poll_every(3)]).expect("after its own");
    let other = Connection::open(folder.path().join(FILE)).expect("opens");
    other.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(())).expect("settles");
    store.commit(&[poll_every(4)]).expect("after another's");
    drop(other);
    let read = Store::read_only(folder.path()).expect("opens to read");
    store.backup_daily(at(0));
    drop(read);
    store.commit(&[poll_every(5)]).expect("after readers");
}

#[test]
fn the_database_itself_is_never_far_behind() {
    let folder = tempfile::tempdir().expect("a folder");
    let (mut store, state) = open_with_past(folder.path());
    settle(&mut store);
    let alone = tempfile::tempdir().expect("a folder");
    fs::copy(folder.path().join(FILE), alone.path().join(FILE)).expect("copies");
    assert_eq!(loaded(&open(alone.path()).0), state, "without what lies beside it");
    drop(store);
}

/// Manners as above, done while Herald does not run: after a crash its log is still needed (SQLite, "How To Corrupt An
/// SQLite Database File", 4.4; a cut or overwritten tail is what "torn" means in "Atomic Commit In SQLite", 9.2).
#[test]
fn a_log_that_was_lost_between_two_runs_is_told() {
    type Harm = fn(&Path);
    let cases: [(&str, Harm); 4] = [
        ("removed", |wal| fs::remove_file(wal).expect("ours")),
        ("cut to nothing", |wal| cut(wal, 0)),
        // Within the first frame: what lies behind it may be of an earlier round.
        ("cut", |wal| cut(wal, 4000)),
        ("noise", |wal| {
            let len = usize::try_from(wal.metadata().expect("there").len()).expect("small");
            fs::write(wal, vec![b'x'; len]).expect("ours");
        }),
    ];
    for (name, harm) in cases {
        let folder = tempfile::tempdir().expect("a folder");
        let crashed = crashed(folder.path());
        assert_eq!(open(crashed.path()).1, [""; 0], "a crash alone loses nothing");
        let crashed = self::crashed(folder.path());
        harm(&wal(crashed.path()));
        let (store, notices) = open(crashed.path());
        assert!(notices.iter().any(|it| it.contains("lost what was written last")), "{name}: {notices:?}");
        drop(store);
        assert_eq!(open(crashed.path()).1, [""; 0], "{name}: told once");
    }
}

#[test]
fn a_backup_that_holds_more_than_the_database_takes_its_place() {
    let folder = tempfile::tempdir().expect("a folder");
    let (mut store, _) = open(folder.path());
    settle(&mut store);
    let before = fs::read(folder.path().join(FILE)).expect("there");
    store.commit(&[poll_every(7)]).expect("commits");
    store.backup = backup::daily(folder.path(), FILE, at(0));
    let backups = folder.path().join("backups");
    let made = || backups.exists() && names(&backups).iter().any(|name| name.ends_with(".db"));
    while !made() {
        assert!(store.backup.as_ref().is_some_and(Beside::goes_on) || made(), "begun");
        std::thread::yield_now();
    }
    store.commit(&[poll_every(8)]).expect("commits");
    drop(store);
    fs::write(folder.path().join(FILE), before).expect("put back");
    let (store, notices) = open(folder.path());
    assert!(notices[0].contains("lost what was written last") && notices[0].contains("backup herald-"), "{notices:?}");
    assert_eq!(loaded(&store).settings.poll_interval_s, 7);
}

#[test]
fn nothing_of_a_backup_stays_behind_that_was_not_finished() {
    let folder = tempfile::tempdir().expect("a folder");
    let (mut store, _) = open_with_past(folder.path());
    let backups = folder.path().join("backups");
    files::private_folder(&backups).expect("made");
    for left in ["herald-2026-12-31.part", "herald-2026-12-31.part-journal"] {
        fs::write(backups.join(left), "half").expect("written");
    }
    store.backup_daily(at(0));
    drop(store);
    assert!(names(&backups).iter().all(|name| name.ends_with(".db")), "{:?}", names(&backups));
}

fn replace_by_another(folder: &Path) {
    let other = tempfile::tempdir().expect("a folder");
    let (mut store, _) = open(other.path());
    store.commit(&[poll_every(60)]).expect("commits");
    drop(store);
    fs::copy(other.path().join(FILE), folder.join("new")).expect("copies");
    fs::rename(folder.join("new"), folder.join(FILE)).expect("takes its place");
}

fn cut(file: &Path, len: u64) {
    fs::File::options().write(true).open(file).and_then(|it| it.set_len(len)).expect("ours");
}

/// The files of a Herald as a power cut leaves them, with what was written last beside the database.
fn crashed(of: &Path) -> tempfile::TempDir {
    let _ = fs::remove_dir_all(of).and_then(|()| fs::create_dir(of));
    let (store, _) = open_with_past(of);
    let copy = tempfile::tempdir().expect("a folder");
    for name in names(of).iter().filter(|name| !name.ends_with("-shm")) {
        fs::copy(of.join(name), copy.path().join(name)).expect("copies");
    }
    drop(store);
    copy
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("there").flatten();
    entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
}

fn modes(folder: &Path) -> Vec<(PathBuf, u32)> {
    let mut found = vec![];
    for entry in fs::read_dir(folder).expect("there").flatten() {
        let it = entry.metadata().expect("there");
        found.push((entry.path(), it.permissions().mode()));
        if it.is_dir() {
            found.extend(modes(&entry.path()));
        }
    }
    found
}
