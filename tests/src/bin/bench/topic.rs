//! What is measured together, on one desktop.

use anyhow::Result;

use crate::table::Taken;
use crate::{answers, crowd, curves, keys, polls, rest, sizes, start, status, still, window};

/// A set-up, and everything that is measured in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Topic {
    Rest,
    Window,
    Still,
    Status,
    Start,
    Answers,
    Crowd,
    Polls,
    Keys,
    Curves,
    Sizes,
}

impl Topic {
    pub const ALL: [Self; 11] = [
        Self::Sizes,
        Self::Curves,
        Self::Status,
        Self::Start,
        Self::Answers,
        Self::Crowd,
        Self::Polls,
        Self::Keys,
        Self::Window,
        Self::Still,
        Self::Rest,
    ];

    /// Takes its figures. What it has taken before it fails counts.
    pub async fn take(self, taken: &mut Taken) -> Result<()> {
        match self {
            Self::Rest => rest::take(taken).await,
            Self::Window => window::take(taken).await,
            Self::Still => still::take(taken).await,
            Self::Status => status::take(taken).await,
            Self::Start => start::take(taken).await,
            Self::Answers => answers::take(taken).await,
            Self::Crowd => crowd::take(taken).await,
            Self::Polls => polls::take(taken).await,
            Self::Keys => keys::take(taken).await,
            Self::Curves => curves::take(taken),
            Self::Sizes => sizes::take(taken),
        }
    }
}
