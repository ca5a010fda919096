//! The key is in the keychain, in memory and in one request header: nowhere else (ARCHITECTURE.md, invariant 7).

use std::io::Write;
use std::path::Path;
use std::sync::{Arc, Mutex};

use herald_core::{AlarmKey, Command, SettingsPatch};
use herald_practice::{Fault, FaultKind};
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::rig::{Rig, alarm_of};

#[tokio::test]
async fn the_key_is_nowhere_to_be_found() {
    let log = Log::default();
    // This test's runtime is its own thread, so this is what every request and its failures say of themselves.
    let subscriber = tracing_subscriber::fmt().with_max_level(tracing_subscriber::filter::LevelFilter::TRACE);
    let writer = log.clone();
    let _logging = subscriber.with_writer(move || writer.clone()).finish().set_default();

    let rig = Rig::quiet().await;
    let id = rig.trigger("down");
    rig.until_announced(&id).await;
    let card = rig.card(&id).expect("shown");
    for fault in [Fault::of(FaultKind::LostRequest), Fault::status(500), Fault::of(FaultKind::Redirect)] {
        rig.fault(fault.on("/incidents$").times(1));
        rig.poll_now().await;
        rig.until_polled(2).await;
    }
    rig.acknowledge(&id).await.expect("it is mine");
    rig.until("the acknowledgement", |rig| rig.card(&id).is_some_and(|card| card.taken_by_me)).await;
    rig.set(SettingsPatch::Shadow { on: true }).await;
    let wrong = "u+this_key_is_wrong_";
    assert!(rig.connect_with(wrong, true).await.is_err(), "a wrong key is not kept either");

    let keys = [rig.world.tokens().user, wrong.to_owned()];
    let shown: Vec<String> =
        rig.screen.look().shown.iter().map(|it| serde_json::to_string(&it.view).expect("a view is JSON")).collect();
    let announced = format!("{:?}", rig.screen.look().announced);
    let commands = serde_json::to_string(&[
        Command::Acknowledge { page: card.id.clone(), triggered_at: card.triggered_at },
        Command::Quiet { alarm: alarm_of(&card) },
        Command::Quiet { alarm: AlarmKey::MorePages },
    ]);
    let logged = log.0.lock().expect("no panic while writing").clone();
    assert!(!logged.is_empty(), "there was something to look through");
    for key in &keys {
        assert!(!shown.iter().any(|view| view.contains(key)), "in a view");
        assert!(!announced.contains(key), "in a notification");
        assert!(!commands.as_ref().expect("commands are JSON").contains(key), "in a command");
        assert_eq!(place(&logged, key.as_bytes()), None, "in a log");
    }
    let stopped = rig.stopped();
    let files = files(stopped.folder.path());
    assert!(files.iter().any(|(path, _)| path.ends_with("herald.db")), "the database is among them");
    for (path, bytes) in files {
        for key in &keys {
            assert_eq!(place(&bytes, key.as_bytes()), None, "in {path}");
        }
    }
}

fn place(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|window| window == wanted)
}

fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut found = vec![];
    for entry in std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()) {
        if entry.is_dir() {
            found.extend(files(&entry));
        } else {
            found.push((entry.display().to_string(), std::fs::read(&entry).expect("readable")));
        }
    }
    found
}

/// A log in memory.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("no panic while writing").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
