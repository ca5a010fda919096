//! The keys on the keyboards of the world: each that docs/guide.md names is found by the real window wherever a layout has
//! it, and no sentence that is typed blind acts.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use herald_practice::Status;
use herald_tests::Window;
use herald_tests::keyboard::Keyboard;
use herald_tests::wait::{self, SOON};
use serde_json::Value;

use crate::desk::Desk;

/// A layout, its variant, where its Latin letters stand if not at their own places (`letter place`, with commas between),
/// and the places of the stroke and of the question mark. After xkeyboard-config, symbols/*.
type Layout = (&'static str, &'static str, &'static str, &'static str, &'static str);

const AZERTY: &str = "a KeyQ,q KeyA,m Semicolon";
const DVORAK: &str =
    "o KeyS,e KeyD,u KeyF,i KeyG,d KeyH,j KeyC,n KeyL,s Semicolon,q KeyX,r KeyO,p KeyR,f KeyY,l KeyP,c KeyI";

const LAYOUTS: [Layout; 12] = [
    ("us", "", "", "Slash", "Shift+Slash"),
    ("gb", "", "", "Slash", "Shift+Slash"),
    ("de", "", "", "Shift+Digit7", "Shift+Minus"),
    ("fr", "", AZERTY, "Shift+Period", "Shift+KeyM"),
    ("be", "", AZERTY, "Shift+Period", "Shift+KeyM"),
    ("ch", "", "", "Shift+Digit7", "Shift+Minus"),
    ("cz", "", "", "Shift+BracketLeft", "Shift+Comma"),
    ("ru", "", "", "Shift+Backslash", "Shift+Digit7"),
    ("gr", "", "", "Slash", "Shift+Slash"),
    ("il", "", "", "KeyQ", "Shift+Slash"),
    ("jp", "", "", "Slash", "Shift+Slash"),
    ("us", "dvorak", DVORAK, "BracketLeft", "Shift+BracketLeft"),
];

/// The letters that docs/guide.md names, alone and with Ctrl.
const LETTERS: &str = "aojcinruesmd";
const WITH_CTRL: &str = "npelijf";
const SCREENS: [&str; 5] = ["Duty", "Ledger", "Handover", "History", "Settings"];

#[tokio::test]
async fn every_key_works_on_every_layout() -> Result<()> {
    let mut desk = Desk::quiet().await?;
    let keyboard = Keyboard::open(&desk.desktop)?;
    let window = desk.open().await?;
    for layout in LAYOUTS {
        on(&desk, &keyboard, &window, layout).await.with_context(|| format!("on {} {}", layout.0, layout.1))?;
    }
    window.close().await
}

#[tokio::test]
async fn a_sentence_that_is_typed_blind_takes_and_closes_no_page() -> Result<()> {
    let mut desk = Desk::quiet().await?;
    let keyboard = Keyboard::open(&desk.desktop)?;
    let window = desk.open().await?;
    let (id, _) = desk.paged().await?;
    window.find("button", "/^Acknowledge/").await?;
    wait::until_age(Instant::now(), Duration::from_secs(1)).await;
    for place in ["KeyU", "KeyA", "Space", "KeyC", "KeyA", "Space", "KeyI", "KeyC", "Enter", "Space"] {
        keyboard.press_place(place)?;
    }
    window.find("dialog", "No incident to write for yet").await?;
    keyboard.press_place("Escape")?;
    // And without the U, which leads to a field.
    for place in ["KeyA", "Space", "KeyC", "Space", "Enter", "KeyA", "KeyC"] {
        keyboard.press_place(place)?;
    }
    wait::until_age(Instant::now(), Duration::from_secs(2)).await;
    ensure!(desk.incident(&id)?.status == Status::Triggered, "it still calls");
    let kept = |view: &Value| view["ledger"]["kept"]["loose"].to_string().contains("a ca ic");
    desk.until_view("nothing typed to be lost", kept).await?;
    // A letter that stands alone acts; a busy computer may hear it late, as one of many, and then the window says so.
    let taken = || desk.world.incidents().iter().all(|it| it.status != Status::Triggered);
    wait::until("the page to be taken", SOON, async || {
        keyboard.press_place("KeyA")?;
        wait::until_age(Instant::now(), Duration::from_secs(2)).await;
        Ok(taken().then_some(()))
    })
    .await?;
    window.close().await
}

#[tokio::test]
async fn whoever_goes_back_to_a_button_presses_it_at_once() -> Result<()> {
    let mut desk = Desk::quiet().await?;
    let keyboard = Keyboard::open(&desk.desktop)?;
    let window = desk.open().await?;
    window.find("main", "Duty").await?;
    // The last stop of the window is its way to the settings.
    keyboard.press_place("Shift+Tab")?;
    keyboard.press_place("Enter")?;
    window.find("main", "Settings").await?;
    window.close().await
}

#[tokio::test]
async fn key_whose_sign_means_nothing_on_the_screen_goes_by_its_place() -> Result<()> {
    let mut desk = Desk::quiet().await?;
    let keyboard = Keyboard::open(&desk.desktop)?;
    let window = desk.open().await?;
    // The key of Q gives the stroke, which searches on other screens.
    set(&desk, "il", "").await?;
    desk.paged().await?;
    window.find("button", "/^Quiet/").await?;
    // For a moment after a page has come nobody has seen yet what the keys mean.
    wait::until_age(Instant::now(), Duration::from_secs(1)).await;
    keyboard.press_place("KeyQ")?;
    window.find("button", "/^End quiet/").await?;
    window.close().await
}

async fn set(desk: &Desk, layout: &str, variant: &str) -> Result<()> {
    desk.desktop.run("setxkbmap", &["-layout", layout, "-variant", variant]).await.map(drop)
}

async fn on(desk: &Desk, keyboard: &Keyboard, window: &Window, layout: Layout) -> Result<()> {
    let (name, variant, moved, stroke, question) = layout;
    set(desk, name, variant).await?;
    let place = |letter: char| {
        let places = moved.split(',').filter_map(|it| it.split_once(' '));
        let moved = places.filter(|(of, _)| *of == letter.to_string()).map(|(_, place)| place.to_owned()).next();
        moved.unwrap_or_else(|| format!("Key{}", letter.to_ascii_uppercase()))
    };
    for (nth, screen) in SCREENS.iter().enumerate().rev() {
        // A window that has just come has no keyboard yet.
        wait::until(&format!("{screen} by Ctrl {}", nth + 1), SOON, async || {
            keyboard.press_place(&format!("Ctrl+Digit{}", nth + 1))?;
            let shown = "return document.querySelector('nav [aria-current]')?.textContent.trim() ?? ''";
            Ok(window.script(shown, vec![]).await?.as_str().is_some_and(|it| it.contains(screen)).then_some(()))
        })
        .await?;
    }
    // The hotkey, from anywhere: without an incident it says what it needs.
    wait::until("the hotkey", SOON, async || {
        keyboard.press_place(&format!("Ctrl+Alt+{}", place('u')))?;
        Ok((window.count("dialog", "No incident to write for yet").await? == 1).then_some(()))
    })
    .await?;
    keyboard.press_place("Escape")?;
    gone(window).await?;
    // The sheet of all keys finds each that is pressed.
    keyboard.press_place(question)?;
    window.find("dialog", "Keys").await.context("?")?;
    let mut keys = vec![(stroke.to_owned(), "/ or Ctrl F".to_owned()), (question.to_owned(), "? or F1".to_owned())];
    keys.extend(LETTERS.chars().map(|letter| (place(letter), letter.to_ascii_uppercase().to_string())));
    keys.extend(WITH_CTRL.chars().map(|letter| {
        let printed =
            if letter == 'f' { "/ or Ctrl F".into() } else { format!("Ctrl {}", letter.to_ascii_uppercase()) };
        (format!("Ctrl+{}", place(letter)), printed)
    }));
    keys.extend([("Alt+Digit4".into(), "Alt 1–4".into()), ("F1".into(), "? or F1".into())]);
    // Where the place of Q gives the stroke, it is both.
    if place('q') == stroke {
        keys.retain(|(press, _)| press != stroke);
        keys.push((stroke.to_owned(), "/ or Ctrl F,Q".to_owned()));
    } else {
        keys.push((place('q'), "Q".to_owned()));
    }
    for (press, printed) in keys {
        keyboard.press_place(&press)?;
        shows(window, "[data-testid=pressed] kbd", &printed).await.with_context(|| format!("{press} for {printed}"))?;
    }
    keyboard.press_place("Escape")?;
    gone(window).await
}

/// Waits until an element says exactly this.
async fn shows(window: &Window, selector: &str, text: &str) -> Result<()> {
    let script = format!("return [...document.querySelectorAll('{selector}')].map((it) => it.innerText.trim()).join()");
    let mut seen = String::new();
    wait::until(&format!("{text:?}"), SOON, async || {
        seen = window.script(&script, vec![]).await?.as_str().unwrap_or_default().to_owned();
        Ok((seen == text).then_some(()))
    })
    .await
    .with_context(|| format!("it says {seen:?}"))
}

async fn gone(window: &Window) -> Result<()> {
    wait::until("the sheet to go", SOON, async || Ok((window.count("dialog", "/./").await? == 0).then_some(()))).await
}
