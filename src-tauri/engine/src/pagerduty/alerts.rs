//! What the alerts of a page say: the declaration's issue, channel and call often stand there alone (services.md 1.5).

mod wire;

use herald_core::{Fault, PageId};

use self::wire::{AlertList, texts};
use super::{LIST_LIMIT, Reader};

impl Reader {
    /// Every text in the alerts of a page, links among them.
    pub async fn words(&self, id: &PageId) -> Result<Vec<String>, Fault> {
        let answer = self.get(&format!("/incidents/{id}/alerts?limit={LIST_LIMIT}")).await?;
        let list: AlertList = self.http.json(&answer)?;
        Ok(texts(&list))
    }
}
