//! A file whose lock says that somebody is at work.

use std::fs::{File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use super::{Identity, private};

/// What the user is told where nothing can be locked.
pub const NO_LOCKS: &str = "The disk of Herald's data folder keeps no locks between programs, as some network homes do. \
                            Herald works all the same. Do not use this folder from two computers at once.";

/// Tries to take a lock whose file is taken away in that moment.
const TRIES_MAX: usize = 5;

/// A lock that this process holds. The kernel lets go of it when the process ends, however it ends, so that there is
/// never a stale one (faults.md 40).
#[derive(Debug)]
pub struct Lock {
    file: File,
    path: PathBuf,
}

/// Why a lock could not be taken.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Somebody has it.
    #[error("somebody holds it")]
    Held,
    /// Nothing can be locked on this disk.
    #[error("this disk keeps no locks")]
    NoLocks,
    /// There is no such file, and none can be made.
    #[error(transparent)]
    NoFile(#[from] io::Error),
}

impl Lock {
    /// Takes the lock of the file that lies under a name, which is made if it is missing. A file that cannot be written
    /// to is locked all the same: alarms need no disk (faults.md 28).
    ///
    /// # Errors
    /// Why not.
    pub fn take(path: &Path) -> Result<Self, LockError> {
        for _ in 0..TRIES_MAX {
            let made = private(File::options().create(true).truncate(false).write(true)).open(path);
            let file = made.or_else(|_| File::open(path))?;
            try_lock(&file)?;
            let it = Self { file, path: path.to_owned() };
            // Another may have taken the name away before this one had the lock: then it locked what nobody will find.
            if it.stands() {
                return Ok(it);
            }
        }
        Err(LockError::Held)
    }

    /// Whether nobody holds the lock of this name; nothing is made.
    ///
    /// # Errors
    /// When it cannot be told.
    pub fn is_free(path: &Path) -> Result<bool, LockError> {
        match File::options().write(true).open(path) {
            Ok(file) => match try_lock(&file) {
                Ok(()) => Ok(true),
                Err(LockError::Held) => Ok(false),
                Err(error) => Err(error),
            },
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(true),
            Err(error) => Err(error.into()),
        }
    }

    /// Whether whoever comes later meets this lock: its name still leads to the file that is locked.
    #[must_use]
    pub fn stands(&self) -> bool {
        let held = self.file.metadata().map(|it| Identity::of(&it));
        held.is_ok_and(|held| Identity::at(&self.path).is_ok_and(|found| found == held))
    }

    /// Ends it, and takes its file away.
    pub fn end(self) {
        if self.stands() {
            let _ = std::fs::remove_file(&self.path);
        }
    }
}

fn try_lock(file: &File) -> Result<(), LockError> {
    file.try_lock().map_err(|error| match error {
        TryLockError::WouldBlock => LockError::Held,
        TryLockError::Error(error) if says_no_locks(&error) => LockError::NoLocks,
        TryLockError::Error(error) => error.into(),
    })
}

/// Whether a system that was asked for a lock says that there are none: "no locks available" of a network home whose
/// lock daemon does not run (flock(2), nfs(5) `nolock`), or that the file system has no such thing.
#[cfg(unix)]
fn says_no_locks(error: &io::Error) -> bool {
    use rustix::io::Errno;
    let none = [Errno::NOLCK, Errno::OPNOTSUPP, Errno::NOTSUP, Errno::NOSYS];
    Errno::from_io_error(error).is_some_and(|it| none.contains(&it))
}

#[cfg(not(unix))]
fn says_no_locks(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::Unsupported
}
