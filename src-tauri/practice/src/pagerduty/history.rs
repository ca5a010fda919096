//! Reading what happened over REST: the log of all incidents, and who changed which schedule.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::stage::Stage;

use super::incident::{Entry, EntryKind, Incident};
use super::query::Paging;
use super::refusal::Refusal;
use super::rest::{Call, Outcome, account_zone, wire};
use super::wire::entry_id;

/// A line, the place that it has in the log of its incident, and that incident.
type Line<'a> = (&'a Incident, usize, &'a Entry);

/// `GET /log_entries`, newest first.
///
/// Source: PagerDuty REST OpenAPI, operation listLogEntries: `since`, `until`, `is_overview`, classic pagination.
pub(super) fn log_entries(stage: &Stage, call: &Call) -> Outcome {
    let paging = Paging::read(&call.query)?;
    let zone = account_zone(stage);
    let (since, until) = (call.query.time("since", zone)?, call.query.time("until", zone)?);
    let overview = call.query.one("is_overview") == Some("true");
    let mut found = lines(stage);
    found.retain(|(_, _, entry)| {
        since.is_none_or(|since| since <= entry.at)
            && until.is_none_or(|until| entry.at <= until)
            && !(overview && entry.kind == EntryKind::Notify)
    });
    found.sort_by_key(|(_, _, entry)| entry.at);
    found.reverse();
    let wire = wire(stage, call, zone)?;
    let page = paging.cut(&found, call.quirks.drift);
    let page = page.iter().map(|(incident, place, entry)| wire.log_entry(incident, *place, entry)).collect();
    Ok((200, paging.answer("log_entries", page, found.len())))
}

/// `GET /log_entries/{id}`.
pub(super) fn log_entry(stage: &Stage, call: &Call, id: &str) -> Outcome {
    let found = lines(stage).into_iter().find(|(incident, place, _)| entry_id(incident, *place) == id);
    let (incident, place, entry) = found.ok_or_else(Refusal::not_found)?;
    Ok((200, json!({"log_entry": wire(stage, call, account_zone(stage))?.log_entry(incident, place, entry)})))
}

fn lines(stage: &Stage) -> Vec<Line<'_>> {
    let of = |incident: &'_ Incident| incident.log.len();
    let all = stage.pagerduty.incidents.iter();
    all.flat_map(|incident| (0..of(incident)).map(move |place| (incident, place, &incident.log[place]))).collect()
}

/// `GET /audit/records`, and `GET /schedules/{id}/audit/records` for one schedule; newest first, by cursor.
///
/// Source: PagerDuty REST OpenAPI, operation listAuditRecords, schemas AuditRecord and CursorPagination: `next_cursor` is
/// null on the last page. This world keeps records of overrides alone.
pub(super) fn audit(stage: &Stage, call: &Call, schedule: Option<&str>) -> Outcome {
    let cast = stage.cast();
    let wanted = match schedule {
        None => None,
        Some(id) => Some(cast.schedules.iter().position(|it| it.id == id).ok_or_else(Refusal::not_found)?),
    };
    let limit = Paging::read(&call.query)?.limit;
    let skip = match call.query.one("cursor") {
        None => 0,
        Some(cursor) => read_cursor(cursor).ok_or_else(|| Refusal::invalid(&["Cursor is invalid."]))?,
    };
    let wire = wire(stage, call, account_zone(stage))?;
    let all = stage.pagerduty.rota.overrides().rev();
    let fitting = all.filter(|it| wanted.is_none_or(|wanted| it.schedule == wanted));
    let records: Vec<Value> = fitting.map(|it| wire.audit_record(it)).collect();
    let next = (skip + limit < records.len()).then(|| STANDARD.encode(format!("{}", skip + limit)));
    let page: Vec<Value> = records.into_iter().skip(skip).take(limit).collect();
    Ok((200, json!({"records": page, "limit": limit, "next_cursor": next})))
}

fn read_cursor(cursor: &str) -> Option<usize> {
    String::from_utf8(STANDARD.decode(cursor).ok()?).ok()?.parse().ok()
}
