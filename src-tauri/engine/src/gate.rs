//! The last check before a request leaves: nothing but reading, unless a page was permitted by name (H24) or a place
//! was opened for writing.

use std::collections::BTreeSet;
use std::sync::Mutex;

use herald_core::{Fault, FaultKind, PageId};
use reqwest::{Method, Url};

/// Lets every reading request out, and a writing one only for pages and places that the engine opened it for. It is
/// the second of two locks: the first is that the writing client cannot be made without a permit.
#[derive(Debug, Default)]
pub struct Gate {
    open: Mutex<Open>,
}

#[derive(Debug, Default)]
struct Open {
    pages: BTreeSet<PageId>,
    places: Vec<Url>,
}

impl Gate {
    /// Opens the gate for exactly these pages.
    pub fn open_for(&self, pages: BTreeSet<PageId>) {
        self.lock().pages = pages;
    }

    /// Opens the gate for writing below exactly these addresses: the status page's API, the Slack webhook's host.
    /// What is no address opens nothing.
    pub fn open_writes_to(&self, prefixes: BTreeSet<String>) {
        self.lock().places = prefixes.iter().filter_map(|prefix| Url::parse(prefix).ok()).collect();
    }

    /// Whether this request may leave.
    ///
    /// # Errors
    /// A fault that says that it was held back.
    pub fn check(&self, method: &Method, url: &str) -> Result<(), Fault> {
        if method == Method::GET {
            return Ok(());
        }
        let url = Url::parse(url).map_err(|_| held_back())?;
        let open = self.lock();
        let mut path = url.path_segments().ok_or_else(held_back)?.rev();
        let (id, noun) = (path.next(), path.next());
        let page = noun == Some("incidents") && id.is_some_and(|id| open.pages.contains(&PageId::new(id)));
        // Herald adds and changes; it never deletes.
        let writes = [Method::POST, Method::PUT, Method::PATCH].contains(method);
        let place = writes && open.places.iter().any(|place| is_below(&url, place));
        if page || place { Ok(()) } else { Err(held_back()) }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

/// Whether an address is the place, or something in it: same scheme, host and port, and the path goes on from there.
fn is_below(url: &Url, place: &Url) -> bool {
    let path = place.path().trim_end_matches('/');
    let bare = url.username().is_empty() && url.password().is_none();
    let rest = url.path().strip_prefix(path);
    bare && url.origin() == place.origin() && rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

fn held_back() -> Fault {
    Fault::new(FaultKind::Rejected, "Herald held it back: it may not write there now")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_reading_passes_unless_the_page_is_named() {
        let gate = Gate::default();
        gate.open_for(BTreeSet::from([PageId::new("P1")]));
        for (method, path, expected) in [
            (Method::GET, "/incidents/P2", true),
            (Method::GET, "/users/me", true),
            (Method::PUT, "/incidents/P1", true),
            (Method::PUT, "/v2/incidents/P1", true),
            (Method::PUT, "/incidents/P2", false),
            (Method::PUT, "/incidents", false),
            (Method::POST, "/incidents/P1/snooze", false),
            (Method::POST, "/incidents/P1/notes", false),
            (Method::DELETE, "/users/P1", false),
        ] {
            let passes = gate.check(&method, &format!("https://api.example{path}")).is_ok();
            assert_eq!(passes, expected, "{method} {path}");
        }
        gate.open_for(BTreeSet::new());
        assert!(gate.check(&Method::PUT, "https://api.example/incidents/P1").is_err(), "shut again");
    }

    #[test]
    fn writing_passes_only_below_opened_addresses() {
        let gate = Gate::default();
        let open = |urls: &[&str]| gate.open_writes_to(urls.iter().map(|&url| url.to_owned()).collect());
        let post = |url: &str| gate.check(&Method::POST, url).is_ok();
        assert!(!post("https://api.status.example/v2/incident/create"), "shut at first");
        open(&["https://api.status.example/v2", "https://hooks.chat.example", "no address"]);
        for (url, expected) in [
            ("https://api.status.example/v2/incident/create", true),
            ("https://api.status.example/v2", true),
            ("https://api.status.example:443/v2/incident/create", true),
            ("https://hooks.chat.example/services/T/B/x", true),
            ("http://api.status.example/v2/incident/create", false),
            ("https://api.status.example:8443/v2/incident/create", false),
            ("https://api.status.example/v20/incident/create", false),
            ("https://api.status.example/v2/../v1/create", false),
            ("https://api.status.example/v2/%2e%2e/v1/create", false),
            ("https://api.status.example.evil.example/v2/create", false),
            ("https://me:key@api.status.example/v2/create", false),
            ("https://evil.example/https://api.status.example/v2/", false),
            ("https://api.pagerduty.example/incidents/P1", false),
            ("not an address", false),
        ] {
            assert_eq!(post(url), expected, "{url}");
        }
        let url = "https://api.status.example/v2/incident/1";
        assert!(gate.check(&Method::PATCH, url).is_ok(), "changing passes");
        assert!(gate.check(&Method::DELETE, url).is_err(), "deleting never passes");
        open(&[]);
        assert!(!post("https://api.status.example/v2/incident/create"), "shut again");
    }
}
