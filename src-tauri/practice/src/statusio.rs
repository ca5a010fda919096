//! Status.io as the practice world plays it: its API v2, and what the public reads of a page.

mod board;
mod cast;
mod reading;
mod refusal;
mod rest;
mod subscribers;
mod upkeep;
mod view;
mod wire;
mod writing;

pub(crate) use board::StatusIo;
pub use cast::{StatusIoComponent, StatusIoPage};
pub(crate) use refusal::of_status as refusal_of_status;
pub(crate) use rest::{answer, token};
pub use view::{StatusIoIncident, StatusIoMessage};
