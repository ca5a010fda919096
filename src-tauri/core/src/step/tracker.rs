//! What becomes true when the tracker answers: cards are made, and an issue that left asks whether the incident is over.

use super::Draft;
use super::feeds::note;
use crate::Time;
use crate::calling::links_to;
use crate::feed::{FeedAnswer, IssueSeen, IssuesTold};
use crate::incident::{By, Incident, IncidentId, IssueStanding, Own, Part, iid_of, same_project};
use crate::page::Page;
use crate::phase::{Phase, Severity};
use crate::poll::SourceName;

impl Draft<'_> {
    pub(super) fn issues_read(&mut self, answer: FeedAnswer<IssuesTold>, jitter: f64, now: Time) {
        for issue in answer.told.issues {
            self.see_issue(issue, now);
        }
        for iid in answer.told.hidden {
            let of = |incident: &Incident| incident.issue.as_ref().is_some_and(|issue| issue.iid == iid);
            if let Some(id) = self.find(of) {
                self.miss_issue(id, now);
            }
        }
        self.join_named_pages(now);
        self.forget_old_incidents(now);
        self.heard(SourceName::Tracker, answer.skipped, answer.pause_until, jitter, now);
    }

    fn see_issue(&mut self, issue: IssueSeen, now: Time) {
        let id = match self.incident_of_issue(&issue) {
            Some(id) => id,
            None if issue.open && issue.active => self.new_incident(issue.created_at.min(now)),
            None => return,
        };
        let untouched = self.untouched(id);
        self.incident(id, |incident| {
            let known = incident.issue.clone();
            let known = known.as_ref();
            if known.is_some_and(|known| known.iid == issue.iid && known.updated_at > issue.updated_at) {
                return;
            }
            let before = incident.issue_standing();
            for what in issue_news(known, &issue) {
                note(incident, now, By::Others, what);
            }
            incident.issue_missing = 0;
            incident.issue = Some(issue);
            issue_stands(incident, before, untouched, now);
        });
    }

    /// The issue was asked for and is not to be seen. Nobody learns from that whether the incident is over.
    fn miss_issue(&mut self, id: IncidentId, now: Time) {
        self.incident(id, |incident| {
            let before = incident.issue_standing();
            incident.issue_missing = incident.issue_missing.saturating_add(1);
            if before != incident.issue_standing() {
                let what = "The issue cannot be seen any more: it may be confidential now, moved or deleted";
                note(incident, now, By::Others, what.into());
                // Nobody gets a link that perhaps leads nowhere.
                incident.issue.iter_mut().for_each(|issue| issue.confidential = true);
            }
            issue_stands(incident, before, false, now);
        });
    }

    /// Whether an incident is nothing but its issue: nothing was decided, written, entered or published about it, and no
    /// page calls for it.
    fn untouched(&self, id: IncidentId) -> bool {
        let state = &self.state;
        let Some(incident) = state.incidents.get(&id) else { return false };
        let calls = incident.pages.iter().filter_map(|page| state.pages.get(page)).any(Page::open);
        let writes = state.drafts.contains_key(&id) || state.publications.values().any(|it| it.incident == id);
        let told = incident.decided_at.is_some() || incident.public();
        !calls && !writes && !told && incident.own == Own::default()
    }

    fn incident_of_issue(&self, issue: &IssueSeen) -> Option<IncidentId> {
        let part = Part::Issue { iid: issue.iid };
        let may = |incident: &Incident| !incident.apart.contains(&part);
        // A link that the user set by hand counts as far as it leads to this tracker's issues.
        let by_hand = |incident: &Incident| {
            incident.own.issue_url.as_deref().filter(|url| same_project(url, &issue.url)).map(str::to_owned)
        };
        let same = |incident: &Incident| match by_hand(incident) {
            Some(url) => iid_of(&url) == Some(issue.iid),
            None => incident.issue.as_ref().is_some_and(|known| known.iid == issue.iid),
        };
        let linked = |incident: &Incident| {
            incident.issue.is_none() && incident.told().iter().any(|update| links_to(&update.text, &issue.url))
        };
        self.find(|incident| may(incident) && same(incident)).or_else(|| {
            self.find(|incident| incident.open() && may(incident) && incident.issue_url().is_none() && linked(incident))
        })
    }
}

/// Its issue stands otherwise than before. Only an incident that is nothing but its issue ends with it; any other goes
/// on and asks.
fn issue_stands(incident: &mut Incident, before: Option<IssueStanding>, untouched: bool, now: Time) {
    let after = incident.issue_standing();
    if before == after {
        return;
    }
    incident.issue_left_at = after.filter(|after| *after != IssueStanding::Active).map(|_| now);
    if after.is_some_and(IssueStanding::over) && untouched {
        incident.ended_at = incident.ended_at.or(Some(now));
    }
    let back = after == Some(IssueStanding::Active) && before.is_some_and(IssueStanding::over);
    if back && incident.phase() != Some(Phase::Resolved) {
        incident.ended_at = None;
    }
}

/// What changed on an issue, in words.
fn issue_news(known: Option<&IssueSeen>, issue: &IssueSeen) -> Vec<String> {
    let Some(known) = known else { return vec![format!("Issue #{}: {}", issue.iid, issue.title)] };
    let mut news = vec![];
    if known.severity != issue.severity {
        let label = |severity: Option<Severity>| severity.map_or("none", Severity::label);
        news.push(format!("Severity {} → {}", label(known.severity), label(issue.severity)));
    }
    if let Some(says) = issue.says.filter(|_| known.says != issue.says) {
        news.push(format!("The issue says: {}", says.label()));
    }
    if known.title != issue.title {
        news.push(format!("Title: {}", issue.title));
    }
    if known.confidential != issue.confidential {
        news.push(if issue.confidential { "The issue is confidential now" } else { "The issue is public now" }.into());
    }
    if known.open != issue.open {
        news.push(if issue.open { "Issue reopened" } else { "Issue closed" }.into());
    } else if known.active != issue.active {
        let what = if issue.active {
            "The issue is listed as active again"
        } else {
            "The issue is no longer listed as active"
        };
        news.push(what.into());
    }
    news
}

#[cfg(test)]
mod tests;
