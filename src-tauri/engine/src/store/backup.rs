//! Daily copies of the database, kept for a week.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use herald_core::Time;
use rusqlite::Connection;

use super::beside::Beside;
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
    all(data)
        .into_iter()
        .find(|path| connection::read(path).and_then(|db| sound(&db).and_then(|()| check(&db))).is_ok())
}

/// Looks whether the structure of the whole file is intact, which takes long.
///
/// # Errors
/// When it is damaged, or could not be read to its end.
pub(super) fn sound(db: &Connection) -> Result<(), StoreError> {
    match db.query_row("PRAGMA quick_check(1)", [], |row| row.get::<_, String>(0))?.as_str() {
        "ok" => Ok(()),
        _ => Err(StoreError::Damaged),
    }
}

/// How many commits a backup holds.
pub(super) fn commits(backup: &Path) -> i64 {
    connection::read(backup).and_then(|db| mark::counted(&db)).unwrap_or_default()
}

/// Makes today's backup unless there is one, on a thread of its own, and deletes the oldest beyond a week. What an earlier
/// try left behind goes.
pub(super) fn daily(data: &Path, file: &str, now: Time) -> Option<Beside> {
    for left in inside(data).into_iter().filter(|path| path.to_string_lossy().contains(UNFINISHED)) {
        let _ = fs::remove_file(left);
    }
    let target = folder_of(data).join(format!("herald-{}.db", now.format("%Y-%m-%d")));
    if target.exists() {
        return None;
    }
    let (data, source) = (data.to_owned(), data.join(file));
    let started = Beside::start("backup", source, move |db| match db.and_then(|db| make(&db, &target)) {
        Ok(()) => {
            for old in all(&data).into_iter().skip(KEPT_DAYS) {
                let _ = fs::remove_file(old);
            }
        }
        Err(error) => tracing::warn!(%error, "no backup was made today"),
    });
    started.map_err(|error| tracing::warn!(%error, "no backup was made today")).ok()
}

fn make(db: &Connection, target: &Path) -> Result<(), StoreError> {
    files::private_folder(target.parent().unwrap_or(target)).map_err(|_| StoreError::ReadOnly)?;
    let unfinished = target.with_extension(&UNFINISHED[1..]);
    copy(db, &unfinished)?;
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
    connection::read(target).and_then(|copy| sound(&copy))?;
    let _ = File::open(target).and_then(|file| file.sync_all());
    Ok(())
}
