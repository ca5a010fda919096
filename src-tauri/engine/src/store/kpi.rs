//! The key figures, counted by the database (H90). What each of them means is said in `herald_core::kpi`.

use herald_core::cadence;
use herald_core::kpi::{Kpi, KpiAsk, KpiItem, KpiName, Kpis, Verdict, quarter_range, quarters};
use herald_core::shift::{Role, Shift};
use herald_core::{Incident, IncidentId, PageId, Playbook, Time};
use rusqlite::types::Type;
use rusqlite::{Connection, OptionalExtension as _, Params, Row, params};

use super::history::time;
use super::{StoreError, rows};

/// Things behind a figure that are listed; more are counted.
const ITEMS_MAX: usize = 200;

/// What every figure reads: what was asked, and my shifts on call in milliseconds, those of the range alone.
const ASKED: &str = "
WITH asked (from_ms, to_ms, now_ms, target_ms, bridge, threads) AS (VALUES (?1, ?2, ?3, ?4, ?5, ?6)),
shifts (from_ms, to_ms, ended) AS MATERIALIZED (
    SELECT CAST(round(1000 * unixepoch(body ->> '$.started_at', 'subsec')) AS INTEGER),
           CAST(round(1000 * unixepoch(coalesce(body ->> '$.ended_at', '9999-12-31'), 'subsec')) AS INTEGER),
           body ->> '$.ended_at' IS NOT NULL
    FROM shift WHERE body ->> '$.role' = 'on_call'
),
duty (from_ms, to_ms) AS MATERIALIZED (
    SELECT shifts.from_ms, shifts.to_ms FROM shifts, asked
    WHERE shifts.from_ms < asked.to_ms AND shifts.to_ms > asked.from_ms
)";

/// Pages: whether each was taken in time, and the bridge of its incidents joined.
const ACKNOWLEDGE: &str = "
, paged AS MATERIALIZED (
    SELECT page.id, page.live, body ->> '$.seen.title' AS title,
           CAST(round(1000 * unixepoch(page.triggered_at, 'subsec')) AS INTEGER) AS at,
           CAST(round(1000 * unixepoch(coalesce(body ->> '$.answered_at', body ->> '$.seen.taken_at'), 'subsec'))
               AS INTEGER) AS answered,
           CAST(round(1000 * unixepoch(body ->> '$.gone[1]', 'subsec')) AS INTEGER) AS gone,
           EXISTS (SELECT 1 FROM history_page_of JOIN incident ON incident.id = history_page_of.incident
                   WHERE history_page_of.page = page.id) AS known
    FROM page, asked
    WHERE page.rowid IN (SELECT rowid FROM page WHERE 1000 * unixepoch(triggered_at, 'subsec')
                         BETWEEN asked.from_ms - 1 AND asked.to_ms)
          AND NOT coalesce(body ->> '$.shadowed', 0) AND NOT coalesce(body ->> '$.requested', 0)
),
bridged AS (
    SELECT paged.*, asked.*, at + target_ms AS due,
           (SELECT CASE WHEN max(joined) THEN 'joined' WHEN max(aside) THEN 'aside'
                        WHEN max(open) THEN 'open' WHEN count(*) THEN 'never' WHEN bridge = '' OR known THEN 'aside'
                        WHEN live AND gone IS NULL THEN 'unjoined' ELSE 'alone' END
            FROM (SELECT coalesce(body ->> tick, '') = 'done' AS joined, coalesce(body ->> tick, '') = 'skipped' AS aside,
                         body ->> '$.ended_at' IS NULL AS open
                  FROM (SELECT incident.body, '$.ticks.\"' || asked.bridge || '\".says' AS tick
                        FROM history_page_of JOIN incident ON incident.id = history_page_of.incident
                        WHERE history_page_of.page = paged.id AND incident.body -> '$.ticks' IS NOT NULL AND asked.bridge <> ''))) AS bridge_is
    FROM paged, asked WHERE at >= from_ms AND at < to_ms
)
SELECT at, CASE WHEN answered > due THEN 'missed'
                WHEN answered IS NULL AND gone IS NOT NULL THEN iif(gone > due, 'missed', NULL)
                WHEN answered IS NULL AND NOT live THEN NULL
                WHEN answered IS NULL THEN iif(now_ms > due, 'missed', 'waiting')
                WHEN bridge_is IN ('open', 'unjoined') THEN 'waiting'
                WHEN bridge_is IN ('never', 'alone') THEN 'missed'
                ELSE 'kept' END AS verdict,
       title, CASE WHEN answered > due THEN 'Acknowledged late'
                   WHEN answered IS NULL THEN iif(coalesce(gone, now_ms) > due, 'Not acknowledged', 'Still calls')
                   WHEN bridge_is IN ('open', 'never') THEN 'The bridge was not joined'
                   WHEN bridge_is IN ('unjoined', 'alone') THEN 'It belongs to no incident, so nothing tells of the bridge'
                   ELSE '' END AS says,
       (answered - at) / 1000 AS took_s, target_ms / 1000 AS allowed_s, NULL AS incident, id AS page
FROM bridged";

/// Updates that had a due time.
const UPDATES: &str = "
SELECT judged_at AS at, iif(history.at <= due_at, 'kept', 'missed') AS verdict, title,
       '' AS says, (history.at - since) / 1000 AS took_s, (due_at - since) / 1000 AS allowed_s, incident, NULL AS page
FROM (SELECT history.*, coalesce(
          (SELECT max(earlier.at) FROM history AS earlier
           WHERE earlier.incident = history.incident AND earlier.kind = 'update' AND earlier.id < history.id),
          (SELECT CAST(round(1000 * unixepoch(body ->> '$.decided_at', 'subsec')) AS INTEGER)
           FROM incident WHERE incident.id = history.incident)) AS since
      FROM history) AS history, asked
WHERE kind = 'update' AND judged_at >= asked.from_ms AND judged_at < asked.to_ms
      AND (mine OR EXISTS (SELECT 1 FROM duty WHERE judged_at >= duty.from_ms AND judged_at < duty.to_ms))";

/// Incidents that the public was told about, and their stakeholder thread.
const THREADS: &str = "
SELECT at, CASE WHEN body -> '$.ticks' IS NULL THEN NULL
                WHEN body ->> tick = 'done' THEN 'kept'
                WHEN body ->> tick = 'skipped' THEN NULL
                ELSE iif(body ->> '$.ended_at' IS NULL, 'waiting', 'missed') END AS verdict,
       title, '' AS says, NULL AS took_s, NULL AS allowed_s, id AS incident, NULL AS page
FROM (SELECT history.judged_at AS at, history.title, incident.id, incident.body,
             '$.ticks.\"' || asked.threads || '\".says' AS tick
      FROM history JOIN incident ON incident.id = history.incident, asked
      WHERE asked.threads <> '' AND history.kind = 'incident' AND judged_at >= asked.from_ms AND judged_at < asked.to_ms
            AND (mine OR EXISTS (SELECT 1 FROM duty WHERE judged_at >= duty.from_ms AND judged_at < duty.to_ms)))";

/// Contact requests, and whether each is handled.
const CONTACTS: &str = "
, requests AS (
    SELECT CAST(round(1000 * unixepoch(body ->> '$.asked_at', 'subsec')) AS INTEGER) AS at, body FROM contact
)
SELECT at, CASE WHEN body ->> '$.state' <> 'open' THEN 'kept'
                WHEN asked.to_ms <= now_ms OR EXISTS (SELECT 1 FROM shifts WHERE ended AND shifts.to_ms <= now_ms
                                                      AND at >= shifts.from_ms AND at < shifts.to_ms)
                THEN 'missed' ELSE 'waiting' END AS verdict,
       body ->> '$.what' AS title, '' AS says, NULL AS took_s, NULL AS allowed_s, NULL AS incident, NULL AS page
FROM requests, asked WHERE at >= asked.from_ms AND at < asked.to_ms";

pub(super) fn all(db: &Connection, ask: KpiAsk, playbook: &Playbook, now: Time) -> Result<Option<Kpis>, StoreError> {
    let Some((from, to)) = ask.range(now).map_or_else(|| shift(db, now), |range| Ok(Some(range)))? else {
        return Ok(None);
    };
    let target_min = playbook.page.target_min;
    // A task's name stands in a path between quotes.
    let task = |name: &str| name.replace('"', "");
    let (bridge, threads) = (task(&playbook.kpi.bridge_task), task(&playbook.kpi.stakeholder_task));
    let asked = (
        from.timestamp_millis(),
        to.timestamp_millis(),
        now.timestamp_millis(),
        playbook.target().num_milliseconds(),
        bridge,
        threads,
    );
    let count = |name, limit, sql| measure(db, name, limit, sql, asked.clone());
    let mut updates = count(KpiName::Updates, None, UPDATES)?;
    for item in running(db, playbook, (from, to), now)? {
        updates = with(updates, item);
    }
    let kpis = vec![
        count(KpiName::Acknowledge, Some(target_min), ACKNOWLEDGE)?,
        updates,
        count(KpiName::Threads, None, THREADS)?,
        handovers(db, playbook, (from, to))?,
        count(KpiName::Contacts, None, CONTACTS)?,
        training(db, playbook.training.per_quarter, quarters(from, to, now), now)?,
    ];
    Ok(Some(Kpis { from, to, kpis }))
}

/// The shift that runs, or the one that ran last. One that runs ends in the future.
fn shift(db: &Connection, now: Time) -> Result<Option<(Time, Time)>, StoreError> {
    let sql = "SELECT body FROM shift ORDER BY body ->> '$.ended_at' IS NULL DESC, id DESC LIMIT 1";
    let Some(body) = db.query_row(sql, [], |row| row.get::<_, String>(0)).optional()? else { return Ok(None) };
    let shift: Shift = rows::read(&body)?;
    let soon = now.max(shift.started_at) + chrono::TimeDelta::seconds(1);
    Ok(Some((shift.started_at, shift.ended_at.unwrap_or(shift.ends_at.map_or(soon, |ends_at| ends_at.max(soon))))))
}

/// Counts by verdict, and lists what matters most.
fn measure(
    db: &Connection,
    name: KpiName,
    limit: Option<u32>,
    sql: &str,
    asked: impl Params + Clone,
) -> Result<Kpi, StoreError> {
    let judged = |select: &str, end: &str| {
        let last = sql.rfind("\nSELECT").unwrap_or_default();
        let (before, judge) = sql.split_at(last);
        format!("{ASKED} {before}, judged AS ({judge}) SELECT {select} FROM judged WHERE verdict IS NOT NULL {end}")
    };
    let mut counts = [0; 3];
    let mut statement = db.prepare_cached(&judged("verdict, count(*)", "GROUP BY verdict"))?;
    let counted = statement.query_map(asked.clone(), |row| Ok((row.get::<_, String>(0)?, row.get::<_, u32>(1)?)))?;
    for row in counted {
        let (verdict, number) = row?;
        for (count, _) in counts.iter_mut().zip(Verdict::ALL).filter(|(_, it)| it.key() == verdict) {
            *count = number;
        }
    }
    let end = format!("ORDER BY verdict = 'missed' DESC, at DESC LIMIT {ITEMS_MAX}");
    let columns = "at, verdict, title, says, took_s, allowed_s, incident, page";
    let mut statement = db.prepare_cached(&judged(columns, &end))?;
    let items = statement.query_map(asked, read)?.collect::<Result<_, _>>()?;
    Ok(Kpi::new(name, limit, counts, items))
}

fn read(row: &Row<'_>) -> rusqlite::Result<KpiItem> {
    let strange = |column| rusqlite::Error::InvalidColumnType(column, String::new(), Type::Text);
    let verdict: String = row.get(1)?;
    Ok(KpiItem {
        at: time(row.get(0)?).ok_or_else(|| strange(0))?,
        verdict: Verdict::ALL.into_iter().find(|it| it.key() == verdict).ok_or_else(|| strange(1))?,
        title: row.get::<_, Option<String>>(2)?.unwrap_or_default(),
        says: row.get(3)?,
        took_s: row.get(4)?,
        allowed_s: row.get(5)?,
        incident: row.get(6)?,
        page: row.get::<_, Option<String>>(7)?.map(|id| PageId::new(&id)),
    })
}

/// Updates that are due next: of incidents that go on, as the clock on their card says. There are few of them.
fn running(
    db: &Connection,
    playbook: &Playbook,
    (from, to): (Time, Time),
    now: Time,
) -> Result<Vec<KpiItem>, StoreError> {
    let mut items = vec![];
    for (id, body) in rows::pairs(db, "SELECT CAST(id AS TEXT), body FROM incident WHERE live = 1")? {
        let incident: Incident = rows::read(&body)?;
        let Some(clock) = cadence::clock(&incident, &playbook.updates) else { continue };
        let late_at = cadence::late_at(&incident, &playbook.updates).unwrap_or(clock.due_at);
        let at = late_at.min(now);
        let mine = incident.last_update().map_or(incident.decided_at.is_some(), |last| last.mine);
        if at >= from && at < to && (mine || on_duty(db, at)?) {
            let late = late_at < now;
            items.push(KpiItem {
                at,
                verdict: if late { Verdict::Missed } else { Verdict::Waiting },
                title: incident.title().into(),
                says: if late { "Due since" } else { "Due next" }.into(),
                took_s: Some((now - clock.from).num_seconds()),
                allowed_s: Some((late_at - clock.from).num_seconds()),
                incident: id.parse::<IncidentId>().ok(),
                page: None,
            });
        }
    }
    Ok(items)
}

/// Shifts on call, and whether each was handed over, as the shift itself says: what was handed over long before its end
/// does not count. There are few of them.
fn handovers(db: &Connection, playbook: &Playbook, (from, to): (Time, Time)) -> Result<Kpi, StoreError> {
    let (mut counts, mut items) = ([0; 3], vec![]);
    for (_, body) in rows::pairs(db, "SELECT CAST(id AS TEXT), body FROM shift")? {
        let shift: Shift = rows::read(&body)?;
        let at = shift.started_at;
        if shift.role != Role::OnCall || at < from || at >= to {
            continue;
        }
        let early = shift.handover.done_at.is_some();
        let (nth, verdict, says) = match (shift.open(), shift.handover_missing(&playbook.handover)) {
            (true, _) => (2, Verdict::Waiting, "It still runs"),
            (false, true) => (1, Verdict::Missed, if early { "Handed over long before its end" } else { "" }),
            (false, false) => (0, Verdict::Kept, ""),
        };
        counts[nth] += 1;
        let (title, says) = ("Shift".to_owned(), says.to_owned());
        let (took_s, allowed_s, incident, page) = (None, None, None, None);
        items.push(KpiItem { at, verdict, title, says, took_s, allowed_s, incident, page });
    }
    items.sort_by_key(|item| (item.verdict != Verdict::Missed, std::cmp::Reverse(item.at)));
    items.truncate(ITEMS_MAX);
    Ok(Kpi::new(KpiName::Handovers, None, counts, items))
}

/// Whether I was on call then.
fn on_duty(db: &Connection, at: Time) -> Result<bool, StoreError> {
    for (_, body) in rows::pairs(db, "SELECT CAST(id AS TEXT), body FROM shift")? {
        let shift: Shift = rows::read(&body)?;
        if shift.role == Role::OnCall && shift.started_at <= at && shift.ended_at.is_none_or(|ended| at < ended) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The figure with one more thing behind it.
fn with(kpi: Kpi, item: KpiItem) -> Kpi {
    let add = |verdict| u32::from(item.verdict == verdict);
    let counts =
        [kpi.kept + add(Verdict::Kept), kpi.missed + add(Verdict::Missed), kpi.waiting + add(Verdict::Waiting)];
    let mut items = kpi.items;
    items.push(item);
    items.sort_by_key(|item| (item.verdict != Verdict::Missed, std::cmp::Reverse(item.at)));
    items.truncate(ITEMS_MAX);
    Kpi::new(kpi.name, kpi.limit, counts, items)
}

/// One thing for each quarter.
fn training(db: &Connection, wanted: u32, quarters: Vec<(i32, u32)>, now: Time) -> Result<Kpi, StoreError> {
    let (mut counts, mut items) = ([0; 3], vec![]);
    let sql = "SELECT count(*), group_concat(body ->> '$.title', ' · ') FROM training
               WHERE round(1000 * unixepoch(body ->> '$.at', 'subsec')) >= ?1
                     AND round(1000 * unixepoch(body ->> '$.at', 'subsec')) < ?2
                     AND coalesce(body ->> '$.practised.left_early', 0) = 0";
    for (year, quarter) in quarters {
        let Some((from, to)) = quarter_range(year, quarter) else { continue };
        let bounds = params![from.timestamp_millis(), to.timestamp_millis()];
        let row = db.prepare_cached(sql)?.query_row(bounds, |row| Ok((row.get(0)?, row.get(1)?)))?;
        let (number, titles): (u32, Option<String>) = row;
        let (nth, verdict) = match (number >= wanted, now < to) {
            (true, _) => (0, Verdict::Kept),
            (false, false) => (1, Verdict::Missed),
            (false, true) => (2, Verdict::Waiting),
        };
        counts[nth] += 1;
        let (title, says) = (format!("Q{quarter} {year}"), titles.unwrap_or_else(|| "No training yet".into()));
        let (took_s, allowed_s, incident, page) = (None, None, None, None);
        items.push(KpiItem { at: from, verdict, title, says, took_s, allowed_s, incident, page });
    }
    items.sort_by_key(|item| (item.verdict != Verdict::Missed, std::cmp::Reverse(item.at)));
    Ok(Kpi::new(KpiName::Training, Some(wanted), counts, items))
}

#[cfg(test)]
mod tests;
