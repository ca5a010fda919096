//! Maintenance on Status.io: scheduled once, told step by step, and looked for before anything is sent a second time.

use std::collections::BTreeSet;

use herald_core::ledger::Plan;
use herald_core::{Fault, FaultKind, Permit};

use super::Publisher;
use crate::lenient;
use crate::status_page::{Told, earliest_since, fits, unread};

pub(super) mod wire;

/// Pages of each list that are read at the most.
const LIST_PAGES_MAX: u32 = 5;

impl Publisher<'_> {
    /// Schedules a maintenance, unless one with its title and start is there: whoever put it there, it is not announced
    /// twice. Gives the page's id of it.
    pub async fn schedule(&self, permit: Permit, plan: &Plan) -> Result<String, Fault> {
        if let Some(post) = self.scheduled(plan).await.map_err(unread)? {
            return Ok(post);
        }
        let body = wire::schedule(&self.page.page_id, plan);
        let answer = self.write(permit, "/maintenance/schedule", body).await?;
        let id: Option<String> = self.result(&answer)?.and_then(|raw| lenient::item(&raw));
        let unclear = || Fault::new(FaultKind::Broken, "an answer that does not say what was done");
        id.as_deref().and_then(lenient::id).ok_or_else(unclear)
    }

    /// Looks for a maintenance among those to come and under way. Absent only after everything was read.
    pub async fn scheduled(&self, plan: &Plan) -> Result<Option<String>, Fault> {
        for list in ["pending", "active"] {
            if let Some(post) = self.listed(list, plan).await? {
                return Ok(Some(post));
            }
        }
        Ok(None)
    }

    async fn listed(&self, list: &str, plan: &Plan) -> Result<Option<String>, Fault> {
        let mut known = BTreeSet::new();
        for page in 1..=LIST_PAGES_MAX {
            let path = format!("/maintenance/list/{list}/{}?page={page}", self.page.page_id);
            let answer = self.read(&path).await?;
            let looked = self.result(&answer)?.and_then(|raw| wire::look(&raw, plan));
            let looked = looked.ok_or_else(|| Fault::new(FaultKind::Broken, "maintenance that cannot be read"))?;
            if looked.found.is_some() {
                return Ok(looked.found);
            }
            let before = known.len();
            known.extend(looked.ids);
            // Its size is not documented: a page that brings nothing new is the end.
            if known.len() == before {
                return Ok(None);
            }
        }
        Err(Fault::new(FaultKind::TooLarge, "more maintenance than Herald reads"))
    }

    /// Tells how a maintenance goes, if that still fits. The answer's body says whether it was done.
    pub async fn tell(&self, permit: Permit, told: &Told<'_>) -> Result<(), Fault> {
        let path = format!("/maintenance/{}/{}", self.page.page_id, told.post);
        let seen = match self.read(&path).await {
            Ok(answer) => self.result(&answer),
            Err(fault) => Err(fault),
        };
        fits(told.tell, seen.map_err(unread)?.and_then(|raw| wire::stage(&raw)))?;
        let (path, body) = wire::tell(&self.page.page_id, told);
        let answer = self.write(permit, &path, body).await?;
        match self.result(&answer)? {
            Some(raw) if raw.get() == "false" => {
                Err(Fault::new(FaultKind::Broken, "an answer that does not say what was done"))
            }
            Some(_) | None => Ok(()),
        }
    }

    /// Whether what was told can be read there.
    pub async fn was_told(&self, told: &Told<'_>) -> Result<bool, Fault> {
        let path = format!("/maintenance/{}/{}", self.page.page_id, told.post);
        let answer = self.read(&path).await?;
        let earliest = earliest_since(told.asked_at, &answer, self.http.now());
        let seen = self.result(&answer)?.and_then(|raw| wire::was_told(&raw, told.text, earliest));
        seen.ok_or_else(|| Fault::new(FaultKind::Broken, "a maintenance that cannot be read"))
    }
}
