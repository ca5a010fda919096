//! PagerDuty as the practice world plays it: its rules, its keys, its REST API v2.

mod account;
mod change;
mod create;
mod history;
mod incident;
mod limits;
mod list;
mod occurrence;
mod overrides;
mod people;
pub(crate) mod query;
mod refusal;
mod responders;
pub(crate) mod rest;
mod rota;
mod teams;
mod token;
mod view;
mod wire;
mod wire_cast;

pub(crate) use account::{Doing, PagerDuty};
pub(crate) use incident::Actor;
pub use incident::{EntryKind, ResponderState, Status, Via};
pub(crate) use limits::Meter;
pub use occurrence::Occurrence;
pub(crate) use refusal::Refusal;
pub(crate) use token::recognize;
pub use token::{TokenKind, Tokens};
pub use view::{Happening, IncidentState};
