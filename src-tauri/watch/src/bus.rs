//! The session's message bus: whether it is there. It may go and come back, and by then every connection to it is dead.

use std::pin::Pin;
use std::time::Duration;

use tokio::sync::watch;
use zbus::export::futures_core::Stream;

/// Pause between two looks for a bus that is not there.
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// How it is with the bus.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Bus {
    /// Nobody has looked yet.
    Unknown,
    /// It is there, for the so-manieth time.
    There(u32),
    /// It is not.
    Gone,
}

/// Looks after it from here on.
pub(crate) fn presence() -> watch::Receiver<Bus> {
    let (there, presence) = watch::channel(Bus::Unknown);
    tokio::spawn(async move {
        for time in 1.. {
            if let Ok(connection) = zbus::Connection::session().await {
                there.send_replace(Bus::There(time));
                let mut heard = zbus::MessageStream::from(&connection);
                while std::future::poll_fn(|context| Pin::new(&mut heard).poll_next(context)).await.is_some() {}
            }
            there.send_if_modified(|it| std::mem::replace(it, Bus::Gone) != Bus::Gone);
            tokio::time::sleep(LOOK_EVERY).await;
        }
    });
    presence
}
