//! Carries out what waits: every request to PagerDuty and the keychain, each on its own task, each with a deadline.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use herald_core::{Account, Fault, FaultKind, Input, JobId, JobResult, PageId, Task, TokenPlace, WritePermit};

use crate::clock::Clock;
use crate::gate::Gate;
use crate::http::Http;
use crate::keychain::{Keychain, KeychainError};
use crate::pagerduty::{ConnectError, ConnectRequest, Key, Reader, Writer, connect};
use crate::run::{Era, Flight, Message};

/// Runs actions on tokio and sends what came of them back to the loop.
#[derive(Clone)]
pub(crate) struct Runner {
    tokio: tokio::runtime::Handle,
    inbox: Sender<Message>,
    clock: Arc<Clock>,
    gate: Arc<Gate>,
    keychain: Keychain,
    shared: Arc<Mutex<Shared>>,
    era: Arc<AtomicU64>,
}

/// What several actions use.
#[derive(Default)]
struct Shared {
    http: Option<Http>,
    key: Option<Key>,
}

impl Runner {
    pub fn new(tokio: tokio::runtime::Handle, inbox: Sender<Message>, clock: Arc<Clock>, keychain: Keychain) -> Self {
        Self {
            tokio,
            inbox,
            clock,
            gate: Arc::new(Gate::default()),
            keychain,
            shared: Arc::default(),
            era: Arc::default(),
        }
    }

    pub fn gate(&self) -> &Gate {
        &self.gate
    }

    /// The time in which questions are asked now; its end makes all their answers worthless.
    pub fn era(&self) -> Era {
        Era(self.era.load(Ordering::Relaxed))
    }

    /// Begins a new era: another account answers, or the computer slept.
    pub fn begin_era(&self) {
        self.era.fetch_add(1, Ordering::Relaxed);
    }

    // ---- actions of the loop ----

    pub fn poll(&self, account: Account) {
        self.fly(Flight::Poll, async move |runner| {
            let result = runner.read(&account, async |reader| reader.my_pages().await).await;
            Input::Polled { result, jitter: fastrand::f64() }
        });
    }

    pub fn read_oncall(&self, account: Account) {
        self.fly(Flight::OnCall, async move |runner| {
            Input::OnCallRead(runner.read(&account, async |reader| reader.my_oncalls().await).await)
        });
    }

    pub fn look(&self, account: Account, page: PageId) {
        self.fly(Flight::Look(page.clone()), async move |runner| {
            let asked_at = runner.clock.now();
            let result = runner.read(&account, async |reader| reader.page(&page).await).await;
            Input::Looked { page, asked_at, result }
        });
    }

    pub fn read_back(&self, account: Account, job: JobId, task: Task) {
        self.fly(Flight::Job(job), async move |runner| {
            let asked_at = runner.clock.now();
            let (page, _) = task.page();
            let result = runner.read(&account, async |reader| reader.page(page).await).await;
            Input::ReadBack { job, asked_at, result }
        });
    }

    pub fn run(&self, account: Account, job: JobId, task: Task, permit: WritePermit) {
        self.fly(Flight::Job(job), async move |runner| {
            let result = match runner.reader(&account).await {
                Ok(reader) => Writer::new(reader, permit).carry_out(&task).await,
                Err(fault) => JobResult::Refused(fault),
            };
            Input::JobEnded(job, result)
        });
    }

    fn fly<F>(&self, flight: Flight, act: impl FnOnce(Self) -> F)
    where
        F: Future<Output = Input> + Send + 'static,
    {
        let (inbox, era, future) = (self.inbox.clone(), self.era(), act(self.clone()));
        self.tokio.spawn(async move {
            let input = future.await;
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
        let stale =
            matches!(fault.kind, FaultKind::Timeout | FaultKind::Unreachable | FaultKind::Broken | FaultKind::Tls);
        if stale {
            self.shared().http = None;
        }
    }

    async fn reader(&self, account: &Account) -> Result<Reader, Fault> {
        let known = self.shared().key.clone();
        let key = match known {
            Some(key) => key,
            None => self.fetch_key(account).await?,
        };
        Reader::new(self.http()?, account, &key)
    }

    fn http(&self) -> Result<Http, Fault> {
        let mut shared = self.shared();
        if let Some(http) = &shared.http {
            return Ok(http.clone());
        }
        let http = Http::new(Arc::clone(&self.gate), Arc::clone(&self.clock))?;
        shared.http = Some(http.clone());
        Ok(http)
    }

    // ---- the key ----

    async fn fetch_key(&self, account: &Account) -> Result<Key, Fault> {
        let fault = |why: String| Fault::new(FaultKind::NoToken, why);
        if account.token == TokenPlace::ThisSession {
            return Err(fault("it was kept for one session only".into()));
        }
        let token = self.keychain.get().await.map_err(|error| fault(error.to_string()))?;
        let key = Key { kind: account.key, token };
        self.shared().key = Some(key.clone());
        Ok(key)
    }

    /// Tries a key without using it for anything else.
    pub async fn try_key(
        &self,
        request: &ConnectRequest,
        regions: &BTreeMap<String, String>,
    ) -> Result<(Account, Key), ConnectError> {
        let http = self.http().map_err(|fault| ConnectError::failed(fault.reason()))?;
        connect(&http, request, regions).await
    }

    /// Puts the key into the keychain; says where it rests.
    pub async fn keep(&self, key: &Key) -> TokenPlace {
        match self.keychain.set(key.token.clone()).await {
            Ok(()) => TokenPlace::Keychain,
            Err(error) => {
                tracing::warn!(%error, "the key is kept for this session only");
                TokenPlace::ThisSession
            }
        }
    }

    pub fn use_key(&self, key: Key) {
        self.shared().key = Some(key);
    }

    /// Forgets the key, here and in the keychain.
    pub fn forget_key(&self) {
        self.shared().key = None;
        let keychain = self.keychain.clone();
        self.tokio.spawn(async move {
            match keychain.delete().await {
                Ok(()) | Err(KeychainError::None) => {}
                Err(error) => tracing::warn!(%error, "the key stays in the keychain"),
            }
        });
    }

    /// How long PagerDuty takes to answer.
    pub async fn test(&self, account: &Account) -> Result<Duration, Fault> {
        let started = Instant::now();
        self.read(account, async |reader| reader.my_oncalls().await).await?;
        Ok(started.elapsed())
    }

    fn shared(&self) -> MutexGuard<'_, Shared> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
