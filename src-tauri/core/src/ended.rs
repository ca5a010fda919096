//! How writes ended, as a fact and not as a sentence: what exit codes and whoever waits go by.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::draft::PublicationId;
use crate::incident::IncidentId;
use crate::job::JobId;
use crate::page::PageId;
use crate::state::State;

/// Ends that are remembered; whoever waits looks far more often.
const ENDED_MAX: usize = 40;

/// What a write was about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "write", rename_all = "snake_case")]
pub enum WriteOf {
    /// A page was to be acknowledged or closed.
    Page {
        /// Which.
        page: PageId,
        /// Herald's number of the attempt.
        #[ts(type = "number")]
        job: JobId,
    },
    /// An update was to be published.
    Update {
        /// About which incident.
        #[ts(type = "number")]
        incident: IncidentId,
        /// Herald's number of the attempt.
        #[ts(type = "number")]
        publication: PublicationId,
    },
}

/// How it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum EndedHow {
    /// It was done; an update was seen on the public page.
    Done,
    /// Nothing was written: it was not as the user had seen it.
    Overtaken,
    /// Nothing was written.
    Refused,
    /// Nobody knows whether it was done.
    Unknown,
    /// The user said that it was done.
    ByWord,
}

/// A write that has ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct EndedWrite {
    /// Which.
    #[serde(flatten)]
    pub of: WriteOf,
    /// How.
    pub how: EndedHow,
    /// The same in words, as the card says it.
    pub says: String,
}

/// Writes, as whoever waits for one needs to know them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Writes {
    /// The number that the next attempt about a page gets.
    #[ts(type = "number")]
    pub next_job: JobId,
    /// The number that the next attempt to publish gets.
    #[ts(type = "number")]
    pub next_publication: PublicationId,
    /// What ended lately in this run, oldest first.
    pub ended: Vec<EndedWrite>,
}

impl Writes {
    /// What is known at this moment.
    #[must_use]
    pub fn of(state: &State) -> Self {
        let (next_job, next_publication) = (state.next_job, state.next_publication);
        Self { next_job, next_publication, ended: state.session.ended.clone() }
    }

    /// The end of the first attempt about this page that was made since `before`.
    #[must_use]
    pub fn of_page(&self, wanted: &PageId, before: &Self) -> Option<&EndedWrite> {
        self.ended
            .iter()
            .find(|it| matches!(&it.of, WriteOf::Page { page, job } if page == wanted && *job >= before.next_job))
    }

    /// The end of the first attempt to publish about this incident that was made since `before`.
    #[must_use]
    pub fn of_update(&self, wanted: IncidentId, before: &Self) -> Option<&EndedWrite> {
        let is = |it: &WriteOf| match it {
            WriteOf::Update { incident, publication } => *incident == wanted && *publication >= before.next_publication,
            WriteOf::Page { .. } => false,
        };
        self.ended.iter().find(|it| is(&it.of))
    }
}

/// Adds an end to those that are remembered.
pub(crate) fn remember(ended: &mut Vec<EndedWrite>, it: EndedWrite) {
    ended.push(it);
    ended.drain(..ended.len().saturating_sub(ENDED_MAX));
}
