//! How many commits the database holds, noted in it and beside it. Where the note beside it says more, the database lost
//! what it said was kept: a file of it was removed, cut, damaged or put back to an earlier state. SQLite itself takes a
//! log that is missing or broken for one that was never written ("How To Corrupt An SQLite Database File", 4.4).

use std::fs::File;
use std::io::{Seek as _, SeekFrom, Write as _};
use std::path::Path;

use rusqlite::Connection;

use super::StoreError;
use crate::files;

/// The note beside the database.
const FILE: &str = "herald.db-commits";

/// Counts one more commit, inside its transaction; says how many there are.
pub(super) fn count(db: &Connection) -> Result<i64, StoreError> {
    let sql = "INSERT INTO single (name, body) VALUES ('commits', '1')
               ON CONFLICT (name) DO UPDATE SET body = CAST(CAST(body AS INTEGER) + 1 AS TEXT)
               RETURNING CAST(body AS INTEGER)";
    Ok(db.prepare_cached(sql)?.query_row([], |row| row.get(0))?)
}

/// How many commits a database holds; none in one of a Herald that did not count.
pub(super) fn counted(db: &Connection) -> Result<i64, StoreError> {
    let sql = "SELECT coalesce((SELECT CAST(body AS INTEGER) FROM single WHERE name = 'commits'), 0)";
    Ok(db.query_row(sql, [], |row| row.get(0))?)
}

/// How many commits the note in `folder` speaks of. One that cannot be read says nothing.
pub(super) fn noted(folder: &Path) -> Option<i64> {
    std::fs::read_to_string(folder.join(FILE)).ok()?.trim().parse().ok()
}

/// The note beside the database, kept open: it is renewed with each commit, and never waited for. After a power cut it
/// may say less than the truth, never more.
pub(super) struct Mark(Option<File>);

impl Mark {
    pub fn open(folder: &Path) -> Self {
        Self(files::private(File::options().create(true).truncate(false).write(true)).open(folder.join(FILE)).ok())
    }

    pub fn note(&mut self, commits: i64) {
        if let Some(file) = &mut self.0 {
            // Of one length, so that nothing of the last note stays behind this one. A disk that takes no more takes
            // no commit either.
            let _ = file.seek(SeekFrom::Start(0)).and_then(|_| file.write_all(format!("{commits:020}\n").as_bytes()));
        }
    }
}
