//! Disks as they really are: without locks, or with files that somebody takes away.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};
use herald_tests::app::Answer;
use herald_tests::disk::NoLocks;
use herald_tests::wait::{self, SOON};
use herald_tests::{App, Desktop};
use serde_json::json;

use crate::desk::Desk;

#[tokio::test]
async fn without_locks_herald_works_says_so_and_is_still_the_only_one() -> Result<()> {
    for why in [NoLocks::Enosys, NoLocks::Eopnotsupp, NoLocks::Enolck] {
        let desktop = Desktop::without_display().await?;
        let app = App::prepare(&desktop, &[]).await?;
        desktop.without_locks(app.data_dir(), why).await?;
        let set = app.cli(&desktop, &["set", "poll-interval", "7"]).await?;
        assert_eq!(set.code, Some(0), "{why:?}: {set:?}");
        assert_eq!(set.stderr.matches("keeps no locks").count(), 1, "{why:?}: said once: {set:?}");
        let status = app.status(&desktop).await?;
        assert_eq!(status["view"]["settings"]["poll_interval_s"], 7, "{why:?}: it was kept");
    }
    // With locks it was in use before: what waits beside the database is taken in.
    let mut desk = Desk::quiet().await?;
    desk.desktop.without_locks(desk.app.data_dir(), NoLocks::Enolck).await?;
    desk.start().await?;
    let second = desk.app.cli(&desk.desktop, &[]).await?;
    assert_eq!((second.code, second.stdout.as_str()), (Some(0), ""), "the first is shown: {second:?}");
    desk.until_windows(1).await?;
    let status = desk.app.status(&desk.desktop).await?;
    let notices = status["view"]["notices"].as_array().context("no notices")?;
    assert_eq!(notices.iter().filter(|it| it.as_str().is_some_and(|it| it.contains("keeps no locks"))).count(), 1);
    let (id, note) = desk.paged().await?;
    take(&desk, &id, note.id).await?;
    desk.app.kill9();
    let saved = desk.app.status(&desk.desktop).await?;
    assert_eq!(saved["view"]["pages"][0]["taken_by_me"], true, "{saved:#}");
    Ok(())
}

/// The past is nearly all of a database, and no page waits for it.
#[tokio::test]
async fn nobody_waits_for_a_past_that_takes_long_to_read() -> Result<()> {
    let mut desk = Desk::quiet().await?;
    desk.start().await?;
    desk.command(json!({"do": "set", "patch": {"set": "poll_interval", "seconds": 2}})).await?;
    desk.app.end();
    desk.app.until_ended(SOON).await?;
    let file = desk.app.data_dir().join("herald.db");
    let gate = desk.desktop.slow_beyond(&file).await?;
    let past = "CREATE TABLE past (body TEXT);
                WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 2000)
                INSERT INTO past SELECT printf('%1000d', n) FROM n;";
    rusqlite::Connection::open(&file)?.execute_batch(past)?;
    desk.launch()?;
    let (_, note) = desk.paged().await?;
    desk.notifications.press(note.id, "acknowledge").await?;
    desk.until_view("the page taken", |view| view["pages"][0]["taken_by_me"] == true).await?;
    desk.until_saved().await?;
    let logs = desk.app.data_dir().join("logs");
    let checked = || {
        let files = fs::read_dir(&logs).into_iter().flatten().flatten();
        let last = files.filter_map(|it| fs::read_to_string(it.path()).ok()).collect::<String>();
        last.matches("the database is sound").count()
    };
    // The command line has had it checked before, and the first start, too.
    let before = checked();
    drop(gate);
    wait::until_true("the end of the check", SOON, || checked() > before).await
}

#[tokio::test]
async fn a_data_folder_that_is_removed_is_made_again_for_me_alone_and_for_one_herald() -> Result<()> {
    let mut desk = Desk::quiet().await?;
    desk.start().await?;
    let (id, note) = desk.paged().await?;
    let data = desk.app.data_dir().to_owned();
    // Herald writes while its files are taken away, so the folder may hold something again when it is to go.
    wait::until("the folder to go", SOON, async || Ok(fs::remove_dir_all(&data).is_ok().then_some(()))).await?;
    // At once, while nothing is there that says that one runs.
    let second = desk.app.cli(&desk.desktop, &[]).await?;
    assert_eq!((second.code, second.stdout.as_str()), (Some(0), ""), "the first is shown: {second:?}");
    assert_eq!(desk.tray.items().await?.len(), 1, "one Herald, one icon");
    take(&desk, &id, note.id).await?;
    let names = ["herald.db", "herald.lock", "herald.sock", "logs"];
    wait::until("the folder", SOON, async || Ok(names.iter().all(|name| data.join(name).exists()).then_some(())))
        .await?;
    for (path, mode) in modes(&data)? {
        assert_eq!(mode & 0o077, 0, "{} is {:o}", path.display(), mode & 0o777);
    }
    let status = desk.app.status(&desk.desktop).await?;
    let notices = status["view"]["notices"].to_string();
    assert!(notices.contains("was removed while Herald ran") && notices.contains("nothing is missing"), "{notices}");
    desk.app.kill9();
    let saved = desk.app.status(&desk.desktop).await?;
    assert_eq!(saved["view"]["pages"][0]["taken_by_me"], true, "after all of it: {saved:#}");
    Ok(())
}

#[tokio::test]
async fn what_was_answered_done_is_there_after_a_crash_whatever_became_of_the_files() -> Result<()> {
    let desk = Desk::quiet().await?;
    type Harm = fn(&Path) -> std::io::Result<()>;
    let harms: [(&str, Harm); 4] = [
        ("removed", |data| fs::remove_file(data.join("herald.db"))),
        ("log removed", |data| fs::remove_file(data.join("herald.db-wal"))),
        ("cut", |data| fs::File::options().write(true).open(data.join("herald.db"))?.set_len(0)),
        ("another", |data| {
            fs::write(data.join("other"), b"noise".repeat(4000))?;
            fs::rename(data.join("other"), data.join("herald.db"))
        }),
    ];
    let mut desk = desk;
    for (name, harm) in harms {
        desk.start().await?;
        harm(desk.app.data_dir())?;
        let seconds = format!("{}", 20 + name.len());
        let set: Answer = desk.app.cli(&desk.desktop, &["set", "poll-interval", &seconds]).await?;
        assert_eq!(set.code, Some(0), "{name}: {set:?}");
        desk.app.kill9();
        let saved = desk.app.status(&desk.desktop).await?;
        assert_eq!(saved["view"]["settings"]["poll_interval_s"].to_string(), seconds, "{name}");
        assert_eq!(saved["connected"], true, "{name}: {saved:#}");
    }
    Ok(())
}

/// Takes the page in its notification, and waits until that is known and saved.
async fn take(desk: &Desk, page: &str, note: u32) -> Result<()> {
    desk.notifications.press(note, "acknowledge").await?;
    desk.until_view("the page taken", |view| view["pages"][0]["taken_by_me"] == true).await?;
    desk.until_saved().await?;
    desk.assert_taken_once(page)
}

fn modes(folder: &Path) -> Result<Vec<(PathBuf, u32)>> {
    let mut found = vec![(folder.to_owned(), folder.metadata()?.permissions().mode())];
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        match path.metadata() {
            Ok(it) if it.is_dir() => found.extend(modes(&path)?),
            Ok(it) => found.push((path, it.permissions().mode())),
            // SQLite takes away what it needs no more.
            Err(error) => ensure!(error.kind() == std::io::ErrorKind::NotFound, "{}: {error}", path.display()),
        }
    }
    Ok(found)
}
