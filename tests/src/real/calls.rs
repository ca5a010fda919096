//! What is said on the session bus about notifications, listened to without taking part.

use std::collections::{HashMap, HashSet};
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex};

use anyhow::Result;
use zbus::export::futures_core::Stream;

use crate::desktop::{Desktop, lock};

const NOTIFICATIONS: &str = "org.freedesktop.Notifications";

/// One thing said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said {
    /// A notification was sent.
    Notify {
        /// The number of the one it replaces; 0 for none.
        replaces: u32,
        /// Its title.
        title: String,
    },
    /// A button was pressed.
    Pressed {
        /// Which.
        key: String,
    },
    /// The daemon refused something.
    Refused {
        /// In its own words.
        words: String,
    },
}

/// A silent listener.
pub struct Calls {
    heard: Arc<Mutex<Vec<Said>>>,
    listening: tokio::task::JoinHandle<()>,
}

impl Calls {
    /// Starts listening.
    ///
    /// # Errors
    /// When the bus does not let it.
    pub async fn listen(desktop: &Desktop) -> Result<Self> {
        let bus = desktop.session_bus()?.build().await?;
        let rules = [
            format!("type='method_call',interface='{NOTIFICATIONS}'"),
            format!("type='signal',interface='{NOTIFICATIONS}'"),
            "type='error'".to_owned(),
        ];
        let monitoring = Some("org.freedesktop.DBus.Monitoring");
        let to = (rules.to_vec(), 0u32);
        let mut stream = zbus::MessageStream::from(&bus);
        bus.call_method(Some("org.freedesktop.DBus"), "/org/freedesktop/DBus", monitoring, "BecomeMonitor", &to)
            .await?;
        let heard: Arc<Mutex<Vec<Said>>> = Arc::default();
        let noted = Arc::clone(&heard);
        let listening = tokio::spawn(async move {
            let mut asked = HashSet::new();
            while let Some(Ok(message)) = std::future::poll_fn(|cx| std::pin::Pin::new(&mut stream).poll_next(cx)).await
            {
                if let Some(said) = read(&message, &mut asked) {
                    lock(&noted).push(said);
                }
            }
            drop(bus);
        });
        Ok(Self { heard, listening })
    }

    /// Everything heard so far.
    #[must_use]
    pub fn heard(&self) -> Vec<Said> {
        lock(&self.heard).clone()
    }

    /// How often a notification with this in its title was sent.
    #[must_use]
    pub fn sent(&self, title: &str) -> usize {
        let fits = |it: &&Said| matches!(it, Said::Notify { title: sent, .. } if sent.contains(title));
        self.heard().iter().filter(fits).count()
    }

    /// What was refused since the start, in the daemon's words.
    #[must_use]
    pub fn refusals(&self) -> Vec<String> {
        let words = |it: Said| match it {
            Said::Refused { words } => Some(words),
            Said::Notify { .. } | Said::Pressed { .. } => None,
        };
        self.heard().into_iter().filter_map(words).collect()
    }
}

impl Drop for Calls {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

type Notify<'a> = (String, u32, String, String, String, Vec<String>, HashMap<String, zbus::zvariant::Value<'a>>, i32);

/// Who showed or closed a notification, and the number of that call: what answers it names both.
type Asked = HashSet<(String, NonZeroU32)>;

fn read(message: &zbus::Message, asked: &mut Asked) -> Option<Said> {
    let header = message.header();
    let body = message.body();
    let member = header.member().map(|it| it.as_str());
    if let (Some("Notify" | "CloseNotification"), Some(sender)) = (member, header.sender()) {
        asked.insert((sender.to_string(), message.primary_header().serial_num()));
    }
    match (message.message_type(), member) {
        (zbus::message::Type::Error, _) => {
            let call = (header.destination()?.to_string(), header.reply_serial()?);
            asked.remove(&call).then(|| body.deserialize().ok()).flatten().map(|words| Said::Refused { words })
        }
        (zbus::message::Type::MethodCall, Some("Notify")) => {
            let (_, replaces, _, title, ..): Notify<'_> = body.deserialize().ok()?;
            Some(Said::Notify { replaces, title })
        }
        (zbus::message::Type::Signal, Some("ActionInvoked")) => {
            let (_, key): (u32, String) = body.deserialize().ok()?;
            Some(Said::Pressed { key })
        }
        _ => None,
    }
}
