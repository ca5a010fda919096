//! What a practice event came to, on its way from the Herald that practised to the one that watches: a file in the
//! other's data folder, taken in when its database has it. Told at least once, and known by its name.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use herald_core::Training;

/// Where in a data folder they wait.
const FOLDER: &str = "practised";
/// Largest file that is read, in bytes: a long event is far below.
const BYTES_MAX: u64 = 1024 * 1024;
/// Events taken in at once; the rest has its turn at the next look.
const AT_ONCE_MAX: usize = 20;

/// Leaves the result of a practice event in the data folder of another Herald. It is whole, or not there.
///
/// # Errors
/// Why it could not be written.
pub fn hand_over(folder: &Path, training: &Training) -> io::Result<()> {
    let event = training.practised.as_ref().map_or("event", |it| it.event.as_str());
    let name: String = event.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).take(80).collect();
    let folder = folder.join(FOLDER);
    fs::create_dir_all(&folder)?;
    let unfinished = folder.join(format!("{name}.part"));
    let mut file = File::create(&unfinished)?;
    file.write_all(&serde_json::to_vec_pretty(training)?)?;
    file.sync_all()?;
    fs::rename(unfinished, folder.join(format!("{name}.json")))?;
    // Where folders can be synchronized, the new name is on disk, too.
    let _ = File::open(&folder).and_then(|it| it.sync_all());
    Ok(())
}

/// What waits in this data folder, each with its file. What cannot be read is set aside.
pub(crate) fn waiting(folder: &Path) -> Vec<(PathBuf, Training)> {
    let Ok(entries) = fs::read_dir(folder.join(FOLDER)) else { return vec![] };
    let paths = entries.flatten().map(|entry| entry.path());
    let mut paths: Vec<PathBuf> = paths.filter(|path| path.extension().is_some_and(|it| it == "json")).collect();
    paths.sort();
    paths.truncate(AT_ONCE_MAX);
    paths.into_iter().filter_map(|path| Some((path.clone(), read(&path)?))).collect()
}

fn read(path: &Path) -> Option<Training> {
    let fits = path.metadata().is_ok_and(|file| file.len() <= BYTES_MAX);
    let training =
        fs::read(path).ok().filter(|_| fits).and_then(|bytes| serde_json::from_slice::<Training>(&bytes).ok());
    let sound = training.filter(|it| it.practised.is_some());
    if sound.is_none() {
        tracing::warn!(path = %path.display(), "the result of a practice event cannot be read");
        let _ = fs::rename(path, path.with_extension("unread"));
    }
    sound
}

/// It is in the database.
pub(crate) fn taken_in(path: &Path) {
    let _ = fs::remove_file(path);
}

#[cfg(test)]
mod tests {
    use herald_core::Practised;
    use herald_core::training::{Score, TrainingKind};

    use super::*;

    fn event(name: &str) -> Training {
        let at = "2026-05-06T09:47:32Z".parse().expect("a time");
        let score = Score { began_at: at, ended_at: at, kpis: vec![], timeline: vec![] };
        let practised = Some(Practised { event: name.into(), scenario: "shy-im".into(), score });
        Training { at, kind: TrainingKind::Practice, title: "t".into(), notes: String::new(), practised }
    }

    #[test]
    fn it_waits_until_it_is_taken_in() {
        let folder = tempfile::tempdir().expect("a folder");
        assert_eq!(waiting(folder.path()), []);
        for name in ["../b", "a 1", "a 1"] {
            hand_over(folder.path(), &event(name)).expect("written");
        }
        let found = waiting(folder.path());
        let titles: Vec<&str> =
            found.iter().filter_map(|(_, it)| it.practised.as_ref().map(|it| it.event.as_str())).collect();
        assert_eq!(titles, ["../b", "a 1"], "each once, inside the folder");
        taken_in(&found[0].0);
        assert_eq!(waiting(folder.path()).len(), 1);
    }

    #[test]
    fn what_is_no_result_is_set_aside() {
        let folder = tempfile::tempdir().expect("a folder");
        let inside = folder.path().join(FOLDER);
        fs::create_dir_all(&inside).expect("made");
        let bare = Training { practised: None, ..event("x") };
        for (name, bytes) in [
            ("torn.json", b"{\"at\":".to_vec()),
            ("huge.json", vec![b' '; usize::try_from(BYTES_MAX).expect("small") + 1]),
            ("bare.json", serde_json::to_vec(&bare).expect("JSON")),
            ("half.part", b"{".to_vec()),
        ] {
            fs::write(inside.join(name), bytes).expect("written");
        }
        assert_eq!(waiting(folder.path()), []);
        let mut left: Vec<String> = fs::read_dir(&inside)
            .expect("there")
            .map(|entry| entry.expect("readable").file_name().to_string_lossy().into_owned())
            .collect();
        left.sort();
        assert_eq!(left, ["bare.unread", "half.part", "huge.unread", "torn.unread"]);
    }
}
