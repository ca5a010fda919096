//! Incidents: from the tracker and the status page to one card, its clock and its alarm, over the real protocols.

use std::time::Duration;

use chrono::TimeDelta;
use herald_core::feed::IssueState;
use herald_core::incident::{IssueStanding, Part};
use herald_core::view::incidents::IncidentCard;
use herald_core::{AlarmKey, IncidentWish, Phase, Severity};
use herald_practice::{
    Act, Declare, EditIssue, Fault, FaultKind, IssueBy, Link, PublicIncident, PublicState, PublicUpdate,
    SetConfidential, SetSeverity, SetState, Site, Trigger,
};

use crate::rig::{Rig, own_incident};

stories! {
    incidents_are_followed:
    an_issue_becomes_a_card_with_its_people,
    severity_moves_the_due_time,
    somebody_elses_post_resets_the_clock,
    a_confidential_issue_is_marked,
    a_mitigated_issue_leaves,
    what_the_user_began_outlives_its_issue,
    what_is_joined_and_taken_apart_by_hand_stays_so,
    a_page_joins_by_what_it_carries,
    clocks_run_on_while_every_feed_is_dead,
    a_feed_that_garbles_one_issue_keeps_the_others,
    an_incident_entered_by_hand_alarms_without_any_feed,
}

fn declare(title: &str, severity: u8) -> Act {
    Act::Declare(Declare { title: title.into(), severity: Some(severity), ..Declare::default() })
}

async fn declared(rig: &Rig, title: &str, severity: u8) -> (String, IncidentCard) {
    let iid = rig.act(declare(title, severity)).remove(0);
    let number: u64 = iid.parse().expect("an issue's number");
    let of = move |card: &IncidentCard| card.issue.as_ref().and_then(|issue| issue.iid) == Some(number);
    rig.follow("the card", |rig| rig.incidents().iter().any(of)).await;
    let card = rig.incidents().into_iter().find(of).expect("just seen");
    (iid, card)
}

fn posted(issue: &IncidentCard, state: PublicState) -> Act {
    let link = issue.issue.as_ref().map(|issue| issue.url.clone()).unwrap_or_default();
    Act::PublicIncident(PublicIncident {
        site: Site::StatusIo,
        incident: Some("post".into()),
        by: "dana".into(),
        title: "Trouble".into(),
        text: format!("We are looking into it. {link}"),
        state,
        status: None,
        components: vec![],
    })
}

/// One declaration gives page, issue, channel and call; the page may name any of them, and in its alert alone.
async fn a_page_joins_by_what_it_carries() {
    let rig = Rig::watching(Site::StatusIo).await;
    let (_, first) = declared(&rig, "Checkout fails", 2).await;
    let (_, second) = declared(&rig, "Mail is late", 2).await;
    let call =
        |trigger: Trigger| rig.act(Act::Trigger(Trigger { title: "You are wanted".into(), ..trigger })).remove(0);
    let pages = |rig: &Rig, id| {
        let card = rig.incidents().into_iter().find(|card| card.id == id).expect("it goes on");
        card.pages.iter().map(|page| page.as_str().to_owned()).collect::<Vec<_>>()
    };
    let url = second.issue.as_ref().map(|issue| issue.url.clone()).unwrap_or_default();
    let linked = call(Trigger { links: vec![Link { href: url, text: "Issue".into() }], ..Trigger::default() });
    rig.follow("the page of the second", |rig| pages(rig, second.id) == [linked.clone()]).await;
    let called = call(Trigger { conference_url: first.call_url.clone(), ..Trigger::default() });
    rig.follow("the page of the first", |rig| pages(rig, first.id) == [called.clone()]).await;
    let channel = second.channel.clone().expect("it has one");
    let named = call(Trigger { details: Some(format!("Please come to {channel}.")), ..Trigger::default() });
    rig.follow("the other page", |rig| pages(rig, second.id).contains(&named)).await;

    let bare = call(Trigger::default());
    let asks = |rig: &Rig| rig.card(&bare).map(|card| card.asks).unwrap_or_default();
    rig.follow("the question", |rig| asks(rig) == [first.id, second.id]).await;
    let lacks = rig.card(&bare).expect("it is open").lacks;
    assert_eq!(lacks, ["Say which incident this page is for"], "it is not closed past everything");
    let page = herald_core::PageId::new(&bare);
    rig.wish(IncidentWish::JoinPage { incident: first.id, page }).await;
    rig.until("the answer", |rig| asks(rig).is_empty() && pages(rig, first.id).len() == 2).await;
}

async fn an_issue_becomes_a_card_with_its_people() {
    let rig = Rig::watching(Site::StatusIo).await;
    let (_, card) = declared(&rig, "Checkout fails", 2).await;
    assert_eq!(card.severity, Some(Severity::S2));
    assert!(card.title.contains("Checkout fails"), "{}", card.title);
    assert!(card.im.is_some() && card.eoc.is_some() && card.call_url.is_some() && card.channel.is_some(), "{card:#?}");
    assert_eq!((card.phase, card.clock.is_some()), (None, false), "nobody decided to tell the public");
}

async fn severity_moves_the_due_time() {
    let rig = Rig::watching(Site::StatusIo).await;
    let (iid, card) = declared(&rig, "Checkout fails", 2).await;
    rig.act(posted(&card, PublicState::Identified));
    let due = |rig: &Rig| rig.only_incident().clock.map(|it| it.clock);
    rig.follow("the post on the same card", |rig| due(rig).is_some_and(|clock| clock.every_min == 30)).await;
    let before = due(&rig).expect("it runs").due_at;
    rig.act(Act::SetSeverity(SetSeverity { incident: iid, severity: 1, by: None }));
    rig.follow("the shorter cadence", |rig| due(rig).is_some_and(|clock| clock.every_min == 10)).await;
    let (card, after) = (rig.only_incident(), due(&rig).expect("it runs").due_at);
    assert_eq!(before - after, TimeDelta::minutes(20));
    assert!(card.moved.is_some_and(|moved| moved.why.contains("S2 → S1")), "it says why (H33)");
}

async fn somebody_elses_post_resets_the_clock() {
    let rig = Rig::watching(Site::StatusIo).await;
    let (_, card) = declared(&rig, "Checkout fails", 1).await;
    rig.act(posted(&card, PublicState::Investigating));
    rig.follow("the post", |rig| rig.only_incident().phase == Some(Phase::Investigating)).await;
    let text = "The cause is known.".to_owned();
    rig.act(Act::PublicUpdate(PublicUpdate {
        incident: "post".into(),
        by: "dana".into(),
        text,
        state: Some(PublicState::Identified),
        ..PublicUpdate::default()
    }));
    rig.follow("the update", |rig| rig.only_incident().phase == Some(Phase::Identified)).await;
    let card = rig.only_incident();
    let (last, clock) = (&card.updates[0], card.clock.expect("it runs").clock);
    assert_eq!((clock.from, last.mine), (last.at, false), "it counts from the other person's update (H31)");
}

async fn a_confidential_issue_is_marked() {
    let rig = Rig::watching(Site::StatusIo).await;
    let (iid, card) = declared(&rig, "A leak", 1).await;
    assert!(!card.issue.expect("known").confidential);
    rig.act(Act::SetConfidential(SetConfidential { incident: iid, confidential: Some(true), by: None }));
    let marked = |rig: &Rig| rig.only_incident().issue.is_some_and(|issue| issue.confidential);
    rig.follow("the mark", marked).await;
    let link = rig.only_incident().issue.expect("known").url;
    let filled = rig.only_incident().compose.templates;
    assert!(filled.iter().all(|template| !template.text.contains(&link)), "no template gives it away");
}

async fn a_mitigated_issue_leaves() {
    let rig = Rig::watching(Site::StatusIo).await;
    let (iid, _) = declared(&rig, "Checkout fails", 2).await;
    rig.act(Act::SetState(SetState { incident: iid, state: "resolved".into(), by: None }));
    rig.follow("the card to go", |rig| rig.incidents().is_empty()).await;
    assert_eq!(rig.herald.shown().view.ended.len(), 1, "it can be taken up again");
}

/// Closed, relabelled or hidden: what was decided goes on and asks; the look at the issue itself says which it was.
async fn what_the_user_began_outlives_its_issue() {
    let rig = Rig::watching(Site::StatusIo).await;
    let (iid, card) = declared(&rig, "Checkout fails", 2).await;
    rig.wish(IncidentWish::Decide { incident: card.id, yes: true }).await;
    let due = |rig: &Rig| rig.only_incident().clock.map(|clock| clock.clock.due_at);
    let before = due(&rig);
    let stands = |rig: &Rig| rig.only_incident().issue.and_then(|issue| issue.standing);
    rig.act(Act::SetState(SetState { incident: iid.clone(), state: "mitigated".into(), by: None }));
    rig.follow("the label to go", |rig| stands(rig) == Some(IssueStanding::Inactive)).await;
    assert_eq!(rig.only_incident().state, Some(IssueState::Mitigated), "by the playbook's labels");
    rig.act(Act::SetSeverity(SetSeverity { incident: iid.clone(), severity: 1, by: None }));
    rig.follow("its facts all the same", |rig| rig.only_incident().severity == Some(Severity::S1)).await;
    rig.act(Act::CloseIssue(IssueBy { incident: iid.clone(), by: None }));
    rig.follow("the end of the issue", |rig| stands(rig) == Some(IssueStanding::Closed)).await;
    let asks = rig.only_incident().still_running.expect("it asks");
    assert_eq!(asks.issue, Some(IssueStanding::Closed));
    assert!(before.is_some() && due(&rig) < before, "the clock of the decision runs on, by the new severity");
}

/// Post and page join by what they name, are taken apart and joined again by hand, and no feed knows better.
async fn what_is_joined_and_taken_apart_by_hand_stays_so() {
    let rig = Rig::watching(Site::StatusIo).await;
    let (iid, card) = declared(&rig, "Checkout fails", 2).await;
    let id = card.id;
    rig.act(posted(&card, PublicState::Investigating));
    rig.act(Act::Trigger(Trigger { title: format!("Please speak for #{iid}"), ..Trigger::default() }));
    let of = |rig: &Rig| rig.incidents().into_iter().find(|it| it.id == id).expect("is there");
    let whole = |rig: &Rig| of(rig).post.is_some() && of(rig).pages.len() == 1;
    rig.follow("post and page on the card", whole).await;
    let (post, page) = (of(&rig).post.expect("is there").id, of(&rig).pages.remove(0));
    for part in [Part::Post { id: post }, Part::Page { id: page.clone() }] {
        rig.wish(IncidentWish::Separate { incident: id, part }).await;
    }
    rig.poll_now().await;
    let apart = |rig: &Rig| rig.incidents().len() == 2 && of(rig).post.is_none() && of(rig).pages.is_empty();
    rig.stays("them apart", Duration::from_secs(3), apart).await;
    let other = rig.incidents().into_iter().find(|it| it.id != id).expect("two cards").id;
    rig.wish(IncidentWish::JoinPage { incident: other, page: page.clone() }).await;
    rig.wish(IncidentWish::JoinPage { incident: id, page }).await;
    rig.wish(IncidentWish::Join { incident: id, with: other }).await;
    rig.stays("them together", Duration::from_secs(3), |rig| rig.incidents().len() == 1 && whole(rig)).await;
}

async fn clocks_run_on_while_every_feed_is_dead() {
    let rig = Rig::watching(Site::StatusIo).await;
    let id = own_incident(&rig, "Checkout fails").await;
    // Ten minutes is the shortest there is: soon due, and overdue half a minute later.
    let long_ago = rig.world.now() - TimeDelta::seconds(9 * 60 + 35);
    rig.fault(Fault::status(503));
    rig.wish(IncidentWish::PostedByHand {
        incident: id,
        text: rig.only_incident().compose.text.clone().saying("We are looking into it."),
        at: long_ago,
    })
    .await;
    let is_update = |key: &AlarmKey| matches!(key, AlarmKey::Update { .. });
    rig.until("the alarm", |rig| rig.screen.look().announced.iter().any(|it| is_update(&it.key))).await;
    let said = rig.screen.look().announced.iter().find(|it| is_update(&it.key)).cloned().expect("just seen");
    assert!(said.title.contains("Update due") && said.title.contains("Checkout fails"), "{said:?}");
    rig.until("it to be overdue", |rig| {
        let overdue = |it: &herald_core::Announcement| is_update(&it.key) && it.title.contains("overdue");
        rig.screen.look().announced.iter().any(overdue)
    })
    .await;
}

async fn a_feed_that_garbles_one_issue_keeps_the_others() {
    let rig = Rig::watching(Site::StatusIo).await;
    let (iid, _) = declared(&rig, "First", 3).await;
    declared(&rig, "Second", 3).await;
    rig.fault(Fault { kind: FaultKind::Garbage, ..Fault::of(FaultKind::Garbage) }.on("/gitlab/api/v4/projects"));
    rig.act(Act::EditIssue(EditIssue { incident: iid, title: Some("First, renamed".into()), ..EditIssue::default() }));
    rig.poll_now().await;
    rig.stays("both cards", Duration::from_secs(3), |rig| rig.incidents().len() == 2).await;
}

async fn an_incident_entered_by_hand_alarms_without_any_feed() {
    let rig = Rig::quiet().await;
    let id = own_incident(&rig, "Sign-in fails").await;
    rig.wish(IncidentWish::Decide { incident: id, yes: true }).await;
    let clock = rig.only_incident().clock.expect("it runs").clock;
    assert_eq!((clock.every_min, clock.counts), (10, herald_core::cadence::Counts::Decision));
}
