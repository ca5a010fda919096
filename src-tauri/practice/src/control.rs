//! The `/practice` endpoints: how another process looks at the world and makes things happen in it.

use std::sync::Arc;

use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, Query, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::act::Act;
use crate::fault::ActiveFault;
use crate::gitlab::{self, IssueState};
use crate::journal::Request as Received;
use crate::markup::web_page;
use crate::pagerduty::IncidentState;
use crate::public::MaintenanceState;
use crate::shared::Shared;
use crate::slack::SlackMessage;
use crate::stage::{Progress, Said, Stage};
use crate::statusio::StatusIoIncident;
use crate::statuspage::StatuspageIncident;
use crate::world::Announcement;

/// All there is to know about the world now.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WorldState {
    /// The world's time.
    pub now: DateTime<Utc>,
    /// How far the scenario is.
    pub progress: Progress,
    /// All incidents, oldest first.
    pub incidents: Vec<IncidentState>,
    /// All incidents on the Status.io page, oldest first.
    pub statusio_incidents: Vec<StatusIoIncident>,
    /// All incidents on the Statuspage, oldest first.
    pub statuspage_incidents: Vec<StatuspageIncident>,
    /// All maintenance on the Status.io page, oldest first.
    #[serde(default)]
    pub statusio_maintenances: Vec<MaintenanceState>,
    /// All maintenance on the Statuspage, oldest first.
    #[serde(default)]
    pub statuspage_maintenances: Vec<MaintenanceState>,
    /// The faults that are on.
    pub faults: Vec<ActiveFault>,
    /// What was said.
    pub said: Vec<Said>,
    /// What the scenario wanted and could not do.
    pub problems: Vec<String>,
    /// The number that the next request will have.
    pub next_request: u64,
    /// All GitLab issues, oldest first.
    #[serde(default)]
    pub issues: Vec<IssueState>,
    /// The messages that came in through the Slack webhook, oldest first.
    #[serde(default)]
    pub slack_messages: Vec<SlackMessage>,
}

impl WorldState {
    pub(crate) fn of(stage: &mut Stage, now: DateTime<Utc>) -> Self {
        WorldState {
            now,
            progress: stage.progress(),
            incidents: incidents(stage),
            statusio_incidents: stage.statusio.incidents(stage.cast()),
            statuspage_incidents: stage.statuspage.incidents(stage.cast()),
            statusio_maintenances: stage.statusio.maintenances(now),
            statuspage_maintenances: stage.statuspage.maintenances(now),
            faults: stage.faults.list(now),
            said: stage.said.clone(),
            problems: stage.problems.clone(),
            next_request: stage.journal.next(),
            issues: gitlab::issues(stage),
            slack_messages: stage.slack.messages(),
        }
    }
}

pub(crate) fn incidents(stage: &Stage) -> Vec<IncidentState> {
    let incidents = stage.pagerduty.incidents.iter();
    incidents.map(|incident| IncidentState::of(incident, stage.cast())).collect()
}

/// Makes the control endpoints.
pub(crate) fn router(shared: Arc<Shared>) -> Router<Arc<Shared>> {
    let control = Router::new()
        .route("/", get(announcement))
        .route("/state", get(state))
        .route("/requests", get(requests))
        .route("/act", post(act))
        .route("/web/{*thing}", get(web))
        .fallback(|| async { StatusCode::NOT_FOUND })
        .layer(middleware::from_fn(only_ours))
        .with_state(shared);
    Router::new().nest("/practice", control)
}

/// Web pages of other sites can reach loopback: only what names loopback itself may steer the world.
async fn only_ours(request: Request, next: Next) -> Response {
    if !is_ours(request.headers()) {
        return StatusCode::FORBIDDEN.into_response();
    }
    next.run(request).await
}

fn is_ours(headers: &HeaderMap) -> bool {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or("");
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    matches!(name, "127.0.0.1" | "localhost") && !headers.contains_key(header::ORIGIN)
}

async fn announcement(State(shared): State<Arc<Shared>>) -> Json<Announcement> {
    Json(shared.look(|stage, _| Announcement::of(stage)))
}

async fn state(State(shared): State<Arc<Shared>>) -> Json<WorldState> {
    Json(shared.look(WorldState::of))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Since {
    #[serde(default)]
    since: u64,
}

async fn requests(State(shared): State<Arc<Shared>>, Query(from): Query<Since>) -> Response {
    let (requests, next): (Vec<Received>, u64) =
        shared.look(|stage, _| (stage.journal.since(from.since), stage.journal.next()));
    Json(json!({"requests": requests, "next": next})).into_response()
}

async fn act(State(shared): State<Arc<Shared>>, act: Result<Json<Act>, JsonRejection>) -> Response {
    let act = match act {
        Ok(Json(act)) => act,
        Err(error) => return (error.status(), Json(json!({"error": error.body_text()}))).into_response(),
    };
    match shared.with(|stage, now| stage.perform(&act, now)) {
        Ok(incidents) => Json(json!({"incidents": incidents})).into_response(),
        Err(error) => (StatusCode::BAD_REQUEST, Json(json!({"error": error.to_string()}))).into_response(),
    }
}

/// Stands in for PagerDuty's web pages, so that links lead somewhere.
async fn web(State(shared): State<Arc<Shared>>, Path(thing): Path<String>) -> Html<String> {
    let incident = thing.strip_prefix("incidents/");
    let title = shared.look(|stage, _| {
        let index = incident.and_then(|id| stage.pagerduty.find(id))?;
        let incident = &stage.pagerduty.incidents[index];
        Some(format!("#{} {}: {}", incident.number, incident.status.word(), incident.title))
    });
    let paragraphs = ["Here PagerDuty's own page would open.".to_owned()];
    Html(web_page(title.as_deref().unwrap_or(&thing), &paragraphs))
}
