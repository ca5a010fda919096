//! What a practice event came to, on its way from the Herald that practised to the one that watches: a file in the
//! other's data folder, taken in when its database has it. Told at least once, and known by its name.
//!
//! While an event is under way, the result it would have if it were left now lies beside it, and a lock says that
//! somebody still plays. The kernel lets go of the lock however the process ends, and then that result is the one.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use herald_core::Training;
use herald_core::training::{Facts, PracticeEvent, Score, score};

use crate::files::{self, Lock, LockError};

/// Where in a data folder they wait.
pub(crate) const FOLDER: &str = "practised";
/// Largest file that is read, in bytes: a long event is far below.
const BYTES_MAX: u64 = 1024 * 1024;
/// Events taken in at once; the rest has its turn at the next look.
const AT_ONCE_MAX: usize = 20;
/// How files end: a result to take in, one that counts if nobody plays on, and the lock of who plays.
const DONE: &str = "json";
const UNDER_WAY: &str = "left";
const LOCK: &str = "lock";
/// On a disk that keeps no locks: whoever plays renews what counts much more often than this.
const LEFT_AFTER: Duration = Duration::from_secs(60);

/// The result of a practice event while it is played, and its way into a training log.
#[derive(Debug)]
pub struct Record {
    event: PracticeEvent,
    /// The data folder of the Herald whose log gets the result.
    folder: Option<PathBuf>,
    playing: Option<Lock>,
    score: Option<Score>,
    saved: bool,
}

impl Record {
    /// The record of an event that begins.
    #[must_use]
    pub fn new(event: PracticeEvent, folder: Option<PathBuf>) -> Self {
        Self { event, folder, playing: None, score: None, saved: false }
    }

    /// The event.
    #[must_use]
    pub fn event(&self) -> &PracticeEvent {
        &self.event
    }

    /// What it came to, once it is ended.
    #[must_use]
    pub fn score(&self) -> Option<&Score> {
        self.score.as_ref()
    }

    /// Whether the result is on its way into the log; absent when no log is to get it.
    #[must_use]
    pub fn saved(&self) -> Option<bool> {
        self.folder.is_some().then_some(self.saved)
    }

    /// Keeps what it comes to if it is left now.
    ///
    /// # Errors
    /// Why it could not be written.
    pub fn keep(&mut self, facts: &Facts) -> io::Result<()> {
        let (Some(folder), None) = (&self.folder, &self.score) else { return Ok(()) };
        let Some(left) = self.event.left(facts) else { return Ok(()) };
        // One whose file was taken away tells nobody anything.
        if !self.playing.as_ref().is_some_and(Lock::stands) {
            self.playing = lock(folder, &self.event.name)?;
        }
        write(folder, &self.event.name, UNDER_WAY, &left)
    }

    /// Ends it: it is measured once, and its result is handed over until that has worked.
    ///
    /// # Errors
    /// Why it could not be written.
    pub fn end(&mut self, facts: &Facts) -> io::Result<()> {
        let score = self.score.get_or_insert_with(|| score(facts)).clone();
        let Some(folder) = self.folder.as_ref().filter(|_| !self.saved) else { return Ok(()) };
        hand_over(folder, &self.event.ended(score))?;
        self.saved = true;
        // What was kept for a leaving is known by the same name, so one that stays is taken in as nothing new.
        for ending in [UNDER_WAY, LOCK] {
            let _ = fs::remove_file(file(folder, &self.event.name, ending));
        }
        self.playing = None;
        Ok(())
    }
}

/// Leaves the result of a practice event in the data folder of another Herald. It is whole, or not there.
///
/// # Errors
/// Why it could not be written.
pub fn hand_over(folder: &Path, training: &Training) -> io::Result<()> {
    let event = training.practised.as_ref().map_or("event", |it| it.event.as_str());
    write(folder, event, DONE, training)
}

fn file(folder: &Path, event: &str, ending: &str) -> PathBuf {
    let name: String = event.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).take(80).collect();
    folder.join(FOLDER).join(format!("{name}.{ending}"))
}

fn write(folder: &Path, event: &str, ending: &str, training: &Training) -> io::Result<()> {
    files::private_folder(&folder.join(FOLDER))?;
    files::save_private(&file(folder, event, ending), &serde_json::to_string_pretty(training)?)
}

/// Takes the lock of an event, or says that somebody has it; nothing where nothing can be locked.
fn lock(folder: &Path, event: &str) -> io::Result<Option<Lock>> {
    files::private_folder(&folder.join(FOLDER))?;
    match Lock::take(&file(folder, event, LOCK)) {
        Ok(lock) => Ok(Some(lock)),
        Err(LockError::NoLocks) => Ok(None),
        Err(LockError::Held) => Err(io::ErrorKind::WouldBlock.into()),
        Err(LockError::NoFile(error)) => Err(error),
    }
}

/// What waits in this data folder, each with its file. What cannot be read is set aside.
pub(crate) fn waiting(folder: &Path) -> Vec<(PathBuf, Training)> {
    let Ok(entries) = fs::read_dir(folder.join(FOLDER)) else { return vec![] };
    let paths = entries.flatten().map(|entry| entry.path());
    let mut paths: Vec<PathBuf> =
        paths.filter(|path| ends(path, DONE) || (ends(path, UNDER_WAY) && is_left(path))).collect();
    paths.sort();
    paths.truncate(AT_ONCE_MAX);
    paths.into_iter().filter_map(|path| Some((path.clone(), read(&path)?))).collect()
}

/// Whether a file of this name, when it comes or goes, says that somebody has ended.
pub(crate) fn says_an_end(name: &str) -> bool {
    ends(Path::new(name), DONE) || ends(Path::new(name), LOCK)
}

fn ends(path: &Path, ending: &str) -> bool {
    path.extension().is_some_and(|it| it == ending)
}

/// Whether nobody plays this event on.
fn is_left(path: &Path) -> bool {
    let renewed = || path.metadata().and_then(|it| it.modified()).ok().and_then(|at| at.elapsed().ok());
    match Lock::is_free(&path.with_extension(LOCK)) {
        Ok(free) => free,
        Err(LockError::NoLocks) => renewed().is_some_and(|ago| ago > LEFT_AFTER),
        Err(LockError::Held | LockError::NoFile(_)) => false,
    }
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
    if ends(path, UNDER_WAY) {
        for beside in [path.with_extension(LOCK), files::unfinished(path)] {
            let _ = fs::remove_file(beside);
        }
    }
}

#[cfg(test)]
mod tests {
    use herald_core::Practised;
    use herald_core::training::{Score, TrainingKind};

    use super::*;

    fn event(name: &str) -> Training {
        let at = "2026-05-06T09:47:32Z".parse().expect("a time");
        let score = Score { began_at: at, ended_at: at, kpis: vec![], timeline: vec![] };
        let practised = Some(Practised { event: name.into(), scenario: "shy-im".into(), score, left_early: false });
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

    fn facts(minutes: i64) -> Facts {
        let began_at: herald_core::Time = "2026-05-06T09:47:32Z".parse().expect("a time");
        Facts {
            began_at,
            ended_at: began_at + chrono::TimeDelta::minutes(minutes),
            target: chrono::TimeDelta::minutes(15),
            pages: vec![],
            incidents: vec![],
            declined: std::collections::BTreeSet::new(),
            handover: herald_core::training::facts::Expected::Missing,
            heard: vec![],
        }
    }

    fn record(folder: Option<&Path>) -> Record {
        let event = PracticeEvent::new("storm", "A storm", facts(0).began_at, 7);
        Record::new(event, folder.map(Into::into))
    }

    /// What waits: how many minutes each event took, and whether it was left early.
    fn told(folder: &Path) -> Vec<(i64, bool)> {
        let told = |it: Training| {
            let practised = it.practised.expect("measured");
            ((practised.score.ended_at - practised.score.began_at).num_minutes(), practised.left_early)
        };
        waiting(folder).into_iter().map(|(_, it)| told(it)).collect()
    }

    #[test]
    fn what_was_left_counts_once_nobody_plays_on() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut playing = record(Some(folder.path()));
        playing.keep(&facts(0)).expect("nothing to keep yet");
        assert!(!folder.path().join(FOLDER).exists(), "a look leaves nothing behind");
        for minutes in [3, 9] {
            playing.keep(&facts(minutes)).expect("kept");
            assert_eq!(told(folder.path()), [], "it is still played");
        }
        // However a process ends, this is what the kernel does.
        drop(playing);
        assert_eq!(told(folder.path()), [(9, true)]);
        let path = waiting(folder.path()).remove(0).0;
        taken_in(&path);
        assert_eq!(fs::read_dir(folder.path().join(FOLDER)).expect("there").count(), 0, "and nothing stays behind");
    }

    #[test]
    fn an_end_takes_the_place_of_what_was_kept() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut playing = record(Some(folder.path()));
        playing.keep(&facts(3)).expect("kept");
        playing.end(&facts(20)).expect("ended");
        playing.keep(&facts(30)).expect("it is over");
        playing.end(&facts(40)).expect("ended again");
        assert_eq!((told(folder.path()), playing.saved()), (vec![(20, false)], Some(true)), "measured once");
        drop(playing);
        assert_eq!(told(folder.path()), [(20, false)]);
    }

    #[test]
    fn an_end_that_could_not_be_saved_is_saved_later() {
        let folder = tempfile::tempdir().expect("a folder");
        let in_the_way = folder.path().join(FOLDER);
        fs::write(&in_the_way, "no folder").expect("written");
        let mut playing = record(Some(folder.path()));
        playing.keep(&facts(3)).expect_err("there is no place");
        playing.end(&facts(20)).expect_err("there is no place");
        assert_eq!((playing.saved(), playing.score().is_some()), (Some(false), true), "and it is measured");
        fs::remove_file(&in_the_way).expect("removed");
        playing.end(&facts(40)).expect("saved");
        assert_eq!(told(folder.path()), [(20, false)], "as it was at its end");
        let mut nowhere = record(None);
        nowhere.keep(&facts(3)).expect("nothing to do");
        nowhere.end(&facts(20)).expect("measured");
        assert_eq!((nowhere.saved(), nowhere.score().is_some()), (None, true));
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
            ("torn-too.left", b"{".to_vec()),
        ] {
            fs::write(inside.join(name), bytes).expect("written");
        }
        assert_eq!(waiting(folder.path()), []);
        let mut left: Vec<String> = fs::read_dir(&inside)
            .expect("there")
            .map(|entry| entry.expect("readable").file_name().to_string_lossy().into_owned())
            .collect();
        left.sort();
        assert_eq!(left, ["bare.unread", "half.part", "huge.unread", "torn-too.unread", "torn.unread"]);
    }
}
