//! Atlassian Statuspage: the public feed, and its API for writing (services.md 4).

mod maintenance;
mod wire;

use herald_core::draft::{Publication, ReadBackPost};
use herald_core::feed::{FeedAnswer, PageTold, PostSeen, StatusPage};
use herald_core::{Fault, FaultKind, Permit};
use reqwest::Method;
use reqwest::header::{ACCEPT, AUTHORIZATION, HeaderMap, HeaderValue};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::value::RawValue;

use crate::http::{Answer, Http, Outgoing, Request, budget_pause};
use crate::status_page::{Pace, earliest};

/// Incidents on one page of a list: the most Statuspage gives.
const LIST_LIMIT: usize = 100;
/// Pages of open incidents that are read at the most.
const LIST_PAGES_MAX: usize = 5;

/// Reads the public feed; no key goes there. Its summary holds components, open incidents and their updates.
pub(crate) async fn told(http: &Http, page: &StatusPage, pace: &Pace) -> Result<FeedAnswer<PageTold>, Fault> {
    let asked_at = http.now();
    let url = format!("{}/api/v2/summary.json", page.feed_url);
    let answer = pace.read_feed(http, page, url).await?;
    let feed: wire::Feed = http.parse(&answer)?;
    let (told, skipped, complete) = wire::told(&feed);
    Ok(FeedAnswer { asked_at, told, skipped, complete, pause_until: budget_pause(&answer.headers, http.now()) })
}

/// Writes to the page, and reads back what became of it.
pub(crate) struct Publisher<'a> {
    http: &'a Http,
    page: &'a StatusPage,
    pace: &'a Pace,
    headers: HeaderMap,
}

impl<'a> Publisher<'a> {
    pub fn new(http: &'a Http, page: &'a StatusPage, key: &SecretString, pace: &'a Pace) -> Result<Self, Fault> {
        let mut value = HeaderValue::from_str(&format!("OAuth {}", key.expose_secret().trim()))
            .map_err(|_| Fault::new(FaultKind::Unauthorized, "the key holds characters that no key has"))?;
        value.set_sensitive(true);
        let accept = HeaderValue::from_static("application/json");
        Ok(Self { http, page, pace, headers: HeaderMap::from_iter([(AUTHORIZATION, value), (ACCEPT, accept)]) })
    }

    /// Publishes, and gives the page's id of the incident.
    pub async fn publish(&self, permit: Permit, publication: &Publication) -> Result<String, Fault> {
        let (method, path) = match &publication.post {
            None => (Method::POST, "/incidents".to_owned()),
            Some(post) => (Method::PATCH, format!("/incidents/{post}")),
        };
        let answer = self.write(permit, method, &path, wire::request(publication)).await?;
        let done: wire::Body = self.http.parse(&answer)?;
        let id = wire::published(&done).filter(|id| publication.post.as_ref().is_none_or(|post| post == id));
        id.ok_or_else(|| Fault::new(FaultKind::Broken, "an answer that does not say what was done"))
    }

    pub async fn read_back(&self, publication: &Publication) -> Result<ReadBackPost, Fault> {
        let found = match &publication.post {
            Some(post) => {
                let answer = self.read(&format!("/incidents/{post}")).await?;
                self.look(&answer, vec![self.http.parse(&answer)?], publication)?
            }
            None => self.created(publication).await?,
        };
        Ok(found)
    }

    /// The incident as it is now, or all that go on when this would open one.
    pub async fn posts(&self, publication: &Publication) -> Result<Vec<PostSeen>, Fault> {
        let unread = || Fault::new(FaultKind::Broken, "incidents that cannot be read");
        if let Some(post) = &publication.post {
            let answer = self.read(&format!("/incidents/{post}")).await?;
            return wire::posts(&[self.http.parse(&answer)?]).ok_or_else(unread);
        }
        let mut posts = vec![];
        for page in 1..=LIST_PAGES_MAX {
            let answer = self.read(&format!("/incidents/unresolved?per_page={LIST_LIMIT}&page={page}")).await?;
            let list: Vec<Box<RawValue>> = self.http.parse(&answer)?;
            posts.extend(wire::posts(&list).ok_or_else(unread)?);
            if list.len() < LIST_LIMIT {
                return Ok(posts);
            }
        }
        Err(Fault::new(FaultKind::TooLarge, "more open incidents than Herald reads"))
    }

    /// Looks for a new incident among the open ones, and among the latest, of which one may be resolved already.
    async fn created(&self, publication: &Publication) -> Result<ReadBackPost, Fault> {
        let mut ended = false;
        for page in 1..=LIST_PAGES_MAX {
            let path = format!("/incidents/unresolved?per_page={LIST_LIMIT}&page={page}");
            let answer = self.read(&path).await?;
            let list: Vec<Box<RawValue>> = self.http.parse(&answer)?;
            let count = list.len();
            let found = self.look(&answer, list, publication)?;
            if found != ReadBackPost::Absent {
                return Ok(found);
            }
            if count < LIST_LIMIT {
                ended = true;
                break;
            }
        }
        if !ended {
            return Err(Fault::new(FaultKind::TooLarge, "more open incidents than Herald reads"));
        }
        let answer = self.read(&format!("/incidents?limit={LIST_LIMIT}")).await?;
        self.look(&answer, self.http.parse(&answer)?, publication)
    }

    fn look(
        &self,
        answer: &Answer,
        list: Vec<Box<RawValue>>,
        publication: &Publication,
    ) -> Result<ReadBackPost, Fault> {
        let earliest = earliest(publication, answer, self.http.now());
        wire::look(&list, publication, earliest)
            .ok_or_else(|| Fault::new(FaultKind::Broken, "incidents that cannot be read"))
    }

    /// Asks for the page, as only a right key can.
    pub async fn try_key(&self) -> Result<(), Fault> {
        let answer = self.read("").await?;
        let page: wire::Body = self.http.parse(&answer)?;
        let same = wire::published(&page).is_some();
        if same { Ok(()) } else { Err(Fault::new(FaultKind::NotTheService, "it describes no page")) }
    }

    async fn read(&self, path: &str) -> Result<Answer, Fault> {
        self.pace.send(self.http, Request { url: self.at(path), headers: self.headers.clone() }).await
    }

    async fn write(&self, permit: Permit, method: Method, path: &str, body: wire::Body) -> Result<Answer, Fault> {
        let out = Outgoing { method, url: self.at(path), headers: self.headers.clone(), body };
        self.pace.write(self.http, permit, out).await
    }

    fn at(&self, path: &str) -> String {
        format!("{}/pages/{}{path}", self.page.api_url, self.page.page_id)
    }
}
