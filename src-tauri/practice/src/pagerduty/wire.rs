//! PagerDuty's JSON: what incidents look like from outside. People, schedules and the like are in `wire_cast`.

use serde_json::{Map, Value, json};

use super::account::PagerDuty;
use super::incident::{Actor, AssignedVia, Entry, EntryKind, Incident, NoteEntry, Responder, Time, Via};
use super::query::{Query, Stamps};

/// Writes JSON for one request.
pub(crate) struct Wire<'a> {
    pub(crate) account: &'a PagerDuty,
    /// Where the practice world answers, for links.
    pub(crate) base: &'a str,
    pub(crate) stamps: Stamps,
    pub(crate) query: &'a Query,
}

impl Wire<'_> {
    /// Writes an incident.
    pub(crate) fn incident(&self, incident: &Incident) -> Value {
        let mut object = json!({
            "id": incident.id,
            "type": "incident",
            "summary": format!("[#{}] {}", incident.number, incident.title),
            "self": format!("{}/incidents/{}", self.base, incident.id),
            "html_url": self.page_url(incident),
            "incident_number": incident.number,
            "title": incident.title,
            "description": incident.title,
            "created_at": self.at(incident.created_at),
            "updated_at": self.at(incident.updated_at),
            "status": incident.status.word(),
            "incident_key": incident_key(incident),
            "urgency": if incident.high { "high" } else { "low" },
            "service": self.service_ref(incident.service, self.query.includes("services")),
            "assignments": self.assignments(incident),
            "assigned_via": match incident.assigned_via {
                AssignedVia::EscalationPolicy => "escalation_policy",
                AssignedVia::DirectAssignment => "direct_assignment",
            },
            "acknowledgements": self.acknowledgements(incident),
            "last_status_change_at": self.at(incident.status_changed_at()),
            "last_status_change_by": self.actor(incident.changed_by),
            "resolved_at": self.stamps.write_opt(incident.resolved_at),
            "first_trigger_log_entry": self.first_trigger(incident),
            "escalation_policy": self.policy_ref(incident.policy, self.query.includes("escalation_policies")),
            "teams": self.team_refs(),
        });
        if let Value::Object(fields) = &mut object {
            self.add_later_fields(fields, incident);
        }
        object
    }

    /// Apart from the others because one `json!` of all fields is deeper than the compiler likes.
    fn add_later_fields(&self, fields: &mut Map<String, Value>, incident: &Incident) {
        let open = usize::from(incident.is_open()) * incident.alerts.len();
        let mut add = |name: &str, value: Value| fields.insert(name.to_owned(), value);
        add("pending_actions", self.pending_actions(incident));
        add(
            "alert_counts",
            json!({
                "all": incident.alerts.len(), "triggered": open, "resolved": incident.alerts.len() - open,
            }),
        );
        add("alert_grouping", Value::Null);
        add("is_mergeable", json!(true));
        add("incident_type", json!({"name": "incident_default"}));
        add("impacted_services", json!([]));
        add("incidents_responders", incident.responders.iter().map(|it| self.responder(incident, it)).collect());
        add("responder_requests", incident.responders.iter().map(|it| self.responder_request(incident, it)).collect());
        add("subscriber_requests", json!([]));
        add("basic_alert_grouping", Value::Null);
        add("priority", incident.priority.map_or(Value::Null, |priority| self.priority(priority)));
        add("resolve_reason", self.resolve_reason(incident));
        if self.query.includes("conference_bridge") {
            add("conference_bridge", conference(incident));
        }
    }

    /// Source: PagerDuty REST OpenAPI, schema ResolveReason: "The only reason currently supported is merge."
    fn resolve_reason(&self, incident: &Incident) -> Value {
        let target = incident.merged_into.and_then(|index| self.account.incidents.get(index));
        target.map_or(
            Value::Null,
            |target| json!({"type": "merge_resolve_reason", "incident": self.incident_ref(target)}),
        )
    }

    fn assignments(&self, incident: &Incident) -> Value {
        let full = self.query.includes("assignees") || self.query.includes("users");
        let item = |(user, at): &(usize, Time)| json!({"at": self.at(*at), "assignee": self.user_ref(*user, full)});
        incident.assignments.iter().map(item).collect()
    }

    fn acknowledgements(&self, incident: &Incident) -> Value {
        let full = self.query.includes("acknowledgers") || self.query.includes("users");
        let item = |(user, at): &(usize, Time)| json!({"at": self.at(*at), "acknowledger": self.user_ref(*user, full)});
        incident.acknowledgements.iter().map(item).collect()
    }

    fn pending_actions(&self, incident: &Incident) -> Value {
        let timers = incident.timers;
        [("unacknowledge", timers.unacknowledge_at), ("escalate", timers.escalate_at), ("resolve", timers.resolve_at)]
            .into_iter()
            .filter_map(|(kind, at)| at.map(|at| json!({"type": kind, "at": self.at(at)})))
            .collect()
    }

    /// PagerDuty REST OpenAPI, schema IncidentsRespondersReference; `message` and `requester` as in the answer recorded in
    /// faros-ai/airbyte-connectors, destinations/airbyte-faros-destination/test/resources/pagerduty/all-streams.log.
    pub(super) fn responder(&self, incident: &Incident, responder: &Responder) -> Value {
        json!({
            "state": responder.state.word(),
            "user": self.user_ref(responder.user, false),
            "incident": self.incident_ref(incident),
            "updated_at": self.at(responder.updated_at),
            "message": responder.message,
            "requester": self.user_ref(responder.by, false),
            "requested_at": self.at(responder.requested_at),
        })
    }

    /// PagerDuty REST OpenAPI, schema ResponderRequest; its targets lie one level deeper than the schema says, as in the
    /// document's own example and in the recorded answer.
    fn responder_request(&self, incident: &Incident, responder: &Responder) -> Value {
        json!({
            "incident": self.incident_ref(incident),
            "requester": self.user_ref(responder.by, false),
            "requested_at": self.at(responder.requested_at),
            "message": responder.message,
            "responder_request_targets": [{"responder_request_target": {
                "type": "user",
                "id": self.account.cast.users[responder.user].id,
                "incidents_responders": [self.responder(incident, responder)],
            }}],
        })
    }

    fn first_trigger(&self, incident: &Incident) -> Value {
        // The snapshot of an earlier state carries no log.
        match incident.log.first() {
            Some(entry) if self.query.includes("first_trigger_log_entries") => self.log_entry(incident, 0, entry),
            _ => json!({
                "id": entry_id(incident, 0),
                "type": "trigger_log_entry_reference",
                "summary": "Triggered through the API",
                "self": format!("{}/log_entries/{}", self.base, entry_id(incident, 0)),
                "html_url": null,
            }),
        }
    }

    /// Writes a line of an incident's log.
    pub(crate) fn log_entry(&self, incident: &Incident, place: usize, entry: &Entry) -> Value {
        let kind = entry.kind.word();
        let mut object = json!({
            "id": entry_id(incident, place),
            "type": format!("{kind}_log_entry"),
            "summary": self.sentence(entry),
            "self": format!("{}/log_entries/{}", self.base, entry_id(incident, place)),
            "html_url": null,
            "created_at": self.at(entry.at),
            "agent": self.actor(entry.actor),
            "channel": self.channel(incident, entry),
            "service": self.service_ref(incident.service, false),
            "incident": self.incident_ref(incident),
            "teams": self.team_refs(),
            "contexts": contexts(incident),
            "event_details": {"description": incident.title},
        });
        match entry.kind {
            EntryKind::Assign | EntryKind::Escalate => {
                object["assignees"] = entry.users.iter().map(|user| self.user_ref(*user, false)).collect();
            }
            EntryKind::Notify => {
                object["user"] = entry.users.first().map_or(Value::Null, |user| self.user_ref(*user, false));
            }
            EntryKind::Acknowledge => {
                let timeout = self.account.cast.services[incident.service].acknowledgement_timeout;
                object["acknowledgement_timeout"] = seconds_or_null(timeout);
            }
            EntryKind::Trigger
            | EntryKind::Unacknowledge
            | EntryKind::Resolve
            | EntryKind::Reopen
            | EntryKind::Annotate
            | EntryKind::Snooze
            | EntryKind::RepeatEscalationPath
            | EntryKind::ExhaustEscalationPath
            | EntryKind::UrgencyChange
            | EntryKind::FieldValueChange => {}
        }
        object
    }

    /// PagerDuty REST OpenAPI, schema Channel: exactly one of its kinds fits what has a `summary` that is `null`.
    fn channel(&self, incident: &Incident, entry: &Entry) -> Value {
        match entry.kind {
            EntryKind::Trigger => {
                json!({"type": "api", "summary": null, "details": details(incident)})
            }
            EntryKind::Notify => {
                let user = entry.users.first().map(|user| self.account.cast.users[*user].email.clone());
                // Source: PagerDuty REST OpenAPI, schema Notification: its four types.
                json!({"type": "auto", "summary": null, "notification": {
                    "type": "email_notification", "started_at": self.at(entry.at), "address": user, "status": "success",
                }})
            }
            EntryKind::Annotate => json!({"type": "note", "summary": entry.text}),
            EntryKind::Resolve if !entry.text.is_empty() => json!({"type": "note", "summary": entry.text}),
            EntryKind::Assign
            | EntryKind::Escalate
            | EntryKind::Acknowledge
            | EntryKind::Unacknowledge
            | EntryKind::Resolve
            | EntryKind::Reopen
            | EntryKind::Snooze
            | EntryKind::RepeatEscalationPath
            | EntryKind::ExhaustEscalationPath
            | EntryKind::UrgencyChange
            | EntryKind::FieldValueChange => match entry.via {
                Via::Api => json!({"type": "api", "summary": null}),
                Via::Act => json!({"type": "website", "summary": null}),
                Via::Clock => json!({"type": "timeout", "summary": null}),
            },
        }
    }

    fn sentence(&self, entry: &Entry) -> String {
        let who = match entry.actor {
            Actor::User(user) => &self.account.cast.users[user].name,
            Actor::Service(service) => &self.account.cast.services[service].name,
        };
        let what = entry.kind.word().replace('_', " ");
        let names: Vec<&str> = entry.users.iter().map(|user| self.account.cast.users[*user].name.as_str()).collect();
        if names.is_empty() { format!("{what} by {who}.") } else { format!("{what} {} by {who}.", names.join(", ")) }
    }

    /// Writes an alert of an incident.
    pub(crate) fn alert(&self, incident: &Incident, place: usize, at: Time) -> Value {
        let id = format!("Q{}", crate::cast::code(&format!("alert/{}/{place}", incident.number), 13));
        let mut body = json!({"type": "alert_body", "contexts": contexts(incident)});
        if let Some(details) = &incident.details {
            body["details"] = json!({ "description": details });
        }
        let service = &self.account.cast.services[incident.service];
        let integration = format!("P{}", crate::cast::code(&format!("integration/{}", service.key), 6));
        // Source: PagerDuty REST OpenAPI, schema Alert: `integration` is a reference, `body.details` an object.
        json!({
            "id": id,
            "type": "alert",
            "summary": incident.title,
            "self": format!("{}/alerts/{id}", self.base),
            "html_url": null,
            "created_at": self.at(at),
            "status": if incident.is_open() { "triggered" } else { "resolved" },
            "alert_key": format!("{}-{place}", incident.id),
            "suppressed": false,
            "severity": if incident.high { "critical" } else { "warning" },
            "service": self.service_ref(incident.service, false),
            "incident": self.incident_ref(incident),
            "integration": {
                "id": integration,
                "type": "generic_events_api_inbound_integration_reference",
                "summary": "Events API",
                "self": format!("{}/services/{}/integrations/{integration}", self.base, service.id),
                "html_url": null,
            },
            "body": body,
        })
    }

    /// Writes a note.
    pub(crate) fn note(&self, incident: &Incident, place: usize, note: &NoteEntry) -> Value {
        json!({
            "id": format!("P{}", crate::cast::code(&format!("note/{}/{place}", incident.number), 6)),
            "user": self.user_ref(note.user, false),
            "channel": {"summary": "The PagerDuty website or APIs"},
            "content": note.content,
            "created_at": self.at(note.at),
            "updated_at": self.at(note.at),
        })
    }

    pub(super) fn incident_ref(&self, incident: &Incident) -> Value {
        json!({
            "id": incident.id,
            "type": "incident_reference",
            "summary": format!("[#{}] {}", incident.number, incident.title),
            "self": format!("{}/incidents/{}", self.base, incident.id),
            "html_url": self.page_url(incident),
        })
    }

    pub(crate) fn actor(&self, actor: Actor) -> Value {
        match actor {
            Actor::User(user) => self.user_ref(user, false),
            Actor::Service(service) => self.service_ref(service, false),
        }
    }

    fn page_url(&self, incident: &Incident) -> String {
        format!("{}/practice/web/incidents/{}", self.base, incident.id)
    }

    pub(crate) fn at(&self, time: Time) -> String {
        self.stamps.write(time)
    }
}

pub(super) fn entry_id(incident: &Incident, place: usize) -> String {
    format!("R{}", crate::cast::code(&format!("log/{}/{place}", incident.number), 13))
}

/// Gives the key that integrations use to speak of the same incident again.
pub(crate) fn incident_key(incident: &Incident) -> String {
    match &incident.key {
        Some(key) => key.clone(),
        None => crate::cast::code(&format!("key/{}", incident.number), 12).to_lowercase(),
    }
}

/// What an alert tells beside its title. PagerDuty REST OpenAPI, schema Alert, `body.details`: an object.
fn details(incident: &Incident) -> Value {
    incident.details.as_ref().map_or(json!({}), |text| json!({ "message": text }))
}

fn contexts(incident: &Incident) -> Value {
    incident.links.iter().map(|link| json!({"type": "link", "href": link.href, "text": link.text})).collect()
}

fn conference(incident: &Incident) -> Value {
    if incident.conference_url.is_none() && incident.conference_number.is_none() {
        return Value::Null;
    }
    json!({"conference_number": incident.conference_number, "conference_url": incident.conference_url})
}

/// Writes a time-out: zero stands for none.
pub(crate) fn seconds_or_null(span: crate::span::Span) -> Value {
    if span.is_zero() { Value::Null } else { json!(span.delta().num_seconds()) }
}
