//! A length of time as people write it: `20s`, `1h30m`, `-4h`.

use chrono::TimeDelta;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// A length of time, written in scenarios as `500ms`, `20s`, `5m`, `1h30m`, `2d` or `-4h`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span(TimeDelta);

impl Span {
    /// Longer spans are slips of the pen, and would overflow dates.
    pub(crate) const LONGEST: Span = Span::hours(10_000 * 24);

    /// Makes a span of so many milliseconds.
    pub const fn millis(millis: i64) -> Self {
        Span(TimeDelta::milliseconds(millis))
    }

    /// Makes a span of so many seconds.
    pub const fn seconds(seconds: i64) -> Self {
        Span::millis(seconds.saturating_mul(1000))
    }

    /// Makes a span of so many minutes.
    pub const fn minutes(minutes: i64) -> Self {
        Span::seconds(minutes.saturating_mul(60))
    }

    /// Makes a span of so many hours.
    pub const fn hours(hours: i64) -> Self {
        Span::minutes(hours.saturating_mul(60))
    }

    /// Reads a span from its text.
    pub fn parse(text: &str) -> Result<Self, String> {
        let (sign, rest) = match text.trim().strip_prefix('-') {
            Some(rest) => (-1, rest),
            None => (1, text.trim()),
        };
        let millis = parse_millis(rest)
            .ok_or_else(|| format!("`{text}` is not a length of time such as \"20s\", \"1h30m\" or \"-4h\""))?;
        Ok(Span::millis(sign * millis))
    }

    /// Gives the span as it is.
    pub fn delta(self) -> TimeDelta {
        self.0
    }

    /// Gives the span at a speed: at speed 60 a minute takes a second.
    pub fn at_speed(self, speed: f64) -> TimeDelta {
        let micros = self.0.num_milliseconds() as f64 * 1000.0 / speed;
        TimeDelta::microseconds(micros as i64)
    }

    /// Tells whether it is no time at all.
    pub fn is_zero(self) -> bool {
        self.0.is_zero()
    }
}

fn parse_millis(text: &str) -> Option<i64> {
    if text == "0" {
        return Some(0);
    }
    let mut total: i64 = 0;
    let mut rest = text;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit())?;
        let number: i64 = rest[..digits].parse().ok()?;
        rest = &rest[digits..];
        let letters = rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(rest.len());
        total = total.checked_add(number.checked_mul(unit_ms(&rest[..letters])?)?)?;
        rest = rest[letters..].trim_start();
    }
    (!text.is_empty() && total <= Span::LONGEST.0.num_milliseconds()).then_some(total)
}

fn unit_ms(unit: &str) -> Option<i64> {
    match unit {
        "ms" => Some(1),
        "s" => Some(1000),
        "m" | "min" => Some(60_000),
        "h" => Some(3_600_000),
        "d" => Some(86_400_000),
        "w" => Some(7 * 86_400_000),
        _ => None,
    }
}

impl std::fmt::Display for Span {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let millis = self.0.num_milliseconds();
        let sign = if millis < 0 { "-" } else { "" };
        let mut left = millis.unsigned_abs();
        if left == 0 {
            return f.write_str("0s");
        }
        f.write_str(sign)?;
        let units = [(86_400_000, "d"), (3_600_000, "h"), (60_000, "m"), (1000, "s"), (1, "ms")];
        for (size, name) in units {
            if left >= size {
                write!(f, "{}{name}", left / size)?;
                left %= size;
            }
        }
        Ok(())
    }
}

impl Serialize for Span {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Span {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Span::parse(&text).map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_and_writes_what_people_write() {
        let cases = [
            ("20s", 20_000, "20s"),
            ("1h30m", 5_400_000, "1h30m"),
            ("1h 30m", 5_400_000, "1h30m"),
            ("-4h", -14_400_000, "-4h"),
            ("90s", 90_000, "1m30s"),
            ("2d", 172_800_000, "2d"),
            ("250ms", 250, "250ms"),
            ("0", 0, "0s"),
        ];
        for (text, millis, written) in cases {
            let span = Span::parse(text).expect(text);
            assert_eq!(span.delta().num_milliseconds(), millis, "{text}");
            assert_eq!(span.to_string(), written, "{text}");
        }
        for text in ["", "20", "s", "5 minutes", "1h-2m", "99999999999999999d", "1.5h"] {
            assert!(Span::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn speed_shortens() {
        assert_eq!(Span::minutes(30).at_speed(60.0).num_seconds(), 30);
        assert_eq!(Span::seconds(1).at_speed(0.5).num_seconds(), 2);
    }
}
