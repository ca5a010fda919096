//! A practice event in the real window: played, ended and in the training log; and left, in every way there is.

use std::path::Path;

use anyhow::{Context as _, Result};
use herald_practice::Scenario;
use herald_tests::Window;
use herald_tests::process::Process;
use herald_tests::wait::{self, SOON};
use serde_json::Value;

use crate::desk::{Desk, YOURS};
use crate::pictures::{keep, keep_dark};

/// A Herald on watch, whose training log gets what is practised.
struct Watch {
    folder: String,
    running: Process,
}

impl Watch {
    fn folder(desk: &Desk) -> String {
        desk.desktop.dir().join("watch").to_string_lossy().into_owned()
    }

    fn begin(desk: &Desk) -> Result<Self> {
        let folder = Self::folder(desk);
        let running = Self::start(desk, &folder)?;
        Ok(Self { folder, running })
    }

    fn start(desk: &Desk, folder: &str) -> Result<Process> {
        desk.desktop.spawn("watch", desk.app.binary(), &["--hidden", "--data-dir", folder])
    }

    /// Ends it and starts it anew.
    fn restart(&mut self, desk: &Desk) -> Result<()> {
        self.running.end();
        self.running = Self::start(desk, &self.folder)?;
        Ok(())
    }

    /// The training log, newest first.
    async fn log(&self, desk: &Desk) -> Result<Vec<Value>> {
        let args = ["status", "--json", "--data-dir", &self.folder];
        let status: Value = serde_json::from_str(&desk.desktop.run(desk.app.binary(), &args).await?)?;
        let cards = status["view"]["training"]["log"].as_array().context("no training log")?;
        Ok(cards.iter().map(|card| card["training"].clone()).collect())
    }

    async fn until_logged(&self, desk: &Desk, count: usize) -> Result<Vec<Value>> {
        let what = format!("{count} entries in the training log");
        let found = async || Ok(Some(self.log(desk).await?).filter(|log| log.len() == count));
        wait::until(&what, SOON, found).await.with_context(|| self.running.log())
    }
}

/// Starts an event whose result goes into the log of the Herald in `folder`, and takes its page.
async fn take_the_page(desk: &mut Desk, folder: &str) -> Result<Window> {
    desk.app.set_args(&["practice", "single-page", "--log-to", folder]);
    let window = desk.open_as_it_is().await?;
    window.until_text("Practice: nothing here is real", SOON).await?;
    window.click("button", "/^Acknowledge/").await?;
    window.until_text(YOURS, SOON).await?;
    Ok(window)
}

/// How many of the pages were taken in time, and whether it was left early.
fn told(entry: &Value) -> (String, Value, Value) {
    let practised = &entry["practised"];
    let taken = practised["score"]["kpis"].as_array().and_then(|kpis| kpis.first()).cloned().unwrap_or_default();
    let scenario = practised["scenario"].as_str().unwrap_or_default().to_owned();
    (scenario, taken["kept"].clone(), practised["left_early"].clone())
}

#[tokio::test]
async fn a_practice_event_is_played_ended_and_kept() -> Result<()> {
    let mut desk = Desk::unconnected(Scenario::quiet()).await?;
    let mut watch = Watch::begin(&desk)?;
    let window = take_the_page(&mut desk, &watch.folder).await?;
    window.click("button", "Practice").await?;
    window.until_text("Leave it without End", SOON).await?;
    window.keys("e").await?;
    window.until_text("on its way into your training log", SOON).await?;
    for part in ["What it came to", "1 of 1 within 15 min", "What happened when", "You took the page"] {
        window.until_text(part, SOON).await?;
    }
    keep(&desk, &window, "score").await?;
    keep_dark(&desk, &window, "score-dark").await?;
    let pid = desk.app.pid()?;
    // The window goes while it is clicked, so nobody may be left to answer.
    window.click("button", "Close the practice world").await.ok();
    wait::until_true("the practice world to close", SOON, || !desk.app.runs()).await?;
    assert!(!Path::new(&format!("/proc/{pid}/exe")).exists(), "it has ended");
    let log = watch.until_logged(&desk, 1).await?;
    assert_eq!(told(&log[0]), ("single-page".into(), 1.into(), false.into()), "{log:#?}");
    watch.restart(&desk)?;
    assert_eq!(watch.until_logged(&desk, 1).await?, log, "as it was, after a restart");
    Ok(())
}

#[tokio::test]
async fn a_practice_event_that_is_left_is_kept_as_far_as_it_went() -> Result<()> {
    let mut desk = Desk::unconnected(Scenario::quiet()).await?;
    let folder = Watch::folder(&desk);
    // Quit while nobody watches: whoever watches next takes it in.
    let _quit = take_the_page(&mut desk, &folder).await?;
    desk.tray.until_clicked("Quit Herald", SOON).await?;
    wait::until_true("the practice world to close", SOON, || !desk.app.runs()).await?;
    let watch = Watch::begin(&desk)?;
    let left = ("single-page".to_owned(), 1.into(), true.into());
    let log = watch.until_logged(&desk, 1).await?;
    assert_eq!(told(&log[0]), left, "with what was done to the last moment: {log:#?}");
    // Crash while somebody watches.
    let _crashed = take_the_page(&mut desk, &folder).await?;
    let kept = Path::new(&folder).join("practised");
    wait::until_true("what was done to be kept", SOON, || held(&kept).contains("You took the page")).await?;
    assert_eq!(watch.log(&desk).await?.len(), 1, "it is still played");
    desk.app.kill9();
    let log = watch.until_logged(&desk, 2).await?;
    assert_eq!(log.iter().map(told).collect::<Vec<_>>(), [left.clone(), left], "{log:#?}");
    let gone = || std::fs::read_dir(&kept).is_ok_and(|files| files.count() == 0);
    wait::until_true("nothing to stay behind", SOON, gone).await
}

/// What is kept of an event that is under way.
fn held(folder: &Path) -> String {
    let files = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|it| it.path());
    let mut left = files.filter(|path| path.extension().is_some_and(|it| it == "left"));
    left.next().and_then(|path| std::fs::read_to_string(path).ok()).unwrap_or_default()
}
