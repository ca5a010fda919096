//! The built-in scenarios, played fast.

use herald_practice::{
    Act, Difficulty, FaultKind, Options, PublicState, Scenario, Status, When, World, builtin_scenarios,
};
use serde_json::{Value, json};

use crate::Desk;

async fn play(name: &str, speed: f64) -> Desk {
    let scenario = Scenario::builtin(name).expect("built in");
    let desk = Desk::open(Options { speed, ..Options::of(scenario) }).await;
    desk.world.finished().await;
    assert_eq!(desk.world.state().problems, Vec::<String>::new(), "{name}");
    desk
}

#[tokio::test]
async fn all_play_to_the_end() {
    let names: Vec<String> = builtin_scenarios().into_iter().map(|each| each.name).collect();
    for wanted in [
        "single-page",
        "storm",
        "taken-elsewhere",
        "outage",
        "shadow",
        "incident",
        "severity-change",
        "shy-im",
        "someone-else-posts",
        "in-between",
        "crossed",
        "feed-dies",
        "page-refuses",
        "tools-fail",
        "quiet",
    ] {
        assert!(names.iter().any(|name| name == wanted), "{wanted}");
    }
    for name in &names {
        play(name, 5000.0).await;
    }
    assert!(Scenario::builtin("unheard-of").is_none());
}

#[test]
fn those_that_come_with_the_app_are_sound_and_say_what_they_train() {
    for it in builtin_scenarios() {
        let text = std::fs::read_to_string(format!("{}/scenarios/{}.toml", env!("CARGO_MANIFEST_DIR"), it.name));
        let checked = Scenario::check(&text.expect("a file"));
        assert!(checked.is_ok(), "{}: {:?}", it.name, checked.err());
        assert!(it.name == "quiet" || !(it.objective.is_empty() || it.trains.is_empty()), "{}", it.name);
    }
    let rising = ["single-page", "shy-im", "severity-change", "two-incidents", "tools-fail"];
    let known = builtin_scenarios();
    let hardness = rising.map(|name| known.iter().find(|it| it.name == name).expect(name).difficulty as u8);
    assert!(hardness.is_sorted() && hardness[4] == Difficulty::Hard as u8, "{hardness:?}");
    for name in rising {
        assert!(!Scenario::builtin(name).expect("built in").rules.is_empty(), "{name} answers");
    }
}

#[tokio::test]
async fn single_page_comes_to_me() {
    let desk = play("single-page", 100.0).await;
    let titles = desk.titles(&desk.poll_of("elena")).await;
    assert_eq!(titles, ["[S2] Checkout fails for some customers"]);
    assert_eq!(desk.world.said()[0].who, "Mateo Silva");
}

#[tokio::test]
async fn taken_elsewhere_leaves_me() {
    let desk = play("taken-elsewhere", 100.0).await;
    assert_eq!(desk.state("login").acknowledged_by, ["dana"]);
    assert_eq!(desk.state("search").status, Status::Resolved);
    assert_eq!(desk.titles(&desk.poll_of("elena")).await, Vec::<String>::new());
}

#[tokio::test]
async fn shadow_pages_both_of_us() {
    let scenario = Scenario::builtin("shadow").expect("built in");
    let desk = Desk::open(Options { speed: 20.0, ..Options::of(scenario) }).await;
    desk.world.until(|world| world.incident("uploads").is_some()).await;
    assert_eq!(desk.state("uploads").assigned_to, ["dana", "elena"]);
    let path = format!("/oncalls?user_ids[]={}", desk.id_of("elena"));
    let (_, body) = desk.get(&path).await;
    assert_eq!(body["oncalls"].as_array().map(Vec::len), Some(1));
    assert_eq!(body["oncalls"][0]["schedule"]["summary"], "Communications Manager Shadow");
    assert_eq!(desk.world.tokens().shadow_user, desk.world.tokens().user);
}

#[tokio::test]
async fn outage_hides_the_page_and_ends() {
    let scenario = Scenario::builtin("outage").expect("built in");
    let desk = Desk::open(Options { speed: 100.0, ..Options::of(scenario) }).await;
    desk.world.until(|world| world.incident("unseen").is_some()).await;
    let seen = tokio::select! {
        answer = desk.get("/incidents") => answer.0,
        () = desk.world.finished() => 0,
    };
    assert!(seen == 503 || seen == 0, "an error or silence, not {seen}");
    desk.world.finished().await;
    assert_eq!(desk.get("/incidents").await.0, 429);
    assert_eq!(desk.get("/incidents").await.0, 429);
    assert_eq!(desk.titles(&desk.poll_of("elena")).await, ["[S1] Database primary lost"]);
}

#[tokio::test]
async fn severity_change_gets_worse_and_comes_back() {
    let desk = play("severity-change", 2000.0).await;
    let issue = desk.world.issues().remove(0);
    let added = issue.label_changes.iter().filter(|change| change.added).map(|change| change.label.as_str());
    let told: Vec<&str> = added.filter(|label| *label != "incident").collect();
    assert_eq!(
        told,
        [
            "Incident::Active",
            "severity::2",
            "severity::1",
            "Incident::Mitigated",
            "Incident::Active",
            "Incident::Mitigated",
            "Incident::Resolved",
        ]
    );
    assert_eq!((issue.state.as_str(), desk.state("pipelines").epoch), ("closed", 1));
    assert!(issue.description.contains("No pipelines start at all"), "{}", issue.description);
}

#[tokio::test]
async fn shy_im_speaks_late() {
    let desk = play("shy-im", 2000.0).await;
    let issue = desk.world.issues().remove(0);
    assert_eq!(issue.im, "ruth");
    let spoken: Vec<&str> = issue.notes.iter().filter(|note| !note.system).map(|note| note.by.as_str()).collect();
    assert_eq!(spoken, ["leila", "tomas", "ruth", "ruth"]);
    assert_eq!(desk.world.said().len(), 2, "only what the manager says");
}

#[tokio::test]
async fn two_incidents_overlap_and_one_is_hidden() {
    let desk = play("two-incidents", 2000.0).await;
    let issues = desk.world.issues();
    assert!(issues.iter().all(|issue| issue.state == "closed" && !issue.confidential));
    let managers: Vec<&str> = issues.iter().map(|issue| issue.im.as_str()).collect();
    assert_eq!(managers, ["mateo", "ruth"]);
    assert!(issues[1].created_at < issues[0].updated_at, "the second begins while the first runs");
    let shown = issues[1].notes.iter().find(|note| note.text == "made the issue visible to everyone");
    assert!(shown.is_some_and(|note| note.system), "hidden until it is over");
}

#[tokio::test]
async fn others_are_there_in_between() {
    let desk = play("in-between", 2000.0).await;
    let page = desk.state("uploads");
    assert_eq!((page.epoch, page.status), (1, Status::Triggered), "touched again and again it is one page");
    let shown = desk.get(&format!("/incidents/{}?include[]=conference_bridge", page.id)).await.1["incident"].clone();
    assert!(shown["updated_at"].as_str() > shown["created_at"].as_str());
    assert_eq!(shown["conference_bridge"], Value::Null);
    let alert = desk.get(&format!("/incidents/{}/alerts", page.id)).await.1["alerts"][0]["body"].clone();
    let address = desk.world.issues().remove(0).web_url;
    assert!(alert["details"]["description"].as_str().is_some_and(|text| text.ends_with(&address)), "{alert}");
    assert_eq!(alert["contexts"], json!([]));
    assert_eq!(desk.state("mail").status, Status::Resolved, "a colleague closed it");
}

#[tokio::test]
async fn a_colleague_resolves_what_was_just_published() {
    let scenario = Scenario::builtin("in-between").expect("built in");
    let desk = Desk::open(Options { speed: 200.0, ..Options::of(scenario) }).await;
    let access = desk.world.announcement().statusio;
    let body = json!({
        "statuspage_id": access.page_id, "incident_name": "Uploads fail", "incident_details": "We look into it.",
        "current_status": 300, "current_state": 100, "all_infrastructure_affected": "1", "infrastructure_affected": [],
        "notify_email": "0", "notify_sms": "0", "notify_webhook": "0", "social": "0",
    });
    let request = desk.http.post(format!("{}/incident/create", access.url)).json(&body);
    let request = request.header("x-api-id", access.api_id).header("x-api-key", access.api_key);
    assert_eq!(request.send().await.expect("an answer").status().as_u16(), 200);
    desk.world.until(|world| world.statusio_incidents().iter().any(|it| it.resolved_at.is_some())).await;
    let last = desk.world.statusio_incidents().remove(0).messages.pop().expect("a message");
    assert_eq!((last.by.as_str(), last.state), ("tomas", PublicState::Resolved));
}

#[tokio::test]
async fn incident_goes_from_page_to_recovery() {
    let desk = play("incident", 2000.0).await;
    let issue = desk.world.issues().remove(0);
    assert_eq!((issue.state.as_str(), desk.state("checkout").status), ("closed", Status::Resolved));
    assert!(issue.labels.contains(&"Incident-Comms::Status-Page".to_owned()), "{:?}", issue.labels);
    let public = desk.world.statusio_incidents();
    let messages: Vec<(&str, PublicState)> =
        public.iter().flat_map(|each| &each.messages).map(|message| (message.by.as_str(), message.state)).collect();
    assert_eq!(messages, [("dana", PublicState::Identified)], "nobody else has posted, so she opens it");
    assert!(desk.world.said().iter().any(|said| said.text.contains("put it on the status page")));
}

#[tokio::test]
async fn tools_fail_and_the_incident_goes_on() {
    let desk = play("tools-fail", 2000.0).await;
    let left: Vec<String> = desk.world.state().faults.iter().map(|active| active.fault.called()).collect();
    assert_eq!(left, ["lost-creation", "slack-is-full"], "those wait for requests");
    assert_eq!((desk.world.statusio_incidents().len(), desk.world.statuspage_incidents().len()), (1, 1));
    let hook = desk.world.announcement().slack.webhook_url;
    let refused = desk.http.post(&hook).body("{}").send().await.expect("an answer");
    assert_eq!((refused.status().as_u16(), refused.headers()["retry-after"].as_bytes()), (429, &b"20"[..]));
    assert_eq!(refused.text().await.expect("a text"), "rate_limited");
    assert_eq!(desk.get("/incidents").await.0, 200, "a fault of Slack's is Slack's alone");
}

/// What asks for more than a computer has is refused before it is made.
#[test]
fn a_scenario_without_measure_is_refused() {
    let step = "\n[[at]]\nafter = \"1s\"\ndo = \"trigger\"\ntitle = \"Down {n}\"\n";
    let rule = "\n[[when]]\nwhen = \"published\"\ndo = \"trigger\"\ntitle = \"Down {n}\"\ncount = 10000\n";
    let over = |count: u32| format!("{step}every = \"1s\"\ntimes_over = {count}\n");
    for (name, text, expected) in [
        ("a storm on a storm", step.to_owned() + "count = 10000\n" + rule, None),
        ("three storms", (step.to_owned() + "count = 10000\n").repeat(3), Some((7, "count"))),
        ("storms over and over", over(100) + "count = 10000\n", Some((9, "count"))),
        ("answers that storm", rule.repeat(3), Some((7, "count"))),
        ("a thousand times ten thousand steps", over(10_000).repeat(1000), Some((10, "at"))),
        ("in 270,000 years", over(10_000).replace("every = \"1s\"", "every = \"10000d\""), Some((7, "every"))),
        ("tables without end", format!("a = {}", "[".repeat(100_000)), Some((2, "a"))),
    ] {
        let checked = Scenario::check(&format!("title = \"x\"\n{text}"));
        let told = checked.err().map(|faults| (faults[0].line, faults[0].key.clone()));
        let fits = |it: &(usize, String)| expected.is_some_and(|(line, key)| it.0 == line && it.1.starts_with(key));
        assert!(told.as_ref().map_or(expected.is_none(), fits), "{name}: {told:?}");
    }
}

#[tokio::test]
async fn a_world_needs_no_runtime_and_leaves_nothing_behind() {
    let check = std::thread::spawn(|| {
        let world = World::start_blocking(Options::of(Scenario::quiet())).expect("starts");
        let port = world.url().rsplit(':').next().and_then(|port| port.parse().ok()).expect("a port");
        let taken = World::start_blocking(Options { port: Some(port), ..Options::of(Scenario::quiet()) });
        assert!(taken.is_err(), "the port is in use");
        drop(world);
        World::start_blocking(Options { port: Some(port), ..Options::of(Scenario::quiet()) }).map(drop)
    });
    check.join().expect("no panic").expect("the port is free again");
    for speed in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        let started = World::start(Options { speed, ..Options::of(Scenario::quiet()) }).await;
        assert!(started.is_err(), "{speed}");
    }
}

/// How scenarios are written, as everybody reads it.
const PAPER: &str = include_str!("../../../../docs/scenarios.md");

#[test]
fn the_paper_tells_the_truth() {
    let examples: Vec<&str> = PAPER.split("```toml").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    let [first, whole, answers] = examples[..] else { panic!("{} examples", examples.len()) };
    let rules = Scenario::parse(&format!("title = \"x\"\n{answers}")).expect("they read").rules;
    let kinds: Vec<When> = rules.iter().map(|rule| rule.when).collect();
    assert_eq!(kinds, [When::Intend, When::Intend]);
    assert_eq!(Scenario::check(first).expect("the example is sound").steps.len(), 6);
    let whole = Scenario::check(whole).expect("the whole example is sound");
    assert_eq!((whole.steps.len(), whole.rules.len(), whole.cast.users.len()), (3, 2, 8));
    let kinds = PAPER.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next());
    let (mut acts, mut faults) = (0, 0);
    for word in kinds {
        if serde_json::from_value::<FaultKind>(serde_json::json!(word)).is_ok() {
            faults += 1;
        } else if is_act(word) {
            acts += 1;
        }
    }
    assert_eq!((acts, faults), (33, 21), "all acts, all kinds of faults");
}

#[test]
fn every_key_is_in_the_paper() {
    let rows: Vec<&str> = PAPER.lines().filter(|line| line.starts_with("| `")).collect();
    let told = |head: &str, key: &str| {
        let mut its_own = rows.iter().filter(|row| row.split('|').nth(1).is_some_and(|it| it.contains(head)));
        its_own.any(|row| row.contains(&format!("`{key}`")))
    };
    let known = |text: &str| keys(&Scenario::parse(text).expect_err("no such key").message);
    let top = known("no_such_key = 1");
    assert!(top.len() > 20, "{top:?}");
    for key in &top {
        assert!([format!("`{key}`"), format!("[{key}]")].iter().any(|it| PAPER.contains(it)), "{key}");
    }
    let tables = ["account", "limits", "gitlab_limits", "slack", "statusio", "statuspage"];
    let lists = ["users", "teams", "priorities", "schedules", "policies", "services", "projects"];
    let inside = [
        "policies.levels",
        "statusio.components",
        "statusio.components.containers",
        "statuspage.groups",
        "statuspage.components",
    ];
    let headers = tables.iter().map(|it| (*it, format!("[{it}]")));
    let headers = headers.chain(lists.iter().map(|it| (*it, format!("[[{it}]]"))));
    for (table, header) in headers.chain(inside.iter().map(|it| (*it, format!("[[{it}]]")))) {
        let within = table.split('.').next().unwrap_or_default();
        for key in known(&format!("{}{header}\nno_such_key = 1", outer(table))) {
            assert!(told(&format!("[{within}]"), &key), "{table}.{key}");
        }
    }
    for act in rows.iter().filter_map(|row| row.strip_prefix("| `")?.split('`').next()).filter(|it| is_act(it)) {
        let error = serde_json::from_value::<Act>(serde_json::json!({"do": act, "no_such_key": 1}));
        let fault = act == "fault";
        for key in keys(&error.expect_err("no such key").to_string()) {
            let common = fault && PAPER.contains(&format!("`{key}`"));
            assert!(common || told(&format!("`{act}`"), &key), "{act}: {key}");
        }
    }
}

/// What stands before a table of a list inside another list.
fn outer(table: &str) -> &'static str {
    match table {
        "policies.levels" => "[[policies]]\nkey = \"cmoc\"\n",
        "statusio.components.containers" => "[[statusio.components]]\nkey = \"git\"\n",
        _ => "",
    }
}

/// The keys that serde says it expected.
fn keys(message: &str) -> Vec<String> {
    let expected = message.split("expected").nth(1).unwrap_or_default();
    expected.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

/// A known act may still lack its fields.
fn is_act(word: &str) -> bool {
    match serde_json::from_value::<Act>(serde_json::json!({"do": word})) {
        Ok(_) => true,
        Err(error) => error.to_string().contains("missing field"),
    }
}
