//! Slack's incoming webhook: one channel, plain text, no way back (services.md 5).

mod wire;

use herald_core::{Fault, FaultKind, Permit};
use reqwest::Method;
use reqwest::header::HeaderMap;
use secrecy::{ExposeSecret as _, SecretString};

use crate::gate::Route;
use crate::http::{AGE_MAX, Http, Outgoing, counts, may_have_arrived};
use crate::pagerduty::{ConnectError, check_url};

/// Longest text that Slack takes, in characters.
const TEXT_CHARS_MAX: usize = 40_000;

/// What came of a message. Slack knows no idempotency, so an unknown one is never sent again unasked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum PostResult {
    /// It is in the channel.
    Done,
    /// It is not, for this reason.
    Refused(Fault),
    /// It was sent and no answer was understood.
    Unknown(Fault),
}

/// Posts a text to the webhook's channel. The webhook's address is a secret and appears in no fault.
pub(crate) async fn post(http: &Http, permit: Permit, webhook: &SecretString, text: &str) -> PostResult {
    if text.trim().is_empty() || text.chars().count() > TEXT_CHARS_MAX {
        return PostResult::Refused(Fault::new(FaultKind::Rejected, "the text is empty or longer than Slack takes"));
    }
    let Ok(url) = check_url(webhook.expose_secret(), "The webhook's address") else {
        return PostResult::Refused(Fault::new(FaultKind::NotFound, "the webhook's address cannot be used"));
    };
    let out = Outgoing { method: Method::POST, url, headers: HeaderMap::new(), body: wire::message(text) };
    let answer = match http.write(permit, out).await {
        Ok(answer) => answer,
        Err(fault) if may_have_arrived(&fault) => return PostResult::Unknown(fault),
        Err(fault) => return PostResult::Refused(fault),
    };
    let mut fault = match counts(&answer, AGE_MAX, http.now()) {
        Ok(()) if wire::done(&answer.body) => return PostResult::Done,
        Ok(()) => return PostResult::Unknown(Fault::new(FaultKind::NotTheService, "it did not say ok")),
        Err(fault) => fault,
    };
    if answer.status.is_redirection() || !wire::is_word(&answer.body) {
        // Where it points to, and what is not Slack's own word, may repeat the secret.
        fault.detail = format!("HTTP {}", answer.status.as_u16());
    }
    if may_have_arrived(&fault) { PostResult::Unknown(fault) } else { PostResult::Refused(fault) }
}

/// Checks a webhook's address before it is kept, by its shape alone: trying it would post.
pub(crate) fn check(webhook: &SecretString) -> Result<(), ConnectError> {
    let url = check_url(webhook.expose_secret(), "The webhook's address").ok();
    if url.is_some_and(|url| is_webhook(&url)) {
        return Ok(());
    }
    Err(ConnectError::failed(
        "This is not a webhook's address. Copy it from Slack: it begins with https://hooks.slack.com/services/.",
    ))
}

/// Whether an address ends as Slack's webhooks and workflow triggers do: `services/T…/B…/secret`.
fn is_webhook(url: &str) -> bool {
    let mut parts = url.rsplit('/');
    let ids_are_there = parts.by_ref().take(3).all(|part| !part.is_empty());
    ids_are_there && parts.next().is_some_and(|kind| ["services", "triggers", "workflows"].contains(&kind))
}

/// What the gate is opened for: one message to this webhook.
pub(crate) fn route(webhook: &SecretString) -> Option<Route> {
    Route::new(Method::POST, &check_url(webhook.expose_secret(), "The webhook's address").ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn webhooks_are_known_by_their_shape() {
        for (webhook, expected) in [
            ("https://hooks.slack.com/services/T0/B0/secret", true),
            (" https://hooks.slack.com/services/T0/B0/secret\n", true),
            ("https://hooks.slack.com/triggers/T0/1/secret", true),
            ("http://127.0.0.1:4010/slack/services/T0/B0/secret", true),
            ("https://hooks.slack.com/services/T0/B0", false),
            ("https://hooks.slack.com/services//B0/secret", false),
            ("https://example.slack.com/archives/C0/p1", false),
            ("https://hooks.slack.com", false),
            ("#incident", false),
            ("", false),
        ] {
            assert_eq!(check(&SecretString::from(webhook.to_owned())).is_ok(), expected, "{webhook}");
        }
    }

    #[test]
    fn addresses_that_cannot_be_used_stay_secret() {
        let error = check(&SecretString::from("http://hooks.slack.example/services/secret".to_owned()));
        assert!(error.is_err_and(|error| !error.message.contains("secret")), "neither used nor told");
    }
}
