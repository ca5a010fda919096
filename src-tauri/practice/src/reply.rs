//! An answer as any of the services gives it, before the faults have it.

use axum::body::{Body, Bytes};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use serde_json::Value;

use crate::spoil;

/// An answer.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) content: Content,
}

/// What an answer's body is.
#[derive(Debug)]
pub(crate) enum Content {
    Json(Value),
    Text(String),
    Html(String),
    Nothing,
}

impl Reply {
    pub(crate) fn of(status: u16, content: Content) -> Self {
        Reply { status, headers: Vec::new(), content }
    }

    pub(crate) fn text(status: u16, text: &str) -> Self {
        Reply::of(status, Content::Text(text.to_owned()))
    }

    pub(crate) fn with(mut self, name: &'static str, value: impl ToString) -> Self {
        self.headers.push((name, value.to_string()));
        self
    }

    /// Makes the response without its body, and the body.
    pub(crate) fn write(self) -> (Response, Bytes) {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let kind = match &self.content {
            Content::Json(_) => Some("application/json"),
            Content::Text(_) => Some("text/plain"),
            Content::Html(_) => Some("text/html; charset=utf-8"),
            Content::Nothing => None,
        };
        if let Some(kind) = kind {
            response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
        }
        for (name, value) in &self.headers {
            spoil::set(&mut response, name, Some(value));
        }
        let bytes = match self.content {
            Content::Json(body) => spoil::bytes(&body),
            Content::Text(text) | Content::Html(text) => Bytes::from(text),
            Content::Nothing => Bytes::new(),
        };
        (response, bytes)
    }
}
