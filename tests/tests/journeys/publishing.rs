//! Publishing: exactly what was confirmed, once, seen on the public page, on both kinds of status page.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use herald_core::draft::{Broadcast, Text};
use herald_core::post::promise;
use herald_core::view::incidents::PublishingStage;
use herald_core::{Command, Impact, IncidentId, IncidentWish, Phase, Refusal};
use herald_practice::{Act, Fault, FaultKind, PublicIncident, PublicLag, PublicResolve, Site, Span};

use crate::rig::{Rig, Setup, own_incident};

stories! {
    updates_are_published:
    an_incident_is_told_from_beginning_to_end_on_statusio,
    an_incident_is_told_from_beginning_to_end_on_statuspage,
    a_lost_answer_is_read_back_and_nothing_is_sent_twice,
    a_lost_request_leaves_the_draft_and_is_not_sent_again,
    only_what_was_changed_about_a_post_is_sent,
    what_lands_late_is_published_once,
    a_refusal_is_told_and_the_draft_stays,
    one_refusal_does_not_cost_the_key,
    a_revoked_key_is_not_asked_with_again_and_again,
    what_is_not_seen_yet_is_said_so,
    a_shadow_publishes_nothing,
    what_a_resolution_leaves_behind_is_told,
    what_was_published_is_found_again,
}

async fn an_incident_is_told_from_beginning_to_end_on_statusio() {
    told_from_beginning_to_end(Site::StatusIo).await;
}

async fn an_incident_is_told_from_beginning_to_end_on_statuspage() {
    told_from_beginning_to_end(Site::Statuspage).await;
}

/// A text as the composer would hand it over.
pub fn text(rig: &Rig, phase: Phase, body: &str) -> Text {
    let components = rig.herald.shown().view.components.iter().take(1).map(|it| it.id.clone()).collect();
    Text {
        title: "Sign-in fails".into(),
        body: body.into(),
        phase,
        impact: Some(if phase == Phase::Resolved { Impact::Operational } else { Impact::Degraded }),
        components,
        promise: true,
        muted: BTreeSet::from([Broadcast::Sms]),
    }
}

/// Publishes it, as somebody does who has seen what there is.
pub async fn publish(rig: &Rig, incident: IncidentId, text: Text) {
    rig.wish(IncidentWish::Publish { incident, text, seen: None }).await;
}

/// What is public at the world's own side: title, and text by text.
fn published(rig: &Rig, site: Site) -> Vec<(String, Vec<String>)> {
    match site {
        Site::StatusIo => rig
            .world
            .statusio_incidents()
            .into_iter()
            .map(|it| (it.title, it.messages.into_iter().map(|message| message.details).collect()))
            .collect(),
        Site::Statuspage => rig
            .world
            .statuspage_incidents()
            .into_iter()
            .map(|it| (it.title, it.updates.into_iter().map(|update| update.body).collect()))
            .collect(),
    }
}

async fn told_from_beginning_to_end(site: Site) {
    let rig = Rig::watching(site).await;
    let id = own_incident(&rig, "Sign-in fails").await;
    let steps = [
        (Phase::Investigating, "Some people cannot sign in. We are looking into it."),
        (Phase::Identified, "We know why and work on a fix. Next update in 25 minutes."),
        (Phase::Monitoring, "A fix is out, we watch it."),
        (Phase::Resolved, "It is over."),
    ];
    for (nth, (phase, body)) in steps.into_iter().enumerate() {
        publish(&rig, id, text(&rig, phase, body)).await;
        rig.follow("the update to be live", |rig| {
            let card = rig.incidents().into_iter().find(|card| card.id == id);
            match card {
                Some(card) => card.publishing.is_empty() && card.phase == Some(phase),
                None => phase == Phase::Resolved,
            }
        })
        .await;
        assert_eq!(published(&rig, site)[0].1.len(), nth + 1, "{site:?}: one post for each");
        if phase == Phase::Identified {
            let card = rig.only_incident();
            let clock = card.clock.expect("it runs").clock;
            let promised = promise::found(body, clock.from).expect("it promises").due;
            // The page dates the update itself, a moment after Herald did.
            let near = (clock.due_at - promised).abs() < TimeDelta::seconds(5);
            assert!(near, "{site:?}: the promise holds (H32): {} is not {promised}", clock.due_at);
        }
    }
    let expected: Vec<String> = steps.iter().map(|(_, body)| (*body).to_owned()).collect();
    assert_eq!(published(&rig, site), [("Sign-in fails".to_owned(), expected)], "{site:?}: word for word");
    rig.until("nothing to be due", |rig| rig.incidents().is_empty()).await;
    if site == Site::StatusIo {
        let first = rig.world.statusio_incidents().remove(0).messages.remove(0);
        let off: Vec<_> = first.flags.iter().filter(|(_, on)| !**on).map(|(flag, _)| flag.as_str()).collect();
        assert_eq!(off, ["notify_sms"], "all channels but the one that was muted (H45)");
    }
}

async fn a_lost_answer_is_read_back_and_nothing_is_sent_twice() {
    let rig = Rig::watching(Site::StatusIo).await;
    let id = own_incident(&rig, "Sign-in fails").await;
    let lost = Fault { method: Some("POST".into()), ..Fault::of(FaultKind::LostAnswer) };
    rig.fault(lost.on("/statusio/v2/incident/create").times(1));
    publish(&rig, id, text(&rig, Phase::Investigating, "Some people cannot sign in.")).await;
    rig.follow("the update to be live", |rig| {
        let card = rig.only_incident();
        card.phase == Some(Phase::Investigating) && card.publishing.is_empty()
    })
    .await;
    assert_eq!(rig.world.statusio_incidents().len(), 1, "once");
    assert_eq!(creations(&rig), 1, "and sent once");
}

async fn a_lost_request_leaves_the_draft_and_is_not_sent_again() {
    let rig = Rig::watching(Site::StatusIo).await;
    let id = own_incident(&rig, "Sign-in fails").await;
    let lost = Fault { method: Some("POST".into()), ..Fault::of(FaultKind::LostRequest) };
    rig.fault(lost.on("/statusio/v2/incident/create").times(1));
    publish(&rig, id, text(&rig, Phase::Investigating, "Some people cannot sign in.")).await;
    rig.until("the word that it did not arrive", |rig| {
        rig.only_incident().log.iter().any(|event| event.what.starts_with("Not published"))
    })
    .await;
    let card = rig.only_incident();
    assert_eq!(card.compose.text.body, "Some people cannot sign in.", "nothing typed is lost");
    assert!(card.publishing.is_empty() && card.phase.is_none());
    assert_eq!((creations(&rig), rig.world.statusio_incidents().len()), (1, 0), "not sent again by itself");
}

async fn a_refusal_is_told_and_the_draft_stays() {
    let rig = Rig::watching(Site::StatusIo).await;
    let id = own_incident(&rig, "Sign-in fails").await;
    rig.fault(Fault { method: Some("POST".into()), ..Fault::status(429) }.on("/statusio/v2/incident"));
    publish(&rig, id, text(&rig, Phase::Investigating, "Some people cannot sign in.")).await;
    let refused = |rig: &Rig| rig.only_incident().log.iter().any(|event| event.what.starts_with("Not published"));
    rig.until("the refusal", refused).await;
    let card = rig.only_incident();
    assert!(card.compose.saved_at.is_some() && card.publishing.is_empty(), "the draft is kept");
    assert!(card.compose.unsent.is_some_and(|it| it.why.contains("pause")), "and told as not published");
    assert_eq!(rig.world.statusio_incidents().len(), 0);
}

/// H45, H47: a wider scope and a better title go along; "no news" touches neither them nor the status of anything.
async fn only_what_was_changed_about_a_post_is_sent() {
    let rig = Rig::watching(Site::Statuspage).await;
    let id = own_incident(&rig, "Sign-in fails").await;
    let first = text(&rig, Phase::Investigating, "Some people cannot sign in.");
    let components = rig.herald.shown().view.components.iter().take(2).map(|it| it.id.clone()).collect();
    let wider = Text { title: "Nobody can sign in".into(), components, ..first.clone().saying("It is worse.") };
    let same = wider.clone().saying("No news yet.");
    for (text, sent, kept) in [
        (&first, vec!["name", "components"], vec![]),
        (&wider, vec!["name", "components"], vec![]),
        (&same, vec![], vec!["name", "components", "component_ids"]),
    ] {
        publish(&rig, id, text.clone()).await;
        rig.follow("it to be live", |rig| {
            let card = rig.only_incident();
            card.publishing.is_empty() && card.updates.first().is_some_and(|it| it.text == text.body)
        })
        .await;
        let request = rig.writes().pop().expect("it was sent").body;
        let says = |key: &&str| request.contains(&format!("\"{key}\":"));
        assert!(sent.iter().all(says) && !kept.iter().any(says), "{request}");
    }
    let incident = rig.world.statuspage_incidents().remove(0);
    assert_eq!((incident.title.as_str(), incident.updates.len()), ("Nobody can sign in", 3));
    assert_eq!(rig.only_incident().title, "Nobody can sign in", "the card follows");
}

async fn what_lands_late_is_published_once() {
    let setup = Setup { playbook: "updates.late_write_s = 12\n".into(), ..Setup::default() };
    let rig = Rig::watching_with(setup, Site::StatusIo).await;
    let id = own_incident(&rig, "Sign-in fails").await;
    let late = Fault { method: Some("POST".into()), latency_ms: Some(7000), ..Fault::of(FaultKind::LateWrite) };
    rig.fault(late.on("/statusio/v2/incident/create").times(1));
    publish(&rig, id, text(&rig, Phase::Investigating, "Some people cannot sign in.")).await;
    let lacking = |it: &PublishingStage| matches!(it, PublishingStage::ReadingBack { lacking: true, .. });
    rig.until("a first look that finds nothing", |rig| {
        rig.only_incident().publishing.iter().any(|it| lacking(&it.stage))
    })
    .await;
    rig.until("the request to land", |rig| rig.world.statusio_incidents().len() == 1).await;
    rig.until("the second look", |rig| rig.only_incident().phase == Some(Phase::Investigating)).await;
    let log = rig.only_incident().log;
    assert!(!log.iter().any(|event| event.what.starts_with("Not published")), "{log:#?}");
    assert_eq!((creations(&rig), rig.world.statusio_incidents().len()), (1, 1), "once");
}

/// A firewall's page, or a call that the page does not take, says nothing about the key.
async fn one_refusal_does_not_cost_the_key() {
    let rig = Rig::watching(Site::Statuspage).await;
    let id = own_incident(&rig, "Sign-in fails").await;
    rig.fault(Fault { method: Some("POST".into()), ..Fault::status(403) }.on("/statuspage/v1").times(1));
    publish(&rig, id, text(&rig, Phase::Investigating, "Some people cannot sign in.")).await;
    let told = |rig: &Rig| rig.only_incident().log.iter().any(|event| event.what.contains("the key may be fine"));
    rig.until("the refusal", told).await;
    publish(&rig, id, text(&rig, Phase::Investigating, "Some people cannot sign in.")).await;
    rig.follow("it to be live", |rig| rig.only_incident().phase == Some(Phase::Investigating)).await;
    assert_eq!(rig.world.statuspage_incidents().len(), 1);
}

async fn a_revoked_key_is_not_asked_with_again_and_again() {
    let rig = Rig::watching(Site::StatusIo).await;
    let id = own_incident(&rig, "Sign-in fails").await;
    let lost = Fault { method: Some("POST".into()), ..Fault::of(FaultKind::LostAnswer) };
    rig.fault(lost.on("/statusio/v2/incident/create").times(1));
    // The look before it still goes well.
    rig.fault(Fault { method: Some("GET".into()), skip: 1, ..Fault::status(401) }.on("/statusio/v2"));
    publish(&rig, id, text(&rig, Phase::Investigating, "Some people cannot sign in.")).await;
    let asks = |it: &PublishingStage| matches!(it, PublishingStage::ReadingBack { asks: true, .. });
    rig.until("the question", |rig| rig.only_incident().publishing.iter().any(|it| asks(&it.stage))).await;
    let card = rig.only_incident();
    assert_eq!(card.compose.outlet.refusal, Some(Refusal::NoStatusPage), "the key is given up");
    assert!(card.log.iter().any(|event| event.what.contains("connect the page again")), "{:#?}", card.log);
    let asked = rig.requests_to("/statusio/v2").len();
    let quiet = |rig: &Rig| rig.requests_to("/statusio/v2").len() == asked;
    rig.stays("no more questions with this key", std::time::Duration::from_secs(4), quiet).await;
    let publication = card.publishing[0].id;
    rig.wish(IncidentWish::WasPublished { publication, yes: true }).await;
    assert_eq!(rig.only_incident().phase, Some(Phase::Investigating), "the user's word");
}

async fn what_is_not_seen_yet_is_said_so() {
    let rig = Rig::watching(Site::StatusIo).await;
    let id = own_incident(&rig, "Sign-in fails").await;
    rig.act(Act::PublicLag(PublicLag { site: Site::StatusIo, lag: Span::seconds(3600) }));
    publish(&rig, id, text(&rig, Phase::Investigating, "Some people cannot sign in.")).await;
    let waiting = |rig: &Rig| {
        let stages = rig.only_incident().publishing.into_iter().map(|it| it.stage);
        stages.into_iter().any(|stage| matches!(stage, PublishingStage::NotSeenYet { .. }))
    };
    rig.follow("accepted, not seen", waiting).await;
    let card = rig.only_incident();
    assert!(card.clock.is_some() && card.phase == Some(Phase::Investigating), "its clock runs from the acceptance");
    rig.act(Act::PublicLag(PublicLag { site: Site::StatusIo, lag: Span::seconds(0) }));
    rig.follow("it to be live", |rig| rig.only_incident().publishing.is_empty()).await;
    let live = rig.only_incident().log.iter().any(|event| event.what.contains("live since"));
    assert!(live, "{:#?}", rig.only_incident().log);
}

async fn a_shadow_publishes_nothing() {
    let rig = Rig::watching(Site::StatusIo).await;
    let id = own_incident(&rig, "Sign-in fails").await;
    rig.set(herald_core::SettingsPatch::Shadow { on: true }).await;
    let text = text(&rig, Phase::Investigating, "Some people cannot sign in.");
    let wish = Box::new(IncidentWish::Publish { incident: id, text, seen: None });
    assert_eq!(rig.command(Command::Incident { wish }).await, Err(Refusal::ShadowPublish));
    assert_eq!(rig.writes(), [], "not one request that writes");
}

fn creations(rig: &Rig) -> usize {
    rig.requests_to("/statusio/v2/incident/create").len()
}

/// Somebody in a hurry leaves a component as it is while the last word is on its way to the public.
async fn what_a_resolution_leaves_behind_is_told() {
    let rig = Rig::watching(Site::StatusIo).await;
    let id = own_incident(&rig, "Sign-in fails").await;
    publish(&rig, id, text(&rig, Phase::Investigating, "Some people cannot sign in.")).await;
    rig.follow("it to be live", |rig| rig.only_incident().publishing.is_empty()).await;
    let component = rig.world.public_components(Site::StatusIo).remove(0);
    rig.act(Act::PublicLag(PublicLag { site: Site::StatusIo, lag: Span::seconds(3600) }));
    publish(&rig, id, text(&rig, Phase::Resolved, "All is well.")).await;
    rig.until("the page to have it", |rig| published(rig, Site::StatusIo)[0].1.len() == 2).await;
    let hurry = PublicIncident {
        site: Site::StatusIo,
        incident: Some("hurry".into()),
        by: "dana".into(),
        title: "Something else".into(),
        text: "Looking.".into(),
        components: vec![component.key.clone()],
        ..PublicIncident::default()
    };
    rig.act(Act::PublicIncident(hurry));
    rig.act(Act::PublicResolve(PublicResolve {
        site: Site::StatusIo,
        incident: "hurry".into(),
        by: "dana".into(),
        text: "Done.".into(),
        leave_components: true,
    }));
    rig.act(Act::PublicLag(PublicLag { site: Site::StatusIo, lag: Span::seconds(0) }));
    let told = |rig: &Rig| {
        let ended = rig.herald.shown().view.ended.iter().find(|card| card.id == id).cloned();
        ended.is_some_and(|card| card.leftover.iter().any(|it| it.name.contains(&component.name)))
    };
    rig.follow("what is left behind", told).await;
}

/// H44: by its words, its title, and without any word.
async fn what_was_published_is_found_again() {
    let rig = Rig::watching(Site::Statuspage).await;
    let id = own_incident(&rig, "Sign-in fails").await;
    let body = "Some people cannot sign in. \"Quotes\" and 100% of signs are words, too.";
    publish(&rig, id, text(&rig, Phase::Investigating, body)).await;
    rig.follow("it to be live", |rig| rig.only_incident().publishing.is_empty()).await;
    for (query, expected) in [
        ("people", 1),
        ("PEOPLE sign-in", 1),
        ("peop", 1),
        ("\"quotes\" and 100%", 1),
        ("fails", 1),
        ("", 1),
        ("   ", 1),
        ("nobody", 0),
        ("people OR nobody", 0),
        ("* NEAR( \u{0}", 0),
    ] {
        let found = rig.herald.search_updates(query.to_owned()).await.expect("the store can be read");
        let texts: Vec<&str> = found.iter().map(|it| it.text.as_str()).collect();
        assert_eq!(texts.len(), expected, "{query:?}: {texts:?}");
        assert!(found.iter().all(|it| it.mine && it.incident == id && it.phase == Phase::Investigating), "{found:?}");
    }
}
