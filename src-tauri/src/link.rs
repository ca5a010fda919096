//! The window's end of the door: questions go out and answers come back as they are, and what the watch tells.

use std::collections::HashMap;
use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use herald_door::{Attach, BUILD, Frame, Front, LINE_BYTES_MAX, Says, read_line, write_line};
use serde::Deserialize;
use serde_json::value::RawValue;
use tokio::io::{AsyncRead, AsyncWrite, BufReader};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::oneshot;
use tokio::time::timeout;

/// Longest wait to be let in.
const WELCOME_MAX: Duration = Duration::from_secs(10);

/// What the watch tells.
#[derive(Debug)]
pub(crate) enum News {
    /// This is true now.
    Shown(Box<RawValue>),
    /// Look there.
    Goto(Box<RawValue>),
    /// Come to the front.
    Open(Front),
    /// You are not needed any more.
    Go,
}

/// How reaching the watch went.
pub(crate) enum Reached {
    /// It tells things from now on, until it is gone.
    Watch(UnboundedReceiver<News>),
    /// Nobody answers.
    Nobody,
    /// It is of another build.
    OtherBuild,
}

/// Who waits for which answer.
type Asked = Mutex<HashMap<u64, oneshot::Sender<Box<RawValue>>>>;

/// A way to the watch. Cloning it makes another handle to the same one.
#[derive(Clone)]
pub(crate) struct Link {
    frames: UnboundedSender<Frame>,
    asked: Arc<Asked>,
    last: Arc<AtomicU64>,
}

#[derive(Deserialize)]
struct Welcome {
    answer: String,
}

impl Link {
    /// A way to nobody.
    pub fn nowhere() -> (Self, Reached) {
        let (frames, _) = unbounded_channel();
        (Self { frames, asked: Arc::default(), last: Arc::default() }, Reached::Nobody)
    }

    /// Attaches a window over this connection.
    pub async fn over(
        from: impl AsyncRead + Unpin + Send + 'static,
        mut to: impl AsyncWrite + Unpin + Send + 'static,
        visible: bool,
    ) -> (Self, Reached) {
        let mut from = BufReader::new(from);
        let attach = Attach { build: BUILD.into(), pid: std::process::id(), visible };
        let welcome = async {
            write_line(&mut to, &attach).await?;
            let line = read_line(&mut from, LINE_BYTES_MAX).await?.ok_or(io::ErrorKind::UnexpectedEof)?;
            Ok::<Welcome, io::Error>(serde_json::from_slice(&line)?)
        };
        match timeout(WELCOME_MAX, welcome).await {
            Ok(Ok(Welcome { answer })) if answer == "done" => {}
            Ok(Ok(_)) => return (Self::nowhere().0, Reached::OtherBuild),
            Ok(Err(_)) | Err(_) => return Self::nowhere(),
        }
        let (frames, mut going) = unbounded_channel();
        let link = Self { frames, asked: Arc::default(), last: Arc::default() };
        let (news, told) = unbounded_channel();
        let (reader, asked) = (Arc::clone(&link.asked), Arc::clone(&link.asked));
        tokio::spawn(async move {
            while let Ok(Some(line)) = read_line(&mut from, LINE_BYTES_MAX).await {
                let Ok(frame) = serde_json::from_slice::<Frame>(&line) else { break };
                if !take(frame, &reader, &news) {
                    break;
                }
            }
            // Whoever still waits for an answer gets none.
            lock(&reader).clear();
        });
        tokio::spawn(async move {
            while let Some(frame) = going.recv().await {
                if write_line(&mut to, &frame).await.is_err() {
                    break;
                }
            }
            going.close();
            lock(&asked).clear();
        });
        (link, Reached::Watch(told))
    }

    /// Asks the watch; nothing when it is gone.
    pub async fn ask(&self, ask: &serde_json::Value) -> Option<Box<RawValue>> {
        let id = self.last.fetch_add(1, Ordering::Relaxed) + 1;
        let (reply, answer) = oneshot::channel();
        lock(&self.asked).insert(id, reply);
        let frame = Frame::joined(id, ask).ok()?;
        if self.frames.send(frame).is_err() {
            lock(&self.asked).remove(&id);
            return None;
        }
        answer.await.ok()
    }

    /// Tells the watch something in a word.
    pub fn say(&self, says: Says) {
        let _ = self.frames.send(Frame::word(says));
    }
}

/// Hands on what the watch said; says whether anybody listens.
fn take(frame: Frame, asked: &Asked, news: &UnboundedSender<News>) -> bool {
    let body = frame.body;
    if let (Some(id), Some(body)) = (frame.id, &body) {
        if let Some(reply) = lock(asked).remove(&id) {
            let _ = reply.send(body.clone());
        }
        return true;
    }
    let told = match (frame.says, body) {
        (Some(Says::Shown), Some(body)) => News::Shown(body),
        (Some(Says::Goto), Some(body)) => News::Goto(body),
        (Some(Says::Open), body) => {
            News::Open(body.and_then(|body| serde_json::from_str(body.get()).ok()).unwrap_or_default())
        }
        (Some(Says::Go), _) => News::Go,
        // Without what belongs to it, or said by windows.
        (Some(Says::Shown | Says::Goto), None) | (Some(Says::Visible | Says::Hidden) | None, _) => return true,
    };
    news.send(told).is_ok()
}

fn lock<T>(of: &Mutex<T>) -> MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}
