//! Pages that name the issue of an incident join its card by themselves; what the user took apart stays so.

use std::collections::BTreeSet;

use super::Draft;
use super::feeds::{links_to, note};
use crate::Time;
use crate::incident::{By, Incident, IncidentId, Part};
use crate::page::{Page, PageId};

/// What stands before the number of an issue in a title: GitLab's own way, and the name of an incident's channel.
const BEFORE_NUMBER: [&str; 3] = ["#incident-", "incident-", "#"];

impl Draft<'_> {
    /// Joins pages that call for an incident and say so.
    pub(super) fn join_named_pages(&mut self, now: Time) {
        let incidents = &self.state.incidents;
        let taken: BTreeSet<&PageId> = incidents.values().flat_map(|incident| &incident.pages).collect();
        let known: Vec<_> = incidents.iter().filter(|(_, it)| it.open() && it.issue_iid().is_some()).collect();
        if known.is_empty() {
            return;
        }
        let free = self.state.pages.values().filter(|page| page.open() && !taken.contains(&page.seen.id));
        let named: Vec<(IncidentId, PageId)> = free
            .filter_map(|page| {
                let of = known.iter().find(|(_, incident)| calls_for(page, incident))?;
                Some((*of.0, page.seen.id.clone()))
            })
            .collect();
        for (id, page) in named {
            self.incident(id, |it| {
                note(it, now, By::Herald, format!("The page {page} names the issue: joined"));
                it.pages.insert(page);
            });
        }
    }
}

/// Whether a page names the issue of an incident, and the user did not take it apart.
fn calls_for(page: &Page, incident: &Incident) -> bool {
    let seen = &page.seen;
    let apart = || incident.apart.contains(&Part::Page { id: seen.id.clone() });
    let texts = [Some(&seen.title), seen.url.as_ref(), seen.call_url.as_ref()];
    let linked = |url: &str| texts.into_iter().flatten().any(|text| links_to(text, url));
    let numbered = || incident.issue.as_ref().is_some_and(|issue| numbers(&seen.title).any(|iid| iid == issue.iid));
    (incident.issue_url().is_some_and(linked) || numbered()) && !apart()
}

/// The numbers of issues in a title.
fn numbers(title: &str) -> impl Iterator<Item = u64> + '_ {
    let words = title.split(|c: char| c.is_whitespace() || "()[],;:.!?".contains(c));
    words.filter_map(|word| BEFORE_NUMBER.iter().find_map(|before| word.strip_prefix(before))?.parse().ok())
}

#[cfg(test)]
mod tests;
