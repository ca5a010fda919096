//! The four stages of the duty as the team's own data, and what was ticked off in them (H23, H50–H56).

mod closing;
mod fields;
mod reading;
mod reference;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::Time;
use crate::incident::By;

pub use closing::{Closing, Fact, Whose, closing, lacks_before_closing};
pub(crate) use fields::unknown_fields;
pub use fields::{Field, Fields, fill, fill_link};
pub use reading::{Mark, Reading, Sighting, lacking_label, pages_of, unjoined};
pub use reference::{Reference, search};

/// A stage of the duty, in the order in which they come (H50–H56).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Join, be heard, tell the public for the first time.
    Engage,
    /// Keep everybody told while it is being worked on.
    Manage,
    /// A fix is out and is being watched.
    Monitor,
    /// It is over: say so, and look after what is left.
    Resolve,
}

/// What Herald knows how to do, or to see, about a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Doing {
    /// Take the page.
    Acknowledge,
    /// Open the call.
    JoinCall,
    /// Copy the channel's name.
    OpenChannel,
    /// Ask whether the public is told, and note the answer (H3).
    Decide,
    /// Look at what was posted already (H31).
    NoteUpdates,
    /// Write the first update.
    CreatePost,
    /// See the update on the public page (H46).
    VerifyLive,
    /// Confirm how grave it is (H51).
    ConfirmSeverity,
    /// Copy the fields for the stakeholders' thread (H51).
    NotifyStakeholders,
    /// Put the label of the status page on the issue (H52).
    LabelIssue,
    /// Close the page (H23).
    ClosePage,
    /// Write an update.
    PublishUpdate,
    /// Copy the tag of its tickets (H53).
    ZendeskTag,
    /// Open the search of its tickets (H54).
    ZendeskSearch,
    /// Ask how long a fix is watched (H36).
    AskPeriod,
    /// Watch for recurrence until the monitoring period is over (H55).
    Watch,
    /// See that its issue is no longer active (H56).
    ConfirmResolved,
    /// Add the link of what comes after, usually the issue (H56).
    PostMortem,
}

/// When a task is needed at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum When {
    /// A page called for the incident.
    Paged,
    /// Nobody has said that the public is not told (H3).
    Public,
}

/// One stage of the playbook.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct StageRules {
    /// Which.
    pub id: Stage,
    /// What the team calls it.
    pub name: String,
    /// What is done in it, in its order.
    #[serde(default)]
    pub tasks: Vec<TaskRules>,
}

/// One task of a stage.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct TaskRules {
    /// Its own name for good: what is ticked off is kept under it.
    pub id: String,
    /// What is to be done.
    pub text: String,
    /// More about it, in a sentence or two.
    #[serde(default)]
    pub help: Option<String>,
    /// The reference text that explains it.
    #[serde(default)]
    pub see: Option<String>,
    /// What Herald can do, or see, about it.
    #[serde(default)]
    pub does: Option<Doing>,
    /// When it is needed; always when this is missing.
    #[serde(default)]
    pub when: Option<When>,
    /// Tasks that come first, whatever their stage: the gates (H23, H51, H56).
    #[serde(default)]
    pub needs: Vec<String>,
    /// Whether every other task of its stage comes first (H23).
    #[serde(default)]
    pub last: bool,
    /// Texts and commands to copy, with fields in braces.
    #[serde(default)]
    pub copies: Vec<Snippet>,
    /// Places to open, with fields in braces.
    #[serde(default)]
    pub links: Vec<Snippet>,
}

/// A text to copy or a place to open, with fields in braces.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct Snippet {
    /// What its button says.
    pub name: String,
    /// The text, or the link.
    pub text: String,
}

/// What became of a task of one incident.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Tick {
    /// When.
    pub at: Time,
    /// Who said so.
    pub by: By,
    /// What Herald saw, in words; empty where somebody says so.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub saw: String,
    /// What was said.
    #[serde(flatten)]
    pub says: TickSays,
}

/// What a tick says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "says", rename_all = "snake_case")]
pub enum TickSays {
    /// It is done.
    Done,
    /// It is left out.
    Skipped {
        /// Why.
        reason: String,
    },
    /// The tick was taken back, so that Herald does not set it again.
    Open,
}

impl Tick {
    /// Whether Herald ticked it and can say what it saw. Where it cannot, nobody has said that it is done.
    #[must_use]
    pub fn unfounded(&self) -> bool {
        self.by == By::Herald && self.says == TickSays::Done && self.saw.is_empty()
    }

    /// Whether the task is dealt with.
    #[must_use]
    pub fn closes(&self) -> bool {
        match self.says {
            TickSays::Done | TickSays::Skipped { .. } => true,
            TickSays::Open => false,
        }
    }
}

/// The ticks of two cards that are one incident: the user's word wins over what Herald saw, a tick over none.
pub(crate) fn join_ticks(ticks: &mut BTreeMap<String, Tick>, others: BTreeMap<String, Tick>) {
    let rank = |tick: &Tick| (tick.closes(), tick.by == By::Me);
    for (task, other) in others {
        if ticks.get(&task).is_none_or(|known| rank(known) < rank(&other)) {
            ticks.insert(task, other);
        }
    }
}

/// The task with this id, and its stage.
#[must_use]
pub fn task<'a>(stages: &'a [StageRules], id: &str) -> Option<(Stage, &'a TaskRules)> {
    let of = |stage: &'a StageRules| stage.tasks.iter().map(|task| (stage.id, task));
    stages.iter().flat_map(of).find(|(_, task)| task.id == id)
}

/// Everything that is wrong with the stages and the reference texts, as `(key, what is wrong)`.
#[must_use]
pub fn faults(stages: &[StageRules], reference: &[Reference]) -> Vec<(String, String)> {
    let mut faults = vec![];
    let titles: BTreeSet<&str> = reference.iter().map(|it| it.id.as_str()).collect();
    let mut known: BTreeSet<&str> = BTreeSet::new();
    if !stages.is_sorted_by(|a, b| a.id < b.id) {
        faults.push(("stages".into(), "must be named once each, in the order engage, manage, monitor, resolve".into()));
    }
    for (n, stage) in stages.iter().enumerate() {
        if stage.name.trim().is_empty() {
            faults.push((format!("stages.{n}.name"), "is empty".into()));
        }
        for (nth, task) in stage.tasks.iter().enumerate() {
            let mut wrong = |field: &str, why: String| faults.push((format!("stages.{n}.tasks.{nth}.{field}"), why));
            for (field, text) in [("id", &task.id), ("text", &task.text)] {
                if text.trim().is_empty() {
                    wrong(field, "is empty".into());
                }
            }
            for need in task.needs.iter().filter(|need| !known.contains(need.as_str())) {
                wrong("needs", format!("names {need}, but no such task stands before {}", task.id));
            }
            if let Some(see) = task.see.as_deref().filter(|see| !titles.contains(see)) {
                wrong("see", format!("names {see}, but there is no such reference text"));
            }
            for (field, snippets) in [("copies", &task.copies), ("links", &task.links)] {
                snippets.iter().flat_map(|it| fields::problems(it, field == "links")).for_each(|it| wrong(field, it));
            }
            if !known.insert(&task.id) {
                wrong("id", format!("{} is named twice", task.id));
            }
        }
    }
    faults.extend(reference::faults(reference));
    faults
}

#[cfg(test)]
pub(crate) mod tests;
