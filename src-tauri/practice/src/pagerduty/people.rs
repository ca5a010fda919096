//! Reading people and duty over REST: users, on-calls, schedules, policies, services.
//!
//! Source: PagerDuty REST OpenAPI, operations listUsers, getCurrentUser, listOnCalls (`earliest`), listSchedules,
//! getSchedule, listScheduleUsers, listEscalationPolicies, listServices, listPriorities; PagerDuty/developer-docs,
//! `docs/REST-API/21-Schedules-v2-to-v3-Upgrade.md` for schedules of the older kind.

use chrono::TimeDelta;
use chrono_tz::Tz;
use serde_json::{Value, json};

use crate::stage::Stage;

use super::incident::Time;
use super::query::Paging;
use super::refusal::Refusal;
use super::rest::{Call, Outcome, account_zone, wire};
use super::rota::OnCallEntry;

/// PagerDuty's documented number.
const ON_CALLS_DAYS_MAX: i64 = 90;

/// `GET /users/me`.
pub(super) fn me(stage: &Stage, call: &Call) -> Outcome {
    let user = call.caller.user.ok_or_else(Refusal::no_user_behind_key)?;
    Ok((200, json!({"user": wire(stage, call, Tz::UTC)?.own_user(user)})))
}

/// `GET /users`.
pub(super) fn users(stage: &Stage, call: &Call) -> Outcome {
    let names = stage.cast().users.iter().map(|user| format!("{} {}", user.name, user.email));
    let wire = wire(stage, call, Tz::UTC)?;
    paged(call, "users", names, |user| wire.user(user))
}

/// `GET /users/{id}`.
pub(super) fn user(stage: &Stage, call: &Call, id: &str) -> Outcome {
    let index = place(stage.cast().users.iter().map(|user| &user.id), id)?;
    Ok((200, json!({"user": wire(stage, call, Tz::UTC)?.user(index)})))
}

/// `GET /oncalls`.
pub(super) fn on_calls(stage: &Stage, call: &Call) -> Outcome {
    let paging = Paging::read(&call.query)?;
    let zone = account_zone(stage);
    let since = call.query.time("since", zone)?.unwrap_or(call.now);
    let until = call.query.time("until", zone)?.unwrap_or(since.max(call.now));
    if until < since {
        return Err(Refusal::invalid(&["until must not be before since."]));
    }
    if until - call.now > TimeDelta::days(ON_CALLS_DAYS_MAX) {
        return Err(Refusal::invalid(&["until must not be more than 90 days ahead."]));
    }
    let mut entries = stage.pagerduty.rota.entries(stage.cast(), since, until);
    entries.retain(|entry| wanted(stage, call, entry));
    if call.query.one("earliest") == Some("true") {
        entries = earliest(entries);
    }
    let wire = wire(stage, call, zone)?;
    let page = paging.cut(&entries, call.quirks.drift).iter().map(|entry| wire.on_call(entry)).collect();
    Ok((200, paging.answer("oncalls", page, entries.len())))
}

fn wanted(stage: &Stage, call: &Call, entry: &OnCallEntry) -> bool {
    let cast = stage.cast();
    let fits = |name: &str, id: Option<&str>| {
        let wanted = call.query.many(name);
        wanted.is_empty() || id.is_some_and(|id| wanted.contains(&id))
    };
    fits("user_ids", Some(&cast.users[entry.turn.user].id))
        && fits("escalation_policy_ids", Some(&cast.policies[entry.policy].id))
        && fits("schedule_ids", entry.schedule.map(|schedule| cast.schedules[schedule].id.as_str()))
}

/// Keeps the first turn of each user at each level of each policy.
fn earliest(mut entries: Vec<OnCallEntry>) -> Vec<OnCallEntry> {
    entries.sort_by_key(|entry| (entry.policy, entry.level, entry.turn.user, entry.turn.start));
    entries.dedup_by_key(|entry| (entry.policy, entry.level, entry.turn.user));
    entries
}

/// `GET /schedules`.
pub(super) fn schedules(stage: &Stage, call: &Call) -> Outcome {
    let names = stage.cast().schedules.iter().map(|schedule| schedule.name.clone());
    let wire = wire(stage, call, account_zone(stage))?;
    paged(call, "schedules", names, |schedule| wire.schedule(schedule))
}

/// `GET /schedules/{id}`.
pub(super) fn schedule(stage: &Stage, call: &Call, id: &str) -> Outcome {
    let index = place(stage.cast().schedules.iter().map(|schedule| &schedule.id), id)?;
    let (from, to) = window(stage, call, TimeDelta::weeks(2))?;
    let turns = stage.pagerduty.rota.turns(stage.cast(), index, from, to);
    let wire = wire(stage, call, account_zone(stage))?;
    Ok((200, json!({"schedule": wire.schedule_between(index, &turns, from, to)})))
}

/// `GET /schedules/{id}/users`: who is on call within the window.
pub(super) fn schedule_users(stage: &Stage, call: &Call, id: &str) -> Outcome {
    let index = place(stage.cast().schedules.iter().map(|schedule| &schedule.id), id)?;
    let (from, to) = window(stage, call, TimeDelta::weeks(2))?;
    let turns = stage.pagerduty.rota.turns(stage.cast(), index, from, to);
    let mut users: Vec<usize> = turns.iter().map(|turn| turn.user).collect();
    users.sort_unstable();
    users.dedup();
    let wire = wire(stage, call, Tz::UTC)?;
    Ok((200, json!({"users": users.into_iter().map(|user| wire.user(user)).collect::<Vec<Value>>()})))
}

/// `GET /v3/schedules/{id}`: all schedules here are of the older kind, for which v3 answers 400.
pub(super) fn not_v3(stage: &Stage, id: &str) -> Outcome {
    place(stage.cast().schedules.iter().map(|schedule| &schedule.id), id)?;
    Err(Refusal::invalid(&["This schedule is not supported by this version; use GET /schedules/{id}."]))
}

fn window(stage: &Stage, call: &Call, usual: TimeDelta) -> Result<(Time, Time), Refusal> {
    let zone = account_zone(stage);
    let from = call.query.time("since", zone)?.unwrap_or(call.now);
    let to = call.query.time("until", zone)?.unwrap_or(from + usual);
    if to < from {
        return Err(Refusal::invalid(&["until must not be before since."]));
    }
    if to - from > TimeDelta::days(366) {
        return Err(Refusal::invalid(&["The date range must not exceed a year."]));
    }
    Ok((from, to))
}

/// `GET /escalation_policies`.
pub(super) fn policies(stage: &Stage, call: &Call) -> Outcome {
    let names = stage.cast().policies.iter().map(|policy| policy.name.clone());
    let wire = wire(stage, call, Tz::UTC)?;
    paged(call, "escalation_policies", names, |policy| wire.policy(policy))
}

/// `GET /escalation_policies/{id}`.
pub(super) fn policy(stage: &Stage, call: &Call, id: &str) -> Outcome {
    let index = place(stage.cast().policies.iter().map(|policy| &policy.id), id)?;
    Ok((200, json!({"escalation_policy": wire(stage, call, Tz::UTC)?.policy(index)})))
}

/// `GET /services`.
pub(super) fn services(stage: &Stage, call: &Call) -> Outcome {
    let names = stage.cast().services.iter().map(|service| service.name.clone());
    let wire = wire(stage, call, Tz::UTC)?;
    paged(call, "services", names, |service| wire.service(service))
}

/// `GET /services/{id}`.
pub(super) fn service(stage: &Stage, call: &Call, id: &str) -> Outcome {
    let index = place(stage.cast().services.iter().map(|service| &service.id), id)?;
    Ok((200, json!({"service": wire(stage, call, Tz::UTC)?.service(index)})))
}

/// `GET /priorities`.
pub(super) fn priorities(stage: &Stage, call: &Call) -> Outcome {
    let names = stage.cast().priorities.iter().map(|priority| priority.name.clone());
    let wire = wire(stage, call, Tz::UTC)?;
    paged(call, "priorities", names, |priority| wire.priority(priority))
}

pub(super) fn place<'a>(mut ids: impl Iterator<Item = &'a String>, wanted: &str) -> Result<usize, Refusal> {
    ids.position(|id| id == wanted).ok_or_else(Refusal::not_found)
}

/// Answers a list that `query` searches by name.
pub(super) fn paged(
    call: &Call,
    name: &str,
    names: impl Iterator<Item = String>,
    write: impl Fn(usize) -> Value,
) -> Outcome {
    let paging = Paging::read(&call.query)?;
    let wanted = call.query.one("query").unwrap_or("").to_lowercase();
    let found: Vec<usize> =
        names.enumerate().filter(|(_, name)| name.to_lowercase().contains(&wanted)).map(|(place, _)| place).collect();
    let page = paging.cut(&found, call.quirks.drift).iter().map(|place| write(*place)).collect();
    Ok((200, paging.answer(name, page, found.len())))
}
