//! What a simulated Herald starts with.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use herald_core::account::KeyKind;
use herald_core::state::{Channel, Health};
use herald_core::{Account, Action, Input, Playbook, TokenPlace};
use tempfile::TempDir;

use crate::net::Flight;
use crate::world::{ME, SHADOW};

/// The account that is connected.
pub fn account() -> Account {
    Account {
        user_id: ME.into(),
        name: "Elena Marek".into(),
        email: "elena@quillbrook.example".into(),
        base_url: "https://api.pagerduty.example".into(),
        key: KeyKind::Personal,
        read_only: false,
        token: TokenPlace::Keychain,
    }
}

/// News about a channel.
pub fn notifications(works: bool) -> Input {
    let health = if works { Health::Works { by: String::new() } } else { Health::Dead { reason: "no daemon".into() } };
    Input::ChannelSeen(Channel::Notifications, health)
}

/// The rules that hold.
pub fn playbook() -> Arc<Playbook> {
    let mut playbook = herald_engine::playbook::default();
    playbook.pagerduty.shadow_schedules = BTreeSet::from([SHADOW.to_owned()]);
    Arc::new(playbook)
}

/// A folder in memory where there is one: every commit is synced, and thousands are made.
pub fn folder() -> TempDir {
    let memory = Path::new("/dev/shm");
    let folder = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() };
    folder.expect("a folder can be made")
}

/// The name under which an action is under way.
pub fn flight_of(action: &Action) -> Option<Flight> {
    match action {
        Action::Poll(source) => Some(Flight::Poll(*source)),
        Action::Publish(id) | Action::ReadBackPost(id) => Some(Flight::Publish(*id)),
        Action::ReadOnCall => Some(Flight::OnCall),
        Action::Look(page) => Some(Flight::Look(page.clone())),
        Action::Run(id, _) | Action::ReadBack(id, _) => Some(Flight::Job(*id)),
        Action::RunErrand(id) | Action::ReadBackErrand(id) => Some(Flight::Errand(*id)),
        Action::ReadWords(page) => Some(Flight::Words(page.clone())),
        Action::CountTickets(incident) => Some(Flight::Tickets(*incident)),
        Action::Announce(_) | Action::Withdraw(_) => None,
    }
}
