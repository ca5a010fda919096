//! Maintenance on Status.io, word for word.

use std::collections::BTreeSet;

use herald_core::ledger::Tell;

use super::*;

fn at(text: &str) -> Time {
    text.parse().expect("a time")
}

fn plan(starts: &str, ends: &str) -> Plan {
    Plan {
        title: "Database move".into(),
        details: "Sign-in is slow for a while.".into(),
        issue_url: None,
        starts_at: at(starts),
        ends_at: at(ends),
        components: ["c1-d1".to_owned(), "c2-d1".to_owned()].into(),
        automation: true,
        reminds: false,
    }
}

fn raw(json: &str) -> Box<RawValue> {
    serde_json::from_str(json).expect("JSON")
}

#[test]
fn a_schedule() {
    let body = schedule("p1", &plan("2026-05-16T09:00:00Z", "2026-05-16T11:30:00Z"));
    let expected = json!({
        "statuspage_id": "p1",
        "maintenance_name": "Database move",
        "maintenance_details": "Sign-in is slow for a while.",
        "infrastructure_affected": ["c1-d1", "c2-d1"],
        "all_infrastructure_affected": "0",
        "date_planned_start": "05/16/2026",
        "time_planned_start": "09:00",
        "date_planned_end": "05/16/2026",
        "time_planned_end": "11:30",
        "automation": "1",
        "maintenance_notify_now": "0",
        "maintenance_notify_1_hr": "0",
        "maintenance_notify_24_hr": "0",
        "maintenance_notify_72_hr": "0",
    });
    assert_eq!(body, expected);
}

#[test]
fn dates_are_in_utc_with_the_month_first() {
    for (starts, ends, expected) in [
        // The night in which clocks change in Europe, both ways.
        ("2026-03-29T00:30:00Z", "2026-03-29T01:30:00Z", ["03/29/2026", "00:30", "03/29/2026", "01:30"]),
        ("2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z", ["10/25/2026", "00:30", "10/25/2026", "01:30"]),
        // Given with an offset on the other side of the date line.
        ("2026-12-31T13:15:00+13:00", "2027-01-01T13:15:00+13:00", ["12/31/2026", "00:15", "01/01/2027", "00:15"]),
        ("2026-01-01T20:00:00-10:00", "2026-01-01T23:00:00-10:00", ["01/02/2026", "06:00", "01/02/2026", "09:00"]),
        // A leap day, and a day that would be another month day first.
        ("2028-02-29T23:00:00Z", "2028-03-01T00:00:00Z", ["02/29/2028", "23:00", "03/01/2028", "00:00"]),
        ("2026-07-04T13:05:00Z", "2026-07-04T23:59:00Z", ["07/04/2026", "13:05", "07/04/2026", "23:59"]),
    ] {
        let body = schedule("p1", &plan(starts, ends));
        let said = ["date_planned_start", "time_planned_start", "date_planned_end", "time_planned_end"];
        assert_eq!(
            said.map(|name| body[name].as_str().expect("text").to_owned()),
            expected.map(str::to_owned),
            "{starts}"
        );
    }
}

#[test]
fn a_message_leaves_out_what_is_muted() {
    let muted = BTreeSet::from([Broadcast::Email]);
    let (components, asked_at) = (BTreeSet::new(), at("2026-05-16T09:00:00Z"));
    let told = Told { post: "m1", tell: Tell::Finish, text: "Done.", muted: &muted, components: &components, asked_at };
    let (path, body) = tell("p1", &told);
    let expected = json!({
        "statuspage_id": "p1", "maintenance_id": "m1", "maintenance_details": "Done.",
        "notify_email": "0", "notify_sms": "1", "notify_webhook": "1", "social": "1",
        "irc": "1", "msteams": "1", "slack": "1",
    });
    assert_eq!((path.as_str(), body), ("/maintenance/finish", expected));
}

#[test]
fn the_feed_tells_what_is_under_way_and_to_come() {
    let feed =
        raw(r#"{"active":[{"_id":"m1","name":"Database move","datetime_planned_start":"2026-05-16T09:00:00.000Z",
              "datetime_planned_end":"2026-05-16T11:30:00.000Z","components_affected":[{"_id":"c1"},{"_id":"new"}],
              "messages":[{"details":"Half is done.","datetime":"2026-05-16T09:30:00.000Z"},"odd",
                          {"details":"Sign-in is slow.","datetime":"2026-05-10T09:00:00.000Z"}]}],
            "upcoming":[{"_id":"m2","name":7,"datetime_planned_start":"soon"}]}"#);
    let pairs = Pairs::from([("c1".to_owned(), vec!["d1".to_owned(), "d2".to_owned()])]);
    let (seen, complete) = seen(&feed, &pairs).expect("lists");
    let (first, second) = (&seen[0], &seen[1]);
    assert_eq!((first.ends_at, first.text.as_str()), (Some(at("2026-05-16T11:30:00Z")), "Sign-in is slow."));
    assert_eq!(first.components, ["c1-d1", "c1-d2"], "as they are chosen here");
    assert_eq!((second.ends_at, second.text.as_str(), second.components.len()), (None, "", 0));
    let words: Vec<_> = seen.iter().map(|it| (it.id.as_str(), it.title.as_str(), it.starts_at, it.active)).collect();
    let starts = Some(at("2026-05-16T09:00:00Z"));
    assert_eq!(words, [("m1", "Database move", starts, true), ("m2", "(no title)", None, false)]);
    assert!(complete);
    for (odd, expected) in [
        (r#"{"active":[],"upcoming":[{"name":"without an id"}]}"#, Some((0, false))),
        (r#"{"active":[],"upcoming":[{"_id":"../x"}]}"#, Some((0, false))),
        (r#"{"active":[]}"#, None),
        ("[]", None),
    ] {
        let told = super::seen(&raw(odd), &Pairs::new()).map(|(seen, complete)| (seen.len(), complete));
        assert_eq!(told, expected, "{odd}");
    }
}

#[test]
fn a_plan_is_found_by_title_and_start() {
    let plan = plan("2026-05-16T09:00:00Z", "2026-05-16T11:30:00Z");
    for (list, expected) in [
        (r#"[]"#, Some(None)),
        (
            r#"[{"_id":"m1","name":"Database&nbsp;move","datetime_planned_start":"2026-05-16T09:00:00.000Z"}]"#,
            Some(Some("m1")),
        ),
        (r#"[{"_id":"m1","name":"Database move","datetime_planned_start":"2026-05-17T09:00:00.000Z"}]"#, Some(None)),
        (r#"[{"_id":"m1","name":"Another","datetime_planned_start":"2026-05-16T09:00:00.000Z"}]"#, Some(None)),
        (r#"[{"_id":"m1","name":"Database move"}]"#, None),
        (r#"[{"name":"Database move"}]"#, None),
        (r#"{"error":"?"}"#, None),
    ] {
        let found = look(&raw(list), &plan).map(|looked| looked.found);
        assert_eq!(found, expected.map(|id| id.map(str::to_owned)), "{list}");
    }
}

#[test]
fn a_message_is_known_again() {
    let earliest = at("2026-05-16T09:00:00Z");
    for (one, expected) in [
        (r#"{"_id":"m","messages":[{"details":"Half is done.","datetime":"2026-05-16T09:00:05.000Z"}]}"#, Some(true)),
        (r#"[{"_id":"m","messages":[{"details":"Half is done.","datetime":"2026-05-16T09:00:05.000Z"}]}]"#, Some(true)),
        (r#"{"_id":"m","messages":[{"details":"Half is done.","datetime":"2026-05-16T08:00:00.000Z"}]}"#, Some(false)),
        (r#"{"_id":"m","messages":[]}"#, Some(false)),
        (r#"{"_id":"m","messages":["odd"]}"#, None),
        (r#""m""#, None),
    ] {
        assert_eq!(was_told(&raw(one), "Half is done.", earliest), expected, "{one}");
    }
}
