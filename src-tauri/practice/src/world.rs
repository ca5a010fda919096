//! A running practice world.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::thread::JoinHandle;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use tokio::sync::oneshot;

use crate::act::Act;
use crate::cast::Cast;
use crate::control::{self, WorldState};
use crate::fault::Fault;
use crate::gitlab::{self, GitLabTokens, IssueState};
use crate::journal::Request;
use crate::pagerduty::{IncidentState, Tokens};
use crate::public::{MaintenanceState, PublicComponent, Site};
use crate::scenario::Scenario;
use crate::serve;
use crate::shared::Shared;
use crate::slack::{self, SlackMessage};
use crate::stage::{ActError, Progress, Said, Stage};
use crate::statusio::StatusIoIncident;
use crate::statuspage::StatuspageIncident;
use crate::zendesk;

/// How a practice world is started.
#[derive(Debug, Clone)]
pub struct Options {
    /// What happens in it.
    pub scenario: Scenario,
    /// How fast the scenario and PagerDuty's time-outs run; more than 0. Timestamps stay wall clock time.
    pub speed: f64,
    /// The port on loopback; any free one if None.
    pub port: Option<u16>,
}

impl Default for Options {
    fn default() -> Self {
        Options { scenario: Scenario::default(), speed: 1.0, port: None }
    }
}

impl Options {
    /// Makes options for a scenario, at the usual speed and any port.
    pub fn of(scenario: Scenario) -> Self {
        Options { scenario, ..Options::default() }
    }
}

/// Why a practice world could not be started.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The speed is no speed.
    #[error("the speed must be from 0.01 to 10000, not {0}")]
    Speed(f64),
    /// The port is not free.
    #[error("cannot listen on loopback: {0}")]
    Listen(#[source] std::io::Error),
    /// There is no thread to be had.
    #[error("cannot start a thread: {0}")]
    Thread(#[source] std::io::Error),
}

/// What another process needs to know: `herald practice --serve` prints it as JSON.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Announcement {
    /// Where PagerDuty is and which keys open it.
    pub pagerduty: PagerDutyAccess,
    /// Where Status.io is and which keys open it.
    pub statusio: StatusIoAccess,
    /// Where Statuspage is and which key opens it.
    pub statuspage: StatuspageAccess,
    /// Where GitLab is and which tokens open it.
    pub gitlab: GitLabAccess,
    /// Where Slack takes messages.
    pub slack: SlackAccess,
    /// Where Zendesk is and which key opens it.
    pub zendesk: ZendeskAccess,
    /// Where the world is steered.
    pub control: ControlAccess,
    /// The scenario's name.
    pub scenario: String,
    /// The speed.
    pub speed: f64,
}

/// Where PagerDuty is and which keys open it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PagerDutyAccess {
    /// The base URL, without a slash at the end.
    pub url: String,
    /// The keys.
    pub tokens: Tokens,
    /// Ids of the schedules on which people only shadow; their keys in the scenario end in `-shadow`.
    pub shadow_schedules: Vec<String>,
}

/// Where Status.io is and which keys open it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatusIoAccess {
    /// The base URL of the API v2, without a slash at the end.
    pub url: String,
    /// The page's id.
    pub page_id: String,
    /// The `x-api-id` header.
    pub api_id: String,
    /// The `x-api-key` header.
    pub api_key: String,
    /// The public JSON.
    pub public_url: String,
    /// The public RSS.
    pub rss_url: String,
    /// What an incident's id is put behind to get its web page; it ends in a slash.
    pub incident_url: String,
}

/// Where Statuspage is and which key opens it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatuspageAccess {
    /// The base URL of the API v1, without a slash at the end.
    pub url: String,
    /// The page's id.
    pub page_id: String,
    /// The key: `Authorization: OAuth …`.
    pub api_key: String,
    /// The base URL of the public JSON v2, without a slash at the end.
    pub public_url: String,
    /// The public Atom feed.
    pub atom_url: String,
    /// The public RSS feed.
    pub rss_url: String,
}

/// Where GitLab is and which tokens open it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GitLabAccess {
    /// The base URL of the REST API, without a slash at the end.
    pub url: String,
    /// Id of the project in which incidents are declared.
    pub project_id: u64,
    /// Path of that project.
    pub project: String,
    /// Ids of all projects, by their keys in the scenario.
    pub projects: BTreeMap<String, u64>,
    /// The tokens.
    pub tokens: GitLabTokens,
}

/// Where Slack takes messages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SlackAccess {
    /// The incoming webhook; who knows it may post.
    pub webhook_url: String,
    /// The webhook of a channel that is archived.
    pub archived_webhook_url: String,
    /// The channel that the webhook posts to.
    pub channel: String,
}

/// Where Zendesk is and which key opens it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ZendeskAccess {
    /// The base URL, without a slash at the end.
    pub url: String,
    /// The agent.
    pub email: String,
    /// The agent's API token.
    pub token: String,
}

/// Where the world is steered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ControlAccess {
    /// The base URL of `/state`, `/requests` and `/act`.
    pub url: String,
}

impl Announcement {
    pub(crate) fn of(stage: &Stage) -> Self {
        Announcement {
            pagerduty: PagerDutyAccess {
                url: stage.base.clone(),
                tokens: stage.tokens.clone(),
                shadow_schedules: stage.cast().shadow_schedules(),
            },
            statusio: StatusIoAccess::of(stage),
            statuspage: StatuspageAccess::of(stage),
            gitlab: GitLabAccess::of(stage),
            slack: SlackAccess {
                webhook_url: slack::webhook_url(&stage.base),
                archived_webhook_url: slack::archived_webhook_url(&stage.base),
                channel: stage.cast().slack.channel.clone(),
            },
            zendesk: ZendeskAccess {
                url: format!("{}/zendesk", stage.base),
                email: zendesk::email(stage.cast()),
                token: zendesk::TOKEN.to_owned(),
            },
            control: ControlAccess { url: format!("{}/practice", stage.base) },
            scenario: stage.scenario_name.clone(),
            speed: stage.speed,
        }
    }
}

impl StatusIoAccess {
    fn of(stage: &Stage) -> Self {
        let (base, page) = (format!("{}/statusio", stage.base), &stage.cast().statusio);
        StatusIoAccess {
            url: format!("{base}/v2"),
            page_id: page.id.clone(),
            api_id: page.api_id.clone(),
            api_key: page.api_key.clone(),
            public_url: format!("{base}/1.0/status/{}", page.id),
            rss_url: format!("{base}/pages/{}/rss", page.id),
            incident_url: format!("{base}/pages/incident/{}/", page.id),
        }
    }
}

impl StatuspageAccess {
    fn of(stage: &Stage) -> Self {
        let (base, page) = (format!("{}/statuspage", stage.base), &stage.cast().statuspage);
        StatuspageAccess {
            url: format!("{base}/v1"),
            page_id: page.id.clone(),
            api_key: page.api_key.clone(),
            public_url: format!("{base}/api/v2"),
            atom_url: format!("{base}/history.atom"),
            rss_url: format!("{base}/history.rss"),
        }
    }
}

impl GitLabAccess {
    fn of(stage: &Stage) -> Self {
        let projects = &stage.cast().projects;
        GitLabAccess {
            url: format!("{}/gitlab/api/v4", stage.base),
            project_id: projects.first().map_or(0, |project| project.id),
            project: projects.first().map_or_else(String::new, |project| project.path.clone()),
            projects: projects.iter().map(|project| (project.key.clone(), project.id)).collect(),
            tokens: GitLabTokens::of(stage.cast()),
        }
    }
}

/// A running practice world, on a thread of its own. It stops when dropped.
#[derive(Debug)]
pub struct World {
    shared: Arc<Shared>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl World {
    /// Starts a world.
    pub async fn start(options: Options) -> Result<World, StartError> {
        World::start_blocking(options)
    }

    /// Starts a world from where nothing can be awaited. It needs no runtime: it brings its own.
    pub fn start_blocking(options: Options) -> Result<World, StartError> {
        if !(0.01..=10_000.0).contains(&options.speed) {
            return Err(StartError::Speed(options.speed));
        }
        let listener = serve::bind(options.port).map_err(StartError::Listen)?;
        let address = listener.local_addr().map_err(StartError::Listen)?;
        let base = format!("http://{address}");
        let shared = Arc::new(Shared::new(|now| Stage::new(options.scenario, options.speed, base, now)));
        let (stop, stopped) = oneshot::channel();
        let own = Arc::clone(&shared);
        let thread = std::thread::Builder::new()
            .name("practice-world".to_owned())
            .spawn(move || serve::serve(listener, own, stopped))
            .map_err(StartError::Thread)?;
        Ok(World { shared, stop: Some(stop), thread: Some(thread) })
    }

    /// Gives PagerDuty's base URL: `http://127.0.0.1:PORT`.
    pub fn url(&self) -> String {
        self.shared.look(|stage, _| stage.base.clone())
    }

    /// Gives what another process needs to know.
    pub fn announcement(&self) -> Announcement {
        self.shared.look(|stage, _| Announcement::of(stage))
    }

    /// Gives the keys.
    pub fn tokens(&self) -> Tokens {
        self.shared.look(|stage, _| stage.tokens.clone())
    }

    /// Gives the people and things of the scenario.
    pub fn cast(&self) -> Cast {
        self.shared.look(|stage, _| stage.cast().clone())
    }

    /// Tells the world's time.
    pub fn now(&self) -> DateTime<Utc> {
        self.shared.look(|_, now| now)
    }

    /// Lists every request received, oldest first.
    pub fn requests(&self) -> Vec<Request> {
        self.shared.look(|stage, _| stage.journal.since(0))
    }

    /// Lists the requests from a number on, oldest first.
    pub fn requests_since(&self, seq: u64) -> Vec<Request> {
        self.shared.look(|stage, _| stage.journal.since(seq))
    }

    /// Lists all incidents, oldest first.
    pub fn incidents(&self) -> Vec<IncidentState> {
        self.shared.look(|stage, _| control::incidents(stage))
    }

    /// Finds an incident by its name in the scenario, its id or its number; the first of that name.
    pub fn incident(&self, page: &str) -> Option<IncidentState> {
        self.shared.look(|stage, _| {
            let index = *stage.pagerduty.named(page).first()?;
            Some(IncidentState::of(&stage.pagerduty.incidents[index], stage.cast()))
        })
    }

    /// Lists the incidents on the Status.io page, oldest first, whether the public sees them already or not.
    pub fn statusio_incidents(&self) -> Vec<StatusIoIncident> {
        self.shared.look(|stage, _| stage.statusio.incidents(stage.cast()))
    }

    /// Lists the maintenance on a status page, oldest first, whether the public sees it already or not.
    pub fn maintenances(&self, site: Site) -> Vec<MaintenanceState> {
        self.shared.look(|stage, now| match site {
            Site::StatusIo => stage.statusio.maintenances(now),
            Site::Statuspage => stage.statuspage.maintenances(now),
        })
    }

    /// Lists the incidents on the Statuspage, oldest first, whether the public sees them already or not.
    pub fn statuspage_incidents(&self) -> Vec<StatuspageIncident> {
        self.shared.look(|stage, _| stage.statuspage.incidents(stage.cast()))
    }

    /// Lists the components of a status page.
    pub fn public_components(&self, site: Site) -> Vec<PublicComponent> {
        self.shared.look(|stage, _| match site {
            Site::StatusIo => stage.statusio.components(),
            Site::Statuspage => stage.statuspage.components(),
        })
    }

    /// Lists all GitLab issues, oldest first.
    pub fn issues(&self) -> Vec<IssueState> {
        self.shared.look(|stage, _| gitlab::issues(stage))
    }

    /// Finds an issue of the project in which incidents are declared.
    pub fn issue(&self, iid: u64) -> Option<IssueState> {
        let first = self.cast().projects.first()?.key.clone();
        self.issues().into_iter().find(|issue| issue.iid == iid && issue.project == first)
    }

    /// Lists the messages that came in through the Slack webhook, oldest first.
    pub fn slack_messages(&self) -> Vec<SlackMessage> {
        self.shared.look(|stage, _| stage.slack.messages())
    }

    /// Gives all there is to know now.
    pub fn state(&self) -> WorldState {
        self.shared.look(WorldState::of)
    }

    /// Lists what was said, oldest first.
    pub fn said(&self) -> Vec<Said> {
        self.shared.look(|stage, _| stage.said.clone())
    }

    /// Makes something happen, and gives the ids of the incidents it touched.
    pub fn do_now(&self, act: Act) -> Result<Vec<String>, ActError> {
        self.shared.with(|stage, now| stage.perform(&act, now))
    }

    /// Puts a fault on.
    pub fn fault(&self, fault: Fault) -> Result<(), ActError> {
        self.do_now(Act::Fault(fault)).map(|_| ())
    }

    /// Takes a fault off by its name, or all of them.
    pub fn clear_fault(&self, name: Option<&str>) {
        self.shared.with(|stage, _| stage.faults.end(name));
    }

    /// Tells how far the scenario is.
    pub fn progress(&self) -> Progress {
        self.shared.look(|stage, _| stage.progress())
    }

    /// Waits until the scenario's last step is done.
    pub async fn finished(&self) {
        self.until(|world| world.progress().is_finished()).await;
    }

    /// Waits until something holds, looking after every request and every change.
    pub async fn until(&self, mut holds: impl FnMut(&World) -> bool) {
        let mut changes = self.shared.changes();
        while !holds(self) {
            if changes.changed().await.is_err() {
                return;
            }
        }
    }
}

impl Drop for World {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // The thread only panics by a mistake of ours, which its own message tells.
            let _ = thread.join();
        }
    }
}
