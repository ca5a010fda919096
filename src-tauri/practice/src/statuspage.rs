//! Atlassian Statuspage as the practice world plays it: its API v1, and what the public reads of a page.

mod board;
mod cast;
mod postmortem;
mod reading;
mod refusal;
mod rest;
mod upkeep;
mod view;
mod wire;
mod writing;

pub(crate) use board::StatuspageSite;
pub use cast::{Statuspage, StatuspageComponent};
pub(crate) use refusal::of_status as refusal_of_status;
pub(crate) use rest::{answer, token};
pub use view::{StatuspageIncident, StatuspageUpdate};
