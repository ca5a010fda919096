//! Writes a time in one of many forms and finds it again, or is told that it cannot be sure: never another time.

use chrono::{Datelike as _, TimeDelta, TimeZone as _};
use chrono_tz::Tz;

use super::*;

/// Times that are written and found again.
const TIMES: usize = 20_000;

#[test]
fn a_time_that_is_written_is_found_again() {
    let mut dice = Dice(20_261_120);
    let (mut sure, mut unsure) = (0, 0);
    for _ in 0..TIMES {
        let now = at("2026-01-01T00:00:00Z") + TimeDelta::minutes(dice.below(525_600));
        let due = now + TimeDelta::minutes(1 + dice.below(660));
        let text = format!("{} {}{}", dice.of(OPENINGS), written(&mut dice, now, due), dice.of(ENDINGS));
        match heard(&text, now) {
            Some(Heard::Sure(found)) => {
                sure += 1;
                assert_eq!(found.due, due, "{text:?} said at {now}");
            }
            Some(Heard::Unsure { .. }) => unsure += 1,
            None => panic!("{text:?} said at {now} is no promise"),
        }
    }
    assert!(sure > 20 * unsure, "{sure} are sure, {unsure} are not");
}

const OPENINGS: &[&str] = &[
    "Next update",
    "We look into it. The next update will follow",
    "Jobs fail for 3 of 40 runners since 02:10 UTC. Next update",
    "Sign-in is slow; we will post another update",
    "Thanks for your patience. We'll post again",
    "Expect more updates",
];
const ENDINGS: &[&str] =
    &["", ".", "!", ". Thank you.", " https://status.example.com/1", ", or sooner.", "\nWe are sorry."];

fn written(dice: &mut Dice, now: Time, due: Time) -> String {
    match dice.below(3) {
        0 => span(dice, (due - now).num_minutes()),
        1 => clock(dice, now, due),
        _ => dated(dice, due),
    }
}

fn span(dice: &mut Dice, minutes: i64) -> String {
    let (hours, rest) = (minutes / 60, minutes % 60);
    let lead = dice.of(&["in", "within", "in about", "in the next"]);
    let amount = match dice.below(6) {
        0 if hours > 0 && rest > 0 => format!("{hours}h{rest:02}"),
        1 if hours > 0 && rest > 0 => format!("{hours}h {rest}m"),
        2 if hours > 0 && rest > 0 => format!("{hours} hours and {rest} minutes"),
        3 if rest == 0 => format!("{hours} hours"),
        4 if rest == 30 && hours > 0 => format!("{hours}.5 hours"),
        4 if rest == 30 => "half an hour".into(),
        _ => format!("{minutes} {}", dice.of(&["minutes", "min", "mins"])),
    };
    format!("{lead} {amount}")
}

/// A time of day alone, in a zone: of those, the nearest is meant.
fn clock(dice: &mut Dice, _: Time, due: Time) -> String {
    let lead = dice.of(&["at", "by", "around", "before"]);
    let (time, zone) = local(dice, due);
    if dice.below(2) == 0 { format!("{lead} {time} {zone}") } else { format!("{lead} {time} ({zone})") }
}

fn dated(dice: &mut Dice, due: Time) -> String {
    let utc = |form: &str| due.format(form).to_string();
    match dice.below(8) {
        0 => format!("by {}", utc("%Y-%m-%dT%H:%M:%SZ")),
        1 => format!("by {}", utc("%Y-%m-%d %H:%M UTC")),
        2 => format!("on {}", utc("%A, %B %-d, %Y, at %-I:%M %p UTC")),
        3 => format!("at {}", utc("%H:%M UTC on %-d %B")),
        4 => format!("on {}", utc("%d-%m-%Y at %H:%M UTC")),
        5 => format!("on {}", utc("%b %-d, %H:%M UTC")),
        6 => format!("by {}", due.with_timezone(&Tz::America__New_York).format("%Y-%m-%dT%H:%M:%S%:z")),
        _ => format!("at {} on {}", utc("%-I:%M%P UTC"), utc("%A")),
    }
}

/// The time as clocks show it somewhere, and what people call that zone.
fn local(dice: &mut Dice, due: Time) -> (String, String) {
    let zones = [
        (Tz::UTC, "UTC"),
        (Tz::UTC, "GMT"),
        (Tz::America__Los_Angeles, "PT"),
        (Tz::America__New_York, "ET"),
        (Tz::America__Chicago, "CT"),
        (Tz::Asia__Tokyo, "JST"),
        (Tz::Etc__GMTMinus3, "UTC+3"),
        (Tz::Etc__GMTPlus5, "UTC-5"),
        (Tz::Asia__Kolkata, "UTC+05:30"),
    ];
    let (zone, name) = zones[usize::try_from(dice.below(9)).expect("fits")];
    let here = due.with_timezone(&zone);
    let forms = ["%H:%M", "%-I:%M %p", "%-I:%M%P", "%H:%M:%S", "%Hh%M", "%I:%M %p"];
    let form = forms[usize::try_from(dice.below(6)).expect("fits")];
    assert!(zone.from_utc_datetime(&due.naive_utc()).year() >= 2025, "a zone of our days");
    (here.format(form).to_string(), name.into())
}

/// Numbers that look random and are the same in every run (xorshift).
struct Dice(u64);

impl Dice {
    fn below(&mut self, many: i64) -> i64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        i64::try_from(self.0 % many.unsigned_abs()).expect("fits")
    }

    fn of<'a>(&mut self, list: &[&'a str]) -> &'a str {
        list[usize::try_from(self.below(i64::try_from(list.len()).expect("fits"))).expect("fits")]
    }
}
