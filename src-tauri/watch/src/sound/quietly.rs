//! Sound libraries write on the terminal what they could not open, line by line, whoever asked. What matters of it is the
//! answer, which Herald puts into words itself.

/// Does something while nothing reaches standard error.
#[cfg(target_os = "linux")]
pub(super) fn quietly<T>(act: impl FnOnce() -> T) -> T {
    use std::sync::{Mutex, PoisonError};

    use rustix::stdio::dup2_stderr;

    // Two that did this at once would give each other's silence back.
    static ONE: Mutex<()> = Mutex::new(());
    let _one = ONE.lock().unwrap_or_else(PoisonError::into_inner);
    let nowhere = std::fs::File::options().write(true).open("/dev/null");
    let before = rustix::io::fcntl_dupfd_cloexec(rustix::stdio::stderr(), 3);
    let silent = nowhere.is_ok_and(|nowhere| before.is_ok() && dup2_stderr(&nowhere).is_ok());
    let done = act();
    if let Ok(before) = before.as_ref()
        && silent
    {
        let _ = dup2_stderr(before);
    }
    done
}

/// Elsewhere they say nothing.
#[cfg(not(target_os = "linux"))]
pub(super) fn quietly<T>(act: impl FnOnce() -> T) -> T {
    act()
}
