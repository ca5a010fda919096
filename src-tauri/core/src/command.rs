//! What the user may ask for, whichever way the wish arrives, and why it may be refused.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::Time;
use crate::alarm::{AlarmKey, quiet_end};
use crate::hotkey::{Hotkey, Unfit};
use crate::page::{Page, PageId, PageStatus};
use crate::settings::SettingsPatch;
use crate::shadow::{Standing, standing};
use crate::state::State;

/// A wish of the user: from window, tray menu, notification or command line, all the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "do", rename_all = "snake_case")]
#[ts(export)]
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
}

/// Why a command is refused: always with the next step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum Refusal {
    /// There is no such page among mine.
    NoSuchPage,
    /// That trigger is over: taken, closed or triggered anew.
    Over,
    /// I only watch.
    Shadow,
    /// Herald cannot tell whether the page is mine.
    UnknownStanding,
    /// It is under way already.
    UnderWay,
    /// Nothing can be saved, so nothing is written outward.
    CannotSave,
    /// PagerDuty is not connected, or not heard.
    NotConnected,
    /// The target time is over, so quiet is not offered.
    TargetOver,
    /// There is no such alarm.
    NoSuchAlarm,
    /// The hotkey has no modifier.
    HotkeyBare,
    /// The hotkey names no keys that are known.
    HotkeyUnknown,
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
            Self::UnknownStanding => {
                "Herald cannot tell whether this page is yours. Choose \"I answer this page\" in the window, or `herald ack --answer-here`."
            }
            Self::UnderWay => "Already under way. Wait for PagerDuty's answer.",
            Self::CannotSave => {
                "Herald cannot save, so it writes nothing to PagerDuty. Use the phone or PagerDuty's page, and free disk space."
            }
            Self::NotConnected => "PagerDuty is not connected. Connect it in Settings.",
            Self::TargetOver => "The time to acknowledge is over, so this alarm cannot be made quiet.",
            Self::NoSuchAlarm => "This alarm has ended.",
            Self::HotkeyBare => Unfit::NoModifier.message(),
            Self::HotkeyUnknown => Unfit::UnknownKey.message(),
        }
    }
}

/// Whether the user may do this now.
///
/// # Errors
/// The [`Refusal`] says why not.
pub fn allowed(state: &State, command: &Command, now: Time) -> Result<(), Refusal> {
    match command {
        Command::Acknowledge { page, triggered_at } => {
            let page = writable(state, page, *triggered_at, now)?;
            if page.seen.status == PageStatus::Triggered { Ok(()) } else { Err(Refusal::Over) }
        }
        Command::ClosePage { page, triggered_at } => writable(state, page, *triggered_at, now).map(|_| ()),
        Command::AnswerHere { page, triggered_at } => match standing(state, find(state, page, *triggered_at)?, now) {
            Standing::Shadow { .. } => Err(Refusal::Shadow),
            Standing::Mine | Standing::Unknown { .. } => Ok(()),
        },
        Command::Quiet { alarm } => {
            live_alarm(state, alarm)?;
            quiet_end(state, alarm, now).map(|_| ()).ok_or(Refusal::TargetOver)
        }
        Command::Unquiet { alarm } => live_alarm(state, alarm),
        Command::PollNow => state.account.as_ref().map(|_| ()).ok_or(Refusal::NotConnected),
        Command::Set { patch: SettingsPatch::Hotkey { keys: Some(keys) } } => {
            keys.parse::<Hotkey>().map(|_| ()).map_err(Refusal::from)
        }
        Command::Set { .. } | Command::TestAlarm | Command::TestAnswered { .. } | Command::Disconnect => Ok(()),
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
    match standing(state, page, now) {
        Standing::Shadow { .. } => return Err(Refusal::Shadow),
        Standing::Unknown { .. } => return Err(Refusal::UnknownStanding),
        Standing::Mine => {}
    }
    if state.account.is_none() || state.source.key_refused {
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
