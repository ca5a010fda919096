//! Publishing while the world moves: a colleague is faster, and Herald, which looks first, sends nothing before the user
//! has seen it. The public feed lags behind in all of these stories, as it does on real pages.

use std::time::Duration;

use herald_core::basis::Overtaken;
use herald_core::ended::{EndedHow, WriteOf};
use herald_core::{Command, IncidentId, IncidentWish, Phase, Refusal};
use herald_practice::{
    Act, Fault, FaultKind, Options, PublicIncident, PublicLag, PublicResolve, PublicState, PublicUpdate, Scenario,
    Site, Span,
};

use super::publishing::{publish, text};
use crate::rig::{Rig, Setup, own_incident};

stories! {
    colleagues_are_faster:
    what_a_colleague_resolved_is_not_reopened_on_statusio,
    what_a_colleague_resolved_is_not_reopened_on_statuspage,
    what_a_colleague_posted_is_shown_before_mine_goes_out_on_statusio,
    what_a_colleague_posted_is_shown_before_mine_goes_out_on_statuspage,
    what_a_colleague_opened_is_not_opened_again_on_statusio,
    what_a_colleague_opened_is_not_opened_again_on_statuspage,
    without_a_look_nothing_is_sent,
    a_look_that_fails_is_no_answer_that_was_lost,
    the_same_words_twice_are_published_twice_on_statusio,
    the_same_words_twice_are_published_twice_on_statuspage,
    who_is_faster_by_a_blink_is_told_of,
    being_overtaken_can_be_practised,
}

async fn what_a_colleague_resolved_is_not_reopened_on_statusio() {
    not_reopened(Site::StatusIo).await;
}

async fn what_a_colleague_resolved_is_not_reopened_on_statuspage() {
    not_reopened(Site::Statuspage).await;
}

async fn what_a_colleague_posted_is_shown_before_mine_goes_out_on_statusio() {
    shown_first(Site::StatusIo).await;
}

async fn what_a_colleague_posted_is_shown_before_mine_goes_out_on_statuspage() {
    shown_first(Site::Statuspage).await;
}

async fn what_a_colleague_opened_is_not_opened_again_on_statusio() {
    not_opened_again(Site::StatusIo).await;
}

async fn what_a_colleague_opened_is_not_opened_again_on_statuspage() {
    not_opened_again(Site::Statuspage).await;
}

async fn the_same_words_twice_are_published_twice_on_statusio() {
    twice(Site::StatusIo).await;
}

async fn the_same_words_twice_are_published_twice_on_statuspage() {
    twice(Site::Statuspage).await;
}

/// A Herald whose first update is live, and whose public feed lags behind from then on.
async fn live(site: Site) -> (Rig, IncidentId) {
    let rig = Rig::watching(site).await;
    let id = own_incident(&rig, "Sign-in fails").await;
    publish(&rig, id, text(&rig, Phase::Investigating, "Some people cannot sign in.")).await;
    rig.follow("it to be live", |rig| rig.only_incident().publishing.is_empty()).await;
    assert_eq!(words(&rig, site).len(), 1);
    rig.act(Act::PublicLag(PublicLag { site, lag: Span::seconds(3600) }));
    (rig, id)
}

/// What the newest incident of the page says, update by update.
fn words(rig: &Rig, site: Site) -> Vec<String> {
    match site {
        Site::StatusIo => {
            let newest = rig.world.statusio_incidents().pop().map(|it| it.messages).unwrap_or_default();
            newest.into_iter().map(|it| it.details).collect()
        }
        Site::Statuspage => {
            let newest = rig.world.statuspage_incidents().pop().map(|it| it.updates).unwrap_or_default();
            newest.into_iter().map(|it| it.body).collect()
        }
    }
}

fn overtaken(rig: &Rig, id: IncidentId) -> Option<Overtaken> {
    let view = &rig.herald.shown().view;
    let card = view.incidents.iter().chain(&view.wrapping).find(|card| card.id == id)?;
    card.compose.unsent.as_ref()?.overtaken.clone()
}

/// How the last attempt ended, as whoever waits for it learns.
fn how(rig: &Rig) -> Option<EndedHow> {
    let ended = rig.herald.shown().view.writes.ended.clone();
    ended.into_iter().rfind(|it| matches!(it.of, WriteOf::Update { .. })).map(|it| it.how)
}

async fn not_reopened(site: Site) {
    let (rig, id) = live(site).await;
    let (incident, by, text_of) = ("last".to_owned(), "dana".to_owned(), "All is well again.".to_owned());
    rig.act(Act::PublicResolve(PublicResolve { site, incident, by, text: text_of, leave_components: false }));
    let before = rig.writes().len();
    publish(&rig, id, text(&rig, Phase::Monitoring, "A fix is out, we watch it.")).await;
    rig.until("the word that nothing was sent", |rig| overtaken(rig, id).is_some()).await;
    assert_eq!(rig.writes().len(), before, "{site:?}: not one request that writes");
    assert_eq!(words(&rig, site), ["Some people cannot sign in.", "All is well again."], "{site:?}: it stays resolved");
    let told = overtaken(&rig, id).expect("told");
    assert!(told.resolved && told.headline == "somebody resolved it", "{site:?}: {told:?}");
    assert_eq!(told.update.map(|it| it.text).as_deref(), Some("All is well again."), "{site:?}: word for word");
    assert_eq!(how(&rig), Some(EndedHow::Overtaken), "{site:?}");
    rig.follow("the card to end, though the public feed lags", |rig| rig.incidents().is_empty()).await;
    let wish = IncidentWish::Publish { incident: id, text: text(&rig, Phase::Monitoring, "Once more."), seen: None };
    let again = rig.command(Command::Incident { wish: Box::new(wish) }).await;
    assert_eq!(again, Err(Refusal::NoSuchIncident), "{site:?}: not by another Enter");
    if site == Site::StatusIo {
        // It takes no update of what is resolved.
        return;
    }
    rig.wish(IncidentWish::End { incident: id, yes: false }).await;
    publish(&rig, id, text(&rig, Phase::Investigating, "It came back.")).await;
    rig.until("it to be reopened, by the user's own decision", |rig| words(rig, site).len() == 3).await;
}

async fn shown_first(site: Site) {
    let (rig, id) = live(site).await;
    let shown = rig.only_incident().compose.basis;
    rig.act(Act::PublicUpdate(PublicUpdate {
        site,
        incident: "last".into(),
        by: "dana".into(),
        text: "It is the identity provider.".into(),
        state: Some(PublicState::Identified),
        status: None,
        title: None,
        components: vec![],
    }));
    let mine = || text(&rig, Phase::Investigating, "We are still looking.");
    publish(&rig, id, mine()).await;
    rig.until("the word that nothing was sent", |rig| overtaken(rig, id).is_some()).await;
    assert_eq!(words(&rig, site).len(), 2, "{site:?}: theirs alone");
    let card = rig.only_incident();
    assert_eq!(card.phase, Some(Phase::Identified), "{site:?}: theirs is known, though the public feed lags");
    let kept = card.compose.text.body;
    assert_eq!(kept, "We are still looking.", "{site:?}: nothing typed is lost");
    // Whoever still looks at the old picture is shown the new one first.
    let wish = IncidentWish::Publish { incident: id, text: mine(), seen: Some(shown) };
    let stale = rig.command(Command::Incident { wish: Box::new(wish) }).await;
    assert_eq!(stale, Err(Refusal::MovedOn), "{site:?}");
    let wish = IncidentWish::Publish { incident: id, text: mine(), seen: Some(card.compose.basis) };
    rig.wish(wish).await;
    rig.until("mine after theirs", |rig| words(rig, site).len() == 3).await;
    assert_eq!(overtaken(&rig, id), None, "{site:?}: decided");
}

async fn not_opened_again(site: Site) {
    let rig = Rig::watching(site).await;
    let id = own_incident(&rig, "Sign-in fails").await;
    rig.act(Act::PublicLag(PublicLag { site, lag: Span::seconds(3600) }));
    rig.act(Act::PublicIncident(PublicIncident {
        site,
        by: "dana".into(),
        title: "Trouble signing in".into(),
        text: "Looking into it.".into(),
        ..PublicIncident::default()
    }));
    publish(&rig, id, text(&rig, Phase::Investigating, "Some people cannot sign in.")).await;
    rig.until("the word that nothing was sent", |rig| overtaken(rig, id).is_some()).await;
    assert_eq!(words(&rig, site), ["Looking into it."], "{site:?}");
    assert_eq!(rig.writes(), [], "{site:?}: not one request that writes");
    let theirs = rig.incidents().into_iter().find(|card| card.id != id).expect("their incident is known now");
    rig.wish(IncidentWish::Join { incident: id, with: theirs.id }).await;
    publish(&rig, id, text(&rig, Phase::Investigating, "Some people cannot sign in.")).await;
    rig.until("one incident with both", |rig| words(rig, site).len() == 2).await;
}

async fn without_a_look_nothing_is_sent() {
    let (rig, id) = live(Site::StatusIo).await;
    let before = rig.writes().len();
    let blind = Fault { method: Some("GET".into()), ..Fault::status(503) };
    rig.fault(blind.on("/statusio/v2/incident"));
    publish(&rig, id, text(&rig, Phase::Monitoring, "A fix is out, we watch it.")).await;
    rig.until("the word that it did not go out", |rig| rig.only_incident().compose.unsent.is_some()).await;
    assert_eq!(rig.writes().len(), before, "what could not look did not write");
    assert_eq!((how(&rig), overtaken(&rig, id)), (Some(EndedHow::Refused), None));
}

async fn a_look_that_fails_is_no_answer_that_was_lost() {
    let (rig, id) = live(Site::Statuspage).await;
    let silent = Fault { method: Some("GET".into()), ..Fault::of(FaultKind::LostAnswer) };
    rig.fault(silent.on("/statuspage/v1").times(1));
    publish(&rig, id, text(&rig, Phase::Monitoring, "A fix is out, we watch it.")).await;
    rig.until("the word that it did not go out", |rig| rig.only_incident().compose.unsent.is_some()).await;
    assert!(rig.only_incident().publishing.is_empty(), "nothing is read back: nothing was sent");
}

/// The same text twice within a minute: the second, whose request is lost, is not there because the first is.
async fn twice(site: Site) {
    let (rig, id) = live(site).await;
    let same = || text(&rig, Phase::Identified, "Nothing new: we work on a fix.");
    publish(&rig, id, same()).await;
    rig.until("the first", |rig| words(rig, site).len() == 2).await;
    rig.until("its acceptance", |rig| rig.only_incident().phase == Some(Phase::Identified)).await;
    let (method, path) = match site {
        Site::StatusIo => ("POST", "/statusio/v2"),
        Site::Statuspage => ("PATCH", "/statuspage/v1"),
    };
    let lost = Fault { method: Some(method.into()), ..Fault::of(FaultKind::LostRequest) };
    rig.fault(lost.on(path).times(1));
    publish(&rig, id, same()).await;
    rig.until("the word that it did not arrive", |rig| rig.only_incident().compose.unsent.is_some()).await;
    assert_eq!(
        (words(&rig, site).len(), how(&rig)),
        (2, Some(EndedHow::Refused)),
        "{site:?}: it was not taken for the first"
    );
    publish(&rig, id, same()).await;
    rig.until("the second", |rig| words(rig, site).len() == 3).await;
    rig.stays("three", Duration::from_secs(1), |rig| words(rig, site).len() == 3).await;
}

/// A colleague resolves between Herald's look and its update: no service holds the update back, so Herald says it at once.
async fn who_is_faster_by_a_blink_is_told_of() {
    let cast = r#"
        [[when]]
        when = "looked"
        do = "public_resolve"
        site = "statuspage"
        incident = "last"
        by = "dana"
        text = "All is well again."
        times_over = 1
    "#;
    let rig = Rig::watching_with(Setup::cast(cast), Site::Statuspage).await;
    let id = own_incident(&rig, "Sign-in fails").await;
    publish(&rig, id, text(&rig, Phase::Investigating, "Some people cannot sign in.")).await;
    rig.follow("it to be live", |rig| rig.only_incident().publishing.is_empty()).await;
    publish(&rig, id, text(&rig, Phase::Monitoring, "A fix is out, we watch it.")).await;
    let told = |rig: &Rig| rig.herald.shown().view.notices.iter().any(|it| it.contains("yours reopened it"));
    rig.follow("the word that both crossed", told).await;
    assert_eq!(words(&rig, Site::Statuspage).len(), 3, "theirs came first");
}

async fn being_overtaken_can_be_practised() {
    let scenario = Scenario::builtin("crossed").expect("built in");
    let world = Options { speed: 20.0, ..Options::of(scenario) };
    let site = Site::StatusIo;
    let rig = Rig::watching_with(Setup { world, ..Setup::default() }, site).await;
    rig.follow("the incident", |rig| rig.incidents().len() == 1).await;
    let id = rig.only_incident().id;
    publish(&rig, id, text(&rig, Phase::Investigating, "Some people wait long to log in.")).await;
    rig.until("a colleague's update", |rig| words(rig, site).len() == 2).await;
    publish(&rig, id, text(&rig, Phase::Identified, "We know the cause.")).await;
    rig.until("the word that nothing was sent", |rig| overtaken(rig, id).is_some()).await;
    let seen = Some(rig.only_incident().compose.basis);
    let mine = text(&rig, Phase::Identified, "We know the cause.");
    rig.wish(IncidentWish::Publish { incident: id, text: mine, seen }).await;
    let refused = |rig: &Rig| rig.only_incident().compose.unsent.is_some_and(|it| it.overtaken.is_none());
    rig.follow("the word that the page took it no more", refused).await;
    assert_eq!(words(&rig, site).len(), 3, "the second colleague was faster by a blink");
    let kept = rig.only_incident().compose.text.body;
    assert_eq!(kept, "We know the cause.", "nothing typed is lost");
}
