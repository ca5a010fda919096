//! Why a source could not be asked, sorted by what somebody does next.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::Time;

/// What went wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum FaultKind {
    /// 401: the key is wrong or was revoked.
    Unauthorized,
    /// 403: the key lacks a permission.
    Forbidden,
    /// 404 or another answer that says the address is not what Herald thinks.
    NotFound,
    /// PagerDuty does not show the one page that it was asked for, whatever else it shows.
    PageNotShown,
    /// 429: asked too often, by Herald or by others with the same key.
    RateLimited,
    /// 5xx: the service itself is in trouble.
    Server,
    /// Any other 4xx.
    Rejected,
    /// No complete answer in time.
    Timeout,
    /// The name could not be looked up, or no connection came about.
    Unreachable,
    /// The connection broke.
    Broken,
    /// The other side could not prove who it is.
    Tls,
    /// Something on this computer, or the proxy that it goes through, is in the way: nothing left.
    Local,
    /// An answer that is not the service's, such as a hotel's log-in page.
    NotTheService,
    /// An answer larger than Herald reads.
    TooLarge,
    /// The keychain could not be opened, so there is no key to ask with.
    NoToken,
}

/// One failure of a source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Fault {
    /// What went wrong.
    pub kind: FaultKind,
    /// The particulars, short and without secrets: "HTTP 503", "expired certificate".
    pub detail: String,
    /// The service's own word on when to ask again.
    pub retry_at: Option<Time>,
}

impl Fault {
    /// A fault without a word on when to try again.
    #[must_use]
    pub fn new(kind: FaultKind, detail: impl Into<String>) -> Self {
        Self { kind, detail: detail.into(), retry_at: None }
    }

    /// What happened, as a sentence without a full stop.
    #[must_use]
    pub fn reason(&self) -> String {
        let reason = match self.kind {
            FaultKind::Unauthorized => "the key is not accepted",
            FaultKind::Forbidden => "the key may not read this",
            FaultKind::NotFound => "there is no such service at this address",
            FaultKind::PageNotShown => "PagerDuty does not show this page",
            FaultKind::RateLimited => "it asks for a pause: too many requests with this key",
            FaultKind::Server => "the service is in trouble itself",
            FaultKind::Rejected => "it refused the request",
            FaultKind::Timeout => "no answer in time",
            FaultKind::Unreachable => "no connection",
            FaultKind::Broken => "the connection broke",
            FaultKind::Tls => "the server could not prove who it is",
            FaultKind::Local => "something between Herald and the network is in the way",
            FaultKind::NotTheService => "the answer is not from the service",
            FaultKind::TooLarge => "the answer is larger than Herald reads",
            FaultKind::NoToken => "the key could not be fetched from the keychain",
        };
        if self.detail.is_empty() { reason.into() } else { format!("{reason} ({})", self.detail) }
    }

    /// What somebody can do about it.
    #[must_use]
    pub fn next_step(&self) -> &'static str {
        match self.kind {
            FaultKind::Unauthorized => "Make a new key and connect again in Settings.",
            FaultKind::Forbidden => "Ask an administrator for a key with the named permission.",
            FaultKind::NotFound => "Check the region or address in Settings.",
            FaultKind::PageNotShown => "It may have been deleted, or hidden from you. Look for it in PagerDuty.",
            FaultKind::RateLimited => "Herald waits as told. Other tools may share this key.",
            FaultKind::Server => "Herald keeps asking. Keep your phone in reach.",
            FaultKind::Rejected => "Run “herald doctor” for the particulars.",
            FaultKind::Timeout | FaultKind::Unreachable | FaultKind::Broken => {
                "Check the network. Keep your phone in reach."
            }
            FaultKind::Tls => "Do not enter keys on this network. Check the clock and any proxy.",
            FaultKind::Local => {
                "Put right what is named, or ask whoever looks after this computer. Herald keeps trying."
            }
            FaultKind::NotTheService => "A log-in page of this network may be in the way: open a browser.",
            FaultKind::TooLarge => "Close what is old there, or tell us: this should not happen.",
            FaultKind::NoToken => "Unlock the system keychain, or connect again in Settings.",
        }
    }
}
