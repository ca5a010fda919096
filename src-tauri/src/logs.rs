//! Log files: one a day inside the data folder, two weeks of them; no secrets, and no titles above `debug`.

use std::path::Path;

use tracing_appender::non_blocking::WorkerGuard;
use tracing_appender::rolling::{RollingFileAppender, Rotation};
use tracing_subscriber::EnvFilter;

/// Days that logs are kept.
const KEPT_DAYS: usize = 14;
/// The file name before the day.
const PREFIX: &str = "herald.log";

/// Starts to log into `folder`. Logging ends when the guard is dropped. A folder that cannot be written to leaves
/// Herald without logs, not without alarms.
pub(crate) fn start(folder: &Path) -> Option<WorkerGuard> {
    let logs = folder.join("logs");
    // The appender complains on the terminal about a folder that is not there yet, and makes it then.
    let _ = std::fs::create_dir_all(&logs);
    prune(&logs);
    let appender = RollingFileAppender::builder()
        .rotation(Rotation::DAILY)
        .filename_prefix(PREFIX)
        .max_log_files(KEPT_DAYS)
        .build(&logs)
        .ok()?;
    let (writer, guard) = tracing_appender::non_blocking(appender);
    let filter =
        EnvFilter::try_from_env("HERALD_LOG").unwrap_or_else(|_| EnvFilter::new("warn,herald=info,herald_engine=info"));
    let started = tracing_subscriber::fmt().with_writer(writer).with_ansi(false).with_env_filter(filter).try_init();
    started.ok().map(|()| guard)
}

/// Deletes the oldest files beyond the limit; the appender itself does so only when a day ends.
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
