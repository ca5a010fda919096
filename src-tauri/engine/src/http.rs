//! The one place where requests leave: limits, deadlines, and failures sorted by what somebody does next.

use std::error::Error as _;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta};
use herald_core::poll::PAUSE_MAX;
use herald_core::text::clean_line;
use herald_core::{Fault, FaultKind, Permit, Time};
use reqwest::header::{AGE, CONTENT_TYPE, DATE, HeaderMap, RETRY_AFTER};
use reqwest::{Client, Method, Response, StatusCode};
use serde_json::Value;

use crate::clock::{Clock, Tick};
use crate::gate::Gate;
use crate::lenient::plausible;
use crate::outward::{self, Clients};

/// Largest answer that is read, in bytes (faults.md 13).
const BODY_BYTES_MAX: usize = 16 * 1024 * 1024;
/// Time for a whole exchange: slow answers count as none (faults.md 14).
const EXCHANGE_MAX: Duration = Duration::from_secs(10);
/// Time to look up a name and connect (faults.md 8).
const CONNECT_MAX: Duration = Duration::from_secs(5);
/// Age of a copy that still counts as an answer: public pages are handed out by caches that keep them for a few minutes.
pub(crate) const AGE_MAX: TimeDelta = TimeDelta::seconds(300);
/// The same for PagerDuty, whose answers nobody may keep.
const PAGES_AGE_MAX: TimeDelta = TimeDelta::seconds(10);
/// Pause after a 429 that does not say how long.
const PAUSE_DEFAULT_S: i64 = 30;
/// Longest message of a service that is shown, in graphemes.
const MESSAGE_MAX: usize = 160;
/// Longest plain text that is taken for a service's own words, in bytes.
const PLAIN_BYTES_MAX: usize = 80;
/// Resets this near to now are instants, as GitLab says them, and not seconds to wait.
const RESET_IS_INSTANT_WITHIN_S: f64 = 86_400.0;

/// A question, before it is let out. It changes nothing.
pub(crate) struct Request {
    pub url: String,
    pub headers: HeaderMap,
}

/// A request that writes, before it is let out.
pub(crate) struct Outgoing {
    pub method: Method,
    pub url: String,
    pub headers: HeaderMap,
    pub body: Value,
}

/// An answer that was read to its end.
pub(crate) struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
    /// When the request left, and when the headers of its answer were there.
    pub between: [Tick; 2],
}

/// Sends requests through the gate and reads answers within limits.
#[derive(Clone)]
pub(crate) struct Http {
    clients: Arc<Clients>,
    gate: Arc<Gate>,
    clock: Arc<Clock>,
}

impl Http {
    /// A client with fresh connections and the proxy settings of this moment (faults.md 16, 17, 26).
    pub fn new(gate: Arc<Gate>, clock: Arc<Clock>) -> Result<Self, Fault> {
        // One for the whole program: that it is there already is no fault.
        let _already = rustls::crypto::ring::default_provider().install_default();
        let builder = || {
            Client::builder()
                .user_agent(concat!("Herald/", env!("CARGO_PKG_VERSION")))
                .connect_timeout(CONNECT_MAX)
                .timeout(EXCHANGE_MAX)
                .redirect(reqwest::redirect::Policy::none())
                .pool_idle_timeout(Duration::from_secs(90))
                .pool_max_idle_per_host(2)
        };
        Ok(Self { clients: Arc::new(Clients::new(builder)?), gate, clock })
    }

    /// The time now.
    pub fn now(&self) -> Time {
        self.clock.now()
    }

    /// Asks, and reads the answer to its end.
    pub async fn send(&self, request: Request) -> Result<Answer, Fault> {
        self.gate.check(&request.url)?;
        self.exchange(self.client(&request.url)?.get(&request.url).headers(request.headers)).await
    }

    /// Writes, and reads the answer to its end. The permit is used up by it.
    pub async fn write(&self, permit: Permit, out: Outgoing) -> Result<Answer, Fault> {
        self.gate.check_write(&permit, &out.method, &out.url)?;
        self.exchange(self.client(&out.url)?.request(out.method, &out.url).headers(out.headers).json(&out.body)).await
    }

    fn client(&self, url: &str) -> Result<&Client, Fault> {
        match is_here(url) {
            true => Ok(&self.clients.here),
            false => self.clients.out.as_ref().map_err(Clone::clone),
        }
    }

    async fn exchange(&self, builder: reqwest::RequestBuilder) -> Result<Answer, Fault> {
        let left = self.clock.tick();
        let mut response = builder.send().await.map_err(|error| sort(&error))?;
        let between = [left, self.clock.tick()];
        let (status, headers) = (response.status(), response.headers().clone());
        let body = read(&mut response).await?;
        Ok(Answer { status, headers, body, between })
    }

    /// The JSON of a good answer of PagerDuty, whose clock Herald's follows.
    pub fn json<T: serde::de::DeserializeOwned>(&self, answer: &Answer) -> Result<T, Fault> {
        self.of_now(answer)?;
        let parsed = self.parse(answer)?;
        self.hear(answer);
        Ok(parsed)
    }

    /// Whether an answer of PagerDuty is good, and of now.
    pub fn of_now(&self, answer: &Answer) -> Result<(), Fault> {
        counts(answer, PAGES_AGE_MAX, self.now())?;
        self.sound(answer, "json")
    }

    /// Herald's clock follows that of this answer, which could be read.
    pub fn hear(&self, answer: &Answer) {
        if let Some(date) = date(&answer.headers) {
            self.clock.hear(date, answer.between);
        }
    }

    /// The JSON of a good answer, or what its status and shape say is wrong.
    pub fn parse<T: serde::de::DeserializeOwned>(&self, answer: &Answer) -> Result<T, Fault> {
        self.sound(answer, "json")?;
        serde_json::from_slice(&answer.body)
            .map_err(|_| Fault::new(FaultKind::Broken, "an incomplete or garbled answer"))
    }

    /// Whether an answer is good and of the kind that was asked for, or what its status and shape say is wrong.
    pub fn sound(&self, answer: &Answer, wanted: &str) -> Result<(), Fault> {
        counts(answer, AGE_MAX, self.now())?;
        let kind = answer.headers.get(CONTENT_TYPE).and_then(|it| it.to_str().ok()).unwrap_or_default();
        if !kind.to_ascii_lowercase().contains(wanted) {
            return Err(Fault::new(FaultKind::NotTheService, format!("it is {}", named(kind))));
        }
        if answer.body.is_empty() {
            return Err(Fault::new(FaultKind::Broken, "an empty answer"));
        }
        Ok(())
    }
}

/// Whether an address is on this computer: what goes there, keys above all, is nobody else's, whatever the proxy
/// settings say.
fn is_here(url: &str) -> bool {
    url::Url::parse(url).is_ok_and(|url| match url.host() {
        Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
        Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
        Some(url::Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        None => false,
    })
}

fn named(content_type: &str) -> String {
    match content_type.split(';').next().map(str::trim) {
        Some("text/html") => "a web page".into(),
        Some("") | None => "of no known kind".into(),
        Some(other) => clean_line(other, 40),
    }
}

async fn read(response: &mut Response) -> Result<Vec<u8>, Fault> {
    let too_large = || Fault::new(FaultKind::TooLarge, format!("more than {} MiB", BODY_BYTES_MAX / 1024 / 1024));
    if response.content_length().is_some_and(|bytes| bytes > BODY_BYTES_MAX as u64) {
        return Err(too_large());
    }
    let mut body = vec![];
    while let Some(chunk) = response.chunk().await.map_err(|error| sort(&error))? {
        if body.len() + chunk.len() > BODY_BYTES_MAX {
            return Err(too_large());
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// What counts as an answer, of every service: one that is whole, the service's own, and of now. A part of one (206),
/// one that was changed on its way (203), one that only says that it was taken in (202), and an old copy that a cache
/// keeps (RFC 9111, `Age`) say nothing; a write that was answered so may have been done.
pub(crate) fn counts(answer: &Answer, age_max: TimeDelta, now: Time) -> Result<(), Fault> {
    let incomplete = |why: &str| Err(Fault::new(FaultKind::Broken, format!("{why} (HTTP {})", answer.status.as_u16())));
    match answer.status.as_u16() {
        200 | 201 => {}
        202 => return incomplete("it was taken in, and not answered yet"),
        203 => return incomplete("it was changed on its way"),
        206 => return incomplete("only a part of the answer"),
        204 | 205 => return incomplete("an empty answer"),
        _ => return Err(refusal(answer, now)),
    }
    let age = answer.headers.get(AGE).and_then(|it| it.to_str().ok()).and_then(|it| it.trim().parse::<i64>().ok());
    match age.filter(|age| *age > age_max.num_seconds()) {
        Some(age) => Err(Fault::new(FaultKind::Broken, format!("an old copy out of a cache, {age} s old"))),
        None => Ok(()),
    }
}

/// What an answer that is no success means.
pub(crate) fn refusal(answer: &Answer, now: Time) -> Fault {
    let code = answer.status.as_u16();
    let pause = pause(&answer.headers, now);
    let kind = match code {
        300..=399 => {
            let to = answer.headers.get("location").and_then(|it| it.to_str().ok()).unwrap_or("another address");
            return Fault::new(FaultKind::NotTheService, format!("it points to {}", clean_line(to, 80)));
        }
        // A wall between here and the service refuses with a page of its own; only the service's word is about the key.
        401 | 403 if is_page(&answer.headers) => FaultKind::NotTheService,
        401 => FaultKind::Unauthorized,
        403 => FaultKind::Forbidden,
        404 => FaultKind::NotFound,
        // Only a proxy says so (RFC 9110, 15.5.8).
        407 => FaultKind::Local,
        // Statuspage says 420 for it (services.md 4).
        420 | 429 => FaultKind::RateLimited,
        500..=599 => FaultKind::Server,
        _ => FaultKind::Rejected,
    };
    let said = message(&answer.body).map_or(String::new(), |message| format!(": {message}"));
    let retry_at = match kind {
        FaultKind::RateLimited => pause.or(Some(now + TimeDelta::seconds(PAUSE_DEFAULT_S))),
        FaultKind::Server => pause,
        FaultKind::Unauthorized
        | FaultKind::Forbidden
        | FaultKind::NotFound
        | FaultKind::PageNotShown
        | FaultKind::Rejected
        | FaultKind::Timeout
        | FaultKind::Unreachable
        | FaultKind::Broken
        | FaultKind::Tls
        | FaultKind::Local
        | FaultKind::NotTheService
        | FaultKind::TooLarge
        | FaultKind::NoToken => None,
    };
    Fault { kind, detail: format!("HTTP {code}{said}"), retry_at }
}

/// Whether the answer is a page for a browser.
fn is_page(headers: &HeaderMap) -> bool {
    let kind = headers.get(CONTENT_TYPE).and_then(|it| it.to_str().ok());
    kind.is_some_and(|it| it.trim_start().to_ascii_lowercase().starts_with("text/html"))
}

/// The service's own words, wherever it puts them: `error.message` with its particulars, `error`, `message` or
/// `status.message`, as text, list or object of lists; or a few words of plain text (services.md 1.3, 2, 3, 4, 5).
fn message(body: &[u8]) -> Option<String> {
    let Ok(body) = serde_json::from_slice::<Value>(body) else {
        let plain = std::str::from_utf8(body).ok()?.trim();
        let short = (1..=PLAIN_BYTES_MAX).contains(&plain.len()) && !plain.starts_with(['<', '{', '[']);
        return short.then(|| clean_line(plain, MESSAGE_MAX));
    };
    let error = body.get("error").unwrap_or(&Value::Null);
    let text = match error.get("message").and_then(Value::as_str) {
        Some(message) => {
            let first = error.get("errors").and_then(|it| it.get(0)).and_then(Value::as_str).unwrap_or_default();
            format!("{message} {first}")
        }
        None => match (words(error), body.get("error_description").and_then(Value::as_str)) {
            (Some(error), Some(more)) => format!("{error}: {more}"),
            (Some(error), None) => error,
            (None, _) => words(body.get("message").or_else(|| body.get("status")?.get("message")).unwrap_or(&body))?,
        },
    };
    Some(clean_line(&text, MESSAGE_MAX))
}

/// The first text in a value, with the name of the field it is about.
fn words(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Array(items) => items.first()?.as_str().map(str::to_owned),
        Value::Object(fields) => {
            let lists = fields.iter().filter_map(|(name, list)| Some((name, list.get(0)?.as_str()?)));
            lists.map(|(name, text)| format!("{name} {text}")).next()
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => None,
    }
}

/// Until when the service asks for a pause; absurd values are clamped (faults.md 2).
fn pause(headers: &HeaderMap, now: Time) -> Option<Time> {
    let text = |name: &str| headers.get(name).and_then(|it| it.to_str().ok()).map(str::trim);
    let wait =
        text(RETRY_AFTER.as_str()).and_then(|it| seconds(it, now)).or_else(|| reset(text("ratelimit-reset")?, now))?;
    Some(now + wait.clamp(TimeDelta::seconds(1), PAUSE_MAX))
}

/// Seconds, or a Unix time as GitLab sends it (services.md 2).
fn reset(text: &str, now: Time) -> Option<TimeDelta> {
    match text.parse::<f64>() {
        Ok(instant) if (instant - now.timestamp() as f64).abs() < RESET_IS_INSTANT_WITHIN_S => {
            Some(DateTime::from_timestamp(instant as i64, 0)? - now)
        }
        Ok(_) | Err(_) => seconds(text, now),
    }
}

/// Seconds, or a date, as both headers may hold.
fn seconds(text: &str, now: Time) -> Option<TimeDelta> {
    if let Ok(seconds) = text.parse::<f64>() {
        return Some(TimeDelta::milliseconds((seconds.clamp(-1e6, 1e6) * 1000.0) as i64));
    }
    DateTime::parse_from_rfc2822(text).ok().map(|date| date.to_utc() - now)
}

/// Until when to pause because the budget of requests is nearly used up.
pub(crate) fn budget_pause(headers: &HeaderMap, now: Time) -> Option<Time> {
    let number = |name: &str| headers.get(name)?.to_str().ok()?.trim().parse::<i64>().ok();
    let (limit, left) = (number("ratelimit-limit")?, number("ratelimit-remaining")?);
    (left.saturating_mul(20) <= limit).then(|| pause(headers, now)).flatten()
}

/// When the server says that it answered.
pub(crate) fn date(headers: &HeaderMap) -> Option<Time> {
    DateTime::parse_from_rfc2822(headers.get(DATE)?.to_str().ok()?)
        .ok()
        .map(|it| it.to_utc())
        .filter(|at| plausible(*at))
}

/// Sorts a failed exchange. Only its own kind and causes are looked at, never addresses, which might hold secrets.
fn sort(error: &reqwest::Error) -> Fault {
    let mut causes = vec![];
    let mut cause = error.source();
    while let Some(it) = cause {
        causes.push(it.to_string());
        cause = it.source();
    }
    let told = causes.last().map(|it| clean_line(it, MESSAGE_MAX)).unwrap_or_default();
    let about = causes.join(" ").to_lowercase();
    if let Some(fault) = outward::at_the_proxy(&about) {
        fault
    } else if error.is_timeout() && error.is_connect() {
        Fault::new(FaultKind::Unreachable, format!("waited {} s", CONNECT_MAX.as_secs()))
    } else if error.is_timeout() {
        Fault::new(FaultKind::Timeout, format!("waited {} s", EXCHANGE_MAX.as_secs()))
    } else if about.contains("certificate") || about.contains("handshake") {
        Fault::new(FaultKind::Tls, told)
    } else if error.is_connect() {
        Fault::new(FaultKind::Unreachable, told)
    } else {
        Fault::new(FaultKind::Broken, told)
    }
}

/// Whether a failure leaves open what happened on the other side: everything but a clear refusal.
pub(crate) fn may_have_arrived(fault: &Fault) -> bool {
    match fault.kind {
        FaultKind::Unauthorized
        | FaultKind::Forbidden
        | FaultKind::NotFound
        | FaultKind::PageNotShown
        | FaultKind::RateLimited
        | FaultKind::Rejected
        | FaultKind::Unreachable
        | FaultKind::Tls
        | FaultKind::Local
        | FaultKind::NoToken => false,
        FaultKind::Server | FaultKind::Timeout | FaultKind::Broken | FaultKind::NotTheService | FaultKind::TooLarge => {
            true
        }
    }
}

#[cfg(test)]
mod tests;
