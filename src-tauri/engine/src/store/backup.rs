//! Daily copies of the database, kept for a week.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use herald_core::Time;
use rusqlite::{Connection, InterruptHandle};

use super::{Check, StoreError, connection, mark};
use crate::files;

/// Days that a backup is kept.
const KEPT_DAYS: usize = 7;
/// What a copy that is being made has in its name.
const UNFINISHED: &str = ".part";

fn folder_of(data: &Path) -> PathBuf {
    data.join("backups")
}

/// The backups in `data`, newest first.
fn all(data: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> =
        inside(data).into_iter().filter(|path| path.extension().is_some_and(|it| it == "db")).collect();
    paths.sort();
    paths.reverse();
    paths
}

fn inside(data: &Path) -> Vec<PathBuf> {
    fs::read_dir(folder_of(data)).into_iter().flatten().flatten().map(|entry| entry.path()).collect()
}

/// The newest backup that is a sound database.
pub(super) fn newest(data: &Path, check: Check<'_>) -> Option<PathBuf> {
    all(data).into_iter().find(|path| connection::read(path).is_ok_and(|db| is_sound(&db) && check(&db).is_ok()))
}

/// Whether its structure is intact.
pub(super) fn is_sound(db: &Connection) -> bool {
    db.query_row("PRAGMA quick_check(1)", [], |row| row.get::<_, String>(0)).is_ok_and(|it| it == "ok")
}

/// How many commits a backup holds.
pub(super) fn commits(backup: &Path) -> i64 {
    connection::read(backup).and_then(|db| mark::counted(&db)).unwrap_or_default()
}

/// A copy that is being made. It ends with this value, and then nothing of it stays behind.
pub(super) struct UnderWay {
    ends: Arc<Mutex<Option<InterruptHandle>>>,
    thread: Option<JoinHandle<()>>,
}

impl UnderWay {
    pub fn goes_on(&self) -> bool {
        self.thread.as_ref().is_some_and(|thread| !thread.is_finished())
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        if let Some(at) = &*self.ends.lock().unwrap_or_else(PoisonError::into_inner) {
            at.interrupt();
        }
        let _ = self.thread.take().map(JoinHandle::join);
    }
}

/// Makes today's backup unless there is one, on a thread of its own, and deletes the oldest beyond a week. What an earlier
/// try left behind goes.
pub(super) fn daily(data: &Path, file: &str, now: Time) -> Option<UnderWay> {
    for left in inside(data).into_iter().filter(|path| path.to_string_lossy().contains(UNFINISHED)) {
        let _ = fs::remove_file(left);
    }
    let target = folder_of(data).join(format!("herald-{}.db", now.format("%Y-%m-%d")));
    if target.exists() {
        return None;
    }
    let (data, source) = (data.to_owned(), data.join(file));
    let ends = Arc::<Mutex<Option<InterruptHandle>>>::default();
    let told = Arc::clone(&ends);
    let thread = std::thread::spawn(move || match make(&source, &target, &told) {
        Ok(()) => {
            for old in all(&data).into_iter().skip(KEPT_DAYS) {
                let _ = fs::remove_file(old);
            }
        }
        Err(error) => tracing::warn!(%error, "no backup was made today"),
    });
    Some(UnderWay { ends, thread: Some(thread) })
}

fn make(source: &Path, target: &Path, ends: &Mutex<Option<InterruptHandle>>) -> Result<(), StoreError> {
    files::private_folder(target.parent().unwrap_or(target)).map_err(|_| StoreError::ReadOnly)?;
    let db = connection::read(source)?;
    *ends.lock().unwrap_or_else(PoisonError::into_inner) = Some(db.get_interrupt_handle());
    let unfinished = target.with_extension(&UNFINISHED[1..]);
    copy(&db, &unfinished)?;
    fs::rename(&unfinished, target).map_err(|_| StoreError::ReadOnly)
}

/// Copies a database as it is now into a new file, which is whole and sound, or not there.
pub(super) fn copy(db: &Connection, target: &Path) -> Result<(), StoreError> {
    let copied = try_copy(db, target);
    if copied.is_err() {
        for suffix in ["", "-journal", "-wal", "-shm"] {
            let mut name = target.as_os_str().to_owned();
            name.push(suffix);
            let _ = fs::remove_file(PathBuf::from(name));
        }
    }
    copied
}

fn try_copy(db: &Connection, target: &Path) -> Result<(), StoreError> {
    // SQLite takes an empty file for a new one, and leaves it its rights.
    drop(files::begin_private(target).map_err(|_| StoreError::ReadOnly)?);
    db.execute("VACUUM INTO ?1", [target.to_string_lossy()])?;
    if !connection::read(target).is_ok_and(|copy| is_sound(&copy)) {
        return Err(StoreError::Damaged);
    }
    let _ = File::open(target).and_then(|file| file.sync_all());
    Ok(())
}
