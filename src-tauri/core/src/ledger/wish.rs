//! What the user wants with the ledger, and why it may be refused.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{ContactId, ContactState, Maintenance, MaintenanceId, MaintenanceStage, offer};
use crate::command::Refusal;
use crate::draft::Broadcast;
use crate::errand;
use crate::feed::PageKind;
use crate::poll::SourceName;
use crate::shadow::DutyOf;
use crate::state::State;
use crate::{Time, plausible};

/// Longest text that a sheet keeps, in bytes, and how many sheets are kept.
pub(crate) const KEPT_BYTES_MAX: usize = 64 * 1024;
const KEPT_SHEETS_MAX: usize = 100;
pub(crate) const SHEET_NAME_BYTES_MAX: usize = 64;

/// What is known of a contact request (H70).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ContactText {
    /// Who asked.
    pub asked_by: String,
    /// What for.
    pub what: String,
    /// Link of the ticket.
    pub ticket: Option<String>,
    /// Whose it is; whoever made the ticket, when it is left out.
    pub owner: Option<String>,
}

/// What a maintenance is planned to be (H60).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Plan {
    /// The title that customers read.
    pub title: String,
    /// What customers read below it.
    pub details: String,
    /// Its issue in the tracker.
    pub issue_url: Option<String>,
    /// When it is to begin.
    pub starts_at: Time,
    /// When it is to end.
    pub ends_at: Time,
    /// The components it names, one by one.
    pub components: BTreeSet<String>,
    /// Whether the status page starts and ends it by itself.
    pub automation: bool,
    /// Whether the status page e-mails reminders by itself.
    pub reminds: bool,
}

impl Plan {
    /// Whether its times can be counted with: both in our days, and the end after the start.
    #[must_use]
    pub fn timed(&self) -> bool {
        plausible(self.starts_at) && plausible(self.ends_at) && self.starts_at < self.ends_at
    }
}

/// What the public is told of a maintenance by hand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Tell {
    /// It begins.
    Start,
    /// How it goes. Before the start, this does not start it.
    Update,
    /// It is over.
    Finish,
}

impl Tell {
    /// What it is called in the log.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Start => "Start",
            Self::Update => "Update",
            Self::Finish => "Finish",
        }
    }

    /// Its name on the wire, and in names of sheets.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Update => "update",
            Self::Finish => "finish",
        }
    }

    /// The sheet in which its text is written: what was told is not kept any longer.
    #[must_use]
    pub fn sheet(self, maintenance: MaintenanceId) -> String {
        format!("tell/{maintenance}/{}", self.key())
    }
}

/// What the user did on the status page's own dashboard, or saw there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Deed {
    /// Scheduled it.
    Scheduled,
    /// Turned its automation off, which cannot be undone (H62).
    AutomationOff,
    /// Started it.
    Started,
    /// Posted an update.
    Updated,
    /// Finished it.
    Finished,
}

/// What the user wants with contact requests and maintenance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "wish", rename_all = "snake_case")]
pub enum LedgerWish {
    /// Somebody asked for users to be contacted.
    AddContact {
        /// What is known of it.
        contact: ContactText,
    },
    /// Correct a contact request.
    EditContact {
        /// Which.
        #[ts(type = "number")]
        id: ContactId,
        /// What is known of it now.
        contact: ContactText,
    },
    /// It stands elsewhere now.
    MoveContact {
        /// Which.
        #[ts(type = "number")]
        id: ContactId,
        /// Where.
        to: ContactState,
    },
    /// Take the last change of a contact request back.
    UndoContact {
        /// Which.
        #[ts(type = "number")]
        id: ContactId,
    },
    /// A maintenance is planned.
    AddMaintenance {
        /// What it is planned to be.
        plan: Plan,
    },
    /// Correct a maintenance, or plan it for another time.
    EditMaintenance {
        /// Which.
        #[ts(type = "number")]
        id: MaintenanceId,
        /// What it is planned to be now.
        plan: Plan,
    },
    /// Put it on the status page.
    Schedule {
        /// Which.
        #[ts(type = "number")]
        id: MaintenanceId,
    },
    /// Tell the public how it goes.
    Tell {
        /// Which.
        #[ts(type = "number")]
        id: MaintenanceId,
        /// What of it.
        tell: Tell,
        /// What customers read.
        text: String,
        /// Channels that are left out.
        muted: BTreeSet<Broadcast>,
        /// The user knows that subscribers get this e-mail beside the page's own reminders (H63).
        mails_twice: bool,
    },
    /// "I did it on the dashboard."
    ByHand {
        /// Which.
        #[ts(type = "number")]
        id: MaintenanceId,
        /// What.
        deed: Deed,
    },
    /// It will not take place, or it will after all.
    CallOff {
        /// Which.
        #[ts(type = "number")]
        id: MaintenanceId,
        /// Whether it is called off.
        yes: bool,
    },
    /// It was linked for amplification: once (H64).
    Amplified {
        /// Which.
        #[ts(type = "number")]
        id: MaintenanceId,
        /// Who linked it; the user, when it is left out.
        by: Option<String>,
    },
    /// A reminder was seen.
    Seen {
        /// Which maintenance.
        #[ts(type = "number")]
        id: MaintenanceId,
        /// Which reminder of it.
        at: Time,
    },
    /// Add what the status page lists and the ledger does not know.
    Adopt {
        /// The page's id of it.
        post: String,
    },
    /// It is on the status page and not the user's: never offer it again.
    NotMine {
        /// The page's id of it.
        post: String,
    },
    /// Keep what was typed into a sheet, or let it go.
    Keep {
        /// Which sheet.
        sheet: String,
        /// What was typed, as the window wrote it.
        typed: Option<String>,
    },
}

/// Whether the user may have this done about the ledger.
///
/// # Errors
/// The [`Refusal`] says why not.
pub fn allowed(state: &State, wish: &LedgerWish, now: Time) -> Result<(), Refusal> {
    match wish {
        LedgerWish::AddContact { contact } => complete(&[&contact.asked_by, &contact.what]),
        LedgerWish::EditContact { id, contact } => {
            state.contacts.get(id).ok_or(Refusal::NoSuchEntry)?;
            complete(&[&contact.asked_by, &contact.what])
        }
        LedgerWish::MoveContact { id, .. } => state.contacts.get(id).map(|_| ()).ok_or(Refusal::NoSuchEntry),
        LedgerWish::UndoContact { id } => {
            let undoable = state.contacts.get(id).filter(|it| !it.earlier.is_empty());
            undoable.map(|_| ()).ok_or(Refusal::NoSuchEntry)
        }
        LedgerWish::AddMaintenance { plan } => sound(plan),
        LedgerWish::EditMaintenance { id, plan } => {
            let known = open(state, *id)?;
            // At another time it is another one on the page, with an automation of its own.
            let same = (known.plan.starts_at, known.plan.ends_at) == (plan.starts_at, plan.ends_at);
            let turned_on = plan.automation && !known.plan.automation && known.scheduled_at.is_some() && same;
            if turned_on && !flexible(state) { Err(Refusal::AutomationOff) } else { sound(plan) }
        }
        LedgerWish::Schedule { id } => schedules(state, *id, now),
        LedgerWish::Tell { id, tell, text, muted, mails_twice } => {
            tells(state, *id, *tell, now)?;
            complete(&[text])?;
            let mails = open(state, *id)?.plan.reminds && !muted.contains(&Broadcast::Email);
            if mails && !mails_twice { Err(Refusal::MailsTwice) } else { Ok(()) }
        }
        LedgerWish::ByHand { id, deed } => by_hand(open(state, *id)?, *deed),
        LedgerWish::CallOff { id, yes } => {
            let it = state.maintenances.get(id).ok_or(Refusal::NoSuchEntry)?;
            let fits = if *yes { it.open() } else { it.called_off };
            if fits { Ok(()) } else { Err(Refusal::NoSuchEntry) }
        }
        LedgerWish::Amplified { id, .. } => match open(state, *id)?.amplified_at {
            Some(_) => Err(Refusal::Amplified),
            None => Ok(()),
        },
        LedgerWish::Seen { id, .. } => open(state, *id).map(|_| ()),
        LedgerWish::Adopt { post } | LedgerWish::NotMine { post } => {
            offer::offered(state).find(|seen| seen.id == *post).map(|_| ()).ok_or(Refusal::NoSuchEntry)
        }
        LedgerWish::Keep { sheet, typed } => {
            let many = state.kept.len() >= KEPT_SHEETS_MAX && !state.kept.contains_key(sheet) && typed.is_some();
            if many { Err(Refusal::TooMuch) } else { Ok(()) }
        }
    }
}

fn complete(texts: &[&String]) -> Result<(), Refusal> {
    if texts.iter().any(|text| text.trim().is_empty()) { Err(Refusal::Incomplete) } else { Ok(()) }
}

fn sound(plan: &Plan) -> Result<(), Refusal> {
    complete(&[&plan.title])?;
    if plan.ends_at <= plan.starts_at {
        Err(Refusal::EndsFirst)
    } else if plan.timed() {
        Ok(())
    } else {
        Err(Refusal::FarOff)
    }
}

fn open(state: &State, id: MaintenanceId) -> Result<&Maintenance, Refusal> {
    state.maintenances.get(&id).filter(|it| it.open()).ok_or(Refusal::NoSuchEntry)
}

/// Whether Herald may write to the maintenance of the status page at all, and about this one now.
fn writes(state: &State, id: MaintenanceId, now: Time) -> Result<(), Refusal> {
    errand::may_run(state, SourceName::StatusPage, DutyOf::Ledger, now)?;
    if !state.status_page.as_ref().is_some_and(|page| page.kind.has_api()) {
        return Err(Refusal::ByHandOnly);
    }
    let about = |it: &errand::Errand| it.task.maintenance() == Some(id);
    if state.errands.values().any(about) { Err(Refusal::UnderWay) } else { Ok(()) }
}

/// The service behind the status page: as it is connected, or as the team has it when there is but a feed, or nothing.
pub(crate) fn service(state: &State) -> PageKind {
    let connected = state.status_page.as_ref().map(|page| page.kind).filter(|kind| kind.has_api());
    connected.unwrap_or(state.playbook.status_page.kind)
}

/// The dashboard of the status page.
pub(crate) fn dashboard(state: &State) -> Option<String> {
    crate::places::place(state, "status_page_admin")
}

/// Whether the page lets a maintenance be changed once it is there.
pub(crate) fn flexible(state: &State) -> bool {
    service(state).flexible()
}

fn schedules(state: &State, id: MaintenanceId, now: Time) -> Result<(), Refusal> {
    let it = open(state, id)?;
    if it.scheduled_at.is_some() {
        return Err(Refusal::OnPageAlready);
    }
    writes(state, id, now)?;
    complete(&[&it.plan.details])?;
    if it.plan.components.is_empty() {
        Err(Refusal::NoComponents)
    } else if it.plan.starts_at <= now {
        Err(Refusal::BeginsInPast)
    } else {
        Ok(())
    }
}

/// Whether the public may be told this through Herald now. Automation refuses to be helped (H62).
pub(crate) fn tells(state: &State, id: MaintenanceId, tell: Tell, now: Time) -> Result<(), Refusal> {
    let it = open(state, id)?;
    if it.post.is_none() {
        return Err(Refusal::NotOnPage);
    }
    if it.plan.automation && !flexible(state) {
        return Err(Refusal::Automated);
    }
    writes(state, id, now)?;
    match (tell, it.stage()) {
        (Tell::Start, MaintenanceStage::Upcoming)
        | (Tell::Update, MaintenanceStage::Upcoming | MaintenanceStage::Active)
        | (Tell::Finish, MaintenanceStage::Active) => Ok(()),
        (Tell::Start | Tell::Update | Tell::Finish, _) => Err(Refusal::NoSuchEntry),
    }
}

fn by_hand(it: &Maintenance, deed: Deed) -> Result<(), Refusal> {
    match deed {
        Deed::Scheduled if it.scheduled_at.is_some() => Err(Refusal::OnPageAlready),
        Deed::AutomationOff if !it.plan.automation => Err(Refusal::AutomationOff),
        Deed::Started if it.started_at.is_some() => Err(Refusal::NoSuchEntry),
        Deed::Scheduled | Deed::AutomationOff | Deed::Started | Deed::Updated | Deed::Finished => Ok(()),
    }
}
