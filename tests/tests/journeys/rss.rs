//! A status page of which only RSS or Atom can be read: what others post there counts, and nothing is taken for calm.

use chrono::TimeDelta;
use herald_core::Phase;
use herald_core::feed::{PageKind, StatusPage};
use herald_core::view::SourceView;
use herald_engine::{ConnectStatusPage, Connecting};
use herald_practice::{Act, Fault, FaultKind, PublicIncident, PublicResolve, PublicState, PublicUpdate, Site};

use crate::rig::{Rig, own_incident};

stories! {
    a_feed_is_the_last_resort:
    somebody_elses_post_resets_the_clock_through_each_feed,
    what_is_no_feed_is_a_failure_and_takes_nothing_away,
    the_json_feed_is_never_swapped_for_another,
    history_does_not_end_what_goes_on,
}

fn feed(address: &str) -> Connecting {
    let page = StatusPage {
        kind: PageKind::Rss,
        api_url: String::new(),
        feed_url: address.to_owned(),
        public_url: String::new(),
        page_id: String::new(),
        token: None,
    };
    // What is no key of anything must neither be tried nor kept.
    Connecting::StatusPage(ConnectStatusPage { page, key: Some("left over".to_owned().into()) })
}

async fn watching(which: fn(&Rig) -> String) -> Rig {
    let rig = Rig::quiet().await;
    let address = which(&rig);
    if let Err(error) = rig.herald.connect_any(feed(&address), true).await {
        panic!("{error}");
    }
    rig.until("the feed", |rig| page(rig).is_some_and(|it| it.last_good_at.is_some())).await;
    rig
}

fn page(rig: &Rig) -> Option<SourceView> {
    rig.herald.shown().view.feeds.iter().find(|it| it.source == herald_core::SourceName::StatusPage).cloned()
}

fn opened(site: Site, title: &str) -> Act {
    Act::PublicIncident(PublicIncident {
        site,
        incident: Some(title.into()),
        by: "dana".into(),
        title: title.into(),
        text: "We are looking into it.".into(),
        state: PublicState::Investigating,
        status: None,
        components: vec![],
    })
}

fn updated(site: Site, title: &str) -> Act {
    Act::PublicUpdate(PublicUpdate {
        site,
        incident: title.into(),
        by: "dana".into(),
        text: "The cause is known.".into(),
        state: Some(PublicState::Identified),
        ..PublicUpdate::default()
    })
}

fn resolved(site: Site, title: &str) -> Act {
    let (incident, by, text) = (title.into(), "dana".into(), "All is well.".into());
    Act::PublicResolve(PublicResolve { site, incident, by, text, leave_components: false })
}

async fn somebody_elses_post_resets_the_clock_through_each_feed() {
    tokio::join!(
        followed(Site::StatusIo, |rig| rig.world.announcement().statusio.rss_url),
        followed(Site::Statuspage, |rig| rig.world.announcement().statuspage.rss_url),
        followed(Site::Statuspage, |rig| rig.world.announcement().statuspage.atom_url),
    );
}

async fn followed(site: Site, which: fn(&Rig) -> String) {
    let rig = watching(which).await;
    let shown = rig.herald.shown().view.status_page.clone().expect("connected");
    assert!(shown.token.is_none() && rig.world.url().starts_with(&shown.public_url), "{shown:?}");
    rig.act(opened(site, "Mail is late"));
    rig.follow("the card", |rig| rig.incidents().len() == 1).await;
    let before = rig.world.now();
    rig.act(updated(site, "Mail is late"));
    rig.follow("the update", |rig| rig.only_incident().phase == Some(Phase::Identified)).await;
    let card = rig.only_incident();
    let (last, clock) = (&card.updates[0], card.clock.expect("it runs").clock);
    assert_eq!((clock.from, last.mine, last.text.as_str()), (last.at, false, "The cause is known."), "{site:?} (H31)");
    // Feeds tell the minute: the clock may begin up to a minute early, and never late.
    let early = before - last.at;
    assert!(early > TimeDelta::seconds(-5) && early <= TimeDelta::seconds(65), "{site:?}: early by {early}");
    rig.act(resolved(site, "Mail is late"));
    rig.follow("its end", |rig| rig.incidents().is_empty()).await;
    assert!(rig.writes().is_empty(), "nothing is written");
}

async fn what_is_no_feed_is_a_failure_and_takes_nothing_away() {
    let rig = watching(|rig| rig.world.announcement().statusio.rss_url).await;
    rig.act(opened(Site::StatusIo, "Mail is late"));
    rig.follow("the card", |rig| rig.incidents().len() == 1).await;
    for fault in [
        Fault::of(FaultKind::CaptivePortal),
        Fault::of(FaultKind::Truncated),
        Fault::of(FaultKind::Empty),
        Fault::status(404),
    ] {
        let name = format!("{:?}", fault.kind);
        rig.fault(fault.on("/statusio/pages"));
        rig.follow(&name, |rig| page(rig).is_some_and(|it| it.fault.is_some())).await;
        assert_eq!(rig.incidents().len(), 1, "{name} takes nothing away");
        rig.clear_faults();
        rig.follow("it to answer again", |rig| page(rig).is_some_and(|it| it.fault.is_none())).await;
    }
}

async fn the_json_feed_is_never_swapped_for_another() {
    let rig = Rig::watching(Site::StatusIo).await;
    rig.act(opened(Site::StatusIo, "Mail is late"));
    rig.follow("the card", |rig| rig.incidents().len() == 1).await;
    rig.fault(Fault::of(FaultKind::CaptivePortal).on("/statusio/1.0"));
    rig.follow("the fault", |rig| page(rig).is_some_and(|it| it.fault.is_some())).await;
    let feeds = rig.requests_to("/statusio/pages").len();
    assert_eq!((feeds, rig.herald.shown().view.status_page.as_ref().map(|it| it.kind)), (0, Some(PageKind::StatusIo)));
    let again = rig.herald.shown().view.status_page.clone().expect("connected");
    let refused = rig.herald.connect_any(Connecting::StatusPage(ConnectStatusPage { page: again, key: None }), true);
    let said = refused.await.err().map(|error| error.to_string()).unwrap_or_default();
    assert!(said.contains("RSS or Atom"), "the user is told of the other kind: {said}");
}

async fn history_does_not_end_what_goes_on() {
    let rig = watching(|rig| rig.world.announcement().statusio.rss_url).await;
    rig.act(opened(Site::StatusIo, "Checkout fails"));
    rig.act(resolved(Site::StatusIo, "Checkout fails"));
    let id = own_incident(&rig, "Checkout fails").await;
    let before = page(&rig).and_then(|it| it.last_good_at);
    rig.follow("another answer", |rig| page(rig).and_then(|it| it.last_good_at) > before).await;
    let card = rig.incidents().into_iter().find(|card| card.id == id);
    assert!(card.is_some_and(|card| card.phase.is_none()), "an old post with the same title is another incident's");
}
