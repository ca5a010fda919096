//! Plays a scenario through without a clock, to find what is wrong with it before anybody trains with it.

use chrono::{DateTime, TimeDelta};

use crate::act::Act;
use crate::stage::{ActError, Stage};

use super::{Scenario, ScenarioError};

/// What goes wrong when all steps happen in their time, and then every rule acts once.
pub(super) fn faults(scenario: &Scenario) -> Vec<ScenarioError> {
    // Any moment does: nothing of a scenario hangs on the date.
    let start = DateTime::from_timestamp(1_750_000_000, 0).unwrap_or_default();
    let mut now = start;
    let silent = Scenario { steps: vec![], rules: vec![], ..scenario.clone() };
    let mut stage = Stage::new(silent, 1.0, String::new(), start);
    let steps = scenario.steps.iter().map(|step| (&step.act, step.line, start + step.after.delta()));
    let end = start + scenario.steps.last().map_or(TimeDelta::zero(), |step| step.after.delta());
    let rules = scenario.rules.iter().map(|rule| (&rule.act, rule.line, end));
    let mut faults = vec![];
    for (act, line, at) in steps.chain(rules) {
        now = now.max(at);
        stage.advance(now);
        match stage.perform(act, now) {
            Err(ActError::NoIncident(name)) if name == "last" && is_public(act) => {}
            Err(ActError::NoMaintenance(name)) if name == "last" => {}
            Err(error) => faults.push(told(scenario, &error, line)),
            Ok(_) => {}
        }
    }
    // A step that is repeated is wrong once.
    faults.dedup();
    faults
}

/// The trainee's own incident on a status page is not there when nobody trains.
fn is_public(act: &Act) -> bool {
    matches!(act, Act::PublicUpdate(_) | Act::PublicResolve(_))
}

fn told(scenario: &Scenario, error: &ActError, line: usize) -> ScenarioError {
    let (key, names) = match error {
        ActError::Field { field, .. } => (*field, vec![]),
        ActError::NoIncident(_) => ("page", names(scenario, |act| page_of(act).or_else(|| public_of(act)))),
        ActError::NoMaintenance(_) => ("maintenance", names(scenario, planned_of)),
        ActError::NoIssue(_) => ("incident", names(scenario, incident_of)),
    };
    let allowed = if names.is_empty() { String::new() } else { format!("; there are: {}, last", names.join(", ")) };
    ScenarioError { line, key: key.to_owned(), message: format!("{error} by then{allowed}") }
}

/// The names that steps give, in order.
fn names(scenario: &Scenario, name_of: impl Fn(&Act) -> Option<&String>) -> Vec<String> {
    let mut names: Vec<String> = scenario.steps.iter().filter_map(|step| name_of(&step.act)).cloned().collect();
    names.dedup();
    names
}

fn planned_of(act: &Act) -> Option<&String> {
    if let Act::PublicMaintenance(act) = act { Some(&act.title) } else { None }
}

fn page_of(act: &Act) -> Option<&String> {
    if let Act::Trigger(act) = act {
        act.page.as_ref()
    } else if let Act::Declare(act) = act {
        act.page.as_ref()
    } else {
        None
    }
}

fn public_of(act: &Act) -> Option<&String> {
    if let Act::PublicIncident(act) = act { act.incident.as_ref() } else { None }
}

fn incident_of(act: &Act) -> Option<&String> {
    if let Act::Declare(act) = act { act.incident.as_ref() } else { None }
}
