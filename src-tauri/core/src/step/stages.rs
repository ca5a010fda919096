//! What becomes true when a task is dealt with: ticked, left out, taken back, or seen done by Herald itself.

use super::Draft;
use super::feeds::note;
use crate::Time;
use crate::incident::{By, IncidentId};
use crate::stage::{Reading, Sighting, Tick, TickSays, task, unjoined};
use crate::text::clean_line;

/// Longest reason that is kept, in graphemes.
const REASON_MAX: usize = 300;

impl Draft<'_> {
    pub(super) fn tick(&mut self, id: IncidentId, task: String, says: TickSays, now: Time) {
        self.incident(id, |it| {
            it.ticks.insert(task, Tick { at: now, by: By::Me, saw: String::new(), says });
        });
    }

    /// Left out, with a reason that stays in the timeline (H55).
    pub(super) fn skip(&mut self, id: IncidentId, left_out: String, reason: &str, now: Time) {
        let reason = clean_line(reason, REASON_MAX);
        let text = task(&self.state.playbook.stages, &left_out).map_or_else(String::new, |(_, it)| it.text.clone());
        self.incident(id, |it| note(it, now, By::Me, format!("Left out “{text}”: {reason}")));
        self.tick(id, left_out, TickSays::Skipped { reason }, now);
    }

    /// It came back: Monitor and Resolve begin anew, whatever was ticked there (H55). Or it did not, after all.
    pub(super) fn recurred(&mut self, id: IncidentId, yes: bool, now: Time) {
        self.incident(id, |it| {
            it.recurred_at = yes.then_some(now);
            note(it, now, By::Me, if yes { "It came back" } else { "It did not come back, after all" }.into());
        });
    }

    /// Ticks what Herald saw done, each with what it saw, and takes back what it ticked too early or cannot account for.
    /// What the user said of a task stands.
    pub(super) fn settle_ticks(&mut self, now: Time) {
        let unjoined = unjoined(&self.state);
        let ids: Vec<IncidentId> = self.state.incidents.keys().copied().collect();
        for id in ids {
            let Some(incident) = self.state.incidents.get(&id) else { continue };
            let reading = Reading::new(&self.state, id, incident, now);
            let (seen, not_seen) = (reading.seen(&unjoined), reading.not_seen());
            if seen.is_empty() && not_seen.is_empty() {
                continue;
            }
            self.incident(id, |it| {
                it.ticks.retain(|task, _| !not_seen.contains(task));
                for (task, Sighting { at, saw }) in seen {
                    it.ticks.insert(task, Tick { at, by: By::Herald, saw, says: TickSays::Done });
                }
            });
        }
    }
}
