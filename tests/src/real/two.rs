//! Two desktops of one user at once, and a shell from elsewhere: there is one Herald, and it belongs to one of them.

use std::path::Path as Folder;
use std::time::Instant;

use anyhow::{Result, ensure};

use crate::desktop::{Desktop, text};
use crate::real::kind::Kind;
use crate::real::path::Path;
use crate::real::report::{Outcome, Report, Row};
use crate::real::session::Real;
use crate::wait::{self, SOON};

/// What these two are called.
pub const NAME: &str = "XFCE and MATE at once";

/// Walks through what somebody does who is logged in twice; what breaks is noted, and the next thing is tried.
///
/// # Errors
/// When a desktop does not come up.
pub async fn walk(pictures: &Folder, tell: impl Fn(&Row)) -> Result<Report> {
    let mut rows = Vec::new();
    let mut note = |what, how: Result<Outcome>| {
        let row = Row { what, how: how.unwrap_or_else(|error| Outcome::Broke(format!("{error:#}"))) };
        tell(&row);
        rows.push(row);
    };
    let first = Path::start(Real::start(Kind::Xfce).await?, pictures.to_owned()).await?;
    let second = Desktop::bare()?;
    // One user has one keychain.
    second.set_env("XDG_DATA_HOME", &text(&first.real.desktop.dir().join("data")));
    let second = Real::log_in(Kind::Mate, second).await?;
    note("over ssh, status and doctor say what the watch sees", first.over_ssh().await);
    note("a start on the second desktop shows the window on the first", first.started_on(&second).await);
    note("the first logs out: a start on the second watches", first.moves_to(&second).await);
    Ok(Report { desktop: NAME.into(), rows })
}

impl Path {
    async fn over_ssh(&self) -> Result<Outcome> {
        let shell = Desktop::bare()?;
        // The keychain is the session's, and how long an answer took differs.
        let same = |it: &str| !it.contains("Keychain") && !it.contains(" ms");
        for command in ["status", "doctor"] {
            let here = self.app.cli(&self.real.desktop, &[command]).await?.stdout;
            let there = self.app.cli(&shell, &[command]).await?.stdout;
            let (here, there): (Vec<&str>, Vec<&str>) =
                (here.lines().filter(|it| same(it)).collect(), there.lines().filter(|it| same(it)).collect());
            ensure!(here == there, "{command} says {here:?} on the desktop, and {there:?} over ssh");
        }
        Ok(Outcome::Held("the same as on the desktop".into()))
    }

    async fn started_on(&self, second: &Real) -> Result<Outcome> {
        let answer = self.app.cli(&second.desktop, &[]).await?;
        ensure!(answer.code == Some(0), "{answer:?}");
        ensure!(self.app.runs(), "the first has ended");
        self.until_front().await
    }

    async fn moves_to(self, second: &Real) -> Result<Outcome> {
        let Self { real, app, world, pictures } = self;
        let (binary, data_dir) = (app.binary().to_owned(), text(app.data_dir()));
        let gone = real.log_out();
        let start = Instant::now();
        second.desktop.spawn("herald", &binary, &["--hidden", "--data-dir", &data_dir])?;
        wait::until_true("the first to end", SOON, || !app.runs()).await?;
        let page = herald_practice::Act::Trigger(herald_practice::Trigger {
            title: super::path::TITLE.into(),
            ..herald_practice::Trigger::default()
        });
        world.do_now(page)?;
        wait::until("the page on the second desktop", SOON, async || {
            Ok((second.notes(super::path::TITLE).await? >= 1).then_some(()))
        })
        .await?;
        let seconds = start.elapsed().as_secs_f32();
        second.picture(&pictures.join("two-page.png")).await?;
        drop(gone);
        Ok(Outcome::Held(format!("announced there {seconds:.1} s after the logout")))
    }
}
