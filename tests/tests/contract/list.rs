//! The list of my open pages: a full set, read to its end, within limits.

use std::collections::BTreeMap;
use std::time::Duration;

use herald_core::tray::Sign;
use herald_practice::{Act, Trigger};
use serde_json::json;

use super::scribe::Scribe;
use crate::rig::{Rig, Setup, connect_to};

stories! {
    lists_are_read_whole:
    the_question_leaves_nothing_out,
    what_a_page_carries_is_shown,
    a_list_of_several_pages_is_read_to_its_end,
    a_storm_of_ten_thousand_is_told_in_few_words,
    a_list_without_progress_is_left,
    an_endless_list_is_cut,
    nothing_without_end_is_never_calm,
    a_page_is_announced_though_the_rest_of_the_list_fails,
    only_a_whole_answer_of_now_counts,
    a_server_that_gives_fewer_at_a_time_is_read_whole,
    a_list_without_its_list_is_no_answer,
    polls_follow_the_chosen_interval,
}

async fn the_question_leaves_nothing_out() {
    let rig = Rig::quiet().await;
    let me = rig.world.cast().me().id.clone();
    let asked = rig.requests_to("/incidents").remove(0);
    let (path, query) = asked.path.split_once('?').expect("a query");
    let mut fields = BTreeMap::<&str, Vec<&str>>::new();
    for (name, value) in query.split('&').filter_map(|field| field.split_once('=')) {
        fields.entry(name).or_default().push(value);
    }
    let expected = BTreeMap::from([
        ("statuses[]", vec!["triggered", "acknowledged"]),
        ("user_ids[]", vec![me.as_str()]),
        ("date_range", vec!["all"]),
        ("limit", vec!["100"]),
        ("offset", vec!["0"]),
        ("sort_by", vec!["created_at:asc"]),
        ("time_zone", vec!["UTC"]),
        ("include[]", vec!["conference_bridge"]),
    ]);
    assert_eq!((path, fields), ("/incidents", expected));
}

async fn what_a_page_carries_is_shown() {
    let rig = Rig::quiet().await;
    let page = Trigger {
        title: "Checkout fails".into(),
        urgency: Some("low".into()),
        conference_url: Some("https://calls.quillbrook.example/j/4711".into()),
        ..Trigger::default()
    };
    let id = rig.act(Act::Trigger(page)).remove(0);
    rig.until_announced(&id).await;
    let (card, incident) = (rig.card(&id).expect("shown"), rig.incident(&id));
    assert_eq!((card.number, card.title.as_str(), card.urgent), (incident.number, "Checkout fails", false));
    assert_eq!(card.call_url.as_deref(), Some("https://calls.quillbrook.example/j/4711"), "the call");
    assert!(card.url.is_some_and(|url| url.contains(&id)), "the link");
    assert_eq!(card.service.as_deref(), Some("Incident Communications"));
    assert_eq!(card.others, ["Priya Nair"], "who else was called");
    assert_eq!(card.triggered_at.timestamp(), incident.created_at.timestamp(), "the clock starts with the trigger");
}

async fn a_list_of_several_pages_is_read_to_its_end() {
    let rig = Rig::quiet().await;
    rig.act(Act::Trigger(Trigger { title: "{n}".into(), count: Some(250), ..Trigger::default() }));
    rig.until("all of them", |rig| rig.herald.shown().view.pages_more == 150).await;
    let offsets: Vec<String> = rig.requests_to("/incidents?").iter().map(|asked| offset(&asked.path)).collect();
    let whole = ["0", "100", "200"].map(str::to_owned);
    assert!(offsets.windows(3).any(|three| three == whole), "{offsets:?}");
    rig.resolved("all");
    rig.until("all to end", |rig| rig.herald.shown().view.pages.is_empty()).await;
    assert!(!offsets.iter().any(|offset| offset == "300"), "and no further: {offsets:?}");
}

/// The most that PagerDuty gives, from nothing, in one poll (faults.md 23).
async fn a_storm_of_ten_thousand_is_told_in_few_words() {
    let scribe = Scribe::pagerduty(|what| {
        what.starts_with("GET /incidents?").then(|| {
            let from: u32 = offset(what).parse().unwrap_or(0);
            let page = |n: u32| {
                let at = format!("2026-01-01T{:02}:{:02}:{:02}Z", n / 3600, n / 60 % 60, n % 60);
                json!({"id": format!("Q{n:05}"), "title": format!("Service {n} is down"), "status": "triggered",
                    "created_at": at, "last_status_change_at": at, "assignments": [{"assignee": {"id": "PME"}}]})
            };
            json!({"incidents": (from..from + 100).map(page).collect::<Vec<_>>(), "more": from < 9_900}).to_string()
        })
    })
    .await;
    let rig = Rig::unconnected(Setup::default()).await;
    connect_to(&rig, &scribe.url, "u+abcdefghijklmnop12").await.expect("the key is good");
    rig.until("the storm", |rig| rig.herald.shown().view.pages_more == 9_900).await;
    rig.until("the announcements", |rig| rig.screen.look().announced.len() >= 4).await;
    assert_eq!(rig.herald.shown().view.pages.len(), 100, "the window gets no more than it can show");
    let titles: Vec<String> = rig.screen.look().announced.iter().map(|it| it.title.clone()).collect();
    assert_eq!(titles.len(), 4, "three in detail, one for the rest: {titles:?}");
    assert!(titles.iter().any(|title| title == "9997 more pages call"), "{titles:?}");
}

/// A mock that says `more` for ever, as PagerDuty's own example does (services.md 1.4).
async fn a_list_without_progress_is_left() {
    let first = json!({"incidents": [{"id": "QONE", "title": "down"}], "more": true}).to_string();
    let scribe = Scribe::pagerduty(move |what| what.starts_with("GET /incidents?").then(|| first.clone())).await;
    let rig = Rig::unconnected(Setup::default()).await;
    connect_to(&rig, &scribe.url, "u+abcdefghijklmnop12").await.expect("the key is good");
    rig.until("the page", |rig| rig.card("QONE").is_some()).await;
    let lists = scribe.asked().iter().filter(|asked| asked.what.starts_with("GET /incidents?")).count();
    assert!(lists >= 2, "one look for progress");
    rig.until("the reason", |rig| rig.fault_told().is_some_and(|it| it.contains("contradicts itself"))).await;
    assert_eq!(rig.herald.shown().view.source.last_good_at, None, "what was read counts, calm does not");
}

/// Each page of this list has new incidents, without end.
async fn an_endless_list_is_cut() {
    let scribe = Scribe::pagerduty(|what| {
        what.starts_with("GET /incidents?").then(|| {
            let id = format!("Q{}", offset(what));
            json!({"incidents": [{"id": id, "title": "down"}], "more": true}).to_string()
        })
    })
    .await;
    let rig = Rig::unconnected(Setup::default()).await;
    connect_to(&rig, &scribe.url, "u+abcdefghijklmnop12").await.expect("the key is good");
    rig.until("the pages", |rig| rig.herald.shown().view.pages.len() == 100).await;
    let offsets: Vec<usize> = scribe
        .asked()
        .iter()
        .filter(|asked| asked.what.starts_with("GET /incidents?"))
        .filter_map(|asked| offset(&asked.what).parse().ok())
        .collect();
    assert_eq!(offsets.iter().max(), Some(&9_900), "PagerDuty itself gives no more than 10,000");
}

/// A list that says for ever that there is more, and gives nothing: nobody knows what is open.
async fn nothing_without_end_is_never_calm() {
    let odd = [
        json!({"incidents": [], "more": true}),
        json!({"incidents": [], "more": false, "offset": 300}),
        json!({"incidents": [{"id": "QONE"}, {"id": "QTWO"}], "more": true, "limit": 100, "offset": 0}),
    ];
    for list in odd {
        let text = list.to_string();
        let scribe = Scribe::pagerduty(move |what| what.starts_with("GET /incidents?").then(|| text.clone())).await;
        let rig = Rig::unconnected(Setup::default()).await;
        connect_to(&rig, &scribe.url, "u+abcdefghijklmnop12").await.expect("the key is good");
        rig.until("the reason", |rig| rig.fault_told().is_some_and(|it| it.contains("contradicts itself"))).await;
        let view = rig.herald.shown().view.clone();
        assert_eq!((view.source.last_good_at, view.source.stale), (None, true), "{list}");
        assert_ne!(view.sign, Sign::Quiet, "{list}");
    }
}

async fn a_page_is_announced_though_the_rest_of_the_list_fails() {
    let scribe = Scribe::start(|what| {
        let known = match what {
            "GET /users/me" => json!({"user": {"id": "PME", "name": "Elena", "email": "elena@quillbrook.example"}}),
            _ if what.starts_with("GET /oncalls") => json!({"oncalls": [], "more": false}),
            _ if offset(what) == "0" => {
                let page = |n| json!({"id": format!("Q{n:03}"), "title": "down", "assignments": [{"assignee": {"id": "PME"}}]});
                json!({"incidents": (0..100).map(page).collect::<Vec<_>>(), "more": true, "limit": 100, "offset": 0})
            }
            _ => return ("503 Service Unavailable", String::new(), "{}".to_owned()),
        };
        ("200 OK", String::new(), known.to_string())
    })
    .await;
    let rig = Rig::unconnected(Setup::default()).await;
    connect_to(&rig, &scribe.url, "u+abcdefghijklmnop12").await.expect("the key is good");
    rig.until("the pages", |rig| rig.herald.shown().view.pages.len() == 100).await;
    rig.until("the announcements", |rig| rig.screen.look().announced.len() >= 4).await;
    rig.until("the reason", |rig| rig.fault_told().is_some_and(|it| it.contains("HTTP 503"))).await;
    assert_eq!(rig.herald.shown().view.source.last_good_at, None, "that is no answer");
}

/// A part of an answer, and an empty list that a cache kept since yesterday, take no page away (RFC 9110, RFC 9111).
async fn only_a_whole_answer_of_now_counts() {
    for (status, headers, told) in [
        ("206 Partial Content", "Content-Range: bytes 0-29/400\r\n", "only a part"),
        ("203 Non-Authoritative Information", "", "changed on its way"),
        ("202 Accepted", "", "not answered yet"),
        ("200 OK", "Age: 86400\r\n", "86400 s old"),
    ] {
        let odd = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
        let is_odd = std::sync::Arc::clone(&odd);
        let scribe = Scribe::start(move |what| {
            let page = json!({"id": "QONE", "title": "down", "assignments": [{"assignee": {"id": "PME"}}]});
            let odd = is_odd.load(std::sync::atomic::Ordering::SeqCst);
            match what {
                "GET /users/me" => {
                    let me = json!({"user": {"id": "PME", "name": "Elena", "email": "elena@quillbrook.example"}});
                    ("200 OK", String::new(), me.to_string())
                }
                _ if what.starts_with("GET /oncalls") => ("200 OK", String::new(), json!({"oncalls": []}).to_string()),
                _ if odd => (status, headers.to_owned(), json!({"incidents": [], "more": false}).to_string()),
                _ => ("200 OK", String::new(), json!({"incidents": [page], "more": false}).to_string()),
            }
        })
        .await;
        let rig = Rig::unconnected(Setup::default()).await;
        connect_to(&rig, &scribe.url, "u+abcdefghijklmnop12").await.expect("the key is good");
        rig.until("the page", |rig| rig.card("QONE").is_some()).await;
        odd.store(true, std::sync::atomic::Ordering::SeqCst);
        rig.until(told, |rig| rig.fault_told().is_some_and(|it| it.contains(told))).await;
        assert!(rig.card("QONE").is_some(), "{told}: it is still there");
    }
}

async fn a_server_that_gives_fewer_at_a_time_is_read_whole() {
    let scribe = Scribe::pagerduty(|what| {
        what.starts_with("GET /incidents?").then(|| {
            let from: usize = offset(what).parse().unwrap_or(0);
            let page =
                |n| json!({"id": format!("Q{n:03}"), "title": "down", "assignments": [{"assignee": {"id": "PME"}}]});
            let pages: Vec<_> = (from..60.min(from + 25)).map(page).collect();
            json!({"incidents": pages, "more": from + 25 < 60, "limit": 25, "offset": from}).to_string()
        })
    })
    .await;
    let rig = Rig::unconnected(Setup::default()).await;
    connect_to(&rig, &scribe.url, "u+abcdefghijklmnop12").await.expect("the key is good");
    rig.until("all of them", |rig| rig.herald.shown().view.pages.len() == 60).await;
}

async fn a_list_without_its_list_is_no_answer() {
    for body in [r#"{"incidents":null}"#, "{}", "[]", "null", r#"{"incidents":{}}"#, r#"{"error":"odd"}"#] {
        let scribe = Scribe::pagerduty(move |what| what.starts_with("GET /incidents?").then(|| body.to_owned())).await;
        let rig = Rig::unconnected(Setup::default()).await;
        connect_to(&rig, &scribe.url, "u+abcdefghijklmnop12").await.expect("the key is good");
        rig.until(body, |rig| rig.fault_told().is_some()).await;
        assert_eq!(rig.herald.shown().view.source.last_good_at, None, "{body}: not \"nothing is open\"");
    }
}

async fn polls_follow_the_chosen_interval() {
    let rig = Rig::quiet().await;
    let polls = rig.polls();
    rig.stays("two seconds between two", Duration::from_secs(5), |rig| rig.polls() <= polls + 3).await;
    assert!(rig.polls() >= polls + 2, "and no slower");
}

fn offset(path: &str) -> String {
    path.split('&').find_map(|field| field.strip_prefix("offset=")).unwrap_or_default().to_owned()
}
