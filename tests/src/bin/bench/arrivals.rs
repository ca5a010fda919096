//! A notification daemon that notes when each call reaches it, before anything of it is read: what a daemon makes of a
//! notification is no matter of whoever sends it.

use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use herald_tests::Desktop;
use herald_tests::wait;
use zbus::export::futures_core::Stream as _;
use zbus::message::Type;
use zbus::{Connection, Message, MessageStream};

const NAME: &str = "org.freedesktop.Notifications";
const PATH: &str = "/org/freedesktop/Notifications";

/// The daemon.
pub struct Arrivals {
    came: Came,
    _connection: Connection,
}

/// What is on the screen, by its id: when it came, and its bytes.
type Came = Arc<Mutex<BTreeMap<u32, (Instant, Vec<u8>)>>>;

impl Arrivals {
    pub async fn start(desktop: &Desktop) -> Result<Self> {
        let connection = desktop.session_bus()?.build().await?;
        let (calls, came) = (MessageStream::from(&connection), Came::default());
        connection.request_name(NAME).await?;
        tokio::spawn(serve(connection.clone(), calls, Arc::clone(&came)));
        Ok(Self { came, _connection: connection })
    }

    /// Waits for the notification that holds these words, and says when it came.
    pub async fn until_there(&self, words: &str, deadline: Duration) -> Result<Instant> {
        wait::until(words, deadline, async || Ok(self.holding(words).pop())).await
    }

    /// Waits until none that holds these words is left.
    pub async fn until_gone(&self, words: &str, deadline: Duration) -> Result<()> {
        let what = format!("{words} to go");
        wait::until_true(&what, deadline, || self.holding(words).is_empty()).await.with_context(|| "it stayed")
    }

    /// When each notification came, and what stands in it between `mark` and the next blank.
    pub fn marked(&self, mark: &str) -> Vec<(Instant, String)> {
        let came = self.came.lock().unwrap_or_else(PoisonError::into_inner);
        let after = |bytes: &[u8]| {
            let text = String::from_utf8_lossy(bytes).into_owned();
            Some(text.split_once(mark)?.1.split(' ').next()?.to_owned())
        };
        came.values().filter_map(|(at, bytes)| Some((*at, after(bytes)?))).collect()
    }

    fn holding(&self, words: &str) -> Vec<Instant> {
        let came = self.came.lock().unwrap_or_else(PoisonError::into_inner);
        let holds = |bytes: &[u8]| bytes.windows(words.len()).any(|part| part == words.as_bytes());
        came.values().filter(|(_, bytes)| holds(bytes)).map(|(at, _)| *at).collect()
    }
}

/// Answers as the specification asks (Desktop Notifications Specification 1.2), with no reading of what is shown.
async fn serve(connection: Connection, mut calls: MessageStream, came: Came) {
    let mut last = 0;
    loop {
        let call = std::future::poll_fn(|context| Pin::new(&mut calls).poll_next(context)).await;
        let at = Instant::now();
        let Some(Ok(call)) = call else { return };
        if call.message_type() == Type::MethodCall && answer(&connection, &call, at, &mut last, &came).await.is_err() {
            return;
        }
    }
}

async fn answer(connection: &Connection, call: &Message, at: Instant, last: &mut u32, came: &Came) -> zbus::Result<()> {
    let header = call.header();
    match header.member().map(|it| it.as_str()) {
        Some("Notify") => {
            *last += 1;
            connection.reply(&header, last).await?;
            came.lock().unwrap_or_else(PoisonError::into_inner).insert(*last, (at, call.body().data().to_vec()));
        }
        Some("CloseNotification") => {
            let id: u32 = call.body().deserialize()?;
            connection.reply(&header, &()).await?;
            came.lock().unwrap_or_else(PoisonError::into_inner).remove(&id);
            let to = header.sender().map(ToString::to_string);
            connection.emit_signal(to.as_deref(), PATH, NAME, "NotificationClosed", &(id, 3_u32)).await?;
        }
        Some("GetCapabilities") => connection.reply(&header, &["actions", "body"].as_slice()).await?,
        Some("GetServerInformation") => connection.reply(&header, &("bench", "herald-tests", "1", "1.2")).await?,
        Some(_) | None => {}
    }
    Ok(())
}
