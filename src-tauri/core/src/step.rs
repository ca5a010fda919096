//! What becomes true when something happens: the only place where the state is decided.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::TimeDelta;

use crate::account::Account;
use crate::alarm::{self, Alarm, AlarmKey};
use crate::command::Command;
use crate::job::{Job, JobId, JobResult, JobStage, READ_BACK_FOR, Task, carried_out, still_stands};
use crate::oncall::{OnCall, OnCallEntry};
use crate::page::{Gone, Page, PageId, PageStatus, SeenPage};
use crate::playbook::Playbook;
use crate::poll::{self, RECHECK, REFUSALS_MAX, Snapshot, Source, SourceName};
use crate::settings::{SelfTest, SettingsPatch};
use crate::state::{Change, Channel, Health, LOOK_FIRST_FOR, Session, State};
use crate::{Fault, FaultKind, Time};

/// How long a page that left is remembered in memory.
const REMEMBERED_FOR: TimeDelta = TimeDelta::hours(1);
/// How many missing pages are asked for one by one; beyond that, two full answers decide.
const LOOKS_MAX: usize = 5;
/// Pause before on-call times are asked for again after a failure.
const ONCALL_RETRY: TimeDelta = TimeDelta::seconds(30);
/// On-call times younger than this are not asked for again because of a new page (tight rate limit, APIS.md 1.2).
const ONCALL_FRESH_FOR: TimeDelta = TimeDelta::seconds(30);

/// Something that happened.
#[derive(Clone, Debug, PartialEq)]
pub enum Input {
    /// Herald starts with what the store holds.
    Started(Box<Session>),
    /// The computer woke from suspend.
    Woke,
    /// Time passed.
    Ticked,
    /// The team's rules were read; the notice says what is wrong with a file that could not be used.
    PlaybookRead(Arc<Playbook>),
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
    /// My on-call times were asked for.
    OnCallRead(Result<Vec<OnCallEntry>, Fault>),
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

/// Decides what becomes true. Applying the changes in order to `state` gives the next state.
#[must_use]
pub fn step(state: &State, input: Input, now: Time) -> Vec<Change> {
    let mut draft = Draft { state: state.clone(), changes: vec![] };
    match input {
        Input::Started(session) => draft.start(*session, now),
        Input::Woke => draft.wake(now),
        Input::Ticked => {}
        Input::PlaybookRead(playbook) => draft.put(Change::Playbook(playbook)),
        Input::Noticed(notice) => draft.session(|session| session.notices.push(notice)),
        Input::Connected(account) => draft.connect(account, now),
        Input::Polled { result: Ok(snapshot), jitter } => draft.polled(snapshot, jitter, now),
        Input::Polled { result: Err(fault), jitter } => draft.poll_failed(fault, jitter, now),
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
    draft.settle_alarms(now);
    draft.changes
}

/// The next state in the making, and the changes that lead to it.
struct Draft {
    state: State,
    changes: Vec<Change>,
}

impl Draft {
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

    fn source(&mut self, source: Source) {
        if source != self.state.source {
            self.put(Change::Source(source));
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
                    self.say(&job, "Herald stopped before it could ask PagerDuty. Please try again.");
                    self.put(Change::JobGone(id));
                }
                JobStage::Running | JobStage::Unsure { .. } => {
                    self.job(id, |job| job.stage = JobStage::Unsure { not_before: now, failures: 0 });
                }
            }
        }
        for key in self.state.alarms.keys().cloned().collect::<Vec<_>>() {
            self.alarm(&key, |alarm| alarm.next_at = now);
        }
    }

    fn wake(&mut self, now: Time) {
        self.session(|session| {
            session.awake_since = now;
            session.look_first_until = Some(now + LOOK_FIRST_FOR);
            session.watch.poll_at = now;
            session.watch.failures = 0;
            session.oncall_at = now;
        });
    }

    fn connect(&mut self, account: Account, now: Time) {
        let other = self
            .state
            .account
            .as_ref()
            .is_none_or(|known| (&known.user_id, &known.base_url) != (&account.user_id, &account.base_url));
        if other {
            self.forget_everything_seen();
        }
        self.put(Change::Account(Some(account)));
        self.source(Source::default());
        self.session(|session| {
            session.watch = poll::Watch::new(now);
            session.awake_since = now;
            session.oncall_at = now;
            session.oncall_fault = None;
        });
    }

    fn forget_everything_seen(&mut self) {
        for id in self.state.jobs.keys().copied().collect::<Vec<_>>() {
            self.put(Change::JobGone(id));
        }
        for id in self.state.pages.keys().cloned().collect::<Vec<_>>() {
            self.put(Change::PageForgotten(id));
        }
        self.put(Change::OnCall(OnCall::default()));
        self.session(|session| {
            session.looks.clear();
            session.watch.last_good_at = None;
        });
    }

    // ---- what PagerDuty says ----

    fn polled(&mut self, snapshot: Snapshot, jitter: f64, now: Time) {
        let blind = AlarmKey::Blind { source: SourceName::PagerDuty };
        let was_blind = self.state.alarms.get(&blind).is_some_and(|alarm| alarm.rounds > 0 && !alarm.ending);
        let present: BTreeSet<PageId> = snapshot.pages.iter().map(|seen| seen.id.clone()).collect();
        for seen in snapshot.pages {
            self.see(seen, snapshot.asked_at, now);
        }
        let lacking = if snapshot.complete { self.lacking(&present, snapshot.asked_at, now) } else { false };
        self.forget_old_pages(now);
        self.source(Source { not_before: snapshot.pause_until, last_good_at: None, key_refused: false });
        let interval = if lacking { RECHECK } else { poll::spread(poll::interval(&self.state, now), jitter) };
        self.session(|session| {
            session.look_first_until = None;
            session.watch =
                poll::Watch { last_good_at: Some(now), skipped: snapshot.skipped, ..poll::Watch::new(now + interval) };
        });
        if was_blind {
            self.put(Change::Alarm(AlarmKey::Recovered { source: SourceName::PagerDuty }, Alarm::new(now)));
        }
    }

    /// Takes in what PagerDuty says of one page, unless it was overtaken by a newer answer.
    fn see(&mut self, mut seen: SeenPage, asked_at: Time, now: Time) {
        let id = seen.id.clone();
        let known = self.state.pages.get(&id);
        if known.is_some_and(|known| known.overtakes(&seen, asked_at)) {
            return;
        }
        // Once a page is taken, PagerDuty no longer says when it was triggered; Herald remembers.
        if let Some(known) = known.filter(|_| seen.status != PageStatus::Triggered) {
            seen.triggered_at = known.seen.triggered_at;
        }
        let gone = match (seen.status, seen.assigned_at) {
            (PageStatus::Closed, _) => Some(Gone::Closed),
            (PageStatus::Triggered | PageStatus::Acknowledged, None) => Some(Gone::MovedOn { to: seen.others.clone() }),
            (PageStatus::Triggered | PageStatus::Acknowledged, Some(_)) => None,
        };
        let mut page = match known {
            None if gone.is_some() => return,
            None => Page::new(seen, asked_at),
            Some(known) if known.seen.triggered_at != seen.triggered_at => Page::new(seen, asked_at),
            Some(known) if known.seen != seen => Page { seen, asked_at, missing: 0, ..known.clone() },
            Some(known) => Page { missing: 0, ..known.clone() },
        };
        page.gone = match (gone, page.gone.take()) {
            (Some(gone), Some((_, since))) => Some((gone, since)),
            (Some(gone), None) => Some((gone, now)),
            (None, _) => None,
        };
        if known == Some(&page) {
            return;
        }
        let calls_anew = page.calls()
            && !known.is_some_and(|known| known.calls() && known.seen.triggered_at == page.seen.triggered_at);
        if calls_anew {
            page.grouped = self.notifications_used(&id) >= self.state.playbook.page.notifications_max as usize;
        }
        let grouped = page.grouped;
        self.put(Change::Page(Box::new(page)));
        if calls_anew {
            self.new_call(grouped, now);
        }
    }

    /// A page calls that did not before: its group sounds at once, and whose it is must be known.
    fn new_call(&mut self, grouped: bool, now: Time) {
        if grouped {
            self.alarm(&AlarmKey::MorePages, |alarm| (alarm.next_at, alarm.quiet_until) = (now, None));
        }
        if self.state.oncall.known_at.is_none_or(|known| now - known > ONCALL_FRESH_FOR) {
            self.session(|session| session.oncall_at = session.oncall_at.min(now));
        }
    }

    fn notifications_used(&self, except: &PageId) -> usize {
        let own = |page: &&Page| page.calls() && !page.grouped && page.seen.id != *except;
        // Counting stops at the limit: a storm must not cost the square of its size.
        self.state.alarms.keys().filter(|key| matches!(key, AlarmKey::Page { .. })).count().max(
            self.state.pages.values().filter(own).take(self.state.playbook.page.notifications_max as usize).count(),
        )
    }

    /// Pages that a full answer lacked: asked for one by one, or gone when two answers in a row lacked them
    /// (FAULTS 18). Says whether any is in doubt.
    fn lacking(&mut self, present: &BTreeSet<PageId>, asked_at: Time, now: Time) -> bool {
        let lacks = |page: &&Page| page.gone.is_none() && !present.contains(&page.seen.id) && page.asked_at < asked_at;
        let lacking: Vec<PageId> = self.state.pages.values().filter(lacks).map(|page| page.seen.id.clone()).collect();
        let mut doubt = false;
        for id in lacking {
            let first = self.state.pages.get(&id).is_some_and(|page| page.missing == 0);
            doubt |= first;
            self.page(&id, |page| {
                page.missing = page.missing.saturating_add(1);
                if !first {
                    page.gone = Some((Gone::Missing, now));
                }
            });
            self.session(|session| {
                if first && session.looks.len() < LOOKS_MAX {
                    session.looks.insert(id.clone());
                } else {
                    session.looks.remove(&id);
                }
            });
        }
        doubt
    }

    fn forget_old_pages(&mut self, now: Time) {
        let old = |page: &&Page| {
            page.gone.as_ref().is_some_and(|(_, at)| crate::reached(*at + REMEMBERED_FOR, now, REMEMBERED_FOR))
        };
        let old: Vec<PageId> = self.state.pages.values().filter(old).map(|page| page.seen.id.clone()).collect();
        for id in old {
            self.put(Change::PageForgotten(id));
        }
    }

    fn poll_failed(&mut self, fault: Fault, jitter: f64, now: Time) {
        let watch = self.state.session.watch.clone();
        let failures = watch.failures.saturating_add(1);
        let refusals = if fault.kind == FaultKind::Unauthorized { watch.refusals + 1 } else { 0 };
        let wait = poll::backoff(failures, poll::interval(&self.state, now), jitter);
        self.source(Source {
            not_before: fault.retry_at,
            last_good_at: self.state.last_good_at(SourceName::PagerDuty),
            key_refused: refusals >= REFUSALS_MAX,
        });
        self.session(|session| {
            let poll_at = fault.retry_at.map_or(now + wait, |at| at + poll::spread(TimeDelta::seconds(1), jitter));
            session.watch = poll::Watch { poll_at, failures, refusals, fault: Some(fault), ..watch };
        });
    }

    fn oncall_read(&mut self, result: Result<Vec<OnCallEntry>, Fault>, now: Time) {
        let interval = TimeDelta::seconds(self.state.playbook.pagerduty.oncall_interval_s.into());
        match result {
            Ok(entries) => {
                self.put(Change::OnCall(OnCall { entries, known_at: Some(now) }));
                self.session(|session| (session.oncall_at, session.oncall_fault) = (now + interval, None));
            }
            Err(fault) => self.session(|session| {
                let retry = if fault.kind == FaultKind::Forbidden { interval } else { ONCALL_RETRY };
                session.oncall_at = fault.retry_at.unwrap_or(now + retry);
                session.oncall_fault = Some(fault);
            }),
        }
    }

    fn looked(&mut self, id: &PageId, asked_at: Time, result: Result<SeenPage, Fault>, now: Time) {
        self.session(|session| {
            session.looks.remove(id);
        });
        match result {
            Ok(seen) => self.see(seen, asked_at, now),
            Err(fault) if fault.kind == FaultKind::NotFound => {
                self.page(id, |page| page.gone = Some((Gone::Missing, now)));
            }
            Err(_) => {}
        }
    }

    // ---- what the user wants ----

    fn command(&mut self, command: Command, now: Time) {
        match command {
            Command::Acknowledge { page, triggered_at } => self.ask(Task::Acknowledge { page, triggered_at }, now),
            Command::ClosePage { page, triggered_at } => self.ask(Task::Close { page, triggered_at }, now),
            Command::AnswerHere { page, .. } => self.page(&page, |page| page.answered_here = true),
            Command::Quiet { alarm } => {
                let until = alarm::quiet_end(&self.state, &alarm, now);
                self.alarm(&alarm, |alarm| (alarm.quiet_until, alarm.next_at) = (until, until.unwrap_or(now)));
            }
            Command::Unquiet { alarm } => self.alarm(&alarm, |alarm| (alarm.quiet_until, alarm.next_at) = (None, now)),
            Command::PollNow => self.session(|session| session.watch.poll_at = session.watch.poll_at.min(now)),
            Command::Set { patch } => self.set(patch, now),
            Command::TestAlarm => self.put(Change::Alarm(AlarmKey::Test, Alarm::new(now))),
            Command::TestAnswered { seen, heard } => {
                let mut settings = self.state.settings.clone();
                settings.self_test = Some(SelfTest { at: now, seen, heard });
                self.put(Change::Settings(settings));
            }
            Command::Disconnect => {
                self.forget_everything_seen();
                self.put(Change::Account(None));
                self.source(Source::default());
            }
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
        if settings != self.state.settings {
            self.put(Change::Settings(settings));
        }
        let soon = now + poll::interval(&self.state, now);
        self.session(|session| session.watch.poll_at = session.watch.poll_at.min(soon));
    }

    // ---- what came of jobs ----

    fn job_ended(&mut self, id: JobId, result: JobResult, now: Time) {
        let Some(job) = self.state.jobs.get(&id).cloned() else { return };
        match result {
            JobResult::Done(seen) => self.finish(id, &job, seen, now, None),
            JobResult::Obsolete(seen) => {
                let note = obsolete(&job, &seen);
                self.finish(id, &job, seen, now, Some(note));
            }
            JobResult::Refused(fault) => {
                self.put(Change::JobGone(id));
                self.learn_from(&fault, now);
                self.say(&job, &format!("{}: {}. {}", undone(&job.task), fault.reason(), fault.next_step()));
                self.call_again(&job, now);
            }
            JobResult::Unknown(fault) => {
                self.job(id, |job| job.stage = JobStage::Unsure { not_before: now, failures: 0 });
                self.say(&job, &format!("PagerDuty's answer was lost ({}). Reading the page back.", fault.reason()));
            }
        }
    }

    fn read_back(&mut self, id: JobId, asked_at: Time, result: Result<SeenPage, Fault>, now: Time) {
        let Some(job) = self.state.jobs.get(&id).cloned() else { return };
        let JobStage::Unsure { failures, .. } = job.stage else { return };
        let me = self.state.account.as_ref().map_or(String::new(), |account| account.user_id.clone());
        match result {
            Ok(seen) if carried_out(&job.task, &seen, &me) => self.finish(id, &job, seen, now, None),
            Ok(seen) if still_stands(&job.task, &seen) => {
                self.see(seen, asked_at, now);
                self.put(Change::JobGone(id));
                self.say(&job, &format!("{}: the request did not arrive. Please try again.", undone(&job.task)));
                self.call_again(&job, now);
            }
            Ok(seen) => {
                let note = obsolete(&job, &seen);
                self.finish(id, &job, seen, now, Some(note));
            }
            Err(_) if crate::reached(job.asked_at + READ_BACK_FOR, now, READ_BACK_FOR) => {
                self.put(Change::JobGone(id));
                self.say(&job, "Herald could not find out whether PagerDuty did as asked. Look at the page there.");
                self.call_again(&job, now);
            }
            Err(_) => {
                let wait = poll::backoff(failures + 2, poll::interval(&self.state, now), 0.5);
                let stage = JobStage::Unsure { not_before: now + wait, failures: failures + 1 };
                self.job(id, |job| job.stage = stage);
            }
        }
    }

    fn finish(&mut self, id: JobId, job: &Job, seen: SeenPage, now: Time, note: Option<String>) {
        self.see(seen, now, now);
        self.put(Change::JobGone(id));
        let (page, _) = job.task.page();
        self.page(&page.clone(), |page| page.note = note);
    }

    fn say(&mut self, job: &Job, note: &str) {
        let (page, _) = job.task.page();
        self.page(&page.clone(), |page| page.note = Some(note.to_owned()));
    }

    /// The page calls again at once, so that a failed acknowledgement is heard even when no window is open.
    fn call_again(&mut self, job: &Job, now: Time) {
        let (page, triggered_at) = job.task.page();
        let key = AlarmKey::Page { page: page.clone(), triggered_at };
        self.alarm(&key, |alarm| alarm.next_at = now);
    }

    /// What a refused write says about the key itself.
    fn learn_from(&mut self, fault: &Fault, now: Time) {
        match (fault.kind, &self.state.account) {
            (FaultKind::Forbidden, Some(account)) => {
                let account = Account { read_only: true, ..account.clone() };
                self.put(Change::Account(Some(account)));
            }
            (FaultKind::Unauthorized, _) => self.session(|session| session.watch.poll_at = now),
            _ => {}
        }
    }

    // ---- alarms ----

    fn round_started(&mut self, key: &AlarmKey, now: Time) {
        let next_at = alarm::next_round_at(&self.state, key, now);
        self.alarm(key, |alarm| (alarm.rounds, alarm.next_at, alarm.quiet_until) = (alarm.rounds + 1, next_at, None));
    }

    /// A channel that comes back is given everything that is still wanted.
    fn channel_seen(&mut self, channel: Channel, health: Health, now: Time) {
        let was_dead = matches!(self.state.session.channels.get(&channel), Some(Health::Dead { .. }));
        let back = was_dead && matches!(health, Health::Works { .. }) && channel == Channel::Notifications;
        self.session(|session| {
            session.channels.insert(channel, health);
        });
        if back {
            for key in self.state.alarms.keys().cloned().collect::<Vec<_>>() {
                self.alarm(&key, |alarm| alarm.next_at = alarm.quiet_until.unwrap_or(now));
            }
        }
    }

    /// Makes the alarms what the rest of the state calls for.
    fn settle_alarms(&mut self, now: Time) {
        let wanted: BTreeSet<AlarmKey> = alarm::wanted(&self.state, now).into_iter().collect();
        for key in &wanted {
            if self.state.alarms.get(key).is_none_or(|alarm| alarm.ending) {
                self.put(Change::Alarm(key.clone(), Alarm::new(now)));
            }
        }
        let over: BTreeMap<AlarmKey, Alarm> = self
            .state
            .alarms
            .iter()
            .filter(|(key, alarm)| !alarm.ending && !wanted.contains(key))
            .map(|(k, a)| (k.clone(), a.clone()))
            .collect();
        for (key, alarm) in over {
            let change = if alarm.rounds == 0 {
                Change::AlarmGone(key)
            } else {
                Change::Alarm(key, Alarm { ending: true, ..alarm })
            };
            self.put(change);
        }
    }
}

fn undone(task: &Task) -> &'static str {
    match task {
        Task::Acknowledge { .. } => "Not acknowledged",
        Task::Close { .. } => "Not closed",
    }
}

fn obsolete(job: &Job, seen: &SeenPage) -> String {
    let (_, triggered_at) = job.task.page();
    let who = seen.taken_by.as_ref().map_or("somebody else", |who| who.name.as_str());
    let found = match seen.status {
        PageStatus::Closed => "the page was closed in the meantime".into(),
        PageStatus::Acknowledged => format!("{who} had acknowledged it already"),
        PageStatus::Triggered if seen.triggered_at != triggered_at => {
            "the page was triggered anew in the meantime".into()
        }
        PageStatus::Triggered => "the page changed in the meantime".into(),
    };
    format!("Nothing was written: {found}.")
}
