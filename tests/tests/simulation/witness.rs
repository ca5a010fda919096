//! What is remembered of a simulated Herald: what it was told, what it showed and asked, and what its user wished.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use chrono::TimeDelta;
use herald_core::job::JobStage;
use herald_core::poll::{REFUSED_RETRY, interval};
use herald_core::{
    AlarmKey, Announcement, Command, Fault, FaultKind, Input, JobId, JobResult, PageId, PageStatus, SeenPage, Snapshot,
    SourceName, State, Task, Time,
};

use crate::errand_rules::ErrandWitness;
use crate::herald::Herald;
use crate::incident_rules::IncidentWitness;
use crate::world::{ME, Moment, Seq};

/// Lines of the story that are told when a rule is broken.
const STORY_MAX: usize = 60;

/// What an input tells of the world.
#[derive(Clone, Debug, Default)]
pub struct Tidings {
    /// Pages that the answer describes, and as of when.
    pub told: Vec<(PageId, Seq)>,
    /// For a whole list: how the world was when it was begun.
    pub pass: Option<Seq>,
    /// When the question truly was asked.
    pub left_at: Option<Time>,
}

/// Something the user asked for that may be written to PagerDuty once.
#[derive(Clone, Debug)]
pub struct Wish {
    /// What.
    pub task: Task,
    /// When, in true time.
    pub at: Time,
    /// How often it was written.
    pub writes: u32,
}

/// The newest that Herald was told of a page.
#[derive(Clone, Copy, Debug)]
pub struct Told {
    /// As of then.
    pub seq: Seq,
    /// Since when it could not tell which of two answers is the newer, or whether the page is gone.
    pub doubt_since: Option<Time>,
}

/// The memory of the simulation.
pub struct Witness {
    /// The user's wishes, by run of Herald and job.
    pub wishes: BTreeMap<(u32, JobId), Wish>,
    /// Notifications on the screen.
    pub shown: BTreeSet<AlarmKey>,
    /// The newest that Herald was told.
    pub told: BTreeMap<PageId, Told>,
    /// Full lists in a row that lacked a page.
    pub lacks: BTreeMap<PageId, u32>,
    /// How often a page's trigger was announced as new.
    pub announced: BTreeMap<(PageId, Time), u32>,
    /// How often Herald had reason to think that a calling page was gone.
    pub excuses: BTreeMap<PageId, usize>,
    /// How often Herald's memory was lost.
    pub losses: usize,
    /// When each page alarm last sounded, or last had a reason not to.
    pub sounded: BTreeMap<AlarmKey, Time>,
    /// Full lists in a row that were begun and taken in since a page stopped to call.
    pub passes_over: BTreeMap<PageId, (Seq, i32)>,
    /// Full lists taken in.
    pub passes: u32,
    /// The last good answer.
    pub good_at: Time,
    /// The last start or waking.
    pub awake_at: Time,
    /// Whether an answer came since.
    pub looked: bool,
    /// The last jump of the clock.
    pub moved_at: Time,
    /// The longest interval since the last good answer.
    pub interval_max: TimeDelta,
    /// The longest flight of a list since the last calm.
    pub air_max: TimeDelta,
    /// Since when a page calls unannounced under a calm sign.
    pub unseen_since: BTreeMap<(PageId, Time), Time>,
    /// When a list was last asked for, or there was a reason not to.
    pub asks_at: Time,
    /// Failed polls in a row.
    pub failures: u32,
    /// Polls in a row for which the key was refused.
    pub refusals: u32,
    /// No poll before this.
    pub poll_from: Time,
    /// No question at all before this, on PagerDuty's own word.
    pub paused_until: Time,
    /// What is remembered about incidents.
    pub updates: IncidentWitness,
    /// What is remembered about errands.
    pub errands: ErrandWitness,
    /// How many texts were written.
    pub texts: u32,
    story: VecDeque<String>,
}

impl Witness {
    pub fn new(now: Time) -> Self {
        Self {
            wishes: BTreeMap::new(),
            shown: BTreeSet::new(),
            told: BTreeMap::new(),
            lacks: BTreeMap::new(),
            announced: BTreeMap::new(),
            excuses: BTreeMap::new(),
            losses: 0,
            sounded: BTreeMap::new(),
            passes_over: BTreeMap::new(),
            passes: 0,
            good_at: now,
            awake_at: now,
            looked: false,
            moved_at: now,
            interval_max: TimeDelta::zero(),
            air_max: TimeDelta::zero(),
            unseen_since: BTreeMap::new(),
            asks_at: now,
            failures: 0,
            refusals: 0,
            poll_from: now,
            paused_until: now,
            updates: IncidentWitness::default(),
            errands: ErrandWitness::default(),
            texts: 0,
            story: VecDeque::new(),
        }
    }

    /// Adds a line to the story.
    pub fn note(&mut self, now: Time, line: String) {
        let line: String = line.chars().take(400).collect();
        self.story.push_back(format!("{} {line}", now.format("%H:%M:%S%.3f")));
        if self.story.len() > STORY_MAX {
            self.story.pop_front();
        }
    }

    /// The end of the story.
    pub fn story(&self) -> String {
        self.story.iter().map(|line| format!("  {line}\n")).collect()
    }

    /// Herald's clock jumped.
    pub fn clock_moved(&mut self, by: TimeDelta, now: Time) {
        // A clock that is set back by less than a repeat cannot be told from one that is right.
        if by < TimeDelta::zero() && -by < TimeDelta::seconds(31) {
            self.sounded.values_mut().for_each(|since| *since = now.min(*since - by));
        }
        (self.moved_at, self.poll_from, self.paused_until) = (now, now, now);
        self.unseen_since.clear();
        self.updates.clock_moved();
        self.passes_over.values_mut().for_each(|(_, passes)| *passes = -1);
    }

    /// Herald ended; what it could not save is forgotten.
    pub fn died(&mut self, unsaved: bool) {
        if unsaved {
            self.forgets();
        }
        self.updates.died(unsaved);
        self.shown.clear();
    }

    /// Herald starts.
    pub fn started(&mut self, now: Time) {
        self.awake(now);
        self.refusals = if self.refusals >= 2 { 2 } else { 0 };
    }

    /// The computer slept.
    pub fn slept(&mut self, now: Time) {
        self.awake(now);
        // Herald may not know that it slept, so it need not look first.
        (self.looked, self.failures) = (true, 0);
    }

    fn awake(&mut self, now: Time) {
        (self.awake_at, self.looked, self.poll_from, self.failures) = (now, false, now, 0);
        self.sounded.clear();
        self.unseen_since.clear();
        self.updates.awake();
    }

    fn forgets(&mut self) {
        self.told.clear();
        self.lacks.clear();
        self.passes_over.clear();
        self.losses += 1;
        self.refusals = 0;
        self.paused_until = self.awake_at;
    }
}

impl Herald {
    /// Ends the test when a rule is broken.
    pub fn must(&self, holds: bool, why: impl FnOnce() -> String) {
        assert!(holds, "{}\nat {}, after\n{}", why(), self.now().format("%H:%M:%S%.3f"), self.witness.story());
    }

    /// Takes in what Herald has just taken in.
    pub fn learn(&mut self, before: &State, input: &Input, tidings: &Tidings) {
        let now = self.world.now;
        self.jobs_end_visibly(before, input);
        if matches!(input, Input::Polled { .. }) {
            self.witness.asks_at = now;
        }
        match input {
            Input::Polled { result: Ok(Snapshot { fault: Some(fault), pause_until, .. }), .. } => {
                self.learn_pages(tidings);
                self.learn_failure(before, &Fault { retry_at: fault.retry_at.max(*pause_until), ..fault.clone() });
            }
            Input::Polled { result: Ok(snapshot), .. } => self.learn_list(before, snapshot, tidings),
            Input::Polled { result: Err(fault), .. } => self.learn_failure(before, fault),
            Input::Looked { page, result, .. } => {
                self.learn_pages(tidings);
                if result.as_ref().is_err_and(|fault| fault.kind == FaultKind::PageNotShown) {
                    self.in_doubt(page);
                }
                self.learn_pause(result.as_ref().err());
            }
            Input::ReadBack { job, result, .. } => {
                let unsure = |stage: JobStage| matches!(stage, JobStage::Unsure { .. });
                if before.jobs.get(job).is_some_and(|job| unsure(job.stage)) {
                    self.learn_pages(tidings);
                    self.learn_pause(result.as_ref().err());
                }
            }
            Input::JobEnded(job, result) if before.jobs.contains_key(job) => match result {
                JobResult::Done(_) | JobResult::Obsolete(_) => self.learn_pages(tidings),
                JobResult::Refused(fault) => {
                    self.learn_pause(Some(fault));
                    if matches!(fault.kind, FaultKind::Unauthorized | FaultKind::PageNotShown) {
                        self.witness.poll_from = now;
                    }
                }
                JobResult::Unknown(fault) => self.learn_pause(Some(fault)),
            },
            Input::Woke => self.witness.awake(now),
            Input::Connected(_) => {
                (self.witness.poll_from, self.witness.paused_until) = (now, now);
                (self.witness.failures, self.witness.refusals) = (0, 0);
                self.witness.good_at = now;
            }
            Input::User(Command::PollNow | Command::Set { .. }) => self.witness.poll_from = now,
            Input::User(Command::Disconnect) => {
                self.witness.forgets();
                self.witness.poll_from = now;
            }
            Input::Started(_)
            | Input::Ticked
            | Input::PlaybookRead(_)
            | Input::NoRules
            | Input::Noticed(_)
            | Input::ReadLate(_)
            | Input::OnCallRead(_)
            | Input::IssuesRead { .. }
            | Input::PostsRead { .. }
            | Input::TrackerConnected(_)
            | Input::StatusPageConnected(_)
            | Input::SlackConnected(_)
            | Input::ZendeskConnected(_)
            | Input::TicketsCounted(..)
            | Input::WordsRead(..)
            | Input::Practised(_)
            | Input::PublishStarted(_)
            | Input::Errand(..)
            | Input::PublishEnded(..)
            | Input::PostReadBack(..)
            | Input::User(_)
            | Input::JobStarted(_)
            | Input::JobEnded(..)
            | Input::RoundStarted(_)
            | Input::Withdrawn(_)
            | Input::ChannelSeen(..)
            | Input::StoreSeen(_) => {}
        }
        let interval = interval(&self.state, SourceName::PagerDuty, self.now());
        self.witness.interval_max = self.witness.interval_max.max(interval);
        // Where pages have to be watched more closely than before, the next question comes sooner.
        self.witness.poll_from = self.witness.poll_from.min(now + interval);
    }

    fn learn_list(&mut self, before: &State, snapshot: &Snapshot, tidings: &Tidings) {
        let (now, interval) = (self.world.now, interval(&self.state, SourceName::PagerDuty, self.now()));
        self.learn_pages(tidings);
        let listed: BTreeSet<&PageId> = snapshot.pages.iter().map(|seen| &seen.id).collect();
        let listed = |id: &PageId| listed.contains(id);
        let lacking = before.pages.values().any(|page| page.gone.is_none() && !listed(&page.seen.id));
        if snapshot.complete {
            let known: Vec<PageId> = self.witness.told.keys().filter(|id| !listed(id)).cloned().collect();
            for id in known {
                let lacks = self.witness.lacks.entry(id.clone()).or_default();
                *lacks += 1;
                if *lacks >= 2 {
                    self.in_doubt(&id);
                }
            }
            self.witness.passes += 1;
            let began = tidings.pass.unwrap_or_default();
            for (id, page) in self.world.pages().filter(|(_, page)| !page.calls()) {
                let fresh = (page.seq, 0);
                let (since, passes) = self.witness.passes_over.entry(id.clone()).or_insert(fresh);
                if *since != page.seq {
                    (*since, *passes) = fresh;
                }
                *passes += i32::from(began >= page.seq);
            }
        }
        let witness = &mut self.witness;
        let air = tidings.left_at.map_or(TimeDelta::zero(), |left| now - left);
        witness.air_max = witness.air_max.max(air);
        (witness.good_at, witness.looked, witness.interval_max) = (now, true, interval);
        (witness.failures, witness.refusals) = (0, 0);
        witness.poll_from = now + if snapshot.complete && lacking { TimeDelta::seconds(2) } else { interval };
        witness.paused_until = witness.paused_until.max(snapshot.pause_until.map_or(now, |at| at - self.skew));
    }

    fn learn_failure(&mut self, before: &State, fault: &Fault) {
        let (now, interval) = (self.world.now, interval(before, SourceName::PagerDuty, self.now()));
        self.witness.failures += 1;
        let refused = fault.kind == FaultKind::Unauthorized;
        let known = before.sources[SourceName::PagerDuty].key_refused;
        self.witness.refusals =
            if refused { self.witness.refusals + 1 } else { self.witness.refusals * u32::from(known) };
        let least_ms = match self.witness.failures {
            1 => 200,
            n => 500 * 2_i64.pow((n - 1).min(6)),
        };
        let longest = interval.min(TimeDelta::seconds(60));
        let rarely = refused && self.state.sources[SourceName::PagerDuty].key_refused;
        let least = TimeDelta::milliseconds(least_ms).min(longest);
        self.witness.poll_from = now + if rarely { REFUSED_RETRY } else { least };
        self.learn_pause(Some(fault));
    }

    /// PagerDuty's own word on when to ask again counts, whichever answer says it.
    fn learn_pause(&mut self, fault: Option<&Fault>) {
        if let Some(at) = fault.and_then(|fault| fault.retry_at) {
            self.witness.paused_until = self.witness.paused_until.max(at - self.skew);
        }
    }

    fn learn_pages(&mut self, tidings: &Tidings) {
        if self.state.account.is_none() {
            return;
        }
        for (id, seq) in &tidings.told {
            let moment = |seq| self.world.page_at(id, seq);
            let sure = Told { seq: *seq, doubt_since: None };
            let told = match self.witness.told.get(id) {
                None => sure,
                Some(told) => {
                    let later = |since: Time| tidings.left_at > Some(since) && since > self.witness.moved_at;
                    let settled = told.doubt_since.is_some_and(later);
                    let newest = Told { seq: told.seq.max(*seq), ..*told };
                    match (moment(told.seq), moment(*seq)) {
                        (_, Some(_)) if settled => sure,
                        (Some(old), Some(new)) if old.same(new) => newest,
                        // Herald sees only versions and when it asked: within one second it cannot tell.
                        (Some(old), Some(new)) if old.version() == new.version() => {
                            *self.witness.excuses.entry(id.clone()).or_default() += 1;
                            Told { doubt_since: told.doubt_since.or(Some(self.world.now)), ..newest }
                        }
                        (_, Some(_)) if *seq > told.seq => sure,
                        _ => *told,
                    }
                }
            };
            self.witness.told.insert(id.clone(), told);
            self.witness.lacks.remove(id);
        }
    }

    fn in_doubt(&mut self, id: &PageId) {
        let now = self.world.now;
        if let Some(told) = self.witness.told.get_mut(id) {
            told.doubt_since = told.doubt_since.or(Some(now));
        }
        if self.world.page(id).is_some_and(Moment::calls) {
            *self.witness.excuses.entry(id.clone()).or_default() += 1;
        }
    }

    /// A job never just vanishes: PagerDuty shows that it was done, or the page says what came of it.
    fn jobs_end_visibly(&self, before: &State, input: &Input) {
        let forgotten = matches!(input, Input::Connected(_) | Input::User(Command::Disconnect));
        for (id, job) in before.jobs.iter().filter(|(id, _)| !forgotten && !self.state.jobs.contains_key(id)) {
            let shows = |seen: &SeenPage| match job.task {
                Task::Acknowledge { .. } => {
                    seen.status == PageStatus::Acknowledged && seen.taken_by.as_ref().is_some_and(|by| by.id == ME)
                }
                Task::Close { .. } => seen.status == PageStatus::Closed,
            };
            let done = matches!(input, Input::JobEnded(_, JobResult::Done(seen)) if shows(seen))
                || matches!(input, Input::ReadBack { result: Ok(seen), .. } if shows(seen));
            let page = self.state.pages.get(job.task.page().0);
            let told = page.is_none_or(|page| page.note.is_some());
            self.must(done || told, || format!("job {id} ends without a word: {job:?}"));
        }
    }

    /// A round was shown and played.
    pub fn announced(&mut self, round: &[Announcement]) {
        let now = self.world.now;
        self.witness.note(self.now(), format!("announces {:?}", round.iter().map(|it| &it.key).collect::<Vec<_>>()));
        for it in round {
            self.may_announce(&it.key);
            self.witness.shown.insert(it.key.clone());
            self.witness.sounded.insert(it.key.clone(), now);
            match &it.key {
                AlarmKey::Page { page, triggered_at } => {
                    let new = self.state.alarms.get(&it.key).is_some_and(|alarm| alarm.rounds == 1);
                    let times = self.witness.announced.entry((page.clone(), *triggered_at)).or_default();
                    *times += u32::from(new);
                }
                AlarmKey::MorePages => {
                    for page in self.state.pages.values().filter(|page| page.grouped && page.calls()) {
                        let key = (page.seen.id.clone(), page.seen.triggered_at);
                        self.witness.announced.entry(key).or_insert(1);
                    }
                }
                AlarmKey::Update { .. }
                | AlarmKey::Handover { .. }
                | AlarmKey::Maintenance { .. }
                | AlarmKey::Blind { .. }
                | AlarmKey::Recovered { .. }
                | AlarmKey::Test => {}
            }
        }
    }
}
