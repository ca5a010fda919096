//! When the disk does not answer at all: Herald watches and alarms as ever, nothing leaves that is not on disk, "done" is
//! not said, and when the disk answers, all of it is kept in its order.

use std::fs;
use std::process::Command as Process;
use std::time::{Duration, Instant};

use herald_core::Command;
use herald_core::Refusal;
use herald_core::Sound;
use herald_core::draft::Text;
use herald_core::incident::IncidentWish;
use herald_core::settings::{SettingsPatch, SoundChoice};
use herald_core::tray::Sign;
use herald_engine::Shown;
use herald_tests::disk::Freezer;
use tempfile::TempDir;

use crate::rig::{BLIND, RECOVERED, Rig, Setup, own_incident};

stories! {
    a_silent_disk_costs_no_alarm:
    a_disk_that_freezes_costs_no_alarm_and_lets_nothing_leave,
    a_disk_that_is_frozen_at_the_start_is_read_once_it_answers,
    a_playbook_that_is_a_pipe_holds_nothing_up,
}

stories! {
    nobody_is_calm_while_the_loop_stands_still:
    a_loop_that_stands_still_is_told_and_told_again_when_it_turns,
}

/// How soon a page must be announced, whatever the disk does.
const ANNOUNCED_WITHIN: Duration = Duration::from_secs(10);

/// How soon it must be told that the loop stands still, on a loaded machine, too.
const TOLD_WITHIN: Duration = Duration::from_secs(8);

async fn a_disk_that_freezes_costs_no_alarm_and_lets_nothing_leave() {
    let folder = TempDir::new().expect("a folder");
    // Elsewhere the simulation stands for it.
    let Some(disk) = Freezer::at(folder.path()) else { return };
    let rig = Rig::of(Setup { disk: Some(disk.path().to_owned()), ..Setup::default() }).await;
    let before = rig.trigger("before");
    rig.until_announced(&before).await;
    let incident = own_incident(&rig, "Sign-in fails").await;
    disk.freeze().expect("it freezes");
    let (id, since) = (rig.trigger("down"), Instant::now());
    rig.until_announced(&id).await;
    assert!(since.elapsed() < ANNOUNCED_WITHIN, "announced after {:?}", since.elapsed());
    let set = Command::Set { patch: SettingsPatch::PollInterval { seconds: 3 } };
    assert_eq!(rig.command(set).await, Err(Refusal::NotSavedYet), "it holds, and is not said to be done");
    assert_eq!(rig.herald.shown().view.settings.poll_interval_s, 3);
    let fault = |rig: &Rig| rig.herald.shown().view.store_fault.clone().unwrap_or_default();
    assert_eq!(fault(&rig), "the disk does not answer");
    assert_eq!(rig.acknowledge(&id).await, Err(Refusal::CannotSave));
    let text = Text { body: "We are looking into it.".into(), ..rig.only_incident().compose.text };
    let wish = Box::new(IncidentWish::Write { incident, text });
    assert_eq!(rig.command(Command::Incident { wish }).await, Err(Refusal::NotSavedYet));
    let polls = rig.polls();
    rig.until("further polls", |rig| rig.polls() >= polls + 3).await;
    assert_eq!(rig.writes().len(), 0, "nothing leaves");
    disk.thaw().expect("it thaws");
    rig.until("the disk", |rig| fault(rig).is_empty()).await;
    rig.acknowledge(&id).await.expect("it can be saved");
    rig.until("the acknowledgement", |rig| rig.card(&id).is_some_and(|card| card.taken_by_me)).await;
    assert_eq!(rig.writes().len(), 1, "once");
    let rig = rig.stopped().started();
    assert_eq!(rig.herald.shown().view.settings.poll_interval_s, 3, "all of it is on disk");
    assert_eq!(rig.only_incident().compose.text.body, "We are looking into it.");
    assert!(rig.card(&before).is_some() && rig.card(&id).is_some());
    drop(rig);
}

async fn a_disk_that_is_frozen_at_the_start_is_read_once_it_answers() {
    let folder = TempDir::new().expect("a folder");
    let Some(disk) = Freezer::at(folder.path()) else { return };
    let rig = Rig::of(Setup { disk: Some(disk.path().to_owned()), ..Setup::default() }).await;
    let stopped = rig.stopped();
    disk.freeze().expect("it freezes");
    let since = Instant::now();
    let rig = stopped.started();
    assert!(since.elapsed() < ANNOUNCED_WITHIN, "it starts: {:?}", since.elapsed());
    assert_ne!(rig.sign(), Sign::Quiet, "what is not known is not calm");
    rig.connect().await.expect("the key is good");
    let (id, since) = (rig.trigger("down"), Instant::now());
    rig.until_announced(&id).await;
    assert!(since.elapsed() < ANNOUNCED_WITHIN, "announced after {:?}", since.elapsed());
    let incident = own_incident_unsaved(&rig).await;
    disk.thaw().expect("it thaws");
    rig.until("the disk", |rig| rig.herald.shown().view.store_fault.is_none()).await;
    let view = &rig.herald.shown().view;
    assert_eq!(view.settings.poll_interval_s, 2, "what was on disk holds");
    assert!(view.incidents.iter().any(|card| card.title == incident), "and what was entered meanwhile");
    let rig = rig.stopped().started();
    assert!(rig.incidents().iter().any(|card| card.title == incident), "on disk, too");
    drop(rig);
}

/// mkfifo(3): whoever opens one waits until somebody opens its other end.
async fn a_playbook_that_is_a_pipe_holds_nothing_up() {
    let rig = Rig::quiet().await;
    let path = rig.folder.path().join("playbook.toml");
    fs::remove_file(&path).expect("ours");
    let made = Process::new("mkfifo").arg(&path).status().expect("mkfifo runs");
    assert!(made.success());
    rig.until("the complaint", |rig| rig.herald.shown().view.notices.iter().any(|it| it.contains("is no file"))).await;
    let (id, since) = (rig.trigger("down"), Instant::now());
    rig.until_announced(&id).await;
    assert!(since.elapsed() < ANNOUNCED_WITHIN, "announced after {:?}", since.elapsed());
}

/// Held up by its own screen, for example.
async fn a_loop_that_stands_still_is_told_and_told_again_when_it_turns() {
    let rig = Rig::quiet().await;
    let choice = SoundChoice { volume: 35, ..SoundChoice::default() };
    let set = Command::Set { patch: SettingsPatch::Sound { sound: Sound::Blind, choice } };
    assert_eq!(rig.command(set).await, Ok(()));
    let held = rig.screen.hold_up();
    let id = rig.trigger("down");
    rig.until("the word that it stands still", |rig| !rig.rounds_of(&BLIND).is_empty()).await;
    let since = rig.screen.look().held_up.expect("it is held up").elapsed();
    drop(held);
    assert!(since < TOLD_WITHIN, "told after {since:?}");
    let told = rig.rounds_of(&BLIND).remove(0);
    assert!(told.title == "Herald stands still", "{told:?}");
    assert_eq!(told.sound, Some((Sound::Blind, 35)), "as loud as its user wants to hear that nobody watches");
    let blind = |it: &Shown| it.tray.sign == Sign::Blind && it.tray.tooltip.contains("stands still");
    assert!(rig.screen.look().shown.iter().any(blind), "the sign is blind");
    rig.until("the word that it turns", |rig| !rig.rounds_of(&RECOVERED).is_empty()).await;
    rig.until_announced(&id).await;
    rig.until("the true sign", |rig| rig.screen.look().shown.last().is_some_and(|it| !blind(it))).await;
    assert_eq!(rig.rounds_of(&BLIND).len(), 1, "once");
}

async fn own_incident_unsaved(rig: &Rig) -> String {
    let title = "Sign-in fails".to_owned();
    let own = herald_core::incident::Own { title: Some(title.clone()), ..herald_core::incident::Own::default() };
    rig.unsaved(Command::Incident { wish: Box::new(IncidentWish::Open { own, page: None }) }).await;
    title
}
