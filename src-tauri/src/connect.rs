//! `herald connect pagerduty < token`: a key from standard input, never from the command line, where others see it.

use std::io::{IsTerminal as _, Read as _};
use std::path::Path;

use herald_core::{KeyKind, TokenPlace};

use crate::ack::Link;
use crate::cli::{ConnectPagerDuty, Outcome, complain, runtime, say};
use crate::control::{Ask, Reply};

/// Longest key that is read, in bytes: real ones are below a hundred.
const KEY_BYTES_MAX: u64 = 4096;

pub(crate) fn run(folder: &Path, to: ConnectPagerDuty) -> anyhow::Result<Outcome> {
    let tokio = runtime()?;
    let link = Link::open(folder, tokio.handle())?;
    tokio.block_on(connect(&link, to))
}

async fn connect(link: &Link, to: ConnectPagerDuty) -> anyhow::Result<Outcome> {
    let rules = link.view().await?.playbook;
    let region = to.region.unwrap_or(rules.default_region);
    let known = rules.regions.iter().find(|(name, _)| name.eq_ignore_ascii_case(&region)).map(|(_, url)| url.clone());
    let Some(base_url) = to.url.or(known) else {
        let names = rules.regions.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(", ");
        anyhow::bail!("there is no region \"{region}\"; the playbook knows {names}");
    };
    if std::io::stdin().is_terminal() {
        complain(
            "Paste the key, then press Enter and Ctrl+D. (It is better piped in: herald connect pagerduty < file)",
        );
    }
    let mut token = String::new();
    std::io::stdin().take(KEY_BYTES_MAX).read_to_string(&mut token)?;
    let account = match link.ask(Ask::Connect { token, base_url, email: to.email }).await? {
        Reply::Connected { account } => account,
        Reply::Refused { message } => {
            complain(&message);
            return Ok(Outcome::Refused);
        }
        other @ (Reply::Done | Reply::Status { .. } | Reply::Tested { .. }) => {
            anyhow::bail!("the running Herald answered {other:?}")
        }
    };
    let kind = match account.key {
        KeyKind::Personal => "personal key",
        KeyKind::OAuth => "OAuth token",
        KeyKind::Account => "account key, which only watches",
    };
    say(&format!("Connected: {} at {} ({kind})", account.name, account.base_url));
    match (account.token, link) {
        (TokenPlace::Keychain, _) => Ok(Outcome::Done),
        (TokenPlace::ThisSession, Link::Running(_)) => {
            complain("No system keychain could be used: the key is kept until Herald ends, and nowhere else.");
            Ok(Outcome::Done)
        }
        (TokenPlace::ThisSession, Link::Own(..)) => {
            complain(
                "No system keychain could be used, so the key was not kept. Start Herald first, then connect again.",
            );
            Ok(Outcome::Failed)
        }
    }
}
