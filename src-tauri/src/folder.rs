//! The data folder: where it is, and the lock that makes one Herald of it.

use std::fs::{self, File, TryLockError};
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
    let file = File::options().create(true).truncate(false).write(true).open(path.join(LOCK_FILE));
    let file = file.with_context(|| format!("the data folder {} cannot be written", path.display()))?;
    match file.try_lock() {
        Ok(()) => Ok(Some(Locked { path: path.to_owned(), _lock: file })),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => Err(error).context("the data folder cannot be locked"),
    }
}

fn default() -> Option<PathBuf> {
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
