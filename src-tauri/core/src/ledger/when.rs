//! Dates of maintenance in words, for people: day first, in UTC and beside it as the user's clock shows it (H61). Never
//! by the computer's own taste.

use chrono_tz::Tz;

use crate::Time;

/// "16-05-2026 09:00 UTC".
#[must_use]
pub fn utc(at: Time) -> String {
    format!("{} UTC", at.format("%d-%m-%Y %H:%M"))
}

/// The same as the clocks of a zone show it: "16-05-2026 11:00 CEST".
#[must_use]
pub fn local(at: Time, zone: Tz) -> String {
    at.with_timezone(&zone).format("%d-%m-%Y %H:%M %Z").to_string()
}

/// Both, the local one without what it shares: "16-05-2026 09:00 UTC (11:00 CEST)". In UTC there is but one.
#[must_use]
pub fn both(at: Time, zone: Tz) -> String {
    let here = at.with_timezone(&zone);
    if zone == Tz::UTC {
        utc(at)
    } else if here.date_naive() == at.date_naive() {
        format!("{} ({})", utc(at), here.format("%H:%M %Z"))
    } else {
        format!("{} ({})", utc(at), local(at, zone))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_told_in_both_zones() {
        for (at, zone, expected) in [
            ("2026-05-16T09:00:00Z", "Europe/Prague", "16-05-2026 09:00 UTC (11:00 CEST)"),
            ("2026-05-16T09:00:00Z", "UTC", "16-05-2026 09:00 UTC"),
            // The hour before and after clocks go forward, and back.
            ("2026-03-29T00:59:00Z", "Europe/Prague", "29-03-2026 00:59 UTC (01:59 CET)"),
            ("2026-03-29T01:00:00Z", "Europe/Prague", "29-03-2026 01:00 UTC (03:00 CEST)"),
            ("2026-10-25T00:30:00Z", "Europe/Prague", "25-10-2026 00:30 UTC (02:30 CEST)"),
            ("2026-10-25T01:30:00Z", "Europe/Prague", "25-10-2026 01:30 UTC (02:30 CET)"),
            // Both sides of the date line, and a leap day that is one only here.
            ("2026-12-31T23:30:00Z", "Pacific/Auckland", "31-12-2026 23:30 UTC (01-01-2027 12:30 NZDT)"),
            ("2026-01-01T05:00:00Z", "Pacific/Honolulu", "01-01-2026 05:00 UTC (31-12-2025 19:00 HST)"),
            ("2028-02-28T20:00:00Z", "Asia/Tokyo", "28-02-2028 20:00 UTC (29-02-2028 05:00 JST)"),
            ("2027-02-28T20:00:00Z", "Asia/Tokyo", "28-02-2027 20:00 UTC (01-03-2027 05:00 JST)"),
        ] {
            let (at, zone): (Time, Tz) = (at.parse().expect("a time"), zone.parse().expect("a zone"));
            assert_eq!(both(at, zone), expected, "{at} in {zone}");
        }
    }
}
