//! Connecting a service: its key is tried, kept in the keychain, and only then used.

use herald_core::feed::{SlackHook, StatusPage, Tracker};
use herald_core::text::clean_line;
use herald_core::zendesk::Zendesk;
use herald_core::{Account, Input, KeyKind, TokenPlace};
use secrecy::{ExposeSecret as _, SecretString};
use tokio::sync::oneshot;

use crate::Herald;
use crate::keys::KeyName;
use crate::pagerduty::{ConnectError, ConnectRequest};
use crate::run::Message;
use crate::{slack, statusio};

/// Longest name of a channel that is kept, in graphemes: Slack allows 80 and the sign before them.
const CHANNEL_MAX: usize = 81;

/// What is to be connected.
pub enum Connecting {
    /// PagerDuty.
    PagerDuty(ConnectRequest),
    /// The issue tracker.
    Tracker(ConnectTracker),
    /// The status page.
    StatusPage(ConnectStatusPage),
    /// The Slack channel for "I intend to…".
    Slack(ConnectSlack),
    /// Zendesk.
    Zendesk(ConnectZendesk),
}

impl Connecting {
    /// The same with keys as they were made.
    fn with_bare_keys(self) -> Self {
        match self {
            Self::PagerDuty(to) => Self::PagerDuty(ConnectRequest { token: bare(&to.token), ..to }),
            Self::Tracker(to) => Self::Tracker(ConnectTracker { token: to.token.as_ref().map(bare), ..to }),
            Self::StatusPage(to) => Self::StatusPage(ConnectStatusPage { key: to.key.as_ref().map(bare), ..to }),
            Self::Slack(to) => Self::Slack(ConnectSlack { webhook: bare(&to.webhook), ..to }),
            Self::Zendesk(to) => Self::Zendesk(ConnectZendesk { token: bare(&to.token), ..to }),
        }
    }

    /// Everywhere that would be read or written.
    fn addresses(&self) -> Vec<&str> {
        match self {
            Self::PagerDuty(to) => vec![&to.base_url],
            Self::Tracker(to) => vec![&to.base_url],
            Self::StatusPage(to) => vec![&to.page.api_url, &to.page.feed_url],
            Self::Slack(to) => vec![to.webhook.expose_secret()],
            Self::Zendesk(to) => vec![&to.base_url],
        }
    }
}

/// Which tracker to watch.
pub struct ConnectTracker {
    /// The API's address.
    pub base_url: String,
    /// The project, as number, path or link.
    pub project: String,
    /// The access token; without one only what is public is read.
    pub token: Option<SecretString>,
}

/// Which status page to watch, and to write to.
pub struct ConnectStatusPage {
    /// The page as the user entered it.
    pub page: StatusPage,
    /// Statuspage's key, or what [`status_page_key`] makes of the two of Status.io; without one it is only read.
    pub key: Option<SecretString>,
}

/// Which Slack channel to send "I intend to…" to.
pub struct ConnectSlack {
    /// The incoming webhook's address; who knows it may post.
    pub webhook: SecretString,
    /// What the user calls the channel; only shown.
    pub channel: String,
}

/// Where tickets are counted.
pub struct ConnectZendesk {
    /// Its address.
    pub base_url: String,
    /// The agent whose key it is.
    pub email: String,
    /// The API token.
    pub token: SecretString,
}

/// Makes one key of Status.io's two, as the keychain keeps it.
#[must_use]
pub fn status_page_key(api_id: &str, api_key: &str) -> String {
    statusio::one_key(bare_key(api_id), &bare_key(api_key).to_owned().into()).expose_secret().to_owned()
}

/// A key without what editors, shells and web pages put around it: spaces, line ends, quotes, and signs that nobody sees,
/// such as the mark that begins a file. No key has any of them at its ends.
fn bare_key(text: &str) -> &str {
    let around =
        |c: char| c.is_whitespace() || c.is_control() || matches!(c, '\u{FEFF}' | '\u{200B}'..='\u{200F}' | '\u{2060}');
    let text = text.trim_matches(around);
    let quotes = [('"', '"'), ('\'', '\''), ('`', '`'), ('“', '”'), ('‘', '’')];
    let inside = quotes.iter().find_map(|(open, close)| text.strip_prefix(*open)?.strip_suffix(*close));
    inside.map_or(text, |text| text.trim_matches(around))
}

fn bare(key: &SecretString) -> SecretString {
    bare_key(key.expose_secret()).to_owned().into()
}

/// What was connected.
pub enum Connected {
    /// PagerDuty.
    PagerDuty(Account),
    /// The issue tracker.
    Tracker(Tracker),
    /// The status page.
    StatusPage(StatusPage),
    /// The Slack channel.
    Slack(SlackHook),
    /// Zendesk.
    Zendesk(Zendesk),
}

impl Connected {
    /// What was connected, in words.
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            Self::PagerDuty(account) => {
                let kind = match account.key {
                    KeyKind::Personal => "personal key",
                    KeyKind::OAuth => "OAuth token",
                    KeyKind::Account => "account key, which only watches",
                };
                format!("{} at {} ({kind})", account.name, account.base_url)
            }
            Self::Tracker(tracker) => {
                let who = tracker.user.as_deref().unwrap_or("nobody, so only what is public is read");
                format!("{} at {}, as {who}", tracker.project, tracker.base_url)
            }
            Self::StatusPage(page) => {
                let writes = if page.token.is_some() { "" } else { ", which Herald only reads" };
                format!("{} at {}{writes}", page.public_url, page.kind.label())
            }
            Self::Zendesk(zendesk) => format!("Zendesk at {}, as {}", zendesk.base_url, zendesk.email),
            Self::Slack(slack) => format!("{}. Nothing was posted yet", slack.channel),
        }
    }

    /// Where the key rests, if there is one.
    #[must_use]
    pub fn token(&self) -> Option<TokenPlace> {
        match self {
            Self::PagerDuty(account) => Some(account.token),
            Self::Tracker(tracker) => tracker.token,
            Self::StatusPage(page) => page.token,
            Self::Slack(slack) => Some(slack.token),
            Self::Zendesk(zendesk) => Some(zendesk.token),
        }
    }
}

impl Herald {
    /// Connects PagerDuty; see [`Herald::connect_any`].
    ///
    /// # Errors
    /// What is wrong with the key or the address, and what to do.
    pub async fn connect(&self, request: ConnectRequest, keep: bool) -> Result<Account, ConnectError> {
        let request = ConnectRequest { token: bare(&request.token), ..request };
        self.within_reach(&[&request.base_url])?;
        let regions = self.shown().view.playbook.regions.iter().cloned().collect();
        let (mut account, key) = self.runner.try_key(&request, &regions).await?;
        account.token = self.take_key(KeyName::PagerDuty, key.token, keep).await;
        self.tell_connected(Input::Connected(account.clone())).await?;
        Ok(account)
    }

    /// Tries a key, keeps it in the keychain if `keep`, and starts to watch. Answers when that is written down.
    ///
    /// # Errors
    /// What is wrong with the key or the address, and what to do.
    pub async fn connect_any(&self, to: Connecting, keep: bool) -> Result<Connected, ConnectError> {
        let to = to.with_bare_keys();
        self.within_reach(&to.addresses())?;
        match to {
            Connecting::PagerDuty(request) => self.connect(request, keep).await.map(Connected::PagerDuty),
            Connecting::Tracker(to) => self.connect_tracker(to, keep).await.map(Connected::Tracker),
            Connecting::StatusPage(to) => self.connect_status_page(to, keep).await.map(Connected::StatusPage),
            Connecting::Zendesk(to) => self.connect_zendesk(to, keep).await.map(Connected::Zendesk),
            Connecting::Slack(to) => self.connect_slack(to, keep).await.map(Connected::Slack),
        }
    }

    /// A practice event connects only to its own world, so that no slip reaches a real service.
    fn within_reach(&self, addresses: &[&str]) -> Result<(), ConnectError> {
        let outside = addresses.iter().any(|url| !url.trim().is_empty() && !self.runner.gate().reaches(url));
        let why = "This is practice: it connects only to its own world. Connect real services in Herald's own window.";
        if outside { Err(ConnectError::failed(why)) } else { Ok(()) }
    }

    async fn connect_tracker(&self, to: ConnectTracker, keep: bool) -> Result<Tracker, ConnectError> {
        let token = to.token.filter(|token| !token.expose_secret().trim().is_empty());
        let mut tracker = self.runner.try_tracker(&to.base_url, &to.project, token.as_ref()).await?;
        if let Some(token) = token {
            tracker.token = Some(self.take_key(KeyName::Tracker, token, keep).await);
        }
        self.tell_connected(Input::TrackerConnected(tracker.clone())).await?;
        Ok(tracker)
    }

    async fn connect_status_page(&self, to: ConnectStatusPage, keep: bool) -> Result<StatusPage, ConnectError> {
        let takes = to.page.kind.has_api();
        let key = to.key.filter(|key| takes && !key.expose_secret().trim().is_empty());
        let mut page = self.runner.try_page(to.page, key.clone()).await?;
        if let Some(key) = key {
            page.token = Some(self.take_key(KeyName::StatusPage, key, keep).await);
        }
        self.tell_connected(Input::StatusPageConnected(page.clone())).await?;
        Ok(page)
    }

    async fn connect_zendesk(&self, to: ConnectZendesk, keep: bool) -> Result<Zendesk, ConnectError> {
        let mut zendesk = self.runner.try_zendesk(&to.base_url, &to.email, &to.token).await?;
        zendesk.token = self.take_key(KeyName::Zendesk, to.token, keep).await;
        self.tell_connected(Input::ZendeskConnected(zendesk.clone())).await?;
        Ok(zendesk)
    }

    /// A webhook cannot be tried without posting, so only its shape is looked at.
    async fn connect_slack(&self, to: ConnectSlack, keep: bool) -> Result<SlackHook, ConnectError> {
        slack::check(&to.webhook)?;
        let named = clean_line(&to.channel, CHANNEL_MAX);
        let channel = if named.is_empty() { "Slack".to_owned() } else { named };
        let slack = SlackHook { channel, token: self.take_key(KeyName::Slack, to.webhook, keep).await };
        self.tell_connected(Input::SlackConnected(slack.clone())).await?;
        Ok(slack)
    }

    /// Uses a key from now on, and keeps it in the keychain if `keep`; says where it rests.
    async fn take_key(&self, name: KeyName, key: SecretString, keep: bool) -> TokenPlace {
        let place = if keep { self.runner.keys().keep(name, &key).await } else { TokenPlace::ThisSession };
        self.runner.keys().hold(name, key);
        place
    }

    /// Tells the loop what was connected; answers when that is written down.
    async fn tell_connected(&self, input: Input) -> Result<(), ConnectError> {
        let (reply, answer) = oneshot::channel();
        let _ = self.inbox.send(Message::Connected(Box::new(input), reply));
        answer.await.map_err(|_| ConnectError::failed("Herald is about to end. Start it again."))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_what_is_left_without_what_stands_around_it() {
        for around in [
            "KEY",
            " KEY\r\n",
            "\u{feff}KEY\n",
            "\"KEY\"",
            "'KEY'\n",
            "\u{feff}\"KEY\"\r\n",
            "“KEY”",
            "\u{200b}KEY\u{a0}",
            "` KEY `",
            "KEY\0",
        ] {
            assert_eq!(bare_key(around), "KEY", "{around:?}");
        }
        for whole in ["K\"E\"Y", "\"KEY", "K E Y", "", "KEY==", "u+_-.KEY"] {
            assert_eq!(bare_key(whole), whole);
        }
    }
}
