//! The keys that open the practice PagerDuty, and what each may do.
//!
//! Source: PagerDuty/developer-docs, `docs/REST-API/02-Authentication.md`: the exact form of the header, or a 401; keys
//! that only read. Ours: the keys themselves.

use serde::{Deserialize, Serialize};

use crate::cast::Cast;

/// Whose key a request carried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TokenKind {
    /// The key of the user whom the app belongs to.
    User,
    /// A key of the same user that may only read.
    UserReadOnly,
    /// An OAuth token of the same user.
    Oauth,
    /// An OAuth token of the same user with read scopes.
    OauthReadOnly,
    /// An OAuth token of an app that acts for the account, with no user behind it.
    OauthAccount,
    /// The key of the user on the shadow schedule.
    ShadowUser,
    /// The key of another user.
    OtherUser,
    /// A key of the account, with no user behind it.
    Account,
    /// A key of the account that may only read.
    AccountReadOnly,
    /// A well-formed key that nobody has.
    Unknown,
    /// A key whose time is over.
    Expired,
    /// An `Authorization` header in another form than PagerDuty takes.
    Malformed,
    /// No `Authorization` header.
    Missing,
}

/// The keys of a practice world, for the app's settings and for tests.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tokens {
    /// The key of the user whom the app belongs to: `Authorization: Token token=…`.
    pub user: String,
    /// A key of the same user that may only read.
    pub user_read_only: String,
    /// An OAuth token of the same user: `Authorization: Bearer …`.
    pub oauth: String,
    /// An OAuth token of the same user with read scopes: `Authorization: Bearer …`.
    pub oauth_read_only: String,
    /// An OAuth token of an app, with no user behind it: `Authorization: Bearer …`.
    pub oauth_account: String,
    /// The key of the user on the shadow schedule.
    pub shadow_user: String,
    /// A key of the account, with no user behind it.
    pub account: String,
    /// A key of the account that may only read.
    pub account_read_only: String,
}

/// PagerDuty's keys have exactly this many characters.
const KEY_CHARS: usize = 20;

impl Tokens {
    pub(crate) fn of(cast: &Cast) -> Self {
        let me = cast.user_index(&cast.me).unwrap_or_default();
        let shadow = cast.user_index(&cast.shadow_user).unwrap_or_default();
        Tokens {
            user: user_key(cast, me),
            user_read_only: key("r+", &cast.me, me),
            oauth: format!("pdus+_practice_{}_read_write", cast.me),
            oauth_read_only: format!("pdus+_practice_{}_read", cast.me),
            oauth_account: "pdeu+_practice_app".to_owned(),
            shadow_user: user_key(cast, shadow),
            account: "account_key_practice".to_owned(),
            account_read_only: "account_key_readonly".to_owned(),
        }
    }
}

/// Who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Caller {
    pub(crate) kind: TokenKind,
    /// The user behind the key, if there is one.
    pub(crate) user: Option<usize>,
}

impl Caller {
    pub(crate) fn may_write(self) -> bool {
        !matches!(self.kind, TokenKind::UserReadOnly | TokenKind::OauthReadOnly | TokenKind::AccountReadOnly)
    }

    pub(crate) fn is_known(self) -> bool {
        !matches!(self.kind, TokenKind::Unknown | TokenKind::Expired | TokenKind::Malformed | TokenKind::Missing)
    }
}

/// Recognizes the caller by the `Authorization` header.
pub(crate) fn recognize(cast: &Cast, authorization: Option<&str>) -> Caller {
    let nobody = |kind| Caller { kind, user: None };
    let Some(header) = authorization else {
        return nobody(TokenKind::Missing);
    };
    let tokens = Tokens::of(cast);
    let me = cast.user_index(&cast.me);
    if let Some(bearer) = header.strip_prefix("Bearer ") {
        let by_me = |kind| Caller { kind, user: me };
        return match bearer {
            token if token == tokens.oauth => by_me(TokenKind::Oauth),
            token if token == tokens.oauth_read_only => by_me(TokenKind::OauthReadOnly),
            token if token == tokens.oauth_account => nobody(TokenKind::OauthAccount),
            _ => nobody(TokenKind::Unknown),
        };
    }
    match header.strip_prefix("Token token=") {
        None => nobody(TokenKind::Malformed),
        Some(key) if key == tokens.account => nobody(TokenKind::Account),
        Some(key) if key == tokens.account_read_only => nobody(TokenKind::AccountReadOnly),
        Some(key) if key == tokens.user_read_only => Caller { kind: TokenKind::UserReadOnly, user: me },
        Some(key) => match (0..cast.users.len()).find(|user| user_key(cast, *user) == key) {
            None => nobody(TokenKind::Unknown),
            Some(user) => Caller { kind: kind_of(cast, user), user: Some(user) },
        },
    }
}

/// Gives the key of a user.
pub(crate) fn user_key(cast: &Cast, user: usize) -> String {
    key("u+", &cast.users[user].key, user)
}

fn kind_of(cast: &Cast, user: usize) -> TokenKind {
    let is = |key: &str| cast.user_index(key) == Some(user);
    if is(&cast.me) {
        TokenKind::User
    } else if is(&cast.shadow_user) {
        TokenKind::ShadowUser
    } else {
        TokenKind::OtherUser
    }
}

fn key(prefix: &str, name: &str, number: usize) -> String {
    let letters: String = name.chars().filter(char::is_ascii_alphanumeric).take(16).collect();
    let width = KEY_CHARS - prefix.len() - 2;
    format!("{prefix}{letters:_<width$}{:02}", number % 100)
}
