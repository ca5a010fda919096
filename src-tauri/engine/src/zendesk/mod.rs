//! Zendesk's search, as far as Herald counts with it (services.md 6).

mod wire;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use herald_core::zendesk::Zendesk;
use herald_core::{Fault, FaultKind, TokenPlace};
use reqwest::header::{ACCEPT, AUTHORIZATION, HeaderMap, HeaderValue};
use secrecy::{ExposeSecret as _, SecretString};
use url::form_urlencoded::byte_serialize;

use crate::http::{Http, Request};
use crate::pagerduty::{ConnectError, check_url};

/// What a key is tried with: it changes nothing and finds little.
const HARMLESS: &str = "type:ticket created>1hours";

/// Reads a Zendesk. It has no way to write.
pub(crate) struct Reader {
    http: Http,
    base_url: String,
    headers: HeaderMap,
}

impl Reader {
    pub fn new(http: Http, zendesk: &Zendesk, token: &SecretString) -> Result<Self, Fault> {
        let who = SecretString::from(format!("{}/token:{}", zendesk.email, token.expose_secret().trim()));
        let mut value = HeaderValue::from_str(&format!("Basic {}", STANDARD.encode(who.expose_secret())))
            .map_err(|_| Fault::new(FaultKind::Unauthorized, "the key holds characters that no key has"))?;
        value.set_sensitive(true);
        let accept = HeaderValue::from_static("application/json");
        let headers = HeaderMap::from_iter([(AUTHORIZATION, value), (ACCEPT, accept)]);
        Ok(Self { http, base_url: zendesk.base_url.trim_end_matches('/').to_owned(), headers })
    }

    /// How many tickets fit a search.
    pub async fn count(&self, query: &str) -> Result<u64, Fault> {
        let query: String = byte_serialize(query.as_bytes()).collect();
        let url = format!("{}/api/v2/search/count?query={query}", self.base_url);
        let request = Request { url, headers: self.headers.clone() };
        let answer = self.http.send(request).await?;
        self.http.parse::<wire::Counted>(&answer).map(|counted| counted.count)
    }
}

/// Tries an address and a key.
pub(crate) async fn connect(
    http: Http,
    base_url: &str,
    email: &str,
    token: &SecretString,
) -> Result<Zendesk, ConnectError> {
    let base_url = root_of(&check_url(base_url, "Zendesk's address")?);
    let Some(email) = agent_of(email) else {
        return Err(ConnectError::failed("Enter the e-mail address with which you sign in to Zendesk."));
    };
    if token.expose_secret().trim().is_empty() {
        return Err(ConnectError::failed("Paste an API token first. Zendesk's administrators make it."));
    }
    let zendesk = Zendesk { base_url, email, token: TokenPlace::Keychain };
    let failed = |fault: Fault| ConnectError::failed(advice(&fault));
    Reader::new(http, &zendesk, token).map_err(failed)?.count(HARMLESS).await.map_err(failed)?;
    Ok(zendesk)
}

/// The address alone, also where that of a page or of the API was given.
fn root_of(url: &str) -> String {
    let Ok(mut root) = url::Url::parse(url) else { return url.to_owned() };
    let parts = root.path().trim_matches('/').split('/').take_while(|part| !["agent", "api"].contains(part));
    let path = parts.collect::<Vec<_>>().join("/");
    root.set_path(&path);
    root.set_query(None);
    root.set_fragment(None);
    root.as_str().trim_end_matches('/').to_owned()
}

/// The agent's address, also where it was given as the API wants it.
fn agent_of(email: &str) -> Option<String> {
    let email = email.trim();
    let email = email.strip_suffix("/token").unwrap_or(email);
    let odd = |sign: char| sign.is_whitespace() || sign.is_control() || sign == ':';
    let (name, host) = email.split_once('@')?;
    (!name.is_empty() && !host.is_empty() && !email.contains(odd)).then(|| email.to_owned())
}

fn advice(fault: &Fault) -> String {
    let particulars = if fault.detail.is_empty() { String::new() } else { format!(" ({})", fault.detail) };
    let advice = match fault.kind {
        FaultKind::Unauthorized => {
            "Zendesk does not accept this key with this e-mail address. Check both, and that access by token is on there."
        }
        FaultKind::Forbidden => "This key may not search tickets. It needs an agent's rights.",
        FaultKind::NotFound => "There is no Zendesk at this address.",
        FaultKind::RateLimited => "Zendesk asks for a pause. Try again in a minute.",
        FaultKind::Server => "Zendesk is in trouble itself. Try again later.",
        FaultKind::Rejected | FaultKind::PageNotShown => "Zendesk refused the request.",
        FaultKind::Timeout | FaultKind::Unreachable | FaultKind::Broken => {
            "Zendesk does not answer as it should. Check the network and the address."
        }
        FaultKind::Tls => "The server could not prove who it is. Do not enter keys on this network.",
        FaultKind::Local => fault.next_step(),
        FaultKind::NotTheService | FaultKind::TooLarge => {
            "This is not Zendesk's API. Check the address; a log-in page of this network may be in the way."
        }
        FaultKind::NoToken => "The key could not be fetched from the keychain. Enter it again.",
    };
    format!("{advice}{particulars}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_as_people_paste_them() {
        for (given, expected) in [
            ("https://desk.example", "https://desk.example"),
            ("https://desk.example/agent/search/1", "https://desk.example"),
            ("https://desk.example/api/v2/search.json", "https://desk.example"),
            ("https://desk.example/agent/api/x", "https://desk.example"),
            ("https://agentcorp.example/agent/", "https://agentcorp.example"),
            ("https://agentcorp.example/apis", "https://agentcorp.example/apis"),
            ("http://127.0.0.1:4010/zendesk", "http://127.0.0.1:4010/zendesk"),
        ] {
            assert_eq!(root_of(given), expected, "{given}");
        }
        for (given, expected) in [
            (" ada@desk.example ", Some("ada@desk.example")),
            ("ada@desk.example/token", Some("ada@desk.example")),
            ("ada@desk.example:secret", None),
            ("ada @desk.example", None),
            ("@desk.example", None),
            ("ada", None),
            ("", None),
        ] {
            assert_eq!(agent_of(given).as_deref(), expected, "{given}");
        }
    }
}
