//! Writes whose answer does not come, or is a refusal: read back, never sent again, and said as it is.

use herald_core::PageStatus;
use herald_core::view::Acting;
use herald_practice::{Fault, FaultKind, Status};

use crate::rig::{Rig, Setup, quiet};

stories! {
    unclear_answers_are_read_back:
    a_lost_answer_is_read_back,
    a_lost_request_is_said_and_not_sent_again,
    a_refusal_is_said_at_once,
    while_nothing_can_be_read_it_stays_open,
    what_was_done_and_undone_is_not_done_again,
}

async fn a_lost_answer_is_read_back() {
    tokio::join!(
        was_done("lost", Fault::of(FaultKind::LostAnswer)),
        was_done("silent", Fault::of(FaultKind::SilentAnswer)),
        was_done("reset", Fault::of(FaultKind::Reset)),
        was_done("truncated", Fault::of(FaultKind::Truncated)),
    );
}

async fn a_lost_request_is_said_and_not_sent_again() {
    tokio::join!(
        was_not_done("lost", Fault::of(FaultKind::LostRequest)),
        was_not_done("hang", Fault::of(FaultKind::Hang)),
        was_not_done("500", Fault::status(500)),
        was_not_done("503", Fault::status(503)),
        was_not_done("portal", Fault::of(FaultKind::CaptivePortal)),
        was_not_done("empty", Fault::of(FaultKind::Empty)),
    );
}

async fn a_refusal_is_said_at_once() {
    tokio::join!(
        was_refused("429", Fault::status(429), "asks for a pause"),
        was_refused("400", Fault::status(400), "refused the request"),
        was_refused("402", Fault::status(402), "refused the request"),
        was_refused("404", Fault::status(404), "HTTP 404"),
    );
}

/// The answer is lost and the page cannot be read: it is told as unknown, and the page calls again in time.
async fn while_nothing_can_be_read_it_stays_open() {
    let rig = Rig::quiet().await;
    let id = rig.trigger("down");
    rig.until_announced(&id).await;
    rig.fault(Fault { name: Some("put".into()), ..Fault::of(FaultKind::LostAnswer) }.method("PUT"));
    rig.fault(Fault { name: Some("get".into()), skip: 1, ..Fault::status(503) }.on("/incidents/*").method("GET"));
    rig.fault(Fault { name: Some("list".into()), ..Fault::status(503) }.on("/incidents$").method("GET"));
    rig.acknowledge(&id).await.expect("mine");
    let reading = |rig: &Rig| rig.card(&id).is_some_and(|card| card.acting == Some(Acting::ReadingBack));
    rig.until("the doubt", reading).await;
    rig.until("more than one attempt to read", |rig| rig.requests_to(&format!("/incidents/{id}")).len() >= 4).await;
    assert!(reading(&rig) && rig.note(&id).contains("answer was lost"), "{}", rig.note(&id));
    rig.clear_faults();
    rig.until("the truth", |rig| rig.card(&id).is_some_and(|card| card.taken_by_me && card.acting.is_none())).await;
    assert_eq!((rig.writes().len(), rig.note(&id).as_str()), (1, ""), "one request, and nothing left to say");
}

/// The answer is lost, and before it is read back somebody else closes the page.
async fn what_was_done_and_undone_is_not_done_again() {
    let rig = Rig::of(Setup { world: quiet(1.01), ..Setup::default() }).await;
    let id = rig.trigger("down");
    rig.until_announced(&id).await;
    rig.fault(Fault { name: Some("put".into()), ..Fault::of(FaultKind::LostAnswer) }.method("PUT"));
    rig.fault(Fault { name: Some("get".into()), skip: 1, ..Fault::status(503) }.on("/incidents/*").method("GET"));
    rig.acknowledge(&id).await.expect("mine");
    rig.until("PagerDuty to have it", |rig| rig.incident(&id).status == Status::Acknowledged).await;
    rig.resolved(&id);
    rig.clear_faults();
    rig.until("the end", |rig| rig.card(&id).is_none()).await;
    assert_eq!((rig.writes().len(), rig.incident(&id).status), (1, Status::Resolved), "it was not opened again");
}

async fn was_done(name: &str, fault: Fault) {
    let rig = Rig::quiet().await;
    let id = rig.trigger(name);
    rig.until_announced(&id).await;
    rig.fault(fault.method("PUT"));
    rig.acknowledge(&id).await.expect("mine");
    rig.until(name, |rig| rig.card(&id).is_some_and(|card| card.taken_by_me && card.acting.is_none())).await;
    let incident = rig.incident(&id);
    assert_eq!((rig.writes().len(), incident.acknowledged_count), (1, 1), "{name}: sent and done once");
    rig.until_polled(1).await;
    assert_eq!((rig.note(&id).as_str(), rig.rounds(&id).len()), ("", 1), "{name}: nothing is left to say");
}

async fn was_not_done(name: &str, fault: Fault) {
    let rig = Rig::quiet().await;
    let id = rig.trigger(name);
    rig.until_announced(&id).await;
    rig.fault(fault.method("PUT"));
    rig.acknowledge(&id).await.expect("mine");
    rig.until(name, |rig| rig.note(&id).contains("did not arrive")).await;
    rig.until("the page to call again", |rig| rig.rounds(&id).len() == 2).await;
    let said = rig.rounds(&id).remove(1);
    assert!(said.body.contains("did not arrive"), "{name}: heard without a window: {}", said.body);
    let card = rig.card(&id).expect("still open");
    assert_eq!((card.status, card.acting, card.may.acknowledge), (PageStatus::Triggered, None, true), "{name}");
    assert_eq!((rig.writes().len(), rig.incident(&id).api_writes), (1, 0), "{name}: sent once, done never");
    rig.clear_faults();
    rig.acknowledge(&id).await.expect("the user tries again");
    rig.until(name, |rig| rig.card(&id).is_some_and(|card| card.taken_by_me && card.note.is_none())).await;
}

async fn was_refused(name: &str, fault: Fault, told: &str) {
    let rig = Rig::quiet().await;
    let id = rig.trigger(name);
    rig.until_announced(&id).await;
    rig.fault(fault.method("PUT"));
    rig.acknowledge(&id).await.expect("mine");
    rig.until(name, |rig| rig.note(&id).contains("Not acknowledged") && rig.note(&id).contains(told)).await;
    rig.until("the page to call again", |rig| rig.rounds(&id).len() == 2).await;
    let card = rig.card(&id).expect("still open");
    assert_eq!((card.acting, card.may.acknowledge), (None, true), "{name}: the user may try again");
    assert_eq!(rig.writes().len(), 1, "{name}: not by itself");
}
