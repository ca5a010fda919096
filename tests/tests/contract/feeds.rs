//! The contract with tracker and status page: every fault of the wire is one, says which, and takes nothing away.

use std::time::Duration;

use herald_core::feed::{PageKind, StatusPage};
use herald_core::view::SourceView;
use herald_core::{FaultKind as Kind, IncidentWish, Phase, SourceName};
use herald_engine::{ConnectStatusPage, Connecting, status_page_key};
use herald_practice::{Act, Declare, Fault, FaultKind, PublicIncident, PublicState, SetState, Site};
use herald_tests::wait;

use super::scribe::Scribe;
use crate::rig::{Rig, own_incident};

stories! {
    faults_of_the_feeds:
    the_trackers_faults_are_told_apart,
    statusios_faults_are_told_apart,
    statuspages_faults_are_told_apart,
    a_refused_key_is_not_used_on,
}

stories! {
    answers_of_the_feeds:
    an_unchanged_list_is_not_sent_again,
    a_list_that_moves_loses_nothing,
    a_refusal_in_a_good_answer_is_one,
    a_pause_by_another_name_is_one,
}

const ISSUES: &str = "/gitlab/api/v4/projects";

async fn the_trackers_faults_are_told_apart() {
    let rig = Rig::watching(Site::StatusIo).await;
    rig.act(Act::Declare(Declare { title: "Checkout fails".into(), severity: Some(2), ..Declare::default() }));
    every_fault_is_told(&rig, SourceName::Tracker, ISSUES).await;
}

async fn statusios_faults_are_told_apart() {
    let rig = Rig::watching(Site::StatusIo).await;
    rig.act(opened(Site::StatusIo));
    every_fault_is_told(&rig, SourceName::StatusPage, "/statusio/1.0").await;
}

async fn statuspages_faults_are_told_apart() {
    let rig = Rig::watching(Site::Statuspage).await;
    rig.act(opened(Site::Statuspage));
    every_fault_is_told(&rig, SourceName::StatusPage, "/statuspage/api").await;
}

fn opened(site: Site) -> Act {
    Act::PublicIncident(PublicIncident {
        site,
        incident: None,
        by: "dana".into(),
        title: "Checkout fails".into(),
        text: "We are looking into it.".into(),
        state: PublicState::Investigating,
        status: None,
        components: vec![],
    })
}

fn feed(rig: &Rig, source: SourceName) -> SourceView {
    rig.herald.shown().view.feeds.iter().find(|it| it.source == source).cloned().expect("connected")
}

/// faults.md 1 to 14: told by its kind; the incident stays; the next good answer ends it.
async fn every_fault_is_told(rig: &Rig, source: SourceName, path: &str) {
    rig.follow("the card", |rig| rig.incidents().len() == 1).await;
    let paused = |text: &str| Fault { retry_after: Some(text.into()), ..Fault::status(429) };
    for (fault, expected) in [
        (Fault::status(500), Kind::Server),
        (Fault::status(503), Kind::Server),
        (Fault::status(403), Kind::Forbidden),
        (Fault::status(404), Kind::NotFound),
        (Fault::of(FaultKind::CaptivePortal), Kind::NotTheService),
        (Fault::of(FaultKind::Redirect), Kind::NotTheService),
        (Fault::of(FaultKind::Truncated), Kind::Broken),
        (Fault::of(FaultKind::Empty), Kind::Broken),
        (Fault::of(FaultKind::Reset), Kind::Broken),
        (Fault { size_bytes: Some(17 * 1024 * 1024), ..Fault::of(FaultKind::Huge) }, Kind::TooLarge),
        (Fault::of(FaultKind::SlowBody), Kind::Timeout),
        (paused("1"), Kind::RateLimited),
    ] {
        let why = format!("{source}: {:?} {:?}", fault.kind, fault.status);
        rig.fault(fault.on(path));
        // What is unchanged is not sent again, and what is not sent cannot be spoilt.
        rig.act(Act::Declare(Declare { title: why.clone(), severity: Some(3), ..Declare::default() }));
        let told = |rig: &Rig| feed(rig, source).fault.is_some_and(|it| it.kind == expected);
        rig.follow(&why, told).await;
        let kept = rig.incidents().iter().any(|card| card.title.contains("Checkout fails"));
        assert!(kept, "{why}: nothing is taken away");
        rig.clear_faults();
        rig.follow(&format!("{why} to end"), |rig| feed(rig, source).fault.is_none()).await;
    }
    // Without a word on how long, Herald waits half a minute, whatever the user clicks.
    let long = Fault::status(429);
    rig.fault(long.on(path));
    rig.follow("the pause", |rig| feed(rig, source).fault.is_some_and(|it| it.kind == Kind::RateLimited)).await;
    let asked = rig.requests_to(path).len();
    let quiet = |rig: &Rig| rig.requests_to(path).len() == asked;
    rig.poll_now().await;
    rig.stays("quiet", Duration::from_secs(3), quiet).await;
    assert!(feed(rig, source).next_try_at.is_some(), "and says when it asks next");
}

/// faults.md 4: a key that is refused for a while is given up but for a try now and then, and what is known stays.
async fn a_refused_key_is_not_used_on() {
    let rig = Rig::watching(Site::StatusIo).await;
    rig.act(Act::Declare(Declare { title: "Checkout fails".into(), severity: Some(2), ..Declare::default() }));
    rig.follow("the card", |rig| rig.incidents().len() == 1).await;
    rig.fault(Fault::status(401).on(ISSUES));
    let refused = |rig: &Rig| rig.requests_to(ISSUES).iter().filter(|it| it.status == Some(401)).count();
    let given_up = || feed(&rig, SourceName::Tracker).key_refused;
    rig.poll_now().await;
    // It must last for half a minute.
    wait::until_true("the refusal", Duration::from_secs(90), given_up).await.expect("it comes");
    let tried = refused(&rig);
    assert!(tried <= 20, "no storm: {tried}");
    rig.poll_now().await;
    rig.until("a try for the user", |rig| refused(rig) == tried + 1).await;
    rig.stays("quiet", Duration::from_secs(2), |rig| refused(rig) == tried + 1 && rig.incidents().len() == 1).await;
}

async fn an_unchanged_list_is_not_sent_again() {
    let rig = Rig::watching(Site::StatusIo).await;
    rig.act(Act::Declare(Declare { title: "Checkout fails".into(), severity: Some(2), ..Declare::default() }));
    rig.follow("the card", |rig| rig.incidents().len() == 1).await;
    let unchanged = |rig: &Rig| rig.requests_to(ISSUES).iter().filter(|it| it.status == Some(304)).count();
    rig.follow("unchanged lists", |rig| unchanged(rig) >= 2).await;
    assert_eq!(rig.incidents().len(), 1, "an unchanged list is the list");
    rig.act(Act::Declare(Declare { title: "Sign-in fails".into(), severity: Some(2), ..Declare::default() }));
    rig.follow("the new one", |rig| rig.incidents().len() == 2).await;
}

/// faults.md 18: an issue that the moving of the list hides once is not gone.
async fn a_list_that_moves_loses_nothing() {
    let rig = Rig::watching(Site::StatusIo).await;
    let iids: Vec<String> = (0..103)
        .map(|n| {
            let title = format!("Number {n}");
            rig.act(Act::Declare(Declare { title, severity: Some(3), ..Declare::default() })).remove(0)
        })
        .collect();
    let second = |rig: &Rig| {
        let pages = rig.requests_to(ISSUES).into_iter().filter(|it| it.path.ends_with("&page=2"));
        pages.filter(|it| it.status == Some(200)).count()
    };
    let ended = |rig: &Rig| rig.herald.shown().view.ended.len();
    rig.follow("the second page", |rig| second(rig) >= 1).await;
    // Once: what two whole answers in a row lack counts as gone.
    rig.fault(Fault::of(FaultKind::PaginationDrift).on(ISSUES).times(2));
    let answers = rig.requests_to(ISSUES).len();
    rig.follow("some answers", |rig| rig.requests_to(ISSUES).len() >= answers + 8).await;
    assert_eq!(ended(&rig), 0, "what a moving list hides is not gone");
    rig.clear_faults();
    rig.act(Act::SetState(SetState { incident: iids[0].clone(), state: "resolved".into(), by: None }));
    rig.follow("the one that ended", |rig| ended(rig) == 1).await;
}

/// Status.io says in the body whether it was done, whatever the status of the answer (services.md 0.7).
async fn a_refusal_in_a_good_answer_is_one() {
    let scribe = Scribe::start(|what| {
        let body = match what.split(' ').next() {
            Some("GET") if what.contains("/list/") => r#"{"status":{"error":"no"},"result":[]}"#,
            Some("GET") => r#"{"result":{"status":[],"incidents":[]}}"#,
            _ => r#"{"status":{"error":"yes","message":"Page is locked"}}"#,
        };
        ("200 OK", String::new(), body.to_owned())
    })
    .await;
    let rig = Rig::quiet().await;
    let page = StatusPage {
        kind: PageKind::StatusIo,
        api_url: format!("{}/v2", scribe.url),
        feed_url: format!("{}/1.0/status", scribe.url),
        public_url: scribe.url.clone(),
        page_id: "page".into(),
        token: None,
    };
    let to = ConnectStatusPage { page, key: Some(status_page_key("id", "key").into()) };
    assert!(rig.herald.connect_any(Connecting::StatusPage(to), false).await.is_ok());
    let said = refused_update(&rig).await;
    assert!(said.contains("Page is locked"), "{said}");
    let posts = scribe.asked().into_iter().filter(|it| it.what.starts_with("POST")).count();
    assert_eq!(posts, 1, "a refusal is not sent again");
}

/// Statuspage says 420 where others say 429 (services.md 4).
async fn a_pause_by_another_name_is_one() {
    let rig = Rig::watching(Site::Statuspage).await;
    rig.fault(Fault::status(420).on("/statuspage/v1").method("POST"));
    let said = refused_update(&rig).await;
    assert!(said.contains("asks for a pause") && said.contains("Enhance your calm"), "{said}");
    assert_eq!(rig.world.statuspage_incidents().len(), 0);
}

/// Publishes an update that is refused; gives what is said of it.
async fn refused_update(rig: &Rig) -> String {
    let id = own_incident(rig, "Sign-in fails").await;
    let text = rig.only_incident().compose.text.clone().saying("We are looking into it.");
    let text = herald_core::Text {
        phase: Phase::Investigating,
        impact: Some(herald_core::Impact::Degraded),
        components: ["c1-d1".to_owned()].into(),
        ..text
    };
    rig.wish(IncidentWish::Publish { incident: id, text, seen: None }).await;
    let refused = |rig: &Rig| {
        let log = rig.only_incident().log;
        log.into_iter().map(|event| event.what).find(|what| what.starts_with("Not published"))
    };
    rig.until("the refusal", |rig| refused(rig).is_some()).await;
    assert!(rig.only_incident().compose.saved_at.is_some(), "the draft is kept");
    refused(rig).expect("just seen")
}
