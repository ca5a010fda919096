//! The system keychain: the only place where a key rests.

use std::path::Path;
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use secrecy::{ExposeSecret as _, SecretString};
use tokio::sync::{Semaphore, oneshot};
use tokio::time::timeout;

/// The service name under which keychains list Herald's entries.
const SERVICE: &str = "herald";
/// Longest wait for a keychain: one that asks its user may never answer (faults.md 36).
const WAIT_MAX: Duration = Duration::from_secs(5);

/// How long a keychain that was locked, or whose question was dismissed, is left alone unless the user wants something.
const REST: Duration = Duration::from_secs(5 * 60);
/// A failure that took so long was most likely a question to the user.
const QUESTION_MIN: Duration = Duration::from_secs(1);

/// The way to the one keychain of this desktop.
static DOOR: LazyLock<Door> = LazyLock::new(Door::default);

/// Why the keychain could not be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeychainError {
    /// There is none on this desktop.
    #[error("no system keychain is running")]
    None,
    /// It is locked, or asks its user and gets no answer.
    #[error("the system keychain is locked or does not answer")]
    Locked,
    /// It holds no such entry.
    #[error("the system keychain holds no key for Herald")]
    NoEntry,
    /// Anything else.
    #[error("the system keychain failed: {0}")]
    Other(String),
}

/// One entry of the keychain, told apart by the data folder: another folder is another Herald.
#[derive(Clone, Debug)]
pub struct Keychain {
    user: String,
}

impl Keychain {
    /// The entry for `what` of the Herald in `folder`.
    #[must_use]
    pub fn entry(what: &str, folder: &Path) -> Self {
        Self { user: format!("{what} {}", folder.display()) }
    }

    /// Keeps the secret.
    ///
    /// # Errors
    /// When it could not be kept.
    pub async fn set(&self, secret: SecretString) -> Result<(), KeychainError> {
        ask_again();
        self.run(move |entry| entry.set_password(secret.expose_secret())).await
    }

    /// Fetches the secret.
    ///
    /// # Errors
    /// When there is none or it cannot be reached.
    pub async fn get(&self) -> Result<SecretString, KeychainError> {
        self.run(|entry| entry.get_password().map(SecretString::from)).await
    }

    /// Removes the secret; none there is as good.
    ///
    /// # Errors
    /// When the keychain cannot be reached.
    pub async fn delete(&self) -> Result<(), KeychainError> {
        ask_again();
        match self.run(|entry| entry.delete_credential()).await {
            Err(KeychainError::NoEntry) | Ok(()) => Ok(()),
            Err(error) => Err(error),
        }
    }

    async fn run<T: Send + 'static>(
        &self,
        act: impl FnOnce(keyring_core::Entry) -> keyring::Result<T> + Send + 'static,
    ) -> Result<T, KeychainError> {
        let user = self.user.clone();
        DOOR.go(WAIT_MAX, move || open(&user).and_then(act).map_err(|error| sort(&error))).await
    }
}

/// The user wants something, so that a keychain that was left alone may ask for its password again.
pub(crate) fn ask_again() {
    *DOOR.rest() = None;
}

/// Lets one call at a time to the keychain, each on a thread of its own: one that asks its user may never answer, and
/// must take neither the threads that look up names nor the end of the process with it.
#[derive(Clone)]
struct Door {
    turn: Arc<Semaphore>,
    /// Since when it is left alone.
    rest: Arc<Mutex<Option<Instant>>>,
}

impl Default for Door {
    fn default() -> Self {
        Self { turn: Arc::new(Semaphore::new(1)), rest: Arc::default() }
    }
}

impl Door {
    async fn go<T: Send + 'static>(
        &self,
        wait: Duration,
        act: impl FnOnce() -> Result<T, KeychainError> + Send + 'static,
    ) -> Result<T, KeychainError> {
        timeout(wait, self.take_turn(act)).await.unwrap_or(Err(KeychainError::Locked))
    }

    async fn take_turn<T: Send + 'static>(
        &self,
        act: impl FnOnce() -> Result<T, KeychainError> + Send + 'static,
    ) -> Result<T, KeychainError> {
        let ended = || KeychainError::Other("it ended unexpectedly".into());
        let turn = Arc::clone(&self.turn).acquire_owned().await.map_err(|_| ended())?;
        // Whoever waited for a question that was dismissed does not ask it again.
        if self.rest().is_some_and(|since| since.elapsed() < REST) {
            return Err(KeychainError::Locked);
        }
        let (reply, answer) = oneshot::channel();
        let door = self.clone();
        let thread = std::thread::Builder::new().name("keychain".into()).spawn(move || {
            let began = Instant::now();
            let result = act();
            let asked = |error: &KeychainError| match error {
                KeychainError::NoEntry => false,
                KeychainError::Locked => true,
                KeychainError::None | KeychainError::Other(_) => began.elapsed() >= QUESTION_MIN,
            };
            *door.rest() = result.as_ref().err().filter(|error| asked(error)).map(|_| Instant::now());
            drop(turn);
            let _ = reply.send(result);
        });
        thread.map_err(|error| KeychainError::Other(error.to_string()))?;
        answer.await.unwrap_or_else(|_| Err(ended()))
    }

    fn rest(&self) -> MutexGuard<'_, Option<Instant>> {
        self.rest.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Opens an entry. The front library tries the desktop's keychain once per process; one that comes up later, as
/// after autostart, is reached by opening its store anew.
fn open(user: &str) -> keyring::Result<keyring_core::Entry> {
    match keyring::v1::Entry::new(SERVICE, user) {
        Ok(entry) => Ok(entry.inner),
        #[cfg(target_os = "linux")]
        Err(keyring::Error::NoDefaultStore) => {
            if keyring_core::get_default_store().is_none() {
                keyring_core::set_default_store(zbus_secret_service_keyring_store::Store::new()?);
            }
            keyring_core::Entry::new(SERVICE, user)
        }
        Err(error) => Err(error),
    }
}

#[expect(clippy::wildcard_enum_match_arm, reason = "the library's kinds of error may grow")]
fn sort(error: &keyring::Error) -> KeychainError {
    match error {
        keyring::Error::NoDefaultStore | keyring::Error::PlatformFailure(_) => KeychainError::None,
        keyring::Error::NoStorageAccess(_) => KeychainError::Locked,
        keyring::Error::NoEntry => KeychainError::NoEntry,
        other => KeychainError::Other(other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};
    use std::sync::mpsc::channel;

    use super::*;

    const SOON: Duration = Duration::from_secs(20);

    #[tokio::test]
    async fn one_question_at_a_time_and_none_again_when_it_was_dismissed() {
        let door = Door::default();
        let asked = Arc::new(AtomicU32::new(0));
        let counting = |answer: Result<(), KeychainError>| {
            let asked = Arc::clone(&asked);
            move || {
                asked.fetch_add(1, Ordering::Relaxed);
                answer
            }
        };
        let (dismiss, dismissed) = channel::<()>();
        let hangs = move || dismissed.recv().map_err(|_| KeychainError::Locked);
        assert_eq!(door.go(Duration::from_millis(20), hangs).await, Err(KeychainError::Locked), "it is not waited for");
        for _ in 0..20 {
            let meanwhile = door.go(Duration::from_millis(5), counting(Ok(()))).await;
            assert_eq!(meanwhile, Err(KeychainError::Locked), "nobody else asks meanwhile");
        }
        drop(dismiss);
        assert_eq!(door.go(SOON, counting(Ok(()))).await, Err(KeychainError::Locked), "left alone after that");
        assert_eq!(asked.load(Ordering::Relaxed), 0);
        *door.rest() = None;
        assert_eq!(door.go(SOON, counting(Ok(()))).await, Ok(()), "until the user wants something");
        assert_eq!(door.go(SOON, counting(Err(KeychainError::NoEntry))).await, Err(KeychainError::NoEntry));
        assert_eq!(door.go(SOON, counting(Err(KeychainError::None))).await, Err(KeychainError::None));
        assert_eq!(door.go(SOON, counting(Ok(()))).await, Ok(()), "one that is not there yet is looked for again");
    }
}
