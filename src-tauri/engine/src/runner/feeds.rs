//! What the loop asks of the tracker and the status page, and what it has published there.

use std::sync::PoisonError;

use chrono::TimeDelta;
use herald_core::draft::{Publication, PublicationId, PublishResult, ReadBackPost};
use herald_core::feed::{FeedAnswer, IssuesTold, PageTold, StatusPage, Tracker};
use herald_core::playbook::TrackerRules;
use herald_core::{Fault, Input, Permit, SourceName, TokenPlace};
use secrecy::SecretString;

use super::Runner;
use crate::gitlab::{self, Kept};
use crate::keys::KeyName;
use crate::pagerduty::ConnectError;
use crate::run::Flight;
use crate::status_page::{self, StatusPageClient};

/// Updates dated further ahead than this are not believed.
const AHEAD_MAX: TimeDelta = TimeDelta::days(1);

impl Runner {
    pub fn poll_tracker(&self, tracker: Tracker, rules: TrackerRules, followed: Vec<u64>) {
        let lost = |fault| Input::IssuesRead { result: Err(fault), jitter: 0.5 };
        self.fly(Flight::Poll(SourceName::Tracker), lost, async move |runner| {
            let result = runner.noting(runner.issues(&tracker, &rules, &followed).await);
            Input::IssuesRead { result, jitter: fastrand::f64() }
        });
    }

    pub fn poll_page(&self, page: StatusPage) {
        let lost = |fault| Input::PostsRead { result: Err(fault), jitter: 0.5 };
        self.fly(Flight::Poll(SourceName::StatusPage), lost, async move |runner| {
            let result = runner.noting(runner.told(&page).await);
            Input::PostsRead { result, jitter: fastrand::f64() }
        });
    }

    pub fn publish(&self, permit: Permit, page: StatusPage, id: PublicationId, publication: Publication) {
        let lost = move |fault| Input::PublishEnded(id, PublishResult::Unknown(fault));
        self.fly(Flight::Publish(id), lost, async move |runner| {
            let result = match runner.writer(&page).await {
                Ok(client) => client.publish(permit, &publication).await,
                Err(fault) => PublishResult::Refused(fault),
            };
            if let PublishResult::Refused(fault) | PublishResult::Unknown(fault) = &result {
                runner.after(fault);
            }
            Input::PublishEnded(id, result)
        });
    }

    pub fn read_back_post(&self, page: StatusPage, id: PublicationId, publication: Publication) {
        let lost = move |fault| Input::PostReadBack(id, Err(fault));
        self.fly(Flight::Publish(id), lost, async move |runner| {
            let result = runner.noting(runner.find_update(&page, &publication).await);
            Input::PostReadBack(id, result)
        });
    }

    async fn issues(
        &self,
        tracker: &Tracker,
        rules: &TrackerRules,
        followed: &[u64],
    ) -> Result<FeedAnswer<IssuesTold>, Fault> {
        let token = self.key_of(KeyName::Tracker, tracker.token).await?;
        let reader = gitlab::Reader::new(self.http()?, tracker, token.as_ref())?;
        reader.incident_issues(rules, &self.kept(tracker), followed).await
    }

    /// Reading the public feed needs no key.
    async fn told(&self, page: &StatusPage) -> Result<FeedAnswer<PageTold>, Fault> {
        let mut answer = StatusPageClient::new(self.http()?, page, None, &self.pace).told().await?;
        // What is dated beyond the clocks' own differences would put off the next update for as long.
        let latest = self.clock.now() + AHEAD_MAX;
        for post in &mut answer.told.posts {
            let all = post.updates.len();
            post.updates.retain(|update| update.at <= latest);
            answer.skipped += u32::try_from(all - post.updates.len()).unwrap_or(u32::MAX);
        }
        Ok(answer)
    }

    async fn find_update(&self, page: &StatusPage, publication: &Publication) -> Result<ReadBackPost, Fault> {
        self.writer(page).await?.read_back(publication).await
    }

    pub(super) async fn writer(&self, page: &StatusPage) -> Result<StatusPageClient, Fault> {
        let key = self.key_of(KeyName::StatusPage, page.token).await?;
        Ok(StatusPageClient::new(self.http()?, page, key, &self.pace))
    }

    pub(super) async fn key_of(&self, name: KeyName, place: Option<TokenPlace>) -> Result<Option<SecretString>, Fault> {
        match place {
            Some(place) => self.keys().get(name, place).await.map(Some),
            None => Ok(None),
        }
    }

    /// What this tracker answered last, for questions that ask only for news; another one begins with nothing.
    fn kept(&self, tracker: &Tracker) -> Kept {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        match &*kept {
            Some((known, kept)) if known == tracker => kept.clone(),
            _ => kept.insert((tracker.clone(), Kept::default())).1.clone(),
        }
    }

    pub(super) fn noting<T>(&self, result: Result<T, Fault>) -> Result<T, Fault> {
        if let Err(fault) = &result {
            self.after(fault);
        }
        result
    }

    // ---- connecting ----

    /// Tries a tracker and its key without using it for anything else.
    pub async fn try_tracker(
        &self,
        base_url: &str,
        project: &str,
        token: Option<&SecretString>,
    ) -> Result<Tracker, ConnectError> {
        let http = self.http().map_err(|fault| ConnectError::failed(fault.detail))?;
        gitlab::connect(&http, base_url, project, token).await
    }

    /// Tries a status page and its key without using it for anything else.
    pub async fn try_page(&self, page: StatusPage, key: Option<SecretString>) -> Result<StatusPage, ConnectError> {
        let http = self.http().map_err(|fault| ConnectError::failed(fault.detail))?;
        status_page::connect(&http, &self.pace, page, key).await
    }
}
