//! When nothing can be saved: alarms go on, nothing is written outward, it is said, and it ends without a restart.

use std::fs;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::process::Command as Process;

use herald_core::Command;
use herald_core::Refusal;
use herald_core::alarm::Button;
use herald_core::draft::Text;
use herald_core::history::HistoryQuery;
use herald_core::incident::{IncidentWish, Own};
use herald_core::settings::SettingsPatch;
use herald_core::tray::Sign;
use herald_tests::skip::made;
use rusqlite::Connection;
use tempfile::TempDir;

use crate::rig::{Rig, Setup, own_incident, write_playbook};

stories! {
    failing_databases_cost_no_alarm:
    a_failing_database_costs_no_alarm,
    a_full_disk_costs_no_alarm,
    a_database_that_is_deleted_is_made_anew,
    a_damaged_database_is_kept_told_about_and_replaced,
    damage_that_is_found_while_herald_watches_costs_nothing_that_was_decided,
    a_newer_database_is_left_alone_and_alarms_work,
    a_database_that_was_locked_at_the_start_is_read_later_and_never_overwritten,
    a_disk_that_is_full_or_read_only_at_the_start_costs_no_alarm,
    a_bad_playbook_is_told_about_and_the_last_good_one_stays,
    what_was_typed_on_a_read_only_disk_is_kept_once_it_can_be,
    rules_that_went_with_their_folder_still_hold,
    another_file_in_the_playbook_s_place_is_read,
}

async fn a_failing_database_costs_no_alarm() {
    tokio::join!(
        fails_and_recovers("locked", Setup::default(), "another program holds", lock, drop),
        fails_and_recovers("refusing", Setup::default(), "the database failed", refuse, allow),
    );
}

async fn a_full_disk_costs_no_alarm() {
    let Some(disk) = Disk::small() else { return };
    let setup = || Setup { disk: Some(disk.0.path().to_owned()), ..Setup::default() };
    fails_and_recovers("full", setup(), "the disk is full", fill, |filler| drop(fs::remove_file(filler))).await;
}

async fn a_database_that_is_deleted_is_made_anew() {
    let rig = Rig::quiet().await;
    let id = rig.trigger("before");
    rig.until_announced(&id).await;
    fs::remove_dir_all(rig.folder.path()).expect("ours");
    let other = rig.trigger("after");
    rig.until_announced(&other).await;
    rig.until("the new database", |rig| rig.folder.path().join("herald.db").exists()).await;
    rig.until("calm", |rig| rig.herald.shown().view.store_fault.is_none()).await;
    rig.acknowledge(&other).await.expect("it can be saved");
    rig.until("the acknowledgement", |rig| rig.card(&other).is_some_and(|card| card.taken_by_me)).await;
    let rig = rig.stopped().started();
    assert!(rig.card(&id).is_some() && rig.card(&other).is_some(), "all that was known is in it");
    assert!(rig.herald.shown().view.account.is_some(), "the account too");
}

async fn a_damaged_database_is_kept_told_about_and_replaced() {
    for damage in [noise as fn(&Path), odd_rows] {
        let rig = Rig::quiet().await;
        let id = rig.trigger("down");
        rig.until_announced(&id).await;
        let stopped = rig.stopped();
        damage(stopped.folder.path());
        let rig = stopped.started();
        let view = &rig.herald.shown().view;
        assert!(view.notices.iter().any(|it| it.contains("was damaged")), "it is said: {:?}", view.notices);
        assert_eq!(view.store_fault, None, "and works again");
        assert_eq!(rig.sign(), Sign::Blind, "not connected is not calm");
        let kept = fs::read_dir(rig.folder.path()).expect("ours").flatten();
        let kept = kept.filter(|entry| entry.file_name().to_string_lossy().starts_with("herald.db.damaged-"));
        assert!(kept.count() >= 1, "the damaged one is kept");
        rig.connect().await.expect("the key is good");
        rig.until("the page again, rather than never", |rig| rig.rounds(&id).len() == 2).await;
        rig.acknowledge(&id).await.expect("all works");
        rig.until("the acknowledgement", |rig| rig.card(&id).is_some_and(|card| card.taken_by_me)).await;
    }
}

/// In a part that no start reads.
async fn damage_that_is_found_while_herald_watches_costs_nothing_that_was_decided() {
    let rig = Rig::quiet().await;
    let incident = own_incident(&rig, "Sign-in fails").await;
    let stopped = rig.stopped();
    let path = stopped.folder.path().join("herald.db");
    let before = "INSERT INTO history (id, kind, at, title, text) VALUES (9, 'incident', 9, 'Long ago', '')";
    database(&path).execute_batch(before).expect("writes");
    // One that was made before that goes, if there is one.
    drop(fs::remove_dir_all(stopped.folder.path().join("backups")));
    let rig = stopped.started();
    let backups = |rig: &Rig| {
        fs::read_dir(rig.folder.path().join("backups"))
            .is_ok_and(|all| all.flatten().any(|it| it.path().extension().is_some_and(|end| end == "db")))
    };
    rig.until("a backup", backups).await;
    let stopped = rig.stopped();
    spoil(&path, "history_kind");
    let rig = stopped.started();
    let view = &rig.herald.shown().view;
    assert!(view.account.is_some() && !view.incidents.is_empty(), "what is true was read");
    let text = Text { body: "We are looking into it.".into(), ..rig.only_incident().compose.text };
    let wish = Box::new(IncidentWish::Write { incident, text });
    let answer = rig.command(Command::Incident { wish }).await;
    assert!(matches!(answer, Ok(()) | Err(Refusal::NotSavedYet)), "mending may take a while: {answer:?}");
    let told = |rig: &Rig| rig.herald.shown().view.notices.join(" ");
    rig.until("the word about it", |rig| told(rig).contains("database was damaged")).await;
    assert!(told(&rig).contains("from memory and the backup herald-"), "{}", told(&rig));
    assert!(told(&rig).contains("was kept as herald.db.damaged-"), "{}", told(&rig));
    rig.until("calm", |rig| rig.herald.shown().view.store_fault.is_none()).await;
    rig.set(SettingsPatch::PollInterval { seconds: 3 }).await;
    let rig = rig.stopped().started();
    assert_eq!(rig.only_incident().compose.text.body, "We are looking into it.");
    assert_eq!(rig.herald.shown().view.settings.poll_interval_s, 3);
    let words = HistoryQuery { words: "ago".into(), ..HistoryQuery::default() };
    let past = rig.herald.past(move |archive| archive.search(&words)).await.expect("reads");
    assert_eq!(past.rows.iter().map(|it| it.title.as_str()).collect::<Vec<_>>(), ["Long ago"]);
    assert_eq!(rig.herald.shown().view.notices, [""; 0], "it is sound");
}

/// Writes noise into a part of a database that is not open.
fn spoil(path: &Path, part: &str) {
    let db = database(path);
    let root = db.query_row("SELECT rootpage FROM sqlite_schema WHERE name = ?1", [part], |row| row.get::<_, u32>(0));
    let bytes = db.query_row("PRAGMA page_size", [], |row| row.get::<_, u32>(0));
    let (root, bytes) = (root.expect("is there"), bytes.expect("is told"));
    drop(db);
    let noise = vec![b'Z'; usize::try_from(bytes).expect("small")];
    let file = fs::File::options().write(true).open(path).expect("ours");
    file.write_all_at(&noise, u64::from(root - 1) * u64::from(bytes)).expect("writes");
}

async fn a_newer_database_is_left_alone_and_alarms_work() {
    let rig = Rig::quiet().await;
    let id = rig.trigger("down");
    rig.until_announced(&id).await;
    let stopped = rig.stopped();
    let path = stopped.folder.path().join("herald.db");
    let version = |version: i64| database(&path).pragma_update(None, "user_version", version).expect("sets");
    version(99);
    let before = rows(&path);
    let rig = stopped.started();
    let view = &rig.herald.shown().view;
    assert!(view.store_fault.as_ref().is_some_and(|it| it.contains("newer Herald")), "{:?}", view.store_fault);
    assert!(view.account.is_some() && rig.card(&id).is_some(), "what can be read is read");
    rig.connect().await.expect("the key is good");
    let other = rig.trigger("another");
    rig.until_announced(&other).await;
    assert_eq!(rig.acknowledge(&id).await, Err(Refusal::CannotSave), "nothing is written outward");
    rig.until_polled(3).await;
    assert_eq!((rig.writes().len(), rows(&path)), (0, before), "nor into the database");
}

async fn a_database_that_was_locked_at_the_start_is_read_later_and_never_overwritten() {
    let rig = Rig::quiet().await;
    let id = rig.trigger("down");
    rig.until_announced(&id).await;
    let stopped = rig.stopped();
    let other = database(&stopped.folder.path().join("herald.db"));
    other.execute_batch("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE;").expect("locks");
    let rig = stopped.started();
    let fault = rig.herald.shown().view.store_fault.clone();
    assert!(fault.as_ref().is_some_and(|it| it.contains("another program holds")), "{fault:?}");
    assert_ne!(rig.sign(), Sign::Quiet, "what is not known is not calm");
    write_unsaved(&rig).await;
    drop(other);
    rig.until("the database", |rig| rig.herald.shown().view.store_fault.is_none()).await;
    let view = &rig.herald.shown().view;
    assert!(view.account.is_some(), "the account was not lost");
    assert_eq!(view.settings.poll_interval_s, 2, "nor were the settings");
    let body = |rig: &Rig| rig.only_incident().compose.text.body;
    assert_eq!(body(&rig), "We are looking into it.", "nor what was typed meanwhile");
    let rig = rig.stopped().started();
    assert_eq!(body(&rig), "We are looking into it.", "it is on disk");
    rig.connect().await.expect("the key is good");
    rig.until("the page", |rig| rig.rounds(&id).len() >= 2).await;
}

async fn a_disk_that_is_full_or_read_only_at_the_start_costs_no_alarm() {
    let Some(disk) = Disk::small() else { return };
    for how in ["read-only", "full"] {
        let rig = Rig::of(Setup { disk: Some(disk.0.path().to_owned()), ..Setup::default() }).await;
        let stopped = rig.stopped();
        let filler = if how == "full" { Some(fill(stopped.folder.path())) } else { None };
        if filler.is_none() {
            disk.remount("ro");
        }
        let rig = stopped.started();
        assert!(rig.herald.shown().view.account.is_some(), "{how}: what can be read is read");
        rig.connect().await.expect("the key is good");
        let id = rig.trigger(how);
        rig.until_announced(&id).await;
        assert_eq!(rig.acknowledge(&id).await, Err(Refusal::CannotSave), "{how}");
        match filler {
            Some(filler) => fs::remove_file(filler).expect("ours"),
            None => disk.remount("rw"),
        }
        rig.until("the disk", |rig| rig.herald.shown().view.store_fault.is_none()).await;
        rig.acknowledge(&id).await.expect("it can be saved");
        rig.until("the acknowledgement", |rig| rig.card(&id).is_some_and(|card| card.taken_by_me)).await;
        assert_eq!(rig.writes().len(), 1, "{how}: one request, after it could be saved");
    }
}

async fn a_bad_playbook_is_told_about_and_the_last_good_one_stays() {
    let rig = Rig::of(Setup { playbook: "name = \"Quillbrook\"\n".into(), ..Setup::default() }).await;
    write_playbook(rig.folder.path(), &rig.world, "[page]\ntarget_min = 0\n");
    let told = |rig: &Rig| rig.herald.shown().view.notices.iter().any(|it| it.contains("target_min is 0"));
    rig.until("the complaint", told).await;
    assert_eq!(rig.herald.shown().view.playbook.name, "Quillbrook", "the last good one");
    write_playbook(rig.folder.path(), &rig.world, "name = \"Better\"\n");
    rig.until("the better one", |rig| rig.herald.shown().view.playbook.name == "Better").await;
}

/// Opens an incident and begins to write its update, while nothing can be saved.
async fn write_unsaved(rig: &Rig) {
    let own = Own { title: Some("Sign-in fails".into()), ..Own::default() };
    rig.unsaved(Command::Incident { wish: Box::new(IncidentWish::Open { own, page: None }) }).await;
    let card = rig.only_incident();
    let text = Text { body: "We are looking into it.".into(), ..card.compose.text };
    rig.unsaved(Command::Incident { wish: Box::new(IncidentWish::Write { incident: card.id, text }) }).await;
}

async fn what_was_typed_on_a_read_only_disk_is_kept_once_it_can_be() {
    let Some(disk) = Disk::small() else { return };
    for before in ["a database", "a database after a crash", "nothing"] {
        let rig = Rig::of(Setup { disk: Some(disk.0.path().to_owned()), ..Setup::default() }).await;
        let crashed: Vec<(PathBuf, Vec<u8>)> = database_files(rig.folder.path())
            .into_iter()
            .filter_map(|path| fs::read(&path).ok().map(|bytes| (path, bytes)))
            .collect();
        let stopped = rig.stopped();
        match before {
            "nothing" => database_files(stopped.folder.path()).into_iter().for_each(|path| drop(fs::remove_file(path))),
            "a database after a crash" => {
                crashed.iter().for_each(|(path, bytes)| fs::write(path, bytes).expect("ours"))
            }
            _ => {}
        }
        disk.remount("ro");
        let rig = stopped.started();
        rig.until("it is said", |rig| rig.herald.shown().view.store_fault.is_some()).await;
        write_unsaved(&rig).await;
        disk.remount("rw");
        rig.until(before, |rig| rig.herald.shown().view.store_fault.is_none()).await;
        let body = |rig: &Rig| rig.only_incident().compose.text.body;
        assert_eq!(body(&rig), "We are looking into it.", "{before}");
        let rig = rig.stopped().started();
        assert_eq!(body(&rig), "We are looking into it.", "{before}: it is on disk");
        assert_eq!(rig.herald.shown().view.account.is_some(), before != "nothing", "{before}");
    }
}

async fn rules_that_went_with_their_folder_still_hold() {
    let rig = Rig::of(Setup { playbook: "name = \"Quillbrook\"\n".into(), ..Setup::default() }).await;
    fs::remove_dir_all(rig.folder.path()).expect("ours");
    let told = |rig: &Rig, what: &str| rig.herald.shown().view.notices.iter().any(|it| it.contains(what));
    rig.until("the loss is said", |rig| told(rig, "was removed with everything beside it")).await;
    let shadows = rig.world.announcement().pagerduty.shadow_schedules.len();
    assert_eq!(rig.herald.shown().view.playbook.name, "Quillbrook", "who shadows is still known: {shadows} schedules");
    let rig = rig.stopped().started();
    assert_eq!(rig.herald.shown().view.playbook.name, "Quillbrook", "after a restart, too");
    write_playbook(rig.folder.path(), &rig.world, "name = \"Better\"\n");
    rig.until("the file that was put back", |rig| rig.herald.shown().view.playbook.name == "Better").await;
}

/// A file may take the place of another and look as old: `cp --preserve`, `mv` and version control keep its time.
async fn another_file_in_the_playbook_s_place_is_read() {
    let rig = Rig::of(Setup { playbook: "name = \"Quillbrook\"\n".into(), ..Setup::default() }).await;
    let (own, other) = (rig.folder.path().join("playbook.toml"), rig.folder.path().join("other"));
    let text = fs::read_to_string(&own).expect("ours").replace("Quillbrook", "Quillbroom");
    let time = own.metadata().and_then(|it| it.modified()).expect("known");
    fs::write(&other, text).expect("ours");
    fs::File::options().write(true).open(&other).and_then(|file| file.set_modified(time)).expect("ours");
    fs::rename(&other, &own).expect("ours");
    rig.until("the other file", |rig| rig.herald.shown().view.playbook.name == "Quillbroom").await;
}

/// A page that comes while nothing can be saved is announced without the button that writes, and nothing is
/// written; when saving works again, all of it is on disk.
async fn fails_and_recovers<T>(
    name: &str,
    setup: Setup,
    told: &str,
    fail: impl FnOnce(&Path) -> T,
    mend: impl FnOnce(T),
) {
    let rig = Rig::of(setup).await;
    let id = rig.trigger("before");
    rig.until_announced(&id).await;
    let failure = fail(rig.folder.path());
    let other = rig.trigger("meanwhile");
    rig.until_announced(&other).await;
    let fault = |rig: &Rig| rig.herald.shown().view.store_fault.clone().unwrap_or_default();
    rig.until(&format!("{name}: {told}"), |rig| fault(rig).contains(told)).await;
    let third = rig.trigger("later");
    rig.until_announced(&third).await;
    let buttons = rig.rounds(&third).remove(0).buttons;
    assert!(buttons.iter().all(|(button, _)| *button != Button::Acknowledge), "{name}: no button that writes");
    assert_eq!(rig.acknowledge(&id).await, Err(Refusal::CannotSave), "{name}");
    assert_eq!(rig.writes().len(), 0, "{name}: nothing is written outward");
    rig.unsaved(Command::Set { patch: SettingsPatch::PollInterval { seconds: 4 } }).await;
    mend(failure);
    rig.until(&format!("{name}: saving again"), |rig| fault(rig).is_empty()).await;
    rig.acknowledge(&other).await.expect("it can be saved");
    rig.until("the acknowledgement", |rig| rig.card(&other).is_some_and(|card| card.taken_by_me)).await;
    for page in [&id, &other, &third] {
        assert_eq!(rig.rounds(page).len(), 1, "{name}: each announced once");
    }
    let rig = rig.stopped().started();
    assert!([&id, &other, &third].iter().all(|page| rig.card(page).is_some()), "{name}: all of it is on disk");
    assert_eq!(rig.herald.shown().view.settings.poll_interval_s, 4, "{name}: and what was asked for meanwhile");
}

fn database_files(folder: &Path) -> Vec<PathBuf> {
    ["", "-wal", "-shm"].map(|suffix| folder.join(format!("herald.db{suffix}"))).into()
}

fn database(path: &Path) -> Connection {
    Connection::open(path).expect("opens")
}

fn rows(path: &Path) -> Vec<String> {
    let db = database(path);
    let mut statement = db.prepare("SELECT name || body FROM single UNION SELECT id || body FROM page").expect("reads");
    let rows = statement.query_map([], |row| row.get(0)).expect("reads");
    rows.collect::<Result<_, _>>().expect("reads")
}

fn lock(folder: &Path) -> Connection {
    let db = database(&folder.join("herald.db"));
    db.execute_batch("BEGIN EXCLUSIVE").expect("locks");
    db
}

fn refuse(folder: &Path) -> PathBuf {
    let rule = |table: &str| {
        format!("CREATE TRIGGER no_{table} BEFORE INSERT ON {table} BEGIN SELECT RAISE(ABORT, 'no'); END;")
    };
    let path = folder.join("herald.db");
    database(&path).execute_batch(&format!("{}{}", rule("page"), rule("alarm"))).expect("refuses");
    path
}

fn allow(path: PathBuf) {
    database(&path).execute_batch("DROP TRIGGER no_page; DROP TRIGGER no_alarm;").expect("allows");
}

fn noise(folder: &Path) {
    fs::write(folder.join("herald.db"), b"noise".repeat(4000)).expect("writes");
}

fn odd_rows(folder: &Path) {
    let db = database(&folder.join("herald.db"));
    db.execute_batch("UPDATE single SET body = '{\"odd\":1}' WHERE name = 'account'").expect("writes");
}

/// Fills the disk to the last byte; removing the file makes room again.
fn fill(folder: &Path) -> PathBuf {
    let path = folder.join("filler");
    let mut size = 1 << 16;
    let mut file = fs::File::create(&path).expect("creates");
    while size > 0 {
        if std::io::Write::write(&mut file, &vec![7; size]).is_err() {
            size /= 2;
        }
    }
    path
}

/// A disk of its own, where this user may mount one. Elsewhere the rows above stand for it. That a full one answers
/// `ENOSPC` is write(2)'s word, and that one that is mounted to be read only answers `EROFS` is open(2)'s.
struct Disk(TempDir);

impl Disk {
    fn small() -> Option<Self> {
        let disk = Self(TempDir::new().expect("a folder"));
        let mounted = Process::new("mount").args(["-t", "tmpfs", "-o", "size=2m", "tmpfs"]).arg(disk.0.path()).output();
        made(mounted.is_ok_and(|it| it.status.success()).then_some(disk), "no disk can be mounted here")
    }

    fn remount(&self, how: &str) {
        let options = format!("remount,{how}");
        let done = Process::new("mount").args(["-o", &options]).arg(self.0.path()).output().expect("mount runs");
        assert!(done.status.success(), "{how}: {}", String::from_utf8_lossy(&done.stderr));
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // Lazily, as a connection may still be closing; there is nothing to be done where it fails.
        let _ = Process::new("umount").arg("-l").arg(self.0.path()).output();
    }
}
