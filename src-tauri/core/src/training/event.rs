//! A practice event from its beginning to its place in the log: what counts as having practised, and what is written
//! down when it ends, or when it is left without an end.

use chrono::TimeDelta;

use super::facts::{Expected, Facts};
use super::{Practised, Score, Training, TrainingKind};
use crate::Time;

/// Whoever closes an event sooner, having done nothing, has only had a look at it.
const ONLY_A_LOOK: TimeDelta = TimeDelta::minutes(1);

/// A practice event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PracticeEvent {
    /// Names this one event among all.
    pub name: String,
    /// The scenario's short name.
    pub scenario: String,
    /// The scenario's title.
    pub title: String,
    /// When it began.
    pub began_at: Time,
}

impl PracticeEvent {
    /// An event that begins; `process` tells it from one of the same scenario and moment.
    #[must_use]
    pub fn new(scenario: &str, title: &str, began_at: Time, process: u32) -> Self {
        let name = format!("{scenario}-{}-{process}", began_at.timestamp_millis());
        Self { name, scenario: scenario.into(), title: title.into(), began_at }
    }

    /// Its entry in the training log, ended by the trainee.
    #[must_use]
    pub fn ended(&self, score: Score) -> Training {
        self.entry(score, false)
    }

    /// Its entry if it is left now; nothing when it was only looked at.
    #[must_use]
    pub fn left(&self, facts: &Facts) -> Option<Training> {
        worth_keeping(facts).then(|| self.entry(super::score(facts), true))
    }

    fn entry(&self, score: Score, left_early: bool) -> Training {
        let (event, scenario) = (self.name.clone(), self.scenario.clone());
        Training {
            at: self.began_at,
            kind: TrainingKind::Practice,
            title: self.title.clone(),
            notes: String::new(),
            practised: Some(Practised { event, scenario, score, left_early }),
        }
    }
}

fn worth_keeping(facts: &Facts) -> bool {
    let took = facts.pages.iter().any(|page| page.taken.as_ref().is_some_and(|taken| taken.by_me));
    let told = facts.incidents.iter().any(|incident| incident.updates.iter().any(|update| update.mine));
    let handed_over = matches!(facts.handover, Expected::Done(_));
    took || told || handed_over || facts.ended_at - facts.began_at >= ONLY_A_LOOK
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::phase::Phase;
    use crate::state::tests::at;
    use crate::training::facts::{Deed, IncidentFacts, PageFacts, UpdateFacts};

    fn facts(seconds: i64) -> Facts {
        Facts {
            began_at: at(0),
            ended_at: at(0) + TimeDelta::seconds(seconds),
            target: TimeDelta::minutes(15),
            pages: vec![],
            incidents: vec![],
            handover: Expected::Missing,
            declined: std::collections::BTreeSet::new(),
            heard: vec![(at(0), "Ruth: Hello.".into())],
        }
    }

    #[test]
    fn what_was_only_looked_at_is_not_logged() {
        let event = PracticeEvent::new("storm", "A storm", at(0), 7);
        let page = |by_me| PageFacts {
            id: "P".into(),
            title: "t".into(),
            triggered_at: at(0),
            taken: Some(Deed { at: at(0), by_me }),
            closed: None,
            left_at: None,
        };
        let incident = |mine| IncidentFacts {
            title: "t".into(),
            pages: vec![],
            public: true,
            first_due: None,
            updates: vec![UpdateFacts { at: at(0), phase: Some(Phase::Identified), mine, next_due: None }],
            ended_at: None,
            stakeholders: Expected::Unseen,
        };
        for (name, facts, kept) in [
            ("a look", facts(59), false),
            ("a minute", facts(60), true),
            ("a page that I took", Facts { pages: vec![page(true)], ..facts(9) }, true),
            ("a page that somebody took", Facts { pages: vec![page(false)], ..facts(9) }, false),
            ("an update of mine", Facts { incidents: vec![incident(true)], ..facts(9) }, true),
            ("an update of somebody", Facts { incidents: vec![incident(false)], ..facts(9) }, false),
            ("a handover", Facts { handover: Expected::Done(at(0)), ..facts(9) }, true),
        ] {
            let left = event.left(&facts);
            assert_eq!(left.is_some(), kept, "{name}");
            assert!(left.is_none_or(|it| it.practised.is_some_and(|it| it.left_early)), "{name}");
        }
    }

    #[test]
    fn an_end_and_a_leaving_are_the_same_event() {
        let event = PracticeEvent::new("storm", "A storm", at(0), 7);
        let (ended, left) = (event.ended(super::super::score(&facts(600))), event.left(&facts(600)).expect("kept"));
        let flag = |it: &Training| it.practised.as_ref().map(|it| (it.event.clone(), it.left_early));
        assert_eq!(flag(&ended), Some((event.name.clone(), false)));
        assert_eq!(flag(&left), Some((event.name.clone(), true)));
        assert_eq!((ended.at, ended.title.as_str(), ended.kind), (at(0), "A storm", TrainingKind::Practice));
        let others = [("storm", at(0), 8), ("outage", at(0), 7), ("storm", at(1), 7)];
        assert!(
            others.into_iter().all(|(scenario, at, id)| PracticeEvent::new(scenario, "", at, id).name != event.name)
        );
    }
}
