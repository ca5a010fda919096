//! How the world answers: rules that wait for what the trainee does, and act when it happens.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::act::Act;
use crate::span::Span;

/// What the trainee can do that the world notices.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum When {
    /// A message came in through the Slack webhook: "I intend to…".
    Intend,
    /// An update was published on a status page through its API.
    Published,
    /// A page was acknowledged through the API.
    Acknowledged,
    /// A page was closed through the API.
    Closed,
    /// A label was put on an issue through the API.
    LabelSet,
    /// An incident of a status page was read by itself through its API, as careful clients do right before they write.
    Looked,
}

/// What the world does when something happens.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    /// What it waits for.
    pub when: When,
    /// Words of which one has to be in the text; any text if there are none. Case does not matter.
    pub contains: Vec<String>,
    /// Words of which none may be in the text.
    pub lacks: Vec<String>,
    /// From the how many-th fitting happening on it acts.
    pub nth: u32,
    /// How often it acts in all.
    pub times_over: u32,
    /// How long after the happening it acts.
    pub after: Span,
    /// It waits from then on, counted from the start of the scenario.
    pub from: Span,
    /// It waits no longer than until then.
    pub until: Option<Span>,
    /// What it does.
    pub act: Act,
    /// Where it stands in its file.
    pub line: usize,
}

impl Rule {
    fn fits(&self, when: When, text: &str, since_start: TimeDelta) -> bool {
        let has = |word: &String| text.contains(&word.to_lowercase());
        let in_time = self.from.delta() <= since_start && self.until.is_none_or(|until| since_start < until.delta());
        self.when == when
            && in_time
            && (self.contains.is_empty() || self.contains.iter().any(has))
            && !self.lacks.iter().any(has)
    }
}

/// The rules of a running world, and what they have set going.
#[derive(Debug)]
pub(crate) struct Rules {
    rules: Vec<Waiting>,
    coming: Vec<Coming>,
}

#[derive(Debug)]
struct Waiting {
    rule: Rule,
    met: u32,
    acted: u32,
}

#[derive(Debug)]
struct Coming {
    at: DateTime<Utc>,
    act: Act,
    line: usize,
}

/// Answers on their way; more would be a loop of a scenario's own making.
const COMING_MAX: usize = 1000;

impl Rules {
    pub(crate) fn new(rules: Vec<Rule>) -> Self {
        let rules = rules.into_iter().map(|rule| Waiting { rule, met: 0, acted: 0 }).collect();
        Rules { rules, coming: Vec::new() }
    }

    /// Sets going what every rule that fits wants done. `since_start` is counted at the scenario's own pace.
    pub(crate) fn happened(&mut self, when: When, text: &str, since_start: TimeDelta, speed: f64, now: DateTime<Utc>) {
        let text = text.to_lowercase();
        for waiting in self.rules.iter_mut().filter(|it| it.rule.fits(when, &text, since_start)) {
            waiting.met += 1;
            let acts = waiting.met >= waiting.rule.nth && waiting.acted < waiting.rule.times_over;
            if acts && self.coming.len() < COMING_MAX {
                waiting.acted += 1;
                let at = now + waiting.rule.after.at_speed(speed);
                self.coming.push(Coming { at, act: waiting.rule.act.clone(), line: waiting.rule.line });
            }
        }
    }

    pub(crate) fn next_at(&self) -> Option<DateTime<Utc>> {
        self.coming.iter().map(|it| it.at).min()
    }

    /// Gives what is to be done by then, earliest first, with its line.
    pub(crate) fn take_due(&mut self, due: DateTime<Utc>) -> Option<(Act, usize)> {
        let first = (0..self.coming.len()).min_by_key(|place| self.coming[*place].at)?;
        if self.coming[first].at > due {
            return None;
        }
        let coming = self.coming.remove(first);
        Some((coming.act, coming.line))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::act::Say;

    fn rule(edit: impl FnOnce(&mut Rule)) -> Rule {
        let mut rule = Rule {
            when: When::Intend,
            contains: Vec::new(),
            lacks: Vec::new(),
            nth: 1,
            times_over: u32::MAX,
            after: Span::default(),
            from: Span::default(),
            until: None,
            act: Act::Say(Say { who: "im".into(), channel: String::new(), text: "go".into() }),
            line: 1,
        };
        edit(&mut rule);
        rule
    }

    /// Which of four intentions, said one scenario minute apart, a rule answers.
    #[test]
    fn rules_fit() {
        let said = ["I intend to post: Sign-in fails", "…to move to Monitoring", "…to MONITORING now", "…Resolved"];
        let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
        for (name, rule, expected) in [
            ("anything", rule(|_| {}), vec![0, 1, 2, 3]),
            ("a word, whatever its case", rule(|it| it.contains = words(&["monitoring"])), vec![1, 2]),
            ("one of several", rule(|it| it.contains = words(&["Sign-in", "resolved"])), vec![0, 3]),
            ("without a word", rule(|it| it.lacks = words(&["monitoring"])), vec![0, 3]),
            ("not before it is asked twice", rule(|it| it.nth = 2), vec![1, 2, 3]),
            ("only once", rule(|it| it.times_over = 1), vec![0]),
            ("only the second", rule(|it| (it.nth, it.times_over) = (2, 1)), vec![1]),
            ("later", rule(|it| it.from = Span::minutes(2)), vec![2, 3]),
            ("earlier", rule(|it| it.until = Some(Span::minutes(2))), vec![0, 1]),
            ("something else", rule(|it| it.when = When::Published), vec![]),
        ] {
            let mut rules = Rules::new(vec![rule]);
            let now = DateTime::from_timestamp(1_750_000_000, 0).expect("in range");
            let answered: Vec<usize> = (0..said.len())
                .filter(|place| {
                    let since = TimeDelta::minutes(i64::try_from(*place).expect("few"));
                    rules.happened(When::Intend, said[*place], since, 1.0, now);
                    rules.take_due(now).is_some()
                })
                .collect();
            assert_eq!(answered, expected, "{name}");
        }
    }

    #[test]
    fn answers_come_in_their_time() {
        let mut rules = Rules::new(vec![
            rule(|it| (it.after, it.line) = (Span::seconds(20), 20)),
            rule(|it| (it.after, it.line) = (Span::seconds(10), 10)),
        ]);
        let now = DateTime::from_timestamp(1_750_000_000, 0).expect("in range");
        rules.happened(When::Intend, "go?", TimeDelta::zero(), 2.0, now);
        assert_eq!(rules.next_at(), Some(now + TimeDelta::seconds(5)), "10 s at speed two");
        assert!(rules.take_due(now + TimeDelta::seconds(4)).is_none());
        let lines: Vec<usize> =
            std::iter::from_fn(|| rules.take_due(now + TimeDelta::seconds(10))).map(|(_, line)| line).collect();
        assert_eq!((lines, rules.next_at()), (vec![10, 20], None));
    }
}
