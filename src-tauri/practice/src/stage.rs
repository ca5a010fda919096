//! Everything the practice world holds: its services, the faults, the scenario's timeline, the journal.

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::act::{Act, OnCall, Say};
use crate::cast::Cast;
use crate::fault::FaultBoard;
use crate::gitlab::{self, Tracker};
use crate::journal::Journal;
use crate::pagerduty::{Actor, Doing, Meter, PagerDuty, Tokens, Via};
use crate::public::{PublicIncident, PublicLag, PublicMaintenance, PublicResolve, PublicUpdate, Site};
use crate::scenario::{Scenario, Step};
use crate::slack::Slack;
use crate::span::Span;
use crate::statusio::StatusIo;
use crate::statuspage::StatuspageSite;
use crate::when::{Rules, When};
use crate::zendesk::{self, Zendesk};

/// Something said in the practice world.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Said {
    /// When.
    pub at: DateTime<Utc>,
    /// By whom.
    pub who: String,
    /// Where.
    pub channel: String,
    /// What.
    pub text: String,
}

/// How far the scenario is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// Steps done.
    pub done: usize,
    /// Steps in all.
    pub total: usize,
    /// When the next step is due.
    pub next_at: Option<DateTime<Utc>>,
}

impl Progress {
    /// Tells whether all steps are done.
    pub fn is_finished(&self) -> bool {
        self.done == self.total
    }
}

/// Why an act could not be carried out.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ActError {
    /// A field does not fit the cast.
    #[error("{field}: {message}")]
    Field {
        /// The field.
        field: &'static str,
        /// What is wrong with it.
        message: String,
    },
    /// No incident has that name, id or number.
    #[error("there is no incident `{0}`")]
    NoIncident(String),
    /// No maintenance has that title or id.
    #[error("there is no maintenance `{0}`")]
    NoMaintenance(String),
    /// No issue has that name or number.
    #[error("there is no issue `{0}`")]
    NoIssue(String),
}

/// The state of the practice world. It reads no clock: `advance` and `perform` are told the time.
#[derive(Debug)]
pub(crate) struct Stage {
    pub(crate) scenario_name: String,
    pub(crate) tokens: Tokens,
    pub(crate) base: String,
    pub(crate) speed: f64,
    pub(crate) pagerduty: PagerDuty,
    pub(crate) meter: Meter,
    pub(crate) statusio: StatusIo,
    pub(crate) statuspage: StatuspageSite,
    pub(crate) faults: FaultBoard,
    pub(crate) journal: Journal,
    pub(crate) said: Vec<Said>,
    pub(crate) gitlab: Tracker,
    pub(crate) slack: Slack,
    pub(crate) zendesk: Zendesk,
    /// What the scenario wanted and could not do.
    pub(crate) problems: Vec<String>,
    start: DateTime<Utc>,
    steps: Vec<Step>,
    done: usize,
    rules: Rules,
}

impl Stage {
    pub(crate) fn new(scenario: Scenario, speed: f64, base: String, start: DateTime<Utc>) -> Self {
        Stage {
            scenario_name: scenario.name,
            tokens: Tokens::of(&scenario.cast),
            base,
            speed,
            statusio: StatusIo::new(&scenario.cast, speed, start),
            statuspage: StatuspageSite::new(&scenario.cast, speed, start),
            gitlab: Tracker::new(&scenario.cast, start),
            slack: Slack::new(&scenario.cast),
            zendesk: Zendesk::default(),
            pagerduty: PagerDuty::new(scenario.cast, speed, start),
            meter: Meter::default(),
            faults: FaultBoard::default(),
            journal: Journal::default(),
            said: Vec::new(),
            problems: Vec::new(),
            start,
            steps: scenario.steps,
            done: 0,
            rules: Rules::new(scenario.rules),
        }
    }

    pub(crate) fn cast(&self) -> &Cast {
        &self.pagerduty.cast
    }

    /// Lets everything happen that is due by now, each at its own time. Tells whether anything did.
    pub(crate) fn advance(&mut self, now: DateTime<Utc>) -> bool {
        let mut moved = false;
        while let Some(due) = self.next_due().filter(|due| *due <= now) {
            moved = true;
            if self.next_step_at() == Some(due) {
                self.next_step(due);
            } else if let Some((act, line)) = self.rules.take_due(due) {
                self.play(&act, line, due);
            } else {
                self.pagerduty.time_out(due);
            }
        }
        moved
    }

    /// Tells when something will happen next.
    pub(crate) fn next_due(&mut self) -> Option<DateTime<Utc>> {
        let step = self.next_step_at();
        step.into_iter().chain(self.rules.next_at()).chain(self.pagerduty.next_due()).min()
    }

    pub(crate) fn progress(&self) -> Progress {
        Progress { done: self.done, total: self.steps.len(), next_at: self.next_step_at() }
    }

    /// Times have whole seconds, as PagerDuty's; a faster world needs finer ones to tell things apart.
    pub(crate) fn precision(&self) -> SecondsFormat {
        if self.speed > 1.0 { SecondsFormat::Millis } else { SecondsFormat::Secs }
    }

    fn next_step_at(&self) -> Option<DateTime<Utc>> {
        self.steps.get(self.done).map(|step| self.start + step.after.at_speed(self.speed))
    }

    fn next_step(&mut self, at: DateTime<Utc>) {
        let Step { act, line, .. } = self.steps[self.done].clone();
        self.done += 1;
        self.play(&act, line, at);
    }

    fn play(&mut self, act: &Act, line: usize, at: DateTime<Utc>) {
        if let Err(error) = self.perform(act, at) {
            self.problems.push(format!("line {line}: {error}"));
        }
    }

    /// The trainee did something: rules that wait for it act.
    pub(crate) fn happened(&mut self, when: When, text: &str, now: DateTime<Utc>) {
        let real_ms = (now - self.start).num_milliseconds() as f64;
        let since_start = TimeDelta::milliseconds((real_ms * self.speed) as i64);
        self.rules.happened(when, text, since_start, self.speed, now);
    }

    /// Carries out an act; gives the ids of the incidents it touched.
    pub(crate) fn perform(&mut self, act: &Act, now: DateTime<Utc>) -> Result<Vec<String>, ActError> {
        act.check(self.cast()).map_err(|(field, message)| ActError::Field { field, message })?;
        let touched = match act {
            Act::Trigger(trigger) => self.pagerduty.trigger(trigger, now),
            Act::Retrigger(act) => self.each(&act.page, None, now, PagerDuty::retrigger)?,
            Act::Acknowledge(act) => {
                let user = self.user(&act.by);
                self.each(&act.page, Some(&act.by), now, |pd, index, doing| pd.acknowledge(index, user, doing))?
            }
            Act::Resolve(act) => {
                self.each(&act.page, act.by.as_deref(), now, |pd, index, doing| pd.resolve(index, "", doing))?
            }
            Act::Reassign(act) => {
                let users: Vec<usize> = act.to.iter().map(|key| self.user(key)).collect();
                let by = act.by.as_deref().or(act.to.first().map(String::as_str));
                self.each(&act.page, by, now, |pd, index, doing| pd.assign(index, &users, doing))?
            }
            Act::Escalate(act) => self.each(&act.page, None, now, |pd, index, doing| match act.level {
                Some(level) => pd.put_at_level(index, level as usize - 1, doing),
                None => pd.escalate(index, doing),
            })?,
            Act::Snooze(act) => {
                let user = self.user(&act.by);
                self.each(&act.page, Some(&act.by), now, |pd, index, doing| pd.snooze(index, user, act.length, doing))?
            }
            Act::Note(act) => {
                let user = self.user(&act.by);
                self.each(&act.page, Some(&act.by), now, |pd, index, doing| pd.note(index, user, &act.text, doing))?
            }
            Act::Edit(edit) => self.each(&edit.page, None, now, |pd, index, doing| pd.edit(index, edit, doing))?,
            Act::AskResponders(act) => {
                let (by, users) = (self.user(&act.by), act.to.iter().map(|key| self.user(key)).collect::<Vec<_>>());
                self.each(&act.page, Some(&act.by), now, |pd, index, doing| {
                    users.iter().for_each(|user| pd.ask_responder(index, *user, by, &act.text, doing));
                })?
            }
            Act::AnswerRequest(act) => {
                let user = self.user(&act.by);
                self.each(&act.page, Some(&act.by), now, |pd, index, doing| {
                    pd.answer_request(index, user, act.answer, doing);
                })?
            }
            Act::Merge(act) => {
                let into = self.pagerduty.named(&act.into).first().copied();
                let into = into.ok_or_else(|| ActError::NoIncident(act.into.clone()))?;
                self.each(&act.page, Some(&act.by), now, |pd, index, doing| {
                    let open = |index: usize| pd.incidents[index].is_open();
                    if index != into && open(index) && open(into) {
                        pd.merge(index, into, doing);
                    }
                })?
            }
            Act::OnCall(act) => self.put_on_call(act, now),
            Act::PublicIncident(act) => return Ok(vec![self.open_public(act, now)]),
            Act::PublicUpdate(act) => return Ok(vec![self.post_public(act, now)?]),
            Act::PublicResolve(act) => return Ok(vec![self.resolve_public(act, now)?]),
            Act::PublicMaintenance(act) => return Ok(vec![self.plan_public(act, now)]),
            Act::AutomationOff(act) => {
                let done = match act.site {
                    Site::StatusIo => self.statusio.automation_off(&act.maintenance, now),
                    Site::Statuspage => self.statuspage.automation_off(&act.maintenance, now),
                };
                return done.map(|id| vec![id]);
            }
            Act::DeleteMaintenance(act) => {
                let done = match act.site {
                    Site::StatusIo => self.statusio.delete_maintenance(&act.maintenance, now),
                    Site::Statuspage => self.statuspage.delete_maintenance(&act.maintenance, now),
                };
                return done.map(|id| vec![id]);
            }
            Act::PublicLag(act) => self.lag_public(act, now),
            Act::Fault(fault) => {
                self.faults.begin(fault.clone(), now, self.speed);
                Vec::new()
            }
            Act::ClearFault(act) => {
                self.faults.end(act.name.as_deref());
                Vec::new()
            }
            Act::Say(say) => self.say(say, now),
            Act::Declare(act) => return Ok(gitlab::play::declare(self, act, now)),
            Act::SetSeverity(act) => return gitlab::play::set_severity(self, act, now),
            Act::SetState(act) => return gitlab::play::set_state(self, act, now),
            Act::EditIssue(act) => return gitlab::play::edit(self, act, now),
            Act::SetConfidential(act) => return gitlab::play::set_confidential(self, act, now),
            Act::CloseIssue(act) => return gitlab::play::set_open(self, act, false, now),
            Act::ReopenIssue(act) => return gitlab::play::set_open(self, act, true, now),
            Act::Comment(act) => return gitlab::play::comment(self, act, now),
            Act::ImSays(act) => return gitlab::play::im_says(self, act, now),
            Act::Tickets(act) => return zendesk::tickets(self, act, now),
        };
        Ok(touched.into_iter().map(|index| self.pagerduty.incidents[index].id.clone()).collect())
    }

    fn each(
        &mut self,
        page: &str,
        by: Option<&str>,
        at: DateTime<Utc>,
        mut change: impl FnMut(&mut PagerDuty, usize, Doing),
    ) -> Result<Vec<usize>, ActError> {
        let found = self.pagerduty.named(page);
        if found.is_empty() && page != "all" {
            return Err(ActError::NoIncident(page.to_owned()));
        }
        let user = by.map(|key| self.user(key));
        for index in &found {
            let service = self.pagerduty.incidents[*index].service;
            let by = user.map_or(Actor::Service(service), Actor::User);
            change(&mut self.pagerduty, *index, Doing { by, via: Via::Act, at });
        }
        Ok(found)
    }

    fn open_public(&mut self, act: &PublicIncident, now: DateTime<Utc>) -> String {
        match act.site {
            Site::StatusIo => self.statusio.act_open(act, &self.pagerduty.cast, now),
            Site::Statuspage => self.statuspage.act_open(act, &self.pagerduty.cast, now),
        }
    }

    fn post_public(&mut self, act: &PublicUpdate, now: DateTime<Utc>) -> Result<String, ActError> {
        let posted = match act.site {
            Site::StatusIo => self.statusio.act_post(act, &self.pagerduty.cast, now),
            Site::Statuspage => self.statuspage.act_post(act, &self.pagerduty.cast, now),
        };
        match (posted, act.opening()) {
            (Err(ActError::NoIncident(_)), Some(opening)) => Ok(self.open_public(&opening, now)),
            (posted, _) => posted,
        }
    }

    fn resolve_public(&mut self, act: &PublicResolve, now: DateTime<Utc>) -> Result<String, ActError> {
        match act.site {
            Site::StatusIo => self.statusio.act_resolve(act, &self.pagerduty.cast, now),
            Site::Statuspage => self.statuspage.act_resolve(act, &self.pagerduty.cast, now),
        }
    }

    fn plan_public(&mut self, act: &PublicMaintenance, now: DateTime<Utc>) -> String {
        match act.site {
            Site::StatusIo => self.statusio.act_plan(act, self.speed, now),
            Site::Statuspage => self.statuspage.act_plan(act, self.speed, now),
        }
    }

    fn lag_public(&mut self, act: &PublicLag, now: DateTime<Utc>) -> Vec<usize> {
        match act.site {
            Site::StatusIo => self.statusio.history.set_lag(act.lag, self.speed, now),
            Site::Statuspage => self.statuspage.history.set_lag(act.lag, self.speed, now),
        }
        Vec::new()
    }

    fn put_on_call(&mut self, act: &OnCall, now: DateTime<Utc>) -> Vec<usize> {
        let user = act.user.as_deref().map(|key| self.user(key));
        let length = act.length.unwrap_or(Span::hours(8)).delta();
        if let Some(schedule) = self.cast().schedule_index(&act.schedule) {
            self.pagerduty.rota.put(schedule, user, now, length, None);
        }
        Vec::new()
    }

    pub(crate) fn say(&mut self, say: &Say, at: DateTime<Utc>) -> Vec<usize> {
        let who = self.cast().user(&say.who).map_or(&say.who, |user| &user.name).clone();
        self.said.push(Said { at, who, channel: say.channel.clone(), text: say.text.clone() });
        Vec::new()
    }

    pub(crate) fn user(&self, key: &str) -> usize {
        self.cast().user_index(key).expect("acts are checked against the cast first")
    }
}
