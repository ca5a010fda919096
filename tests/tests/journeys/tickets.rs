//! Tickets that nobody has tagged, counted over the real protocol: shown, never an alarm, never asked for in vain.

use std::time::Duration;

use herald_core::incident::Own;
use herald_core::view::tickets::TicketsView;
use herald_core::{Command, FaultKind as Kind, IncidentId, IncidentWish, TokenPlace};
use herald_engine::{ConnectZendesk, Connecting};
use herald_practice::{Act, Declare, Fault, FaultKind, Request, Tickets};

use crate::rig::Rig;

stories! {
    tickets_are_counted:
    the_untagged_are_counted_and_shown,
    nothing_is_asked_while_nothing_is_open,
    a_refused_key_is_told_once_and_alarms_nobody,
    a_pause_is_honoured,
    a_failure_is_shown_beside_what_was_known,
    only_a_key_that_works_is_kept,
}

/// Longer than a Herald takes that asks at once.
const A_WHILE: Duration = Duration::from_millis(1500);

async fn the_untagged_are_counted_and_shown() {
    let rig = desk().await;
    let (id, iid) = incident(&rig, 7).await;
    rig.until("the count", |rig| tickets(rig, id).is_some_and(|it| it.count == Some(7))).await;
    let asked = counts(&rig);
    assert_eq!(asked.len(), 1, "once: {asked:#?}");
    let query = &asked[0].path;
    let tag = format!("-tags%3Acom_incident_{iid}");
    assert!(query.contains("query=type%3Aticket+created%3E4hours") && query.contains(&tag), "{query}");
    assert_eq!(rig.writes(), [], "nothing is written");
    let shown: Vec<String> =
        rig.screen.look().shown.iter().map(|it| serde_json::to_string(&it.view).expect("a view is JSON")).collect();
    let token = rig.world.announcement().zendesk.token;
    assert!(!shown.iter().any(|view| view.contains(&token)), "the key is in no view");
}

async fn nothing_is_asked_while_nothing_is_open() {
    let rig = desk().await;
    rig.stays("silence", A_WHILE, |rig| counts(rig).is_empty()).await;
    let (id, _) = incident(&rig, 3).await;
    rig.until("the count", |rig| tickets(rig, id).is_some_and(|it| it.count == Some(3))).await;
    rig.stays("the pause between two counts", A_WHILE, |rig| counts(rig).len() == 1).await;
}

async fn a_refused_key_is_told_once_and_alarms_nobody() {
    let rig = desk().await;
    let calm = rig.sign();
    rig.fault(Fault::status(401).on("/zendesk"));
    let (first, _) = incident(&rig, 1).await;
    rig.until("the first refusal", |rig| tickets(rig, first).is_some_and(|it| it.fault.is_some())).await;
    let (second, _) = incident(&rig, 1).await;
    rig.until("the second", |rig| view(rig).is_some_and(|it| it.key_refused)).await;
    let fault = view(&rig).and_then(|it| it.fault).expect("told in Settings");
    assert!(fault.kind == Kind::Unauthorized && fault.reason.contains("authenticate"), "{fault:?}");
    let (third, _) = incident(&rig, 1).await;
    rig.stays("a key that is not used any more", A_WHILE, |rig| counts(rig).len() == 2).await;
    assert!(rig.screen.look().announced.is_empty(), "no alarm: {:?}", rig.screen.look().announced);
    assert_eq!(rig.sign(), calm, "and the icon stays as it was");
    rig.clear_faults();
    connect(&rig).await;
    for id in [first, second, third] {
        rig.until("counts with the new key", |rig| tickets(rig, id).is_some_and(|it| it.count == Some(1))).await;
    }
}

async fn a_pause_is_honoured() {
    let rig = desk().await;
    rig.fault(Fault { retry_after: Some("4".into()), ..Fault::status(429).on("/zendesk").times(1) });
    let (first, _) = incident(&rig, 5).await;
    rig.until("the refusal", |rig| tickets(rig, first).is_some_and(|it| it.fault.is_some())).await;
    let (second, _) = incident(&rig, 6).await;
    rig.until("the count after the pause", |rig| tickets(rig, second).is_some_and(|it| it.count == Some(6))).await;
    let asked = counts(&rig);
    assert_eq!(asked.len(), 2, "{asked:#?}");
    let waited = (asked[1].at - asked[0].at).num_milliseconds();
    assert!(waited >= 3_900, "it waited {waited} ms");
    assert_eq!(tickets(&rig, second).and_then(|it| it.fault), None);
}

async fn a_failure_is_shown_beside_what_was_known() {
    let rig = desk().await;
    let (first, _) = incident(&rig, 4).await;
    rig.until("the count", |rig| tickets(rig, first).is_some_and(|it| it.count == Some(4))).await;
    let portal = Fault::of(FaultKind::CaptivePortal);
    for fault in [portal, Fault::status(500), Fault::of(FaultKind::Truncated), Fault::of(FaultKind::Empty)] {
        let name = format!("{fault:?}");
        rig.fault(fault.on("/zendesk"));
        let (second, _) = incident(&rig, 4).await;
        rig.until(&name, |rig| tickets(rig, second).is_some_and(|it| it.fault.is_some())).await;
        let shown = tickets(&rig, first).expect("shown");
        assert!(shown.count == Some(4) && shown.at.is_some(), "{name}: {shown:?}");
        assert!(rig.herald.shown().view.source.fault.is_none(), "{name} is Zendesk's alone");
        rig.world.clear_fault(None);
        rig.wish(IncidentWish::End { incident: second, yes: true }).await;
        let (third, _) = incident(&rig, 4).await;
        rig.until("an answer", |rig| tickets(rig, third).is_some_and(|it| it.count == Some(4) && it.fault.is_none()))
            .await;
        rig.wish(IncidentWish::End { incident: third, yes: true }).await;
    }
}

async fn only_a_key_that_works_is_kept() {
    let rig = Rig::quiet().await;
    let zendesk = rig.world.announcement().zendesk;
    let plain = "http://desk.example".to_owned();
    for (base_url, email, token, expected) in [
        (plain, zendesk.email.clone(), zendesk.token.clone(), "https"),
        (zendesk.url.clone(), "nobody".to_owned(), zendesk.token.clone(), "e-mail"),
        (zendesk.url.clone(), zendesk.email.clone(), " ".to_owned(), "token"),
        (zendesk.url.clone(), zendesk.email.clone(), "wrong-secret".to_owned(), "does not accept"),
    ] {
        let to = Connecting::Zendesk(ConnectZendesk { base_url, email, token: token.into() });
        let error = rig.herald.connect_any(to, false).await.err().expect("refused");
        assert!(error.message.contains(expected) && !error.message.contains("secret"), "{error}");
        assert_eq!(view(&rig), None);
    }
    connect(&rig).await;
    let rig = rig.stopped().started();
    let kept = view(&rig).expect("remembered");
    assert_eq!((kept.email, kept.token), (zendesk.email, TokenPlace::ThisSession));
    rig.command(Command::DisconnectZendesk).await.expect("always");
    let rig = rig.stopped().started();
    assert_eq!(view(&rig), None, "for good");
}

/// A Herald that is connected to Zendesk. Trying the key is no count of anything.
async fn desk() -> Rig {
    let rig = Rig::quiet().await;
    connect(&rig).await;
    rig
}

async fn connect(rig: &Rig) {
    let zendesk = rig.world.announcement().zendesk;
    let to = ConnectZendesk { base_url: zendesk.url, email: zendesk.email, token: zendesk.token.into() };
    if let Err(error) = rig.herald.connect_any(Connecting::Zendesk(to), false).await {
        panic!("{error}");
    }
}

/// Declares an incident with so many untagged tickets, and enters it by hand with its issue's number.
async fn incident(rig: &Rig, count: u64) -> (IncidentId, String) {
    let declare = Declare { title: "Checkout fails".into(), ..Declare::default() };
    let iid = rig.act(Act::Declare(declare)).remove(0);
    rig.act(Act::Tickets(Tickets { incident: iid.clone(), count }));
    let url = format!("https://tracker.example/ops/-/issues/{iid}");
    let own = Own { title: Some(format!("Checkout fails {iid}")), issue_url: Some(url), ..Own::default() };
    rig.wish(IncidentWish::Open { own, page: None }).await;
    let id = rig.incidents().into_iter().map(|card| card.id).max().expect("opened");
    (id, iid)
}

fn tickets(rig: &Rig, id: IncidentId) -> Option<TicketsView> {
    rig.incidents().into_iter().find(|card| card.id == id)?.stages.tickets
}

fn view(rig: &Rig) -> Option<herald_core::view::tickets::ZendeskView> {
    rig.herald.shown().view.zendesk.clone()
}

/// Every question for an incident's tickets, without those that try a key.
fn counts(rig: &Rig) -> Vec<Request> {
    rig.requests_to("/zendesk").into_iter().filter(|request| request.path.contains("tags%3A")).collect()
}
