//! The text of a public update: how long it is, what it promises, where it comes from, what is wrong with it.

mod clock;
pub mod counted;
mod day;
mod emoji;
pub mod fix;
pub mod link;
pub mod lint;
mod moment;
pub mod phrases;
pub mod promise;
mod span;
pub mod template;
pub mod transition;
pub mod weigh;
pub mod wordings;
mod words;
mod zone;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::Time;
use crate::phase::{Impact, Phase};

/// The months as people write them out, in small letters.
pub const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

/// Longest text whose words are read, in bytes: many times what any page takes. A log that was pasted must not hold up
/// the alarms while it is read.
pub const READ_MAX: usize = 4_096;

/// An update as it is about to be published, or as it was (H45).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(rename = "PostText")]
pub struct Text {
    /// In simple terms, what is the issue.
    pub title: String,
    /// What people read below it.
    pub text: String,
    /// Where the incident stands.
    pub phase: Phase,
    /// What the components can still do; not chosen yet when it is missing.
    pub impact: Option<Impact>,
    /// The affected components by name.
    pub components: Vec<String>,
}

/// The last update that is public, whoever posted it (H31).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Published {
    /// What it says.
    #[serde(flatten)]
    pub text: Text,
    /// When it was published.
    pub at: Time,
}
