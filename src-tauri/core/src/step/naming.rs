//! Pages that say for which incident they call join its card by themselves; what the user took apart stays so.

use std::collections::BTreeSet;

use super::Draft;
use super::feeds::note;
use crate::incident::{By, Incident, IncidentId};
use crate::page::PageId;
use crate::{Fault, Time, calling};

impl Draft<'_> {
    /// Joins pages that call for one incident and say so. Where two fit alike, the user is asked.
    pub(super) fn join_named_pages(&mut self, now: Time) {
        // Without incidents there is nothing to join, and nothing to ask.
        let none = !self.state.incidents.values().any(Incident::open);
        let taken: BTreeSet<&PageId> = self.state.incidents.values().flat_map(|incident| &incident.pages).collect();
        let free = self.state.pages.values().filter(|page| !none && page.open() && !taken.contains(&page.seen.id));
        let named: Vec<(IncidentId, PageId, &'static str)> = free
            .filter_map(|page| match calling::fits(&self.state, page) {
                (ids, why) if ids.len() == 1 => Some((ids[0], page.seen.id.clone(), why)),
                _ => None,
            })
            .collect();
        for (id, page, why) in named {
            self.incident(id, |it| {
                note(it, now, By::Herald, format!("The page {page} {why}: joined"));
                it.pages.insert(page);
            });
        }
        let asked = calling::questions(&self.state);
        if asked != self.state.session.asked {
            self.session(|session| session.asked = asked);
        }
    }

    /// What the alerts of a page say.
    pub(super) fn words_read(&mut self, page: PageId, result: Result<Vec<String>, Fault>, now: Time) {
        let open: BTreeSet<PageId> = self.state.pages.keys().cloned().collect();
        self.session(|session| {
            let known = session.words.get(&page).cloned().unwrap_or_default();
            session.words.insert(page, known.read(result, now));
            session.words.retain(|page, _| open.contains(page));
        });
        self.join_named_pages(now);
    }
}

#[cfg(test)]
mod tests;
