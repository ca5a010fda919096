//! Files are whole or as before, and nothing is written through a link.

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

#[cfg(unix)]
#[test]
fn nothing_is_written_through_a_link_that_was_laid_under_the_temporary_name() {
    let folder = tempfile::tempdir().expect("a folder");
    let (path, other) = (folder.path().join("export.csv"), folder.path().join("precious"));
    fs::write(&other, "precious").expect("written");
    for write in [save as fn(&Path, &str) -> io::Result<()>, save_private] {
        std::os::unix::fs::symlink(&other, unfinished(&path)).expect("laid");
        write(&path, "rows").expect("written");
        assert_eq!(fs::read_to_string(&other).expect("there"), "precious", "somebody else's file");
        assert_eq!(fs::read_to_string(&path).expect("there"), "rows");
        assert!(!path.symlink_metadata().expect("there").is_symlink(), "and a file of its own");
        fs::remove_file(&path).expect("ours");
    }
    fs::write(unfinished(&path), "half of an earlier try").expect("written");
    save(&path, "rows").expect("written");
    assert!(!unfinished(&path).exists(), "nothing stays behind");
}

#[cfg(unix)]
#[test]
fn what_is_herald_s_is_its_user_s_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().expect("a folder");
    let mode = |path: &Path| path.metadata().expect("there").permissions().mode() & 0o777;
    let (inside, file) = (folder.path().join("a/b"), folder.path().join("a/b/file"));
    private_folder(&inside).expect("made");
    save_private(&file, "x").expect("written");
    assert_eq!((mode(&inside), mode(&file)), (0o700, 0o600));
    fs::set_permissions(&inside, fs::Permissions::from_mode(0o755)).expect("ours");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).expect("ours");
    private_folder(&inside).expect("there already");
    private_file(&file);
    assert_eq!((mode(&inside), mode(&file)), (0o700, 0o600), "of an earlier Herald, too");
    let lock = Lock::take(&inside.join("lock")).expect("free");
    assert_eq!(mode(&inside.join("lock")), 0o600);
    drop(lock);
}

#[test]
fn a_lock_whose_file_is_taken_away_or_replaced_does_not_stand() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("lock");
    let first = Lock::take(&path).expect("free");
    assert!(first.stands() && matches!(Lock::take(&path), Err(LockError::Held)));
    fs::remove_file(&path).expect("ours");
    assert!(!first.stands(), "nobody finds it");
    fs::write(&path, "").expect("written");
    assert!(!first.stands(), "whoever comes finds another file");
    let second = Lock::take(&path).expect("the other file is free");
    drop(first);
    assert!(second.stands());
    second.end();
    assert!(!path.exists());
}

#[test]
fn text_is_read_with_and_without_the_marks_of_editors() {
    let wide = |unit: fn(u16) -> [u8; 2]| "\u{feff}kéy".encode_utf16().flat_map(unit).collect::<Vec<u8>>();
    for bytes in
        ["kéy".as_bytes().to_vec(), "\u{feff}kéy".as_bytes().to_vec(), wide(u16::to_le_bytes), wide(u16::to_be_bytes)]
    {
        assert_eq!(text_of(&bytes).as_deref(), Ok("kéy"), "{bytes:?}");
    }
    for bytes in [&[0xff][..], &[0xff, 0xfe, b'k'], &[0xff, 0xfe, 0x00, 0xd8]] {
        assert_eq!(text_of(bytes), Err(NoText), "{bytes:?}");
    }
    assert_eq!(text_of(b"").as_deref(), Ok(""));
}
