//! The tokens that open the practice GitLab, and what each may do.
//!
//! Source: docs.gitlab.com, "REST API authentication" (both headers) and "Personal access tokens API" (`scopes`,
//! `expires_at`). Ours: the tokens themselves.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::cast::Cast;
use crate::pagerduty::TokenKind;

/// The tokens of a practice GitLab: `PRIVATE-TOKEN: …` or `Authorization: Bearer …`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GitLabTokens {
    /// The token of the user whom the app belongs to, with scope `api`.
    pub api: String,
    /// A token of the same user with scope `read_api`.
    pub read_api: String,
    /// A token of the same user whose time is over.
    pub expired: String,
    /// A token with scope `api` of somebody who is no member of any project.
    pub outsider: String,
}

impl GitLabTokens {
    pub(crate) fn of(cast: &Cast) -> Self {
        let token = |what: &str| format!("glpat-practice_{}_{what}", cast.me);
        GitLabTokens {
            api: token("api"),
            read_api: token("read_api"),
            expired: token("expired"),
            outsider: "glpat-practice_outsider_api".to_owned(),
        }
    }
}

/// Who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Caller {
    pub(crate) kind: TokenKind,
    /// The user's place in the cast; the outsider comes after the last.
    pub(super) person: Option<usize>,
    /// Whether the user is a member of the projects.
    pub(super) member: bool,
}

impl Caller {
    /// Whether the token has scope `api`.
    pub(super) fn may_write(self) -> bool {
        self.kind != TokenKind::UserReadOnly
    }

    /// When the token ends: the reading one soon, so that there is something to warn of.
    pub(super) fn expires_on(self, start: DateTime<Utc>) -> chrono::NaiveDate {
        let days = if self.may_write() { 200 } else { 5 };
        (start + TimeDelta::days(days)).date_naive()
    }
}

/// Recognizes the caller by the headers; a header in another form than GitLab takes is none.
pub(crate) fn recognize(cast: &Cast, private: Option<&str>, authorization: Option<&str>) -> Caller {
    let nobody = |kind| Caller { kind, person: None, member: false };
    let bearer = authorization.and_then(|header| header.strip_prefix("Bearer "));
    let Some(token) = private.or(bearer) else {
        return nobody(TokenKind::Missing);
    };
    let tokens = GitLabTokens::of(cast);
    let me = cast.user_index(&cast.me);
    let outsider = Some(cast.users.len());
    match token {
        token if token == tokens.api => Caller { kind: TokenKind::User, person: me, member: true },
        token if token == tokens.read_api => Caller { kind: TokenKind::UserReadOnly, person: me, member: true },
        token if token == tokens.outsider => Caller { kind: TokenKind::OtherUser, person: outsider, member: false },
        token if token == tokens.expired => nobody(TokenKind::Expired),
        _ => nobody(TokenKind::Unknown),
    }
}

/// Somebody as GitLab knows them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Person {
    pub(super) id: u64,
    pub(super) username: String,
    pub(super) name: String,
}

/// Ids of an instance that has been in use for a while.
const FIRST_PERSON_ID: u64 = 4_200_001;

impl Person {
    pub(super) fn of(cast: &Cast, place: usize) -> Self {
        let id = FIRST_PERSON_ID + place as u64;
        match cast.users.get(place) {
            Some(user) => Person { id, username: user.key.clone(), name: user.name.clone() },
            None => Person { id, username: "outsider".to_owned(), name: "Olaf Outside".to_owned() },
        }
    }

    pub(super) fn find(cast: &Cast, id: u64) -> Option<usize> {
        let place = usize::try_from(id.checked_sub(FIRST_PERSON_ID)?).ok()?;
        (place <= cast.users.len()).then_some(place)
    }
}
