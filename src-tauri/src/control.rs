//! The way from one `herald` process to the one that runs: a socket that only its user can reach.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, bail};
use herald_core::feed::StatusPage;
use herald_core::{Command, IncidentId, PageId, TokenPlace, View};
use herald_engine::pagerduty::ConnectRequest;
use herald_engine::{ConnectSlack, ConnectStatusPage, ConnectTracker, ConnectZendesk, Connecting};
#[cfg(unix)]
use interprocess::local_socket::GenericFilePath;
#[cfg(not(unix))]
use interprocess::local_socket::GenericNamespaced;
use interprocess::local_socket::tokio::{Listener, Stream, prelude::*};
use interprocess::local_socket::{ListenerOptions, Name};
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};

use crate::folder;
use crate::front::Token;

/// Longest line that is read, in bytes: a view with its hundred cards is far below.
const LINE_BYTES_MAX: u64 = 8 * 1024 * 1024;
/// Longest wait for the running Herald; one that does not answer by then hangs.
const ANSWER_MAX: Duration = Duration::from_secs(30);

/// What one process asks of another.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "ask", rename_all = "snake_case")]
pub(crate) enum Ask {
    /// Show the window.
    Show {
        /// The leave to come to the front that the asking process was given.
        #[serde(default)]
        token: Option<Token>,
    },
    /// Show the window at a page.
    ShowPage {
        page: PageId,
        #[serde(default)]
        token: Option<Token>,
    },
    /// What is true now.
    Status,
    /// Show the composer of an incident, or of the one that is due next.
    Compose {
        incident: Option<IncidentId>,
        #[serde(default)]
        token: Option<Token>,
    },
    /// Do something.
    Command { command: Command },
    /// Connect a service.
    Connect { to: Form },
    /// Ask PagerDuty something small.
    Test,
    /// Look anew whether alarms can be shown, on the way that they take; the next status says what was found.
    Check,
}

/// What connecting a service takes, on its way from one process to the other.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "service", rename_all = "snake_case")]
pub(crate) enum Form {
    /// PagerDuty.
    Pagerduty { token: String, base_url: String, email: Option<String> },
    /// The issue tracker.
    Tracker { base_url: String, project: String, token: Option<String> },
    /// The status page; with its key Herald may write to it.
    StatusPage { page: StatusPage, key: Option<String> },
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
            Form::Slack { webhook, channel } => Self::Slack(ConnectSlack { webhook: webhook.into(), channel }),
            Form::Zendesk { base_url, email, token } => {
                Self::Zendesk(ConnectZendesk { base_url, email, token: token.into() })
            }
            Form::StatusPage { page, key } => Self::StatusPage(ConnectStatusPage { page, key: key.map(Into::into) }),
        }
    }
}

/// What the running process answers.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "answer", rename_all = "snake_case")]
pub(crate) enum Reply {
    /// Done.
    Done,
    /// Not done; the message is for people.
    Refused { message: String },
    /// What is true now.
    Status { view: Box<View>, now: herald_core::Time },
    /// What was connected, in words, and where its key rests.
    Connected { what: String, token: Option<TokenPlace> },
    /// How long PagerDuty took to answer.
    Tested { ms: u64 },
}

/// Answers what other processes ask.
pub(crate) trait Answers: Clone + Send + Sync + 'static {
    fn answer(&self, ask: Ask) -> impl Future<Output = Reply> + Send;
}

/// Serves the socket of this data folder until the process ends: the first that can be made.
pub(crate) fn serve(folder: &Path, answers: impl Answers) -> anyhow::Result<()> {
    let mut last = None;
    for path in socket_paths(folder) {
        match listen(&path) {
            Ok(listener) => {
                tokio::spawn(accept(listener, answers));
                return Ok(());
            }
            Err(error) => last = Some(error),
        }
    }
    Err(last.unwrap_or_else(|| anyhow::anyhow!("there is no place for a socket")))
}

fn listen(path: &Path) -> anyhow::Result<Listener> {
    // The folder's lock is ours, so whoever made this file is gone.
    let _ = std::fs::remove_file(path);
    let options = ListenerOptions::new().name(name(path)?).reclaim_name(true);
    #[cfg(unix)]
    let options = {
        use interprocess::os::unix::local_socket::ListenerOptionsExt as _;
        options.mode(0o600)
    };
    options.create_tokio().with_context(|| format!("the socket {} cannot be made", path.display()))
}

async fn accept(listener: Listener, answers: impl Answers) {
    loop {
        match listener.accept().await {
            Ok(stream) => {
                let answers = answers.clone();
                tokio::spawn(async move {
                    if let Err(error) = converse(&stream, &answers).await {
                        tracing::debug!(%error, "a conversation ended early");
                    }
                });
            }
            Err(error) => {
                tracing::warn!(%error, "the control socket failed");
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
        }
    }
}

async fn converse(stream: &Stream, answers: &impl Answers) -> anyhow::Result<()> {
    let ask = read_line(stream).await?;
    let reply = match serde_json::from_str(&ask) {
        Ok(ask) => answers.answer(ask).await,
        Err(_) => {
            Reply::Refused { message: "This Herald does not know that request; are both of the same version?".into() }
        }
    };
    write_line(stream, &reply).await
}

/// Asks the Herald that runs in `folder`; `None` when none does.
pub(crate) async fn ask(folder: &Path, ask: &Ask) -> anyhow::Result<Option<Reply>> {
    let Some(stream) = connect(folder).await? else { return Ok(None) };
    let exchange = async {
        write_line(&stream, ask).await?;
        let line = read_line(&stream).await?;
        if line.is_empty() {
            bail!("the running Herald ended before it answered");
        }
        serde_json::from_str(&line).context("the running Herald speaks another version")
    };
    let answer = tokio::time::timeout(ANSWER_MAX, exchange).await;
    answer.context("the running Herald does not answer")?.map(Some)
}

async fn connect(folder: &Path) -> anyhow::Result<Option<Stream>> {
    for path in socket_paths(folder) {
        if let Ok(stream) = Stream::connect(name(&path)?).await {
            return Ok(Some(stream));
        }
    }
    Ok(None)
}

async fn read_line(stream: &Stream) -> anyhow::Result<String> {
    let mut line = String::new();
    BufReader::new(stream.take(LINE_BYTES_MAX)).read_line(&mut line).await?;
    Ok(line)
}

async fn write_line(mut stream: &Stream, value: &impl Serialize) -> anyhow::Result<()> {
    let mut line = serde_json::to_string(value)?;
    line.push('\n');
    Ok(stream.write_all(line.as_bytes()).await?)
}

/// Inside the data folder, which is private; in the runtime folder where the path is too long for a socket, or nothing
/// can be written inside.
fn socket_paths(folder: &Path) -> impl Iterator<Item = PathBuf> {
    let inside = Some(folder.join("herald.sock")).filter(|path| path.as_os_str().len() <= 100);
    inside.into_iter().chain(folder::outside(folder, "sock").ok())
}

#[cfg(unix)]
fn name(path: &Path) -> anyhow::Result<Name<'_>> {
    Ok(path.to_fs_name::<GenericFilePath>()?)
}

#[cfg(not(unix))]
fn name(path: &Path) -> anyhow::Result<Name<'_>> {
    Ok(format!("herald-{}", path.display()).replace(['\\', '/', ':'], "-").to_ns_name::<GenericNamespaced>()?)
}

/// Answers everything that needs no screen; also what a one-shot Herald on the command line answers itself.
pub(crate) async fn answer_without_screen(herald: &herald_engine::Herald, ask: Ask) -> Reply {
    match ask {
        Ask::Show { .. } | Ask::ShowPage { .. } | Ask::Compose { .. } => {
            Reply::Refused { message: "There is no window here.".into() }
        }
        // Nothing is shown from here.
        Ask::Check => Reply::Done,
        Ask::Status => {
            let shown = herald.shown();
            Reply::Status { view: Box::new(shown.view.clone()), now: shown.now }
        }
        Ask::Command { command } => match herald.command(command).await {
            Ok(()) => Reply::Done,
            Err(refusal) => Reply::Refused { message: refusal.message().into() },
        },
        Ask::Connect { to } => match herald.connect_any(to.into(), true).await {
            Ok(connected) => Reply::Connected { what: connected.words(), token: connected.token() },
            Err(error) => Reply::Refused { message: error.message },
        },
        Ask::Test => match herald.test_account().await {
            Ok(took) => Reply::Tested { ms: u64::try_from(took.as_millis()).unwrap_or(u64::MAX) },
            Err(fault) => Reply::Refused { message: format!("{}. {}", fault.reason(), fault.next_step()) },
        },
    }
}
