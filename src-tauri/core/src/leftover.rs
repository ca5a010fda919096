//! Components that an incident leaves behind: pages do not always set them back when it ends (services.md 3.2).

use crate::feed::Component;
use crate::incident::{Incident, IncidentId};
use crate::phase::{Impact, Phase};
use crate::state::State;

/// The components of a resolved incident that are not well on the page and that no other incident names. Nothing is
/// said while its last word is not on the public page yet.
#[must_use]
pub fn leftover(state: &State, id: IncidentId) -> Vec<Component> {
    let on_its_way = state.publications.values().any(|it| it.incident == id);
    let resolved = |incident: &&Incident| incident.phase() == Some(Phase::Resolved) && !on_its_way;
    let Some(incident) = state.incidents.get(&id).filter(resolved) else { return vec![] };
    let names = |incident: &Incident, component: &Component| {
        incident.post.as_ref().is_some_and(|post| post.components.contains(&component.id))
    };
    let claimed = |component: &Component| state.incidents.values().any(|it| it.open() && names(it, component));
    let unwell = |component: &&Component| component.impact.is_some_and(|impact| impact != Impact::Operational);
    let own = state.session.components.iter().filter(|it| names(incident, it) && !claimed(it));
    own.filter(unwell).cloned().collect()
}
