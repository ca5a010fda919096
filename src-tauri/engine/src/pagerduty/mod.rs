//! PagerDuty's REST API, as far as Herald uses it (APIS.md section 1).

mod connect;
mod schedules;
mod wire;
mod writer;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use herald_core::oncall::OnCall;
use herald_core::{Account, Fault, FaultKind, KeyKind, PageId, SeenPage, Snapshot, Time};
use reqwest::Method;
use reqwest::header::{ACCEPT, AUTHORIZATION, HeaderMap, HeaderValue};
use secrecy::{ExposeSecret as _, SecretString};

use crate::http::{Answer, Http, Request, budget_pause};

pub(crate) use connect::connect;
pub use connect::{ConnectError, ConnectRequest, check_url};
pub(crate) use writer::Writer;

/// Pages of a list that are read at the most: PagerDuty itself gives no more than 10,000 incidents (APIS.md 1.4).
const LIST_PAGES_MAX: usize = 100;
/// Incidents on one page of a list: the most PagerDuty gives.
const LIST_LIMIT: usize = 100;
/// Pages of on-call times that are read at the most; few are on call so often.
const ONCALL_PAGES_MAX: usize = 5;
/// Time for a whole list.
const LIST_MAX: Duration = Duration::from_secs(60);
/// How far ahead on-call times are asked for.
const AHEAD: TimeDelta = TimeDelta::days(7);

/// A key, and how it is presented (APIS.md 1.1).
#[derive(Clone)]
pub(crate) struct Key {
    pub kind: KeyKind,
    pub token: SecretString,
}

impl Key {
    /// The key behind this token: OAuth tokens are told by their beginning.
    pub fn new(token: SecretString) -> Self {
        let kind = if token.expose_secret().starts_with("pdus+") { KeyKind::OAuth } else { KeyKind::Personal };
        Self { kind, token }
    }

    fn headers(&self) -> Result<HeaderMap, Fault> {
        let token = self.token.expose_secret();
        let authorization = match self.kind {
            KeyKind::OAuth => format!("Bearer {token}"),
            KeyKind::Personal | KeyKind::Account => format!("Token token={token}"),
        };
        let mut value = HeaderValue::from_str(&authorization)
            .map_err(|_| Fault::new(FaultKind::Unauthorized, "the key holds characters that no key has"))?;
        value.set_sensitive(true);
        let accept = HeaderValue::from_static("application/vnd.pagerduty+json;version=2");
        Ok(HeaderMap::from_iter([(AUTHORIZATION, value), (ACCEPT, accept)]))
    }
}

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

    /// All my open pages: a full set, never a window of time (APIS.md 1.5).
    pub async fn my_pages(&self) -> Result<Snapshot, Fault> {
        let reading = self.read_list();
        let late =
            |_| Err(Fault::new(FaultKind::Timeout, format!("the whole list took over {} s", LIST_MAX.as_secs())));
        tokio::time::timeout(LIST_MAX, reading).await.unwrap_or_else(late)
    }

    async fn read_list(&self) -> Result<Snapshot, Fault> {
        let asked_at = self.http.now();
        let mut snapshot = Snapshot { asked_at, pages: vec![], skipped: 0, complete: true, pause_until: None };
        let mut known = BTreeSet::<PageId>::new();
        for page_number in 0..LIST_PAGES_MAX {
            let path = format!(
                "/incidents?statuses[]=triggered&statuses[]=acknowledged&user_ids[]={}&date_range=all&limit={LIST_LIMIT}\
                 &offset={}&sort_by=created_at:asc&time_zone=UTC&include[]=conference_bridge",
                self.me,
                page_number * LIST_LIMIT
            );
            let answer = self.get(&path).await?;
            snapshot.pause_until = budget_pause(&answer.headers, self.http.now()).or(snapshot.pause_until);
            let list: wire::IncidentList = self.http.json(&answer)?;
            let (before, from) = (known.len(), snapshot.pages.len());
            for raw in &list.incidents {
                match wire::my_page(raw, &self.me) {
                    Some(seen) => {
                        // The same page on two pages of the list: something moved, so absence means nothing.
                        snapshot.complete &= !known.contains(&seen.id);
                        snapshot.pages.push(seen);
                    }
                    None => snapshot.skipped += 1,
                }
            }
            known.extend(snapshot.pages[from..].iter().map(|seen| seen.id.clone()));
            if list.more != Some(true) {
                snapshot.complete &= snapshot.skipped == 0;
                return Ok(snapshot);
            }
            if known.len() == before {
                break;
            }
        }
        snapshot.complete = false;
        Ok(snapshot)
    }

    /// One page, whoever it is assigned to.
    pub async fn page(&self, id: &PageId) -> Result<SeenPage, Fault> {
        let answer = self.get(&format!("/incidents/{id}")).await?;
        self.one(&answer)
    }

    /// My on-call times, now and in the days ahead (APIS.md 1.6).
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
        self.http.send(Request { method: Method::GET, url, headers: (*self.headers).clone(), body: None }).await
    }

    fn one(&self, answer: &Answer) -> Result<SeenPage, Fault> {
        let one: wire::OneIncident = self.http.json(answer)?;
        wire::page(&one.incident, &self.me).ok_or_else(|| Fault::new(FaultKind::Broken, "an incident without an id"))
    }
}
