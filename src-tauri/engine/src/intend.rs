//! Sending "I intend to…" to Slack: once, remembered when it arrived, and never again by itself (H43).

use herald_core::{Command, Fault, FaultKind, IncidentId, IncidentWish, Refusal};
use tokio::sync::oneshot;

use crate::Herald;
use crate::run::Message;
use crate::slack::PostResult;

/// It is in the channel, and remembered as asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Intended {
    /// Which channel.
    pub channel: String,
}

/// Why it is not known to be in the channel, with what to do about it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IntendError {
    /// It may not be sent now.
    #[error("{}", .0.message())]
    Refusal(Refusal),
    /// An earlier one has not been answered yet.
    #[error("Already being sent. Wait for Slack's answer.")]
    UnderWay,
    /// It did not arrive.
    #[error("Not sent to {channel}: {}. {}", .fault.reason(), next_step(.fault))]
    NotSent {
        /// Where to.
        channel: String,
        /// Why.
        fault: Fault,
    },
    /// It was sent, and no answer was understood.
    #[error("It may have arrived: look into {channel}. Herald does not send it again by itself.")]
    Unknown {
        /// Where to.
        channel: String,
        /// Why there is no answer.
        fault: Fault,
    },
}

impl Herald {
    /// Sends "I intend to…" about an incident to the Slack channel, as the composer shows it, and remembers that it
    /// was asked.
    ///
    /// # Errors
    /// Why it was not sent, or why that is not known.
    pub async fn intend(&self, incident: IncidentId) -> Result<Intended, IntendError> {
        // A second press while the first waits for its answer must not post twice.
        let _alone = self.intending.try_lock().map_err(|_| IntendError::UnderWay)?;
        let (reply, answer) = oneshot::channel();
        let _ = self.inbox.send(Message::Intend(incident, reply));
        let answer = answer.await.unwrap_or(Err(Refusal::CannotSave));
        let (intention, permit) = answer.map_err(IntendError::Refusal)?;
        let channel = intention.slack.channel.clone();
        match self.runner.send_intention(permit, &intention).await {
            PostResult::Done => {
                let wish = Box::new(IncidentWish::Asked { incident });
                // It is refused only when the incident ended meanwhile, and then nobody needs to know.
                let _ = self.command(Command::Incident { wish }).await;
                Ok(Intended { channel })
            }
            PostResult::Refused(fault) => Err(IntendError::NotSent { channel, fault }),
            PostResult::Unknown(fault) => Err(IntendError::Unknown { channel, fault }),
        }
    }
}

/// What to do about a message that Slack did not take.
fn next_step(fault: &Fault) -> &'static str {
    match fault.kind {
        FaultKind::RateLimited => "Wait a moment and send it again, or copy it.",
        FaultKind::Unauthorized
        | FaultKind::Forbidden
        | FaultKind::NotFound
        | FaultKind::PageNotShown
        | FaultKind::Rejected => "Copy it, and connect Slack again in Settings with a new webhook.",
        FaultKind::NoToken => "Copy it. Unlock the system keychain, or connect Slack again in Settings.",
        FaultKind::Server
        | FaultKind::Timeout
        | FaultKind::Unreachable
        | FaultKind::Broken
        | FaultKind::Tls
        | FaultKind::NotTheService
        | FaultKind::TooLarge => "Copy it, and check the network.",
    }
}
