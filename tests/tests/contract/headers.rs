//! What goes out with every request, and what never does.

use herald_core::KeyKind;
use serde_json::json;

use super::scribe::Scribe;
use crate::rig::{Rig, Setup, connect_to};

stories! {
    requests_carry_what_they_must:
    each_kind_of_key_is_presented_as_its_kind_demands,
    a_write_names_its_author_and_says_exactly_one_thing,
    a_redirect_takes_the_key_nowhere,
}

async fn each_kind_of_key_is_presented_as_its_kind_demands() {
    for (token, kind, expected) in [
        ("u+abcdefghijklmnop12", KeyKind::Personal, "Token token=u+abcdefghijklmnop12"),
        ("pdus+_0XBPWQQ_abc", KeyKind::OAuth, "Bearer pdus+_0XBPWQQ_abc"),
        ("pdeu+_0XBPWQQ_abc", KeyKind::OAuth, "Bearer pdeu+_0XBPWQQ_abc"),
        ("  u+pasted_with_blank \n", KeyKind::Personal, "Token token=u+pasted_with_blank"),
    ] {
        let (scribe, rig) = (Scribe::pagerduty(|_| None).await, Rig::unconnected(Setup::default()).await);
        let account = connect_to(&rig, &scribe.url, token).await.expect("the key is good");
        assert_eq!(account.key, kind, "{token}");
        rig.until("the first questions", |_| scribe.asked().len() >= 3).await;
        for asked in scribe.asked() {
            assert_eq!(asked.header("authorization"), Some(expected), "{}", asked.what);
            assert_eq!(asked.header("accept"), Some("application/vnd.pagerduty+json;version=2"), "{}", asked.what);
            assert!(asked.header("user-agent").is_some_and(|it| it.starts_with("Herald/")), "{}", asked.what);
            assert_eq!((asked.header("from"), asked.body.as_str()), (None, ""), "{}: only reading", asked.what);
        }
    }
}

async fn a_write_names_its_author_and_says_exactly_one_thing() {
    let incident = json!({
        "id": "QONE", "title": "down", "status": "triggered", "created_at": "2026-01-01T00:00:00Z",
        "last_status_change_at": "2026-01-01T00:00:00Z", "assigned_via": "escalation_policy",
        "escalation_policy": {"id": "PPOL"}, "assignments": [{"assignee": {"id": "PME"}}],
    });
    let oncall = json!({"escalation_policy": {"id": "PPOL"}, "escalation_level": 1, "start": null, "end": null});
    let scribe = Scribe::pagerduty(move |what| match what {
        _ if what.starts_with("GET /incidents?") => Some(json!({"incidents": [incident], "more": false}).to_string()),
        _ if what.starts_with("GET /oncalls") => Some(json!({"oncalls": [oncall]}).to_string()),
        "GET /incidents/QONE?include[]=conference_bridge" => Some(json!({ "incident": incident }).to_string()),
        "PUT /incidents/QONE" => {
            let mut taken = incident.clone();
            taken["status"] = json!("acknowledged");
            taken["acknowledgements"] = json!([{"at": "2026-01-01T00:01:00Z", "acknowledger": {"id": "PME"}}]);
            taken["last_status_change_at"] = json!("2026-01-01T00:01:00Z");
            Some(json!({ "incident": taken }).to_string())
        }
        _ => None,
    })
    .await;
    let rig = Rig::unconnected(Setup::default()).await;
    connect_to(&rig, &scribe.url, "u+abcdefghijklmnop12").await.expect("the key is good");
    rig.until("the page", |rig| rig.card("QONE").is_some_and(|card| card.may.acknowledge)).await;
    rig.acknowledge("QONE").await.expect("mine");
    rig.until("the request", |_| scribe.asked().iter().any(|asked| asked.what.starts_with("PUT"))).await;
    rig.until("the answer", |rig| rig.card("QONE").is_some_and(|card| card.acting.is_none())).await;
    let asked = scribe.asked();
    let put = asked.iter().position(|asked| asked.what.starts_with("PUT")).expect("sent");
    assert_eq!(asked[put].header("from"), Some("elena@quillbrook.example"), "the author");
    assert_eq!(asked[put].header("content-type"), Some("application/json"));
    let body: serde_json::Value = serde_json::from_str(&asked[put].body).expect("JSON");
    assert_eq!(body, json!({"incident": {"type": "incident_reference", "status": "acknowledged"}}));
    assert!(asked[..put].iter().any(|asked| asked.what.starts_with("GET /incidents/QONE?")), "it looked just before");
}

async fn a_redirect_takes_the_key_nowhere() {
    let elsewhere = Scribe::pagerduty(|_| None).await;
    let location = elsewhere.url.clone();
    let portal =
        Scribe::start(move |_| ("302 Found", format!("Location: {location}/users/me\r\n"), String::new())).await;
    let rig = Rig::unconnected(Setup::default()).await;
    let error = connect_to(&rig, &portal.url, "u+abcdefghijklmnop12").await.expect_err("no PagerDuty");
    assert!(error.message.contains("not from the service") && error.message.contains(&elsewhere.url), "{error}");
    assert_eq!((portal.asked().len(), elsewhere.asked().len()), (1, 0), "nobody else was asked");
}
