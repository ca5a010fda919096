//! Files that are written whole, or stay as they were before.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

/// Writes a text into a file. Where that fails, what was there before is still there.
///
/// # Errors
/// Why it could not be written.
pub fn save(path: &Path, text: &str) -> io::Result<()> {
    // A device or a pipe cannot be replaced, and holds nothing that could be lost.
    if path.metadata().is_ok_and(|it| !it.is_file()) {
        return fs::write(path, text);
    }
    // Behind a link the file is replaced, not the link.
    let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let unfinished = unfinished(&path);
    let written = write(&unfinished, text).and_then(|()| fs::rename(&unfinished, &path));
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

fn write(path: &Path, text: &str) -> io::Result<()> {
    let mut file = File::create(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_whole_or_as_it_was() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("shift.md");
        save(&path, "first").expect("written");
        save(&path, "second").expect("written over");
        assert_eq!(fs::read_to_string(&path).expect("there"), "second");
        // Nothing can be made beside it, as on a disk that is full.
        fs::create_dir(folder.path().join(".shift.md.part")).expect("in the way");
        save(&path, "third").expect_err("no place");
        assert_eq!(fs::read_to_string(&path).expect("there"), "second", "what was there stays");
        let names = fs::read_dir(folder.path()).expect("there").count();
        assert_eq!(names, 2, "and nothing else is left behind");
        for bad in [folder.path().to_owned(), folder.path().join("no/such"), path.join("below a file")] {
            save(&bad, "x").expect_err("no place");
        }
    }

    #[cfg(unix)]
    #[test]
    fn links_are_followed_and_devices_are_written_to() {
        let folder = tempfile::tempdir().expect("a folder");
        let (path, link) = (folder.path().join("file"), folder.path().join("link"));
        fs::write(&path, "before").expect("written");
        std::os::unix::fs::symlink(&path, &link).expect("linked");
        save(&link, "after").expect("written");
        assert_eq!(fs::read_to_string(&path).expect("there"), "after");
        assert!(link.symlink_metadata().expect("there").is_symlink(), "the link stays one");
        save(Path::new("/dev/null"), "gone").expect("taken");
        if cfg!(target_os = "linux") {
            let full = save(Path::new("/dev/full"), "x").expect_err("a device without room");
            assert_eq!(full.kind(), io::ErrorKind::StorageFull);
        }
    }
}
