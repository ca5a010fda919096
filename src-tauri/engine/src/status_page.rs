//! The status page that customers read, whoever runs it: what it tells, what is published there, and reading it back.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use herald_core::basis::Look;
use herald_core::draft::{Broadcast, Publication, PublishResult, ReadBackPost};
use herald_core::feed::{FeedAnswer, PageKind, PageTold, StatusPage};
use herald_core::ledger::{MaintenanceStage, Plan, Tell};
use herald_core::{Fault, FaultKind, Permit, Phase, Time, TokenPlace};
use reqwest::header::{ACCEPT, HeaderMap, HeaderValue};
use secrecy::SecretString;
use tokio::sync::Mutex;
use tokio::time::{Instant, sleep_until};
use url::Url;

use crate::http::{Answer, Http, Outgoing, Request, date, may_have_arrived};
use crate::pagerduty::{ConnectError, check_url};
use crate::{statusio, statuspage, syndication};

/// Shortest pause between two requests: both services ask for it (services.md 0.8, 4).
const GAP: Duration = Duration::from_millis(1050);
/// How far before the user's wish an update may be dated and still be the one wished for.
const CLOCKS_DIFFER_BY: TimeDelta = TimeDelta::seconds(60);

/// Lets requests to the status page's API through one at a time, a second apart. One for the life of the engine.
#[derive(Clone)]
pub(crate) struct Pace {
    gap: Duration,
    last: Arc<Mutex<Option<Instant>>>,
}

impl Default for Pace {
    fn default() -> Self {
        Self { gap: GAP, last: Arc::default() }
    }
}

impl Pace {
    /// Asks when its turn comes, and reads the answer to its end.
    pub async fn send(&self, http: &Http, request: Request) -> Result<Answer, Fault> {
        self.turn(http.send(request)).await
    }

    /// Writes when its turn comes, and reads the answer to its end.
    pub async fn write(&self, http: &Http, permit: Permit, out: Outgoing) -> Result<Answer, Fault> {
        self.turn(http.write(permit, out)).await
    }

    /// Reads the public feed, without a key; in turn only where it comes from the same server as the API.
    pub async fn read_feed(&self, http: &Http, page: &StatusPage, url: String) -> Result<Answer, Fault> {
        let origin = |url: &str| Url::parse(url).ok().map(|url| url.origin());
        let same = origin(&url) == origin(&page.api_url);
        let headers = HeaderMap::from_iter([(ACCEPT, HeaderValue::from_static("application/json"))]);
        let request = Request { url, headers };
        if same { self.send(http, request).await } else { http.send(request).await }
    }

    async fn turn<T>(&self, act: impl Future<Output = T>) -> T {
        let mut last = self.last.lock().await;
        if let Some(last) = *last {
            sleep_until(last + self.gap).await;
        }
        // Also what is given up half-way has been sent.
        *last = Some(Instant::now());
        let result = act.await;
        *last = Some(Instant::now());
        result
    }
}

/// What is told of a maintenance.
pub(crate) struct Told<'a> {
    /// The page's id of it.
    pub post: &'a str,
    /// What of it.
    pub tell: Tell,
    /// What customers read.
    pub text: &'a str,
    /// Channels that are left out.
    pub muted: &'a BTreeSet<Broadcast>,
    /// The components it names, which begin and end with it.
    pub components: &'a BTreeSet<String>,
    /// When the user asked for it.
    pub asked_at: Time,
}

/// Whether what is told of a maintenance still fits where it stands on the page: a colleague may have been faster.
pub(crate) fn fits(tell: Tell, stage: Option<MaintenanceStage>) -> Result<(), Fault> {
    let found = match (tell, stage) {
        (_, Some(MaintenanceStage::Over)) => "somebody has finished it already",
        (Tell::Start, Some(MaintenanceStage::Active)) => "somebody has started it already",
        (Tell::Finish, Some(MaintenanceStage::Upcoming)) => "it has not begun there",
        (Tell::Start | Tell::Update, Some(MaintenanceStage::Upcoming))
        | (Tell::Update | Tell::Finish, Some(MaintenanceStage::Active))
        | (_, None) => return Ok(()),
    };
    Err(Fault::new(FaultKind::Rejected, format!("Herald looked first: {found}")))
}

/// A look that failed: nothing was sent, whatever its kind says of writes.
pub(crate) fn unread(fault: Fault) -> Fault {
    let detail = format!("the page could not be read before: {}", fault.reason());
    Fault { kind: FaultKind::Rejected, detail, ..fault }
}

/// One status page, read and, with a key, written to.
#[derive(Clone)]
pub(crate) struct StatusPageClient {
    http: Http,
    page: StatusPage,
    key: Option<SecretString>,
    pace: Pace,
}

impl StatusPageClient {
    /// `key` is Statuspage's key, or what [`statusio::one_key`] makes of the two of Status.io.
    pub fn new(http: Http, page: &StatusPage, key: Option<SecretString>, pace: &Pace) -> Self {
        Self { http, page: page.clone(), key, pace: pace.clone() }
    }

    /// What the public feed tells.
    pub async fn told(&self) -> Result<FeedAnswer<PageTold>, Fault> {
        match self.page.kind {
            PageKind::StatusIo => statusio::told(&self.http, &self.page, &self.pace).await,
            PageKind::Statuspage => statuspage::told(&self.http, &self.page, &self.pace).await,
            PageKind::Rss => syndication::told(&self.http, &self.page).await,
        }
    }

    /// Looks, and publishes once if the page is as the user saw it. Only a clear refusal is one; everything else may have
    /// happened.
    pub async fn publish(&self, permit: Permit, publication: &Publication) -> PublishResult {
        if publication.post.is_none() && publication.text.phase == Phase::Resolved {
            return refused("an incident cannot begin as resolved");
        }
        if publication.post.is_none() && publication.text.components.is_empty() {
            return refused("no component is chosen");
        }
        if publication.text.impact.is_none() && publication.text.phase != Phase::Resolved {
            return refused("no status of the components is chosen");
        }
        // No service refuses an update because a colleague was faster, so Herald looks first: at the page itself, as
        // its public feed may lag behind.
        let look = match self.look(publication).await {
            Ok(look) => look,
            Err(fault) => return PublishResult::Refused(self.judged(fault).await),
        };
        if publication.basis.as_ref().is_some_and(|basis| !basis.differs(&look).is_empty()) {
            return PublishResult::Overtaken(look);
        }
        match self.send(permit, publication).await {
            Ok(post) => PublishResult::Accepted { post },
            Err(fault) if may_have_arrived(&fault) => PublishResult::Unknown(fault),
            Err(fault) => PublishResult::Refused(self.judged(fault).await),
        }
    }

    /// What the page itself says of the incident now, or of all that go on when a new one is to be opened.
    async fn look(&self, publication: &Publication) -> Result<Look, Fault> {
        let read_at = self.http.now();
        let posts = match self.page.kind {
            PageKind::StatusIo => self.statusio()?.posts(publication).await?,
            PageKind::Statuspage => self.statuspage()?.posts(publication).await?,
            PageKind::Rss => return Err(only_read()),
        };
        Ok(Look { read_at, posts })
    }

    async fn send(&self, permit: Permit, publication: &Publication) -> Result<String, Fault> {
        match self.page.kind {
            PageKind::StatusIo => self.statusio()?.publish(permit, publication).await,
            PageKind::Statuspage => self.statuspage()?.publish(permit, publication).await,
            PageKind::Rss => Err(only_read()),
        }
    }

    /// Whether a publication whose answer is unknown reached the page. Absent only after everything was read.
    pub async fn read_back(&self, publication: &Publication) -> Result<ReadBackPost, Fault> {
        let result = match self.page.kind {
            PageKind::StatusIo => self.statusio()?.read_back(publication).await,
            PageKind::Statuspage => self.statuspage()?.read_back(publication).await,
            PageKind::Rss => Err(only_read()),
        };
        match result {
            Ok(found) => Ok(found),
            Err(fault) => Err(self.judged(fault).await),
        }
    }

    /// Whose fault a refusal is: it is the key's (401) only if the key is refused by itself, too. A firewall's page, or
    /// a call that this page does not know, says nothing about the key (403).
    async fn judged(&self, fault: Fault) -> Fault {
        let about = |kind| matches!(kind, FaultKind::Unauthorized | FaultKind::Forbidden);
        if !about(fault.kind) {
            return fault;
        }
        let refused = |again: &Fault| about(again.kind) || again.kind == FaultKind::Rejected;
        let key = self.try_key().await.is_err_and(|again| refused(&again));
        Fault { kind: if key { FaultKind::Unauthorized } else { FaultKind::Forbidden }, ..fault }
    }

    /// Puts a maintenance on the page, and gives the page's id of it.
    pub async fn schedule(&self, permit: Permit, plan: &Plan) -> Result<String, Fault> {
        match self.page.kind {
            PageKind::StatusIo => self.statusio()?.schedule(permit, plan).await,
            PageKind::Statuspage => self.statuspage()?.schedule(permit, plan).await,
            PageKind::Rss => Err(only_read()),
        }
    }

    /// The page's id of a maintenance with this title and start, if it is there.
    pub async fn scheduled(&self, plan: &Plan) -> Result<Option<String>, Fault> {
        match self.page.kind {
            PageKind::StatusIo => self.statusio()?.scheduled(plan).await,
            PageKind::Statuspage => self.statuspage()?.scheduled(plan).await,
            PageKind::Rss => Err(only_read()),
        }
    }

    /// Tells how a maintenance goes.
    pub async fn tell(&self, permit: Permit, told: &Told<'_>) -> Result<(), Fault> {
        match self.page.kind {
            PageKind::StatusIo => self.statusio()?.tell(permit, told).await,
            PageKind::Statuspage => self.statuspage()?.tell(permit, told).await,
            PageKind::Rss => Err(only_read()),
        }
    }

    /// Whether that can be read on the page.
    pub async fn was_told(&self, told: &Told<'_>) -> Result<bool, Fault> {
        match self.page.kind {
            PageKind::StatusIo => self.statusio()?.was_told(told).await,
            PageKind::Statuspage => self.statuspage()?.was_told(told).await,
            PageKind::Rss => Err(only_read()),
        }
    }

    async fn try_key(&self) -> Result<(), Fault> {
        match self.page.kind {
            PageKind::StatusIo => self.statusio()?.try_key().await,
            PageKind::Statuspage => self.statuspage()?.try_key().await,
            PageKind::Rss => Err(only_read()),
        }
    }

    fn statusio(&self) -> Result<statusio::Publisher<'_>, Fault> {
        statusio::Publisher::new(&self.http, &self.page, self.key()?, &self.pace)
    }

    fn statuspage(&self) -> Result<statuspage::Publisher<'_>, Fault> {
        statuspage::Publisher::new(&self.http, &self.page, self.key()?, &self.pace)
    }

    fn key(&self) -> Result<&SecretString, Fault> {
        self.key.as_ref().ok_or_else(only_read)
    }
}

fn only_read() -> Fault {
    Fault::new(FaultKind::NoToken, "Herald only reads this status page")
}

/// Tries the page's feed and, where there is one, the key. `page` is what the user entered.
pub(crate) async fn connect(
    http: &Http,
    pace: &Pace,
    page: StatusPage,
    key: Option<SecretString>,
) -> Result<StatusPage, ConnectError> {
    let page = if page.kind.has_api() { checked(page, key.is_some())? } else { checked_feed(page)? };
    let client = StatusPageClient::new(http.clone(), &page, key, pace);
    let name = page.kind.label();
    client.told().await.map_err(|fault| ConnectError::failed(feed_advice(page.kind, &fault)))?;
    if page.token.is_some() {
        client.try_key().await.map_err(|fault| ConnectError::failed(key_advice(name, &fault)))?;
    }
    Ok(page)
}

fn checked(page: StatusPage, with_key: bool) -> Result<StatusPage, ConnectError> {
    Ok(StatusPage {
        kind: page.kind,
        api_url: check_url(&page.api_url, "The API's address")?,
        feed_url: check_url(&page.feed_url, "The feed's address")?,
        public_url: check_url(&page.public_url, "The page's own address")?,
        page_id: crate::lenient::id(page.page_id.trim())
            .ok_or_else(|| ConnectError::failed("A page's id has only letters and digits. Copy it again."))?,
        token: with_key.then_some(TokenPlace::Keychain),
    })
}

/// A feed has an address and nothing else; customers read the page at the same server unless the user knows better.
fn checked_feed(page: StatusPage) -> Result<StatusPage, ConnectError> {
    let feed_url = check_url(&page.feed_url, "The feed's address")?;
    let same_server = || Url::parse(&feed_url).map(|url| url.origin().ascii_serialization()).unwrap_or_default();
    let public_url = match page.public_url.trim() {
        "" => same_server(),
        own => check_url(own, "The page's own address")?,
    };
    Ok(StatusPage {
        kind: page.kind,
        feed_url,
        public_url,
        api_url: String::new(),
        page_id: String::new(),
        token: None,
    })
}

fn feed_advice(kind: PageKind, fault: &Fault) -> String {
    let detail = &fault.detail;
    if fault.kind == FaultKind::Local {
        return format!("The public feed cannot be read: {detail}. {}", fault.next_step());
    }
    // Herald never turns to the other feed by itself: it would tell less without anybody having chosen that.
    let no_json = matches!(fault.kind, FaultKind::NotTheService | FaultKind::NotFound | FaultKind::Forbidden);
    if !kind.has_api() {
        format!("The feed cannot be read. Check its address: it is the one that feed readers take. ({detail})")
    } else if no_json {
        format!(
            "The public feed cannot be read. Check its address and the page's id; if the page has only RSS or Atom, \
             choose that kind. ({detail})"
        )
    } else {
        format!("The public feed cannot be read. Check its address and the page's id. ({detail})")
    }
}

fn key_advice(name: &str, fault: &Fault) -> String {
    let advice = match fault.kind {
        FaultKind::Unauthorized | FaultKind::Forbidden | FaultKind::Rejected => {
            format!("{name} does not accept this key for this page. Copy it again, and check the page's id.")
        }
        FaultKind::NotFound | FaultKind::PageNotShown => {
            format!("{name} knows no such page. Check its id and the API's address.")
        }
        FaultKind::RateLimited => format!("{name} asks for a pause. Try again in a minute."),
        FaultKind::Server => format!("{name} is in trouble itself. Try again later."),
        FaultKind::Timeout | FaultKind::Unreachable | FaultKind::Broken => {
            format!("{name} does not answer as it should. Check the network and the API's address.")
        }
        FaultKind::Tls => "The server could not prove who it is. Do not enter keys on this network.".into(),
        FaultKind::Local => fault.next_step().into(),
        FaultKind::NotTheService | FaultKind::TooLarge => format!("This is not {name}'s API. Check its address."),
        FaultKind::NoToken => "Enter a key.".into(),
    };
    format!("{advice} ({})", fault.detail)
}

fn refused(why: &str) -> PublishResult {
    PublishResult::Refused(Fault::new(FaultKind::Rejected, why))
}

/// From when on an update on the page may be the one wished for, by the clock of the server that answered.
pub(crate) fn earliest(publication: &Publication, answer: &Answer, now: Time) -> Time {
    earliest_since(publication.asked_at, answer, now)
}

/// The same for what was asked for at a time.
pub(crate) fn earliest_since(asked_at: Time, answer: &Answer, now: Time) -> Time {
    let ahead = date(&answer.headers).map_or(TimeDelta::zero(), |date| date - now);
    asked_at + ahead - CLOCKS_DIFFER_BY
}

#[cfg(test)]
pub(crate) mod tests {
    use chrono::DateTime;
    use herald_core::Impact;
    use herald_core::draft::{PublishStage, Text};

    use super::*;

    /// An attempt of incident 7, asked for at a fixed time.
    pub(crate) fn publication(post: Option<&str>, phase: Phase, muted: &[Broadcast]) -> Publication {
        Publication {
            incident: 7,
            text: Text {
                title: "Delayed jobs".into(),
                body: "We're seeing delays. https://gl.example/1".into(),
                phase,
                impact: Some(Impact::Degraded),
                components: BTreeSet::from(["c1-d1".to_owned()]),
                promise: true,
                muted: muted.iter().copied().collect(),
            },
            post: post.map(str::to_owned),
            amends: None,
            basis: None,
            stage: PublishStage::Ready,
            asked_at: DateTime::from_timestamp(1_800_000_000, 0).expect("in range"),
        }
    }

    #[tokio::test]
    async fn requests_take_turns() {
        let pace = Pace { gap: Duration::from_millis(40), last: Arc::default() };
        let started = Instant::now();
        let one = || pace.turn(async { started.elapsed() });
        let (first, second, third) = tokio::join!(one(), one(), one());
        let mut times = [first, second, third];
        times.sort();
        assert!(times[1] >= times[0] + pace.gap && times[2] >= times[1] + pace.gap, "apart by the gap: {times:?}");
    }
}
