//! The last check before a request leaves: nothing but reading, unless a page was permitted by name (H24) or a place
//! was opened for writing.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

use herald_core::{Fault, FaultKind, PageId};
use reqwest::{Method, Url};
use url::Origin;

/// Lets every reading request out, and a writing one only for pages and places that the engine opened it for. It is
/// the second of two locks: the first is that the writing client cannot be made without a permit.
#[derive(Debug, Default)]
pub struct Gate {
    open: Mutex<Open>,
    /// The only place that is reached at all, where there is but one: the world of a practice event.
    only: Option<Origin>,
}

#[derive(Debug, Default)]
struct Open {
    pages: BTreeSet<PageId>,
    places: Vec<Url>,
    /// What is open for as long as its [`Opening`] lives.
    held: BTreeMap<u64, Vec<Url>>,
    next: u64,
}

/// Keeps the gate open for some places until it is dropped.
#[derive(Debug)]
#[must_use = "the gate shuts when it is dropped"]
pub struct Opening<'a> {
    gate: &'a Gate,
    number: u64,
}

impl Drop for Opening<'_> {
    fn drop(&mut self) {
        self.gate.lock().held.remove(&self.number);
    }
}

impl Gate {
    /// A gate that lets nothing out to any other place, not even what only reads: its key might be a real one.
    pub fn within(only: Option<Origin>) -> Self {
        Self { only, ..Self::default() }
    }

    /// Whether anything may go to this address.
    pub fn reaches(&self, url: &str) -> bool {
        self.only.as_ref().is_none_or(|only| Url::parse(url.trim()).is_ok_and(|url| url.origin() == *only))
    }

    /// Opens the gate for exactly these pages.
    pub fn open_for(&self, pages: BTreeSet<PageId>) {
        self.lock().pages = pages;
    }

    /// Opens the gate for writing below exactly these addresses, such as the status page's API. What is no address
    /// opens nothing.
    pub fn open_writes_to(&self, prefixes: BTreeSet<String>) {
        self.lock().places = parsed(&prefixes);
    }

    /// Opens the gate for writing below these addresses, too, while the opening lives, whatever else it is opened for
    /// or shut to meanwhile: for a single request, such as one to the Slack webhook's host.
    pub fn open_while(&self, prefixes: BTreeSet<String>) -> Opening<'_> {
        let mut open = self.lock();
        let number = open.next;
        open.next += 1;
        open.held.insert(number, parsed(&prefixes));
        Opening { gate: self, number }
    }

    /// Whether this request may leave.
    ///
    /// # Errors
    /// A fault that says that it was held back.
    pub fn check(&self, method: &Method, url: &str) -> Result<(), Fault> {
        if !self.reaches(url) {
            return Err(Fault::new(FaultKind::Rejected, "Herald held it back: practice reaches only its own world"));
        }
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
        let place = writes && open.places.iter().chain(open.held.values().flatten()).any(|place| is_below(&url, place));
        if page || place { Ok(()) } else { Err(held_back()) }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

fn parsed(prefixes: &BTreeSet<String>) -> Vec<Url> {
    prefixes.iter().filter_map(|prefix| Url::parse(prefix).ok()).collect()
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

    #[test]
    fn practice_reaches_its_own_world_and_nothing_else() {
        let world = Url::parse("http://127.0.0.1:4711").expect("an address").origin();
        let gate = Gate::within(Some(world));
        let (own, real) = ("http://127.0.0.1:4711/statusio/v2/create", "https://api.status.example/v2/create");
        gate.open_writes_to(BTreeSet::from(["http://127.0.0.1:4711/statusio/v2".into(), real.into()]));
        gate.open_for(BTreeSet::from([PageId::new("P1")]));
        for (method, url, expected) in [
            (Method::POST, own, true),
            (Method::POST, real, false),
            (Method::GET, "http://127.0.0.1:4711/incidents", true),
            (Method::GET, "https://api.pagerduty.example/incidents", false),
            (Method::PUT, "http://127.0.0.1:4711/incidents/P1", true),
            (Method::PUT, "https://api.pagerduty.example/incidents/P1", false),
            (Method::GET, "http://127.0.0.1:4712/incidents", false),
            (Method::GET, "no address", false),
        ] {
            assert_eq!(gate.check(&method, url).is_ok(), expected, "{method} {url}");
        }
        let nowhere = Gate::within(Some(Origin::new_opaque()));
        assert!(nowhere.check(&Method::GET, own).is_err(), "a world that is not known is none");
    }

    #[test]
    fn an_opening_lasts_as_long_as_it_is_held() {
        let gate = Gate::default();
        let prefix = |url: &str| BTreeSet::from([url.to_owned()]);
        let post = |url: &str| gate.check(&Method::POST, url).is_ok();
        let (hook, page) = ("https://hooks.chat.example/services/T/B/x", "https://api.status.example/v2/create");
        let first = gate.open_while(prefix("https://hooks.chat.example"));
        let second = gate.open_while(prefix("https://hooks.chat.example"));
        assert!(post(hook) && !post(page), "open for its own place alone");
        gate.open_writes_to(prefix("https://api.status.example/v2"));
        assert!(post(hook) && post(page), "both");
        gate.open_writes_to(BTreeSet::new());
        gate.open_for(BTreeSet::new());
        assert!(post(hook) && !post(page), "what shuts the rest leaves it open");
        drop(first);
        assert!(post(hook), "the other is still held");
        assert!(gate.check(&Method::DELETE, hook).is_err(), "deleting never passes");
        drop(second);
        assert!(!post(hook), "shut again");
    }
}
