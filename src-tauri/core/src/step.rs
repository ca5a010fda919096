//! What becomes true when something happens: the only place where the state is decided.

mod alarms;
mod answers;
mod connecting;
mod errands;
mod feeds;
mod incidents;
mod jobs;
mod late;
mod ledger;
mod naming;
mod publishing;
mod shifts;
mod stages;
mod takeover;
mod tickets;
mod tracker;
mod training;

use std::sync::Arc;

use crate::account::Account;
use crate::alarm::{self, Alarm, AlarmKey};
use crate::command::Command;
use crate::draft::{PublicationId, PublishResult, PublishStage, ReadBackPost};
use crate::ended::EndedHow;
use crate::errand::{ErrandId, ErrandInput};
use crate::feed::{FeedAnswer, IssuesTold, PageTold, SlackHook, StatusPage, Tracker};
use crate::incident::IncidentId;
use crate::job::{Job, JobId, JobResult, JobStage, Task};
use crate::oncall::OnCall;
use crate::page::{Page, PageId, SeenPage};
use crate::playbook::Playbook;
use crate::poll::{self, Snapshot, Source, SourceName, Watch};
use crate::settings::{SelfTest, SettingsPatch};
use crate::state::{Change, Channel, Health, LOOK_FIRST_FOR, Session, State};
use crate::text::clean_line;
use crate::training::Training;
use crate::zendesk::Zendesk;
use crate::{Fault, Time};

/// Longest note that a page is closed with, in graphemes.
const CLOSE_NOTE_MAX: usize = 500;

/// Something that happened.
#[derive(Clone, Debug, PartialEq)]
pub enum Input {
    /// Herald starts with what the store holds.
    Started(Box<Session>),
    /// The computer woke from suspend.
    Woke,
    /// Time passed.
    Ticked,
    /// The team's rules were read.
    PlaybookRead(Arc<Playbook>),
    /// The team has rules of its own, but there were never any that could be read.
    NoRules,
    /// The user must be told something.
    Noticed(String),
    /// The user connected an account whose key was tried.
    Connected(Account),
    /// My pages were asked for. `jitter` is a random number from 0 to 1.
    Polled {
        /// The answer.
        result: Result<Snapshot, Fault>,
        /// Spreads the next question.
        jitter: f64,
    },
    /// The tracker was asked for open incident issues, and for those of running incidents that are not among them.
    IssuesRead {
        /// The answer.
        result: Result<FeedAnswer<IssuesTold>, Fault>,
        /// Spreads the next question.
        jitter: f64,
    },
    /// The public feed of the status page was read.
    PostsRead {
        /// The answer.
        result: Result<FeedAnswer<PageTold>, Fault>,
        /// Spreads the next question.
        jitter: f64,
    },
    /// The user connected a tracker.
    TrackerConnected(Tracker),
    /// The user connected a status page.
    StatusPageConnected(StatusPage),
    /// The user connected a Slack channel.
    SlackConnected(SlackHook),
    /// The user connected a Zendesk whose key was tried.
    ZendeskConnected(Zendesk),
    /// Zendesk was asked how many tickets of an incident nobody has tagged.
    TicketsCounted(IncidentId, Result<u64, Fault>),
    /// What the alerts of a page say.
    WordsRead(PageId, Result<Vec<String>, Fault>),
    /// An attempt to publish is about to be made.
    PublishStarted(PublicationId),
    /// An attempt to publish has ended.
    PublishEnded(PublicationId, PublishResult),
    /// The status page was read to find out whether an attempt reached it.
    PostReadBack(PublicationId, Result<ReadBackPost, Fault>),
    /// The store could be read at last; this is what was entered before it could.
    ReadLate(Box<State>),
    /// Something happened to an errand.
    Errand(ErrandId, ErrandInput),
    /// A practice event has ended in a Herald of its own; told at least once.
    Practised(Box<Training>),
    /// My on-call times were asked for.
    OnCallRead(Result<OnCall, Fault>),
    /// One page was asked for because a full answer lacked it.
    Looked {
        /// Which.
        page: PageId,
        /// When it was asked for.
        asked_at: Time,
        /// The answer.
        result: Result<SeenPage, Fault>,
    },
    /// The user wants something that is [`allowed`](crate::allowed).
    User(Command),
    /// A job is about to be carried out.
    JobStarted(JobId),
    /// A job was carried out.
    JobEnded(JobId, JobResult),
    /// The page of an unsure job was read back.
    ReadBack {
        /// The job.
        job: JobId,
        /// When it was asked for.
        asked_at: Time,
        /// The answer.
        result: Result<SeenPage, Fault>,
    },
    /// A round of these alarms is about to be shown and played.
    RoundStarted(Vec<AlarmKey>),
    /// The notification of an ended alarm is away.
    Withdrawn(AlarmKey),
    /// A channel was used, or came or went.
    ChannelSeen(Channel, Health),
    /// The store failed, or works again.
    StoreSeen(Option<String>),
}

impl Input {
    /// Whether answers to questions that were asked before this are worthless: they come from another account, or
    /// from the time before the computer slept.
    #[must_use]
    pub fn begins_era(&self) -> bool {
        matches!(
            self,
            Self::Connected(_)
                | Self::TrackerConnected(_)
                | Self::StatusPageConnected(_)
                | Self::ZendeskConnected(_)
                | Self::Woke
                | Self::User(Command::Disconnect | Command::DisconnectFeed { .. })
                | Self::User(Command::DisconnectZendesk)
        )
    }
}

/// Decides what becomes true. Applying the changes in order to `state` gives the next state.
#[must_use]
pub fn step(state: &State, input: Input, now: Time) -> Vec<Change> {
    let mut draft = Draft { before: state, state: state.clone(), changes: vec![], own_notifications: None };
    draft.set_right(now);
    match input {
        Input::Started(session) => draft.start(*session, now),
        Input::Woke => draft.wake(now),
        Input::Ticked => {}
        Input::PlaybookRead(playbook) => {
            draft.put(Change::Playbook(playbook));
            draft.session(|session| session.no_rules = false);
        }
        Input::NoRules => draft.session(|session| session.no_rules = true),
        Input::Noticed(notice) => draft.session(|session| session.notice(notice)),
        Input::Connected(account) => draft.connect(account, now),
        Input::Polled { result: Ok(snapshot), jitter } => draft.polled(snapshot, jitter, now),
        Input::Polled { result: Err(fault), jitter } => draft.poll_failed(SourceName::PagerDuty, fault, jitter, now),
        Input::IssuesRead { result: Ok(answer), jitter } => draft.issues_read(answer, jitter, now),
        Input::IssuesRead { result: Err(fault), jitter } => draft.poll_failed(SourceName::Tracker, fault, jitter, now),
        Input::PostsRead { result: Ok(answer), jitter } => draft.posts_read(answer, jitter, now),
        Input::PostsRead { result: Err(fault), jitter } => {
            draft.poll_failed(SourceName::StatusPage, fault, jitter, now)
        }
        Input::TrackerConnected(tracker) => {
            draft.feed_connected(SourceName::Tracker, Change::Tracker(Some(tracker)), now)
        }
        Input::StatusPageConnected(page) => {
            draft.feed_connected(SourceName::StatusPage, Change::StatusPage(Some(page)), now);
            draft.look_again(now);
        }
        Input::SlackConnected(slack) => draft.put(Change::Slack(Some(slack))),
        Input::ZendeskConnected(zendesk) => draft.zendesk(Some(zendesk)),
        Input::TicketsCounted(incident, result) => draft.tickets_counted(incident, result, now),
        Input::WordsRead(page, result) => draft.words_read(page, result, now),
        Input::PublishStarted(id) => draft.publication(id, |it| it.stage = PublishStage::Running),
        Input::PublishEnded(id, result) => draft.publish_ended(id, result, now),
        Input::PostReadBack(id, result) => draft.post_read_back(id, result, now),
        Input::ReadLate(other) => draft.entered_meanwhile(*other, now),
        Input::Errand(id, input) => draft.errand_input(id, input, now),
        Input::Practised(training) => draft.practised(*training),
        Input::OnCallRead(result) => draft.oncall_read(result, now),
        Input::Looked { page, asked_at, result } => draft.looked(&page, asked_at, result, now),
        Input::User(command) => draft.command(command, now),
        Input::JobStarted(id) => draft.job(id, |job| job.stage = JobStage::Running),
        Input::JobEnded(id, result) => draft.job_ended(id, result, now),
        Input::ReadBack { job, asked_at, result } => draft.read_back(job, asked_at, result, now),
        Input::RoundStarted(keys) => keys.iter().for_each(|key| draft.round_started(key, now)),
        Input::Withdrawn(key) => {
            if draft.state.alarms.get(&key).is_some_and(|alarm| alarm.ending) {
                draft.put(Change::AlarmGone(key));
            }
        }
        Input::ChannelSeen(channel, health) => draft.channel_seen(channel, health, now),
        Input::StoreSeen(fault) => draft.session(|session| session.store_fault = fault),
    }
    draft.drop_stale_publications(now);
    draft.drop_stale_errands(now);
    draft.forget_old_ledger(now);
    draft.poll_in_time(now);
    draft.settle_clocks(now);
    draft.settle_ticks(now);
    draft.settle_tickets(now);
    draft.settle_shifts(now);
    draft.settle_alarms(now);
    draft.changes
}

/// The next state in the making, and the changes that lead to it.
struct Draft<'a> {
    before: &'a State,
    state: State,
    changes: Vec<Change>,
    /// How many pages have a notification of their own, once that was counted.
    own_notifications: Option<usize>,
}

impl Draft<'_> {
    fn put(&mut self, change: Change) {
        self.state.apply(&change);
        self.changes.push(change);
    }

    fn session(&mut self, edit: impl FnOnce(&mut Session)) {
        let mut session = self.state.session.clone();
        edit(&mut session);
        if session != self.state.session {
            self.put(Change::Session(Box::new(session)));
        }
    }

    fn page(&mut self, id: &PageId, edit: impl FnOnce(&mut Page)) {
        let Some(known) = self.state.pages.get(id) else { return };
        let mut page = known.clone();
        edit(&mut page);
        if page != *known {
            self.put(Change::Page(Box::new(page)));
        }
    }

    fn alarm(&mut self, key: &AlarmKey, edit: impl FnOnce(&mut Alarm)) {
        let Some(known) = self.state.alarms.get(key) else { return };
        let mut alarm = known.clone();
        edit(&mut alarm);
        if alarm != *known {
            self.put(Change::Alarm(key.clone(), alarm));
        }
    }

    fn job(&mut self, id: JobId, edit: impl FnOnce(&mut Job)) {
        let Some(known) = self.state.jobs.get(&id) else { return };
        let mut job = known.clone();
        edit(&mut job);
        self.put(Change::Job(id, job));
    }

    fn source(&mut self, name: SourceName, source: Source) {
        if source != self.state.sources[name] {
            self.put(Change::Source(name, source));
        }
    }

    fn watch(&mut self, name: SourceName, edit: impl FnOnce(&mut Watch)) {
        let mut watch = self.state.session.watch[name].clone();
        edit(&mut watch);
        if watch != self.state.session.watch[name] {
            self.session(|session| session.watch[name] = watch);
        }
    }

    /// What was noted under a clock that ran ahead is set right (faults.md 24). An answer from the future counts as of
    /// now, so that its age cannot hide that nothing is heard any more; a pause longer than any is none, and so is a wait.
    fn set_right(&mut self, now: Time) {
        let heard = |at: Option<Time>| at.map(|at| at.min(now));
        self.session(|session| {
            session.look_first_until = session.look_first_until.filter(|until| *until - now <= LOOK_FIRST_FOR);
            session.awake_since = session.awake_since.min(now);
        });
        for name in SourceName::ALL {
            self.watch(name, |watch| {
                (watch.last_good_at, watch.refused_since) = (heard(watch.last_good_at), heard(watch.refused_since));
            });
            let source = &self.state.sources[name];
            let not_before = source.not_before.filter(|at| *at - now <= poll::PAUSE_MAX);
            let last_good_at = heard(source.last_good_at);
            self.source(name, Source { not_before, last_good_at, ..source.clone() });
        }
        let known_at = heard(self.state.oncall.known_at);
        if known_at != self.state.oncall.known_at {
            self.put(Change::OnCall(OnCall { known_at, ..self.state.oncall.clone() }));
        }
    }

    /// No question is put off for longer than it may be now.
    fn poll_in_time(&mut self, now: Time) {
        for name in SourceName::ALL {
            if self.state.session.watch[name].poll_at > poll::poll_latest(&self.state, name, now) {
                let soon = now + poll::interval(&self.state, name, now);
                self.watch(name, |watch| watch.poll_at = soon);
            }
        }
    }

    // ---- start, waking, connecting ----

    /// A job whose start is committed may have reached PagerDuty; one that is only ready has not, and is too old to
    /// be carried out unasked. Alarms whose end was not recorded are shown again.
    fn start(&mut self, session: Session, now: Time) {
        self.put(Change::Session(Box::new(session)));
        for (id, job) in self.state.jobs.clone() {
            match job.stage {
                JobStage::Ready => {
                    let said = "Herald stopped before it could ask PagerDuty. Please try again.";
                    self.say(&job, said);
                    self.job_gone(id, &job, EndedHow::Refused, said);
                }
                JobStage::Running | JobStage::Unsure { .. } => {
                    self.job(id, |job| job.stage = JobStage::Unsure { not_before: now, failures: 0 });
                }
            }
        }
        self.publications_after_start(now);
        self.errands_after_start(now);
        for key in self.state.alarms.keys().cloned().collect::<Vec<_>>() {
            self.alarm(&key, |alarm| alarm.next_at = now);
        }
    }

    fn wake(&mut self, now: Time) {
        self.session(|session| {
            session.awake_since = now;
            session.look_first_until = Some(now + LOOK_FIRST_FOR);
            for name in SourceName::ALL {
                let watch = &mut session.watch[name];
                (watch.poll_at, watch.failures, watch.refused_since) = (now, 0, None);
            }
            session.oncall_at = now;
        });
    }

    // ---- what the user wants ----

    fn command(&mut self, command: Command, now: Time) {
        match command {
            Command::Acknowledge { page, triggered_at } => self.ask(Task::Acknowledge { page, triggered_at }, now),
            Command::ClosePage { page, triggered_at, note } => {
                let note = note.map(|note| clean_line(&note, CLOSE_NOTE_MAX)).filter(|note| !note.is_empty());
                self.ask(Task::Close { page, triggered_at, note }, now);
            }
            Command::AnswerHere { page, .. } => self.page(&page, |page| page.answered_here = true),
            Command::Quiet { alarm } => {
                let until = alarm::quiet_end(&self.state, &alarm, now);
                // What reminds seldom does not come back sooner for being made quiet.
                let seldom = matches!(alarm, AlarmKey::Handover { .. });
                self.alarm(&alarm, |alarm| {
                    let after = if seldom { alarm.next_at } else { now };
                    (alarm.quiet_until, alarm.next_at) = (until, until.unwrap_or(now).max(after));
                });
            }
            Command::Unquiet { alarm } => self.alarm(&alarm, |alarm| (alarm.quiet_until, alarm.next_at) = (None, now)),
            Command::PollNow => self.ask_everything_by(|_, _| now),
            Command::Set { patch } => self.set(patch, now),
            Command::TestAlarm => self.put(Change::Alarm(AlarmKey::Test, Alarm::new(now))),
            Command::TestAnswered { seen, heard } => {
                let mut settings = self.state.settings.clone();
                settings.self_test = Some(SelfTest { at: now, seen, heard });
                self.put(Change::Settings(settings));
                self.alarm(&AlarmKey::Test, |alarm| alarm.ending = true);
            }
            Command::Disconnect => {
                self.forget_everything_seen();
                self.put(Change::Account(None));
                self.source(SourceName::PagerDuty, Source::default());
            }
            Command::DisconnectFeed { source } => self.disconnect_feed(source),
            Command::DisconnectSlack => self.put(Change::Slack(None)),
            Command::DisconnectZendesk => self.zendesk(None),
            Command::Incident { wish } => self.incident_wish(*wish, now),
            Command::Shift { wish } => self.shift_wish(*wish, now),
            Command::Ledger { wish } => self.ledger_wish(*wish, now),
            Command::Training { wish } => self.training_wish(*wish, now),
        }
    }

    fn ask(&mut self, task: Task, now: Time) {
        let (page, _) = task.page();
        self.page(&page.clone(), |page| page.note = None);
        let job = Job { task, stage: JobStage::Ready, asked_at: now };
        self.put(Change::Job(self.state.next_job, job));
    }

    fn set(&mut self, patch: SettingsPatch, now: Time) {
        let settings = self.state.settings.clone().with(patch);
        if settings.hotkey != self.state.settings.hotkey {
            // What is known of it is about other keys.
            self.session(|session| {
                session.channels.remove(&Channel::Hotkey);
            });
        }
        if settings != self.state.settings {
            self.put(Change::Settings(settings));
        }
        self.ask_everything_by(|state, source| now + poll::interval(state, source, now));
    }

    /// Puts the next question to each source not later than said.
    fn ask_everything_by(&mut self, latest: impl Fn(&State, SourceName) -> Time) {
        for name in SourceName::ALL {
            let latest = latest(&self.state, name);
            self.watch(name, |watch| watch.poll_at = watch.poll_at.min(latest));
        }
    }
}

#[cfg(test)]
pub(crate) mod tests;
