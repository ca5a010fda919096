//! The past of a data folder, read beside the loop: searched, measured and exported, whether Herald runs or not.

use std::path::{Path, PathBuf};

use herald_core::feed::PastUpdate;
use herald_core::history::{HistoryFound, HistoryQuery, PastIncident, PastPage};
use herald_core::kpi::{KpiAsk, Kpis};
use herald_core::{IncidentId, PageId, Time};

use crate::export::{self, Format, Span};
use crate::playbook;
use crate::store::{Store, StoreError};

/// A data folder that is only read.
#[derive(Clone, Debug)]
pub struct Archive {
    folder: PathBuf,
}

impl Archive {
    /// The past that is kept in `folder`.
    #[must_use]
    pub fn of(folder: &Path) -> Self {
        Self { folder: folder.to_owned() }
    }

    /// One page of what fits `query`.
    ///
    /// # Errors
    /// Why nothing could be read.
    pub fn search(&self, query: &HistoryQuery) -> Result<HistoryFound, StoreError> {
        self.store()?.history(query)
    }

    /// Past updates that hold all words of `query`, best first; the newest for an empty query (H44).
    ///
    /// # Errors
    /// Why nothing could be read.
    pub fn updates(&self, query: &str, limit: usize) -> Result<Vec<PastUpdate>, StoreError> {
        self.store()?.search(query, limit)
    }

    /// A past incident with its whole timeline.
    ///
    /// # Errors
    /// Why nothing could be read.
    pub fn incident(&self, id: IncidentId) -> Result<Option<PastIncident>, StoreError> {
        self.store()?.past_incident(id)
    }

    /// A past page of one trigger.
    ///
    /// # Errors
    /// Why nothing could be read.
    pub fn page(&self, id: &PageId, triggered_at: Time) -> Result<Option<PastPage>, StoreError> {
        self.store()?.past_page(id, triggered_at)
    }

    /// The key figures by the team's rules (H90).
    ///
    /// # Errors
    /// Why nothing could be read.
    pub fn kpis(&self, ask: KpiAsk, now: Time) -> Result<Option<Kpis>, StoreError> {
        self.store()?.kpis(ask, &playbook::held(&self.folder).playbook, now)
    }

    /// Everything of a time as one text.
    ///
    /// # Errors
    /// Why nothing could be read.
    pub fn export(&self, span: Span, format: Format, now: Time) -> Result<String, StoreError> {
        let records = self.store()?.records(span)?;
        export::write(&records, span, format, now).map_err(|error| StoreError::Other(error.to_string()))
    }

    fn store(&self) -> Result<Store, StoreError> {
        Store::read_only(&self.folder)
    }
}
