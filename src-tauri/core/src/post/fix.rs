//! Changes to an update that put right what was found wrong with it, one press each.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::Text;
use super::link::links;
use crate::phase::Impact;

/// One change that puts a finding right (H40, H41, H45).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "fix", rename_all = "snake_case")]
#[ts(rename = "LintFix")]
pub enum Fix {
    /// Puts a link at the end.
    AppendLink {
        /// Which.
        url: String,
    },
    /// Takes a link out, wherever it stands.
    RemoveLink {
        /// As it is written.
        url: String,
    },
    /// Chooses another status.
    SetImpact {
        /// Which.
        impact: Impact,
    },
    /// Puts another text in the place of this one.
    ReplaceText {
        /// All of it.
        text: String,
    },
    /// Takes a promise out.
    DropPromise {
        /// As it is written.
        words: String,
    },
}

impl Fix {
    /// The update with this change made (H40, H41, H45).
    #[must_use]
    pub fn apply(&self, mut update: Text) -> Text {
        match self {
            Self::AppendLink { url } => update.text = format!("{} {url}", update.text.trim_end()).trim_start().into(),
            Self::RemoveLink { url } => {
                update.text = without_link(&update.text, url);
                update.title = without_link(&update.title, url);
            }
            Self::SetImpact { impact } => update.impact = Some(*impact),
            Self::ReplaceText { text } => update.text.clone_from(text),
            Self::DropPromise { words } => {
                if let Some(at) = update.text.rfind(words.as_str()) {
                    let rest = update.text[at + words.len()..].trim_start_matches(['.', '!']);
                    update.text = without(&update.text[..at], rest);
                }
            }
        }
        update
    }
}

fn without_link(text: &str, url: &str) -> String {
    let mut text = text.to_owned();
    while let Some(link) = links(&text).into_iter().find(|link| link.url == url) {
        text = without(&text[..link.range.start], &text[link.range.end..]);
    }
    text
}

/// Joins what stood around something that was taken out, without a gap.
pub(super) fn without(before: &str, after: &str) -> String {
    let gap = before.is_empty() || before.ends_with(char::is_whitespace);
    let closed = after.is_empty() || after.starts_with(['.', ',', ';', ':', '!', '?']);
    match (gap, closed) {
        (_, true) => format!("{}{after}", before.trim_end()),
        (true, false) => format!("{before}{}", after.trim_start()),
        (false, false) => format!("{before}{after}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::phase::Phase;

    #[test]
    fn applying() {
        let link = |url: &str| Fix::RemoveLink { url: url.into() };
        let promise = |words: &str| Fix::DropPromise { words: words.into() };
        for (text, fix, expected) in [
            ("We look. ", Fix::AppendLink { url: "https://a.com/1".into() }, "We look. https://a.com/1"),
            ("", Fix::AppendLink { url: "https://a.com/1".into() }, "https://a.com/1"),
            ("See https://a.com/1 for more", link("https://a.com/1"), "See for more"),
            ("See https://a.com/1.", link("https://a.com/1"), "See."),
            ("https://a.com/1 https://a.com/12", link("https://a.com/1"), "https://a.com/12"),
            ("Wait. Next update in 1h. Thanks", promise("Next update in 1h"), "Wait. Thanks"),
            ("Wait. Next update in 1h", promise("Next update in 1h"), "Wait."),
            ("Wait.", promise("Next update in 1h"), "Wait."),
            ("Wait.", Fix::ReplaceText { text: "Go.".into() }, "Go."),
        ] {
            assert_eq!(fix.apply(update(text)).text, expected, "{fix:?} on {text:?}");
        }
    }

    #[test]
    fn applying_to_other_fields() {
        let impact = Impact::Operational;
        assert_eq!(Fix::SetImpact { impact }.apply(update("")).impact, Some(impact));
        let titled = Text { title: "Slow https://a.com/1".into(), ..update("") };
        assert_eq!(Fix::RemoveLink { url: "https://a.com/1".into() }.apply(titled).title, "Slow");
    }

    fn update(text: &str) -> Text {
        let phase = Phase::Investigating;
        Text { title: "Slow".into(), text: text.into(), phase, impact: None, components: vec![] }
    }
}
