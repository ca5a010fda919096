//! The past: every incident, published update and page, kept as rows of its own and found by words (H44).

use herald_core::feed::PastUpdate;
use herald_core::history::{HistoryFound, HistoryQuery, PastIncident, PastKind, PastPage, PastRow};
use herald_core::{Incident, IncidentId, Page, PageId, Phase, Severity, Time};
use rusqlite::types::{ToSql, Type};
use rusqlite::{Connection, OptionalExtension as _, Row, params};
use serde::{Deserialize, Serialize};

use super::{StoreError, rows};

/// Words of a query that count; more would find nothing but itself.
const QUERY_WORDS_MAX: usize = 12;
/// Characters of a word that count.
const QUERY_WORD_CHARS_MAX: usize = 64;
/// The newest matches of which the best are found: to rank all that hold a common word would take too long.
const RANKED_MAX: usize = 2_000;
/// Rows that a search answers with at most.
const FOUND_MAX: u32 = 50;
/// Bits of an id that number the rows of one millisecond.
const ID_BITS: u32 = 16;
/// The latest time whose ids fit; what claims to be later is sorted there.
const ID_MS_MAX: i64 = 1 << 46;

/// Incidents, or pages, that are derived in one commit.
const PIECE: i64 = 50;

/// A row as it is written.
#[derive(Debug, PartialEq)]
struct Past {
    kind: String,
    incident: Option<IncidentId>,
    page: Option<String>,
    at: i64,
    due_at: Option<i64>,
    judged_at: Option<i64>,
    severity: String,
    phase: String,
    mine: bool,
    title: String,
    text: String,
}

const COLUMNS: &str = "kind, incident, page, at, due_at, judged_at, severity, phase, mine, title, text";

/// Makes the rows of an incident what is known of it. Most of its changes change none of them, and then nothing is
/// written.
pub(super) fn write_incident(db: &Connection, id: IncidentId, incident: &Incident) -> Result<(), StoreError> {
    let wanted = of_incident(id, incident);
    let sql = format!("SELECT {COLUMNS} FROM history WHERE incident = ?1 ORDER BY id");
    let known: Vec<Past> = db.prepare_cached(&sql)?.query_map([id], read_past)?.collect::<Result<_, _>>()?;
    if known != wanted {
        db.prepare_cached("DELETE FROM history WHERE incident = ?1")?.execute([id])?;
        for row in &wanted {
            insert(db, row)?;
        }
    }
    let pages = "SELECT page FROM history_page_of WHERE incident = ?1 ORDER BY page";
    let known: Vec<String> = db.prepare_cached(pages)?.query_map([id], |row| row.get(0))?.collect::<Result<_, _>>()?;
    if !known.iter().map(String::as_str).eq(incident.pages.iter().map(PageId::as_str)) {
        db.prepare_cached("DELETE FROM history_page_of WHERE incident = ?1")?.execute([id])?;
        let mut insert = db.prepare_cached("INSERT INTO history_page_of (page, incident) VALUES (?1, ?2)")?;
        for page in &incident.pages {
            insert.execute(params![page.as_str(), id])?;
        }
    }
    Ok(())
}

/// A card that became part of another tells nothing of its own any more.
pub(super) fn forget_incident(db: &Connection, id: IncidentId) -> Result<(), StoreError> {
    let body = "SELECT body FROM incident WHERE id = ?1";
    let body: Option<String> = db.prepare_cached(body)?.query_row([id], |row| row.get(0)).optional()?;
    let joined = body.is_some_and(|body| rows::read::<Incident>(&body).is_ok_and(|incident| incident.open()));
    if joined {
        db.execute("DELETE FROM history WHERE incident = ?1", [id])?;
        db.execute("DELETE FROM history_page_of WHERE incident = ?1", [id])?;
    }
    Ok(())
}

/// Writes the row of a page that has left, or whose next trigger takes its place.
pub(super) fn write_page(db: &Connection, page: &Page) -> Result<(), StoreError> {
    let wanted = of_page(page);
    let sql = format!("SELECT {COLUMNS} FROM history WHERE page = ?1 AND at = ?2");
    let known = db.prepare_cached(&sql)?.query_row(params![wanted.page, wanted.at], read_past).optional()?;
    if known.as_ref() == Some(&wanted) {
        return Ok(());
    }
    let sql = "DELETE FROM history WHERE page = ?1 AND at = ?2";
    db.prepare_cached(sql)?.execute(params![wanted.page, wanted.at])?;
    insert(db, &wanted)
}

/// What is still to be derived from the rows of an older Herald: everything after these.
#[derive(Default, Serialize, Deserialize)]
struct Owed {
    incident: i64,
    /// Rows of pages have no number that a copy keeps (SQLite, "VACUUM").
    page: (String, String),
}

/// Where that is kept. Absent when all of the past is here.
const OWED: &str = "past_owed";
/// What held the past before, and goes with the last piece.
const BEFORE: &str = "DROP TABLE past_update_words; DROP TABLE past_update;";

/// Notes what a database of an older Herald lacks; it may take minutes to derive it all, and nobody waits for that.
pub(super) fn owe(db: &Connection) -> Result<(), StoreError> {
    let sql = "SELECT EXISTS (SELECT 1 FROM incident) OR EXISTS (SELECT 1 FROM page)";
    if db.query_row(sql, [], |row| row.get(0))? {
        return rows::single(db, OWED, &Owed::default());
    }
    Ok(db.execute_batch(BEFORE)?)
}

/// Whether some of the past is still missing; all of it is where no Herald that keeps it has run yet.
pub(super) fn owes(db: &Connection) -> Result<bool, StoreError> {
    let sql = "SELECT EXISTS (SELECT 1 FROM single WHERE name = ?1)
               OR NOT EXISTS (SELECT 1 FROM sqlite_schema WHERE name = 'history')";
    Ok(db.prepare_cached(sql)?.query_row([OWED], |row| row.get(0))?)
}

/// Derives the next piece: some incidents, then some pages, then the end. Says whether more is missing. What cannot be read
/// is left out. Whatever is written meanwhile writes its own rows, and is found as it should be.
pub(super) fn pay(db: &Connection) -> Result<bool, StoreError> {
    let sql = "SELECT body FROM single WHERE name = ?1";
    let owed = db.prepare_cached(sql)?.query_row([OWED], |row| row.get::<_, String>(0)).optional()?;
    let Some(owed) = owed else { return Ok(false) };
    let mut owed: Owed = rows::read(&owed)?;
    if pay_incidents(db, &mut owed)? == 0 && pay_pages(db, &mut owed)? == 0 {
        db.execute_batch(BEFORE)?;
        db.execute("DELETE FROM single WHERE name = ?1", [OWED])?;
        return Ok(false);
    }
    rows::single(db, OWED, &owed)?;
    Ok(true)
}

fn pay_incidents(db: &Connection, owed: &mut Owed) -> Result<usize, StoreError> {
    let sql = "SELECT id, live, body FROM incident WHERE id > ?1 ORDER BY id LIMIT ?2";
    let some: Vec<(i64, bool, String)> = db
        .prepare_cached(sql)?
        .query_map([owed.incident, PIECE], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?
        .collect::<Result<_, _>>()?;
    for (id, live, body) in &some {
        owed.incident = *id;
        // A card that became part of another was put away open.
        if let Some(incident) = rows::read::<Incident>(body).ok().filter(|it| *live || !it.open()) {
            write_incident(db, *id, &incident)?;
        }
    }
    Ok(some.len())
}

fn pay_pages(db: &Connection, owed: &mut Owed) -> Result<usize, StoreError> {
    let sql = "SELECT id, triggered_at, live, body FROM page WHERE (id, triggered_at) > (?1, ?2)
               ORDER BY id, triggered_at LIMIT ?3";
    let some: Vec<((String, String), bool, String)> = db
        .prepare_cached(sql)?
        .query_map(params![owed.page.0, owed.page.1, PIECE], |row| {
            Ok(((row.get(0)?, row.get(1)?), row.get(2)?, row.get(3)?))
        })?
        .collect::<Result<_, _>>()?;
    for (key, live, body) in &some {
        owed.page.clone_from(key);
        if let Some(page) = rows::read::<Page>(body).ok().filter(|it| !live || it.gone.is_some()) {
            write_page(db, &page)?;
        }
    }
    Ok(some.len())
}

/// Lets go of updates and pages older than `before`. Incidents are few, and stay.
pub(super) fn prune(db: &Connection, before: Time) -> Result<(), StoreError> {
    let sql = "DELETE FROM history WHERE id < ?1 AND kind <> 'incident'";
    db.execute(sql, [first_id(before.timestamp_millis())])?;
    Ok(())
}

fn of_incident(id: IncidentId, incident: &Incident) -> Vec<Past> {
    let published = incident.published();
    let (title, severity) = (incident.title(), incident.severity().map_or("", Severity::key));
    let past = |kind: PastKind, at: Time, phase: Option<Phase>, text: String| Past {
        kind: kind.key().into(),
        incident: Some(id),
        page: None,
        at: at.timestamp_millis(),
        due_at: None,
        judged_at: None,
        severity: severity.into(),
        phase: phase.map_or("", Phase::key).into(),
        mine: false,
        title: title.into(),
        text,
    };
    let whole = Past {
        judged_at: published.first().map(|first| first.at.timestamp_millis()),
        mine: published.iter().any(|update| update.mine),
        ..past(PastKind::Incident, incident.since, incident.phase(), about(incident))
    };
    let updates = published.into_iter().map(|update| {
        let due_at = incident.kept.iter().find(|kept| kept.update_at == update.at).map(|kept| kept.due_at);
        let due_at = due_at.map(|due_at| due_at.timestamp_millis());
        let judged_at = due_at.map(|due_at| due_at.min(update.at.timestamp_millis()));
        let mine = update.mine;
        Past { due_at, judged_at, mine, ..past(PastKind::Update, update.at, update.phase, update.text) }
    });
    let mut rows: Vec<Past> = std::iter::once(whole).chain(updates).collect();
    rows.sort_by_key(|row| first_id(row.at));
    rows
}

/// What else an incident is found by: its issue, its people, its channel.
fn about(incident: &Incident) -> String {
    let found = incident.issue.as_ref().map(|issue| issue.found.clone()).unwrap_or_default();
    let own = &incident.own;
    let parts = [
        incident.issue_iid().map(|iid| format!("#{iid}")),
        own.im.clone().or(found.im).map(|im| format!("IM {im}")),
        own.eoc.clone().or(found.eoc).map(|eoc| format!("EOC {eoc}")),
        own.channel.clone().or(found.channel),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

fn of_page(page: &Page) -> Past {
    let seen = &page.seen;
    let number = Some(format!("#{}", seen.number));
    let named = [&seen.service, &seen.policy].map(|it| it.as_ref().map(|it| it.name.clone()));
    let text = number.into_iter().chain(named.into_iter().flatten()).collect::<Vec<_>>().join(" · ");
    Past {
        kind: PastKind::Page.key().into(),
        incident: None,
        page: Some(seen.id.as_str().into()),
        at: seen.triggered_at.timestamp_millis(),
        due_at: None,
        judged_at: None,
        severity: String::new(),
        phase: String::new(),
        mine: !page.shadowed,
        title: seen.title.clone(),
        text,
    }
}

/// The first id of a millisecond.
fn first_id(at: i64) -> i64 {
    at.clamp(0, ID_MS_MAX) << ID_BITS
}

/// Writes a row under the first free id of its time. The ids of a millisecond do not run out; if they did, the row
/// would be left out rather than keep anything else from being saved.
fn insert(db: &Connection, row: &Past) -> Result<(), StoreError> {
    let first = first_id(row.at);
    let sql = "SELECT coalesce(max(id) + 1, ?1) FROM history WHERE id >= ?1 AND id < ?2";
    let last = first + (1 << ID_BITS);
    let id: i64 = db.prepare_cached(sql)?.query_row([first, last], |row| row.get(0))?;
    let sql = format!(
        "INSERT OR IGNORE INTO history (id, {COLUMNS}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)"
    );
    let Past { kind, incident, page, at, due_at, judged_at, severity, phase, mine, title, text } = row;
    db.prepare_cached(&sql)?
        .execute(params![id, kind, incident, page, at, due_at, judged_at, severity, phase, mine, title, text])?;
    Ok(())
}

fn read_past(row: &Row<'_>) -> rusqlite::Result<Past> {
    Ok(Past {
        kind: row.get(0)?,
        incident: row.get(1)?,
        page: row.get(2)?,
        at: row.get(3)?,
        due_at: row.get(4)?,
        judged_at: row.get(5)?,
        severity: row.get(6)?,
        phase: row.get(7)?,
        mine: row.get(8)?,
        title: row.get(9)?,
        text: row.get(10)?,
    })
}

// ---- reading ----

/// The past updates that hold all words of `query`, best first; the newest when there is no word in it.
pub(super) fn search_updates(db: &Connection, query: &str, limit: usize) -> Result<Vec<PastUpdate>, StoreError> {
    let query =
        HistoryQuery { words: query.into(), kind: Some(PastKind::Update), best_first: true, ..HistoryQuery::default() };
    // Cards that were joined may hold the same update; a few more than are wanted make up for it.
    let found = find(db, &query, u32::try_from(2 * limit).unwrap_or(u32::MAX))?;
    let mut updates: Vec<PastUpdate> = vec![];
    for row in found {
        let (Some(incident), Some(phase)) = (row.incident, row.phase) else { continue };
        let twice = updates.iter().any(|it| (it.at, it.phase, &it.text) == (row.at, phase, &row.text));
        if !twice && updates.len() < limit {
            let PastRow { at, title, text, mine, .. } = row;
            updates.push(PastUpdate { incident, at, phase, title, text, mine });
        }
    }
    Ok(updates)
}

/// One page of what a search finds.
pub(super) fn search(db: &Connection, query: &HistoryQuery) -> Result<HistoryFound, StoreError> {
    let mut rows = find(db, query, FOUND_MAX + 1)?;
    let more = rows.len() > FOUND_MAX as usize;
    rows.truncate(FOUND_MAX as usize);
    Ok(HistoryFound { rows, more })
}

fn find(db: &Connection, query: &HistoryQuery, limit: u32) -> Result<Vec<PastRow>, StoreError> {
    let words = words(&query.words);
    let mut values: Vec<Box<dyn ToSql>> = vec![];
    let mut value = |it: Box<dyn ToSql>| {
        values.push(it);
        format!("?{}", values.len())
    };
    let mut wanted = vec![];
    if let Some(words) = &words {
        wanted.push(format!("history_words MATCH {}", value(Box::new(words.clone()))));
    }
    // What comes from words is sought by its row there; SQLite would otherwise read all that match.
    let id = if words.is_some() { "history_words.rowid" } else { "history.id" };
    if let Some(from) = query.from {
        wanted.push(format!("{id} >= {}", value(Box::new(first_id(from.timestamp_millis())))));
    }
    if let Some(to) = query.to {
        wanted.push(format!("{id} < {}", value(Box::new(first_id(to.timestamp_millis())))));
    }
    let named = [
        ("kind", query.kind.map(PastKind::key)),
        ("severity", query.severity.map(Severity::key)),
        ("phase", query.phase.map(Phase::key)),
    ];
    for (column, name) in named.into_iter().filter_map(|(column, name)| Some((column, name?))) {
        wanted.push(format!("history.{column} = {}", value(Box::new(name))));
    }
    if query.mine {
        wanted.push("history.mine = 1".into());
    }
    let wanted = if wanted.is_empty() { String::new() } else { format!("WHERE {}", wanted.join(" AND ")) };
    let (limit, offset) = (value(Box::new(limit)), value(Box::new(query.offset)));
    let columns = "kind, incident, page, at, severity, phase, history.title, history.text, mine";
    let table = "history_words JOIN history ON history.id = history_words.rowid";
    let sql = match (&words, query.best_first) {
        (None, _) => format!("SELECT {columns} FROM history {wanted} ORDER BY id DESC LIMIT {limit} OFFSET {offset}"),
        (Some(_), false) => {
            format!("SELECT {columns} FROM {table} {wanted} ORDER BY {id} DESC LIMIT {limit} OFFSET {offset}")
        }
        (Some(_), true) => format!(
            "WITH newest (id, rank) AS MATERIALIZED (
                 SELECT history.id, bm25(history_words) FROM {table} {wanted} ORDER BY {id} DESC LIMIT {RANKED_MAX}
             )
             SELECT {columns} FROM newest JOIN history USING (id)
             ORDER BY rank, id DESC LIMIT {limit} OFFSET {offset}"
        ),
    };
    let mut statement = db.prepare_cached(&sql)?;
    let rows = statement.query_map(rusqlite::params_from_iter(values), read)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// An incident with its whole timeline, whether it is still in memory or not.
pub(super) fn incident(db: &Connection, id: IncidentId) -> Result<Option<PastIncident>, StoreError> {
    let body = "SELECT body FROM incident WHERE id = ?1";
    let Some(body) = db.query_row(body, [id], |row| row.get::<_, String>(0)).optional()? else { return Ok(None) };
    let kept: Incident = rows::read(&body)?;
    let mut pages = vec![];
    let mut bodies = db.prepare("SELECT body FROM page WHERE id = ?1 ORDER BY triggered_at")?;
    for page in &kept.pages {
        for body in bodies.query_map([page.as_str()], |row| row.get::<_, String>(0))? {
            pages.push(rows::read::<Page>(&body?)?);
        }
    }
    Ok(Some(PastIncident::new(id, &kept, &pages)))
}

/// A page of one trigger, and the incidents that it called for.
pub(super) fn page(db: &Connection, id: &PageId, triggered_at: Time) -> Result<Option<PastPage>, StoreError> {
    let body = "SELECT body FROM page WHERE id = ?1 AND unixepoch(triggered_at) = ?2";
    let row = db.query_row(body, params![id.as_str(), triggered_at.timestamp()], |row| row.get::<_, String>(0));
    let Some(body) = row.optional()? else { return Ok(None) };
    let sql = "SELECT history.incident, history.title FROM history_page_of
               JOIN history ON history.incident = history_page_of.incident AND history.kind = 'incident'
               WHERE history_page_of.page = ?1 ORDER BY history.id";
    let mut statement = db.prepare_cached(sql)?;
    let incidents = statement.query_map([id.as_str()], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(Some(PastPage::new(&rows::read(&body)?, incidents.collect::<Result<_, _>>()?)))
}

/// What the user typed as a query that means only its words: each in quotes, the last one perhaps unfinished.
fn words(query: &str) -> Option<String> {
    // The search reads up to the first NUL, so controls part words as spaces do.
    let words = query.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty());
    let quoted: Vec<String> = words
        .take(QUERY_WORDS_MAX)
        .map(|word| word.chars().take(QUERY_WORD_CHARS_MAX).collect::<String>().replace('"', "\"\""))
        .map(|word| format!("\"{word}\""))
        .collect();
    (!quoted.is_empty()).then(|| format!("{}*", quoted.join(" ")))
}

fn read(row: &Row<'_>) -> rusqlite::Result<PastRow> {
    let strange = |column| rusqlite::Error::InvalidColumnType(column, String::new(), Type::Text);
    let text = |column| row.get::<_, String>(column);
    let (kind, severity, phase) = (text(0)?, text(4)?, text(5)?);
    Ok(PastRow {
        kind: PastKind::ALL.into_iter().find(|it| it.key() == kind).ok_or_else(|| strange(0))?,
        incident: row.get(1)?,
        page: row.get::<_, Option<String>>(2)?.map(|id| PageId::new(&id)),
        at: time(row.get(3)?).ok_or_else(|| strange(3))?,
        severity: Severity::ALL.into_iter().find(|it| it.key() == severity),
        phase: Phase::ALL.into_iter().find(|it| it.key() == phase),
        title: row.get(6)?,
        text: row.get(7)?,
        mine: row.get(8)?,
    })
}

/// The time of a number of milliseconds.
pub(super) fn time(ms: i64) -> Option<Time> {
    Time::from_timestamp_millis(ms)
}

#[cfg(test)]
mod tests;
