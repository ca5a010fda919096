//! The rules that hold for every history, checked whenever the simulated Herald rests, shows, asks or writes.

use chrono::TimeDelta;
use herald_core::job::JobStage;
use herald_core::poll::interval;
use herald_core::tray::{Sign, sign};
use herald_core::{AlarmKey, JobId, Page, PageId, PageStatus, SourceName, Task, Time, Write, alarm, wake_at};

use crate::herald::Herald;
use crate::net::{Errand, Flight};
use crate::public_model::LEAD;
use crate::world::{PRIMARY, SHADOW, Seq};

/// Longest sleep of the loop.
const SLEEP_MAX: TimeDelta = TimeDelta::seconds(15);
/// Notifications with details at a time.
const DETAILED_MAX: usize = 3;
/// The longest silence of a page that calls: one repeat, and the second in which the loop looks.
const SILENCE_MAX: TimeDelta = TimeDelta::milliseconds(31_500);
/// How long alarms may wait for the first answer.
const LOOK_FIRST: TimeDelta = TimeDelta::milliseconds(3_100);
/// How long they wait when none comes.
const LOOK_FIRST_LEAST: TimeDelta = TimeDelta::milliseconds(2_900);
/// How long a job may hold the alarm of its page.
const HELD_MAX: TimeDelta = TimeDelta::milliseconds(30_100);
/// The time to acknowledge (H21).
const TARGET: TimeDelta = TimeDelta::minutes(15);
/// How long what is known of my on-call times is gone by.
const ONCALL_FRESH_FOR: TimeDelta = TimeDelta::minutes(15);
/// How long a quiet lasts.
const QUIET: TimeDelta = TimeDelta::minutes(5);
/// How long after it was wished for a write may leave: the disk has this long to take its start.
const AT_ONCE: TimeDelta = TimeDelta::seconds(4);
/// Rounding of the loop's own times.
const SLACK: TimeDelta = TimeDelta::milliseconds(2_100);
/// How long a job may be read back: ten minutes, a back-off and a request.
const READ_BACK_MAX: TimeDelta = TimeDelta::seconds(675);
/// Full lists after which a page that stopped to call is known to have stopped.
const PASSES_TO_KNOW: i32 = 3;

impl Herald {
    /// Everything that holds when the loop goes to sleep.
    pub fn at_rest(&mut self) {
        self.nothing_is_forgotten();
        self.told_is_known();
        self.no_job_lingers();
        self.pages_keep_calling();
        self.quiet_ends_in_time();
        self.no_gap_in_the_questions();
        self.no_false_calm();
        self.bounded();
    }

    /// Herald asks again and again, unless PagerDuty wants quiet, refuses the key, or is not connected.
    fn no_gap_in_the_questions(&mut self) {
        let now = self.world.now;
        let asks = self.flights.iter().any(|air| air.flight == Flight::Poll(SourceName::PagerDuty));
        let source = &self.state.sources[SourceName::PagerDuty];
        let paused = source.pause(None, self.now()).is_some();
        if asks || paused || self.state.account.is_none() || source.key_refused {
            self.witness.asks_at = now;
        }
        let from = self.witness.asks_at.max(self.witness.awake_at).max(self.witness.moved_at);
        let from = from.max(self.witness.paused_until);
        let longest = self.witness.interval_max * 11 / 10 + SLACK;
        self.must(now - from <= longest, || format!("nothing is asked since {from}"));
    }

    /// Nothing is due now, nothing becomes due or looks different before the loop wakes by itself.
    fn nothing_is_forgotten(&self) {
        let now = self.now();
        let wake = wake_at(&self.state, now);
        self.must(now < wake && wake <= now + SLEEP_MAX, || format!("the loop wakes soon, not at {wake}"));
        let wanted = |at| alarm::wanted(&self.state, at);
        let ms = TimeDelta::milliseconds(1);
        for at in [now, now + ms, now + (wake - now) / 3, now + (wake - now) * 4 / 5, wake - ms] {
            if at >= wake {
                continue;
            }
            let due = self.due_at(at);
            self.must(due.is_empty(), || format!("due at {at}, before the loop wakes at {wake}: {due:?}"));
            self.must(wanted(at) == wanted(now), || format!("alarms change at {at}, before the loop wakes at {wake}"));
            let same = sign(&self.state, at) == sign(&self.state, now);
            self.must(same, || format!("the sign changes at {at}, before the loop wakes at {wake}"));
        }
    }

    /// Herald believes the newest that it was told, and has announced what calls.
    fn told_is_known(&self) {
        for (id, told) in self.witness.told.iter().filter(|(_, told)| told.doubt_since.is_none()) {
            let Some(truth) = self.world.page_at(id, told.seq) else { continue };
            let known = self.state.pages.get(id);
            let calls = known.is_some_and(Page::calls);
            self.must(calls == truth.calls(), || format!("told {truth:?}, Herald knows {known:?}"));
            let Some(page) = known.filter(|page| page.calls()) else { continue };
            let trigger = page.seen.triggered_at;
            self.must(trigger == truth.occurrence(), || format!("told {truth:?}, Herald knows {page:?}"));
            let announced = self.witness.announced.contains_key(&(id.clone(), trigger));
            let may_wait = self.may_wait(page) || self.is_quiet(&key_of(page));
            self.must(announced || may_wait, || format!("{id} calls and was never announced"));
        }
        for (key, alarm) in self.state.alarms.iter().filter(|(_, alarm)| !alarm.ending) {
            let AlarmKey::Page { page: id, triggered_at } = key else { continue };
            let page = self.state.pages.get(id).filter(|page| page.calls());
            let same = page.is_some_and(|page| page.seen.triggered_at == *triggered_at);
            self.must(same, || format!("{key:?} alarms for nothing: {alarm:?}"));
            let truth = self.world.page(id);
            let passes = self.witness.passes_over.get(id).filter(|(since, _)| truth.is_some_and(|it| it.seq == *since));
            let over = passes.is_some_and(|(_, passes)| *passes >= PASSES_TO_KNOW);
            self.must(!over, || format!("{key:?} alarms though {PASSES_TO_KNOW} lists said otherwise"));
        }
    }

    /// Whether the alarm of a page may wait: for the first answer, or for a job about it.
    fn may_wait(&self, page: &Page) -> bool {
        let now = self.world.now;
        let looking = now - self.witness.awake_at.max(self.witness.moved_at) <= LOOK_FIRST;
        let mut wishes = self.witness.wishes.iter().filter(|((_, job), _)| self.state.jobs.contains_key(job));
        let about = (&page.seen.id, page.seen.triggered_at);
        looking || wishes.any(|(_, wish)| wish.task.page() == about && now - wish.at <= HELD_MAX)
    }

    /// Whether the user wants an alarm to be quiet now.
    fn is_quiet(&self, key: &AlarmKey) -> bool {
        self.state.alarms.get(key).is_some_and(|alarm| alarm.quiet(self.now(), QUIET))
    }

    /// A job is on its way, or waits to be read back; never just there.
    fn no_job_lingers(&self) {
        for (id, job) in &self.state.jobs {
            let flies = self.flights.iter().any(|air| air.flight == Flight::Job(*id));
            let fine = match job.stage {
                JobStage::Ready => false,
                JobStage::Running => flies || self.disk.saving.holds(Write::Job(*id)),
                JobStage::Unsure { .. } => true,
            };
            self.must(fine, || format!("job {id} lingers: {job:?}"));
            let wishes = self.witness.wishes.iter().filter(|((_, it), _)| it == id);
            let wished_at = wishes.map(|(_, wish)| wish.at).max().unwrap_or(self.world.now);
            let witness = &self.witness;
            let from = wished_at.max(witness.awake_at).max(witness.moved_at).max(witness.paused_until);
            let late = self.world.now - from > READ_BACK_MAX;
            self.must(!late, || format!("job {id} is not given up: {job:?}"));
        }
    }

    /// Only what is mine, and can be saved, is promised to be written.
    pub fn may_wish(&self, task: &Task) {
        let saves = self.state.session.store_fault.is_none();
        self.must(saves, || format!("{task:?} is promised while nothing can be saved"));
        let mine = self.state.pages.get(task.page().0).is_some_and(|page| self.is_mine(page));
        self.must(mine, || format!("{task:?} is promised though the page is not mine"));
    }

    /// After waking, the first thing is to look; what was asked for before does not count.
    pub fn looks_at_once(&self) {
        let asks = self
            .flights
            .iter()
            .any(|air| air.flight == Flight::Poll(SourceName::PagerDuty) && air.left_at >= self.witness.awake_at);
        let source = &self.state.sources[SourceName::PagerDuty];
        let may_not = self.state.account.is_none() || source.not_before.is_some();
        self.must(asks || may_not, || "Herald woke and does not look".into());
    }

    /// A page that calls sounds again and again, unless the user or a job has it quiet.
    fn pages_keep_calling(&mut self) {
        let now = self.world.now;
        let mut calling: Vec<AlarmKey> = vec![];
        for page in self.state.pages.values().filter(|page| page.calls()) {
            let key = key_of(page);
            if self.may_wait(page) || self.is_quiet(&key) {
                self.witness.sounded.insert(key.clone(), now);
            }
            calling.push(key);
        }
        self.witness.sounded.retain(|key, _| calling.contains(key));
        for key in calling {
            let since = *self.witness.sounded.entry(key.clone()).or_insert(now);
            self.must(now - since <= SILENCE_MAX, || format!("{key:?} has been silent since {since}"));
            // What a crash took from the screen is shown again.
            let shown = self.witness.shown.contains(&key) || since == now;
            let clock_moved = now - self.witness.moved_at <= SILENCE_MAX;
            self.must(shown || clock_moved, || format!("{key:?} is not on the screen"));
        }
    }

    /// For a page that is mine no quiet outlives the time to acknowledge.
    fn quiet_ends_in_time(&self) {
        let now = self.now();
        for (key, alarm) in self.state.alarms.iter().filter(|(_, alarm)| !alarm.ending) {
            let about = |page: &&Page| match key {
                AlarmKey::Page { page: id, .. } => page.seen.id == *id,
                AlarmKey::MorePages => page.grouped && page.calls(),
                AlarmKey::Update { .. }
                | AlarmKey::Handover { .. }
                | AlarmKey::Maintenance { .. }
                | AlarmKey::Blind { .. }
                | AlarmKey::Recovered { .. }
                | AlarmKey::Test => false,
            };
            let late = |page: &Page| page.seen.triggered_at + TARGET <= now && !self.only_watched(page);
            let late = self.state.pages.values().filter(about).any(|page| late(page) && !self.may_wait(page));
            self.must(!late || !self.is_quiet(key), || format!("{key:?} is quiet beyond the target: {alarm:?}"));
        }
    }

    /// Nothing old looks calm for longer than two intervals, and no page that calls hides under a calm sign (I1).
    fn no_false_calm(&mut self) {
        let (now, herald_now) = (self.world.now, self.now());
        let sign = sign(&self.state, herald_now);
        let calm = match sign {
            Sign::Page | Sign::Overdue | Sign::Blind => false,
            Sign::DueSoon | Sign::Open | Sign::Shadow | Sign::Quiet => true,
        };
        let two = self.witness.interval_max.max(interval(&self.state, SourceName::PagerDuty, herald_now)) * 2;
        let from = self.witness.good_at.max(self.witness.awake_at).max(self.witness.moved_at);
        self.must(!calm || now - from <= two + SLACK, || format!("{sign:?}, but nothing was heard since {from}"));
        if !calm {
            self.witness.unseen_since.clear();
            self.witness.air_max = TimeDelta::zero();
            return;
        }
        let unseen: Vec<(PageId, Time)> = self
            .world
            .pages()
            .filter(|(_, page)| page.calls())
            .map(|(id, page)| (id.clone(), page.occurrence()))
            .filter(|key| !self.witness.announced.contains_key(key))
            .collect();
        self.witness.unseen_since.retain(|key, _| unseen.contains(key));
        let longest = two + SLACK + self.witness.air_max;
        for key in unseen {
            let since = *self.witness.unseen_since.entry(key.clone()).or_insert(now);
            self.must(now - since <= longest, || {
                format!("{key:?} calls unseen since {since}, and the sign is {sign:?}")
            });
        }
    }

    /// Everything has a limit, and nothing of a forgotten account stays.
    fn bounded(&self) {
        let (alarms, pages) = (self.state.alarms.len(), self.state.pages.len());
        self.must(alarms <= pages + self.state.incidents.len() + 8, || format!("{alarms} alarms for {pages} pages"));
        let detailed = self.witness.shown.iter().filter(|key| matches!(key, AlarmKey::Page { .. })).count();
        self.must(detailed <= DETAILED_MAX, || format!("{detailed} detailed notifications are shown"));
        for key in &self.witness.shown {
            self.must(self.state.alarms.contains_key(key), || format!("{key:?} is shown and will never be taken away"));
        }
        let nothing = pages == 0 && self.state.jobs.is_empty();
        self.must(self.state.account.is_some() || nothing, || "a forgotten account has pages or jobs".into());
    }

    /// An alarm is announced only for what calls as far as Herald was told, once as new for each occurrence, and not
    /// before Herald has looked.
    pub fn may_announce(&self, key: &AlarmKey) {
        let AlarmKey::Page { page: id, triggered_at } = key else { return };
        self.must(self.world.ever_called(id, *triggered_at), || format!("{key:?} never called"));
        let told = self.witness.told.get(id).filter(|told| told.doubt_since.is_none());
        if let Some(truth) = told.and_then(|told| self.world.page_at(id, told.seq)) {
            let calls = truth.calls() && truth.occurrence() == *triggered_at;
            self.must(calls, || format!("{key:?} is announced after it was told to be over: {truth:?}"));
        }
        let witness = &self.witness;
        let looked = witness.looked || self.world.now - witness.awake_at >= LOOK_FIRST_LEAST;
        self.must(looked || witness.moved_at >= witness.awake_at, || format!("{key:?} is announced before looking"));
        let new = self.state.alarms.get(key).is_some_and(|alarm| alarm.rounds == 1);
        let before = witness.announced.get(&(id.clone(), *triggered_at)).copied().unwrap_or(0) as usize;
        let excuses = witness.excuses.get(id).copied().unwrap_or(0) + witness.losses;
        let most = self.world.calls_of(id, *triggered_at) + excuses;
        self.must(!new || before < most, || format!("{key:?} is announced as new for the {}th time", before + 1));
    }

    /// Nothing is asked without an account, with a refused key but to try it, before PagerDuty's pause is over, or too fast.
    pub fn asks(&self, errand: &Errand) {
        let (now, witness) = (self.world.now, &self.witness);
        self.asks_a_feed(errand);
        if errand.goes_elsewhere() {
            return;
        }
        self.must(self.state.account.is_some(), || format!("no account, but {errand:?}"));
        let tries = matches!(errand, Errand::Run { .. } | Errand::ReadBack(..) | Errand::Poll(_));
        let refused = self.state.sources[SourceName::PagerDuty].key_refused;
        self.must(tries || !refused, || format!("the key is refused, but {errand:?}"));
        self.must(!refused || witness.refusals >= 2, || "the key is given up after one refusal".into());
        let wished = matches!(errand, Errand::Run { .. });
        let until = witness.paused_until - SLACK;
        self.must(wished || now >= until, || format!("PagerDuty wants quiet until {until}, but {errand:?}"));
        let (poll, from) = (matches!(errand, Errand::Poll(_)), witness.poll_from);
        self.must(!poll || now >= from, || format!("after {} failures, no poll before {from}", witness.failures));
    }

    /// A job leaves as soon as its start is on disk, or never.
    pub fn job_leaves(&self, job: JobId, task: &Task) {
        let wish = self.witness.wishes.get(&(self.boot, job));
        let at_once = wish.is_some_and(|wish| wish.task == *task && self.world.now - wish.at <= AT_ONCE);
        self.must(at_once, || format!("job {job} was not wished for just now: {wish:?}"));
    }

    /// A write arrives at most once for each wish, fresh, for a page that is mine and stood as the user saw it when
    /// it was read. What changes between the reading and the writing nobody can know.
    pub fn write_arrives(&mut self, job: JobId, task: &Task, read: Seq) {
        let (page, triggered_at) = task.page();
        let now = self.world.now;
        let wish = self.witness.wishes.get_mut(&(self.boot, job)).map(|wish| {
            wish.writes += 1;
            wish.clone()
        });
        let once = wish.as_ref().is_some_and(|wish| wish.writes == 1 && wish.task == *task);
        self.must(once, || format!("job {job} writes again, or without a wish: {wish:?}"));
        let fresh = wish.is_some_and(|wish| now - wish.at <= AT_ONCE + TimeDelta::seconds(20));
        self.must(fresh, || format!("job {job} writes long after it was wished for"));
        let truth = self.world.page_at(page, read);
        let stood = truth.is_some_and(|truth| match (task, truth.status) {
            _ if truth.mine.is_none() => false,
            (_, PageStatus::Triggered) => truth.occurrence() == triggered_at,
            (Task::Close { .. }, PageStatus::Acknowledged) => true,
            (Task::Acknowledge { .. }, PageStatus::Acknowledged) | (_, PageStatus::Closed) => false,
        });
        self.must(stood, || format!("{task:?} is written though the page was read as {truth:?}"));
        let mine = self.state.pages.get(page).is_some_and(|page| self.is_mine(page));
        self.must(mine, || format!("{task:?} is written for a page that is not mine"));
    }

    /// At the end, when nothing is wrong any more: what Herald knows and shows is what is true.
    pub fn all_is_well(&self) {
        let truth: Vec<(&PageId, Time)> =
            self.world.pages().filter(|(_, page)| page.calls()).map(|(id, page)| (id, page.occurrence())).collect();
        let calling = self.state.pages.values().filter(|page| page.calls());
        let known: Vec<(&PageId, Time)> = calling.map(|page| (&page.seen.id, page.seen.triggered_at)).collect();
        self.must(known == truth, || format!("{truth:?} call, and Herald knows {known:?}"));
        for (id, triggered_at) in truth {
            let announced = self.witness.announced.contains_key(&(id.clone(), triggered_at));
            let quiet = self.state.pages.get(id).is_some_and(|page| self.is_quiet(&key_of(page)));
            self.must(announced || quiet, || format!("{id} calls and was never announced"));
        }
        let left = &self.state.jobs;
        self.must(left.is_empty(), || format!("jobs are left: {left:?}"));
        self.must(!self.disk.lags(), || "what is true is still not saved".into());
        self.compare(&self.state);
        self.incidents_are_well();
        let due = self.witness.updates.model.due(&self.state);
        let nearest = due.values().min().copied();
        let open = |page: &crate::world::Moment| page.status != PageStatus::Closed && page.mine.is_some();
        let expected = match known.first() {
            Some(_) => Sign::Page,
            None if nearest.is_some_and(|at| at <= self.now()) => Sign::Overdue,
            None if nearest.is_some_and(|at| at - LEAD <= self.now()) => Sign::DueSoon,
            None if nearest.is_some() => Sign::Open,
            None if self.world.pages().any(|(_, page)| open(page)) => Sign::Open,
            None if self.state.settings.shadow => Sign::Shadow,
            None => Sign::Quiet,
        };
        let sign = sign(&self.state, self.now());
        // Whether nothing is hollow depends on on-call times that may be asked for again only later.
        let hollow = expected == Sign::Quiet && sign == Sign::Shadow;
        self.must(sign == expected || hollow, || format!("the sign is {sign:?}, not {expected:?}"));
    }

    /// Whether I answer a page, told anew from what Herald knows.
    fn is_mine(&self, page: &Page) -> bool {
        if page.seen.assigned_at.is_none() {
            return false;
        }
        let answers = page.seen.via_policy && self.on(PRIMARY);
        !self.only_watched(page) && (answers || page.answered_here)
    }

    /// Whether I only watch it.
    fn only_watched(&self, page: &Page) -> bool {
        let read_only = self.state.account.as_ref().is_some_and(|account| account.read_only);
        let shadowed = page.seen.via_policy && self.on(SHADOW) && !self.on(PRIMARY);
        self.state.settings.shadow || read_only || shadowed
    }

    /// Whether I am known to be on this schedule, by what was read not long ago.
    fn on(&self, schedule: &str) -> bool {
        let oncall = &self.state.oncall;
        let session = &self.state.session;
        let lately = oncall.known_at.is_some_and(|at| {
            let since_awake = at >= session.awake_since && session.oncall_fault.is_none();
            since_awake || self.now() - at <= ONCALL_FRESH_FOR
        });
        lately && oncall.entries.iter().any(|entry| entry.schedule.as_ref().is_some_and(|it| it.id == schedule))
    }
}

/// The alarm that a page has, its own or that of its group.
fn key_of(page: &Page) -> AlarmKey {
    let (id, triggered_at) = (page.seen.id.clone(), page.seen.triggered_at);
    if page.grouped { AlarmKey::MorePages } else { AlarmKey::Page { page: id, triggered_at } }
}
