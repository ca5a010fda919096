//! The key is in the keychain and in requests, and nowhere else that can be looked at (invariant 8).

use std::path::Path;

use anyhow::Result;
use herald_practice::Fault;
use herald_tests::process;
use herald_tests::wait::SOON;

use crate::desk::{Desk, QUIET, TITLE, YOURS};

#[tokio::test]
async fn key_is_nowhere_to_be_seen() -> Result<()> {
    let mut desk = Desk::quiet().await?;
    desk.desktop.set_env("HERALD_LOG", "trace");
    let key = desk.world.tokens().user;
    let window = desk.open().await?;
    window.until_text(QUIET, SOON).await?;
    // Through everything that could let it slip: connecting, failing, writing.
    assert_eq!(desk.connect().await?.code, Some(0));
    desk.world.fault(Fault::status(401).times(1))?;
    desk.until_polled(2).await?;
    let (_, _) = desk.paged().await?;
    window.click("button", "/^Acknowledge/").await?;
    window.until_text(YOURS, SOON).await?;
    window.click("button", "/Settings$/").await?;
    window.until_text("Key kept in the system keychain", SOON).await?;

    let page = window.script("return document.documentElement.outerHTML", vec![]).await?.to_string();
    assert!(page.contains("Settings") && !page.contains(&key), "not in the window");
    let status = desk.app.cli(&desk.desktop, &["status", "--json"]).await?;
    assert!(status.stdout.contains(TITLE) && !status.stdout.contains(&key), "not in what scripts get");
    assert!(!window.log().contains(&key), "not on the terminal");
    let pid = desk.app.pid()?;
    for pid in process::children(pid).into_iter().chain([pid]) {
        for file in ["cmdline", "environ"] {
            let bytes = std::fs::read(format!("/proc/{pid}/{file}")).unwrap_or_default();
            assert!(!String::from_utf8_lossy(&bytes).contains(&key), "not in the {file} of {pid}");
        }
    }
    window.close().await?;
    assert!(holding(&desk.app.data_dir().join("logs"), "herald").is_some(), "there is a log to look at");
    assert_eq!(holding(desk.app.data_dir(), &key), None, "not in the database, the logs or anything else that is kept");
    Ok(())
}

/// The first file below a folder that holds this text.
fn holding(folder: &Path, text: &str) -> Option<std::path::PathBuf> {
    std::fs::read_dir(folder).ok()?.flatten().find_map(|entry| {
        let path = entry.path();
        if path.is_dir() {
            return holding(&path, text);
        }
        let bytes = std::fs::read(&path).unwrap_or_default();
        bytes.windows(text.len()).any(|window| window == text.as_bytes()).then_some(path)
    })
}
