//! The ledger: maintenance is scheduled once, told by hand where automation is off, and contact requests survive.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use herald_core::draft::Broadcast;
use herald_core::ledger::{ContactState, ContactText, Deed, LedgerWish, MaintenanceStage, Plan, Tell};
use herald_core::view::ledger::MaintenanceCard;
use herald_core::{AlarmKey, Command, Refusal, SettingsPatch, Time};
use herald_practice::{Act, Fault, FaultKind, MaintenanceState, MaintenanceWas, Site};

use crate::rig::{Rig, Setup};

stories! {
    the_ledger:
    a_maintenance_is_scheduled_once_and_told_by_hand,
    a_lost_answer_is_read_back_and_nothing_is_scheduled_twice,
    what_somebody_scheduled_already_is_taken_over,
    a_lost_update_is_read_back,
    automation_refuses_a_hand,
    a_shadow_writes_nothing,
    the_page_ends_it,
    contact_requests_and_reminders_survive_a_restart,
}

/// Tomorrow, at a whole minute.
pub fn plan(rig: &Rig, automation: bool) -> Plan {
    let now = rig.herald.shown().now;
    let starts_at = Time::from_timestamp(now.timestamp() / 60 * 60, 0).expect("in range") + TimeDelta::days(1);
    Plan {
        title: "Database move".into(),
        details: "Sign-in is slow for a while.".into(),
        issue_url: None,
        starts_at,
        ends_at: starts_at + TimeDelta::minutes(90),
        components: rig.herald.shown().view.components.iter().take(2).map(|it| it.id.clone()).collect(),
        automation,
        reminds: true,
    }
}

pub async fn may(rig: &Rig, wish: LedgerWish) -> Result<(), Refusal> {
    rig.command(Command::Ledger { wish: Box::new(wish) }).await
}

pub async fn wish(rig: &Rig, wish: LedgerWish) {
    let said = format!("{wish:?}");
    assert_eq!(may(rig, wish).await, Ok(()), "{said}");
}

pub fn tell(tell: Tell, text: &str) -> LedgerWish {
    let muted = BTreeSet::from([Broadcast::Email]);
    LedgerWish::Tell { id: 1, tell, text: text.into(), muted, mails_twice: false }
}

fn card(rig: &Rig) -> MaintenanceCard {
    rig.herald.shown().view.ledger.maintenances.first().cloned().expect("one maintenance")
}

fn only(rig: &Rig) -> MaintenanceState {
    let mut all = rig.world.maintenances(Site::StatusIo);
    assert_eq!(all.len(), 1, "one on the page: {all:#?}");
    all.remove(0)
}

fn noted(rig: &Rig, words: &str) -> bool {
    card(rig).it.log.iter().any(|event| event.what.contains(words))
}

/// A maintenance that stands on the page.
async fn scheduled(automation: bool) -> Rig {
    let rig = Rig::watching(Site::StatusIo).await;
    wish(&rig, LedgerWish::AddMaintenance { plan: plan(&rig, automation) }).await;
    wish(&rig, LedgerWish::Schedule { id: 1 }).await;
    rig.until("it to be scheduled", |rig| card(rig).it.post.is_some() && card(rig).sending.is_none()).await;
    rig
}

async fn a_maintenance_is_scheduled_once_and_told_by_hand() {
    let rig = scheduled(false).await;
    let (known, there) = (card(&rig).it, only(&rig));
    assert_eq!((there.starts_at, there.ends_at), (known.plan.starts_at, known.plan.ends_at), "to the minute, in UTC");
    assert!(!there.automation && there.components.len() == 2);
    assert!(there.reminders.values().all(|on| *on), "the page reminds");
    let body = rig.requests_to("/statusio/v2/maintenance/schedule").remove(0).body;
    let starts = known.plan.starts_at;
    for exact in [starts.format("\"%m/%d/%Y\"").to_string(), starts.format("\"%H:%M\"").to_string()] {
        assert!(body.contains(&exact), "{exact} in {body}");
    }
    assert_eq!(may(&rig, LedgerWish::Schedule { id: 1 }).await, Err(Refusal::OnPageAlready));

    let twice = LedgerWish::Tell {
        id: 1,
        tell: Tell::Start,
        text: "We begin.".into(),
        muted: BTreeSet::new(),
        mails_twice: false,
    };
    assert_eq!(may(&rig, twice).await, Err(Refusal::MailsTwice), "subscribers would get two e-mails (H63)");
    wish(&rig, tell(Tell::Update, "It begins as planned.")).await;
    rig.until("the update", |rig| card(rig).it.updated_at.is_some() && card(rig).sending.is_none()).await;
    assert_eq!(card(&rig).stage, MaintenanceStage::Upcoming, "an update does not start it (H62)");
    wish(&rig, tell(Tell::Start, "We begin.")).await;
    rig.until("the start", |rig| card(rig).stage == MaintenanceStage::Active && card(rig).sending.is_none()).await;
    wish(&rig, tell(Tell::Finish, "All is moved.")).await;
    rig.until("the end", |rig| card(rig).stage == MaintenanceStage::Over).await;
    let told: Vec<(String, bool)> =
        only(&rig).messages.into_iter().skip(1).map(|(text, flags)| (text, flags["notify_email"])).collect();
    let expected = ["It begins as planned.", "We begin.", "All is moved."].map(|text| (text.to_owned(), false));
    assert_eq!(told, expected, "word for word, and without e-mail");
    assert_eq!(rig.requests_to("/statusio/v2/maintenance/schedule").len(), 1);
}

async fn a_lost_answer_is_read_back_and_nothing_is_scheduled_twice() {
    let rig = Rig::watching(Site::StatusIo).await;
    let lost = Fault { method: Some("POST".into()), ..Fault::of(FaultKind::LostAnswer) };
    rig.fault(lost.on("/statusio/v2/maintenance/schedule").times(1));
    wish(&rig, LedgerWish::AddMaintenance { plan: plan(&rig, true) }).await;
    wish(&rig, LedgerWish::Schedule { id: 1 }).await;
    rig.until("it to be found there", |rig| card(rig).it.post.is_some()).await;
    assert_eq!(card(&rig).it.post, Some(only(&rig).id));
    assert!(noted(&rig, "The answer was lost"));
    assert_eq!(rig.requests_to("/statusio/v2/maintenance/schedule").len(), 1, "sent once");
}

async fn what_somebody_scheduled_already_is_taken_over() {
    let rig = scheduled(false).await;
    let plan = card(&rig).it.plan;
    wish(&rig, LedgerWish::AddMaintenance { plan }).await;
    wish(&rig, LedgerWish::Schedule { id: 2 }).await;
    let second = |rig: &Rig| rig.herald.shown().view.ledger.maintenances.iter().find(|it| it.id == 2).cloned();
    rig.until("it to be found there", |rig| second(rig).is_some_and(|it| it.it.post.is_some())).await;
    assert_eq!(rig.requests_to("/statusio/v2/maintenance/schedule").len(), 1, "nothing is announced twice");
    assert_eq!(second(&rig).expect("there").it.post, Some(only(&rig).id));
}

async fn a_lost_update_is_read_back() {
    let rig = scheduled(false).await;
    let lost = Fault { method: Some("POST".into()), ..Fault::of(FaultKind::LostAnswer) };
    rig.fault(lost.on("/statusio/v2/maintenance/update").times(1));
    wish(&rig, tell(Tell::Update, "It begins as planned.")).await;
    rig.until("it to be read there", |rig| card(rig).it.updated_at.is_some()).await;
    let request = Fault { method: Some("POST".into()), ..Fault::of(FaultKind::LostRequest) };
    rig.fault(request.on("/statusio/v2/maintenance/start").times(1));
    wish(&rig, tell(Tell::Start, "We begin.")).await;
    rig.until("the word that it did not arrive", |rig| noted(rig, "Start not posted")).await;
    assert_eq!(card(&rig).stage, MaintenanceStage::Upcoming, "it was not started");
    assert_eq!(only(&rig).messages.len(), 2, "and nothing was sent again by itself");
}

async fn automation_refuses_a_hand() {
    let rig = scheduled(true).await;
    assert_eq!(may(&rig, tell(Tell::Start, "We begin.")).await, Err(Refusal::Automated));
    // Somebody who says that it is off while it is not.
    wish(&rig, LedgerWish::ByHand { id: 1, deed: Deed::AutomationOff }).await;
    wish(&rig, tell(Tell::Start, "We begin.")).await;
    rig.until("the page's own refusal", |rig| noted(rig, "Start not posted")).await;
    assert!(noted(&rig, "Maintenance automation is enabled"), "{:#?}", card(&rig).it.log);
    rig.act(Act::AutomationOff(MaintenanceWas { site: Site::StatusIo, maintenance: only(&rig).id }));
    wish(&rig, tell(Tell::Start, "We begin.")).await;
    rig.until("the start", |rig| card(rig).stage == MaintenanceStage::Active).await;
    let again = Plan { automation: true, ..card(&rig).it.plan };
    assert_eq!(may(&rig, LedgerWish::EditMaintenance { id: 1, plan: again }).await, Err(Refusal::AutomationOff));
}

async fn a_shadow_writes_nothing() {
    let rig = Rig::watching(Site::StatusIo).await;
    rig.set(SettingsPatch::Shadow { on: true }).await;
    wish(&rig, LedgerWish::AddMaintenance { plan: plan(&rig, false) }).await;
    assert_eq!(may(&rig, LedgerWish::Schedule { id: 1 }).await, Err(Refusal::ShadowPublish));
    assert_eq!(rig.writes(), [], "not one request that writes");
}

async fn the_page_ends_it() {
    let rig = scheduled(false).await;
    rig.follow("the feed to list it", |rig| card(rig).it.listed).await;
    wish(&rig, tell(Tell::Start, "We begin.")).await;
    rig.until("the start", |rig| card(rig).stage == MaintenanceStage::Active).await;
    rig.act(Act::DeleteMaintenance(MaintenanceWas { site: Site::StatusIo, maintenance: "last".into() }));
    rig.follow("the end to be seen", |rig| card(rig).stage == MaintenanceStage::Over).await;
    assert!(noted(&rig, "It is over on the status page"));
}

async fn contact_requests_and_reminders_survive_a_restart() {
    let rig = Rig::of(Setup { playbook: "maintenance.remind_min = [1440]\n".into(), ..Setup::default() }).await;
    let contact = ContactText { asked_by: "Dana".into(), what: "Tell users".into(), ticket: None, owner: None };
    wish(&rig, LedgerWish::AddContact { contact }).await;
    wish(&rig, LedgerWish::MoveContact { id: 1, to: ContactState::Planned }).await;
    let typed = Some("half a sente".to_owned());
    wish(&rig, LedgerWish::Keep { sheet: "contact/new".into(), typed: typed.clone() }).await;
    // A reminder comes within a moment: the start is a day and an instant ahead.
    let starts_at = rig.herald.shown().now + TimeDelta::days(1) + TimeDelta::seconds(2);
    let soon = Plan { starts_at, ends_at: starts_at + TimeDelta::hours(1), ..plan(&rig, false) };
    wish(&rig, LedgerWish::AddMaintenance { plan: soon }).await;
    let key = AlarmKey::Maintenance { maintenance: 1, at: starts_at - TimeDelta::days(1) };
    rig.until("the reminder", |rig| !rig.rounds_of(&key).is_empty()).await;
    let rig = rig.stopped().started();
    rig.until("the reminder again", |rig| rig.rounds_of(&key).len() > 1).await;
    let ledger = rig.herald.shown().view.ledger.clone();
    assert_eq!(ledger.contacts[0].contact.state, ContactState::Planned);
    assert_eq!(ledger.kept.get("contact/new").cloned(), typed, "nothing typed is lost");
    let AlarmKey::Maintenance { at, .. } = key else { return };
    wish(&rig, LedgerWish::Seen { id: 1, at }).await;
    rig.until("it to be taken away", |rig| card(rig).reminder.is_none()).await;
    wish(&rig, LedgerWish::UndoContact { id: 1 }).await;
    assert_eq!(rig.herald.shown().view.ledger.contacts[0].contact.state, ContactState::Open);
}
