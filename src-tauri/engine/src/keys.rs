//! Every key that Herald holds: fetched from the keychain when it is first needed, and then kept in memory.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

use herald_core::{Fault, FaultKind, SourceName, TokenPlace};
use secrecy::SecretString;

use crate::keychain::{Keychain, KeychainError};

/// What a key opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum KeyName {
    PagerDuty,
    Tracker,
    StatusPage,
    Slack,
    Zendesk,
}

impl KeyName {
    /// Its name in the keychain.
    fn entry(self) -> &'static str {
        match self {
            Self::PagerDuty => SourceName::PagerDuty.key(),
            Self::Tracker => SourceName::Tracker.key(),
            Self::StatusPage => SourceName::StatusPage.key(),
            Self::Slack => "slack",
            Self::Zendesk => "zendesk",
        }
    }
}

impl From<SourceName> for KeyName {
    fn from(source: SourceName) -> Self {
        match source {
            SourceName::PagerDuty => Self::PagerDuty,
            SourceName::Tracker => Self::Tracker,
            SourceName::StatusPage => Self::StatusPage,
        }
    }
}

/// The keys of one Herald, by what they open.
pub(crate) struct Keys {
    folder: PathBuf,
    held: Mutex<BTreeMap<KeyName, SecretString>>,
}

impl Keys {
    pub fn new(folder: PathBuf) -> Self {
        Self { folder, held: Mutex::default() }
    }

    /// A key.
    pub async fn get(&self, name: KeyName, place: TokenPlace) -> Result<SecretString, Fault> {
        let held = self.held().get(&name).cloned();
        if let Some(key) = held {
            return Ok(key);
        }
        let fault = |why: String| Fault::new(FaultKind::NoToken, why);
        if place == TokenPlace::ThisSession {
            return Err(fault("it was kept for one session only".into()));
        }
        let key = self.entry(name).get().await.map_err(|error| fault(error.to_string()))?;
        self.hold(name, key.clone());
        Ok(key)
    }

    /// Puts a key into the keychain; says where it rests.
    pub async fn keep(&self, name: KeyName, key: &SecretString) -> TokenPlace {
        match self.entry(name).set(key.clone()).await {
            Ok(()) => TokenPlace::Keychain,
            Err(error) => {
                tracing::warn!(%error, "the key is kept for this session only");
                TokenPlace::ThisSession
            }
        }
    }

    /// Uses this key from now on.
    pub fn hold(&self, name: KeyName, key: SecretString) {
        self.held().insert(name, key);
    }

    /// Forgets a key, here and in the keychain.
    pub async fn forget(&self, name: KeyName) {
        self.held().remove(&name);
        match self.entry(name).delete().await {
            Ok(()) | Err(KeychainError::None) => {}
            Err(error) => tracing::warn!(%error, "the key stays in the keychain"),
        }
    }

    fn entry(&self, name: KeyName) -> Keychain {
        Keychain::entry(name.entry(), &self.folder)
    }

    fn held(&self) -> MutexGuard<'_, BTreeMap<KeyName, SecretString>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
