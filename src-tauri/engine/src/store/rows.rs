//! Every row of the database: how it is read, and how a change writes it.

use herald_core::job::Job;
use herald_core::{AlarmKey, Change, Page, PageId, State, alarm::Alarm};
use rusqlite::{Connection, params};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::StoreError;

/// Whether a change is a row at all.
pub(super) fn is_row(change: &Change) -> bool {
    !matches!(change, Change::Session(_) | Change::Playbook(_))
}

pub(super) fn load(db: &Connection, state: &mut State) -> Result<(), StoreError> {
    state.pages = pairs(db, "SELECT id, body FROM page WHERE live = 1")?
        .map(|(id, body)| Ok((PageId::new(&id), read::<Page>(&body)?)))
        .collect::<Result<_, StoreError>>()?;
    state.jobs = pairs(db, "SELECT CAST(id AS TEXT), body FROM job")?
        .map(|(id, body)| Ok((read::<i64>(&id)?, read::<Job>(&body)?)))
        .collect::<Result<_, StoreError>>()?;
    state.alarms = pairs(db, "SELECT key, body FROM alarm")?
        .map(|(key, body)| Ok((read::<AlarmKey>(&key)?, read::<Alarm>(&body)?)))
        .collect::<Result<_, StoreError>>()?;
    state.next_job =
        db.query_row("SELECT coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'job'), 0) + 1", [], |row| {
            row.get(0)
        })?;
    for (name, body) in pairs(db, "SELECT name, body FROM single")? {
        match name.as_str() {
            "account" => state.account = read(&body)?,
            "settings" => state.settings = read(&body)?,
            "source" => state.source = read(&body)?,
            "oncall" => state.oncall = read(&body)?,
            // A later Herald may keep more here; what this one does not know it leaves alone.
            _ => {}
        }
    }
    Ok(())
}

pub(super) fn write(db: &Connection, change: &Change) -> Result<(), StoreError> {
    match change {
        Change::Page(page) => write_page(db, page),
        Change::PageForgotten(id) => {
            run(db, "UPDATE page SET live = 0 WHERE id = ?1 AND +live = 1", params![id.as_str()])
        }
        Change::Job(id, job) => {
            let sql = "INSERT INTO job (id, body) VALUES (?1, ?2) ON CONFLICT (id) DO UPDATE SET body = excluded.body";
            run(db, sql, params![id, text(job)?])
        }
        Change::JobGone(id) => run(db, "DELETE FROM job WHERE id = ?1", params![id]),
        Change::Alarm(key, alarm) => {
            let sql =
                "INSERT INTO alarm (key, body) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET body = excluded.body";
            run(db, sql, params![text(key)?, text(alarm)?])
        }
        Change::AlarmGone(key) => run(db, "DELETE FROM alarm WHERE key = ?1", params![text(key)?]),
        Change::Source(source) => single(db, "source", source),
        Change::OnCall(oncall) => single(db, "oncall", oncall),
        Change::Settings(settings) => single(db, "settings", settings),
        Change::Account(account) => single(db, "account", account),
        Change::Playbook(_) | Change::Session(_) => Ok(()),
    }
}

pub(super) fn replace(db: &Connection, state: &State) -> Result<(), StoreError> {
    db.execute_batch(
        "UPDATE page SET live = 0 WHERE live = 1;
         DELETE FROM job;
         DELETE FROM alarm;",
    )?;
    for page in state.pages.values() {
        write_page(db, page)?;
    }
    for (id, job) in &state.jobs {
        write(db, &Change::Job(*id, job.clone()))?;
    }
    for (key, alarm) in &state.alarms {
        write(db, &Change::Alarm(key.clone(), alarm.clone()))?;
    }
    single(db, "source", &state.source)?;
    single(db, "oncall", &state.oncall)?;
    single(db, "settings", &state.settings)?;
    single(db, "account", &state.account)
}

/// Writes the row of this trigger; rows of earlier triggers become history.
fn write_page(db: &Connection, page: &Page) -> Result<(), StoreError> {
    let (id, triggered_at) = (page.seen.id.as_str(), page.seen.triggered_at.to_rfc3339());
    // The plus keeps SQLite from walking through all live pages for each of them: a storm must not cost its square.
    let earlier = "UPDATE page SET live = 0 WHERE id = ?1 AND triggered_at <> ?2 AND +live = 1";
    run(db, earlier, params![id, triggered_at])?;
    let sql = "INSERT INTO page (id, triggered_at, live, body) VALUES (?1, ?2, 1, ?3)
               ON CONFLICT (id, triggered_at) DO UPDATE SET live = 1, body = excluded.body";
    run(db, sql, params![id, triggered_at, text(page)?])
}

fn single<T: Serialize>(db: &Connection, name: &str, value: &T) -> Result<(), StoreError> {
    let sql = "INSERT INTO single (name, body) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET body = excluded.body";
    run(db, sql, params![name, text(value)?])
}

fn run(db: &Connection, sql: &str, params: impl rusqlite::Params) -> Result<(), StoreError> {
    db.prepare_cached(sql)?.execute(params)?;
    Ok(())
}

fn pairs(db: &Connection, sql: &str) -> Result<impl Iterator<Item = (String, String)> + use<>, StoreError> {
    let mut statement = db.prepare(sql)?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<Result<Vec<_>, _>>()?.into_iter())
}

fn text<T: Serialize>(value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| StoreError::Other(error.to_string()))
}

fn read<T: DeserializeOwned>(body: &str) -> Result<T, StoreError> {
    serde_json::from_str(body).map_err(|_| StoreError::Damaged)
}
