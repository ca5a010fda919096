//! What the window shows of an incident's stages: the current one, each task, and what is ready to copy and to open.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::tickets::{TicketsView, tickets};
use crate::Time;
use crate::command::{Command, allowed};
use crate::errand::ErrandTask;
use crate::incident::{By, Incident, IncidentId, IncidentWish};
use crate::phase::Phase;
use crate::places;
use crate::stage::{Mark, Reading, Reference, Stage, StageRules, fill, fill_link, lacking_label};
use crate::state::State;

/// Incidents that are over and leave something that a window gets.
const WRAPPING_MAX: usize = 10;

/// The team's stages and texts, as every incident shares them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct Guide {
    /// The stages of the duty and their tasks.
    pub stages: Vec<StageRules>,
    /// Texts to look things up in.
    pub reference: Vec<Reference>,
}

/// Where an incident stands in the stages of the duty.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct StagesView {
    /// The stage it is in.
    pub current: Stage,
    /// Every task of every stage, in the playbook's order.
    pub tasks: Vec<TaskView>,
    /// When the user saw it come back.
    pub recurred_at: Option<Time>,
    /// The label that its issue lacks although something was published (H52).
    pub label: Option<LabelView>,
    /// The search of its tickets, as a link.
    pub tickets_url: Option<String>,
    /// How many of them nobody has tagged, where Zendesk is connected (H54).
    pub tickets: Option<TicketsView>,
}

/// A task of one incident.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct TaskView {
    /// Its id in the playbook, where its words are.
    pub id: String,
    /// Its stage.
    pub stage: Stage,
    /// Where it stands.
    #[serde(flatten)]
    pub mark: Mark,
    /// Its texts to copy, filled, in the playbook's order; absent where something is not known.
    pub copies: Vec<Option<String>>,
    /// Its places to open, filled, in the playbook's order; absent where something is not known.
    pub links: Vec<Option<String>>,
}

/// A label that an issue lacks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct LabelView {
    /// Which.
    pub name: String,
    /// Whether it is being set.
    pub under_way: bool,
    /// Why Herald does not set it itself; absent when it may.
    pub why_not: Option<String>,
}

pub(super) fn stages(state: &State, id: IncidentId, incident: &Incident, now: Time) -> StagesView {
    let reading = Reading::new(state, id, incident, now);
    let fields = reading.fields();
    let mut tasks = vec![];
    for stage in &state.playbook.stages {
        tasks.extend(stage.tasks.iter().map(|task| TaskView {
            id: task.id.clone(),
            stage: stage.id,
            mark: reading.mark(stage.id, task),
            copies: task.copies.iter().map(|it| fill(&it.text, &fields)).collect(),
            links: task.links.iter().map(|it| opens(state, fill_link(&it.text, &fields)?)).collect(),
        }));
    }
    let current = reading.current();
    let next = tasks.iter_mut().filter(|task| task.stage == current).find_map(|task| match &mut task.mark {
        Mark::Open { now, .. } => Some(now),
        Mark::Locked { .. } | Mark::Done { .. } | Mark::Skipped { .. } | Mark::NotNeeded { .. } => None,
    });
    if let Some(now) = next {
        *now = true;
    }
    StagesView {
        current,
        tasks,
        recurred_at: incident.recurred_at,
        label: lacking_label(state, incident).map(|name| label(state, id, incident, name, now)),
        tickets_url: places::tickets(state).and_then(|link| fill_link(&link, &fields)),
        tickets: tickets(state, id),
    }
}

/// A link that may be opened.
fn opens(state: &State, url: String) -> Option<String> {
    places::may_open(state, &url).then_some(url)
}

fn label(state: &State, id: IncidentId, incident: &Incident, name: &str, now: Time) -> LabelView {
    let wish = Box::new(IncidentWish::Label { incident: id });
    let iid = incident.issue.as_ref().map(|issue| issue.iid);
    let under_way = state.errands.values().any(|errand| match &errand.task {
        ErrandTask::LabelIssue { iid: of, .. } => Some(*of) == iid,
        ErrandTask::FileHandover { .. }
        | ErrandTask::ScheduleMaintenance { .. }
        | ErrandTask::TellMaintenance { .. } => false,
    });
    let refusal = allowed(state, &Command::Incident { wish }, now).err().filter(|_| !under_way);
    LabelView { name: name.to_owned(), under_way, why_not: refusal.map(|refusal| refusal.message().to_owned()) }
}

/// What is over and leaves something to do, or a text that was not sent.
pub(super) fn left(state: &State, now: Time) -> Vec<(IncidentId, &Incident)> {
    let leaves = |id: IncidentId, incident: &Incident| {
        left_to_wrap_up(state, id, incident, now) > 0 || (!incident.open() && unsent(state, id))
    };
    let left = state.incidents.iter().rev().filter(|(id, incident)| leaves(**id, incident));
    let mut left: Vec<_> = left.map(|(id, incident)| (*id, incident)).take(WRAPPING_MAX).collect();
    left.reverse();
    left
}

/// Whether a text is kept that did not go out.
pub(super) fn unsent(state: &State, id: IncidentId) -> bool {
    state.drafts.get(&id).is_some_and(|draft| !draft.text.body.trim().is_empty())
}

/// How much an incident leaves to do that is resolved, when the user took part in it.
pub(super) fn left_to_wrap_up(state: &State, id: IncidentId, incident: &Incident, now: Time) -> usize {
    let took_part =
        || incident.ticks.values().any(|tick| tick.by == By::Me) || incident.told().iter().any(|update| update.mine);
    let resolved = !incident.open() && incident.phase() == Some(Phase::Resolved) && took_part();
    if resolved { Reading::new(state, id, incident, now).open_in(Stage::Resolve) } else { 0 }
}
