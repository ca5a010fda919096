//! What the user may want with incidents.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{IncidentId, Own, Part};
use crate::Time;
use crate::draft::{PublicationId, Text};
use crate::page::PageId;

/// What the user wants with incidents.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "wish", rename_all = "snake_case")]
pub enum IncidentWish {
    /// Enter an incident by hand, when no feed tells of it (H10).
    Open {
        /// What is known of it.
        own: Own,
        /// The page that called for it.
        page: Option<PageId>,
    },
    /// Set by hand what the feeds got wrong or do not say.
    Correct {
        /// Which.
        #[ts(type = "number")]
        incident: IncidentId,
        /// Everything that is set by hand from now on.
        own: Own,
    },
    /// Note the decision to tell the public, or take it back (H3).
    Decide {
        /// Which.
        #[ts(type = "number")]
        incident: IncidentId,
        /// Whether the public is told.
        yes: bool,
    },
    /// Two cards are one incident.
    Join {
        /// Which one stays.
        #[ts(type = "number")]
        incident: IncidentId,
        /// Which one becomes part of it.
        #[ts(type = "number")]
        with: IncidentId,
    },
    /// A page belongs to an incident.
    JoinPage {
        /// Which incident.
        #[ts(type = "number")]
        incident: IncidentId,
        /// Which page.
        page: PageId,
    },
    /// A part does not belong to an incident.
    Separate {
        /// Which incident.
        #[ts(type = "number")]
        incident: IncidentId,
        /// Which part.
        part: Part,
    },
    /// Put the label of incidents that used the status page on its issue (H52).
    Label {
        /// Which.
        #[ts(type = "number")]
        incident: IncidentId,
    },
    /// A task of its stages is done.
    Tick {
        /// Which incident.
        #[ts(type = "number")]
        incident: IncidentId,
        /// Which task of the playbook.
        task: String,
    },
    /// It is not, after all.
    Untick {
        /// Which incident.
        #[ts(type = "number")]
        incident: IncidentId,
        /// Which task of the playbook.
        task: String,
    },
    /// A task is left out.
    Skip {
        /// Which incident.
        #[ts(type = "number")]
        incident: IncidentId,
        /// Which task of the playbook.
        task: String,
        /// Why.
        reason: String,
    },
    /// It came back after a fix, or did not, after all (H55).
    Recurred {
        /// Which.
        #[ts(type = "number")]
        incident: IncidentId,
        /// Whether it came back.
        yes: bool,
    },
    /// It is still going on, although nothing was heard for long.
    StillRunning {
        /// Which.
        #[ts(type = "number")]
        incident: IncidentId,
    },
    /// It is over, whatever the feeds say; or it is not.
    End {
        /// Which.
        #[ts(type = "number")]
        incident: IncidentId,
        /// Whether it is over.
        yes: bool,
    },
    /// The public was promised an update until then, or no longer is (H32).
    Promise {
        /// Which.
        #[ts(type = "number")]
        incident: IncidentId,
        /// Until when.
        due_at: Option<Time>,
    },
    /// Save what was typed.
    Write {
        /// Which.
        #[ts(type = "number")]
        incident: IncidentId,
        /// What was typed.
        text: Text,
    },
    /// Throw the draft away.
    Discard {
        /// Which.
        #[ts(type = "number")]
        incident: IncidentId,
    },
    /// The draft was shown for review: "I intend to…" (H43).
    Asked {
        /// Which.
        #[ts(type = "number")]
        incident: IncidentId,
    },
    /// The incident manager said go.
    Agreed {
        /// Which.
        #[ts(type = "number")]
        incident: IncidentId,
    },
    /// Publish exactly this.
    Publish {
        /// Which.
        #[ts(type = "number")]
        incident: IncidentId,
        /// What was confirmed.
        text: Text,
        /// What the user saw of the incident when they confirmed it: the stamp that the composer shows. Whatever is
        /// known now, when it is left out.
        #[serde(default)]
        seen: Option<String>,
    },
    /// "I posted it myself at …".
    PostedByHand {
        /// Which.
        #[ts(type = "number")]
        incident: IncidentId,
        /// What was posted.
        text: Text,
        /// When.
        at: Time,
    },
    /// Whether an attempt with an unknown answer can be seen on the page.
    WasPublished {
        /// Which attempt.
        #[ts(type = "number")]
        publication: PublicationId,
        /// Whether it is there.
        yes: bool,
    },
}

impl IncidentWish {
    /// The incident it is about, if it is about one that exists.
    #[must_use]
    pub fn incident(&self) -> Option<IncidentId> {
        match self {
            Self::Open { .. } | Self::WasPublished { .. } => None,
            Self::Correct { incident, .. }
            | Self::Decide { incident, .. }
            | Self::Join { incident, .. }
            | Self::JoinPage { incident, .. }
            | Self::Separate { incident, .. }
            | Self::Label { incident }
            | Self::Tick { incident, .. }
            | Self::Untick { incident, .. }
            | Self::Skip { incident, .. }
            | Self::Recurred { incident, .. }
            | Self::StillRunning { incident }
            | Self::End { incident, .. }
            | Self::Promise { incident, .. }
            | Self::Write { incident, .. }
            | Self::Discard { incident }
            | Self::Asked { incident }
            | Self::Agreed { incident }
            | Self::Publish { incident, .. }
            | Self::PostedByHand { incident, .. } => Some(*incident),
        }
    }
}
