//! Carries out what waits: every request to PagerDuty and the keychain, each on its own task, each with a deadline.

mod errands;
mod feeds;
mod issue;
mod slack;
mod zendesk;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use herald_core::feed::Tracker;
use herald_core::{
    Account, Fault, FaultKind, Input, JobId, JobResult, Page, PageId, Permit, Snapshot, SourceName, Task,
};
use tokio::task::JoinHandle;

use crate::clock::Clock;
use crate::gate::Gate;
use crate::gitlab::Kept;
use crate::http::Http;
use crate::keychain;
use crate::keys::{KeyName, Keys};
use crate::pagerduty::{ConnectError, ConnectRequest, Key, Known, LastLists, Reader, Writer, connect};
use crate::run::{Era, Flight, Message};
use crate::schedules::ScheduleChoice;
use crate::status_page::Pace;
use crate::watchdog::Inbox;

/// Runs actions on tokio and sends what came of them back to the loop.
#[derive(Clone)]
pub(crate) struct Runner {
    tokio: tokio::runtime::Handle,
    inbox: Inbox,
    clock: Arc<Clock>,
    gate: Arc<Gate>,
    keys: Arc<Keys>,
    http: Arc<Mutex<Option<Http>>>,
    era: Arc<AtomicU64>,
    pace: Pace,
    kept: Arc<Mutex<Option<(Tracker, Kept)>>>,
    last_lists: Arc<Mutex<LastLists>>,
}

impl Runner {
    pub fn new(tokio: tokio::runtime::Handle, inbox: Inbox, clock: Arc<Clock>, keys: Keys, gate: Gate) -> Self {
        let (gate, keys) = (Arc::new(gate), Arc::new(keys));
        let (http, era, kept, last_lists) = (Arc::default(), Arc::default(), Arc::default(), Arc::default());
        Self { tokio, inbox, clock, gate, keys, http, era, pace: Pace::default(), kept, last_lists }
    }

    pub fn gate(&self) -> &Gate {
        &self.gate
    }

    /// The time in which questions are asked now; its end makes all their answers worthless.
    pub fn era(&self) -> Era {
        Era(self.era.load(Ordering::Relaxed))
    }

    /// Begins a new era: another account answers, or the computer slept. The connections of the old one may be dead,
    /// and their own idea of how long they were idle stood still meanwhile (faults.md 16, 25).
    pub fn begin_era(&self) {
        self.era.fetch_add(1, Ordering::Relaxed);
        *self.shared_http() = None;
        *self.last_lists.lock().unwrap_or_else(PoisonError::into_inner) = LastLists::default();
    }

    /// What lists held, in this era: what they are for me changes with who I am.
    fn last_lists(&self) -> LastLists {
        self.last_lists.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    // ---- actions of the loop ----

    pub fn poll(&self, account: Account, known: Known) {
        let lost = |fault| Input::Polled { result: Err(fault), jitter: 0.5 };
        let last = self.last_lists();
        self.fly(Flight::Poll(SourceName::PagerDuty), lost, async move |runner| {
            let result = runner.read(&account, async |reader| reader.my_pages(&known, &last).await).await;
            if let Ok(Snapshot { fault: Some(fault), .. }) = &result {
                runner.after(fault);
            }
            Input::Polled { result, jitter: fastrand::f64() }
        });
    }

    pub fn read_oncall(&self, account: Account) {
        let lost = |fault| Input::OnCallRead(Err(fault));
        self.fly(Flight::OnCall, lost, async move |runner| {
            Input::OnCallRead(runner.read(&account, async |reader| reader.my_oncalls().await).await)
        });
    }

    pub fn look(&self, account: Account, page: PageId, known: Option<Page>) {
        let (asked_at, looked) = (self.clock.now(), page.clone());
        let lost = move |fault| Input::Looked { page: looked, asked_at, result: Err(fault) };
        self.fly(Flight::Look(page.clone()), lost, async move |runner| {
            let result = runner.read(&account, async |reader| reader.page(&page, known.as_ref()).await).await;
            Input::Looked { page, asked_at, result }
        });
    }

    /// What the alerts of a page say, for the incident it calls for.
    pub fn read_words(&self, account: Account, page: PageId) {
        let asked = page.clone();
        let lost = move |fault| Input::WordsRead(asked, Err(fault));
        self.fly(Flight::Words(page.clone()), lost, async move |runner| {
            let result = runner.read(&account, async |reader| reader.words(&page).await).await;
            Input::WordsRead(page, result)
        });
    }

    pub fn read_back(&self, account: Account, job: JobId, task: Task, known: Option<Page>) {
        let asked_at = self.clock.now();
        let lost = move |fault| Input::ReadBack { job, asked_at, result: Err(fault) };
        self.fly(Flight::Job(job), lost, async move |runner| {
            let (page, _) = task.page();
            let result = runner.read(&account, async |reader| reader.page(page, known.as_ref()).await).await;
            Input::ReadBack { job, asked_at, result }
        });
    }

    pub fn run(&self, account: Account, job: JobId, task: Task, permit: Permit, known: Page) {
        let lost = move |fault| Input::JobEnded(job, JobResult::Unknown(fault));
        self.fly(Flight::Job(job), lost, async move |runner| {
            let result = match runner.reader(&account).await {
                Ok(reader) => Writer::new(reader, permit, known).carry_out(job, &task).await,
                Err(fault) => JobResult::Refused(fault),
            };
            if let JobResult::Refused(fault) | JobResult::Unknown(fault) = &result {
                runner.after(fault);
            }
            Input::JobEnded(job, result)
        });
    }

    /// Carries out an action beside the loop. One that ends without an answer, by a bug of ours, lands as `lost`: it
    /// would be under way for ever otherwise, and never be begun again.
    fn fly<F>(&self, flight: Flight, lost: impl FnOnce(Fault) -> Input + Send + 'static, act: impl FnOnce(Self) -> F)
    where
        F: Future<Output = Input> + Send + 'static,
    {
        let (inbox, era, task) = (self.inbox.clone(), self.era(), self.tokio.spawn(act(self.clone())));
        self.tokio.spawn(async move {
            let ended = |_| lost(Fault::new(FaultKind::Broken, "Herald could not read the answer"));
            let input = task.await.unwrap_or_else(ended);
            let _ = inbox.send(Message::Landed(flight, era, input));
        });
    }

    async fn read<T>(&self, account: &Account, ask: impl AsyncFnOnce(Reader) -> Result<T, Fault>) -> Result<T, Fault> {
        let result = match self.reader(account).await {
            Ok(reader) => ask(reader).await,
            Err(fault) => Err(fault),
        };
        if let Err(fault) = &result {
            self.after(fault);
        }
        result
    }

    /// Connections that failed are not used again, and the proxy settings are read anew.
    fn after(&self, fault: &Fault) {
        let stale = matches!(
            fault.kind,
            FaultKind::Timeout | FaultKind::Unreachable | FaultKind::Broken | FaultKind::Tls | FaultKind::Local
        );
        if stale {
            *self.shared_http() = None;
        }
    }

    async fn reader(&self, account: &Account) -> Result<Reader, Fault> {
        let token = self.keys.get(KeyName::PagerDuty, account.token).await?;
        Reader::new(self.http()?, account, &Key { kind: account.key, token })
    }

    fn http(&self) -> Result<Http, Fault> {
        let mut shared = self.shared_http();
        if let Some(http) = &*shared {
            return Ok(http.clone());
        }
        let http = Http::new(Arc::clone(&self.gate), Arc::clone(&self.clock))?;
        *shared = Some(http.clone());
        Ok(http)
    }

    /// Does what blocks on a thread of its own.
    pub fn beside<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> JoinHandle<T> {
        self.tokio.spawn_blocking(work)
    }

    // ---- keys ----

    /// Tries a key without using it for anything else.
    pub async fn try_key(
        &self,
        request: &ConnectRequest,
        regions: &BTreeMap<String, String>,
    ) -> Result<(Account, Key), ConnectError> {
        let http = self.http().map_err(|fault| ConnectError::failed(fault.reason()))?;
        connect(&http, request, regions).await
    }

    pub fn keys(&self) -> &Keys {
        &self.keys
    }

    /// Forgets a key, here and in the keychain.
    pub fn forget_key(&self, name: KeyName) {
        let keys = Arc::clone(&self.keys);
        self.tokio.spawn(async move { keys.forget(name).await });
    }

    /// How long PagerDuty takes to answer.
    pub async fn test(&self, account: &Account) -> Result<Duration, Fault> {
        keychain::ask_again();
        let started = Instant::now();
        self.read(account, async |reader| reader.my_oncalls().await).await?;
        Ok(started.elapsed())
    }

    /// Which schedules feed my escalation policies.
    pub async fn schedules(&self, account: &Account) -> Result<Vec<ScheduleChoice>, Fault> {
        self.read(account, async |reader| reader.my_schedules().await).await
    }

    fn shared_http(&self) -> MutexGuard<'_, Option<Http>> {
        self.http.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;
    use std::sync::mpsc::{Receiver, channel};

    use super::*;

    fn runner(tokio: &tokio::runtime::Runtime) -> (Runner, Receiver<Message>) {
        let (inbox, messages) = channel();
        let keys = Keys::new(PathBuf::from("nowhere"));
        (
            Runner::new(tokio.handle().clone(), Inbox::new(inbox), Arc::new(Clock::start()), keys, Gate::default()),
            messages,
        )
    }

    #[test]
    fn an_action_that_ends_without_an_answer_lands_all_the_same() {
        let tokio = tokio::runtime::Runtime::new().expect("threads");
        let (runner, messages) = runner(&tokio);
        let lost = |fault| Input::OnCallRead(Err(fault));
        runner.fly(Flight::OnCall, lost, async |_| if true { panic!("a bug") } else { Input::Ticked });
        let landed = messages.recv_timeout(Duration::from_secs(20)).expect("it lands");
        let Message::Landed(Flight::OnCall, _, Input::OnCallRead(Err(fault))) = landed else { panic!("of its kind") };
        assert_eq!(fault.kind, FaultKind::Broken);
    }

    #[test]
    fn an_era_begins_with_fresh_connections() {
        let tokio = tokio::runtime::Runtime::new().expect("threads");
        let (runner, _messages) = runner(&tokio);
        runner.http().expect("a client");
        assert!(runner.shared_http().is_some(), "kept for the next question");
        runner.begin_era();
        assert!(runner.shared_http().is_none(), "not over a connection from before the sleep");
    }
}
