//! Overrides of schedules over REST: listed, laid over, taken back.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use crate::stage::Stage;

use super::change::read_json;
use super::refusal::Refusal;
use super::rest::{Call, Outcome, account_zone, wire};

/// `GET /schedules/{id}/overrides` within a window.
///
/// Source: PagerDuty REST OpenAPI, operation listScheduleOverrides: `since` and `until` are required. The document has
/// 201 for it, which no list has; the published clients take any 2xx.
pub(super) fn list(stage: &Stage, call: &Call, id: &str) -> Outcome {
    let schedule = place(stage, id)?;
    let zone = account_zone(stage);
    let needed = |name: &str| {
        let time = call.query.time(name, zone)?;
        time.ok_or_else(|| Refusal::invalid(&[&format!("{name} cannot be empty.")]))
    };
    let (since, until) = (needed("since")?, needed("until")?);
    let wire = wire(stage, call, zone)?;
    let all = stage.pagerduty.rota.overrides();
    let found = all.filter(|it| it.schedule == schedule && it.start < until && since < it.end && it.user.is_some());
    Ok((200, json!({"overrides": found.map(|it| wire.schedule_override(it)).collect::<Vec<Value>>()})))
}

/// `POST /schedules/{id}/overrides`: each of the list has a status of its own.
///
/// Source: PagerDuty REST OpenAPI, operation createScheduleOverride, with its example of a mixed answer.
pub(super) fn create(stage: &mut Stage, call: &Call, id: &str) -> Outcome {
    let schedule = place(stage, id)?;
    let body = read_json(call)?;
    let list = body.get("overrides").and_then(Value::as_array).filter(|list| !list.is_empty());
    let list = list.ok_or_else(|| Refusal::invalid(&["Overrides must be a list."]))?;
    let mut answers = Vec::new();
    for item in list {
        answers.push(match read(stage, item) {
            Err(error) => json!({"status": 400, "errors": [error], "override": item}),
            Ok((user, start, end)) => {
                let by = call.caller.user;
                let number = stage.pagerduty.rota.put(schedule, Some(user), start, end - start, by);
                let made = stage.pagerduty.rota.overrides().find(|it| it.number == number);
                let wire = wire(stage, call, account_zone(stage))?;
                json!({"status": 201, "override": made.map(|made| wire.schedule_override(made))})
            }
        });
    }
    Ok((201, Value::Array(answers)))
}

/// `DELETE /schedules/{id}/overrides/{override_id}`: 204 if it was to come, 200 if it is cut because it is under way.
///
/// Source: PagerDuty REST OpenAPI, operation deleteScheduleOverride.
pub(super) fn delete(stage: &mut Stage, call: &Call, id: &str, which: &str) -> Outcome {
    let schedule = place(stage, id)?;
    let all = stage.pagerduty.rota.overrides();
    let found = all.filter(|it| it.schedule == schedule).find(|it| it.id() == which);
    let (number, start, end) = found.map(|it| (it.number, it.start, it.end)).ok_or_else(Refusal::not_found)?;
    if end <= call.now {
        return Err(Refusal::invalid_override());
    }
    stage.pagerduty.rota.end(number, call.now);
    Ok((if start < call.now { 200 } else { 204 }, Value::Null))
}

type Read = Result<(usize, DateTime<Utc>, DateTime<Utc>), String>;

fn read(stage: &Stage, item: &Value) -> Read {
    let time = |name: &str| {
        let text = item[name].as_str().ok_or_else(|| format!("Override {name} cannot be empty"))?;
        let time = DateTime::parse_from_rfc3339(text).map_err(|_| format!("Override {name} is invalid"))?;
        Ok::<_, String>(time.with_timezone(&Utc))
    };
    let (start, end) = (time("start")?, time("end")?);
    if end <= start {
        // Source: the example of the operation createScheduleOverride.
        return Err("Override must end after its start".to_owned());
    }
    let id = item["user"]["id"].as_str().unwrap_or_default();
    let user = stage.cast().users.iter().position(|user| user.id == id);
    Ok((user.ok_or_else(|| "User not found".to_owned())?, start, end))
}

fn place(stage: &Stage, id: &str) -> Result<usize, Refusal> {
    stage.cast().schedules.iter().position(|it| it.id == id).ok_or_else(Refusal::not_found)
}
