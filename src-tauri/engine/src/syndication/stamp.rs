//! Times in words, as status pages write them for people: "June 4, 2026 05:15 PDT", "Jun 4, 05:15 UTC".

use chrono::{NaiveDate, NaiveDateTime, NaiveTime};
use herald_core::post::MONTHS;

/// Longest text that may be a time, in bytes.
const STAMP_MAX: usize = 80;
/// Names of zones, and by how many minutes each is ahead of UTC; where a name is used for several, the likeliest first.
const ZONES: [(&str, &[i64]); 34] = [
    ("UTC", &[0]),
    ("GMT", &[0]),
    ("Z", &[0]),
    ("WET", &[0]),
    ("WEST", &[60]),
    ("CET", &[60]),
    ("CEST", &[120]),
    ("EET", &[120]),
    ("EEST", &[180]),
    ("BST", &[60, 360]),
    ("IST", &[330, 120, 60]),
    ("MSK", &[180]),
    ("SAST", &[120]),
    ("GST", &[240]),
    ("PKT", &[300]),
    ("SGT", &[480]),
    ("HKT", &[480]),
    ("AWST", &[480]),
    ("JST", &[540]),
    ("KST", &[540]),
    ("ACST", &[570]),
    ("AEST", &[600]),
    ("AEDT", &[660]),
    ("NZST", &[720]),
    ("NZDT", &[780]),
    ("AST", &[-240, 180]),
    ("EST", &[-300, 600]),
    ("EDT", &[-240]),
    ("CST", &[-360, 480, -300]),
    ("CDT", &[-300, -240]),
    ("MST", &[-420, 480]),
    ("MDT", &[-360]),
    ("PST", &[-480, 480]),
    ("PDT", &[-420]),
];

/// A time as it stands on the page.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Stamp {
    /// Left out by some pages.
    pub year: Option<i32>,
    /// 1 to 12.
    pub month: u32,
    /// 1 to 31.
    pub day: u32,
    pub time: NaiveTime,
    /// What it calls its zone.
    pub zone: Option<String>,
}

impl Stamp {
    /// The page's own time. A leap day in another year is the day after.
    pub fn local(&self, year: i32) -> NaiveDateTime {
        let day = NaiveDate::from_ymd_opt(year, self.month, self.day);
        let day = day.or_else(|| NaiveDate::from_ymd_opt(year, self.month + 1, 1)).unwrap_or(NaiveDate::MIN);
        day.and_time(self.time)
    }
}

/// Reads a time; nothing that lacks month, day, hour and minute is one.
pub(super) fn read(text: &str) -> Option<Stamp> {
    if text.len() > STAMP_MAX {
        return None;
    }
    let (mut year, mut month, mut day, mut time, mut zone, mut after_noon) = (None, None, None, None, None, None);
    for word in text.split(|c: char| c.is_whitespace() || matches!(c, ',' | '(' | ')')).filter(|it| !it.is_empty()) {
        let number = word.trim_end_matches("st").trim_end_matches("nd").trim_end_matches("rd").trim_end_matches("th");
        let lower = word.to_lowercase();
        let named = || MONTHS.iter().position(|it| lower.len() >= 3 && it.starts_with(lower.trim_end_matches('.')));
        match (word.contains(':') && time.is_none(), number.parse::<u32>()) {
            (true, _) => time = Some(clock(word)?),
            (false, Ok(it @ 1..=31)) if day.is_none() && !word.starts_with('+') => day = Some(it),
            (false, Ok(it @ 2000..=2099)) if year.is_none() && !word.starts_with('+') => year = i32::try_from(it).ok(),
            (false, _) if month.is_none() && named().is_some() => month = named(),
            (false, _) if lower == "am" || lower == "pm" => after_noon = Some(lower == "pm"),
            (false, _) if matches!(word, "-" | "–" | "at" | "on") => {}
            (false, _) if zone.is_none() && time.is_some() => zone = Some(word.to_owned()),
            // A weekday before, or something that no time has behind it.
            (false, _) if time.is_some() => return None,
            (false, _) => {}
        }
    }
    let month = u32::try_from(month? + 1).ok()?;
    let day = day?;
    NaiveDate::from_ymd_opt(year.unwrap_or(2000), month, day)?;
    Some(Stamp { year, month, day, time: noon(time?, after_noon)?, zone })
}

/// Hours and minutes; seconds are let go, so that an update keeps its time whatever the feed's form.
fn clock(word: &str) -> Option<NaiveTime> {
    let mut parts = word.split(':').map(|part| part.parse::<u32>().ok());
    let (hour, minute) = (parts.next()??, parts.next()??);
    NaiveTime::from_hms_opt(hour, minute, 0)
}

fn noon(time: NaiveTime, after_noon: Option<bool>) -> Option<NaiveTime> {
    use chrono::Timelike as _;
    match after_noon {
        None => Some(time),
        Some(_) if !(1..=12).contains(&time.hour()) => None,
        Some(after) => time.with_hour(time.hour() % 12 + if after { 12 } else { 0 }),
    }
}

/// By how many minutes a zone is ahead of UTC. `derived` is what the feed itself makes likely: it decides where a name
/// stands for several zones, or for none that is known.
pub(super) fn zone(name: Option<&str>, derived: Option<i64>) -> Option<i64> {
    let Some(name) = name else { return derived };
    let known = ZONES.iter().find(|(zone, _)| zone.eq_ignore_ascii_case(name)).map(|(_, minutes)| *minutes);
    match known {
        Some(several) => derived.filter(|it| several.contains(it)).or(several.first().copied()),
        None => ahead(name).or(derived),
    }
}

/// "+02", "+0530" or "UTC-03:00".
fn ahead(name: &str) -> Option<i64> {
    let name = name.strip_prefix("UTC").or(name.strip_prefix("GMT")).unwrap_or(name);
    let (sign, digits) = match name.split_at_checked(1)? {
        ("+", digits) => (1, digits),
        ("-", digits) => (-1, digits),
        _ => return None,
    };
    let digits = digits.replace(':', "");
    if digits.len() > 4 || !digits.chars().all(|c| c.is_ascii_digit()) {
        return None;
    }
    let (hours, minutes) = digits.split_at(digits.len().min(2));
    let minutes: i64 = if minutes.is_empty() { 0 } else { minutes.parse().ok()? };
    Some(sign * (hours.parse::<i64>().ok()? * 60 + minutes)).filter(|it: &i64| it.abs() <= 14 * 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_in_words_are_read() {
        let stamp = |year, month, day, (hour, minute), zone: Option<&str>| {
            let time = NaiveTime::from_hms_opt(hour, minute, 0).expect("a time");
            Some(Stamp { year, month, day, time, zone: zone.map(str::to_owned) })
        };
        for (text, expected) in [
            ("June 4, 2026 05:15 PDT", stamp(Some(2026), 6, 4, (5, 15), Some("PDT"))),
            ("Jun  4, 05:15 UTC", stamp(None, 6, 4, (5, 15), Some("UTC"))),
            ("Sept. 30, 23:59:59 CEST", stamp(None, 9, 30, (23, 59), Some("CEST"))),
            ("4 June 2026 - 05:15 +0530", stamp(Some(2026), 6, 4, (5, 15), Some("+0530"))),
            ("Thursday, May 1st, 2026 at 12:05 AM (EST)", stamp(Some(2026), 5, 1, (0, 5), Some("EST"))),
            ("May 1, 12:05 PM", stamp(None, 5, 1, (12, 5), None)),
            ("Feb 29, 10:00 UTC", stamp(None, 2, 29, (10, 0), Some("UTC"))),
            ("Feb 29, 2026 10:00 UTC", None),
            ("Feb 30, 10:00", None),
            ("May 1, 25:00", None),
            ("May 1, 13:00 PM", None),
            ("May 1", None),
            ("10:00 UTC", None),
            ("this is at 10:00 on May 1 in our own words", None),
            ("", None),
            ("::::", None),
            (&"May 1, 10:00 ".repeat(20), None),
        ] {
            assert_eq!(read(text), expected, "{text}");
        }
    }

    #[test]
    fn zones_have_names() {
        for (name, derived, expected) in [
            (Some("PDT"), None, Some(-420)),
            (Some("pdt"), Some(60), Some(-420)),
            (Some("IST"), None, Some(330)),
            (Some("IST"), Some(60), Some(60)),
            (Some("IST"), Some(180), Some(330)),
            (Some("CST"), Some(480), Some(480)),
            (Some("-03"), Some(0), Some(-180)),
            (Some("UTC+5:30"), None, None),
            (Some("UTC+05:30"), None, Some(330)),
            (Some("+9999"), None, None),
            (Some("XYZ"), None, None),
            (Some("XYZ"), Some(345), Some(345)),
            (None, Some(0), Some(0)),
            (None, None, None),
        ] {
            assert_eq!(zone(name, derived), expected, "{name:?} {derived:?}");
        }
    }
}
