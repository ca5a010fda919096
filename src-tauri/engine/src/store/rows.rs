//! Every row of the database: how it is read, and how a change writes it.

use herald_core::ledger::Maintenance;
use herald_core::table::Table;
use herald_core::{AlarmKey, Change, Page, PageId, SourceName, State, alarm::Alarm, plausible};
use rusqlite::{Connection, params};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{StoreError, history};

/// Whether a change is a row at all.
pub(crate) fn is_row(change: &Change) -> bool {
    !matches!(change, Change::Session(_) | Change::Playbook(_))
}

pub(super) fn load(db: &Connection, state: &mut State) -> Result<(), StoreError> {
    state.pages = pairs(db, "SELECT id, body FROM page WHERE live = 1")?
        .map(|(id, body)| Ok((PageId::new(&id), read::<Page>(&body)?)))
        .collect::<Result<_, StoreError>>()?;
    state.jobs = numbered(db, "SELECT CAST(id AS TEXT), body FROM job")?;
    state.alarms = pairs(db, "SELECT key, body FROM alarm")?
        .map(|(key, body)| Ok((read::<AlarmKey>(&key)?, read::<Alarm>(&body)?)))
        .collect::<Result<_, StoreError>>()?;
    state.incidents = numbered(db, "SELECT CAST(id AS TEXT), body FROM incident WHERE live = 1")?;
    state.drafts = numbered(db, "SELECT CAST(incident AS TEXT), body FROM draft")?;
    state.publications = numbered(db, "SELECT CAST(id AS TEXT), body FROM publication")?;
    state.errands = numbered(db, "SELECT CAST(id AS TEXT), body FROM errand")?;
    state.shifts = numbered(db, "SELECT CAST(id AS TEXT), body FROM shift WHERE live = 1")?;
    state.contacts = numbered(db, "SELECT CAST(id AS TEXT), body FROM contact WHERE live = 1")?;
    let maintenances = numbered(db, "SELECT CAST(id AS TEXT), body FROM maintenance WHERE live = 1")?;
    // A row that no calendar holds would end every start; it stays on disk.
    let sound = |it: &Maintenance| plausible(it.plan.starts_at) && plausible(it.plan.ends_at);
    state.maintenances = maintenances.into_iter().filter(|(_, it)| sound(it)).collect();
    state.trainings = numbered(db, "SELECT CAST(id AS TEXT), body FROM training")?;
    state.next_job = next_id(db, "job")?;
    state.next_incident = next_id(db, "incident")?;
    state.next_publication = next_id(db, "publication")?;
    state.next_errand = next_id(db, "errand")?;
    state.next_shift = next_id(db, "shift")?;
    state.next_contact = next_id(db, "contact")?;
    state.next_maintenance = next_id(db, "maintenance")?;
    state.next_training = next_id(db, "training")?;
    for (name, body) in pairs(db, "SELECT name, body FROM single")? {
        match name.as_str() {
            "account" => state.account = read(&body)?,
            "settings" => state.settings = read(&body)?,
            "tracker" => state.tracker = read(&body)?,
            "status_page" => state.status_page = read(&body)?,
            "slack" => state.slack = read(&body)?,
            "zendesk" => state.zendesk = read(&body)?,
            "not_mine" => state.not_mine = read(&body)?,
            "kept" => state.kept = read(&body)?,
            "oncall" => state.oncall = read(&body)?,
            "taken_over" => state.taken_over = read(&body)?,
            // A later Herald may keep more here; what this one does not know it leaves alone.
            _ => {
                if let Some(source) = SourceName::ALL.into_iter().find(|source| name == source_row(*source)) {
                    state.sources[source] = read(&body)?;
                }
            }
        }
    }
    Ok(())
}

pub(super) fn write(db: &Connection, change: &Change) -> Result<(), StoreError> {
    match change {
        Change::Page(page) => write_page(db, page),
        Change::PageForgotten(id) => {
            for page in live_pages(db, id, "")? {
                history::write_page(db, &page)?;
            }
            run(db, "UPDATE page SET live = 0 WHERE id = ?1 AND +live = 1", params![id.as_str()])
        }
        Change::Job(id, job) => keep(db, "job", *id, job),
        Change::JobGone(id) => remove(db, "job", *id),
        Change::Alarm(key, alarm) => {
            let sql =
                "INSERT INTO alarm (key, body) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET body = excluded.body";
            run(db, sql, params![text(key)?, text(alarm)?])
        }
        Change::AlarmGone(key) => run(db, "DELETE FROM alarm WHERE key = ?1", params![text(key)?]),
        Change::Incident(id, incident) => {
            keep_live(db, "incident", *id, incident)?;
            history::write_incident(db, *id, incident)
        }
        Change::IncidentForgotten(id) => {
            history::forget_incident(db, *id)?;
            forget(db, "incident", *id)
        }
        Change::Draft(id, draft) => {
            let sql = "INSERT INTO draft (incident, body) VALUES (?1, ?2) ON CONFLICT (incident) DO UPDATE SET body = excluded.body";
            run(db, sql, params![id, text(draft)?])
        }
        Change::DraftGone(id) => run(db, "DELETE FROM draft WHERE incident = ?1", params![id]),
        Change::Publication(id, publication) => keep(db, "publication", *id, publication),
        Change::PublicationGone(id) => remove(db, "publication", *id),
        Change::Errand(id, errand) => keep(db, "errand", *id, errand),
        Change::ErrandGone(id) => remove(db, "errand", *id),
        Change::Shift(id, shift) => keep_live(db, "shift", *id, shift),
        Change::ShiftForgotten(id) => forget(db, "shift", *id),
        Change::TakenOver(taken_over) => single(db, "taken_over", taken_over),
        Change::Contact(id, contact) => keep_live(db, "contact", *id, contact),
        Change::ContactForgotten(id) => forget(db, "contact", *id),
        Change::Maintenance(id, maintenance) => keep_live(db, "maintenance", *id, maintenance),
        Change::MaintenanceForgotten(id) => forget(db, "maintenance", *id),
        Change::Training(id, training) => keep(db, "training", *id, training),
        Change::TrainingGone(id) => remove(db, "training", *id),
        Change::NotMine(posts) => single(db, "not_mine", posts),
        Change::Kept(kept) => single(db, "kept", kept),
        Change::Tracker(tracker) => single(db, "tracker", tracker),
        Change::StatusPage(page) => single(db, "status_page", page),
        Change::Slack(slack) => single(db, "slack", slack),
        Change::Zendesk(zendesk) => single(db, "zendesk", zendesk),
        Change::Source(name, source) => single(db, &source_row(*name), source),
        Change::OnCall(oncall) => single(db, "oncall", oncall),
        Change::Settings(settings) => single(db, "settings", settings),
        Change::Account(account) => single(db, "account", account),
        Change::Playbook(_) | Change::Session(_) => Ok(()),
    }
}

pub(super) fn replace(db: &Connection, state: &State) -> Result<(), StoreError> {
    for (_, body) in pairs(db, "SELECT id, body FROM page WHERE live = 1")? {
        let page: Page = read(&body)?;
        let known = state.pages.get(&page.seen.id).map(|known| known.seen.triggered_at);
        if known != Some(page.seen.triggered_at) {
            history::write_page(db, &page)?;
        }
    }
    db.execute_batch(
        "UPDATE page SET live = 0 WHERE live = 1;
         DELETE FROM job;
         DELETE FROM alarm;
         UPDATE incident SET live = 0 WHERE live = 1;
         DELETE FROM draft;
         DELETE FROM publication;
         DELETE FROM errand;
         UPDATE shift SET live = 0 WHERE live = 1;
         UPDATE contact SET live = 0 WHERE live = 1;
         UPDATE maintenance SET live = 0 WHERE live = 1;
         DELETE FROM training;",
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
    for (id, incident) in &state.incidents {
        write(db, &Change::Incident(*id, Box::new(incident.clone())))?;
    }
    for (id, draft) in &state.drafts {
        write(db, &Change::Draft(*id, Box::new(draft.clone())))?;
    }
    for (id, publication) in &state.publications {
        write(db, &Change::Publication(*id, Box::new(publication.clone())))?;
    }
    for (id, errand) in &state.errands {
        keep(db, "errand", *id, errand)?;
    }
    for (id, shift) in &state.shifts {
        keep_live(db, "shift", *id, shift)?;
    }
    for (id, contact) in &state.contacts {
        keep_live(db, "contact", *id, contact)?;
    }
    for (id, maintenance) in &state.maintenances {
        keep_live(db, "maintenance", *id, maintenance)?;
    }
    for (id, training) in &state.trainings {
        keep(db, "training", *id, training)?;
    }
    for name in SourceName::ALL {
        single(db, &source_row(name), &state.sources[name])?;
    }
    single(db, "tracker", &state.tracker)?;
    single(db, "status_page", &state.status_page)?;
    single(db, "slack", &state.slack)?;
    single(db, "zendesk", &state.zendesk)?;
    single(db, "not_mine", &state.not_mine)?;
    single(db, "kept", &state.kept)?;
    single(db, "oncall", &state.oncall)?;
    single(db, "taken_over", &state.taken_over)?;
    single(db, "settings", &state.settings)?;
    single(db, "account", &state.account)
}

/// Writes the row of this trigger; rows of earlier triggers become history.
fn write_page(db: &Connection, page: &Page) -> Result<(), StoreError> {
    let (id, triggered_at) = (page.seen.id.as_str(), page.seen.triggered_at.to_rfc3339());
    // The plus keeps SQLite from walking through all live pages for each of them: a storm must not cost its square.
    for earlier in live_pages(db, &page.seen.id, &triggered_at)? {
        history::write_page(db, &earlier)?;
        let sql = "UPDATE page SET live = 0 WHERE id = ?1 AND triggered_at <> ?2 AND +live = 1";
        run(db, sql, params![id, triggered_at])?;
    }
    if page.gone.is_some() {
        history::write_page(db, page)?;
    }
    let sql = "INSERT INTO page (id, triggered_at, live, body) VALUES (?1, ?2, 1, ?3)
               ON CONFLICT (id, triggered_at) DO UPDATE SET live = 1, body = excluded.body";
    run(db, sql, params![id, triggered_at, text(page)?])
}

/// The live rows of a page but for one trigger.
fn live_pages(db: &Connection, id: &PageId, but: &str) -> Result<Vec<Page>, StoreError> {
    let sql = "SELECT body FROM page WHERE id = ?1 AND triggered_at <> ?2 AND +live = 1";
    let mut statement = db.prepare_cached(sql)?;
    let bodies = statement.query_map(params![id.as_str(), but], |row| row.get::<_, String>(0))?;
    bodies.map(|body| read(&body?)).collect()
}

/// Writes a numbered row.
fn keep<T: Serialize>(db: &Connection, table: &str, id: i64, value: &T) -> Result<(), StoreError> {
    let on_conflict = "ON CONFLICT (id) DO UPDATE SET body = excluded.body";
    run(db, &format!("INSERT INTO {table} (id, body) VALUES (?1, ?2) {on_conflict}"), params![id, text(value)?])
}

/// Writes a numbered row of a table whose rows stay as history.
fn keep_live<T: Serialize>(db: &Connection, table: &str, id: i64, value: &T) -> Result<(), StoreError> {
    let on_conflict = "ON CONFLICT (id) DO UPDATE SET live = 1, body = excluded.body";
    run(
        db,
        &format!("INSERT INTO {table} (id, live, body) VALUES (?1, 1, ?2) {on_conflict}"),
        params![id, text(value)?],
    )
}

fn remove(db: &Connection, table: &str, id: i64) -> Result<(), StoreError> {
    run(db, &format!("DELETE FROM {table} WHERE id = ?1"), params![id])
}

/// Makes a row history.
fn forget(db: &Connection, table: &str, id: i64) -> Result<(), StoreError> {
    run(db, &format!("UPDATE {table} SET live = 0 WHERE id = ?1"), params![id])
}

/// The name of a source's row.
fn source_row(source: SourceName) -> String {
    format!("source.{}", source.key())
}

/// The number after the highest that was ever given out in this table.
fn next_id(db: &Connection, table: &str) -> Result<i64, StoreError> {
    let sql = "SELECT coalesce((SELECT seq FROM sqlite_sequence WHERE name = ?1), 0) + 1";
    Ok(db.query_row(sql, params![table], |row| row.get(0))?)
}

fn numbered<T: DeserializeOwned>(db: &Connection, sql: &str) -> Result<Table<i64, T>, StoreError> {
    pairs(db, sql)?.map(|(id, body)| Ok((read::<i64>(&id)?, read::<T>(&body)?))).collect()
}

pub(super) fn single<T: Serialize>(db: &Connection, name: &str, value: &T) -> Result<(), StoreError> {
    let sql = "INSERT INTO single (name, body) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET body = excluded.body";
    run(db, sql, params![name, text(value)?])
}

fn run(db: &Connection, sql: &str, params: impl rusqlite::Params) -> Result<(), StoreError> {
    db.prepare_cached(sql)?.execute(params)?;
    Ok(())
}

pub(super) fn pairs(db: &Connection, sql: &str) -> Result<impl Iterator<Item = (String, String)> + use<>, StoreError> {
    let mut statement = db.prepare(sql)?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<Result<Vec<_>, _>>()?.into_iter())
}

fn text<T: Serialize>(value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| StoreError::Other(error.to_string()))
}

pub(super) fn read<T: DeserializeOwned>(body: &str) -> Result<T, StoreError> {
    serde_json::from_str(body).map_err(|_| StoreError::Damaged)
}
