//! The way out of this computer: proxies and trusted certificates, as its environment names them. What is wrong there is
//! told as what it is, not as the service's fault.

use std::ffi::OsString;

use herald_core::text::clean_line;
use herald_core::{Fault, FaultKind};
use reqwest::{Client, ClientBuilder};
use url::Url;

/// Kinds of proxies that Herald goes through.
const PROXY_KINDS: [&str; 6] = ["http", "https", "socks4", "socks4a", "socks5", "socks5h"];
/// Where proxies for the services, which are all https, are named; the first that is set counts (curl(1), ENVIRONMENT).
const PROXY_NAMES: [&str; 4] = ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];
/// Where trusted certificates are named in place of the system's (openssl-env(7)).
const ROOT_NAMES: [&str; 2] = ["SSL_CERT_FILE", "SSL_CERT_DIR"];
/// Longest text of the environment that is shown, in graphemes.
const SHOWN_MAX: usize = 80;

/// The clients for this computer and for everything outside. Each is made as `base` says.
pub(crate) struct Clients {
    /// Goes through no proxy and needs no trusted certificates.
    pub here: Client,
    /// Where there is no way out, why.
    pub out: Result<Client, Fault>,
}

impl Clients {
    pub fn new(base: impl Fn() -> ClientBuilder) -> Result<Self, Fault> {
        let trusting_nobody = |builder: ClientBuilder| builder.tls_backend_preconfigured(no_roots());
        let unusable = |error: reqwest::Error| Fault::new(FaultKind::Local, clean_line(&error.to_string(), SHOWN_MAX));
        let here =
            base().no_proxy().build().or_else(|_| trusting_nobody(base().no_proxy()).build()).map_err(unusable)?;
        let env = |name: &str| std::env::var_os(name).filter(|it| !it.is_empty());
        let out = match unknown_proxy(env) {
            Some(fault) => Err(fault),
            // What works only without certificates lacks them.
            None => base().build().map_err(|error| match trusting_nobody(base()).build() {
                Ok(_) => missing_roots(env),
                Err(_) => unusable(error),
            }),
        };
        Ok(Self { here, out })
    }
}

fn no_roots() -> rustls::ClientConfig {
    let none = rustls::RootCertStore::empty();
    rustls::ClientConfig::builder().with_root_certificates(none).with_no_client_auth()
}

fn missing_roots(env: impl Fn(&str) -> Option<OsString>) -> Fault {
    let named = ROOT_NAMES.into_iter().find_map(|name| Some((name, env(name)?)));
    let why = match named {
        Some((name, place)) => {
            let place = clean_line(&place.to_string_lossy(), SHOWN_MAX);
            format!("no trusted certificates could be read from {place}, which {name} names")
        }
        None => "there are no trusted certificates: the package ca-certificates is missing".into(),
    };
    Fault::new(FaultKind::Local, why)
}

/// A proxy of a kind that would be passed by without a word.
fn unknown_proxy(env: impl Fn(&str) -> Option<OsString>) -> Option<Fault> {
    let (name, proxy) = PROXY_NAMES.into_iter().find_map(|name| Some((name, env(name)?)))?;
    let (kind, _) = proxy.to_str()?.split_once("://")?;
    let known = PROXY_KINDS.iter().any(|it| it.eq_ignore_ascii_case(kind));
    let kind = clean_line(kind, 20);
    let why = format!("{name} names a proxy of the kind {kind}://; Herald knows {}", PROXY_KINDS.join(", "));
    (!known).then(|| Fault::new(FaultKind::Local, why))
}

/// What a failed exchange says of the proxy, if it was the proxy that failed. `about` is what the causes say, in small
/// letters.
pub(crate) fn at_the_proxy(about: &str) -> Option<Fault> {
    let at_all = about.contains("tunnel error") || about.contains("socks error");
    let why = if about.contains("proxy authorization required") || (at_all && about.contains("auth")) {
        "wants a user name and password, or does not take those it was given"
    } else if about.contains("failed to create underlying connection") {
        "cannot be reached"
    } else if at_all {
        "does not connect Herald to the service"
    } else {
        return None;
    };
    let proxy = proxy(|name| std::env::var_os(name).filter(|it| !it.is_empty()));
    Some(Fault::new(FaultKind::Local, format!("{proxy} {why}")))
}

/// The proxy in words: its place, never the name and password that may stand before it.
fn proxy(env: impl Fn(&str) -> Option<OsString>) -> String {
    let named = PROXY_NAMES.into_iter().find_map(|name| Some((name, env(name)?)));
    let Some((name, place)) = named else { return "the proxy".into() };
    let place = place.to_string_lossy().into_owned();
    let url = if place.contains("://") { place } else { format!("http://{place}") };
    let host = Url::parse(&url).ok().and_then(|url| Some(format!("{}{}", url.host_str()?, port(&url))));
    host.map_or_else(|| format!("the proxy of {name}"), |host| format!("the proxy {host} ({name})"))
}

fn port(url: &Url) -> String {
    url.port().map_or(String::new(), |port| format!(":{port}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn proxies_are_told_as_what_they_are() {
        for (name, place, unknown, told) in [
            ("HTTPS_PROXY", "http://me:secret@proxy.example:3128", false, "the proxy proxy.example:3128 (HTTPS_PROXY)"),
            ("https_proxy", "proxy.example:3128", false, "the proxy proxy.example:3128 (https_proxy)"),
            ("ALL_PROXY", "socks5h://127.0.0.1:1080", false, "the proxy 127.0.0.1:1080 (ALL_PROXY)"),
            ("all_proxy", "SOCKS5://[::1]:1080", false, "the proxy [::1]:1080 (all_proxy)"),
            ("ALL_PROXY", "ftp://127.0.0.1", true, "the proxy 127.0.0.1 (ALL_PROXY)"),
            ("HTTP_PROXY", "ftp://127.0.0.1", false, "the proxy"),
        ] {
            let env = |asked: &str| (asked == name).then(|| OsString::from(place));
            assert_eq!(unknown_proxy(env).is_some(), unknown, "{name}={place}");
            assert_eq!(proxy(env), told, "{place}");
        }
        // As hyper-util's tunnel and SOCKS say it (client/legacy/connect/proxy).
        for (about, expected) in [
            ("client error (connect) tunnel error: proxy authorization required", Some("wants a user name")),
            ("tunnel error: failed to create underlying connection tcp connect error", Some("cannot be reached")),
            ("socks error: failed to create underlying connection", Some("cannot be reached")),
            ("tunnel error: unsuccessful", Some("does not connect")),
            ("socks error: failed parsing server response", Some("does not connect")),
            ("tcp connect error connection refused", None),
            ("client error (sendrequest) authority", None),
        ] {
            let told = at_the_proxy(about).map(|fault| fault.detail);
            assert_eq!(told.is_some(), expected.is_some(), "{about}");
            assert!(told.unwrap_or_default().contains(expected.unwrap_or_default()), "{about}");
        }
    }

    #[test]
    fn without_trusted_certificates_it_is_said_what_is_missing() {
        let named = missing_roots(|name| (name == "SSL_CERT_FILE").then(|| "/no/such.pem".into())).detail;
        assert!(named.contains("/no/such.pem, which SSL_CERT_FILE names"), "{named}");
        assert!(missing_roots(|_| None).detail.contains("ca-certificates"));
    }
}
