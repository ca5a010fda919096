//! Reads a scenario's TOML: lays it over the default cast, checks it, points at the line that is wrong.

use std::ops::Range;

use serde::Deserialize;
use toml::{Spanned, Table, Value};

use crate::act::Act;
use crate::cast::{Account, Cast, GitLabLimits, Limits, Named, Policy, Project, Schedule, Service, SlackHook, User};
use crate::span::Span;
use crate::statusio::StatusIoPage;
use crate::statuspage::Statuspage;
use crate::when::{Rule, When};

use super::{Difficulty, Scenario, ScenarioError, Step};

const DEFAULT_CAST: &str = include_str!("../../scenarios/cast.toml");

/// The file as written; all but the title may be left out.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    title: String,
    #[serde(default)]
    description: String,
    #[serde(default)]
    difficulty: Difficulty,
    #[serde(default)]
    objective: String,
    #[serde(default)]
    trains: Vec<String>,
    #[serde(default)]
    me: String,
    #[serde(default)]
    shadow_user: String,
    #[serde(default)]
    account: Account,
    #[serde(default)]
    limits: Limits,
    #[serde(default)]
    statusio: StatusIoPage,
    #[serde(default)]
    statuspage: Statuspage,
    #[serde(default)]
    users: Vec<User>,
    #[serde(default)]
    teams: Vec<Named>,
    #[serde(default)]
    priorities: Vec<Named>,
    #[serde(default)]
    schedules: Vec<Schedule>,
    #[serde(default)]
    policies: Vec<Policy>,
    #[serde(default)]
    services: Vec<Service>,
    #[serde(default)]
    im: String,
    #[serde(default)]
    eoc: String,
    #[serde(default)]
    projects: Vec<Project>,
    #[serde(default)]
    gitlab_limits: GitLabLimits,
    #[serde(default)]
    slack: SlackHook,
    #[serde(default)]
    at: Vec<Spanned<Table>>,
    #[serde(default)]
    when: Vec<Spanned<Table>>,
}

/// More steps than anybody writes or waits for.
const STEPS_MAX: usize = 10_000;
/// Each is looked at whenever something happens.
const RULES_MAX: usize = 200;
/// Pages that a scenario makes in all: two of the largest storms.
const PAGES_MAX: u64 = 20_000;

pub(super) fn read(text: &str) -> Result<Scenario, ScenarioError> {
    let source = Source { text };
    // Read twice: as written, for the places of mistakes, then laid over the default cast.
    let written: File = toml::from_str(text).map_err(|error| source.error(&error, 0..text.len()))?;
    let merged = source.merge()?;
    let mut cast = Cast {
        account: merged.account,
        me: merged.me,
        shadow_user: merged.shadow_user,
        users: merged.users,
        teams: merged.teams,
        priorities: merged.priorities,
        schedules: merged.schedules,
        policies: merged.policies,
        services: merged.services,
        limits: merged.limits,
        statusio: merged.statusio,
        statuspage: merged.statuspage,
        im: merged.im,
        eoc: merged.eoc,
        projects: merged.projects,
        gitlab_limits: merged.gitlab_limits,
        slack: merged.slack,
    };
    cast.fill();
    cast.check().map_err(|(culprit, message)| source.point(&culprit, 0..text.len(), message))?;
    if written.title.is_empty() {
        return Err(source.point("title", 0..text.len(), "a title is needed".to_owned()));
    }
    let mut steps = Vec::new();
    for table in written.at {
        let place = table.span();
        steps.extend(source.steps(&cast, table)?);
        // Looked at after each: a few lines can ask for more than fits into the memory.
        if steps.len() > STEPS_MAX {
            return Err(source.point("at", place, format!("more than {STEPS_MAX} steps")));
        }
    }
    steps.sort_by_key(|step| step.after);
    let rules = written.when.into_iter().map(|table| source.rule(&cast, table));
    let rules = rules.collect::<Result<Vec<Rule>, _>>()?;
    if rules.len() > RULES_MAX {
        return Err(source.point("when", 0..text.len(), format!("more than {RULES_MAX} rules")));
    }
    let acts = steps.iter().map(|step| &step.act).chain(rules.iter().map(|rule| &rule.act));
    if acts.map(pages).sum::<u64>() > PAGES_MAX {
        return Err(source.point("count", 0..text.len(), format!("more than {PAGES_MAX} pages in all")));
    }
    Ok(Scenario {
        name: "custom".to_owned(),
        title: written.title,
        description: written.description,
        difficulty: written.difficulty,
        objective: written.objective,
        trains: written.trains,
        cast,
        steps,
        rules,
    })
}

fn pages(act: &Act) -> u64 {
    if let Act::Trigger(trigger) = act { trigger.count.unwrap_or(1).into() } else { 0 }
}

struct Source<'a> {
    text: &'a str,
}

impl Source<'_> {
    fn merge(&self) -> Result<File, ScenarioError> {
        let whole = 0..self.text.len();
        let mut base: Table = toml::from_str(DEFAULT_CAST).map_err(|error| self.error(&error, whole.clone()))?;
        let mut own: Table = toml::from_str(self.text).map_err(|error| self.error(&error, whole.clone()))?;
        own.remove("at");
        own.remove("when");
        for (key, value) in own {
            lay_over(&mut base, key, value);
        }
        File::deserialize(base).map_err(|error| self.error(&error, whole))
    }

    fn steps(&self, cast: &Cast, written: Spanned<Table>) -> Result<Vec<Step>, ScenarioError> {
        let place = self.whole_step(written.span());
        let mut table = written.into_inner();
        let after = self.take_span(&mut table, "after", &place)?;
        let after = after.ok_or_else(|| self.point("after", place.clone(), "a time is needed".to_owned()))?;
        let every = self.take_span(&mut table, "every", &place)?;
        let times = i64::from(self.take_count(&mut table, "times_over", &place)?.unwrap_or(1));
        let act = self.act(cast, table, &place)?;
        let line = self.line(place.start);
        let gap = every.unwrap_or_default();
        if after < Span::default() || gap < Span::default() {
            return Err(self.point("after", place, "a time is not negative".to_owned()));
        }
        let last = gap.delta().num_milliseconds().saturating_mul(times);
        if last > Span::LONGEST.delta().num_milliseconds() {
            return Err(self.point("every", place, "the last of them would come in more than 10,000 days".to_owned()));
        }
        let at = |number: i64| Span::millis(after.delta().num_milliseconds() + gap.delta().num_milliseconds() * number);
        Ok((0..times).map(|number| Step { after: at(number), act: act.clone(), line }).collect())
    }

    fn rule(&self, cast: &Cast, written: Spanned<Table>) -> Result<Rule, ScenarioError> {
        let place = self.whole_step(written.span());
        let mut table = written.into_inner();
        let Some(when) = table.remove("when") else {
            return Err(self.point("when", place, "what to wait for is needed, such as \"intend\"".to_owned()));
        };
        let when = When::deserialize(when).map_err(|error| self.point("when", place.clone(), plain(&error)))?;
        let mut span = |key: &str| {
            let span = self.take_span(&mut table, key, &place)?;
            match span.filter(|span| *span < Span::default()) {
                Some(_) => Err(self.point(key, place.clone(), "a time is not negative".to_owned())),
                None => Ok(span),
            }
        };
        let (after, from, until) = (span("after")?, span("from")?, span("until")?);
        let contains = self.take_words(&mut table, "contains", &place)?;
        let lacks = self.take_words(&mut table, "lacks", &place)?;
        let nth = self.take_count(&mut table, "nth", &place)?.unwrap_or(1);
        let times_over = self.take_count(&mut table, "times_over", &place)?.unwrap_or(u32::MAX);
        let act = self.act(cast, table, &place)?;
        let (after, from, line) = (after.unwrap_or_default(), from.unwrap_or_default(), self.line(place.start));
        Ok(Rule { when, contains, lacks, nth, times_over, after, from, until, act, line })
    }

    fn act(&self, cast: &Cast, table: Table, place: &Range<usize>) -> Result<Act, ScenarioError> {
        let act = Act::deserialize(table).map_err(|error| self.error(&error, place.clone()))?;
        act.check(cast).map_err(|(field, message)| self.point(field, place.clone(), message))?;
        Ok(act)
    }

    fn take_count(&self, table: &mut Table, key: &str, place: &Range<usize>) -> Result<Option<u32>, ScenarioError> {
        match table.remove(key) {
            None => Ok(None),
            Some(Value::Integer(count)) if (1..=STEPS_MAX as i64).contains(&count) => Ok(u32::try_from(count).ok()),
            Some(_) => Err(self.point(key, place.clone(), format!("a number from 1 to {STEPS_MAX}"))),
        }
    }

    /// One text, or a list of them.
    fn take_words(&self, table: &mut Table, key: &str, place: &Range<usize>) -> Result<Vec<String>, ScenarioError> {
        let words = match table.remove(key) {
            None => return Ok(Vec::new()),
            Some(Value::String(word)) => vec![word],
            Some(list) => Vec::<String>::deserialize(list).unwrap_or_default(),
        };
        if words.is_empty() || words.iter().any(|word| word.trim().is_empty()) {
            let message = "a text such as \"monitoring\" is needed, or a list of them".to_owned();
            return Err(self.point(key, place.clone(), message));
        }
        Ok(words)
    }

    fn take_span(&self, table: &mut Table, key: &str, place: &Range<usize>) -> Result<Option<Span>, ScenarioError> {
        match table.remove(key) {
            None => Ok(None),
            Some(Value::String(text)) => match Span::parse(&text) {
                Ok(span) => Ok(Some(span)),
                Err(message) => Err(self.point(key, place.clone(), message)),
            },
            Some(_) => Err(self.point(key, place.clone(), "a text such as \"20s\" is needed".to_owned())),
        }
    }

    /// The span of a `[[at]]` table may be its header only: it ends where the next table begins.
    fn whole_step(&self, span: Range<usize>) -> Range<usize> {
        let next = self.text[span.end..].find("\n[").map_or(self.text.len(), |found| span.end + found);
        span.start..next
    }

    fn error(&self, error: &toml::de::Error, place: Range<usize>) -> ScenarioError {
        let message = error.message().to_owned();
        match error.span() {
            Some(span) => {
                let line = self.line(span.start);
                let own = key_of(self.text.lines().nth(line - 1).unwrap_or(""));
                let key = if own.is_empty() { quoted(&message).unwrap_or_default() } else { own };
                ScenarioError { line, key, message }
            }
            None => self.point(&quoted(&message).unwrap_or_default(), place, message),
        }
    }

    /// Points at the first line within a place that has the key, else the text, else the place itself.
    fn point(&self, key: &str, place: Range<usize>, message: String) -> ScenarioError {
        let first = self.line(place.start);
        let lines = || self.text[place.clone()].lines().enumerate();
        let has_key = lines().find(|(_, line)| key_of(line) == key);
        let found = has_key.or_else(|| lines().find(|(_, line)| line.contains(&format!("\"{key}\""))));
        let own = found.map(|(_, line)| key_of(line)).filter(|own| !own.is_empty());
        ScenarioError {
            line: found.map_or(first, |(number, _)| first + number),
            key: own.unwrap_or_else(|| key.to_owned()),
            message,
        }
    }

    fn line(&self, offset: usize) -> usize {
        self.text[..offset.min(self.text.len())].matches('\n').count() + 1
    }
}

/// Lays a value over a table: lists of things with a `key` are joined by it, tables field by field.
fn lay_over(base: &mut Table, key: String, value: Value) {
    match (base.get_mut(&key), value) {
        (Some(Value::Table(old)), Value::Table(new)) => old.extend(new),
        (Some(Value::Array(old)), Value::Array(new)) => new.into_iter().for_each(|item| join(old, item)),
        (_, value) => {
            base.insert(key, value);
        }
    }
}

fn join(items: &mut Vec<Value>, item: Value) {
    let same = items.iter_mut().find(|old| old.get("key").is_some() && old.get("key") == item.get("key"));
    match (same, item) {
        (Some(Value::Table(old)), Value::Table(new)) => old.extend(new),
        (_, item) => items.push(item),
    }
}

fn plain(error: &toml::de::Error) -> String {
    error.message().to_owned()
}

fn key_of(line: &str) -> String {
    line.split_once('=').map(|(key, _)| key.trim().to_owned()).unwrap_or_default()
}

fn quoted(message: &str) -> Option<String> {
    message.split('`').nth(1).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(text: &str) -> (usize, String, String) {
        let error = read(text).expect_err(text);
        (error.line, error.key, error.message)
    }

    #[test]
    fn mistakes_are_pointed_at() {
        let cases = [
            ("title = \"x\"\nspeeed = 3\n", 2, "speeed"),
            ("title = \"x\"\ndifficulty = \"deadly\"\n", 2, "difficulty"),
            ("description = \"no title\"\n", 1, "title"),
            ("title = \"x\"\nme = \"nobody\"\n", 2, "me"),
            ("title = \"x\"\n\n[[users]]\nkey = \"zoe\"\n", 4, "key"),
            ("title = \"x\"\n\n[[users]]\nkey = \"zoe\"\nname = 4\n", 5, "name"),
            ("title = \"x\"\n\n[[at]]\nafter = \"soon\"\ndo = \"say\"\n", 4, "after"),
            ("title = \"x\"\n\n[[at]]\ndo = \"say\"\n", 3, "after"),
            ("title = \"x\"\n\n[[at]]\nafter = \"1s\"\ndo = \"explode\"\n", 5, "do"),
            ("title = \"x\"\n\n[[at]]\nafter = \"1s\"\ndo = \"trigger\"\ntitel = \"y\"\n", 6, "titel"),
            ("title = \"x\"\n\n[[at]]\nafter = \"1s\"\ndo = \"resolve\"\npage = \"p\"\nby = \"zoe\"\n", 7, "by"),
            ("title = \"x\"\n\n[[at]]\nafter = \"1s\"\ndo = \"fault\"\nkind = \"meteor\"\n", 6, "kind"),
            ("title = \"x\"\n\n[[at]]\nafter = \"1s\"\ndo = \"fault\"\nkind = \"status\"\nstatus = 7\n", 7, "status"),
            ("title = \"x\"\nme elena\n", 2, "="),
            ("title = \"x\"\n\n[[when]]\ndo = \"say\"\n", 3, "when"),
            ("title = \"x\"\n\n[[when]]\nwhen = \"asked\"\ndo = \"say\"\n", 4, "when"),
            ("title = \"x\"\n\n[[when]]\nwhen = \"intend\"\nafter = \"-3s\"\n", 5, "after"),
            ("title = \"x\"\n\n[[when]]\nwhen = \"intend\"\nnth = 0\n", 5, "nth"),
            ("title = \"x\"\n\n[[when]]\nwhen = \"intend\"\ncontains = []\n", 5, "contains"),
            ("title = \"x\"\n\n[[when]]\nwhen = \"intend\"\nlacks = 4\n", 5, "lacks"),
            (
                "title = \"x\"\n\n[[when]]\nwhen = \"intend\"\nshy = true\ndo = \"say\"\nwho = \"a\"\ntext = \"b\"\n",
                5,
                "shy",
            ),
            (
                "title = \"x\"\n\n[[when]]\nwhen = \"intend\"\ndo = \"comment\"\nincident = \"p\"\nby = \"zoe\"\ntext = \"b\"\n",
                7,
                "by",
            ),
        ];
        for (text, line, key) in cases {
            let found = error(text);
            assert_eq!((found.0, found.1.as_str()), (line, key), "{text}\n{found:?}");
        }
    }

    #[test]
    fn a_scenario_changes_only_what_it_names() {
        let text = "title = \"x\"\n[[users]]\nkey = \"elena\"\nname = \"Elena M.\"\n[[users]]\nkey = \"zoe\"\nname = \"Zoe\"\n";
        let cast = read(text).expect("reads").cast;
        let usual = read("title = \"x\"").expect("reads").cast;
        assert_eq!(cast.users.len(), usual.users.len() + 1);
        assert_eq!(cast.me().name, "Elena M.");
        assert_eq!(cast.me().email, usual.me().email);
        assert_eq!(cast.user("zoe").map(|user| user.id.len()), Some(7));
        assert_eq!(cast.policies, usual.policies);
    }

    #[test]
    fn a_step_can_repeat() {
        let text = "title = \"x\"\n[[at]]\nafter = \"10s\"\nevery = \"5s\"\ntimes_over = 3\ndo = \"say\"\nwho = \"a\"\ntext = \"b\"\n[[at]]\nafter = \"12s\"\ndo = \"say\"\nwho = \"c\"\ntext = \"d\"\n";
        let steps = read(text).expect("reads").steps;
        let seconds: Vec<i64> = steps.iter().map(|step| step.after.delta().num_seconds()).collect();
        assert_eq!(seconds, [10, 12, 15, 20]);
    }
}
