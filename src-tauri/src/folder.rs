//! The data folder: where it is, and the lock that makes one Herald of it.

use std::fs::{self, File, TryLockError};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::{Path, PathBuf};

use anyhow::Context as _;

/// The file whose lock says that a Herald runs here. The kernel lets go of it when the process ends, however it
/// ends, so there is never a stale one (FAULTS 40).
pub(crate) const LOCK_FILE: &str = "herald.lock";

/// A data folder that nobody else uses while this value lives.
pub(crate) struct Locked {
    pub path: PathBuf,
    _lock: File,
}

/// The data folder of this user, unless one was named.
pub(crate) fn resolve(named: Option<PathBuf>) -> anyhow::Result<PathBuf> {
    let path = match named {
        Some(path) => path,
        None => default().context("there is no home folder; name one with --data-dir")?,
    };
    make_private(&path).with_context(|| format!("the data folder {} cannot be made", path.display()))?;
    Ok(path.canonicalize().unwrap_or(path))
}

/// Takes the folder, or says that a Herald runs there already.
pub(crate) fn lock(path: &Path) -> anyhow::Result<Option<Locked>> {
    let file = lock_file(path).with_context(|| format!("the data folder {} cannot be locked", path.display()))?;
    match file.try_lock() {
        Ok(()) => Ok(Some(Locked { path: path.to_owned(), _lock: file })),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => Err(error).context("the data folder cannot be locked"),
    }
}

/// The file to lock. Alarms need no disk, so a folder that cannot be written to is locked all the same (FAULTS 28).
fn lock_file(folder: &Path) -> std::io::Result<File> {
    let inside = folder.join(LOCK_FILE);
    let writable = |path: &Path| File::options().create(true).truncate(false).write(true).open(path);
    writable(&inside).or_else(|_| File::open(&inside)).or_else(|_| writable(&outside(folder, "lock")?))
}

/// A file of this folder that does not lie in it, for what cannot: in the user's runtime folder.
pub(crate) fn outside(folder: &Path, ending: &str) -> std::io::Result<PathBuf> {
    let mut hasher = DefaultHasher::new();
    folder.hash(&mut hasher);
    let given = std::env::var_os("XDG_RUNTIME_DIR").filter(|it| !it.is_empty()).map(PathBuf::from);
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
    let env = |name: &str| std::env::var_os(name).filter(|it| !it.is_empty()).map(PathBuf::from);
    let base = if cfg!(target_os = "windows") {
        env("APPDATA")
    } else if cfg!(target_os = "macos") {
        env("HOME").map(|home| home.join("Library/Application Support"))
    } else {
        env("XDG_DATA_HOME").or_else(|| env("HOME").map(|home| home.join(".local/share")))
    };
    base.map(|base| base.join("herald"))
}

fn make_private(path: &Path) -> std::io::Result<()> {
    fs::create_dir_all(path)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        // A folder that cannot be made private, such as one on a read-only disk, is still better than no alarm.
        let _ = fs::set_permissions(path, fs::Permissions::from_mode(0o700));
    }
    Ok(())
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
        drop(first);
        fs::remove_file(outside(&gone, "lock").expect("a place")).expect("ours");
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
