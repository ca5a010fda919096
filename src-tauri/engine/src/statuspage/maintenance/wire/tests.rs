//! Statuspage's maintenance word for word, and its traps.

use herald_core::ledger::Tell;
use serde_json::value::to_raw_value;

use super::*;

fn at(text: &str) -> Time {
    text.parse().expect("a time")
}

fn plan(automation: bool, reminds: bool) -> Plan {
    Plan {
        title: "Database move".into(),
        details: "Sign-in is slow.".into(),
        issue_url: None,
        starts_at: at("2026-05-16T09:00:00Z"),
        ends_at: at("2026-05-16T11:30:00Z"),
        components: ["c1".to_owned(), "c2".to_owned()].into(),
        automation,
        reminds,
    }
}

fn list(json: &Value) -> Vec<Box<RawValue>> {
    json.as_array().expect("a list").iter().map(|it| to_raw_value(it).expect("JSON")).collect()
}

#[test]
fn a_plan_is_scheduled_in_utc_with_one_word_for_automation_and_one_for_e_mail() {
    for (automation, reminds) in [(true, false), (false, true)] {
        let expected = json!({"incident": {
            "name": "Database move", "status": "scheduled", "body": "Sign-in is slow.", "component_ids": ["c1", "c2"],
            "scheduled_for": "2026-05-16T09:00:00Z", "scheduled_until": "2026-05-16T11:30:00Z",
            "scheduled_auto_in_progress": automation, "scheduled_auto_completed": automation,
            "auto_transition_to_maintenance_state": automation, "auto_transition_to_operational_state": automation,
            "scheduled_remind_prior": reminds, "deliver_notifications": reminds,
        }});
        assert_eq!(schedule(&plan(automation, reminds)), expected);
    }
}

#[test]
fn what_is_told_word_for_word() {
    let components = ["c1".to_owned()].into();
    let all = Broadcast::ALL.into_iter().collect::<BTreeSet<_>>();
    let (mail, chat) = (BTreeSet::from([Broadcast::Email]), BTreeSet::from([Broadcast::Slack]));
    for (told, muted, expected) in [
        (Tell::Update, &chat, json!({"body": "Half is done.", "deliver_notifications": true})),
        (Tell::Update, &mail, json!({"body": "Half is done.", "deliver_notifications": false})),
        (
            Tell::Start,
            &all,
            json!({"body": "Half is done.", "deliver_notifications": false, "status": "in_progress",
                   "components": {"c1": "under_maintenance"}}),
        ),
        (
            Tell::Finish,
            &chat,
            json!({"body": "Half is done.", "deliver_notifications": true, "status": "completed",
                   "components": {"c1": "operational"}}),
        ),
    ] {
        let told = Told {
            post: "m1",
            tell: told,
            text: "Half is done.",
            muted,
            components: &components,
            asked_at: at("2026-05-16T09:00:00Z"),
        };
        assert_eq!(tell(&told), json!({ "incident": expected }));
    }
}

#[test]
fn the_feed_tells_all_that_is_to_be_known() {
    let (seen, complete) = seen(&list(&json!([
        {"id": "m1", "name": "Database move", "status": "verifying", "scheduled_for": "2026-05-16T11:00:00+02:00",
         "scheduled_until": "2026-05-16T13:30:00+02:00", "components": [{"id": "c2"}, {"id": "../x"}, {"id": "c1"}],
         "incident_updates": [{"body": "We begin.", "created_at": "2026-05-16T09:00:00Z"}, 7,
                              {"body": "Sign-in is slow.", "created_at": "2026-05-10T09:00:00Z"}]},
        {"id": "m2", "status": "completed"},
    ])));
    let expected = MaintenanceSeen {
        id: "m1".into(),
        title: "Database move".into(),
        starts_at: Some(at("2026-05-16T09:00:00Z")),
        ends_at: Some(at("2026-05-16T11:30:00Z")),
        text: "Sign-in is slow.".into(),
        components: vec!["c1".into(), "c2".into()],
        active: true,
    };
    assert_eq!((seen, complete), (vec![expected], true));
    let many = json!(vec![json!({"id": "m", "status": "scheduled"}); SEEN_MAX + 1]);
    let (seen, complete) = super::seen(&list(&many));
    assert_eq!((seen.len(), complete), (SEEN_MAX, false), "what is cut off proves no absence");
}

#[test]
fn a_plan_is_found_by_title_and_start() {
    let one = |id: &str, name: &str, at: &str| json!({"id": id, "name": name, "scheduled_for": at});
    for (found, expected) in [
        (json!([]), Some(None)),
        (json!([one("m1", "Database  move", "2026-05-16T11:00:00.000+02:00")]), Some(Some("m1"))),
        (json!([one("m1", "Database move", "2026-05-17T09:00:00Z")]), Some(None)),
        (json!([one("m1", "Another", "2026-05-16T09:00:00Z")]), Some(None)),
        (
            json!([one("m1", "Database move", "soon"), one("m2", "Database move", "2026-05-16T09:00:00Z")]),
            Some(Some("m2")),
        ),
        (json!([{"id": "m1", "name": "Database move"}]), None),
        (json!([{"name": "Database move"}]), None),
    ] {
        let looked = look(&list(&found), &plan(true, true));
        assert_eq!(looked, expected.map(|id: Option<&str>| id.map(str::to_owned)), "{found}");
    }
}

#[test]
fn an_update_is_known_again() {
    let (muted, components) = (BTreeSet::new(), BTreeSet::new());
    let update = |body: &str, status: &str, at: &str| json!({"body": body, "status": status, "created_at": at});
    let (early, late) = ("2026-05-16T08:00:00Z", "2026-05-16T09:00:05Z");
    for (tell, updates, expected) in [
        (Tell::Update, json!([update("Half is done.", "scheduled", late)]), Some(true)),
        (Tell::Start, json!([update("Half is done.", "in_progress", late)]), Some(true)),
        (Tell::Finish, json!([update("Half is done.", "in_progress", late)]), Some(false)),
        (Tell::Update, json!([update("Half is done.", "in_progress", early)]), Some(false)),
        (Tell::Update, json!([update("Other words.", "in_progress", late)]), Some(false)),
        (Tell::Update, json!([]), Some(false)),
        (Tell::Update, json!(["odd"]), None),
        (Tell::Update, json!(null), None),
    ] {
        let asked_at = at("2026-05-16T09:00:00Z");
        let told = Told { post: "m1", tell, text: "Half is done.", muted: &muted, components: &components, asked_at };
        let it = to_raw_value(&json!({"id": "m1", "incident_updates": updates})).expect("JSON");
        assert_eq!(was_told(&it, &told, asked_at), expected, "{tell:?} {updates}");
    }
    assert_eq!(
        was_told(
            &to_raw_value("odd").expect("JSON"),
            &Told {
                post: "m",
                tell: Tell::Start,
                text: "",
                muted: &muted,
                components: &components,
                asked_at: at(late)
            },
            at(late)
        ),
        None
    );
}
