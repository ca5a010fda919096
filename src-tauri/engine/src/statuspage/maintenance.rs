//! Maintenance on Statuspage, which is an incident with a plan: scheduled once, told step by step, and looked for before
//! anything is sent a second time.

use herald_core::ledger::Plan;
use herald_core::{Fault, FaultKind, Permit};
use reqwest::Method;
use serde_json::value::RawValue;

use super::wire::{Body, published};
use super::{LIST_LIMIT, LIST_PAGES_MAX, Publisher};
use crate::status_page::{Told, earliest_since, fits, unread};

pub(super) mod wire;

impl Publisher<'_> {
    /// Schedules a maintenance, unless one with its title and start is there: whoever put it there, it is not announced
    /// twice. Gives the page's id of it.
    pub async fn schedule(&self, permit: Permit, plan: &Plan) -> Result<String, Fault> {
        if let Some(post) = self.scheduled(plan).await.map_err(unread)? {
            return Ok(post);
        }
        let answer = self.write(permit, Method::POST, "/incidents", wire::schedule(plan)).await?;
        let done: Body = self.http.parse(&answer)?;
        published(&done).ok_or_else(unclear)
    }

    /// Looks for a maintenance among those to come and under way. Absent only after everything was read.
    pub async fn scheduled(&self, plan: &Plan) -> Result<Option<String>, Fault> {
        for list in ["scheduled", "active_maintenance"] {
            if let Some(post) = self.listed(list, plan).await? {
                return Ok(Some(post));
            }
        }
        Ok(None)
    }

    async fn listed(&self, list: &str, plan: &Plan) -> Result<Option<String>, Fault> {
        for page in 1..=LIST_PAGES_MAX {
            let path = format!("/incidents/{list}?per_page={LIST_LIMIT}&page={page}");
            let answer = self.read(&path).await?;
            let all: Vec<Box<RawValue>> = self.http.parse(&answer)?;
            let unread = || Fault::new(FaultKind::Broken, "maintenance that cannot be read");
            let found = wire::look(&all, plan).ok_or_else(unread)?;
            if found.is_some() || all.len() < LIST_LIMIT {
                return Ok(found);
            }
        }
        Err(Fault::new(FaultKind::TooLarge, "more maintenance than Herald reads"))
    }

    /// Tells how a maintenance goes, if that still fits.
    pub async fn tell(&self, permit: Permit, told: &Told<'_>) -> Result<(), Fault> {
        let path = format!("/incidents/{}", told.post);
        let answer = self.read(&path).await.map_err(unread)?;
        let seen: Box<RawValue> = self.http.parse(&answer).map_err(unread)?;
        fits(told.tell, wire::stage(&seen))?;
        let answer = self.write(permit, Method::PATCH, &path, wire::tell(told)).await?;
        let done: Body = self.http.parse(&answer)?;
        if published(&done).as_deref() == Some(told.post) { Ok(()) } else { Err(unclear()) }
    }

    /// Whether what was told can be read there.
    pub async fn was_told(&self, told: &Told<'_>) -> Result<bool, Fault> {
        let answer = self.read(&format!("/incidents/{}", told.post)).await?;
        let earliest = earliest_since(told.asked_at, &answer, self.http.now());
        let it: Box<RawValue> = self.http.parse(&answer)?;
        let unread = || Fault::new(FaultKind::Broken, "a maintenance that cannot be read");
        wire::was_told(&it, told, earliest).ok_or_else(unread)
    }
}

fn unclear() -> Fault {
    Fault::new(FaultKind::Broken, "an answer that does not say what was done")
}
