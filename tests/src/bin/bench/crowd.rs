//! A thousand incidents at once: no page may come later for it, and the window gets no more.

use std::io::{Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use herald_tests::wait;
use serde_json::{Value, json};

use crate::answers;
use crate::desk::{Desk, median, settle};
use crate::table::Taken;

/// Incidents that go on.
const INCIDENTS: usize = 1_000;
/// Pages, one after the other.
const PAGES: usize = 50;
/// Changes to take the middle of.
const CHANGES: usize = 11;
/// When nothing more comes for so long, all has come.
const QUIET: Duration = Duration::from_millis(700);

pub async fn take(taken: &mut Taken) -> Result<()> {
    let desk = Desk::start().await?;
    for number in 0..INCIDENTS {
        let own = json!({"title": format!("Sign-in fails in region {number}"), "severity": "s3"});
        desk.wish(json!({"wish": "open", "own": own, "page": null})).await?;
    }
    settle().await;
    taken.put("view-size", told(&desk).await);
    taken.put("answer-crowd", answers::of_pages(&desk, PAGES).await.and_then(median));
    Ok(())
}

/// What a window is told when one incident has changed, in kB.
async fn told(desk: &Desk) -> Result<f64> {
    let mut seat = Seat::take(desk)?;
    seat.ask(&json!({"ask": "hello"}))?;
    ensure!(seat.heard().await? > 0, "the watch says nothing");
    let mut sizes = vec![];
    for number in 0..CHANGES {
        let own = json!({"title": format!("Sign-in fails, part {number}"), "severity": "s3"});
        desk.wish(json!({"wish": "correct", "incident": 7, "own": own})).await?;
        let bytes = seat.heard().await?;
        ensure!(bytes > 0, "the window was told nothing");
        sizes.push(bytes as f64 / 1e3);
        seat.ask(&json!({"ask": "drawn"}))?;
        seat.heard().await?;
    }
    median(sizes)
}

/// The place of a window at the door. The process behind it only has to be there.
struct Seat {
    stream: UnixStream,
    asked: u64,
    stand_in: Child,
}

impl Seat {
    fn take(desk: &Desk) -> Result<Self> {
        let stand_in = Command::new("tail").args(["-f", "/dev/null"]).spawn()?;
        let mut stream = UnixStream::connect(desk.app.data_dir().join("herald.sock"))?;
        let attach = json!({"ask": "attach", "build": build(desk)?, "pid": stand_in.id(), "visible": true});
        writeln!(stream, "{attach}")?;
        stream.set_nonblocking(true)?;
        Ok(Self { stream, asked: 0, stand_in })
    }

    fn ask(&mut self, ask: &Value) -> Result<()> {
        self.asked += 1;
        Ok(writeln!(self.stream, "{}", json!({"id": self.asked, "body": ask}))?)
    }

    /// How many bytes come until it is quiet.
    async fn heard(&mut self) -> Result<usize> {
        let (mut bytes, mut last, mut room) = (0, Instant::now(), vec![0; 1 << 20]);
        while last.elapsed() < QUIET {
            match self.stream.read(&mut room) {
                Ok(0) => anyhow::bail!("the watch has hung up"),
                Ok(read) => (bytes, last) = (bytes + read, Instant::now()),
                Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {
                    wait::until_age(Instant::now(), Duration::from_millis(5)).await;
                }
                Err(error) => return Err(error.into()),
            }
        }
        Ok(bytes)
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        // Both fail only when it is gone already.
        let _ = self.stand_in.kill();
        let _ = self.stand_in.wait();
    }
}

/// Which build the watch is, as its log says.
fn build(desk: &Desk) -> Result<String> {
    let log = desk.app.log();
    let files = std::fs::read_dir(desk.app.data_dir().join("logs")).into_iter().flatten().flatten();
    let logs: String = files.filter_map(|it| std::fs::read_to_string(it.path()).ok()).collect();
    let said = [log, logs].concat();
    let build = said.rsplit("build=").next().and_then(|rest| rest.split_whitespace().next());
    Ok(build.context("the log names no build")?.trim_matches('"').to_owned())
}
