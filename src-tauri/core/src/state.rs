//! The state of Herald, and the changes that make it what it is.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::TimeDelta;
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::account::Account;
use crate::alarm::{Alarm, AlarmKey};
use crate::calling::PageWords;
use crate::draft::{Draft, Publication, PublicationId};
use crate::ended::EndedWrite;
use crate::errand::{Errand, ErrandId};
use crate::feed::{Component, MaintenanceSeen, SlackHook, StatusPage, Tracker};
use crate::incident::{Incident, IncidentId};
use crate::job::{Job, JobId};
use crate::ledger::{Contact, ContactId, Maintenance, MaintenanceId};
use crate::oncall::OnCall;
use crate::page::{Page, PageId};
use crate::playbook::Playbook;
use crate::poll::{PerSource, Source, SourceName, Watch};
use crate::settings::Settings;
use crate::shift::{Shift, ShiftId, TakenOver};
use crate::table::Table;
use crate::training::{Training, TrainingId};
use crate::zendesk::{Tickets, Zendesk};
use crate::{Fault, Time};

/// How long alarms wait for the first answer after a start or after waking from suspend.
pub const LOOK_FIRST_FOR: TimeDelta = TimeDelta::seconds(3);

/// How many readings of my on-call times may fail before what is known counts as too old to go by.
const ONCALL_READS_MISSED_MAX: i32 = 3;

/// Whether this is the real world.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Mode {
    /// The team's real PagerDuty.
    Real,
    /// The practice world on this computer.
    Practice {
        /// The scenario's title.
        scenario: String,
    },
}

impl Mode {
    /// Whether this is practice.
    #[must_use]
    pub fn is_practice(&self) -> bool {
        matches!(self, Self::Practice { .. })
    }
}

/// What the desktop does for Herald: the ways in which an alarm reaches the user, and the way in which the user reaches
/// Herald.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// Native notifications.
    Notifications,
    /// The speaker.
    Sound,
    /// The tray icon.
    Tray,
    /// The keys that open Herald from anywhere. No alarm depends on them.
    Hotkey,
    /// The window. No alarm depends on it.
    Window,
}

impl Channel {
    /// Its name in a sentence.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Notifications => "Notifications",
            Self::Sound => "Sound",
            Self::Tray => "Tray icon",
            Self::Hotkey => "Hotkey",
            Self::Window => "Window",
        }
    }
}

/// Whether a channel works, as far as Herald could see.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Health {
    /// It worked when it was last used.
    Works {
        /// What does the work: "dunst 1.9", "Built-in speakers". May be empty.
        by: String,
    },
    /// It does not; the other channels carry on and it is tried again.
    Dead {
        /// Why, and what to do.
        reason: String,
    },
}

/// Notices that are told at once, at the most.
const NOTICES_MAX: usize = 5;

/// What lasts only while Herald runs.
#[derive(Clone, Debug, PartialEq)]
pub struct Session {
    /// Real or practice.
    pub mode: Mode,
    /// The desktop's time zone, for quiet hours.
    pub zone: Tz,
    /// Since when Herald could have asked: its start, or the last waking from suspend.
    pub awake_since: Time,
    /// Alarms wait for the first answer, until then at the latest.
    pub look_first_until: Option<Time>,
    /// Each source, as far as it was asked in this run.
    pub watch: PerSource<Watch>,
    /// What the status page lists.
    pub components: Vec<Component>,
    /// Maintenance that the status page lists.
    pub maintenances: Vec<MaintenanceSeen>,
    /// When to ask for my on-call times next.
    pub oncall_at: Time,
    /// Why they could not be read.
    pub oncall_fault: Option<Fault>,
    /// Pages that a full answer lacked and that are asked for one by one.
    pub looks: BTreeSet<PageId>,
    /// What the alerts of pages say that belong to no incident yet.
    pub words: BTreeMap<PageId, PageWords>,
    /// For which incidents each of those pages may call, where only the user can choose.
    pub asked: BTreeMap<PageId, BTreeSet<IncidentId>>,
    /// Tickets that incidents bring.
    pub tickets: Tickets,
    /// The health of each channel that was used.
    pub channels: BTreeMap<Channel, Health>,
    /// Why nothing can be saved.
    pub store_fault: Option<String>,
    /// The team has rules of its own, but they could never be read: the default stands in, and who only watches is
    /// not known.
    pub no_rules: bool,
    /// What the user must be told about this start, such as a damaged database that was set aside.
    pub notices: Vec<String>,
    /// How writes of this run ended, oldest first.
    pub ended: Vec<EndedWrite>,
}

impl Session {
    /// The session of a Herald that starts at `now`.
    #[must_use]
    pub fn new(mode: Mode, zone: Tz, now: Time) -> Self {
        Self {
            mode,
            zone,
            awake_since: now,
            look_first_until: Some(now + LOOK_FIRST_FOR),
            watch: PerSource::all(&Watch::new(now)),
            components: vec![],
            maintenances: vec![],
            oncall_at: now,
            oncall_fault: None,
            looks: BTreeSet::new(),
            words: BTreeMap::new(),
            asked: BTreeMap::new(),
            tickets: Tickets::default(),
            channels: BTreeMap::new(),
            store_fault: None,
            no_rules: false,
            notices: vec![],
            ended: vec![],
        }
    }

    /// Tells the user once; of many notices, the newest.
    pub fn notice(&mut self, notice: String) {
        if !self.notices.contains(&notice) {
            self.notices.push(notice);
            self.notices.drain(..self.notices.len().saturating_sub(NOTICES_MAX));
        }
    }
}

/// Everything that Herald knows.
#[derive(Clone, Debug, PartialEq)]
pub struct State {
    /// The connected account.
    pub account: Option<Account>,
    /// Pages by PagerDuty's id: the open ones, and for a while those that left.
    pub pages: Table<PageId, Page>,
    /// Intentions towards PagerDuty.
    pub jobs: Table<JobId, Job>,
    /// The next job's row id.
    pub next_job: JobId,
    /// Alarms that are wanted, or whose notification is still to be taken away.
    pub alarms: Table<AlarmKey, Alarm>,
    /// Incidents: the open ones, and for a while those that are over.
    pub incidents: Table<IncidentId, Incident>,
    /// The next incident's number.
    pub next_incident: IncidentId,
    /// What is being written, by incident.
    pub drafts: Table<IncidentId, Draft>,
    /// Attempts to publish.
    pub publications: Table<PublicationId, Publication>,
    /// The next attempt's number.
    pub next_publication: PublicationId,
    /// Writes to tracker and status page that are neither about a page nor an update.
    pub errands: Table<ErrandId, Errand>,
    /// The next errand's number.
    pub next_errand: ErrandId,
    /// Shifts: the one that goes on, and for a while those that ended.
    pub shifts: Table<ShiftId, Shift>,
    /// The next shift's number.
    pub next_shift: ShiftId,
    /// What the shift before handed over, until it is dealt with.
    pub taken_over: Option<TakenOver>,
    /// Contact requests: the open ones, and for a while those that were handled.
    pub contacts: Table<ContactId, Contact>,
    /// The next contact request's number.
    pub next_contact: ContactId,
    /// Maintenance to come, going on, and for a while what is over.
    pub maintenances: Table<MaintenanceId, Maintenance>,
    /// The next maintenance's number.
    pub next_maintenance: MaintenanceId,
    /// Maintenance of the status page that is not the user's, by the page's ids, the newest last.
    pub not_mine: Vec<String>,
    /// What was typed into sheets of the ledger and not saved yet, by sheet, as the window wrote it.
    pub kept: BTreeMap<String, String>,
    /// The training log.
    pub trainings: Table<TrainingId, Training>,
    /// The next training event's number.
    pub next_training: TrainingId,
    /// The tracker that is watched.
    pub tracker: Option<Tracker>,
    /// The status page that is watched, and written to.
    pub status_page: Option<StatusPage>,
    /// The channel that "I intend to…" is sent to.
    pub slack: Option<SlackHook>,
    /// Where tickets are counted.
    pub zendesk: Option<Zendesk>,
    /// What each source asked of its askers.
    pub sources: PerSource<Source>,
    /// My on-call times.
    pub oncall: OnCall,
    /// The user's choices.
    pub settings: Settings,
    /// The team's rules; a file, not a row.
    pub playbook: Arc<Playbook>,
    /// What lasts only while Herald runs; not a row either.
    pub session: Session,
}

/// One thing that becomes true. Every kind but `Session` and `Playbook` is a row.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// A page is known, or known better.
    Page(Box<Page>),
    /// A page that left long ago is not held in memory any more; its row stays as history.
    PageForgotten(PageId),
    /// An intention, or where it stands.
    Job(JobId, Job),
    /// An intention is done with.
    JobGone(JobId),
    /// An alarm, or how far it has come.
    Alarm(AlarmKey, Alarm),
    /// An alarm has ended and its notification is away.
    AlarmGone(AlarmKey),
    /// An incident is known, or known better.
    Incident(IncidentId, Box<Incident>),
    /// An incident that was over long ago is not held in memory any more; its row stays as history.
    IncidentForgotten(IncidentId),
    /// What is being written.
    Draft(IncidentId, Box<Draft>),
    /// It was published, or thrown away.
    DraftGone(IncidentId),
    /// An attempt to publish, or where it stands.
    Publication(PublicationId, Box<Publication>),
    /// An attempt is done with.
    PublicationGone(PublicationId),
    /// An errand, or where it stands.
    Errand(ErrandId, Box<Errand>),
    /// An errand is done with.
    ErrandGone(ErrandId),
    /// A shift, or what became of it.
    Shift(ShiftId, Box<Shift>),
    /// A shift that ended long ago is not held in memory any more; its row stays as history.
    ShiftForgotten(ShiftId),
    /// What the shift before handed over, or nothing more of it.
    TakenOver(Option<Box<TakenOver>>),
    /// A contact request, or where it stands.
    Contact(ContactId, Box<Contact>),
    /// A contact request that was handled long ago is not held in memory any more; its row stays as history.
    ContactForgotten(ContactId),
    /// A maintenance, or where it stands.
    Maintenance(MaintenanceId, Box<Maintenance>),
    /// A maintenance that was over long ago is not held in memory any more; its row stays as history.
    MaintenanceForgotten(MaintenanceId),
    /// Maintenance of the status page that is not the user's.
    NotMine(Vec<String>),
    /// What was typed into sheets and not saved yet.
    Kept(BTreeMap<String, String>),
    /// An entry of the training log.
    Training(TrainingId, Box<Training>),
    /// An entry of the training log was taken back.
    TrainingGone(TrainingId),
    /// The tracker, or none.
    Tracker(Option<Tracker>),
    /// The status page, or none.
    StatusPage(Option<StatusPage>),
    /// The Slack channel, or none.
    Slack(Option<SlackHook>),
    /// The Zendesk, or none.
    Zendesk(Option<Zendesk>),
    /// What a source asked of its askers.
    Source(SourceName, Source),
    /// My on-call times.
    OnCall(OnCall),
    /// The user's choices.
    Settings(Settings),
    /// The account, or none.
    Account(Option<Account>),
    /// The team's rules.
    Playbook(Arc<Playbook>),
    /// What lasts only while Herald runs.
    Session(Box<Session>),
}

impl State {
    /// The state of a Herald that was never used.
    #[must_use]
    pub fn new(playbook: Arc<Playbook>, session: Session) -> Self {
        Self {
            account: None,
            pages: Table::default(),
            jobs: Table::default(),
            next_job: 1,
            alarms: Table::default(),
            incidents: Table::default(),
            next_incident: 1,
            drafts: Table::default(),
            publications: Table::default(),
            next_publication: 1,
            errands: Table::default(),
            next_errand: 1,
            shifts: Table::default(),
            next_shift: 1,
            taken_over: None,
            contacts: Table::default(),
            next_contact: 1,
            maintenances: Table::default(),
            next_maintenance: 1,
            not_mine: vec![],
            kept: BTreeMap::new(),
            trainings: Table::default(),
            next_training: 1,
            tracker: None,
            status_page: None,
            slack: None,
            zendesk: None,
            sources: PerSource::default(),
            oncall: OnCall::default(),
            settings: Settings::default(),
            playbook,
            session,
        }
    }

    /// Makes a change true.
    pub fn apply(&mut self, change: &Change) {
        match change.clone() {
            Change::Page(page) => {
                self.pages.insert(page.seen.id.clone(), *page);
            }
            Change::PageForgotten(id) => self.pages.remove(&id),
            Change::Job(id, job) => {
                self.next_job = self.next_job.max(id + 1);
                self.jobs.insert(id, job);
            }
            Change::JobGone(id) => self.jobs.remove(&id),
            Change::Alarm(key, alarm) => {
                self.alarms.insert(key, alarm);
            }
            Change::AlarmGone(key) => self.alarms.remove(&key),
            Change::Incident(id, incident) => {
                self.next_incident = self.next_incident.max(id + 1);
                self.incidents.insert(id, *incident);
            }
            Change::IncidentForgotten(id) => self.incidents.remove(&id),
            Change::Draft(id, draft) => {
                self.drafts.insert(id, *draft);
            }
            Change::DraftGone(id) => self.drafts.remove(&id),
            Change::Publication(id, publication) => {
                self.next_publication = self.next_publication.max(id + 1);
                self.publications.insert(id, *publication);
            }
            Change::PublicationGone(id) => self.publications.remove(&id),
            Change::Errand(id, errand) => {
                self.next_errand = self.next_errand.max(id + 1);
                self.errands.insert(id, *errand);
            }
            Change::ErrandGone(id) => self.errands.remove(&id),
            Change::Shift(id, shift) => {
                self.next_shift = self.next_shift.max(id + 1);
                self.shifts.insert(id, *shift);
            }
            Change::ShiftForgotten(id) => self.shifts.remove(&id),
            Change::TakenOver(taken_over) => self.taken_over = taken_over.map(|it| *it),
            Change::Contact(id, contact) => {
                self.next_contact = self.next_contact.max(id + 1);
                self.contacts.insert(id, *contact);
            }
            Change::ContactForgotten(id) => self.contacts.remove(&id),
            Change::Maintenance(id, maintenance) => {
                self.next_maintenance = self.next_maintenance.max(id + 1);
                self.maintenances.insert(id, *maintenance);
            }
            Change::MaintenanceForgotten(id) => self.maintenances.remove(&id),
            Change::NotMine(posts) => self.not_mine = posts,
            Change::Kept(kept) => self.kept = kept,
            Change::Training(id, training) => {
                self.next_training = self.next_training.max(id + 1);
                self.trainings.insert(id, *training);
            }
            Change::TrainingGone(id) => self.trainings.remove(&id),
            Change::Tracker(tracker) => self.tracker = tracker,
            Change::StatusPage(page) => self.status_page = page,
            Change::Slack(slack) => self.slack = slack,
            Change::Zendesk(zendesk) => self.zendesk = zendesk,
            Change::Source(name, source) => self.sources[name] = source,
            Change::OnCall(oncall) => self.oncall = oncall,
            Change::Settings(settings) => self.settings = settings,
            Change::Account(account) => self.account = account,
            Change::Playbook(playbook) => self.playbook = playbook,
            Change::Session(session) => self.session = *session,
        }
    }

    /// Whether I am on shift at `now`, in any role, by PagerDuty or by my own word. Not knowing counts as being on shift.
    #[must_use]
    pub fn on_shift(&self, now: Time) -> bool {
        let known = self.oncall.complete() && self.oncall_known(now);
        !known || self.oncall.at(now).next().is_some() || self.shifts.values().any(Shift::open)
    }

    /// Whether my on-call times are known as they are now: what was read long ago may have been changed since. A clock that
    /// jumps ahead makes nothing old that could be read since Herald woke, as long as reading it does not fail.
    #[must_use]
    pub fn oncall_known(&self, now: Time) -> bool {
        let could_be_read = self.session.oncall_fault.is_none();
        let read_since = |at: Time| could_be_read && at >= self.session.awake_since;
        self.oncall.known_at.is_some_and(|at| now < at + self.oncall_holds_for() || read_since(at))
    }

    /// How long what was read of my on-call times counts as how they are.
    pub(crate) fn oncall_holds_for(&self) -> TimeDelta {
        self.playbook.pagerduty.oncall_interval() * ONCALL_READS_MISSED_MAX
    }

    /// The last good answer of a source, of this run or of the one before.
    #[must_use]
    pub fn last_good_at(&self, source: SourceName) -> Option<Time> {
        self.session.watch[source].last_good_at.or(self.sources[source].last_good_at)
    }

    /// Whether alarms wait for the first answer after a start or after waking.
    #[must_use]
    pub fn looking_first(&self, now: Time) -> bool {
        self.session.look_first_until.is_some_and(|until| !crate::reached(until, now, LOOK_FIRST_FOR))
    }
}

#[cfg(test)]
pub(crate) mod tests;
