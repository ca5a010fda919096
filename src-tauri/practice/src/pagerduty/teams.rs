//! Reading teams and abilities over REST.

use chrono_tz::Tz;
use serde_json::{Value, json};

use crate::stage::Stage;

use super::people::{paged, place};
use super::query::Paging;
use super::refusal::Refusal;
use super::rest::{Call, Outcome, wire};

/// Source: PagerDuty REST OpenAPI, the example of the operation listAbilities.
const ABILITIES: [&str; 4] = ["teams", "read_only_users", "service_support_hours", "urgencies"];
/// Abilities that exist and that this account lacks, for the 402. Source: PagerDuty REST OpenAPI, the abilities that
/// descriptions of other operations name.
const LACKING: [&str; 2] = ["sso", "coordinated_responding"];

/// `GET /abilities`: the one list without pages.
pub(super) fn abilities() -> Outcome {
    Ok((200, json!({ "abilities": ABILITIES })))
}

/// `GET /abilities/{id}`: 204 has it, 402 lacks it, 404 nobody has it.
///
/// Source: PagerDuty REST OpenAPI, operation getAbility.
pub(super) fn ability(name: &str) -> Outcome {
    match name {
        name if ABILITIES.contains(&name) => Ok((204, Value::Null)),
        name if LACKING.contains(&name) => Err(Refusal::lacks_ability()),
        _ => Err(Refusal::not_found()),
    }
}

/// `GET /teams`.
pub(super) fn teams(stage: &Stage, call: &Call) -> Outcome {
    let names = stage.cast().teams.iter().map(|team| team.name.clone());
    let wire = wire(stage, call, Tz::UTC)?;
    paged(call, "teams", names, |team| wire.team(team))
}

/// `GET /teams/{id}`.
pub(super) fn team(stage: &Stage, call: &Call, id: &str) -> Outcome {
    let index = place(stage.cast().teams.iter().map(|team| &team.id), id)?;
    Ok((200, json!({"team": wire(stage, call, Tz::UTC)?.team(index)})))
}

/// `GET /teams/{id}/members`: the cast is small, everybody is in every team.
///
/// Source: PagerDuty REST OpenAPI, operation listTeamUsers: `user` and `role`.
pub(super) fn members(stage: &Stage, call: &Call, id: &str) -> Outcome {
    place(stage.cast().teams.iter().map(|team| &team.id), id)?;
    let paging = Paging::read(&call.query)?;
    let wire = wire(stage, call, Tz::UTC)?;
    let full = call.query.includes("users");
    let all: Vec<usize> = (0..stage.cast().users.len()).collect();
    let page = paging.cut(&all, call.quirks.drift).iter();
    let page = page.map(|user| json!({"user": wire.user_ref(*user, full), "role": "manager"})).collect();
    Ok((200, paging.answer("members", page, all.len())))
}
