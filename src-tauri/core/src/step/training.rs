//! What becomes true of the training log, and of the way into the rotation.

use super::Draft;
use crate::Time;
use crate::state::Change;
use crate::training::{Training, TrainingWish};

impl Draft<'_> {
    pub(super) fn training_wish(&mut self, wish: TrainingWish, now: Time) {
        match wish {
            TrainingWish::Add { entry } => self.put(Change::Training(self.state.next_training, entry)),
            TrainingWish::Change { training, entry } => {
                if self.state.trainings.get(&training) != Some(&*entry) {
                    self.put(Change::Training(training, entry));
                }
            }
            TrainingWish::Remove { training } => self.put(Change::TrainingGone(training)),
            TrainingWish::Step { key, done } => {
                let mut settings = self.state.settings.clone();
                if done {
                    settings.path_done.entry(key).or_insert(now);
                } else {
                    settings.path_done.remove(&key);
                }
                if settings != self.state.settings {
                    self.put(Change::Settings(settings));
                }
            }
        }
    }

    /// A practice event came to its end in a Herald of its own. It may be told of more than once.
    pub(super) fn practised(&mut self, training: Training) {
        let event = training.practised.as_ref().map(|it| &it.event);
        let known = self.state.trainings.values().any(|it| it.practised.as_ref().map(|it| &it.event) == event);
        if !known {
            self.put(Change::Training(self.state.next_training, Box::new(training)));
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use crate::state::tests::{at, connected};
    use crate::state::{Mode, State};
    use crate::training::{Practised, Score, Training, TrainingKind, TrainingWish};
    use crate::view::view;
    use crate::{Command, Input, Refusal, Time, allowed, step};

    fn entry(at: Time, title: &str) -> Training {
        Training { at, kind: TrainingKind::Tabletop, title: title.into(), notes: String::new(), practised: None }
    }

    fn wish(state: &mut State, wish: TrainingWish, minutes: i64) -> Result<(), Refusal> {
        let command = Command::Training { wish: Box::new(wish) };
        allowed(state, &command, at(minutes))?;
        after(state, Input::User(command), minutes);
        Ok(())
    }

    fn after(state: &mut State, input: Input, minutes: i64) {
        for change in step(state, input, at(minutes)) {
            state.apply(&change);
        }
    }

    fn titles(state: &State) -> Vec<String> {
        view(state, at(60)).training.log.iter().map(|it| it.training.title.clone()).collect()
    }

    #[test]
    fn an_event_is_noted_changed_removed_and_brought_back() {
        let mut state = connected();
        let first = entry(at(0), "Squawk");
        wish(&mut state, TrainingWish::Add { entry: Box::new(first.clone()) }, 1).expect("allowed");
        wish(&mut state, TrainingWish::Add { entry: Box::new(entry(at(5), "")) }, 6).expect("saved as typed");
        assert_eq!(titles(&state), ["", "Squawk"], "newest first");
        let changed = Training { notes: "Ask early.".into(), ..first.clone() };
        wish(&mut state, TrainingWish::Change { training: 1, entry: Box::new(changed.clone()) }, 7).expect("allowed");
        assert_eq!(state.trainings[&1], changed);
        wish(&mut state, TrainingWish::Remove { training: 1 }, 8).expect("allowed");
        assert_eq!(titles(&state), [""]);
        for gone in
            [TrainingWish::Remove { training: 1 }, TrainingWish::Change { training: 9, entry: Box::new(first.clone()) }]
        {
            assert_eq!(wish(&mut state, gone, 9), Err(Refusal::NoSuchTraining));
        }
        wish(&mut state, TrainingWish::Add { entry: Box::new(changed.clone()) }, 10).expect("undone");
        assert_eq!((state.trainings.len(), &state.trainings[&3]), (2, &changed), "under a number of its own");
    }

    #[test]
    fn an_event_lies_behind() {
        let mut state = connected();
        for (ahead, expected) in [
            (TimeDelta::hours(-1), Ok(())),
            (TimeDelta::hours(20), Ok(())),
            (TimeDelta::hours(30), Err(Refusal::TrainingAhead)),
        ] {
            let entry = Box::new(entry(at(0) + ahead, "t"));
            assert_eq!(
                wish(&mut state, TrainingWish::Add { entry }, 0),
                expected,
                "{ahead}: the day may begin earlier"
            );
        }
    }

    #[test]
    fn a_practice_event_is_taken_in_once() {
        let mut state = connected();
        let event = |name: &str| {
            let score = Score { began_at: at(0), ended_at: at(9), kpis: vec![], timeline: vec![] };
            let practised = Practised { event: name.into(), scenario: "shy-im".into(), score, left_early: false };
            Training { kind: TrainingKind::Practice, practised: Some(practised), ..entry(at(9), "The silent manager") }
        };
        for name in ["a", "a", "b", "a"] {
            after(&mut state, Input::Practised(Box::new(event(name))), 10);
        }
        assert_eq!(state.trainings.len(), 2);
    }

    #[test]
    fn the_quarter_is_told_until_it_has_its_event() {
        let mut state = connected();
        let told = |state: &State| view(state, at(60)).training;
        let quarter = told(&state);
        assert_eq!((quarter.quarter.as_str(), quarter.in_quarter, quarter.wanted), ("Q1 2027", 0, 1));
        let before = entry(at(0) - TimeDelta::days(30), "last quarter");
        wish(&mut state, TrainingWish::Add { entry: Box::new(before) }, 1).expect("allowed");
        assert_eq!(told(&state).in_quarter, 0);
        wish(&mut state, TrainingWish::Add { entry: Box::new(entry(at(0), "now")) }, 1).expect("allowed");
        assert_eq!(told(&state).in_quarter, 1);
        let score = Score { began_at: at(0), ended_at: at(9), kpis: vec![], timeline: vec![] };
        let practised = Practised { event: "e".into(), scenario: "storm".into(), score, left_early: true };
        let left = Training { kind: TrainingKind::Practice, practised: Some(practised), ..entry(at(0), "left") };
        after(&mut state, Input::Practised(Box::new(left)), 10);
        assert_eq!(
            (told(&state).in_quarter, told(&state).log.len()),
            (1, 3),
            "what was left early is kept and not counted"
        );
        state.session.mode = Mode::Practice { scenario: "x".into() };
        assert_eq!(told(&state).wanted, 0, "in the practice world nothing is missing");
    }

    #[test]
    fn steps_into_the_rotation_are_ticked_off() {
        let mut state = connected();
        let step = crate::training::PathStep { key: "module".into(), text: "The module".into(), link: None };
        std::sync::Arc::make_mut(&mut state.playbook).training.path = vec![step];
        let done = |state: &State| view(state, at(60)).training.path[0].done_at;
        let tick = |done| TrainingWish::Step { key: "module".into(), done };
        assert_eq!(done(&state), None);
        wish(&mut state, tick(true), 3).expect("allowed");
        wish(&mut state, tick(true), 5).expect("allowed");
        assert_eq!(done(&state), Some(at(3)), "when it was done first");
        wish(&mut state, tick(false), 6).expect("allowed");
        assert_eq!(done(&state), None);
    }
}
