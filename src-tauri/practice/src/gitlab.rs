//! GitLab as the practice world plays it: projects, issues, labels, notes, over its REST API v4.

mod body;
mod change;
mod issue;
mod labels;
mod limits;
mod links;
mod list;
pub(crate) mod play;
mod refusal;
mod rest;
mod talk;
mod token;
mod tracker;
mod view;
mod wire;

pub(crate) use refusal::words_of;
pub(crate) use rest::{Call, answer};
pub use token::GitLabTokens;
pub(crate) use token::{Caller, recognize};
pub(crate) use tracker::Tracker;
pub(crate) use view::issues;
pub use view::{IssueNote, IssueState, LabelChange};
