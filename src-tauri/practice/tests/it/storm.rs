//! Ten thousand pages at once.

use herald_practice::{Act, Trigger};
use serde_json::Value;

use crate::Desk;

#[tokio::test]
async fn ten_thousand_pages_can_be_read_page_by_page() {
    let desk = Desk::quiet().await;
    let act = Trigger {
        page: Some("storm".to_owned()),
        title: "Service {n} is down".to_owned(),
        count: Some(10_000),
        ..Trigger::default()
    };
    let ids = desk.act(Act::Trigger(act));
    assert_eq!(ids.len(), 10_000);
    let poll = desk.poll_of("elena");
    let mut seen = std::collections::HashSet::new();
    for offset in (0..10_000).step_by(100) {
        let (status, body) = desk.get(&format!("{poll}&offset={offset}")).await;
        assert_eq!(status, 200);
        let incidents = body["incidents"].as_array().expect("a list");
        seen.extend(incidents.iter().map(|incident| incident["id"].as_str().expect("an id").to_owned()));
        assert_eq!(body["more"], Value::Bool(offset < 9_900));
    }
    assert_eq!(seen.len(), 10_000);
    desk.resolve("storm");
    assert_eq!(desk.titles(&poll).await, Vec::<String>::new());
}
