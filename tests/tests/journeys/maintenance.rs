//! Maintenance on either kind of status page: on Statuspage as on Status.io, ended by the feed's word, and offered when
//! only the page knows it.

use chrono::TimeDelta;
use herald_core::ledger::{Deed, LedgerWish, MaintenanceStage, Plan, Tell};
use herald_core::view::ledger::{MaintenanceCard, Offer};
use herald_core::{Command, Refusal, SourceName};
use herald_engine::{ConnectTracker, Connecting, IssueError};
use herald_practice::{
    Act, Declare, EditIssue, Fault, FaultKind, MaintenanceState, MaintenanceWas, PublicMaintenance, PublicStatus, Site,
    Span, UpkeepState,
};

use super::ledger::{may, plan, tell, wish};
use crate::rig::Rig;

stories! {
    maintenance:
    on_statuspage_it_is_scheduled_once_and_told_by_hand,
    on_statuspage_a_lost_answer_is_read_back,
    on_statuspage_a_lost_word_is_read_back,
    on_statuspage_automation_is_helped_and_turned_on_again,
    an_automated_one_begins_and_ends_by_the_feeds_word,
    automation_that_is_off_stays_off,
    what_only_the_page_knows_is_offered,
    the_words_of_an_issue_are_read_and_nothing_else,
}

const INCIDENTS: &str = "/statuspage/v1/pages/*/incidents";

fn card(rig: &Rig) -> MaintenanceCard {
    rig.herald.shown().view.ledger.maintenances.first().cloned().expect("one maintenance")
}

fn offers(rig: &Rig) -> Vec<Offer> {
    rig.herald.shown().view.ledger.offers.clone()
}

fn only(rig: &Rig, site: Site) -> MaintenanceState {
    let mut all = rig.world.maintenances(site);
    assert_eq!(all.len(), 1, "one on the page: {all:#?}");
    all.remove(0)
}

fn noted(rig: &Rig, words: &str) -> bool {
    card(rig).it.log.iter().any(|event| event.what.contains(words))
}

/// What was posted to the page to make a new incident there.
fn scheduled_by(rig: &Rig) -> Vec<String> {
    let made = rig.writes().into_iter().filter(|it| it.method == "POST" && it.path.ends_with("/incidents"));
    made.map(|it| it.body).collect()
}

/// Somebody schedules a maintenance on the dashboard.
fn elsewhere(site: Site, starts_in: Span, lasts: Span) -> Act {
    Act::PublicMaintenance(PublicMaintenance {
        site,
        title: "Search index rebuild".into(),
        text: "Search may lag.".into(),
        components: vec![],
        starts_in,
        lasts,
        automation: true,
    })
}

fn was(site: Site) -> MaintenanceWas {
    MaintenanceWas { site, maintenance: "last".into() }
}

/// A maintenance that stands on the page.
async fn scheduled(site: Site, automation: bool) -> Rig {
    let rig = Rig::watching(site).await;
    wish(&rig, LedgerWish::AddMaintenance { plan: plan(&rig, automation) }).await;
    wish(&rig, LedgerWish::Schedule { id: 1 }).await;
    rig.until("it to be scheduled", |rig| card(rig).it.post.is_some() && card(rig).sending.is_none()).await;
    rig
}

async fn on_statuspage_it_is_scheduled_once_and_told_by_hand() {
    let site = Site::Statuspage;
    let rig = scheduled(site, false).await;
    let (known, there) = (card(&rig).it, only(&rig, site));
    assert_eq!((there.starts_at, there.ends_at), (known.plan.starts_at, known.plan.ends_at), "to the minute, in UTC");
    assert!(!there.automation && there.components.len() == 2 && there.reminders["scheduled_remind_prior"]);
    let body = scheduled_by(&rig).remove(0);
    let exact = known.plan.starts_at.format("\"%Y-%m-%dT%H:%M:%SZ\"").to_string();
    assert!(body.contains(&exact) && !body.contains("infrastructure"), "{exact} in {body}");
    assert_eq!(may(&rig, LedgerWish::Schedule { id: 1 }).await, Err(Refusal::OnPageAlready));
    rig.follow("the feed to list it", |rig| card(rig).it.listed).await;
    assert_eq!(offers(&rig), [], "it is in the ledger");

    wish(&rig, tell(Tell::Update, "It begins as planned.")).await;
    rig.until("the update", |rig| card(rig).it.updated_at.is_some() && card(rig).sending.is_none()).await;
    assert_eq!((card(&rig).stage, only(&rig, site).state), (MaintenanceStage::Upcoming, UpkeepState::Pending));
    wish(&rig, tell(Tell::Start, "We begin.")).await;
    rig.until("the start", |rig| card(rig).stage == MaintenanceStage::Active && card(rig).sending.is_none()).await;
    let worked_on =
        rig.world.public_components(site).iter().filter(|it| it.status == PublicStatus::Maintenance).count();
    assert_eq!((only(&rig, site).state, worked_on), (UpkeepState::Active, 2), "its components, too");
    wish(&rig, tell(Tell::Finish, "All is moved.")).await;
    rig.until("the end", |rig| card(rig).stage == MaintenanceStage::Over).await;
    assert!(rig.world.public_components(site).iter().all(|it| it.status == PublicStatus::Operational));
    let told = only(&rig, site).messages.into_iter().map(|(text, flags)| (text, flags["deliver_notifications"]));
    let expected = [
        ("Sign-in is slow for a while.", true),
        ("It begins as planned.", false),
        ("We begin.", false),
        ("All is moved.", false),
    ];
    let expected = expected.map(|(text, mailed)| (text.to_owned(), mailed));
    assert_eq!(told.collect::<Vec<_>>(), expected, "word for word, and without a second e-mail (H63)");
    assert_eq!(scheduled_by(&rig).len(), 1);
    wish(&rig, LedgerWish::AddMaintenance { plan: Plan { title: "Another".into(), ..known.plan } }).await;
}

async fn on_statuspage_a_lost_answer_is_read_back() {
    let rig = Rig::watching(Site::Statuspage).await;
    rig.fault(Fault::of(FaultKind::LostAnswer).method("POST").on(INCIDENTS).times(1));
    wish(&rig, LedgerWish::AddMaintenance { plan: plan(&rig, true) }).await;
    wish(&rig, LedgerWish::Schedule { id: 1 }).await;
    rig.until("it to be found there", |rig| card(rig).it.post.is_some()).await;
    assert_eq!(card(&rig).it.post, Some(only(&rig, Site::Statuspage).id));
    assert!(noted(&rig, "The answer was lost"));
    assert_eq!(scheduled_by(&rig).len(), 1, "sent once");
    // What somebody scheduled already is taken over.
    wish(&rig, LedgerWish::AddMaintenance { plan: card(&rig).it.plan }).await;
    wish(&rig, LedgerWish::Schedule { id: 2 }).await;
    let second = |rig: &Rig| rig.herald.shown().view.ledger.maintenances.iter().find(|it| it.id == 2).cloned();
    rig.until("it to be found there", |rig| second(rig).is_some_and(|it| it.it.post.is_some())).await;
    assert_eq!(scheduled_by(&rig).len(), 1, "nothing is announced twice");
}

async fn on_statuspage_a_lost_word_is_read_back() {
    let rig = scheduled(Site::Statuspage, false).await;
    rig.fault(Fault::of(FaultKind::LostAnswer).method("PATCH").on(INCIDENTS).times(1));
    wish(&rig, tell(Tell::Update, "It begins as planned.")).await;
    rig.until("it to be read there", |rig| card(rig).it.updated_at.is_some()).await;
    rig.fault(Fault::of(FaultKind::LostRequest).method("PATCH").on(INCIDENTS).times(1));
    wish(&rig, tell(Tell::Start, "We begin.")).await;
    rig.until("the word that it did not arrive", |rig| noted(rig, "Start not posted")).await;
    assert_eq!(card(&rig).stage, MaintenanceStage::Upcoming, "it was not started");
    assert_eq!(only(&rig, Site::Statuspage).messages.len(), 2, "and nothing was sent again by itself");
}

async fn on_statuspage_automation_is_helped_and_turned_on_again() {
    let rig = scheduled(Site::Statuspage, true).await;
    assert!(rig.herald.shown().view.ledger.flexible && only(&rig, Site::Statuspage).automation);
    wish(&rig, tell(Tell::Update, "It begins as planned.")).await;
    rig.until("the update", |rig| card(rig).it.updated_at.is_some()).await;
    rig.act(Act::AutomationOff(was(Site::Statuspage)));
    wish(&rig, LedgerWish::ByHand { id: 1, deed: Deed::AutomationOff }).await;
    assert!(!noted(&rig, "for good"));
    let again = Plan { automation: true, ..card(&rig).it.plan };
    wish(&rig, LedgerWish::EditMaintenance { id: 1, plan: again }).await;
}

async fn an_automated_one_begins_and_ends_by_the_feeds_word() {
    for site in [Site::StatusIo, Site::Statuspage] {
        let rig = Rig::watching(site).await;
        rig.act(elsewhere(site, Span::seconds(4), Span::seconds(4)));
        rig.follow("the offer", |rig| !offers(rig).is_empty()).await;
        wish(&rig, LedgerWish::Adopt { post: offers(&rig)[0].post.clone() }).await;
        rig.follow("its start", |rig| card(rig).stage == MaintenanceStage::Active).await;
        rig.follow("its end", |rig| card(rig).stage == MaintenanceStage::Over).await;
        assert!(noted(&rig, "It is over on the status page"), "{:#?}", card(&rig).it.log);
        assert_eq!(rig.writes(), [], "nobody had to say a word");
    }
}

async fn automation_that_is_off_stays_off() {
    let rig = scheduled(Site::StatusIo, true).await;
    let on = Plan { automation: true, ..card(&rig).it.plan };
    assert_eq!(may(&rig, tell(Tell::Update, "It begins as planned.")).await, Err(Refusal::Automated));
    rig.act(Act::AutomationOff(was(Site::StatusIo)));
    wish(&rig, LedgerWish::ByHand { id: 1, deed: Deed::AutomationOff }).await;
    assert!(noted(&rig, "Automation turned off, for good"));
    let again = LedgerWish::EditMaintenance { id: 1, plan: on.clone() };
    assert_eq!(may(&rig, again).await, Err(Refusal::AutomationOff));
    assert_eq!(may(&rig, LedgerWish::ByHand { id: 1, deed: Deed::AutomationOff }).await, Err(Refusal::AutomationOff));
    wish(&rig, tell(Tell::Start, "We begin.")).await;
    rig.until("the start", |rig| card(rig).stage == MaintenanceStage::Active).await;
    // At another time it is another one there, with an automation of its own.
    let later = Plan { starts_at: on.starts_at + TimeDelta::days(1), ends_at: on.ends_at + TimeDelta::days(1), ..on };
    wish(&rig, LedgerWish::EditMaintenance { id: 1, plan: later }).await;
}

async fn what_only_the_page_knows_is_offered() {
    for site in [Site::StatusIo, Site::Statuspage] {
        let rig = Rig::watching(site).await;
        rig.act(elsewhere(site, Span::hours(30), Span::hours(2)));
        rig.act(elsewhere(site, Span::hours(50), Span::hours(2)));
        rig.follow("both to be offered", |rig| offers(rig).len() == 2).await;
        let posts: Vec<String> = offers(&rig).into_iter().map(|offer| offer.post).collect();
        wish(&rig, LedgerWish::Adopt { post: posts[0].clone() }).await;
        let it = card(&rig);
        assert_eq!(
            (it.it.plan.title.as_str(), it.it.plan.details.as_str()),
            ("Search index rebuild", "Search may lag.")
        );
        assert_eq!((it.it.post.as_ref(), it.it.listed, it.stage), (Some(&posts[0]), true, MaintenanceStage::Upcoming));
        assert!(it.next_reminder_at.is_some(), "its reminders run");
        assert_eq!(may(&rig, LedgerWish::Schedule { id: 1 }).await, Err(Refusal::OnPageAlready));
        wish(&rig, LedgerWish::NotMine { post: posts[1].clone() }).await;
        assert_eq!(offers(&rig), []);
        let rig = rig.stopped().started();
        rig.follow("the page to be read", |rig| card(rig).it.listed && !rig.herald.shown().view.components.is_empty())
            .await;
        assert_eq!(offers(&rig), [], "what was put aside stays so");
        assert_eq!(may(&rig, LedgerWish::NotMine { post: posts[1].clone() }).await, Err(Refusal::NoSuchEntry));
    }
}

async fn the_words_of_an_issue_are_read_and_nothing_else() {
    let rig = Rig::watching(Site::StatusIo).await;
    rig.act(Act::Declare(Declare { title: "Database move".into(), ..Declare::default() }));
    let description = "<!-- template -->\n## Summary\n\nSign-in is slow for a while.".to_owned();
    let edit = EditIssue { incident: "last".into(), description: Some(description), ..EditIssue::default() };
    rig.act(Act::EditIssue(edit));
    rig.act(Act::Declare(Declare { title: "Rotate a key".into(), confidential: true, ..Declare::default() }));
    let links: Vec<String> = rig.world.issues().into_iter().map(|issue| issue.web_url).collect();
    let [open, hidden] = links.as_slice() else { panic!("two issues: {links:?}") };
    let refused = async |rig: &Rig, link: &str| rig.herald.issue_words(link).await.expect_err("not read");

    let words = rig.herald.issue_words(open).await.expect("read");
    let title = rig.world.issues().remove(0).title;
    let expected = (title.as_str(), "## Summary\n\nSign-in is slow for a while.", false);
    assert_eq!((words.title.as_str(), words.text.as_str(), words.confidential), expected);
    assert!(rig.herald.issue_words(hidden).await.expect("read").confidential, "said to the window, which asks again");
    let missing = format!("{}99", open.trim_end_matches(char::is_numeric));
    assert!(matches!(refused(&rig, &missing).await, IssueError::NotFound));
    let before = rig.world.requests().len();
    let elsewhere = open.replace("127.0.0.1", "localhost");
    assert!(matches!(refused(&rig, &elsewhere).await, IssueError::NotAnIssue { .. }));
    let to_tracker = rig.world.requests().split_off(before).into_iter().filter(|it| it.path.contains("/issues/"));
    assert_eq!(to_tracker.count(), 0, "the key goes nowhere else");
    rig.fault(Fault::of(FaultKind::Reset).on("/gitlab/api/v4/projects/*/issues/*$"));
    let offline = refused(&rig, open).await;
    assert!(
        matches!(&offline, IssueError::Failed(fault) if offline.to_string().contains(fault.next_step())),
        "{offline}"
    );
    rig.clear_faults();

    // Without a key, what is confidential does not exist.
    let told = rig.world.announcement().gitlab;
    let keyless = ConnectTracker { base_url: told.url, project: told.project, token: None };
    assert!(rig.herald.connect_any(Connecting::Tracker(keyless), false).await.is_ok());
    assert!(matches!(refused(&rig, hidden).await, IssueError::NotFound));
    assert!(rig.herald.issue_words(open).await.is_ok());
    assert_eq!(rig.command(Command::DisconnectFeed { source: SourceName::Tracker }).await, Ok(()));
    assert!(matches!(refused(&rig, open).await, IssueError::NoTracker));
    assert_eq!(rig.writes(), [], "it is only read");
}
