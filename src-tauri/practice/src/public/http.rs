//! Requests to the status pages, as the gate hands them through.
//!
//! Ours: no manner of a status page.

use std::sync::Arc;

use axum::http::HeaderMap;
use chrono::{DateTime, Utc};
use serde_json::Value;

use crate::pagerduty::TokenKind;
use crate::pagerduty::query::Query;
use crate::pagerduty::rest::Quirks;
use crate::reply::{Content, Reply};
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

/// Makes an answer of JSON as status pages send it.
pub(crate) fn json(status: u16, body: Value) -> Reply {
    Reply::of(status, Content::Json(body)).with("content-type", "application/json; charset=utf-8")
}

/// Answers a request.
pub(crate) fn answer(stage: &mut Stage, site: Site, call: &Call) -> Reply {
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

/// Gives what goes with a status, as a fault has it: type and text, or None for a proxy's page.
pub(crate) fn words_of(site: Site, status: u16) -> Option<(&'static str, String)> {
    let body = match site {
        Site::StatusIo => statusio::refusal_of_status(status),
        Site::Statuspage => statuspage::refusal_of_status(status),
    };
    body.map(|body| ("application/json", body.to_string()))
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
