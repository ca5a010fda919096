//! What was kept as one text, for other programs and for people: JSON, CSV or Markdown.

mod csv;
mod markdown;
mod record;

use herald_core::Time;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

pub use record::{Record, RecordKind};

/// The version of the JSON. It grows when the meaning of a field changes or one goes; new fields do not change it.
const VERSION: u32 = 1;

/// In which form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// For programs: versioned, everything that is told.
    Json,
    /// For spreadsheets: one line for each thing.
    Csv,
    /// For people.
    Markdown,
}

impl Format {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Json, Self::Csv, Self::Markdown];

    /// What its files end in.
    #[must_use]
    pub fn ending(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Csv => "csv",
            Self::Markdown => "md",
        }
    }
}

/// A time; without a bound it is open there. Its end is excluded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Span {
    /// From then on.
    pub from: Option<Time>,
    /// Until then.
    pub to: Option<Time>,
}

impl Span {
    /// Whether an instant lies in it.
    #[must_use]
    pub fn holds(self, at: Time) -> bool {
        self.from.is_none_or(|from| from <= at) && self.to.is_none_or(|to| at < to)
    }
}

/// The JSON as a whole.
#[derive(Serialize)]
struct Whole<'a> {
    format: &'static str,
    version: u32,
    made_at: Time,
    from: Option<Time>,
    to: Option<Time>,
    incidents: Vec<&'a Record>,
    updates: Vec<&'a Record>,
    pages: Vec<&'a Record>,
    shifts: Vec<&'a Record>,
    contacts: Vec<&'a Record>,
    maintenances: Vec<&'a Record>,
    trainings: Vec<&'a Record>,
}

/// Writes `records` in a form.
///
/// # Errors
/// Never, as far as is known; the JSON writer might.
pub fn write(records: &[Record], span: Span, format: Format, now: Time) -> Result<String, serde_json::Error> {
    match format {
        Format::Json => json(records, span, now),
        Format::Csv => Ok(csv::write(records)),
        Format::Markdown => Ok(markdown::write(records, span, now)),
    }
}

fn json(records: &[Record], span: Span, now: Time) -> Result<String, serde_json::Error> {
    let of = |kind| records.iter().filter(|record| record.kind == kind).collect();
    serde_json::to_string_pretty(&Whole {
        format: "herald-export",
        version: VERSION,
        made_at: now,
        from: span.from,
        to: span.to,
        incidents: of(RecordKind::Incident),
        updates: of(RecordKind::Update),
        pages: of(RecordKind::Page),
        shifts: of(RecordKind::Shift),
        contacts: of(RecordKind::Contact),
        maintenances: of(RecordKind::Maintenance),
        trainings: of(RecordKind::Training),
    })
}

#[cfg(test)]
mod tests;
