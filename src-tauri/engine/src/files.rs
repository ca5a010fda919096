//! Files that are written whole, or stay as they were before; and what else holds for every file that Herald writes.

mod identity;
mod lock;
mod text;

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

pub use self::identity::{Identity, Look};
pub use self::lock::{Lock, LockError, NO_LOCKS};
pub use self::text::{NoText, text_of};

/// Who may read what is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum For {
    /// The user alone, whatever the umask says.
    Me,
    /// Whom the umask lets.
    Umask,
}

/// Writes a text into a file that the user chose. Where that fails, what was there before is still there.
///
/// # Errors
/// Why it could not be written.
pub fn save(path: &Path, text: &str) -> io::Result<()> {
    save_for(For::Umask, path, text)
}

/// The same for a file of Herald's own, which nobody else reads.
///
/// # Errors
/// Why it could not be written.
pub fn save_private(path: &Path, text: &str) -> io::Result<()> {
    save_for(For::Me, path, text)
}

fn save_for(whom: For, path: &Path, text: &str) -> io::Result<()> {
    // A device or a pipe cannot be replaced, and holds nothing that could be lost.
    if path.metadata().is_ok_and(|it| !it.is_file()) {
        return fs::write(path, text);
    }
    // Behind a link the file is replaced, not the link.
    let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let unfinished = unfinished(&path);
    let mut file = begin(whom, &unfinished)?;
    let written = file.write_all(text.as_bytes()).and_then(|()| file.sync_all());
    drop(file);
    let written = written.and_then(|()| fs::rename(&unfinished, &path));
    if written.is_err() {
        let _ = fs::remove_file(&unfinished);
    }
    // Where folders can be synchronized, the new name is on disk, too.
    let _ = path.parent().map(|folder| File::open(folder).and_then(|it| it.sync_all()));
    written
}

/// Where a file is written before it takes its place.
pub(crate) fn unfinished(path: &Path) -> PathBuf {
    let mut name = OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(".part");
    path.with_file_name(name)
}

/// Begins an own file under a temporary name. What lies there was left by a try that was cut short, or was laid there by
/// somebody: it is taken away, never written through, and a link is not followed.
pub(crate) fn begin_private(path: &Path) -> io::Result<File> {
    begin(For::Me, path)
}

fn begin(whom: For, path: &Path) -> io::Result<File> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        Ok(()) | Err(_) => {}
    }
    let mut options = File::options();
    options.write(true).create_new(true);
    match whom {
        For::Me => private(&mut options).open(path),
        For::Umask => options.open(path),
    }
}

/// Lets what is created be read by its user alone.
pub fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    options
}

/// Makes a folder that nobody else can look into, whatever the umask says; also of one that is there.
///
/// # Errors
/// Why it could not be made. One that cannot be made private, as on a read-only disk, is better than none.
pub fn private_folder(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt as _;
        builder.mode(0o700);
    }
    // Folders around it are not Herald's alone.
    if let Some(around) = path.parent() {
        fs::create_dir_all(around)?;
    }
    builder.create(path)?;
    keep_private(path, 0o700);
    Ok(())
}

/// Takes an own file that is there, such as one of an earlier Herald, away from everybody else's eyes.
pub(crate) fn private_file(path: &Path) {
    keep_private(path, 0o600);
}

#[cfg(unix)]
fn keep_private(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt as _;
    let open = fs::metadata(path).is_ok_and(|it| it.permissions().mode() & 0o777 != mode);
    if open {
        // Where that cannot be changed, Herald runs all the same.
        let _ = fs::set_permissions(path, fs::Permissions::from_mode(mode));
    }
}

#[cfg(not(unix))]
fn keep_private(_path: &Path, _mode: u32) {}

#[cfg(test)]
mod tests;
