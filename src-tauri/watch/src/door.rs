//! The door: everything that a window, another process or a test may ask of the Herald that runs, and what it answers.

#[cfg(test)]
mod types;

use std::path::PathBuf;

use herald_core::feed::{PastUpdate, StatusPage};
use herald_core::history::{HistoryFound, HistoryQuery, PastIncident, PastPage};
use herald_core::kpi::{KpiAsk, Kpis};
use herald_core::shift::ShiftId;
use herald_core::view::shifts::HandoverText;
use herald_core::{Account, Command, IncidentId, PageId, Refusal, Sound, Time, TokenPlace, View};
use herald_door::Token;
use herald_engine::export::{Format, Span};
use herald_engine::pagerduty::ConnectRequest;
use herald_engine::{
    ConnectSlack, ConnectStatusPage, ConnectTracker, ConnectZendesk, Connecting, IntendError, IssueWords,
    ScheduleChoice, status_page_key,
};
use herald_practice::Summary;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::playing;
#[cfg(target_os = "linux")]
use crate::session::Session;

/// The code of a refusal because the window does not come.
pub(crate) const NO_WINDOW: &str = "no_window";

/// What is asked. It may hold keys, so that it cannot be printed.
#[derive(Clone, Serialize, Deserialize, TS)]
#[serde(tag = "ask", rename_all = "snake_case")]
pub(crate) enum Ask {
    /// I am a window of this build: from here on frames pass (`herald_door::Frame`).
    Attach { build: String, pid: u32, visible: bool },
    /// I am what runs in the window, and listen from now on.
    Hello,
    /// What was shown last is on the screen.
    Drawn,
    /// Let the user choose a file: answered by the window itself.
    Choose {
        /// To save in, under this name if they like; to read otherwise.
        save: Option<String>,
        /// What such files are called.
        kind: String,
        /// How their names end.
        endings: Vec<String>,
    },
    /// Start the watch, which has ended: answered by the window itself.
    StartWatch,
    /// Show the window.
    Show {
        /// The leave to come to the front that the asking process was given.
        #[serde(default)]
        #[ts(type = "string | null")]
        token: Option<Token>,
    },
    /// Show the window at a page.
    ShowPage {
        page: PageId,
        #[serde(default)]
        #[ts(type = "string | null")]
        token: Option<Token>,
    },
    /// Show the composer of an incident, or of the one that is due next.
    Compose {
        #[ts(type = "number | null")]
        incident: Option<IncidentId>,
        #[serde(default)]
        #[ts(type = "string | null")]
        token: Option<Token>,
    },
    /// I was started in this session: make way if you can show nothing any more in yours.
    #[cfg(target_os = "linux")]
    Succeed { session: Session },
    /// What is true now.
    Status,
    /// Do something.
    Command { command: Command },
    /// Connect a service.
    Connect { to: Form },
    /// Send "I intend to…" to Slack, as the composer shows it.
    Intend {
        #[ts(type = "number")]
        incident: IncidentId,
    },
    /// Ask PagerDuty something small.
    Test,
    /// Look anew whether alarms can be shown, on the way that they take; the next status says what was found.
    Check,
    /// Past updates that hold all words, best first; the newest where there are none.
    SearchUpdates { query: String },
    /// One page of the past that fits.
    SearchHistory { query: HistoryQuery },
    /// A past incident with its whole timeline.
    PastIncident {
        #[ts(type = "number")]
        incident: IncidentId,
    },
    /// A past page, by when it was triggered.
    PastPage { page: PageId, at: Time },
    /// The key figures.
    Kpis { of: KpiAsk },
    /// Write the past into a file.
    Export { span: Span, format: Format, file: PathBuf },
    /// Put text on the clipboard.
    Copy { text: String },
    /// What leaves with the handover of a shift, or of the newest, or of now.
    Handover {
        #[ts(type = "number | null")]
        shift: Option<ShiftId>,
    },
    /// Save the handover of a shift in a file, which counts as handed over.
    SaveHandover {
        #[ts(type = "number")]
        shift: ShiftId,
        file: PathBuf,
    },
    /// Take over the handover in a file.
    ImportHandover { file: PathBuf },
    /// Make a playbook Herald's own.
    AdoptPlaybook { file: PathBuf },
    /// Play a sound for the user to judge.
    Play { sound: Sound },
    /// Whether Herald starts with the desktop.
    Autostart,
    /// Make it start with the desktop, or no longer.
    SetAutostart { on: bool },
    /// Open a link in the browser.
    Browse { url: String },
    /// The scenarios that come with Herald, and the user's own.
    Scenarios,
    /// Start the practice world in a Herald of its own.
    Practise { scenario: Option<String> },
    /// The practice event that is under way in this Herald.
    PracticeEvent,
    /// Measure the practice event and hand its result over to the training log.
    EndPractice,
    /// Leave the practice world; only there.
    LeavePractice,
    /// The schedules of my escalation policies.
    Schedules,
    /// The words of an issue, for a maintenance.
    IssueWords { link: String },
}

/// What connecting a service takes.
#[derive(Clone, Serialize, Deserialize, TS)]
#[serde(tag = "service", rename_all = "snake_case")]
pub(crate) enum Form {
    /// PagerDuty.
    Pagerduty { token: String, base_url: String, email: Option<String> },
    /// The issue tracker.
    Tracker { base_url: String, project: String, token: Option<String> },
    /// The status page; with its key Herald may write to it. Status.io has an id to the key.
    StatusPage {
        page: StatusPage,
        #[serde(default)]
        id: Option<String>,
        key: Option<String>,
    },
    /// The Slack channel for "I intend to…".
    Slack { webhook: String, channel: String },
    /// Zendesk, where tickets are counted.
    Zendesk { base_url: String, email: String, token: String },
}

impl From<Form> for Connecting {
    fn from(form: Form) -> Self {
        match form {
            Form::Pagerduty { token, base_url, email } => {
                Self::PagerDuty(ConnectRequest { token: token.into(), base_url, email })
            }
            Form::Tracker { base_url, project, token } => {
                Self::Tracker(ConnectTracker { base_url, project, token: token.map(Into::into) })
            }
            Form::StatusPage { page, id, key } => {
                let key = key.map(|key| id.map_or_else(|| key.clone(), |id| status_page_key(&id, &key)));
                Self::StatusPage(ConnectStatusPage { page, key: key.map(Into::into) })
            }
            Form::Slack { webhook, channel } => Self::Slack(ConnectSlack { webhook: webhook.into(), channel }),
            Form::Zendesk { base_url, email, token } => {
                Self::Zendesk(ConnectZendesk { base_url, email, token: token.into() })
            }
        }
    }
}

/// What is answered.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(tag = "answer", rename_all = "snake_case")]
pub(crate) enum Reply {
    /// Done.
    Done,
    /// Not done; the message is for people, the code for a window that offers the next step itself.
    Refused { code: String, message: String },
    /// Welcome to a window: this is true now.
    Hello {
        /// The number of this picture: those that follow are told by what differs from the one before.
        #[ts(type = "number")]
        nth: u64,
        view: Box<View>,
        now: Time,
        version: String,
    },
    /// This is true now.
    Status {
        view: Box<View>,
        now: Time,
        /// Lines of the log that could not be written since the start.
        #[serde(default)]
        #[ts(type = "number")]
        lines_lost: usize,
    },
    /// What was connected, in words, and where its key rests; the account where it was PagerDuty.
    Connected { what: String, token: Option<TokenPlace>, account: Option<Account> },
    /// How long PagerDuty took to answer.
    Tested {
        #[ts(type = "number")]
        ms: u64,
    },
    /// Past updates.
    Updates { found: Vec<PastUpdate> },
    /// A page of the past.
    History { found: HistoryFound },
    /// A past incident; absent when it is no longer kept.
    Incident { incident: Option<Box<PastIncident>> },
    /// A past page.
    Page { page: Option<Box<PastPage>> },
    /// The key figures; absent when a shift is asked for and there was none yet.
    Kpis { kpis: Option<Box<Kpis>> },
    /// What leaves with a handover; absent when the shift is not at hand any more.
    Handover { handover: Option<HandoverText> },
    /// The file that the user chose, if they did.
    Chosen { file: Option<PathBuf> },
    /// A playbook is in force.
    Playbook { name: String },
    /// Whether Herald starts with the desktop; absent where that cannot be told.
    Autostart { on: Option<bool> },
    /// Scenarios to practise.
    Scenarios { scenarios: Vec<Summary> },
    /// The practice event that this Herald is; absent in the real one.
    Event { event: Option<playing::Told> },
    /// Schedules to choose from.
    Schedules { schedules: Vec<ScheduleChoice> },
    /// What an issue says.
    Words { words: IssueWords },
}

impl Reply {
    /// What a window can only show.
    pub fn failed(message: impl Into<String>) -> Self {
        Self::coded("failed", message)
    }

    /// What a window offers the next step for.
    pub fn coded(code: &str, message: impl Into<String>) -> Self {
        Self::Refused { code: code.into(), message: message.into() }
    }
}

impl From<Refusal> for Reply {
    fn from(refusal: Refusal) -> Self {
        match serde_json::to_value(refusal) {
            Ok(serde_json::Value::String(code)) => Self::coded(&code, refusal.message()),
            Ok(_) | Err(_) => Self::failed(refusal.message()),
        }
    }
}

impl From<IntendError> for Reply {
    fn from(error: IntendError) -> Self {
        let code = if matches!(error, IntendError::Unknown { .. }) { "unknown" } else { "failed" };
        Self::coded(code, error.to_string())
    }
}
