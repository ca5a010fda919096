//! Settings and the first run, by keyboard alone: what is chosen is true at once, seen and heard.

use anyhow::{Context as _, Result};
use fantoccini::key::Key;
use herald_practice::Scenario;
use herald_tests::Window;
use herald_tests::wait::{self, SOON};
use serde_json::{Value, json};

use crate::desk::{Desk, PAGE_NOTES, QUIET, assert_heard};

/// More stops than any screen has.
const STOPS_MAX: usize = 60;

#[tokio::test]
async fn everything_in_settings_is_reached_and_changed_by_keyboard() -> Result<()> {
    let mut desk = Desk::quiet().await?;
    let window = desk.open().await?;
    window.until_text(QUIET, SOON).await?;
    window.keys(&chord(Key::Control, '5')).await?;
    window.find("switch", "Shadow mode").await?;

    let mark = desk.sound.mark();
    tab_to(&window, "button \"Play Page\"").await?;
    press(&window, Key::Enter).await?;
    let loud = desk.sound.until_heard(mark, SOON).await?;
    assert_heard(&loud, PAGE_NOTES);
    tab_to(&window, "slider \"Volume of Page\"").await?;
    for volume in (8..16).rev().map(|steps| steps * 5) {
        press(&window, Key::Left).await?;
        until_set(&desk, "/sounds/page/volume", json!(volume)).await?;
    }
    let mark = desk.sound.mark();
    back_to(&window, "button \"Play Page\"").await?;
    press(&window, Key::Enter).await?;
    let soft = desk.sound.until_heard(mark, SOON).await?;
    assert!(soft.rms() < loud.rms() * 0.7, "half as loud: {} after {}", soft.rms(), loud.rms());

    tab_to(&window, "switch \"Quiet hours\"").await?;
    press(&window, Key::Space).await?;
    until_set(&desk, "/quiet_hours/on", json!(true)).await?;
    tab_to(&window, "textbox \"Quiet from\"").await?;
    window.keys(&chord(Key::Control, 'a')).await?;
    window.keys("23:30").await?;
    press(&window, Key::Tab).await?;
    until_set(&desk, "/quiet_hours/from", json!("23:30:00")).await?;

    tab_to(&window, "switch \"Shadow mode\"").await?;
    for on in [true, false] {
        press(&window, Key::Space).await?;
        until_set(&desk, "/shadow", json!(on)).await?;
        // A switch turns what it shows, so the next press waits for that.
        wait::until("the switch to show it", SOON, async || {
            let shown = window.script("return document.activeElement?.ariaChecked ?? ''", vec![]).await?;
            Ok((shown == json!(on.to_string())).then_some(()))
        })
        .await?;
    }
    tab_to(&window, "slider \"Seconds between two questions on shift\"").await?;
    press(&window, Key::Right).await?;
    until_set(&desk, "/poll_interval_s", json!(3)).await?;
    tab_to(&window, "radio \"System\"").await?;
    for theme in ["light", "dark"] {
        press(&window, Key::Right).await?;
        until_set(&desk, "/theme", json!(theme)).await?;
    }

    // What was chosen outlives a crash.
    let chosen = desk.view().await?["settings"].take();
    window.close().await?;
    desk.start().await?;
    let kept = desk.view().await?["settings"].take();
    for field in ["sounds", "quiet_hours", "shadow", "theme"] {
        assert_eq!(kept[field], chosen[field], "{field}");
    }
    Ok(())
}

#[tokio::test]
async fn self_test_asks_what_was_seen_and_heard() -> Result<()> {
    let mut desk = Desk::quiet().await?;
    let window = desk.open().await?;
    window.until_text("not tested on this computer yet", SOON).await?;
    let mark = desk.sound.mark();
    window.click("button", "Test").await?;
    let note = desk.until_notified("This is a test").await?;
    assert!(!desk.sound.until_heard(mark, SOON).await?.is_silent(), "it is heard");
    window.until_text("Did you see the notification?", SOON).await?;
    for question in ["Did you see the notification?", "Did you hear the sound?"] {
        window.find("group", question).await?;
        let yes = format!(
            "return [...document.querySelectorAll('[role=group]')].find((it) => it.ariaLabel === {question:?}).querySelector('button').focus()"
        );
        window.script(&yes, vec![]).await?;
        press(&window, Key::Enter).await?;
    }
    desk.until_view("the answers", |view| view["settings"]["self_test"]["heard"] == true).await?;
    desk.notifications.until_gone("the test to end", SOON, |one| one.id == note.id).await?;
    window.keys(&chord(Key::Control, '1')).await?;
    window.until_text("seen and heard at", SOON).await?;
    assert!(desk.writes().is_empty(), "a test concerns nobody else");
    window.close().await
}

#[tokio::test]
async fn first_run_connects_and_says_what_to_do_about_a_wrong_key() -> Result<()> {
    let mut desk = Desk::unconnected(Scenario::quiet()).await?;
    let window = desk.open().await?;
    window.until_text("Connect PagerDuty", SOON).await?;
    wait::until("the caret in the field", SOON, async || {
        Ok((window.focus().await? == "textbox \"API key\"").then_some(()))
    })
    .await?;
    let item = desk.until_tray_says("PagerDuty is not connected").await?;
    desk.assert_icon(&item, "blind").await?;

    press(&window, Key::Enter).await?;
    window.until_text("Paste your API key first.", SOON).await?;
    window.keys("ThisIsNotARealKey123").await?;
    window.click("radio", "Own URL").await?;
    let address = "PagerDuty's address, with https";
    window.fill("textbox", address, "http://pagerduty.example").await?;
    press(&window, Key::Enter).await?;
    window.until_text("PagerDuty's address cannot be used", SOON).await?;
    window.fill("textbox", address, &desk.world.url()).await?;
    press(&window, Key::Enter).await?;
    window.until_text("PagerDuty does not accept this key. Copy it again", SOON).await?;
    assert_eq!(window.focus().await?, "textbox \"API key\"", "where the next step is");

    // A key of the whole account belongs to nobody, so Herald asks whose pages it is to watch.
    let tokens = desk.world.tokens();
    window.fill("textbox", "API key", &tokens.account).await?;
    press(&window, Key::Enter).await?;
    window.find("textbox", "/Your PagerDuty e-mail/").await?;
    assert!(desk.view().await?["account"].is_null(), "nothing is connected yet");
    window.fill("textbox", "API key", &tokens.user).await?;
    window.fill("textbox", "/Your PagerDuty e-mail/", "elena@quillbrook.example").await?;
    press(&window, Key::Enter).await?;
    // The other steps can wait.
    window.until_text("Who only watches?", SOON).await?;
    press(&window, Key::Escape).await?;
    window.until_text(QUIET, SOON).await?;
    desk.until_tray_says("All quiet, on call until").await?;
    assert_eq!(desk.view().await?["account"]["token"], "keychain");
    window.close().await
}

/// Presses a special key.
pub async fn press(window: &Window, key: Key) -> Result<()> {
    window.keys(&char::from(key).to_string()).await
}

/// A key pressed while another is held; the driver lets go of that when all was sent (W3C WebDriver, "Element Send Keys").
/// Asked for by the null key, it sends that one to the window, too, as no keyboard does.
pub fn chord(held: Key, key: char) -> String {
    format!("{}{key}", char::from(held))
}

/// Goes on with the tabulator until this element has the focus.
pub async fn tab_to(window: &Window, element: &str) -> Result<()> {
    travel(window, element, &char::from(Key::Tab).to_string()).await
}

/// Goes back with the tabulator until this element has the focus.
pub async fn back_to(window: &Window, element: &str) -> Result<()> {
    travel(window, element, &chord(Key::Shift, char::from(Key::Tab))).await
}

async fn travel(window: &Window, element: &str, step: &str) -> Result<()> {
    let mut seen = Vec::new();
    for _ in 0..STOPS_MAX {
        let focus = window.focus().await?;
        if focus == element {
            return Ok(());
        }
        seen.push(focus);
        window.keys(step).await?;
    }
    None.with_context(|| format!("no key leads to {element}; the stops were {seen:#?}"))
}

/// Waits until the setting at this place has this value.
async fn until_set(desk: &Desk, place: &str, value: Value) -> Result<()> {
    let fits = |view: &Value| view["settings"].pointer(place) == Some(&value);
    desk.until_view(&format!("{place} to be {value}"), fits).await.map(drop)
}
