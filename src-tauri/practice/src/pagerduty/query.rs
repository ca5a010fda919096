//! Query parameters as PagerDuty takes them: repeated `name[]`, pages, times.

use chrono::{DateTime, NaiveDate, NaiveDateTime, SecondsFormat, TimeZone, Utc};
use chrono_tz::Tz;
use serde_json::{Value, json};

use super::incident::Time;
use super::refusal::Refusal;

/// The parameters of a request.
#[derive(Debug, Default)]
pub(crate) struct Query {
    pairs: Vec<(String, String)>,
}

impl Query {
    pub(crate) fn read(text: &str) -> Self {
        Query { pairs: form_urlencoded::parse(text.as_bytes()).into_owned().collect() }
    }

    /// Gives the value of a parameter.
    pub(crate) fn one(&self, name: &str) -> Option<&str> {
        self.pairs.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// Gives all values of a parameter that repeats, `name` without its brackets.
    pub(crate) fn many(&self, name: &str) -> Vec<&str> {
        let fits = |key: &String| key.strip_suffix("[]") == Some(name);
        self.pairs.iter().filter(|(key, _)| fits(key)).map(|(_, value)| value.as_str()).collect()
    }

    pub(crate) fn includes(&self, what: &str) -> bool {
        self.many("include").contains(&what)
    }

    /// Reads a time; one without an offset is of the account's zone.
    pub(crate) fn time(&self, name: &str, account_zone: Tz) -> Result<Option<Time>, Refusal> {
        match self.one(name) {
            None => Ok(None),
            Some(text) => match read_time(text, account_zone) {
                Some(time) => Ok(Some(time)),
                None => Err(Refusal::invalid(&[&format!("{name} is not a valid date-time.")])),
            },
        }
    }

    /// Reads the `time_zone` parameter.
    pub(crate) fn zone(&self, usual: Tz) -> Result<Tz, Refusal> {
        match self.one("time_zone") {
            None => Ok(usual),
            Some(name) => name.parse().map_err(|_| Refusal::invalid(&["time_zone is not a valid time zone."])),
        }
    }
}

fn read_time(text: &str, zone: Tz) -> Option<Time> {
    // Source: the `pagerduty` client for Python, `strftime`, sends an offset without its colon.
    let with_offset =
        DateTime::parse_from_rfc3339(text).or_else(|_| DateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%z"));
    if let Ok(time) = with_offset {
        return Some(time.with_timezone(&Utc));
    }
    let local = ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M"]
        .iter()
        .find_map(|format| NaiveDateTime::parse_from_str(text, format).ok())
        .or_else(|| NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?.and_hms_opt(0, 0, 0))?;
    Some(zone.from_local_datetime(&local).earliest()?.with_timezone(&Utc))
}

/// How times are written in an answer.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stamps {
    pub(crate) zone: Tz,
    pub(crate) precision: SecondsFormat,
}

impl Stamps {
    pub(crate) fn write(self, time: Time) -> String {
        time.with_timezone(&self.zone).to_rfc3339_opts(self.precision, self.zone == Tz::UTC)
    }

    pub(crate) fn write_opt(self, time: Option<Time>) -> Value {
        time.map_or(Value::Null, |time| Value::String(self.write(time)))
    }
}

/// Which page of a list is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Paging {
    pub(crate) limit: usize,
    pub(crate) offset: usize,
    total: bool,
}

/// Source: PagerDuty/developer-docs, `docs/REST-API/09-Pagination.md`.
const LIMIT_USUAL: usize = 25;
const LIMIT_MAX: usize = 100;
const REACH_MAX: usize = 10_000;

impl Paging {
    pub(crate) fn read(query: &Query) -> Result<Self, Refusal> {
        let limit = number(query, "limit")?.unwrap_or(LIMIT_USUAL);
        let offset = number(query, "offset")?.unwrap_or(0);
        if limit == 0 {
            return Err(Refusal::invalid(&["Limit must be greater than 0."]));
        }
        let limit = limit.min(LIMIT_MAX);
        if offset.saturating_add(limit) > REACH_MAX {
            // Source: faros-ai/airbyte-connectors, its test of PagerDuty's pagination quotes the text.
            return Err(Refusal::invalid(&[
                "Offset+limit exceeds maximum allowed value of 10000. Please try to refine your search to reduce the \
                 returned set of records below this number, like adding a date range.",
            ]));
        }
        Ok(Paging { limit, offset, total: query.one("total") == Some("true") })
    }

    /// Cuts the page out of a list; a drift moves the list under the reader's feet after the first page.
    pub(crate) fn cut<T>(self, items: &[T], drift: i64) -> &[T] {
        let drift = if self.offset == 0 { 0 } else { drift };
        let start = (self.offset as i64).saturating_add(drift).max(0) as usize;
        let start = start.min(items.len());
        &items[start..items.len().min(start.saturating_add(self.limit))]
    }

    /// Makes the answer of a list.
    pub(crate) fn answer(self, name: &str, page: Vec<Value>, of: usize) -> Value {
        let more = self.offset.saturating_add(self.limit) < of;
        let total = if self.total { json!(of) } else { Value::Null };
        json!({name: page, "limit": self.limit, "offset": self.offset, "more": more, "total": total})
    }
}

fn number(query: &Query, name: &str) -> Result<Option<usize>, Refusal> {
    match query.one(name).map(str::parse) {
        None => Ok(None),
        Some(Ok(number)) => Ok(Some(number)),
        Some(Err(_)) => Err(Refusal::invalid(&[&format!("{name} must be a non-negative number.")])),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_without_an_offset_are_of_the_account() {
        let zone = chrono_tz::America::New_York;
        let cases = [
            ("2025-07-01T12:00:00Z", Some("2025-07-01T12:00:00Z")),
            ("2025-07-01T12:00:00+02:00", Some("2025-07-01T10:00:00Z")),
            ("2025-07-01T12:00:00+0200", Some("2025-07-01T10:00:00Z")),
            ("2025-07-01T12:00:00", Some("2025-07-01T16:00:00Z")),
            ("2025-07-01", Some("2025-07-01T04:00:00Z")),
            ("yesterday", None),
        ];
        let utc = Stamps { zone: Tz::UTC, precision: SecondsFormat::Secs };
        for (text, expected) in cases {
            let read = read_time(text, zone).map(|time| utc.write(time));
            assert_eq!(read.as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn pages_are_cut_and_bounded() {
        let items: Vec<usize> = (0..60).collect();
        let page = |text: &str| Paging::read(&Query::read(text));
        let usual = page("").expect("usual");
        assert_eq!((usual.cut(&items, 0).len(), usual.answer("x", vec![], 60)["more"].clone()), (25, json!(true)));
        let last = page("offset=50&total=true").expect("last");
        assert_eq!(last.cut(&items, 0), &items[50..]);
        assert_eq!(last.answer("x", vec![], 60)["total"], 60);
        assert_eq!(last.cut(&items, 1)[0], 51, "one slipped out before this page");
        assert_eq!(last.cut(&items, -1)[0], 49, "one slipped in before this page");
        assert_eq!(page("limit=1000").expect("capped").limit, 100);
        assert!(page("limit=100&offset=9900").is_ok());
        assert!(page("limit=100&offset=9901").is_err());
        assert!(page("offset=-1").is_err());
    }
}
