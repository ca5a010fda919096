//! What Herald ticks by itself says what it saw; what only somebody can know waits for them. And what closing rests on.

use std::sync::Arc;

use super::*;
use crate::feed::IssueState;
use crate::page::{Gone, SeenPage};
use crate::poll::SourceName;

/// Every doing, as a task of its own.
const ALL: [Doing; 18] = [
    Doing::Acknowledge,
    Doing::JoinCall,
    Doing::OpenChannel,
    Doing::Decide,
    Doing::NoteUpdates,
    Doing::CreatePost,
    Doing::VerifyLive,
    Doing::ConfirmSeverity,
    Doing::NotifyStakeholders,
    Doing::LabelIssue,
    Doing::ClosePage,
    Doing::PublishUpdate,
    Doing::ZendeskTag,
    Doing::ZendeskSearch,
    Doing::AskPeriod,
    Doing::Watch,
    Doing::ConfirmResolved,
    Doing::PostMortem,
];

/// A story whose one stage holds a task for every doing.
fn everything() -> Story {
    let mut story = Story::new();
    let tasks = ALL.iter().map(|does| task(&format!("{does:?}"), Some(*does))).collect();
    Arc::make_mut(&mut story.0.playbook).stages = vec![StageRules { id: Stage::Engage, name: "All".into(), tasks }];
    story
}

/// What Herald ticked, with what it saw.
fn ticked(story: &mut Story) -> Vec<(String, String)> {
    story.after(Input::Ticked, 50);
    let ticks = story.0.incidents[&1].ticks.iter().filter(|(_, tick)| tick.by == By::Herald);
    ticks.map(|(task, tick)| (task.clone(), tick.saw.clone())).collect()
}

fn closed(id: &str) -> Page {
    let seen = (*page(id, 1).seen).clone();
    let page = Page::new(SeenPage { status: PageStatus::Closed, taken_at: Some(at(2)), ..seen }, at(2));
    Page { gone: Some((Gone::Closed, at(3))), ..page }
}

fn post(updates: Vec<Update>, open: bool) -> PostSeen {
    PostSeen { id: "P".into(), title: "Trouble".into(), url: None, open, updates, components: vec![] }
}

#[test]
fn herald_ticks_only_what_it_saw_and_says_what() {
    let public = |story: &mut Story| {
        story.0.status_page = crate::step::tests::watching().status_page;
        story.0.session.watch[SourceName::StatusPage].last_good_at = Some(at(30));
    };
    let said = |phase, minutes| Update {
        at: at(minutes),
        phase: Some(phase),
        impact: None,
        text: "Words.".into(),
        mine: false,
    };
    type Row<'a> = (&'a str, Box<dyn Fn(&mut Story) + 'a>, &'a [(&'a str, &'a str)]);
    let rows: Vec<Row<'_>> = vec![
        ("nothing happened", Box::new(|_| {}), &[]),
        (
            "a form or an import sets severity, period and state: nobody has answered yet",
            Box::new(|it| {
                it.set(|it| {
                    it.own.severity = Some(Severity::S1);
                    it.own.monitoring_min = Some(45);
                    it.own.state = Some(IssueState::Resolved);
                });
            }),
            &[],
        ),
        (
            "a handover brings the decision: nobody has asked here",
            Box::new(|it| it.set(|it| it.decided_at = Some(at(3)))),
            &[],
        ),
        (
            "what is published answers no question",
            Box::new(|it| it.posts(Phase::Investigating, 5)),
            &[
                ("CreatePost", "You noted Investigating as posted"),
                ("PublishUpdate", "You noted Investigating as posted"),
            ],
        ),
        (
            "the user notes the answer",
            Box::new(|it| it.wish(IncidentWish::Decide { incident: 1, yes: false }, 4)),
            &[("Decide", "You noted the answer: not public")],
        ),
        (
            "a page that PagerDuty shows closed",
            Box::new(|it| it.0.apply(&Change::Page(Box::new(closed("P1"))))),
            &[
                ("Acknowledge", "PagerDuty shows page #42 acknowledged"),
                ("ClosePage", "PagerDuty shows page #42 closed"),
            ],
        ),
        (
            "an issue with the label, said to be resolved by its label",
            Box::new(|it| {
                Arc::make_mut(&mut it.0.playbook).tracker.page_label = "On-Page".into();
                it.set(|it| it.issue = Some(IssueSeen { says: Some(IssueState::Resolved), ..issue(&["On-Page"]) }));
            }),
            &[("ConfirmResolved", "Issue #7 says that it is resolved"), ("LabelIssue", "Issue #7 carries On-Page")],
        ),
        (
            "an issue that is closed",
            Box::new(|it| it.set(|it| it.issue = Some(IssueSeen { open: false, ..issue(&[]) }))),
            &[("ConfirmResolved", "Issue #7 is closed")],
        ),
        (
            "the page was read, and nothing there can be it",
            Box::new(public),
            &[("NoteUpdates", "The status page lists nothing that could be it")],
        ),
        (
            "the page was read, and a post there may be it: somebody has to look",
            Box::new(|it| {
                public(it);
                let mut other = Incident::new(at(1));
                other.post = Some(PostSeen { id: "Q".into(), ..post(vec![], true) });
                it.0.apply(&Change::Incident(2, Box::new(other)));
            }),
            &[],
        ),
        (
            "the page shows it",
            Box::new(|it| {
                public(it);
                it.set(|it| it.post = Some(post(vec![said(Phase::Investigating, 6)], true)));
            }),
            &[
                ("CreatePost", "The status page shows Investigating"),
                ("NoteUpdates", "Read 1 update of it on the status page"),
                ("PublishUpdate", "The status page shows Investigating"),
                ("VerifyLive", "The status page shows Investigating, word for word"),
            ],
        ),
        (
            "a fix was watched for as long as was asked",
            Box::new(|it| it.posts(Phase::Monitoring, 5)),
            &[
                ("CreatePost", "You noted Monitoring as posted"),
                ("PublishUpdate", "You noted Monitoring as posted"),
                ("Watch", "The 30 minutes of watching are over"),
            ],
        ),
    ];
    for (why, happens, expected) in rows {
        let mut story = everything();
        happens(&mut story);
        let expected: Vec<_> = expected.iter().map(|&(task, saw)| (task.to_owned(), saw.to_owned())).collect();
        assert_eq!(ticked(&mut story), expected, "{why}");
    }
}

#[test]
fn a_tick_that_nobody_can_account_for_is_taken_back() {
    let mut story = everything();
    story.set(|it| {
        let tick = |by| Tick { at: at(1), by, saw: String::new(), says: TickSays::Done };
        it.ticks.insert("ConfirmSeverity".into(), tick(By::Herald));
        it.ticks.insert("JoinCall".into(), tick(By::Me));
        it.ticks.insert("OpenChannel".into(), tick(By::Others));
    });
    story.after(Input::Ticked, 2);
    let left: Vec<_> = story.0.incidents[&1].ticks.keys().cloned().collect();
    assert_eq!(left, ["JoinCall", "OpenChannel"]);
}

/// A page that I took and that is still open.
fn taken(id: &str) -> Page {
    let by = Named { id: "ME".into(), name: "Elena".into() };
    let seen = (*page(id, 1).seen).clone();
    Page::new(SeenPage { status: PageStatus::Acknowledged, taken_at: Some(at(2)), taken_by: Some(by), ..seen }, at(2))
}

fn closing_of(story: &Story) -> (Closing, Vec<String>) {
    let id = PageId::new("P1");
    (closing(&story.0, &id, at(60)), lacks_before_closing(&story.0, &id, at(60)))
}

#[test]
fn closing_rests_on_what_was_seen_or_said() {
    let mut story = Story::new();
    story.0.apply(&Change::Page(Box::new(taken("P1"))));
    story.ticks(&["join"], 3);
    story.wish(IncidentWish::Skip { incident: 1, task: "severity".into(), reason: "The IM said so".into() }, 4);
    let (closing, lacks) = closing_of(&story);
    let of = Whose::Known { incident: 1, title: story.0.incidents[&1].title().into(), over_at: None };
    assert_eq!(closing.of, of);
    let facts: Vec<_> = closing.facts.iter().map(|it| (it.task.as_str(), it.mark.clone())).collect();
    let join = Mark::Done { at: at(3), by: By::Me, saw: String::new() };
    let left_out = Mark::Skipped { at: at(4), reason: "The IM said so".into() };
    let acknowledged = herald(2, "PagerDuty shows page #42 acknowledged by Elena");
    assert_eq!(facts, [("Do acknowledge", acknowledged), ("Do join", join), ("Do severity", left_out)]);
    assert_eq!(lacks, ["Do ask", "Do create", "Do verify", "Do notify", "Do label"]);
}

#[test]
fn an_incident_that_is_over_leaves_the_gate_of_its_page_as_it_was() {
    let mut story = Story::new();
    story.0.apply(&Change::Page(Box::new(taken("P1"))));
    let (_, before) = closing_of(&story);
    story.posts(Phase::Resolved, 5);
    assert!(!story.0.incidents[&1].open());
    let (closing, after) = closing_of(&story);
    assert!(matches!(closing.of, Whose::Known { incident: 1, over_at: Some(_), .. }), "{closing:?}");
    assert!(before.len() > after.len() && after.contains(&"Do join".to_owned()), "{before:?} {after:?}");
    story.set(|it| {
        it.pages.insert(PageId::new("P1"));
    });
    story.after(Input::Ticked, 6);
    let (joined, lacks) = closing_of(&story);
    assert_eq!((joined.of, lacks), (closing.of, after), "joined or not");
}

#[test]
fn a_page_that_may_be_of_several_incidents_says_so_and_one_of_none_claims_nothing() {
    let mut story = Story::new();
    story.0.apply(&Change::Page(Box::new(taken("P1"))));
    story.0.apply(&Change::Incident(2, Box::new(Incident::new(at(1)))));
    let (closing, lacks) = closing_of(&story);
    assert_eq!(closing, Closing { of: Whose::Several { incidents: 2 }, facts: vec![] });
    assert_eq!(lacks, ["Say which incident this page is for"]);
    story.0.incidents = crate::table::Table::default();
    let (closing, lacks) = closing_of(&story);
    assert_eq!((closing, lacks), (Closing { of: Whose::Nobody, facts: vec![] }, vec![]));
}
