//! The way from one `herald` process to the one that runs, and from a window to its watch: a socket that only its user
//! can reach. Whoever comes may be broken: nobody there holds Herald up, or takes the descriptors that alarms need.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anyhow::{Context as _, bail};
use herald_door::{LINE_BYTES_MAX, read_line, write_line};
use herald_engine::files::Identity;
#[cfg(unix)]
use interprocess::local_socket::GenericFilePath;
#[cfg(not(unix))]
use interprocess::local_socket::GenericNamespaced;
use interprocess::local_socket::tokio::{Listener, Stream, prelude::*};
use interprocess::local_socket::{ListenerOptions, Name};
use tokio::io::{AsyncBufRead, AsyncWrite, BufReader};
use tokio::sync::Notify;
use tokio::task::AbortHandle;
use tokio::time::timeout;

use crate::door::{Ask, Reply};
use crate::folder;
use crate::window::Window;

/// Longest question, in bytes: a handover that is taken over is a fifth of it.
const ASK_BYTES_MAX: usize = 1024 * 1024;
/// Longest wait for the question of somebody who has come.
const ASK_WAIT_MAX: Duration = Duration::from_secs(5);
/// Longest wait for somebody to take the answer.
const TAKE_WAIT_MAX: Duration = Duration::from_secs(10);
/// Longest wait for the running Herald; one that does not answer by then hangs.
const ANSWER_MAX: Duration = Duration::from_secs(30);
/// Conversations at a time. Each has a descriptor; all others belong to what alarms.
const GUESTS_MAX: usize = 64;

/// Pause between two tries to make a socket.
const AGAIN_EVERY: Duration = Duration::from_secs(2);
/// Its file inside the data folder.
pub(crate) const SOCKET: &str = "herald.sock";

/// Answers what other processes ask.
pub(crate) trait Answers: Clone + Send + Sync + 'static {
    fn answer(&self, ask: Ask) -> impl Future<Output = Reply> + Send;
    /// The window that one of them may turn out to be.
    fn window(&self) -> &Window;
}

/// Serves the socket of this data folder until the process ends: the first that can be made. One whose file is taken
/// away, which nobody is told about, is made again as soon as somebody [looks](Entrance::look).
pub(crate) fn serve(folder: &Path, answers: impl Answers) -> (Entrance, anyhow::Result<()>) {
    let (bound, fault) = match listen_somewhere(folder) {
        Ok(bound) => (Some(bound), Ok(())),
        Err(error) => (None, Err(error)),
    };
    let entrance = Entrance::default();
    entrance.stands_at(bound.as_ref());
    tokio::spawn(keep_listening(folder.to_owned(), bound, entrance.clone(), answers));
    (entrance, fault)
}

/// A socket that is listened to, and which file it is.
struct Bound {
    listener: Listener,
    path: PathBuf,
    identity: Option<Identity>,
}

/// Where others come in.
#[derive(Clone, Default)]
pub(crate) struct Entrance {
    file: Arc<Mutex<Option<Listened>>>,
    lost: Arc<Notify>,
}

/// A socket's name, and which file it led to when it was made.
type Listened = (PathBuf, Option<Identity>);

impl Entrance {
    /// Looks whether others find it, and sees to it that they do. Reads a disk, so nobody who may not wait calls this.
    pub fn look(&self) {
        let file = self.file.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if file.is_some_and(|(path, identity)| cfg!(unix) && Identity::at(&path).ok() != identity) {
            self.lost.notify_one();
        }
    }

    fn stands_at(&self, bound: Option<&Bound>) {
        let file = bound.map(|it| (it.path.clone(), it.identity));
        *self.file.lock().unwrap_or_else(PoisonError::into_inner) = file;
    }
}

fn listen_somewhere(folder: &Path) -> anyhow::Result<Bound> {
    let mut last = None;
    for path in socket_paths(folder) {
        match listen(&path) {
            Ok(listener) => {
                let identity = Identity::at(&path).ok();
                return Ok(Bound { listener, path, identity });
            }
            Err(error) => last = Some(error),
        }
    }
    Err(last.unwrap_or_else(|| anyhow::anyhow!("there is no place for a socket")))
}

fn listen(path: &Path) -> anyhow::Result<Listener> {
    // The folder is ours, so whoever made this file is gone.
    let _ = std::fs::remove_file(path);
    let options = ListenerOptions::new().name(name(path)?).reclaim_name(true);
    #[cfg(unix)]
    let options = {
        use interprocess::os::unix::local_socket::ListenerOptionsExt as _;
        options.mode(0o600)
    };
    options.create_tokio().with_context(|| format!("the socket {} cannot be made", path.display()))
}

async fn keep_listening(folder: PathBuf, mut bound: Option<Bound>, entrance: Entrance, answers: impl Answers) {
    let hall = Hall::default();
    loop {
        let accepted = match &bound {
            Some(it) => tokio::select! {
                accepted = it.listener.accept() => Some(accepted),
                () = entrance.lost.notified() => None,
            },
            None => {
                tokio::time::sleep(AGAIN_EVERY).await;
                None
            }
        };
        match accepted {
            Some(Ok(stream)) => {
                hall.receive(stream, answers.clone());
                // Whoever was sent away for this one goes before the next comes.
                tokio::task::yield_now().await;
            }
            Some(Err(error)) => {
                tracing::warn!(%error, "the control socket failed");
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
            None => {
                // It takes the name away as it ends, so it ends before another is made.
                drop(bound.take());
                bound = listen_somewhere(&folder).ok();
                entrance.stands_at(bound.as_ref());
            }
        }
    }
}

/// Whether somebody answers at a socket of this folder.
pub(crate) fn answers(folder: &Path) -> bool {
    #[cfg(unix)]
    {
        socket_paths(folder).any(|path| std::os::unix::net::UnixStream::connect(path).is_ok())
    }
    #[cfg(not(unix))]
    {
        let _ = folder;
        false
    }
}

/// Who is in conversation. When all places are taken, who has been silent for longest has to go.
#[derive(Clone, Default)]
struct Hall(Arc<Mutex<Guests>>);

#[derive(Default)]
struct Guests {
    came: u64,
    /// Those who have not asked anything yet, in the order in which they came.
    silent: BTreeMap<u64, AbortHandle>,
    asking: usize,
}

impl Hall {
    fn receive(&self, stream: Stream, answers: impl Answers) {
        let mut guests = self.guests();
        if guests.silent.len() + guests.asking >= GUESTS_MAX {
            let Some((_, longest)) = guests.silent.pop_first() else { return };
            longest.abort();
        }
        guests.came += 1;
        let (hall, number) = (self.clone(), guests.came);
        let conversation = tokio::spawn(async move {
            let (from, to) = tokio::io::split(stream);
            let (mut from, mut to) = (BufReader::new(from), to);
            let asked = timeout(ASK_WAIT_MAX, read_line(&mut from, ASK_BYTES_MAX)).await;
            if hall.guests().silent.remove(&number).is_none() {
                return;
            }
            if let Ok(Ok(Some(line))) = asked {
                let _asking = Asking::begin(&hall);
                if let Err(error) = converse(&line, from, &mut to, &answers).await {
                    tracing::debug!(%error, "a conversation ended early");
                }
            }
        });
        guests.silent.insert(number, conversation.abort_handle());
    }

    fn guests(&self) -> MutexGuard<'_, Guests> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A conversation in which something was asked.
struct Asking(Hall);

impl Asking {
    fn begin(hall: &Hall) -> Self {
        hall.guests().asking += 1;
        Self(hall.clone())
    }
}

impl Drop for Asking {
    fn drop(&mut self) {
        self.0.guests().asking -= 1;
    }
}

/// Answers a first question. A window's makes frames of everything that follows.
pub(crate) async fn converse(
    line: &[u8],
    from: impl AsyncBufRead + Unpin + Send + 'static,
    to: &mut (impl AsyncWrite + Unpin + Send),
    answers: &impl Answers,
) -> std::io::Result<()> {
    let reply = match serde_json::from_slice(line) {
        Ok(Ask::Attach { build, pid, visible }) => match answers.window().receive(&build, pid, visible) {
            Ok(seat) => {
                timeout(TAKE_WAIT_MAX, write_line(to, &Reply::Done)).await??;
                return seat.keep(from, to, answers).await;
            }
            Err(refusal) => *refusal,
        },
        Ok(ask) => answers.answer(ask).await,
        Err(_) => Reply::failed("This Herald does not know that request; are both of the same version?"),
    };
    timeout(TAKE_WAIT_MAX, write_line(to, &reply)).await?
}

/// Asks the Herald that runs in `folder`; `None` when none does.
pub(crate) async fn ask(folder: &Path, ask: &Ask) -> anyhow::Result<Option<Reply>> {
    let Some(stream) = connect(folder).await? else { return Ok(None) };
    let exchange = async {
        let (from, mut to) = tokio::io::split(stream);
        write_line(&mut to, ask).await?;
        let Some(line) = read_line(&mut BufReader::new(from), LINE_BYTES_MAX).await? else {
            bail!("the running Herald ended before it answered");
        };
        serde_json::from_slice(&line).context("the running Herald speaks another version")
    };
    let answer = timeout(ANSWER_MAX, exchange).await;
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

/// Inside the data folder, which is private; in the runtime folder where the path is too long for a socket, or nothing
/// can be written inside.
pub(crate) fn socket_paths(folder: &Path) -> impl Iterator<Item = PathBuf> {
    let inside = Some(folder.join(SOCKET)).filter(|path| path.as_os_str().len() <= 100);
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
