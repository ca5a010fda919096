//! What the status page lists beside the ledger: maintenance that nobody entered is offered, so that its reminders run
//! (H60), and one at another time than planned is told (H64).

use chrono::TimeDelta;

use super::{Maintenance, Plan};
use crate::feed::MaintenanceSeen;
use crate::incident::By;
use crate::state::State;
use crate::text::{TITLE_GRAPHEMES_MAX, clean_line};
use crate::{Time, plausible};

/// What the page lists, nobody has entered, and the user has not put aside. Without its times there is nothing to plan.
pub fn offered(state: &State) -> impl Iterator<Item = &MaintenanceSeen> {
    state.session.maintenances.iter().filter(|seen| {
        let known = state.maintenances.values().any(|it| is_it(it, seen));
        let timed = seen.starts_at.zip(seen.ends_at).is_some_and(|(from, to)| plausible(from) && plausible(to));
        timed && !known && !state.not_mine.contains(&seen.id)
    })
}

/// Whether the page shows this one: by its id, or by title and start when nobody has said its id yet.
#[must_use]
pub(crate) fn is_it(it: &Maintenance, seen: &MaintenanceSeen) -> bool {
    match &it.post {
        Some(post) => *post == seen.id,
        None => {
            let at_once = seen.starts_at.is_some_and(|at| (at - it.plan.starts_at).abs() < TimeDelta::minutes(1));
            at_once && seen.title == clean_line(&it.plan.title, TITLE_GRAPHEMES_MAX)
        }
    }
}

/// When the page says that this one is, whatever was planned.
pub(crate) fn listed_at(state: &State, it: &Maintenance) -> Option<(Time, Time)> {
    let seen = state.session.maintenances.iter().find(|seen| it.post.as_ref() == Some(&seen.id))?;
    Some((seen.starts_at?, seen.ends_at?))
}

/// The same, where it is not what was planned.
pub(crate) fn moved_to(state: &State, it: &Maintenance) -> Option<(Time, Time)> {
    let apart = |one: Time, other: Time| (one - other).abs() >= TimeDelta::minutes(1);
    let listed = listed_at(state, it).filter(|_| it.open());
    listed.filter(|(starts_at, ends_at)| apart(*starts_at, it.plan.starts_at) || apart(*ends_at, it.plan.ends_at))
}

/// What the page lists, as an entry of the ledger. The feed tells neither whether it is automated nor whether reminders
/// are mailed, so what takes the least from the user's hands is assumed: both (H62, H63).
pub(crate) fn adopted(seen: &MaintenanceSeen, now: Time) -> Option<Maintenance> {
    let plan = Plan {
        title: seen.title.clone(),
        details: seen.text.clone(),
        issue_url: None,
        starts_at: seen.starts_at?,
        ends_at: seen.ends_at?,
        components: seen.components.iter().cloned().collect(),
        automation: true,
        reminds: true,
    };
    let mut it = Maintenance::new(plan, now);
    (it.scheduled_at, it.post, it.listed) = (Some(now), Some(seen.id.clone()), true);
    it.started_at = seen.active.then_some(now);
    it.note(now, By::Me, "Added from the status page".into());
    Some(it)
}
