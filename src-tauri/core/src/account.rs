//! Who I am at PagerDuty and what my key can do. The key itself never comes here.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// What kind of key was given (services.md 1.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum KeyKind {
    /// A personal API key: acts as its owner, with the owner's rights.
    Personal,
    /// An OAuth token of a person.
    OAuth,
    /// An account ("general access") key: nobody's own, so Herald only watches with it.
    Account,
}

/// Where the key rests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum TokenPlace {
    /// In the system keychain.
    Keychain,
    /// In memory until Herald ends, because no keychain could be used.
    ThisSession,
}

/// The PagerDuty account that Herald watches.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Account {
    /// My user id.
    pub user_id: String,
    /// My name, cleaned.
    pub name: String,
    /// My e-mail, sent as `From` with every write (services.md 1.1).
    pub email: String,
    /// The API's base URL: the US or EU region or an own one.
    pub base_url: String,
    /// What kind of key it is.
    pub key: KeyKind,
    /// Whether PagerDuty has said, or the kind of key means, that it cannot write.
    pub read_only: bool,
    /// Where the key rests.
    pub token: TokenPlace,
}
