//! PagerDuty's REST API, as far as Herald uses it (services.md 1).

mod alerts;
mod connect;
mod last;
mod schedules;
mod wire;
mod writer;

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use herald_core::oncall::OnCall;
use herald_core::page::trigger_in_doubt;
use herald_core::table::Table;
use herald_core::{Account, Fault, FaultKind, KeyKind, Page, PageId, SeenPage, Snapshot, Time};
use reqwest::header::{ACCEPT, AUTHORIZATION, HeaderMap, HeaderValue};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::value::RawValue;

use crate::http::{Answer, Http, Request, budget_pause};

pub(crate) use connect::connect;
pub use connect::{ConnectError, ConnectRequest, check_url};
pub(crate) use last::LastLists;
use last::{Item, Part, Reading};
pub(crate) use writer::Writer;

/// Pages of a list that are read at the most: PagerDuty itself gives no more than 10,000 incidents (services.md 1.4).
const LIST_PAGES_MAX: usize = 100;
/// Incidents on one page of a list: the most PagerDuty gives.
const LIST_LIMIT: usize = 100;
/// Pages of on-call times that are read at the most; few are on call so often.
const ONCALL_PAGES_MAX: usize = 5;
/// Pages of the list of everybody's incidents that are looked through for requests to help: the newest thousand.
const OTHERS_PAGES_MAX: usize = 10;
/// Logs that are read after one list; what is left in doubt is asked again after the next.
const LOGS_MAX: usize = 5;
/// Time for reading them: what calls must not wait for it.
const LOGS_FOR: Duration = Duration::from_secs(2);
/// Time for a whole list.
const LIST_MAX: Duration = Duration::from_secs(60);
/// How far ahead on-call times are asked for.
const AHEAD: TimeDelta = TimeDelta::days(7);

/// A key, and how it is presented (services.md 1.1).
#[derive(Clone)]
pub(crate) struct Key {
    pub kind: KeyKind,
    pub token: SecretString,
}

impl Key {
    /// The key behind this token: OAuth tokens are told by their beginning.
    pub fn new(token: SecretString) -> Self {
        let kind = if is_oauth(&token) { KeyKind::OAuth } else { KeyKind::Personal };
        Self { kind, token }
    }

    fn headers(&self) -> Result<HeaderMap, Fault> {
        let token = self.token.expose_secret();
        // By the token itself, whatever was noted when it was tried: PagerDuty refuses one of these as `Token token=`.
        let bearer = is_oauth(&self.token) || self.kind == KeyKind::OAuth;
        let authorization = if bearer { format!("Bearer {token}") } else { format!("Token token={token}") };
        let mut value = HeaderValue::from_str(&authorization)
            .map_err(|_| Fault::new(FaultKind::Unauthorized, "the key holds characters that no key has"))?;
        value.set_sensitive(true);
        let accept = HeaderValue::from_static("application/vnd.pagerduty+json;version=2");
        Ok(HeaderMap::from_iter([(AUTHORIZATION, value), (ACCEPT, accept)]))
    }
}

/// Whether this is an OAuth token: they begin with the region that they are of (PagerDuty developer documentation, OAuth,
/// "obtaining a token": `pdus+…`, `pdeu+…`).
fn is_oauth(token: &SecretString) -> bool {
    ["pdus+", "pdeu+"].iter().any(|beginning| token.expose_secret().starts_with(beginning))
}

/// What Herald knew of its pages when it asked: what an answer leaves open follows from it.
pub(crate) type Known = Table<PageId, Page>;

/// Reads PagerDuty. It has no way to write.
#[derive(Clone)]
pub(crate) struct Reader {
    http: Http,
    base_url: String,
    me: String,
    headers: Arc<HeaderMap>,
}

impl Reader {
    pub fn new(http: Http, account: &Account, key: &Key) -> Result<Self, Fault> {
        Self::at(http, &account.base_url, &account.user_id, key)
    }

    fn at(http: Http, base_url: &str, me: &str, key: &Key) -> Result<Self, Fault> {
        let base_url = base_url.trim_end_matches('/').to_owned();
        Ok(Self { http, base_url, me: me.to_owned(), headers: Arc::new(key.headers()?) })
    }

    /// All my open pages and the requests to me to help: a full set, never a window of time (services.md 1.5). What was
    /// read before a failure counts.
    pub async fn my_pages(&self, known: &Known, last: &LastLists) -> Result<Snapshot, Fault> {
        let mut snapshot = Snapshot::of(self.http.now(), vec![]);
        let late = || Fault::new(FaultKind::Timeout, format!("the whole list took over {} s", LIST_MAX.as_secs()));
        let reading = self.read_lists(&mut snapshot, last.reading());
        let read = tokio::time::timeout(LIST_MAX, reading).await.unwrap_or_else(|_| Err(late()));
        if let Err(fault) = read {
            if snapshot.pages.is_empty() && !snapshot.complete {
                return Err(fault);
            }
            snapshot.fault = Some(fault);
        }
        if tokio::time::timeout(LOGS_FOR, self.read_logs(&mut snapshot.pages, known)).await.is_err() {
            tracing::debug!("logs were not read in time");
        }
        Ok(snapshot)
    }

    /// My pages, and then, among everybody's, those that I am asked to help with: PagerDuty's `user_ids[]` knows only
    /// assignments (PagerDuty REST OpenAPI, `GET /incidents`), so that the others cannot be asked for by themselves.
    async fn read_lists(&self, snapshot: &mut Snapshot, mut last: Reading<'_>) -> Result<(), Fault> {
        (snapshot.complete, snapshot.requests_complete) = (false, false);
        let mine = format!("&user_ids[]={}&sort_by=created_at:asc", self.me);
        let item = |raw: &RawValue| {
            let page = wire::my_page(raw, &self.me);
            Item { id: page.as_ref().map(|seen| seen.id.clone()), page }
        };
        let whole = self.read_list(&mine, LIST_PAGES_MAX, item, &mut last, snapshot, |item, snapshot| {
            snapshot.skipped += u32::from(item.id.is_none());
            snapshot.pages.extend(item.page.clone());
        });
        if !whole.await? {
            return Err(odd_list("it does not end"));
        }
        snapshot.complete = snapshot.skipped == 0;
        let listed: BTreeSet<PageId> = snapshot.pages.iter().map(|seen| seen.id.clone()).collect();
        let item = |raw: &RawValue| {
            let page = wire::page(raw, &self.me);
            Item { id: page.as_ref().map(|seen| seen.id.clone()), page: page.filter(SeenPage::only_asks_me) }
        };
        let mut unread = 0;
        let others = "&sort_by=created_at:desc";
        let whole = self.read_list(others, OTHERS_PAGES_MAX, item, &mut last, snapshot, |item, snapshot| {
            unread += u32::from(item.id.is_none());
            snapshot.pages.extend(item.page.clone().filter(|seen| !listed.contains(&seen.id)));
        });
        snapshot.requests_complete = whole.await? && unread == 0;
        Ok(())
    }

    /// Reads a list to its end, or to its `pages_max`-th page; says whether that was its end. One that contradicts itself
    /// is an answer to nothing: absence in it means nothing, and neither does its being short.
    async fn read_list(
        &self,
        which: &str,
        pages_max: usize,
        item: impl Fn(&RawValue) -> Item,
        last: &mut Reading<'_>,
        snapshot: &mut Snapshot,
        mut take: impl FnMut(&Item, &mut Snapshot),
    ) -> Result<bool, Fault> {
        let (mut ids, mut offset) = (HashSet::<PageId>::new(), 0);
        for _ in 0..pages_max {
            let path = format!(
                "/incidents?statuses[]=triggered&statuses[]=acknowledged{which}&date_range=all&limit={LIST_LIMIT}\
                 &offset={offset}&time_zone=UTC&include[]=conference_bridge"
            );
            let answer = self.get(&path).await?;
            snapshot.pause_until = budget_pause(&answer.headers, self.http.now()).or(snapshot.pause_until);
            self.http.of_now(&answer)?;
            let part = last.part(path, &answer.body, || self.read_part(&answer, offset, &item))?;
            self.http.hear(&answer);
            part.items.iter().for_each(|item| take(item, snapshot));
            let here: BTreeSet<&PageId> = part.items.iter().filter_map(|item| item.id.as_ref()).collect();
            // The same page on two pages of the list: something moved, so absence means nothing.
            let moved = here.iter().any(|id| ids.contains(*id));
            let before = ids.len();
            ids.extend(here.into_iter().cloned());
            if part.more && ids.len() == before {
                return Err(odd_list("there is said to be more, and nothing comes"));
            }
            if moved && pages_max == OTHERS_PAGES_MAX {
                // Of everybody's, some always begin; only what is absent then means nothing.
                return Ok(false);
            }
            if moved {
                return Err(odd_list("it changed while it was read"));
            }
            if !part.more {
                return Ok(true);
            }
            offset += part.step;
        }
        Ok(false)
    }

    fn read_part(&self, answer: &Answer, asked: usize, item: impl Fn(&RawValue) -> Item) -> Result<Part, Fault> {
        let list: wire::IncidentList = self.http.parse(answer)?;
        if list.offset.is_some_and(|told| told != asked) {
            return Err(odd_list("it is another part of it than was asked for"));
        }
        // What does not say whether it goes on, but is full, does.
        let more = list.more.unwrap_or(list.incidents.len() >= LIST_LIMIT);
        // A server may give fewer at a time than was asked for.
        let step = list.limit.filter(|limit| (1..LIST_LIMIT).contains(limit)).unwrap_or(LIST_LIMIT);
        Ok(Part { items: list.incidents.iter().map(|raw| item(raw)).collect(), more, step })
    }

    /// When pages of which only that can tell were triggered last.
    async fn read_logs(&self, pages: &mut [SeenPage], known: &Known) {
        let doubtful = pages.iter_mut().filter(|seen| trigger_in_doubt(known.get(&seen.id), seen));
        for seen in doubtful.take(LOGS_MAX) {
            if let Err(fault) = self.read_log(seen).await {
                tracing::debug!(page = %seen.id, reason = fault.reason(), "its log could not be read");
            }
        }
    }

    async fn read_log(&self, seen: &mut SeenPage) -> Result<(), Fault> {
        let path = format!("/incidents/{}/log_entries?limit={LIST_LIMIT}&time_zone=UTC", seen.id);
        let answer = self.get(&path).await?;
        let log: wire::LogEntries = self.http.json(&answer).map_err(about_one_page)?;
        if let Some(at) = wire::last_trigger(&log, seen) {
            (seen.triggered_at, seen.told.by_log) = (at, true);
        }
        Ok(())
    }

    /// One page, whoever it is assigned to; with its log, where only that can tell whether it still is the page that was
    /// `known`.
    pub async fn page(&self, id: &PageId, known: Option<&Page>) -> Result<SeenPage, Fault> {
        let seen = self.page_alone(id).await;
        let mut seen =
            seen.map_err(|fault| if fault.kind == FaultKind::NotFound { not_shown(fault) } else { fault })?;
        if trigger_in_doubt(known, &seen)
            && let Err(fault) = self.read_log(&mut seen).await
        {
            tracing::debug!(page = %id, reason = fault.reason(), "its log could not be read");
        }
        Ok(seen)
    }

    /// One page as it is, just before something is written about it.
    pub async fn page_before_writing(&self, known: &Page) -> Result<SeenPage, Fault> {
        let seen = self.page_alone(&known.seen.id).await.map_err(about_one_page)?;
        let mut seen = seen.completed(&known.seen);
        if trigger_in_doubt(Some(known), &seen) {
            match self.read_log(&mut seen).await {
                // Who may not read logs may take pages all the same.
                Err(fault) if !matches!(fault.kind, FaultKind::PageNotShown | FaultKind::Forbidden) => {
                    return Err(fault);
                }
                Ok(()) | Err(_) => {}
            }
        }
        Ok(seen)
    }

    async fn page_alone(&self, id: &PageId) -> Result<SeenPage, Fault> {
        let answer = self.get(&format!("/incidents/{id}?include[]=conference_bridge")).await?;
        self.one(&answer)
    }

    /// My on-call times, now and in the days ahead (services.md 1.6).
    pub async fn my_oncalls(&self) -> Result<OnCall, Fault> {
        let now = self.http.now();
        let text = |at: Time| at.format("%Y-%m-%dT%H:%M:%SZ").to_string();
        let path = format!(
            "/oncalls?user_ids[]={}&time_zone=UTC&limit={LIST_LIMIT}&since={}&until={}",
            self.me,
            text(now),
            text(now + AHEAD)
        );
        let mut known = OnCall::default();
        for page_number in 0..ONCALL_PAGES_MAX {
            let answer = self.get(&format!("{path}&offset={}", page_number * LIST_LIMIT)).await?;
            let list: wire::OnCallList = self.http.json(&answer)?;
            let more = wire::oncalls(&list);
            known = OnCall::read([known.entries, more.entries].concat(), known.unread + more.unread);
            if list.more != Some(true) {
                return Ok(known);
            }
        }
        // What was not asked for could be what holds now.
        Ok(OnCall::read(known.entries, known.unread + 1))
    }

    async fn get(&self, path: &str) -> Result<Answer, Fault> {
        let url = format!("{}{path}", self.base_url);
        self.http.send(Request { url, headers: (*self.headers).clone() }).await
    }

    fn one(&self, answer: &Answer) -> Result<SeenPage, Fault> {
        let one: wire::OneIncident = self.http.json(answer)?;
        wire::page(&one.incident, &self.me).ok_or_else(|| Fault::new(FaultKind::Broken, "an incident without an id"))
    }
}

fn odd_list(why: &str) -> Fault {
    Fault::new(FaultKind::Broken, format!("the list contradicts itself: {why}"))
}

/// What a refusal to show or change one page means: nothing about the key, the address or the network.
fn about_one_page(fault: Fault) -> Fault {
    if matches!(fault.kind, FaultKind::Unauthorized | FaultKind::NotFound) { not_shown(fault) } else { fault }
}

fn not_shown(fault: Fault) -> Fault {
    Fault { kind: FaultKind::PageNotShown, ..fault }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_presented_as_what_it_is() {
        for (token, noted, expected) in [
            ("pdus+_0XBPWQQ", KeyKind::OAuth, "Bearer pdus+_0XBPWQQ"),
            ("pdeu+_0XBPWQQ", KeyKind::OAuth, "Bearer pdeu+_0XBPWQQ"),
            ("pdeu+_0XBPWQQ", KeyKind::Account, "Bearer pdeu+_0XBPWQQ"),
            ("pdus+_0XBPWQQ", KeyKind::Personal, "Bearer pdus+_0XBPWQQ"),
            ("u+abcdefghijklmnop12", KeyKind::Personal, "Token token=u+abcdefghijklmnop12"),
            ("account_key_practice", KeyKind::Account, "Token token=account_key_practice"),
        ] {
            let token = SecretString::from(token);
            let key = Key { kind: noted, token: token.clone() };
            let headers = key.headers().expect("it can be sent");
            assert_eq!(headers[AUTHORIZATION].to_str().expect("text"), expected, "{noted:?}");
            let oauth = Key::new(token).kind == KeyKind::OAuth;
            assert_eq!(oauth, expected.starts_with("Bearer"), "{expected}");
        }
    }
}
