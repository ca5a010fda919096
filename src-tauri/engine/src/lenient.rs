//! Reading JSON of others leniently: one odd field or item must not cost the rest (faults.md 11).

use std::borrow::Cow;

use chrono::{DateTime, Datelike as _};
use herald_core::Time;
use herald_core::text::clean_line;
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use serde_json::value::RawValue;

/// Longest text that is kept of an update or issue, in bytes.
const TEXT_BYTES_MAX: usize = 32 * 1024;
/// Most lines that are kept of a text.
const LINES_MAX: usize = 500;
/// Longest line of a text that is kept, in graphemes.
const LINE_MAX: usize = 10_000;
/// Longest id that is kept, in bytes; ids become parts of addresses.
const ID_MAX: usize = 80;

/// The years of which services tell.
const YEARS: std::ops::Range<i32> = 2000..2100;

/// Reads one item of a list.
pub(crate) fn item<T: serde::de::DeserializeOwned>(raw: &RawValue) -> Option<T> {
    serde_json::from_str(&mended(raw.get())).ok()
}

/// The JSON with every half of a surrogate pair replaced.
pub(crate) fn mended(json: &str) -> Cow<'_, str> {
    let surrogates = json.contains("\\ud") || json.contains("\\uD");
    if surrogates { Cow::Owned(without_lone_surrogates(json)) } else { Cow::Borrowed(json) }
}

/// An id that may stand in an address.
pub(crate) fn id(text: &str) -> Option<String> {
    let fits = !text.is_empty() && text.len() <= ID_MAX;
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    (fits && text.chars().all(plain)).then(|| text.to_owned())
}

/// A text of several lines, safe to show and within limits (faults.md 39).
pub(crate) fn clean_text(text: &str) -> String {
    let head = &text[..text.floor_char_boundary(TEXT_BYTES_MAX)];
    let lines = head.lines().take(LINES_MAX).map(|line| clean_line(line, LINE_MAX));
    lines.collect::<Vec<_>>().join("\n").trim().to_owned()
}

/// A number, or text that holds one: some services send codes as either.
pub(crate) fn code(value: Option<&Value>) -> Option<i64> {
    let value = value?;
    value.as_i64().or_else(|| value.as_str()?.trim().parse().ok())
}

/// Whether Herald would open this link (H111).
pub(crate) fn is_web(url: &str) -> bool {
    url.len() <= 2048
        && url::Url::parse(url).is_ok_and(|url| matches!(url.scheme(), "https" | "http") && url.has_host())
}

/// A time with any offset (services.md 1.4).
pub(crate) fn time(text: Option<&str>) -> Option<Time> {
    DateTime::parse_from_rfc3339(text?).ok().map(|it| it.to_utc()).filter(|at| plausible(*at))
}

/// Whether a time that others say can be reckoned with: nothing that Herald reads is of another century, and beyond
/// all bounds the reckoning itself would fail.
pub(crate) fn plausible(at: Time) -> bool {
    YEARS.contains(&at.year())
}

/// `None` for whatever is not a `T`.
pub(crate) fn lenient<'de, D: Deserializer<'de>, T: serde::de::DeserializeOwned>(
    from: D,
) -> Result<Option<T>, D::Error> {
    let raw = <&RawValue>::deserialize(from)?;
    Ok(serde_json::from_str(raw.get()).ok())
}

/// What an answer says of a field: an answer that lacks one, or holds there what nobody can read, says nothing about it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Said<T> {
    /// The field is not there, or cannot be read.
    #[default]
    Unsaid,
    /// `null`.
    Nothing,
    /// This.
    Is(T),
}

impl<T> Said<T> {
    /// The value, if there is one.
    pub fn value(self) -> Option<T> {
        match self {
            Self::Is(value) => Some(value),
            Self::Unsaid | Self::Nothing => None,
        }
    }

    /// Whether there is a value.
    pub fn is(&self) -> bool {
        matches!(self, Self::Is(_))
    }
}

impl<'de, T: serde::de::DeserializeOwned> Deserialize<'de> for Said<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let raw = <&RawValue>::deserialize(from)?;
        Ok(match raw.get() {
            "null" => Self::Nothing,
            text => serde_json::from_str(text).map_or(Self::Unsaid, Self::Is),
        })
    }
}

/// A list of which odd items are left out.
#[derive(Clone, Debug)]
pub(crate) struct Items<T>(pub Vec<T>);

impl<T> Default for Items<T> {
    fn default() -> Self {
        Self(vec![])
    }
}

impl<'de, T: serde::de::DeserializeOwned> Deserialize<'de> for Items<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let items = Vec::<&RawValue>::deserialize(from)?;
        Ok(Self(items.into_iter().filter_map(|item| serde_json::from_str(item.get()).ok()).collect()))
    }
}

/// The items that are `T`s; `null` counts as an empty list (services.md 1.1).
pub(crate) fn lenient_list<'de, D: Deserializer<'de>, T: serde::de::DeserializeOwned>(
    from: D,
) -> Result<Vec<T>, D::Error> {
    let raw = <&RawValue>::deserialize(from)?;
    let Ok(items) = serde_json::from_str::<Vec<&RawValue>>(raw.get()) else { return Ok(vec![]) };
    Ok(items.into_iter().filter_map(|item| serde_json::from_str(item.get()).ok()).collect())
}

/// Replaces halves of surrogate pairs, as a title cut in the middle of an emoji has them (faults.md 39).
fn without_lone_surrogates(json: &str) -> String {
    let unit = |at: usize| {
        let hex = json.get(at..at + 6)?.strip_prefix("\\u")?;
        u16::from_str_radix(hex, 16).ok()
    };
    let (mut mended, mut at) = (String::with_capacity(json.len()), 0);
    while let Some(next) = json[at..].find('\\').map(|found| at + found) {
        mended.push_str(&json[at..next]);
        let length = match (unit(next), unit(next + 6)) {
            (Some(0xD800..=0xDBFF), Some(0xDC00..=0xDFFF)) => 12,
            (Some(0xD800..=0xDFFF), _) => 0,
            (Some(_), _) => 6,
            (None, _) => 1 + json[next + 1..].chars().next().map_or(0, char::len_utf8),
        };
        mended.push_str(if length == 0 { "\\ufffd" } else { &json[next..next + length] });
        at = next + if length == 0 { 6 } else { length };
    }
    mended.push_str(&json[at..]);
    mended
}
