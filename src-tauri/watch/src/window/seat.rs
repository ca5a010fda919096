//! The watch's end of the door to a window that is there: questions and answers, the newest view, and a few words.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use herald_core::view::Delta;
use herald_core::{Time, View};
use herald_door::{Frame, LINE_BYTES_MAX, Says, read_line, write_line};
use herald_engine::Shown;
use serde::Serialize;
use tokio::io::{AsyncBufRead, AsyncWrite};
use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};
use tokio::sync::{Semaphore, watch};
use tokio::time::{Instant, sleep_until, timeout};
use ts_rs::TS;

use super::Wish;
use super::life::Event;
use crate::control::Answers;
use crate::door::{Ask, Reply};

/// Questions of a window that are answered at a time.
const ASKED_MAX: usize = 32;
/// Longest that a view may wait to be drawn: a window that needs longer hangs. Loaded machines take seconds.
const DRAWN_MAX: Duration = Duration::from_secs(20);
/// Longest wait for a window to take what it is told.
const TAKE_MAX: Duration = Duration::from_secs(20);

/// What a window is shown. Pictures are numbered, so that it knows whether it has the one before.
#[derive(Serialize, TS)]
#[serde(tag = "is", rename_all = "snake_case")]
pub(crate) enum Told<'a> {
    /// All that there is.
    Whole {
        #[ts(type = "number")]
        nth: u64,
        now: Time,
        view: &'a View,
    },
    /// What differs from the picture before.
    Since {
        #[ts(type = "number")]
        nth: u64,
        now: Time,
        delta: Delta,
    },
}

/// The picture that a window has.
#[derive(Default)]
struct Drawn {
    nth: u64,
    shown: Option<Arc<Shown>>,
}

impl Drawn {
    /// The next picture, for whoever has the last one.
    fn next(&mut self, shown: Arc<Shown>) -> serde_json::Result<Frame> {
        self.nth += 1;
        let (nth, now) = (self.nth, shown.now);
        let told = match &self.shown {
            Some(before) => Told::Since { nth, now, delta: shown.view.since(&before.view)? },
            None => Told::Whole { nth, now, view: &shown.view },
        };
        let frame = Frame::told(Says::Shown, &told);
        self.shown = Some(shown);
        frame
    }

    /// The picture to begin with, which is told in the answer to a greeting.
    fn first(&mut self, shown: &Arc<Shown>) -> Reply {
        self.nth += 1;
        self.shown = Some(Arc::clone(shown));
        welcome(self.nth, Box::new(shown.view.clone()), shown.now)
    }
}

fn welcome(nth: u64, view: Box<View>, now: Time) -> Reply {
    Reply::Hello { nth, view, now, version: env!("CARGO_PKG_VERSION").into() }
}

/// The place of a window at the door.
pub(crate) struct Seat {
    number: u64,
    pushed: UnboundedReceiver<Frame>,
    views: watch::Receiver<Option<Arc<Shown>>>,
    wishes: UnboundedSender<Wish>,
    /// What it has of that; nothing while it knows what is true from elsewhere.
    drawn: Drawn,
    /// Whether what runs in the window listens.
    listens: bool,
    /// By when it should have drawn what it was shown; until then it is shown nothing else.
    drawn_by: Option<Instant>,
}

impl Seat {
    pub(super) fn new(
        number: u64,
        pushed: UnboundedReceiver<Frame>,
        views: watch::Receiver<Option<Arc<Shown>>>,
        wishes: UnboundedSender<Wish>,
    ) -> Self {
        Self { number, pushed, views, wishes, drawn: Drawn::default(), listens: false, drawn_by: None }
    }

    /// Keeps the window until it goes, or says what no window says.
    pub async fn keep(
        mut self,
        mut from: impl AsyncBufRead + Unpin + Send + 'static,
        to: &mut (impl AsyncWrite + Unpin + Send),
        answers: &impl Answers,
    ) -> io::Result<()> {
        let (said, mut lines) = mpsc::channel(ASKED_MAX);
        let reading = tokio::spawn(async move {
            while let Ok(Some(line)) = read_line(&mut from, LINE_BYTES_MAX).await {
                if said.send(line).await.is_err() {
                    return;
                }
            }
        });
        let kept = self.converse(&mut lines, to, answers).await;
        reading.abort();
        self.tell(Event::Detached { seat: self.number });
        kept
    }

    async fn converse(
        &mut self,
        lines: &mut mpsc::Receiver<Vec<u8>>,
        to: &mut (impl AsyncWrite + Unpin),
        answers: &impl Answers,
    ) -> io::Result<()> {
        let (replies, mut answered) = mpsc::channel::<Frame>(ASKED_MAX);
        let room = Arc::new(Semaphore::new(ASKED_MAX));
        loop {
            let late = self.drawn_by;
            let frame = tokio::select! {
                biased;
                pushed = self.pushed.recv() => match pushed {
                    Some(frame) => frame,
                    // Another window has the seat.
                    None => return Ok(()),
                },
                line = lines.recv() => {
                    let Some(line) = line else { return Ok(()) };
                    self.take(&line, answers, &replies, &room)?;
                    continue;
                }
                Some(frame) = answered.recv() => frame,
                changed = self.views.changed(), if self.listens && late.is_none() => {
                    if changed.is_err() {
                        return Ok(());
                    }
                    let shown = self.views.borrow_and_update().clone();
                    let Some(shown) = shown else { continue };
                    self.drawn_by = Some(Instant::now() + DRAWN_MAX);
                    self.drawn.next(shown)?
                }
                () = sleep_until(late.unwrap_or_else(Instant::now)), if late.is_some() => {
                    self.drawn_by = None;
                    self.tell(Event::Hung { seat: self.number });
                    continue;
                }
            };
            timeout(TAKE_MAX, write_line(to, &frame)).await??;
        }
    }

    /// Takes what the window says.
    fn take(
        &mut self,
        line: &[u8],
        answers: &impl Answers,
        replies: &mpsc::Sender<Frame>,
        room: &Arc<Semaphore>,
    ) -> io::Result<()> {
        let frame: Frame = serde_json::from_slice(line)?;
        match frame.says {
            Some(Says::Visible) => self.tell(Event::Visible { seat: self.number }),
            Some(Says::Hidden) => self.tell(Event::Hidden { seat: self.number }),
            Some(Says::Shown | Says::Goto | Says::Open | Says::Go) | None => {}
        }
        let (Some(id), Some(body)) = (frame.id, frame.body) else { return Ok(()) };
        let ask = match serde_json::from_str(body.get()) {
            Ok(Ask::Hello) => {
                (self.listens, self.drawn_by) = (true, None);
                self.tell(Event::Listens { seat: self.number });
                if let Some(shown) = &*self.views.borrow_and_update() {
                    let _ = replies.try_send(Frame::joined(id, &self.drawn.first(shown))?);
                    return Ok(());
                }
                // Nothing was drawn yet: what comes first is told whole.
                self.drawn = Drawn { nth: self.drawn.nth + 1, shown: None };
                Ask::Hello
            }
            Ok(Ask::Drawn) => {
                self.drawn_by = None;
                self.tell(Event::Drawn { seat: self.number });
                let _ = replies.try_send(Frame::joined(id, &Reply::Done)?);
                return Ok(());
            }
            Ok(ask) => ask,
            Err(error) => {
                let unknown = Reply::failed(format!("Herald does not know this question ({error})."));
                let _ = replies.try_send(Frame::joined(id, &unknown)?);
                return Ok(());
            }
        };
        let (answers, replies, room, nth) = (answers.clone(), replies.clone(), Arc::clone(room), self.drawn.nth);
        tokio::spawn(async move {
            let Ok(_room) = room.acquire().await else { return };
            let reply = answer(&answers, ask, nth).await;
            if let Ok(frame) = Frame::joined(id, &reply) {
                let _ = replies.send(frame).await;
            }
        });
        Ok(())
    }

    fn tell(&self, event: Event) {
        let _ = self.wishes.send(Wish::Event(event));
    }
}

async fn answer(answers: &impl Answers, ask: Ask, nth: u64) -> Reply {
    let Ask::Hello = ask else { return answers.answer(ask).await };
    let reply = answers.answer(Ask::Status).await;
    let Reply::Status { view, now, .. } = reply else { return reply };
    welcome(nth, view, now)
}

#[cfg(test)]
mod tests;
