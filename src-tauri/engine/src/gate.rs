//! The last check before a request leaves: nothing but reading, unless a page was permitted by name (H24).

use std::collections::BTreeSet;
use std::sync::Mutex;

use herald_core::{Fault, FaultKind, PageId};
use reqwest::{Method, Url};

/// Lets every reading request out, and a writing one only for pages that the engine opened it for. It is the second
/// of two locks: the first is that the writing client cannot be made without a permit.
#[derive(Debug, Default)]
pub struct Gate {
    open_for: Mutex<BTreeSet<PageId>>,
}

impl Gate {
    /// Opens the gate for exactly these pages.
    pub fn open_for(&self, pages: BTreeSet<PageId>) {
        *self.lock() = pages;
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
        let mut path = url.path_segments().ok_or_else(held_back)?.rev();
        let (id, noun) = (path.next(), path.next());
        let permitted = noun == Some("incidents") && id.is_some_and(|id| self.lock().contains(&PageId::new(id)));
        if permitted { Ok(()) } else { Err(held_back()) }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeSet<PageId>> {
        self.open_for.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

fn held_back() -> Fault {
    Fault::new(FaultKind::Rejected, "Herald held it back: this page is not yours to write to")
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
}
