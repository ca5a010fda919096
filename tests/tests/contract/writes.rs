//! Writing: look, then write once, and only what the user saw.

use herald_core::page::Gone;
use herald_core::{Command, PageStatus, Refusal};
use herald_practice::{Fault, FaultKind, Request, Status};

use crate::rig::{Rig, Setup, quiet};

stories! {
    writes_are_looked_at_first:
    acknowledging_is_one_look_and_one_write,
    closing_is_one_look_and_one_write,
    what_changed_meanwhile_is_not_written_over,
    closing_what_is_closed_writes_nothing,
    a_taken_page_can_be_closed_but_not_taken,
    a_look_that_fails_writes_nothing,
    wishes_about_nothing_are_refused,
}

async fn acknowledging_is_one_look_and_one_write() {
    let rig = Rig::quiet().await;
    let id = rig.trigger("down");
    rig.until_announced(&id).await;
    rig.acknowledge(&id).await.expect("mine");
    rig.until("the acknowledgement", |rig| rig.card(&id).is_some_and(|card| card.taken_by_me)).await;
    assert_eq!(told(&rig, &id), ["GET 200", "PUT 200"], "in this order, and no more");
    let put = rig.writes().remove(0);
    assert_eq!(put.from.as_deref(), Some("elena@quillbrook.example"));
    assert_eq!(put.body, r#"{"incident":{"status":"acknowledged","type":"incident_reference"}}"#);
    assert_eq!((rig.incident(&id).acknowledged_count, rig.incident(&id).epoch), (1, 1));
}

async fn closing_is_one_look_and_one_write() {
    let rig = Rig::quiet().await;
    let id = rig.trigger("down");
    rig.until_announced(&id).await;
    rig.close(&id).await.expect("mine");
    rig.until("the end", |rig| rig.card(&id).is_none()).await;
    assert_eq!(told(&rig, &id), ["GET 200", "PUT 200"]);
    assert_eq!(rig.writes()[0].body, r#"{"incident":{"status":"resolved","type":"incident_reference"}}"#);
    assert_eq!(rig.incident(&id).status, Status::Resolved);
    assert_eq!(rig.herald.shown().view.left[0].why, Gone::Closed);
}

async fn what_changed_meanwhile_is_not_written_over() {
    tokio::join!(
        writes_nothing("taken", |rig, id| rig.taken_by(id, "priya"), "Priya Nair had acknowledged it already"),
        writes_nothing("taken over", |rig, id| rig.taken_by(id, "dana"), "Dana Okafor had acknowledged it already"),
        writes_nothing("given away", |rig, id| rig.reassigned(id, "dana"), "assigned to Dana Okafor by now"),
        writes_nothing("closed", |rig, id| rig.resolved(id), "was closed in the meantime"),
        writes_nothing("again", again, "triggered anew in the meantime"),
    );
}

/// Acknowledging a closed page would open it again (services.md 0.1).
async fn closing_what_is_closed_writes_nothing() {
    let rig = unseen(|rig, id| rig.resolved(id)).await;
    let id = rig.world.incidents()[0].id.clone();
    rig.close(&id).await.expect("as far as Herald knows");
    rig.until("the end", |rig| rig.card(&id).is_none()).await;
    assert_eq!((rig.writes(), rig.incident(&id).status), (vec![], Status::Resolved));
}

async fn a_taken_page_can_be_closed_but_not_taken() {
    let rig = Rig::quiet().await;
    let id = rig.trigger("down");
    rig.until_announced(&id).await;
    rig.taken_by(&id, "elena");
    rig.until("it", |rig| rig.card(&id).is_some_and(|card| card.status == PageStatus::Acknowledged)).await;
    assert_eq!(rig.acknowledge(&id).await, Err(Refusal::Over), "re-acknowledging would restart its time-out");
    rig.close(&id).await.expect("mine");
    rig.until("the end", |rig| rig.incident(&id).status == Status::Resolved).await;
}

async fn a_look_that_fails_writes_nothing() {
    let rig = Rig::quiet().await;
    let id = rig.trigger("down");
    rig.until_announced(&id).await;
    for fault in [
        Fault::status(500),
        Fault::status(404),
        Fault::of(FaultKind::CaptivePortal),
        Fault::of(FaultKind::Truncated),
        Fault::of(FaultKind::LostRequest),
    ] {
        rig.fault(fault.clone().on("/incidents/*").method("GET"));
        rig.acknowledge(&id).await.expect("mine");
        rig.until("the note", |rig| rig.note(&id).contains("Not acknowledged")).await;
        rig.clear_faults();
        assert_eq!(rig.writes().len(), 0, "{:?}", fault.kind);
    }
    rig.acknowledge(&id).await.expect("mine still");
    rig.until("the acknowledgement", |rig| rig.card(&id).is_some_and(|card| card.taken_by_me)).await;
}

async fn wishes_about_nothing_are_refused() {
    let rig = Rig::quiet().await;
    let id = rig.trigger("down");
    rig.until_announced(&id).await;
    let card = rig.card(&id).expect("shown");
    let nobody = Command::Acknowledge { page: crate::rig::id("QNONE"), triggered_at: card.triggered_at };
    assert_eq!(rig.command(nobody).await, Err(Refusal::NoSuchPage));
    let earlier = card.triggered_at - chrono::TimeDelta::seconds(1);
    let other = Command::Acknowledge { page: card.id, triggered_at: earlier };
    assert_eq!(rig.command(other).await, Err(Refusal::Over), "another trigger");
    assert_eq!(rig.writes().len(), 0);
}

async fn writes_nothing(name: &str, meanwhile: impl FnOnce(&Rig, &str), note: &str) {
    let rig = unseen(meanwhile).await;
    let id = rig.world.incidents()[0].id.clone();
    let before = rig.incident(&id);
    rig.acknowledge(&id).await.expect("as far as Herald knows");
    let noted = |rig: &Rig| {
        let view = &rig.herald.shown().view;
        let notes = view.pages.iter().map(|it| &it.note).chain(view.left.iter().map(|it| &it.note));
        notes.flatten().any(|it| it.starts_with("Nothing was written") && it.contains(note))
    };
    rig.until(&format!("{name}: {note}"), noted).await;
    assert_eq!((rig.writes(), rig.incident(&id)), (vec![], before), "{name}");
}

/// A rig on whose page something happened that its list does not show yet.
async fn unseen(meanwhile: impl FnOnce(&Rig, &str)) -> Rig {
    let rig = Rig::of(Setup { world: quiet(1.01), ..Setup::default() }).await;
    let id = rig.trigger("down");
    rig.until_announced(&id).await;
    rig.fault(Fault::status(503).on("/incidents$"));
    rig.until("the list to fail", |rig| rig.fault_told().is_some()).await;
    meanwhile(&rig, &id);
    rig
}

fn again(rig: &Rig, id: &str) {
    rig.taken_by(id, "priya");
    rig.retriggered(id);
}

/// What was asked of one page, and answered.
fn told(rig: &Rig, id: &str) -> Vec<String> {
    let line = |it: &Request| format!("{} {}", it.method, it.status.unwrap_or_default());
    rig.requests_to(&format!("/incidents/{id}")).iter().map(line).collect()
}
