//! Waiting for a condition with a deadline, so that no test guesses how long something takes.

use std::time::{Duration, Instant};

use anyhow::{Result, anyhow};

/// How often a condition is looked at: short against what a person notices, long against what a look costs.
const LOOK_EVERY: Duration = Duration::from_millis(15);

/// The usual deadline: far above what a loaded machine with two cores needs, so reaching it means a fault.
pub const SOON: Duration = Duration::from_secs(30);

/// No person presses a button sooner than this after seeing it.
pub const HUMAN: Duration = Duration::from_millis(100);

/// Waits until `condition` yields a value.
///
/// `Ok(None)` and errors both mean "not yet"; the last error is part of the message when the deadline passes.
///
/// # Errors
/// When the deadline passes first.
pub async fn until<T>(
    what: &str,
    deadline: Duration,
    mut condition: impl AsyncFnMut() -> Result<Option<T>>,
) -> Result<T> {
    let end = Instant::now() + deadline;
    let mut ticks = tokio::time::interval(LOOK_EVERY);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut last = Some(anyhow!("the first look did not return"));
    loop {
        ticks.tick().await;
        // A condition that hangs (a call nobody answers) must not outlive the deadline either.
        let left = end.saturating_duration_since(Instant::now()).max(LOOK_EVERY);
        match tokio::time::timeout(left, condition()).await {
            Ok(Ok(Some(value))) => return Ok(value),
            Ok(Ok(None)) => last = None,
            Ok(Err(error)) => last = Some(error),
            // Cut off by the deadline: the look before says more.
            Err(_) => {}
        }
        if Instant::now() >= end {
            let message = format!("waited {deadline:?} for {what}");
            return Err(match last {
                Some(error) => error.context(message),
                None => anyhow!(message),
            });
        }
    }
}

/// Waits until `condition` is true.
///
/// # Errors
/// When the deadline passes first.
pub async fn until_true(what: &str, deadline: Duration, mut condition: impl FnMut() -> bool) -> Result<()> {
    until(what, deadline, async || Ok(condition().then_some(()))).await
}

/// Checks that `condition` stays true for the whole `period`: for things that must *not* happen.
///
/// # Errors
/// As soon as the condition is false.
pub async fn holds(what: &str, period: Duration, mut condition: impl FnMut() -> bool) -> Result<()> {
    let end = Instant::now() + period;
    let mut ticks = tokio::time::interval(LOOK_EVERY);
    while Instant::now() < end {
        ticks.tick().await;
        if !condition() {
            return Err(anyhow!("{what}: stopped being true within {period:?}"));
        }
    }
    Ok(())
}

/// Waits until `since` lies `age` back.
pub async fn until_age(since: Instant, age: Duration) {
    let mut end = tokio::time::interval_at((since + age).into(), LOOK_EVERY);
    end.tick().await;
}

/// Blocks until `condition` is true or `deadline` has passed, and says which: for `Drop`, which cannot await.
pub fn blocking(deadline: Duration, mut condition: impl FnMut() -> bool) -> bool {
    let end = Instant::now() + deadline;
    loop {
        if condition() {
            return true;
        }
        if Instant::now() >= end {
            return false;
        }
        std::thread::park_timeout(LOOK_EVERY);
    }
}
