//! The system keychain: the only place where a key rests.

use std::path::Path;
use std::time::Duration;

use secrecy::{ExposeSecret as _, SecretString};
use tokio::task::spawn_blocking;
use tokio::time::timeout;

/// The service name under which keychains list Herald's entries.
const SERVICE: &str = "herald";
/// Longest wait for a keychain: one that asks its user may never answer (FAULTS 36).
const WAIT_MAX: Duration = Duration::from_secs(5);

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
        let task = spawn_blocking(move || act(open(&user)?));
        match timeout(WAIT_MAX, task).await {
            Ok(Ok(result)) => result.map_err(|error| sort(&error)),
            Ok(Err(_)) => Err(KeychainError::Other("it ended unexpectedly".into())),
            Err(_) => Err(KeychainError::Locked),
        }
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
