//! What can go wrong on purpose, and the board that knows which faults are on.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::site::Site;
use crate::span::Span;

/// A fault: what goes wrong, for which requests, for how long.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Fault {
    /// What goes wrong.
    pub kind: FaultKind,
    /// The name by which it is cleared; its kind if left out.
    pub name: Option<String>,
    /// Which paths: a prefix by segments, `*` for any one segment, `$` at the end for exactly this: `/incidents/*/notes$`.
    /// `/pagerduty` stands for all paths of PagerDuty. All paths of all services if left out.
    pub path: Option<String>,
    /// Which method: `PUT`.
    pub method: Option<String>,
    /// How many fitting requests go well first.
    pub skip: u32,
    /// How many fitting requests it spoils; all if left out.
    pub times: Option<u32>,
    /// For how long it stays, at the world's speed; until cleared if left out.
    #[serde(rename = "for", skip_serializing_if = "Option::is_none")]
    pub length: Option<Span>,
    /// `latency`: how long the answer is held back. `late_write`: how long until the request is carried out.
    pub latency_ms: Option<u64>,
    /// `status`: which one.
    pub status: Option<u16>,
    /// `status`: text of the `Retry-After` header.
    pub retry_after: Option<String>,
    /// `status`: text of the `ratelimit-reset` header.
    pub ratelimit_reset: Option<String>,
    /// Any other headers of the answer; they replace those of the same name.
    pub headers: BTreeMap<String, String>,
    /// `captive_portal`: the page served; a plain sign-in page if left out.
    pub body: Option<String>,
    /// `huge`: how large; 50 MB if left out.
    pub size_bytes: Option<u64>,
    /// `deep`: how many brackets; 200,000 if left out.
    pub depth: Option<u32>,
    /// `slow_body`: how fast; 16 bytes a second if left out.
    pub bytes_per_s: Option<u32>,
    /// `redirect`: where to; another host if left out.
    pub location: Option<String>,
    /// `skewed_date`: how far ahead the `Date` header is.
    pub skew: Option<Span>,
    /// `pagination_drift`: how many items slip out (more than 0) or in (less than 0) between two pages; 1 if left out.
    pub shift: Option<i64>,
    /// `garbage`: in which way; each in turn if left out.
    pub garbage: Option<Garbage>,
    /// `garbage`: which items of a list, from 0; every second one if left out.
    pub items: Option<Vec<usize>>,
}

/// What goes wrong.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FaultKind {
    /// The answer is late.
    ///
    /// Source: AWS Builders' Library, "Timeouts, retries and backoff with jitter".
    Latency,
    /// An error status, with the body that goes with it; nothing is carried out.
    ///
    /// Source: RFC 9110, 15.5 and 15.6; the bodies have their source where they are written.
    #[default]
    Status,
    /// 200 and a sign-in page instead of an answer.
    ///
    /// Source: RFC 8952, captive portal architecture; RFC 6585, 6.
    CaptivePortal,
    /// 200 and no body.
    ///
    /// Source: node-zendesk, `checkRequestResponse`, which knows an empty result.
    Empty,
    /// The JSON stops in the middle, with a `Content-Length` that fits.
    ///
    /// Source: RFC 9112, 8, incomplete messages, behind a proxy that counted anew.
    Truncated,
    /// Some items have wrong types, nulls, or unknown words.
    ///
    /// Source: the services' own documents against their own examples (`scenarios/README.md`, "Against the documents").
    Garbage,
    /// Megabytes of well-formed incidents.
    ///
    /// Source: OWASP API Security Top 10 2023, API4.
    Huge,
    /// Brackets within brackets.
    ///
    /// Source: the documentation of serde_json, its recursion limit.
    Deep,
    /// The body trickles.
    ///
    /// Source: Apache's `mod_reqtimeout`, which exists because of such peers.
    SlowBody,
    /// The request is taken and never answered; nothing is carried out.
    ///
    /// Source: RFC 9293, 3.5.1, half-open connections.
    Hang,
    /// The connection is reset before anything is carried out.
    ///
    /// Source: RFC 9112, 9.5, failures and time-outs.
    LostRequest,
    /// The request is carried out, then the connection is reset.
    ///
    /// Source: RFC 9110, 9.2.2: who sent it cannot know whether it was applied.
    LostAnswer,
    /// The request is carried out and never answered.
    ///
    /// Source: RFC 9110, 9.2.2.
    SilentAnswer,
    /// The connection is reset, and the request is carried out only `latency_ms` later.
    ///
    /// Source: RFC 9110, 9.2.2; AWS Builders' Library, "Making retries safe with idempotent APIs".
    LateWrite,
    /// The connection is reset in the middle of the body.
    ///
    /// Source: RFC 9293, 3.5.2, reset generation.
    Reset,
    /// 302 to another host; nothing is carried out.
    ///
    /// Source: RFC 9110, 15.4; docs.gitlab.com, "REST API", redirects.
    Redirect,
    /// The `Date` header is wrong.
    ///
    /// Source: RFC 9110, 6.6.1: an origin without a clock.
    SkewedDate,
    /// The list moves between two pages of it.
    ///
    /// Source: developer.zendesk.com, "Pagination": offset pages miss and repeat records that move.
    PaginationDrift,
    /// The first item of a list comes twice.
    ///
    /// Source: the same page on duplicates.
    Duplicate,
    /// Incidents are shown as they were before their last change of status.
    ///
    /// Source: docs.gitlab.com, "Database load balancing": replicas lag behind.
    Reorder,
    /// Titles are hostile.
    ///
    /// Source: Unicode Technical Report 36, security considerations.
    Hostile,
}

/// In which way items are spoilt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Garbage {
    /// Numbers for texts, texts for lists.
    WrongTypes,
    /// Null for everything but the id.
    Nulls,
    /// A status, urgency and type that nobody has heard of.
    UnknownWords,
    /// Something that is not an object.
    NotAnObject,
    /// Half a surrogate pair in the title, which strict readers refuse as a whole.
    LoneSurrogate,
}

/// A fault that is on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ActiveFault {
    /// The fault.
    pub fault: Fault,
    /// When it began.
    pub since: DateTime<Utc>,
    /// When it ends by itself.
    pub until: Option<DateTime<Utc>>,
    /// How many requests it has spoilt.
    pub hits: u32,
    /// How many it let pass.
    pub passed: u32,
}

impl Fault {
    /// Makes a fault of a kind, on all paths, until cleared.
    pub fn of(kind: FaultKind) -> Self {
        Fault { kind, ..Fault::default() }
    }

    /// Makes a fault that answers with a status.
    pub fn status(status: u16) -> Self {
        Fault { status: Some(status), ..Fault::of(FaultKind::Status) }
    }

    /// Limits the fault to some paths.
    pub fn on(mut self, path: &str) -> Self {
        self.path = Some(path.to_owned());
        self
    }

    /// Limits the fault to a method.
    pub fn method(mut self, method: &str) -> Self {
        self.method = Some(method.to_owned());
        self
    }

    /// Limits the fault to so many requests.
    pub fn times(mut self, times: u32) -> Self {
        self.times = Some(times);
        self
    }

    /// Gives the name by which it is cleared.
    pub fn called(&self) -> String {
        match &self.name {
            Some(name) => name.clone(),
            None => self.kind.word().to_owned(),
        }
    }

    pub(crate) fn check(&self) -> Result<(), (&'static str, String)> {
        let status_fits = self.status.is_some_and(|status| (200..=599).contains(&status));
        if self.kind == FaultKind::Status && !status_fits {
            return Err(("status", "a status from 200 to 599 is needed".to_owned()));
        }
        if matches!(self.kind, FaultKind::Latency | FaultKind::LateWrite) && self.latency_ms.is_none() {
            return Err(("latency_ms", "a latency is needed".to_owned()));
        }
        if self.kind == FaultKind::SkewedDate && self.skew.is_none() {
            return Err(("skew", "a skew is needed".to_owned()));
        }
        if self.path.as_ref().is_some_and(|path| !path.starts_with('/')) {
            return Err(("path", "a path starts with /".to_owned()));
        }
        Ok(())
    }

    fn fits(&self, method: &str, path: &str) -> bool {
        let method_fits = self.method.as_ref().is_none_or(|wanted| wanted.eq_ignore_ascii_case(method));
        method_fits && self.path.as_ref().is_none_or(|pattern| path_fits(pattern, path))
    }
}

impl FaultKind {
    /// Gives the word for it that scenarios use.
    pub fn word(self) -> &'static str {
        match self {
            FaultKind::Latency => "latency",
            FaultKind::Status => "status",
            FaultKind::CaptivePortal => "captive_portal",
            FaultKind::Empty => "empty",
            FaultKind::Truncated => "truncated",
            FaultKind::Garbage => "garbage",
            FaultKind::Huge => "huge",
            FaultKind::Deep => "deep",
            FaultKind::SlowBody => "slow_body",
            FaultKind::Hang => "hang",
            FaultKind::LostRequest => "lost_request",
            FaultKind::LostAnswer => "lost_answer",
            FaultKind::SilentAnswer => "silent_answer",
            FaultKind::LateWrite => "late_write",
            FaultKind::Reset => "reset",
            FaultKind::Redirect => "redirect",
            FaultKind::SkewedDate => "skewed_date",
            FaultKind::PaginationDrift => "pagination_drift",
            FaultKind::Duplicate => "duplicate",
            FaultKind::Reorder => "reorder",
            FaultKind::Hostile => "hostile",
        }
    }
}

fn path_fits(pattern: &str, path: &str) -> bool {
    let (pattern, whole) = match pattern.strip_suffix('$') {
        Some(pattern) => (pattern, true),
        None => (pattern, false),
    };
    let mut wanted: Vec<&str> = segments(pattern).collect();
    let given: Vec<&str> = segments(path).collect();
    if wanted.first() == Some(&"pagerduty") {
        // It has no first segment of its own: its paths are those that no other service has.
        if Site::of(path) != Site::PagerDuty {
            return false;
        }
        wanted.remove(0);
    }
    let long_enough = if whole { given.len() == wanted.len() } else { given.len() >= wanted.len() };
    long_enough && wanted.iter().zip(&given).all(|(wanted, given)| *wanted == "*" || wanted == given)
}

fn segments(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter(|segment| !segment.is_empty())
}

/// Which faults are on.
#[derive(Debug, Default)]
pub(crate) struct FaultBoard {
    active: Vec<ActiveFault>,
}

impl FaultBoard {
    /// Puts a fault on; one of the same name makes way.
    pub(crate) fn begin(&mut self, fault: Fault, now: DateTime<Utc>, speed: f64) {
        self.end(Some(&fault.called()));
        let until = fault.length.map(|length| now + length.at_speed(speed));
        self.active.push(ActiveFault { fault, since: now, until, hits: 0, passed: 0 });
    }

    /// Takes a fault off, or all of them.
    pub(crate) fn end(&mut self, name: Option<&str>) {
        self.active.retain(|active| name.is_some_and(|name| active.fault.called() != name));
    }

    /// Gives the faults that this request meets, and counts it.
    pub(crate) fn meet(&mut self, method: &str, path: &str, now: DateTime<Utc>) -> Vec<Fault> {
        self.drop_ended(now);
        let mut met = Vec::new();
        for active in self.active.iter_mut().filter(|active| active.fault.fits(method, path)) {
            if active.passed < active.fault.skip {
                active.passed += 1;
            } else if active.fault.times.is_none_or(|times| active.hits < times) {
                active.hits += 1;
                met.push(active.fault.clone());
            }
        }
        met
    }

    /// Lists the faults that are on.
    pub(crate) fn list(&mut self, now: DateTime<Utc>) -> Vec<ActiveFault> {
        self.drop_ended(now);
        self.active.clone()
    }

    fn drop_ended(&mut self, now: DateTime<Utc>) {
        self.active.retain(|active| active.until.is_none_or(|until| now < until));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_fit_by_segments() {
        let cases = [
            ("/incidents", "/incidents", true),
            ("/incidents", "/incidents/Q1/notes", true),
            ("/incidents", "/incidentsx", false),
            ("/incidents$", "/incidents/Q1", false),
            ("/incidents$", "/incidents", true),
            ("/incidents/*", "/incidents", false),
            ("/incidents/*", "/incidents/Q1/notes", true),
            ("/incidents/*/notes$", "/incidents/Q1/notes", true),
            ("/", "/users/me", true),
            ("/", "/statusio/1.0", true),
            ("/pagerduty", "/users/me", true),
            ("/pagerduty", "/statuspage/v1/pages", false),
            ("/pagerduty", "/statusio/v2/incidents", false),
            ("/pagerduty", "/gitlab/api/v4/user", false),
            ("/pagerduty", "/slack/services", false),
            ("/pagerduty", "/zendesk/api/v2/search/count", false),
            ("/zendesk", "/zendesk/api/v2/search/count", true),
            ("/gitlab", "/gitlab/api/v4/user", true),
            ("/slack", "/gitlab/api/v4/user", false),
            ("/pagerduty/incidents$", "/incidents", true),
            ("/pagerduty/incidents$", "/users", false),
        ];
        for (pattern, path, fits) in cases {
            assert_eq!(path_fits(pattern, path), fits, "{pattern} on {path}");
        }
    }

    #[test]
    fn faults_skip_count_and_end() {
        let start = DateTime::from_timestamp(1_750_000_000, 0).expect("in range");
        let mut board = FaultBoard::default();
        let fault = Fault { skip: 1, length: Some(Span::seconds(10)), ..Fault::status(503) };
        board.begin(fault.times(2).method("PUT"), start, 1.0);
        let mut meet = |method: &str, after_s: i64| {
            board.meet(method, "/incidents/Q1", start + chrono::TimeDelta::seconds(after_s)).len()
        };
        assert_eq!([meet("GET", 0), meet("PUT", 0), meet("put", 1), meet("PUT", 2), meet("PUT", 3)], [0, 0, 1, 1, 0]);
        board.begin(Fault { length: Some(Span::seconds(10)), ..Fault::status(500) }, start, 2.0);
        assert_eq!(board.list(start + chrono::TimeDelta::seconds(4)).len(), 1, "same name makes way");
        assert_eq!(board.list(start + chrono::TimeDelta::seconds(5)).len(), 0, "ten seconds at speed two");
    }
}
