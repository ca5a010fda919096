//! Herald's memory on disk: one SQLite file, opened safely, committed once per input, backed up daily.

mod backup;
mod export;
mod history;
mod kpi;
mod rows;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use std::time::Duration;

use chrono::TimeDelta;
use herald_core::feed::PastUpdate;
use herald_core::history::{HistoryFound, HistoryQuery, PastIncident, PastPage};
use herald_core::kpi::{KpiAsk, Kpis};
use herald_core::{Change, IncidentId, PageId, Playbook, State, Time};
use rusqlite::{Connection, ErrorCode, OpenFlags};
use rusqlite_migration::{HookError, M, Migrations};

use crate::export::{Record, Span};

/// The database's file name inside the data folder.
const FILE: &str = "herald.db";
/// How long a commit may wait for another process; longer would delay alarms (FAULTS 29).
const BUSY_TIMEOUT: Duration = Duration::from_millis(80);

/// How long pages that left, and past updates, are kept.
const HISTORY_KEPT_FOR: TimeDelta = TimeDelta::days(2 * 365);

/// Append only; a step that was released is never changed.
static MIGRATIONS: LazyLock<Migrations<'static>> = LazyLock::new(|| {
    Migrations::new(vec![
        M::up(include_str!("migrations/0001_start.sql")),
        M::up(include_str!("migrations/0002_incidents.sql")),
        M::up(include_str!("migrations/0003_past_updates.sql")),
        M::up(include_str!("migrations/0004_duty.sql")),
        M::up_with_hook(include_str!("migrations/0005_history.sql"), |db: &rusqlite::Transaction<'_>| {
            history::fill(db).map_err(|error| HookError::Hook(error.to_string()))
        }),
    ])
});

/// Why a commit or a load failed.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The disk is full.
    #[error("the disk is full")]
    Full,
    /// The folder cannot be written.
    #[error("the data folder cannot be written")]
    ReadOnly,
    /// Another program holds the database.
    #[error("another program holds the database")]
    Busy,
    /// The file is not a sound database.
    #[error("the database is damaged")]
    Damaged,
    /// It was written by a newer Herald.
    #[error("the database was written by a newer Herald: please update")]
    Newer,
    /// Anything else.
    #[error("the database failed: {0}")]
    Other(String),
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => Self::Full,
            Some(
                ErrorCode::ReadOnly | ErrorCode::CannotOpen | ErrorCode::PermissionDenied | ErrorCode::SystemIoFailure,
            ) => Self::ReadOnly,
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Busy,
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Self::Damaged,
            _ => Self::Other(error.to_string()),
        }
    }
}

impl From<rusqlite_migration::Error> for StoreError {
    #[expect(clippy::wildcard_enum_match_arm, reason = "the library's kinds of error may grow")]
    fn from(error: rusqlite_migration::Error) -> Self {
        match error {
            rusqlite_migration::Error::RusqliteError { err, .. } => err.into(),
            rusqlite_migration::Error::MigrationDefinition(
                rusqlite_migration::MigrationDefinitionError::DatabaseTooFarAhead,
            ) => Self::Newer,
            other => Self::Other(other.to_string()),
        }
    }
}

/// The open database.
pub struct Store {
    db: Connection,
    folder: PathBuf,
}

/// Looks whether a sound file is a sound database too.
type Check<'a> = &'a mut dyn FnMut(&Connection) -> Result<(), StoreError>;

/// A store that could be opened, and what the user must be told about it.
pub struct Opened {
    /// The store; absent when nothing can be saved, and then the fault says why.
    pub store: Result<Store, StoreError>,
    /// What happened on the way, in words.
    pub notices: Vec<String>,
}

impl Store {
    /// Opens the database in `folder`. A damaged one is set aside and the newest sound backup takes its place, also where
    /// it is missing; one from a newer Herald is left alone. Never fails as a whole: alarms must work without a disk.
    #[must_use]
    pub fn open(folder: &Path, now: Time) -> Opened {
        Self::open_checked(folder, now, &mut |_| Ok(()))
    }

    /// Opens the database in `folder` as [`Store::open`] does, and fills `state` with what it holds. One whose rows
    /// cannot be read is damaged too.
    #[must_use]
    pub fn open_and_load(folder: &Path, now: Time, state: &mut State) -> Opened {
        let empty = state.clone();
        Self::open_checked(folder, now, &mut |db| {
            let mut read = empty.clone();
            rows::load(db, &mut read)?;
            *state = read;
            Ok(())
        })
    }

    fn open_checked(folder: &Path, now: Time, check: Check<'_>) -> Opened {
        let mut notices = vec![];
        let path = folder.join(FILE);
        let empty = path.metadata().is_ok_and(|file| file.len() == 0);
        let missing = matches!(path.try_exists(), Ok(false));
        let lost = (empty || missing) && backup::newest(folder, check).is_some();
        let store = match if lost { Err(StoreError::Damaged) } else { Self::open_file(folder, check) } {
            Err(StoreError::Damaged) => {
                notices.push(set_aside(folder, now, check));
                Self::open_file(folder, check)
            }
            store => store,
        };
        Opened { store, notices }
    }

    /// Reads the database without the right to change it: for the command line, for a file that is too new, and
    /// where nothing can be written.
    ///
    /// # Errors
    /// When there is no readable database.
    pub fn read_only(folder: &Path) -> Result<Self, StoreError> {
        let path = folder.join(FILE);
        let open = |name: &Path, flags: OpenFlags| -> Result<Self, StoreError> {
            let db = Connection::open_with_flags(name, OpenFlags::SQLITE_OPEN_READ_ONLY | flags)?;
            db.busy_timeout(BUSY_TIMEOUT)?;
            db.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))?;
            Ok(Self { db, folder: folder.to_owned() })
        };
        match open(&path, OpenFlags::empty()) {
            // Reading, too, wants a file beside the database, unless SQLite is told that nobody writes.
            Err(StoreError::ReadOnly | StoreError::Full) => {
                let url = url::Url::from_file_path(&path).map_err(|()| StoreError::ReadOnly)?;
                open(Path::new(&format!("{url}?immutable=1")), OpenFlags::SQLITE_OPEN_URI)
            }
            store => store,
        }
    }

    fn open_file(folder: &Path, check: Check<'_>) -> Result<Self, StoreError> {
        let mut db = Connection::open(folder.join(FILE))?;
        db.busy_timeout(BUSY_TIMEOUT)?;
        db.execute_batch(
            "PRAGMA journal_mode = WAL;
             PRAGMA synchronous = FULL;
             PRAGMA foreign_keys = ON;
             PRAGMA fullfsync = ON;
             PRAGMA checkpoint_fullfsync = ON;",
        )?;
        let sound: String = db.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
        if sound != "ok" {
            return Err(StoreError::Damaged);
        }
        MIGRATIONS.to_latest(&mut db)?;
        check(&db)?;
        Ok(Self { db, folder: folder.to_owned() })
    }

    /// Fills `state` with what was saved.
    ///
    /// # Errors
    /// When the database cannot be read, or holds rows that this Herald cannot read.
    pub fn load(&self, state: &mut State) -> Result<(), StoreError> {
        let mut read = state.clone();
        rows::load(&self.db, &mut read)?;
        *state = read;
        Ok(())
    }

    /// Makes `changes` durable, all or none.
    ///
    /// # Errors
    /// When nothing was saved.
    pub fn commit(&mut self, changes: &[Change]) -> Result<(), StoreError> {
        if !changes.iter().any(rows::is_row) {
            return Ok(());
        }
        let transaction = self.db.transaction()?;
        for change in changes {
            rows::write(&transaction, change)?;
        }
        Ok(transaction.commit()?)
    }

    /// At most `limit` past updates that hold all words of `query`, best first; the newest for an empty query. Any
    /// text is a query.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn search(&self, query: &str, limit: usize) -> Result<Vec<PastUpdate>, StoreError> {
        history::search_updates(&self.db, query, limit)
    }

    /// One page of the past that fits `query`. Any text is a query.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn history(&self, query: &HistoryQuery) -> Result<HistoryFound, StoreError> {
        history::search(&self.db, query)
    }

    /// A past incident with its whole timeline, also after it was forgotten from memory.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn past_incident(&self, id: IncidentId) -> Result<Option<PastIncident>, StoreError> {
        history::incident(&self.db, id)
    }

    /// A past page of one trigger.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn past_page(&self, id: &PageId, triggered_at: Time) -> Result<Option<PastPage>, StoreError> {
        history::page(&self.db, id, triggered_at)
    }

    /// The key figures for a range, by the rules of `playbook` (H90); none when it is a shift and there was none yet.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn kpis(&self, ask: KpiAsk, playbook: &Playbook, now: Time) -> Result<Option<Kpis>, StoreError> {
        kpi::all(&self.db, ask, playbook, now)
    }

    /// Everything of a time, for an export.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn records(&self, span: Span) -> Result<Vec<Record>, StoreError> {
        export::records(&self.db, span)
    }

    /// Makes the database hold exactly `state`, after a time in which commits failed.
    ///
    /// # Errors
    /// When nothing was saved.
    pub fn replace(&mut self, state: &State) -> Result<(), StoreError> {
        let transaction = self.db.transaction()?;
        rows::replace(&transaction, state)?;
        Ok(transaction.commit()?)
    }

    /// Makes today's backup unless there is one, and lets go of backups older than a week and of history older than
    /// two years. The copy is made on a connection of its own, so the caller is not held up.
    pub fn backup_daily(&mut self, now: Time) {
        if backup::daily(&self.folder, FILE, now) {
            let before = now - HISTORY_KEPT_FOR;
            let sql = "DELETE FROM page WHERE live = 0 AND triggered_at < ?1";
            let pruned = self.db.execute(sql, [before.to_rfc3339()]).map_err(StoreError::from);
            if let Err(error) = pruned.and_then(|_| history::prune(&self.db, before)) {
                tracing::warn!(%error, "old history was not let go");
            }
        }
    }

    /// Ends within a commit, as a power cut would: nothing of `changes` is kept.
    ///
    /// # Errors
    /// When the database fails before that.
    pub fn commit_cut_short(&mut self, changes: &[Change]) -> Result<(), StoreError> {
        let transaction = self.db.transaction()?;
        for change in changes {
            rows::write(&transaction, change)?;
        }
        Ok(transaction.rollback()?)
    }
}

/// Moves a damaged database out of the way, keeping it, and puts the newest sound backup in its place; also where the
/// database is missing. What SQLite left beside it goes, too: it does not belong to the backup.
fn set_aside(folder: &Path, now: Time, check: Check<'_>) -> String {
    let stamp = now.format("%Y-%m-%dT%H-%M-%SZ");
    let kept = format!("{FILE}.damaged-{stamp}");
    let missing = !folder.join(FILE).exists();
    for suffix in ["", "-wal", "-shm"] {
        let from = folder.join(format!("{FILE}{suffix}"));
        if from.exists() && fs::rename(&from, folder.join(format!("{kept}{suffix}"))).is_err() {
            return "Herald's database is damaged and could not be set aside.".into();
        }
    }
    let restored = backup::newest(folder, check).filter(|backup| fs::copy(backup, folder.join(FILE)).is_ok());
    let (what, next) = match restored.and_then(|path| Some(path.file_stem()?.to_string_lossy().into_owned())) {
        Some(name) => (format!("The backup {name} took its place."), "Open pages are announced again."),
        None => ("Herald starts afresh.".into(), "Connect PagerDuty again in Settings."),
    };
    let happened = if missing {
        "Herald's database was missing.".into()
    } else {
        format!("Herald's database was damaged. It was kept as {kept}.")
    };
    format!("{happened} {what} {next}")
}

#[cfg(test)]
mod tests;
