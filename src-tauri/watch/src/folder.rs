//! The data folder: where it is, and the lock that makes one Herald of it.

use std::fs;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Context as _;
use herald_engine::files::{self, Lock, LockError};
use herald_engine::stirs::{self, Place};

use crate::cli::complain;
use crate::control;

/// The file whose lock says that a Herald runs here.
pub(crate) const LOCK_FILE: &str = "herald.lock";

/// A data folder that nobody else uses while this value lives.
#[derive(Clone)]
pub(crate) struct Locked {
    pub path: PathBuf,
    locks: Arc<Mutex<Locks>>,
}

/// Two locks mean the same: one inside the folder, and one that outlives it should the folder be removed.
struct Locks {
    inside: Option<Lock>,
    outside: Option<Lock>,
    /// The disk keeps none.
    none_inside: bool,
}

/// The data folder of this user, unless one was named. One that cannot be made now may be later: alarms need no disk, and
/// whoever asks the Herald that runs there finds it all the same.
pub(crate) fn resolve(named: Option<PathBuf>) -> anyhow::Result<PathBuf> {
    let path = place(named)?;
    if let Err(error) = files::private_folder(&path) {
        complain(&format!("herald: the data folder {} cannot be made: {error}", path.display()));
    }
    Ok(path.canonicalize().unwrap_or(path))
}

fn place(named: Option<PathBuf>) -> anyhow::Result<PathBuf> {
    let path = match named {
        Some(path) => path,
        None => default().context("there is no home folder; name one with --data-dir")?,
    };
    std::path::absolute(&path).with_context(|| format!("{} is no folder", path.display()))
}

/// Takes the folder, or says that a Herald runs there already.
pub(crate) fn lock(path: &Path) -> anyhow::Result<Option<Locked>> {
    // Alarms need no disk, so a folder that cannot be written to or keeps no locks is taken all the same
    // (faults.md 28).
    let inside = Lock::take(&path.join(LOCK_FILE));
    if matches!(inside, Err(LockError::Held)) {
        return Ok(None);
    }
    let outside = outside(path, "lock").map_err(LockError::from).and_then(|file| Lock::take(&file));
    if matches!(outside, Err(LockError::Held)) {
        return Ok(None);
    }
    let none_inside = matches!(inside, Err(LockError::NoLocks));
    match (inside, outside) {
        (Err(LockError::NoFile(error)), Err(_)) => {
            Err(error).with_context(|| format!("the data folder {} cannot be locked", path.display()))
        }
        // Whoever answers there runs, whatever became of the locks.
        (inside, outside) if !control::answers(path) => {
            let locks = Locks { inside: inside.ok(), outside: outside.ok(), none_inside };
            Ok(Some(Locked { path: path.to_owned(), locks: Arc::new(Mutex::new(locks)) }))
        }
        (Ok(_) | Err(_), Ok(_) | Err(_)) => Ok(None),
    }
}

impl Locked {
    /// What the user is told about the folder's locks.
    pub fn notice(&self) -> Option<String> {
        self.locks().none_inside.then(|| files::NO_LOCKS.to_owned())
    }

    /// Sees to it that a second Herald meets the locks: whoever removes the folder takes them away without a word. Says
    /// what went wrong.
    pub fn keep(&self) -> Result<(), LockError> {
        let mut locks = self.locks();
        let Locks { inside, outside, none_inside } = &mut *locks;
        let again = |held: &mut Option<Lock>, file: &Path| -> Result<(), LockError> {
            if !held.as_ref().is_some_and(Lock::stands) {
                *held = Some(Lock::take(file)?);
            }
            Ok(())
        };
        if let Ok(file) = self::outside(&self.path, "lock") {
            again(outside, &file)?;
        }
        if *none_inside {
            return Ok(());
        }
        files::private_folder(&self.path)?;
        again(inside, &self.path.join(LOCK_FILE))
    }

    /// Where something stirs when a second Herald would not meet the locks, or not find the socket, and when what lies in
    /// the folder may have changed.
    pub fn places(&self) -> Vec<Place> {
        let own = Place { path: self.path.clone(), matters: |name| name == LOCK_FILE || name == control::SOCKET };
        let beside = ["lock", "sock"].into_iter().filter_map(|ending| self::outside(&self.path, ending).ok());
        let beside = beside.map(|path| Place { path, matters: |_| false });
        [own].into_iter().chain(beside).chain(stirs::places(&self.path)).collect()
    }

    fn locks(&self) -> std::sync::MutexGuard<'_, Locks> {
        self.locks.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Locks {
    fn drop(&mut self) {
        // Beside everybody's nothing is left of a folder that may never be used again.
        if let Some(lock) = self.outside.take() {
            lock.end();
        }
    }
}

/// A file of this folder that does not lie in it, for what cannot: in the user's runtime folder.
pub(crate) fn outside(folder: &Path, ending: &str) -> std::io::Result<PathBuf> {
    let mut hasher = DefaultHasher::new();
    folder.hash(&mut hasher);
    let given = folder_from("XDG_RUNTIME_DIR");
    let runtime = given.map_or_else(own_runtime, Ok)?;
    Ok(runtime.join(format!("herald-{:016x}.{ending}", hasher.finish())))
}

/// A runtime folder where the desktop gives none. Everybody may write beside it, so that it must be ours alone.
#[cfg(target_os = "linux")]
fn own_runtime() -> std::io::Result<PathBuf> {
    use std::os::unix::fs::DirBuilderExt as _;
    let me = rustix::process::getuid().as_raw();
    let path = std::env::temp_dir().join(format!("herald-{me}"));
    match fs::DirBuilder::new().mode(0o700).create(&path) {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => return Err(error),
        Ok(()) | Err(_) => {}
    }
    if is_private(&path, me)? { Ok(path) } else { Err(std::io::ErrorKind::PermissionDenied.into()) }
}

/// Elsewhere the folder for temporary files is the user's own.
#[cfg(not(target_os = "linux"))]
fn own_runtime() -> std::io::Result<PathBuf> {
    Ok(std::env::temp_dir())
}

/// Whether this is a folder that nobody but `owner` can look or write into.
#[cfg(target_os = "linux")]
fn is_private(path: &Path, owner: u32) -> std::io::Result<bool> {
    use std::os::unix::fs::MetadataExt as _;
    let found = fs::symlink_metadata(path)?;
    Ok(found.is_dir() && found.uid() == owner && found.mode() & 0o077 == 0)
}

/// The data folder of a Herald that was given none.
pub(crate) fn default() -> Option<PathBuf> {
    let base = if cfg!(target_os = "windows") {
        folder_from("APPDATA")
    } else if cfg!(target_os = "macos") {
        folder_from("HOME").map(|home| home.join("Library/Application Support"))
    } else {
        folder_from("XDG_DATA_HOME").or_else(|| folder_from("HOME").map(|home| home.join(".local/share")))
    };
    base.map(|base| base.join("herald"))
}

/// A folder that the environment names. One that is not absolute counts as none: it would be another in each folder that
/// Herald is started from (XDG Base Directory Specification: "All paths set in these environment variables must be
/// absolute").
pub(crate) fn folder_from(name: &str) -> Option<PathBuf> {
    absolute(std::env::var_os(name)?)
}

fn absolute(named: std::ffi::OsString) -> Option<PathBuf> {
    Some(PathBuf::from(named)).filter(|path| path.is_absolute())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_herald_takes_a_folder_even_where_nothing_can_be_written() {
        let folder = tempfile::tempdir().expect("a folder");
        let first = lock(folder.path()).expect("locks").expect("is free");
        assert!(lock(folder.path()).expect("looks").is_none(), "taken");
        drop(first);
        // What cannot be opened to be written to, whoever one is.
        fs::remove_file(folder.path().join(LOCK_FILE)).expect("ours");
        fs::create_dir(folder.path().join(LOCK_FILE)).expect("a folder");
        let first = lock(folder.path()).expect("locks").expect("is free");
        assert!(lock(folder.path()).expect("looks").is_none(), "taken");
        drop(first);
        let gone = folder.path().join("gone");
        let first = lock(&gone).expect("locks").expect("is free");
        assert!(lock(&gone).expect("looks").is_none(), "taken");
        let beside = outside(&gone, "lock").expect("a place");
        assert!(beside.exists());
        drop(first);
        assert!(!beside.exists(), "nothing stays behind");
    }

    #[test]
    fn a_folder_that_is_removed_or_loses_its_lock_stays_taken() {
        let folder = tempfile::tempdir().expect("a folder");
        let data = folder.path().join("data");
        let path = resolve(Some(data.clone())).expect("made");
        let first = lock(&path).expect("locks").expect("is free");
        for harm in [
            (|path: &Path| fs::remove_file(path.join(LOCK_FILE)).expect("ours")) as fn(&Path),
            |path| fs::remove_dir_all(path).expect("ours"),
            |path| fs::rename(path, path.with_file_name("elsewhere")).expect("ours"),
        ] {
            harm(&path);
            let again = resolve(Some(data.clone())).expect("made again");
            assert!(lock(&again).expect("looks").is_none(), "by the lock outside, before anybody looks");
            fs::remove_dir_all(&path).expect("ours");
            first.keep().expect("taken again");
            assert!(path.join(LOCK_FILE).exists());
            let inside = Lock::take(&path.join(LOCK_FILE));
            assert!(matches!(inside, Err(LockError::Held)), "inside, too");
        }
        drop(first);
        assert!(lock(&path).expect("looks").is_some(), "free again");
    }

    #[test]
    fn folders_that_are_not_absolute_are_none() {
        for (named, expected) in [("/srv/data", true), ("data", false), ("./data", false), ("", false), ("~/x", false)]
        {
            assert_eq!(absolute(named.into()).is_some(), expected && cfg!(unix), "{named}");
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_folder_beside_everybodys_is_trusted_only_when_it_is_mine_alone() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().expect("a folder");
        let me = rustix::process::getuid().as_raw();
        let (mine, link) = (folder.path().join("mine"), folder.path().join("link"));
        fs::create_dir(&mine).and_then(|()| std::os::unix::fs::symlink(&mine, &link)).expect("made");
        for (mode, expected) in [(0o700, true), (0o755, false), (0o770, false)] {
            fs::set_permissions(&mine, fs::Permissions::from_mode(mode)).expect("mine");
            assert_eq!(is_private(&mine, me).ok(), Some(expected), "{mode:o}");
        }
        fs::set_permissions(&mine, fs::Permissions::from_mode(0o700)).expect("mine");
        assert_eq!(is_private(&mine, me + 1).ok(), Some(false), "somebody else's");
        assert_eq!(is_private(&link, me).ok(), Some(false), "a link");
    }
}
