//! Shadow mode: the same alarms, and not one request that writes (H24).

use std::collections::BTreeSet;

use herald_core::alarm::Button;
use herald_core::draft::Text;
use herald_core::ledger::LedgerWish;
use herald_core::settings::SettingsPatch;
use herald_core::shadow::{ShadowWhy, Standing, UnknownWhy};
use herald_core::shift::{Role, ShiftWish};
use herald_core::tray::Sign;
use herald_core::view::May;
use herald_core::{Command, Impact, IncidentWish, Phase, Refusal};
use herald_engine::{ConnectSlack, Connecting, IntendError};
use herald_practice::{Act, Declare, Fault, OnCall, Site, Trigger};

use super::ledger::plan;
use crate::rig::{Rig, Setup, own_incident};

stories! {
    shadows_write_nothing:
    whoever_shadows_writes_nothing,
    a_shadow_by_schedule_writes_nothing_of_any_kind_to_anybody,
    whose_duty_is_unknown_writes_after_a_word_of_their_own,
    a_key_that_turns_out_to_be_read_only_watches_from_then_on,
    the_switch_works_in_both_directions_at_once,
    a_page_of_unknown_standing_wants_a_word_first,
    on_call_times_that_cannot_be_read_leave_the_standing_unknown,
    a_shadow_who_is_put_on_the_real_schedule_answers_new_pages,
}

async fn whoever_shadows_writes_nothing() {
    let email = Some("elena@quillbrook.example");
    tokio::join!(
        only_watches("switch", ShadowWhy::Switch, Setup { shadow: true, ..Setup::default() }),
        only_watches("schedule", ShadowWhy::Schedule, Setup { key: |keys| keys.shadow_user, ..Setup::default() }),
        only_watches(
            "account key",
            ShadowWhy::ReadOnlyKey,
            Setup { key: |keys| keys.account_read_only, email, ..Setup::default() }
        ),
        only_watches(
            "account key that could write",
            ShadowWhy::ReadOnlyKey,
            Setup { key: |keys| keys.account, email, ..Setup::default() }
        ),
    );
}

/// A Herald with everything connected and one of everything to write about, and what it answers to each wish to write.
async fn tries_everything(rig: &Rig) -> Vec<Result<(), Refusal>> {
    let hook = ConnectSlack { webhook: rig.world.announcement().slack.webhook_url.into(), channel: "#incident".into() };
    rig.herald.connect_any(Connecting::Slack(hook), false).await.expect("a webhook");
    rig.act(Act::Declare(Declare { title: "Sign-in fails".into(), ..Declare::default() }));
    rig.follow("the incident", |rig| !rig.incidents().is_empty()).await;
    let incident = rig.only_incident().id;
    let components: BTreeSet<String> =
        rig.herald.shown().view.components.iter().take(1).map(|it| it.id.clone()).collect();
    let text = Text {
        title: "Sign-in fails".into(),
        body: "We are looking into it.".into(),
        phase: Phase::Investigating,
        impact: Some(Impact::Degraded),
        components,
        promise: true,
        muted: BTreeSet::new(),
    };
    rig.wish(IncidentWish::Write { incident, text: text.clone() }).await;
    rig.command(Command::Ledger { wish: Box::new(LedgerWish::AddMaintenance { plan: plan(rig, false) }) })
        .await
        .expect("planned");
    let mut answers = vec![];
    for wish in [IncidentWish::Publish { incident, text, seen: None }, IncidentWish::Label { incident }] {
        answers.push(rig.command(Command::Incident { wish: Box::new(wish) }).await);
    }
    answers.push(rig.command(Command::Ledger { wish: Box::new(LedgerWish::Schedule { id: 1 }) }).await);
    if let Some(shift) = rig.herald.shown().view.shifts.first().map(|it| it.id) {
        let (title, text) = ("Handover".to_owned(), "Nothing happened.".to_owned());
        answers.push(rig.command(Command::Shift { wish: Box::new(ShiftWish::File { shift, title, text }) }).await);
    }
    answers.push(match rig.herald.intend(incident).await {
        Err(IntendError::Refusal(refusal)) => Err(refusal),
        Ok(_) | Err(_) => Ok(()),
    });
    answers
}

async fn a_shadow_by_schedule_writes_nothing_of_any_kind_to_anybody() {
    for site in [Site::StatusIo, Site::Statuspage] {
        let project = "handover.project = \"quillbrook/comms-handover\"\n".to_owned();
        let setup = Setup { key: |keys| keys.shadow_user, playbook: project, ..Setup::default() };
        let rig = Rig::watching_with(setup, site).await;
        assert_eq!(rig.herald.shown().view.shadow.as_ref().map(|it| it.why), Some(ShadowWhy::Schedule), "the banner");
        let answers = tries_everything(&rig).await;
        assert!(answers.len() >= 4 && answers.iter().all(|it| *it == Err(Refusal::ShadowPublish)), "{answers:?}");
        rig.poll_now().await;
        rig.until_polled(2).await;
        assert_eq!(rig.writes(), [], "{site:?}: not one request that writes, to any service");
    }
}

/// On call nowhere, nobody but the user can say whether they are on duty.
async fn whose_duty_is_unknown_writes_after_a_word_of_their_own() {
    let rig = Rig::watching(Site::StatusIo).await;
    rig.act(Act::OnCall(OnCall { schedule: "comms".into(), user: Some("dana".into()), length: None }));
    rig.connect().await.expect("the key is good");
    rig.until("no duty", |rig| rig.herald.shown().view.duty.now.is_empty()).await;
    // What was begun in a shift that the schedule ended may be finished; this one the user ends themselves.
    let end = ShiftWish::Start { role: Role::OnCall, ends_at: None };
    rig.command(Command::Shift { wish: Box::new(end) }).await.expect("a shift of my own");
    rig.command(Command::Shift { wish: Box::new(ShiftWish::End) }).await.expect("ended");
    let incident = own_incident(&rig, "Sign-in fails").await;
    let label = || Command::Incident { wish: Box::new(IncidentWish::Label { incident }) };
    assert_eq!(rig.command(label()).await, Err(Refusal::UnknownDuty));
    assert_eq!(rig.writes(), [], "not one request that writes");
    let begin = ShiftWish::Start { role: Role::OnCall, ends_at: None };
    rig.command(Command::Shift { wish: Box::new(begin) }).await.expect("my own word");
    assert_eq!(rig.command(label()).await, Err(Refusal::NoIssue), "it may be written, if there were an issue");
    let watch = ShiftWish::Start { role: Role::Shadow, ends_at: None };
    rig.command(Command::Shift { wish: Box::new(ShiftWish::End) }).await.expect("ended");
    rig.command(Command::Shift { wish: Box::new(watch) }).await.expect("my own word");
    assert_eq!(rig.command(label()).await, Err(Refusal::ShadowPublish), "whoever says that they watch only watches");
    assert_eq!(rig.herald.shown().view.shadow.as_ref().map(|it| it.why), Some(ShadowWhy::Shift));
}

async fn a_key_that_turns_out_to_be_read_only_watches_from_then_on() {
    let rig = Rig::of(Setup { key: |keys| keys.user_read_only, ..Setup::default() }).await;
    let id = rig.trigger("down");
    rig.until_announced(&id).await;
    rig.acknowledge(&id).await.expect("nobody knows yet");
    rig.until("the refusal", |rig| rig.herald.shown().view.shadow.is_some()).await;
    let view = &rig.herald.shown().view;
    assert_eq!(view.shadow.as_ref().map(|it| it.why), Some(ShadowWhy::ReadOnlyKey), "it is known now");
    assert!(rig.note(&id).contains("Not acknowledged") && rig.note(&id).contains("HTTP 403"), "{}", rig.note(&id));
    rig.until("the page to call again, with the reason", |rig| {
        rig.rounds(&id).last().is_some_and(|it| it.body.contains("Not acknowledged"))
    })
    .await;
    assert_eq!(rig.acknowledge(&id).await, Err(Refusal::Shadow), "it does not try again");
    assert_eq!(rig.writes().len(), 1, "only the one that was refused");
}

async fn the_switch_works_in_both_directions_at_once() {
    let rig = Rig::quiet().await;
    let id = rig.trigger("down");
    rig.until_announced(&id).await;
    rig.set(SettingsPatch::Shadow { on: true }).await;
    assert_eq!(rig.acknowledge(&id).await, Err(Refusal::Shadow), "on");
    rig.set(SettingsPatch::Shadow { on: false }).await;
    rig.acknowledge(&id).await.expect("off");
    rig.until("the acknowledgement", |rig| rig.card(&id).is_some_and(|card| card.taken_by_me)).await;
}

async fn a_page_of_unknown_standing_wants_a_word_first() {
    let rig = Rig::quiet().await;
    let direct = Trigger { title: "for you".into(), assign_to: vec!["elena".into()], ..Trigger::default() };
    let id = rig.act(Act::Trigger(direct)).remove(0);
    rig.until_announced(&id).await;
    let card = rig.card(&id).expect("shown");
    assert_eq!(card.standing, Standing::Unknown { why: UnknownWhy::Direct });
    assert_eq!(card.may, May { acknowledge: false, close: false, answer_here: true, quiet: true }, "one way only");
    let said = rig.rounds(&id).remove(0);
    assert!(said.buttons.iter().all(|(button, _)| *button != Button::Acknowledge), "no button that would write");
    assert_eq!(rig.acknowledge(&id).await, Err(Refusal::UnknownStanding));
    assert_eq!(rig.writes().len(), 0, "nothing was written");
    let answer = Command::AnswerHere { page: card.id, triggered_at: card.triggered_at };
    rig.command(answer).await.expect("the user decides");
    rig.acknowledge(&id).await.expect("it is mine by my own word");
    rig.until("the acknowledgement", |rig| rig.card(&id).is_some_and(|card| card.taken_by_me)).await;
    assert_eq!(rig.incident(&id).acknowledged_by, ["elena"]);
}

async fn on_call_times_that_cannot_be_read_leave_the_standing_unknown() {
    let rig = Rig::unconnected(Setup::default()).await;
    rig.fault(Fault::status(403).on("/oncalls"));
    rig.connect().await.expect("the key is good");
    let id = rig.trigger("down");
    rig.until_announced(&id).await;
    let view = &rig.herald.shown().view;
    let fault = view.duty.fault.as_ref().expect("said");
    assert!(fault.reason.contains("may not read this") && fault.next_step.contains("permission"), "{fault:?}");
    assert!(view.source.fault.is_none(), "pages go on: only that feature is off");
    assert_eq!(rig.acknowledge(&id).await, Err(Refusal::UnknownStanding), "fails closed");
    assert!(rig.requests_to("/oncalls").len() <= 3, "no storm of questions: {}", rig.requests_to("/oncalls").len());
}

async fn a_shadow_who_is_put_on_the_real_schedule_answers_new_pages() {
    let rig = Rig::of(Setup { key: |keys| keys.shadow_user, ..Setup::default() }).await;
    rig.act(Act::OnCall(OnCall { schedule: "comms".into(), user: Some("priya".into()), length: None }));
    // The next look-up is minutes away; a restart's would be at once, as is that after connecting.
    rig.connect().await.expect("the key is good");
    rig.until("the new duty", |rig| rig.herald.shown().view.shadow.is_none()).await;
    let id = rig.trigger("down");
    rig.until_announced(&id).await;
    assert_eq!(rig.card(&id).map(|card| card.standing), Some(Standing::Mine), "both schedules: it is mine");
}

async fn only_watches(name: &str, why: ShadowWhy, setup: Setup) {
    let rig = Rig::of(setup).await;
    let id = rig.trigger(name);
    rig.until_announced(&id).await;
    let said = rig.rounds(&id).remove(0);
    let card = rig.card(&id).expect("shown");
    assert_eq!(card.standing, Standing::Shadow { why }, "{name}");
    assert!(said.title.starts_with("Shadow: page"), "{name}: {}", said.title);
    assert!(said.sound.is_some() && said.critical, "{name}: the same alarm");
    assert!(said.buttons.iter().all(|(button, _)| *button != Button::Acknowledge), "{name}: no button that writes");
    assert_eq!(card.may, May { quiet: true, ..May::default() }, "{name}: absent, not greyed");
    let view = &rig.herald.shown().view;
    assert_eq!(view.shadow.as_ref().map(|it| it.why), Some(why), "{name}: unmistakable");
    assert_eq!((view.sign, view.hollow), (Sign::Page, true), "{name}: the icon is hollow");
    assert_eq!(rig.acknowledge(&id).await, Err(Refusal::Shadow), "{name}");
    assert_eq!(rig.close(&id).await, Err(Refusal::Shadow), "{name}");
    rig.taken_by(&id, "dana");
    rig.until("somebody to take it", |rig| rig.sign() != Sign::Page).await;
    assert_eq!(rig.writes(), [], "{name}: not one request that writes");
}
