//! Which one request each write consists of, worked out from the state alone: what the gate holds a client's request
//! against (H24).

use std::collections::BTreeMap;

use herald_core::draft::{Publication, PublishStage};
use herald_core::errand::{ErrandStage, ErrandTask};
use herald_core::feed::{PageKind, StatusPage};
use herald_core::job::JobStage;
use herald_core::{Phase, State, Time, Write, permit};
use reqwest::Method;
use url::form_urlencoded::byte_serialize;

use crate::gate::Route;

/// The writes that are on their way and may leave at `now`, each with its request.
pub(crate) fn open(state: &State, now: Time) -> BTreeMap<Write, Route> {
    let jobs = state.jobs.iter().filter(|(_, it)| it.stage == JobStage::Running).map(|(id, _)| Write::Job(*id));
    let updates = state.publications.iter().filter(|(_, it)| it.stage == PublishStage::Running);
    let errands = state.errands.iter().filter(|(_, it)| it.stage == ErrandStage::Running);
    let all = jobs.chain(updates.map(|(id, _)| Write::Update(*id))).chain(errands.map(|(id, _)| Write::Errand(*id)));
    let may = all.filter(|write| permit(state, *write, now).is_ok());
    may.filter_map(|write| Some((write, route(state, write)?))).collect()
}

/// The request of one write. That of "I intend to…" is a secret and no part of the state.
fn route(state: &State, write: Write) -> Option<Route> {
    let (method, url) = match write {
        Write::Job(id) => {
            let (page, _) = state.jobs.get(&id)?.task.page();
            (Method::PUT, format!("{}/incidents/{page}", root(&state.account.as_ref()?.base_url)))
        }
        Write::Update(id) => update(state.status_page.as_ref()?, state.publications.get(&id)?)?,
        Write::Errand(id) => errand(state, &state.errands.get(&id)?.task)?,
        Write::Intention(_) => return None,
    };
    Route::new(method, &url)
}

fn update(page: &StatusPage, it: &Publication) -> Option<(Method, String)> {
    let api = root(&page.api_url);
    Some(match (page.kind, &it.post) {
        (PageKind::StatusIo, None) => (Method::POST, format!("{api}/incident/create")),
        (PageKind::StatusIo, Some(_)) if it.text.phase == Phase::Resolved => {
            (Method::POST, format!("{api}/incident/resolve"))
        }
        (PageKind::StatusIo, Some(_)) => (Method::POST, format!("{api}/incident/update")),
        (PageKind::Statuspage, post) => statuspage(page, post.as_deref()),
        (PageKind::Rss, _) => return None,
    })
}

/// A new incident on Statuspage, or a change of a known one. Maintenance is an incident there, too.
fn statuspage(page: &StatusPage, post: Option<&str>) -> (Method, String) {
    let incidents = format!("{}/pages/{}/incidents", root(&page.api_url), page.page_id);
    match post {
        None => (Method::POST, incidents),
        Some(post) => (Method::PATCH, format!("{incidents}/{post}")),
    }
}

fn errand(state: &State, task: &ErrandTask) -> Option<(Method, String)> {
    let issues = |project: &str| {
        let project: String = byte_serialize(project.as_bytes()).collect();
        state.tracker.as_ref().map(|it| format!("{}/projects/{project}/issues", root(&it.base_url)))
    };
    let page = state.status_page.as_ref();
    let maintenance = |page: &StatusPage, call: &str| format!("{}/maintenance/{call}", root(&page.api_url));
    Some(match task {
        ErrandTask::LabelIssue { iid, .. } => {
            (Method::PUT, format!("{}/{iid}", issues(&state.tracker.as_ref()?.project)?))
        }
        ErrandTask::FileHandover { project, .. } => (Method::POST, issues(project)?),
        ErrandTask::ScheduleMaintenance { .. } => match page?.kind {
            PageKind::StatusIo => (Method::POST, maintenance(page?, "schedule")),
            PageKind::Statuspage => statuspage(page?, None),
            PageKind::Rss => return None,
        },
        ErrandTask::TellMaintenance { post, tell, .. } => match page?.kind {
            PageKind::StatusIo => (Method::POST, maintenance(page?, tell.key())),
            PageKind::Statuspage => statuspage(page?, Some(post)),
            PageKind::Rss => return None,
        },
    })
}

fn root(url: &str) -> &str {
    url.trim_end_matches('/')
}

#[cfg(test)]
pub(crate) mod tests;
