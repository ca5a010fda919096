//! A public update in the making, and its way to the status page.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::Time;
use crate::amends::Amends;
use crate::basis::{Basis, Look, Overtaken};
use crate::fault::Fault;
use crate::incident::IncidentId;
use crate::phase::{Impact, Phase};

/// Herald's own number of an attempt to publish; never used twice.
pub type PublicationId = i64;

/// Longest title and body that are kept, in bytes; a hundred times what a page takes.
pub const BYTES_MAX: usize = 32 * 1024;

/// What will be published, word for word.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Text {
    /// The title that customers read.
    pub title: String,
    /// The update itself.
    pub body: String,
    /// The phase it puts the incident into.
    pub phase: Phase,
    /// The status it gives the components; not chosen yet when it is missing.
    pub impact: Option<Impact>,
    /// The components it names.
    pub components: BTreeSet<String>,
    /// Whether the promise in the body becomes the next due time (H32).
    pub promise: bool,
    /// Channels that are left out, although all are usual (H45).
    pub muted: BTreeSet<Broadcast>,
}

impl Text {
    /// The same with another body.
    #[must_use]
    pub fn saying(self, body: &str) -> Self {
        Self { body: body.to_owned(), ..self }
    }

    /// Whether it is more than Herald keeps.
    #[must_use]
    pub fn too_much(&self) -> bool {
        self.title.len() + self.body.len() > BYTES_MAX
    }
}

/// A channel through which the status page tells its subscribers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Broadcast {
    /// E-mail.
    Email,
    /// Text messages.
    Sms,
    /// Webhooks.
    Webhook,
    /// Social media.
    Social,
    /// IRC.
    Irc,
    /// Microsoft Teams.
    Msteams,
    /// Slack.
    Slack,
}

impl Broadcast {
    /// All of them.
    pub const ALL: [Self; 7] =
        [Self::Email, Self::Sms, Self::Webhook, Self::Social, Self::Irc, Self::Msteams, Self::Slack];

    /// What people call it.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Email => "e-mail",
            Self::Sms => "SMS",
            Self::Webhook => "webhook",
            Self::Social => "social",
            Self::Irc => "IRC",
            Self::Msteams => "Teams",
            Self::Slack => "Slack",
        }
    }
}

/// A text that is being written, and what became of "I intend to…" (H43).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Draft {
    /// What was typed.
    pub text: Text,
    /// When it was saved last.
    pub saved_at: Time,
    /// The last review that was asked for.
    pub review: Option<Review>,
    /// The attempt to publish it that came to nothing, until it is published or discarded.
    #[serde(default)]
    pub unsent: Option<Unsent>,
}

/// An update that did not go out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Unsent {
    /// When that was known.
    pub at: Time,
    /// Why, and what to do about it.
    pub why: String,
    /// Somebody was faster, and Herald did not send it: what the page said instead.
    #[serde(default)]
    pub overtaken: Option<Overtaken>,
}

/// A draft that was shown to the incident manager or engineer on call (H43).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Review {
    /// When it was asked for.
    pub asked_at: Time,
    /// What was shown.
    pub body: String,
    /// When they said go.
    pub agreed_at: Option<Time>,
}

/// An attempt to publish: a durable intention.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Publication {
    /// Which incident it is about.
    pub incident: IncidentId,
    /// What goes out, exactly as it was confirmed.
    pub text: Text,
    /// The page's id of the incident; absent until what creates it is accepted.
    pub post: Option<String>,
    /// What it changes about the post beside words and phase; absent when this creates it.
    #[serde(default)]
    pub amends: Option<Amends>,
    /// What the user saw of the post when they confirmed it.
    #[serde(default)]
    pub basis: Option<Basis>,
    /// Where it stands.
    pub stage: PublishStage,
    /// When the user asked for it.
    pub asked_at: Time,
}

impl Publication {
    /// When it was sent, if it was: with its confirmation. Under a clock that was ahead that lies in the future, and the
    /// next update would be due too late.
    #[must_use]
    pub fn sent_at(&self, now: Time) -> Time {
        self.asked_at.min(now)
    }
}

/// Where an attempt to publish stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "stage", rename_all = "snake_case")]
pub enum PublishStage {
    /// To be started.
    Ready,
    /// Its start is committed; it may or may not have reached the status page.
    Running,
    /// The answer is unknown: the page is to be read before anything else is said.
    Unsure {
        /// When to read next.
        not_before: Time,
        /// How often reading failed.
        failures: u32,
        /// A look did not find it. Only a later one decides: what was given up on may still land.
        #[serde(default)]
        lacking: bool,
        /// The page does not let this key look, so that only the user can tell.
        #[serde(default)]
        refused: bool,
    },
    /// The page accepted it; it is looked for on the public feed (H46).
    Accepted {
        /// When the page accepted it.
        at: Time,
    },
}

impl PublishStage {
    /// The answer is unknown, and nothing was read yet.
    #[must_use]
    pub fn unsure(now: Time) -> Self {
        Self::Unsure { not_before: now, failures: 0, lacking: false, refused: false }
    }
}

/// What came of an attempt. Refused never happened; unknown may have happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PublishResult {
    /// The page's answer says that it is published, under this id of the incident.
    Accepted {
        /// The page's id of the incident.
        post: String,
    },
    /// Nothing was written: the page is not as the user saw it.
    Overtaken(Look),
    /// Nothing was written, for this reason.
    Refused(Fault),
    /// It was sent and no answer was understood.
    Unknown(Fault),
}

/// What reading back found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReadBackPost {
    /// It is there, under this id of the incident.
    There {
        /// The page's id of the incident.
        post: String,
    },
    /// The same words are there, and the page says that they are not Herald's.
    Alike,
    /// It is not there: the request did not arrive.
    Absent,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::errand::ErrandStage;

    #[test]
    fn rows_of_earlier_versions_are_read() {
        let text = r#"{"title":"T","body":"B","phase":"investigating","impact":null,"components":[],"promise":true,"muted":[]}"#;
        let at = "2027-01-15T08:00:00Z";
        let stage = format!(r#"{{"stage":"unsure","not_before":"{at}","failures":2}}"#);
        let row = format!(r#"{{"incident":1,"text":{text},"post":"p","stage":{stage},"asked_at":"{at}"}}"#);
        let publication: Publication = serde_json::from_str(&row).expect("an attempt");
        let unsure = |it: &PublishStage| matches!(it, PublishStage::Unsure { lacking: false, refused: false, .. });
        assert!(unsure(&publication.stage) && publication.amends.is_none(), "{publication:?}");
        let draft: Draft =
            serde_json::from_str(&format!(r#"{{"text":{text},"saved_at":"{at}","review":null}}"#)).expect("a draft");
        assert_eq!(draft.unsent, None);
        let errand: ErrandStage = serde_json::from_str(&stage).expect("an errand");
        assert!(matches!(errand, ErrandStage::Unsure { lacking: false, failures: 2, .. }), "{errand:?}");
    }
}
