//! How many tickets of an incident nobody has tagged.

use herald_core::zendesk::Zendesk;
use herald_core::{Fault, IncidentId, Input};
use secrecy::SecretString;

use super::Runner;
use crate::keys::KeyName;
use crate::pagerduty::ConnectError;
use crate::run::Flight;
use crate::zendesk::{self, Reader};

impl Runner {
    pub fn count_tickets(&self, zendesk: Zendesk, incident: IncidentId, query: String) {
        let lost = move |fault| Input::TicketsCounted(incident, Err(fault));
        self.fly(Flight::Tickets(incident), lost, async move |runner| {
            let result = runner.noting(runner.count(&zendesk, &query).await);
            Input::TicketsCounted(incident, result)
        });
    }

    async fn count(&self, zendesk: &Zendesk, query: &str) -> Result<u64, Fault> {
        let key = self.keys.get(KeyName::Zendesk, zendesk.token).await?;
        Reader::new(self.http()?, zendesk, &key)?.count(query).await
    }

    /// Tries a Zendesk and its key without using it for anything else.
    pub async fn try_zendesk(
        &self,
        base_url: &str,
        email: &str,
        token: &SecretString,
    ) -> Result<Zendesk, ConnectError> {
        let http = self.http().map_err(|fault| ConnectError::failed(fault.detail))?;
        zendesk::connect(http, base_url, email, token).await
    }
}
