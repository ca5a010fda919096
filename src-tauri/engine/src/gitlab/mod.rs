//! GitLab's REST API, as far as Herald reads it (services.md 2).

mod connect;
mod facts;
mod wire;
mod words;
mod writer;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use herald_core::feed::{FeedAnswer, IssueSeen, IssuesTold, Tracker};
use herald_core::playbook::TrackerRules;
use herald_core::{Fault, FaultKind, Time};
use reqwest::StatusCode;
use reqwest::header::{ACCEPT, CONTENT_TYPE, ETAG, HeaderMap, HeaderName, HeaderValue, IF_NONE_MATCH};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::value::RawValue;
use url::form_urlencoded::byte_serialize;

use crate::http::{Answer, Http, Request, budget_pause};

pub(crate) use connect::connect;
pub(crate) use words::{issue_at, site};
pub(crate) use writer::{FiledIssue, NewIssue, Writer};

/// Pages of a list that are read at the most: nobody speaks for 2,000 open incidents.
const LIST_PAGES_MAX: u32 = 20;
/// Issues that are asked for by themselves after a list.
const LOOKS_MAX: usize = 20;
/// Issues on one page of a list: the most GitLab gives.
const LIST_LIMIT: usize = 100;
/// Time for a whole list.
const LIST_MAX: Duration = Duration::from_secs(60);
/// Time for all of those.
const LOOKS_TAKE_MAX: Duration = Duration::from_secs(20);
/// Answers larger than this are not kept for the next question, in bytes.
const KEPT_BYTES_MAX: usize = 4 * 1024 * 1024;

/// The last answers of a tracker, so that unchanged ones are not sent again. Belongs to one connected tracker.
#[derive(Clone, Default)]
pub(crate) struct Kept(Arc<Mutex<BTreeMap<String, KeptPage>>>);

#[derive(Clone)]
struct KeptPage {
    tag: HeaderValue,
    body: Vec<u8>,
    next: Option<u32>,
}

/// Reads a tracker. It has no way to write.
#[derive(Clone)]
pub(crate) struct Reader {
    http: Http,
    base_url: String,
    project: String,
    headers: HeaderMap,
}

impl Reader {
    pub fn new(http: Http, tracker: &Tracker, token: Option<&SecretString>) -> Result<Self, Fault> {
        Self::at(http, &tracker.base_url, &tracker.project, token)
    }

    fn at(http: Http, base_url: &str, project: &str, token: Option<&SecretString>) -> Result<Self, Fault> {
        let mut headers = HeaderMap::from_iter([(ACCEPT, HeaderValue::from_static("application/json"))]);
        if let Some(token) = token {
            let mut value = HeaderValue::from_str(token.expose_secret().trim())
                .map_err(|_| Fault::new(FaultKind::Unauthorized, "the key holds characters that no key has"))?;
            value.set_sensitive(true);
            headers.insert(HeaderName::from_static("private-token"), value);
        }
        let base_url = base_url.trim_end_matches('/').to_owned();
        Ok(Self { http, base_url, project: project.to_owned(), headers })
    }

    /// All open incident issues by the playbook's labels: a full set, never a window of time. Those that are followed
    /// and not among them are asked for by themselves.
    pub async fn incident_issues(
        &self,
        rules: &TrackerRules,
        kept: &Kept,
        followed: &[u64],
    ) -> Result<FeedAnswer<IssuesTold>, Fault> {
        let late =
            |_| Err(Fault::new(FaultKind::Timeout, format!("the whole list took over {} s", LIST_MAX.as_secs())));
        let list = tokio::time::timeout(LIST_MAX, self.read_list(rules, kept)).await.unwrap_or_else(late)?;
        let FeedAnswer { asked_at, told: issues, skipped, complete, pause_until } = list;
        let told = IssuesTold { issues, hidden: BTreeSet::new() };
        let mut answer = FeedAnswer { asked_at, told, skipped, complete, pause_until };
        // However that ends, the list counts.
        if tokio::time::timeout(LOOKS_TAKE_MAX, self.look_at_lacking(&mut answer, rules, followed)).await.is_err() {
            answer.skipped += 1;
        }
        Ok(answer)
    }

    /// Completes an answer by the issues that the list lacks. One that cannot be read now is left out like any other.
    async fn look_at_lacking(&self, answer: &mut FeedAnswer<IssuesTold>, rules: &TrackerRules, followed: &[u64]) {
        let listed: BTreeSet<u64> = answer.told.issues.iter().map(|issue| issue.iid).collect();
        for iid in followed.iter().copied().filter(|iid| !listed.contains(iid)).take(LOOKS_MAX) {
            match self.look(iid, rules, answer.asked_at).await {
                Ok(Some(issue)) => answer.told.issues.push(issue),
                Ok(None) => answer.skipped += 1,
                Err(fault) if matches!(fault.kind, FaultKind::NotFound | FaultKind::Forbidden) => {
                    answer.told.hidden.insert(iid);
                }
                Err(fault) => {
                    answer.skipped += 1;
                    answer.pause_until = answer.pause_until.max(fault.retry_at);
                    if fault.retry_at.is_some() {
                        return;
                    }
                }
            }
        }
    }

    /// One issue, whatever its labels; nothing if it cannot be made out.
    async fn look(&self, iid: u64, rules: &TrackerRules, asked_at: Time) -> Result<Option<IssueSeen>, Fault> {
        let path = format!("/projects/{}/issues/{iid}", encoded(&self.project));
        let raw: Box<RawValue> = self.read(&path).await?;
        Ok(wire::issue(&raw, rules, &self.base_url, &self.project, asked_at).filter(|issue| issue.iid == iid))
    }

    async fn read_list(&self, rules: &TrackerRules, kept: &Kept) -> Result<FeedAnswer<Vec<IssueSeen>>, Fault> {
        let asked_at = self.http.now();
        let labels = encoded(&rules.labels.join(","));
        let project = encoded(&self.project);
        let mut answer = FeedAnswer { asked_at, told: vec![], skipped: 0, complete: true, pause_until: None };
        let mut issues = BTreeMap::<u64, IssueSeen>::new();
        let mut page = 1;
        for _ in 0..LIST_PAGES_MAX {
            let path = format!(
                "/projects/{project}/issues?labels={labels}&state=opened&order_by=created_at&sort=asc\
                 &per_page={LIST_LIMIT}&page={page}"
            );
            let part = self.part(&path, page, kept).await?;
            answer.pause_until = part.pause_until.or(answer.pause_until);
            let before = issues.len();
            for raw in &part.items {
                let Some(issue) = wire::issue(raw, rules, &self.base_url, &self.project, asked_at) else {
                    answer.skipped += 1;
                    continue;
                };
                // The same issue on two pages of the list: something moved, so absence means nothing.
                let known = issues.get(&issue.iid);
                answer.complete &= known.is_none();
                if known.is_none_or(|known| known.updated_at <= issue.updated_at) {
                    // The list is asked for by the labels; how it tells them does not matter.
                    issues.insert(issue.iid, IssueSeen { active: true, ..issue });
                }
            }
            match part.next {
                None => {
                    answer.complete &= answer.skipped == 0;
                    answer.told = issues.into_values().collect();
                    return Ok(answer);
                }
                Some(next) if next > page && issues.len() > before => page = next,
                Some(_) => break,
            }
        }
        answer.complete = false;
        answer.told = issues.into_values().collect();
        Ok(answer)
    }

    /// One page of the list; an unchanged one comes out of memory.
    async fn part(&self, path: &str, page: u32, kept: &Kept) -> Result<Part, Fault> {
        let before = kept.lock().get(path).cloned();
        let mut headers = self.headers.clone();
        if let Some(before) = &before {
            headers.insert(IF_NONE_MATCH, before.tag.clone());
        }
        let answer = self.get(path, headers).await?;
        let pause_until = budget_pause(&answer.headers, self.http.now());
        if answer.status == StatusCode::NOT_MODIFIED {
            let before = before.ok_or_else(|| Fault::new(FaultKind::Broken, "unchanged, but since when?"))?;
            let headers = HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static("application/json"))]);
            let known = Answer { status: StatusCode::OK, headers, body: before.body, between: answer.between };
            return Ok(Part { items: self.http.parse(&known)?, next: before.next, pause_until });
        }
        let items: Vec<Box<RawValue>> = self.http.parse(&answer)?;
        let next = next_page(&answer.headers, page, items.len());
        let mut pages = kept.lock();
        match answer.headers.get(ETAG) {
            Some(tag) if answer.body.len() <= KEPT_BYTES_MAX && pages.len() < LIST_PAGES_MAX as usize => {
                pages.insert(path.to_owned(), KeptPage { tag: tag.clone(), body: answer.body, next });
            }
            Some(_) | None => {
                // Also makes room when the playbook's labels change the addresses.
                pages.clear();
            }
        }
        drop(pages);
        Ok(Part { items, next, pause_until })
    }

    async fn get(&self, path: &str, headers: HeaderMap) -> Result<Answer, Fault> {
        let url = format!("{}{path}", self.base_url);
        self.http.send(Request { url, headers }).await
    }

    /// What stands at a path.
    async fn read<T: wire::Told>(&self, path: &str) -> Result<T, Fault> {
        self.http.parse(&self.get(path, self.headers.clone()).await?)
    }
}

/// One page of a list.
struct Part {
    items: Vec<Box<RawValue>>,
    next: Option<u32>,
    pause_until: Option<Time>,
}

impl Kept {
    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, KeptPage>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The number of the next page. Of a link only the number is taken: the key goes nowhere but to the tracker. A full
/// page without either header may have another behind it.
fn next_page(headers: &HeaderMap, page: u32, items: usize) -> Option<u32> {
    let text = |name: &str| headers.get(name).and_then(|it| it.to_str().ok());
    if let Some(next) = text("x-next-page") {
        return next.trim().parse().ok();
    }
    let Some(links) = text("link") else { return (items >= LIST_LIMIT).then_some(page + 1) };
    let next = links.split(',').find(|link| link.contains("rel=\"next\""))?;
    let url = url::Url::parse(next.split_once('<')?.1.split_once('>')?.0).ok()?;
    url.query_pairs().find(|(name, _)| name == "page")?.1.parse().ok()
}

fn encoded(text: &str) -> String {
    byte_serialize(text.as_bytes()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_page() {
        let link =
            "<https://gl.example/api?page=1&x=2>; rel=\"first\", <https://gl.example/api?x=2&page=3>; rel=\"next\"";
        for (name, value, items, expected) in [
            ("x-next-page", "2", 100, Some(2)),
            ("x-next-page", "", 100, None),
            ("x-next-page", "soon", 100, None),
            ("link", link, 100, Some(3)),
            ("link", "<https://gl.example/api?page=1>; rel=\"last\"", 100, None),
            ("x-other", "1", 100, Some(2)),
            ("x-other", "1", 99, None),
        ] {
            let headers = HeaderMap::from_iter([(HeaderName::from_static(name), HeaderValue::from_static(value))]);
            assert_eq!(next_page(&headers, 1, items), expected, "{name}: {value}, {items} items");
        }
    }

    #[test]
    fn labels_and_paths_are_encoded() {
        assert_eq!(encoded("incident,Incident::Active"), "incident%2CIncident%3A%3AActive");
        assert_eq!(encoded("group/project"), "group%2Fproject");
    }
}
