//! Every key that Herald holds: fetched from the keychain when it is first needed, and then kept in memory.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

use herald_core::{Fault, FaultKind, SourceName, TokenPlace};
use secrecy::SecretString;

use crate::keychain::{Keychain, KeychainError};

/// The keys of one Herald, by what they open.
pub(crate) struct Keys {
    folder: PathBuf,
    held: Mutex<BTreeMap<SourceName, SecretString>>,
}

impl Keys {
    pub fn new(folder: PathBuf) -> Self {
        Self { folder, held: Mutex::default() }
    }

    /// The key of a source.
    pub async fn get(&self, source: SourceName, place: TokenPlace) -> Result<SecretString, Fault> {
        let held = self.held().get(&source).cloned();
        if let Some(key) = held {
            return Ok(key);
        }
        let fault = |why: String| Fault::new(FaultKind::NoToken, why);
        if place == TokenPlace::ThisSession {
            return Err(fault("it was kept for one session only".into()));
        }
        let key = self.entry(source).get().await.map_err(|error| fault(error.to_string()))?;
        self.hold(source, key.clone());
        Ok(key)
    }

    /// Puts a key into the keychain; says where it rests.
    pub async fn keep(&self, source: SourceName, key: &SecretString) -> TokenPlace {
        match self.entry(source).set(key.clone()).await {
            Ok(()) => TokenPlace::Keychain,
            Err(error) => {
                tracing::warn!(%error, "the key is kept for this session only");
                TokenPlace::ThisSession
            }
        }
    }

    /// Uses this key from now on.
    pub fn hold(&self, source: SourceName, key: SecretString) {
        self.held().insert(source, key);
    }

    /// Forgets a key, here and in the keychain.
    pub async fn forget(&self, source: SourceName) {
        self.held().remove(&source);
        match self.entry(source).delete().await {
            Ok(()) | Err(KeychainError::None) => {}
            Err(error) => tracing::warn!(%error, "the key stays in the keychain"),
        }
    }

    fn entry(&self, source: SourceName) -> Keychain {
        Keychain::entry(source.key(), &self.folder)
    }

    fn held(&self) -> MutexGuard<'_, BTreeMap<SourceName, SecretString>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
