//! A practice event from its first page to its place in the training log, and what setting Herald up asks of PagerDuty.

use std::collections::BTreeMap;

use herald_core::draft::Text;
use herald_core::feed::PageKind;
use herald_core::training::facts::Expected;
use herald_core::training::score::KpiKind;
use herald_core::training::{Practised, Score, Training, TrainingKind, score};
use herald_core::{Command, IncidentWish, Mode, Phase, SettingsPatch, Standing, TrainingWish};
use herald_engine::{ConnectSlack, ConnectStatusPage, Connecting, practised, status_page_key};
use herald_practice::{Fault, Options, Scenario, World};

use crate::rig::{Rig, Setup, Stopped, own_incident, quiet, start_in, status_page};

stories! {
    practice_events:
    the_manager_answers_an_intention_and_the_event_is_measured,
    practice_stays_in_its_own_world,
    a_result_is_taken_in_once_and_survives_a_restart,
    a_result_waits_while_nothing_can_be_saved,
    a_result_waits_beside_the_log_of_a_newer_herald,
    the_log_is_kept_and_undone,
    schedules_are_offered_and_the_own_word_decides,
    a_lookup_that_fails_says_why,
}

/// What was connected in the same folder before is not asked, and nothing else can be connected, in shadow mode or not.
async fn practice_stays_in_its_own_world() {
    let own = World::start(quiet(1.0)).await.expect("the world starts");
    let real = Rig::quiet().await;
    let at = |world: &World| {
        let told = world.announcement().statusio;
        let root = told.url.trim_end_matches("/v2").to_owned();
        let page = status_page(PageKind::StatusIo, &told.url, &format!("{root}/1.0/status"), &root, &told.page_id);
        let key = status_page_key(&told.api_id, &told.api_key);
        Connecting::StatusPage(ConnectStatusPage { page, key: Some(key.into()) })
    };
    real.herald.connect_any(at(&real.world), false).await.map_err(|it| it.to_string()).expect("it is real");
    real.until("its feed", |rig| rig.herald.shown().view.feeds.iter().any(|feed| !feed.stale)).await;
    let Stopped { world: real, screen, folder, .. } = real.stopped();
    let asked = || real.requests().into_iter().filter(|it| it.path.starts_with("/statusio")).count();
    let before = asked();

    let mode = Mode::Practice { scenario: "quiet".into() };
    let herald = start_in(mode, Some(own.url()), folder.path(), &screen);
    let refused = herald.connect_any(at(&real), false).await.map(|it| it.words()).expect_err("another world");
    assert!(refused.to_string().contains("This is practice"), "{refused}");
    let done = herald.connect_any(at(&own), false).await.map(|it| it.words());
    assert!(done.is_ok_and(|it| it.contains(&own.url())), "its own world");
    assert_eq!(asked(), before, "not one request left for another place");
}

/// The manager wants to be asked, and says no to Monitoring.
const ASKED: &str = r#"
[[when]]
when = "intend"
lacks = "monitoring"
do = "say"
who = "mateo"
text = "Go ahead."

[[when]]
when = "intend"
contains = "monitoring"
do = "say"
who = "mateo"
text = "Hold on, it is Identified, not Monitoring."
"#;

async fn the_manager_answers_an_intention_and_the_event_is_measured() {
    let rig = Rig::of(Setup::cast(ASKED)).await;
    let began_at = rig.world.now();
    let webhook = rig.world.announcement().slack.webhook_url;
    let slack = ConnectSlack { webhook: webhook.into(), channel: "#incident".into() };
    if let Err(error) = rig.herald.connect_any(Connecting::Slack(slack), false).await {
        panic!("{error}");
    }
    let page = rig.trigger("Sign-in fails");
    rig.until_announced(&page).await;
    rig.acknowledge(&page).await.expect("it is mine");
    rig.until("the page is taken", |rig| rig.card(&page).is_some_and(|card| card.taken_by_me)).await;

    let incident = own_incident(&rig, "Sign-in fails").await;
    let draft = rig.only_incident().compose.text;
    let ask = async |text: Text| {
        rig.wish(IncidentWish::Write { incident, text }).await;
        rig.herald.intend(incident).await.expect("Slack takes it");
        rig.world.said().last().map(|said| said.text.clone())
    };
    let text = Text { body: "Some people cannot sign in.".into(), phase: Phase::Identified, ..draft };
    assert_eq!(ask(text.clone()).await.as_deref(), Some("Go ahead."));
    rig.wish(IncidentWish::PostedByHand { incident, text: text.clone(), at: rig.herald.shown().now }).await;
    let monitoring = Text { body: "We watch it.".into(), phase: Phase::Monitoring, ..text };
    assert_eq!(ask(monitoring).await.as_deref(), Some("Hold on, it is Identified, not Monitoring."));
    rig.close(&page).await.expect("it is mine");
    rig.until("the page is closed", |rig| rig.card(&page).is_none()).await;

    let facts = rig.herald.facts(began_at).await.expect("Herald runs");
    let met = |score: &Score| score.kpis.iter().map(|kpi| (kpi.kind, kpi.met)).collect::<Vec<_>>();
    let closed = rig.incident(&page).occurrences();
    assert_eq!(closed.len(), 1);
    assert_eq!(facts.handover, Expected::Missing, "the shift is not handed over");
    assert_eq!(
        met(&score(&facts)),
        [
            (KpiKind::Acknowledged, facts.pages[0].taken.is_some().then_some(true)),
            (KpiKind::Updates, Some(true)),
            (KpiKind::Stakeholders, Some(false)),
            (KpiKind::Handover, Some(false)),
            (KpiKind::ClosedLast, facts.pages[0].taken.is_some().then_some(false)),
        ]
    );
}

async fn a_result_is_taken_in_once_and_survives_a_restart() {
    let rig = Rig::quiet().await;
    practised::hand_over(rig.folder.path(), &event("one")).expect("written");
    let logged = |rig: &Rig| rig.herald.shown().view.training.log.len();
    rig.until("the result", |rig| logged(rig) == 1).await;
    practised::hand_over(rig.folder.path(), &event("one")).expect("written");
    rig.until("its file is gone", |rig| waiting(rig) == 0).await;
    assert_eq!(logged(&rig), 1, "told twice, taken in once");
    let stopped = rig.stopped();
    practised::hand_over(stopped.folder.path(), &event("two")).expect("written");
    let rig = stopped.started();
    assert_eq!(logged(&rig), 2, "what came while no Herald ran is there at its start");
    let told = rig.herald.shown().view.training.log[0].training.clone();
    assert_eq!(told.practised, event("two").practised, "with all that was measured");
}

async fn a_result_waits_while_nothing_can_be_saved() {
    let rig = Rig::quiet().await;
    let held = rusqlite::Connection::open(rig.folder.path().join("herald.db")).expect("opens");
    held.execute_batch("BEGIN EXCLUSIVE").expect("held");
    rig.unsaved(Command::Set { patch: SettingsPatch::PollInterval { seconds: 3 } }).await;
    practised::hand_over(rig.folder.path(), &event("held")).expect("written");
    rig.until("it is known", |rig| rig.herald.shown().view.training.log.len() == 1).await;
    assert_eq!(waiting(&rig), 1, "not in the database, so not gone");
    held.execute_batch("COMMIT").expect("let go");
    rig.until("it is saved", |rig| waiting(rig) == 0).await;
    let rig = rig.stopped().started();
    assert_eq!(rig.herald.shown().view.training.log.len(), 1);
}

async fn a_result_waits_beside_the_log_of_a_newer_herald() {
    let stopped = Rig::quiet().await.stopped();
    practised::hand_over(stopped.folder.path(), &event("one")).expect("written");
    let version = |version: i64| {
        let db = rusqlite::Connection::open(stopped.folder.path().join("herald.db")).expect("opens");
        let before: i64 = db.query_row("PRAGMA user_version", [], |row| row.get(0)).expect("reads");
        db.pragma_update(None, "user_version", version).expect("sets");
        before
    };
    let own = version(99);
    let rig = stopped.started();
    assert_eq!(rig.herald.shown().view.training.log.len(), 1, "it is shown");
    assert_eq!(waiting(&rig), 1, "and waits, as nothing is written into the log of a newer Herald");
    let stopped = rig.stopped();
    let db = rusqlite::Connection::open(stopped.folder.path().join("herald.db")).expect("opens");
    db.pragma_update(None, "user_version", own).expect("sets");
    drop(db);
    let rig = stopped.started();
    rig.until("it is taken in", |rig| waiting(rig) == 0).await;
    assert_eq!(rig.herald.shown().view.training.log.len(), 1);
}

async fn the_log_is_kept_and_undone() {
    let rig = Rig::quiet().await;
    let wish = async |wish| {
        let command = Command::Training { wish: Box::new(wish) };
        rig.command(command).await.expect("allowed");
    };
    let entry = Training { kind: TrainingKind::Squawk, practised: None, notes: "Ask early.".into(), ..event("x") };
    wish(TrainingWish::Add { entry: Box::new(entry.clone()) }).await;
    wish(TrainingWish::Remove { training: 1 }).await;
    assert!(rig.herald.shown().view.training.log.is_empty());
    wish(TrainingWish::Add { entry: Box::new(entry.clone()) }).await;
    wish(TrainingWish::Step { key: "module".into(), done: true }).await;
    let rig = rig.stopped().started();
    let training = rig.herald.shown().view.training.clone();
    assert_eq!(training.log.iter().map(|card| card.training.clone()).collect::<Vec<_>>(), [entry]);
    assert!(training.path.iter().any(|step| step.key == "module" && step.done_at.is_some()));
}

async fn schedules_are_offered_and_the_own_word_decides() {
    let scenario = Scenario::builtin("shadow").expect("built in");
    let rig = Rig::of(Setup { world: Options { speed: 20.0, ..Options::of(scenario) }, ..Setup::default() }).await;
    let offered = rig.herald.schedules().await.expect("PagerDuty answers");
    let shadow = rig.world.announcement().pagerduty.shadow_schedules.remove(0);
    let mine = offered.iter().find(|it| it.id == shadow).expect("the shadow schedule is offered");
    assert!(mine.mine && !mine.policies.is_empty(), "{mine:?}");
    assert!(offered.len() > 1 && offered.iter().any(|it| !it.mine), "so are those of others: {offered:?}");
    rig.until("the page", |rig| !rig.herald.shown().view.pages.is_empty()).await;
    let standing = |rig: &Rig| rig.herald.shown().view.pages[0].standing;
    assert!(matches!(standing(&rig), Standing::Shadow { .. }));
    rig.set(SettingsPatch::ShadowSchedules { chosen: BTreeMap::from([(shadow, false)]) }).await;
    assert_eq!(standing(&rig), Standing::Mine, "the user's word lies over the playbook's");
    assert_eq!(rig.herald.shown().view.shadow, None);
}

async fn a_lookup_that_fails_says_why() {
    let rig = Rig::of(Setup { world: quiet(1.0), ..Setup::default() }).await;
    rig.fault(Fault::status(503).on("/escalation_policies"));
    let fault = rig.herald.schedules().await.expect_err("PagerDuty fails");
    assert!(fault.reason().contains("503"), "{}", fault.reason());
    assert!(rig.herald.shown().view.source.fault.is_none(), "watching goes on");
}

fn event(name: &str) -> Training {
    let at = "2026-05-06T09:47:32Z".parse().expect("a time");
    let score = Score { began_at: at, ended_at: at, kpis: vec![], timeline: vec![] };
    let practised = Practised { event: name.into(), scenario: "shy-im".into(), score, left_early: false };
    let title = "The incident manager is silent".into();
    Training { at, kind: TrainingKind::Practice, title, notes: String::new(), practised: Some(practised) }
}

/// Results that wait in the data folder.
fn waiting(rig: &Rig) -> usize {
    std::fs::read_dir(rig.folder.path().join("practised")).map_or(0, Iterator::count)
}
