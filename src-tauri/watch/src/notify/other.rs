//! Notifications through the library alone, on the systems that need no bus for them.

use std::collections::{BTreeMap, BTreeSet};

use herald_core::alarm::Button;
use herald_core::state::Health;
use herald_core::{AlarmKey, Announcement};
use notify_rust::{Notification, NotificationHandle, NotificationResponse, Timeout};

use super::{Inbox, Request, Told};

/// The systems that do not need this take away what a program leaves behind.
pub(super) struct Leftovers;

impl Leftovers {
    pub fn of(_: &std::path::Path) -> Self {
        Self
    }
}

pub(super) async fn keep(mut inbox: Inbox, told: Told) {
    let told = std::sync::Arc::new(told);
    let _ = inbox.leftovers;
    told.health(works());
    let mut live: BTreeMap<AlarmKey, tokio::task::JoinHandle<()>> = BTreeMap::new();
    let mut told_otherwise: BTreeSet<AlarmKey> = BTreeSet::new();
    while let Some(request) = inbox.requests.recv().await {
        match request {
            Request::Show(it) => match build(&it).show() {
                Ok(handle) => {
                    told.health(works());
                    let key = it.key.clone();
                    if let Some(replaced) = live.insert(key.clone(), wait(handle, key, std::sync::Arc::clone(&told))) {
                        replaced.abort();
                    }
                }
                Err(error) => {
                    tracing::warn!(%error, "a notification was not shown");
                    told.health(Health::Dead {
                        reason: "the system does not show Herald's notifications. Allow them in the system settings."
                            .into(),
                    });
                    if told_otherwise.insert(it.key.clone()) {
                        (told.instead)(it.key);
                    }
                }
            },
            Request::Withdraw(key) => {
                told_otherwise.remove(&key);
                if let Some(gone) = live.remove(&key) {
                    gone.abort();
                }
            }
            Request::Check(done) => {
                let _ = done.send(());
            }
        }
    }
}

fn wait(handle: NotificationHandle, key: AlarmKey, told: std::sync::Arc<Told>) -> tokio::task::JoinHandle<()> {
    // The handle blocks here, so it waits on a thread of its own.
    tokio::task::spawn_blocking(move || {
        let _ = handle.wait_for_response(move |response: &NotificationResponse| {
            let button = match response {
                NotificationResponse::Default => Some(Button::Open),
                NotificationResponse::Action(id) => Button::from_id(id),
                NotificationResponse::Reply(_) | NotificationResponse::Closed(_) => None,
            };
            if let Some(button) = button {
                (told.chosen)(key, button, None);
            }
        });
    })
}

fn build(it: &Announcement) -> Notification {
    let mut notification = Notification::new();
    notification.appname("Herald").summary(&it.title).body(&it.body);
    notification.timeout(if it.critical { Timeout::Never } else { Timeout::Default });
    for (button, label) in &it.buttons {
        notification.action(button.id(), label);
    }
    notification
}

/// Shows a notification that nobody answers.
pub(super) fn say(title: &str, body: &str) -> bool {
    let mut notification = Notification::new();
    notification.appname("Herald").summary(title).body(body).timeout(Timeout::Never);
    notification.show().is_ok()
}

pub(super) async fn probe() -> Health {
    works()
}

fn works() -> Health {
    Health::Works { by: String::new() }
}
