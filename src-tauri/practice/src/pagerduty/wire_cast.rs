//! PagerDuty's JSON: what users, schedules, policies and services look like from outside.
//!
//! Source: PagerDuty REST OpenAPI, schemas User, Schedule, Oncall, EscalationPolicy, Service, Priority.

use serde_json::{Value, json};

use crate::cast::{Named, Target};

use super::incident::Time;
use super::rota::{OnCallEntry, Override, Turn};
use super::wire::{Wire, seconds_or_null};

impl Wire<'_> {
    fn reference(&self, kind: &str, id: &str, name: &str, path: &str) -> Value {
        json!({
            "id": id,
            "type": format!("{kind}_reference"),
            "summary": name,
            "self": format!("{}/{path}/{id}", self.base),
            "html_url": format!("{}/practice/web/{path}/{id}", self.base),
        })
    }

    pub(crate) fn user_ref(&self, user: usize, full: bool) -> Value {
        let person = &self.account.cast.users[user];
        if full { self.user(user) } else { self.reference("user", &person.id, &person.name, "users") }
    }

    /// Writes a user.
    pub(crate) fn user(&self, index: usize) -> Value {
        let user = &self.account.cast.users[index];
        json!({
            "id": user.id,
            "type": "user",
            "summary": user.name,
            "self": format!("{}/users/{}", self.base, user.id),
            "html_url": format!("{}/practice/web/users/{}", self.base, user.id),
            "name": user.name,
            "email": user.email,
            "time_zone": user.time_zone,
            "color": "teal",
            "avatar_url": format!("{}/practice/web/avatar.png", self.base),
            "billed": true,
            "role": "limited_user",
            "description": null,
            "invitation_sent": false,
            "job_title": user.job_title,
            "created_via_sso": false,
            "teams": self.team_refs(),
            "contact_methods": [],
            "notification_rules": [],
            "coordinated_incidents": [],
        })
    }

    /// Writes the user behind the key, with the calendar links that open without any key.
    pub(crate) fn own_user(&self, index: usize) -> Value {
        let mut user = self.user(index);
        let secret = crate::cast::code(&format!("calendar/{}", self.account.cast.users[index].key), 13);
        user["http_cal_url"] = json!(format!("{}/private/{secret}/feed", self.base));
        user["web_cal_url"] =
            json!(format!("webcal://{}.example/private/{secret}/feed", self.account.cast.account.subdomain));
        user
    }

    pub(crate) fn service_ref(&self, index: usize, full: bool) -> Value {
        let service = &self.account.cast.services[index];
        if full { self.service(index) } else { self.reference("service", &service.id, &service.name, "services") }
    }

    /// Writes a service.
    pub(crate) fn service(&self, index: usize) -> Value {
        let service = &self.account.cast.services[index];
        let policy = self.account.cast.policy_index(&service.policy).unwrap_or_default();
        json!({
            "id": service.id,
            "type": "service",
            "summary": service.name,
            "self": format!("{}/services/{}", self.base, service.id),
            "html_url": format!("{}/practice/web/services/{}", self.base, service.id),
            "name": service.name,
            "description": null,
            "status": "active",
            "acknowledgement_timeout": seconds_or_null(service.acknowledgement_timeout),
            "auto_resolve_timeout": seconds_or_null(service.auto_resolve_timeout),
            "escalation_policy": self.policy_ref(policy, self.query.includes("escalation_policies")),
            "teams": self.team_refs(),
            "integrations": [],
            "incident_urgency_rule": {"type": "constant", "urgency": "high"},
            "alert_creation": "create_alerts_and_incidents",
        })
    }

    pub(crate) fn policy_ref(&self, index: usize, full: bool) -> Value {
        let policy = &self.account.cast.policies[index];
        let path = "escalation_policies";
        if full { self.policy(index) } else { self.reference("escalation_policy", &policy.id, &policy.name, path) }
    }

    /// Writes an escalation policy.
    pub(crate) fn policy(&self, index: usize) -> Value {
        let policy = &self.account.cast.policies[index];
        let rules: Vec<Value> = policy
            .levels
            .iter()
            .enumerate()
            .map(|(place, level)| {
                let targets = level.targets.iter().filter_map(|target| self.account.cast.target(target));
                // Without `escalation_rule_assignment_strategy`: the OpenAPI schema EscalationRule has it as a word, its
                // example as a list of objects, and nothing here needs it.
                json!({
                    "id": format!("P{}", crate::cast::code(&format!("rule/{}/{place}", policy.key), 6)),
                    "escalation_delay_in_minutes": level.delay.delta().num_minutes(),
                    "targets": targets.map(|target| self.target(target)).collect::<Vec<Value>>(),
                })
            })
            .collect();
        let services = self.account.cast.services.iter().enumerate();
        let own = services.filter(|(_, service)| service.policy == policy.key);
        json!({
            "id": policy.id,
            "type": "escalation_policy",
            "summary": policy.name,
            "self": format!("{}/escalation_policies/{}", self.base, policy.id),
            "html_url": format!("{}/practice/web/escalation_policies/{}", self.base, policy.id),
            "name": policy.name,
            "description": null,
            "num_loops": policy.loops,
            "on_call_handoff_notifications": "if_has_services",
            "escalation_rules": rules,
            "services": own.map(|(place, _)| self.service_ref(place, false)).collect::<Vec<Value>>(),
            "teams": self.team_refs(),
        })
    }

    fn target(&self, target: Target) -> Value {
        match target {
            Target::User(user) => self.user_ref(user, false),
            Target::Schedule(schedule) => self.schedule_ref(schedule),
        }
    }

    pub(crate) fn schedule_ref(&self, index: usize) -> Value {
        let schedule = &self.account.cast.schedules[index];
        self.reference("schedule", &schedule.id, &schedule.name, "schedules")
    }

    /// Writes a schedule as lists have it.
    pub(crate) fn schedule(&self, index: usize) -> Value {
        let schedule = &self.account.cast.schedules[index];
        let users = schedule.rotation.iter().filter_map(|key| self.account.cast.user_index(key));
        let mut object = self.schedule_ref(index);
        object["type"] = json!("schedule");
        object["name"] = json!(schedule.name);
        object["description"] = Value::Null;
        object["time_zone"] = json!(schedule.time_zone);
        object["users"] = users.map(|user| self.user_ref(user, false)).collect();
        object["escalation_policies"] = self.policies_of(index);
        object["teams"] = self.team_refs();
        object
    }

    /// Writes a schedule with its turns within a window.
    pub(crate) fn schedule_between(&self, index: usize, turns: &[Turn], from: Time, to: Time) -> Value {
        let mut object = self.schedule(index);
        let entries: Vec<Value> = turns
            .iter()
            .map(|turn| {
                json!({
                    "start": self.at(turn.start.map_or(from, |start| start.max(from))),
                    "end": self.at(turn.end.map_or(to, |end| end.min(to))),
                    "user": self.user_ref(turn.user, false),
                })
            })
            .collect();
        object["schedule_layers"] = json!([]);
        object["overrides_subschedule"] = json!({
            "name": "Overrides", "rendered_schedule_entries": [], "rendered_coverage_percentage": 0.0,
        });
        object["final_schedule"] = json!({
            "name": "Final Schedule", "rendered_schedule_entries": entries, "rendered_coverage_percentage": 100.0,
        });
        object
    }

    fn policies_of(&self, schedule: usize) -> Value {
        let cast = &self.account.cast;
        let uses = |target: &String| cast.target(target) == Some(Target::Schedule(schedule));
        let policies = cast.policies.iter().enumerate();
        policies
            .filter(|(_, policy)| policy.levels.iter().flat_map(|level| &level.targets).any(uses))
            .map(|(place, _)| self.policy_ref(place, false))
            .collect()
    }

    /// Writes an on-call entry. Source: the answer quoted in incidentbot/incidentbot#328: no schedule is null.
    pub(crate) fn on_call(&self, entry: &OnCallEntry) -> Value {
        let full_schedule = self.query.includes("schedules");
        let schedule = entry.schedule.map_or(Value::Null, |schedule| {
            if full_schedule { self.schedule(schedule) } else { self.schedule_ref(schedule) }
        });
        json!({
            "user": self.user_ref(entry.turn.user, self.query.includes("users")),
            "schedule": schedule,
            "escalation_policy": self.policy_ref(entry.policy, self.query.includes("escalation_policies")),
            "escalation_level": entry.level + 1,
            "start": self.stamps.write_opt(entry.turn.start),
            "end": self.stamps.write_opt(entry.turn.end),
        })
    }

    /// Writes an override. Source: PagerDuty REST OpenAPI, schema Override.
    pub(crate) fn schedule_override(&self, it: &Override) -> Value {
        json!({
            "id": it.id(),
            "start": self.at(it.start),
            "end": self.at(it.end),
            "user": it.user.map(|user| self.user_ref(user, false)),
        })
    }

    /// Writes that an override was made. Source: PagerDuty REST OpenAPI, schema AuditRecord and its example.
    pub(crate) fn audit_record(&self, it: &Override) -> Value {
        let actors: Vec<Value> = it.by.iter().map(|user| self.user_ref(*user, false)).collect();
        let resource = self.schedule_ref(it.schedule);
        json!({
            "id": format!("{}_OVERRIDE_CREATED", it.id()),
            "execution_time": self.at(it.start),
            "execution_context": null,
            "actors": actors,
            "method": {"type": if it.by.is_some() { "api_token" } else { "browser" }},
            "root_resource": resource,
            "action": "create",
            "details": {"resource": resource},
        })
    }

    /// Writes a team. Source: PagerDuty REST OpenAPI, schema Team.
    pub(crate) fn team(&self, index: usize) -> Value {
        let named = &self.account.cast.teams[index];
        let mut team = self.reference("team", &named.id, &named.name, "teams");
        team["type"] = json!("team");
        team["name"] = json!(named.name);
        team["description"] = Value::Null;
        team["default_role"] = json!("manager");
        team
    }

    pub(crate) fn priority(&self, index: usize) -> Value {
        let mut priority = self.named("priority", &self.account.cast.priorities[index], "priorities");
        priority["name"] = priority["summary"].clone();
        priority
    }

    pub(crate) fn team_refs(&self) -> Value {
        self.account.cast.teams.iter().map(|team| self.named("team", team, "teams")).collect()
    }

    /// A reference without a page of its own: PagerDuty leaves such links null.
    fn named(&self, kind: &str, named: &Named, path: &str) -> Value {
        let mut reference = self.reference(kind, &named.id, &named.name, path);
        reference["html_url"] = Value::Null;
        reference
    }
}
