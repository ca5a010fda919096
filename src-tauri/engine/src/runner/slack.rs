//! What is sent to Slack.

use herald_core::Permit;
use herald_core::intend::Intention;

use super::Runner;
use crate::keys::KeyName;
use crate::slack::{self, PostResult};

impl Runner {
    /// Sends it once. The gate is open for this one message for just as long.
    pub async fn send_intention(&self, permit: Permit, intention: &Intention) -> PostResult {
        let webhook = match self.keys.get(KeyName::Slack, intention.slack.token).await {
            Ok(webhook) => webhook,
            Err(fault) => return PostResult::Refused(fault),
        };
        let http = match self.http() {
            Ok(http) => http,
            Err(fault) => return PostResult::Refused(fault),
        };
        let _open = self.gate.open_while(permit.write(), slack::route(&webhook));
        let result = slack::post(&http, permit, &webhook, &intention.text).await;
        if let PostResult::Refused(fault) | PostResult::Unknown(fault) = &result {
            self.after(fault);
        }
        result
    }
}
