//! Time zones as people write them after a time of day.

use chrono::{FixedOffset, NaiveDateTime, Offset as _, TimeZone as _};
use chrono_tz::Tz;

use super::words::{Word, text_at};
use crate::Time;

/// Farthest that a zone is from UTC, in hours.
const OFFSET_H_MAX: u32 = 14;

/// A zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Zone {
    /// So many minutes ahead of UTC.
    Fixed(i32),
    /// Whatever the clocks of a place show: "PT" is summer or winter time as it falls.
    Place(Tz),
    /// Summer or winter time of a place by name, in minutes ahead of UTC. Many write the one and mean the other, so
    /// that it holds only while the place has it.
    Season(Tz, i32),
    /// One that nobody can be sure of: "CST" is Chicago's, China's and Cuba's.
    Unknown,
}

/// Names of zones. Those with more than one meaning are [`Zone::Unknown`].
const NAMES: &[(&str, Zone)] = &[
    ("utc", Zone::Fixed(0)),
    ("gmt", Zone::Fixed(0)),
    ("z", Zone::Fixed(0)),
    ("zulu", Zone::Fixed(0)),
    ("et", Zone::Place(Tz::America__New_York)),
    ("est", Zone::Season(Tz::America__New_York, -300)),
    ("edt", Zone::Season(Tz::America__New_York, -240)),
    ("ct", Zone::Place(Tz::America__Chicago)),
    ("cdt", Zone::Season(Tz::America__Chicago, -300)),
    ("cst", Zone::Unknown),
    ("mt", Zone::Place(Tz::America__Denver)),
    ("mst", Zone::Season(Tz::America__Denver, -420)),
    ("mdt", Zone::Season(Tz::America__Denver, -360)),
    ("pt", Zone::Place(Tz::America__Los_Angeles)),
    ("pst", Zone::Season(Tz::America__Los_Angeles, -480)),
    ("pdt", Zone::Season(Tz::America__Los_Angeles, -420)),
    ("bst", Zone::Season(Tz::Europe__London, 60)),
    ("cet", Zone::Season(Tz::Europe__Berlin, 60)),
    ("cest", Zone::Season(Tz::Europe__Berlin, 120)),
    ("eet", Zone::Season(Tz::Europe__Helsinki, 120)),
    ("eest", Zone::Season(Tz::Europe__Helsinki, 180)),
    ("msk", Zone::Fixed(180)),
    ("brt", Zone::Fixed(-180)),
    ("jst", Zone::Fixed(540)),
    ("kst", Zone::Fixed(540)),
    ("sgt", Zone::Fixed(480)),
    ("hkt", Zone::Fixed(480)),
    ("aet", Zone::Place(Tz::Australia__Sydney)),
    ("aest", Zone::Season(Tz::Australia__Sydney, 600)),
    ("aedt", Zone::Season(Tz::Australia__Sydney, 660)),
    ("nzst", Zone::Season(Tz::Pacific__Auckland, 720)),
    ("nzdt", Zone::Season(Tz::Pacific__Auckland, 780)),
    ("ist", Zone::Unknown),
    ("ast", Zone::Unknown),
    ("gst", Zone::Unknown),
    ("sst", Zone::Unknown),
    ("local", Zone::Unknown),
];

/// Zones that are named after a region, or a place: "Pacific time", "London time".
const REGIONS: &[(&str, Tz)] = &[
    ("eastern", Tz::America__New_York),
    ("central", Tz::America__Chicago),
    ("mountain", Tz::America__Denver),
    ("pacific", Tz::America__Los_Angeles),
    ("london", Tz::Europe__London),
    ("uk", Tz::Europe__London),
    ("berlin", Tz::Europe__Berlin),
    ("paris", Tz::Europe__Paris),
    ("amsterdam", Tz::Europe__Amsterdam),
    ("tokyo", Tz::Asia__Tokyo),
    ("sydney", Tz::Australia__Sydney),
];

/// The zone that begins with the first word after a time, and how many words it takes.
pub(super) fn zone(words: &[Word]) -> Option<(Zone, usize)> {
    let first = words.first()?;
    let name = NAMES.iter().find(|(name, _)| first.text == *name).map(|(_, zone)| *zone);
    let spoken = |at: usize| usize::from(text_at(words, at) == "time");
    match name {
        Some(Zone::Fixed(0)) => Some(ahead(&words[1..]).map_or((Zone::Fixed(0), 1), |(zone, taken)| (zone, taken + 1))),
        Some(zone) => Some((zone, 1 + spoken(1))),
        None if text_at(words, 1) == "time" => {
            let place = REGIONS.iter().find(|(name, _)| first.text == *name).map(|(_, place)| *place);
            Some((place.map_or(Zone::Unknown, Zone::Place), 2))
        }
        None if matches!(text_at(words, 1), "standard" | "daylight" | "summer" | "european")
            && text_at(words, 2) == "time" =>
        {
            Some((Zone::Unknown, 3))
        }
        None if matches!(first.text.as_str(), "pacific" | "eastern") => {
            REGIONS.iter().find(|(name, _)| first.text == *name).map(|(_, place)| (Zone::Place(*place), 1))
        }
        // Three to five capitals with a T at their end look like a zone, whichever.
        None if first.capitals && (3..=5).contains(&first.text.len()) && first.text.ends_with('t') => (!matches!(
            first.text.as_str(),
            "but" | "not" | "that" | "what" | "must" | "best" | "next" | "test" | "first"
        ))
        .then_some((Zone::Unknown, 1)),
        None => None,
    }
}

/// An offset such as `+1`, `-05:30`, `−0800` that follows without a space after its sign.
pub(super) fn ahead(words: &[Word]) -> Option<(Zone, usize)> {
    let word = words.first()?;
    let sign = match word.gap.trim_start().trim_start_matches('(') {
        "+" => 1,
        "-" | "−" | "–" => -1,
        _ => return None,
    };
    if !word.text.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let (hours, minutes) = match word.text.split_once(':') {
        Some((hours, minutes)) => (hours, minutes),
        None if word.text.len() == 4 && word.text.is_ascii() => word.text.split_at(2),
        None => (word.text.as_str(), "0"),
    };
    let number = |text: &str| text.parse::<u32>().ok().filter(|_| text.len() <= 2);
    match (number(hours), number(minutes)) {
        (Some(hours), Some(minutes)) if hours <= OFFSET_H_MAX && minutes < 60 && minutes.is_multiple_of(15) => {
            let minutes = i32::try_from(60 * hours + minutes).ok()?;
            Some((Zone::Fixed(sign * minutes), 1))
        }
        // "14:30 UTC-15:00 UTC" is a range.
        (Some(_), Some(_)) if word.text.contains(':') => None,
        _ => Some((Zone::Unknown, 1)),
    }
}

impl Zone {
    /// What a clock in this zone shows at an instant.
    pub(super) fn local(self, at: Time) -> Option<NaiveDateTime> {
        match self {
            Self::Fixed(minutes) => at.naive_utc().checked_add_offset(fixed(minutes)?),
            Self::Place(place) | Self::Season(place, _) => {
                at.naive_utc().checked_add_offset(place.offset_from_utc_datetime(&at.naive_utc()).fix())
            }
            Self::Unknown => None,
        }
    }

    /// The instant at which a clock in this zone shows that; none where nobody can be sure.
    pub(super) fn instant(self, local: NaiveDateTime) -> Option<Time> {
        match self {
            Self::Fixed(minutes) => fixed(minutes)?.from_local_datetime(&local).single().map(|at| at.to_utc()),
            Self::Place(place) => place.from_local_datetime(&local).single().map(|at| at.to_utc()),
            Self::Season(place, minutes) => {
                let at = Self::Fixed(minutes).instant(local)?;
                let there = place.offset_from_utc_datetime(&at.naive_utc()).fix().local_minus_utc();
                (there == 60 * minutes).then_some(at)
            }
            Self::Unknown => None,
        }
    }
}

fn fixed(minutes: i32) -> Option<FixedOffset> {
    FixedOffset::east_opt(60 * minutes)
}
