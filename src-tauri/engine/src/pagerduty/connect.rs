//! Trying a key: whose it is, what it can do, and where it belongs (services.md 1.1).

use std::collections::BTreeMap;

use herald_core::text::clean_line;
use herald_core::{Account, Fault, FaultKind, KeyKind, TokenPlace};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Serialize;
use url::{Host, Url};

use super::{Key, Reader, wire};
use crate::http::Http;

/// What the user gave to connect with.
pub struct ConnectRequest {
    /// The key.
    pub token: SecretString,
    /// The address: a region's or an own one.
    pub base_url: String,
    /// Whose pages to watch, for account keys, which belong to nobody.
    pub email: Option<String>,
}

/// Why the account could not be connected, with what to do about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, thiserror::Error)]
#[error("{message}")]
pub struct ConnectError {
    /// For the window, where it offers the next step itself: `account_key`, `other_region`, or `failed`.
    pub code: &'static str,
    /// What happened and what to do.
    pub message: String,
}

impl ConnectError {
    fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }

    /// A failure without a special next step.
    pub(crate) fn failed(message: impl Into<String>) -> Self {
        Self::new("failed", message)
    }
}

/// Checks an address that a key is to be sent to: https, or http on this computer only. `which` names it, as a form may
/// have several.
///
/// # Errors
/// With the sentence that says which address it is and what is allowed.
pub fn check_url(text: &str, which: &str) -> Result<String, ConnectError> {
    let refuse = |why: &str| Err(ConnectError::failed(format!("{which} cannot be used: {why}.")));
    let text = text.trim();
    if text.is_empty() {
        return refuse("it is empty");
    }
    // "localhost:80" and "example.com:443" would be taken for addresses of the kinds "localhost:" and "example.com:".
    if !text.contains("://") {
        return refuse("it must begin with https://, as in https://api.pagerduty.com");
    }
    let Ok(url) = Url::parse(text) else {
        return refuse("it is not a web address such as https://api.pagerduty.com");
    };
    let loopback = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        None => return refuse("it names no host"),
    };
    match url.scheme() {
        "https" => {}
        "http" if loopback => {}
        "http" => return refuse("it must start with https, or the key could be read on the way"),
        _ => return refuse("it must start with https"),
    }
    if !url.username().is_empty() || url.password().is_some() || url.query().is_some() || url.fragment().is_some() {
        return refuse("it must be just the address, without a name, key or query in it");
    }
    Ok(url.as_str().trim_end_matches('/').to_owned())
}

/// Tries the key and says whose it is. `regions` are the known addresses by name, to notice the wrong one.
pub(crate) async fn connect(
    http: &Http,
    request: &ConnectRequest,
    regions: &BTreeMap<String, String>,
) -> Result<(Account, Key), ConnectError> {
    let base_url = check_url(&request.base_url, "PagerDuty's address")?;
    let token = request.token.expose_secret().trim().to_owned();
    if token.is_empty() {
        return Err(ConnectError::failed("Paste a key first. PagerDuty makes it under My Profile, User Settings."));
    }
    let key = Key::new(SecretString::from(token));
    match who_am_i(http, &base_url, &key).await {
        Ok(user) => Ok((account(&user, base_url, &key, false), key)),
        Err(fault) if is_account_key(&fault) => watched_account(http, request, base_url, key).await,
        Err(fault) if fault.kind == FaultKind::Unauthorized => Err(wrong_key(http, &base_url, &key, regions).await),
        Err(fault) => Err(ConnectError::failed(advice(&fault))),
    }
}

async fn who_am_i(http: &Http, base_url: &str, key: &Key) -> Result<wire::User, Fault> {
    let reader = Reader::at(http.clone(), base_url, "", key)?;
    let one: wire::OneUser = http.json(&reader.get("/users/me").await?)?;
    Ok(one.user)
}

/// PagerDuty answers whoever is nobody's with 400 and words instead of the usual object, or with 403 (services.md 1.1).
fn is_account_key(fault: &Fault) -> bool {
    let refused = fault.kind == FaultKind::Forbidden || fault.detail.contains("HTTP 400");
    refused && fault.detail.contains("account-level")
}

async fn watched_account(
    http: &Http,
    request: &ConnectRequest,
    base_url: String,
    key: Key,
) -> Result<(Account, Key), ConnectError> {
    // An OAuth token stays one, whoever it is of: it is presented in its own way.
    let kind = if key.kind == KeyKind::OAuth { KeyKind::OAuth } else { KeyKind::Account };
    let key = Key { kind, ..key };
    let Some(email) = request.email.as_deref().map(str::trim).filter(|email| !email.is_empty()) else {
        let what = if kind == KeyKind::OAuth { "an app's token" } else { "an account key" };
        let message = format!(
            "This is {what}: it belongs to nobody, so Herald can only watch with it. Enter your PagerDuty e-mail to \
             watch your pages, or use a personal key to acknowledge them too."
        );
        return Err(ConnectError::new("account_key", message));
    };
    let query: String = url::form_urlencoded::byte_serialize(email.as_bytes()).collect();
    let found = async {
        let reader = Reader::at(http.clone(), &base_url, "", &key)?;
        http.json::<wire::UserList>(&reader.get(&format!("/users?query={query}&limit=100")).await?)
    };
    let list = found.await.map_err(|fault: Fault| ConnectError::failed(advice(&fault)))?;
    let is_me = |user: &&wire::User| user.email.as_deref().is_some_and(|it| it.eq_ignore_ascii_case(email));
    match list.users.iter().find(is_me) {
        Some(user) => Ok((account(user, base_url, &key, true), key)),
        None => Err(ConnectError::new(
            "account_key",
            "Nobody in this PagerDuty account has that e-mail. Check it and try again.",
        )),
    }
}

/// A refused key may belong to another region: ask there before calling it wrong.
async fn wrong_key(http: &Http, base_url: &str, key: &Key, regions: &BTreeMap<String, String>) -> ConnectError {
    if regions.values().any(|url| url.trim_end_matches('/') == base_url) {
        for (name, url) in regions.iter().filter(|(_, url)| url.trim_end_matches('/') != base_url) {
            let there = who_am_i(http, url, key).await;
            if there.is_ok() || there.is_err_and(|fault| is_account_key(&fault)) {
                let name = name.to_uppercase();
                let message = format!("This key belongs to the {name} region. Choose {name} and connect again.");
                return ConnectError::new("other_region", message);
            }
        }
    }
    ConnectError::failed(
        "PagerDuty does not accept this key. Copy it again, or make a new one under My Profile, User Settings, API Access.",
    )
}

fn account(user: &wire::User, base_url: String, key: &Key, read_only: bool) -> Account {
    Account {
        user_id: user.id.clone(),
        name: wire::name(user),
        email: clean_line(user.email.as_deref().unwrap_or_default(), 254),
        base_url,
        key: key.kind,
        read_only,
        token: TokenPlace::Keychain,
    }
}

fn advice(fault: &Fault) -> String {
    let reason = fault.reason();
    let mut chars = reason.chars();
    let reason: String = chars.next().map_or(String::new(), |first| first.to_uppercase().chain(chars).collect());
    format!("{reason}. {}", fault.next_step())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        for (text, expected) in [
            ("https://api.pagerduty.com", Some("https://api.pagerduty.com")),
            (" https://api.eu.pagerduty.com/ ", Some("https://api.eu.pagerduty.com")),
            ("http://127.0.0.1:4010", Some("http://127.0.0.1:4010")),
            ("http://[::1]:4010/", Some("http://[::1]:4010")),
            ("http://localhost:4010", Some("http://localhost:4010")),
            ("http://api.pagerduty.com", None),
            ("http://localhost.evil.example", None),
            ("ftp://api.pagerduty.com", None),
            ("https://name:key@api.pagerduty.com", None),
            ("https://api.pagerduty.com/?token=x", None),
            ("api.pagerduty.com", None),
            ("", None),
        ] {
            assert_eq!(check_url(text, "It").ok().as_deref(), expected, "{text}");
        }
        for (text, told) in [
            ("api.pagerduty.com", "The feed's address cannot be used: it must begin with https://"),
            ("localhost:4010", "The feed's address cannot be used: it must begin with https://"),
            (" ", "The feed's address cannot be used: it is empty"),
            ("ftp://api.pagerduty.com", "it must start with https"),
        ] {
            let error = check_url(text, "The feed's address").expect_err(text).message;
            assert!(error.contains(told), "{text}: {error}");
        }
    }
}
