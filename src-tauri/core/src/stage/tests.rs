//! Stages: the current one, gates, what Herald ticks by itself, what the user says, and coming back.

use std::collections::BTreeMap;

use super::*;
use crate::command::{Command, Refusal, allowed};
use crate::draft::{Publication, PublishStage, Text};
use crate::feed::{FeedAnswer, Found, IssueSeen, IssuesTold, PageTold, PostSeen, Update};
use crate::incident::{Incident, IncidentWish, Own};
use crate::page::{Named, Page, PageId, PageStatus};
use crate::phase::{Impact, Phase, Severity};
use crate::state::tests::{at, connected, page};
use crate::state::{Change, State};
use crate::step::tests::text;
use crate::step::{Input, step};

fn task(id: &str, does: Option<Doing>) -> TaskRules {
    TaskRules { id: id.into(), text: format!("Do {id}"), does, ..TaskRules::default() }
}

/// Stages in the shape of the default.
pub(crate) fn stages() -> Vec<StageRules> {
    let needs =
        |task: TaskRules, needs: &[&str]| TaskRules { needs: needs.iter().map(|&it| it.into()).collect(), ..task };
    let when = |task: TaskRules, when| TaskRules { when: Some(when), ..task };
    let stage = |id, name: &str, tasks| StageRules { id, name: name.into(), tasks };
    vec![
        stage(
            Stage::Engage,
            "Engage",
            vec![
                when(task("acknowledge", Some(Doing::Acknowledge)), When::Paged),
                task("join", Some(Doing::JoinCall)),
                task("ask", Some(Doing::Decide)),
                when(needs(task("create", Some(Doing::CreatePost)), &["ask"]), When::Public),
                when(needs(task("verify", Some(Doing::VerifyLive)), &["create"]), When::Public),
                task("severity", Some(Doing::ConfirmSeverity)),
                when(needs(task("notify", Some(Doing::NotifyStakeholders)), &["severity"]), When::Public),
                when(needs(task("label", Some(Doing::LabelIssue)), &["create"]), When::Public),
                TaskRules { last: true, ..when(task("close", Some(Doing::ClosePage)), When::Paged) },
            ],
        ),
        stage(Stage::Manage, "Manage", vec![when(task("update", Some(Doing::PublishUpdate)), When::Public)]),
        stage(
            Stage::Monitor,
            "Monitor",
            vec![task("monitor", Some(Doing::PublishUpdate)), task("watch", Some(Doing::Watch)), task("tickets", None)],
        ),
        stage(
            Stage::Resolve,
            "Resolve",
            vec![
                needs(task("confirmed", Some(Doing::ConfirmResolved)), &["watch"]),
                needs(task("all-clear", None), &["watch"]),
                needs(task("resolve", Some(Doing::PublishUpdate)), &["confirmed", "all-clear"]),
                needs(task("check", Some(Doing::VerifyLive)), &["resolve"]),
            ],
        ),
    ]
}

mod watch;

/// One incident, number 1, that began at minute 0.
struct Story(State);

impl Story {
    fn new() -> Self {
        let mut story = Self(connected());
        story.set(|_| {});
        story
    }

    fn set(&mut self, edit: impl FnOnce(&mut Incident)) {
        let mut incident = self.0.incidents.get(&1).cloned().unwrap_or_else(|| Incident::new(at(0)));
        edit(&mut incident);
        self.0.apply(&Change::Incident(1, Box::new(incident)));
    }

    fn after(&mut self, input: Input, minutes: i64) {
        for change in step(&self.0, input, at(minutes)) {
            self.0.apply(&change);
        }
    }

    fn tries(&mut self, wish: IncidentWish, minutes: i64) -> Result<(), Refusal> {
        let command = Command::Incident { wish: Box::new(wish) };
        allowed(&self.0, &command, at(minutes))?;
        self.after(Input::User(command), minutes);
        Ok(())
    }

    fn wish(&mut self, wish: IncidentWish, minutes: i64) {
        self.tries(wish, minutes).expect("is allowed");
    }

    fn ticks(&mut self, tasks: &[&str], minutes: i64) {
        for task in tasks {
            self.wish(IncidentWish::Tick { incident: 1, task: (*task).into() }, minutes);
        }
    }

    fn posts(&mut self, phase: Phase, minutes: i64) {
        let text = Text {
            title: "Trouble".into(),
            body: format!("{} at {minutes}.", phase.label()),
            phase,
            impact: Some(Impact::Degraded),
            components: BTreeSet::new(),
            promise: false,
            muted: BTreeSet::new(),
        };
        self.wish(IncidentWish::PostedByHand { incident: 1, text, at: at(minutes) }, minutes);
    }

    fn read(&self, minutes: i64) -> Reading<'_> {
        Reading::new(&self.0, 1, &self.0.incidents[&1], at(minutes))
    }

    fn stage(&self, minutes: i64) -> Stage {
        self.read(minutes).current()
    }

    fn mark(&self, id: &str, minutes: i64) -> Mark {
        let (stage, task) = super::task(&self.0.playbook.stages, id).expect("there is such a task");
        self.read(minutes).mark(stage, task)
    }

    fn done_by(&self, id: &str) -> Option<By> {
        match self.mark(id, 600) {
            Mark::Done { by, .. } => Some(by),
            Mark::Open { .. } | Mark::Locked { .. } | Mark::Skipped { .. } | Mark::NotNeeded { .. } => None,
        }
    }
}

fn issue(labels: &[&str]) -> IssueSeen {
    IssueSeen {
        iid: 7,
        url: "https://tracker.example/ops/-/issues/7".into(),
        title: "Issue 7".into(),
        severity: Some(Severity::S2),
        open: true,
        active: true,
        says: None,
        labels: labels.iter().map(|&label| label.into()).collect(),
        confidential: false,
        found: Found::default(),
        created_at: at(0),
        updated_at: at(i64::try_from(labels.len()).expect("few")),
    }
}

#[test]
fn the_stage_is_read_from_phase_ticks_and_the_monitoring_clock() {
    use Phase::{Identified, Investigating, Monitoring, Resolved};
    use Stage::{Engage, Manage, Monitor, Resolve};
    let all = ["join", "ask", "create", "verify", "severity", "notify", "label"];
    type Row<'a> = (&'a str, &'a [(Phase, i64)], &'a [&'a str], i64, Stage);
    let rows: &[Row<'_>] = &[
        ("nothing is known", &[], &[], 0, Engage),
        ("nothing is ticked", &[(Investigating, 1)], &[], 2, Engage),
        ("Engage is done", &[(Investigating, 1)], &all, 2, Manage),
        ("the cause does not end Engage", &[(Identified, 1)], &[], 2, Engage),
        ("a fix is out, whatever is open", &[(Identified, 1), (Monitoring, 5)], &[], 6, Monitor),
        ("the period is not over", &[(Monitoring, 5)], &all, 34, Monitor),
        ("the period is over", &[(Monitoring, 5)], &all, 35, Resolve),
        ("it came back by itself", &[(Monitoring, 5), (Identified, 9)], &all, 60, Manage),
        ("and is watched anew", &[(Monitoring, 5), (Identified, 9), (Monitoring, 20)], &all, 49, Monitor),
        ("resolved", &[(Monitoring, 5), (Resolved, 6)], &[], 6, Resolve),
    ];
    for (why, updates, ticked, minutes, expected) in rows {
        let mut story = Story::new();
        story.set(|it| it.decided_at = Some(at(0)));
        updates.iter().for_each(|(phase, minutes)| story.posts(*phase, *minutes));
        story.ticks(ticked, updates.last().map_or(0, |(_, at)| *at));
        story.after(Input::Ticked, *minutes);
        assert_eq!(story.stage(*minutes), *expected, "{why}");
    }
}

#[test]
fn gates_open_one_after_the_other() {
    let mut story = Story::new();
    story.set(|it| it.decided_at = Some(at(0)));
    let tick = |story: &mut Story, task: &str| story.tries(IncidentWish::Tick { incident: 1, task: task.into() }, 1);
    assert_eq!(tick(&mut story, "notify"), Err(Refusal::TaskLocked), "the severity is not confirmed (H51)");
    assert_eq!(story.mark("notify", 1), Mark::Locked { needs: vec!["Do severity".into()], opens_at: None });
    assert_eq!(tick(&mut story, "severity"), Ok(()));
    assert_eq!(tick(&mut story, "notify"), Ok(()));
    assert_eq!(tick(&mut story, "no such task"), Err(Refusal::NoSuchTask));
    assert_eq!(tick(&mut story, "resolve"), Err(Refusal::TaskLocked), "no all-clear (H56)");
    story.posts(Phase::Monitoring, 10);
    let opens = Mark::Locked { needs: vec!["Do watch".into()], opens_at: Some(at(40)) };
    assert_eq!(story.mark("all-clear", 11), opens, "it says when it opens by itself");
    story.after(Input::Ticked, 40);
    assert_eq!(story.mark("all-clear", 40), Mark::Open { now: false, until: None });
    assert_eq!(story.read(40).before_resolved(), ["Do confirmed", "Do all-clear"], "asked for once more (H56)");
    story.ticks(&["all-clear"], 41);
    assert_eq!(story.read(41).before_resolved(), ["Do confirmed"]);
    story.ticks(&["confirmed", "resolve"], 41);
    assert_eq!(story.read(41).before_resolved(), [""; 0]);
    assert_eq!(story.stage(41), Stage::Resolve);
}

#[test]
fn a_page_is_closed_last_and_says_what_it_waits_for() {
    let mut story = Story::new();
    let taken = Page::new(
        crate::page::SeenPage {
            status: PageStatus::Acknowledged,
            taken_at: Some(at(2)),
            taken_by: Some(Named { id: "ME".into(), name: "Elena".into() }),
            ..(*page("P1", 1).seen).clone()
        },
        at(2),
    );
    story.0.apply(&Change::Page(Box::new(taken)));
    story.after(Input::Ticked, 3);
    assert_eq!(story.mark("acknowledge", 3), Mark::Done { at: at(2), by: By::Herald }, "Herald saw it");
    let lacks = |story: &Story| lacks_before_closing(&story.0, &PageId::new("P1"), at(3));
    assert_eq!(lacks(&story).len(), 7, "{:?}", lacks(&story));
    story.wish(IncidentWish::Decide { incident: 1, yes: false }, 3);
    assert_eq!(lacks(&story), ["Do join", "Do severity"], "what is for the public is not needed (H3)");
    story.ticks(&["join", "severity"], 3);
    assert_eq!(lacks(&story), Vec::<String>::new());
    assert_eq!(story.mark("close", 3), Mark::Open { now: false, until: None });
    story.set(|it| {
        it.pages.insert(PageId::new("P2"));
    });
    assert_eq!(lacks(&story), Vec::<String>::new(), "another page is the incident's, so this one waits for nothing");
}

#[test]
fn herald_ticks_what_it_saw_and_never_against_the_user() {
    let mut story = Story::new();
    story.wish(IncidentWish::Decide { incident: 1, yes: true }, 1);
    assert_eq!(story.mark("ask", 1), Mark::Done { at: at(1), by: By::Herald });
    story.wish(IncidentWish::Untick { incident: 1, task: "ask".into() }, 2);
    story.after(Input::Ticked, 3);
    assert_eq!(story.mark("ask", 3), Mark::Open { now: false, until: None }, "what was taken back stays so");
    story.ticks(&["ask", "create", "join"], 4);
    story.posts(Phase::Investigating, 5);
    let mine = Tick { at: at(4), by: By::Me, says: TickSays::Done };
    assert_eq!(story.0.incidents[&1].ticks["create"], mine, "the user ticked it first");
    story.wish(IncidentWish::Decide { incident: 1, yes: false }, 6);
    assert_eq!(story.done_by("join"), Some(By::Me), "nothing that happens takes a tick away");
    story.wish(IncidentWish::Correct { incident: 1, own: Own { severity: Some(Severity::S1), ..Own::default() } }, 7);
    assert_eq!(story.done_by("severity"), Some(By::Herald));
}

#[test]
fn seen_live_means_on_the_public_page() {
    let mut story = Story::new();
    story.posts(Phase::Investigating, 1);
    story.wish(IncidentWish::Decide { incident: 1, yes: true }, 1);
    assert_eq!((story.done_by("create"), story.done_by("verify")), (Some(By::Herald), None), "not seen there yet");
    let said = story.0.incidents[&1].updates[0].clone();
    let seen = Update { at: at(2), mine: false, ..said };
    let post = |updates| PostSeen {
        id: "P".into(),
        title: "Trouble".into(),
        url: None,
        open: true,
        updates,
        components: vec![],
    };
    let told = |posts: Vec<PostSeen>, minutes| Input::PostsRead {
        result: Ok(FeedAnswer {
            asked_at: at(minutes),
            told: PageTold { posts, components: vec![], maintenances: vec![], maintenances_complete: false },
            skipped: 0,
            complete: true,
            pause_until: None,
        }),
        jitter: 0.0,
    };
    let publication = Publication {
        incident: 1,
        text: text(Phase::Investigating, "Another."),
        post: None,
        amends: None,
        basis: None,
        stage: PublishStage::Running,
        asked_at: at(2),
    };
    story.0.apply(&Change::Publication(1, Box::new(publication)));
    story.after(told(vec![post(vec![seen.clone()])], 3), 3);
    assert_eq!(story.done_by("verify"), None, "something is still on its way");
    story.0.apply(&Change::PublicationGone(1));
    story.after(told(vec![post(vec![seen])], 4), 4);
    assert_eq!(story.done_by("verify"), Some(By::Herald));
}

#[test]
fn coming_back_begins_monitor_and_resolve_anew() {
    let mut story = Story::new();
    story.set(|it| it.decided_at = Some(at(0)));
    story.posts(Phase::Monitoring, 10);
    story.ticks(&["tickets", "join"], 12);
    assert_eq!(story.stage(20), Stage::Monitor);
    story.wish(IncidentWish::Recurred { incident: 1, yes: true }, 20);
    assert_eq!(story.stage(20), Stage::Engage, "Engage was never finished");
    story.ticks(&["verify", "severity", "notify", "label"], 20);
    assert_eq!(story.stage(20), Stage::Manage, "it came back (H55)");
    assert_eq!(
        (story.done_by("tickets"), story.done_by("join")),
        (None, Some(By::Me)),
        "only the later stages begin anew"
    );
    story.after(Input::Ticked, 45);
    assert_eq!(story.stage(45), Stage::Manage, "the old period is none any more");
    story.wish(IncidentWish::Recurred { incident: 1, yes: false }, 46);
    story.after(Input::Ticked, 46);
    assert_eq!((story.stage(46), story.done_by("tickets")), (Stage::Resolve, Some(By::Me)), "a slip is taken back");
    story.wish(IncidentWish::Recurred { incident: 1, yes: true }, 47);
    story.posts(Phase::Monitoring, 50);
    assert_eq!((story.stage(51), story.stage(79)), (Stage::Monitor, Stage::Monitor), "watched anew");
    story.after(Input::Ticked, 80);
    assert_eq!(story.stage(80), Stage::Resolve);
}

#[test]
fn what_resolve_leaves_is_done_after_it_is_over() {
    let mut story = Story::new();
    story.posts(Phase::Resolved, 5);
    assert!(!story.0.incidents[&1].open());
    let left = |story: &Story| crate::view(&story.0, at(6)).wrapping.len();
    assert_eq!(left(&story), 1, "the check is left");
    story.wish(IncidentWish::Skip { incident: 1, task: "watch".into(), reason: "Not asked for".into() }, 6);
    story.ticks(&["confirmed", "all-clear"], 6);
    story.ticks(&["check"], 6);
    assert_eq!(left(&story), 0);
    assert_eq!(story.tries(IncidentWish::Recurred { incident: 1, yes: true }, 7), Err(Refusal::NoSuchIncident));
}

#[test]
fn two_cards_keep_both_ticks_and_the_users_word() {
    let tick = |by, says| Tick { at: at(1), by, says };
    let (done, open) = (TickSays::Done, TickSays::Open);
    let mut ticks = BTreeMap::from([
        ("a".to_owned(), tick(By::Herald, done.clone())),
        ("b".to_owned(), tick(By::Me, done.clone())),
        ("c".to_owned(), tick(By::Me, open.clone())),
    ]);
    let others = BTreeMap::from([
        ("a".to_owned(), tick(By::Me, done.clone())),
        ("b".to_owned(), tick(By::Herald, done.clone())),
        ("c".to_owned(), tick(By::Herald, done.clone())),
        ("d".to_owned(), tick(By::Herald, done.clone())),
    ]);
    join_ticks(&mut ticks, others);
    let by: Vec<_> = ticks.iter().map(|(task, tick)| (task.as_str(), tick.by, tick.closes())).collect();
    let expected = [("a", By::Me, true), ("b", By::Me, true), ("c", By::Herald, true), ("d", By::Herald, true)];
    assert_eq!(by, expected);
}

#[test]
fn a_missing_label_is_told_once_something_was_published() {
    let mut story = Story::new();
    let read = |labels: &[&str], minutes| {
        let told = IssuesTold { issues: vec![issue(labels)], ..IssuesTold::default() };
        let answer = FeedAnswer { asked_at: at(minutes), told, skipped: 0, complete: true, pause_until: None };
        Input::IssuesRead { result: Ok(answer), jitter: 0.0 }
    };
    story.set(|it| it.issue = Some(issue(&[])));
    let lacks = |story: &Story| lacking_label(&story.0, &story.0.incidents[&1]).map(str::to_owned);
    assert_eq!(lacks(&story), None, "nothing is public yet");
    story.posts(Phase::Investigating, 1);
    assert_eq!(lacks(&story).as_deref(), Some("On-Page"));
    let menu = format!("{:?}", crate::tray::tray(&story.0, at(2)).menu);
    assert!(menu.contains("lacks the label On-Page"), "{menu}");
    story.after(read(&["other", "On-Page"], 3), 3);
    assert_eq!((lacks(&story), story.done_by("label")), (None, Some(By::Herald)));
}

#[test]
fn texts_and_links_are_filled_or_left_out() {
    let fields = Fields::default()
        .with(Field::Iid, "7")
        .with(Field::Link, "https://t.example/7")
        .with(Field::Tickets, r#"created>4hours group:"support" -form:billing"#);
    for (text, filled, link) in [
        ("com_incident_{iid}", Some("com_incident_7"), None),
        ("{link}", Some("https://t.example/7"), Some("https://t.example/7")),
        ("{severity} of {iid}", None, None),
        ("{nothing}", None, None),
        ("a { b } {", None, None),
        ("https://z.example/{iid", Some("https://z.example/{iid"), Some("https://z.example/{iid")),
        (
            "https://z.example/search?q={tickets}",
            Some(r#"https://z.example/search?q=created>4hours group:"support" -form:billing"#),
            Some("https://z.example/search?q=created%3E4hours%20group%3A%22support%22%20-form%3Abilling"),
        ),
        ("javascript:{iid}", Some("javascript:7"), None),
    ] {
        assert_eq!(fill(text, &fields).as_deref(), filled, "{text}");
        assert_eq!(fill_link(text, &fields).as_deref(), link, "{text}");
    }
}

#[test]
fn a_search_of_tickets_reaches_back_as_far_as_the_incident() {
    let mut story = Story::new();
    let mut rules = (*story.0.playbook).clone();
    rules.zendesk = crate::zendesk::ZendeskRules {
        base_url: "https://desk.example/".into(),
        search_path: "/search?q={tickets}".into(),
        tag: "com_incident_{iid}".into(),
        search: "created>{hours}hours".into(),
        untagged: "created>{hours}hours -tags:{tag}".into(),
        hours: 4,
        poll_s: 180,
    };
    story.0.playbook = std::sync::Arc::new(rules);
    story.set(|it| it.issue = Some(issue(&[])));
    for (minutes, hours) in [(1, "4"), (240, "4"), (241, "5"), (600, "10")] {
        let fields = story.read(minutes).fields();
        let tag = fill("{hours} {tag}", &fields);
        assert_eq!(tag, Some(format!("{hours} com_incident_7")), "after {minutes} min (H54)");
        let untagged = format!("https://desk.example/search?q=created%3E{hours}hours%20-tags%3Acom_incident_7");
        assert_eq!(fill_link("{untagged_link}", &fields), Some(untagged));
    }
}

#[test]
fn faults_of_stages_are_named() {
    let with = |edit: fn(&mut Vec<StageRules>)| {
        let mut stages = stages();
        edit(&mut stages);
        faults(&stages, &[]).into_iter().map(|(key, why)| format!("{key} {why}")).collect::<Vec<_>>()
    };
    assert_eq!(with(|_| {}), Vec::<String>::new());
    for (edit, expected) in [
        ((|it| it.swap(0, 1)) as fn(&mut Vec<StageRules>), "stages must be named once each"),
        (|it| it[0].tasks[1].id = "acknowledge".into(), "stages.0.tasks.1.id acknowledge is named twice"),
        (|it| it[0].tasks[1].text = " ".into(), "stages.0.tasks.1.text is empty"),
        (|it| it[1].name = String::new(), "stages.1.name is empty"),
        (|it| it[0].tasks[0].needs = vec!["join".into()], "stages.0.tasks.0.needs names join, but no such task"),
        (|it| it[0].tasks[0].see = Some("x".into()), "stages.0.tasks.0.see names x"),
        (
            |it| it[0].tasks[0].copies = vec![Snippet { name: "n".into(), text: "{nobody}".into() }],
            "stages.0.tasks.0.copies name the field {nobody}",
        ),
        (
            |it| it[0].tasks[0].links = vec![Snippet { name: "n".into(), text: "file:///x".into() }],
            "stages.0.tasks.0.links must start with",
        ),
    ] {
        let found = with(edit);
        assert!(found.iter().any(|it| it.starts_with(expected)), "{expected}: {found:?}");
    }
}

#[test]
fn reference_texts_are_found_by_their_words() {
    let text = |id: &str, title: &str, words: &[&str], text: &str| Reference {
        id: id.into(),
        title: title.into(),
        words: words.iter().map(|&word| word.into()).collect(),
        text: text.into(),
    };
    let all = [
        text("people", "Who is who", &["IM", "EOC"], "The manager leads."),
        text("voice", "What to say on the call", &["heard"], "Wait for the EOC."),
    ];
    for (query, expected) in [
        ("", vec!["people", "voice"]),
        ("eoc", vec!["people", "voice"]),
        ("CALL", vec!["voice"]),
        ("call eoc", vec!["voice"]),
        ("nothing", vec![]),
    ] {
        let found: Vec<&str> = search(&all, query).into_iter().map(|it| it.id.as_str()).collect();
        assert_eq!(found, expected, "{query}");
    }
    let twice = [all[0].clone(), all[0].clone()];
    assert_eq!(faults(&[], &twice), [("reference.1.id".to_owned(), "people is named twice".to_owned())]);
}
