//! Whether the files of the database are still the ones that are written to. Whoever removes, replaces or cuts them while
//! they are open is told nothing, and neither is SQLite: it writes on into files that nobody will ever find ("How To
//! Corrupt An SQLite Database File", 1.3, 4.1 and 4.4).

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use crate::files::Look;

/// What is wrong with the files of the database while they are open, by no doing of Herald.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outside {
    /// The database is not there any more: removed, or under another name.
    Removed,
    /// Another file lies in its place.
    Replaced,
    /// Somebody else wrote into it, or cut it.
    Overwritten,
    /// What was written last, and waits beside the database to be moved into it, was removed or replaced.
    LogRemoved,
    /// It was cut.
    LogCut,
    /// It is damaged, as was found when it was written to, or read as a whole.
    Damaged,
}

impl Outside {
    /// In words, as the middle of a sentence.
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Removed => "was removed while Herald ran",
            Self::Replaced => "was replaced by another file while Herald ran",
            Self::Overwritten => "was changed by another program while Herald ran",
            Self::LogRemoved => "lost what was written last (herald.db-wal was removed while Herald ran)",
            Self::LogCut => "lost what was written last (herald.db-wal was cut while Herald ran)",
            Self::Damaged => "was damaged",
        }
    }

    /// Whether what is open is whole: it only lies where nobody will find it.
    pub(super) fn leaves_it_whole(self) -> bool {
        matches!(self, Self::Removed | Self::Replaced | Self::LogRemoved)
    }

    /// Whether the database itself is as it was.
    pub(super) fn spares_the_database(self) -> bool {
        matches!(self, Self::LogRemoved | Self::LogCut)
    }
}

/// How the files looked after Herald's last own write.
#[derive(Clone, Debug)]
pub(super) struct Watch {
    path: PathBuf,
    database: Option<Look>,
    log: Option<Look>,
    /// Through which those who have it open agree about the log.
    index: Option<Look>,
}

impl Watch {
    pub fn over(path: PathBuf) -> Self {
        let mut it = Self { path, database: None, log: None, index: None };
        it.note(true);
        it
    }

    /// Takes how they look now for right, as Herald just wrote: beside the database, or `into` it, too. Which files they
    /// are is known from the start.
    pub fn note(&mut self, into: bool) {
        let renew = |known: &mut Option<Look>, path: &Path| {
            let now = Look::at(path).ok();
            if known.is_none_or(|known| now.is_some_and(|now| now.identity == known.identity)) {
                *known = now;
            }
        };
        if into {
            renew(&mut self.database, &self.path);
        }
        renew(&mut self.log, &beside(&self.path, "-wal"));
        renew(&mut self.index, &beside(&self.path, "-shm"));
    }

    /// How many bytes wait beside the database to be moved into it.
    pub fn log_bytes(&self) -> u64 {
        self.log.map_or(0, |log| log.len)
    }

    /// What happened to them since Herald's last own write. A disk that cannot be asked says nothing about them.
    pub fn outside(&self) -> Option<Outside> {
        let known = self.database?;
        match Look::at(&self.path) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Some(Outside::Removed),
            Err(_) => return None,
            Ok(now) if now.identity != known.identity => return Some(Outside::Replaced),
            Ok(now) if now != known => return Some(Outside::Overwritten),
            Ok(_) => {}
        }
        let of = |known: Option<Look>, suffix: &str| match (known?, Look::at(&beside(&self.path, suffix))) {
            (_, Err(error)) if error.kind() == ErrorKind::NotFound => Some(Outside::LogRemoved),
            (known, Ok(now)) if now.identity != known.identity => Some(Outside::LogRemoved),
            (known, Ok(now)) if now.len < known.len => Some(Outside::LogCut),
            (_, Ok(_) | Err(_)) => None,
        };
        of(self.log, "-wal").or_else(|| of(self.index, "-shm"))
    }
}

/// What SQLite keeps beside a database: its write-ahead log, and the index of that (SQLite, "Write-Ahead Logging", 2.1
/// and 2.2).
fn beside(database: &Path, suffix: &str) -> PathBuf {
    let mut name = database.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}
