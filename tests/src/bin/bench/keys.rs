//! What keys cost and how soon they show: those of a text, and the hotkey that opens it.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use herald_tests::keyboard::Keyboard;
use herald_tests::wait::{self, SOON};
use serde_json::json;

use crate::desk::{Desk, median, ms, settle};
use crate::peers::{self, Started};
use crate::screen::{Screen, WHOLE};
use crate::table::{Beside, Taken};

/// Times that a window is made anew, and the empty one beside it.
const COLD: usize = 7;
/// Times that a kept one is shown.
const WARM: usize = 11;
/// How long a screen is watched until its window stands still.
const COLD_WATCHED: Duration = Duration::from_secs(4);
const WARM_WATCHED: Duration = Duration::from_millis(1200);
/// Keys that are pressed, and the pause between two: as people type who think.
const KEYS: usize = 40;
const PAUSE: Duration = Duration::from_millis(250);
const KEY_WATCHED: Duration = Duration::from_millis(120);

pub async fn take(taken: &mut Taken) -> Result<()> {
    let mut desk = Desk::start().await?;
    desk.wish(json!({"wish": "open", "own": {"title": "Sign-in fails", "severity": "s2"}, "page": null})).await?;
    let keyboard = Keyboard::open(&desk.desktop)?;
    let (cold, floor) = made_anew(&mut desk, &keyboard).await?;
    taken.put("hotkey-cold", cold);
    taken.put_beside("hotkey-cold", Beside::Floor, floor);
    taken.put("hotkey-warm", kept(&desk, &keyboard).await);
    desk.open_composer(&keyboard).await?;
    taken.put("key-painted", painted(&desk, &keyboard).await);
    taken.put("key-saved", saved(&desk, &keyboard).await);
    taken.put("key-cpu", processor(&desk, &keyboard).await);
    Ok(())
}

/// From the hotkey to a painted composer with no window there, and an empty WebKitGTK window in turns with it.
async fn made_anew(desk: &mut Desk, keyboard: &Keyboard) -> Result<(Result<f64>, Result<f64>)> {
    let screen = Screen::open(&desk.desktop, WHOLE)?;
    let (mut cold, mut floor) = (vec![], vec![]);
    for _ in 0..COLD {
        desk.restart().await?;
        settle().await;
        ensure!(desk.app.usage()?.processes == 1, "a window is there already");
        let (start, seen) = screen.watch(|| keyboard.press("Ctrl+Alt+U"), COLD_WATCHED)?;
        cold.push(ms(seen.whole()?.duration_since(start)));
        desk.app.end();
        wait::until_age(Instant::now(), Duration::from_secs(1)).await;
        if let Ok(empty) = peers::empty() {
            let mut started = None;
            let open = || Started::on(&desk.desktop, &empty, &[]).map(|it| started = Some(it));
            let (start, seen) = screen.watch(open, COLD_WATCHED)?;
            floor.push(ms(seen.whole()?.duration_since(start)));
        }
    }
    desk.restart().await?;
    Ok((median(cold), peers::empty().and_then(|_| median(floor))))
}

/// From the hotkey to a painted composer whose window is kept: an incident runs.
async fn kept(desk: &Desk, keyboard: &Keyboard) -> Result<f64> {
    desk.open_composer(keyboard).await?;
    settle().await;
    let screen = Screen::open(&desk.desktop, WHOLE)?;
    let mut warm = vec![];
    for _ in 0..WARM {
        desk.close_window().await?;
        wait::until_age(Instant::now(), Duration::from_secs(2)).await;
        ensure!(desk.app.usage()?.processes > 1, "the window was not kept");
        let (start, seen) = screen.watch(|| keyboard.press("Ctrl+Alt+U"), WARM_WATCHED)?;
        warm.push(ms(seen.whole()?.duration_since(start)));
    }
    median(warm)
}

/// From a key to the first picture that shows it.
async fn painted(desk: &Desk, keyboard: &Keyboard) -> Result<f64> {
    let screen = Screen::open(&desk.desktop, WHOLE)?;
    let mut took = vec![];
    for _ in 0..KEYS {
        wait::until_age(Instant::now(), PAUSE).await;
        let (start, seen) = screen.watch(|| keyboard.press("x"), KEY_WATCHED)?;
        took.push(ms(seen.anything()?.duration_since(start)));
    }
    median(took)
}

/// From a key to a draft that holds it.
async fn saved(desk: &Desk, keyboard: &Keyboard) -> Result<f64> {
    let mut took = vec![];
    for _ in 0..KEYS {
        let before = desk.draft().await?.len();
        let start = Instant::now();
        keyboard.press("y")?;
        while desk.draft().await?.len() == before {
            ensure!(start.elapsed() < SOON, "nothing was saved");
        }
        took.push(ms(start.elapsed()));
        wait::until_age(Instant::now(), PAUSE).await;
    }
    median(took)
}

/// Processor time of all processes for one key, beside what the open composer takes anyhow.
async fn processor(desk: &Desk, keyboard: &Keyboard) -> Result<f64> {
    let length = PAUSE * u32::try_from(KEYS)?;
    settle().await;
    let (from, before) = (Instant::now(), desk.app.usage()?);
    wait::until_age(from, length).await;
    let idle = desk.app.usage()?.cpu_since(&before);
    let (from, before) = (Instant::now(), desk.app.usage()?);
    for number in 0..KEYS {
        keyboard.press("z")?;
        wait::until_age(from, PAUSE * u32::try_from(number + 1)?).await;
    }
    let typing = desk.app.usage()?.cpu_since(&before);
    Ok(ms(typing.saturating_sub(idle)) / KEYS as f64)
}

impl Desk {
    /// Opens the composer by the hotkey, and waits until what is typed lands in it.
    async fn open_composer(&self, keyboard: &Keyboard) -> Result<()> {
        keyboard.press("Ctrl+Alt+U")?;
        wait::until("the composer", SOON, async || {
            keyboard.press("w")?;
            wait::until_age(Instant::now(), PAUSE).await;
            Ok(self.draft().await?.contains('w').then_some(()))
        })
        .await
    }

    /// The text that is being written.
    async fn draft(&self) -> Result<String> {
        let view = self.view().await?;
        Ok(view["incidents"][0]["compose"]["text"]["body"].as_str().unwrap_or_default().to_owned())
    }
}
