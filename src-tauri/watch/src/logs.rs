//! Log files: one a day inside the data folder, two weeks of them; no secrets, and no titles above `debug`.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use herald_engine::clock::wall_now;
use herald_engine::files;
use tracing_appender::non_blocking::{ErrorCounter, NonBlockingBuilder, WorkerGuard};
use tracing_subscriber::EnvFilter;

/// Days that logs are kept.
const KEPT_DAYS: usize = 14;
/// The file name before the day.
const PREFIX: &str = "herald.log";
/// Lines that wait for the disk; more are dropped. Room for each is taken at once, and the usual number takes 4 MB.
const WAITING_MAX: usize = 4_000;
/// How often is looked whether the day's file is still the one that is written to.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Lines that the disk refused.
static REFUSED: AtomicUsize = AtomicUsize::new(0);
/// Lines that it was too slow for.
static DROPPED: OnceLock<ErrorCounter> = OnceLock::new();

/// Lines that were to be logged since the start, and were not.
pub(crate) fn lost() -> usize {
    REFUSED.load(Ordering::Relaxed) + DROPPED.get().map_or(0, ErrorCounter::dropped_lines)
}

/// Starts to log into `folder`. Logging ends when the guard is dropped. While the folder cannot be written to, Herald is
/// without logs, not without alarms.
pub(crate) fn start(folder: &Path) -> Option<WorkerGuard> {
    let daily = Daily { logs: folder.join("logs"), open: None };
    let (writer, guard) = NonBlockingBuilder::default().buffered_lines_limit(WAITING_MAX).finish(daily);
    let _first = DROPPED.set(writer.error_counter());
    let filter =
        EnvFilter::try_from_env("HERALD_LOG").unwrap_or_else(|_| EnvFilter::new("warn,herald=info,herald_engine=info"));
    let started = tracing_subscriber::fmt().with_writer(writer).with_ansi(false).with_env_filter(filter).try_init();
    started.ok().map(|()| guard)
}

/// Writes into the file of the day, and into a new one when that is taken away.
struct Daily {
    logs: PathBuf,
    open: Option<Open>,
}

struct Open {
    file: File,
    looked_at: Instant,
}

impl Daily {
    fn file(&mut self) -> io::Result<&mut File> {
        let known = self.open.take().filter(|open| open.looked_at.elapsed() < LOOK_EVERY);
        let open = match known {
            Some(open) => open,
            None => self.opened()?,
        };
        Ok(&mut self.open.insert(open).file)
    }

    fn opened(&self) -> io::Result<Open> {
        files::private_folder(&self.logs)?;
        let path = self.logs.join(format!("{PREFIX}.{}", wall_now().format("%Y-%m-%d")));
        let new = !path.exists();
        let file = files::private(File::options().create(true).append(true)).open(&path)?;
        if new {
            prune(&self.logs);
        }
        Ok(Open { file, looked_at: Instant::now() })
    }
}

impl Write for Daily {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let written = self.file().and_then(|file| file.write(line));
        if written.is_err() {
            REFUSED.fetch_add(1, Ordering::Relaxed);
        }
        written
    }

    fn flush(&mut self) -> io::Result<()> {
        self.open.as_mut().map_or(Ok(()), |open| open.file.flush())
    }
}

/// Deletes the oldest files beyond the limit.
fn prune(logs: &Path) {
    let entries = std::fs::read_dir(logs).into_iter().flatten().flatten();
    let mut files: Vec<_> = entries
        .map(|entry| entry.path())
        .filter(|path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(PREFIX)))
        .collect();
    files.sort();
    let old = files.len().saturating_sub(KEPT_DAYS);
    for file in &files[..old] {
        let _ = std::fs::remove_file(file);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_logged_is_found_also_after_the_files_were_taken_away() {
        let folder = tempfile::tempdir().expect("a folder");
        let logs = folder.path().join("logs");
        let mut daily = Daily { logs: logs.clone(), open: None };
        let read = || {
            let entries = std::fs::read_dir(&logs).expect("there").flatten();
            entries.map(|it| std::fs::read_to_string(it.path()).expect("text")).collect::<String>()
        };
        let write = |daily: &mut Daily, text: &str| {
            // As if the last look were a while ago.
            daily.open.iter_mut().for_each(|open| open.looked_at -= LOOK_EVERY);
            daily.write_all(text.as_bytes())
        };
        write(&mut daily, "one ").and_then(|()| write(&mut daily, "two ")).expect("written");
        assert_eq!(read(), "one two ");
        std::fs::remove_dir_all(&logs).expect("ours");
        write(&mut daily, "three ").expect("written");
        assert_eq!(read(), "three ", "in a new file");
        std::fs::remove_dir_all(&logs).and_then(|()| std::fs::write(&logs, "in the way")).expect("ours");
        let before = lost();
        write(&mut daily, "lost ").expect_err("no place");
        assert!(lost() > before, "and it is known");
        std::fs::remove_file(&logs).expect("ours");
        write(&mut daily, "four ").expect("written");
        assert_eq!(read(), "four ", "once there is a place again");
    }

    #[test]
    fn two_weeks_of_logs_are_kept() {
        let folder = tempfile::tempdir().expect("a folder");
        for day in 1..=20 {
            std::fs::write(folder.path().join(format!("{PREFIX}.2026-01-{day:02}")), "").expect("written");
        }
        let mut daily = Daily { logs: folder.path().to_owned(), open: None };
        daily.write_all(b"today").expect("written");
        assert_eq!(std::fs::read_dir(folder.path()).expect("there").count(), KEPT_DAYS);
        assert!(!folder.path().join(format!("{PREFIX}.2026-01-07")).exists(), "the oldest go");
    }
}
