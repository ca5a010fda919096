//! How a database file is opened: with the kernel's locks where there are some, and with no temporary file elsewhere.

use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};

use super::{BUSY_TIMEOUT, StoreError};
use crate::files;

/// SQLite's way to a disk that keeps no locks (SQLite, "The OS Interface", 2.1). Whoever uses it must be alone.
const WITHOUT_LOCKS: &str = "unix-none";
/// The name under which locks are tried.
const TRIAL: &str = "herald.db-trial";

/// Who sees to it that two do not write at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Locks {
    /// The kernel, file by file.
    Kernel,
    /// Nobody but the lock and the socket of the data folder (network homes: `ENOLCK`, nfs(5)).
    None,
}

/// Opens for writing; the file is made, its user's alone, where it is missing.
pub(super) fn write(path: &Path, locks: Locks) -> Result<Connection, StoreError> {
    if let Ok(false) = path.try_exists() {
        drop(files::begin_private(path));
    }
    // What lies beside it is made with the rights that it has.
    for suffix in ["", "-wal", "-shm", "-journal"] {
        files::private_file(&path.with_file_name(format!("{}{suffix}", super::FILE)));
    }
    let db = match locks {
        Locks::Kernel => Connection::open(path)?,
        Locks::None => Connection::open_with_flags_and_vfs(path, OpenFlags::default(), WITHOUT_LOCKS)?,
    };
    db.busy_timeout(BUSY_TIMEOUT)?;
    // Without locks no memory can be shared, so that the log of changes is of the older kind.
    let mode = match locks {
        Locks::Kernel => "PRAGMA journal_mode = WAL;",
        Locks::None => "PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = TRUNCATE;",
    };
    db.execute_batch(&format!(
        "PRAGMA temp_store = MEMORY;
         {mode}
         PRAGMA wal_autocheckpoint = 0;
         PRAGMA synchronous = FULL;
         PRAGMA foreign_keys = ON;
         PRAGMA fullfsync = ON;
         PRAGMA checkpoint_fullfsync = ON;"
    ))?;
    Ok(db)
}

/// Opens for reading, whatever the disk allows: also where nothing can be written, and where nothing can be locked.
pub(super) fn read(path: &Path) -> Result<Connection, StoreError> {
    match with_flags(path, Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY)) {
        // Reading, too, wants a file beside the database and a lock, unless SQLite is told that nobody writes.
        Err(StoreError::ReadOnly | StoreError::Full) => unmoved(path),
        Err(StoreError::Busy) if !locks_work(path) => unmoved(path),
        other => other,
    }
}

/// Opens what is taken for a file that nobody changes.
fn unmoved(path: &Path) -> Result<Connection, StoreError> {
    let url = url::Url::from_file_path(path).map_err(|()| StoreError::ReadOnly)?;
    let (name, flags) = (format!("{url}?immutable=1"), OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI);
    let opened = if cfg!(unix) {
        Connection::open_with_flags_and_vfs(name, flags, WITHOUT_LOCKS)
    } else {
        Connection::open_with_flags(name, flags)
    };
    with_flags(path, opened)
}

fn with_flags(_path: &Path, opened: rusqlite::Result<Connection>) -> Result<Connection, StoreError> {
    let db = opened?;
    db.busy_timeout(BUSY_TIMEOUT)?;
    db.execute_batch("PRAGMA temp_store = MEMORY;")?;
    db.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))?;
    Ok(db)
}

/// Whether SQLite can lock a file in the folder of `path`: a new one that nobody else knows, so that nothing but the disk
/// can refuse.
pub(super) fn locks_work(path: &Path) -> bool {
    if !cfg!(unix) {
        return true;
    }
    let trial = path.with_file_name(TRIAL);
    let Ok(file) = files::begin_private(&trial) else { return true };
    drop(file);
    let tried = Connection::open(&trial).and_then(|db| {
        // Nobody else knows the file: there is nobody to wait for, and the library would wait for five seconds.
        db.busy_timeout(Duration::ZERO)?;
        db.execute_batch("BEGIN EXCLUSIVE; COMMIT;")
    });
    let _ = std::fs::remove_file(&trial);
    let none = |error: &rusqlite::Error| {
        let code = error.sqlite_error().map(|it| it.extended_code);
        code.is_some_and(|code| REFUSES_TO_LOCK.contains(&code))
    };
    !tried.is_err_and(|error| none(&error))
}

/// What SQLite says when a lock fails: `ENOLCK` is busy to it, everything else an input or output error.
const REFUSES_TO_LOCK: [i32; 4] = [
    rusqlite::ffi::SQLITE_BUSY,
    rusqlite::ffi::SQLITE_IOERR_LOCK,
    rusqlite::ffi::SQLITE_IOERR_RDLOCK,
    rusqlite::ffi::SQLITE_IOERR_CHECKRESERVEDLOCK,
];
