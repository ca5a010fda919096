//! Pictures of incidents in the real window: overdue, unheard feeds, long and right-to-left titles, emoji.

use anyhow::{Context as _, Result};
use fantoccini::key::Key;
use herald_practice::{Act, Declare, Fault, Site};
use herald_tests::wait::SOON;
use serde_json::json;

use crate::desk::Desk;
use crate::pictures::{keep, keep_dark};
use crate::update::{connect_feeds, saved};

const LATE: &str = "Sign-in fails";
const ARABIC: &str = "فشل تسجيل الدخول الموحد لجميع المستخدمين في منطقة أوروبا منذ الساعة التاسعة";
const EMOJI: &str = "🔥🔥 Checkout is down 👩🏽‍🚒 in zone 1️⃣ 👨‍👩‍👧‍👦";
const LONG: &str = "Sign-in, sign-up and password reset fail for everybody in Europe and Asia, the identity provider says \
    that it is well, and every retry makes the queue longer than it was before";

/// Minutes since the only update of the incident that is late.
const LATE_MIN: i64 = 23;

#[tokio::test]
async fn incidents_are_worth_a_picture_in_every_state() -> Result<()> {
    let mut desk = Desk::quiet().await?;
    connect_feeds(&desk, Site::StatusIo).await?;
    let window = desk.open().await?;
    for (title, severity) in [(LATE, 1), (ARABIC, 2), (EMOJI, 3), (LONG, 2)] {
        desk.act(Act::Declare(Declare { title: title.into(), severity: Some(severity), ..Declare::default() }))?;
        desk.command(json!({"do": "poll_now"})).await?;
        window.until_text(title.get(..12).unwrap_or(title), SOON).await?;
    }
    let view = desk.view().await?;
    let cards = view["incidents"].as_array().context("cards")?;
    let late = cards
        .iter()
        .find(|it| it["title"].as_str().is_some_and(|title| title.ends_with(LATE)))
        .context("the late one")?;
    let mut text = late["compose"]["text"].clone();
    text["body"] = json!("Some people cannot sign in and we are looking into it.");
    let at = desk.world.now() - chrono::TimeDelta::minutes(LATE_MIN);
    let posted = json!({"wish": "posted_by_hand", "incident": late["id"], "text": text, "at": at});
    desk.command(json!({"do": "incident", "wish": posted})).await?;
    window.until_text("overdue", SOON).await?;
    keep(&desk, &window, "overdue").await?;
    keep_dark(&desk, &window, "overdue-dark").await?;

    window.keys("o").await?;
    // The list has the same title, and what is pressed before the incident is there belongs to a burst.
    window.find("main", "Incident").await?;
    window.until_text(LATE, SOON).await?;
    keep(&desk, &window, "incident").await?;
    keep_dark(&desk, &window, "incident-dark").await?;
    window.keys("u").await?;
    window.find("textbox", "Update").await?;
    window.keys(ARABIC).await?;
    saved(&desk, ARABIC).await?;
    window.until_text("Saved", SOON).await?;
    keep(&desk, &window, "compose-rtl").await?;
    for (part, name) in [("/gitlab", "gitlab"), ("/statusio", "statusio")] {
        desk.world.fault(Fault { name: Some(name.into()), ..Fault::status(503) }.on(part))?;
    }
    desk.command(json!({"do": "poll_now"})).await?;
    desk.until_view("the feeds to be stale", |view| {
        view["feeds"].as_array().is_some_and(|feeds| feeds.iter().all(|feed| !feed["fault"].is_null()))
    })
    .await?;
    keep(&desk, &window, "compose-offline").await?;
    keep_dark(&desk, &window, "compose-offline-dark").await?;
    window.keys(&char::from(Key::Escape).to_string()).await?;
    window.keys(&char::from(Key::Escape).to_string()).await?;
    window.find("main", "Duty").await?;
    keep(&desk, &window, "offline").await?;
    window.close().await
}
