//! Herald belongs to a desktop session: it ends with it, and makes way where it can show nothing any more.

use anyhow::Result;
use herald_tests::wait::{self, SOON};
use serde_json::json;

use crate::desk::{Desk, TITLE};

#[tokio::test]
async fn herald_ends_with_its_session_saved() -> Result<()> {
    let mut desk = Desk::quiet().await?;
    desk.start().await?;
    desk.paged().await?;
    desk.desktop.end_bus();
    desk.desktop.end_screen();
    assert_eq!(desk.app.until_ended(SOON).await?, Some(0), "{}", desk.app.log());
    let status = desk.app.status(&desk.desktop).await?;
    assert_eq!(status["view"]["pages"][0]["title"], TITLE, "it was saved: {status:#}");
    Ok(())
}

#[tokio::test]
async fn herald_outlives_a_screen_and_a_bus_that_go_alone() -> Result<()> {
    let mut desk = Desk::quiet().await?;
    desk.start().await?;
    desk.desktop.end_screen();
    desk.paged().await?;
    let polls = desk.polls();
    desk.until_polled(polls + 2).await?;
    assert!(desk.app.runs());
    Ok(())
}

#[tokio::test]
async fn next_login_takes_over_from_a_herald_that_can_show_nothing() -> Result<()> {
    let mut desk = Desk::quiet().await?;
    desk.start().await?;
    let beside = desk.app.cli(&desk.desktop, &["--hidden"]).await?;
    assert_eq!(beside.code, Some(0), "in its own session the first stays: {beside:?}");
    assert!(desk.app.runs());
    desk.desktop.next_screen().await?;
    let data_dir = desk.app.data_dir().to_string_lossy().into_owned();
    let polls = desk.polls();
    let next = desk.desktop.spawn("next", desk.app.binary(), &["--hidden", "--data-dir", &data_dir])?;
    assert_eq!(desk.app.until_ended(SOON).await?, Some(0), "the first has ended: {}", desk.app.log());
    wait::until_true("the next to watch", SOON, || desk.polls() > polls).await?;
    desk.page(TITLE)?;
    desk.until_notified(TITLE).await?;
    let view = desk.app.ask(&json!({"ask": "status"}), SOON).await?["view"].take();
    let told = |it: &serde_json::Value| it.as_str().is_some_and(|it| it.contains("of an earlier session"));
    assert!(view["notices"].as_array().is_some_and(|it| it.iter().any(told)), "{:#}", view["notices"]);
    next.end();
    Ok(())
}
