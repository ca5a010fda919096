//! Tests that this computer does not allow: told past the test harness, which keeps what a passing test prints.

use std::io::Write as _;

/// Says that this test was not run, and why. The checks count such lines in their summary.
pub fn skipped(why: &str) {
    let test = std::thread::current().name().unwrap_or("a test").to_owned();
    // Who cannot be told of it has no summary either.
    let _ = writeln!(std::io::stderr(), "SKIPPED {test}: {why}");
}

/// What was made for a test, told where it could not be made.
pub fn made<T>(made: Option<T>, what: &str) -> Option<T> {
    if made.is_none() {
        skipped(what);
    }
    made
}
