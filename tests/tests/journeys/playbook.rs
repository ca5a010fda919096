//! The team's playbook decides from the first step on, and what it last said holds while its file cannot be used.

use std::path::PathBuf;

use herald_core::shadow::ShadowWhy;
use herald_core::shift::Role;
use herald_practice::{Act, OnCall};

use crate::rig::{Rig, Setup};

stories! {
    the_playbook_decides_from_the_first_step_on:
    a_shadow_shift_outlives_a_restart,
    a_damaged_playbook_loses_no_shadow_schedule,
    a_playbook_that_was_never_sound_lets_nothing_be_written,
}

/// The shadow schedules stand only in the playbook's file.
async fn shadowing() -> Rig {
    let rig = Rig::of(Setup { key: |keys| keys.shadow_user, ..Setup::default() }).await;
    // A turn that ends: being on a schedule for good is no shift.
    rig.act(Act::OnCall(OnCall { schedule: "comms-shadow".into(), user: Some("priya".into()), length: None }));
    rig.connect().await.expect("the key is good");
    rig.until("the shadow shift", |rig| shifts(rig) == [(Role::Shadow, true)]).await;
    rig
}

/// The shifts that are known: as what, and whether they go on.
fn shifts(rig: &Rig) -> Vec<(Role, bool)> {
    rig.herald.shown().view.shifts.iter().map(|it| (it.role, it.ended_at.is_none())).collect()
}

fn notices(rig: &Rig) -> String {
    rig.herald.shown().view.notices.join("\n")
}

fn why(rig: &Rig) -> Option<ShadowWhy> {
    rig.herald.shown().view.shadow.as_ref().map(|it| it.why)
}

fn file(rig: &Rig) -> PathBuf {
    rig.folder.path().join("playbook.toml")
}

async fn a_shadow_shift_outlives_a_restart() {
    let rig = shadowing().await;
    let rig = rig.stopped().started();
    assert_eq!(shifts(&rig), [(Role::Shadow, true)], "neither ended nor joined by one on call");
    assert_eq!(notices(&rig), "");
}

async fn a_damaged_playbook_loses_no_shadow_schedule() {
    let rig = shadowing().await;
    let sound = std::fs::read_to_string(file(&rig)).expect("it is there");
    std::fs::write(file(&rig), "pagerduty = ").expect("written");
    let rig = rig.stopped().started();
    assert_eq!((shifts(&rig), why(&rig)), (vec![(Role::Shadow, true)], Some(ShadowWhy::Schedule)));
    assert!(notices(&rig).contains("playbook.toml:1"), "{}", notices(&rig));
    // Removed while Herald runs: only when it stays away.
    std::fs::remove_file(file(&rig)).expect("removed");
    rig.until("the word that it is gone", |rig| notices(rig).contains("was removed")).await;
    std::fs::write(file(&rig), sound).expect("written");
    let rig = rig.stopped().started();
    rig.connect().await.expect("the key is good");
    rig.until("the shadow", |rig| why(rig) == Some(ShadowWhy::Schedule)).await;
}

async fn a_playbook_that_was_never_sound_lets_nothing_be_written() {
    let rig = Rig::quiet().await.stopped();
    let folder = rig.folder.path();
    std::fs::write(folder.join("playbook.toml"), "pagerduty = ").expect("written");
    std::fs::remove_file(folder.join("playbook.good.toml")).expect("it was kept");
    let rig = rig.started();
    assert_eq!(why(&rig), Some(ShadowWhy::NoRules));
    assert!(notices(&rig).contains("writes nothing"), "{}", notices(&rig));
    std::fs::remove_file(file(&rig)).expect("removed");
    rig.until("leave to write", |rig| why(rig) != Some(ShadowWhy::NoRules)).await;
}
