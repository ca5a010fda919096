//! Past public updates: kept for each incident, and found by their words (H44).

use herald_core::feed::PastUpdate;
use herald_core::{Incident, IncidentId, Phase, Time};
use rusqlite::{Connection, Row, params};

use super::StoreError;

/// Words of a query that count; more would find nothing but itself.
const QUERY_WORDS_MAX: usize = 12;
/// Characters of a word that count.
const QUERY_WORD_CHARS_MAX: usize = 64;

/// Makes the rows of an incident what was published about it. Most changes of an incident publish nothing, and then
/// nothing is written.
pub(super) fn write(db: &Connection, id: IncidentId, incident: &Incident) -> Result<(), StoreError> {
    let title = incident.title();
    let published: Vec<PastUpdate> = incident
        .published()
        .into_iter()
        .map(|it| PastUpdate {
            incident: id,
            at: it.at,
            phase: it.phase,
            title: title.into(),
            text: it.text,
            mine: it.mine,
        })
        .collect();
    let sql = "SELECT incident, at, phase, title, text, mine FROM past_update WHERE incident = ?1 ORDER BY id";
    let known: Vec<PastUpdate> = db.prepare_cached(sql)?.query_map([id], read)?.collect::<Result<_, _>>()?;
    if known == published {
        return Ok(());
    }
    db.prepare_cached("DELETE FROM past_update WHERE incident = ?1")?.execute([id])?;
    let sql = "INSERT INTO past_update (incident, at, phase, title, text, mine) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    let mut insert = db.prepare_cached(sql)?;
    for it in published {
        insert.execute(params![id, it.at.to_rfc3339(), it.phase.key(), it.title, it.text, it.mine])?;
    }
    Ok(())
}

/// The updates that hold all words of `query`, best first; the newest when there is no word in it.
pub(super) fn search(db: &Connection, query: &str, limit: usize) -> Result<Vec<PastUpdate>, StoreError> {
    let newest = "SELECT incident, at, phase, title, text, mine FROM past_update ORDER BY at DESC, id DESC";
    let best = "SELECT incident, at, phase, past_update.title, past_update.text, mine
                FROM past_update_words JOIN past_update ON past_update.id = past_update_words.rowid
                WHERE past_update_words MATCH ?1
                ORDER BY bm25(past_update_words), at DESC, past_update.id DESC";
    let (sql, words) = words(query).map_or((newest, None), |words| (best, Some(words)));
    let mut statement = db.prepare_cached(sql)?;
    let mut found: Vec<PastUpdate> = vec![];
    for it in statement.query_map(rusqlite::params_from_iter(words), read)? {
        let it = it?;
        // Cards that were joined hold the same update.
        let twice = found.iter().any(|other| (other.at, other.phase, &other.text) == (it.at, it.phase, &it.text));
        if found.len() == limit {
            break;
        }
        if !twice {
            found.push(it);
        }
    }
    Ok(found)
}

/// Lets go of updates older than `before`.
pub(super) fn prune(db: &Connection, before: Time) -> Result<(), StoreError> {
    db.execute("DELETE FROM past_update WHERE at < ?1", [before.to_rfc3339()])?;
    Ok(())
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

fn read(row: &Row<'_>) -> rusqlite::Result<PastUpdate> {
    let strange = |column| rusqlite::Error::InvalidColumnType(column, String::new(), rusqlite::types::Type::Text);
    let (at, phase) = (row.get::<_, String>(1)?, row.get::<_, String>(2)?);
    Ok(PastUpdate {
        incident: row.get(0)?,
        at: at.parse().map_err(|_| strange(1))?,
        phase: Phase::ALL.into_iter().find(|it| it.key() == phase).ok_or_else(|| strange(2))?,
        title: row.get(3)?,
        text: row.get(4)?,
        mine: row.get(5)?,
    })
}
