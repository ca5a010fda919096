//! Status.io: the public feed, and its API for writing (services.md 3).

mod maintenance;
mod wire;

use herald_core::draft::{Publication, ReadBackPost};
use herald_core::feed::{FeedAnswer, PageTold, PostSeen, StatusPage};
use herald_core::{Fault, FaultKind, Permit, Phase};
use reqwest::Method;
use reqwest::header::{ACCEPT, HeaderMap, HeaderName, HeaderValue};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::value::RawValue;

use crate::http::{Answer, Http, Outgoing, Request, budget_pause};
use crate::lenient;
use crate::status_page::{Pace, earliest};

/// Pages of open incidents that are read at the most.
const LIST_PAGES_MAX: u32 = 5;

/// Reads the public feed; no key goes there.
pub(crate) async fn told(http: &Http, page: &StatusPage, pace: &Pace) -> Result<FeedAnswer<PageTold>, Fault> {
    let asked_at = http.now();
    let url = format!("{}/{}", page.feed_url, page.page_id);
    let answer = pace.read_feed(http, page, url).await?;
    let feed: wire::Feed = http.parse(&answer)?;
    let (told, skipped, complete) = wire::told(&feed, page);
    Ok(FeedAnswer { asked_at, told, skipped, complete, pause_until: budget_pause(&answer.headers, http.now()) })
}

/// One secret of the two that Status.io gives, as the keychain holds it.
pub(crate) fn one_key(id: &str, key: &SecretString) -> SecretString {
    SecretString::from(format!("{}:{}", id.trim(), key.expose_secret().trim()))
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
        let odd = || Fault::new(FaultKind::Unauthorized, "Status.io has two keys: an id and a key");
        let (id, key) = key.expose_secret().split_once(':').ok_or_else(odd)?;
        let mut headers = HeaderMap::from_iter([(ACCEPT, HeaderValue::from_static("application/json"))]);
        for (name, value) in [("x-api-id", id), ("x-api-key", key)] {
            let mut value = HeaderValue::from_str(value.trim()).map_err(|_| odd())?;
            value.set_sensitive(true);
            headers.insert(HeaderName::from_static(name), value);
        }
        Ok(Self { http, page, pace, headers })
    }

    /// Publishes, and gives the page's id of the incident. Its body says whether it was done.
    pub async fn publish(&self, permit: Permit, publication: &Publication) -> Result<String, Fault> {
        let (path, body) = wire::request(&self.page.page_id, publication);
        let answer = self.write(permit, path, body).await?;
        let result = self.result(&answer)?;
        let unclear = || Fault::new(FaultKind::Broken, "an answer that does not say what was done");
        match &publication.post {
            None => {
                let created: Option<String> = result.and_then(|raw| lenient::item(&raw));
                created.as_deref().and_then(lenient::id).ok_or_else(unclear)
            }
            Some(_) if result.is_some_and(|raw| raw.get() == "false") => Err(unclear()),
            Some(post) => Ok(post.clone()),
        }
    }

    pub async fn read_back(&self, publication: &Publication) -> Result<ReadBackPost, Fault> {
        let found = match &publication.post {
            Some(post) => {
                let list = self.incidents(&format!("/incident/{}/{post}", self.page.page_id), publication).await?;
                if list.ids.is_empty() {
                    return Err(Fault::new(FaultKind::Broken, "an answer without the incident"));
                }
                list.found
            }
            None => self.created(publication).await?,
        };
        Ok(found.map_or(ReadBackPost::Absent, |post| ReadBackPost::There { post }))
    }

    /// The incident as it is now, or all that go on when this would open one.
    pub async fn posts(&self, publication: &Publication) -> Result<Vec<PostSeen>, Fault> {
        let unread = || Fault::new(FaultKind::Broken, "incidents that cannot be read");
        let read = async |path: String| {
            let answer = self.read(&path).await?;
            self.result(&answer)?.and_then(|raw| wire::posts(&raw, self.page, publication)).ok_or_else(unread)
        };
        let id = &self.page.page_id;
        if let Some(post) = &publication.post {
            return read(format!("/incident/{id}/{post}")).await;
        }
        let mut posts: Vec<PostSeen> = vec![];
        for page in 1..=LIST_PAGES_MAX {
            let before = posts.len();
            for post in read(format!("/incident/list/active/{id}?page={page}")).await? {
                if !posts.iter().any(|known| known.id == post.id) {
                    posts.push(post);
                }
            }
            // Its size is not documented: a page that brings nothing new is the end.
            if posts.len() == before {
                return Ok(posts);
            }
        }
        Err(Fault::new(FaultKind::TooLarge, "more open incidents than Herald reads"))
    }

    /// Looks for a new incident among the open and the latest resolved ones.
    async fn created(&self, publication: &Publication) -> Result<Option<String>, Fault> {
        let id = &self.page.page_id;
        let mut known = std::collections::BTreeSet::new();
        let mut ended = false;
        for page in 1..=LIST_PAGES_MAX {
            let list = self.incidents(&format!("/incident/list/active/{id}?page={page}"), publication).await?;
            if list.found.is_some() {
                return Ok(list.found);
            }
            let before = known.len();
            known.extend(list.ids);
            // Its size is not documented: a page that brings nothing new is the end.
            if known.len() == before {
                ended = true;
                break;
            }
        }
        if !ended {
            return Err(Fault::new(FaultKind::TooLarge, "more open incidents than Herald reads"));
        }
        Ok(self.incidents(&format!("/incident/list/resolved/{id}?page=1"), publication).await?.found)
    }

    async fn incidents(&self, path: &str, publication: &Publication) -> Result<wire::Looked, Fault> {
        let answer = self.read(path).await?;
        let earliest = earliest(publication, &answer, self.http.now());
        let result = self.result(&answer)?;
        result
            .and_then(|raw| wire::look(&raw, publication, earliest))
            .ok_or_else(|| Fault::new(FaultKind::Broken, "incidents that cannot be read"))
    }

    /// Asks for the components, as only a right key can.
    pub async fn try_key(&self) -> Result<(), Fault> {
        let answer = self.read(&format!("/component/list/{}", self.page.page_id)).await?;
        let list: Option<Vec<Box<RawValue>>> = self.result(&answer)?.and_then(|raw| lenient::item(&raw));
        list.map(|_| ()).ok_or_else(|| Fault::new(FaultKind::NotTheService, "it lists no components"))
    }

    async fn read(&self, path: &str) -> Result<Answer, Fault> {
        let url = format!("{}{path}", self.page.api_url);
        self.pace.send(self.http, Request { url, headers: self.headers.clone() }).await
    }

    async fn write(&self, permit: Permit, path: &str, body: wire::Body) -> Result<Answer, Fault> {
        let (method, url) = (Method::POST, format!("{}{path}", self.page.api_url));
        self.pace.write(self.http, permit, Outgoing { method, url, headers: self.headers.clone(), body }).await
    }

    fn result(&self, answer: &Answer) -> Result<Option<Box<RawValue>>, Fault> {
        wire::result(self.http.parse(answer)?)
    }
}

/// Whether this ends the incident.
fn resolves(publication: &Publication) -> bool {
    publication.text.phase == Phase::Resolved
}
