//! The stages of the duty over the real protocols: what Herald ticks by itself, the label, and the note a page closes with.

use std::collections::BTreeSet;

use herald_core::draft::Text;
use herald_core::incident::By;
use herald_core::stage::{Mark, Stage};
use herald_core::view::incidents::IncidentCard;
use herald_core::{Command, Impact, IncidentWish, Phase, Refusal, SettingsPatch};
use herald_practice::{Act, Declare, Fault, FaultKind, Request, Site};

use crate::rig::{Rig, Setup, id};

stories! {
    stages_are_walked_through:
    engage_is_ticked_as_it_is_done,
    a_label_is_set_once_and_the_others_stay,
    an_unknown_label_is_refused_and_not_created,
    a_lost_answer_about_a_label_is_read_back,
    a_shadow_sets_no_label,
}

const LABEL: &str = "Incident-Comms::Status-Page";

async fn declared(rig: &Rig) -> IncidentCard {
    rig.act(Act::Declare(Declare { title: "Checkout fails".into(), severity: Some(2), ..Declare::default() }));
    rig.follow("the card", |rig| !rig.incidents().is_empty()).await;
    rig.only_incident()
}

fn mark(card: &IncidentCard, task: &str) -> Mark {
    card.stages.tasks.iter().find(|it| it.id == task).expect("the playbook has it").mark.clone()
}

fn seen(card: &IncidentCard, task: &str) -> bool {
    matches!(mark(card, task), Mark::Done { by: By::Herald, .. })
}

fn labels(rig: &Rig, card: &IncidentCard) -> BTreeSet<String> {
    let iid = card.issue.as_ref().and_then(|issue| issue.iid).expect("it has an issue");
    rig.world.issue(iid).expect("the world has it").labels.into_iter().collect()
}

fn label_writes(rig: &Rig) -> Vec<Request> {
    rig.writes().into_iter().filter(|request| request.path.starts_with("/gitlab/")).collect()
}

fn said(rig: &Rig, what: &str) -> bool {
    rig.only_incident().log.iter().any(|event| event.what.contains(what))
}

async fn tick(rig: &Rig, card: &IncidentCard, tasks: &[&str]) {
    for task in tasks {
        rig.wish(IncidentWish::Tick { incident: card.id, task: (*task).into() }).await;
    }
}

async fn engage_is_ticked_as_it_is_done() {
    let rig = Rig::watching(Site::StatusIo).await;
    let page = rig.trigger("Checkout fails");
    let card = declared(&rig).await;
    assert_eq!(card.stages.current, Stage::Engage);
    assert_eq!(card.stages.label, None, "nothing is public, so no label is lacking");
    rig.until_announced(&page).await;
    rig.acknowledge(&page).await.expect("it is mine");
    rig.until("the tick of the page", |rig| seen(&rig.only_incident(), "acknowledge")).await;

    rig.wish(IncidentWish::Decide { incident: card.id, yes: true }).await;
    let text = Text {
        title: "Checkout fails".into(),
        body: "We are looking into it.".into(),
        phase: Phase::Investigating,
        impact: Some(Impact::Degraded),
        components: rig.herald.shown().view.components.iter().take(1).map(|it| it.id.clone()).collect(),
        promise: true,
        muted: BTreeSet::new(),
    };
    rig.wish(IncidentWish::Publish { incident: card.id, text, seen: None }).await;
    rig.follow("it to be seen live", |rig| seen(&rig.only_incident(), "verify-post")).await;
    let told = rig.only_incident();
    assert!(seen(&told, "ask-public") && seen(&told, "create-post") && seen(&told, "note-updates"), "{told:#?}");
    let lacking = told.stages.label.expect("published without the label (H52)");
    assert_eq!((lacking.name.as_str(), lacking.why_not), (LABEL, None));

    let lacks = rig.card(&page).expect("still open").lacks;
    assert!(lacks.iter().any(|it| it == "Label the issue") && !lacks.is_empty(), "{lacks:?}");
    rig.wish(IncidentWish::Label { incident: card.id }).await;
    rig.until("the tick of the label", |rig| seen(&rig.only_incident(), "label-issue")).await;
    assert_eq!(rig.only_incident().stages.label, None);
    tick(&rig, &card, &["join-channel", "join-call", "be-heard", "confirm-severity", "notify-stakeholders"]).await;
    assert_eq!(rig.card(&page).expect("still open").lacks, Vec::<String>::new(), "it may be closed now (H23)");

    let shown = rig.card(&page).expect("still open");
    let note = Some("  Public is told,\nlabel is set ".to_owned());
    let close = Command::ClosePage { page: id(&page), triggered_at: shown.triggered_at, note };
    rig.command(close).await.expect("it is mine");
    rig.until("the next stage", |rig| rig.only_incident().stages.current == Stage::Manage).await;
    let closing = rig.writes().into_iter().rfind(|request| request.path.starts_with("/incidents/")).expect("written");
    assert!(closing.body.contains(r#""resolution":"Public is told, label is set""#), "{}", closing.body);
}

async fn a_label_is_set_once_and_the_others_stay() {
    let rig = Rig::watching(Site::StatusIo).await;
    let card = declared(&rig).await;
    let before = labels(&rig, &card);
    rig.wish(IncidentWish::Label { incident: card.id }).await;
    rig.until("the word", |rig| said(rig, &format!("Label {LABEL} set"))).await;
    let mut expected = before;
    expected.insert(LABEL.into());
    assert_eq!(labels(&rig, &card), expected, "the others stay");
    rig.poll_now().await;
    rig.until_polled(2).await;
    assert_eq!(label_writes(&rig).len(), 1, "once");
}

async fn an_unknown_label_is_refused_and_not_created() {
    let playbook = "tracker.page_label = \"Nobody::Made-This\"\n".into();
    let rig = Rig::watching_with(Setup { playbook, ..Setup::default() }, Site::StatusIo).await;
    let card = declared(&rig).await;
    rig.wish(IncidentWish::Label { incident: card.id }).await;
    rig.until("the refusal", |rig| said(rig, "not set")).await;
    assert_eq!(label_writes(&rig), [], "GitLab would make a new one (services.md 0.10)");
    assert!(!labels(&rig, &card).contains("Nobody::Made-This"));
}

async fn a_lost_answer_about_a_label_is_read_back() {
    let rig = Rig::watching(Site::StatusIo).await;
    let card = declared(&rig).await;
    let lost = Fault { method: Some("PUT".into()), ..Fault::of(FaultKind::LostAnswer) };
    rig.fault(lost.on("/gitlab/").times(1));
    rig.wish(IncidentWish::Label { incident: card.id }).await;
    rig.until("the word", |rig| said(rig, &format!("Label {LABEL} set"))).await;
    assert!(said(&rig, "answer was lost"), "{:#?}", rig.only_incident().log);
    assert!(labels(&rig, &card).contains(LABEL));
    assert_eq!(label_writes(&rig).len(), 1, "and sent once");
}

async fn a_shadow_sets_no_label() {
    let rig = Rig::watching(Site::StatusIo).await;
    let card = declared(&rig).await;
    rig.set(SettingsPatch::Shadow { on: true }).await;
    let wish = Box::new(IncidentWish::Label { incident: card.id });
    assert_eq!(rig.command(Command::Incident { wish }).await, Err(Refusal::ShadowPublish));
    assert_eq!(rig.writes(), [], "not one request that writes");
}
