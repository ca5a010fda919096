//! Which file lies under a name: a name may lead to another file than a moment ago, or to one that was cut.

use std::fs::Metadata;
use std::io;
use std::path::Path;
use std::time::SystemTime;

/// Which file it is, whatever it is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Identity {
    device: u64,
    inode: u64,
}

impl Identity {
    /// Of a file that was looked at.
    #[must_use]
    #[cfg(unix)]
    pub fn of(file: &Metadata) -> Self {
        use std::os::unix::fs::MetadataExt as _;
        Self { device: file.dev(), inode: file.ino() }
    }

    /// Of a file that was looked at. Systems without inodes do not let go of a name whose file is open.
    #[must_use]
    #[cfg(not(unix))]
    pub fn of(_file: &Metadata) -> Self {
        Self { device: 0, inode: 0 }
    }

    /// Of the file that lies under a name now.
    ///
    /// # Errors
    /// Why it cannot be told.
    pub fn at(path: &Path) -> io::Result<Self> {
        path.metadata().map(|it| Self::of(&it))
    }
}

/// How a file looks from outside. It is never opened for that: closing a file of a database lets go of every lock that
/// this process has on it (SQLite, "How To Corrupt An SQLite Database File", 2.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Look {
    /// Which file.
    pub identity: Identity,
    /// Its length, in bytes.
    pub len: u64,
    /// When it was written last, where that is known.
    pub modified: Option<SystemTime>,
}

impl Look {
    /// Of the file that lies under a name now.
    ///
    /// # Errors
    /// Why it cannot be told.
    pub fn at(path: &Path) -> io::Result<Self> {
        let it = path.metadata()?;
        Ok(Self { identity: Identity::of(&it), len: it.len(), modified: it.modified().ok() })
    }
}
