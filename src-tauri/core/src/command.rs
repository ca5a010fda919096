//! What the user may ask for, whichever way the wish arrives, and why it may be refused.

pub mod limits;
mod shifts;

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::Time;
use crate::alarm::{AlarmKey, quiet_end};
use crate::basis::Basis;
use crate::draft::{Publication, PublishStage, Text};
use crate::errand::{self, Errand, ErrandTask};
use crate::hotkey::Unfit;
use crate::incident::{IncidentId, IncidentWish};
use crate::ledger::{LedgerWish, wish};
use crate::page::{Page, PageId, PageStatus};
use crate::permit::{About, may_write};
use crate::poll::{self, SourceName};
use crate::settings::SettingsPatch;
use crate::shadow::{DutyOf, Standing, standing};
use crate::shift::ShiftWish;
use crate::stage;
use crate::state::State;
use crate::training::{Training, TrainingWish};

/// A wish of the user: from window, tray menu, notification or command line, all the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum Command {
    /// Take a page.
    Acknowledge {
        /// Which page.
        page: PageId,
        /// Which trigger of it.
        triggered_at: Time,
    },
    /// Close a page in PagerDuty (H20: the incident may go on).
    ClosePage {
        /// Which page.
        page: PageId,
        /// Which trigger of it.
        triggered_at: Time,
        /// What is said with it.
        #[serde(default)]
        note: Option<String>,
    },
    /// "I answer this page", where Herald cannot tell whose it is.
    AnswerHere {
        /// Which page.
        page: PageId,
        /// Which trigger of it.
        triggered_at: Time,
    },
    /// Quiet one alarm for a while.
    Quiet {
        /// Which.
        alarm: AlarmKey,
    },
    /// Let a quiet alarm sound again.
    Unquiet {
        /// Which.
        alarm: AlarmKey,
    },
    /// Ask PagerDuty now.
    PollNow,
    /// Change a setting.
    Set {
        /// What to.
        patch: SettingsPatch,
    },
    /// Show and play a test alarm.
    TestAlarm,
    /// What the user saw and heard of it.
    TestAnswered {
        /// "I saw it."
        seen: bool,
        /// "I heard it."
        heard: bool,
    },
    /// Forget the account; the key is removed from the keychain.
    Disconnect,
    /// Forget a feed; its key is removed from the keychain.
    DisconnectFeed {
        /// Which.
        source: SourceName,
    },
    /// Forget the Slack channel; its webhook is removed from the keychain.
    DisconnectSlack,
    /// Forget the Zendesk; its key is removed from the keychain.
    DisconnectZendesk,
    /// Something about incidents.
    Incident {
        /// What.
        wish: Box<IncidentWish>,
    },
    /// Something about shifts and handovers.
    Shift {
        /// What.
        wish: Box<ShiftWish>,
    },
    /// Something about contact requests or maintenance.
    Ledger {
        /// What.
        wish: Box<LedgerWish>,
    },
    /// Something about the training log.
    Training {
        /// What.
        wish: Box<TrainingWish>,
    },
}

/// Why a command is refused: always with the next step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    /// There is no such page among mine.
    NoSuchPage,
    /// That trigger is over: taken, closed or triggered anew.
    Over,
    /// I only watch.
    Shadow,
    /// Herald cannot tell whether the page is mine.
    UnknownStanding,
    /// I am only asked to help with it.
    AskedOnly,
    /// It is under way already.
    UnderWay,
    /// Nothing can be saved, so nothing is written outward.
    CannotSave,
    /// It is done, but the disk does not answer, so that it is not saved yet.
    NotSavedYet,
    /// PagerDuty is not connected, or not heard.
    NotConnected,
    /// The target time is over, so quiet is not offered.
    TargetOver,
    /// There is no such alarm.
    NoSuchAlarm,
    /// There is no such incident, or it is over.
    NoSuchIncident,
    /// An incident needs a title.
    NoTitle,
    /// There is nothing to publish, or it is longer than the page takes.
    CannotGoOut,
    /// No status page is connected that Herald may write to.
    NoStatusPage,
    /// No tracker is connected that Herald may write to.
    NoTracker,
    /// The tracker knows no issue of this incident.
    NoIssue,
    /// No Slack channel is connected.
    NoSlack,
    /// The playbook has no such task.
    NoSuchTask,
    /// Something must be done before this task.
    TaskLocked,
    /// What is left out needs a reason.
    NoReason,
    /// Shadow mode: nothing is written to anybody.
    ShadowPublish,
    /// Herald cannot tell whether I am on duty or only watch.
    UnknownDuty,
    /// Something happened about the incident since the user looked.
    MovedOn,
    /// The time lies ahead.
    NotYet,
    /// There is no such shift, or none that goes on.
    NoSuchShift,
    /// A shift goes on already.
    OnShift,
    /// The team's rules name no place for handovers.
    NoHandoverProject,
    /// The handover was filed already.
    AlreadyFiled,
    /// What was typed is longer than Herald keeps.
    HandoverTooLong,
    /// The text holds no handover of Herald's.
    NoHandover,
    /// It holds one that cannot be read.
    HandoverDamaged,
    /// It was written by a newer Herald.
    HandoverNewer,
    /// There is no such entry in the ledger, or it is over.
    NoSuchEntry,
    /// Something that is needed was left empty.
    Incomplete,
    /// Nothing is chosen that it affects.
    NoComponents,
    /// It would end before it begins.
    EndsFirst,
    /// Its times are not of our days.
    FarOff,
    /// It would begin in the past.
    BeginsInPast,
    /// It is on the status page already.
    OnPageAlready,
    /// It is not on the status page yet.
    NotOnPage,
    /// The status page starts and ends it by itself.
    Automated,
    /// PagerDuty is disconnected as the account that it is.
    NotAFeed,
    /// Its automation is off for good.
    AutomationOff,
    /// The status page e-mails reminders already.
    MailsTwice,
    /// It was linked for amplification already.
    Amplified,
    /// Herald cannot write this to this kind of status page.
    ByHandOnly,
    /// It is more than Herald keeps.
    TooMuch,
    /// There is no such training event.
    NoSuchTraining,
    /// The training event lies ahead.
    TrainingAhead,
    /// The hotkey has no modifier.
    HotkeyBare,
    /// The hotkey names no keys that are known.
    HotkeyUnknown,
    /// Asking so often or so seldom is not offered.
    PollInterval,
    /// So soft or so loud a sound is not offered.
    Volume,
}

impl From<Unfit> for Refusal {
    fn from(unfit: Unfit) -> Self {
        match unfit {
            Unfit::NoModifier => Self::HotkeyBare,
            Unfit::UnknownKey => Self::HotkeyUnknown,
        }
    }
}

impl Refusal {
    /// The refusal in words, with the next step.
    #[must_use]
    pub fn message(self) -> &'static str {
        match self {
            Self::NoSuchPage => "This page is not among yours. `herald status` lists them.",
            Self::Over => "This page has changed since: it was taken, closed or triggered anew. Look again.",
            Self::Shadow => "Shadow mode: Herald writes nothing to PagerDuty.",
            Self::AskedOnly => {
                "You are asked to help with this page; it is not assigned to you. Answer the request in PagerDuty: join or decline."
            }
            Self::UnknownStanding => {
                "Herald cannot tell whether this page is yours. Choose \"I answer this page\" in the window, or `herald ack --answer-here`."
            }
            Self::UnderWay => "Already under way. Wait for PagerDuty's answer.",
            Self::CannotSave => {
                "Herald cannot save, so it writes nothing to PagerDuty. Use the phone or PagerDuty's page, and free disk space."
            }
            Self::NotSavedYet => {
                "Herald has taken it in, but the disk has not: it is true while Herald runs, and saved as soon as the disk takes it."
            }
            Self::NotConnected => "PagerDuty is not connected. Connect it in Settings.",
            Self::TargetOver => "The time to acknowledge is over, so this alarm cannot be made quiet.",
            Self::NoSuchAlarm => "This alarm has ended.",
            Self::NoSuchIncident => "This incident is not open here. `herald incidents` lists them.",
            Self::NoTitle => "Give the incident a title: in simple terms, what is wrong?",
            Self::CannotGoOut => "This text cannot go out as it is. Look at what is marked in the composer.",
            Self::NoStatusPage => {
                "Herald may not write to the status page. Copy the text, post it there, then choose \"I posted it\"."
            }
            Self::NoTracker => "Herald may not write to the tracker. Connect it in Settings with a key that may.",
            Self::NoIssue => "The tracker knows no issue of this incident yet. Join one, or label it in the tracker.",
            Self::NoSlack => "No Slack channel is connected. Copy the text, or connect Slack in Settings.",
            Self::NoSuchTask => "The playbook has no such task any more. Look again.",
            Self::TaskLocked => "Something comes before this. Do it first, or leave it out with a reason.",
            Self::NoReason => "Say in a few words why it is left out.",
            Self::ShadowPublish => "Shadow mode: Herald publishes nothing. Copy the text for the person on duty.",
            Self::UnknownDuty => {
                "Herald cannot tell whether you are on duty or only watch, so it writes to nobody. If you are on duty, start a shift as “On call” on the Handover screen."
            }
            Self::MovedOn => "Something changed about this incident since you looked. Look again before you publish.",
            Self::NotYet => "This time lies ahead. Say when it was posted.",
            Self::NoSuchShift => "There is no such shift. Start one on the Handover screen.",
            Self::OnShift => "A shift goes on already. End it before you start another.",
            Self::NoHandoverProject => "The playbook names no project for handovers. Save or copy the text.",
            Self::AlreadyFiled => "This handover was filed already. Change the issue in the tracker.",
            Self::HandoverTooLong => "This text is longer than 200 kB. Shorten it.",
            Self::NoHandover => "This is no handover of Herald's: the part at its end that Herald reads is missing.",
            Self::HandoverDamaged => "This handover cannot be read. Nothing was taken over; ask for the file anew.",
            Self::HandoverNewer => "This handover was written by a newer Herald. Update this one, then take it over.",
            Self::NoSuchEntry => "This entry is not open here any more. Look again.",
            Self::Incomplete => "Something is missing. Fill in what is marked.",
            Self::NoComponents => "Choose the components that it affects (Edit) before it goes on the page.",
            Self::EndsFirst => "It would end before it begins. Check both times, and their zone.",
            Self::FarOff => "That is too far from today. Check the year of both times.",
            Self::BeginsInPast => "It would begin in the past. Check the time and its zone.",
            Self::OnPageAlready => "It is on the status page already, so nothing is scheduled a second time.",
            Self::NotOnPage => "It is not on the status page yet. Schedule it, or say that it was scheduled by hand.",
            Self::Automated => {
                "The status page starts and ends it by itself and takes nothing by hand. Turn its automation off on the dashboard first; that cannot be undone."
            }
            Self::NotAFeed => "PagerDuty is no feed. Disconnect it as the account.",
            Self::AutomationOff => "Its automation is off and cannot be turned on again. Tell the public by hand.",
            Self::MailsTwice => {
                "The status page e-mails reminders already. Leave e-mail out, or confirm that subscribers get both."
            }
            Self::Amplified => "It was linked for amplification already; that is done once for each maintenance.",
            Self::ByHandOnly => "Herald cannot write this there. Do it on the dashboard, then say that it is done.",
            Self::TooMuch => "This is more than Herald keeps. Shorten it.",
            Self::NoSuchTraining => "This training event is not in the log any more.",
            Self::TrainingAhead => "This day lies ahead. Note a training event when it has taken place.",
            Self::HotkeyBare => Unfit::NoModifier.message(),
            Self::HotkeyUnknown => Unfit::UnknownKey.message(),
            Self::PollInterval => "Choose 2 to 60 seconds between two questions. Nothing was changed.",
            Self::Volume => "Choose a volume of 10 to 100 per cent. Nothing was changed.",
        }
    }
}

/// Whether the user may do this now.
///
/// # Errors
/// The [`Refusal`] says why not.
pub fn allowed(state: &State, command: &Command, now: Time) -> Result<(), Refusal> {
    limits::within(command)?;
    match command {
        Command::Acknowledge { page, triggered_at } => {
            let page = writable(state, page, *triggered_at, now)?;
            if page.seen.status == PageStatus::Triggered { Ok(()) } else { Err(Refusal::Over) }
        }
        Command::ClosePage { page, triggered_at, .. } => writable(state, page, *triggered_at, now).map(|_| ()),
        Command::AnswerHere { page, triggered_at } => match standing(state, find(state, page, *triggered_at)?, now) {
            Standing::Shadow { .. } => Err(Refusal::Shadow),
            Standing::Asked => Err(Refusal::AskedOnly),
            Standing::Mine | Standing::Unknown { .. } => Ok(()),
        },
        Command::Quiet { alarm } => {
            live_alarm(state, alarm)?;
            quiet_end(state, alarm, now).map(|_| ()).ok_or(Refusal::TargetOver)
        }
        Command::Unquiet { alarm } => live_alarm(state, alarm),
        Command::PollNow => state.account.as_ref().map(|_| ()).ok_or(Refusal::NotConnected),
        Command::Set { patch } => patch.unfit().map_or(Ok(()), Err),
        // Its key, its pages and its jobs go with `Disconnect`.
        Command::DisconnectFeed { source: SourceName::PagerDuty } => Err(Refusal::NotAFeed),
        Command::TestAlarm
        | Command::TestAnswered { .. }
        | Command::Disconnect
        | Command::DisconnectFeed { .. }
        | Command::DisconnectSlack
        | Command::DisconnectZendesk => Ok(()),
        Command::Incident { wish } => incident_allowed(state, wish, now),
        Command::Shift { wish } => shifts::allowed(state, wish, now),
        Command::Ledger { wish } => wish::allowed(state, wish, now),
        Command::Training { wish } => training_allowed(state, wish, now),
    }
}

/// Whether the user may note this in the training log. Days begin earlier elsewhere, so one day ahead is no mistake.
fn training_allowed(state: &State, wish: &TrainingWish, now: Time) -> Result<(), Refusal> {
    let behind =
        |entry: &Training| if entry.at - now > TimeDelta::days(1) { Err(Refusal::TrainingAhead) } else { Ok(()) };
    match wish {
        TrainingWish::Change { training, .. } | TrainingWish::Remove { training }
            if !state.trainings.contains_key(training) =>
        {
            Err(Refusal::NoSuchTraining)
        }
        TrainingWish::Add { entry } | TrainingWish::Change { entry, .. } => behind(entry),
        TrainingWish::Remove { .. } | TrainingWish::Step { .. } => Ok(()),
    }
}

/// Whether the user may have this done about an incident.
fn incident_allowed(state: &State, wish: &IncidentWish, now: Time) -> Result<(), Refusal> {
    if let Some(id) = wish.incident() {
        let incident = state.incidents.get(&id).ok_or(Refusal::NoSuchIncident)?;
        // What Resolve leaves to do is done when the incident is over, and what is being written then is not lost.
        let after_it = matches!(
            wish,
            IncidentWish::End { yes: false, .. }
                | IncidentWish::Tick { .. }
                | IncidentWish::Untick { .. }
                | IncidentWish::Skip { .. }
                | IncidentWish::Write { .. }
                | IncidentWish::Discard { .. }
        );
        if !incident.open() && !after_it {
            return Err(Refusal::NoSuchIncident);
        }
    }
    match wish {
        IncidentWish::Write { text, .. }
        | IncidentWish::Publish { text, .. }
        | IncidentWish::PostedByHand { text, .. }
            if text.too_much() =>
        {
            Err(Refusal::TooMuch)
        }
        IncidentWish::Open { own, .. } if own.title.as_deref().is_none_or(|title| title.trim().is_empty()) => {
            Err(Refusal::NoTitle)
        }
        IncidentWish::Join { incident, with } if incident == with || !state.incidents.contains_key(with) => {
            Err(Refusal::NoSuchIncident)
        }
        IncidentWish::JoinPage { page, .. } if !state.pages.contains_key(page) => Err(Refusal::NoSuchPage),
        IncidentWish::Publish { incident, text, seen } => publishable(state, *incident, text, seen.as_deref(), now),
        IncidentWish::Label { incident } => labels(state, *incident, now),
        IncidentWish::Tick { incident, task } => tickable(state, *incident, task, now),
        IncidentWish::Skip { reason, .. } if reason.trim().is_empty() => Err(Refusal::NoReason),
        IncidentWish::Untick { task, .. } | IncidentWish::Skip { task, .. } => {
            stage::task(&state.playbook.stages, task).map(|_| ()).ok_or(Refusal::NoSuchTask)
        }
        IncidentWish::PostedByHand { at, .. } if *at > now => Err(Refusal::NotYet),
        IncidentWish::PostedByHand { text, .. } if text.body.trim().is_empty() => Err(Refusal::CannotGoOut),
        IncidentWish::WasPublished { publication, .. } => match state.publications.get(publication) {
            None => Err(Refusal::NoSuchIncident),
            Some(it) if matches!(it.stage, PublishStage::Ready | PublishStage::Running) => Err(Refusal::UnderWay),
            Some(_) => Ok(()),
        },
        IncidentWish::Open { .. }
        | IncidentWish::Correct { .. }
        | IncidentWish::Decide { .. }
        | IncidentWish::Join { .. }
        | IncidentWish::JoinPage { .. }
        | IncidentWish::Separate { .. }
        | IncidentWish::Recurred { .. }
        | IncidentWish::StillRunning { .. }
        | IncidentWish::End { .. }
        | IncidentWish::Promise { .. }
        | IncidentWish::Write { .. }
        | IncidentWish::Discard { .. }
        | IncidentWish::Asked { .. }
        | IncidentWish::Agreed { .. }
        | IncidentWish::PostedByHand { .. } => Ok(()),
    }
}

/// Whether a task may be ticked now: only when nothing must be done before it.
fn tickable(state: &State, incident: IncidentId, id: &str, now: Time) -> Result<(), Refusal> {
    let (stage, task) = stage::task(&state.playbook.stages, id).ok_or(Refusal::NoSuchTask)?;
    let it = state.incidents.get(&incident).ok_or(Refusal::NoSuchIncident)?;
    let locked = stage::Reading::new(state, incident, it, now).locked(stage, task);
    if locked { Err(Refusal::TaskLocked) } else { Ok(()) }
}

/// Whether the issue of an incident may be labelled now.
fn labels(state: &State, incident: IncidentId, now: Time) -> Result<(), Refusal> {
    errand::may_run(state, SourceName::Tracker, DutyOf::Incident(incident), now)?;
    let issue = state.incidents.get(&incident).and_then(|it| it.issue.as_ref()).ok_or(Refusal::NoIssue)?;
    let on_its_way = |it: &Errand| matches!(&it.task, ErrandTask::LabelIssue { iid, .. } if *iid == issue.iid);
    if state.errands.values().any(on_its_way) { Err(Refusal::UnderWay) } else { Ok(()) }
}

/// Whether this text may leave for the status page now.
fn publishable(state: &State, incident: IncidentId, text: &Text, seen: Option<&str>, now: Time) -> Result<(), Refusal> {
    let stamp = || state.incidents.get(&incident).map(|it| Basis::stamp_of(state, incident, it));
    let writes = state.status_page.as_ref().is_some_and(|page| page.token.is_some());
    let under_way = |it: &Publication| it.incident == incident && !matches!(it.stage, PublishStage::Accepted { .. });
    may_write(state, About::Duty(DutyOf::Incident(incident)), now)?;
    if !writes || state.sources[SourceName::StatusPage].key_refused {
        Err(Refusal::NoStatusPage)
    } else if state.session.store_fault.is_some() {
        Err(Refusal::CannotSave)
    } else if text.body.trim().is_empty() || text.title.trim().is_empty() {
        Err(Refusal::CannotGoOut)
    } else if state.publications.values().any(under_way) {
        Err(Refusal::UnderWay)
    } else if seen.is_some_and(|seen| stamp().as_deref() != Some(seen)) {
        Err(Refusal::MovedOn)
    } else {
        Ok(())
    }
}

fn live_alarm(state: &State, alarm: &AlarmKey) -> Result<(), Refusal> {
    state.alarms.get(alarm).filter(|alarm| !alarm.ending).map(|_| ()).ok_or(Refusal::NoSuchAlarm)
}

fn find<'a>(state: &'a State, id: &PageId, triggered_at: Time) -> Result<&'a Page, Refusal> {
    let page = state.pages.get(id).ok_or(Refusal::NoSuchPage)?;
    if page.open() && page.seen.triggered_at == triggered_at { Ok(page) } else { Err(Refusal::Over) }
}

/// The page, if something about this trigger of it may be written to PagerDuty.
fn writable<'a>(state: &'a State, id: &PageId, triggered_at: Time, now: Time) -> Result<&'a Page, Refusal> {
    let page = find(state, id, triggered_at)?;
    may_write(state, About::Page(page), now)?;
    if !poll::asked(state, SourceName::PagerDuty) {
        return Err(Refusal::NotConnected);
    }
    if state.session.store_fault.is_some() {
        return Err(Refusal::CannotSave);
    }
    match state.job_for(id, triggered_at) {
        Some(_) => Err(Refusal::UnderWay),
        None => Ok(page),
    }
}

#[cfg(test)]
mod tests;
