//! Every place that can be opened (H110), by one rule: what belongs to a service follows the one that is connected, and is
//! the playbook's only while none is, or the playbook's own. In practice no place is a real one.

use crate::feed::{PageKind, StatusPage, Tracker};
use crate::state::State;
use crate::zendesk::ZendeskRules;

/// Where dashboards of the two kinds of status page are.
const STATUS_IO_API: &str = "https://api.status.io";
const STATUS_IO_DASHBOARD: &str = "https://app.status.io/dashboard/";
const STATUSPAGE_API: &str = "https://api.statuspage.io";
const STATUSPAGE_DASHBOARD: &str = "https://manage.statuspage.io/pages/";
/// Top-level names that lead nowhere (RFC 2606), and hosts that are this computer.
const NOWHERE: [&str; 4] = [".example", ".test", ".invalid", ".localhost"];
const HERE: [&str; 3] = ["127.0.0.1", "localhost", "[::1]"];

/// The place in a slot of the playbook.
#[must_use]
pub fn place(state: &State, slot: &str) -> Option<String> {
    let told = state.playbook.links.get(slot).filter(|url| !url.is_empty()).cloned();
    let place = match (slot, &state.status_page, &state.tracker) {
        ("live_status_page", Some(page), _) => Some(page.public_url.clone()),
        ("status_page_admin", Some(page), _) => {
            let rules = &state.playbook.status_page;
            let ours = page.kind == rules.kind && page.page_id == rules.page_id;
            // Of a page that is only read, nobody knows who runs it, but the team.
            let by_hand = !page.kind.has_api() && page.public_url == rules.public_url;
            told.filter(|_| ours || by_hand).or_else(|| dashboard(page))
        }
        ("production_tracker", _, Some(tracker)) => {
            told.filter(|url| leads_to(url, tracker)).or_else(|| issues(tracker, &tracker.project))
        }
        ("handover_tracker", _, Some(tracker)) => {
            let project = &state.playbook.handover.project;
            told.filter(|url| leads_to(url, tracker)).or_else(|| issues(tracker, project))
        }
        // Forms of issues exist in the tracker that the playbook knows, and in no other.
        ("practice_event_template" | "rotation_request" | "contact_request", _, Some(tracker)) => {
            let elsewhere =
                |url: &String| host(url) == host(&state.playbook.tracker.base_url) && !leads_to(url, tracker);
            told.filter(|url| !elsewhere(url))
        }
        ("shadow_schedule" | "pagerduty_schedule", _, _) => told.filter(|url| of_this_account(state, url)),
        _ => told,
    };
    place.filter(|url| may_open(state, url))
}

/// Every place, by its slot.
#[must_use]
pub fn all(state: &State) -> Vec<(String, String)> {
    let known = state.playbook.links.keys();
    known.filter_map(|slot| Some((slot.clone(), place(state, slot)?))).collect()
}

/// The search of tickets, in the Zendesk that is connected; without one, in the team's own, where the playbook names it.
#[must_use]
pub fn tickets(state: &State) -> Option<String> {
    let rules: &ZendeskRules = &state.playbook.zendesk;
    let base_url = state.zendesk.as_ref().map_or(rules.base_url.as_str(), |it| it.base_url.as_str());
    let known = !base_url.is_empty() && may_open(state, base_url);
    known.then(|| format!("{}{}", base_url.trim_end_matches('/'), rules.search_path))
}

/// Whether a link may be opened: in practice nothing leads to a real service, whoever wrote it.
#[must_use]
pub fn may_open(state: &State, url: &str) -> bool {
    !state.session.mode.is_practice() || leads_nowhere(url)
}

/// Whether a link leads to this computer, or to a name that no service has.
#[must_use]
pub fn leads_nowhere(url: &str) -> bool {
    host(url).is_some_and(|host| HERE.contains(&host.as_str()) || NOWHERE.iter().any(|end| host.ends_with(end)))
}

fn dashboard(page: &StatusPage) -> Option<String> {
    match page.kind {
        PageKind::StatusIo if page.api_url.starts_with(STATUS_IO_API) => {
            Some(format!("{STATUS_IO_DASHBOARD}{}", page.page_id))
        }
        PageKind::Statuspage if page.api_url.starts_with(STATUSPAGE_API) => {
            Some(format!("{STATUSPAGE_DASHBOARD}{}", page.page_id))
        }
        PageKind::StatusIo | PageKind::Statuspage | PageKind::Rss => None,
    }
}

/// The list of a project's issues; of a project that is only known by number there is no page.
fn issues(tracker: &Tracker, project: &str) -> Option<String> {
    let site = tracker.base_url.split("/api/").next().unwrap_or(&tracker.base_url).trim_end_matches('/');
    project.contains('/').then(|| format!("{site}/{project}/-/issues"))
}

fn leads_to(url: &str, tracker: &Tracker) -> bool {
    host(url).is_some() && host(url) == host(&tracker.base_url)
}

/// Whether a page of PagerDuty's is one of the account that pages here. Its own pages tell where that is.
fn of_this_account(state: &State, url: &str) -> bool {
    let pages = state.pages.values().filter_map(|page| host(page.seen.url.as_deref()?));
    let mut hosts = pages.filter(|host| host.contains("pagerduty"));
    hosts.next().is_none_or(|known| host(url).as_ref() == Some(&known))
}

/// The host of a link, in lower case, without port and sign-in.
fn host(url: &str) -> Option<String> {
    let (scheme, rest) = url.trim().split_once("://")?;
    let web = scheme.eq_ignore_ascii_case("https") || scheme.eq_ignore_ascii_case("http");
    let authority = rest.split(['/', '?', '#', '\\']).next()?.rsplit('@').next()?;
    let host = match authority.strip_prefix('[') {
        Some(rest) => format!("[{}]", rest.split(']').next()?),
        None => authority.split(':').next()?.to_owned(),
    };
    (web && !host.is_empty()).then(|| host.trim_end_matches('.').to_lowercase())
}

#[cfg(test)]
mod tests;
