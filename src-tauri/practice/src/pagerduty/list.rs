//! Reading incidents over REST: the list, one, its log, alerts and notes.
//!
//! Source: PagerDuty REST OpenAPI, operations listIncidents (a month is the default window, six months the longest;
//! `date_range=all`; two orders at most), listIncidentLogEntries, listIncidentAlerts, listIncidentNotes.

use chrono::{Months, TimeDelta};
use chrono_tz::Tz;
use serde_json::{Value, json};

use crate::stage::Stage;

use super::incident::{EntryKind, Incident, Status, Time};
use super::query::{Paging, Query};
use super::refusal::Refusal;
use super::rest::{Call, Outcome, account_zone, wire};
use super::wire::incident_key;

/// `GET /incidents`.
pub(super) fn incidents(stage: &Stage, call: &Call) -> Outcome {
    let paging = Paging::read(&call.query)?;
    let filter = Filter::read(stage, call)?;
    let all = stage.pagerduty.incidents.iter().map(|incident| as_seen(incident, call));
    let mut found: Vec<&Incident> = all.filter(|incident| filter.fits(incident)).collect();
    sort(&mut found, &call.query)?;
    let wire = wire(stage, call, Tz::UTC)?;
    let page = paging.cut(&found, call.quirks.drift).iter().map(|incident| wire.incident(incident)).collect();
    Ok((200, paging.answer("incidents", page, found.len())))
}

/// `GET /incidents/{id}`.
pub(super) fn incident(stage: &Stage, call: &Call, id: &str) -> Outcome {
    let incident = as_seen(find(stage, id)?, call);
    Ok((200, json!({"incident": wire(stage, call, Tz::UTC)?.incident(incident)})))
}

/// `GET /incidents/{id}/log_entries`, newest first.
pub(super) fn log_entries(stage: &Stage, call: &Call, id: &str) -> Outcome {
    let incident = find(stage, id)?;
    let paging = Paging::read(&call.query)?;
    let overview = call.query.one("is_overview") == Some("true");
    let mut entries: Vec<_> = incident.log.iter().enumerate().collect();
    entries.retain(|(_, entry)| !overview || entry.kind != EntryKind::Notify);
    entries.reverse();
    let wire = wire(stage, call, account_zone(stage))?;
    let page: Vec<Value> = paging
        .cut(&entries, call.quirks.drift)
        .iter()
        .map(|(place, entry)| wire.log_entry(incident, *place, entry))
        .collect();
    Ok((200, paging.answer("log_entries", page, entries.len())))
}

/// `GET /incidents/{id}/alerts`, newest first.
pub(super) fn alerts(stage: &Stage, call: &Call, id: &str) -> Outcome {
    let incident = find(stage, id)?;
    let paging = Paging::read(&call.query)?;
    let mut alerts: Vec<_> = incident.alerts.iter().enumerate().collect();
    alerts.reverse();
    let wire = wire(stage, call, Tz::UTC)?;
    let page: Vec<Value> =
        paging.cut(&alerts, call.quirks.drift).iter().map(|(place, at)| wire.alert(incident, *place, **at)).collect();
    let counts = wire.incident(incident)["alert_counts"].clone();
    let mut body = paging.answer("alerts", page, alerts.len());
    body["alert_counts"] = counts;
    Ok((200, body))
}

/// `GET /incidents/{id}/alerts/{alert_id}`.
pub(super) fn alert(stage: &Stage, call: &Call, id: &str, alert: &str) -> Outcome {
    let incident = find(stage, id)?;
    let wire = wire(stage, call, Tz::UTC)?;
    let mut all = incident.alerts.iter().enumerate().map(|(place, at)| wire.alert(incident, place, *at));
    let found = all.find(|shown| shown["id"] == alert).ok_or_else(Refusal::not_found)?;
    Ok((200, json!({ "alert": found })))
}

/// `GET /incidents/{id}/notes`, newest first.
pub(super) fn notes(stage: &Stage, call: &Call, id: &str) -> Outcome {
    let incident = find(stage, id)?;
    let wire = wire(stage, call, Tz::UTC)?;
    let notes = incident.notes.iter().enumerate().rev();
    let notes: Vec<Value> = notes.map(|(place, note)| wire.note(incident, place, note)).collect();
    Ok((200, json!({ "notes": notes })))
}

fn find<'a>(stage: &'a Stage, id: &str) -> Result<&'a Incident, Refusal> {
    let index = stage.pagerduty.find(id).ok_or_else(Refusal::not_found)?;
    Ok(&stage.pagerduty.incidents[index])
}

/// Gives the incident as it is, or, when a fault wants it so, as it was before its last change.
fn as_seen<'a>(incident: &'a Incident, call: &Call) -> &'a Incident {
    match &incident.before {
        Some(before) if call.quirks.stale => before,
        _ => incident,
    }
}

/// What a list of incidents is limited to.
struct Filter {
    statuses: Vec<Status>,
    users: Option<Vec<usize>>,
    services: Option<Vec<usize>>,
    urgencies: Vec<bool>,
    key: Option<String>,
    window: Option<(Time, Time)>,
}

impl Filter {
    fn read(stage: &Stage, call: &Call) -> Result<Self, Refusal> {
        let query = &call.query;
        let statuses = query.many("statuses").into_iter().map(|word| {
            Status::read(word)
                .ok_or_else(|| Refusal::invalid(&["Statuses must be a list of triggered, acknowledged, or resolved."]))
        });
        let urgencies = query.many("urgencies").into_iter().map(|word| match word {
            "high" => Ok(true),
            "low" => Ok(false),
            _ => Err(Refusal::invalid(&["Urgencies must be a list of high or low."])),
        });
        Ok(Filter {
            statuses: statuses.collect::<Result<_, _>>()?,
            users: ids(query, "user_ids", |id| stage.cast().users.iter().position(|user| user.id == id)),
            services: ids(query, "service_ids", |id| stage.cast().services.iter().position(|each| each.id == id)),
            urgencies: urgencies.collect::<Result<_, _>>()?,
            key: query.one("incident_key").map(str::to_owned),
            window: window(stage, call)?,
        })
    }

    fn fits(&self, incident: &Incident) -> bool {
        let listed = |wanted: &Option<Vec<usize>>, test: &dyn Fn(usize) -> bool| {
            wanted.as_ref().is_none_or(|wanted| wanted.iter().any(|each| test(*each)))
        };
        (self.statuses.is_empty() || self.statuses.contains(&incident.status))
            // Who has no assignment any more, as after a resolve, is never found by user.
            && listed(&self.users, &|user| incident.is_open() && incident.is_assigned_to(user))
            && listed(&self.services, &|service| incident.service == service)
            && (self.urgencies.is_empty() || self.urgencies.contains(&incident.high))
            && self.key.as_ref().is_none_or(|key| *key == incident_key(incident))
            && self.window.is_none_or(|(from, to)| from <= incident.created_at && incident.created_at <= to)
    }
}

/// Ids that nobody has find nothing, but are no error.
fn ids(query: &Query, name: &str, find: impl Fn(&str) -> Option<usize>) -> Option<Vec<usize>> {
    let wanted = query.many(name);
    (!wanted.is_empty()).then(|| wanted.into_iter().filter_map(find).collect())
}

/// The window is a month by default: open incidents that are older are not listed without `date_range=all`.
fn window(stage: &Stage, call: &Call) -> Result<Option<(Time, Time)>, Refusal> {
    if call.query.one("date_range") == Some("all") {
        return Ok(None);
    }
    let zone = account_zone(stage);
    let to = call.query.time("until", zone)?.unwrap_or(call.now);
    let from = match call.query.time("since", zone)? {
        Some(since) => since,
        None => to.checked_sub_months(Months::new(1)).unwrap_or(to),
    };
    let days_max = TimeDelta::days(184);
    if to - from > days_max {
        return Err(Refusal::invalid(&["The date range must not exceed 6 months."]));
    }
    Ok(Some((from, to)))
}

fn sort(incidents: &mut [&Incident], query: &Query) -> Result<(), Refusal> {
    let wrong = || {
        Refusal::invalid(&[
            "sort_by must be at most two of incident_number, created_at, resolved_at, urgency, each with :asc or :desc.",
        ])
    };
    let orders: Vec<&str> = query.one("sort_by").unwrap_or("created_at:asc").split(',').collect();
    if orders.len() > 2 {
        return Err(wrong());
    }
    // Sorting by the last order first makes the first one count most.
    for order in orders.into_iter().rev() {
        let (field, direction) = order.split_once(':').unwrap_or((order, "asc"));
        match field {
            "incident_number" => incidents.sort_by_key(|incident| incident.number),
            "created_at" => incidents.sort_by_key(|incident| incident.created_at),
            "resolved_at" => incidents.sort_by_key(|incident| incident.resolved_at),
            "urgency" => incidents.sort_by_key(|incident| incident.high),
            _ => return Err(wrong()),
        }
        match direction {
            "asc" => {}
            "desc" => incidents.reverse(),
            _ => return Err(wrong()),
        }
    }
    Ok(())
}
