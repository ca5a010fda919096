//! `herald connect SERVICE < key`: a key from standard input, never from the command line, where others see it.

use std::io::{IsTerminal as _, Read as _};
use std::path::Path;

use herald_core::TokenPlace;
use herald_core::feed::{PageKind, StatusPage};
use herald_core::view::PlaybookView;
use herald_engine::{files, status_page_key};

use crate::ack::Link;
use crate::cli::{
    ConnectPagerDuty, ConnectRss, ConnectSlack, ConnectStatusPage, ConnectTracker, ConnectZendesk, Outcome, Service,
    complain, runtime, say,
};
use crate::door::{Ask, Form, Reply};

/// Longest input that is read, in bytes: real keys are below a few hundred.
const KEY_BYTES_MAX: u64 = 4096;

pub(crate) fn run(folder: &Path, to: Service) -> anyhow::Result<Outcome> {
    let tokio = runtime()?;
    let link = Link::open(folder, tokio.handle())?;
    tokio.block_on(connect(&link, to))
}

async fn connect(link: &Link, to: Service) -> anyhow::Result<Outcome> {
    let rules = link.view().await?.playbook;
    let form = match to {
        Service::Pagerduty(to) => pagerduty(to, &rules)?,
        Service::Gitlab(to) => tracker(to, &rules)?,
        Service::Statusio(to) => status_page(PageKind::StatusIo, to, &rules)?,
        Service::Statuspage(to) => status_page(PageKind::Statuspage, to, &rules)?,
        Service::Rss(to) => rss(to),
        Service::Slack(to) => slack(to)?,
        Service::Zendesk(to) => zendesk(to, &rules)?,
    };
    let reply = link.ask(Ask::Connect { to: form }).await?;
    if let Reply::Refused { message, .. } = &reply {
        complain(message);
        return Ok(Outcome::Refused);
    }
    let Reply::Connected { what, token, .. } = reply else {
        anyhow::bail!("the running Herald answered {reply:?}");
    };
    say(&format!("Connected: {what}"));
    match (token, link) {
        (Some(TokenPlace::Keychain) | None, _) => Ok(Outcome::Done),
        (Some(TokenPlace::ThisSession), Link::Running(_)) => {
            complain("No system keychain could be used: the key is kept until Herald ends, and nowhere else.");
            Ok(Outcome::Done)
        }
        (Some(TokenPlace::ThisSession), Link::Own(..)) => {
            complain(
                "No system keychain could be used, so the key was not kept. Start Herald first, then connect again.",
            );
            Ok(Outcome::Failed)
        }
    }
}

fn pagerduty(to: ConnectPagerDuty, rules: &PlaybookView) -> anyhow::Result<Form> {
    let region = to.region.unwrap_or_else(|| rules.default_region.clone());
    let known = rules.regions.iter().find(|(name, _)| name.eq_ignore_ascii_case(&region)).map(|(_, url)| url.clone());
    let Some(base_url) = to.url.or(known) else {
        let names = rules.regions.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(", ");
        anyhow::bail!("there is no region \"{region}\"; the playbook knows {names}");
    };
    Ok(Form::Pagerduty { token: key("the key")?, base_url, email: to.email })
}

fn tracker(to: ConnectTracker, rules: &PlaybookView) -> anyhow::Result<Form> {
    let (base_url, project) = rules.tracker.clone();
    let token = if to.without_key { None } else { Some(key("the access token")?) };
    Ok(Form::Tracker { base_url: to.url.unwrap_or(base_url), project: to.project.unwrap_or(project), token })
}

fn status_page(kind: PageKind, to: ConnectStatusPage, rules: &PlaybookView) -> anyhow::Result<Form> {
    let offer = &rules.status_page;
    // What the playbook knows of one service's page says nothing about the other's.
    let known = |value: &String| if offer.kind == kind { value.clone() } else { String::new() };
    let page = StatusPage {
        kind,
        api_url: to.url.unwrap_or_else(|| known(&offer.api_url)),
        feed_url: to.feed_url.unwrap_or_else(|| known(&offer.feed_url)),
        public_url: to.public_url.unwrap_or_else(|| known(&offer.public_url)),
        page_id: to.page.unwrap_or_else(|| known(&offer.page_id)),
        token: None,
    };
    let key = match kind {
        _ if to.without_key || !kind.has_api() => None,
        PageKind::StatusIo => {
            let lines = key("the API id and, on the next line, the API key")?;
            let Some((id, key)) = lines.trim().split_once('\n') else {
                anyhow::bail!("Status.io needs two lines: the API id, then the API key");
            };
            Some(status_page_key(id, key))
        }
        PageKind::Statuspage | PageKind::Rss => Some(key("the key")?),
    };
    Ok(Form::StatusPage { page, id: None, key })
}

fn rss(to: ConnectRss) -> Form {
    let page = StatusPage {
        kind: PageKind::Rss,
        api_url: String::new(),
        feed_url: to.feed_url,
        public_url: to.public_url.unwrap_or_default(),
        page_id: String::new(),
        token: None,
    };
    Form::StatusPage { page, id: None, key: None }
}

fn slack(to: ConnectSlack) -> anyhow::Result<Form> {
    Ok(Form::Slack { webhook: key("the webhook's address")?, channel: to.channel })
}

fn zendesk(to: ConnectZendesk, rules: &PlaybookView) -> anyhow::Result<Form> {
    let base_url = to.url.unwrap_or_else(|| rules.zendesk_url.clone());
    Ok(Form::Zendesk { base_url, email: to.email, token: key("the API token")? })
}

/// Reads a key from standard input, as it lies in a file or comes out of another program.
fn key(what: &str) -> anyhow::Result<String> {
    if std::io::stdin().is_terminal() {
        complain(&format!(
            "Paste {what}, then press Enter and Ctrl+D. (It is better piped in: herald connect … < file)"
        ));
    }
    let mut bytes = vec![];
    std::io::stdin().take(KEY_BYTES_MAX + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > KEY_BYTES_MAX {
        anyhow::bail!("standard input holds more than {what}: it is longer than {KEY_BYTES_MAX} bytes");
    }
    files::text_of(&bytes).map_err(|error| anyhow::anyhow!("{what} cannot be read from standard input: {error}"))
}
