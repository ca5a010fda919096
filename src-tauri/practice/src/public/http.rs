//! Requests to the status pages and answers to them, as the gate hands them through.

use std::sync::Arc;

use axum::http::HeaderMap;
use chrono::{DateTime, Utc};
use serde_json::Value;

use crate::pagerduty::TokenKind;
use crate::pagerduty::query::Query;
use crate::pagerduty::rest::Quirks;
use crate::shared::Shared;
use crate::stage::Stage;
use crate::{statusio, statuspage};

use super::Site;

/// A request to a status page.
pub(crate) struct Call<'a> {
    pub(crate) method: &'a str,
    /// The segments after the site's own.
    pub(crate) path: Vec<&'a str>,
    pub(crate) query: Query,
    pub(crate) headers: &'a HeaderMap,
    pub(crate) body: &'a [u8],
    pub(crate) now: DateTime<Utc>,
    pub(crate) quirks: Quirks,
}

impl Call<'_> {
    /// Reads a number that a query may have.
    pub(crate) fn number(&self, name: &str) -> Option<usize> {
        self.query.one(name).and_then(|text| text.parse().ok())
    }
}

/// An answer of a status page.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) content: Content,
    pub(crate) headers: Vec<(&'static str, String)>,
    /// Whether what was asked for happened; Status.io says 200 also when it did not.
    pub(crate) carried_out: bool,
}

/// What an answer holds.
#[derive(Debug)]
pub(crate) enum Content {
    Json(Value),
    Text { kind: &'static str, text: String },
}

impl Answer {
    pub(crate) fn json(status: u16, body: Value) -> Self {
        Answer { status, content: Content::Json(body), headers: Vec::new(), carried_out: status < 300 }
    }

    pub(crate) fn text(kind: &'static str, text: String) -> Self {
        let content = Content::Text { kind, text };
        Answer { status: 200, content, headers: Vec::new(), carried_out: true }
    }

    /// A web page that stands in for the real one.
    pub(crate) fn web(title: &str, paragraphs: &[String]) -> Self {
        let title = super::markup(title);
        let body: String = paragraphs.iter().map(|text| format!("<p>{}", super::markup(text))).collect();
        Answer::text(
            "text/html; charset=utf-8",
            format!(
                "<!doctype html><meta charset=utf-8><title>{title}</title>\
                 <body style=\"font:16px system-ui;max-width:40em;margin:4em auto\">\
                 <p>PRACTICE WORLD<h1>{title}</h1>{body}"
            ),
        )
    }

    pub(crate) fn no_such_page() -> Self {
        let mut answer = Answer::web("404", &["There is no such page.".to_owned()]);
        (answer.status, answer.carried_out) = (404, false);
        answer
    }

    pub(crate) fn with(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }
}

/// Answers a request.
pub(crate) fn answer(stage: &mut Stage, site: Site, call: &Call) -> Answer {
    match site {
        Site::StatusIo => statusio::answer(stage, call),
        Site::Statuspage => statuspage::answer(stage, call),
    }
}

/// Tells whose key a request carried.
pub(crate) fn token(stage: &Stage, site: Site, headers: &HeaderMap) -> TokenKind {
    match site {
        Site::StatusIo => statusio::token(stage.cast(), headers),
        Site::Statuspage => statuspage::token(stage.cast(), headers),
    }
}

/// Gives the body that goes with a status, as a fault has it: the JSON, or None for a proxy's page.
pub(crate) fn refusal_of_status(site: Site, status: u16) -> Option<Value> {
    match site {
        Site::StatusIo => statusio::refusal_of_status(status),
        Site::Statuspage => statuspage::refusal_of_status(status),
    }
}

/// Counts a request to Status.io's API as being under way, for as long as it is held.
pub(crate) struct Busy(Arc<Shared>);

impl Busy {
    pub(crate) fn enter(shared: &Arc<Shared>, path: &str) -> Option<Self> {
        if !path.starts_with("/statusio/v2/") {
            return None;
        }
        shared.look(|stage, _| stage.statusio.under_way += 1);
        Some(Busy(Arc::clone(shared)))
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.look(|stage, _| stage.statusio.under_way -= 1);
    }
}
