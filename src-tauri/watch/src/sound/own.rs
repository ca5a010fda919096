//! The user's own sound files: read beside the thread that plays, which a disk that hangs must not silence.

use std::collections::BTreeMap;
use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use herald_core::{Settings, Sound};

/// Largest own file, in bytes: half a minute as a CD holds it.
const FILE_BYTES_MAX: u64 = 8 * 1024 * 1024;
/// How long a file may take to be read before that is told.
const READ_MAX: Duration = Duration::from_secs(5);

/// A file as it was read, or what is wrong with it.
type Contents = Result<Arc<[u8]>, String>;

/// What the user chose, and what is in it.
#[derive(Clone, Default)]
pub(super) struct OwnSounds(Arc<Mutex<BTreeMap<Sound, Own>>>);

struct Own {
    path: PathBuf,
    begun: Instant,
    /// Absent while it is being read.
    contents: Option<Contents>,
}

impl OwnSounds {
    /// Takes over which files the user chose, and begins to read those that are new.
    pub fn choose(&self, settings: &Settings) {
        let chosen = settings.sounds.iter().filter_map(|(sound, choice)| Some((*sound, choice.file.clone()?.into())));
        let chosen: BTreeMap<Sound, PathBuf> = chosen.collect();
        self.lock().retain(|sound, own| chosen.get(sound) == Some(&own.path));
        for (sound, path) in chosen {
            if !self.lock().contains_key(&sound) {
                self.read(sound, path);
            }
        }
    }

    /// What to play; absent when the user chose nothing, or it is still being read. A file that could not be read is
    /// tried again for the next time.
    pub fn get(&self, sound: Sound) -> Option<Contents> {
        let (path, contents) = {
            let own = self.lock();
            let own = own.get(&sound)?;
            if own.contents.is_none() && own.begun.elapsed() >= READ_MAX {
                return Some(Err(fault(&own.path, "is not answered for by its disk")));
            }
            (own.path.clone(), own.contents.clone()?)
        };
        if contents.is_err() {
            self.read(sound, path);
        }
        Some(contents)
    }

    fn read(&self, sound: Sound, path: PathBuf) {
        self.lock().insert(sound, Own { path: path.clone(), begun: Instant::now(), contents: None });
        let all = self.clone();
        let reading = std::thread::Builder::new().name("own sound".into()).spawn(move || {
            let contents = load(&path);
            if let Some(own) = all.lock().get_mut(&sound).filter(|own| own.path == path) {
                own.contents = Some(contents);
            }
        });
        if let Err(error) = reading {
            tracing::error!(%error, "an own sound is not read");
        }
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<Sound, Own>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What is wrong with an own file, for the user.
pub(super) fn fault(path: &Path, why: &str) -> String {
    format!("{} {why}; Herald's own sound is played instead. Choose another file.", path.display())
}

fn load(path: &Path) -> Contents {
    // Asked before it is opened: a pipe would wait for somebody who writes.
    match fs::metadata(path) {
        Ok(found) if !found.is_file() => Err(fault(path, "is no file with a sound")),
        Ok(found) if found.len() > FILE_BYTES_MAX => Err(fault(path, "is larger than 8 MiB")),
        Ok(_) => {
            let mut bytes = vec![];
            let read = fs::File::open(path).and_then(|file| file.take(FILE_BYTES_MAX).read_to_end(&mut bytes));
            read.map(|_| bytes.into()).map_err(|_| fault(path, "cannot be read"))
        }
        Err(_) => Err(fault(path, "cannot be read")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_file_of_a_sensible_size_is_read() {
        let folder = tempfile::tempdir().expect("a folder");
        let sound = folder.path().join("sound.wav");
        fs::write(&sound, b"RIFF").expect("written");
        assert_eq!(load(&sound).as_deref(), Ok(b"RIFF".as_slice()));
        let large = folder.path().join("large.wav");
        fs::File::create(&large).and_then(|file| file.set_len(FILE_BYTES_MAX + 1)).expect("made");
        for (path, why) in [
            (large, "larger"),
            (folder.path().to_owned(), "no file"),
            (PathBuf::from("/dev/zero"), "no file"),
            (folder.path().join("gone.wav"), "cannot be read"),
        ] {
            let said = load(&path).expect_err("no sound");
            assert!(said.contains(why) && said.contains("Choose another file"), "{said}");
        }
    }
}
