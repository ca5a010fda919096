//! Everything of a time, read for an export.

use herald_core::Incident;
use rusqlite::Connection;
use serde::de::DeserializeOwned;

use super::{StoreError, rows};
use crate::export::{Record, Span};

/// What lies in `span`, oldest first within its kind.
pub(super) fn records(db: &Connection, span: Span) -> Result<Vec<Record>, StoreError> {
    let mut records = vec![];
    // A card that became part of another was put away open; the other tells all of it.
    let of_itself = |it: &Incident, live: bool| live || !it.open();
    for live in [true, false] {
        let sql = format!("SELECT CAST(id AS TEXT), body FROM incident WHERE live = {}", i64::from(live));
        for (id, body) in rows::pairs(db, &sql)? {
            let it: Incident = rows::read(&body)?;
            records.extend(of_itself(&it, live).then(|| Record::of_incident(&id, &it)).into_iter().flatten());
        }
    }
    for (_, body) in rows::pairs(db, "SELECT id, body FROM page")? {
        records.push(Record::of_page(&rows::read(&body)?));
    }
    read(db, "shift", |id, it| records.push(Record::of_shift(id, &it)))?;
    read(db, "contact", |id, it| records.push(Record::of_contact(id, &it)))?;
    read(db, "maintenance", |id, it| records.push(Record::of_maintenance(id, &it)))?;
    read(db, "training", |id, it| records.push(Record::of_training(id, &it)))?;
    records.retain(|record| span.holds(record.at));
    records.sort_by_key(|record| record.at);
    Ok(records)
}

fn read<T: DeserializeOwned>(db: &Connection, table: &str, mut each: impl FnMut(&str, T)) -> Result<(), StoreError> {
    for (id, body) in rows::pairs(db, &format!("SELECT CAST(id AS TEXT), body FROM {table}"))? {
        each(&id, rows::read(&body)?);
    }
    Ok(())
}
