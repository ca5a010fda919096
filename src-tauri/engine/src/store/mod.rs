//! Herald's memory on disk: one SQLite file, opened safely, committed once per input, backed up daily.

mod asked;
mod backup;
mod beside;
mod connection;
mod export;
mod history;
mod keeper;
mod kpi;
mod mark;
mod rows;
mod watch;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use chrono::TimeDelta;
use herald_core::{Change, State, Time};
use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode};
use rusqlite_migration::{HookError, M, Migrations};

use self::beside::Beside;
use self::connection::Locks;
pub(crate) use self::keeper::{Keeper, News, Opening, Order};
use self::mark::Mark;
pub(crate) use self::rows::is_row;
pub use self::watch::Outside;
use self::watch::Watch;
use crate::files;

/// The database's file name inside the data folder.
const FILE: &str = "herald.db";
/// Whether a file of this name in the data folder is the database, or lies beside it and is part of it.
pub(crate) fn is_file(name: &str) -> bool {
    name.strip_prefix(FILE).is_some_and(|rest| matches!(rest, "" | "-wal" | "-shm"))
}

/// How long a commit may wait for another process; longer would delay alarms (faults.md 29).
const BUSY_TIMEOUT: Duration = Duration::from_millis(80);

/// How long what was written may wait beside the database until it is moved into it: so much is lost with the log.
const SETTLE_EVERY: Duration = Duration::from_secs(60);
/// How much may wait there, in bytes.
const LOG_BYTES_MAX: u64 = 4 * 1024 * 1024;

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
            history::owe(db).map_err(|error| HookError::Hook(error.to_string()))
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
    /// Its files were changed by somebody else while they were open.
    #[error("the database {}", .0.words())]
    Outside(Outside),
    /// The past that an earlier Herald kept is not taken in yet, so that an answer would lack some of it.
    #[error(
        "the past that an earlier version kept is not taken in yet: Herald does that while it runs, within minutes"
    )]
    PastOwed,
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
    /// Readers end before the database is closed: whoever closes it last moves what was written last into it, and a
    /// reader cannot.
    backup: Option<Beside>,
    check: Option<Beside>,
    db: Connection,
    folder: PathBuf,
    locks: Locks,
    /// Absent where the database is only read.
    watch: Option<Watch>,
    mark: Option<Mark>,
    /// How many commits it holds.
    commits: i64,
    damaged: bool,
    /// What was written last was moved into the database at this time.
    settled_at: Instant,
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
    /// Opens the database in `folder`. One that cannot be read is set aside and the newest sound backup takes its place,
    /// also where it is missing; one from a newer Herald is left alone. Never fails as a whole: alarms must work without a
    /// disk. No more is read than that takes, however large it is: the rest is [checked](Self::check) later.
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
        let mut store = match if lost { Err(StoreError::Damaged) } else { Self::open_file(folder, check) } {
            Err(StoreError::Damaged) => {
                let why = if missing { "was missing" } else { "was damaged" };
                notices.push(set_aside(folder, now, why, check));
                Self::open_file(folder, check)
            }
            Ok(store) => store.or_what_holds_more(now, check, &mut notices),
            store => store,
        };
        if let Ok(store) = &mut store {
            store.note();
            if store.locks == Locks::None {
                notices.push(files::NO_LOCKS.into());
            }
        }
        Opened { store, notices }
    }

    /// A sound database may still have lost what was written last. That is told, and a backup takes its place where it
    /// holds more.
    fn or_what_holds_more(self, now: Time, check: Check<'_>, notices: &mut Vec<String>) -> Result<Self, StoreError> {
        if mark::noted(&self.folder).is_none_or(|noted| noted <= self.commits) {
            return Ok(self);
        }
        let fuller = backup::newest(&self.folder, check).filter(|it| backup::commits(it) > self.commits);
        if fuller.is_some() {
            let folder = self.folder.clone();
            drop(self);
            notices.push(set_aside(&folder, now, "lost what was written last", check));
            return Self::open_file(&folder, check);
        }
        // Looking at backups read them.
        check(&self.db)?;
        notices.push(BEHIND.into());
        Ok(self)
    }

    /// Reads the database without the right to change it: for the command line, for a file that is too new, and
    /// where nothing can be written.
    ///
    /// # Errors
    /// When there is no readable database.
    pub fn read_only(folder: &Path) -> Result<Self, StoreError> {
        let db = connection::read(&folder.join(FILE))?;
        let folder = folder.to_owned();
        let (locks, settled_at) = (Locks::Kernel, Instant::now());
        Ok(Self {
            db,
            folder,
            locks,
            watch: None,
            mark: None,
            commits: 0,
            damaged: false,
            settled_at,
            backup: None,
            check: None,
        })
    }

    fn open_file(folder: &Path, check: Check<'_>) -> Result<Self, StoreError> {
        let path = folder.join(FILE);
        match Self::open_with(folder, &path, Locks::Kernel, check) {
            Err(StoreError::Busy | StoreError::ReadOnly) if !connection::locks_work(&path) => {
                Self::open_with(folder, &path, Locks::None, check)
            }
            opened => opened,
        }
    }

    fn open_with(folder: &Path, path: &Path, locks: Locks, check: Check<'_>) -> Result<Self, StoreError> {
        let mut db = connection::write(path, locks)?;
        MIGRATIONS.to_latest(&mut db)?;
        check(&db)?;
        let commits = mark::counted(&db)?;
        let (watch, mark) = (Some(Watch::over(path.to_owned())), Some(Mark::open(folder)));
        let (folder, settled_at) = (folder.to_owned(), Instant::now());
        Ok(Self { db, folder, locks, watch, mark, commits, damaged: false, settled_at, backup: None, check: None })
    }

    /// Looks beside everything else whether the whole file is sound, and tells when that is known, or why
    /// it will not be.
    pub(crate) fn check(&mut self, tell: impl FnOnce(Result<(), StoreError>) + Send + 'static) {
        let look = |db: Result<Connection, StoreError>| tell(db.and_then(|db| backup::sound(&db)));
        match Beside::start("check", self.folder.join(FILE), look) {
            Ok(check) => self.check = Some(check),
            Err(error) => tracing::warn!(%error, "no thread checks the database"),
        }
    }

    /// Hears that somebody else who read it found damage. Without locks a reader may have seen half of a commit, so
    /// whoever writes looks as well. Says whether it holds: then nothing is kept until its files are [left](Self::leave).
    pub(crate) fn doubt(&mut self) -> bool {
        self.damaged = matches!(backup::sound(&self.db), Err(StoreError::Damaged));
        self.damaged
    }

    /// Takes in some more of the past that an earlier Herald kept. Says whether there is more.
    ///
    /// # Errors
    /// When nothing of it was taken in.
    pub fn take_in(&mut self) -> Result<bool, StoreError> {
        if !history::owes(&self.db)? {
            return Ok(false);
        }
        let mut more = false;
        self.keep(|db| {
            more = history::pay(db)?;
            Ok(())
        })?;
        Ok(more)
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
        self.keep(|db| changes.iter().try_for_each(|change| rows::write(db, change)))
    }

    /// Writes in one transaction, counted, into files that are still the ones that were opened.
    fn keep(&mut self, write: impl FnOnce(&Connection) -> Result<(), StoreError>) -> Result<(), StoreError> {
        if let Some(outside) = self.outside() {
            return Err(StoreError::Outside(outside));
        }
        let transaction = self.db.transaction()?;
        write(&transaction)?;
        let commits = mark::count(&transaction)?;
        transaction.commit()?;
        self.commits = commits;
        self.note();
        Ok(())
    }

    /// Takes note of what Herald itself wrote.
    fn note(&mut self) {
        let direct = self.locks == Locks::None;
        if let Some(watch) = &mut self.watch {
            watch.note(direct);
        }
        if let Some(mark) = &mut self.mark {
            mark.note(self.commits);
        }
    }

    /// What somebody else did to the files of the database while they were open. Herald's answer is to [leave](Self::leave)
    /// them and to write anew.
    #[must_use]
    pub fn outside(&mut self) -> Option<Outside> {
        if self.damaged {
            return Some(Outside::Damaged);
        }
        let outside = self.watch.as_ref()?.outside()?;
        // Another program that goes through SQLite may have moved the log into the database, which harms nothing.
        let harmless = outside == Outside::Overwritten && self.still_holds();
        if harmless && let Some(watch) = &mut self.watch {
            watch.note(true);
        }
        (!harmless).then_some(outside)
    }

    /// Whether somebody who opens the database now finds it sound, and everything in it.
    fn still_holds(&self) -> bool {
        let Ok(db) = connection::read(&self.folder.join(FILE)) else { return false };
        backup::sound(&db).is_ok() && mark::counted(&db).is_ok_and(|commits| commits == self.commits)
    }

    /// Moves what was written last into the database, if that is due: the log beside it may be lost.
    pub fn settle(&mut self) {
        let due = self.settled_at.elapsed() >= SETTLE_EVERY;
        let waits = self.watch.as_ref().is_some_and(|watch| watch.log_bytes() > LOG_BYTES_MAX);
        if !(due || waits) || self.outside().is_some() {
            return;
        }
        self.settled_at = Instant::now();
        // Readers are not waited for: what they hold up has its turn the next time.
        match self.db.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(())) {
            Ok(()) => {}
            Err(error) => tracing::warn!(%error, "what was written last stays beside the database"),
        }
        if let Some(watch) = &mut self.watch {
            watch.note(true);
        }
    }

    /// Lets go of files that are not the ones that others find. What is open is saved where it is whole, what lies in its
    /// place is kept. Opening the folder anew and [replacing](Self::replace) what it holds comes next. Says what the user
    /// is told.
    ///
    /// # Errors
    /// Where the disk takes nothing now: then the store stays as it is.
    pub fn leave(self, outside: Outside, now: Time) -> Result<String, Box<(Self, StoreError)>> {
        let (folder, path) = (self.folder.clone(), self.folder.join(FILE));
        let rescued = files::unfinished(&path);
        let whole = match outside.leaves_it_whole().then(|| backup::copy(&self.db, &rescued)) {
            Some(Ok(())) => true,
            Some(Err(error @ (StoreError::Full | StoreError::ReadOnly))) => return Err(Box::new((self, error))),
            Some(Err(_)) | None => false,
        };
        // Closing it must not move anything into files that are not its own.
        let _ = self.db.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true);
        drop(self);
        let database_too = whole || !outside.spares_the_database();
        let kept =
            put_aside(&folder, now, if outside == Outside::Replaced { "replaced" } else { "damaged" }, database_too);
        let anew = if whole && fs::rename(&rescued, &path).is_ok() {
            "It was written anew, and nothing is missing.".to_owned()
        } else if !database_too {
            "It was written anew from memory. The past of the last minutes may be missing.".to_owned()
        } else if let Some(name) = backup::newest(&folder, &mut |_| Ok(())).as_deref().and_then(name_of) {
            format!("It was written anew from memory and the backup {name}. The past since that backup may be missing.")
        } else {
            "It was written anew from memory. There was no backup, so the past that is over is missing.".to_owned()
        };
        let kept = kept.map_or(String::new(), |name| format!(" What lay in its place was kept as {name}."));
        Ok(format!("Herald's database {}. {anew}{kept}", outside.words()))
    }

    /// Makes the database hold exactly `state`, after a time in which commits failed.
    ///
    /// # Errors
    /// When nothing was saved.
    pub fn replace(&mut self, state: &State) -> Result<(), StoreError> {
        self.keep(|db| rows::replace(db, state))
    }

    /// Makes today's backup unless there is one, and lets go of backups older than a week and of history older than
    /// two years. The copy is made on a connection of its own, so the caller is not held up.
    pub fn backup_daily(&mut self, now: Time) {
        if self.backup.as_ref().is_some_and(Beside::goes_on) {
            return;
        }
        self.backup = backup::daily(&self.folder, FILE, now);
        if self.backup.is_some() {
            let before = now - HISTORY_KEPT_FOR;
            let sql = "DELETE FROM page WHERE live = 0 AND triggered_at < ?1";
            let pruned = self.db.execute(sql, [before.to_rfc3339()]).map_err(StoreError::from);
            if let Err(error) = pruned.and_then(|_| history::prune(&self.db, before)) {
                tracing::warn!(%error, "old history was not let go");
            }
            self.note();
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

/// What is told of a database that is sound but lost what was written last, where no backup holds more.
const BEHIND: &str = "Herald's database lost what was written last: a file of it was removed, cut or put back to an \
                      earlier state while Herald did not run. Look at what you typed last. Open pages are announced again.";

/// Moves a database out of the way, keeping it, and puts the newest sound backup in its place; also where the database is
/// missing. `why` says what is wrong with it.
fn set_aside(folder: &Path, now: Time, why: &str, check: Check<'_>) -> String {
    let kept = put_aside(folder, now, "damaged", true);
    if folder.join(FILE).exists() {
        return format!("Herald's database {why} and could not be set aside.");
    }
    let restored = backup::newest(folder, check).filter(|backup| fs::copy(backup, folder.join(FILE)).is_ok());
    let (what, next) = match restored.as_deref().and_then(name_of) {
        Some(name) => (format!("The backup {name} took its place."), "Open pages are announced again."),
        None => ("Herald starts afresh.".into(), "Connect PagerDuty again in Settings."),
    };
    let kept = kept.map_or(String::new(), |name| format!(" It was kept as {name}."));
    format!("Herald's database {why}.{kept} {what} {next}")
}

/// Gives the files of a database other names, and says which: what SQLite left beside it goes, too, as it does not belong
/// to what comes. Nothing where there is no database.
fn put_aside(folder: &Path, now: Time, how: &str, database_too: bool) -> Option<String> {
    let kept = format!("{FILE}.{how}-{}", now.format("%Y-%m-%dT%H-%M-%SZ"));
    let moved = |suffix: &str| {
        let from = folder.join(format!("{FILE}{suffix}"));
        from.exists() && fs::rename(&from, folder.join(format!("{kept}{suffix}"))).is_ok()
    };
    let database = database_too && moved("");
    for suffix in ["-wal", "-shm", "-journal"] {
        moved(suffix);
    }
    database.then_some(kept)
}

fn name_of(backup: &Path) -> Option<String> {
    Some(backup.file_stem()?.to_string_lossy().into_owned())
}

#[cfg(test)]
mod tests;
