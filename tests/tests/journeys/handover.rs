//! Handing over: filed once and confidential, asked again when the tracker was away, taken over by the next person.

use std::time::Duration;

use herald_core::alarm::Button;
use herald_core::incident::Own;
use herald_core::shift::{HandedBy, Role, ShiftWish};
use herald_core::view::shifts::{HandoverStage, ShiftView};
use herald_core::{AlarmKey, Command, IncidentWish, Refusal};
use herald_engine::{ConnectTracker, Connecting};
use herald_practice::{Fault, FaultKind, IssueState};

use crate::rig::{Rig, Setup, own_incident};

stories! {
    handovers_are_filed:
    a_handover_is_filed_once_and_confidential,
    a_lost_answer_is_read_back_and_nothing_is_filed_twice,
    a_lost_answer_does_not_hide_what_was_edited_since,
    a_lost_request_waits_for_the_user,
    a_tracker_that_is_away_asks_when_it_is_back,
    a_public_answer_is_told_until_it_is_put_right,
    a_label_that_does_not_exist_is_not_made,
}

stories! {
    shifts_are_handed_over:
    the_shift_begins_with_the_schedule,
    a_missing_handover_reminds_and_may_be_quiet,
    a_shadow_files_nothing,
    what_one_hands_over_the_next_takes_over,
    everything_is_there_after_a_restart,
}

const PROJECT: &str = "quillbrook/support/comms-handover";

/// A Herald on shift whose tracker takes handovers.
async fn on_duty() -> Rig {
    with_playbook("", "").await
}

async fn with_playbook(rules: &str, cast: &str) -> Rig {
    let playbook = format!("handover.project = {PROJECT:?}\n{rules}");
    let rig = Rig::of(Setup { playbook, ..Setup::cast(cast) }).await;
    let told = rig.world.announcement().gitlab;
    let tracker = ConnectTracker { base_url: told.url, project: told.project, token: Some(told.tokens.api.into()) };
    if let Err(error) = rig.herald.connect_any(Connecting::Tracker(tracker), false).await {
        panic!("{error}");
    }
    rig.until("the tracker", |rig| rig.herald.shown().view.feeds.iter().any(|feed| !feed.stale)).await;
    rig
}

fn shift(rig: &Rig) -> ShiftView {
    rig.herald.shown().view.shifts.first().cloned().expect("a shift")
}

async fn wish(rig: &Rig, wish: ShiftWish) -> Result<(), Refusal> {
    rig.command(Command::Shift { wish: Box::new(wish) }).await
}

async fn markdown(rig: &Rig) -> String {
    rig.herald.handover(Some(shift(rig).id)).await.expect("a handover").markdown
}

async fn file(rig: &Rig) -> Result<(), Refusal> {
    let (it, text) = (shift(rig), markdown(rig).await);
    let title = it.handover.title;
    wish(rig, ShiftWish::File { shift: it.id, title, text }).await
}

fn filed(rig: &Rig) -> Vec<IssueState> {
    rig.world.issues().into_iter().filter(|issue| issue.project == "handover").collect()
}

fn posts(rig: &Rig) -> usize {
    rig.writes().iter().filter(|it| it.method == "POST" && it.path.contains("comms-handover/issues")).count()
}

fn key(rig: &Rig) -> AlarmKey {
    AlarmKey::Handover { shift: shift(rig).id }
}

fn creating(kind: FaultKind) -> Fault {
    Fault { method: Some("POST".into()), ..Fault::of(kind) }.on("/gitlab/api/v4/projects")
}

async fn a_handover_is_filed_once_and_confidential() {
    let rig = on_duty().await;
    own_incident(&rig, "Git pushes time out").await;
    wish(&rig, ShiftWish::Note { shift: shift(&rig).id, notes: "Watch the registry.\n/close".into() })
        .await
        .expect("saved");
    rig.until("the note", |rig| shift(rig).handover.text.contains("Watch the registry.")).await;
    let text = markdown(&rig).await;
    file(&rig).await.expect("allowed");
    rig.until("the issue", |rig| matches!(shift(rig).handover.stage, HandoverStage::Filed { public: false, .. })).await;
    let issues = filed(&rig);
    assert_eq!((issues.len(), posts(&rig)), (1, 1), "once");
    let issue = &issues[0];
    assert!(issue.confidential, "{issue:?}");
    assert_eq!((issue.description.trim(), issue.title.as_str()), (text.trim(), shift(&rig).handover.title.as_str()));
    assert!(issue.description.contains("Git pushes time out") && issue.state == "opened");
    assert_eq!(shift(&rig).handover.stage, HandoverStage::Filed { url: issue.web_url.clone(), public: false });
    assert_eq!(shift(&rig).handover.done.map(|(_, how)| how), Some(HandedBy::Filed));
    assert_eq!(file(&rig).await, Err(Refusal::AlreadyFiled));
}

async fn a_lost_answer_is_read_back_and_nothing_is_filed_twice() {
    let rig = on_duty().await;
    rig.fault(creating(FaultKind::LostAnswer).times(1));
    file(&rig).await.expect("allowed");
    rig.until("the issue to be found", |rig| matches!(shift(rig).handover.stage, HandoverStage::Filed { .. })).await;
    assert_eq!((filed(&rig).len(), posts(&rig)), (1, 1), "sent once, found by reading");
}

async fn a_lost_answer_does_not_hide_what_was_edited_since() {
    let rig = on_duty().await;
    let it = shift(&rig);
    let markdown = markdown(&rig).await;
    let again = |text: &str| {
        let (title, text) = (it.handover.title.clone(), format!("{markdown}\n{text}"));
        ShiftWish::File { shift: it.id, title, text }
    };
    for (text, issues) in [("First.", 1), ("First.", 1), ("Second.", 2)] {
        wish(&rig, again(text)).await.expect("allowed");
        rig.until("the issue", |rig| matches!(shift(rig).handover.stage, HandoverStage::Filed { .. })).await;
        assert_eq!(filed(&rig).len(), issues, "{text}");
        // As if it had been handed over long before the end: it is to be filed again.
        wish(&rig, ShiftWish::NotDone { shift: shift(&rig).id }).await.expect("allowed");
        if shift(&rig).ended_at.is_none() {
            wish(&rig, ShiftWish::End).await.expect("allowed");
        }
        rig.until("the button", |rig| shift(rig).handover.stage == HandoverStage::NotFiled).await;
    }
}

async fn a_lost_request_waits_for_the_user() {
    let rig = on_duty().await;
    rig.fault(creating(FaultKind::LostRequest).times(1));
    file(&rig).await.expect("allowed");
    rig.until("the word", |rig| matches!(shift(rig).handover.stage, HandoverStage::ToBeFiled { .. })).await;
    rig.stays("nothing is sent by itself", Duration::from_secs(2), |rig| posts(rig) == 1).await;
    assert_eq!(filed(&rig).len(), 0);
    file(&rig).await.expect("the user may");
    rig.until("the issue", |rig| matches!(shift(rig).handover.stage, HandoverStage::Filed { .. })).await;
    assert_eq!(filed(&rig).len(), 1);
}

async fn a_tracker_that_is_away_asks_when_it_is_back() {
    let rig = on_duty().await;
    rig.fault(Fault::of(FaultKind::Reset).on("/gitlab"));
    file(&rig).await.expect("tried");
    let waits = |rig: &Rig, back: bool| match shift(rig).handover.stage {
        HandoverStage::ToBeFiled { now, .. } => now == back,
        HandoverStage::NotFiled | HandoverStage::Sending | HandoverStage::ReadingBack | HandoverStage::Filed { .. } => {
            false
        }
    };
    rig.until("the word that it waits", |rig| waits(rig, false)).await;
    assert!(rig.rounds_of(&key(&rig)).is_empty(), "nothing is asked of the user meanwhile");
    rig.clear_faults();
    rig.poll_now().await;
    rig.until("the question", |rig| waits(rig, true) && !rig.rounds_of(&key(rig)).is_empty()).await;
    let asked = rig.rounds_of(&key(&rig)).pop().expect("asked");
    assert!(asked.title.contains("File the handover now?") && !asked.critical, "{asked:?}");
    assert_eq!(filed(&rig).len(), 0, "nothing late by itself");
    file(&rig).await.expect("the user says so");
    rig.until("the issue", |rig| matches!(shift(rig).handover.stage, HandoverStage::Filed { .. })).await;
    rig.until("the end of the question", |rig| rig.screen.look().withdrawn.contains(&key(rig))).await;
    assert_eq!(filed(&rig).len(), 1);
}

async fn a_public_answer_is_told_until_it_is_put_right() {
    let rig = with_playbook("", "[[projects]]\nkey = \"handover\"\ndrops_confidential = true\n").await;
    file(&rig).await.expect("allowed");
    rig.until("the alarm", |rig| !rig.rounds_of(&key(rig)).is_empty()).await;
    let issue = filed(&rig).remove(0);
    assert!(!issue.confidential, "this tracker ignores what it is asked");
    let told = rig.rounds_of(&key(&rig)).remove(0);
    assert!(told.title.contains("public") && told.body.contains(&issue.web_url), "{told:?}");
    assert_eq!(shift(&rig).handover.stage, HandoverStage::Filed { url: issue.web_url, public: true });
    wish(&rig, ShiftWish::MadeConfidential { shift: shift(&rig).id }).await.expect("said");
    rig.until("the end of the alarm", |rig| rig.screen.look().withdrawn.contains(&key(rig))).await;
}

async fn a_label_that_does_not_exist_is_not_made() {
    let rig = with_playbook("handover.labels = [\"handover\", \"no-such-label\"]\n", "").await;
    file(&rig).await.expect("allowed");
    rig.until("the refusal", |rig| matches!(&shift(rig).handover.stage, HandoverStage::ToBeFiled { why, .. } if why.contains("no-such-label"))).await;
    assert_eq!(posts(&rig), 0);
}

// ---- shifts ----

async fn the_shift_begins_with_the_schedule() {
    let rig = Rig::quiet().await;
    let it = shift(&rig);
    let entry = rig.herald.shown().view.duty.now[0].clone();
    assert_eq!((Some(it.started_at), it.role, it.by_hand), (entry.start, Role::OnCall, false));
    assert!(it.test_due, "a test of the alarm is offered");
    let page = rig.trigger("Sign-in fails");
    rig.until_announced(&page).await;
    rig.acknowledge(&page).await.expect("allowed");
    rig.until("the page in the handover", |rig| shift(rig).handover.text.contains("acknowledged after")).await;
    assert!(shift(&rig).handover.text.contains("Sign-in fails") && !shift(&rig).handover.nothing);
}

async fn a_missing_handover_reminds_and_may_be_quiet() {
    let rig = Rig::quiet().await;
    assert!(shift(&rig).handover.nothing && rig.rounds_of(&key(&rig)).is_empty());
    wish(&rig, ShiftWish::End).await.expect("allowed");
    rig.until("the reminder", |rig| !rig.rounds_of(&key(rig)).is_empty()).await;
    let told = rig.rounds_of(&key(&rig)).remove(0);
    assert!(told.title.contains("Handover missing") && !told.critical, "calmer than a page: {told:?}");
    assert!(told.buttons.iter().any(|(button, _)| *button == Button::Quiet), "{told:?}");
    rig.command(Command::Quiet { alarm: key(&rig) }).await.expect("quiet");
    wish(&rig, ShiftWish::Done { shift: shift(&rig).id, how: HandedBy::Nothing }).await.expect("said");
    rig.until("its end", |rig| rig.screen.look().withdrawn.contains(&key(rig))).await;
    assert!(!shift(&rig).handover.missing);
}

async fn a_shadow_files_nothing() {
    let rig = on_duty().await;
    rig.set(herald_core::SettingsPatch::Shadow { on: true }).await;
    assert_eq!(file(&rig).await, Err(Refusal::ShadowPublish));
    rig.set(herald_core::SettingsPatch::Shadow { on: false }).await;
    wish(&rig, ShiftWish::End).await.expect("allowed");
    wish(&rig, ShiftWish::Start { role: Role::Shadow, ends_at: None }).await.expect("allowed");
    rig.until("the shadow's shift", |rig| shift(rig).role == Role::Shadow).await;
    assert_eq!(file(&rig).await, Err(Refusal::ShadowPublish), "a trainee's shift");
    assert_eq!(posts(&rig), 0);
}

async fn what_one_hands_over_the_next_takes_over() {
    let rig = Rig::quiet().await;
    let own = Own { title: Some("Git pushes time out".into()), im: Some("Mateo".into()), ..Own::default() };
    rig.wish(IncidentWish::Open { own, page: None }).await;
    let id = rig.only_incident().id;
    rig.wish(IncidentWish::Decide { incident: id, yes: true }).await;
    rig.until("the incident in it", |rig| shift(rig).handover.text.contains("Mateo")).await;
    let markdown = markdown(&rig).await;
    let before = rig.only_incident();

    let next = Rig::quiet().await;
    assert_eq!(wish(&next, ShiftWish::Import { markdown: "nothing".into() }).await, Err(Refusal::NoHandover));
    let cut = markdown[..markdown.len() - 9].to_owned();
    assert_eq!(wish(&next, ShiftWish::Import { markdown: cut }).await, Err(Refusal::HandoverDamaged));
    assert!(next.incidents().is_empty(), "a mangled one changes nothing");
    for time in ["once", "twice"] {
        wish(&next, ShiftWish::Import { markdown: markdown.clone() }).await.expect("allowed");
        next.until("the incident", |rig| !rig.incidents().is_empty()).await;
        let card = next.only_incident();
        assert_eq!((card.title.as_str(), card.im.as_deref()), ("Git pushes time out", Some("Mateo")), "{time}");
        assert_eq!(card.clock.map(|it| it.clock), before.clock.clone().map(|it| it.clock), "{time}: the same clock");
        assert_eq!(card.log.len(), 1, "{time}: {:?}", card.log);
    }
}

async fn everything_is_there_after_a_restart() {
    let rig = Rig::quiet().await;
    let id = shift(&rig).id;
    wish(&rig, ShiftWish::Write { shift: id, text: "My own words".into() }).await.expect("saved");
    wish(&rig, ShiftWish::End).await.expect("allowed");
    rig.until("the reminder", |rig| !rig.rounds_of(&key(rig)).is_empty()).await;
    let before = shift(&rig);
    let rig = rig.stopped().started();
    rig.until("the shift", |rig| !rig.herald.shown().view.shifts.is_empty()).await;
    let after = shift(&rig);
    assert_eq!((after.id, after.ended_at, after.handover.text), (before.id, before.ended_at, before.handover.text));
    assert!(after.handover.missing, "it still reminds");
}
