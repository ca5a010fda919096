//! What is true: pages, alarms, shadow mode, the user's settings. Pure: no I/O, no clock, no randomness.
//!
//! [`step()`] says what becomes true, [`State::apply`] makes it so, and everything else is a reading of the
//! state: [`due()`] what should be under way, [`view()`] what tray and window show, [`wake_at()`] when to look
//! again, [`allowed()`] what the user may do. The engine brings the clock, the network and the disk.

pub mod account;
pub mod alarm;
pub mod amends;
pub mod basis;
pub mod cadence;
pub mod calling;
pub mod command;
pub mod draft;
pub mod due;
pub mod ended;
pub mod errand;
pub mod fault;
pub mod feed;
pub mod handover;
pub mod history;
pub mod hotkey;
pub mod incident;
pub mod intend;
pub mod job;
pub mod kpi;
pub mod ledger;
pub mod leftover;
pub mod markdown;
pub mod oncall;
pub mod page;
pub mod permit;
pub mod phase;
pub mod places;
pub mod playbook;
pub mod poll;
pub mod post;
pub mod saving;
pub mod settings;
pub mod shadow;
pub mod shift;
pub mod stage;
pub mod state;
pub mod step;
pub mod table;
pub mod text;
pub mod training;
pub mod tray;
pub mod view;
pub mod zendesk;

pub use account::{Account, KeyKind, TokenPlace};
pub use alarm::{AlarmKey, Announcement, Sound};
pub use command::{Command, Refusal, allowed};
pub use draft::{Draft, Text};
pub use due::{Action, due, wake_at};
pub use fault::{Fault, FaultKind};
pub use incident::{Incident, IncidentId, IncidentWish};
pub use job::{JobId, JobResult, Task};
pub use oncall::OnCallEntry;
pub use page::{Page, PageId, PageStatus, SeenPage};
pub use permit::{Permit, Write, permit};
pub use phase::{Impact, Phase, Severity};
pub use playbook::Playbook;
pub use poll::{Snapshot, SourceName};
pub use settings::{Settings, SettingsPatch};
pub use shadow::Standing;
pub use state::{Change, Mode, Session, State};
pub use step::{Input, step};
pub use training::{Practised, Training, TrainingWish};
pub use view::{View, view};

/// An instant, always in UTC. Zones appear only where quiet hours or a screen need them.
pub type Time = chrono::DateTime<chrono::Utc>;

/// Whether an instant may stand in a plan or a report. What lies far outside was mistyped, damaged or made up, and
/// counting with it could leave the calendar.
#[must_use]
pub fn plausible(at: Time) -> bool {
    (2000..2200).contains(&chrono::Datelike::year(&at))
}

/// Whether the instant `at` has come. An instant further ahead than `longest` was written under a clock that was
/// wrong, so it counts as come: a clock that jumps back must not silence anything (faults.md 24).
#[must_use]
pub fn reached(at: Time, now: Time, longest: chrono::TimeDelta) -> bool {
    at <= now || at - now > longest
}
