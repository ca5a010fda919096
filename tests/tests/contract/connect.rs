//! Trying a key: whose it is, what it can do, and what to say when it is not good.

use herald_core::{KeyKind, Mode, TokenPlace};
use herald_engine::Shown;
use herald_engine::pagerduty::ConnectError;
use herald_practice::{Fault, FaultKind, World};

use super::scribe::Scribe;
use crate::rig::{Rig, Setup, connect_to, quiet};

stories! {
    keys_are_tried:
    every_kind_of_key_is_told_apart,
    an_account_key_needs_to_know_whom_to_watch,
    what_is_wrong_is_said_with_the_next_step,
    a_failed_attempt_leaves_the_connected_account_alone,
    a_key_of_the_other_region_is_sent_there,
    an_own_address_does_not_send_its_key_to_the_regions,
    addresses_that_would_show_the_key_are_refused,
    another_account_forgets_the_first_ones_pages,
    an_oauth_token_of_nobody_stays_one,
}

async fn every_kind_of_key_is_told_apart() {
    let rig = Rig::unconnected(Setup { email: Some(" Elena@quillbrook.example "), ..Setup::default() }).await;
    let (keys, me) = (rig.world.tokens(), rig.world.cast().me().clone());
    for (token, kind, read_only) in [
        (keys.user, KeyKind::Personal, false),
        (keys.oauth, KeyKind::OAuth, false),
        (keys.user_read_only, KeyKind::Personal, false),
        (keys.account, KeyKind::Account, true),
        (keys.oauth_account, KeyKind::OAuth, true),
        (keys.account_read_only, KeyKind::Account, true),
    ] {
        let account = rig.connect_with(&token, false).await.expect("the key is good");
        assert_eq!((account.key, account.read_only), (kind, read_only), "{token}");
        let (id, name, email) = (account.user_id, account.name, account.email);
        assert_eq!((id, name, email), (me.id.clone(), me.name.clone(), me.email.clone()), "{token}");
        assert_eq!(account.token, TokenPlace::ThisSession, "{token}: nobody asked to keep it");
        assert!(rig.herald.test_account().await.is_ok(), "{token}: and it works");
    }
}

async fn an_account_key_needs_to_know_whom_to_watch() {
    let rig = Rig::unconnected(Setup::default()).await;
    let key = rig.world.tokens().account;
    let error = rig.connect_with(&key, false).await.expect_err("whose pages?");
    assert_eq!(error.code, "account_key", "the window asks for the e-mail");
    assert!(error.message.contains("account key") && error.message.contains("e-mail"), "{error}");
    let rig = Rig::unconnected(Setup { email: Some("nobody@quillbrook.example"), ..Setup::default() }).await;
    let error = rig.connect_with(&key, false).await.expect_err("nobody");
    assert_eq!((error.code, error.message.contains("Nobody")), ("account_key", true), "{error}");
    // Half an address would be found by PagerDuty's search, too.
    let rig = Rig::unconnected(Setup { email: Some("elena"), ..Setup::default() }).await;
    assert!(rig.connect_with(&key, false).await.is_err(), "only the whole address is somebody");
}

async fn what_is_wrong_is_said_with_the_next_step() {
    let rig = Rig::unconnected(Setup::default()).await;
    let good = rig.world.tokens().user;
    for (fault, told) in [
        (Fault::status(401), "make a new one under My Profile"),
        (Fault::status(403), "key with the named permission"),
        (Fault::status(404), "Check the region or address"),
        (Fault::status(429), "Herald waits as told"),
        (Fault::status(500), "in trouble itself"),
        (Fault::of(FaultKind::CaptivePortal), "open a browser"),
        (Fault::of(FaultKind::Empty), "an empty answer"),
        (Fault::of(FaultKind::Truncated), "incomplete or garbled"),
        (Fault::of(FaultKind::LostRequest), "Check the network"),
    ] {
        rig.fault(fault.clone());
        let error = rig.connect_with(&good, false).await.expect_err(told);
        assert!(error.message.contains(told) && !error.message.contains(&good), "{:?}: {error}", fault.kind);
        rig.clear_faults();
    }
    for (key, told) in [("u+wrong_key_wrong_key", "does not accept this key"), ("  ", "Paste a key first")] {
        let error = rig.connect_with(key, false).await.expect_err(key);
        assert!(error.message.contains(told), "{key}: {error}");
    }
    assert_eq!(rig.herald.shown().view.account, None, "no failed attempt leaves anything behind");
    let asked = rig.world.requests().len();
    assert!(rig.connect_with("key\r\nX-Other: 1", false).await.is_err(), "no header is smuggled in");
    assert_eq!(rig.world.requests().len(), asked, "and nothing was sent");
}

async fn a_failed_attempt_leaves_the_connected_account_alone() {
    let rig = Rig::quiet().await;
    let before = rig.herald.shown().view.account.clone();
    assert!(rig.connect_with("u+wrong_key_wrong_key", false).await.is_err());
    let id = rig.trigger("down");
    rig.until_announced(&id).await;
    assert_eq!(rig.herald.shown().view.account, before, "it goes on as before");
}

async fn a_key_of_the_other_region_is_sent_there() {
    let (us, eu) = (started().await, started().await);
    let playbook = format!("pagerduty.regions.us = \"{}\"\npagerduty.regions.eu = \"{}\"\n", us.url(), eu.url());
    let rig = Rig::unconnected(Setup { playbook, ..Setup::default() }).await;
    us.fault(Fault::status(401)).expect("possible");
    let key = eu.tokens().user;
    let error = connect_to(&rig, &us.url(), &key).await.expect_err("another region's");
    assert_eq!(error.code, "other_region", "the window offers it");
    assert!(error.message.contains("EU region"), "{error}");
    assert!(connect_to(&rig, &eu.url(), &key).await.is_ok(), "there it is good");
    eu.fault(Fault::status(401)).expect("possible");
    let error = connect_to(&rig, &us.url(), &key).await.expect_err("nobody's");
    assert_eq!(error.code, "failed", "accepted nowhere: {error}");
}

/// A key that was typed for an own address is not shown to anybody else.
async fn an_own_address_does_not_send_its_key_to_the_regions() {
    let region = Scribe::pagerduty(|_| None).await;
    let playbook = format!("pagerduty.regions.us = \"{}\"\n", region.url);
    let rig = Rig::unconnected(Setup { playbook, ..Setup::default() }).await;
    rig.fault(Fault::status(401));
    assert!(rig.connect().await.is_err(), "refused");
    assert_eq!(region.asked().len(), 0, "nobody else was asked");
}

async fn addresses_that_would_show_the_key_are_refused() {
    let rig = Rig::unconnected(Setup::default()).await;
    let key = rig.world.tokens().user;
    for (address, told) in [
        ("http://api.pagerduty.com", "it must start with https"),
        ("http://localhost.evil.example:4010", "it must start with https"),
        ("http://127.0.0.1.evil.example", "it must start with https"),
        ("ftp://127.0.0.1", "it must start with https"),
        ("https://name:pass@api.pagerduty.com", "just the address"),
        ("https://api.pagerduty.com/?token=x", "just the address"),
        ("api.pagerduty.com", "it must begin with https://"),
        ("", "it is empty"),
    ] {
        let error = connect_to(&rig, address, &key).await.expect_err(address);
        assert!(error.message.contains(told), "{address}: {error}");
    }
    let port = rig.world.url().rsplit(':').next().expect("a port").to_owned();
    for address in [format!("http://localhost:{port}/"), format!(" http://127.0.0.1:{port} ")] {
        let connected: Result<_, ConnectError> = connect_to(&rig, &address, &key).await;
        assert!(connected.is_ok(), "{address}: loopback may do without");
    }
    let closed = World::start(quiet(1.0)).await.expect("starts").url();
    let error = connect_to(&rig, &closed, &key).await.expect_err("nobody is there");
    assert!(error.message.contains("no connection") || error.message.contains("No connection"), "{error}");
}

async fn another_account_forgets_the_first_ones_pages() {
    let rig = Rig::quiet().await;
    let id = rig.trigger("for Elena and Priya");
    rig.until_announced(&id).await;
    assert_eq!(rig.herald.shown().view.mode, Mode::Real);
    let own =
        herald_practice::Trigger { title: "Elena's own".into(), assign_to: vec!["elena".into()], ..Default::default() };
    let own = rig.act(herald_practice::Act::Trigger(own)).remove(0);
    rig.until_announced(&own).await;
    // An answer to the first one's question is still under way.
    rig.fault(Fault { latency_ms: Some(600), ..Fault::of(FaultKind::Latency) }.on("/incidents$").times(1));
    rig.poll_now().await;
    rig.until("the question", |rig| rig.requests_to("/incidents?").iter().any(|it| it.status.is_none())).await;
    let priya = rig.connect_with(&rig.world.tokens().shadow_user, false).await.expect("the key is good");
    rig.until("Priya's pages", |rig| rig.card(&id).is_some()).await;
    let of_priya = |shown: &&Shown| shown.view.account.as_ref() == Some(&priya);
    let shows_own = |shown: &Shown| shown.view.pages.iter().any(|card| card.id.as_str() == own);
    assert!(!rig.screen.look().shown.iter().filter(of_priya).any(shows_own), "Elena's own page is not Priya's");
}

async fn started() -> World {
    World::start(quiet(1.0)).await.expect("the world starts")
}

/// `/users/me` refuses a token that is nobody's with 400 or 403; it is presented as `Bearer` all the same, and watches for
/// whom the user says.
async fn an_oauth_token_of_nobody_stays_one() {
    for status in ["400 Bad Request", "403 Forbidden"] {
        let scribe = Scribe::start(move |what| match what {
            "GET /users/me" => {
                let told = r#"{"error":"Cannot get the current user with an account-level access token"}"#;
                (status, String::new(), told.to_owned())
            }
            _ if what.starts_with("GET /users?") => {
                let users = r#"{"users":[{"id":"PME","name":"Elena","email":"elena@quillbrook.example"}]}"#;
                ("200 OK", String::new(), users.to_owned())
            }
            _ if what.starts_with("GET /oncalls") => ("200 OK", String::new(), r#"{"oncalls":[]}"#.to_owned()),
            _ => ("200 OK", String::new(), r#"{"incidents":[],"more":false}"#.to_owned()),
        })
        .await;
        let setup = Setup { email: Some("elena@quillbrook.example"), ..Setup::default() };
        let rig = Rig::unconnected(setup).await;
        let account = connect_to(&rig, &scribe.url, "pdus+_0XBPWQQ_app").await.expect("the token is good");
        assert_eq!((account.key, account.read_only, account.user_id.as_str()), (KeyKind::OAuth, true, "PME"));
        rig.until("the first questions", |_| scribe.asked().len() >= 4).await;
        for asked in scribe.asked() {
            assert_eq!(asked.header("authorization"), Some("Bearer pdus+_0XBPWQQ_app"), "{status}: {}", asked.what);
        }
    }
}
