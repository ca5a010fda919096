//! Reading which schedules feed my escalation policies (services.md 1.6).

use std::collections::BTreeMap;

use herald_core::Fault;

use super::{Reader, wire};
use crate::schedules::ScheduleChoice;

/// Policies that are looked into: one question each. Few people are on more.
const POLICIES_MAX: usize = 10;

impl Reader {
    /// The schedules of every policy that has me on call in the coming week.
    pub async fn my_schedules(&self) -> Result<Vec<ScheduleChoice>, Fault> {
        let entries = self.my_oncalls().await?.entries;
        let mut policies: Vec<_> = entries.iter().map(|entry| &entry.policy).collect();
        policies.sort_by(|a, b| a.id.cmp(&b.id));
        policies.dedup_by(|a, b| a.id == b.id);
        let mut found: BTreeMap<String, ScheduleChoice> = BTreeMap::new();
        for policy in policies.into_iter().take(POLICIES_MAX) {
            let one: wire::OnePolicy =
                self.http.json(&self.get(&format!("/escalation_policies/{}", policy.id)).await?)?;
            for schedule in wire::schedules(one) {
                let mine = entries.iter().any(|it| it.schedule.as_ref().is_some_and(|mine| mine.id == schedule.id));
                let fresh = ScheduleChoice { id: schedule.id.clone(), name: schedule.name, policies: vec![], mine };
                let choice = found.entry(schedule.id).or_insert(fresh);
                if !choice.policies.contains(&policy.name) {
                    choice.policies.push(policy.name.clone());
                }
            }
        }
        let mut found: Vec<ScheduleChoice> = found.into_values().collect();
        found.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(found)
    }
}
