//! Daily copies of the database, kept for a week.

use std::fs;
use std::path::{Path, PathBuf};

use herald_core::Time;
use rusqlite::{Connection, OpenFlags};

use super::Check;

/// Days that a backup is kept.
const KEPT_DAYS: usize = 7;

fn folder_of(data: &Path) -> PathBuf {
    data.join("backups")
}

/// The backups in `data`, newest first.
fn all(data: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder_of(data)).into_iter().flatten().flatten();
    let mut paths: Vec<PathBuf> =
        entries.map(|entry| entry.path()).filter(|path| path.extension().is_some_and(|it| it == "db")).collect();
    paths.sort();
    paths.reverse();
    paths
}

/// The newest backup that is a sound database.
pub(super) fn newest(data: &Path, check: Check<'_>) -> Option<PathBuf> {
    all(data).into_iter().find(|path| {
        let Ok(db) = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY) else { return false };
        let sound = db.query_row("PRAGMA quick_check(1)", [], |row| row.get::<_, String>(0));
        sound.is_ok_and(|it| it == "ok") && check(&db).is_ok()
    })
}

/// Makes today's backup unless there is one, on a thread of its own, and deletes the oldest beyond a week. Says whether
/// it is the first of the day.
pub(super) fn daily(data: &Path, file: &str, now: Time) -> bool {
    let target = folder_of(data).join(format!("herald-{}.db", now.format("%Y-%m-%d")));
    if target.exists() {
        return false;
    }
    let (data, source) = (data.to_owned(), data.join(file));
    std::thread::spawn(move || match copy(&source, &target) {
        Ok(()) => {
            for old in all(&data).into_iter().skip(KEPT_DAYS) {
                let _ = fs::remove_file(old);
            }
        }
        Err(error) => tracing::warn!(%error, "no backup was made today"),
    });
    true
}

fn copy(source: &Path, target: &Path) -> Result<(), Box<dyn std::error::Error>> {
    fs::create_dir_all(target.parent().ok_or("no folder")?)?;
    let unfinished = target.with_extension("part");
    let _ = fs::remove_file(&unfinished);
    let db = Connection::open_with_flags(source, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    db.execute("VACUUM INTO ?1", [unfinished.to_string_lossy()])?;
    fs::rename(&unfinished, target)?;
    Ok(())
}
