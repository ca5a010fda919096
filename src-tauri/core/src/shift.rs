//! A shift: when I was on duty, as what, and what of it is handed over (H80–H82).

use std::collections::BTreeSet;

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::incident::IncidentId;
use crate::oncall::OnCallEntry;
use crate::page::PageId;
use crate::playbook::handover::HandoverRules;
use crate::{Time, plausible};

/// Herald's own number of a shift; never used twice.
pub type ShiftId = i64;

/// Pages that a shift remembers one by one; of a storm only the number is kept.
pub const PAGES_MAX: usize = 100;
/// Incidents that ended in a shift and are remembered.
pub const ENDED_MAX: usize = 100;

/// A time on duty. There is at most one that has not ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shift {
    /// When it began.
    pub started_at: Time,
    /// When it is to end, as far as PagerDuty or the user says.
    pub ends_at: Option<Time>,
    /// When it ended.
    pub ended_at: Option<Time>,
    /// As what I was on duty.
    pub role: Role,
    /// Whether the user began it, and not PagerDuty's schedule.
    pub by_hand: bool,
    /// Whether the user ended it: then the schedule does not take it up again.
    pub ended_by_hand: bool,
    /// Pages that called in it, oldest first; pages themselves are forgotten soon after they are over.
    pub pages: Vec<ShiftPage>,
    /// Pages beyond those.
    pub pages_more: u32,
    /// Incidents that ended in it.
    pub ended: Vec<ShiftEnded>,
    /// Incidents of which it was said once that they take long (H82).
    pub hinted: BTreeSet<IncidentId>,
    /// What is handed over.
    pub handover: Handover,
}

/// As what somebody is on duty.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// The one who answers the pages.
    OnCall,
    /// A trainee who watches (H24).
    Shadow,
}

impl Role {
    /// What people call it.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::OnCall => "On call",
            Self::Shadow => "Shadow",
        }
    }
}

/// A page, as a shift remembers it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShiftPage {
    /// PagerDuty's id.
    pub id: PageId,
    /// The number people say aloud.
    pub number: u32,
    /// Its title.
    pub title: String,
    /// When it was triggered.
    pub triggered_at: Time,
    /// When it was taken, and by whom.
    pub taken: Option<(Time, String)>,
}

/// An incident that ended, as a shift remembers it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShiftEnded {
    /// Herald's number of it.
    pub incident: IncidentId,
    /// Its title.
    pub title: String,
    /// Its issue's number.
    pub iid: Option<u64>,
    /// Link of its issue.
    pub url: Option<String>,
    /// When it began.
    pub since: Time,
    /// When it was over.
    pub ended_at: Time,
}

/// The handover of a shift (H80).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Handover {
    /// What the user adds in their own words.
    pub notes: String,
    /// The whole text, where the user has changed what Herald wrote.
    pub text: Option<String>,
    /// What Herald had written when the user took over, or when it was handed over: what differs since is news.
    pub basis: Option<String>,
    /// The user's text that "write anew" put away.
    pub before: Option<String>,
    /// When it was handed over.
    pub done_at: Option<Time>,
    /// How.
    pub how: Option<HandedBy>,
    /// It is to be filed, but could not be: since when, and why not.
    pub to_file: Option<ToFile>,
    /// The issue it was filed as.
    pub issue_url: Option<String>,
    /// That issue turned out to be public, and nobody has said yet that it is confidential now.
    pub public: bool,
}

/// How a shift was handed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum HandedBy {
    /// Saved to a file.
    Saved,
    /// Copied.
    Copied,
    /// Filed as an issue.
    Filed,
    /// There was nothing to hand over.
    Nothing,
}

/// A handover that waits to be filed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ToFile {
    /// Since when.
    pub since: Time,
    /// Why it could not be filed.
    pub why: String,
}

/// What the shift before handed over to this Herald, beside incidents, contact requests and maintenance.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(default)]
pub struct TakenOver {
    /// When that shift began.
    pub from: Option<Time>,
    /// What its person wrote.
    pub notes: String,
    /// What is left to do.
    pub tasks: Vec<String>,
}

/// What the user wants with shifts and handovers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "wish", rename_all = "snake_case")]
pub enum ShiftWish {
    /// Begin a shift by hand.
    Start {
        /// As what.
        role: Role,
        /// When it is to end.
        ends_at: Option<Time>,
    },
    /// End the shift that goes on.
    End,
    /// Save the free notes as typed.
    Note {
        /// Which shift.
        #[ts(type = "number")]
        shift: ShiftId,
        /// What was typed.
        notes: String,
    },
    /// Save the whole text as typed.
    Write {
        /// Which shift.
        #[ts(type = "number")]
        shift: ShiftId,
        /// What was typed.
        text: String,
    },
    /// Let Herald write it anew; the user's text can be taken back.
    Anew {
        /// Which shift.
        #[ts(type = "number")]
        shift: ShiftId,
    },
    /// Take back the user's text.
    Undo {
        /// Which shift.
        #[ts(type = "number")]
        shift: ShiftId,
    },
    /// What changed since is taken note of.
    Noticed {
        /// Which shift.
        #[ts(type = "number")]
        shift: ShiftId,
    },
    /// It is handed over.
    Done {
        /// Which shift.
        #[ts(type = "number")]
        shift: ShiftId,
        /// How.
        how: HandedBy,
    },
    /// Contact requests that are still open were handed over with it (H70).
    PassOn {
        /// Which shift.
        #[ts(type = "number")]
        shift: ShiftId,
    },
    /// It is not handed over after all.
    NotDone {
        /// Which shift.
        #[ts(type = "number")]
        shift: ShiftId,
    },
    /// File exactly this as a confidential issue.
    File {
        /// Which shift.
        #[ts(type = "number")]
        shift: ShiftId,
        /// The issue's title.
        title: String,
        /// What was confirmed.
        text: String,
    },
    /// It need not be filed any more.
    NotFile {
        /// Which shift.
        #[ts(type = "number")]
        shift: ShiftId,
    },
    /// The issue that turned out to be public is confidential now.
    MadeConfidential {
        /// Which shift.
        #[ts(type = "number")]
        shift: ShiftId,
    },
    /// The hint about a long incident was seen (H82).
    Hinted {
        /// Which shift.
        #[ts(type = "number")]
        shift: ShiftId,
        /// Which incident.
        #[ts(type = "number")]
        incident: IncidentId,
    },
    /// Take over what another Herald handed over.
    Import {
        /// Its handover, as Markdown.
        markdown: String,
    },
    /// What was taken over is dealt with.
    TakenOverDone,
}

impl ShiftWish {
    /// The shift it is about, if it is about one that exists.
    #[must_use]
    pub fn shift(&self) -> Option<ShiftId> {
        match self {
            Self::Start { .. } | Self::End | Self::Import { .. } | Self::TakenOverDone => None,
            Self::Note { shift, .. }
            | Self::Write { shift, .. }
            | Self::Anew { shift }
            | Self::Undo { shift }
            | Self::Noticed { shift }
            | Self::Done { shift, .. }
            | Self::PassOn { shift }
            | Self::NotDone { shift }
            | Self::File { shift, .. }
            | Self::NotFile { shift }
            | Self::MadeConfidential { shift }
            | Self::Hinted { shift, .. } => Some(*shift),
        }
    }
}

impl Shift {
    /// A shift that begins.
    #[must_use]
    pub fn new(started_at: Time, ends_at: Option<Time>, role: Role, by_hand: bool) -> Self {
        Self {
            started_at,
            ends_at,
            ended_at: None,
            role,
            by_hand,
            ended_by_hand: false,
            pages: vec![],
            pages_more: 0,
            ended: vec![],
            hinted: BTreeSet::new(),
            handover: Handover::default(),
        }
    }

    /// Whether it is going on.
    #[must_use]
    pub fn open(&self) -> bool {
        self.ended_at.is_none()
    }

    /// The issue it was filed as. What was filed long before the end is to be filed again, with what happened since.
    #[must_use]
    pub fn filed(&self, rules: &HandoverRules) -> Option<&str> {
        let url = self.handover.issue_url.as_deref();
        url.filter(|_| self.handover.public || !self.handover_missing(rules))
    }

    /// Whether this instant lies in it.
    #[must_use]
    pub fn holds(&self, at: Time) -> bool {
        self.started_at <= at && self.ended_at.is_none_or(|end| at <= end)
    }

    /// Whether it ended and is not handed over (H80). What was handed over long before the end does not count; a
    /// trainee hands nothing over.
    #[must_use]
    pub fn handover_missing(&self, rules: &HandoverRules) -> bool {
        let Some(ended_at) = self.ended_at else { return false };
        let early = TimeDelta::minutes(rules.early_min.into());
        self.role == Role::OnCall && self.handover.done_at.is_none_or(|at| at < ended_at - early)
    }
}

/// A time on duty by PagerDuty's schedules.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// As what.
    pub role: Role,
    /// When it began.
    pub start: Time,
    /// When it ends.
    pub end: Time,
}

/// My time on duty around `now`, by my on-call entries: entries of one role that follow each other within `gap` are one.
/// What has no beginning or no end, such as being on a policy for good, is no shift. Who answers pages does not shadow.
#[must_use]
pub fn scheduled(entries: &[OnCallEntry], shadows: impl Fn(&str) -> bool, gap: TimeDelta, now: Time) -> Option<Span> {
    let of = |entry: &OnCallEntry| {
        let shadow = entry.schedule.as_ref().is_some_and(|schedule| shadows(&schedule.id));
        let role = if shadow { Role::Shadow } else { Role::OnCall };
        Some(Span { role, start: entry.start?, end: entry.end? })
            .filter(|span| span.start < span.end && plausible(span.start) && plausible(span.end))
    };
    let mut spans: Vec<Span> = entries.iter().filter_map(of).collect();
    spans.sort_by_key(|span| (span.start, span.end));
    let around = |role: Role| {
        let mut joined: Option<Span> = None;
        for span in spans.iter().filter(|span| span.role == role) {
            joined = match joined {
                Some(known) if span.start <= known.end + gap => Some(Span { end: known.end.max(span.end), ..known }),
                Some(known) if known.end > now => Some(known),
                Some(_) | None => Some(*span),
            };
        }
        joined.filter(|span| span.start <= now && now < span.end)
    };
    around(Role::OnCall).or_else(|| around(Role::Shadow))
}

#[cfg(test)]
mod tests;
