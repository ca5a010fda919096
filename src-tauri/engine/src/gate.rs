//! The last check before a request leaves. What asks passes; what writes passes only as the one request, method and
//! address, that the write on its way consists of (H24).

use std::collections::BTreeMap;
use std::sync::Mutex;

use herald_core::{Fault, FaultKind, Permit, Write};
use reqwest::{Method, Url};
use url::Origin;

/// The one request that a write consists of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    method: Method,
    url: Url,
}

impl Route {
    /// What is no address is no route.
    pub fn new(method: Method, url: &str) -> Option<Self> {
        Some(Self { method, url: Url::parse(url.trim()).ok()? })
    }
}

/// Lets every question out, and of each write that is on its way exactly its own request. It is the second of two locks:
/// the first is that nothing is sent without a permit. What may leave is worked out from the state (`routes.rs`), not by
/// the client that sends.
#[derive(Debug, Default)]
pub struct Gate {
    open: Mutex<Open>,
    /// The only place that is reached at all, where there is but one: the world of a practice event.
    only: Option<Origin>,
}

#[derive(Debug, Default)]
struct Open {
    /// Writes that the state holds.
    kept: BTreeMap<Write, Route>,
    /// What is open for as long as its [`Opening`] lives.
    held: BTreeMap<Write, Route>,
}

/// Keeps the gate open for one write until it is dropped.
#[derive(Debug)]
#[must_use = "the gate shuts when it is dropped"]
pub struct Opening<'a> {
    gate: &'a Gate,
    write: Write,
}

impl Drop for Opening<'_> {
    fn drop(&mut self) {
        self.gate.lock().held.remove(&self.write);
    }
}

impl Gate {
    /// A gate that lets nothing out to any other place, not even what only asks: its key might be a real one.
    pub fn within(only: Option<Origin>) -> Self {
        Self { only, ..Self::default() }
    }

    /// Whether anything may go to this address.
    pub fn reaches(&self, url: &str) -> bool {
        self.only.as_ref().is_none_or(|only| Url::parse(url.trim()).is_ok_and(|url| url.origin() == *only))
    }

    /// Opens the gate for exactly these writes. Those that are held open by themselves stay so only if they still may
    /// leave.
    pub fn keep(&self, open: BTreeMap<Write, Route>, still_may: impl Fn(Write) -> bool) {
        let mut known = self.lock();
        known.kept = open;
        known.held.retain(|write, _| still_may(*write));
    }

    /// Opens the gate for a write that the state does not hold, while the opening lives. Without a route it stays shut.
    pub fn open_while(&self, write: Write, route: Option<Route>) -> Opening<'_> {
        self.lock().held.extend(route.map(|route| (write, route)));
        Opening { gate: self, write }
    }

    /// Whether a question may leave.
    ///
    /// # Errors
    /// A fault that says that it was held back.
    pub fn check(&self, url: &str) -> Result<(), Fault> {
        let held_back = || Fault::new(FaultKind::Rejected, "Herald held it back: practice reaches only its own world");
        self.reaches(url).then_some(()).ok_or_else(held_back)
    }

    /// Whether this request may leave as the write that the permit is for.
    ///
    /// # Errors
    /// A fault that says that it was held back.
    pub fn check_write(&self, permit: &Permit, method: &Method, url: &str) -> Result<(), Fault> {
        self.check(url)?;
        let wanted = Url::parse(url).ok();
        let open = self.lock();
        let route = open.kept.get(&permit.write()).or_else(|| open.held.get(&permit.write()));
        let is_it = route.is_some_and(|route| route.method == *method && Some(&route.url) == wanted.as_ref());
        let held_back = || Fault::new(FaultKind::Rejected, "Herald held it back: it may not write there now");
        is_it.then_some(()).ok_or_else(held_back)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
