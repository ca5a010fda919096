//! PagerDuty's REST API v2: from a request to an answer. No I/O, no clock.
//!
//! Source: PagerDuty REST OpenAPI for the paths; PagerDuty/developer-docs, `docs/REST-API/02-Authentication.md` (401)
//! and `14-Errors.md` (403, 404); `04-Rate-Limits.md` for the headers, and that `GET /oncalls` has a limit of its own.

use chrono_tz::Tz;
use serde_json::Value;

use crate::stage::Stage;

use super::incident::Time;
use super::limits::{Allowance, Bucket};
use super::query::{Query, Stamps};
use super::refusal::Refusal;
use super::token::Caller;
use super::wire::Wire;
use super::{change, create, history, list, overrides, people, responders, teams};

/// A request.
pub(crate) struct Call<'a> {
    pub(crate) method: &'a str,
    pub(crate) path: &'a str,
    pub(crate) query: Query,
    pub(crate) from: Option<&'a str>,
    pub(crate) body: &'a [u8],
    pub(crate) caller: Caller,
    pub(crate) now: Time,
    pub(crate) quirks: Quirks,
}

/// Faults that only the maker of the answer can play.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Quirks {
    /// How many items slip between pages.
    pub(crate) drift: i64,
    /// Whether incidents are shown as they were before.
    pub(crate) stale: bool,
}

/// An answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Value,
    pub(crate) allowance: Option<Allowance>,
}

/// What a handler gives: status and body, or a refusal.
pub(super) type Outcome = Result<(u16, Value), Refusal>;

/// Answers a request.
pub(crate) fn answer(stage: &mut Stage, call: &Call) -> Answer {
    if !call.caller.is_known() {
        return Answer::of(Err(Refusal::unauthorized()), None);
    }
    let bucket = Bucket { user: call.caller.user, on_calls: false };
    let mut allowance = count(stage, bucket, call.now);
    if allowance.allowed && call.path.trim_end_matches('/') == "/oncalls" {
        allowance = count(stage, Bucket { on_calls: true, ..bucket }, call.now);
    }
    if !allowance.allowed {
        return Answer::of(Err(Refusal::rate_limited()), Some(allowance));
    }
    if call.method != "GET" && !call.caller.may_write() {
        return Answer::of(Err(Refusal::forbidden()), Some(allowance));
    }
    Answer::of(route(stage, call), Some(allowance))
}

fn count(stage: &mut Stage, bucket: Bucket, now: Time) -> Allowance {
    stage.meter.count(bucket, &stage.pagerduty.cast.limits, stage.speed, now)
}

fn route(stage: &mut Stage, call: &Call) -> Outcome {
    let segments: Vec<&str> = call.path.split('/').filter(|segment| !segment.is_empty()).collect();
    match (call.method, segments.as_slice()) {
        ("GET", ["incidents"]) => list::incidents(stage, call),
        ("PUT", ["incidents"]) => change::many(stage, call),
        ("POST", ["incidents"]) => create::one(stage, call),
        ("GET", ["incidents", id]) => list::incident(stage, call, id),
        ("PUT", ["incidents", id]) => change::one(stage, call, id),
        ("PUT", ["incidents", id, "merge"]) => create::merge(stage, call, id),
        ("POST", ["incidents", id, "responder_requests"]) => responders::ask(stage, call, id),
        ("PUT", ["incidents", id, "responder_requests", "cancel"]) => responders::cancel(stage, call, id),
        ("GET", ["incidents", id, "log_entries"]) => list::log_entries(stage, call, id),
        ("GET", ["incidents", id, "alerts"]) => list::alerts(stage, call, id),
        ("GET", ["incidents", id, "alerts", alert]) => list::alert(stage, call, id, alert),
        ("GET", ["incidents", id, "notes"]) => list::notes(stage, call, id),
        ("POST", ["incidents", id, "notes"]) => change::note(stage, call, id),
        ("POST", ["incidents", id, "snooze"]) => change::snooze(stage, call, id),
        ("GET", ["users", "me"]) => people::me(stage, call),
        ("GET", ["users"]) => people::users(stage, call),
        ("GET", ["users", id]) => people::user(stage, call, id),
        ("GET", ["oncalls"]) => people::on_calls(stage, call),
        ("GET", ["schedules"]) => people::schedules(stage, call),
        ("GET", ["schedules", id]) => people::schedule(stage, call, id),
        ("GET", ["schedules", id, "users"]) => people::schedule_users(stage, call, id),
        ("GET", ["schedules", id, "overrides"]) => overrides::list(stage, call, id),
        ("POST", ["schedules", id, "overrides"]) => overrides::create(stage, call, id),
        ("DELETE", ["schedules", id, "overrides", which]) => overrides::delete(stage, call, id, which),
        ("GET", ["schedules", id, "audit", "records"]) => history::audit(stage, call, Some(id)),
        ("GET", ["v3", "schedules", id]) => people::not_v3(stage, id),
        ("GET", ["escalation_policies"]) => people::policies(stage, call),
        ("GET", ["escalation_policies", id]) => people::policy(stage, call, id),
        ("GET", ["services"]) => people::services(stage, call),
        ("GET", ["services", id]) => people::service(stage, call, id),
        ("GET", ["priorities"]) => people::priorities(stage, call),
        ("GET", ["log_entries"]) => history::log_entries(stage, call),
        ("GET", ["log_entries", id]) => history::log_entry(stage, call, id),
        ("GET", ["audit", "records"]) => history::audit(stage, call, None),
        ("GET", ["teams"]) => teams::teams(stage, call),
        ("GET", ["teams", id]) => teams::team(stage, call, id),
        ("GET", ["teams", id, "members"]) => teams::members(stage, call, id),
        ("GET", ["abilities"]) => teams::abilities(),
        ("GET", ["abilities", name]) => teams::ability(name),
        // What this world has no part of is not there, in PagerDuty's own words.
        _ => Err(Refusal::not_found()),
    }
}

impl Answer {
    pub(crate) fn of(outcome: Outcome, allowance: Option<Allowance>) -> Self {
        match outcome {
            Ok((status, body)) => Answer { status, body, allowance },
            Err(refusal) => Answer { status: refusal.status, body: refusal.body, allowance },
        }
    }
}

/// Gives the account's time zone.
pub(super) fn account_zone(stage: &Stage) -> Tz {
    // Checked when the scenario was read.
    stage.cast().account.time_zone.parse().unwrap_or(Tz::UTC)
}

/// Makes the writer of JSON for a request; `usual` is the zone of times if none is asked for.
pub(super) fn wire<'a>(stage: &'a Stage, call: &'a Call, usual: Tz) -> Result<Wire<'a>, Refusal> {
    Ok(Wire {
        account: &stage.pagerduty,
        base: &stage.base,
        stamps: Stamps { zone: call.query.zone(usual)?, precision: stage.precision() },
        query: &call.query,
    })
}
