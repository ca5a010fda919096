//! PagerDuty's rules: how incidents begin, change hands, time out and end.
//!
//! Source: PagerDuty REST OpenAPI, schemas Service (`acknowledgement_timeout`, `auto_resolve_timeout`),
//! EscalationPolicy (`num_loops`), EscalationRule (`escalation_delay_in_minutes`) and Incident (`assigned_via`: what is
//! assigned directly does not escalate; assignments and acknowledgements are empty when it is resolved). Guess: how a
//! level where nobody is on call is skipped.

use std::collections::HashMap;

use crate::act::{Edit, Trigger};
use crate::cast::{Cast, code};
use crate::hostile;
use crate::span::Span;

use super::incident::{
    Actor, AssignedVia, EntryKind, Incident, NoteEntry, Responder, ResponderState, Status, Time, Timers, Via,
};
use super::rota::Rota;

/// A PagerDuty account: the cast, the rota, and all incidents. It reads no clock.
#[derive(Debug)]
pub(crate) struct PagerDuty {
    pub(crate) cast: Cast,
    pub(crate) rota: Rota,
    pub(crate) incidents: Vec<Incident>,
    by_id: HashMap<String, usize>,
    speed: f64,
    /// The earliest timer of all; None = to be looked up again.
    next: Option<Option<Time>>,
}

/// Who does something, through what, and when.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Doing {
    pub(crate) by: Actor,
    pub(crate) via: Via,
    pub(crate) at: Time,
}

/// PagerDuty's incident numbers of an account that has been in use for a while.
const FIRST_NUMBER: u32 = 4001;

impl PagerDuty {
    pub(crate) fn new(cast: Cast, speed: f64, start: Time) -> Self {
        PagerDuty { cast, rota: Rota::new(start), incidents: Vec::new(), by_id: HashMap::new(), speed, next: None }
    }

    /// Finds an incident by id or number, as paths have it.
    pub(crate) fn find(&self, wanted: &str) -> Option<usize> {
        match self.by_id.get(wanted) {
            Some(index) => Some(*index),
            None => {
                let number: u32 = wanted.parse().ok()?;
                let index = number.checked_sub(FIRST_NUMBER)? as usize;
                (index < self.incidents.len()).then_some(index)
            }
        }
    }

    /// Finds the incidents that an act speaks of.
    pub(crate) fn named(&self, page: &str) -> Vec<usize> {
        match page {
            "all" => (0..self.incidents.len()).filter(|index| self.incidents[*index].is_open()).collect(),
            "last" => self.incidents.len().checked_sub(1).into_iter().collect(),
            name => {
                let of_name = |index: &usize| self.incidents[*index].name.as_deref() == Some(name);
                let found: Vec<usize> = (0..self.incidents.len()).filter(of_name).collect();
                if found.is_empty() { self.find(name).into_iter().collect() } else { found }
            }
        }
    }

    /// Triggers an incident, or a storm of them.
    pub(crate) fn trigger(&mut self, act: &Trigger, now: Time) -> Vec<usize> {
        let titles = if act.hostile { hostile::titles() } else { Vec::new() };
        let usual = if act.hostile { titles.len() as u32 } else { 1 };
        (0..act.count.unwrap_or(usual))
            .map(|n| {
                let title = match act.hostile {
                    true => titles[n as usize % titles.len()].clone(),
                    false => act.title.replace("{n}", &(n + 1).to_string()),
                };
                self.trigger_one(act, title, now)
            })
            .collect()
    }

    /// Makes an incident because somebody asks for it over REST.
    pub(crate) fn create(&mut self, act: &Trigger, key: Option<String>, doing: Doing) -> usize {
        let index = self.trigger_one(act, act.title.clone(), doing.at);
        let incident = &mut self.incidents[index];
        incident.key = key;
        incident.changed_by = doing.by;
        if let Some(first) = incident.log.first_mut() {
            (first.actor, first.via) = (doing.by, doing.via);
        }
        index
    }

    /// Merges an incident into another: its alerts go there, and it is resolved.
    ///
    /// Source: PagerDuty REST OpenAPI, operation mergeIncidents and schema ResolveReason.
    pub(crate) fn merge(&mut self, source: usize, target: usize, doing: Doing) {
        let alerts = std::mem::take(&mut self.incidents[source].alerts);
        self.resolve(source, "", doing);
        self.incidents[source].merged_into = Some(target);
        let target = &mut self.incidents[target];
        target.alerts.extend(alerts);
        target.alerts.sort_unstable();
        target.updated_at = doing.at;
    }

    fn trigger_one(&mut self, act: &Trigger, title: String, now: Time) -> usize {
        let service = act.service.as_deref().and_then(|key| self.cast.service_index(key)).unwrap_or(0);
        let own_policy = self.cast.services[service].policy.as_str();
        let policy = act.policy.as_deref().unwrap_or(own_policy);
        let policy = self.cast.policy_index(policy).unwrap_or(0);
        let number = FIRST_NUMBER + self.incidents.len() as u32;
        let id = format!("Q{}", code(&format!("incident/{number}"), 13));
        let by = Actor::Service(service);
        let created_at = now - act.ago.unwrap_or_default().delta();
        let incident = Incident {
            id: id.clone(),
            number,
            name: act.page.clone(),
            title,
            status: Status::Triggered,
            high: act.urgency.as_deref() != Some("low"),
            priority: act.priority.as_deref().and_then(|key| self.cast.priority_index(key)),
            service,
            policy,
            level: 0,
            loops_left: self.cast.policies[policy].loops,
            assigned_via: AssignedVia::EscalationPolicy,
            assignments: Vec::new(),
            acknowledgements: Vec::new(),
            created_at,
            updated_at: created_at,
            changed_at: created_at,
            changed_by: by,
            resolved_at: None,
            epoch: 1,
            timers: Timers::default(),
            details: act.details.clone(),
            links: act.links.clone(),
            alerts: vec![created_at],
            conference_url: act.conference_url.clone(),
            conference_number: act.conference_number.clone(),
            responders: Vec::new(),
            log: Vec::new(),
            notes: Vec::new(),
            key: None,
            merged_into: None,
            before: None,
        };
        let index = self.incidents.len();
        self.incidents.push(incident);
        self.by_id.insert(id, index);
        let doing = Doing { by, via: Via::Act, at: created_at };
        self.incidents[index].write(EntryKind::Trigger, created_at, by, Via::Act);
        self.start_resolve_timer(index, now);
        let direct: Vec<usize> = act.assign_to.iter().filter_map(|key| self.cast.user_index(key)).collect();
        if direct.is_empty() {
            self.put_at_level(index, 0, doing);
            // A backdated incident has its time-outs still ahead of it.
            self.start_escalate_timer(index, now);
        } else {
            self.assign(index, &direct, doing);
        }
        index
    }

    /// Acknowledges. A resolved incident is thereby opened again: PagerDuty has no other answer to that.
    ///
    /// Who acknowledges what is assigned to others gets it alone, as users of the real API report.
    pub(crate) fn acknowledge(&mut self, index: usize, user: usize, doing: Doing) {
        let was = self.incidents[index].status;
        self.incidents[index].set_status(Status::Acknowledged, doing.by, doing.at);
        if was == Status::Resolved {
            self.incidents[index].write(EntryKind::Reopen, doing.at, doing.by, doing.via);
            self.start_resolve_timer(index, doing.at);
        }
        if !self.incidents[index].is_assigned_to(user) {
            self.assign(index, &[user], doing);
        }
        let timeout = self.cast.services[self.incidents[index].service].acknowledgement_timeout;
        let unacknowledge_at = self.due(timeout, doing.at);
        let incident = &mut self.incidents[index];
        incident.acknowledgements.retain(|(other, _)| *other != user);
        incident.acknowledgements.push((user, doing.at));
        incident.write(EntryKind::Acknowledge, doing.at, doing.by, doing.via);
        incident.timers.escalate_at = None;
        incident.timers.unacknowledge_at = unacknowledge_at;
        self.next = None;
    }

    /// Resolves; nothing happens to a resolved one.
    pub(crate) fn resolve(&mut self, index: usize, resolution: &str, doing: Doing) {
        let incident = &mut self.incidents[index];
        if !incident.is_open() {
            return;
        }
        incident.set_status(Status::Resolved, doing.by, doing.at);
        incident.assignments.clear();
        incident.acknowledgements.clear();
        incident.timers = Timers::default();
        incident.write(EntryKind::Resolve, doing.at, doing.by, doing.via).text = resolution.to_owned();
        self.next = None;
    }

    /// Makes it triggered again, whatever it was.
    pub(crate) fn retrigger(&mut self, index: usize, doing: Doing) {
        match self.incidents[index].status {
            Status::Triggered => {
                let incident = &mut self.incidents[index];
                incident.alerts.push(doing.at);
                incident.updated_at = doing.at;
            }
            Status::Acknowledged => self.unacknowledge(index, doing),
            Status::Resolved => {
                let incident = &mut self.incidents[index];
                incident.set_status(Status::Triggered, doing.by, doing.at);
                incident.write(EntryKind::Reopen, doing.at, doing.by, doing.via);
                incident.alerts.push(doing.at);
                incident.loops_left = self.cast.policies[incident.policy].loops;
                self.start_resolve_timer(index, doing.at);
                self.put_at_level(index, 0, doing);
            }
        }
    }

    /// Ends the acknowledgement: the incident is triggered again for those who have it.
    pub(crate) fn unacknowledge(&mut self, index: usize, doing: Doing) {
        let incident = &mut self.incidents[index];
        incident.set_status(Status::Triggered, doing.by, doing.at);
        incident.acknowledgements.clear();
        incident.timers.unacknowledge_at = None;
        incident.write(EntryKind::Unacknowledge, doing.at, doing.by, doing.via);
        self.start_escalate_timer(index, doing.at);
    }

    /// Assigns directly: from then on it does not escalate.
    pub(crate) fn assign(&mut self, index: usize, users: &[usize], doing: Doing) {
        let incident = &mut self.incidents[index];
        incident.assigned_via = AssignedVia::DirectAssignment;
        incident.assignments = users.iter().map(|user| (*user, doing.at)).collect();
        incident.acknowledgements.retain(|(user, _)| users.contains(user));
        incident.timers.escalate_at = None;
        incident.write(EntryKind::Assign, doing.at, doing.by, doing.via).users = users.to_vec();
        self.next = None;
    }

    /// Goes to the next level, at once.
    pub(crate) fn escalate(&mut self, index: usize, doing: Doing) {
        let incident = &mut self.incidents[index];
        let levels = self.cast.policies[incident.policy].levels.len();
        if incident.level + 1 < levels {
            let next = incident.level + 1;
            self.put_at_level(index, next, doing);
        } else if incident.loops_left > 0 {
            incident.loops_left -= 1;
            incident.write(EntryKind::RepeatEscalationPath, doing.at, doing.by, doing.via);
            self.put_at_level(index, 0, doing);
        } else {
            incident.timers.escalate_at = None;
            incident.write(EntryKind::ExhaustEscalationPath, doing.at, doing.by, doing.via);
            self.next = None;
        }
    }

    /// Assigns to whoever is on call at a level, or at the first one after it where anybody is.
    pub(crate) fn put_at_level(&mut self, index: usize, level: usize, doing: Doing) {
        let policy = self.incidents[index].policy;
        let levels = self.cast.policies[policy].levels.len();
        let found = (level..levels)
            .map(|level| (level, self.rota.on_call(&self.cast, policy, level, doing.at)))
            .find(|(_, users)| !users.is_empty());
        let (level, users) = found.unwrap_or((level.min(levels - 1), Vec::new()));
        let incident = &mut self.incidents[index];
        // Another level means other people: an acknowledgement does not come along.
        if incident.status == Status::Acknowledged {
            incident.set_status(Status::Triggered, doing.by, doing.at);
            incident.timers.unacknowledge_at = None;
        }
        incident.level = level;
        incident.assigned_via = AssignedVia::EscalationPolicy;
        incident.assignments = users.iter().map(|user| (*user, doing.at)).collect();
        incident.acknowledgements.clear();
        let kind = if incident.log.len() > 1 { EntryKind::Escalate } else { EntryKind::Assign };
        incident.write(kind, doing.at, doing.by, doing.via).users = users.clone();
        incident.write(EntryKind::Notify, doing.at, doing.by, Via::Clock).users = users;
        self.start_escalate_timer(index, doing.at);
    }

    /// Follows another policy from its first level.
    pub(crate) fn follow_policy(&mut self, index: usize, policy: usize, doing: Doing) {
        self.incidents[index].policy = policy;
        self.incidents[index].loops_left = self.cast.policies[policy].loops;
        self.put_at_level(index, 0, doing);
    }

    /// Snoozes: acknowledged until the time is over.
    pub(crate) fn snooze(&mut self, index: usize, user: usize, length: Span, doing: Doing) {
        if self.incidents[index].status == Status::Triggered {
            self.acknowledge(index, user, doing);
        }
        self.incidents[index].timers.unacknowledge_at = self.due(length, doing.at);
        self.incidents[index].write(EntryKind::Snooze, doing.at, doing.by, doing.via);
        self.next = None;
    }

    /// Writes a note.
    pub(crate) fn note(&mut self, index: usize, user: usize, content: &str, doing: Doing) {
        let incident = &mut self.incidents[index];
        incident.notes.push(NoteEntry { user, at: doing.at, content: content.to_owned() });
        incident.write(EntryKind::Annotate, doing.at, doing.by, doing.via).text = content.to_owned();
    }

    /// Changes fields.
    pub(crate) fn edit(&mut self, index: usize, edit: &Edit, doing: Doing) {
        let priority = edit.priority.as_deref().and_then(|key| self.cast.priority_index(key));
        let incident = &mut self.incidents[index];
        if let Some(urgency) = &edit.urgency {
            incident.high = urgency == "high";
            incident.write(EntryKind::UrgencyChange, doing.at, doing.by, doing.via);
        }
        if edit.title.is_some()
            || priority.is_some()
            || edit.conference_url.is_some()
            || edit.conference_number.is_some()
        {
            incident.write(EntryKind::FieldValueChange, doing.at, doing.by, doing.via);
        }
        if let Some(title) = &edit.title {
            incident.title.clone_from(title);
        }
        incident.priority = priority.or(incident.priority);
        if edit.conference_url.is_some() {
            incident.conference_url.clone_from(&edit.conference_url);
        }
        if edit.conference_number.is_some() {
            incident.conference_number.clone_from(&edit.conference_number);
        }
    }

    /// Asks somebody to help: `POST /incidents/{id}/responder_requests` of the PagerDuty REST OpenAPI. They are asked until
    /// they answer; it assigns nothing to them.
    pub(crate) fn ask_responder(&mut self, index: usize, user: usize, by: usize, message: &str, doing: Doing) {
        let incident = &mut self.incidents[index];
        incident.responders.retain(|responder| responder.user != user);
        incident.responders.push(Responder {
            user,
            by,
            message: message.to_owned(),
            requested_at: doing.at,
            updated_at: doing.at,
            state: ResponderState::Pending,
        });
        incident.updated_at = doing.at;
    }

    /// Somebody answers such a request, on the website or the phone: the REST API has nothing to answer it with.
    pub(crate) fn answer_request(&mut self, index: usize, user: usize, state: ResponderState, doing: Doing) {
        let incident = &mut self.incidents[index];
        for responder in incident.responders.iter_mut().filter(|responder| responder.user == user) {
            (responder.state, responder.updated_at) = (state, doing.at);
        }
        incident.updated_at = doing.at;
    }

    /// Tells when the next time-out is due.
    pub(crate) fn next_due(&mut self) -> Option<Time> {
        match self.next {
            Some(next) => next,
            None => {
                let next = self.incidents.iter().filter_map(|incident| incident.timers.next()).min();
                self.next = Some(next);
                next
            }
        }
    }

    /// Carries out all time-outs due at a moment.
    pub(crate) fn time_out(&mut self, at: Time) {
        for index in 0..self.incidents.len() {
            let incident = &self.incidents[index];
            let timers = incident.timers;
            let doing = Doing { by: Actor::Service(incident.service), via: Via::Clock, at };
            let is_due = |timer: Option<Time>| timer.is_some_and(|due| due <= at);
            if is_due(timers.resolve_at) {
                self.resolve(index, "", doing);
            } else if is_due(timers.unacknowledge_at) {
                self.unacknowledge(index, doing);
            } else if is_due(timers.escalate_at) {
                self.escalate(index, doing);
            }
        }
        self.next = None;
    }

    fn start_resolve_timer(&mut self, index: usize, now: Time) {
        let timeout = self.cast.services[self.incidents[index].service].auto_resolve_timeout;
        self.incidents[index].timers.resolve_at = self.due(timeout, now);
        self.next = None;
    }

    fn start_escalate_timer(&mut self, index: usize, now: Time) {
        let incident = &self.incidents[index];
        let levels = &self.cast.policies[incident.policy].levels;
        let goes_on = incident.level + 1 < levels.len() || incident.loops_left > 0;
        let applies = incident.assigned_via == AssignedVia::EscalationPolicy && goes_on;
        let delay = levels[incident.level].delay;
        self.incidents[index].timers.escalate_at = if applies { self.due(delay, now) } else { None };
        self.next = None;
    }

    fn due(&self, span: Span, now: Time) -> Option<Time> {
        // A time-out below a millisecond would follow itself without end at high speed.
        let wait = span.at_speed(self.speed).max(chrono::TimeDelta::milliseconds(1));
        (!span.is_zero()).then(|| now + wait)
    }
}
