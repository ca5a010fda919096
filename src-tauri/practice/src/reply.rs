//! An answer as any of the services gives it, before the faults have it.

use axum::body::{Body, Bytes};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use serde_json::Value;

use crate::markup::web_page;
use crate::spoil;

/// An answer.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) content: Content,
    /// Whether what was asked for happened; Status.io says 200 also when it did not.
    pub(crate) carried_out: bool,
}

/// What an answer's body is.
#[derive(Debug)]
pub(crate) enum Content {
    Json(Value),
    Text(String),
    Html(String),
    Feed { kind: &'static str, text: String },
    Nothing,
}

impl Reply {
    pub(crate) fn of(status: u16, content: Content) -> Self {
        Reply { status, headers: Vec::new(), content, carried_out: status < 300 }
    }

    pub(crate) fn text(status: u16, text: &str) -> Self {
        Reply::of(status, Content::Text(text.to_owned()))
    }

    pub(crate) fn feed(kind: &'static str, text: String) -> Self {
        Reply::of(200, Content::Feed { kind, text })
    }

    /// A web page that stands in for the real one.
    pub(crate) fn web(status: u16, title: &str, paragraphs: &[String]) -> Self {
        Reply::of(status, Content::Html(web_page(title, paragraphs)))
    }

    pub(crate) fn no_such_page() -> Self {
        Reply::web(404, "404", &["There is no such page.".to_owned()])
    }

    /// Says that nothing happened, whatever the status.
    pub(crate) fn refusing(self) -> Self {
        Reply { carried_out: false, ..self }
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
            Content::Feed { kind, .. } => Some(*kind),
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
            Content::Text(text) | Content::Html(text) | Content::Feed { text, .. } => Bytes::from(text),
            Content::Nothing => Bytes::new(),
        };
        (response, bytes)
    }
}
