//! The schedules that feed my escalation policies, so that the user can say on which ones people only shadow.

use herald_core::{Fault, FaultKind};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::Herald;

/// A schedule of one of my escalation policies.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ScheduleChoice {
    /// PagerDuty's id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The policies that it feeds.
    pub policies: Vec<String>,
    /// Whether I am on it within the coming week.
    pub mine: bool,
}

impl Herald {
    /// Asks PagerDuty which schedules feed the policies that have me on call (services.md 1.6).
    ///
    /// # Errors
    /// Why there was no good answer.
    pub async fn schedules(&self) -> Result<Vec<ScheduleChoice>, Fault> {
        let account = self.shown().view.account.clone();
        let account = account.ok_or_else(|| Fault::new(FaultKind::NoToken, "PagerDuty is not connected"))?;
        self.runner.schedules(&account).await
    }
}
