//! What is asked of the past: answered from all of it, or not at all.

use herald_core::feed::PastUpdate;
use herald_core::history::{HistoryFound, HistoryQuery, PastIncident, PastPage};
use herald_core::kpi::{KpiAsk, Kpis};
use herald_core::{IncidentId, PageId, Playbook, Time};

use super::{Store, StoreError, export, history, kpi};
use crate::export::{Record, Span};

impl Store {
    /// At most `limit` past updates that hold all words of `query`, best first; the newest for an empty query. Any
    /// text is a query.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn search(&self, query: &str, limit: usize) -> Result<Vec<PastUpdate>, StoreError> {
        self.whole()?;
        history::search_updates(&self.db, query, limit)
    }

    /// One page of the past that fits `query`. Any text is a query.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn history(&self, query: &HistoryQuery) -> Result<HistoryFound, StoreError> {
        self.whole()?;
        history::search(&self.db, query)
    }

    /// A past incident with its whole timeline, also after it was forgotten from memory.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn past_incident(&self, id: IncidentId) -> Result<Option<PastIncident>, StoreError> {
        history::incident(&self.db, id)
    }

    /// A past page of one trigger.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn past_page(&self, id: &PageId, triggered_at: Time) -> Result<Option<PastPage>, StoreError> {
        self.whole()?;
        history::page(&self.db, id, triggered_at)
    }

    /// Refuses to answer from a past of which some is still missing.
    fn whole(&self) -> Result<(), StoreError> {
        if history::owes(&self.db)? { Err(StoreError::PastOwed) } else { Ok(()) }
    }

    /// The key figures for a range, by the rules of `playbook` (H90); none when it is a shift and there was none yet.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn kpis(&self, ask: KpiAsk, playbook: &Playbook, now: Time) -> Result<Option<Kpis>, StoreError> {
        self.whole()?;
        kpi::all(&self.db, ask, playbook, now)
    }

    /// Everything of a time, for an export.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn records(&self, span: Span) -> Result<Vec<Record>, StoreError> {
        export::records(&self.db, span)
    }
}
